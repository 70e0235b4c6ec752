"""How what was seen in a credit is said: each hint has its words, short, with their no-break spaces."""

from datetime import date
from decimal import Decimal

import pytest

from relance.core.bank import Clue, Hint, Match, Portion, Ruling
from relance.core.invoice import Customer, Invoice, customer_id, held_target, keyed
from relance.core.statement import Credit
from relance.display.bank import called, why
from relance.display.bank_view import bank_lines
from relance.runs.bank import Banked

BUYER = Customer("Atelier Céleste", emails=("a@celeste.example",))
NAMES = called(keyed([Invoice(f"F-2026-04{n}", BUYER, date(2026, 10, 5), Decimal("1200.00")) for n in range(1, 7)]))
KEYS = tuple(NAMES.numbers)
SEEN = Credit("c", date(2026, 11, 12), Decimal("1200.00"), "EUR")


def said(*clues: Clue) -> str:
    """The words for these."""
    return why(Match(SEEN, Ruling.DOUBT, because=clues), NAMES)


@pytest.mark.parametrize("hint", Hint)
@pytest.mark.parametrize("facts", [False, True])
def test_every_hint_has_short_words(hint: Hint, facts: bool) -> None:
    """At most 60 characters with one number, no straight apostrophe, no English."""
    owner = (held_target(customer_id(BUYER)),)
    clue = Clue(hint, KEYS[:1], owner, Decimal("48.00"), date(2026, 11, 16)) if facts else Clue(hint)
    text = said(clue)
    assert 5 < len(text) <= 60
    assert not set("'{}[]") & set(text)
    assert " :" not in text
    assert " ?" not in text
    assert "_" not in text


@pytest.mark.parametrize(
    ("clues", "expected"),
    [
        ([Clue(Hint.REFERENCE, KEYS[:1]), Clue(Hint.EXACT)], "F-2026-041 dans le libellé, montant exact"),
        ([Clue(Hint.REFERENCE, KEYS[:2])], "F-2026-041 et F-2026-042 dans le libellé"),
        ([Clue(Hint.REFERENCE, KEYS)], "F-2026-041, F-2026-042, F-2026-043 et 3 autres dans le libellé"),
        ([Clue(Hint.ALIKE, customers=("name:atelier celeste",))], "payeur à confirmer (Atelier Céleste)"),
        ([Clue(Hint.FEES, amount=Decimal("10"))], "manque 10,00\u00a0€\u00a0: frais bancaires\u202f?"),
        ([Clue(Hint.TAKEN_BACK, on=date(2026, 11, 16))], "repris par la banque le 16/11"),
        ([Clue(Hint.PAID, ("F-2025-009/2025",))], "F-2025-009\u00a0: déjà payé"),
        ([Clue(Hint.SETTLED, KEYS[:1])], "noté pour F-2026-041"),
        ([Clue(Hint.SETTLED, amount=Decimal("10"))], "10,00\u00a0€ de plus noté que reçu"),
    ],
)
def test_what_was_seen_reads_as_one_line(clues: list[Clue], expected: str) -> None:
    """In the order in which it was seen."""
    assert expected == said(*clues)


def test_a_screen_of_80() -> None:
    """Each credit on one line; numbers and commands whole, however many invoices a doubt names."""
    keyed_bills = keyed([Invoice(f"FA-2026-01{n}", BUYER, date(2026, 10, 5), Decimal("1200.00")) for n in range(9)])
    keys = tuple(key for key, _ in keyed_bills)
    money = Credit("261112-abcd1234", date(2026, 11, 12), Decimal("24567.80"), "EUR", "ATELIER CELESTE ET ASSOCIES")
    doubts = [
        Match(money, Ruling.DOUBT, candidates=keys, because=(Clue(Hint.REFERENCE, keys), Clue(Hint.ABOVE))),
        Match(money._replace(identity="261112-00ff1234"), Ruling.DOUBT, (), keys[:2], (Clue(Hint.ALIKE),)),
        Match(money._replace(identity="261112-01ff1234"), Ruling.DOUBT, because=(Clue(Hint.AGGREGATOR),)),
    ]
    portion = (Portion(keys[0], Decimal("9.00")),)
    paid = Match(
        money._replace(identity="261112-02ff1234"), Ruling.MATCHED, portion, (), (Clue(Hint.SETTLED, keys[:1]),)
    )
    left = dict.fromkeys(keys, Decimal("1200.00"))
    banked = Banked(date(2026, 11, 20), (*doubts, paid), None, invoices=tuple(keyed_bills), open=left, answers=True)
    lines = list(bank_lines(banked, 80))
    assert max(map(len, lines)) <= 80
    assert any("(FA-2026-010, +8)" in line for line in lines)
    commands = [line.removeprefix("  → relance bank --settle ") for line in lines if "→" in line]
    assert ["abcd FA-2026-010 FA-2026-011 FA-2026-012 FA-2026-013", "abcd --not-ours"] == commands[:2]
    assert ["00ff FA-2026-010 FA-2026-011", "00ff --not-ours", "01ff --not-ours (il ne paie rien)"] == commands[2:]
