"""The messages of the day one by one: each is read, then sent as `send` does it, changed, put off, or left.

Nothing is held while a person reads: no lock, no connection. A message that he sends is a run of `send` about it alone,
with file, mailbox, clock and limits read anew; what would not leave in the words that he read is shown again instead.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple, Protocol

from relance.core.facts import Held, HoldReason
from relance.core.message import Message
from relance.core.plan import Line, Reminder
from relance.errors import EXIT_LOOK, InterruptionError, MessageError, RelanceError, UsageError
from relance.french import date_fr, listing
from relance.runs.compose import Rewritten, Wording, compose_one, doubts_about, words_of
from relance.runs.dossier import Desk
from relance.runs.last_look import too_late
from relance.runs.rehearsal import Notice, Rehearsed, Selection
from relance.runs.send import Sent, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from relance.delivery.outcome import SendReport

PAUSE_DAYS = 7


class Act(StrEnum):
    """What a person does with a message."""

    SEND = "send"
    SKIP = "skip"
    EDIT = "edit"
    PAUSE = "pause"
    QUIT = "quit"


class Keep(StrEnum):
    """What a person does with words of his about which there is a question."""

    KEEP = "keep"
    EDIT = "edit"
    DROP = "drop"


class Card(NamedTuple):
    """A message to be read: which one of how many, with the plan that it comes from."""

    number: int
    of: int
    message: Message
    reminder: Reminder
    rehearsed: Rehearsed


class Reader(Protocol):
    """The person at the terminal; KeyboardInterrupt where he leaves."""

    def begin(self, rehearsed: Rehearsed) -> None:
        """What is said of all the messages first."""

    def show(self, card: Card, *, changed: bool = False) -> None:
        """The message; `changed` tells that it is not the one that he read."""

    def act(self) -> Act:
        """What he does with it; nothing that he typed before he could read it sends it."""

    def keep(self, doubts: Sequence[str], *, possible: bool) -> Keep:
        """What he does with words about which these are the questions; where not `possible` they cannot be kept."""

    def tell(self, *sentences: str) -> None:
        """French sentences."""

    def tell_sent(self, sent: Sent) -> None:
        """What became of the message that he sent."""

    def tell_held(self, lines: Sequence[Line]) -> None:
        """Why these do not leave any more."""


@dataclass
class _Sitting:
    """One person, and what he did so far."""

    reader: Reader
    edit: "Callable[[str], str]"
    report: "SendReport"
    waiting: deque[Card] = field(default_factory=deque)
    rewritten: dict[str, Rewritten] = field(default_factory=dict)
    runs: list[Sent] = field(default_factory=list)

    def all(self) -> None:
        """Every message, until he leaves or nothing more can leave."""
        try:
            while self.waiting and self.report.stopped is None:
                card = self.waiting.popleft()
                self.reader.show(card)
                self._one(card)
        except RelanceError as error:
            self._stop(error)
        except KeyboardInterrupt:
            self._stop(InterruptionError(clean=not self.report.handed))

    def _stop(self, error: RelanceError) -> None:
        self.report.stopped = self.report.stopped or error

    def _one(self, card: Card) -> None:
        """A message until it is dealt with."""
        undecided: Card | None = card
        while undecided is not None:
            card, undecided = undecided, None
            match self.reader.act():
                case Act.QUIT:
                    self.waiting.clear()
                case Act.SKIP:
                    self._hold(card, 0)
                case Act.PAUSE:
                    self._hold(card, PAUSE_DAYS)
                case Act.EDIT:
                    undecided = self._edited(card)
                case Act.SEND:
                    undecided = self._sent(card)

    def _hold(self, card: Card, days: int) -> None:
        """A pause of these invoices, today included: a run of the schedule does not send what a person put off."""
        desk = card.rehearsed.desk.anew()
        until = desk.today + timedelta(days=days)
        keys = card.message.keys
        desk.tell(*(Held(key.invoice, HoldReason.PAUSE, desk.today, until) for key in keys))
        named = listing([key.number for key in keys])
        said = f"{named} : en pause jusqu’au {date_fr(until)}." if days else f"{named} : pas aujourd’hui."
        self.reader.tell(said, *too_late(desk.leaving, desk.now.tzinfo))

    def _edited(self, card: Card) -> Card:
        """The message in the words that he writes, or as it was."""
        from relance.letters.languages import language_of
        from relance.letters.rewriting import as_file, from_file

        desk, reminder, now = card.rehearsed.desk, card.reminder, words_of(card.message)
        known = self.rewritten.get(card.message.message_id)
        before = known.before if known is not None and known.after == now else now
        draft = as_file(*now, language_of(reminder.customer.language).code)
        while True:
            message: Message | None = None
            try:
                draft = self.edit(draft)
                after = Wording(*from_file(draft))
                if after == now:
                    self.reader.tell("Rien n’a changé.")
                    return card
                words = {card.message.message_id: Rewritten(before, after)}
                message, _ = compose_one(desk, reminder, words)
                doubts = doubts_about(desk, reminder, after)
            except UsageError as error:
                self.reader.tell(f"{error} Le message reste comme il était.")
                return card
            except MessageError as error:
                doubts = (str(error),)
            wanted = self.reader.keep(doubts, possible=message is not None) if doubts else Keep.KEEP
            if wanted is Keep.DROP:
                self.reader.tell("Le message reste comme il était.")
                return card
            if wanted is Keep.KEEP and message is not None:
                self.rewritten |= words
                card = card._replace(message=message)
                self.reader.show(card)
                return card

    def _sent(self, card: Card) -> Card | None:
        """Send it; what is still to be decided: about it again, or about what takes its place."""
        run = send(card.rehearsed.desk.anew(), Selection(keys=_keys(card.message), rewritten=self.rewritten))
        try:
            now = next(run)
            run.send([*map(_read, now.composed.messages)] == [_read(card.message)])
        except StopIteration as end:
            sent: Sent = end.value
        else:
            raise AssertionError("a run asks once")
        if sent.busy is not None:
            self.reader.tell("Un autre « relance » est à l’œuvre : rien n’est parti. Réessayez dans un instant.")
            return card
        if sent.report is not None:
            self._took(sent, _keys(card.message))
            return None
        assert sent.rehearsed is not None  # it says something else now
        card, *others = _cards(sent.rehearsed, card.number, card.of)
        self.waiting.extendleft(reversed(others))
        self.reader.show(card, changed=True)
        return card

    def _took(self, sent: Sent, keys: frozenset[str]) -> None:
        """What became of it, told at once and kept for the end."""
        self.runs.append(sent)
        report, mine = sent.report, self.report
        assert report is not None
        for name in ("sent", "drafted", "refused", "deferred", "in_doubt", "skipped", "spoken", "left"):
            getattr(mine, name).extend(getattr(report, name))
        if report.stopped is not None:
            self._stop(report.stopped)
        elif sent.unnoted is not None:
            self._stop(sent.unnoted)
        elif sent.rehearsed is not None and not (report.handed or report.deferred or report.skipped or report.spoken):
            self.reader.tell_held([line for line in sent.rehearsed.plan.lines if line.key in keys])
        else:
            self.reader.tell_sent(sent)


def review(desk: Desk, reader: Reader, edit: "Callable[[str], str]") -> Sent:
    """All messages of the day one by one; where there is none, or none can leave, what `send` says of that."""
    run = send(desk, Selection())
    try:
        next(run)
        run.send(False)
    except StopIteration as end:
        sent: Sent = end.value
    else:
        raise AssertionError("a run asks once")
    if sent.rehearsed is None or sent.report is not None:
        return sent
    reader.begin(sent.rehearsed)
    return go_through(sent, reader, edit)


def go_through(asked: Sent, reader: Reader, edit: "Callable[[str], str]") -> Sent:
    """The messages of a run that was answered with a no, one by one, and what became of them, as one run tells it."""
    from relance.delivery.outcome import SendReport

    rehearsed = asked.rehearsed
    assert rehearsed is not None
    sitting = _Sitting(reader, edit, SendReport())
    sitting.waiting.extend(_cards(rehearsed))
    sitting.all()
    runs = sitting.runs
    if not runs and sitting.report.stopped is None:
        return asked
    told: dict[str, Notice] = {}
    for sent in runs:
        told |= sent.named
    return Sent(
        rehearsed,
        sitting.report,
        news=tuple(told.values()),
        mailbox=next((sent.mailbox for sent in runs if sent.mailbox is not None), None),
        mended=next((sent.mended for sent in (asked, *runs) if sent.mended is not None), None),
        names=tuple(dict.fromkeys(name for sent in runs for name in sent.names)),
        to_look_at=EXIT_LOOK in [sent.exit_code for sent in runs],
    )


def _cards(rehearsed: Rehearsed, number: int = 0, of: int = 0) -> list[Card]:
    """A card for each message; all of them are about what was the one of this number."""
    reminders = {frozenset(line.key for line in each.lines): each for each in rehearsed.plan.reminders}
    messages = rehearsed.composed.messages
    return [
        Card(number or place, of or len(messages), message, reminders[_keys(message)], rehearsed)
        for place, message in enumerate(messages, start=1)
    ]


def _keys(message: Message) -> frozenset[str]:
    return frozenset(key.invoice for key in message.keys)


def _read(message: Message) -> tuple[object, ...]:
    """What a person read of a message before he sent it; a letter that is printed anew says what its text says."""
    files = [(each.name, each.digest if each.path else "") for each in message.attachments]
    return message.message_id, message.recipients, words_of(message), files
