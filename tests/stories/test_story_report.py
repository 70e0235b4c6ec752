"""The report of what left is never lost, and what was not read yet is not taken for told."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from mail_support import Mailbox, smtp_server
from story_support import Story, row, story
from test_story_trouble import FRIENDLY, NEXT_DAY, THREE, opened

from relance.journal import Journal

pytestmark = pytest.mark.slow
LATE = row("F-9", "Delta SARL", "20/11/2026", email="")
"""An invoice without an address: a reason to look, told once in seven days."""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@dataclass
class LockingMailbox(Mailbox):
    """A mailbox during whose last answer another program takes the journal, and keeps it."""

    journal: Path = Path()
    holding: list[sqlite3.Connection] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Take the message, and at the third one the journal."""
        if len(self.received) == 2:
            other = sqlite3.connect(self.journal, check_same_thread=False, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            self.holding.append(other)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as box:
        yield box


@pytest.mark.parametrize("more", [(), ("--format", "json")])
def test_a_journal_locked_after_messages_left(
    here: Story, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...]
) -> None:
    """Exit 1 with the list, and the next run knows what left from the receipts."""
    monkeypatch.setattr("relance.journal.files._WAIT", 0.2)
    with smtp_server(mailbox=LockingMailbox(journal=here.journal)) as box:
        assert isinstance(box, LockingMailbox)
        opened(here, box.port, *THREE)
        done = here.run("send", "--verbose", *more, today=FRIENDLY)
        assert (1, 3) == (done.code, len(box.received))
        if more:
            assert [["F-1"], ["F-2"], ["F-3"]] == [each["invoices"] for each in done.json["sent"]]
        else:
            assert ["F-1", "F-2", "F-3"] == [n for n in ("F-1", "F-2", "F-3") if f"  {n}  " in done.out]
        assert "autre programme" in done.out + done.err
        for each in box.holding:
            each.close()
        here.run("send", today=FRIENDLY)
        assert 3 == len(box.received)


def full(*_: object) -> None:
    """A disk without room."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    raise error


def interrupted(*_: object) -> None:
    """Ctrl-C, as the handler of the system raises it."""
    raise KeyboardInterrupt


@pytest.mark.parametrize(("fault", "said"), [(full, "disque est plein"), (interrupted, "Interrompu")])
def test_what_left_is_listed_whatever_comes_after(
    here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch, fault: object, said: str
) -> None:
    """Full, or Ctrl-C, while what the file showed is noted: exit 1, and each message that left has its line."""
    opened(here, box.port, *THREE)
    with monkeypatch.context() as patch:
        patch.setattr("relance.journal.journal.notes.remember", fault)
        done = here.run("send", "--verbose", today=FRIENDLY)
    assert (1, 3, True) == (done.code, done.out.count("envoyé"), said in done.out)
    assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_without_a_message_the_fault_ends_the_run(here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing left, so nothing is to be listed: exit 2."""
    opened(here, box.port, *THREE)
    monkeypatch.setattr("relance.journal.journal.notes.remember", full)
    assert 2 == here.run("send", today="2026-11-24").code


def test_a_notice_that_was_not_shown_is_no_notice(here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before it was shown, or before that was noted: it is said again, and once more in a week only."""
    opened(here, box.port, THREE[0])
    here.write(THREE[0], LATE)
    with monkeypatch.context() as patch:
        patch.setattr("relance.display.send_view.show_run", interrupted)
        assert here.run("send", today=FRIENDLY).code in (1, 2)
    with monkeypatch.context() as patch:
        patch.setattr(Journal, "told", interrupted)
        assert "F-9" in here.run("send", today=FRIENDLY).out
    assert "F-9" in here.run("send", today=FRIENDLY).out
    assert "F-9" not in here.run("send", today=NEXT_DAY).out


def test_a_copy_that_fails_is_said_once_a_week(here: Story, box: Mailbox) -> None:
    """After the list, on standard error, with exit 1; then in silence for seven days."""
    opened(here, box.port, *THREE)
    folder = here.journal.with_name(f"{here.journal.name}.backups")
    for each in folder.iterdir():
        each.unlink()
    folder.rmdir()
    folder.write_text("")
    done = here.run("send", "--verbose", today=FRIENDLY)
    assert (1, 3, True) == (done.code, done.out.count("envoyé"), "sauvegarde" in done.err)
    again = here.run("send", today=NEXT_DAY)
    assert (0, "", "") == (again.code, again.out, again.err)
    assert 1 == here.run("send", today="2026-12-02").code


def test_the_copy_is_made_when_all_is_shown(here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of a large journal takes seconds: the list does not wait for it."""
    opened(here, box.port, *THREE)
    seen: list[int] = []
    monkeypatch.setattr("relance.display.send_view.show_run", lambda *_, **__: seen.append(0))
    monkeypatch.setattr(Journal, "back_up", lambda *_, **__: seen.append(1))
    here.run("send", today=FRIENDLY)
    assert [0, 1] == seen
