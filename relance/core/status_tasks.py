"""What a person is asked because of what platforms tell: a dispute, another account, money to be declared."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from relance.core.holds import REVIEW_DAYS
from relance.core.lifecycle import Effect, last
from relance.core.morning import Morning
from relance.core.plan import About, Line, Task
from relance.core.reasons import Reason
from relance.core.seen import seen_paid_on
from relance.core.status import Lifecycle, StatusTold

DECLARED_WITHIN = timedelta(days=60)
"""So long after a payment its 212 is asked for: the VAT of services is due on it (CGI, art. 290 A)."""


def of_platform(lines: Sequence[Line], morning: Morning) -> Iterator[Task]:
    """What the lives of the invoices ask; what is to be declared is one task for all of them."""
    lives = morning.history.platform.lives if morning.history.platform is not None else {}
    told = [(line, lives[line.key]) for line in lines if line.key in lives]
    for line, life in told:
        yield from _of_line(line, life)
    undeclared = tuple(line for line, life in told if _is_undeclared(line, life))
    if undeclared and morning.policy.declare_collected:
        yield Task("review", None, undeclared, about=About.TO_DECLARE)


def _of_line(line: Line, life: Lifecycle) -> Iterator[Task]:
    customer = line.invoice.customer
    if line.reason is Reason.DISPUTED and isinstance(line.why, StatusTold):
        yield Task("review", customer, (line,), line.stage)
    if _is_owed(line) and _has_new_account(line, life):
        yield Task("review", customer, (line,), line.stage, About.NEW_ACCOUNT)


def _is_owed(line: Line) -> bool:
    return not line.reason.settled and line.outstanding > 0


def _has_new_account(line: Line, life: Lifecycle) -> bool:
    status = last(life, Effect.ACCOUNT)
    return status is not None and (line.case.today - status.day).days < REVIEW_DAYS


_NOT_TO_DECLARE = (Effect.COLLECTED, Effect.REJECTED, Effect.REFUSED, Effect.FACTORED)


def _is_undeclared(line: Line, life: Lifecycle) -> bool:
    """True for money that came in of late while the platform was told of none."""
    since = line.case.today - DECLARED_WITHIN
    return any(day > since for day in _paid_days(line)) and not any(last(life, effect) for effect in _NOT_TO_DECLARE)


def _paid_days(line: Line) -> list[date]:
    """The days on which money came in, as far as anybody knows."""
    money = (paid for paid in line.invoice.payments if not paid.credit and not paid.rebate)
    return list(filter(None, (paid.on or seen_paid_on(line.case) for paid in money)))
