"""Options that several commands share, and how their values are read."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, BadParameter, Option

from relance.display.terminal import on_terminal
from relance.errors import UsageError

if TYPE_CHECKING:
    from relance.runs.amounts import Typed
    from relance.runs.dossier import Desk


def desk_of(file: str | None, config: Path | None, today: date | None) -> "Desk":
    """What the options every story shares name; nothing is read yet."""
    from relance.runs.dossier import Desk, typed_place

    return Desk(typed_place(file) if file is not None else None, config, today)


bare_typer = partial(
    typer.Typer, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, suggest_commands=False
)
"""Commands under one name, with none of the library's own additions."""


class Format(StrEnum):
    """How a plan is shown."""

    TABLE = "table"
    LINES = "lines"
    JSON = "json"


MAX_DAYS = 92


def a_number_of_days(text: str) -> int:
    """A number of days to look ahead, from 1 to MAX_DAYS."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_DAYS:
        raise BadParameter(f"« {text} » n’est pas un nombre de jours de 1 à {MAX_DAYS}, par exemple 14.")
    return int(text)


def shown_as(given: Format | None) -> str:
    """The form asked for; else a table where a person reads along, lines elsewhere."""
    return (given or (Format.TABLE if on_terminal() else Format.LINES)).value


class Channel(StrEnum):
    """How a customer was reached."""

    EMAIL = "email"
    CALL = "call"
    LETTER = "letter"
    SMS = "sms"


def a_day(text: str) -> date:
    """A day written YYYY-MM-DD, or DD/MM/YYYY as the French write it."""
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        if french is not None:
            return date(int(french[3]), int(french[2]), int(french[1]))
        return date.fromisoformat(text)
    except ValueError:
        raise BadParameter(f"« {text} » n’est pas une date AAAA-MM-JJ, par exemple 2026-11-20.") from None


def a_count(text: str) -> int:
    """A whole number from 0 up."""
    if not text.isascii() or not text.isdigit():
        raise BadParameter(f"« {text} » n’est pas un nombre entier à partir de 0, par exemple 5.")
    return int(text)


def an_amount(text: str) -> "Typed":
    """An amount, read as one of the invoice file is, with the currency that it may name."""
    from relance.runs.amounts import read_amount

    try:
        return read_amount(text)
    except UsageError as error:
        raise BadParameter(error.shown) from None


def an_amount_in_eur(text: str) -> Decimal:
    """An amount in EUR, whether it says so or not."""
    from relance.runs.amounts import amount_in

    try:
        return amount_in("EUR", an_amount(text))
    except UsageError as error:
        raise BadParameter(error.shown) from None


def an_instalment(text: str) -> "tuple[date, Typed]":
    """One part of a payment plan, written DATE=AMOUNT."""
    day, equals, amount = text.partition("=")
    if not equals:
        raise BadParameter(f"« {text} » n’est pas une échéance DATE=MONTANT, par exemple 2026-12-15=400.")
    return a_day(day.strip()), an_amount(amount)


day_option = partial(Option, metavar="AAAA-MM-JJ", parser=a_day)
"""An option, by its name and its help, whose value is a day."""
_OF_INVOICES = "Le fichier des factures, ou son adresse https ; sinon celui des réglages."
FileArgument = Annotated[
    str | None,
    Argument(metavar="[FICHIER]", help=_OF_INVOICES),
]
FileOption = Annotated[
    str | None,
    Option("--file", metavar="FICHIER", help=_OF_INVOICES),
]
FileToo = Annotated[str | None, Option("--file", metavar="FICHIER", hidden=True)]
"""Where the file is an argument, the option of the other commands is understood too."""
ConfigOption = Annotated[
    Path | None,
    Option("--config", metavar="CHEMIN", help="Le fichier de réglages (sinon RELANCE_CONFIG, ./relance.toml)."),
]
TodayOption = Annotated[date | None, day_option("--today", help="Rejoue ce jour-là au lieu d’aujourd’hui.")]
FormatOption = Annotated[
    Format | None, Option("--format", help="Tableau, lignes ou JSON ; sinon tableau à l’écran, lignes ailleurs.")
]
QuietOption = Annotated[bool, Option("--quiet", help="N’affiche que ce qui vous demande quelque chose.")]
VerboseOption = Annotated[bool, Option("--verbose", help="Affiche davantage.")]
InvoiceArgument = Annotated[str, Argument(metavar="FACTURE", help="Le numéro de la facture.")]
TargetArgument = Annotated[
    str, Argument(metavar="FACTURE|CLIENT", help="Un numéro de facture, ou un client (code, SIRET, adresse, nom).")
]
OnOption = Annotated[date | None, day_option("--on", help="Le jour où cela s’est fait ; sinon aujourd’hui.")]
NoteOption = Annotated[str, Option("--note", metavar="TEXTE", help="Un mot pour vous.")]
