"""What each reader reads, and what none of them does."""

import re
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from babel.dates import format_date
from babel.numbers import format_currency
from letters_support import CASES, TOLD, TU, WAIVER, Case, before, one, three, written
from lines import with_invoice

from relance.core.interest import InterestTerms
from relance.core.invoice import Customer, Payment
from relance.core.policy import Stage
from relance.letters.languages import ENGLISH, FRENCH, language_of
from relance.letters.people import greeting, person
from relance.letters.render import render
from relance.letters.samples import CONSUMER, MARTIN, PUBLIC, STAGES, TODAY, line, message
from relance.letters.templates import load_templates
from relance.letters.views import Background, letter_view

SILENCE = re.compile("rest(é|ée|és|ées) sans réponse")


def text(key: str, customer: Customer = MARTIN, told: Background = TOLD, **more: object) -> str:
    """The text of a message about one invoice."""
    return written(Case("", one(key, customer, **more), told=told)).text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Commune de Valmont", "à la Commune de Valmont"),
        ("VILLE D'ANGERS", "à la VILLE D'ANGERS"),
        ("Département du Finistère", "au Département du Finistère"),
        ("Centre hospitalier de Valmont", "au Centre hospitalier de Valmont"),
        ("Université de Nantes", "à l’Université de Nantes"),
        ("Association Les Lilas", "à l’Association Les Lilas"),
        ("CHU de Valmont", "au CHU de Valmont"),
        ("Société Durand", "à la Société Durand"),
        ("Cabinet Orme", "au Cabinet Orme"),
        ("Valmont Agglomération", "à Valmont Agglomération"),
        ("Atelier Martin SARL", "à Atelier Martin SARL"),
        ("Communeaux SARL", "à Communeaux SARL"),
        ("Conseil & Vous", "à Conseil & Vous"),
        ("Ville Durand SAS", "à Ville Durand SAS"),
    ],
)
def test_a_common_noun_takes_its_article(name: str, expected: str) -> None:
    """As one would say it aloud; a company's name stays as it is."""
    assert f"adressée {expected}" == FRENCH.addressed(name, "", False)
    assert f"adressées {expected}" == FRENCH.addressed(name, "", True)


def test_silence_is_only_told_where_it_is_sure() -> None:
    """Written to and nothing came back; not after a call, a payment since, or an answer that the journal knows."""
    assert SILENCE.search(text("firm", contacts=before(9)))
    assert not SILENCE.search(text("firm"))
    assert not SILENCE.search(text("firm", contacts=before(9, channel="call")))
    assert not SILENCE.search(text("firm", contacts=before(9), paid="100.00"))
    assert not SILENCE.search(text("firm", told=TOLD._replace(answered=True), contacts=before(9)))
    old = before(9)
    paid_before = line(STAGES["firm"], contacts=old)
    paid_before = with_invoice(
        paid_before, paid_before.invoice._replace(payments=(Payment(Decimal(100), TODAY - timedelta(days=12)),))
    )
    assert SILENCE.search(written(Case("", message(paid_before))).text)


def test_a_waiver_asks_for_the_principal_alone() -> None:
    """The sum that is asked for is without charges, and what is waived is said; off unless the user switches it on."""
    said = written(Case("", one("firm", policy=WAIVER))).text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Merci de me régler 1 200,00 € d’ici au lundi 21 décembre 2026." in said
    assert "Si cette somme m’arrive à temps, je renonce aux frais de retard : 46,90 €." in said
    assert "renonc" not in text("firm")
    assert InterestTerms().waiver is False
    for key, customer in (("friendly", MARTIN), ("firm", CONSUMER), ("formal_notice", MARTIN)):
        assert "renonc" not in written(Case("", one(key, customer, policy=WAIVER))).text
    # A template of one's own cannot offer it in the formal notice, which it would weaken.
    for key, offered in (("firm", True), ("formal_notice", False)):
        assert offered is letter_view(one(key, policy=WAIVER), TOLD).waiver


def test_no_waiver_for_a_public_body() -> None:
    """Renouncing the interest that it owes would be void (L2192-14 of the code de la commande publique)."""
    said = written(Case("", one("firm", PUBLIC, policy=WAIVER))).text
    assert "intérêts moratoires" in said
    assert "renonc" not in said


def test_a_waiver_in_another_currency() -> None:
    """The 40 EUR stand apart there, and what is waived names both."""
    dollars = line(STAGES["firm"], policy=WAIVER)
    dollars = with_invoice(dollars, dollars.invoice._replace(currency="USD"))
    said = written(Case("", message(dollars))).text.replace("\u00a0", " ")
    assert "je renonce aux frais de retard : 6,90 USD et 40,00 €." in said


@pytest.mark.parametrize("key", STAGES)
def test_a_consumer_reads_of_no_professional_charges(key: str) -> None:
    """Neither penalties nor 40 euros nor their articles, at any stage (CPCE L111-8)."""
    for reminder in (one(key, CONSUMER, contacts=before(3)), three(key, CONSUMER)):
        said = written(Case("", reminder)).text
        assert not re.search(r"pénalité|indemnité|40,00|L441|D441|recouvrement", said)
        assert "entreprise" not in said
    assert ("intérêts au taux légal" in text(key, CONSUMER)) is (key == "formal_notice")


@pytest.mark.parametrize("key", ["courtesy", "friendly", "firm"])
def test_a_public_body_reads_of_chorus_pro(key: str) -> None:
    """And of no instalments."""
    assert "Chorus Pro" in text(key, PUBLIC)
    assert not re.search("échéancier|deux fois", text(key, PUBLIC))
    assert "Chorus" not in text(key)


def test_a_formal_notice_never_says_tu() -> None:
    """A legal act keeps its distance; so does any stage that waits for the user's word."""
    assert "vous" in text("formal_notice", TU)
    assert not re.search(r"\b(tu|ta|ton|toi)\b", text("formal_notice", TU))
    waits = STAGES["friendly"]._replace(confirm=True)
    assert "Bonjour Madame Dupont" in written(Case("", message(line(waits, customer=TU)))).text


def test_an_instalment_says_what_is_known() -> None:
    """Date and amount, the date alone, or neither."""
    told = TOLD._replace(instalment_date=date(2026, 12, 10), instalment_amount=Decimal("400.00"))
    assert "le versement de 400,00\u00a0€ prévu le 10 décembre par notre échéancier ne m’est pas" in text(
        "instalment", told=told
    )
    assert "le versement prévu le 10 décembre par notre échéancier ne m’est pas" in text("instalment")
    assert "Montant" not in text("instalment"), "the whole is not asked for where its part is not known"
    assert "Montant\u00a0: 400,00\u00a0€" in text("instalment", told=told)
    none = message(line(STAGES["instalment"]).until_day(None))
    assert "le dernier versement prévu par notre échéancier ne m’est pas encore parvenu" in written(Case("", none)).text


def test_promises_of_different_days_name_no_day() -> None:
    """One day that is not everybody's would be wrong."""
    lines = (line(STAGES["broken_promise"]), line(STAGES["broken_promise"], "F-2").until_day(TODAY))
    letter = written(Case("", message(*lines)))
    assert letter.subject.endswith("€ annoncés")
    assert "Vous m’aviez annoncé le règlement" in letter.text
    assert "Vous m’aviez annoncé, pour le 10 décembre, le règlement" in text("broken_promise")


def test_several_payments_are_thanked_together() -> None:
    """The sum, not one of them; a credit note is no payment."""
    told = line(STAGES["thanks"])
    parts = (Payment(Decimal(700), TODAY), Payment(Decimal(500), TODAY))
    told = with_invoice(told, told.invoice._replace(payments=parts))
    assert "J’ai bien reçu 1\u202f200,00\u00a0€ en 2 fois pour la facture" in written(Case("", message(told))).text


@pytest.mark.parametrize(
    ("contact", "civility", "expected"),
    [
        ("Claire Dupont", "Mme", "Bonjour Claire"),
        ("DUPONT Claire", "", "Bonjour Claire"),
        ("Claire", "", "Bonjour Claire"),
        ("Dupont", "Mme", "Bonjour"),
        ("DUPONT", "", "Bonjour"),
        ("Anne Marie Dupont", "", "Bonjour Anne Marie Dupont"),
        ("service comptabilité", "", "Bonjour"),
        ("", "M.", "Bonjour"),
    ],
)
def test_a_friend_is_greeted_by_the_given_name(contact: str, civility: str, expected: str) -> None:
    """Never by a family name alone."""
    assert expected == greeting(person(Customer("x", contact=contact, civility=civility)), familiar=True)


@pytest.mark.parametrize(
    ("contact", "civility", "familiar", "expected"),
    [
        ("Claire Dupont", "Mme", False, "Dear Ms Dupont"),
        ("Claire Dupont", "Mme", True, "Dear Claire"),
        ("Jean Martin", "", False, "Dear Jean Martin"),
        ("", "", False, "Hello"),
    ],
)
def test_english_greetings(contact: str, civility: str, familiar: bool, expected: str) -> None:
    """As one writes to a foreign customer."""
    assert expected == ENGLISH.greeting(person(Customer("x", contact=contact, civility=civility)), familiar)
    if not contact:
        assert "Hello" == ENGLISH.formal_greeting(person(Customer("x")))


def test_who_reads_which_language() -> None:
    """French by default; another language than French reads English."""
    assert [FRENCH, FRENCH, ENGLISH, ENGLISH] == [language_of(code) for code in ("fr", "", "en", "de")]


@pytest.mark.parametrize("value", ["0", "0.5", "-0.001", "12.345", "1200.5", "1234567.89"])
def test_english_amounts(value: str) -> None:
    """As Babel writes them."""
    exact = Decimal(value).quantize(Decimal("0.01"), rounding="ROUND_HALF_UP")
    expected = format_currency(exact if exact else abs(exact), "EUR", locale="en_IE")
    assert expected == ENGLISH.money(Decimal(value), "EUR")
    assert "USD\u00a01,200.50" == ENGLISH.money(Decimal("1200.5"), "USD")


def test_english_dates() -> None:
    """As Babel writes them; several in one phrase."""
    for day in (date(2026, 3, 1), date(2026, 11, 30)):
        assert format_date(day, "d MMMM yyyy", locale="en_GB") == ENGLISH.long_date(day)
    assert "2 and 9 December 2026" == ENGLISH.dates([date(2026, 12, 9), date(2026, 12, 2)])
    assert "30 November, 2 December 2026 and 4 January 2027" == ENGLISH.dates(
        [date(2026, 12, 2), date(2027, 1, 4), date(2026, 11, 30)]
    )
    assert ("14%", "12.4%", "1\u00a0day", "15\u00a0days") == (
        ENGLISH.percent(Decimal("14.0")),
        ENGLISH.percent(Decimal("12.40")),
        ENGLISH.days(1),
        ENGLISH.days(15),
    )


@pytest.mark.slow
def test_a_stage_without_english_is_written_in_french_and_told(tmp_path: Path) -> None:
    """Better the wrong language than nothing, and its author knows."""
    own = "Objet : {{ numbers }}\n\n{{ customer.name }}, {{ outstanding | money }}, {{ invoice.due_date }}, virement\n"
    (tmp_path / "rappel.txt.j2").write_text(own, encoding="utf-8")
    stage = Stage("rappel", 8, "rappel")
    told = message(line(stage, customer=MARTIN._replace(language="en")))
    letter = render(load_templates(tmp_path), told, TOLD)
    assert "fr" == letter.language
    assert "en français" in letter.warnings[0]


@pytest.mark.slow
def test_a_copy_into_en_wins_for_english_alone(tmp_path: Path) -> None:
    """The user's French files say nothing to an English reader."""
    (tmp_path / "_closing.txt.j2").write_text("À bientôt,\n", encoding="utf-8")
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "_closing.txt.j2").write_text("See you soon,\n", encoding="utf-8")
    templates = load_templates(tmp_path)
    for case, expected in (("friendly", "À bientôt,"), ("english_firm", "See you soon,")):
        made = CASES[case]
        assert render(templates, made.reminder, made.told).text.endswith(f"\n{expected}\n")
