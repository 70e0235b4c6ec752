"""All that a person tells is taken back by one command, or that command says why not."""

import shlex
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest
from story_support import MONDAY, Story
from turns_support import dossier

from relance.core.facts import (
    Allocated,
    Approved,
    Backlog,
    BacklogAnswered,
    ClockConfirmed,
    ColumnsAgreed,
    Confirmed,
    Credited,
    Fact,
    FileConfirmed,
    Held,
    HoldReason,
    Paid,
    RateConfirmed,
    Released,
    Reminded,
    RowKnown,
    UserFact,
)
from relance.core.interest import Basis, Rate
from relance.core.invoice import Contact, Snapshot
from relance.core.mails import MailboxChanged, Received
from relance.core.status import StatusTold
from relance.journal import open_journal, read_journal

DAY = date.fromisoformat(MONDAY)
KEY = "F-2026-041/2026"
LOOK = Snapshot("atelier roux", ("compta@atelier.example",), Decimal("1200.00"), date(2026, 11, 5))
TOLD: dict[str, UserFact] = {
    "F-2026-041": Paid(KEY, Decimal(10), DAY),
    "'Atelier Roux'": Held("name:atelier roux", HoldReason.PAUSE, DAY),
    "F-2026-042": Released("F-2026-042/2026", DAY),
    "F-2026-12": Reminded("F-2026-012/2026", Contact("firm", "call", DAY)),
    "F-2026-140": Approved("F-2026-140/2026", "formal_notice", DAY, Decimal(890), LOOK),
    "F-2026-150": Confirmed("F-2026-150/2026", DAY, LOOK),
    "F-2026-151": Allocated("A-1/2026", "A-1", "F-2026-151/2026", Decimal(5), DAY, DAY),
    "backlog": BacklogAnswered(Backlog.IGNORE, DAY),
    "fichier": FileConfirmed("0badcafe", DAY),
    "columns": ColumnsAgreed(DAY, ("Montant",), ("Montant",), ignored=("Avis",)),
    "horloge": ClockConfirmed(DAY),
    "taux": RateConfirmed(Rate(Basis.FIXED, Decimal(14)), True, DAY),
    "261112-0b5e": Credited("261112-0b5e77a1", DAY, Decimal(40), "EUR", DAY, by_hand=True, payer="MAIRIE"),
    "12": RowKnown("0badcafe", DAY, ("F-99", "12", "factures.csv:12")),
}
"""By what each kind is taken back; a thing of every kind but those of the mailbox, which nobody tells."""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A dossier with invoices and a journal that knows things."""
    return Story(dossier(tmp_path))


def known(here: Story) -> list[Fact]:
    """All facts that count."""
    journal = read_journal(here.journal)
    assert journal is not None
    with journal:
        return journal.facts()


def test_every_kind_is_here() -> None:
    """A new kind of fact needs its way back; what a platform told is taken back by `release`, once no export has it."""
    assert {*get_args(UserFact)} == {type(fact) for fact in TOLD.values()} | {Received, MailboxChanged, StatusTold}


@pytest.mark.parametrize("word", TOLD)
def test_what_was_told_is_taken_back(here: Story, word: str) -> None:
    """`undo` with nothing names it with the command, which, typed as printed, takes it back and nothing else."""
    before = known(here)
    with open_journal(here.journal, DAY, create=False) as journal:
        journal.record(TOLD[word])
    assert before != known(here)
    asked = here.run("undo", today=MONDAY)
    assert 2 == asked.code
    done = here.run("undo", *shlex.split(word), today=MONDAY)
    assert (0, "") == (done.code, done.err)
    assert "annulé" in done.out
    assert before == known(here)


def test_the_list_says_what_would_be_undone(here: Story) -> None:
    """Not the sum that is owed; each line typed as printed does it."""
    with open_journal(here.journal, DAY, create=False) as journal:
        journal.record(*TOLD.values())
    err = here.run("undo", today=MONDAY).err.replace("\u00a0", " ").replace("\u202f", " ")
    assert "règlement de 10,00 € du 23 novembre 2026" in err
    assert "1 200,00" not in err
    printed = [line.partition("→ relance ")[2] for line in err.splitlines() if "→" in line]
    assert 8 == len(printed)
    for command in printed:
        assert 0 == here.run(*shlex.split(command)).code, command


@pytest.mark.parametrize("word", ["backlog", "file", "clock", "rate"])
def test_nothing_of_the_kind_was_told(here: Story, word: str) -> None:
    """A sentence, and nothing is done."""
    done = here.run("undo", word, today=MONDAY)
    assert (2, "") == (done.code, done.out)
    assert "Rien n’a été dit" in done.err


def test_an_accepted_journal_is_not_taken_back(here: Story) -> None:
    """It says why."""
    done = here.run("undo", "journal", today=MONDAY)
    assert (2, "") == (done.code, done.out)
    assert "ne s’annule pas" in done.err
