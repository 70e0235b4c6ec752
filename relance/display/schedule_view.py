"""A schedule as a person sees it: what would be written, what came of it, how it stands and what mends it."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from difflib import unified_diff
from typing import TYPE_CHECKING

from relance.core.calendar import WorkCalendar
from relance.core.history import Run
from relance.display.breaking import places, wrapped
from relance.display.layout import page_width
from relance.display.schedule import is_late, last_run_line
from relance.display.terminal import ask
from relance.errors import EXIT_LOOK, EXIT_NOTHING_DONE
from relance.french import NO_BREAK, long_day, plural, typeset

if TYPE_CHECKING:
    from relance.runs.schedule import Condition, Orphan, Proposal, Trial
    from relance.schedule.entry import Edit, Entry

_NAMES = {
    "cron": "cron",
    "systemd": "systemd",
    "launchd": "launchd (macOS)",
    "taskscheduler": "le Planificateur de tâches (Windows)",
}
_ILLS: Mapping[str, str] = {
    "gone": "Programme disparu : {detail}. Réinstallez relance, puis",
    "broken": "Programme qui ne démarre plus : {detail}. Réinstallez relance, puis",
    "temporary": "Programme dans un dossier temporaire : {detail}. Installez relance, puis",
    "changed": "Ce ne sont plus les lignes de relance",
    "secret": "Pas de mot de passe pour un passage automatique. {detail}",
    "cron_stopped": "cron ne tourne pas",
    "cron_mail": "cron écrit à une boîte de cet ordinateur, que peu lisent. Pour le recevoir par e-mail : "
    'email = "{detail}" sous [digest]',
    "systemd_absent": "systemd ne répond pas pour votre compte",
    "systemd_off": "{detail} est arrêté",
    "systemd_session": "Rien ne passe tant que votre session n’est pas ouverte",
    "launchd_off": "launchd ne connaît pas {detail}",
    "launchd_guarded": "macOS interdit {detail} aux passages automatiques : mettez le dossier ailleurs, puis",
    "task_off": "Windows ne connaît pas la tâche {detail}",
    "task_disabled": "La tâche {detail} est désactivée",
}
"""What each known way for runs to stop coming is called; the command that mends it follows."""


def ask_to_change() -> bool:
    """Ask before anything is written."""
    return ask(typeset("Le faire ?"))


def ask_to_run() -> bool:
    """Ask before a run that is like any other."""
    return ask(typeset("Les relances du jour partiront. Continuer ?"))


def proposal_lines(proposal: "Proposal") -> Iterator[str]:
    """What would be changed, octet by octet where it is text, and the commands that go with it."""
    if proposal.entry is not None:
        said = f"Passages automatiques par {_NAMES[proposal.name]} : {_times(proposal.entry)}."
        yield from wrapped(typeset(said), page_width())
    for edit in proposal.edits:
        yield from ("", f"{edit.path or 'Votre crontab'}{NO_BREAK}:")
        yield from _difference(edit)
    if proposal.tells:
        yield from ("", typeset("Et :"), *(f"  {_line(words)}" for words in proposal.tells))


def written_lines(condition: "Condition", others: "tuple[str, ...]") -> Iterator[str]:
    """What came of an installation."""
    yield from _failures(condition)
    if condition.next_run is not None and condition.exit_code == 0:
        done = "C’est planifié" if condition.written else "Déjà planifié, rien à changer"
        yield from _cured(f"{done} : {_moment(condition.next_run)}", f"relance schedule test{condition.seat.option}")
    else:
        yield typeset("C’est écrit, mais à voir :" if condition.written else "Déjà planifié, mais à voir :")
    if condition.untried:
        status = f"relance schedule status{condition.seat.option}"
        yield from _cured("Personne n’a encore essayé relance sur ce système", status)
    yield from _ills(condition)
    for other in others:
        said = f"Planifié aussi par {_NAMES[other]}. Rien ne part deux fois ; pour l’ôter"
        yield from _cured(said, f"relance schedule remove --with {other}{condition.seat.option}")


def removed_lines(condition: "Condition") -> Iterator[str]:
    """What came of a removal."""
    yield from _failures(condition)
    yield typeset(f"Plus de passage automatique par {_NAMES[condition.name]}.")


def status_lines(
    conditions: "list[Condition]", run: Run | None, today: date, calendar: WorkCalendar, option: str
) -> Iterator[str]:
    """Last run, its result, the next one, and what is wrong, with its cure."""
    if not conditions:
        yield from _cured("Aucun passage n’est planifié", f"relance schedule install{option}")
    for condition in conditions:
        said = _times(condition.entry) if condition.entry is not None else "à des heures inconnues"
        yield from wrapped(typeset(f"Planifié par {_NAMES[condition.name]} : {said}."), page_width())
    yield from _last(run, today, calendar, option) if run or conditions else ()
    moments = [condition.next_run for condition in conditions if condition.next_run is not None]
    if moments:
        yield typeset(f"Prochain passage : {_moment(min(moments))}")
    for condition in conditions:
        yield from _ills(condition)


def orphan_lines(orphans: "list[Orphan]") -> Iterator[str]:
    """What still runs for dossiers that are not there any more, each with its way out."""
    for orphan in orphans:
        yield from _cured(f"Dossier déplacé ou supprimé, encore planifié par {_NAMES[orphan.name]}", orphan.cure)


def status_code(conditions: "list[Condition]", run: Run | None, today: date, calendar: WorkCalendar) -> int:
    """1 where nothing is planned, something is wrong, or the last run is old or did nothing; else 0."""
    stopped = run is not None and (is_late(run, today, calendar) or run.ended is None or run.code == EXIT_NOTHING_DONE)
    if not conditions or stopped:
        return EXIT_LOOK
    return max(condition.exit_code for condition in conditions)


def waiting_line(proposal: "Proposal") -> Iterator[str]:
    """That this takes a while."""
    wait = " (dans une à deux minutes)" if proposal.name == "cron" else ""
    yield typeset(f"Passage demandé à {_NAMES[proposal.name]}{wait}…")


def trial_lines(trial: "Trial", today: date, calendar: WorkCalendar) -> Iterator[str]:
    """What came of the run that the scheduler was asked for."""
    if trial.run is None:
        said = f"{_NAMES[trial.name]} n’a rien lancé ({trial.said})"
        yield from _cured(said, f"relance schedule status{trial.seat.option}")
        return
    yield from _last(trial.run, today, calendar, trial.seat.option)
    yield typeset(f"Prochain passage : {_moment(trial.next_run)}")


def _last(run: Run | None, today: date, calendar: WorkCalendar, option: str) -> Iterator[str]:
    if run is None:
        yield from _cured("Aucun passage automatique n’a encore eu lieu", f"relance schedule test{option}")
        return
    yield last_run_line(run, today, calendar)
    if run.ended is None:
        return
    if run.code == EXIT_NOTHING_DONE:
        yield from _cured("Résultat : rien n’a été fait", f"relance check{option}")
        return
    done = f"Résultat : {plural(run.counts.get('sent', 0), 'message parti', 'messages partis')}"
    yield from _cured(f"{done}, à voir", f"relance plan{option}") if run.code else [typeset(f"{done}.")]


def _failures(condition: "Condition") -> Iterator[str]:
    for words, said in condition.failed:
        yield from _cured(f"Sans effet ({said or 'refusé'})", _line(words))


def _ills(condition: "Condition") -> Iterator[str]:
    for ill in condition.ailments:
        said = _ILLS[ill.kind].format(detail=ill.detail)
        own = condition.seat.option if ill.cure.startswith("relance ") else ""
        yield from _cured(said, ill.cure + own) if ill.cure else wrapped(typeset(said), page_width())


def _cured(said: str, command: str) -> Iterator[str]:
    """What there is, and after an arrow the command to type, whole: on a line of its own where both are too long."""
    whole = f"{typeset(said)} → {command}"
    if places(whole) <= page_width():
        yield whole
    else:
        yield from (*wrapped(typeset(said), page_width()), f"  → {command}")


def _times(entry: "Entry") -> str:
    first, last = entry.first, entry.first.replace(hour=entry.last_hour)
    if first == last:
        return f"du lundi au vendredi, à {_hour(first)}"
    return f"du lundi au vendredi, toutes les heures de {_hour(first)} à {_hour(last)}"


def _moment(at: datetime) -> str:
    return f"{long_day(at.date())} à {_hour(at.time())}"


def _hour(at: time) -> str:
    minutes = f"{NO_BREAK}{at.minute:02d}" if at.minute else ""
    return f"{at.hour}{NO_BREAK}h{minutes}"


def _line(words: tuple[str, ...]) -> str:
    from shlex import join

    return join(words)


def _difference(edit: "Edit") -> Iterator[str]:
    """The lines that come and go, and no other: a crontab may hold passwords."""
    if edit.path is not None and edit.after is None:
        yield typeset("  (retiré)")
        return
    before, after = (_text(octets or b"").splitlines() for octets in (edit.before, edit.after))
    for line in [*unified_diff(before, after, lineterm="", n=0)][2:]:
        if not line.startswith("@@"):
            yield f"{line[0]} {line[1:]}"


def _text(octets: bytes) -> str:
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        return octets.decode("utf-16", errors="replace")
    return octets.decode(errors="surrogateescape")
