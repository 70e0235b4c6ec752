"""A customer under its present identity: what was said of it under one that the file does not know any more."""

from collections.abc import Mapping, Sequence
from datetime import date

from relance.core.facts import Held
from relance.core.history import History, Promise, Seen
from relance.core.invoice import Invoice, customer_id, held_target


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
