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


def when(word: str, act: Callable[[Peer, str], None]) -> Fault:
    """Do this, and nothing else, for each command that holds a word."""

    def fault(peer: Peer, line: str) -> bool:
        if word in line:
            act(peer, line)
        return word in line

    return fault


def answering(said: str) -> Callable[[Peer, str], None]:
    """Answer the command so, after its tag."""
    return lambda peer, line: peer.say(f"{line.split()[0]} {said}")


def hang_up(peer: Peer, line: str) -> None:
    """End the connection."""
    peer.link.shutdown(socket.SHUT_RDWR)


@dataclass
class Mails:
    """The folders with their mails and the day each arrived; what was asked, and the faults."""

    folders: dict[str, list[tuple[bytes, date]]] = field(default_factory=lambda: {"INBOX": []})
    flags: dict[str, str] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 AUTH=PLAIN UIDPLUS"
    fault: Fault | None = None
    commands: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    port: int = 0
    tls: ssl.SSLContext | None = None
    today: date = ARRIVED
    appended: list[tuple[str, str, bytes]] = field(default_factory=list)
    validity: int = 7
    _uids: dict[str, list[int]] = field(default_factory=dict)
    _next: int = 1
    _marked: set[int] = field(default_factory=set)

    def put(self, raw: bytes | str, on: date = ARRIVED, folder: str = "INBOX") -> None:
        """A mail arrives; LF line ends become CRLF."""
        octets = raw if isinstance(raw, bytes) else raw.encode()
        self.folders.setdefault(folder, []).append((octets.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), on))

    def uids(self, folder: str) -> list[int]:
        """The number of each mail of a folder, which it keeps."""
        known = self._uids.setdefault(folder, [])
        while len(known) < len(self.folders[folder]):
            known.append(self._next)
            self._next += 1
        return known

    def raws(self, folder: str) -> list[bytes]:
        """The octets of each mail of a folder."""
        return [raw for raw, _ in self.folders[folder]]

    def take(self, folder: str, uid: int) -> None:
        """A mail leaves a folder, by whoever's hand."""
        place = self.uids(folder).index(uid)
        del self._uids[folder][place], self.folders[folder][place]

    def append(self, peer: Peer, tag: str, argument: str) -> None:
        """Take a literal into a folder, which has to be there."""
        found = re.fullmatch(r'"([^"]*)" (\([^)]*\))(?: "[^"]*")? \{(\d+)\}', argument)
        assert found is not None, argument
        peer.say("+ go on")
        raw = peer.reader.read(int(found[3]))
        if len(raw) == int(found[3]):  # cut inside the literal, there is no message
            peer.hear()
            self.filed(peer, tag, found[1], found[2], raw)

    def filed(self, peer: Peer, tag: str, folder: str, flags: str, raw: bytes) -> None:
        """Put a mail that was read whole into a folder, and say so."""
        if folder not in self.folders:
            peer.say(f"{tag} NO [TRYCREATE] no such folder")
            return
        self.folders[folder].append((raw, self.today))
        self.appended.append((folder, flags, raw))
        told = f"[APPENDUID {self.validity} {self.uids(folder)[-1]}] " if "UIDPLUS" in self.capabilities else ""
        peer.say(f"{tag} OK {told}Append completed.")

    def serve(self, peer: Peer) -> None:
        """One session."""
        peer.say("* OK ready")
        chosen, writing = "", False
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
                case "EXAMINE" | "SELECT":
                    name = argument.strip('"')
                    if name not in self.folders:
                        peer.say(f"{tag} NO no such folder")
                        continue
                    chosen, writing = name, verb.upper() == "SELECT"
                    peer.say(f"* {len(self.folders[chosen])} EXISTS")
                    peer.say(f"* OK [UIDVALIDITY {self.validity}] valid")
                case "APPEND":
                    self.append(peer, tag, argument)
                    continue
                case "UID" if argument.startswith(("STORE", "EXPUNGE")) and not writing:
                    peer.say(f"{tag} NO [READ-ONLY] opened to be read alone")
                    continue
                case "UID":
                    self._uid(peer, argument, chosen)
                case "LOGOUT":
                    peer.say("* BYE")
                    peer.say(f"{tag} OK")
                    return
            peer.say(f"{tag} OK done")

    def _uid(self, peer: Peer, argument: str, chosen: str) -> None:
        known = self.uids(chosen)
        if argument.startswith("SEARCH"):
            peer.say(f"* SEARCH {' '.join(map(str, known))}")
            return
        uids = [int(uid) for uid in argument.split(" ")[1].split(",")]
        if argument.startswith("STORE"):
            self._marked |= {*uids} if r"(\Deleted)" in argument else set()
            return
        if argument.startswith("EXPUNGE"):
            for uid in self._marked.intersection(uids, known):
                self.take(chosen, uid)
            return
        [(first, limit)] = re.findall(r"<(\d+)\.(\d+)>", argument)
        head = "HEADER" in argument
        for uid in filter(known.__contains__, uids):
            raw, on = self.folders[chosen][known.index(uid)]
            part = raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" if head else raw
            part = part[int(first) : int(first) + int(limit)]
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
