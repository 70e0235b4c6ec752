"""The rules the user may change: stages, schedules, gaps, interest terms; all of them data."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from relance.core.calendar import WorkCalendar
from relance.core.invoice import Customer, Invoice, Kind, known_kind


class Stage(NamedTuple):
    """A rung of the ladder: `day` counts from the due date (negative before it).

    `term_days` is the new term that its message gives, in days; `confirm` makes it wait for the user's word.
    """

    key: str
    day: int
    label: str
    channels: tuple[str, ...] = ("email",)
    confirm: bool = False
    term_days: int | None = None
    template: str = ""


@dataclass(frozen=True, slots=True)
class Schedule:
    """Stages in the order of their days, for payment terms of at least `terms_from_days` days.

    `early` are those before the due date, `late` those from it on.
    """

    name: str
    stages: tuple[Stage, ...]
    terms_from_days: int | None = None
    early: tuple[Stage, ...] = field(init=False, repr=False, compare=False)
    late: tuple[Stage, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "early", tuple(stage for stage in self.stages if stage.day < 0))
        object.__setattr__(self, "late", tuple(stage for stage in self.stages if stage.day >= 0))


class InterestTerms(NamedTuple):
    """`rate` in percent a year, `recovery_fee` in EUR an invoice (L441-10 II and D441-5 C. com.).

    `show_from` is the key of the first stage whose message names charges; `waiver` offers to waive them in that
    message if all is paid by the term it gives.
    """

    rate: Decimal = Decimal("14.0")
    recovery_fee: Decimal = Decimal("40.00")
    show_from: str = "firm"
    waiver: bool = False


DEFAULT_STAGES = (
    Stage("courtesy", -5, "relance préventive"),
    Stage("friendly", 5, "relance amicale"),
    Stage("firm", 15, "relance ferme", term_days=7),
    Stage("formal_notice", 30, "mise en demeure", channels=("email", "letter"), confirm=True, term_days=8),
)


def with_days(stages: tuple[Stage, ...], days: dict[str, int]) -> tuple[Stage, ...]:
    """The same stages on other days, in the order of those days."""
    return tuple(sorted((s._replace(day=days.get(s.key, s.day)) for s in stages), key=lambda s: s.day))


LONG_DAYS = {"courtesy": -5, "friendly": 10, "firm": 25, "formal_notice": 50}
LONG_TERMS_FROM = 45
DEFAULT_SCHEDULES = (
    Schedule("default", DEFAULT_STAGES),
    Schedule("long", with_days(DEFAULT_STAGES, LONG_DAYS), terms_from_days=LONG_TERMS_FROM),
)
COURTESY_TERMS_FROM = 15
"""Payment terms under this many days get no reminder before the due date."""


class DunningPolicy(NamedTuple):
    """Everything planning needs to know beside invoices, history and the day; gaps in days, minimum in EUR.

    A file older than `max_age_days` is not trusted for any message, older than `max_age_days_firm` for none from
    firm on; 0: whatever its age.
    """

    schedules: tuple[Schedule, ...] = DEFAULT_SCHEDULES
    interest: InterestTerms = InterestTerms()
    min_gap_days: int = 7
    customer_gap_days: int = 4
    minimum: Decimal = Decimal("5.00")
    group: bool = True
    max_per_run: int = 50
    default_kind: Kind | None = None
    max_age_days: int = 14
    max_age_days_firm: int = 7
    calendar: WorkCalendar = WorkCalendar()


def terms_days(invoice: Invoice) -> int | None:
    """The payment terms in days (due date minus issue date), where the issue date is known."""
    return None if invoice.issue_date is None else (invoice.due_date - invoice.issue_date).days


def schedule_of(invoice: Invoice, policy: DunningPolicy) -> Schedule:
    """The schedule for this invoice: its customer's own, else the longest whose terms it reaches."""
    named = invoice.customer.schedule
    if named:
        for schedule in policy.schedules:
            if schedule.name == named:
                return schedule
    terms = terms_days(invoice)
    chosen = policy.schedules[0]
    if terms is None:
        return chosen
    for schedule in policy.schedules[1:]:
        start = schedule.terms_from_days
        if start is not None and terms >= start >= (chosen.terms_from_days or 0):
            chosen = schedule
    return chosen


def stage_by_date(stages: tuple[Stage, ...], days: int) -> Stage | None:
    """How late an invoice is: the last stage whose day has been reached, whatever was sent before."""
    reached = None
    for stage in stages:
        if stage.day > days:
            break
        reached = stage
    return reached


def kind_of(customer: Customer, policy: DunningPolicy) -> Kind | None:
    """The customer's kind as given or shown, else the policy's default; None where nobody knows."""
    return known_kind(customer) or policy.default_kind
