"""A person's word on a credit of the bank: what it pays, or that it pays nothing; and who its payer is."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bank import Books, Hint, Match, Ruling, Word
from relance.core.case import money_until
from relance.core.credit_names import credits_named, short_names
from relance.core.credited import last_words
from relance.core.facts import Credited, CreditShare
from relance.core.invoice import ZERO, Invoice, customer_id, held_target, normalised_name
from relance.core.matching import match_all
from relance.core.payers import Payers, names_payer, payer_name
from relance.core.seen import without
from relance.core.statement import Credit
from relance.errors import Again, UsageError
from relance.french import brief_date, command, eur, listing, of
from relance.runs.amounts import Typed, amount_in, plain_amount, read_amount
from relance.runs.bank import Banked, bank
from relance.runs.dossier import Desk
from relance.runs.lookup import find_invoice
from relance.runs.statements import books_beside

if TYPE_CHECKING:
    from relance.journal import Journal

_STRANGE = frozenset((Hint.SAME_AMOUNT, Hint.FAINT, Hint.NOTHING, Hint.NOT_OURS))
"""What is seen in a credit of somebody who is nobody's customer."""
_MOST = 8
"""Credits that one answer names."""


def credits_said(desk: Desk) -> list[Credited]:
    """The words of a person on credits that stand, in the order in which they were said."""
    from relance.journal import read_journal

    journal = read_journal(desk.own_settings.journal)
    if journal is None:
        return []
    with journal:
        told = last_words(fact for fact in journal.facts() if fact.on <= desk.today)
    return [fact for fact in told if isinstance(fact, Credited) and fact.by_hand]


def credits_spoken_of(desk: Desk) -> list[str]:
    """The credits (their identities) of which something was noted once, taken back or not."""
    from relance.journal import read_journal

    journal = read_journal(desk.own_settings.journal)
    if journal is None:
        return []
    with journal:
        return [told.fact.credit for told in journal.tellings(desk.today) if isinstance(told.fact, Credited)]


def known_paid(desk: Desk) -> dict[str, Decimal]:
    """By key what is known to be paid of each invoice that an earlier run saw."""
    return {line.key: line.paid for line in desk.plan.lines if line.key in desk.history.seen}


def forget_paid(desk: Desk, journal: "Journal", before: Mapping[str, Decimal]) -> None:
    """What the last run saw as paid, without what a word just took away: that is no payment gone missing."""
    seen = desk.history.seen
    desk.forget()
    after = known_paid(desk)
    less = [key for key, paid in before.items() if key in after and after[key] < paid]
    journal.remember([without(seen[key], before[key], after[key]) for key in less], desk.today)


def settle(desk: Desk, credit: str, told: Sequence[str] = (), *, not_ours: bool = False) -> str:
    """Note what a credit pays: the invoices `told`, as NUMBER or NUMBER=AMOUNT, or nothing (`not_ours`).

    What is told and is a file is a statement that has the credit. UsageError where it cannot be so.
    """
    files = [word for word in told if Path(word).is_file()]
    words = [word for word in told if word not in files]
    if not credit:
        raise UsageError("De quel virement s’agit-il ?", "« relance bank » les montre avec leur nom : --settle NOM.")
    asked = _asked(desk.to_write(), credit, files)
    if not_ours and words:
        both = [Again(line=asked.line("--not-ours"), about="il ne paie rien"), Again("--not-ours", about="il les paie")]
        raise UsageError("--not-ours ne va pas avec une facture.", again=both)
    if not (not_ours or words):
        raise _what_it_pays(asked)
    said = _Answer(desk, asked, words)
    return said.note()


class _Asked(NamedTuple):
    """The credit that is spoken of: what is made of it today, what was said of it before, the books without that.

    `open` tells by invoice key what all other credits leave open, `name` is the credit's short one.
    """

    match: Match
    name: str
    files: tuple[str, ...]
    banked: Banked
    books: Books
    open: Mapping[str, Decimal]
    before: Word | None = None

    @property
    def credit(self) -> Credit:
        return self.match.credit

    def line(self, *words: str) -> tuple[str, ...]:
        """The words of a command about it."""
        return ("bank", *self.files, "--settle", self.name, *words)


def _asked(desk: Desk, text: str, files: Sequence[str]) -> _Asked:
    banked = bank(desk, files)
    credits = [each.credit for each in banked.matches]
    match = _named(text, banked, desk)
    identity = match.credit.identity
    books = books_beside(credits, desk.beside)
    books = books._replace(settled={key: word for key, word in books.settled.items() if key != identity})
    return _Asked(
        match,
        short_names([each.identity for each in credits])[identity],
        tuple(files),
        banked,
        books,
        match_all((each for each in credits if each.identity != identity), books)[1],
        desk.history.credits.get(identity),
    )


def _named(text: str, banked: Banked, desk: Desk) -> Match:
    """The credit that `text` names; UsageError for none, with the nearest, for several, or where it is a sum."""
    matches = {each.credit.identity: each for each in banked.matches}
    found, names = credits_named(text, matches), short_names(matches)
    sums = [key for key in of_sum(text, {key: each.credit.amount for key, each in matches.items()}) if key not in found]
    if len(found) == 1 and not sums:
        return matches[found[0]]
    meant = [*found, *sums] or [key for form in _near(text, names) for key in credits_named(form, matches)]
    again = [
        Again(text, names[key], about=_described(matches[key].credit, desk)) for key in dict.fromkeys(meant[:_MOST])
    ]
    if found:
        raise UsageError(f"« {text} » désigne {len(found) + len(sums)} virements.", again=again)
    if sums:
        raise UsageError(f"« {text} » est une somme : un virement se désigne par son nom.", again=again)
    raise UsageError(
        f"Aucun virement ne s’appelle « {text} ».", "" if again else "« relance bank » les montre avec leur nom.", again
    )


def of_sum(text: str, amounts: Mapping[str, Decimal]) -> list[str]:
    """The credits (their identities) of which `text` is the sum; none where it is no sum."""
    try:
        typed = read_amount(text).amount
    except UsageError:
        return []
    return [identity for identity, amount in amounts.items() if abs(amount) == typed]


def _near(text: str, names: Mapping[str, str]) -> list[str]:
    return get_close_matches(text.strip().casefold(), [*names.values(), *names], 3, 0.6)


def _described(credit: Credit, desk: Desk) -> str:
    who = credit.payer or credit.label
    return f"{brief_date(credit.on, desk.today)}, {eur(credit.amount, credit.currency)}, {who[:40].rstrip()}"


def _what_it_pays(asked: _Asked) -> UsageError:
    """The answers that may be given."""
    numbers = {key: invoice.number for key, invoice in asked.banked.invoices}
    pays = [Again(options=(numbers[key],), about=f"il paie {numbers[key]}") for key in asked.match.candidates[:_MOST]]
    return UsageError("Que paie ce virement ?", again=[*pays, Again(options=("--not-ours",), about="il ne paie rien")])


_Told = dict[str, tuple[Invoice, Typed | None]]
"""By key each invoice that was named, with the amount where one was."""


class _Paid(NamedTuple):
    """What the credit pays of an invoice, and how much of that was known before; `left` is what stays open then."""

    key: str
    invoice: Invoice
    amount: Decimal
    known: Decimal
    left: Decimal
    charges: Decimal


class _Answer:
    """What the person said of a credit, as it is checked, written down and told."""

    def __init__(self, desk: Desk, asked: _Asked, words: Sequence[str]) -> None:
        self.desk, self.asked, self.credit = desk, asked, asked.credit
        self.pays = self._pays(words)
        self.payer = Payers(asked.books).of(asked.credit)

    def note(self) -> str:
        """Write it down, unless it was said before; what a person reads of it."""
        credit, asked = self.credit, self.asked
        head = f"Virement du {brief_date(credit.on, self.desk.today)} de {eur(credit.amount, credit.currency)}"
        if self._is_known():
            return f"{head} : déjà noté, {self._what()}."
        name, iban, customers = self._tied()
        said = Credited(
            *(credit.identity, credit.on, credit.amount, credit.currency, self.desk.today),
            shares=tuple(share for paid in self.pays for share in self._shares(paid)),
            by_hand=True,
            payer=name,
            iban=iban,
            customers=customers,
        )
        known = known_paid(self.desk) if asked.before is not None else {}
        with self.desk.writing() as journal:
            journal.record(said)
            forget_paid(self.desk, journal, known)
        told = [f"{head} : {self._what()}.", self._rest(), self._replaced(), self._learnt(name or iban, customers)]
        return "\n".join(filter(None, (*told, f"Pour l’annuler → {command('undo', credit.identity)}")))

    def _pays(self, words: Sequence[str]) -> list[_Paid]:
        """What each invoice gets: what was said, then what is open, the oldest first; UsageError where it is no sum."""
        if not words:
            return []
        if self.credit.amount <= 0:
            raise UsageError("Cette ligne reprend de l’argent : elle ne paie aucune facture.", again=[self._nothing()])
        told = self._told(words)
        given = {key: typed for key, (_, typed) in told.items()}
        sums = {key: self._amount(invoice, key, typed) for key, (invoice, typed) in told.items() if typed is not None}
        rest = self.credit.amount - sum(sums.values(), ZERO)
        if rest < 0:
            total = eur(self.credit.amount - rest, self.credit.currency)
            raise UsageError(f"Le virement est moins élevé que {total}.", again=[self._fitting(told)])
        for key in sorted((key for key in given if key not in sums), key=lambda key: (told[key][0].due_date, key)):
            sums[key] = min(rest, self._known(key) + self._open(key))
            rest -= sums[key]
        if empty := [told[key][0].number for key in told if not sums[key]]:
            raise UsageError(f"Il ne reste rien pour {listing(empty)}.", again=[self._fitting(told)])
        return [self._paid(key, told[key][0], sums[key]) for key in told]

    def _fitting(self, told: _Told) -> Again:
        """The same invoices, the least first, each with what the credit has for it: a command that works as printed."""
        most = {key: typed.amount if typed else self._known(key) + self._open(key) for key, (_, typed) in told.items()}
        rest, words = self.credit.amount, {}
        for key in sorted(most, key=lambda key: most[key]):
            if amount := min(rest, most[key]):
                words[key] = f"{told[key][0].number}={plain_amount(amount)}"
                rest -= amount
        return Again(line=self.asked.line(*(words[key] for key in told if key in words)), about="par exemple")

    def _told(self, words: Sequence[str]) -> _Told:
        keys = {id(invoice): key for key, invoice in self.asked.banked.invoices}
        found: _Told = {}
        for word in words:
            number, sign, amount = word.rpartition("=") if "=" in word else (word, "", "")
            invoice = find_invoice(number, [each for _, each in self.asked.banked.invoices])
            if (key := keys[id(invoice)]) in found:
                raise UsageError(f"{invoice.number} est nommée deux fois.", "Donnez-la une fois, avec son montant.")
            self._check(invoice, key)
            found[key] = invoice, read_amount(amount) if sign else None
        return found

    def _check(self, invoice: Invoice, key: str) -> None:
        """UsageError where this credit cannot pay that invoice."""
        number, currency = invoice.number, invoice.currency
        if invoice.total <= 0:
            raise UsageError(f"{number} est un avoir : personne ne vous le paie.", again=[self._nothing()])
        if currency != self.credit.currency:
            paying = command("pay", number, options=f"--on {self.credit.on.isoformat()}")
            sentence = f"{number} est en {currency}, le virement en {self.credit.currency}."
            raise UsageError(sentence, f"« {paying} » note ce qu’il règle, dans la devise de la facture.")
        if not self._most(key):
            raise UsageError(f"{number} est déjà réglée.", "Nommez une autre facture, sinon :", [self._nothing()])

    def _nothing(self) -> Again:
        return Again(line=self.asked.line("--not-ours"), about="il ne paie rien")

    def _open(self, key: str) -> Decimal:
        return self.asked.open.get(key, ZERO)

    def _known(self, key: str) -> Decimal:
        """What the file or a person told before, and this credit was found to be."""
        return sum((each.amount for each in self.asked.match.pays if each.known and each.invoice == key), ZERO)

    def _most(self, key: str) -> Decimal:
        """All that it can pay of an invoice: what is known or open, and the most that messages claimed beyond."""
        return self._known(key) + self._open(key) + max(self.asked.books.charges.get(key, ()), default=ZERO)

    def _amount(self, invoice: Invoice, key: str, typed: Typed) -> Decimal:
        """The amount said; UsageError where it is nothing, or more than it can be."""
        amount, most = amount_in(invoice.currency, typed, invoice.number), min(self._most(key), self.credit.amount)
        if 0 < amount <= most:
            return amount
        again = [Again(typed.text, plain_amount(most), about="au plus")]
        if amount <= 0:
            raise UsageError("Un règlement est supérieur à zéro.", again=again)
        raise UsageError(f"{invoice.number} : {eur(amount, invoice.currency)} est trop élevé.", again=again)

    def _paid(self, key: str, invoice: Invoice, amount: Decimal) -> _Paid:
        known = min(amount, self._known(key))
        left = self._open(key) - (amount - known)
        return _Paid(key, invoice, amount, known, max(left, ZERO), max(-left, ZERO))

    def _shares(self, paid: _Paid) -> Iterable[CreditShare]:
        if paid.known:
            yield CreditShare(paid.key, paid.known, known=True)
        if paid.amount > paid.known:
            shown = money_until(paid.invoice, self.desk.today)
            yield CreditShare(paid.key, paid.amount - paid.known, shown)

    def _is_known(self) -> bool:
        """Whether the same was said before, and nothing questions it since."""
        before = self.asked.before
        if before is None or before.on is None or self.asked.match.verdict is Ruling.DOUBT:
            return False
        return self._is_same(before)

    def _is_same(self, before: Word) -> bool:
        """Whether it paid the same of the same."""
        sums: dict[str, Decimal] = {}
        for each in before.portions:
            sums[each.invoice] = sums.get(each.invoice, ZERO) + each.amount
        return sums == {paid.key: paid.amount for paid in self.pays}

    def _what(self) -> str:
        """« il paie F-2026-041 (400,00 €, reste 800,00 €) »."""
        if not self.pays:
            return "il ne paie aucune facture"
        return f"il paie {listing([self._part(paid) for paid in self.pays])}"

    def _part(self, paid: _Paid) -> str:
        currency = paid.invoice.currency
        notes = [eur(paid.amount, currency)]
        notes += ["déjà connus"] if paid.known and paid.known == paid.amount else []
        notes += [f"dont {eur(paid.charges, currency)} de frais de retard"] if paid.charges else []
        notes += [f"reste {eur(paid.left, currency)}"] if paid.left else []
        return f"{paid.invoice.number} ({', '.join(notes)})"

    def _rest(self) -> str:
        """What of the credit pays nothing, and how to have it pay the charges."""
        rest = self.credit.amount - sum((paid.amount for paid in self.pays), ZERO)
        if not self.pays or not rest:
            return ""
        said = f"Reste {eur(rest, self.credit.currency)}, sans facture"
        costly = [paid for paid in self.pays if not paid.left and paid.amount + rest <= self._most(paid.key)]
        if not costly:
            return f"{said}."
        words = [
            f"{each.invoice.number}={plain_amount(each.amount + (rest if each is costly[0] else 0))}"
            for each in self.pays
        ]
        return f"{said}. Si ce sont les frais de retard → {command('bank', options=self._typed(words))}"

    def _typed(self, words: Sequence[str]) -> str:
        import shlex

        return shlex.join(self.asked.line(*words)[1:])

    def _replaced(self) -> str:
        """What was noted before."""
        before = self.asked.before
        if before is None or self._is_same(before):
            return ""
        numbers = {key: invoice.number for key, invoice in self.asked.banked.invoices}
        paid = [f"{numbers.get(each.invoice, each.invoice)} ({eur(each.amount)})" for each in before.portions]
        return f"Ce qui était noté ne vaut plus : {f'il payait {listing(paid)}' if paid else 'il ne payait rien'}."

    def _tied(self) -> tuple[str, str, tuple[str, ...]]:
        """The name and the account that are tied by this word, and the customers they are tied to; empty for none.

        A service pays for many, and the user himself is no customer. What the label alone has for a name, figures
        among it, is hardly one.
        """
        if self.payer.own or self.payer.service or not (self.pays or self._is_strange()):
            return "", "", ()
        name = payer_name(self.credit)
        if not names_payer(self.credit) and any(map(str.isdigit, name)):
            name = ""
        customers = dict.fromkeys(customer_id(paid.invoice.customer) for paid in self.pays if paid.amount)
        return name, self.credit.iban.strip(), tuple(customers)

    def _is_strange(self) -> bool:
        """Whether nothing but the amount, or a few figures, spoke for a payment."""
        seen = {clue.kind for clue in self.asked.match.because}
        return self.credit.amount > 0 and not self.payer.customers and seen <= _STRANGE

    def _learnt(self, payer: str, customers: Sequence[str]) -> str:
        """Whom the payer is tied to, where that is new."""
        if not payer or (
            self.payer.never if not customers else self.payer.tied.issuperset(map(held_target, customers))
        ):
            return ""
        if not customers:
            return f"Les virements {of(payer)} qui ne nomment pas de facture seront écartés."
        names = [*dict.fromkeys(paid.invoice.customer.name for paid in self.pays if paid.amount)]
        same = [normalised_name(payer)] == [*map(normalised_name, names)]
        return f"Les virements {of(payer)} seront reconnus{'' if same else f' comme ceux {of(listing(names))}'}."
