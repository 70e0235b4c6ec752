"""What became of one message, and what a run did with all of its messages, as values."""

import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from relance.core.message import Message
from relance.delivery.hiding import hidden
from relance.errors import DeliveryError, RelanceError
from relance.journal import State

MAX_REPLY = 1000  # characters; a server may say more than anybody wants to read
_LOOKED_AT = 70_000  # characters: more than the longest reply that is taken
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co"})


class Outcome(NamedTuple):
    """How a hand-over ended.

    `address` is an address that the server refused for good. `lost` tells that the connection is gone.
    `stop` is why no other message can leave either (the account, the quota, the folder), None otherwise; `pause` how
    long that lasts, where the server says so; `alike` that this is known by the refusal before it, of the same words.
    """

    state: State
    code: int | None = None
    reply: str = ""
    address: str = ""
    lost: bool = False
    stop: DeliveryError | None = None
    pause: timedelta | None = None
    alike: bool = False


class Handed(NamedTuple):
    """One message (without its bytes, which the journal has) and what became of it.

    `address` is the one that the server refused for good.
    """

    message: Message
    code: int | None = None
    reply: str = ""
    address: str = ""


@dataclass(slots=True)
class SendReport:
    """What a run did, each message in exactly one list; `left` were not tried, because of `stopped`.

    `spoken` did not leave because something was told meanwhile of what they are about.
    """

    sent: list[Handed] = field(default_factory=list)
    drafted: list[Handed] = field(default_factory=list)
    refused: list[Handed] = field(default_factory=list)
    deferred: list[Handed] = field(default_factory=list)
    in_doubt: list[Handed] = field(default_factory=list)
    skipped: list[Handed] = field(default_factory=list)
    spoken: list[Handed] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    stopped: RelanceError | None = None

    @property
    def handed(self) -> bool:
        """Whether the mail server or the folder was given a message and answered, or may have been."""
        return bool(self.sent or self.drafted or self.refused or self.in_doubt)

    def add(self, handed: Handed, outcome: Outcome) -> None:
        """One message into the list that its end belongs to, and the reason to stop, where it is one.

        Where the account was refused no message was: what met it leaves later.
        """
        lists = {
            State.SENT: self.sent,
            State.DRAFT: self.drafted,
            State.REFUSED: self.refused,
            State.IN_DOUBT: self.in_doubt,
            State.PREPARED: self.skipped,
        }
        lists.get(outcome.state, self.deferred).append(handed)
        self.stopped = self.stopped or outcome.stop

    def put_off(self, handed: Handed) -> None:
        """What was thought refused is to be tried again."""
        self.refused.remove(handed)
        self.deferred.append(handed)


def readable(reply: bytes | str) -> str:
    """A server's words as one harmless line, without the passwords of the run, cut to 1,000 characters.

    Control and direction characters are written out.
    """
    text = reply.decode("utf-8", "backslashreplace") if isinstance(reply, bytes) else reply
    text = " ".join(hidden(text[:_LOOKED_AT]).splitlines())[: 2 * MAX_REPLY]
    if text.isascii() and text.isprintable():  # as nearly all are
        return text[:MAX_REPLY]
    shown = "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in _HIDDEN else c for c in text)
    return shown[:MAX_REPLY]
