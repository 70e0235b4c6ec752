"""Which lines travel together, in one message per customer, currency and day and in one tone; who is thanked."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from relance.core.calendar import ONE_DAY, after_term, next_open
from relance.core.case import Case
from relance.core.charges import names_charges
from relance.core.history import NOTHING
from relance.core.holds import held_by_user
from relance.core.invoice import ZERO, customer_id
from relance.core.morning import Morning
from relance.core.plan import Line, Reminder
from relance.core.policy import FORMAL_NOTICE, OUTSIDE_KEYS, THANKS, DunningPolicy, Stage
from relance.core.reasons import Reason
from relance.core.seen import last_seen, newly_paid


def bundle(ready: Iterable[Line], morning: Morning) -> tuple[list[list[Line]], list[tuple[Line, date]]]:
    """The lines of each message that may leave, the harshest first; and those that wait, with their first free day.

    A stage that needs approval (a formal notice) is
    never mixed with others, a courtesy never raised to a harsher tone; otherwise the highest stage sets the
    tone. Two messages to one address keep their gap.
    """
    policy, today = morning.policy, morning.today
    buckets: dict[tuple[str, ...], list[Line]] = {}
    for line in ready:
        account = account_of(line)
        buckets.setdefault(account if policy.group else (*account, line.key), []).append(line)
    gap = timedelta(days=policy.customer_gap_days)
    busy = {address: day + max(gap, ONE_DAY) for address, day in morning.history.addresses.items()}
    bundles: list[list[Line]] = []
    waits: list[tuple[Line, date]] = []
    for members in sorted(buckets.values(), key=_urgency):
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
    written = {address: morning.today for chosen in leaving for address in _addresses(chosen)}
    history = morning.history._replace(addresses={**morning.history.addresses, **written})
    return bundle(thankful, morning._replace(history=history, policy=morning.policy._replace(group=True)))[0]


def wait_for_word(asking: Iterable[Line], morning: Morning) -> list[list[Line]]:
    """The lines of each message that awaits the user's word: all of them may be read beforehand, whatever the gaps."""
    apart = morning.policy._replace(customer_gap_days=0)
    return bundle(asking, morning._replace(history=morning.history._replace(addresses={}), policy=apart))[0]


def reminders(bundles: list[list[Line]], lines: Iterable[Line], morning: Morning) -> list[Reminder]:
    """One message for each bundle; `lines` are all of the plan, for what may be named beside."""
    informative: dict[tuple[str, str], list[Line]] = {account_of(chosen[0]): [] for chosen in bundles}
    if informative:
        for line in lines:
            if line.reason.beside and (account := account_of(line)) in informative:
                informative[account].append(line)
    return [
        _reminder(chosen, informative[account], morning)._replace(credits=morning.around.credits.get(account, ()))
        if chosen[0].acting is not THANKS
        else _reminder(chosen, [], morning)
        for chosen in bundles
        for account in (account_of(chosen[0]),)
    ]


def account_of(line: Line) -> tuple[str, str]:
    """Whose message a line belongs to, and in which currency: lines of two accounts never travel together."""
    return customer_id(line.invoice.customer), line.invoice.currency


def _stage(line: Line) -> Stage:
    assert line.acting is not None
    return line.acting


def _urgency(bucket: list[Line]) -> tuple[int, int, str]:
    """Harshest and latest first; the number only makes the order certain."""
    return (
        -max(_stage(line).day for line in bucket),
        -max(line.days_overdue for line in bucket),
        min(line.key for line in bucket),
    )


def _one_tone(bucket: list[Line]) -> list[Line]:
    """The lines of one customer that one message may carry: those of the harshest kind of tone.

    A message outside the ladder (a broken promise) says one thing alone, and says it before the next stage.
    """
    legal = [line for line in bucket if _stage(line).confirm or _stage(line).key == FORMAL_NOTICE]
    if legal:
        key = _stage(max(legal, key=lambda line: _stage(line).day)).key
        return [line for line in legal if _stage(line).key == key]
    apart = [line for line in bucket if _stage(line).key in OUTSIDE_KEYS]
    return apart or [line for line in bucket if _stage(line).day >= 0] or bucket


def _one_address(lines: list[Line]) -> list[Line]:
    """Of these, the lines that go where the most urgent one goes: rows of one customer may name other addresses."""
    if len({line.invoice.customer.emails for line in lines}) == 1:
        return lines
    first = _addresses([min(lines, key=lambda line: _urgency([line]))])
    return [line for line in lines if _addresses([line]) == first]


def _addresses(lines: list[Line]) -> set[str]:
    return {email.casefold() for emails in {line.invoice.customer.emails for line in lines} for email in emails}


def _free(lines: list[Line], busy: Mapping[str, date], earliest: date) -> date:
    """The first day from `earliest` on that all addresses of these lines are free."""
    return max(
        (busy[address] for address in _addresses(lines) if busy.get(address, earliest) > earliest), default=earliest
    )


def _harshest(chosen: list[Line], policy: DunningPolicy) -> Stage:
    """The highest stage of a message: the last one on the main ladder, whatever days another schedule gives it."""
    order = [stage.key for stage in policy.schedules[0].stages]

    def height(stage: Stage) -> tuple[int, int]:
        return (order.index(stage.key) if stage.key in order else -1, stage.day)

    return max(map(_stage, chosen), key=height)


def _term(stage: Stage, today: date) -> date | None:
    return None if stage.term_days is None else today + timedelta(days=stage.term_days)


def shared_term(chosen: list[Line], morning: Morning) -> date | None:
    """The first day after the term that the message of these lines gives, None where it gives none."""
    calendar = morning.policy.calendar
    term = _term(_harshest(chosen, morning.policy), morning.today)
    return None if term is None else next_open(after_term(term, calendar), calendar)


def _reminder(chosen: list[Line], informative: list[Line], morning: Morning) -> Reminder:
    stage, first = _harshest(chosen, morning.policy), chosen[0]
    acting = {line.key for line in chosen}
    return Reminder(
        customer=first.invoice.customer,
        stage=stage,
        channel="email",
        currency=first.invoice.currency,
        lines=tuple(sorted(chosen, key=lambda line: (line.invoice.due_date, line.key))),
        others=tuple(line for line in informative if line.key not in acting),
        term=_term(stage, morning.today),
        charged=tuple(line for line in chosen if _charged(line)),
    )


def _charged(line: Line) -> bool:
    return names_charges(line.invoice, _stage(line), line.case.schedule, line.case.morning.policy)


THANKS_DAYS = 10
"""A thank-you comes within this many days after the payment, or not at all; and at most one in as many days."""


def thanked(lines: Iterable[Line], morning: Morning) -> list[Line]:
    """The paid lines of customers to thank, THANKS as their acting stage.

    Never for an invoice settled before relance knew it, nor after a formal notice, a doubt or a refused address.
    """
    if not morning.policy.thanks or morning.history.started is None:
        return []
    lines = tuple(lines)
    chosen = [line for line in lines if line.reason is Reason.PAID and line.last_contact is not None]
    chosen = [line for line in chosen if _just_paid(line.case) and _was_reminded(line.case)]
    if not chosen:
        return []
    refused = _owing(lines) | _thanked_lately(lines, morning.today)
    return [
        line._replace(acting=THANKS)
        for line in chosen
        if customer_id(line.invoice.customer) not in refused and _reachable(line.case)
    ]


def _just_paid(case: Case) -> bool:
    """True where the last money is at most THANKS_DAYS old, and relance already knew the invoice by then.

    A credit note is no money: what it may explain of a payment without a date is not thanked for.
    """
    seen, started, paid_on = last_seen(case), case.morning.history.started, _paid_on(case)
    if paid_on is None or started is None or not started <= paid_on <= case.today:
        return False
    known = case.past is not NOTHING or (seen is not None and (seen.is_open or seen.paid_on is not None))
    return known and case.today - paid_on <= timedelta(days=THANKS_DAYS)


def _paid_on(case: Case) -> date | None:
    """The day of the last money, None where there is none or nobody knows."""
    money = [payment for payment in case.invoice.payments if not payment.credit]
    received = sum((payment.amount for payment in money), ZERO)
    days = [payment.on for payment in money if payment.on is not None]
    if received <= 0:
        return None
    if len(days) == len(money):
        return max(days)
    seen = last_seen(case)
    if newly_paid(seen, received, case.told):
        return case.today
    return seen.paid_on if seen is not None and received == case.paid else None


def _was_reminded(case: Case) -> bool:
    """True where the invoice was reminded, by no legal act nor stage that needs approval, and not thanked for yet."""
    told, stages = {contact.stage for contact in case.contacts}, case.schedule.stages
    harsh = {stage.key for stage in stages if stage.confirm} | {FORMAL_NOTICE}
    mild = {stage.key for stage in stages} - harsh
    return bool(told & mild) and not told & harsh and THANKS.key not in told


def _reachable(case: Case) -> bool:
    """True where a message can leave: no refused address, doubt, draft of it, running hold or answer that waits.

    Who promised to pay, and has paid, is thanked as anybody.
    """
    customer, past, history = case.invoice.customer, case.past, case.morning.history
    if not customer.emails or customer.excluded or past.doubts or case.key in history.inbox.answers:
        return False
    if any(draft.stage == THANKS.key for draft in past.drafts):
        return False
    emails = {email.casefold() for email in (*customer.emails, *customer.cc)}
    if not (emails.isdisjoint(history.refused) and emails.isdisjoint(history.inbox.bounced)):
        return False
    holding = held_by_user(case.holds, case.morning.policy.calendar, case.today)
    return all(stop.reason is Reason.PROMISED for stop in holding)


def _owing(lines: Iterable[Line]) -> set[str]:
    """The customers (by id) who owe something that is overdue, disputed or not."""
    return {
        customer_id(line.invoice.customer)
        for line in lines
        if line.days_overdue > 0 and line.outstanding > 0 and not line.reason.settled
    }


def _thanked_lately(lines: Iterable[Line], today: date) -> set[str]:
    """The customers (by id) to whom a thank-you went within the last THANKS_DAYS."""
    since = today - timedelta(days=THANKS_DAYS)
    return {
        customer_id(line.invoice.customer)
        for line in lines
        if any(c.stage == THANKS.key and c.on >= since for c in line.case.past.contacts)
    }
