"""What names an invoice or a customer among others: the commands that are printed work as they stand."""

import shlex
from datetime import date

import pytest
from core_support import customer, day, invoice, line_for, plan_for

from relance.core.facts import Held, HoldReason
from relance.core.invoice import Customer, Invoice, Status, customer_id, invoice_key, keyed
from relance.core.naming import customers_named, invoices_named, register, word_for
from relance.core.plan import About, Task
from relance.core.policy import DEFAULT_STAGES
from relance.core.reasons import Reason
from relance.display.lines import command_for
from relance.display.tasks import command_for_task, task_line
from relance.french import command

FORMAL = DEFAULT_STAGES[-1]
ALPHA = Customer("Alpha", emails=("compta@cabinet.example",))


def _held(about: Invoice, *others: Invoice) -> str:
    """The command that ends the hold of the customer of the first invoice."""
    facts = [Held(customer_id(about.customer), HoldReason.DISPUTE, day(1))]
    line = plan_for([about, *others], facts, day(20)).lines[0]
    assert line.stop.of_customer
    return command_for(line)


@pytest.mark.parametrize(
    ("owner", "others", "expected"),
    [
        (customer(), [], "ALPHA"),
        (customer(code="F-9"), [invoice("F-9", owner=customer("Beta"))], "compta@alpha.example"),
        (customer(code="f-9 "), [invoice("F-9", owner=customer("Beta"))], "compta@alpha.example"),
        (customer(code="F-9/2026"), [invoice("F-9", owner=customer("Beta"))], "compta@alpha.example"),
        (ALPHA, [], "compta@cabinet.example"),
        (ALPHA, [invoice("F-2", owner=ALPHA._replace(name="Beta"))], "Alpha"),
        (ALPHA._replace(emails=(*ALPHA.emails, "a@alpha.example")), [invoice("F-2", owner=ALPHA)], "a@alpha.example"),
        (ALPHA._replace(siret="12345678900011"), [], "12345678900011"),
        (ALPHA._replace(siret="123"), [invoice("F-2", owner=ALPHA._replace(code="123"))], "Alpha SAS"),
    ],
)
def test_a_customer_by_the_first_word_that_names_nobody_else(
    owner: Customer, others: list[Invoice], expected: str
) -> None:
    """Code, SIRET, e-mail, name: the first that is no other customer's and no invoice's number."""
    if expected == "Alpha SAS":
        owner = owner._replace(name=expected)
    about = invoice(owner=owner)
    assert f"relance release {shlex.quote(expected)}" == _held(about, *others)
    known = register(keyed([about, *others]))
    assert [customer_id(owner)] == [*customers_named(expected, known)]
    assert not invoices_named(expected, known)


def test_a_number_that_comes_back_each_year() -> None:
    """It is said with its year, in every command about it; a number that comes once is not."""
    twice = [invoice("001", date(2025, 6, 2)), invoice("001"), invoice("F-2", owner=customer("Beta"))]
    facts = [Held(invoice_key(each), HoldReason.DISPUTE, day(1)) for each in twice]
    lines = plan_for(twice, facts, day(40)).lines
    commands = [command_for(line) for line in lines]
    assert ["relance release 001/2025", "relance release 001/2026", "relance release F-2"] == commands
    task = Task("review", twice[0].customer, (lines[0],), lines[0].stage, About.FINISHED)
    assert "relance evidence 001/2025" == command_for_task(task)
    letter = Task("letter", twice[0].customer, (lines[0],), FORMAL)
    assert "→ relance letter 001/2025 --stage formal_notice (l’imprime)" in task_line(letter)
    known = register(keyed(twice))
    assert [2, 1, 0] == [len(invoices_named(text, known)) for text in ("001", "001/2026", "001/2024")]


def test_a_credit_note_with_the_number_of_an_invoice() -> None:
    """Both numbers of the command name one thing."""
    note = invoice("001", date(2025, 6, 2), "-50.00", status=Status.CREDIT_NOTE)
    late = [note, invoice("001"), invoice("F-2")]
    lines = plan_for(late, [], day(40), started=None).lines
    assert {Reason.OPEN_CREDIT} == {line.reason for line in lines[1:]}
    commands = [command_for(line) for line in lines[1:]]
    assert ["relance allocate 001/2025 001/2026", "relance allocate 001/2025 F-2"] == commands


def test_a_number_that_begins_with_a_dash() -> None:
    """Behind `--`, with the options before it; any other number stays where it is read most easily."""
    assert "relance release -- -5" == command("release", "-5")
    assert "relance allocate -- A-1 -5" == command("allocate", "A-1", "-5")
    assert "relance resolve --sent -- '-5 B'" == command("resolve", "-5 B", options="--sent")
    assert "relance resolve 'F 5' --sent" == command("resolve", "F 5", options="--sent")
    line = line_for(invoice("-5"), [Held("-5/2026", HoldReason.PAUSE, day(1))], day(9))
    assert "relance release -- -5" == command_for(line)
    called = Task("call", line.invoice.customer, (line,), line.stage)
    assert "relance record --stage friendly --channel call -- -5" == command_for_task(called)


PARIS, LYON = (ALPHA._replace(siret=f"552100554000{n}", emails=(f"{n}@alpha.example",)) for n in ("13", "21"))
BARE = ALPHA._replace(siret="552100554", emails=("siege@alpha.example",))


@pytest.mark.parametrize(
    ("typed", "owners", "named"),
    [
        ("552100554", [PARIS], [PARIS]),
        ("552 100 554", [PARIS, LYON], [PARIS, LYON]),
        ("552100554", [PARIS, LYON, BARE], [BARE]),
        ("55210055400013", [PARIS, LYON], [PARIS]),
        ("55210055400039", [PARIS, LYON], []),
        ("5521", [PARIS], []),
    ],
)
def test_a_siren_names_the_places_of_its_company(typed: str, owners: list[Customer], named: list[Customer]) -> None:
    """Whose file writes the SIREN types it, whatever SIRET stands for it; of several places it is a question."""
    known = register(keyed(invoice(f"F-{n}", owner=owner) for n, owner in enumerate(owners)))
    assert [customer_id(each) for each in named] == [*customers_named(typed, known)]
    for owner in owners:
        assert [customer_id(owner)] == [*customers_named(word_for(owner, known), known)]
