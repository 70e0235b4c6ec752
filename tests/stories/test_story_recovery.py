"""What a freelancer lives through when a file is lost, a process stopped or a clock wrong: said, never sent twice."""

import fcntl
import os
import re
import shutil
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mail_support import Mailbox, Peer, raw_server, smtp_server
from story_support import MONDAY, Story, row, story

pytestmark = pytest.mark.slow

FRIENDLY = "2026-11-25"
NEXT_DAY = "2026-11-26"
THREE = (
    row("F-1", "Alpha SARL", "20/11/2026"),
    row("F-2", "Beta SARL", "20/11/2026", "600,00"),
    row("F-3", "Gamma SARL", "20/11/2026", "300,00"),
)


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine without encryption."""
    with smtp_server() as mailbox:
        yield mailbox


def opened(here: Story, port: int) -> None:
    """Settings for a server, the file, and a journal begun on MONDAY."""
    here.settings(port)
    here.write(*THREE)
    assert 0 == here.run("send", today=MONDAY).code


def reasons(here: Story, today: str) -> set[str]:
    """The reasons of a day."""
    return {invoice["reason"] for invoice in here.plan(today)["invoices"]}


def test_a_lost_journal_is_said_and_repaired(here: Story, box: Mailbox) -> None:
    """J1: no run begins a new one; `repair` knows again what left, from the receipts alone, and nothing goes twice."""
    opened(here, box.port)
    assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))
    here.journal.unlink()
    for _ in range(2):
        refused = here.run("send", today=NEXT_DAY)
        assert (2, "") == (refused.code, refused.out)
        assert "relance repair" in refused.err
    assert not here.journal.exists()
    shutil.rmtree(here.folder / "relance-journal.sqlite3.backups")
    mended = here.run("repair")
    assert 0 == mended.code
    assert "reçus" in mended.out
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))
    assert {"stage_done"} == reasons(here, NEXT_DAY)
    assert "lisible" in here.run("repair").out


def test_a_damaged_journal_beside_receipts_that_were_put_back(here: Story, box: Mailbox) -> None:
    """J3: made again, but from receipts older than what left: said, and nothing leaves before it was looked at."""
    opened(here, box.port)
    receipts = here.folder / "relance-journal.sqlite3.receipts"
    early = receipts.read_bytes()
    assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))
    receipts.write_bytes(early)
    here.journal.write_bytes(b"damaged")
    shutil.rmtree(here.folder / "relance-journal.sqlite3.backups")
    mended = here.run("repair")
    assert "plus anciens que le dernier envoi" in mended.out
    assert "« relance confirm journal »" in mended.out.replace("\u00a0", " ")
    refused = here.run("send", today=NEXT_DAY)
    assert (2, 3) == (refused.code, len(box.received))
    assert "reçus" in refused.err
    shown = here.run("confirm", "journal", today=NEXT_DAY)
    assert 0 == shown.code
    for number in ("F-1", "F-2", "F-3"):
        assert f"relance record {number} --stage friendly --channel email" in shown.out.replace("\u00a0", " ")
        assert 0 == here.run("record", number, "--stage", "friendly", "--channel", "email", today=NEXT_DAY).code
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))


@pytest.mark.parametrize(
    "command", [("plan",), ("plan", "--format", "json"), ("show", "F-1"), ("send", "--dry-run"), ("pay", "F-1")]
)
def test_a_lost_journal_is_no_first_use(command: tuple[str, ...], here: Story, box: Mailbox) -> None:
    """J1: who only looks is told too, instead of a plan that begins anew and asks about the backlog."""
    opened(here, box.port)
    assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))
    here.journal.unlink()
    done = here.run(*command, today=NEXT_DAY)
    assert (2, "") == (done.code, done.out)
    assert "relance repair" in done.err
    assert not here.journal.exists()


def test_check_says_that_the_journal_is_lost(here: Story, box: Mailbox) -> None:
    """J1: among what has to be mended, and the other parts are looked at all the same."""
    opened(here, box.port)
    here.journal.unlink()
    done = here.run("check", today=NEXT_DAY)
    room, *below = done.out[done.out.index("Journal ") :].splitlines()
    said = " ".join(line.strip() for line in below)
    assert room.endswith("à corriger")
    assert (2, "") == (done.code, done.err)
    assert ("a disparu" in said, "relance repair" in said, "répond" in done.out) == (True, True, True)


def test_a_journal_from_last_week_is_brought_up(here: Story, box: Mailbox) -> None:
    """J3: the likeliest real duplicate, a restored copy: nothing leaves until it is confirmed, and then once."""
    opened(here, box.port)
    old = here.journal.read_bytes()
    assert 0 == here.run("send", today=FRIENDLY).code
    assert 0 == here.run("hold", "F-2", "--reason", "dispute", today=FRIENDLY).code
    here.journal.write_bytes(old)
    done = here.run("send", today=NEXT_DAY)
    assert (2, "", True, 3) == (done.code, done.out, "plus ancien" in done.err, len(box.received))
    planned = here.run("plan", today=NEXT_DAY)
    assert (1, True) == (planned.code, "relance confirm journal" in planned.err)
    assert {"stage_done", "disputed"} == reasons(here, NEXT_DAY)
    assert 0 == here.run("confirm", "journal", today=NEXT_DAY).code
    after = here.run("send", today=NEXT_DAY)
    assert (0, "", "", 3) == (after.code, after.out, after.err, len(box.received))
    assert {"stage_done", "disputed"} == reasons(here, NEXT_DAY)


def test_lost_receipts_are_said(here: Story, box: Mailbox) -> None:
    """J3: without receipts the journal alone decides, once the user says so; they are made again."""
    opened(here, box.port)
    assert 0 == here.run("send", today=FRIENDLY).code
    receipts = here.folder / "relance-journal.sqlite3.receipts"
    receipts.unlink()
    refused = here.run("send", today=NEXT_DAY)
    assert (2, "", True) == (refused.code, refused.out, "reçus du journal manquent" in refused.err)
    assert 0 == here.run("confirm", "journal", today=NEXT_DAY).code
    assert receipts.exists()
    assert ("", 3) == (here.run("send", today=NEXT_DAY).out, len(box.received))


def test_repair_refuses_what_it_cannot_know(here: Story, box: Mailbox) -> None:
    """Journal and receipts both gone: what left since the copy is for the user to say."""
    opened(here, box.port)
    assert 0 == here.run("send", today=FRIENDLY).code
    here.journal.unlink()
    (here.folder / "relance-journal.sqlite3.receipts").unlink()
    refused = here.run("repair")
    assert (2, "") == (refused.code, refused.out)
    assert "--without-receipts" in refused.err
    done = here.run("repair", "--without-receipts")
    assert (0, True) == (done.code, "sauvegarde du" in done.out)
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))


def test_a_doubt_is_shown_with_its_facts(here: Story) -> None:
    """S18, H3: amount, time, server and last words; one word of the user settles the whole message."""

    def hang_up(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("421 4.4.2 fermeture")

    with raw_server(hang_up) as port:
        here.settings(port)
        here.write(THREE[0], row("F-4", "Alpha SARL", "20/11/2026"))
        assert 0 == here.run("send", today=MONDAY).code
        assert 1 == here.run("send", today=FRIENDLY).code
        said = here.line("F-1", FRIENDLY)["because"]
    for fact in (f"127.0.0.1:{port}", "421 4.4.2 fermeture", "1\u202f200,00", "relance resolve F-1 --sent"):
        assert fact in said, (fact, said)
    assert "F-1, F-4" in here.run("resolve", "F-4", "--sent", today=NEXT_DAY).out
    assert {"stage_done"} == reasons(here, NEXT_DAY)


def test_a_refused_message_is_held_with_its_command(here: Story, box: Mailbox) -> None:
    """S16: 554 at the dot: held, told, and tried again once the user says so."""
    opened(here, box.port)
    box.to_dot.append("554 5.7.1 contenu refusé")
    assert 1 == here.run("send", today=FRIENDLY).code
    assert (1, 2) == (here.run("send", today=NEXT_DAY).code, len(box.received))
    line = here.line("F-1", NEXT_DAY)
    assert ("refused", True) == (line["reason"], "relance resolve F-1 --not-sent" in line["because"])
    assert 0 == here.run("resolve", "F-1", "--not-sent", today=NEXT_DAY).code
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))


@contextmanager
def held_since(here: Story, since: datetime) -> Iterator[None]:
    """Another process holds the lock since then."""
    handle = os.open(here.folder / "relance-journal.sqlite3.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        os.ftruncate(handle, 0)
        os.pwrite(handle, since.isoformat().encode(), 0)
        yield
    finally:
        os.close(handle)


def test_a_run_that_hangs_is_said(here: Story, box: Mailbox) -> None:
    """P2: a lock held for over two hours: a line and exit code 1; a shorter one is silent; nobody steals it."""
    opened(here, box.port)
    with held_since(here, datetime.now(UTC) - timedelta(hours=3)):
        done = here.run("send", today=FRIENDLY)
        assert (1, "plus de deux heures" in done.out, []) == (done.code, True, box.received)
    with held_since(here, datetime.now(UTC) - timedelta(hours=1)):
        done = here.run("send", today=FRIENDLY)
        assert (0, "", []) == (done.code, done.out, box.received)
        for command in (("resolve", "F-1", "--sent"), ("repair",)):
            busy = here.run(*command)
            assert (2, "") == (busy.code, busy.out)


def set_last_stamp(here: Story, stamp: datetime) -> None:
    """The last thing noted anywhere was noted then."""
    (here.folder / "relance-journal.sqlite3.receipts").unlink(missing_ok=True)
    with sqlite3.connect(here.journal) as db:
        db.execute("UPDATE deliveries SET created_at = ?, settled_at = ?", (stamp.isoformat(), stamp.isoformat()))
        db.execute("UPDATE meta SET value = 0 WHERE name = 'receipts'")
        db.execute("DROP TRIGGER IF EXISTS facts_are_not_changed")
        db.execute("UPDATE facts SET recorded_at = ?", (stamp.isoformat(),))
        db.execute("DELETE FROM meta WHERE name IN ('generation', 'witness')")
    db.close()
    shutil.rmtree(here.folder / "home" / ".local", ignore_errors=True)


def test_a_clock_that_went_back_holds_everything(here: Story, box: Mailbox) -> None:
    """C1: more than five minutes behind the journal: nothing leaves, and it is said; with the right time it does."""
    opened(here, box.port)
    box.to_dot += ["250 ok", "250 ok", "451 later"]
    assert 1 == here.run("send", today=FRIENDLY).code
    set_last_stamp(here, datetime.now(UTC) + timedelta(minutes=10))
    done = here.run("send", today=NEXT_DAY)
    assert (1, 2, "horloge" in done.out) == (done.code, len(box.received), True)
    wrong = here.run("confirm", "clock", today=NEXT_DAY)
    assert (2, "Remettez-la à l’heure" in wrong.err) == (wrong.code, True)
    set_last_stamp(here, datetime.now(UTC))
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))


def test_a_clock_far_ahead_asks_once(here: Story, box: Mailbox) -> None:
    """C2: 45 days without a word: the clock may be wrong, or it was a long holiday; `confirm clock` tells."""
    opened(here, box.port)
    box.to_dot += ["250 ok", "250 ok", "451 later"]
    assert 1 == here.run("send", today=FRIENDLY).code
    set_last_stamp(here, datetime.now(UTC) - timedelta(days=46))
    done = here.run("send", today=NEXT_DAY)
    assert (1, 2, "relance confirm clock" in done.out) == (done.code, len(box.received), True)
    assert 0 == here.run("confirm", "clock", today=NEXT_DAY).code
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))


def test_paid_between_planning_and_the_dot(here: Story) -> None:
    """F5: the user types « payée » while the run goes: no dot, planned anew, never sent."""
    bodies: list[bytes] = []

    def hello(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250 raw.test")
        peer.hear()
        peer.say("250 ok")
        peer.hear()
        peer.say("250 ok")
        peer.hear()
        here.write(row("F-1", "Alpha SARL", "20/11/2026", paid="1 200,00", paid_on="24/11/2026"))
        peer.say("354 go on")
        bodies.append(peer.reader.read())

    with raw_server(hello) as port:
        here.settings(port)
        here.write(THREE[0])
        assert 0 == here.run("send", today=MONDAY).code
        done = here.run("send", today=FRIENDLY)
    assert (2, "factures.csv" in done.err) == (done.code, True)
    assert [False] == [body.endswith(b"\r\n.\r\n") for body in bodies]
    assert {"paid"} == reasons(here, FRIENDLY)


def test_stopped_from_outside_between_two_messages(here: Story) -> None:
    """K5: SIGTERM while the first reply is awaited: recorded, the others wait for the next run."""
    started: list[int] = []

    def slow(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        os.kill(started[0], signal.SIGTERM)
        peer.say("250 ok")
        peer.hear()

    with raw_server(slow) as port:
        opened(here, port)
        here.saved_on(FRIENDLY)
        process = here.start("send", today=FRIENDLY)
        started.append(process.pid)
        done = here.finish(process)
    assert (1, "interrompu" in done.err) == (done.code, True)
    with smtp_server() as box:
        here.settings(box.port)
        assert (0, 2) == (here.run("send", today=FRIENDLY).code, len(box.received))


@pytest.mark.parametrize(("reply", "reason"), [(b"250 2.0.0 Ok\r\n", "stage_done"), (b"", "in_doubt")])
def test_asleep_while_the_reply_is_awaited(reply: bytes, reason: str, here: Story) -> None:
    """K8: the reply that came meanwhile counts; where the server gave up and closed, nobody knows."""
    started: list[int] = []

    def server(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        os.kill(started[0], signal.SIGSTOP)
        _, status = os.waitpid(started[0], os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        peer.say(reply)
        if not reply:
            peer.link.shutdown(socket.SHUT_RDWR)
        os.kill(started[0], signal.SIGCONT)
        peer.hear()

    with raw_server(server) as port:
        here.settings(port)
        here.write(THREE[0])
        assert 0 == here.run("send", today=MONDAY).code
        here.saved_on(FRIENDLY)
        process = here.start("send", today=FRIENDLY)
        started.append(process.pid)
        done = here.finish(process)
    assert (0 if reply else 1) == done.code, done
    assert reason == here.line("F-1", FRIENDLY)["reason"]
    with smtp_server() as box:
        here.settings(box.port)
        here.run("send", today=NEXT_DAY)
        assert [] == box.received


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopped_from_outside_before_the_first_message(number: signal.Signals, here: Story) -> None:
    """K4: while the server does not even greet: one sentence, exit 2, and the next run sends everything."""
    with smtp_server() as box:
        opened(here, box.port)
    connected = threading.Event()

    def silent(peer: Peer) -> None:
        connected.set()
        peer.wait()

    with raw_server(silent) as port:
        here.settings(port)
        here.saved_on(FRIENDLY)
        process = here.start("send", today=FRIENDLY)
        assert connected.wait(60)
        process.send_signal(number)
        done = here.finish(process)
    assert (2, "", 1) == (done.code, done.out, len(done.err.splitlines())), done
    assert done.err.startswith("Interrompu\xa0: rien n’est parti.")
    with smtp_server() as box:
        here.settings(box.port)
        assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_ctrl_c_at_the_question(here: Story, box: Mailbox) -> None:
    """Whoever is asked and presses Ctrl-C has not said yes."""
    opened(here, box.port)
    here.saved_on(FRIENDLY)
    done = here.on_terminal("send", "--today", FRIENDLY, answer=signal.SIGINT)
    assert (2, [], True) == (done.code, box.received, "\nInterrompu\xa0: rien n’est parti." in done.out), done.out


def test_ctrl_c_at_the_good_bye(here: Story) -> None:
    """What left is reported although the server keeps the run waiting after it: exit 2 would say nothing was done."""
    started: list[int] = []

    def lingering(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 ok")
        assert b"QUIT" in peer.hear().upper()
        os.kill(started[0], signal.SIGINT)
        peer.wait()

    with raw_server(lingering) as port:
        here.settings(port)
        here.write(THREE[0])
        assert 0 == here.run("send", today=MONDAY).code
        here.saved_on(FRIENDLY)
        process = here.start("send", "--verbose", today=FRIENDLY)
        started.append(process.pid)
        done = here.finish(process)
    assert (0, "", True) == (done.code, done.err, re.search("envoyé +amicale +F-1 ", done.out) is not None), done
    assert "stage_done" == here.line("F-1", FRIENDLY)["reason"]


def test_progress_on_a_terminal(here: Story, box: Mailbox) -> None:
    """Each message is counted as it goes; elsewhere nothing of it is seen."""
    opened(here, box.port)
    here.saved_on(FRIENDLY)
    shown = here.on_terminal("send", "--yes", "--today", FRIENDLY).out
    assert all(
        part in shown
        for part in ("1/3 envoyé\u00a0: Alpha SARL", "2/3 envoyé\u00a0: Beta SARL", "3/3 envoyé\u00a0: Gamma SARL")
    )
    assert 3 == len(box.received)


def test_check_tells_where_the_journal_is_at_risk(here: Story, box: Mailbox) -> None:
    """J6: a synchronised folder is named, and the copies are counted."""
    opened(here, box.port)
    fine = here.run("check", today=FRIENDLY)
    assert ("1 sauvegarde" in fine.out, "synchronisé" in fine.out) == (True, False)
    here.settings(box.port, rest='[journal]\nfile = "Dropbox/j.sqlite3"\n')
    risky = here.run("check", today=FRIENDLY)
    assert (1, "Dropbox" in risky.out) == (risky.code, True)
