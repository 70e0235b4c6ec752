"""Messages per second to a local server with every record on the disk, beside a bare smtplib loop; and memory.

A third loop is smtplib with nothing but the two lines of receipts that the protocol owes each message, each on the disk
before the next step: no program that keeps the protocol is faster than that.

python -m bench delivery [MESSAGES]       rates, the best of three each, taking turns
python -m bench delivery --memory         peak memory of a run of 100 and of 10,000 messages
"""

import multiprocessing
import os
import resource
import smtplib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from crash_support import sink
from mail_support import message

from relance.core.message import Message
from relance.delivery.account import Account
from relance.delivery.outbox import deliver
from relance.delivery.transaction import SmtpTransport
from relance.journal import open_journal

TODAY = date(2026, 11, 23)
BARE_GOAL, FLOOR_GOAL = 5.0, 2.2
DOT_OCTETS, REPLY_OCTETS = 737, 189  # what the two lines of a message have
TEXT = "Bonjour,\n\n" + "Sauf erreur de notre part, votre facture reste impayée à ce jour.\n" * 30


def letters(count: int) -> Iterator[Message]:
    """That many messages of a few kilobytes, each made when it is asked for."""
    return (message(f"F-{i}", to=(f"c{i}@client.example",), text=TEXT) for i in range(count))


def _serve(ours: Connection) -> None:
    with sink() as server:
        ours.send(server.port)
        while ours.recv():
            ours.send(len(server.taken))
            server.taken.clear()


class Far:
    """The sink in a process of its own: its work is not ours."""

    def __init__(self) -> None:
        self._link, theirs = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_serve, args=(theirs,))
        self._process.start()
        self.port: int = self._link.recv()

    def count(self) -> int:
        """How many messages it took since it was last asked."""
        self._link.send(True)
        return int(self._link.recv())

    def close(self) -> None:
        """End it."""
        self._link.send(False)
        self._process.join(10)


def bare(port: int, messages: list[Message]) -> float:
    """Seconds for smtplib alone: one connection, nothing written down."""
    began = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port, "[127.0.0.1]") as session:
        for each in messages:
            session.sendmail(each.envelope_from, each.recipients, each.raw)
    return time.perf_counter() - began


def floor(port: int, messages: list[Message]) -> float:
    """Seconds for smtplib and two durable lines for each message, of the size that the receipts have."""
    with tempfile.NamedTemporaryFile() as file:
        receipts = os.open(file.name, os.O_WRONLY | os.O_APPEND | os.O_DSYNC)
        began = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", port, "[127.0.0.1]") as session:
            for each in messages:
                os.write(receipts, b"D" * DOT_OCTETS)
                session.sendmail(each.envelope_from, each.recipients, each.raw)
                os.write(receipts, b"A" * REPLY_OCTETS)
        seconds = time.perf_counter() - began
        os.close(receipts)
        return seconds


def ours(port: int, messages: list[Message] | Iterator[Message]) -> float:
    """Seconds for the outbox: journal, receipts, last look, one connection."""
    with tempfile.TemporaryDirectory() as folder, open_journal(Path(folder) / "j", TODAY, create=True) as journal:
        began = time.perf_counter()
        transport = SmtpTransport(Account("smtp", "127.0.0.1", port, "none"), None)
        report = deliver(messages, journal, transport, TODAY, per_minute=0)
        transport.close()
        assert not report.stopped, report.stopped
        return time.perf_counter() - began


def rates(count: int) -> None:
    """The three loops in turn, three times: messages a second, and of each message the processor's part."""
    messages = list(letters(count))
    server = Far()
    best, work = dict.fromkeys(LOOPS, 1e9), dict.fromkeys(LOOPS, 1e9)
    for _ in range(3):
        for name, loop in LOOPS.items():
            busy = time.process_time()
            best[name] = min(best[name], loop(server.port, messages))
            work[name] = min(work[name], time.process_time() - busy)
            assert count == server.count()
    server.close()
    print(f"{count} messages of {len(messages[0].raw)} octets")
    for name, seconds in best.items():
        each = 1000 * work[name] / count
        print(f"{name:14}{count / seconds:8.0f} messages/s, {each:5.2f} ms of processor each")
    bare_, floor_, ours_ = best.values()
    print(f"relance takes {ours_ / bare_:.2f} times as long as bare smtplib (goal: {BARE_GOAL})")
    print(f"          and {ours_ / floor_:.2f} times as long as with the two lines (goal: {FLOOR_GOAL})")


LOOPS: dict[str, Callable[[int, list[Message]], float]] = {
    "bare smtplib": bare,
    "with receipts": floor,
    "relance": ours,
}


def memory() -> None:
    """Peak memory of this process, each run in its own."""
    for count in (100, 1_000, 10_000):
        child = multiprocessing.get_context("spawn").Process(target=_one_run, args=(count,))
        child.start()
        child.join()


def _one_run(count: int) -> None:
    server = Far()
    seconds = ours(server.port, letters(count))
    assert count == server.count()
    server.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count:6d} messages: {peak:5.1f} MB at most, {seconds:.1f} s")


def main() -> None:
    """Print the rates, or the memory."""
    if "--memory" in sys.argv:
        memory()
    else:
        rates(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
