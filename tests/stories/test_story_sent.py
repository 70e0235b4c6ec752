"""`relance sent`: what left, what its reader saw, and its exact bytes; it reads the journal alone."""

import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from mail_support import Mailbox, Peer, raw_server, smtp_server
from story_support import MONDAY, Row, Story, row, story, text_of

pytestmark = pytest.mark.slow

DAY, NEXT, WEEK = "2026-11-25", "2026-11-26", "2026-12-07"
ALPHA = row("F-1", "Alpha SARL", "20/11/2026")
BETA = row("F-2", "Béta & Fils SARL", "20/11/2026", "600,00", email="compta@beta.example")
KEYS = ["n", "on", "customer", "to", "stage", "invoices", "subject", "message_id", "reply", "status"]


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


def opened(here: Story, port: int = 0, *rows: Row, rest: str = "") -> None:
    """Settings, the file, a journal begun before anything was due."""
    here.settings(port, rest=rest)
    here.write(*(rows or (ALPHA, BETA)))
    assert 0 == here.run("send", today=MONDAY).code


def listed(here: Story, *args: str, today: str = DAY) -> list[dict[str, object]]:
    """The messages as JSON."""
    done = here.run("sent", *args, "--format", "json", today=today)
    assert (0, "") == (done.code, done.err)
    assert 1 == done.json["version"]
    return list(done.json["messages"])


def test_what_left(here: Story, box: Mailbox) -> None:
    """Each message with its number, moment, customer, addresses, server's answer: exactly the keys of the contract."""
    opened(here, box.port)
    begun = datetime.now(UTC)
    assert 0 == here.run("send", today=DAY).code
    first, second = listed(here)

    assert [KEYS, KEYS] == [list(first), list(second)]
    at = datetime.fromisoformat(str(first["on"]))
    assert DAY == at.date().isoformat()
    assert timedelta(hours=1) == at.utcoffset()
    assert at.time() >= begun.astimezone(ZoneInfo("Europe/Paris")).time().replace(microsecond=0) or at.hour == 0
    del first["on"]
    assert {
        "n": 1,
        "customer": "Alpha SARL",
        "to": ["compta@alpha.example"],
        "stage": "friendly",
        "invoices": ["F-1"],
        "subject": "Facture F-1\u00a0: 1\u202f200,00\u00a0€, échue le 20 novembre",
        "message_id": str(re.findall(r"<relance\.\w+@martin\.example>", box.received[0].decode())[0]),
        "reply": "250 2.0.0 Ok: queued as 4F1",
        "status": "sent",
    } == first
    assert (2, ["F-2"]) == (second["n"], second["invoices"])
    shown = here.run("sent", today=DAY)
    assert (0, "") == (shown.code, shown.err)
    assert "  1  25/11  envoyé  amicale  F-1  Alpha SARL" in shown.out
    assert shown.out.endswith("2 messages → relance sent --show 2\n")


def test_the_number_of_a_message_is_for_ever(here: Story, box: Mailbox) -> None:
    """Of any list it is the same, and what is printed to be typed is understood; later days are not seen."""
    opened(here, box.port)
    here.run("send", today=DAY)
    before = here.files()

    for target in ("F-2", "f2", "Béta & Fils SARL", "compta@beta.example", "beta & fils sarl"):
        assert [2] == [each["n"] for each in listed(here, target)], target
    assert [1, 2] == [each["n"] for each in listed(here, "--since", "25/11/2026")]
    assert [] == listed(here, "--since", NEXT, today=NEXT)
    assert [] == listed(here, today=MONDAY)
    typed = here.run("sent", "F-2", today=DAY).out.rpartition("→ relance ")[2]
    done = here.run(*shlex.split(typed), today=DAY)
    assert 0 == done.code
    assert text_of(box.received[1]).rstrip("\n") in done.out
    assert "Message 2\u00a0: amicale, envoyé le 25 novembre 2026 à " in done.out
    assert "Réponse\u00a0: 250 2.0.0 Ok: queued as 4F1" in done.out
    assert before == here.files()


def test_wrong_turns(here: Story, box: Mailbox) -> None:
    """Neither an invoice nor a customer, a number that is none or of another list, no settings: exit 2 and the cure."""
    opened(here, box.port)
    here.run("send", today=DAY)
    for args, said in (
        (("F-3",), "ni une facture ni un client"),
        (("--show", "7"), "De 1 à 2"),
        (("F-1", "--show", "2"), "numéro 2"),
        (("--show", "un"), "nombre entier"),
        (("--since", "demain"), "à venir"),
    ):
        done = here.run("sent", *args, today=DAY)
        assert (2, "") == (done.code, done.out), args
        assert said in done.err, args
    (here.folder / "relance.toml").unlink()
    done = here.run("sent", today=DAY)
    assert 2 == done.code
    assert "relance init" in done.err


def test_the_numbers_of_a_list_with_a_hole(here: Story) -> None:
    """A draft that did not leave is listed no more: the numbers that are left are named, not all between them."""
    opened(here, 0, ALPHA, BETA, row("F-3", "Gamma SA", "20/11/2026"), rest='[delivery]\ntransport = "folder"\n')
    assert 0 == here.run("send", today=DAY).code
    (second,) = (each["invoices"] for each in listed(here) if each["n"] == 2)
    assert 0 == here.run("resolve", str(second[0]), "--not-sent", today=DAY).code  # type: ignore[index]
    done = here.run("sent", "--show", "2", today=DAY)
    assert (2, True) == (done.code, "Les seuls\u00a0: 1 et 3." in done.err), done.err


def test_before_anything_left(here: Story) -> None:
    """No journal yet, and no message yet."""
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    here.write(ALPHA)
    assert (0, "Aucun message.\n") == (here.run("sent", today=DAY).code, here.run("sent", today=DAY).out)
    assert not here.journal.exists()
    assert [] == listed(here)


def test_an_invoice_that_is_gone_from_the_file(here: Story, box: Mailbox) -> None:
    """What was sent about it is found by what it was called; nor need the file be there at all."""
    opened(here, box.port)
    here.run("send", today=DAY)
    here.write(row("F-9", "Zeta SARL", "20/11/2026"))
    assert [1] == [each["n"] for each in listed(here, "F-1", today=NEXT)]
    here.invoices.unlink()
    assert [1] == [each["n"] for each in listed(here, "Alpha SARL", today=NEXT)]
    assert 2 == here.run("sent", "F-77", today=NEXT).code


def test_each_status(here: Story, box: Mailbox) -> None:
    """A draft, the draft that was sent by hand, a refusal, a doubt; what was put off is none of them."""
    opened(here, 0, ALPHA, BETA, rest='[delivery]\ntransport = "folder"\n')
    here.run("send", today=DAY)
    assert ["drafted", "drafted"] == [each["status"] for each in listed(here)]
    here.run("record", "F-1", "--stage", "friendly", "--channel", "email", "--on", NEXT, today=NEXT)
    assert ["sent", "drafted"] == [each["status"] for each in listed(here, today=NEXT)]
    assert "drafted" == listed(here)[0]["status"]
    assert str(listed(here, today=NEXT)[0]["on"]).startswith(NEXT)

    gamma, delta = row("F-3", "Gamma SARL", "25/11/2026"), row("F-4", "Delta SARL", "25/11/2026")
    here.settings(box.port)
    here.write(ALPHA, BETA, gamma, delta, row("F-5", "Eta SARL", "25/11/2026"))
    box.rcpt["compta@gamma.example"] = "550 5.1.1 parti"
    box.rcpt["compta@eta.example"] = "450 4.2.0 plus tard"
    box.to_dot.append("421 4.0.0 au revoir")
    here.run("send", today="2026-11-30")
    found = {each["invoices"][0]: each for each in listed(here, today="2026-11-30")}  # type: ignore[index]

    assert {"F-1": "sent", "F-2": "drafted", "F-3": "refused", "F-4": "in_doubt"} == {
        number: each["status"] for number, each in found.items()
    }
    assert "550 5.1.1 parti" == found["F-3"]["reply"]
    assert str(found["F-4"]["reply"]).startswith("421")
    shown = here.run("sent", today="2026-11-30").out
    words = re.findall(r"^ +\d+  \S+  (envoyé|brouillon|refusé|en doute)  ", shown, re.MULTILINE)
    assert ["envoyé", "brouillon", "refusé", "en doute"] == words


def test_a_server_s_words_are_harmless(here: Story) -> None:
    """Escapes in an answer are written out, in the list, in the text and in the JSON."""

    def server(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say(b"250 fait \x1b[2J\x9b31m\xe2\x80\xae\r\n")
        peer.hear()

    with raw_server(server) as port:
        opened(here, port, ALPHA)
        here.run("send", today=DAY)
    for args in ((), ("--show", "1"), ("--format", "json"), ("--show", "1", "--format", "json")):
        said = here.run("sent", *args, today=DAY).out
        assert "250 fait" in said
        assert not set(said) & {"\x1b", "\x9b", "\u202e"}


def test_exact_copies(here: Story, box: Mailbox) -> None:
    """One .eml a message with the very bytes that left, for their user alone; a second time nothing is written."""
    opened(here, box.port)
    here.run("send", today=DAY)
    folder = here.folder / "a" / "copies"
    done = here.run("sent", "--save", str(folder), today=DAY)

    assert (0, "") == (done.code, done.err)
    assert "2 messages écrits dans" in done.out
    files = sorted(folder.iterdir(), key=lambda path: "beta" in path.name)
    assert box.received == [path.read_bytes() for path in files]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    assert files[0].name.startswith("2026-11-25-alpha-sarl-friendly-f-1-")
    before = here.files()
    assert "0 message écrit" in here.run("sent", "--save", str(folder), today=DAY).out
    assert before == here.files()
    here.run("sent", "--show", "2", "--save", "une", today=DAY)
    assert [files[1].name] == [path.name for path in (here.folder / "une").iterdir()]


@pytest.mark.parametrize("kind", ["file", "link", "dangling"])
def test_another_file_is_not_touched(here: Story, box: Mailbox, kind: str) -> None:
    """A file of that name with other bytes stays, a link is not followed into one; the other messages are written."""
    opened(here, box.port)
    here.run("send", today=DAY)
    here.run("sent", "--save", "a", today=DAY)
    name = next(path.name for path in (here.folder / "a").iterdir() if "alpha" in path.name)
    (here.folder / "b").mkdir()
    mine, place = here.folder / "mine.txt", here.folder / "b" / name
    if kind == "file":
        place.write_text("à moi")
    else:
        mine.write_text("à moi") if kind == "link" else None
        place.symlink_to(mine)
    done = here.run("sent", "--save", "b", today=DAY)

    assert 1 == done.code
    assert name in done.err.replace("\n", "").replace(" ", "").replace("\u00a0", "")
    assert 2 == len(list((here.folder / "b").iterdir()))
    assert "1 message écrit" in done.out
    if kind != "dangling":
        assert "à moi" == place.read_text()
    else:
        assert not mine.exists()


def test_a_folder_that_cannot_be(here: Story, box: Mailbox) -> None:
    """A file where the folder should be: exit 2."""
    opened(here, box.port)
    here.run("send", today=DAY)
    done = here.run("sent", "--save", "factures.csv", today=DAY)

    assert (2, "") == (done.code, done.out)
    assert "factures.csv" in done.err


def test_a_text_that_is_not_kept(here: Story, box: Mailbox) -> None:
    """Of a refusal written anew since, and of a journal made again from its receipts, the text is said to be gone."""
    opened(here, box.port)
    box.rcpt["compta@alpha.example"] = "550 5.1.1 parti"
    here.run("send", today=DAY)
    assert 0 == here.run("sent", "--show", "1", today=DAY).code
    box.rcpt.clear()
    here.run("resolve", "F-1", "--not-sent", today=DAY)
    here.run("send", today=DAY)
    assert [["F-2"], ["F-1"]] == [each["invoices"] for each in listed(here)]

    here.journal.unlink()
    for copy in here.folder.glob("*.backups/*"):
        copy.unlink()
    assert 0 == here.run("repair").code
    numbers = [each["n"] for each in listed(here)]
    assert 2 == len(numbers)
    done = here.run("sent", "--show", str(numbers[0]), today=DAY)
    assert 1 == done.code
    assert "n’est plus gardé" in done.out
    done = here.run("sent", "--show", str(numbers[0]), "--format", "json", today=DAY)
    assert [None] == [each["text"] for each in done.json["messages"]]
    done = here.run("sent", "--save", "copies", today=DAY)
    assert 1 == done.code
    assert 2 == done.err.replace("\u00a0", " ").count("n’est plus gardé")


def test_a_lost_attachment(here: Story, box: Mailbox) -> None:
    """A file that the journal does not have any more is said, and the others are written."""
    (here.folder / "factures").mkdir()
    (here.folder / "factures" / "F-1.pdf").write_bytes(b"%PDF-1.4\n" + b"x" * 9000 + b"\n%%EOF\n")
    opened(here, box.port)
    toml = here.folder / "relance.toml"
    toml.write_text(toml.read_text().replace('"factures.csv"', '"factures.csv"\npdf = "factures/{number}.pdf"'))
    here.run("send", today=DAY)
    shown = here.run("sent", "--show", "1", today=DAY)
    assert re.search(r"^Pièce jointe : Facture-F-1-.*\.pdf \(9 Ko\)$", shown.out.replace("\u00a0", " "), re.MULTILINE)
    for part in here.folder.glob("*.parts/*"):
        part.unlink()
    done = here.run("sent", "--show", "1", today=DAY)
    assert 1 == done.code
    assert "pièce jointe" in done.out
    done = here.run("sent", "--save", "copies", today=DAY)
    assert (1, 1) == (done.code, len(list((here.folder / "copies").iterdir())))


def test_a_line_that_cannot_be_read(here: Story, box: Mailbox) -> None:
    """It is said with its number, and what can be read of it is shown; so are the others."""
    opened(here, box.port)
    assert 0 == here.run("send", today=DAY).code
    whole = listed(here)
    with closing(sqlite3.connect(here.journal)) as db:
        db.execute("UPDATE attempts SET dot_at = 'x' WHERE delivery = 1")
        db.commit()
    done = here.run("sent", "--format", "json", today=DAY)
    assert (1, whole[1]) == (done.code, done.json["messages"][1])
    assert whole[0] | {"on": "2026-11-25T00:00:00+01:00"} == done.json["messages"][0]
    said = "Message 1 : en partie illisible dans le journal, le reste est montré.\n"
    for args in ((), ("--show", "1"), ("--save", "copies"), ("F-1",)):
        done = here.run("sent", *args, today=DAY)
        assert (1, said) == (done.code, plain(done.err))
    assert "Message 1 : amicale, envoyé le 25 novembre 2026, F-1," in plain(here.run("sent", "--show", "1").out)
    assert 2 == len(list((here.folder / "copies").iterdir()))
    assert (0, "") == (here.run("sent", "F-2", today=DAY).code, here.run("sent", "--show", "2", today=DAY).err)


def test_a_dossier_is_not_made_of_a_line_that_cannot_be_read(here: Story, box: Mailbox) -> None:
    """What went out about these invoices is to be proved, to the hour. Others are not concerned."""
    opened(here, box.port)
    assert 0 == here.run("send", today=DAY).code
    with closing(sqlite3.connect(here.journal)) as db:
        db.execute("UPDATE attempts SET dot_at = 'x' WHERE delivery = 1")
        db.commit()
    refused = here.run("evidence", "F-1", today=NEXT)
    assert (2, True) == (refused.code, "message 1 est en partie illisible" in refused.err)
    assert here.run("evidence", "F-2", today=NEXT).code in (0, 1)


def test_show_names_what_reads_it_again(here: Story, box: Mailbox) -> None:
    """Each message by its number, within 80 columns; the command of the last one, which shows it."""
    opened(here, box.port)
    assert 0 == here.run("send", today=DAY).code
    assert 0 == here.run("record", "F-1", "--stage", "friendly", "--channel", "call", "--on", NEXT, today=NEXT).code
    assert here.run("send", today=WEEK).code in (0, 1)
    here.saved_on(WEEK)
    shown = plain(re.sub("\x1b\\[[0-9]*m", "", here.on_terminal("show", "F-1", "--today", WEEK).out))
    assert re.search(r"amicale +faite, e-mail n° 1 le 25/11, appel le 26/11\n", shown)
    assert re.search(r"ferme +faite, e-mail n° 3 le 07/12\n", shown)
    assert [] == [line for line in shown.splitlines() if len(line) > 80]
    [command] = re.findall(r"Relire le n° 3 → (relance .*)", shown)
    again = here.run(*shlex.split(command)[1:], today=WEEK)
    assert (0, True) == (again.code, again.out.startswith("Message 3\u00a0: ferme, envoyé le 7 décembre 2026"))
    assert "Relire" not in here.run("show", "F-1", today=MONDAY).out


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")
