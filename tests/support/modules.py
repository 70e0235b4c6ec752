"""The modules of relance as the tests of the house look at them: each is read and parsed once."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "relance"
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    """The folder of a module, or its own name where it stands beside them."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def name_of(path: Path) -> str:
    """What a module is imported as."""
    return ".".join(["relance", *path.relative_to(PACKAGE).with_suffix("").parts]).removesuffix(".__init__")


@cache
def text_of(path: Path) -> str:
    """What a module says."""
    return path.read_text("utf-8")


@cache
def tree_of(source: str) -> ast.Module:
    """The tree of a module's text."""
    return ast.parse(source)


@cache
def nodes_of(source: str) -> tuple[ast.AST, ...]:
    """All nodes of that tree."""
    return tuple(ast.walk(tree_of(source)))
