"""What a message carries beside its invoices: the letter on paper as a PDF, and the sender's bank details."""

import re
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from relance.core.message import Attachment, Sender
from relance.core.plan import Reminder
from relance.core.policy import DunningPolicy, Stage
from relance.runs.attachments import pdf_of
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.letters.views import Background

MAX_RIB = 2 * 2**20
"""Octets: bank details are one page, and the invoices need the room."""


def carries_rib(stage: Stage, policy: DunningPolicy) -> bool:
    """True from the firm reminder on; without one, from the first stage whose message names charges."""
    keys = [each.key for each in policy.schedules[0].stages]
    first = "firm" if "firm" in keys else policy.interest.show_from
    return stage.key in keys and first in keys and keys.index(stage.key) >= keys.index(first)


def with_rib(sender: Sender, stage: Stage, policy: DunningPolicy) -> Sender:
    """The sender as this stage's message shows them: with bank details to join, or without."""
    return sender if carries_rib(stage, policy) else sender._replace(rib="")


def carries_letter(reminder: Reminder) -> bool:
    """True where the mail of a stage that is posted carries its letter: without typst there is none to carry."""
    from relance.letters.printing import can_print

    return "letter" in reminder.stage.channels and can_print()


def enclosures(desk: Desk, reminder: Reminder, sender: Sender, told: "Background") -> tuple[Attachment, ...]:
    """The PDFs for this message: its letter, where the stage is posted too, then the bank details.

    Without typst the message leaves without the letter: its text says the same. MessageError where the bank details
    cannot be read, TemplateError where the layout is wrong.
    """
    found = []
    if carries_letter(reminder):
        found.append(Attachment(file_name(reminder), letter_pdf(desk, reminder, sender, told).pdf))
    if sender.rib:
        found.append(rib_of(sender))
    return tuple(found)


def rib_of(sender: Sender) -> Attachment:
    """The sender's bank details; MessageError where the file is no plain PDF of a bearable size."""
    return pdf_of(sender.rib, MAX_RIB, "Corrigez rib sous [sender], ou remettez ce PDF à sa place.")


class Paper(NamedTuple):
    """A letter on paper, and what the checker remarks in its words."""

    pdf: bytes
    warnings: tuple[str, ...]


def letter_pdf(desk: Desk, reminder: Reminder, sender: Sender, told: "Background", today: date | None = None) -> Paper:
    """The reminder as a letter on paper, of the desk's day where no other is given; UsageError without typst."""
    from relance.letters.paper import paper
    from relance.letters.printing import print_letter

    values = paper(desk.templates, reminder, sender, today or desk.today, desk.policy.interest, told)
    return Paper(print_letter(desk.templates, values), tuple(values["warnings"]))


def file_name(reminder: Reminder) -> str:
    """« mise-en-demeure-F-2026-031.pdf »: whatever the stage and the invoice are called, a plain name."""
    words = re.sub(r"[^\w.-]+", "-", f"{reminder.stage.label} {reminder.lines[0].invoice.number}")
    return f"{words.strip('-.')[:100]}.pdf"


def try_papers(desk: Desk) -> Iterator[str]:
    """What is read and printed without fault, in French: the bank details, a made-up letter of each stage posted.

    MessageError or TemplateError where one is not.
    """
    from relance.letters.printing import LAYOUT, can_print
    from relance.letters.samples import TODAY, line, message
    from relance.letters.views import Background

    sender, policy = desk.sender, desk.policy
    if sender.rib:
        yield f"{rib_of(sender).name}, joint à partir de la relance ferme"
    stages = {stage.key: stage for schedule in policy.schedules for stage in schedule.stages}
    posted = [stage for stage in stages.values() if "letter" in stage.channels]
    if posted and not can_print():
        yield "pas de lettre en PDF sans typst (pip install typst)"
        return
    for stage in posted:
        letter_pdf(desk, message(line(stage, policy=policy), policy=policy), sender, Background(), TODAY)
        yield f"{stage.label} en PDF, {LAYOUT}, imprimée sans faute"
