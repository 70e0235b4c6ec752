"""What a person tells the journal, and what it changes in the plan of the next days."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import MONDAY, Story, interest, parsed, row, story, text_of

pytestmark = pytest.mark.slow

FRIENDLY = "2026-11-25"
FRESH = row("F-2", "Beta SARL", "20/11/2026", "600,00", issued="20/10/2026")
OTHER = row("F-5", "Beta SARL", "20/11/2026", "90,00", issued="20/10/2026")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def here(tmp_path: Path, box: Mailbox) -> Story:
    """A folder whose journal began on MONDAY, three days after the due date of its invoices."""
    built = story(tmp_path)
    built.settings(box.port)
    built.write(FRESH)
    assert 0 == built.run("send", today=MONDAY).code
    return built


def test_recorded_call_is_a_contact(here: Story, box: Mailbox) -> None:
    """What was done by hand is done: the same stage does not leave, the next one waits seven days."""
    done = here.run("record", "F-2", "--stage", "friendly", "--channel", "call", "--on", "2026-11-24", today=FRIENDLY)
    assert (0, "") == (done.code, done.err)
    line = here.line("F-2", FRIENDLY)
    assert ("hold", "stage_done") == (line["decision"], line["reason"])
    assert ("friendly", "2026-11-24") == (line["last_stage"], line["last_contact"])
    # The firm stage: J+15 is Saturday 5 December.
    assert ("firm", "2026-12-07") == (line["next_stage"], line["next_date"])
    assert (0, []) == (here.run("send", today=FRIENDLY).code, box.received)
    here.run("send", today="2026-12-07")
    assert "d’ici au 14 décembre" in str(parsed(box.received[0])["Subject"])


def test_hold_and_release(here: Story, box: Mailbox) -> None:
    """A promise keeps quiet, its day and the plan say so; a release gives seven quiet days more."""
    held = here.run("hold", "F-2", "--reason", "promise", "--until", "2026-12-02", today=FRIENDLY)
    assert 0 == held.code
    assert (0, []) == (here.run("send", today=FRIENDLY).code, box.received)
    line = here.line("F-2", FRIENDLY)
    assert "promised" == line["reason"]
    assert "2 décembre 2026" in line["because"]
    assert "relance release F-2" in line["because"]
    assert 0 == here.run("release", "F-2", today="2026-11-26").code
    line = here.line("F-2", "2026-11-26")
    assert ("too_soon", "2026-12-03") == (line["reason"], line["next_date"])
    for day in ("2026-11-26", "2026-12-02"):
        assert (0, []) == (here.run("send", today=day).code, box.received)
    assert (0, 1) == (here.run("send", today="2026-12-03").code, len(box.received))
    again = here.run("release", "F-2", today="2026-12-03")
    assert (2, "") == (again.code, again.out)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("dispute", "disputed"),
        ("pause", "paused"),
        ("insolvency", "insolvency"),
        ("recouvrement", "collection"),
        ("other", "paused"),
    ],
)
def test_hold_of_a_customer(here: Story, box: Mailbox, reason: str, code: str) -> None:
    """A customer is held with all invoices, those of tomorrow too; a hold that the user set is no reason to look."""
    assert 0 == here.run("hold", "Beta SARL", "--reason", reason, today=FRIENDLY).code
    here.write(FRESH, OTHER)
    plan = here.plan(FRIENDLY)
    assert {"F-2": code, "F-5": code} == {invoice["number"]: invoice["reason"] for invoice in plan["invoices"]}
    assert all("relance release" in invoice["because"] for invoice in plan["invoices"])
    assert (0, []) == (here.run("send", today=FRIENDLY).code, box.received)


@pytest.mark.parametrize("target", ["F-2", "Beta SARL", "compta@beta.example"])
def test_the_printed_command_ends_the_hold(here: Story, target: str) -> None:
    """Every hold prints the exact command that ends it: typed as it stands it works, a namesake or not."""
    here.write(FRESH, row("F-7", "Beta SARL", "20/11/2026", email="lyon@beta.example"))
    if target == "Beta SARL":  # without the namesake: the name says who
        here.write(FRESH)
    assert 0 == here.run("hold", target, "--reason", "dispute", today=FRIENDLY).code
    command = here.line("F-2", FRIENDLY)["because"].partition("relance release ")[2]
    assert command
    done = here.run("release", *shlex.split(command), today=FRIENDLY)
    assert (0, "") == (done.code, done.err)
    assert "disputed" != here.line("F-2", FRIENDLY)["reason"]


def test_commands_for_awkward_numbers_work_as_printed(here: Story) -> None:
    """A number of two years, one that begins with a dash, a code that is an invoice's number, a shared address."""
    shared = "compta@cabinet.example"
    here.write(
        row("001", "Alpha SARL", "20/11/2025", issued="20/10/2025"),
        row("001", "Alpha SARL", "20/11/2026", issued="20/10/2026"),
        row("-5", "Gamma SARL", "20/11/2026", email=shared),
        row("F-6", "Delta SARL", "20/11/2026", email=shared),
    )
    for words in (("001/2026",), ("--", "-5"), ("Delta SARL",)):
        assert 0 == here.run("hold", "--reason", "dispute", "--today", FRIENDLY, *words).code
    held = [line for line in here.plan(FRIENDLY)["invoices"] if line["reason"] == "disputed"]
    assert 3 == len(held)
    for line in held:
        release, *named = shlex.split(line["because"].partition("→ relance ")[2])
        done = here.run(release, "--today", FRIENDLY, *named)
        assert (0, "") == (done.code, done.err), named
    assert all(line["reason"] != "disputed" for line in here.plan(FRIENDLY)["invoices"])


def test_a_pause_resumes_alone(here: Story, box: Mailbox) -> None:
    """Until its last day included."""
    assert 0 == here.run("hold", "F-2", "--reason", "pause", "--until", "2026-12-01", today=FRIENDLY).code
    assert ("paused", "2026-12-02") == tuple(here.line("F-2", "2026-12-01")[k] for k in ("reason", "next_date"))
    assert (0, 1) == (here.run("send", today="2026-12-02").code, len(box.received))


def test_payments_told_by_hand(here: Story, box: Mailbox) -> None:
    """A part counts on top of the file, gives seven quiet days from the day it is told; the rest ends it all."""
    assert 0 == here.run("pay", "F-2", "--amount", "150,50", "--on", "2026-11-24", today=FRIENDLY).code
    line = here.line("F-2", FRIENDLY)
    assert ("150.50", "449.50", "too_soon") == (line["paid"], line["outstanding"], line["reason"])
    assert "2026-12-02" == line["next_date"]
    # 600.00 over the 4 days to 24 November, the rest over one more: 0.92 and 0.17.
    assert "1.09" == str(interest(("600.00", 4), ("449.50", 1))) == line["interest"]
    assert "490.59" == line["claimed"]
    assert (0, []) == (here.run("send", today="2026-12-01").code, box.received)
    assert (0, 1) == (here.run("send", today="2026-12-02").code, len(box.received))
    assert "449,50\u00a0€" in text_of(box.received[0])
    too_much = here.run("pay", "F-2", "--amount", "999", today="2026-12-02")
    assert (2, "") == (too_much.code, too_much.out)
    assert "449,50" in too_much.err
    assert 0 == here.run("pay", "F-2", today="2026-12-02").code
    assert "paid" == here.line("F-2", "2026-12-02")["reason"]


def test_the_same_payment_twice_is_said(here: Story) -> None:
    """Two of one amount may be right: nobody is asked, but the way back is named; it takes back the last one."""
    again = "le même montant était déjà noté ce jour. si c’est le même règlement → relance undo f-2"
    words = ("pay", "F-2", "--amount", "50")
    for amount, twice in (("50", False), ("60", False), ("50", True)):
        done = here.run("pay", "F-2", "--amount", amount, today=FRIENDLY)
        said = done.out.replace("\u00a0", " ").replace("\u202f", " ").casefold()
        assert (0, "", twice) == (done.code, done.err, again.casefold() in said)
    assert 0 == here.run("undo", "F-2", today=FRIENDLY).code
    assert "490.00" == here.line("F-2", FRIENDLY)["outstanding"]
    assert "déjà noté" not in here.run(*words, today="2026-11-26").out


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        *(("1 200", "1 200,00"), ("1200", "1 200,00"), ("1200,5", "1 200,50"), ("1200.50", "1 200,50")),
        *(("1.200,50", "1 200,50"), ("1 200,50", "1 200,50"), ("1,200.50", "1 200,50"), ("1200,50 €", "1 200,50")),
        *(("1\u202f200,50", "1 200,50"), ("0.200", "0,20")),
    ],
)
def test_an_amount_is_read_as_the_file_reads_it(here: Story, typed: str, cents: str) -> None:
    """What has one meaning alone is taken, in whichever way it is written."""
    here.write(row("F-3", "Beta SARL", "20/11/2026", "5 000,00"))
    done = here.run("pay", "F-3", "--amount", typed, today=FRIENDLY)
    assert (0, "") == (done.code, done.err)
    assert f"règlement de {cents} € noté" in done.out.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_file_absorbs_a_told_payment(here: Story) -> None:
    """Once the file shows it, it counts once; a second line of the file counts on its own."""
    assert 0 == here.run("pay", "F-2", "--amount", "100", "--on", "2026-11-24", today=FRIENDLY).code
    for paid, left in (("", "500.00"), ("100,00", "500.00"), ("160,00", "440.00")):
        here.write(row("F-2", "Beta SARL", "20/11/2026", "600,00", paid=paid, paid_on="24/11/2026" if paid else ""))
        assert left == here.line("F-2", FRIENDLY)["outstanding"]


def test_facts_of_later_days_are_hidden(here: Story, box: Mailbox) -> None:
    """`--today` shows a day as it was: what was told later is not known yet."""
    assert 0 == here.run("send", today=FRIENDLY).code
    assert 0 == here.run("pay", "F-2", today="2026-12-01").code
    line = here.line("F-2", "2026-11-24")
    assert (None, "600.00") == (line["last_contact"], line["outstanding"])
    assert 1 == len(box.received)


def test_one_message_for_one_customer(here: Story, box: Mailbox) -> None:
    """Two invoices that act on one day travel together, and each is done."""
    here.write(FRESH, OTHER)
    assert 0 == here.run("send", today=FRIENDLY).code
    [raw] = box.received
    assert "690,00\u00a0€" in text_of(raw)
    assert {"stage_done"} == {invoice["reason"] for invoice in here.plan(FRIENDLY)["invoices"]}


def test_show_tells_the_history(here: Story) -> None:
    """`show` explains an invoice and a customer: stage, why, next date, charges, what was done."""
    assert 0 == here.run("send", today=FRIENDLY).code
    for target in ("F-2", "f-2", "Beta SARL", "beta sarl", "compta@beta.example"):
        done = here.run("show", target, today="2026-11-26")
        assert (0, "") == (done.code, done.err)
        for words in ("F-2", "600,00\u00a0€", "e-mail n°\u00a01 le 25/11", "7 décembre 2026", "40,00\u00a0€"):
            assert words in done.out, target


PAY, CALL = ("pay", "F-2"), ("record", "F-2", "--stage", "friendly", "--channel", "call")
PAUSE = ("hold", "Beta SARL", "--reason", "pause")


@pytest.mark.parametrize(
    ("said", "about", "reason", "what"),
    [
        (PAY, "F-2", "paid", "règlement de 600,00 € du 25 novembre 2026"),
        (CALL, "F-2", "stage_done", "relance amicale (appel) du 25 novembre 2026"),
        (PAUSE, "Beta SARL", "paused", "pause du 25 novembre 2026"),
    ],
)
def test_what_was_said_by_mistake_is_taken_back(
    here: Story, box: Mailbox, said: tuple[str, ...], about: str, reason: str, what: str
) -> None:
    """It keeps the message back, after a run too; undone, the message leaves as if nothing had been said."""
    assert 0 == here.run(*said, today=FRIENDLY).code
    assert (0, []) == (here.run("send", today=FRIENDLY).code, box.received)
    assert reason == here.line("F-2", FRIENDLY)["reason"]
    undone = here.run("undo", about, today=FRIENDLY)
    assert (0, "") == (undone.code, undone.err)
    assert f"{about} : c’est annulé ({what}).\n" == undone.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert (0, 1) == (here.run("send", today=FRIENDLY).code, len(box.received))
    again = here.run("undo", about, today=FRIENDLY)
    assert (2, "") == (again.code, again.out)
    assert "Rien n’a été noté à la main" in again.err


def test_the_way_back_of_an_invoice_is_named(here: Story) -> None:
    """Of the customer nothing was said, of its invoices something was: which ones, and how that is taken back."""
    here.write(FRESH, OTHER)
    for number in ("F-2", "F-5"):
        assert 0 == here.run("pay", number, "--amount", "10", today=FRIENDLY).code
    done = here.run("undo", "Beta SARL", today=FRIENDLY)
    assert (2, "") == (done.code, done.out)
    assert "mais sur F-2, F-5" in done.err
    assert "relance undo F-2" in done.err
    assert 0 == here.run("undo", "F-2", today=FRIENDLY).code
    done = here.run("undo", "Beta SARL", today=FRIENDLY)
    assert "mais sur F-5" in done.err
    assert "F-2" not in done.err


def test_the_last_word_is_taken_back_first(here: Story) -> None:
    """Of two payments the second, then the first; what goes missing in the file is still asked about."""
    here.run("pay", "F-2", "--amount", "100", today=FRIENDLY)
    here.run("pay", "F-2", "--amount", "200", today=FRIENDLY)
    here.run("send", today=FRIENDLY)
    for left in ("500.00", "600.00"):
        assert 0 == here.run("undo", "F-2", today=FRIENDLY).code
        assert left == here.line("F-2", FRIENDLY)["outstanding"]
    assert "due" == here.line("F-2", FRIENDLY)["reason"]
    here.write(replace(FRESH, paid="50,00", paid_on="26/11/2026"))
    here.run("send", today="2026-12-03")
    here.run("pay", "F-2", "--amount", "100", today="2026-12-03")
    here.write(FRESH)
    assert 0 == here.run("undo", "F-2", today="2026-12-03").code
    assert "changed" == here.line("F-2", "2026-12-03")["reason"]
