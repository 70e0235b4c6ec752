"""The table of mail providers: each server a name with its port, each address its provider."""

from pathlib import Path

import pytest
from pydantic import TypeAdapter

from relance.config import accepted
from relance.config.providers import PROVIDERS, MailProvider, provider_at, provider_named, provider_of, user_at
from relance.delivery.account import is_loopback


def ids(provider: MailProvider) -> str:
    """Its key."""
    return provider.key


@pytest.mark.parametrize("provider", PROVIDERS, ids=ids)
def test_a_row_can_be_connected_to(provider: MailProvider) -> None:
    """Hosts are names that the settings take; 465 and 993 go with tls, 587 with starttls; Proton's Bridge is here."""
    ports = {"tls": {465, 993}, "starttls": {587}}
    for endpoint in (provider.smtp, provider.imap):
        assert endpoint.host == TypeAdapter(accepted.Host).validate_python(endpoint.host)
        if is_loopback(endpoint.host):
            assert provider.key == "proton"
            continue
        assert "." in endpoint.host
        assert endpoint.host == endpoint.host.casefold()
        assert endpoint.port in ports[endpoint.security]
    assert provider.smtp.port != provider.imap.port


@pytest.mark.parametrize("provider", PROVIDERS, ids=ids)
def test_a_row_says_where_it_was_read(provider: MailProvider) -> None:
    """A source, and where programs want a password of their own, how one is made."""
    assert provider.source
    assert provider.password != "app" or provider.hint
    assert not provider.hint.endswith(".")
    assert provider.domains or provider.mx
    assert provider is provider_named(provider.key.upper())


def test_no_domain_and_no_key_stands_twice() -> None:
    """An address has one provider."""
    for domains in ([d for each in PROVIDERS for d in each.domains], [d for each in PROVIDERS for d in each.mx]):
        assert sorted(set(domains)) == sorted(map(str.casefold, domains))
    assert len(PROVIDERS) == len({each.key for each in PROVIDERS})


@pytest.mark.parametrize(
    ("address", "servers", "key"),
    [
        ("zoe.petit@gmail.com", (), "gmail"),
        (" Zoe@WANADOO.fr ", (), "orange"),
        ("zoe@live.fr", (), "outlook"),
        ("zoe@me.com", (), "icloud"),
        ("zoe@atelier-zoe.example", (), None),
        ("zoe@atelier-zoe.example", ("MX1.mail.ovh.net.", "mx2.mail.ovh.net."), "ovh"),
        ("zoe@atelier-zoe.example", ("atelierzoe-example.mail.protection.outlook.com",), "microsoft365"),
        ("zoe@atelier-zoe.example", ("mx.notovh.net.example", "mx.sovh.net"), None),
        ("zoe@gmail.com", ("mx1.mail.ovh.net",), "gmail"),
        ("zoe@notgmail.com", (), None),
        ("gmail.com", (), "gmail"),
        ("", (), None),
    ],
)
def test_the_provider_of_an_address(address: str, servers: tuple[str, ...], key: str | None) -> None:
    """By its domain, else by who takes its mail; never by a piece of a name."""
    found = provider_of(address, servers)
    assert key == (found and found.key)


@pytest.mark.parametrize(
    ("host", "user", "key"),
    [
        ("SMTP.gmail.com.", "zoe@atelier-zoe.example", "gmail"),
        ("outlook.office365.com", "zoe@hotmail.fr", "outlook"),
        ("outlook.office365.com", "zoe@atelier-zoe.example", "microsoft365"),
        ("smtp.office365.com", "zoe@outlook.com", "outlook"),
        ("smtp.office365.com", "", "microsoft365"),
        ("smtp-mail.outlook.com", "zoe@gmail.com", "outlook"),
        ("ssl0.ovh.net", "zoe@atelier-zoe.example", "ovh"),
        ("127.0.0.1", "zoe@proton.me", "proton"),
        ("127.0.0.1", "zoe", None),
        ("smtp.atelier-zoe.example", "zoe@gmail.com", None),
    ],
)
def test_whose_server_it_is(host: str, user: str, key: str | None) -> None:
    """The name tells, and the address where two share it."""
    found = provider_at(host, user)
    assert key == (found and found.key)


def test_the_name_at_the_server() -> None:
    """Free and laposte.net want what stands before the @, iCloud for reading alone."""
    free, icloud = provider_of("zoe.petit@free.fr"), provider_of("zoe@icloud.com")
    assert free is not None
    assert icloud is not None
    assert "zoe.petit" == user_at(free.at("smtp"), "zoe.petit@free.fr ")
    assert ("zoe@icloud.com", "zoe") == tuple(user_at(icloud.at(p), "zoe@icloud.com") for p in ("smtp", "imap"))


@pytest.mark.parametrize("provider", PROVIDERS, ids=ids)
def test_the_guide_shows_the_row(provider: MailProvider) -> None:
    """The page of settings has each provider with both of its servers, its name there where it is not the address."""
    page = (Path(__file__).parents[2] / "relance" / "guide" / "reglages.md").read_text("utf-8").replace("\u00a0", " ")
    servers = [f"{each.host}, {each.port}" for each in (provider.smtp, provider.imap)]
    (row,) = [line for line in page.splitlines() if line.startswith("|") and provider.name in line.split("|")[1]]
    assert servers == [cell.strip() for cell in row.split("|")[2:4]]
    assert (provider.smtp.login == "local") == ("ce qui précède le @" in row)
    assert provider.password != "app" or "mot de passe d’app" in row or "Bridge" in row
