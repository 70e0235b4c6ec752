"""Whether the file can be trusted for a message: not too old, not emptied, newer than a promise."""

from datetime import date

from relance.core.agreements import newer_than
from relance.core.comparing import Surroundings
from relance.core.history import History
from relance.core.holding import Stop
from relance.core.invoice import Invoice, invoice_key, targets_of
from relance.core.plan import Reason
from relance.core.policy import DunningPolicy, Stage, schedule_of
from relance.core.stops import is_firm


def stale_input(
    stage: Stage, invoice: Invoice, history: History, policy: DunningPolicy, around: Surroundings, today: date
) -> Stop | None:
    """Why the file is not trusted for this message: too old, or too much of it gone at once."""
    file = history.file
    if file is None:
        return None
    if around.shrunk:
        return Stop(Reason.STALE_INPUT, note="shrunk")
    if file.conflict and not file.confirmed:
        return Stop(Reason.STALE_INPUT, note=f"conflict:{file.conflict}")
    firm = is_firm(stage, schedule_of(invoice, policy), policy)
    limit = policy.max_age_days_firm if firm else policy.max_age_days
    if limit and (today - file.fresh_on).days > limit:
        return Stop(Reason.STALE_INPUT, until=file.fresh_on)
    promised = [
        promise.until
        for target in targets_of(invoice_key(invoice), invoice.customer)
        for promise in history.promises.get(target, ())
        if promise.ended is None
    ]
    if promised and not newer_than(history, max(promised)):
        return Stop(Reason.STALE_INPUT, until=file.fresh_on, note="promise")
    return None
