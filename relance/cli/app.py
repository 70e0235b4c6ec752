"""All commands under one name."""

from collections.abc import Callable, Sequence
from typing import Annotated

from typer import Exit, Option, Typer

from relance.cli import daily, facts, papers
from relance.cli.options import bare_typer

HELP = "Relance vos factures impayées : le bon message, le bon jour, une seule fois."
GROUPS = _DAILY, _TOLD, _PAPERS, _SET_UP = (
    "Chaque jour",
    "Dire ce qui s’est passé",
    "Les frais, les messages, les lettres",
    "Installer, réparer, lire le guide",
)
"""The headings of the guide's page of commands, in its order."""
COMMANDS: tuple[tuple[str, tuple[Callable[..., None], ...]], ...] = (
    (_DAILY, (daily.plan, daily.send, daily.check, daily.show)),
    (_PAPERS, (papers.charges,)),
    (_SET_UP, (daily.init,)),
    (_PAPERS, (papers.letter, papers.preview)),
    (_TOLD, (facts.record, facts.pay, facts.hold, facts.release, facts.approve, facts.confirm, facts.allocate)),
    (_TOLD, (facts.resolve, facts.undo)),
    (_SET_UP, (facts.repair, daily.help)),
)
"""Each command in its group, in the order of `--help`."""


def program(args: Sequence[str] = ()) -> Typer:
    """The commands under one name: the one that `args` begin with alone, else all of them.

    Typer reads the signatures of all that it is given, which takes it longer than the plan of a freelancer's file.
    """
    app = bare_typer(help=HELP, callback=_relance)
    commands = [(group, command) for group, told in COMMANDS for command in told]
    named = [(group, command) for group, command in commands if args and command.__name__ == args[0]]
    for group, command in named or commands:
        app.command(rich_help_panel=group)(command)
    if not named:
        app.add_typer(papers.templates_app, name="templates", rich_help_panel=_PAPERS)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        from relance import __version__
        from relance.display.terminal import say

        say(f"relance {__version__}")
        raise Exit


def _relance(
    version: Annotated[bool, Option("--version", callback=_version, is_eager=True, help="Affiche la version.")] = False,
) -> None: ...
