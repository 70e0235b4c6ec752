"""Killing `relance send` at each of its system calls, or making one of them fail, and counting what a server took.

The server decides what was sent, never our journal. A point is a system call by name and number; `strace` kills the
process there, or lets the call fail (reliability.md, part 4). Two ordinary runs follow; then each invoice must have
been accepted exactly once, or be in doubt.

With drafts, what counts is what lies in the mailbox's Drafts folder; with copies, its Sent folder is to have each
message that our journal calls sent, once.
"""

import contextlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple
from unittest.mock import patch

from imap_support import Mails, imap_server
from mail_support import CANARY, USER

from relance.__main__ import run
from relance.journal import begun_at

MONDAY, DAY = "2026-11-23", "2026-11-25"
JOURNAL = "relance-journal.sqlite3"
GROUPS = (("F-1",), ("F-2",), ("F-3", "F-4", "F-5"))
"""The messages of the run: three customers, the last one with three invoices in one message."""
NUMBERS = tuple(number for group in GROUPS for number in group)
FAULTY = ("write", "pwrite64", "fsync", "fdatasync", "openat", "unlink", "rename", "link", "ftruncate")
"""What can fail of a disk: every write, flush, opening, renaming and removal."""
ERRORS = ("ENOSPC", "EIO", "EINTR", "EACCES")
OLD = ("old journal", "old receipts", "old witness")
"""What can be put back to the state before the run."""
Way = Literal["smtp", "drafts", "copies"]
"""What a run writes: messages to a server, drafts into a mailbox, or messages and then their copies."""
BOX = {"drafts": "Brouillons", "copies": "Messages envoy&AOk-s"}
SECRET = "CRASH_IMAP"
_CALL = re.compile(r"^\d+\s+(\w+)\((.*)")
SECONDS = 120
PAUSE = "clock_nanosleep"
AT_ONCE = f"inject={PAUSE}:retval=0"
"""To strace: the two seconds that Sent is given before a copy is looked for pass at once."""


class Point(NamedTuple):
    """The n-th call of this name; `error` is how it fails, empty where the process dies at it."""

    name: str
    number: int
    error: str = ""
    told: str = ""


class Verdict(NamedTuple):
    """What became of the invoices after a crash and two more runs, each by its number."""

    point: Point
    happened: bool
    twice: tuple[str, ...]
    lost: tuple[str, ...]
    doubtful: tuple[str, ...]


class Told(NamedTuple):
    """What became of an invoice of which a payment was told while the run stood still at a point.

    `noted` where the command wrote it down, `warned` where it said that the message is leaving, `taken` how often the
    server took it; `over` where it had taken it, and the run was past its lock: nothing is told too late any more.
    """

    point: Point
    happened: bool
    noted: bool
    warned: bool
    taken: int
    over: bool = False

    @property
    def wrong(self) -> bool:
        """Noted and not warned, and the message left all the same; or it left twice, or was lost."""
        unsaid = self.noted and not self.warned and self.taken > 0 and not self.over
        return self.taken > 1 or unsaid or not (self.noted or self.taken)


@dataclass
class Sink:
    """A mail server that takes every message; what it took counts from the final dot on, whatever follows.

    `heard` counts its commands, the dots among them.
    """

    taken: list[bytes] = field(default_factory=list)
    heard: int = 0
    port: int = 0

    def serve(self, link: socket.socket) -> None:
        """One connection, to its end."""
        reader = link.makefile("rb")
        body: list[bytes] | None = None
        with contextlib.suppress(OSError), link:
            link.sendall(b"220 sink\r\n")
            while line := reader.readline():
                if body is not None:
                    if line != b".\r\n":
                        body.append(line)
                        continue
                    self.taken.append(b"".join(body))
                    self.heard += 1
                    body = None
                    link.sendall(b"250 2.0.0 Ok: queued\r\n")
                    continue
                self.heard += 1
                if line[:4].upper() == b"DATA":
                    body = []
                    link.sendall(b"354 go on\r\n")
                else:
                    link.sendall(b"221 bye\r\n" if line[:4].upper() == b"QUIT" else b"250 sink\r\n")


@contextlib.contextmanager
def sink() -> Iterator[Sink]:
    """A sink on a port of this machine, for the block."""
    server = Sink()
    door = socket.create_server(("127.0.0.1", 0), backlog=64)
    server.port = door.getsockname()[1]

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                link, _ = door.accept()
                threading.Thread(target=server.serve, args=(link,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join(10)


@dataclass
class Bench:
    """A freelancer's folder with a begun journal, copied afresh for each point."""

    root: Path
    server: Sink
    way: Way = "smtp"
    mails: Mails = field(default_factory=Mails)
    nowhere = Point("", 0)

    @property
    def here(self) -> Path:
        """The folder of the point at hand."""
        return self.root / "here"

    def prepare(self) -> None:
        """The folder before the run that is cut: its journal begun two days earlier."""
        self.here.mkdir(parents=True)
        lines = ["N° facture;Client;E-mail;Échéance;Montant TTC"]
        for name, group in zip(("Alpha", "Beta", "Gamma"), GROUPS, strict=True):
            lines += [f"{n};{name} SARL;compta@{name.lower()}.example;20/11/2026;100,00" for n in group]
        (self.here / "factures.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        (self.here / "relance.toml").write_text(
            '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\n[invoices]\nfile = "factures.csv"\n'
            f'max_age_days = 0\nmax_age_days_firm = 0\n[smtp]\nhost = "127.0.0.1"\nport = {self.server.port}\n'
            'security = "none"\nper_minute = 6000\ntimeout = 20\n' + self.mailbox(),
            encoding="utf-8",
        )
        assert 0 == self.calmly("send", today=MONDAY)[0]
        self.here.rename(self.root / "before")

    def mailbox(self) -> str:
        """The settings of the mailbox, where there is one."""
        if self.way == "smtp":
            return ""
        account = f'user = "{USER}"\npassword_env = "{SECRET}"\nsecurity = "none"\n'
        transport = "drafts" if self.way == "drafts" else "smtp"
        host = f'[imap]\nhost = "127.0.0.1"\nport = {self.mails.port}\n'
        return f'{host}{account}[delivery]\ntransport = "{transport}"\n'

    def renew(self) -> None:
        """The folder as it was before the run, and servers that took nothing yet."""
        for name in self.mails.folders:
            for uid in [*self.mails.uids(name)]:
                self.mails.take(name, uid)
        shutil.rmtree(self.here, ignore_errors=True)
        shutil.copytree(self.root / "before", self.here)
        self.server.taken.clear()
        self.server.heard = 0

    def calmly(self, *args: str, today: str = DAY) -> tuple[int, str]:
        """A command in this process that nothing disturbs: its exit code and what it says."""
        out, err = io.StringIO(), io.StringIO()
        day = () if args[0] == "repair" else ("--today", today)
        at_once = patch("relance.delivery.copies.SETTLING", 0.0)
        with self.at_home(), at_once, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run([*args, "--config", str(self.here / "relance.toml"), *day])
        return code, out.getvalue() + err.getvalue()

    @contextlib.contextmanager
    def at_home(self) -> Iterator[None]:
        """The state folder of the user is inside the folder of the point at hand."""
        before = os.environ.get("XDG_STATE_HOME")
        os.environ |= {"XDG_STATE_HOME": str(self.here / "state"), SECRET: CANARY}
        try:
            yield
        finally:
            del os.environ["XDG_STATE_HOME"], os.environ[SECRET]
            if before is not None:
                os.environ["XDG_STATE_HOME"] = before

    def disturbed(self, *strace: str) -> int:
        """`relance send` under strace with these options; its exit code, negative where a signal ended it."""
        return self.started(*strace).wait(SECONDS)

    def started(self, *strace: str) -> "subprocess.Popen[bytes]":
        """The same, at work."""
        env = {
            name: os.environ[name]
            for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "SSL_CERT_FILE")
            if name in os.environ
        }
        env |= {
            SECRET: CANARY,
            "PYTHONHASHSEED": "0",
            "HOME": str(self.here),
            "XDG_STATE_HOME": str(self.here / "state"),
        }
        command = ("send", "--yes", "--config", str(self.here / "relance.toml"), "--today", DAY)
        return subprocess.Popen(
            ["strace", "-f", "-qq", *strace, sys.executable, "-m", "relance", *command],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def points(self) -> list[Point]:
        """Every system call from the opening of the lock file to the end, with everything compiled before."""
        self.renew()
        assert 0 == self.disturbed("-o", os.devnull, "-e", AT_ONCE)
        self.renew()
        trace = self.root / "trace"
        assert 0 == self.disturbed("-o", str(trace), "-e", AT_ONCE)
        assert len(GROUPS) == len(self.taken())
        seen: Counter[str] = Counter()
        found, begun = [], False
        for line in trace.read_text(errors="replace").splitlines():
            call = _CALL.match(line)
            if call is None:
                continue
            name, told = call[1], call[2][:100]
            seen[name] += 1
            begun = begun or (name == "openat" and f"{JOURNAL}.lock" in told)
            if begun and name not in ("exit_group", "rt_sigreturn"):
                found.append(Point(name, seen[name], "", told))
        return found

    def verdict(self, point: Point, lose: str = "") -> Verdict:
        """Disturb one run at this point, lose a file or put it back perhaps, let two more runs work, and count."""
        self.renew()
        how = f"error={point.error}" if point.error else "signal=KILL"
        code = self.disturbed("-o", os.devnull, *disturbing(point, how))
        happened = code == -9 or code == 137 or bool(point.error)
        if lose == "receipts":
            (self.here / f"{JOURNAL}.receipts").unlink(missing_ok=True)
            self.confirmed()
        elif lose == "journal":
            (self.here / JOURNAL).unlink(missing_ok=True)
            (self.here / f"{JOURNAL}-journal").unlink(missing_ok=True)
            assert 2 == self.calmly("send")[0]
            self.calmly("repair")
        elif lose:
            self.put_back(lose)
            self.confirmed()
        for _ in range(2):
            self.calmly("send")
        return self.counted(point, happened)

    def put_back(self, which: str) -> None:
        """One of OLD as it was before the run."""
        name = {"old journal": JOURNAL, "old receipts": f"{JOURNAL}.receipts", "old witness": "state"}[which]
        before, here = self.root / "before" / name, self.here / name
        if here.is_dir():
            shutil.rmtree(here)
        here.unlink(missing_ok=True)
        if which == "old journal":
            (self.here / f"{JOURNAL}-journal").unlink(missing_ok=True)
        if before.is_file():
            shutil.copy2(before, here)

    def confirmed(self) -> None:
        """A run that is refused says so before anything leaves; then the user confirms the journal."""
        taken = len(self.server.taken)
        code, said = self.calmly("send")
        if "confirm journal" in said:
            assert (2, taken) == (code, len(self.server.taken))
            assert 0 == self.calmly("confirm", "journal")[0]

    def told_at(self, point: Point, number: str) -> Told:
        """Stop a run at this point, tell that an invoice is paid, let the run go on, and see what left."""
        self.renew()
        run = self.started("-o", os.devnull, *disturbing(point, "signal=STOP"))
        stopped = stopped_child(run)
        over = begun_at(self.here / JOURNAL) is None and self.times(number) > 0
        code, said = self.calmly("pay", number)
        still = stopped
        while still:  # each process of the run counts its own calls
            os.kill(still, signal.SIGCONT)
            still = stopped_child(run)
        assert 0 <= run.wait(SECONDS) < 2
        self.calmly("send")
        taken = self.times(number)
        return Told(point, bool(stopped), noted=code != 2, warned="Attention" in said, taken=taken, over=over)

    def times(self, number: str) -> int:
        """How often the server took a message about this invoice."""
        return sum(re.search(rf"{number}\b", raw.decode("ascii")) is not None for raw in self.server.taken)

    def counted(self, point: Point, happened: bool) -> Verdict:
        """How often the server took each invoice, and what our plan says of those that it never took."""
        _, said = self.calmly("plan", "--format", "json")
        reasons = {line["number"]: line["reason"] for line in json.loads(said)["invoices"]}
        times = [_named(self.taken())]
        if self.way == "copies":
            times.append(_named(self.mails.raws(BOX[self.way])))
        return Verdict(
            point,
            happened,
            twice=tuple(n for n in NUMBERS if any(each[n] > 1 for each in times)),
            lost=tuple(n for n in NUMBERS if any(each[n] == 0 for each in times) and reasons[n] != "in_doubt"),
            doubtful=tuple(n for n in NUMBERS if reasons[n] == "in_doubt"),
        )

    def taken(self) -> list[bytes]:
        """What counts: what the server took, or what lies among the drafts."""
        return self.mails.raws(BOX[self.way]) if self.way == "drafts" else self.server.taken


def _named(raws: list[bytes]) -> Counter[str]:
    """In how many of these messages each invoice is."""
    times: Counter[str] = Counter()
    for raw in raws:
        text = raw.decode("ascii")
        times.update({number for number in NUMBERS if re.search(rf"{number}\b", text)})
    return times


@contextlib.contextmanager
def bench(root: Path, way: Way = "smtp") -> Iterator[Bench]:
    """A folder and its servers for the block."""
    box = Mails()
    box.folders |= {name: [] for name in BOX.values()}
    box.flags |= {BOX["drafts"]: r"\Drafts", BOX["copies"]: r"\Sent"}
    with sink() as server, imap_server(box):
        made = Bench(root, server, way, box)
        made.prepare()
        yield made


def disturbing(point: Point, how: str) -> tuple[str, ...]:
    """What strace is told: that this happens at this point, and that no pause is slept through."""
    others = ("-e", AT_ONCE) if point.name != PAUSE else ()
    inject = f"inject={point.name}:{how}:when={point.number}"
    return "-e", f"trace={point.name},{PAUSE}", *others, "-e", inject


def failing(points: list[Point]) -> list[Point]:
    """Each call that a disk can fail, with each error."""
    return [p._replace(error=error) for p in points if p.name in FAULTY for error in ERRORS]


def stopped_child(run: "subprocess.Popen[bytes]") -> int:
    """The process under this strace once it stands still; 0 where it came to its end without."""
    end, before = time.monotonic() + SECONDS, dict[int, str]()
    while run.poll() is None and time.monotonic() < end:
        now = {child: _standing(child) for child in _below(run.pid)}
        still = [child for child, how in now.items() if how and how == before.get(child)]
        if still:
            return still[0]
        before = now
        time.sleep(0.1)
    return 0


def _standing(process: int) -> str:
    """How often a process that is stopped gave up its turn, empty where it runs: strace stops it at each call, too."""
    with contextlib.suppress(OSError):
        told = Path(f"/proc/{process}/status").read_text()
        if re.search(r"^State:\s+[tT]", told, re.MULTILINE):
            return " ".join(re.findall(r"ctxt_switches:\s+(\d+)", told))
    return ""


def _below(process: int) -> Iterator[int]:
    """The children of a process, and theirs: the templates have a process of their own."""
    with contextlib.suppress(OSError):
        for tasks in Path(f"/proc/{process}/task").iterdir():
            for child in (tasks / "children").read_text().split():
                yield int(child)
                yield from _below(int(child))


def strace_works() -> bool:
    """Whether strace is here and may trace."""
    try:
        done = subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], capture_output=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
