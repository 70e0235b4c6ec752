"""Customers whom no mail reaches: one task each, a call or where to write the address, and no nagging."""

import pytest
from core_support import DEFAULT, LONG_AGO, customer, day, invoice, line_for, plan_for, reminded

from relance.core.facts import Confirmed, Fact, Refused
from relance.core.history import fold
from relance.core.invoice import Customer, invoice_key, snapshot_of
from relance.core.plan import About, Decision, Plan, Task
from relance.core.planning import build_plan
from relance.core.seen import name_of_line, name_of_task
from relance.display.tasks import command_for_task, task_text

KEY = invoice_key(invoice())
PHONE = "01 23 45 67 89"
NOBODY = customer(emails=(), phone=PHONE)


def to_reach(plan: Plan) -> list[Task]:
    """The tasks about addresses."""
    return [task for task in plan.tasks if task.about is About.ADDRESS]


@pytest.mark.parametrize(
    ("owner", "offset", "kinds"),
    [
        (NOBODY, 6, ["call"]),
        (NOBODY._replace(phone=""), 6, ["review"]),
        (NOBODY, -3, ["review"]),  # nobody is called about what is not due yet
        (NOBODY, -20, []),
        (customer(phone=PHONE), 6, []),
    ],
)
def test_a_customer_without_an_address(owner: Customer, offset: int, kinds: list[str]) -> None:
    """A call where it is late and there is a number, else where to write the address; the hold stays."""
    plan = plan_for([invoice(owner=owner)], today=day(offset))
    assert [task.kind for task in to_reach(plan)] == kinds
    if kinds:
        assert (plan.lines[0].decision, plan.lines[0].reason) == (Decision.HOLD, "no_address")


def test_one_task_a_customer() -> None:
    """Whatever his invoices, the latest first; another customer has his own."""
    other = customer(name="Beta SAS", code="B", emails=())
    several = [invoice("F-1", owner=NOBODY), invoice("F-2", owner=NOBODY, due=day(-10)), invoice("F-3", owner=other)]
    first, second = to_reach(plan_for(several, today=day(8)))
    assert [line.invoice.number for line in first.lines] == ["F-2", "F-1"]
    assert [line.invoice.number for line in second.lines] == ["F-3"]
    assert (first.kind, second.kind, second.word) == ("call", "review", "B")
    assert "F-2, F-1, 2\u202f400,00\u00a0€" in task_text(first)

    dollars = invoice("F-4", owner=NOBODY)._replace(currency="USD")
    (mixed,) = to_reach(plan_for([invoice("F-1", owner=NOBODY), dollars], today=day(8)))
    assert "1\u202f200,00\u00a0€ et 1\u202f200,00\u00a0USD" in task_text(mixed)
    only = build_plan(several, fold([], LONG_AGO, day(8)), DEFAULT, day(8), {invoice_key(several[2])})
    assert [[line.invoice.number for line in task.lines] for task in to_reach(only)] == [["F-3"]]


def test_a_call_is_recorded_and_asked_again_for_the_next_stage_alone() -> None:
    """Seven quiet days about one of his invoices hold for all; then the next stage, once its day has come."""
    both = [invoice("F-1", owner=NOBODY), invoice("F-2", owner=NOBODY)]
    called = reminded(both[0], "friendly", day(6), channel="call")
    assert to_reach(plan_for(both, [called], day(7))) == []
    assert to_reach(plan_for(both, [called], day(12))) == []
    (again,) = to_reach(plan_for(both, [called], day(14)))
    assert [(line.invoice.number, line.leaving.key) for line in again.lines] == [("F-2", "friendly")]
    (firm,) = to_reach(plan_for(both[:1], [called], day(15)))
    assert (firm.kind, firm.stage and firm.stage.key) == ("call", "firm")


def test_no_call_is_a_formal_notice() -> None:
    """What needs the user's word is not closed by the record of a call."""
    said = [
        reminded(invoice(owner=NOBODY), key, day(on), channel="call") for key, on in (("friendly", 6), ("firm", 15))
    ]
    (task,) = to_reach(plan_for([invoice(owner=NOBODY)], said, day(31)))
    assert (task.kind, task.stage and task.stage.key) == ("review", "formal_notice")
    assert command_for_task(task) == ""


@pytest.mark.parametrize(
    ("fact", "why"),
    [
        (
            Refused(KEY, "compta@alpha.example", day(6), "550 5.1.1 unknown"),
            "adresse refusée, compta@alpha.example\u00a0: 550 5.1.1 unknown",
        ),
        (Refused(KEY, "", day(6), "554 non", "friendly"), "message refusé, 554 non"),
    ],
)
def test_a_refused_address_is_a_task_too(fact: Fact, why: str) -> None:
    """With the number where it is known; a new address ends it, the same one goes on being refused."""
    owner = customer(phone=PHONE)
    plan = plan_for([invoice(owner=owner)], [fact], day(7))
    (task,) = to_reach(plan)
    assert (plan.lines[0].reason, task.kind) == ("refused", "call")
    assert why in task_text(task)
    assert PHONE in task_text(task)
    assert command_for_task(task) == f"relance record {task.lines[0].invoice.number} --stage friendly --channel call"

    silent = plan_for([invoice(owner=customer())], [fact], day(7))
    assert [(task.kind, "relance resolve" in command_for_task(task)) for task in to_reach(silent)] == [("review", True)]


def test_it_is_no_news_each_day() -> None:
    """The same question whatever his invoices, by a call or not, and of a line that no task is about in quiet days."""
    one, two = invoice("F-1", owner=NOBODY), invoice("F-2", owner=NOBODY)
    (first,), (second,) = (to_reach(plan_for(each, today=day(8))) for each in ([one], [one, two]))
    assert name_of_task(first) == name_of_task(second)
    (early,) = to_reach(plan_for([one], today=day(-3)))
    assert name_of_task(early) == name_of_task(first)
    called = plan_for([one, two], [reminded(one, "friendly", day(6), channel="call")], day(8))
    assert (to_reach(called), name_of_line(called.lines[1])) == ([], name_of_task(first))
    (again,) = to_reach(
        plan_for([invoice(owner=customer(emails=()))], [Refused(KEY, "", day(6), "no", "friendly")], day(7))
    )
    assert name_of_task(again) != name_of_task(first)


def test_what_names_the_customer_in_the_settings() -> None:
    """Its code, its SIRET, its name; no name that another customer bears."""

    def word(owner: Customer, *others: Customer) -> str:
        bills = [invoice(f"F-{place}", owner=each) for place, each in enumerate((owner, *others))]
        return to_reach(plan_for(bills, today=day(8)))[0].word

    plain = NOBODY._replace(code="", siret="", name="Delta SARL")
    assert word(plain) == "Delta SARL"
    assert word(plain._replace(siret="73282932000074")) == "73282932000074"
    assert word(plain._replace(code="C7", siret="73282932000074")) == "C7"
    twin = plain._replace(emails=("autre@delta.example",))
    assert word(plain, twin) == ""
    (task,) = to_reach(plan_for([invoice("F-1", owner=plain), invoice("F-2", owner=twin)], today=day(8)))
    assert task_text(task).endswith("dans votre fichier, avec un code par client")


def test_a_confirmed_change_does_not_hide_it() -> None:
    """Whatever else was said of the invoice."""
    bill = invoice(owner=NOBODY)
    assert line_for(bill, [Confirmed(KEY, day(5), snapshot_of(bill))], day(8)).reason == "no_address"
