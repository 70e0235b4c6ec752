"""How a customer pays, in a few words; and what is too little to say anything."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from relance.core.habits import Habits
from relance.core.pace import ENOUGH
from relance.core.policy import OUTSIDE, DunningPolicy
from relance.french import brief_date, days, listing, plural, typeset

TOO_FEW = "trop peu pour conclure"


def stage_labels(policy: DunningPolicy) -> dict[str, str]:
    """The label of each stage by its key, those on no ladder included."""
    stages = (stage for schedule in policy.schedules for stage in schedule.stages)
    return {stage.key: stage.label for stage in (*OUTSIDE, *stages)}


def paid_in(middle: Decimal) -> str:
    """« 12 jours après l’échéance », by the middle of the days late."""
    count = int(middle.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    if count == 0:
        return "le jour de l’échéance"
    return f"{days(abs(count))} {'après' if count > 0 else 'avant'} l’échéance"


def habit_lines(habits: Habits, labels: Mapping[str, str]) -> Iterator[str]:
    """One idea a line; nothing of who never paid anything yet."""
    if habits.without_day:
        dated = f" et {plural(habits.paid, 'autre')}" if habits.paid else ""
        yield typeset(f"Habitudes : {plural(habits.without_day, 'facture payée')} sans date de règlement{dated}")
    if not habits.paid:
        return
    middle = habits.median_days
    if middle is None:
        yield typeset(f"Habitudes : {plural(habits.paid, 'facture payée')}, {TOO_FEW}")
        return
    worst = habits.worst_days or 0
    told = f"médiane de {plural(habits.paid, 'facture')}{f', au pire {days(worst)}' if worst > 0 else ''}"
    yield typeset(f"Habitudes : paie {paid_in(middle)} ({told}), {habits.on_time} sur {habits.paid} à temps")
    if habits.usual_stage is not None:
        said = f"après : {labels.get(habits.usual_stage, habits.usual_stage)}" if habits.usual_stage else "sans relance"
        yield typeset(f"Paie le plus souvent {said}")


def foreseen_line(foreseen: Iterable[tuple[str, date]], today: date) -> str:
    """The invoices that may be paid, each with its day; empty where none is foreseen."""
    told = [f"{number} vers le {brief_date(on, today)}" for number, on in foreseen]
    return typeset(f"Prévision de règlement : {listing(told)}") if told else ""


def enough(count: int) -> bool:
    """Whether so many cases say something."""
    return count >= ENOUGH
