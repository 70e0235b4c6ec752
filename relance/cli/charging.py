"""The calculator's command: what an amount paid late costs."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated

import typer

from relance.cli.options import (
    ConfigOption,
    FormatOption,
    TodayOption,
    a_day,
    an_amount_in_eur,
    day_option,
    desk_of,
    shown_as,
)
from relance.core.interest import Imputation, Rate, read_rate
from relance.core.invoice import UNNAMED, Kind, Payment


def a_rate(text: str) -> Rate:
    """A rate as the settings write it."""
    rate = read_rate(text)
    if rate is None:
        raise typer.BadParameter(f"« {text} » n’est pas un taux, par exemple 14.0, ecb+10, legal*3 ou 0.05/day.")
    return rate


def a_payment(text: str) -> Payment:
    """A day and an amount: 2026-07-01=400 or 01/07/2026=400,00."""
    day, sign, money = text.partition("=")
    if not sign:
        raise typer.BadParameter(f"« {text} » n’est pas une date et un montant, par exemple 2026-07-01=400.")
    return Payment(an_amount_in_eur(money), a_day(day.strip()))


eur_option = partial(typer.Option, metavar="MONTANT", parser=an_amount_in_eur)
dated_option = partial(typer.Option, metavar="DATE=MONTANT", parser=a_payment)


def charges(
    amount: Annotated[Decimal, eur_option("--amount", help="Le montant TTC de la facture.")],
    due: Annotated[date, day_option("--due", help="L’échéance.")],
    as_of: Annotated[date | None, day_option("--as-of", help="Jusqu’à ce jour inclus ; sinon aujourd’hui.")] = None,
    rate: Annotated[
        Rate | None,
        typer.Option(
            "--rate", metavar="TAUX", parser=a_rate, help="14.0, ecb+10, legal*3, 0.05/day ; sinon les réglages."
        ),
    ] = None,
    fee: Annotated[Decimal | None, eur_option("--fee", help="L’indemnité forfaitaire, 40 au plus.")] = None,
    real_costs: Annotated[
        Decimal | None, eur_option("--real-costs", help="Vos frais réels, prouvés, s’ils dépassent 40 €.")
    ] = None,
    customer: Annotated[Kind, typer.Option("--customer", help="La nature du client.")] = Kind.BUSINESS,
    payment: Annotated[list[Payment] | None, dated_option("--payment", help="Un règlement ; peut se répéter.")] = None,
    credit: Annotated[list[Payment] | None, dated_option("--credit", help="Un avoir ; peut se répéter.")] = None,
    imputation: Annotated[
        Imputation | None, typer.Option("--imputation", help="Ce qu’un règlement paie d’abord ; sinon les réglages.")
    ] = None,
    notice: Annotated[date | None, day_option("--notice", help="Le jour de la mise en demeure (particulier).")] = None,
    insolvency: Annotated[date | None, day_option("--insolvency", help="Le jour du jugement d’ouverture.")] = None,
    config: ConfigOption = None,
    today: TodayOption = None,
    format: FormatOption = None,
) -> None:
    """Calcule pénalités et indemnité d’un montant payé en retard, sans fichier.

    Les réglages, s’il y en a, donnent ce que la commande ne dit pas.
    """
    from relance.display.show_view import show_charges
    from relance.runs.charges import Question, charge

    credits = (each._replace(credit=UNNAMED) for each in credit or ())
    asked = Question(
        amount,
        due,
        as_of,
        rate,
        fee,
        real_costs,
        customer,
        (*(payment or ()), *credits),
        imputation,
        notice,
        insolvency,
    )
    show_charges(charge(desk_of(None, config, today), asked), shown_as(format))
