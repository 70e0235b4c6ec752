"""What the user confirms: what to do with the backlog; file, columns, rate, clock or a changed invoice are right."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from relance.core.calendar import WorkCalendar, is_open
from relance.core.credit_notes import left_by_file
from relance.core.facts import (
    Backlog,
    BacklogAnswered,
    ClockConfirmed,
    Confirmed,
    FileConfirmed,
    RateConfirmed,
    RowKnown,
)
from relance.core.invoice import snapshot_of
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.reasons import ClockFault, End, Reason, Renumbered
from relance.errors import Again, UsageError
from relance.french import at_rate, command, date_fr, listing
from relance.runs.dossier import Desk
from relance.runs.lookup import StandingError, find_line
from relance.runs.rows import rows_meant

Asks = Callable[[list[str]], bool]
"""Shows these lines, and tells whether the user says yes."""


def confirm(desk: Desk, what: str, answer: Backlog | None, asks: Asks | None = None) -> str:
    """The user's word, written down; UsageError where nothing waits for it: it would decide for a later day.

    `asks` is heard before a journal is accepted by which messages may leave twice, where somebody is there to answer.
    """
    desk.to_write()
    if what == "backlog":
        return _backlog(desk, answer)
    if answer is not None:
        raise UsageError("--as-is, --gently et --ignore vont avec « confirm backlog ».", "Retirez-les.")
    if what == "file":
        return _file(desk)
    if what == "clock":
        return _clock(desk)
    if what == "journal":
        return _journal(desk, asks)
    return _invoice(desk, what)


def _nothing_waits(sentence: str) -> UsageError:
    return UsageError(sentence, "« relance plan » dit ce qui attend votre réponse.")


def _backlog(desk: Desk, answer: Backlog | None) -> str:
    if not any(line.case.position.in_backlog and not line.reason.settled for line in desk.plan.lines):
        raise _nothing_waits("Aucune facture due n’était en retard à l’installation : il n’y a rien à décider.")
    if answer is None:
        again = [Again(options=(f"--{each}",), about=words) for each, words in BACKLOG_ANSWERS.items()]
        raise UsageError("Par où commencer ?", again=again)
    before = desk.history.backlog
    desk.tell(BacklogAnswered(answer, desk.today))
    replaced = f" Votre réponse précédente (--{before}) est remplacée." if before not in (None, answer) else ""
    return _BACKLOG_TOLD[answer] + replaced


BACKLOG_ANSWERS = {
    Backlog.AS_IS: "chacune à l’étape de son retard",
    Backlog.GENTLY: "toutes par la relance amicale",
    Backlog.IGNORE: "ne pas les relancer",
}
_BACKLOG_TOLD = {
    Backlog.AS_IS: "C’est noté : chaque facture part de l’étape de son retard.",
    Backlog.GENTLY: "C’est noté : chaque facture commence par la relance amicale, celles déjà relancées continuent.",
    Backlog.IGNORE: "C’est noté : ces factures ne seront pas relancées.",
}


def _file(desk: Desk) -> str:
    plan, policy, file = desk.plan, desk.policy, desk.history.file
    if not is_open(desk.today, policy.calendar):  # asked on an open day, the question still stands
        every_day = policy._replace(calendar=WorkCalendar(working_days=False))
        plan = build_plan(desk.invoices, desk.history, every_day, desk.today)
    doubted = plan.around.shrunk or plan.around.mixed or any(line.reason is Reason.STALE_INPUT for line in plan.lines)
    beside = file is not None and file.conflict and not file.confirmed
    if not (doubted or beside):
        raise _nothing_waits("Fichier : rien n’attend d’être confirmé.")
    desk.tell(FileConfirmed(desk.file_digest, desk.today))
    return "Fichier confirmé tel qu’il est. Inchangé, il sera redemandé dans une semaine."


def confirm_columns(desk: Desk, columns: Mapping[str, str], ignored: Sequence[str]) -> str:
    """How the columns of the file are read: `columns` maps a field to its header, `ignored` are left out.

    Raises UsageError for a header or a field that does not exist, and while a column is still not understood.
    """
    from relance.sources.agreement import question_of, reading_as_found, with_answers

    desk.to_write()
    set_down = desk.own_settings.source.columns
    if twice := next((field for field in columns if field in set_down), ""):
        raise UsageError(f"relance.toml dit déjà quelle colonne est « {twice} ».", "Corrigez [invoices.columns].")
    agreement = with_answers(desk.agreement, columns, ignored)
    reading = desk.read(agreement)[0].reading
    for header in (*columns.values(), *ignored):
        check_header(header, (*reading.headers, *(column.header for column in desk.source.reading.unused)))
    question = question_of(reading, agreement)
    if question is not None and question.asked:
        left = ", ".join(f"« {column.header} »" for column in question.asked)
        raise UsageError(
            f"Reste à préciser : {left}.", 'Ajoutez --as CHAMP="En-tête" ou --ignore "En-tête" pour chaque colonne.'
        )
    if question is None and not columns and not ignored:
        raise _nothing_waits("Colonnes : rien n’attend d’être confirmé.")
    found = reading_as_found(reading, desk.today)
    desk.tell(found._replace(columns=tuple(columns.items()), ignored=tuple(ignored)))
    if question is not None and question.issuer and not question.of_columns:
        return f"C’est noté : {question.issuer.name or 'ce vendeur'}, c’est vous."
    return "C’est noté : le fichier sera lu ainsi, et la question revient si ces colonnes changent."


def check_header(header: str, headers: Sequence[str]) -> None:
    """UsageError where no column of the file has this header; the nearest ones are named."""
    from relance.sources.columns import header_key

    known = {header_key(each): each for each in headers if each}
    if header_key(header) not in known:
        near = [known[key] for key in get_close_matches(header_key(header), known, 3)]
        told = ", ".join(f"« {each} »" for each in near or known.values())
        again = [Again(header, name) for name in near[:1]]
        raise UsageError(f"Aucune colonne ne s’appelle « {header} ».", f"En-têtes du fichier : {told}.", again)


def confirm_row(desk: Desk, text: str) -> str:
    """The problem of this row is known, or the row is whole: `text` is the number of its invoice, or its line.

    Raises UsageError where nothing is asked of such a row, or where several files have one on that line.
    """
    source, money = desk.to_write().source, desk.plan.around.money
    found = rows_meant(text, source, desk.history, money, desk.problems)
    if not found:
        raise _nothing_waits(f"« {text} » : aucune anomalie de ligne n’attend d’être confirmée.")
    places = list(dict.fromkeys((row.place, row.line) for row in found))
    if len(places) > 1 and text.strip() == str(found[0].line):
        which = ", ".join(command("confirm row", f"{place}:{line}") for place, line in places)
        raise UsageError(f"Plusieurs listes signalent leur ligne {text}.", f"Dites laquelle : {which}.")
    names = tuple(dict.fromkeys(name for row in found for name in row.names))
    desk.tell(*(RowKnown(mark, desk.today, names) for mark in dict.fromkeys(row.mark for row in found)))
    lines = listing([f"« {place} »" if line is None else f"la ligne {line} de « {place} »" for place, line in places])
    change = "ce fichier" if all(line is None for _, line in places) else "la ligne"
    return f"C’est noté pour {lines} : ce n’est plus redit, tant que {change} ne change pas."


def confirm_rate(desk: Desk, *, stands: bool) -> str:
    """Whether the rate of the settings was agreed; UsageError for one that the law gives, whatever was agreed."""
    rate = desk.to_write().policy.interest.rate
    said = at_rate(rate.basis.value, rate.value).removeprefix("au ")
    if rate.varies:
        raise _nothing_waits("Taux : celui de vos réglages suit la BCE ou le taux légal, il n’y a rien à confirmer.")
    desk.tell(RateConfirmed(rate, stands, desk.today))
    if stands:
        return f"C’est noté : le {said} est dans vos CGV ou sur vos factures."
    return (
        f"C’est noté : le taux de la loi est réclamé (BCE + 10 points), non le {said}. "
        'Écrivez rate = "ecb+10" sous [charges].'
    )


def _clock(desk: Desk) -> str:
    if desk.clock == ClockFault.BEHIND:
        raise UsageError("L’horloge de cette machine est en retard sur le journal.", "Remettez-la à l’heure.")
    if not desk.clock:
        raise _nothing_waits("Horloge : rien n’attend d’être confirmé.")
    desk.tell(ClockConfirmed(desk.today))
    return f"Horloge confirmée : nous sommes le {date_fr(desk.today)}."


def _journal(desk: Desk, asks: Asks | None) -> str:
    """This journal goes on as it is, and with these settings, after all that it may send twice was shown."""
    from relance.journal import BusyError, lock, open_journal

    settings = desk.own_settings
    try:
        with lock(settings.journal) as held, open_journal(settings.journal, desk.today, create=False) as journal:
            doubt = journal.put_back()
            mine = journal.claim(settings.path, from_others=True)
            if doubt is None and not mine:
                raise _nothing_waits("Journal : rien n’attend d’être confirmé.")
            journal.recover()
            desk.follow(journal)
            lines = list(_may_leave_twice(desk.plan)) if doubt is not None else []
            if lines and asks is not None and not asks(lines):
                raise UsageError("Journal : rien n’est confirmé.", "Rien ne partira avant « relance confirm journal ».")
            if doubt is not None:
                journal.accept()
            held.remember(journal.id)
    except BusyError as error:
        raise UsageError(*error.args) from None
    shown = [] if asks is not None else lines
    return "\n".join([*shown, "Journal confirmé : les envois de ce dossier reprennent."])


def _may_leave_twice(plan: Plan) -> Iterator[str]:
    """What would leave today, a line each, with the command that says that it did."""
    if plan.reminders:
        yield "Partiraient aujourd’hui, une seconde fois s’ils sont déjà partis (la commande le note) :"
    for reminder in plan.reminders:
        for line in reminder.lines:
            stage = (line.acting or reminder.stage).key
            told = command("record", line.name or line.invoice.number, options=f"--stage {stage} --channel email")
            yield f"  {line.invoice.number}, {reminder.customer.name}, {reminder.stage.label} → {told}"


def _invoice(desk: Desk, number: str) -> str:
    line = find_line(number, desk)
    invoice = line.invoice
    if line.stop.end is End.CONFIRM_ROW:
        return confirm_row(desk, invoice.number)
    if line.stop.end is not End.CONFIRM:
        raise StandingError(invoice.number, f"{invoice.number} : rien n’attend d’être confirmé.")
    was = desk.plan.around.renumbered[line.key].invoice if isinstance(line.why, Renumbered) else ""
    seen = desk.history.seen.get(line.key)
    paid_then = seen.paid if seen is not None else None
    left = left_by_file(line.invoice, line.told + line.absorbed)
    desk.tell(Confirmed(line.key, desk.today, snapshot_of(invoice), was, line.paid, paid_then, left))
    return f"{invoice.number} : ce qui a changé est confirmé."
