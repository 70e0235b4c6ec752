"""What the mails found in the user's mailbox mean for the invoices that were written about: a pure function."""

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from relance.core.history import NOTHING, History
from relance.core.invoice import Contact, Invoice, customer_id, keyed, normalised_number, paid_until
from relance.core.mails import Incoming, Received

TOKEN = re.compile(r"relance\.([a-z2-7]{26})@", re.IGNORECASE)
"""The part of our Message-IDs that X-Relance-Id repeats: some providers replace the Message-ID itself."""
SHOWN = 150  # characters of a subject that are kept
_DISTINCT = 5  # characters; a shorter number is not looked for in a stranger's mail
_DIGITS = 8  # the same for a number of digits alone: 2026041 may be anything
_DAEMONS = ("mailer-daemon@", "postmaster@")


class Report(NamedTuple):
    """What a delivery report says of one recipient (RFC 3464): `action` is failed, delayed, delivered; lower case."""

    action: str
    address: str = ""
    status: str = ""
    said: str = ""


class Mail(NamedTuple):
    """One mail of the mailbox; `on` is the day on which it arrived there, `sender` an address in lower case.

    `identity` is its own Message-ID, `ids` are those it refers to or repeats, `tokens` those of ours it holds anywhere.
    `text` is its subject and what is known of its body, `words` what of that its author wrote himself (a form feed
    parts subject and bodies), and `speaks` tells that these speak of paying or of a doubt (see delivery/wording.py).
    `automatic` tells that a machine marked it so (RFC 3834), `unreadable` that its text could not be taken apart.
    """

    identity: str
    on: date
    sender: str = ""
    subject: str = ""
    ids: tuple[str, ...] = ()
    tokens: frozenset[str] = frozenset()
    text: str = ""
    automatic: bool = False
    reports: tuple[Report, ...] = ()
    unreadable: bool = False
    words: str = ""
    speaks: bool = False


class Watched(NamedTuple):
    """An open invoice about which mails left; mails from the day `since` on are answers to the last one.

    `renamed` are the Message-IDs under which a server sent some of them on.
    """

    invoice: str
    number: str
    customer: str
    addresses: frozenset[str]
    sent: tuple[Contact, ...]
    since: date
    renamed: frozenset[str] = frozenset()

    def heard_from(self, mail: Mail) -> bool:
        """Whether its customer wrote the mail."""
        return mail.sender in self.addresses


def watch(invoices: Iterable[Invoice], history: History, today: date) -> tuple[Watched, ...]:
    """The invoices that are not settled and about which a mail left."""
    watched = []
    for key, invoice in keyed(invoices):
        contacts, customer = history.invoices.get(key, NOTHING).contacts, invoice.customer
        sent = tuple(contact for contact in contacts if contact.channel == "email" and contact.message_id)
        if sent and paid_until(invoice, today) < invoice.total:
            addresses = frozenset(map(str.casefold, (*customer.emails, *customer.cc)))
            last = max(contact.on for contact in contacts)
            renamed = frozenset(filter(None, (history.renamed.get(contact.message_id) for contact in sent)))
            watched.append(Watched(key, invoice.number, customer_id(customer), addresses, sent, last, renamed))
    return tuple(watched)


def is_of_interest(mail: Mail, watched: Sequence[Watched], own: Collection[str]) -> bool:
    """Whether the whole of a mail is worth reading, by its headers alone."""
    if mail.tokens or _is_daemon(mail) or mail.automatic:
        return True
    return mail.sender not in own and any(one.heard_from(mail) or _in_thread(mail, one) for one in watched)


def learn(
    mails: Iterable[Mail], watched: Sequence[Watched], own: Collection[str], known: Collection[str], today: date
) -> tuple[Received, ...]:
    """The facts that the mails tell, each mail once: those whose identity is `known` were told before.

    `own` are the user's own addresses: what he writes himself is no answer.
    """
    facts: list[Received] = []
    told = set(known)
    for mail in mails:
        if mail.identity not in told:
            found = list(_of_report(mail, watched, own) if mail.reports else _of_mail(mail, watched, own))
            facts += [_fact(mail, one, what, address, today) for one, what, address in found]
            told.add(mail.identity)
    return tuple(facts)


def is_trace_of(mail: Mail, message_id: str) -> bool:
    """Whether a mail shows that the message of this Message-ID really left: a copy, an answer, a delivery report."""
    token = TOKEN.search(message_id)
    return message_id in (mail.identity, *mail.ids) or (token is not None and token[1].lower() in mail.tokens)


_Meaning = tuple[Watched, Incoming, str]


def _of_report(mail: Mail, watched: Sequence[Watched], own: Collection[str]) -> Iterable[_Meaning]:
    """A report counts only where it repeats one of our messages: anybody can write one. One of my own copy is none."""
    reports = [report for report in mail.reports if report.address not in own]
    return (_reported(mail, report, one) for one in watched if _in_thread(mail, one) for report in reports)


_BY_ACTION = {"failed": Incoming.BOUNCE, "delayed": Incoming.DELAYED}


def _reported(mail: Mail, report: Report, one: Watched) -> _Meaning:
    what = _BY_ACTION.get(report.action, Incoming.AUTOMATIC)
    if what is not Incoming.BOUNCE:
        return one, what, report.address
    answered = (contact for contact in one.sent if is_trace_of(mail, contact.message_id))
    recipients = {address.casefold() for contact in answered for address in contact.to}
    # forwarded: the failure names where it went on to
    failed = ({report.address} & (recipients | one.addresses)) or recipients
    if len(failed) != 1:  # which address failed is not certain: a person has to look
        return one, Incoming.ANSWER, ""
    (address,) = failed
    return one, what, address


def _of_mail(mail: Mail, watched: Sequence[Watched], own: Collection[str]) -> Iterable[_Meaning]:
    told = [one for one in watched if one.since <= mail.on and mail.sender not in own]
    theirs = [one for one in told if one.heard_from(mail)]
    named = [one for one in told if _is_about(mail, one)]
    about = [*named, *theirs] if _may_mean_any(mail, named) else named
    found = dict.fromkeys(theirs, Incoming.OTHER) | dict.fromkeys(about, _answering(mail))
    return ((one, _unless_automatic(mail, what), "") for one, what in found.items())


def _may_mean_any(mail: Mail, named: Iterable[Watched]) -> bool:
    """Who speaks of paying or of a doubt and names none of his invoices; what could not be read may say anything."""
    return mail.unreadable or (mail.speaks and not any(one.heard_from(mail) for one in named))


def _answering(mail: Mail) -> Incoming:
    return Incoming.UNREADABLE if mail.unreadable else Incoming.ANSWER


def _unless_automatic(mail: Mail, what: Incoming) -> Incoming:
    # What a daemon says of our message without a proper report may well be a bounce: a person has to look.
    return Incoming.AUTOMATIC if mail.automatic and not _is_daemon(mail) else what


def _is_about(mail: Mail, one: Watched) -> bool:
    return _in_thread(mail, one) or _quotes(mail, one)


def _in_thread(mail: Mail, one: Watched) -> bool:
    answers = any(is_trace_of(mail, contact.message_id) for contact in one.sent)
    return answers or not one.renamed.isdisjoint((mail.identity, *mail.ids))


def _is_daemon(mail: Mail) -> bool:
    return mail.sender.startswith(_DAEMONS)


def _quotes(mail: Mail, one: Watched) -> bool:
    """Whether a mail names an invoice; a stranger's only by a number that is hardly anything else.

    What the customer's quotes counts where it answers a mail, for that may be ours under an identity that our server
    gave it; where it answers none, it may be a machine's that sends our own words back.
    """
    theirs = one.heard_from(mail)
    told = mail.words if theirs and not mail.ids else mail.text
    return (theirs or _is_distinct(one.number)) and names(told, one.number)


def _is_distinct(number: str) -> bool:
    return len(number) >= (_DIGITS if number.isdigit() else _DISTINCT) and any(map(str.isdigit, number))


def names(text: str, number: str) -> bool:
    """Whether a text names an invoice of this number."""
    return _alone(normalised_number(number)).search(normalised_number(text)) is not None


@lru_cache(maxsize=4096)
def _alone(number: str) -> re.Pattern[str]:
    """Where it stands alone: 12 is not named by 2026-12."""
    return re.compile(rf"(?<![\w-]){re.escape(number)}(?!-?\w)")


def _fact(mail: Mail, one: Watched, what: Incoming, address: str, today: date) -> Received:
    said = next((f"{r.status} {r.said}".strip() for r in mail.reports if r.action == "failed"), "")
    return Received(
        invoice=one.invoice,
        what=what,
        on=today,
        mail=mail.identity,
        customer=one.customer,
        sender=mail.sender,
        subject=(said if what is Incoming.BOUNCE and said else mail.subject)[:SHOWN],
        dated=mail.on,
        address=address,
    )
