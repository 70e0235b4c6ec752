"""Rules of design.md told a second time, for the tests alone: days, sums, ladders. Nothing here asks the engine."""

from collections.abc import Iterable, Sequence
from datetime import date, time, timedelta
from decimal import Decimal
from functools import lru_cache

from relance.core.facts import Paid
from relance.core.invoice import Invoice, Kind
from relance.core.policy import DunningPolicy, Stage

A_DAY = timedelta(days=1)
OUTSIDE = ("thanks", "broken_promise", "instalment")
"""Stage keys of messages that are no rung of the ladder."""
LONG_TERMS = 45
SHORT_TERMS = 15
APPROVED_FOR = 7
THANKED_WITHIN = 10


@lru_cache(maxsize=64)
def easter_sunday(year: int) -> date:
    """Easter of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


@lru_cache(maxsize=64)
def holidays(year: int) -> frozenset[date]:
    """The eleven public holidays of the Code du travail (L3133-1)."""
    easter = easter_sunday(year)
    moving = [easter + A_DAY, easter + 39 * A_DAY, easter + 50 * A_DAY]
    fixed = ["01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"]
    return frozenset([*moving, *(date.fromisoformat(f"{year}-{day}") for day in fixed)])


def works(day: date, policy: DunningPolicy) -> bool:
    """True where a message may leave."""
    if any(first <= day <= last for first, last in policy.calendar.closed):
        return False
    return not policy.calendar.working_days or (day.weekday() not in (5, 6) and day not in holidays(day.year))


def in_hours(day: date, hour: time | None, policy: DunningPolicy) -> bool:
    """True where a message may leave at this hour: from the first to before the last, on Fridays to an earlier one."""
    hours = policy.calendar.hours
    if hours is None or hour is None:
        return True
    return hours.first <= hour < (hours.friday if day.isoweekday() == 5 else hours.last)


def first_working(day: date, policy: DunningPolicy) -> date:
    """This day, or the first working day after it."""
    while not works(day, policy):
        day += A_DAY
    return day


def third_working(day: date, policy: DunningPolicy) -> date:
    """The third working day after a term or a promise."""
    for _ in range(3):
        day = first_working(day + A_DAY, policy)
    return day


def longest_rest(first: date, last: date, policy: DunningPolicy) -> int:
    """The longest run of closed days between two days."""
    longest = run = 0
    while first <= last:
        run = 0 if works(first, policy) else run + 1
        longest, first = max(longest, run), first + A_DAY
    return longest


def shown_paid(about: Invoice, today: date) -> Decimal:
    """What the file shows as paid by today; a payment without a date was made."""
    return sum((p.amount for p in about.payments if p.on is None or p.on <= today), Decimal(0))


def all_paid(about: Invoice, told: Iterable[Paid], today: date) -> Decimal:
    """Decision 12: what was told counts on top of what the file showed then, until the file's own amount absorbs it."""
    shown, floor, words = shown_paid(about, today), Decimal(0), Decimal(0)
    for word in told:
        floor = max(floor, word.shown) + word.amount
        words += word.amount
    return shown + min(words, max(Decimal(0), floor - shown))


def ladder_stages(about: Invoice, policy: DunningPolicy) -> tuple[Stage, ...]:
    """The rungs for this invoice: its customer's schedule, else by its terms (the longest that it reaches)."""
    schedules = {schedule.name: schedule for schedule in policy.schedules}
    if about.customer.schedule in schedules:
        return schedules[about.customer.schedule].stages
    fitting = policy.schedules[0]
    if about.issue_date is not None:
        terms = (about.due_date - about.issue_date).days
        for schedule in policy.schedules[1:]:
            if schedule.terms_from_days is not None and (fitting.terms_from_days or 0) <= schedule.terms_from_days:
                fitting = schedule if terms >= schedule.terms_from_days else fitting
    return fitting.stages


def late_stages(about: Invoice, policy: DunningPolicy) -> tuple[Stage, ...]:
    """The rungs from the due date on."""
    return tuple(stage for stage in ladder_stages(about, policy) if stage.day >= 0)


def rungs_said(stage: str, channel: str, about: Invoice, policy: DunningPolicy) -> set[int]:
    """Which late rungs this does: a call its own alone, where the mail of the same stage follows it; else all of them.

    To a key account no mail follows: a person calls.
    """
    late = late_stages(about, policy)
    same = {i for i, rung in enumerate(late) if rung.key == stage}
    alone = channel == "call" and len(same) > 1 and about.customer.profile != "key"
    return {i for i in same if "call" in late[i].channels} if alone else same


BANK_DAYS = 5
"""A transfer that was announced may take so many days on which banks work, whatever days the user closes."""


def platform_stops(told: Sequence[tuple[str, date, str]], today: date) -> set[str]:
    """What forbids a reminder by the statuses of a platform: each its code, its day and the number it was told of.

    Refused ends where it reaches the customer under another number; rejected where it reaches him at all.
    """

    def later(codes: str, day: date, *, same_day: bool = False) -> bool:
        return any(code in codes.split() and (on > day or (same_day and on == day)) for code, on, _ in told)

    found = {"disputed" for code, day, _ in told if code in ("206", "207") and not later("204 205 212", day)}
    found |= {"suspended" for code, day, _ in told if code == "208" and not later("209", day, same_day=True)}
    found |= {"not_received" for code, day, _ in told if code == "213" and not later("202 203", day)}
    for code, day, number in told:
        anew = any(c in ("202", "203") and on > day and other != number for c, on, other in told)
        found |= {"refused_invoice"} if code == "210" and not anew else set()
    for code, day, _ in told:
        open_days = (day + timedelta(days=n) for n in range(1, (today - day).days + 1))
        passed = sum(works(each, DunningPolicy()) for each in open_days)
        last = works(today, DunningPolicy()) and passed == BANK_DAYS
        found |= {"payment_sent"} if code == "211" and (passed < BANK_DAYS or last) else set()
    return found


def has_courtesy(about: Invoice) -> bool:
    """Terms under fifteen days have none; without an issue date nobody knows that they are short."""
    return about.issue_date is None or (about.due_date - about.issue_date).days >= SHORT_TERMS


def last_day_to_sue(since: date, kind: Kind | None, owned: Iterable[date], asked: Iterable[date]) -> date:
    """Five years from `since`, two for a consumer, from each day on which the customer owned to the debt as well.

    For a public body the fourth 31 December after; each written demand (`asked`) within the time begins it again.
    """
    years = {Kind.CONSUMER: 2, Kind.PUBLIC: 4}.get(kind or Kind.BUSINESS, 5)
    start = max([since, *owned])
    if kind is Kind.PUBLIC:
        last = date(start.year + years, 12, 31)
        for day in sorted(asked):
            last = max(last, date(day.year + years, 12, 31)) if day <= last else last
        return last
    leap = (start.month, start.day) == (2, 29)
    return date(start.year + years, start.month, 28 if leap else start.day)


def from_firm_on(stage: str, about: Invoice, policy: DunningPolicy) -> bool:
    """True for firm and what comes after it on the invoice's ladder."""
    keys = [s.key for s in ladder_stages(about, policy)]
    return "firm" in keys and stage in keys and keys.index(stage) >= keys.index("firm")
