"""Stopping reminders and taking them up again: disputes, promises, payment plans, pauses, and what holds today."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from relance.core.calendar import after_term
from relance.core.facts import Held, HoldReason, Instalment, Released
from relance.core.history import NOTHING, former_keys
from relance.core.holds import held_by_file, hold_ends, review_day, running
from relance.core.inbox import waits_for_user
from relance.core.invoice import ZERO, customer_targets, held_target, keyed, targets_of
from relance.core.naming import register, word_for
from relance.core.plan import Line
from relance.core.reasons import Reason
from relance.errors import UsageError
from relance.french import HOLDS, command, date_fr, eur, plural
from relance.runs.amounts import Typed, amount_in
from relance.runs.days import past_day
from relance.runs.dossier import Desk
from relance.runs.lookup import StandingError, Target, find_target

A_YEAR = timedelta(days=366)
FURTHEST = timedelta(days=3653)
"""No hold ends, and no instalment is due, more than ten years ahead: that is a year typed wrong.

Nor is what holds told more than a year after (A_YEAR), but for the judgment of an insolvency: it may be ten years old.
"""


class Holder(NamedTuple):
    """One thing that holds: `words` say what and until when, `command` ends it (empty: the file or the settings do).

    `key` is that of the invoice, empty where it is about all of the customer; `back` is the day on which it ends by
    itself, None where it does not.
    """

    words: str
    key: str = ""
    number: str = ""
    command: str = ""
    back: date | None = None


def holders(found: Target, desk: Desk) -> Iterator[Holder]:
    """All that holds the invoice, or the customer and each of its invoices that is owed; the customer's come first."""
    customer, known = found.customer, register(keyed(desk.invoices))
    calendar, today, holds = desk.policy.calendar, desk.today, desk.history.holds
    about = " de tout le client" if found.invoice else ""
    for target in customer_targets(customer):
        for held, back in running(holds.get(target, ()), calendar, today):
            ending = command("release", word_for(customer, known))
            yield Holder(f"{HOLDS[held.reason]}{about}{_until(held, back)}", command=ending, back=back)
    if customer.excluded:
        yield Holder("client exclu dans vos réglages")
    for line in desk.lines_of(found.invoices):
        key, number = line.key, line.invoice.number
        if found.invoice is None and line.reason.settled:
            continue
        for held, back in running(holds.get(key, ()), calendar, today):
            ending = command("release", line.name or number)
            yield Holder(f"{HOLDS[held.reason]}{_until(held, back)}", key, number, ending, back)
        for stop in held_by_file(line.invoice):
            what = "litige" if stop.reason is Reason.DISPUTED else "prélèvement"
            yield Holder(f"{what} dans le fichier", key, number)


def _until(held: Held, back: date | None) -> str:
    if back is None:
        return ", sans date de fin"
    assert held.until is not None
    return f" {'pour le' if held.reason is HoldReason.PROMISE else 'jusqu’au'} {date_fr(held.until)}"


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
        raise UsageError("Une promesse de paiement a une date.", "Exemple : --until vendredi.")
    if until is not None and until < desk.today:
        raise UsageError(f"La date de fin {date_fr(until)} est passée.", "Donnez une date à venir.")
    _check_reason(reason, until, found, desk)
    for day in (until, *(due for due, _ in instalments)):
        if day is not None and day > desk.today + FURTHEST:
            raise UsageError(f"Le {date_fr(day)} est à plus de dix ans.", "Est-ce la bonne année ?")
    back = FURTHEST if reason is HoldReason.INSOLVENCY else A_YEAR
    held = Held(found.key, reason, past_day(on, desk.today, desk.today - back), until, note)
    if instalments:
        held = _with_instalments(held, found, instalments, desk)
    desk.tell(held)
    return f"{found.name} : {_sentence(held, found, desk)}"


def _check_reason(reason: HoldReason, until: date | None, found: Target, desk: Desk) -> None:
    """UsageError where the reason has no end that could be told, or nothing is owed that it could be about."""
    if reason in _ENDLESS and until is not None:
        raise UsageError(
            f"{_ENDLESS[reason]} ne finit pas à une date : les relances ne reprennent pas seules.",
            "Retirez --until ; « relance release » y mettra fin.",
        )
    owed_alone = found.invoice is not None and reason in _ABOUT_A_DEBT
    closed = _CLOSED.get(desk.lines_of(found.invoices)[0].reason) if owed_alone else None
    if closed is not None:
        raise StandingError(found.name, f"{found.name} {closed} : il n’y a rien à suspendre.")


_ENDLESS = {HoldReason.INSOLVENCY: "Une procédure collective", HoldReason.COLLECTION: "Un recouvrement confié"}
_ABOUT_A_DEBT = (HoldReason.DISPUTE, HoldReason.PROMISE, HoldReason.COLLECTION)
_CLOSED = {
    Reason.PAID: "est réglée",
    Reason.CANCELLED: "est annulée",
    Reason.WRITTEN_OFF: "est passée en perte",
    Reason.CREDIT_NOTE: "est un avoir",
}


def _word(found: Target, desk: Desk) -> str:
    """What names the invoice or the customer in a command."""
    if found.invoice is None:
        return word_for(found.customer, register(keyed(desk.invoices)))
    line = desk.lines_of(found.invoices)[0]
    return line.name or line.invoice.number


def _longer(held: Held, found: Target, desk: Desk) -> list[str]:
    """What else holds the same for longer than this hold, in words."""
    back = hold_ends(held, desk.policy.calendar)
    if back is None:
        return []
    others = [other for other in holders(found, desk) if other.back is None or other.back > back]
    return [f"{each.words} ({each.number})" if each.number and not found.invoice else each.words for each in others]


def _with_instalments(held: Held, found: Target, told: tuple[tuple[date, Typed], ...], desk: Desk) -> Held:
    """The payment plan with its instalments, checked against what is outstanding today."""
    if held.reason is not HoldReason.PLAN:
        raise UsageError("--instalment décrit un échéancier.", "Ajoutez --reason plan.")
    if held.until is not None:
        raise UsageError("Un échéancier finit avec sa dernière échéance.", "Retirez --until.")
    owed, currency = _owed(found, desk)
    parts = tuple(sorted(Instalment(due, amount_in(currency, typed, found.name)) for due, typed in told))
    outstanding = sum((line.outstanding for line in owed), ZERO)
    agreed = sum((part.amount for part in parts), ZERO)
    if agreed != outstanding or min(part.amount for part in parts) <= 0:
        raise UsageError(
            f"{found.name} : les échéances font {eur(agreed, currency)}.",
            f"Il en faut {eur(outstanding, currency)}, chacune positive.",
        )
    _check_days([part.due for part in parts], desk.today)
    return held._replace(instalments=parts, covers=tuple(line.key for line in owed))


def _owed(found: Target, desk: Desk) -> tuple[list[Line], str]:
    """The lines that are owed, and their one currency; UsageError where there are more."""
    owed = [line for line in desk.lines_of(found.invoices) if not line.reason.settled and line.outstanding > 0]
    currencies = {line.invoice.currency for line in owed} or {"EUR"}
    if len(currencies) > 1:
        cure = "Faites un échéancier par facture, à son numéro."
        raise UsageError(f"{found.name} doit dans plusieurs devises.", cure)
    return owed, currencies.pop()


def _check_days(days: list[date], today: date) -> None:
    if days[0] < today:
        raise UsageError(f"L’échéance du {date_fr(days[0])} est passée.", "Donnez des dates à venir.")
    if len(set(days)) < len(days):
        raise UsageError("Deux échéances ont la même date.", "Donnez une date par échéance.")


def _sentence(held: Held, found: Target, desk: Desk) -> str:
    longer = _longer(held, found, desk)
    also = f", mais une autre suspension dure plus longtemps : {', '.join(longer)}" if longer else ""
    day = review_day(held)
    review = f", à revoir le {date_fr(day)}" if day is not None else ""
    if held.reason is HoldReason.DISPUTE:
        return f"litige noté{review}. Une fois réglé → {command('release', _word(found, desk))}"
    if held.reason is HoldReason.COLLECTION:
        return f"recouvrement noté, plus de relance. Rendue par ce tiers → {command('release', _word(found, desk))}"
    if held.reason is HoldReason.PROMISE and held.until is not None:
        back = date_fr(after_term(held.until, desk.policy.calendar))
        return f"paiement promis pour le {date_fr(held.until)}" + (
            f"{also}." if also else f". Sans règlement, les relances reprennent le {back}."
        )
    if held.reason is HoldReason.PLAN:
        if not held.instalments:
            return f"échéancier noté{review}. --instalment DATE=MONTANT ferait suivre chaque échéance."
        first = date_fr(held.instalments[0].due)
        return f"échéancier noté, {plural(len(held.instalments), 'échéance')}, la première le {first}."
    until = f" jusqu’au {date_fr(held.until)}" if held.until else review
    return f"relances suspendues{until}{also}."


def release(desk: Desk, target: str) -> str:
    """End what `hold` began; what stands in the file ends in the file."""
    found, history = find_target(target, desk.to_write().invoices), desk.history
    targets = targets_of(found.key, found.customer)[: 1 if found.invoice else None]
    held = next((history.holds[target] for target in targets if target in history.holds), ())
    told_of = list(dict.fromkeys(held_target(one.target) for one in held))
    if not told_of:
        waiting = [name for name in targets_of(found.key, found.customer) if waits_for_user(history.inbox, name)]
        told_of = waiting if found.invoice is None else [found.key] if waiting else []
    if not told_of:
        if found.invoice is not None and _forget_statuses(found, desk):
            return f"{found.name} : les statuts que plus aucun export ne dit sont oubliés."
        raise _nothing_held(found, desk)
    desk.tell(*(Released(name, desk.today) for name in told_of))
    return f"{found.name} : {_taken_up(found, desk)}."


def _forget_statuses(found: Target, desk: Desk) -> bool:
    """Take back what earlier runs read of an invoice's statuses, where an export has less by now; what it has stays."""
    platform = desk.history.platform
    names = {found.key, *former_keys(desk.history.invoices.get(found.key, NOTHING))}
    if platform is None or not any(each.invoice in names for each in platform.kept):
        return False
    from relance.journal import status_word

    with desk.writing() as journal:
        while journal.take_back(set(map(status_word, names)), desk.today) is not None:
            pass
    return True


def _nothing_held(found: Target, desk: Desk) -> UsageError:
    """Why there is nothing to release, with the command that ends what holds all of the customer."""
    all_held = [other for other in holders(found, desk) if other.command and not other.key]
    if found.invoice is not None and all_held:
        return UsageError(
            f"{found.name} n’est pas suspendue seule : {found.customer.name} l’est en entier.",
            f"« {all_held[0].command} » reprend les relances de ce client.",
        )
    return UsageError(
        f"Rien n’est suspendu pour {found.name}. Un litige noté dans le fichier se retire dans le fichier.",
        f"« {command('show', found.name)} » dit ce qui est en cours.",
    )


def _taken_up(found: Target, desk: Desk) -> str:
    """What becomes of the reminders, by what still holds."""
    still = list(holders(found, desk))
    if not still:
        return "les relances reprennent"
    if found.invoice is None and all(other.key for other in still):
        return _of_customer(found, still, desk)
    in_file = [other for other in still if not other.command]
    if len(in_file) == len(still) and in_file[0].key:
        return f"la suspension est levée, mais le fichier dit encore : {in_file[0].words.partition(' ')[0]}"
    with_command = [f"{other.words} ({other.command})" if other.command else other.words for other in still]
    return f"la suspension est levée, il en reste une autre : {', '.join(with_command)}"


def _of_customer(found: Target, still: list[Holder], desk: Desk) -> str:
    """Nothing holds the customer any more, only invoices of his."""
    owed = {line.key for line in desk.lines_of(found.invoices) if not line.reason.settled}
    named = ", ".join(f"{other.number} ({_ended_by(other)})" for other in still)
    if owed <= {other.key for other in still}:
        return f"la suspension du client est levée, chaque facture due reste suspendue : {named}"
    return f"les relances reprennent, sauf pour {named}"


def _ended_by(other: Holder) -> str:
    """What holds an invoice, with the command that ends it."""
    what = other.words.partition(",")[0]
    return f"{what} : {other.command}" if other.command else what
