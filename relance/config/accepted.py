"""The kinds of values that relance.toml holds, each checked and described in French for the error that names it.

A validator raises ValueError with the words that follow "attendu", or with none where the description says enough.
"""

import ipaddress
import re
import shlex
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, InstanceOf

from relance.core.calendar import REGIONS
from relance.core.interest import Basis, Rate, bounded, read_rate
from relance.french import typeset

_T = TypeVar("_T")
_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"(?=.{{1,254}}\Z)(?=.{{1,64}}@){_LOCAL}(?:\.{_LOCAL})*@(?:{_LABEL}\.)+(?!\d+\Z){_LABEL}")
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}\.?")
_NUMBER_AS_TEXT = re.compile(r"\s*(\d+)(?:[.,](\d+))?\s*(?:%|€|EUR)?\s*")
_SPAN = re.compile(r"(\d{4}-\d{2}-\d{2})(?:/(\d{4}-\d{2}-\d{2}))?")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def _one_line(value: str) -> str:
    if not value.strip() or any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in value):
        raise ValueError
    return value.strip()


def _some_lines(value: str) -> str:
    if not value.strip() or any(unicodedata.category(c) == "Cc" and c not in "\n\t\r" for c in value):
        raise ValueError
    return value.replace("\r\n", "\n").strip()


def _email(value: str) -> str:
    """The address as it is sent to: a domain with accents in punycode (RFC 5891), as the invoice files are read."""
    local, at, domain = value.strip().rpartition("@")
    if not domain.isascii():
        import idna  # for the few addresses that need it

        try:
            domain = idna.encode(unicodedata.normalize("NFC", domain).lower()).decode("ascii")
        except UnicodeError:
            raise ValueError from None
    if not _EMAIL.fullmatch(address := f"{local}{at}{domain}"):
        raise ValueError
    return address


def _listed(value: object) -> object:
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
        raise ValueError(typeset(f"un nombre sans guillemets, avec un point et sans unité : {example}"))
    return value


def _region(value: str) -> str:
    if value not in REGIONS:
        raise ValueError
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


def _siret(value: str) -> str:
    digits = re.sub(r"\s", "", value)
    if not re.fullmatch(r"[0-9]{14}", digits):
        raise ValueError
    return digits


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


def _variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        raise ValueError
    return value


def _command(value: object) -> object:
    """A command written as one text is cut into words the way a shell would, but no shell runs it."""
    if not isinstance(value, str):
        return value
    try:
        return shlex.split(value)
    except ValueError:
        raise ValueError("une commande dont les guillemets se referment") from None


def _encoding(value: str) -> str:
    try:
        "".encode(value)
    except (LookupError, ValueError):
        raise ValueError from None
    return value


def _delimiter(value: str) -> str:
    if len(value) != 1 or value.isalnum() or value in "\"' \r\n" or (not value.isprintable() and value != "\t"):
        raise ValueError
    return value


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


def _path(value: str) -> str:
    if not value.strip() or "\0" in value:
        raise ValueError
    if value.startswith("~"):
        try:
            return str(Path(value).expanduser())
        except RuntimeError:
            raise ValueError("un chemin sans « ~ », car votre dossier personnel n’est pas connu ici") from None
    return value


def _pdf_path(value: str) -> str:
    """A path that names each invoice's own file."""
    if value.count("{number}") != 1 or re.search(r"[{}]", value.replace("{number}", "")):
        raise ValueError
    return _path(value)


def _stage_key(value: str) -> str:
    if value in ("thanks", "broken_promise", "instalment"):
        raise ValueError(typeset("une autre clé : celle-ci est réservée à un message hors des étapes"))
    return value


Line = Annotated[
    str, AfterValidator(_one_line), Field(max_length=500, description="un texte d’une ligne, de 500 caractères au plus")
]
Lines = Annotated[
    str, AfterValidator(_some_lines), Field(max_length=5000, description="un texte de 5000 caractères au plus")
]
Email = Annotated[
    str,
    AfterValidator(_email),
    Field(description="une seule adresse e-mail, sans accent avant le @, comme prenom@exemple.fr"),
]
Emails = Annotated[
    list[Email],
    BeforeValidator(_listed),
    AfterValidator(distinct),
    Field(min_length=1, description="une adresse e-mail, ou une liste d’adresses différentes"),
]
FilePath = Annotated[
    str, AfterValidator(_path), Field(description="un chemin, relatif au dossier du fichier de réglages ou absolu")
]
PdfPath = Annotated[
    str,
    AfterValidator(_pdf_path),
    Field(description='un chemin où {number} tient la place du numéro, comme "factures/{number}.pdf"'),
]
Siret = Annotated[str, AfterValidator(_siret), Field(description="les 14 chiffres du SIRET, entre guillemets")]
Iban = Annotated[str, AfterValidator(_iban), Field(description="un IBAN, comme FR76 3000 6000 0112 3456 7890 189")]
Bic = Annotated[
    str, Field(pattern=r"^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$", description="un BIC de 8 ou 11 caractères en majuscules")
]
InterestRate = Annotated[
    InstanceOf[Rate],
    BeforeValidator(_rate),
    Field(
        description=typeset(
            "un nombre de 0 à 100, en pour cent par an, comme 14.0, ou bien "
            '"ecb+10" (taux de la BCE plus 10 points), "legal*3" (trois fois le taux légal) ou "0.05/day" (par jour)'
        )
    ),
]
Percent = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(ge=-100, le=100, description=typeset("un nombre de -100 à 100, en pour cent par an, comme 2.40")),
]
FlatFee = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(
        ge=0,
        le=40,
        decimal_places=2,
        description="un montant de 0 à 40.00, ce que fixe l’article D441-5 (des frais réels plus élevés se disent par "
        "client, sous charges.real_costs)",
    ),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_exact),
    Field(
        ge=0, le=1_000_000, decimal_places=2, description="un montant en euros d’au plus deux décimales, comme 40.00"
    ),
]
Switch = Annotated[bool, Field(description="true ou false, sans guillemets")]
Gap = Annotated[int, Field(ge=0, le=365, description="un nombre entier de jours, de 0 à 365")]
Day = Annotated[
    int,
    Field(
        ge=-365,
        le=1825,
        description="un nombre entier de jours après l’échéance (négatif avant elle), de -365 à 1825",
    ),
]
StageKey = Annotated[
    str,
    AfterValidator(_stage_key),
    Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        max_length=40,
        description="une clé en minuscules sans accent ni espace, comme friendly ou rappel_2",
    ),
]
TemplateName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$",
        max_length=80,
        description="le nom d’un fichier de modèle, sans chemin, comme firm.txt.j2",
    ),
]
Channels = Annotated[
    list[Literal["email", "call", "letter", "sms"]],
    AfterValidator(distinct),
    Field(min_length=1, description='une liste choisie parmi "email", "call", "letter" et "sms"'),
]
ScheduleName = Annotated[Line, Field(description="le nom d’un calendrier, un texte d’une ligne")]
KindName = Annotated[Literal["business", "public", "consumer"], Field(description='"business", "public" ou "consumer"')]
ProfileName = Annotated[
    Literal["key", "new"],
    Field(description=typeset('"key" (client privilégié) ou "new" (première facture ensemble)')),
]
FormalityName = Annotated[Literal["vous", "tu"], Field(description='"vous" ou "tu"')]
LanguageName = Annotated[Literal["fr", "en"], Field(description='"fr" ou "en"')]
RegionName = Annotated[
    str,
    AfterValidator(_region),
    Field(description=f"une région qui a ses propres jours fériés : {', '.join(REGIONS)}"),
]
Span = Annotated[
    tuple[date, date],
    BeforeValidator(_span),
    Field(description='un jour "AAAA-MM-JJ" ou une période "AAAA-MM-JJ/AAAA-MM-JJ"'),
]
Host = Annotated[
    str,
    AfterValidator(_host),
    Field(description="le nom ou l’adresse du serveur, seul (le port se dit dans smtp.port), comme smtp.exemple.fr"),
]
Variable = Annotated[str, AfterValidator(_variable), Field(description="le nom d’une variable d’environnement")]
Command = Annotated[
    list[Line],
    BeforeValidator(_command),
    Field(min_length=1, description="une commande, en un texte ou en une liste de mots"),
]
Service = Annotated[Line, Field(description="le nom sous lequel le trousseau du système garde le mot de passe")]
Encoding = Annotated[
    str, AfterValidator(_encoding), Field(description='un encodage connu de Python, comme "utf-8" ou "cp1252"')
]
Delimiter = Annotated[
    str, AfterValidator(_delimiter), Field(description=r'un seul caractère, comme ";", ",", "|" ou "\t"')
]
