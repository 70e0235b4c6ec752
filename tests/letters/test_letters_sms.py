"""The text message: short, in the alphabet of telephones, for the right person."""

import re

import pytest
from letters_support import ENGLISH, POOR, SERVICE, TU

from relance.core.invoice import Customer
from relance.core.message import Sender
from relance.errors import MessageError
from relance.letters.by_hand import MOST, plain, size, sms_text
from relance.letters.samples import MARTIN, SENDER, STAGES, line
from relance.letters.templates import load_templates

TEMPLATES = load_templates()
LONG = "Société coopérative des artisans graphistes de Bretagne"


def text(customer: Customer = MARTIN, sender: Sender = SENDER, stage: str = "firm", *numbers: str) -> str:
    """What a person would send about these invoices."""
    numbers = numbers or ("F-2026-041",)
    lines = tuple(line(STAGES[stage], number, customer=customer) for number in numbers)
    return sms_text(TEMPLATES, customer, STAGES[stage], lines, sender)


@pytest.mark.parametrize("customer", [MARTIN, TU, ENGLISH])
@pytest.mark.parametrize("sender", [SENDER, SERVICE, POOR, SENDER._replace(name=LONG)])
@pytest.mark.parametrize("stage", ["courtesy", "friendly", "firm"])
@pytest.mark.parametrize("numbers", [("F-2026-041",), ("F-1", "F-2", "F-3"), ("FACTURE-2026-11-000000041",)])
def test_under_160_characters(customer: Customer, sender: Sender, stage: str, numbers: tuple[str, ...]) -> None:
    """Whatever the names; who writes and how much is always said, on one line."""
    said = text(customer, sender, stage, *numbers)
    assert size(said) < 160
    assert plain(sender.name) in said
    assert re.search(r"1 200,00|3 600,00|1,200\.00|3,600\.00", said)
    assert re.search(r"29/11|09/12|19/12|29 Nov|9 Dec|19 Dec", said), "the due date, always"
    assert len(numbers) > 1 or numbers[0] in said
    assert "\n" not in said
    assert said == plain(said)


def test_the_ordinary_text() -> None:
    """Word for word."""
    assert (
        "Bonjour, Marie Durand. La facture F-2026-041 (1 200,00 €, échue le 29/11) est-elle bien prévue au paiement ?"
        " Merci"
    ) == text()
    assert "est à régler le 19/12. As-tu tout ce qu'il te faut ?" in text(TU, SERVICE, "courtesy")


def test_the_alphabet_of_telephones() -> None:
    """One letter outside it would cut the message to 70 characters: it is written without its accent."""
    written = "François a dit «\u00a0Noël\u00a0» l’été : 1\u202f200,50\u00a0€"
    assert 'Francois a dit " Noel " l\'été : 1 200,50 €' == plain(written)
    assert 12 == size("1234567890€")
    assert "" == plain("中文\u202e")


def test_what_cannot_be_short_is_refused() -> None:
    """Never a text that would be cut."""
    with pytest.raises(MessageError, match=rf"{MOST} au plus"):
        text(sender=SENDER._replace(name="x" * 200))
