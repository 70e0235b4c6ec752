"""The calculator: what an amount paid late costs, with no file."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.cautions import Caution, cautions
from relance.core.charges import Charges, Grounds, charges
from relance.core.history import History
from relance.core.interest import FLAT_FEE, Imputation, InterestTerms, OwnTerms, Rate, agreed
from relance.core.invoice import Customer, Invoice, Kind, Payment
from relance.core.morning import in_force
from relance.errors import UsageError
from relance.french import eur, semester
from relance.runs.dossier import Desk
from relance.runs.noted import told_alone


class Question(NamedTuple):
    """What is asked; None where the settings or the law have the answer. Amounts in EUR."""

    amount: Decimal
    due: date
    as_of: date | None = None
    rate: Rate | None = None
    fee: Decimal | None = None
    real_costs: Decimal | None = None
    kind: Kind = Kind.BUSINESS
    payments: tuple[Payment, ...] = ()
    imputation: Imputation | None = None
    notice: date | None = None
    insolvent: date | None = None


class Charged(NamedTuple):
    """The answer: the debt, the terms that were applied, what it costs, what to know."""

    invoice: Invoice
    as_of: date
    terms: InterestTerms
    costs: Charges
    cautions: tuple[Caution, ...]


def charge(desk: Desk, asked: Question) -> Charged:
    """The charges of one debt; UsageError where a value makes no sense, or no rate of the delay is known."""
    as_of = asked.as_of or desk.today
    _refuse_nonsense(asked)
    said = OwnTerms(asked.rate, asked.fee, asked.imputation, asked.real_costs)
    terms = agreed(said, in_force(desk.policy, _told(desk)).interest)
    customer = Customer("", kind=asked.kind)
    invoice = Invoice("", customer, asked.due, asked.amount, payments=asked.payments)
    costs = charges(invoice, Grounds(as_of, terms, asked.kind, notice=asked.notice, insolvent=asked.insolvent))
    if costs.missing and not costs.segments:
        names = ", ".join(map(semester, costs.missing[:3])) + (", …" if len(costs.missing) > 3 else "")
        raise UsageError(  # the last known rate is never used in its place
            f"relance ne connaît pas le taux de ce semestre : {names}.",
            "Ajoutez-le à relance.toml, sous [charges.rates] : " + f"{costs.missing[0]} = {{ ecb = …, legal = … }}.",
        )
    return Charged(invoice, as_of, terms, costs, cautions(invoice, terms, costs, as_of))


def _told(desk: Desk) -> History:
    """What the user said, whatever his file: a calculation needs none."""
    from relance.journal import read_journal

    journal = read_journal(desk.settings.journal) if desk.settings is not None else None
    if journal is None:
        return History()
    with journal:
        return told_alone(journal.facts(), journal.started, desk.now)


def _refuse_nonsense(asked: Question) -> None:
    if asked.amount <= 0 or any(payment.amount <= 0 for payment in asked.payments):
        raise UsageError(
            "Un montant est supérieur à zéro.", "Donnez le montant TTC de la facture, et ce qui a été reçu."
        )
    if asked.fee is not None and not 0 <= asked.fee <= FLAT_FEE:
        raise UsageError(
            f"L’indemnité forfaitaire est de {eur(FLAT_FEE)} au plus (article D441-5 du code de commerce).",
            "Des frais réels plus élevés, que vous pouvez prouver, se disent avec --real-costs.",
        )
    if asked.real_costs is not None and asked.real_costs < 0:
        raise UsageError("Des frais réels ne sont pas négatifs.", "Donnez un montant avec --real-costs.")
