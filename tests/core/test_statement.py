"""What the files of an account cover: its days, and those that are missing between two files."""

from datetime import date
from decimal import Decimal

import pytest

from relance.core.statement import Coverage, Gap, gaps, until


def days(first: int, last: int, account: str = "A", **more: object) -> Coverage:
    """Days of November 2026."""
    cover = Coverage(account, date(2026, 11, first), date(2026, 11, last))
    return cover._replace(**more)  # type: ignore[arg-type]


def test_gap_between_files() -> None:
    """« jusqu’au 18/11, manque du 3 au 9/11 »."""
    covers = [days(10, 18, told=True), days(1, 2, told=True)]

    assert date(2026, 11, 18) == until(covers)
    assert (Gap("A", date(2026, 11, 3), date(2026, 11, 9)),) == gaps(covers)


@pytest.mark.parametrize(
    ("covers", "missing"),
    [
        ([days(1, 9, told=True), days(10, 18, told=True)], 0),
        ([days(1, 9, told=True), days(11, 18, told=True)], 1),
        ([days(1, 9), days(14, 18)], 0),
        ([days(1, 9), days(15, 18)], 1),
        ([days(1, 12), days(5, 18)], 0),
        ([days(1, 18), days(2, 4), days(12, 20)], 0),
        ([days(1, 3), days(12, 18, account="B")], 0),
        ([days(1, 3, closing=Decimal("7.00")), days(12, 18, opening=Decimal("7.00"))], 0),
        ([days(1, 3, closing=Decimal("7.00")), days(12, 18, opening=Decimal("8.00"))], 1),
    ],
)
def test_what_is_a_gap(covers: list[Coverage], missing: int) -> None:
    """Days that nobody covers; not quiet ones, nor those over which a balance stands still."""
    assert missing == len(gaps(covers))


def test_until_is_of_all_accounts() -> None:
    """What is known of all accounts ends with the one that ends first."""
    assert date(2026, 11, 9) == until([days(1, 18), days(1, 9, account="B")])
    assert until([]) is None
