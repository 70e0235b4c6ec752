"""The Drafts folder as the way out: each message lies there once, as it would travel, and its user sends it.

Claimed in the journal -> APPEND -> recorded, as a message of SMTP is; but what a crash leaves open is settled by
looking: a draft is known by its Message-ID or X-Relance-Id, and by its bytes.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, tzinfo
from typing import NamedTuple
from urllib.parse import quote

from relance.core.facts import Lies
from relance.core.message import Message
from relance.core.replies import TOKEN, names
from relance.delivery.account import Account
from relance.delivery.folders import DRAFTS, SENT, FilingError, OwnFolder, open_folder
from relance.delivery.mailbox import TO_CHECK, TROUBLE, Session, session_with, why
from relance.delivery.mails import Head
from relance.delivery.outbox import AtDot
from relance.delivery.outcome import Outcome
from relance.errors import DeliveryError, SettingsError
from relance.journal import State
from relance.journal.parts import digest_of
from relance.journal.values import DRAFTS as SCHEME
from relance.journal.values import InMailbox

FLAGS = r"(\Draft \Seen)"
_CURE = "Vérifiez la connexion et [imap] avec « relance check »."
_NAMED = 'Nommez-le sous [imap] : drafts_folder = "Brouillons".'


class Whereabouts(NamedTuple):
    """How a draft lies in the mailbox: at this place, or left on that day, as far as Sent shows.

    `uids` are those of our own bytes; `kept` tells that the server takes no single mail away.
    """

    lies: Lies
    place: str = ""
    left_on: date | None = None
    uids: tuple[str, ...] = ()
    kept: bool = False


@contextmanager
def drafts_session(account: Account, password: str | None) -> Iterator[Session]:
    """A session for drafts: DeliveryError or SettingsError where there can be none, or where it breaks off."""
    with session_with(account, password, "La messagerie", _CURE) as session:
        yield session


class DraftsTransport:
    """Drafts, in a session that is open."""

    paced = False

    def __init__(self, account: Account, session: Session, zone: tzinfo) -> None:
        """Look what lies there; DeliveryError or SettingsError before anything is prepared."""
        self._account = account
        try:
            self._folder = drafts_folder(account, session, zone)
            self._heads = self._folder.heads()
        except TROUBLE as error:
            raise _broken(account, error) from None

    def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
        """File one message, unless it lies there; after `at_dot`, what breaks off is in doubt until the next look."""
        session = self._folder.session
        session.renew()
        try:
            lying = [head for head in self._heads if head.is_message(message.message_id)]
            digests = {head.uid: self._folder.digest(head.uid) for head in lying}
            session.noop()  # a connection that ended meanwhile is no doubt
        except TROUBLE as error:
            return Outcome(State.DEFERRED, reply=str(_broken(self._account, error)), lost=True)
        same = [uid for uid, digest in digests.items() if digest == digest_of(message.raw)]
        if same:
            return Outcome(State.DRAFT, reply=place_of(self._account, self._folder, same[0]))
        if lying:
            return Outcome(State.DEFERRED, reply=_another(self._folder))
        at_dot(place_of(self._account, self._folder))
        try:
            uid = self._folder.file(message.raw, FLAGS)
        except FilingError as error:
            return self._refused(error)
        except TROUBLE as error:
            return Outcome(State.IN_DOUBT, reply=str(_broken(self._account, error)), lost=True)
        return Outcome(State.DRAFT, reply=place_of(self._account, self._folder, uid))

    def _refused(self, error: FilingError) -> Outcome:
        """A folder that is gone or a mailbox that is full stop the run; anything else may be about this message."""
        stop = None
        if error.no_folder:
            stop = DeliveryError(f"Le dossier « {self._folder.shown} » n’existe plus ({error.said}).", _NAMED)
        elif error.full:
            stop = DeliveryError(f"La boîte {self._account.server} est pleine ({error.said}).", "Faites de la place.")
        return Outcome(State.DEFERRED, reply=error.said, stop=stop)


def _another(folder: OwnFolder) -> str:
    """Why nothing is filed beside what a person made of an earlier draft, and what he can do (French)."""
    lies = f"un autre état de ce message est dans «\u00a0{folder.shown}\u00a0»"
    return f"{lies}\u00a0: supprimez-le, ou envoyez-le"


def drafts_folder(account: Account, session: Session, zone: tzinfo) -> OwnFolder:
    """The folder of drafts; SettingsError where none can be told, with the setting that names it."""
    found = open_folder(session, DRAFTS, zone, account.drafts_folder, writing=True)
    if found is not None:
        return found
    raise no_drafts(account)


def no_drafts(account: Account) -> SettingsError:
    """That no folder of drafts can be told, with the setting that names it."""
    named = f" « {account.drafts_folder} »" if account.drafts_folder else ""
    return SettingsError(f"{account.server} : dossier des brouillons{named} introuvable.", _NAMED)


def own_folders(account: Account, password: str | None, zone: tzinfo) -> tuple[str, str]:
    """The folders of drafts and of sent messages, as the user writes them, each empty where there is none."""
    with session_with(account, password, "La messagerie", TO_CHECK) as session:
        found = [
            open_folder(session, kind, zone, named) for kind, named in ((DRAFTS, account.drafts_folder), (SENT, ""))
        ]
        drafts, sent = (folder.shown if folder is not None else "" for folder in found)
    return drafts, sent


def place_of(account: Account, folder: OwnFolder, uid: str = "") -> str:
    """Where a draft lies, as RFC 5092 writes it; without a UID, where it will."""
    at = f"{SCHEME}{account.host}:{account.port}/{quote(folder.shown, safe='')}"
    return f"{at};UIDVALIDITY={folder.validity}/;UID={uid}" if uid else at


def look_at(
    account: Account, password: str | None, drafts: Iterable[InMailbox], zone: tzinfo
) -> dict[int, Whereabouts]:
    """How each draft lies, by its delivery; our own bytes of what was not sent after all are taken away.

    DeliveryError where the mailbox cannot be reached, SettingsError where the user has to change something.
    """
    wanted = tuple(drafts)
    with drafts_session(account, password) as session:
        lying = _Lying(account, drafts_folder(account, session, zone))
        found = {draft.delivery: lying.find(draft) for draft in wanted}
        for draft in wanted:
            one = found[draft.delivery]
            if draft.state is State.NOT_SENT and one.lies is Lies.UNTOUCHED:
                gone = lying.folder.remove(one.uids)
                found[draft.delivery] = Whereabouts(Lies.GONE) if gone else one._replace(kept=True)
        missing = [draft for draft in wanted if found[draft.delivery].lies is not Lies.EDITED]
        sent = open_folder(session, SENT, zone) if missing else None
        if sent is not None:
            heads = sent.heads(min(draft.on for draft in missing))
            found |= {draft.delivery: _in_sent(draft, heads, found[draft.delivery]) for draft in missing}
    return found


class _Lying:
    """What lies in Drafts, looked through once."""

    def __init__(self, account: Account, folder: OwnFolder) -> None:
        self.account, self.folder, self.heads = account, folder, folder.heads()

    def find(self, draft: InMailbox) -> Whereabouts:
        """By its UID, its names, or its looks; edited where one of these has other bytes."""
        own = draft.place.rpartition(";UID=")[2] if f";UIDVALIDITY={self.folder.validity}/" in draft.place else ""
        mine = [head for head in self.heads if head.uid == own or head.is_message(draft.message_id)]
        mine = mine or [head for head in self.heads if _looks_like(draft, head)]
        if not mine:
            return Whereabouts(Lies.GONE)
        self.folder.session.renew()
        same = tuple(head.uid for head in mine if self.folder.digest(head.uid) == draft.sha256)
        lies = Lies.UNTOUCHED if len(same) == len(mine) else Lies.EDITED
        return Whereabouts(lies, place_of(self.account, self.folder, (same or (mine[0].uid,))[0]), uids=same)


def _in_sent(draft: InMailbox, heads: Iterable[Head], found: Whereabouts) -> Whereabouts:
    """Sent, where Sent has it by its name, or by its looks once it is gone from Drafts."""
    gone = found.lies is Lies.GONE and draft.state is not State.NOT_SENT  # of that one a likeness tells nothing
    on = [head.on for head in heads if head.is_message(draft.message_id) or (gone and _looks_like(draft, head))]
    return Whereabouts(Lies.SENT, left_on=max(min(on), draft.on)) if on else found


def _looks_like(draft: InMailbox, head: Head) -> bool:
    """To one of its addresses, about it, not before it: programs that edit a draft give it another name.

    What bears the name of another message of ours is that one.
    """
    if head.on < draft.on or head.token or TOKEN.search(head.identity):
        return False
    to = {address.casefold() for address in draft.to}
    about = head.subject == draft.subject or any(names(head.subject, number) for number in draft.numbers)
    return about and not to.isdisjoint(head.to)


def _broken(account: Account, error: Exception) -> DeliveryError:
    """What a session that breaks off means, in our words alone."""
    return DeliveryError(f"La messagerie ({account.server}) : {why(error)}.", _CURE)
