"""Who is thanked: a customer who was reminded, has just paid and owes nothing more; once, or not at all."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import EVERY_DAY, customer, day, invoice, messages, paid, plan_for, reminded, sent

from relance.core.facts import Allocated, Drafted, Fact, Held, HoldReason, InDoubt, Paid, Refused
from relance.core.history import Seen, fold
from relance.core.invoice import Contact, Invoice, Payment, customer_id, invoice_key
from relance.core.mails import Incoming, Received
from relance.core.plan import Decision, Plan
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule
from relance.core.reasons import Reason
from relance.core.seen import remember
from relance.sources.verdicts import Evidence, Verdict, judge

KEY = invoice_key(invoice())
STARTED = day(-60)


PAID_ON = day(8)


def settled(on: date | None = PAID_ON, number: str = "F-1") -> Invoice:
    """The invoice, paid in full on that day."""
    return invoice(number, payments=[paid("1200.00", on)])


def thanked(about: list[Invoice], facts: list[Fact], offset: int = 9, **seen: Seen) -> list[tuple[str, list[str]]]:
    """What leaves that day."""
    history = fold(facts, STARTED, day(offset))._replace(seen=seen)
    return messages(build_plan(about, history, EVERY_DAY, day(offset)))


def as_seen(about: Invoice, paid_sum: str | None, paid_on: date | None = None, *, is_open: bool = True) -> Seen:
    """What the last run saw of an invoice."""
    amount = None if paid_sum is None else Decimal(paid_sum)
    owner = customer_id(about.customer)
    return Seen(
        *(invoice_key(about), about.number, owner, about.total, about.issue_date, about.due_date, is_open, None),
        *(amount, paid_on),
    )


THANKS = [("thanks", ["F-1"])]
FRIENDLY = reminded(invoice(), "friendly", day(5))


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        (["courtesy"], THANKS),
        (["friendly"], THANKS),
        (["courtesy", "friendly", "firm"], THANKS),
        ([], []),
        (["firm", "formal_notice"], []),
        (["friendly", "thanks"], []),
    ],
)
def test_stages(stages: list[str], expected: list[tuple[str, list[str]]]) -> None:
    """After courtesy, friendly or firm; never unasked, never after a formal notice, never again."""
    facts: list[Fact] = [reminded(invoice(), stage, day(n)) for n, stage in enumerate(stages)]
    assert expected == thanked([settled(day(18))], facts, 19)


def test_a_formal_notice_is_not_thanked_for_even_without_approval() -> None:
    """What counts is the act, not whether the user wanted to be asked."""
    stages = tuple(stage._replace(confirm=False) for stage in DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    facts = [FRIENDLY, reminded(invoice(), "formal_notice", day(30))]
    assert () == plan_for([settled(day(35))], facts, day(36), policy=policy).reminders


@pytest.mark.parametrize(("after", "expected"), [(0, THANKS), (10, THANKS), (11, [])])
def test_within_ten_days(after: int, expected: list[tuple[str, list[str]]]) -> None:
    """The day of the payment counts as none."""
    assert expected == thanked([settled(day(10))], [FRIENDLY], 10 + after)


def test_the_line_stays_paid() -> None:
    """It is settled and claims nothing; the message names nothing else."""
    plan = plan_for([settled(), invoice("F-2", day(60))], [FRIENDLY], day(9))
    line = plan.lines[0]
    assert (Reason.PAID, Decision.HOLD, "thanks") == (line.reason, line.decision, line.acting and line.acting.key)
    (reminder,) = plan.reminders
    assert ((), (), None) == (reminder.others, reminder.charged, reminder.term)


def test_one_for_a_customer() -> None:
    """Two invoices paid together are one thank-you, even where invoices travel apart; a third within days is none."""
    known = [settled(), settled(number="F-2"), invoice("F-3", payments=[paid("1200.00", day(14))])]
    facts: list[Fact] = [reminded(each, "friendly", day(5)) for each in known]
    apart = EVERY_DAY._replace(group=False)
    plan = plan_for([*known[:2], known[2]._replace(payments=())], facts, day(9), policy=apart)
    assert () == plan.reminders  # the third is still overdue
    plan = plan_for(known[:2], facts, day(9), policy=apart)
    assert [("thanks", ["F-1", "F-2"])] == messages(plan)
    facts += [fact for reminder in plan.reminders for fact in sent(reminder, day(9))]
    assert [] == messages(plan_for(known, facts, day(15), policy=apart))


@pytest.mark.parametrize(
    "owed", [invoice("F-2", day(7)), invoice("F-2", day(7), total="1.00")], ids=["overdue", "below the minimum"]
)
def test_nothing_else_overdue(owed: Invoice) -> None:
    """Another overdue invoice of this customer, however small, is not the moment; one that is not due yet is no bar."""
    assert [] == thanked([settled(), owed], [FRIENDLY])
    later = invoice("F-2", day(9))
    assert THANKS == thanked([settled(), later], [FRIENDLY])
    other = invoice("F-2", day(7), owner=customer("Beta"))
    assert THANKS[0] in thanked([settled(), other], [FRIENDLY])


@pytest.mark.parametrize(
    "fact",
    [
        InDoubt(KEY, "friendly", "email", day(5)),
        Drafted(KEY, "thanks", "email", day(8)),
        Refused(KEY, "compta@alpha.example", day(5)),
        Received("other", Incoming.BOUNCE, day(6), "<1@alpha.example>", address="compta@alpha.example"),
        Received(KEY, Incoming.ANSWER, day(6), "<2@alpha.example>"),
        Held(KEY, HoldReason.DISPUTE, day(6)),
        Held("code:ALPHA", HoldReason.PAUSE, day(6), day(30)),
    ],
)
def test_not_to_them(fact: Fact) -> None:
    """In doubt, drafted, refused, bounced, answered, held: nobody is thanked by a program then."""
    assert [] == thanked([settled()], [FRIENDLY, fact])


@pytest.mark.parametrize("target", [KEY, "code:ALPHA"])
def test_a_hold_that_is_over_is_no_bar(target: str) -> None:
    """A pause of long ago, or the promise that was just kept; a dispute ends with its release alone."""
    held = [Held(target, reason, day(6), day(7)) for reason in (HoldReason.PAUSE, HoldReason.OTHER)]
    promised = Held(target, HoldReason.PROMISE, day(6), day(30))
    assert THANKS == thanked([settled()], [FRIENDLY, *held, promised])
    assert [] == thanked([settled()], [FRIENDLY, Held(target, HoldReason.PAUSE, day(6), day(9)), promised])
    assert [] == thanked([settled()], [FRIENDLY, Held(target, HoldReason.DISPUTE, day(6), day(7))])


def test_not_past_a_refused_copy() -> None:
    """Every address that the customer sees has to take it."""
    owner = customer()._replace(cc=("chef@alpha.example",))
    known = settled()._replace(customer=owner)
    assert THANKS == thanked([known], [FRIENDLY])
    assert [] == thanked([known], [FRIENDLY, Refused(KEY, "chef@alpha.example", day(5))])


def test_no_address_no_thanks() -> None:
    """Nor where the user excluded the customer, turned thanks off, or the day is closed or full."""
    for changed in ({"emails": ()}, {"excluded": True}):
        owner = customer()._replace(**changed)
        assert [] == thanked([settled()._replace(customer=owner)], [FRIENDLY])
    for policy in (EVERY_DAY._replace(thanks=False), DunningPolicy()):
        saturday = day(12)
        assert saturday.isoweekday() == 6
        assert () == plan_for([settled()], [FRIENDLY], saturday, policy=policy).reminders
    busy = [settled(), invoice("F-9", day(4), owner=customer("Beta"))]
    assert [("friendly", ["F-9"])] == messages(
        plan_for(busy, [FRIENDLY], day(9), policy=EVERY_DAY._replace(max_per_run=1))
    )


def test_an_address_that_was_written_to_waits() -> None:
    """Four days after the last message to it."""
    firm = reminded(invoice(), "firm", day(15))
    assert [[], THANKS] == [thanked([settled(day(16))], [firm], n) for n in (18, 19)]


def test_settled_before_relance() -> None:
    """An invoice that a first run finds paid was never relance's: no thanks, whatever the file's history says."""
    contacts = [Contact("friendly", "email", day(5))]
    old = settled(day(8))._replace(contacts=tuple(contacts))
    first = build_plan([old], fold([], day(9), day(9)), EVERY_DAY, day(9))
    assert () == first.reminders
    seen = {row.invoice: row for row in remember(first)}
    assert [] == thanked([old], [], 9, **seen)
    assert [] == messages(build_plan([settled()], fold([FRIENDLY], None, day(9)), EVERY_DAY, day(9)))


def test_a_payment_without_a_date_counts_from_the_day_it_was_seen() -> None:
    """The run before saw less paid: today; a run before that saw it: its day; nobody saw it: no thanks."""
    about = settled(None)
    for seen, expected in (
        (as_seen(about, "0.00"), THANKS),
        (as_seen(about, "1200.00", day(2), is_open=False), THANKS),
        (as_seen(about, "1200.00", day(-2), is_open=False), []),
        (as_seen(about, "1200.00", is_open=False), []),
        (as_seen(about, None), []),
    ):
        assert expected == thanked([about], [FRIENDLY], 9, **{KEY: seen})
    assert [] == thanked([about], [FRIENDLY])


SAID = (Decimal("1200.00"), day(8), day(8))
CREDITED = Payment(Decimal("1200.00"), PAID_ON, "A-1")


def test_a_credit_note_is_no_money() -> None:
    """Nobody is thanked for what the user gave up, be it by the file, by a word, or with money that came and went."""
    assert [] == thanked([invoice(payments=[CREDITED])], [FRIENDLY])
    assert [] == thanked([invoice()], [FRIENDLY, Allocated("A-1/2026", "A-1", KEY, *SAID)])
    undated = CREDITED._replace(on=None)
    assert [] == thanked([invoice(payments=[undated])], [FRIENDLY], 9, **{KEY: as_seen(invoice(), "0.00")})
    gone = [paid("500.00", day(7)), paid("-500.00", day(8)), CREDITED]
    assert [] == thanked([invoice(payments=gone)], [FRIENDLY])


@pytest.mark.parametrize(("came", "expected"), [(2, []), (3, THANKS), (12, THANKS)])
def test_money_beside_a_credit_note(came: int, expected: list[tuple[str, list[str]]]) -> None:
    """What came within ten days is thanked for, whichever of the two settled the invoice."""
    both = [paid("700.00", day(came)), CREDITED._replace(amount=Decimal("500.00"))]
    assert expected == thanked([invoice(payments=both)], [FRIENDLY], 13)


def test_the_column_of_credit_notes_is_no_money() -> None:
    """A file that fills « Avoirs » settles its invoice, and nobody has paid."""
    verdict = judge(Evidence(total=Decimal("1200.00"), credits=Decimal("1200.00")))
    assert isinstance(verdict, Verdict)
    about = invoice(payments=verdict.payments)
    assert Reason.PAID is plan_for([about], [FRIENDLY], day(9)).lines[0].reason
    assert [] == thanked([about], [FRIENDLY], 9, **{KEY: as_seen(about, "0.00")})


def test_money_without_a_date_beside_a_credit_note() -> None:
    """It is new where more is seen than credit notes can explain; else nobody knows when it came."""
    both = invoice(payments=[paid("700.00"), CREDITED._replace(amount=Decimal("500.00"))])
    seen = {"0.00": THANKS, "500.00": THANKS, "700.00": [], "1200.00": []}
    for before, expected in seen.items():
        assert expected == thanked([both], [FRIENDLY], 9, **{KEY: as_seen(both, before, day(8))})


def test_paid_by_hand() -> None:
    """What `pay` told is a payment like any other."""
    assert THANKS == thanked([invoice()], [FRIENDLY, Paid(KEY, Decimal("1200.00"), day(8))])


def test_a_file_that_shrank_thanks_nobody() -> None:
    """What is gone may be owed."""
    known = [settled(), *(invoice(f"G-{n}", day(40), owner=customer(f"C{n}")) for n in range(6))]
    history = fold([FRIENDLY], STARTED, day(9))
    seen = {invoice_key(each): as_seen(each, "0.00") for each in known}

    def left(rows: list[Invoice]) -> Plan:
        return build_plan(rows, history._replace(seen=seen), EVERY_DAY, day(9))

    assert THANKS == messages(left(known))
    assert () == left(known[:3]).reminders
