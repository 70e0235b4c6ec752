"""Which names are no person's: companies, trades, public bodies, desks; and how a person's name is written.

A greeting by a name that is none (« Bonjour Boulangerie Lune, ») shows that a machine writes.
"""

import re
import unicodedata
from functools import lru_cache

from relance.core.invoice import Customer
from relance.core.kinds import Sign, sign_of

PARTICLES = frozenset(
    "de du des le la les van von zu zum zur der den ter ten da di del della dos ben bou abou el al aït ait"
    " saint sainte d' l'".split()
)
_SMALL = frozenset("de du des le la les van von zu zum zur der den ter ten da di del della dos et und y".split())
"""Particles that stay small inside a name that is written in small letters."""
_DESK = re.compile(
    r"^(?:le |la |l')?(?:service|comptabilite|compta|comptable|direction|directeur|directrice|secretariat|accueil"
    r"|bureau|pole|departement|equipe|administration|facturation|achats|fournisseurs|gerante?|dirigeante?|presidente?|maire"
    r"|tresorier|tresoriere|responsable|assistante?|economat|intendance|contact|info|accounts?|accounting|billing"
    r"|finance|purchasing|manager|buchhaltung)\b|@|\d"
)
_SHORT_FORM = re.compile(r"(?<!\bDE)(?<!\bDA) (?:SAS|SA)$")
"""A form after another word, even where a title goes before them; alone, or small, it is a family name: Mme Sas."""
_TRADE = re.compile(
    r"\b(?:agence|agglomeration|architectes?|artisans?|associes?|associates|association|assurances?|atelier|ateliers"
    r"|avocats?|banque|batiment|boucherie|boulangerie|boutique|brasserie|bricolage|cabinet|cafe|camping|cie|clinique"
    r"|club|coiffure|college|comite|commune|communaute|communication|company|conseils?|construction|consulting"
    r"|cooperative|copropriete|couverture|creations?|departement|design|digital|ecole|editions?|electricite|entreprise"
    r"|entreprises|epicerie|etablissements?|ets|fils|fleurs|fondation|formation|freres|fromagerie|garage|group|groupe"
    r"|holding|hopital|hotel|immobilier|imprimerie|industries?|informatique|ingenierie|institut|international"
    r"|investissements?|librairie|logistique|lycee|maconnerie|mairie|media|menuiserie|metropole|ministere|mutuelle|notaires"
    r"|office|paroisse|partners|patisserie|peinture|pharmacie|plomberie|prefecture|presse|pressing|production|productions"
    r"|region|residence|restaurant|services|societe|societes|solutions|ste|stores?|studio|studios|syndic|syndicat"
    r"|technologies|textile|theatre|traiteur|transports?|travaux|universite|ville|voyages|web)\b|&|\+"
)
_TRADE_OR_NAME = re.compile(r"\b(?:auto|autos|bar|centre|chateau|domaine|ferme|france|maison|marine|salon|vins?)\b")
"""Words of a trade that people are called too: no trade's where a title goes before them."""


def is_no_person(name: str, *, titled: bool) -> bool:
    """True for the name of a company, a trade or a public body; `titled` where « Mme » or the like goes before it."""
    plain = plainly(name)
    if _TRADE.search(plain) or sign_of(Customer(f"Mme {name}" if titled else name)) in (Sign.FORM, Sign.BODY):
        return True
    return bool(_SHORT_FORM.search(name) if titled else _TRADE_OR_NAME.search(plain))


def is_desk(name: str) -> bool:
    """True for a service or a function (« service comptabilité », « le gérant »), an address, what holds figures."""
    return _DESK.search(plainly(name)) is not None


@lru_cache(maxsize=4096)
def plainly(name: str) -> str:
    """A name in small letters without accents, its apostrophes straight."""
    decomposed = unicodedata.normalize("NFKD", name.casefold().replace("’", "'"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def capitalised(word: str) -> str:
    """One word of a name as people write it: DUPONT-MOREL and dupont-morel are Dupont-Morel, d'orgeval d’Orgeval."""
    elided = re.match(r"([dl])['’](?=\w)", word)
    if elided:
        return f"{elided[1]}’{capitalised(word[elided.end() :])}"
    return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word).replace("'", "’")


def written(words: list[str]) -> list[str]:
    """These words of a name with capitals where a file has none; what is written with both stays as it is."""
    if any(word != word.lower() for word in words):
        return [
            capitalised(word) if word.islower() and word not in _SMALL and not _elided(word) else word.replace("'", "’")
            for word in words
        ]
    return [word if word in _SMALL else capitalised(word) for word in words]


def _elided(word: str) -> bool:
    return re.match(r"[dl]['’]", word) is not None
