"""The tasks of a day are things to do: one call an invoice, one letter for one mail, one SMS a customer."""

from core_support import EVERY_DAY, customer, day, invoice, plan_for, reminded

from relance.core.facts import Cause, Fact, Held, HoldReason, Paid, Reminded
from relance.core.invoice import invoice_key
from relance.core.plan import About, Plan
from relance.core.policy import DEFAULT_STAGES, DunningPolicy, Schedule
from relance.display.lines import because
from relance.display.tasks import command_for_task, task_text

PHONED = customer(phone="01 99 00 10 36")
BOTH = [invoice(owner=PHONED), invoice("F-2", owner=PHONED)]


def kinds(plan: Plan) -> list[tuple[str, str | None, list[str]]]:
    """Each task: its kind, what it is about, its invoices."""
    return [(task.kind, task.about, [line.invoice.number for line in task.lines]) for task in plan.tasks]


def with_channels(**ways: tuple[str, ...]) -> DunningPolicy:
    """The usual ladder, some of its stages by other ways."""
    stages = tuple(s._replace(channels=ways.get(s.key, s.channels)) for s in DEFAULT_STAGES)
    return EVERY_DAY._replace(schedules=(Schedule("default", stages),))


def noticed(number: str, on: int = 30, mail: str = "<1@x>") -> Reminded:
    """The mail of a formal notice."""
    about = next(each for each in BOTH if each.number == number)
    said = reminded(about, "formal_notice", day(on), term=day(on + 8))
    return said._replace(contact=said.contact._replace(message_id=mail))


def test_one_letter_for_one_mail() -> None:
    """Whatever the number of its invoices; two mails are two letters."""
    together = plan_for(BOTH, [noticed("F-1"), noticed("F-2")], day(31))
    assert [("letter", None, ["F-1", "F-2"])] == kinds(together)
    apart = plan_for(BOTH, [noticed("F-1"), noticed("F-2", 31, "<2@x>")], day(32))
    assert [("letter", None, ["F-1"]), ("letter", None, ["F-2"])] == kinds(apart)


def test_messages_that_are_not_grouped_are_letters_of_their_own() -> None:
    """As the user set it."""
    policy = EVERY_DAY._replace(group=False)
    plan = plan_for(BOTH, [noticed("F-1"), noticed("F-2")], day(31), policy=policy)
    assert [("letter", None, ["F-1"]), ("letter", None, ["F-2"])] == kinds(plan)


def test_two_text_messages_on_one_day_are_one() -> None:
    """At two stages; the furthest sets the tone, and each invoice keeps its own stage."""
    policy = with_channels(friendly=("sms",), firm=("sms",))
    young = invoice("F-2", due=day(10), owner=PHONED)
    plan = plan_for([BOTH[0], young], [reminded(BOTH[0], "friendly", day(5))], day(15), policy=policy)
    assert [("sms", None, ["F-1", "F-2"])] == kinds(plan)
    (task,) = plan.tasks
    assert ("firm", ["firm", "friendly"]) == (task.stage and task.stage.key, [line.leaving.key for line in task.lines])


def test_one_call_an_invoice_and_day() -> None:
    """A second broken promise, the silence after a mail, a stage by call: one of them, the most telling."""
    first, firm = BOTH[0], reminded(BOTH[0], "firm", day(15), term=day(22))
    key = invoice_key(first)
    promised: list[Fact] = [
        Held(key, HoldReason.PROMISE, day(16), day(17)),
        reminded(first, "broken_promise", day(20)),
        Held(key, HoldReason.PROMISE, day(21), day(22)),
    ]
    silent = plan_for([first], [firm, *promised], day(29))
    assert [("review", About.BROKEN_PROMISE, ["F-1"])] == kinds(silent)
    policy = with_channels(firm=("call",))
    both = plan_for([first], [reminded(first, "friendly", day(5)), *promised], day(25), policy=policy)
    assert [About.BROKEN_PROMISE] == [task.about for task in both.tasks]


def test_who_was_called_today_is_not_called_again() -> None:
    """Whatever the call was about."""
    policy, first = with_channels(firm=("email", "call")), BOTH[0]
    mailed: list[Fact] = [reminded(first, "firm", day(15))]
    assert [("call", None, ["F-1"])] == kinds(plan_for([first], mailed, day(16), policy=policy))
    called = reminded(first, "broken_promise", day(16), channel="call")
    assert [] == kinds(plan_for([first], [*mailed, called], day(16), policy=policy))


def test_a_broken_promise_has_the_number_to_call() -> None:
    """So has an instalment that did not come."""
    key = invoice_key(BOTH[0])
    facts: list[Fact] = [
        Held(key, HoldReason.PROMISE, day(6), day(8)),
        reminded(BOTH[0], "broken_promise", day(12)),
        Held(key, HoldReason.PROMISE, day(13), day(14)),
    ]
    (task,) = plan_for(BOTH[:1], facts, day(20)).tasks
    assert "Appeler Alpha, 01 99 00 10 36" in task_text(task)


def cash(on: int) -> Reminded:
    """A call that learnt of a lack of cash."""
    said = reminded(BOTH[0], "firm", day(on), channel="call")
    return said._replace(contact=said.contact._replace(cause=Cause.CASH))


def test_a_lack_of_cash_is_reviewed() -> None:
    """An instalment plan is to be agreed, until something follows."""
    (task,) = plan_for(BOTH[:1], [cash(16)], day(17)).tasks
    assert ("review", About.CASH) == (task.kind, task.about)
    assert "relance hold F-1 --reason plan" == command_for_task(task)
    later = reminded(BOTH[0], "firm", day(18))
    money = Paid(invoice_key(BOTH[0]), BOTH[0].total / 2, day(18), told=day(18))
    agreed = Held(invoice_key(BOTH[0]), HoldReason.PLAN, day(18))
    for fact in (later, money, agreed):
        assert About.CASH not in {task.about for task in plan_for(BOTH[:1], [cash(16), fact], day(19)).tasks}


def test_the_ladder_is_not_finished_before_its_letter() -> None:
    """Nor does the plan say so."""
    (line,) = plan_for(BOTH[:1], [noticed("F-1")], day(50), policy=EVERY_DAY).lines
    assert "pas encore notée comme postée" in because(line)
    posted = reminded(BOTH[0], "formal_notice", day(31), channel="letter")
    (line,) = plan_for(BOTH[:1], [noticed("F-1"), posted], day(50)).lines
    assert "plus d’étape prévue" in because(line)
