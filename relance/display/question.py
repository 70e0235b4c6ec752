"""What is asked before messages leave: all of them, none, or one by one; and whether a journal goes on."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from enum import StrEnum
from itertools import count
from typing import TYPE_CHECKING

from relance.core.plan import Reminder, outstanding_of
from relance.display import terminal
from relance.display.breaking import wrapped
from relance.display.layout import ADDRESS, NAME, Cell, Column, columns
from relance.display.plan_view import stage_word
from relance.display.send_view import another_day, rates, ready
from relance.display.tasks import brief_numbers, task_line
from relance.french import eur, typeset

if TYPE_CHECKING:
    from relance.runs.rehearsal import Rehearsed


class Answer(StrEnum):
    """What is answered to the question whether all of it leaves."""

    SEND = "send"
    READ = "read"
    NO = "no"


def ask_to_send(rehearsed: "Rehearsed") -> Answer:
    """Show what is about to leave, one line each, and wait for a yes, or for a wish to read it."""
    terminal.show(_how_many(rehearsed))
    reminders = rehearsed.plan.reminders
    terminal.show(columns(map(_about_to_leave, count(1), reminders), _ASKED, terminal.width()))
    terminal.show(_of_rates(rehearsed))
    messages = len(rehearsed.composed.messages)
    these = "ce message" if messages == 1 else f"ces {messages} messages"
    asked = f"Mettre {these} dans vos brouillons" if rehearsed.desk.into_drafts else f"Envoyer {these}"
    said = terminal.typed(typeset(f"{asked} ? [o]ui, [n]on, [v]oir{' un par un' if messages > 1 else ''} :"))
    return Answer.SEND if said in terminal.YES else Answer.READ if said in ("v", "voir") else Answer.NO


def announce(rehearsed: "Rehearsed") -> None:
    """What is said before messages are read one by one: how many, of which day, and what is asked of the rate."""
    terminal.show([*_how_many(rehearsed), *_of_rates(rehearsed)])


def _how_many(rehearsed: "Rehearsed") -> Iterator[str]:
    yield from another_day(rehearsed)
    yield typeset(f"{ready(rehearsed)}.")


def _of_rates(rehearsed: "Rehearsed") -> Iterator[str]:
    for task in rates(rehearsed):
        yield from wrapped(task_line(task), terminal.width(), "  ", "    ")


_ASKED = (
    Column(right=True),
    Column(least=15),  # a formal notice is read as one before it leaves
    Column(least=10, most=NAME),
    Column(least=12, most=ADDRESS),
    Column(least=0),
    Column(right=True),
)


def _about_to_leave(number: int, reminder: Reminder) -> list[Cell]:
    return [
        str(number),
        stage_word(reminder.stage.label),
        reminder.customer.name,
        ", ".join(reminder.customer.emails),
        [brief_numbers(reminder.lines), ""],
        eur(outstanding_of(reminder.lines), reminder.currency),
    ]


def ask_to_take_away(drafts: int) -> bool:
    """Whether drafts that were just named, and are not to be sent any more, are taken out of the mailbox."""
    these = "ce brouillon" if drafts == 1 else f"ces {drafts} brouillons"
    return terminal.ask(typeset(f"Retirer {these} de votre boîte ?"), "[o]ui, [n]on\u00a0:")


def ask_to_go_on(lines: "Iterable[str]") -> bool:
    """Show what a journal that was put back may send twice, and wait for a yes."""
    terminal.tell(*lines)
    return terminal.ask(typeset("Continuer avec ce journal ?"))


def ask_to_erase(lines: "Iterable[str]") -> bool:
    """Show what is about to be erased, and wait for a yes; who leaves says no."""
    terminal.tell(*lines)
    with suppress(KeyboardInterrupt):
        return terminal.ask(typeset("Effacer ?"))
    return False
