"""What a row says of money and state -> payments and a status; contradictions are shown, never resolved."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from relance.core.invoice import UNNAMED, ZERO, Payment, Status
from relance.french import eur
from relance.sources.values import Unreadable
from relance.sources.words import Meaning, Word

_STATUS = {
    Meaning.DRAFT: Status.DRAFT,
    Meaning.CANCELLED: Status.CANCELLED,
    Meaning.CREDIT_NOTE: Status.CREDIT_NOTE,
    Meaning.REFUNDED: Status.CREDIT_NOTE,
    Meaning.WRITTEN_OFF: Status.WRITTEN_OFF,
    Meaning.FACTORED: Status.FACTORED,
}
_OTHERS = {
    Meaning.DISPUTED: Status.DISPUTED,
    Meaning.EXCLUDED: Status.EXCLUDED,
    Meaning.DIRECT_DEBIT: Status.DIRECT_DEBIT,
}

Amount = Decimal | Unreadable | None
When = date | bool | Unreadable | None


class Evidence(NamedTuple):
    """The cells of one row about money and state, as they were read; None where blank.

    `others` are what other columns of words say, by their field: a second state, yes and no, the title above.
    `paid_date` may be a yes or a no, `paid_flag` is another column of those; `ledger` are the rows of a list of
    payments; `blank_rest` says that the column of what is left is filled on other rows and blank here.
    """

    total: Amount = None
    outstanding: Amount = None
    paid: Amount = None
    credits: Amount = None
    paid_date: When = None
    paid_flag: When = None
    status: Word = None
    kind: Word = None
    dispute: str | None = None
    others: tuple[tuple[str, Word], ...] = ()
    ledger: tuple[Payment, ...] = ()
    blank_rest: bool = False

    @property
    def states(self) -> tuple[Word, ...]:
        """All that is said of the state, the status first."""
        return (self.status, *(word for _, word in self.others))


class Verdict(NamedTuple):
    """Total, payments, status and the words that explain it; `faults` are (field, message).

    `short` are the payments of an invoice that is said to be paid while a rest is left: a credit note may be that rest.
    """

    total: Decimal
    payments: tuple[Payment, ...] = ()
    status: Status = Status.OPEN
    note: str = ""
    faults: tuple[tuple[str, str], ...] = ()
    short: tuple[Payment, ...] | None = None


def judge(evidence: Evidence, currency: str = "EUR") -> Verdict | Unreadable:
    """The verdict on a row, whose sums are in this currency; Unreadable where not even its amount is known."""
    total = _total(evidence)
    if not isinstance(total, Decimal):
        return total
    said = [_STATUS[word] for word in (evidence.kind, *evidence.states) if word in _STATUS]
    for status in said:
        if status is not Status.CREDIT_NOTE:  # a credit note that is a draft or cancelled takes nothing off
            return Verdict(total, _lenient(evidence, total, currency), status)
    if total < 0 or said:
        return Verdict(total, _used(evidence, total), Status.CREDIT_NOTE)
    unreadable = _unreadable(evidence)
    if unreadable:
        return Verdict(total, (), Status.UNCLEAR, unreadable[0][1], unreadable)
    payments = _payments(evidence, total, currency)
    if isinstance(payments, Unreadable):
        short = _short(evidence, total, currency)
        return Verdict(total, (), Status.UNCLEAR, payments.message, (("", payments.message),), short)
    if evidence.dispute:
        return Verdict(total, payments, Status.DISPUTED, evidence.dispute)
    for word in (evidence.kind, *evidence.states):
        if word in _OTHERS:
            return Verdict(total, payments, _OTHERS[word])
    return Verdict(total, payments)


def at_stake(evidence: Evidence) -> Decimal | None:
    """What could be owed on a row that cannot be used: 0 where surely nothing, None where no amount can be read."""
    said = (evidence.kind, *evidence.states)
    if Meaning.OTHER in said or any(word in _STATUS for word in said):
        return ZERO
    verdict = judge(evidence)
    if isinstance(verdict, Verdict) and verdict.status is not Status.UNCLEAR:
        credit = verdict.status is Status.CREDIT_NOTE
        return ZERO if credit else verdict.total - sum((payment.amount for payment in verdict.payments), ZERO)
    if isinstance(evidence.outstanding, Decimal):
        return max(evidence.outstanding, ZERO)
    if not isinstance(evidence.total, Decimal):
        settled = Meaning.UNSAFE not in said and (Meaning.PAID in said or _is_paid(evidence))
        return ZERO if settled else None
    parts = (evidence.paid, evidence.credits, *(payment.amount for payment in evidence.ledger))
    paid = sum((abs(part) for part in parts if isinstance(part, Decimal)), ZERO)
    return evidence.total - paid if ZERO <= paid < evidence.total else max(evidence.total, ZERO)


def _total(evidence: Evidence) -> Decimal | Unreadable:
    """The amount with tax; where the file has none, what is left and what was paid."""
    if evidence.total is not None:
        return evidence.total
    if not isinstance(evidence.outstanding, Decimal):
        return evidence.outstanding or Unreadable("Le montant manque : complétez cette cellule.")
    parts = (evidence.outstanding, evidence.paid, evidence.credits, *(payment.amount for payment in evidence.ledger))
    return sum((part for part in parts if isinstance(part, Decimal)), ZERO)


def _lenient(evidence: Evidence, total: Decimal, currency: str) -> tuple[Payment, ...]:
    """The payments of an invoice that is not dunned anyway; none where the row contradicts itself."""
    payments = () if _unreadable(evidence) else _payments(evidence, total, currency)
    return () if isinstance(payments, Unreadable) else payments


def _used(evidence: Evidence, total: Decimal) -> tuple[Payment, ...]:
    """What of a credit note is no more to be taken off: its own amounts tell, else its state; nothing where neither."""
    whole, used = abs(total), ZERO
    if isinstance(evidence.outstanding, Decimal):
        used = whole - abs(evidence.outstanding)
    elif isinstance(evidence.paid, Decimal) and evidence.paid:
        used = abs(evidence.paid)
    elif {Meaning.PAID, Meaning.REFUNDED} & set(evidence.states) or _is_paid(evidence):
        used = whole
    if not 0 < used <= whole:
        return ()
    day = next((when for when in (evidence.paid_date, evidence.paid_flag) if isinstance(when, date)), None)
    return (Payment(used if total > 0 else -used, day),)


def _is_paid(evidence: Evidence) -> bool:
    """True where a column of days or of yes and no says that it was paid."""
    return any(isinstance(when, date) or when is True for when in (evidence.paid_date, evidence.paid_flag))


def _short(evidence: Evidence, total: Decimal, currency: str) -> tuple[Payment, ...] | None:
    """The payments of an invoice that is said to be paid while some of it is left; None for any other contradiction."""
    received = _received(evidence, total, currency)
    said = Meaning.PAID in evidence.states or True in (evidence.paid_date, evidence.paid_flag)
    if Meaning.UNSAFE in evidence.states or not said or not isinstance(received, Decimal) or not 0 <= received < total:
        return None
    day = next((when for when in (evidence.paid_date, evidence.paid_flag) if isinstance(when, date)), None)
    return _told_apart(evidence, received, day) if evidence.outstanding is None else None


def _unreadable(evidence: Evidence) -> tuple[tuple[str, str], ...]:
    """The cells that hold something nobody could read: none of them means unpaid."""
    if Unreadable not in map(type, (*evidence, *(word for _, word in evidence.others))):
        return ()  # as on nearly every row
    cells = (*zip(Evidence._fields, evidence, strict=True), *evidence.others)
    return tuple((name, cell.message) for name, cell in cells if isinstance(cell, Unreadable))


def _payments(evidence: Evidence, total: Decimal, currency: str) -> tuple[Payment, ...] | Unreadable:
    """What was paid, and when; Unreadable where the row contradicts itself."""
    flags, states = (evidence.paid_date, evidence.paid_flag), evidence.states
    if Meaning.UNSAFE in states:
        return Unreadable("Ce statut ne dit pas si la facture reste due : écrivez « à payer » ou « payée ».")
    day = next((when for when in flags if isinstance(when, date)), None)
    paid = Meaning.PAID in states or True in flags
    received = _received(evidence, total, currency)
    if isinstance(received, Unreadable):
        return received
    if received is None:
        return _by_words(evidence, total, day, paid)
    if received < 0 or received > total:
        parts = " et ".join(_parts(evidence, received, currency))
        told = f"{parts[:1].upper()}{parts[1:]}"
        if " et " not in parts and received > total and not evidence.credits:
            return Unreadable(f"{told} sur {eur(total, currency)} : frais de retard payés, ou erreur ?")
        return Unreadable(f"{told} pour une facture de {eur(total, currency)} : corrigez l’un des deux montants.")
    if paid and received != total:
        return Unreadable(
            f"Dite payée, mais il reste {eur(total - received, currency)} à payer : corrigez le statut ou le montant."
        )
    if (Meaning.PARTIAL in states or day) and received == 0 and total:
        return Unreadable(
            "Dite payée en partie ou datée d’un paiement, mais rien n’est payé : indiquez le montant payé."
        )
    return _told_apart(evidence, received, day)


def _told_apart(evidence: Evidence, received: Decimal, day: date | None) -> tuple[Payment, ...]:
    """Money, then the credit note of the column « Avoirs », which is none; together they are what was `received`.

    The day of the row is the money's. The credit note's own is nowhere: it counts from the same day, as the row says
    only that both had come by then; an earlier one would be a guess that changes the interest.
    """
    credited = abs(evidence.credits) if isinstance(evidence.credits, Decimal) else ZERO
    money = received - credited - sum((payment.amount for payment in evidence.ledger), ZERO)
    told = evidence.ledger
    if money:
        told += (Payment(money, day, from_rest=day is None and evidence.paid is None and not told),)
    return (*told, Payment(credited, day, UNNAMED)) if credited else told


def _by_words(evidence: Evidence, total: Decimal, day: date | None, paid: bool) -> tuple[Payment, ...] | Unreadable:
    """Paid in full or not at all, by a date or a word alone."""
    states, denied = evidence.states, False in (evidence.paid_date, evidence.paid_flag)
    if Meaning.PARTIAL in states:
        return Unreadable("Payée en partie, mais le montant payé manque : indiquez-le.")
    if day or paid:
        if denied:
            return Unreadable("Une colonne la dit payée, une autre non : corrigez l’une des deux.")
        return (Payment(total, day),) if total else ()
    if evidence.blank_rest and not denied and Meaning.OPEN not in states and evidence.total is not None:
        return Unreadable("Le reste à payer manque : complétez cette cellule (0 si tout est payé).")
    return ()


def _received(evidence: Evidence, total: Decimal, currency: str) -> Decimal | Unreadable | None:
    """The amount paid by the cells that hold amounts, None where there are none."""
    listed = sum((payment.amount for payment in evidence.ledger), ZERO) if evidence.ledger else None
    paid = evidence.paid if isinstance(evidence.paid, Decimal) else None
    if paid is not None and listed is not None and paid != listed:
        told, other = eur(paid, currency), eur(listed, currency)
        return Unreadable(f"Payé {told} dans la liste des factures, {other} dans celle des règlements : corrigez.")
    received = listed if paid is None else paid
    if isinstance(evidence.credits, Decimal) and evidence.credits:
        received = (received or ZERO) + abs(evidence.credits)
    if isinstance(evidence.outstanding, Decimal):
        rest = total - evidence.outstanding
        if received is not None and received != rest:
            parts = ", ".join(_parts(evidence, received, currency))
            return Unreadable(
                f"Total {eur(total, currency)}, {parts} et reste {eur(evidence.outstanding, currency)} "
                "ne s’accordent pas : corrigez l’un de ces montants."
            )
        received = rest
    return received


def _parts(evidence: Evidence, received: Decimal, currency: str) -> tuple[str, ...]:
    """What was `received` as its cells name it: money, and the column of credit notes, which is none."""
    credited = abs(evidence.credits) if isinstance(evidence.credits, Decimal) else ZERO
    money = received - credited
    paid = (f"payé {eur(money, currency)}",) if money or not credited else ()
    return (*paid, f"avoirs {eur(credited, currency)}") if credited else paid
