"""Before anything leaves: what arrived in the user's mailbox since, told to the journal."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from relance.config import Imap, Settings
from relance.core.answering import Mail, is_of_interest, is_trace_of, learn, watch
from relance.core.facts import MailboxChanged
from relance.core.history import History
from relance.errors import DeliveryError
from relance.french import date_fr, typeset
from relance.runs.dossier import Dossier, machine_time
from relance.runs.remembering import history_of

if TYPE_CHECKING:
    from relance.delivery.mailbox import ImapSettings
    from relance.journal import Journal

SAID_AFTER_DAYS = 2
"""A mailbox that does not answer is no news before: laptops wake up without a network."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the look was worth: `error` is why the mailbox could not be read, so that nothing may leave.

    `notice` is what the user is told of it, once it lasts.
    """

    error: DeliveryError | None = None
    notice: str = ""


def look_for_answers(dossier: Dossier, settings: Settings, journal: "Journal", *, alone: bool) -> Looked:
    """Read the mailbox, where the settings name one and a message is out; what it tells becomes facts.

    A delivery in doubt that left a trace there is settled as sent. Nobody is connected to where there is nothing to
    look for. With `alone`, nobody watches: the network of a laptop that has just woken up is waited for.
    SettingsError where the user has to change something. Call it under the journal's lock.
    """
    imap = settings.imap
    if imap is None:
        return Looked()
    history = history_of(dossier, journal.facts(), journal.started)
    watched, doubts = watch(dossier.invoices, history, dossier.today), journal.in_doubt()
    if not (watched or doubts):
        return Looked()
    zone = machine_time(settings).tzinfo
    assert zone is not None
    since = min([one.since for one in watched] + [d.at.astimezone(zone).date() for d in doubts])
    own = _own(settings, imap)
    from relance.delivery.mailbox import look
    from relance.delivery.network import await_network

    if alone:
        await_network(imap.host, imap.port)

    def wanted(mail: Mail) -> bool:
        return is_of_interest(mail, watched, own)

    try:
        mails = look(server(imap), password(imap), since, zone, wanted)
    except DeliveryError as error:
        return _unreachable(error, history, dossier, journal)
    if history.inbox.unreachable is not None:
        journal.record(MailboxChanged(True, dossier.today))
    if _settle_doubts(mails, journal):
        history = history_of(dossier, journal.facts(), journal.started)
        watched = watch(dossier.invoices, history, dossier.today)
    facts = learn(mails, watched, own, history.inbox.mails, dossier.today)
    if facts:
        journal.record(*facts)
    return Looked()


def _settle_doubts(mails: list[Mail], journal: "Journal") -> bool:
    settled = False
    for doubt in journal.in_doubt():
        trace = next((mail for mail in mails if is_trace_of(mail, doubt.message_id)), None)
        if trace is not None:
            journal.found(doubt.id, f"retrouvé dans la messagerie ({trace.identity})")
            settled = True
    return settled


def _unreachable(error: DeliveryError, history: History, dossier: Dossier, journal: "Journal") -> Looked:
    since = history.inbox.unreachable
    if since is None:
        journal.record(MailboxChanged(False, dossier.today))
        return Looked(error)
    if dossier.today - since < timedelta(days=SAID_AFTER_DAYS):
        return Looked(error)
    return Looked(error, typeset(f"Depuis le {date_fr(since)}, plus rien ne part : ") + error.shown)


def _own(settings: Settings, imap: Imap) -> frozenset[str]:
    """The user's own addresses: what comes from them is no answer."""
    sender = settings.sender
    addresses = (sender.email, sender.reply_to, sender.bcc, imap.user)
    return frozenset(address.casefold() for address in addresses if "@" in address)


def server(imap: Imap) -> "ImapSettings":
    """The mailbox as the delivery room wants it."""
    from relance.delivery.mailbox import ImapSettings

    return ImapSettings(imap.host, imap.port, imap.security, imap.user, imap.folders, imap.timeout)


def password(imap: Imap) -> str | None:
    """The password from where the settings say."""
    from relance.delivery.secret import Secret, read_password

    return read_password(Secret(imap.password_env, imap.password_command, imap.keyring, imap.user, "imap"))
