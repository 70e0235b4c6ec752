"""Stopping reminders: disputes, promises, payment plans, pauses."""

from datetime import date, timedelta

from relance.core.answers import HoldReason
from relance.core.calendar import after_term
from relance.core.facts import Held, Instalment
from relance.core.holding import hold_ends, review_day
from relance.core.invoice import ZERO, invoice_key
from relance.core.plan import Line
from relance.core.reasons import Reason
from relance.errors import UsageError
from relance.french import date_fr, eur, plural
from relance.runs.amounts import Typed, amount_in
from relance.runs.dossier import Desk, past_day
from relance.runs.still_held import Holder, holders
from relance.runs.targets import StandingError, Target, find_target

A_YEAR = timedelta(days=366)
FURTHEST = timedelta(days=3653)
"""No hold ends, and no instalment is due, more than ten years ahead: that is a year typed wrong.

Nor is what holds told more than a year after (A_YEAR), but for the judgment of an insolvency: it may be ten years old.
"""


def hold(
    desk: Desk,
    target: str,
    reason: HoldReason,
    until: date | None,
    note: str,
    instalments: tuple[tuple[date, Typed], ...] = (),
    on: date | None = None,
) -> str:
    """Stop reminders about an invoice, or about all of a customer, present and later.

    `on` is the day it happened: that of the judgment for an insolvency, from which no interest runs.
    """
    found = find_target(target, desk.to_write().invoices)
    if reason is HoldReason.PROMISE and until is None:
        raise UsageError("Une promesse de paiement a une date.", "Ajoutez --until AAAA-MM-JJ.")
    if until is not None and until < desk.today:
        raise UsageError(f"La date de fin {date_fr(until)} est passée.", "Donnez une date à venir.")
    _check_reason(reason, until, found, desk)
    for day in (until, *(part[0] for part in instalments)):
        _check_year(day, desk)
    back = FURTHEST if reason is HoldReason.INSOLVENCY else A_YEAR
    held = Held(found.key, reason, past_day(on, desk.today, desk.today - back), until, note)
    if instalments:
        held = _with_instalments(held, found, instalments, desk)
    desk.tell(held)
    return f"{found.name} : {_sentence(held, _longer(held, found, desk), desk)}"


def _check_reason(reason: HoldReason, until: date | None, found: Target, desk: Desk) -> None:
    """UsageError where the reason has no end that could be told, or nothing is owed that it could be about."""
    if reason is HoldReason.INSOLVENCY and until is not None:
        raise UsageError(
            "Une procédure collective ne finit pas à une date : les relances ne reprennent pas seules.",
            "Retirez --until ; « relance release » y mettra fin.",
        )
    if found.invoice is None or reason not in (HoldReason.DISPUTE, HoldReason.PROMISE):
        return
    line = desk.judged(found.invoice)
    if line.reason in _CLOSED:
        raise StandingError(found.name, f"{found.name} {_CLOSED[line.reason]} : il n’y a rien à suspendre.")


_CLOSED = {
    Reason.PAID: "est réglée",
    Reason.CANCELLED: "est annulée",
    Reason.WRITTEN_OFF: "est passée en perte",
    Reason.CREDIT_NOTE: "est un avoir",
}


def _check_year(day: date | None, desk: Desk) -> None:
    if day is not None and day > desk.today + FURTHEST:
        raise UsageError(f"Le {date_fr(day)} est à plus de dix ans.", "Est-ce la bonne année ?")


def _longer(held: Held, found: Target, desk: Desk) -> list[str]:
    """What else holds the same for longer than this hold, in words."""
    back = hold_ends(held, desk.policy.calendar)
    if back is None:
        return []
    others = holders(found, desk)
    return [_words(other, found) for other in others if other.back is None or other.back > back]


def _words(other: Holder, found: Target) -> str:
    return other.words if found.invoice or not other.number else f"{other.words} ({other.number})"


def _with_instalments(held: Held, found: Target, told: tuple[tuple[date, Typed], ...], desk: Desk) -> Held:
    """The payment plan with its instalments, checked against what is outstanding today."""
    if held.reason is not HoldReason.PLAN:
        raise UsageError("--instalment décrit un échéancier.", "Ajoutez --reason plan.")
    if held.until is not None:
        raise UsageError("Un échéancier finit avec sa dernière échéance.", "Retirez --until.")
    lines = [desk.judged(invoice) for invoice in found.invoices]
    owed = [line for line in lines if not line.reason.settled and line.outstanding > 0]
    currency = _currency(found, owed)
    parts = tuple(sorted(Instalment(due, amount_in(currency, typed, found.name)) for due, typed in told))
    _check_sum(found, parts, owed, currency)
    if parts[0].due < desk.today:
        raise UsageError(f"L’échéance du {date_fr(parts[0].due)} est passée.", "Donnez des dates à venir.")
    if len({part.due for part in parts}) < len(parts):
        raise UsageError("Deux échéances ont la même date.", "Donnez une date par échéance.")
    return held._replace(instalments=parts, covers=tuple(invoice_key(line.invoice) for line in owed))


def _currency(found: Target, owed: list[Line]) -> str:
    """The one currency of what is owed; UsageError where there are more."""
    currencies = {line.invoice.currency for line in owed}
    if len(currencies) > 1:
        raise UsageError(
            f"{found.name} doit dans plusieurs devises.", "Faites un échéancier par facture, à son numéro."
        )
    return next(iter(currencies), "EUR")


def _check_sum(found: Target, parts: tuple[Instalment, ...], owed: list[Line], currency: str) -> None:
    outstanding = sum((line.outstanding for line in owed), ZERO)
    agreed = sum((part.amount for part in parts), ZERO)
    if agreed != outstanding or min(part.amount for part in parts) <= 0:
        raise UsageError(
            f"{found.name} : le reste dû est de {eur(outstanding, currency)}.",
            f"Donnez des échéances positives dont la somme le vaut (ici {eur(agreed, currency)}).",
        )


def _sentence(held: Held, longer: list[str], desk: Desk) -> str:
    also = f" ; mais une autre suspension tient encore : {' ; '.join(longer)}" if longer else ""
    day = review_day(held)
    review = f", à revoir le {date_fr(day)}" if day is not None else ""
    if held.reason is HoldReason.DISPUTE:
        return f"litige noté{review} ; les relances ne reprendront qu’avec « relance release »."
    if held.reason is HoldReason.PROMISE and held.until is not None:
        back = date_fr(after_term(held.until, desk.policy.calendar))
        return f"paiement promis pour le {date_fr(held.until)}" + (
            f"{also}." if also else f" ; sans règlement, les relances reprennent le {back}."
        )
    if held.reason is HoldReason.PLAN:
        if not held.instalments:
            return f"échéancier noté{review}, sans échéances à suivre ; --instalment les ferait suivre par relance."
        first = date_fr(held.instalments[0].due)
        return f"échéancier noté, {plural(len(held.instalments), 'échéance')}, la première le {first}."
    until = f" jusqu’au {date_fr(held.until)}" if held.until else review
    return f"relances suspendues{until}{also}."
