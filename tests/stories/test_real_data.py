"""IBM's published accounts receivable (2,466 invoices of 100 customers), planned with no settings at all."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from story_support import Story, story

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "ar-ibm-watson"
FILES = sorted(FOLDER.glob("*.csv"))
TODAY = "2013-06-30"

pytestmark = pytest.mark.skipif(not FILES, reason="../shared/data/ar-ibm-watson is not beside this checkout")


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The plan of 30 June 2013, which reads 2,466 rows."""
    here: Story = story(tmp_path_factory.mktemp("ibm"))
    done = here.run("plan", str(FILES[0]), "--format", "json", today=TODAY)
    assert (1, "") == (done.code, done.err)  # addresses are missing: look
    return done.json


@pytest.mark.slow
def test_every_row_is_in_the_plan_once(planned: Any) -> None:
    """Nobody wonders where an invoice went."""
    numbers = [invoice["number"] for invoice in planned["invoices"]]
    assert 2466 == planned["source"]["rows"] == len(numbers) == len(set(numbers))
    assert [] == planned["problems"]


def test_reasons_are_those_of_the_day(planned: Any) -> None:
    """Settled by 30 June: paid; issued later: not issued; 84 remain open, of which 12 are overdue."""
    reasons = Counter(invoice["reason"] for invoice in planned["invoices"])
    open_ones = [i for i in planned["invoices"] if i["reason"] not in ("paid", "not_issued")]
    assert (1846, 536, 84) == (reasons["paid"], reasons["not_issued"], len(open_ones))
    assert 12 == sum(invoice["days_overdue"] > 0 for invoice in open_ones)


def test_totals_are_those_of_the_open_invoices(planned: Any) -> None:
    """5,119.85 is outstanding, and the totals say the same."""
    open_ones = [i for i in planned["invoices"] if i["reason"] not in ("paid", "not_issued")]
    assert Decimal("5119.85") == sum(Decimal(invoice["outstanding"]) for invoice in open_ones)
    [totals] = planned["totals"]
    overdue = sum((Decimal(i["outstanding"]) for i in open_ones if i["days_overdue"] > 0), Decimal(0))
    assert ("EUR", 84, "5119.85") == (totals["currency"], totals["invoices"], totals["outstanding"])
    assert f"{overdue:.2f}" == totals["overdue"]


def test_disputes_are_held(planned: Any) -> None:
    """27 of the 84 open invoices are disputed, 8 of the 12 overdue ones."""
    disputed = [invoice for invoice in planned["invoices"] if invoice["reason"] == "disputed"]
    assert (27, 8) == (len(disputed), sum(invoice["days_overdue"] > 0 for invoice in disputed))


def test_without_addresses_nothing_leaves(planned: Any) -> None:
    """The file has no address: what would be sent today waits for one, and nothing else is asked."""
    assert [] == planned["reminders"]
    waiting = [invoice for invoice in planned["invoices"] if invoice["reason"] == "no_address"]
    assert waiting
    reached = [i for i in planned["invoices"] if i["reason"] not in ("paid", "not_issued", "disputed")]
    ready = [i for i in reached if i["stage"] and (i["days_overdue"] < 0 or i["days_overdue"] >= 5)]
    assert {i["number"] for i in ready} == {i["number"] for i in waiting}
