"""What was mailed is what is posted: `letter` writes the very PDF that the mail carried (decision 18)."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import Story, parsed, row, story

DAY = "2026-12-07"
LATER = "2026-12-11"

pytestmark = pytest.mark.slow


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server on this machine."""
    with smtp_server("none") as made:
        yield made


def noticed(here: Story, box: Mailbox) -> bytes:
    """A formal notice about two invoices that left today; the PDF that it carried."""
    here.write(row("F-1", "Alpha SARL", "05/11/2026"), row("F-2", "Alpha SARL", "04/11/2026"))
    here.settings(box.port)
    here.run("send", today="2026-11-01")
    here.run("confirm", "rate", today="2026-11-01")
    for number in ("F-1", "F-2"):
        here.run("record", number, "--stage", "firm", "--channel", "email", today="2026-11-20")
        here.run("approve", number, today=DAY)
    assert 0 == here.run("send", today=DAY).code
    (raw,) = box.received
    (pdf,) = [part for part in parsed(raw).walk() if part.get_content_type() == "application/pdf"]
    content = pdf.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


def letter(here: Story, *options: str, number: str = "F-1", day: str = LATER) -> bytes:
    """The file that `letter` writes."""
    here.run("letter", number, "-o", "lettre.pdf", "--force", *options, today=day)
    return (here.folder / "lettre.pdf").read_bytes()


def test_the_letter_is_the_one_that_left(tmp_path: Path, box: Mailbox) -> None:
    """Byte for byte, days later, whichever of its invoices names it, and whatever the file says by then."""
    here = story(tmp_path)
    sent = noticed(here, box)
    assert sent == letter(here) == letter(here, number="F-2")
    said = here.run("letter", "F-1", "--force", today=LATER).out
    assert "celle du message du 7 décembre 2026" in said
    here.write(
        row("F-1", "Alpha SARL", "05/11/2026", paid="200,00", paid_on="10/12/2026"),
        row("F-2", "Alpha SARL", "04/11/2026"),
    )
    assert sent == letter(here)


def test_another_one_is_asked_for(tmp_path: Path, box: Mailbox) -> None:
    """`--new`, or another stage than the one that was mailed."""
    here = story(tmp_path)
    sent = noticed(here, box)
    assert sent != letter(here, "--new")
    assert sent != letter(here, "--stage", "firm")


def test_nothing_left_nothing_is_repeated(tmp_path: Path, box: Mailbox) -> None:
    """A notice recorded by hand carried no letter of ours; nor did one that only waits for the user's word."""
    here = story(tmp_path)
    here.write(row("F-1", "Alpha SARL", "05/11/2026"))
    here.settings(box.port)
    here.run("send", today="2026-11-01")
    here.run("record", "F-1", "--stage", "formal_notice", "--channel", "email", today=DAY)
    done = here.run("letter", "F-1", today=LATER)
    assert "Lettre écrite" in done.out
    assert "celle du message" not in done.out


@pytest.mark.parametrize("damaged", [False, True])
def test_a_message_that_is_not_kept_is_said(tmp_path: Path, box: Mailbox, damaged: bool) -> None:
    """Rather than another letter than the mail's; the cure is typed as printed. So where its attachment is damaged."""
    here = story(tmp_path)
    noticed(here, box)
    if damaged:
        for kept in here.journal.with_name(f"{here.journal.name}.parts").iterdir():
            kept.write_bytes(b"?")
    else:
        with sqlite3.connect(here.journal) as db:
            db.execute("UPDATE deliveries SET raw = x''")
    done = here.run("letter", "F-1", today=LATER)
    assert (2, True) == (done.code, "--new" in done.err)
    assert "Lettre écrite" in here.run("letter", "F-1", "--new", today=LATER).out
