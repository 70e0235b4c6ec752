"""The questions of `relance init`: the file and its columns, who writes, rate, account, customers, what is late."""

import os
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from relance.core.facts import Backlog
from relance.core.history import fold
from relance.core.interest import DEFAULT_RATE, Basis, Rate, bounded, read_rate
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.errors import SourceError, UsageError
from relance.french import ACCOUNT, command, plural
from relance.runs.asking import Talk, a_setting, answered, check, needed, one_of
from relance.runs.begun import Begun, Given, ReadAs

if TYPE_CHECKING:
    from relance.sources import InvoiceFile
    from relance.sources.source import Place, Unused

_CANDIDATES = (".csv", ".xlsx", ".xls", ".ods", ".txt", ".tsv")
"""What a file of invoices may be called, to find some in a folder."""
_MOST_CANDIDATES = 9
_ANOTHER_FILE = "Fichier des factures (Entrée pour voir plus tard) :"
_YES = ("o", "oui", "y", "yes")
_KINDS = {"entreprises": "business", "particuliers": "consumer", "deux": "mixed"}
_BACKLOG = {"doucement": Backlog.GENTLY, "retard": Backlog.AS_IS, "ignorer": Backlog.IGNORE}
_NO_RATE = ("non", "no", "n", "none")


def invoices(begun: Begun, place: "Place | None", reading: ReadAs) -> None:
    """Read the file and show how, ask what the reading needs. SourceError, UsageError where nobody can."""
    place = place if place is not None else _found(begun)
    while place is not None:
        try:
            place = _an_address(place)
            source = _agreed(begun, place, reading)
            break
        except (SourceError, UsageError) as error:
            if begun.talk is None:
                raise
            begun.talk.tell("{}", error.shown)
            place = answered(begun.talk, "", _ANOTHER_FILE, _a_place, None)
    else:
        if reading != ReadAs():
            raise UsageError(
                "--as et --ignore disent comment lire un fichier.", "Donnez-le : relance init factures.csv"
            )
        begun.lacking.append("Factures : aucun fichier ; donnez-le à chaque commande, ou [invoices] file.")
        return
    begun.told["invoices"] = {"file": _written_place(place, begun.folder), **begun.told["invoices"]}
    begun.late = sum(line.case.position.in_backlog and not line.reason.settled for line in _plan(source, begun).lines)


def _a_place(text: str) -> "Place":
    from relance.sources.source import place_of

    return place_of(text)


def _an_address(place: "Place") -> "Place":
    """What the settings take for the place of a file; UsageError for an address that they do not."""
    if isinstance(place, str):
        check(place, "invoices", "file")
    return place


def _found(begun: Begun) -> "Place | None":
    """The file of the folder that holds the invoices: the only one, else the one that the person names."""
    files = _candidates(begun.folder)
    if begun.talk is None and len(files) > 1:
        listed = ", ".join(f"« {path} »" for path in files)
        raise UsageError(
            f"Plusieurs fichiers peuvent être celui des factures : {listed}.",
            f"Donnez le vôtre : « {command('init', str(files[0]))} ».",
        )
    if begun.talk is None or not files:
        return files[0] if files else answered(begun.talk, "", _ANOTHER_FILE, _a_place, None)
    begun.talk.tell("Fichiers de ce dossier :")
    for number, path in enumerate(files, 1):
        begun.talk.tell("  {}  {}", str(number), path.name if path.is_file() else "les factures électroniques")
    which = f"Lequel tient vos factures ? [1 à {len(files)}, un autre chemin, Entrée : 1]"
    question = which if len(files) > 1 else "Est-ce celui de vos factures ? [O, ou un autre chemin]"
    return answered(begun.talk, "", question, partial(_chosen, files), files[0])


def _candidates(folder: Path) -> list[Path]:
    """The files of a folder that may hold invoices, the latest first; without any, the folder of e-invoices itself."""
    from relance.sources.folders import holds_e_invoices

    if not folder.is_dir():
        return []
    found = [path for path in folder.iterdir() if path.suffix.lower() in _CANDIDATES and path.name[0] not in ".~"]
    files = [path for path in found if path.is_file()]
    if not files and holds_e_invoices(folder):
        return [folder]
    return sorted(files, key=lambda path: (-path.stat().st_mtime, path.name))[:_MOST_CANDIDATES]


def _chosen(files: list[Path], text: str) -> "Place":
    """The file of this number, else the path that was typed."""
    if len(files) == 1 and text.casefold() in _YES:
        return files[0]
    if text.isdecimal() and not 1 <= int(text) <= len(files):
        raise UsageError(f"Il n’y a pas de fichier {text}.")
    return files[int(text) - 1] if text.isdecimal() else _a_place(text)


def _written_place(place: "Place", folder: Path) -> object:
    """The file as the settings name it: from their folder where it lies inside, else in full."""
    if isinstance(place, str):
        return place
    inside = os.path.relpath(place.absolute(), folder.absolute())
    return Path(inside) if not inside.startswith("..") else place.absolute()


def _agreed(begun: Begun, place: "Place", reading: ReadAs) -> "InvoiceFile":
    """The file, read as the person says of each column that could change what is claimed."""
    columns, ignored = dict(reading.columns), list(reading.ignored)
    for field in columns:
        _check_field(field)
    source = _read(place, columns, ignored)
    _check_headers(source, [*columns.values(), *ignored])
    if begun.talk is not None:
        begun.talk.show_reading(source, _plan(source, begun))
    while (open_ := [each for each in source.reading.unused if each.weighty]) and begun.talk is not None:
        answers = [_meaning(begun.talk, column) for column in open_]
        columns |= {field: column.header for field, column in zip(answers, open_, strict=True) if field}
        ignored += [column.header for field, column in zip(answers, open_, strict=True) if field == ""]
        source = _read(place, columns, ignored)
        if None in answers:
            break
    if still := [each.header for each in source.reading.unused if each.weighty]:
        begun.lacking.append(
            f"À préciser avant tout envoi : {', '.join(f'« {each} »' for each in still)} → relance plan"
        )
    told = {"columns": columns, "ignore": list(dict.fromkeys(ignored))}
    begun.told["invoices"] = {key: value for key, value in told.items() if value}
    return source


def _read(place: "Place", columns: dict[str, str], ignored: list[str]) -> "InvoiceFile":
    from relance.sources import SourceOptions, read_source

    return read_source(place, SourceOptions(columns=columns, ignore=tuple(ignored)))


def _check_headers(source: "InvoiceFile", headers: list[str]) -> None:
    """UsageError for a header that is in no list: a word typed wrong would leave its column unread."""
    from relance.runs.confirm import check_header

    for header in headers:
        check_header(header, (*source.reading.headers, *(column.header for column in source.reading.unused)))


def _plan(source: "InvoiceFile", begun: Begun) -> Plan:
    """The plan of a relance that comes today, with nothing set up."""
    day = begun.at.date()
    return build_plan(source.invoices, fold((), day, day), DunningPolicy(), day)


def _meaning(talk: Talk, column: "Unused") -> str | None:
    """The field that this column is, empty where it is none, None where the person does not know yet."""
    talk.show_column(column)
    if column.field:
        question = "  Est-ce bien cela ? [O/n/ignorer, ou un autre champ]"
        return answered(talk, "", question, partial(_field, talk, column.field), column.field)
    question = "  Que dit-elle ? [ignorer, ou un champ de « relance help reglages » ; Entrée : plus tard]"
    return answered(talk, "", question, partial(_field, talk, ""), None)


def _field(talk: Talk, proposed: str, text: str) -> str:
    """The field that an answer names, empty for a column that is not to be read; UsageError where it names none."""
    typed = text.casefold()
    if typed in ("i", "ignorer") or (proposed and typed in ("n", "non")):
        return ""
    if proposed and typed in _YES:
        return proposed
    field = talk.field_named(typed)
    _check_field(field)
    return field


def _check_field(name: str) -> None:
    """UsageError for a word that is no field of an invoice."""
    try:
        check("X", "invoices", "columns", name)
    except UsageError:
        sentence = f"« {name} » n’est pas un champ."
        raise UsageError(sentence, "Exemple : paid. La liste : « relance help reglages ».") from None


def who(begun: Begun, given: Given) -> None:
    """The name and the address that customers see."""
    if begun.talk is None and not (given.name and given.email):
        lacking = [option for option, value in (("--name", given.name), ("--email", given.email)) if not value]
        raise UsageError(
            f"Il manque {' et '.join(lacking)} : rien n’est écrit.",
            'Exemple : « relance init factures.csv --name "Camille Moreau" --email camille@orange.fr ».',
        )
    sender = begun.told["sender"]
    question = "1/6 Votre nom, tel que vos clients le connaissent :"
    sender["name"] = needed(begun.talk, given.name, question, a_setting("sender", "name"), "--name")
    question = "2/6 Votre adresse d’envoi :"
    sender["email"] = needed(begun.talk, given.email, question, a_setting("sender", "email"), "--email")


def rate(begun: Begun, given: str) -> None:
    """The rate on the user's invoices: one that he tells stands there, Enter leaves the default and its question."""
    question = (
        "3/6 Taux de retard écrit sur vos factures ou vos CGV, comme 12 % (« non » s’il n’y est pas, Entrée pour voir "
        "plus tard) :"
    )
    told = answered(begun.talk, given, question, a_rate, None)
    if told is None:
        begun.lacking.append("Taux : 14 % par défaut, à confirmer quand il est sur vos factures → relance confirm rate")
        return
    begun.told["charges"]["rate"] = told.value if told.basis is Basis.FIXED else _rate_text(told)
    begun.rate = None if told.varies else told


def a_rate(text: str) -> Rate:
    """The rate that a person types: 12, 12,5 %, ecb+10, legal*3, 0.05/day; « non »: what the law gives then."""
    typed = text.strip().casefold()
    if typed in _NO_RATE:
        return DEFAULT_RATE
    found = read_rate(typed)
    if found is None:
        try:
            number = Decimal(typed.removesuffix("%").strip().replace(",", "."))
            found = bounded(Rate(Basis.FIXED, number)) if number.is_finite() else None
        except InvalidOperation:
            found = None
    if found is None:
        raise UsageError(f"Taux illisible : « {text} ».", "Exemple : 12 %, ecb+10 (BCE + 10 points) ou non.")
    return found


def _rate_text(rate: Rate) -> str:
    """A rate that is no number of percent a year, as the settings write it."""
    number = f"{rate.value.normalize():f}"
    return {Basis.ECB: f"ecb+{number}", Basis.LEGAL: f"legal*{number}"}.get(rate.basis, f"{number}/day")


def account(begun: Begun, given: Given) -> None:
    """Where customers pay, and who holds that account where it is not the user's own name."""
    sender = begun.told["sender"]
    question = "4/6 IBAN, pour que vos clients paient sans chercher (facultatif) :"
    iban = answered(begun.talk, given.iban, question, a_setting("sender", "iban"), "")
    if iban:
        sender["iban"] = iban
    if not iban and not given.account_name:
        begun.lacking.append(f"IBAN : vos messages demandent un virement sans dire où → {ACCOUNT}")
        return
    question = "    Titulaire de ce compte (Entrée si c’est votre nom) :"
    holder = answered(begun.talk, given.account_name, question, a_setting("sender", "account_name"), "")
    if holder:
        sender["account_name"] = holder


def customers(begun: Begun, given: Given) -> None:
    """What the customers are where nothing shows it, and whether a call comes before the notice."""
    question = "5/6 Vos clients : entreprises, particuliers, les deux ? [e/p/d, Entrée : plus tard]"
    kind = answered(begun.talk, _word(given.customers, _KINDS), question, one_of(_KINDS), "mixed")
    if kind != "mixed":
        begun.told["policy"]["default_kind"] = kind
    ladder = given.ladder
    if not ladder and answered(
        begun.talk, "", "    Un appel à J+15 ? [o/N]", one_of({"oui": True, "non": False}), False
    ):
        ladder = "phone"
    if ladder not in ("", "default"):
        check(ladder, "policy", "schedule")
        begun.told["policy"]["schedule"] = ladder


def _word(meaning: str, words: dict[str, str]) -> str:
    """The word that a person would type for this value of an option."""
    return next((word for word, each in words.items() if each == meaning), meaning)


def backlog(begun: Begun, given: Backlog | None) -> None:
    """What to do with what was late before relance came; nothing is asked where nothing was."""
    begun.backlog = given
    if given is not None or not begun.late:
        return
    many = f"{plural(begun.late, 'facture')} {'étaient' if begun.late > 1 else 'était'} déjà en retard."
    question = f"6/6 {many} Commencer doucement, selon le retard, ou les ignorer ? [d/r/i, Entrée : plus tard]"
    begun.backlog = answered(begun.talk, "", question, one_of(_BACKLOG), None)
