"""Drafts in the user's mailbox: how each lies there, which are replaced, which are taken away at his word."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from relance.core.drafts import to_replace
from relance.core.facts import Drafted, Lies
from relance.core.history import NOTHING, former_keys
from relance.errors import DeliveryError, RelanceError
from relance.french import command
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.core.message import Message
    from relance.delivery.drafts import Whereabouts
    from relance.journal import Journal
    from relance.journal.values import InMailbox


class Tidied(NamedTuple):
    """What a look at the drafts was worth; `error` is why the mailbox could not be looked at.

    `taken` were to be taken away, `left` were too and still lie there: their numbers, and why (French). `sent` are the
    numbers of each that was to be taken away and has left: it waits for the user's word again.
    """

    error: DeliveryError | None = None
    taken: int = 0
    left: tuple[tuple[str, str], ...] = ()
    sent: tuple[tuple[str, ...], ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the user has to do himself."""
        return tuple(f"Brouillon de {numbers} {why} : supprimez-le vous-même." for numbers, why in self.left)


def look_at_drafts(desk: Desk, journal: "Journal") -> Tidied:
    """Note how each draft lies; what a crash left open is settled by it, and what was not sent is taken away.

    Nobody is connected to where no draft is known. SettingsError where the user has to change something. Call it under
    the journal's lock, after `Journal.recover`.
    """
    imap = desk.own_settings.imap
    drafts = journal.mails.drafts() if imap is not None else ()
    if imap is None or not drafts:
        return Tidied()
    from relance.delivery.drafts import look_at
    from relance.delivery.secret import read_password

    try:
        found = look_at(imap, read_password(imap), drafts, desk.own_settings.zone)
    except DeliveryError as error:
        return Tidied(error)
    for draft in drafts:
        _note(draft, found[draft.delivery], journal)
    return _tidied(drafts, found)


def _note(draft: "InMailbox", found: "Whereabouts", journal: "Journal") -> None:
    """Nobody knew whether it was written: where nothing of it is found, it was not. Sent against his word: asked."""
    from relance.journal import Settled, State

    if draft.state is State.IN_DOUBT:
        state = State.NOT_SENT if found.lies is Lies.GONE else State.DRAFT
        reply = "" if state is State.NOT_SENT else found.place or draft.place
        journal.found(draft.delivery, Settled(state, reply=reply))
    elif draft.state is State.NOT_SENT and found.lies is Lies.SENT:
        journal.found(draft.delivery, Settled(State.DRAFT, reply=draft.place))
    journal.mails.found(draft.delivery, found.lies, found.left_on)


def _tidied(drafts: "Iterable[InMailbox]", found: "dict[int, Whereabouts]") -> Tidied:
    from relance.journal import State

    left, taken = [], 0
    unsent = [draft for draft in drafts if draft.state is State.NOT_SENT]
    for draft in unsent:
        one = found[draft.delivery]
        taken += one.lies is Lies.GONE
        if one.kept or one.lies is Lies.EDITED:
            left.append((", ".join(draft.numbers), "pas retiré par ce serveur" if one.kept else "modifié par vous"))
    sent = tuple(draft.numbers for draft in unsent if found[draft.delivery].lies is Lies.SENT)
    return Tidied(taken=taken, left=tuple(left), sent=sent)


def replaced(desk: Desk) -> tuple[Drafted, ...]:
    """The drafts that messages of this run may replace, under every number that their invoices had."""
    if desk.own_settings.transport != "drafts":
        return ()
    plan = desk.plan
    return tuple(
        draft._replace(invoice=key)
        for line, draft in to_replace(plan.lines, plan.morning)
        for key in (line.key, *former_keys(line.case.past))
    )


def of_messages(drafts: Iterable[Drafted], messages: "Sequence[Message]") -> tuple[Drafted, ...]:
    """Those of the drafts whose invoices these messages are about."""
    about = {key.invoice for message in messages for key in message.keys}
    return tuple(draft for draft in drafts if draft.invoice in about)


def of_all_invoices(drafts: "Sequence[Drafted]", desk: Desk, journal: "Journal") -> list[Drafted]:
    """These drafts, as each invoice of their messages has them: what is replaced is nobody's to throw away."""
    keys, invoices = journal.mails.invoices_of(drafts), desk.history.invoices
    same = {(each.stage, each.channel, each.on) for each in drafts}
    every = (each for key in keys for each in invoices.get(key, NOTHING).drafts)
    return [each for each in every if (each.stage, each.channel, each.on) in same]


def withdraw(desk: Desk, journal: "Journal", drafts: "Sequence[Drafted]") -> None:
    """Take these drafts away, so that others take their place: in the journal first, what is left then a next look."""
    from relance.journal import Settled, State

    for delivery, place in journal.mails.of(drafts).items() if drafts else ():
        journal.found(delivery, Settled(State.NOT_SENT, reply=place))
    if drafts and (error := look_at_drafts(desk, journal).error) is not None:
        raise error


def taken_away(desk: Desk, journal: "Journal") -> str:
    """What became of drafts that the user has just said were not sent (French, after his answer); empty without any."""
    from relance.journal import State

    waiting = sum(draft.state is State.NOT_SENT for draft in journal.mails.drafts())
    if not waiting:
        return ""
    try:
        tidied = look_at_drafts(desk, journal)
    except RelanceError as error:
        tidied = Tidied(DeliveryError(str(error), error.cure))
    if tidied.error is not None:
        later = "Son brouillon sera retiré" if waiting == 1 else f"{waiting} brouillons seront retirés"
        return f" {later} au prochain envoi. {tidied.error}"
    gone = "Son brouillon est retiré" if tidied.taken == 1 else f"{tidied.taken} brouillons sont retirés"
    said = f" {gone} de votre boîte." if tidied.taken else ""
    for numbers in tidied.sent:
        again = command("resolve", numbers[0], options="--sent")
        said += f" {', '.join(numbers)} : retrouvé dans vos messages envoyés. S’il est parti → {again}"
    return said + "".join(f" {sentence}" for sentence in tidied.sentences)
