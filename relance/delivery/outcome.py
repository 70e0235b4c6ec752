"""What became of one message, as a value."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import timedelta

from relance.errors import DeliveryError
from relance.journal import State

MAX_REPLY = 1000  # characters; a server may say more than anybody wants to read


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a hand-over ended.

    `address` is an address that the server refused for good. `lost` tells that the connection is gone.
    `stop` is why no other message can leave either (the account, the quota, the folder), None otherwise; `pause` how
    long that lasts, where the server says so.
    """

    state: State
    code: int | None = None
    reply: str = ""
    address: str = ""
    lost: bool = False
    stop: DeliveryError | None = None
    pause: timedelta | None = None

    def with_state(self, state: State) -> "Outcome":
        """The same end under another state."""
        return replace(self, state=state)


def readable(reply: bytes | str) -> str:
    """A server's words as one harmless line: control and direction characters written out, cut to 1,000 characters."""
    text = reply.decode("utf-8", "backslashreplace") if isinstance(reply, bytes) else reply
    text = " ".join(text[: 2 * MAX_REPLY].splitlines())
    shown = "".join(c.encode("unicode_escape").decode() if _hidden(c) else c for c in text)
    return shown[:MAX_REPLY]


def _hidden(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co"}
