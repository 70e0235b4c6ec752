"""What a person types, before any command is run: days, curly quotes, long dashes, the words of closed lists."""

from datetime import date

import pytest

from relance.cli.days import Way, a_day, day_on
from relance.cli.options import Channel, Format, confirmable, one_of, shown
from relance.cli.pasted import as_typed
from relance.core.facts import Cause, HoldReason
from relance.core.interest import Imputation
from relance.core.invoice import Kind
from relance.errors import UsageError

TODAY = date(2027, 1, 6)
"""A Wednesday at the beginning of a year, so that the last ones are of another."""


@pytest.mark.parametrize(
    ("text", "past", "ahead"),
    [
        ("2026-12-24", "2026-12-24", None),
        ("24/12/2026", "2026-12-24", None),
        ("24.12.26", "2026-12-24", None),
        ("24/12", "2026-12-24", None),
        ("le 24 décembre", "2026-12-24", None),
        ("24 DEC.", "2026-12-24", None),
        ("jeudi 24 décembre 2026", "2026-12-24", None),
        ("1er janvier", "2027-01-01", None),
        ("3 mars", None, "2027-03-03"),
        ("3 juil", None, "2027-07-03"),
        ("hier", "2027-01-05", None),
        ("avant-hier", "2027-01-04", None),
        ("aujourd’hui", "2027-01-06", "2027-01-06"),
        ("aujourd'hui", "2027-01-06", "2027-01-06"),
        ("demain", None, "2027-01-07"),
        ("après-demain", None, "2027-01-08"),
        ("vendredi", "2027-01-01", "2027-01-08"),
        ("Vendredi\u00a0dernier", "2027-01-01", None),
        ("mercredi dernier", "2026-12-30", None),
        ("mercredi prochain", None, "2027-01-13"),
        ("mercredi", None, None),
        ("il y a 3 jours", "2027-01-03", None),
        ("dans 2 semaines", None, "2027-01-20"),
        ("06/01", "2027-01-06", "2027-01-06"),
        ("29/02", None, None),
        ("24 juin", None, "2027-06-24"),
        ("15", None, None),
    ],
)
def test_a_day_lies_on_the_side_on_which_its_option_looks(text: str, past: str | None, ahead: str | None) -> None:
    """None: it is refused there, with a cure."""
    for way, expected in ((Way.PAST, past), (Way.AHEAD, ahead)):
        if expected is not None:
            assert expected == day_on(a_day(text), TODAY, way).isoformat()
            continue
        with pytest.raises(UsageError) as refused:
            day_on(a_day(text), TODAY, way)
        assert refused.value.again or "Exemple" in refused.value.cure, refused.value.shown


def test_a_day_that_was_not_told_in_full_is_said_back(capsys: pytest.CaptureFixture[str]) -> None:
    """On standard error, for the answer may be JSON; one that was told in full is not."""
    day_on(a_day("vendredi"), TODAY, Way.PAST)
    day_on(a_day("01/01/2027"), TODAY, Way.PAST)
    out, err = capsys.readouterr()
    assert ("", "«\u00a0vendredi\u00a0»\u00a0: vendredi 1er janvier 2027.\n") == (out, err)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("pay F-1 —amount 5", ["pay", "F-1", "--amount", "5"]),
        ("pay F-1 –amount=5", ["pay", "F-1", "--amount=5"]),
        ("send ––dry‑run", ["send", "--dry-run"]),
        ("plan –h", ["plan", "-h"]),
        ("show “F-1”", ["show", "F-1"]),
        ("show “Alpha SARL”", ["show", "Alpha SARL"]),
        ("show « Alpha SARL » --qr", ["show", "Alpha SARL", "--qr"]),
        ("show ‘Alpha SARL’", ["show", "Alpha SARL"]),
        ("show L’Atelier", ["show", "L’Atelier"]),
        ("show ”Alpha --qr”", ["show", "”Alpha", "--qr”"]),
        ("confirm columns --as paid=“Versé le”", ["confirm", "columns", "--as", "paid=Versé le"]),
        ("confirm columns --ignore=Notes", ["confirm", "columns", "--ignore", "Notes"]),
        ("pay\u00a0F-1\u00a0--amount\u00a02\u202f500", ["pay", "F-1", "--amount", "2", "500"]),
        ("pay F-1\u00a0--amount 5", ["pay", "F-1", "--amount", "5"]),
        ("pay F-1 --amount\u00a02\u202f500", ["pay", "F-1", "--amount", "2\u00a0500"]),
        ("pay F-1 --amount 2\u202f500", ["pay", "F-1", "--amount", "2\u202f500"]),
        ("pay F-1 --amount −5", ["pay", "F-1", "--amount", "−5"]),
        ("show -- –F", ["show", "--", "–F"]),
        ("\ufeffplan", ["plan"]),
    ],
)
def test_what_was_pasted_is_read_as_it_was_meant(typed: str, meant: list[str]) -> None:
    """The words as a shell parts them: it knows ordinary spaces alone."""
    assert meant == as_typed(typed.split(" "))


def test_what_a_shell_kept_together_stays_so() -> None:
    """An argument with an ordinary space was quoted: its own quotes are taken off where they stand around all of it."""
    kept = ["record", "F-1", "--note", "il dit “oui”, puis “non”", "“tout”"]
    assert [*kept[:-1], "tout"] == as_typed(kept)


@pytest.mark.parametrize("kind", [Channel, Format, Cause, HoldReason, Kind, Imputation])
def test_every_closed_list_is_understood_in_french(kind: type[Channel]) -> None:
    """Its own word, and the French one in any case, with or without accents and hyphens."""
    read = one_of("--option", tuple(kind))
    for each in kind:
        for word in (each.value, shown(each), shown(each).upper(), f" {shown(each)}\u00a0"):
            assert each is read(word)


def test_words_that_a_person_may_know() -> None:
    """Other words than the one that is shown; what is confirmed, in French; an invoice stays what it is."""
    assert Channel.CALL is one_of("--channel", tuple(Channel))("Telephone")
    assert HoldReason.INSOLVENCY is one_of("--reason", tuple(HoldReason))("liquidation")
    assert ["backlog", "columns", "file", "F-1"] == [confirmable(w) for w in ("Retard", "colonnes", "FICHIER", "F-1")]
