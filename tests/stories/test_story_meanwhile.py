"""What is told while `send` is at work is heeded, or the command says that it came too late."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from status_support import table
from story_support import MONDAY, Story, parsed, row, story
from test_story_trouble import FRIENDLY, THREE, SlowMailbox, opened

from relance.core.facts import Paid
from relance.display import question
from relance.journal import lock
from relance.runs.dossier import Desk

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


def subjects(box: Mailbox) -> str:
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


BANK = '[bank]\nfiles = ["releves/*"]\n'
HEAD = "Date;Libellé;Montant\n"
DUE = (row("F-2026-061", "Alpha SARL", "20/11/2026"), row("F-2026-062", "Beta SARL", "20/11/2026", "600,00"))


def beside(here: Story, **texts: str) -> None:
    """Files of the folder of statements."""
    (here.folder / "releves").mkdir(exist_ok=True)
    for name, text in texts.items():
        (here.folder / "releves" / f"{name}.csv").write_text(HEAD + text, encoding="utf-8")


def at_the_prompt(monkeypatch: pytest.MonkeyPatch, do: Callable[[], object]) -> None:
    """What is done while `send` waits for its answer, which is yes."""

    def asked(rehearsed: object) -> question.Answer:
        do()
        return question.Answer.SEND

    monkeypatch.setattr("relance.cli.daily.on_terminal", lambda: True)
    monkeypatch.setattr(question, "ask_to_send", asked)


@pytest.fixture
def taken() -> Iterator[Mailbox]:
    """A server that takes all at once."""
    with smtp_server() as taken:
        yield taken


@pytest.fixture
def banked(here: Story, taken: Mailbox) -> Story:
    """Two invoices to be dunned that day, and a statement of the day before."""
    here.settings(taken.port, rest=BANK)
    here.write(*DUE)
    beside(here, nov="19/11/2026;FRAIS DE TENUE;-4,00\n")
    assert 0 == here.run("send", today=MONDAY).code
    return here


@pytest.mark.parametrize(("name", "said"), [("dec", "est arrivé"), ("nov", "a changé")])
def test_a_statement_dropped_at_the_prompt(
    banked: Story, taken: Mailbox, monkeypatch: pytest.MonkeyPatch, name: str, said: str
) -> None:
    """Another file or the same with a line more: nothing leaves, and the next run knows who has paid."""
    at_the_prompt(monkeypatch, lambda: beside(banked, **{name: "24/11/2026;VIR ALPHA F-2026-061;1200,00\n"}))
    done = banked.run("send", today=FRIENDLY)
    assert (2, []) == (done.code, taken.received), done.out + done.err
    assert f"« {name}.csv » {said} depuis que le plan est fait." in done.err.replace("\u00a0", " ")
    at_the_prompt(monkeypatch, lambda: None)
    assert 2 > banked.run("send", today=FRIENDLY).code
    assert [False, True] == [number in subjects(taken) for number in ("F-2026-061", "F-2026-062")]


def test_a_status_that_comes_at_the_prompt(here: Story, taken: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same for what a platform exports."""
    here.settings(taken.port)
    config = here.folder / "relance.toml"
    config.write_text(
        config.read_text("utf-8").replace("[invoices]\n", '[invoices]\nstatuses = "statuts/*"\n'), "utf-8"
    )
    here.write(*DUE)
    folder = here.folder / "statuts"
    folder.mkdir()
    (folder / "a.csv").write_text(table(("F-2026-062", "Reçue", "202", "02/11/2026")), "utf-8")
    assert 2 > here.run("send", today=MONDAY).code
    late = table(("F-2026-061", "Encaissée", "212", "23/11/2026", "", "1200,00"))
    at_the_prompt(monkeypatch, lambda: (folder / "b.csv").write_text(late, "utf-8"))
    done = here.run("send", today=FRIENDLY)
    assert (2, []) == (done.code, taken.received), done.out + done.err
    assert "« b.csv » est arrivé" in done.err.replace("\u00a0", " ")


def test_settling_a_credit_at_the_prompt(banked: Story, taken: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was found to have paid, and has not, is not thanked for it."""
    assert 0 == banked.run("send", "--yes", today=FRIENDLY).code
    beside(banked, dec="26/11/2026;VIR BETA F-2026-062;600,00\n")
    later = "2026-12-03"
    [name] = [each["id"] for each in banked.run("bank", "--format", "json", today=later).json["credits"]]
    words = ("bank", "--settle", name, "F-2026-061")
    settled: list[int] = []
    at_the_prompt(monkeypatch, lambda: settled.append(banked.run_alone(*words, today=later).code))
    assert 2 > banked.run("send", today=later).code
    assert ([0], 2) == (settled, len(taken.received)), subjects(taken)


def test_a_run_that_came_to_its_end_meanwhile(here: Story, box: SlowMailbox) -> None:
    """What left since the command began has just left, though nobody is at work any more, or another run is."""
    box.go.set()
    opened(here, box.port, *THREE)
    before = Desk(config=here.folder / "relance.toml", day=date.fromisoformat(FRIENDLY))
    assert 0 == here.run("send", today=FRIENDLY).code
    after = before.anew()
    payment = Paid("F-2/2026", Decimal(10), date.fromisoformat(FRIENDLY))
    for desk, left in ((before, [("F-2",)]), (after, [])):
        with lock(here.journal):
            desk.tell(payment)
        assert left == [each.numbers for each in desk.leaving]
