"""The file beside what the last run saw of it: gone, renumbered, returned, shrunk; and what the next has to know."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from relance.core.case import Case
from relance.core.facts import Held
from relance.core.history import History, Promise, Seen
from relance.core.invoice import ZERO, Invoice, Status, customer_id, held_target, normalised_number
from relance.core.morning import ALONE, Credit, Morning, Surroundings
from relance.core.plan import Line, Overtaken, Plan, Task
from relance.core.reasons import Change, Reason, Renumbered

_Looks = tuple[str, Decimal, date | str | None, date]
SHRUNK_FROM = 5
"""A file with fewer open invoices than this never counts as shrunk."""


def look_around(invoices: Sequence[tuple[str, Invoice]], morning: Morning) -> Surroundings:
    """Compare the file with what the last run saw, and collect what is credited to each customer.

    Each invoice comes with its key.
    """
    history = morning.history
    credits = _open_credits(invoices, morning)
    if not history.seen:
        return Surroundings(credits) if credits else ALONE
    present = {key for key, _ in invoices}
    gone, returned, were_open = [], set(), 0
    for key, seen in history.seen.items():
        if seen.gone_on is not None:
            if key in present:
                returned.add(key)
        elif seen.is_open:
            were_open += 1
            if key not in present:
                gone.append(seen)
    renumbered = _renumbered(invoices, gone, history)
    former = {seen.invoice for seen in renumbered.values()}
    vanished = tuple(seen for seen in gone if seen.invoice not in former)
    confirmed = history.file is not None and history.file.confirmed
    return Surroundings(
        credits=credits,
        renumbered=renumbered,
        returned=frozenset(returned),
        vanished=vanished,
        shrunk=were_open >= SHRUNK_FROM and len(vanished) * 3 >= were_open and not confirmed,
    )


def written_to(invoices: Iterable[tuple[str, Invoice]], morning: Morning) -> Mapping[str, date]:
    """The day of the last message to each address, those that only a column of the file tells of included."""
    found: dict[str, date] = {}
    known, today = morning.history.addresses, morning.today
    for _, invoice in invoices:
        if not invoice.contacts:
            continue
        days = [said.on for said in invoice.contacts if said.channel == "email" and said.on <= today]
        for address in map(str.casefold, invoice.customer.emails) if days else ():
            found[address] = max(*days, found.get(address, date.min), known.get(address, date.min))
    return {**known, **found} if found else known


def _open_credits(
    invoices: Iterable[tuple[str, Invoice]], morning: Morning
) -> dict[tuple[str, str], tuple[Credit, ...]]:
    credits: dict[tuple[str, str], tuple[Credit, ...]] = {}
    credit_note = Status.CREDIT_NOTE
    for key, invoice in invoices:
        if invoice.status is not credit_note and invoice.total >= ZERO:
            continue
        issued = invoice.issue_date
        if invoice.status is Status.CANCELLED or (issued is not None and issued > morning.today):
            continue
        used = morning.history.allocated.get(key, ZERO) + sum((abs(p.amount) for p in invoice.payments), ZERO)
        if abs(invoice.total) > used:
            account = (customer_id(invoice.customer), invoice.currency)
            credit = Credit(key, invoice.number, abs(invoice.total) - used)
            credits[account] = (*credits.get(account, ()), credit)
    return credits


def _renumbered(invoices: Iterable[tuple[str, Invoice]], gone: Iterable[Seen], history: History) -> dict[str, Seen]:
    """By new key, an invoice that is gone and looks the same but for its number, or for its issue date alone."""
    former: dict[_Looks, Seen] = {}
    for seen in gone:
        former.setdefault((seen.customer, seen.total, seen.issue_date, seen.due_date), seen)
        former.setdefault((seen.customer, seen.total, normalised_number(seen.number), seen.due_date), seen)
    found: dict[str, Seen] = {}
    for key, invoice in invoices if former else ():
        known = history.seen.get(key)
        if known is None or known.gone_on is not None:
            for mark in (invoice.issue_date, normalised_number(invoice.number)):
                looks = (customer_id(invoice.customer), invoice.total, mark, invoice.due_date)
                if looks in former:
                    found.setdefault(key, former[looks])
    return found


def last_seen(case: Case) -> Seen | None:
    """An invoice as the last run saw it, put right by what the user has said since of its payments and total."""
    seen = case.morning.history.seen.get(case.key)
    if seen is None or seen.paid is None:
        return seen
    since = seen.paid_on or date.min  # what was confirmed before more was seen paid says nothing of it
    said = case.past.confirmations
    words = [word for word in said if word.seen == seen.paid and word.paid is not None and word.on >= since]
    if not words:
        return seen
    least = min((word.paid for word in words if word.paid is not None), default=seen.paid)
    return seen._replace(paid=min(least, seen.paid), total=words[-1].snapshot.total)


def newly_paid(seen: Seen | None, paid: Decimal, told: Decimal) -> bool:
    """True where the file shows more paid than the last run saw; what was `told` by hand is no news of the file."""
    return seen is not None and seen.paid is not None and paid - told > seen.paid


def seen_paid_on(case: Case) -> date | None:
    """The day of the run that first saw the file show all that is paid: today if none did yet, None if never more."""
    seen = last_seen(case)
    return case.today if newly_paid(seen, case.paid, case.by_hand) else seen.paid_on if seen is not None else None


def payment_changes(case: Case) -> Change | None:
    """Whether less is paid than the last run saw, or what it saw paid is not any more.

    None where neither is so, or once the user confirmed it.
    """
    seen, known = case.morning.history.seen.get(case.key), last_seen(case)
    if seen is None or seen.paid is None or known is None or known.paid is None:
        return None
    if case.paid < known.paid:
        return Change.LESS_PAID
    total = case.invoice.total
    return Change.REOPENED if seen.paid >= seen.total and case.paid < total and known.total < total else None


def number_changes(case: Case) -> Change | Renumbered | None:
    """Whether an invoice looks like one that is gone, or was gone itself.

    None where neither is so, or once the user confirmed it.
    """
    around, said = case.morning.around, case.past.confirmations
    former = around.renumbered.get(case.key)
    if former is not None and all(word.was != former.invoice for word in said):
        return Renumbered(former.number)
    gone_on = case.morning.history.seen[case.key].gone_on if case.key in around.returned else None
    if gone_on is not None and all(word.on < gone_on for word in said):
        return Change.RETURNED
    return None


def remember(plan: Plan) -> tuple[Seen, ...]:
    """The invoices as this run saw them, those that are gone marked with the day.

    What waits for a word (a new number, a return, a payment taken back) is left as it was seen before, so that it is
    asked again.
    """
    rows, history, present = [], plan.morning.history, {line.key for line in plan.lines}
    for line in plan.lines:
        if number_changes(line.case) or payment_changes(line.case):
            continue
        invoice, before = line.invoice, last_seen(line.case)
        gone = {c.was for c in line.case.past.confirmations} - present
        former = [history.seen[key] for key in sorted(gone) if key in history.seen]
        known = (*former, before) if before is not None else former
        rows.append(
            Seen(
                invoice=line.key,
                number=invoice.number,
                customer=customer_id(invoice.customer),
                total=invoice.total,
                issue_date=invoice.issue_date,
                due_date=invoice.due_date,
                is_open=not line.reason.settled,
                paid=line.paid,
                paid_on=seen_paid_on(line.case),
                formerly=tuple({name: 0 for seen in known for name in still_said(seen, invoice, history)}),
            )
        )
        rows += [seen._replace(gone_on=plan.today) for seen in former if seen.gone_on is None]
    return (*rows, *(seen._replace(gone_on=plan.today) for seen in plan.around.vanished))


def without(seen: Seen, before: Decimal, after: Decimal) -> Seen:
    """What the last run saw, once the user took back a payment: it knew `before` as paid, and knows `after`.

    Where the file has changed since, what was seen stays as it was: a payment that went missing there is asked about.
    """
    return seen._replace(paid=after) if seen.paid == before else seen


def name_of_line(line: Line) -> str:
    """What the journal remembers it by that the user was told of this line; the clock is one thing for all lines."""
    return f"clock {line.mark}" if line.reason is Reason.CLOCK else f"{line.reason}:{line.mark} {line.key}"


def name_of_task(task: Task) -> str:
    """What makes a task the same one again: a few more invoices for one question are no news.

    Of a question, a new reason is; of what a person does, the reason changes from day to day, the stage alone tells.
    """
    if task.kind in ("confirm", "review") and task.about is None:
        why = sorted({f"{line.reason}:{line.mark}" for line in task.lines})
    else:
        stage = task.stage.key if task.kind != "review" and task.stage is not None else ""
        why = [f"{task.about or ''}:{stage}"]
    keys = () if task.customer is None else (line.key for line in task.lines)
    return " ".join((task.kind, *why, *keys))


def name_of_draft(draft: Overtaken) -> str:
    """What makes a draft to be thrown away the same one again."""
    return f"draft {draft.on} {draft.label} {' '.join(draft.keys)}"


def name_of_gone(seen: Seen) -> str:
    """What makes an invoice that is gone from the file the same one again."""
    return f"gone {seen.invoice}"


def under_present_names(history: History, invoices: Sequence[tuple[str, Invoice]]) -> History:
    """The history with holds, promises and releases of a customer under the identity that its invoices have now.

    A code given, changed or taken away, a name or an address corrected: who the last runs saw behind an invoice tells.
    An identity that the file still knows is another customer's. A promise goes on for the invoices that had the
    identity it was told of: of the others nobody promised anything.
    """
    former = _former(history, invoices)
    if not former:
        return history
    present = {customer_id(invoice.customer) for _, invoice in invoices}
    holds, promises, releases = dict(history.holds), dict(history.promises), dict(history.releases)
    for (now, was), keys in former.items():
        mine, theirs = held_target(now), held_target(was)
        if was in present:
            continue
        promises[theirs], moved = _split(promises.get(theirs, ()), was)
        moved = _renewed(moved, promises.get(mine, ()))
        for key in keys if moved else ():
            promises[key] = (*promises.get(key, ()), *(promise._replace(target=key) for promise in moved))
        if mine != theirs:
            holds[mine] = (*_still(holds.get(theirs, ()), holds.get(mine, ())), *holds.get(mine, ()))
            days = [releases[target] for target in (mine, theirs) if target in releases]
            releases |= {mine: max(days)} if days else {}
    held = {target: known for target, known in holds.items() if known}
    return history._replace(holds=held, promises=promises, releases=releases)


def _former(history: History, invoices: Sequence[tuple[str, Invoice]]) -> Mapping[tuple[str, str], Sequence[str]]:
    """By present and former identity of a customer of whom something was said under that, the invoices that had it."""
    if not (history.seen and (history.holds or history.promises or history.releases)):
        return {}
    found: dict[tuple[str, str], list[str]] = {}
    for key, invoice in invoices:
        seen = history.seen.get(key)
        if seen is not None and (seen.formerly or seen.customer != customer_id(invoice.customer)):
            for was in still_said(seen, invoice, history):
                found.setdefault((customer_id(invoice.customer), was), []).append(key)
    return found


def still_said(seen: Seen, invoice: Invoice, history: History) -> tuple[str, ...]:
    """The former identities of an invoice's customer under which something was said."""
    now, names = customer_id(invoice.customer), dict.fromkeys((*seen.formerly, seen.customer))
    said = (history.holds, history.promises, history.releases)
    return tuple(was for was in names if was != now and any(held_target(was) in kind for kind in said))


def _split(promises: tuple[Promise, ...], was: str) -> tuple[tuple[Promise, ...], list[Promise]]:
    """The promises of others, and those told of `was`."""
    others = tuple(promise for promise in promises if promise.target != was)
    return others, [promise for promise in promises if promise.target == was]


def _renewed(moved: list[Promise], mine: tuple[Promise, ...]) -> list[Promise]:
    """Those promises, ended by the first of `mine` as if all had been told of one name."""
    later: date | None = min((promise.on for promise in mine), default=None)
    return [p._replace(ended=later) if p.ended is None and later is not None else p for p in moved]


def _still(theirs: tuple[Held, ...], mine: tuple[Held, ...]) -> list[Held]:
    """The holds that nothing told under the present name for the same reason replaces."""
    return [held for held in theirs if all(held.reason is not new.reason for new in mine)]
