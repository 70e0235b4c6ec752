"""What a telephone shows of a message: words, subject, where the first sum stands; and how it is typeset."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest
from letters_support import CASES, ENGLISH, KEY, NEW, POOR, SERVICE, TOLD, TU, UNKNOWN, Case, before, one, written
from lines import with_invoice

from relance.core.calendar import WorkCalendar, is_open
from relance.core.interest import DEFAULT_RATE, InterestTerms
from relance.core.invoice import Contact, Customer
from relance.core.message import Letter, Sender, Sentences
from relance.core.policy import DunningPolicy
from relance.letters.checker import MOST_WORDS
from relance.letters.samples import CONSUMER, MARTIN, PUBLIC, SENDER, STAGES

READERS = {
    "vous": MARTIN,
    "tu": TU,
    "key": KEY,
    "new": NEW,
    "unknown": UNKNOWN,
    "public": PUBLIC,
    "consumer": CONSUMER,
    "english": ENGLISH,
}
WRITERS = {"je": SENDER, "nous": SERVICE, "poor": POOR}
CLOSING = re.compile(
    r"^(Bonne journée|Bien cordialement|Bien à toi|Kind regards|Best wishes|Yours sincerely),$"
    r"|salutations distinguées\.$",
    re.MULTILINE,
)


PASTS: dict[str, tuple[Contact, ...]] = {
    "first": (),
    "silent": before(10, 3),
    "letter": before(10) + before(3, channel="letter"),
    "called": before(10) + before(5, channel="call"),
}
BY_LAW = DunningPolicy(interest=InterestTerms(DEFAULT_RATE))
LIMITS = MOST_WORDS | {"formal_notice": 260}


def made(key: str, customer: Customer) -> Iterator[tuple[str, Letter]]:
    """This stage to this reader by every writer, with every past, the rate agreed, confirmed or the law's."""
    for (writer, sender), (past, contacts) in product(WRITERS.items(), PASTS.items()):
        told = TOLD._replace(sender=sender)
        yield f"{writer} {past}", written(Case("", one(key, customer, contacts=contacts), told))
        sure = told._replace(rate_confirmed=True)
        yield f"{writer} {past} sure", written(Case("", one(key, customer, contacts=contacts), sure))
        yield f"{writer} {past} by law", written(Case("", one(key, customer, contacts=contacts, policy=BY_LAW), told))


def words(letter: Letter) -> int:
    """What stands between two spaces, from the greeting to the closing; the day above a notice is none of them."""
    *_, last = CLOSING.finditer(letter.text)
    text = letter.text[: last.end()]
    text = text.partition("\n\n")[2] if re.match(r"(Le \d|\d+ \w+ \d{4}$)", text, re.MULTILINE) else text
    return len(text.split())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("key", LIMITS)
def test_one_invoice_is_read_at_a_glance(key: str, reader: str) -> None:
    """At most 130 words in firm, 90 in friendly, 70 in courtesy, 260 in a formal notice; the sum comes early."""
    for name, letter in made(key, READERS[reader]):
        assert words(letter) <= LIMITS[key], name
        assert len(letter.subject) <= 70, name
        first = re.search(r"\d[.,]\d\d(?!\d)(\u00a0€)?", letter.text)
        assert first is not None, name
        assert first.end() <= 250, name
        assert letter.warnings == (), name


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("key", LIMITS)
def test_the_words_hold_with_the_invoice_joined(key: str, reader: str) -> None:
    """A message usually carries its invoice, and says so in a word or two."""
    told = TOLD._replace(attached=("F-2026-041/2026",), rate_confirmed=True)
    for contacts in ((), before(10, 3)):
        assert words(written(Case("", one(key, READERS[reader], contacts=contacts), told))) <= LIMITS[key]


STRAIGHT = re.compile(r"\w['´`]\w")
BARE = re.compile(r"[^\s\u202f(\[?!;][;?!](?=\s|$)| [;?!:»%€](?=\s|$)|« (?=\S)|\d \d{3}(?!\d| )|(?<=\w)«|»(?=\w)")


@pytest.mark.parametrize("name", [name for name in CASES if "english" not in name])
def test_spaces_and_apostrophes(name: str) -> None:
    """No straight apostrophe, no missing no-break space: an IBAN, a telephone and an address are data."""
    letter = written(CASES[name])
    said = re.sub(r"IBAN.*|\d\d( \d\d){4}|https?://\S+|\d{5} \w+", "", f"{letter.subject}\n{letter.text}")
    assert not STRAIGHT.search(said)
    assert not BARE.search(said)


def test_templates_have_curly_apostrophes() -> None:
    """What the cases do not reach is typed right too."""
    from relance.letters.languages import ENGLISH as EN
    from relance.letters.templates import shipped_folder

    for folder in (shipped_folder(), shipped_folder(EN)):
        for path in folder.glob("*.j2"):
            words = re.sub(r"\{%.*?%\}", "", path.read_text("utf-8"))
            assert not STRAIGHT.search(words), path.name


def test_how_to_pay_is_one_block() -> None:
    """Holder, account, sum, reference, in this order and on lines of their own."""
    block = (
        "Titulaire\u00a0: Marie Durand EI\nIBAN\u00a0: FR76 3000 4000 0312 3456 7890 143 (celui de la facture)\n"
        "Montant\u00a0: 1\u202f246,90\u00a0€\nRéférence\u00a0: F-2026-041\n\n"
    )
    assert block in written(CASES["firm"]).text


@pytest.mark.parametrize(
    ("changes", "holder"),
    [
        ({}, "Marie Durand EI"),
        ({"legal_form": "Entrepreneur individuel"}, "Marie Durand EI"),
        ({"name": "EI Marie Durand"}, "EI Marie Durand"),
        ({"legal_form": "SASU au capital de 1 000 €"}, "Marie Durand"),
        ({"account_name": "DURAND MARIE"}, "DURAND MARIE"),
    ],
)
def test_the_holder_is_what_the_bank_checks(changes: dict[str, str], holder: str) -> None:
    """The setting, else the name, with EI where it is one (R526-27 of the code de commerce)."""
    sender: Sender = SENDER._replace(**changes)  # type: ignore[arg-type]
    assert f"Titulaire\u00a0: {holder}\n" in written(Case("", one("friendly"), TOLD._replace(sender=sender))).text


@pytest.mark.parametrize("today", [date(2026, 12, day) for day in range(1, 32)])
def test_terms_are_working_days(today: date) -> None:
    """Neither a Saturday nor the 25th of December, whatever days the user closes or works."""
    for stage in (STAGES["firm"], STAGES["formal_notice"]):
        for calendar in (WorkCalendar(), WorkCalendar(working_days=False), WorkCalendar(closed=((today, today),))):
            term = stage.term(today, calendar)
            assert term is not None
            assert is_open(term, WorkCalendar())
            assert stage.term_days is not None
            assert 0 <= (term - today).days - stage.term_days <= 3


def test_a_posted_term_leaves_time_to_fetch_the_letter() -> None:
    """Fifteen days where a letter is posted; the weekday is said."""
    assert (7, 15) == (STAGES["firm"].term_days, STAGES["formal_notice"].term_days)
    assert "au plus tard le mardi 29\u00a0décembre 2026".replace("\u00a0", " ") in written(CASES["formal_notice"]).text
    assert "d’ici au lundi 21 décembre 2026" in written(CASES["firm"]).text


FRENCH_ARTICLES = re.compile(r"D441-5|L441-10|article|code civil|Civil Code|Commercial Code")


@pytest.mark.parametrize(
    ("changes", "french"),
    [
        ({}, True),
        ({"siret": "", "address": ""}, True),
        ({"siret": "", "vat_number": "DE123456789"}, False),
        ({"siret": "", "address": "Hauptstr. 5\n10115 Berlin\nAllemagne"}, False),
        ({"siret": "", "address": "12 High Street, London, UK"}, False),
        ({"siret": "", "address": "3 rue des Lilas, 69001 Lyon, France"}, True),
        ({"siret": "", "vat_number": "FR40123456789", "language": "en"}, True),
        ({"siret": "", "address": "", "language": "en"}, False),
        ({"language": "en"}, True),
    ],
)
@pytest.mark.parametrize("key", ["firm", "formal_notice"])
def test_no_french_article_for_who_is_abroad(key: str, changes: dict[str, str], french: bool) -> None:
    """Which law governs is not ours to say (CEPC, avis 21-3); the sums stay."""
    customer: Customer = MARTIN._replace(**changes)  # type: ignore[arg-type]
    text = written(Case("", one(key, customer))).text
    assert bool(FRENCH_ARTICLES.search(text)) is french
    assert re.search(r"40[.,]00", text)


def test_where_the_rate_comes_from() -> None:
    """Nobody said where 14 % stands: no source is named, unless the user confirmed it."""
    assert "Pénalités, 15\u00a0jours au taux de 14\u00a0% l’an\u00a0: 6,90" in written(CASES["firm"]).text
    confirmed = TOLD._replace(rate_confirmed=True)
    for key in ("firm", "formal_notice"):
        said = written(Case("", one(key), confirmed)).text
        assert "au taux de 14\u00a0% l’an (indiqué sur la facture)" in said
    english = written(Case("", one("firm", ENGLISH), confirmed)).text
    assert "at 14% a year (stated on the invoice): €6.90" in english


_LADDER = {"courtesy", "friendly", "firm", "formal_notice"}
OPTIONS = {
    "service_interruption": ("peut être interrompue", {"courtesy", "friendly"}),
    "cheque": (
        "Un chèque à l’ordre de Marie Durand EI convient aussi.",
        {"courtesy", "friendly", "firm", "formal_notice"},
    ),
    "card": ("Pour payer par carte, demandez-moi le lien.", _LADDER),
    "question": ("Le travail vous a-t-il convenu", {"friendly"}),
}


@pytest.mark.parametrize("option", OPTIONS)
def test_optional_sentences(option: str) -> None:
    """Each where it belongs and only where the user wants it."""
    said, where = OPTIONS[option]
    wanted = SENDER._replace(sentences=SENDER.sentences._replace(**{option: True}))
    for key in ("courtesy", "friendly", "firm", "formal_notice"):
        assert (said in written(Case("", one(key), TOLD._replace(sender=wanted))).text) is (key in where)
        assert said not in written(Case("", one(key))).text


@pytest.mark.parametrize("key", ["courtesy", "friendly", "firm", "formal_notice"])
def test_what_was_done(key: str) -> None:
    """In the file's words, in friendly and firm, on one line of at most 80 characters."""
    wanted = SENDER._replace(sentences=SENDER.sentences._replace(work=True))
    reminder = one(key)
    (line,) = reminder.lines
    for work, said in (("Refonte du\nsite ", "Refonte du site"), ("mot " * 40, f"{'mot ' * 19}mot…")):
        worked = with_invoice(line, line.invoice._replace(work=work))
        text = written(Case("", reminder._replace(lines=(worked,)), TOLD._replace(sender=wanted))).text
        assert (f"Prestation\u00a0: {said}\n" in text) is (key in ("friendly", "firm"))
        assert "Prestation" not in written(Case("", reminder._replace(lines=(worked,)))).text


@pytest.mark.parametrize("key", ["courtesy", "friendly", "firm"])
def test_what_one_chose_is_not_held_against_the_message(key: str) -> None:
    """Files, a link, the QR code and every optional sentence: the checker remarks nothing of what was asked for."""
    everything = Sentences(**dict.fromkeys(Sentences._fields, True))
    sender = SENDER._replace(sentences=everything, qr=True, rib="/ailleurs/rib.pdf")
    reminder = one(key, contacts=before(9, 3), payment_link="https://payer.example/41")
    (line,) = reminder.lines
    worked = with_invoice(line, line.invoice._replace(work="Refonte du site"))
    case = Case("", reminder._replace(lines=(worked,)), TOLD._replace(sender=sender, attached=(line.key,)))
    assert () == written(case).warnings
