"""A folder as the way out: each message a draft, an .eml file in a Maildir, which the user's mail program sends."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from relance.core.message import Message
from relance.delivery.outcome import Outcome
from relance.errors import DeliveryError
from relance.french import system_words
from relance.journal import State
from relance.journal.whole_files import write_whole

_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
UNSENT = b"X-Unsent: 1\r\n"


@dataclass(frozen=True, slots=True)
class FolderTransport:
    """Writes drafts into `folder`, which is created where it is missing."""

    folder: Path

    paced = False

    def hand_over(self, message: Message, at_dot: Callable[[str], None]) -> Outcome:
        """Write the message; what stops one file (rights, a full disk) stops them all.

        Nothing here is past undoing: a draft written again is the same file, so that `at_dot` is not called.
        """
        try:
            path = write_draft(self.folder, message)
        except OSError as error:
            cure = "Vérifiez [delivery] folder, les droits du dossier et la place sur le disque."
            sentence = f"Le message ne peut pas être écrit dans « {self.folder} » ({system_words(error)})."
            return Outcome(State.DEFERRED, reply=sentence, stop=DeliveryError(sentence, cure))
        return Outcome(State.DRAFT, reply=str(path))


def write_draft(folder: Path, message: Message) -> Path:
    """The path of the message under `folder`, laid out as a Maildir: whole in `new`, or not at all.

    Its exact bytes come after `X-Unsent: 1`, by which Outlook opens a file to be sent, and not as one received.

    Written again (the user said that it was not sent), a draft takes the place of its former self, wherever the mail
    program has moved that: two drafts of one reminder would be two reminders. OSError.
    """
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / "new" / file_name(message)
    write_whole(path, UNSENT + message.raw, replace=True, by=folder / "tmp")
    for former in (*folder.glob(path.name), *(folder / "cur").glob(f"{path.name}*")):
        former.unlink()
    return path


def file_name(message: Message) -> str:
    """As `name_of`."""
    return name_of(message.customer, message.stage, [key.number for key in message.keys], message.message_id)


def name_of(customer: str, stage: str, numbers: Sequence[str], message_id: str) -> str:
    """Readable, unique by the message's own identity, and safe whatever an invoice or a customer is called."""
    words = "-".join((customer[:40], stage, *numbers[:3]))
    ascii_words = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode()
    token = _UNSAFE.sub("", message_id.partition("@")[0])[-12:]
    return f"{_UNSAFE.sub('-', ascii_words)[:100].strip('-').lower()}-{token.lower()}.eml"
