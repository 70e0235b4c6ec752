"""What is said on a terminal stays in its width, and steers nothing."""

import re

import pytest

from relance.display.terminal import tell_progress


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
