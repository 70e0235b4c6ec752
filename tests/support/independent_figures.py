"""The figures of the report worked out without relance, from the formulas alone: dates and amounts in, sums out.

The rows are those of ../shared/data/ar-ibm-watson; tests/core/test_figures_data.py compares the report with them. The
data set has no contacts: `contacts_of` makes some up by a rule of its own, for what came in after each stage.
"""

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ar-ibm-watson"
FILE = DATA / "WA_Fn-UseC_-Accounts-Receivable.csv"
CONTACTS = (("friendly", 4), ("firm", 11), ("formal_notice", 20))
"""Each invoice that is still owed on this day after its due date was contacted then."""
DAY = timedelta(days=1)


class Debt(NamedTuple):
    """One row of the data set."""

    number: str
    customer: str
    issued: date
    due: date
    settled: date
    amount: Decimal


def debts() -> list[Debt]:
    """All of it."""
    with FILE.open(encoding="utf-8", newline="") as file:
        return [
            Debt(
                number=row["invoiceNumber"],
                customer=row["customerID"],
                issued=_day(row["InvoiceDate"]),
                due=_day(row["DueDate"]),
                settled=_day(row["SettledDate"]),
                amount=Decimal(row["InvoiceAmount"]),
            )
            for row in csv.DictReader(file)
        ]


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()


def contacts_of(debt: Debt) -> list[tuple[str, date]]:
    """The stages at which it was contacted, made up; every fourth invoice never was."""
    if is_silent(debt):
        return []
    days = [(stage, debt.due + timedelta(days=days)) for stage, days in CONTACTS]
    return [(stage, on) for stage, on in days if on < debt.settled]


def is_silent(debt: Debt) -> bool:
    """Nobody was contacted about it: by its number, for it is made up."""
    return sum(map(ord, debt.number)) % 4 == 0


def is_open(debt: Debt, day: date) -> bool:
    """Issued and not settled yet."""
    return debt.issued <= day < debt.settled


def owed(rows: list[Debt], day: date) -> Decimal:
    """What is owed at the end of that day."""
    return sum((row.amount for row in rows if is_open(row, day)), Decimal(0))


def overdue(rows: list[Debt], day: date) -> Decimal:
    """What of it is late."""
    return sum((row.amount for row in rows if is_open(row, day) and row.due < day), Decimal(0))


def sold(rows: list[Debt], day: date, days: int) -> list[Debt]:
    """What was issued in so many days."""
    return [row for row in rows if day - timedelta(days=days) < row.issued <= day]


def aged(rows: list[Debt], day: date) -> list[Decimal]:
    """Not due, 1-30, 31-60, 61-90, over 90."""
    sums = [Decimal(0)] * 5
    for row in rows:
        if is_open(row, day):
            late = (day - row.due).days
            sums[0 if late <= 0 else 1 if late <= 30 else 2 if late <= 60 else 3 if late <= 90 else 4] += row.amount
    return sums


def countback(rows: list[Debt], day: date) -> Decimal | None:
    """Day by day back; None once the first day of all is reached."""
    left, days, first = owed(rows, day), 0, min(row.issued for row in rows)
    while day > first:
        sales = sum((row.amount for row in rows if row.issued == day), Decimal(0))
        if sales and sales >= left:
            return days + left / sales
        left, days, day = left - sales, days + 1, day - DAY
    return None


def weighted(rows: list[Debt], day: date) -> tuple[Decimal, Decimal, int]:
    """Days to pay, days late, of what was paid in ninety days, and how many invoices that is."""
    recent = [row for row in rows if day - timedelta(days=90) < row.settled <= day]
    total = sum((row.amount for row in recent), Decimal(0))
    to_pay = sum((row.amount * (row.settled - row.issued).days for row in recent), Decimal(0)) / total
    late = sum((row.amount * max((row.settled - row.due).days, 0) for row in recent), Decimal(0)) / total
    return to_pay, late, len(recent)


def effectiveness(rows: list[Debt], day: date) -> Decimal:
    """CEI over ninety days, in percent."""
    start, end = owed(rows, day - timedelta(days=90)), owed(rows, day)
    sales = sum((row.amount for row in sold(rows, day, 90)), Decimal(0))
    young = sum((row.amount for row in rows if is_open(row, day) and row.due >= day), Decimal(0))
    return (start + sales - end) / (start + sales - young) * 100


def dso(rows: list[Debt], day: date) -> tuple[Decimal, Decimal]:
    """Simple, and best possible: no date here has fewer than ten invoices in ninety days."""
    sales = sum((row.amount for row in sold(rows, day, 90)), Decimal(0))
    young = sum((row.amount for row in rows if is_open(row, day) and row.due >= day), Decimal(0))
    return owed(rows, day) / sales * 90, young / sales * 90


def habits(rows: list[Debt], day: date) -> dict[str, dict[str, Any]]:
    """By customer: invoices paid, the median and worst days late, those on time, what is owed, the oldest days."""
    found: dict[str, dict[str, Any]] = {}
    mine: defaultdict[str, list[Debt]] = defaultdict(list)
    for row in rows:
        if row.issued <= day:
            mine[row.customer].append(row)
    for customer, theirs in mine.items():
        late = [(row.settled - row.due).days for row in theirs if row.settled <= day]
        opened = [row for row in theirs if is_open(row, day)]
        found[customer] = {
            "paid": len(late),
            "median": median(late) if len(late) >= 5 else None,
            "worst": max(late, default=None),
            "on_time": sum(days <= 0 for days in late),
            "aged": aged(theirs, day),
            "oldest": max([(day - row.due).days for row in opened if row.due < day], default=0),
        }
    return found


def stages(rows: list[Debt], day: date) -> dict[str, tuple[int, int, int, Decimal, Decimal]]:
    """By stage: contacted, still running, paid after it and before the next contact, what was asked, what came."""
    found: dict[str, tuple[int, int, int, Decimal, Decimal]] = {}
    for stage, _ in CONTACTS:
        contacted = running = paid = 0
        asked = came = Decimal(0)
        for row in rows:
            told = [(name, on) for name, on in contacts_of(row) if on <= day]
            for place, (name, on) in enumerate(told):
                if name != stage:
                    continue
                contacted, asked = contacted + 1, asked + row.amount
                end = min([on + timedelta(days=14), *(later for _, later in told[place + 1 :])])
                if row.settled <= day and on < row.settled <= end:
                    paid, came = paid + 1, came + row.amount
                elif row.settled > day and day <= end:
                    running += 1
        found[stage] = contacted, running, paid, asked, came
    return found


AGES = {"friendly": (5, 15), "firm": (15, 29), "formal_notice": (30, 44)}
"""The stages of the default ladder: their day after the due date, and the last one that counts: the next one's day,
or fourteen days later (terms here are of thirty days)."""


def silence(rows: list[Debt], day: date) -> dict[str, tuple[int, int, int, Decimal, Decimal]]:
    """By stage, as `stages` does: of those never contacted, what came in at the age of that stage."""
    found = {}
    for stage, (first, last) in AGES.items():
        cases = [
            row
            for row in rows
            if not contacts_by(row, day, row.due + timedelta(days=last))
            and is_open(row, row.due + timedelta(days=first))
            and row.due + timedelta(days=first) <= day
        ]
        came = [row for row in cases if row.settled <= min(day, row.due + timedelta(days=last))]
        running = [row for row in cases if row not in came and day <= row.due + timedelta(days=last)]
        sums = (sum((row.amount for row in several), Decimal(0)) for several in (cases, came))
        found[stage] = len(cases), len(running), len(came), *sums
    return found  # type: ignore[return-value]


def contacts_by(debt: Debt, *days: date) -> list[tuple[str, date]]:
    """Those up to the first of these days."""
    return [(stage, on) for stage, on in contacts_of(debt) if on <= min(days)]


def month_ends(rows: list[Debt], day: date) -> list[tuple[date, Decimal, Decimal]]:
    """What was owed and late at the end of each month from the first invoice on, and on the day itself."""
    ends, first = [], min(row.issued for row in rows)
    each = first
    while each < day:
        if (each + DAY).month != each.month:
            ends.append(each)
        each += DAY
    return [(end, owed(rows, end), overdue(rows, end)) for end in [*ends, day]]


def coming(rows: list[Debt], day: date, days: int) -> Decimal:
    """What falls due within so many days, today included."""
    return sum((r.amount for r in rows if is_open(r, day) and day <= r.due <= day + timedelta(days=days)), Decimal(0))


def interest_and_fees(rows: list[Debt], day: date) -> tuple[Decimal, Decimal]:
    """Of what is late on the day: 14 % a year, each invoice to the cent half up, and forty euros each."""
    late = [row for row in rows if is_open(row, day) and row.due < day]
    cents = (row.amount * 14 * (day - row.due).days / Decimal(36500) for row in late)
    return sum((each.quantize(Decimal("0.01"), "ROUND_HALF_UP") for each in cents), Decimal(0)), Decimal(40 * len(late))
