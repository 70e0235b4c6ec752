"""The cache of e-invoices: a second reading opens no file that is as it was, and none is believed that is not."""

import json
import os
from pathlib import Path

import pytest
from einvoice_support import cii, pdf, write

from relance.sources import InvoiceFile, SourceOptions, einvoices, read_source
from relance.sources.source import EInvoiceOptions

SETTLED = 1_790_000_000 * 10**9


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are opened."""
    names: list[str] = []
    real = einvoices._opened
    monkeypatch.setattr(einvoices, "_opened", lambda path, limits: names.append(path.name) or real(path, limits))  # type: ignore[func-returns-value]
    return names


def folder_of(tmp_path: Path) -> Path:
    """Three documents that were written long ago, one of them no invoice."""
    return write(tmp_path / "f", a_pdf=pdf(cii(number="F-1")), b_xml=cii(number="F-2"), c_pdf=pdf())


def read(folder: Path) -> InvoiceFile:
    """What is read with the cache beside the folder."""
    options = EInvoiceOptions(seller="siren:732829320", cache=folder.parent / "j.factures")
    return read_source(folder, SourceOptions(e_invoices=options))


@pytest.fixture
def long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files were written long before they are read."""
    monkeypatch.setattr("relance.sources.einvoice_cache._SETTLED", -(10**9))


@pytest.mark.usefixtures("long_ago")
def test_a_second_reading_opens_nothing(tmp_path: Path, opened: list[str]) -> None:
    """The same is read, problems included; the cache is the owner's alone."""
    folder = folder_of(tmp_path)
    first = read(folder)
    assert ["a.pdf", "b.xml", "c.pdf"] == opened
    again = read(folder)

    assert 3 == len(opened)
    assert (first.invoices, first.problems, first.left_out) == (again.invoices, again.problems, again.left_out)
    assert 0o600 == (tmp_path / "j.factures").stat().st_mode & 0o777
    assert [] == list(tmp_path.glob("j.factures.*"))


@pytest.mark.usefixtures("long_ago")
@pytest.mark.parametrize("change", ["content", "instant", "replaced", "moved", "gone"])
def test_a_file_that_changed_is_read_again(tmp_path: Path, opened: list[str], change: str) -> None:
    """Its size, the instant of its content, its inode (with the same size and instant), its place."""
    folder = folder_of(tmp_path)
    read(folder)
    path, new = folder / "b.xml", cii(number="F-2", total="999.00", left="999.00")
    then = path.stat()
    opened.clear()
    if change == "content":
        path.write_bytes(new)
    elif change == "instant":
        path.write_bytes(cii(number="F-2").replace(b"1200.00", b"1300.00"))
        os.utime(path, ns=(then.st_atime_ns, then.st_mtime_ns))
    elif change == "replaced":
        other = folder / "other"
        other.write_bytes(cii(number="F-2").replace(b"1200.00", b"1400.00"))
        os.utime(other, ns=(then.st_atime_ns, then.st_mtime_ns))
        other.replace(path)
    elif change == "moved":
        path.rename(folder / "z.xml")
    else:
        path.unlink()
    found = {each.number: str(each.total) for each in read(folder).invoices}

    expected = {"content": "999.00", "instant": "1300.00", "replaced": "1400.00", "moved": "1200.00"}.get(change)
    assert {"F-1": "1200.00", **({"F-2": expected} if expected else {})} == found
    assert {"moved": ["z.xml"], "gone": []}.get(change, ["b.xml"]) == opened


def test_what_was_written_just_now_is_not_believed(tmp_path: Path, opened: list[str]) -> None:
    """A second change within the same instant would not show."""
    folder = folder_of(tmp_path)
    read(folder)
    read(folder)
    assert 6 == len(opened)


@pytest.mark.usefixtures("long_ago")
@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\0\0",
        b"{",
        b"[]",
        b'{"shape": 1}',
        b"[" * 100_000,
        b'{"shape": "x", "files": {}, "readings": {}}',
        "cells",
    ],
)
def test_a_broken_cache_is_none(tmp_path: Path, opened: list[str], broken: bytes | str) -> None:
    """Whatever stands there: it is read anew, and written again."""
    folder = folder_of(tmp_path)
    first = read(folder)
    cache = tmp_path / "j.factures"
    if isinstance(broken, str):
        noted = json.loads(cache.read_bytes())
        noted["readings"] = {name: [{"number": 12}, ["x", [3]], ["y", []], [], []] for name in noted["readings"]}
        broken = json.dumps(noted).encode()
    cache.write_bytes(broken)
    opened.clear()

    assert first.invoices == read(folder).invoices
    assert 3 == len(opened)
    assert first.invoices == read(folder).invoices
    assert 3 == len(opened)


@pytest.mark.usefixtures("long_ago")
def test_a_folder_that_cannot_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    """The invoices are read all the same."""
    folder = folder_of(tmp_path)
    options = EInvoiceOptions(seller="siren:732829320", cache=tmp_path / "none" / "j.factures")
    assert 2 == len(read_source(folder, SourceOptions(e_invoices=options)).invoices)
