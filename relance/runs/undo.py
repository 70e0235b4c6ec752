"""Taking back what was said by mistake."""

from relance.core.facts import Allocated, Approved, Confirmed, Held, Paid, RateConfirmed, Released, Reminded, UserFact
from relance.core.history import NOTHING, Past, former_keys
from relance.core.invoice import customer_id, held_target, keyed, targets_of
from relance.core.plan import Line
from relance.core.policy import OUTSIDE
from relance.core.seen import former_names, without
from relance.errors import UsageError
from relance.french import CHANNELS, HOLDS, RATE_STANDS, at_rate, command, date_fr, eur
from relance.journal import RATE, Journal, Reopened, State
from relance.runs.dossier import Desk
from relance.runs.lookup import Target, find_target
from relance.runs.record import same_letter

_REOPENED = {
    State.IN_DOUBT: "en doute",
    State.DRAFT: "un brouillon",
    State.REFUSED: "refusé",
    State.DEFERRED: "remis à plus tard",
}


def undo(desk: Desk, target: str) -> str:
    """Take back the last thing that was said of an invoice, of all of a customer, or of the rate (RATE)."""
    if target == RATE:
        return _undo_rate(desk)
    found, history = find_target(target, desk.to_write().invoices), desk.history
    (before, *_) = desk.lines_of(found.invoices)
    past = before.case.past if found.invoice else NOTHING
    names = targets_of(found.key, found.customer)[: 1 if found.invoice else None]
    if found.invoice is None:
        seen = ((history.seen[key], invoice) for key, invoice in keyed(found.invoices) if key in history.seen)
        known = ((each, customer_id(invoice.customer)) for each, invoice in seen)
        names += tuple(held_target(was) for each, now in known for was in former_names(each, now, history))
    with desk.writing() as journal:
        taken = journal.take_back({*names, *former_keys(past)}, desk.today)
        if taken is None:
            raise _nothing_said(found, desk, journal)
        if found.invoice is not None and found.key in history.seen:
            desk.forget()
            (after,) = desk.lines_of(found.invoices)
            journal.remember([without(history.seen[found.key], before.paid, after.paid)], desk.today)
    return f"{found.name} : c’est annulé ({_sentence(taken, past, before)})."


def _undo_rate(desk: Desk) -> str:
    """Take back the last word about the agreed rate: it is asked again."""
    with desk.writing() as journal:
        taken = journal.take_back({RATE}, desk.today)
    if not isinstance(taken, RateConfirmed):
        raise UsageError("Rien n’a été dit du taux.", f"« {RATE_STANDS} » dit qu’il est dans vos conditions.")
    said = at_rate(taken.rate.basis.value, taken.rate.value).removeprefix("au ")
    return f"C’est annulé : ce que vous aviez dit du {said}, le {date_fr(taken.on)}."


def _nothing_said(found: Target, desk: Desk, journal: Journal) -> UsageError:
    """That there is nothing to take back; of a customer, what was said of its invoices is named."""
    nothing = f"Rien n’a été noté à la main sur {found.name}"
    if found.invoice is None:
        lines = [(line, {line.key, *former_keys(line.case.past)}) for line in desk.lines_of(found.invoices)]
        said = journal.spoken_of(set().union(*(names for _, names in lines)))
        spoken = [line.name or line.invoice.number for line, names in lines if not said.isdisjoint(names)]
        if spoken:
            return UsageError(
                f"{nothing} en entier, mais sur {', '.join(spoken)}.",
                f"« {command('undo', spoken[0])} » annule la dernière chose notée sur cette facture.",
            )
    return UsageError(
        f"{nothing}.",
        "Un message parti ne se reprend pas. Ce que dit votre fichier se change dans le fichier.",
    )


def _sentence(taken: UserFact | Reopened, past: Past, line: Line) -> str:
    """What was taken back of this line, or of its customer, in a few words.

    Its day is its own; of what was told later of a letter, the day of that letter, by what was known before (`past`).
    """
    on = date_fr(same_letter(taken.contact, past).on if isinstance(taken, Reminded) else taken.on)
    labels = {stage.key: stage.label for stage in (*line.case.schedule.stages, *OUTSIDE)}
    match taken:
        case Reminded(contact=contact):
            draft = ", le message est de nouveau un brouillon pour toutes ses factures" if contact.message_id else ""
            return f"{labels.get(contact.stage, contact.stage)} ({CHANNELS[contact.channel]}) du {on}{draft}"
        case Reopened():
            said = "parti" if taken.said is State.SENT else "pas parti"
            numbers = ", ".join(taken.numbers)
            return f"message de {numbers} noté comme {said} le {on}, de nouveau {_REOPENED[taken.state]}"
        case Paid():
            return f"règlement de {eur(taken.amount, line.invoice.currency)} du {on}"
        case Held():
            return f"{HOLDS[taken.reason]} du {on}"
        case Released():
            return f"reprise des relances du {on}"
        case Approved():
            return f"validation du {on}, étape « {labels.get(taken.stage, taken.stage)} »"
        case Allocated():
            return f"imputation de l’avoir {taken.number} du {on}"
        case Confirmed():
            return f"confirmation du {on}"
        case _:
            raise ValueError(f"{type(taken).__name__} is about no invoice and no customer")
