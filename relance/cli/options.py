"""Options that several commands share, and how their values are read.

Of closed lists: the word that scripts use, and those that a person types.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from relance.cli.days import Day, Way, a_day, day_on, day_option
from relance.cli.pasted import is_table
from relance.core.facts import Cause, HoldReason
from relance.core.invoice import normalised_name
from relance.display.terminal import complain, on_terminal
from relance.errors import Again, RelanceError, UsageError
from relance.french import SPOKEN


class Format(StrEnum):
    """How a plan is shown."""

    TABLE = "table"
    LINES = "lines"
    JSON = "json"


class Channel(StrEnum):
    """How a customer was reached."""

    EMAIL = "email"
    CALL = "call"
    LETTER = "letter"
    SMS = "sms"


def one_of(option: str, members: Sequence[StrEnum]) -> Callable[[str], StrEnum]:
    """A reader of the values of this option: its own words or the French ones, whatever the accents and capitals.

    UsageError for another word, with the nearest.
    """

    def read(text: str) -> StrEnum:
        known = {_folded(word): each for each in members for word in (each.value, *_french(each))}
        wanted = _folded(text)
        if wanted in known:
            return known[wanted]
        from difflib import get_close_matches

        near = get_close_matches(wanted, known, 1, 0.7)
        meant = [shown(known[word]) for word in near]
        choices = ", ".join(map(shown, members))
        sentence = f"{option} : « {text} » inconnu. Choix : {choices}."
        example = "" if meant else f"Exemple : {option} {shown(members[0])}."
        raise UsageError(sentence, example, [Again(text, word) for word in meant])

    return read


def shown(member: StrEnum) -> str:
    """Its French word."""
    return _french(member)[0]


def closed_option(name: str, kind: type[StrEnum], **more: Any) -> Any:
    """An option whose value is one of a closed list; its help names the French words too."""
    members = tuple(kind)
    french = ", ".join(shown(each) for each in members)
    metavar = "|".join(each.value for each in members)
    told = f"{more.pop('help')} En français : {french}."
    return Option(name, metavar=metavar, parser=one_of(name, members), help=told, **more)


_CONFIRMED = {
    "backlog": "retard retards ancien anciennes",
    "columns": "colonnes colonne",
    "file": "fichier",
    "rate": "taux",
    "clock": "horloge heure",
    "journal": "",
}


def confirmable(text: str) -> str:
    """What is confirmed, by its own word where a person typed the French one; an invoice number as it is."""
    wanted = _folded(text)
    return next((own for own, words in _CONFIRMED.items() if wanted in (own, *words.split())), text)


def _french(member: StrEnum) -> list[str]:
    return SPOKEN[member.value].split()


def _folded(text: str) -> str:
    """A word without capitals, accents, hyphens and spaces."""
    return normalised_name(text).replace("-", "").replace("_", "").replace(" ", "")


CLOSED: Mapping[str, Callable[[str], StrEnum]] = {
    "--reason": one_of("--reason", tuple(HoldReason)),
    "--channel": one_of("--channel", tuple(Channel)),
    "--cause": one_of("--cause", tuple(Cause)),
}
"""Those whose words are often typed without the name of the option."""
format_option = partial(closed_option, "--format", Format)


if TYPE_CHECKING:
    from relance.runs.amounts import Typed
    from relance.runs.dossier import Desk


def desk_of(file: str | None, config: Path | None, today: Day | None, *, warns: bool = True) -> "Desk":
    """What the options every story shares name; on a terminal it is said where the schedule has stopped (`warns`).

    Nothing else is read yet.
    """
    from relance.runs.dossier import Desk, machine_date, typed_place

    day = None if today is None else today.told or day_on(today, machine_date(None), Way.NEAREST)
    desk = Desk(typed_place(file) if file is not None else None, config, day)
    if warns and on_terminal():
        with suppress(RelanceError):  # the story says what is wrong with settings or journal
            _warn(desk)
    return desk


def _warn(desk: "Desk") -> None:
    """On standard error, where it is no part of a document, that the schedule has not run for days."""
    from relance.display.schedule import is_late, last_run_line

    run, calendar = desk.last_run, desk.policy.calendar
    if run is not None and is_late(run, desk.today, calendar):
        complain(last_run_line(run, desk.today, calendar))


def only_one(verb: str, file: str | None, named: str | None) -> str | None:
    """The file, given as the argument or as the option of the other commands.

    UsageError for a word that is no file: a day, an invoice or a customer may be meant by it. What may be typed again
    sends nothing.
    """
    safe = ("--dry-run",) if verb == "send" else ()
    if file is not None and named is not None:
        again = [Again(line=(verb, each, *safe)) for each in dict.fromkeys((file, named))]
        raise UsageError("Le fichier est donné deux fois.", again=again)
    if (
        file is not None
        and not Path(file).suffix
        and "/" not in file
        and not is_table(file)
        and not _beginnings(Path(file))
    ):
        option = "--today" if _is_day(file) else "--only" if verb == "send" else ""
        line = () if option else ("show", file)
        raise UsageError(f"« {file} » n’est pas un fichier.", again=[Again(file, file, option=option, line=line)])
    return file or named


def _beginnings(path: Path) -> bool:
    """Whether there is such a file, or one of this name with an ending."""
    try:
        return path.exists() or any(each.stem == path.name for each in path.parent.iterdir())
    except (OSError, ValueError):
        return True


def _is_day(word: str) -> bool:
    try:
        a_day(word)
    except UsageError:
        return False
    return True


bare_typer = partial(
    typer.Typer, rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, suggest_commands=False
)
"""Commands under one name, with none of the library's own additions."""


MAX_DAYS = 92


def a_number_of_days(text: str) -> int:
    """A number of days to look ahead, from 1 to MAX_DAYS."""
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_DAYS:
        raise UsageError(f"« {text} » n’est pas un nombre de jours de 1 à {MAX_DAYS}.", again=[Again(text, "14")])
    return int(text)


def shown_as(given: Format | None) -> str:
    """The form asked for; else a table where a person reads along, lines elsewhere."""
    return (given or (Format.TABLE if on_terminal() else Format.LINES)).value


def a_count(text: str) -> int:
    """A whole number from 0 up."""
    if not text.isascii() or not text.isdigit():
        raise UsageError(f"« {text} » n’est pas un nombre entier à partir de 0.", "Exemple : 5.")
    return int(text)


def an_amount(text: str) -> "Typed":
    """An amount, read as one of the invoice file is, with the currency that it may name."""
    from relance.runs.amounts import read_amount

    return read_amount(text)


def an_amount_in_eur(text: str) -> Decimal:
    """An amount in EUR, whether it says so or not."""
    from relance.runs.amounts import amount_in

    return amount_in("EUR", an_amount(text))


def a_column(text: str) -> tuple[str, str]:
    """A field and its header, as `paid=Versé`."""
    field, sign, header = text.partition("=")
    if not (field.strip() and sign and header.strip()):
        raise UsageError(f"« {text} » ne dit pas quel champ est quelle colonne.", 'Écrivez --as paid="Versé".')
    return field.strip(), header.strip()


def an_instalment(text: str) -> "tuple[Day, Typed]":
    """One part of a payment plan, written DATE=AMOUNT."""
    day, equals, amount = text.partition("=")
    if not equals:
        raise UsageError(f"Échéance illisible : « {text} ».", "Exemple : --instalment 15/12/2026=400.")
    return a_day(day), an_amount(amount)


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
TodayOption = Annotated[Day | None, day_option("--today", help="Rejoue ce jour-là au lieu d’aujourd’hui.")]
FormatOption = Annotated[
    Format | None, format_option(help="La forme ; sinon un tableau à l’écran, des lignes ailleurs.")
]
QuietOption = Annotated[bool, Option("--quiet", help="N’affiche que ce qui vous demande quelque chose.")]
VerboseOption = Annotated[bool, Option("--verbose", help="Affiche davantage.")]
ChosenInvoice = Annotated[
    str, Argument(metavar="[FACTURE]", help="Le numéro de la facture ; sans lui, la liste de celles possibles.")
]
"""Without it, the command lists what it could be."""
ChosenTarget = Annotated[
    str, Argument(metavar="[FACTURE|CLIENT]", help="Une facture ou un client ; sans lui, la liste de ceux possibles.")
]
InvoiceArgument = Annotated[str, Argument(metavar="FACTURE", help="Le numéro de la facture.")]
TargetArgument = Annotated[
    str, Argument(metavar="FACTURE|CLIENT", help="Un numéro de facture, ou un client (code, SIRET, adresse, nom).")
]
OnOption = Annotated[Day | None, day_option("--on", help="Le jour où cela s’est fait ; sinon aujourd’hui.")]
NoteOption = Annotated[str, Option("--note", metavar="TEXTE", help="Un mot pour vous.")]
