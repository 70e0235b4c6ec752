"""Files that are no list of invoices: what they are, by how they begin or by their headers, and what to do instead."""

import re
import shlex
from collections.abc import Callable, Mapping, Sequence

from relance.errors import SourceError
from relance.sources.values import plain

_OF_BANK = "un relevé de compte bancaire\u00a0: il dit ce qui a été payé, non ce qui est dû"
_CURE = (
    "Lisez-le par «\u00a0relance bank {path}\u00a0»\u00a0; rangé dans un dossier, "
    'files = ["releves/*"] sous [bank] le compte à chaque plan.'
)
_ALONE = (
    r"(?i:ofxheader|!(?:type|account|option|clear)\b|.*<ofx>)|.*(?:tech:xsd:camt\.05|<(?:\w+:)?BkToCstmr)"
    r"|0[14][0-9A-Z ]{5}[^;,\t]{113}"
)
"""How files begin that only banks write: OFX, QIF, CAMT.053, CFONB 120."""


_SIGNS = {
    "band": r"(?:de )?\d{1,3} ?(?:-|a|/|to) ?\d{1,3} ?(?:j|jours?|days?)?"
    r"|[+>] ?(?:de )?\d{2,3} ?(?:j|jours?|days?)?|plus de \d{2,3} ?j(?:ours?)?"
    r"|\d{2,3} ?(?:j|jours|days)? ?(?:\+|et plus|over)",
    "not due": r"non echue?|a echoir|not due|current|courant",
    "entry": r"journal ?(?:code|lib)|ecriture ?(?:num|date|let|lib)|compte ?(?:num|lib)",
    "side": r"(?:montant |au )?(?:debit|credit)s?(?: amount)?(?: euros?)?(?: \(.*\))?",
    "one side": r"sens",
    "account": r"(?:n° |numero |numero de |n° de )?compte(?: general| tiers)?(?: .*)?|account(?: name| code)?",
    "journal": r"(?:code )?journal|libelle (?:d')?ecriture|n° ecriture|transaction id|journal code",
    "bank": r"date (?:de )?(?:la )?(?:valeur|l'operation|operation|comptabilisation)(?: \(utc\))?|dateop|dateval"
    r"|(?:settlement|operation|value|booking) date(?: \(utc\))?|type operation|libelle (?:operation|court|simplifie)"
    r"|montant (?:de l'|de )?operation.*|accountnum|accountbalance|iban|counterparty name|nom de la contrepartie"
    r"|categorie de tresorerie|detail de l'ecriture|pointage operation",
    "label": r"libelles?|label|description|intitule|reference",
    "who": r"nom|name|client|customer name|display name|raison sociale|societe|company(?: name)?|tiers|contact",
    "mail": r"e-?mail(?: id)?|emailid|courriel|mail|adresse e-?mail",
    "invoiced": r".*(?:factur|invoice|montant).*",
}
_INVOICES = "Exportez plutôt la liste des factures, une ligne par facture : numéro, client, échéance, montant TTC."

_KINDS: tuple[tuple[Callable[[Mapping[str, int]], object], bool, str, str], ...] = (
    (
        lambda found: found["band"] >= 2 or (found["band"] and found["not due"]),
        False,
        "une balance âgée : elle donne des sommes par client, sans les factures",
        _INVOICES,
    ),
    (
        lambda found: found["entry"] >= 3,
        True,
        "un fichier des écritures comptables (FEC) : il n’a ni échéances ni adresses",
        "Exportez plutôt la liste des factures depuis votre logiciel de facturation.",
    ),
    (
        lambda found: (
            found["bank"] >= 2 or (found["side"] >= 2 and found["label"] and not found["account"] + found["journal"])
        ),
        False,
        _OF_BANK,
        _CURE,
    ),
    (
        lambda found: found["side"] + found["one side"] and found["account"] + found["journal"],
        True,
        "un journal ou un grand livre comptable : il donne des écritures, non des factures",
        _INVOICES,
    ),
    (
        lambda found: found["who"] and found["mail"] and not found["invoiced"],
        False,
        "une liste de clients, sans factures",
        'Donnez-la à côté des factures : customers = "…" sous [invoices].',
    ),
)
"""By how many headers bear each sign; whether even a whole list of invoices may be meant; what it is, and the cure."""


class _Signs(dict[str, int]):
    """How many of the headers bear each sign, counted when it is asked for."""

    def __init__(self, headers: Sequence[str]) -> None:
        self._headers = headers

    def __missing__(self, name: str) -> int:
        self[name] = sum(re.fullmatch(_SIGNS[name], header) is not None for header in self._headers)
        return self[name]


def statement(path: str, data: bytes) -> SourceError | None:
    """The refusal of a file in a format of banks alone; None for any other."""
    start = data[:4096].decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip()
    if re.match(_ALONE, start, re.DOTALL) is None:
        return None
    return SourceError(f"{path} est {_OF_BANK}.", _typed(_CURE, path))


def _typed(cure: str, path: str) -> str:
    """The cure with the file as a shell takes it."""
    return cure.replace("{path}", shlex.quote(path))


def stranger(path: str, rows: Sequence[Sequence[str]], whole: bool = False) -> SourceError | None:
    """The refusal of a file whose headers tell what it is; None where they tell nothing.

    `whole` says that they hold all that a list of invoices needs: then bands and customers are no reason to refuse it.
    """
    for row in rows:
        headers = [plain(text).replace("_", " ").strip(" *") for text in row if text.strip()]
        found = _Signs(headers)
        for shows, even_whole, what, cure in _KINDS:
            if (even_whole or not whole) and shows(found):
                return SourceError(f"{path} est {what}.", _typed(cure, path))
    return None
