"""What a letter lacks is said before it is posted: by check, approve and letter; and no fee of nothing is named."""

from pathlib import Path

import pytest
from story_support import Story, row, story

DAY = "2026-12-07"
LACKS = "Il manque à la lettre, sous [sender]\u00a0: votre adresse (address), votre SIRET (siret)"
WHOLE = """[sender]
name = "Camille Martin"
email = "camille@martin.example"
address = "1 rue Basse\\n49000 Angers"
siret = "73282932000074"
legal_form = "EI"
[invoices]
file = "factures.csv"
[delivery]
transport = "folder"
"""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A notice that waits for the user's word."""
    made = story(tmp_path)
    made.write(row("F-1", "Alpha SARL", "05/11/2026"))
    made.settings(rest='[delivery]\ntransport = "folder"\n')
    made.run("send", today="2026-11-01")
    made.run("confirm", "rate", today="2026-11-01")
    made.run("record", "F-1", "--stage", "firm", "--channel", "email", today="2026-11-20")
    return made


@pytest.mark.slow
def test_check_and_letter_say_it(here: Story) -> None:
    """With the keys of the settings; once they are there, nothing is said."""
    for command in (("check", "--offline"), ("letter", "F-1", "--force")):
        assert LACKS in here.run(*command, today=DAY).out
    (here.folder / "relance.toml").write_text(WHOLE, "utf-8")
    for command in (("check", "--offline"), ("letter", "F-1", "--force")):
        assert "Il manque" not in here.run(*command, today=DAY).out


def test_approve_says_it(here: Story) -> None:
    """The customer's address too."""
    said = here.run("approve", "F-1", today=DAY).out
    assert LACKS in said
    assert "Adresse de Alpha SARL inconnue." in said


@pytest.mark.slow
def test_a_letter_about_little_says_so(here: Story) -> None:
    """The program would not remind of it."""
    here.write(row("F-1", "Alpha SARL", "05/11/2026", total="4,00"))
    said = here.run("letter", "F-1", today=DAY).out
    assert "Le reste dû (4,00\u00a0€) est sous votre minimum (5,00\u00a0€" in said


def test_no_fee_of_nothing_is_named(here: Story) -> None:
    """The 40 EUR stand apart from another currency, and are shown."""
    text = here.invoices.read_text("utf-8").replace("Montant TTC", "Montant TTC (USD)")
    here.invoices.write_text(text, "utf-8")
    said = here.run("plan", today=DAY).out.replace("\u00a0", " ").replace("\u202f", " ")
    assert "0,00 USD d’indemnités" not in said
    assert "40,00 € d’indemnités à part" in said
