"""Each reason reads as a French sentence, with the command that ends it."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from core_support import day, invoice, line_for, paid

from relance.core.facts import Deferred, Drafted, InDoubt, Refused
from relance.core.invoice import Payment, Snapshot, invoice_key
from relance.core.mails import ANYONE, Incoming, Received
from relance.core.reading import Unagreed, Unread
from relance.core.reasons import (
    Change,
    Differs,
    Doubted,
    OpenCredit,
    Reason,
    Renumbered,
    Stale,
    Stop,
    Unplaced,
    Why,
)
from relance.core.status import StatusTold
from relance.display.lines import because
from relance.display.reasons import said_of
from relance.french import NARROW, NO_BREAK

KEY = invoice_key(invoice())
LOOKS = Snapshot("alpha", ("compta@alpha.example",), Decimal("1200.00"), day(0))
WHYS: dict[Reason, Why] = {
    Reason.IN_DOUBT: InDoubt(KEY, "firm", "email", day(6)),
    Reason.BANK_DOUBT: Unplaced("F-11", Decimal("400.00"), day(3), "Alpha", "reglements.csv", 4, "0badcafe"),
    Reason.DRAFTED: Drafted(KEY, "friendly", "email", day(6)),
    Reason.ANSWERED: Received(KEY, Incoming.ANSWER, day(6), "<m@x>", sender="Alpha", subject="Re: F-1"),
    Reason.REFUSED: Refused(KEY, "", day(6), "554 spam", "firm"),
    Reason.READING: Unagreed((Unread("Versé", "paid"),)),
    Reason.CHANGED: Differs(LOOKS._replace(total=Decimal("1.00"), emails=("a@b.example",)), ("emails", "total")),
    Reason.OPEN_CREDIT: OpenCredit("A-1"),
    Reason.NOT_RECEIVED: StatusTold(KEY, "213", day(6), day(6), reasons=("DEST_INC",)),
    Reason.REFUSED_INVOICE: StatusTold(KEY, "210", day(6), day(6), reasons=("TX_TVA_ERR",), words="TVA à 10 %"),
    Reason.SUSPENDED: StatusTold(KEY, "208", day(6), day(6), reasons=("JUSTIF_ABS",)),
    Reason.PAYMENT_SENT: StatusTold(KEY, "211", day(6), day(6)),
    Reason.STALE_INPUT: Stale(Doubted.OLD),
    Reason.DEFERRED: Deferred(KEY, "firm", "email", day(6), datetime(2026, 3, 10, 14, 0), "451 plus tard"),
}


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_sentence(reason: Reason) -> None:
    """None is forgotten, none leaves a hole."""
    line = line_for(invoice(), today=day(6))._replace(stop=Stop(reason, day(8), WHYS.get(reason)))
    said = because(line)
    assert len(said) >= 5
    assert "None" not in said


@pytest.mark.parametrize(
    ("reason", "why", "expected"),
    [
        (
            Reason.ANSWERED,
            Received(KEY, Incoming.LOST_LINE, day(6), "x", subject="held"),
            "est illisible, écrite le 10",
        ),
        (
            Reason.ANSWERED,
            Received(ANYONE, Incoming.LOST_LINE, day(6), "x", subject="held"),
            "(held), et elle peut concerner cette facture → relance repair",
        ),
        (
            Reason.ANSWERED,
            Received(KEY, Incoming.UNREADABLE, day(6), "<m@x>", sender="a@b"),
            "illisible reçu le 10 mars",
        ),
        (Reason.STALE_INPUT, Stale(Doubted.SHRUNK), "perdu d’un coup"),
        (Reason.STALE_INPUT, Stale(Doubted.PROMISE), "promesse"),
        (Reason.STALE_INPUT, Stale(Doubted.CONFLICT, "x (conflit).csv"), "x (conflit).csv"),
        (Reason.STALE_INPUT, Stale(Doubted.OLD), "trop ancien"),
        (Reason.CHANGED, Renumbered("F-9"), "F-9"),
        (Reason.CHANGED, Change.RETURNED, "de retour"),
        (Reason.CHANGED, Change.TO_ONESELF, "l’adresse du client est la vôtre (compta@alpha.example)"),
        (Reason.CHANGED, Renumbered("F-9", ("total",)), "ressemble à F-9, qui a disparu, mais le montant a changé"),
        (Reason.CHANGED, Renumbered("F-9", ("customer", "due_date")), "mais le client et l’échéance ont changé"),
        (
            Reason.CHANGED,
            Differs(LOOKS._replace(due_date=date(2026, 3, 9)), ("due_date",)),
            "l’échéance (09/03/2026 → 02/03/2026) a changé",
        ),
        (
            Reason.CHANGED,
            Differs(LOOKS._replace(emails=()), ("emails",)),
            "l’adresse e-mail (aucune → compta@alpha.example) a changé",
        ),
        (
            Reason.CHANGED,
            Differs(Snapshot("bravo=b", ("a@b.example",), Decimal("900.50"), day(0)), ("customer", "emails", "total")),
            "le nom du client (bravo=b → Alpha), l’adresse e-mail (a@b.example → compta@alpha.example) et le montant"
            " (900,50 € → 1 200,00 €) ont changé",
        ),
    ],
)
def test_what_happened_is_named(reason: Reason, why: Why, expected: str) -> None:
    """One reason may have several causes: each is told."""
    line = line_for(invoice(), today=day(6))._replace(stop=Stop(reason, day(8), why))
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
    """`relance show` says which rule decided, whatever the reason; no two reasons have the same."""
    assert len(Reason) == len({said_of(reason).rule for reason in Reason})
