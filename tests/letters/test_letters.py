"""The four letters: each says what it must, to whom it must, and nothing that it must not."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations, product
from pathlib import Path

import pytest
from lines import with_invoice

from relance.core.charges import Charges
from relance.core.history import History
from relance.core.interest import InterestTerms
from relance.core.invoice import Contact, Customer, Invoice, Kind, Payment
from relance.core.message import Letter, Sender
from relance.core.plan import Line, Reminder
from relance.core.planning import judge
from relance.core.policy import DEFAULT_STAGES, DunningPolicy
from relance.errors import MessageError, TemplateError
from relance.french import amount_fr, date_fr, near_date_fr
from relance.letters.items import ContactView, InvoiceView, PaymentView
from relance.letters.people import CustomerView, SenderView
from relance.letters.render import render
from relance.letters.templates import load_templates, shipped_folder
from relance.letters.views import FIELDS, Background, LetterView

TODAY = date(2026, 12, 12)
TERM = date(2026, 12, 21)
TERMS = InterestTerms()
STAGES = {stage.key: stage for stage in DEFAULT_STAGES}
DAYS_LATE = {"courtesy": -5, "friendly": 5, "firm": 15, "formal_notice": 30}
MARTIN = Customer(
    "Atelier Martin SARL",
    siret="12345678900012",
    emails=("compta@martin.example",),
    contact="Claire Dupont",
    civility="Mme",
    address="3 rue des Lilas\n69001 Lyon",
)
DURAND = Sender(
    "Marie Durand",
    "marie@durand.example",
    phone="06 12 34 56 78",
    legal_form="EI",
    siret="98765432100011",
    address="12 rue du Port\n44000 Nantes",
    iban="FR7630004000031234567890143",
    bic="BNPAFRPP",
)
CHARGE_WORDS = re.compile(r"pénalité|indemnité|intérêt|40,00|D441-5|L441-10|taux", re.IGNORECASE)
TEMPLATES = load_templates()
TOLD = Background(DURAND)


def line(
    number: str = "2026-041",
    late: int = 15,
    total: str = "1200",
    *,
    payments: tuple[Payment, ...] = (),
    contacts: tuple[Contact, ...] = (),
    issued: bool = True,
    customer: Customer = MARTIN,
    payment_link: str = "",
    currency: str = "EUR",
) -> Line:
    """One open invoice, `late` days overdue, with charges as planning computes them."""
    due = TODAY - timedelta(days=late)
    issue_date = due - timedelta(days=30) if issued else None
    invoice = Invoice(
        number,
        customer,
        due,
        Decimal(total),
        issue_date,
        currency,
        payments,
        contacts=contacts,
        payment_link=payment_link,
    )
    return judge(invoice, History(), DunningPolicy(interest=TERMS), TODAY)


def told_by_journal(line: Line, *contacts: Contact) -> Line:
    """The same line, with these contacts that its file does not tell."""
    return line._replace(case=line.case._replace(contacts=contacts))


def three(late: int) -> tuple[Line, ...]:
    """Three invoices of one customer, the last one part paid."""
    return (
        line("2026-041", late),
        line("2026-042", late - 1, "850.5"),
        line("2026-043", late - 2, "3000", payments=(Payment(Decimal(1000), TODAY - timedelta(days=1)),)),
    )


def reminder(key: str, *lines: Line, **changes: object) -> Reminder:
    """A message of this stage; firm and formal notice name charges and give a term unless told otherwise."""
    lines = lines or (line(late=DAYS_LATE[key]),)
    late = key in ("firm", "formal_notice")
    made = Reminder(
        lines[0].invoice.customer,
        STAGES[key],
        "email",
        lines[0].invoice.currency,
        lines,
        term=TERM if late else None,
        charged=lines if late else (),
    )
    return made._replace(**changes)  # type: ignore[arg-type]


def write(made: Reminder, sender: Sender = DURAND, **more: object) -> Letter:
    """The letter that the shipped templates make of it; `more` is what it is told beside the plan."""
    return render(TEMPLATES, made, Background(sender, **more))  # type: ignore[arg-type]


def own(tmp_path: Path, **texts: str) -> Path:
    """A folder of the user's own templates."""
    for key, text in texts.items():
        (tmp_path / f"{key}.txt.j2").write_text(text, encoding="utf-8")
    return tmp_path


def cases() -> Iterator[tuple[str, Reminder, Sender, bool]]:
    """Every stage with one, three or part-paid invoices, and each fact there or not."""
    for key, how_many, person, rich, issued, charged in product(
        STAGES, ("one", "three", "part"), (True, False), (True, False), (True, False), (True, False)
    ):
        customer = MARTIN if person else MARTIN._replace(contact="", civility="", address="", siret="")
        late = DAYS_LATE[key]
        payments = (Payment(Decimal(400)),) if how_many == "part" else ()
        lines = three(late) if how_many == "three" else (line(late=late, payments=payments),)
        lines = tuple(
            with_invoice(
                one,
                one.invoice._replace(customer=customer, issue_date=one.invoice.issue_date if issued else None),
            )
            for one in lines
        )
        sender = DURAND if rich else Sender("Marie Durand", "marie@durand.example")
        made = reminder(key, *lines)
        yield key, made if charged else made._replace(charged=()), sender, person


@pytest.mark.parametrize(("key", "made", "sender", "person"), list(cases()))
def test_every_letter_says_the_facts_and_leaves_no_hole(key: str, made: Reminder, sender: Sender, person: bool) -> None:
    """Names, numbers, amounts and dates are there; no None, no hole, no raised voice."""
    letter = write(made, sender)
    said = f"{letter.subject}\n{letter.text}"
    assert key != "formal_notice" or "Atelier Martin SARL" in letter.text
    for one in made.lines:
        assert one.invoice.number in letter.text
        assert f"{amount_fr(one.outstanding)}\u00a0€" in letter.text
        assert near_date_fr(one.invoice.due_date, TODAY) in letter.text
        if one.invoice.issue_date is not None and (key != "firm" or len(made.lines) > 1):
            assert f"{one.invoice.number} du {date_fr(one.invoice.issue_date).removesuffix(' 2026')}" in letter.text
        if one.paid:
            assert f"{amount_fr(one.paid)}\u00a0€" in letter.text
    assert ("Madame Dupont" in letter.text or "Madame Claire Dupont" in letter.text) is person
    assert ("FR76 3000 4000 0312 3456 7890 143" in letter.text) is bool(sender.iban)
    assert ("faut mes coordonnées bancaires, répondez-moi" in letter.text) is not bool(sender.iban)
    assert ("06 12 34 56 78" in letter.text) is bool(sender.phone)
    assert "Marie Durand" in letter.text.splitlines()[-3:][0] or "Marie Durand" in letter.text.splitlines()[-1]
    for forbidden in ("None", "!", "  ", " ,", " .", "..", "\n\n\n", " \n", "{", "}", "1re relance", "du ,"):
        assert forbidden not in said
    assert not re.search(r"[A-ZÉÀ]{5,}", re.sub(r"SARL|SIRET|BNPAFRPP", "", said))
    assert not re.search(r"(?<!\u202f)[;?]|(?<![\u00a0\d]):", said)
    assert "\n" not in letter.subject
    assert letter.text.endswith("\n")
    assert not letter.text.startswith("\n")


@pytest.mark.parametrize(("key", "made", "sender", "person"), list(cases()))
def test_charges_are_named_where_they_may_be(key: str, made: Reminder, sender: Sender, person: bool) -> None:
    """Only firm and formal notice name charges, and only those of the charged invoices."""
    text = write(made, sender).text
    if not made.charged:
        assert not CHARGE_WORDS.search(text)
        return
    claimed = sum((one.charges.claimed for one in made.lines), Decimal(0))
    assert f"{amount_fr(claimed)}\u00a0€" in text
    assert ("sans TVA sur les frais" if key == "formal_notice" else "frais sans TVA") in text
    assert "article D441-5" in text
    assert "au taux de 14\u00a0% l’an" in text
    assert not re.search(r"L441-10|\(indiqué", text), "nobody said where the 14 % stand"


def test_courtesy_and_friendly_name_no_charges_even_if_told_to() -> None:
    """Before firm, charges stay out of the text whatever the reminder carries."""
    for key in ("courtesy", "friendly"):
        made = reminder(key, line(late=40))
        assert not CHARGE_WORDS.search(write(made._replace(charged=made.lines)).text)


def test_the_four_letters_are_told_apart_without_their_subject() -> None:
    """Each has a sentence that no other one has."""
    own_words = {
        "courtesy": "Si c’est prévu, tout va bien.",
        "friendly": "C’est sans doute un oubli.",
        "firm": "Merci de me régler",
        "formal_notice": "au sens de l’article 1344 du code civil",
    }
    texts = {key: write(reminder(key)).text for key in STAGES}
    for key, other in product(own_words, texts):
        assert (own_words[key] in texts[other]) is (key == other)
    for one, another in combinations(texts.values(), 2):
        assert len(set(one.splitlines()) ^ set(another.splitlines())) > 5  # what they share stands in shared blocks


@pytest.mark.parametrize(
    ("profile", "language", "guess"),
    [("", "fr", "sans doute un oubli"), ("key", "fr", "simple contretemps"), ("new", "fr", "en cours de validation"),
     ("", "en", "simply have been overlooked")],
)  # fmt: skip
def test_nothing_is_guessed_of_who_has_answered(profile: str, language: str, guess: str) -> None:
    """Who promised, contested or was called did not merely forget; the question itself stays."""
    about = line(late=5, customer=MARTIN._replace(profile=profile, language=language))
    made = reminder("friendly", about)._replace(customer=about.invoice.customer)
    question = "Could you pay it" if language == "en" else "Pouvez-vous la régler"
    called = told_by_journal(about, Contact("friendly", "call", TODAY))
    assert guess in write(made).text
    for text in (write(made, answered=True).text, write(made._replace(lines=(called,))).text):
        assert guess not in text
        assert f"\n{question}" in text


def test_subjects_carry_the_number_and_what_it_is_about() -> None:
    """A subject names the invoices, three at most, and never counts reminders."""
    assert write(reminder("courtesy")).subject == (
        "Facture 2026-041\u00a0: 1\u202f200,00\u00a0€ à régler le 17 décembre"
    )
    assert write(reminder("friendly", *three(5))).subject == (
        "Factures 2026-041, 2026-042 et 2026-043\u00a0: 4\u202f050,50\u00a0€ à régler"
    )
    many = [line(f"F-{n}", 40) for n in range(6)]
    assert write(reminder("formal_notice", *many)).subject == (
        "Mise en demeure\u00a0: factures F-0, F-1 et 4 autres, 7\u202f550,46\u00a0€"
    )
    long = [line(f"FACTURE-2026-11-00000004{n}", 15) for n in range(3)]
    assert write(reminder("firm", *long)).subject.startswith("Factures FACTURE-2026-11-000000040 et 2 autres\u00a0: ")


def test_the_firm_letter_recalls_what_was_said_before() -> None:
    """Messages and calls after the due date are recalled with their days; earlier or later ones are not."""
    told = (
        Contact("courtesy", "email", date(2026, 11, 20)),
        Contact("friendly", "email", date(2026, 12, 2)),
        Contact("", "call", date(2026, 12, 4)),
        Contact("thanks", "email", date(2026, 12, 5)),
        Contact("firm", "email", date(2026, 12, 9)),
    )
    made = reminder("firm", line(contacts=told))
    expected = "Après mes messages des 2 et 9 décembre et mon appel du 4 décembre, la facture"
    assert expected in write(made).text
    assert expected in write(reminder("firm", told_by_journal(line(), *told))).text
    assert "Après" not in write(reminder("firm")).text


def test_the_formal_notice_details_each_period() -> None:
    """Days, principal, rate and interest of each period, the fee, the total and what a day adds."""
    made = reminder("formal_notice", line(late=30, payments=(Payment(Decimal(400), date(2026, 12, 3)),)))
    text = write(made).text.replace("\u00a0", " ").replace("\u202f", " ")
    for said in (
        "Reçu le 3 décembre 2026 : − 400,00 €",
        "Reste dû : 800,00 €",
        "Pénalités du 13 novembre 2026 au 3 décembre 2026, 21 jours à 14 % l’an sur 1 200,00 € : 9,67 €",
        "Pénalités du 4 décembre 2026 au 12 décembre 2026, 9 jours à 14 % l’an sur 800,00 € : 2,76 €",
        "Indemnité forfaitaire de recouvrement (article D441-5 du code de commerce) : 40,00 €",
        "Total dû, sans TVA sur les frais : 852,43 €",
        "Chaque jour ajoute 0,31 €.",
        "Je vous mets en demeure de me payer 852,43 €, au sens de l’article 1344 du code civil, au plus tard le lundi",
        "À défaut de paiement ou d’accord écrit à cette date, je saisirai le tribunal compétent, sans autre avis.",
        "Créancier : Marie Durand, EI, SIRET 987 654 321 00011, 12 rue du Port, 44000 Nantes",
        "Débiteur : Atelier Martin SARL, SIRET 123 456 789 00012, 3 rue des Lilas, 69001 Lyon",
    ):
        assert said in text
    assert "saisie" not in text
    assert "Un règlement dont la date" not in text


def test_the_formal_notice_tells_what_it_assumed_of_a_payment() -> None:
    """A payment without a date counts as made by the due date, and the statement says so."""
    made = reminder("formal_notice", line(late=30, payments=(Payment(Decimal(400)),)))
    assert "Un règlement dont la date n’est pas connue est compté comme reçu à l’échéance." in write(made).text
    assert "Un règlement dont la date" not in write(made._replace(charged=())).text


def test_only_the_charged_invoices_bear_charges() -> None:
    """In a message of several, an invoice that is not charged is claimed as it stands."""
    lines = three(15)
    made = reminder("firm", *lines)._replace(charged=lines[:1])
    text = write(made).text.replace("\u00a0", " ").replace("\u202f", " ")
    assert "- Retard de 2026-041, 15 jours : 6,90 € de pénalités et 40,00 € d’indemnité : 46,90 €" in text
    assert text.count("de pénalités") == 1
    assert "Merci de me régler 4 097,40 €" in text


def test_a_public_body_reads_its_own_articles() -> None:
    """L441-10 is for businesses; a public buyer pays the principal first, the rest within 45 days (R2192-36 CCP)."""
    customer = MARTIN._replace(kind=Kind.PUBLIC)
    for key in ("firm", "formal_notice"):
        text = write(reminder(key, line(late=30, customer=customer))).text
        assert "L2192-13, R2192-36 et D2192-35 du code de la commande publique" in text
        assert "dans les 45\u00a0jours" in text
        assert not re.search(r"L441-10|D441-5|l’an|1\u202f2[1-9]\d,", text)
        assert "Montant\u00a0: 1\u202f200,00\u00a0€" in text


def test_another_currency_bears_no_euro_and_no_fee() -> None:
    """An invoice in dollars shows its code everywhere; the flat fee is a sum in euros, told apart and not added."""
    text = write(reminder("formal_notice", line(late=30, currency="USD"))).text
    assert "1\u202f200,00\u00a0USD" in text
    assert ["en euros, hors total\u00a0: 40,00\u00a0€"] == re.findall(r"en euros.*€", text)
    assert ["1\u202f213,81\u00a0USD"] == re.findall(r"Total dû.*\u00a0: (.*)", text)
    assert 1 == text.count("€")


def test_a_service_says_we() -> None:
    """With a voice, every sentence says nous; without one, every sentence says je."""
    service = DURAND._replace(voice="Service comptabilité")
    for key in STAGES:
        made = reminder(key, *three(DAYS_LATE[key]))
        ours, mine = write(made, service).text, write(made).text
        assert "Service comptabilité\nMarie Durand" in ours
        assert not re.search(r"\b(je|j'|moi|m'|mes|mon|ma)\b", ours, re.IGNORECASE)
        assert not re.search(r"\b(nos|notre)\b|nous (vous|avons|nous)", mine, re.IGNORECASE)


def test_the_user_signs_as_he_likes() -> None:
    """A signature of one's own replaces the composed one, line by line."""
    text = write(reminder("friendly"), DURAND._replace(signature="Marie\nStudio Durand")).text
    assert text.endswith("\nBonne journée,\n\nMarie\nStudio Durand\n")


def test_others_are_listed_for_information() -> None:
    """Open invoices that do not act today are named after those that do."""
    made = reminder("friendly")._replace(others=(line("2026-050", -20, "450"),))
    text = write(made).text
    coming = "À venir\u00a0: facture 2026-050, à régler le 1er janvier 2027, 450,00\u00a0€"
    assert coming in text
    both = write(made._replace(others=(*made.others, line("2026-049", 3, "80")))).text
    assert f"{coming}\nÉgalement échue\u00a0: facture 2026-049, échue le 9 décembre 2026, 80,00\u00a0€" in both


def test_a_payment_link_stands_where_there_is_one() -> None:
    """A link is printed whole; what is no web address is not printed."""
    link = "https://pay.example/f?n=1;k=a:b"
    poor = DURAND._replace(iban="", bic="")
    text = write(reminder("friendly", line(late=5, payment_link=link)), poor).text
    assert f"Paiement en ligne\u00a0: {link}\n" in text
    assert "coordonnées bancaires" not in text
    assert "javascript" not in write(reminder("friendly", line(late=5, payment_link="javascript:x"))).text


def test_attached_invoices_are_announced() -> None:
    """The letter speaks of enclosures only when all invoices travel with it."""
    lines = three(5)
    keys = [one.key for one in lines]
    assert "Factures jointes." in write(reminder("friendly", *lines), attached=keys).text
    assert "jointe" not in write(reminder("friendly", *lines), attached=keys[:1]).text


def test_a_letter_on_paper_says_where_to_write() -> None:
    """On paper nobody can answer to the message."""
    text = write(
        reminder("formal_notice")._replace(channel="letter"), DURAND._replace(reply_to="b@durand.example")
    ).text
    assert "Écrivez-moi à b@durand.example ou appelez-moi" in text
    assert "répondez" not in text


@pytest.mark.parametrize("name", ["{{ 7*7 }} SARL", "<script>alert(1)</script>", "Yahoo! Vous: qui?", "{% raw %}"])
def test_a_hostile_name_is_only_text(name: str) -> None:
    """Data is never run, escaped or set: it appears as the file wrote it."""
    assert name in write(reminder("formal_notice", line(late=30, customer=MARTIN._replace(name=name)))).text


def test_data_cannot_add_lines() -> None:
    """Line ends and escapes in a name or a number stay on their line."""
    lines = line("12\r\nBcc: x@y.z\x1b[0m", 30, customer=MARTIN._replace(name="A\n\nB\x00C"))
    letter = write(reminder("formal_notice", lines))
    assert "A B C" in letter.text
    assert letter.subject.startswith("Mise en demeure\u00a0: facture 12 Bcc: x@y.z [0m")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("{{ customer.name }} {{ outstanding | money }} {{ invoice.due_date }}", "le numéro de la facture 41"),
        ("{{ customer.name }} 2026-41 {{ outstanding | money }} {{ invoice.due_date }}", "le numéro"),
        ("{{ customer.name }} {{ numbers }} {{ invoice.due_date }}", "le montant dû de la facture 41"),
        ("{{ customer.name }} {{ numbers }} 1\u202f200,00 € {{ invoice.due_date }}", "le montant dû"),
        ("{{ customer.name }} {{ numbers }} {{ outstanding | money }}", "l’échéance de la facture 41"),
        ("{{ customer.name }} {{ numbers }} {{ outstanding | money }} 25 novembre 2026", "l’échéance"),
    ],
)
def test_a_letter_without_the_facts_does_not_leave(tmp_path: Path, text: str, lacking: str) -> None:
    """Number, amount and due date must stand in the text, on their own and not inside something else."""
    templates = load_templates(own(tmp_path, friendly=f"Objet : rappel\n\n{text}\n"))
    made = reminder("friendly", line("41", 37, "200"))
    made = made._replace(
        lines=(with_invoice(made.lines[0], made.lines[0].invoice._replace(due_date=date(2026, 11, 5))),)
    )
    with pytest.raises(MessageError, match=re.escape(lacking)):
        render(templates, made, TOLD)


@pytest.mark.slow
def test_dates_may_be_short(tmp_path: Path) -> None:
    """A due date in figures is a due date said."""
    text = (
        "Objet : {{ numbers }}\n\n"
        "{{ customer.name }}, {{ outstanding | money }}, {{ invoice.due_date | short_date }}, par virement"
    )
    letter = render(load_templates(own(tmp_path, friendly=text)), reminder("friendly"), TOLD)
    assert letter == Letter("2026-041", "Atelier Martin SARL, 1\u202f200,00\u00a0€, 07/12/2026, par virement\n")


@pytest.mark.slow
def test_a_formal_notice_names_its_debtor(tmp_path: Path) -> None:
    """The legal act names him; elsewhere the greeting and the address do."""
    text = "Objet : x\n\n{{ numbers }} {{ outstanding | money }} {{ invoice.due_date }} {{ claimed | money }} virement"
    templates = load_templates(own(tmp_path, formal_notice=text, friendly=text))
    with pytest.raises(MessageError, match="il manque le nom du client"):
        render(templates, reminder("formal_notice"), TOLD)
    assert render(templates, reminder("friendly"), TOLD)


def test_a_customer_without_a_name_gets_no_letter() -> None:
    """An empty name is no name."""
    with pytest.raises(MessageError, match="le nom du client"):
        write(reminder("friendly", line(late=5, customer=MARTIN._replace(name=" "))))


def test_every_name_is_explained() -> None:
    """The shipped comment names everything that a template may use."""
    explained = (shipped_folder() / "_variables.txt.j2").read_text(encoding="utf-8")
    owners = {"customer": CustomerView, "sender": SenderView, "item": InvoiceView}
    owners |= {"payment": PaymentView, "contact": ContactView}
    names = [*FIELDS[LetterView], *(f"{owner}.{name}" for owner, view in owners.items() for name in FIELDS[view])]
    assert [name for name in names if not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", explained)] == []


def test_no_charges_means_zero_in_the_view() -> None:
    """A template of the user's own cannot name charges that the plan does not allow."""
    made = reminder("firm")._replace(charged=())
    assert made.lines[0].charges != Charges((), Decimal(0), Decimal(0), Decimal(0))
    assert amount_fr(made.lines[0].charges.claimed) not in write(made).text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Bonjour,\n\n{{ numbers }}", "la première ligne doit donner l’objet"),
        ("Objet :\n\n{{ numbers }}", "la première ligne doit donner l’objet"),
        ("Objet : a\x07b\n\n{{ numbers }}", "caractère de commande"),
        ("Objet : rappel\n\n{% if several %}a{% endif %}\n", "le message est vide"),
    ],
)
def test_a_letter_has_a_subject_and_a_body(tmp_path: Path, text: str, said: str) -> None:
    """One line of subject without control characters, then a text."""
    with pytest.raises(TemplateError, match=said):
        render(load_templates(own(tmp_path, friendly=text)), reminder("friendly"), TOLD)


def test_registration_numbers_are_named_for_what_they_are() -> None:
    """Fourteen figures are a SIRET, nine a SIREN; anything else is shown as it is."""
    for siret, shown in (("732829320", "SIREN 732 829 320"), ("RCS Nantes 1", "RCS Nantes 1")):
        text = write(reminder("formal_notice"), DURAND._replace(siret=siret)).text.replace("\u00a0", " ")
        assert f"Créancier : Marie Durand, EI, {shown}, 12 rue du Port" in text
