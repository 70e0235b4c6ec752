"""Credit notes that pay nothing yet are mentioned while the tone is still soft."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from lines import with_invoice
from test_letters import MARTIN, TODAY, TOLD, line, reminder

from relance.core.invoice import UNNAMED, Payment
from relance.core.morning import CreditNote
from relance.core.plan import Line
from relance.french import NARROW, NO_BREAK
from relance.letters.render import render
from relance.letters.templates import load_templates

CREDITS = (CreditNote("A-1/2026", "A-1", Decimal("150.00")),)


@pytest.mark.parametrize(("stage", "mentioned"), [("courtesy", True), ("friendly", True), ("firm", False)])
def test_an_open_credit_note_is_mentioned(stage: str, mentioned: bool) -> None:
    """Number and amount, in the courteous and the friendly message alone."""
    about = reminder(stage, line("41", -5 if stage == "courtesy" else 20))._replace(credits=CREDITS)
    text = render(load_templates(), about, TOLD).text
    assert mentioned is ("L’avoir A-1 de 150,00\u00a0€" in text)


@pytest.mark.parametrize(
    ("language", "numbers", "said"),
    [
        ("fr", ("A-1",), "(1 200,00 €, avoir A-1 déduit)"),
        ("fr", ("A-1", "A-2"), "(1 200,00 €, avoirs A-1 et A-2 déduits)"),
        ("fr", (UNNAMED,), "(1 200,00 €, avoir déduit)"),
        ("en", ("A-1",), "(€1,200.00, after credit note A-1)"),
        ("en", ("A-1", "A-2"), "(€1,200.00, after credit notes A-1 and A-2)"),
    ],
)
def test_an_amount_less_its_credit_notes_says_so(language: str, numbers: tuple[str, ...], said: str) -> None:
    """Whoever reads it holds an invoice of another total; in a list of invoices it stands beside each."""
    first = line("41", 5, customer=MARTIN._replace(language=language))
    paying = tuple(Payment(Decimal("100.00"), TODAY - timedelta(days=40), number) for number in numbers)
    total, off = Decimal("1200.00") + 100 * len(numbers), Decimal(100 * len(numbers))
    invoice = first.invoice._replace(total=total, payments=paying)
    about = with_invoice(first, invoice, paid=off, outstanding=Decimal("1200.00"))

    def text(*lines: Line) -> str:
        made = reminder("friendly", *lines)._replace(customer=about.invoice.customer)
        written = render(load_templates(), made, TOLD).text
        return written.replace(NO_BREAK, " ").replace(NARROW, " ")

    assert said in text(about)
    listed = text(about, line("42", 5, customer=about.invoice.customer))
    assert f"2026{said[said.rindex(', avoir') if language == 'fr' else said.rindex(', after') : -1]}" in listed


@pytest.mark.parametrize(
    ("language", "credited", "received", "undated"),
    [
        (
            "fr",
            "- Avoir\u00a0: −\u00a0200,00\u00a0€\n",
            "- Reçu le 2 novembre 2026\u00a0: −\u00a050,00\u00a0€\n",
            "n’est pas connue",
        ),
        ("en", "- Credit note: −\u00a0€200.00\n", "- Received on 2 November 2026: −\u00a0€50.00\n", "is not known"),
    ],
)
@pytest.mark.parametrize("on", [TODAY - timedelta(days=40), None])
def test_a_credit_without_a_number(on: date | None, language: str, credited: str, received: str, undated: str) -> None:
    """It has no number nor day of its own, whenever it counts from; it is not what came on an unknown day."""
    made = reminder("formal_notice", line("41", 30))
    first = made.lines[0]
    paying = (Payment(Decimal("50.00"), TODAY - timedelta(days=40)), Payment(Decimal("200.00"), on, UNNAMED))
    about = with_invoice(
        first,
        first.invoice._replace(total=Decimal("1450.00"), payments=paying),
        paid=Decimal("250.00"),
        outstanding=Decimal("1200.00"),
    )
    there = made._replace(customer=made.customer._replace(language=language), lines=(about,))
    text = render(load_templates(), there, TOLD).text
    assert credited in text
    assert received in text
    assert undated not in text


def test_a_credit_that_pays_is_not_called_money() -> None:
    """The statement names the credit note; what was received is money alone."""
    made = reminder("formal_notice", line("41", 30))
    first = made.lines[0]
    paying = (Payment(Decimal("200.00"), TODAY - timedelta(days=40), "A-1"), Payment(Decimal("50.00"), TODAY))
    about = with_invoice(
        first,
        first.invoice._replace(total=Decimal("1450.00"), payments=paying),
        paid=Decimal("250.00"),
        outstanding=Decimal("1200.00"),
    )
    text = render(load_templates(), made._replace(lines=(about,)), TOLD).text
    assert (
        "- Facture 41\u00a0: 1\u202f450,00\u00a0€\n- Avoir A-1 du 2 novembre 2026\u00a0: −\u00a0200,00\u00a0€" in text
    )
    assert "- Reçu le 12 décembre 2026\u00a0: −\u00a050,00\u00a0€" in text
    assert 1 == text.count("Reçu le")
