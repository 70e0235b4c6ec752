"""What was said of credits, as it counts beside a file that changes; and what a person calls a credit."""

from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from relance.core.bank import Books, Portion, Ruling, Word
from relance.core.case import not_in_file
from relance.core.credit_names import credits_named, short_names
from relance.core.facts import Paid
from relance.core.history import Past
from relance.core.invoice import Customer, Invoice, Payment, invoice_key
from relance.core.matching import match, match_all
from relance.core.statement import Credit

DAY = date(2026, 11, 12)
BILL = Invoice("Z-2026-118", Customer("Vannerie Osier", code="V"), date(2026, 10, 1), Decimal("1500.00"))
KEY = invoice_key(BILL)


def test_what_a_run_noted_leaves_the_payment_of_the_file_to_its_own_credit() -> None:
    """The file showed 500 before; one credit is that, the other one was noted and is not in the file yet."""
    shown = BILL._replace(payments=(Payment(Decimal("500.00")),))
    first = Credit("a", date(2026, 11, 2), Decimal("500.00"), "EUR", label="Z-2026-118")
    noted = first._replace(identity="b", on=DAY)
    word = Word((Portion(KEY, Decimal("500.00")),))
    found, left = match_all([first, noted], Books([(KEY, shown)], settled={"b": word}))
    assert [[True], [False]] == [[portion.known for portion in each.pays] for each in found]
    assert {KEY: Decimal("500.00")} == left


def test_a_word_that_is_in_the_file_takes_its_payment_from_no_other_credit() -> None:
    """The file shows 1000 in one, 500 of which are that credit: the other 500 are another one, and add nothing."""
    shown = BILL._replace(payments=(Payment(Decimal("1000.00")),))
    noted = Credit("b", DAY, Decimal("500.00"), "EUR", label="Z-2026-118")
    later = noted._replace(identity="c", on=date(2026, 11, 18))
    word = Word((Portion(KEY, Decimal("500.00"), known=True),))
    books = Books([(KEY, shown)], settled={"b": word})
    assert [Ruling.MATCHED, Ruling.MATCHED] == [each.verdict for each in match([noted, later], books)]
    assert [True] == [portion.known for portion in match([noted, later], books)[1].pays]


def test_which_told_payment_the_file_lacks() -> None:
    """In the order told: the file's money takes in the first."""
    told = [Paid(KEY, Decimal(amount), DAY, credit=name) for name, amount in (("a", "300.00"), ("b", "200.00"))]
    for shown, expected in (("0", {"a": "300.00", "b": "200.00"}), ("350", {"b": "150.00"}), ("500", {})):
        bill = BILL._replace(payments=(Payment(Decimal(shown), DAY),))
        found = not_in_file(bill, Past(payments=tuple(told)), DAY)
        assert expected == {paid.credit: f"{paid.amount:.2f}" for paid in found}


IDENTITIES = st.lists(
    st.builds(
        "{}-{}".format, st.sampled_from(["261112", "261113", "250101"]), st.from_regex("[0-3a]{8}", fullmatch=True)
    ),
    unique=True,
    max_size=60,
)


@given(IDENTITIES, st.integers(0, 14))
def test_a_short_name_is_one_credit_alone(identities: list[str], length: int) -> None:
    """Whatever the figures of the others are; four characters at least, and what begins an identity names it too."""
    names = short_names(identities)
    assert list(names) == identities
    for identity, name in names.items():
        assert [identity] == credits_named(f" {name.upper()} ", identities)
        assert len(name) >= 4
        found = credits_named(identity[:length], identities)
        assert (identity in found) is (length >= 4)


def test_names_are_short_where_they_can_be() -> None:
    """Four characters of the end, more where another has them, or begins a day; a sum has no letter before it."""
    names = short_names(["261112-ab12cd34", "261113-ab12ef00", "261113-26114444", "261113-77770000", "c1"])
    assert ["ab12c", "ab12e", "v26114", "v7777", "c1"] == [*names.values()]
    assert credits_named("zz", ["zz"]) == ["zz"]
    assert credits_named("26", ["261112-ab12cd34"]) == []
