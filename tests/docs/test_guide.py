"""`relance help`: the pages of the guide on a terminal."""

import re

import pytest
from docs_support import SUBJECTS, guide

from relance.__main__ import run
from relance.display.guide import WIDTH, page_lines
from relance.errors import EXIT_NOTHING_DONE


def _shown(markdown: str) -> list[str]:
    return list(page_lines(markdown))


def _told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(["help", *words])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_page(subject: str) -> None:
    """A page fits 80 columns but for its code, and shows no mark of Markdown."""
    lines = _shown(guide(subject))

    assert "=" * len(lines[0]) == lines[1]
    assert [] == [line for line in lines if len(line) > WIDTH and not line.startswith("    ")]
    assert [] == [line for line in lines if re.search(r"\*\*|\]\(|^\||^#|^```|\ue000", line)]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_command_is_whole(subject: str) -> None:
    """What can be copied stands on one line: code blocks as they are, commands within a sentence uncut."""
    shown = "\n".join(_shown(guide(subject)))
    prose = re.sub(r"^```.*?^```", "", guide(subject), flags=re.DOTALL | re.MULTILINE)

    assert [] == [block for block in re.findall(r"(?<=\n\n)(?:    .*\n)+", prose) if block not in f"{shown}\n"]
    codes = [code.replace(r"\|", "|") for code in re.findall(r"`([^`\n]+)`", prose)]
    assert [] == [code for code in codes if code not in shown]


def test_contents(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a subject, one line for each."""
    code, out, err = _told(capsys)

    assert (0, "") == (code, err)
    assert sorted({*SUBJECTS} - {"sommaire"}) == sorted(re.findall(r"^([a-z-]+) {2,}\w", out, re.MULTILINE)[1:])


@pytest.mark.parametrize("words", ["penalites", "Pénalités", "mise-en-demeure", "mise en demeure"])
def test_subject(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """A subject is named as its page is, or as one writes it."""
    code, out, err = _told(capsys, *words.split())

    assert (0, "") == (code, err)
    assert out.splitlines()[0] in ("Pénalités et indemnité", "La mise en demeure")


@pytest.mark.parametrize("words", ["plan", "templates", "templates copy"])
def test_command(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """Of a command, its section of the page of commands; of one that holds others, theirs."""
    code, out, err = _told(capsys, *words.split())

    assert (0, "") == (code, err)
    assert f"relance {words}" == out.splitlines()[0][: len(f"relance {words}")]
    assert (2 if words == "templates" else 1) == len(re.findall(r"^=+$", out, re.MULTILINE))
    assert "Options communes" in out


def test_unknown_subject(capsys: pytest.CaptureFixture[str]) -> None:
    """No page: exit 2, with the nearest names where some are near."""
    code, out, err = _told(capsys, "pénalité")
    assert (EXIT_NOTHING_DONE, "") == (code, out)
    assert "« pénalité »" in err.replace("\u00a0", " ")
    assert "penalites" in err

    code, out, err = _told(capsys, "../errors")
    assert (EXIT_NOTHING_DONE, "") == (code, out)
    assert "relance help" in err


def test_headings() -> None:
    """Ranks differ by what underlines them."""
    assert ["Titre", "=====", "", "Sous rang", "---------"] == _shown("# Titre\n\n## Sous `rang`\n")


def test_lists() -> None:
    """An item hangs from its mark; items stand together."""
    long = "mot " * 30
    lines = _shown(f"Avant :\n\n- un {long}\n  et fin\n- deux\n10. dix {long}\n")

    assert ["Avant :", ""] == lines[:2]
    assert ["- un mot", "  mot mo"] == [line[:8] for line in lines[2:4]]
    assert "- deux" in lines
    assert "    mot" == lines[-1][:7]


def test_links() -> None:
    """A link to a page says how to read it here, without brackets within brackets; a picture says what it shows."""
    text = "Voyez [les règles](regles.md#x) ([suite](taux.md)), [ici](#bas), [le site](https://a.example/b).\n"

    assert "Voyez les règles (relance help regles) (suite\u00a0: relance help taux), ici, le site" == _shown(text)[0]
    assert "<https://a.example/b>." == _shown(text)[1]
    assert ["    [image\u00a0: Une lettre]"] == _shown("![Une lettre](../letter.png)\n")


def test_tables() -> None:
    """Columns where they fit; else one row below the other, the later cells with the name of their column."""
    head = "| code | sens | fin |\n|---|---|---|\n"

    assert ["code  sens  fin", "----  ----  ---", "0     fait  oui"] == _shown(f"{head}| `0` | fait | oui |\n")
    assert "a|b   fait  oui" == _shown(f"{head}| `a\\|b` | fait | oui |\n")[2]
    long = "mot " * 25
    lines = _shown(f"{head}| `paid` | {long}| le temps |\n| `due` | {long}| |\n")
    assert ["paid", "due"] == [line for line in lines if not line.startswith(" ")]
    assert "    fin\u00a0: le temps" in lines


def test_stress_and_stars() -> None:
    """Stress is dropped; a star within code, or alone, is not stress."""
    assert ["Un mot, deux, legal*3 et charges.rates.*.ecb *"] == _shown(
        "**Un mot**, *deux*, `legal*3` et `charges.rates.*.ecb` *\n"
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_names_no_file_of_the_program(subject: str) -> None:
    """Whoever reads the guide has no checkout: his templates are those that `relance templates copy` gives him."""
    assert "templates_fr" not in guide(subject)
