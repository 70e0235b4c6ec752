"""The second engine's word on files that are not whole: what was cut since the last run, and columns that slipped."""

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from relance.core.facts import Confirmed
from relance.core.history import Seen
from relance.core.invoice import Customer, Invoice, customer_id, invoice_key, snapshot_of

if TYPE_CHECKING:
    from world import World


def is_cut(world: "World", about: Invoice) -> bool:
    """A sum or a day of which the first characters are left, or a sum with other zeros, unless the user said yes."""
    seen = world.seen.get(invoice_key(about))
    if seen is None:
        return False
    was, now = seen.due_date, about.due_date
    day = (was.year, was.month) == (now.year, now.month) and was.day >= 10 and str(was.day)[0] == str(now.day)
    if not day and not _is_beginning(seen.total, about.total):
        return False
    paid = about.total - world.outstanding(about)
    return not any(word.snapshot == snapshot_of(about) and word.paid == paid for word in _words(world, about))


def _is_beginning(was: Decimal, now: Decimal) -> bool:
    if round(was, 2) == round(now, 2) or was <= 0 or now <= 0:
        return False
    text = f"{was:.2f}"
    beginnings = {Decimal(text[:length].rstrip(".")) for length in range(1, len(text))}
    return round(now, 2) in beginnings or any(round(now, 2) == round(was, 2).scaleb(zeros) for zeros in range(-9, 9))


def _words(world: "World", about: Invoice) -> list[Confirmed]:
    key = invoice_key(about)
    keys = {key, world.renumbered.get(key, key)}
    return [fact for fact in world.facts if isinstance(fact, Confirmed) and fact.invoice in keys]


def _name(identity: str) -> str:
    return identity.split("|")[0]


def elsewhere(world: "World") -> dict[str, str]:
    """By key, the customers of rows whose address was another one's at the last run, and never this one's."""
    if world.file_confirmed:
        return {}
    other = [(key, row, *_who(row.customer)) for key, row in world.keyed if _is_other(world.seen.get(key), row)]
    if not other:
        return {}
    pairs = {(_name(seen.customer), address) for seen in world.seen.values() for address in seen.emails or ()}
    names, addresses = {name for name, _ in pairs}, {address for _, address in pairs}
    found = {}
    for key, row, name, own in other:
        meant = any(list(word.snapshot.emails) == own for word in _words(world, row))
        foreign = any(address in addresses and (name, address) not in pairs for address in own)
        if name in names and foreign and not meant:
            found[key] = name
    return found


@cache
def _who(customer: Customer) -> tuple[str, list[str]]:
    """The name that holds go by, and the addresses whatever their case and order."""
    return _name(customer_id(customer)), sorted(email.casefold() for email in customer.emails)


def _is_other(seen: Seen | None, row: Invoice) -> bool:
    """True for a new row, another address or another customer."""
    name, own = _who(row.customer)
    return seen is None or list(seen.emails or ()) != own or _other_name(_name(seen.customer), name)


def _other_name(was: str, now: str) -> bool:
    """A customer of the same kind of name: a code that is given or taken away makes nobody else."""
    return was != now and was.split(":")[0] == now.split(":")[0]


def is_mixed(world: "World") -> bool:
    """Two customers at others' addresses, or three invoices with the sums of others that changed too."""
    changed = [(world.seen[key].total, row.total) for key, row in world.keyed if key in world.seen]
    changed = [(was, now) for was, now in changed if was != now]
    former = {was for was, _ in changed}
    swapped = [now for _, now in changed if now in former]
    return not world.file_confirmed and (len(set(elsewhere(world).values())) >= 2 or len(swapped) >= 3)


def is_whole(world: "World", about: Invoice) -> bool:
    """True where nothing of this waits for the user's word."""
    return not (is_mixed(world) or is_cut(world, about) or invoice_key(about) in elsewhere(world))


def unsure_rows(world: "World") -> set[str]:
    """The keys of the rows of which something waits for the user's word, in a file that is not mixed."""
    return {key for key, row in world.keyed if is_cut(world, row)} | elsewhere(world).keys()
