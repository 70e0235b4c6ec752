"""Each reason reads as a French sentence, with the command that ends it."""

import pytest
from core_support import day, invoice, line_for

from relance.core.plan import Reason
from relance.display.rules import RULES
from relance.display.wording import because

NOTES = {
    Reason.CHANGED: "emails,total",
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
        (Reason.CHANGED, "due_date", "l’échéance a changé"),
        (Reason.CHANGED, "customer,emails,total", "le nom du client, l’adresse e-mail et le montant ont changé"),
        (Reason.UNKNOWN_RATE, "2026-S1,2026-S2", "le taux du 1er semestre 2026 et du 2e semestre 2026"),
    ],
)
def test_what_happened_is_named(reason: Reason, note: str, expected: str) -> None:
    """One reason may have several causes: each is told."""
    line = line_for(invoice(), today=day(6))._replace(reason=reason, note=note, until=day(8))
    assert expected in because(line)


def test_every_reason_has_its_rule() -> None:
    """`relance show` says which rule decided, whatever the reason."""
    assert set(Reason) == set(RULES)
