"""A customer who pays the charges too: recorded, thanked, taken back."""

from pathlib import Path

import pytest
from story_support import Story, row, story

DAY = "2026-11-20"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A firm mail left on 20 November: 1200.00, 6.90 of interest and 40.00."""
    made = story(tmp_path)
    made.write(row("F-1", "Alpha SARL", "05/11/2026"))
    made.settings(rest='[delivery]\ntransport = "folder"\n')
    made.run("send", today="2026-11-01")
    made.run("record", "F-1", "--stage", "firm", "--channel", "email", today=DAY)
    return made


def test_what_was_asked_can_be_noted(here: Story) -> None:
    """The surplus over the principal is the charges; more than that is no payment of this invoice."""
    refused = here.run("pay", "F-1", "--amount", "1300", today=DAY)
    assert (2, True) == (refused.code, "46,90\u00a0€ de frais de retard" in refused.err)
    done = here.run("pay", "F-1", "--amount", "1246,90", today=DAY)
    assert (0, True) == (done.code, "dont 46,90\u00a0€ de frais de retard" in done.out)
    shown = here.line("F-1", DAY)
    assert ("paid", "1246.90", "0.00", "0.00") == tuple(
        shown[name] for name in ("reason", "paid", "outstanding", "claimed")
    )
    assert "−\u00a046,90\u00a0€" in here.run("show", "F-1", today=DAY).out


def test_the_charges_may_come_later(here: Story) -> None:
    """After the principal; without an amount there is nothing to note, and the sum is told."""
    here.run("pay", "F-1", today=DAY)
    nothing = here.run("pay", "F-1", today=DAY)
    assert (2, True) == (nothing.code, "46,90\u00a0€" in nothing.err)
    assert 0 == here.run("pay", "F-1", "--amount", "46,90", today=DAY).code
    assert 2 == here.run("pay", "F-1", "--amount", "1", today=DAY).code


def test_undo_takes_it_back(here: Story) -> None:
    """The whole payment, charges included."""
    here.run("pay", "F-1", "--amount", "1246,90", today=DAY)
    assert 0 == here.run("undo", "F-1", today=DAY).code
    line = here.line("F-1", DAY)
    assert ("1200.00", "1246.90") == (line["outstanding"], line["claimed"])


def test_the_file_takes_it_over(here: Story) -> None:
    """What it shows of the principal is the same money: the charges stay noted."""
    here.run("pay", "F-1", "--amount", "1246,90", today=DAY)
    here.write(row("F-1", "Alpha SARL", "05/11/2026", paid="1 200,00", paid_on="20/11/2026"))
    line = here.line("F-1", DAY)
    assert ("paid", "1246.90", "0.00") == tuple(line[name] for name in ("reason", "paid", "outstanding"))


@pytest.mark.slow
@pytest.mark.parametrize("amount", ["1246,90", "1200"])
def test_thanks_are_no_receipt_for_what_is_still_claimed(here: Story, amount: str) -> None:
    """« soldée » would give the charges up: thanks say what came, and no more."""
    here.run("pay", "F-1", "--amount", amount, today=DAY)
    said = here.run("preview", "F-1", "--stage", "thanks", today="2026-11-23").out
    assert "J’ai bien reçu" in said
    assert "soldée" not in said
