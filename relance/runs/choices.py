"""What a command could be about, where it was given no invoice: each with the command that says so."""

from collections.abc import Iterable, Iterator

from relance.core.history import former_keys, waits_for_user
from relance.core.invoice import customer_targets, keyed
from relance.core.naming import register, word_for
from relance.core.plan import Line
from relance.core.reasons import Reason
from relance.errors import Again, UsageError
from relance.french import HOLDS, eur
from relance.journal import read_journal
from relance.runs.dossier import Desk
from relance.runs.lookup import find_line
from relance.runs.record import nothing_open

_MOST = 8
"""Commands of one list; nobody reads more at once."""


def to_pay(desk: Desk) -> UsageError:
    """The invoices that are owed, the latest first."""
    owed = sorted(
        (line for line in desk.to_write().plan.lines if line.outstanding > 0 and not line.reason.settled),
        key=lambda line: -line.days_overdue,
    )
    return _asked("Quelle facture est payée ?", "Aucune facture n’est à payer.", map(_told, owed))


def to_approve(desk: Desk) -> UsageError:
    """The stages that wait for the user's word."""
    waiting = [line for line in desk.to_write().plan.lines if line.reason is Reason.AWAITING_APPROVAL]
    return _asked("Quelle relance valider ?", "Rien n’attend d’être validé.", map(_told, waiting))


def to_resolve(desk: Desk) -> UsageError:
    """The messages whose end only the user knows."""
    lines = [each for each in desk.to_write().plan.lines if each.reason in _UNSETTLED or each.case.past.drafts]
    told = ((f"{about}, {end}", (option, *_worded(name))) for name, about in map(_told, lines) for end, option in _ENDS)
    return _chosen("Quel message est parti, ou non ?", "Aucun message n’est en doute.", told)


def ends_of(desk: Desk, number: str) -> UsageError:
    """Whether the message about this invoice left, which was not said; that none is in doubt, where none is."""
    line = find_line(number, desk.to_write())
    if line.reason not in _UNSETTLED and not line.case.past.drafts:
        return nothing_open(line)
    told = ((end, (option,)) for end, option in _ENDS)
    return _chosen("Le message est-il parti ?", "", told)


_UNSETTLED = (Reason.IN_DOUBT, Reason.REFUSED, Reason.DEFERRED)
_ENDS = (("parti", "--sent"), ("pas parti", "--not-sent"))


def to_release(desk: Desk) -> UsageError:
    """What `hold` holds, of customers and of invoices, and the answers that wait."""
    return _asked("Quelle suspension lever ?", "Rien n’est suspendu.", _held(desk.to_write()))


def _held(desk: Desk) -> Iterator[tuple[str, str]]:
    holds, lines = desk.history.holds, desk.plan.lines
    known = register(keyed(desk.invoices))
    for customer in dict.fromkeys(line.invoice.customer for line in lines):
        told = [held for target in customer_targets(customer) for held in holds.get(target, ())]
        if told:
            yield word_for(customer, known), f"{customer.name}, {HOLDS[told[0].reason]}"
    for line in lines:
        told = [*holds.get(line.key, ())]
        if told or waits_for_user(desk.history.inbox, line.key):
            yield _name(line), f"{line.invoice.customer.name}, {HOLDS[told[0].reason] if told else 'réponse reçue'}"


def to_undo(desk: Desk) -> UsageError:
    """The invoices and customers of which something was told by hand."""
    return _asked("Que faut-il annuler ?", "Rien n’a été noté à la main.", _spoken(desk.to_write()))


def _spoken(desk: Desk) -> Iterator[tuple[str, str]]:
    journal = read_journal(desk.own_settings.journal)
    if journal is None:
        return
    known = register(keyed(desk.invoices))
    about = [(line, {line.key, *former_keys(line.case.past)}) for line in desk.plan.lines]
    customers = {line.invoice.customer: customer_targets(line.invoice.customer) for line in desk.plan.lines}
    with journal:
        said = journal.spoken_of(set().union(*(keys for _, keys in about), *customers.values()))
    for customer, targets in customers.items():
        if not said.isdisjoint(targets):
            yield word_for(customer, known), f"{customer.name}, tout le client"
    for line, keys in about:
        if not said.isdisjoint(keys):
            yield _told(line)


def _name(line: Line) -> str:
    return line.name or line.invoice.number


def _told(line: Line) -> tuple[str, str]:
    return _name(line), f"{line.invoice.customer.name}, {eur(line.outstanding, line.invoice.currency)}"


def _asked(question: str, nothing: str, told: Iterable[tuple[str, str]]) -> UsageError:
    """The question with the command for each name that may be meant, in the order told."""
    return _chosen(question, nothing, ((words, _worded(name)) for name, words in told))


def _worded(name: str) -> tuple[str, ...]:
    """A name as it ends a command: one that begins like an option comes after `--`."""
    return ("--", name) if name.startswith("-") else (name,)


def _chosen(question: str, nothing: str, told: Iterable[tuple[str, tuple[str, ...]]]) -> UsageError:
    """The question with the command of each answer; that there is `nothing` where none can be meant."""
    answers = [Again(options=added, about=words) for words, added in told]
    if not answers:
        return UsageError(nothing, "« relance plan » montre tout.")
    more = f"Les {_MOST} premières réponses sur {len(answers)} :" if len(answers) > _MOST else ""
    return UsageError(question, more, answers[:_MOST])
