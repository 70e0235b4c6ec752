"""The cases of ../shared/cases/bad_inputs.json about addresses, headers, bodies, files and the server, really sent.

The server says what was sent: each bad row stands among good ones, which leave in any case.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from mail_support import smtp_server
from sources_support import SHARED
from story_support import Story, parsed, story

from relance.__main__ import run
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE

CASES = SHARED / "cases" / "bad_inputs.json"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not CASES.is_file(), reason="../shared/cases is not beside this repository"),
]
CORPUS: dict[str, Any] = json.loads(CASES.read_text(encoding="utf-8")) if CASES.is_file() else {"inputs": []}
TODAY = "2026-02-16"
"""A Monday, sixteen days after the due date of the base row (the map of reliability.md)."""
GOOD = ("F-2026-101", "F-2026-102")
EXITS = {0: EXIT_DONE, 1: EXIT_LOOK, 65: EXIT_NOTHING_DONE, 75: EXIT_NOTHING_DONE, 78: EXIT_NOTHING_DONE}
# Otherwise than the corpus expects, and why: sends of the bad row, exit code.
OTHERWISE = {
    "A06": (1, EXIT_DONE),  # two valid addresses are both written to (the map of reliability.md says so)
    "P10": (1, EXIT_LOOK),  # a missing PDF is said; it holds with require_pdf alone (the next test)
}
WHOLE_FILE = {"H04", "P06"}  # a NUL refuses the whole file, as F07 asks: such a file is not text
ROWS = [
    case
    for case in CORPUS["inputs"]
    if case["id"][0] in "AHP" and case["build"]["method"] in ("row", "fs") and case["id"] != "P12"
]
"""P12, a file replaced after the plan, is test_attachments.py::test_a_replaced_file_is_seen."""


def _write(folder: Path, rows: list[dict[str, str]]) -> None:
    import csv

    with (folder / "factures.csv").open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        writer = csv.DictWriter(file, list(CORPUS["base_row"]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def _rows(build: dict[str, Any]) -> list[dict[str, str]]:
    base = CORPUS["base_row"]
    good = [base | {"numero": n, "client": f"Bon {n} SARL", "email": f"{n.lower()}@bon.example"} for n in GOOD]
    return [good[0], base | build.get("set", build.get("row_set", {})), *good[1:]]


def _prepare(folder: Path, operations: list[list[str]]) -> None:
    import base64
    import os

    for name, first, *rest in operations:
        match name:
            case "mkdir":
                (folder / first).mkdir(exist_ok=True)
            case "write_text":
                (folder / first).write_text(rest[0])
            case "write_b64":
                (folder / first).write_bytes(base64.b64decode(rest[0]))
            case "symlink":
                (folder / rest[0]).symlink_to(first)
            case "mkfifo":
                os.mkfifo(folder / first)
            case _:
                raise AssertionError(name)


def _sent(at: Story, rest: str = "") -> tuple[int, list[bytes]]:
    """The exit code of `send`, and what the server took."""
    with smtp_server() as box:
        at.settings(box.port, rest=rest)
        at.saved_on(TODAY)
        run(["confirm", "backlog", "--as-is", "--today", TODAY])
        code = run(["send", "--today", TODAY, "--format", "json"])
    return code, box.received


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A freelancer's folder, in which this process works."""
    here = story(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("RELANCE_CONFIG", raising=False)
    return here


@pytest.mark.parametrize("case", ROWS, ids=lambda case: case["id"])
def test_a_bad_row_among_good_ones(case: dict[str, Any], at: Story, capfd: pytest.CaptureFixture[str]) -> None:
    """Exactly the good ones leave, the bad one is listed; nothing raw on the wire, no control in any output."""
    _prepare(at.folder, case["build"].get("ops", []))
    _write(at.folder, _rows(case["build"]))
    code, received = _sent(at)
    expected = case["expected"]
    sends, exit_code = OTHERWISE.get(case["id"], (expected["sends"], EXITS[expected["exit"]]))
    if case["id"] in WHOLE_FILE:
        assert (EXIT_NOTHING_DONE, []) == (code, received)
    else:
        subjects = [str(parsed(raw)["Subject"]) for raw in received]
        assert [1, 1] == [sum(number in subject for subject in subjects) for number in GOOD]
        assert (exit_code, sends + len(GOOD)) == (code, len(received)), subjects
    for raw in received:
        message = parsed(raw)
        assert [] == [name for name in message if name.lower() in ("bcc", "x-evil")]
        assert b"evil" not in raw.split(b"\r\n\r\n", 1)[0]
    for text in capfd.readouterr():
        assert "Traceback" not in text
        assert [] == [c for c in text if (ord(c) < 32 and c != "\n") or c in "\x7f\x9b\u202e"]


def test_a_missing_pdf_holds_where_it_is_required(at: Story) -> None:
    """P10 with require_pdf: the row is held, and so are the good ones, which name none."""
    _prepare(at.folder, [["mkdir", "factures"], ["write_b64", "factures/f.pdf", "JVBERi0xLjQgQQo="]])
    rows = _rows({"set": {"piece_jointe": "absente.pdf"}})
    rows[0]["piece_jointe"] = "f.pdf"
    _write(at.folder, rows)
    code, received = _sent(at)
    assert (EXIT_LOOK, 3) == (code, len(received))
    for left in at.folder.glob("*relance-journal*"):  # a journal that is lost alone is never made anew in silence
        shutil.rmtree(left) if left.is_dir() else left.unlink()
    settings = at.folder / "relance.toml"
    with smtp_server() as box:
        at.settings(box.port)
        text = settings.read_text(encoding="utf-8")
        settings.write_text(text.replace("[invoices]\n", "[invoices]\nrequire_pdf = true\n"), encoding="utf-8")
        run(["confirm", "backlog", "--as-is", "--today", TODAY])
        assert EXIT_LOOK == run(["send", "--today", TODAY])
    assert [("Facture-F-2026-101-Camille-Martin.pdf", True)] == [
        (part.get_filename(), GOOD[0] in str(parsed(raw)["Subject"]))
        for raw in box.received
        for part in parsed(raw).iter_attachments()
    ]
    assert 1 == len(box.received)


BODIES = [case for case in CORPUS["inputs"] if case["kind"] == "body"]


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["id"])
def test_a_hostile_body(case: dict[str, Any], at: Story, capfd: pytest.CaptureFixture[str]) -> None:
    """H07, H08: the server sees one message, whose body is the rendered text, in lines of at most 998 octets."""
    (at.folder / "modeles").mkdir()
    facts = "{{ customer.name }} {{ numbers }} {{ invoice.outstanding | money }} {{ invoice.due_date | short_date }}"
    template = (
        f"Objet : Facture {{{{ numbers }}}}\n\n{facts}\n{{% include '_payment.txt.j2' %}}\n{case['build']['text']}"
    )
    (at.folder / "modeles" / "firm.txt.j2").write_text(template, encoding="utf-8", newline="")
    _write(at.folder, [CORPUS["base_row"]])
    with smtp_server() as box:
        at.settings(box.port, rest='[templates]\nfolder = "modeles"\n')
        at.saved_on(TODAY)
        run(["confirm", "backlog", "--as-is", "--today", TODAY])
        capfd.readouterr()
        run(["send", "--dry-run", "--today", TODAY, "--format", "json"])
        told = json.loads(capfd.readouterr().out)
        assert [] == [problem["message"] for problem in told["problems"]]
        rendered = told["messages"][0]["text"]
        assert EXIT_DONE == run(["send", "--today", TODAY])
    (raw,) = box.received
    plain = next(part for part in parsed(raw).walk() if part.get_content_type() == "text/plain")
    assert rendered.replace("\n", "\r\n").encode() == plain.get_payload(decode=True)
    assert "\n.\n" in rendered or len(case["build"]["text"]) > 1000
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
