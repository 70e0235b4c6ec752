"""The dossier in which wrong turns are taken, and what an answer offers to type instead."""

import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from story_support import MONDAY, Done, Story, row, story

INVOICES = (
    row("F-2026-012", "Garage Petit", "18/10/2026", "640,00", issued="18/09/2026"),
    row("F-2026-041", "Atelier Roux", "05/11/2026", "1 200,00", issued="06/10/2026"),
    row("F-2026-042", "Atelier Roux", "20/11/2026", "300,00", issued="21/10/2026"),
    row("F-2026-107", "Société L’Étoile", "15/11/2026", "2 500,00", issued="16/10/2026", email="compta@etoile.example"),
    row("F-2026-140", "Mairie de Sète", "10/11/2026", "890,00", issued="11/10/2026"),
    row(
        "F-2026-090", "Cabinet Blanc", "01/11/2026", "450,00", issued="01/10/2026", paid="450,00", paid_on="02/11/2026"
    ),
    row("F-2026-150", "Gamma SARL", "20/11/2026", "700,00", issued="20/10/2026", email="paris@gamma.example"),
    row("F-2026-151", "Gamma SARL", "21/11/2026", "800,00", issued="20/10/2026", email="lyon@gamma.example"),
)
SETTINGS = """[sender]
name = "Camille Martin"
email = "camille@martin.example"

[invoices]
file = "factures.csv"

[charges]
rate = 14.0

[policy]
default_kind = "business"
group = true

[delivery]
transport = "folder"
"""
ELSEWHERE = "ailleurs"
"""A folder beside the dossier, with nothing in it."""
_TOLD = (
    ("record", "F-2026-012", "--stage", "friendly", "--channel", "email", "--on", "2026-10-26"),
    ("record", "F-2026-012", "--stage", "firm", "--channel", "email", "--on", "2026-11-05"),
    ("hold", "F-2026-107", "--reason", "dispute"),
    ("pay", "F-2026-140", "--amount", "90"),
)
"""A notice that waits for approval, a dispute, a payment that the file does not know."""


def dossier(folder: Path) -> Path:
    """A folder with invoices, settings and a journal that knows things, at a place where none was used before."""
    first = folder / "premier"
    first.mkdir()
    built = story(first)
    (first / "relance.toml").write_text(SETTINGS, encoding="utf-8")
    (first / ELSEWHERE).mkdir()
    built.write(*INVOICES)
    assert 0 == built.run("send", today="2026-10-01").code
    for fact in _TOLD:
        done = built.run(*fact, today=MONDAY)
        assert 0 == done.code, done.err
    return first.rename(folder / "dossier")  # a journal is its folder's: copies are those of one that moved


def copy_of(made: Path, folder: Path) -> Story:
    """One of those dossiers for a test of its own."""
    shutil.copytree(made, folder, dirs_exist_ok=True)
    built = Story(folder)
    built.saved_on(MONDAY)
    return built


def offered(answer: str, typed: Sequence[str]) -> Iterator[list[str]]:
    """The command lines that an answer offers, without their `relance`, in the order in which one reads them.

    « Exemple : --on hier » is typed after the command, « Exemple : 20/11/2026 » in the place of what was refused.
    """
    plain = answer.replace("\u00a0", " ").replace("\u202f", " ")
    for line in plain.splitlines():
        yield from (shlex.split(found) for found in re.findall(r"→ relance (.+)$", line))
    yield from (shlex.split(found) for found in re.findall(r"« relance ([^»]+) »", plain))
    for example in re.findall(r"Exemple : (.+?)\.?(?:$| \()", plain, re.MULTILINE):
        words = shlex.split(example)
        if words[0].startswith("--"):
            at = typed.index(words[0]) if words[0] in typed else len(typed)
            yield [*typed[:at], *typed[at + 2 :], *words]
        else:
            refused = re.findall(r"« ([^»]*) »", plain)
            yield [_in_place(word, refused, example) for word in typed]


def _in_place(word: str, refused: Sequence[str], example: str) -> str:
    head, sign, tail = word.partition("=")
    return example if word in refused else f"{head}={example}" if sign and tail in refused else word


def works(done: Done) -> bool:
    """Whether a command did what it was asked; 1 says that there is something to look at."""
    return done.code in (0, 1)
