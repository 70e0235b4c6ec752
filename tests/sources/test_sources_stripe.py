"""Amounts in cents are never read as euros."""

from pathlib import Path

import pytest

from relance.errors import SourceError
from relance.sources import read_source


def test_stripe_cents_are_refused(tmp_path: Path) -> None:
    """The API gives 12000 for 120.00: refused by name, with what to export instead."""
    file = tmp_path / "stripe.csv"
    file.write_text(
        "number,customer_name,customer_email,due_date,amount_due,amount_paid,amount_remaining,currency,status\n"
        "INV-1,Alpha SARL,compta@alpha.example,2026-03-02,12000,0,12000,eur,open\n",
        encoding="utf-8",
    )
    with pytest.raises(SourceError, match="centimes"):
        read_source(file)
