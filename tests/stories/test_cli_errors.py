"""Each wrong turn: one French sentence with a cure on standard error, exit 2, nothing else."""

import os
import re
import shlex
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from mail_support import listening
from story_support import MONDAY, Story, row, story

ROW = row("F-1", "Alpha SARL", "20/11/2026")
NOTES = "relance-journal"
"""The journal notes that it was said that the server is away, so as not to say it every hour."""
ENGLISH = re.compile(
    r"\b(the|is|are|not|no such|error|missing|invalid|unknown|must|please|expected|failed|found|try"
    r"|command|value|directory|permission|denied|refused|connection|range|for|requires|got|unexpected)\b",
    re.IGNORECASE,
)


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with one invoice, and no settings yet."""
    built = story(tmp_path)
    built.write(ROW)
    return built


def refused(here: Story, *args: str, said: str = "", but: str = "", **env: str) -> str:
    """The sentence of a command that must fail, with the traits that every such sentence has.

    It ends in its cure; of several to choose from, each follows on a line of its own. Nothing is written, but to the
    files whose names begin with `but`.
    """
    before = kept(here, but)
    done = here.run(*args, **env)
    assert (2, "") == (done.code, done.out), done.err
    sentence, *choices = done.err.rstrip("\n").split("\n")
    assert all("→ relance " in choice for choice in choices), done.err
    said_first, arrow, _ = sentence.partition(" → relance ")
    assert said_first[-1] in '.!?…:"', sentence
    assert choices or arrow or re.search(r"[.!?] .*\w", sentence), f"no cure: {sentence}"
    # What a person typed and the names of options, keys and paths stay as they are.
    prose = re.sub(r"«[^»]*»|'[^']*'|\"[^\"]*\"|\([^)]*\)|--?[\w-]+|[\w./-]*[/_.][\w./-]+|\[[^]]*\]", " ", sentence)
    assert not ENGLISH.search(prose), sentence
    assert said in done.err, done.err
    assert before == kept(here, but)
    return done.err


def kept(here: Story, but: str = "") -> dict[str, bytes]:
    """The files that a failing command leaves alone; the lock file only says when it was last held."""
    files = {name: data for name, data in here.files().items() if not name.endswith(".lock")}
    return {name: data for name, data in files.items() if not (but and name.startswith(but))}


@pytest.mark.parametrize("name", ["relance.toml", "réglages.toml", "compta/Relance.TOML"])
def test_init_names_the_folder_that_is_meant(here: Story, name: str) -> None:
    """A settings file's name makes no folder of that name, nor is it said to be full; what is said instead works."""
    (here.folder / "compta").mkdir()
    sentence = refused(here, "init", name, said="init attend vos factures")
    (cure,) = re.findall(r"→ (relance init.*)", sentence)
    who = ("--name", "Zoé Été", "--email", "zoe@ete.example", "--transport", "folder")
    assert 0 == here.run(*shlex.split(cure)[1:], *who).code
    assert (here.folder / name).parent.joinpath("relance.toml").is_file()


def test_check_names_settings_that_fail(here: Story) -> None:
    """They are there: neither is their absence told, nor that sending is not set up yet."""
    assert "aucun fichier" in here.run("check", "factures.csv").out
    (here.folder / "relance.toml").write_text("[sender\n", encoding="utf-8")
    for arguments in (("check",), ("check", "factures.csv"), ("check", "--config", "ailleurs.toml")):
        done = here.run(*arguments)
        assert (2, True) == (done.code, "inutilisable" in done.out.splitlines()[0]), done.out
        assert not re.search("aucun fichier|pas encore réglé|Étapes", done.out)
    assert f"«\u00a0{here.folder / 'relance.toml'}\u00a0», inutilisable" in here.run("check").out


def test_odd_spaces_are_shown_as_spaces(here: Story) -> None:
    """Those of French amounts, in a cell and in the settings: nobody reads a code in their place."""
    for space in "\u00a0\u202f\u2009\u3000":
        here.write(row("F-1", "Alpha SARL", "20/11/2026", f"1{space}200,00"), row("F-2", "Bêta", f"20{space}nov"))
        done = here.run("check", "factures.csv", "--verbose")
        assert ("\\u" not in done.out, True) == (True, f"1{space}200,00" in done.out)
        (here.folder / "relance.toml").write_text(f'[policy]\nminimum = "1{space}200"\n', encoding="utf-8")
        assert "\\u" not in here.run("plan").err
        (here.folder / "relance.toml").unlink()


WRONG_TURNS = {
    "unknown command": (("plna",), "plna"),
    "unknown command, alone": (("frobnicate", "x"), "frobnicate"),
    "unknown option": (("plan", "--frob"), "--frob"),
    "near option": (("send", "--dryrun"), "--dryrun"),
    "option without value": (("plan", "--today"), "--today"),
    "flag with value": (("send", "--dry-run=1"), "--dry-run"),
    "extra argument": (("plan", "factures.csv", "encore.csv"), "encore.csv"),
    "show without target": (("show",), "FACTURE|CLIENT"),
    "pay without invoice, nor settings": (("pay",), "relance init"),
    "record without stage": (("record", "F-1"), "--stage"),
    "record without channel": (("record", "F-1", "--stage", "firm"), "--channel"),
    "hold without reason": (("hold", "F-1"), "--reason"),
    "confirm without what": (("confirm",), "backlog"),
    "bad day": (("plan", "factures.csv", "--today", "23-brumaire"), "23-brumaire"),
    "American day": (("plan", "factures.csv", "--today", "11/23/2026"), "11/23/2026"),
    "day that does not exist": (("plan", "factures.csv", "--today", "2026-02-30"), "2026-02-30"),
    "empty day": (("plan", "factures.csv", "--today", ""), "20/11/2026"),
    "bad format": (("plan", "factures.csv", "--format", "xml"), "xml"),
    "bad amount": (("pay", "F-1", "--amount", "abc"), "abc"),
    "amount with three decimals": (("pay", "F-1", "--amount", "1.005"), "1.005"),
    "infinite amount": (("pay", "F-1", "--amount", "inf"), "inf"),
    "amount of two meanings": (("pay", "F-1", "--amount", "1.200"), "1,20"),
    "amount of two meanings, French": (("pay", "F-1", "--amount", "1,200"), "1,20"),
    "instalment of two meanings": (
        ("hold", "F-1", "--reason", "plan", "--instalment", "2026-12-15=1.200"),
        "1,20",
    ),
    "a file given twice to plan": (("plan", "factures.csv", "--file", "factures.csv"), "donné deux fois"),
    "a file given twice to send": (("send", "factures.csv", "--dry-run", "--file", "autre.csv"), "donné deux fois"),
    "a file given twice to check": (("check", "factures.csv", "--file", "autre.csv"), "donné deux fois"),
    "charges in another currency": (("charges", "--amount", "50 $", "--due", "2026-11-20"), "50 $"),
    "empty amount": (("pay", "F-1", "--amount", ""), "Montant"),
    "bad reason": (("hold", "F-1", "--reason", "because"), "because"),
    "bad channel": (("record", "F-1", "--stage", "firm", "--channel", "pigeon"), "pigeon"),
    "bad limit": (("send", "factures.csv", "--limit", "beaucoup"), "beaucoup"),
    "negative limit": (("send", "factures.csv", "--limit", "-1"), "-1"),
    "two answers": (("confirm", "backlog", "--as-is", "--ignore"), "--as-is"),
    "no file at all": (("plan",), "relance plan --file factures.csv"),
    "missing file": (("plan", "absente.csv"), "absente.csv"),
    "folder as file": (("plan", "home"), "home"),
    "missing settings": (("plan", "--config", "absent.toml"), "absent.toml"),
    "folder as settings": (("plan", "--config", "home"), "home"),
    "send without settings": (("send", "factures.csv"), "relance init"),
}


@pytest.mark.parametrize(("args", "said"), WRONG_TURNS.values(), ids=list(WRONG_TURNS))
def test_wrong_turn(here: Story, args: tuple[str, ...], said: str) -> None:
    """Said once, in French, naming what was typed or what is missing."""
    refused(here, *args, said=said)


@pytest.mark.parametrize("variable", ["RELANCE_CONFIG"])
def test_settings_named_by_a_variable(here: Story, variable: str) -> None:
    """The variable that names a missing file is named."""
    assert variable in refused(here, "plan", **{variable: "absent.toml"})


CONTENTS = {
    "empty": (b"", "vide"),
    "blank lines": (b"\n\n\n", "vide"),
    "prose": (b"Bonjour,\nvoici mes factures.\nMerci\n", "factures.csv"),
    "binary": (bytes(range(256)) * 40, "factures.csv"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<<>>\nendobj\n", "PDF"),
    "broken workbook": (b"PK\x03\x04" + b"\0" * 400, "factures.csv"),
    "HTML": (b"<!DOCTYPE html><html><body><table><tr><td>x</td></tr></table></body></html>", "factures.csv"),
    "no due date": ("N° facture;Client;Montant TTC\nF-1;Alpha;12,00\n".encode(), "échéance"),
    "no amount": ("N° facture;Client;Échéance\nF-1;Alpha;20/11/2026\n".encode(), "montant"),
    "no number": ("Client;Échéance;Montant TTC\nAlpha;20/11/2026;12,00\n".encode(), "numéro"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("content", "said"), CONTENTS.values(), ids=list(CONTENTS))
def test_file_that_is_no_invoice_table(here: Story, content: bytes, said: str) -> None:
    """The file is named, with what it lacks."""
    here.invoices.write_bytes(content)
    sentence = refused(here, "plan", "factures.csv")
    assert said.casefold() in sentence.casefold()
    assert "factures.csv" in sentence


FACTS: dict[str, tuple[str, ...]] = {
    "record": ("record", "F-1", "--stage", "friendly", "--channel", "call"),
    "pay": ("pay", "F-1"),
    "hold": ("hold", "F-1", "--reason", "dispute"),
    "release": ("release", "F-1"),
    "approve": ("approve", "F-1"),
    "confirm": ("confirm", "F-1"),
    "confirm backlog": ("confirm", "backlog", "--as-is"),
    "resolve": ("resolve", "F-1", "--sent"),
}


@pytest.mark.parametrize("args", FACTS.values(), ids=list(FACTS))
def test_facts_need_settings(here: Story, args: tuple[str, ...]) -> None:
    """What writes to the journal names `relance init` where there are no settings, file given or not."""
    assert "relance init" in refused(here, *args)
    assert "relance init" in refused(here, *args, "--file", "factures.csv")


NOT_NOW: dict[str, tuple[tuple[str, ...], str]] = {
    "unknown invoice": (("pay", "F-77"), "F-77"),
    "unknown customer": (("hold", "Personne", "--reason", "pause"), "Personne"),
    "unknown stage": (("record", "F-1", "--stage", "gentle", "--channel", "call"), "friendly"),
    "future contact": (
        ("record", "F-1", "--stage", "friendly", "--channel", "call", "--on", "2099-01-01"),
        "1er janvier 2099",
    ),
    "future payment": (("pay", "F-1", "--on", "2099-01-01"), "1er janvier 2099"),
    "amount of another currency": (("pay", "F-1", "--amount", "50 $"), "50 $"),
    "too much": (("pay", "F-1", "--amount", "9000"), "1\u202f200,00\u00a0€"),
    "nothing": (("pay", "F-1", "--amount", "0"), "zéro"),
    "less than nothing": (("pay", "F-1", "--amount=-5"), "zéro"),
    "promise without a day": (("hold", "F-1", "--reason", "promise"), "--until"),
    "hold in the past": (("hold", "F-1", "--reason", "pause", "--until", "2020-01-01"), "1er janvier 2020"),
    "nothing held": (("release", "F-1"), "F-1"),
    "nothing to approve": (("approve", "F-1"), "relance show F-1"),
    "nothing to confirm": (("confirm", "F-1"), "F-1"),
    "no backlog to answer": (("confirm", "backlog"), "Aucune facture"),
    "no backlog": (("confirm", "backlog", "--gently"), "Aucune facture"),
    "no doubt about the file": (("confirm", "file"), "n’attend d’être confirmé"),
    "no doubt about the clock": (("confirm", "clock"), "n’attend d’être confirmé"),
    "answer for an invoice": (("confirm", "F-1", "--gently"), "confirm backlog"),
    "nothing in doubt": (("resolve", "F-1", "--sent"), "F-1"),
    "nobody": (("show", "Personne"), "Personne"),
    "an empty name": (("show", ""), "«"),
}


@pytest.mark.parametrize(("args", "said"), NOT_NOW.values(), ids=list(NOT_NOW))
def test_what_cannot_be_done_now(here: Story, args: tuple[str, ...], said: str) -> None:
    """Understood, yet not possible: the sentence says why and what to do, and nothing is written."""
    here.settings(25)
    for _ in range(2):  # the second one writes down how long the receipts of the first are
        assert 0 == here.run("send", today=MONDAY).code
    refused(here, *args, "--today", MONDAY, said=said)


def test_ambiguous_targets_list_the_hits(here: Story) -> None:
    """Two invoices of one number, two customers of one name: which ones is said."""
    here.settings(25)
    here.write(
        row("12", "Alpha SARL", "20/11/2025", issued="20/10/2025"),
        row("12", "Beta SARL", "20/11/2026", issued="20/10/2026"),
        row("F-3", "Gamma SARL", "20/11/2026", email="paris@gamma.example"),
        row("F-4", "Gamma SARL", "20/11/2026", email="lyon@gamma.example"),
    )
    for command in (("show", "12"), ("pay", "12"), ("hold", "12", "--reason", "pause")):
        sentence = refused(here, *command, "--today", MONDAY)
        assert "12/2025" in sentence
        assert "12/2026" in sentence
        assert "Beta SARL" in sentence
    for command in (("show", "Gamma SARL"), ("hold", "gamma sarl", "--reason", "pause")):
        sentence = refused(here, *command, "--today", MONDAY)
        assert "paris@gamma.example" in sentence
        assert "lyon@gamma.example" in sentence
    assert 0 == here.run("show", "12/2025", today=MONDAY).code


def test_every_settings_error_at_once(here: Story) -> None:
    """Each with its path, the value met, what is accepted, and the nearest known key."""
    (here.folder / "relance.toml").write_text(
        '[sender]\nname = "Camille"\nemial = "camille@martin.example"\n[invoices]\nfile = "factures.csv"\n'
        '[policy]\nmin_gap_days = "sept"\n[smtp]\nhost = "smtp.example.com"\nsecurity = "none"\n',
        encoding="utf-8",
    )
    for command in (("plan",), ("send",), ("pay", "F-1"), ("send", "--dry-run")):
        done = here.run(*command)
        assert (2, "") == (done.code, done.out)
        for words in ("relance.toml", "emial", "email", "min_gap_days", "sept", "security"):
            assert words in done.err, done.err
    assert not here.journal.exists()


def test_settings_that_are_not_toml(here: Story) -> None:
    """The line is named."""
    (here.folder / "relance.toml").write_text('[sender]\nname = "Camille\n', encoding="utf-8")
    assert "2" in refused(here, "plan", "factures.csv")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_journal_in_a_folder_without_rights(here: Story) -> None:
    """Said before anything leaves."""
    closed = here.folder / "clos"
    closed.mkdir(mode=0o500)
    here.settings(25, rest='[journal]\nfile = "clos/journal.sqlite3"\n')
    assert "clos" in refused(here, "pay", "F-1", "--today", MONDAY)


@pytest.mark.parametrize(
    "build",
    [
        lambda path: path.mkdir(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"N\xc2\xb0;Client\n" * 100),
    ],
    ids=["folder", "empty file", "other file"],
)
def test_journal_that_cannot_be_used(here: Story, build: Callable[[Path], object]) -> None:
    """A journal that is none is never overwritten, and nothing leaves without its memory."""
    here.settings(25)
    build(here.journal)
    for command in (("pay", "F-1"), ("plan",)):
        assert "relance-journal.sqlite3" in refused(here, *command, "--today", MONDAY)
    done = here.run("send", today="2026-11-25")  # its lock file may appear
    assert (2, "", 1) == (done.code, done.out, len(done.err.splitlines()))


def test_journal_below_a_file(here: Story) -> None:
    """A path that cannot exist."""
    here.settings(25, rest='[journal]\nfile = "factures.csv/journal.sqlite3"\n')
    for command in (("pay", "F-1"), ("send",)):
        assert "journal" in refused(here, *command, "--today", MONDAY)


@pytest.mark.slow
def test_unreachable_servers(here: Story) -> None:
    """A closed port: `send` and `check` both say it, with what to look at."""
    with listening() as door:
        port = door.getsockname()[1]
    here.settings(port)
    assert 0 == here.run("send", today=MONDAY).code
    assert f"127.0.0.1:{port}" in refused(here, "send", "--today", "2026-11-25", but=NOTES)
    checked = here.run("check", today=MONDAY)
    assert 2 == checked.code
    assert f"127.0.0.1:{port}" in checked.out + checked.err


@pytest.mark.slow
def test_server_that_is_no_mail_server(here: Story) -> None:
    """It closes the door at once: one sentence."""
    door = socket.create_server(("127.0.0.1", 0))
    with door:
        here.settings(door.getsockname()[1], smtp="timeout = 1\n")
        assert 0 == here.run("send", today=MONDAY).code
        assert "smtp.timeout" in refused(here, "send", "--today", "2026-11-25", but=NOTES)


def test_help_is_french(here: Story) -> None:
    """`--help` of the program and of each command: exit 0, in French, every command listed."""
    top = here.run("--help")
    assert (0, "") == (top.code, top.err)
    commands = "plan send check show record pay hold release approve confirm resolve init".split()
    for command in commands:
        assert re.search(rf"^\s+{command}\b", top.out, re.MULTILINE), command
        done = here.run(command, "--help")
        assert (0, "") == (done.code, done.err)
        assert "Usage\u00a0:" in done.out or "Usage :" in done.out
        assert "Affiche cette aide" in done.out
        assert not re.search(r"\b(Show this|required|default(?=:)|Arguments:|Options:|Try)\b", done.out), done.out


@pytest.mark.parametrize("command", ["plan", "send --dry-run", "check --offline"])
def test_the_file_may_be_named_by_the_option_of_the_other_commands(here: Story, command: str) -> None:
    """`--file` is what `show` and `pay` call it; `plan`, `send` and `check` take it too."""
    words = command.split()
    asked = [here.run(*words, *named, today=MONDAY) for named in (["factures.csv"], ["--file", "factures.csv"])]
    assert {""} == {done.err for done in asked}
    assert 1 == len({done.out.splitlines()[-1] for done in asked})
    assert 1 == len({done.code for done in asked})


NAMELESS = (
    *("plan", "send --dry-run", "check --offline", "report", "calendar", "show F-1", "preview F-1"),
    *(
        "record F-1 --stage friendly --channel email",
        "pay F-1",
        "hold F-1 --reason other",
        "evidence F-1",
    ),
)


@pytest.mark.parametrize("typed", NAMELESS)
@pytest.mark.parametrize("settings", [False, True])
def test_a_command_without_a_file_names_itself(here: Story, typed: str, settings: bool) -> None:
    """The cure is the command that was typed, with its file: typed as printed, it is not lacking any more."""
    if settings:
        here.settings(rest='[delivery]\ntransport = "folder"\n')
        told = (here.folder / "relance.toml").read_text("utf-8").replace('file = "factures.csv"', "")
        (here.folder / "relance.toml").write_text(told, "utf-8")
    done = here.run(*typed.split(), today=MONDAY)
    if not settings and "Aucun relance.toml" in done.err:
        return  # a command that needs settings says so first
    cure = done.err.rpartition("→ relance ")[2].strip()
    assert (f"{typed} --today {MONDAY} --file factures.csv", True) == (cure, "Aucun fichier de factures" in done.err)
    assert "Aucun fichier" not in here.run(*shlex.split(cure)).err


def test_version(here: Story) -> None:
    """Name and number."""
    done = here.run("--version")
    assert (0, "") == (done.code, done.err)
    assert re.fullmatch(r"relance \d+\.\d+\S*\n", done.out)


def test_windows_is_told_at_once(here: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with the way out, whatever the command: what locks the journal is not there."""
    monkeypatch.setattr("relance.__main__._SYSTEM", "nt")
    for words in (("plan", "factures.csv"), ("--help",), ("init",)):
        done = here.run(*words)
        assert (2, "") == (done.code, done.out)
        assert "WSL" in done.err
        assert 1 == len(done.err.splitlines())
