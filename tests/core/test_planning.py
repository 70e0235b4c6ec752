"""Decision 1 and 2 of the design as tables: each boundary day, each past, each way to have come to relance."""

from collections.abc import Iterator
from datetime import date

import pytest
from core_support import DUE, EVERY_DAY, LONG_AGO, answer, approved, day, invoice, line_for, plan_for, reminded, verdict

from relance.core.facts import Backlog, Fact
from relance.core.invoice import Invoice
from relance.core.plan import Decision

DAYS = (-6, -5, -1, 0, 1, 4, 5, 14, 15, 29, 30, 31, 365)
PASTS: dict[str, tuple[tuple[str, int, int | None], ...]] = {
    "nothing": (),
    "courtesy": (("courtesy", -5, None),),
    "friendly": (("friendly", 5, None),),
    "friendly+firm": (("friendly", 5, None), ("firm", 15, None)),
    "all": (("courtesy", -5, None), ("friendly", 5, None), ("firm", 15, None), ("formal_notice", 30, None)),
    "firm with a term": (("friendly", 5, None), ("firm", 23, 30)),
}
"""(stage, day of the message, day of the term it gave), counted from the due date."""

# One word per day of DAYS. A bare stage leaves; "stage?" waits for the user's word, "stage~" for its time;
# "backlog" for an answer; a dot stands for a day before that past can exist. Other words are reasons.
BEFORE = {
    "nothing": "not_due courtesy courtesy expired expired expired",
    "courtesy": ". stage_done stage_done stage_done stage_done stage_done",
    "friendly": ". . . . . .",
    "friendly+firm": ". . . . . .",
    "all": ". . . . . .",
    "firm with a term": ". . . . . .",
}
ONE_AT_A_TIME = {
    "nothing": "friendly friendly friendly friendly friendly friendly friendly",
    "courtesy": "friendly friendly friendly friendly friendly friendly friendly",
    "friendly": "stage_done stage_done firm firm firm firm firm",
    "friendly+firm": ". . stage_done stage_done formal_notice? formal_notice? formal_notice?",
    "all": ". . . . finished finished finished",
    "firm with a term": ". . . stage_done formal_notice? formal_notice? formal_notice?",
}
BY_DATE = "friendly friendly firm firm formal_notice? formal_notice? formal_notice?"
AFTER = {
    "in service": ONE_AT_A_TIME,
    "gently": ONE_AT_A_TIME,
    "as-is": ONE_AT_A_TIME | {"nothing": BY_DATE, "courtesy": BY_DATE},
    "no journal": ONE_AT_A_TIME | {"nothing": BY_DATE, "courtesy": BY_DATE},
    "unanswered": {
        "nothing": "backlog backlog backlog backlog backlog backlog backlog",
        "courtesy": "backlog backlog backlog backlog backlog backlog backlog",
        "friendly": "stage_done stage_done backlog backlog backlog backlog backlog",
        "friendly+firm": ". . stage_done stage_done backlog backlog backlog",
        "all": ". . . . finished finished finished",
        "firm with a term": ". . . stage_done backlog backlog backlog",
    },
}
AFTER["ignore"] = AFTER["unanswered"]
ERAS = tuple(AFTER)
STAGES = ("courtesy", "friendly", "firm", "formal_notice")


def _cells() -> Iterator[tuple[str, str, int, str]]:
    for era in ERAS:
        for past in PASTS:
            words = f"{BEFORE[past]} {AFTER[era][past]}".split()
            assert len(DAYS) == len(words)
            yield from ((era, past, days, word) for days, word in zip(DAYS, words, strict=True) if word != ".")


def _facts(era: str, past: str, days: int) -> tuple[Invoice, list[Fact], date | None]:
    """The invoice, the journal's facts and the day it was opened; an old invoice has its past in the file."""
    plain = invoice()
    told = [
        reminded(plain, stage, day(on), term=None if term is None else day(term), told=era == "in service")
        for stage, on, term in PASTS[past]
    ]
    if era == "in service":
        return plain, [*told], LONG_AGO
    old = invoice(contacts=[fact.contact for fact in told])
    if era == "no journal":
        return old, [], None
    answers: dict[str, list[Fact]] = {
        "unanswered": [],
        "as-is": [answer(Backlog.AS_IS)],
        "gently": [answer(Backlog.GENTLY)],
        "ignore": [answer(Backlog.IGNORE)],
    }
    return old, answers[era], min(day(days), day(5))


@pytest.mark.parametrize(("era", "past", "days", "word"), list(_cells()))
def test_every_boundary_day(era: str, past: str, days: int, word: str) -> None:
    """The decision, the reason and the stage that acts follow decisions 1 and 2."""
    about, facts, started = _facts(era, past, days)
    line = line_for(about, facts, day(days), started=started)
    if word in STAGES:
        assert (Decision.REMIND, "due", word) == (line.decision, *verdict(line))
    elif word.endswith("?"):
        assert (Decision.HOLD, "awaiting_approval", word[:-1]) == (line.decision, *verdict(line))
    else:
        assert (Decision.HOLD, word) == (line.decision, line.reason.value)
        assert word == "backlog" or line.acting is None


@pytest.mark.parametrize(("days", "expected"), [(30, "too_soon"), (31, "too_soon"), (365, "due")])
def test_an_approved_notice_still_honours_the_term_given(days: int, expected: str) -> None:
    """A term that a firm message gave holds back even an approved formal notice."""
    about, facts, started = _facts("in service", "firm with a term", days)
    line = line_for(about, [*facts, approved(about, day(days))], day(days), started=started)
    assert (expected, "formal_notice") == verdict(line)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (-6, None),
        (-5, "courtesy"),
        (4, "courtesy"),
        (5, "friendly"),
        (14, "friendly"),
        (15, "firm"),
        (29, "firm"),
        (30, "formal_notice"),
        (31, "formal_notice"),
        (365, "formal_notice"),
    ],
)
def test_stage_by_date_is_the_last_day_reached(days: int, expected: str | None) -> None:
    """The line's stage tells dates alone, whatever was said."""
    for past in ("nothing", "all"):
        about, facts, _ = _facts("in service", past, days)
        stage = line_for(about, facts, day(days)).stage
        assert expected == (stage.key if stage else None)


@pytest.mark.parametrize(
    ("terms", "days", "expected"),
    [
        (44, 5, "friendly"),
        (45, 5, None),
        (45, 9, None),
        (45, 10, "friendly"),
        (45, 24, "friendly"),
        (45, 25, "firm"),
        (45, 49, "firm"),
        (45, 50, "formal_notice"),
        (90, -5, "courtesy"),
        (None, 5, "friendly"),
        (None, 15, "firm"),
    ],
)
def test_long_terms_use_the_long_schedule(terms: int | None, days: int, expected: str | None) -> None:
    """From 45 days of terms on: J-5, J+10, J+25, J+50; the default one without an issue date."""
    line = line_for(invoice(terms=terms), [], day(days), started=None)
    assert expected == (line.acting.key if line.acting else None)


@pytest.mark.parametrize(
    ("terms", "expected"), [(7, "not_due"), (14, "not_due"), (15, "due"), (30, "due"), (60, "due"), (None, "due")]
)
def test_no_courtesy_for_short_terms(terms: int | None, expected: str) -> None:
    """Terms under fifteen days get no reminder before the due date; unknown terms do."""
    assert expected == line_for(invoice(terms=terms), [], day(-3)).reason.value


@pytest.mark.parametrize("days", [-5, -1, 0, 4])
def test_short_terms_expire_nothing(days: int) -> None:
    """Where no courtesy exists, none expires: the friendly stage is not due yet."""
    line = line_for(invoice(terms=14), [], day(days))
    assert ("not_due", None) == verdict(line)
    assert line.next_stage is not None
    assert ("friendly", day(5)) == (line.next_stage.key, line.next_date)


@pytest.mark.parametrize(("days_late_at_start", "expected"), [(-60, "due"), (0, "due"), (4, "due"), (6, "backlog")])
def test_backlog_is_what_was_late_when_the_journal_was_created(days_late_at_start: int, expected: str) -> None:
    """Only what was past its first stage on the first day waits for an answer, weeks later too."""
    line = line_for(invoice(), [], day(40), started=day(days_late_at_start))
    assert expected == line.reason.value


def test_backlog_of_a_long_schedule_starts_at_its_own_first_stage() -> None:
    """Eight days late on a long schedule is not yet past its first stage."""
    assert "due" == line_for(invoice(terms=60), [], day(10), started=day(8)).reason.value


def test_backlog_is_one_question() -> None:
    """However many invoices wait for the answer, the user is asked once; an answered backlog asks no more."""
    late = [invoice(f"F-{i}") for i in range(3)]
    (task,) = plan_for(late, [], day(40), started=day(20)).tasks
    assert ("confirm", 3) == (task.kind, len(task.lines))
    assert () == plan_for(late, [answer(Backlog.IGNORE, day(20))], day(40), started=day(20)).tasks


def test_an_ignored_backlog_is_taken_up_again_by_a_person_alone() -> None:
    """What relance wrote after another answer goes on no more; a call that was recorded does."""
    mail = reminded(invoice(), "friendly", day(21))
    mail = mail._replace(contact=mail.contact._replace(message_id="<1@alpha.example>"))
    gently: list[Fact] = [answer(Backlog.GENTLY, day(20)), mail]
    assert "due" == line_for(invoice(), gently, day(40), started=day(20)).reason.value
    ignored = [*gently, answer(Backlog.IGNORE, day(22))]
    assert "backlog" == line_for(invoice(), ignored, day(40), started=day(20)).reason.value
    called = [*ignored, reminded(invoice(), "friendly", day(23), channel="call")]
    assert ("due", "firm") == verdict(line_for(invoice(), called, day(40), started=day(20)))


def test_an_ignored_backlog_does_not_silence_newer_invoices() -> None:
    """`--ignore` is about what was late on the first day, not about what became late since."""
    facts = [answer(Backlog.IGNORE, day(20))]
    newer = invoice("F-2", due=day(18))
    plan = plan_for([invoice(), newer], facts, day(40), started=day(20))
    assert ["backlog", "due"] == [line.reason.value for line in plan.lines]


def test_after_an_as_is_start_one_stage_at_a_time() -> None:
    """`--as-is` starts at firm where it is firm by date, then goes on a stage at a time."""
    late = invoice()
    facts: list[Fact] = [answer(Backlog.AS_IS, day(20)), reminded(late, "firm", day(20))]
    assert ("stage_done", None) == verdict(line_for(late, facts, day(29), started=day(20)))
    assert ("awaiting_approval", "formal_notice") == verdict(line_for(late, facts, day(30), started=day(20)))


def test_an_as_is_start_is_for_the_backlog_alone() -> None:
    """What became late since then starts at friendly, however late the laptop wakes."""
    facts = [answer(Backlog.AS_IS, day(20))]
    assert ("due", "friendly") == verdict(line_for(invoice(due=day(18)), facts, day(90), started=day(20)))


def test_no_settings_is_the_stage_by_date() -> None:
    """Without a journal the plan is the one that `--as-is` would give, day after day."""
    for days in DAYS:
        bare = line_for(invoice(), [], day(days), started=None)
        as_is = line_for(invoice(), [answer(Backlog.AS_IS)], day(days), started=day(days))
        assert verdict(as_is) == verdict(bare)


@pytest.mark.parametrize("days", DAYS)
def test_amounts_of_the_line_follow_the_contract(days: int) -> None:
    """Claimed is 0.00 until the due date, outstanding plus charges after it."""
    line = line_for(invoice(), [], day(days), policy=EVERY_DAY)
    assert days == line.days_overdue
    assert (line.charges.claimed == 0) is (day(days) <= DUE)
    if days > 0:
        assert line.outstanding + line.charges.interest + 40 == line.charges.claimed
