"""What a run did, message by message."""

from dataclasses import dataclass, field

from relance.core.message import Message
from relance.delivery.outcome import Outcome
from relance.errors import RelanceError
from relance.journal import State


@dataclass(frozen=True, slots=True)
class Handed:
    """One message (without its bytes, which the journal has) and what became of it.

    `address` is the one that the server refused for good.
    """

    message: Message
    code: int | None = None
    reply: str = ""
    address: str = ""


@dataclass(slots=True)
class Report:
    """What a run did, each message in exactly one list; `left` were not tried, because of `stopped`."""

    sent: list[Handed] = field(default_factory=list)
    drafted: list[Handed] = field(default_factory=list)
    refused: list[Handed] = field(default_factory=list)
    deferred: list[Handed] = field(default_factory=list)
    in_doubt: list[Handed] = field(default_factory=list)
    skipped: list[Handed] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    stopped: RelanceError | None = None
    interrupted: bool = False

    def add(self, handed: Handed, outcome: Outcome) -> None:
        """One message into the list that its end belongs to, and the reason to stop, where it is one."""
        lists = {
            State.SENT: self.sent,
            State.DRAFT: self.drafted,
            State.REFUSED: self.refused,
            State.IN_DOUBT: self.in_doubt,
            State.PREPARED: self.skipped,
            State.NOT_SENT: self.refused if (outcome.code or 0) >= 500 else self.deferred,
        }
        lists.get(outcome.state, self.deferred).append(handed)
        self.stopped = self.stopped or outcome.stop
