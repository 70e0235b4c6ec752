"""What a file tells from one morning to the next: gone, renumbered, shrunk, stale, credited."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import Story, parsed, row, story

pytestmark = pytest.mark.slow

LATE = "20/11/2026"  # J+5 is Wednesday 25 November
MORNING, NEXT = "2026-11-25", "2026-11-26"
NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def here(tmp_path: Path, box: Mailbox) -> Story:
    """A dossier whose journal began before anything was late."""
    place = story(tmp_path)
    place.write(*(row(f"F-{i}", f"{name} SARL", LATE) for i, name in enumerate(NAMES)))
    place.settings(box.port)
    assert 0 == place.run("send", today="2026-11-23").code
    return place


def test_an_invoice_that_is_gone_is_named_once(here: Story) -> None:
    """One of six: the others leave, it is named, and never again."""
    here.write(*(row(f"F-{i}", f"{name} SARL", LATE) for i, name in enumerate(NAMES[:5])))
    first = here.run("send", today=MORNING)
    assert "F-5 n’est plus dans le fichier" in first.out
    assert "F-5" not in here.run("send", today=NEXT).out


def test_a_shrunk_file_sends_nothing_until_confirmed(here: Story, box: Mailbox) -> None:
    """Half of the file gone at once: a question, then the user's word for this content."""
    here.write(row("F-0", "Alpha SARL", LATE))
    held = here.run("send", today=MORNING)
    assert (1, 0) == (held.code, len(box.received))
    assert "relance confirm file" in held.out
    assert 0 == here.run("confirm", "file", today=MORNING).code
    here.run("send", today=MORNING)
    assert 1 == len(box.received)


def test_an_old_file_sends_nothing_until_saved_again(here: Story, box: Mailbox) -> None:
    """Not touched for fifteen days; saved again, it is believed."""
    here.kept = False
    here.saved_on("2026-11-10")
    assert "relance confirm file" in here.run("send", today=MORNING).out
    assert [] == box.received
    here.saved_on(MORNING)
    here.run("send", today=MORNING)
    assert len(NAMES) == len(box.received)


def test_an_old_list_of_payments_sends_nothing_either(here: Story, box: Mailbox) -> None:
    """The invoice file is saved each day, the list that tells who paid is not: named, and confirmed as it is."""
    payments = here.folder / "reglements.csv"
    payments.write_text("Facture;Montant;Date\nF-0;600,00;23/11/2026\n", encoding="utf-8")
    settings = here.folder / "relance.toml"
    text = settings.read_text("utf-8").replace("[invoices]\n", '[invoices]\npayments = "reglements.csv"\n')
    settings.write_text(text, encoding="utf-8")

    def saved(day: str) -> None:
        moment = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
        os.utime(payments, (moment, moment))

    saved("2026-11-10")
    held = here.run("send", today=MORNING).out
    assert "« reglements.csv » du 10 novembre 2026, trop ancien : exportez-le de nouveau" in held.replace("\u00a0", " ")
    assert [] == box.received
    assert 0 == here.run("confirm", "file", today=MORNING).code
    payments.write_text("Facture;Montant;Date\nF-0;700,00;23/11/2026\n", encoding="utf-8")
    saved("2026-11-10")
    here.run("send", today=MORNING)
    assert [] == box.received
    saved(MORNING)
    here.run("send", today=MORNING)
    assert len(NAMES) - 1 == len(box.received)  # a part of F-0 has just been seen paid


def test_a_renumbered_invoice_waits_then_goes_on(here: Story, box: Mailbox) -> None:
    """Friendly left under the old number; under the new one nothing leaves twice."""
    here.run("send", today=MORNING)
    sent = len(box.received)
    here.write(row("F-0-B", "Alpha SARL", LATE), *(row(f"F-{i}", f"{n} SARL", LATE) for i, n in enumerate(NAMES) if i))
    held = here.run("plan", today="2026-12-07")
    assert "tout comme F-0 qui a disparu" in held.out
    assert 0 == here.run("confirm", "F-0-B", today="2026-12-07").code
    here.run("send", today="2026-12-07")
    subjects = [str(message["Subject"]) for message in map(parsed, box.received[sent:])]
    assert any("F-0-B" in subject and "à régler d’ici au" in subject for subject in subjects)


def test_a_reminder_to_oneself_is_held_and_asked(here: Story, box: Mailbox) -> None:
    """An address copied into the wrong row; the others leave, and the printed command lets it go if it is meant."""
    here.write(
        row("F-0", "Alpha SARL", LATE, email="Camille@Martin.example"),
        *(row(f"F-{i}", f"{n} SARL", LATE) for i, n in enumerate(NAMES) if i),
    )
    done = here.run("send", today=MORNING)
    assert (1, len(NAMES) - 1) == (done.code, len(box.received))
    assert "l’adresse du client est la vôtre (Camille@Martin.example)" in done.out
    assert "relance confirm F-0" in done.out
    assert 0 == here.run("confirm", "F-0", today=MORNING).code
    here.run("send", today=MORNING)
    assert len(NAMES) == len(box.received)


def test_renumbered_and_changed_at_once(here: Story, box: Mailbox) -> None:
    """Another number and another sum: asked, not taken for a new invoice to be reminded from the start."""
    here.run("send", today=MORNING)
    sent = len(box.received)
    rest = [row(f"F-{i}", f"{n} SARL", LATE) for i, n in enumerate(NAMES) if i]
    here.write(row("F-0-B", "Alpha SARL", LATE, "1 300,00"), *rest)
    held = here.run("send", today="2026-12-07")
    assert "ressemble à F-0, qui a disparu, mais le montant a changé" in held.out
    assert [] == [m for m in map(parsed, box.received[sent:]) if "F-0-B" in str(m["Subject"])]
    assert 0 == here.run("confirm", "F-0-B", today="2026-12-07").code
    here.run("send", today="2026-12-07")
    subjects = [str(message["Subject"]) for message in map(parsed, box.received[sent:])]
    assert any("F-0-B" in subject and "à régler d’ici au" in subject for subject in subjects)


def test_a_credit_note_is_allocated(here: Story) -> None:
    """It holds the firm message; allocated, it lowers what is asked."""
    here.write(
        row("F-0", "Alpha SARL", LATE), row("A-1", "Alpha SARL", LATE, "-200,00", status="Avoir"),
        *(row(f"F-{i}", f"{n} SARL", LATE) for i, n in enumerate(NAMES) if i),
    )  # fmt: skip
    assert 0 == here.run("send", today=MORNING).code
    assert "relance allocate A-1 F-0" in here.run("plan", today="2026-12-07").out
    assert 0 == here.run("allocate", "A-1", "F-0", today="2026-12-07").code
    shown = here.run("show", "F-0", today="2026-12-07").out
    assert "1\u202f000,00" in shown
    assert 2 == here.run("allocate", "A-1", "F-0", today="2026-12-07").code


def test_only_looks_at_the_whole_file(here: Story, box: Mailbox) -> None:
    """One customer is picked: the others are not taken for gone, and leave the next morning."""
    assert 0 == here.run("send", "--only", "Beta SARL", today=MORNING).code
    assert 1 == len(box.received)
    assert 0 == here.run("send", today=NEXT).code
    assert len(NAMES) == len(box.received)


def test_a_confirmed_shrink_is_believed_for_good(here: Story, box: Mailbox) -> None:
    """Once confirmed and sent, the next edit of the file is compared with what is left, not with what was."""
    here.write(row("F-0", "Alpha SARL", LATE))
    assert 0 == here.run("confirm", "file", today=MORNING).code
    here.run("send", today=MORNING)
    here.write(row("F-0", "Alpha SARL", LATE), row("F-9", "Eta SARL", LATE))
    assert 0 == here.run("send", today=NEXT).code
    assert 2 == len(box.received)


def test_a_due_date_moved_later_may_be_confirmed_at_once(here: Story, box: Mailbox) -> None:
    """The plan names the command long before the new date; confirmed, the ladder begins again and asks nothing more."""
    here.run("send", today=MORNING)
    others = [row(f"F-{i}", f"{n} SARL", LATE) for i, n in enumerate(NAMES) if i]
    here.write(row("F-0", "Alpha SARL", "20/12/2026"), *others)
    line = here.line("F-0", NEXT)
    assert ("not_due", True) == (line["reason"], line["because"].endswith("→ relance confirm F-0 (si c’est juste)"))
    assert 0 == here.run("confirm", "F-0", today=NEXT).code
    assert "confirm" not in here.line("F-0", NEXT)["because"]
    assert 2 == here.run("confirm", "F-0", today=NEXT).code
    sent = len(box.received)
    here.run("send", "--only", "F-0", today="2026-12-28")  # J+8, the first working day after J+5
    (message,) = map(parsed, box.received[sent:])
    assert "échue le 20 décembre" in str(message["Subject"])


def test_a_new_reason_is_news_and_one_question_stays_one(here: Story) -> None:
    """The address of an invoice told of, then its amount too: said again at once; a file grown old is asked of once."""
    others = [row(f"F-{i}", f"{n} SARL", LATE) for i, n in enumerate(NAMES) if i]
    here.run("send", today=MORNING)
    here.write(row("F-0", "Alpha SARL", LATE, email="autre@alpha.example"), *others)
    assert "confirm F-0" in here.run("send", today="2026-12-07").out
    here.write(row("F-0", "Alpha SARL", LATE, "1 300,00", email="autre@alpha.example"), *others)
    assert "→ 1\u202f300,00\u00a0€) ont changé" in here.run("send", today="2026-12-08").out
    assert (0, "") == (here.run("send", today="2026-12-09").code, here.run("send", today="2026-12-09").out)
    here.write(row("F-8", "Theta SARL", "21/12/2026"), row("F-9", "Iota SARL", "24/12/2026"), *others)
    here.saved_on("2026-12-09")
    here.kept = False
    assert 1 == here.run("send", today="2026-12-28").out.count("relance confirm file")
    assert "relance confirm file" not in here.run("send", today="2026-12-29").out


def test_a_call_beside_a_mail_is_told_once_a_week(here: Story, box: Mailbox) -> None:
    """Whatever the reason of the line on the days between: the stage is done, then the day is closed, then due."""
    here.write(row("F-0", "Alpha SARL", LATE), row("F-1", "Beta SARL", "31/12/2026"))  # firm on Saturday 5 December
    here.settings(
        box.port, rest='[[stages]]\nkey = "friendly"\nchannels = ["email", "call"]\n[[stages]]\nkey = "firm"\n'
    )
    here.run("confirm", "file", today=MORNING)
    days = (MORNING, NEXT, "2026-11-28", "2026-12-03", "2026-12-05", "2026-12-06", "2026-12-07")
    said = {day: here.run("send", today=day).out.count("relance show F-0 --call") for day in days}
    assert [NEXT, "2026-12-03"] == [day for day, told in said.items() if told]


@pytest.mark.parametrize("kept", [0, 3])
def test_an_emptied_file_is_said_every_day(here: Story, box: Mailbox, kept: int) -> None:
    """F7: a header and nothing else, or a few rows, with twenty open ones known: exit 1 each day until confirmed."""
    rows = [row(f"G-{i}", f"Client {i} SARL", "20/12/2026") for i in range(20)]
    first = [row(f"F-{i}", f"{name} SARL", LATE, status="Payée") for i, name in enumerate(NAMES)]
    here.write(*first, *rows)
    here.run("send", today="2026-11-24")
    here.write(*rows[:kept])
    for day in (MORNING, NEXT, "2026-11-27"):
        done = here.run("send", today=day)
        assert (1, 1, 1) == (done.code, len(done.out.splitlines()), done.out.count("relance confirm file"))
        assert (0, "") == (here.run("send", today=day).code, here.run("send", today=day).out)  # once a day
        planned = here.run("plan", today=day)
        assert (1, 1, 0) == (planned.code, planned.out.count("relance confirm file"), planned.out.count("comme close"))
        assert 1 == here.run("send", "--dry-run", today=day).code
    assert [] == box.received
    here.write(*rows)
    assert (0, "") == (here.run("send", today=NEXT).code, here.run("send", today=NEXT).out)  # it was there after all
    here.write(*rows[:kept])
    assert 0 == here.run("confirm", "file", today="2026-11-27").code
    assert "comme close" in here.run("send", today="2026-11-27").out
