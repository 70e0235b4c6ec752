"""Cells: amounts, dates, addresses, terms, status words."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.sources.amounts import Share, read_amounts
from relance.sources.columns import fields_of, header_key
from relance.sources.customers import read_emails
from relance.sources.dates import read_date, read_terms
from relance.sources.headers import ENGLISH, FRENCH, synonyms
from relance.sources.values import Cell, Unreadable, is_space, read_text, shown
from relance.sources.words import Meaning, read_currency, read_dispute, read_language, read_state, read_yes


def amount(*cells: Cell) -> Decimal | str | None:
    """The first cell of a column as an amount; `?` where it is refused."""
    found = read_amounts(cells)[0][cells[0]]
    return "?" if isinstance(found, Unreadable) else str(found.percent) + " %" if isinstance(found, Share) else found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1200", "1200.00"),
        ("1200,5", "1200.50"),
        ("12,5", "12.50"),
        ("0,05", "0.05"),
        ("1 200,50 €", "1200.50"),
        ("1\u00a0200,50\u00a0€", "1200.50"),
        ("1\u202f200,50\u202fEUR", "1200.50"),
        ("1 200", "1200.00"),
        ("1.200,50", "1200.50"),
        ("1,200.50", "1200.50"),
        ("1.234.567", "1234567.00"),
        ("1'200.50", "1200.50"),
        ("1'200.-", "1200.00"),
        ("CHF 1 200,-", "1200.00"),
        ("1 200,00 € TTC", "1200.00"),
        ("'1200,00", "1200.00"),
        ("(12,00)", "-12.00"),
        ("12,00-", "-12.00"),
        ("-12,00", "-12.00"),
        ("\u221212,00", "-12.00"),
        ("+12,00", "12.00"),
        ("$13.50", "13.50"),
        ("$-142.85", "-142.85"),
        ("-$142.85", "-142.85"),
        ("1,020.00", "1020.00"),
        ("5100.00000000", "5100.00"),
        ("1234,500", "1234.50"),
        (" 000000000001437,12", "1437.12"),
        ("0.000", "0.00"),
        ("12,50 ¤", "12.50"),
    ],
)
def test_an_amount_is_read_exactly(text: str, expected: str) -> None:
    """Every usual way to write an amount gives the same exact decimal, with two decimals."""
    assert str(amount(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "12 50",
        "12€50",
        "1e5",
        "1e3",
        "NaN",
        "Infinity",
        "=1+1",
        "12O0",
        "1_000",
        "١٢٣",
        "1,234",
        "1.200",
        "12,345",
        "1 2000",
        "1,2,3",
        "1.200.50",
        "--5",
        "(-5)",
        "-5-",
        "abc",
        "#N/A",
        "€",
        "12.345",
        "1 200.500,00",
        "9" * 13,
        "1/2",
    ],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    """A cell with no meaning, or with two, is never guessed."""
    assert amount(text) == "?"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1.200", "12,50"), "1200.00"),
        (("1.200", "3.400,10"), "1200.00"),
        (("1,234", "12.50"), "1234.00"),
        (("1,234", "1,234,567"), "1234.00"),
        (("1.200", "12.50"), "1.20"),
        (("1,234", "12,50"), "?"),
        (("1.200", "12,50", "12.50"), "?"),
        (("1.200", "1200"), "?"),
    ],
)
def test_the_other_cells_of_a_column_decide_its_decimal_sign(cells: tuple[str, ...], expected: str) -> None:
    """`1.200` is read when the column shows its decimal sign, refused when it shows none or two."""
    assert str(amount(*cells)) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1200, "1200.00"),
        (0.1 + 0.2, "0.30"),
        (0.125, "0.13"),
        (33.335, "33.34"),
        (-0.001, "0.00"),
        (float("nan"), "?"),
        (1e300, "?"),
    ],
)
def test_numbers_of_spreadsheets_are_rounded_half_up(number: float, expected: str) -> None:
    """What a formula computed is rounded to the cent, half up, from its shortest decimal form."""
    assert str(amount(number)) == expected


@given(cents=st.integers(-(10**11), 10**11), style=st.sampled_from(["fr", "fr-nbsp", "en", "de", "plain"]))
def test_an_amount_survives_its_writing(cents: int, style: str) -> None:
    """Whatever the style, the amount that was written is the amount read."""
    expected = Decimal(cents).scaleb(-2)
    text = f"{expected:,.2f}"
    swap = {"fr": (" ", ","), "fr-nbsp": ("\u202f", ","), "en": (",", "."), "de": (".", ","), "plain": ("", ",")}
    group, decimal = swap[style]
    text = text.replace(",", "\0").replace(".", decimal).replace("\0", group)
    assert amount(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31/01/2026", date(2026, 1, 31)),
        ("1/2/26", date(2026, 2, 1)),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026/1/31", date(2026, 1, 31)),
        ("31.01.2026", date(2026, 1, 31)),
        ("31-01-2026 10:30:00", date(2026, 1, 31)),
        ("2020-04-10 00:00:00.000000000", date(2020, 4, 10)),
        ("2021-01-28T11:04:09+00:00", date(2021, 1, 28)),
        ("20260131", date(2026, 1, 31)),
        ("15 mars 2026", date(2026, 3, 15)),
        ("1er mars 2026", date(2026, 3, 1)),
        ("3 févr. 2026", date(2026, 2, 3)),
        ("15 AOÛT 2026", date(2026, 8, 15)),
        ("Jan 28 2021", date(2021, 1, 28)),
        ("March 15, 2026", date(2026, 3, 15)),
        ("", None),
        (" \u00a0", None),
    ],
)
def test_a_date_is_read(text: str, expected: date | None) -> None:
    """Every usual way to write a date gives the day, and times are cut off."""
    assert read_date(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2026",
        "12/31/2025",
        "31/01/0206",
        "31/01/206",
        "12",
        "mars 2026",
        "10h30",
        "demain",
        "46053",
        "2026-13-01",
        "1989-12-31",
        "2101-01-01",
        "32/01/2026",
        "0/1/2026",
        "31/01-2026",
        "#N/A",
        "٣١/٠١/٢٠٢٦",
        "2026-W05-1",
        "15 mai",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """An impossible, incomplete or far-away date is never completed."""
    assert isinstance(read_date(text), Unreadable)


@pytest.mark.parametrize("cell", [46053, 46053.5])
def test_a_bare_number_is_no_date(cell: float) -> None:
    """A serial number that lost its format is refused."""
    assert isinstance(read_date(cell), Unreadable)


def test_the_order_of_the_column_is_obeyed() -> None:
    """The same cell gives the day of the order that was decided; ISO and dotted dates do not change."""
    assert read_date("03/05/2026", "mdy") == date(2026, 3, 5)
    assert read_date("03/05/2026", "dmy") == date(2026, 5, 3)
    assert read_date("26/05/03", "ymd") == date(2026, 5, 3)
    assert read_date("03.05.2026", "mdy") == date(2026, 5, 3)
    assert read_date("2026-05-03", "mdy") == date(2026, 5, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a@b.example", ("a@b.example",)),
        (" a@b.example\u00a0", ("a@b.example",)),
        ("a@b.example; c@d.example", ("a@b.example", "c@d.example")),
        ("a@b.example, c@d.example / e@f.example;", ("a@b.example", "c@d.example", "e@f.example")),
        ("a@b.example;a@b.example", ("a@b.example",)),
        ("prenom.nom+x@sous.domaine.fr", ("prenom.nom+x@sous.domaine.fr",)),
        ("a@société.fr", ("a@xn--socit-esab.fr",)),
        ("", ()),
        ("\u00a0 ", ()),
    ],
)
def test_addresses_are_read(text: str, expected: tuple[str, ...]) -> None:
    """All the valid addresses of a cell are kept, once each."""
    assert read_emails(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a@b.example\r\nBcc: x@evil.example",
        "a@b.example>\r\nRCPT TO:<x@e.fr",
        "a@b.example SIZE=1",
        "a@b",
        "a..b@c.fr",
        "alice@example.org)bob@evil.example",
        '"a@b.example" <c@evil.example>',
        "jérôme@b.example",
        ".a@b.fr",
        "a@b..fr",
        "a@[127.0.0.1]",
        "a@b.example;faux",
        "a" * 65 + "@b.fr",
        "a@" + "b" * 250 + ".fr",
        "a@аpple.fr",
        "a\u200b@b.fr",
        "a@-b.fr",
        "@b.fr",
        "a@",
        "à demander",
        "a@b.f",
        "#REF!",
    ],
)
def test_a_bad_address_spoils_the_cell(text: str) -> None:
    """Nothing that could reach another mailbox, or none, passes for an address."""
    assert isinstance(read_emails(text), Unreadable)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 jours", date(2026, 2, 14)),
        ("30", date(2026, 2, 14)),
        ("Net 30", date(2026, 2, 14)),
        ("30 jours nets", date(2026, 2, 14)),
        ("45 jours fin de mois", date(2026, 3, 31)),
        ("30 j FDM", date(2026, 2, 28)),
        ("fin de mois", date(2026, 1, 31)),
        ("30 jours fin de mois le 10", date(2026, 3, 10)),
        ("à réception", date(2026, 1, 15)),
        ("À réception de facture", date(2026, 1, 15)),
        ("Due on Receipt", date(2026, 1, 15)),
        ("Comptant", date(2026, 1, 15)),
    ],
)
def test_terms_make_a_due_date(text: str, expected: date) -> None:
    """Payment terms in words give the due date of an invoice of 15 January 2026."""
    terms = read_terms(text)
    assert terms
    assert terms(date(2026, 1, 15)) == expected


@pytest.mark.parametrize("text", ["selon accord", "999 jours", "30 jours ou 45", "virement", "-5"])
def test_unknown_terms_make_none(text: str) -> None:
    """Terms that are not understood are not replaced by others."""
    assert read_terms(text) is None


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Payée", Meaning.PAID),
        ("payés", Meaning.PAID),
        ("PAYÉ", Meaning.PAID),
        ("Réglée", Meaning.PAID),
        ("payé(e)", Meaning.PAID),
        ("Soldée", Meaning.PAID),
        ("paid", Meaning.PAID),
        ("Oui", Meaning.PAID),
        ("En attente", Meaning.OPEN),
        ("Impayée", Meaning.OPEN),
        ("Non payées", Meaning.OPEN),
        ("En retard", Meaning.OPEN),
        ("À payer", Meaning.OPEN),
        ("overdue", Meaning.OPEN),
        ("Partiellement réglée", Meaning.PARTIAL),
        ("Payée en partie", Meaning.PARTIAL),
        ("Règlement commencé", Meaning.PARTIAL),
        ("PARTIALLY_PAID", Meaning.PARTIAL),
        ("Payée (partiellement)", Meaning.WRITTEN_OFF),
        ("Brouillon", Meaning.DRAFT),
        ("Annulée", Meaning.CANCELLED),
        ("Abandonnée", Meaning.CANCELLED),
        ("void", Meaning.CANCELLED),
        ("Avoir", Meaning.CREDIT_NOTE),
        ("En litige", Meaning.DISPUTED),
        ("207", Meaning.DISPUTED),
        ("Irrécouvrable", Meaning.WRITTEN_OFF),
        ("Affacturée", Meaning.FACTORED),
        ("Rejetée", Meaning.UNSAFE),
        ("En paiement", Meaning.UNSAFE),
    ],
)
def test_a_status_word_has_one_meaning(word: str, meaning: Meaning) -> None:
    """Agreement, case and accents do not change what a status says."""
    assert read_state(word) is meaning


@pytest.mark.parametrize("word", ["1", "2", "ok", "peut-être", "#N/A", "chèque reçu"])
def test_an_unknown_status_is_refused(word: str) -> None:
    """A word that the table does not have is never taken for unpaid."""
    assert isinstance(read_state(word), Unreadable)


def test_small_words_are_read() -> None:
    """Yes and no, disputes, currencies and languages, in French and in English."""
    assert [read_yes(word) for word in ("Oui", "x", "NON", "0", "ok")] == [True, True, False, False, None]
    assert [read_dispute(word) for word in ("No", "non", "", "désaccord\nligne 3")] == ["", "", "", "désaccord ligne 3"]
    assert [read_currency(word) for word in ("", "€", "usd")] == ["EUR", "EUR", "USD"]
    assert isinstance(read_currency("bitcoins"), Unreadable)
    assert [read_language(word) for word in ("", "Anglais", "EN", "fr-FR")] == ["fr", "en", "en", "fr"]


@given(text=st.text(max_size=200))
def test_no_text_makes_a_reader_raise(text: str) -> None:
    """Readers answer any text with a value or a refusal, and what is shown of it is printable."""
    read_amounts([text])
    for order in ("dmy", "mdy", "ymd"):
        read_date(text, order)
    for reader in (
        read_emails,
        read_terms,
        read_text,
        read_state,
        read_dispute,
        read_currency,
        read_language,
        read_yes,
    ):
        reader(text)
    assert all(c.isprintable() or is_space(c) for c in shown(text))
    accepted = read_text(text)
    assert isinstance(accepted, Unreadable) or accepted.isprintable()


@pytest.mark.parametrize("table", [FRENCH, ENGLISH])
def test_headers_of_a_table(table: str) -> None:
    """Folded with their whole table, the known headers have the keys that they have one by one, as a file has them."""
    lost = [(field, header) for field, _, header in synonyms(table) if field not in fields_of(header_key(header))]
    assert ([], {"total"}) == (lost, fields_of(header_key("MONTANT\u00a0T.T.C. (€)")))
