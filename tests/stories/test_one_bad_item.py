"""One bad item among good ones never stops the others: each kind of thing that a run reads, and what is said of it."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from imap_support import Mails, imap_server
from mail_support import USER, Mailbox, smtp_server
from story_support import PASSWORD_VARIABLE, Row, Story, about, row, story

pytestmark = pytest.mark.slow

FIRST, NEXT = "2026-11-30", "2026-12-11"
REMINDED = ("F-1", "F-2", "F-3")
"""Reminded on the first day; a firm reminder is due on the next one."""
LATER = "F-9"
"""Due for a friendly one on the next day."""


class Dossier:
    """Four invoices, of which three were reminded, and all that a run reads beside them."""

    def __init__(self, at: Story, smtp: Mailbox, mails: Mails) -> None:
        self.at, self.smtp, self.mails, self.rest = at, smtp, mails, ""
        self.rows = {number: _row(number, "25/11/2026") for number in REMINDED} | {LATER: _row(LATER, "06/12/2026")}

    def write(self) -> None:
        """The file and the settings."""
        self.at.write(*self.rows.values())
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\n'
        imap = f'[imap]\nhost = "127.0.0.1"\nport = {self.mails.port}\nsecurity = "none"\nsave_sent = false\n{account}'
        self.at.settings(self.smtp.port, rest=f"{imap}{self.rest}")

    def send(self, today: str) -> tuple[list[str], int, str]:
        """The numbers of what left, the exit code and what was said."""
        self.smtp.received.clear()
        done = self.at.run("send", today=today)
        return sorted(numbers[0] for numbers in about(self.smtp.received, tuple(self.rows))), done.code, done.out


def _row(number: str, due: str) -> Row:
    return row(number, f"Client {number[2:]}", due, email=f"compta@client{number[2:]}.example")


@pytest.fixture
def dossier(tmp_path: Path) -> Iterator[Dossier]:
    """The first day is over."""
    with smtp_server() as smtp, imap_server() as mails:
        made = Dossier(story(tmp_path), smtp, mails)
        made.write()
        made.at.run("confirm", "backlog", "--as-is", today=FIRST)
        assert ([*REMINDED], 0) == made.send(FIRST)[:2]
        yield made


def _bad_mail(dossier: Dossier) -> None:
    for sender, odd in (("compta@client2.example", b"(" * 500), ("x@y.example", b"[(" * 500)):
        raw = b"From: " + odd + f" <{sender}>\r\nSubject: =?utf\xa08?q?Promo?=\r\n\r\nx".encode("latin-1")
        dossier.mails.put(raw, date(2026, 12, 2))
    dossier.mails.put(
        b"From: a@b.example\nContent-Type: text/plain; charset*=a; charset*0=\0\n\n\xe9", date(2026, 12, 2)
    )


def _bad_template(dossier: Dossier) -> None:
    dossier.rest = '[templates]\nfolder = "modeles"\n'
    (dossier.at.folder / "modeles").mkdir()
    (dossier.at.folder / "modeles" / "friendly.txt.j2").write_text("Objet : x\n\n{{ nobody.knows }}\n", "utf-8")


def _template_without_end(dossier: Dossier) -> None:
    _bad_template(dossier)
    loop = "Objet : x\n\n{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}\n"
    (dossier.at.folder / "modeles" / "friendly.txt.j2").write_text(loop, "utf-8")


def _bad_attachment(dossier: Dossier) -> None:
    dossier.rest = ""
    folder = dossier.at.folder / "pdf"
    folder.mkdir()
    for number in dossier.rows:
        (folder / f"{number}.pdf").write_bytes(b"MZ" if number == "F-2" else b"%PDF-1.4 A\n")
    text = (dossier.at.folder / "relance.toml").read_text("utf-8")
    pattern = '[invoices]\npdf = "pdf/{number}.pdf"\n'
    (dossier.at.folder / "relance.toml").write_text(text.replace("[invoices]\n", pattern), "utf-8")


def _bad_row(dossier: Dossier) -> None:
    dossier.rows["F-2"] = row("F-2", "Client 2", "25/11/2026", "douze cents", email="compta@client2.example")


def _bad_journal_line(dossier: Dossier) -> None:
    assert 0 == dossier.at.run("hold", "F-2", "--reason", "pause", "--until", "2026-12-05", today="2026-12-01").code
    _damage(dossier, "UPDATE facts SET payload = replace(payload, '\"pause\"', '\"repos\"') WHERE kind = 'held'")
    _forget_in_the_receipts(dossier, "fact")


def _bad_line_of_a_customer(dossier: Dossier) -> None:
    """All of a customer was paused, until a day that is over."""
    command = ("hold", "Client 2", "--reason", "pause", "--until", "2026-12-05")
    assert 0 == dossier.at.run(*command, today="2026-12-01").code
    _damage(dossier, "UPDATE facts SET payload = replace(payload, '\"pause\"', '\"repos\"') WHERE kind = 'held'")
    _forget_in_the_receipts(dossier, "fact")


def _bad_delivery(dossier: Dossier) -> None:
    _damage(dossier, "UPDATE delivery_keys SET snapshot = '{' WHERE number = 'F-2'")
    _forget_in_the_receipts(dossier, "outcome")


def _bad_seen(dossier: Dossier) -> None:
    _damage(dossier, "UPDATE seen SET due_date = 'soon' WHERE number = 'F-2'")


def _bad_state(dossier: Dossier) -> None:
    which = "id IN (SELECT delivery FROM delivery_keys WHERE number = 'F-2')"
    _damage(dossier, f"UPDATE deliveries SET state = 'elsewhere' WHERE {which}")
    _forget_in_the_receipts(dossier, "outcome")


def _damage(dossier: Dossier, change: str) -> None:
    with closing(sqlite3.connect(dossier.at.journal)) as db:
        db.execute("DROP TRIGGER IF EXISTS facts_are_not_changed")
        assert 1 == db.execute(change).rowcount
        db.commit()


def _forget_in_the_receipts(dossier: Dossier, kind: str) -> None:
    """As if the receipts had never had these lines: they cannot mend what they do not know."""
    path = dossier.at.journal.with_name(f"{dossier.at.journal.name}.receipts")
    lines = path.read_text("utf-8").splitlines(keepends=True)
    kept = "".join(line for line in lines if f'"kind":"{kind}"' not in line)
    assert len(kept) < len("".join(lines))
    path.write_text(kept, "utf-8")
    with closing(sqlite3.connect(dossier.at.journal)) as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'receipts'", (str(len(kept.encode())),))
        db.commit()


BAD: dict[str, tuple[Callable[[Dossier], None], str, str]] = {
    "mail": (_bad_mail, "F-2", "message illisible reçu le 2 décembre 2026 (compta@client2.example)"),
    "template": (_bad_template, LATER, "nobody"),
    "template without end": (_template_without_end, LATER, "deux secondes"),
    "attachment": (_bad_attachment, "F-2", "F-2"),
    "row": (_bad_row, "F-2", "F-2"),
    "journal line": (_bad_journal_line, "F-2", "une ligne du journal sur cette facture est illisible"),
    "journal line of a customer": (_bad_line_of_a_customer, "F-2", "une ligne du journal sur ce client est illisible"),
    "delivery": (_bad_delivery, "F-2", "un envoi est en doute"),
    "what was seen": (_bad_seen, "F-2", "une ligne du journal sur cette facture est illisible"),
    "state of a delivery": (_bad_state, "F-2", "un envoi est en doute"),
}
"""What is bad, the invoice that waits for it, and what is said."""


@pytest.mark.parametrize("kind", BAD)
def test_the_others_leave(kind: str, dossier: Dossier) -> None:
    """The one that the bad item is about is named, exit 1; all the others leave the same day."""
    spoil, waits, said = BAD[kind]
    spoil(dossier)
    if kind != "attachment":
        dossier.write()
    left, code, out = dossier.send(NEXT)
    assert (sorted({*dossier.rows} - {waits}), 1) == (left, code), out
    assert said in out.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_journal_line_is_mended_from_the_receipts(dossier: Dossier) -> None:
    """What they still know counts again, and nothing is asked."""
    assert 0 == dossier.at.run("hold", "F-2", "--reason", "pause", today="2026-12-01").code
    _damage(dossier, "UPDATE facts SET payload = '{' WHERE kind = 'held'")
    assert sorted({*dossier.rows} - {"F-2"}) == dossier.send(NEXT)[0]
    assert "paused" == dossier.at.line("F-2", NEXT)["reason"]


def test_repair_names_what_it_cannot_mend(dossier: Dossier) -> None:
    """A line that may be about any customer holds all; the printed cure, typed as printed, names it and goes on."""
    assert 0 == dossier.at.run("hold", "F-2", "--reason", "pause", today="2026-12-01").code
    _damage(dossier, "UPDATE facts SET payload = '{' WHERE kind = 'held'")
    _forget_in_the_receipts(dossier, "fact")
    for command in (("plan",), ("send",), ("check", "--offline")):
        assert 1 == dossier.at.run(*command, today=NEXT).code
    assert ([], 0) == dossier.send(NEXT)[:2]  # told a moment ago
    assert {"answered"} == {dossier.at.line(number, NEXT)["reason"] for number in dossier.rows}
    plan = said(dossier.at.run("plan", today=NEXT).out)
    assert 1 == plan.count("→ relance repair (puis notez de nouveau ce qu’elle disait)"), plan
    assert "4 factures en attente" in plan
    assert "→ relance repair" in dossier.at.run("show", "F-1", today=NEXT).out
    assert "illisible, écrite le 2026-12-01 (held)" in dossier.at.run("repair").out
    assert [*dossier.rows] == dossier.send(NEXT)[0]


def test_what_came_after_a_line_that_names_nobody_leaves(dossier: Dossier) -> None:
    """A payment of nobody knows which invoice: those of that day wait for it, one issued later is reminded."""
    dossier.rows["N-7"] = replace(_row("N-7", "05/12/2026"), issued="03/12/2026")
    dossier.write()
    assert 0 == dossier.at.run("pay", "F-2", "--amount", "100", today="2026-12-01").code
    _damage(
        dossier,
        "UPDATE facts SET payload = '{', recorded_at = '2026-11-29' || substr(recorded_at, 11) WHERE kind = 'paid'",
    )
    _forget_in_the_receipts(dossier, "fact")
    assert (["N-7"], 1) == dossier.send(NEXT)[:2]


def test_release_ends_what_a_lost_line_holds(dossier: Dossier) -> None:
    """It is said by plan, send and check, named by repair, and ended by the command that is printed."""
    _bad_journal_line(dossier)
    for command in (("plan",), ("send",), ("check", "--offline")):
        done = dossier.at.run(*command, today=NEXT)
        assert 1 == done.code
    assert "relance release F-2" in dossier.at.run("plan", today=NEXT).out
    assert "elle retient sa facture" in dossier.at.run("repair").out
    assert 0 == dossier.at.run("release", "F-2", today=NEXT).code
    assert "answered" != dossier.at.line("F-2", NEXT)["reason"]


@pytest.mark.parametrize("target", ["F-2", "Client 2"])
def test_release_ends_what_a_lost_line_of_a_customer_holds(dossier: Dossier, target: str) -> None:
    """As it is printed, of the invoice; or of the customer."""
    _bad_line_of_a_customer(dossier)
    assert "relance release F-2" in dossier.at.run("plan", today=NEXT).out
    assert 0 == dossier.at.run("release", target, today=NEXT).code
    assert "too_soon" == dossier.at.line("F-2", NEXT)["reason"]  # as after any release


def test_plan_alone_reads_what_the_receipts_know(dossier: Dossier) -> None:
    """A reader changes nothing, and sees all: a line and a delivery that cannot be read."""
    assert 0 == dossier.at.run("hold", "Client 2", "--reason", "pause", today="2026-12-01").code
    before = dossier.at.run("plan", today=NEXT).out
    _damage(dossier, "UPDATE facts SET payload = '{' WHERE kind = 'held'")
    _damage(dossier, "UPDATE delivery_keys SET snapshot = '{' WHERE number = 'F-1'")
    assert before == dossier.at.run("plan", today=NEXT).out


def test_a_kept_attachment_that_is_damaged(dossier: Dossier) -> None:
    """It stops nobody; `repair` takes it from the dossier, or names its message and what mends it."""
    _bad_attachment(dossier)
    pdf = dossier.at.folder / "pdf" / "F-9.pdf"
    pdf.write_bytes(b"%PDF-1.4\n" + bytes(range(256)) * 40)
    assert LATER in dossier.send(NEXT)[0]
    (kept,) = dossier.at.journal.with_name(f"{dossier.at.journal.name}.parts").iterdir()
    kept.write_bytes(b"?")
    assert "1 pièce jointe refaite d’après vos fichiers" in said(dossier.at.run("repair").out)
    kept.write_bytes(b"?")
    pdf.write_bytes(b"%PDF-1.4\nanother")
    assert f"du message du 11 décembre 2026 sur {LATER} manque, ou est abîmée" in said(dossier.at.run("repair").out)
    kept.unlink()
    assert 0 <= dossier.send("2026-12-14")[1] <= 1


def said(out: str) -> str:
    """With plain spaces."""
    return out.replace("\u00a0", " ").replace("\u202f", " ")
