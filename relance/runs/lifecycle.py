"""The statuses that the settings name, as a plan counts them: which invoice each is of, what it is by them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from relance.core.bank import BankState, Match, Ruling
from relance.core.banked import books_of, noted, with_credits
from relance.core.case import known_payments
from relance.core.collected import collected, credits_of, unpriced
from relance.core.facts import Fact, RowKnown
from relance.core.history import NOTHING, History, heirs_of
from relance.core.invoice import Invoice, Status, keyed, paid_until
from relance.core.lifecycle import Effect, first_read, last, lifecycle_of, no_more_told
from relance.core.plan import Plan
from relance.core.statement import Credit
from relance.core.status import Declared, Lifecycle, Platform, StatusTold
from relance.core.status_keys import Numbers
from relance.sources.agreement import OF_STATUSES, Agreement
from relance.sources.columns import header_key
from relance.sources.statuses import StatusRow, read_statuses

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.runs.statements import Beside
    from relance.sources import InvoiceFile

_STATES = {Effect.CANCELLED: Status.CANCELLED, Effect.FACTORED: Status.FACTORED}
"""What a platform may say that a file says too."""
_SEVERAL = "Plusieurs factures ont ce numéro\u00a0: ajoutez la date de la facture à l’export."


class Told(NamedTuple):
    """What the exports tell: the statuses by the key that they name, which may be that of a former number.

    By the present key of its invoice `unclear` has a row that nobody understands, with its fault.
    """

    statuses: Mapping[str, Sequence[StatusTold]]
    unclear: Mapping[str, StatusRow]
    problems: tuple[StatusRow, ...]
    elsewhere: int = 0


def with_statuses(
    source: "InvoiceFile", settings: "Settings", facts: Iterable[Fact], today: date, agreement: Agreement
) -> "InvoiceFile":
    """The file with what platforms tell of its invoices: their lives, what is new of them, what is not understood.

    What an earlier run noted counts on, whatever an export leaves out by now. `agreement` is what the user said of the
    columns.
    """
    dates = {header_key(head): OF_STATUSES[field] for field, head in agreement.columns.items() if field in OF_STATUSES}
    read, facts = read_statuses(settings.source.statuses, settings.source.limits, dates), tuple(facts)
    known = {fact.row for fact in facts if isinstance(fact, RowKnown) and fact.on <= today}
    rows = (row for row in read.rows if row.mark not in known)
    former = _former(source.invoices, (fact for fact in facts if fact.on <= today))
    told = _placed(rows, source.invoices, former, settings.sender.siret[:9], today)
    before: dict[str, list[StatusTold]] = {}
    for fact in facts:
        if isinstance(fact, StatusTold) and fact.on <= today:
            before.setdefault(fact.invoice, []).append(fact)
    lived, new, kept = dict[str, list[StatusTold]](), list[StatusTold](), set[StatusTold]()
    for key in dict.fromkeys((*told.statuses, *before)):
        known_ones, first = first_read(told.statuses.get(key, ()), before.get(key, ()))
        lived.setdefault(former.get(key, key), []).extend(known_ones)
        new += first
        kept |= no_more_told(told.statuses.get(key, ()), before.get(key, ()))
    lives = {key: lifecycle_of(statuses, today) for key, statuses in lived.items()}
    left = set(map(header_key, (*settings.source.ignore, *agreement.ignored)))
    unused = (column for column in read.unused if header_key(column.header) not in left)
    reading = source.reading
    return source._replace(
        reading=reading._replace(unused=(*reading.unused, *unused), notes=(*reading.notes, *read.notes)),
        invoices=tuple(
            _as_told(invoice, lives.get(key), told.unclear.get(key)) for key, invoice in keyed(source.invoices)
        ),
        problems=(*source.problems, *read.problems, *(row.problem for row in told.problems)),
        platform=Platform(lives, tuple(new), frozenset(kept), read.unread, read.files, len(read.rows), told.elsewhere),
    )


def _former(invoices: Sequence[Invoice], facts: Iterable[Fact]) -> Mapping[str, str]:
    """By each key that an invoice of the file had before, as the user confirmed it, its present one."""
    present = dict(keyed(invoices)).keys()
    return {was: now for was, heirs in heirs_of(facts).items() if was not in present for now in heirs if now in present}


def _placed(
    rows: Iterable[StatusRow], invoices: Sequence[Invoice], former: Mapping[str, str], seller: str, today: date
) -> Told:
    """Each row under the key that it names, also of a `former` number, by which platforms know the invoice.

    Those of what others sold to the user are of no invoice of his.
    """
    found = dict(keyed(invoices))
    found |= {was: found[now]._replace(number=was.rpartition("/")[0]) for was, now in former.items()}
    numbers = Numbers(found.items())
    statuses: dict[str, list[StatusTold]] = {}
    unclear: dict[str, StatusRow] = {}
    problems, elsewhere = [], 0
    for row in rows:
        theirs = bool(seller and row.seller) and row.seller != seller
        keys = numbers.named(row.number, row.issued, row.dated) if row.number and not theirs else ()
        owners = dict.fromkeys(former.get(key, key) for key in keys)
        row = row._replace(fault=row.fault or (_SEVERAL if len(owners) > 1 else ""))
        if row.fault and (keys or not row.number) and not theirs:
            named = next((found[key].number for key in owners), row.number)  # as the user calls it by now
            problems.append(row._replace(number=named))
            unclear |= dict.fromkeys(owners, row)
        elif keys:
            statuses.setdefault(keys[0], []).append(_status(row, keys[0], found[keys[0]], today))
        else:
            elsewhere += 1
    return Told(statuses, unclear, tuple(problems), elsewhere)


def _status(row: StatusRow, key: str, invoice: Invoice, today: date) -> StatusTold:
    """The status of a row; a sum in another currency is none that can be counted."""
    foreign = row.currency not in ("", invoice.currency)
    return StatusTold(
        key, row.code, today, row.dated, row.hour, row.reasons, row.words, None if foreign else row.amount
    )


def _as_told(invoice: Invoice, life: Lifecycle | None, unclear: StatusRow | None) -> Invoice:
    """The invoice as a platform closes it, or held where nobody knows what it says."""
    if unclear is not None:
        return invoice._replace(status=Status.UNCLEAR, note=unclear.fault)
    if life is None or invoice.status is Status.UNCLEAR:
        return invoice
    closed = next((status for effect, status in _STATES.items() if last(life, effect) is not None), invoice.status)
    return invoice._replace(status=closed)


def _matches(beside: "Beside", lives: Mapping[str, Lifecycle]) -> tuple[dict[Credit, StatusTold], tuple[Match, ...]]:
    """What each 212 with an amount pays, beside what file, bank and user tell."""
    invoices = [(key, invoice) for key, invoice in beside.invoices if key in lives]
    credits = credits_of(lives, {key: invoice.currency for key, invoice in invoices})
    if not credits:
        return credits, ()
    books = books_of(invoices, beside.history, beside.policy, beside.today, beside.as_of, credits)
    return credits, collected(credits, books)


def collected_in(beside: "Beside") -> History:
    """The history with what the seller told as collected, as if a run had noted it today, and what of it is in doubt.

    A doubt of which the user said that he knows it (see Declared.mark) asks no more.
    """
    history, today, platform = beside.history, beside.today, beside.history.platform
    assert platform is not None
    owed = {key: invoice for key, invoice in beside.invoices if key in platform.lives}
    lives = {key: platform.lives[key] for key in owed}
    credits, made = _matches(beside, lives)
    if made:
        history = with_credits(history, beside.invoices, BankState(matches=made), today)._replace(bank=history.bank)
    doubts = {each.reference: Declared(credits[each]) for each in _in_doubt(made)}
    for key, invoice in owed.items():
        payments, _ = known_payments(invoice, history.invoices.get(key, NOTHING), today)
        left = invoice.total - paid_until(invoice._replace(payments=payments), today)
        doubt = doubts.get(key) or unpriced(lives[key], payments, left)
        if doubt is not None and doubt.mark not in history.known:
            lives[key] = lives[key]._replace(doubt=doubt)
    return history._replace(platform=platform._replace(lives={**platform.lives, **lives}))


def _in_doubt(made: Iterable[Match]) -> Iterator[Credit]:
    return (match.credit for match in made if match.verdict is Ruling.DOUBT)


def to_note(plan: Plan, beside: "Beside", facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """What the journal does not know yet: statuses that were read first today, and the payments that they tell.

    `beside` has the history with what came in at the bank, `facts` are those noted by now. Nothing while the file or
    the clock is in doubt.
    """
    history, around, told = plan.morning.history, plan.around, beside.history.platform
    if told is None or history.unagreed or history.clock or around.shrunk or around.mixed:
        return ()
    before = {fact for fact in facts if isinstance(fact, StatusTold)}
    known = dict(beside.invoices).keys() & told.lives.keys()
    _, made = _matches(beside, {key: told.lives[key] for key in known})
    return (
        *(each for each in told.new if each not in before),
        *noted(made, beside.invoices, beside.history, beside.today),
    )
