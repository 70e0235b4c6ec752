"""The checker: errors stop a message, warnings are told, and a customer may be called what he likes."""

from pathlib import Path

import pytest
from letters_support import CASES, TOLD, TU, one, written

from relance.core.invoice import Kind
from relance.core.message import Letter
from relance.core.plan import Reminder
from relance.errors import MessageError
from relance.letters.render import render
from relance.letters.samples import CONSUMER, MARTIN
from relance.letters.templates import load_templates

pytestmark = pytest.mark.slow

FACTS = "{{ customer.name }} : {{ numbers }}, {{ outstanding | money }}, {{ invoice.due_date }}, par virement."


def letter(
    folder: Path, text: str, reminder: Reminder | None = None, *, facts: str = FACTS, subject: str = "x"
) -> Letter:
    """What the user's own friendly template makes, this text before the facts that every message needs."""
    (folder / "friendly.txt.j2").write_text(f"Objet : {subject}\n\n{text}\n\n{facts}\n", encoding="utf-8")
    return render(load_templates(folder), reminder or one("friendly"), TOLD)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Vous avez encore oublié de payer.", "« encore oublié »"),
        ("C'est inadmissible.", "un reproche, « inadmissible »"),
        ("Ma patience a des limites.", "un reproche"),
        ("Ceci est ma 1re relance.", "« 1re relance » annonce les relances suivantes"),
        ("Deuxième relance.", "annonce les relances suivantes"),
        ("Dernier rappel.", "annonce les relances suivantes"),
        ("Pourriez-vous payer ? Merci à toi.", "« toi » et « vous »"),
        ("Merci de ta réponse ; répondez-moi vite.", "dans un même message"),
        ("Merci de régler avant le 5 janvier 2025.", "un délai déjà passé, « avant le 5 janvier 2025 »"),
        ("Réglez au plus tard le 13/12/2026.", "un délai déjà passé"),
        ("Réglez d'ici au 1er décembre 2026.", "un délai déjà passé"),
        ("Réglez avant le 31 février 2027.", "un délai déjà passé"),
        ("Bonjour [prénom],", "un passage à remplir ou un blanc, « [prénom] »"),
        ("{{ '{{ nom }}' }} {% raw %}{{ nom }}{% endraw %}", "un passage à remplir"),
        ("La facture du , adressée à vous.", "un passage à remplir ou un blanc"),
        ("TODO", "un passage à remplir"),
    ],
)
def test_errors_stop_the_message(tmp_path: Path, text: str, said: str) -> None:
    """The sentence names the file, what is wrong, and that this message does not leave."""
    with pytest.raises(MessageError) as caught:
        letter(tmp_path, text)
    plain = str(caught.value).replace("\u00a0", " ").replace("\u202f", " ")
    assert said in plain
    assert "« friendly.txt.j2 »" in plain
    assert "ne part pas" in plain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Réglez VITE la facture.", "des capitales, « VITE »"),
        ("Merci !", "un point d’exclamation"),
        ('La facture dite "de mars".', "les guillemets sont « »"),
        ("Il reste 1 200 € à payer.", "« 1 200 » : entre les milliers, une espace insécable"),
        ("Il reste 40€ à payer.", "une espace insécable devant €"),
    ],
)
def test_warnings_are_told_and_stop_nothing(tmp_path: Path, text: str, said: str) -> None:
    """The letter is made, and its author is told."""
    [warning] = letter(tmp_path, text).warnings
    assert said in warning.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    "text",
    [
        "Merci de régler avant le 14 décembre 2026.",
        "Votre règlement du 5 janvier 2025 est arrivé.",
        "IBAN et SIRET ne sont pas des cris.",
        "Il reste 1\u202f200,00\u00a0€.",
        "Rendez-vous à 14:30 sur https://exemple.example/a?b ?",
        "Nous avons reçu 400,00 € : merci.",
        "Dites-le. Vous aimez le ton de ce message ?",
    ],
)
def test_what_is_right_is_left_alone(tmp_path: Path, text: str) -> None:
    """Neither error nor warning."""
    assert () == letter(tmp_path, text).warnings


@pytest.mark.parametrize("left_out", ["numbers", "outstanding | money", "invoice.due_date", "virement"])
def test_each_fact_is_needed(tmp_path: Path, left_out: str) -> None:
    """Number, amount, due date, means of payment: without one of them nothing leaves."""
    facts = FACTS.replace("{{ " + left_out + " }}", "x").replace(
        "par virement", "x" if left_out == "virement" else "par virement"
    )
    with pytest.raises(MessageError, match="il manque"):
        letter(tmp_path, "Bonjour,", facts=facts)
    assert letter(tmp_path, "Bonjour,")


def test_a_payment_link_or_the_word_for_a_means_is_enough(tmp_path: Path) -> None:
    """An IBAN is not asked of those who are paid by card."""
    facts = FACTS.replace(", par virement", "")
    link = one("friendly", payment_link="https://payer.example/41")
    with pytest.raises(MessageError, match="le moyen de payer"):
        letter(tmp_path, "Bonjour,", link, facts=facts)
    assert letter(tmp_path, "{{ invoice.payment_link }}", link, facts=facts)
    assert letter(tmp_path, "Un chèque convient.", facts=facts)


@pytest.mark.parametrize(
    "text", ["une indemnité forfaitaire", "40 € de frais", "des pénalités de retard", "article L441-10"]
)
def test_no_charges_are_named_to_who_is_no_business(tmp_path: Path, text: str) -> None:
    """Claiming them from a consumer is an offence (CPCE L111-8); of a customer of unknown kind nobody can tell."""
    unknown = MARTIN._replace(name="Café du Port", siret="")
    for customer in (CONSUMER, unknown):
        with pytest.raises(MessageError, match="le lui réclamer serait une faute"):
            letter(tmp_path, text, one("friendly", customer))
    assert letter(tmp_path, text, one("friendly", unknown._replace(kind=Kind.BUSINESS)))


def test_thanks_ask_for_nothing(tmp_path: Path) -> None:
    """What is paid needs no due date and no means of payment, but the amount that was paid."""
    thanks = one("thanks")
    (tmp_path / "thanks.txt.j2").write_text("Objet : x\n\n{{ customer.name }}, {{ numbers }}\n", encoding="utf-8")
    with pytest.raises(MessageError, match="il manque le montant réglé de la facture F-2026-041"):
        render(load_templates(tmp_path), thanks, TOLD)
    assert "1\u202f200,00" in written(CASES["thanks"]).text


def test_the_data_may_shout(tmp_path: Path) -> None:
    """Tone is looked for in the template's words, not in names."""
    loud = TU._replace(name="VOTRE COMPTA ! {{ x }} [SARL] TODO", contact="")
    assert () == letter(tmp_path, "Merci de ta réponse.", one("friendly", loud)).warnings


def test_all_that_is_wrong_is_said_at_once(tmp_path: Path) -> None:
    """One sentence with every error of this message."""
    with pytest.raises(MessageError) as caught:
        letter(tmp_path, "C'est inadmissible, TODO.", facts="{{ customer.name }}")
    assert caught.value.sentence.count("\u202f;") >= 2
