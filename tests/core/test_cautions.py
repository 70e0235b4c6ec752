"""What to know before charges are claimed: each caution with its facts, and its French sentence."""

from datetime import date
from decimal import Decimal

import pytest
from core_support import day, invoice, paid

from relance.core.cautions import Caution, Code, Floor, cautions, halves_of
from relance.core.charges import Grounds, charges
from relance.core.interest import DEFAULT_RATE, Basis, InterestTerms, Rate
from relance.core.invoice import Invoice, Kind, Payment
from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate
from relance.display.statement import caution_sentences, halves_named, statement
from relance.french import date_fr

TERMS = InterestTerms()


def _cautions(
    about: Invoice, as_of: date, terms: InterestTerms = TERMS, kind: Kind = Kind.BUSINESS
) -> dict[Code, Caution]:
    found = cautions(about, terms, charges(about, Grounds(as_of, terms, kind)), as_of)
    assert all(caution_sentences(found))
    return {caution.code: caution for caution in found}


def test_no_caution_before_the_due_date() -> None:
    """Nothing is owed, so nothing is to be known."""
    assert {} == _cautions(invoice(payments=[paid("1.00")]), day(0))


@pytest.mark.parametrize(
    ("judged", "kind", "expected"),
    [
        (day(10), Kind.BUSINESS, Code.INTEREST_STOPPED),
        (day(20), Kind.BUSINESS, Code.INTEREST_STOPPED),
        (day(21), Kind.BUSINESS, None),
        (day(1), Kind.BUSINESS, Code.INTEREST_STOPPED),
        (day(0), Kind.BUSINESS, Code.NOTHING_RUNS),
        (day(-5), Kind.PUBLIC, Code.NOTHING_RUNS),
        (None, Kind.BUSINESS, None),
        (None, None, Code.KIND_UNKNOWN),
    ],
)
def test_what_an_invoice_of_a_plan_rests_on(judged: date | None, kind: Kind | None, expected: Code | None) -> None:
    """Why interest stops, or never ran, and why no message names what is computed; each as a sentence."""
    grounds = Grounds(day(20), TERMS, kind, insolvent=judged)
    costs = charges(invoice(), grounds)
    theirs = cautions(invoice(), TERMS, costs, day(20), grounds)
    found = [caution for caution in theirs if caution not in cautions(invoice(), TERMS, costs, day(20))]
    assert ([expected] if expected else []) == [caution.code for caution in found]
    said = [*caution_sentences(found)]
    if expected is Code.KIND_UNKNOWN:
        assert "frais non réclamés → kind sous [[customers]], ou default_kind sous [policy]" in said[0]
    elif expected is not None:
        assert judged is not None
        assert said[0].startswith(f"procédure collective ouverte le {date_fr(judged)}")
        assert ("ni indemnité" in said[0].replace("\u00a0", " ")) is (costs.recovery_fee == 0)
    assert () == cautions(invoice(), TERMS, costs, day(0), grounds)


def test_fourteen_percent_was_under_the_floor_in_2024() -> None:
    """Three times the legal rate was 15.21, then 14.76: told for these half-years alone, and nothing is corrected."""
    about = invoice(due=date(2023, 12, 1))
    found = _cautions(about, date(2025, 3, 1))[Code.BELOW_FLOOR]
    fourteen = Decimal("14.0")
    expected = (Floor("2024-S1", fourteen, Decimal("15.21")), Floor("2024-S2", fourteen, Decimal("14.76")))
    assert expected == found.floors
    (segment,) = charges(about, Grounds(date(2025, 3, 1), TERMS, None)).segments
    assert fourteen == segment.rate


@pytest.mark.parametrize(
    ("rate", "halves"),
    [
        (DEFAULT_RATE, []),
        (Rate(Basis.ECB, Decimal(9)), ["2024-S1", "2024-S2"]),
        (Rate(Basis.ECB, Decimal("10.71")), []),
        (Rate(Basis.LEGAL, Decimal(3)), []),
        (Rate(Basis.LEGAL, Decimal("2.9")), ["2024-S1", "2024-S2"]),
        (Rate(Basis.DAILY, Decimal("0.04")), ["2024-S1", "2024-S2"]),
        (Rate(Basis.FIXED, Decimal("15.21")), []),
        (Rate(Basis.FIXED, Decimal("15.20")), ["2024-S1"]),
        (Rate(Basis.FIXED, Decimal("0")), ["2024-S1", "2024-S2"]),
    ],
)
def test_which_rates_are_under_the_floor(rate: Rate, halves: list[str]) -> None:
    """Every clause but ECB + 10, which only says what the law says where nothing was agreed (law.md 2)."""
    found = _cautions(invoice(due=date(2024, 1, 31)), date(2024, 12, 31), InterestTerms(rate))
    assert halves == [floor.half for floor in found.get(Code.BELOW_FLOOR, Caution(Code.BELOW_FLOOR)).floors]
    assert (rate != DEFAULT_RATE and rate.value > 0) is (Code.MUST_BE_AGREED in found)


@pytest.mark.parametrize(("kind", "told"), [(Kind.BUSINESS, True), (Kind.PUBLIC, False), (Kind.CONSUMER, False)])
def test_the_floor_is_for_professionals(kind: Kind, told: bool) -> None:
    """The law fixes the rate of the others."""
    found = _cautions(invoice(due=date(2024, 1, 31)), date(2024, 5, 31), kind=kind)
    assert (told, told) == (Code.BELOW_FLOOR in found, Code.MUST_BE_AGREED in found)
    assert (kind is Kind.PUBLIC) is (Code.AGREED_IGNORED in found)
    assert (kind is Kind.CONSUMER) is (Code.BEFORE_NOTICE in found)


def test_a_consumer_after_the_notice_needs_no_word_about_it() -> None:
    """Interest runs: the caution is gone."""
    about = invoice()
    costs = charges(about, Grounds(day(20), TERMS, Kind.CONSUMER, notice=day(10)))
    assert {Code.UNVERIFIED} == {caution.code for caution in cautions(about, TERMS, costs, day(20))}


@pytest.mark.parametrize("rates", [{}, {"2026-S1": ReferenceRate(Decimal(2), None, "told")}])
def test_a_floor_that_nobody_knows(rates: dict[str, ReferenceRate]) -> None:
    """A fixed rate is computed all the same, and what could not be compared is named."""
    found = _cautions(invoice(), day(20), TERMS._replace(rates=rates))
    assert ("2026-S1",) == found[Code.FLOOR_UNKNOWN].halves


def test_a_floor_known_in_part() -> None:
    """What is unknown does not hide what is under the floor after it."""
    rates = {half: rate for half, rate in REFERENCE_RATES.items() if half != "2023-S2"}
    found = _cautions(invoice(due=date(2023, 12, 1)), date(2024, 3, 1), TERMS._replace(rates=rates))
    assert ("2023-S2",) == found[Code.FLOOR_UNKNOWN].halves
    assert ["2024-S1"] == [floor.half for floor in found[Code.BELOW_FLOOR].floors]


def test_a_floor_without_the_rate_of_the_clause() -> None:
    """ECB + 9 without an ECB rate is not computed, so there is nothing to compare."""
    rates = {**REFERENCE_RATES, "2026-S1": ReferenceRate(None, Decimal(9), "told")}
    about, terms = invoice(), InterestTerms(Rate(Basis.ECB, Decimal(9)), rates=rates)
    costs = charges(about, Grounds(day(20), TERMS, None))
    assert Code.BELOW_FLOOR not in {caution.code for caution in cautions(about, terms, costs, day(20))}


def test_rates_from_secondary_sources() -> None:
    """Told where a sum rests on them, each half-year once; a fixed rate rests on none."""
    about = invoice(due=date(2024, 6, 1), payments=[paid("1.00", date(2025, 2, 1))])
    found = _cautions(about, date(2025, 8, 1), InterestTerms(DEFAULT_RATE))
    assert ("2025-S1", "2025-S2") == found[Code.UNVERIFIED].halves
    assert Code.UNVERIFIED not in _cautions(about, date(2025, 8, 1))
    assert Code.UNVERIFIED not in _cautions(about, date(2024, 9, 1), InterestTerms(DEFAULT_RATE))


def test_what_was_assumed_of_payments() -> None:
    """A payment without a date, one of a later day; a credit note without a date is no payment."""
    about = invoice(payments=[paid("1.00"), paid("2.00", day(30))])
    assert {Code.UNDATED, Code.LATER} <= _cautions(about, day(20)).keys()
    assert day(20) == _cautions(about, day(20))[Code.LATER].day
    credited = invoice(payments=[Payment(Decimal(1), None, "AV-1"), paid("2.00", day(20))])
    assert not {Code.UNDATED, Code.LATER} & _cautions(credited, day(20)).keys()


def test_fees_out_of_the_ordinary() -> None:
    """A fee in EUR beside another currency; costs above 40 EUR need proof."""
    assert Code.FEE_APART in _cautions(invoice(currency="USD"), day(20))
    real = TERMS._replace(real_costs=Decimal("40.01"))
    assert Code.REAL_COSTS in _cautions(invoice(), day(20), real)
    assert Code.REAL_COSTS in _cautions(invoice(currency="USD"), day(20), real)
    assert not {Code.FEE_APART, Code.REAL_COSTS} & _cautions(invoice(), day(20)).keys()


@pytest.mark.parametrize(
    ("kind", "issued", "as_of", "code", "last"),
    [
        (Kind.BUSINESS, date(2021, 3, 10), date(2025, 9, 7), None, None),
        (Kind.BUSINESS, date(2021, 3, 10), date(2025, 9, 8), Code.LIMITATION_NEAR, date(2026, 3, 10)),
        (Kind.BUSINESS, date(2021, 3, 10), date(2026, 3, 10), Code.LIMITATION_NEAR, date(2026, 3, 10)),
        (Kind.BUSINESS, date(2021, 3, 10), date(2026, 3, 11), Code.LIMITATION_PASSED, date(2026, 3, 10)),
        (Kind.CONSUMER, date(2024, 2, 29), date(2026, 2, 20), Code.LIMITATION_NEAR, date(2026, 2, 28)),
        (Kind.PUBLIC, date(2021, 3, 10), date(2025, 12, 30), Code.LIMITATION_NEAR, date(2025, 12, 31)),
    ],
)
def test_the_time_to_sue(kind: Kind, issued: date, as_of: date, code: Code | None, last: date | None) -> None:
    """Five years, two for consumers, four whole ones for public bodies: from the invoice, near for half a year."""
    about = invoice(due=date(issued.year, 4, 15))._replace(issue_date=issued)
    found = _cautions(about, as_of, kind=kind)
    near = {name: caution.day for name, caution in found.items() if name.value.startswith("limitation")}
    assert ({} if code is None else {code: last}) == near
    years = {Kind.BUSINESS: 5, Kind.PUBLIC: 4, Kind.CONSUMER: 2}[kind]
    assert [years] * len(near) == [found[name].years for name in near]


def test_the_time_to_sue_without_an_invoice_date() -> None:
    """From the due date; far in the future there is nothing to tell."""
    about = invoice(due=date(2021, 3, 10), terms=None)
    assert date(2026, 3, 10) == _cautions(about, date(2026, 1, 1))[Code.LIMITATION_NEAR].day
    late = invoice(due=date(9997, 1, 1), terms=None)
    assert Code.LIMITATION_NEAR not in _cautions(late, date(9998, 1, 1))


def test_the_half_years_of_a_delay() -> None:
    """Each once, in order, whatever the cuts."""
    about = invoice(due=date(2024, 5, 1), payments=[paid("1.00", date(2024, 5, 9)), paid("1.00", date(2024, 12, 31))])
    assert ("2024-S1", "2024-S2", "2025-S1") == halves_of(charges(about, Grounds(date(2025, 6, 30), TERMS, None)))
    assert () == halves_of(charges(about, Grounds(date(2025, 6, 30), TERMS, Kind.CONSUMER)))


def test_the_sentences() -> None:
    """Each caution is one French sentence that needs no other to be understood."""
    about = invoice(due=date(2023, 12, 1), payments=[paid("1.00")])
    found = cautions(about, TERMS, charges(about, Grounds(date(2024, 3, 1), TERMS, None)), date(2024, 3, 1))
    must, floor, undated = (said.replace("\u00a0", " ").replace("\u202f", " ") for said in caution_sentences(found))
    assert must.startswith("ce taux doit figurer dans vos CGV ou sur la facture")
    assert "1er semestre 2024, 14 % pour 15,21 %" in floor
    assert undated == "un règlement dont la date n’est pas connue est compté comme reçu à l’échéance"


@pytest.mark.parametrize(
    ("halves", "said"),
    [
        (["2027-S1"], "du 1er semestre 2027"),
        (["2027-S1", "2027-S2"], "du 1er semestre 2027 et du 2e semestre 2027"),
        ([f"{year}-S1" for year in range(2027, 2032)], "du 1er semestre 2027 et des 4 semestres suivants"),
    ],
)
def test_half_years_by_name(halves: list[str], said: str) -> None:
    """Few by name, many by their number."""
    assert said == halves_named(halves)


def test_the_statement_tells_what_every_figure_is_made_of() -> None:
    """Rate, reference, half-year, days, principal, what a payment paid, fee and total."""
    about = invoice(total="10000.00", due=date(2026, 5, 1), payments=[paid("4000.00", date(2026, 7, 1))])
    terms = InterestTerms(DEFAULT_RATE)
    second = "12,4 % l’an (BCE 2,4 % + 10, 2e semestre 2026)"
    assert _statement(about, terms, date(2026, 9, 1)) == [
        ("Reste dû", "6 000,00 €"),
        ("Pénalités au taux directeur de la BCE majoré de 10 points : principal × taux × jours ÷ 365, arrondi au "
         "centime", ""),
        ("du 02/05/2026 au 30/06/2026 : 60 jours sur 10 000,00 € à 12,15 % l’an (BCE 2,15 % + 10, 1er semestre 2026)",
         "199,73 €"),
        (f"du 01/07/2026 au 01/07/2026 : 1 jour sur 10 000,00 € à {second}", "3,40 €"),
        (f"du 02/07/2026 au 01/09/2026 : 62 jours sur 6 000,00 € à {second}", "126,38 €"),
        ("Soit 329,51 € de pénalités", ""),
        ("Un règlement partiel paie d’abord le principal", ""),
        ("Indemnité forfaitaire", "40,00 €"),
        ("Total dû", "6 369,51 €"),
    ]  # fmt: skip


def _statement(about: Invoice, terms: InterestTerms, as_of: date, kind: Kind | None = None) -> list[tuple[str, str]]:
    entries = statement(charges(about, Grounds(as_of, terms, kind, notice=day(0))), terms, about.currency)
    return [(_plain(text), _plain(figure)) for text, figure in entries]


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("terms", "kind", "said"),
    [
        (InterestTerms(Rate(Basis.DAILY, Decimal("0.05"))), None, "à 18,25 % l’an (0,05 % par jour)"),
        (InterestTerms(Rate(Basis.LEGAL, Decimal(3))), None, "(légal 2,62 % × 3, 1er semestre 2026)"),
        (TERMS, Kind.PUBLIC, "(article R2192-31 du code de la commande publique)"),
        (TERMS, Kind.CONSUMER, "à 2,62 % l’an (légal 2,62 %, 1er semestre 2026)"),
        (TERMS, Kind.CONSUMER, "(article 1231-6 du code civil)"),
        (TERMS._replace(real_costs=Decimal(95)), None, "Frais de recouvrement réels, sur justificatifs : 95,00 €"),
        (InterestTerms(DEFAULT_RATE, rates={}), None, "arrêtées au 2 mars 2026 : le taux du 1er semestre 2026 manque"),
    ],
)
def test_what_the_statement_says_of(terms: InterestTerms, kind: Kind | None, said: str) -> None:
    """Other rates, other laws, proven costs, an unknown half-year."""
    text = "\n".join(" : ".join(entry) for entry in _statement(invoice(), terms, day(20), kind))
    assert said in text
