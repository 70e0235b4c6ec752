"""All commands under one name."""

from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Annotated

from click import Context, HelpFormatter
from typer import Exit, Option, Typer

from relance.cli.help import FrenchCommand, FrenchGroup, summary
from relance.cli.options import FileOption, bare_typer, desk_of
from relance.cli.pasted import with_file_named

HELP = "Relance vos factures impayées : le bon message, le bon jour, une seule fois."
COMMANDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Chaque jour", ("daily.plan", "daily.send", "review.review", "daily.show", "daily.bank")),
    ("Noter", ("facts.record", "facts.pay", "facts.hold", "facts.release", "facts.undo")),
    ("Répondre", ("facts.approve", "facts.confirm", "facts.resolve", "facts.allocate")),
    (
        "Regarder",
        (
            *("papers.report", "papers.calendar", "evidence.evidence", "review.sent"),
            *("papers.letter", "papers.preview", "papers.charges"),
        ),
    ),
    (
        "Installer",
        (
            *("first.init", "daily.check", "schedule.schedule", "papers.templates"),
            *("facts.repair", "facts.erase", "completion.completion", "daily.help"),
        ),
    ),
)
"""Each command in its group, in the order of `--help` and of the guide's page of commands: `file.name`.

The file is imported once its command is called.
"""
_ASKING = ("-h", "--help", "--version")
_OPTIONS = (("--version", "Affiche la version."), ("-h, --help", "Affiche cette aide."))


def name_of(command: str) -> str:
    """What is typed for a command."""
    return command.rpartition(".")[2]


def imported(command: str) -> Callable[..., None] | Typer:
    """A command, or what holds several, out of its file."""
    file, _, name = command.partition(".")
    found: Callable[..., None] | Typer = getattr(import_module(f"relance.cli.{file}"), name)
    return found


def _sentence(command: str) -> str:
    """What a command says of itself."""
    found = imported(command)
    return str(found.info.help) if isinstance(found, Typer) else summary(found.__doc__)


class Program(FrenchGroup):
    """The whole program: its help names the commands without reading what each takes."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """The overview."""
        from relance.cli.examples import BEGINNING
        from relance.display.usage import overview

        groups = [(group, [(name_of(each), _sentence(each)) for each in commands]) for group, commands in COMMANDS]
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
    chosen = [(group, command) for group, command in commands if first == name_of(command)]
    for group, name in () if first in _ASKING else chosen or commands:
        command = imported(name)
        if isinstance(command, Typer):
            app.add_typer(command, rich_help_panel=group)
        else:
            app.command(rich_help_panel=group, cls=FrenchCommand)(command)
    return app


def read_command(args: Sequence[str]) -> list[str]:
    """The command line, a file of invoices named where its command takes one by option; UsageError for no command."""
    known = {name_of(command): command for _, told in COMMANDS for command in told}
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
    takes = getattr(imported(known[words[0]]), "__annotations__", {})
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
