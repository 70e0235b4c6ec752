"""Which credit pays which invoice: names in labels, amounts, payers, and all that makes it a question."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from relance.core.bank import Books, Hint, Match, Portion, Ruling, Word
from relance.core.invoice import Customer, Invoice, Payment, Status, customer_id, invoice_key
from relance.core.matching import match
from relance.core.statement import Credit

LUNE = Customer("Atelier de la Lune SARL", code="LUNE")
BRUME = Customer("Brume & Fils", code="BRUME")
TODAY = date(2026, 11, 20)


def bill(number: str, total: str, owner: Customer = LUNE, **more: Any) -> Invoice:
    """An invoice of September, due in October."""
    made = Invoice(number, owner, date(2026, 10, 5), Decimal(total), date(2026, 9, 5))
    return made._replace(**more)


def credit(amount: str, label: str = "", **more: Any) -> Credit:
    """Money of November; its identity is all that is told of it."""
    on = more.pop("on", date(2026, 11, 12))
    identity = more.pop("identity", f"{on} {amount} {label} {sorted(more.items())}")
    return Credit(identity, on, Decimal(amount), more.pop("currency", "EUR"), label=label, **more)


def books(*invoices: Invoice, **more: Any) -> Books:
    """What is known, the file of today."""
    return Books([(invoice_key(each), each) for each in invoices], as_of=TODAY)._replace(**more)


def one(about: Credit, known: Books) -> Match:
    """What is made of a single credit."""
    (found,) = match([about], known)
    return found


def told(found: Match) -> tuple[str, dict[str, str], list[str]]:
    """The verdict, what is paid by number, and the numbers that are held."""
    paid = {each.invoice.rpartition("/")[0]: str(each.amount) for each in found.pays}
    return found.verdict.value, paid, [key.rpartition("/")[0] for key in found.candidates]


def hints(found: Match) -> set[Hint]:
    """What was seen."""
    return {clue.kind for clue in found.because}


THREE = (bill("F-2026-041", "1200.00"), bill("F-2026-042", "350.50"), bill("F-2026-043", "80.00", BRUME))
TIED = {"Lune Atelier": ["code:LUNE"], "FR7630006000011234567890189": ["code:LUNE"]}


@pytest.mark.parametrize(
    "label",
    [
        "VIR F-2026-041",
        "VIREMENT EN VOTRE FAVEUR\nVIR INST de ATELIER LUNE f2026041",
        "VIR SEPA RECU /DE X /MOTIF F 2026 41 /REF NOTPROVIDED",
        "facture 2026-041",
        "-F2026-041 AKR",
        "F-2026-041 du 05/09/2026",
        "FACT. N° 2026/041",
    ],
)
def test_a_label_names_an_invoice_as_customers_write_it(label: str) -> None:
    """Joined, spaced, without zeros, with the year in the place of its letters."""
    found = one(credit("1200.00", label), books(*THREE))
    assert ("matched", {"F-2026-041": "1200.00"}, []) == told(found)
    assert {Hint.REFERENCE, Hint.EXACT} == hints(found)


@pytest.mark.parametrize(
    "label",
    [
        "VIR 041",
        "VIR BC-2026-041",
        "DEVIS 2026-041",
        "F-2026-0410",
        "XF-2026-041X",
        "TEL 20 26 04 1",
        "FR76 2026 0410 0112 3456 7890 189",
    ],
)
def test_digits_of_something_else_name_nothing(label: str) -> None:
    """Only whole tokens count, and no order, quotation or account."""
    assert one(credit("500.00", label), books(*THREE)).verdict is not Ruling.MATCHED


@pytest.mark.parametrize(
    ("number", "label"),
    [
        ("2026-041", "DEVIS 2026-041"),
        ("123-456", "SIREN 123 456 789"),
        ("612-345", "33 612 345 678"),
        ("874512", "DOSSIER N-874512-7"),
    ],
)
def test_a_number_without_letters_is_not_found_in_another(number: str, label: str) -> None:
    """Not even with its exact amount: a quotation, a longer row of digits."""
    known = books(bill(number, "740.00"))
    assert "doubt" == told(one(credit("740.00", label), known))[0]
    assert "matched" == told(one(credit("740.00", f"FACTURE {number}"), known))[0]


@pytest.mark.parametrize("number", ["2026-11-03", "12-2026", "202611", "F-2026", "1041", "FA-12"])
def test_a_number_like_a_date_or_too_short_is_asked(number: str) -> None:
    """Alone it decides nothing; with its exact amount it is a question."""
    known = books(bill(number, "740.00"))
    assert "other" == told(one(credit("100.00", "LOYER"), known))[0]
    assert ("doubt", {}, [number]) == told(one(credit("740.00", f"VIR {number}"), known))


@pytest.mark.parametrize(
    ("number", "label"),
    [
        ("F-7", "VIR SEPA /DE X /MOTIF Facture F-7"),
        ("A12", "ref A 12"),
        ("2-BIS", "2 BIS"),
        ("12", "PAIEMENT FACTURE N 12"),
        ("1234", "fact 1234"),
        ("0041", "Facture n° 41"),
        ("F-2026-041", "VOTRE FACTURE 41"),
    ],
)
def test_a_short_number_that_is_said_to_be_one_is_asked(number: str, label: str) -> None:
    """Its letters stand there, or the word invoice before it: nobody is reminded after that, and nothing is paid."""
    about = bill(number, "1200.00")

    assert ("doubt", {}, [number]) == told(one(credit("400.00", label), books(about)))


@pytest.mark.parametrize(
    "label",
    [
        "FACT 41 ET 42",
        "factures 41, 42",
        "Factures n° 41 & n° 42",
        "fact 041/042",
        "F-2026-041 + 042",
        "fac 41 et 7, 42",
    ],
)
def test_a_list_of_short_numbers_holds_them_all(label: str) -> None:
    """The word invoice, or a whole number, stands once before several: who paid the second is not reminded of it."""
    known = books(bill("F-2026-041", "1200.00"), bill("F-2026-042", "500.00"))

    assert ("doubt", {}, ["F-2026-041", "F-2026-042"]) == told(one(credit("1700.00", label), known))
    assert ("doubt", {}, ["F-2026-041", "F-2026-042"]) == told(one(credit("1000.00", label), known))


@pytest.mark.parametrize("label", ["FACTURE 41 DU 31/12", "FACTURE 41/12", "FACTURE 41 12", "FACTURE 41 ET CDE 12"])
def test_a_day_or_an_order_behind_a_number_goes_on_with_no_list(label: str) -> None:
    """Twelve is a month there, or the number of something else."""
    known = books(bill("F-2026-041", "1200.00"), bill("F-2026-012", "500.00"))

    assert ("doubt", {}, ["F-2026-041"]) == told(one(credit("400.00", label), known))


@pytest.mark.parametrize("label", ["VIR LOT 7", "CDE 41", "FACTURE 2026 42", "FACTURE 412", "FACTURE EDF 041"])
def test_other_digits_say_nothing_of_a_short_number(label: str) -> None:
    """Digits alone, without the word or with another between."""
    known = books(bill("F-2026-041", "1200.00"), bill("F-7", "1200.00"))

    assert ("other", {}, []) == told(one(credit("400.00", label), known))


def test_a_sum_does_not_pay_what_a_short_number_contradicts() -> None:
    """Paid by its payer and sum would be F-8, and the label says F-7."""
    known = books(bill("F-7", "500.00"), bill("F-8", "400.00"), payers={"Lune Atelier": ["code:LUNE"]})

    assert ("matched", {"F-8": "400.00"}, []) == told(one(credit("400.00", "F-8", payer="Lune Atelier"), known))
    assert ("doubt", {}, ["F-8", "F-7"]) == told(one(credit("400.00", "F-7", payer="Lune Atelier"), known))


def test_the_end_to_end_reference_counts_as_the_label() -> None:
    """Of a transfer made from a form or from our own payment code."""
    found = one(credit("1550.50", "VIR SEPA", reference="F-2026-041 F-2026-042"), books(*THREE))
    assert ("matched", {"F-2026-041": "1200.00", "F-2026-042": "350.50"}, []) == told(found)


def test_our_own_payment_code_is_read_back() -> None:
    """What a bank's app takes from it for the remittance names each invoice."""
    from relance.letters.payment_code import payload

    numbers = [invoice.number for invoice in THREE[:2]]
    made = payload("Léa Petit", "FR7630006000011234567890189", "", Decimal("1550.50"), "EUR", numbers)
    assert made is not None
    found = one(credit("1550.50", made.decode().splitlines()[-1]), books(*THREE))
    assert ("matched", {"F-2026-041": "1200.00", "F-2026-042": "350.50"}, []) == told(found)


def test_a_number_cut_at_the_end_of_a_label_is_good_for_its_exact_amount_only() -> None:
    """F-2026-4 may be the beginning of F-2026-44."""
    known = books(bill("F-2026-4", "900.00"), bill("F-2026-44", "2000.00"))
    assert "matched" == told(one(credit("900.00", "VIR F-2026-4"), known))[0]
    assert "doubt" == told(one(credit("500.00", "VIR F-2026-4"), known))[0]
    assert "matched" == told(one(credit("500.00", "F-2026-4 ACOMPTE"), known))[0]


def test_one_number_of_two_years_is_asked() -> None:
    """It has to be one invoice's among all that are known, paid ones included."""
    paid = bill("FA20041", "10.00", BRUME, issue_date=date(2025, 9, 5), payments=(Payment(Decimal("10.00")),))
    assert ("doubt", {}, ["FA20041"]) == told(
        one(credit("640.00", "VIR FA20041"), books(bill("FA20041", "640.00"), paid))
    )


@pytest.mark.parametrize(
    ("amount", "verdict", "paid", "hint"),
    [
        ("400.00", "matched", {"F-2026-041": "400.00"}, Hint.PART),
        ("1200.01", "doubt", {}, Hint.ABOVE),
        ("1252.30", "matched", {"F-2026-041": "1252.30"}, Hint.CHARGES),
        ("1248.00", "matched", {"F-2026-041": "1248.00"}, Hint.CHARGES),
        ("350.50", "doubt", {}, Hint.OTHER_INVOICE),
    ],
)
def test_an_amount_beside_a_reference(amount: str, verdict: str, paid: dict[str, str], hint: Hint) -> None:
    """A part is one; more is asked, but for the very charges that a message claimed."""
    known = books(*THREE, charges={"F-2026-041/2026": [Decimal("48.00"), Decimal("52.30")]})
    found = one(credit(amount, "F-2026-041 MERCI"), known)
    assert (verdict, paid) == told(found)[:2]
    assert hint in hints(found)


def test_several_references_share_what_came() -> None:
    """All of them, else the one set of them, else the oldest first."""
    late = bill("F-2026-044", "500.00", due_date=date(2026, 12, 1))
    known = books(*THREE, late)
    label = "F-2026-041/F-2026-042 + F-2026-044"
    assert {"F-2026-041": "1200.00", "F-2026-042": "350.50", "F-2026-044": "500.00"} == told(
        one(credit("2050.50", label), known)
    )[1]
    assert {"F-2026-042": "350.50", "F-2026-044": "500.00"} == told(one(credit("850.50", label), known))[1]
    assert {"F-2026-041": "1200.00", "F-2026-042": "200.00"} == told(one(credit("1400.00", label), known))[1]


def test_less_than_the_invoices_of_two_companies_is_asked() -> None:
    """A payer may pay for two; the whole is clear, a part of it is not."""
    label = "F-2026-041 F-2026-043"
    assert "matched" == told(one(credit("1280.00", label), books(*THREE)))[0]
    assert ("doubt", {}, ["F-2026-041", "F-2026-043"]) == told(one(credit("1000.00", label), books(*THREE)))


def test_a_payer_of_another_customer_pays_an_exact_amount_only() -> None:
    """His own numbers may look like ours."""
    known = books(*THREE, payers={"Brume et Fils": ["code:BRUME"]})
    assert "matched" == told(one(credit("1200.00", "F-2026-041", payer="Brume et Fils"), known))[0]
    found = one(credit("300.00", "F-2026-041 X", payer="Brume et Fils"), known)
    assert "doubt" == found.verdict
    assert Hint.OTHER_PAYER in hints(found)


@pytest.mark.parametrize(
    ("more", "label"),
    [({"iban": "DE89370400440532013000"}, ""), ({}, "SWIFT"), ({}, "CB 12/11")],
)
def test_a_little_less_from_abroad_is_asked(more: dict[str, str], label: str) -> None:
    """Fees of up to one percent and 15 euros; from a French account it is a part."""
    found = one(credit("1190.00", f"F-2026-041 {label}", **more), books(*THREE))
    assert ("doubt", {}, ["F-2026-041"]) == told(found)
    assert Hint.FEES in hints(found)
    assert (
        "matched" == told(one(credit("1190.00", "F-2026-041 X", iban="FR7630006000011234567890189"), books(*THREE)))[0]
    )


def test_a_second_payment_is_asked() -> None:
    """The first one pays; the second may be an error, or the next invoice under the wrong number."""
    twin = bill("F-2026-045", "1200.00")
    first, second = credit("1200.00", "F-2026-041", identity="1"), credit("1200.00", "F-2026-041", identity="2")
    found = match([first, second], books(*THREE, twin))
    assert ["matched", "doubt"] == [each.verdict for each in found]
    assert ["F-2026-045"] == told(found[1])[2]
    assert Hint.PAID in hints(found[1])


def test_a_known_payer_pays_the_one_set_that_has_the_sum() -> None:
    """By name in any order of words or by IBAN, tied by a person."""
    known = books(*THREE, payers=TIED)
    for more in ({"payer": "LUNE ATELIER"}, {"payer": "AUTRE", "iban": "FR76 3000 6000 0112 3456 7890 189"}):
        assert {"F-2026-041": "1200.00"} == told(one(credit("1200.00", **more), known))[1]
        assert {"F-2026-041": "1200.00", "F-2026-042": "350.50"} == told(one(credit("1550.50", **more), known))[1]
    found = one(credit("1199.00", payer="Lune Atelier"), known)
    assert ("doubt", {}, ["F-2026-041"]) == told(found)
    assert {Hint.PAYER, Hint.NO_SUM} == hints(found)


@pytest.mark.parametrize(
    "label",
    ["VIR SEPA RECU /DE LUNE ATELIER /MOTIF merci /REF 12", "VIR INST LUNE ATELIER", "VIREMENT DE LUNE ATELIER"],
)
def test_a_payer_is_read_from_the_label(label: str) -> None:
    """Where it stands there for itself."""
    assert "matched" == told(one(credit("1200.00", label), books(*THREE, payers=TIED)))[0]


def test_a_name_inside_a_label_ties_nothing() -> None:
    """It may be what the transfer is for."""
    found = one(credit("1200.00", "VIR DUVAL POUR LUNE ATELIER"), books(*THREE, payers=TIED))
    assert "doubt" == found.verdict


def test_two_sets_of_one_sum_are_asked() -> None:
    """Two equal invoices, and one that is the sum of two."""
    known = books(bill("A-20261", "100.00"), bill("A-20262", "100.00"), bill("A-20263", "300.00"), payers=TIED)
    assert ("doubt", {}, ["A-20261", "A-20262"]) == told(one(credit("100.00", payer="Lune Atelier"), known))
    mixed = books(bill("A-20261", "100.00"), bill("A-20262", "200.00"), bill("A-20263", "300.00"), payers=TIED)
    assert ("doubt", {}, ["A-20263", "A-20261", "A-20262"]) == told(one(credit("300.00", payer="Lune Atelier"), mixed))


def test_a_payer_of_two_companies_pays_what_only_one_set_of_both_makes() -> None:
    """The sum has to be the only one among all the invoices of both."""
    known = books(bill("A-20261", "100.00"), bill("B-20261", "100.00", BRUME), bill("B-20262", "70.00", BRUME))
    known = known._replace(payers={"Holding Nord": ["code:LUNE", "code:BRUME"]})
    assert {"B-20262": "70.00"} == told(one(credit("70.00", payer="Holding Nord"), known))[1]
    assert ["A-20261", "B-20261"] == told(one(credit("100.00", payer="Holding Nord"), known))[2]


def test_an_account_of_one_customer_under_the_name_of_another_is_asked() -> None:
    """An IBAN that is remembered for one company pays for another too (odoo 168029)."""
    known = books(*THREE, payers=TIED)
    found = one(credit("1200.00", payer="Brume Fils", iban="FR7630006000011234567890189"), known)
    assert "doubt" == found.verdict


def test_a_name_that_nobody_tied_decides_nothing() -> None:
    """It is the customer's, and the amount is right: asked once."""
    found = one(credit("1200.00", payer="ATELIER DE LA LUNE"), books(*THREE))
    assert ("doubt", {}, ["F-2026-041"]) == told(found)
    assert Hint.ALIKE in hints(found)


@pytest.mark.parametrize("amount", ["1200.00", "1550.50", "35.00"])
def test_a_stranger_never_pays(amount: str) -> None:
    """An amount alone is a question where it is an open invoice's, and nothing otherwise."""
    found = one(credit(amount, "VIR ZINC ET CIE", payer="Zinc et Cie"), books(*THREE))
    expected: tuple[str, dict[str, str], list[str]] = (
        ("doubt", {}, ["F-2026-041"]) if amount == "1200.00" else ("other", {}, [])
    )
    assert expected == told(found)


@pytest.mark.parametrize(
    "payer", ["VIR ATELIER DE LA LUNE", "VIR SEPA ATELIER DE LA LUNE SARL", "VIREMENT ATELIER LUNE"]
)
def test_a_payer_that_is_the_beginning_of_the_label(payer: str) -> None:
    """OFX and QIF tell it so: the name stands in it, and what a person tied to the whole of it stays."""
    known = books(*THREE)
    tied = books(*THREE, payers={payer: ["code:LUNE"]})
    label = f"{payer} REGLEMENT"

    assert "doubt" == told(one(credit("999.00", f"VIR {LUNE.name}", payer=f"VIR {LUNE.name}"), known))[0]
    assert ("matched", {"F-2026-042": "350.50"}, []) == told(one(credit("350.50", label, payer=payer), tied))


def test_oneself_behind_the_word_transfer_is_oneself() -> None:
    """Own money is nobody's payment, whatever it amounts to."""
    found = one(
        credit("1200.00", "VIR SEPA JEANNE ORME", payer="VIR SEPA JEANNE ORME"),
        books(*THREE, own_names=["Jeanne Orme"]),
    )
    assert (Ruling.OTHER, {Hint.OWN}) == (found.verdict, hints(found))


def test_a_name_cut_by_the_bank_is_the_same_name() -> None:
    """At 31 characters; where two customers begin alike, nobody knows which it is."""
    long = Customer("Société Générale de Maçonnerie du Nord", code="NORD")
    known = books(bill("A-20261", "100.00", long), payers={long.name: ["code:NORD"]})
    assert "matched" == told(one(credit("100.00", payer=long.name[:31].upper()), known))[0]
    south = long._replace(name="Société Générale de Maçonnerie du Sud", code="SUD")
    both = known._replace(invoices=[*known.invoices, *books(bill("A-20262", "50.00", south)).invoices])
    assert "doubt" == told(one(credit("100.00", payer=long.name[:31].upper()), both))[0]
    assert "matched" == told(one(credit("100.00", payer=long.name), both))[0]


def test_an_ampersand_may_be_written_out() -> None:
    """« BRUME ET FILS » is Brume & Fils, by its name."""
    assert Hint.ALIKE in hints(one(credit("80.00", "VIR", payer="BRUME ET FILS SARL"), books(*THREE)))


@pytest.mark.parametrize("name", ["STRIPE PAYMENTS EUROPE", "PayPal (Europe) Sarl", "SUMUP LTD", "GoCardless", "Malt"])
def test_a_service_never_pays_by_amount(name: str) -> None:
    """It pays net and for many; with the number and the whole amount it does."""
    known = books(*THREE)
    assert ("doubt", {}, ["F-2026-041"]) == told(one(credit("1200.00", payer=name), known))
    assert ("doubt", {}, ["F-2026-041"]) == told(one(credit("1181.00", payer=name), known))
    assert ("doubt", {}, []) == told(one(credit("41.00", payer=name), known))
    assert "matched" == told(one(credit("1200.00", "F-2026-041", payer=name), known))[0]
    assert "doubt" == told(one(credit("600.00", "F-2026-041 X", payer=name), known))[0]


@pytest.mark.parametrize("word", ["REJET VIR", "Avoir", "RETOUR", "IMPAYÉ", "remboursement"])
def test_a_refund_is_no_payment(word: str) -> None:
    """Whatever else its label says."""
    found = one(credit("1200.00", f"{word} F-2026-041"), books(*THREE))
    assert ("doubt", {}, ["F-2026-041"]) == told(found)
    assert Hint.REFUND in hints(found)
    assert "other" == told(one(credit("17.00", f"{word} X"), books(*THREE)))[0]


def test_an_own_transfer_is_no_payment() -> None:
    """By name or by account."""
    known = books(*THREE, own_names=["Léa Petit"], own_ibans=["FR76 1111 2222 3333 4444 5555 666"])
    for more in ({"payer": "PETIT LEA"}, {"iban": "FR7611112222333344445555666"}):
        assert "other" == told(one(credit("1200.00", **more), known))[0]
        assert "doubt" == told(one(credit("1200.00", "F-2026-041", **more), known))[0]


def test_a_reversal_takes_a_match_back() -> None:
    """The credit is a question again, and its invoice is not paid by it."""
    first = credit("1200.00", "F-2026-041", payer="Lune")
    back = credit("-1200.00", "REJET", on=date(2026, 11, 16), payer="Lune")
    again = credit("1200.00", "F-2026-041", on=date(2026, 11, 18), payer="Lune")
    found = match([first, back, again], books(*THREE))
    assert ["doubt", "other", "matched"] == [each.verdict for each in found]
    assert Hint.TAKEN_BACK in hints(found[0])
    assert [date(2026, 11, 12)] == [clue.on for clue in found[1].because]


def test_a_reversal_that_may_be_of_several_puts_all_in_doubt() -> None:
    """Nothing tells two credits apart, and one of them came back."""
    two = [credit("80.00", "A", identity="1"), credit("80.00", "B", identity="2")]
    found = match([*two, credit("-80.00", "X", on=date(2026, 11, 13))], books(THREE[2]))
    assert {Hint.TAKEN_BACK} <= hints(found[0]) & hints(found[1])


def test_a_reversal_of_a_credit_before_the_statement_is_asked() -> None:
    """Where it names an invoice."""
    found = one(credit("-1200.00", "REJET F-2026-041"), books(*THREE))
    assert ("doubt", {}, ["F-2026-041"]) == told(found)


SETTLED = {"c": Word((Portion("F-2026-042/2026", Decimal("350.50")),), date(2026, 11, 15))}


def test_a_word_counts_first() -> None:
    """What a person said, whatever the label says; nothing is « not ours »."""
    about = credit("1200.00", "F-2026-041", identity="c")
    assert {"F-2026-042": "350.50"} == told(one(about, books(*THREE, settled=SETTLED)))[1]
    assert ("other", {}, []) == told(one(about, books(*THREE, settled={"c": Word(on=TODAY)})))


def test_a_word_before_a_reversal_is_asked_again_and_one_after_it_stands() -> None:
    """What a run noted is asked again by any."""
    about = credit("350.50", "X", identity="c")
    for day, verdict in ((14, "matched"), (16, "doubt")):
        back = credit("-350.50", "REJET", on=date(2026, 11, day))
        assert verdict == match([about, back], books(*THREE, settled=SETTLED))[0].verdict
    noted = {"c": SETTLED["c"]._replace(on=None)}
    assert ["F-2026-042"] == told(match([about, back], books(*THREE, settled=noted))[0])[2]


def test_a_word_never_gives_more_than_came() -> None:
    """It is asked again."""
    assert "doubt" == told(one(credit("300.00", identity="c"), books(*THREE, settled=SETTLED)))[0]


@pytest.mark.parametrize(
    ("payment", "amount", "verdict", "known"),
    [
        (Payment(Decimal("1200.00"), date(2026, 11, 10)), "1200.00", "matched", True),
        (Payment(Decimal("1200.00"), None, from_rest=True), "1200.00", "matched", True),
        (Payment(Decimal("1200.00"), date(2026, 9, 30)), "1200.00", "doubt", None),
        (Payment(Decimal("400.00"), date(2026, 11, 12)), "400.00", "matched", True),
        (Payment(Decimal("1200.00"), date(2026, 11, 3)), "1200.00", "matched", True),
        (Payment(Decimal("400.00"), date(2026, 11, 5)), "400.00", "doubt", None),
        (Payment(Decimal("400.00"), date(2026, 10, 20)), "400.00", "doubt", None),
        (Payment(Decimal("400.00"), date(2026, 9, 20)), "400.00", "matched", False),
        (Payment(Decimal("400.00"), None, from_rest=True), "150.00", "doubt", None),
        (Payment(Decimal("400.00"), None, from_rest=True), "800.00", "matched", False),
        (Payment(Decimal("1200.00"), None, from_rest=True), "500.00", "matched", True),
    ],
)
def test_what_the_file_shows_paid_already(payment: Payment, amount: str, verdict: str, known: bool | None) -> None:
    """The same money is one payment; where that is unclear it is asked, and never added."""
    found = one(credit(amount, "F-2026-041 X"), books(bill("F-2026-041", "1200.00", payments=(payment,))))
    assert verdict == found.verdict
    assert known == (found.pays[0].known if found.pays else None)


def test_a_file_from_before_the_credit_cannot_show_it() -> None:
    """A rest of the day before is of other money."""
    paid = bill("F-2026-041", "1200.00", payments=(Payment(Decimal("400.00"), None, from_rest=True),))
    found = one(credit("400.00", "F-2026-041 X"), books(paid, as_of=date(2026, 11, 11)))
    assert (Ruling.MATCHED, False) == (found.verdict, found.pays[0].known)


def test_a_known_payment_is_one_credit_only() -> None:
    """The second one of that amount is another."""
    paid = bill("F-2026-041", "1200.00", payments=(Payment(Decimal("400.00"), date(2026, 11, 12)),))
    two = [credit("400.00", "F-2026-041 X", identity=each) for each in "12"]
    assert [True, False] == [each.pays[0].known for each in match(two, books(paid))]


def test_a_customer_without_a_number_whose_payment_is_known_is_not_asked() -> None:
    """The file has it with its day; nothing is added."""
    paid = bill("F-2026-041", "1200.00", payments=(Payment(Decimal("1200.00"), date(2026, 11, 10)),))
    found = one(credit("1200.00", payer="ATELIER DE LA LUNE"), books(paid))
    assert (Ruling.MATCHED, True) == (found.verdict, found.pays[0].known)


def test_a_payment_without_a_day_and_an_equal_open_invoice_are_asked() -> None:
    """Which of the two months was paid, nobody can tell."""
    paid = bill("F-2026-041", "1200.00", payments=(Payment(Decimal("1200.00"), None, from_rest=True),))
    found = one(credit("1200.00", payer="Lune Atelier"), books(paid, bill("F-2026-045", "1200.00"), payers=TIED))
    assert ("doubt", {}, ["F-2026-045"]) == told(found)
    assert Hint.UNCLEAR in hints(found)


@pytest.mark.parametrize(("day", "verdict"), [(10, "matched"), (5, "doubt"), (1, "matched")])
def test_a_payment_of_a_few_days_before_and_an_equal_open_invoice_are_asked(day: int, verdict: str) -> None:
    """A statement may begin after last month's payment: of the same days it is the same money, else nobody knows."""
    paid = bill("F-2026-041", "1200.00", payments=(Payment(Decimal("1200.00"), date(2026, 11, day)),))
    found = one(credit("1200.00", payer="Lune Atelier"), books(paid, bill("F-2026-045", "1200.00"), payers=TIED))
    assert verdict == found.verdict
    assert [day == 10] * (verdict == "matched") == [each.known for each in found.pays]


def test_a_customer_whose_address_changed_is_the_same() -> None:
    """Known by name alone, whatever the e-mail of the file is by now."""
    then, now = (Customer("Garance Roux", emails=(f"{each}@roux.example",)) for each in "ab")
    known = books(bill("A-20261", "100.00", then), bill("A-20262", "70.00", now))
    found = one(credit("70.00", payer="Garance Roux"), known._replace(payers={"Garance Roux": [customer_id(then)]}))
    assert "matched" == found.verdict


@pytest.mark.parametrize(
    ("more", "hint"),
    [
        ({"status": Status.CANCELLED}, Hint.CLOSED),
        ({"status": Status.UNCLEAR}, Hint.CLOSED),
        ({"status": Status.FACTORED}, Hint.CLOSED),
        ({"currency": "USD"}, Hint.CURRENCY),
        ({"issue_date": date(2026, 11, 15)}, Hint.EARLY),
    ],
)
def test_an_invoice_that_cannot_be_paid_so_is_asked(more: Mapping[str, Any], hint: Hint) -> None:
    """The number and the amount are right, and something else is not."""
    found = one(credit("1200.00", "F-2026-041"), books(bill("F-2026-041", "1200.00", **more)))
    assert ("doubt", {}, ["F-2026-041"]) == told(found)
    assert hint in hints(found)


@pytest.mark.parametrize("status", [Status.DISPUTED, Status.EXCLUDED, Status.DIRECT_DEBIT])
def test_what_is_not_reminded_is_paid_all_the_same(status: Status) -> None:
    """A dispute stops messages, not money."""
    assert (
        "matched" == told(one(credit("1200.00", "F-2026-041"), books(bill("F-2026-041", "1200.00", status=status))))[0]
    )


def test_a_payer_who_never_pays_an_invoice_is_not_asked_about() -> None:
    """A person said so: a landlord, a savings account, a shop's own takings."""
    known = books(*THREE, payers={"CAF DE PARIS": []})
    assert ("other", {}, []) == told(one(credit("1200.00", payer="CAF de Paris"), known))


def test_who_was_nobody_and_is_a_customer_by_now_is_asked_about() -> None:
    """The word was about a stranger; an invoice that came since makes the name one of a customer."""
    known = books(*THREE, bill("F-2026-050", "95.00", Customer("Studio Givre")), payers={"STUDIO GIVRE": []})
    assert ("doubt", {}, ["F-2026-050"]) == told(one(credit("95.00", "x", payer="STUDIO GIVRE"), known))


def test_a_number_before_an_amount_alone_whatever_the_order() -> None:
    """The credit that names the invoice pays it, though the other one came first."""
    plain = credit("80.00", payer="Brume Fils", on=date(2026, 11, 2))
    named = credit("80.00", "F-2026-043", on=date(2026, 11, 9))
    known = books(THREE[2], payers={"Brume Fils": ["code:BRUME"]})
    for order in ([plain, named], [named, plain]):
        found: dict[str, Match] = {each.credit.identity: each for each in match(order, known)}
        assert "matched" == found[named.identity].verdict
        assert Hint.NOTHING_OPEN in hints(found[plain.identity])


def test_more_invoices_than_sums_tell_are_asked() -> None:
    """A customer with more open invoices than are looked through."""
    many: Sequence[Invoice] = [bill(f"F-2026-{n:03d}", f"{100 + n}.00") for n in range(61)]
    found = one(credit("130.00", payer="Lune Atelier"), books(*many, payers=TIED))
    assert Hint.MANY in hints(found)
    assert "F-2026-030/2026" in found.candidates


def test_an_identity_counts_once() -> None:
    """Two exports that overlap tell one credit."""
    about = credit("400.00", "F-2026-041 X")
    assert 1 == len(match([about, about], books(*THREE)))


def test_customers_are_known_by_their_identity() -> None:
    """The identity of the tie is the customer's of the file."""
    plain = Customer("Garance Roux", emails=("g@roux.example",))
    known = books(bill("A-20261", "100.00", plain), payers={"G. ROUX": [customer_id(plain)]})
    assert "matched" == told(one(credit("100.00", payer="G ROUX"), known))[0]


ASKED = (
    bill("F-2026-041", "1200.00", transfer="CLT-4711-09"),
    bill("F-2026-042", "350.50", transfer="RF18 5390 0754 7034"),
    bill("F-2026-043", "80.00", BRUME, transfer="BRUME-0042"),
    bill("F-2026-044", "90.00", BRUME, transfer="BRUME-0042"),
)


@pytest.mark.parametrize(
    ("amount", "label", "made"),
    [
        ("1200.00", "VIR ATELIER LUNE CLT 4711 09", ("matched", {"F-2026-041": "1200.00"}, [])),
        ("350.50", "VIR RF185390 07547034", ("matched", {"F-2026-042": "350.50"}, [])),
        ("1550.50", "CLT-4711-09 RF18539007547034", ("matched", {"F-2026-041": "1200.00", "F-2026-042": "350.50"}, [])),
        ("600.00", "VIR CLT-4711-09", ("doubt", {}, ["F-2026-041"])),  # he may write it again for another one
        ("350.50", "VIR F-2026-042", ("matched", {"F-2026-042": "350.50"}, [])),
        ("250.00", "VIR F-2026-042 RF18539007547034", ("matched", {"F-2026-042": "250.00"}, [])),
        ("77.00", "VIR BRUME-0042", ("other", {}, [])),  # a customer's own number names no invoice
    ],
)
def test_what_an_invoice_asks_for_in_its_transfer_names_it(
    amount: str, label: str, made: tuple[str, dict[str, str], list[str]]
) -> None:
    """For an exact sum by itself, else as a question; its number is worth more."""
    assert made == told(one(credit(amount, label), books(*ASKED)))


@pytest.mark.parametrize("asked", ["Merci", "2026", "42", "12/2026", "F-2026-041"])
def test_words_that_anybody_may_write_name_nothing(asked: str) -> None:
    """Too few digits, a date, the number of another invoice."""
    known = books(bill("F-2026-042", "350.50", transfer=asked), bill("F-2026-041", "99.00"))
    assert "F-2026-042" not in told(one(credit("77.00", f"VIR {asked}"), known))[2]
