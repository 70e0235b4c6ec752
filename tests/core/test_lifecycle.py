"""Statuses of XP Z12-012: each row of the table, each transition, and a year of them in random legal order."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import pytest
from core_support import EVERY_DAY, approved, day, invoice, paid, reminded
from hypothesis import given, settings
from hypothesis import strategies as st

from relance.core.calendar import WorkCalendar
from relance.core.history import History, fold
from relance.core.invoice import Invoice, invoice_key
from relance.core.lifecycle import KINDS, REASONS, Effect, first_read, last, lifecycle_of, sent_ends, status_kind
from relance.core.plan import About, Decision, Line, Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.core.reasons import End, Reason
from relance.core.status import Declared, Lifecycle, Platform, StatusTold
from relance.display.lifecycle import REASONS as SENTENCES
from relance.display.lines import because
from relance.display.tasks import task_line
from relance.display.waiting import glance
from relance.french import typeset

KEY, LATE = invoice_key(invoice()), day(40)


def told(code: str, on: date, *reasons: str, amount: str = "", hour: str = "", undated: bool = False) -> StatusTold:
    """One status of the invoice of these tests."""
    money = Decimal(amount) if amount else None
    return StatusTold(KEY, code, on, None if undated else on, hour, reasons, amount=money)


def history_of(statuses: Iterable[StatusTold], today: date, *facts: object) -> History:
    """What is known where a platform told this, and firm would be next."""
    life = lifecycle_of(statuses, today)
    return fold(facts, day(-300), today)._replace(platform=Platform({KEY: life}))  # type: ignore[arg-type]


def planned(
    statuses: Iterable[StatusTold],
    today: date = LATE,
    about: Invoice | None = None,
    policy: DunningPolicy = EVERY_DAY,
) -> Plan:
    """The plan of a day on which firm could leave, if the platform told nothing."""
    facts = (reminded(about or invoice(), "friendly", day(5)),)
    return build_plan([about or invoice()], history_of(statuses, today, *facts), policy, today)


def line_of(*statuses: StatusTold, today: date = LATE) -> Line:
    """The same as its one line."""
    return planned(statuses, today).lines[0]


HELD = {
    "206": Reason.DISPUTED,
    "207": Reason.DISPUTED,
    "208": Reason.SUSPENDED,
    "210": Reason.REFUSED_INVOICE,
    "211": Reason.PAYMENT_SENT,
    "213": Reason.NOT_RECEIVED,
    "221": Reason.NOT_RECEIVED,
    "501": Reason.NOT_RECEIVED,
}
CLOSED = {"220": Effect.CANCELLED, "225": Effect.FACTORED}
NO_EFFECT = "200 201 202 203 204 205 209 214 224 226 227 228 250 251 300 301 400 401 500 601".split()


def test_the_table_has_each_code_once() -> None:
    """Every status of part 2 is one that holds, closes, pays, or that is shown and no more."""
    assert {*HELD, *CLOSED, "212", *NO_EFFECT} == set(KINDS)
    assert dict(CLOSED.items()) == {code: KINDS[code].effect for code in CLOSED}


@pytest.mark.parametrize("code", sorted(HELD))
def test_what_holds_holds(code: str) -> None:
    """Its reason, nobody is reminded, and no command ends it: the platform does."""
    line = line_of(told(code, day(38)))

    assert (Decision.HOLD, HELD[code]) == (line.decision, line.reason)
    assert line.stop.end in (End.FILE, End.ITS_DAY)
    assert because(line) == because(line).strip()
    assert glance(line)


@pytest.mark.parametrize("code", NO_EFFECT)
def test_what_is_only_shown_lets_firm_leave(code: str) -> None:
    """Shown, and nothing else."""
    assert (Decision.REMIND, "firm") == (
        line_of(told(code, day(38))).decision,
        line_of(told(code, day(38))).leaving.key,
    )


@pytest.mark.parametrize("code", ["208", "210", "213", "206", "207"])
def test_what_asks_is_one_review_task(code: str) -> None:
    """With what the customer said and its cure, on the day and as long as it stands."""
    reason = min(KINDS[code].reasons)
    plan = planned([told(code, day(38), reason)])

    assert ["review"] == [task.kind for task in plan.tasks]
    assert typeset(SENTENCES[reason]) in task_line(plan.tasks[0])


def test_what_is_refused_or_rejected_enters_no_total() -> None:
    """Nothing is claimed of it; what is disputed, suspended or announced is owed."""
    owed = {code: not line_of(told(code, day(38))).reason.settled for code in HELD}
    assert {code for code, is_owed in owed.items() if is_owed} == {"206", "207", "208", "211"}


ENDS = [
    ("206", "204"), ("206", "205"), ("206", "212"), ("207", "204"), ("207", "205"), ("207", "212"),
    ("208", "209"), ("211", "212"),
    *((code, later) for code in ("213", "221", "501") for later in ("202", "203")),
]  # fmt: skip


@pytest.mark.parametrize("code", [*HELD, *CLOSED])
@pytest.mark.parametrize("later", sorted(KINDS))
def test_each_transition(code: str, later: str) -> None:
    """What ends a hold is what the table says; refused is final, rejected until it arrives: it was deposited again."""
    effect = KINDS[code].effect
    life = lifecycle_of([told(code, day(30)), told(later, day(31), amount="5.00" if later == "212" else "")], day(40))
    ended = (code, later) in ENDS

    assert ended == (last(life, effect) is None)


@pytest.mark.parametrize(("again", "ends"), [("200", False), ("202", True), ("203", True), ("205", False)])
def test_a_refused_invoice_is_made_anew_under_another_number(again: str, ends: bool) -> None:
    """What reaches the customer then is not what he refused; under the same number nothing ends it."""
    refused, later = told("210", day(30))._replace(invoice="f-1/2026"), told(again, day(31))
    assert ends == (last(lifecycle_of([refused, later], day(40)), Effect.REFUSED) is None)
    assert last(lifecycle_of([refused, later._replace(on=day(29), dated=day(29))], day(40)), Effect.REFUSED) == refused


@pytest.mark.parametrize(("code", "later"), ENDS)
def test_what_came_before_ends_nothing(code: str, later: str) -> None:
    """Approved, then disputed: disputed it is."""
    life = lifecycle_of([told(later, day(30)), told(code, day(31))], day(40))
    assert last(life, KINDS[code].effect) is not None


def test_of_one_day_only_hours_tell() -> None:
    """Without them the hold stands, but for what only ever answers to it."""
    taken, disputed = told("204", day(30)), told("207", day(30))
    assert last(lifecycle_of([taken, disputed], day(40)), Effect.DISPUTED) == disputed
    early, late = told("207", day(30), hour="09:00:00"), told("205", day(30), hour="17:30:00")
    assert last(lifecycle_of([late, early], day(40)), Effect.DISPUTED) is None
    assert last(lifecycle_of([told("208", day(30)), told("209", day(30))], day(40)), Effect.SUSPENDED) is None


def test_what_is_dated_later_is_not_known_yet() -> None:
    """As with all facts."""
    assert line_of(told("210", day(41))).decision is Decision.REMIND


@pytest.mark.parametrize(
    ("sent", "ends"),
    [
        (date(2026, 11, 2), date(2026, 11, 10)),  # Monday: five banking days to Monday the 9th
        (date(2026, 11, 6), date(2026, 11, 17)),  # Friday, and the 11th is a holiday
        (date(2026, 12, 23), date(2027, 1, 1)),
    ],
)
def test_a_payment_that_was_announced_is_waited_for(sent: date, ends: date) -> None:
    """Five days on which banks work, whatever days the user closes; the day after, reminders go on."""
    status = StatusTold(KEY, "211", sent, sent)
    closed = WorkCalendar(closed=((sent, ends),))
    assert ends == sent_ends(status, WorkCalendar()) == sent_ends(status, closed)


def test_an_announced_payment_lapses() -> None:
    """Held to the fifth banking day, free on the next one."""
    status = told("211", day(38))
    free = sent_ends(status, EVERY_DAY.calendar)

    assert Reason.PAYMENT_SENT is line_of(status, today=free - timedelta(days=1)).reason
    assert Reason.PAYMENT_SENT is not line_of(status, today=free).reason
    assert line_of(status).next_date is not None


def test_each_reason_has_its_sentence_with_a_cure() -> None:
    """The closed list, no more and no less: one line each, a fact and what to do."""
    assert set(SENTENCES) == set(REASONS)
    for sentence in SENTENCES.values():
        assert sentence.count(" : ") == 1
        assert len(sentence) <= 80
        assert not sentence.endswith(".")


@pytest.mark.parametrize(("code", "reason"), [(c, r) for c, kind in KINDS.items() for r in sorted(kind.reasons)])
def test_each_reason_is_told_where_it_stands(code: str, reason: str) -> None:
    """Of what holds: the sentence of the plan says it."""
    line = line_of(told(code, day(38), reason))
    assert code not in HELD or typeset(SENTENCES[reason]) in because(line)


def test_money_that_is_not_sure_holds() -> None:
    """A 212 without an amount, as the journal has it by the row: bank_doubt, with two commands."""
    status = told("212", day(30))
    history = history_of([status], day(40), reminded(invoice(), "friendly", day(5)))
    assert history.platform is not None
    lives = {KEY: Lifecycle((status,), Declared(status))}
    plan = build_plan([invoice()], history._replace(platform=Platform(lives)), EVERY_DAY, day(40))

    assert (Reason.BANK_DOUBT, ["review"]) == (plan.lines[0].reason, [task.kind for task in plan.tasks])
    number = invoice().number
    assert f"relance pay {number} --on {day(30)}" in task_line(plan.tasks[0])
    assert f"relance confirm row {number}" in task_line(plan.tasks[0])


def test_statuses_that_cannot_be_read_hold_all() -> None:
    """Nobody is reminded while a refusal may lie unread."""
    facts = (reminded(invoice(), "friendly", day(5)),)
    history = fold(facts, day(-300), day(40))._replace(platform=Platform({}, unread=("nov.csv",)))
    (line,) = build_plan([invoice()], history, EVERY_DAY, day(40)).lines

    assert (Reason.STALE_INPUT, End.FILE) == (line.reason, line.stop.end)
    assert "nov.csv" in because(line)


def test_paid_and_not_declared_is_one_task() -> None:
    """Where the platform knows the invoice and was told of no money, unless the settings silence it."""
    bill = invoice(payments=(paid("1200.00", day(30)),))
    asked = [task for task in planned([told("203", day(1))], about=bill).tasks if task.about is About.TO_DECLARE]
    declared = planned([told("203", day(1)), told("212", day(31), amount="1200.00")], about=bill)
    silent = planned([told("203", day(1))], about=bill, policy=EVERY_DAY._replace(declare_collected=False))

    assert len(asked) == 1
    assert "212" in task_line(asked[0])
    assert "declare_collected = false" in task_line(asked[0])
    assert () == declared.tasks == silent.tasks


def test_a_new_account_is_to_be_checked() -> None:
    """227: for a month."""
    asked = [[task.about for task in planned([told("227", on)]).tasks] for on in (day(38), day(1))]
    assert [True, False] == [About.NEW_ACCOUNT in abouts for abouts in asked]


def test_what_has_no_day_is_known_from_its_first_run_on() -> None:
    """It stays itself, and is new once what was noted after it is gone from the export: it came back."""
    first = told("207", day(1), undated=True)
    all_, new = first_read([first._replace(on=day(3))], [first])
    assert ((first,), ()) == (all_, new)
    over = told("205", day(5), undated=True)
    _, new = first_read([first._replace(on=day(6)), over._replace(on=day(6))], [first, over])
    assert () == new
    again = first._replace(on=day(9))
    all_, new = first_read([again], [first, over])
    assert (again,) == new
    assert last(lifecycle_of(all_, day(9)), Effect.DISPUTED) == again


def test_what_two_exports_tell_is_told_once() -> None:
    """With its hour, its amount or its day elsewhere: the same money once."""
    plain, timed = told("212", day(30), amount="600.00"), told("212", day(30), amount="600.00", hour="10:00:00")
    bare, undated = told("212", day(30)), told("212", day(33), amount="600.00", undated=True)
    assert (timed,) == lifecycle_of([plain, bare, timed, undated], day(40)).told
    other = told("212", day(31), amount="600.00")
    assert (plain, other) == lifecycle_of([plain, other], day(40)).told


LEGAL_FIRST = ("200", "201", "202", "203")
TREATED = ("204", "205", "206", "207", "208", "209", "211", "212", "214", "227")


@st.composite
def legal_years(draw: st.DrawFn) -> list[StatusTold]:
    """A year of one invoice: the first statuses in order, some left out; then any treatment; perhaps an end."""
    start, statuses, at = day(-20), list[StatusTold](), 0
    rejected = draw(st.booleans()) and draw(st.booleans())
    for code in LEGAL_FIRST:
        at += draw(st.integers(0, 3))
        if draw(st.booleans()):
            statuses.append(told(code, start + timedelta(days=at)))
        if rejected and code == "201":
            return [*statuses, told("213", start + timedelta(days=at + 1))]
    for code in draw(st.lists(st.sampled_from(TREATED), max_size=12)):
        at += draw(st.integers(0, 40))
        amount = "50.00" if code == "212" else ""
        statuses.append(told(code, start + timedelta(days=at), amount=amount))
    if draw(st.booleans()):
        statuses.append(told("210", start + timedelta(days=at + draw(st.integers(0, 30)))))
    return statuses


def must_be_silent(statuses: Sequence[StatusTold], today: date, policy: DunningPolicy) -> bool:
    """The rule told a second time, day by day from what was told, without the table of the program."""
    known = [each for each in statuses if each.day <= today]
    if any(each.code in ("210", "213") for each in known):
        return True
    disputes = [each.day for each in known if each.code in ("206", "207")]
    if any(not any(e.code in ("204", "205", "212") and e.day > since for e in known) for since in disputes):
        return True
    suspended = [each.day for each in known if each.code == "208"]
    if any(not any(e.code == "209" and e.day >= since for e in known) for since in suspended):
        return True
    sent = max((each.day for each in known if each.code == "211"), default=None)
    if sent is None or any(each.code == "212" and each.day > sent for each in known):
        return False
    return (today - sent).days <= 5  # five banking days are no fewer


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(legal_years())
def test_a_year_in_any_legal_order_never_reminds_in_a_hold(statuses: list[StatusTold]) -> None:
    """Lived day by day, each message noted: none leaves while refused, rejected, disputed, suspended or sent."""
    facts: list[object] = []
    for today in (day(n) for n in range(-10, 200)):
        history = history_of(statuses, today, *facts)
        plan = build_plan([invoice()], history, EVERY_DAY, today)
        (line,) = plan.lines
        silent = must_be_silent(statuses, today, EVERY_DAY)
        assert not (silent and (plan.reminders or line.decision is not Decision.HOLD)), (today, line.reason)
        for reminder in plan.reminders:
            facts.append(reminded(invoice(), reminder.stage.key, today))
        if line.reason is Reason.AWAITING_APPROVAL:
            facts.append(approved(invoice(), today))


def test_each_kind_is_found_by_its_code() -> None:
    """What the journal keeps is read by the table."""
    assert all(status_kind(told(code, day(1))).code == code for code in KINDS)
