"""The plan of a day for people and programs: plain full lines, a table on a terminal, or JSON."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.history import Seen
from relance.core.invoice import ZERO, Problem
from relance.core.morning import Surroundings
from relance.core.plan import About, Decision, Line, Plan, Reminder, Task, awaited_for
from relance.core.reasons import Reason
from relance.display import terminal
from relance.display.documents import left_out, left_out_sums, plan_document, totals, unknown_rates
from relance.display.lines import action, because, sentence
from relance.display.reading import question_lines
from relance.display.replies import each_with_reply
from relance.display.tasks import command_for_task, task_text, throw_away
from relance.french import command, eur, half_awaited, listing, long_day, plural, short_date, typeset

if TYPE_CHECKING:
    from relance.runs.plan import Planned

NO_INVOICE = "Aucune facture n’a été lue dans ce fichier."
_ORDER = {Decision.REMIND: 0, Decision.TASK: 1, Decision.HOLD: 2}


def show_plan(planned: "Planned", form: str, *, quiet: bool, verbose: bool) -> None:
    """Print a plan as `table`, `lines` or `json`; `quiet` leaves out what only waits."""
    plan, source = planned.plan, planned.desk.source
    if form == "json":
        terminal.say_json(plan_document(planned))
        return
    terminal.tell(f"{long_day(plan.today).capitalize()} : {plural(source.rows, 'ligne')} dans {source.file}")
    if not plan.lines:
        terminal.say(NO_INVOICE)
    terminal.say()
    terminal.say_all(_today(plan))
    asked = _of_file(plan)
    shown = [line for line in _ordered(plan.lines) if not quiet or (line.reason.to_look_at and line.key not in asked)]
    if shown and form == "table":
        headers = ("Facture", "Client", "Retard", "Étape atteinte", "Reste dû", "Frais", "Action", "Pourquoi")
        rows = ((*_cells(line), sentence(line)) for line in shown)
        terminal.table("Factures", headers, rows, frozenset({2, 4, 5}))
    elif shown:
        terminal.tell("Factures :")
        whys = ((line, sentence(line) if line.key in asked else because(line)) for line in shown)
        terminal.say_all(f"  {_invoice_line(line, why, verbose=verbose)}" for line, why in whys)
        terminal.say()
    terminal.say_all(_totals(plan))
    terminal.say_all(_not_counted(planned))
    terminal.say_all(_ahead(planned.ahead))
    lost = [shrunk(plan.around)] if plan.around.shrunk else [*map(gone, plan.around.vanished)]
    notes = [*source.reading.notes, *lost, *map(throw_away, plan.overtaken), *_unknown(plan)]
    terminal.say_all(_listed("Remarques", notes))
    terminal.say_all(_listed("Anomalies", map(problem_line, planned.problems)))
    if unagreed := plan.morning.history.unagreed:
        terminal.say()
        terminal.say_all(question_lines(source.reading, unagreed, settings=planned.desk.settings is not None))


def shrunk(around: Surroundings) -> str:
    """That too much is gone from the file at once, and what ends the question."""
    lost = plural(len(around.vanished), "facture ouverte", "factures ouvertes")
    return typeset(
        f"Le fichier a perdu d’un coup {lost} : rien ne part tant qu’il n’est pas complet de nouveau, ou confirmé tel "
        "qu’il est par « relance confirm file »."
    )


def _ahead(plans: tuple[Plan, ...]) -> Iterator[str]:
    """The days on which something happens if nobody pays; quiet days are not named."""
    if not plans:
        return
    yield ""
    yield typeset(f"D’ici au {long_day(plans[-1].today)}, si rien n’est payé :")
    busy = [plan for plan in plans if plan.reminders or plan.tasks]
    for plan in busy:
        yield f"  {long_day(plan.today)}"
        yield from (f"    {reminder_line(reminder)}" for reminder in plan.reminders)
        yield from (f"    à faire par vous : {task_line(task)}" for task in plan.tasks)
    if not busy:
        yield "  rien"


def _ordered(lines: Iterable[Line]) -> list[Line]:
    """What acts first, then what is owed, the latest first, then what is settled."""
    return sorted(lines, key=lambda x: (_ORDER[x.decision], x.reason.settled, -x.days_overdue))


def _of_file(plan: Plan) -> set[str]:
    """The invoices (by key) that the file holds: one question is about them all, and has the command that they lack."""
    files = (task for task in plan.tasks if task.lines[0].reason is Reason.STALE_INPUT)
    return {line.key for task in files for line in task.lines}


def _invoice_line(line: Line, why: str, *, verbose: bool) -> str:
    """One invoice on one line."""
    number, customer, late, stage, owed, fees, today = _cells(line)
    parts = [number, customer, f"échéance {short_date(line.invoice.due_date)}"]
    if not line.reason.settled:
        parts += [late, stage if line.stage else "aucune étape", f"reste dû {owed}"]
        parts += [f"frais {fees}"] if fees else []
    parts += [today, why]
    if verbose and line.next_stage is not None and line.next_date is not None:
        parts.append(f"ensuite {line.next_stage.label} le {short_date(line.next_date)}")
    return " | ".join(parts)


def _cells(line: Line) -> tuple[str, ...]:
    """What stands in the columns of the table, but why."""
    invoice, owed = line.invoice, not line.reason.settled
    fees = line.charges.claimed - line.outstanding
    return (
        invoice.number,
        invoice.customer.name,
        f"J{line.days_overdue:+d}" if owed else "",
        line.stage.label if line.stage else "",
        eur(line.outstanding, invoice.currency) if owed else "",
        eur(fees, invoice.currency) if fees > 0 else "non calculés" if line.charges.missing else "",
        action(line),
    )


def _today(plan: Plan) -> Iterator[str]:
    count = plural(len(plan.reminders), "message") if plan.reminders else "rien"
    yield typeset(f"À envoyer aujourd’hui : {count}")
    yield from (f"  {reminder_line(reminder)}" for reminder in plan.reminders)
    yield ""
    tasks = [task for task in plan.tasks if task.lines[0].reason is not Reason.READING]  # its question stands last
    if tasks:
        yield typeset("À faire par vous :")
        for task, below in each_with_reply(tasks):
            yield f"  {task_line(task)}"
            yield from (f"    {line}" for line in below)
        yield ""


def task_line(task: Task) -> str:
    """One task on one line, with the command that closes it."""
    command, text = command_for_task(task), task_text(task)
    if task.text and task.customer is not None:
        phone = f" au {task.customer.phone}" if task.customer.phone else " (aucun numéro dans le fichier)"
        text = typeset(f"envoyer ce SMS à {task.customer.name}{phone} : « {text} »")
    joined = "{} → " if task.about is About.ADDRESS else typeset("{} : ")  # what is typed elsewhere stands before it
    return text if not command or command in text else joined.format(text) + command


def reminder_line(reminder: Reminder) -> str:
    """One message on one line: what, to whom, about which invoices."""
    numbers = ", ".join(line.invoice.number for line in reminder.lines)
    to = ", ".join(reminder.customer.emails)
    return f"{reminder.stage.label} à {reminder.customer.name} <{to}> : {numbers}"


def _totals(plan: Plan) -> Iterator[str]:
    """What is owed and claimed, a line per currency."""
    for row in totals(plan.lines):
        currency = row.pop("currency")
        count = row.pop("invoices")
        money = {name: eur(Decimal(value), currency) for name, value in row.items()}
        yield typeset(f"Reste dû : {money['outstanding']} ({plural(count, 'facture due')})")
        if plan.morning.history.unagreed:
            yield typeset(
                f"En retard : {money['overdue']}, sommes non sûres tant que les colonnes ne sont pas comprises"
            )
            continue
        apart = sum((line.charges.fee_apart for line in plan.lines if line.invoice.currency == currency), ZERO)
        fees = f"{eur(apart)} d’indemnités à part" if apart else f"{money['recovery_fees']} d’indemnités"
        yield typeset(
            f"En retard : {money['overdue']}, plus {money['interest']} de pénalités et {fees}, soit {money['claimed']}"
        )


def _not_counted(planned: "Planned") -> Iterator[str]:
    """The rows that these totals leave out and that could be owed, and the command that says why."""
    rows = left_out(planned)
    if not rows:
        return
    sums = [eur(found, currency) for currency, found in left_out_sums(rows).items()]
    unread = sum(row.amount is None for row in rows)
    apart = f"dont {unread} sans montant lisible"
    said = ", ".join(
        [plural(len(rows), "ligne"), *([apart] if sums and unread else []), listing(sums) or "montant inconnu"]
    )
    desk = planned.desk
    own = desk.settings is not None and desk.settings.source.file == desk.places
    yield typeset(f"Non compté : {said} → ") + command("check", *([] if own else map(str, desk.places)))


def _unknown(plan: Plan) -> Iterator[str]:
    """What the sums leave out because a half-year's rate is not known."""
    halves = unknown_rates(plan.lines)
    if halves:
        count = plural(sum(1 for line in plan.lines if line.charges.missing), "facture")
        from relance.display.statement import missing_sentence

        yield typeset(f"{count} dont les pénalités s’arrêtent au dernier taux connu : ") + missing_sentence(halves)
    elif half := awaited_for(plan):
        yield typeset(half_awaited(half))


def _listed(title: str, texts: Iterable[str]) -> Iterator[str]:
    """What the reader did on its own, so that nobody is dunned on a guess in silence, or could not read."""
    for i, text in enumerate(texts):
        if not i:
            yield ""
            yield typeset(f"{title} :")
        yield f"  {text}"


def gone(seen: Seen) -> str:
    """What is said once of an invoice that the file does not hold any more."""
    return typeset(f"{seen.number} n’est plus dans le fichier : considérée comme close, elle n’est plus relancée")


def problem_line(problem: Problem) -> str:
    """One anomaly on one line: where, what was found, what is expected."""
    place = [problem.file]
    if problem.sheet:
        place.append(f"feuille {problem.sheet}")
    if problem.line is not None:
        place.append(f"ligne {problem.line}")
    if problem.column:
        place.append(f"colonne « {problem.column} »")
    quoted = typeset("« {} »").format(problem.value)
    found = typeset(" (lu : {})").format(quoted) if problem.value and quoted not in problem.message else ""
    return typeset(f"{', '.join(place)} : ") + problem.message + found
