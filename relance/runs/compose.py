"""The plan's messages with what each carries, every one rendered and composed before the first one leaves."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from relance.core.facts import HoldReason
from relance.core.invoice import Problem, snapshot_of
from relance.core.message import Attachment, Key, Message, Sender
from relance.core.messages import reminders
from relance.core.plan import Line, Plan, Reminder, Task
from relance.core.policy import DunningPolicy, Stage
from relance.errors import MessageError, TemplateError
from relance.runs.attachments import attachments_of, pdf_of, plain_words
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.core.message import Letter
    from relance.letters.templates import Templates
    from relance.letters.views import Background


class Wording(NamedTuple):
    """What the author of a message sees of it and may change."""

    subject: str
    text: str


class Rewritten(NamedTuple):
    """What a person wrote (`after`) in the place of those that were rendered (`before`), and of no others."""

    before: Wording
    after: Wording


NOTHING_REWRITTEN: Mapping[str, Rewritten] = {}
"""By the Message-ID, which is the same whatever the words."""


class Composed(NamedTuple):
    """Messages ready to leave, those that only wait for approval, and what could not be composed.

    `warnings` is what their author should know of them, each sentence once.
    """

    messages: tuple[Message, ...]
    waiting: tuple[Message, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...] = ()


def compose_all(desk: Desk, plan: Plan, rewritten: Mapping[str, Rewritten] = NOTHING_REWRITTEN) -> Composed:
    """Render and compose; a Problem where one message, or the template of some, is wrong.

    TemplateError where nothing can be written at all for a template; of a stage whose template did not end, no other
    message is tried.
    """
    file = desk.source.file
    _ = desk.templates  # a folder that is not there is said on a day without messages, too
    problems: list[Problem] = []
    warnings: list[str] = []
    wrong: dict[str, TemplateError] = {}

    def composed(each: Iterable[Reminder]) -> tuple[Message, ...]:
        done = []
        for reminder in each:
            from relance.letters.confined import StuckError

            try:
                if isinstance(stuck := wrong.get(reminder.stage.key), StuckError):
                    raise stuck
                message, remarks = compose_one(desk, reminder, rewritten)
                done.append(message)
                warnings.extend(remarks)
            except (MessageError, TemplateError) as error:
                if isinstance(error, TemplateError):
                    wrong[reminder.stage.key] = error
                first = reminder.lines[0].invoice
                problems.append(Problem(file, error.shown, line=first.line or None, value=first.number))
        return tuple(done)

    messages, waiting = composed(plan.reminders), composed(plan.waiting)
    if wrong and not (messages or waiting):
        raise next(iter(wrong.values()))
    return Composed(messages, waiting, tuple(problems), tuple(dict.fromkeys(warnings)))


def compose_one(
    desk: Desk, reminder: Reminder, rewritten: Mapping[str, Rewritten] = NOTHING_REWRITTEN
) -> tuple[Message, tuple[str, ...]]:
    """The message, in the words that a person gave it where he did, and what its author should know of it."""
    from relance.letters.compose import compose
    from relance.letters.render import render

    templates = desk.templates

    sender = with_rib(desk.sender, reminder.stage, desk.policy)
    told = told_of(reminder, sender)
    attachments = attachments_of(reminder, sender.name)
    if told.enclosed:
        attachments += (Attachment(file_name(reminder), letter_pdf(templates, reminder, told).pdf),)
    if sender.rib:
        attachments += (rib_of(sender),)
    letter = render(templates, reminder, told)
    keys = tuple(
        Key(
            invoice=line.key,
            number=line.invoice.number,
            stage=line.acting.key if line.acting else reminder.stage.key,
            channel=reminder.channel,
            ladder=line.ladder,
            snapshot=snapshot_of(line.invoice),
            term=reminder.term,
        )
        for line in reminder.lines
    )
    stage, earlier = reminder.stage.key, _earlier(reminder.lines)

    def composed(letter: "Letter") -> Message:
        return compose(letter, sender, reminder.customer, keys, stage, desk.now, attachments, earlier)

    message = composed(letter)
    words = rewritten.get(message.message_id)
    if words is not None and words.before == words_of(message):
        message = composed(letter._replace(subject=words.after.subject, text=words.after.text))
    return message, letter.warnings


def words_of(message: Message) -> Wording:
    """Those that its reader will see."""
    from relance.letters.mime import text_of

    return Wording(message.subject, text_of(message.raw))


def doubts_about(desk: Desk, reminder: Reminder, words: Wording) -> tuple[str, ...]:
    """What the checker finds in these words that it does not find in those that were rendered, in French."""
    from relance.letters.rewriting import doubts

    told = told_of(reminder, with_rib(desk.sender, reminder.stage, desk.policy))
    return doubts(desk.templates, reminder, told, words.subject, words.text)


def told_of(reminder: Reminder, sender: Sender) -> "Background":
    """What the journal and the file know beside the plan, for this message.

    The mail of a stage that is posted encloses its letter; without typst there is none, and its text says the same.
    """
    from relance.letters.paper import can_print
    from relance.letters.views import Background

    attached = {line.key for line in reminder.lines if line.invoice.pdf_path}
    enclosed = "letter" in reminder.stage.channels and can_print()
    return Background(
        sender,
        attached,
        answered=any(map(_answered, reminder.lines)),
        enclosed=enclosed,
        rate_confirmed=reminder.lines[0].case.customer.grounds.confirmed,
    )


def message_about(lines: Iterable[Line], plan: Plan) -> Reminder:
    """The one message that these lines of one customer make, by the stage in which each acts."""
    (made,) = reminders([list(lines)], plan.lines, plan.morning)
    return made


def missed_about(plan: Plan, lines: Iterable[Line]) -> Task | None:
    """The task about an instalment of these lines that did not come."""
    keys = {line.key for line in lines}
    return next((task for task in plan.missed if any(line.key in keys for line in task.lines)), None)


def about_missed(told: "Background", missed: Task | None) -> "Background":
    """What is told, with the instalment that did not come, where the message is about one."""
    if missed is None or missed.instalment is None:
        return told
    return told._replace(instalment_date=missed.instalment.due, instalment_amount=missed.instalment.amount)


def _answered(line: Line) -> bool:
    """True where the customer is known to have come back to us: something was promised, contested or paid.

    A pause is no word of his: it is who writes that puts off.
    """
    case = line.case
    holds = [held for held in case.holds if held.reason is not HoldReason.PAUSE]
    told = (case.past.payments, case.past.received, holds, case.promises, case.customer.released)
    return any(told) or case.key in case.morning.history.releases


def _earlier(lines: Iterable[Line]) -> list[str]:
    """The Message-IDs of what was said before about these invoices, oldest first, as the customer has them."""
    said = [(contact, line.case.morning.history.renamed) for line in lines for contact in line.case.contacts]
    known = {(contact.on, contact.message_id, renamed.get(contact.message_id, "")) for contact, renamed in said}
    return [renamed or message_id for _, message_id, renamed in sorted(known) if message_id]


MAX_RIB = 2 * 2**20
"""Octets: bank details are one page, and the invoices need the room."""


def with_rib(sender: Sender, stage: Stage, policy: DunningPolicy) -> Sender:
    """The sender as this stage's message shows them: with bank details to join, or without.

    They are joined from the firm reminder on; without one, from the first stage whose message names charges.
    """
    keys = [each.key for each in policy.schedules[0].stages]
    first = "firm" if "firm" in keys else policy.interest.show_from
    joined = stage.key in keys and first in keys and keys.index(stage.key) >= keys.index(first)
    return sender if joined else sender._replace(rib="")


def rib_of(sender: Sender) -> Attachment:
    """The sender's bank details; MessageError where the file is no plain PDF of a bearable size."""
    return pdf_of(sender.rib, MAX_RIB, "Corrigez rib sous [sender], ou remettez ce PDF à sa place.")


class Paper(NamedTuple):
    """A letter on paper, and what the checker remarks in its words."""

    pdf: bytes
    warnings: tuple[str, ...]


def letter_pdf(templates: "Templates", reminder: Reminder, told: "Background") -> Paper:
    """The reminder as a letter on paper; UsageError without typst."""
    from relance.letters.paper import paper, print_letter

    values = paper(templates, reminder, told)
    return Paper(print_letter(templates, values), tuple(values["warnings"]))


def file_name(reminder: Reminder) -> str:
    """« mise-en-demeure-F-2026-031.pdf »: whatever the stage and its invoices are called, a plain name."""
    numbers = [line.invoice.number for line in reminder.lines]
    others = [] if len(numbers) <= _NUMBERS else [f"et {len(numbers) - _NUMBERS + 1} autres"]
    named = numbers if not others else numbers[: _NUMBERS - 1]
    return f"{plain_words(reminder.stage.label, *named, *others)}.pdf"


_NUMBERS = 3
"""Invoices that the name of a letter's file names."""


def try_papers(desk: Desk) -> Iterator[str]:
    """What is read and printed without fault, in French: the bank details, a made-up letter of each stage posted.

    MessageError or TemplateError where one is not.
    """
    from relance.letters.paper import LAYOUT, can_print
    from relance.letters.samples import line, message
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
        letter_pdf(desk.templates, message(line(stage, policy=policy)), Background(sender))
        yield f"{stage.label} en PDF, {LAYOUT}, imprimée sans faute"
