"""What only a person can do, and for how long it is asked: silence, the end, key accounts, and the words for it."""

import pytest
from core_support import (
    EVERY_DAY,
    LONG_AGO,
    RATE_AGREED,
    approved,
    customer,
    day,
    invoice,
    ladder_of,
    line_for,
    messages,
    paid,
    plan_for,
    reminded,
)

from relance.core.facts import Confirmed, Fact, Held, HoldReason, Instalment, Paid, Released
from relance.core.history import fold
from relance.core.interest import InterestTerms
from relance.core.invoice import Invoice, invoice_key, snapshot_of
from relance.core.mails import Incoming, Received
from relance.core.plan import About, Plan, Task
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES, KEY, Schedule
from relance.core.seen import remember
from relance.display.lines import because
from relance.display.tasks import task_text, whole_text

FIRM = reminded(invoice(), "firm", day(15), term=day(22))


def asked(plan: Plan) -> list[tuple[str, str | None, str | None]]:
    """Each task: its kind, what it is about, its stage."""
    return [(task.kind, task.about, task.stage and task.stage.key) for task in plan.tasks]


@pytest.mark.parametrize(("offset", "calls"), [(24, 0), (25, 1), (29, 1)])
def test_silence_after_a_firm_message(offset: int, calls: int) -> None:
    """From the third working day after its term on, somebody should call before the next stage."""
    plan = plan_for([invoice()], [FIRM], day(offset))
    assert [("call", About.SILENCE, "firm")] * calls == asked(plan)


def test_a_recorded_call_ends_the_silence() -> None:
    """Whatever it brought; so does a formal notice that left."""
    called = reminded(invoice(), "firm", day(25), channel="call")
    assert [] == asked(plan_for([invoice()], [FIRM, called], day(26)))
    notice = reminded(invoice(), "formal_notice", day(30), term=day(38))
    assert ["letter"] == [task.kind for task in plan_for([invoice()], [FIRM, notice], day(36)).tasks]


ASKED = [("call", About.SILENCE, "firm")]


@pytest.mark.parametrize(("on", "calls"), [(15, ASKED), (16, []), (25, [])])
def test_who_paid_a_part_since_is_not_silent(on: int, calls: list[tuple[str, str, str]]) -> None:
    """By the file with its day, or told by hand; what came with the message or before it answers nothing."""
    part = invoice(payments=[paid("400.00", day(on))])
    assert calls == asked(plan_for([part], [FIRM], day(26)))
    told = Paid(invoice_key(invoice()), paid("400.00").amount, day(10), told=day(on))
    assert calls == asked(plan_for([invoice()], [FIRM, told], day(26)))


def test_money_without_a_day_counts_when_a_run_sees_it() -> None:
    """The file shows more paid than the last run saw: today, something came."""
    history = fold([RATE_AGREED, FIRM], LONG_AGO, day(25))
    seen = {row.invoice: row for row in remember(build_plan([invoice()], history, EVERY_DAY, day(25)))}
    history = fold([RATE_AGREED, FIRM], LONG_AGO, day(26))._replace(seen=seen)
    part = invoice(payments=[paid("400.00")])
    assert [ASKED, []] == [asked(build_plan([now], history, EVERY_DAY, day(26))) for now in (invoice(), part)]


@pytest.mark.parametrize("target", [invoice_key(invoice()), "code:ALPHA"])
def test_who_spoke_since_is_not_silent(target: str) -> None:
    """A dispute that ended, a promise, a mail about something else: not long after, nobody asks whether it arrived."""
    dispute: list[Fact] = [Held(target, HoldReason.DISPUTE, day(17)), Released(target, day(25))]
    promise = Held(target, HoldReason.PROMISE, day(17), day(20))
    mail = Received(invoice_key(invoice()), Incoming.OTHER, day(17), "<1@alpha.example>")
    said: list[list[Fact]] = [dispute, [promise], [mail]]
    for facts in said:
        assert ASKED[0] not in asked(plan_for([invoice()], [FIRM, *facts], day(29)))
    before: list[Fact] = [Held(target, HoldReason.DISPUTE, day(7)), Released(target, day(12))]
    assert ASKED == asked(plan_for([invoice()], [*before, FIRM], day(29)))


def test_a_due_date_moved_later_asks_nobody_to_call() -> None:
    """Neither before it is confirmed nor after, while the ladder that begins again has not come to firm."""
    moved = invoice(due=day(60), terms=90)
    confirmed = Confirmed(invoice_key(moved), day(24), snapshot_of(moved))
    for offset in (24, 26, 40, 60, 61, 64):
        assert [] == asked(plan_for([moved], [FIRM], day(offset)))
        assert [] == asked(plan_for([moved], [FIRM, confirmed], day(offset)))
    again: list[Fact] = [
        FIRM,
        confirmed,
        reminded(moved, "friendly", day(65)),
        reminded(moved, "firm", day(75), term=day(82)),
    ]
    assert ASKED == asked(plan_for([moved], again, day(85)))


def test_a_due_date_moved_later_tells_what_has_to_be_confirmed() -> None:
    """The reason stays; the sentence promises no message that would leave by itself."""
    moved = invoice(due=day(60), terms=90)
    line = line_for(moved, [FIRM], day(24))
    assert "not_due" == line.reason.value
    assert "reportée depuis le dernier message, à confirmer avant la suite (relance amicale au plus" in because(line)
    confirmed = Confirmed(invoice_key(moved), day(24), snapshot_of(moved))
    assert "confirmer" not in because(line_for(moved, [FIRM, confirmed], day(24)))


def test_a_letter_beside_a_mail_is_for_what_is_late() -> None:
    """The file's own history tells of a notice without its due date; moved later since, nothing is to be posted."""
    noticed = [reminded(invoice(), "formal_notice", day(30), told=False)]
    assert ["letter"] == [task.kind for task in plan_for([invoice()], noticed, day(33)).tasks]
    assert [] == asked(plan_for([invoice(due=day(60), terms=90)], noticed, day(33)))
    stages = (DEFAULT_STAGES[0]._replace(channels=("email", "sms")), *DEFAULT_STAGES[1:])
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    early = plan_for([invoice()], [reminded(invoice(), "courtesy", day(-5))], day(-3), policy=policy)
    assert [("sms", None, "courtesy")] == asked(early)  # it is about the due date to come


@pytest.mark.parametrize("after", [("firm", "call"), ("broken_promise", "email"), ("friendly", "sms")])
def test_a_letter_is_asked_for_until_it_is_recorded(after: tuple[str, str]) -> None:
    """Whatever else is done after the mail of the notice; the letter recorded, nothing is asked any more."""
    stage, channel = after
    facts = [FIRM, reminded(invoice(), "formal_notice", day(30), term=day(38))]
    facts.append(reminded(invoice(), stage, day(31), channel=channel))
    assert ("letter", None, "formal_notice") in asked(plan_for([invoice()], facts, day(33)))
    facts.append(reminded(invoice(), "formal_notice", day(33), channel="letter"))
    assert [] == asked(plan_for([invoice()], facts, day(34)))


def test_the_notice_of_a_later_due_date_needs_a_letter_of_its_own() -> None:
    """The ladder began again: the letter of the first notice was about another day."""
    facts: list[Fact] = [reminded(invoice(), "formal_notice", day(30), channel=way) for way in ("email", "letter")]
    moved = invoice(due=day(40), terms=70)
    facts.append(Confirmed(invoice_key(moved), day(35), snapshot_of(moved)))
    assert [] == asked(plan_for([moved], facts, day(39)))
    facts.append(reminded(moved, "formal_notice", day(90)))
    assert [("letter", None, "formal_notice")] == asked(plan_for([moved], facts, day(92)))


def test_a_friendly_message_needs_no_call() -> None:
    """Silence counts from firm on."""
    assert [] == asked(plan_for([invoice()], [reminded(invoice(), "friendly", day(5))], day(14)))


@pytest.mark.parametrize(("offset", "ends"), [(40, 0), (41, 1), (400, 1)])
def test_the_end_of_the_ladder_is_a_decision(offset: int, ends: int) -> None:
    """Once the term of the last message and its three working days are over, a person decides, whenever."""
    facts = [FIRM, reminded(invoice(), "formal_notice", day(30), term=day(38))]
    facts.append(reminded(invoice(), "formal_notice", day(31), channel="letter"))
    plan = plan_for([invoice()], facts, day(offset))
    assert "finished" == plan.lines[0].reason.value
    assert [("review", About.FINISHED, "formal_notice")] * ends == asked(plan)


def test_the_ladder_does_not_end_before_its_letter_is_posted() -> None:
    """One thing at a time: posting it is what comes next."""
    facts = [FIRM, reminded(invoice(), "formal_notice", day(30), term=day(38))]
    assert [("letter", None, "formal_notice")] == asked(plan_for([invoice()], facts, day(60)))


PARTS = (Instalment(day(20), paid("400.00").amount), Instalment(day(50), paid("800.00").amount))


def test_only_a_part_of_a_payment_plan_is_wanted() -> None:
    """What is left of all that it covers counts, whatever `--only` names; a task names all that it is about."""
    first, second, other = invoice(payments=[paid("1200.00", day(12))]), invoice("F-2"), invoice("F-3", due=day(60))
    agreed = (Instalment(day(20), paid("1300.00").amount), Instalment(day(50), paid("1100.00").amount))
    covers = (invoice_key(first), invoice_key(second))
    held = Held("code:ALPHA", HoldReason.PLAN, day(10), instalments=agreed, covers=covers)
    history = fold([held], LONG_AGO, day(65))

    def limited(*about: Invoice) -> list[tuple[str | None, list[str]]]:
        only = [invoice_key(each) for each in about]
        plan = build_plan([first, second, other], history, EVERY_DAY, day(65), only)
        return [(task.about, [line.invoice.number for line in task.lines]) for task in plan.tasks]

    assert [] == limited(first, other)
    assert [(About.INSTALMENT, ["F-2"])] == limited(first, second)


def test_a_question_about_many_is_asked_of_the_wanted_ones() -> None:
    """The backlog is one question, a disputed customer one task about all of its invoices."""
    known = [invoice(), invoice("F-2")]
    only = [invoice_key(known[0])]
    plan = build_plan(known, fold([], day(40), day(41)), EVERY_DAY, day(41), only)
    assert [("confirm", 1)] == [(task.kind, len(task.lines)) for task in plan.tasks]
    history = fold([Held("code:ALPHA", HoldReason.DISPUTE, day(5))], LONG_AGO, day(60))
    plan = build_plan(known, history, EVERY_DAY, day(60), only)
    assert [("review", 2)] == [(task.kind, len(task.lines)) for task in plan.tasks]


def test_a_missed_instalment_rests_once_it_was_spoken_of() -> None:
    """Seven days, by whatever channel; a word about the one before, or about the invoice, is none about it."""
    held = Held(invoice_key(invoice()), HoldReason.PLAN, day(10), instalments=PARTS, covers=(invoice_key(invoice()),))
    expected = {25: 0, 31: 0, 32: 1}
    for channel in ("call", "email"):
        said = reminded(invoice(), "instalment", day(25), channel=channel)
        plans = {offset: plan_for([invoice()], [held, said], day(offset)) for offset in expected}
        assert expected == {offset: len(plan.tasks) for offset, plan in plans.items()}
        assert {1} == {len(plan.missed) for plan in plans.values()}
    called = reminded(invoice(), "firm", day(25), channel="call")
    early = reminded(invoice(), "instalment", day(20), channel="call")
    assert [1, 1] == [len(plan_for([invoice()], [held, said], day(26)).tasks) for said in (called, early)]


@pytest.mark.parametrize(("offset", "ends"), [(-5, 0), (0, 0), (1, 1), (90, 1)])
def test_a_ladder_without_late_stages_ends_with_a_decision_too(offset: int, ends: int) -> None:
    """Its one stage left or expired: nobody is forgotten once the due date has passed."""
    policy = EVERY_DAY._replace(schedules=(Schedule("default", DEFAULT_STAGES[:1]),))
    for facts in ([], [reminded(invoice(), "courtesy", day(-9))]):
        plan = plan_for([invoice()], facts, day(offset), policy=policy)
        assert [("review", About.FINISHED, "courtesy")] * ends == asked(plan)


VIP = customer(profile=KEY)


@pytest.mark.parametrize(
    ("done", "offset", "leaves", "tasks"),
    [
        ([], -5, [("courtesy", ["F-1"])], []),
        ([], 5, [("friendly", ["F-1"])], []),
        (["friendly"], 15, [], [("call", None, "firm")]),
        (["friendly"], 29, [], [("call", None, "firm")]),
        (["friendly"], 30, [], [("call", None, "formal_notice")]),
        (["friendly", "firm"], 30, [], [("call", None, "formal_notice")]),
    ],
)
def test_a_key_account_is_pressed_by_a_person_alone(
    done: list[str], offset: int, leaves: list[tuple[str, list[str]]], tasks: list[tuple[str, None, str]]
) -> None:
    """Courtesy and friendly are mails; firm and what follows are calls, which block nothing and need no approval."""
    about = invoice(owner=VIP)
    facts: list[Fact] = [reminded(about, stage, day(5 + n)) for n, stage in enumerate(done)]
    plan = plan_for([about], facts, day(offset))
    assert (leaves, tasks) == (messages(plan), asked(plan))


def test_a_key_account_on_a_ladder_of_ones_own() -> None:
    """Without a stage that names charges, what waits for approval is pressed by hand all the same."""
    legal = DEFAULT_STAGES[3]._replace(key="last", day=20)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", (DEFAULT_STAGES[1], legal)),))
    about = invoice(owner=VIP)
    plan = plan_for([about], [reminded(about, "friendly", day(5))], day(20), policy=policy)
    assert [("call", None, "last")] == asked(plan)


@pytest.mark.parametrize("show_from", ["formal_notice", "never", "firm"])
def test_only_the_first_late_stage_of_a_key_account_is_a_mail(show_from: str) -> None:
    """Whichever stage names charges first, and whatever the stages are called."""
    about = invoice(owner=VIP)
    policy = EVERY_DAY._replace(interest=InterestTerms(show_from=show_from))
    firm = plan_for([about], [reminded(about, "friendly", day(5))], day(15), policy=policy)
    assert ([], [("call", None, "firm")]) == (messages(firm), asked(firm))
    named = {"friendly": "rappel", "firm": "relance2", "formal_notice": "derniere"}
    own = tuple(s._replace(key=named.get(s.key, s.key), confirm=False) for s in DEFAULT_STAGES)
    policy = policy._replace(schedules=(Schedule("default", own),))
    assert [("courtesy", ["F-1"])] == messages(plan_for([about], [], day(-5), policy=policy))
    assert [("rappel", ["F-1"])] == messages(plan_for([about], [], day(5), policy=policy))
    second = plan_for([about], [reminded(about, "rappel", day(5))], day(20), policy=policy)
    assert ([], [("call", None, "relance2")]) == (messages(second), asked(second))


def test_the_variant_of_mail_call_letter() -> None:
    """J-5, J+7 by mail, J+20 by call, J+30 by letter: all by data."""
    days = ladder_of(courtesy=-5, friendly=7, firm=20, formal_notice=30)[0].stages
    ways = (("email",), ("email",), ("call",), ("letter",))
    stages = tuple(s._replace(channels=way, confirm=False) for s, way in zip(days, ways, strict=True))
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    about = invoice()
    done = reminded(about, "friendly", day(7))
    expected = {6: [], 7: [], 19: [], 20: ["call"], 29: ["call"], 30: ["letter"], 60: ["letter"]}
    for offset, kinds in expected.items():
        facts = [done] if offset > 7 else []
        assert kinds == [task.kind for task in plan_for([about], facts, day(offset), policy=policy).tasks]
    assert [("friendly", ["F-1"])] == messages(plan_for([about], [], day(7), policy=policy))


@pytest.mark.parametrize("offset", [15, 16, 29])
def test_a_call_that_nobody_made_puts_nothing_off(offset: int) -> None:
    """The stage after it comes on its own day, the same on each morning."""
    call = next(stage for stage in DEFAULT_STAGES if stage.key == "firm")._replace(channels=("call",))
    stages = tuple(call if stage.key == "firm" else stage for stage in DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    line = line_for(invoice(), [reminded(invoice(), "friendly", day(5))], day(offset), policy=policy)
    assert ("due", "formal_notice", day(30)) == (
        line.reason.value,
        line.next_stage and line.next_stage.key,
        line.next_date,
    )


# The words


def call(about: Invoice, *facts: Fact, offset: int = 20) -> Task:
    """The task of calling about an invoice whose firm stage is a call."""
    stages = tuple(s._replace(channels=("call",)) if s.key == "firm" else s for s in DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    (task,) = plan_for([about], [reminded(about, "friendly", day(5)), *facts], day(offset), policy=policy).tasks
    return task


def test_a_call_has_its_number_and_its_first_sentence() -> None:
    """It asks whether the invoice arrived before it asks for money."""
    asked = call(invoice(owner=customer(phone="01 99 00 10 20")))
    text = whole_text(asked)
    said = "Appeler Alpha, 01 99 00 10 20\u00a0: F-1, 1\u202f200,00\u00a0€, échéance le 02/03"
    assert said == task_text(asked)
    assert text.startswith(f"{said}. «\u00a0Bonjour, ")
    assert text.endswith(" → relance show F-1 --call")
    assert "la facture F-1 (1\u202f200,00\u00a0€, à régler le 2 mars 2026). L’avez-vous bien reçue\u202f?" in text
    assert "Appeler Alpha, numéro inconnu" in task_text(call(invoice()))


def test_a_call_is_no_formal_notice() -> None:
    """A key account is called where others are given notice: what is recorded then gives none, and says so."""
    about = invoice(owner=VIP)
    done = [reminded(about, "friendly", day(5)), reminded(about, "firm", day(15), channel="call")]
    (task,) = plan_for([about], done, day(30)).tasks
    assert task_text(task).endswith("(cet appel ne vaut pas mise en demeure)")
    (before,) = plan_for([about], done[:1], day(15)).tasks
    assert "mise en demeure" not in task_text(before)


def test_silence_is_first_suspected_to_be_a_lost_mail() -> None:
    """C5 of the requirements: ask neutrally."""
    (task,) = plan_for([invoice()], [FIRM], day(26)).tasks
    assert "silence depuis le 17/03" in task_text(task)
    assert "sans réponse" not in whole_text(task)  # a promise, a dispute or a part may have come since
    assert "vous est bien parvenu" in whole_text(task)


def test_a_text_message_without_its_words() -> None:
    """Whom to write to and what about; the words come from a template (runs/texting)."""
    stages = tuple(s._replace(channels=("sms",)) if s.key == "firm" else s for s in DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    (task,) = plan_for([invoice()], [reminded(invoice(), "friendly", day(5))], day(20), policy=policy).tasks
    assert ("sms", "Écrire un SMS à Alpha, numéro inconnu (F-1, 1\u202f200,00\u00a0€)") == (task.kind, task_text(task))
    assert "Bonjour" == whole_text(task._replace(text="Bonjour"))


def test_a_held_invoice_asks_for_nothing() -> None:
    """A customer who is left alone is not called either."""
    pause = Held("code:ALPHA", HoldReason.PAUSE, day(20), day(90))
    assert [] == asked(plan_for([invoice()], [FIRM, pause], day(40)))


def test_an_approval_that_waits_is_asked_beside_the_call() -> None:
    """Nobody is sent a formal notice unasked, and silence is still silence."""
    plan = plan_for([invoice()], [FIRM], day(31))
    assert [("approve", None, "formal_notice"), ("call", About.SILENCE, "firm")] == asked(plan)
    released = plan_for([invoice()], [FIRM, approved(invoice(), day(31))], day(31))
    assert ([("formal_notice", ["F-1"])], []) == (messages(released), asked(released))  # its letter comes after it
    assert "due" == line_for(invoice(), [FIRM, approved(invoice(), day(31))], day(31)).reason.value
