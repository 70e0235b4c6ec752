"""What has changed since an invoice was seen, told to its customer or confirmed, as the user reads it."""

from datetime import date
from decimal import Decimal

from relance.core.invoice import Invoice
from relance.core.plan import Line
from relance.french import command, eur, listing, short_date

_NAMES = {
    "customer": "le nom du client",
    "emails": "l’adresse e-mail",
    "total": "le montant",
    "due_date": "l’échéance",
}


def changed(line: Line) -> str:
    """What the user has to confirm: the note of a line of the reason `changed` (see core.changes), in words."""
    if line.note.startswith("number:"):
        former = line.note.removeprefix("number:")
        if former == line.invoice.number:
            return "autre année d’émission, tout le reste pareil : la même facture ?"
        return f"nouveau numéro, mais tout comme {former} qui a disparu : renumérotée ?"
    if line.note.startswith("credit:"):
        credit, number = line.note.removeprefix("credit:"), line.name or line.invoice.number
        return (
            f"le fichier montre plus que l’avoir {credit} : y est-il compris ? sinon, refaites l’imputation "
            f"({command('undo', number)}, puis {command('allocate', credit, number)})"
        )
    if line.note == "paid" and line.ended:
        return "moins en est réglé qu’au dernier passage"
    if line.note == "paid":
        return "le fichier montre moins de règlements qu’avant : ancienne version du fichier, ou règlement annulé ?"
    if line.note == "reopened":
        return "vue payée au dernier passage, elle ne l’est plus : son montant a changé"
    if line.note == "returned":
        return "de retour dans le fichier après en avoir disparu"
    facts = [fact.partition("=")[::2] for fact in line.note.split("\n")]
    said = listing([f"{_NAMES[name]} ({_was(name, before, line.invoice)})" for name, before in facts])
    return f"{said} {'a' if len(facts) == 1 else 'ont'} changé depuis la dernière relance"


def _was(name: str, before: str, now: Invoice) -> str:
    """« 1 200,00 € → 1 300,00 € »."""
    match name:
        case "total":
            return f"{eur(Decimal(before), now.currency)} → {eur(now.total, now.currency)}"
        case "due_date":
            return f"{short_date(date.fromisoformat(before))} → {short_date(now.due_date)}"
        case "emails":
            return f"{before or 'aucune'} → {', '.join(now.customer.emails) or 'aucune'}"
        case _:
            return f"{before} → {now.customer.name}"
