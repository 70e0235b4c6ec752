"""The outbox: each message claimed in the journal, handed over, settled; one bad message never stops the others."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from relance.delivery.outcome import Outcome
from relance.errors import DeliveryError, JournalError, RelanceError
from relance.journal import Journal, State
from relance.letters.letter import Message

PER_MINUTE = 20
_LOSSES = 2  # connections lost one after the other, after which the server is left alone


class Transport(Protocol):
    """A way out; `paced` where the other side counts messages per minute."""

    @property
    def paced(self) -> bool:
        """Whether to wait between two messages."""

    def hand_over(self, message: Message) -> Outcome:
        """Try once; what happened. Raises nothing that an Outcome can say."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One message and what became of it."""

    message: Message
    code: int | None = None
    reply: str = ""


@dataclass(slots=True)
class Report:
    """What a run did, each message in exactly one list; `left` were not tried, because of `stopped`."""

    sent: list[Handed] = field(default_factory=list)
    drafted: list[Handed] = field(default_factory=list)
    refused: list[Handed] = field(default_factory=list)
    deferred: list[Handed] = field(default_factory=list)
    in_doubt: list[Handed] = field(default_factory=list)
    skipped: list[Handed] = field(default_factory=list)
    left: list[Message] = field(default_factory=list)
    stopped: RelanceError | None = None
    interrupted: bool = False


def deliver(
    messages: Iterable[Message],
    journal: Journal,
    transport: Transport,
    on: date,
    *,
    per_minute: float = PER_MINUTE,
    sleep: Callable[[float], None] = time.sleep,
    tell: Callable[[Handed, State], None] | None = None,
) -> Report:
    """Send the messages of the day `on`; skipped are those that another run already took.

    `tell` hears of each message once it is settled. Ctrl-C between two messages ends the run with its report.
    Call it under the journal's lock.
    """
    report = Report()
    waiting = list(messages)
    losses = 0
    paused = False
    while waiting and report.stopped is None:
        try:
            if paused and transport.paced and per_minute > 0:
                sleep(60 / per_minute)
        except KeyboardInterrupt:
            _interrupt(report)
            break
        message = waiting.pop(0)
        outcome = _deliver(message, journal, transport, on, report, tell)
        paused = outcome is not None
        losses = losses + 1 if outcome is not None and outcome.lost else 0
        if losses >= _LOSSES and report.stopped is None:
            report.stopped = DeliveryError(
                "Le serveur de courrier coupe la connexion message après message.", "Réessayez plus tard."
            )
    report.left = waiting
    return report


def _deliver(
    message: Message,
    journal: Journal,
    transport: Transport,
    on: date,
    report: Report,
    tell: Callable[[Handed, State], None] | None,
) -> Outcome | None:
    """Claim, hand over, settle; None where nothing was tried."""
    try:
        delivery = journal.claim(message, on)
    except JournalError as error:
        report.stopped = error
        report.deferred.append(Handed(message, reply=str(error)))
        return None
    if delivery is None:
        report.skipped.append(Handed(message))
        return None
    try:
        outcome = transport.hand_over(message)
    except KeyboardInterrupt:  # nobody knows how far it came
        outcome = Outcome(State.IN_DOUBT, reply="interrompu", lost=True)
        _interrupt(report)
    except Exception as error:  # a bug: it must not keep the other messages back, nor this one be sent again
        outcome = Outcome(State.IN_DOUBT, reply=f"erreur interne ({type(error).__name__})", lost=True)
    state = outcome.state
    try:
        journal.settle(delivery, state, outcome.code, outcome.reply, outcome.address)
    except JournalError as error:
        # The claim stays: whatever became of the message, the next run asks and does not send it again.
        report.stopped = error
        state = State.IN_DOUBT
    handed = Handed(message, outcome.code, outcome.reply)
    _list(report, state).append(handed)
    report.stopped = report.stopped or outcome.stop
    if tell is not None:
        tell(handed, state)
    return outcome


def _interrupt(report: Report) -> None:
    report.interrupted = True
    report.stopped = DeliveryError("Envoi interrompu.", "« relance send » reprendra ce qui reste.")


def _list(report: Report, state: State) -> list[Handed]:
    match state:
        case State.SENT:
            return report.sent
        case State.DRAFT:
            return report.drafted
        case State.REFUSED:
            return report.refused
        case State.IN_DOUBT:
            return report.in_doubt
        case _:
            return report.deferred
