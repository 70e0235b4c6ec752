"""The exact command that moves a line on: what a person types after reading why it is held."""

import shlex

from relance.core.invoice import Customer
from relance.core.plan import Line, Reason, Task


def command_for(line: Line) -> str:
    """The command that ends this line's hold, empty where time or the file ends it."""
    number = shlex.quote(line.invoice.number)
    match line.reason:
        case Reason.IN_DOUBT:
            return f"relance resolve {number} --sent"
        case Reason.DRAFTED:
            return f"relance record {number} --stage {line.note} --channel email"
        case Reason.ANSWERED:
            return f"relance release {number}"
        case Reason.BACKLOG:
            return "" if line.note else "relance confirm backlog --gently"
        case Reason.STALE_INPUT:
            return "relance confirm file"
        case Reason.OPEN_CREDIT:
            return f"relance allocate {shlex.quote(line.note)} {number}"
        case Reason.CHANGED:
            return f"relance confirm {number}"
        case Reason.AWAITING_APPROVAL:
            return f"relance approve {number}"
        case Reason.INSOLVENCY | Reason.DISPUTED | Reason.PAYMENT_PLAN | Reason.PROMISED | Reason.PAUSED:
            target = _name_of(line.invoice.customer) if line.of_customer else number
            return "" if line.in_file else f"relance release {target}"
        case _:
            return ""


def _name_of(customer: Customer) -> str:
    """What names this customer and no other, as far as the file tells."""
    return shlex.quote(customer.code or customer.siret or next(iter(customer.emails), customer.name))


def command_for_task(task: Task) -> str:
    """The command that closes a task."""
    line = task.lines[0]
    if task.kind in ("call", "letter", "sms") and task.stage is not None:
        number = shlex.quote(line.invoice.number)
        return f"relance record {number} --stage {task.stage.key} --channel {task.kind}"
    return command_for(line)
