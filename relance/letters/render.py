"""One reminder and its template make one letter, and the letter says what it has to say."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import date

from relance import french
from relance.core.invoice import Contact
from relance.core.plan import Reminder
from relance.core.policy import InterestTerms
from relance.errors import MessageError, TemplateError
from relance.letters.epc import code_of, png
from relance.letters.letter import Letter, Sender
from relance.letters.templates import Templates, run, template_name
from relance.letters.typography import clean, tidy
from relance.letters.viewing import letter_view
from relance.letters.views import InvoiceView, LetterView

_SUBJECT = re.compile(r"\s*Objet\s*:[^\S\n]*(.*)\n?", re.IGNORECASE)
_WIDE_SPACES = {ord(french.NO_BREAK): " ", ord(french.NARROW): " "}


def render(
    templates: Templates,
    reminder: Reminder,
    sender: Sender,
    today: date,
    terms: InterestTerms,
    contacts: Mapping[str, Sequence[Contact]] | None = None,
    attached: Collection[str] = (),
) -> Letter:
    """The letter for one reminder.

    `contacts` holds the earlier contacts by invoice key (without it, those that the line and the file carry);
    `attached` the keys of the invoices whose PDF travels with the message. Raises TemplateError where the
    template is wrong, or where the text lacks a customer's name, a number, an amount or a due date.
    """
    name = template_name(reminder.stage)
    view = letter_view(reminder, sender, today, terms, contacts or {}, attached)
    text = run(templates, name, {field.name: getattr(view, field.name) for field in fields(view)})
    letter = _split(tidy(text), name)
    lacking = missing_facts(letter, view)
    if lacking:
        raise MessageError(
            f"Modèle « {name} » : il manque au texte {french.listing(lacking)}.",
            "Une relance sans ces mentions ne part pas : ajoutez-les au modèle ou au fichier des factures.",
        )
    return letter._replace(qr=_payment_picture(letter, view))


def _payment_picture(letter: Letter, view: LetterView) -> bytes | None:
    """The payment code as a PNG, for a letter that names the account: a template without it wants no transfer."""
    code = code_of(view) if re.search(r"^IBAN", letter.text, re.MULTILINE) else None
    return None if code is None else png(code)


def missing_facts(letter: Letter, view: LetterView) -> list[str]:
    """What the letter fails to say of what every message must say, as French noun phrases."""
    said = f"{letter.subject}\n{letter.text}"
    lacking = []
    if not view.customer.name or clean(view.customer.name) not in clean(said):
        lacking.append("le nom du client")
    for invoice in view.invoices:
        lacking += _missing_about(invoice, said)
    return lacking


def _missing_about(invoice: InvoiceView, said: str) -> list[str]:
    """Numbers and dates count only where they stand alone: 12 is not said by 2026-12, nor 5 mai by 25 mai."""
    plain = said.translate(_WIDE_SPACES)
    if not invoice.number or not re.search(rf"(?<![\w-]){re.escape(invoice.number)}(?!-?\w)", said):
        return [f"le numéro de la facture {invoice.number}".rstrip()]
    lacking = []
    amount = french.amount_fr(invoice.outstanding)
    if not re.search(rf"(?<![\d,{french.NARROW}-]){re.escape(amount)}(?!\d)", said):
        lacking.append(f"le montant dû de la facture {invoice.number}")
    dates = "|".join((re.escape(french.date_fr(invoice.due_date)), re.escape(french.short_date(invoice.due_date))))
    if not re.search(rf"(?<!\d)(?:{dates})(?!\d)", plain):
        lacking.append(f"l'échéance de la facture {invoice.number}")
    return lacking


def _split(text: str, name: str) -> Letter:
    """The subject from the first line, the body from the rest."""
    found = _SUBJECT.match(text)
    if found is None or not found[1].strip():
        raise TemplateError(
            f"Modèle « {name} » : la première ligne doit donner l'objet du message.",
            "Commencez le modèle par « Objet : » suivi de l'objet, puis une ligne vide.",
        )
    subject = found[1].strip()
    if any(ord(char) < 32 or ord(char) == 127 for char in subject):
        raise TemplateError(
            f"Modèle « {name} » : l'objet contient un caractère de commande.", "Retapez la première ligne du modèle."
        )
    body = tidy(text[found.end() :])
    if not body.strip():
        raise TemplateError(f"Modèle « {name} » : le message est vide.", "Écrivez son texte sous la ligne « Objet : ».")
    return Letter(subject, body)
