"""What keeps the house small enough to be seen: sizes, complexity, circles, names, where sentences are typeset."""

import ast
from collections.abc import Iterable, Iterator
from graphlib import CycleError, TopologicalSorter

from modules import FILES, PACKAGE, name_of, nodes_of, room_of, text_of
from radon.complexity import cc_visit

CORE = [path for path in FILES if path.parent.name == "core"]
LONGEST = 400
"""Lines of one file."""
HIGHEST, MEAN = 15, 4
"""Cyclomatic complexity in core: of one function, and of all in the mean."""
TYPESETTERS = {"errors", "french", "display"}
"""The rooms that may set no-break spaces and curly quotes."""


def _functions(source: str) -> Iterator[tuple[str, int]]:
    """Each function and method with its complexity; of a class, its methods alone."""
    for block in cc_visit(source):
        if block.letter != "C":
            yield block.name, block.complexity


def _imported(source: str, modules: Iterable[str]) -> set[str]:
    """The modules of ours that a module's text imports anywhere, functions and types included."""
    known = set(modules)
    found: set[str] = set()
    for node in nodes_of(source):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in known else node.module)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found & known


def _cycle(graph: dict[str, set[str]]) -> list[str]:
    """One circle of imports, empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _calls(source: str, function: str) -> int:
    return sum(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function
        for node in nodes_of(source)
    )


def test_a_file_is_read_at_one_sitting() -> None:
    """None is longer than LONGEST lines."""
    lengths = {name_of(path): len(text_of(path).splitlines()) for path in FILES}
    assert {} == {name: lines for name, lines in lengths.items() if lines > LONGEST}


def test_the_core_is_simple() -> None:
    """No function of core has more ways through it than HIGHEST; in the mean they have fewer than MEAN."""
    found = [(each, f"{path.name}:{name}") for path in CORE for name, each in _functions(text_of(path))]
    assert [] == [(each, where) for each, where in found if each > HIGHEST]
    assert sum(each for each, _ in found) / len(found) < MEAN


def test_no_import_goes_round() -> None:
    """No module imports itself by way of others, inside functions and for types included."""
    names = [name_of(path) for path in FILES]
    graph = {name_of(path): _imported(text_of(path), names) - {name_of(path)} for path in FILES}
    assert [] == _cycle(graph)


def test_a_circle_is_seen() -> None:
    """The check itself finds one, of a package's own name too."""
    source = "def f():\n    from relance import b\n"
    assert {"relance.b"} == _imported(source, ["relance", "relance.b"])
    assert {"a", "b"} == set(_cycle({"a": {"b"}, "b": {"a"}, "c": {"a"}}))


def test_sentences_are_typeset_where_they_are_shown() -> None:
    """No other room calls typeset."""
    others = [path for path in FILES if room_of(path) not in TYPESETTERS]
    assert [] == [name_of(path) for path in others if _calls(text_of(path), "typeset")]


SUMS = {
    *("french.py", "letters/languages.py"),  # the two that print sums for people, with sign and currency
    *("letters/payment_code.py", "display/documents.py", "display/report_tables.py", "display/evidence_list.py"),
    *("display/show_view.py", "runs/amounts.py", "runs/proofs.py", "core/cuts.py"),
}
"""The files that write an amount themselves: for programs, as it is typed, as a rate, or to compare its figures."""


def test_sums_are_printed_in_one_place() -> None:
    """Everywhere else a sum has its currency and its minus from `eur`."""
    found = {str(path.relative_to(PACKAGE)) for path in FILES if ".2f}" in text_of(path)}
    assert SUMS == found
    bare = {room_of(path) for path in FILES if "amount_fr" in text_of(path)}
    assert {"french", "letters"} == bare


def test_a_class_name_means_one_thing() -> None:
    """No two rooms have a class of one name."""
    found: dict[str, set[str]] = {}
    for path in FILES:
        for node in nodes_of(text_of(path)):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, set()).add(room_of(path))
    assert {} == {name: rooms for name, rooms in found.items() if len(rooms) > 1}
