"""Where invoices may stand: files, sheets of a workbook, an https address; one or several that are read as one list."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from relance.config.accepted import Line, a_path, distinct, listed, says
from relance.sources.source import place_of

MOST = 50
"""Files or sheets of one list."""


def _place(value: object) -> object:
    """A path, or an https address without a login in it; whether it gives a table is seen once it is fetched."""
    place = place_of(value) if isinstance(value, str) else value
    if not isinstance(place, str):
        return a_path(value)
    if not _is_open(place):
        raise ValueError("une adresse qui commence par https://, sans nom d’utilisateur ni mot de passe")
    return place


def _is_open(address: str) -> bool:
    """True for an https address that names a server and nobody."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc and address.isprintable()


def _web_address(value: str) -> str:
    if not _is_open(value):
        raise ValueError
    return value


WebAddress = Annotated[
    Line,
    AfterValidator(_web_address),
    says("une adresse qui commence par https://, sans nom d’utilisateur ni mot de passe"),
]
Places = Annotated[
    list[Annotated[Path | str, BeforeValidator(_place)]],
    BeforeValidator(listed),
    AfterValidator(distinct),
    says(
        f"un chemin, relatif au dossier du fichier de réglages ou absolu, une adresse https, ou une liste de {MOST} "
        "au plus, sans répétition",
        min_length=1,
        max_length=MOST,
    ),
]
Sheets = Annotated[
    list[Line],
    BeforeValidator(listed),
    AfterValidator(distinct),
    says(f"le nom d’une feuille, ou une liste de {MOST} noms au plus", min_length=1, max_length=MOST),
]
