"""No pattern of ours takes a time that doubles with each letter: all of them, with texts made to be hard for each."""

import ast
import importlib
import re
import time
from collections.abc import Iterator
from re import _parser as parser  # type: ignore[attr-defined]  # the only reader of patterns there is
from typing import Any

import pytest
from modules import FILES, ROOT, nodes_of, text_of

FUNCTIONS = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
MANY = 10
"""A repeat that may be longer than this is tried."""
SAMPLES = "a1 .-\\\"'<>()[]{}@é\n"
"""What is tried beside the letters that a pattern names itself."""
LENGTHS = (6, 10, 14, 18, 22, 26)
SLOW = 0.004  # seconds of the processor for twenty letters: a busy machine is no slow pattern


def _written() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every pattern in the source that is one literal, and every compiled one that a module keeps."""
    for path in FILES:
        where = str(path.relative_to(ROOT))
        for node in nodes_of(text_of(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FUNCTIONS:
                of_re = isinstance(node.func.value, ast.Name) and node.func.value.id == "re"
                first = node.args[0] if of_re and node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str | bytes):
                    yield f"{where}:{node.lineno}", re.compile(first.value)
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if not name.endswith("__main__"):
            kept = vars(importlib.import_module(name.removesuffix(".__init__")))
            for label, value in list(kept.items()):
                for one in value if isinstance(value, tuple | list) else [value]:
                    if isinstance(one, re.Pattern):
                        yield f"{where}:{label}", one


def _letters(nodes: Any) -> set[str]:
    """The letters that a part of a pattern names, with the ends of its ranges."""
    found: set[str] = set()
    for kind, value in nodes:
        name = str(kind)
        if name in ("LITERAL", "NOT_LITERAL"):
            found.add(chr(value))
        elif name == "RANGE":
            found |= {chr(value[0]), chr(value[1])}
        elif name == "IN":
            found |= _letters(value)
        else:
            for inside in _inside(kind, value):
                found |= _letters(inside)
    return found


def _inside(kind: Any, value: Any) -> list[Any]:
    match str(kind):
        case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
            return [value[2]]
        case "SUBPATTERN":
            return [value[3]]
        case "BRANCH":
            return list(value[1])
        case "ASSERT" | "ASSERT_NOT":
            return [value[1]]
        case "ATOMIC_GROUP":
            return [value]
    return []


def _shortest(nodes: Any) -> str:
    """A short text for a part of a pattern; it need not be right, only near."""
    said = ""
    for kind, value in nodes:
        match str(kind):
            case "LITERAL":
                said += chr(value)
            case "ANY" | "NOT_LITERAL":
                said += "a"
            case "IN":
                said += _one_of(value)
            case "MAX_REPEAT" | "MIN_REPEAT":
                said += _shortest(value[2]) * value[0]
            case "SUBPATTERN":
                said += _shortest(value[3])
            case "BRANCH":
                said += _shortest(value[1][0])
    return said


def _one_of(nodes: Any) -> str:
    """A letter of a class; for one that refuses some, another one."""
    named = _letters([each for each in nodes if str(each[0]) != "NEGATE"])
    if str(nodes[0][0]) == "NEGATE":
        return next(letter for letter in "a1 z-" if letter not in named)
    return min(named, default="a")


def _repeats(nodes: Any, before: str = "") -> Iterator[tuple[str, set[str]]]:
    """Each long repeat: a text that leads up to it, and the letters of its body."""
    for place, (kind, value) in enumerate(nodes):
        lead = before + _shortest(nodes[:place])
        if str(kind) in ("MAX_REPEAT", "MIN_REPEAT") and value[1] > MANY:
            yield lead, _letters(value[2])
        for inside in _inside(kind, value):
            yield from _repeats(inside, lead)


def _hard_texts(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    tree = parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    for lead, letters in _repeats(list(tree)):
        named = "".join(sorted(letters))[:12]
        for one in dict.fromkeys(named + SAMPLES):
            yield lead, one
            for other in dict.fromkeys(named[:6] + "a1 \\"):
                yield lead, one + other


def _doubles(pattern: re.Pattern[Any]) -> str:
    """The unit that makes it slow, empty where there is none."""
    for lead, unit in _hard_texts(pattern):
        for length in LENGTHS:
            took = 0.0
            for end in ("", "\0", '"', "!)"):
                text = lead + unit * (length // len(unit)) + end
                said = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
                start = time.thread_time()
                pattern.search(said)
                took = max(took, time.thread_time() - start)
            if took > SLOW and length > LENGTHS[0]:
                again = time.thread_time()
                pattern.search(said)
                if time.thread_time() - again > SLOW / 2:
                    return unit
    return ""


@pytest.mark.slow
def test_no_pattern_is_exponential() -> None:
    """Sixty letters at most, each pattern: all of them in next to no time."""
    patterns = {(one.pattern, one.flags): where for where, one in _written()}
    assert len(patterns) > 100
    assert {} == {where: unit for where, one in _written() if (unit := _doubles(one))}


@pytest.mark.parametrize(
    "bad", [r"(a+)+$", r'\(x\) "(?:\\.|[^"])*"$', r"^(?:\w+\s?)*:", r"(?:a|a)*b", rb"<(?:[^>]|\\.)*>"]
)
def test_a_bad_pattern_is_found(bad: str | bytes) -> None:
    """The check itself finds one, behind a beginning too."""
    assert _doubles(re.compile(bad))
