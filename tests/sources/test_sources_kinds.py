"""What a row is: its type word by word, columns of yes and no, titles and tables of a sheet, settled credit notes."""

from datetime import date
from pathlib import Path
from typing import Any, get_args

import pytest
from drawing import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sources_support import one, read, refused, workbook

from relance.config.accepted import StateName
from relance.core.invoice import Status
from relance.sources.documents import read_title, read_type
from relance.sources.values import Unreadable
from relance.sources.words import STATES, Meaning, read_state

HEADER = "N° facture;Client;Email;Date facture;Échéance;Montant TTC"
ROW = "Delta SARL;d@delta.example.org;01/09/2026;05/11/2026;1200,00"
WORDS = st.text(st.characters(categories=["Ll", "Lu"], max_codepoint=0x17F), min_size=1, max_size=12)
QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(60), deadline=None)


def with_column(folder: Path, header: str, *cells: str, **options: Any) -> dict[str, Status]:
    """The status of F-1, F-2..., one for each cell of this column."""
    lines = [f"{HEADER};{header}", *(f"F-{n};{ROW};{cell}" for n, cell in enumerate(cells, 1))]
    source = read(folder, "\n".join(lines) + "\n", **options)
    return {invoice.number: invoice.status for invoice in source.invoices}


@pytest.mark.parametrize(
    ("meaning", "words"),
    [
        (Meaning.OPEN, "FA FAC F FV facture invoice out_invoice ACCREC 380 389 Sales-Invoice saleInvoice"),
        (Meaning.OPEN, "Facture_de_vente Facture_client_n°_2 Facture_d'acompte Factures Prestation Honoraires"),
        (
            Meaning.CREDIT_NOTE,
            "AV AVO Paiement NC out_refund ACCRECCREDIT 381 CreditNote Credit_Memo Avoir_client CN",
        ),
        (Meaning.DRAFT, "Devis DEV PF Pro_forma pro-forma Facture_proforma Quote Bon_de_commande Brouillon"),
        (
            Meaning.OTHER,
            "in_invoice in_refund ACCPAY Facture_fournisseur Achat Avoir_fournisseur Bill entry",
        ),
        (None, "A XYZ Zut Facture_rectificative Note_de_débit 384 0 OD FA/AV-bis Facture_éventuelle"),
    ],
)
def test_a_type_is_told_word_by_word(meaning: Meaning | None, words: str) -> None:
    """Each part must be known; the strongest tells."""
    for word in words.split():
        found = read_type(word.replace("_", " ") if "_" in word and "out" not in word and "in_" not in word else word)
        assert isinstance(found, Unreadable) if meaning is None else found is meaning, word


@QUIET
@given(words=st.lists(WORDS, min_size=1, max_size=4, unique_by=str.casefold))
def test_a_type_column_is_never_dropped(words: list[str], tmp_path: Path) -> None:
    """Whatever stands in a type column: a known word decides, an unknown one holds its row and is named."""
    source = read(
        tmp_path, "\n".join([f"{HEADER};Type de pièce", *(f"F-{n};{ROW};{w}" for n, w in enumerate(words))]) + "\n"
    )
    told = {invoice.number: invoice for invoice in source.invoices}
    for n, word in enumerate(words):
        meaning = read_type(word)
        if meaning is Meaning.OTHER:
            assert f"F-{n}" not in told
        elif isinstance(meaning, Unreadable):
            assert told[f"F-{n}"].status is Status.UNCLEAR
            assert word in told[f"F-{n}"].note
            assert any(word == problem.value for problem in source.problems)
        elif meaning is not Meaning.OPEN:
            assert told[f"F-{n}"].status is not Status.OPEN


def test_what_is_no_sale_is_left_out_and_said(tmp_path: Path) -> None:
    """Purchases in the list are none of our invoices."""
    source = read(tmp_path, f"{HEADER};Type\nF-1;{ROW};Facture\nF-2;{ROW};Facture fournisseur\n")
    assert [invoice.number for invoice in source.invoices] == ["F-1"]
    assert (source.rows, source.problems) == (2, ())
    assert "Lignes qui ne sont pas des factures de vente, laissées de côté\u00a0: ligne 3." in source.reading.notes


def test_a_type_of_customer_or_of_payment_is_no_type_of_document(tmp_path: Path) -> None:
    """« Type » may speak of something else, and its cells say of what."""
    assert set(with_column(tmp_path, "Type", "Entreprise", "Particulier").values()) == {Status.OPEN}
    told = with_column(tmp_path, "Type", "Virement", "Prélèvement", "Chèque")
    assert list(told.values()) == [Status.OPEN, Status.DIRECT_DEBIT, Status.OPEN]


@pytest.mark.parametrize("header", ["Doc", "Catégorie", "Genre", "Cat.", "T"])
def test_codes_of_documents_are_known_by_themselves(header: str, tmp_path: Path) -> None:
    """Whatever their header says; a column of invoices alone, or of what is sold, says nothing."""
    assert with_column(tmp_path, header, "FA", "AV") == {"F-1": Status.OPEN, "F-2": Status.CREDIT_NOTE}
    assert set(with_column(tmp_path, header, "Frais", "Formation").values()) == {Status.OPEN}


FLAGS = {
    Status.CANCELLED: [
        "Annulée",
        "Annulé ?",
        "is_cancelled",
        "isCancelled",
        "Supprimée",
        "Void",
        "Annulation",
        "Deleted",
    ],
    Status.CREDIT_NOTE: ["Avoir", "Est un avoir", "is_credit_note", "Refunded", "Avoir ?"],
    Status.EXCLUDED: [
        *(
            "Ne pas relancer",
            "Ne plus relancer",
            "Archivé",
            "archived",
            "Stop relance",
            "Relances bloquées",
            "No reminder",
        ),
        *("do_not_remind", "Exclu des relances", "Sans relance", "dunning_blocked", "Blocage relances", "Hors relance"),
    ],
    Status.DRAFT: ["Brouillon", "Provisoire", "isDraft", "Est un devis"],
    Status.DIRECT_DEBIT: ["Prélèvement", "Direct debit", "Prélèvement SEPA", "Prélèvement automatique ?"],
    Status.FACTORED: ["Affacturée", "Cédée", "Affacturage"],
    Status.WRITTEN_OFF: ["Irrécouvrable", "Contentieux", "Perte"],
    Status.DISPUTED: ["Litige", "En litige ?", "is_disputed"],
}


@QUIET
@given(
    flag=st.sampled_from([(status, header) for status, headers in FLAGS.items() for header in headers]),
    yes=st.sampled_from(["oui", "Oui", "x", "1", "true", "VRAI", "yes", "O", "✓"]),
    no=st.sampled_from(["non", "", "0", "false", "faux", "N", "-"]),
)
def test_a_yes_under_the_name_of_a_state_is_that_state(
    flag: tuple[Status, str], yes: str, no: str, tmp_path: Path
) -> None:
    """Any header that is a state, any yes: the row has it, and the row with a no does not."""
    status, header = flag
    assert with_column(tmp_path, header, yes, no) == {"F-1": status, "F-2": Status.OPEN}


@pytest.mark.parametrize("header", ["Commentaire", "Suivi", "Notes", "Remarque de Marie"])
def test_a_remark_that_is_a_state_counts(header: str, tmp_path: Path) -> None:
    """« Litige » alone in a free text is no free text; a sentence is one."""
    told = with_column(
        tmp_path, header, "Litige", "ne pas relancer SVP", "payée", "appelé le 12", "a payé son litige avec Paul", ""
    )
    held = [Status.DISPUTED, Status.EXCLUDED, Status.UNCLEAR]
    assert list(told.values()) == [*held, Status.OPEN, Status.OPEN, Status.OPEN]


@pytest.mark.parametrize("header", ["À relancer", "Relancer", "Relance automatique", "Relances activées"])
def test_a_no_where_a_yes_is_usual(header: str, tmp_path: Path) -> None:
    """What is not to be chased is not."""
    assert with_column(tmp_path, header, "non", "oui") == {"F-1": Status.EXCLUDED, "F-2": Status.OPEN}


@pytest.mark.parametrize("header", ["Validée", "Finalisée", "Comptabilisée", "posted", "Émise"])
def test_what_is_not_validated_is_a_draft(header: str, tmp_path: Path) -> None:
    """It was never sent to anybody."""
    assert with_column(tmp_path, header, "non", "oui") == {"F-1": Status.DRAFT, "F-2": Status.OPEN}


def test_a_day_is_a_yes_and_another_word_holds(tmp_path: Path) -> None:
    """« Annulée le » has days; what is neither yes nor no holds its row alone."""
    assert with_column(tmp_path, "Annulée le", "12/10/2026", "") == {"F-1": Status.CANCELLED, "F-2": Status.OPEN}
    told = with_column(tmp_path, "Ne pas relancer", "voir Paul", "non", "oui")
    assert list(told.values()) == [Status.UNCLEAR, Status.OPEN, Status.EXCLUDED]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("Mode de règlement", "Prélèvement SEPA"),
        ("Moyen de paiement", "PRLV"),
        ("payment_method", "sepa direct debit"),
        ("Payment method", "GoCardless"),
        ("Règlement", "Prélèvement"),
        ("Comment il paie", "prélèvement automatique"),
        ("Conditions de règlement", "Prélèvement à 30 jours"),
        ("Mode", "Prélèvement bancaire"),
    ],
)
def test_a_direct_debit_is_seen_where_it_stands(header: str, cell: str, tmp_path: Path) -> None:
    """The customer is not asked to pay what the bank takes; the others are."""
    status = "Statut;" if header == "Règlement" else ""
    told = with_column(tmp_path, f"{status}{header}", *((f"à payer;{c}" if status else c) for c in (cell, "Virement")))
    assert told == {"F-1": Status.DIRECT_DEBIT, "F-2": Status.OPEN}


def test_two_states_are_both_read(tmp_path: Path) -> None:
    """Whether it lives stands beside whether it is paid; the state of an address is none."""
    for state, status in (("posted", Status.OPEN), ("cancel", Status.CANCELLED), ("draft", Status.DRAFT)):
        assert with_column(tmp_path, "payment_state;state", f"not_paid;{state}") == {"F-1": status}
    assert with_column(tmp_path, "payment_state;state", "not_paid;NY", "not_paid;CA") == dict.fromkeys(
        ("F-1", "F-2"), Status.OPEN
    )


@pytest.mark.parametrize(
    ("word", "meaning"),
    [
        ("Payée le 12/10/2026", Meaning.PAID),
        ("Payé (CB)", Meaning.PAID),
        ("✅ Payée", Meaning.PAID),
        ("3 - Payée", Meaning.PAID),
        ("Réglée par virement", Meaning.PAID),
        ("Paid on 2026-10-12", Meaning.PAID),
        ("En retard de 12 jours", Meaning.OPEN),
        ("En retard (12 jours)", Meaning.OPEN),
        ("Overdue by 5 days", Meaning.OPEN),
        ("AUTHORISED", Meaning.OPEN),
        ("cancel", Meaning.CANCELLED),
        ("not_paid", Meaning.OPEN),
        ("Archivée", Meaning.EXCLUDED),
        *((word, None) for word in ("Payé à 50 %", "Payée 400 €", "Sera payée le 12/12/2026", "Payée ?", "pas payée")),
    ],
)
def test_what_surrounds_a_state_is_taken_off(word: str, meaning: Meaning | None) -> None:
    """A day, a place in a list, a means of payment; never a part of it that changes what it says."""
    found = read_state(word)
    assert isinstance(found, Unreadable) if meaning is None else found is meaning


@QUIET
@given(word=WORDS.filter(lambda word: isinstance(read_state(word), Unreadable)))
def test_the_user_says_what_a_word_means(word: str, tmp_path: Path) -> None:
    """A state, a type or a title that nobody knows is held, until the settings say what it is."""
    for header in ("Statut", "Type de pièce"):
        if header == "Type de pièce" and not isinstance(read_type(word), Unreadable):
            continue
        assert with_column(tmp_path, header, word) == {"F-1": Status.UNCLEAR}
        assert with_column(tmp_path, header, word, status_words={word: "open"}) == {"F-1": Status.OPEN}
        assert with_column(tmp_path, header, word, status_words={word: "cancelled"}) == {"F-1": Status.CANCELLED}


def test_the_settings_name_every_meaning() -> None:
    """All but the one that only asks."""
    assert set(get_args(StateName)) == set(Meaning) - {Meaning.UNSAFE}


SECOND = "N° facture;Fournisseur;Email;Date;Échéance;Montant TTC"


@pytest.mark.parametrize(
    "second",
    [
        SECOND,
        "Date;Catégorie;Description;Montant HT;TVA;Montant TTC",
        "N° devis;Client;Email;Date;Validité;Montant TTC",
        "Quand;Quoi;Qui;Comment;Pourquoi;Combien",
        "Supplier;Bill number;Email;Date;Due date;Amount",
        "N° facture;Client;Email;Date facture;Payée le;Montant TTC",
        "Poste;Budget;;;;Montant",
        "Client;N° facture;Email;Date facture;Échéance;Montant TTC",
        "N° commande;Client;Email;Date;Livraison;Montant TTC",
        "Salarié;Mois;Brut;Net;Charges;Total",
        "Fournisseur;Montant",
        "N° pièce;Fournisseur;Mail 2;Date 2026;Échéance;Montant 2026",
    ],
)
@pytest.mark.parametrize("title", ["", "ACHATS;;;;;", "2. Autres;;;;;", "À payer;;;;;"])
def test_a_second_header_ends_the_table(second: str, title: str, tmp_path: Path) -> None:
    """What stands below it is another table, said once; nothing of it is read."""
    width = second.count(";")
    other = ";".join(
        ["P-9", "Papeterie du Port SARL", "p@port.example.org", "15/09/2026", "05/11/2026", "240,00"][: width + 1]
    )
    lines = [HEADER, f"F-1;{ROW}", *filter(None, [title]), second, other, other.replace("P-9", "P-8")]
    source = read(tmp_path, "\n".join(lines) + "\n")
    assert one(source).number == "F-1"
    assert [(problem.line, "2 lignes" in problem.message) for problem in source.problems] == [
        (lines.index(second) + 1, True)
    ]


@pytest.mark.slow
def test_the_same_in_a_workbook(tmp_path: Path) -> None:
    """Cells with types, a merged title or none."""
    head, row = (
        HEADER.split(";"),
        ["F-1", "Delta SARL", "d@delta.example.org", date(2026, 9, 1), date(2026, 11, 5), 1200.0],
    )
    paper = ["P-9", "Papeterie", "p@port.example.org", date(2026, 9, 15), date(2026, 11, 5), 240.0]
    data = workbook({"Factures": [head, row, [None], ["DÉPENSES"], SECOND.split(";"), paper]})
    source = read(tmp_path, data, "f.xlsx")
    assert one(source).number == "F-1"
    assert ["«\u00a0DÉPENSES\u00a0»" in problem.message for problem in source.problems] == [True]


@pytest.mark.parametrize("header", [HEADER, HEADER.upper(), HEADER.replace(";", " ;"), f"{HEADER};;"])
def test_a_header_that_comes_again_is_passed_over(header: str, tmp_path: Path) -> None:
    """Files that were joined."""
    source = read(tmp_path, f"{HEADER}\nF-1;{ROW}\n{header}\nF-2;{ROW}\n")
    assert ([invoice.number for invoice in source.invoices], source.problems) == (["F-1", "F-2"], ())
    assert "En-têtes répétés plus bas\u00a0: 1 fois." in source.reading.notes


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("FACTURES PAYÉES", "paid"),
        ("Réglées", "paid"),
        ("DEVIS EN COURS", Status.DRAFT),
        ("Brouillons", Status.DRAFT),
        ("Avoirs", Status.CREDIT_NOTE),
        ("En litige", Status.DISPUTED),
        ("Factures annulées 2026", Status.CANCELLED),
        ("Irrécouvrables", Status.WRITTEN_OFF),
        ("Archives", Status.EXCLUDED),
        ("FACTURES FOURNISSEURS", None),
        ("Dépenses", None),
        ("Achats 2026", None),
        ("Prévisionnel", Status.UNCLEAR),
        ("Agence Lyon", Status.UNCLEAR),
        ("Octobre 2026", Status.OPEN),
        ("2026", Status.OPEN),
        ("T3 2026", Status.OPEN),
        ("Factures clients", Status.OPEN),
        ("IMPAYÉES", Status.OPEN),
        ("À encaisser", Status.OPEN),
        ("Delta SARL", Status.OPEN),
    ],
)
def test_a_title_says_what_stands_below_it(title: str, status: Status | str | None, tmp_path: Path) -> None:
    """A state or a document, for all rows until the next title; a month or a customer says nothing."""
    source = read(tmp_path, f"{HEADER}\nF-1;{ROW}\n;;;;;\n{title};;;;;\nF-2;{ROW}\nFactures clients;;;;;\nF-3;{ROW}\n")
    told = {invoice.number: "paid" if invoice.payments else invoice.status for invoice in source.invoices}
    expected = {"F-1": Status.OPEN, "F-2": status, "F-3": Status.OPEN}
    assert told == {number: each for number, each in expected.items() if each is not None}
    assert all(problem.line == 5 and status is Status.UNCLEAR for problem in source.problems)
    if status is Status.UNCLEAR:
        said = read(tmp_path, f"{HEADER}\nF-1;{ROW}\n{title};;;;;\nF-2;{ROW}\n", status_words={title: "open"})
        assert [invoice.status for invoice in said.invoices] == [Status.OPEN, Status.OPEN]


def test_a_title_above_the_header_counts_where_it_is_known(tmp_path: Path) -> None:
    """« DEVIS » over the table says what they are, « Export du 12/11 » nothing."""
    for title, status in (
        ("DEVIS", Status.DRAFT),
        ("Export du 12/11/2026", Status.OPEN),
        ("Mon entreprise", Status.OPEN),
    ):
        assert one(read(tmp_path, f"{title};;;;;\n{HEADER}\nF-1;{ROW}\n")).status is status


def test_a_table_above_the_invoices_is_passed_over(tmp_path: Path) -> None:
    """The suppliers may come first; the first table that has all that a list of invoices needs is taken."""
    above = f"FOURNISSEURS;;;;;\n{SECOND}\nP-1;{ROW}\n;;;;;\nCLIENTS;;;;;\n"
    source = read(tmp_path, f"{above}{HEADER}\nF-1;{ROW}\n")
    assert one(source).number == "F-1"
    assert ["Un tableau au-dessus des factures" in note for note in source.reading.notes] == [True]


@pytest.mark.parametrize("title", ["Factures payées (2);;;;;2400,00", "FOURNISSEURS;;;;;240,00", ";Devis;;;;99,00"])
def test_a_title_may_stand_with_its_sum(title: str, tmp_path: Path) -> None:
    """What it says is known, so it is no line of a total."""
    source = read(tmp_path, f"{HEADER}\nF-1;{ROW}\n{title}\nF-2;{ROW}\n")
    told = {i.number for i in source.invoices if i.status is Status.OPEN and not i.payments}
    assert (told, source.problems) == ({"F-1"}, ())
    assert all(header != "titre du tableau" for _, header, _ in source.reading.columns)


@pytest.mark.parametrize(
    "footer",
    [
        "TOTAL;;;;;1200,00",
        ";;;;;1200,00",
        "CA 2026;;;;;12000,00",
        ";Reste à encaisser;;;;1200,00",
        "Merci de votre confiance;;;;;",
        "Merci de votre confiance",
        "Octobre;;;;;1200,00",
        "Note : les montants sont en euros;;;;;",
        "Fait à Lyon;;;le comptable;;",
        "Solde au 30/11/2026;;;;;1200,00",
        "* hors frais de retard;;;;;",
        "Moyenne;;;;;600,00",
    ],
)
def test_a_footer_is_no_problem(footer: str, tmp_path: Path) -> None:
    """It is left out, and `check` says so."""
    source = read(tmp_path, f"{HEADER}\nF-1;{ROW}\nF-2;{ROW}\n{footer}\n")
    assert ([invoice.number for invoice in source.invoices], source.problems) == (["F-1", "F-2"], ())
    assert any("Ligne 4" in note for note in source.reading.notes)


@pytest.mark.parametrize(
    "row",
    [
        f";{ROW}",
        "F-2;;d@delta.example.org;01/09/2026;05/11/2026;1200,00",
        "F-2;Delta SARL;d@delta.example.org;01/09/2026;05/11/2026;",
        ";Delta SARL;;;;1200,00",
        "F-2;;;;;1200,00",
        "F-2;;;;;",
        "F-2;Delta SARL",
        ";Beta SAS;b@beta.example.org;;;99,00",
    ],
)
def test_an_incomplete_invoice_stays_a_problem(row: str, tmp_path: Path) -> None:
    """At the end of the table too: what could be an invoice is no footer."""
    source = read(tmp_path, f"{HEADER}\nF-1;{ROW}\n{row}\n")
    assert [problem.line for problem in source.problems][:1] == [3]


BOOK_ROW = ["Delta SARL", "d@delta.example.org", date(2026, 9, 1), date(2026, 11, 5), 1200.0]


def book(**sheets: list[str]) -> bytes:
    """Sheets of these numbers under one header."""
    return workbook(
        {title: [HEADER.split(";"), *([n, *BOOK_ROW] for n in numbers)] for title, numbers in sheets.items()}
    )


@pytest.mark.slow
def test_a_sheet_a_year_is_read_whole(tmp_path: Path) -> None:
    """A new year's sheet does not stop the run; one of paid or supplier invoices says what they are."""
    source = read(tmp_path, book(**{"2025": ["F-1"], "2026": ["F-2", "F-3"], "2027": ["F-4"]}), "f.xlsx")
    assert [invoice.number for invoice in source.invoices] == ["F-1", "F-2", "F-3", "F-4"]
    assert source.reading.notes[0] == "Feuilles lues ensemble\u00a0: 2025, 2026, 2027."
    told = read(tmp_path, book(Factures=["F-1"], Payées=["F-2"], Devis=["D-1"], Fournisseurs=["P-1"]), "f.xlsx")
    assert {i.number: bool(i.payments) for i in told.invoices} == {"F-1": False, "F-2": True}
    assert "Feuille «\u00a0Devis\u00a0» non lue." in told.reading.notes
    assert "plusieurs feuilles" in refused(tmp_path, book(Feuil1=["F-1"], Feuil2=["F-2"]), "f.xlsx")


@pytest.mark.slow
def test_a_problem_of_a_joined_sheet_is_found_there(tmp_path: Path) -> None:
    """Its sheet and its own line; a number on two sheets is a double like any other."""
    data = workbook(
        {
            "2025": [HEADER.split(";"), ["F-1", *BOOK_ROW], ["F-9", *BOOK_ROW]],
            "2026": [HEADER.split(";"), ["F-2", *BOOK_ROW[:-1], "abc"], ["F-9", *BOOK_ROW[:-1], 7.0]],
        }
    )
    source = read(tmp_path, data, "f.xlsx")
    assert [(problem.sheet, problem.line) for problem in source.problems] == [("2026", 2), ("2026", 3)]
    assert "ligne 3 (2025)" in source.problems[1].message


CREDITS = "N° facture;Type;Client;Email;Date;Échéance;Montant TTC;Payé;Statut;Facture d'origine"


def credited(folder: Path, invoice: tuple[str, str], credit: tuple[str, str], total: str = "-200,00") -> Any:
    """What is left of F-1 (500) with these cells of what is paid and the state, and its status."""
    lines = [
        CREDITS,
        f"F-1;Facture;Delta SARL;d@d.example.org;10/09/2026;05/11/2026;500,00;{invoice[0]};{invoice[1]};",
        f"A-1;Avoir;Delta SARL;d@d.example.org;20/09/2026;20/09/2026;{total};{credit[0]};{credit[1]};F-1",
    ]
    source = read(folder, "\n".join(lines) + "\n")
    found, note = source.invoices
    rest = [each.total - sum(payment.amount for payment in each.payments) for each in (found, note)]
    return found.status, rest[0], rest[1]


@pytest.mark.parametrize(
    ("invoice", "credit", "total", "told"),
    [
        (("300,00", "Payée"), ("", ""), "-200,00", (Status.OPEN, 0, 0)),
        (("300,00", "Payée"), ("", "Soldé"), "-200,00", (Status.OPEN, 0, 0)),
        (("300,00", "Payée"), ("", ""), "200,00", (Status.OPEN, 0, 0)),
        (("300,00", "Payée"), ("", ""), "-150,00", (Status.UNCLEAR, 500, -150)),
        (("500,00", "Payée"), ("", ""), "-200,00", (Status.OPEN, 0, -200)),
        (("", ""), ("", ""), "-200,00", (Status.OPEN, 300, 0)),
        (("100,00", ""), ("", ""), "-200,00", (Status.OPEN, 200, 0)),
        (("", ""), ("", "Remboursé"), "-200,00", (Status.OPEN, 500, 0)),
        (("", ""), ("-200,00", ""), "-200,00", (Status.OPEN, 500, 0)),
        (("", ""), ("200,00", "Payé"), "-200,00", (Status.OPEN, 500, 0)),
        (("", ""), ("-50,00", ""), "-200,00", (Status.OPEN, 350, 0)),
        (("", ""), ("50,00", ""), "200,00", (Status.OPEN, 350, 0)),
        (("", ""), ("", "Soldé"), "-200,00", (Status.UNCLEAR, 500, 0)),
        (("", ""), ("", "Lettré"), "200,00", (Status.UNCLEAR, 500, 0)),
        (("", ""), ("", "Annulé"), "-200,00", (Status.OPEN, 500, -200)),
        (("", ""), ("", "Brouillon"), "-200,00", (Status.OPEN, 500, -200)),
        (("", ""), ("", "Non remboursé"), "-200,00", (Status.OPEN, 300, 0)),
    ],
)
def test_a_settled_credit_note_is_not_taken_off_again(
    invoice: tuple[str, str], credit: tuple[str, str], total: str, told: tuple[Any, ...], tmp_path: Path
) -> None:
    """What it still takes off depends on its own amounts and state, and on the invoice's."""
    assert credited(tmp_path, invoice, credit, total) == told


@given(text=st.text(max_size=60))
def test_no_text_makes_a_type_or_a_title_raise(text: str) -> None:
    """A meaning, nothing, or a sentence."""
    assert read_type(text) is None or read_type(text)
    assert read_title(text) is None or read_title(text)


def test_every_state_is_a_title() -> None:
    """A title that is a state is that state; where it is open, it says nothing."""
    telling = (Meaning.PAID, Meaning.CANCELLED, Meaning.DISPUTED)
    for word, meaning in STATES.items():
        found = read_title(word)
        assert found is not Meaning.OPEN
        if meaning in telling and not word.isdigit() and word != "solde":  # « Solde » is a balance, « Soldées » a state
            assert found, word
