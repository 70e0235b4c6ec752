"""The formal notice as a letter: read back from the PDF, in words, in millimetres and through a camera."""

import re
from decimal import Decimal
from pathlib import Path

import pypdfium2
import pytest
from core_support import day, paid
from paper_support import SENDER, bill, client, codes, ink, notice, pages, printed

from relance.core.invoice import Customer, Kind
from relance.core.plan import Reminder
from relance.core.policy import DunningPolicy
from relance.errors import TemplateError, UsageError
from relance.letters.paper import print_letter
from relance.letters.templates import load_templates, shipped_folder

WINDOW = (110.0, 55.0, 195.0, 83.0)
"""Left, top, right, bottom in mm: what the windows of both DL envelopes share (85 x 33 mm, 50 or 55 mm down)."""
MANY = tuple(bill(f"F-2026-{i:03}", f"{100 * i + 17}.50", 30 + i) for i in range(1, 20))
CASES = {
    "one": (bill(),),
    "three": (bill(), bill("F-2026-032", "850.50"), bill("F-2026-033", "3000.00", payments=[paid("1000.00", day(20))])),
    "many": MANY,
    "long name": (bill(owner=client(name="Compagnie " * 20 + "SARL", address="rue " * 40 + "\n69001 Lyon")),),
    "widest": (bill(owner=client(name="W" * 38, address="W" * 38 + "\n69001 " + "W" * 32)),),
}


def _plain(pdf: bytes) -> str:
    """All that a letter says, on one line with ordinary spaces."""
    return re.sub(r"[\s\u00a0\u202f]+", " ", " ".join(pages(pdf)))


@pytest.mark.parametrize("name", CASES)
def test_window(name: str) -> None:
    """In the window stands the address and nothing else; beside and under it is room for the envelope to slip."""
    left, top, right, bottom = WINDOW
    shown = [
        each
        for each in ink(printed(notice(*CASES[name])))
        if each.box.right > left - 5 and each.box.bottom > 45 and each.box.top < 90
    ]

    assert shown
    assert [] == [e for e in shown if not (left <= e.box.left and e.box.right <= right)]
    assert [] == [e for e in shown if not (top <= e.box.top and e.box.bottom <= bottom)]
    assert "".join(e.text for e in shown).endswith("LYON" if "W" not in CASES[name][0].customer.name else "WWW")


def test_first_line_of_address() -> None:
    """The address begins 55 to 60 mm from the top, 110 mm and more from the left (law.md 6)."""
    shown = [e.box for e in ink(printed(notice(bill()))) if e.box.left > 105 and 50 < e.box.top < 65]

    assert 55 <= min(box.top for box in shown) <= 60
    assert 110 <= min(box.left for box in shown) <= 115


def test_says_all() -> None:
    """Parties, sum, articles, term as a date, means of payment, enclosures: what law.md 6 lists."""
    said = _plain(printed(notice(bill()), SENDER._replace(rib="/ailleurs/rib.pdf")))

    for expected in (
        "Camille Moreau, EI, SIRET 000 000 000 00000, 12 rue du Port, 44000 Nantes",
        "Atelier Martin SARL, SIRET 123 456 789 00012, 3 rue des Lilas, 69001 Lyon",
        "Lettre recommandée avec avis de réception, copie par courriel À Nantes, le 1er avril 2026",
        "Objet : Mise en demeure : facture F-2026-031, 1 253,81 €",
        "la facture F-2026-031 du 31 janvier 2026, échue le 2 mars 2026, n’est pas réglée",
        "Facture F-2026-031 1 200,00 €",
        "mets en demeure de me payer 1 253,81 €, au sens de l’article 1344 du code civil",
        "mes messages des 7 et 17 mars",
        "au plus tard le jeudi 16 avril 2026",
        "article D441-5 du code de commerce",
        "Indemnité forfaitaire de recouvrement (article D441-5 du code de commerce) 40,00 €",
        "IBAN : FR76 3000 4000 0312 3456 7890 143",
        "Signature :",
        "Pièces jointes : copie de la facture F-2026-031 ; relevé d’identité bancaire",
        "Page 1 sur 1",
    ):
        assert expected in said


def test_charges_line_by_line() -> None:
    """Each period with its days, rate, principal and interest; the sums computed here by hand."""
    said = _plain(printed(notice(*CASES["three"])))

    # 3000 * 14 % * 20 / 365 up to the payment, its day included, then 2000 * 14 % * 10 / 365.
    assert re.search(r"3 mars 2026 au 22 mars 2026, 20 jours à 14 % l’an sur 3 000,00 € 23,01 €", said)
    assert re.search(r"23 mars 2026 au 1er avril 2026, 10 jours à 14 % l’an sur 2 000,00 € 7,67 €", said)
    # 13.81 + 9.79 + 23.01 + 7.67 of interest, three times 40.
    total = f"{4050.50 + 54.28 + 120:,.2f} €".replace(",", " ").replace(".", ",")
    assert f"Total dû, sans TVA sur les frais {total}" in said


def test_consumer() -> None:
    """A consumer is asked for the price alone: no charges, no 40 EUR; interest runs from the notice on."""
    customer = client(name="Jeanne Lelièvre", siret="", kind=Kind.CONSUMER)
    said = _plain(printed(notice(bill(owner=customer))))

    assert "payer 1 200,00 €, au sens de l’article 1344 du code civil, au plus tard le jeudi 16 avril 2026" in said
    assert "articles 1231-6 et 1344-1 du code civil" in said
    assert not re.search(r"pénalité|indemnité|40,00|L441-10|D441-5|L2192", said, re.IGNORECASE)


def test_public_body() -> None:
    """A public body is told its own articles, never those of trade."""
    said = _plain(printed(notice(bill(owner=client(name="Mairie d’Exemple", kind=Kind.PUBLIC)))))

    assert "L2192-13, R2192-36 et D2192-35 du code de la commande publique" in said
    assert "Total dû 1 200,00 €" in said
    assert "L441-10" not in said


@pytest.mark.parametrize("name", ["one", "three", "many"])
def test_code_decodes(name: str) -> None:
    """A camera reads one code in the whole letter: account, sum asked for and as many numbers as fit."""
    made = notice(*CASES[name])
    pdf = printed(made)
    (read,) = [code for page in range(len(pages(pdf))) for code in codes(pdf, page)]
    told = read.decode().split("\n")

    claimed = sum((line.charges.claimed for line in made.lines), Decimal(0))
    assert ["Camille Moreau EI", SENDER.iban] == told[5:7]
    assert claimed == Decimal(told[7].removeprefix("EUR"))
    assert [line.invoice.number for line in made.lines][: len(told[10].split())] == told[10].split()


def test_pages() -> None:
    """Nineteen invoices fill several pages, each numbered; no invoice's statement is torn apart."""
    read = pages(printed(notice(*MANY)))

    assert [f"Page {i} sur {len(read)}" for i in range(1, len(read) + 1)] == [
        m[0] for text in read if (m := re.search(r"Page \d+ sur \d+", text))
    ]
    for invoice in MANY:
        (held,) = [text for text in read if f"Facture {invoice.number} du" in text]
        assert "Total pour cette facture" in held.partition(f"Facture {invoice.number} du")[2]


@pytest.mark.parametrize(
    "made",
    [
        notice(bill()),
        notice(bill(payments=[paid("400.00", day(20))])),
        notice(bill(owner=client(name="Jeanne Lelièvre", siret="", kind=Kind.CONSUMER))),
        notice(bill(owner=client(name="Mairie d’Exemple", kind=Kind.PUBLIC))),
        notice(bill(owner=client(language="en"))),
    ],
)
def test_one_invoice_one_page(made: Reminder) -> None:
    """The sums stand once, and the signature with them."""
    (page,) = pages(printed(made, SENDER._replace(rib="/ailleurs/rib.pdf")))

    assert "Camille Moreau, EI\n" in page.partition("Signature")[2]


@pytest.mark.parametrize("count", range(1, 13))
def test_signature_stays_with_the_closing(count: int) -> None:
    """What is signed is never a page that says nothing."""
    (signed,) = [text for text in pages(printed(notice(*MANY[:count]))) if "Signature :" in text]

    assert "salutations distinguées" in signed


def test_accents() -> None:
    """Text comes out of the PDF as it went in."""
    name = "Éditions Œuvre à l’Île, façade d’août SARL"

    assert name in _plain(printed(notice(bill(owner=client(name=name)))))


@pytest.mark.parametrize(
    "name",
    [
        '#panic() #eval("1") SARL',
        "$x$ *gras* _ital_ `code` <b> @ref \\ ] [ // /* SARL",
        '"], "window": ["autre", SARL',
        "{{ sender.email }} {% raw %} SARL",
        "== signature == SARL",
    ],
)
def test_hostile_text(name: str) -> None:
    """What a customer is called is printed, never run: as code of the layout, of a template or of JSON."""
    assert name in _plain(printed(notice(bill("F-#1*_$", owner=client(name=name)))))


def test_long_text_stays_on_the_page() -> None:
    """A name of 5,000 letters without a space breaks at the edge of the page."""
    pdf = printed(notice(bill(owner=client(name="N" * 5000 + " SARL"))))

    for page in range(len(pages(pdf))):
        assert max(each.box.right for each in ink(pdf, page) if page or each.box.top > WINDOW[3]) <= 190.5


def test_other_scripts() -> None:
    """Signs that no font here has cost the letter its PDF/A, not its text."""
    pdf = printed(notice(bill(owner=client(name="Café 東京 SARL"))))

    assert b"pdfaid:part" not in pdf
    assert "Atelier" not in _plain(pdf)
    assert "F-2026-031" in _plain(pdf)


def test_declares_itself() -> None:
    """What the library declares of itself (no validator here): PDF/A-2a, PDF/UA-1, French, a title."""
    pdf = printed(notice(bill()))

    for declared in (b"pdfaid:part>2<", b"pdfaid:conformance>A<", b"pdfuaid:part>1<", b"/Lang(fr"):
        assert declared in pdf
    title = pypdfium2.PdfDocument(pdf).get_metadata_value("Title")
    assert title.startswith("Mise en demeure")


def test_same_bytes() -> None:
    """The same letter on the same day is the same file: what was approved is what leaves."""
    assert printed(notice(*MANY)) == printed(notice(*MANY))


@pytest.mark.slow
def test_own_layout(tmp_path: Path) -> None:
    """The user's layout and words win over those shipped, each on its own."""
    (tmp_path / "letter.typ").write_text("#let l = json(bytes(sys.inputs.letter))\n#l.subject", "utf-8")
    pdf = _own(tmp_path)
    assert "Mise en demeure : facture F-2026-031, 1 253,81 €" == _plain(pdf)

    (tmp_path / "letter.typ").unlink()
    words = (shipped_folder() / "_notice.txt.j2").read_text("utf-8").replace("en demeure de", "en demeure ce jour de")
    (tmp_path / "_notice.txt.j2").write_text(words, "utf-8")
    assert "Je vous mets en demeure ce jour de me payer" in _plain(printed(notice(bill()), folder=tmp_path))


def _own(folder: Path) -> bytes:
    """A letter laid out by the layout of this folder, which may declare nothing."""
    source = (folder / "letter.typ").read_text("utf-8")
    (folder / "letter.typ").write_text(f'#set document(title: "t")\n#set text(lang: "fr")\n{source}', "utf-8")
    return printed(notice(bill()), folder=folder)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("#let x = (", "ligne 1 : unclosed delimiter."),
        ("\n#letter.nope", "ligne 2 : unknown variable: letter."),
        ('#read("/etc/passwd")', "ligne 1 : file not found"),
        ('#read("../../etc/passwd")', "would escape the project root"),
        ('#import "@preview/cetz:0.3.0": *', "importe un paquet de l’internet"),
        ("#while true {}", "condition is always true"),
    ],
)
def test_wrong_layout(tmp_path: Path, source: str, said: str) -> None:
    """A mistake in the user's layout is a sentence with file, line and cure; it reads nothing outside its folder."""
    (tmp_path / "letter.typ").write_text(source, "utf-8")

    with pytest.raises(TemplateError, match=re.escape(said)) as caught:
        printed(notice(bill()), folder=tmp_path)
    assert "letter.typ" in caught.value.sentence
    assert caught.value.cure


def test_without_typst(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, one sentence says what to install."""
    monkeypatch.setitem(__import__("sys").modules, "typst", None)

    with pytest.raises(UsageError) as caught:
        print_letter(load_templates(), {"date": [2026, 4, 1], "lang": "fr"})
    assert "pip install typst" in caught.value.cure


def test_other_stage_as_a_letter() -> None:
    """A stage without words of its own for paper is printed in those of its message."""
    made = notice(bill())
    firm = made._replace(stage=made.stage._replace(key="firm", channels=("email",)))
    said = _plain(printed(firm))

    assert "Merci de me régler 1 253,81 € d’ici au jeudi 16 avril 2026" in said
    assert "Lettre recommandée" not in said


def test_english() -> None:
    """A customer who reads English gets the English words, under English headings."""
    said = _plain(printed(notice(bill(owner=client(language="en")))))

    for expected in (
        "Subject: Formal notice",
        "Nantes, 1 April 2026",
        "€1,253.81",
        "Page 1 of",
        "Registered letter",
        "Signature:",
        "Enclosed: copy of the invoice F-2026-031",
    ):
        assert expected in said
    assert "Commercial Code) €40.00" in said, "an amount stands in its column, without the colon of the message"
    assert said.count("1 April 2026") == 3, "in the date line, the statement and its interest; not once more by itself"
    assert not re.search(r"Objet|Échue|Reste dû|Signature :", said)


def test_kinds_without_charges() -> None:
    """A customer of unknown kind is asked for no charges either."""
    customer = Customer("Alpha", emails=("a@alpha.example",), code="ALPHA")
    made = notice(bill(owner=customer), policy=DunningPolicy(calendar=_ALWAYS))

    assert "40,00" not in _plain(printed(made))


_ALWAYS = DunningPolicy().calendar._replace(working_days=False)
