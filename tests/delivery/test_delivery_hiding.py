"""No text from outside keeps a password, however it is written; all other words stay as they are."""

import html
import json
import quopri
import resource
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from urllib.parse import quote, quote_plus

import pytest
from mail_support import CANARY, USER

from relance.delivery import hiding
from relance.delivery.account import Account, Secret
from relance.delivery.hiding import hidden, hold
from relance.delivery.outcome import readable
from relance.delivery.secret import read_password

SECRETS = (CANARY, 'mot de passe+/ \\"x', "aaaa", "Zß-€9", "p%41=s\u202fs", "x" * 64, "0123456789")
FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper case": str.upper,
    "base64": lambda s: b64encode(s.encode()).decode(),
    "base64 for URLs": lambda s: urlsafe_b64encode(s.encode()).decode().rstrip("="),
    "PLAIN": lambda s: b64encode(f"\0{USER}\0{s}".encode()).decode(),
    "PLAIN with an identity": lambda s: b64encode(f"{USER}\0{USER}\0{s}".encode()).decode(),
    "base64 within more": lambda s: b64encode(f"AUTH of somebody: {s}, so".encode()).decode(),
    "base64 within more, one on": lambda s: b64encode(f"1AUTH of somebody: {s}, so".encode()).decode(),
    "base64 within more, two on": lambda s: b64encode(f"12AUTH of somebody: {s}, so".encode()).decode(),
    "url": quote,
    "url of a form": quote_plus,
    "url, all of it": lambda s: "".join(f"%{octet:02X}" for octet in s.encode()),
    "hexadecimal": lambda s: s.encode().hex(),
    "hexadecimal in pairs": lambda s: s.encode().hex(" "),
    "quoted-printable": lambda s: quopri.encodestring(s.encode(), quotetabs=True).decode(),
    "quoted-printable, all of it": lambda s: "".join(f"={octet:02X}" for octet in s.encode()),
    "escaped": lambda s: ascii(s)[1:-1],
    "octets": lambda s: str(s.encode())[2:-1],
    "json": lambda s: json.dumps(s)[1:-1],
    "html": html.escape,
    "latin-1 read of utf-8": lambda s: s.encode().decode("latin-1"),
    "over two lines": lambda s: f"{s[:3]}\r\n{s[3:]}",
    "over two lines of a reply": lambda s: f"{s[:2]}\n535-{s[2:]}",
    "base64 over two lines": lambda s: b64encode(s.encode()).decode()[:3] + "\n" + b64encode(s.encode()).decode()[3:],
    "spaced out": " ".join,
    "with signs that nobody sees": "\u200b".join,
}


@pytest.fixture(autouse=True)
def _nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiding, "_HELD", {})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", SECRETS)
def test_no_form_of_it_passes(secret: str, form: str) -> None:
    """Nothing of the password is left of the words around it, in text and as octets that become readable."""
    hold(USER, secret)
    written = FORMS[form](secret)
    assert "***" in hidden(f"535 5.7.8 no: {written} .")
    shown = readable(f"no: {written} .".encode())
    assert "***" in shown
    assert secret.casefold() not in shown.casefold()
    assert written.strip() not in shown


@pytest.mark.parametrize("secret", SECRETS)
def test_other_words_pass(secret: str) -> None:
    """A reply says the same as before; what is held twice is taken out once."""
    hold(USER, secret)
    hold(USER, secret)
    said = "550 5.1.1 <compta@client.example>: Recipient address rejected; relance.abcdefghijklmnop@martin.example"
    assert said == hidden(said)
    assert "(***)" == hidden(f"({secret})")


def test_a_short_password_is_no_part_of_a_word() -> None:
    """Of « no » any reply is full: it is taken out where it stands alone."""
    hold(USER, "no")
    assert "nothing known: *** such user" == hidden("nothing known: no such user")


def test_nothing_to_hide() -> None:
    """No password, no filter."""
    hold(USER, "")
    assert "no" == hidden("no")


def test_a_password_at_the_end_of_a_long_reply() -> None:
    """The reply is cut once the password is out of it, not in the middle of it; and in little time."""
    hold(USER, CANARY)
    start = time.perf_counter()
    for before in range(980, 1010):
        assert "canari" not in readable("x" * before + CANARY)
    assert "canari" not in readable(CANARY * 5000)
    for filling in (
        "c" * 70_000,
        "canari-" * 10_000,
        b64encode(b"canari-" * 7000).decode(),
        "c \n" * 20_000,
        "\\" * 70_000,
    ):
        readable(filling)
    assert time.perf_counter() - start < 5


def test_no_core_file_once_a_password_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash would write the memory of the process to the disk."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    monkeypatch.setenv("A_PASSWORD", "sésame-1234")
    try:
        account = Account("smtp", "h", 1, "tls", user="u", secret=Secret(password_env="A_PASSWORD"))
        assert "sésame-1234" == read_password(account)
        assert 0 == resource.getrlimit(resource.RLIMIT_CORE)[0]
        assert "***" == hidden("sésame-1234")
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def test_a_password_with_an_octet_that_is_no_text() -> None:
    """As a variable of the environment may hold one: it is held like any other, in the ways of its octets."""
    hold("camille", "cl\udce9-de-do")
    for said in ("cl\udce9-de-do", "cl%E9-de-do", "cl=e9-de-do", "Y2zpLWRlLWRv"):
        assert f"no {hiding.HIDDEN} today" == hidden(f"no {said} today")
