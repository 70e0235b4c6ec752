"""The report on real receivables, against figures worked out from the formulas by other code; and what is published."""

from datetime import date
from decimal import Decimal
from functools import cache

import independent_figures as own
import pytest

from relance.core.facts import Fact, Reminded
from relance.core.figures import Figures, figures_of
from relance.core.history import fold
from relance.core.invoice import Contact, Customer, Invoice, Payment, invoice_key
from relance.core.pace import Measure, tenth
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy

pytestmark = pytest.mark.skipif(
    not own.FILE.exists(), reason="../shared/data/ar-ibm-watson is not beside this checkout"
)

DATES = [date(2012, 6, 1), date(2012, 12, 1), date(2013, 6, 1), date(2013, 9, 15), date(2014, 1, 5)]
TENTH = Decimal("0.1")


@cache
def rows() -> list[own.Debt]:
    """The rows, read once."""
    return own.debts()


@cache
def figures(day: date) -> Figures:
    """What the program makes of the same rows, with the same made-up contacts."""
    invoices, facts = [], list[Fact]()
    for row in rows():
        invoice = Invoice(row.number, Customer(row.customer), row.due, row.amount, row.issued)
        invoices.append(invoice._replace(payments=(Payment(row.amount, row.settled),)))
        facts += [Reminded(invoice_key(invoice), Contact(stage, "email", on)) for stage, on in own.contacts_of(row)]
    facts.sort(key=lambda fact: fact.on)
    plan = build_plan(invoices, fold(facts, date(2011, 1, 1), day), DunningPolicy(), day)
    (found,) = figures_of(plan, {})
    return found


def value(measure: Measure) -> Decimal:
    """A figure that is known."""
    assert measure.value is not None
    return measure.value


@pytest.mark.parametrize(
    ("day", "to_pay", "countback", "simple", "effectiveness"),
    [
        (date(2012, 6, 1), "29.2", "28.0", "29.2", "96.1"),
        (date(2012, 12, 1), "27.5", "27.2", "25.9", "98.5"),
        (date(2013, 6, 1), "27.3", "27.3", "30.9", "95.6"),
    ],
)
def test_what_is_published(day: date, to_pay: str, countback: str, simple: str, effectiveness: str) -> None:
    """The values that others found for this data set."""
    pace = figures(day).pace
    found = [pace.to_pay, pace.countback, pace.simple, pace.effectiveness]
    assert [to_pay, countback, simple, effectiveness] == [str(tenth(value(each))) for each in found]


@pytest.mark.parametrize("day", DATES)
def test_what_is_owed(day: date) -> None:
    """By age, in all and of each customer; what falls due; interest and fees: to the cent."""
    found = figures(day)
    assert own.aged(rows(), day) == list(found.ages)
    assert (own.owed(rows(), day), own.overdue(rows(), day)) == (found.ages.outstanding, found.ages.overdue)
    assert own.coming(rows(), day, 7) == found.coming.week
    assert own.coming(rows(), day, 30) == found.coming.month
    assert own.interest_and_fees(rows(), day) == (found.claimable.interest, found.claimable.fees)


@pytest.mark.parametrize("day", DATES)
def test_how_fast_customers_pay(day: date) -> None:
    """Each figure of speed to less than a tenth of a day, with the number of its invoices."""
    pace = figures(day).pace
    to_pay, late, invoices = own.weighted(rows(), day)
    simple, best = own.dso(rows(), day)
    expected = {"to_pay": to_pay, "late": late, "simple": simple, "best": best}
    expected["effectiveness"] = own.effectiveness(rows(), day)
    for name, theirs in expected.items():
        assert abs(theirs - value(getattr(pace, name))) < TENTH / 1000, name
    back = own.countback(rows(), day)
    assert back is not None
    assert abs(back - value(pace.countback)) < TENTH / 1000
    assert invoices == pace.to_pay.invoices
    assert len(own.sold(rows(), day, 90)) == pace.simple.invoices


@pytest.mark.parametrize("day", DATES)
def test_habits_of_each_customer(day: date) -> None:
    """Paid, median, worst, on time, what each owes by age, and since when."""
    expected = own.habits(rows(), day)
    found = {
        owing.customer.name: {
            "paid": owing.habits.paid,
            "median": owing.habits.median_days,
            "worst": owing.habits.worst_days,
            "on_time": owing.habits.on_time,
            "aged": list(owing.ages),
            "oldest": owing.oldest_days,
        }
        for owing in figures(day).customers
    }
    assert expected == found


@pytest.mark.parametrize("day", DATES)
def test_what_came_after_each_stage(day: date) -> None:
    """Contacted, still running, paid after it and before the next contact: numbers and sums."""
    results = figures(day).stages
    expected = {stage: told for stage, told in own.stages(rows(), day).items() if told[0]}
    assert expected == {each.stage: each.contacted[:5] for each in results}
    silent = {each.stage: each.nothing_sent[:5] for each in results if each.nothing_sent is not None}
    assert {stage: own.silence(rows(), day)[stage] for stage in expected} == silent


@pytest.mark.parametrize("day", DATES)
def test_month_by_month(day: date) -> None:
    """What was owed and late at the end of each month, from dated payments alone."""
    found = [(point.on, point.outstanding, point.overdue) for point in figures(day).trend]
    assert own.month_ends(rows(), day) == found
