"""What the answers of a mail server mean at each moment (RFC 5321 4.2.5, RFC 3463; 421 after the dot is a doubt)."""

import re
from datetime import timedelta

from relance.core.message import Message
from relance.delivery.outcome import Outcome, readable
from relance.errors import DeliveryError
from relance.journal import State
from relance.letters.compose import ascii_address

_CLOSING = 421  # the server leaves: what it did with the message is not said
_QUOTA = "5.4.5"
_RELAYING = re.compile(rb"\brelay(ing)?\b")
_ENHANCED = re.compile(rb"\s*([245]\.\d{1,3}\.\d{1,3})\b")


def sender_refused(code: int, reply: bytes) -> Outcome:
    """MAIL is about the account, and so about every message; a size limit is about this one alone."""
    if code == 552 and _enhanced(reply) in ("", "5.3.4"):
        return before_dot(code, reply)
    outcome = before_dot(code, reply)._replace(state=State.NOT_SENT)
    if outcome.lost:
        return outcome
    if 500 <= code <= 599:
        said = f"Le serveur refuse l’expéditeur ({code} {outcome.reply})."
        cure = "Vérifiez que sender.email est bien une adresse du compte smtp.user, et votre quota d’envoi."
    else:
        said, cure = f"Le serveur ne prend rien pour l’instant ({code} {outcome.reply}).", "Réessayez plus tard."
    return outcome._replace(stop=DeliveryError(said, cure))


def recipient_refused(message: Message, code: int, reply: bytes, recipient: str) -> Outcome:
    """5.1.x, 5.2.1 and a bare 550, 551 or 553 are about the address; 5.7.x is a policy that may change.

    Many servers say only here what they have against the account: that is about every message.
    """
    outcome = before_dot(code, reply)
    enhanced = _enhanced(reply)
    if enhanced == _QUOTA:
        return _over_quota(code, reply)
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
    """Who sends is refused: no log-in (RFC 4954), no relaying, or the sender's address is named and not the other."""
    said = reply.lower()
    names_sender = message.envelope_from.lower().encode() in said and recipient.lower().encode() not in said
    return code == 530 or _RELAYING.search(said) is not None or names_sender


def _over_quota(code: int, reply: bytes) -> Outcome:
    """Gmail's quota of the day: permanent in form, not in fact."""
    said = readable(reply)
    stop = DeliveryError(f"Le quota d’envoi du jour est atteint ({code} {said}).", "Le reste partira demain.")
    return Outcome(State.DEFERRED, code, said, stop=stop, pause=timedelta(days=1))


def before_dot(code: int, reply: bytes) -> Outcome:
    """A refusal before the dot, by its code alone: nothing was taken."""
    state = State.REFUSED if 500 <= code <= 599 else State.DEFERRED
    return Outcome(state, code if code > 0 else None, readable(reply), lost=is_lost(code))


def final_outcome(code: int, reply: bytes) -> Outcome:
    """What the reply to the final dot means; what is no reply leaves the message in doubt."""
    text = readable(reply)
    match code // 100:
        case 2:
            return Outcome(State.SENT, code, text)
        case 4 if code != _CLOSING:
            return Outcome(State.DEFERRED, code, text)
        case 5:
            return _over_quota(code, reply) if _enhanced(reply) == _QUOTA else Outcome(State.REFUSED, code, text)
    return Outcome(State.IN_DOUBT, code if code > 0 else None, text, lost=True)


def is_lost(code: int) -> bool:
    """The server leaves, or speaks no SMTP: nothing more can be said to it."""
    return code == _CLOSING or not 200 <= code <= 599


def _enhanced(reply: bytes) -> str:
    found = _ENHANCED.match(reply)
    return found[1].decode() if found else ""
