"""A folder of e-invoices as a list: each document a row, in the columns of any other file, or a file that is named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from einvoice_support import HER, ME, PROFILES, cii, pdf, ubl, write, zugferd
from sources_support import paid

from relance.core.invoice import Customer, Invoice, Status, customer_id
from relance.core.reading import Issuer
from relance.errors import SourceError
from relance.sources import InvoiceFile, SourceOptions, read_source
from relance.sources.agreement import NOTHING_AGREED, question_of, reading_as_found
from relance.sources.customers import with_sirets
from relance.sources.source import BesideList, EInvoiceOptions

MINE = SourceOptions(e_invoices=EInvoiceOptions(seller="siren:732829320"))
THIRD = {"name": "Garage Petit", "siren": "130005481"}


def folder_of(tmp_path: Path, *documents: bytes, options: SourceOptions = MINE) -> InvoiceFile:
    """What is read of a folder with these documents, an XML each where it is one, else a PDF."""
    folder = tmp_path / "factures"
    folder.mkdir(exist_ok=True, parents=True)
    for place, each in enumerate(documents):
        end = "pdf" if each.startswith(b"%PDF") else "xml"
        (folder / f"doc-{place:02}.{end}").write_bytes(each)
    return read_source(folder, options)


def by_number(source: InvoiceFile) -> dict[str, Invoice]:
    """The invoices by their number."""
    return {invoice.number: invoice for invoice in source.invoices}


def told(source: InvoiceFile) -> dict[str, str]:
    """What is said of each file, ordinary spaces in it."""
    return {Path(p.file).name: p.message.replace("\u00a0", " ") for p in source.problems}


@pytest.mark.parametrize("profile", PROFILES)
def test_each_profile_is_read(tmp_path: Path, profile: str) -> None:
    """Number, days, sums and customer; MINIMUM has no days but that of its issue, and its sums all the same."""
    source = folder_of(tmp_path, pdf(cii(profile=profile, total="980.50", paid="180.50")))
    (invoice,) = source.invoices

    assert ("F-2026-001", date(2026, 9, 1), date(2026, 10, 1)) == (
        invoice.number,
        invoice.issue_date,
        invoice.due_date,
    )
    assert (Decimal("980.50"), [(Decimal("180.50"), None)]) == (invoice.total, paid(invoice))
    assert ("Atelier Brun SARL", "55210055400013") == (invoice.customer.name, invoice.customer.siret)
    assert ("compta@brun.example",) * (profile != "MINIMUM") == invoice.customer.emails
    assert ("doc-00.pdf", "EUR", 0) == (invoice.pdf, invoice.currency, invoice.line)
    assert (["doc-00.pdf"] if profile == "MINIMUM" else []) == [*told(source)]


@pytest.mark.parametrize("document", [cii, zugferd, ubl])
def test_each_root_says_the_same(tmp_path: Path, document: object) -> None:
    """CII, ZUGFeRD 1 and UBL, in a PDF and alone: the same invoice, the XML without an attachment."""
    assert callable(document)
    alone = folder_of(tmp_path, document(number="F 12/07", total="240.00")).invoices[0]
    inside = folder_of(tmp_path / "2", pdf(document(number="F 12/07", total="240.00"))).invoices[0]

    assert alone._replace(pdf=inside.pdf) == inside
    assert ("", "doc-00.pdf") == (alone.pdf, inside.pdf)
    assert ("F 12/07", Decimal("240.00"), date(2026, 10, 1)) == (alone.number, alone.total, alone.due_date)
    assert "3 rue des Lilas, 75011 Paris" == alone.customer.address


def test_what_is_left_is_claimed_and_never_the_total(tmp_path: Path) -> None:
    """BT-115; a rounding belongs to the total, and sums that contradict each other are nobody's."""
    source = folder_of(
        tmp_path,
        cii(number="F-1", total="1000.00", paid="300.00"),
        cii(number="F-2", total="100.03", left="100.05", rounding="0.02"),
        cii(number="F-3", total="1000.00", paid="300.00", left="900.00"),
        cii(number="F-4", total="1000.00", left="400.00", profile="MINIMUM"),
        cii(number="F-5", total="12,50", left="12.50"),
    )
    found = by_number(source)

    left = {number: str(each.total - sum(p.amount for p in each.payments)) for number, each in found.items()}
    assert {"F-1": "700.00", "F-2": "100.05", "F-4": "400.00", "F-5": "12.50"} == {
        n: left[n] for n in left if n != "F-3"
    }
    assert Status.UNCLEAR is found["F-3"].status
    assert "ne s’accordent pas" in told(source)["doc-02.xml"]


def test_kinds_of_documents(tmp_path: Path) -> None:
    """What takes off, what is claimed, what is owed to a factor, and codes that a person is asked about."""
    kinds = {"F-1": "380", "F-2": "386", "F-3": "389", "F-4": "326", "F-5": "877", "A-1": "381", "A-2": "261"}
    kinds |= {"F-6": "393", "F-7": "751", "F-8": "384", "F-9": "204", "F-10": "325"}
    source = folder_of(tmp_path, *(cii(number=number, kind=kind) for number, kind in kinds.items()))
    states = {number: each.status for number, each in by_number(source).items()}

    assert {Status.OPEN} == {states[f"F-{place}"] for place in (1, 2, 3, 4, 5)}
    assert {Status.CREDIT_NOTE} == {states["A-1"], states["A-2"]}
    assert (Status.FACTORED, Status.DRAFT) == (states["F-6"], states["F-10"])
    assert {Status.UNCLEAR} == {states[f"F-{place}"] for place in (7, 8, 9)}
    asked = SourceOptions(e_invoices=MINE.e_invoices, status_words={"751": "open"})
    assert Status.OPEN is by_number(read_source(tmp_path / "factures", asked))["F-7"].status


def test_a_credit_note_is_taken_off_the_invoice_that_it_names(tmp_path: Path) -> None:
    """Its positive sum, though the invoice says what was left on the day of its issue."""
    note = ubl("CreditNote", number="AV-1", kind="381", total="50.00", source="F-1", buyer=HER)
    source = folder_of(tmp_path, ubl(number="F-1", total="600.00", buyer=HER), note)

    assert [(Decimal("50.00"), date(2026, 9, 1))] == paid(by_number(source)["F-1"])
    assert ("AV-1",) == tuple(payment.credit for payment in by_number(source)["F-1"].payments)


def test_a_credit_note_that_is_used_up_holds_the_invoice_that_it_names(tmp_path: Path) -> None:
    """Nobody knows whether it was paid back; among the paid ones, it was."""
    (tmp_path / "payees").mkdir()
    note = cii(number="AV-1", kind="381", total="50.00", paid="50.00", source="F-1")
    held = folder_of(tmp_path, cii(number="F-1"), note)
    assert Status.UNCLEAR is by_number(held)["F-1"].status
    assert "L’avoir AV-1 est dit soldé : remboursé, rangez-le dans paid_dir." in told(held).values()
    (tmp_path / "factures" / "doc-01.xml").rename(tmp_path / "payees" / "av.xml")
    back = read_source(tmp_path / "factures", MINE._replace(paid_dir=tmp_path / "payees"))
    assert (Status.OPEN, []) == (by_number(back)["F-1"].status, paid(by_number(back)["F-1"]))


def test_a_corrected_invoice_replaces_the_one_that_it_names(tmp_path: Path) -> None:
    """Once: under another number the first is cancelled, under its own it is not there; paid, a person is asked."""
    other = folder_of(
        tmp_path / "1", cii(number="F-1"), cii(number="F-2", kind="384", source="F-1", total="900.00", left="900.00")
    )
    assert (Status.CANCELLED, Status.OPEN) == tuple(by_number(other)[number].status for number in ("F-1", "F-2"))
    same = folder_of(tmp_path / "2", cii(number="F-1"), cii(number="F-1", kind="384", source="F-1", total="900.00"))
    assert [Decimal("900.00")] == [each.total for each in same.invoices]
    (tmp_path / "paid.csv").write_text("Numéro;Montant;Date\nF-1;100,00;2026-10-10\n", encoding="utf-8")
    options = MINE._replace(payments=BesideList(tmp_path / "paid.csv"))
    held = read_source(tmp_path / "1" / "factures", options)
    assert Status.UNCLEAR is by_number(held)["F-2"].status
    assert "Elle remplace F-1" in told(held)["doc-01.xml"]


def test_a_correction_below_zero_lessens_what_it_names(tmp_path: Path) -> None:
    """As the Mustang library writes a 384: a credit note by its sum, and the invoice goes on for the rest."""
    source = folder_of(
        tmp_path, cii(number="F-1"), cii(number="F-2", kind="384", source="F-1", total="-200.00", left="-200.00")
    )
    assert (Status.OPEN, [Decimal("200.00")]) == (
        by_number(source)["F-1"].status,
        [payment.amount for payment in by_number(source)["F-1"].payments],
    )
    assert Status.CREDIT_NOTE is by_number(source)["F-2"].status


def test_purchases_and_strangers_are_named(tmp_path: Path) -> None:
    """The user is the buyer, or neither; nothing is claimed, and no sum counts as left out."""
    source = folder_of(
        tmp_path,
        cii(number="F-1"),
        pdf(cii(number="P-1", seller=HER, buyer=ME)),
        cii(number="S-1", seller=THIRD, buyer=HER),
    )

    assert ["F-1"] == [each.number for each in source.invoices]
    assert "Facture d’achat, vendeur Atelier Brun SARL : rangez-la dans un autre dossier." == told(source)["doc-01.pdf"]
    assert told(source)["doc-02.xml"].startswith("Vendeur Garage Petit (130005481) : ce n’est pas vous (732829320).")
    assert () == source.left_out
    assert [None, None] == [problem.line for problem in source.problems]


def test_the_seller_of_most_invoices_is_asked_about_once(tmp_path: Path) -> None:
    """Where no SIRET is known: one question, which ends with the user's word."""
    documents = (cii(number="F-1"), cii(number="F-2"), cii(number="P-1", seller=HER, buyer=ME))
    source = folder_of(tmp_path, *documents, options=SourceOptions())
    issuer = Issuer("siren:732829320", "Camille Moreau", 2, 3)

    assert issuer == source.reading.issuer
    question = question_of(source.reading, NOTHING_AGREED)
    assert question is not None
    assert (issuer, False) == (question.issuer, question.of_columns)
    word = reading_as_found(source.reading, date(2026, 11, 1))
    agreement = NOTHING_AGREED._replace(readings=(word,), issuer=word.issuer)
    again = read_source(tmp_path / "factures", SourceOptions(), agreement)
    assert question_of(again.reading, agreement) is None
    assert ["F-1", "F-2"] == [each.number for each in again.invoices]


def test_no_column_of_the_table_is_ever_asked_about(tmp_path: Path) -> None:
    """Whatever stands in it: the headers are ours."""
    strange = cii(number="2026", source="2026-05-01", terms="oui", buyer={**HER, "name": "payée"})
    source = folder_of(tmp_path, strange, cii(number="F-2", means="", process="payée le 3"))

    assert [] == [column.header for column in source.reading.unused if column.weighty]
    assert source.reading.headers[:1] == ("Numéro de facture",)


def test_one_invoice_in_two_files_is_one(tmp_path: Path) -> None:
    """The PDF and its XML, equal: the one with the PDF; different: a problem, and neither is claimed."""
    equal = folder_of(tmp_path / "1", cii(), pdf(cii()))
    assert ["doc-01.pdf"] == [each.pdf for each in equal.invoices]
    assert () == equal.problems
    other = folder_of(tmp_path / "2", cii(), pdf(cii(total="1300.00")))
    assert [Status.UNCLEAR] == [each.status for each in other.invoices]
    assert "figure aussi" in " ".join(told(other).values())


def test_the_pdf_beside_an_xml_is_attached(tmp_path: Path) -> None:
    """One of the same name, whatever stands in it; the PDF without XML is then no problem of its own."""
    folder = write(tmp_path / "f", F1_xml=ubl(number="F-1"), F1_pdf=pdf())
    source = read_source(folder, MINE)

    assert ["F1.pdf"] == [each.pdf for each in source.invoices]
    assert () == source.problems


@pytest.mark.parametrize(
    ("words", "due", "said"),
    [
        ({"due": "2026-09-20 2026-11-15 2026-10-20"}, date(2026, 11, 15), ""),
        ({"due": "", "terms": "Paiement à 45 jours. Pénalités : 14 % l’an"}, date(2026, 10, 16), ""),
        ({"due": "", "terms": "45 jours fin de mois"}, date(2026, 10, 31), ""),
        ({"due": "", "terms": "2 % d’escompte à 10 jours, 60 jours net"}, date(2026, 10, 31), "non comprises"),
        ({"due": "", "terms": "30% d'acompte, solde à 30 j"}, date(2026, 10, 1), "non comprises"),
        ({"due": "", "terms": "Zahlbar bis 04.12.2026"}, date(2026, 12, 4), "non comprises"),
        ({"due": "", "terms": ""}, date(2026, 10, 1), "Échéance absente : comptée au 01/10/2026."),
    ],
)
def test_when_it_is_due(tmp_path: Path, words: dict[str, str], due: date, said: str) -> None:
    """The last day that it names, else its terms, else never before what they may mean, and a problem."""
    source = folder_of(tmp_path, cii(**words))

    assert [due] == [each.due_date for each in source.invoices]
    assert Status.OPEN is source.invoices[0].status
    assert bool(said) == bool(source.problems)
    assert said in " ".join(told(source).values())
    assert ("plusieurs échéances" in " ".join(source.reading.notes)) == (len(words["due"].split()) > 1)


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ({"test": "true"}, Status.UNCLEAR, "facture d’essai"),
        ({"test": "false"}, Status.OPEN, ""),
        ({"payee": "Factor SA"}, Status.UNCLEAR, "payable à Factor SA"),
        ({"payee": "CAMILLE MOREAU"}, Status.OPEN, ""),
        ({"means": "59"}, Status.DIRECT_DEBIT, ""),
        ({"process": "S2"}, Status.UNCLEAR, "Dite payée"),
        ({"process": "S2", "paid": "1200.00"}, Status.OPEN, ""),
    ],
)
def test_what_keeps_it_from_being_asked_for(tmp_path: Path, words: dict[str, str], status: Status, said: str) -> None:
    """A test, another payee, a direct debit, an invoice that was paid before it was handed in."""
    source = folder_of(tmp_path, cii(**words))

    assert [status] == [each.status for each in source.invoices]
    assert said in " ".join(told(source).values())


def test_what_lies_among_the_paid_ones_is_paid(tmp_path: Path) -> None:
    """Moved or copied; a credit note there still lessens the invoice that is owed, else it is used up."""
    (tmp_path / "payees").mkdir()
    options = MINE._replace(paid_dir=tmp_path / "payees")
    write(tmp_path / "payees", a_pdf=pdf(cii(number="F-1")), b_pdf=pdf(cii(number="F-2")))
    note = cii(number="AV-3", kind="381", total="100.00", source="F-3")
    write(
        tmp_path / "payees", c_xml=note, d_xml=cii(number="AV-1", kind="381", total="70.00", source="F-1"), e_pdf=pdf()
    )
    source = folder_of(tmp_path, pdf(cii(number="F-2")), cii(number="F-3"), options=options)
    left = {n: abs(e.total) - abs(sum((p.amount for p in e.payments), Decimal())) for n, e in by_number(source).items()}

    assert {"F-1": 0, "F-2": 0, "F-3": 1100, "AV-3": 0, "AV-1": 0} == left
    assert {} == told(source)
    with pytest.raises(SourceError, match="paid_dir"):
        read_source(tmp_path / "factures", MINE._replace(paid_dir=tmp_path / "gone"))


def test_what_is_no_e_invoice_is_named_with_its_cure(tmp_path: Path) -> None:
    """Each file, and each counts among what could be owed."""
    source = folder_of(tmp_path, cii(), pdf(), b"%PDF-1.4 cut", b"<a/>", b"<rsm:CrossIndustryInvoice xmlns:rsm='u'>")

    assert {
        "doc-01.pdf": "PDF sans facture électronique (aucun XML)",
        "doc-02.pdf": "PDF abîmé, ou en cours d’enregistrement",
        "doc-03.xml": "Ce XML n’est pas une facture (élément a)",
        "doc-04.xml": "XML coupé ou abîmé",
    } == {name: said.partition(" :")[0] for name, said in told(source).items()}
    assert 4 == len(source.left_out)
    assert 5 == source.rows


def test_places(tmp_path: Path) -> None:
    """A folder, a pattern, several; folders inside are named, lists are not read with folders."""
    folder = write(tmp_path / "f", a_pdf=pdf(cii(number="F-1")), b_xml=cii(number="F-2"), c_txt=b"x")
    write(folder / "2025", d_pdf=pdf(cii(number="F-0")))

    assert ["F-1", "F-2"] == [each.number for each in read_source(folder, MINE).invoices]
    assert "2025" in " ".join(read_source(folder, MINE).reading.notes)
    assert ["F-1"] == [each.number for each in read_source(folder / "*.pdf", MINE).invoices]
    both = read_source((folder, folder / "2025"), MINE)
    assert [("F-0", "2025/d.pdf"), ("F-1", "a.pdf")] == [(each.number, each.pdf) for each in both.invoices[:2]]
    with pytest.raises(SourceError, match="aucune facture électronique"):
        read_source(tmp_path / "*.pdf", MINE)
    with pytest.raises(SourceError, match="est un dossier"):
        read_source(tmp_path, MINE)
    with pytest.raises(SourceError, match="absent"):
        read_source((folder, tmp_path / "absent"), MINE)
    (tmp_path / "liste.csv").write_text("x", encoding="utf-8")
    (tmp_path / "stray.pdf").write_bytes(pdf())
    with pytest.raises(SourceError, match="est un dossier"):
        read_source(tmp_path, MINE)


SIREN_ONLY = {**HER, "siret": ""}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_siren_and_the_only_siret_of_it_are_one_customer(tmp_path: Path, order: tuple[int, int]) -> None:
    """One program writes the one, another the other; the SIRET stands for both."""
    documents = [cii(number="F-1", buyer=HER), ubl(number="F-2", buyer=SIREN_ONLY)]
    found = by_number(folder_of(tmp_path, *(documents[place] for place in order)))
    assert customer_id(found["F-1"].customer) == customer_id(found["F-2"].customer) == "siret:55210055400013"


def test_two_places_of_a_company_are_two_customers(tmp_path: Path) -> None:
    """Each has its address and its people; a bare SIREN is neither of them for sure."""
    lyon = {**HER, "siret": "55210055400021", "email": "lyon@brun.example"}
    documents = [cii(number="F-1", buyer=HER), cii(number="F-2", buyer=lyon), cii(number="F-3", buyer=SIREN_ONLY)]
    found = by_number(folder_of(tmp_path, *documents))
    assert len({customer_id(invoice.customer) for invoice in found.values()}) == 3


def test_who_has_a_code_is_known_by_it() -> None:
    """The SIRET of another customer of the same company is none of its own: a rule for that one would be about both."""
    coded, place = Customer("Alpha", code="C1", siret="552100554"), Customer("Alpha Lyon", siret="55210055400021")
    rows = {each.name: Invoice(each.name, each, date(2026, 9, 5), Decimal(90)) for each in (coded, place)}
    assert [coded, place] == [invoice.customer for invoice in with_sirets(rows).values()]


def test_what_is_asked_of_a_transfer_is_read(tmp_path: Path) -> None:
    """BT-83, of CII and UBL."""
    found = by_number(folder_of(tmp_path, cii(number="F-1"), ubl(number="F-2"), zugferd(number="F-3")))
    assert {number: f"VIR-{number}" for number in found} == {n: each.transfer for n, each in found.items()}
    assert 3 == len(found)


OTHER_IBAN, THEIRS = "FR14 2004 1010 0505 0001 3M02 606", "FR7630006000011234567890189"


def test_an_account_that_is_not_the_one_of_the_messages_is_told_once(tmp_path: Path) -> None:
    """Nothing is held by it; an account that is the user's among several, and what is paid, say nothing."""
    own = SourceOptions(e_invoices=EInvoiceOptions(seller="siren:732829320", iban=OTHER_IBAN))
    source = folder_of(
        tmp_path / "a", cii(number="F-1"), cii(number="F-2"), cii(number="F-3", paid="1200.00"), options=own
    )
    (message,) = told(source).values()
    assert message.startswith("2 factures disent de virer au compte FR76 3000 6000 0112 3456 7890 189, vos messages")
    assert {Status.OPEN} == {invoice.status for invoice in source.invoices}

    (message,) = told(folder_of(tmp_path / "b", ubl(number="F-1"), options=own)).values()
    assert message.startswith("F-1 dit de virer")
    both = cii(number="F-1").replace(
        b"</ram:SpecifiedTradeSettlementPaymentMeans>",
        b"</ram:SpecifiedTradeSettlementPaymentMeans><ram:SpecifiedTradeSettlementPaymentMeans>"
        b"<ram:PayeePartyCreditorFinancialAccount><ram:IBANID>FR1420041010050500013M02606</ram:IBANID>"
        b"</ram:PayeePartyCreditorFinancialAccount></ram:SpecifiedTradeSettlementPaymentMeans>",
    )
    assert {} == told(folder_of(tmp_path / "c", both, options=own))
    mine = SourceOptions(e_invoices=EInvoiceOptions(seller="siren:732829320", iban=THEIRS.lower()))
    assert (
        {} == told(folder_of(tmp_path / "d", cii(number="F-1"), options=mine)) == told(folder_of(tmp_path / "e", cii()))
    )
