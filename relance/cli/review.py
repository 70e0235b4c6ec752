"""The command of who reads his messages again once they left: sent."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from relance.cli.days import Day, Way, dated, day_option
from relance.cli.options import (
    ConfigOption,
    FileOption,
    FormatOption,
    TodayOption,
    a_count,
    desk_of,
    shown_as,
)

if TYPE_CHECKING:
    pass


def sent(
    target: Annotated[
        str, Argument(metavar="[FACTURE|CLIENT]", help="Ce qui est parti pour une facture ou un client ; sinon tout.")
    ] = "",
    since: Annotated[Day | None, day_option("--since", help="À partir de ce jour.")] = None,
    again: Annotated[
        int | None, Option("--show", parser=a_count, metavar="N", help="Le texte du message de ce numéro.")
    ] = None,
    save: Annotated[
        Path | None, Option("--save", metavar="DOSSIER", help="Écrit l’e-mail exact de chacun, un .eml par message.")
    ] = None,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
    format: FormatOption = None,
) -> None:
    """Montre ce qui est parti, à qui, et la réponse du serveur.

    Brouillons, refus et envois en doute y sont aussi. N’écrit rien dans le journal.
    """
    from relance.display import sent_view
    from relance.runs import sent as story

    desk = desk_of(file, config, today)
    listed = story.sent(desk, target, dated(since, desk, Way.PAST))
    shown = story.again(desk, listed, again) if again is not None else None
    if save is not None:
        saved = story.save(desk, shown.listed if shown is not None else listed, save)
        sent_view.show_saved(saved)
        raise Exit(saved.exit_code)
    if shown is not None:
        sent_view.show_again(shown, shown_as(format))
        raise Exit(shown.exit_code)
    sent_view.show_list(listed, shown_as(format))
