"""What is told while `send` is at work is heeded, or the command says that it came too late."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_support import smtp_server
from story_support import Story, parsed, row, story
from test_story_trouble import FRIENDLY, THREE, SlowMailbox, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[SlowMailbox]:
    """A server that keeps the first message at its final dot until it is let go."""
    with smtp_server(mailbox=SlowMailbox()) as box:
        assert isinstance(box, SlowMailbox)
        yield box


def subjects(box: SlowMailbox) -> str:
    """What the server took."""
    return " ".join(str(parsed(raw)["Subject"]) for raw in box.received)


@pytest.mark.parametrize(
    "told", [("pay", "F-2"), ("hold", "F-2", "--reason", "pause"), ("hold", "Beta SARL", "--reason", "dispute")]
)
def test_what_is_told_during_a_run_is_heeded(here: Story, box: SlowMailbox, told: tuple[str, ...]) -> None:
    """The message that waits behind the first does not leave, and the run says why."""
    opened(here, box.port, *THREE)
    sending = here.start("send", "--verbose", today=FRIENDLY)
    try:
        assert box.arrived.wait(60)
        noted = here.run(*told, today=FRIENDLY)
    finally:
        box.go.set()
        done = here.finish(sending)
    assert (0, 0, 2) == (noted.code, done.code, len(box.received))
    assert "F-2" not in subjects(box)
    assert "pas parti, noté entre-temps au journal : amicale, F-2" in done.out.replace("\u00a0", " ").replace(
        "\u202f", " "
    )
    assert (0, 2) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_told_of_a_message_at_its_dot(here: Story, box: SlowMailbox) -> None:
    """`pay` is noted, and says that the message is leaving; once it is sent, at what hour."""
    opened(here, box.port, *THREE)
    sending = here.start("send", today=FRIENDLY)
    try:
        assert box.arrived.wait(60)
        noted = here.run("pay", "F-1", "--amount", "10", today=FRIENDLY)
        assert 1 == noted.code
        assert "noté" in noted.out
        assert "le message sur F-1 est en train de partir" in noted.out
    finally:
        box.go.set()
        here.finish(sending)
    assert "F-1" in subjects(box)
    assert "Attention" not in here.run("undo", "F-1", today=FRIENDLY).out  # nobody is at work any more


def test_an_invoice_told_of_in_passing_keeps_its_customer_s_message_back(here: Story, box: SlowMailbox) -> None:
    """The courtesy of one invoice would list the other one, which was just paid, as open."""
    rows = (row("F-1", "Alpha SARL", "20/11/2026"), row("F-2", "Beta SARL", "20/11/2026"))
    opened(here, box.port, *rows, row("F-3", "Beta SARL", "20/12/2026", "300,00"))
    sending = here.start("send", "--format", "json", today=FRIENDLY)
    try:
        assert box.arrived.wait(60)
        assert 0 == here.run("pay", "F-3", today=FRIENDLY).code
    finally:
        box.go.set()
        done = here.finish(sending)
    assert [["F-2"]] == [each["invoices"] for each in done.json["spoken"]]
    assert [["F-1"]] == [each["invoices"] for each in done.json["sent"]]
