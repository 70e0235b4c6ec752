"""The user's own templates cannot reach Python, read files, run on or fill the memory (T01 to T07)."""

import os
import time
from pathlib import Path

import pytest
from letters_support import TOLD, one

from relance.core.message import Letter
from relance.errors import TemplateError
from relance.letters.confined import SECONDS, worker_of
from relance.letters.render import render
from relance.letters.templates import Templates, load_templates, shipped_folder

pytestmark = pytest.mark.slow


def letter(templates: Templates) -> Letter:
    """A friendly message."""
    return render(templates, one("friendly"), TOLD)


def own(folder: Path, text: str) -> Templates:
    """The user's own friendly template."""
    (folder / "friendly.txt.j2").write_text(f"Objet : x\n\n{text}\n", encoding="utf-8")
    return load_templates(folder)


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ ''|attr('__class__') }}",
        "{{ cycler.__init__.__globals__.os }}",
        "{{ say.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "Bonjour, il reste {{ montnat }} €",
        "{% include '/etc/passwd' %}",
        "{% include '../../../../etc/passwd' %}",
        "{% include 'lien.txt.j2' %}",
    ],
)
def test_neither_python_nor_files(tmp_path: Path, text: str) -> None:
    """Refused with the file and a cure; a link that leads out of the folder is no template."""
    (tmp_path / "lien.txt.j2").symlink_to("/etc/passwd")
    with pytest.raises(TemplateError, match=r"friendly\.txt\.j2"):
        letter(own(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}",
        "{{ 10**(10**8) }}",
    ],
)
def test_what_does_not_end_is_ended(tmp_path: Path, text: str) -> None:
    """After two seconds, whether Python or a single calculation is at work; the next letter is made again."""
    templates = own(tmp_path, text)
    started = time.monotonic()
    with pytest.raises(TemplateError, match="plus de deux secondes"):
        letter(templates)
    assert time.monotonic() - started < SECONDS + 30  # its start on a busy machine
    (tmp_path / "friendly.txt.j2").unlink()
    assert "F-2026-041" in letter(templates).text


@pytest.mark.skipif(os.name != "posix", reason="la mémoire d'un processus ne se limite pas sur ce système")
@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 10**10 }}",
        "{{ 'a'.rjust(2 * 10**9) }}",
    ],
)
def test_memory_is_small(tmp_path: Path, text: str) -> None:
    """A text that would fill the machine stops at the limit, before any time is lost."""
    with pytest.raises(TemplateError, match="cette ligne demande trop de mémoire"):
        letter(own(tmp_path, text))


def test_the_same_words_as_in_this_process(tmp_path: Path) -> None:
    """A copy of the shipped templates makes the same letter, values and typography included."""
    for path in shipped_folder().glob("*.j2"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    assert letter(load_templates()) == letter(load_templates(tmp_path))


def test_the_process_ends_with_its_templates(tmp_path: Path) -> None:
    """Nothing is left running."""
    templates = own(
        tmp_path, "{{ customer.name }}, {{ numbers }}, {{ outstanding | money }}, {{ invoice.due_date }}, virement"
    )
    letter(templates)
    worker = worker_of(templates)
    assert worker is not None
    process = worker.process
    assert process is not None
    assert process.poll() is None
    del worker, templates
    assert process.poll() is not None


def test_a_text_that_doubles_stops_at_one_limit_or_the_other(tmp_path: Path) -> None:
    """Ten characters doubled sixty times: memory or time, whichever comes first on this machine."""
    text = "{% set ns = namespace(x='aaaaaaaaaa') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"
    with pytest.raises(TemplateError, match="mémoire"):
        letter(own(tmp_path, text))
