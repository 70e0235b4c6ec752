"""The kinds of values that relance.toml holds, each checked and described in French for the error that names it.

A validator raises ValueError with the words that follow "attendu", or with none where the description says enough. A
choice among words needs no description: its words are listed.
"""

import ipaddress
import re
import shlex
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf

from relance.config.values import as_sent
from relance.core.calendar import REGIONS, Hours
from relance.core.interest import Basis, Imputation, Rate, bounded, read_rate
from relance.core.invoice import Kind
from relance.core.policy import OUTSIDE_KEYS
from relance.sources.source import place_of

_T = TypeVar("_T")
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,254}}\Z)(?=.{{1,64}}@){_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?")
_NUMBER_AS_TEXT = re.compile(r"\s*(\d+)(?:[.,](\d+))?\s*(?:%|€|EUR)?\s*")
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:/(\d{4}-\d{2}-\d{2}))?")
_HOURS = re.compile(r"(\d{1,2})[:hH](\d{2})\s*-\s*(\d{1,2})[:hH](\d{2})")
_CENT = Decimal("0.01")


def says(accepted: str, **limits: Any) -> Any:
    """What a kind of value accepts, in French, and the limits that pydantic checks of it."""
    return Field(description=accepted, **limits)


def whole(low: int, high: int, unit: str = "") -> Any:
    """A whole number of these units within these bounds, both included."""
    return says(f"un nombre entier {f'de {unit}, ' if unit else ''}de {low} à {high}", ge=low, le=high)


def _where(holds: Callable[[str], object]) -> AfterValidator:
    """A text of which this holds."""

    def checked(value: str) -> str:
        if not holds(value):
            raise ValueError
        return value

    return AfterValidator(checked)


def _one_line(value: str) -> str:
    if not value.strip() or any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in value):
        raise ValueError
    return value.strip()


def _some_lines(value: str) -> str:
    if not value.strip() or any(unicodedata.category(c) == "Cc" and c not in "\n\t\r" for c in value):
        raise ValueError
    return value.replace("\r\n", "\n").strip()


def _email(value: str) -> str:
    """The address as it is sent to."""
    try:
        address = as_sent(value.strip())
    except UnicodeError:
        raise ValueError from None
    if not _EMAIL.fullmatch(address):
        raise ValueError
    return address


def listed(value: object) -> object:
    """A text that stands for a list of one."""
    return [value] if isinstance(value, str) else value


def distinct(values: list[_T]) -> list[_T]:
    """The list, where nothing in it stands twice."""
    if len(set(values)) < len(values):
        raise ValueError("une liste où rien n’est répété")
    return values


def _exact(value: object) -> object:
    """Whole numbers count as decimals too; a number written as text is named for what it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, str) and (number := _NUMBER_AS_TEXT.fullmatch(value)):
        example = f"{number[1]}.{number[2] or '0'}"
        raise ValueError(f"un nombre sans guillemets, avec un point et sans unité : {example}")
    return value


def _rate(value: object) -> Rate:
    """An agreed rate: a number in percent a year, or one of the texts that tell a rate."""
    number = _exact(value) if not isinstance(value, str) or _NUMBER_AS_TEXT.fullmatch(value) else None
    if isinstance(number, Decimal):
        found = bounded(Rate(Basis.FIXED, number)) if number.is_finite() else None
    else:
        found = read_rate(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    return found


def _iban(value: str) -> str:
    """An IBAN without spaces: the length and letters of its country's, and right check digits (ISO 13616, mod 97).

    What only a list of a country's banks could tell is not asked: the library's lists refuse real ones.
    """
    from stdnum import iban
    from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

    compact = re.sub(r"\s", "", value).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", compact):
        raise ValueError
    try:
        return iban.validate(compact, check_country=False)
    except InvalidChecksum:
        raise ValueError(
            "un IBAN dont la clé de contrôle est juste (il y a une faute de frappe dans celui-ci)"
        ) from None
    except InvalidComponent:
        raise ValueError("un IBAN qui commence par les deux lettres d’un pays, comme FR") from None
    except ValidationError:
        raise ValueError("un IBAN de la longueur de ceux de son pays (27 caractères en France)") from None


def _host(value: str) -> str:
    host = value.strip()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        if not _HOST.fullmatch(host) or len(host) > 253:
            raise ValueError from None
    return host


def _command(value: object) -> object:
    """A command written as one text is cut into words the way a shell would, but no shell runs it."""
    if not isinstance(value, str):
        return value
    try:
        return shlex.split(value)
    except ValueError:
        raise ValueError("une commande dont les guillemets se referment") from None


def _span(value: object) -> object:
    """A closed day or period as its first and last day, both included."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return (value, value)
    found = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    try:
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError:
        raise ValueError("une date qui existe, écrite AAAA-MM-JJ") from None
    if last < first:
        raise ValueError("une période dont le premier jour précède le dernier")
    return (first, last)


def _hours(value: object) -> object:
    """Two hours of a day, the second one the end; midnight is 24:00 there."""
    found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError
    try:
        first = time(int(found[1]), int(found[2]))
        last = time.max if (found[3], found[4]) == ("24", "00") else time(int(found[3]), int(found[4]))
    except ValueError:
        raise ValueError("deux heures qui existent, de 00:00 à 24:00") from None
    if last <= first:
        raise ValueError("une première heure qui précède la seconde")
    return Hours(first=first, last=last, friday=last)


def _delimits(value: str) -> bool:
    return value == "\t" or (len(value) == 1 and value.isprintable() and not value.isalnum() and value not in "\"' ")


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except (LookupError, ValueError):
        raise ValueError from None
    return value


def a_path(value: object) -> object:
    """A path of this machine, from the folder of the settings on."""
    if not isinstance(value, str):
        return value
    if not value.strip() or "\0" in value:
        raise ValueError
    try:
        return Path(value).expanduser() if value.startswith("~") else Path(value)
    except RuntimeError:
        raise ValueError("un chemin sans « ~ », car votre dossier personnel n’est pas connu ici") from None


def _file_path(value: object) -> object:
    """A file of this machine; the other places are those of the invoices alone."""
    if isinstance(value, str) and isinstance(place_of(value), str):
        raise ValueError("un fichier de cette machine : une adresse https ne se donne que sous invoices.file")
    return a_path(value)


def _pdf_path(value: object) -> object:
    """A path that names each invoice's own file."""
    if isinstance(value, str) and (value.count("{number}") != 1 or re.search(r"[{}]", value.replace("{number}", ""))):
        raise ValueError
    return a_path(value)


def _stage_key(value: str) -> str:
    if value in OUTSIDE_KEYS:
        raise ValueError("une autre clé : celle-ci est réservée à un message hors des étapes")
    return value


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        close = get_close_matches(name, available_timezones(), n=1, cutoff=0.7)
        raise ValueError(f'un fuseau horaire, comme "{close[0]}"' if close else "") from None
    return name


def _cents(amount: Decimal) -> Decimal:
    """The amount in EUR with two decimals; no more are accepted, so nothing is rounded."""
    return abs(amount.quantize(_CENT))


Line = Annotated[
    str, AfterValidator(_one_line), says("un texte d’une ligne, de 500 caractères au plus", max_length=500)
]
Lines = Annotated[str, AfterValidator(_some_lines), says("un texte de 5000 caractères au plus", max_length=5000)]
Email = Annotated[
    str, AfterValidator(_email), says("une seule adresse e-mail, sans accent avant le @, comme prenom@exemple.fr")
]
Emails = Annotated[
    list[Email],
    BeforeValidator(listed),
    AfterValidator(distinct),
    says("une adresse e-mail, ou une liste d’adresses différentes", min_length=1),
]
FilePath = Annotated[
    Path, BeforeValidator(_file_path), says("un chemin, relatif au dossier du fichier de réglages ou absolu")
]
FilePaths = Annotated[
    list[FilePath],
    BeforeValidator(listed),
    AfterValidator(distinct),
    says("un chemin, relatif au dossier du fichier de réglages ou absolu, ou une liste de chemins, sans répétition"),
]
PdfPath = Annotated[
    Path,
    BeforeValidator(_pdf_path),
    says('un chemin où {number} tient la place du numéro, comme "factures/{number}.pdf"'),
]
Siret = Annotated[
    str,
    AfterValidator(lambda value: re.sub(r"\s", "", value)),
    _where(re.compile(r"[0-9]{14}").fullmatch),
    says("les 14 chiffres du SIRET, entre guillemets"),
]
Iban = Annotated[str, AfterValidator(_iban), says("un IBAN, comme FR76 3000 6000 0112 3456 7890 189")]
Bic = Annotated[str, says("un BIC de 8 ou 11 caractères en majuscules", pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$")]
InterestRate = Annotated[
    InstanceOf[Rate],
    BeforeValidator(_rate),
    says(
        "un nombre de 0 à 100, en pour cent par an, comme 14.0, ou bien "
        '"ecb+10" (taux de la BCE plus 10 points), "legal*3" (trois fois le taux légal) ou "0.05/day" (par jour)'
    ),
]
Percent = Annotated[
    Decimal, BeforeValidator(_exact), says("un nombre de -100 à 100, en pour cent par an, comme 2.40", ge=-100, le=100)
]
Margin = Annotated[
    Decimal, BeforeValidator(_exact), says("un nombre de plus de 0 à 100, en pour cent, comme 20.0", gt=0, le=100)
]
FlatFee = Annotated[
    Decimal,
    BeforeValidator(_exact),
    says(
        "un montant de 0 à 40.00, ce que fixe l’article D441-5 (des frais réels plus élevés se disent par "
        "client, sous charges.real_costs)",
        ge=0,
        le=40,
        decimal_places=2,
    ),
    AfterValidator(_cents),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    says("un montant en euros d’au plus deux décimales, comme 40.00", ge=0, le=1_000_000, decimal_places=2),
    AfterValidator(_cents),
]
ImputationName = Annotated[
    Imputation, says('"principal" (ce qui est dû d’abord) ou "interest" (les pénalités d’abord)', strict=False)
]
StateName = Literal[
    "open",
    "partial",
    "paid",
    "draft",
    "cancelled",
    "credit_note",
    "refunded",
    "disputed",
    "written_off",
    "factored",
    "direct_debit",
    "excluded",
    "other",
]
"""A Meaning of relance.sources.words, but for UNSAFE, which only asks."""
Switch = Annotated[bool, says("true ou false, sans guillemets")]
Gap = Annotated[int, whole(0, 365, "jours")]
Terms = Annotated[int, whole(1, 365, "jours")]
Seconds = Annotated[int, whole(1, 600, "secondes")]
Port = Annotated[int, whole(1, 65535)]
NewTerm = Annotated[int, says("un nombre entier de jours, de 0 (aucun délai) à 365", ge=0, le=365)]
Day = Annotated[
    int, says("un nombre entier de jours après l’échéance (négatif avant elle), de -365 à 1825", ge=-365, le=1825)
]
StageKey = Annotated[
    str,
    AfterValidator(_stage_key),
    says(
        "une clé en minuscules sans accent ni espace, comme friendly ou rappel_2",
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
    ),
]
TemplateName = Annotated[
    str,
    says(
        "le nom d’un fichier de modèle, sans chemin, comme firm.txt.j2",
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
        max_length=80,
    ),
]
Channels = Annotated[
    list[Literal["email", "call", "letter", "sms"]],
    AfterValidator(distinct),
    says('une liste choisie parmi "email", "call", "letter" et "sms"', min_length=1),
]
ScheduleName = Annotated[Line, says("le nom d’un calendrier, un texte d’une ligne")]
KindName = Annotated[Kind, Field(strict=False)]
ProfileName = Annotated[Literal["key", "new"], says('"key" (client privilégié) ou "new" (première facture ensemble)')]
RegionName = Annotated[
    str, _where(REGIONS.__contains__), says(f"une région qui a ses propres jours fériés : {', '.join(REGIONS)}")
]
Span = Annotated[
    tuple[date, date], BeforeValidator(_span), says('un jour "AAAA-MM-JJ" ou une période "AAAA-MM-JJ/AAAA-MM-JJ"')
]
SendingHours = Annotated[InstanceOf[Hours], BeforeValidator(_hours), says('deux heures, comme "08:00-18:30"')]
Timezone = Annotated[str, AfterValidator(_timezone), says('un fuseau horaire, comme "Europe/Paris"')]
Host = Annotated[
    str,
    AfterValidator(_host),
    says("le nom ou l’adresse du serveur, seul (le port se dit dans smtp.port), comme smtp.exemple.fr"),
]
Security = Annotated[
    Literal["starttls", "tls", "none"], says('"starttls", "tls" ou, pour un serveur de cette machine seulement, "none"')
]
Variable = Annotated[str, says("le nom d’une variable d’environnement", pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
Command = Annotated[
    list[Line], BeforeValidator(_command), says("une commande, en un texte ou en une liste de mots", min_length=1)
]
Service = Annotated[Line, says("le nom sous lequel le trousseau du système garde le mot de passe")]
Encoding = Annotated[str, AfterValidator(_encoding), says('un encodage connu de Python, comme "utf-8" ou "cp1252"')]
Delimiter = Annotated[str, _where(_delimits), says(r'un seul caractère, comme ";", ",", "|" ou "\t"')]
