"""The command that hands over: evidence."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Exit, Option

from relance.cli.options import ConfigOption, FileOption, TodayOption, desk_of
from relance.display.terminal import say_fitted
from relance.errors import EXIT_LOOK, UsageError

PaperOption = list[Path] | None


def evidence(
    targets: Annotated[
        list[str] | None, Argument(metavar="[FACTURE|CLIENT]...", help="Des factures d’un client, ou ce client.")
    ] = None,
    out: Annotated[Path | None, Option("--out", metavar="DOSSIER", help="Où l’écrire ; sinon ici.")] = None,
    as_zip: Annotated[bool, Option("--zip", help="En un seul fichier .zip.")] = False,
    check: Annotated[
        Path | None, Option("--check", metavar="DOSSIER", help="Dit quels fichiers d’un tel dossier ont changé.")
    ] = None,
    contract: Annotated[
        PaperOption,
        Option("--contract", metavar="FICHIER", help="Devis, commande, conditions, livraison ; peut se répéter."),
    ] = None,
    receipt: Annotated[
        PaperOption,
        Option("--receipt", metavar="FICHIER", help="Preuve de dépôt, avis de réception ; peut se répéter."),
    ] = None,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Réunit les preuves d’une créance, numérotées et vérifiables.

    Pour un tribunal, un commissaire de justice ou qui recouvre. Ne note rien dans le journal.
    """
    from relance.display.evidence import exhibits_of
    from relance.display.evidence_list import checked_lines, list_leaf, made_lines, texts_of
    from relance.runs import evidence as story

    papers = [(story.CONTRACT, path) for path in contract or ()] + [(story.NOTICE, path) for path in receipt or ()]
    if check is not None:
        if targets or papers or as_zip or out is not None:
            raise UsageError("--check se donne seul.", "Exemple : relance evidence --check dossier-alpha-2026-11-30.")
        wrong = story.check(check)
        say_fitted(checked_lines(wrong))
        raise Exit(EXIT_LOOK if wrong else 0)
    author = story.Author(exhibits_of, list_leaf, texts_of)
    made = story.make(desk_of(file, config, today), targets or [], out or Path(), author, papers, as_zip=as_zip)
    say_fitted(made_lines(made))
    raise Exit(made.exit_code)
