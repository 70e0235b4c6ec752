"""What is wrong with a message before it leaves: errors stop that message, warnings are shown to its author.

Facts are looked for in the whole text, tone and typography in the template's own words alone: a customer may be
called Yahoo! and a sender CAMILLE.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from relance.core.calendar import WorkCalendar, is_open
from relance.core.message import Letter
from relance.core.policy import FORMAL_NOTICE, THANKS
from relance.french import NARROW, NO_BREAK
from relance.letters.items import InvoiceView
from relance.letters.languages import FRENCH, MONTHS, WEEKDAYS, Language
from relance.letters.names import is_no_person
from relance.letters.typography import DATA
from relance.letters.views import SUBJECT_ROOM, LetterView


class Finding(NamedTuple):
    """One thing found: a French sentence as one types it, without its end stop; an error stops the message."""

    what: str
    error: bool


def _any(*words: str) -> "re.Pattern[str]":
    return re.compile(rf"\b(?:{'|'.join(words)})", re.IGNORECASE)


_ORDINAL = r"(?:1re|1ère|2e|2nde|3e|première|deuxième|seconde|troisième|dernière|\d+e)"
_BLAME = {
    "fr": _any(
        *(r"(?:encore|toujours) (?:oublié|omis|négligé)", r"vous avez (?:oublié|omis|négligé)", "tu as oublié"),
        *("inadmissible", "inacceptable", "intolérable", "inexcusable", "inqualifiable", "scandaleu"),
        *("honteu", "mauvaise foi", "mauvais payeur", "négligence", "malhonnêt", "escroc", "irresponsab"),
        *(r"(?:votre|ta) faute", r"manque de (?:respect|sérieux|professionnalisme)", "patience a des limites"),
        *(r"(?:notre|ma) patience", "se moquer? de", "dernier avertissement", "sous peine de", "saisir vos biens"),
    ),
    "en": _any(
        *("unacceptable", "inexcusable", r"you (?:have )?(?:again )?forg[eo]t", "negligen", "bad faith"),
        *("shame", "dishonest", "your fault", "lack of respect", "running out of patience", "disgrace"),
    ),
}
_COUNT = {
    "fr": _any(rf"{_ORDINAL} relance\b", r"relance n[°o]", r"(?:premier|second|deuxième|dernier|\d+e) rappel\b"),
    "en": _any(r"(?:first|second|third|final|last|1st|2nd|3rd) (?:reminder|notice|warning)\b"),
}
_TONES = ((_BLAME, "un reproche, « {} »"), (_COUNT, "« {} » annonce les relances suivantes"))
"""Words that a message does not hold, by its language, and what is said of them; `{}` is what was found."""
_CHARGES = "« {} » : ce client n’est pas connu comme un professionnel, le lui réclamer serait une faute"
_NEVER_TO_ALL = _any(
    "pénalités? de retard",
    "indemnités? forfaitaires?",
    rf"40[ {NO_BREAK}{NARROW}]?(?:€|euros)",
    "L441-10",
    "D441-5",
    "frais de recouvrement",
    "late[- ]payment interest",
    "recovery fee",
)
_FAMILIAR = re.compile(r"\b(?:tu|te|toi|ta|tes|(?<!\ble )(?<!\bun )(?<!\bdu )(?<!\bce )ton)\b|\bt['’]", re.IGNORECASE)
_POLITE = re.compile(r"\b(?:vous|votre|vos|veuillez)\b|\w{2,}ez-(?:moi|nous|le|la|les)\b", re.IGNORECASE)
_CAPITALS = re.compile(r"\b(?!IBAN\b|SIRET\b|SIREN\b|SEPA\b)[A-ZÀ-ÖØ-Ý]{4,}\b")
_UNFILLED = re.compile(r"\{\{|\}\}|\{%|%\}|\bNone\b|\[[^\]\n]{2,40}\]|\bX{2,}\b|\bTODO\b|<[^>@\n]{1,40}>")
_HOLE = re.compile(r"(?<![\w-])(?:du|de|le|la|au|of|the|by) ?[,.;)]|\( *\)|,\s*,", re.IGNORECASE)
_SPACES = (
    (re.compile(rf"[^\s{NARROW}«(\[?!;][;?!](?=\s|$)"), "il manque l’espace insécable devant « {} »"),
    (re.compile(r" [;?!:»%€](?=\s|$)|« (?=\S)"), "une espace ordinaire près de « {} »"),
    (re.compile(r"(?<![\d,])\d{1,3} \d{3}(?!\d)"), "« {} » : entre les milliers, une espace insécable"),
    (re.compile(r"\d[.,]?\d*€"), "« {} » : une espace insécable devant\u00a0€"),
    (re.compile(r'"[^"\n]+"'), "{} : en français, les guillemets sont « »"),
)
_STRAIGHT = re.compile(rf"[\w{DATA}]*['´`][\w{DATA}]+")
_PAID_UP = _any(r"soldée?s?\b", r"paid (?:up|off|in full)", r"settled in full")
_GREETING = re.compile(r"(?:Bonjour|Chère?|Dear|Hello|Hi)\b([^,\n]*),?")
_TITLED = re.compile(r" *(?:Madame|Monsieur|Maître|Docteur|Professeur|M\.|Mme|Ms|Mrs|Mr|Dr|Professor)\b")
MOST_WORDS = {"firm": 130, "friendly": 90, "courtesy": 70}
"""Words from the greeting to the closing of a message about one invoice, whatever stands between two spaces."""
_ROOM = Decimal("1.75")
"""Words beyond the first that values have on average in ordinary messages: no long name is held against an author."""
_CHOSEN = 12
"""Words that each thing which its author chose may add."""
MOST_SUBJECT, FIRST = 90, 300
"""Characters of a subject, and of the text's beginning in which a sum stands."""
_CLOSING = re.compile(
    r"^(?:Bonne journée|Bien (?:cordialement|à (?:toi|vous))|Cordialement|Merci|(?:Kind|Best) (?:regards|wishes)"
    r"|Yours \w+|Regards) ?[,.]?$",
    re.MULTILINE,
)
_SUM = re.compile(r"\d[.,]\d\d(?!\d)")
_MEANS = _any(
    *("IBAN", "RIB", "virement", "chèque", "coordonnées bancaires", "carte bancaire", "prélèvement", "mandat"),
    *("bank details", "bank transfer", "transfer", "cheque", "direct debit"),
)
_MONTHS = {name.casefold(): i % 12 + 1 for i, name in enumerate(MONTHS)}
_DAY = re.compile(
    rf" (?:(?:(?:{'|'.join(WEEKDAYS)}) )?(?P<day>\d{{1,2}})(?:er)? (?P<month>{'|'.join(MONTHS)})\b"
    r"(?: (?P<year>\d{4}))?"
    r"|(?P<figures>\d{2}/\d{2}/\d{4}))",
    re.IGNORECASE,
)
_UNTIL = re.compile(
    r"(?:[Aa]u plus tard|[Aa]vant|[Dd]['’]ici(?: au)?|[Jj]usqu['’]au|[Bb]y|[Bb]efore|[Uu]ntil|[Nn]o later than)"
    r"(?: le)?\Z"
)
_UNTIL_LENGTH = len("no later than le")
_NUMBER_AROUND = re.compile(r"[\w-]"), re.compile(r"-?\w")
_AMOUNT_AROUND = re.compile(rf"[\d,.{NARROW}-]"), re.compile(r"\d")
_DATE_AROUND = re.compile(r"\d"), re.compile(r"\d")


def findings(letter: Letter, words: str, view: LetterView, language: Language, stage: str) -> list[Finding]:
    """All that is wrong with this message; `words` is its text with DATA in place of each value."""
    said = f"{letter.subject}\n{letter.text}"
    plain = _ordinary(said)
    lacking = _missing(said, plain, view, language, stage)
    found = [Finding(f"il manque {what}", error=True) for what in lacking]
    found += [*wording(words, view, language), *_terms(plain, view)]
    return [*found, *_size(letter, words, view, stage), *_claims(letter, plain, view)]


def wording(words: str, view: LetterView, language: Language) -> tuple[Finding, ...]:
    """What is wrong with the template's own words, whatever the data."""
    return _wording(words, language.code, view.customer.kind in ("consumer", "") and not view.charged)


@lru_cache(maxsize=1024)
def _wording(words: str, language: str, uncharged: bool) -> tuple[Finding, ...]:
    """Tone, persons, holes and spaces: the same for the many messages that differ in their data alone."""
    plain = _ordinary(words)
    spacing = _spacing(words) if language == FRENCH.code else ()
    return (*_tone(plain, language, uncharged), *spacing, *_apostrophes(words))


def _apostrophes(words: str) -> Iterator[Finding]:
    if hit := _STRAIGHT.search(words):
        yield Finding(f"une apostrophe droite, « {hit[0].replace(DATA, '…')} »", error=False)


def _tone(words: str, language: str, uncharged: bool) -> Iterator[Finding]:
    """What is said, and how; `words` with ordinary spaces, `uncharged` where no charges may be named."""
    for patterns, said in _TONES:
        if hit := patterns[language].search(words):
            yield Finding(said.format(hit[0]), error=True)
    if uncharged and (hit := _NEVER_TO_ALL.search(words)):
        yield Finding(_CHARGES.format(hit[0]), error=True)
    familiar, polite = _FAMILIAR.search(words), _POLITE.search(words)
    if language == FRENCH.code and familiar and polite:
        yield Finding(f"« {familiar[0]} » et « {polite[0]} » dans un même message", error=True)
    if hit := _UNFILLED.search(words) or _HOLE.search(words):
        yield Finding(f"un passage à remplir ou un blanc, « {hit[0]} »", error=True)
    if hit := _CAPITALS.search(words):
        yield Finding(f"des capitales, « {hit[0]} »", error=False)
    if "!" in words:
        yield Finding("un point d’exclamation", error=False)


def _spacing(words: str) -> Iterator[Finding]:
    for pattern, said in _SPACES:
        if hit := pattern.search(words):
            yield Finding(said.format(hit[0].strip().replace(DATA, "…")), error=False)


def _terms(said: str, view: LetterView) -> Iterator[Finding]:
    """Days until which one may pay that are over, or on which no bank works; an invoice's own due date is given."""
    given = {invoice.due_date for invoice in (*view.invoices, *view.others)}
    for hit in _DAY.finditer(said):  # a text holds few days, and words that might precede one in every line
        until = _UNTIL.search(said, max(0, hit.start() - _UNTIL_LENGTH), hit.start())
        if until is None:
            continue
        day = _read(hit, view.today)
        if day is None or day < view.today:
            yield Finding(f"un délai déjà passé, « {until[0]}{hit[0]} »", error=True)
            return
        if day not in given and not is_open(day, _BANKS):
            yield Finding(f"un délai un jour fermé, « {until[0]}{hit[0]} »", error=False)
            return


_BANKS = WorkCalendar()


def _read(hit: "re.Match[str]", today: date) -> date | None:
    """The day that was found, one without a year the nearest to today; None where the calendar has none such."""
    try:
        if hit["figures"]:
            return date.fromisoformat("-".join(reversed(hit["figures"].split("/"))))
        month, number = _MONTHS[hit["month"].casefold()], int(hit["day"])
        years = [int(hit["year"])] if hit["year"] else [today.year + shift for shift in (-1, 0, 1)]
        return min((date(year, month, number) for year in years), key=lambda day: abs(day - today))
    except ValueError:
        return None


def _size(letter: Letter, words: str, view: LetterView, stage: str) -> Iterator[Finding]:
    """What makes a message hard to take in on a telephone; long numbers and lists are not its author's doing."""
    short = len(letter.subject.replace(view.numbers, "").replace(view.numbers_short, ""))
    if len(letter.subject) > MOST_SUBJECT and short > MOST_SUBJECT - SUBJECT_ROOM:
        yield Finding(f"un objet de {len(letter.subject)} caractères, {MOST_SUBJECT} au plus", error=False)
    most = MOST_WORDS.get(stage, 0) + _CHOSEN * _chosen(view)
    alone = stage in MOST_WORDS and not (view.several or view.others or view.credits)
    if alone and (count := count_words(letter.text, words)) > most:
        yield Finding(f"{count} mots jusqu’à la formule de fin, {most} au plus", error=False)
    if not _SUM.search(letter.text[:FIRST]):
        yield Finding(f"pas de somme dans les {FIRST} premiers caractères", error=False)


def _chosen(view: LetterView) -> int:
    """How many things the message says because its author chose them: files, links, sentences of [messages]."""
    link = any(invoice.payment_link for invoice in view.invoices)
    return sum((view.attached or view.sender.rib, link, view.qr, *view.sentences))


def count_words(text: str, words: str) -> int:
    """The words of a message up to its closing, of its values no more than ordinary ones have.

    In `words`, of which the first line is the subject, DATA stands for a value.
    """
    own = _to_closing(words.strip().partition("\n")[2])
    alone, values = len(own.split()), own.count(DATA)
    return alone + min(len(_to_closing(text).split()) - alone, int(values * _ROOM))


def _to_closing(text: str) -> str:
    ends = [hit.end() for hit in _CLOSING.finditer(text)]
    return text[: ends[-1]] if ends else text


def _claims(letter: Letter, plain: str, view: LetterView) -> Iterator[Finding]:
    """A receipt that gives up what is claimed, and a greeting by a name that is no person's."""
    if (view.claimed > 0 or view.still_claimed) and (hit := _PAID_UP.search(plain)):
        yield Finding(f"« {hit[0]} », alors que des sommes restent réclamées", error=True)
    first = letter.text.lstrip().partition("\n")[0]
    if hit := _GREETING.match(first):
        named = hit[1].strip()
        titled = _TITLED.match(hit[1]) is not None
        if named and is_no_person(_TITLED.sub("", hit[1]).strip(), titled=titled):
            yield Finding(f"une société saluée comme une personne, « {first} »", error=False)


def _missing(said: str, plain: str, view: LetterView, language: Language, stage: str) -> Iterator[str]:
    """What a message fails to say of what every message must say, as French noun phrases; `plain` has plain spaces.

    Thanks ask for nothing: they need neither a due date nor a means of payment. Only a formal notice names its debtor:
    elsewhere the greeting and the address do.
    """
    name, paid = view.customer.name, stage == THANKS.key
    named = stage != FORMAL_NOTICE or name in plain or name in " ".join(plain.split())
    if not (name and named):
        yield "le nom du client"
    for invoice in view.invoices:
        yield from _missing_about(invoice, said, plain, language, view.today, paid=paid)
    links = [invoice.payment_link for invoice in view.invoices if invoice.payment_link]
    if not (paid or "\nIBAN" in said or _MEANS.search(said) or any(link in said for link in links)):
        yield "le moyen de payer"


def _missing_about(
    invoice: InvoiceView, said: str, plain: str, language: Language, today: date, *, paid: bool
) -> Iterator[str]:
    """Numbers and dates count only where they stand alone: 12 is not said by 2026-12, nor 5 mai by 25 mai."""
    if not invoice.number or not _alone(invoice.number, said, *_NUMBER_AROUND):
        yield f"le numéro de la facture {invoice.number}".rstrip()
        return
    amount = language.amount(invoice.paid or invoice.total if paid else invoice.outstanding)
    if not _alone(amount, said, *_AMOUNT_AROUND):
        yield f"le montant {'réglé' if paid else 'dû'} de la facture {invoice.number}"
    due = invoice.due_date
    dates = (language.long_date(due), language.short_date(due), language.near_date(due, today))
    if not paid and not any(_alone(day, plain, *_DATE_AROUND) for day in dates):
        yield f"l’échéance de la facture {invoice.number}"


def _ordinary(text: str) -> str:
    """The text with ordinary spaces only."""
    return text.replace(NO_BREAK, " ").replace(NARROW, " ")


def _alone(wanted: str, said: str, before: "re.Pattern[str]", after: "re.Pattern[str]") -> bool:
    """True where the text holds this with neither `before` just before it nor `after` just after it."""
    start = said.find(wanted)
    while start >= 0:
        if not (start and before.match(said, start - 1)) and not after.match(said, start + len(wanted)):
            return True
        start = said.find(wanted, start + 1)
    return False
