"""Made-up messages of every stage and for every kind of reader: what `templates check` tries, and what the tests read."""

from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.charges import charges
from relance.core.invoice import Contact, Customer, Invoice, Kind, Payment, invoice_key, paid_until
from relance.core.plan import Decision, Line, Reason, Reminder
from relance.core.policy import InterestTerms, Stage
from relance.letters.letter import Sender
from relance.letters.viewing import Told

TODAY = date(2026, 12, 14)
SENDER = Sender(
    "Marie Durand",
    "marie@durand.example",
    phone="01 99 00 10 41",
    legal_form="EI",
    siret="98765432100011",
    address="12 rue du Port\n44000 Nantes",
    iban="FR7630004000031234567890143",
    bic="BNPAFRPP",
)
MARTIN = Customer(
    "Atelier Martin SARL",
    siret="12345678900012",
    emails=("compta@martin.example",),
    contact="Claire Dupont",
    civility="Mme",
    address="3 rue des Lilas\n69001 Lyon",
)
"""A business whose accountant is known."""
OUTSIDE = (
    Stage("thanks", 0, "remerciement"),
    Stage("broken_promise", 0, "promesse non tenue"),
    Stage("instalment", 0, "échéance manquée"),
)
"""The messages beside the ladder."""
DAYS_LATE = {"courtesy": -5, "friendly": 5, "firm": 15, "formal_notice": 30, "thanks": 12, "broken_promise": 20}


class Sample(NamedTuple):
    """One made-up message; `name` says what it is about."""

    name: str
    reminder: Reminder
    sender: Sender = SENDER
    terms: InterestTerms = InterestTerms()
    told: Told = Told()


def line(
    number: str = "F-2026-041",
    late: int = 15,
    total: str = "1200.00",
    *,
    customer: Customer = MARTIN,
    payments: tuple[Payment, ...] = (),
    contacts: tuple[Contact, ...] = (),
    today: date = TODAY,
) -> Line:
    """One invoice of thirty days, `late` days overdue, with what its lateness costs a business."""
    due = today - timedelta(days=late)
    invoice = Invoice(
        number,
        customer,
        due,
        Decimal(total),
        due - timedelta(days=30),
        payments=payments,
        contacts=contacts,
    )
    paid = paid_until(invoice, today)
    costs = charges(invoice, InterestTerms(), customer.kind or Kind.BUSINESS, today)
    return Line(
        invoice, invoice_key(invoice), None, late, paid, invoice.total - paid, costs, Decision.REMIND, Reason.DUE
    )


def reminder(stage: Stage, *lines: Line, today: date = TODAY) -> Reminder:
    """A message of this stage, naming charges where planning would: to a business, from firm on."""
    lines = lines or (line(late=DAYS_LATE.get(stage.key, max(stage.day, 1)), today=today),)
    customer = lines[0].invoice.customer
    business = customer.kind in (None, Kind.BUSINESS) and stage.key in ("firm", "formal_notice")
    return Reminder(
        customer,
        stage,
        "email",
        "EUR",
        lines,
        term=today + timedelta(days=stage.term_days) if stage.term_days else None,
        charged=lines if business else (),
    )
