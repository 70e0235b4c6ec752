"""What came into the user's mailbox: the answers that wait, and the addresses that mails refused."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

from relance.core.facts import Fact, Held, Released
from relance.core.invoice import Contact, held_target
from relance.core.mails import HOLDING, Incoming, MailboxChanged, Received


class Inbox(NamedTuple):
    """`answers` are what waits for the user, by invoice key or customer; `bounced` the mails that refuse an address.

    `mails` names all that were ever told. `unreachable` is the day from which the mailbox could not be read, None where
    it can.
    """

    answers: Mapping[str, tuple[Received, ...]] = MappingProxyType({})
    bounced: Mapping[str, Received] = MappingProxyType({})
    mails: frozenset[str] = frozenset()
    unreachable: date | None = None


def inbox_of(told: Sequence[Fact]) -> Inbox:
    """What these facts tell of the mailbox."""
    waiting = _waiting(told)
    answers: dict[str, tuple[Received, ...]] = {}
    for mail in waiting:
        if mail.what in HOLDING:
            answers[mail.invoice] = (*answers.get(mail.invoice, ()), mail)
    changed = [fact for fact in told if isinstance(fact, MailboxChanged)]
    return Inbox(
        answers=answers,
        bounced={mail.address: mail for mail in waiting if mail.what is Incoming.BOUNCE},
        mails=frozenset(mail.mail for mail in told if isinstance(mail, Received)),
        unreachable=changed[-1].on if changed and not changed[-1].reachable else None,
    )


def _waiting(told: Iterable[Fact]) -> list[Received]:
    """The mails of which the user made nothing yet."""
    waiting: list[Received] = []
    for fact in told:
        if isinstance(fact, Received):
            waiting.append(fact)
        elif isinstance(fact, Held | Released):
            waiting = [mail for mail in waiting if not _dealt_with(mail, fact)]
    return waiting


def _dealt_with(mail: Received, said: Held | Released) -> bool:
    """A hold on the invoice or its customer is what the user made of an answer; a bounce needs his release."""
    about = not {said.target, held_target(said.target)}.isdisjoint((mail.invoice, mail.customer))
    return about and (isinstance(said, Released) or mail.what is not Incoming.BOUNCE)


def waits_for_user(inbox: Inbox, target: str) -> bool:
    """Whether a mail about this invoice or customer waits for the user's release."""
    mails = (*chain.from_iterable(inbox.answers.values()), *inbox.bounced.values())
    return any(target in (mail.invoice, mail.customer) for mail in mails)


def heard(received: Iterable[Received], contacts: Iterable[Contact]) -> Received | None:
    """The first mail since the last contact that may tell something: the customer's, or that ours is under way."""
    for mail in received:
        if mail.what in (Incoming.OTHER, Incoming.DELAYED) and all(contact.on <= mail.on for contact in contacts):
            return mail
    return None
