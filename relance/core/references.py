"""Which invoices the label of a credit names: their numbers as customers write them, whole tokens only.

Written F-2026-041, it is also F2026041, F 2026 41 and 2026-041. Dates, IBANs, telephones and order numbers hold digits
too, and two digits found inside others have paid wrong invoices elsewhere (erp-mafia/accounted, issue 2673): what is
not surely a number of ours is told apart.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache
from itertools import dropwhile, pairwise
from typing import NamedTuple

from relance.core.invoice import Invoice
from relance.core.label_words import AND, INTRODUCES, INVOICE, NUMBER, OTHER_PAPER
from relance.core.statement import Credit

MIN_DIGITS = 4
"""Of fewer digits a number is too short to be told from others."""
_BARE_DIGITS = 6
"""Of fewer digits a number without letters is too short: 1041 is a street, a client, a time of day."""
_LISTING, _MONTHS = frozenset(",;+&/"), frozenset(f"{month:02}" for month in range(1, 13))
"""Signs between the numbers of a list; 31/12 is a day."""
_LONGEST = 7
"""Tokens that one number is written in at most."""
_DATE = re.compile(r"(?<![\w/.-])(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})|\d{4}-\d\d-\d\d|\d{1,2}/\d{4})(?![\w/-])")
_IBAN = re.compile(r"(?<!\w)[A-Z]{2}\d\d(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?(?!\w)")
_TOKEN = re.compile(r"[A-Z0-9]+")
_RUN = re.compile(r"[A-Z]+|[0-9]+")
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")


class Named(NamedTuple):
    """The keys that a credit names, by how surely.

    `cut` are those where the label may hold the beginning of a longer number: good for an exact amount only. `faint`
    are those that a person has to confirm, `short` those of few digits with their letters, or behind the word invoice;
    `shared` those whose number another invoice has too.
    """

    sure: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    faint: tuple[str, ...] = ()
    short: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()


class _Form(NamedTuple):
    """One way to write a number; `bare` ones leave its letters out, `sure` ones can be nothing else.

    One that is `asked` is no number of an invoice, but what an invoice asks for in its transfer: good for an exact
    amount only, for a customer writes it again when he pays another one.
    """

    text: str
    bare: bool
    sure: bool
    asked: bool = False


class _Hit(NamedTuple):
    """A form met in a text: its place, in tokens."""

    text: str
    first: int
    end: int


class _Token(NamedTuple):
    text: str
    start: int
    end: int


class References:
    """Every number of the known invoices, in each way it may be written; what one alone asks for in its transfer."""

    def __init__(self, invoices: Sequence[tuple[str, Invoice]]) -> None:
        self.owners: dict[str, dict[str, _Form]] = {}
        self.last_digits: dict[str, list[str]] = {}
        for key, invoice in invoices:
            for digits in re.findall("[0-9]+", invoice.number)[-1:]:
                self.last_digits.setdefault(_ZEROS.sub("", digits), []).append(key)
            for form in forms(invoice.number, invoice.issue_date or invoice.due_date):
                self.owners.setdefault(form.text, {}).setdefault(key, form)
        for key, form in _asked(invoices):
            self.owners.setdefault(form.text, {key: form})
        self.starts = {text[:length] for text in self.owners for length in range(1, len(text) + 1)}
        self.longer = _longer(self.owners)

    def named(self, credit: Credit) -> Named:
        """What the label and the end-to-end reference name."""
        found: dict[str, dict[str, None]] = {name: {} for name in Named._fields}
        for text in dict.fromkeys((credit.label, credit.reference)):
            for how, keys in self._in_text(folded(text)) if text else ():
                found[how].update(dict.fromkeys(keys))
        sure = found["sure"]
        rest = {how: tuple(key for key in keys if key not in sure) for how, keys in found.items()}
        return Named(**{**rest, "sure": tuple(sure)})

    def _in_text(self, text: str) -> Iterator[tuple[str, Iterable[str]]]:
        tokens = _tokens(text)
        hits = list(self._hits([token.text for token in tokens]))
        taken = {place for hit in hits for place in range(hit.first, hit.end)}
        longer = {place for hit in hits if hit.end > hit.first + 1 for place in range(hit.first, hit.end)}
        yield "short", self._introduced(text, tokens, longer)
        for hit in hits:
            yield "short", self._following(text, tokens, hit.end, longer)
            owners = self.owners[hit.text]
            yield self._how(hit, owners, _Text(text, tokens, taken)), owners

    def _introduced(self, text: str, tokens: Sequence[_Token], taken: Collection[int]) -> Iterator[str]:
        """« Facture 41 », « facture n° 41 »: too few digits for a number, and still somebody's word for one."""
        for place, token in enumerate(tokens):
            before = place - 2 if place > 1 and tokens[place - 1].text in NUMBER else place - 1
            if place not in taken and before >= 0 and tokens[before].text in INVOICE:
                yield from self._short(token)
                yield from self._following(text, tokens, place + 1, taken)

    def _following(self, text: str, tokens: Sequence[_Token], end: int, taken: Collection[int]) -> Iterator[str]:
        """The short numbers that a list goes on with: « factures 41, 42 et 43 », « F-2026-041 + 042 »."""
        while (place := _goes_on_at(text, tokens, end)) and place not in taken:
            yield from self._short(tokens[place])
            end = place + 1

    def _short(self, token: _Token) -> Iterable[str]:
        return self.last_digits.get(_ZEROS.sub("", token.text), ())

    def _hits(self, tokens: Sequence[str]) -> Iterator[_Hit]:
        """The longest forms, from the left; no token counts twice."""
        place = 0
        while place < len(tokens):
            hit = self._longest(tokens, place) if tokens[place][0] in self.starts else None
            if hit is not None:
                yield hit
            place = hit.end if hit is not None else place + 1

    def _longest(self, tokens: Sequence[str], first: int) -> _Hit | None:
        written, short, hit = "", "", None
        for end in range(first + 1, min(first + _LONGEST, len(tokens)) + 1):
            token = tokens[end - 1]
            written, short = _joined(written, token), _joined(short, _ZEROS.sub("", token))
            if written not in self.starts and short not in self.starts:
                break
            text = written if written in self.owners else short
            if text in self.owners:
                hit = _Hit(text, first, end)
        return hit

    def _how(self, hit: _Hit, owners: Mapping[str, _Form], text: "_Text") -> str:
        form = next(iter(owners.values()))
        few = "faint" if hit.text.replace(" ", "").isdigit() else "short"
        if len(owners) > 1:
            return "shared" if any(each.sure for each in owners.values()) else few
        if not form.sure or not text.lets_stand(hit, form):
            return few
        return "cut" if form.asked or (hit.text in self.longer and hit.end == len(text.tokens)) else "sure"


class _Text(NamedTuple):
    """A text with its tokens, and the places of those that a number was found in."""

    text: str
    tokens: Sequence[_Token]
    taken: set[int]

    def lets_stand(self, hit: _Hit, form: _Form) -> bool:
        """False where what stands around says that it is something else: a date, a telephone, an order."""
        if not hit.text[0].isdigit():
            return True
        before = self.tokens[hit.first - 1].text if hit.first else ""
        if before in OTHER_PAPER or self._in_date(hit) or self._in_digits(hit):
            return False
        return not form.bare or not before or before in INTRODUCES or hit.first - 1 in self.taken

    def _in_date(self, hit: _Hit) -> bool:
        start, end = self.tokens[hit.first].start, self.tokens[hit.end - 1].end
        return any(found.start() <= start and end <= found.end() for found in _DATE.finditer(self.text))

    def _in_digits(self, hit: _Hit) -> bool:
        """Part of a longer row of digits: 06 12 34 56 78, 123 456 789 00012."""
        alone = hit.end - hit.first == 1
        sides = ((hit.first - 1, hit.first), (hit.end, hit.end - 1))
        return any(self._goes_on(beside, mine, alone=alone) for beside, mine in sides)

    def _goes_on(self, beside: int, mine: int, *, alone: bool) -> bool:
        if not 0 <= beside < len(self.tokens) or beside in self.taken or not self.tokens[beside].text.isdigit():
            return False
        left, right = sorted((self.tokens[beside], self.tokens[mine]), key=lambda token: token.start)
        between = self.text[left.end : right.start]
        return between in ("-", ".", "/", ",") or (not alone and between == " ")


def _goes_on_at(text: str, tokens: Sequence[_Token], end: int) -> int:
    """Where a list has its next number, behind the one that ends there; 0 where there is no list."""
    place = end
    while place < len(tokens) and tokens[place].text in AND | NUMBER:
        place += 1
    if place == len(tokens) or not tokens[place].text.isdigit():
        return 0
    signs = text[tokens[end - 1].end : tokens[end].start].strip()
    day_and_month = signs == "/" and tokens[place].text.zfill(2) in _MONTHS
    return place if (signs in _LISTING and not day_and_month) or tokens[end].text in AND else 0


def _asked(invoices: Iterable[tuple[str, Invoice]]) -> Iterator[tuple[str, _Form]]:
    """By key the ways to write what an invoice asks for; what several ask for is the customer's, and names none."""
    told = [(key, invoice) for key, invoice in invoices if invoice.transfer]
    times = Counter(folded(invoice.transfer) for _, invoice in told)
    for key, invoice in told:
        if times[folded(invoice.transfer)] == 1:
            for form in forms(invoice.transfer, invoice.issue_date or invoice.due_date):
                if form.sure:
                    yield key, form._replace(asked=True)


def forms(number: str, day: date) -> list[_Form]:
    """Each way to write a number; `day` tells the year that stands in it."""
    tokens = [token.text for token in _tokens(folded(number), ibans=False)]
    lettered = any(letter.isalpha() for token in tokens for letter in token)
    found = dict.fromkeys(_spellings(tokens), False)
    if lettered:
        found = dict.fromkeys(_spellings(_without_letters(tokens)), True) | found
    made = [_Form(text, bare, _is_sure(text, bare=bare, day=day)) for text, bare in found.items()]
    return [form for form in made if form.sure or _digits(form.text) >= MIN_DIGITS or not form.text.isdigit()]


def _spellings(tokens: Sequence[str]) -> Iterator[str]:
    """With and without zeros that begin a group; digits in groups also as one."""
    without = [_ZEROS.sub("", token) for token in _groups(tokens)]
    for each in (tokens, _groups(tokens), without):
        joined = ""
        for token in each:
            joined = _joined(joined, token)
        yield from filter(None, (joined, joined.replace(" ", "")))


def _groups(tokens: Iterable[str]) -> list[str]:
    return [run for token in tokens for run in _RUN.findall(token)]


def _without_letters(tokens: Sequence[str]) -> list[str]:
    """What is left of F-2026-041 without the letters that it begins with; nothing where there are others."""
    rest = [*dropwhile(str.isalpha, _groups(tokens))]
    return rest if all(map(str.isdigit, rest)) else []


def _joined(text: str, token: str) -> str:
    """Digits stay apart from digits: 12 3456 is not 123 456."""
    return f"{text} {token}" if token.isdigit() and text.replace(" ", "").isdigit() else text + token


def _is_sure(text: str, *, bare: bool, day: date) -> bool:
    digits = "".join(filter(str.isdigit, text))
    if not text.replace(" ", "").isdigit():
        return len(digits) >= MIN_DIGITS and digits != str(day.year)
    if bare and not digits.startswith(str(day.year)):  # without its letters a number needs its year
        return False
    return len(digits) >= _BARE_DIGITS and not _is_date_like(digits)


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))


_MONTH, _DAY, _YEAR = "(?:0[1-9]|1[0-2])", "(?:0[1-9]|[12][0-9]|3[01])", "(?:19|20)[0-9]{2}"
_DATE_LIKE = re.compile(
    f"{_YEAR}{_MONTH}|{_MONTH}{_YEAR}|{_YEAR}{_MONTH}{_DAY}|{_DAY}{_MONTH}{_YEAR}|"
    f"[0-9]{{2}}{_MONTH}{_DAY}|{_DAY}{_MONTH}[0-9]{{2}}"
)


def _is_date_like(digits: str) -> bool:
    return len(digits) <= 8 and _DATE_LIKE.fullmatch(digits) is not None


def _longer(owners: Mapping[str, Mapping[str, _Form]]) -> set[str]:
    """The forms that a longer one of another invoice begins with: a label that is cut may have meant that one."""
    ordered = sorted(owners)
    found = set()
    for text, following in pairwise(ordered):
        if following.startswith(text) and not owners[following].keys() <= owners[text].keys():
            found.add(text)
    return found


@lru_cache(maxsize=1 << 14)
def folded(text: str) -> str:
    """Upper case without accents; what is no letter or digit stays in its place."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.upper()


def _tokens(text: str, *, ibans: bool = True) -> list[_Token]:
    """Runs of letters and digits, without those of an account."""
    if ibans and _IBAN.search(text):
        text = _IBAN.sub(lambda found: " " * len(found[0]) if is_iban(found[0]) else found[0], text)
    return [_Token(found[0], found.start(), found.end()) for found in _TOKEN.finditer(text)]


def is_iban(text: str) -> bool:
    """Whether its check digits are right (ISO 13616: the rest of the division by 97 is 1).

    Those of RF, a reference that an invoice asks for (ISO 11649), are made the same way.
    """
    account = "".join(text.split()).upper()
    if not (15 <= len(account) <= 34 and account.isalnum() and account.isascii()) or account.startswith("RF"):
        return False
    return int("".join(str(int(letter, 36)) for letter in account[4:] + account[:4])) % 97 == 1
