"""The messages as they are sent, word for word; RELANCE_REGENERATE=1 writes them again: read every changed line."""

import os
import re
from pathlib import Path

import pytest
from letters_support import CASES, written

GOLDEN = Path(__file__).parent / "letters"
REGENERATE = "RELANCE_REGENERATE"


def test_at_most_forty_each_for_a_reason() -> None:
    """Few enough to be read aloud, none without a reason of its own, none left over in the folder."""
    assert len(CASES) <= 40
    assert all(case.reason for case in CASES.values())
    if REGENERATE not in os.environ:
        assert set(CASES) == {path.stem for path in GOLDEN.iterdir()}


@pytest.mark.parametrize("name", CASES)
def test_message(name: str) -> None:
    """Subject and text as they were read and approved."""
    case = CASES[name]
    letter = written(case)
    text = f"{case.reason}\n\n{letter.subject}\n\n{letter.text}"
    path = GOLDEN / f"{name}.txt"
    if REGENERATE in os.environ:
        GOLDEN.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text
    assert letter.warnings == ()


@pytest.mark.parametrize("name", CASES)
def test_one_person_speaks_to_one_person(name: str) -> None:
    """Je or nous, tu or vous: never both in one message, told from the words alone."""
    case = CASES[name]
    text = written(case).text
    if "english" in name:
        assert not re.search(r"\b(vous|facture|Bonjour|pénalités)\b", text)
        return
    familiar = re.search(r"\b(tu|te|toi|ton|ta|tes|dis|réponds)\b|\bt[’']", text, re.IGNORECASE) is not None
    polite = re.search(r"\b(vous|votre|vos)\b|\w+ez-(moi|nous)\b", text, re.IGNORECASE) is not None
    tu = "_tu" in name and "notice" not in name
    assert familiar is tu
    assert "thanks" in name or polite is not tu, "thanks need not address anybody"
    mine = re.search(r"\b(je|moi|me|mes|mon|ma)\b|\b[jm][’']", text, re.IGNORECASE) is not None
    assert mine is (not case.told.sender.voice)
