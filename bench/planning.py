"""`build_plan` on 100,000 open invoices with history: seconds, beside `fold`, and peak memory.

python -m bench planning [INVOICES] [ROUNDS]

Half the invoices are overdue, one customer has about twenty; two in three of the overdue ones were reminded before,
some were called, promised, disputed, part paid or approved; the last run saw all but a few of them. The history is
folded outside the time that the goal is about. Charges are computed when a line is shown: those of every line are told
apart.
"""

import gc
import random
import resource
import sys
import time
import tracemalloc
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from relance.core.facts import Approved, Fact, Held, HoldReason, Paid, Reminded
from relance.core.history import FileState, History, Seen, fold
from relance.core.invoice import Contact, Customer, Invoice, Kind, Payment, customer_id, invoice_key, snapshot_of
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy

TODAY = date(2026, 11, 20)
STARTED = date(2025, 1, 1)
GOAL = 2.9
LADDER = (("friendly", 5), ("firm", 15), ("formal_notice", 30))


def invoices(count: int) -> list[Invoice]:
    """Open invoices, the same each time."""
    rng = random.Random(count)
    people = [
        Customer(f"Client {n}", code=f"C{n:05d}", emails=(f"compta@client{n}.example",), kind=Kind.BUSINESS)
        for n in range(count // 20 + 1)
    ]
    found = []
    for n in range(count):
        due = TODAY + timedelta(days=rng.randint(-60, 60))
        total = Decimal(rng.randint(5_000, 900_000)) / 100
        half = (Payment((total / 2).quantize(Decimal("0.01")), due),) if rng.random() < 0.05 else ()
        issued = due - timedelta(days=rng.choice((30, 30, 60)))
        found.append(Invoice(f"F-{n:06d}", rng.choice(people), due, total, issued, payments=half))
    return found


def facts_about(known: list[Invoice]) -> list[Fact]:
    """What a journal of two years holds about them, in the order of the days."""
    rng = random.Random(len(known))
    facts: list[Fact] = []
    for about in known:
        key, late = invoice_key(about), (TODAY - about.due_date).days
        if late < 5 or rng.random() < 0.3:
            continue
        looks = snapshot_of(about)
        for stage, day in LADDER[: rng.randint(1, 3)]:
            on = about.due_date + timedelta(days=day + rng.randint(0, 4))
            if on < TODAY:
                facts.append(Reminded(key, Contact(stage, "email", on, about.customer.emails, None, looks)))
        chance = rng.random()
        if chance < 0.03:
            facts.append(Held(key, HoldReason.DISPUTE, TODAY - timedelta(days=10)))
        elif chance < 0.06:
            facts.append(Held(key, HoldReason.PROMISE, TODAY - timedelta(days=20), TODAY - timedelta(days=9)))
        elif chance < 0.07:
            facts.append(Held(customer_id(about.customer), HoldReason.PAUSE, TODAY - timedelta(days=5), TODAY))
        elif chance < 0.10:
            facts.append(Paid(key, Decimal("10.00"), TODAY - timedelta(days=8)))
        elif chance < 0.15:
            facts.append(Approved(key, "formal_notice", TODAY - timedelta(days=2), about.total, looks))
    return sorted(facts, key=lambda fact: fact.on)


def seen_before(known: list[Invoice]) -> dict[str, Seen]:
    """The rows of the last run: all but one in a hundred."""
    return {
        invoice_key(row): Seen(
            invoice=invoice_key(row),
            number=row.number,
            customer=customer_id(row.customer),
            total=row.total,
            issue_date=row.issue_date,
            due_date=row.due_date,
            is_open=True,
        )
        for n, row in enumerate(known)
        if n % 100
    }


def timed(known: list[Invoice], history: History, rounds: int) -> tuple[list[tuple[float, float]], Plan]:
    """Wall and processor seconds of some plans, after one that is not counted."""
    seconds = []
    for turn in range(rounds + 1):
        start, work = time.perf_counter(), time.process_time()
        plan = build_plan(known, history, DunningPolicy(), TODAY)
        if turn:
            seconds.append((time.perf_counter() - start, time.process_time() - work))
    return seconds, plan


def main() -> None:
    """Print the medians and the peak."""
    gc.disable()  # as the program does: a run lives for seconds
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    known = invoices(count)
    facts, seen = facts_about(known), seen_before(known)
    start = time.perf_counter()
    history = fold(facts, STARTED, TODAY)._replace(seen=seen, file=FileState(TODAY))
    folded = time.perf_counter() - start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, plan = timed(known, history, rounds)
    start = time.process_time()
    for line in plan.lines:
        assert line.charges.claimed >= 0
    charging = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    tracemalloc.start()
    build_plan(known, history, DunningPolicy(), TODAY)
    own = tracemalloc.get_traced_memory()[1]
    print(f"open invoices     {len(known):9,d}, facts {len(facts):,d}, messages {len(plan.reminders):,d}")
    print(f"fold              {folded:9.2f} s")
    wall, work = ([pair[n] for pair in seconds] for n in (0, 1))
    print(
        f"build_plan        {median(work):9.2f} s, {min(work):.2f} to {max(work):.2f} of the processor"
        f" (goal at 100,000: under {GOAL})"
    )
    print(f"  by the clock    {median(wall):9.2f} s, {min(wall):.2f} to {max(wall):.2f}")
    print(f"  all charges     {charging + median(work):9.2f} s of processor, with the charges of every line")
    print(f"memory of a plan  {own / 1e6:9.0f} MB at its peak")
    print(f"whole process     {peak * 1024 / 1e6:9.0f} MB at its peak, {before * 1024 / 1e6:.0f} before planning")
