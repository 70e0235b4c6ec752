"""Columns that no field uses: what each looks like, and whether it could change what is claimed of whom."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, cached_property
from itertools import islice
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from relance.core.invoice import ZERO, normalised_number
from relance.sources.amounts import read_amounts
from relance.sources.columns import fields_of, header_key, header_words
from relance.sources.dates import read_date, read_terms
from relance.sources.decoding import Decoded
from relance.sources.documents import are_types
from relance.sources.headers import LINE_WORDS
from relance.sources.source import Look, Proof, Unused
from relance.sources.units import unit_of
from relance.sources.values import Cell, Unreadable, plain, shown, text_of
from relance.sources.words import STATES, bare, read_yes

if TYPE_CHECKING:
    from relance.sources.payments import Entries


class _Stems(NamedTuple):
    """Words, and beginnings of words, as they stand in header_words."""

    starts: tuple[str, ...]
    words: frozenset[str]

    def in_any(self, words: Sequence[str]) -> bool:
        return any(word in self.words or word.startswith(self.starts) for word in words)


def _stems(text: str) -> _Stems:
    """`pay` is a whole word, `pay-` the beginning of one."""
    told = text.split()
    starts = tuple(word[:-1] for word in told if word.endswith("-"))
    return _Stems(starts, frozenset(word for word in told if not word.endswith("-")))


_SPEAKING = _stems(
    """pay paye- paya- paym- payi- payo- paie- pai- regl- encaiss- vers verse- acompt- accompt- avance- arrhes-
    deposit- prepa- solde- reste- restant- remain- duu due dues owe- owing impa- unpaid- outstand- balance- credit-
    avoir- lettr- rapproch- eche- echu- deadline- maturit- exigib- limite- litig- disput- contest- reclam- relanc-
    remind- rappel- dunn- chas- annul- cancel- void- abandon- retenue- retention- holdback- rembours- refund- prelev-
    debit- recouvr- collect- settl- clear- receiv- recu- encours- creance- arrier- overdue- retard- bloqu- bloca-
    block- hold- prorata archiv- compens- imput- dedu- payable- trop- statu- stat etat- suivi- relev- percu- percev-
    write- writeoff-"""
)
"""Of paying, owing, due dates, disputes, reminders, cancelling, what state an invoice is in."""
_HARMLESS = _stems(
    """ht hors excl- untaxed- subtotal- sous tva vat tax taxe taxes taxable gst qty qte qtes quantit- nb nombre- count
    counter heure heures hour hours jour jours day days semaine- week weeks mois month- annee- year years trimestre-
    quarter- period- exercice- prix price- unit- pu tarif- taux rate rates cours change exchange- remise- discount-
    rabais- ristourne- port livr- deliver- ship- exped- marge margin- cout couts cost costs poids weight- volume-
    surface- id ids uuid guid ref refs reference- code codes cle key keys numero- num nr no n # creat- cree creee cree-
    updat- modif- maj saisi- import- export- envo- sent send view viewed vu vue vues print- imprim- commande- order
    orders ordered po debut- fin start end from naiss- birth- item- ligne lignes line lines produ- article- design- tel
    telephone- phone- fax cp zip post- lat lon longit- latit- compt- account- journal- analyt- section- iban- bic swift
    bank- banque- color- colour- couleur- tag tags utilis- user- auteur- author- owner- vend- sale sales commerc- lang-
    locale- templat- theme- recur- sync- prospect- chantier- proje- mission- stock- budget- opport- campa- newsletter-
    mail mailing email emails partial- salut- website- web url lien- link- skype- twitter- facebook- department- place-
    shopify- paperless- siret siren country- pays"""
)
"""HT, VAT, quantities, prices, days that a program keeps for itself, identifiers, goods, projects and people."""
_DENYING = _stems("ne pas non not rien jamais never sans stop out dont interdi- refus- desinscri- unsubscri- exclu-")
"""What makes of a harmless word what is not to be done: « Ne rien envoyer »."""
_NEUTRAL = frozenset(
    "a au aux and by cf custom de d des du en et for frais fee fees charge charges is l la le les net of par per sur "
    "to total totals montant montants amount amounts valeur value ttc eur euro euros before after avant apres "
    "signed signe currency devise".split()
)
"""Words that say nothing of what stands beside them."""
_OF_DOCUMENTS = frozenset("type nature kind genre sorte categorie category sens".split())
_DOCUMENT = frozenset("piece document doc facture invoice mouvement ecriture operation transaction".split())
_OF_SUMS = frozenset(
    "total montant amount ttc facture invoice signe signed en devise devises currency eur euro base local company "
    "societe brut gross incl inc including tax grand in the of de la net a payer pay to".split()
)
_INTERNAL = frozenset(
    """partpayment outputstatus termsold paypal payflowpro worldpay paymentspro wepay partialpayments
    paypalemail writeoffexchangerate partialdeposit sumrecovery selldate""".split()
)
"""Header keys of known exports that look as if they spoke of paying: what a customer may pay by, what was printed."""
_BESIDE = frozenset(
    """contact first_name civility cc phone address street2 postcode city country issue_date terms line_total
    total_excl_tax vat_amount payment_id reference label pdf payment_link siret vat_number language source_invoice
    customer_kind customer customer_code number currency method last_reminder""".split()
)
"""Fields of which a second column says nothing more of what is owed."""
_AGES = frozenset("jour jours day days age anciennete".split())
_COUNTED = ("nb ", "nombre ", "number of ")
_CHECKED = 200
_SAMPLES = 3
_LONGEST_WORD = 24
_MOST_WORDS = 12
_MOST_DIGITS = 7
_DIGIT = re.compile("[0-9@]")
_WHOLE = re.compile(r"-?[0-9]+(?:\.0)?")
_FIELD_OF_WORDS: tuple[tuple[Look, str, _Stems], ...] = (
    (Look.AMOUNT, "credits", _stems("retenue- retention- holdback- avoir- credit- dedu- imput- compens-")),
    (
        Look.AMOUNT,
        "outstanding",
        _stems(
            "reste- restant- remain- solde- duu due ow- impa- outstand- balance- encours- creance- arrier- overdue-"
        ),
    ),
    (
        Look.AMOUNT,
        "paid",
        _stems("pa- regl- encaiss- vers- acompt- accompt- avance- arrhes- deposit- prepa- recu- receiv- perc- settl-"),
    ),
    (Look.DATE, "due_date", _stems("eche- deadline- maturit- exigib- limite- due duu")),
    (Look.DATE, "paid_date", _stems("pa- regl- encaiss- vers- recu- receiv- settl- clear- lettr-")),
    (Look.DATE, "issue_date", _stems("emis- issue- fact- invoice- bill-")),
    (Look.FLAG, "dispute", _stems("litig- disput- contest- reclam- bloqu- bloca- block-")),
    (Look.FLAG, "paid_flag", _stems("pa- regl- encaiss- solde- acquit- settl- clear- lettr-")),
)
"""What the words of a header let one think that it is, for a column of this look; the first that fits."""


def unused_columns(decoded: Decoded, ledger: "Mapping[str, Entries]", read: Collection[str] = ()) -> tuple[Unused, ...]:
    """Every column with a header that is no field (none of those that are `read`), in the order of the file."""
    table = decoded.table
    sums = _Sums(decoded, ledger)
    return tuple(_unused(table.headers[place], table.column(place), sums) for place in decoded.spare(read))


def unused_in_lists(lists: Iterable[tuple[Decoded, Collection[str]]]) -> Iterator[Unused]:
    """The columns of other lists that say of a customer or a payment, by yes and no or a state, what nobody reads.

    Each list comes with the fields that are read of it. What says the same of all, or no of all, marks nobody.
    """
    for decoded, read in lists:
        for column in unused_columns(decoded, {}, read):
            cells = decoded.table.column(decoded.table.headers.index(column.header))
            same = len(set(cells)) == 1 and len(cells) > 1
            if column.looks_like not in (Look.FLAG, Look.STATE) or not column.weighty:
                continue
            marks = any(map(read_yes, cells)) if column.looks_like is Look.FLAG else not same
            if marks and said_of(column.header, column.looks_like):
                yield column._replace(field="", list=decoded.table.sheet or PurePath(decoded.table.file).name)


def _unused(header: str, cells: list[Cell], sums: "_Sums") -> Unused:
    filled = [cell for cell in dict.fromkeys(cells) if text_of(cell)]
    samples = tuple(map(shown, islice(filled, _SAMPLES)))
    look = look_of(header, cells, filled)
    said = said_of(header, look, sums.decoded.table.columns.french)
    if filled and not sums.decoded.fields.keys() & {"due_date", "terms"} and all(map(_is_terms, filled)):
        return Unused(header, look, samples, True, "terms")  # or thirty days would be counted instead
    if (
        not filled
        or said is False
        or (said is None and look is Look.TEXT)
        or sums.says_nothing(header, look, cells, said)
    ):
        return Unused(header, look, samples)
    field, proof = _guess(header, look), None
    if look is Look.AMOUNT:
        field, proof = sums.proposal(cells, field)
    if field in sums.decoded.fields and not (field == "total" and proof):
        field = ""  # the file has another column for it
    return Unused(header, look, samples, True, field, proof)


@cache
def said_of(header: str, look: Look, french: bool = True) -> bool | None:
    """True where a header speaks of what is owed, False where of something else alone, None where of neither."""
    words, key = header_words(header), header_key(header)
    known = fields_of(key)
    if key in _INTERNAL or (known and known <= _BESIDE):
        return False
    if " ".join(words).startswith(LINE_WORDS) or (look in (Look.AMOUNT, Look.FLAG) and _is_age(header, words)):
        return False
    kinds = _OF_DOCUMENTS.intersection(words) and (len(words) == 1 or _DOCUMENT.intersection(words))
    if kinds or _SPEAKING.in_any(words):
        return True
    return False if _is_harmless(header, look, french) else None


def _is_harmless(header: str, look: Look, french: bool) -> bool:
    """True where a header speaks of harmless things; over sums its main word has to, and a yes must not deny them.

    The main word is the first one in French, the last one in English and of `interest_rate`. One that nobody knows may
    be what makes a sum one to take off: « Geste commercial », "Bank transfer".
    """
    words = header_words(header)
    if look is Look.AMOUNT:
        content = [word for word in words if word not in _NEUTRAL and not word.isdigit()]
        last = _HARMLESS.in_any(content[-1:]) and ("_" in header or not french)
        return last or (french and _HARMLESS.in_any(content[:1]))
    return _HARMLESS.in_any(words) and not (look is Look.FLAG and _DENYING.in_any(words))


def _is_age(header: str, words: Sequence[str]) -> bool:
    """True for a count (« Nb relances ») and for a number of days, whatever they are days of."""
    return bool(
        " ".join(words).startswith(_COUNTED)
        or _AGES.intersection(words[:1])
        or header.casefold().endswith(("(jours)", "(j)", "(days)"))
    )


def look_of(header: str, cells: Sequence[Cell], filled: Sequence[Cell]) -> Look:
    """What a column looks like, of whose cells `filled` are the different ones."""
    look = _look(header, filled)
    if look is Look.TEXT and len(cells) > 1 and _are_few(filled) and all(map(text_of, cells)):
        # A word on every row, and some of them of paying or reminding: « Étape », « Encaissement fait ».
        look = Look.STATE if any(_SPEAKING.in_any(header_words(text_of(cell))) for cell in filled) else look
    return look


def _look(header: str, filled: Sequence[Cell]) -> Look:
    """What the different cells of a column (`filled`) are for the most part."""
    some = filled[:_CHECKED]
    if not some:
        return Look.TEXT
    if all(read_yes(cell) is not None for cell in some):
        return Look.FLAG
    if _most(
        some,
        lambda cell: not isinstance(read_date(cell), Unreadable) or not isinstance(read_date(cell, "mdy"), Unreadable),
    ):
        return Look.DATE
    amounts, _ = read_amounts([*some, "0,01"])
    if _most(some, lambda cell: not isinstance(amounts[cell], Unreadable)) and not _are_identifiers(some):
        percent = unit_of(header).percent or any("%" in text_of(cell) for cell in some)
        return Look.PERCENT if percent else Look.AMOUNT
    few = _are_few(filled)
    if few and (_most(some, lambda cell: bare(text_of(cell)) in STATES) or are_types(some)):
        return Look.STATE
    if few and said_of(header, Look.STATE):
        return Look.STATE  # few words under such a header: unknown ones, and not for nothing
    return Look.TEXT


def _are_few(filled: Sequence[Cell]) -> bool:
    """True for a column of a few short words, however often each stands there."""
    words = {plain(text_of(cell)) for cell in filled[:_CHECKED]}
    return len(filled) <= _MOST_WORDS and all(len(word) <= _LONGEST_WORD and not _DIGIT.search(word) for word in words)


def _is_terms(cell: Cell) -> bool:
    """True for « 60 jours » and « à réception »; a bare number may be anything."""
    return isinstance(cell, str) and not text_of(cell).isdigit() and read_terms(cell) is not None


def _most(cells: Sequence[Cell], test: Callable[[Cell], bool]) -> bool:
    return sum(map(test, cells)) * 2 >= len(cells)


def _are_identifiers(cells: Sequence[Cell]) -> bool:
    """True for whole numbers that are no money: with zeros ahead, or longer than any sum of a freelancer."""
    texts = [text_of(cell) for cell in cells]
    if not all(map(_WHOLE.fullmatch, texts)):
        return any(text.startswith("+") for text in texts)
    digits = [text.removesuffix(".0").lstrip("-") for text in texts]
    return any(len(text) > 1 and text[0] == "0" for text in digits) or min(map(len, digits)) >= _MOST_DIGITS


@cache
def _guess(header: str, look: Look) -> str:
    """The field that the words of a header let one think of, for a column of this look; empty for none."""
    words, of_sums = header_words(header), look is Look.PERCENT
    wanted = Look.AMOUNT if of_sums else look  # a share of the total is an amount
    return next((field for of, field, stems in _FIELD_OF_WORDS if of is wanted and stems.in_any(words)), "")


_Values = list[Decimal | None]
"""An amount a row, None where the row does not say."""


class _Sums:
    """The known amounts of a table, row by row, each read when a column is first compared with it."""

    def __init__(self, decoded: Decoded, ledger: "Mapping[str, Entries]") -> None:
        self.decoded = decoded
        self.ledger = ledger

    @cached_property
    def total(self) -> _Values:
        return self._amounts("total")

    @cached_property
    def whole(self) -> _Values | None:
        """What is paid and what is left to pay, together; None where the file has a total."""
        fields = self.decoded.fields
        if "total" in fields or not {"paid", "outstanding"} <= fields.keys():
            return None
        parts = zip(self._amounts("paid"), self._amounts("outstanding"), strict=True)
        return [(paid or ZERO) + (rest or ZERO) for paid, rest in parts]

    @cached_property
    def formulas(self) -> Mapping[str, tuple[str, _Values]]:
        """What a column may be that equals these values."""
        payments = self._payments()
        return {
            "total - paid": ("outstanding", _difference(self.total, self._amounts("paid"))),
            "total - outstanding": ("paid", _difference(self.total, self._amounts("outstanding"))),
            "payments": ("paid", payments),
            "total - payments": ("outstanding", _difference(self.total, payments)),
            "total + vat": ("total", _difference(self.total, [vat and -vat for vat in self._vat()])),
        }

    def _amounts(self, name: str) -> _Values:
        values = islice(self.decoded.values(name), len(self.decoded.table.rows))
        return [value if isinstance(value, Decimal) else None for value in values]

    def _vat(self) -> _Values:
        place = self.decoded.fields.get("vat_amount")
        return [None] * len(self.decoded.table.rows) if place is None else _read(self.decoded.table.column(place))

    def _payments(self) -> _Values:
        found: _Values = []
        for number in islice(self.decoded.values("number"), len(self.decoded.table.rows)):
            entries = self.ledger.get(normalised_number(number)) if isinstance(number, str) and self.ledger else None
            found.append(sum((payment.amount for payment in entries.payments), ZERO) if entries else None)
        return found

    def says_nothing(self, header: str, look: Look, cells: list[Cell], said: bool | None) -> bool:
        """True for a column that marks no row: all no (where its header `said` nothing), all nothing, the total.

        The day on which it marks one, it is asked about. Nothing at all may be left to pay, where no other column
        says what is.
        """
        values = _read(cells) if look in (Look.AMOUNT, Look.FLAG) else []
        if self.decoded.fields.keys() & {"outstanding", "paid"} and ZERO in values and not any(values):
            return True
        if look is Look.FLAG:
            return not said and not any(map(read_yes, cells))
        if look is not Look.AMOUNT:
            return False
        return values == self.whole or (set(header_words(header)) <= _OF_SUMS and values == self.total)

    def proposal(self, cells: list[Cell], field: str) -> tuple[str, Proof | None]:
        """What a column of amounts may be: `field` by its words, or what arithmetic shows in most of the rows."""
        values = _read(cells)
        best: tuple[str, Proof | None] = field, None
        for formula, (proposed, expected) in self.formulas.items():
            pairs = [(one, two) for one, two in zip(values, expected, strict=True) if None not in (one, two)]
            same = sum(one == two for one, two in pairs)
            if same * 2 > len(pairs) and (best[1] is None or same > best[1].rows):
                best = proposed, Proof(formula, same, len(pairs))
        return best


def _read(cells: list[Cell]) -> _Values:
    amounts, _ = read_amounts(cells)
    return [value if isinstance(value := amounts[cell], Decimal) else None for cell in cells]


def _difference(one: _Values, two: _Values) -> _Values:
    return [None if a is None or b is None else a - b for a, b in zip(one, two, strict=True)]
