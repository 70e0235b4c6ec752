"""All commands under one name."""

from collections.abc import Callable, Sequence
from typing import Annotated

from click import Context, HelpFormatter
from typer import Exit, Option, Typer

from relance.cli import completion, daily, facts, first, papers, schedule
from relance.cli.examples import BEGINNING
from relance.cli.help import FrenchCommand, FrenchGroup, summary
from relance.cli.options import FileOption, bare_typer, desk_of
from relance.cli.pasted import with_file_named
from relance.display.usage import overview

HELP = "Relance vos factures impayées : le bon message, le bon jour, une seule fois."
COMMANDS: tuple[tuple[str, tuple[Callable[..., None] | Typer, ...]], ...] = (
    ("Chaque jour", (daily.plan, daily.send, daily.show, daily.bank)),
    ("Noter", (facts.record, facts.pay, facts.hold, facts.release, facts.undo)),
    ("Répondre", (facts.approve, facts.confirm, facts.resolve, facts.allocate)),
    ("Regarder", (papers.letter, papers.preview, papers.charges)),
    (
        "Installer",
        (
            *(first.init, daily.check, schedule.schedule_app, papers.templates_app),
            *(facts.repair, completion.completion, daily.help),
        ),
    ),
)
"""Each command in its group, in the order of `--help` and of the guide's page of commands."""
_ASKING = ("-h", "--help", "--version")
_OPTIONS = (("--version", "Affiche la version."), ("-h, --help", "Affiche cette aide."))


def named(command: Callable[..., None] | Typer) -> tuple[str, str]:
    """What a command, or what holds several, is called, and its sentence."""
    if isinstance(command, Typer):
        return str(command.info.name), str(command.info.help)
    return command.__name__, summary(command.__doc__)


class Program(FrenchGroup):
    """The whole program: its help names the commands without reading what each takes."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The overview."""
        groups = [(group, [named(command) for command in commands]) for group, commands in COMMANDS]
        formatter.write("\n".join(overview(HELP, [("Exemples", BEGINNING), *groups, ("Options", _OPTIONS)])))


def meant(args: Sequence[str]) -> list[str]:
    """What `relance` without the name of a command means: the plan of the day; the help where nothing is set up yet."""
    if args:
        return ["plan", *args] if args[0].startswith("-") and args[0] not in _ASKING else list(args)
    return ["plan"] if desk_of(None, None, None, warns=False).settings_path is not None else ["--help"]


def program(args: Sequence[str] = ()) -> Typer:
    """The commands under one name: the one that `args` begin with alone, none for the help of all, else all of them.

    Typer reads the signatures of all that it is given, which takes it longer than the plan of a freelancer's file.
    """
    app = bare_typer(
        help=HELP, callback=_relance, cls=Program, context_settings={"help_option_names": ["-h", "--help"]}
    )
    commands = [(group, command) for group, told in COMMANDS for command in told]
    first = args[0] if args else ""
    chosen = [(group, command) for group, command in commands if first == named(command)[0]]
    for group, command in () if first in _ASKING else chosen or commands:
        if isinstance(command, Typer):
            app.add_typer(command, rich_help_panel=group)
        else:
            app.command(rich_help_panel=group, cls=FrenchCommand)(command)
    return app


def read_command(args: Sequence[str]) -> list[str]:
    """The command line, a file of invoices named where its command takes one by option; UsageError for no command."""
    known = {named(command)[0]: command for _, told in COMMANDS for command in told}
    words = list(args)
    if not words:
        return words
    if words[0] not in known:
        if words[0] in _ASKING:
            return words
        from relance.cli.meant import option_first, unknown_command

        error = (option_first if words[0].startswith("-") else unknown_command)(words, list(known))
        if error is not None:
            raise error
        return words
    takes = getattr(known[words[0]], "__annotations__", {})
    return list(with_file_named(words)) if takes.get("file") is FileOption else words


def _version(wanted: bool) -> None:
    if wanted:
        from relance import __version__
        from relance.display.terminal import say

        say(f"relance {__version__}")
        raise Exit


def _relance(
    version: Annotated[bool, Option("--version", callback=_version, is_eager=True, help="Affiche la version.")] = False,
) -> None: ...
