"""All commands under one name."""

from collections.abc import Callable
from typing import Annotated

import typer

from relance.cli import charging, daily, facts, papers, templates

HELP = "Relance vos factures impayées : le bon message, le bon jour, une seule fois."
app = typer.Typer(
    rich_markup_mode=None, pretty_exceptions_enable=False, add_completion=False, suggest_commands=False, help=HELP
)
COMMANDS: tuple[Callable[..., None], ...] = (
    *(daily.plan, daily.send, daily.check, daily.show, charging.charges, daily.init),
    *(papers.letter, papers.preview),
    *(facts.record, facts.pay, facts.hold, facts.release, facts.approve, facts.confirm, facts.allocate, facts.resolve),
    *(facts.undo, facts.repair),
)
for _command in COMMANDS:
    app.command()(_command)
app.add_typer(templates.app, name="templates")


def _version(wanted: bool) -> None:
    if wanted:
        from relance import __version__
        from relance.display.terminal import say

        say(f"relance {__version__}")
        raise typer.Exit


@app.callback()
def _relance(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Affiche la version.")
    ] = False,
) -> None: ...
