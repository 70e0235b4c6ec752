"""The outbox: each message prepared in the journal, handed over, its end recorded; one bad one stops no other.

prepared (exact bytes, all messages, one commit) -> the transport says everything but the last line -> last look ->
at the dot (commit, then a line of the receipts) -> dot -> reply -> receipts -> journal -> whatever may fail.
"""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

from relance.core.message import Message
from relance.delivery.outcome import Handed, Outcome, SendReport
from relance.delivery.smtp_replies import domain_of, likeness, refused_alike
from relance.errors import DeliveryError, JournalError, RelanceError
from relance.journal import Journal, PartError, Prepared, Settled, SpokenError, State, TakenError

PER_MINUTE = 20
RETRY_AFTER = tuple(timedelta(hours=hours) for hours in (1, 4, 24, 24, 48))
"""How long a message that the server put off waits, each time (RFC 5321 4.5.4.1); after the last it is held."""
_TOGETHER = 32  # messages that one commit of the journal covers
_LOSSES = 2  # connections lost one after the other, after which the server is left alone
DOUBTS = 3
"""Messages in doubt one after the other, over all runs, after which a server gets no more until the user is heard."""

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))

AtDot = Callable[[str], None]
"""Called with the server's name when all but the final dot is said; where it raises, the dot must not be sent."""


class Transport(Protocol):
    """A way out; `paced` where the other side counts messages per minute."""

    paced: bool

    def hand_over(self, message: Message, at_dot: AtDot) -> Outcome:
        """Try once; what happened. Calls `at_dot` before the step that cannot be taken back, and lets it raise."""


@dataclass
class _Refusal:
    """The message refused last, if no other one was tried since: how, and what another one would have in common."""

    prepared: Prepared
    outcome: Outcome
    dotted: bool
    like: str


class DoubtfulServerError(DeliveryError):
    """This server left message after message in doubt: each further one would ask the user one question more."""

    def __init__(self, server: str, numbers: Sequence[str]) -> None:
        super().__init__(
            f"{server} a laissé {len(numbers)} messages de suite en doute ({', '.join(numbers)}) : rien d’autre ne "
            "part par ce serveur.",
            f"Regardez s’ils sont partis, puis dites-le pour chacun : « relance resolve {numbers[0]} --sent », ou "
            "--not-sent ; les envois reprennent alors.",
        )


class _StaleError(Exception):
    """The last look saw why nothing more must leave: `why`."""

    def __init__(self, why: DeliveryError) -> None:
        super().__init__(why)
        self.why = why


class _CutShortError(DeliveryError):
    """The user, or the end of the session, stopped the run; `clean` tells that no message had left."""

    def __init__(self, *, clean: bool = False) -> None:
        became = " : rien n’est parti" if clean else ""
        super().__init__(f"Envoi interrompu{became}.", "« relance send » reprendra ce qui reste.")


class Interruptions:
    """Ctrl-C, SIGTERM, the end of a session: at once while nothing can be lost, after the reply where it could.

    For the block, these signals raise KeyboardInterrupt; between `shield` and `unshield` they are only noted.
    """

    def __init__(self) -> None:
        self.asked = False
        self._shielded = False
        self._before: dict[int, Any] = {}

    def shield(self) -> None:
        """From here on nothing is cut short; KeyboardInterrupt where that was asked before."""
        self._shielded = True
        if self.asked:
            raise KeyboardInterrupt

    def unshield(self) -> None:
        """Nothing can be lost any more; what was asked meanwhile stays noted in `asked`."""
        self._shielded = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: what is ignored stays ignored
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if not self._shielded:
            raise KeyboardInterrupt


def deliver(
    messages: Iterable[Message],
    journal: Journal,
    transport: Transport,
    on: date,
    *,
    look: Callable[[], str] = lambda: "",
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    per_minute: float = PER_MINUTE,
    sleep: Callable[[float], None] = time.sleep,
    tell: Callable[[Handed, State], None] = lambda handed, state: None,
) -> SendReport:
    """Send the messages of the day `on`; skipped are those that another run already took.

    `look` says just before the final dot why the plan does not hold any more (empty: it holds). `tell` hears of each
    message once it is recorded. Ctrl-C and SIGTERM end the run with its report, never between dot and record. Call it
    under the journal's lock, after `Journal.recover`.
    """
    pause = 60 / per_minute if transport.paced and per_minute > 0 else 0.0
    with Interruptions() as calls:
        run = _Run(journal, transport, look, now, sleep, tell, calls)
        run.all(messages, on, pause)
    return run.report


@dataclass
class _Run:
    """One run over its messages."""

    journal: Journal
    transport: Transport
    look: Callable[[], str]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    tell: Callable[[Handed, State], None]
    calls: Interruptions
    report: SendReport = field(default_factory=SendReport)
    put_off: timedelta | None = None
    refusal: _Refusal | None = None
    took: bool = False
    """The server took the last message: no doubt about it comes after that one."""

    def all(self, messages: Iterable[Message], on: date, pause: float) -> None:
        """Every message in turn, `pause` seconds apart, until one is about all of them."""
        report, waiting = self.report, deque[Prepared]()
        losses, tried = 0, False
        try:
            waiting.extend(self._prepared(messages, on))
            while waiting and report.stopped is None:
                if waiting[0].delivery is None:
                    report.skipped.append(Handed(waiting.popleft().message))
                    continue
                if tried and pause:
                    self.journal.flush()
                    self.sleep(pause)
                head = waiting.popleft()  # whatever happens now, its end is recorded, or the next run finds it
                try:
                    outcome = self._one(head, list(islice(waiting, _TOGETHER - 1)))
                except SpokenError:
                    self._keep_back(head)
                    continue
                tried = True
                if outcome is None:  # nothing left, and nothing more will
                    waiting.appendleft(head)
                    break
                handed = Handed(head.message, outcome.code, outcome.reply, outcome.address)
                report.add(handed, outcome)
                losses = losses + 1 if outcome.lost else 0
                if losses >= _LOSSES:
                    said = "Le serveur e-mail coupe la connexion message après message."
                    self._stop(DeliveryError(said, "Réessayez plus tard."))
                with suppress(Exception):  # who listens may have gone; the message has left all the same
                    self.tell(handed, outcome.state)
        except (JournalError, KeyboardInterrupt) as error:
            self._stop(error)
        self._finish(waiting)

    def _prepared(self, messages: Iterable[Message], on: date) -> list[Prepared]:
        try:
            return self.journal.prepare(messages, on)
        except JournalError as error:
            self._stop(error)
            self.report.left = [message._replace(raw=b"") for message in messages]
            return []

    def _keep_back(self, prepared: Prepared) -> None:
        """The next run plans it anew, with what was told."""
        self.report.spoken.append(Handed(prepared.message))
        self.journal.settle(prepared, Settled(State.NOT_SENT, tries=prepared.tries))
        self.calls.unshield()
        if self.calls.asked:
            raise KeyboardInterrupt

    def _one(self, prepared: Prepared, ahead: list[Prepared]) -> Outcome | None:
        """Hand one message over and record its end; None where it did not leave because the run ends here.

        Raises SpokenError, before the dot, where something was told of what it is about.
        """
        dotted = False

        def at_dot(server: str) -> None:
            nonlocal dotted
            self.calls.shield()
            stale = self.look()
            if stale:
                raise _StaleError(DeliveryError(stale, "« relance send » recalcule, puis reprend."))
            doubts = () if self.took else self.journal.doubts_in_a_row(server)
            if len(doubts) >= DOUBTS:
                raise _StaleError(DoubtfulServerError(server, doubts))
            self.journal.at_dot(prepared, server, ahead)
            dotted = True

        try:
            if self.journal.spoken_of_since(prepared.message):
                raise SpokenError
            message = prepared.message._replace(raw=self.journal.raw(prepared))
            outcome = self.transport.hand_over(message, at_dot)
        except _StaleError as error:
            self.report.stopped = error.why
            return None
        except SpokenError:
            raise
        except TakenError:
            outcome = Outcome(State.PREPARED, lost=True)
        except PartError:  # written again with the message when it is tried again
            outcome = Outcome(State.DEFERRED, reply="pièce jointe abîmée dans le journal")
        except (JournalError, KeyboardInterrupt) as error:
            self._stop(error)
            if not dotted:
                return None
            outcome = Outcome(State.IN_DOUBT, reply="interrompu", lost=True)
        except Exception as error:  # a bug: it must not keep the other messages back, nor this one leave twice
            said = f"erreur interne ({type(error).__name__})"
            outcome = Outcome(State.IN_DOUBT if dotted else State.DEFERRED, reply=said, lost=True)
        outcome = self._compared(prepared, outcome, dotted=dotted)
        self.took = outcome.state is State.SENT
        self.calls.unshield()
        if self.calls.asked:
            self._stop(KeyboardInterrupt())
        return outcome

    def _compared(self, prepared: Prepared, outcome: Outcome, *, dotted: bool) -> Outcome:
        """Record an end; of two like refusals in a row to different domains neither is held against a customer."""
        before, like = self.refusal, likeness(prepared.message, outcome)
        self.refusal = _Refusal(prepared, outcome, dotted, like) if like else None
        other = before is not None and domain_of(before.prepared.message) != domain_of(prepared.message)
        again = max(prepared.tries, before.prepared.tries if before else 0) < len(RETRY_AFTER)
        if before is None or not like or before.like != like or not (other and again):
            return self._record(prepared, outcome, dotted=dotted)
        outcome = self._record(prepared, refused_alike(outcome), dotted=dotted)
        back = self._record(before.prepared, refused_alike(before.outcome), dotted=before.dotted)
        if back.state is State.DEFERRED:
            said = before.outcome
            self.report.put_off(Handed(before.prepared.message, said.code, said.reply, said.address))
        return outcome

    def _record(self, prepared: Prepared, outcome: Outcome, *, dotted: bool) -> Outcome:
        """Where the outcome cannot be written the receipts tell, or nobody: then it is in doubt."""
        if outcome.state is State.PREPARED:
            return outcome
        settled = self._settled(prepared, outcome)
        try:
            if dotted:
                self.journal.answered(prepared, settled)
            else:
                self.journal.settle(prepared, settled)
        except JournalError as error:
            self.report.stopped = error
            doubtful = dotted and not self.journal.knows(prepared)
            return outcome._replace(state=State.IN_DOUBT if doubtful else settled.state)
        return outcome._replace(state=settled.state)

    def _settled(self, prepared: Prepared, outcome: Outcome) -> Settled:
        """What is kept of an outcome: a message that was put off too often is held."""
        state, next_try, tries = outcome.state, None, prepared.tries
        if state is State.DEFERRED and outcome.stop is None:
            tries += 1
            if tries > len(RETRY_AFTER):
                state = State.REFUSED
            else:
                next_try = self.now() + RETRY_AFTER[tries - 1]
        elif outcome.pause is not None:
            self.put_off = outcome.pause
            if state is State.DEFERRED:
                next_try = self.now() + outcome.pause
                tries += outcome.alike  # a doubt about these messages is left; not for ever, or others never leave
        return Settled(state, outcome.code, outcome.reply, outcome.address, next_try, tries)

    def _finish(self, waiting: Iterable[Prepared]) -> None:
        """What was not tried is free again, now or when the server said; the journal learns the last outcomes."""
        with suppress(KeyboardInterrupt):
            self.calls.shield()
        rest = [prepared for prepared in waiting if prepared.delivery is not None]
        self.report.skipped += [Handed(p.message) for p in waiting if p.delivery is None]
        if self.put_off is not None:
            self.report.deferred += [Handed(prepared.message) for prepared in rest]
        else:
            self.report.left += [prepared.message for prepared in rest]
        try:
            self.journal.release(rest, self.now() + self.put_off if self.put_off is not None else None)
        except JournalError as error:
            self._stop(error)
        if isinstance(self.report.stopped, _CutShortError) and not self.report.handed:
            self.report.stopped = _CutShortError(clean=True)

    def _stop(self, error: BaseException) -> None:
        """Why nothing more leaves; the first reason is told."""
        if not isinstance(error, RelanceError):
            error = _CutShortError()
        self.report.stopped = self.report.stopped or error
