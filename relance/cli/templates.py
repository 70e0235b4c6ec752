"""The commands about the texts of the messages: `relance templates copy`, `relance templates check`."""

from pathlib import Path
from typing import Annotated

import typer

from relance.cli.options import ConfigOption, desk_of

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
    suggest_commands=False,
    help="Les textes des messages : copier, essayer.",
)


@app.command()
def copy(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DOSSIER]", help="Où les copier ; sinon « modeles ».")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Copie les modèles fournis ; n’écrase rien."""
    from relance.display.terminal import tell
    from relance.runs import templates

    tell(*templates.copy(desk_of(None, config, None), folder))


@app.command()
def check(config: ConfigOption = None) -> None:
    """Essaie chaque modèle et dit ce qui n’irait pas."""
    from relance.display.check_view import template_lines
    from relance.display.terminal import say_all
    from relance.runs import templates

    checked = templates.check(desk_of(None, config, None))
    say_all(template_lines(checked))
    raise typer.Exit(checked.exit_code)
