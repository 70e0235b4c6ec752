"""What came into the user's mailbox: the answers that wait, and the addresses that mails refused."""

from collections.abc import Iterable, Sequence
from itertools import chain

from relance.core.facts import Fact, Held, Released
from relance.core.invoice import held_target
from relance.core.mails import HOLDING, Inbox, Incoming, MailboxChanged, Received


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
