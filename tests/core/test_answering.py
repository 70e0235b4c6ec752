"""What mails mean, as a pure function: which invoice they are about, and what becomes of it."""

from datetime import date

import pytest

from relance.core.history import History
from relance.core.invoice import Contact
from relance.core.mails import Incoming
from relance.core.message import renamed_by
from relance.core.replies import Mail, Report, Watched, is_of_interest, is_trace_of, learn, watch

TODAY = date(2026, 11, 23)
TOKEN = "a" * 26
OURS = f"<relance.{TOKEN}@martin.example>"
OWN = ("camille@martin.example",)
SENT = Contact("friendly", "email", date(2026, 11, 12), to=("Compta@client.example",), message_id=OURS)
ONE = Watched("F-1/2026", "F-1", "code:1", frozenset({"compta@client.example", "cc@client.example"}), (SENT,), SENT.on)


def mail(**more: object) -> Mail:
    """A mail of a stranger about nothing."""
    usual: dict[str, object] = {
        "identity": "<1@x>",
        "on": TODAY,
        "sender": "x@y.example",
        "words": more.get("text", ""),
    }
    return Mail(**{**usual, **more})  # type: ignore[arg-type]


def meaning(of: Mail, *watched: Watched) -> list[tuple[str, Incoming, str]]:
    """What it tells: invoice, kind, address."""
    return [(f.invoice, f.what, f.address) for f in learn([of], watched or (ONE,), OWN, (), TODAY)]


RENAMED = "<PR3P193MB0801E1@PR3P193MB0801.EURP193.PROD.OUTLOOK.COM>"


@pytest.mark.parametrize(
    ("reply", "renamed"),
    [
        (f"2.0.0 OK {RENAMED} [Hostname=PR3P193MB0801.EURP193.PROD.OUTLOOK.COM]", RENAMED),
        (f"2.0.0 OK {RENAMED.lower()}", RENAMED.lower()),
        (
            "2.6.0 <a1b2@DB9PR06MB1234.eurprd06.prod.exchangelabs.com> queued",
            "<a1b2@DB9PR06MB1234.eurprd06.prod.exchangelabs.com>",
        ),
        ("2.0.0 Ok: queued as 4F1", ""),
        (f"2.0.0 OK {OURS}", ""),
        ("Ok 0102018f-000000", ""),
        ("2.0.0 OK <x@outlook.com>", ""),
        ("2.0.0 OK <x@a.b.prod.outlook.com.evil.example>", ""),
        (f"{RENAMED} {RENAMED}", RENAMED),
        (f"{RENAMED} <y@a.b.prod.outlook.com>", ""),
    ],
)
def test_the_name_that_a_server_gives(reply: str, renamed: str) -> None:
    """Where its form is sure, and it is one alone."""
    assert renamed == renamed_by(reply)


def test_an_answer_to_the_name_that_the_server_gave() -> None:
    """A stranger's answer in that thread is about the invoice; it is worth reading whole."""
    known = ONE._replace(renamed=frozenset({RENAMED}))
    told = mail(ids=(RENAMED,))
    assert [("F-1/2026", Incoming.ANSWER, "")] == meaning(told, known)
    assert is_of_interest(told, (known,), OWN)
    assert [] == meaning(told)


def report(action: str, address: str) -> Mail:
    """A delivery report about our message."""
    return mail(ids=(OURS,), reports=(Report(action, address, "5.1.1", "no"),), automatic=True)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("compta@client.example", [("F-1/2026", Incoming.BOUNCE, "compta@client.example")]),
        ("cc@client.example", [("F-1/2026", Incoming.BOUNCE, "cc@client.example")]),
        ("forwarded@far.example", [("F-1/2026", Incoming.BOUNCE, "compta@client.example")]),
        ("camille@martin.example", []),
    ],
)
def test_whose_address_failed(address: str, expected: list[tuple[str, Incoming, str]]) -> None:
    """The customer's, one in copy, one he forwards to, my own copy: only the right one is marked."""
    assert expected == meaning(report("failed", address))


def test_a_report_about_somebody_elses_mail() -> None:
    """I09: anybody can write a report; it has to repeat a Message-ID that is ours."""
    assert [] == meaning(report("failed", "compta@client.example")._replace(ids=("<unknown@x>",)))


@pytest.mark.parametrize(
    ("number", "text", "sender", "answers"),
    [
        ("F-1", "à propos de F-1.", "compta@client.example", True),
        ("12", "la 12, merci", "compta@client.example", True),
        ("12", "2026-12 et 12-b", "compta@client.example", False),
        ("F-2026-041", "votre F-2026-041", "x@y.example", True),
        ("f-2026-041", "votre F\u20112026\u2011041", "x@y.example", True),
        ("F-2026-041", "AF-2026-041 F-2026-0412", "x@y.example", False),
        ("12", "la 12, merci", "x@y.example", False),
        ("20260", "20260", "x@y.example", False),
        ("20260041", "20260041", "x@y.example", True),
        ("AVRIL", "avril", "x@y.example", False),
    ],
)
def test_numbers_that_are_quoted(number: str, text: str, sender: str, answers: bool) -> None:
    """The customer may name any number, a stranger only one that is hardly anything else."""
    found = meaning(mail(text=text, sender=sender), ONE._replace(number=number))
    assert answers is (found == [("F-1/2026", Incoming.ANSWER, "")])


TWO = ONE._replace(invoice="F-2/2026", number="F-2")
OTHERS = ONE._replace(invoice="F-5/2026", number="F-2026-5", addresses=frozenset({"b@bravo.example"}))
PAID = mail(sender="compta@client.example", words="virement fait", speaks=True)


@pytest.mark.parametrize(
    ("of", "held"),
    [
        (PAID, ["F-1/2026", "F-2/2026"]),
        (PAID._replace(words="F-2 : virement fait"), ["F-2/2026"]),
        (PAID._replace(words="F-9 : virement fait"), ["F-1/2026", "F-2/2026"]),
        (PAID._replace(text="F-2026-5", words="F-2026-5", ids=("<x@y>",)), ["F-5/2026", "F-1/2026", "F-2/2026"]),
        (PAID._replace(speaks=False), []),
        (PAID._replace(speaks=False, text="> F-1 payée"), []),
        (PAID._replace(speaks=False, text="> F-1 payée", ids=("<by-our-provider@x>",)), ["F-1/2026"]),
        (PAID._replace(automatic=True), []),
        (PAID._replace(on=date(2026, 11, 11)), []),
        (PAID._replace(sender="x@y.example"), []),
        (PAID._replace(sender=OWN[0]), []),
    ],
)
def test_a_mail_outside_the_thread(of: Mail, held: list[str]) -> None:
    """A number holds its invoice, words of paying or of a doubt all that the customer was reminded of; else nothing."""
    found = meaning(of, ONE, TWO, OTHERS)
    assert sorted(held) == sorted(key for key, what, _ in found if what is Incoming.ANSWER)
    theirs = of.sender == "compta@client.example" and of.on >= ONE.since
    assert theirs == ({"F-1/2026", "F-2/2026"} <= {key for key, _, _ in found})


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (mail(sender="compta@client.example"), Incoming.UNREADABLE),
        (mail(tokens=frozenset({TOKEN})), Incoming.UNREADABLE),
        (mail(sender="compta@client.example", automatic=True), Incoming.AUTOMATIC),
        (mail(), None),
        (mail(sender=OWN[0], tokens=frozenset({TOKEN})), None),
    ],
)
def test_what_could_not_be_read(of: Mail, expected: Incoming | None) -> None:
    """From the customer, or about a message of ours, it waits for a person; a stranger's is none."""
    assert [("F-1/2026", expected, "")] * (expected is not None) == meaning(of._replace(unreadable=True))


def test_only_once() -> None:
    """A mail that was told before tells nothing more, nor does its copy in another folder."""
    answer = mail(ids=(OURS,))
    assert 1 == len(learn([answer, answer], (ONE,), OWN, (), TODAY))
    assert () == learn([answer], (ONE,), OWN, {"<1@x>"}, TODAY)


def test_what_is_kept_of_it() -> None:
    """Who, what, when it arrived; the day of the fact is the day it was seen, which no sender can forge."""
    (fact,) = learn([mail(ids=(OURS,), on=date.max, subject="s" * 500)], (ONE,), OWN, (), TODAY)
    assert (TODAY, date.max, "x@y.example", 150) == (fact.on, fact.dated, fact.sender, len(fact.subject))
    (fact,) = learn([report("failed", "compta@client.example")], (ONE,), OWN, (), TODAY)
    assert "5.1.1 no" == fact.subject


def test_traces() -> None:
    """A copy, an answer, our token alone: each shows that the message left; another one shows nothing."""
    assert is_trace_of(mail(identity=OURS), OURS)
    assert is_trace_of(mail(ids=(OURS,)), OURS)
    assert is_trace_of(mail(tokens=frozenset({TOKEN})), OURS)
    assert not is_trace_of(mail(ids=("<2@x>",)), OURS)
    assert is_trace_of(mail(ids=("<old@x>",)), "<old@x>")
    assert not is_trace_of(mail(tokens=frozenset({TOKEN})), "<old@x>")


@pytest.mark.parametrize(
    ("of", "interest"),
    [
        (mail(), False),
        (mail(sender="compta@client.example"), True),
        (mail(ids=(OURS,)), True),
        (mail(ids=(OURS,), sender=OWN[0]), False),
        (mail(tokens=frozenset({"b"})), True),
        (mail(sender="mailer-daemon@mx.example"), True),
        (mail(automatic=True), True),
    ],
)
def test_what_is_worth_reading(of: Mail, interest: bool) -> None:
    """The headers tell: the customer's, an answer, a machine's; not a stranger's."""
    assert interest is is_of_interest(of, (ONE,), OWN)


def test_nothing_to_watch() -> None:
    """Without a message out there is nothing to look for."""
    assert () == watch((), History(), TODAY)
