"""Nothing leaves by accident: rehearsals, drafts, questions on the terminal, limits, quiet runs under cron."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_support import Mailbox, listening, message, smtp_server
from story_support import MONDAY, PROGRAM, SECONDS, Row, Story, parsed, row, story, text_of

from relance.__main__ import run
from relance.delivery.outcome import Handed, SendReport
from relance.display.send_view import show_run
from relance.errors import OutputError
from relance.journal import BusyError
from relance.runs.send import Sent

pytestmark = pytest.mark.slow

FRIENDLY = "2026-11-25"
NEXT_DAY = "2026-11-26"
ALPHA = row("F-1", "Alpha SARL", "20/11/2026")
BETA = row("F-2", "Béta & Fils SARL", "20/11/2026", "600,00", email="compta@beta.example")
GAMMA = row("F-3", "Gamma SARL", "20/11/2026", "300,00")
NOWHERE = row("F-9", "Oméga SARL", "20/11/2026", "90,00", email="")
DRAFTS = '[delivery]\ntransport = "folder"\nfolder = "brouillons"\n'


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


def opened(here: Story, port: int, *rows: Row, rest: str = "") -> None:
    """Settings, the file, a journal begun on MONDAY."""
    here.settings(port, rest=rest)
    here.write(*rows)
    assert 0 == here.run("send", today=MONDAY).code


def test_dry_run_touches_nothing(here: Story) -> None:
    """No journal appears, no file changes, nobody is connected to."""
    with listening() as door:
        door.setblocking(False)
        here.settings(door.getsockname()[1])
        here.write(ALPHA, BETA)
        before = here.files()
        for form in ((), ("--format", "json")):
            assert 0 == here.run("send", "--dry-run", *form, today=FRIENDLY).code
        with pytest.raises(BlockingIOError):
            door.accept()
    assert before == here.files()


def test_dry_run_shows_what_leaves(here: Story, box: Mailbox) -> None:
    """Each header and each line of text that the server receives later was printed before."""
    opened(here, box.port, ALPHA, BETA)
    journal = here.journal.read_bytes()
    rehearsed = here.run("send", "--dry-run", today=FRIENDLY)
    document = here.run("send", "--dry-run", "--format", "json", today=FRIENDLY).json
    assert (0, [], journal) == (rehearsed.code, box.received, here.journal.read_bytes())
    assert 0 == here.run("send", today=FRIENDLY).code
    assert 2 == len(box.received)
    for raw in box.received:
        assert f"\n\n{text_of(raw)}" in rehearsed.out
        message = parsed(raw)
        [told] = [m for m in document["messages"] if m["message_id"] == message["Message-ID"]]
        assert text_of(raw) == told["text"]
        for name, value in message.items():
            if name != "Date":
                assert f"{name}: {value}\n" in rehearsed.out
                assert [name, str(value)] in told["headers"]


def test_plan_and_check_write_nothing(here: Story, box: Mailbox) -> None:
    """Reading commands leave the folder as it was, with a journal or without one."""
    here.settings(box.port)
    here.write(ALPHA)
    for _ in range(2):
        before = here.files()
        for args in (("plan",), ("show", "F-1"), ("check",), ("check", "--offline"), ("plan", "--format", "json")):
            assert 0 == here.run(*args, today=FRIENDLY).code, args
        assert before == here.files()
        assert 0 == here.run("send", today=MONDAY).code


def test_folder_transport_writes_drafts(here: Story) -> None:
    """A draft is a message not sent: written once, no contact, and `record` says that it left."""
    opened(here, 0, ALPHA, BETA, rest=DRAFTS)
    assert [] == list(here.folder.glob("brouillons/new/*"))
    assert 0 == here.run("send", today=FRIENDLY).code
    drafts = sorted(here.folder.glob("brouillons/new/*.eml"))
    to = sorted(str(parsed(draft.read_bytes())["To"]) for draft in drafts)
    assert ["Alpha SARL <compta@alpha.example>", "Béta & Fils SARL <compta@beta.example>"] == to
    assert "1\u202f200,00\u00a0€" in "".join(text_of(d.read_bytes()) for d in drafts)
    before = here.files()
    assert 0 == here.run("send", today=FRIENDLY).code
    assert 0 == here.run("send", today=NEXT_DAY).code
    after = here.files()
    assert {k: v for k, v in before.items() if k.endswith(".eml")} == {
        k: v for k, v in after.items() if k.endswith(".eml")
    }

    line = here.line("F-1", NEXT_DAY)
    assert ("hold", "drafted", None, None) == tuple(
        line[k] for k in ("decision", "reason", "last_stage", "last_contact")
    )
    command = line["because"].partition("→ relance record ")[2].partition(" (")[0]
    assert "F-1 --stage friendly --channel email" == command
    assert 0 == here.run("record", *command.split(), today=NEXT_DAY).code
    line = here.line("F-1", NEXT_DAY)
    assert ("stage_done", "friendly", NEXT_DAY) == tuple(line[k] for k in ("reason", "last_stage", "last_contact"))
    assert "drafted" == here.line("F-2", NEXT_DAY)["reason"]


def test_nothing_is_called_sent_without_a_way_out(here: Story) -> None:
    """Without [smtp] and without a folder, `send` says what to add and writes nothing."""
    here.settings(0)
    here.write(ALPHA)
    before = here.files()
    done = here.run("send", today=FRIENDLY)
    assert (2, "") == (done.code, done.out)
    assert "[smtp]" in done.err
    assert "[delivery]" in done.err
    assert before == here.files()
    assert 0 == here.run("send", "--dry-run", today=FRIENDLY).code


def test_another_day_is_refused_with_a_real_server(here: Story) -> None:
    """Only a rehearsal, drafts or this machine may replay a day."""
    host = '[smtp]\nhost = "smtp.example.com"\nuser = "camille"\npassword_env = "CAMILLE_SMTP"\n'
    here.settings(0, rest=host)
    here.write(ALPHA)
    before = here.files()
    done = here.run("send", "--yes", today="2020-01-02")
    assert (2, "") == (done.code, done.out)
    assert "--today" in done.err
    assert before == here.files()
    assert 0 == here.run("send", "--dry-run", today="2020-01-02").code
    here.settings(0, rest=DRAFTS)
    assert 0 == here.run("send", today="2020-01-02").code
    assert "Date simulée" in here.run("send", today=FRIENDLY).out  # a draft is written, and told of


def test_another_day_is_said_where_a_message_leaves(here: Story, box: Mailbox) -> None:
    """A run for another day than this machine's, allowed here, says so: on standard error beside a document."""
    opened(here, box.port, ALPHA, BETA)
    said = "Date simulée\u00a0: 25 novembre 2026 (--today)."
    rehearsed = here.run("send", "--dry-run", "--verbose", today=FRIENDLY)
    assert (0, "") == (rehearsed.code, rehearsed.err)
    assert said not in rehearsed.out
    shown = here.run("send", "--verbose", "--only", "F-1", today=FRIENDLY)
    assert (0, "") == (shown.code, shown.err)
    assert said in shown.out.splitlines()
    document = here.run("send", "--format", "json", today=FRIENDLY)
    assert 1 == len(document.json["sent"])
    assert [said] == document.err.splitlines()
    idle = here.run("send", "--format", "json", today=FRIENDLY)
    assert "" == idle.err


def test_another_day_is_said_before_the_question(here: Story, box: Mailbox) -> None:
    """A person can still say no."""
    opened(here, box.port, ALPHA)
    shown = here.on_terminal("send", "--today", FRIENDLY, answer="n").out
    assert 1 == shown.count("Date simulée")
    assert shown.index("Date simulée") < shown.index("[n]on")


def test_only(here: Story, box: Mailbox) -> None:
    """Invoices or customers that are named, and no others; a name that is nobody's sends nothing at all."""
    opened(here, box.port, ALPHA, BETA, GAMMA)
    wrong = here.run("send", "--only", "F-1", "--only", "Personne", today=FRIENDLY)
    assert (2, "", []) == (wrong.code, wrong.out, box.received)
    assert "Personne" in wrong.err
    assert 0 == here.run("send", "--only", "F-2", "--only", "Gamma SARL", today=FRIENDLY).code
    assert [("compta@beta.example",), ("compta@gamma.example",)] == sorted(box.envelopes)
    assert 0 == here.run("send", today=FRIENDLY).code
    assert ("compta@alpha.example",) == box.envelopes[2]


def test_only_says_why_nothing_leaves(here: Story, box: Mailbox) -> None:
    """Of what was named, and of nothing else; what is said anyway is not said twice."""
    opened(here, box.port, ALPHA, BETA, GAMMA, NOWHERE)
    assert 0 == here.run("hold", "F-2", "--reason", "dispute", today=FRIENDLY).code
    for options in (("--dry-run",), ("--verbose",)):
        said = here.run("send", *options, "--only", "F-2", "--only", "F-9", today=FRIENDLY).out
        [why] = [line for line in said.splitlines() if "F-2" in line]
        assert why.startswith("  F-2 (Béta & Fils SARL)\u00a0: litige, à revoir le 25 décembre 2026")
        assert 1 == said.count("aucune adresse e-mail")
        assert "F-1" not in said
    plain = here.run("send", "--dry-run", "--only", "F-1", today=FRIENDLY).out
    assert "F-1 (Alpha SARL)" not in plain  # its message is shown


def test_limit(here: Story, box: Mailbox) -> None:
    """At most N messages; what is left over leaves with the next run."""
    opened(here, box.port, ALPHA, BETA, GAMMA)
    assert 0 == here.run("send", "--limit", "0", today=FRIENDLY).code
    assert [] == box.received
    assert 0 == here.run("send", "--limit", "2", today=FRIENDLY).code
    assert 2 == len(box.received)
    assert 0 == here.run("send", today=NEXT_DAY).code
    assert 3 == len(set(box.envelopes)) == len(box.received)


def test_max_per_run(here: Story, box: Mailbox) -> None:
    """The limit of the settings is told in the plan, and the rest leaves on the next day."""
    opened(here, box.port, ALPHA, BETA, GAMMA, rest="[policy]\nmax_per_run = 2\n")
    reasons = [invoice["reason"] for invoice in here.plan(FRIENDLY)["invoices"]]
    assert ["due", "due", "over_limit"] == sorted(reasons)
    assert (0, 2) == (here.run("send", today=FRIENDLY).code, len(box.received))
    assert (0, 3) == (here.run("send", today=NEXT_DAY).code, len(box.received))


@pytest.mark.parametrize("quiet", [(), ("--quiet",)])
def test_quiet_under_cron(here: Story, box: Mailbox, quiet: tuple[str, ...]) -> None:
    """Nothing to say, nothing printed, even after a message left: cron writes no mail."""
    opened(here, box.port, ALPHA)
    for day, sent in ((FRIENDLY, 1), (FRIENDLY, 1), (NEXT_DAY, 1)):
        done = here.run("send", *quiet, today=day)
        assert (0, "", "", sent) == (done.code, done.out, done.err, len(box.received))


def test_the_same_notice_after_seven_days(here: Story, box: Mailbox) -> None:
    """What needs the user is told (1), then not again for seven days (0), then once more (1)."""
    opened(here, box.port, NOWHERE)
    told = {
        day: here.run("send", "--quiet", today=f"2026-{day}")
        for day in ("11-25", "11-26", "11-27", "12-01", "12-02", "12-03")
    }
    assert {"11-25": 1, "11-26": 0, "11-27": 0, "12-01": 0, "12-02": 1, "12-03": 0} == {
        day: done.code for day, done in told.items()
    }
    for day, done in told.items():
        assert ("F-9" in done.out) is (day in ("11-25", "12-02")), day
        assert bool(done.out) is (day in ("11-25", "12-02")), day


def test_a_dry_run_is_not_told(here: Story, box: Mailbox) -> None:
    """A rehearsal shows what needs the user, and leaves it new for the real run."""
    opened(here, box.port, NOWHERE)
    assert 1 == here.run("send", "--dry-run", today=FRIENDLY).code
    assert 1 == here.run("send", today=FRIENDLY).code


def test_plan_always_prints(here: Story, box: Mailbox) -> None:
    """`plan` says the same thing each day, and its exit code as well."""
    opened(here, box.port, NOWHERE)
    for _ in range(2):
        done = here.run("plan", today=FRIENDLY)
        assert 1 == done.code
        assert "F-9" in done.out


def test_the_terminal_asks(here: Story, box: Mailbox) -> None:
    """« n » and an empty answer send nothing and write no claim, « o » sends, and then there is nothing to ask."""
    opened(here, box.port, ALPHA, BETA)
    for answer in ("n", " "):
        done = here.on_terminal("send", "--today", FRIENDLY, answer=answer)
        assert (0, []) == (done.code, box.received)
        assert "Envoyer ces 2 messages\u202f? [o]ui, [n]on, [v]oir un par un\u00a0:" in done.out
        assert "Alpha SARL" in done.out
        assert "compta@beta.example" in done.out
    assert "due" == here.line("F-1", FRIENDLY)["reason"]
    done = here.on_terminal("send", "--today", FRIENDLY, answer="o")
    assert (0, 2) == (done.code, len(box.received))
    assert "compta@alpha.example" in done.out
    done = here.on_terminal("send", "--today", FRIENDLY)
    assert (0, 2) == (done.code, len(box.received))
    assert "[n]on" not in done.out


def test_yes_does_not_ask(here: Story, box: Mailbox) -> None:
    """`--yes` is the answer."""
    opened(here, box.port, ALPHA)
    done = here.on_terminal("send", "--yes", "--today", FRIENDLY)
    assert (0, 1) == (done.code, len(box.received))
    assert "[n]on" not in done.out


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_what_left_is_not_called_nothing(here: Story, box: Mailbox) -> None:
    """Where the report cannot be printed, the message has left all the same: exit 2 would say that nothing was done."""
    opened(here, box.port, ALPHA)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [*PROGRAM, "send", "--verbose", "--today", FRIENDLY],
            cwd=here.folder,
            env=here.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            timeout=SECONDS,
        )
    assert 1 == len(box.received)
    assert 1 == done.returncode
    assert 1 == len(done.stderr.splitlines()), done.stderr
    assert (0, 1) == (here.run("send", today=FRIENDLY).code, len(box.received))


@pytest.mark.parametrize(("code", "part"), [(0, "send.finish"), (1, "send.needs"), (2, "send.way_out")])
def test_what_left_before_ctrl_c_is_not_called_nothing(
    code: int, part: str, here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Exit 2 is for a run that gave no message away; one that did says what left."""
    opened(here, box.port, ALPHA)
    here.saved_on(FRIENDLY)
    monkeypatch.chdir(here.folder)
    monkeypatch.setattr(f"relance.runs.{part}", _interrupted)
    monkeypatch.setattr("relance.__main__._forget_output", lambda: None)
    assert code == run(["send", "--today", FRIENDLY])
    said = capfd.readouterr()
    assert (code > 0) is ("Interrompu" in said.out + said.err)
    assert (code == 1) is ("envoyé" in said.out)
    assert (code < 2) is (len(box.received) == 1)


def test_ctrl_c_in_the_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is shown, too: what left has left all the same."""
    monkeypatch.setattr("relance.display.terminal.finish", _interrupted)
    with pytest.raises(OutputError):
        show_run(Sent(None, SendReport(sent=[Handed(message())])), as_json=False, full=False)
    with pytest.raises(KeyboardInterrupt):
        show_run(Sent(None), as_json=False, full=False)


def _interrupted(*args: object, **more: object) -> None:
    raise KeyboardInterrupt


def test_send_as_json(here: Story, box: Mailbox) -> None:
    """One document: what was sent, to whom, under which Message-ID, and what was refused."""
    opened(here, box.port, ALPHA, BETA)
    box.rcpt["compta@beta.example"] = "550 5.1.1 unknown user"
    done = here.run("send", "--format", "json", today=FRIENDLY)
    document = done.json
    assert (1, 1, FRIENDLY) == (done.code, document["version"], document["today"])
    [sent], [refused] = document["sent"], document["refused"]
    assert ("Alpha SARL", ["compta@alpha.example"], "friendly", ["F-1"]) == tuple(
        sent[key] for key in ("customer", "to", "stage", "invoices")
    )
    assert str(parsed(box.received[0])["Message-ID"]) == sent["message_id"]
    assert "queued as 4F1" in sent["reply"]
    assert (550, "5.1.1 unknown user") == (refused["code"], refused["reply"])
    assert {"version", "today", "sent", "refused", "deferred", "in_doubt", "problems"} <= document.keys()
    assert [] == document["deferred"] == document["in_doubt"] == document["problems"]


def test_json_tells_why_the_run_stopped(here: Story, box: Mailbox) -> None:
    """A program too has to know that the others were not tried, and the sentence that says what to do."""
    opened(here, box.port, ALPHA, BETA)
    box.answers["MAIL"] = "550 5.7.1 not yours"
    done = here.run("send", "--format", "json", today=FRIENDLY)
    document = done.json
    assert (2, []) == (done.code, document["refused"])  # the account was refused, no message was tried
    assert {"F-1", "F-2"} == {
        number
        for name in ("sent", "drafted", "refused", "deferred", "in_doubt", "skipped", "left")
        for each in document[name]
        for number in each["invoices"]
    }
    [left] = document["left"]
    assert (["compta@beta.example"], ["F-2"], None, "") == tuple(
        left[name] for name in ("to", "invoices", "code", "reply")
    )
    said = here.run("send", today=FRIENDLY).err.strip()
    assert said
    assert said == document["stopped"]


def test_json_names_what_another_run_took(capsys: pytest.CaptureFixture[str]) -> None:
    """Skipped messages, what needs the user, and a run that gave way to another one are in the document."""
    show_run(Sent(None, SendReport(skipped=[Handed(message("F-9"))]), ("à voir",)), as_json=True, full=True)
    document = json.loads(capsys.readouterr().out)
    assert [["F-9"]] == [each["invoices"] for each in document["skipped"]]
    assert (None, ["à voir"]) == (document["stopped"], document["news"])
    show_run(Sent(None, busy=BusyError(None)), as_json=True, full=True)
    assert "en train d’envoyer" in json.loads(capsys.readouterr().out)["stopped"]


def test_a_closed_day_waits(here: Story, box: Mailbox) -> None:
    """On a Sunday nothing leaves; on Monday it does."""
    # Terms of ten days: no courtesy message; J+5 is a Sunday.
    opened(here, box.port, row("F-1", "Alpha SARL", "24/11/2026", issued="14/11/2026"))
    sunday, monday = "2026-11-29", "2026-11-30"
    line = here.line("F-1", sunday)
    assert ("closed_day", "friendly", monday) == (line["reason"], line["next_stage"], line["next_date"])
    assert (0, []) == (here.run("send", today=sunday).code, box.received)
    assert (0, 1) == (here.run("send", today=monday).code, len(box.received))
