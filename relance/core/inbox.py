"""What the user's mailbox told, folded: answers that wait for him, refused addresses, and what only delays."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import NamedTuple

from relance.core.answers import Incoming
from relance.core.facts import Fact, Held, MailboxChanged, Received, Released
from relance.core.invoice import Contact

HEARD_DAYS = 3
"""A mail from the customer that says nothing of the invoice is given this many days, once."""


class Inbox(NamedTuple):
    """`answers` are the mails that wait for the user, by invoice key, `bounced` those that refuse an address, by it.

    `mails` names all that were ever told. `unreachable` is the day from which the mailbox could not be read, None where
    it can.
    """

    answers: Mapping[str, tuple[Received, ...]] = MappingProxyType({})
    bounced: Mapping[str, Received] = MappingProxyType({})
    mails: frozenset[str] = frozenset()
    unreachable: date | None = None


EMPTY = Inbox()


def fold_mails(facts: Sequence[Fact], today: date) -> Inbox:
    """The state on `today`; facts of later days are not known yet."""
    if not any(isinstance(fact, Received | MailboxChanged) for fact in facts):
        return EMPTY
    waiting: list[Received] = []
    mails: set[str] = set()
    unreachable = None
    for fact in facts:
        if fact.on > today:
            continue
        match fact:
            case Received():
                mails.add(fact.mail)
                waiting.append(fact)
            case Held() | Released():
                waiting = [mail for mail in waiting if not _dealt_with(mail, fact)]
            case MailboxChanged():
                unreachable = None if fact.reachable else fact.on
    answers: dict[str, tuple[Received, ...]] = {}
    for mail in waiting:
        if mail.what is Incoming.ANSWER:
            answers[mail.invoice] = (*answers.get(mail.invoice, ()), mail)
    bounced = {mail.address: mail for mail in waiting if mail.what is Incoming.BOUNCE}
    return Inbox(answers, bounced, frozenset(mails), unreachable)


def _dealt_with(mail: Received, said: Held | Released) -> bool:
    """A hold on the invoice or its customer is what the user made of an answer; a bounce needs his release."""
    about = said.target in (mail.invoice, mail.customer)
    return about and (isinstance(said, Released) or mail.what is not Incoming.BOUNCE)


def waits_for_user(inbox: Inbox, target: str) -> bool:
    """Whether a mail about this invoice or customer waits for the user's release."""
    mails = (*(mail for each in inbox.answers.values() for mail in each), *inbox.bounced.values())
    return any(target in (mail.invoice, mail.customer) for mail in mails)


def heard(received: Sequence[Received], contacts: Iterable[Contact]) -> tuple[date, Received] | None:
    """The first mail since the last contact that may tell something, with the day until which it delays.

    It is the customer's, or says that ours is still under way.
    """
    if not received:
        return None
    kinds = (Incoming.OTHER, Incoming.DELAYED)
    last = max((contact.on for contact in contacts), default=date.min)
    found = next((mail for mail in received if mail.what in kinds and mail.on >= last), None)
    return (found.on + timedelta(days=HEARD_DAYS), found) if found is not None else None
