"""Having relance run every day without anybody: set up, looked at, tried, taken back."""

import os
import shlex
import shutil
import sys
import tempfile
import time as clock
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, time
from pathlib import Path
from typing import NamedTuple

from relance.core.calendar import OFFICE_HOURS
from relance.core.history import Run
from relance.errors import EXIT_DONE, EXIT_LOOK, RelanceError, ScheduleError, SettingsError
from relance.runs.dossier import Desk
from relance.schedule.entry import Ailment, Edit, Entry, Machine, Words, entry_within, unlasting
from relance.schedule.schedulers import SCHEDULERS, Name, Scheduler, usual
from relance.schedule.tools import HALF_AN_HOUR, Ran, ran

SchedulerName = Name
_SECONDS_TO_BEGIN = 180  # cron looks once a minute, and the machine may be busy


class Seat(NamedTuple):
    """Where a schedule belongs: a settings file by its whole path, a machine; `option` names it on a command line."""

    config: str
    machine: Machine
    option: str


class Proposal(NamedTuple):
    """What would be changed of one scheduler, before anything is; `entry` is what it then runs, None: nothing.

    `there` tells that our lines stand there already, `others` which schedulers have some beside.
    """

    name: Name
    seat: Seat
    edits: tuple[Edit, ...]
    entry: Entry | None = None
    there: bool = False
    others: tuple[Name, ...] = ()

    @property
    def tells(self) -> tuple[Words, ...]:
        """The commands that go with it."""
        scheduler, (config, machine, _) = SCHEDULERS[self.name], self.seat
        if self.entry is None:
            return (*scheduler.end(config, machine), *scheduler.gone())
        return scheduler.begin(config, machine, again=self.there)


class Condition(NamedTuple):
    """How one scheduler stands: its entry (None: its lines are not ours any more), the next run, what is wrong.

    `failed` are commands of a change that did not work, each with what it said; `written` tells of a change.
    """

    name: Name
    entry: Entry | None
    next_run: datetime | None
    ailments: tuple[Ailment, ...]
    seat: Seat
    failed: tuple[tuple[Words, str], ...] = ()
    written: bool = False

    @property
    def untried(self) -> bool:
        """Whether nobody has tried this scheduler with relance."""
        return SCHEDULERS[self.name].UNTRIED

    @property
    def exit_code(self) -> int:
        """1 where something is wrong, or was written for a system that nobody has tried it on."""
        grave = any(ailment.grave for ailment in self.ailments)
        return EXIT_LOOK if grave or self.failed or (self.written and self.untried) else EXIT_DONE


class Trial(NamedTuple):
    """What came of a run that the scheduler was asked for: the run, or what kept it from coming."""

    name: Name
    run: Run | None
    said: str
    next_run: datetime
    seat: Seat

    @property
    def exit_code(self) -> int:
        """1 where none came, or one that went wrong."""
        return EXIT_LOOK if self.run is None or self.run.ended is None or self.run.code else EXIT_DONE


class Orphan(NamedTuple):
    """What one scheduler still runs of a dossier whose settings file is gone, and the command that takes it back."""

    name: Name
    cure: str


def seat_of(desk: Desk) -> Seat:
    """Where this dossier's schedule belongs; SettingsError where there are no settings. They are not read."""
    return _seat(desk.settings_path or desk.own_settings.path)


def _seat(settings: Path) -> Seat:
    path, here = os.path.abspath(settings), None  # noqa: PTH100  a link in the path stays one: it may be moved
    with suppress(SettingsError):  # a variable that names nothing
        here = Desk().settings_path
    found = here is not None and os.path.abspath(here) == path  # noqa: PTH100
    return Seat(path, _machine(), "" if found else f" --config {shlex.quote(path)}")


def _machine() -> Machine:
    return Machine(Path.home(), dict(os.environ), getattr(os, "getuid", lambda: 0)())


def has_dossier(desk: Desk) -> bool:
    """Whether settings apply here, readable or not."""
    with suppress(SettingsError):  # those that are named are not there
        return desk.settings_path is not None
    return False


def install(desk: Desk, name: Name | None, at: time | None) -> Proposal:
    """What an hourly run of this dossier takes.

    Its first run stays at the hour it has, where no other is said. ScheduleError where it could not last: a program
    that is cleared away, a secret that only a terminal has, an hour at which nothing leaves.
    """
    seat = seat_of(desk)
    config, machine, _ = seat
    name = name or usual()
    scheduler = SCHEDULERS[name]
    known = scheduler.found(config, machine)
    hours = desk.policy.calendar.hours or OFFICE_HOURS
    kept = known.first if known is not None and hours.first <= known.first < hours.last else None
    entry = entry_within(_program(), config, at or kept, hours.first, hours.last)
    if unlasting(entry.words[0], machine, Path(tempfile.gettempdir())):
        raise ScheduleError(
            f"« {entry.words[0]} » est dans un dossier temporaire : ce programme n’y restera pas.",
            "Installez relance (uv tool install, ou pipx install), puis relancez la commande.",
        )
    edits = scheduler.edits(entry, machine)
    lacking = _lacking(desk, scheduler.variables(config, machine))
    if lacking is not None:
        raise ScheduleError(f"Un passage automatique n’aurait pas le mot de passe. {lacking.args[0]}", _cure_of(name))
    others = tuple(each for each in _present(seat)[0] if each != name)
    return Proposal(name, seat, edits, entry, bool(scheduler.removal(config, machine)), others)


def removals(desk: Desk, name: Name | None, config: Path | None = None) -> list[Proposal]:
    """What takes this dossier's schedule back, of every scheduler that has one, or of this one.

    The settings file that was named (`config`) may have gone, or be in another place by now.
    """
    seat = seat_of(desk) if config is None or config.exists() else _seat(config)
    present, unread = ([name], None) if name is not None else _present(seat)
    edits = {each: SCHEDULERS[each].removal(seat.config, seat.machine) for each in present}
    if unread is not None and not any(edits.values()):
        raise unread
    return [Proposal(each, seat, found) for each, found in edits.items() if found]


def carry_out(desk: Desk, proposal: Proposal) -> Condition:
    """Change what was shown, tell the scheduler, and look at what has become of it."""
    scheduler, (config, machine, _) = SCHEDULERS[proposal.name], proposal.seat
    if proposal.entry is None:
        failed = [*_told(scheduler.end(config, machine))]
        _write(scheduler, proposal)
        failed += _told(scheduler.gone())
        return Condition(proposal.name, None, None, (), proposal.seat, tuple(failed))
    if not proposal.edits and (state := _state(desk, proposal.name, proposal.seat)).exit_code == EXIT_DONE:
        return state
    tells = proposal.tells
    _write(scheduler, proposal)
    failed = [*_told(tells)]
    state = _state(desk, proposal.name, proposal.seat)
    return state._replace(failed=tuple(failed), written=bool(proposal.edits))


def status(desk: Desk, name: Name | None) -> list[Condition]:
    """How each scheduler that has this dossier stands, or this one; none where it is not planned."""
    seat = seat_of(desk)
    present, unread = ([name], None) if name is not None else _present(seat)
    if unread is not None and not present:
        raise unread
    there = [each for each in present if SCHEDULERS[each].removal(seat.config, seat.machine)]
    return [_state(desk, each, seat) for each in there]


def orphans(name: Name | None) -> list[Orphan]:
    """What the schedulers, or this one, still run of dossiers that were moved or deleted."""
    machine, found = _machine(), list[Orphan]()
    for each in SCHEDULERS if name is None else (name,):
        with suppress(ScheduleError):  # what cannot be read is said of this dossier's own schedule
            gone = filter(_is_gone, SCHEDULERS[each].configs(machine) if _is_here(each) else ())
            found += [Orphan(each, cure) for config in gone if (cure := _taking_back(each, config, machine))]
    return found


def _is_gone(config: str) -> bool:
    """False too where nobody can tell, for want of rights or of the disk."""
    try:
        os.stat(config)  # noqa: PTH116  a name of any octets, which Path.exists would take for absent
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


def _taking_back(name: Name, config: str, machine: Machine) -> str:
    """The command that takes these lines back: one's own editor where their end is gone; "" where they are not ours."""
    try:
        ours = SCHEDULERS[name].removal(config, machine)
    except ScheduleError:
        return "crontab -e"
    return f"relance schedule remove --with {name} --config {shlex.quote(config)}" if ours else ""


def planned(desk: Desk, name: Name | None) -> Proposal:
    """What a trial would run; ScheduleError where nothing is planned."""
    seat = seat_of(desk)
    for condition in status(desk, name):
        if condition.entry is not None:
            return Proposal(condition.name, seat, (), condition.entry, there=True)
    raise ScheduleError("Aucun passage n’est planifié.", f"« relance schedule install{seat.option} » s’en charge.")


def trial(desk: Desk, proposal: Proposal, seconds: float = _SECONDS_TO_BEGIN) -> Trial:
    """Have the scheduler run what is planned, now: a run like any other, which sends what is due."""
    scheduler, entry, before = SCHEDULERS[proposal.name], proposal.entry, desk.last_run
    assert entry is not None
    began = Ran(1)
    try:
        began = scheduler.start(entry, proposal.seat.machine)
        run = _awaited(desk, before, seconds if began.code == 0 else 0)
    finally:
        scheduler.settle(entry, proposal.seat.machine)
    said = began.err if began.code else "rien n’a commencé"
    return Trial(proposal.name, run, said, entry.next_run(desk.now.astimezone()), proposal.seat)


def _awaited(desk: Desk, before: Run | None, seconds: float) -> Run | None:
    """The run that has begun since, ended where it ends in time; None where none begins."""
    run, end = None, clock.monotonic() + seconds
    while True:
        desk.forget()
        last = desk.last_run
        if last is not None and (before is None or last.began > before.began):
            end = end if run is not None else clock.monotonic() + HALF_AN_HOUR
            run = last
        if (run is not None and run.ended is not None) or clock.monotonic() >= end:
            return run
        clock.sleep(0.5)


def _write(scheduler: Scheduler, proposal: Proposal) -> None:
    for edit in proposal.edits:
        scheduler.write(edit, proposal.seat.machine)


def _told(commands: tuple[Words, ...]) -> Iterator[tuple[Words, str]]:
    """Run them all; those that did not work, each with what it said."""
    for words in commands:
        done: Ran = ran(words)
        if done.code != 0:
            yield words, done.err


def _present(seat: Seat) -> tuple[list[Name], ScheduleError | None]:
    """The schedulers that have this dossier, and why one of them could not be read."""
    found: list[Name] = []
    unread = None
    for name, scheduler in SCHEDULERS.items():
        try:
            if _is_here(name) and scheduler.removal(seat.config, seat.machine):
                found.append(name)
        except ScheduleError as error:
            unread = error
    return found, unread


def _is_here(name: Name) -> bool:
    """False where its program is not; files are read without any."""
    return name != "cron" or shutil.which("crontab") is not None


def _state(desk: Desk, name: Name, seat: Seat) -> Condition:
    scheduler, (config, machine, _) = SCHEDULERS[name], seat
    entry = scheduler.found(config, machine)
    if entry is None:
        return Condition(name, None, None, (Ailment("changed", cure=_again(name)),), seat)
    ills = [*_program_ills(entry, name, machine, scheduler.variables(config, machine))]
    if scheduler.edits(entry, machine):
        ills.append(Ailment("changed", cure=_again(name)))
    lacking = _lacking(desk, scheduler.variables(config, machine))
    if lacking is not None:
        ills.append(Ailment("secret", lacking.args[0]))
    ills += scheduler.ailments(entry, machine)
    settings = desk.own_settings
    if name == "cron" and settings.digest.email is None and "MAILTO" not in scheduler.variables(config, machine):
        ills.append(Ailment("cron_mail", settings.sender.email, grave=False))
    return Condition(name, entry, entry.next_run(desk.now.astimezone()), tuple(ills), seat)


def _program_ills(entry: Entry, name: Name, machine: Machine, variables: Mapping[str, str]) -> Iterator[Ailment]:
    """What has become of the program itself: an update of Python, or of relance, may take it away."""
    program = entry.words[0]
    if not os.access(program, os.X_OK):
        yield Ailment("gone", program, _again(name))
    elif unlasting(program, machine, Path(tempfile.gettempdir())):
        yield Ailment("temporary", program, _again(name))
    elif ran((*entry.words, "--version"), environment=variables).code != 0:
        yield Ailment("broken", program, _again(name))


def _again(name: Name) -> str:
    return f"relance schedule install --with {name}"


def _lacking(desk: Desk, variables: Mapping[str, str]) -> RelanceError | None:
    """What a run with these variables alone says of the passwords it needs; None where it has them."""
    from relance.delivery.secret import read_password

    settings = desk.own_settings
    accounts = (settings.smtp if settings.transport == "smtp" else None, settings.imap)
    with _variables(variables):
        for account in accounts:
            try:
                if account is not None:
                    read_password(account)
            except SettingsError as error:
                return error
    return None


@contextmanager
def _variables(those: Mapping[str, str]) -> Iterator[None]:
    """This process has those variables alone, and so has what it starts."""
    kept = dict(os.environ)
    try:
        os.environ.clear()
        os.environ.update(those)
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


def _cure_of(name: Name) -> str:
    more = " Ou définissez la variable en tête de votre crontab (crontab -e)." if name == "cron" else ""
    return f"Dans relance.toml, mettez password_command ou keyring à la place.{more}"


def _program() -> Words:
    """How relance was started, by its whole path: the link of `uv tool` or pipx, which stays when they update it."""
    started = Path(sys.argv[0])
    if started.stem == "relance" and os.access(started, os.X_OK) and started.is_file():
        return (os.path.abspath(started),)  # noqa: PTH100  the link itself, not what it leads to
    beside = Path(sys.executable).with_name("relance.exe" if os.name == "nt" else "relance")
    return (str(beside),) if os.access(beside, os.X_OK) else (sys.executable, "-m", "relance")
