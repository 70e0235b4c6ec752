"""Credits in any order through the commands: exports that overlap, reversals, words said and undone, later files.

The model is what came in and what was said. No credit counts twice or is lost, and no more is given than came.
"""

import shutil
import tempfile
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from story_support import Done, Story, row

pytestmark = pytest.mark.slow

FIRST = date(2026, 11, 2)
BILLS = {
    "K-2026-501": ("Verrerie Sorbier", Decimal("400.00")),
    "K-2026-502": ("Verrerie Sorbier", Decimal("250.00")),
    "K-2026-503": ("Imprimerie Charme", Decimal("400.00")),
    "K-2026-504": ("Imprimerie Charme", Decimal("90.50")),
}
NUMBERS = st.sampled_from(sorted(BILLS))
AMOUNTS = st.sampled_from([Decimal(each) for each in ("400.00", "250.00", "90.50", "100.00", "650.00", "700.00")])
PAYERS = st.sampled_from(["VERRERIE SORBIER", "IMPRIMERIE CHARME", "HOLDING NOISETIER", "STRIPE", ""])


class Came(NamedTuple):
    """An entry of the account, negative where one was taken back."""

    on: date
    amount: Decimal
    payer: str
    label: str


class Bank(RuleBasedStateMachine):
    """A statement that grows, a person who answers, changes his mind and takes it back, a file that catches up."""

    def __init__(self) -> None:
        super().__init__()
        self.at = Story(Path(tempfile.mkdtemp(dir="/dev/shm" if Path("/dev/shm").is_dir() else None)))
        self.at.kept = True
        self.today, self.exports = FIRST, 0
        self.came: list[Came] = []
        self.paid: dict[str, Decimal] = dict.fromkeys(BILLS, Decimal(0))
        self.words: dict[str, list[dict[str, Decimal]]] = defaultdict(list)

    def teardown(self) -> None:
        shutil.rmtree(self.at.folder)

    @initialize()
    def begin(self) -> None:
        """A folder of statements, one of which is there."""
        self.at.settings(rest='[bank]\nfiles = ["releves/*"]\n')
        (self.at.folder / "releves").mkdir()
        self.bill()
        self.came += [
            Came(FIRST, Decimal("90.50"), "VERRERIE SORBIER", "VIR MERCI"),
            Came(FIRST, Decimal("650.00"), "HOLDING NOISETIER", "VIR MERCI"),
            Came(FIRST, Decimal("400.00"), "PERSONNE", "VIR K-2026-503"),
        ]
        self.export(0)

    def bill(self) -> None:
        """The file as it is now."""
        rows = [
            row(number, customer, "05/10/2026", total=f"{total}", paid=f"{self.paid[number]}")
            for number, (customer, total) in BILLS.items()
        ]
        self.at.write(*rows)

    def run(self, *words: str) -> Done:
        """A command of the day."""
        return self.at.run(*words, today=self.today.isoformat())

    def credits(self) -> dict[str, dict[str, Any]]:
        """What is made of each, by identity."""
        found = self.run("bank", "--format", "json").json["credits"]
        by_identity = {each["id"]: each for each in found}
        assert len(found) == len(by_identity)
        return by_identity

    @rule(
        amount=AMOUNTS,
        payer=PAYERS,
        numbers=st.lists(NUMBERS, max_size=2, unique=True),
        days=st.integers(0, 3),
        since=st.integers(0, 9),
    )
    def receive(self, amount: Decimal, payer: str, numbers: list[str], days: int, since: int) -> None:
        """Money comes in, and is exported with some of what came before, or with all of it."""
        self.today += timedelta(days)
        self.came.append(Came(self.today, amount, payer, f"VIR {' '.join(numbers)} MERCI"))
        self.export(since)

    @precondition(lambda self: any(each.amount > 0 for each in self.came))
    @rule(data=st.data(), days=st.integers(0, 5))
    def reverse(self, data: st.DataObject, days: int) -> None:
        """The bank takes one back."""
        one = data.draw(st.sampled_from([each for each in self.came if each.amount > 0]))
        self.today += timedelta(days)
        self.came.append(one._replace(on=self.today, amount=-one.amount, label=f"REJET {one.label}"))
        self.export(0)

    def export(self, since: int) -> None:
        """Another file of the account, the last of which has this entry."""
        self.exports += 1
        first = self.came[min(since, len(self.came) - 1)].on  # an export has whole days
        rows = [f"{each.on:%d/%m/%Y};{each.label};{each.amount};{each.payer}" for each in self.came if each.on >= first]
        text = "\n".join(["Date;Libellé;Montant;Nom de la contrepartie", *rows, ""])
        (self.at.folder / "releves" / f"{self.exports:03d}.csv").write_text(text, encoding="utf-8")

    @rule(data=st.data(), numbers=st.lists(NUMBERS, max_size=2, unique=True), amounts=st.booleans())
    def settle(self, data: st.DataObject, numbers: list[str], amounts: bool) -> None:
        """A person says what one pays, which may be nothing; what cannot be is refused, and changes nothing."""
        identity, before = data.draw(st.sampled_from(sorted(self.credits().items())))
        some = st.sampled_from([Decimal("40.00"), Decimal("90.50"), max(Decimal(before["amount"]), Decimal(1))])
        words = [f"{each}={data.draw(some)}" if amounts else each for each in numbers]
        done = self.run("bank", "--settle", identity, *(words or ["--not-ours"]))
        after = self.credits()[identity]
        if done.code == 2:
            assert numbers, done
            assert before == after
            return
        said = given(after)
        assert (0, "matched" if numbers else "other") == (done.code, after["verdict"])
        assert said.keys() <= set(numbers)
        if amounts:
            assert said == {each.partition("=")[0]: Decimal(each.partition("=")[2]) for each in words}
        if "déjà noté" in done.out:
            assert said == self.words[identity][-1]
        else:
            self.words[identity].append(said)

    @precondition(lambda self: any(self.words.values()))
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        """The last word on one is taken back."""
        identity = data.draw(st.sampled_from(sorted(key for key, said in self.words.items() if said)))
        assert 0 == self.run("undo", identity).code
        self.words[identity].pop()

    @rule(data=st.data(), number=NUMBERS)
    def catch_up(self, data: st.DataObject, number: str) -> None:
        """The file shows what one of the credits pays of an invoice, or some money of its own."""
        shares = [given(each).get(number, Decimal(0)) for each in self.credits().values()]
        more = data.draw(st.sampled_from([each for each in shares if each] or [Decimal("50.00")]))
        self.paid[number] = min(self.paid[number] + more, BILLS[number][1])
        self.bill()

    @invariant()
    def each_is_told_once(self) -> None:
        """Whatever the number of exports that have it."""
        if self.came:
            told = [(each["date"], Decimal(each["amount"])) for each in self.credits().values()]
            assert Counter(told) == Counter((each.on.isoformat(), each.amount) for each in self.came)

    @invariant()
    def no_more_is_given_than_came(self) -> None:
        """Of each credit, and to each invoice; what a person said is what counts, until it is questioned."""
        if not self.came:
            return
        found, at_most = self.credits(), dict(self.paid)
        for identity, each in found.items():
            said = self.words[identity][-1] if self.words[identity] else None
            pays = given(each)
            assert sum(pays.values()) <= max(Decimal(each["amount"]), Decimal(0))
            assert each["verdict"] == "matched" or not pays
            if said is not None and each["verdict"] != "doubt":
                assert said == pays
            for number, amount in (pays or said or {}).items():
                at_most[number] += amount
        for line in self.run("plan", "--format", "json").json["invoices"]:
            number = line["number"]
            assert self.paid[number] <= Decimal(line["paid"]) <= at_most[number], number


def given(credit: dict[str, Any]) -> dict[str, Decimal]:
    """What a credit pays of each invoice."""
    found: dict[str, Decimal] = {}
    for part in credit["pays"]:
        found[part["invoice"]] = found.get(part["invoice"], Decimal(0)) + Decimal(part["amount"])
    return found


TestBank = Bank.TestCase
TestBank.settings = settings(
    max_examples=16, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
