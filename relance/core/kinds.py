"""Who owes, in the eyes of the law, as far as numbers and names tell: a company, a public body, perhaps a person.

A wrong guess towards a consumer is an offence (claiming 40 EUR from one: CPCE L111-8), so a civility makes nobody
anything: it is shown, and asked about.
"""

import re
from enum import StrEnum
from functools import lru_cache

from relance.core.invoice import Customer, Kind, normalised_name


class Sign(StrEnum):
    """What shows the kind of a customer: the file or the settings, a name, a form, a SIREN or VAT number; or nothing.

    A civility before a name (PERSON) is a guess, and shows none.
    """

    GIVEN = "given"
    BODY = "body"
    FORM = "form"
    NUMBER = "number"
    PERSON = "person"
    NOTHING = ""


_KINDS = {Sign.BODY: Kind.PUBLIC, Sign.FORM: Kind.BUSINESS, Sign.NUMBER: Kind.BUSINESS}

_FORMS = frozenset(
    "SARL Sarl SASU EURL Eurl SELARL SELAS SELAFA SELURL SNC SCOP Scop SCIC SCI SCP SCM SCA SCEA SCCV GIE GAEC EARL"
    " EIRL SAEM SAEML SEML GmbH GMBH mbH OHG Ltd LTD Limited LLC LLP PLC Plc Inc INC Corp SRL Srl BV SpA Lda ApS SLU"
    " Pty".split()
)
_DOTTED_FORM = (
    r"\bS\.A\.(R\.L\.|S\.)"
    r"|\bS\.r\.l\.|\bS\.p\.A\.|\bB\.V\.|\bS\. ?[àa] ?r\. ?l\.|\bS[àÀ][rR][lL]\b|\bA/S\b|^EI\b|\bEI$|\(EI\)"
)
_SMALL_FORM = (
    r"\b(sarl|eurl|sasu|selarl|gmbh|eirl|scop)\b|^(sci|snc) |\b(sci|snc)$"
    r"|\b(micro[ -]?entre(prise|preneur)|auto[ -]?entrepreneur|entrepr(ise|eneur) individuel(le)?)\b"
)
"""In small letters, those that make no word."""
_SHORT_FORM = r"\bSAS\b|\bSas\b|\bsas$|(?<!\bDE )(?<!\bDA )\bSA\b|\bS\.A\.|\b(AG|NV|KG|UG)$"
"""Forms that a family name may look like (Mme Sas, Maria DE SA): none where a civility goes before them."""

_OF = r"(?:d'|(?:de|du|des)\b)"
_BODY = (
    rf"(?:la |le |les |l')?(?:mairie\b|(?:commune|ville|departement|ministere|(?:euro)?metropole|ch) {_OF}"
    r"|conseil (?:departemental|regional|municipal|general|communautaire|d'etat)\b"
    r"|communaute (?:de communes|d'agglo|urbaine)"
    r"|region (?:ile.de.france|bretagne|normandie|occitanie|grand est|hauts.de.france|nouvelle.aquitaine|auvergne"
    r"|bourgogne|centre.val|pays de la loire|provence|paca|sud|corse|guadeloupe|martinique|guyane|reunion|mayotte)\b"
    r"|(?:sous.)?prefecture\b|(?:chu|chru|chr|sdis|ccas|cias|crous|rectorat|dgfip|tresor public)\b"
    r"|hospices civils|assistance publique|ap-?h[pm]\b|centre (?:inter)?communal d'action sociale"
    r"|ecoles? (?:(?:maternelle|elementaire|primaire) )?(?:publique|communale|municipale)"
    r"|service departemental d'incendie|syndicat (?:mixte|intercommunal)|office public de l'habitat"
    r"|direction (?:generale|departementale|regionale) des finances publiques|gendarmerie nationale)"
    r"|(?:nantes|rennes|bordeaux|toulouse|montpellier(?: mediterranee)?|brest|dijon|rouen(?: normandie)?|metz|orleans"
    r"|tours|grenoble.alpes|saint.etienne|clermont auvergne|toulon provence mediterranee|angers loire|le mans"
    r"|limoges|aix.marseille.provence) metropole\b"
)
_NO_BODY = (
    r"\b(?:association|amicale|comite|club|mutuelle|immobilier|consulting|services|veterinaire|privee?)\b|\bconseils?$"
)
"""Whoever is called after a body, and is none."""
_HOUSE = r"(?:le |la |l')?(?:hopital|hopitaux|centre hospitalier|universite|lycee|college)\b(?! et\b| &)"
"""Schools and hospitals, most of them public."""
_NO_HOUSE = (
    r"\b(?:catholique|libre|populaire|clinique|americain|foch|francais|international|national|temps libre|d'ete"
    r"|institution|fondation|business|school|stanislas|sacre.coeur|notre.dame|jeanne d'arc|la salle)\b"
    r"|(?<!\bde )\b(?:saint|sainte|st|ste)\b"
)
"""What private ones are called too: nobody is sure of them."""
_TITLE = r"(?:mme|mlle|mr|mrs|ms|m|madame|mademoiselle|monsieur)\b\.?"
_PERSON = rf"{_TITLE} ?(?:(?:et|ou|&) {_TITLE} ?)?(?=[^\W\d_])"
_TRADE = (
    r"\b(?:agence|atelier|bureau|cabinet|garage|boulangerie|boutique|cafe|restaurant|hotel|studio|conseils?|consulting"
    r"|services?|groupe|entreprise|ets|etablissements|societe|cie|associes|bricolage|stores?|design|pressing"
    r"|communication|immobilier|pharmacie|architectes?|avocats?|association|club|comite|fondation|editions?)\b"
)
"""Words of a trade: a civility before them is a brand's."""


def known_kind(customer: Customer) -> Kind | None:
    """The customer's kind: as given, else as a public body's name, a company form, a SIREN or a VAT number shows it."""
    return customer.kind or _KINDS.get(sign_of(customer))


def sign_of(customer: Customer) -> Sign:
    """What shows the customer's kind; a public body has a SIREN too, and no company form."""
    return Sign.GIVEN if customer.kind else _sign_of(customer.name, bool(customer.siret or customer.vat_number))


@lru_cache(maxsize=65536)
def _sign_of(name: str, numbered: bool) -> Sign:
    """By a name, and whether a SIREN or a VAT number stands beside it; the first sign that is there."""
    plain = normalised_name(name).replace("’", "'")
    person = _is_person(plain)
    if _has_form(name, plain, person):
        return Sign.FORM
    if _is_body(plain):
        return Sign.BODY
    if numbered:
        return Sign.NUMBER
    return Sign.PERSON if person else Sign.NOTHING


def _is_person(plain: str) -> bool:
    """True for a civility and a name that is no trade's."""
    return plain.startswith("m") and bool(re.match(_PERSON, plain)) and not re.search(_TRADE, plain)


def _has_form(name: str, plain: str, person: bool) -> bool:
    if not _FORMS.isdisjoint(re.findall(r"\w+", name)):
        return True
    return bool(
        re.search(_DOTTED_FORM, name) or re.search(_SMALL_FORM, plain) or (not person and re.search(_SHORT_FORM, name))
    )


def _is_body(plain: str) -> bool:
    """True for the name of a public body, small and without accents; where it may be a private one, it is none."""
    return bool(_is_public_house(plain) or re.match(_BODY, plain)) and not re.search(_NO_BODY, plain)


def _is_public_house(plain: str) -> bool:
    return bool(re.match(_HOUSE, plain)) and not re.search(_NO_HOUSE, plain)
