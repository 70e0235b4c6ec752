"""Stopping reminders and taking them up again: disputes, promises, payment plans, pauses."""

from datetime import date
from decimal import Decimal

from relance.core.answers import HoldReason
from relance.core.calendar import after_term
from relance.core.facts import Held, Instalment, Released
from relance.core.holding import review_day
from relance.core.inbox import waits_for_user
from relance.core.invoice import ZERO, held_target, invoice_key, targets_of
from relance.core.plan import SETTLED, Line
from relance.core.planning import judge
from relance.errors import UsageError
from relance.french import date_fr, eur, plural, typeset
from relance.runs.dossier import Dossier, remembered
from relance.runs.request import Request
from relance.runs.targets import Target, find_target
from relance.runs.telling import Told, dossier_for, past_day, write


def hold(
    request: Request,
    target: str,
    reason: HoldReason,
    until: date | None,
    note: str,
    instalments: tuple[tuple[date, Decimal], ...] = (),
    on: date | None = None,
) -> Told:
    """Stop reminders about an invoice, or about all of a customer, present and later.

    `on` is the day it happened: that of the judgment for an insolvency, from which no interest runs.
    """
    dossier = dossier_for(request)
    found = find_target(target, dossier.invoices)
    if reason is HoldReason.PROMISE and until is None:
        raise UsageError("Une promesse de paiement a une date.", "Ajoutez --until AAAA-MM-JJ.")
    if until is not None and until < dossier.today:
        raise UsageError(typeset(f"La date de fin {date_fr(until)} est passée."), "Donnez une date à venir.")
    held = Held(found.key, reason, past_day(on, dossier), until, note)
    if instalments:
        held = _with_instalments(held, found, tuple(Instalment(*part) for part in sorted(instalments)), dossier)
    write(dossier, held)
    return Told(typeset(f"{found.name} : {_sentence(held, dossier)}"))


def _with_instalments(held: Held, found: Target, parts: tuple[Instalment, ...], dossier: Dossier) -> Held:
    """The payment plan with its instalments, checked against what is outstanding today."""
    if held.reason is not HoldReason.PLAN:
        raise UsageError("--instalment décrit un échéancier.", "Ajoutez --reason plan.")
    if held.until is not None:
        raise UsageError("Un échéancier finit avec sa dernière échéance.", "Retirez --until.")
    history = remembered(dossier)
    lines = [judge(invoice, history, dossier.policy, dossier.today) for invoice in found.invoices]
    owed = [line for line in lines if line.reason not in SETTLED and line.outstanding > 0]
    _check_sum(found, parts, owed)
    if parts[0].due < dossier.today:
        raise UsageError(typeset(f"L’échéance du {date_fr(parts[0].due)} est passée."), "Donnez des dates à venir.")
    if len({part.due for part in parts}) < len(parts):
        raise UsageError("Deux échéances ont la même date.", "Donnez une date par échéance.")
    return held._replace(instalments=parts, covers=tuple(invoice_key(line.invoice) for line in owed))


def _check_sum(found: Target, parts: tuple[Instalment, ...], owed: list[Line]) -> None:
    currencies = {line.invoice.currency for line in owed}
    if len(currencies) > 1:
        raise UsageError(
            typeset(f"{found.name} doit dans plusieurs devises."), "Faites un échéancier par facture, à son numéro."
        )
    outstanding = sum((line.outstanding for line in owed), ZERO)
    agreed = sum((part.amount for part in parts), ZERO)
    if agreed != outstanding or min(part.amount for part in parts) <= 0:
        currency = next(iter(currencies), "EUR")
        raise UsageError(
            typeset(f"{found.name} : le reste dû est de {eur(outstanding, currency)}."),
            typeset(f"Donnez des échéances positives dont la somme le vaut (ici {eur(agreed, currency)})."),
        )


def _sentence(held: Held, dossier: Dossier) -> str:
    day = review_day(held)
    review = f", à revoir le {date_fr(day)}" if day is not None else ""
    if held.reason is HoldReason.DISPUTE:
        return f"litige noté{review} ; les relances ne reprendront qu’avec « relance release »."
    if held.reason is HoldReason.PROMISE and held.until is not None:
        back = date_fr(after_term(held.until, dossier.policy.calendar))
        return f"paiement promis pour le {date_fr(held.until)} ; sans règlement, les relances reprennent le {back}."
    if held.reason is HoldReason.PLAN:
        if not held.instalments:
            return f"échéancier noté{review}, sans échéances à suivre ; --instalment les ferait suivre par relance."
        first = date_fr(held.instalments[0].due)
        return f"échéancier noté, {plural(len(held.instalments), 'échéance')}, la première le {first}."
    return f"relances suspendues jusqu’au {date_fr(held.until)}." if held.until else f"relances suspendues{review}."


def release(request: Request, target: str) -> Told:
    """End what `hold` began; what stands in the file ends in the file."""
    dossier = dossier_for(request)
    found = find_target(target, dossier.invoices)
    history = remembered(dossier)
    targets = targets_of(found.key, found.customer)[: 1 if found.invoice else None]
    held = next((history.holds[target] for target in targets if target in history.holds), ())
    told_of = list(dict.fromkeys(held_target(one.target) for one in held))
    if not told_of and waits_for_user(history.inbox, found.key):
        told_of = [found.key]
    if not told_of:
        raise UsageError(
            typeset(f"{found.name} n’est pas suspendu par « relance hold »."),
            typeset("Ce que dit votre fichier (litige, brouillon…) se change dans le fichier."),
        )
    for name in told_of:
        write(dossier, Released(name, dossier.today))
    return Told(typeset(f"{found.name} : les relances reprennent."))
