"""What is looked at and handed out: report, calendar, charges, letter, preview, templates copy and check."""

from decimal import Decimal
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

from typer import Argument, Exit, Option

from relance.cli.days import Day, Way, a_day, dated, day_on, day_option
from relance.cli.help import FrenchCommand, FrenchGroup
from relance.cli.options import (
    ConfigOption,
    FileOption,
    FormatOption,
    InvoiceArgument,
    TodayOption,
    an_amount_in_eur,
    bare_typer,
    closed_option,
    desk_of,
    shown_as,
)
from relance.core.interest import Imputation, Rate, read_rate
from relance.core.invoice import UNNAMED, Kind, Payment
from relance.display.terminal import say_exactly, say_fitted, tell
from relance.errors import UsageError


class ReportForm(StrEnum):
    """How the report is written."""

    HTML = "html"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"


def a_rate(text: str) -> Rate:
    """A rate as the settings write it."""
    rate = read_rate(text)
    if rate is None:
        raise UsageError(f"Taux illisible : « {text} ».", "Exemple : 14.0 (ou ecb+10, legal*3, 0.05/day).")
    return rate


class Dated(NamedTuple):
    """An amount in EUR and its day, as they were typed."""

    day: Day
    amount: Decimal


def a_payment(text: str) -> Dated:
    """A day and an amount: 2026-07-01=400 or 01/07/2026=400,00."""
    day, sign, money = text.partition("=")
    if not sign:
        raise UsageError(f"« {text} » n’est pas une date et un montant.", "Exemple : 01/07/2026=400,00.")
    return Dated(a_day(day), an_amount_in_eur(money))


StageOption = Annotated[
    str, Option("--stage", metavar="ÉTAPE", help="Une autre étape : amicale, ferme, mise en demeure… (ou sa clé).")
]
eur_option = partial(Option, metavar="MONTANT", parser=an_amount_in_eur)
dated_option = partial(Option, metavar="DATE=MONTANT", parser=a_payment)


def report(
    out: Annotated[
        Path | None,
        Option("--out", metavar="FICHIER", help="Le fichier à écrire ; sinon, ici, relance-rapport-DATE.html."),
    ] = None,
    open_: Annotated[bool, Option("--open", help="Ouvre la page dans votre navigateur.")] = False,
    format: Annotated[
        ReportForm | None,
        closed_option("--format", ReportForm, help="La forme ; sinon celle que dit le nom du fichier, ou une page."),
    ] = None,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Écrit la page de qui doit quoi, et depuis quand.

    Une page à lire et à imprimer : balance âgée, délais, ce qui arrive après chaque étape, évolution, habitudes. En
    JSON ou en CSV, sans --out, à l’écran ; CSV et XLSX ont une ligne par facture ouverte. N’envoie et ne note rien.
    """
    from relance.display.report import print_report, rendered
    from relance.display.report_lines import report_lines
    from relance.runs.report import form_of, keep, opened, place_of
    from relance.runs.report import report as run

    form = form_of(format.value if format is not None else "", out, shows=open_)
    desk = desk_of(file, config, today)
    reported = run(desk)
    if out is None and form in ("json", "csv"):
        print_report(reported, form)
        raise Exit(reported.exit_code)
    path = keep(place_of(desk, out, form), rendered(reported, form), form)
    say_fitted(report_lines(reported, path))
    if open_ and not opened(path):
        say_fitted(["Aucun navigateur n’a répondu."])
    raise Exit(reported.exit_code)


def calendar(
    out: Annotated[
        Path | None,
        Option("--out", metavar="FICHIER", help="Le fichier .ics ; sinon, ici, relances.ics ; - : à l’écran."),
    ] = None,
    discreet: Annotated[
        bool, Option("--discreet", help="Ni montant ni téléphone, pour un agenda que d’autres voient.")
    ] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Écrit appels, lettres, promesses et échéances pour votre agenda.

    Un fichier .ics : un jour chacun, rappelé à 9 h ; ce qui est fait reste annulé 30 jours. Récrivez le même fichier
    chaque jour : votre agenda, abonné à lui, suit. N’envoie et ne note rien.
    """
    from relance.display.agenda import agenda_lines, ics_of
    from relance.runs.agenda import agenda, check_name

    on_screen = out == Path("-")
    if out is not None and not on_screen:
        check_name(out)
    desk = desk_of(file, config, today)
    noted = agenda(desk)
    text = ics_of(noted, discreet=discreet)
    if on_screen:
        say_exactly(text)
        raise Exit(noted.exit_code)
    from relance.runs.report import keep

    path = keep(out or Path("relances.ics"), text.encode(), "ics")
    say_fitted(agenda_lines(noted, path))
    raise Exit(noted.exit_code)


def charges(
    amount: Annotated[Decimal, eur_option("--amount", help="Le montant TTC de la facture.")],
    due: Annotated[Day, day_option("--due", help="L’échéance.")],
    as_of: Annotated[Day | None, day_option("--as-of", help="Jusqu’à ce jour inclus ; sinon aujourd’hui.")] = None,
    rate: Annotated[
        Rate | None,
        Option("--rate", metavar="TAUX", parser=a_rate, help="14.0, ecb+10, legal*3, 0.05/day ; sinon les réglages."),
    ] = None,
    fee: Annotated[Decimal | None, eur_option("--fee", help="L’indemnité forfaitaire, 40 au plus.")] = None,
    real_costs: Annotated[
        Decimal | None, eur_option("--real-costs", help="Vos frais réels, prouvés, s’ils dépassent 40 €.")
    ] = None,
    customer: Annotated[Kind, closed_option("--customer", Kind, help="La nature du client.")] = Kind.BUSINESS,
    payment: Annotated[list[Dated] | None, dated_option("--payment", help="Un règlement ; peut se répéter.")] = None,
    credit: Annotated[list[Dated] | None, dated_option("--credit", help="Un avoir ; peut se répéter.")] = None,
    imputation: Annotated[
        Imputation | None,
        closed_option("--imputation", Imputation, help="Ce qu’un règlement paie d’abord ; sinon les réglages."),
    ] = None,
    notice: Annotated[Day | None, day_option("--notice", help="Le jour de la mise en demeure (particulier).")] = None,
    insolvency: Annotated[Day | None, day_option("--insolvency", help="Le jour du jugement d’ouverture.")] = None,
    config: ConfigOption = None,
    today: TodayOption = None,
    format: FormatOption = None,
) -> None:
    """Calcule les frais d’un montant payé en retard, sans fichier.

    Pénalités et indemnité, ligne à ligne. Les réglages, s’il y en a, donnent ce que la commande ne dit pas.
    """
    from relance.display.show_view import show_charges
    from relance.runs.charges import Question, charge

    desk = desk_of(None, config, today)
    paid = [(*told, "") for told in payment or ()] + [(*told, UNNAMED) for told in credit or ()]
    asked = Question(
        amount=amount,
        due=day_on(due, desk.today, Way.NEAREST),
        as_of=dated(as_of, desk, Way.NEAREST),
        rate=rate,
        fee=fee,
        real_costs=real_costs,
        kind=customer,
        payments=tuple(Payment(money, day_on(day, desk.today, Way.NEAREST), named) for day, money, named in paid),
        imputation=imputation,
        notice=dated(notice, desk, Way.NEAREST),
        insolvent=dated(insolvency, desk, Way.NEAREST),
    )
    show_charges(charge(desk, asked), shown_as(format))


def letter(
    invoice: InvoiceArgument,
    output: Annotated[
        Path | None,
        Option("--output", "-o", metavar="FICHIER", help="Le PDF à écrire ; sinon, ici, au nom de l’étape."),
    ] = None,
    stage: StageOption = "",
    force: Annotated[bool, Option("--force", help="Écrase le fichier s’il existe.")] = False,
    new: Annotated[bool, Option("--new", help="Une autre lettre que celle déjà partie par e-mail.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Écrit la mise en demeure en PDF, à signer et à poster.

    C’est celle jointe au message déjà parti, s’il y en a un. Ne note rien dans le journal.
    """
    from relance.display.papers import printed_lines
    from relance.runs.letter import print_paper

    printed = print_paper(desk_of(file, config, today), invoice, stage, output, force=force, new=new)
    say_fitted(printed_lines(printed))
    raise Exit(printed.exit_code)


def preview(
    invoice: InvoiceArgument,
    stage: StageOption = "",
    open_: Annotated[bool, Option("--open", help="Ouvre message et lettre dans votre navigateur.")] = False,
    file: FileOption = None,
    config: ConfigOption = None,
    today: TodayOption = None,
) -> None:
    """Montre le message d’une facture, à n’importe quelle étape.

    N’envoie et n’écrit rien.
    """
    from relance.display.papers import opened_lines, preview_lines
    from relance.runs.preview import open_in_browser
    from relance.runs.preview import preview as run

    shown = run(desk_of(file, config, today), invoice, stage)
    say_fitted(preview_lines(shown))
    if open_:
        paths, opened = open_in_browser(shown)
        say_fitted(opened_lines(paths, opened=opened))
    raise Exit(shown.exit_code)


templates = bare_typer(name="templates", help="Copie ou essaie les textes des messages.", cls=FrenchGroup)


@templates.command("copy", cls=FrenchCommand)
def copy_templates(
    folder: Annotated[Path | None, Argument(metavar="[DOSSIER]", help="Où les copier ; sinon « modeles ».")] = None,
    config: ConfigOption = None,
) -> None:
    """Copie les modèles fournis ; n’écrase rien."""
    from relance.runs import templates as story

    tell(*story.copy(desk_of(None, config, None), folder))


@templates.command("check", cls=FrenchCommand)
def check_templates(config: ConfigOption = None) -> None:
    """Essaie chaque modèle et dit ce qui n’irait pas."""
    from relance.display.papers import template_lines
    from relance.runs import templates as story

    checked = story.check(desk_of(None, config, None))
    say_fitted(template_lines(checked))
    raise Exit(checked.exit_code)
