"""What the answers of a mail server mean at each moment (RFC 5321 4.2.5, RFC 3463; 421 after the dot is a doubt).

Whom an answer is about is told by its words where its code does not: a limit of the account is no customer's fault.
"""

import re
from datetime import timedelta

from relance.core.message import Message
from relance.delivery.outcome import Outcome, readable
from relance.errors import DeliveryError
from relance.journal import State
from relance.letters.compose import ascii_address

_CLOSING = 421  # the server leaves: what it did with the message is not said
_QUOTA = "5.4.5"
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_LIMIT = re.compile(
    r"quota|limit|exceed|too (?:many|much)|throttl|maximum|unusual|\brate\b|credits|only \d+|d.{1,4}pass|trop de"
    r"|plafond"
)
_HOURLY = re.compile(r"hour|minute|second\b|/h\b|heure|horaire")
_TIMED = re.compile(
    r"(?:per|par|an|une?) (?:hour|day|minute|heure|jour)|hourly|daily|24 ?h|/h|quotidien|journalier|horaire"
)
_SENDING = re.compile(r"relay|sending|outgoing|outbound|outmail|submission|throttl|envoi")
_OF_OURS = re.compile(
    r"sender|\bsent\b|(?:from|of) your|your (?:ip|account|domain)|(?:many|much|de) (?:e?-?mails?|messages|conne[cx])"
    r"|e?-?mails? (?:limit|quota)|messages? (?:limit|quota)|unusual"
)
_OF_MESSAGE = re.compile(
    r"\bsize|taille|too (?:large|big)|bytes|octets|length|score|threshold|\bhop|loop|attachment|spam|virus|junk"
)
_OF_MAILBOX = re.compile(
    r"mailbox|inbox|\bbo.{1,4}te\b|tried to reach|trying to contact|receiv(?:e|ing)\b|\bfull\b|\bplein"
    r"|no such|unknown|not exist|not found|invalid|disabled|inactive|inconnu|n.{1,3}existe"
)
_STORAGE = re.compile(r"over ?quota|storage")
"""Of a mailbox as a rule; a bare 552 says it of the account too, and then to others as well."""
_SIZE = re.compile(r"\bsize|taille|too (?:large|big)|bytes|octets|length|attachment")
_ABOUT_RECIPIENT = re.compile(r"[245]\.(?:1\.\d+|2\.[1-4])")
_NOT_OURS = re.compile(
    r"sender address is not allowed|not (?:allowed|permitted|authorized) to send (?:as|from)|permissions? to send as"
    r"|not owned by user"
)
"""What IONOS (29 January 2024), Exchange and Postfix say where the sender's address is not one of the account."""
_RELAYING = re.compile(rb"\brelay(ing)?\b")
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")


def sender_refused(code: int, reply: bytes) -> Outcome:
    """MAIL is about the account, and so about every message; a size limit is about this one alone."""
    if code == 552 and _enhanced(reply) in ("", "5.3.4") and not _is_limit(reply):
        return before_dot(code, reply)
    outcome = before_dot(code, reply)
    if outcome.stop is not None:
        return outcome
    outcome = outcome._replace(state=State.NOT_SENT)
    if outcome.lost:
        return outcome
    if 500 <= code <= 599:
        said = f"Le serveur refuse l’expéditeur ({code} {outcome.reply})."
        cure = "Vérifiez que sender.email est bien une adresse du compte smtp.user, et votre quota d’envoi."
        if _NOT_OURS.search(_words(reply)):
            cure = "Mettez dans sender.email une adresse de ce compte (chez IONOS : une adresse de votre contrat)."
    else:
        said, cure = f"Le serveur ne prend rien pour l’instant ({code} {outcome.reply}).", "Réessayez plus tard."
    return outcome._replace(stop=DeliveryError(said, cure))


def recipient_refused(message: Message, code: int, reply: bytes, recipient: str) -> Outcome:
    """5.1.x, 5.2.1 and a bare 550, 551 or 553 are about the address; 5.7.x is a policy that may change.

    Many servers say only here what they have against the account: that is about every message.
    """
    outcome = before_dot(code, reply)
    enhanced = _enhanced(reply)
    if outcome.stop is not None:
        return outcome
    if outcome.state is State.REFUSED and _about_account(message, code, reply, recipient):
        return sender_refused(code, reply)
    bare = not enhanced and code in (550, 551, 553)
    permanent = outcome.state is State.REFUSED and (bare or enhanced.startswith("5.1.") or enhanced == "5.2.1")
    if not permanent:
        return outcome
    # As the user's file has it, its domain not in punycode.
    written = (address for address in (*message.to, *message.cc) if ascii_address(address) == recipient)
    return outcome._replace(address=next(written, recipient))


def _about_account(message: Message, code: int, reply: bytes, recipient: str) -> bool:
    """Who sends is refused: no log-in (RFC 4954), no relaying, an address not of the account."""
    said = reply.lower()
    names_sender = message.envelope_from.lower().encode() in said and recipient.lower().encode() not in said
    return code == 530 or names_sender or bool(_RELAYING.search(said) or _NOT_OURS.search(_words(reply)))


def _is_limit(reply: bytes) -> bool:
    """True for a quota or a rate of the account: of what is sent, not of a mailbox that is full or of one message.

    Gmail has a code for it; others (OVH, cPanel, Exchange, Postfix with a policy) say it under 550, 552, 554 or 4xx.
    """
    enhanced, said = _enhanced(reply), _words(reply)
    if enhanced == _QUOTA:
        return True
    timed = _TIMED.search(said) is not None
    sending = timed or _SENDING.search(said) is not None
    if not _LIMIT.search(said) or (_OF_MESSAGE.search(said) and not timed):
        return False
    of_mailbox = _ABOUT_RECIPIENT.match(enhanced) or _OF_MAILBOX.search(said) or _STORAGE.search(said)
    if of_mailbox and not sending:
        return False
    return sending or enhanced[2:4] == "7." or _OF_OURS.search(said) is not None


def _over_limit(code: int, reply: bytes) -> Outcome:
    """Permanent in form at times, not in fact: an hour or a day later the server takes the same message."""
    said = readable(reply)
    pause = _HOUR if _HOURLY.search(_words(reply)) or code < 500 else _DAY
    when = "dans une heure au plus tôt" if pause == _HOUR else "demain"
    stop = DeliveryError(f"Le quota d’envoi de votre compte est atteint ({code} {said}).", f"Le reste partira {when}.")
    return Outcome(State.DEFERRED, code, said, lost=is_lost(code), stop=stop, pause=pause)


def likeness(message: Message, outcome: Outcome) -> str:
    """What a refusal has in common with others that are about the account; empty where it is about this message alone.

    Numbers, addresses and names of servers are left out of it. An unknown address, a full mailbox, a size, and what the
    customer's own server is quoted to say are about him.
    """
    if outcome.state is not State.REFUSED or outcome.address or outcome.code is None:
        return ""
    enhanced, said = _enhanced(outcome.reply.encode()), outcome.reply.casefold()
    if _ABOUT_RECIPIENT.match(enhanced) or _OF_MAILBOX.search(said) or _SIZE.search(said):
        return ""
    words = said.split()
    domain = domain_of(message)
    if any("@" not in word and domain in word for word in words):
        return ""
    return " ".join((str(outcome.code), enhanced, *(word for word in words if word.strip("<>.,:;()[]").isalpha())))


def domain_of(message: Message) -> str:
    """The domain of whom a message is for."""
    return message.to[0].rpartition("@")[2].casefold()


def refused_alike(outcome: Outcome) -> Outcome:
    """The second of two like refusals to different domains: the account is meant, and nobody's message is refused."""
    stop = DeliveryError(
        f"Le serveur refuse deux messages de suite avec les mêmes mots ({outcome.code} {outcome.reply}).",
        "Votre compte d’envoi est sans doute en cause : voyez votre messagerie. Tout sera réessayé demain.",
    )
    return outcome._replace(state=State.DEFERRED, stop=stop, pause=_DAY, alike=True)


def before_dot(code: int, reply: bytes) -> Outcome:
    """A refusal before the dot, by its code and the limits that its words name: nothing was taken."""
    if code // 100 in (4, 5) and _is_limit(reply):
        return _over_limit(code, reply)
    state = State.REFUSED if 500 <= code <= 599 else State.DEFERRED
    return Outcome(state, code if code > 0 else None, readable(reply), lost=is_lost(code))


def final_outcome(code: int, reply: bytes) -> Outcome:
    """What the reply to the final dot means; what is no reply leaves the message in doubt."""
    text = readable(reply)
    if code // 100 in (4, 5) and _is_limit(reply):
        outcome = _over_limit(code, reply)
        return outcome._replace(state=State.IN_DOUBT) if code == _CLOSING else outcome
    match code // 100:
        case 2:
            return Outcome(State.SENT, code, text)
        case 4 if code != _CLOSING:
            return Outcome(State.DEFERRED, code, text)
        case 5:
            return Outcome(State.REFUSED, code, text)
    return Outcome(State.IN_DOUBT, code if code > 0 else None, text, lost=True)


def is_lost(code: int) -> bool:
    """The server leaves, or speaks no SMTP: nothing more can be said to it."""
    return code == _CLOSING or not 200 <= code <= 599


def _words(reply: bytes) -> str:
    return " ".join(reply.decode("utf-8", "replace").casefold().split())


def _enhanced(reply: bytes) -> str:
    found = _ENHANCED.match(reply)
    return found[1].decode() if found else ""
