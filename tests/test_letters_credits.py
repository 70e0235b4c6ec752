"""Credit notes that pay nothing yet are mentioned while the tone is still soft."""

from decimal import Decimal

import pytest
from test_letters import DURAND, TERMS, TODAY, line, reminder

from relance.core.comparing import Credit
from relance.letters.render import render
from relance.letters.templates import load_templates

CREDITS = (Credit("A-1/2026", "A-1", Decimal("150.00")),)


@pytest.mark.parametrize(("stage", "mentioned"), [("courtesy", True), ("friendly", True), ("firm", False)])
def test_an_open_credit_note_is_mentioned(stage: str, mentioned: bool) -> None:
    """Number and amount, in the courteous and the friendly message alone."""
    about = reminder(stage, line("41", -5 if stage == "courtesy" else 20))._replace(credits=CREDITS)
    text = render(load_templates(), about, DURAND, TODAY, TERMS).text
    assert mentioned is ("L'avoir A-1 de 150,00\u00a0€" in text)
