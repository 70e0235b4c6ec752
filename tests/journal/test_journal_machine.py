"""Journal, receipts and witness: any life of runs, deaths, words and files put back, as long as one of three is whole.

The model is what the server took. Nothing is taken twice; a file put back is asked about, or what it forgot is known by
the two others; a death alone is never taken for one.
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from mail_support import TODAY, message

from relance.core.facts import InDoubt, Paid, Refused, Reminded
from relance.core.invoice import Contact
from relance.errors import JournalError
from relance.journal import Journal, Settled, State, files, lock, open_journal, repair, sealing
from relance.journal import witness as witness_module
from relance.journal.receipts import Receipts, receipts_path
from relance.journal.schema import DamagedError, transaction
from relance.journal.witness import Witness, state_folder

NUMBERS = tuple(f"F-{n}" for n in range(5))
FAST = "/dev/shm" if Path("/dev/shm").is_dir() else None
HISTORIES = int(os.environ.get("RELANCE_HISTORIES", "25"))
STEPS = int(os.environ.get("RELANCE_STEPS", "30"))
FILES = ("journal", "receipts", "witness")
ENDS = {
    "taken": Settled(State.SENT, 250, "ok"),
    "taken, silent": Settled(State.IN_DOUBT),
    "lost, silent": Settled(State.IN_DOUBT),
    "451": Settled(State.DEFERRED, 451, "later"),
    "554": Settled(State.REFUSED, 554, "no"),
}


class Death(BaseException):
    """The process ends here; nothing of it runs any more."""


class Life(RuleBasedStateMachine):
    """Runs, words, deaths after any write, and files as they were, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=FAST))
        self.path = self.folder / "j"
        self.taken: Counter[str] = Counter()
        self.told: set[str] = set()
        self.pictures: list[tuple[bytes | None, ...]] = []
        self.old: set[str] = set()
        self.writes = 0
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv("XDG_STATE_HOME", str(self.folder / "state"))
        self._watch()
        with lock(self.path) as held, open_journal(self.path, TODAY, create=True) as journal:
            self.id = journal.id
            held.remember(self.id)
        self._picture()

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    def _watch(self) -> None:
        """Each write of each of the three files may be the last thing that a process does."""

        def watched(function: Callable[..., Any]) -> Callable[..., Any]:
            def call(*args: Any) -> None:
                function(*args)
                self._written()

            return call

        @contextmanager
        def committed(*args: Any) -> Iterator[Any]:
            with transaction(*args) as db:
                yield db
            self._written()

        for of, name in ((Receipts, "append"), (Witness, "write"), (Witness, "open")):
            self.patch.setattr(of, name, watched(getattr(of, name)))
        for module in (sealing, witness_module, files):
            self.patch.setattr(module, "transaction", committed)

    def _written(self) -> None:
        self.writes -= 1
        if self.writes == 0:
            raise Death

    def _places(self) -> tuple[Path, ...]:
        return self.path, receipts_path(self.path), state_folder(os.environ) / self.id

    def _picture(self) -> None:
        self.pictures.append(tuple(place.read_bytes() if place.exists() else None for place in self._places()))

    @contextmanager
    def _process(self, dies_after: int) -> Iterator[None]:
        """What happens in a process; it dies after so many writes (0: it does not), and a picture is taken."""
        self.writes = dies_after
        with suppress(Death):
            yield
        self.writes = 0
        self._picture()

    @contextmanager
    def _opened(self) -> Iterator[Journal]:
        """The journal as a run finds it, made again where it is lost; after a death nobody closes it in order."""
        with lock(self.path) as held:
            try:
                journal = open_journal(self.path, TODAY, create=False)
            except DamagedError:
                self._repair()
                journal = open_journal(self.path, TODAY, create=False)
            held.remember(journal.id)
            try:
                assert journal.chain.verified().broken is None, "each line is sealed, whatever came between"
                yield journal
            finally:
                journal.receipts.close()
                journal._generations.close()
                journal._db.close()

    def _repair(self) -> None:
        """The user's way out of a lost journal; where the receipts do not help, he looks himself what left."""
        try:
            repair(self.path, TODAY, without_receipts=False)
        except JournalError:
            self.writes = 0  # he takes his time
            repair(self.path, TODAY, without_receipts=True)
            with open_journal(self.path, TODAY, create=False) as journal:
                self._say_what_left(journal)

    def _say_what_left(self, journal: Journal) -> None:
        known = named(journal, Reminded, InDoubt)
        for number in sorted(set(self.taken) - known):
            contact = Contact("friendly", "email", TODAY, ("compta@client.example",))
            journal.record(Reminded(f"{number}/2026", contact))
        journal.record(*(Paid(f"{number}/2026", Decimal(1), TODAY) for number in self.told - named(journal, Paid)))

    @rule(
        ends=st.lists(st.sampled_from([*ENDS, "taken"]), min_size=5, max_size=5),
        some=st.sets(st.sampled_from(NUMBERS), min_size=1),
        dies_after=st.integers(0, 25),
    )
    def run(self, ends: list[str], some: set[str], dies_after: int) -> None:
        """A run over what is due of these; it may die after any of its writes."""
        with self._process(dies_after), self._opened() as journal:
            asked = journal.put_back() is not None
            assert self.old or not asked, "a death is taken for a file put back"
            if asked:
                return
            journal.recover()
            done = named(journal, Reminded, InDoubt, Refused)
            assert set(self.taken) <= named(journal, Reminded, InDoubt), "what left is forgotten in silence"
            if {"journal", "receipts"} <= self.old:  # what was said stands in these two alone
                self.told &= named(journal, Paid)
            assert self.told <= named(journal, Paid), "a word is forgotten in silence"
            self.old.clear()
            waiting = journal.prepare([message(number) for number in sorted(some - done)], TODAY)
            for each, end in zip(waiting, ends, strict=False):
                if each.delivery is not None:
                    journal.at_dot(each, "mx.test:25")
                    number = each.message.keys[0].number
                    self.taken.update([number] if end.startswith("taken") else [])
                    assert self.taken[number] <= 1
                    self._picture()
                    journal.answered(each, ENDS[end])
            journal.flush()

    @rule(number=st.sampled_from(NUMBERS), dies_after=st.integers(0, 2))
    def tell(self, number: str, dies_after: int) -> None:
        """A payment that the user tells; noted once the command came to its end."""
        with self._process(dies_after), self._opened() as journal:
            journal.record(Paid(f"{number}/2026", Decimal(1), TODAY))
            self.told.add(number)

    @rule(which=st.sampled_from(FILES), moment=st.integers(0, 10_000), gone=st.booleans())
    def put_back(self, which: str, moment: int, gone: bool) -> None:
        """One of the three as it was at some moment, or gone; one of the others stays what it is."""
        if len(self.old | {which}) == len(FILES):
            return
        n = FILES.index(which)
        content = None if gone else self.pictures[moment % len(self.pictures)][n]
        place = self._places()[n]
        place.unlink(missing_ok=True)
        if content is not None:
            place.write_bytes(content)
        self.old.add(which)

    @precondition(lambda self: self.old)
    @rule()
    def confirm(self) -> None:
        """The user looks what left, says so, and accepts the journal."""
        with self._process(0), self._opened() as journal:
            doubt = journal.put_back()
            journal.recover()
            if doubt is not None:
                self._say_what_left(journal)
                journal.accept()
                self.old.clear()
            assert journal.put_back() is None

    @rule()
    def back_up(self) -> None:
        """A copy of the day; `repair` begins with the newest one."""
        with self._process(0), self._opened() as journal:
            journal.back_up(TODAY)


def named(journal: Journal, *kinds: type) -> set[str]:
    """The invoices that facts of these kinds are about."""
    facts = journal.facts()
    return {str(getattr(fact, "invoice", "")).partition("/")[0] for fact in facts if isinstance(fact, kinds)}


PROFILE = settings(
    max_examples=HISTORIES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=False,
)


@pytest.mark.slow
def test_any_life_of_the_three_memories() -> None:
    """J3: whatever is put back, nothing leaves twice, and nothing is asked that needs no asking."""
    run_state_machine_as_test(Life, settings=PROFILE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of", "name"), [(witness_module, "put_back"), (Witness, "read")], ids=["nobody looks", "the witness is not heard"]
)
def test_planted_mistakes_are_caught(of: Any, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the question, or without the witness, what left is forgotten."""
    monkeypatch.setattr(of, name, lambda *told: None)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(
            Life, settings=settings(PROFILE, phases=[Phase.generate], max_examples=20 * HISTORIES)
        )
