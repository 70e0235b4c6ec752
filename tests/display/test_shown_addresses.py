"""An address is shown with the accents that people type, where they can be taken for nothing else."""

import pytest

from relance.display.breaking import shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("à compta@xn--socit-esab.example,", "à compta@société.example,"),
        ("<x@mail.xn--bcher-kva.example>", "<x@mail.bücher.example>"),
        ("A@Xn--BCHER-xn--KVA.EXAMPLE", "A@Xn--BCHER-xn--KVA.EXAMPLE"),
        ("a@b.example", "a@b.example"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("a@xn--80ak6aa92e.com", "a@xn--80ak6aa92e.com"),  # letters of another alphabet that look like « apple »
        ("a@xn--a", "a@xn--a"),
        ("a@xn--.fr", "a@xn--.fr"),
        ("a@xn--ls8h.la", "a@xn--ls8h.la"),
        ("a@xn--" + "z" * 3000, "a@xn--" + "z" * 3000),
        ("\x1b a@xn--bcher-kva.example", "\\x1b a@bücher.example"),
    ],
)
def test_shown(text: str, said: str) -> None:
    """Other alphabets, and what is no domain, stay as they are."""
    assert said == shown(text)
