"""Taking back what was said by mistake."""

from collections.abc import Iterable

from relance.core.credit_names import credits_named
from relance.core.facts import (
    Allocated,
    Approved,
    BacklogAnswered,
    ColumnsAgreed,
    Confirmed,
    Credited,
    Held,
    Paid,
    RateConfirmed,
    Released,
    Reminded,
    RowKnown,
    UserFact,
)
from relance.core.history import NOTHING, Past, former_keys
from relance.core.invoice import customer_id, held_target, keyed, normalised_number, targets_of
from relance.core.plan import Line
from relance.core.policy import OUTSIDE
from relance.core.seen import former_names
from relance.errors import Again, UsageError
from relance.french import CHANNELS, HOLDS, RATE_STANDS, at_rate, command, date_fr, eur, listing
from relance.journal import ANSWERS, Journal, Reopened, State, row_word
from relance.runs.dossier import Desk
from relance.runs.lookup import Target, find_target, is_target
from relance.runs.record import same_letter
from relance.runs.settle import credits_said, credits_spoken_of, forget_paid, known_paid, of_sum

_REOPENED = {
    State.IN_DOUBT: "en doute",
    State.DRAFT: "un brouillon",
    State.REFUSED: "refusé",
    State.DEFERRED: "remis à plus tard",
}


def undo(desk: Desk, target: str) -> str:
    """Take back the last thing that was said of an invoice, a customer, a credit, a row, or of what is in ANSWERS."""
    desk.to_write()
    if target == "journal":
        raise UsageError(
            "« confirm journal » ne s’annule pas : les envois ont repris à partir de ce journal.",
            "Pour revenir en arrière, remettez l’ancien journal et ses reçus à leur place.",
        )
    if target in ANSWERS.values():
        return _undo_answer(desk, target)
    if said := _credit_said(desk, target):
        return _undo_credit(desk, said)
    rows = {row_word(name) for name in (normalised_number(target), target.strip())}
    try:
        found = find_target(target, desk.invoices)
    except UsageError as unknown:
        if undone := _undo_row(desk, rows, target):
            return undone
        raise (_no_word_on(desk, target) or unknown) from None
    return _undo_of(found, desk, rows)


def _undo_of(found: Target, desk: Desk, rows: set[str]) -> str:
    """Take back the last thing that was said of this invoice, of a row by its name too, or of all of this customer."""
    history = desk.history
    (before, *_) = desk.lines_of(found.invoices)
    past = before.case.past if found.invoice else NOTHING
    names = targets_of(found.key, found.customer)[: 1 if found.invoice else None]
    if found.invoice is None:
        seen = ((history.seen[key], invoice) for key, invoice in keyed(found.invoices) if key in history.seen)
        known = ((each, customer_id(invoice.customer)) for each, invoice in seen)
        names += tuple(held_target(was) for each, now in known for was in former_names(each, now, history))
    paid = known_paid(desk)
    with desk.writing() as journal:
        taken = journal.take_back({*names, *rows, *former_keys(past)}, desk.today)
        if taken is None:
            raise _nothing_said(found, desk, journal)
        if found.invoice is not None:
            forget_paid(desk, journal, paid)
    said = f"{undone(taken, past, before)}{_standing_again(taken, desk)}"
    return f"{found.name} : c’est annulé ({said})."


def _credit_said(desk: Desk, text: str) -> Credited | None:
    """The credit that `text` names and of which a person said something; None where it names something else.

    UsageError where it may be several, or only a run noted it.
    """
    said = {each.credit: each for each in credits_said(desk)}
    found = credits_named(text, said)
    if is_target(text, desk.invoices):
        return None
    if not found:
        noted = credits_named(text, desk.history.credits)
        if len(noted) == 1:
            sentence = "Ce virement a été rattaché par relance, et le serait de nouveau."
            nothing = Again(line=("bank", "--settle", noted[0], "--not-ours"), about="il ne paie rien")
            raise UsageError(sentence, "Dites ce qu’il paie ; sinon :", [nothing])
        return None
    if len(found) > 1:
        again = [Again(text, identity, about=_of_credit(said[identity])) for identity in found]
        raise UsageError(f"« {text} » désigne {len(found)} virements.", again=again)
    return said[found[0]]


def _no_word_on(desk: Desk, text: str) -> UsageError | None:
    """That nothing is left to take back of the credit that `text` names, or which may be meant by a sum."""
    bank, said = desk.history.bank, {each.credit: each for each in credits_said(desk)}
    shown = [made.credit.identity for made in bank.matches] if bank is not None else []
    if len(credits_named(text, [*shown, *credits_spoken_of(desk)])) == 1:
        return UsageError("De ce virement, il ne reste rien à annuler.", "« relance bank » montre ce qu’il paie.")
    amounts = {key: each.amount for key, each in said.items()}
    again = [Again(text, key, about=_of_credit(said[key])) for key in of_sum(text, amounts)]
    return UsageError(f"« {text} » est une somme : un virement se désigne par son nom.", again=again) if again else None


def _undo_credit(desk: Desk, said: Credited) -> str:
    """Take back the word on a credit, and whom it tied."""
    paid = known_paid(desk)
    with desk.writing() as journal:
        taken = journal.take_back({said.credit}, desk.today)
        if not isinstance(taken, Credited):
            raise UsageError("Rien n’a été noté à la main sur ce virement.", "« relance bank » montre ce qu’il paie.")
        forget_paid(desk, journal, paid)
    return f"C’est annulé : {_of_credit(taken)}{_standing_again(taken, desk)}."


def _standing_again(taken: UserFact | Reopened, desk: Desk) -> str:
    """The word on a credit before the one taken back, which counts again; empty where there is none."""
    before = desk.history.credits.get(taken.credit) if isinstance(taken, Credited) else None
    if before is None:
        return ""
    paid = _listed(each.invoice for each in before.portions)
    return f" ; de nouveau, comme avant, {f'il paie {paid}' if paid else 'il ne paie rien'}"


def _listed(keys: Iterable[str]) -> str:
    """The numbers of these invoices, each once."""
    return listing([*dict.fromkeys(key.rpartition("/")[0] for key in keys)])


def _of_credit(said: Credited) -> str:
    """« virement de 400,00 € du 12 novembre 2026, noté pour F-2026-041 », and whom it tied."""
    paid = _listed(each.invoice for each in said.shares)
    noted = f"noté pour {paid}" if paid else "noté sans facture"
    payer = said.payer or said.iban
    tied = f", et payeur {'retenu' if said.customers else 'écarté'} ({payer})" if payer else ""
    return f"virement de {eur(said.amount, said.currency)} du {date_fr(said.dated)}, {noted}{tied}"


def _undo_answer(desk: Desk, word: str) -> str:
    """Take back the last answer of this name: what it answered is asked again, or as it was answered before."""
    with desk.writing() as journal:
        taken = journal.take_back({word}, desk.today)
    if taken is None or isinstance(taken, Reopened):
        cure = f"« {RATE_STANDS} » dit qu’il est dans vos conditions." if word == "rate" else _ASKED
        raise UsageError(f"Rien n’a été dit {_OF[word]}.", cure)
    return f"C’est annulé : {answered(taken)}."


def _undo_row(desk: Desk, rows: set[str], target: str) -> str:
    """Take back that the problem of a row is known; nothing said where none of these names is one."""
    with desk.writing() as journal:
        taken = journal.take_back(rows, desk.today)
    return f"{target} : c’est annulé ({answered(taken)})." if isinstance(taken, RowKnown) else ""


_ASKED = "« relance plan » dit ce qui attend votre réponse."
_OF = {
    "rate": "du taux",
    "backlog": "du retard d’avant",
    "file": "du fichier",
    "columns": "des colonnes",
    "clock": "de l’horloge",
}


def answered(taken: UserFact) -> str:
    """What was answered that is about no invoice and no customer, in a few words."""
    on = date_fr(taken.on)
    match taken:
        case RateConfirmed():
            said = at_rate(taken.rate.basis.value, taken.rate.value).removeprefix("au ")
            return f"ce que vous aviez dit du {said}, le {on}"
        case BacklogAnswered():
            return f"votre réponse sur le retard d’avant (--{taken.answer}), le {on}"
        case RowKnown():
            return f"anomalie dite connue le {on}"
        case Credited():
            return _of_credit(taken)
        case ColumnsAgreed():
            return f"lecture des colonnes notée le {on}"
    return f"ce que vous aviez dit {_OF[ANSWERS[type(taken)]]}, le {on}"


def _nothing_said(found: Target, desk: Desk, journal: Journal) -> UsageError:
    """That there is nothing to take back; of a customer, what was said of its invoices is named."""
    nothing = f"Rien n’a été noté à la main sur {found.name}"
    if found.invoice is None:
        lines = [(line, {line.key, *former_keys(line.case.past)}) for line in desk.lines_of(found.invoices)]
        said = journal.last_words(set().union(*(names for _, names in lines))).keys()
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


def undone(taken: UserFact | Reopened, past: Past, line: Line) -> str:
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
            return answered(taken)
