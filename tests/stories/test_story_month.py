"""A month of scheduled mornings on a laptop that sleeps: runs at drawn hours, on drawn days, by its own clock."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from mail_support import Mailbox, smtp_server
from story_support import Row, Story, parsed, row, story

from relance.core.calendar import OFFICE_HOURS, WorkCalendar, is_open
from relance.journal import open_journal

pytestmark = pytest.mark.slow

ME = "moi@martin.example"
FIRST, LAST = date(2026, 10, 1), date(2026, 11, 13)
"""A Thursday; All Saints' Day (a Sunday) and the 11th of November lie between."""
PARIS = ZoneInfo("Europe/Paris")
NAMES = ("Ajonc SARL", "Bruyere SAS", "Cytise EURL", "Digitale SARL", "Erable SAS")
DUES = ("02/10/2026", "05/10/2026", "09/10/2026", "14/10/2026", "21/10/2026")


@dataclass
class Laptop:
    """What stands in the file, what the server took in each run, and what the test counts itself."""

    at: Story
    box: Mailbox
    patch: pytest.MonkeyPatch
    rows: list[Row] = field(default_factory=list)
    digests: Counter[date] = field(default_factory=Counter)
    to_customers: list[tuple[datetime, str, str]] = field(default_factory=list)
    last: date | None = None

    def stands_at(self, moment: datetime) -> None:
        """Its clock, and the file as it was exported that morning."""
        self.patch.setattr("relance.runs.dossier.machine_time", lambda _settings: moment)
        self.patch.setattr(open_journal, "__kwdefaults__", {"now": lambda: moment})
        self.at.write(*self.rows)
        saved = datetime.combine(moment.date(), time(5), tzinfo=PARIS).timestamp()
        os.utime(self.at.invoices, (saved, saved))

    def runs(self, moment: datetime) -> None:
        """The schedule's entry fires."""
        self.stands_at(moment)
        before = len(self.box.received)
        done = self.at.run("send", "--unattended")
        assert (done.out, done.err) == ("", ""), moment
        assert done.code in (0, 1), moment
        self.last = moment.date()
        taken = zip(self.box.received[before:], self.box.envelopes[before:], strict=True)
        for raw, to in taken:
            if to == (ME,):
                self.digests[moment.date()] += 1
            else:
                self.to_customers.append((moment, to[0], str(parsed(raw)["Subject"])))

    def says_when_it_ran(self, moment: datetime) -> None:
        """The plan of any hour names the last run, its own look being none."""
        self.stands_at(moment)
        told = self.at.run("plan", "--format", "json").json["last_run"]
        assert (told["on"] if told else None) == (self.last and self.last.isoformat()), moment
        assert told is None or (told["unattended"], told["days_ago"]) == (True, (moment.date() - self.last).days)  # type: ignore[operator]


@pytest.fixture
def laptop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Laptop]:
    """Five customers, one invoice each; the digest is on."""
    with smtp_server() as box:
        at = story(tmp_path)
        at.settings(box.port, rest=f'[digest]\nemail = "{ME}"\n')
        rows = [row(f"F-{i}", name, due) for i, (name, due) in enumerate(zip(NAMES, DUES, strict=True))]
        yield Laptop(at, box, monkeypatch, rows)


@pytest.mark.parametrize("seed", range(3))
def test_a_month_of_mornings(laptop: Laptop, seed: int) -> None:
    """Each message once, in the hours of an open day, the digest at most once a day, the last run always right."""
    draw = Random(seed)
    day, dates = FIRST, 0
    while day <= LAST:
        awake = draw.random() < 0.75 or day == FIRST  # else its lid was closed all day
        minutes = sorted(draw.sample(range(6 * 60, 21 * 60), draw.randint(1, 4))) if awake else []
        if day == date(2026, 10, 20):  # someone without an address, whom only the user can write to
            laptop.rows.append(row("F-9", "Fougere SARL", "16/10/2026", email=""))
        if day == date(2026, 10, 27):  # who pays is left in peace
            paid = {"paid": "1 200,00", "paid_on": "26/10/2026", "status": "Payée"}
            laptop.rows[4] = row("F-4", NAMES[4], DUES[4], **paid)
        for minute in minutes:
            laptop.runs(datetime.combine(day, time(minute // 60, minute % 60), tzinfo=PARIS))
            dates += 1
        if draw.random() < 0.3:
            laptop.says_when_it_ran(datetime.combine(day, time(21, 30), tzinfo=PARIS))
        day += timedelta(days=1)
    assert dates > 40
    assert 1 == max(laptop.digests.values())
    told = [(to, subject) for _, to, subject in laptop.to_customers]
    assert len(told) == len(set(told))
    for moment, to, _ in laptop.to_customers:
        assert is_open(moment.date(), WorkCalendar()), (moment, to)
        assert OFFICE_HOURS.first <= moment.time() < OFFICE_HOURS.end_on(moment.date()), (moment, to)
    reached = Counter(to for to, _ in told)
    assert {f"compta@{name.split()[0].lower()}.example" for name in NAMES} == set(reached)
    for name in NAMES[:3]:  # late for a month: friendly and firm, and what waits for a word is the user's
        assert 2 <= reached[f"compta@{name.split()[0].lower()}.example"] <= 3, name
    assert sum(laptop.digests.values()) >= 2  # Fougère's, and a notice that waits
