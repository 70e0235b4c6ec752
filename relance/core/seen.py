"""The file beside what the last run saw of it: gone, renumbered, returned, shrunk; and what the next has to know."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal

from relance.core.case import Case
from relance.core.cuts import cut_row, gone_or_unread, slipped
from relance.core.facts import Held, Lies
from relance.core.history import History, Promise, Seen, ended, former_keys, note_message
from relance.core.invoice import (
    ZERO,
    Invoice,
    Status,
    comparable,
    customer_id,
    held_target,
    is_issued,
    is_of_company,
    normalised_number,
)
from relance.core.morning import CreditNote, Money, Morning, Surroundings
from relance.core.plan import About, Line, Overtaken, Plan, Task
from relance.core.reasons import Asks, Change, Doubted, Reason, Renumbered, Stale, Uncertain

_Keyed = Sequence[tuple[str, Invoice]]
_Looks = tuple[str, Decimal, date | str | None, date]
SHRUNK_FROM = 5
"""A file with fewer open invoices than this never counts as shrunk."""


def look_around(invoices: _Keyed, morning: Morning) -> Surroundings:
    """Compare the file with what the last run saw, and collect what is credited to each customer.

    Each invoice comes with its key.
    """
    present, seen = dict(invoices), morning.history.seen
    were_open = [each for each in seen.values() if each.is_open and each.gone_on is None]
    gone = [each for each in were_open if each.invoice not in present]
    renumbered = _renumbered(invoices, [*gone, *_turned_down(present, morning)], seen)
    former = {each.invoice for each in renumbered.values()}
    missing = tuple(each for each in gone if each.invoice not in former)
    much = len(were_open) >= SHRUNK_FROM and len(missing) * 3 >= len(were_open)
    vanished, unread = (missing, ()) if much else gone_or_unread(missing, morning.history)
    elsewhere, mixed = slipped(invoices, morning)
    return Surroundings(
        credits=_open_credits(invoices, morning),
        renumbered=renumbered,
        returned={key: each.gone_on for key, each in seen.items() if each.gone_on and key in present},
        vanished=vanished,
        unread=unread,
        shrunk=much and not morning.history.vouched,
        elsewhere=elsewhere,
        mixed=mixed,
        money=_money_for(invoices, morning),
    )


def _turned_down(present: Mapping[str, Invoice], morning: Morning) -> Iterator[Seen]:
    """What is gone and was not open, for a platform tells of its end: under a new number, that would be forgotten."""
    seen, platform = morning.history.seen, morning.history.platform
    if platform is None:
        return
    from relance.core.lifecycle import is_closed  # imported here: most plans read no statuses

    for key, life in platform.lives.items():
        if key in seen and key not in present and is_closed(life):
            yield seen[key]


def _money_for(invoices: _Keyed, morning: Morning) -> Mapping[str, Money]:
    if not (morning.history.unplaced or morning.history.bank or morning.history.platform):
        return {}
    from relance.core.unplaced import money_for  # imported here: a list of invoices alone tells of no such money

    return money_for(invoices, morning)


def written_to(invoices: _Keyed, morning: Morning) -> Mapping[str, date]:
    """The day of the last message to each address, those that only a column of the file tells of included."""
    addresses = dict(morning.history.addresses)
    for _, invoice in invoices:
        for contact in invoice.contacts:
            if contact.on <= morning.today:
                note_message(addresses, contact, invoice.customer.emails)
    return addresses


def _open_credits(invoices: _Keyed, morning: Morning) -> Mapping[tuple[str, str], tuple[CreditNote, ...]]:
    credits: dict[tuple[str, str], tuple[CreditNote, ...]] = {}
    for key, invoice in invoices:
        if invoice.status is Status.CREDIT_NOTE or invoice.total < ZERO:
            left = _left_of(key, invoice, morning)
            if left > ZERO:
                account = (customer_id(invoice.customer), invoice.currency)
                credits[account] = (*credits.get(account, ()), CreditNote(key, invoice.number, left))
    return credits


def _left_of(key: str, credit: Invoice, morning: Morning) -> Decimal:
    """What no invoice takes of a credit note; nothing of one that is cancelled or not issued."""
    if credit.status is Status.CANCELLED or not is_issued(credit, morning.today):
        return ZERO
    used = sum((abs(payment.amount) for payment in credit.payments), morning.history.allocated.get(key, ZERO))
    return abs(credit.total) - used


def _renumbered(invoices: _Keyed, gone: Sequence[Seen], seen: Mapping[str, Seen]) -> dict[str, Seen]:
    """By new key, an invoice that is gone and looks the same but for its number, or for its issue date alone.

    Else one that was issued the same day and has one thing more changed: the sum, the due date, the customer's name or
    address.
    """
    former = {looks: each for each in reversed(gone) for looks in _all_looks(each, each.customer)}
    found: dict[str, Seen] = {}
    for key, invoice in invoices if former else ():
        if key not in seen or seen[key].gone_on is not None:
            matches = [former[looks] for looks in _all_looks(invoice, customer_id(invoice.customer)) if looks in former]
            found.update((key, match) for match in matches[:1])
    return found


def _all_looks(one: Invoice | Seen, customer: str) -> list[_Looks]:
    exact = [(customer, one.total, mark, one.due_date) for mark in (one.issue_date, normalised_number(one.number))]
    return [*exact, *_near(one, customer)]


def _near(one: Invoice | Seen, customer: str) -> list[_Looks]:
    """The looks with one thing left out; where nobody knows the issue date, the sum alone."""
    without_sum = (customer, ZERO, one.issue_date, one.due_date)
    if one.issue_date is None:
        return [without_sum]
    names = customer.removeprefix("name:").split("|") if customer.startswith("name:") else ()
    return [
        without_sum,
        (customer, one.total, one.issue_date, date.max),
        *((f"~{name}", one.total, one.issue_date, one.due_date) for name in names if name),
    ]


def last_seen(case: Case) -> Seen | None:
    """An invoice as the last run saw it, put right by what the user has said since of its payments and total."""
    seen, words = case.morning.history.seen.get(case.key), case.past.confirmations
    if seen is None or seen.paid is None or not words:
        return seen
    since = seen.paid_on or date.min  # what was confirmed before more was seen paid says nothing of it
    paid, total = seen.paid, seen.total
    for word in words:
        if word.seen == seen.paid and word.paid is not None and word.on >= since:
            paid, total = min(word.paid, paid), word.snapshot.total
    return seen._replace(paid=paid, total=total)


def newly_paid(seen: Seen | None, paid: Decimal, told: Decimal) -> bool:
    """True where the file shows more paid than the last run saw; what was `told` by hand is no news of the file."""
    return seen is not None and seen.paid is not None and paid - told > seen.paid


def seen_paid_on(case: Case) -> date | None:
    """The day of the run that first saw the file show all that is paid: today if none did yet, None if never more."""
    seen = last_seen(case)
    if seen is None:
        return None
    return case.today if newly_paid(seen, case.paid, case.by_hand) else seen.paid_on


def payment_changes(case: Case) -> Change | None:
    """Whether less is paid than the last run saw, or what it saw paid is not any more.

    None where neither is so, once the user confirmed it, or where the bank took it back: that is asked about already.
    """
    known = last_seen(case)
    if known is None or known.paid is None or _is_taken_back(case):
        return None
    if case.paid < known.paid:
        return Change.LESS_PAID
    reopened = case.morning.history.seen[case.key].all_paid and max(case.paid, known.total) < case.invoice.total
    return Change.REOPENED if reopened else None


def _is_taken_back(case: Case) -> bool:
    """Whether what was noted of a credit is in doubt by now."""
    money = case.morning.around.money.get(case.key)
    if not isinstance(money, Uncertain):
        return False
    from relance.core.bank import Hint  # imported here: most plans read no statement

    return any(clue.kind is Hint.SETTLED for clue in money.made.because)


def is_sure(case: Case) -> bool:
    """False where its sums may be those of a file that is cut, or older."""
    return not (cut_row(case) or payment_changes(case))


def number_changes(case: Case) -> Change | Renumbered | None:
    """Whether an invoice looks like one that is gone, or was gone itself.

    None where neither is so, or once the user confirmed it.
    """
    around = case.morning.around
    former, gone_on = around.renumbered.get(case.key), around.returned.get(case.key)
    if former and former.invoice not in former_keys(case.past):
        return Renumbered(former.number, _moved(case, former))
    if gone_on and all(word.on < gone_on for word in case.past.confirmations):
        return Change.RETURNED
    return None


def _moved(case: Case, former: Seen) -> tuple[str, ...]:
    """What beside its number changed of an invoice, by the names that a Snapshot has for it."""
    invoice = case.invoice
    pairs = {
        "customer": (case.customer.identity, former.customer),
        "total": (invoice.total, former.total),
        "due_date": (invoice.due_date, former.due_date),
    }
    return tuple(name for name, (now, was) in pairs.items() if now != was)


def remember(plan: Plan) -> tuple[Seen, ...]:
    """The invoices as this run saw them, those that are gone marked with the day.

    What waits for a word (a new number, a return, a payment taken back, a row that may be cut, another customer's
    address) is left as it was seen before, so that it is asked again.
    """
    seen, gone = plan.morning.history.seen, list(plan.around.vanished)
    present, rows = {line.case.key for line in plan.lines}, []
    for line in plan.lines:
        case = line.case
        if not number_changes(case) and is_sure(case) and case.key not in plan.around.elsewhere:
            formerly = sorted({*former_keys(case.past)}) if case.past.confirmations else ()
            former = [seen[key] for key in formerly if key in seen and key not in present]
            rows.append(_row(line, former))
            gone += [each for each in former if each.gone_on is None]
    return (*rows, *(each._replace(gone_on=plan.today) for each in gone))


def _row(line: Line, former: Sequence[Seen]) -> Seen:
    """An invoice of the plan, which was `former` under other numbers."""
    case, before = line.case, last_seen(line.case)
    invoice, identity, known = case.invoice, case.customer.identity, (*former, before) if before else former
    said = [name for seen in known for name in former_names(seen, identity, case.morning.history)]
    return Seen(
        invoice=case.key,
        number=invoice.number,
        customer=identity,
        total=invoice.total,
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        is_open=line.is_open(known),
        paid=case.paid,
        paid_on=seen_paid_on(case),
        formerly=tuple(dict.fromkeys(said)) if said else (),
        emails=comparable(invoice.customer.emails),
    )


def without(seen: Seen, before: Decimal, after: Decimal) -> Seen:
    """What the last run saw, once the user took back a payment: it knew `before` as paid, and knows `after`.

    Where the file has changed since, what was seen stays as it was: a payment that went missing there is asked about.
    """
    return seen._replace(paid=after) if seen.paid == before else seen


def name_of_line(line: Line) -> str:
    """What the journal remembers it by that the user was told of this line; the clock is one thing for all lines."""
    if line.reason.asks is Asks.ADDRESS:
        return _name_of_address(line)
    return f"clock {line.stop.mark}" if line.reason is Reason.CLOCK else f"{line.reason}:{line.stop.mark} {line.key}"


def name_of_task(task: Task) -> str:
    """What makes a task the same one again: a few more invoices for one question are no news.

    Of a question, a new reason is; of what a person does, the reason changes from day to day, the stage alone tells.
    """
    if task.about is About.ADDRESS:
        return _name_of_address(task.lines[0])
    if task.kind in ("confirm", "review") and task.about is None:
        why = sorted({f"{line.reason}:{_question(line)}" for line in task.lines})
    else:
        stage = task.stage.key if task.kind != "review" and task.stage is not None else ""
        why = [f"{task.about or ''}:{stage}"]
    keys = () if task.customer is None else (line.key for line in task.lines)
    return " ".join((task.kind, *why, *keys))


def _question(line: Line) -> str:
    """What is asked: a file too old, for a stage one day and for a promise the next, is the same question still."""
    promised = isinstance(line.why, Stale) and line.why.doubt is Doubted.PROMISE
    old = line.case.morning.history.file
    return Stale(Doubted.OLD, old.oldest).mark if promised and old else line.stop.mark


def _name_of_address(line: Line) -> str:
    """One question a customer, whatever his invoices, and whether a task asks it today or not."""
    return f"address {line.case.customer.identity} {line.reason}:{line.stop.mark}"


def name_of_draft(draft: Overtaken) -> str:
    """What makes a draft to be thrown away the same one again."""
    left = f" {draft.lies}" if draft.lies is Lies.SENT else ""
    return f"draft {draft.on} {draft.label} {' '.join(draft.keys)}{left}"


def name_of_gone(seen: Seen) -> str:
    """What makes an invoice that is gone from the file the same one again."""
    return f"gone {seen.invoice}"


def under_present_names(history: History, invoices: _Keyed) -> History:
    """The history with holds, promises, releases, payers of a customer under the identity that its invoices have now.

    A code given, changed or taken away, a name or an address corrected: who the last runs saw behind an invoice tells.
    One that the file still knows is another customer's, but for the place by whose SIRET its bare SIREN went till now.
    """
    former = _former(history, invoices)
    if not former:
        return history
    present = {customer_id(invoice.customer) for _, invoice in invoices}
    holds, promises, releases = dict(history.holds), dict(history.promises), dict(history.releases)
    names: dict[str, str] = {}
    for (now, was), keys in former.items():
        if was not in present or is_of_company(was.removeprefix("siret:"), now.removeprefix("siret:")):
            mine, theirs = held_target(now), held_target(was)
            if was not in present:  # else it was told of both, and stays with the place as well
                names[theirs] = now
            _move_promises(promises, was, now, keys, was in present)
            if mine != theirs and theirs in holds:
                holds[mine] = _joined(holds[theirs], holds.get(mine, ()))
            if theirs in releases:
                releases[mine] = max(releases[theirs], releases.get(mine, date.min))
    payers = {payer: tuple(names.get(held_target(who), who) for who in tied) for payer, tied in history.payers.items()}
    return history._replace(holds=holds, promises=promises, releases=releases, payers=payers)


def _former(history: History, invoices: _Keyed) -> Mapping[tuple[str, str], list[str]]:
    """By present and former identity of a customer of whom something was said under that, the invoices that had it."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, invoice in invoices if any(_said_of_customers(history)) else ():
        if seen := history.seen.get(key):
            for was in former_names(seen, now := customer_id(invoice.customer), history):
                found.setdefault((now, was), []).append(key)
    return found


def former_names(seen: Seen, now: str, history: History) -> tuple[str, ...]:
    """The former identities of a customer, `now` another one, under which something was said."""
    if seen.customer == now and not seen.formerly:
        return ()
    names, said = dict.fromkeys((*seen.formerly, seen.customer)), _said_of_customers(history)
    return tuple(was for was in names if was != now and any(held_target(was) in kind for kind in said))


def _said_of_customers(history: History) -> tuple[Collection[str], ...]:
    """The identities of whom something was said, invoices among them."""
    tied = {held_target(who) for several in history.payers.values() for who in several}
    return history.holds, history.promises, history.releases, tied


def _move_promises(promises: dict[str, tuple[Promise, ...]], was: str, now: str, keys: list[str], stays: bool) -> None:
    """A promise goes on for the invoices (`keys`) that had the identity it was told of: of no other was it promised.

    The first that was told under the present name ends it, as if all had been told of one name.
    """
    told = promises.get(held_target(was), ())
    promises[held_target(was)] = tuple(promise for promise in told if stays or promise.target != was)
    later = min((promise.on for promise in promises.get(held_target(now), ())), default=None)
    moved = ended((promise for promise in told if promise.target == was), later)
    for key in keys:
        promises[key] = (*promises.get(key, ()), *(promise._replace(target=key) for promise in moved))


def _joined(theirs: tuple[Held, ...], mine: tuple[Held, ...]) -> tuple[Held, ...]:
    """What is told under the present name takes the place of what was told for the same reason."""
    reasons = {held.reason for held in mine}
    return (*(held for held in theirs if held.reason not in reasons), *mine)
