"""Taking reminders up again: what `hold` began ends, and what still holds is said."""

from relance.core.facts import Released
from relance.core.inbox import waits_for_user
from relance.core.invoice import held_target, targets_of
from relance.errors import UsageError
from relance.runs.dossier import Desk
from relance.runs.still_held import Holder, holders
from relance.runs.targets import Target, find_target


def release(desk: Desk, target: str) -> str:
    """End what `hold` began; what stands in the file ends in the file."""
    found, history = find_target(target, desk.to_write().invoices), desk.history
    targets = targets_of(found.key, found.customer)[: 1 if found.invoice else None]
    held = next((history.holds[target] for target in targets if target in history.holds), ())
    told_of = list(dict.fromkeys(held_target(one.target) for one in held))
    if not told_of and waits_for_user(history.inbox, found.key):
        told_of = [found.key]
    if not told_of:
        raise _nothing_held(found, desk)
    desk.tell(*(Released(name, desk.today) for name in told_of))
    return f"{found.name} : {_sentence(found, desk)}."


def _nothing_held(found: Target, desk: Desk) -> UsageError:
    """Why there is nothing to release, with the command that ends what holds all of the customer."""
    all_held = [other for other in holders(found, desk) if other.command and not other.key]
    if found.invoice is not None and all_held:
        return UsageError(
            f"{found.name} n’est pas suspendue seule : {found.customer.name} l’est en entier.",
            f"« {all_held[0].command} » reprend les relances de ce client.",
        )
    return UsageError(
        f"« relance hold » n’a rien suspendu pour {found.name}.",
        "Ce que dit votre fichier (litige, brouillon…) se change dans le fichier.",
    )


def _sentence(found: Target, desk: Desk) -> str:
    """What becomes of the reminders, by what still holds."""
    still = list(holders(found, desk))
    if found.invoice is None and not [other for other in still if not other.key]:
        return _of_customer(found, still, desk)
    if not still:
        return "les relances reprennent"
    in_file = [other for other in still if not other.command]
    if len(in_file) == len(still) and in_file[0].key:
        return f"la suspension est levée, mais le fichier dit encore : {in_file[0].words.partition(' ')[0]}"
    return f"la suspension est levée, mais une autre tient encore : {' ; '.join(map(_words, still))}"


def _of_customer(found: Target, still: list[Holder], desk: Desk) -> str:
    if not still:
        return "les relances reprennent"
    lines = (desk.judged(invoice) for invoice in found.invoices)
    owed = {line.key for line in lines if not line.reason.settled}
    named = ", ".join(f"{other.number} ({_ended_by(other)})" for other in still)
    if owed <= {other.key for other in still}:
        return f"la suspension du client est levée, mais chaque facture due reste suspendue : {named}"
    return f"les relances reprennent, sauf pour {named}"


def _words(other: Holder) -> str:
    return f"{other.words} ({other.command})" if other.command else other.words


def _ended_by(other: Holder) -> str:
    """What holds an invoice, with the command that ends it."""
    what = other.words.partition(",")[0]
    return f"{what} : {other.command}" if other.command else what
