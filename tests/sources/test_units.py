"""Units, number formats and time zones are read or asked about, never stripped (headers and values drawn at random)."""

import io
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from drawing import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import ods, one, paid, read, refused

from relance.errors import SourceError
from relance.sources.customers import read_emails
from relance.sources.dates import read_date
from relance.sources.formats import show_of, shown_text
from relance.sources.units import CODES, unit_of
from relance.sources.values import Unreadable, read_identity, text_of

HEAD = "N° facture;Client;Date facture;Échéance"
ROW = "F-1;ACME;01/09/2026;05/11/2026"
TOTALS = ("Montant TTC", "Total TTC", "Montant", "Total", "Amount", "Invoice amount", "Grand total", "Net à payer")
foreign = st.sampled_from(sorted(CODES - {"EUR"}))
anywhere = settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])


def outcome(folder: Path, header: str, *cells: str) -> set[str]:
    """The currencies in which rows are claimed; `held` for those that are not, `asked` where none is read."""
    try:
        rows = "".join(f"F-{n};{ROW[4:]};{cell}\n" for n, cell in enumerate(cells))
        source = read(folder, f"{HEAD};{header}\n{rows}")
    except SourceError as refusal:
        return {"asked"} if header.strip() in str(refusal) or "montant" in str(refusal) else set()
    return {i.currency for i in source.invoices} | {"held" for _ in source.problems}


@anywhere
@given(
    header=st.sampled_from(TOTALS),
    code=foreign,
    shape=st.sampled_from(["{} ({})", "{} {}", "{} en {}", "{} [{}]", "{1} {0}", "{}_{}", "{} - {}"]),
)
def test_a_currency_in_a_header_is_never_claimed_as_euros(header: str, code: str, shape: str, tmp_path: Path) -> None:
    """Read in that currency, or the file is not read and the header is quoted."""
    assert outcome(tmp_path, shape.format(header, code), "1000,00") in ({code}, {"asked"})


@anywhere
@given(
    header=st.sampled_from(TOTALS),
    code=foreign,
    shape=st.sampled_from(["1 000,00 {}", "{}1000.00", "{} 1000", "1000,00{}", "-{} 5"]),
)
def test_a_currency_in_a_cell_is_never_claimed_as_euros(header: str, code: str, shape: str, tmp_path: Path) -> None:
    """Read in that currency."""
    assert outcome(tmp_path, header, shape.format(code)) == {code}


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Montant TTC ($)", "USD"),
        ("Total £", "GBP"),
        ("Montant TTC (CA$)", "CAD"),
        ("Amount (usd)", "USD"),
        ("total_chf", "CHF"),
        ("MONTANT TTC CHF", "CHF"),
        ("Montant en dollars", "USD"),
        ("Montant TTC (€)", "EUR"),
        ("Montant TTC en euros", "EUR"),
        ("Total EUR", "EUR"),
    ],
)
def test_headers_name_currencies(header: str, currency: str, tmp_path: Path) -> None:
    """By code, sign or word."""
    assert outcome(tmp_path, header, "1000,00") == {currency}


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("Montant TTC (USD);Devise", "1000,00;EUR"),
        ("Montant TTC (€);Devise", "1000,00;USD"),
        ("Montant TTC;Devise", "1000,00 CHF;EUR"),
        ("Montant TTC (USD)", "1000,00 €"),
        ("Montant TTC (USD);Payé (EUR)", "1000,00;200,00"),
        ("Montant TTC;Payé", "1000,00 $;200,00 €"),
        ("Montant TTC (EUR/USD)", "1000,00"),
    ],
)
def test_two_currencies_for_one_invoice_are_told(header: str, cells: str, tmp_path: Path) -> None:
    """Nothing of that row is claimed."""
    source = read(tmp_path, f"{HEAD};{header}\n{ROW};{cells}\n")
    assert source.invoices == ()
    assert "Plusieurs devises" in source.problems[0].message


def test_a_blank_currency_leaves_the_word_to_the_amount(tmp_path: Path) -> None:
    """A column of currencies that says nothing on a row is no word for euros."""
    assert one(read(tmp_path, f"{HEAD};Montant TTC;Devise\n{ROW};500 CHF;\n")).currency == "CHF"


@anywhere
@given(
    header=st.text(alphabet="abcdefghijklmnop ", min_size=3, max_size=12),
    code=st.sampled_from(["USD", "CHF", "$", "£"]),
)
def test_a_column_of_currencies_tells_them_whatever_its_header(header: str, code: str, tmp_path: Path) -> None:
    """Headers drawn at random: what the cells are decides."""
    source = read(
        tmp_path, f"{HEAD};Montant TTC;x{header}x\n{ROW};500,00;{code}\nF-2;ACME;01/09/2026;05/11/2026;5;EUR\n"
    )
    assert [i.currency for i in source.invoices] == [{"$": "USD", "£": "GBP"}.get(code, code), "EUR"]


def test_two_columns_of_currencies_that_disagree_are_asked_about(tmp_path: Path) -> None:
    """The cure as it is printed takes the first one."""
    text = f"{HEAD};Montant TTC;Unité A;Unité B\n{ROW};500,00;USD;EUR\n"
    assert 'currency = "Unité A"' in refused(tmp_path, text)
    assert one(read(tmp_path, text, columns={"currency": "Unité A"})).currency == "USD"


def test_the_same_total_in_two_currencies_is_asked_about_and_the_cure_works(tmp_path: Path) -> None:
    """The cure as it is printed takes the first one."""
    text = f"{HEAD};Montant TTC (USD);Montant TTC (EUR)\n{ROW};1100,00;1000,00\n"
    told = refused(tmp_path, text)
    assert 'total = "Montant TTC (USD)"' in told
    assert one(read(tmp_path, text, columns={"total": "Montant TTC (USD)"})).currency == "USD"
    assert one(read(tmp_path, text, columns={"total": "Montant TTC (EUR)"})).total == Decimal("1000.00")


@anywhere
@given(
    header=st.sampled_from(
        ["Acompte (%)", "Acompte %", "% acompte", "Acompte en %", "Payé (%)", "Acompte (en pourcentage)"]
    ),
    share=st.integers(2, 100),
    total=st.decimals(Decimal("1.00"), Decimal("99999.99"), places=2),
)
def test_per_cent_in_a_header_is_a_share_of_the_total(header: str, share: int, total: Decimal, tmp_path: Path) -> None:
    """30 under « Acompte (%) » is 30 % of the total, to the cent, never 30 euros; or the column is asked about."""
    source = read(tmp_path, f"{HEAD};Montant TTC;{header}\n{ROW};{str(total).replace('.', ',')};{share}\n")
    expected = (total * share / 100).quantize(Decimal("0.01"), "ROUND_HALF_UP")
    if any(column.header == header and column.weighty for column in source.reading.unused):
        return  # it is asked about
    assert [amount for amount, _ in paid(one(source))] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("cell", "left"),
    [
        ("30 %", "840.00"),
        ("30%", "840.00"),
        ("12,5 %", "1050.00"),
        ("0 %", "1200.00"),
        ("100 %", "0.00"),
        ("30", "1170.00"),
    ],
)
def test_per_cent_in_a_cell(cell: str, left: str, tmp_path: Path) -> None:
    """The sign decides, cell by cell."""
    invoice = one(read(tmp_path, f"{HEAD};Montant TTC;Acompte\n{ROW};1200,00;{cell}\n"))
    assert invoice.total - sum(p.amount for p in invoice.payments) == Decimal(left)


@pytest.mark.parametrize(("header", "cell"), [("Acompte", "130 %"), ("Acompte (%)", "0,3"), ("Acompte (%)", "300")])
def test_a_doubtful_share_holds_its_invoice(header: str, cell: str, tmp_path: Path) -> None:
    """0,3 may be 0,3 % or 30 %."""
    source = read(tmp_path, f"{HEAD};Montant TTC;{header}\n{ROW};1200,00;{cell}\n")
    assert one(source).status == "unclear"
    assert source.problems


def test_a_total_in_per_cent_is_no_total(tmp_path: Path) -> None:
    """Nothing says of what."""
    assert read(tmp_path, f"{HEAD};Montant TTC\n{ROW};30 %\n").invoices == ()


@pytest.mark.parametrize(
    "header", ["amount_cents", "total_cents", "Montant TTC (centimes)", "Amount in cents", "total_in_cents"]
)
def test_cents_in_a_header(header: str, tmp_path: Path) -> None:
    """120050 cents are 1200.50."""
    assert str(one(read(tmp_path, f"{HEAD};{header}\n{ROW};120050\n")).total) == "1200.50"


@pytest.mark.parametrize(
    "rows",
    [
        "id;currency;amount\nin_1A980ee64f;eur;120000",
        "id;currency;amount\npay_9aF3kkQ21x;EUR;99",
        "customer_id;amount\ncus_6c937303;4500",
        "subscription;amount\nsub_98KJHkjh87;4500",
        "currency;amount\neur;120000",
        "currency;amount\nusd;500",
        "invoice_id;amount\ninv_01HZXY77;1200",
        "txn;currency_code;amount\ntxn_01hv8wptq8987qeep44cy3f2wz;EUR;120000",
        "checkout;amount\ncs_test_a1B2c3D4;120000",
        "payment;amount\ntr_WDqYK6vllg;0012000",
        "payment;amount\ntr_WDqYK6vllg;120000.0",
    ],
)
@pytest.mark.parametrize(("cents", "divided"), [(True, 100), (False, 1)])
def test_whole_amounts_of_an_api_are_asked_about_and_the_cure_works(
    rows: str, cents: bool, divided: int, tmp_path: Path
) -> None:
    """Exports with identifiers or currencies as programs write them; a decimal anywhere says that they are no cents."""
    header, row = rows.split("\n")
    text = f"{HEAD};{header}\n{ROW};{row}\n"
    assert f"comme {row.split(';')[-1]}, sans doute en centimes" in refused(tmp_path, text)
    total = Decimal(row.split(";")[-1]) / divided
    assert one(read(tmp_path, text, cents=cents)).total == total
    if "." not in row:
        assert one(read(tmp_path, text[:-1] + ".50\n")).total == Decimal(row.split(";")[-1] + ".50")


def test_amount_due_beside_what_is_paid_is_asked_about_and_both_cures_work(tmp_path: Path) -> None:
    """The total in some programs, the rest in others."""
    text = f"{HEAD};amount_due;amount_paid\n{ROW};1200.00;200.00\n"
    assert 'total = "amount_due", ou outstanding = "amount_due"' in refused(tmp_path, text)
    for name, rest in (("total", "1000.00"), ("outstanding", "1200.00")):
        invoice = one(read(tmp_path, text, columns={name: "amount_due"}))
        assert str(invoice.total - sum(p.amount for p in invoice.payments)) == rest


FORMATS = {
    '"FA-2026-"000': (38, "FA-2026-038"),
    "\\F\\A\\-0000": (38, "FA-0038"),
    '"F"0000"-26"': (7, "F0007-26"),
    "00000": (38, "00038"),
    "00\\-000": (38, "00-038"),
    '0#" "##" "##" "##" "##': (123456789, "01 23 45 67 89"),
    '0" jours"': (30, "30 jours"),
    "[$CHF] #,##0.00": (500, "500,00 CHF"),
    "[$$-409]#,##0.00": (500, "500,00 USD"),
    "[$$-1009]#,##0.00": (500, "500,00 CAD"),
    "[$£-809]#,##0.00": (1234.5, "1234,50 GBP"),
    '#,##0.00" USD"': (500, "500,00 USD"),
    '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)': (5, "5,00 USD"),
    "[$kr-41D] #,##0": (5, "5,00 SEK"),
    "0%": (0.3, "30 %"),
    "0.00%": (0.125, "12,5 %"),
    '0.0" k€"': (1.2, "1.2 k€"),
    '#,##0.00" € HT"': (5, "5.00 € HT"),
}
PLAIN_FORMATS = [
    "General",
    "0",
    "0.00",
    "#,##0.00",
    "#,##0.00 €",
    '#,##0.00" €";(#,##0.00" €")',
    "_-* #,##0.00\\ [$€-40C]_-;-* #,##0.00\\ [$€-40C]_-",
    '#,##0.00 "€ TTC"',
    '#,##0.00\\ "EUR"',
    "#,##0.00_ ;[Red]\\-#,##0.00\\ ",
    '#,##0," k€"',
    "dd/mm/yyyy",
    "[$-40C]d mmmm yyyy;@",
    "0.00E+00",
    "@",
    "# ?/?",
    "",
]


@pytest.mark.parametrize("code", FORMATS)
def test_a_format_that_says_more_than_the_number(code: str) -> None:
    """What the cell shows is what is read."""
    value, shown = FORMATS[code]
    show = show_of(code)
    assert show is not None
    assert show(float(value)) == shown


@pytest.mark.parametrize("code", PLAIN_FORMATS)
def test_a_format_that_says_no_more(code: str) -> None:
    """Euros, dates, groups of digits: the number stays a number."""
    assert show_of(code) is None


@given(st.text(alphabet='0#?,.%;"\\[]$€-EyFA @_*', max_size=30), st.floats(-1e9, 1e9))
def test_no_format_makes_the_reader_raise(code: str, value: float) -> None:
    """Formats are text of the file."""
    show = show_of(code)
    assert show is None or isinstance(show(value), str)
    shown = shown_text(code)
    assert shown is None or isinstance(shown(value), str)


def book(header: str, cells: list[tuple[Any, str]], number: tuple[Any, str] = ("F-1", "@")) -> bytes:
    """An XLSX file whose last column has cells of given formats."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.append([*HEAD.split(";"), header])
    for line, (value, code) in enumerate(cells, 2):
        first = number[0] if line == 2 else f"F-{line}"
        sheet.append([first, "ACME", datetime(2026, 9, 1), datetime(2026, 11, 5), value])
        sheet.cell(line, 5).number_format = code
    sheet.cell(2, 1).number_format = number[1]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.mark.slow
def test_workbooks_show_their_units(tmp_path: Path) -> None:
    """Currencies by number format, cell by cell; the number of an invoice as its format shows it."""
    cells = [
        (500.0, "[$CHF] #,##0.00"),
        (500, "#,##0.00 €"),
        (500.5, "[$$-409]#,##0.00"),
        (500, "General"),
        (7, '0" h"'),
    ]
    source = read(tmp_path, book("Montant TTC", cells, (38, '"FA-2026-"000')), "f.xlsx")
    found = [(i.number, str(i.total), i.currency) for i in source.invoices]
    assert found == [
        ("FA-2026-038", "500.00", "CHF"),
        ("F-3", "500.00", "EUR"),
        ("F-4", "500.50", "USD"),
        ("F-5", "500.00", "EUR"),
    ]
    assert [(p.line, p.value) for p in source.problems] == [(6, "7 h")]


@pytest.mark.slow
def test_a_share_of_a_workbook(tmp_path: Path) -> None:
    """0.3 shown as 30 % is 30 % of the total."""
    made = openpyxl.load_workbook(io.BytesIO(book("Montant TTC", [(1200, "0.00")])))
    made.worksheets[0]["F1"], made.worksheets[0]["F2"] = "Acompte", 0.3
    made.worksheets[0]["F2"].number_format = "0%"
    out = io.BytesIO()
    made.save(out)
    assert paid(one(read(tmp_path, out.getvalue(), "f.xlsx"))) == [(Decimal("360.00"), None)]


ODS_CELL = '<table:table-cell office:value-type="{}" office:value="{}"{}><text:p>{}</text:p>{}</table:table-cell>'
NOTE = "<office:annotation><text:p>payé FA-3 ?</text:p></office:annotation>"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("cell", "total", "currency"),
    [
        (("currency", "500", ' office:currency="CHF"', "500,00 CHF", ""), "500.00", "CHF"),
        (("currency", "500", ' office:currency="EUR"', "500,00 €", ""), "500.00", "EUR"),
        (("currency", "500.5", ' office:currency="USD"', "$500.50", ""), "500.50", "USD"),
        (("currency", "500", "", "500,00 £", ""), "500.00", "GBP"),
        (("float", "500", "", "500,00 CHF", ""), "500.00", "CHF"),
        (("float", "500", "", "500,00 €", ""), "500.00", "EUR"),
        (("float", "1500", "", "1 500", NOTE), "1500.00", "EUR"),
        (("float", "500", "", "###", ""), "500.00", "EUR"),
        (("percentage", "0.3", "", "30 %", ""), "", ""),
        (("float", "7", "", "7 heures", ""), "", ""),
    ],
)
def test_ods_cells_show_their_units(cell: tuple[str, ...], total: str, currency: str, tmp_path: Path) -> None:
    """By their type, else by the text that they show; a comment on a cell is no part of it."""
    rows = [
        (*HEAD.split(";"), "Montant TTC"),
        ("F-1", "ACME", date(2026, 9, 1), date(2026, 11, 5), ODS_CELL.format(*cell)),
    ]
    source = read(tmp_path, ods(rows), "f.ods")
    assert [(str(i.total), i.currency) for i in source.invoices] == ([(total, currency)] if total else [])
    assert bool(source.problems) is not bool(total)


@pytest.mark.slow
def test_an_ods_number_is_read_as_shown(tmp_path: Path) -> None:
    """38 shown as FA-2026-038, 7 shown as 0007."""
    rows: list[tuple[Any, ...]] = [(*HEAD.split(";"), "Montant TTC")]
    for value, text in (("38", "FA-2026-038"), ("7", "0007")):
        number = ODS_CELL.format("float", value, "", text, "")
        rows.append((number, "ACME", date(2026, 9, 1), date(2026, 11, 5), 100))
    assert [i.number for i in read(tmp_path, ods(rows), "f.ods").invoices] == ["FA-2026-038", "0007"]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)), st.integers(-11, 13), st.sampled_from(["Z", " UTC", ""])
)
def test_a_time_zone_gives_the_day_in_paris(moment: datetime, hours: int, zone: str) -> None:
    """Whatever the zone; the first and the last minute of a day are the day, wherever they are told."""
    ahead = timedelta(0) if zone else timedelta(hours=hours)
    suffix = zone or f"{'-' if hours < 0 else '+'}{abs(hours):02d}:00"
    found = read_date(moment.isoformat(timespec="seconds") + suffix)
    if (moment.hour, moment.minute) not in ((0, 0), (23, 59)):
        assert found == (moment - ahead).replace(tzinfo=UTC).astimezone(ZoneInfo("Europe/Paris")).date()
    elif moment.hour == 0:
        assert found == moment.date()


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-09-14T22:00:00.000Z", date(2026, 9, 15)),
        ("2026-01-14T23:00:00Z", date(2026, 1, 15)),
        ("2026-11-05T00:00:00Z", date(2026, 11, 5)),
        ("2026-11-05T00:00:00+01:00", date(2026, 11, 5)),
        ("2026-11-05T23:59:59Z", date(2026, 11, 5)),
        ("2026-11-05 23:59", date(2026, 11, 5)),
        ("2026-11-04 23:59:12", date(2026, 11, 5)),
        ("2026-11-04T23:59:39.000Z", date(2026, 11, 5)),
        ("2026-11-04 22:30:00", date(2026, 11, 4)),
        ("04/11/2026 22:30 UTC", date(2026, 11, 4)),
        ("04/11/2026 23:30 UTC", date(2026, 11, 5)),
        ("05-nov-26", date(2026, 11, 5)),
        ("05-nov.-26", date(2026, 11, 5)),
        ("5 nov. 26", date(2026, 11, 5)),
        ("5-Nov-26", date(2026, 11, 5)),
        ("05/nov/2026", date(2026, 11, 5)),
        ("01-févr-27", date(2027, 2, 1)),
        ("jeu. 05/11/2026", date(2026, 11, 5)),
        ("jeudi 5 novembre 2026", date(2026, 11, 5)),
        ("mardi 3 mars 2026", date(2026, 3, 3)),
        ("mar 5, 2026", date(2026, 3, 5)),
        ("Thu, 05 Nov 2026 10:00:00 GMT", date(2026, 11, 5)),
        ("le 05/11/2026", date(2026, 11, 5)),
        ("05/11/2026 à 10h30", date(2026, 11, 5)),
        ("'05/11/2026", date(2026, 11, 5)),
        ("1794009600", date(2026, 11, 7)),
    ],
)
def test_dates_of_the_field(text: str, day: date) -> None:
    """One clear day, however it is dressed."""
    assert read_date(text) == day


@pytest.mark.parametrize(
    "text", ["nov-26", "nov. 2026", "05-brumaire-26", "30", "2026-11-05 25:00", "jeudi", "S45 2026"]
)
def test_what_is_no_day_is_no_date(text: str) -> None:
    """Nothing is completed."""
    assert isinstance(read_date(text), Unreadable)


def test_a_header_may_say_utc(tmp_path: Path) -> None:
    """« Created (UTC) » of Stripe: late in the evening there is the next day here."""
    head = (
        "Number,Customer Name,Amount,Created (UTC),Due Date (UTC)\nF-1,ACME,10.50,2026-09-01 22:30,2026-11-05 10:00\n"
    )
    invoice = one(read(tmp_path, head))
    assert (invoice.issue_date, invoice.due_date) == (date(2026, 9, 2), date(2026, 11, 5))


TERMS = {
    "À réception": 0,
    "Dès réception": 0,
    "comptant": 0,
    "30 jours": 30,
    "30 j": 30,
    "à 45 jours": 45,
    "60 jours nets": 60,
    "Net 30": 30,
    "30 days": 30,
    "Due on receipt": 0,
    "sous 15 jours": 15,
}


@pytest.mark.parametrize("text", TERMS)
def test_terms_in_the_place_of_a_due_date(text: str, tmp_path: Path) -> None:
    """They count from the date of the invoice; without one, it is asked for."""
    head = "N° facture;Client;Date facture;Échéance;Montant TTC\n"
    invoice = one(read(tmp_path, f"{head}F-1;ACME;01/09/2026;{text};100,00\nF-2;ACME;;{text};100,00\n"))
    assert invoice.due_date == date(2026, 9, 1) + timedelta(days=TERMS[text])
    assert "date de facture" in read(tmp_path, f"{head}F-2;ACME;;{text};100,00\n").problems[0].message


def test_end_of_month_in_the_place_of_a_due_date(tmp_path: Path) -> None:
    """« 30 j fin de mois »; a bare number may be a day of the month, and is asked about."""
    head = "N° facture;Client;Date facture;Échéance;Montant TTC\n"
    assert one(read(tmp_path, f"{head}F-1;ACME;10/09/2026;30 j fin de mois;100,00\n")).due_date == date(2026, 10, 31)
    assert read(tmp_path, f"{head}F-1;ACME;10/09/2026;30;100,00\n").invoices == ()


@pytest.mark.parametrize(
    ("cell", "addresses"),
    [
        ('"Dupont, Marie" <d@delta.example>', ["d@delta.example"]),
        ("Dupont, Marie <d@delta.example>", ["d@delta.example"]),
        ("Marie Dupont <d@delta.example>", ["d@delta.example"]),
        ('"A, B" <a@b.fr>; "C, D" <c@d.fr>', ["a@b.fr", "c@d.fr"]),
        ("a@b.fr, Marie <c@d.fr>", ["a@b.fr", "c@d.fr"]),
        ("mailto:d@delta.example", ["d@delta.example"]),
        ("MAILTO:d@delta.example?subject=Facture", ["d@delta.example"]),
        ("<d@delta.example>", ["d@delta.example"]),
        ("d@delta.example.", ["d@delta.example"]),
        ("d@delta.example (compta)", ["d@delta.example"]),
        ("compta : d@delta.example", ["d@delta.example"]),
        ("d@delta.example<mailto:d@delta.example>", ["d@delta.example"]),
        ("[d@delta.example](mailto:d@delta.example)", ["d@delta.example"]),
        ("'d@delta.example", ["d@delta.example"]),
        ("«d@delta.example»", ["d@delta.example"]),
    ],
)
def test_an_address_and_what_stands_around_it(cell: str, addresses: list[str]) -> None:
    """A name, brackets, mailto: and a full stop are no part of it."""
    assert read_emails(cell) == tuple(addresses)


@pytest.mark.parametrize(
    "cell",
    [
        "jean dupont@x.fr",
        "d@x. fr",
        "Dupont",
        "d@x.fr e@y.fr",
        "a@b.fr <c@d.fr>",
        "<d@x.fr",
        "Marie, d@x.fr",
        "d@x.fr..",
    ],
)
def test_an_address_in_doubt_is_not_taken(cell: str) -> None:
    """No doubt is ever sent to."""
    assert isinstance(read_emails(cell), Unreadable)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("'1200,00", "1200,00"),
        ("'FA-2026-038", "FA-2026-038"),
        ("'0012", "0012"),
        ("'Delta'", "Delta"),
        ("'s-Hertogenbosch", "'s-Hertogenbosch"),
        ("'t Hof BV", "'t Hof BV"),
        ("O'Neil", "O'Neil"),
        ("'", "'"),
    ],
)
def test_the_apostrophe_that_marks_a_text(cell: str, text: str) -> None:
    """It is none of the text; that of a Dutch town is."""
    assert text_of(cell) == text


@pytest.mark.parametrize("cell", ["2,02601E+11", "2.02601E+11", "7,32829E+13", "1E+15"])
def test_a_number_that_a_spreadsheet_rounded_is_refused(cell: str) -> None:
    """Its last digits are lost."""
    assert isinstance(read_identity(cell), Unreadable)


@pytest.mark.parametrize("cell", ["12E3", "E+12", "FE+10", "2026E+1"])
def test_a_number_with_an_e_is_none(cell: str) -> None:
    """Letters are ordinary in numbers."""
    assert read_identity(cell) == cell


@given(st.text(max_size=40))
def test_no_header_makes_the_reader_raise(header: str) -> None:
    """Headers are text of the file."""
    unit_of(header)


@pytest.mark.parametrize(
    ("payments", "status"),
    [
        ("N° facture;Montant réglé (USD);Date de paiement\nF-1;400,00;10/11/2026\n", "unclear"),
        ("N° facture;Montant réglé;Date de paiement\nF-1;400,00 CHF;10/11/2026\n", "unclear"),
        ("N° facture;Montant réglé;Date de paiement;Devise\nF-1;400,00;10/11/2026;USD\n", "unclear"),
        ("N° facture;Montant réglé (USD);Date de paiement;Devise\nF-1;400,00;10/11/2026;EUR\n", "unclear"),
        ("N° facture;Montant réglé (EUR);Date de paiement\nF-1;400,00 €;10/11/2026\n", "open"),
        ("N° facture;Montant réglé;Date de paiement\nF-1;400,00;10/11/2026\n", "open"),
        ("N° facture;Montant réglé;Date de paiement;Devise\nF-1;400,00;10/11/2026;\n", "open"),
        ("N° facture;Montant réglé;Date de paiement;Devise\nF-1;400,00;10/11/2026;?\n", "unclear"),
    ],
)
def test_a_payment_in_another_currency_is_not_taken_off(payments: str, status: str, tmp_path: Path) -> None:
    """400 dollars pay no 400 euros."""
    (tmp_path / "p.csv").write_text(payments, encoding="utf-8")
    source = read(tmp_path, f"{HEAD};Montant TTC\n{ROW};1200,00\n", payments=tmp_path / "p.csv")
    assert one(source).status == status
    assert bool(source.problems) is (status == "unclear")


TITLED = f"{{}}\n\n{HEAD};{{}}\n{ROW};1200,00\n"


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Montants en USD", "Montant TTC (USD)"),
        ("Factures de 2026 ; toutes les sommes sont exprimées en CHF", "Montant TTC (CHF)"),
        ("USD", "Montant TTC (USD)"),
        ("All amounts in £", "Montant TTC (GBP)"),
        ("Devise : CAD", "Montant TTC (CAD)"),
        ("Montants en k€", "euros et centimes"),
        ("En milliers d’euros", "euros et centimes"),
        ("Amounts in thousands of EUR", "euros et centimes"),
        ("Sommes en centimes", "euros et centimes"),
    ],
)
def test_a_unit_above_the_headers_is_never_stripped(title: str, said: str, tmp_path: Path) -> None:
    """It is that of all sums below: asked about, and the cure works."""
    assert said in refused(tmp_path, TITLED.format(title, "Montant TTC"))
    if said.startswith("Montant"):
        code = said[-4:-1]
        assert one(read(tmp_path, TITLED.format(title, f"Montant TTC ({code})"))).currency == code


@pytest.mark.parametrize(
    "title", ["Factures clients", "Export du 20/11/2026", "Montants en €", "Société des cent jours", "EI"]
)
def test_other_titles_say_no_unit(title: str, tmp_path: Path) -> None:
    """A name, a day, euros."""
    assert one(read(tmp_path, TITLED.format(title, "Montant TTC"))).currency == "EUR"
