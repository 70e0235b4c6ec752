"""Mails as octets: what they tell is found, what is odd in them is no error."""

import time
from datetime import date

import pytest
from drawing import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_fuzz import heard_of, mails

from relance.core.replies import Report
from relance.delivery.mails import MAX_TEXT, mail_of

ON = date(2026, 11, 23)
OURS = f"<relance.{'a' * 26}@martin.example>"
HEAD = b"From: Compta <COMPTA@Acme.example>\r\nSubject: =?utf-8?q?R=C3=A9_=3A_F-1?=\r\nMessage-ID: <1@acme.example>\r\n"


def test_a_plain_answer() -> None:
    """Who writes, about what, in answer to what, and the words."""
    raw = HEAD + f"In-Reply-To: {OURS}\r\nReferences: <0@x>\r\n {OURS}\r\n\r\nJe conteste.\r\n".encode()
    mail = mail_of(raw, ON)
    assert ("<1@acme.example>", ON, "compta@acme.example", "Ré : F-1") == (
        mail.identity,
        mail.on,
        mail.sender,
        mail.subject,
    )
    assert (OURS, "<0@x>") == mail.ids
    assert {"a" * 26} == mail.tokens
    assert "Je conteste." in mail.text
    assert (False, ()) == (mail.automatic, mail.reports)


def test_only_words_are_read() -> None:
    """The tags of an HTML part are none, nor is what an attachment holds; an unknown alphabet is read as it can be."""
    parts = [
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p class=F-7>r\xc3\xa9gl\xc3\xa9<br>hier</p>\r\n",
        b"Content-Type: text/plain; charset=none-such\r\n\r\n\xe9t\xe9\r\n",
        b"Content-Type: application/pdf\r\n\r\nF-8\r\n",
    ]
    head = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    mail = mail_of(head + b"".join(b"--b\r\n" + part for part in parts) + b"--b--\r\n", ON)
    assert "Ré : F-1 réglé hier été" == " ".join(mail.text.split())


@pytest.mark.parametrize(
    ("header", "automatic"),
    [
        ("Auto-Submitted: auto-replied", True),
        ("Auto-Submitted: Auto-Generated; type=x", True),
        ("Auto-Submitted: no", False),
        ("Auto-Submitted: no; by=hand", False),
        ("Auto-Submitted: No (really)", True),
        ("X-Autoreply: yes", True),
        ("X-Autorespond: vacances", True),
        ("Return-Path: <>", True),
        ("Return-Path: <a@b.example>", False),
        ("Content-Type: multipart/report; boundary=b", True),
        ("Precedence: bulk", False),
        ("X-Auto-Response-Suppress: All", False),
    ],
)
def test_machines_mark_what_they_write(header: str, automatic: bool) -> None:
    """RFC 3834 and the marks before it; a mark that is no mark is a person's mail."""
    assert automatic is mail_of(HEAD + header.encode() + b"\r\n\r\nx", ON).automatic


DSN = """\
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail
Content-Type: multipart/report; report-type=delivery-status; boundary="b"
Message-ID: <7@mx.example>

This is a MIME message
--b
Content-Type: text/plain

failed
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Compta@acme.example
Action: Failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no
  such user

Original-Recipient: rfc822;chef@acme.example
Final-Recipient: rfc822; elsewhere@x.example
Action: delayed
--b
Content-Type: {kind}

Message-ID: {ours}
X-Relance-Id: BBBB

--b--
"""


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_delivery_report(kind: str) -> None:
    """RFC 3464: each recipient with its own fate, and the message that it is about."""
    mail = mail_of(DSN.format(kind=kind, ours=OURS).encode(), ON)
    assert (
        Report("failed", "compta@acme.example", "5.1.1", "550 5.1.1 no such user"),
        Report("delayed", "chef@acme.example"),
    ) == mail.reports
    assert (OURS,) == mail.ids
    assert {"a" * 26, "bbbb"} == mail.tokens
    assert mail.automatic


def test_what_is_quoted_is_found() -> None:
    """Our identity in the words, in a page of HTML, in a forwarded mail; whatever its case."""
    for kind, body in (
        ("text/plain", OURS.upper()),
        ("text/html", f"<p>{OURS.replace('<', '&lt;')}</p>"),
        ("message/rfc822", f"Message-ID: {OURS}\r\n\r\nx"),
    ):
        raw = HEAD + f"Content-Type: {kind}\r\n\r\n{body}".encode()
        assert {"a" * 26} == mail_of(raw, ON).tokens, kind


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/plain; charset=klingon\r\n\r\nF-1 \xe9t\xe9",
        b"Content-Type: text/plain; charset=utf-8\r\n\r\nF-1 \xff\xfe",
        b"Content-Transfer-Encoding: base64\r\n\r\nRi0xIHR",
        b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n\r\nF-1\r\n',
        b"Content-Type: text/html\r\n\r\n<b>F-1</b>",
    ],
)
def test_odd_bodies_are_read_as_far_as_they_go(body: bytes) -> None:
    """An unknown character set, octets of another one, a mail cut short."""
    assert "F-1" in mail_of(HEAD.replace(b"=3A_F-1", b"") + body, ON).text.partition("\n")[2]


@pytest.mark.parametrize("written", ["", "From: Zo\xe9 sans adresse\r\n"])
def test_a_mail_that_nothing_can_read(written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its parts, then its headers too: it is one of that day all the same, of nobody where no address is written."""
    raw = f"{written}Subject: F-1\r\n\r\nx".encode("latin-1")
    monkeypatch.setattr("relance.delivery.mails.message_from_bytes", lambda raw: 1 / 0)
    assert (ON, "F-1", True) == (mail_of(raw, ON).on, mail_of(raw, ON).subject, mail_of(raw, ON).unreadable)
    monkeypatch.setattr("relance.delivery.mails.BytesHeaderParser", lambda: 1 / 0)
    assert (ON, "", True) == (mail_of(raw, ON).on, mail_of(raw, ON).sender, mail_of(raw, ON).unreadable)


def test_odd_headers() -> None:
    """No From, an encoded word that decodes to nothing, no Message-ID: a mail all the same, always the same one."""
    raw = b"Subject: =?x?b?!!!?= \xe9 =?utf-8?b?gg?=\r\n\r\nx"
    assert ("", mail_of(raw, ON)) == (mail_of(raw, ON).sender, mail_of(raw, ON))
    assert mail_of(raw, ON).identity == mail_of(raw + b"y", ON).identity != mail_of(b"X: y\r\n" + raw, ON).identity
    assert mail_of(raw, ON).identity.startswith("sha256:")


@pytest.mark.parametrize("depth", [50, 1000, 20_000])
def test_parts_without_end(depth: int) -> None:
    """I10: a thousand parts inside each other cost nothing; the headers are read."""
    raw = HEAD + b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(depth)
    )
    assert "compta@acme.example" == mail_of(raw, ON).sender


UNREADABLE = {
    "brackets": b"From: " + b"(" * 500 + b" <compta@acme.example>\r\nSubject: Re\r\n\r\nx",
    "brackets without end": b"From: compta@acme.example" + b"(" * 5000 + b"\r\n\r\nx",
    "folded": b"Subject: x\r\nFROM: Compta\r\n " + b"(" * 500 + b"\r\n\t<compta@acme.example>\r\n\r\nx",
    "a charset in pieces": HEAD + b"Content-Type: text/plain; charset*=a; charset*0=b\r\n\r\n\xe9",
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_the_email_package_cannot_take(name: str) -> None:
    """A mail of its sender all the same, told as unreadable; what it names of ours is found."""
    mail = mail_of(UNREADABLE[name] + f"\r\nF-2026-001 {OURS}\r\n".encode(), ON)
    assert (True, "compta@acme.example", ON) == (mail.unreadable, mail.sender, mail.on)
    assert {"a" * 26} == mail.tokens
    assert "F-2026-001" in mail.text


@pytest.mark.parametrize(
    "header",
    [
        b"Subject: =?utf\xa08?q?Promo?=",
        b"Subject: =?\0?q?x?=",
        b"Subject: =?unicode_escape?q?=5Cud800?=",
        b"Content-Type: text/plain; charset=\0",
        b"Content-Type: text/plain; charset=idna",
        b"Content-Type: text/plain; charset=undefined",
        b"Content-Type: multipart/mixed; charset=idna",
        b"Content-Type: message/delivery-status; charset=\0",
    ],
)
def test_one_odd_header_leaves_the_rest_of_the_mail(header: bytes) -> None:
    """Who writes, and in answer to what, does not hang on an alphabet that is none."""
    mail = mail_of(header + b"\r\n" + HEAD + f"In-Reply-To: {OURS}\r\n\r\nF-1 \xe9".encode("latin-1"), ON)
    assert (False, "compta@acme.example", (OURS,)) == (mail.unreadable, mail.sender, mail.ids)
    mail.subject.encode()


def test_a_forged_sender_costs_no_time() -> None:
    """The search of a mail that could not be read is bounded, whatever its first line is."""
    start = time.perf_counter()
    for filling in (b"a" * 262_144, b"@" * 262_144, b"a@" * 131_072, b"\n " * 131_072, b"(" * 262_144):
        assert mail_of(b"From: " + b"(" * 500 + filling, ON).on == ON
    assert time.perf_counter() - start < 5


@pytest.mark.slow
def test_mails_that_nobody_would_write() -> None:
    """Five thousand of them, the same each time; `python -m bench fuzz_mails` reads half a million."""
    unreadable = sum(heard_of(raw, ON).unreadable for raw in mails(20261123, 5000))
    assert 0 < unreadable < 500


def test_many_parts_and_long_texts_are_cut() -> None:
    """A hundred parts, a hundred thousand characters: what a letter never has."""
    part = b"--b\r\n\r\n" + b"y" * 5000 + b"\r\n"
    raw = HEAD + b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n' + part * 500 + b"--b--"
    assert len(mail_of(raw, ON).text) <= MAX_TEXT + 100


@settings(max_examples=examples(300), deadline=None)
@given(st.binary(max_size=2000))
def test_any_octets_are_a_mail(raw: bytes) -> None:
    """Whatever arrives, nothing is raised."""
    assert ON == mail_of(raw, ON).on
    assert mail_of(HEAD + raw, ON).identity


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.sampled_from(DSN.format(kind="message/rfc822", ours=OURS).split("\n")), max_size=40))
def test_any_report_is_a_mail(lines: list[str]) -> None:
    """The lines of a report in any order and number."""
    assert ON == mail_of("\r\n".join(lines).encode(), ON).on
