"""The mails that customers wrote, as they came: asked of the mailbox when a folder of proofs is made."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from relance.core.facts import Fact
from relance.core.invoice import held_target
from relance.core.mails import Incoming, Received
from relance.core.replies import Mail
from relance.errors import DeliveryError, SettingsError
from relance.runs.dossier import Desk, machine_time


class FoundMail(NamedTuple):
    """A mail that was received: what the journal tells of it, and its exact bytes where the mailbox still has it.

    `text` is all that can be read of these. `lost` is why the mailbox could not be asked, where it could not.
    """

    told: Received
    raw: bytes = b""
    text: str = ""
    lost: str = ""


def is_about(target: str, about: Collection[str]) -> bool:
    """Whether a fact about this target is one about these invoices or their customer."""
    return target in about or held_target(target) in about


def answers(facts: Iterable[Fact], about: Collection[str], desk: Desk) -> tuple[FoundMail, ...]:
    """The mails that were received about these, each once, with their bytes as far as the mailbox gives them.

    It is asked for those alone that are about nobody else; of another one not even the first lines are shown.
    """
    received = [fact for fact in facts if isinstance(fact, Received) and fact.what is not Incoming.LOST_LINE]
    told = {fact.mail: fact for fact in reversed(received) if _is_of(fact, about)}
    shared = {fact.mail for fact in received if not _is_of(fact, about)}
    asked = [fact for fact in told.values() if fact.mail not in shared]
    lost, whole = "", dict[str, tuple[str, bytes]]()
    try:
        whole = {name: (text, raw) for name, text, raw in _whole(asked, desk)}
    except (DeliveryError, SettingsError) as error:
        lost = error.sentence
    first = [told[name] for name in dict.fromkeys(fact.mail for fact in received) if name in told]
    alone = [fact._replace(excerpt="") if fact.mail in shared else fact for fact in first]
    return tuple(_answer(fact, whole, "" if fact.mail in shared else lost) for fact in alone)


def _answer(fact: Received, whole: dict[str, tuple[str, bytes]], lost: str) -> FoundMail:
    text, raw = whole.get(fact.mail, ("", b""))
    return FoundMail(fact, raw, text, lost)


def _is_of(fact: Received, about: Collection[str]) -> bool:
    return is_about(fact.invoice, about) or is_about(fact.customer, about)


def _whole(asked: Sequence[Received], desk: Desk) -> Iterator[tuple[str, str, bytes]]:
    """The name, text and bytes of each of these mails that lies in the mailbox; nothing where no settings name one."""
    imap = desk.own_settings.imap if asked else None
    zone = machine_time(desk.own_settings).tzinfo if imap is not None else None
    if imap is None or zone is None:
        return
    from relance.delivery.hiding import hidden
    from relance.delivery.mailbox import wholes
    from relance.delivery.secret import read_password

    known = {fact.mail: fact for fact in asked}

    def is_one(mail: Mail) -> bool:
        """Anybody can write a mail of the same Message-ID: it arrived on the same day from the same sender."""
        fact = known.get(hidden(mail.identity))
        return fact is not None and (mail.on, hidden(mail.sender)) == (fact.dated or mail.on, fact.sender)

    since = min(fact.dated or fact.on for fact in asked)
    for mail, raw in wholes(imap, read_password(imap), since, zone, is_one):
        yield hidden(mail.identity), mail.text.partition("\n")[2], raw
