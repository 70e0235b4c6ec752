"""Logging in by an access token: both steps of a refusal, long tokens, a second token, and none of it told."""

import base64
import json
import re
import shlex
import sys
import traceback
from collections.abc import Callable
from datetime import UTC, date
from pathlib import Path

import pytest
from imap_support import Mails, imap_server, imap_settings
from mail_support import Peer, message, raw_server, settings

from relance.delivery import hiding, xoauth2
from relance.delivery.account import Account, Secret
from relance.delivery.hiding import hidden, hold
from relance.delivery.mailbox import folders, look
from relance.delivery.secret import read_password, read_token
from relance.delivery.smtp import probe
from relance.delivery.transaction import SmtpTransport
from relance.errors import DeliveryError, RelanceError, SettingsError
from relance.journal import State

pytestmark = pytest.mark.slow

USER = "zoe@outlook.example"
GOOD = "EwB4A8l6BAAU" + "k7Zq0w/+x" * 20 + "AQ=="
STALE = "EwAoA8l6BAAU" + "Zz9pLmN-_v" * 20 + "BQ=="
LONG = "eyJ0eXAi." + base64.urlsafe_b64encode(bytes(i * 7919 % 256 for i in range(1500))).decode()
REFUSED = base64.b64encode(b'{"status":"401","schemes":"Bearer","scope":"https://mail.google.com/"}').decode()


@pytest.fixture(autouse=True)
def _nothing_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hiding, "_HELD", {})
    monkeypatch.setattr(hiding, "_RUNS", {})


def giver(folder: Path, *tokens: str) -> tuple[str, ...]:
    """A program that prints these tokens, one each time it is asked, the last one for ever; it counts."""
    (folder / "tokens").write_text("\n".join(tokens), "utf-8")
    code = (
        "from pathlib import Path; p = Path('tokens'); a = Path('asked'); t = p.read_text().split('\\n');"
        "a.write_text(a.read_text() + 'x' if a.exists() else 'x'); print(t[0]);"
        "p.write_text('\\n'.join(t[1:] or t))"
    )
    return ("sh", "-c", f"cd {shlex.quote(str(folder))} && exec {shlex.quote(sys.executable)} -c {shlex.quote(code)}")


def asked(folder: Path) -> int:
    """How many times it was asked."""
    return len((folder / "asked").read_text())


def said(coded: bytes) -> str:
    """What the client says in base64."""
    return base64.b64decode(coded).decode()


def server(heard: list[str], *good: str, refuse: str = REFUSED, more: str = "535 5.7.8 bad {line}") -> "Script":
    """A server that takes these tokens, in one line or in two; refused, it says why, and is answered with nothing."""

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        while line := peer.hear().strip():
            verb = line[:4].upper()
            if verb == b"EHLO":
                peer.say("250-raw.test\r\n250 AUTH LOGIN XOAUTH2")
                continue
            if verb != b"AUTH":
                peer.say("221 bye" if verb == b"QUIT" else "250 ok")
                continue
            words = line.split()
            heard.append(f"{len(words)} words, {len(line) + 2 <= 512}")
            if len(words) == 2:
                peer.say("334 ")
                words.append(peer.hear().strip())
            token = said(words[2])
            if token in [f"user={USER}\x01auth=Bearer {each}\x01\x01" for each in good]:
                peer.say("235 2.7.0 Accepted")
                continue
            if refuse:
                peer.say(f"334 {refuse}")
                heard.append(repr(peer.hear()))
            peer.say(more.format(line=words[2].decode()))

    return script


Script = Callable[[Peer], None]


def account(port: int, words: tuple[str, ...]) -> Account:
    """An account whose proof is what this program prints."""
    return settings(port, user=USER, secret=Secret(token_command=words))


def failure(act: Callable[[], object], kind: type[RelanceError] = DeliveryError) -> str:
    """What the user reads; nowhere a token, in whatever form."""
    with pytest.raises(kind) as caught:
        act()
    assert caught.value.cure
    whole = "".join(traceback.format_exception(caught.value))
    for token in (GOOD, STALE, LONG):
        coded = base64.b64encode(xoauth2.response(USER, token)).decode()
        assert [] == [piece for piece in (token[:40], token[60:100], coded[60:100]) if piece in whole]
    return caught.value.shown


@pytest.mark.parametrize(("token", "how"), [(GOOD, "3 words, True"), (LONG, "2 words, True")], ids=["short", "long"])
def test_a_token_logs_in(tmp_path: Path, token: str, how: str) -> None:
    """On the line of the command where it fits into it, else on its own after the server asked."""
    heard: list[str] = []
    with raw_server(server(heard, token)) as port:
        probe(account(port, giver(tmp_path, token)), None)
    assert [how] == heard
    assert 1 == asked(tmp_path)


def test_a_token_that_ended_is_asked_for_again_once(tmp_path: Path) -> None:
    """Refused in two steps, another one follows over a new connection."""
    heard: list[str] = []
    with raw_server(server(heard, GOOD), server(heard, GOOD)) as port:
        probe(account(port, giver(tmp_path, STALE, GOOD)), None)
    assert ["3 words, True", repr(b"\r\n"), "3 words, True"] == heard
    assert 2 == asked(tmp_path)


@pytest.mark.parametrize("tokens", [(STALE, LONG, GOOD), (STALE,)], ids=["two bad ones", "the same again"])
def test_and_then_no_more(tmp_path: Path, tokens: tuple[str, ...]) -> None:
    """Two refusals end it, and the same token is not tried twice; the status is told, the token is not."""
    heard: list[str] = []
    scripts = [server(heard, GOOD)] * min(2, len(tokens))
    with raw_server(*scripts) as port:
        told = failure(lambda: probe(account(port, giver(tmp_path, *tokens)), None))
    assert "535 5.7.8" in told
    assert "OAuth2\u00a0: 401" in told
    assert "alias" in told
    assert 2 == asked(tmp_path)


@pytest.mark.parametrize(
    ("refuse", "more", "expected"),
    [
        ("", "535 5.7.3 Authentication unsuccessful [AM0PR.prod.outlook.com]", "5.7.3"),
        ("not base64 {at all}", "535 5.7.8 no", "5.7.8"),
        (base64.b64encode(b'["401", {"status":1}]').decode(), "535 5.7.8 no", "5.7.8"),
        (base64.b64encode(json.dumps({"status": "x y" + GOOD}).encode()).decode(), "535 no", "535 no"),
        (REFUSED, "454 4.7.0 Temporary authentication failure", "plus tard"),
    ],
)
def test_other_refusals(tmp_path: Path, refuse: str, more: str, expected: str) -> None:
    """In one step as Microsoft does, with a first step that is no JSON, for a while."""
    with raw_server(server([], refuse=refuse, more=more)) as port:
        told = failure(lambda: probe(account(port, giver(tmp_path, STALE)), None))
    assert expected in told


@pytest.mark.parametrize(
    ("reply", "expected"), [("535 5.7.139 basic is off", "5.7.139"), ("454 4.7.0 later", "plus tard")]
)
def test_a_long_token_is_not_said_to_who_refuses_before_it(tmp_path: Path, reply: str, expected: str) -> None:
    """The method alone is refused: the line with the token never follows."""
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        while line := peer.hear():
            heard.append(line)
            verb = line[:4].upper()
            peer.say("250-raw.test\r\n250 AUTH XOAUTH2" if verb == b"EHLO" else reply if verb == b"AUTH" else "250 ok")

    with raw_server(script) as port:
        assert expected in failure(lambda: probe(account(port, giver(tmp_path, LONG)), None))
    assert [b"AUTH XOAUTH2\r\n"] == [line for line in heard if line.startswith(b"AUTH")]
    assert max(map(len, heard)) < 100


def test_a_server_without_it(tmp_path: Path) -> None:
    """It is not sent the token, and the sentence says which setting."""
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 AUTH PLAIN LOGIN")
        heard.append(peer.hear())

    with raw_server(script) as port:
        assert "smtp.auth" in failure(lambda: probe(account(port, giver(tmp_path, GOOD)), None))
    assert [b""] == heard


def test_each_connection_has_its_own_token(tmp_path: Path) -> None:
    """A connection that is opened again in the middle of a run asks again: the first one may have ended since."""
    heard: list[str] = []

    def cut(peer: Peer) -> None:
        server(heard, STALE)(_UntilMail(peer.link))

    def on(peer: Peer) -> None:
        server(heard, GOOD)(_UntilMail(peer.link))

    with raw_server(cut, on, on) as port:
        transport = SmtpTransport(account(port, giver(tmp_path, STALE, GOOD)), None)
        outcome = transport.hand_over(message(), lambda server: None)
        transport._session = None
        again = transport.hand_over(message("F-2"), lambda server: None)
        transport.close()
    assert {State.DEFERRED} == {outcome.state, again.state}
    assert 2 == asked(tmp_path)
    assert None is outcome.stop
    assert None is again.stop


class _UntilMail(Peer):
    """A peer that leaves at MAIL."""

    def hear(self) -> bytes:
        line = super().hear()
        return b"" if line.upper().startswith(b"MAIL") else line


def test_no_token_in_the_middle_of_a_run_puts_off_the_rest(tmp_path: Path) -> None:
    """The program that gives tokens fails then: what is left leaves another day, and the sentence says why."""
    words = giver(tmp_path, GOOD, "")
    with raw_server(server([], GOOD)) as port:
        transport = SmtpTransport(account(port, words), None)
        transport.close()
        outcome = transport.hand_over(message(), lambda server: None)
    assert State.DEFERRED is outcome.state
    assert outcome.stop is not None
    assert "token_command" in outcome.stop.shown


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("/nonexistent/ortie",), "ne peut pas être lancée"),
        (("false",), "code 1"),
        (("true",), "première ligne"),
        (("echo", "Enter your password: "), "pas un jeton"),
        (("echo", "jeton-é"), "pas un jeton"),
    ],
)
def test_a_program_that_gives_none(words: tuple[str, ...], expected: str) -> None:
    """Nothing is connected to."""
    told = failure(lambda: probe(account(1, words), None))
    assert expected in told
    assert "[smtp] token_command" in told


def test_a_token_is_no_password(tmp_path: Path) -> None:
    """It is not read before a server is there that takes it."""
    at = account(1, giver(tmp_path, GOOD))
    assert None is read_password(at)
    assert not (tmp_path / "asked").exists()
    assert GOOD == read_token(at)


class Tokens(Mails):
    """A mailbox that takes this token alone."""

    good = GOOD
    challenge = REFUSED

    def __init__(self, heard: list[str], capabilities: str = "IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2") -> None:
        super().__init__(capabilities=capabilities)
        self.heard = heard
        self.fault = self._log_in

    def _log_in(self, peer: Peer, line: str) -> bool:
        tag, verb, *_ = line.split(" ")
        if verb != "AUTHENTICATE":
            return False
        peer.say("+ ")
        token = said(peer.hear())
        self.heard.append(token)
        if token == f"user={USER}\x01auth=Bearer {self.good}\x01\x01":
            peer.say(f"{tag} OK in")
            return True
        peer.say(f"+ {self.challenge}")
        self.heard.append(repr(peer.hear()))
        peer.say(f"{tag} NO [AUTHENTICATIONFAILED] no {token!r}")
        return True


def at_box(box: Mails, words: tuple[str, ...]) -> Account:
    """The mailbox, opened by what this program prints."""
    return imap_settings(box.port, user=USER, secret=Secret(token_command=words))


def test_a_mailbox_opens_with_a_token(tmp_path: Path) -> None:
    """At once, or with a second one after the first was refused in two steps."""
    heard: list[str] = []
    with imap_server(Tokens(heard)) as box:
        box.put("Subject: x\nMessage-ID: <1@x>\n\nx\n")
        found = look(at_box(box, giver(tmp_path, STALE, GOOD)), None, date(2026, 11, 1), UTC, lambda mail: True)
    assert 1 == len(found)
    assert repr(b"\r\n") == heard[1]
    assert (3, 2) == (len(heard), asked(tmp_path))


@pytest.mark.parametrize("tokens", [(STALE, LONG, GOOD), (STALE,)], ids=["two bad ones", "the same again"])
def test_a_mailbox_that_refuses(tmp_path: Path, tokens: tuple[str, ...]) -> None:
    """After two tokens, or the same one, the user is told; the server's words are not shown."""
    heard: list[str] = []
    with imap_server(Tokens(heard)) as box:
        told = failure(lambda: folders(at_box(box, giver(tmp_path, *tokens)), None), SettingsError)
    assert "boîte de réception" in told
    assert "Renouvelez l’autorisation" in told
    assert 2 == asked(tmp_path)
    assert 2 * min(2, len(tokens)) == len(heard)


@pytest.mark.parametrize("token", [LONG, STALE, GOOD])
def test_no_piece_of_a_token_passes(token: str) -> None:
    """As it is, coded, over lines, or in part; the words around it stay."""
    hold(USER, token)
    coded = base64.b64encode(xoauth2.response(USER, token)).decode()
    wrapped = "\r\n535-".join(coded[i : i + 70] for i in range(0, len(coded), 70))
    forms = (token, token.upper(), coded, wrapped, token.encode().hex(), token[37:99], coded[60:130], " ".join(token))
    for form in forms:
        text = hidden(f"535 5.7.8 before {form} after it")
        assert text.startswith("535 5.7.8 before ")
        assert text.endswith(" after it")
        assert "***" in text
        bare = re.sub(r"\s+(535-)?", "", form)
        assert [] == [bare[i : i + 30] for i in range(50, len(bare) - 30) if bare[i : i + 30] in text]
    assert "250 2.0.0 Ok: queued as 4F1" == hidden("250 2.0.0 Ok: queued as 4F1")
