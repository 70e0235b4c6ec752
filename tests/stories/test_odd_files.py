"""What stands where a file should be, and is none, or far too much of one: refused within two seconds and 300 MB."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from story_support import MONDAY, PROGRAM, SECONDS, Story, row, story

pytestmark = pytest.mark.slow

WITHIN, MEMORY = 2.0, 300 * 1024  # seconds of the processor, kilobytes
_MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(code, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""Runs a command and tells its cost: a process of its own, for a fork begins with all the memory of its parent."""
HEADER = "N° facture;Client;E-mail;Échéance;Montant TTC\n"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """Two invoices, and drafts as the way out."""
    made = story(tmp_path)
    made.settings(rest='[delivery]\ntransport = "folder"\n')
    made.write(row("F-1", "Alpha SARL", "20/11/2026"), row("F-2", "Beta SARL", "18/11/2026"))
    return made


def _folder(path: Path) -> None:
    path.mkdir()


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20 * 2**30)


def _written(text: Callable[[], str]) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_text(text(), encoding="utf-8")

    return write


ODD: dict[str, Callable[[Path], None]] = {
    "fifo": os.mkfifo,
    "device": _device,
    "folder": _folder,
    "sparse": _sparse,
    "blank lines": _written(lambda: "\n" * 60_000_000),
}
SETTINGS = ODD | {
    "tables": _written(lambda: "".join(f"[a{n}]\n" for n in range(200_000))),
    "as many tables as fit": _written(lambda: "".join(f"[{n:x}]\n" for n in range(140_000))),
    "arrays of tables": _written(lambda: "[[a]]\n" * 150_000),
    "keys": _written(lambda: "".join(f"a{n}=1\n" for n in range(90_000))),
    "dotted key": _written(lambda: f"{'a.' * 100_000}a = 1\n"),
    "dotted table": _written(lambda: f"[{'a.' * 100_000}a]\n"),
    "dotted key inside": _written(lambda: f"x = {{ {'a.' * 100_000}a = 1 }}\n"),
    "lists in lists": _written(lambda: f"a = {'[' * 200_000}\n"),
    "tables in tables": _written(lambda: f"a = {'{a=' * 100_000}\n"),
}
INVOICES = ODD | {
    "a header and blank lines": _written(lambda: HEADER + "\n" * 60_000_000),
    "a header and empty rows": _written(lambda: HEADER + ";;;;\n" * 12_000_000),
}


def refused(at: Story, *args: str) -> str:
    """What is said, exit code 2, with little time and memory taken."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *PROGRAM, *args, "--today", MONDAY],
        cwd=at.folder,
        env=at.environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    code, seconds, kilobytes = done.stdout.split()
    said = done.stderr
    assert "2" == code, said
    assert "Traceback" not in said
    assert float(seconds) < WITHIN + 1.0  # of which a start takes its part
    assert int(kilobytes) < MEMORY
    assert time.monotonic() - began < 20
    return said.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("kind", "named"), [*((kind, False) for kind in SETTINGS), ("fifo", True), ("device", True), ("folder", True)]
)
def test_settings(kind: str, named: bool, here: Story) -> None:
    """Found in the folder or named by --config: said, and not passed over as if there were none."""
    path = here.folder / "relance.toml"
    path.unlink()
    SETTINGS[kind](path)
    said = refused(here, "plan", *(("--config", str(path)) if named else ()))
    assert "relance.toml" in said


@pytest.mark.parametrize(
    ("kind", "setting"),
    [*((kind, "") for kind in INVOICES), ("fifo", "payments"), ("sparse", "payments"), ("device", "customers")],
)
def test_invoices_and_the_lists_beside_them(kind: str, setting: str, here: Story) -> None:
    """The file of invoices, and those of payments and of customers."""
    path = here.folder / (f"{setting}.csv" if setting else "factures.csv")
    path.unlink(missing_ok=True)
    INVOICES[kind](path)
    if setting:
        settings = here.folder / "relance.toml"
        text = settings.read_text("utf-8").replace("[invoices]\n", f'[invoices]\n{setting} = "{path.name}"\n')
        settings.write_text(text, "utf-8")
    assert path.name in refused(here, "plan")


@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "sparse"])
@pytest.mark.parametrize("command", ["check", "send"])
def test_bank_details(kind: str, command: str, here: Story) -> None:
    """The PDF that is joined: the run goes on without hanging, and says it."""
    path = here.folder / "rib.pdf"
    ODD[kind](path)
    settings = here.folder / "relance.toml"
    text = settings.read_text("utf-8").replace("[invoices]\n", 'rib = "rib.pdf"\n[invoices]\n', 1)
    settings.write_text(text, "utf-8")
    began = time.monotonic()
    done = here.run(command, *(("--offline",) if command == "check" else ()), today="2026-12-10")
    assert time.monotonic() - began < 10
    assert done.code in (0, 1, 2)


def test_letters_and_copied_templates_are_for_their_user_alone(here: Story) -> None:
    """They name customers and sums; whatever the umask is."""
    before = os.umask(0)
    try:
        assert 0 == here.run("templates", "copy").code
        assert 0 == here.run("confirm", "backlog", "--as-is", today=MONDAY).code
        here.run("send", today=MONDAY)
        here.run("letter", "F-1", "-o", "lettre.pdf", today="2026-12-21")
    finally:
        os.umask(before)
    copied = list((here.folder / "modeles").rglob("*.j2"))
    drafts = list(here.folder.rglob("*.eml"))
    letters = list(here.folder.rglob("*.pdf"))
    assert copied
    assert drafts
    for path in (*copied, *drafts, *letters):
        assert 0o600 == stat.S_IMODE(path.stat().st_mode), path


@pytest.mark.parametrize(
    "name", [b"a\x9b31m.csv", b"a\x1b]0;x\x07.csv", b"a\xc2\x9b31m.csv", b"a\x7f.csv", b"a\x90\x9c.csv"]
)
@pytest.mark.parametrize("there", [True, False])
def test_no_escape_of_a_file_name_reaches_the_terminal(name: bytes, there: bool, here: Story) -> None:
    """C0, DEL and C1, as octets of a name that is no UTF-8 too; an accent in another alphabet is written as it came."""
    path = os.fsencode(here.folder) + b"/" + name
    if there:
        here.invoices.rename(os.fsdecode(path))
    done = subprocess.run(
        [sys.executable.encode(), b"-m", b"relance", b"plan", name, b"--today", MONDAY.encode()],
        cwd=here.folder,
        env=here.environment(),
        capture_output=True,
        timeout=SECONDS,
    )
    said = done.stdout + done.stderr
    assert (done.returncode == 2) is not there
    shown = said.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape")
    assert [] == [
        c for c in shown if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xDC80 <= ord(c) < 0xDCA0)
    ]


HANG_UP = """
import builtins, os, signal

usual, told = builtins.__import__, []


def importing(name, *args, **kwargs):
    if name == "{name}" and not told:
        told.append(name)
        os.kill(os.getpid(), signal.{signal})
    return usual(name, *args, **kwargs)


builtins.__import__ = importing
"""


@pytest.mark.parametrize("number", ["SIGHUP", "SIGTERM", "SIGINT"])
@pytest.mark.parametrize(
    "name", ["relance.cli.french", "relance.display.terminal", "relance.errors", "typer", "relance.cli.app", "pydantic"]
)
def test_the_end_of_a_session_while_all_is_imported(name: str, number: str, here: Story) -> None:
    """Whatever is being imported: a French sentence and exit code 2, not a silent death or a traceback."""
    patch = here.folder / "patch"
    patch.mkdir()
    text = HANG_UP.replace("{name}", name).replace("{signal}", number)
    (patch / "sitecustomize.py").write_text(text, encoding="utf-8")
    environment = here.environment()
    path = os.pathsep.join(filter(None, (str(patch), environment.get("PYTHONPATH", ""))))
    done = subprocess.run(
        [*PROGRAM, "plan", "--today", MONDAY],
        cwd=here.folder,
        env={**environment, "PYTHONPATH": path},
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
    )
    assert 2 == done.returncode, done.stderr
    assert "nterrompu" in done.stderr
    assert "Traceback" not in done.stderr
