"""What an account and its provider do not go together in: said before the server refuses, and after it in words."""

from base64 import b64decode
from collections.abc import Callable
from datetime import date

import pytest
from imap_support import Mails, imap_server, imap_settings
from mail_support import Peer, raw_server, settings

from relance.config.providers import PROVIDERS, MailProvider, user_at
from relance.delivery import pairings
from relance.delivery.account import Account, Secret
from relance.delivery.mailbox import folders
from relance.delivery.pairings import cleaned, doubts, meant, refuse_hopeless, unreachable
from relance.delivery.secret import read_password
from relance.delivery.smtp import connect
from relance.errors import DeliveryError, SettingsError

BY_PASSWORD, BY_TOKEN = Secret(keyring="relance"), Secret(token_command=("ortie", "token", "show"))
NOVEMBER, JANUARY = date(2026, 11, 30), date(2027, 1, 1)
GMAIL = Account("smtp", "smtp.gmail.com", 465, "tls", "zoe@gmail.com", BY_PASSWORD)
OFFICE = Account("smtp", "smtp.office365.com", 587, "starttls", "zoe@atelier-zoe.example", BY_PASSWORD)
OFFICE_BOX = Account("imap", "outlook.office365.com", 993, "tls", "zoe@atelier-zoe.example", BY_PASSWORD)
OUTLOOK = Account("smtp", "smtp-mail.outlook.com", 587, "starttls", "zoe@hotmail.fr", BY_PASSWORD)
OVH = Account("smtp", "ssl0.ovh.net", 465, "tls", "zoe@atelier-zoe.example", BY_PASSWORD)
FREE = Account("smtp", "smtp.free.fr", 465, "tls", "zoe.petit", BY_PASSWORD)


@pytest.mark.parametrize("account", [OUTLOOK, OUTLOOK._replace(host="smtp.office365.com"), OFFICE_BOX])
def test_no_password_is_read_where_none_is_taken(account: Account) -> None:
    """Neither the keyring nor the server is asked."""
    open_it: Callable[[Account, str], object] = connect if account.protocol == "smtp" else folders
    for act in (refuse_hopeless, read_password, lambda at: open_it(at, "whatever it is")):
        with pytest.raises(SettingsError) as caught:
            act(account)
        assert "mot de passe" in caught.value.sentence
        assert f"Sous [{account.protocol}], mettez auth = " in caught.value.cure
        assert "trousseau" not in caught.value.shown
    refuse_hopeless(account._replace(secret=BY_TOKEN))
    assert None is read_password(account._replace(secret=BY_TOKEN))


@pytest.mark.parametrize("account", [GMAIL, OFFICE, OVH, FREE])
def test_the_others_take_one(account: Account) -> None:
    """365 for sending still does here and there."""
    refuse_hopeless(account)


@pytest.mark.parametrize("provider", PROVIDERS, ids=lambda provider: provider.key)
def test_an_account_of_the_table_raises_no_doubt(provider: MailProvider) -> None:
    """What the table gives is what it wants, with a token where it takes no password."""
    address = f"zoe.petit@{(*provider.domains, 'atelier-zoe.example')[0]}"
    for protocol in ("smtp", "imap"):
        at = provider.at(protocol)
        secret = BY_TOKEN if provider.password == "none" else BY_PASSWORD
        account = Account(protocol, at.host, at.port, at.security, user_at(at, address), secret)
        assert [] == doubts(account, JANUARY, "abcdefghijklmnop")
        refuse_hopeless(account)


@pytest.mark.parametrize(
    ("account", "today", "said"),
    [
        (OFFICE, NOVEMBER, "cesse fin décembre 2026 de prendre les mots de passe à l’envoi"),
        (OFFICE, date(2026, 12, 31), "cesse fin décembre"),
        (OFFICE, JANUARY, "ne prend plus de mot de passe à l’envoi depuis janvier 2027"),
        (FREE._replace(user="zoe.petit@free.fr"), NOVEMBER, 'ce qui précède le @ : smtp.user = "zoe.petit".'),
        (GMAIL._replace(user="zoe"), NOVEMBER, "Gmail veut pour nom l’adresse entière"),
        (OVH._replace(port=587), NOVEMBER, 'Le port 587 va avec smtp.security = "starttls".'),
        (OFFICE_BOX._replace(port=143, secret=BY_TOKEN), NOVEMBER, 'Le port 143 va avec imap.security = "starttls".'),
        (Account("imap", "imap.mail.me.com", 993, "tls", "zoe@me.com", BY_PASSWORD), NOVEMBER, 'imap.user = "zoe".'),
    ],
)
def test_a_doubt_and_its_cure(account: Account, today: date, said: str) -> None:
    """One sentence."""
    (doubt,) = doubts(account, today)
    assert said in doubt


@pytest.mark.parametrize(
    "account",
    [
        OFFICE._replace(secret=BY_TOKEN),
        OFFICE._replace(user="", secret=Secret()),
        FREE._replace(user="zoe@atelier-zoe.example"),
        Account("smtp", "smtp.atelier-zoe.example", 2525, "tls", "zoe", BY_PASSWORD),
        Account("smtp", "localhost", 587, "none"),
    ],
)
def test_no_doubt_without_reason(account: Account) -> None:
    """Tokens, accounts without a log-in, servers and ports that nobody knows."""
    assert [] == doubts(account, JANUARY, "whatever it is")


@pytest.mark.parametrize(
    ("password", "count"),
    [("abcdefghijklmnop", 0), ("abcd efgh ijkl mnop", 0), ("Sésame2026", 1), ("abcdefghijklmno", 1)],
)
def test_a_password_that_gmail_never_takes(password: str, count: int) -> None:
    """It has sixteen letters; another one is that of the account."""
    found = doubts(GMAIL, NOVEMBER, password)
    assert count == len(found)
    assert count == len([doubt for doubt in found if "apppasswords" in doubt])
    assert [] == doubts(GMAIL._replace(secret=BY_TOKEN), NOVEMBER)


@pytest.mark.parametrize(
    ("account", "password", "expected"),
    [
        (GMAIL, "abcd efgh ijkl mnop", "abcdefghijklmnop"),
        (GMAIL, " abcd\u00a0efgh\u00a0ijkl\u00a0mnop", "abcdefghijklmnop"),
        (GMAIL, "abcd efgh ijkl mno", "abcd efgh ijkl mno"),
        (OVH, "abcd efgh ijkl mnop", "abcd efgh ijkl mnop"),
        (OVH, None, None),
    ],
)
def test_the_spaces_of_an_app_password(account: Account, password: str | None, expected: str | None) -> None:
    """They are how it is shown, where the provider makes such passwords; elsewhere they are the user's."""
    assert expected == cleaned(account, password)


REFUSALS = [
    (GMAIL, "535 5.7.8 Username and Password not accepted.", "Gmail veut un mot de passe d’application"),
    (GMAIL, "534 5.7.9 Application-specific password required.", "myaccount.google.com/apppasswords"),
    (GMAIL, "534 5.7.14 <https://accounts.google.com/x> Please log in via your web browser", "dans un navigateur"),
    (GMAIL._replace(protocol="imap"), "[ALERT] Application-specific password required", "Gmail veut un mot de passe"),
    (OVH, "534 5.7.9 Application-specific password required", "OVHcloud veut un mot de passe d’application"),
    (
        OFFICE,
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.",
        "ou demandez à votre administrateur d’ouvrir « SMTP authentifié »",
    ),
    (OFFICE, "550 5.7.30 Basic authentication is not supported for Client Submission.", 'mettez auth = "xoauth2"'),
    (OFFICE, "535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", 'mettez auth = "xoauth2"'),
    (OFFICE_BOX, "NO Basic authentication is disabled", "Microsoft ne prend pas ce mot de passe : sous [imap], mettez"),
    (
        OFFICE._replace(secret=BY_TOKEN),
        "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox.",
        "Demandez à votre administrateur",
    ),
    (OFFICE._replace(secret=BY_TOKEN), "535 5.7.3 Authentication unsuccessful", ""),
    (
        OUTLOOK,
        "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
        'mettez auth = "xoauth2"',
    ),
    (FREE._replace(user="zoe@free.fr"), "535 5.7.8 Error: authentication failed", 'smtp.user = "zoe"'),
    (FREE, "535 5.7.8 Error: authentication failed", "espace abonné Free"),
    (OVH, "535 5.7.8 Error: authentication failed", ""),
]


@pytest.mark.parametrize(("account", "said", "expected"), REFUSALS)
def test_a_refusal_in_the_words_of_the_user(account: Account, said: str, expected: str) -> None:
    """Where it is known what a provider means, and nothing where it is not."""
    found = meant(account, said)
    assert expected in found
    assert bool(expected) == bool(found)
    assert account is not OUTLOOK or "administrateur" not in found, "an account of one's own has none"


@pytest.mark.slow
def test_both_servers_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log-in over SMTP and the one over IMAP end in that sentence; here both pass for Gmail's.

    The password was shown with spaces, and leaves without them.
    """
    gmail = next(each for each in PROVIDERS if each.key == "gmail")
    heard: list[bytes] = []
    shown = "abcd efgh\u00a0ijkl mnop"
    monkeypatch.setattr(pairings, "provider_at", lambda host, user: gmail)

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 AUTH PLAIN")
        heard.append(b64decode(peer.hear().split()[2]))
        peer.say("535-5.7.8 Username and Password not accepted.\r\n535 5.7.8 https://support.google.com")

    with raw_server(script) as port, pytest.raises(DeliveryError) as sending:
        connect(settings(port, user="zoe@gmail.com", secret=BY_PASSWORD), shown)
    box = Mails(fault=lambda peer, line: _taken_in(peer, line, heard))
    with imap_server(box), pytest.raises(SettingsError) as reading:
        folders(imap_settings(box.port, user="zoe@gmail.com", secret=BY_PASSWORD), shown)
    assert [b"\0zoe@gmail.com\0abcdefghijklmnop"] * 2 == heard
    for caught in (sending, reading):
        assert "apppasswords" in caught.value.cure


def _taken_in(peer: Peer, line: str, heard: list[bytes]) -> bool:
    """A mailbox that hears a log-in and refuses it."""
    tag, verb, *_ = line.split()
    if verb != "AUTHENTICATE":
        return False
    peer.say("+")
    heard.append(b64decode(peer.hear()))
    peer.say(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)")
    return True


@pytest.mark.slow
def test_a_bridge_that_does_not_run() -> None:
    """Nobody listens where Proton's own program should: it is named."""
    proton = settings(1, user="zoe@proton.me", secret=BY_PASSWORD)
    with pytest.raises(DeliveryError) as caught:
        connect(proton, "whatever")
    assert "Proton Mail Bridge" in caught.value.cure
    assert "" == unreachable(proton._replace(user="zoe"))
    assert "" == unreachable(proton._replace(host="smtp.atelier-zoe.example"))
