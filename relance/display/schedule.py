"""When the schedule ran last, as the plan and every command on a terminal say it, and when it may send."""

from datetime import date, time

from relance.core.calendar import WorkCalendar, after_open_days
from relance.core.history import Run
from relance.core.plan import Line
from relance.errors import EXIT_NOTHING_DONE
from relance.french import NO_BREAK, WEEKDAYS, near_date_fr, typeset

TRUSTED_DAYS = 3
"""Working days without a run after which it is said that none comes any more: a laptop that slept is not at fault."""
CURE = "relance schedule status"


def is_late(run: Run, today: date, calendar: WorkCalendar) -> bool:
    """Whether more than three working days have passed since; a schedule rests on the user's closed days."""
    return today > after_open_days(run.on, TRUSTED_DAYS, calendar._replace(working_days=True))


def last_run_line(run: Run, today: date, calendar: WorkCalendar) -> str:
    """« Dernier passage automatique : jeudi à 8 h 30 », and what is wrong with that.

    What went wrong in the run itself was said by the run, where nobody may have read it.
    """
    said = f"Dernier passage automatique : {moment_of(run, today)}"
    if is_late(run, today, calendar):
        return typeset(f"{said}, plus rien depuis → ") + CURE
    if run.ended is None:
        return typeset(f"{said}, interrompu")
    return typeset(f"{said}, arrêté par une erreur") if run.code == EXIT_NOTHING_DONE else typeset(said)


def moment_of(run: Run, today: date) -> str:
    """« jeudi à 8 h 30 »."""
    return f"{_day(run.on, today)} à {_hour(run.began.time())}"


def _day(on: date, today: date) -> str:
    """Today and the days of this week by their name, else the date."""
    ago = (today - on).days
    if ago == 0:
        return "aujourd’hui"
    return WEEKDAYS[on.weekday()] if 0 < ago < 7 else f"le {near_date_fr(on, today)}"


def outside_hours(line: Line) -> str:
    """Why nothing leaves at this hour, and when it does."""
    today, hours, until = line.case.today, line.case.morning.policy.calendar.hours, line.until
    day = "aujourd’hui" if until == today else f"le {near_date_fr(until, today)}" if until else ""
    return f"hors des heures d’envoi, au plus tôt {day} à {_hour(hours.first if hours else time())}"


def _hour(at: time) -> str:
    minutes = f"{NO_BREAK}{at.minute:02d}" if at.minute else ""
    return f"{at.hour}{NO_BREAK}h{minutes}"
