"""What messages, letters and guide say of the law, statement by statement (tests/core/test_law.py lists them all)."""

import re
from datetime import date
from pathlib import Path

import pytest
from letters_support import CASES, ENGLISH, TOLD, Case, before, one, written

from relance.core.interest import DEFAULT_RATE, InterestTerms
from relance.core.planning import judge
from relance.core.policy import DunningPolicy
from relance.french import half_awaited
from relance.letters.samples import CONSUMER, MARTIN, PUBLIC, SENDER
from relance.runs.letter import lacking_of

GUIDE = Path(__file__).parents[2] / "relance" / "guide"
LADDER = ("courtesy", "friendly", "firm", "formal_notice")


def said(case: Case) -> str:
    """The words of a message, with ordinary spaces."""
    return written(case).text.replace("\u00a0", " ").replace("\u202f", " ")


def page(name: str) -> str:
    """A page of the guide as one line."""
    return " ".join((GUIDE / f"{name}.md").read_text("utf-8").split())


@pytest.mark.parametrize("key", ["firm", "formal_notice"])
def test_a_public_body_pays_the_principal_first(key: str) -> None:
    """CCP R2192-36, L2192-13, D2192-35: the demand is for the principal, the rest is announced for 45 days after."""
    text = said(Case("", one(key, PUBLIC, contacts=before(9))))
    assert "Montant : 1 200,00 €" in text
    assert "s’y ajoutent de plein droit, à payer dans les 45 jours suivants" in text
    assert {"1 200,00 €"} == set(re.findall(r"\d[\d ]*,\d\d €", text))


def test_the_term_of_a_public_body_runs_from_chorus_pro() -> None:
    """The guide says which due date the file has to give."""
    assert "Le délai d’un acheteur public court de la réception dans Chorus Pro" in page("penalites")


@pytest.mark.parametrize("key", ["firm", "formal_notice"])
def test_fourteen_per_cent_never_come_from_the_law(key: str) -> None:
    """« au taux de 14 % l’an », « indiqué sur la facture » where the user said so; L441-10 only for ECB + 10."""
    plain, sure = said(Case("", one(key))), said(Case("", one(key), TOLD._replace(rate_confirmed=True)))
    by_law = said(Case("", one(key, policy=DunningPolicy(interest=InterestTerms(DEFAULT_RATE)))))
    assert "au taux de 14 % l’an" in plain
    assert not re.search(r"L441-10|\(indiqué", plain)
    assert "au taux de 14 % l’an (indiqué sur la facture)" in sure
    assert "au taux de 12,4 % l’an (article L441-10)" in by_law


@pytest.mark.parametrize("key", LADDER)
def test_a_consumer_reads_of_no_professional_charges(key: str) -> None:
    """CPCE L111-8: the principal alone; legal interest « 2,75 % au 2e semestre 2026 », from the notice."""
    text = said(Case("", one(key, CONSUMER)))
    assert not re.search(r"40,00|D441-5|L441-10|indemnité|pénalité", text, re.IGNORECASE)
    notice = "Les intérêts au taux légal (2,75 % au 2e semestre 2026) courent dès la réception de la présente"
    assert (notice in text) is (key == "formal_notice")
    english = said(Case("", one(key, CONSUMER._replace(language="en", address="1 rue Haute, 69001 Lyon"))))
    assert ("legal rate (2.75% in the second half of 2026)" in english) is (key == "formal_notice")


def test_a_formal_notice_is_one_by_the_civil_code() -> None:
    """Code civil 1344, with the words, a day, and what follows."""
    text = said(CASES["formal_notice"])
    assert "Je vous mets en demeure de me payer 1 253,81 €, au sens de l’article 1344 du code civil" in text
    assert "au plus tard le mardi 29 décembre 2026" in text
    assert "À défaut de paiement ou d’accord écrit à cette date, je saisirai le tribunal compétent" in text


def test_no_vat_on_charges_and_no_article_of_it() -> None:
    """VAT moved to the CIBS: the absence is said, no text is named."""
    for key, words in (("firm", "frais sans TVA"), ("formal_notice", "sans TVA sur les frais")):
        text = said(Case("", one(key)))
        assert words in text
        assert not re.search(r"CGI|général des impôts|256|CIBS", text)


def test_ei_stands_on_letters_and_accounts() -> None:
    """R526-27: beside the name that signs, in the account's name, and asked for where it lacks."""
    for key in LADDER:
        text = said(Case("", one(key)))
        assert "Titulaire : Marie Durand EI" in text
        assert "\nMarie Durand, EI\n" in text
    assert ("votre forme juridique, EI par exemple (legal_form)",) == lacking_of(SENDER._replace(legal_form=""))


@pytest.mark.parametrize("key", ["firm", "formal_notice"])
def test_no_french_article_is_asserted_abroad(key: str) -> None:
    """CEPC, avis 21-3: which law governs is not ours to say; the clause that the user confirmed is cited."""
    abroad = MARTIN._replace(siret="", address="Hauptstr. 5\n10115 Berlin\nAllemagne")
    for reader in (abroad, abroad._replace(language="en")):
        text = said(Case("", one(key, reader), TOLD._replace(rate_confirmed=True)))
        assert not re.search(r"article|code|Code", text)
        assert "(indiqué sur la facture)" in text or "(stated on the invoice)" in text


def test_where_the_next_rates_are_published() -> None:
    """Banque de France and service-public; interest stops on a day that the notice says."""
    told = half_awaited("2027-S1")
    assert "banque-france.fr" in told
    assert "F23211" in told
    reminder = one("formal_notice", policy=DunningPolicy(interest=InterestTerms(DEFAULT_RATE)))
    (line,) = reminder.lines
    morning = line.case.morning._replace(today=date(2027, 1, 20))
    later = judge(line.invoice, morning.history, morning.policy, morning.today)._replace(acting=line.acting)
    text = said(Case("", reminder._replace(lines=(later,), charged=(later,), term=date(2027, 2, 4))))
    assert "arrêtées au 31 décembre 2026" in text
    assert "40,00 €" in text


def test_what_the_guide_says_of_the_ways() -> None:
    """CPC 750-1 and its exception; conciliateur de justice; the qualified registered letter; acknowledgment."""
    notice, charges = page("mise-en-demeure"), page("penalites")
    assert "L’injonction de payer en est dispensée (Cass. 2e civ., avis du 25 septembre 2025, n° 25-70.013)" in notice
    assert "conciliateur de justice" in notice
    assert "recommandée électronique **qualifiée** (LRE)" in notice
    assert "Une mise en demeure ne l’interrompt pas ; une reconnaissance de dette le fait" in charges
    assert "article 2224 du code civil ; L110-4 du code de commerce entre commerçants" in charges


def test_what_the_guide_says_of_personal_data() -> None:
    """What is kept, for how long, and how it is erased."""
    told = page("donnees")
    for words in ("RGPD", "`.backups`", "cinq ans", "L’effacement peut être refusé", "article 17, 3, e"):
        assert words in told


def test_english_names_french_law_for_who_is_here() -> None:
    """The same articles, by their English names."""
    assert "article 1344 of the French Civil Code" in said(Case("", one("formal_notice", ENGLISH)))
