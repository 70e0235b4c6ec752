"""One reminder and its template make one letter, and the letter says what it has to say."""

import re
from dataclasses import replace

from relance.core.message import Letter
from relance.core.plan import Reminder
from relance.errors import MessageError, TemplateError
from relance.letters.checker import Finding, findings
from relance.letters.confined import run
from relance.letters.languages import Language, language_of
from relance.letters.payment_code import payload_of, png
from relance.letters.templates import Templates, template_name
from relance.letters.typography import tidy
from relance.letters.views import Background, LetterView, letter_view, values_of

_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_CURE = "Ce message ne part pas : corrigez le modèle, ou ce qui manque au fichier des factures."


def render(templates: Templates, reminder: Reminder, told: Background) -> Letter:
    """The letter for one reminder, in its customer's language.

    Raises TemplateError where the template is wrong, MessageError where the checker finds an error in this letter;
    what it only warns of is in the letter's `warnings`.
    """
    return with_values(templates, reminder, told)[0]


def with_values(templates: Templates, reminder: Reminder, told: Background) -> tuple[Letter, LetterView]:
    """The same, with the values that its template was given."""
    letter, view, found = examined(templates, reminder, told)
    name = template_name(reminder.stage)
    errors = [each.what for each in found if each.error]
    if errors:
        raise MessageError(f"Modèle « {name} » : {' ; '.join(errors)}.", _CURE)
    return letter._replace(warnings=tuple(f"Modèle « {name} » : {each.what}." for each in found)), view


def examined(templates: Templates, reminder: Reminder, told: Background) -> tuple[Letter, LetterView, list[Finding]]:
    """The letter, its values and all that the checker finds in it; TemplateError where the template is wrong."""
    name = template_name(reminder.stage)
    wanted = language_of(reminder.customer.language)
    language = templates.language(wanted, name)
    view = letter_view(reminder, told, language)
    asked = payload_of(view) if view.qr else None
    view = replace(view, qr=asked is not None)
    written = run(templates, name, values_of(view), language)
    letter = _split(tidy(written.text), name, language)
    if "\nIBAN" in f"\n{letter.text}" and asked is not None:
        letter = letter._replace(qr=png(asked))  # a template that does not name the account wants no transfer
    found = findings(letter, written.words, view, language, reminder.stage.key)
    if language is not wanted:
        found.append(Finding("il n’existe pas en anglais, ce message est en français", error=False))
    return letter, view, found


def _split(text: str, name: str, language: Language) -> Letter:
    """The subject from the first line of a tidy text, the body from the rest."""
    first = language.subject
    found = re.match(rf"\s*{first.rstrip(' :')}\s*:[^\S\n]*(.*)\n?", text, re.IGNORECASE)
    if found is None or not found[1].strip():
        raise TemplateError(
            f"Modèle « {name} » : la première ligne doit donner l’objet du message.",
            f"Commencez le modèle par « {first} » suivi de l’objet, puis une ligne vide.",
        )
    subject = found[1].strip()
    if _CONTROL.search(subject):
        raise TemplateError(
            f"Modèle « {name} » : l’objet contient un caractère de commande.", "Retapez la première ligne du modèle."
        )
    body = text[found.end() :].strip("\n") + "\n"
    if not body.strip():
        raise TemplateError(
            f"Modèle « {name} » : le message est vide.", f"Écrivez son texte sous la ligne « {first} »."
        )
    return Letter(subject, body, language.code)
