"""The plan on a screen of any width: nothing too long, nothing broken, one line an invoice, what is to be done last."""

import re
from datetime import timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
from core_support import customer, day, invoice, paid, plan_for, reminded

from relance.core.facts import Drafted, Fact, Held, HoldReason, InDoubt, Refused
from relance.core.invoice import Invoice, Status, invoice_key
from relance.core.plan import Plan
from relance.core.reasons import Reason, Stop
from relance.display.breaking import places
from relance.display.plan_view import plan_lines
from relance.display.tasks import ways_of
from relance.display.todo import todo_lines
from relance.display.waiting import counted, glance, is_quiet
from relance.french import NARROW, NO_BREAK, eur
from relance.sources.source import InvoiceFile, Reading

LONGEST = "Société Générale de Fabrication et de Distribution de Matériels Divers et Variés"
OWNERS = (customer(), customer("Lune SARL", phone="01 99 00 10 36"), customer(LONGEST), customer("Nul", emails=()))


def drawn_file(dice: Random) -> list[Invoice]:
    """A file of up to 60 invoices: long names and numbers, large sums, of every state."""
    long = dice.choice(["F-{}", "FACT-ENTREPRISE-2026-{:06d}-A"])
    return [
        invoice(
            long.format(i),
            due=day(dice.randint(-150, 40)),
            total=dice.choice(["3.00", "1200.00", "123456.78", "9876543.21"]),
            owner=dice.choice(OWNERS),
            currency=dice.choice(["EUR", "EUR", "EUR", "USD"]),
            status=dice.choice([Status.OPEN] * 8 + [Status.DISPUTED, Status.DRAFT, Status.CANCELLED]),
            payments=dice.choice([(), (), (), (paid("3.00", day(-1)),)]),
        )
        for i in range(dice.choice([0, 1, 3, 17, 60]))
    ]


def drawn_plan(seed: int) -> Plan:
    """The plan of a file with some of a past."""
    dice, facts = Random(seed), list[Fact]()
    known = drawn_file(dice)
    for about in known:
        key, on = invoice_key(about), day(-dice.randint(0, 60))
        happened: list[Fact] = [
            reminded(about, "friendly", on),
            reminded(about, "firm", on),
            reminded(about, "formal_notice", on),
            Held(key, HoldReason.DISPUTE, on, None, "quai 3"),
            Held(key, HoldReason.PROMISE, on, day(3)),
            InDoubt(key, "firm", "email", on),
            Drafted(key, "friendly", "email", on),
            Refused(key, about.customer.emails[0] if about.customer.emails else "a@b.example", on, "550 inconnu"),
        ]
        facts += dice.sample(happened, dice.randint(0, 2))
    return plan_for(known, sorted(facts, key=lambda fact: fact.on), day(0))


def shown(plan: Plan, width: int, *, full: bool = False, own: bool = True, verbose: bool = False) -> list[str]:
    """The lines of a plan, as `relance plan` prints them; `own`: where there are settings of one's own."""
    places_ = (Path("factures.csv"),)
    settings = SimpleNamespace(source=SimpleNamespace(file=places_)) if own else None
    source = InvoiceFile("factures.csv", None, len(plan.lines), tuple(x.invoice for x in plan.lines), (), Reading())
    desk = SimpleNamespace(source=source, settings=settings, places=places_, last_run=None)
    planned = cast("Any", SimpleNamespace(desk=desk, plan=plan, ahead=(), problems=()))
    return list(plan_lines(planned, width, full=full, quiet=False, verbose=verbose))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_a_plan_fits_any_screen(seed: int, full: bool) -> None:
    """No line too long; no number, sum or command broken; one line an invoice; tasks last."""
    plan, width = drawn_plan(seed), 80 + seed * 2
    lines = shown(plan, width, full=full)
    assert [] == [line for line in lines if places(line) > width]
    commands = {way.command for task in plan.tasks for way in ways_of(task)} - {""}
    alone = [task for task in plan.tasks if task.lines[0].reason is not Reason.READING]
    printed = [command for command in commands if any(command in line for line in lines)]
    assert len(printed) >= min(len(alone), 1)
    heads = [i for i, line in enumerate(lines) if line.startswith(("En attente", "Toutes les factures"))]
    if heads:
        table = lines[heads[0] + 1 : lines.index("", heads[0])]
        rows = [line for line in table if re.match(r"  (?:F-|FACT)", line)]
        numbers = [row.split("  ")[1] for row in rows]
        assert len(numbers) == len(set(numbers))
        known = {line.invoice.number: line for line in plan.lines}
        for number, row in zip(numbers, rows, strict=True):
            line = known[number]
            assert line.reason.settled or eur(line.outstanding, line.invoice.currency) in row
        assert not full or len(plan.lines) == len(rows)
    last = [line.partition(" (")[0].partition("\u00a0:")[0] for line in lines if line and not line.startswith(" ")]
    assert last[-1] == ("À faire" if plan.tasks else "À envoyer")
    assert not plan.tasks or last[-2] == "À envoyer"


@pytest.mark.parametrize("seed", range(40))
def test_every_invoice_is_told_or_counted(seed: int) -> None:
    """Listed, spoken of by a message or a task, or among those without news: none is lost."""
    plan = drawn_plan(seed)
    lines = shown(plan, 140)
    head = next((line for line in lines if line.startswith("En attente")), "En attente (0)")
    spoken = {line.key for r in plan.reminders for line in r.lines}
    spoken |= {line.key for task in plan.tasks if task.customer is not None for line in task.lines}
    assert f"En attente ({len(plan.lines) - len(spoken)})" == head or head == "En attente (0)"
    quiet = [line for line in plan.lines if line.key not in spoken and is_quiet(line)]
    assert not quiet or any(counted(quiet) in line.replace("\n", " ") for line in lines)


def test_what_has_no_news_is_counted_in_french() -> None:
    """« à échoir » has no plural, « passée en perte » one in its first word alone."""
    (line,) = plan_for([invoice()], (), day(-20)).lines
    told = [
        line._replace(stop=Stop(reason))
        for reason in (Reason.NOT_DUE, Reason.NOT_DUE, Reason.WRITTEN_OFF, Reason.WRITTEN_OFF, Reason.DRAFT)
    ]
    assert "5 autres sans suite (2 à échoir, 2 passées en perte, brouillon)" == counted(told)


def test_many_like_tasks_are_one_list() -> None:
    """From three on, each with its sum and its command; one or two stand by themselves."""
    known = [invoice(f"F-{i}", owner=customer(f"Client {i}")) for i in range(5)]
    facts = [reminded(about, stage, day(on)) for about in known for stage, on in (("friendly", 5), ("firm", 15))]
    many = list(todo_lines(plan_for(known, facts, day(30)).tasks, 80))
    assert ["À faire (10)", "  1  Valider : mise en demeure, 5 factures"] == many[:2]
    assert "  2  Appeler 5 clients" in many
    for i in range(5):
        owed = f"1{NARROW}200,00{NO_BREAK}€"
        assert f"     Client {i}  {owed}  → relance approve F-{i}" in many
        assert f"     Client {i}  {owed}  → relance show F-{i} --call" in many
    few = list(todo_lines(plan_for(known[:2], facts, day(30)).tasks, 80))
    assert ["1", "2", "3", "4"] == [line.split()[0] for line in few[1:] if line[2] != " "]
    assert 2 == sum("→ relance approve F-" in line for line in few)


def test_what_comes_next_is_said_once() -> None:
    """« ensuite » adds the next stage and its day, but where the reason itself has told them."""
    known = [invoice(), invoice("F-2", owner=customer("Client 2"))]
    facts: list[Fact] = [
        reminded(known[0], "friendly", day(5)),
        Held(invoice_key(known[1]), HoldReason.PAUSE, day(1), day(12)),
    ]
    said = " ".join(shown(plan_for(known, facts, day(6)), 140, verbose=True))
    assert 1 == said.count(", ensuite ")
    assert ", ensuite relance amicale le " in said
    assert ", relance ferme le " in said


def test_a_long_list_of_tasks_leaves_the_rest_on_the_screen() -> None:
    """The first of them and how many others, with the command that shows all; nine stand as they are."""
    for count, shown in ((9, 9), (10, 8), (40, 8)):
        known = [invoice(f"F-{i}", owner=customer(f"Client {i}")) for i in range(count)]
        facts = [reminded(about, stage, day(on)) for about in known for stage, on in (("friendly", 5), ("firm", 15))]
        tasks = [task for task in plan_for(known, facts, day(30)).tasks if task.kind == "approve"]
        lines = list(todo_lines(tasks, 80, others="relance plan --all"))
        assert f"À faire ({count})" == lines[0]
        assert shown == sum("→ relance approve" in line for line in lines)
        assert [f"     {count - shown} autres → relance plan --all"] * (shown < count) == lines[2 + shown :]
        assert count == sum("→ relance approve" in line for line in todo_lines(tasks, 80))


@pytest.mark.parametrize("width", [80, 140])
def test_drafts_of_one_day_are_one_list(width: int) -> None:
    """Whatever their commands take: each whole, beside or below; those of another day or to be thrown away, apart."""
    known = [invoice(f"F-2026-{40 + i}", owner=customer(f"Client {i}")) for i in range(6)]
    facts: list[Fact] = [Drafted(invoice_key(about), "friendly", "email", day(6)) for about in known[:3]]
    facts += [Drafted(invoice_key(known[3]), "friendly", "email", day(7))]
    facts += [Drafted(invoice_key(about), "friendly", "email", day(6), outdated=True) for about in known[4:]]
    lines = list(todo_lines(plan_for(known, facts, day(8)).tasks, width))
    assert "À faire (6)" == lines[0]
    (first,) = [i for i, line in enumerate(lines) if "Revoir 3 messages" in line]
    assert f"  1  Revoir 3 messages\u00a0: brouillon du {day(6):%d/%m}" == lines[first]
    assert "Revoir 2 messages" in "".join(lines)
    assert [] == [line for line in lines if places(line) > width]
    for i in range(4):
        typed = [line.partition("→ ")[2] for line in lines if f"record F-2026-{40 + i} " in line]
        assert f"relance record F-2026-{40 + i} --stage friendly --channel email" == typed[0].partition(" (")[0]
    assert any(line.endswith("→ relance resolve F-2026-40 --not-sent") for line in lines)


def test_nothing_is_noted_before_there_are_settings() -> None:
    """Without a journal no command that writes in it is advised, but the one that comes first; the number stands."""
    known = [invoice(f"F-{i}", owner=customer(f"Client {i}")) for i in range(4)]
    facts = [reminded(about, stage, day(on)) for about in known for stage, on in (("friendly", 5), ("firm", 15))]
    for some in (known, known[:1]):
        lines = list(todo_lines(plan_for(some, facts, day(30)).tasks, 80, "--file f.csv", noted=False))
        typed = {line.partition("→ relance ")[2].split()[0] for line in lines if "→ relance " in line}
        assert {"show", "init"} == typed
        assert lines[-1].endswith("→ relance init")
        assert all(any(f"F-{i}" in line for line in lines) for i in range(len(some)))


@pytest.mark.parametrize("reason", list(Reason))
def test_each_reason_has_few_words(reason: Reason) -> None:
    """For a table: at most 48 characters, no full sentence, nothing left empty."""
    from test_reasons import WHYS  # the facts that some rest on

    stop = Stop(reason, day(8), WHYS.get(reason))
    (line,) = plan_for([invoice()], (), day(6)).lines
    said = glance(line._replace(stop=stop))
    assert 3 <= len(said) <= 48
    assert "None" not in said


def test_the_end_of_the_time_to_sue_is_on_the_screen() -> None:
    """Whatever the reason, before it."""
    old = invoice("F-9", due=day(0) - timedelta(days=5 * 365 - 60))
    (line,) = plan_for([old], [Held(invoice_key(old), HoldReason.DISPUTE, day(-20))], day(0)).lines
    assert glance(line).startswith("prescription le ")
    assert "litige" in glance(line)


@pytest.mark.parametrize("width", [28, 40, 52, 59, 60, 72])
def test_the_first_line_fits_a_narrow_screen(width: int) -> None:
    """The day, the file and what was read, on several lines where one is too short; the file's name is not cut away."""
    lines = shown(drawn_plan(3), width)
    head = lines[: lines.index("")]
    assert [] == [line for line in head if places(line) > width]
    assert "factures.csv" in " ".join(head)
    counts = re.findall(r"[0-9]+ (?:ligne|facture due)", " ".join(head))
    assert len(counts) == sum(len(re.findall(r"[0-9]+ (?:ligne|facture due)", line)) for line in head) > 0
