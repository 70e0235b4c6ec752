"""What the file as a whole tells: gone, renumbered, returned, shrunk, credited, stale."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

import pytest
from core_support import EVERY_DAY, LONG_AGO, RATE_AGREED, customer, day, invoice, paid, reasons, reminded, verdict

from relance.core.facts import Allocated, Confirmed, Fact, Held, HoldReason, Paid, Released
from relance.core.history import FileState, History, Seen, fold
from relance.core.invoice import Invoice, Status, invoice_key, snapshot_of
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy, Oneself
from relance.core.reasons import Doubted, Stale
from relance.core.seen import name_of_task, remember
from relance.display.lines import because

NAMES = ("F-1", "F-2", "F-3", "F-4", "F-5", "F-6")
FRESH = FileState(day(20))


def _history(facts: Iterable[Fact], today: date, seen: Sequence[Seen] = (), file: FileState | None = FRESH) -> History:
    return fold([RATE_AGREED, *facts], LONG_AGO, today)._replace(seen={each.invoice: each for each in seen}, file=file)


TODAY = day(20)


def _plan(
    invoices: Sequence[Invoice],
    facts: Iterable[Fact] = (),
    today: date = TODAY,
    seen: Sequence[Seen] = (),
    file: FileState | None = FRESH,
) -> Plan:
    return build_plan(invoices, _history(facts, today, seen, file), EVERY_DAY, today)


LAST_RUN = day(10)


def _seen(invoices: Sequence[Invoice], on: date = LAST_RUN) -> tuple[Seen, ...]:
    """What a run of that day remembers of these invoices."""
    history = _history((), on)
    return remember(build_plan(invoices, history, EVERY_DAY, on))


def _of(number: str, total: str = "1200.00") -> Invoice:
    """An invoice of a customer of its own."""
    return invoice(number, total=total, owner=customer(f"Customer {number[-1]}"))


def test_what_is_gone_is_named() -> None:
    """An invoice that was open at the last run and is in the file no more."""
    before = [_of("F-1"), _of("F-2")]
    plan = _plan(before[:1], seen=_seen(before))
    assert ["F-2"] == [seen.number for seen in plan.around.vanished]


def test_what_was_paid_may_go_in_silence() -> None:
    """Nobody asks after an invoice that was settled when it was last seen."""
    settled = invoice("F-2", payments=[paid("1200.00")])
    assert () == _plan([_of("F-1")], seen=_seen([_of("F-1"), settled])).around.vanished


def test_what_is_gone_is_named_once() -> None:
    """The next run has it marked as gone, and does not name it again."""
    before = [_of("F-1"), _of("F-2")]
    history = _history((), day(20), _seen(before))
    marked = remember(build_plan(before[:1], history, EVERY_DAY, day(20)))
    assert {"F-1": None, "F-2": day(20)} == {seen.number: seen.gone_on for seen in marked}
    assert () == _plan(before[:1], today=day(21), seen=marked).around.vanished


def test_what_comes_back_is_asked_about() -> None:
    """Gone, then there again: held until confirmed."""
    about = _of("F-1")
    gone = [seen._replace(gone_on=day(12)) for seen in _seen([about])]
    line = _plan([about], seen=gone).lines[0]
    assert ("changed", "returned") == (line.reason.value, line.stop.mark)
    said = Confirmed(invoice_key(about), day(15), snapshot_of(about))
    assert "due" == _plan([about], [said], seen=gone).lines[0].reason.value


def test_a_new_number_for_the_same_debt_is_asked_about() -> None:
    """Same customer, total and dates, another number: renumbered?"""
    old = _of("F-1")
    new = old._replace(number="F-1-bis")
    line = _plan([new], seen=_seen([old])).lines[0]
    assert ("changed", "number:F-1") == (line.reason.value, line.stop.mark)
    other = _of("F-1", "80.00")._replace(number="F-9", issue_date=day(-9))
    assert "due" == _plan([other], seen=_seen([old])).lines[0].reason.value


ELSEWHERE = customer("Customer 1", code="", emails=("other@alpha.example",))
RENAMED = customer("Customer One", code="", emails=("compta@customer 1.example",))


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"total": Decimal("1300.00")}, "number:F-1 total"),
        ({"total": Decimal("1300.00"), "issue_date": None}, "number:F-1 total"),
        ({"due_date": day(3)}, "number:F-1 due_date"),
        ({"customer": ELSEWHERE}, "number:F-1 customer"),
        ({"customer": RENAMED}, "number:F-1 customer"),
        ({"due_date": day(3), "total": Decimal("1300.00")}, None),
        ({"issue_date": day(-9), "total": Decimal("1300.00")}, None),
        ({"due_date": day(3), "issue_date": None}, None),
        ({"customer": customer("Somebody", code="", emails=("some@body.example",))}, None),
    ],
)
def test_a_new_number_and_one_thing_more(changes: dict[str, object], mark: str | None) -> None:
    """Renumbered and changed at once: asked about, with what changed; two things more make it another invoice."""
    old = _of("F-1")._replace(customer=customer("Customer 1", code=""))
    new = old._replace(number="F-9", **changes)  # type: ignore[arg-type]
    if changes.get("issue_date", 0) is None:
        old = old._replace(issue_date=None)
    line = _plan([new], seen=_seen([old])).lines[0]
    assert (("due", "") if mark is None else ("changed", mark)) == (line.reason.value, line.stop.mark)
    if mark is None:
        return
    assert "renumérotée" in because(line)
    facts: list[Fact] = [
        reminded(old, "friendly", day(5)),
        Confirmed(invoice_key(new), day(14), snapshot_of(new), was=invoice_key(old)),
    ]
    assert "changed" != _plan([new], facts, seen=_seen([old])).lines[0].reason.value


OWN = EVERY_DAY._replace(own=Oneself(frozenset({"camille@martin.example", "copie@martin.example"})))


@pytest.mark.parametrize(
    ("emails", "asked"),
    [
        (("Camille@martin.example",), True),
        (("compta@alpha.example", "copie@martin.example"), True),
        (("compta@alpha.example",), False),
        ((), False),
    ],
)
def test_a_reminder_to_oneself_is_asked_about(emails: tuple[str, ...], asked: bool) -> None:
    """The customer's address is the user's own: held until he says that it may, and asked again once it changes."""
    about = invoice("F-1", owner=customer(emails=emails))

    def line(facts: Iterable[Fact] = ()) -> str:
        (found,) = build_plan([about], _history(facts, TODAY), OWN, TODAY).lines
        return f"{found.reason}:{found.stop.mark}"

    expected = "changed:oneself" if asked else "due:" if emails else "no_address:"
    assert expected == line()
    said = Confirmed(invoice_key(about), day(15), snapshot_of(about))
    assert expected.replace("changed:oneself", "due:") == line([said])
    other = said._replace(snapshot=said.snapshot._replace(emails=("other@alpha.example",)))
    assert expected == line([other])


def test_a_confirmed_number_keeps_its_past() -> None:
    """What was sent under the old number was sent: the next stage follows, never the same one again."""
    old = _of("F-1")
    new = old._replace(number="F-1-bis")
    facts: list[Fact] = [
        reminded(old, "friendly", day(5)),
        Confirmed(invoice_key(new), day(14), snapshot_of(new), was=invoice_key(old)),
    ]
    assert ("due", "firm") == verdict(_plan([new], facts, seen=_seen([old])).lines[0])
    history = _history(facts, day(20), _seen([old]))
    marked = {seen.number: seen.gone_on for seen in remember(build_plan([new], history, EVERY_DAY, day(20)))}
    assert {"F-1-bis": None, "F-1": day(20)} == marked


def test_a_number_edited_and_edited_back_keeps_its_past() -> None:
    """F-1, F-1-bis, F-1 again: asked about each time, and no stage is done twice."""
    old = _of("F-1")
    new = old._replace(number="F-1-bis")
    facts: list[Fact] = [
        reminded(old, "friendly", day(5)),
        Paid(invoice_key(old), Decimal("10.00"), day(6)),
        Confirmed(invoice_key(new), day(7), snapshot_of(new), was=invoice_key(old)),
        reminded(new, "firm", day(15)),
    ]
    before = (*_seen([old]), *_seen([new]))
    before = (before[0]._replace(gone_on=day(8)), before[1])
    back = _plan([old], facts, day(31), before).lines[0]
    assert ("changed", "number:F-1-bis") == (back.reason.value, back.stop.mark)
    facts.append(Confirmed(invoice_key(old), day(31), snapshot_of(old), was=invoice_key(new)))
    line = _plan([old], facts, day(31), before).lines[0]
    assert ("awaiting_approval", "formal_notice", Decimal("10.00")) == (*verdict(line), line.paid)
    history = _history(facts, day(31), before)
    marked = {seen.number: seen.gone_on for seen in remember(build_plan([old], history, EVERY_DAY, day(31)))}
    assert {"F-1": None, "F-1-bis": day(31)} == marked


def test_an_issue_date_that_changes_the_year_is_asked_about() -> None:
    """The key has the issue year in it: a column of issue dates that is added makes no new debt of an old one."""
    old = invoice("F-1", due=date(2027, 1, 5), terms=None)
    new = old._replace(issue_date=date(2026, 12, 6))
    facts: list[Fact] = [reminded(old, "friendly", date(2027, 1, 11))]
    later = date(2027, 1, 25)
    plan = _plan([new], facts, later, _seen([old]), FileState(later))
    assert ("changed", "number:F-1", ()) == (plan.lines[0].reason.value, plan.lines[0].stop.mark, plan.around.vanished)
    assert "autre année d’émission" in because(plan.lines[0])


def test_what_holds_an_invoice_holds_it_under_its_new_number() -> None:
    """A dispute, a promise and a plan are about the invoice; what releases the new number releases it."""
    old = _of("F-1")
    new = old._replace(number="F-1-bis")
    key, heir = invoice_key(old), invoice_key(new)
    renamed = Confirmed(heir, day(14), snapshot_of(new), was=key)
    for reason, found in ((HoldReason.DISPUTE, "disputed"), (HoldReason.INSOLVENCY, "insolvency")):
        held = Held(key, reason, day(10))
        assert found == _plan([new], [held, renamed], seen=_seen([old])).lines[0].reason.value
        released: list[Fact] = [held, renamed, Released(heir, day(15))]
        assert "due" == _plan([new], released, day(30), _seen([old]), None).lines[0].reason.value
    promised: list[Fact] = [Held(key, HoldReason.PROMISE, day(10), day(12)), renamed]
    assert "broken_promise" == verdict(_plan([new], promised, day(18), _seen([old]), FileState(day(18))).lines[0])[1]
    later = Held(key, HoldReason.DISPUTE, day(20))  # of the day on which it has both names
    assert "disputed" == _plan([new], [renamed, later], day(20), _seen([old])).lines[0].reason.value


@pytest.mark.parametrize(("left", "reason"), [(5, "due"), (4, "stale_input"), (0, None)])
def test_a_third_of_the_open_invoices_gone_holds_the_run(left: int, reason: str | None) -> None:
    """Of six, one may go; two at once is a damaged file, until the user says that it is right."""
    before = [_of(name) for name in NAMES]
    plan = _plan(before[:left], seen=_seen(before))
    assert (left < 5) is plan.around.shrunk
    assert {reason} - {None} == set(reasons(plan).values())
    confirmed = _plan(before[:left], seen=_seen(before), file=FRESH._replace(confirmed=True))
    assert {"due"} >= set(reasons(confirmed).values())


def test_four_open_invoices_are_too_few_to_have_shrunk() -> None:
    """Under five, invoices go one by one."""
    before = [_of(name) for name in NAMES[:4]]
    assert not _plan(before[:1], seen=_seen(before)).around.shrunk


@pytest.mark.parametrize(
    ("days_late", "age", "reason"),
    [(10, 14, "due"), (10, 15, "stale_input"), (20, 7, "due"), (20, 8, "stale_input")],
)
def test_an_old_file_is_not_trusted(days_late: int, age: int, reason: str) -> None:
    """Fourteen days for a friendly message, seven from firm on."""
    about = invoice()
    facts = [reminded(about, "friendly", day(5))] if days_late == 20 else []
    today = day(days_late)
    plan = _plan([about], facts, today, file=FileState(day(days_late - age)))
    assert reason == plan.lines[0].reason.value
    assert (["confirm"] if reason == "stale_input" else []) == [task.kind for task in plan.tasks]


@pytest.mark.parametrize(("age", "limit", "reason"), [(7, 2, "due"), (8, 2, "stale_input"), (15, 14, "stale_input")])
def test_what_was_confirmed_is_not_doubted_before_a_week_is_over(age: int, limit: int, reason: str) -> None:
    """However short the user wants the age of a file to be; 0 goes on meaning whatever the age."""
    today, policy = day(10), EVERY_DAY._replace(max_age_days=limit)
    vouched = History(started=LONG_AGO, file=FileState(day(10 - age), confirmed=True))
    assert reason == judged(vouched, policy, today)
    assert "due" == judged(vouched, policy._replace(max_age_days=0), today)
    saved = History(started=LONG_AGO, file=FileState(day(10 - age)))
    assert ("stale_input" if age > limit else "due") == judged(saved, policy, today)


def judged(history: History, policy: DunningPolicy, today: date) -> str:
    """The reason of the one invoice."""
    return build_plan([invoice()], history, policy, today).lines[0].reason.value


@pytest.mark.parametrize("oldest", ["", "reglements.csv"])
def test_the_file_is_one_question_whatever_makes_it_old(oldest: str) -> None:
    """For a promise or for a stage, by one name, so that the week is one week; another version beside it is news."""
    held = [Held(invoice_key(invoice()), HoldReason.PROMISE, day(6), until=day(10))]
    state = FileState(day(10), oldest=oldest)
    promised = _plan([invoice()], held, day(14), file=state)
    old = _plan([invoice()], [], day(30), file=state)
    (one,), (other,) = promised.tasks, old.tasks
    doubts = [line.why.doubt for line in (*one.lines, *other.lines) if isinstance(line.why, Stale)]
    assert [Doubted.PROMISE, Doubted.OLD] == doubts
    assert name_of_task(one) == name_of_task(other)
    (beside,) = _plan([invoice()], [], day(30), file=state._replace(conflict="copie.csv")).tasks
    assert name_of_task(beside) != name_of_task(old.tasks[0])


def test_after_a_promise_the_file_must_be_newer() -> None:
    """Promised for day 10, silent to the third open day after: then only a file saved after day 10 may dun."""
    held = [Held(invoice_key(invoice()), HoldReason.PROMISE, day(6), until=day(10))]
    assert "stale_input" == _plan([invoice()], held, day(14), file=FileState(day(10))).lines[0].reason.value
    assert "due" == _plan([invoice()], held, day(14), file=FileState(day(11))).lines[0].reason.value


def test_without_settings_nobody_vouches_for_the_file() -> None:
    """A plan without a journal cannot be confirmed, and does not ask."""
    assert "due" == _plan([invoice()], today=day(400), file=None).lines[0].reason.value


def _credit(total: str = "-150.00") -> Invoice:
    return invoice("A-1", total=total, status=Status.CREDIT_NOTE)


def test_an_open_credit_note_holds_what_is_firm() -> None:
    """Before anything firm, the credit is settled; a friendly message mentions it."""
    about = invoice()
    friendly = _plan([about, _credit()], today=day(6), file=FileState(day(6)))
    assert [("A-1", Decimal("150.00"))] == [(c.number, c.amount) for c in friendly.reminders[0].credits]
    held = _plan([about, _credit()], [reminded(about, "friendly", day(5))])
    assert ("open_credit", "A-1") == (held.lines[0].reason.value, held.lines[0].stop.mark)


def test_a_credit_note_of_another_customer_holds_nothing() -> None:
    """Nor does one of another currency."""
    about, facts = invoice(), [reminded(invoice(), "friendly", day(5))]
    others = [_credit()._replace(customer=customer("Bravo")), _credit()._replace(currency="USD")]
    assert "due" == _plan([about, *others], facts).lines[0].reason.value


def test_an_allocated_credit_pays() -> None:
    """It lowers what is outstanding and holds nothing any more; what is left of it still does."""
    about = invoice()
    facts: list[Fact] = [
        reminded(about, "friendly", day(5)),
        Allocated(invoice_key(_credit()), "A-1", invoice_key(about), Decimal("150.00"), day(-2), day(9), about.total),
    ]
    line = _plan([about, _credit()], facts).lines[0]
    assert ("due", Decimal("1050.00")) == (line.reason.value, line.outstanding)
    assert "open_credit" == _plan([about, _credit("-200.00")], facts).lines[0].reason.value


def test_a_conflict_copy_holds_the_run() -> None:
    """Two versions of the file: nobody knows which one is right, until the user says so."""
    doubled = FRESH._replace(conflict="factures (conflit).csv")
    assert "stale_input" == _plan([invoice()], file=doubled).lines[0].reason.value
    assert "due" == _plan([invoice()], file=doubled._replace(confirmed=True)).lines[0].reason.value


def test_an_unsafe_attachment_holds_its_invoice() -> None:
    """What the file names must not be read: a person looks first."""
    about = invoice()._replace(pdf="../x", pdf_fault="hors du dossier")
    assert "missing_pdf" == _plan([about]).lines[0].reason.value


# Payments between two runs


PART = _of("F-1")._replace(payments=(paid("200.00"),))


def test_a_payment_newly_seen_is_seven_quiet_days() -> None:
    """From the day of the run that first saw it, whatever date it bears; what the first run saw is not new."""
    before = _seen([_of("F-1")], day(10))
    assert ("too_soon", "friendly") == verdict(_plan([PART], today=day(20), seen=before).lines[0])
    dated = PART._replace(payments=(paid("200.00", day(1)),))
    assert day(27) == _plan([dated], today=day(20), seen=before).lines[0].until
    history = _history((), day(20), before)
    after = remember(build_plan([PART], history, EVERY_DAY, day(20)))
    assert [(Decimal("200.00"), day(20))] == [(each.paid, each.paid_on) for each in after]
    assert ["too_soon", "due"] == [
        _plan([PART], today=day(n), seen=after, file=None).lines[0].reason.value for n in (26, 27)
    ]
    assert "due" == _plan([PART], seen=_seen([PART], day(19))).lines[0].reason.value
    assert "due" == _plan([PART], seen=[before[0]._replace(paid=None)]).lines[0].reason.value


def test_a_payment_told_by_hand_is_newly_seen_too() -> None:
    """Its quiet days run from the day it was told, whatever date it bears, and whenever a run comes by."""
    told = Paid("F-1/2026", Decimal("200.00"), day(2), told=day(18))
    before = _seen([_of("F-1")])
    for today, reason in ((20, "too_soon"), (24, "too_soon"), (25, "due")):
        plan = _plan([_of("F-1")], [told], day(today), before, file=None)
        assert reason == plan.lines[0].reason.value
    assert (None,) == tuple(row.paid_on for row in remember(plan))


def test_what_was_paid_is_not_dunned_by_an_older_file() -> None:
    """Less paid than the last run saw: asked once, remembered as it was until then, for this sum alone."""
    whole = _of("F-1")._replace(payments=(paid("1200.00"),))
    before = _seen([whole], day(10))
    plan = _plan([_of("F-1")], seen=before)
    assert ("changed", "paid") == (plan.lines[0].reason.value, plan.lines[0].stop.mark)
    assert ["confirm"] == [task.kind for task in plan.tasks]
    assert () == remember(plan)
    word = Confirmed("F-1/2026", day(20), snapshot_of(_of("F-1")), paid=Decimal("0.00"), seen=Decimal("1200.00"))
    assert "due" == _plan([_of("F-1")], [word], seen=before).lines[0].reason.value
    for other in (word._replace(paid=Decimal("100.00")), word._replace(paid=None), word._replace(seen=None)):
        assert "changed" == _plan([_of("F-1")], [other], seen=before).lines[0].reason.value
    assert "due" == _plan([_of("F-1")], seen=[before[0]._replace(paid=None)]).lines[0].reason.value
    for seen_on, reason in (
        (19, "due"),
        (20, "due"),
        (21, "changed"),
    ):  # what was said before that is no answer
        grown = before[0]._replace(paid_on=day(seen_on))
        assert reason == _plan([_of("F-1")], [word], day(30), [grown], FileState(day(30))).lines[0].reason.value
    (kept,) = remember(_plan([_of("F-1")], [word], seen=before))
    assert (Decimal("0.00"), True) == (kept.paid, kept.is_open)


def test_a_payment_that_comes_after_a_confirmation_and_goes_again_is_asked_about() -> None:
    """The word that nothing is paid is where the next run starts from: half is news then, and keeps the days quiet."""
    before = _seen([_of("F-1")._replace(payments=(paid("1200.00"),))], day(10))
    word = Confirmed("F-1/2026", day(20), snapshot_of(_of("F-1")), paid=Decimal("0.00"), seen=Decimal("1200.00"))
    half = _of("F-1")._replace(payments=(paid("600.00"),))
    plan = _plan([half], [word], day(20), before)
    assert ("too_soon", day(27)) == (plan.lines[0].reason.value, plan.lines[0].until)
    (kept,) = after = remember(plan)
    assert (Decimal("600.00"), day(20)) == (kept.paid, kept.paid_on)
    assert "changed" == _plan([_of("F-1")], [word], day(20), after).lines[0].reason.value


def test_a_payment_that_went_and_came_back_is_news_whatever_else_is_confirmed() -> None:
    """Gone and confirmed, back the next day, and then an address confirmed before any run: seven quiet days."""
    whole = _of("F-1")._replace(payments=(paid("600.00"),))
    before = _seen([whole], day(10))
    gone = Confirmed("F-1/2026", day(20), snapshot_of(_of("F-1")), paid=Decimal("0.00"), seen=Decimal("600.00"))
    address = gone._replace(on=day(21), paid=Decimal("600.00"))
    for words in ([gone], [gone, address]):
        plan = _plan([whole], words, day(21), before)
        assert ("too_soon", day(28)) == (plan.lines[0].reason.value, plan.lines[0].until)
        (kept,) = remember(plan)
        assert (Decimal("600.00"), day(21)) == (kept.paid, kept.paid_on)


def test_the_plan_tells_what_was_told_and_what_the_file_took_over() -> None:
    """A payment told by hand counts on top until the file shows it; both are said."""
    told = Paid("F-1/2026", Decimal("200.00"), day(2))
    line = _plan([_of("F-1")], [told]).lines[0]
    assert (Decimal("200.00"), Decimal("0.00")) == (line.told, line.absorbed)
    assert "dont 200,00\u00a0€ notés par «\u00a0relance pay\u00a0», absents du fichier" in because(line)
    line = _plan([PART], [told]).lines[0]
    assert (Decimal("0.00"), Decimal("200.00"), Decimal("1000.00")) == (line.told, line.absorbed, line.outstanding)
    assert "200,00\u00a0€ notés par «\u00a0relance pay\u00a0» sont désormais dans le fichier" in because(line)
    half = _of("F-1")._replace(payments=(paid("50.00"),))
    line = _plan([half], [told]).lines[0]
    assert (Decimal("150.00"), Decimal("50.00")) == (line.told, line.absorbed)


def test_a_paid_invoice_whose_total_is_raised_is_asked_about() -> None:
    """It was settled, and now something is owed again: nobody is reminded of that unasked."""
    whole = _of("F-1")._replace(payments=(paid("1200.00"),))
    before = _seen([whole], day(10))
    raised = whole._replace(total=Decimal("1300.00"))
    plan = _plan([raised], seen=before)
    assert ("changed", "reopened") == (plan.lines[0].reason.value, plan.lines[0].stop.mark)
    assert "vue payée au dernier passage" in because(plan.lines[0])
    assert () == remember(plan)
    word = Confirmed("F-1/2026", day(12), snapshot_of(raised), paid=Decimal("1200.00"), seen=Decimal("1200.00"))
    assert "due" == _plan([raised], [word], seen=before).lines[0].reason.value
    higher = raised._replace(total=Decimal("1400.00"))
    assert "changed" == _plan([higher], [word], seen=before).lines[0].reason.value
