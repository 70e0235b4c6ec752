"""The ready ladders with a call: its day, its mail seven days later, and what was said that stops it."""

import pytest
from core_support import DUE, EVERY_DAY, customer, day, invoice, line_for, live_a_day, plan_for, reminded

from relance.core.facts import Drafted, Fact, Held, HoldReason, Paid, Refused
from relance.core.invoice import Invoice, invoice_key, snapshot_of
from relance.core.policy import DEFAULT_SCHEDULES, READY_LADDERS, DunningPolicy, schedule_for

PHONE = EVERY_DAY._replace(schedules=(*READY_LADDERS["phone"], DEFAULT_SCHEDULES[0]))
LATE = EVERY_DAY._replace(schedules=(*READY_LADDERS["phone-late"], DEFAULT_SCHEDULES[0]))
FRIENDLY = reminded(invoice(), "friendly", day(5))


def acts(about: Invoice, policy: DunningPolicy, calls: dict[int, int] | None = None, last: int = 60) -> list[str]:
    """What happens by day, lived by a diligent user: mails, and the first day of each call; `calls` are recorded."""
    facts: list[Fact] = []
    found, known = [], set[str]()
    for offset in range(-10, last):
        plan = live_a_day([about], facts, day(offset), policy, day(-60))
        found += [f"{offset} mail {reminder.stage.key}" for reminder in plan.reminders]
        for task in plan.tasks:
            if task.kind == "call" and task.about is None and task.stage and "call" not in known:
                known.add("call")
                found.append(f"{offset} call {task.stage.key}")
        if calls and offset in calls:
            facts.append(reminded(about, "firm", day(offset), channel="call"))
    return found


@pytest.mark.parametrize(
    ("policy", "terms", "days"),
    [
        (PHONE, 30, (-5, 5, 15, 22, 35)),
        (PHONE, 45, (-5, 10, 25, 32, 50)),
        (LATE, 30, (-5, 7, 20, 27, 40)),
        (LATE, 60, (-5, 12, 30, 37, 50)),
    ],
)
def test_the_days_of_a_ladder(policy: DunningPolicy, terms: int, days: tuple[int, ...]) -> None:
    """Nobody records anything: the call never blocks, and the notice waits for the term of the mail."""
    found = acts(invoice(terms=terms), policy)
    courtesy, friendly, call, firm, notice = days
    assert f"{courtesy} mail courtesy" == found[0]
    assert [f"{friendly} mail friendly", f"{call} call firm", f"{firm} mail firm"] == found[1:4]
    assert found[4].endswith("mail formal_notice")
    assert notice - 7 <= int(found[4].split()[0]) <= notice + 7


def test_the_table_to_the_letter() -> None:
    """Keys, days and channels as they are promised."""
    told = {
        name: [[(stage.key, stage.day, stage.channels) for stage in ladder.stages] for ladder in ladders]
        for name, ladders in READY_LADDERS.items()
    }
    mail, call, both = ("email",), ("call",), ("email", "letter")

    def ladder(*days: int) -> list[tuple[str, int, tuple[str, ...]]]:
        keys = ("courtesy", "friendly", "firm", "firm", "formal_notice")
        return list(zip(keys, days, (mail, mail, call, mail, both), strict=True))

    assert {
        "phone": [ladder(-5, 5, 15, 22, 30), ladder(-5, 10, 25, 32, 50)],
        "phone-late": [ladder(-5, 7, 20, 27, 30), ladder(-5, 12, 30, 37, 50)],
    } == told


def test_a_recorded_call_is_done_and_the_mail_still_follows() -> None:
    """Voicemail: the task is gone, the mail of the same stage leaves seven days after the call was made."""
    called = reminded(invoice(), "firm", day(17), channel="call")
    assert [] == [task.kind for task in plan_for([invoice()], [FRIENDLY, called], day(18), policy=PHONE).tasks]
    line = line_for(invoice(), [FRIENDLY, called], day(18), policy=PHONE)
    assert ("firm", day(24)) == (line.next_stage and line.next_stage.key, line.next_date)
    assert "24 mail firm" in acts(invoice(), PHONE, calls={17: 1})


@pytest.mark.parametrize("reason", [HoldReason.PROMISE, HoldReason.DISPUTE, HoldReason.PLAN])
def test_what_was_said_stops_the_mail(reason: HoldReason) -> None:
    """A promise, a dispute, a plan."""
    called = reminded(invoice(), "firm", day(16), channel="call")
    held = Held(invoice_key(invoice()), reason, day(16), day(45))
    plan = plan_for([invoice()], [FRIENDLY, called, held], day(24), policy=PHONE)
    assert () == plan.reminders


def test_money_stops_the_mail() -> None:
    """What was paid is not asked for."""
    called = reminded(invoice(), "firm", day(16), channel="call")
    paid = Paid(invoice_key(invoice()), invoice().total, day(18), told=day(18))
    plan = plan_for([invoice()], [FRIENDLY, called, paid], day(24), policy=PHONE)
    assert "firm" not in [reminder.stage.key for reminder in plan.reminders]


@pytest.mark.parametrize("channel", ["email", "letter", "sms"])
def test_what_was_written_is_not_written_again(channel: str) -> None:
    """A firm message recorded by hand, by whatever way, does both: nobody calls for it, and no mail repeats it."""
    told = reminded(invoice(), "firm", day(16), channel=channel)
    for offset in (17, 22, 25, 29):
        plan = plan_for([invoice()], [FRIENDLY, told], day(offset), policy=PHONE)
        assert "firm" not in [reminder.stage.key for reminder in plan.reminders], offset
        assert ("call", None) not in [(task.kind, task.about) for task in plan.tasks], offset


def test_a_refused_mail_waits_though_the_call_was_made() -> None:
    """That somebody called under the same key is no answer to what the server said."""
    called = reminded(invoice(), "firm", day(15), channel="call")
    refused = Refused(invoice=invoice_key(invoice()), stage="firm", on=day(22), address="", reply="550 no")
    for offset in (23, 24, 29):
        line = line_for(invoice(), [FRIENDLY, called, refused], day(offset), policy=PHONE)
        assert "refused" == line.reason.value, offset


def test_a_key_account_is_called_once_for_it() -> None:
    """All but its first late stage are calls: those of one key are one, done once it is recorded."""
    owner = customer(profile="key")
    ladder = schedule_for("", "key", 30, PHONE)
    assert ["courtesy", "friendly", "firm", "formal_notice"] == [stage.key for stage in ladder.stages]
    about = invoice(owner=owner)
    called = reminded(about, "firm", day(16), channel="call")
    plan = plan_for([about], [reminded(about, "friendly", day(5)), called], day(25), policy=PHONE)
    assert ("call", None) not in [(task.kind, task.about) for task in plan.tasks]


def test_the_default_ladder_stays() -> None:
    """A call recorded under a key that stands once does that stage, as ever."""
    called = reminded(invoice(), "firm", day(16), channel="call")
    for offset in (22, 25, 29):
        plan = plan_for([invoice()], [FRIENDLY, called], day(offset))
        assert () == plan.reminders
    assert snapshot_of(invoice()).due_date == DUE


def test_a_customer_may_keep_the_ladder_of_mails() -> None:
    """His `schedule` is "default"."""
    about = invoice(owner=customer(schedule="default"))
    assert "15 mail firm" in acts(about, PHONE)


def test_a_draft_of_the_mail_stands_though_the_call_was_made() -> None:
    """It waits to be sent, and is not thrown away for a call of the same key; once sent, it is over."""
    called = reminded(invoice(), "firm", day(15), channel="call")
    draft = Drafted(invoice=invoice_key(invoice()), stage="firm", channel="email", on=day(22))
    plan = plan_for([invoice()], [FRIENDLY, called, draft], day(23), policy=PHONE)
    assert "drafted" == plan.lines[0].reason.value
    assert () == plan.overtaken
