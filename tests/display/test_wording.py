"""Each reason reads as a French sentence, with the command that ends it."""

from decimal import Decimal

import pytest
from core_support import day, invoice, line_for, paid

from relance.core.invoice import Payment
from relance.core.plan import Reason
from relance.display.rules import RULES
from relance.display.wording import because
from relance.french import NARROW, NO_BREAK

NOTES = {
    Reason.CHANGED: "emails=a@b.example\ntotal=1.00",
    Reason.DRAFTED: "friendly",
    Reason.OPEN_CREDIT: "A-1",
    Reason.MISSING_PDF: "Ce fichier mène hors du dossier",
}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_sentence(reason: Reason) -> None:
    """None is forgotten, none leaves a hole."""
    line = line_for(invoice(), today=day(6))._replace(reason=reason, note=NOTES.get(reason, ""), until=day(8))
    said = because(line)
    assert len(said) >= 5
    assert "None" not in said


@pytest.mark.parametrize(
    ("reason", "note", "expected"),
    [
        (Reason.STALE_INPUT, "shrunk", "perdu d’un coup"),
        (Reason.STALE_INPUT, "promise", "promesse"),
        (Reason.STALE_INPUT, "conflict:x (conflit).csv", "x (conflit).csv"),
        (Reason.STALE_INPUT, "", "trop ancien"),
        (Reason.CHANGED, "number:F-9", "F-9"),
        (Reason.CHANGED, "returned", "de retour"),
        (Reason.CHANGED, "due_date=2026-03-09", "l’échéance (09/03/2026 → 02/03/2026) a changé"),
        (Reason.CHANGED, "emails=", "l’adresse e-mail (aucune → compta@alpha.example) a changé"),
        (
            Reason.CHANGED,
            "customer=bravo=b\nemails=a@b.example\ntotal=900.50",
            "le nom du client (bravo=b → Alpha), l’adresse e-mail (a@b.example → compta@alpha.example) et le montant"
            " (900,50 € → 1 200,00 €) ont changé",
        ),
        (Reason.UNKNOWN_RATE, "2026-S1,2026-S2", "le taux du 1er semestre 2026 et du 2e semestre 2026"),
    ],
)
def test_what_happened_is_named(reason: Reason, note: str, expected: str) -> None:
    """One reason may have several causes: each is told."""
    line = line_for(invoice(), today=day(6))._replace(reason=reason, note=note, until=day(8))
    assert expected in because(line).replace(NO_BREAK, " ").replace(NARROW, " ")


CREDIT = Payment(Decimal("300.00"), day(20), "A-1")


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([paid("1200.00", day(4))], "payée le 6 mars 2026"),
        ([paid("900.00", day(4)), CREDIT], "payée le 6 mars 2026"),  # the credit note's day is not that of the money
        ([paid("900.00"), CREDIT], "payée"),
        ([paid("300.00", day(4)), paid("900.00")], "payée"),  # what has no date may have come later
        ([CREDIT._replace(amount=Decimal("1200.00"))], "payée"),
    ],
)
def test_the_day_of_the_money(payments: list[Payment], expected: str) -> None:
    """Only money is paid on a day, and only where all of it has one."""
    assert expected == because(line_for(invoice(payments=payments), today=day(30)))


def test_every_reason_has_its_rule() -> None:
    """`relance show` says which rule decided, whatever the reason."""
    assert set(Reason) == set(RULES)
