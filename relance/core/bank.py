"""What is made of the money that came in: what each credit pays, what it may pay, and the evidence for that."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from relance.core.invoice import Invoice, Payment, Problem
from relance.core.statement import Credit, Gap

_NONE: Mapping[str, Any] = MappingProxyType({})


class Ruling(StrEnum):
    """Whether a credit is a payment: it is; it may be, and a person is asked; nothing says so."""

    MATCHED = "matched"
    DOUBT = "doubt"
    OTHER = "other"


class Hint(StrEnum):
    """One thing seen in a credit, in the order of a sentence: what points to an invoice, then what speaks against."""

    SETTLED = "settled"  # a person said what it pays, or an earlier run noted it
    NOT_OURS = "not_ours"  # a person said that it pays nothing, or that this payer never does
    REFERENCE = "reference"  # the label names these invoices
    FAINT = "faint"  # digits in the label may name them: too few, without their letters, or part of a date
    SHARED = "shared"  # what the label says is the number of each of these
    PAYER = "payer"  # a person tied this payer to the customer
    ALIKE = "alike"  # the payer's name is the customer's, and nobody tied it
    EXACT = "exact"  # the amount is what is open on these together
    CHARGES = "charges"  # it is that with the charges that a message claimed; `amount` are those
    PART = "part"  # it is less; `amount` stays open
    ONLY = "only"  # no other set of the customer's open invoices has that sum
    KNOWN = "known"  # it is a payment that the file or a person told before
    UNCLEAR = "unclear"  # the file shows something paid: this credit, or another one
    ABOVE = "above"  # `amount` more than what is open
    FEES = "fees"  # `amount` less, and fees may have been kept on the way
    PAID = "paid"  # the invoice that it names is paid already
    SEVERAL = "several"  # more than one set of open invoices has that sum
    NO_SUM = "no_sum"  # no set of the customer's open invoices has that sum
    MANY = "many"  # too many are open to say which sums they make
    NOTHING_OPEN = "nothing_open"  # the customer owes nothing on that day
    SAME_AMOUNT = "same_amount"  # only the amount is that of these
    OTHER_PAYER = "other_payer"  # who pays is known as another customer
    OTHER_INVOICE = "other_invoice"  # it is exactly what is open on these, which it does not name
    OWNERS = "owners"  # what it names is owed by several customers, and it is less than all of it
    CURRENCY = "currency"  # the invoice is in another currency
    EARLY = "early"  # it came before the invoice was made
    CLOSED = "closed"  # the file says that the invoice is not to be paid: draft, cancelled, factored, unclear
    AGGREGATOR = "aggregator"  # a service that pays net and for many
    REFUND = "refund"  # the label speaks of a refund, a rejection, a return
    TAKEN_BACK = "taken_back"  # the bank took it back; `on` is when
    REVERSAL = "reversal"  # this entry takes back a credit of the day `on`
    OWN = "own"  # the user's own transfer
    NOTHING = "nothing"  # nothing points to an open invoice or to a customer


class Clue(NamedTuple):
    """A hint with its facts: keys of invoices, identities of customers, an amount in the credit's currency, a day."""

    kind: Hint
    invoices: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    amount: Decimal | None = None
    on: date | None = None


class Portion(NamedTuple):
    """What of a credit pays an invoice (its key).

    `known` is a payment that the books hold already: nothing is to be added for it.
    """

    invoice: str
    amount: Decimal
    known: bool = False


class Word(NamedTuple):
    """What was said of a credit before: its portions, none where it pays nothing.

    `on` is the day of a person's word, which a later reversal questions; of what a run noted it is None, and any
    reversal does.
    """

    portions: tuple[Portion, ...] = ()
    on: date | None = None


class Match(NamedTuple):
    """What is made of a credit: only a matched one pays; `candidates` are the keys that a doubt holds, if any.

    A doubt without candidates is shown, and holds nothing: a customer paid who owes nothing, a service paid net.
    """

    credit: Credit
    verdict: Ruling
    pays: tuple[Portion, ...] = ()
    candidates: tuple[str, ...] = ()
    because: tuple[Clue, ...] = ()


class Alone(NamedTuple):
    """A payment of an invoice that only one of file and bank shows, and its day."""

    number: str
    amount: Decimal
    currency: str
    on: date


class Apart(NamedTuple):
    """Where file and bank do not say the same.

    `in_file`: the file shows these payments, and no credit of the days around is one; else the bank shows them, and the
    file, though it is newer, does not.
    """

    payments: tuple[Alone, ...]
    in_file: bool = False

    @property
    def mark(self) -> str:
        return f"apart {'file' if self.in_file else 'bank'}"


class Unasked(NamedTuple):
    """The credits in doubt (their identities) of which no task asks: they hold nothing that is open."""

    credits: tuple[str, ...]

    @property
    def mark(self) -> str:
        return f"credits {' '.join(self.credits)}"


class Books(NamedTuple):
    """What is known before the credits are looked at.

    `as_of` is the day of the file's version: what it shows paid came by then. `told` are payments by invoice key beside
    those of the file, `charges` by key the charges (not the principal) that sent messages claimed, the last one last.
    `payers` gives by IBAN or name the identities of the customers that a person tied to it; none is one who never pays
    an invoice. `settled` gives by a credit's identity what a person, or an earlier run, said of it: what stands there
    must not stand in `told` too, and is `known` as far as the file shows it by now.
    """

    invoices: Sequence[tuple[str, Invoice]]
    as_of: date = date.max
    told: Mapping[str, Sequence[Payment]] = _NONE
    charges: Mapping[str, Sequence[Decimal]] = _NONE
    payers: Mapping[str, Collection[str]] = _NONE
    settled: Mapping[str, Word] = _NONE
    own_names: Collection[str] = ()
    own_ibans: Collection[str] = ()


class BankState(NamedTuple):
    """What the statements tell a plan: the bank is known `until` that day (None: no day is), but for its `gaps`.

    Nothing firm leaves once that is more than `trusted` days ago (0: whatever its age), nor while something of a
    statement could not be read (`problems`). `matches` are what is made of each credit, `left` is by invoice key what
    all of them leave open, `apart` where the file and the bank do not say the same.
    """

    until: date | None = None
    gaps: tuple[Gap, ...] = ()
    trusted: int = 35
    problems: tuple[Problem, ...] = ()
    matches: tuple[Match, ...] = ()
    left: Mapping[str, Decimal] = _NONE
    apart: tuple[Apart, ...] = ()

    @property
    def doubts(self) -> tuple[Match, ...]:
        """The credits that may be payments."""
        return tuple(made for made in self.matches if made.verdict is Ruling.DOUBT)
