"""Values as the JSON documents that other programs rely on."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from relance.core.charges import NO_CHARGES
from relance.core.history import Run
from relance.core.invoice import ZERO, LeftOut, Problem
from relance.core.plan import Line, Plan, Task, outstanding_of
from relance.core.reasons import Reason
from relance.display.lines import because, quoted
from relance.display.tasks import command_for_task, whole_text

if TYPE_CHECKING:
    from relance.core.bank import BankState
    from relance.runs.plan import Planned

Document = dict[str, Any]


def plan_document(planned: "Planned") -> Document:
    """The plan of a day (version 1): amounts as strings with two decimals, dates ISO, every key present.

    `ahead` are the days after it, where they were asked for, those on which nothing happens included.
    """
    from relance.display.reading import reading_document  # imported here: lines for people take their sums alone

    plan, source = planned.plan, planned.desk.source
    ahead = [{"date": later.today.isoformat(), **_acts(later)} for later in planned.ahead]
    return {
        "version": 1,
        "today": plan.today.isoformat(),
        "source": {
            "file": source.file,
            "modified": source.modified.isoformat(timespec="seconds") if source.modified else None,
            "rows": source.rows,
        },
        "totals": totals(plan.lines),
        **_left_out(planned),
        "unknown_rates": unknown_rates(plan.lines),
        **_acts(plan),
        "invoices": map(_line, plan.lines),
        "reading": reading_document(source.reading, plan.morning.history.unagreed),
        "last_run": _last_run(planned.desk.last_run, plan.today),
        "bank": _bank(plan.morning.history.bank),
        "problems": [problem_document(problem) for problem in planned.desk.problems],
        **({"ahead": ahead} if ahead else {}),
    }


def _bank(bank: "BankState | None") -> Document | None:
    """Until when payments are known at the bank; None where no statements are read."""
    return bank and {
        "until": _day(bank.until),
        "gaps": [{"from": _day(gap.first), "to": _day(gap.last)} for gap in bank.gaps],
    }


def _last_run(run: Run | None, today: date) -> Document | None:
    """The last run of the schedule: none but its own are noted."""
    return run and {"on": run.on.isoformat(), "unattended": True, "days_ago": (today - run.on).days}


def totals(lines: Iterable[Line]) -> list[Document]:
    """What is open, overdue and claimed, by currency; settled and unclear invoices enter no total."""
    owed = by_currency(line for line in lines if not line.stop.reason.settled)
    return [_total(currency, owed[currency]) for currency in sorted(owed)]


def left_out(planned: "Planned") -> list[LeftOut]:
    """What no total counts and could be owed: rows, and what money may have paid that nobody can place yet.

    Of an unclear invoice, less what was told by hand that came in.
    """
    told = {line.key: line.told for line in planned.plan.lines if line.reason is Reason.UNCLEAR}
    rows = [
        row._replace(amount=max(row.amount - told.get(row.key, ZERO), ZERO)) if row.amount is not None else row
        for row in planned.desk.source.left_out
    ]
    doubted = (line for line in planned.plan.lines if line.reason is Reason.BANK_DOUBT)
    return rows + [LeftOut(line.outstanding, line.invoice.currency, line.key) for line in doubted]


def left_out_sums(rows: Iterable[LeftOut]) -> dict[str, Decimal]:
    """The sum of the amounts that can be read, by currency, euros first; a currency without any is not named."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row.amount:
            sums[row.currency] = sums.get(row.currency, ZERO) + row.amount
    return {currency: sums[currency] for currency in sorted(sums, key=lambda code: (code != "EUR", code))}


def _left_out(planned: "Planned") -> Document:
    """What no total counts: `amount` is in euros, or in the one other currency; `left_out_amounts` names each."""
    rows = left_out(planned)
    sums = left_out_sums(rows)
    return {
        "left_out": {"rows": len(rows), "amount": amount(next(iter(sums.values()), ZERO))},
        "left_out_amounts": [{"currency": currency, "amount": amount(found)} for currency, found in sums.items()],
    }


def by_currency(lines: Iterable[Line]) -> dict[str, list[Line]]:
    """The lines of each currency, in their order."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.invoice.currency, []).append(line)
    return found


def _total(currency: str, lines: Sequence[Line]) -> Document:
    late = [line for line in lines if line.days_overdue > 0]
    costs = [line.charges for line in late]
    return {
        "currency": currency,
        "invoices": len(lines),
        "outstanding": amount(outstanding_of(lines)),
        "overdue": amount(outstanding_of(late)),
        "interest": amount(sum((cost.interest for cost in costs), ZERO)),
        "recovery_fees": amount(sum((cost.recovery_fee for cost in costs), ZERO)),
        "claimed": amount(sum((cost.claimed for cost in costs), ZERO)),
    }


def unknown_rates(lines: Iterable[Line]) -> list[str]:
    """The half-years (2027-S1) whose rate is not known, for want of which some charges are not computed."""
    return sorted({half for line in lines for half in line.charges.missing})


def amount(value: Decimal) -> str:
    """A string with two decimals."""
    text = str(value)
    return text if text[-3:-2] == "." else f"{value:.2f}"


@lru_cache(maxsize=4096)
def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


_NOTHING = (amount(ZERO),) * 3


def _line(line: Line) -> Document:
    case, stage, last, costs = line.case, line.stage, line.last_contact, line.charges
    invoice = case.invoice
    sums = (costs.interest, costs.recovery_fee, costs.claimed)
    interest, fee, claimed = map(amount, sums) if costs is not NO_CHARGES else _NOTHING  # as of most of a large file
    return {
        "number": invoice.number,
        "customer": invoice.customer.name,
        "issue_date": _day(invoice.issue_date),
        "due_date": _day(invoice.due_date),
        "days_overdue": line.days_overdue,
        "currency": invoice.currency,
        "total": amount(invoice.total),
        "paid": amount(case.paid),
        "outstanding": amount(case.outstanding),
        "stage": stage.key if stage else None,
        "last_stage": line.last_stage if last else None,
        "last_contact": _day(last.on) if last else None,
        "interest": interest,
        "recovery_fee": fee,
        "claimed": claimed,
        "decision": line.decision,
        "reason": line.stop.reason,
        "because": because(line),
        "next_stage": line.next_stage.key if line.next_stage else None,
        "next_date": _day(line.next_date),
    }


def _acts(plan: Plan) -> Document:
    """What leaves on a day, and what a person has to do."""
    return {
        "reminders": [
            {
                "customer": reminder.customer.name,
                "to": list(reminder.customer.emails),
                "stage": reminder.stage.key,
                "channel": reminder.channel,
                "language": reminder.customer.language,
                "invoices": [line.invoice.number for line in reminder.lines],
                "outstanding": amount(outstanding_of(reminder.lines)),
                "claimed": amount(sum((line.charges.claimed for line in reminder.lines), ZERO)),
                "currency": reminder.currency,
            }
            for reminder in plan.reminders
        ],
        "tasks": list(map(_task, plan.tasks)),
    }


def _task(task: Task) -> Document:
    closing = command_for_task(task)
    return {
        "kind": task.kind,
        "customer": task.customer.name if task.customer else "",
        "invoices": [line.invoice.number for line in task.lines],
        "stage": task.stage.key if task.stage else None,
        "phone": task.customer.phone if task.customer else "",
        "text": " ".join((whole_text(task, closing), *quoted(task.lines[0]))),
        "command": closing,
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
