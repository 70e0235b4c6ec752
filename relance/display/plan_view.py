"""The plan of a day for people and programs: what waits first, what is to be sent and done last, or JSON."""

import shlex
from collections.abc import Collection, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.history import Seen
from relance.core.invoice import ZERO, Problem
from relance.core.morning import Surroundings
from relance.core.plan import About, Plan, Reminder, awaited_for, outstanding_of
from relance.core.reasons import Reason
from relance.display import terminal
from relance.display.breaking import cut, wrapped
from relance.display.documents import left_out, left_out_sums, plan_document, totals, unknown_rates
from relance.display.layout import ADDRESS, NAME, PIPE, Cell, Column, columns
from relance.display.lines import command_for, instead_of, news_by_hand, sentence
from relance.display.tasks import brief_numbers, task_line, throw_away, ways_of
from relance.display.todo import todo_lines
from relance.display.waiting import counted, in_order, is_quiet, waiting_rows
from relance.french import brief_date, command, eur, half_awaited, listing, long_day, plural, typeset

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.core.plan import Line
    from relance.runs.plan import Planned
    from relance.sources import InvoiceFile

NO_INVOICE = "Aucune facture n’a été lue dans ce fichier."
_SHOWN = 3
"""So many problems and remarks are told one by one; `check` has them all."""


def show_plan(planned: "Planned", form: str, *, full: bool = False, quiet: bool = False, verbose: bool = False) -> None:
    """Print a plan as `table`, `lines` or `json`; `full` lists what is settled too, `quiet` leaves out what only waits.

    A table is as wide as the terminal, lines are as wide as a page; what is to be done stands last.
    """
    if form == "json":
        terminal.say_json(plan_document(planned))
        return
    width = terminal.width() if form == "table" else PIPE
    terminal.show(plan_lines(planned, width, full=full, quiet=quiet, verbose=verbose))


def plan_lines(planned: "Planned", width: int, *, full: bool, quiet: bool, verbose: bool) -> Iterator[str]:
    """The plan in lines of at most `width` places: one an invoice, what has no news counted."""
    plan, source = planned.plan, planned.desk.source
    yield from _headline(planned, width)
    if run := planned.desk.last_run:
        from relance.display.schedule import last_run_line  # imported here: without a schedule nothing is late

        yield from wrapped(last_run_line(run, plan.today, plan.morning.policy.calendar), width)
    if bank := plan.morning.history.bank:
        from relance.display.bank import known_words  # imported here: most plans read no statement

        yield from wrapped(known_words(bank.until, bank.gaps, plan.today), width)
    if not plan.lines:
        yield NO_INVOICE
    yield from _waiting(planned, width, full=full, quiet=quiet, verbose=verbose)
    yield ""
    yield from _totals(plan, width)
    yield from _not_counted(planned, width)
    lost = [shrunk(plan.around)] if plan.around.shrunk else [*map(gone, plan.around.vanished)]
    lost += map(unread, plan.around.unread)
    remarks = [*lost, *map(throw_away, plan.overtaken), *_unknown(plan), *_told_by_hand(plan), *_of_bank(plan)]
    noted = names_file(planned.desk.settings, source)
    problems = [problem_line(problem, noted=noted) for problem in planned.problems] + [*_unclear(planned, noted=noted)]
    most = None if full or verbose else _SHOWN
    yield from _listed("Remarques", remarks, source.reading.notes, width, most, planned)
    yield from _listed("Anomalies", [], problems, width, most, planned)
    yield from _ahead(planned.ahead, width)
    yield ""
    yield from sending_lines(planned, width)
    tasks = [task for task in plan.tasks if task.lines[0].reason is not Reason.READING]  # its question stands last
    noted, others = planned.desk.settings is not None, "" if full else same_files(planned, "plan", "--all")
    yield from todo_lines(tasks, width, _file_option(planned), noted=noted, others=others)
    if unagreed := plan.morning.history.unagreed:
        from relance.display.reading import question_lines  # imported here: most files are read as agreed

        yield ""
        desk = planned.desk
        init = "" if desk.settings is not None else command("init", *map(str, desk.places[:1]))
        yield from question_lines(source.reading, unagreed, init=init, width=width)


def _headline(planned: "Planned", width: int) -> Iterator[str]:
    """The day, the file and how old it is, what was read; on several lines where one has no room for the file."""
    plan, source = planned.plan, planned.desk.source
    day = long_day(plan.today).capitalize()
    saved = f" du {brief_date(source.modified.date(), plan.today)}" if source.modified else ""
    due = sum(row["invoices"] for row in totals(plan.lines))
    counts = plural(source.rows, "ligne"), plural(due, "facture due")
    read = f"{saved} · {', '.join(counts)}"
    room = width - len(day) - len(read) - 3
    if room >= _FILE:
        yield typeset(f"{day} · {cut(file_name(source.file), room)}{read}")
    else:
        yield from wrapped(typeset(f"{day} · {cut(file_name(source.file), width - 4)}{read}"), width, "", "  ", counts)


_FILE = 12
"""Places that the name of a file needs at least beside the day."""


def _of_bank(plan: Plan) -> Iterator[str]:
    """Where file and bank differ, and what is to be looked at there."""
    if plan.morning.history.bank is not None:
        from relance.core.banked import remarks
        from relance.display.bank import remark

        yield from map(remark, remarks(plan))


def file_name(file: str) -> str:
    """A file without its folders; an address whole."""
    return file if "://" in file else file.rpartition("/")[2]


def _waiting(planned: "Planned", width: int, *, full: bool, quiet: bool, verbose: bool) -> Iterator[str]:
    """What waits and why, one line an invoice; all invoices where `full`."""
    plan = planned.plan
    told, asked = _told(plan), _of_file(plan)
    if full:
        listed, left = list(plan.lines), list["Line"]()
    elif quiet:
        listed, left = [line for line in plan.lines if line.reason.to_look_at and line.key not in asked], []
    else:
        waiting = [line for line in plan.lines if line.key not in told]
        left = [] if verbose else [line for line in waiting if is_quiet(line)]
        listed = [line for line in waiting if verbose or not is_quiet(line)]
    if not listed and not left:
        return
    yield ""
    yield typeset(f"{'Toutes les factures' if full else 'En attente'} ({len(listed) + len(left)})")
    known = {way.command for task in plan.tasks for way in ways_of(task)}
    yield from _invoices(in_order(listed), width, known, verbose=verbose)
    if left:
        yield from wrapped(typeset(f"{counted(left)} → ") + same_files(planned, "plan", "--all"), width, "  ")


def _invoices(lines: Sequence["Line"], width: int, known: Collection[str], *, verbose: bool) -> Iterator[str]:
    """One line each; `verbose` adds why in full, and what comes next."""
    for line, row in zip(lines, waiting_rows(lines, width, known), strict=True):
        yield row
        if not verbose:
            continue
        said, after = sentence(line), ""
        if line.next_stage is not None and line.next_date is not None and f"{line.next_stage.label} le " not in said:
            after = f", ensuite {line.next_stage.label} le {brief_date(line.next_date, line.case.morning.today)}"
        yield from wrapped(said + typeset(after), width, " " * 6)
        if ending := command_for(line):
            yield from wrapped(f"→ {ending} ({instead_of(line)})".removesuffix(" ()"), width, " " * 6)


def _told(plan: Plan) -> set[str]:
    """The invoices (by key) of which a message or a task of the day speaks by name."""
    tasks = (task for task in plan.tasks if task.customer is not None and task.about is not About.KIND)
    messages = (reminder.lines for reminder in plan.reminders)
    return {line.key for lines in (*messages, *(task.lines for task in tasks)) for line in lines}


def sending_lines(planned: "Planned", width: int) -> Iterator[str]:
    """« À envoyer (7) », then each message: kind, customer, address where there is room, invoices, sum."""
    plan, settings = planned.plan, planned.desk.settings
    if not plan.reminders:
        yield typeset("À envoyer : rien aujourd’hui")
        return
    way = f" → {same_files(planned, 'send', '' if settings is not None else '--dry-run')}"
    held = typeset(f" : retenus tant que {_open_of(plan)}")
    yield typeset(f"À envoyer ({len(plan.reminders)})") + (held if plan.morning.history.unagreed else way)
    yield from _message_rows(plan.reminders, width)


def _message_rows(reminders: Iterable[Reminder], width: int, indent: str = "  ") -> Iterator[str]:
    """One line a message; on a page the address is never left out."""
    paged = width >= PIPE
    address = Column(most=ADDRESS) if paged else Column(least=0, most=ADDRESS)
    spec = (Column(least=12), Column(least=12, most=NAME), address, Column(), Column(right=True))
    return columns((_reminder_row(reminder, whole=paged) for reminder in reminders), spec, width, indent)


def _reminder_row(reminder: Reminder, *, whole: bool) -> list[Cell]:
    address = ", ".join(reminder.customer.emails)
    return [
        stage_word(reminder.stage.label),
        reminder.customer.name,
        address if whole else [address, ""],
        brief_numbers(reminder.lines),
        eur(outstanding_of(reminder.lines), reminder.currency),
    ]


def stage_word(label: str) -> str:
    """« ferme » for « relance ferme »."""
    return label.removeprefix("relance ")


def shrunk(around: Surroundings) -> str:
    """That too much is gone from the file at once, and what ends the question."""
    lost = plural(len(around.vanished), "facture ouverte", "factures ouvertes")
    return typeset(
        f"Le fichier a perdu d’un coup {lost} : rien ne part tant qu’il n’est pas complet de nouveau, ou confirmé tel "
        "qu’il est par « relance confirm file »."
    )


def _ahead(plans: tuple[Plan, ...], width: int) -> Iterator[str]:
    """The days on which something happens if nobody pays; quiet days are not named."""
    if not plans:
        return
    yield ""
    yield typeset(f"D’ici au {long_day(plans[-1].today)}, si rien n’est payé :")
    busy = [plan for plan in plans if plan.reminders or plan.tasks]
    for plan in busy:
        yield f"  {long_day(plan.today)}"
        yield from _message_rows(plan.reminders, width, "    ")
        for task in plan.tasks:
            yield from wrapped(typeset("à faire : ") + task_line(task), width, "    ", " " * 6)
    if not busy:
        yield "  rien"


def _of_file(plan: Plan) -> set[str]:
    """The invoices (by key) that the file holds: one question is about them all, and has the command that they lack."""
    files = (task for task in plan.tasks if task.lines[0].reason is Reason.STALE_INPUT)
    return {line.key for task in files for line in task.lines}


def _totals(plan: Plan, width: int) -> Iterator[str]:
    """What is owed and what lateness costs, a line per currency."""
    for row in totals(plan.lines):
        currency = row.pop("currency")
        row.pop("invoices")
        sums = {name: Decimal(value) for name, value in row.items()}
        said = f"Reste dû {eur(sums['outstanding'], currency)} · en retard {eur(sums['overdue'], currency)}"
        if plan.morning.history.unagreed:
            unsure = f", sommes non sûres tant que {_open_of(plan)}"
            yield from wrapped(typeset(said + unsure), width)
            continue
        if charged := sums["claimed"] - sums["overdue"]:
            said += f" + {eur(charged, currency)} de frais"
        if apart := sum((line.charges.fee_apart for line in plan.lines if line.invoice.currency == currency), ZERO):
            said += f" et {eur(apart)} d’indemnités à part"
        yield from wrapped(typeset(said), width)


def _open_of(plan: Plan) -> str:
    """What is not agreed of how the file is read."""
    unagreed = plan.morning.history.unagreed
    seller = unagreed is not None and not unagreed.of_columns
    return "le vendeur n’est pas confirmé" if seller else "les colonnes ne sont pas comprises"


def _not_counted(planned: "Planned", width: int) -> Iterator[str]:
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
    yield from wrapped(typeset(f"Non compté : {said} → ") + why_not_counted(planned), width, under="  ")


def why_not_counted(planned: "Planned") -> str:
    """The commands that say it: `check` of the file's rows, `bank` of what money may have paid."""
    of_file = [same_files(planned, "check")] if planned.desk.source.left_out else []
    doubted = any(line.reason is Reason.BANK_DOUBT for line in planned.plan.lines)
    return ", ".join([*of_file, *([command("bank")] if doubted else [])])


def same_files(planned: "Planned", verb: str, options: str = "") -> str:
    """A command about the very files of this plan."""
    desk = planned.desk
    own = desk.settings is not None and desk.settings.source.file == desk.places
    return command(verb, *([] if own else map(str, desk.places)), options=options)


def _file_option(planned: "Planned") -> str:
    """What `show` needs where no settings name the files; empty where they do, or one option cannot say it."""
    places = planned.desk.places
    return f"--file {shlex.quote(str(places[0]))}" if planned.desk.settings is None and len(places) == 1 else ""


def _unknown(plan: Plan) -> Iterator[str]:
    """What the sums leave out because a half-year's rate is not known."""
    halves = unknown_rates(plan.lines)
    if halves:
        count = plural(sum(1 for line in plan.lines if line.charges.missing), "facture")
        from relance.display.statement import missing_sentence

        yield typeset(f"{count} dont les pénalités s’arrêtent au dernier taux connu : ") + missing_sentence(halves)
    elif half := awaited_for(plan):
        yield typeset(half_awaited(half))


def _listed(
    title: str, first: Sequence[str], read: Sequence[str], width: int, most: int | None, planned: "Planned"
) -> Iterator[str]:
    """What is said here alone, then `most` of what `check` says too: what the reader did on its own, or could not read.

    Nobody is dunned on a guess in silence.
    """
    if not (first or read):
        return
    yield ""
    yield typeset(f"{title} ({len(first) + len(read)})")
    for text in (*first, *read[:most]):
        yield from wrapped(text, width, "  ", "    ")
    if most is not None and len(read) > most:
        left = plural(len(read) - most, "autre")
        yield from wrapped(f"{left} → {same_files(planned, 'check')}", width, "  ", "    ")


def _unclear(planned: "Planned", *, noted: bool) -> Iterator[str]:
    """Why an invoice is to be looked at, where no problem of the file says it."""
    known, marks = planned.plan.morning.history.known, planned.desk.source.traces.unclear
    said = {(name, problem.message) for problem in planned.problems for name in (problem.line, problem.number)}
    for line in planned.plan.lines:
        if line.reason is Reason.UNCLEAR and line.note and said.isdisjoint(_names(line)):
            asked = noted and marks.get(line.key) not in (None, *known)
            way = command("confirm row", line.name or line.invoice.number) if asked else ""
            yield typeset(f"{line.invoice.number} : ") + line.note + _known_by(way)


def _names(line: "Line") -> set[tuple[int | str, str]]:
    """By what a problem may name this row, with what it says."""
    return {(line.invoice.line, line.note), (line.invoice.number, line.note)}


def _told_by_hand(plan: Plan) -> Iterator[str]:
    for line in plan.lines:
        yield from (typeset(f"{line.invoice.number} : {said}") for said in news_by_hand(line))


def gone(seen: Seen) -> str:
    """What is said once of an invoice that the file does not hold any more."""
    return typeset(f"{seen.number} n’est plus dans le fichier : considérée comme close, elle n’est plus relancée")


def unread(seen: Seen) -> str:
    """What is said of an invoice that a row may be which nobody can read."""
    return typeset(
        f"{seen.number} n’est pas lue aujourd’hui, peut-être une ligne ou un document illisible : elle n’est pas close"
    )


def names_file(settings: "Settings | None", source: "InvoiceFile") -> bool:
    """Whether the settings name this file, so that something can be noted of its rows."""
    return settings is not None and source.file in map(str, settings.source.file)


def _known_by(way: str) -> str:
    """What says that an anomaly is known, once its row is as it should be."""
    return f" → {way}" + typeset(" (si vous la connaissez)") if way else ""


def problem_line(problem: Problem, *, noted: bool = False) -> str:
    """One anomaly on one line: where, what was found, what is expected and, where it can be `noted`, that it is known.

    Its row is named by its number, else by its file and line, a document by its file: no other has these.
    """
    where = problem.sheet or file_name(problem.file)
    row = problem.number or (where if problem.line is None else f"{where}:{problem.line}")
    way = command("confirm row", row) if noted and problem.mark else ""
    place = [problem.file]
    if problem.sheet:
        place.append(f"feuille {problem.sheet}")
    if problem.line is not None:
        place.append(f"ligne {problem.line}")
    if problem.column:
        place.append(f"colonne « {problem.column} »")
    quoted = typeset("« {} »").format(problem.value)
    found = typeset(" (lu : {})").format(quoted) if problem.value and quoted not in problem.message else ""
    return typeset(f"{', '.join(place)} : ") + problem.message + found + _known_by(way)
