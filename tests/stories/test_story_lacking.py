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
    assert "Adresse d’Alpha SARL inconnue." in said


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


UNPAYABLE = 'Dire où vous payer : 1 facture à relancer, aucun IBAN → iban = "…" sous [sender]'
NO_IBAN = '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\n{}[invoices]\nfile = "factures.csv"\n{}'


@pytest.mark.parametrize(
    ("cure", "rest"),
    [('iban = "FR76 3000 6000 0112 3456 7890 189"\n', ""), ("", "[messages]\ncheque = true\n")],
)
def test_no_iban_is_one_task(here: Story, cure: str, rest: str) -> None:
    """Every message asks to be paid: how? Plan and check say it, until the settings do; a cheque is a way too."""
    (here.folder / "relance.toml").write_text(NO_IBAN.format("", ""), "utf-8")
    assert 1 == here.run("plan", today=DAY).out.replace("\u00a0", " ").count(UNPAYABLE)
    task = next(
        task for task in here.run("plan", "--format", "json", today=DAY).json["tasks"] if "IBAN" in task["text"]
    )
    assert ("review", ["F-1"]) == (task["kind"], task["invoices"])
    checked = here.run("check", "--offline", today=DAY).out
    assert 'Vos messages demandent un virement sans dire où → iban = "…" sous [sender]' in checked
    (here.folder / "relance.toml").write_text(NO_IBAN.format(cure, rest), "utf-8")
    for command in (("plan",), ("check", "--offline")):
        assert "→ iban" not in here.run(*command, today=DAY).out


def test_a_link_is_a_way_to_pay(here: Story) -> None:
    """An invoice that carries its own asks for no account."""
    (here.folder / "relance.toml").write_text(NO_IBAN.format("", ""), "utf-8")
    head, line = here.invoices.read_text("utf-8").strip().split("\n")
    here.invoices.write_text(f"{head};Lien de paiement\n{line};https://payer.example/f1\n", "utf-8")
    assert "IBAN" not in here.run("plan", today=DAY).out


def test_customers_abroad_and_without_address(here: Story) -> None:
    """Law, currency, VAT and language are the user's to look at; a notice is posted somewhere."""
    head, line = here.invoices.read_text("utf-8").strip().split("\n")
    here.invoices.write_text(f"{head};N° TVA;Pays\n{line};DE123456789;Allemagne\n", "utf-8")
    said = here.run("check", "--offline", today=DAY).out.replace("\u00a0", " ")
    assert "  Alpha SARL. Aucun article de loi français ne leur est cité." in said
    assert "À vérifier avec eux : la loi de votre contrat, la devise, la TVA, la langue (language)" in said
    assert "Sans adresse postale : 1 client (Alpha SARL), or une mise en demeure se poste" in said
    here.invoices.write_text(f"{head};Adresse\n{line};3 rue des Lilas 69001 Lyon\n", "utf-8")
    cured = here.run("check", "--offline", today=DAY).out
    assert not any(word in cured for word in ("Étranger", "Sans adresse postale"))
