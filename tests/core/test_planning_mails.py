"""What mails, drafts, doubts and approvals of the same day do to the next stage, and the words that the plan keeps."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from core_support import EVERY_DAY, LONG_AGO, approved, day, invoice, line_for, paid, plan_for, reminded, verdict

from relance.core.facts import Confirmed, Drafted, Fact, Held, HoldReason, InDoubt, Refused, Released
from relance.core.history import Seen, fold
from relance.core.invoice import customer_id, invoice_key, snapshot_of
from relance.core.mails import Incoming, Received
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES, with_days

KEY = invoice_key(invoice())
FRIENDLY = reminded(invoice(), "friendly", day(5))


def _mail(what: Incoming, on: date, sender: str = "Alpha <compta@alpha.example>", **more: str) -> Received:
    owner = customer_id(invoice().customer)
    return Received(KEY, what, on, f"<{on}@mx.example>", owner, sender, f"Re: F-1 du {on.day}", on)._replace(**more)  # type: ignore[arg-type]


def test_an_answer_waits_for_the_user() -> None:
    """The latest one is named; a release or a hold is what he made of it."""
    answers: list[Fact] = [
        FRIENDLY,
        _mail(Incoming.ANSWER, day(7)),
        _mail(Incoming.ANSWER, day(9), "Zoé <z@alpha.example>"),
    ]
    line = line_for(invoice(), answers, day(20))
    assert ("answered", day(9), f"Zoé <z@alpha.example> : <{day(9)}@mx.example>") == (
        line.reason.value,
        line.until,
        line.stop.mark,
    )
    assert "due" == line_for(invoice(), [*answers, Released(KEY, day(10))], day(20)).reason.value
    paused = [*answers, Held(KEY, HoldReason.PAUSE, day(10), day(12))]
    assert ["paused", "due"] == [line_for(invoice(), paused, day(n)).reason.value for n in (12, 20)]
    assert "due" == line_for(invoice("F-2"), answers, day(20)).reason.value


def test_an_answer_about_the_former_number_counts() -> None:
    """Renumbered and confirmed, the invoice is still the one that was answered."""
    new = invoice("F-9")
    facts: list[Fact] = [
        FRIENDLY,
        _mail(Incoming.ANSWER, day(7)),
        Confirmed(invoice_key(new), day(8), snapshot_of(new), KEY),
    ]
    assert "answered" == line_for(new, facts, day(20)).reason.value


@pytest.mark.parametrize("what", [Incoming.OTHER, Incoming.DELAYED])
def test_a_mail_that_says_nothing_of_the_invoice_delays_once(what: Incoming) -> None:
    """Three days from the first one since the last contact, which is named; the gap after a contact is not."""
    facts: list[Fact] = [FRIENDLY, _mail(what, day(14)), _mail(what, day(16))]
    line = line_for(invoice(), facts, day(16))
    assert ("too_soon", day(17)) == (line.reason.value, line.until)
    assert f"{what}:Alpha <compta@alpha.example>" == line.stop.mark
    assert ("due", "firm") == verdict(line_for(invoice(), facts, day(17)))
    called = reminded(invoice(), "firm", day(14), channel="call")
    line = line_for(invoice(), [FRIENDLY, called, _mail(what, day(14))], day(20))
    assert ("stage_done", "") == (line.reason.value, line.stop.mark)
    called = reminded(invoice(), "friendly", day(14), channel="call")
    line = line_for(invoice(), [FRIENDLY, called, _mail(what, day(14))], day(16))
    assert ("too_soon", day(21), "") == (line.reason.value, line.until, line.stop.mark)
    early: list[Fact] = [_mail(what, day(4)), FRIENDLY]
    assert ("due", "firm") == verdict(line_for(invoice(), early, day(15)))
    nearer = EVERY_DAY._replace(min_gap_days=2)
    facts = [FRIENDLY, called, _mail(what, day(14))]
    line = line_for(invoice(), facts, day(16), policy=nearer)
    assert ("too_soon", day(17), f"{what}:Alpha <compta@alpha.example>") == (
        line.reason.value,
        line.until,
        line.stop.mark,
    )


@pytest.mark.parametrize(
    ("facts", "given", "last"),
    [
        ([reminded(invoice(), "firm", day(28))], 28, 42),  # a contact of the same day: quiet until 35
        ([reminded(invoice(), "firm", day(20))], 28, 35),  # quiet until 27, before it was given
        ([reminded(invoice(), "firm", day(20)), _mail(Incoming.OTHER, day(28))], 28, 38),  # a mail: until 31
        ([reminded(invoice(), "firm", day(20), term=day(28))], 28, 38),  # the third working day after the term: 31
    ],
)
def test_an_approval_lasts_seven_days_from_the_first_on_which_it_can_be_followed(
    facts: list[Fact], given: int, last: int
) -> None:
    """What was known on its day counts, that day included."""
    facts = [FRIENDLY, *facts, approved(invoice(), day(given))]
    assert ("due", "formal_notice") == verdict(line_for(invoice(), facts, day(last)))
    assert ("awaiting_approval", "formal_notice") == verdict(line_for(invoice(), facts, day(last + 1)))


def test_a_payment_entered_before_the_approval_counts_on_its_day() -> None:
    """Only the run of the next day remembers it; the approval, for what was left, waits for its quiet days too."""
    half = invoice(payments=[paid("600.00")])
    facts: list[Fact] = [FRIENDLY, reminded(half, "firm", day(20)), approved(half, day(30), outstanding="600.00")]
    seen = Seen(KEY, "F-1", "", half.total, half.issue_date, half.due_date, True, None, Decimal("600.00"), day(31))
    for today, reason in ((37, "too_soon"), (38, "due"), (44, "due"), (45, "awaiting_approval")):
        history = fold(facts, LONG_AGO, day(today))._replace(seen={KEY: seen})
        (line,) = build_plan([half], history, EVERY_DAY, day(today)).lines
        assert reason == line.reason.value


def test_a_later_approval_takes_the_place_of_the_one_before() -> None:
    """Given for less after a payment, it is not good for all of it again, nor is the older one."""
    facts: list[Fact] = [FRIENDLY, reminded(invoice(), "firm", day(20)), approved(invoice(), day(30))]
    assert "due" == line_for(invoice(), facts, day(31)).reason.value
    facts.append(approved(invoice(), day(30), outstanding="600.00"))
    assert "awaiting_approval" == line_for(invoice(), facts, day(31)).reason.value
    facts.append(approved(invoice(), day(30), stage="firm"))
    facts.append(approved(invoice(), day(31)))
    assert "due" == line_for(invoice(), facts, day(31)).reason.value


@pytest.mark.parametrize(
    ("stage", "drafted", "until"),
    [("courtesy", -4, 0), ("friendly", 5, None)],
)
def test_a_draft_waits_until_it_has_expired(stage: str, drafted: int, until: int | None) -> None:
    """A courtesy of before has nothing to say from the due date on; any other draft stays."""
    facts: list[Fact] = [Drafted(KEY, stage, "email", day(drafted))]
    for today in (drafted, 0, 1, 6, 40):
        line = line_for(invoice(), facts, day(max(today, drafted)))
        waits = until is None or max(today, drafted) < until
        assert ("drafted" == line.reason.value) is waits
        if waits:
            assert (day(drafted), stage) == (line.until, line.stop.mark)


def test_a_doubt_is_told_with_its_moment_server_and_last_line() -> None:
    """As far as they are known."""
    known = InDoubt(KEY, "friendly", "email", day(6), datetime(2026, 3, 8, 9, 5), "mx.example:25", "421 bye")
    assert "08/03/2026 09:05|mx.example:25|421 bye" == line_for(invoice(), [known], day(20)).stop.mark
    assert "||" == line_for(invoice(), [known._replace(at=None, server="", reply="")], day(20)).stop.mark


def test_a_refusal_is_told_with_what_the_server_said() -> None:
    """Of the address, or of the message; without a reply, the address alone."""
    told = [Refused(KEY, "compta@alpha.example", day(5), reply) for reply in ("550 no", "")]
    notes = ["refused:|compta@alpha.example : 550 no", "refused:|compta@alpha.example"]
    assert notes == [line_for(invoice(), [fact], day(20)).stop.mark for fact in told]
    assert (
        "message:554 spam" == line_for(invoice(), [Refused(KEY, "", day(5), "554 spam", "friendly")], day(20)).stop.mark
    )


def test_an_attachment_that_cannot_travel_is_named() -> None:
    """The fault that the reader found is the note."""
    line = line_for(invoice()._replace(pdf_fault="missing:F-1.pdf"), [], day(20))
    assert ("missing_pdf", "missing:F-1.pdf") == (line.reason.value, line.stop.mark)


def test_what_changed_is_named_in_order() -> None:
    """All of it, each with what it was before."""
    after = invoice(total="900.00", due=day(-1), terms=29)
    assert f"total=1200.00\ndue_date={day(0)}" == line_for(after, [FRIENDLY], day(20)).stop.mark


def test_stages_on_other_days_stand_in_their_order() -> None:
    """A stage that is not named keeps its day."""
    moved = with_days(DEFAULT_STAGES, {"friendly": 20, "firm": 12})
    assert [("courtesy", -5), ("firm", 12), ("friendly", 20), ("formal_notice", 30)] == [(s.key, s.day) for s in moved]


def test_the_messages_of_a_line_that_waits_are_none() -> None:
    """Nothing of what waits for the user is in a message."""
    assert () == plan_for([invoice()], [FRIENDLY, _mail(Incoming.ANSWER, day(7))], day(20)).reminders
