"""A mail account, as the settings name it: the server that sends, or the mailbox where answers arrive."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Protocol = Literal["smtp", "imap"]
Security = Literal["starttls", "tls", "none"]
Auth = Literal["password", "xoauth2"]
SaveSent = Literal["auto"] | bool
"""Whether Sent gets a copy of what leaves: yes, no, or as the provider is known to file its own."""

DEFAULT_PORTS: Mapping[Protocol, Mapping[Security, int]] = MappingProxyType(
    {"smtp": {"starttls": 587, "tls": 465, "none": 25}, "imap": {"starttls": 143, "tls": 993, "none": 143}}
)
"""Message submission (RFC 6409), submission over TLS (RFC 8314), a relay on this machine; IMAP (RFC 3501, 8314)."""
DEFAULT_TIMEOUT = 60
DEFAULT_PER_MINUTE = 20
FINAL_REPLY_SECONDS = 600.0  # RFC 5321 4.5.3.2.6: giving up earlier only makes doubt


class Secret(NamedTuple):
    """Where what proves the user is read when it is needed; one of them, or none, where there is no log-in.

    The password is in the variable `password_env`, on the first line that the program `password_command` prints (its
    words, run without a shell), or under the service `keyring` of the system's keyring. `token_command` prints an
    OAuth2 access token in its place (RFC 6750), which lives for an hour or so: it is asked for at each log-in.
    """

    password_env: str = ""
    password_command: tuple[str, ...] = ()
    keyring: str = ""
    token_command: tuple[str, ...] = ()


class Account(NamedTuple):
    """Where, as whom and how; `protocol` is the table of the settings that says so.

    The password is never part of it, only where it is found. Times in seconds, `final_timeout` for the reply to the
    dot; `per_minute` messages at most; of a mailbox these `folders` are read, without any those that the server itself
    marks (see mailbox.py), and drafts lie in `drafts_folder`, where it is named.
    """

    protocol: Protocol
    host: str
    port: int
    security: Security
    user: str = ""
    secret: Secret = Secret()
    timeout: float = DEFAULT_TIMEOUT
    final_timeout: float = FINAL_REPLY_SECONDS
    per_minute: int = DEFAULT_PER_MINUTE
    folders: tuple[str, ...] = ()
    drafts_folder: str = ""
    save_sent: SaveSent = "auto"

    @property
    def server(self) -> str:
        """The server as the user names it."""
        return f"{self.host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether what is said to this name or address stays on this machine."""
    from ipaddress import ip_address  # imported here: values alone are what most commands need of this module

    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.casefold().rstrip(".") == "localhost"
