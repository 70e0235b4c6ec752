"""What a customer answered, below what says that an invoice waits for it: his first lines, and what to do with them."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from relance.core.calendar import next_open
from relance.core.facts import Incoming, Received
from relance.core.plan import Line, Task
from relance.core.reasons import Reason
from relance.french import command, typeset

PROMISED = 7
"""Days of the promise that is shown as an example, as on the sheet for a call."""


def answer_of(line: Line) -> Received | None:
    """The mail for which this line waits; a line of the journal that cannot be read is none."""
    mail = line.why if line.reason is Reason.ANSWERED else None
    return mail if isinstance(mail, Received) and mail.what is not Incoming.LOST_LINE else None


def quoted(line: Line) -> list[str]:
    """The first lines of that mail between quotation marks; none where it could not be read."""
    mail = answer_of(line)
    return typeset("« {} »").format(mail.excerpt).split("\n") if mail is not None and mail.excerpt else []


def reply_lines(line: Line) -> Iterator[str]:
    """Below a line that waits for an answer: what it says, and the three ways to go on, each with its command."""
    if answer_of(line) is None:
        return
    yield from quoted(line)
    number, morning = line.name or line.invoice.number, line.case.morning
    until = next_open(morning.today + timedelta(days=PROMISED), morning.policy.calendar)
    yield "payée → " + command("pay", number)
    yield "promise → " + command("hold", number, options=f"--reason promise --until {until}")
    yield "à relancer → " + command("release", number)


def each_with_reply(tasks: Iterable[Task]) -> Iterator[tuple[Task, list[str]]]:
    """The tasks, each with what stands below it; one mail about several invoices is shown once."""
    shown: set[str] = set()
    for task in tasks:
        mail = answer_of(task.lines[0])
        yield task, [] if mail is None or mail.mail in shown else [*reply_lines(task.lines[0])]
        shown |= {mail.mail} if mail is not None else set()
