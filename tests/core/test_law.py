"""Each statement of law that was corrected (law.md, part 12), with a test that names it.

What a sentence says stands where the sentences are tested; here stands what is computed, held or left out.
"""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from core_support import EVERY_DAY, LONG_AGO, RATE_AGREED, customer, day, invoice, line_for, plan_for, reminded

from relance.core.charges import Grounds, charges, names_charges
from relance.core.facts import Held, HoldReason, RateConfirmed
from relance.core.history import fold
from relance.core.interest import DEFAULT_RATE, FLAT_FEE, InterestTerms
from relance.core.invoice import Kind, Payment
from relance.core.limitation import last_day_of
from relance.core.plan import About, Line, awaited_for
from relance.core.planning import build_plan
from relance.core.policy import DEFAULT_STAGES
from relance.core.reasons import Reason

HERE, LETTERS, HELD = (
    "core/test_law.py",
    "letters/test_letters_law.py",
    "stories/test_story_held.py",
)
STATEMENTS = {
    "public bodies: four years from 1 January, begun again by a written demand": (
        (HERE, "test_limitation_against_public_bodies"),
    ),
    "five years otherwise, two against a consumer; no notice interrupts them, an acknowledgment does": (
        (HERE, "test_limitation_otherwise"),
        (HERE, "test_an_acknowledgment_begins_the_time_again"),
        (LETTERS, "test_what_the_guide_says_of_the_ways"),
    ),
    "court is not threatened for an extinct action": ((HERE, "test_an_extinct_claim_threatens_nobody"),),
    "public bodies pay the principal, then interest and 40 EUR within 45 days": (
        (HERE, "test_public_bodies_owe_by_a_law_of_their_own"),
        (LETTERS, "test_a_public_body_pays_the_principal_first"),
    ),
    "their term runs from the receipt in Chorus Pro": (
        (LETTERS, "test_the_term_of_a_public_body_runs_from_chorus_pro"),
    ),
    "14 % where it was agreed, ECB + 10 otherwise": (
        (HERE, "test_fourteen_per_cent_is_owed_only_where_it_was_agreed"),
        (LETTERS, "test_fourteen_per_cent_never_come_from_the_law"),
    ),
    "nothing of professionals from a consumer; the legal rate from the notice": (
        (HERE, "test_nothing_of_professionals_is_asked_of_a_consumer"),
        (LETTERS, "test_a_consumer_reads_of_no_professional_charges"),
    ),
    "a formal notice rests on article 1344 of the Code civil": (
        (LETTERS, "test_a_formal_notice_is_one_by_the_civil_code"),
        (LETTERS, "test_english_names_french_law_for_who_is_here"),
    ),
    "insolvency: no demand, no interest, a declaration within two months of the BODACC": (
        (HERE, "test_insolvency_stops_every_demand"),
        (HELD, "test_insolvency_names_the_declaration"),
    ),
    "VAT: no article of the CGI": (
        (HERE, "test_no_article_of_the_cgi_is_named"),
        (LETTERS, "test_no_vat_on_charges_and_no_article_of_it"),
    ),
    "EI on letters and in the account's name": ((LETTERS, "test_ei_stands_on_letters_and_accounts"),),
    "CPC 750-1 does not bind the injonction de payer": ((LETTERS, "test_what_the_guide_says_of_the_ways"),),
    "abroad no French article, unless a clause is cited": ((LETTERS, "test_no_french_article_is_asserted_abroad"),),
    "half-years: announced, published where, claimed up to the last known day": (
        (HERE, "test_the_half_years_are_announced_and_what_ran_is_claimed"),
        (LETTERS, "test_where_the_next_rates_are_published"),
    ),
    "personal data, the qualified electronic letter, the conciliateur": (
        (LETTERS, "test_what_the_guide_says_of_personal_data"),
        (LETTERS, "test_what_the_guide_says_of_the_ways"),
    ),
    "the 40 EUR once an invoice": ((HERE, "test_the_fee_is_once_an_invoice"),),
}
"""Each statement of part 12, and the tests that hold it."""
TERMS = InterestTerms()
ROOT = Path(__file__).parents[2]
FIRM = DEFAULT_STAGES[2]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_each_statement_has_its_tests(statement: str) -> None:
    """By their names, where they stand."""
    for file, name in STATEMENTS[statement]:
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8")


def line_of(kind: Kind) -> Line:
    """The line of an invoice of 31 January 2026 to such a customer, a month and a half late."""
    return line_for(invoice(owner=customer(kind=kind)), [], day(45), policy=EVERY_DAY)


def test_limitation_against_public_bodies() -> None:
    """Loi 68-1250, art. 1 and 2: four years from 1 January after; any written demand gives four new ones."""
    about = invoice(owner=customer(kind=Kind.PUBLIC))
    silent = line_for(about, [], day(45))
    asked = line_for(about, [reminded(about, "friendly", date(2027, 2, 1))], date(2027, 3, 1))
    assert [date(2030, 12, 31), date(2031, 12, 31)] == [last_day_of(line.case) for line in (silent, asked)]


def test_limitation_otherwise() -> None:
    """C. civ. 2224: five years from the invoice, two against a consumer; no notice interrupts them."""
    about = invoice()
    noticed = line_for(about, [reminded(about, "formal_notice", day(30))], day(45))
    assert date(2031, 1, 31) == last_day_of(noticed.case)
    assert date(2028, 1, 31) == last_day_of(line_of(Kind.CONSUMER).case)


def test_an_acknowledgment_begins_the_time_again() -> None:
    """C. civ. 2240: a part payment, a promise; of work that was done before its invoice, the earlier day counts."""
    about = invoice()
    part = about._replace(payments=(Payment(Decimal("10.00"), day(45)),))
    promised = Held("F-1/2026", HoldReason.PROMISE, day(50), until=day(55))
    lines = [line_for(part, [], day(60)), line_for(about, [promised], day(60))]
    assert [day(45).replace(year=2031), day(50).replace(year=2031)] == [last_day_of(line.case) for line in lines]
    early = about._replace(issue_date=about.due_date + timedelta(days=20))
    assert about.due_date.replace(year=2031) == last_day_of(line_for(early, [], day(60)).case)


def test_an_extinct_claim_threatens_nobody() -> None:
    """Cass. crim. 19 March 2019, 17-87.534: what cannot be sued for any more is not demanded."""
    plan = plan_for([invoice(owner=customer(kind=Kind.CONSUMER))], [], date(2028, 2, 1), started=LONG_AGO)
    assert (Reason.TIME_BARRED, (), ()) == (plan.lines[0].reason, plan.reminders, plan.waiting)


def test_public_bodies_owe_by_a_law_of_their_own() -> None:
    """CCP R2192-31 and D2192-35: ECB + 8 of the half-year in which interest began, and 40 EUR, whatever was agreed."""
    line = line_of(Kind.PUBLIC)
    assert ({Decimal("10.15")}, FLAT_FEE) == ({s.rate for s in line.charges.segments}, line.charges.recovery_fee)


def test_fourteen_per_cent_is_owed_only_where_it_was_agreed() -> None:
    """The law's own rate is ECB + 10, 12.40 % in 2026-S2; until the user says so, nobody says that 14 % was agreed."""
    about = invoice(due=date(2026, 8, 3))
    told = [[], [RATE_AGREED], [RateConfirmed(TERMS.rate, False, LONG_AGO)]]
    plans = [build_plan([about], fold(facts, LONG_AGO, day(240)), EVERY_DAY, date(2026, 9, 1)) for facts in told]
    assert [False, True, False] == [plan.lines[0].case.customer.grounds.confirmed for plan in plans]
    assert [Decimal(14), Decimal(14), Decimal("12.40")] == [p.lines[0].charges.segments[0].rate for p in plans]
    assert [1, 0, 0] == [sum(task.about is About.RATE for task in plan.tasks) for plan in plans]


def test_nothing_of_professionals_is_asked_of_a_consumer() -> None:
    """CPCE L111-8: neither the 40 EUR nor interest before the notice; then the legal rate, 2.75 % in 2026-S2."""
    about = invoice(due=date(2026, 8, 3), owner=customer(kind=Kind.CONSUMER))
    before = charges(about, Grounds(date(2026, 9, 30), TERMS, Kind.CONSUMER))
    after = charges(about, Grounds(date(2026, 9, 30), TERMS, Kind.CONSUMER, notice=date(2026, 9, 1)))
    assert ((), Decimal("0.00")) == (before.segments, before.recovery_fee)
    assert ([Decimal("2.75")], Decimal("0.00")) == ([s.rate for s in after.segments], after.recovery_fee)
    assert not names_charges(about, FIRM, EVERY_DAY.schedules[0], EVERY_DAY)


def test_insolvency_stops_every_demand() -> None:
    """L622-21 and L622-28 C. com.: nothing leaves, and no interest runs from the judgment on."""
    held = Held("code:ALPHA", HoldReason.INSOLVENCY, day(11))
    plan = plan_for([invoice()], [held], day(45))
    (line,) = plan.lines
    assert (Reason.INSOLVENCY, (), day(10)) == (line.reason, plan.reminders, line.charges.segments[-1].last)


def test_no_article_of_the_cgi_is_named() -> None:
    """VAT moved to the CIBS on 1 September 2026 (ordonnance 2025-1247)."""
    texts = [*ROOT.glob("templates_*/*.j2"), *ROOT.glob("relance/guide/*.md"), *ROOT.glob("relance/**/*.py")]
    found = [path.name for path in texts if "code général des impôts" in " ".join(path.read_text("utf-8").split())]
    assert [] == found


def test_the_half_years_are_announced_and_what_ran_is_claimed() -> None:
    """From 15 December; interest stops on 31 December, and the 40 EUR stay."""
    by_law = EVERY_DAY._replace(interest=InterestTerms(DEFAULT_RATE))
    about = invoice(due=date(2026, 12, 1))
    assert "2027-S1" == awaited_for(plan_for([about], [], date(2026, 12, 15), policy=by_law))
    costs = line_for(about, [], date(2027, 1, 20), policy=by_law).charges
    assert (date(2026, 12, 31), FLAT_FEE) == (costs.stopped, costs.recovery_fee)


@pytest.mark.parametrize("kind", [Kind.BUSINESS, Kind.PUBLIC])
def test_the_fee_is_once_an_invoice(kind: Kind) -> None:
    """D441-5 C. com. and D2192-35 CCP: 40 EUR for each, whatever was paid of it."""
    both = [invoice(owner=customer(kind=kind)), invoice("F-2", owner=customer(kind=kind))]
    assert [FLAT_FEE] * 2 == [line.charges.recovery_fee for line in plan_for(both, [], day(45)).lines]
