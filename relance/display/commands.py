"""The exact command that moves a line on: what a person types after reading why it is held."""

from relance.core.plan import About, Line, Reason, Task
from relance.core.policy import BROKEN_PROMISE
from relance.french import command


def command_for(line: Line) -> str:
    """The command that ends this line's hold, empty where time or the file ends it."""
    number = line.name or line.invoice.number
    match line.reason:
        case Reason.IN_DOUBT:
            return command("resolve", number, options="--sent")
        case Reason.REFUSED:
            way, _, key = line.note.partition("|")[0].partition(":")
            if way == "bounced":
                return command("release", key or number)
            return command("resolve", (key if way == "refused" else "") or number, options="--not-sent")
        case Reason.CLOCK:
            return "relance confirm clock" if line.note == "ahead" else ""
        case Reason.DRAFTED:
            return command("record", number, options=f"--stage {line.note} --channel email")
        case Reason.ANSWERED:
            return command("release", number)
        case Reason.BACKLOG:
            return "relance confirm backlog --gently"
        case Reason.STALE_INPUT:
            return "relance confirm file"
        case Reason.OPEN_CREDIT:
            return command("allocate", line.note, number)
        case Reason.CHANGED:
            return command("confirm", number)
        case Reason.NOT_DUE if line.note == "moved":
            return command("confirm", number)
        case Reason.AWAITING_APPROVAL:
            return command("approve", number)
        case Reason.INSOLVENCY | Reason.DISPUTED | Reason.PAYMENT_PLAN | Reason.PROMISED | Reason.PAUSED:
            return "" if line.in_file else command("release", _owner(line) if line.of_customer else number)
        case _:
            return ""


def _owner(line: Line) -> str:
    """What names this line's customer and no other, as far as the file tells."""
    customer = line.invoice.customer
    return line.owner or customer.code or customer.siret or next(iter(customer.emails), customer.name)


def command_for_task(task: Task) -> str:
    """The command that closes a task."""
    line = task.lines[0]
    number = line.name or line.invoice.number
    match task.about:
        case About.BROKEN_PROMISE:
            return command("record", number, options=f"--stage {BROKEN_PROMISE.key} --channel call")
        case About.FINISHED:
            return command("hold", number, options="--reason other")
        case About.INSTALMENT | About.PLAN_PAID:
            return command_for(line)
    if task.kind in ("call", "letter", "sms") and task.stage is not None:
        return command("record", number, options=f"--stage {task.stage.key} --channel {task.kind}")
    return command_for(line)
