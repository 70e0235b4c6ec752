"""The days that a person tells of."""

from datetime import date

from relance.errors import UsageError
from relance.french import date_fr


def past_day(on: date | None, today: date, first: date = date.min) -> date:
    """The day that was given, else today; UsageError where it is to come, or before `first`: a year typed wrong."""
    day = on or today
    if day > today:
        raise UsageError(f"Le {date_fr(day)} est à venir.", "Donnez le jour où cela s’est fait.")
    if day < first:
        raise UsageError(
            f"Le {date_fr(day)} est trop ancien : au plus tôt, le {date_fr(first)}.", "Est-ce la bonne année ?"
        )
    return day
