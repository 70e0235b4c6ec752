"""What `plan` prints: one exact JSON document, full lines without a terminal, a harmless table on one."""

import json
import os
import re
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from story_support import MONDAY, PROGRAM, SECONDS, Story, row, story

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
MONEY = re.compile(r"-?\d+\.\d\d")
DAY = re.compile(r"\d{4}-\d\d-\d\d")
NOT_OPEN = {"unclear", "not_issued", "draft", "cancelled", "credit_note", "paid", "written_off", "factored"}
REASONS = set(
    "unclear not_issued draft cancelled credit_note paid written_off factored collection insolvency disputed "
    "payment_plan promised paused excluded direct_debit below_minimum in_doubt answered drafted refused not_due "
    "expired finished stage_done no_address reading backlog changed missing_pdf awaiting_approval too_soon "
    "closed_day stale_input clock deferred over_limit due".split()
)

TEXT, NULL_TEXT, COUNT, TEXTS = "text", "text or null", "integer", "texts"
SUM, DATE, NULL_DATE, TIME = "amount", "date", "date or null", "time"
RUN = {"on": DATE, "unattended": "yes or no", "days_ago": COUNT}
BANK = {"until": NULL_DATE, "gaps": [{"from": DATE, "to": DATE}]}
CONTRACT: dict[str, Any] = {
    "version": COUNT,
    "today": DATE,
    "source": {"file": TEXT, "modified": TIME, "rows": COUNT},
    "unknown_rates": TEXTS,
    "last_run": RUN,
    "bank": BANK,
    "left_out": {"rows": COUNT, "amount": SUM},
    "left_out_amounts": [{"currency": TEXT, "amount": SUM}],
    "totals": [
        {
            "currency": TEXT,
            "invoices": COUNT,
            **dict.fromkeys(("outstanding", "overdue", "interest", "recovery_fees", "claimed"), SUM),
        }
    ],
    "reminders": [
        {
            **dict.fromkeys(("customer", "stage", "channel", "language", "currency"), TEXT),
            **dict.fromkeys(("to", "invoices"), TEXTS),
            **dict.fromkeys(("outstanding", "claimed"), SUM),
        }
    ],
    "tasks": [
        {
            **dict.fromkeys(("kind", "phone", "text", "command"), TEXT),
            **dict.fromkeys(("customer", "stage"), NULL_TEXT),
            "invoices": TEXTS,
        }
    ],
    "invoices": [
        {
            **dict.fromkeys(("number", "customer", "currency", "decision", "reason", "because"), TEXT),
            **dict.fromkeys(("stage", "last_stage", "next_stage"), NULL_TEXT),
            **dict.fromkeys(("issue_date", "last_contact", "next_date"), NULL_DATE),
            "due_date": DATE,
            "days_overdue": COUNT,
            **dict.fromkeys(("total", "paid", "outstanding", "interest", "recovery_fee", "claimed"), SUM),
        }
    ],
    "reading": {
        "agreed": "yes or no",
        "fields": "texts by name",
        "unused": [{"weighty": "yes or no", **dict.fromkeys(("header", "looks_like", "sample"), TEXT)}],
        "ignored": TEXTS,
    },
    "problems": [
        {
            "file": TEXT,
            "message": TEXT,
            "line": "integer or null",
            **dict.fromkeys(("sheet", "column", "value"), NULL_TEXT),
        }
    ],
}


def fits(value: Any, shape: Any) -> bool:
    """Whether a JSON value is what the contract says."""
    if isinstance(shape, str) and shape.endswith(" or null"):
        return value is None or fits(value, shape.removesuffix(" or null"))
    match shape:
        case "integer":
            return type(value) is int
        case "text":
            return isinstance(value, str)
        case "yes or no":
            return isinstance(value, bool)
        case "texts by name":
            return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        case "texts":
            return isinstance(value, list) and all(isinstance(each, str) for each in value)
        case "amount":
            return isinstance(value, str) and MONEY.fullmatch(value) is not None
        case "date":
            return isinstance(value, str) and DAY.fullmatch(value) is not None and bool(date.fromisoformat(value))
        case _:
            return isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*", value) is not None


def differences(value: Any, shape: Any, path: str = "") -> list[str]:
    """Where a document and the contract differ: keys too many, keys missing, wrong types."""
    if shape in (RUN, BANK) and value is None:  # no schedule ever ran, no statement is read
        return []
    if isinstance(shape, dict):
        if not isinstance(value, dict):
            return [f"{path}: no object"]
        found = [f"{path}.{key}" for key in sorted(value.keys() ^ shape.keys())]
        return found + [d for key in value.keys() & shape.keys() for d in differences(value[key], shape[key], key)]
    if isinstance(shape, list):
        if not isinstance(value, list):
            return [f"{path}: no array"]
        return [d for each in value for d in differences(each, shape[0], path)]
    return [] if fits(value, shape) else [f"{path}: {value!r} is no {shape}"]


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def example(here: Story) -> Story:
    """The example file, one line of it broken, without settings."""
    text = (EXAMPLES / "factures.csv").read_text(encoding="utf-8")
    here.invoices.write_text(f"{text}F-2026-099;Zut SARL;;;zut@zut.example;;;01/12/2026;abc;;;;;\n", encoding="utf-8")
    return here


@pytest.mark.parametrize("today", ["2026-01-01", MONDAY, "2026-12-24", "2027-06-01"])
def test_json_is_the_contract(example: Story, today: str) -> None:
    """Exactly its keys at each level, amounts with two decimals, ISO dates, codes of the closed list."""
    done = example.run("plan", "factures.csv", "--format", "json", today=today)
    assert "" == done.err
    document = json.loads(done.out)  # one document and nothing else
    assert [] == differences(document, CONTRACT)
    assert (1, today, 18) == (document["version"], document["today"], document["source"]["rows"])
    for invoice in document["invoices"]:
        assert invoice["reason"] in REASONS
        assert invoice["decision"] in ("remind", "task", "hold")
        assert (invoice["decision"] == "hold") is (invoice["reason"] != "due")
        assert invoice["because"]
        days = (date.fromisoformat(today) - date.fromisoformat(invoice["due_date"])).days
        assert days == invoice["days_overdue"]
        if days <= 0 or invoice["reason"] in NOT_OPEN:
            assert ("0.00", "0.00", "0.00") == tuple(invoice[k] for k in ("interest", "recovery_fee", "claimed"))
    assert [(19, "Montant TTC", "abc")] == [(p["line"], p["column"], p["value"]) for p in document["problems"]]


@pytest.mark.parametrize("today", [MONDAY, "2026-12-24"])
def test_totals_are_the_sums_of_the_invoices(example: Story, today: str) -> None:
    """Recomputed here from the invoices alone; what is settled or not issued enters none."""
    document = example.run("plan", "factures.csv", "--format", "json", today=today).json
    lines = [invoice for invoice in document["invoices"] if invoice["reason"] not in NOT_OPEN]
    late = [invoice for invoice in lines if invoice["days_overdue"] > 0]

    def total(key: str, rows: list[dict[str, str]]) -> str:
        return f"{sum((Decimal(each[key]) for each in rows), Decimal(0)):.2f}"

    for each in lines:
        assert Decimal(each["total"]) - Decimal(each["paid"]) == Decimal(each["outstanding"])
    for each in late:
        parts = (Decimal(each[key]) for key in ("outstanding", "interest", "recovery_fee"))
        assert sum(parts) == Decimal(each["claimed"])
    assert [
        {
            "currency": "EUR",
            "invoices": len(lines),
            "outstanding": total("outstanding", lines),
            "overdue": total("outstanding", late),
            "interest": total("interest", late),
            "recovery_fees": total("recovery_fee", late),
            "claimed": total("claimed", late),
        }
    ] == document["totals"]
    by_number = {invoice["number"]: invoice for invoice in document["invoices"]}
    for reminder in document["reminders"]:
        named = [by_number[number] for number in reminder["invoices"]]
        assert total("outstanding", named) == reminder["outstanding"]
        assert total("claimed", named) == reminder["claimed"]
        assert {"remind"} == {invoice["decision"] for invoice in named}
    reminded = sorted(number for reminder in document["reminders"] for number in reminder["invoices"])
    assert sorted(i["number"] for i in document["invoices"] if i["decision"] == "remind") == reminded


LONG = f"service.comptabilite.fournisseurs.et.reglements@{'une-tres-longue-societe-' * 2}sarl.example"


def test_no_address_is_cut(here: Story) -> None:
    """Without a terminal addresses and numbers are whole, whatever their length and whatever COLUMNS says."""
    name = "Société Très Longue de Fabrication et de Distribution de Matériels Divers SARL"
    here.write(row("F-1", name, "20/11/2026", email=LONG))
    for args in ((), ("--format", "lines")):
        done = here.run("plan", "factures.csv", *args, today="2026-11-25", COLUMNS="40")
        assert 0 == done.code
        [line] = [each for each in done.out.splitlines() if "F-1" in each]
        assert f"  {LONG}  F-1  1\u202f200,00\u00a0€" in line
        assert 140 >= len(line)
        assert "\x1b" not in done.out
    sent = here.run("send", "factures.csv", "--dry-run", today="2026-11-25", COLUMNS="40")
    assert f" <{LONG}>\n" in sent.out


def test_a_terminal_shows_a_table(here: Story) -> None:
    """As wide as it is, with weights; `--format` decides otherwise."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"), row("F-2", "Beta SARL", "20/11/2026"))
    shown = here.on_terminal("plan", "factures.csv", "--today", MONDAY, COLUMNS="150")
    assert 0 == shown.code
    for words in ("En attente", "Reste dû", "F-1", "F-2", "Alpha SARL", "\x1b[31mJ+3\x1b[0m"):
        assert words in shown.out
    lines = here.on_terminal("plan", "factures.csv", "--today", MONDAY, "--format", "lines", NO_COLOR="1").out
    assert lines == here.run("plan", "factures.csv", "--today", MONDAY).out
    as_json = here.on_terminal("plan", "factures.csv", "--today", MONDAY, "--format", "json").out
    assert [] == differences(json.loads(as_json), CONTRACT)


HOSTILE = {
    "markup": "[bold red]Alpha[/] [link=https://evil.example]SARL[/link]",
    "bad markup": "Alpha [/nothing] SARL",
    "escape": "Alpha \x1b[2J\x1b]0;title\x07 SARL",
    "c1": "Alpha \x9b31m SARL",
    "right to left": "Alpha \u202elraS\u202c SARL",
    "isolates": "Alpha \u2067SARL\u2069",
    "return": "Alpha\rOméga SARL",
    "bell": "Alpha \a\b\b\b SARL",
    "emoji code": "Alpha :skull: SARL",
    "template": "Alpha {{ 7 * 7 }} {% if %} SARL",
}
DANGER = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("name", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_names_are_harmless(here: Story, name: str) -> None:
    """Data cannot steer a terminal, hide text or end a run; what is printable is shown as it is."""
    here.write(row("F-1", f'"{name}"', "20/11/2026", email="compta@alpha.example"))
    commands = (
        ("plan", "factures.csv"),
        ("plan", "factures.csv", "--format", "json"),
        ("show", "F-1", "--file", "factures.csv"),
        ("send", "factures.csv", "--dry-run"),
        ("check", "factures.csv"),
    )
    for command in commands:
        done = here.run(*command, today="2026-11-25")
        assert done.code in (0, 1) or command[0] == "show", done.err
        assert not DANGER.search(done.out), command
        assert not DANGER.search(done.err), command
    shown = here.on_terminal("plan", "factures.csv", "--today", "2026-11-25", COLUMNS="200")
    assert shown.code in (0, 1)
    colours = re.compile(r"\x1b\[[\d;]*m")  # our own weights
    assert not DANGER.search(colours.sub("", shown.out))
    if name.isprintable():
        for text in (here.run("plan", "factures.csv", today="2026-11-25").out, colours.sub("", shown.out)):
            assert (name if len(name) <= 40 else f"{name[:39]}…") in text
    document = here.run("plan", "factures.csv", "--format", "json", today="2026-11-25").json
    # What nobody can print is read, or said to be unreadable: it is in the document once.
    assert 1 == len(document["invoices"]) + len(document["problems"])
    assert bool(document["problems"]) <= (not name.isprintable())


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"LANG": "fr_FR.UTF-8"}, {"PYTHONIOENCODING": "ascii"}],
    ids=lambda env: "-".join(env.values()),
)
def test_locales(here: Story, env: dict[str, str]) -> None:
    """Cron has no locale: the same octets of UTF-8 come out."""
    here.write(row("F-1", "Éditions Bœuf SARL", "20/11/2026"))
    usual = here.run_alone("plan", "factures.csv", today=MONDAY)
    done = here.run_alone("plan", "factures.csv", today=MONDAY, **env)
    assert (usual.code, usual.out, usual.err) == (done.code, done.out, done.err)
    assert "Éditions Bœuf SARL" in done.out
    wrong = here.run_alone("plan", "absente-é.csv", **env)
    assert 2 == wrong.code
    assert "absente-é.csv" in wrong.err


def bare(here: Story, *args: str, preexec: str = "", **env: str) -> "subprocess.CompletedProcess[bytes]":
    """Run through a shell that closes or redirects something first, with nothing in the environment but `env`."""
    words = " ".join(f"'{word}'" for word in (*PROGRAM, *args))
    return subprocess.run(
        ["/bin/sh", "-c", f"{words} {preexec}"],
        cwd=here.folder,
        env={name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ} | env,
        capture_output=True,
        timeout=SECONDS,
    )


def test_without_home(here: Story) -> None:
    """Neither HOME nor a locale: cron and units have none."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    done = bare(here, "plan", "factures.csv", "--today", MONDAY)
    assert (0, b"") == (done.returncode, done.stderr)
    assert b"F-1" in done.stdout


@pytest.mark.parametrize("args", [("plan",), ("send", "--dry-run")])
def test_closed_standard_input(here: Story, args: tuple[str, ...]) -> None:
    """Nobody can answer, nothing is asked."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    done = bare(here, *args, "factures.csv", "--today", "2026-11-25", preexec="<&-")
    assert (0, b"") == (done.returncode, done.stderr)
    assert b"F-1" in done.stdout


@pytest.mark.parametrize("form", ["lines", "json"])
def test_a_broken_pipe_is_silent(here: Story, form: str) -> None:
    """`| head -1` ends the reading; no complaint, no traceback."""
    rows = [row(f"F-{n}", f"Client {n} SARL", "20/11/2026") for n in range(3000)]
    here.write(*rows)
    pipe = f"--format {form} --today {MONDAY} | head -c 20"
    done = bare(here, "plan", "factures.csv", preexec=pipe)
    assert (20, b"") == (len(done.stdout), done.stderr)


def test_a_full_disk_is_said(here: Story) -> None:
    """What cannot be printed is no success."""
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    here.write(row("F-1", "Alpha SARL", "20/11/2026"))
    done = bare(here, "plan", "factures.csv", "--today", MONDAY, preexec="> /dev/full")
    assert 0 != done.returncode
    assert b"Traceback" not in done.stderr
    assert 1 == len(done.stderr.splitlines())


def test_a_file_without_any_invoice(here: Story) -> None:
    """Titles and nothing else: nothing to do, and it is said why."""
    here.settings(25)
    here.write()
    for command in (("plan",), ("plan", "--quiet"), ("check", "--offline")):
        done = here.run(*command, today=MONDAY)
        assert (0, "") == (done.code, done.err)
        assert 1 == done.out.count("Aucune facture n’a été lue dans ce fichier.")


def test_quiet_and_verbose(here: Story) -> None:
    """`--quiet` leaves out what only waits, `--verbose` adds what comes next."""
    here.write(row("F-1", "Alpha SARL", "20/11/2026"), row("F-2", "Beta SARL", "25/12/2026", issued="20/11/2026"))
    usual, quiet, verbose = (
        here.run("plan", "factures.csv", *more, today="2026-11-25").out for more in ((), ("--quiet",), ("--verbose",))
    )
    assert "F-1" in usual
    assert ("F-2" in usual, "1 autre sans suite (à échoir)" in usual) == (False, True)
    assert re.search(r"relance préventive le \d\d/12", verbose)
    assert "F-1" in quiet
    assert "F-2" not in quiet
    assert len(usual) < len(verbose)


def test_the_workbook_says_the_same(here: Story) -> None:
    """The example workbook and the example file are one plan, but for who typed the addresses."""
    plans = []
    for name in ("factures.csv", "factures.xlsx"):
        (here.folder / name).write_bytes((EXAMPLES / name).read_bytes())
        plans.append(here.run("plan", name, "--format", "json", today=MONDAY).json)
    for plan in plans:
        del plan["source"], plan["reading"]
    assert plans[0] == plans[1]
