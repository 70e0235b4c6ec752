"""The mailbox is read before anything leaves: an answer holds, a bounce refuses, silence of the server stops.

The first reminder leaves on 6 February; ten days later the next one is due. The ids are those of
../shared/cases/bad_inputs.json and of the tables of faults (H1, H2, S18, S24 to S26).
"""

import json
import os
from base64 import b64encode
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from imap_support import Mails, imap_server
from mail_support import CANARY, USER, Mailbox, Peer, raw_server, smtp_server
from sources_support import SHARED
from story_support import PASSWORD_VARIABLE, Story, parsed, row, story

from relance.__main__ import run
from relance.delivery.mails import mail_of
from relance.display.documents import plan_document
from relance.runs.dossier import Desk
from relance.runs.plan import plan

pytestmark = pytest.mark.slow

CASES = SHARED / "cases" / "bad_inputs.json"
INBOUND: list[dict[str, Any]] = (
    [case for case in json.loads(CASES.read_text(encoding="utf-8"))["inputs"] if case["kind"] == "inbound"]
    if CASES.is_file()
    else []
)
FIRST, NEXT, LATER = "2026-02-06", "2026-02-16", "2026-02-17"
SENDS = {"note_only": 1, "ignore": 1, "hold_row": 0, "defer_row": 0}


class Life:
    """A freelancer with a mail server, a mailbox and one open invoice, already reminded once."""

    def __init__(self, at: Story, smtp: Mailbox, mails: Mails) -> None:
        self.at, self.smtp, self.mails = at, smtp, mails

    def write(self, *rows: tuple[str, str, str]) -> None:
        """The invoices: number, customer, address; all of one due date."""
        self.at.write(*(row(number, name, "31/01/2026", email=email) for number, name, email in rows))

    def set_up(self, imap: str = "", port: int = 0) -> None:
        """The settings, with the mailbox of this test."""
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\nsave_sent = false\n'
        rest = f'[imap]\nhost = "127.0.0.1"\nport = {port or self.mails.port}\nsecurity = "none"\n{account}{imap}'
        self.at.settings(self.smtp.port, rest=rest)

    def do(self, *args: str, today: str) -> int:
        """One command in this process."""
        self.at.saved_on(today)
        return run([*args, "--today", today])

    def plan(self, today: str) -> dict[str, Any]:
        """The plan of a day, as its document."""
        self.at.saved_on(today)
        document = plan_document(plan(Desk(day=date.fromisoformat(today))))
        return {**document, "invoices": list(document["invoices"])}

    def line(self, number: str, today: str) -> dict[str, Any]:
        """One invoice of the plan of a day."""
        (found,) = [each for each in self.plan(today)["invoices"] if each["number"] == number]
        return dict(found)


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """The freelancer's day."""
    at = story(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RELANCE_CONFIG", raising=False)
    monkeypatch.setenv(PASSWORD_VARIABLE, CANARY)
    with smtp_server() as smtp, imap_server() as mails:
        yield Life(at, smtp, mails)


def begun(life: Life, *rows: tuple[str, str, str]) -> list[str]:
    """The first reminders leave; their Message-IDs."""
    kept = life.smtp.received
    life.write(*(rows or (("F-2026-001", "ACME SARL", "compta@acme.example"),)))
    life.set_up()
    life.do("confirm", "backlog", "--as-is", today=FIRST)
    assert 0 == life.do("send", today=FIRST)
    ids = [str(parsed(raw)["Message-ID"]) for raw in kept]
    kept.clear()
    return ids


def arrives(life: Life, text: str, on: str = "2026-02-10", folder: str = "INBOX") -> None:
    """A mail is put into the mailbox."""
    life.mails.put(text, date.fromisoformat(on), folder)


@pytest.mark.skipif(not INBOUND, reason="../shared/cases is not beside this repository")
@pytest.mark.parametrize("case", INBOUND, ids=lambda case: case["id"])
def test_the_corpus(case: dict[str, Any], life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    """Each mail of the corpus, with the identity of the reminder that really left."""
    (sent,) = begun(life)
    text = case["build"]["text"].replace(case["build"].get("references_placeholder", "\0"), sent)
    arrives(life, text)
    expected = case["expected"]
    code = life.do("send", today=NEXT)
    assert (expected["sends"], expected["exit"]) == (len(life.smtp.received), code)
    assert SENDS[expected["outcome"]] == len(life.smtp.received)
    if case["id"] == "I07":
        assert "adresse refusée, compta@acme.example" in capfd.readouterr().out


ANSWERS = {
    "I01": "From: compta@acme.example\nIn-Reply-To: {id}\nSubject: Re: x\n\nJe conteste.",
    "I02": "From: patron@ailleurs.example\nReferences: <x@y> {id}\nSubject: Re: x\n\nVu.",
    "I06": "From: compta@acme.example\nIn-Reply-To: {id}\nAuto-Submitted: no\nSubject: Re\n\nVu.",
    "S24": "From: compta@acme.example\nIn-Reply-To: <by-the-provider@x>\nSubject: Re\n\n> X-Relance-Id {id}",
    "number": "From: compta@acme.example\nSubject: votre facture F-2026-001\n\nOui.",
    "number in the text": "From: compta@acme.example\nSubject: bonjour\n\nAu sujet de f‑2026‑001, voyons-nous.",
    "stranger": "From: cabinet@expert.example\nSubject: TR: F-2026-001 ACME\n\nA voir.",
    "daemon": "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nSubject: failure notice\n\nI failed: {id}",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_holds_until_it_is_released(name: str, life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    """A task says who wrote and the command that ends it; told once a week; released, the ladder goes on."""
    (sent,) = begun(life)
    arrives(life, f"Message-ID: <1@acme.example>\n{ANSWERS[name].format(id=sent)}")
    capfd.readouterr()
    assert (1, []) == (life.do("send", today=NEXT), life.smtp.received)
    said = capfd.readouterr().out
    assert "relance release F-2026-001" in said
    assert "10 février 2026" in said
    line = life.line("F-2026-001", NEXT)
    assert ("hold", "answered") == (line["decision"], line["reason"])
    (task,) = life.plan(NEXT)["tasks"]
    assert ("review", "relance release F-2026-001") == (task["kind"], task["command"])
    assert 0 == life.do("send", today=LATER)
    assert "" == capfd.readouterr().out
    assert 0 == life.do("release", "F-2026-001", today=LATER)
    assert "too_soon" == life.line("F-2026-001", LATER)["reason"]
    assert 0 == life.do("send", today="2026-02-24")
    assert 1 == len(life.smtp.received)


NO_ANSWERS = {
    "a stranger's short number": "From: x@y.example\nSubject: lot 2026\n\nF-2026-001",
    "part of a number": "From: x@y.example\nSubject: AF-2026-0012\n\nx",
    "my own": "From: Camille <CAMILLE@martin.example>\nIn-Reply-To: {id}\nSubject: Re: F-2026-001\n\nx",
    "an absence": "From: compta@acme.example\nIn-Reply-To: {id}\nAuto-Submitted: auto-replied\nSubject: Absence\n\nx",
    "I09": "From: MAILER-DAEMON@mx.example\nSubject: Undelivered\n\n<unknown@x>",
    "I10": "From: x@y.example\n" + "Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 1000,
    "spam": "From: a@b.example\nSubject: Gagnez\n\nx",
}


@pytest.mark.parametrize("name", NO_ANSWERS)
def test_no_answer_stops_nothing(name: str, life: Life) -> None:
    """What a machine wrote, what I wrote myself, what is about something else."""
    (sent,) = begun(life)
    arrives(life, f"Message-ID: <2@y.example>\n{NO_ANSWERS[name].format(id=sent)}")
    assert (0, 1) == (life.do("send", today=NEXT), len(life.smtp.received))


def test_an_absence_is_shown(life: Life) -> None:
    """I04: noted, and there to be seen."""
    (sent,) = begun(life)
    arrives(life, f"Message-ID: <2@y.example>\n{NO_ANSWERS['an absence'].format(id=sent)}")
    assert 0 == life.do("send", today=NEXT)
    assert "10/02 réponse automatique : compta@acme.example, Absence" in life.at.run(
        "show", "F-2026-001", today=NEXT
    ).out.replace("\u00a0", " ")


def test_mails_of_strangers_that_cannot_be_read_are_said_once(life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    """They hold nothing, and nobody has to do anything: exit 0, a line with their senders, once a week."""
    begun(life, ("F-2026-001", "ACME SARL", "compta@acme.example"), ("F-2026-002", "Bon SARL", "b@bon.example"))
    for number in range(5):
        arrives(life, f"Message-ID: <{number}@y.example>\nFrom: {'(' * 500}<{number}@y.example>\n\nx")
    capfd.readouterr()
    assert (0, 2) == (life.do("send", today=NEXT), len(life.smtp.received))
    said = "5 messages de votre boîte n’ont pas pu être lus (0@y.example, 1@y.example, 2@y.example, ...) : à voir."
    assert said in capfd.readouterr().out.replace("\u00a0", " ")
    assert 0 == life.do("send", today=LATER)
    assert "" == capfd.readouterr().out


def test_mails_that_hold_the_password(life: Life) -> None:
    """A mailbox that writes it into a subject, a name, an identity: shown, journaled and told without it."""
    (sent,) = begun(life)
    coded = f"=?utf-8?b?{b64encode(CANARY.encode()).decode()}?="
    for number, head in enumerate((f"Subject: {coded}", f"From: {CANARY}@x.example", f"Message-ID: <{CANARY}@x>")):
        usual = f"From: compta@acme.example\nMessage-ID: <{number}@x.example>\n"
        arrives(life, f"{head}\n{usual}In-Reply-To: {sent}\n\nx")
    assert 1 == life.do("send", today=NEXT)
    assert "***" in life.at.run("show", "F-2026-001", today=LATER).out
    life.at.run("plan", today=LATER)


def test_what_came_before_the_last_reminder_is_no_answer_to_it(life: Life) -> None:
    """The days count: an older mail of the customer changes nothing."""
    begun(life)
    arrives(life, "From: compta@acme.example\nSubject: F-2026-001\n\nx", on="2026-02-05")
    assert (0, 1) == (life.do("send", today=NEXT), len(life.smtp.received))


def test_another_mail_of_the_customer_delays_once(life: Life) -> None:
    """I03: three days to read it, shown with its sender; a second one does not delay again."""
    begun(life)
    arrives(life, "From: compta@acme.example\nMessage-ID: <a@x>\nSubject: bonjour\n\nAutre chose.")
    assert (0, []) == (life.do("send", today=NEXT), life.smtp.received)
    line = life.line("F-2026-001", NEXT)
    assert ("too_soon", "2026-02-19") == (line["reason"], line["next_date"])
    assert "compta@acme.example a écrit entre-temps" in line["because"]
    arrives(life, "From: compta@acme.example\nMessage-ID: <b@x>\nSubject: encore\n\nAutre chose.", on="2026-02-18")
    assert (0, []) == (life.do("send", today="2026-02-18"), life.smtp.received)
    assert (0, 1) == (life.do("send", today="2026-02-19"), len(life.smtp.received))


OUTSIDE = {
    "number": ("From: {a}\nSubject: F-2026-003\n\nVu.", ["F-2026-003"]),
    "payment": ("From: {a}\nSubject: bonjour\n\nLe virement est parti hier.", ["F-2026-001", "F-2026-003"]),
    "subject": ("From: {a}\nSubject: Litige\n\nVoyons-nous.", ["F-2026-001", "F-2026-003"]),
    "page": (
        "From: {a}\nSubject: x\nContent-Type: text/html; charset=utf-8\n\n<p>R&eacute;gl&eacute;e.</p>",
        ["F-2026-001", "F-2026-003"],
    ),
    "number and payment": ("From: {a}\nSubject: x\n\nF-2026-001 payée.", ["F-2026-001"]),
    "the invoice alone": ("From: {a}\nSubject: x\n\nVotre facture est chez mon associé.", []),
    "quoted": ("From: {a}\nSubject: x\n\nBonjour.\n> F-2026-001 : votre règlement\n", []),
    "echoed subject": ("From: {a}\nSubject: Re: Règlement de F-2026-001\n\nBonjour.", []),
    "automatic": ("From: {a}\nAuto-Submitted: auto-replied\nSubject: x\n\nVirement, F-2026-001", None),
    "stranger": ("From: x@y.example\nSubject: x\n\nVotre virement est parti.", None),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_mail_outside_the_thread(name: str, life: Life) -> None:
    """What the customer says of an invoice, of paying or of a doubt holds, and is shown; else three quiet days."""
    text, held = OUTSIDE[name]
    begun(
        life,
        ("F-2026-001", "ACME SARL", "compta@acme.example"),
        ("F-2026-002", "Bon SARL", "b@bon.example"),
        ("F-2026-003", "ACME SARL", "compta@acme.example"),
    )
    arrives(life, text.format(a="compta@acme.example"))
    life.do("send", today=NEXT)
    reasons = {each["number"]: each["reason"] for each in life.plan(NEXT)["invoices"]}
    waiting = {"F-2026-001": "too_soon", "F-2026-003": "too_soon"} if held is not None else {}
    expected = {**dict.fromkeys(reasons, "stage_done"), **waiting, **dict.fromkeys(held or (), "answered")}
    assert expected == reasons
    left = [str(parsed(raw)["Subject"]) for raw in life.smtp.received]
    assert (1 if held is not None else 2) == len(left)
    if held:
        assert "(compta@acme.example : " in life.line(held[0], NEXT)["because"].replace("\u00a0", " ")


def test_an_answer_about_one_invoice_leaves_the_other(life: Life) -> None:
    """An answer names its invoice; for the customer's other one it is a mail like another: three days."""
    begun(
        life,
        ("F-2026-001", "ACME SARL", "compta@acme.example"),
        ("F-2026-002", "Bon SARL", "b@bon.example"),
        ("F-2026-003", "ACME SARL", "compta@acme.example"),
    )
    arrives(life, "From: compta@acme.example\nSubject: F-2026-003\n\nx")
    life.do("send", today=NEXT)
    reasons = {each["number"]: each["reason"] for each in life.plan(NEXT)["invoices"]}
    assert {"F-2026-001": "too_soon", "F-2026-002": "stage_done", "F-2026-003": "answered"} == reasons
    assert ["F-2026-002" in str(parsed(raw)["Subject"]) for raw in life.smtp.received] == [True]


def test_a_hold_deals_with_the_answer(life: Life) -> None:
    """The user read it and holds the invoice: when that ends, the answer does not hold a second time."""
    (sent,) = begun(life)
    arrives(life, f"From: compta@acme.example\nIn-Reply-To: {sent}\nSubject: Re\n\nPaiement vendredi.")
    life.do("send", today=NEXT)
    life.do("hold", "F-2026-001", "--reason", "pause", "--until", LATER, today=NEXT)
    assert "paused" == life.line("F-2026-001", NEXT)["reason"]
    assert "answered" != life.line("F-2026-001", "2026-02-18")["reason"]


BOUNCE = (
    "From: MAILER-DAEMON@mx.example\nMessage-ID: <7@mx.example>\nSubject: Undelivered\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; {to}\n"
    "Action: {action}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 unknown\n\n"
    "--b\nContent-Type: message/rfc822\n\nMessage-ID: {id}\n\n--b--\n"
)


def test_a_bounce_refuses_the_address(life: Life) -> None:
    """S25: for every invoice of that address, until it changes or the user releases it."""
    (sent,) = begun(life)
    arrives(life, BOUNCE.format(id=sent, action="failed", to="compta@acme.example"))
    assert (1, []) == (life.do("send", today=NEXT), life.smtp.received)
    life.write(("F-2026-001", "ACME SARL", "compta@acme.example"), ("F-2026-009", "ACME SARL", "compta@acme.example"))
    assert {"refused"} == {each["reason"] for each in life.plan(NEXT)["invoices"]}
    assert 0 == life.do("release", "F-2026-001", today=NEXT)
    assert "refused" not in {each["reason"] for each in life.plan(NEXT)["invoices"]}
    assert 2 == life.do("release", "F-2026-001", today=NEXT)


@pytest.mark.parametrize(
    ("to", "action", "reason"),
    [
        ("elsewhere@forward.example", "failed", "refused"),
        ("compta@acme.example", "delayed", "too_soon"),
        ("compta@acme.example", "delivered", "due"),
    ],
)
def test_other_reports(life: Life, to: str, action: str, reason: str) -> None:
    """S26: forwarded and failed, still under way (the next stage waits), arrived."""
    (sent,) = begun(life)
    arrives(life, BOUNCE.format(id=sent, action=action, to=to))
    life.do("send", today=NEXT)
    found = "due" if life.smtp.received else life.line("F-2026-001", NEXT)["reason"]
    assert reason == found
    if action == "delayed":
        assert "pas encore remis" in life.line("F-2026-001", NEXT)["because"]


def test_a_bounce_of_one_of_two_addresses_needs_a_look(life: Life) -> None:
    """Which one failed is not certain where the report names neither."""
    (sent,) = begun(life, ("F-2026-001", "ACME SARL", "compta@acme.example, chef@acme.example"))
    arrives(life, BOUNCE.format(id=sent, action="failed", to="elsewhere@forward.example"))
    life.do("send", today=NEXT)
    assert "answered" == life.line("F-2026-001", NEXT)["reason"]


@pytest.mark.parametrize("trace", ["sent copy", "copy to myself", "answer", "bounce"])
def test_a_trace_settles_a_doubt(life: Life, trace: str) -> None:
    """S18: the connection broke after the dot; what is found in the mailbox tells that the message left."""
    bodies: list[bytes] = []

    def drop(peer: Peer) -> None:
        peer.up_to_data()
        bodies.append(peer.body())

    life.write(("F-2026-001", "ACME SARL", "compta@acme.example"))
    with raw_server(drop) as port:
        life.set_up()
        settings = life.at.folder / "relance.toml"
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace(f"port = {life.smtp.port}", f"port = {port}"), encoding="utf-8")
        life.do("confirm", "backlog", "--as-is", today=FIRST)
        assert 1 == life.do("send", today=FIRST)
    life.set_up()
    assert "in_doubt" == life.line("F-2026-001", FIRST)["reason"]
    assert (1, []) == (life.do("send", today="2026-02-09"), life.smtp.received)
    (raw,) = bodies
    sent = str(parsed(raw)["Message-ID"])
    copy = raw.decode().replace("\r\n", "\n")
    today = date.today().isoformat()  # the doubt was made at this machine's time
    life.mails.flags["Sent"] = "\\HasNoChildren \\Sent"
    life.mails.folders["Sent"] = []
    if trace == "sent copy":
        arrives(life, copy, today, "Sent")
    elif trace == "copy to myself":
        arrives(life, copy.replace(sent, "<other@provider.example>"), today)
    elif trace == "answer":
        arrives(life, f"From: compta@acme.example\nIn-Reply-To: {sent}\nSubject: Re\n\nx", today)
    else:
        arrives(life, BOUNCE.format(id=sent, action="failed", to="compta@acme.example"), today)
    life.do("send", today="2026-02-10")
    expected = {"answer": "answered", "bounce": "refused"}.get(trace, "stage_done")
    assert expected == life.line("F-2026-001", "2026-02-10")["reason"]
    assert [] == life.smtp.received


def test_an_unreachable_mailbox_stops_the_run(life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    """H2: nothing leaves, in silence for two days, then said; and once it answers, all goes on."""
    begun(life)
    life.do("confirm", "rate", today=NEXT)
    life.set_up(port=1)
    for day in (NEXT, LATER):
        capfd.readouterr()
        assert (2, []) == (life.do("send", today=day), life.smtp.received)
        assert ("", "") == capfd.readouterr()
    assert (2, []) == (life.do("send", today="2026-02-18"), life.smtp.received)
    said = capfd.readouterr()
    assert "Depuis le 16 février 2026" in said.out
    assert "127.0.0.1:1" in said.out
    assert (2, []) == (life.do("send", today="2026-02-19"), life.smtp.received)
    assert ("", "") == capfd.readouterr()
    assert 2 == life.do("send", "--verbose", today="2026-02-19")
    assert "127.0.0.1:1" in capfd.readouterr().err
    life.set_up()
    assert (0, 1) == (life.do("send", today="2026-02-19"), len(life.smtp.received))


def test_a_wrong_password_is_said_at_once(life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    """It does not mend itself: exit 2 and the sentence, without the password that the server repeats."""
    begun(life)
    life.at.env |= {PASSWORD_VARIABLE: "wrong", "XDG_STATE_HOME": os.environ["XDG_STATE_HOME"]}
    done = life.at.run("send", today=NEXT)
    assert (2, []) == (done.code, life.smtp.received)
    assert "identification" in done.err


def test_nobody_is_asked_where_there_is_nothing_to_ask(life: Life) -> None:
    """No message is out, or the invoice is paid: no connection."""
    life.write(("F-2026-001", "ACME SARL", "compta@acme.example"))
    life.set_up()
    life.do("send", today=FIRST)
    assert [] == life.mails.commands


def test_a_dry_run_and_a_plan_connect_to_nothing(life: Life) -> None:
    """They read the journal alone."""
    begun(life)
    before = list(life.mails.commands)
    life.do("plan", today=NEXT)
    life.do("send", "--dry-run", today=NEXT)
    assert before == life.mails.commands


def test_check_names_the_folders(life: Life, capfd: pytest.CaptureFixture[str]) -> None:
    """`relance check` connects and says what would be read."""
    begun(life)
    life.mails.folders["Envoy&AOk-s"] = []
    life.mails.flags["Envoy&AOk-s"] = "\\Sent"
    capfd.readouterr()
    assert 0 == life.do("check", today=NEXT)
    assert "dossiers INBOX, Envoyés" in capfd.readouterr().out
    life.set_up(port=1)
    assert 2 == life.do("check", today=NEXT)
    assert 0 == life.do("check", "--offline", today=NEXT)


def test_only_what_matters_is_read_whole(life: Life) -> None:
    """A stranger's mail costs its headers; the customer's is read to its text, and no further."""
    begun(life)
    arrives(life, "From: x@y.example\nSubject: gros\n\n" + "x" * 500_000)
    arrives(life, "From: compta@acme.example\nSubject: gros\n\n" + "x" * 500_000)
    life.do("send", today=NEXT)
    whole = [line for line in life.mails.commands if "BODY.PEEK[]" in line]
    assert ["2"] == [line.split()[3] for line in whole]
    assert all("<0." in line for line in life.mails.commands if "FETCH" in line)
    assert mail_of(life.mails.folders["INBOX"][1][0][:262_144], life.mails.folders["INBOX"][1][1]).text


def test_a_late_network_is_waited_for_where_nobody_watches(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the mailbox and before the mail server, by cron; at a terminal the error is said at once."""
    begun(life)
    waited: list[int] = []

    def wait(host: str, port: int) -> bool:
        waited.append(port)
        return True

    monkeypatch.setattr("relance.delivery.network.await_network", wait)
    life.do("send", today=NEXT)
    assert 1 == len(life.smtp.received)
    assert [life.mails.port, life.smtp.port] == waited
    monkeypatch.setattr("relance.cli.daily.on_terminal", lambda: True)
    waited.clear()
    life.do("send", "--yes", "--quiet", today="2026-03-02")
    assert [] == waited
