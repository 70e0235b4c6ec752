"""What is said on a terminal stays in its width, and steers nothing."""

import re
import sys
from io import StringIO

import pytest

from relance.display.terminal import complain, say_fitted, tell, tell_progress
from relance.french import typeset


@pytest.mark.parametrize("columns", [1, 40, 80, 200])
def test_progress_stays_on_its_line(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A longer line would go on below, and never be taken away; what is left out is marked."""
    monkeypatch.setenv("COLUMNS", str(columns))
    tell_progress(f"3/14 envoyé : Établissements \x1b[2J{'très ' * 18}longs")
    _, line, _ = re.fullmatch(r"(\r)(.*)(\x1b\[K\r)", capsys.readouterr().out).groups()  # type: ignore[union-attr]

    assert len(line) <= max(columns - 1, 1)
    assert "\x1b" not in line
    assert line.endswith("longs" if columns == 200 else "…")


class Screen(StringIO):
    """A stream that leads to a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


_SAID = typeset(
    "F-7 : mise en demeure validée, part au prochain relance send (7 jours), et pas avant le 30 novembre 2026.\n"
    "  Éditions de la Grande Bibliothèque du Roc, 12\u202f345,67\u00a0€ → relance pay F-2026-0007 --amount 12345,67\n"
    "Le dossier est /srv/partage/comptabilité/factures-de-toute-l-année/anciens/clients-de-2026/relance.toml ici.\n"
    "  relance record F-2026-0007 --stage formal_notice --channel letter --tracking NUMÉRO --posted AAAA-MM-JJ"
)


@pytest.mark.parametrize("columns", [40, 80, 140])
def test_a_sentence_fits_the_terminal_and_is_whole_elsewhere(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """No sum, command or path is broken, no word is lost; a pipe has each sentence on one line."""
    monkeypatch.setenv("COLUMNS", str(columns))
    for stream in ("stdout", "stderr"):
        for screen in (Screen(), StringIO()):
            monkeypatch.setattr(sys, stream, screen)
            (tell if stream == "stdout" else complain)(_SAID)
            lines = screen.getvalue().splitlines()
            assert screen.getvalue().split() == _SAID.split()
            if not screen.isatty():
                assert _SAID.split("\n") == lines
                continue
            long = [line.strip() for line in lines if len(line) > columns]
            assert all(" " not in line or line.startswith(("→ relance", "relance record")) for line in long)
            assert [] == long or columns < 140
            assert any("→ relance pay F-2026-0007 --amount 12345,67" in line for line in lines)


def test_the_rest_of_one_of_a_list_is_no_other_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is set in once more; what is no list begins where it is."""
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("COLUMNS", "40")
    say_fitted([f"Dossier : {'pièce ' * 8}", f"  manque : {'facture ' * 4}", "  manque : contrat"])
    lines = screen.getvalue().splitlines()
    assert ["  manque", "    facture", "  manque"] == [
        re.match(" *[a-z]+", line)[0]  # type: ignore[index]
        for line in lines
        if line.startswith(" ")
    ]
    assert lines[1].startswith("pièce")
