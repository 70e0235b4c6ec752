"""The statement of account of an evidence folder: each part of the debt, what it rests on, today and at the notice."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.charges import Charges, to_cents
from relance.core.exhibits import Block, Grid, Heading, Leaf, Paragraph
from relance.core.invoice import UNNAMED, ZERO, Invoice, Kind, Payment, payments_until
from relance.core.plan import grouped
from relance.display.evidence_people import parties
from relance.display.statement import FORMULA, statement
from relance.french import date_fr, eur, short_date, typeset

if TYPE_CHECKING:
    from relance.runs.proofs import Claim, Proofs

_AMOUNTS = frozenset({1})
_BASES = {
    Kind.BUSINESS: "Fondement : principal, factures jointes ; pénalités, article L441-10 II du code de commerce ; "
    "indemnité, article D441-5 du même code.",
    Kind.PUBLIC: "Fondement : principal, factures jointes ; intérêts moratoires et indemnité, articles L2192-13, "
    "R2192-31 et D2192-35 du code de la commande publique, payables dans les 45 jours qui suivent le principal "
    "(article R2192-36).",
    Kind.CONSUMER: "Fondement : factures jointes. Client particulier : ni pénalités ni indemnité.",
    None: "Fondement : factures jointes. Ni pénalités ni indemnité ne sont demandées.",
}


def account_leaf(proofs: "Proofs") -> Leaf:
    """The account, invoice by invoice, then in all."""
    blocks: list[Block] = [Paragraph(tuple(parties(proofs)))]
    for claim in proofs.claims:
        blocks += _of_invoice(claim, proofs.today)
    blocks += _totals(proofs)
    if not proofs.abroad:
        blocks.append(Paragraph((typeset(_BASES[proofs.claims[0].line.case.customer.grounds.kind]),)))
    return Leaf(f"Décompte au {date_fr(proofs.today)}", tuple(blocks))


def owed_of(costs: Charges) -> Decimal:
    """What is left of the principal in what is claimed."""
    return costs.claimed - costs.interest - costs.recovery_fee + costs.paid


def invoice_words(invoice: Invoice) -> str:
    """« Facture F-1 du 5 octobre 2026, échue le 5 novembre 2026 »."""
    issued = f" du {date_fr(invoice.issue_date)}" if invoice.issue_date is not None else ""
    return f"Facture {invoice.number}{issued}, échue le {date_fr(invoice.due_date)}"


def _of_invoice(claim: "Claim", today: date) -> Iterator[Block]:
    invoice, currency = claim.line.invoice, claim.line.invoice.currency
    yield Heading(invoice_words(invoice))
    billed = [("Montant facturé, TTC", eur(invoice.total, currency))]
    received = [payment_row(each, currency) for each in payments_until(invoice, today)]
    yield _grid(f"Au {date_fr(today)}", [*billed, *received, *_entries(claim, claim.now)])
    if claim.now.daily:
        yield Paragraph((typeset(f"Chaque jour de plus : {eur(to_cents(claim.now.daily), currency)}"),))
    if claim.noticed is not None and claim.noticed_on is not None:
        day = f"Au {date_fr(claim.noticed_on)}, jour de la mise en demeure"
        yield _grid(day, list(_entries(claim, claim.noticed)))


def payment_row(payment: Payment, currency: str) -> tuple[str, str]:
    """What was received or credited, and its sum, to be taken off."""
    what = "Règlement" if not payment.credit else "Avoir" if payment.credit == UNNAMED else f"Avoir {payment.credit}"
    when = f" du {short_date(payment.on)}" if payment.on is not None else ", date inconnue"
    return f"{what}{when}", eur(-payment.amount, currency)


def _entries(claim: "Claim", costs: Charges) -> Iterator[tuple[str, str]]:
    return statement(costs, claim.line.case.customer.grounds.terms, claim.line.invoice.currency)


def _grid(title: str, rows: Sequence[tuple[str, str]]) -> Grid:
    return Grid((title, "Montant"), tuple(rows), _AMOUNTS, frozenset({len(rows) - 1}))


def _totals(proofs: "Proofs") -> Iterator[Block]:
    """The sums of all invoices in each currency, today and on the day of the notice where all had one that day."""
    for currency, claims in grouped(proofs.claims, lambda claim: claim.line.invoice.currency).items():
        yield Heading("Total" if currency == "EUR" else f"Total en {currency}")
        yield _grid(f"Au {date_fr(proofs.today)}", list(_sums([claim.now for claim in claims], currency)))
        days = {claim.noticed_on for claim in claims}
        noticed = [claim.noticed for claim in claims if claim.noticed is not None]
        if len(days) == 1 and noticed:
            day = next(filter(None, days))
            yield _grid(f"Au {date_fr(day)}, jour de la mise en demeure", list(_sums(noticed, currency)))
        if any(claim.now.interest for claim in claims):
            yield Paragraph((typeset(f"Pénalités : {FORMULA}."),))


def _sums(costs: Iterable[Charges], currency: str) -> Iterator[tuple[str, str]]:
    several = list(costs)
    yield "Principal", eur(sum(map(owed_of, several), ZERO), currency)
    interest, fees = (sum((getattr(each, name) for each in several), ZERO) for name in ("interest", "recovery_fee"))
    if interest:
        yield "Pénalités de retard", eur(interest, currency)
    if fees:
        yield "Frais de recouvrement", eur(fees, currency)
    if apart := sum((each.fee_apart for each in several), ZERO):
        yield "Indemnité en euros, à part", eur(apart)
    if paid := sum((each.paid for each in several), ZERO):
        yield "Reçu sur ces frais", eur(-paid, currency)
    yield "Total dû", eur(sum((each.claimed for each in several), ZERO), currency)
