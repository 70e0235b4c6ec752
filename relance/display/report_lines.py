"""What is said of the report on the terminal, and the figures of it that are said in words."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from relance.core.pace import ENOUGH, Measure, tenth
from relance.display.documents import left_out, left_out_sums
from relance.display.habits import TOO_FEW
from relance.display.plan_view import why_not_counted
from relance.french import date_fr, days, eur, listing, plural, typeset

if TYPE_CHECKING:
    from relance.runs.plan import Planned
    from relance.runs.report import Reported


def report_lines(reported: "Reported", path: Path) -> Iterator[str]:
    """Where the file is, the sums of the day, how long customers take, and what is not counted."""
    yield typeset(f"Rapport du {date_fr(reported.planned.plan.today)} : {path}")
    for figures in reported.figures:
        owed, late = (eur(each, figures.currency) for each in (figures.ages.outstanding, figures.ages.overdue))
        yield typeset(f"Reste dû {owed} · en retard {late}")
        yield typeset(f"Délai réel de paiement : {in_days(figures.pace.to_pay)}")
    not_counted = not_counted_line(reported.planned)
    if not_counted:
        yield f"{not_counted} → {why_not_counted(reported.planned)}"


def not_counted_line(planned: "Planned") -> str:
    """What these figures lack, because it could not be read or placed; empty where nothing does."""
    rows = left_out(planned)
    sums = [eur(found, code) for code, found in left_out_sums(rows).items()]
    told = f"{plural(len(rows), 'ligne')}, {listing(sums) or 'montant inconnu'}"
    return typeset(f"Non compté : {told}") if rows else ""


def in_days(measure: Measure) -> str:
    """« 27,3 jours (61 factures) », or why nobody can tell."""
    if measure.value is None:
        return unknown(measure)
    whole = tenth(measure.value)
    return f"{f'{whole}'.replace('.', ',')} {days(int(whole)).split()[-1]} {counted(measure)}"


def unknown(measure: Measure) -> str:
    """Why there is no figure: of too few invoices, or of a file that does not show it, however many it has."""
    why = TOO_FEW if measure.invoices < ENOUGH else "votre fichier ne permet pas de le dire"
    return f"{why} {counted(measure)}"


def counted(measure: Measure) -> str:
    """« (61 factures) »."""
    return f"({plural(measure.invoices, 'facture')})"


def in_cents(value: Decimal) -> Decimal:
    """Rounded half up to the cent."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
