"""Composing: the bytes hold what was meant, and nothing that the data slipped in."""

import hashlib
from datetime import datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.message import Message as Entity
from typing import Any

import pytest
from drawing import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from mail_support import NOON, SENDER, key, message

from relance.core.invoice import Customer
from relance.core.message import Attached, Attachment, Letter, Message, Sender
from relance.errors import MessageError
from relance.letters.compose import ascii_address, compose, message_token
from relance.letters.mime import enclose

CLIENT = Customer("Client", emails=("compta@client.example",))
INJECTION = "=?utf-8?q?X=0D=0ABcc:_evil=40x?="


def composed(subject: str = "Relance", text: str = "Bonjour\n", sender: Sender = SENDER, **envelope: Any) -> Message:
    """A message to one customer."""
    customer = CLIENT._replace(emails=envelope.pop("to", CLIENT.emails), cc=envelope.pop("cc", ()))
    known: dict[str, Any] = {"keys": (key(),), **envelope}
    return compose(Letter(subject, text), sender, customer, stage="firm", date=NOON, **known)


def parsed(raw: bytes) -> EmailMessage:
    """The message as a reader sees it."""
    return message_from_bytes(raw, _class=EmailMessage, policy=policy.default)


def test_headers_as_intended() -> None:
    """The whole list, in order: nothing more, nothing less."""
    sender = SENDER._replace(reply_to="relances@martin.example", bcc="archive@martin.example")
    letter = composed("Facture échue", sender=sender, cc=("chef@client.example",))
    token = message_token("camille@martin.example", (key(),))
    assert [(name, str(value)) for name, value in parsed(letter.raw).items()] == [
        ("From", '"Camille Martin (service comptabilité)" <camille@martin.example>'),
        ("To", "Client <compta@client.example>"),
        ("Cc", "chef@client.example"),
        ("Reply-To", "relances@martin.example"),
        ("Date", "Mon, 23 Nov 2026 12:00:00 +0000"),
        ("Message-ID", f"<relance.{token}@martin.example>"),
        ("Subject", "Facture échue"),
        ("X-Relance-Id", token),
        ("MIME-Version", "1.0"),
        ("Content-Type", 'multipart/alternative; boundary="=_relance_alternative"'),
    ]
    assert letter.recipients == ("compta@client.example", "chef@client.example", "archive@martin.example")
    assert (letter.to, letter.envelope_from) == (("compta@client.example",), "camille@martin.example")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Camille  Martin", "From: Camille Martin <camille@martin.example>"),
        ('Martin, "Camille" \\', 'From: "Martin, \\"Camille\\" \\\\" <camille@martin.example>'),
        ("=?", "From: =?utf-8?b?PT8=?=\r\n <camille@martin.example>"),
        ("", "From: camille@martin.example"),
    ],
)
def test_names_in_the_header(name: str, line: str) -> None:
    """A plain name stays readable, one with signs is quoted, what looks encoded is encoded."""
    assert composed(sender=SENDER._replace(name=name, voice="")).raw.startswith(line.encode() + b"\r\n")


def test_date_keeps_its_zone() -> None:
    """The date of a letter is read in the sender's own time."""
    paris = datetime(2026, 11, 23, 9, tzinfo=timezone(timedelta(hours=1)))
    letter = compose(Letter("x", "y"), SENDER, CLIENT, (key(),), "firm", paris)
    assert b"Date: Mon, 23 Nov 2026 09:00:00 +0100\r\n" in letter.raw


def test_identity_is_for_ever() -> None:
    """The same keys give the same Message-ID in any order; this very value is in journals already."""
    token = message_token("Camille@Martin.example", (key("F-2"), key("F-1")))
    assert token == message_token("camille@martin.example", (key("F-1"), key("F-2")))
    assert token == "hlkpaak4pgdmytj644fssl2jjd"
    others = [(key("F-3"),), (key(stage="firm"),), (key(ladder=1),), (key(), key("F-3"))]
    assert len({message_token("camille@martin.example", keys) for keys in others}) == 4


def test_nobody_gets_it_twice() -> None:
    """An address named twice, in any case, is one recipient."""
    letter = composed(to=("A@client.example", "b@client.example"), cc=("a@client.example",))
    assert letter.recipients == ("A@client.example", "b@client.example")


@pytest.mark.parametrize(
    "evil",
    [
        INJECTION,
        "x\r\nBcc: evil@x",
        "x\nBcc: evil@x",
        "x\rY",
        "a\0b",
        "\x85",
        "\u2028",
        "\u202egnp.exe",
        "\ud800",
        "\x1b]0;",
    ],
)
@pytest.mark.parametrize("place", ["subject", "name", "voice"])
def test_headers_take_no_control_and_no_encoded_words(evil: str, place: str) -> None:
    """What would end a line, turn the text round or be decoded a second time is refused, shown harmlessly."""
    subject = evil if place == "subject" else "Relance"
    sender = SENDER._replace(**{place: evil}) if place != "subject" else SENDER  # type: ignore[arg-type]
    with pytest.raises(MessageError) as caught:
        composed(subject, sender=sender)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "address",
    [
        "a@client.example\r\nRCPT TO:<evil@x>",
        "a@client.example> SIZE=1",
        "a b@client.example",
        "alice@example.org)bob@evil",
        '"x"@client.example',
        "é@client.example",
        "client.example",
        "@client.example",
        "a@",
        "a@client..example",
        "a..b@client.example",
        "a@[127.0.0.1]",
        "x" * 250 + "@client.example",
        "a@b@client.example",
        "=?utf-8?q?a?=@client.example ,evil@x",
    ],
)
def test_addresses_are_addresses(address: str) -> None:
    """Nothing that SMTP or a header would read otherwise becomes a recipient, a sender or a copy."""
    envelopes: list[dict[str, Any]] = [{"to": (address,)}, {"cc": (address,)}]
    for envelope in envelopes:
        with pytest.raises(MessageError):
            composed(**envelope)
    for sender in (SENDER._replace(bcc=address), SENDER._replace(reply_to=address), SENDER._replace(email=address)):
        with pytest.raises(MessageError):
            composed(sender=sender)


def test_domains_travel_in_punycode() -> None:
    """An accented domain is known to the journal as written, to the server in ASCII."""
    letter = composed(to=("compta@société.example",), sender=SENDER._replace(email="moi@été.example"))
    assert letter.to == ("compta@société.example",)
    assert letter.recipients == (ascii_address("compta@société.example"),) == ("compta@xn--socit-esab.example",)
    assert letter.message_id.endswith("@xn--t-9fab.example>")


@pytest.mark.parametrize("envelope", [{"to": ()}, {"keys": ()}])
def test_a_message_needs_somebody_and_something(envelope: dict[str, Any]) -> None:
    """No address or no invoice: no message."""
    with pytest.raises(MessageError):
        composed(**envelope)


def test_a_message_needs_a_subject() -> None:
    """A template that leaves the subject empty is a mistake."""
    with pytest.raises(MessageError, match="objet"):
        composed("  ")


BODIES = {
    "lone dots": ".\n..\n.\n\n. x\n",
    "bare CR": "un\rdeux\r\ntrois\n",
    "long line": "é" * 2000 + "\n" + "x" * 2000 + "\n",
    "smuggling": "\n.\r\n.\rMAIL FROM:<evil@x>\r.\n",
    "From": "From moi\n>From toi\n",
    "trailing spaces": "a  \n\t\n -- \n",
    "no end": "fin",
    "empty": "",
    "euro": "1\u202f200,00\u00a0€ — « l’été »\n",
    "controls": "a\x00b\x1b[2J\x0c\x85\u2028c\n",
}


@pytest.mark.parametrize("text", BODIES.values(), ids=BODIES.keys())
def test_bodies_come_out_as_written(text: str) -> None:
    """Every body reads back as it was, in lines that every server takes, with CRLF alone."""
    raw = composed(text=text).raw
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")
    body = parsed(raw).get_body(("plain",))
    assert body is not None
    content = body.get_payload(decode=True)
    assert isinstance(content, bytes)
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    assert content.decode() == lines.replace("\n", "\r\n")


def test_the_text_comes_first_then_the_same_words_as_html() -> None:
    """The last alternative is the one that mail programs prefer (RFC 2046 5.1.4)."""
    plain, html = parsed(composed(text="Bonjour <Alix> & fils,\n").raw).iter_parts()
    assert ("text/plain", "Bonjour <Alix> & fils,\r\n") == (plain.get_content_type(), _content(plain))
    assert "text/html" == html.get_content_type()
    assert "Bonjour &lt;Alix&gt; &amp; fils,</p>" in _content(html)


def test_a_qr_code_travels_beside_the_html() -> None:
    """It is no image of the HTML, which spam filters dislike; it lies beside the letter and comes out whole."""
    png = b"\x89PNG" + bytes(range(256)) * 3
    letter = Letter("Relance", "Bonjour\n\nIBAN : FR76\n", qr=png)
    made = compose(letter, SENDER, CLIENT, (key(),), "firm", NOON)
    whole = parsed(made.raw)
    both, image = whole.iter_parts()
    plain, html = both.iter_parts()
    assert ("multipart/mixed", "multipart/alternative") == (whole.get_content_type(), both.get_content_type())
    assert "text/plain" == plain.get_content_type()
    assert png == image.get_content()
    assert ("inline", "virement-QR.png") == (image.get_content_disposition(), image.get_filename())
    assert "<img" not in _content(html)


def test_the_last_check_sees_html_that_says_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parts are read back, not the text alone."""
    monkeypatch.setattr("relance.letters.mime._quoted", lambda text: text.replace("1200", "12").replace("\n", "\r\n"))
    with pytest.raises(MessageError, match="ne se relit pas"):
        composed(text="1200\n")


@pytest.mark.parametrize(
    "change",
    [
        (b"text/html", b"text/plain"),
        (b"quoted-printable", b"base64"),
        (b"image/png", b"image/gif"),
        (b"iVBO", b"iVBP"),
        (b"\r\n\r\n--=_relance_alternative", b"\r\n\r\nmore\r\n--=_relance_alternative"),
        (b"--=_relance_mixed--", b"--=_relance_mixed\r\n\r\nmore\r\n--=_relance_mixed--"),
        (b"--=_relance_alternative--\r\n", b"--=_relance_alternative--\r\nmore\r\n"),
        (b"--=_relance_alternative--\r\n", b"--=_relance_alternative\r\n\r\n--=_relance_alternative--\r\n"),
        (b"Bonjour\r\n\r\n", b"Bonjour\r\n--=_relance_alternative \r\n\r\n"),
        (b"multipart/mixed", b"multipart/related"),
        (b"MIME-Version", b"MIME-Versio"),
        (b"\r\n\r\n", b"\r\nno header\r\n\r\n"),
    ],
)
def test_the_last_check_sees_another_part(change: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands before, between, after or instead of what was meant."""

    def altered(*args: Any) -> bytes:
        built = enclose(*args)
        assert change[0] in built
        return built.replace(*change, 1)

    letter = Letter("Relance", "Bonjour\n\nIBAN : FR76\n", qr=b"\x89PNG" + bytes(range(256)))
    monkeypatch.setattr("relance.letters.compose.enclose", altered)
    with pytest.raises(MessageError, match="ne se relit pas"):
        compose(letter, SENDER, CLIENT, (key(),), "firm", NOON)


def test_to_carries_the_name() -> None:
    """Of the person where one address is known, else of the customer; none that looks like an address or worse."""
    person = CLIENT._replace(contact="Claire Dupont", civility="Mme")
    two = person._replace(emails=("a@client.example", "b@client.example"))
    for customer, shown in (
        (person, ["Claire Dupont"]),
        (two, ["Client", "Client"]),
        (CLIENT._replace(contact="Service compta"), ["Client"]),
        (CLIENT._replace(name="paie@ailleurs.example"), [""]),
        (CLIENT._replace(name="=?utf-8?q?Evil?="), [""]),
        (CLIENT._replace(name="Café « L’Été », Nantes"), ["Café « L’Été », Nantes"]),
    ):
        made = compose(Letter("Relance", "Bonjour\n"), SENDER, customer, (key(),), "firm", NOON)
        assert shown == [address.display_name for address in parsed(made.raw)["To"].addresses]
        assert made.to == customer.emails


def _content(part: Entity) -> str:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def test_a_broken_character_is_refused() -> None:
    """Half of a surrogate pair cannot travel."""
    with pytest.raises(MessageError, match="invalides"):
        composed(text="\ud800")


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=150).filter(lambda s: s.strip(" "))


@settings(max_examples=examples(150), deadline=None)
@given(LINE, LINE, st.text(st.characters(exclude_categories=["Cs"]), max_size=500))
def test_any_text_reads_back_or_is_refused_as_forbidden(subject: str, name: str, text: str) -> None:
    """What passes the rules always survives the trip; the check at the end is never what stops it."""
    try:
        raw = composed(subject, text, SENDER._replace(name=name)).raw
    except MessageError as error:
        assert "interdits" in str(error)  # noqa: PT017  (only the reason of a refusal is looked at)
    else:
        assert [n for n in parsed(raw) if n.lower() in ("bcc", "to", "cc")] == ["To"]


def test_the_last_check_sees_a_header_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the rules ever let a line end through, the bytes are read back before they leave."""
    monkeypatch.setattr("relance.letters.compose._text", lambda name, value: f"{value}\r\nBcc: evil@x.example")
    with pytest.raises(MessageError, match="ne se relit pas"):
        composed()


def test_message_of_the_helpers() -> None:
    """The helpers of the other tests compose real messages."""
    assert message().subject == "Facture F-1 échue"


PDF = Attachment("Facture n° 41 – été.pdf", b"%PDF-1.7\r\n.\r\n\n.\n" + bytes(range(256)), "/d/factures/41.pdf")


def files_of(raw: bytes) -> list[tuple[str | None, str, bytes]]:
    """The files in a message, as `email`'s own reader finds them: name, type, octets."""
    found = []
    for part in parsed(raw).iter_attachments():
        content = part.get_payload(decode=True)
        assert isinstance(content, bytes)
        found.append((part.get_filename(), part.get_content_type(), content))
    return found


def test_files_travel_octet_by_octet() -> None:
    """The invoices as they were read, under their own names; the text stays the first thing a reader sees."""
    plain = Attachment("F-2026-041.pdf", b"%PDF-1.4 A\n")
    raw = composed(text="Bonjour\n.\nété\n", attachments=(PDF, plain)).raw
    message = parsed(raw)
    body = message.get_body(("plain",))
    assert body is not None
    assert "Bonjour\n.\nété\n" == body.get_content().replace("\r\n", "\n")
    assert "multipart/mixed" == message.get_content_type()
    assert [(PDF.name, "application/pdf", PDF.data), (plain.name, "application/pdf", plain.data)] == files_of(raw)
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
    assert raw.count(b"\r") == raw.count(b"\n") == raw.count(b"\r\n")


def test_the_same_message_is_the_same_bytes() -> None:
    """With a file too: nothing of it is drawn by lot, so that it can be known again."""
    assert composed(attachments=(PDF,)).raw == composed(attachments=(PDF,)).raw


def test_what_is_kept_of_a_file() -> None:
    """Where it was read, how big it is and its SHA-256, by which a later look tells that it changed."""
    digest = hashlib.sha256(PDF.data).hexdigest()
    assert (Attached(PDF.name, len(PDF.data), digest, PDF.path),) == composed(attachments=(PDF,)).attachments


def test_the_payment_code_is_named() -> None:
    """`send --dry-run` names what mail programs list beside the files."""
    made = compose(
        Letter("Relance", "Bonjour\n", qr=b"PNG"),
        SENDER,
        CLIENT,
        keys=(key(),),
        stage="firm",
        date=NOON,
    )
    assert [("virement-QR.png", 3, "")] == [(each.name, each.size, each.path) for each in made.attachments]


@pytest.mark.parametrize("name", ["a.pdf\r\nBcc: evil@x", "a\0.pdf", "\u202efdp.pdf", "=?utf-8?q?a?=.pdf", "\ud800"])
def test_file_names_take_no_control(name: str) -> None:
    """P11: a name that would end its line, or read otherwise than it is."""
    with pytest.raises(MessageError, match="interdits"):
        composed(attachments=(Attachment(name, b"%PDF-1.4"),))


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(LINE.map(lambda name: name.strip().strip('"<>').strip()).filter(bool), st.binary(max_size=3000))
def test_any_file_reads_back_or_is_refused_as_forbidden(name: str, data: bytes) -> None:
    """The name and the octets that arrive are those that left; `email` itself drops quotes around a name."""
    try:
        raw = composed(attachments=(Attachment(name, data),)).raw
    except MessageError as error:
        assert "interdits" in str(error)  # noqa: PT017
    else:
        assert [(name, data)] == [(found, octets) for found, _, octets in files_of(raw)]


def test_a_reminder_follows_the_earlier_ones() -> None:
    """RFC 5322 3.6.4: In-Reply-To is the last one, References all of them, oldest first, one to a line."""
    ids = [f"<relance.{'a' * 25}{n}@martin.example>" for n in range(3)]
    raw = composed(earlier=(*ids, ids[0])).raw
    assert (ids[2], " ".join(ids)) == (parsed(raw)["In-Reply-To"], parsed(raw)["References"])
    assert b"\r\nReferences: " + "\r\n ".join(ids).encode() + b"\r\n" in raw


def test_a_long_thread_keeps_its_beginning() -> None:
    """Twenty references at most: the first one, by which programs know the thread, and the latest."""
    ids = [f"<{n}@martin.example>" for n in range(30)]
    assert [ids[0], *ids[11:]] == str(parsed(composed(earlier=ids).raw)["References"]).split()


def test_only_plain_identities_are_referred_to() -> None:
    """A journal of another time may hold anything; nothing of it becomes a header, and no message refers to itself."""
    own = composed().message_id
    for evil in ("", "x", "<a@b>\r\nBcc: evil@x", "<a b@c>", "<=?utf-8?q?a?=@c>", f"<{'x' * 300}@c>", own):
        assert "References" not in parsed(composed(earlier=(evil,)).raw)


def test_a_long_domain_leaves_the_identity_whole() -> None:
    """A Message-ID is never an encoded word, however long its line."""
    sender = SENDER._replace(email=f"moi@{'a' * 60}.{'b' * 60}.example")
    letter = composed(sender=sender)
    assert f"\r\nMessage-ID: {letter.message_id}\r\n".encode() in letter.raw


def test_punycode_is_that_of_today() -> None:
    """IDNA 2008: Python's own codec writes faß.example as fass.example, which is somebody else's."""
    assert "a@xn--fa-hia.example" == ascii_address("a@faß.example") == ascii_address("a@FAß.example")
    for odd in ("a@ex\u200bample.é", "a@é..example", "a@-é.example"):
        with pytest.raises(MessageError):
            ascii_address(odd)


@pytest.mark.parametrize(
    "change",
    [
        (b"Bonjour", b"Bonsoir"),
        (b"application/pdf", b"application/exe"),
        (b"filename", b"filenane"),
        (b"\r\nContent-Type: text/plain", b"\r\nContent-Type: text/html"),
        (b"attachment;", b"inline;"),
        (b"JVBERi0", b"JVBERi1"),
        (b"Bonjour\r\n", b"Bonjour\n"),
        (b"Bonjour", b"Bonjour" + b"x" * 999),
    ],
)
def test_the_last_check_sees_the_parts(change: tuple[bytes, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Text, files, their names and kinds: what is not what was meant does not leave."""

    def altered(*args: Any) -> bytes:
        built = enclose(*args)
        assert change[0] in built
        return built.replace(*change)

    monkeypatch.setattr("relance.letters.compose.enclose", altered)
    with pytest.raises(MessageError, match="ne se relit pas"):
        composed(text="Bonjour\n", attachments=(Attachment("F-1.pdf", b"%PDF-1.4 A\n"),))
