"""What a journal keeps of its messages: attachments once by their content, nothing of what will not leave any more."""

import os
import random
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mail_support import NOON, SENDER, TODAY, key

from relance.core.invoice import Customer
from relance.core.message import Attachment, Letter, Message
from relance.journal import Journal, Settled, State, open_journal
from relance.journal.parts import Lacking, PartError, Parts, digest_of, template_of
from relance.journal.whole_files import backups
from relance.letters.compose import compose

PDF = b"%PDF-1.7\n" + random.Random(7).randbytes(150_000)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """A new journal."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        yield journal


def with_pdf(number: str, data: bytes = PDF, at: datetime = NOON, text: str = "Bonjour,\nMerci.\n") -> Message:
    """A message with a PDF."""
    customer = Customer("Client SA", emails=("compta@client.example",))
    files = [Attachment("facture.pdf", data)]
    return compose(Letter("Facture échue", text), SENDER, customer, (key(number),), "friendly", at, files)


def parts(journal: Journal) -> list[Path]:
    """The attachments that are kept."""
    return sorted(Parts(journal.path).folder.glob("*"))


def stored(journal: Journal) -> list[int]:
    """How many octets each delivery takes, the oldest first."""
    return [n for (n,) in journal._db.execute("SELECT length(raw) FROM deliveries ORDER BY id")]


def test_an_attachment_is_kept_once(journal: Journal) -> None:
    """Two messages with one PDF, byte for byte as they were composed; the journal itself stays small."""
    letters = [with_pdf("F-1"), with_pdf("F-2"), with_pdf("F-3", PDF[:-1] + b"!")]
    prepared = journal.prepare(letters, TODAY)
    assert [each.raw for each in letters] == [journal.raw(each) for each in prepared]
    assert 2 == len(parts(journal))
    assert max(stored(journal)) < 5_000
    assert all(0o600 == path.stat().st_mode & 0o777 for path in parts(journal))


@pytest.mark.parametrize(("line", "same"), [(b"Date: lundi", True), (b"Date: mardi", False), (b"date: lundi", False)])
def test_a_day_in_the_text_is_no_date_of_the_mail(line: bytes, same: bool, journal: Journal) -> None:
    """What is tried again the same day says what it says now, in its bytes of before where only its Date is another."""

    def told(line: bytes, sent: bytes) -> Message:
        raw = b"Subject: x\r\nDate: %s\r\n\r\nBonjour,\r\n%s\r\n\r\nMerci.\r\n" % (sent, line)
        return with_pdf("F-1")._replace(raw=raw)

    first, again = told(b"Date: lundi", b"12:00"), told(line, b"13:00")
    [before] = journal.prepare([first], TODAY)
    journal.settle(before, Settled(State.DEFERRED, 451, "later"))
    [now] = journal.prepare([again], TODAY)
    assert (first if same else again).raw == journal.raw(now)


_LINE = b"QUJD" * 19 + b"\r\n"
_ENDS = [b"base64\r\n", _LINE, _LINE * 39, _LINE * 40, b"QUJD\r\n", b"QR==\r\n", b"\r\n", b"=="]


@given(st.lists(st.one_of(st.binary(max_size=200), st.sampled_from(_ENDS))))
def test_any_bytes_come_back(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    """Lines that look like base64 and are none, in any number and order."""
    raw = b"".join(pieces).replace(b"\0", b"")
    kept = Parts(tmp_path_factory.getbasetemp() / "any")
    assert raw == kept.whole(kept.store(raw))
    assert digest_of(raw) == digest_of(kept.store(raw))


def test_what_is_not_quite_base64_stays_where_it_is(tmp_path: Path) -> None:
    """A number of signs that cannot be, or bits that no encoder writes: nothing is taken out, nothing changes."""
    kept, head = Parts(tmp_path / "j"), b"Content-Transfer-Encoding: base64\r\n\r\n"
    lines = (b"QUJD" * 19 + b"\r\n") * 60
    for end in (b"QR==\r\n", b"=\r\n", b"A=BC\r\n", b"QUJDR\r\n"):
        raw = head + lines + end
        assert raw == kept.whole(kept.store(raw))
        assert not kept.folder.exists()
    raw = head + lines + b"QUJD\r\nQUJD\r\n"  # the last line is none of the file
    assert raw == kept.whole(kept.store(raw))
    assert [sha256(b"ABC" * (19 * 60 + 1)).hexdigest()] == [path.name for path in kept.folder.iterdir()]


def test_what_did_not_leave_is_replaced(journal: Journal) -> None:
    """Prepared each day and never sent: one body is there, and each keeps the sum of its bytes."""
    for n in range(5):
        letter = with_pdf("F-1", at=NOON + timedelta(days=n), text="Bonjour,\n" + os.urandom(2000).hex() + "\n")
        [found] = journal.prepare([letter], TODAY + timedelta(days=n))
        journal.release([found])
    sizes = stored(journal)
    assert max(sizes[:-1]) < 100 < sizes[-1]
    assert 1 == len(parts(journal))


def test_what_left_or_may_have_left_stays(journal: Journal) -> None:
    """Sent, or in doubt: its bytes are evidence, and those of a doubt leave again by the user's word."""
    sent, doubt = journal.prepare([with_pdf("F-1"), with_pdf("F-2")], TODAY)
    for each, state in ((sent, State.SENT), (doubt, State.IN_DOUBT)):
        journal.at_dot(each, "mx.test:25")
        journal.answered(each, Settled(state))
    journal.flush()
    journal.resolve("F-2/2026", sent=False, on=TODAY)
    [again] = journal.prepare([with_pdf("F-2", at=NOON + timedelta(hours=1))], TODAY + timedelta(days=1))
    assert with_pdf("F-2").raw == journal.raw(again)
    assert stored(journal)[0] > 500


def test_a_journal_of_before_has_them_whole(journal: Journal) -> None:
    """What an older version wrote leaves as it is."""
    [found] = journal.prepare([with_pdf("F-1")], TODAY)
    journal._db.execute("UPDATE deliveries SET raw = ?", (with_pdf("F-1").raw,))
    assert with_pdf("F-1").raw == journal.raw(found)
    assert digest_of(with_pdf("F-1").raw) == digest_of(Parts(journal.path).store(with_pdf("F-1").raw))
    assert template_of(b"Subject: x\r\n\r\n") == b"Subject: x\r\n\r\n"


def spoil(path: Path, content: bytes | None) -> None:
    """A kept attachment with another content; None: it is gone, b"fifo": nothing that ends is there."""
    path.unlink()
    if content == b"fifo":
        os.mkfifo(path)
    elif content is not None:
        path.write_bytes(content)


SPOILT = [b"", b"no zlib", zlib.compress(PDF[:-1]), None, b"fifo"]


@pytest.mark.parametrize("content", SPOILT)
def test_an_attachment_that_changed_never_leaves(journal: Journal, content: bytes | None) -> None:
    """Damaged, or gone: an error before anything is said to a server, and another message is none the worse."""
    [found] = journal.prepare([with_pdf("F-1")], TODAY)
    (path,) = parts(journal)
    spoil(path, content)
    with pytest.raises(PartError, match="relance repair"):
        journal.raw(found)
    [found] = journal.prepare([with_pdf("F-2", PDF[:-2])], TODAY)
    assert with_pdf("F-2", PDF[:-2]).raw == journal.raw(found)


@pytest.mark.parametrize("content", SPOILT)
def test_a_message_brings_its_attachment_along(journal: Journal, content: bytes | None) -> None:
    """Prepared again, or another one with the same file: what is damaged is written anew, for all that need it."""
    [first] = journal.prepare([with_pdf("F-1")], TODAY)
    (path,) = parts(journal)
    spoil(path, content)
    [other] = journal.prepare([with_pdf("F-2")], TODAY)
    assert [with_pdf("F-1").raw, with_pdf("F-2").raw] == [journal.raw(first), journal.raw(other)]


@pytest.mark.parametrize("content", SPOILT)
def test_repair_names_what_lacks_and_mends_it_from_files(journal: Journal, content: bytes | None) -> None:
    """Files are asked for only then; a message whose attachment is among them is whole again."""
    asked: list[str] = []

    def files(*found: bytes) -> Callable[[], Iterator[bytes]]:
        def give() -> Iterator[bytes]:
            asked.append("once")
            yield from (b"%PDF another", *found)

        return give

    found = journal.prepare([with_pdf("F-1"), with_pdf("F-2", PDF[:-2])], TODAY)
    assert (0, ()) == journal.mend_parts(files())
    assert [] == asked
    (path,) = (path for path in parts(journal) if path.name == sha256(PDF).hexdigest())
    spoil(path, content)
    assert (0, (Lacking(TODAY.isoformat(), ("F-1",)),)) == journal.mend_parts(files())
    assert (1, ()) == journal.mend_parts(files(PDF))
    assert with_pdf("F-1").raw == journal.raw(found[0])


@pytest.mark.slow
def test_years_stay_small(tmp_path: Path) -> None:
    """A message a day with one of 20 PDFs of 150 KB, tried twice, and a copy every fifth day.

    So each takes under 6 KB of the journal; five years of it with 200 PDFs took 70 MB all told when it was written.
    """
    path, noise, count = tmp_path / "j", random.Random(5), 90
    pdfs = [b"%PDF-1.7\n" + noise.randbytes(150_000) for _ in range(20)]
    begin = datetime(2026, 1, 1, 9, tzinfo=UTC)
    with open_journal(path, TODAY, create=True) as journal:
        journal._db.execute("PRAGMA synchronous = OFF")
        for number in range(count):
            now = begin + timedelta(days=number)
            for tried in range(2):
                [found] = journal.prepare([with_pdf(f"F-{number}", pdfs[number % 20], now)], now.date())
                if not tried:
                    journal.release([found])
            journal.at_dot(found, "mx.test:25")
            journal.answered(found, Settled(State.SENT, 250, "2.0.0 Ok: queued as 4F1"))
            if number % 5 == 4:
                journal.back_up(now.date())
        journal.flush()
    assert path.stat().st_size < 6_000 * count
    assert sum(each.stat().st_size for each in Parts(path).folder.iterdir()) < 20 * 151_000
    copies = backups(path)
    assert len(copies) <= 23
    assert all(copy.stat().st_size < path.stat().st_size for copy in copies)
