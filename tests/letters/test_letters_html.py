"""The HTML part says what the text says, escaped, in elements that every reader shows."""

import re
from html.parser import HTMLParser

import pytest
from letters_support import CASES, TOLD, one, written

from relance.core.invoice import Invoice
from relance.core.message import Letter
from relance.letters.html import html_part, qr_cid
from relance.letters.render import render
from relance.letters.samples import MARTIN
from relance.letters.templates import load_templates


class Words(HTMLParser):
    """The words that an HTML reader shows, and what it would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element names."""
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "background")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """Note the text, but the title and the style."""
        if self.tags[-1:] not in (["title"], ["style"]):
            self.said.append(data)


def read(html: str) -> Words:
    """The document as a reader takes it."""
    words = Words()
    words.feed(html)
    return words


def facts(text: str) -> list[str]:
    """Every word, number, amount and date of a text, in order; not the signs of its layout."""
    return re.findall(r"[\w€%@/&=?.,'’°+-]*[\w€%]", text)


@pytest.mark.parametrize("name", CASES)
def test_both_parts_say_the_same(name: str) -> None:
    """Word for word and in order: names, numbers, amounts, dates, IBAN, links."""
    letter = written(CASES[name])
    words = read(html_part(letter))
    assert facts(letter.text) == facts(" ".join(words.said))
    assert len(facts(letter.text)) > 20


@pytest.mark.parametrize("name", CASES)
def test_nothing_is_fetched_and_nothing_runs(name: str) -> None:
    """No remote image, font or sheet; a link is one that the invoice carries; no script, no form, no colour."""
    letter = written(CASES[name])
    html = html_part(letter)
    words = read(html)
    assert set(words.fetched) <= {one.payment_link for one in _lines(name)}
    assert set(words.tags) <= set("html head meta style title body div p br table tr td a span".split())
    assert "color:" not in html.replace("color-scheme:", "")
    assert html.isprintable() or set(filter(lambda c: not c.isprintable(), html)) <= set("\n\u00a0\u202f")


def _lines(name: str) -> list[Invoice]:
    return [line.invoice for line in CASES[name].reminder.lines]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script> & Cie",
        '"><img src=https://evil.example/x.png onerror=alert(1)>',
        "{{ 7 * 7 }} SARL {% raw %}",
        "Martin\u202eGNP.exe \u2066SARL",
        "Martin\x00\x1b[31m\x07 SARL",
        "A" * 5000,
        "Été « Œuvre » & l'Île",
    ],
)
def test_hostile_names_are_words(name: str) -> None:
    """HTML, Jinja, directions, control characters, length: shown as words, in both parts, and nothing is run."""
    reminder = one("friendly", MARTIN._replace(name=name, contact=name, civility=""))
    letter = render(load_templates(), reminder, TOLD)
    html = html_part(letter)
    words = read(html)
    assert facts(letter.text) == facts(" ".join(words.said))
    assert "script" not in words.tags
    assert "img" not in words.tags
    assert "49" not in letter.text.split("IBAN")[0]
    for text in (letter.subject, letter.text, html):
        assert not set(text) & set("\x00\x1b\x07\u202e\u2066")


def test_a_list_is_a_table_with_its_total() -> None:
    """Amounts have a column of their own."""
    html = html_part(written(CASES["friendly_several"]))
    rows = re.findall(r"<tr>(.*?)</tr>", html)
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert [len(row) for row in cells] == [2, 2, 2, 2]
    assert [row[1] for row in cells] == [
        "1\u202f200,00\u00a0€",
        "850,50\u00a0€",
        "2\u202f000,00\u00a0€",
        "4\u202f050,50\u00a0€",
    ]
    assert "Total" == cells[-1][0]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("la facture F-2026-041, échue", ["F-2026-041"]),
        ("- Facture 2026-12 du 3 mai : 12,00\u00a0€", ["2026-12"]),
        ("articles L2192-13, R2192-31", ["L2192-13", "R2192-31"]),
        ("au 01 99 00 10 41.", ["01 99 00 10 41"]),
        ("dites-le-moi, est-ce en ordre", ["dites-le-moi"]),
        ("IBAN : FR76 3000 4000 0312 3456 7890 143", []),
        ("FACT-2026-0041, FACTURE-2026-0041", ["FACT-2026-0041"]),
        ("Paiement : https://x.example/F-2026-041", []),
        ("Facture <b>-1 & F-1", ["F-1"]),
    ],
)
def test_a_number_is_not_cut_at_the_end_of_a_line(text: str, whole: list[str]) -> None:
    """Invoices, articles, telephones, « dites-le-moi »; not what is longer than a narrow screen."""
    html = html_part(Letter("F-2026-041", text))
    assert whole == re.findall(r'<span style="white-space:nowrap">([^<]*)</span>', html)


def test_the_statement_keeps_its_words() -> None:
    """Each line has its amount in the column, what was received with its sign."""
    html = html_part(written(CASES["formal_notice_several"]))
    assert re.search(r"l’an sur 3\u202f000,00\u00a0€</td><td[^>]*>\d+,\d\d\u00a0€</td>", html)
    assert re.search(r"Reçu le 13\u00a0décembre 2026</td><td[^>]*>−\u00a01\u202f000,00\u00a0€</td>", html)


def test_the_qr_code_stands_under_the_bank_details() -> None:
    """As an image that the message carries, said in words where images are off."""
    letter = written(CASES["friendly"])
    html = html_part(letter, b"png")
    assert html.index("IBAN") < html.index(f'src="cid:{qr_cid(b"png")}"') < html.index("Déjà réglé")
    assert 'alt="QR code à scanner' in html
    assert "<img" not in html_part(Letter("x", "Bonjour\n"), b"png")
    assert qr_cid(b"a") != qr_cid(b"b")


def test_the_language_is_said() -> None:
    """For those who have their mail read aloud."""
    assert '<html lang="fr">' in html_part(written(CASES["firm"]))
    assert '<html lang="en">' in html_part(written(CASES["english_firm"]))
