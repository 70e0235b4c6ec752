"""Money that came in, counted: what is known before credits are matched, and the history with what they pay."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from relance.core.bank import Alone, Apart, BankState, Books, Match, Portion, Ruling, Unasked, Word
from relance.core.case import money_until, not_in_file
from relance.core.claims import claimed_charges
from relance.core.credited import payments_of
from relance.core.facts import Credited, CreditShare, Paid
from relance.core.history import History, Past
from relance.core.invoice import ZERO, Invoice, Payment, paid_until
from relance.core.ledger import CLOSE, NEAR, SAME_MONTH
from relance.core.plan import Plan
from relance.core.planning import judge
from relance.core.policy import DunningPolicy
from relance.core.reasons import Uncertain
from relance.core.statement import Coverage, Credit, gaps, until
from relance.core.unplaced import uncertain

_Keyed = Sequence[tuple[str, Invoice]]


def books_of(
    invoices: _Keyed, history: History, policy: DunningPolicy, today: date, as_of: date, credits: Iterable[Credit]
) -> Books:
    """What is known before these credits are looked at, but for the user's own accounts; `as_of` is the file's day.

    A payment that was told counts as far as the file does not show it, here as in the plan; what was said of one of
    the credits stands under that credit alone.
    """
    settled = {each.identity: history.credits[each.identity] for each in credits if each.identity in history.credits}
    told, missing = _told(invoices, history, today, settled.keys())
    charges = dict(_claimed_charges(invoices, history, policy, today))
    words = {identity: _by_now(identity, word, missing) for identity, word in settled.items()}
    return Books(invoices, as_of, told, charges, history.payers, words)


def _told(
    invoices: _Keyed, history: History, today: date, settled: Collection[str]
) -> tuple[dict[str, list[Payment]], dict[tuple[str, str], Decimal]]:
    """By key what was told and the file does not show; by key and credit what of it is one of the settled ones."""
    told: dict[str, list[Payment]] = {}
    missing: dict[tuple[str, str], Decimal] = {}
    for key, paid in _not_shown(invoices, history, today):
        if paid.credit in settled:
            missing[key, paid.credit] = missing.get((key, paid.credit), ZERO) + paid.amount
        else:
            told.setdefault(key, []).append(Payment(paid.amount, paid.on))
    return told, missing


def _not_shown(invoices: _Keyed, history: History, today: date) -> Iterator[tuple[str, Paid]]:
    for key, invoice in invoices:
        past = history.invoices.get(key)
        if past is not None and past.payments:
            yield from ((key, paid) for paid in not_in_file(invoice, past, today))


def _claimed_charges(
    invoices: _Keyed, history: History, policy: DunningPolicy, today: date
) -> Iterator[tuple[str, Sequence[Decimal]]]:
    """By key what messages claimed of the invoices that are not paid."""
    for key, invoice in invoices:
        if _was_written_to(key, invoice, history) and paid_until(invoice, today) < invoice.total:
            yield key, claimed_charges(judge(invoice, history, policy, today).case)


def _was_written_to(key: str, invoice: Invoice, history: History) -> bool:
    return bool(invoice.contacts) or (key in history.invoices and bool(history.invoices[key].contacts))


def _by_now(identity: str, word: Word, missing: Mapping[tuple[str, str], Decimal]) -> Word:
    """What was said of a credit, each part of it `known` that the file shows by now."""
    return word._replace(portions=tuple(each for one in word.portions for each in _shown(one, identity, missing)))


def _shown(portion: Portion, identity: str, missing: Mapping[tuple[str, str], Decimal]) -> Iterator[Portion]:
    if portion.known:
        yield portion
        return
    left = min(missing.get((portion.invoice, identity), ZERO), portion.amount)
    for part, known in ((portion.amount - left, True), (left, False)):
        if part:
            yield Portion(portion.invoice, part, known)


def noted(matches: Iterable[Match], invoices: _Keyed, history: History, today: date) -> Iterator[Credited]:
    """What each matched credit adds of which nothing was noted yet; the file's own money then counts as shown.

    One that the books held already adds nothing, and is found again as long as they hold it.
    """
    rows = dict(invoices)
    for made in matches:
        credit = made.credit
        if made.verdict is Ruling.MATCHED and credit.identity not in history.credits:
            new = [part for part in made.pays if not part.known]
            shares = (CreditShare(part.invoice, part.amount, money_until(rows[part.invoice], today)) for part in new)
            if new:
                yield Credited(credit.identity, credit.on, credit.amount, credit.currency, today, tuple(shares))


def with_credits(history: History, invoices: _Keyed, state: BankState, today: date) -> History:
    """The history with what the credits pay, as if it had been noted today.

    What was noted of a credit that is in doubt by now counts no more.
    """
    undone = {made.credit.identity for made in state.doubts} & history.credits.keys()
    paid: dict[str, list[Paid]] = {}
    for said in noted(state.matches, invoices, history, today):
        for each in payments_of(said):
            paid.setdefault(each.invoice, []).append(each)
    pasts = {key: _without(past, undone) for key, past in history.invoices.items()} if undone else history.invoices
    added = {key: _with(pasts.get(key, Past()), new) for key, new in paid.items()}
    return history._replace(invoices={**pasts, **added}, bank=state)


def _without(past: Past, credits: Collection[str]) -> Past:
    return past._replace(payments=tuple(paid for paid in past.payments if paid.credit not in credits))


def _with(past: Past, new: Iterable[Paid]) -> Past:
    return past._replace(payments=(*past.payments, *new))


def apart(
    invoices: _Keyed, matches: Sequence[Match], covers: Sequence[Coverage], as_of: date, today: date
) -> tuple[Apart, ...]:
    """Where file and bank differ: paid at the bank and not in a newer file, or in the file and not at the bank.

    `as_of` is the day of the file.
    """
    rows = dict(invoices)
    new = ((made.credit, part) for made in matches for part in made.pays if not part.known and part.invoice in rows)
    of_bank = tuple(_alone(rows[part.invoice], part.amount, credit.on) for credit, part in new if credit.on < as_of)
    of_file = tuple(_in_file_alone(invoices, matches, *_covered(covers, today)))
    return tuple(each for each in (Apart(of_bank), Apart(of_file, in_file=True)) if each.payments)


def _alone(invoice: Invoice, amount: Decimal, on: date) -> Alone:
    return Alone(invoice.number, amount, invoice.currency, on)


def _in_file_alone(invoices: _Keyed, matches: Sequence[Match], first: date, last: date) -> Iterator[Alone]:
    """What the file shows on these days that no credit is: cash perhaps; not where a credit may be it after all."""
    claimed = _claimed(matches)
    doubted = _spoken_of(matches)
    loose = [made.credit for made in matches if made.verdict is not Ruling.MATCHED]
    for key, invoice in invoices:
        left = claimed.get(key, ZERO)
        for paid, on in _in_file(invoice, first, last):
            if paid.amount <= left:
                left -= paid.amount
            elif key not in doubted and not any(_may_be(credit, paid, on) for credit in loose):
                yield _alone(invoice, paid.amount, on)


def _spoken_of(matches: Iterable[Match]) -> set[str]:
    return {key for made in matches for clue in made.because for key in (*made.candidates, *clue.invoices)}


def _claimed(matches: Iterable[Match]) -> Mapping[str, Decimal]:
    """By key what of the money in the books a credit was found to be."""
    claimed: dict[str, Decimal] = {}
    for part in (part for made in matches for part in made.pays if part.known):
        claimed[part.invoice] = claimed.get(part.invoice, ZERO) + part.amount
    return claimed


def _covered(covers: Sequence[Coverage], today: date) -> tuple[date, date]:
    """The days of which a payment of the file would show at the bank: those of all accounts, since the last gap."""
    last = until(covers)
    if last is None:
        return date.max, date.min
    begins: dict[str, date] = {}
    for cover in covers:
        begins[cover.account] = min(cover.first, begins.get(cover.account, cover.first))
    last = min(last, today)
    first = max([*begins.values(), last - SAME_MONTH, *(gap.last for gap in gaps(covers) if gap.first <= last)])
    return first + CLOSE, last - NEAR


def _in_file(invoice: Invoice, first: date, last: date) -> list[tuple[Payment, date]]:
    """The money that the file shows on a day between these, the largest first."""
    money = (paid for paid in invoice.payments if not paid.credit and not paid.rebate and paid.amount > 0)
    dated = [(paid, paid.on) for paid in money if paid.on is not None and first <= paid.on <= last]
    return sorted(dated, key=lambda each: -each[0].amount)


def _may_be(credit: Credit, paid: Payment, on: date) -> bool:
    return credit.amount == paid.amount and abs(credit.on - on) <= NEAR


def remarks(plan: Plan) -> tuple[Apart | Unasked, ...]:
    """What is said of the bank beside the plan: where it differs from the file, the late doubts that no task asks."""
    bank = plan.morning.history.bank
    if bank is None:
        return ()
    left = tuple(_unasked(bank, plan))
    return (*bank.apart, *([Unasked(left)] if left else []))


def _unasked(bank: BankState, plan: Plan) -> Iterator[str]:
    """The credits in doubt of the last month that no task asks about."""
    asked = {line.stop.mark for task in plan.tasks for line in task.lines if isinstance(line.why, Uncertain)}
    for money in uncertain(bank):
        if money.on >= plan.today - SAME_MONTH and money.mark not in asked:
            yield money.made.credit.identity
