"""Where the invoices stand, day by day: at an address, in several files; a file vouched for that does not change."""

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import HEADER, MONDAY, Row, Story, parsed, row, story
from web_support import Site, gives, leads_to, website

from relance.delivery import network

pytestmark = pytest.mark.slow

LATE = "20/11/2026"  # J+5 is Wednesday 25 November
MORNING, NEXT = "2026-11-25", "2026-11-26"
NAMES = ("Alpha", "Beta", "Gamma")
QUESTION = "→ relance confirm file (s’il est à jour)"


def table(*rows: Row) -> str:
    """The CSV that a published spreadsheet gives."""
    cells = [
        HEADER,
        *((r.number, r.customer, r.email, r.issued, r.due, r.total, r.paid, r.paid_on, r.status) for r in rows),
    ]
    return "\n".join(map(";".join, cells)) + "\n"


def several(first: str = "1 200,00", due: str = LATE) -> tuple[Row, ...]:
    """Three invoices, one a customer."""
    return tuple(row(f"F-{n}", f"{name} SARL", due, first if not n else "600,00") for n, name in enumerate(NAMES))


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def site() -> Iterator[Site]:
    """A server that publishes tables."""
    with website() as found:
        yield found


@pytest.fixture
def here(tmp_path: Path, box: Mailbox, site: Site, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A dossier whose invoices stand at an address; its journal began before anything was late."""
    monkeypatch.setattr(network, "PATIENCE", 0.0)
    place = story(tmp_path)
    place.settings(box.port)
    at(place, site.at("/compta/factures?jeton=s3cr3t"))
    site.answers["/compta/factures?jeton=s3cr3t"] = gives(table(*several()))
    done = place.run("send", today=MONDAY)
    assert (0, "", "") == (done.code, done.out, done.err)
    return place


def at(here: Story, *places: str) -> None:
    """The settings name these places."""
    path = here.folder / "relance.toml"
    text = re.sub(r"file = .*", f"file = {list(places)}".replace("'", '"'), path.read_text("utf-8"), count=1)
    path.write_text(text, encoding="utf-8")


def publish(site: Site, *rows: Row) -> None:
    """The spreadsheet as it stands from now on."""
    site.answers["/compta/factures?jeton=s3cr3t"] = gives(table(*rows))


def test_a_published_spreadsheet_is_dunned_from(here: Story, site: Site, box: Mailbox) -> None:
    """Each once, and what is paid in the meantime is not; the address is in no output, nothing is written beside."""
    publish(site, *several()[:2], row("F-2", "Gamma SARL", LATE, "600,00", paid="600,00", paid_on="24/11/2026"))
    before = {name for name in here.files() if "journal" not in name and ".local/state" not in name}
    done = here.run("send", "--verbose", today=MORNING)
    assert (0, 2) == (done.code, len(box.received))
    assert 0 == here.run("send", today=NEXT).code
    assert 2 == len(box.received)
    assert "s3cr3t" not in done.out + here.run("plan", today=NEXT).out + here.run("check", "--offline", today=NEXT).out
    assert f"127.0.0.1:{site.port}/…/factures" in here.run("check", "--offline", "--verbose", today=NEXT).out
    assert before == {name for name in here.files() if "journal" not in name and ".local/state" not in name}


def test_its_age_runs_from_the_day_its_content_changed(here: Story, site: Site, box: Mailbox) -> None:
    """The same for fifteen days: nothing leaves, and it is asked once; one invoice more, and it is believed."""
    site.answers["/compta/factures?jeton=s3cr3t"] = gives(table(*several(due="11/12/2026")))
    assert 0 == here.run("send", today="2026-11-30").code
    # Sorted and reworded by its author, fetched each day: still the content of 30 November.
    publish(site, *(r for r in reversed(several(due="11/12/2026"))))
    assert (0, "") == (here.run("send", today="2026-12-07").code, here.run("send", today="2026-12-07").out)
    sent = len(box.received)  # the courtesies
    held = here.run("send", today="2026-12-16")  # J+5
    assert (1, 1, sent) == (held.code, held.out.count(QUESTION), len(box.received))
    assert "fichier du 30 novembre 2026, trop ancien" in held.out.replace("\u00a0", " ")
    publish(site, *several(due="11/12/2026"), row("F-9", "Eta SARL", "31/01/2027"))
    assert "stale_input" not in {line["reason"] for line in here.plan("2026-12-17")["invoices"]}
    here.run("send", today="2026-12-17")
    assert sent + 3 == len(box.received)


def test_a_confirmed_content_is_believed(here: Story, site: Site, box: Mailbox) -> None:
    """By what it says, not by the octets: a workbook is another file at each export."""
    publish(site, *several(due="11/12/2026"))
    assert 0 == here.run("send", today="2026-11-30").code
    assert QUESTION in here.run("send", today="2026-12-16").out
    assert 0 == here.run("confirm", "file", today="2026-12-16").code
    site.answers["/compta/factures?jeton=s3cr3t"] = gives(table(*several(due="11/12/2026")).replace("\n", "\r\n"))
    here.run("send", today="2026-12-16")
    assert 3 == len(box.received)


def test_newer_than_the_promise_means_changed_after_it(here: Story, site: Site, box: Mailbox) -> None:
    """Fetched after the promise, but unchanged since before it: not told to have broken it. Changed: told."""
    here.run("send", today=MORNING)
    assert 0 == here.run("hold", "F-0", "--reason", "promise", "--until", "2026-11-30", today=NEXT).code
    assert 0 == here.run("send", today="2026-12-01").code
    sent = len(box.received)
    doubted = here.line("F-0", "2026-12-07")
    assert ("stale_input", True) == (doubted["reason"], "promesse" in doubted["because"])
    here.run("send", today="2026-12-07")
    assert "F-0" not in " ".join(str(parsed(raw)["Subject"]) for raw in box.received[sent:])
    paid = row("F-2", "Gamma SARL", LATE, "600,00", paid="600,00", paid_on="05/12/2026")
    publish(site, *several()[:2], paid)
    here.run("send", today="2026-12-08")
    assert any("F-0" in str(parsed(raw)["Subject"]) for raw in box.received[sent:])


def test_a_day_lived_again_is_measured_by_itself(here: Story, site: Site) -> None:
    """A plan of a day before the last change tells nothing of that change's age; what was noted stays noted."""
    publish(site, *several("1 100,00"))
    here.run("send", today="2026-12-02")
    assert "stale_input" not in {line["reason"] for line in here.plan(MORNING)["invoices"]}
    lines = {line["reason"] for line in here.plan("2026-12-18")["invoices"]}
    assert "stale_input" in lines


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (gives("", 503), "ne répond pas pour l’instant"),
        (leads_to("https://accounts.google.com/ServiceLogin"), "demande de se connecter"),
        (gives("<html>"), "est une page web"),
        (gives(table(*several())[:-20]), ""),
    ],
)
def test_what_cannot_be_fetched_sends_nothing(here: Story, site: Site, box: Mailbox, answer: object, said: str) -> None:
    """One sentence, exit 2; the next morning, all leaves as if nothing had been."""
    site.answers["/compta/factures?jeton=s3cr3t"] = answer  # type: ignore[assignment]
    for command in (("send",), ("plan",), ("check", "--offline")):
        done = here.run(*command, today=MORNING)
        assert (2, 0) == (done.code, len(box.received)), done
        assert said in done.err + done.out
        assert "s3cr3t" not in done.err + done.out
        assert command[0] == "check" or 1 == len(done.err.splitlines())
    publish(site, *several())
    here.run("send", today=NEXT)
    assert 3 == len(box.received)


def test_without_a_network_cron_says_so_once_a_week(here: Story, site: Site, box: Mailbox) -> None:
    """Exit 2 each hour, one sentence a week; another trouble is news, and all leaves once it is over."""
    site.answers["/compta/factures?jeton=s3cr3t"] = gives("", 503)
    said = {day: here.run("send", today=day) for day in (MORNING, NEXT, "2026-12-01", "2026-12-02")}
    assert {2} == {done.code for done in said.values()}
    assert [1, 0, 0, 1] == [len(done.err.splitlines()) for done in said.values()]
    assert {""} == {done.out for done in said.values()}
    asked = here.run("send", "--verbose", today="2026-12-02")
    assert (2, 1) == (asked.code, len(asked.err.splitlines()) - asked.err.count("Rien n’a été envoyé"))
    assert "pour l’instant" in here.run("send", "--format", "json", today="2026-12-02").json["stopped"]
    site.answers["/compta/factures?jeton=s3cr3t"] = gives("", 404)
    assert "n’existe pas" in here.run("send", today="2026-12-02").err
    publish(site, *several())
    here.run("send", today="2026-12-03")
    assert 3 == len(box.received)


def test_an_address_is_typed_too(here: Story, site: Site) -> None:
    """As the argument, or under --file, with or without settings; a cure that is printed is taken as it is."""
    site.answers["/a.csv"] = gives(table(*several()))
    for command in (
        ("plan", site.at("/a.csv")),
        ("check", "--offline", site.at("/a.csv")),
        ("show", "F-0", "--file", site.at("/a.csv")),
    ):
        assert here.run(*command, today=MORNING).code in (0, 1)
    (here.folder / "relance.toml").unlink()
    assert "F-1" in here.run("plan", site.at("/a.csv"), today=MORNING).out
    site.answers |= {"/s/AbCdEf": gives("<html>"), "/s/AbCdEf/download": gives(table(*several()))}
    shown = here.run("plan", site.at("/s/AbCdEf"), today=MORNING).err
    (export,) = re.findall(r'"(https:[^"]*)"', shown)
    assert here.run("plan", export, today=MORNING).code in (0, 1)


@pytest.mark.parametrize(
    "place", ["http://exemple.fr/f.csv", "https://moi:s3cr3t@exemple.fr/f.csv", "ftp://exemple.fr/f"]
)
def test_settings_take_https_alone(here: Story, place: str) -> None:
    """One line that names the setting; a login in it is not repeated; lists of payments are files."""
    at(here, place)
    done = here.run("plan", today=MORNING)
    assert (2, True) == (done.code, "une adresse qui commence par https://" in done.err)
    assert "s3cr3t" not in done.err
    text = (here.folder / "relance.toml").read_text("utf-8")
    fixed = re.sub(r"file = .*", 'file = "factures.csv"\npayments = "https://exemple.fr/r.csv"', text, count=1)
    (here.folder / "relance.toml").write_text(fixed, encoding="utf-8")
    assert "que sous invoices.file" in here.run("plan", today=MORNING).err


def test_several_files_are_dunned_from(here: Story, box: Mailbox) -> None:
    """A file a year: each invoice once; the old one is asked about by its name while it shows something to pay."""
    old, new = here.folder / "2025.csv", here.folder / "factures.csv"
    old.write_text(table(row("F-9", "Theta SARL", LATE)), encoding="utf-8")
    here.write(*several())
    at(here, "2025.csv", "factures.csv")
    here.saved_on("2026-11-01")
    new.rename(here.folder / "x.csv")
    old.rename(new)
    here.saved_on("2026-11-01")  # the old one
    new.rename(old)
    (here.folder / "x.csv").rename(new)
    held = here.run("send", today=MORNING)  # which saves the new one
    assert (1, 0) == (held.code, len(box.received))
    assert "« 2025.csv » du 1er novembre 2026, trop ancien : exportez-le de nouveau" in held.out.replace("\u00a0", " ")
    assert 0 == here.run("confirm", "file", today=MORNING).code
    assert 0 == here.run("send", today=MORNING).code
    assert 4 == len(box.received)


def test_a_file_vouched_for_is_asked_about_once_a_week(here: Story, box: Mailbox) -> None:
    """Unchanged for five weeks, confirmed whenever it is asked: at most one line a week, and never in vain."""
    here.write(*several(due="10/11/2026"), row("F-7", "Eta SARL", "23/12/2026"), row("F-8", "Iota SARL", "01/12/2026"))
    at(here, "factures.csv")
    here.run("confirm", "backlog", "--as-is", today="2026-11-25")
    here.saved_on("2026-11-02")
    here.kept = False
    asked = []
    for day in (
        f"2026-{month:02}-{day:02}"
        for month, day in [*((11, d) for d in range(25, 31)), *((12, d) for d in range(1, 32))]
    ):
        done = here.run("send", today=day)
        lines = [line for line in done.out.splitlines() if QUESTION in line]
        assert len(lines) <= 1
        if lines:
            assert (1, True) == (done.code, lines[0].endswith(QUESTION))
            asked.append(day)
            assert 0 == here.run("confirm", "file", today=day).code
            here.run("send", today=day)
    days = [int(day[-2:]) + (30 if day[5:7] == "12" else 0) for day in asked]
    assert len(days) >= 2
    assert all(later - earlier >= 7 for earlier, later in pairwise(days)), asked


def test_a_promise_asks_no_sooner_than_the_week_is_over(here: Story) -> None:
    """Confirmed on Wednesday, the promise of Thursday is broken on Tuesday: held and shown, told once a week."""
    here.write(*several())
    at(here, "factures.csv")
    here.run("send", today=MORNING)
    here.saved_on("2026-11-18")
    here.kept = False
    assert 0 == here.run("hold", "F-0", "--reason", "promise", "--until", "2026-12-10", today=NEXT).code
    asked = []
    for number in range(3, 25):
        day = f"2026-12-{number:02}"
        if QUESTION in here.run("send", today=day).out:
            asked.append(number)
            here.run("confirm", "file", today=day)
    assert all(later - earlier >= 7 for earlier, later in pairwise(asked)), asked
    assert asked


def test_the_plan_puts_the_question_once(here: Story) -> None:
    """Not under each invoice; --quiet has the question alone, and who confirmed once is told since when."""
    here.write(*several())
    at(here, "factures.csv")
    here.saved_on("2026-11-10")
    here.kept = False
    shown = here.run("plan", "--format", "lines", today=MORNING)
    assert (1, 1) == (shown.code, shown.out.count(QUESTION))
    quiet = here.run("plan", "--quiet", "--format", "lines", today=MORNING).out
    assert (1, 0) == (quiet.count(QUESTION), quiet.count("F-1"))
    assert {QUESTION in line["because"] for line in here.plan(MORNING)["invoices"]} == {True}
    assert 0 == here.run("confirm", "file", today=MORNING).code
    later = here.run("plan", today="2026-12-18").out.replace("\u00a0", " ")
    assert "confirmé et inchangé depuis le 25 novembre 2026" in later
