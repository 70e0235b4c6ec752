"""What the DNS says of the domain that writes: SPF (RFC 7208), DKIM (RFC 6376), DMARC (RFC 7489), and who sends for it.

Nothing is changed and no mail is sent; what cannot be asked is not verifiable, never wrong.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 4.0
"""A question to the DNS takes this long at most; a domain asks about ten."""
_INCLUDES = 10  # RFC 7208 4.6.4
_NOBODYS = ("example", "invalid", "localhost", "test")
"""Domains that are never anybody's (RFC 2606): nothing is asked about them."""


class Seal(StrEnum):
    """How far a record does what it is for."""

    GOOD = "good"
    LACKING = "lacking"
    UNKNOWN = "unknown"


class Provider(NamedTuple):
    """A mail provider by the end of its servers' names: what its customers' SPF includes, its DKIM selectors."""

    servers: tuple[str, ...]
    spf: str
    selectors: tuple[str, ...] = ()


PROVIDERS = (
    Provider(("gmail.com", "googlemail.com", "google.com"), "_spf.google.com", ("google",)),
    Provider(("ovh.net", "ovh.com", "ovhcloud.com"), "mx.ovh.com"),
    Provider(("office365.com", "outlook.com"), "spf.protection.outlook.com", ("selector1", "selector2")),
    Provider(("gandi.net",), "_mailcust.gandi.net", ("gm1", "gm2", "gm3")),
    Provider(("infomaniak.com", "infomaniak.ch"), "spf.infomaniak.ch"),
    Provider(("fastmail.com", "messagingengine.com"), "spf.messagingengine.com", ("fm1", "fm2", "fm3")),
    Provider(("protonmail.ch", "proton.me"), "_spf.protonmail.ch", ("protonmail", "protonmail2")),
    Provider(("mailjet.com",), "spf.mailjet.com", ("mailjet",)),
)
"""Those whose names have been the same for years: read at helpdesk.gandi.net and infomaniak.com (faq 2199), the others
recalled. Of another one nothing is said."""


class Standing(NamedTuple):
    """What was found of a domain: `include` is what its SPF should name, `login` whose account sends for it.

    `aligned` is False where that account is of another domain: receivers that check DMARC refuse such a message.
    """

    domain: str
    spf: Seal
    dkim: Seal
    dmarc: Seal
    include: str = ""
    login: str = ""

    @property
    def aligned(self) -> bool:
        return not self.login or _organisation(self.login) == _organisation(self.domain)

    @property
    def good(self) -> bool:
        return self.aligned and Seal.LACKING not in (self.spf, self.dkim, self.dmarc)


def standing_of(email: str, host: str, user: str, resolver: "Resolver | None" = None) -> Standing:
    """Ask the DNS about the domain of this address, which writes through the server `host` as `user`."""
    domain = email.rpartition("@")[2].casefold()
    login = user.rpartition("@")[2].casefold() if "@" in user else ""
    provider = next((each for each in PROVIDERS if _ends_with(host, each.servers)), None)
    asking = _Asking(resolver)
    return Standing(
        domain=domain,
        spf=_spf(domain, provider, asking),
        dkim=_dkim(domain, provider, asking),
        dmarc=_dmarc(domain, asking),
        include=provider.spf if provider is not None else "",
        login=login,
    )


def mail_servers(email: str, resolver: "Resolver | None" = None) -> list[str]:
    """The servers that take the mail of this address, the first choice first; none where nobody says."""
    from dns.exception import DNSException

    domain = email.rpartition("@")[2].casefold().rstrip(".")
    if domain.rpartition(".")[2] in _NOBODYS:
        return []
    try:
        answer = (resolver or _of_this_machine()).resolve(domain, "MX", lifetime=SECONDS)
        return [str(record.exchange) for record in sorted(answer, key=lambda record: record.preference)]
    except (DNSException, OSError, ValueError):
        return []


class _Asking:
    """Questions to the DNS; one that is not answered makes `silent` True."""

    def __init__(self, resolver: "Resolver | None") -> None:
        self.resolver = resolver or _of_this_machine()
        self.silent = False

    def texts(self, name: str) -> list[str]:
        """The texts at this name; none where there are none, or nobody answers."""
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer

        try:
            answer = self.resolver.resolve(name, "TXT", lifetime=SECONDS)
            return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError, ValueError):
            self.silent = True
            return []


def _of_this_machine() -> "Resolver":
    """As the system is set up; where it is not, one that asks nobody."""
    from dns.resolver import NoResolverConfiguration, Resolver

    try:
        return Resolver()
    except NoResolverConfiguration:
        return Resolver(configure=False)


def _state(found: bool, asking: _Asking) -> Seal:
    return Seal.GOOD if found else Seal.UNKNOWN if asking.silent else Seal.LACKING


def _spf(domain: str, provider: Provider | None, asking: _Asking) -> Seal:
    """Whether the domain names the servers of its provider, directly or by what it includes."""
    own = _record(asking.texts(domain), "v=spf1")
    if provider is None or _ends_with(domain, provider.servers):  # its own customers' addresses are its own affair
        return _state(bool(own), asking)
    return _state(provider.spf in _included(domain, own, asking), asking)


def _included(domain: str, own: str, asking: _Asking) -> set[str]:
    """The names that an SPF record rests on, those of others included; at most ten of these are asked for."""
    found, waiting = {domain}, [own]
    for _ in range(_INCLUDES):
        if not waiting:
            break
        for name in _names(waiting.pop(0)):
            if name not in found:
                found.add(name)
                waiting.append(_record(asking.texts(name), "v=spf1"))
    return found


def _names(record: str) -> Iterator[str]:
    for term in record.casefold().split():
        for start in ("include:", "+include:", "?include:", "redirect="):
            if term.startswith(start):
                yield term.removeprefix(start).rstrip(".")


def _dkim(domain: str, provider: Provider | None, asking: _Asking) -> Seal:
    """Whether a key stands under a selector of the provider; others are known to nobody: not verifiable."""
    selectors = provider.selectors if provider is not None else ()
    keys = (_record(asking.texts(f"{name}._domainkey.{domain}"), "", "p=") for name in selectors)
    return Seal.GOOD if any(keys) else Seal.UNKNOWN


def _dmarc(domain: str, asking: _Asking) -> Seal:
    """Whether the domain, or the organisation whose it is, says what to do with what fails."""
    names = dict.fromkeys((domain, _organisation(domain)))
    return _state(any(_record(asking.texts(f"_dmarc.{name}"), "v=dmarc1") for name in names), asking)


def _record(texts: list[str], start: str, within: str = "") -> str:
    known = (text for text in texts if text.casefold().startswith(start) and within in text)
    return next(known, "")


def _organisation(domain: str) -> str:
    """The registered domain, as far as its two last words tell; three where these are short (example.co.uk)."""
    words = domain.casefold().rstrip(".").split(".")
    long = len(words) > 2 and len(words[-1]) == 2 and len(words[-2]) <= 3
    return ".".join(words[-3:] if long else words[-2:])


def _ends_with(host: str, servers: tuple[str, ...]) -> bool:
    name = host.casefold().rstrip(".")
    return any(name == server or name.endswith(f".{server}") for server in servers)
