"""The commands that tell the journal what a person did or decided."""

from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from relance.cli.days import Day, Way, dated, day_on, day_option
from relance.cli.options import (
    Channel,
    ChosenInvoice,
    ChosenTarget,
    ConfigOption,
    FileOption,
    InvoiceArgument,
    NoteOption,
    OnOption,
    TargetArgument,
    TodayOption,
    a_column,
    an_amount,
    an_instalment,
    closed_option,
    confirmable,
    desk_of,
)
from relance.core.facts import Backlog, Cause, HoldReason
from relance.display.terminal import on_terminal, tell
from relance.errors import EXIT_LOOK, Again, UsageError
from relance.runs.amounts import Typed

if TYPE_CHECKING:
    from relance.runs.dossier import Desk


def answer(desk: "Desk", sentence: str) -> None:
    """What was done; where a message about it left meanwhile, that too, to look at."""
    from relance.runs.last_look import too_late

    warnings = [*too_late(desk.leaving, desk.now.tzinfo)] if desk.leaving else []
    tell(*sentence.split("\n"), *warnings)
    if warnings:
        raise Exit(EXIT_LOOK)


def record(
    invoice: InvoiceArgument,
    stage: Annotated[
        str,
        Option(
            "--stage", metavar="ÉTAPE", help="L’étape faite : préventive, amicale, ferme, mise en demeure (ou sa clé)."
        ),
    ],
    channel: Annotated[Channel, closed_option("--channel", Channel, help="Le moyen employé.")],
    on: OnOption = None,
    cause: Annotated[Cause | None, closed_option("--cause", Cause, help="Pourquoi le client est en retard.")] = None,
    tracking: Annotated[str, Option("--tracking", metavar="NUMÉRO", help="Le numéro de suivi de la lettre.")] = "",
    posted: Annotated[Day | None, day_option("--posted", help="La lettre : postée le.")] = None,
    received: Annotated[Day | None, day_option("--received", help="La lettre : reçue le.")] = None,
    note: NoteOption = "",
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Note une relance faite à la main.

    Un brouillon que vous avez envoyé compte alors comme parti, pour toutes ses factures.
    """
    from relance.runs import record as story

    learnt = cause.value if cause is not None else ""
    desk = desk_of(file, config, today)
    done = story.ByHand(
        stage=stage,
        channel=channel.value,
        on=dated(on, desk, Way.PAST),
        note=note,
        cause=learnt,
        tracking=tracking,
        posted=dated(posted, desk, Way.PAST),
        received=dated(received, desk, Way.PAST),
    )
    answer(desk, story.record(desk, invoice, done))


def pay(
    invoice: ChosenInvoice = "",
    amount: Annotated[
        Typed | None, Option("--amount", metavar="MONTANT", parser=an_amount, help="Sinon tout le reste dû.")
    ] = None,
    on: OnOption = None,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Note un règlement absent du fichier.

    Quand le fichier le montrera à son tour, il ne sera pas compté deux fois.
    """
    from relance.runs import choices
    from relance.runs import record as story

    desk = desk_of(file, config, today)
    if not invoice:
        raise choices.to_pay(desk)
    answer(desk, story.pay(desk, invoice, amount, dated(on, desk, Way.PAST)))


def hold(
    target: TargetArgument,
    reason: Annotated[HoldReason, closed_option("--reason", HoldReason, help="Le motif.")],
    until: Annotated[Day | None, day_option("--until", help="Dernier jour, inclus.")] = None,
    instalment: Annotated[
        list[str] | None,
        Option("--instalment", metavar="DATE=MONTANT", help="Une échéance d’un échéancier ; peut se répéter."),
    ] = None,
    on: OnOption = None,
    note: NoteOption = "",
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Suspend les relances d’une facture ou d’un client.

    Dite une seconde fois pour le même motif, une suspension remplace la première.
    """
    from relance.runs import hold as story

    told = [an_instalment(text) for text in instalment or ()]
    desk = desk_of(file, config, today)
    parts = tuple((day_on(day, desk.today, Way.AHEAD), amount) for day, amount in told)
    end, begin = dated(until, desk, Way.AHEAD), dated(on, desk, Way.PAST)
    answer(desk, story.hold(desk, target, reason, end, note, parts, begin))


def release(
    target: ChosenTarget = "", file: FileOption = None, config: ConfigOption = None, today: TodayOption = None
) -> None:
    """Met fin à une suspension faite par « hold ».

    Dit aussi qu’une réponse est traitée, ou qu’une adresse revenue peut resservir.
    """
    from relance.runs import choices
    from relance.runs import hold as story

    desk = desk_of(file, config, today)
    if not target:
        raise choices.to_release(desk)
    answer(desk, story.release(desk, target))


def approve(
    invoice: ChosenInvoice = "",
    stage: Annotated[
        str | None, Option("--stage", metavar="ÉTAPE", help="L’étape, si vous voulez la préciser.")
    ] = None,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Valide l’étape qui attend votre accord."""
    from relance.display.lines import because
    from relance.runs import choices
    from relance.runs import record as story

    desk = desk_of(file, config, today)
    if not invoice:
        raise choices.to_approve(desk)
    approval = story.approve(desk, invoice, stage)
    waiting = [f"Pour l’instant : {because(approval.waiting)}"] if approval.waiting is not None else []
    answer(desk, "\n".join((approval.said, *waiting)))


def confirm(
    what: Annotated[
        str,
        Argument(
            metavar="backlog|columns|file|row|rate|clock|journal|FACTURE",
            help="Ce que vous confirmez : le retard, « columns » (les colonnes), « file » (le fichier), « row » (une "
            "ligne), « rate » (le taux), « clock » (l’horloge), « journal » ou une facture.",
        ),
    ],
    headers: Annotated[
        list[str] | None,
        Argument(
            metavar="[EN-TÊTE|LIGNE]...",
            help="Avec columns : les colonnes à ne pas lire (--ignore). Avec row : une facture, ou un numéro de ligne.",
        ),
    ] = None,
    read_as: Annotated[
        list[str] | None,
        Option("--as", metavar="CHAMP=EN-TÊTE", help="Colonnes : cette colonne est ce champ ; peut se répéter."),
    ] = None,
    as_is: Annotated[bool, Option("--as-is", help="Retard : chacune à l’étape de son retard.")] = False,
    gently: Annotated[bool, Option("--gently", help="Retard : toutes par la relance amicale.")] = False,
    ignore: Annotated[
        bool, Option("--ignore", help="Retard : ne pas les relancer. Colonnes : ne pas lire celles qui suivent.")
    ] = False,
    no: Annotated[bool, Option("--no", help="Taux : il n’y figure pas, c’est celui de la loi qui est dû.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Répond à une question : colonnes, fichier, ligne, facture, taux.

    Aussi : le retard ancien, l’horloge, un journal déplacé.
    """
    from relance.display.question import ask_to_go_on
    from relance.runs import confirm as story

    desk, what = desk_of(file, config, today), confirmable(what)
    if no and what != "rate":
        raise UsageError("--no va avec « confirm rate ».", "Retirez-le.")
    if what == "rate" and not (headers or read_as or as_is or gently or ignore):
        tell(story.confirm_rate(desk, stands=not no))
        return
    if what == "row" and not (read_as or as_is or gently or ignore):
        if len(headers or ()) != 1:
            raise UsageError("De quelle ligne s’agit-il ?", "Donnez sa facture ou son numéro : relance confirm row 12.")
        answer(desk, story.confirm_row(desk, *(headers or ())))
        return
    if what == "columns" and not (as_is or gently):
        if bool(headers) is not ignore:
            raise UsageError("Quelles colonnes ne pas lire ?", 'Donnez chacune ainsi : --ignore "En-tête".')
        answer(desk, story.confirm_columns(desk, dict(map(a_column, read_as or ())), headers or ()))
        return
    if headers or read_as:
        raise UsageError("--as et les en-têtes vont avec « confirm columns ».", "Retirez-les.")
    answers = [answer for answer, given in zip(Backlog, (as_is, gently, ignore), strict=True) if given]
    if len(answers) > 1:
        keep = [Again(line=("confirm", what, f"--{answer}"), about=story.BACKLOG_ANSWERS[answer]) for answer in answers]
        raise UsageError("--as-is, --gently et --ignore s’excluent.", again=keep)
    asks = ask_to_go_on if on_terminal() else None
    answer(desk, story.confirm(desk, what, answers[0] if answers else None, asks))


def allocate(
    credit_note: Annotated[str, Argument(metavar="AVOIR", help="Le numéro de l’avoir.")],
    invoice: InvoiceArgument,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Impute un avoir sur une facture."""
    from relance.runs import record as story

    desk = desk_of(file, config, today)
    answer(desk, story.allocate(desk, credit_note, invoice))


def resolve(
    invoice: ChosenInvoice = "",
    sent: Annotated[bool, Option("--sent", help="Le message est parti.")] = False,
    not_sent: Annotated[bool, Option("--not-sent", help="Il n’est pas parti ; il sera replanifié.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Règle un envoi en doute, refusé ou reporté, ou un brouillon.

    Vaut pour tout le message, quelle que soit celle de ses factures que vous nommez.
    """
    from relance.runs import choices
    from relance.runs import resolve as story

    desk = desk_of(file, config, today)
    if not invoice:
        raise choices.to_resolve(desk)
    if sent is not_sent:
        raise choices.ends_of(desk, invoice)
    answer(desk, story.resolve(desk, invoice, sent))


def undo(
    target: Annotated[
        str,
        Argument(
            metavar="[FACTURE|CLIENT|VIREMENT|LIGNE|backlog|columns|file|rate|clock]",
            help="Une facture, un client, un virement, une ligne ou une réponse, comme vous l’avez dit à « hold » ou "
            "« confirm » ; sans lui, la liste de ceux possibles.",
        ),
    ] = "",
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Annule la dernière chose notée à la main.

    Rien n’est effacé du journal, et un message parti ne se reprend pas.
    """
    from relance.runs import choices
    from relance.runs import undo as story

    desk = desk_of(file, config, today)
    if not target:
        raise choices.to_undo(desk)
    answer(desk, story.undo(desk, confirmable(target)))


def erase(
    customer: Annotated[str, Argument(metavar="CLIENT", help="Son nom entier, son code, son SIRET ou son adresse.")],
    yes: Annotated[bool, Option("--yes", help="N’attend pas de confirmation à l’écran.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Efface ce qui est gardé d’un client.

    Messages, notes, reçus, pièces jointes, sauvegardes et brouillons ; refusé tant que votre fichier lui
    réclame une facture. Ses factures encore dans le fichier restent retenues, s’il devait les rouvrir.
    """
    from relance.display.question import ask_to_erase
    from relance.runs.erase import erase as story
    from relance.runs.erase import wants_a_word

    asks = None if yes else ask_to_erase if on_terminal() else wants_a_word
    tell(*story(desk_of(file, config, today), customer, asks).split("\n"))


def repair(
    without_receipts: Annotated[
        bool, Option("--without-receipts", help="Même si les reçus manquent : à vous de savoir ce qui est parti.")
    ] = False,
    config: ConfigOption = None,
) -> None:
    """Refait un journal perdu ou abîmé.

    À partir de la dernière bonne sauvegarde et des reçus ; l’ancien fichier est gardé à côté.
    """
    from relance.runs import repair as story

    tell(*story.repair(desk_of(None, config, None), without_receipts=without_receipts))
