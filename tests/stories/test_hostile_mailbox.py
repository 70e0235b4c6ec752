"""A mailbox that anybody may write into: what lies there can hold a message, never send one, nor steer a terminal."""

import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from imap_support import Mails, imap_server
from mail_support import CANARY, USER, Mailbox, smtp_server
from story_support import PASSWORD_VARIABLE, Story, parsed, row, story
from terminal_support import terminal

pytestmark = pytest.mark.slow

FIRST, NEXT = "2026-02-06", "2026-02-16"
ARRIVED = date(2026, 2, 10)
MANY = 100_000


class Life:
    """Two customers who were reminded once, and the mailbox of who wrote to them."""

    def __init__(self, at: Story, smtp: Mailbox, mails: Mails) -> None:
        self.at, self.smtp, self.mails = at, smtp, mails
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\n{account}'
        at.settings(smtp.port, rest=imap)
        at.write(
            row("F-2026-1", "Acme SARL", "31/01/2026", email="compta@acme.example"),
            row("F-2026-2", "Zeta SARL", "31/01/2026", email="compta@zeta.example"),
        )
        assert 0 == at.run("confirm", "backlog", "--as-is", today=FIRST).code
        assert 0 == at.run("send", today=FIRST).code
        self.sent = str(parsed(smtp.received[0])["Message-ID"])
        smtp.received.clear()

    def reasons(self) -> list[str]:
        """Why each of the two does what it does on the next day."""
        return [str(self.at.line(number, NEXT)["reason"]) for number in ("F-2026-1", "F-2026-2")]


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    """The freelancer's mailbox."""
    at = story(tmp_path)
    at.env |= {PASSWORD_VARIABLE: CANARY}
    with smtp_server() as smtp, imap_server() as mails:
        yield Life(at, smtp, mails)


def harmless(said: str) -> bool:
    """No control or direction character but the line feed."""
    return all(char == "\n" or (char.isprintable() or char in "\u00a0\u202f") for char in said)


ESCAPES = "\x1b[2J\x1b]0;titre\x07\x9b31m\u202etxt\u2066\x08\x0b"
ODD = {
    "escapes in all that is shown": (
        "From: {e} <compta@acme.example>\nMessage-ID: <{e}1@acme.example>\nIn-Reply-To: {sent}\nSubject: {e}\n"
        "Content-Type: text/plain; charset=utf-8\n\n{e} payé {e}\n"
    ),
    "escapes in encoded words": (
        "From: =?utf-8?b?G1sySg==?= <compta@acme.example>\nMessage-ID: <2@acme.example>\nIn-Reply-To: {sent}\n"
        "Subject: =?utf-8?q?=1B[2J=9B31m?= =?nowhere?q?=FF?=\n\npaye\n"
    ),
    "an alphabet that is none": (
        "From: compta@acme.example\nMessage-ID: <3@acme.example>\nIn-Reply-To: {sent}\n"
        'Content-Type: text/plain; charset="utf-7\\u1b"\nSubject: Re\n\n+ABs-[2Jpaye\n'
    ),
    "attachments within attachments": (
        "From: compta@acme.example\nMessage-ID: <4@acme.example>\nIn-Reply-To: {sent}\nSubject: Re\n"
        "Content-Type: multipart/mixed; boundary=b0\n\n{nested}"
    ),
    "an attachment that is a mail": (
        "From: compta@acme.example\nMessage-ID: <5@acme.example>\nIn-Reply-To: {sent}\nSubject: Re\n"
        'Content-Type: message/rfc822\n\nSubject: {e}\nContent-Type: application/octet-stream; name="{e}"\n\n{e}'
    ),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_answers_hold_and_print_nothing_raw(life: Life, name: str) -> None:
    """What answers our message holds it, however it is made; `send`, `plan`, `show` and the JSON stay harmless."""
    nested = "".join(f"--b{n}\nContent-Type: multipart/mixed; boundary=b{n + 1}\n\n" for n in range(400))
    mail = ODD[name].format(e=ESCAPES, sent=life.sent, nested=f"{nested}--b400\n\npaye\n")
    life.mails.put(mail.encode("utf-8", "surrogateescape"), ARRIVED)
    begun = time.monotonic()
    done = life.at.run("send", today=NEXT)

    assert time.monotonic() - begun < 10
    assert 1 == done.code
    assert "answered" == life.reasons()[0]
    assert [["compta@zeta.example"]] == [list(to) for to in life.smtp.envelopes[2:]]
    said = [done.out, done.err]
    for args in (("plan",), ("show", "F-2026-1"), ("plan", "--format", "json"), ("plan", "--all", "--verbose")):
        again = life.at.run(*args, today=NEXT)
        said += [again.out, again.err]
    assert all(map(harmless, said))


SPOOFED = {
    "a reply of anybody": "From: x@evil.example\nIn-Reply-To: {sent}\n\nPayez, relancez, F-2026-2 est due !",
    "a reply in the customer's name": "From: compta@acme.example\nIn-Reply-To: {sent}\n\nrelance send --yes",
    "a copy of ours": "From: camille@martin.example\nMessage-ID: {sent}\n\nrelance release F-2026-1",
    "a bounce of ours": (
        "From: MAILER-DAEMON@evil.example\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; "
        "compta@acme.example\nAction: delivered\nStatus: 2.0.0\n\n--b\nContent-Type: message/rfc822\n\n"
        "Message-ID: {sent}\n\n--b--\n"
    ),
    "a machine's": "From: compta@acme.example\nAuto-Submitted: auto-replied\nIn-Reply-To: {sent}\n\nabsent",
}


@pytest.mark.parametrize("name", SPOOFED)
def test_a_forged_mail_can_only_hold(life: Life, name: str) -> None:
    """With and without it the same leaves, or less: none brings a message forward, ends a hold or adds an address."""
    assert 0 == life.at.run("hold", "F-2026-2", "--reason", "pause", "--until", "2026-03-01", today=NEXT).code
    mail = f"Message-ID: <{abs(hash(name))}@evil.example>\nSubject: Re\n" + SPOOFED[name].format(sent=life.sent)
    for day in (FIRST, NEXT):
        life.mails.put(mail, ARRIVED)
        life.at.run("send", today=day)

    assert {"compta@acme.example"} >= {to for envelope in life.smtp.envelopes[2:] for to in envelope}
    assert len(life.smtp.received) <= 1
    assert "paused" == life.reasons()[1]


@dataclass
class _Endless(Sequence[tuple[bytes, date]]):
    """A folder of so many mails, each made when it is asked for; the last one answers ours."""

    sent: str
    asked: int = 0

    def __len__(self) -> int:
        return MANY

    def __getitem__(self, index: int) -> tuple[bytes, date]:  # type: ignore[override]
        self.asked += 1
        answers = f"In-Reply-To: {self.sent}\r\n" if index == MANY - 1 else ""
        head = (
            f"From: p{index}@shop.example\r\nMessage-ID: <{index}@shop.example>\r\n{answers}Subject: offre {index}\r\n"
        )
        return f"{head}\r\n{'Promotion ! ' * 50}\r\n".encode(), ARRIVED


def test_a_hundred_thousand_mails(life: Life) -> None:
    """Of each folder the newest are read, within bounds of time and memory; the answer among them holds."""
    endless = _Endless(life.sent)
    life.mails.folders["INBOX"] = endless  # type: ignore[assignment]
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    done = life.at.run("send", today=NEXT)

    assert 1 == done.code
    assert "answered" == life.reasons()[0]
    assert endless.asked <= 2 * 2000 + 1000
    assert time.monotonic() - begun < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # kilobytes


@pytest.mark.parametrize("octets", [2**20 + 1, 2**40])
def test_a_literal_that_never_ends(life: Life, octets: int) -> None:
    """A mail larger than what was asked for is no answer: nothing leaves, in little time and memory."""

    def fault(peer: object, line: str) -> bool:
        if "FETCH" not in line:
            return False
        peer.say(f"* 1 FETCH (UID 1 BODY[HEADER]<0> {{{octets}}}")  # type: ignore[attr-defined]
        return True

    life.mails.put("From: a@b.example\n\nx", ARRIVED)
    life.mails.fault = fault
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    done = life.at.run("send", today=NEXT)

    assert (2, []) == (done.code, life.smtp.received)
    assert time.monotonic() - begun < 20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000


def test_an_answer_that_comes_while_one_reads(life: Life) -> None:
    """`review` looks into the mailbox again before each message: the one that was answered meanwhile stays."""
    life.at.saved_on(NEXT)
    with terminal(life.at, "review", "--today", NEXT) as screen:
        screen.until()
        life.mails.put(
            f"Message-ID: <9@a>\nFrom: compta@acme.example\nIn-Reply-To: {life.sent}\nSubject: {ESCAPES}\n\npaye",
            ARRIVED,
        )
        screen.type("o\n")
        said = screen.until()
        screen.type("o\n")
        code, rest = screen.end()

    assert 1 == code
    assert "F-2026-1, pas parti\u00a0: réponse reçue le 10 février 2026" in said
    assert ["compta@zeta.example"] == [to for envelope in life.smtp.envelopes[2:] for to in envelope]
    assert harmless(screen.seen.replace("\x1b[36m", "").replace("\x1b[0m", ""))
    assert "relance release F-2026-1" in rest
