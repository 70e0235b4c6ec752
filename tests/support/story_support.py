"""A freelancer's folder, and relance run in it: in this process, in one of its own, or on a terminal."""

import fcntl
import json
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from base64 import b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from signal import Signals
from typing import Any
from urllib.parse import quote

from in_process import run_here
from mail_support import CANARY, USER, trust

PROGRAM = (sys.executable, "-m", "relance")
PASSWORD_VARIABLE = "CAMILLE_SMTP"
SECONDS = 60
"""After this long a process of a test is a failure."""

MONDAY = "2026-11-23"
"""The first day of the stories; J+5, J+15 and J+30 below are counted from it by hand."""

HEADER = ("N° facture", "Client", "E-mail", "Date de facture", "Échéance", "Montant TTC", "Payé", "Payée le", "Statut")


@dataclass(frozen=True)
class Done:
    """What a process left: its exit code and its two texts."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on standard output."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Row:
    """One line of the invoice file, as a freelancer types it."""

    number: str
    customer: str
    due: str
    total: str
    email: str = ""
    issued: str = ""
    paid: str = ""
    paid_on: str = ""
    status: str = "En attente"


def row(number: str, customer: str, due: str, total: str = "1 200,00", **more: str) -> Row:
    """An open invoice of one month's terms, with an address made of the customer's first word."""
    email = more.pop("email", f"compta@{customer.split()[0].lower()}.example")
    return Row(number, customer, due, total, email=email, **more)


SENDER = '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\niban = "FR7630006000011234567890189"\n'
"""Who writes in the settings of a story: a name, an address, an account."""


@dataclass
class Story:
    """A folder with its invoices and settings; every text that relance prints there is searched for the password.

    Where the file is `kept`, it was saved on the very day of each command.
    """

    folder: Path
    env: dict[str, str] = field(default_factory=dict)
    kept: bool = True

    @property
    def invoices(self) -> Path:
        """The invoice file."""
        return self.folder / "factures.csv"

    @property
    def journal(self) -> Path:
        """The journal, where the settings leave it at its usual place."""
        return self.folder / "relance-journal.sqlite3"

    def write(self, *rows: Row) -> None:
        """Write the invoice file."""
        lines = [";".join(HEADER)]
        for r in rows:
            lines.append(
                ";".join((r.number, r.customer, r.email, r.issued, r.due, r.total, r.paid, r.paid_on, r.status))
            )
        self.invoices.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def settings(self, port: int = 0, *, smtp: str = "", security: str = "none", rest: str = "", bcc: str = "") -> None:
        """Write relance.toml: a server on `port` of this machine, or what `smtp` and `rest` say."""
        server = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\nper_minute = 6000\n{smtp}'
        sender = SENDER + (f'bcc = "{bcc}"\n' if bcc else "")
        (self.folder / "relance.toml").write_text(
            f'{sender}[invoices]\nfile = "factures.csv"\n{server if port else ""}\n{rest}', encoding="utf-8"
        )

    def environment(self, **more: str) -> dict[str, str]:
        """Few variables, all known: nothing of the tester's own settings or locale."""
        base = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
        return {**base, "HOME": str(self.folder / "home"), **self.env, **more}

    def run(self, *args: str, today: str | None = None, stdin: str | None = None, **env: str) -> Done:
        """Run one command to its end, in this process."""
        return self.checked(*run_here(self._dated(args, today), self.folder, self.environment(**env), stdin))

    def run_alone(self, *args: str, today: str | None = None, **env: str) -> Done:
        """The same in a process of its own, where that is what is tested."""
        done = subprocess.run(
            [*PROGRAM, *self._dated(args, today)],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
        )
        return self.checked(done.returncode, done.stdout, done.stderr)

    def _dated(self, args: Sequence[str], today: str | None) -> list[str]:
        """The command of that day, on which a file that is kept was saved."""
        if today is None:
            return list(args)
        if self.kept and self.invoices.exists():
            self.saved_on(today)
        return [*args, "--today", today]

    def saved_on(self, day: str) -> None:
        """The file was last changed on that day, at noon UTC."""
        moment = datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp()
        os.utime(self.invoices, (moment, moment))

    def start(self, *args: str, today: str) -> "subprocess.Popen[str]":
        """Start a command and go on; `finish` waits for it."""
        return subprocess.Popen(
            [*PROGRAM, *args, "--today", today],
            cwd=self.folder,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def finish(self, process: "subprocess.Popen[str]") -> Done:
        """Wait for a started command, and end it where it never comes back."""
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return self.checked(process.returncode, out, err)

    def on_terminal(self, *args: str, answer: str | Signals = "", question: str = "[n]on", **env: str) -> Done:
        """Run a command on a terminal of its own, which types `answer`, or sends it, once it reads `question`."""
        ours, theirs = pty.openpty()
        rows, columns = int(env.pop("LINES", "24")), int(env.get("COLUMNS", "80"))
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        process = subprocess.Popen(
            [*PROGRAM, *args],
            cwd=self.folder,
            env=self.environment(**{"TERM": "xterm-256color", **env}),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        seen = b""
        end = time.monotonic() + SECONDS
        try:
            while chunk := next_octets(ours, end):
                seen += chunk
                if answer and question.encode() in seen:
                    if isinstance(answer, Signals):
                        process.send_signal(answer)
                    else:
                        os.write(ours, f"{answer}\n".encode())
                    answer = ""
            process.wait(timeout=SECONDS)
        finally:
            os.close(ours)
            if process.poll() is None:
                process.kill()
                process.wait()
        return self.checked(process.returncode, seen.decode().replace("\r\n", "\n"), "")

    def plan(self, today: str) -> Any:
        """The plan of a day as JSON."""
        done = self.run("plan", "--format", "json", today=today)
        assert done.code in (0, 1), done.err
        return done.json

    def line(self, number: str, today: str) -> dict[str, Any]:
        """One invoice of the plan of a day."""
        [found] = [each for each in self.plan(today)["invoices"] if each["number"] == number]
        return dict(found)

    def files(self) -> dict[str, bytes]:
        """Every file under the folder with its bytes, to see that nothing was touched."""
        return {str(p.relative_to(self.folder)): p.read_bytes() for p in self.folder.rglob("*") if p.is_file()}

    def checked(self, code: int, out: str, err: str) -> Done:
        """No output holds the password, whatever happened, and no one sees a traceback."""
        for text in (out, err):
            assert not [secret for secret in secrets() if secret in text]
            assert "Traceback" not in text
        for name in ("relance-journal.sqlite3", "relance-journal.sqlite3.lock"):
            path = self.folder / name
            held = path.read_bytes() if path.is_file() else b""
            assert not [secret for secret in secrets() if secret.encode() in held]
        return Done(code, out, err)


def secrets() -> tuple[str, ...]:
    """The password as it is, as SMTP carries it, and as servers write it that repeat it."""
    plain = b64encode(f"\0{USER}\0{CANARY}".encode()).decode()
    octets = CANARY.encode()
    return (CANARY, ascii(CANARY)[1:-1], quote(CANARY), octets.hex(), b64encode(octets).decode(), plain)


def next_octets(terminal: int, end: float) -> bytes:
    """The next octets of a terminal; none once nobody writes to it any more."""
    ready, _, _ = select.select([terminal], [], [], max(0.0, end - time.monotonic()))
    assert ready, "no answer on the terminal in time"
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the other side is closed
        return b""


def story(folder: Path) -> Story:
    """A story whose processes trust the tests' authority and find the password in their environment."""
    (folder / "home").mkdir()
    return Story(folder, {"SSL_CERT_FILE": str(trust(folder)), PASSWORD_VARIABLE: CANARY})


def parsed(raw: bytes) -> EmailMessage:
    """A received message, decoded."""
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def text_of(raw: bytes) -> str:
    """The text of a received message."""
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def about(received: Iterable[bytes], numbers: Sequence[str]) -> list[list[str]]:
    """For each message, which of these invoices its subject names."""
    return [[n for n in numbers if n in str(parsed(raw)["Subject"])] for raw in received]


def interest(*segments: tuple[str, int], rate: str = "14") -> Decimal:
    """Late-payment interest by hand: each (principal, days) rounded half up to the cent, days/365, simple."""
    total = Decimal("0.00")
    for principal, days in segments:
        exact = Decimal(principal) * Decimal(rate) / 100 * days / 365
        total += exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return total
