"""What a command could be about, where it was given no invoice: each with the command that says so."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date

from relance.core.facts import ColumnsAgreed, Credited, Deferred, InDoubt, RowKnown, UserFact
from relance.core.history import NOTHING, former_keys
from relance.core.inbox import waits_for_user
from relance.core.invoice import customer_targets, keyed
from relance.core.naming import register, word_for
from relance.core.plan import Line
from relance.core.policy import OUTSIDE
from relance.core.reasons import Reason
from relance.errors import Again, UsageError
from relance.french import HOLDS, brief_date, eur
from relance.journal import ANSWERS, Reopened, read_journal
from relance.runs.dossier import Desk
from relance.runs.lookup import find_line
from relance.runs.resolve import nothing_open
from relance.runs.undo import answered, undone

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
    about = ((_name(line), f"{line.invoice.customer.name}, {_message(line)}") for line in lines)
    here, drafts = {line.key for line in desk.plan.lines}, desk.plan.overtaken
    named = (each for each in drafts if each.name and here.isdisjoint(each.keys))
    gone = ((each.name, _draft(each.on, each.label, desk.today)) for each in named)
    told = ((f"{said}, {end}", (option, *_worded(name))) for name, said in (*about, *gone) for end, option in _ENDS)
    return _chosen("Quel message est parti, ou non ?", "Aucun message n’est en doute.", told)


def _message(line: Line) -> str:
    """The message of which only the user knows the end: its stage, its day, where it stands."""
    why, today = line.why, line.case.today
    labels = {stage.key: stage.label for stage in (*line.case.schedule.stages, *OUTSIDE)}
    match why:
        case InDoubt() | Deferred():
            state = "en doute" if isinstance(why, InDoubt) else "remis à plus tard"
            return f"{labels.get(why.stage, why.stage)} du {brief_date(why.on, today)} {state}"
    if line.reason is Reason.REFUSED or not line.case.past.drafts:
        return "message refusé"
    draft = line.case.past.drafts[-1]
    return _draft(draft.on, labels.get(draft.stage, draft.stage), today)


def _draft(on: date, label: str, today: date) -> str:
    return f"brouillon du {brief_date(on, today)} ({label})"


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
    """Of which invoices, customers, rows and questions something was told by hand, each with what would be undone."""
    return _asked("Que faut-il annuler ?", "Rien n’a été noté à la main.", _spoken(desk.to_write()))


def _spoken(desk: Desk) -> Iterator[tuple[str, str]]:
    journal = read_journal(desk.own_settings.journal)
    if journal is None:
        return
    known = register(keyed(desk.invoices))
    about = [(line, {line.key, *former_keys(line.case.past)}) for line in desk.plan.lines]
    customers = {line.invoice.customer: customer_targets(line.invoice.customer) for line in desk.plan.lines}
    with journal:
        words = journal.last_words()
    named = set[str]()
    for customer, targets in customers.items():
        if last := _last(words, targets):
            line = next(line for line in desk.plan.lines if line.invoice.customer == customer)
            yield word_for(customer, known), f"{customer.name}, tout le client : {undone(last, NOTHING, line)}"
    for line, keys in about:
        if last := _last(words, keys):
            named.update([last.credit] if isinstance(last, Credited) else [])
            yield _name(line), f"{line.invoice.customer.name}, {undone(last, line.case.past, line)}"
    for word, last in words.items():
        if word in ANSWERS.values() and not isinstance(last, Reopened) and not _is_found(last):
            yield word, answered(last)
    for row in dict.fromkeys(row for row in words.values() if isinstance(row, RowKnown)):
        yield row.names[0], answered(row)
    for credit in dict.fromkeys(credit for credit in words.values() if isinstance(credit, Credited)):
        if credit.credit not in named:
            yield credit.credit, answered(credit)


def _last(words: Mapping[str, UserFact | Reopened], about: Collection[str]) -> UserFact | Reopened | None:
    """The last thing that was said about one of these."""
    return next((said for word, said in reversed([*words.items()]) if word in about), None)


def _is_found(said: UserFact) -> bool:
    """True for the columns as a run found them, of which nobody said anything."""
    return isinstance(said, ColumnsAgreed) and not (said.columns or said.ignored)


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
