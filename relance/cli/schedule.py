"""The commands about what runs by itself: schedule install, status, test and remove."""

import re
from datetime import time
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

from typer import BadParameter, Exit, Option

from relance.cli.help import FrenchCommand, FrenchGroup
from relance.cli.options import ConfigOption, bare_typer, desk_of
from relance.display.terminal import on_terminal, say_all, tell
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE

if TYPE_CHECKING:
    from collections.abc import Callable

    from relance.runs.schedule import SchedulerName


class With(StrEnum):
    """What runs relance."""

    CRON = "cron"
    SYSTEMD = "systemd"
    LAUNCHD = "launchd"
    TASKSCHEDULER = "taskscheduler"


def an_hour(text: str) -> time:
    """An hour written HH:MM, or 8h30 as the French write it."""
    written = re.fullmatch(r"(\d{1,2})[:hH](\d{2})", text, re.ASCII)
    try:
        if written is not None:
            return time(int(written[1]), int(written[2]))
    except ValueError:
        pass
    raise BadParameter(f"« {text} » n’est pas une heure HH:MM, par exemple 08:30.")


WithOption = Annotated[With | None, Option("--with", help="Ce qui lance relance ; sinon ce qu’a cet ordinateur.")]
YesOption = Annotated[bool, Option("--yes", help="N’attend pas de confirmation à l’écran.")]

schedule = bare_typer(
    name="schedule", help="Planifie les passages automatiques, et dit s’ils ont lieu.", cls=FrenchGroup
)


@schedule.command("install", cls=FrenchCommand)
def install_schedule(
    with_: WithOption = None,
    at: Annotated[
        time | None,
        Option(
            "--at", parser=an_hour, metavar="HH:MM", help="Le premier passage du jour ; sinon comme avant, ou 08:30."
        ),
    ] = None,
    yes: YesOption = False,
    config: ConfigOption = None,
) -> None:
    """Planifie un passage par heure, les jours ouvrés.

    Montre d’abord ce qui sera écrit. Vos autres lignes ne changent pas.
    """
    from relance.display.schedule_view import ask_to_change, proposal_lines, written_lines
    from relance.runs import schedule as story

    desk = desk_of(None, config, None, warns=False)
    proposal = story.install(desk, _named(with_), at)
    if proposal.edits:
        say_all(proposal_lines(proposal))
        _stop_unless(ask_to_change, yes=yes)
    condition = story.carry_out(desk, proposal)
    say_all(written_lines(condition, proposal.others))
    raise Exit(condition.exit_code)


@schedule.command("status", cls=FrenchCommand)
def show_schedule(with_: WithOption = None, config: ConfigOption = None) -> None:
    """Dit le dernier passage, le prochain, et ce qui empêche d’y compter."""
    from relance.display.schedule_view import orphan_lines, status_code, status_lines
    from relance.runs import schedule as story

    desk = desk_of(None, config, None, warns=False)
    orphans = story.orphans(_named(with_))
    code = EXIT_LOOK if orphans else EXIT_DONE
    if not orphans or story.has_dossier(desk):
        conditions, calendar = story.status(desk, _named(with_)), desk.policy.calendar
        say_all(status_lines(conditions, desk.last_run, desk.today, calendar, story.seat_of(desk).option))
        code = max(code, status_code(conditions, desk.last_run, desk.today, calendar))
    say_all(orphan_lines(orphans))
    raise Exit(code)


@schedule.command("test", cls=FrenchCommand)
def try_schedule(with_: WithOption = None, yes: YesOption = False, config: ConfigOption = None) -> None:
    """Fait faire un passage maintenant, par ce qui est planifié.

    C’est un vrai passage : ce qui est à envoyer part.
    """
    from relance.display.schedule_view import ask_to_run, trial_lines, waiting_line
    from relance.runs import schedule as story

    desk = desk_of(None, config, None, warns=False)
    planned = story.planned(desk, _named(with_))
    _stop_unless(ask_to_run, yes=yes)
    say_all(waiting_line(planned))
    trial = story.trial(desk, planned)
    say_all(trial_lines(trial, desk.today, desk.policy.calendar))
    raise Exit(trial.exit_code)


@schedule.command("remove", cls=FrenchCommand)
def remove_schedule(with_: WithOption = None, yes: YesOption = False, config: ConfigOption = None) -> None:
    """Retire les passages automatiques ; le reste redevient ce qu’il était."""
    from relance.display.schedule_view import ask_to_change, proposal_lines, removed_lines
    from relance.runs import schedule as story

    desk = desk_of(None, config, None, warns=False)
    proposals = story.removals(desk, _named(with_), config)
    if not proposals:
        tell("Aucun passage n’était planifié.")
        return
    for proposal in proposals:
        say_all(proposal_lines(proposal))
    _stop_unless(ask_to_change, yes=yes)
    code = EXIT_DONE
    for proposal in proposals:
        condition = story.carry_out(desk, proposal)
        say_all(removed_lines(condition))
        code = max(code, condition.exit_code)
    raise Exit(code)


def _named(scheduler: With | None) -> "SchedulerName | None":
    return scheduler.value if scheduler is not None else None


def _stop_unless(asks: "Callable[[], bool]", *, yes: bool) -> None:
    """Ask where somebody is there to answer; a no ends the command, and nothing was done."""
    if not yes and on_terminal() and not asks():
        tell("Rien n’a été fait.")
        raise Exit(EXIT_NOTHING_DONE)
