"""`relance calendar`: what stands on which day, under a name that stays, and how a calendar learns that it is over."""

import re
import shlex
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_support import smtp_server
from story_support import MONDAY, Done, Row, Story, row, story

from relance.display.agenda import escaped, folded, one_line

DAY = date.fromisoformat(MONDAY)
ALPHA = row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026")
BETA = row("F-2", "Béta & Fils SARL", "20/11/2026", "640,00", issued="21/10/2026")
LATER = row("F-3", "Gamma SAS", "11/12/2026", "300,00", issued="11/11/2026")
Event = dict[str, str]


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with settings, whose journal begins before anything was due."""
    return opened(story(tmp_path))


def opened(here: Story, *rows: Row, rest: str = "") -> Story:
    """The ladder with telephone calls; nothing leaves."""
    here.settings(rest=f'[policy]\nschedule = "phone"\n[delivery]\ntransport = "folder"\nfolder = "b"\n{rest}')
    here.write(*(rows or (ALPHA, BETA, LATER)))
    assert 0 == here.run("hold", "F-3", "--reason", "pause", "--until", "2026-11-10", today="2026-11-10").code
    return here


def on(days: int) -> str:
    """That many days after the Monday."""
    return (DAY + timedelta(days=days)).isoformat()


def done(here: Story, *args: str, today: str) -> Done:
    """A command that is understood."""
    found = here.run(*args, today=today)
    assert found.code in (0, 1), found.err
    return found


def read(text: str) -> list[Event]:
    """The events of a calendar, unfolded and unescaped, without their alarms but for the hour of each."""
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    events: list[Event] = []
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            events.append({})
        elif events and not (name == "DESCRIPTION" and "ACTION" in events[-1]):
            plain = re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], value)
            events[-1].setdefault(name.partition(";")[0], plain)
    return events


def calendar(here: Story, *options: str, today: str = MONDAY) -> dict[str, Event]:
    """The events of that day by the beginning of their UIDs: the invoice, and what it is."""
    shown = here.run("calendar", "--out", "-", *options, today=today)
    assert shown.code in (0, 1), shown.err
    events = read(shown.out)
    uids = [event["UID"] for event in events]
    assert len(uids) == len(set(uids))
    return {event["UID"].partition("@")[0].replace("%2F2026", ""): event for event in events}


def brief(event: Event) -> tuple[str, str]:
    """The day and what becomes of it."""
    return event["DTSTART"], event["STATUS"]


def test_due_dates_and_what_comes(here: Story) -> None:
    """Each due date, and the next call of each ladder on the day that the plan says."""
    found = calendar(here)
    assert {
        "F-1.due": ("20261120", "CONFIRMED"),
        "F-2.due": ("20261120", "CONFIRMED"),
        "F-3.due": ("20261211", "CONFIRMED"),
    } == {name: brief(event) for name, event in found.items()}
    due = found["F-2.due"]
    assert "Échéance de Béta & Fils SARL (F-2, 640,00\u00a0€)" == due["SUMMARY"]
    assert ("TRANSPARENT", "PT9H", "0") == (due["TRANSP"], due["TRIGGER"], due["SEQUENCE"])
    done(here, "record", "F-1", "--stage", "friendly", "--channel", "email", "--on", on(2), today=on(2))
    call = calendar(here, today=on(2))["F-1.call-firm"]
    assert ("20261207", "CONFIRMED") == brief(call)  # the fifteenth day is a Saturday
    assert "Appeler Alpha SARL (F-1, 1\u202f200,00\u00a0€)" == call["SUMMARY"]
    assert "Téléphone\u00a0: inconnu\nrelance show F-1 --call" == call["DESCRIPTION"]


def test_a_call_stays_on_its_day(here: Story) -> None:
    """From the day on which it is foreseen until it is made: one event, one day, one revision; then it is cancelled."""
    done(here, "record", "F-1", "--stage", "friendly", "--channel", "email", "--on", on(2), today=on(2))
    seen = [calendar(here, today=on(days))["F-1.call-firm"] for days in range(3, 19)]
    assert {("20261207", "CONFIRMED")} == {brief(event) for event in seen}
    assert 1 == len({event["SEQUENCE"] for event in seen})
    assert 1 == len({event["UID"] for event in seen})
    command = shlex.split(seen[-1]["DESCRIPTION"].splitlines()[-1])[1:]
    assert "Alpha SARL" in done(here, *command, today=on(18)).out

    done(here, "record", "F-1", "--stage", "firm", "--channel", "call", today=on(18))
    over = calendar(here, today=on(18))["F-1.call-firm"]
    assert "CANCELLED" == over["STATUS"]
    assert over["SUMMARY"].startswith("Terminé\u00a0: Appeler")
    assert "TRIGGER" not in over
    assert int(over["SEQUENCE"]) > int(seen[-1]["SEQUENCE"])
    assert "F-1.call-firm" in calendar(here, today=on(48))
    assert "F-1.call-firm" not in calendar(here, today=on(49))


def test_a_promise_that_moves(here: Story) -> None:
    """One event, whose day and revision follow the last word; a release cancels it, undone it stands."""
    hold = ("hold", "F-1", "--reason", "promise", "--until")
    done(here, *hold, on(4), today=MONDAY)
    first = calendar(here)["F-1.promise"]
    assert ("20261127", "CONFIRMED", "0") == (*brief(first), first["SEQUENCE"])
    assert "Paiement promis par Alpha SARL (F-1, 1\u202f200,00\u00a0€)" == first["SUMMARY"]
    done(here, *hold, on(7), today=on(1))
    moved = calendar(here, today=on(1))["F-1.promise"]
    assert ("20261130", "CONFIRMED", "1") == (*brief(moved), moved["SEQUENCE"])
    assert first["UID"] == moved["UID"]
    done(here, "release", "F-1", today=on(2))
    gone = calendar(here, today=on(2))["F-1.promise"]
    assert ("20261130", "CANCELLED") == brief(gone)
    done(here, "undo", "F-1", today=on(3))
    back = calendar(here, today=on(3))["F-1.promise"]
    assert ("20261130", "CONFIRMED") == brief(back)
    several = [int(event["SEQUENCE"]) for event in (first, moved, gone, back)]
    assert sorted(set(several)) == several


def test_a_promise_taken_back(here: Story) -> None:
    """A slip that was undone does not stay in the calendar of who had it."""
    done(here, "hold", "F-1", "--reason", "promise", "--until", on(4), today=MONDAY)
    before = calendar(here)["F-1.promise"]
    done(here, "undo", "F-1", today=MONDAY)
    after = calendar(here)["F-1.promise"]
    assert ("20261127", "CANCELLED") == brief(after)
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])


def test_a_promise_of_a_customer(here: Story) -> None:
    """It is one event, over once all that he owes is paid."""
    here.write(ALPHA, row("F-9", "Alpha SARL", "21/11/2026"))
    done(here, "hold", "Alpha SARL", "--reason", "promise", "--until", on(4), today=MONDAY)
    promises = [name for name in calendar(here) if name.endswith(".promise")]
    assert ["name%3Aalpha%20sarl.promise"] == promises
    for number in ("F-1", "F-9"):
        assert "CONFIRMED" == calendar(here, today=on(1))[promises[0]]["STATUS"]
        done(here, "pay", number, today=on(1))
    assert "CANCELLED" == calendar(here, today=on(1))[promises[0]]["STATUS"]


def test_a_payment_plan(here: Story) -> None:
    """Each part on its day; what was paid is cancelled, what a shorter plan has no more as well."""
    plan = ("hold", "F-2", "--reason", "plan", "--instalment")
    parts = (f"{on(7)}=240", "--instalment", f"{on(37)}=200", "--instalment", f"{on(67)}=200")
    done(here, *plan, *parts, today=MONDAY)
    found = calendar(here)
    assert "Versement 2 sur 3 de Béta & Fils SARL (F-2, 200,00\u00a0€)" == found["F-2.instalment-2"]["SUMMARY"]
    days = [brief(found[f"F-2.instalment-{n}"]) for n in (1, 2, 3)]
    assert [("20261130", "CONFIRMED"), ("20261230", "CONFIRMED"), ("20270129", "CONFIRMED")] == days

    done(here, "pay", "F-2", "--amount", "240", today=on(7))
    found = calendar(here, today=on(7))
    assert ["CANCELLED", "CONFIRMED", "CONFIRMED"] == [found[f"F-2.instalment-{n}"]["STATUS"] for n in (1, 2, 3)]
    done(here, *plan, f"{on(40)}=400", today=on(8))
    shorter = calendar(here, today=on(8))
    assert ("20270102", "CONFIRMED") == brief(shorter["F-2.instalment-1"])
    assert ["CANCELLED", "CANCELLED"] == [shorter[f"F-2.instalment-{n}"]["STATUS"] for n in (2, 3)]
    assert all(int(shorter[name]["SEQUENCE"]) > int(found[name]["SEQUENCE"]) for name in found if "instalment" in name)


@pytest.mark.parametrize("told", ["told", "in_file", "gone"])
def test_what_is_paid_is_over(here: Story, told: str) -> None:
    """A payment told by hand, in the file, or a row that is there no more: the due date is cancelled, then left out."""
    before = int(calendar(here)["F-1.due"]["SEQUENCE"])
    done(here, "send", today=MONDAY)
    if told == "told":
        done(here, "pay", "F-1", today=on(1))
    paid = {"in_file": [ALPHA.__class__(**{**vars(ALPHA), "paid": "1 200,00", "status": "Payée"})], "gone": []}
    here.write(*paid.get(told, [ALPHA]), BETA, LATER)
    over = calendar(here, today=on(1))["F-1.due"]
    assert ("20261120", "CANCELLED") == brief(over)
    assert int(over["SEQUENCE"]) > before
    done(here, "send", today=on(1))
    assert "F-1.due" in calendar(here, today=on(31))
    assert "F-1.due" not in calendar(here, today=on(32))


def test_a_sum_and_a_due_date_that_change(here: Story) -> None:
    """Told by the file alone, once a run has seen it before; and by a payment that is taken back."""
    done(here, "send", today=MONDAY)
    several = [calendar(here)["F-3.due"]]
    here.write(ALPHA, BETA, row("F-3", "Gamma SAS", "18/12/2026", "300,00", issued="11/11/2026"))
    several.append(calendar(here, today=on(1))["F-3.due"])
    assert "20261218" == several[-1]["DTSTART"]
    done(here, "send", today=on(1))
    assert several[-1]["SEQUENCE"] == calendar(here, today=on(2))["F-3.due"]["SEQUENCE"]
    done(here, "pay", "F-3", "--amount", "100", today=on(2))
    several.append(calendar(here, today=on(2))["F-3.due"])
    assert "200,00" in several[-1]["SUMMARY"]
    done(here, "undo", "F-3", today=on(2))
    several.append(calendar(here, today=on(2))["F-3.due"])
    assert "300,00" in several[-1]["SUMMARY"]
    revisions = [int(event["SEQUENCE"]) for event in several]
    assert sorted(set(revisions)) == revisions


def test_a_dispute_takes_the_call_away(here: Story) -> None:
    """And its end brings it back, as the same event."""
    done(here, "record", "F-1", "--stage", "friendly", "--channel", "email", "--on", on(2), today=on(2))
    planned = calendar(here, today=on(3))["F-1.call-firm"]
    done(here, "hold", "F-1", "--reason", "dispute", today=on(3))
    held = calendar(here, today=on(3))["F-1.call-firm"]
    done(here, "release", "F-1", today=on(4))
    again = calendar(here, today=on(4))["F-1.call-firm"]
    assert ["CONFIRMED", "CANCELLED", "CONFIRMED"] == [each["STATUS"] for each in (planned, held, again)]
    assert int(planned["SEQUENCE"]) < int(held["SEQUENCE"]) < int(again["SEQUENCE"])


def test_a_letter(here: Story) -> None:
    """The notice that waits for its approval is a letter to post, and one once its mail left; posted, it is over."""
    for stage, days in (("friendly", 2), ("firm", 12)):
        done(here, "record", "F-1", "--stage", stage, "--channel", "email", "--on", on(days), today=on(days))
    planned = calendar(here, today=on(20))["F-1.letter-formal_notice"]
    assert "Poster la lettre de mise en demeure à Alpha SARL (F-1, 1\u202f200,00\u00a0€)" == planned["SUMMARY"]
    assert ("20261221", "CONFIRMED") == brief(planned)  # J+30 is a Sunday
    assert brief(planned) == brief(calendar(here, today=on(30))["F-1.letter-formal_notice"])
    done(here, "record", "F-1", "--stage", "formal_notice", "--channel", "email", "--on", on(30), today=on(30))
    mailed = calendar(here, today=on(31))["F-1.letter-formal_notice"]
    assert ("20261223", "CONFIRMED") == brief(mailed)
    assert int(planned["SEQUENCE"]) < int(mailed["SEQUENCE"])
    done(here, "record", "F-1", "--stage", "formal_notice", "--channel", "letter", today=on(31))
    assert "CANCELLED" == calendar(here, today=on(31))["F-1.letter-formal_notice"]["STATUS"]


def test_names_stay(here: Story) -> None:
    """From day to day and over the first run, whatever leaves and comes: an invoice keeps its name in the calendar."""
    names = {name for name in calendar(here) if name.endswith(".due")}
    uids = {calendar(here)[name]["UID"] for name in names}
    done(here, "send", today=on(2))
    for days in range(3, 12):
        assert uids == {calendar(here, today=on(days))[name]["UID"] for name in names}


def test_the_file(here: Story) -> None:
    """Here by default, for its user alone; the same octets on the same day; what is no calendar is left alone."""
    shown = done(here, "calendar", today=MONDAY)
    path = here.folder / "relances.ics"
    assert f"Agenda\u00a0: {path}\n3 dates\n" == shown.out
    assert 0o600 == path.stat().st_mode & 0o777
    first = path.read_bytes()
    assert first.decode() == done(here, "calendar", "--out", "-", today=MONDAY).out
    done(here, "calendar", today=MONDAY)
    assert first == path.read_bytes()
    before = here.journal.read_bytes()
    done(here, "calendar", today=on(1))
    assert before == here.journal.read_bytes()
    ahead = calendar(here, today="2099-01-05")
    assert {"20990105T000000Z"} == {event["DTSTAMP"] for event in ahead.values()}

    other = here.folder / "autre.ics"
    other.write_text("BEGIN:VCALENDAR\n", "utf-8")
    refused = here.run("calendar", "--out", "autre.ics", today=MONDAY)
    assert 2 == refused.code
    assert "n’est pas un calendrier de relance" in refused.err
    assert "BEGIN:VCALENDAR\n" == other.read_text("utf-8")


@pytest.mark.parametrize("name", ["factures.csv", "agenda.txt", "agenda", "mon agenda.ICAL"])
def test_a_name_that_no_program_opens_as_a_calendar_is_refused(here: Story, name: str) -> None:
    """The sentence names one that does, whole; nothing is written."""
    before = here.files()
    refused = here.run("calendar", "--out", name, today=MONDAY)
    assert 2 == refused.code
    assert before == here.files()
    [meant] = re.findall(r"--out (.+)\.$", refused.err.strip())
    assert 0 == here.run("calendar", "--out", *shlex.split(meant), today=MONDAY).code
    assert (here.folder / Path(name).with_suffix(".ics")).exists()


def test_discreet(here: Story) -> None:
    """No sum and no telephone number, whatever the kind."""
    here.invoices.write_text(
        "N° facture;Client;E-mail;Téléphone;Échéance;Montant TTC\n"
        "F-1;Alpha SARL;a@alpha.example;04 78 11 22 33;20/11/2026;1 234,56\n"
        "F-2;Béta SARL;b@beta.example;04 78 11 22 33;20/11/2026;1 234,56\n"
    )
    done(here, "record", "F-1", "--stage", "friendly", "--channel", "email", "--on", on(2), today=on(2))
    done(here, "hold", "F-2", "--reason", "plan", "--instalment", f"{on(7)}=1234,56", today=on(2))
    shown = here.run("calendar", "--out", "-", today=on(3)).out
    assert "04 78 11 22 33" in shown
    assert "234" in shown
    discreet = re.sub("[0-9]{8}T[0-9]{6}Z", "", here.run("calendar", "--out", "-", "--discreet", today=on(3)).out)
    assert "04 78" not in discreet
    assert "234" not in discreet
    assert "€" not in discreet
    uids = [[event["UID"] for event in read(text)] for text in (shown, discreet)]
    assert uids[0] == uids[1]


HOSTILE = (
    "BEGIN:VEVENT, SARL; \\n \\, Co",
    "Été " * 60 + "SARL",
    "=cmd|' /C calc'!A0 SARL",
    "日本語株式会社🙂" * 12 + " SARL",
)


def _hostile(here: Story) -> str:
    rows = [row(f"F:{n},\\{n}é🙂", name, "20/11/2026", email=f"x{n}@x.example") for n, name in enumerate(HOSTILE)]
    cells = [(r.number, r.customer, r.email, r.due, "100,00") for r in rows]
    table = [("N° facture", "Client", "E-mail", "Échéance", "Montant TTC"), *cells]
    here.invoices.write_text("\n".join(map("\t".join, table)) + "\n", "utf-8")
    return done(here, "calendar", "--out", "-", today=MONDAY).out


def test_hostile_names(here: Story) -> None:
    """No name begins a line or an event of its own, none is cut in a character, no line is longer than 75 octets."""
    text = _hostile(here)
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(line.decode() or line == b"" for line in lines)  # each is whole UTF-8 by itself
    events = [event for event in read(text) if "F" == event["UID"][0] and event["SUMMARY"][0] == "É"]
    assert len(HOSTILE) == len(events)
    assert "Échéance de BEGIN:VEVENT, SARL; \\n \\, Co (F:0,\\0é🙂, 100,00\u00a0€)" == events[0]["SUMMARY"]


def test_what_steers_a_reader() -> None:
    """Line ends, control and direction characters, halves of characters: a name stays on its line, and is written."""
    name = "Évil\r\nBEGIN:VEVENT\u2028\u202e\x07\x1b[31m\x85\ud800SARL"
    assert "Évil BEGIN:VEVENT [31m \ud800SARL" == one_line(name)
    told = escaped(f"Appeler {one_line(name)}\nrelance show")
    assert "Appeler Évil BEGIN:VEVENT [31m ?SARL\\nrelance show" == told
    assert "a;b,c\\d" == escaped("a;b,c\\d").replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\")


@pytest.mark.parametrize("width", range(70, 80))
def test_folding(width: int) -> None:
    """A line of 75 octets stays whole, a longer one is taken apart and comes back."""
    for text in ("a" * width, "é" * width, "🙂" * width, "a" * (width % 4) + "🙂é" * width):
        pieces = folded(text).split("\r\n")
        assert text == pieces[0] + "".join(piece[1:] for piece in pieces[1:])
        assert all(len(piece.encode()) <= 75 for piece in pieces)
        assert (1 == len(pieces)) == (len(text.encode()) <= 75)


def _events(text: str) -> Sequence[Any]:
    icalendar = pytest.importorskip("icalendar", reason="reads the calendar back: pip install -e '.[dev]'")
    found = icalendar.Calendar.from_ical(text.encode())
    assert not found.errors
    events: Sequence[Any] = found.walk("VEVENT")
    assert not [each.errors for each in events if each.errors]
    return events


def test_another_library_reads_it(here: Story) -> None:
    """The library icalendar finds no fault, and the same texts, days and names, hostile ones too."""
    done(here, "hold", "F-1", "--reason", "promise", "--until", on(4), today=MONDAY)
    for text in (here.run("calendar", "--out", "-", today=MONDAY).out, _hostile(here)):
        ours = read(text)
        theirs = _events(text)
        assert [event["UID"] for event in ours] == [str(event["UID"]) for event in theirs]
        assert [event["SUMMARY"] for event in ours] == [str(event["SUMMARY"]) for event in theirs]
        days = [event["DTSTART"].dt for event in theirs]
        assert [event["DTSTART"] for event in ours] == [f"{day:%Y%m%d}" for day in days]
        assert {date} == set(map(type, days))


def test_without_settings(tmp_path: Path) -> None:
    """What a file alone tells; what is not read of it is said, with the command that shows it."""
    here = story(tmp_path)
    here.write(ALPHA, row("F-2", "Béta SARL", "hier"), row("F-3", "Gamma SARL", "12/10/2026"))
    shown = here.run("calendar", "--file", "factures.csv", today=MONDAY)
    assert 1 == shown.code
    assert "Non compté" in shown.out
    assert "relance check factures.csv" in shown.out.replace(str(here.folder) + "/", "")
    events = read((tmp_path / "relances.ics").read_bytes().decode())
    names = ["F-3%2F2026.due", "F-3%2F2026.letter-formal_notice", "F-1%2F2026.due"]
    assert names == [event["UID"].partition("@")[0] for event in events]


WORDS: dict[int, tuple[tuple[str, ...], ...]] = {
    1: (("hold", "F-2", "--reason", "promise", "--until", "2026-12-01"),),
    3: (("hold", "F-2", "--reason", "promise", "--until", "2026-12-03"), ("pay", "F-3", "--amount", "50")),
    4: (("undo", "F-3"),),
    8: (("hold", "F-1", "--reason", "dispute", "--until", "2026-12-20"),),
    9: (("release", "F-1"),),
    16: (("undo", "F-1"), ("undo", "F-1")),
    21: (("record", "F-1", "--stage", "firm", "--channel", "call"),),
    24: (("record", "F-2", "--stage", "broken_promise", "--channel", "call"),),
    25: (("hold", "Gamma SAS", "--reason", "promise", "--until", "2026-12-28"),),
    30: (("pay", "Gamma SAS"), ("pay", "F-3")),
    38: (("approve", "F-1"),),
    43: (("record", "F-1", "--stage", "formal_notice", "--channel", "letter"),),
    44: (("hold", "F-2", "--reason", "plan", "--instalment", "2027-01-15=320", "--instalment", "2027-02-15=320"),),
    54: (("pay", "F-2", "--amount", "320"),),
    55: (("undo", "F-2"),),
    58: (("hold", "F-2", "--reason", "plan", "--instalment", "2027-03-01=640"),),
    65: (("pay", "F-1"), ("release", "F-2")),
}
"""What a person says after so many days, right or not."""


@pytest.mark.slow
def test_three_months(tmp_path: Path) -> None:
    """Each morning the calendar, the run, the words of the day, the calendar: what changes has a later revision.

    No revision is ever lower, nothing disappears that was not cancelled before, and what did not change says so.
    """
    with smtp_server() as box:
        here = story(tmp_path)
        here.settings(box.port, rest='[policy]\nschedule = "phone"\n')
        here.write(ALPHA, BETA, LATER)
        before: dict[str, Event] = {}
        for days in range(90):
            for words in ((), (("send",),), *((each,) for each in WORDS.get(days, ()))):
                for each in words:
                    here.run(*each, today=on(days))
                now = calendar(here, today=on(days))
                _follows(before, now, days)
                before = now
    assert len(box.received) > 5
    assert {"F-1.letter-formal_notice", "F-2.instalment-1", "F-1.due"} <= {*SEEN}


SEEN: set[str] = set()
"""What ever stood in that calendar."""


def _follows(before: dict[str, Event], now: dict[str, Event], days: int) -> None:
    SEEN.update(now)
    for name, old in before.items():
        if name not in now:
            assert "CANCELLED" == old["STATUS"], (days, name)
            continue
        new = now[name]
        same = [old.get(key) for key in CONTENT] == [new.get(key) for key in CONTENT]
        assert int(new["SEQUENCE"]) >= int(old["SEQUENCE"]) + (not same), (days, old, new)


CONTENT = ("DTSTART", "SUMMARY", "STATUS", "DESCRIPTION")


@pytest.mark.parametrize("ending", ["call", "paid", "dispute", "promise"])
def test_a_second_broken_promise_asks_for_a_call(here: Story, ending: str) -> None:
    """On the day that it counts as broken, and as long as the plan asks for it; then it is cancelled."""
    hold = ("hold", "F-1", "--reason", "promise", "--until")
    done(here, *hold, on(2), today=MONDAY)
    assert "F-1.call-broken_promise" not in calendar(here, today=on(7))  # a mail speaks of the first one
    here.saved_on(on(7))
    done(here, *hold, on(9), today=on(7))
    assert "F-1.call-broken_promise" not in calendar(here, today=on(11))
    here.saved_on(on(14))
    call = calendar(here, today=on(14))["F-1.call-broken_promise"]
    assert ("20261207", "CONFIRMED") == brief(call)  # the third working day after Wednesday the 2nd
    assert "Appeler Alpha SARL, promesse non tenue (F-1, 1\u202f200,00\u00a0€)" == call["SUMMARY"]
    assert "relance show F-1 --call" in call["DESCRIPTION"]
    command = "relance record F-1 --stage broken_promise --channel call"
    assert command in [task["command"] for task in here.plan(on(14))["tasks"]]
    told = {
        "call": ("record", "F-1", "--stage", "broken_promise", "--channel", "call"),
        "paid": ("pay", "F-1"),
        "dispute": ("hold", "F-1", "--reason", "dispute"),
        "promise": (*hold, on(30)),
    }
    done(here, *told[ending], today=on(15))
    over = calendar(here, today=on(15))["F-1.call-broken_promise"]
    assert ("20261207", "CANCELLED") == brief(over)
    assert int(over["SEQUENCE"]) > int(call["SEQUENCE"])
    assert call["UID"] == over["UID"]
    assert "F-1.call-broken_promise" in calendar(here, today=on(44))
