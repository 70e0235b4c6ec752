"""The first lines of what a customer answered: what is kept of them, whatever the mail is made of."""

import base64
import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.delivery.mails import mail_of
from relance.delivery.wording import PART, first_lines

ON = date(2026, 11, 23)
HEAD = "From: compta@acme.example\nSubject: Re: votre facture\n"


def excerpt(mail: str | bytes) -> list[str]:
    """The lines of the excerpt of a whole mail."""
    return first_lines(mail_of(mail if isinstance(mail, bytes) else mail.encode(), ON).words).splitlines()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("C’est déjà payé.", ["C’est déjà payé."]),
        ("Bonjour,\n\nC’est déjà payé depuis lundi.\n\nCordialement,\nZoé", ["C’est déjà payé depuis lundi."]),
        ("Bonjour Madame Moreau,\nVu.\n--\nACME SARL, 01 99", ["Vu."]),
        ("Bonjour, c’est déjà payé", ["Bonjour, c’est déjà payé"]),
        ("Bonjour c’est payé", ["Bonjour c’est payé"]),
        ("Je vous prie de trouver le chèque demain.", ["Je vous prie de trouver le chèque demain."]),
        ("un\ndeux\ntrois", ["un", "deux", "trois"]),
        ("un\ndeux\ntrois\nquatre", ["un", "deux", "trois …"]),
        ("Payé.\n\nLe 20 nov. 2026, Camille a écrit :\n> Votre facture", ["Payé."]),
        ("> Votre facture\n\nPayée hier.", ["Payée hier."]),
        ("Envoyé de mon iPhone", []),
        ("", []),
    ],
)
def test_what_is_taken_of_a_text(body: str, expected: list[str]) -> None:
    """Three lines at most; no greeting, quotation, closing or signature, but no sentence is lost with them."""
    assert expected == excerpt(f"{HEAD}Content-Type: text/plain; charset=utf-8\n\n{body}")


def test_the_subject_is_no_line_of_it() -> None:
    """A subject of its own, over two lines, is not what the mail says."""
    assert ["Vu."] == excerpt("From: a@b.example\nSubject: une autre\n affaire\n\nVu.")


def test_html_only() -> None:
    """The text of the page, without its styles, its scripts and what it quotes."""
    page = (
        "<html><style>p{color:red}</style><p>Bonjour,</p><p>C&rsquo;est <b>d&eacute;j&agrave;</b> pay&eacute;.</p>"
        "<script>alert(1)</script><blockquote>Votre facture</blockquote></html>"
    )

    assert ["C’est déjà payé."] == excerpt(f"{HEAD}Content-Type: text/html; charset=utf-8\n\n{page}")


def test_two_bodies_say_it_once() -> None:
    """Of a text and the same page, the text."""
    mail = (
        f"{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nPaye hier.\n"
        "--b\nContent-Type: text/html\n\n<p>Paye <b>hier</b>.</p>\n--b--\n"
    )

    assert ["Paye hier."] == excerpt(mail)
    empty = mail.replace("\n\nPaye hier.\n", "\n\n\n")
    assert ["Paye hier ."] == excerpt(empty)


@pytest.mark.parametrize("charset", ["iso-8859-1", "windows-1252", "utf-8", "klingon", "utf-7", "idna", "rot13"])
def test_wrong_alphabets(charset: str) -> None:
    """Latin text under any name of an alphabet: something is shown, nothing is raised, and it can be written down."""
    found = excerpt(f"{HEAD}Content-Type: text/plain; charset={charset}\n\n".encode() + "Payé hier".encode("latin-1"))

    assert 1 == len(found)
    assert found[0].startswith("Pay")
    assert "\n".join(found).encode()


HOSTILE = {
    "escapes": "\x1b[2J\x1b]0;titre\x07Pay\x9b31mé",
    "directions": "\u202epay\u2066é\u200b",
    "nul": "Pay\0é",
    "a megabyte": "x" * 1_000_000,
    "a megabyte of words": "payé " * 200_000,
    "lines without end": "\n" * 50_000 + "a\n" * 200_000,
    "guillemets": "« payé » {} {0} %s",
    "form feeds": "\f\f\fpayé\f",
    "a row of combining signs": "e" + "\u0301" * 5000,
    "separators": "un\u2028deux\u2029trois\x85quatre",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts(name: str) -> None:
    """Whatever is written: three lines at most of 76 characters, none that steers a terminal, in little time."""
    octets = base64.encodebytes(HOSTILE[name].encode())
    begun = time.process_time()
    head = f"{HEAD}Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    found = excerpt(head.encode() + octets)

    assert time.process_time() - begun < 5
    assert 1 <= len(found) <= 3
    assert all(len(line) <= 74 and line.isprintable() for line in found)


@given(st.text(), st.text())
def test_any_words(subject: str, body: str) -> None:
    """The bounds hold for any text."""
    found = first_lines(f"{subject.replace(PART, '')}{PART}{body}").split("\n")

    assert len(found) <= 3
    assert all(len(line) <= 74 and line.isprintable() for line in found)
