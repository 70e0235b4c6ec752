"""The files of an evidence folder: their names, their SHA-256, written whole, and what has changed of them since.

Names are of ASCII and at most 60 characters, for courts' portals and every system. Nothing in a zip tells when or where
it was made, and nothing is compressed: the same files make the same bytes on every machine.
"""

import io
import os
import re
import tempfile
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from hashlib import sha256
from pathlib import Path

from relance.core.exhibits import Exhibit, Filed
from relance.errors import Again, UsageError
from relance.french import system_words
from relance.journal.extract import first_broken

FOLDERS = ("10-factures", "20-contrat", "30-relances", "40-reponses", "50-mise-en-demeure", "60-paiements")
SUMS, JOURNAL, README = "SHA256SUMS", "journal.txt", "LISEZMOI.txt"
QUERY, REPLY = f"{SUMS}.tsq", f"{SUMS}.tsr"
"""What a time-stamping authority is asked (RFC 3161), and what it answers: the user sends the one, adds the other."""
_ASKED = bytes.fromhex("3039 020101 3031 300d 0609608648016503040201 0500 0420"), bytes.fromhex("0101ff")
"""What stands around the SHA-256 in such a question: version 1, its algorithm; and that the certificate is wanted."""
LONGEST = 60
_LETTERS = str.maketrans(
    {"’": " ", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"}
)
"""Letters that are no ASCII ones with an accent."""
_LINE = re.compile(r"([0-9a-f]{64})  ([^./\r\n][^\r\n]*)")

Files = dict[str, bytes]
"""What a folder holds, by path."""


def plain_name(*words: str, room: int = LONGEST) -> str:
    """Words as part of a file's name: ASCII letters and figures, in lower case but for numbers that are written so."""
    text = unicodedata.normalize("NFKD", " ".join(words).translate(_LETTERS))
    plain = re.sub(r"[^A-Za-z0-9]+", "-", text.encode("ascii", "ignore").decode())
    return plain[:room].strip("-")


def folder_name(customer: str, day: date) -> str:
    """« dossier-alpha-sarl-2026-11-30 »."""
    room = LONGEST - len("dossier--2026-11-30")
    return f"dossier-{plain_name(customer, room=room).lower() or 'client'}-{day.isoformat()}"


def filed(exhibits: Sequence[Exhibit], printed: Sequence[Sequence[tuple[str, bytes]]]) -> tuple[list[Filed], Files]:
    """Each exhibit with its number, from 1 on, and its files, which begin with it; `printed` has endings and bytes."""
    files, several = Files(), list[Filed]()
    for number, (exhibit, forms) in enumerate(zip(exhibits, printed, strict=True), 1):
        paths = []
        for ending, content in forms:
            head = f"{number:02}-"
            name = plain_name(exhibit.name, room=LONGEST - len(head) - len(ending) - 1)
            path = f"{exhibit.folder}/" * bool(exhibit.folder) + f"{head}{name}.{ending}"
            files[path] = content
            paths.append((path, sha256(content).hexdigest()))
        several.append(Filed(number, exhibit, tuple(paths)))
    return several, files


def sums_of(files: Mapping[str, bytes]) -> bytes:
    """The lines of SHA256SUMS, as `sha256sum -c` reads them."""
    return _written({path: sha256(content).hexdigest() for path, content in files.items()})


def query_of(sums: bytes) -> bytes:
    """The question for a time stamp of SHA256SUMS (RFC 3161 2.4.1), the same whenever it is asked: without a nonce."""
    return sha256(sums).digest().join(_ASKED)


def _written(digests: Mapping[str, str]) -> bytes:
    return "".join(f"{digests[path]}  {path}\n" for path in sorted(digests)).encode("utf-8", "surrogateescape")


def write_folder(out: Path, name: str, files: Files) -> Path:
    """The folder, whole or not at all, for its user alone; one that is there stays, where it holds the same.

    UsageError where another one is there, or nothing can be written.
    """
    path = out / name
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.path.lexists(path):
            if not path.is_dir() or read_folder(path) != files:
                raise _taken(path)
            return path
        with tempfile.TemporaryDirectory(prefix=f".{name}.", suffix=".new", dir=out) as new:
            for folder in ("", *FOLDERS):
                (Path(new) / "d" / folder).mkdir(mode=0o700, exist_ok=True)
            for told, content in files.items():
                with open(Path(new) / "d" / told, "xb", opener=_alone) as file:
                    file.write(content)
            (Path(new) / "d").rename(path)
    except OSError as error:
        raise _unusable(out, error) from None
    return path


def write_zip(out: Path, name: str, files: Files) -> Path:
    """The same as one file."""
    from relance.journal.whole_files import write_whole

    path, content = out / f"{name}.zip", zipped(name, files)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.path.lexists(path):
            if not path.is_file() or path.read_bytes() != content:
                raise _taken(path)
            return path
        write_whole(path, content, replace=False)
    except OSError as error:
        raise _unusable(out, error) from None
    return path


def zipped(name: str, files: Files) -> bytes:
    """The folder as a zip."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_STORED) as archive:
        for path in sorted([*(f"{folder}/" for folder in ("", *FOLDERS)), *files]):
            entry = zipfile.ZipInfo(f"{name}/{path}".replace("//", "/"), (1980, 1, 1, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, (0o40700 if path.endswith("/") else 0o100600) << 16
            archive.writestr(entry, files.get(path, b""))
    return held.getvalue()


def _alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _taken(path: Path) -> UsageError:
    return UsageError(f"« {path} » existe déjà, avec un autre contenu.", "Écrivez ailleurs avec --out, ou déplacez-le.")


def _unusable(out: Path, error: OSError) -> UsageError:
    said = f"Le dossier « {out} » ne peut pas être utilisé ({system_words(error)})."
    return UsageError(said, "Donnez avec --out un dossier où vous pouvez écrire.")


def read_folder(folder: Path) -> Files:
    """All that lies in a folder, by path; of what is no plain file (a link, a pipe) nothing is read. OSError."""
    files = Files()
    for place, _, names in os.walk(folder, onerror=_raise):
        for name in (*names, *(each.name for each in os.scandir(place) if each.is_symlink() and each.is_dir())):
            path = Path(place) / name
            plain = path.is_file() and not path.is_symlink()
            files[path.relative_to(folder).as_posix()] = path.read_bytes() if plain else b"\0"
    return files


def _raise(error: OSError) -> None:
    raise error


def _is_query(told: bytes) -> bool:
    """Whether this asks for the time stamp of something: then it, or SHA256SUMS, is not what it was."""
    before, after = _ASKED
    return len(told) == len(query_of(b"")) and told.startswith(before) and told.endswith(after)


def check_folder(folder: Path) -> tuple[str, ...]:
    """The path of each file that was changed, removed or added since the folder was written, none where none was.

    UsageError where this is no such folder.
    """
    try:
        files = read_folder(folder)
    except OSError as error:
        said = f"Le dossier « {folder} » ne peut pas être lu ({system_words(error)})."
        cure = (
            "Décompressez-le d’abord."
            if folder.suffix == ".zip"
            else "Donnez un dossier fait par « relance evidence »."
        )
        raise UsageError(said, cure) from None
    if SUMS not in files and JOURNAL not in files:
        inside = sorted(path.parent for path in folder.glob(f"dossier-*/{SUMS}"))
        again = [Again(line=("evidence", "--check", str(path))) for path in inside[:3]]
        raise UsageError(f"« {folder} » n’est pas un dossier fait par « relance evidence ».", again=again)
    if SUMS not in files:
        return (SUMS,)
    told, query, reply = files.pop(SUMS), files.pop(QUERY, b""), files.pop(REPLY, b"")
    lines = told.decode("utf-8", "surrogateescape").split("\n")
    known = {found[2]: found[1] for found in map(_LINE.fullmatch, lines) if found}
    now = {path: sha256(content).hexdigest() for path, content in files.items()}
    wrong = {path for path in {*known, *now} if known.get(path) != now.get(path)}
    if told != _written(known):  # not as it is written, whatever its lines say of the files
        wrong.add(SUMS)
    if query != query_of(told) and (query or QUERY.encode() in files.get(README, b"")):
        wrong |= {QUERY} if not _is_query(query) else {SUMS, QUERY}
    if reply and sha256(told).digest() not in reply:
        wrong.add(REPLY)
    with suppress(ValueError):
        if first_broken(files.get(JOURNAL, b"").decode().splitlines()) is not None:
            wrong.add(JOURNAL)
    return tuple(sorted(wrong))
