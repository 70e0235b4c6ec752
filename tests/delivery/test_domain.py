"""SPF, DKIM, DMARC and alignment, asked of a DNS server on this machine."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.resolver
import dns.rrset
import pytest

from relance.delivery.domain import Seal, Standing, mail_servers, standing_of
from relance.display.room import domain_room

Zone = Mapping[str, str]
OVH = "ssl0.ovh.net"
_OVER = b"over"
"""What the server is told at the end; no question is that short."""


@contextmanager
def resolving(zone: Zone) -> Iterator[dns.resolver.Resolver]:
    """A resolver that asks a server of this machine, which knows these texts and says of all else that it is not.

    Those under « MX » and a name are its mail servers, with a semicolon between them.
    """
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            raw, peer = server.recvfrom(4096)
            if raw == _OVER:
                return
            server.sendto(_answer(raw, zone), peer)

    thread = threading.Thread(target=serve)
    thread.start()
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], server.getsockname()[1]
    try:
        yield resolver
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(_OVER, server.getsockname())
        thread.join()
        server.close()


def _answer(raw: bytes, zone: Zone) -> bytes:
    asked = dns.message.from_wire(raw)
    reply = dns.message.make_response(asked)
    name, kind = asked.question[0].name, dns.rdatatype.to_text(asked.question[0].rdtype)
    about = name.to_text(omit_final_dot=True).casefold()
    text = zone.get(f"MX {about}" if kind == "MX" else about)
    if text is None:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif kind == "MX":
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "MX", *text.split(";")))
    else:
        chunks = " ".join(f'"{text[i : i + 200]}"' for i in range(0, len(text), 200))
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", chunks))
    return reply.to_wire()


def found(zone: Zone, host: str = OVH, email: str = "camille@atelier.example", user: str = "") -> Standing:
    """What is found of the sender with this zone."""
    with resolving(zone) as resolver:
        return standing_of(email, host, user or email, resolver)


WHOLE = {
    "atelier.example": "v=spf1 include:mx.ovh.com ~all",
    "mx.ovh.com": "v=spf1 ip4:192.0.2.0/24 ~all",
    "_dmarc.atelier.example": "v=DMARC1; p=none",
}


def said(standing: Standing) -> str:
    """The lines of `check`, with ordinary spaces."""
    room = domain_room(standing)
    return "\n".join((f"{room.name} {room.said}", *room.told)).replace("\u00a0", " ").replace("\u202f", " ")


def test_all_is_well() -> None:
    """One line; a selector that nobody knows is not verifiable, and no fault."""
    standing = found(WHOLE)
    assert (Seal.GOOD, Seal.UNKNOWN, Seal.GOOD, True) == (standing.spf, standing.dkim, standing.dmarc, standing.good)
    assert "Domaine atelier.example : SPF oui, DKIM non vérifiable, DMARC oui" == said(standing)


def test_what_lacks_has_its_cure() -> None:
    """The record to add, with what this provider wants in it."""
    standing = found({})
    assert (Seal.LACKING, Seal.LACKING, False) == (standing.spf, standing.dmarc, standing.good)
    assert "v=spf1 include:mx.ovh.com ~all" in said(standing)
    assert "un TXT à _dmarc.atelier.example : v=DMARC1; p=none" in said(standing)
    elsewhere = found({"atelier.example": "v=spf1 include:_spf.google.com ~all"})
    assert Seal.LACKING is elsewhere.spf


def test_an_include_may_be_further_down() -> None:
    """Of another record, or by a redirection; a circle ends."""
    nested = {
        "atelier.example": "v=spf1 redirect=spf.host.example",
        "spf.host.example": "v=spf1 include:mx.ovh.com -all",
    }
    assert Seal.GOOD is found(nested).spf
    for sign in "+?":
        assert Seal.GOOD is found({"atelier.example": f"v=spf1 {sign}include:mx.ovh.com. ~all"}).spf
    circle = {"atelier.example": "v=spf1 include:a.example ~all", "a.example": "v=spf1 include:atelier.example ~all"}
    assert Seal.LACKING is found(circle).spf


def test_texts_of_other_octets_are_read_as_far_as_they_go() -> None:
    """A zone may hold anything: what is beside our sentence is no reason to know nothing of it."""
    assert Seal.GOOD is found(WHOLE | {"atelier.example": r"v=spf1 include:mx.ovh.com \233\255 ~all"}).spf


@pytest.mark.parametrize(("depth", "seal"), [(9, Seal.GOOD), (10, Seal.LACKING)])
def test_includes_are_followed_so_far(depth: int, seal: Seal) -> None:
    """Each record names the next one; the tenth is the last that is read (RFC 7208 4.6.4)."""
    names = ["atelier.example", *(f"spf{n}.example" for n in range(depth)), "mx.ovh.com"]
    zone = {name: f"v=spf1 include:{after} -all" for name, after in pairwise(names)}
    assert seal is found(zone).spf


def test_a_known_selector_has_its_key() -> None:
    """Gandi's; without it nothing is said against the domain."""
    key = {"gm1._domainkey.atelier.example": "v=DKIM1; k=rsa; p=" + "A" * 300}
    assert (Seal.GOOD, Seal.UNKNOWN) == tuple(found(zone, host="mail.gandi.net").dkim for zone in (key, {}))


def test_an_unknown_provider_is_not_judged() -> None:
    """That the domain has an SPF record is all that can be seen."""
    assert Seal.GOOD is found({"atelier.example": "v=spf1 a mx -all"}, host="smtp.host.example").spf


def test_dmarc_of_the_organisation_counts() -> None:
    """A part of a domain has that of the whole."""
    assert Seal.GOOD is found(WHOLE, email="camille@mail.atelier.example").dmarc


@pytest.mark.parametrize(
    ("email", "user", "aligned"),
    [
        ("camille@atelier.example", "camille@atelier.example", True),
        ("camille@atelier.example", "smtp@mail.atelier.example", True),
        ("camille@atelier.example", "apikey", True),
        ("camille.moreau@gmail.com", "camille@atelier.example", False),
        ("camille@one.co.uk", "camille@two.co.uk", False),
    ],
)
def test_who_writes_through_another_account_fails(email: str, user: str, aligned: bool) -> None:
    """A gmail.com sender through another host is refused by who checks DMARC."""
    standing = found({}, email=email, user=user)
    assert aligned is standing.aligned
    assert aligned is ("écrit par un compte de" not in said(standing))


def test_the_addresses_of_a_provider_are_its_own_affair() -> None:
    """Nobody can add a record to outlook.com."""
    standing = found({"outlook.com": "v=spf1 include:spf2.outlook.com -all"}, "smtp.office365.com", "c@outlook.com")
    assert Seal.GOOD is standing.spf


def test_silence_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a network, nothing is verifiable."""
    monkeypatch.setattr("relance.delivery.domain.SECONDS", 0.1)
    resolver = dns.resolver.Resolver(configure=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        resolver.nameservers, resolver.port = ["127.0.0.1"], closed.getsockname()[1]
    standing = standing_of("camille@atelier.example", OVH, "", resolver)
    assert [Seal.UNKNOWN] * 3 == [standing.spf, standing.dkim, standing.dmarc]
    assert standing.good


@pytest.mark.parametrize("set_up", [True, False])
def test_the_servers_are_those_of_this_machine(monkeypatch: pytest.MonkeyPatch, set_up: bool) -> None:
    """Those of resolv.conf; a machine without one asks nobody, and nothing is said against the domain."""
    with resolving(WHOLE) as local:

        def read(resolver: dns.resolver.Resolver, path: object) -> None:
            if not set_up:
                raise dns.resolver.NoResolverConfiguration
            resolver.nameservers, resolver.port = local.nameservers, local.port

        monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", read)
        standing = standing_of("camille@atelier.example", OVH, "")
    expected = Seal.GOOD if set_up else Seal.UNKNOWN
    assert (expected, expected, True) == (standing.spf, standing.dmarc, standing.good)


@pytest.mark.parametrize("email", ["zoe@atelier.example.org", "Zoé <zoe@Atelier.Example.ORG.", "atelier.example.org"])
def test_the_servers_that_take_the_mail_of_an_address(email: str) -> None:
    """The first choice first, however the DNS orders them."""
    zone = {"MX atelier.example.org": "20 mx2.mail.ovh.net.;1 mx1.mail.ovh.net.;100 mx3.mail.ovh.net."}
    with resolving(zone) as resolver:
        assert [f"mx{n}.mail.ovh.net." for n in (1, 2, 3)] == mail_servers(email, resolver)


@pytest.mark.parametrize("email", ["zoe@nulle-part.org", f"zoe@{'a' * 64}.org", "zoe@a..org", "zoe@", ""])
def test_who_has_none_that_are_known(email: str) -> None:
    """A name that is not, or that is no name: nothing is proposed, and nothing fails."""
    with resolving({}) as resolver:
        assert [] == mail_servers(email, resolver)


@pytest.mark.parametrize("email", ["zoe@example", "zoe@atelier.Example", "zoe@a.invalid.", "zoe@localhost", "z@a.test"])
def test_nothing_is_asked_about_the_domains_of_nobody(email: str) -> None:
    """Whatever a server would say (RFC 2606)."""
    name = email.rpartition("@")[2].casefold().rstrip(".")
    with resolving({f"MX {name}": "1 mx.elsewhere.org."}) as resolver:
        assert [] == mail_servers(email, resolver)


@pytest.mark.parametrize("set_up", [True, False])
def test_the_servers_of_this_machine_are_asked_for_those_of_an_address(
    monkeypatch: pytest.MonkeyPatch, set_up: bool
) -> None:
    """A machine without any asks nobody."""
    with resolving({"MX atelier.org": "1 mx.atelier.org."}) as local:

        def read(resolver: dns.resolver.Resolver, path: object) -> None:
            if not set_up:
                raise dns.resolver.NoResolverConfiguration
            resolver.nameservers, resolver.port = local.nameservers, local.port

        monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", read)
        assert (["mx.atelier.org."] if set_up else []) == mail_servers("zoe@atelier.org")
