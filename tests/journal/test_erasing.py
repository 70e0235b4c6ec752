"""A customer as the journal knows him: by what he is found, what is his alone, the files that he goes out of."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import NOON, TODAY, message
from test_journal_parts import with_pdf

from relance.core.facts import Credited, CreditShare, Held, HoldReason, Paid
from relance.core.history import Seen
from relance.journal import Journal, Known, Settled, State, open_journal
from relance.journal.parts import Parts
from relance.journal.receipts import close_part, closed_parts, drop_unnamed, read_open, receipts_path
from relance.journal.whole_files import backup_folder, backups

PAUL = Known(
    "name:paul roux|p@roux.example", frozenset({"paul roux"}), frozenset({"p@roux.example"}), frozenset({"A-1/2026"})
)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new one."""
    with open_journal(tmp_path / "j", TODAY, create=True, now=lambda: NOON) as journal:
        yield journal


def leaves(journal: Journal, letter: str, address: str, data: bytes = b"") -> None:
    """A message about this invoice, with a PDF where there are bytes for one, left for this address."""
    one = with_pdf(letter, data)._replace(to=(address,)) if data else message(letter, to=(address,))
    [prepared] = journal.prepare([one], TODAY)
    journal.at_dot(prepared, "mx.test:25")
    journal.answered(prepared, Settled(State.SENT, 250, "ok"))
    journal.flush()


def seen(number: str, customer: str, *emails: str) -> Seen:
    """An invoice as the last run saw it."""
    return Seen(f"{number}/2026", number, customer, Decimal(9), TODAY, TODAY, True, emails=emails)


@pytest.mark.parametrize("word", ["Paul ROUX", "  paul roux ", "P@Roux.example", "name:paul roux|p@roux.example"])
def test_he_is_called_by_what_is_whole(word: str) -> None:
    """His name, one of his addresses, however they are written; his id."""
    known = PAUL._replace(id="name:paul roux|p@roux.example")
    assert known.is_called(word) is ("|" not in word)


@pytest.mark.parametrize(
    ("customer", "word"),
    [("code:R 7", " R 7 "), ("siret:73282932000074", "732 829 320 00074")],
)
def test_he_is_called_by_his_code_or_siret(customer: str, word: str) -> None:
    """Without what stands around it; the spaces of a SIRET are for who reads it."""
    assert PAUL._replace(id=customer).is_called(word)


@pytest.mark.parametrize("word", ["paul", "roux", "R 8", "q@roux.example", "732829320", "A-1", ""])
def test_he_is_not_called_by_a_part(word: str) -> None:
    """Half a name may be that of somebody else."""
    known = PAUL._replace(id="siret:73282932000074")
    assert not known.is_called(word)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"id": "code:7"}, True),
        ({"id": "code:7", "invoices": frozenset()}, True),
        ({"id": "code:7", "emails": frozenset({"q@roux.example"})}, True),
        ({"id": "code:7", "emails": frozenset({"q@roux.example"}), "invoices": frozenset()}, False),
        ({"id": "code:7", "names": frozenset({"anne roux"}), "invoices": frozenset()}, False),
        ({"id": "code:7", "names": frozenset(), "emails": frozenset(), "invoices": frozenset({"B-1/2026"})}, False),
    ],
)
def test_two_are_one_by_an_invoice_or_by_name_and_address(changes: dict[str, frozenset[str]], same: bool) -> None:
    """A name alone is a namesake's, an address alone that of an accountant."""
    other = PAUL._replace(**changes)  # type: ignore[arg-type]
    assert (PAUL.is_same(other), other.is_same(PAUL)) == (same, same)


def test_all_whom_the_journal_knows_of(journal: Journal) -> None:
    """From the file as it was last seen, from what left, from what was said; what is of one is told together."""
    journal.remember([seen("A-1", "code:R7", "p@roux.example"), seen("A-2", "code:R7", "x@roux.example")], TODAY)
    leaves(journal, "A-1", "compta@roux.example")
    leaves(journal, "B-1", "b@client.example")
    journal.record(
        Held("name:anne roux|anne@roux.example", HoldReason.PAUSE, TODAY), Paid("A-1/2026", Decimal(1), TODAY)
    )

    known = {one.id: one for one in journal.erasing.customers()}
    addresses = frozenset({"p@roux.example", "x@roux.example", "compta@client.example", "compta@roux.example"})
    assert known.keys() == {"code:R7", "name:client sa|b@client.example", "name:anne roux|anne@roux.example"}
    assert known["code:R7"].emails <= addresses
    assert known["code:R7"].emails >= {"p@roux.example", "x@roux.example"}
    assert (known["code:R7"].names, known["code:R7"].invoices) == (
        frozenset({"client sa"}),
        frozenset({"A-1/2026", "A-2/2026"}),
    )
    anne = known["name:anne roux|anne@roux.example"]
    assert anne[1:] == (frozenset({"anne roux"}), frozenset({"anne@roux.example"}), frozenset())


@pytest.mark.parametrize("customer", ["code:R7|2", "siret:73282932000074", "name:anne roux|anne@roux.example"])
def test_one_of_whom_a_word_alone_is_known(customer: str, journal: Journal) -> None:
    """Whatever he is identified by; what was said of an invoice makes no customer of it."""
    journal.record(Held(customer, HoldReason.PAUSE, TODAY, note="code postal"), Paid("A-1/2026", Decimal(1), TODAY))
    [known] = journal.erasing.customers()
    assert customer == known.id
    assert known.emails == ({"anne@roux.example"} if customer.startswith("name:") else frozenset())


def test_what_is_about_others_too_is_named_and_stays(journal: Journal) -> None:
    """A credit that paid two customers is no one's alone; the same money for him alone is his."""
    journal.remember([seen("A-1", "code:R7"), seen("B-1", "code:B")], TODAY)
    shares = (CreditShare("A-1/2026", Decimal(4)), CreditShare("B-1/2026", Decimal(5)))
    for name, several in (("both", shares), ("his", shares[:1]), ("other", shares[1:])):
        journal.record(Credited(name, TODAY, Decimal(9), "EUR", TODAY, several))
    leaves(journal, "A-1", "p@roux.example")
    journal.prepare([message("A-1", "B-1", stage="firm")], TODAY.replace(day=2))

    found = journal.erasing.found({"A-1/2026", "code:R7"})
    assert found.facts == {2}
    assert found.shared == (TODAY.replace(day=2).isoformat(), TODAY.isoformat())
    assert found.deliveries == {1}
    assert found.message_ids == {message("A-1").message_id}


def test_he_goes_out_of_every_file_and_the_others_stay(journal: Journal) -> None:
    """Copies, closed receipts, receipts set aside, damaged journals, attachments: those that no one else has."""
    path = journal.path
    his, hers = b"%PDF-1.7\n" + bytes(range(256)) * 30, b"%PDF-1.7\n" + bytes(range(255, -1, -1)) * 30
    leaves(journal, "A-1", "p@roux.example", his)
    leaves(journal, "B-1", "b@client.example", hers)
    journal.remember([seen("A-1", "code:R7"), seen("B-1", "code:B")], TODAY)
    journal.back_up(TODAY)
    journal.back_up(TODAY.replace(day=2))
    journal.recover()
    journal.receipts.close()
    close_part(path, read_open(path), [])
    drop_unnamed(path)
    beside = [
        receipts_path(path).with_name(f"{receipts_path(path).name}.20261101T000000"),
        path.with_name(f"{path.name}.damaged-20261101T000000"),
        path.with_name(f".{path.name}.abc.new"),
    ]
    for old in beside:
        old.write_bytes(b"A-1")
    stranger = Parts(path).folder / "LISEZMOI"
    stranger.write_bytes(b"not ours")
    assert 1 == len(list(closed_parts(path).iterdir()))

    journal.erasing.erase({"A-1/2026"}, TODAY)

    assert {"B-1/2026"} == journal.seen().keys()
    assert not [old for old in beside if old.exists()]
    assert [] == list(closed_parts(path).iterdir())
    assert [backup_folder(path) / f"{TODAY.isoformat()}.sqlite3.gz"] == backups(path)
    kept = [file for file in Parts(path).folder.iterdir() if file != stranger]
    assert (1, b"not ours") == (len(kept), stranger.read_bytes())
    assert with_pdf("B-1", hers).raw == journal.outgoing.raw(2)
    assert b"" == journal.outgoing.raw(1)


def test_what_another_run_did_not_finish_is_finished_by_the_next(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut short after the journal forgot him: the copy that still has him goes with the next run."""
    leaves(journal, "A-1", "p@roux.example")
    journal.back_up(TODAY.replace(day=2))
    with monkeypatch.context() as cut:
        cut.setattr(type(journal.erasing), "finish", lambda self: None)
        journal.erasing.erase({"A-1/2026"}, TODAY)
    assert [TODAY.replace(day=2)] == [TODAY.replace(day=int(old.name[8:10])) for old in backups(journal.path)]
    journal.recover()
    assert [backup_folder(journal.path) / f"{TODAY.isoformat()}.sqlite3.gz"] == backups(journal.path)
    before = [old.stat().st_mtime_ns for old in backups(journal.path)]
    journal.recover()
    assert before == [old.stat().st_mtime_ns for old in backups(journal.path)], "once is enough"
