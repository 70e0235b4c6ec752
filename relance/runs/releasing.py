"""Taking reminders up again: what `hold` began ends, and what still holds is said."""

from relance.core.facts import Released
from relance.core.history import History
from relance.core.inbox import waits_for_user
from relance.core.invoice import held_target, targets_of
from relance.core.planning import judge
from relance.errors import UsageError
from relance.runs.dossier import Dossier
from relance.runs.remembering import remembered
from relance.runs.request import Request
from relance.runs.still_held import Holder, holders
from relance.runs.targets import Target, find_target
from relance.runs.telling import dossier_for, write


def release(request: Request, target: str) -> str:
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
        raise _nothing_held(found, dossier, history)
    for name in told_of:
        write(dossier, Released(name, dossier.today))
    return f"{found.name} : {_sentence(found, dossier, remembered(dossier))}."


def _nothing_held(found: Target, dossier: Dossier, history: History) -> UsageError:
    """Why there is nothing to release, with the command that ends what holds all of the customer."""
    all_held = [other for other in holders(found, dossier, history) if other.command and not other.key]
    if found.invoice is not None and all_held:
        return UsageError(
            f"{found.name} n’est pas suspendue seule : {found.customer.name} l’est en entier.",
            f"« {all_held[0].command} » reprend les relances de ce client.",
        )
    return UsageError(
        f"« relance hold » n’a rien suspendu pour {found.name}.",
        "Ce que dit votre fichier (litige, brouillon…) se change dans le fichier.",
    )


def _sentence(found: Target, dossier: Dossier, history: History) -> str:
    """What becomes of the reminders, by what still holds."""
    still = list(holders(found, dossier, history))
    if found.invoice is None and not [other for other in still if not other.key]:
        return _of_customer(found, still, dossier, history)
    if not still:
        return "les relances reprennent"
    in_file = [other for other in still if not other.command]
    if len(in_file) == len(still) and in_file[0].key:
        return f"la suspension est levée, mais le fichier dit encore : {in_file[0].words.partition(' ')[0]}"
    return f"la suspension est levée, mais une autre tient encore : {' ; '.join(map(_words, still))}"


def _of_customer(found: Target, still: list[Holder], dossier: Dossier, history: History) -> str:
    if not still:
        return "les relances reprennent"
    lines = (judge(invoice, history, dossier.policy, dossier.today) for invoice in found.invoices)
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
