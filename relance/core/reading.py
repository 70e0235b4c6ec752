"""What is open of how a file is read: columns that nobody explained, who issued the invoices of a folder."""

from typing import NamedTuple


class Unread(NamedTuple):
    """A header that nobody explained, and the field that it seems to be (empty: none).

    It is `beside` the invoices, in another list or an export: then no field of theirs.
    """

    header: str
    field: str = ""
    beside: bool = False


class Issuer(NamedTuple):
    """Who seems to have issued the invoices of a folder: what identifies him, and how many of how many are his."""

    identity: str
    name: str
    documents: int
    of: int


class Unagreed(NamedTuple):
    """How the file is read is not agreed: what nobody explained (`asked`), new headers in use, and lost ones.

    `issuer` is the one whose invoices they are, if they are the user's own.
    """

    asked: tuple[Unread, ...] = ()
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    issuer: Issuer | None = None

    @property
    def of_columns(self) -> bool:
        """True where a column is open; else only whose invoices they are is."""
        return bool(self.asked or self.came or self.gone)

    @property
    def mark(self) -> str:
        asked = (column.header for column in self.asked)
        told = [", ".join(sorted(headers)) for headers in (asked, self.came, self.gone)]
        return "|".join([*told, self.issuer.identity] if self.issuer else told)
