"""The rules the user may change: stages, schedules, gaps, interest terms; all of them data."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import NamedTuple

from relance.core.calendar import OFFICE_HOURS, WorkCalendar, term_on
from relance.core.interest import InterestTerms
from relance.core.invoice import Customer, Invoice, Kind
from relance.core.kinds import known_kind


class Stage(NamedTuple):
    """A rung of the ladder: `day` counts from the due date (negative before it).

    `term_days` is the new term that its message gives, in days; `confirm` makes it wait for the user's word. Where a
    ladder has a key twice, `done_by` ("call" or "writing") is the only way that does this one.
    """

    key: str
    day: int
    label: str
    channels: tuple[str, ...] = ("email",)
    confirm: bool = False
    term_days: int | None = None
    template: str = ""
    done_by: str = ""

    @property
    def rung(self) -> str:
        """What it is done as: its key, with the way where only one counts (see `rungs_of`)."""
        return f"{self.key}/{self.done_by}" if self.done_by else self.key

    @property
    def by_mail(self) -> bool:
        """True where relance sends it, False where only a person carries it out."""
        return "email" in self.channels

    def term(self, today: date, calendar: WorkCalendar) -> date | None:
        """The day until which a message of `today` lets one pay, a working day; None where it gives no term."""
        return None if self.term_days is None else term_on(today + timedelta(days=self.term_days), calendar)


class _Schedule(NamedTuple):
    name: str
    stages: tuple[Stage, ...]
    terms_from_days: int | None = None


class Schedule(_Schedule):
    """Stages in the order of their days, for payment terms of at least `terms_from_days` days."""

    @cached_property
    def early(self) -> tuple[Stage, ...]:
        """Those before the due date."""
        return tuple(stage for stage in self.stages if stage.day < 0)

    @cached_property
    def late(self) -> tuple[Stage, ...]:
        """Those from the due date on."""
        return tuple(stage for stage in self.stages if stage.day >= 0)


FIRM = "firm"
"""The key of the first stage of a ready ladder that presses; what a customer paid has to be known by then."""
FORMAL_NOTICE = "formal_notice"
"""The key of the legal act (Code civil, art. 1344): it travels alone, whether it waits for approval or not."""
DEFAULT_STAGES = (
    Stage("courtesy", -5, "relance préventive"),
    Stage("friendly", 5, "relance amicale"),
    Stage(FIRM, 15, "relance ferme", term_days=7),
    Stage("formal_notice", 30, "mise en demeure", channels=("email", "letter"), confirm=True, term_days=15),
)
MAILED_NOTICE_DAYS = 8
"""The term of a formal notice that is not posted; fifteen days leave eight after a registered letter was fetched."""

THANKS = Stage("thanks", 0, "remerciement")
BROKEN_PROMISE = Stage("broken_promise", 0, "promesse non tenue")
INSTALMENT = Stage("instalment", 0, "échéance manquée")
OUTSIDE = (THANKS, BROKEN_PROMISE, INSTALMENT)
"""Messages outside the ladder: none of them is a rung, and none raises the tone of another message."""
OUTSIDE_KEYS = frozenset(stage.key for stage in OUTSIDE)


def with_days(stages: tuple[Stage, ...], days: dict[str, int]) -> tuple[Stage, ...]:
    """The same stages on other days (by rung), in the order of those days."""
    return tuple(sorted((s._replace(day=days.get(s.rung, s.day)) for s in stages), key=lambda s: s.day))


def rungs_of(stage: str, channel: str) -> tuple[str, str]:
    """What a contact of this stage does: the stage, and the one of its rungs that is done this way alone."""
    return stage, f"{stage}/{'call' if channel == 'call' else 'writing'}"


LONG_DAYS = {"courtesy": -5, "friendly": 10, "firm": 25, "formal_notice": 50}
LONG_TERMS_FROM = 45
DEFAULT_SCHEDULES = (
    Schedule("default", DEFAULT_STAGES),
    Schedule("long", with_days(DEFAULT_STAGES, LONG_DAYS), terms_from_days=LONG_TERMS_FROM),
)
_PHONE_STAGES = (
    *DEFAULT_STAGES[:2],
    Stage("firm", 15, "appel", channels=("call",), done_by="call"),
    DEFAULT_STAGES[2]._replace(day=22, done_by="writing"),
    DEFAULT_STAGES[3],
)
"""The mail follows the call seven days later, unless what was said stops it: a promise, a dispute, a plan, money."""
_LONG_PHONE = {"courtesy": -5, "friendly": 10, "firm/call": 25, "firm/writing": 32, "formal_notice": 50}
_LATE_PHONE = {"friendly": 7, "firm/call": 20, "firm/writing": 27}
_LONG_LATE_PHONE = {"friendly": 12, "firm/call": 30, "firm/writing": 37, "formal_notice": 50}


def _ladder(name: str, days: dict[str, int], long_days: dict[str, int]) -> tuple[Schedule, Schedule]:
    long = Schedule(f"{name}-long", with_days(_PHONE_STAGES, long_days), terms_from_days=LONG_TERMS_FROM)
    return Schedule(name, with_days(_PHONE_STAGES, days)), long


READY_LADDERS = {
    "phone": _ladder("phone", {}, _LONG_PHONE),
    "phone-late": _ladder("phone-late", _LATE_PHONE, _LONG_LATE_PHONE),
}
"""By what the settings call them, the ladders beside the default one: each with that of long terms."""
KEY = "key"
"""The profile of a key account: the first messages have their own tone, then a person takes over."""
COURTESY_TERMS_FROM = 15
"""Payment terms under this many days get no reminder before the due date."""


class Oneself(NamedTuple):
    """What the rules know of the user: `addresses` are his own, in lower case: no customer's.

    `payable` tells that his messages can say where to pay.
    """

    addresses: frozenset[str] = frozenset()
    payable: bool = True


class DunningPolicy(NamedTuple):
    """Everything planning needs to know beside invoices, history and the day; gaps in days, minimum in EUR.

    A file older than `max_age_days` is not trusted for any message, older than `max_age_days_firm` for none from
    firm on; 0: whatever its age. `own` is what is known of the user. With `declare_collected`, he is told
    what is paid while his platform does not know it.
    """

    schedules: tuple[Schedule, ...] = DEFAULT_SCHEDULES
    interest: InterestTerms = InterestTerms()
    min_gap_days: int = 7
    customer_gap_days: int = 4
    minimum: Decimal = Decimal("5.00")
    group: bool = True
    max_per_run: int = 50
    default_kind: Kind | None = None
    thanks: bool = True
    max_age_days: int = 14
    max_age_days_firm: int = 7
    declare_collected: bool = True
    calendar: WorkCalendar = WorkCalendar()
    own: Oneself = Oneself()


def by_schedule(policy: DunningPolicy) -> DunningPolicy:
    """The rules of a run of the schedule: it sends in office hours, where the settings say nothing else."""
    calendar = policy.calendar
    return policy._replace(calendar=calendar._replace(hours=calendar.hours or OFFICE_HOURS))


def terms_days(invoice: Invoice) -> int | None:
    """The payment terms in days (due date minus issue date), where the issue date is known."""
    return None if invoice.issue_date is None else (invoice.due_date - invoice.issue_date).days


def schedule_for(named: str, profile: str, terms: int | None, policy: DunningPolicy) -> Schedule:
    """The schedule that a customer has of his own (`named`), else the longest whose terms in days are reached.

    For a key account, all but the first of the late stages are calls, and so is one that names charges: only a person
    presses it. `terms` is None where they are not known.
    """
    by_name = {schedule.name: schedule for schedule in policy.schedules}
    chosen = by_name.get(named) or _by_terms(terms, policy.schedules)
    return _pressed_by_hand(chosen, policy.interest.show_from) if profile == KEY else chosen


@lru_cache(maxsize=32)
def _pressed_by_hand(schedule: Schedule, show_from: str) -> Schedule:
    firm = day_of(show_from, schedule)
    later = schedule.late[1:]
    stages = tuple(
        stage._replace(channels=("call",), confirm=False, term_days=None, done_by="")
        if stage.confirm or (firm is not None and stage.day >= firm) or stage in later
        else stage
        for stage in {stage.key: stage for stage in reversed(schedule.stages)}.values()
    )
    return schedule._replace(stages=tuple(sorted(stages, key=lambda stage: stage.day)))


def _by_terms(terms: int | None, schedules: tuple[Schedule, ...]) -> Schedule:
    chosen, most = schedules[0], schedules[0].terms_from_days or 0
    for schedule in schedules[1:]:
        start = schedule.terms_from_days
        if start is not None and terms is not None and most <= start <= terms:
            chosen, most = schedule, start
    return chosen


def stage_by_date(stages: tuple[Stage, ...], days: int) -> Stage | None:
    """How late an invoice is: the last stage whose day has been reached, whatever was sent before."""
    for stage in reversed(stages):
        if stage.day <= days:
            return stage
    return None


def day_of(key: str, schedule: Schedule) -> int | None:
    """The day of the stage with this key, None where the schedule has none."""
    for stage in schedule.stages:
        if stage.key == key:
            return stage.day
    return None


def is_firm(stage: Stage, schedule: Schedule, policy: DunningPolicy) -> bool:
    """True from the first stage on that names charges: `show_from`, else the formal notice."""
    firm = day_of(policy.interest.show_from, schedule)
    if firm is None:
        firm = day_of(FORMAL_NOTICE, schedule)
    return firm is not None and stage.day >= firm and stage.key not in OUTSIDE_KEYS


def needs_payments(stage: Stage, schedule: Schedule, policy: DunningPolicy) -> bool:
    """True for what may only be said where it is known who has paid: firm and later, and that a promise is broken."""
    firm = day_of(FIRM, schedule)
    pressing = firm is not None and stage.day >= firm and stage.key not in OUTSIDE_KEYS
    return pressing or stage.key == BROKEN_PROMISE.key or is_firm(stage, schedule, policy)


def kind_of(customer: Customer, policy: DunningPolicy) -> Kind | None:
    """The customer's kind as given or shown, else the policy's default; None where nobody knows."""
    return known_kind(customer) or policy.default_kind
