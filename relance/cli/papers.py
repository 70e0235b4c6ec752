"""The commands about the words of messages: letter, preview, and templates copy and check."""

from pathlib import Path
from typing import Annotated

import typer

from relance.cli.options import ConfigOption, FileOption, InvoiceArgument, TodayOption, bare_typer, desk_of
from relance.display.terminal import say_all, tell

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
    from relance.runs.letter import print_paper

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
    from relance.runs.preview import open_in_browser
    from relance.runs.preview import preview as run

    shown = run(desk_of(file, config, today), invoice, stage)
    say_all(preview_lines(shown))
    if open_:
        paths, opened = open_in_browser(shown)
        say_all(opened_lines(paths, opened=opened))
    raise typer.Exit(shown.exit_code)


templates_app = bare_typer(help="Les textes des messages : copier, essayer.")


@templates_app.command("copy")
def copy_templates(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DOSSIER]", help="Où les copier ; sinon « modeles ».")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Copie les modèles fournis ; n’écrase rien."""
    from relance.runs import templates

    tell(*templates.copy(desk_of(None, config, None), folder))


@templates_app.command("check")
def check_templates(config: ConfigOption = None) -> None:
    """Essaie chaque modèle et dit ce qui n’irait pas."""
    from relance.display.check_view import template_lines
    from relance.runs import templates

    checked = templates.check(desk_of(None, config, None))
    say_all(template_lines(checked))
    raise typer.Exit(checked.exit_code)
