"""Two years of a real receivables file (IBM's, 2,466 invoices), morning by morning, in one process; every plan checked.

python -m bench replay [--undisputed] [FOLDER OR CSV] [FIRST DAY] [LAST DAY]

Each morning the file is what it would have been: the invoices issued so far, the payments settled so far, a dispute
where the file knows of one. Addresses are made up, one per customer. A formal notice is approved the day after it
was asked for, its letter posted and each call made the day after that, so that the whole ladder is used; with
--undisputed nothing is disputed, so that more of it is. The rules are those of tests/support/invariants.py, which ask
nothing of the engine.
"""

import csv
import gc
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from invariants import Fault, faults, rules_of
from world import World

from bench import ROOT
from relance.core.invoice import Customer, Invoice, Kind, Payment, Status
from relance.core.plan import Line, Plan, Task
from relance.core.policy import DunningPolicy
from relance.core.reasons import Reason

HOME = ROOT.parent / "shared" / "data" / "ar-ibm-watson"
FIRST, LAST = date(2012, 1, 1), date(2014, 1, 31)
GOAL = 40.0


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


class Row(NamedTuple):
    """One invoice: as it was issued, and as the file showed it from the day on which it was settled."""

    issued: Invoice
    settled_on: date
    settled: Invoice


def read(path: Path) -> list[Row]:
    """The rows of the file, in the order of issue."""
    if path.is_dir():
        (path,) = sorted(path.glob("*.csv"))
    found = []
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            code = row["customerID"]
            owner = Customer(
                f"Client {code}", code=code, emails=(f"compta@{code.lower()}.example",), kind=Kind.BUSINESS
            )
            about = Invoice(
                number=row["invoiceNumber"],
                customer=owner,
                due_date=_day(row["DueDate"]),
                total=Decimal(row["InvoiceAmount"]).quantize(Decimal("0.01")),
                issue_date=_day(row["InvoiceDate"]),
                status=Status.DISPUTED if row["Disputed"] == "Yes" else Status.OPEN,
            )
            on = _day(row["SettledDate"])
            found.append(Row(about, on, about._replace(payments=(Payment(about.total, on),), status=Status.OPEN)))
    return sorted(found, key=lambda row: (row.issued.issue_date, row.issued.number))


def file_of(known: list[Row], today: date) -> Iterator[Invoice]:
    """The file as it looked on a morning: what was settled shows its payment and is disputed no more."""
    for row in known:
        if row.issued.issue_date is not None and row.issued.issue_date > today:
            return
        yield row.settled if row.settled_on <= today else row.issued


class Clerk:
    """The person of the replay: approves a day later, posts letters and makes calls a day later."""

    def __init__(self) -> None:
        self.asked: list[Line] = []
        self.tasks: list[Task] = []
        self.done: Counter[str] = Counter()

    def work(self, world: World) -> None:
        """What yesterday's plan left to do."""
        for line in self.asked:
            about = world.find(line.key)
            if about is not None and world.outstanding(about) > 0:
                world.approve(line)
                self.done["approved"] += 1
        for task in self.tasks:
            for line in task.lines:
                about = world.find(line.key)
                if about is not None and task.stage is not None and world.outstanding(about) > 0:
                    world.record(about, task.stage.key, task.kind)
                    self.done[task.kind] += 1

    def read(self, plan: Plan) -> None:
        """What today's plan asks for."""
        self.asked = [line for line in plan.lines if line.reason is Reason.AWAITING_APPROVAL]
        self.tasks = [task for task in plan.tasks if task.kind in ("letter", "call", "sms")]


def replay(known: list[Row], first: date, last: date) -> None:
    """Live every morning, and print what was sent, what was wrong and how long it took."""
    gc.disable()  # as the program does
    world, clerk = World(DunningPolicy(), first, first), Clerk()
    by_month: dict[str, Counter[str]] = {}
    found: list[Fault] = []
    planning = checking = 0.0
    start, work = time.perf_counter(), time.process_time()
    mornings = 0
    while world.today <= last:
        world.save_file(file_of(known, world.today))
        world.open_books()
        clerk.work(world)
        before = time.process_time()
        plan = world.plan()
        planned = time.process_time()
        found += faults(world, plan)
        checked = time.process_time()
        month = by_month.setdefault(f"{world.today:%Y-%m}", Counter())
        month.update(reminder.stage.key for reminder in plan.reminders)
        world.close_books(plan)
        clerk.read(plan)
        planning, checking = planning + planned - before, checking + checked - planned
        world.sleep()
        mornings += 1
    report(by_month, found)
    total, work = time.perf_counter() - start, time.process_time() - work
    lines = Counter(stage for account in world.accounts.values() for stage in (said.stage for said in account.said))
    print(f"\ninvoices             {len(known):8,d}, told of at: {dict(lines)}")
    print(f"a person did         {dict(clerk.done)} (notices approved one day after they were asked for)")
    print(f"mornings             {mornings:8,d}")
    print(f"violations           {len(found):8,d} (goal: 0)")
    print(f"processor time       {work:8.1f} s (goal: under {GOAL:.0f}), {total:.1f} s by the clock on the wall")
    print(f"  of which planning  {planning:8.1f} s, checking the rules {checking:.1f} s")
    raise SystemExit(1 if found or work > GOAL else 0)


def report(by_month: dict[str, Counter[str]], found: list[Fault]) -> None:
    """Messages by stage and month, and the first faults of each rule."""
    stages = ["courtesy", "friendly", "firm", "formal_notice", "broken_promise", "thanks"]
    print("month    " + "".join(f"{stage:>15}" for stage in stages))
    for month, counts in by_month.items():
        print(f"{month:9}" + "".join(f"{counts[stage]:15,d}" for stage in stages))
    total = sum(by_month.values(), Counter[str]())
    print("all      " + "".join(f"{total[stage]:15,d}" for stage in stages))
    for rule, count in rules_of(found).most_common():
        print(f"\n{count} x {rule}")
        for fault in [fault for fault in found if fault.rule == rule][:3]:
            print(f"  {fault.day} {fault.about} {fault.detail}")


def main() -> None:
    """Find the file, and replay it."""
    words = [word for word in sys.argv[1:] if word != "--undisputed"]
    path = Path(words[0]) if words else HOME
    if not path.exists():
        raise SystemExit(f"{path} is not there: give the CSV file or its folder as the first argument")
    known = read(path)
    if "--undisputed" in sys.argv:
        known = [row._replace(issued=row.issued._replace(status=Status.OPEN)) for row in known]
    first, last = [*map(date.fromisoformat, words[1:3]), *(FIRST, LAST)[len(words[1:3]) :]]
    replay(known, first, last)
