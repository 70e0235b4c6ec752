"""Credit notes: one that names its invoice is taken off it; the others stay as they are, for the plan to mention."""

import re
from collections.abc import Mapping
from decimal import Decimal

from relance.core.invoice import ZERO, Invoice, Payment, Status, customer_id, normalised_number
from relance.french import eur
from relance.sources.decoding import Decoded
from relance.sources.rows import Gathered
from relance.sources.values import plain, text_of

_TOKEN = r"[A-Za-z0-9][A-Za-z0-9/_.-]*"
_SETTLED = "sold|lettr|imput|clo[st]|settl|appli|utilis|dedui|compens|used"
_REBATE = r"\bremises?\b|rabais|ristourne|escompte|geste commercial|rebate|discount|goodwill"
_SHORTEST = 3  # of a bare number in a sentence: "2 jours" names no invoice


def allocate_credits(gathered: Gathered) -> list[str]:
    """Takes the credit notes off the invoices that they name; a sentence for each.

    An invoice whose rest the file itself gives is left alone: nobody can tell whether the rest counts the credit note,
    but for an e-invoice: what is left is as it was on the day of its issue, and no later credit note is in it.
    What of a credit note was paid back or used before is not taken off again; where the file says « soldé » without
    saying how, nobody knows whether it is in the invoice, and the invoice is held.
    """
    decoded, invoices = gathered.decoded, gathered.invoices
    issued = decoded.table.as_issued
    notes: list[str] = []
    credit_keys = [key for key, invoice in invoices.items() if invoice.status is Status.CREDIT_NOTE and invoice.total]
    if not credit_keys:
        return notes
    rows = {line: row for row, line in enumerate(decoded.table.lines)}
    owners: dict[str, list[str]] = {}
    for key, invoice in invoices.items():
        dunned = invoice.status in (Status.OPEN, Status.DISPUTED) or rows[invoice.line] in gathered.short
        if dunned and invoice.total > 0:
            owners.setdefault(normalised_number(invoice.number), []).append(key)
    makers: dict[str, list[str]] = {}
    for key in credit_keys:
        credit = invoices[key]
        named = _named(decoded, rows[credit.line], owners, normalised_number(credit.number))
        if len(named) != 1:
            continue
        target = invoices[named[0]]
        if not issued and any(text_of(decoded.cell(rows[target.line], name)) for name in ("outstanding", "credits")):
            continue
        if rows[target.line] in gathered.short:
            makers.setdefault(named[0], []).append(key)
        elif not _rest(credit):
            if re.search(_SETTLED, plain(text_of(decoded.cell(rows[credit.line], "status")))) and _rest(target):
                cure = "remboursé, rangez-le dans paid_dir" if issued else "indiquez le reste dû de cette facture"
                message = f"L’avoir {credit.number} est dit soldé : {cure}."
                invoices[named[0]] = target._replace(status=Status.UNCLEAR, note=message)
                gathered.complain(rows[target.line], "", message)
        elif told := _allocated(credit, target, rebate=_is_rebate(decoded, rows[credit.line])):
            invoices[key], invoices[named[0]], note = told
            notes.append(note)
        elif message := _foreign(credit, target):
            invoices[named[0]] = target._replace(status=Status.UNCLEAR, note=message)
            gathered.complain(rows[target.line], "", message)
    for key, credits in makers.items():
        notes += _made_up(gathered, key, credits, rows)
    return notes


def _is_rebate(decoded: Decoded, row: int) -> bool:
    """True where its texts call a credit note a rebate: it corrects nothing that was billed."""
    texts = (text_of(decoded.cell(row, name)) for name in ("label", "kind", "reference") if name in decoded.fields)
    return any(re.search(_REBATE, plain(text)) for text in texts)


def _made_up(gathered: Gathered, key: str, credits: list[str], rows: Mapping[int, int]) -> list[str]:
    """An invoice that is said to be paid, whose credit notes are exactly what the payments leave: it is paid."""
    invoices = gathered.invoices
    short = gathered.short[rows[invoices[key].line]]
    target = invoices[key]._replace(payments=short.payments, status=Status.OPEN, note="")
    whole = {name: invoices[name]._replace(payments=()) for name in credits}
    if sum((abs(credit.total) for credit in whole.values()), ZERO) != _rest(target):
        return []
    notes = []
    for name, credit in whole.items():
        told = _allocated(credit, target, rebate=_is_rebate(gathered.decoded, rows[credit.line]))
        if told is None:
            return []
        whole[name], target, note = told
        notes.append(note)
    invoices.update(whole)
    invoices[key] = target
    gathered.settled.add(short.problem)
    return notes


def _rest(invoice: Invoice) -> Decimal:
    """What is left of an invoice or credit note, whatever its sign."""
    return abs(invoice.total) - abs(sum((payment.amount for payment in invoice.payments), ZERO))


def _named(decoded: Decoded, row: int, owners: Mapping[str, list[str]], own: str) -> list[str]:
    """The keys of the invoices that a credit note names: in its own column, else in a text."""
    found: dict[str, None] = {}
    for name in ("source_invoice", "reference", "label"):
        text = text_of(decoded.cell(row, name))
        whole = normalised_number(text)
        tokens = [whole] if whole in owners else []
        if name != "source_invoice" or not tokens:
            words = (normalised_number(token.rstrip(".")) for token in re.findall(_TOKEN, text))
            tokens += [word for word in words if len(word) > _SHORTEST or not word.isdigit()]
        for token in tokens:
            if token != own:
                found.update(dict.fromkeys(owners.get(token, ())))
        if found:
            break
    return list(found)


def _foreign(credit: Invoice, target: Invoice) -> str:
    """What is wrong with a credit note that names an invoice in another currency or of another customer."""
    told = f"L’avoir {credit.number} cite cette facture, mais "
    if credit.currency != target.currency:
        told += f"en {credit.currency} : indiquez le reste dû de cette facture, ou corrigez la devise."
        return told
    if customer_id(credit.customer) != customer_id(target.customer):
        return told + f"pour « {credit.customer.name} » : corrigez le client de l’un des deux, ou le numéro cité."
    return ""


def _allocated(credit: Invoice, target: Invoice, *, rebate: bool) -> tuple[Invoice, Invoice, str] | None:
    """Both as they are afterwards, and what is said of them; None where the credit note does not fit the invoice."""
    amount, rest = _rest(credit), _rest(target)
    same = customer_id(credit.customer) == customer_id(target.customer) and credit.currency == target.currency
    if not same or amount > rest:
        return None
    taken = eur(amount, credit.currency)
    note = f"Avoir {credit.number} de {taken} déduit de la facture {target.number}."
    return (
        credit._replace(
            payments=(*credit.payments, Payment(amount if credit.total > 0 else -amount, credit.issue_date)), note=note
        ),
        target._replace(
            payments=(*target.payments, Payment(amount, credit.issue_date, credit.number, rebate=rebate)),
            note=" ".join(filter(None, (target.note, f"Avoir {credit.number} de {taken} déduit."))),
        ),
        note,
    )
