"""The commands that settle a credit in doubt, ready to be typed: what it may pay, then that it pays nothing."""

import shlex
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from relance.core.bank import Hint, Match
from relance.core.invoice import ZERO, Invoice
from relance.core.plan import Line
from relance.core.reasons import Uncertain
from relance.display.breaking import places
from relance.french import command, typeset

_ROOM = 76
"""Places of a command with the words beside it: 80 without the arrow before it."""


class Answers:
    """What may be answered, by the invoices and what is `left` open on them (both by key).

    `names` are the short ones of credits by identity, `files` the statements that were named by hand.
    """

    def __init__(
        self,
        invoices: Sequence[tuple[str, Invoice]],
        left: Mapping[str, Decimal],
        names: Mapping[str, str],
        files: Sequence[str] = (),
    ) -> None:
        self.invoices, self.left, self.names, self.files = dict(invoices), left, names, files

    def of(self, made: Match) -> Iterator[str]:
        """One or two commands, each with a few words beside it where it needs them."""
        return (_beside(typed, *notes) for typed, *notes in self.ways(made))

    def ways(self, made: Match) -> Iterator[tuple[str, ...]]:
        """The same, each command with the words that may stand beside it, the fullest first."""
        seen = {clue.kind for clue in made.because}
        may = [key for key in made.candidates if self._may_pay(key, made)]
        if Hint.TAKEN_BACK in seen:  # it came, and went: a yes said in haste would lose what is owed
            yield self._settle(made, "--not-ours"), "repris : il ne paie rien"
            if may:
                yield self._paying(made, may, added=False)[0], "la reprise est d’un autre"
            return
        if may:
            yield self._paying(made, may, added=Hint.UNCLEAR in seen)
        elif Hint.CURRENCY in seen:
            on = f"--on {made.credit.on.isoformat()}"
            foreign = [key for key in made.candidates if self.left.get(key)][:1]
            yield from ((command("pay", self.invoices[key].number, options=on), "puis :") for key in foreign)
        nothing = "déjà compté" if Hint.UNCLEAR in seen else "" if may else "il ne paie rien"
        yield self._settle(made, "--not-ours"), nothing

    def _may_pay(self, key: str, made: Match) -> bool:
        """Whether something is open on it, in the currency of the credit."""
        positive = made.credit.amount > 0 and self.left.get(key, ZERO) > 0
        return positive and self.invoices[key].currency == made.credit.currency

    def _paying(self, made: Match, may: Sequence[str], *, added: bool) -> tuple[str, ...]:
        """All that it names or is enough for, else the first with the others beside."""
        named = {key for clue in made.because if clue.kind is Hint.REFERENCE for key in clue.invoices}
        enough = sum((self.left[key] for key in may), ZERO) <= made.credit.amount
        numbers = [self.invoices[key].number for key in may]
        while len(numbers) > 1 and places(self._settle(made, *numbers)) > _ROOM:
            numbers.pop()  # a line has no room for more, and what is left of the credit is said
        if added:
            return self._settle(made, *numbers), "s’ajoute à ce qui est connu"
        if len(may) == 1 or enough or (named.issuperset(may) and self._reaches(made.credit.amount, may)):
            return (self._settle(made, *numbers),)
        return self._settle(made, numbers[0]), f"ou {', '.join(numbers[1:])}", "ou une autre"

    def _reaches(self, amount: Decimal, may: Sequence[str]) -> bool:
        """Whether each of these gets something of it, the oldest first."""
        last = max(may, key=lambda key: (self.invoices[key].due_date, key))
        return sum((self.left[key] for key in may if key != last), ZERO) < amount

    def _settle(self, made: Match, *words: str) -> str:
        line = ("--settle", self.names[made.credit.identity], *words)
        return command("bank", options=shlex.join([*self.files, *line]))


def _beside(typed: str, *notes: str) -> str:
    """The command with the first of these notes that there is room for."""
    shown = (f"{typed} ({typeset(note)})" for note in notes if note)
    return next((line for line in shown if places(line) <= _ROOM), typed)


def answers_of(money: Uncertain, lines: Sequence[Line]) -> list[tuple[str, str]]:
    """What may be answered about a credit that holds these lines: each command, and when it is to be typed."""
    invoices, left = [(line.key, line.invoice) for line in lines], {line.key: line.outstanding for line in lines}
    ways = [*Answers(invoices, left, {money.made.credit.identity: money.name}).ways(money.made)]
    usual = ("si oui", "sinon") if len(ways) > 1 else ("",)
    return [(typed, next(filter(None, notes), said)) for (typed, *notes), said in zip(ways, usual, strict=True)]
