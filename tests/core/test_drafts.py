"""Which draft the user speaks of, and which are not to be sent any more: decided by plain values."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from core_support import day, invoice

from relance.core.drafts import to_replace, to_settle
from relance.core.facts import Allocated, Confirmed, Drafted, Fact, Held, HoldReason, InDoubt, Lies, Paid, is_outdated
from relance.core.history import Seen, fold, without_drafts
from relance.core.invoice import Invoice, customer_id, invoice_key, snapshot_of
from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.core.reasons import Reason
from relance.core.seen import name_of_draft
from relance.display.tasks import task_text, throw_away, ways_of

LATE = invoice()
KEY = invoice_key(LATE)
POLICY = DunningPolicy()
COURTESY = Drafted(KEY, "courtesy", "email", day(-5))
FRIENDLY = Drafted(KEY, "friendly", "email", day(5))
FIRM = Drafted(KEY, "firm", "email", day(15))
THANKS = Drafted(KEY, "thanks", "email", day(6))
LEFT = COURTESY._replace(lies=Lies.SENT)
DOUBT = InDoubt(KEY, "friendly", "email", day(5))
SETTLED = Paid(KEY, LATE.total, day(6))


@pytest.mark.parametrize(
    ("facts", "sent", "not_sent", "thrown_away"),
    [
        ([COURTESY, FRIENDLY], (FRIENDLY,), (FRIENDLY,), ["relance préventive"]),
        ([COURTESY], (), (COURTESY,), ["relance préventive"]),
        ([COURTESY, DOUBT], (), (), ["relance préventive"]),
        ([FRIENDLY, SETTLED], (FRIENDLY,), (FRIENDLY,), ["relance amicale"]),
        ([FRIENDLY, THANKS, SETTLED], (THANKS,), (THANKS,), ["relance amicale"]),
        ([THANKS], (), (THANKS,), ["remerciement"]),
        ([FRIENDLY, FIRM], (FIRM,), (FIRM,), ["relance amicale"]),
        ([LEFT], (LEFT,), (LEFT,), ["relance préventive"]),
        ([LEFT, FRIENDLY, SETTLED], (LEFT,), (FRIENDLY,), ["relance préventive", "relance amicale"]),
    ],
)
def test_the_draft_that_is_spoken_of(
    facts: list[Fact], sent: tuple[Drafted, ...], not_sent: tuple[Drafted, ...], thrown_away: list[str]
) -> None:
    """The last one to be sent, else those found among the sent messages as sent, and the others as not sent.

    A thank-you is to be sent while the invoice is paid, and only then.
    """
    today = day(16)
    history = fold(facts, day(-30), today)
    plan = build_plan([LATE], history, POLICY, today)
    [line] = plan.lines
    assert sent == to_settle(line, sent=True)
    assert not_sent == to_settle(line, sent=False)
    assert thrown_away == [each.label for each in plan.overtaken]


@pytest.mark.parametrize("kind", [Drafted, InDoubt])
def test_a_message_about_two_invoices_is_one_question(kind: type[Drafted | InDoubt]) -> None:
    """Its draft, or the doubt about it, is settled once for both; another message's is a question of its own."""
    invoices = [LATE, invoice(number="F-2"), invoice(number="F-3")]
    keys = [invoice_key(each) for each in invoices]
    facts = [*(kind(key, "friendly", "email", day(5)) for key in keys[:2]), kind(keys[2], "friendly", "email", day(6))]
    plan = build_plan(invoices, fold(facts, day(-30), day(16)), POLICY, day(16))
    assert [("review", 2), ("review", 1)] == [(task.kind, len(task.lines)) for task in plan.tasks]


OTHER = invoice(number="F-2")
DEARER = LATE._replace(total=LATE.total + 1)
_SAME = FRIENDLY._replace(snapshot=snapshot_of(LATE))


@pytest.mark.parametrize(
    ("now", "facts", "outdated"),
    [
        (LATE, [_SAME], False),
        (LATE, [Paid(KEY, Decimal(1), day(4)), _SAME], False),
        (LATE, [_SAME, Paid(KEY, Decimal(1), day(3), told=day(5))], True),
        (LATE, [_SAME, Paid(KEY, Decimal(1), day(7))], True),
        (LATE, [_SAME, Allocated(KEY, "A-1", KEY, Decimal(1), day(6), day(6))], True),
        (LATE._replace(total=LATE.total + 1), [_SAME], True),
        (LATE._replace(due_date=LATE.due_date - timedelta(days=1)), [_SAME], True),
        (LATE._replace(customer=LATE.customer._replace(emails=("neuve@client.example",))), [_SAME], True),
        (LATE._replace(customer=LATE.customer._replace(contact="Anne Roc")), [_SAME], False),
    ],
)
def test_a_draft_that_is_not_true_any_more_is_not_to_be_sent(now: Invoice, facts: list[Fact], outdated: bool) -> None:
    """Another sum, due date or address than when it was written: the task throws it away instead of recording it."""
    plan = build_plan([now], fold(facts, day(-30), day(8)), POLICY, day(8))
    [task] = plan.tasks
    [way] = ways_of(task)
    sent, unsent = f"record {LATE.number} --stage friendly --channel email", f"resolve {LATE.number} --not-sent"
    first, second = (unsent, f"déjà envoyé : relance {sent}") if outdated else (sent, f"pas envoyé : relance {unsent}")
    assert (f"relance {first}", second) == (way.command, way.note.replace("\N{NO-BREAK SPACE}", " "))
    assert ("à jeter" in task_text(task)) is outdated


@pytest.mark.parametrize(
    ("facts", "replaced"),
    [
        ([_SAME], []),
        ([FRIENDLY._replace(snapshot=snapshot_of(DEARER))], ["friendly"]),
        ([_SAME, Paid(KEY, Decimal(1), day(7))], ["friendly"]),
        ([_SAME, SETTLED], []),
        ([_SAME, Held(KEY, HoldReason.DISPUTE, day(7))], []),
        ([COURTESY], ["courtesy"]),
        ([COURTESY, _SAME], ["courtesy"]),
        ([COURTESY, DOUBT], []),
    ],
)
@pytest.mark.parametrize("lies", [*Lies, None])
def test_the_drafts_that_another_message_replaces(facts: list[Fact], replaced: list[str], lies: Lies | None) -> None:
    """Untouched ones, of what nothing else holds: what they say changed, or a later stage is said instead."""
    there = [fact._replace(lies=lies) if isinstance(fact, Drafted) else fact for fact in facts]
    plan = build_plan([LATE], fold(there, day(-30), day(8)), POLICY, day(8))
    found = [draft.stage for _, draft in to_replace(plan.lines, plan.morning)]
    assert (replaced if lies is Lies.UNTOUCHED else []) == found


def test_as_if_a_draft_had_not_been_written() -> None:
    """Of its invoice alone, and of one that nobody knows nothing."""
    history = fold([COURTESY, FRIENDLY, FRIENDLY._replace(invoice="X/2026")], day(-30), day(8))
    left = without_drafts(history, [FRIENDLY, FRIENDLY._replace(invoice="former")])
    assert ((COURTESY,), 1) == (left.invoices[KEY].drafts, len(left.invoices["X/2026"].drafts))


@pytest.mark.parametrize(
    ("lies", "left_on", "said", "first"),
    [
        (None, None, "brouillon du ", "record"),
        (Lies.UNTOUCHED, None, "brouillon du ", "record"),
        (Lies.EDITED, None, "modifié par vous", "record"),
        (Lies.GONE, None, "absent de vos brouillons : envoyé ?", "record"),
        (Lies.SENT, day(6), "retrouvé dans vos messages envoyés le", f"--on {day(6)}"),
    ],
)
def test_how_a_draft_lies_is_said(lies: Lies | None, left_on: date | None, said: str, first: str) -> None:
    """With both commands; the first is the likelier, dated where that is known. Found sent, it is even if outdated."""
    for snapshot, word in ((None, first), (snapshot_of(DEARER), first if lies is Lies.SENT else "--not-sent")):
        draft = FRIENDLY._replace(lies=lies, left_on=left_on, snapshot=snapshot)
        plan = build_plan([LATE], fold([draft], day(-30), day(8)), POLICY, day(8))
        [task] = plan.tasks
        text = task_text(task).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
        assert said.partition(" du ")[0] in text
        [way] = ways_of(task)
        assert word in way.command
        assert "resolve" in f"{way.command} {way.note}"


@pytest.mark.parametrize(
    ("lies", "said", "command"),
    [
        (Lies.UNTOUCHED, "Supprimer le brouillon", "--not-sent"),
        (Lies.EDITED, "modifié par vous, plus à envoyer", "--not-sent"),
        (Lies.SENT, "retrouvé dans vos messages envoyés", "--sent"),
    ],
)
def test_a_draft_of_a_paid_invoice_by_how_it_lies(lies: Lies, said: str, command: str) -> None:
    """It is thrown away, or it was sent all the same; a new finding is news."""
    plan = build_plan([LATE], fold([FRIENDLY._replace(lies=lies), SETTLED], day(-30), day(8)), POLICY, day(8))
    [draft] = plan.overtaken
    text = throw_away(draft).replace("\N{NO-BREAK SPACE}", " ")
    assert said in text
    assert text.endswith(f" {command}")
    assert name_of_draft(draft).endswith(" sent") is (lies is Lies.SENT)


def test_a_draft_about_two_invoices_is_outdated_with_one_of_them() -> None:
    """One is paid meanwhile: the draft still asks for both, and is thrown away for the other too, in one task."""
    drafts = [FRIENDLY, FRIENDLY._replace(invoice=invoice_key(OTHER))]
    for paid, outdated in ((Decimal(1), True), (LATE.total, True), (None, False)):
        facts: list[Fact] = [*drafts, *([Paid(KEY, paid, day(6))] if paid else [])]
        plan = build_plan([LATE, OTHER], fold(facts, day(-30), day(8)), POLICY, day(8))
        [task] = plan.tasks
        assert [outdated] * len(task.lines) == [is_outdated(line.why) for line in task.lines]


def _seen(one: Invoice, **changes: object) -> Seen:
    """An invoice as a run before saw it in the file."""
    looks = Seen(invoice_key(one), one.number, customer_id(one.customer), one.total, one.issue_date, one.due_date, True)
    return looks._replace(**changes)  # type: ignore[arg-type]


def _gone(*facts: Fact, here: list[Invoice], **changes: object) -> Plan:
    """The plan of a file that has `here` alone, where a run saw F-1 before."""
    history = fold([*facts], day(-30), day(8))._replace(seen={KEY: _seen(LATE, **changes)})
    return build_plan(here, history, POLICY, day(8))


NEXT_YEAR = invoice(due=day(400))
STAYS = invoice("F-2", day(-1), "90.00")


@pytest.mark.parametrize(
    ("here", "changes", "name"),
    [
        ([STAYS], {}, "F-1"),
        ([STAYS], {"gone_on": day(7)}, "F-1"),
        ([STAYS], {"is_open": False}, "F-1"),
        ([NEXT_YEAR], {}, KEY),
    ],
)
def test_a_draft_of_an_invoice_that_left_the_file(here: list[Invoice], changes: dict[str, object], name: str) -> None:
    """Named until it is settled, whether it left just now, before, or once it was paid; by its year where it must."""
    [draft] = _gone(FRIENDLY, here=here, **changes).overtaken
    assert ((KEY,), ("F-1",), name) == (draft.keys, draft.numbers, draft.name)


def test_drafts_that_nobody_throws_away_for_an_invoice_that_left() -> None:
    """A thank-you is still to be sent; what came back, or goes on under another number, did not leave."""
    assert () == _gone(THANKS, here=[STAYS], is_open=False).overtaken
    renumbered = LATE._replace(number="F-1B")
    assert () == _gone(FRIENDLY, here=[renumbered]).overtaken
    named = Confirmed(invoice_key(renumbered), day(7), snapshot_of(LATE), KEY)
    assert [KEY] == [key for each in _gone(COURTESY, here=[STAYS]).overtaken for key in each.keys]
    kept = _gone(FRIENDLY, named, here=[renumbered], gone_on=day(7))
    assert () == kept.overtaken
    assert [Reason.DRAFTED] == [line.reason for line in kept.lines]


def test_a_file_that_lost_much_throws_no_draft_away() -> None:
    """It is asked about first."""
    many = [invoice(number=f"G-{n}") for n in range(5)]
    history = fold([FRIENDLY], day(-30), day(8))._replace(seen={invoice_key(n): _seen(n) for n in [LATE, *many]})
    assert () == build_plan([STAYS], history, POLICY, day(8)).overtaken
    assert 1 == len(build_plan([STAYS, *many], history, POLICY, day(8)).overtaken)


def test_a_draft_that_names_an_invoice_which_left_is_outdated() -> None:
    """The other invoice of that message is not to be asked for together with it; another day's draft is another one."""
    both = [_SAME, FRIENDLY._replace(invoice=invoice_key(STAYS), lies=Lies.UNTOUCHED)]
    plan = _gone(*both, here=[STAYS])
    assert [True] == [is_outdated(line.why) for line in plan.lines]
    assert ["friendly"] == [draft.stage for _, draft in to_replace(plan.lines, plan.morning)]
    apart = _gone(COURTESY, both[1], here=[STAYS])
    assert [False] == [is_outdated(line.why) for line in apart.lines]


def test_no_command_throws_a_draft_away_while_a_doubt_stands() -> None:
    """What it names would be the message in doubt, which may have left."""
    facts: list[Fact] = [COURTESY, DOUBT]
    for given, named in ((facts, ""), (facts[:1], LATE.number)):
        [draft] = build_plan([LATE], fold(given, day(-30), day(8)), POLICY, day(8)).overtaken
        assert named == draft.name
        assert bool(named) is (" → " in throw_away(draft))
        [left] = _gone(*given, here=[STAYS]).overtaken
        assert (named, (KEY,)) == (left.name, left.keys)
