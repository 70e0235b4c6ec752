"""What was agreed about late payment: the rate, the flat fee, what a part payment pays first."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate

FLAT_FEE = Decimal("40.00")
"""The recovery fee in EUR an invoice, fixed by D441-5 C. com. (L441-10 II) and D2192-35 CCP."""


class Basis(StrEnum):
    """What the value of a rate means."""

    FIXED = "fixed"
    DAILY = "day"
    ECB = "ecb"
    LEGAL = "legal"


class Rate(NamedTuple):
    """A rate as agreed: percent a year (fixed) or a day (day), points above the ECB rate, or times the legal rate."""

    basis: Basis
    value: Decimal

    @property
    def varies(self) -> bool:
        """True where it rests on the rates of the half-years."""
        return self.basis in (Basis.ECB, Basis.LEGAL)

    def on(self, reference: Decimal) -> Decimal:
        """Percent a year, from the rate of the half-year that it rests on; a day counts 365 times, as it is charged."""
        match self.basis:
            case Basis.FIXED:
                return self.value
            case Basis.DAILY:
                return self.value * 365
            case Basis.ECB:
                return reference + self.value
            case Basis.LEGAL:
                return reference * self.value


DEFAULT_RATE = Rate(Basis.ECB, Decimal(10))
"""What professionals owe where nothing was agreed (L441-10 II C. com.)."""
PUBLIC_RATE = Rate(Basis.ECB, Decimal(8))
"""What public bodies owe whatever was agreed (R2192-31 CCP)."""
LEGAL_RATE = Rate(Basis.LEGAL, Decimal(1))
"""What consumers owe after a formal notice (1231-6 C. civ.)."""
FLOOR = Rate(Basis.LEGAL, Decimal(3))
"""What a clause between professionals may not go under (L441-10 II C. com.)."""

_HIGHEST = {Basis.FIXED: 100, Basis.DAILY: 1, Basis.ECB: 100, Basis.LEGAL: 20}
_NUMBER = r"(\d{1,6}(?:[.,]\d{1,6})?)"
_FORMS = (
    (Basis.FIXED, rf"{_NUMBER}\s*%?"),
    (Basis.DAILY, rf"{_NUMBER}\s*%?\s*/\s*(?:day|jour)"),
    (Basis.ECB, rf"(?:ecb|bce)\s*\+\s*{_NUMBER}"),
    (Basis.LEGAL, rf"l[eé]gal\s*[*x×]\s*{_NUMBER}"),
)


def read_rate(text: str) -> Rate | None:
    """The rate that a text tells: 14.0, 0.05/day, ecb+10 or legal*3; None where it tells none, or one out of bounds."""
    for basis, form in _FORMS:
        found = re.fullmatch(form, text.strip(), re.ASCII | re.IGNORECASE)
        if found is not None:
            return bounded(Rate(basis, Decimal(found[1].replace(",", "."))))
    return None


def bounded(rate: Rate) -> Rate | None:
    """The rate, None under 0 or above 100 % a year, 1 % a day, 100 points or 20 times the legal rate."""
    return rate._replace(value=abs(rate.value)) if 0 <= rate.value <= _HIGHEST[rate.basis] else None


class Imputation(StrEnum):
    """What a part payment pays first: the principal, or the interest that has run (1343-1 C. civ.)."""

    PRINCIPAL = "principal"
    INTEREST = "interest"


class InterestTerms(NamedTuple):
    """What late payment costs: `rate`, and `recovery_fee` in EUR an invoice, at most `FLAT_FEE`.

    `real_costs` are the recovery costs in EUR an invoice that the user can prove; above the flat fee they take its
    place (L441-10 II C. com.). `show_from` is the key of the first stage whose message names charges, `waiver` offers
    to waive them in that message if all is paid by the term it gives; `rates` are the half-years that are known.
    """

    rate: Rate = Rate(Basis.FIXED, Decimal("14.0"))
    recovery_fee: Decimal = FLAT_FEE
    show_from: str = "firm"
    waiver: bool = False
    imputation: Imputation = Imputation.PRINCIPAL
    real_costs: Decimal = Decimal("0.00")
    rates: Mapping[str, ReferenceRate] = REFERENCE_RATES


class OwnTerms(NamedTuple):
    """What was agreed with one customer; None where nothing of his own was."""

    rate: Rate | None = None
    recovery_fee: Decimal | None = None
    imputation: Imputation | None = None
    real_costs: Decimal | None = None


def agreed(own: OwnTerms | None, terms: InterestTerms) -> InterestTerms:
    """The terms of a customer: his own where he has any, else those of everybody."""
    if own is None:
        return terms
    return terms._replace(**{name: value for name, value in own._asdict().items() if value is not None})
