"""A customer whose address has accents: people read and type it so, programs and servers have it as it travels."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import MONDAY, Story, row, story

pytestmark = pytest.mark.slow
DAY = "2026-11-25"
ACCENTS, ASCII = "compta@société.example", "compta@xn--socit-esab.example"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def here(tmp_path: Path, box: Mailbox) -> Story:
    """Two customers of one name, told apart by their addresses."""
    here = story(tmp_path)
    here.settings(box.port)
    here.write(
        row("F-1", "Orme SARL", "20/11/2026", email=ACCENTS),
        row("F-2", "Orme SARL", "20/11/2026", email="x@bücher.example"),
    )
    assert 0 == here.run("send", today=MONDAY).code
    return here


def test_it_is_read_as_it_was_typed(here: Story, box: Mailbox) -> None:
    """On the screen before and after it leaves; as JSON and on the wire it is in ASCII."""
    here.saved_on(DAY)
    box.rcpt["x@xn--bcher-kva.example"] = "550 5.1.1 unknown x@xn--bcher-kva.example"
    asked = here.on_terminal("send", "--today", DAY, answer="o").out
    assert [(ASCII,)] == box.envelopes
    texts = [asked, *(here.run(*words, today=DAY).out for words in (["plan"], ["sent"], ["show", "F-1"]))]
    texts += [here.run("sent", "--show", "1", today=DAY).out]
    assert [] == [text for text in texts if "xn--" in text]
    assert [True] * 5 == ["société.example" in text or "bücher.example" in text for text in texts]
    assert "To: Orme SARL <compta@société.example>" in texts[-1]
    assert [ASCII] == here.run("sent", "F-1", "--format", "json", today=DAY).json["messages"][0]["to"]


@pytest.mark.parametrize("word", [ACCENTS, ASCII, "COMPTA@Société.example"])
def test_it_may_be_typed_so(here: Story, word: str) -> None:
    """To every command that takes a customer."""
    for command in (["show", word], ["hold", word, "--reason", "pause", "--until", "2026-12-20"], ["release", word]):
        assert 0 == here.run(*command, today=DAY).code
    assert "F-2" not in here.run("send", "--dry-run", "--only", word, today=DAY).out
    assert 0 == here.run("sent", word, today=DAY).code
    assert 2 == here.run("show", "compta@é-.example", today=DAY).code


def test_a_printed_command_with_it_works(here: Story) -> None:
    """The one that ends the hold of a customer who is named by his address."""
    assert 0 == here.run("hold", ACCENTS, "--reason", "pause", "--until", "2026-12-20", today=DAY).code
    said = here.run("show", "F-1", today=DAY).out
    [command] = re.findall(r"→ (relance release [^(\n]+)", said)
    assert "société" in command
    assert 0 == here.run(*shlex.split(command)[1:], today=DAY).code
    assert "paused" != here.line("F-1", DAY)["reason"]


def test_settings_name_him_so(here: Story) -> None:
    """`match` of [[customers]], as it is shown."""
    toml = here.folder / "relance.toml"
    toml.write_text(f'{toml.read_text()}\n[[customers]]\nmatch = "{ACCENTS}"\nexclude = true\n', encoding="utf-8")
    assert ["excluded", "due"] == [here.line(number, DAY)["reason"] for number in ("F-1", "F-2")]
