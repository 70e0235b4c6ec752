"""The house: which room may import which, what stays out of the core, what is imported only when needed."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from modules import FILES, ROOT, name_of, nodes_of, room_of, text_of, tree_of

CORE = [path for path in FILES if room_of(path) == "core"]

ALLOWED = {
    "core": {"core", "errors"},
    "errors": {"french"},
    "french": set[str](),
    "letters": {"core", "errors", "french", "letters"},
    "sources": {"core", "errors", "french", "sources"},
    "delivery": {"letters", "journal", "core", "config.providers", "errors", "french", "delivery"},
    "journal": {"core", "errors", "french", "journal"},
    "config": {"core", "delivery.account", "sources.source", "errors", "french", "config"},
    "schedule": {"errors", "french", "schedule"},
    "display": {"core", "errors", "french", "display"},
    "runs": {"config", "core", "delivery", "errors", "french", "journal", "letters", "runs", "schedule", "sources"},
    "cli": {"runs", "display", "core", "errors", "french", "cli"},
    "__main__": {"cli", "display", "errors", "french"},
    "__init__": set[str](),
}
"""The rooms that each room may import."""
FOR_TYPES = {"display": {"config", "sources", "runs", "delivery", "journal", "letters", "schedule"}}
"""What a room may import under TYPE_CHECKING alone: values it shows without making them."""
VERSION = {("cli", "relance.__version__"), ("runs", "relance.__version__")}

HEAVY = {
    "openpyxl": {"sources"},
    "smtplib": {"delivery"},
    "jinja2": {"letters"},
    "pydantic": {"config"},
    "pydantic_core": {"config"},
    "rich": set(),
    "sqlite3": {"journal"},
    "typst": set(),
    "segno": set(),
    "stdnum": set(),
}
"""Modules that cost time, and the only rooms that may import them at the top of a module; of some, none."""
CORE_MAY_IMPORT = set(
    "collections dataclasses datetime decimal enum fractions functools itertools math operator re types typing "
    "unicodedata dateutil.easter".split()
)
"""What a pure room needs of the library."""
CORE_MAY_NOT_CALL = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
CORE_MAY_NOT_ASK = {"today", "now", "utcnow", "time", "time_ns", "monotonic", "localtime", "fromtimestamp"}

WORDS_IN_CORE = {
    "lifecycle.py": "the labels of the statuses of XP Z12-012, as the norm has them",
    "kinds.py": "the words in names that tell companies, public bodies and persons apart",
    "interest.py": "how users write a rate",
    "label_words.py": "how banks and customers write the label of a transfer",
    "policy.py": "the labels of the default stages: data, as those that the settings give",
    "reference_rates.py": "where each rate was read",
    "ways.py": "where each way was read: articles, addresses",
}
"""Modules of the core that hold words that a person reads or writes, with what they are."""
STRING_METHODS = {"find", "index", "partition", "rpartition", "split", "rsplit", "splitlines", "startswith"} | {
    *("endswith", "removeprefix", "removesuffix")
}
"""Ways to take a packed string apart."""


def _only_for_types(node: ast.If) -> bool:
    test = node.test
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _imports(tree: ast.AST, *, at_top: bool = True, typing: bool = False) -> Iterator[tuple[str, bool, bool]]:
    """Each imported name in full, whether it is imported with its module, and whether for types alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, at_top, typing) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "absolute imports only"
            yield from ((f"{node.module}.{alias.name}", at_top, typing) for alias in node.names)
        elif isinstance(node, ast.If) and _only_for_types(node):
            for child in node.body:
                yield from _imports(ast.Module([child], []), at_top=at_top, typing=True)
            yield from _imports(ast.Module(node.orelse, []), at_top=at_top, typing=typing)
        else:
            inside = isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from _imports(node, at_top=at_top and not inside, typing=typing)


@cache
def _imported(source: str) -> tuple[tuple[str, bool, bool], ...]:
    """The imports of a module's text."""
    return tuple(_imports(tree_of(source)))


def _within(name: str, allowed: set[str]) -> bool:
    inside = name.removeprefix("relance.")
    return any(inside == room or inside.startswith(f"{room}.") for room in allowed)


def _faults(source: str, room: str) -> list[str]:
    """The imports of a module's text that its room may not make."""
    found = []
    for name, _, typing in _imported(source):
        if name != "relance" and not name.startswith("relance."):
            continue
        allowed = ALLOWED[room] | (FOR_TYPES.get(room, set()) if typing else set())
        if not _within(name, allowed) and (room, name) not in VERSION:
            found.append(name)
    return found


def _heavy(source: str, room: str) -> list[str]:
    """The costly modules that a module's text imports at its top without owning them."""
    return [
        name
        for name, at_top, typing in _imported(source)
        if at_top and not typing and room not in HEAVY.get(name.split(".")[0], {room})
    ]


def _root(node: ast.expr) -> str:
    """The name that a chain of attributes starts from."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _impure(source: str) -> list[str]:
    """Reads of the clock, input, output and imports that the core does without."""
    found = [
        name
        for name, _, _ in _imported(source)
        if not name.startswith("relance.") and not _within(name, CORE_MAY_IMPORT)
    ]
    bound = {name.asname or name.name.split(".")[0] for name in nodes_of(source) if isinstance(name, ast.alias)}
    for node in nodes_of(source):
        if isinstance(node, ast.Attribute) and node.attr in CORE_MAY_NOT_ASK:
            # `case.today` is an argument kept; `date.today`, of an imported name, is the clock.
            if _root(node) in bound:
                found.append(f".{node.attr}")
        elif isinstance(node, ast.Name) and node.id in CORE_MAY_NOT_CALL:
            found.append(node.id)
    return found


def _worded(source: str) -> list[str]:
    """What a module's text makes for a person to read: words in a row, accents, the format of a date or an hour."""
    # Docstrings explain, and go nowhere.
    alone = {id(node.value) for node in nodes_of(source) if isinstance(node, ast.Expr)}
    said = [node.value for node in nodes_of(source) if isinstance(node, ast.Constant) and id(node) not in alone]
    return [
        text
        for text in said
        if isinstance(text, str) and re.search(r"[^\W\d_][,.]? [^\W\d_]|%[-a-zA-Z]|[^\W\d_a-zA-Z]", text)
    ]


def _parsed_notes(source: str) -> list[str]:
    """Where a module's text takes a note, or what facts are remembered by, apart: `line.note.partition`."""
    return [
        f"{node.value.attr}.{node.attr}"
        for node in nodes_of(source)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and node.value.attr in ("note", "mark")
        and node.attr in STRING_METHODS
    ]


def _all(paths: Iterable[Path], faults: Callable[[str, str], list[str]]) -> dict[str, list[str]]:
    """What is found in the text of each of these modules, by its name; those without a fault are left out."""
    return {name_of(path): found for path in paths if (found := faults(text_of(path), room_of(path)))}


def test_every_room_has_its_rule() -> None:
    """A new room comes with a line in the table."""
    assert len(FILES) > 10
    assert len(CORE) > 10
    assert set() == {room_of(path) for path in FILES} - set(ALLOWED)


def test_imports_go_one_way() -> None:
    """Each module imports what its room may."""
    assert {} == _all(FILES, _faults)


def test_costly_modules_are_imported_when_needed() -> None:
    """At the top of a module, only in the room that owns them."""
    assert {} == _all(FILES, _heavy)


def test_the_core_is_pure() -> None:
    """No clock, no file, no network, no terminal."""
    assert {} == _all(CORE, lambda source, _: _impure(source))


def test_the_core_says_nothing() -> None:
    """No French, no sentence, no format of a date: values leave the core, and the display finds the words."""
    silent = [path for path in CORE if path.name not in WORDS_IN_CORE]
    assert {} == _all(silent, lambda source, _: _worded(source))


def test_a_note_is_read_as_it_stands() -> None:
    """What a person wrote holds no facts that a program could take out of it."""
    assert {} == _all(FILES, lambda source, _: _parsed_notes(source))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("said = 'relance ferme'", ["relance ferme"]),
        ("said = f'{number} est réglée'", [" est réglée"]),
        ("word = 'litige'", []),
        ("word = 'échéance'", ["échéance"]),
        ("key = f'paid {number}'", []),
        ("hour = f'{at:%H:%M}'", ["%H:%M"]),
        ("hour = at.strftime('%d/%m')", ["%d/%m"]),
        ("def f():\n    'Un mot à lire.'", []),
    ],
)
def test_the_check_of_words_sees(source: str, expected: list[str]) -> None:
    """Sentences, accents and formats, wherever they hide; a docstring explains."""
    assert expected == _worded(source)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("kind, _, sender = line.note.partition(':')", ["note.partition"]),
        ("line.note.startswith('number:')", ["note.startswith"]),
        ("stop.why.mark.split('|')", ["mark.split"]),
        ("said = line.note or ''", []),
    ],
)
def test_the_check_of_notes_sees(source: str, expected: list[str]) -> None:
    """Each way to take a packed string apart is seen."""
    assert expected == _parsed_notes(source)


@pytest.mark.parametrize(
    ("room", "source", "expected"),
    [
        ("core", "from relance.sources import read", ["relance.sources.read"]),
        ("core", "def f():\n    import relance.french", ["relance.french"]),
        ("french", "from relance.core import plan", ["relance.core.plan"]),
        ("config", "from relance.core.message import Sender", []),
        ("config", "from relance.letters.render import render", ["relance.letters.render.render"]),
        ("config", "from relance.letters import render", ["relance.letters.render"]),
        ("display", "from relance.runs.plan import Planned", ["relance.runs.plan.Planned"]),
        (
            "display",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from relance.runs.plan import Planned",
            [],
        ),
        ("runs", "try:\n    from relance.cli import app\nexcept ImportError: pass", ["relance.cli.app"]),
        ("cli", "from relance import __version__", []),
        ("core", "from relance import __version__", ["relance.__version__"]),
    ],
)
def test_the_table_is_enforced(room: str, source: str, expected: list[str]) -> None:
    """The check itself sees imports wherever they hide."""
    assert expected == _faults(source, room)


@pytest.mark.parametrize(
    ("room", "source", "expected"),
    [
        ("runs", "import sqlite3", ["sqlite3"]),
        ("journal", "import sqlite3", []),
        ("runs", "def f():\n    import sqlite3", []),
        ("cli", "from rich.table import Table", ["rich.table.Table"]),
        ("cli", "class A:\n    import jinja2", ["jinja2"]),
        ("runs", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import openpyxl", []),
    ],
)
def test_the_lazy_rule_is_enforced(room: str, source: str, expected: list[str]) -> None:
    """An import inside a function, or for types alone, costs nothing at the start."""
    assert expected == _heavy(source, room)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from datetime import date\ndate.today()", [".today"]),
        ("import datetime\ndatetime.datetime.now()", [".now"]),
        ("import time\ntime.time()", ["time", ".time"]),
        ("open('x')", ["open"]),
        ("print('x')", ["print"]),
        ("import os\nos.getcwd()", ["os"]),
        ("from pathlib import Path", ["pathlib.Path"]),
        ("from datetime import date as day\nclock = day.today", [".today"]),
        ("case.today", []),
    ],
)
def test_the_purity_check_sees(source: str, expected: list[str]) -> None:
    """Each way to reach the world is seen."""
    assert expected == _impure(source)


HEADERS = "Numéro;Client;E-mail;Date;Échéance;Montant TTC"
LISTS = {
    "one invoice": ["F-1;Alpha SAS;a@alpha.example;01/10/2026;31/10/2026;1200,00"],
    "some customers": [
        f"F-{n};Client {n % 3} SARL;c{n % 3}@client.example;01/09/2026;{n + 1:02}/{10 + n % 2}/2026;1200,00"
        for n in range(25)
    ],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LISTS)
def test_a_plan_of_a_csv_file_loads_little(name: str, tmp_path: Path) -> None:
    """`relance plan FILE.csv` starts without openpyxl, smtplib, Jinja, Rich, pydantic, OpenSSL or time zones.

    Of a list whose every row is one invoice, fewer than eighty modules of ours: what few files have comes with them.
    """
    table = tmp_path / "factures.csv"
    table.write_text("\n".join((HEADERS, *LISTS[name], "")), "utf-8")
    environment = {k: v for k, v in os.environ.items() if k != "RELANCE_CONFIG"}
    environment |= {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    command = [sys.executable, "-X", "importtime", "-m", "relance", "plan", table.name, "--today", "2026-11-20"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    modules = {line.rsplit("|", 1)[1].strip() for line in run.stderr.splitlines() if "import time:" in line}
    loaded = {module.split(".")[0] for module in modules}
    said = [line for line in run.stderr.splitlines() if "import time:" not in line]
    assert run.returncode in (0, 1), said
    assert "F-1" in run.stdout
    assert {"relance", "typer"} <= loaded
    assert set() == loaded & {"openpyxl", "smtplib", "jinja2", "rich", "pydantic", "sqlite3", "hashlib", "zoneinfo"}
    assert set() == modules & OF_BANK
    ours = sorted(module for module in modules if module.split(".")[0] == "relance")
    assert len(ours) < 80, ours


OF_BANK = {
    f"relance.{each}"
    for each in (
        *("core.bank", "core.banked", "core.matching", "core.ledger", "core.references", "core.payers"),
        *("core.credit_names", "core.reversals", "core.sums", "core.statement", "core.label_words"),
        *("runs.statements", "runs.bank", "display.bank", "display.bank_answers", "sources.statements"),
        *("sources.bank_entries", "sources.bank_tables", "sources.ofx", "sources.camt", "sources.cfonb", "sources.qif"),
    )
}
"""What only who has statements needs."""
OF_STATUSES = {
    *(f"relance.core.{name}" for name in ("lifecycle", "collected", "status_keys", "status_tasks")),
    *(
        "relance.sources.statuses",
        "relance.sources.status_words",
        "relance.runs.lifecycle",
        "relance.display.lifecycle",
    ),
}
"""What only who has the exports of a platform needs."""


@pytest.mark.slow
@pytest.mark.parametrize(("bank", "expected"), [("", False), ('[bank]\nfiles = "releves/*"\n', True)])
def test_a_plan_loads_the_bank_where_statements_are_named(tmp_path: Path, bank: str, expected: bool) -> None:
    """With settings too, no module of it is loaded without `[bank]`."""
    (tmp_path / "factures.csv").write_text(
        "Numéro;Client;Échéance;Montant TTC\nF-1;A SAS;31/10/2026;1200,00\n", "utf-8"
    )
    settings = '[sender]\nname = "C"\nemail = "c@c.example"\n[invoices]\nfile = "factures.csv"\n'
    (tmp_path / "relance.toml").write_text(settings + bank, "utf-8")
    code = "import sys; from relance.__main__ import run; run(['plan', '--today', '2026-11-20'])\n"
    code += "print('loaded', *(module for module in sys.modules if module.startswith('relance')))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    loaded = run.stdout.splitlines()[-1].split()
    assert {"loaded", "relance.core.planning"} <= set(loaded), run.stderr
    assert expected == bool(set(loaded) & OF_BANK)
    assert not set(loaded) & OF_STATUSES
