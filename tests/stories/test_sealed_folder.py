"""`evidence --check` on a small folder: each way of touching the list of its hashes, beside what it lists."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from relance.runs.sealed import QUERY, README, REPLY, SUMS, Files, check_folder, query_of, sums_of, write_folder

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


STAMPED = PAPERS | {README: b"SHA256SUMS.tsq"}


@pytest.fixture
def stamped(tmp_path: Path) -> Path:
    """The same with the question for a time stamp."""
    sums = sums_of(STAMPED)
    made = write_folder(tmp_path, "date", STAMPED | {SUMS: sums, QUERY: query_of(sums)})
    assert () == check_folder(made)
    return made


def test_each_byte_of_the_question_flipped_is_found(stamped: Path) -> None:
    """It can only be of this list of hashes; gone, it is named too."""
    told = (stamped / QUERY).read_bytes()
    for place in range(len(told)):
        flipped = bytearray(told)
        flipped[place] ^= 1 << place % 8
        (stamped / QUERY).write_bytes(flipped)
        assert QUERY in check_folder(stamped), place
    (stamped / QUERY).write_bytes(told + b"\0")
    assert (QUERY,) == check_folder(stamped)
    (stamped / QUERY).unlink()
    assert (QUERY,) == check_folder(stamped)


def test_a_list_written_anew_is_not_the_one_that_was_asked_about(stamped: Path) -> None:
    """Even where it fits the files as they are now."""
    changed = STAMPED | {"01-decompte.html": b"<p>2"}
    (stamped / "01-decompte.html").write_bytes(b"<p>2")
    (stamped / SUMS).write_bytes(sums_of(changed))
    assert (SUMS, QUERY) == check_folder(stamped)


OPENSSL = shutil.which("openssl")


@pytest.mark.slow
@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
def test_an_authority_answers_it(stamped: Path, tmp_path: Path) -> None:
    """OpenSSL writes the same question; its own authority answers ours, and what it says verifies as LISEZMOI tells."""

    def run(*args: str) -> bytes:
        assert OPENSSL is not None
        done = subprocess.run([OPENSSL, *args], cwd=stamped, capture_output=True, timeout=60, check=False)
        assert 0 == done.returncode, done.stderr
        return done.stdout

    run("ts", "-query", "-data", SUMS, "-sha256", "-no_nonce", "-cert", "-out", f"{tmp_path}/own.tsq")
    assert (tmp_path / "own.tsq").read_bytes() == (stamped / QUERY).read_bytes()
    (tmp_path / "serial").write_text("01\n")
    (tmp_path / "tsa.cnf").write_text(
        "[req]\ndistinguished_name = dn\nx509_extensions = ext\nprompt = no\n[dn]\nCN = Horodatage\n"
        "[ext]\nextendedKeyUsage = critical,timeStamping\nbasicConstraints = critical,CA:TRUE\n"
        "[tsa]\ndefault_tsa = t\n"
        f"[t]\nserial = {tmp_path}/serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4\ndigests = sha256\n"
    )
    config, key, certificate = (f"{tmp_path}/{name}" for name in ("tsa.cnf", "key.pem", "tsa.pem"))
    run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-config", config)
    run("ts", "-reply", "-config", config, "-queryfile", QUERY, "-signer", certificate, "-inkey", key, "-out", REPLY)
    run("ts", "-verify", "-data", SUMS, "-in", REPLY, "-CAfile", certificate)
    assert () == check_folder(stamped)  # the answer is no foreign file
    (stamped / REPLY).write_bytes(b"of something else")
    assert (REPLY,) == check_folder(stamped)
