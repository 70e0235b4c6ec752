"""What the checker says of a text that is hard to read, greets nobody, or claims what it should not."""

from pathlib import Path

import pytest
from letters_support import TOLD, one, three
from test_letters_checker import FACTS, letter

from relance.core.invoice import Contact
from relance.core.plan import Reminder
from relance.errors import MessageError
from relance.letters.render import render
from relance.letters.samples import MARTIN, SENDER, STAGES, TODAY, line, message
from relance.letters.templates import load_templates
from relance.letters.views import Background

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("C'est pour vous rappeler la facture.", "une apostrophe droite, « C'est »"),
        ("L'{{ numbers }} attend.", "une apostrophe droite, « L'… »"),
        (
            "Réglez au plus tard le samedi 19 décembre 2026.",
            "un délai un jour fermé, « au plus tard le samedi 19 décembre",
        ),
        ("Réglez d’ici au 25 décembre.", "un délai un jour fermé, « d’ici au 25 décembre »"),
        ("Réglez avant le 01/01/2027.", "un délai un jour fermé"),
        ("a " * 91, "mots jusqu’à la formule de fin, 90 au plus"),
    ],
)
def test_remarks(tmp_path: Path, text: str, said: str) -> None:
    """Told to the author; the message leaves all the same."""
    [warning] = letter(tmp_path, text).warnings
    assert said in warning.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("greeted", "wrong"),
    [
        ("Bonjour Boulangerie Lune,", True),
        ("Bonjour Monsieur Durand SAS,", True),
        ("Bonjour {{ customer.name }},", True),
        ("Dear Smith Ltd,", True),
        ("Bonjour Madame Boulanger,", False),
        ("Bonjour Monsieur Château,", False),
        ("Bonjour,", False),
        ("Madame, Monsieur,", False),
    ],
)
def test_a_greeting_is_for_people(tmp_path: Path, greeted: str, wrong: bool) -> None:
    """« Bonjour Boulangerie Lune, » shows that a machine writes."""
    found = letter(tmp_path, greeted).warnings
    assert [wrong] * len(found) == ["une société saluée" in warning for warning in found]
    assert bool(found) is wrong


def test_a_term_on_the_due_date_is_given(tmp_path: Path) -> None:
    """An invoice that falls due on a Saturday does so."""
    courtesy = one("courtesy")  # due on Saturday 19 December
    (tmp_path / "courtesy.txt.j2").write_text(
        f"Objet : x\n\nRéglez avant le {{{{ invoice.due_date }}}}.\n\n{FACTS}\n", encoding="utf-8"
    )
    assert () == render(load_templates(tmp_path), courtesy, TOLD).warnings


def test_only_what_is_read_counts(tmp_path: Path) -> None:
    """Neither the signature, nor a value of several words, nor a list of invoices."""
    ending = "Bonne journée,\n\n" + "mot " * 60
    assert () == letter(tmp_path, "a " * 60 + "\n\n" + FACTS + "\n\n" + ending).warnings
    assert () == letter(tmp_path, "a " * 91, three("friendly"), facts=_ALL).warnings
    name = MARTIN._replace(name="Compagnie " * 9)
    assert () == letter(tmp_path, "{{ customer.name }} " * 2, one("friendly", name)).warnings


_ALL = (
    "{{ customer.name }}, par virement : {% for item in invoices %}{{ item.number }} {{ item.outstanding | money }} "
    "{{ item.due_date }} {% endfor %}"
)


def test_a_long_subject_and_a_late_sum(tmp_path: Path) -> None:
    """A telephone shows neither."""
    [subject] = letter(tmp_path, "Bonjour,", subject="x" * 91).warnings
    assert "un objet de 91 caractères, 90 au plus" in subject
    [late] = letter(tmp_path, "x" * 300).warnings
    assert "pas de somme dans les 300 premiers caractères" in late
    long = one("friendly")
    (about,) = long.lines
    number = "FACTURE-2026-" + "0" * 70
    named = about._replace(case=about.case._replace(invoice=about.invoice._replace(number=number)))
    assert () == letter(tmp_path, "Bonjour,", long._replace(lines=(named,)), subject="{{ numbers }}").warnings


def thanks(*contacts: Contact, paid: str = "1200.00") -> Reminder:
    """Thanks for an invoice of 1,200.00 about which this was said."""
    return message(line(STAGES["thanks"], late=20, contacts=contacts, paid=paid))


FIRM = Contact("firm", "email", TODAY.replace(day=5))


@pytest.mark.parametrize(
    ("reminder", "stopped"),
    [
        (thanks(), False),
        (thanks(Contact("friendly", "email", TODAY.replace(day=3))), False),
        (thanks(FIRM), True),
    ],
)
def test_no_receipt_gives_up_what_is_claimed(tmp_path: Path, reminder: Reminder, stopped: bool) -> None:
    """« Soldée » after the principal alone is a receipt for the charges too."""
    text = "Objet : x\n\n{{ customer.name }}, {{ numbers }}, {{ invoice.paid | money }} : cette facture est soldée.\n"
    (tmp_path / "thanks.txt.j2").write_text(text, encoding="utf-8")
    if not stopped:
        assert render(load_templates(tmp_path), reminder, Background(SENDER))
        return
    with pytest.raises(MessageError, match="« soldée », alors que des sommes restent réclamées"):
        render(load_templates(tmp_path), reminder, Background(SENDER))


def test_a_reminder_never_says_soldee(tmp_path: Path) -> None:
    """While the invoice itself is owed."""
    with pytest.raises(MessageError, match="« soldée »"):
        letter(tmp_path, "La facture sera soldée.")
