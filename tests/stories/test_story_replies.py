"""« C’est déjà payé » : what the customer answered stands below the task, with the four ways to go on."""

import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from imap_support import Mails, imap_server
from mail_support import CANARY, USER, Mailbox, smtp_server
from story_support import PASSWORD_VARIABLE, Story, parsed, row, story

pytestmark = pytest.mark.slow

FIRST, NEXT = "2026-02-06", "2026-02-16"
SAID = (
    "Bonjour,\n\nC’est déjà payé depuis lundi, {canary}voyez votre banque.\n\nCordialement,\nZoé\n\n> Votre facture\n"
)


class Life:
    """Two invoices of one customer that were reminded, and the mailbox in which he answers."""

    def __init__(self, at: Story, smtp: Mailbox, mails: Mails) -> None:
        self.at, self.smtp, self.mails = at, smtp, mails
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\nsecurity = "none"\nsave_sent = false\n{account}'
        at.settings(smtp.port, rest=imap)
        at.write(
            row("F-1", "ACME SARL", "31/01/2026", email="compta@acme.example"),
            row("F-2", "ACME SARL", "31/01/2026", email="compta@acme.example"),
        )
        assert 0 == at.run("confirm", "backlog", "--as-is", today=FIRST).code
        assert 0 == at.run("send", today=FIRST).code
        self.sent = str(parsed(smtp.received[0])["Message-ID"])
        smtp.received.clear()

    def hears(self, text: str, number: int = 1, kind: str = "text/plain; charset=utf-8") -> str:
        """The customer answers; what the next run says."""
        head = f"Message-ID: <{number}@acme.example>\nFrom: Zoé <compta@acme.example>\nIn-Reply-To: {self.sent}\n"
        self.mails.put(f"{head}Subject: Re: x\nContent-Type: {kind}\n\n{text}", date(2026, 2, 10))
        done = self.at.run("send", today=NEXT)
        assert (1, []) == (done.code, self.smtp.received)
        return done.out


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    """The freelancer's day."""
    at = story(tmp_path)
    at.env |= {PASSWORD_VARIABLE: CANARY}
    with smtp_server() as smtp, imap_server() as mails:
        yield Life(at, smtp, mails)


def below(text: str) -> list[str]:
    """What stands below tasks, without its margin."""
    lines = text.replace("\u00a0", " ").splitlines()
    return [line.strip() for line in lines if line.startswith("    ") and (" → " in line or "«" in line)]


def test_the_answer_stands_below_the_task(life: Life) -> None:
    """The words of the customer once, whatever the number of his invoices; `plan` and `show` say the same."""
    said = life.hears(SAID.format(canary=""))
    expected = [
        "« C’est déjà payé depuis lundi, voyez votre banque. »",
        "payée → relance pay F-1",
        "promise → relance hold F-1 --reason promise --until 2026-02-23",
        "contestée → relance hold F-1 --reason dispute",
        "à relancer → relance release F-1",
    ]

    assert expected == below(said)
    assert expected == below(life.at.run("plan", today=NEXT).out)
    assert expected == below(life.at.run("show", "F-1", today=NEXT).out)[:5]
    assert "Cordialement" not in said
    assert "Votre facture" not in said
    (first, second) = life.at.plan(NEXT)["tasks"]
    assert "« C’est déjà payé depuis lundi, voyez votre banque. »" in first["text"].replace("\u00a0", " ")
    assert "relance release F-2" == second["command"]


@pytest.mark.parametrize("way", range(4))
def test_each_way_on_works_as_printed(life: Life, way: int) -> None:
    """Paid, promised, disputed or to be reminded again: typed as it stands, it ends the wait of this invoice."""
    command = below(life.hears(SAID.format(canary="")))[1 + way].partition(" → relance ")[2]

    done = life.at.run(*shlex.split(command), today=NEXT)

    assert (0, "") == (done.code, done.err)
    assert ["paid", "promised", "disputed", "too_soon"][way] == life.at.line("F-1", NEXT)["reason"]
    assert "answered" == life.at.line("F-2", NEXT)["reason"]


def test_no_password_is_kept(life: Life) -> None:
    """A customer may quote anything: what is kept passes the filter of the run's passwords."""
    said = life.hears(SAID.format(canary=f"{CANARY} "))

    assert "« C’est déjà payé depuis lundi, *** voyez votre banque. »" == below(said)[0]
    assert CANARY.encode() not in life.at.journal.read_bytes()


def test_only_what_holds_is_kept(life: Life) -> None:
    """Of a mail that says nothing of the invoice, and of what a machine wrote, no word is kept."""
    life.mails.put(
        "Message-ID: <7@a>\nFrom: compta@acme.example\nSubject: x\n\nBonne année tardive.", date(2026, 2, 10)
    )
    auto = f"Message-ID: <8@a>\nFrom: compta@acme.example\nIn-Reply-To: {life.sent}\nAuto-Submitted: auto-replied\n"
    life.mails.put(f"{auto}Subject: Absence\n\nJe suis en congé discret.", date(2026, 2, 10))
    life.at.run("send", today=NEXT)

    kept = life.at.journal.read_bytes()
    assert b"<7@a>" in kept
    assert b"<8@a>" in kept
    assert b"tardive" not in kept
    assert b"discret" not in kept


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("text/html; charset=utf-8", "<p>C&#39;est d&eacute;j&agrave; pay&eacute;</p>", "« C'est déjà payé »"),
        ("text/plain; charset=utf-8", "\x1b[2J\x1b[31mPayé\x07", "« [2J [31mPayé »"),
        ("text/plain; charset=nowhere", "Paye", "« Paye »"),
        ("text/plain; charset=utf-8", "payé" * 250_000, "« " + "payé" * 18),
    ],
)
def test_hostile_answers(life: Life, kind: str, text: str, first: str) -> None:
    """A page, escapes, an alphabet that is none, a line of a megabyte: shown harmless, and never too long."""
    said = life.hears(text, kind=kind)
    shown = below(said)

    assert first == shown[0]
    assert "\x1b" not in said
    assert all(len(line) <= 80 for line in said.splitlines() if line.startswith("    "))
    assert "relance release F-1" in shown[-1]


def test_a_later_answer_takes_its_place(life: Life) -> None:
    """What was said last is what has to be answered."""
    life.hears("Nous contestons.")

    assert "« Finalement, payé. »" == below(life.hears("Finalement, payé.", 2))[0]
