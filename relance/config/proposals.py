"""What a wrong line of relance.toml was probably meant to be, to be typed as it is printed; empty where nobody knows.

A value that may be a secret is never repeated.
"""

import re
from difflib import get_close_matches

from relance.config.models import SettingsFile
from relance.config.rows import Loc, rows_of
from relance.core.invoice import normalised_name
from relance.french import SPOKEN, setting

SHOWN_OF_SERVERS = frozenset("host port security timeout per_minute folders drafts_folder save_sent".split())
"""The keys of [smtp] and [imap] whose values may be seen."""
_SERVERS = ("smtp.", "imap.")
_YES, _NO = ("oui", "vrai", "true", "yes", "on"), ("non", "faux", "false", "no", "off")
_LINE = r"\s*([A-Za-z_]+)\s*[=:]\s*(.+?)\s*"
_CURLY = "“”„«»‘’‹›"
_DAY = r"(?a)(\d{1,2})/(\d{1,2})/(\d{4})"
_KEYS = {
    "name": "nom prenom societe",
    "email": "mail e-mail courriel adresse_mail",
    "phone": "telephone tel",
    "address": "adresse",
    "signature": "signe",
    "file": "fichier chemin",
    "host": "hote serveur server",
    "user": "utilisateur login identifiant",
    "security": "securite ssl tls",
    "folder": "dossier",
    "rate": "taux",
    "recovery_fee": "indemnite frais_recouvrement",
    "minimum": "seuil",
    "default_kind": "nature",
    "kind": "nature type",
    "match": "nom client name",
    "channels": "canaux moyens",
    "label": "nom libelle",
    "day": "jour",
    "key": "cle",
    "number": "numero n_facture facture",
    "customer": "client",
    "total": "montant montant_ttc ttc",
    "paid": "paye regle",
    "due_date": "echeance",
    "issue_date": "date emission date_facture",
    "sender": "expediteur emetteur moi",
    "invoices": "factures facture",
    "customers": "clients client",
    "charges": "frais penalites",
    "policy": "regles politique relances",
    "stages": "etapes",
    "smtp": "serveur mail messagerie envoi",
    "delivery": "livraison envois",
    "templates": "modeles",
}
"""What each key and table is called by who writes it in French, without accents."""


def key_meant(word: str, known: list[str]) -> str:
    """The key of this table that a French word, or a nearly right one, stands for."""
    plain = normalised_name(word).replace("-", "_").replace(" ", "_")
    spoken = [key for key in known if plain in _KEYS.get(key, "").split()]
    return next(iter(spoken or get_close_matches(plain, known, 1, 0.6)), "")


def line_meant(loc: Loc, value: object, accepted: str) -> str:
    """The assignment with the value that was meant, of a list the item alone; `accepted` has its words in quotes."""
    meant = _value_meant(value, accepted)
    if not meant:
        return ""
    return f"{loc[-1]} = {meant}" if isinstance(loc[-1], str) else meant


def _value_meant(value: object, accepted: str) -> str:
    if not isinstance(value, str):
        return ""
    plain = normalised_name(value)
    if accepted.startswith("true ou false"):
        return "true" if plain in _YES else "false" if plain in _NO else ""
    if "nombre entier" in accepted and plain.isascii() and plain.isdigit():
        return plain
    if "AAAA-MM-JJ" in accepted and (day := re.fullmatch(_DAY, plain)) is not None:
        return f'"{day[3]}-{int(day[2]):02}-{int(day[1]):02}"'
    words = re.findall(r'"(\w+)"', accepted)
    spoken = [word for word in words if plain in map(normalised_name, SPOKEN.get(word, "").split())]
    near = spoken or get_close_matches(plain, words, 1, 0.7)
    return f'"{near[0]}"' if near else ""


def straight_line(line: str) -> str:
    """A line that TOML cannot read, with straight quotes around its text, `=`, and small letters where they matter."""
    found = re.fullmatch(_LINE, line)
    if found is None or found[1] not in _shown_keys():
        return ""
    key, value = found[1], found[2].strip(_CURLY + "\"' \u00a0\u202f")
    if normalised_name(value) in (*_YES, *_NO):
        return f"{key} = {'true' if normalised_name(value) in _YES else 'false'}"
    if not value or "://" in value or any(sign in value for sign in '"[]{}#='):  # an address may tell a secret
        return ""
    return f"{key} = {value}" if value.isascii() and value.isdigit() else setting(key, value)


def _shown_keys() -> set[str]:
    """Those that hold no secret in any table."""
    return {name for path, _, name in rows_of(SettingsFile) if not path.startswith(_SERVERS)} | SHOWN_OF_SERVERS
