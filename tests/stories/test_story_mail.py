"""What travels with a reminder: the invoice as a PDF, and the thread of the earlier ones."""

from pathlib import Path

import pytest
from mail_support import smtp_server
from story_support import parsed, row, story, text_of

pytestmark = pytest.mark.slow

MONDAY, LATER = "2026-11-23", "2026-12-04"
PDF = b"%PDF-1.7\n" + b"x" * 90_000


def _pattern(folder: Path, more: str = "") -> None:
    settings = folder / "relance.toml"
    text = settings.read_text(encoding="utf-8")
    told = f'[invoices]\npdf = "pdf/{{number}}.pdf"\n{more}'
    settings.write_text(text.replace("[invoices]\n", told), encoding="utf-8")


def test_the_invoice_travels_and_the_thread_holds(tmp_path: Path) -> None:
    """The PDF found by its number goes with each reminder; the second one answers the first."""
    at = story(tmp_path)
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "F-1.pdf").write_bytes(PDF)
    at.write(row("F-1", "Alpha SARL", "18/11/2026", issued="19/10/2026"))
    with smtp_server() as box:
        at.settings(box.port, bcc="archives@martin.example")
        _pattern(tmp_path)
        at.run("confirm", "backlog", "--as-is", today=MONDAY)
        shown = at.run("send", "--dry-run", today=MONDAY)
        assert "Pièce jointe : Facture-F-1-Camille-Martin.pdf (88 Ko)" in shown.out.replace("\u00a0", " ")
        document = at.run("send", "--dry-run", "--format", "json", today=MONDAY).json
        assert [{"name": "Facture-F-1-Camille-Martin.pdf", "size": len(PDF)}] == document["messages"][0]["attachments"]
        assert 0 == at.run("send", today=MONDAY).code
        assert 0 == at.run("send", today=LATER).code
    first, second = map(parsed, box.received)
    for message in (first, second):
        assert [("Facture-F-1-Camille-Martin.pdf", PDF)] == [
            (part.get_filename(), part.get_payload(decode=True)) for part in message.iter_attachments()
        ]
        body = message.get_body(("plain",))
        assert body is not None
        assert "Facture jointe." in body.get_content()
        assert "archives" not in str(message)
    assert [("compta@alpha.example", "archives@martin.example")] * 2 == box.envelopes
    assert "In-Reply-To" not in first
    assert (first["Message-ID"], first["Message-ID"]) == (second["In-Reply-To"], second["References"])
    assert first["X-Relance-Id"] in first["Message-ID"]
    assert "Auto-Submitted" not in second, "a ticket desk would drop it"


def test_a_group_follows_all_that_was_written(tmp_path: Path) -> None:
    """A message about two invoices refers to the reminders of both, oldest first."""
    at = story(tmp_path)
    at.write(row("F-1", "Alpha SARL", "04/11/2026"), row("F-2", "Alpha SARL", "13/11/2026"))
    with smtp_server() as box:
        at.settings(box.port)
        for day in ("2026-11-09", "2026-11-18", "2026-12-04"):
            at.run("confirm", "backlog", "--as-is", today=day)
            at.run("send", today=day)
    ids = [parsed(raw)["Message-ID"] for raw in box.received]
    last = parsed(box.received[-1])
    assert 3 == len(ids)
    assert (ids[1], " ".join(ids[:2])) == (last["In-Reply-To"], last["References"])


def test_a_missing_pdf_is_said_and_required_it_holds(tmp_path: Path) -> None:
    """Without it the reminder leaves and says so to its sender, not to the customer; with require_pdf it waits."""
    at = story(tmp_path)
    at.write(row("F-1", "Alpha SARL", "18/11/2026", issued="19/10/2026"))
    with smtp_server() as box:
        at.settings(box.port)
        _pattern(tmp_path, "require_pdf = true\n")
        at.run("confirm", "backlog", "--as-is", today=MONDAY)
        held = at.run("send", today=MONDAY)
        assert (1, []) == (held.code, box.received)
        assert "require_pdf" in held.out
        assert "missing_pdf" == at.line("F-1", MONDAY)["reason"]
        at.settings(box.port)
        _pattern(tmp_path)
        done = at.run("send", today=MONDAY)
    assert (1, 1) == (done.code, len(box.received))
    assert "sans facture jointe" in done.out
    assert "pièce jointe" not in text_of(box.received[0])


def test_a_broken_pdf_stops_its_own_message_alone(tmp_path: Path) -> None:
    """A file that is no PDF holds its invoice; the other customer's reminder leaves."""
    at = story(tmp_path)
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "F-1.pdf").write_bytes(b"MZ")
    (tmp_path / "pdf" / "F-2.pdf").write_bytes(PDF)
    at.write(*(row(f"F-{n}", f"{name} SARL", "18/11/2026") for n, name in ((1, "Alpha"), (2, "Beta"))))
    with smtp_server() as box:
        at.settings(box.port)
        _pattern(tmp_path)
        at.run("confirm", "backlog", "--as-is", today=MONDAY)
        assert 1 == at.run("send", today=MONDAY).code
    assert ["F-2" in str(parsed(raw)["Subject"]) for raw in box.received] == [True]
