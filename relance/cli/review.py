"""The commands of who reads his messages: review, one by one before they leave; sent, afterwards."""

import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from relance.cli.days import Day, Way, dated, day_option
from relance.cli.options import (
    ConfigOption,
    FileArgument,
    FileOption,
    FileToo,
    FormatOption,
    TodayOption,
    a_count,
    desk_of,
    only_one,
    shown_as,
)
from relance.display.terminal import complain, on_terminal, tell
from relance.errors import EXIT_DONE, EXIT_LOOK, RelanceError, UsageError

if TYPE_CHECKING:
    from relance.display.review_view import TerminalReader
    from relance.runs.dossier import Desk
    from relance.runs.send import Sent


def review(
    file: FileArgument = None,
    named: FileToo = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Montre les messages du jour un par un, avant de les envoyer.

    Une lettre et Entrée pour chacun ; ce qui n’a pas été lu ne part pas. L’éditeur est celui de VISUAL ou EDITOR.
    """
    from relance.display import send_view
    from relance.runs import review as story
    from relance.runs.editing import edit
    from relance.runs.send import finish

    path = only_one("review", file, named)
    if not (sys.stdin.isatty() and on_terminal()):
        raise UsageError(
            "« relance review » se lit dans un terminal.", "Sans terminal : « relance send --dry-run » montre tout."
        )
    desk = desk_of(path, config, today)
    reader = _reader(drafts=desk.into_drafts)
    run = story.review(desk, reader, edit)
    send_view.show_run(run, as_json=False, full=True, asked=reader.begun)
    code, troubled = run.exit_code, False
    with suppress(KeyboardInterrupt):  # all is done and shown
        troubled = send_view.show_trouble(finish(desk, run))
    offer_to_take_away(desk, run)
    raise Exit(code or (EXIT_LOOK if troubled else EXIT_DONE))


def one_by_one(asked: "Sent") -> "Sent":
    """The messages of a run that was asked about, read one by one."""
    from relance.runs.editing import edit
    from relance.runs.review import go_through

    drafts = asked.rehearsed is not None and asked.rehearsed.desk.into_drafts
    return go_through(asked, _reader(drafts=drafts), edit)


def offer_to_take_away(desk: "Desk", run: "Sent") -> None:
    """Take the drafts that the run has just told to delete out of the mailbox, where the user says so.

    What goes wrong then is told, and changes nothing in how the run ended.
    """
    from relance.display.question import ask_to_take_away
    from relance.runs.resolve import superfluous, take_away

    drafts = superfluous(run.news)
    try:
        if drafts and ask_to_take_away(len(drafts)):
            tell(take_away(desk.anew(), drafts))
    except KeyboardInterrupt:  # nothing was taken away, and the run is over
        return
    except RelanceError as error:
        complain(error.shown)


def _reader(*, drafts: bool) -> "TerminalReader":
    from relance.display.review_view import TerminalReader
    from relance.runs.review import Act, Keep

    return TerminalReader(Act, Keep, drafts=drafts)


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
    shown, saved = story.again(desk, listed, again) if again is not None else None, None
    chosen = shown.listed if shown is not None else listed
    if save is not None:
        saved = story.save(desk, chosen, save)
        sent_view.show_saved(saved)
    elif shown is not None:
        sent_view.show_again(shown, shown_as(format))
    else:
        sent_view.show_list(listed, shown_as(format))
    sent_view.show_unread(chosen)
    raise Exit(max(each.exit_code for each in (saved, shown, chosen) if each is not None))
