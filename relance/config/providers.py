"""Mail providers of French freelancers: their servers, what they take for a name and a password. Data, and who is who.

Read, unless a row says otherwise, in Thunderbird's list (github.com/thunderbird/autoconfig, folder ispdb, its head of
12 March 2026) under the name that the row gives; « recalled » is what was not read again.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from relance.delivery.account import Protocol, Security

Login = Literal["address", "local"]
"""The user's name at a server: the whole address, or its part before the @."""
Password = Literal["own", "app", "none"]
"""The mailbox's own password, one made for programs alone, or none at all: OAuth2 only."""


class Endpoint(NamedTuple):
    """One server: its name, its port, how it is encrypted, and the user's name there."""

    host: str
    port: int
    security: Security
    login: Login = "address"


class MailProvider(NamedTuple):
    """One provider; `domains` are those of its addresses, none where its customers have their own.

    `mx` is how the names of the servers end that take the mail of such domains (recalled), `also` other names of its
    servers. `files_sent` tells that its server files a copy of what leaves itself. `hint` is where its password is
    found, or what is to be switched on first: French, without the full stop.
    """

    key: str
    name: str
    domains: tuple[str, ...]
    smtp: Endpoint
    imap: Endpoint
    source: str
    password: Password = "own"
    hint: str = ""
    mx: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    files_sent: bool = False

    def at(self, protocol: Protocol) -> Endpoint:
        """The server of this protocol."""
        return self.smtp if protocol == "smtp" else self.imap


def _tls(smtp: str, imap: str, login: Login = "address") -> tuple[Endpoint, Endpoint]:
    """Both over TLS from the first octet (RFC 8314), which all have who also have STARTTLS."""
    return Endpoint(smtp, 465, "tls", login), Endpoint(imap, 993, "tls", login)


_OFFICE = Endpoint("outlook.office365.com", 993, "tls")

PROVIDERS = (
    MailProvider(
        "gmail",
        "Gmail",
        ("gmail.com", "googlemail.com"),
        *_tls("smtp.gmail.com", "imap.gmail.com"),
        "googlemail.com.xml; support.google.com answer 185833",
        "app",
        "Un mot de passe d’application (16 lettres) se crée sur myaccount.google.com/apppasswords, une fois la "
        "validation en deux étapes activée",
        mx=("google.com", "googlemail.com"),
        files_sent=True,  # support.google.com answer 78892
    ),
    MailProvider(
        "outlook",
        "Outlook.com",
        tuple(
            "outlook.com outlook.fr outlook.be hotmail.com hotmail.fr hotmail.be hotmail.ca live.com live.fr live.be "
            "live.ca msn.com windowslive.com".split()
        ),
        Endpoint("smtp-mail.outlook.com", 587, "starttls"),
        _OFFICE,
        "hotmail.com.xml; no password at all since 16 September 2024, support.microsoft.com c5d65390",
        "none",
        also=("smtp.office365.com",),
        files_sent=True,  # thunderbird-android issue 4861, nextcloud/mail issue 4831
    ),
    MailProvider(
        "microsoft365",
        "Microsoft 365",
        (),
        Endpoint("smtp.office365.com", 587, "starttls"),
        _OFFICE,
        "office365.com.xml; passwords by SMTP: Exchange Team Blog, 27 January 2026; by IMAP none since 2022",
        "none",
        mx=("protection.outlook.com",),
        files_sent=True,
    ),
    MailProvider(
        "ovh",
        "OVHcloud",
        (),
        *_tls("ssl0.ovh.net", "ssl0.ovh.net"),
        "ovh.net.xml (MX Plan; its Exchange is at ex<N>.mail.ovh.net, port 587)",
        mx=("ovh.net",),
    ),
    MailProvider(
        "ionos",
        "IONOS",
        (),
        *_tls("smtp.ionos.fr", "imap.ionos.fr"),
        "ionos.fr/assistance, « serveur entrant »",
        mx=("ionos.fr", "kundenserver.de"),
    ),
    MailProvider(
        "infomaniak",
        "Infomaniak",
        ("ik.me", "ikmail.com", "etik.com"),
        *_tls("mail.infomaniak.com", "mail.infomaniak.com"),
        "infoswitch.fr, February 2026; the domains of its addresses recalled",
        "app",
        "Un mot de passe par appareil se crée dans le Manager d’Infomaniak, sous la boîte mail",
        mx=("infomaniak.ch",),
    ),
    MailProvider("gandi", "Gandi", (), *_tls("mail.gandi.net", "mail.gandi.net"), "gandi.net.xml", mx=("gandi.net",)),
    MailProvider(
        "orange", "Orange", ("orange.fr", "wanadoo.fr"), *_tls("smtp.orange.fr", "imap.orange.fr"), "orange.fr.xml"
    ),
    MailProvider(
        "free",
        "Free",
        ("free.fr",),
        *_tls("smtp.free.fr", "imap.free.fr", "local"),
        "free.fr.xml; the switch of authenticated SMTP recalled",
        hint="L’envoi authentifié (SMTP) s’active peut-être d’abord dans votre espace abonné Free",
    ),
    MailProvider(
        "laposte",
        "laposte.net",
        ("laposte.net",),
        *_tls("smtp.laposte.net", "imap.laposte.net", "local"),
        "laposte.net.xml; the switch in the webmail recalled",
        hint="L’accès IMAP et SMTP s’active d’abord dans les paramètres du webmail laposte.net",
    ),
    MailProvider(
        "sfr", "SFR", ("sfr.fr", "neuf.fr"), *_tls("smtp.sfr.fr", "imap.sfr.fr"), "sfr.fr.xml; neuf.fr recalled"
    ),
    MailProvider(
        "icloud",
        "iCloud",
        ("icloud.com", "me.com", "mac.com"),
        Endpoint("smtp.mail.me.com", 587, "starttls"),
        Endpoint("imap.mail.me.com", 993, "tls", "local"),
        "me.com.xml",
        "app",
        "Un mot de passe pour application se crée sur account.apple.com, sous Connexion et sécurité",
        mx=("mail.icloud.com",),
    ),
    MailProvider(
        "proton",
        "Proton Mail",
        ("proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
        Endpoint("127.0.0.1", 1025, "starttls"),
        Endpoint("127.0.0.1", 1143, "starttls"),
        "xenocept.com/docs, Proton Bridge",
        "app",
        "Proton Mail Bridge (abonnement payant) doit tourner ; le mot de passe et les ports sont ceux qu’il affiche",
        mx=("protonmail.ch",),
    ),
    MailProvider(
        "yahoo",
        "Yahoo",
        ("yahoo.fr", "yahoo.com", "ymail.com", "rocketmail.com"),
        *_tls("smtp.mail.yahoo.com", "imap.mail.yahoo.com"),
        "yahoo.com.xml",
        "app",
        "Un mot de passe d’application se crée dans votre compte Yahoo, sous Sécurité",
    ),
    MailProvider(
        "zoho",
        "Zoho Mail",
        ("zohomail.eu",),
        *_tls("smtp.zoho.eu", "imap.zoho.eu"),
        "zoho.com.xml",
        mx=("zoho.eu",),
        also=("smtp.zoho.com", "imap.zoho.com"),
        files_sent=True,  # nylas issue 365
    ),
    MailProvider(
        "fastmail",
        "Fastmail",
        ("fastmail.com", "fastmail.fm"),
        *_tls("smtp.fastmail.com", "imap.fastmail.com"),
        "messagingengine.com.xml; app passwords recalled",
        "app",
        "Un mot de passe d’application se crée dans les réglages de Fastmail, sous Privacy & Security",
        mx=("messagingengine.com",),
    ),
    MailProvider(
        "posteo",
        "Posteo",
        ("posteo.de", "posteo.net", "posteo.eu", "posteo.be", "posteo.ch"),
        *_tls("posteo.de", "posteo.de"),
        "posteo.de.xml",
    ),
    MailProvider(
        "gmx",
        "GMX",
        ("gmx.fr", "gmx.com"),
        *_tls("mail.gmx.com", "imap.gmx.com"),
        "gmx.com.xml; the switch recalled",
        hint="L’accès IMAP et SMTP s’active d’abord dans les réglages du webmail GMX",
    ),
    MailProvider(
        "mailo",
        "Mailo",
        ("mailo.com", "mailo.fr", "netcourrier.com"),
        *_tls("mail.mailo.com", "mail.mailo.com"),
        "recalled",
    ),
)


def provider_of(address: str, mail_servers: Iterable[str] = ()) -> MailProvider | None:
    """The provider of this address by its domain, else by the servers that take its mail (its MX records).

    None for a domain of one's own of which these servers, if they are given, tell nothing.
    """
    domain = address.strip().rpartition("@")[2].casefold().rstrip(".")
    for each in PROVIDERS:
        if domain in each.domains:
            return each
    names = tuple(f".{name.casefold().rstrip('.')}" for name in mail_servers)
    return next((each for each in PROVIDERS for end in each.mx if any(n.endswith(f".{end}") for n in names)), None)


def provider_named(key: str) -> MailProvider | None:
    """The provider of this key."""
    return next((each for each in PROVIDERS if each.key == key.strip().casefold()), None)


def provider_at(host: str, user: str = "") -> MailProvider | None:
    """Whose server this is; Outlook.com and Microsoft 365 share some, where the address of the user tells them apart.

    An address of this machine tells nothing by itself: Proton's Bridge is there, and so is any relay.
    """
    name, own = host.casefold().rstrip("."), provider_of(user)
    found = [each for each in PROVIDERS if name in (each.smtp.host, each.imap.host, *each.also)]
    if own in found:
        return own
    return found[-1] if found and found[-1].key != "proton" else None


def user_at(endpoint: Endpoint, address: str) -> str:
    """What this server takes for the user's name."""
    return address.strip().rpartition("@")[0] if endpoint.login == "local" else address.strip()
