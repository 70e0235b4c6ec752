"""What the books of a `World` say of one invoice today: its stops and changes, its next rung, why it may be silent."""

from datetime import date

from own_rules import (
    APPROVED_FOR,
    from_firm_on,
    in_hours,
    last_day_to_sue,
    late_stages,
    platform_stops,
    third_working,
    works,
)
from slips import is_whole
from world import World, looks_of

from relance.core.facts import Backlog, HoldReason
from relance.core.history import Seen
from relance.core.invoice import Invoice, Status, customer_id, invoice_key
from relance.core.plan import Decision, Line, Plan

KEY_ACCOUNT = "key"
LASTING = {
    HoldReason.DISPUTE: "disputed",
    HoldReason.PLAN: "payment_plan",
    HoldReason.INSOLVENCY: "insolvency",
    HoldReason.COLLECTION: "collection",
}
STATUS_STOPS = {
    Status.DRAFT: "draft",
    Status.CANCELLED: "cancelled",
    Status.CREDIT_NOTE: "credit_note",
    Status.WRITTEN_OFF: "written_off",
    Status.FACTORED: "factored",
    Status.UNCLEAR: "unclear",
    Status.DISPUTED: "disputed",
    Status.EXCLUDED: "excluded",
    Status.DIRECT_DEBIT: "direct_debit",
}


def within(world: World, since: date | None, days: int) -> bool:
    """True on the first `days` days from `since` on."""
    return since is not None and since <= world.today and (world.today - since).days < days


def promised_days(world: World, about: Invoice, *, kin: bool = False) -> list[date]:
    """The days of the promises that nobody took back."""
    return [h.until for h in world.holds_on(about, kin=kin) if h.reason is HoldReason.PROMISE and h.until is not None]


def unanswered_promise(world: World, about: Invoice) -> bool:
    """True where a first promise was broken and nobody said a word since; a person speaks of it to a key account."""
    if is_key(about):
        return False
    account = world.account(invoice_key(about))
    until = max(promised_days(world, about), default=None)
    if until is None or until <= about.due_date:
        return False  # nobody promised to pay an invoice on a day on which it was not late
    if any(said.stage == "broken_promise" for said in account.said):
        return False
    if any(said.day > until for said in account.said):
        return False
    before = [day for target in world.targets(about) for day in world.broken.get(target, ()) if day >= about.due_date]
    return len(promised_days(world, about)) == 1 and not before


def stops_of(world: World, about: Invoice, *, kin: bool = False) -> set[str]:
    """Every reason of ours why nobody may be reminded of this invoice today."""
    found = {STATUS_STOPS[about.status]} if about.status in STATUS_STOPS else set()
    for held in world.holds_on(about, kin=kin):
        if held.reason in LASTING:
            found.add(LASTING[held.reason])
        elif held.reason is HoldReason.PROMISE and held.until is not None:
            found |= {"promised"} if world.today < third_working(held.until, world.policy) else set()
        elif held.until is None or world.today <= held.until:
            found.add("paused")
    outstanding, account = world.outstanding(about), world.account(invoice_key(about))
    found |= {"paid"} if outstanding <= 0 else {"below_minimum"} if outstanding < world.policy.minimum else set()
    found |= {"not_issued"} if about.issue_date is not None and about.issue_date > world.today else set()
    found |= {"excluded"} if about.customer.excluded else set()
    found |= {"in_doubt"} if account.in_doubt else set()
    found |= {"refused"} if world.refused & {e.casefold() for e in about.customer.emails} else set()
    found |= told_by_platform(world, about)
    found |= {"time_barred"} if outstanding > 0 and time_barred(world, about, sure=not kin) else set()
    return found


CLOSED_BY_PLATFORM = {"refused_invoice", "not_received"}


def told_by_platform(world: World, about: Invoice) -> set[str]:
    """Why nobody may be reminded of this invoice by what platforms told."""
    told = [(each.code, each.day, each.invoice) for each in world.told_of(invoice_key(about))]
    return platform_stops(told, world.today)


def closed_by_platform(world: World, key: str) -> bool:
    """True for what a platform rejected or the customer refused under this number, which is gone."""
    told = [(each.code, each.day, each.invoice) for each in world.told_of(key)]
    return bool(platform_stops(told, world.today) & CLOSED_BY_PLATFORM)


def time_barred(world: World, about: Invoice, *, sure: bool) -> bool:
    """Too late to sue for it; `sure`: whatever may have begun the time anew, else only what did so for certain."""
    account = world.account(invoice_key(about))
    owned = [payment.on for payment in about.payments if payment.on is not None]
    owned += [held.on for held in world.holds_on(about, kin=sure) if held.reason is HoldReason.PLAN]
    if sure:
        owned += [word.on for word in world.payments.get(invoice_key(about), ())]
    owned += [day for target in world.targets(about, kin=sure) for day in world.owned.get(target, ())]
    asked = [s.day for s in account.said if s.channel in ("email", "letter") and s.stage != "thanks"]
    since = min(about.issue_date or about.due_date, about.due_date)
    last = last_day_to_sue(since, about.customer.kind, owned, (day for day in asked if day > about.due_date))
    return world.today > last


def former_key(world: World, about: Invoice) -> str:
    """The key of an open invoice that is gone and looks like this one, which was not there at the last run.

    One thing more than the number may have changed.
    """
    key, present = invoice_key(about), world.by_key.keys()
    if key in world.seen and world.seen[key].gone_on is None:
        return ""
    gone = [s for s in world.seen.values() if s.is_open and s.gone_on is None and s.invoice not in present]
    gone += [s for s in world.seen.values() if s.invoice not in present and closed_by_platform(world, s.invoice)]
    alike = sorted((_differences(seen, about), place) for place, seen in enumerate(gone))
    return gone[alike[0][1]].invoice if alike and alike[0][0] <= 1 else ""


def _differences(seen: Seen, about: Invoice) -> int:
    """How many of sum, due date and customer changed with the number: 2 where it is another invoice.

    Issued on another day it is another one; a customer whose name or address stayed is the same, changed.
    """
    if seen.issue_date != about.issue_date:
        return 2
    customer = customer_id(about.customer)
    names = [set(one.removeprefix("name:").split("|")) for one in (seen.customer, customer) if one.startswith("name:")]
    if seen.customer != customer and not (len(names) == 2 and names[0] & names[1]):
        return 2
    dated = about.issue_date is not None  # without it only the sum may have changed as well
    moved = 1 if dated else 2
    return (seen.total != about.total) + moved * (seen.due_date != about.due_date) + moved * (seen.customer != customer)


def changed(world: World, about: Invoice) -> str:
    """What the user has to confirm first."""
    account, former = world.account(invoice_key(about)), former_key(world, about)
    if former and world.renumbered.get(invoice_key(about)) != former:
        return "number"
    if account.told is not None and looks_of(about) not in account.looks:
        return "looks"
    if world.less_paid(about):
        return "paid"
    return "" if is_whole(world, about) else "cut"


def came_back(world: World, key: str) -> bool:
    """True for a row that was gone from the file."""
    seen = world.seen.get(key)
    return seen is not None and seen.gone_on is not None


def too_old(world: World, about: Invoice, stage: str, *, kin: bool = False) -> bool:
    """A file too old for this stage, or not newer than a promise; with `kin`, of a namesake too, as for its silence."""
    policy, age = world.policy, (world.today - world.fresh_on).days
    if any(world.fresh_on <= until for until in promised_days(world, about, kin=kin)):
        return True
    limit = policy.max_age_days_firm if from_firm_on(stage, about, policy) else policy.max_age_days
    if limit and world.file_confirmed:
        limit = max(limit, 7)  # what the user vouched for is not doubted before a week is over
    return 0 < limit < age


def goes_by_date(world: World, about: Invoice) -> bool:
    """True for what starts at the stage by date: the backlog, answered as it is."""
    return world.old(about) and world.backlog is Backlog.AS_IS and not world.done(about)


def next_rung(world: World, about: Invoice) -> str | None:
    """The stage that comes next, whatever its day: one at a time, no call or letter in the way of a mail."""
    late = late_stages(about, world.policy)
    days = (world.today - about.due_date).days
    if goes_by_date(world, about):
        return max((s for s in late if s.day <= days), key=lambda s: s.day, default=late[0]).key
    last = max(world.done(about), default=-1)
    coming = late[last + 1 :]
    mail_only = [s for s in coming if "email" in s.channels and s.day <= days]
    passed = [s for s in coming if s.day <= days]
    if passed and "email" not in passed[0].channels and mail_only:
        return mail_only[0].key
    return coming[0].key if coming else None


def is_key(about: Invoice) -> bool:
    """True for an invoice of a key account."""
    return getattr(about.customer, "profile", "") == KEY_ACCOUNT


def needs_word(world: World, about: Invoice, stage: str | None) -> bool:
    """True for a stage that waits for the user; no mail to a key account does, for a person calls."""
    return any(s.key == stage and s.confirm for s in late_stages(about, world.policy)) and not is_key(about)


def has_word(world: World, about: Invoice, stage: str) -> bool:
    """True where the user's word was given for this sum, date and customer, and could be followed for a week."""
    word = world.words.get((invoice_key(about), stage))
    if word is None or (world.today - word.day).days > APPROVED_FOR:
        return False
    return (word.outstanding, word.total, word.due_date, word.customer, word.emails) == (
        world.outstanding(about),
        about.total,
        about.due_date,
        about.customer.name,
        about.customer.emails,
    )


def excused(world: World, plan: Plan, line: Line) -> bool:
    """True where the reason why an overdue invoice is silent today is a fact by our own books."""
    about, reason = world.row(line), line.reason.value
    account, stage = world.account(line.key), next_rung(world, about)
    days = (world.today - about.due_date).days
    if reason in stops_of(world, about, kin=True):
        return True
    match reason:
        case "not_due" | "expired" | "stage_done":
            late = late_stages(about, world.policy)
            if reason != "stage_done" and account.told is not None and about.due_date > account.told.due_date:
                return any(days < s.day for s in late[:1])  # it begins again there
            return any(s.key == stage and days < s.day for s in late)
        case "finished":
            return world.finished(about)
        case "no_address":
            return not about.customer.emails
        case "backlog":
            return world.old(about) and world.backlog in (None, Backlog.IGNORE)
        case "changed":
            return bool(changed(world, about)) or came_back(world, line.key)
        case "awaiting_approval":
            return stage is not None and needs_word(world, about, stage) and not has_word(world, about, stage)
        case "too_soon":
            return not stops_of(world, about) and _quiet(world, plan, about)
        case "closed_day":
            return not works(world.today, world.policy)
        case "outside_hours":
            return not in_hours(world.today, world.hour, world.policy)
        case "stale_input":
            return emptied(world) or too_old(world, about, stage or "friendly", kin=True)
        case "clock":
            return any(fact.on > world.today for fact in world.facts)
        case "over_limit":
            return len(plan.reminders) >= world.policy.max_per_run
        case "due":
            return line.decision is Decision.TASK and (
                is_key(about)
                or any(s.key == stage and "email" not in s.channels for s in late_stages(about, world.policy))
            )
    return account.in_doubt and reason == "in_doubt"


def _quiet(world: World, plan: Plan, about: Invoice) -> bool:
    """A contact, a term, a promise of the last days, or a message that takes the address today."""
    account, policy = world.account(invoice_key(about)), world.policy
    released = [world.releases[target] for target in world.targets(about, kin=True) if target in world.releases]
    if any(within(world, when, policy.min_gap_days) for when in (account.last_word, account.known_on, *released)):
        return True
    if account.term is not None and world.today < third_working(account.term, policy):
        return True
    if any(within(world, third_working(until, policy), policy.min_gap_days) for until in promised_days(world, about)):
        return True  # it counts as broken on the day on which one may come back to it
    same = customer_id(about.customer)  # one message for a customer, whatever address each of its rows has
    rows = [about, *(row for row in world.rows if customer_id(row.customer) == same)]
    ours = {address.casefold() for row in rows for address in row.customer.emails}
    if any(within(world, world.addresses.get(address), policy.customer_gap_days) for address in ours):
        return True
    rivals = [
        world.row(line) for line in plan.lines if line.reason.value in _TAKES_THE_ADDRESS and line.acting is not None
    ]
    return any(
        customer_id(rival.customer) == same or ours & {a.casefold() for a in rival.customer.emails}
        for rival in rivals
        if rival is not about
    )


_TAKES_THE_ADDRESS = ("due", "closed_day", "outside_hours", "over_limit")
"""Whoever leaves today, or leaves first once the day or the run has room."""


def emptied(world: World) -> bool:
    """A third or more of the open invoices of the last run gone at once, out of five or more, and nobody said yes."""
    present = world.by_key.keys()
    were_open = [seen for seen in world.seen.values() if seen.is_open and seen.gone_on is None]
    gone = [seen for seen in were_open if seen.invoice not in present and not _renumbered_from(world, seen.invoice)]
    return len(were_open) >= 5 and len(gone) * 3 >= len(were_open) and not world.file_confirmed


def _renumbered_from(world: World, key: str) -> bool:
    return any(former_key(world, row) == key for row in world.rows)


def owed(world: World) -> list[Invoice]:
    """The invoices that a ladder must bring to its end: open, owed, spoken of to somebody who may be.

    What may be too late to sue for need not be: its silence has an excuse.
    """
    lasting = set(STATUS_STOPS.values()) | {"paid", "below_minimum", "excluded", "time_barred"} | CLOSED_BY_PLATFORM
    rows = [row for row in world.rows if not stops_of(world, row) & lasting and row.customer.emails]
    return [row for row in rows if not time_barred(world, row, sure=False)]
