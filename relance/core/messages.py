"""Which lines travel together, in one message per customer, currency and day; who is thanked."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any

from relance.core.calendar import ONE_DAY, after_term, next_open
from relance.core.case import Case, answers_about, money_until
from relance.core.charges import names_charges
from relance.core.history import NOTHING
from relance.core.holds import held_by_user
from relance.core.morning import Morning
from relance.core.plan import Line, Reminder, grouped
from relance.core.policy import FORMAL_NOTICE, OUTSIDE_KEYS, THANKS, DunningPolicy, Stage
from relance.core.reasons import Reason
from relance.core.seen import is_sure, last_seen, newly_paid


def bundle(ready: Iterable[Line], morning: Morning) -> tuple[list[list[Line]], list[tuple[Line, date]]]:
    """The lines of each message that may leave, the harshest first; and those that wait, with their first free day.

    A stage that needs approval (a formal notice) is never mixed with others, a courtesy never raised to a harsher
    tone; otherwise the highest stage sets the tone. Two messages to one address keep their gap.
    """
    policy, today = morning.policy, morning.today
    together = grouped(ready, account_of).values() if policy.group else [[line] for line in ready]
    gap = timedelta(days=policy.customer_gap_days)
    busy = {address: day + max(gap, ONE_DAY) for address, day in morning.history.addresses.items()}
    bundles: list[list[Line]] = []
    waits: list[tuple[Line, date]] = []
    for members in sorted(together, key=_first_of):
        chosen = _one_address(_one_tone(members))
        if _free(chosen, busy, today) == today:
            bundles.append(chosen)
            busy.update(dict.fromkeys(_addresses(chosen), today + gap))
        else:
            chosen = []
        if len(chosen) < len(members):
            waits += [(line, _free([line], busy, today + ONE_DAY)) for line in members if line not in chosen]
    return bundles, waits


def thank(thankful: Iterable[Line], leaving: Iterable[list[Line]], morning: Morning) -> list[list[Line]]:
    """The lines of each thank-you that may leave beside the messages of today: one per customer and currency."""
    written = dict.fromkeys(_addresses(chain.from_iterable(leaving)), morning.today)
    history = morning.history._replace(addresses={**morning.history.addresses, **written})
    return bundle(thankful, morning._replace(history=history, policy=morning.policy._replace(group=True)))[0]


def wait_for_word(asking: Iterable[Line], morning: Morning) -> list[list[Line]]:
    """The lines of each message that awaits the user's word: all of them may be read beforehand, whatever the gaps."""
    apart = morning.policy._replace(customer_gap_days=0)
    return bundle(asking, morning._replace(history=morning.history._replace(addresses={}), policy=apart))[0]


def reminders(bundles: list[list[Line]], lines: Iterable[Line], morning: Morning) -> list[Reminder]:
    """One message for each bundle; `lines` are all of the plan, for what may be named beside."""
    beside = grouped((line for line in lines if line.stop.reason.beside), account_of) if bundles else {}
    messages = (_reminder(chosen, beside.get(account_of(chosen[0]), []), morning) for chosen in bundles)
    return [each._replace(others=(), credits=()) if each.stage is THANKS else each for each in messages]


def account_of(line: Line) -> tuple[str, str]:
    """Whose message a line belongs to, and in which currency: lines of two accounts never travel together."""
    return line.case.customer.identity, line.case.invoice.currency


def _urgency(line: Line) -> tuple[int, int, str]:
    """Harshest and latest first; the number only makes the order certain."""
    return -line.leaving.day, -line.days_overdue, line.case.key


def _first_of(members: Iterable[Line]) -> tuple[Any, ...]:
    """The urgency of the lines of one account together: each part of it as its most urgent line has it."""
    return tuple(map(min, zip(*map(_urgency, members), strict=True)))


def _one_tone(bucket: list[Line]) -> list[Line]:
    """The lines of one customer that one message may carry: those of the harshest kind of tone."""
    harshest = max((line.leaving for line in bucket), key=lambda stage: (_tone(stage)[0], stage.day))
    return [line for line in bucket if _tone(line.leaving) == _tone(harshest)]


def _tone(stage: Stage) -> tuple[int, str]:
    """How harsh, and what it is where it leaves alone: a formal notice, or another stage that needs approval.

    A message outside the ladder (a broken promise) says one thing alone, and says it before the next stage.
    """
    if stage.confirm or stage.key == FORMAL_NOTICE:
        return 3, stage.key
    return 2 if stage.key in OUTSIDE_KEYS else int(stage.day >= 0), ""


def _one_address(lines: list[Line]) -> list[Line]:
    """Of these, the lines that go where the most urgent one goes: rows of one customer may name other addresses."""
    if len(lines) == 1:
        return lines
    first = _emails(min(lines, key=_urgency))
    return [line for line in lines if _emails(line) == first]


def _emails(line: Line) -> frozenset[str]:
    return _folded(line.case.invoice.customer.emails)


@lru_cache(maxsize=65536)
def _folded(emails: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(str.casefold, emails))


def _addresses(lines: Iterable[Line]) -> set[str]:
    return set(chain.from_iterable(map(_emails, lines)))


def _free(lines: Iterable[Line], busy: Mapping[str, date], earliest: date) -> date:
    """The first day from `earliest` on that all addresses of these lines are free."""
    return max((earliest, *(busy.get(address, earliest) for address in _addresses(lines))))


def _harshest(chosen: Iterable[Line], policy: DunningPolicy) -> Stage:
    """The highest stage of a message: the last one on the main ladder, whatever days another schedule gives it."""
    height = {stage.key: place for place, stage in enumerate(policy.schedules[0].stages)}
    return max((line.leaving for line in chosen), key=lambda stage: (height.get(stage.key, -1), stage.day))


def shared_term(chosen: Sequence[Line]) -> date | None:
    """The first day after the term that the message of these lines gives, None where it gives none."""
    policy, today = chosen[0].case.morning.policy, chosen[0].case.today
    term = _harshest(chosen, policy).term(today, policy.calendar)
    return None if term is None else next_open(after_term(term, policy.calendar), policy.calendar)


def _reminder(chosen: list[Line], beside: list[Line], morning: Morning) -> Reminder:
    stage, first = _harshest(chosen, morning.policy), chosen[0]
    acting = {line.key for line in chosen}
    return Reminder(
        customer=first.invoice.customer,
        stage=stage,
        channel="email",
        currency=first.invoice.currency,
        lines=tuple(sorted(chosen, key=lambda line: (line.invoice.due_date, line.key))),
        others=tuple(line for line in beside if line.key not in acting and is_sure(line.case)),
        term=stage.term(morning.today, morning.policy.calendar),
        charged=tuple(filter(_charged, chosen)),
        credits=morning.around.credits.get(account_of(first), ()),
    )


def _charged(line: Line) -> bool:
    return names_charges(line.invoice, line.leaving, line.case.schedule, line.case.morning.policy)


THANKS_DAYS = 10
"""A thank-you comes within this many days after the payment, or not at all; and at most one in as many days."""


def thanked(lines: Sequence[Line], morning: Morning) -> list[Line]:
    """The paid lines of customers to thank, THANKS as their acting stage.

    Never for an invoice settled before relance knew it, nor after a formal notice, a doubt or a refused address.
    """
    if not morning.policy.thanks:
        return []
    chosen = [line for line in lines if line.stop.reason is Reason.PAID and _earns_thanks(line.case)]
    refused = _not_now(lines, morning.today) if chosen else set()
    return [
        line._replace(acting=THANKS)
        for line in chosen
        if line.case.customer.identity not in refused and _reachable(line.case) and is_sure(line.case)
    ]


def _earns_thanks(case: Case) -> bool:
    """True where the invoice was reminded, and paid since in the last days."""
    return bool(case.contacts) and _just_paid(case) and _was_reminded(case)


def _just_paid(case: Case) -> bool:
    """True where the last money is at most THANKS_DAYS old, and relance already knew the invoice by then.

    A credit note is no money: what it may explain of a payment without a date is not thanked for.
    """
    paid_on, started = _paid_on(case), case.morning.history.started or date.max
    since = max(started, case.today - timedelta(days=THANKS_DAYS))
    return paid_on is not None and since <= paid_on <= case.today and _was_known(case)


def _was_known(case: Case) -> bool:
    seen = last_seen(case)
    return case.past is not NOTHING or (seen is not None and (seen.is_open or seen.paid_on is not None))


def _paid_on(case: Case) -> date | None:
    """The day of the last money, None where there is none or nobody knows."""
    days = [payment.on for payment in case.invoice.payments if not payment.credit]
    received, known = money_until(case.invoice, date.max), list(filter(None, days))
    if received <= 0:
        return None
    if len(known) == len(days):
        return max(known)
    seen = last_seen(case)
    if newly_paid(seen, received, case.told):
        return case.today
    return seen.paid_on if seen is not None and received == case.paid else None


def _was_reminded(case: Case) -> bool:
    """True where the invoice was reminded, by no legal act nor stage that needs approval, and not thanked for yet."""
    told, stages = {contact.stage for contact in case.contacts}, case.schedule.stages
    final = {stage.key for stage in stages if stage.confirm} | {FORMAL_NOTICE, THANKS.key}
    return told.isdisjoint(final) and not told.isdisjoint(stage.key for stage in stages)


def _reachable(case: Case) -> bool:
    """True where a message can leave: no refused address, doubt, draft of it, running hold or answer that waits.

    Who promised to pay, and has paid, is thanked as anybody.
    """
    past, history = case.past, case.morning.history
    drafted = {draft.stage for draft in past.drafts}
    if past.doubts or THANKS.key in drafted or answers_about(case) or not case.invoice.customer.emails:
        return False
    own = held_by_user(history.holds.get(case.key, ()), case.morning.policy.calendar, case.today)
    promised = all(stop.reason is Reason.PROMISED for stop in (*own, *case.customer.stops))
    return promised and case.customer.refused is None


def _not_now(lines: Iterable[Line], today: date) -> set[str]:
    """The customers (by id) who owe something overdue, disputed or not, or were thanked in the last THANKS_DAYS."""
    since = today - timedelta(days=THANKS_DAYS)
    return {line.case.customer.identity for line in lines if _owes(line) or _thanked(line, since)}


def _owes(line: Line) -> bool:
    return line.days_overdue > 0 and line.outstanding > 0 and not line.reason.settled


def _thanked(line: Line, since: date) -> bool:
    return any(said.stage == THANKS.key and said.on >= since for said in line.case.past.contacts)
