"""A customer erased: nothing of ours names him any more, nothing leaves anew, and what is about others stays."""

import gzip
import os
import re
import shlex
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from bank_support import Moved, ofx1
from mail_support import Mailbox, smtp_server
from status_support import export, table
from story_support import MONDAY, Story, row, story

from relance.journal import open_journal, receipts, verified
from relance.journal.parts import template_of

FRIENDLY, NEXT, LATER = "2026-11-25", "2026-11-26", "2027-01-04"
pytestmark = pytest.mark.slow
ORMEAUX = row("FX-8817", "Cabinet Ormeaux", "20/11/2026", email="nadia@ormeaux.example")
OTHER = row("F-2", "Beta SARL", "20/11/2026", "90,00")
PAID = replace(ORMEAUX, paid="1 200,00", paid_on="25/11/2026", status="Payée")
NEEDLES = re.compile(rb"ormeaux|nadia@|fx-8817|quai 3", re.IGNORECASE)
"""His name, his address, his invoice, and a word of what was noted of him."""


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server that takes everything."""
    with smtp_server() as found:
        yield found


@pytest.fixture
def here(tmp_path: Path, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> Story:
    """Both were written to, with a PDF each; something was noted; copies and closed receipts have it all."""
    monkeypatch.setattr(receipts, "LONG", 600)
    here = story(tmp_path)
    here.settings(box.port)
    settings = here.folder / "relance.toml"
    text = settings.read_text("utf-8").replace("[invoices]\n", '[invoices]\npdf = "factures/{number}.pdf"\n')
    settings.write_text(text, "utf-8")
    (here.folder / "factures").mkdir()
    for each in (ORMEAUX, OTHER):
        pdf = b"%PDF-1.7\n" + f"{each.customer} {each.number}".encode() + os.urandom(6000) + b"\n%%EOF\n"
        (here.folder / "factures" / f"{each.number}.pdf").write_bytes(pdf)
    here.write(ORMEAUX, OTHER)
    for day in (MONDAY, FRIENDLY):
        tell(here, "send", "--yes", today=day)
    tell(here, "hold", "Cabinet Ormeaux", "--reason", "pause", "--until", NEXT, "--note", "quai 3", today=FRIENDLY)
    tell(here, "hold", "F-2", "--reason", "pause", "--until", NEXT, today=FRIENDLY)
    tell(here, "undo", "F-2", today=FRIENDLY)
    here.write(PAID, OTHER)
    tell(here, "send", "--yes", today=NEXT)
    assert 2 == len(box.received)
    shutil.copyfile(here.journal, here.journal.with_name(f"{here.journal.name}.damaged-20261101T000000"))
    return here


def tell(here: Story, *args: str, today: str) -> str:
    """What a command prints that does what it is asked, with plain spaces."""
    done = here.run(*args, today=today)
    assert done.code in (0, 1), done.err
    return done.out.replace("\u00a0", " ").replace("\u202f", " ")


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every octet of every file of ours, packed ones unpacked, tables value by value."""
    for path in folder.rglob("*"):
        if path.is_file() and path.name not in ("factures.csv", "relance.toml") and path.parent.name != "factures":
            raw = path.read_bytes()
            yield f"{path} itself", raw + str(path).encode()
            with suppress(OSError, EOFError, zlib.error):
                raw = gzip.decompress(raw)
                yield f"{path} unpacked", raw
            with suppress(zlib.error):
                yield f"{path} unpacked", zlib.decompress(raw)
            if raw.startswith(b"SQLite format 3"):
                yield from values(folder / "copy", raw)


def values(place: Path, raw: bytes) -> Iterator[tuple[str, bytes]]:
    """What each cell of a database holds, a message as it is read."""
    place.write_bytes(raw)
    with closing(sqlite3.connect(place)) as db:
        for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for found in db.execute(f"SELECT * FROM {table}"):
                for value in found:
                    yield table, template_of(value) if isinstance(value, bytes) else str(value).encode()
    place.unlink()


def named_in(here: Story) -> set[str]:
    """Where he is still named."""
    return {where for where, raw in written(here.folder) if NEEDLES.search(raw)}


def test_nothing_of_ours_names_him_any_more(here: Story) -> None:
    """Journal, receipts, closed ones, attachments, copies, what lay beside; the chain holds and says when."""
    wheres = named_in(here)
    assert {"deliveries", "facts", "seen", "delivery_keys"} <= wheres
    assert any(".parts" in where for where in wheres)
    assert any(".closed" in where for where in wheres)
    assert any(".backups" in where for where in wheres)
    before = here.line("F-2", NEXT)
    said = tell(here, "erase", "Cabinet Ormeaux", "--yes", today=NEXT)
    assert "Cabinet Ormeaux : effacé (1 message, 1 note)." in said
    assert set() == named_in(here)
    assert before == here.line("F-2", NEXT)
    found = verified(here.journal)
    assert found.broken is None
    assert [(each.what, each.entries) for each in found.blanked] == [("erased", 4)]
    shown = tell(here, "check", "--offline", "--verbose", today=NEXT)
    assert re.search(r"4 lignes effacées le \d\d/\d\d", shown)


def test_what_comes_after_brings_nothing_back(here: Story, box: Mailbox) -> None:
    """A run, a copy, a repair; the settled invoice that the file still has is not noted again; his next one is."""
    tell(here, "erase", "nadia@ormeaux.example", "--yes", today=NEXT)
    for day in (NEXT, LATER):
        tell(here, "send", "--yes", today=day)
    assert 0 == here.run("repair").code
    assert set() == named_in(here)
    here.journal.unlink()
    assert 0 == here.run("repair").code
    assert set() == named_in(here)
    assert 1 == sum(b"nadia" in raw for raw in box.received)


def test_an_invoice_that_opens_again_is_held(here: Story, box: Mailbox) -> None:
    """What it was told is not known any more: it waits for the user, whose printed word lets it go."""
    tell(here, "erase", "Cabinet Ormeaux", "--yes", today=NEXT)
    here.write(ORMEAUX, OTHER, row("FX-9000", "Cabinet Ormeaux", "20/12/2026", email="nadia@ormeaux.example"))
    tell(here, "send", "--yes", today=LATER)
    assert ["FX-9000"] == [n for raw in box.received[2:] for n in re.findall(r"FX-\d+", raw.decode("latin-1"))][:1]
    assert not any(b"8817" in raw for raw in box.received[2:])
    line = here.line("FX-8817", LATER)
    assert (line["decision"], line["reason"]) == ("hold", "paused")
    shown = tell(here, "show", "FX-8817", today=LATER)
    assert "client effacé le 26/11" in shown
    cure = re.search("relance (release [^\n»]+)", shown)
    assert cure is not None
    tell(here, *shlex.split(cure[1]), today=LATER)
    assert here.line("FX-8817", LATER)["reason"] != "paused"


@pytest.mark.parametrize("paid", ["file", "word"])
def test_while_the_file_claims_something_nothing_is_erased(here: Story, paid: str) -> None:
    """An invoice that is open there would be reminded anew; a payment that the journal alone knows is no help."""
    here.write(ORMEAUX, OTHER)
    if paid == "word":
        tell(here, "pay", "FX-8817", today=NEXT)
    before = here.files()
    done = here.run("erase", "Cabinet Ormeaux", "--yes", today=NEXT)
    assert 2 == done.code
    assert "FX-8817 n’est pas réglée dans votre fichier" in done.err
    changed = {name for name, raw in here.files().items() if raw != before.get(name)}
    assert changed <= {"relance-journal.sqlite3", "relance-journal.sqlite3.lock"}
    assert "deliveries" in named_in(here)


@pytest.mark.parametrize("by", ["status", "bank"])
def test_what_platform_or_bank_tells_as_paid_is_erased(here: Story, by: str) -> None:
    """The file never says it; what they tell of him is not noted again."""
    here.write(ORMEAUX, OTHER)
    settings = here.folder / "relance.toml"
    text = settings.read_text("utf-8")
    if by == "status":
        told = ("FX-8817", "Encaissée", "", "25/11/2026", "", "1200,00"), ("F-2", "Déposée", "", "20/11/2026")
        export(here.folder, table(*told))
        settings.write_text(text.replace("[invoices]\n", '[invoices]\nstatuses = "statuts/*"\n'), "utf-8")
    else:
        moved = Moved(date(2026, 11, 25), Decimal("1200.00"), "ORMEAUX", "FACTURE FX-8817")
        (here.folder / "releve.ofx").write_text(ofx1([moved]), "utf-8")
        settings.write_text(f'{text}\n[bank]\nfiles = ["releve.ofx"]\n', "utf-8")
    tell(here, "send", "--yes", today=NEXT)
    assert "paid" == here.line("FX-8817", NEXT)["reason"]
    tell(here, "erase", "Cabinet Ormeaux", "--yes", today=NEXT)
    for day in (NEXT, LATER):
        tell(here, "send", "--yes", today=day)
    assert set() == {where for where in named_in(here) if "statuts" not in where and "releve" not in where}
    assert "paid" == here.line("FX-8817", LATER)["reason"]


def test_without_a_terminal_it_wants_a_word(here: Story) -> None:
    """Nothing is touched; the option that is named does it. A name that nobody has is told first."""
    before = here.files()
    done = here.run("erase", "Cabinet Ormeaux", today=NEXT)
    assert 2 == done.code
    assert "--yes" in done.err
    slip = here.run("erase", "Cabinet Ormo", today=NEXT)
    assert 2 == slip.code
    assert "--yes" not in slip.err
    assert "relance erase" in slip.err
    assert {name for name, raw in here.files().items() if raw != before.get(name)} <= {"relance-journal.sqlite3.lock"}


@pytest.mark.parametrize("typed", ["Cabinet Ormo", "FX-8817", "personne"])
def test_who_is_not_found_is_proposed(here: Story, typed: str) -> None:
    """By a near name, or by the invoice that was typed instead; each as a command that can be typed."""
    done = here.run("erase", typed, "--yes", today=NEXT)
    assert 2 == done.code
    assert "deliveries" in named_in(here)
    if typed != "personne":
        cure = re.search("relance (erase [^\n]+)", done.err.replace("\u00a0", " "))
        assert cure is not None, done.err
        tell(here, *shlex.split(cure[1]), today=NEXT)
        assert set() == named_in(here)


def test_one_who_has_left_the_file_is_erased_too(here: Story) -> None:
    """By what the journal knows of him."""
    here.write(OTHER)
    tell(here, "erase", "cabinet ormeaux", "--yes", today=NEXT)
    assert set() == named_in(here)


def test_two_of_one_name_are_asked_about(here: Story) -> None:
    """Each is erased by his address alone, as the command that is printed says; the other keeps what is his."""
    twin = row("F-3", "Cabinet Ormeaux", "20/11/2026", email="autre@lyon.example")
    here.write(PAID, OTHER, twin)
    tell(here, "hold", "F-3", "--reason", "dispute", "--note", "plainte de Lyon", today=NEXT)
    tell(here, "send", "--yes", today=NEXT)
    done = here.run("erase", "Cabinet Ormeaux", "--yes", today=NEXT)
    assert (2, True) == (done.code, "deliveries" in named_in(here))
    cures = re.findall("relance (erase [^\n]+)", done.err.replace("\u00a0", " "))
    assert ["erase autre@lyon.example --yes", "erase nadia@ormeaux.example --yes"] == sorted(
        cure.partition(" --today")[0] for cure in cures
    )
    before = here.line("F-3", NEXT)
    tell(here, "erase", "nadia@ormeaux.example", "--yes", today=NEXT)
    assert not [where for where, raw in written(here.folder) if re.search(b"nadia@|(?i:fx-8817)|quai 3", raw)]
    assert before == here.line("F-3", NEXT)
    assert before["reason"] == "disputed"


def _day(text: str) -> date:
    return date.fromisoformat(text)


def test_drafts_go_with_him(tmp_path: Path) -> None:
    """Those that lie in the folder, wherever the mail program moved them; the other's stays."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\nfolder = "brouillons"\n')
    here.write(ORMEAUX, OTHER)
    for day in (MONDAY, FRIENDLY):
        tell(here, "send", "--yes", today=day)
    drafts = here.folder / "brouillons"
    [his] = drafts.glob("new/*ormeaux*")
    his.rename(drafts / "cur" / f"{his.name}:2,S")
    here.write(PAID, OTHER)
    tell(here, "erase", "Cabinet Ormeaux", "--yes", today=NEXT)
    assert ["beta" in path.name for path in drafts.rglob("*.eml*")] == [True]
    assert set() == named_in(here)


ABOUT = {"FX-8817/2026", "name:cabinet ormeaux|nadia@ormeaux.example"}


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("where", ["write_receipts", "note_erased", "finish", "back_up"])
def test_cut_short_it_is_done_or_not_begun(here: Story, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the commit all is as it was, receipts included; after it the next run cleans what is left."""
    from relance.journal import erasing, notes, recovery

    of = {"write_receipts": recovery, "note_erased": notes, "finish": erasing.Erasing, "back_up": erasing}[where]
    real = getattr(of, where)
    monkeypatch.setenv("XDG_STATE_HOME", str(here.folder / "home" / ".local" / "state"))

    def dies(*args: object, **named: object) -> None:
        if where == "write_receipts":
            real(*args, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(of, where, dies)
        with open_journal(here.journal, _day(NEXT), create=False) as journal, pytest.raises(Killed):
            journal.erasing.erase(ABOUT, _day(NEXT))
    with open_journal(here.journal, _day(NEXT), create=False) as journal:
        assert journal.put_back() is None
        journal.recover()
        assert journal.chain.verified().broken is None
        assert not journal.recover().lost
        again = journal.erasing.found(ABOUT)
        assert len(again.deliveries) == (where in ("write_receipts", "note_erased"))
    done = where not in ("write_receipts", "note_erased")
    assert (set() == named_in(here)) is done
