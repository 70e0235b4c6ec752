"""The commands of the day: plan, send, show, bank, check; and help whenever."""

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from relance.cli.options import (
    MAX_DAYS,
    ConfigOption,
    FileArgument,
    FileOption,
    FileToo,
    Format,
    FormatOption,
    QuietOption,
    TargetArgument,
    TodayOption,
    VerboseOption,
    a_count,
    a_number_of_days,
    desk_of,
    only_one,
    shown_as,
)
from relance.display import terminal
from relance.display.terminal import complain, on_terminal, say, say_all, say_fitted, tell
from relance.errors import EXIT_DONE, EXIT_LOOK, RelanceError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from relance.display.question import Answer
    from relance.runs.dossier import Desk
    from relance.runs.rehearsal import Rehearsed
    from relance.runs.send import Sent


def plan(
    file: FileArgument = None,
    days: Annotated[
        int | None,
        Option(
            "--days",
            parser=a_number_of_days,
            metavar="N",
            help=f"Et les N jours suivants ({MAX_DAYS} au plus), si rien n’est payé.",
        ),
    ] = None,
    full: Annotated[bool, Option("--all", help="Toutes les factures : réglées et à échoir aussi.")] = False,
    named: FileToo = None,
    config: ConfigOption = None,
    today: TodayOption = None,
    format: FormatOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Ce qui se passerait aujourd’hui, et pourquoi ; n’écrit rien."""
    from relance.display.plan_view import show_plan
    from relance.runs.plan import plan as run

    desk = desk_of(only_one("plan", file, named), config, today, warns=False)  # the plan says when it last ran
    planned = run(desk, days or 0)
    show_plan(planned, shown_as(format), full=full, quiet=quiet, verbose=verbose)
    raise Exit(max(planned.exit_code, _doubted(desk)))


def send(
    file: FileArgument = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Montre chaque message, n’envoie et n’écrit rien.")] = False,
    yes: Annotated[bool, Option("--yes", help="N’attend pas de confirmation à l’écran.")] = False,
    only: Annotated[
        list[str] | None, Option("--only", metavar="FACTURE|CLIENT", help="Rien que cela ; peut se répéter.")
    ] = None,
    limit: Annotated[int | None, Option("--limit", parser=a_count, metavar="N", help="Au plus N messages.")] = None,
    unattended: Annotated[
        bool, Option("--unattended", help="Passage automatique : ne demande rien, et se note comme tel.")
    ] = False,
    named: FileToo = None,
    config: ConfigOption = None,
    today: TodayOption = None,
    format: FormatOption = None,
    quiet: QuietOption = False,
    verbose: VerboseOption = False,
) -> None:
    """Envoie les relances du jour, chacune une seule fois.

    À l’écran, demande d’abord confirmation.
    """
    from relance.display import question, send_view
    from relance.runs import digest, rehearsal
    from relance.runs import send as story
    from relance.runs.passage import Passage

    desk = desk_of(only_one("send", file, named), config, today, warns=not unattended)
    desk.unattended, desk.rehearses = unattended, dry_run
    selection = rehearsal.Selection(tuple(only or ()), limit)
    if dry_run:
        rehearsed = rehearsal.rehearse(desk, selection)
        send_view.show_rehearsal(rehearsed, rehearsal.needs(rehearsed).values(), as_json=format is Format.JSON)
        raise Exit(max(rehearsed.exit_code, _doubted(desk)))
    watched = on_terminal() and not unattended
    asks = question.ask_to_send if watched and not yes else None
    progress = send_view.show_progress if watched and not quiet and format is None else None
    passage = Passage(desk)
    full = verbose or format is not None or (watched and not quiet)
    with _mailed_where_it_fails(desk), passage.noted():
        run = _answered(story.send(desk, selection, progress, alone=not watched, passage=passage), asks)
        mailed = digest.is_wanted(desk) and not full
        if not mailed:
            send_view.show_run(run, as_json=format is Format.JSON, full=full, asked=asks is not None)
    code, troubled = run.exit_code, False
    if mailed:
        run, troubled = _mailed(desk, run)
    with suppress(KeyboardInterrupt):  # all is done and shown; what was told is told once more
        troubled = send_view.show_trouble(story.finish(desk, run)) or troubled
    code = code or (EXIT_LOOK if troubled else EXIT_DONE)
    if run.busy is None:  # else the other run does the work, or hangs: this one was none
        passage.end(code, run.counts)
        digest.tell_that_it_ran(desk)
    if asks is not None and progress is not None:
        from relance.cli.review import offer_to_take_away

        offer_to_take_away(desk, run)
    raise Exit(code)


def _mailed(desk: "Desk", run: "Sent") -> "tuple[Sent, bool]":
    """Mail the user what the run has to say, once a day, in the place of printing it; True where that failed.

    Returned is the run with what he was told: what he was not comes back in the next one.
    """
    from relance.display import digest as view
    from relance.runs import digest as story

    due = story.is_due(desk)
    run = story.with_all_that_waits(run) if due else run
    text = view.quiet_text(run)
    if not text:
        return run, False
    if not due:
        if run.mended is None and run.unnoted is None:
            return run._replace(names=()), False
        tell(text)  # said by this run alone
        return run, False
    drafts = len(run.report.drafted) if run.report is not None else 0
    posted = story.write(desk, view.subject(desk.today, text, drafts), view.body(run, text))
    if posted.error is not None and not posted.known:
        say(text)
        complain(view.not_mailed(posted.error))
    return run if posted.sure else run._replace(names=()), posted.error is not None


@contextmanager
def _mailed_where_it_fails(desk: "Desk") -> "Iterator[None]":
    """What stops a run of the schedule is mailed as what it would have said, and printed where that fails too."""
    from relance.runs import digest as story

    try:
        yield
    except RelanceError as error:
        with suppress(RelanceError):  # settings that cannot be read name no address
            if story.is_wanted(desk) and story.is_due(desk):
                from relance.display import digest as view

                if story.write(desk, view.subject(desk.today, error.shown), view.body(None, error.shown)).sure:
                    raise Exit(error.exit_code) from None
        raise


def _doubted(desk: "Desk") -> int:
    """Say why `send` will not go on from this journal; 1 where that is so."""
    if desk.put_back is None:
        return EXIT_DONE
    complain(desk.put_back.shown)
    return EXIT_LOOK


def _answered(run: "Generator[Rehearsed, bool, Sent]", asks: "Callable[[Rehearsed], Answer] | None") -> "Sent":
    """Put the question of this run, where somebody is there to answer it, and see the run to its end.

    Who wants to read the messages first reads them one by one instead.
    """
    from relance.display.question import Answer

    answer = Answer.SEND
    try:
        rehearsed = next(run)
        answer = answer if asks is None else asks(rehearsed)
        run.send(answer is Answer.SEND)
    except StopIteration as end:
        sent: Sent = end.value
    else:
        raise AssertionError("a run asks once")
    if answer is not Answer.READ:
        return sent
    from relance.cli.review import one_by_one

    return one_by_one(sent)


def show(
    target: TargetArgument,
    qr: Annotated[
        bool, Option("--qr", help="N’affiche que le QR code de virement de la facture, pour ce qui reste dû.")
    ] = False,
    call: Annotated[
        bool, Option("--call", help="N’affiche que la fiche d’appel : quoi dire, demander, proposer, noter.")
    ] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Explique une facture ou un client : étape, raison, suite, frais."""
    desk = desk_of(file, config, today)
    if call:
        from relance.runs.show import call as run_call

        say_fitted([run_call(desk, target).rstrip("\n")])
        return
    if qr:
        from relance.display.papers import show_code
        from relance.runs.show import payable

        show_code(payable(desk, target))
        return
    from relance.display.layout import page_width
    from relance.display.show_view import show_lines
    from relance.runs.show import show as run

    terminal.show(show_lines(*run(desk, target), page_width()))


def bank(
    statements: Annotated[
        list[str] | None,
        Argument(
            metavar="[FICHIER...|FACTURE[=MONTANT]...]",
            help="Les relevés, sinon ceux des réglages ; avec --settle, les factures que ce virement paie.",
        ),
    ] = None,
    settle: Annotated[
        str, Option("--settle", metavar="VIREMENT", help="Note ce que ce virement paie, ou --not-ours.")
    ] = "",
    not_ours: Annotated[bool, Option("--not-ours", help="Avec --settle : il ne paie aucune facture.")] = False,
    config: ConfigOption = None,
    today: TodayOption = None,
    format: FormatOption = None,
) -> None:
    """Montre l’argent arrivé en banque et la facture qu’il paie.

    Relevés en CSV ou XLSX (reconnus à leurs en-têtes), OFX, CAMT.053, CFONB 120 ou QIF ; files sous [bank] dit où ils
    sont. Plusieurs se lisent ensemble : ce qui s’y trouve deux fois compte une fois, les jours qui manquent sont dits.
    N’écrit rien sans --settle, qui note votre réponse ; « undo VIREMENT » la retire.
    """
    desk = desk_of(None, config, today)
    if settle or not_ours:
        from relance.cli.facts import answer
        from relance.runs import settle as story

        answer(desk, story.settle(desk, settle, statements or (), not_ours=not_ours))
        return
    from relance.display.bank_view import show_bank
    from relance.runs.bank import bank as run

    banked = run(desk, statements or ())
    show_bank(banked, shown_as(format))
    raise Exit(banked.exit_code)


def check(
    file: FileArgument = None,
    offline: Annotated[bool, Option("--offline", help="Sans se connecter : ni serveur e-mail, ni DNS.")] = False,
    write_columns: Annotated[
        bool, Option("--write-columns", help="N’affiche que les [invoices.columns] à coller dans relance.toml.")
    ] = False,
    named: FileToo = None,
    config: ConfigOption = None,
    today: TodayOption = None,
    verbose: VerboseOption = False,
) -> None:
    """Dit comment tout a été compris, et ce qui manque.

    Réglages, fichier, étapes, modèles, serveur e-mail : tout y passe.
    """
    from relance.display.check_view import check_lines, column_lines
    from relance.display.layout import page_width
    from relance.runs.check import check as run

    desk = desk_of(only_one("check", file, named), config, today)
    if write_columns:
        say_all(column_lines(desk.source))
        return
    report = run(desk, offline=offline)
    terminal.show(check_lines(report, page_width(), verbose=verbose))
    if cured := next((error for error in report.failed.values() if error.again), None):
        raise cured  # its cure is made of the command that was typed
    raise Exit(report.exit_code)


def help(
    subject: Annotated[list[str] | None, Argument(metavar="[SUJET]", help="Une page ; sinon leur liste.")] = None,
) -> None:
    """Montre une page du guide, ou leur liste.

    SUJET est le nom d’une page, ou une commande.
    """
    from relance.display.guide import page_lines
    from relance.runs.guide import page_on

    say_all(page_lines(page_on(" ".join(subject or ()))))
