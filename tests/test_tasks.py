"""What only a person can do, and for how long it is asked: silence, the end, key accounts, and the words for it."""

import pytest
from core_support import EVERY_DAY, approved, customer, day, invoice, ladder_of, line_for, messages, plan_for, reminded

from relance.core.facts import Confirmed, Fact
from relance.core.interest import InterestTerms
from relance.core.invoice import Invoice, invoice_key, snapshot_of
from relance.core.plan import About, Plan, Task
from relance.core.policy import DEFAULT_STAGES, KEY, Schedule
from relance.display.tasking import task_text

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
    text = task_text(call(invoice(owner=customer(phone="01 99 00 10 20"))))
    assert text.startswith("appeler Alpha au 01 99 00 10 20\u00a0: «\u00a0Bonjour, ")
    assert "la facture F-1 (1\u202f200,00\u00a0€, à régler le 2 mars 2026). L’avez-vous bien reçue\u202f?" in text
    assert "aucun numéro dans le fichier" in task_text(call(invoice()))


def test_silence_is_first_suspected_to_be_a_lost_mail() -> None:
    """C5 of the requirements: ask neutrally."""
    (task,) = plan_for([invoice()], [FIRM], day(26)).tasks
    assert "restent dus après le message du 17 mars 2026" in task_text(task)
    assert "sans réponse" not in task_text(task)  # a promise, a dispute or a part may have come since
    assert "vous est bien parvenu" in task_text(task)


def test_a_text_message_without_its_words() -> None:
    """Whom to write to and what about; the words come from a template (runs/texting)."""
    stages = tuple(s._replace(channels=("sms",)) if s.key == "firm" else s for s in DEFAULT_STAGES)
    policy = EVERY_DAY._replace(schedules=(Schedule("default", stages),))
    (task,) = plan_for([invoice()], [reminded(invoice(), "friendly", day(5))], day(20), policy=policy).tasks
    assert ("sms", "écrire un SMS à Alpha au sujet de F-1") == (task.kind, task_text(task))
    assert "Bonjour" == task_text(task._replace(text="Bonjour"))


def test_a_held_invoice_asks_for_nothing() -> None:
    """A customer who is left alone is not called either."""
    from relance.core.answers import HoldReason
    from relance.core.facts import Held

    pause = Held("code:ALPHA", HoldReason.PAUSE, day(20), day(90))
    assert [] == asked(plan_for([invoice()], [FIRM, pause], day(40)))


def test_an_approval_that_waits_is_asked_beside_the_call() -> None:
    """Nobody is sent a formal notice unasked, and silence is still silence."""
    plan = plan_for([invoice()], [FIRM], day(31))
    assert [("approve", None, "formal_notice"), ("call", About.SILENCE, "firm")] == asked(plan)
    released = plan_for([invoice()], [FIRM, approved(invoice(), day(31))], day(31))
    assert [("formal_notice", ["F-1"])] == messages(released)
    assert "due" == line_for(invoice(), [FIRM, approved(invoice(), day(31))], day(31)).reason.value
