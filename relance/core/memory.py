"""What the next run has to know of this one: which invoices the file held, what the user was told of them."""

from decimal import Decimal

from relance.core.comparing import last_seen, number_changes, payment_changes, seen_paid_on
from relance.core.history import Seen
from relance.core.identities import still_said
from relance.core.invoice import customer_id
from relance.core.plan import Line, Overtaken, Plan, Task
from relance.core.reasons import Reason


def remember(plan: Plan) -> tuple[Seen, ...]:
    """The invoices as this run saw them, those that are gone marked with the day.

    What waits for a word (a new number, a return, a payment taken back) is left as it was seen before, so that it is
    asked again.
    """
    rows, history, present = [], plan.morning.history, {line.key for line in plan.lines}
    for line in plan.lines:
        if number_changes(line.case) or payment_changes(line.case):
            continue
        invoice, before = line.invoice, last_seen(line.case)
        gone = {c.was for c in line.case.past.confirmations} - present
        former = [history.seen[key] for key in sorted(gone) if key in history.seen]
        known = (*former, before) if before is not None else former
        rows.append(
            Seen(
                invoice=line.key,
                number=invoice.number,
                customer=customer_id(invoice.customer),
                total=invoice.total,
                issue_date=invoice.issue_date,
                due_date=invoice.due_date,
                is_open=not line.reason.settled,
                paid=line.paid,
                paid_on=seen_paid_on(line.case),
                formerly=tuple({name: 0 for seen in known for name in still_said(seen, invoice, history)}),
            )
        )
        rows += [seen._replace(gone_on=plan.today) for seen in former if seen.gone_on is None]
    return (*rows, *(seen._replace(gone_on=plan.today) for seen in plan.around.vanished))


def without(seen: Seen, before: Decimal, after: Decimal) -> Seen:
    """What the last run saw, once the user took back a payment: it knew `before` as paid, and knows `after`.

    Where the file has changed since, what was seen stays as it was: a payment that went missing there is asked about.
    """
    return seen._replace(paid=after) if seen.paid == before else seen


def name_of_line(line: Line) -> str:
    """What the journal remembers it by that the user was told of this line; the clock is one thing for all lines."""
    return f"clock {line.mark}" if line.reason is Reason.CLOCK else f"{line.reason}:{line.mark} {line.key}"


def name_of_task(task: Task) -> str:
    """What makes a task the same one again: a few more invoices for one question are no news.

    Of a question, a new reason is; of what a person does, the reason changes from day to day, the stage alone tells.
    """
    if task.kind in ("confirm", "review") and task.about is None:
        why = sorted({f"{line.reason}:{line.mark}" for line in task.lines})
    else:
        stage = task.stage.key if task.kind != "review" and task.stage is not None else ""
        why = [f"{task.about or ''}:{stage}"]
    keys = () if task.customer is None else (line.key for line in task.lines)
    return " ".join((task.kind, *why, *keys))


def name_of_draft(draft: Overtaken) -> str:
    """What makes a draft to be thrown away the same one again."""
    return f"draft {draft.on} {draft.label} {' '.join(draft.keys)}"


def name_of_gone(seen: Seen) -> str:
    """What makes an invoice that is gone from the file the same one again."""
    return f"gone {seen.invoice}"
