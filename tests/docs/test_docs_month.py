"""The worked month of the guide is what the engine does."""

import re
from datetime import date, timedelta
from decimal import Decimal

from core_support import RATE_AGREED, customer, reminded, sent
from docs_support import guide

from relance.core.facts import Approved, Fact
from relance.core.history import fold
from relance.core.invoice import Invoice, snapshot_of
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.french import MONTHS, WEEKDAYS

DUE = date(2026, 10, 31)
ABOUT = Invoice("F-1", customer(), DUE, Decimal("1200.00"), issue_date=date(2026, 10, 1))
STARTED = date(2026, 9, 1)
_ROW = re.compile(r"^\| (\w+) (\d+) (\w+) \| J([+-]\d+) \| (.*?) \|", re.MULTILINE)


def _told() -> list[tuple[date, int, list[str]]]:
    """Each row of the guide's table: its day, the day counted, the codes of what happens."""
    rows = []
    for weekday, day, month, counted, what in _ROW.findall(guide("regles")):
        when = date(2026, MONTHS.index(month) + 1, int(day))
        assert weekday == WEEKDAYS[when.weekday()]
        rows.append((when, int(counted), re.findall(r"`(\w+)`", what)))
    return rows


def _lived() -> dict[date, list[str]]:
    """What a diligent user meets day by day: tasks (approved, posted at once), messages, tasks that these leave."""
    facts: list[Fact] = [RATE_AGREED]
    events: dict[date, list[str]] = {}
    known: set[str] = set()
    for offset in range(-31, 60):
        today = DUE + timedelta(days=offset)
        for _ in range(3):
            plan = build_plan([ABOUT], fold(facts, STARTED, today), DunningPolicy(), today)
            line = plan.lines[0]
            kinds = [task.kind for task in plan.tasks if task.kind not in known]
            known.update(kinds)
            events.setdefault(today, []).extend(kinds)
            if "approve" in kinds and line.acting:
                facts.append(Approved(line.key, line.acting.key, today, line.outstanding, snapshot_of(ABOUT)))
            facts += [reminded(ABOUT, "formal_notice", today, channel="letter")] if "letter" in kinds else []
            for reminder in plan.reminders:
                events[today].append(reminder.stage.key)
                facts.extend(sent(reminder, today))
    return {day: what for day, what in events.items() if what}


def test_the_worked_month() -> None:
    """Every row happens on its day, and nothing else does."""
    told: dict[date, list[str]] = {}
    for day, counted, codes in _told():
        assert counted == (day - DUE).days
        told.setdefault(day, []).extend(codes)
    assert len(told) >= 6
    assert {day: codes for day, codes in told.items() if codes} == _lived()
