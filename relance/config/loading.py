"""Reading relance.toml: bytes, then TOML, then models, then values; each step names all it finds wrong."""

import re
import tomllib
from decimal import Decimal, InvalidOperation
from pathlib import Path

from pydantic import ValidationError

from relance.config.checks import all_faults, unknown_columns
from relance.config.converting import to_settings
from relance.config.explaining import fault_of, refusal, unknown
from relance.config.models import SettingsFile
from relance.config.values import Settings
from relance.config.wording import Fault, quoted
from relance.errors import SettingsError
from relance.french import typeset

_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_COMMA = re.compile(r"=\s*\d+,\d")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate inline table key", "Cannot redefine")


def load(path: Path) -> Settings:
    """The settings of this file; a SettingsError tells every fault at once, but a file that is no TOML has one."""
    raw = _parsed(path, _text(path))
    faults = [Fault(loc, unknown(loc, value)) for loc, value in unknown_columns(raw)]
    file = None
    try:
        file = SettingsFile.model_validate(raw)
    except ValidationError as error:
        faults += [fault_of(detail) for detail in error.errors(include_url=False)]
    faults += all_faults(raw)
    if faults or file is None:
        raise refusal(path, faults, raw)
    return to_settings(path, file)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        sentence = typeset("Le fichier de réglages {} ne peut pas être lu : {}.")
        reason = error.strerror or type(error).__name__
        cure = "Vérifiez que ce fichier existe et que vous avez le droit de le lire."
        raise SettingsError(sentence.format(quoted(str(path)), reason), cure) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        sentence = typeset("Le fichier de réglages {} n’est pas enregistré en UTF-8 (ligne {}).")
        cure = typeset("Enregistrez-le de nouveau en choisissant l’encodage « UTF-8 ».")
        raise SettingsError(sentence.format(quoted(str(path)), line), cure) from error


def _exact(text: str) -> Decimal:
    """A TOML decimal through its text, so that 14.1 stays 14.1."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise ValueError(f"Invalid number {text}") from error


def _parsed(path: Path, text: str) -> dict[str, object]:
    try:
        return tomllib.loads(text, parse_float=_exact)
    except (ValueError, RecursionError) as error:
        found = _LINE.search(str(error))
        lines = text.splitlines()
        number = int(found[1]) if found else len(lines) if "end of document" in str(error) else None
        where = "" if number is None else f", ligne {number}"
        sentence = typeset("Le fichier de réglages {}{} n’est pas écrit comme le format TOML le demande.")
        met = lines[number - 1] if number is not None and 0 < number <= len(lines) else ""
        raise SettingsError(sentence.format(quoted(str(path)), where), _syntax_cure(str(error), met)) from error


def _syntax_cure(problem: str, line: str) -> str:
    """What to change on this line; the line itself is not shown, for it may hold a password."""
    if problem.startswith(_TWICE):
        return typeset("Cette clé ou cette table est écrite deux fois : gardez-en une seule.")
    if "\\" in line:
        return typeset("Entre guillemets doubles, « \\ » annonce un caractère spécial : écrivez « / » ou « \\\\ ».")
    if _COMMA.search(line):
        return typeset("Un nombre décimal s’écrit avec un point : 14.0 et non 14,0.")
    if "date" in problem.casefold():
        return typeset('Une date existe et s’écrit entre guillemets : "2026-12-24".')
    return typeset(
        'Corrigez cette ligne : une clé, « = », puis un texte entre guillemets ("…"), un nombre (14.0), true ou false, '
        "ou une liste entre crochets ; une table s’annonce par son nom entre crochets."
    )
