"""Before anything leaves: what arrived in the user's mailbox since, told to the journal."""

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from relance.core.history import History
from relance.core.mails import HOLDING, Incoming, MailboxChanged, Received
from relance.core.replies import Mail, Watched, is_of_interest, is_trace_of, learn, watch
from relance.errors import DeliveryError
from relance.runs.dossier import Desk, machine_time
from relance.runs.noted import told_alone

if TYPE_CHECKING:
    from relance.journal import Journal
    from relance.journal.values import Unsettled

SAID_AFTER_DAYS = 2
"""A mailbox that does not answer is no news before: laptops wake up without a network."""


_NAMED = 3  # senders of mails that could not be read


class Looked(NamedTuple):
    """What the look was worth: `error` is why the mailbox could not be read, so that nothing may leave.

    `since` is the day from which that lasts, None while it is no news. `unread` are the mails that could not be taken
    apart, and that hold nothing: who seems to have written each, as far as that is known; `remarks` what the user has
    to see to among his drafts (French).
    """

    error: DeliveryError | None = None
    since: date | None = None
    unread: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def look_for_answers(desk: Desk, journal: "Journal", *, alone: bool) -> Looked:
    """Read the mailbox, where the settings name one and a message is out; what it tells becomes facts.

    A delivery in doubt that left a trace there is settled as sent. Nobody is connected to where there is nothing to
    look for. With `alone`, nobody watches: the network of a laptop that has just woken up is waited for.
    SettingsError where the user has to change something. Call it under the journal's lock.
    """
    settings = desk.own_settings
    imap = settings.imap
    if imap is None:
        return Looked()
    history, watched = _watched(desk, journal)
    doubts = _sent_perhaps(journal)
    if not (watched or doubts):
        return Looked()
    zone = machine_time(settings).tzinfo
    assert zone is not None
    since = min([one.since for one in watched] + [d.at.astimezone(zone).date() for d in doubts])
    sender = settings.sender
    addresses = (sender.email, sender.reply_to, sender.bcc, imap.user)
    own = frozenset(address.casefold() for address in addresses if "@" in address)  # what they write is no answer
    from relance.delivery.hiding import hidden
    from relance.delivery.mailbox import look
    from relance.delivery.network import await_network
    from relance.delivery.secret import read_password

    if alone:
        await_network(imap.host, imap.port)
    try:
        found = look(imap, read_password(imap), since, zone, lambda mail: is_of_interest(mail, watched, own))
    except DeliveryError as error:
        return _unreachable(error, history, desk, journal)
    mails = [mail._replace(identity=hidden(mail.identity)) for mail in found]
    if history.inbox.unreachable is not None:
        journal.record(MailboxChanged(True, desk.today))
    _settle_doubts(mails, journal)
    history, watched = _watched(desk, journal)
    facts = learn(mails, watched, own, history.inbox.mails, desk.today)
    if facts:
        words = {mail.identity: mail.words for mail in mails}
        journal.record(*(_kept(fact, words[fact.mail]) for fact in facts))
    known = history.inbox.mails | {fact.mail for fact in facts}
    return Looked(unread=tuple(hidden(mail.sender) for mail in mails if mail.unreadable and mail.identity not in known))


def _kept(fact: Received, words: str) -> Received:
    """What is kept of a mail, without passwords: a mailbox may say anything. Of one that holds, its first `words` too.

    The address of a bounce is one of ours.
    """
    from relance.delivery.hiding import hidden
    from relance.delivery.wording import first_lines

    return fact._replace(
        sender=hidden(fact.sender),
        subject=hidden(fact.subject),
        address=fact.address if fact.what is Incoming.BOUNCE else hidden(fact.address),
        excerpt=first_lines(hidden(words)) if fact.what in HOLDING else "",
    )


def _watched(desk: Desk, journal: "Journal") -> tuple[History, tuple[Watched, ...]]:
    """What the journal knows now, and the messages of which an answer may come."""
    history = told_alone(journal.facts(), journal.started, desk.now)
    return history, watch(desk.invoices, history, desk.today)


def _sent_perhaps(journal: "Journal") -> list["Unsettled"]:
    """The messages in doubt but for drafts, which relance never sends."""
    doubts = journal.in_doubt()
    drafts = {draft.delivery for draft in journal.mails.drafts()} if doubts else ()
    return [doubt for doubt in doubts if doubt.id not in drafts]


def _settle_doubts(mails: list[Mail], journal: "Journal") -> None:
    """Those that left a trace are settled as sent."""
    from relance.journal import Settled, State

    for doubt in _sent_perhaps(journal):
        trace = next((mail for mail in mails if is_trace_of(mail, doubt.message_id)), None)
        if trace is not None:
            journal.found(doubt.id, Settled(State.SENT, reply=f"retrouvé dans la messagerie ({trace.identity})"))


def _unreachable(error: DeliveryError, history: History, desk: Desk, journal: "Journal") -> Looked:
    since = history.inbox.unreachable
    if since is None:
        journal.record(MailboxChanged(False, desk.today))
    late = since is not None and desk.today - since >= timedelta(days=SAID_AFTER_DAYS)
    return Looked(error, since if late else None)


def unread_mails(looked: Looked) -> dict[str, str]:
    """That mails of strangers could not be read, as a remark: they hold nothing."""
    if not looked.unread:
        return {}
    count = len(looked.unread)
    whose = ", ".join(dict.fromkeys(sender or "expéditeur inconnu" for sender in looked.unread[:_NAMED]))
    what = "Un message de votre boîte n’a" if count == 1 else f"{count} messages de votre boîte n’ont"
    more = ", ..." if count > _NAMED else ""
    return {f"unread {count} {whose}": f"{what} pas pu être lu{'s' if count > 1 else ''} ({whose}{more}) : à voir."}
