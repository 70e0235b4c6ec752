"""Values as the JSON documents that other programs rely on."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

from relance.core.invoice import Problem
from relance.core.plan import Line, Plan, Reminder, Task
from relance.display import terminal
from relance.display.lines import because
from relance.display.tasks import command_for_task, task_text

Document = dict[str, Any]
ZERO = Decimal("0.00")


def json_text(document: Mapping[str, Any]) -> Iterator[str]:
    """One line of JSON with its accents, in pieces; a value that is an iterator becomes an array.

    Control and direction characters are escaped, so that the line is harmless on a terminal too.
    """
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for i, (key, value) in enumerate(document.items()):
        yield f"{', ' if i else '{'}{encode(key)}: "
        if isinstance(value, Iterator):
            opening = "["
            while batch := list(islice(value, 500)):
                yield opening + terminal.HARMFUL.sub(_escaped, encode(batch)[1:-1])
                opening = ", "
            yield "[]" if opening == "[" else "]"
        else:
            yield terminal.HARMFUL.sub(_escaped, encode(value))
    yield "}\n"


def _escaped(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def plan_document(plan: Plan, file: str, modified: datetime | None, rows: int, problems: Iterable[Problem]) -> Document:
    """The plan of a day (version 1): amounts as strings with two decimals, dates ISO, every key present."""
    return {
        "version": 1,
        "today": plan.today.isoformat(),
        "source": {
            "file": file,
            "modified": modified.isoformat(timespec="seconds") if modified else None,
            "rows": rows,
        },
        "totals": totals(plan.lines),
        "unknown_rates": unknown_rates(plan.lines),
        "reminders": [_reminder(reminder) for reminder in plan.reminders],
        "tasks": [_task(task) for task in plan.tasks],
        "invoices": map(_line, plan.lines),
        "problems": [problem_document(problem) for problem in problems],
    }


def ahead_document(plans: Iterable[Plan]) -> list[Document]:
    """The days after the plan's, those on which nothing happens included."""
    return [
        {
            "date": plan.today.isoformat(),
            "reminders": [_reminder(reminder) for reminder in plan.reminders],
            "tasks": [_task(task) for task in plan.tasks],
        }
        for plan in plans
    ]


def totals(lines: Iterable[Line]) -> list[Document]:
    """What is open, overdue and claimed, by currency; settled and unclear invoices enter no total."""
    sums: dict[str, list[Decimal]] = {}
    for line in lines:
        if line.reason.settled:
            continue
        row = sums.setdefault(line.invoice.currency, [ZERO] * 6)
        row[0] += 1
        row[1] += line.outstanding
        if line.days_overdue > 0:
            row[2] += line.outstanding
            row[3] += line.charges.interest
            row[4] += line.charges.recovery_fee
            row[5] += line.charges.claimed
    names = ("outstanding", "overdue", "interest", "recovery_fees", "claimed")
    return [
        {
            "currency": currency,
            "invoices": int(row[0]),
            **{name: amount(value) for name, value in zip(names, row[1:], strict=True)},
        }
        for currency, row in sorted(sums.items())
    ]


def unknown_rates(lines: Iterable[Line]) -> list[str]:
    """The half-years (2027-S1) whose rate is not known, for want of which some charges are not computed."""
    return sorted({half for line in lines for half in line.charges.missing})


def amount(value: Decimal) -> str:
    """A string with two decimals."""
    text = str(value)
    return text if text[-3:-2] == "." else f"{value:.2f}"


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _line(line: Line) -> Document:
    invoice = line.invoice
    return {
        "number": invoice.number,
        "customer": invoice.customer.name,
        "issue_date": _day(invoice.issue_date),
        "due_date": invoice.due_date.isoformat(),
        "days_overdue": line.days_overdue,
        "currency": invoice.currency,
        "total": amount(invoice.total),
        "paid": amount(line.paid),
        "outstanding": amount(line.outstanding),
        "stage": line.stage.key if line.stage else None,
        "last_stage": line.last_stage,
        "last_contact": _day(line.last_contact.on) if line.last_contact else None,
        "interest": amount(line.charges.interest),
        "recovery_fee": amount(line.charges.recovery_fee),
        "claimed": amount(line.charges.claimed),
        "decision": line.decision,
        "reason": line.reason,
        "because": because(line),
        "next_stage": line.next_stage.key if line.next_stage else None,
        "next_date": _day(line.next_date),
    }


def _reminder(reminder: Reminder) -> Document:
    customer = reminder.customer
    lines = reminder.lines
    return {
        "customer": customer.name,
        "to": list(customer.emails),
        "stage": reminder.stage.key,
        "channel": reminder.channel,
        "language": customer.language,
        "invoices": [line.invoice.number for line in lines],
        "outstanding": amount(sum((line.outstanding for line in lines), ZERO)),
        "claimed": amount(sum((line.charges.claimed for line in lines), ZERO)),
        "currency": reminder.currency,
    }


def _task(task: Task) -> Document:
    customer = task.customer
    return {
        "kind": task.kind,
        "customer": customer.name if customer else "",
        "invoices": [line.invoice.number for line in task.lines],
        "stage": task.stage.key if task.stage else None,
        "phone": customer.phone if customer else "",
        "text": task_text(task),
        "command": command_for_task(task),
    }


def problem_document(problem: Problem) -> Document:
    """One thing that could not be read, located."""
    return {
        "file": problem.file,
        "sheet": problem.sheet,
        "line": problem.line,
        "column": problem.column,
        "value": problem.value,
        "message": problem.message,
    }
