"""The commands that show or print messages one by one: letter, preview."""

from pathlib import Path
from typing import Annotated

import typer

from relance.cli.options import ConfigOption, FileOption, InvoiceArgument, TodayOption, desk_of
from relance.display.terminal import say_all

StageOption = Annotated[
    str, typer.Option("--stage", metavar="ÉTAPE", help="Une autre étape, par sa clé (firm, formal_notice…).")
]


def letter(
    invoice: InvoiceArgument,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FICHIER", help="Le PDF à écrire ; sinon, ici, au nom de l’étape."),
    ] = None,
    stage: StageOption = "",
    force: Annotated[bool, typer.Option("--force", help="Écrase le fichier s’il existe.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Écrit la mise en demeure en PDF, à signer et à poster.

    Ne note rien dans le journal.
    """
    from relance.display.papers import printed_lines
    from relance.runs.printing import print_paper

    printed = print_paper(desk_of(file, config, today), invoice, stage, output, force=force)
    say_all(printed_lines(printed))
    raise typer.Exit(printed.exit_code)


def preview(
    invoice: InvoiceArgument,
    stage: StageOption = "",
    open_: Annotated[bool, typer.Option("--open", help="Ouvre message et lettre dans votre navigateur.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Montre le message d’une facture, à n’importe quelle étape ; n’envoie et n’écrit rien."""
    from relance.display.papers import opened_lines, preview_lines
    from relance.runs.previewing import open_in_browser
    from relance.runs.previewing import preview as run

    shown = run(desk_of(file, config, today), invoice, stage)
    say_all(preview_lines(shown))
    if open_:
        paths, opened = open_in_browser(shown)
        say_all(opened_lines(paths, opened=opened))
    raise typer.Exit(shown.exit_code)
