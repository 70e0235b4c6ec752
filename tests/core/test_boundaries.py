"""Decisions 1, 2, 4 and 6 at their boundaries: tables written by hand, one word a day, for each past and each answer.

The columns of a table are DAYS, counted from the due date, on a calendar with no closed day; WORDS tells its
abbreviations: a capital letter is a message that leaves, with `?` it waits for the user's word, with `!` it is a
person's task; `.` is a day on which that past cannot be.
"""

from collections.abc import Iterator, Sequence

import pytest
from core_support import EVERY_DAY, LONG_AGO, answer, approved, customer, day, invoice, paid, reminded

from relance.core.facts import Backlog, Confirmed, Fact, Held, HoldReason, Released
from relance.core.history import FileState, fold
from relance.core.invoice import Customer, Invoice, Status, invoice_key, snapshot_of
from relance.core.plan import Line
from relance.core.planning import build_plan

DAYS = (-6, -5, -1, 0, 1, 4, 5, 14, 15, 29, 30, 31, 365)
MESSAGES = {"C": "courtesy", "A": "friendly", "F": "firm", "N": "formal_notice", "B": "broken_promise"}
WORDS = {
    "nd": "not_due",
    "ex": "expired",
    "sd": "stage_done",
    "fi": "finished",
    "ba": "backlog",
    "ts": "too_soon",
    "pd": "paid",
    "di": "disputed",
    "pr": "promised",
    "pa": "paused",
    "xx": "excluded",
    "mi": "below_minimum",
    "na": "no_address",
    "st": "stale_input",
    "ch": "changed",
}
PASTS: dict[str, tuple[str, int] | None] = {
    "nothing": None,
    "courtesy": ("courtesy", -5),
    "friendly": ("friendly", 5),
    "firm": ("firm", 15),
    "notice": ("formal_notice", 30),
}
"""What was said before, and when."""

IN_SERVICE = """
            -6  -5  -1   0   1   4   5  14  15  29  30  31 365
nothing     nd   C   C  ex  ex  ex   A   A   A   A   A   A   A
courtesy     .  sd  sd  sd  sd  sd   A   A   A   A   A   A   A
friendly     .   .   .   .   .   .  sd  sd   F   F   F   F   F
firm         .   .   .   .   .   .   .   .  sd  sd  N?  N?  N?
notice       .   .   .   .   .   .   .   .   .   .  fi  fi  fi
"""
"""One stage at a time, whatever the date; the courtesy ends with the day before the due date."""
FIRST_RUN = {
    "no journal": """
            -6  -5  -1   0   1   4   5  14  15  29  30  31 365
nothing     nd   C   C  ex  ex  ex   A   A   F   F  N?  N?  N?
courtesy     .  sd  sd  sd  sd  sd   A   A   F   F  N?  N?  N?
friendly     .   .   .   .   .   .  sd  sd   F   F   F   F   F
firm         .   .   .   .   .   .   .   .  sd  sd  N?  N?  N?
notice       .   .   .   .   .   .   .   .   .   .  fi  fi  fi
""",
    "as-is": """
            -6  -5  -1   0   1   4   5  14  15  29  30  31 365
nothing     nd   C   C  ex  ex  ex   A   A   F   F  N?  N?  N?
courtesy     .  sd  sd  sd  sd  sd   A   A   F   F  N?  N?  N?
friendly     .   .   .   .   .   .  sd  sd   F   F   F   F   F
firm         .   .   .   .   .   .   .   .  sd  sd  N?  N?  N?
notice       .   .   .   .   .   .   .   .   .   .  fi  fi  fi
""",
    "gently": IN_SERVICE,
    "unanswered": """
            -6  -5  -1   0   1   4   5  14  15  29  30  31 365
nothing     nd   C   C  ex  ex  ex  ba  ba  ba  ba  ba  ba  ba
courtesy     .  sd  sd  sd  sd  sd  ba  ba  ba  ba  ba  ba  ba
friendly     .   .   .   .   .   .  sd  sd  ba  ba  ba  ba  ba
firm         .   .   .   .   .   .   .   .  sd  sd  ba  ba  ba
notice       .   .   .   .   .   .   .   .   .   .  fi  fi  fi
""",
    "ignore": """
            -6  -5  -1   0   1   4   5  14  15  29  30  31 365
nothing     nd   C   C  ex  ex  ex  ba  ba  ba  ba  ba  ba  ba
courtesy     .  sd  sd  sd  sd  sd  ba  ba  ba  ba  ba  ba  ba
friendly     .   .   .   .   .   .  sd  sd  ba  ba  ba  ba  ba
firm         .   .   .   .   .   .   .   .  sd  sd  ba  ba  ba
notice       .   .   .   .   .   .   .   .   .   .  fi  fi  fi
""",
}
"""The journal is opened on that very day, if at all; the past stands in the file's own history column."""
OTHERWISE = """
                    -6  -5  -1   0   1   4   5  14  15  29  30  31 365
terms of 7 days     nd  nd  nd  nd  nd  nd   A   A   A   A   A   A   A
terms of 14 days    nd  nd  nd  nd  nd  nd   A   A   A   A   A   A   A
terms of 15 days    nd   C   C  ex  ex  ex   A   A   A   A   A   A   A
terms of 44 days    nd   C   C  ex  ex  ex   A   A   A   A   A   A   A
terms of 45 days    nd   C   C  ex  ex  ex  ex   A   A   A   A   A   A
terms unknown       nd   C   C  ex  ex  ex   A   A   A   A   A   A   A
long, friendly 10    .   .   .   .   .   .   .  sd  sd   F   F   F   F
long, firm 25        .   .   .   .   .   .   .   .   .  sd  sd  sd  N?
word given today     .   .   .   .   .   .   .   .  sd  sd   N   N   N
word of a week ago   .   .   .   .   .   .   .   .  sd  sd   N   N   N
word of 8 days ago   .   .   .   .   .   .   .   .  sd  sd  N?  N?  N?
word for less        .   .   .   .   .   .   .   .  sd  sd  N?  N?  N?
called on 14         .   .   .   .   .   .   .  ts  ts   A   A   A   A
half paid on 4      nd   C   C  ex  ex  ex  ts   A   A   A   A   A   A
half paid on 9      nd   C   C  ex  ex  ex   A  ts  ts   A   A   A   A
all paid on 4       nd   C   C  ex  ex  pd  pd  pd  pd  pd  pd  pd  pd
4.99 EUR            mi  mi  mi  mi  mi  mi  mi  mi  mi  mi  mi  mi  mi
excluded            xx  xx  xx  xx  xx  xx  xx  xx  xx  xx  xx  xx  xx
no address          nd  na  na  ex  ex  ex  na  na  na  na  na  na  na
litige in the file  di  di  di  di  di  di  di  di  di  di  di  di  di
disputed on -1      nd   C  di  di  di  di  di  di  di  di  di  di  di
solved on 14        nd   C  di  di  di  di  di  ts  ts   A   A   A   A
paused until 14     nd   C   C  pa  pa  pa  pa  pa   A   A   A   A   A
promised for 12     nd   C   C  ex  pr  pr  pr  pr   B   B   B   B   B
promised for 11     nd   C   C  ex  pr  pr  pr   B   B   B   B   B   B
key account         nd   C   C  ex  ex  ex   A   A   A   A   A   A   A
key, friendly 5      .   .   .   .   .   .  sd  sd  F!  F!  N!  N!  N!
key, firm 15         .   .   .   .   .   .   .   .  sd  sd  N!  N!  N!
file of 14 days ago nd   C   C  ex  ex  ex   A   A   A   A   A   A   A
file of 15 days ago nd  st  st  ex  ex  ex  st  st  st  st  st  st  st
firm, 7 days ago     .   .   .   .   .   .  sd  sd   F   F   F   F   F
firm, 8 days ago     .   .   .   .   .   .  sd  sd  st  st  st  st  st
began again on -19  nd  nd  nd  nd  nd  nd   A   A   A   A   A   A   A
moved, unconfirmed  nd   .   .   .   .   .  ch  ch  ch  ch  ch  ch  ch
"""
"""One thing that is otherwise than usual, in service."""


def cells(table: str) -> Iterator[tuple[str, int, str]]:
    """The name of the row, the day and the word of every cell but the dots."""
    head, *rows = table.strip("\n").splitlines()
    assert DAYS == tuple(int(text) for text in head.split())
    for row in rows:
        words = row.split()[-len(DAYS) :]
        name = row.rsplit(None, len(DAYS))[0].strip()
        yield from ((name, when, word) for when, word in zip(DAYS, words, strict=True) if word != ".")


def assert_word(word: str, line: Line) -> None:
    """The line says what the table says: decision, reason and stage."""
    acting = line.acting.key if line.acting else None
    found: tuple[str, str, str | None] = (line.decision.value, line.reason.value, acting)
    if word in MESSAGES:
        assert ("remind", "due", MESSAGES[word]) == found
    elif word[0] in MESSAGES and word.endswith("?"):
        assert ("hold", "awaiting_approval", MESSAGES[word[0]]) == found
    elif word[0] in MESSAGES and word.endswith("!"):
        assert ("task", "due", MESSAGES[word[0]]) == found
    else:
        assert ("hold", WORDS[word]) == found[:2]


def line_of(about: Invoice, facts: Sequence[Fact], on: int, *, file_age: int | None = None) -> Line:
    """The line of one invoice on one day, with a journal opened long ago."""
    known = [fact for fact in facts if fact.on <= day(on)]  # a later fact would be a question of the clock
    history = fold(sorted(known, key=lambda fact: fact.on), LONG_AGO, day(on))
    if file_age is not None:
        history = history._replace(file=FileState(day(on - file_age)))
    (line,) = build_plan([about], history, EVERY_DAY, day(on)).lines
    return line


@pytest.mark.parametrize(("past", "on", "word"), list(cells(IN_SERVICE)))
def test_in_service(past: str, on: int, word: str) -> None:
    """What became late while relance was there: one stage at a time."""
    told = PASTS[past]
    facts: list[Fact] = [reminded(invoice(), told[0], day(told[1]))] if told else []
    assert_word(word, line_of(invoice(), facts, on))


@pytest.mark.parametrize(
    ("era", "past", "on", "word"), [(era, *cell) for era, table in FIRST_RUN.items() for cell in cells(table)]
)
def test_first_run(era: str, past: str, on: int, word: str) -> None:
    """The first day of relance, with each answer about what was late then."""
    told = PASTS[past]
    contacts = [reminded(invoice(), told[0], day(told[1]), told=False).contact] if told else []
    facts: list[Fact] = [answer(Backlog(era), day(on))] if era in list(Backlog) else []
    history = fold(facts, None if era == "no journal" else day(on), day(on))
    (line,) = build_plan([invoice(contacts=contacts)], history, EVERY_DAY, day(on)).lines
    assert_word(word, line)


KEY = invoice_key(invoice())
FIRM: Fact = reminded(invoice(), "firm", day(15))
FRIENDLY: Fact = reminded(invoice(), "friendly", day(5))
LONG = invoice(terms=60)
BEFORE = invoice(due=day(-30), terms=1)


def key_account() -> Customer:
    """A customer whom only a person presses."""
    if "profile" not in Customer._fields:
        pytest.skip("no profiles in this version")
    return customer(**dict(profile="key"))  # noqa: C408


def case(name: str, on: int) -> tuple[Invoice, list[Fact], int | None]:
    """The invoice, what was told, and the age of the file where it matters."""
    if name.startswith("terms of"):
        return invoice(terms=int(name.split()[2])), [], None
    if name.startswith("file of"):
        return invoice(), [], int(name.split()[2])
    if name.startswith("key"):
        mine = invoice(owner=key_account())
        pasts: dict[str, list[Fact]] = {
            "key account": [],
            "key, friendly 5": [reminded(mine, "friendly", day(5))],
            "key, firm 15": [reminded(mine, "firm", day(15), channel="call")],
        }
        return mine, pasts[name], None
    moved = invoice(terms=31)
    cases: dict[str, tuple[Invoice, list[Fact], int | None]] = {
        "terms unknown": (invoice(terms=None), [], None),
        "long, friendly 10": (LONG, [reminded(LONG, "friendly", day(10))], None),
        "long, firm 25": (LONG, [reminded(LONG, "firm", day(25))], None),
        "word given today": (invoice(), [FIRM, approved(invoice(), day(on))], None),
        "word of a week ago": (invoice(), [FIRM, approved(invoice(), day(on - 7))], None),
        "word of 8 days ago": (invoice(), [FIRM, approved(invoice(), day(on - 8))], None),
        "word for less": (invoice(), [FIRM, approved(invoice(), day(on), outstanding="1199.99")], None),
        "called on 14": (invoice(), [reminded(invoice(), "", day(14), channel="call")], None),
        "half paid on 4": (invoice(payments=[paid("600.00", day(4))]), [], None),
        "half paid on 9": (invoice(payments=[paid("600.00", day(9))]), [], None),
        "all paid on 4": (invoice(payments=[paid("1200.00", day(4))]), [], None),
        "4.99 EUR": (invoice(total="4.99"), [], None),
        "excluded": (invoice(owner=customer(excluded=True)), [], None),
        "no address": (invoice(owner=customer(emails=())), [], None),
        "litige in the file": (invoice(status=Status.DISPUTED), [], None),
        "disputed on -1": (invoice(), [Held(KEY, HoldReason.DISPUTE, day(-1))], None),
        "solved on 14": (invoice(), [Held(KEY, HoldReason.DISPUTE, day(-1)), Released(KEY, day(14))], None),
        "paused until 14": (invoice(), [Held(KEY, HoldReason.PAUSE, day(0), day(14))], None),
        "promised for 12": (invoice(), [Held(KEY, HoldReason.PROMISE, day(1), day(12))], None),
        "promised for 11": (invoice(), [Held(KEY, HoldReason.PROMISE, day(1), day(11))], None),
        "firm, 7 days ago": (invoice(), [FRIENDLY], 7),
        "firm, 8 days ago": (invoice(), [FRIENDLY], 8),
        "moved, unconfirmed": (moved, [reminded(BEFORE, "friendly", day(-25))], None),
        "began again on -19": (
            moved,
            [reminded(BEFORE, "friendly", day(-25)), Confirmed(KEY, day(-19), snapshot_of(moved))],
            None,
        ),
    }
    return cases[name]


@pytest.mark.parametrize(("name", "on", "word"), list(cells(OTHERWISE)))
def test_otherwise(name: str, on: int, word: str) -> None:
    """Terms, words, payments, holds, promises, key accounts and old files, each at every boundary."""
    about, facts, file_age = case(name, on)
    assert_word(word, line_of(about, facts, on, file_age=file_age))


def test_every_abbreviation_is_used() -> None:
    """A table that nobody reads proves nothing."""
    used = {word.rstrip("?!") for text in (IN_SERVICE, *FIRST_RUN.values(), OTHERWISE) for *_, word in cells(text)}
    assert used == {*MESSAGES, *WORDS}
