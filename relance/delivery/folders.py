"""One folder of the user's mailbox, which is looked through, filed into, and from which our own drafts alone are taken.

A mail never changes under its UID (RFC 3501 2.3.1.1): what was compared once stays what it was until it is taken away.
What is searched for is compared here, in the headers: servers differ in what they find by a header.
"""

import imaplib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from hashlib import sha256
from typing import NamedTuple

from relance.delivery.mailbox import Session, decoded, encoded, fetched, heads, listed, quoted
from relance.delivery.mails import Head, head_of
from relance.delivery.outcome import readable

_PIECE = 262_144  # octets of a mail that are asked for at once
_APPENDED = re.compile(rb"\[APPENDUID (\d+) (\d+)\]", re.IGNORECASE)
_WITHIN = re.compile(r"(?:inbox|\[g(?:oogle )?mail\])[./]")
"""What stands before the name where a server keeps all folders inside another one."""


class FolderKind(NamedTuple):
    """A folder by its mark (RFC 6154), and by its usual names, without accents and in lower case."""

    mark: bytes
    names: tuple[str, ...]


DRAFTS = FolderKind(b"\\drafts", ("brouillons", "drafts", "brouillon", "draft", "entwurfe"))
SENT = FolderKind(
    b"\\sent",
    (
        *("messages envoyes", "elements envoyes", "envoyes", "courrier envoye", "objets envoyes"),
        *("sent", "sent items", "sent messages", "sent mail", "sent-mail"),
    ),
)


class FilingError(Exception):
    """The server did not take a mail into a folder, and says why: nothing was filed (RFC 3501 6.3.11)."""

    def __init__(self, said: Iterable[bytes | None]) -> None:
        self.said = readable(b" ".join(filter(None, said)))
        super().__init__(self.said)

    @property
    def no_folder(self) -> bool:
        """The folder is not there."""
        return re.search(r"TRYCREATE|NONEXISTENT", self.said, re.IGNORECASE) is not None

    @property
    def full(self) -> bool:
        """The whole mailbox is."""
        return re.search(r"OVERQUOTA|quota", self.said, re.IGNORECASE) is not None


@dataclass
class OwnFolder:
    """A folder that is open; `validity` is what its UIDs are valid under (RFC 3501 2.3.1.1)."""

    session: Session
    name: str
    validity: str
    zone: tzinfo

    @property
    def shown(self) -> str:
        """Its name as its user writes it."""
        return readable(decoded(self.name))

    def heads(self, since: date | None = None) -> list[Head]:
        """What names each mail that arrived from that day on, or ever; the newest 2,000."""
        return [head_of(*each) for each in heads(self.session, since, self.zone)]

    def digest(self, uid: str) -> str:
        """The SHA-256 of the exact bytes of a mail."""
        digest, start = sha256(), 0
        while True:
            what = f"BODY.PEEK[]<{start}.{_PIECE}>"
            octets = b"".join(piece for one, piece, _ in fetched(self.session, uid, what, self.zone) if one == uid)
            digest.update(octets)
            start += len(octets)
            if len(octets) < _PIECE:
                return digest.hexdigest()

    def file(self, raw: bytes, flags: str, at: datetime | None = None) -> str:
        """Put these exact bytes into it, as of that moment; the UID, empty where the server tells none.

        FilingError where nothing was filed; what breaks off leaves it open.
        """
        moment = imaplib.Time2Internaldate(at) if at is not None else ""
        code, said = self.session.append(quoted(self.name), flags, moment, raw)
        if code != "OK":
            raise FilingError(said)
        told = _APPENDED.search(b" ".join(filter(None, said)))
        return told[2].decode() if told is not None else ""

    def remove(self, uids: Iterable[str]) -> bool:
        """Take these mails away, and no other that is marked so (RFC 4315); False where this server cannot."""
        _, told = self.session.capability()  # once more: many servers say what they can only after the log-in
        if b"UIDPLUS" not in b" ".join(filter(None, told)).upper().split():
            return False
        chosen = ",".join(uids)
        marked, _ = self.session.uid("STORE", chosen, "+FLAGS.SILENT", r"(\Deleted)")
        return marked == "OK" and self.session.uid("EXPUNGE", chosen)[0] == "OK"


def open_folder(
    session: Session, kind: FolderKind, zone: tzinfo, named: str = "", *, writing: bool = False
) -> OwnFolder | None:
    """The folder that the user `named`, else the one that is marked so, else that of a usual name; never a new one."""
    name = encoded(named) if named else _found(session, kind)
    if not name:
        return None
    code, _ = session.select(quoted(name), readonly=not writing)  # an append needs no folder open for writing
    if code != "OK":
        return None
    _, told = session.response("UIDVALIDITY")
    validity = (told[-1] or b"0").decode("ascii", "replace") if told else "0"
    return OwnFolder(session, name, validity, zone)


def _found(session: Session, kind: FolderKind) -> str:
    known = [(flags, name) for flags, name in listed(session) if not flags & {b"\\noselect", b"\\nonexistent"}]
    marked = [name for flags, name in known if kind.mark in flags]
    usual = {_folded(name): name for _, name in reversed(known)}
    return next(iter([*marked, *(usual[name] for name in kind.names if name in usual)]), "")


def _folded(name: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", decoded(name)) if not unicodedata.combining(c)).casefold()
    return _WITHIN.sub("", plain, count=1)
