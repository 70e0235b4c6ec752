"""The settings that the guide's first page shows are those of a first morning: taken as they stand."""

import re
from pathlib import Path

import pytest

from relance.__main__ import run
from relance.errors import EXIT_NOTHING_DONE

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "relance" / "guide" / "premiers-pas.md"


def test_the_settings_of_the_first_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Copied beside a file of that name, they are read without an error, and the plan asks where to begin."""
    (block,) = (one for one in re.findall(r"(?:^(?: {4}.*)?\n)+", PAGE.read_text("utf-8"), re.M) if "[sender]" in one)
    (tmp_path / "relance.toml").write_text(re.sub(r"^ {4}", "", block, flags=re.M), encoding="utf-8")
    (tmp_path / "mes-factures.csv").write_bytes((ROOT / "examples" / "factures.csv").read_bytes())
    settings = ["--config", str(tmp_path / "relance.toml")]

    assert run(["check", "--offline", *settings]) != EXIT_NOTHING_DONE
    assert run(["plan", *settings, "--today", "2026-11-20"]) != EXIT_NOTHING_DONE
    assert "relance confirm backlog --gently" in capsys.readouterr().out
