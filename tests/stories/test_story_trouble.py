"""What goes wrong at the mail server: each message once, none twice, and every doubt said."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from mail_support import CANARY, USER, Mailbox, Peer, listening, raw_server, smtp_server
from story_support import MONDAY, PASSWORD_VARIABLE, Row, Story, parsed, row, story

pytestmark = pytest.mark.slow

FRIENDLY = "2026-11-25"
NEXT_DAY = "2026-11-26"
THREE = (
    row("F-1", "Alpha SARL", "20/11/2026"),
    row("F-2", "Beta SARL", "20/11/2026", "600,00"),
    row("F-3", "Gamma SARL", "20/11/2026", "300,00"),
)


@dataclass
class SlowMailbox(Mailbox):
    """A mailbox that keeps the final dot unanswered until `go` is set; `arrived` tells that it has one."""

    arrived: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Answer once the test lets it."""
        self.arrived.set()
        await asyncio.get_running_loop().run_in_executor(None, self.go.wait, 60)
        return await super().handle_DATA(server, session, envelope)


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine without encryption."""
    with smtp_server() as mailbox:
        yield mailbox


def opened(here: Story, port: int, *rows: Row, smtp: str = "") -> None:
    """Settings for a server, the file, and a journal begun on MONDAY."""
    here.settings(port, smtp=smtp)
    here.write(*rows)
    assert 0 == here.run("send", today=MONDAY).code


def reasons(here: Story, today: str) -> dict[str, str]:
    """The reason of each invoice on a day."""
    return {invoice["number"]: invoice["reason"] for invoice in here.plan(today)["invoices"]}


def test_wrong_password_stops_before_anything(here: Story) -> None:
    """535: exit 2, nothing claimed, nothing sent; with the right password everything leaves once."""
    with smtp_server("starttls", login=True) as box:
        here.settings(box.port, security="starttls", smtp=f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"')
        here.write(*THREE)
        assert 0 == here.run("send", today=MONDAY).code
        before = here.plan(FRIENDLY)
        refused = here.run("send", today=FRIENDLY, **{PASSWORD_VARIABLE: f"{CANARY}x"})
        assert (2, "") == (refused.code, refused.out)
        assert "535" in refused.err
        assert [] == box.received
        assert before == here.plan(FRIENDLY)
        checked = here.run("check", today=FRIENDLY, **{PASSWORD_VARIABLE: f"{CANARY}x"})
        assert 2 == checked.code
        assert 0 == here.run("send", today=FRIENDLY).code
        assert 3 == len(box.received)


def test_no_password_at_all(here: Story) -> None:
    """A variable that cron does not know: exit 2, its name said, nobody connected to."""
    with smtp_server("starttls", login=True) as box:
        here.settings(box.port, security="starttls", smtp=f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"')
        here.write(*THREE)
        assert 0 == here.run("send", today=MONDAY).code
        done = here.run("send", today=FRIENDLY, **{PASSWORD_VARIABLE: ""})
        assert (2, "", [], []) == (done.code, done.out, box.logins, box.received)
        assert PASSWORD_VARIABLE in done.err


def test_closed_port(here: Story) -> None:
    """Nobody answers: exit 2 with one sentence, nothing claimed, and the next run sends all."""
    with listening() as door:
        port = door.getsockname()[1]
    opened(here, port, *THREE)
    before = here.plan(FRIENDLY)
    done = here.run("send", today=FRIENDLY)
    assert (2, "", 1) == (done.code, done.out, len(done.err.splitlines()))
    assert "smtp.port" in done.err
    assert before == here.plan(FRIENDLY)
    with smtp_server() as box:
        here.settings(box.port)
        assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_a_server_that_stays_away_is_said_once_a_week(here: Story) -> None:
    """Cron comes every hour: the same trouble is no news, another one is; what was asked for is always answered."""
    door = listening()
    port = door.getsockname()[1]
    door.close()
    opened(here, port, *THREE)
    first = here.run("send", today=FRIENDLY)
    again = here.run("send", today=NEXT_DAY)
    assert (2, 2, True, "") == (first.code, again.code, "refusée" in first.err, again.out + again.err)
    assert "refusée" in here.run("send", "--verbose", today=NEXT_DAY).err
    document = here.run("send", "--format", "json", today=NEXT_DAY).json
    assert ("refusée" in document["stopped"], 3) == (True, len(document["left"]))
    assert "refusée" in here.run("send", today="2026-12-02").err
    here.settings(1, smtp="timeout = 5\n")
    assert "127.0.0.1:1" in here.run("send", today="2026-12-02").err


def test_refused_recipient(here: Story, box: Mailbox) -> None:
    """One address is refused (1), the others leave; it is not tried again until the address changes."""
    opened(here, box.port, *THREE)
    box.rcpt["compta@beta.example"] = "550 5.1.1 <compta@beta.example> unknown user"
    done = here.run("send", today=FRIENDLY)
    assert 1 == done.code
    assert "F-2" in done.out
    assert "550" in done.out
    assert [("compta@alpha.example",), ("compta@gamma.example",)] == box.envelopes
    assert {"F-1": "stage_done", "F-2": "refused", "F-3": "stage_done"} == reasons(here, FRIENDLY)
    assert 1 == here.run("plan", today=NEXT_DAY).code
    box.rcpt.clear()
    here.run("send", today=NEXT_DAY)
    assert 2 == len(box.received)

    here.write(THREE[0], row("F-2", "Beta SARL", "20/11/2026", "600,00", email="jeanne@beta.example"), THREE[2])
    assert "due" == reasons(here, NEXT_DAY)["F-2"]
    assert 0 == here.run("send", today=NEXT_DAY).code
    assert [("jeanne@beta.example",)] == box.envelopes[2:]


def test_deferred_message_leaves_next_time(here: Story, box: Mailbox) -> None:
    """S15: a 4xx reply to the final dot is no doubt: not sent now (1), and tried again after an hour."""
    opened(here, box.port, THREE[0])
    box.to_dot.append("451 4.3.0 try again later")
    assert (1, []) == (here.run("send", today=FRIENDLY).code, box.received)
    assert "deferred" == reasons(here, FRIENDLY)["F-1"]
    assert "451 4.3.0 try again later" in here.line("F-1", FRIENDLY)["because"]
    assert (0, []) == (here.run("send", today=FRIENDLY).code, box.received)
    assert (0, 1) == (here.run("send", today=NEXT_DAY).code, len(box.received))


@pytest.fixture
def in_doubt(here: Story) -> Callable[[], Story]:
    """A story whose one message was handed over to a server that hung up after the final dot."""

    def hang_up(peer: Peer) -> None:
        peer.up_to_data()
        assert b"F-1" in peer.body()

    def build() -> Story:
        with raw_server(hang_up) as port:
            opened(here, port, THREE[0])
            done = here.run("send", today=FRIENDLY)
        assert 1 == done.code
        assert "F-1" in done.out
        assert "doute" in done.out
        return here

    return build


def test_dropped_connection_is_in_doubt(in_doubt: Callable[[], Story], box: Mailbox) -> None:
    """Nobody knows whether it left: it is shown with its command, and never sent again by itself."""
    here = in_doubt()
    here.settings(box.port)
    for day in (FRIENDLY, NEXT_DAY, "2026-12-07", "2027-01-04"):
        here.run("send", today=day)
        assert [] == box.received
        assert "in_doubt" == reasons(here, day)["F-1"]
    plan = here.run("plan", today=NEXT_DAY)
    assert 1 == plan.code
    assert "relance resolve F-1 --sent" in plan.out


def test_resolved_as_not_sent_leaves_once_more(in_doubt: Callable[[], Story], box: Mailbox) -> None:
    """`resolve --not-sent` plans it again: one message, then none."""
    here = in_doubt()
    here.settings(box.port)
    assert 0 == here.run("resolve", "F-1", "--not-sent", today=FRIENDLY).code
    assert (0, 1) == (here.run("send", today=FRIENDLY).code, len(box.received))
    assert (0, 1) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_resolved_as_sent_is_a_contact(in_doubt: Callable[[], Story], box: Mailbox) -> None:
    """`resolve --sent` counts as the stage done, on the day it left."""
    here = in_doubt()
    here.settings(box.port)
    assert 0 == here.run("resolve", "F-1", "--sent", today=NEXT_DAY).code
    assert (0, []) == (here.run("send", today=NEXT_DAY).code, box.received)
    line = here.line("F-1", NEXT_DAY)
    assert ("stage_done", "friendly", FRIENDLY) == (line["reason"], line["last_stage"], line["last_contact"])
    again = here.run("resolve", "F-1", "--sent", today=NEXT_DAY)
    assert (2, "") == (again.code, again.out)


def test_two_at_once_send_once(here: Story) -> None:
    """Started together against a slow server: one sends, the other leaves it the work and is no failure."""
    with smtp_server(mailbox=SlowMailbox()) as box:
        assert isinstance(box, SlowMailbox)
        opened(here, box.port, *THREE)
        twins = [here.start("send", today=FRIENDLY) for _ in range(2)]
        with ThreadPoolExecutor(2) as pool:
            ends = [pool.submit(here.finish, twin) for twin in twins]
            try:
                assert box.arrived.wait(60)
                first, _ = wait(ends, timeout=60, return_when=FIRST_COMPLETED)
                assert [0] == [end.result().code for end in first]
                assert [] == box.received
            finally:
                box.go.set()
            assert [0, 0] == [end.result().code for end in ends]
        assert sorted(f"F-{n}" for n in (1, 2, 3)) == sorted(str(parsed(raw)["Subject"])[8:11] for raw in box.received)
        assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_resolve_waits_for_a_run_at_work(here: Story) -> None:
    """A message that is leaving right now looks in doubt; `resolve` does not touch it."""
    with smtp_server(mailbox=SlowMailbox()) as box:
        assert isinstance(box, SlowMailbox)
        opened(here, box.port, THREE[0])
        sending = here.start("send", today=FRIENDLY)
        try:
            assert box.arrived.wait(60)
            here.run("resolve", "F-1", "--not-sent", today=FRIENDLY)
        finally:
            box.go.set()
            done = here.finish(sending)
        assert (0, 1) == (done.code, len(box.received))
        assert (0, 1) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_killed_while_sending_is_in_doubt(here: Story) -> None:
    """A process that dies between the final dot and its answer leaves a claim: nothing goes twice."""
    with smtp_server(mailbox=SlowMailbox()) as box:
        assert isinstance(box, SlowMailbox)
        opened(here, box.port, *THREE)
        sending = here.start("send", today=FRIENDLY)
        try:
            assert box.arrived.wait(60)
        finally:
            sending.kill()
            sending.communicate(timeout=60)
            box.go.set()
        here.run("send", today=FRIENDLY)
        found = sorted(reasons(here, FRIENDLY).values())
        assert ["in_doubt", "stage_done", "stage_done"] == found
        subjects = [str(parsed(raw)["Subject"]) for raw in box.received]
        assert len(set(subjects)) == len(subjects)


def test_doubts_at_one_server_are_asked_about(here: Story) -> None:
    """S28: three in a row, over two runs; the sentence comes once, and what it says to type lets the rest leave."""

    def silent(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()

    rows = [row(f"F-{n}", f"Client{n} SARL", "20/11/2026") for n in range(1, 6)]
    with raw_server(*[silent] * 8) as port:
        opened(here, port, *rows)
        assert 1 == here.run("send", today=FRIENDLY).code
        asked = here.run("send", today=FRIENDLY)
        assert (1, True) == (asked.code, "messages de suite en doute" in asked.err)
        assert "messages de suite" not in here.run("send", today=FRIENDLY).err
        again = here.run("send", today=FRIENDLY)
        assert (2, "", "") == (again.code, again.out, again.err)
        told = re.search(r"relance (resolve \S+ --sent)", asked.err)
        assert told is not None
        assert 0 == here.run(*told[1].split(), today=FRIENDLY).code
