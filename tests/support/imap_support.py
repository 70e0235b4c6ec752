"""A small IMAP server on loopback: folders of mails, and the faults that a test asks for."""

import base64
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from mail_support import CANARY, USER, Peer, listening

from relance.delivery.account import Account

ARRIVED = date(2026, 11, 23)
Fault = Callable[[Peer, str], bool]
"""What is done instead for a command (its line); False: nothing, the usual answer."""


@dataclass
class Mails:
    """The folders with their mails and the day each arrived; what was asked, and the faults."""

    folders: dict[str, list[tuple[bytes, date]]] = field(default_factory=lambda: {"INBOX": []})
    flags: dict[str, str] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 AUTH=PLAIN"
    fault: Fault | None = None
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None

    def put(self, raw: bytes | str, on: date = ARRIVED, folder: str = "INBOX") -> None:
        """A mail arrives; LF line ends become CRLF."""
        octets = raw if isinstance(raw, bytes) else raw.encode()
        self.folders.setdefault(folder, []).append((octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), on))

    def serve(self, peer: Peer) -> None:
        """One session."""
        peer.say("* OK ready")
        chosen: list[tuple[bytes, date]] = []
        while line := peer.hear().decode().strip():
            self.commands.append(line)
            if self.fault is not None and self.fault(peer, line):
                continue
            tag, verb, *rest = line.split(" ", 2)
            argument = rest[0] if rest else ""
            match verb.upper():
                case "CAPABILITY":
                    peer.say(f"* CAPABILITY {self.capabilities}")
                case "AUTHENTICATE":
                    peer.say("+")
                    said = base64.b64decode(peer.hear()).decode().split("\0")
                    self.logins.append("PLAIN")
                    if said[1:] != [USER, CANARY]:
                        peer.say(f"{tag} NO [AUTHENTICATIONFAILED] no {CANARY}")
                        continue
                case "STARTTLS" if self.tls is not None:
                    peer.say(f"{tag} OK go on")
                    peer.link = self.tls.wrap_socket(peer.link, server_side=True)
                    peer.reader = peer.link.makefile("rb")
                    continue
                case "LOGIN":
                    self.logins.append("LOGIN")
                case "LIST":
                    for name in self.folders:
                        peer.say(f'* LIST ({self.flags.get(name, "")}) "/" "{name}"')
                case "EXAMINE":
                    name = argument.strip('"')
                    if name not in self.folders:
                        peer.say(f"{tag} NO no such folder")
                        continue
                    chosen = self.folders[name]
                    peer.say(f"* {len(chosen)} EXISTS")
                case "UID":
                    self._uid(peer, argument, chosen)
                case "LOGOUT":
                    peer.say("* BYE")
                    peer.say(f"{tag} OK")
                    return
            peer.say(f"{tag} OK done")

    def _uid(self, peer: Peer, argument: str, chosen: list[tuple[bytes, date]]) -> None:
        if argument.startswith("SEARCH"):
            peer.say(f"* SEARCH {' '.join(str(n) for n in range(1, len(chosen) + 1))}")
            return
        uids = [int(uid) for uid in argument.split(" ")[1].split(",")]
        head, limit = "HEADER" in argument, int(re.findall(r"<0\.(\d+)>", argument)[0])
        for uid in uids:
            raw, on = chosen[uid - 1]
            part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head else raw
            part = part[:limit]
            arrived = f"{on:%d-%b-%Y} 10:00:00 +0000"
            name = "BODY[HEADER]<0>" if head else "BODY[]<0>"
            peer.say(f"* {uid} FETCH (UID {uid} {name} {{{len(part)}}}")
            peer.say(part)
            peer.say(f' INTERNALDATE "{arrived}")')


@contextmanager
def imap_server(mails: Mails | None = None) -> Iterator[Mails]:
    """The server for the block, for as many sessions as come."""
    box = mails or Mails()
    door = listening()
    box.port = door.getsockname()[1]
    failures: list[BaseException] = []

    def serve() -> None:
        while True:
            try:
                link, _ = door.accept()
            except OSError:
                return
            link.settimeout(10)
            peer = Peer(link)
            try:
                box.serve(peer)
            except (ConnectionError, TimeoutError, ssl.SSLError):  # the client may not like our certificate
                pass
            except BaseException as error:
                failures.append(error)
            finally:
                peer.reader.close()
                peer.link.close()  # the one over TLS, where there is one
                link.close()

    door.settimeout(None)
    thread = threading.Thread(target=serve)
    with door:
        thread.start()
        try:
            yield box
        finally:
            door.shutdown(socket.SHUT_RDWR)
            thread.join(10)
    assert not failures, failures


def imap_settings(port: int, **changes: Any) -> Account:
    """Settings for that server; short waits."""
    usual: dict[str, Any] = {"security": "none", "user": USER, "timeout": 10.0}
    return Account(protocol="imap", host="127.0.0.1", port=port, **{**usual, **changes})
