"""`evidence --check` on a small folder: each way of touching the list of its hashes, beside what it lists."""

from collections.abc import Callable
from pathlib import Path

import pytest

from relance.runs.sealed import SUMS, Files, check_folder, sums_of, write_folder

PAPERS: Files = {"01-decompte.html": b"<p>1", "10-factures/02-f-1.pdf": b"%PDF-", "journal.txt": b""}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files and their hashes, as they were written."""
    made = write_folder(tmp_path, "dossier", PAPERS | {SUMS: sums_of(PAPERS)})
    assert () == check_folder(made)
    return made


TOUCHES: dict[str, Callable[[bytes], bytes]] = {
    "a line end": lambda told: told + b"\n",
    "a space": lambda told: told + b" ",
    "a letter": lambda told: told + b"x",
    "a nought": lambda told: told + b"\0",
    "no text": lambda told: told + b"\xff",
    "a remark": lambda told: told + b"# vu\n",
    "a line again": lambda told: told + told.splitlines(keepends=True)[0],
    "all of it again": lambda told: told + told,
    "a byte before": lambda told: b"\n" + told,
    "a mark of UTF-8": lambda told: b"\xef\xbb\xbf" + told,
    "no last line end": lambda told: told[:-1],
    "line ends of Windows": lambda told: told.replace(b"\n", b"\r\n"),
    "another order": lambda told: b"".join(reversed(told.splitlines(keepends=True))),
    "capitals": lambda told: told[:64].upper() + told[64:],
    "one space": lambda told: told.replace(b"  ", b" "),
    "a star": lambda told: told.replace(b"  ", b" *"),
    "another path to a file": lambda told: told.replace(b"  01", b"  ./01"),
}
"""What leaves every hash as it was."""


@pytest.mark.parametrize("touched", TOUCHES.values(), ids=TOUCHES)
def test_the_list_that_was_touched_is_named(folder: Path, touched: Callable[[bytes], bytes]) -> None:
    """Whatever its lines still say; also where another file was changed too."""
    path = folder / SUMS
    path.write_bytes(touched(path.read_bytes()))
    assert SUMS in check_folder(folder)
    (folder / "01-decompte.html").write_bytes(b"<p>2")
    assert {SUMS, "01-decompte.html"} <= {*check_folder(folder)}


@pytest.mark.parametrize("line", range(len(PAPERS)))
def test_a_line_that_was_touched_names_its_file(folder: Path, line: int) -> None:
    """Taken out, with another hash, with another name: the list and the file do not agree, and which one is right?"""
    told = (folder / SUMS).read_bytes().splitlines(keepends=True)
    name = sorted(PAPERS)[line]
    digest, path = told[line][:64], told[line][66:-1]
    swapped = (b"0" if digest[:1] != b"0" else b"1") + digest[1:]
    (folder / SUMS).write_bytes(b"".join([*told[:line], *told[line + 1 :]]))
    assert (name,) == check_folder(folder)
    (folder / SUMS).write_bytes(b"".join([*told[:line], swapped + b"  " + path + b"\n", *told[line + 1 :]]))
    assert (name,) == check_folder(folder)
    (folder / SUMS).write_bytes(b"".join([*told[:line], digest + b"  " + path + b"~\n", *told[line + 1 :]]))
    assert {name, f"{name}~"} == {*check_folder(folder)}


def test_a_list_that_is_gone_empty_or_a_link(folder: Path) -> None:
    """Nothing can be told of the files without it."""
    kept = (folder / SUMS).read_bytes()
    (folder / SUMS).write_bytes(b"")
    assert tuple(sorted(PAPERS)) == check_folder(folder)
    (folder / SUMS).unlink()
    assert (SUMS,) == check_folder(folder)
    (folder.parent / "elsewhere").write_bytes(kept)
    (folder / SUMS).symlink_to(folder.parent / "elsewhere")
    assert SUMS in check_folder(folder)


@pytest.mark.parametrize("name", sorted(PAPERS))
@pytest.mark.parametrize("more", [b"\n", b" ", b"\0"])
def test_a_byte_appended_to_any_file_is_found(folder: Path, name: str, more: bytes) -> None:
    """As one that was changed."""
    (folder / name).write_bytes(PAPERS[name] + more)
    assert name in check_folder(folder)
