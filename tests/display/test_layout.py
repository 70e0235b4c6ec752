"""Columns, sentences and accounts fit any width; numbers, sums and commands are never broken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.display.breaking import cut, places, wrapped
from relance.display.layout import NAME, REST, Column, account, columns

WIDTHS = st.integers(min_value=80, max_value=200)
NAMES = st.text(st.sampled_from("abcdéÉ ’-&漢ö"), min_size=1, max_size=80)
NUMBERS = st.from_regex(r"\A[A-Z]{1,4}[-/ ]?[0-9]{1,24}\Z")
SUMS = st.integers(min_value=0, max_value=10**9).map(lambda cents: f"{cents // 100:,},{cents % 100:02d}\u00a0€")
SPEC = (Column(), Column(least=12, most=NAME), Column(right=True), Column(least=16, most=REST))


def test_a_place_is_what_a_terminal_shows() -> None:
    """A Chinese character takes two, an accent set on a letter none."""
    assert (5, 4, 1) == (places("Lune."), places("漢字"), places("e\u0301"))


@pytest.mark.parametrize(
    ("text", "room", "shown"),
    [("Boulangerie", 11, "Boulangerie"), ("Boulangerie", 6, "Boula…"), ("漢字漢字", 6, "漢字…"), ("Abc", 0, "")],
)
def test_what_is_cut_says_so(text: str, room: int, shown: str) -> None:
    """With « … », in the room that there is."""
    assert shown == cut(text, room)


@pytest.mark.slow
@given(st.lists(st.tuples(NUMBERS, NAMES, SUMS, NAMES), min_size=1, max_size=12), WIDTHS)
def test_rows_fit_and_keep_their_figures(rows: list[tuple[str, str, str, str]], width: int) -> None:
    """One line a row, no longer than the width; number and sum whole, the sums one under the other."""
    shown = list(columns(rows, SPEC, width))
    assert len(rows) == len(shown)
    ends = set()
    for (number, _, money, _), line in zip(rows, shown, strict=True):
        assert places(line) <= width
        assert line.startswith(f"  {number}")
        ends.add(places(line[: line.index(money, 2 + len(number)) + len(money)]))
    assert 1 == len(ends)


def test_what_says_more_is_said_where_there_is_room() -> None:
    """The first way that fits; a column without room goes with its gap."""
    rows = [["F-1", "Alpha", ["rose@boulangerie.example", ""], ["litige → relance release F-1", "litige"]]]
    spec = (Column(), Column(least=12), Column(least=0, most=64), Column(least=6, most=REST))
    assert ["  F-1  Alpha  rose@boulangerie.example  litige → relance release F-1"] == list(columns(rows, spec, 80))
    assert ["  F-1  Alpha  litige → relance release F-1"] == list(columns(rows, spec, 44))
    assert ["  F-1  Alpha  litige"] == list(columns(rows, spec, 40))


def test_a_long_number_takes_from_its_own_row() -> None:
    """The cells of the other rows keep their room, and the sums stay one under the other."""
    spec = (Column(), Column(least=8), Column(least=12, most=NAME), Column(right=True))
    rows = [("F-1", "amicale", "Boulangerie Lune", "1,00\u00a0€"), ("F" * 38, "amicale", "Menuiserie", "12,00\u00a0€")]
    first, second = columns(rows, spec, 90)
    assert "  amicale  Boulangerie Lune  " in first
    assert second.startswith(f"  {'F' * 38}  ")
    assert first.index("€") < second.index("€")  # what is not there cannot give more room
    longer = (*rows[0][:2], "Boulangerie Lune, place du Marché couvert", rows[0][3])
    first, second = columns([longer, rows[1]], spec, 90)
    assert first.index("€") == second.index("€")
    assert "  amicale  " in second


@given(st.lists(NAMES.filter(lambda text: text == " ".join(text.split()) != ""), min_size=1, max_size=30), WIDTHS)
def test_a_sentence_is_wrapped_between_words(words: list[str], width: int) -> None:
    """No line is longer, and nothing of it is lost."""
    text = " ".join(words)
    lines = wrapped(text, width, "  1  ")
    assert all(places(line) <= width for line in lines)
    assert lines[0].startswith("  1  ")
    assert text == " ".join(line[5:] for line in lines)


def test_what_is_typed_is_not_broken() -> None:
    """A command, a number, a telephone, a setting: each on one line."""
    text = 'Appeler Alpha, 01 99 00 10 36 : FA 2026 001, match = "Alpha Bleu" → relance show "FA 2026 001" --call (oui)'
    whole = ("01 99 00 10 36", "FA 2026 001", 'match = "Alpha Bleu"', 'relance show "FA 2026 001" --call')
    for width in range(40, 90):
        shown = "\n".join(wrapped(text, width, "  ", "    ", ["FA 2026 001", "01 99 00 10 36"]))
        assert all(each in shown for each in whole), width


def test_an_arrow_stands_before_what_it_leads_to() -> None:
    """It ends no line, whatever it leads to."""
    text = "manque : SIREN et extrait du registre du client → annuaire-entreprises.data.gouv.fr"
    for width in range(40, 90):
        assert all(not line.endswith("→") for line in wrapped(text, width)), width


def test_commands_that_do_not_fit_beside_each_other_each_begin_a_line() -> None:
    """The first does too: an answer is not read at the end of its question."""
    text = "paie-t-il F-2026-036 ? → relance bank --settle 071b --not-ours → relance bank --settle 071b F-2026-036"
    one, two = "→ relance bank --settle 071b --not-ours", "→ relance bank --settle 071b F-2026-036"
    assert ["paie-t-il F-2026-036 ?", f"  {one}", f"  {two}"] == wrapped(text, 80, under="  ")
    assert [text] == wrapped(text, 120)


def test_two_commands_of_a_sentence_stay_whole() -> None:
    """Each with its note, which may be broken."""
    text = "Le taux figure-t-il ? → relance confirm rate (s’il y figure) → relance confirm rate --no (sinon)"
    for width in range(40, 100):
        shown = "\n".join(wrapped(text, width))
        assert ["", " --no"] == re.findall(r"→ relance confirm rate( --no)?", shown)


def test_a_name_that_no_line_holds_is_cut() -> None:
    """An address or a number is not."""
    shown = wrapped(f"Écrire à {'x' * 90} <{'y' * 90}@z.example>", 80)
    assert f"{'x' * 79}…" in shown
    assert f"<{'y' * 90}@z.example>" in shown


@given(st.lists(st.tuples(NAMES, st.one_of(st.just(""), SUMS)), min_size=1, max_size=8), WIDTHS)
def test_an_account_has_its_sums_at_the_right(rows: list[tuple[str, str]], width: int) -> None:
    """Whole and one under the other, whatever stands before them."""
    shown = list(account(rows, width, "  "))
    assert all(places(line) <= width for line in shown)
    ends = {places(line) for line in shown for _, figure in rows if figure and line.endswith(f"  {figure}")}
    assert len([figure for _, figure in rows if figure]) <= sum(bool(re.search("  [0-9].*€$", line)) for line in shown)
    assert len(ends) <= 1
