"""What a person reads when a server or a mailbox does not do as hoped: each sentence, whole, with its cure."""

import imaplib
import smtplib
import socket
import ssl
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mail_support import message

from relance.delivery import mailbox, smtp, smtp_replies, transaction
from relance.delivery.account import Account, Secret
from relance.delivery.folder import FolderTransport
from relance.delivery.outbox import DoubtfulServerError
from relance.delivery.outcome import Outcome
from relance.errors import DeliveryError, RelanceError, SettingsError
from relance.journal import State

SMTP = Account("smtp", "mx.test", 587, "starttls", "camille", timeout=20)
IMAP = SMTP._replace(protocol="imap", port=993, security="tls")


def certificate(code: int) -> ssl.SSLCertVerificationError:
    """A certificate that is refused for this reason, in OpenSSL's words."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "said\x07 so"
    return error


def encryption(reason: str | None) -> ssl.SSLError:
    """A handshake that failed."""
    error = ssl.SSLError(1, "handshake")
    error.reason = reason  # type: ignore[assignment]
    return error


def within(error: Exception, cause: Exception) -> Exception:
    """An error that was raised while another one was handled."""
    error.__context__ = cause
    return error


OTHER_NAME = (
    "son certificat est celui d’un autre nom ; rien n’a été envoyé (said\\x07 so)",
    "Prenez le serveur que donne votre messagerie (smtp.host), chez OVH ssl0.ovh.net, non smtp.votredomaine.",
)
SILENT = (
    "pas de réponse en 20 secondes",
    "Vérifiez serveur, port et chiffrement (smtp.host, smtp.port, smtp.security), ou attendez plus (smtp.timeout).",
)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (certificate(62), OTHER_NAME),
        (certificate(64), OTHER_NAME),
        *(
            (
                certificate(code),
                (
                    "son certificat n’est pas reconnu ; le mot de passe n’a pas été envoyé (said\\x07 so)",
                    "Vérifiez le serveur (smtp.host) et la date de cette machine ; pour une autorité privée, "
                    "la variable SSL_CERT_FILE.",
                ),
            )
            for code in (10, 18, 61, 63, 65)
        ),
        *(
            (
                encryption(reason),
                (
                    f"le chiffrement n’a pas pu commencer ({shown})",
                    'Vérifiez le port : 465 est chiffré dès le début (smtp.security = "tls"), 587 ensuite '
                    '("starttls").',
                ),
            )
            for reason, shown in (("WRONG_VERSION_NUMBER", "WRONG_VERSION_NUMBER"), (None, "réponse incomprise"))
        ),
        (
            socket.gaierror(-2, "x"),
            ("ce nom est inconnu", "Vérifiez le serveur (smtp.host) et la connexion à internet."),
        ),
        (
            ConnectionRefusedError(111, "x"),
            ("la connexion est refusée", "Vérifiez le serveur et le port (smtp.host, smtp.port)."),
        ),
        (TimeoutError("timed out"), SILENT),
        (within(smtplib.SMTPServerDisconnected("x"), TimeoutError()), SILENT),
        (
            smtplib.SMTPNotSupportedError("x"),
            (
                "il ne propose pas le chiffrement STARTTLS ; rien n’a été envoyé",
                'Essayez le port 465 (smtp.port = 465, smtp.security = "tls") ; sur un réseau public, changez-en.',
            ),
        ),
        (
            smtplib.SMTPResponseException(554, b"no\x1b[0m"),
            ("il refuse de parler (554 no\\x1b[0m)", "Réessayez plus tard."),
        ),
        *(
            (
                error,
                (
                    "il a coupé la connexion sans répondre",
                    "Vérifiez le port (smtp.port) et le chiffrement (smtp.security), ou réessayez plus tard.",
                ),
            )
            for error in (
                smtplib.SMTPServerDisconnected("x"),
                within(smtplib.SMTPServerDisconnected("x"), ConnectionResetError(104, "reset")),
            )
        ),
        (
            OSError(101, "Network is unreachable"),
            ("la connexion a échoué (pas de réseau)", "Vérifiez la connexion à internet."),
        ),
        *(
            (error, ("la connexion a échoué (sans raison donnée)", "Vérifiez la connexion à internet."))
            for error in (OSError(), smtplib.SMTPException("x"))
        ),
    ],
)
def test_what_became_of_the_connection(error: Exception, said: tuple[str, str]) -> None:
    """In French, with the setting to look at; what a server said is made harmless."""
    assert said == smtp._meaning(error, SMTP)
    with pytest.raises(DeliveryError) as caught, smtp._in_french(SMTP):
        raise error
    assert (f"Serveur e-mail mx.test:587 : {said[0]}.", said[1]) == caught.value.args
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    ("codes", "cure"),
    [
        ((421, 454), "Le serveur dit que c’est passager : relancez « relance send » plus tard."),
        (
            (500, 502, 503, 504),
            "Le serveur ne propose pas de mot de passe ici : vérifiez port et chiffrement (smtp.port, smtp.security).",
        ),
        (
            (334, 501, 505, 530, 534, 535, 550),
            "Vérifiez le nom d’utilisateur (smtp.user) et le mot de passe (smtp.password_env, "
            "smtp.password_command ou smtp.keyring) ; "
            "certaines messageries veulent un mot de passe d’application.",
        ),
    ],
)
def test_a_refused_log_in(codes: tuple[int, ...], cure: str) -> None:
    """By its code: later, elsewhere, or another password."""
    for code in codes:
        said = (f"mx.test:587 : la connexion de « camille » est refusée ({code} no).", cure)
        assert said == smtp._log_in_refused(SMTP, code, "no").args
        assert f"refusée ({code})." in smtp._log_in_refused(SMTP, code, "").sentence


@pytest.mark.parametrize("code", [500, 502, 503, 504])
def test_a_token_where_none_is_taken(code: int) -> None:
    """It is the way of logging in that is to be changed, not the token."""
    account = SMTP._replace(secret=Secret(token_command=("token",)))
    cure = "Le serveur ne propose pas XOAUTH2 : prenez un autre serveur (smtp.host), ou un mot de passe (smtp.auth)."
    assert cure == smtp._log_in_refused(account, code, "no").args[1]


def test_no_encryption_beyond_this_machine() -> None:
    """Refused before anything is looked up; on this machine it is nobody's business."""
    with pytest.raises(DeliveryError) as caught:
        smtp.connect(SMTP._replace(security="none"), "x")
    assert caught.value.args == (
        "Sans chiffrement, le serveur mx.test:587 est refusé.",
        'Mettez smtp.security = "starttls" ou "tls" ; "none" ne vaut que pour cette machine.',
    )
    with pytest.raises(SettingsError) as refused, mailbox.session_with(IMAP._replace(security="none"), "x"):
        pass
    assert refused.value.args == (
        "Sans chiffrement, le serveur mx.test:993 est refusé.",
        'Mettez imap.security = "tls" ou "starttls" ; "none" ne vaut que pour cette machine.',
    )


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (certificate(62), "son certificat n’est pas reconnu (said\\x07 so)"),
        (TimeoutError(), "pas de réponse à temps"),
        (OSError(111, "Connection refused"), "connexion refusée"),
        (ssl.SSLError(1, "[SSL] unexpected"), "le chiffrement échoue ([SSL] unexpected)"),
        (OSError("a word"), "a word"),
        (OSError(), "OSError"),
        (ConnectionResetError(), "connexion coupée"),
        (
            UnicodeEncodeError("ascii", "é", 0, 1, "x"),
            "ce mot de passe ne peut pas être transmis à ce serveur",
        ),
        (
            imaplib.IMAP4.abort("secret"),
            "le serveur coupe la connexion, ou répond autre chose que ce que veut IMAP",
        ),
        *((kind("secret"), "le serveur refuse une demande") for kind in (imaplib.IMAP4.error, ValueError, KeyError)),
    ],
)
def test_why_a_mailbox_cannot_be_read(error: Exception, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In our words: a server's may repeat what it was sent."""

    def failing(settings: Account) -> Any:
        raise error

    monkeypatch.setattr(mailbox, "_connected", failing)
    with pytest.raises(DeliveryError) as caught, mailbox.session_with(IMAP, "x"):
        pass
    assert caught.value.args == (
        f"La boîte de réception (mx.test:993) ne peut pas être lue : {why}.",
        "Rien n’est parti ; vérifiez la connexion et [imap] avec « relance check ».",
    )
    assert caught.value.__suppress_context__


class Session:
    """A mailbox that answers as the test says."""

    def __init__(self, error: Exception | None = None, capabilities: tuple[str, ...] = ("AUTH=PLAIN",)) -> None:
        self.error, self.capabilities = error, capabilities
        self.said: list[Any] = []

    def authenticate(self, method: str, response: Any) -> None:
        """The answer to AUTHENTICATE."""
        self.said = [method, response(b"")]
        if self.error is not None:
            raise self.error

    def login(self, user: str, password: str) -> None:
        """The answer to LOGIN."""
        self.said = [user, password]

    def select(self, name: str, readonly: bool = False) -> tuple[str, list[None]]:
        """No such folder."""
        self.said = [name, readonly]
        return "NO", []

    def list(self) -> tuple[str, list[bytes]]:
        """Two folders."""
        return "OK", [b'(\\HasNoChildren) "/" INBOX', b'() "/" "Envoy&AOk-s"']


def logged_in(session: Session, password: str | None = "x") -> str:
    """The sentence of a log-in, empty where it goes well."""
    try:
        mailbox._log_in(session, IMAP, password)  # type: ignore[arg-type]
    except (RelanceError, OSError) as error:
        alone = error.__suppress_context__ or error.__context__ is None
        return str(error) if alone else "an exception of imaplib comes along"
    return ""


def test_logging_in_to_a_mailbox() -> None:
    """What is sent, octet for octet; a refusal for now is none of the password; the connection's end is its own."""
    session = Session()
    assert "" == logged_in(session, "clé\udce9")
    assert ["PLAIN", b"\0camille\0cl\xc3\xa9\xe9"] == session.said
    assert "" == logged_in(session, None)
    assert ["PLAIN", b"\0camille\0"] == session.said
    plain = Session(capabilities=("IMAP4REV1",))
    for password, sent in (("x", "x"), (None, "")):
        assert "" == logged_in(plain, password)
        assert ["camille", sent] == plain.said
    for code in ("UNAVAILABLE", "INUSE", "limit", "ServerBug"):
        said = logged_in(Session(imaplib.IMAP4.error(f"[{code}] secret")))
        assert "le serveur ne prend pas d’identification pour l’instant" == said
    assert logged_in(Session(imaplib.IMAP4.error("[AUTHENTICATIONFAILED] secret"))) == (
        "mx.test:993 : l’identification de « camille » est refusée (boîte de réception). Vérifiez imap.user et le mot "
        "de passe ; certaines messageries veulent un mot de passe d’application."
    )
    with pytest.raises(imaplib.IMAP4.abort):
        mailbox._log_in(Session(imaplib.IMAP4.abort("x")), IMAP, "x")  # type: ignore[arg-type]


def test_a_folder_of_the_mailbox_that_is_not_there() -> None:
    """Named as its user writes it, with those that are; it would have been opened for reading alone."""
    session = Session()
    with pytest.raises(SettingsError) as caught:
        mailbox._open(session, 'Re&AOc-us "2026" \\')  # type: ignore[arg-type]
    assert ['"Re&AOc-us \\"2026\\" \\\\"', True] == session.said
    assert caught.value.args == (
        '[imap] folders : le dossier « Reçus "2026" \\ » est introuvable.',
        "Dossiers : INBOX, Envoyés.",
    )


def test_a_mailbox_without_starttls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said in clear words, and the connection is closed."""
    closed = []

    class Bare:
        capabilities = ("IMAP4REV1",)

        def __init__(self, *told: Any, **more: Any) -> None:
            closed.append((told, more))

        def shutdown(self) -> None:
            closed.append(((), {}))

    monkeypatch.setattr(mailbox, "Session", Bare)
    with pytest.raises(OSError, match=r"^il ne propose pas le chiffrement STARTTLS$"):
        mailbox._connected(IMAP._replace(security="starttls"))
    assert [(("mx.test", 993), {"timeout": 20}), ((), {})] == closed


def test_a_server_of_doubts() -> None:
    """Named with what is in doubt, and the commands that end it."""
    assert DoubtfulServerError("mx.test:587", ["F-1", "F-2", "F-3"]).args == (
        "mx.test:587 a laissé 3 messages de suite en doute (F-1, F-2, F-3) : rien d’autre ne part par ce serveur.",
        "Regardez s’ils sont partis, puis dites-le pour chacun : « relance resolve F-1 --sent », ou --not-sent ; les "
        "envois reprennent alors.",
    )


def test_two_refusals_alike() -> None:
    """The account is meant: a day's rest for all, and the user knows where to look."""
    found = smtp_replies.refused_alike(Outcome(State.REFUSED, 554, "5.7.1 no"))
    assert (State.DEFERRED, timedelta(days=1), True, 554) == (found.state, found.pause, found.alike, found.code)
    assert found.stop is not None
    assert found.stop.args == (
        "Le serveur refuse deux messages de suite avec les mêmes mots (554 5.7.1 no).",
        "Votre compte d’envoi est sans doute en cause : voyez votre messagerie. Tout sera réessayé demain.",
    )


@pytest.mark.parametrize(
    ("code", "reply", "pause", "when"),
    [
        (550, b"5.4.5 Daily sending quota exceeded", timedelta(days=1), "demain"),
        (450, b"4.7.1 too many messages sent", timedelta(hours=1), "dans une heure au plus tôt"),
        (550, b"5.4.5 hourly quota", timedelta(hours=1), "dans une heure au plus tôt"),
    ],
)
def test_a_quota(code: int, reply: bytes, pause: timedelta, when: str) -> None:
    """Nobody's message is refused; the rest leaves when the server takes it again."""
    found = smtp_replies.before_dot(code, reply)
    assert (State.DEFERRED, code, pause, False) == (found.state, found.code, found.pause, found.lost)
    assert found.stop is not None
    assert (
        f"Le quota d’envoi de votre compte est atteint ({code} {reply.decode()}).",
        f"Le reste partira {when}.",
    ) == found.stop.args


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (
            550,
            (
                "Le serveur refuse l’expéditeur (550 no).",
                "Vérifiez que sender.email est bien une adresse du compte smtp.user, et votre quota d’envoi.",
            ),
        ),
        (450, ("Le serveur ne prend rien pour l’instant (450 no).", "Réessayez plus tard.")),
    ],
)
def test_a_sender_that_is_refused(code: int, said: tuple[str, str]) -> None:
    """It is about every message: the run stops, and none of them is refused."""
    found = smtp_replies.sender_refused(code, b"no")
    assert (State.NOT_SENT, code, "no") == (found.state, found.code, found.reply)
    assert found.stop is not None
    assert said == found.stop.args


def test_a_folder_of_drafts_that_cannot_be_written(tmp_path: Path) -> None:
    """What stops one stops them all; the report has the sentence too."""
    place = tmp_path / "drafts"
    place.write_text("")
    found = FolderTransport(place).hand_over(message(), lambda server: None)
    sentence = f"Le message ne peut pas être écrit dans « {place} » (un fichier se trouve là où il faut un dossier)."
    assert (State.DEFERRED, sentence) == (found.state, found.reply)
    assert found.stop is not None
    cure = "Vérifiez [delivery] folder, les droits du dossier et la place sur le disque."
    assert (sentence, cure) == found.stop.args


def test_an_address_that_cannot_be_said() -> None:
    """Found before anything was said: this message alone is refused."""

    class Link:
        def settimeout(self, seconds: float) -> None:
            """Time does not pass."""

    class Impossible:
        sock = Link()

        def has_extn(self, name: str) -> bool:
            return False

        def mail(self, address: str, options: list[str]) -> tuple[int, bytes]:
            raise UnicodeEncodeError("ascii", "é", 0, 1, "x")

    found = transaction.hand_over(Impossible(), message(), SMTP, lambda server: None)  # type: ignore[arg-type]
    assert Outcome(State.REFUSED, reply="adresse impossible à transmettre") == found
