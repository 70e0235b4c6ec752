"""Tab: what relance offers after the words typed so far, and the script of each shell."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from story_support import MONDAY, Story, row

from relance.cli.completion import Shell


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A dossier that a run saw: two open invoices of one customer, one of another, and one that is paid."""
    story = Story(tmp_path)
    story.settings(rest='[delivery]\ntransport = "folder"\n')
    story.write(
        row("F-2026-041", "Studio Marelle", "12/12/2026"),
        row("F-2026-047", "Studio Marelle", "13/12/2026"),
        row("F-2026-050", "Café d’Orme", "13/12/2026"),
        row("F-2026-030", "Payeur SARL", "13/10/2026", paid="1 200,00", paid_on="12/10/2026"),
    )
    assert 0 == story.run("send", today=MONDAY).code
    return story


def offered(story: Story, typed: str, shell: str = "bash", **env: str) -> list[str]:
    """What is offered for the word at the end of what is typed; nothing is ever said beside it."""
    words = typed.split(" ")
    env |= {"COMP_WORDS": typed, "COMP_CWORD": str(len(words) - 1), "_RELANCE_COMPLETE": f"complete_{shell}"}
    done = story.run(**env)
    assert (0, "") == (done.code, done.err)
    return done.out.splitlines()


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("relance sho", ["show"]),
        ("relance templates c", ["copy", "check"]),
        ("relance hold F-2026-041 --reason p", ["promise", "plan", "pause"]),
        ("relance record F-2026-041 --stage f", ["friendly", "firm", "formal_notice"]),
        ("relance record F-2026-041 --channel ", ["email", "call", "letter", "sms"]),
        ("relance confirm ba", ["backlog"]),
        ("relance completion ", ["bash", "zsh", "fish"]),
        ("relance help premiers", ["premiers-pas"]),
        ("relance pay --am", ["--amount"]),
        ("relance plan fact", []),
        ("relance check --config ", []),
        ("relance pay F-2026-041 --on ", []),
        ("relance inconnue ", []),
    ],
)
def test_words(here: Story, typed: str, expected: list[str]) -> None:
    """Commands, options, closed lists; nothing where a file or a free text stands: the shell knows files better."""
    assert expected == offered(here, typed)


@pytest.mark.parametrize("command", ["pay", "show", "hold", "confirm", "letter", "send --only"])
def test_open_invoices(here: Story, command: str) -> None:
    """The invoices that the last run saw open, whatever the case of what is typed; none that is paid."""
    assert ["F-2026-041", "F-2026-047"] == offered(here, f"relance {command} f-2026-04")
    assert [] == offered(here, f"relance {command} F-2026-03")


def test_customers(here: Story) -> None:
    """Customers where a command takes one, as bash would have them typed; what is offered is understood."""
    assert ["studio\\ marelle"] == offered(here, "relance show stu")
    assert ["cafe\\ d\\’orme"] == offered(here, "relance hold Caf")
    assert [] == offered(here, "relance pay stu")
    assert 0 == here.run("show", "cafe d’orme", today=MONDAY).code


def test_other_shells_tell_what_for(here: Story) -> None:
    """Those of zsh and fish show the sentence of a command, and the customer of an invoice."""
    assert offered(here, "relance sho", "fish")[0].startswith("show  Explique une facture")
    assert ["F-2026-050:cafe d’orme"] == offered(here, "relance pay F-2026-05", "zsh")


def test_the_dossier_that_is_named(here: Story, tmp_path_factory: pytest.TempPathFactory) -> None:
    """`--config` and RELANCE_CONFIG name it; elsewhere nothing is offered."""
    elsewhere, settings = Story(tmp_path_factory.mktemp("ailleurs")), str(here.folder / "relance.toml")

    assert [] == offered(elsewhere, "relance pay F")
    assert 3 == len(offered(elsewhere, "relance pay F", RELANCE_CONFIG=settings))
    assert 3 == len(offered(elsewhere, f"relance pay --config {settings} F"))


def test_faults_are_silent(here: Story) -> None:
    """Settings that are no TOML, a journal that is none, words that cannot be taken apart: nothing, and no error."""
    settings = (here.folder / "relance.toml").read_text(encoding="utf-8")
    (here.folder / "relance.toml").write_text("[journal", encoding="utf-8")
    assert [] == offered(here, "relance pay F")
    (here.folder / "relance.toml").write_text(settings, encoding="utf-8")
    here.journal.write_bytes(b"no journal")
    assert [] == offered(here, "relance pay F")
    here.journal.unlink()
    assert [] == offered(here, "relance pay F")
    for words in ("", "relance 'pay", "relance pay \0"):
        done = here.run(COMP_WORDS=words.replace("\0", "\x01"), COMP_CWORD="x", _RELANCE_COMPLETE="complete_bash")
        assert (0, "", "") == (done.code, done.out, done.err)


def test_names_of_a_file_are_data(here: Story) -> None:
    """A number that would steer the terminal is not offered, one that the shell would carry out is made harmless."""
    here.write(
        row("F-\x1b[31m1", "Rouge SARL", "12/12/2026"),
        row("F-$(touch${IFS}x)", "Piège SARL", "12/12/2026"),
    )
    here.run("send", today="2026-11-24")

    assert ["F-\\$\\(touch\\$\\{IFS\\}x\\)"] == [word for word in offered(here, "relance pay F-") if "2026" not in word]


@pytest.mark.parametrize("shell", list(Shell))
def test_script(here: Story, shell: Shell) -> None:
    """Each script says where it goes and calls relance as it answers."""
    done = here.run("completion", shell.value)

    assert (0, "") == (done.code, done.err)
    assert f"# relance completion {shell}" in done.out
    assert f"_RELANCE_COMPLETE=complete_{shell}" in done.out


@pytest.mark.slow
def test_bash_takes_the_script(here: Story) -> None:
    """A real bash loads it and is offered what is open; what is offered is inserted as one word."""
    bin_folder = here.folder / "bin"
    bin_folder.mkdir()
    program = bin_folder / "relance"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m relance "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("no bash here")
    script = here.run("completion", "bash").out
    asked = (
        "COMP_WORDS=(relance {words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _relance relance; "
        "printf '<%s>' \"${{COMPREPLY[@]}}\"; echo"
    )
    typed = [asked.format(words=words) for words in ("sho", "pay F-2026-04", "show stu", "plan fact")]
    environment = here.environment(PATH=f"{bin_folder}:/usr/bin:/bin")

    done = subprocess.run(
        [bash, "--norc"], input="\n".join([script, *typed]), cwd=here.folder, env=environment, capture_output=True,
        text=True, timeout=60,
    )  # fmt: skip

    assert ["<show>", "<F-2026-041><F-2026-047>", "<studio\\ marelle>", "<>"] == done.stdout.splitlines()
    assert "" == done.stderr
