"""Whether the file can be trusted for a message: not too old, not emptied, newer than a promise."""

from collections.abc import Iterable

from relance.core.history import FileState, History
from relance.core.invoice import targets_of
from relance.core.morning import Morning
from relance.core.plan import Line
from relance.core.policy import is_firm
from relance.core.reasons import Doubted, Reason, Stale, Stop


def stale_input(ready: Iterable[Line], morning: Morning) -> dict[str, Stop]:
    """Of the lines whose stage may leave, those that the file is not trusted for, by key."""
    file, policy = morning.history.file, morning.policy
    if file is None:
        return {}
    if morning.around.shrunk:
        return dict.fromkeys((line.key for line in ready), Stop(Reason.STALE_INPUT, why=Stale(Doubted.SHRUNK)))
    if file.conflict and not file.confirmed:
        stop = Stop(Reason.STALE_INPUT, why=Stale(Doubted.CONFLICT, file.conflict))
        return dict.fromkeys((line.key for line in ready), stop)
    age = (morning.today - file.fresh_on).days
    old, old_for_firm = 0 < policy.max_age_days < age, 0 < policy.max_age_days_firm < age
    unseen = _promised_since(file, morning.history)
    stops = {}
    for line in ready:
        if (old or old_for_firm) and (old_for_firm if _firm(line) else old):
            stops[line.key] = Stop(Reason.STALE_INPUT, file.fresh_on, Stale(Doubted.OLD, file.oldest))
        elif unseen and not unseen.isdisjoint(targets_of(line.key, line.invoice.customer)):
            stops[line.key] = Stop(Reason.STALE_INPUT, file.fresh_on, Stale(Doubted.PROMISE))
    return stops


def _firm(line: Line) -> bool:
    assert line.acting is not None
    return is_firm(line.acting, line.case.schedule, line.case.morning.policy)


def _promised_since(file: FileState, history: History) -> set[str]:
    """What was promised for a day that the file tells nothing of yet: invoice keys and customer ids."""
    return {
        target
        for target, promises in history.promises.items()
        if any(promise.ended is None and promise.until >= file.fresh_on for promise in promises)
    }
