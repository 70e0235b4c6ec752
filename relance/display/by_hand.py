"""What a person says on the phone or writes as a text message, ready to use."""

from relance.core.plan import About, Task, outstanding_of
from relance.french import date_fr, eur, listing, short_date, typeset

SMS_LENGTH = 160
"""Characters of one text message."""


def person_text(task: Task) -> str:
    """A call with its number and its first sentence, or a text message of at most 160 characters."""
    return _call(task) if task.kind == "call" else _sms(task)


def _call(task: Task) -> str:
    name, phone = (task.customer.name, task.customer.phone) if task.customer is not None else ("", "")
    first = task.lines[0]
    bills = ("la facture " if len(task.lines) == 1 else "les factures ") + listing(
        [line.invoice.number for line in task.lines]
    )
    owed = eur(outstanding_of(task.lines), first.invoice.currency)
    said = f"appeler {name}{f' au {phone}' if phone else ' (aucun numéro dans le fichier)'}"
    if task.about is About.SILENCE and first.last_contact is not None:
        said += f", sans réponse depuis le message du {date_fr(first.last_contact.on)}"
        opening = f"je voulais m’assurer que mon message au sujet de {bills} vous est bien parvenu. Où en est-elle ?"
        opening = opening if len(task.lines) == 1 else opening.replace("Où en est-elle", "Où en sont-elles")
    else:
        due = f", à régler le {date_fr(first.invoice.due_date)}" if len(task.lines) == 1 else ""
        opening = f"je vous appelle au sujet de {bills} ({owed}{due}). L’avez-vous bien reçue ?"
        opening = opening if len(task.lines) == 1 else opening.replace("L’avez-vous bien reçue", "Les avez-vous reçues")
    return typeset(f"{said} : « Bonjour, {opening} »")


def _sms(task: Task) -> str:
    """The text alone, whatever the length of a number or an amount: what does not fit is left out."""
    line = task.lines[0]
    invoice = line.invoice
    what = f"la facture {invoice.number} de {eur(line.outstanding, invoice.currency)}"
    due = short_date(invoice.due_date)
    for text in (
        f"Bonjour, sauf erreur, {what} (échéance {due}) n’est pas réglée. Pouvez-vous me dire où elle en est ? Merci.",
        f"Bonjour, {what} (échéance {due}) est-elle en cours de règlement ? Merci.",
        f"Bonjour, une facture échue le {due} n’est pas réglée. Pouvez-vous me rappeler ? Merci.",
    ):
        if len(typeset(text)) <= SMS_LENGTH:
            break
    return typeset(text)
