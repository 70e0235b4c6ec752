"""The text of an SMS that a person sends: one message of the alphabet that every telephone knows (GSM 03.38)."""

import unicodedata
from datetime import date

from relance.core.interest import InterestTerms
from relance.core.invoice import Customer
from relance.core.message import Sender
from relance.core.plan import Line, Reminder
from relance.core.policy import Stage
from relance.errors import MessageError
from relance.french import typeset
from relance.letters.checker import wording
from relance.letters.confined import run
from relance.letters.languages import language_of
from relance.letters.templates import Templates
from relance.letters.views import Background, letter_view, values_of

MOST = 159
"""What one SMS may hold, counted in characters; under 160 as some gateways count one more."""
TEMPLATE = "sms.txt.j2"
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
"""Characters of the alphabet's second page: each counts as two."""
_INSTEAD = {
    "\u00a0": " ",
    "\u202f": " ",
    "’": "'",
    "«": '"',
    "»": '"',
    "œ": "oe",
    "Œ": "OE",
    "–": "-",
    "—": "-",
    "…": "...",
}


def sms_text(
    templates: Templates, customer: Customer, stage: Stage, lines: tuple[Line, ...], sender: Sender, today: date
) -> str:
    """A ready text about these invoices, at most 159 characters of one SMS.

    Where it is too long, the template is asked for its brief form. Raises TemplateError where the template is wrong,
    MessageError where even the brief form is too long.
    """
    language = language_of(customer.language)
    about = Reminder(customer, stage, "sms", lines[0].invoice.currency, lines)
    view = letter_view(about, sender, today, InterestTerms(), Background(), language)
    values = values_of(view)
    for brief in (False, True):
        written = run(templates, TEMPLATE, {**values, "brief": brief}, language)
        wrong = [found.what for found in wording(written.words, view, language) if found.error]
        if wrong:
            raise MessageError(typeset(f"Modèle « {TEMPLATE} » : {wrong[0]}."), "Corrigez ce modèle.")
        text = plain(written.text)
        if size(text) <= MOST:
            return text
    raise MessageError(
        f"Modèle « {TEMPLATE} » : le SMS compte {size(text)} caractères, {MOST} au plus.",
        "Raccourcissez sa forme brève dans vos modèles.",
    )


def plain(text: str) -> str:
    """One line of the alphabet alone: what it lacks is written without its accent, or left out."""
    written = "".join(map(_known, text))
    return " ".join(written.split())


def size(text: str) -> int:
    """How much of an SMS the text takes, in characters."""
    return sum(2 if character in _TWICE else 1 for character in text)


def _known(character: str) -> str:
    if character in _BASIC or character in _TWICE:
        return character
    if character in _INSTEAD:
        return _INSTEAD[character]
    bare = unicodedata.normalize("NFKD", character)
    return "".join(c for c in bare if c in _BASIC) or (" " if character.isspace() else "")
