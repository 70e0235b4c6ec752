"""Postfix and Dovecot, the real ones, on loopback with unprivileged ports; started and stopped by the tests.

They come from Debian's packages postfix, dovecot-imapd and dovecot-lmtpd, which `.ci/run` installs where it can. Both
have to start as root, whose rights they drop at once.
"""

import json
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from mail_support import CANARY, USER, authority

SECONDS = 60.0
"""After this long a server that does not answer is a failure."""

DOVECOT = """\
base_dir = {w}/run
state_dir = {w}/state
log_path = {w}/dovecot.log
listen = 127.0.0.1
protocols = imap lmtp
ssl = required
ssl_cert = <{w}/cert.pem
ssl_key = <{w}/key.pem
mail_location = maildir:{w}/mail/%n
first_valid_uid = 1
default_internal_user = {internal}
default_login_user = {login}
default_vsz_limit = 0
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
lmtp_save_to_detail_mailbox = no
protocol lmtp {{
  postmaster_address = postmaster@martin.example
}}
namespace inbox {{
  inbox = yes
  mailbox "Messages envoyés" {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Brouillons {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox "Classé" {{
    auto = create
    special_use = \\Archive
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {w}/oauth2.conf
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={w}/home/%n allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  inet_listener {{
    port = {auth}
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

MAIN = """\
compatibility_level = 3.6
queue_directory = {w}/pf/q
data_directory = {w}/pf/d
maillog_file = {w}/postfix.log
maillog_file_prefixes = {w}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.martin.example
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {w}/cert.pem
smtpd_tls_key_file = {w}/key.pem
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ full@client.example = 452 4.2.2 mailbox full }},
  {{ gone@client.example = 550 5.1.1 no such user }} }}, permit_sasl_authenticated, reject
smtpd_delay_reject = yes
message_size_limit = 300000
default_transport = lmtp:inet:127.0.0.1:{lmtp}
virtual_transport = lmtp:inet:127.0.0.1:{lmtp}
transport_maps = inline:{{ {{ moved@client.example = lmtp:inet:127.0.0.1:{nobody} }} }}
disable_dns_lookups = yes
smtputf8_enable = no
"""

MASTER = """\
127.0.0.1:{smtp} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
tlsmgr unix - - n 1000? 1 tlsmgr
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
retry unix - - n - - error
error unix - - n - - error
postlog unix-dgram n - n - 1 postlogd
"""


OAUTH2 = """\
introspection_mode = post
introspection_url = http://127.0.0.1:{tokens}/
username_attribute = username
active_attribute = active
active_value = true
"""
TOKEN = "EwB4" + "k7Zq0w_x-" * 120 + "AQ=="
"""The access token that is good, of the length of Microsoft's."""


class _Issuer(BaseHTTPRequestHandler):
    """Whoever gave the tokens, asked by Dovecot whether one is good (RFC 7662)."""

    def do_POST(self) -> None:
        said = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        good = said.get("token") == [TOKEN]
        answer = json.dumps({"active": "true", "username": USER} if good else {"active": "false"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""


@contextmanager
def _issuer() -> Iterator[int]:
    """Its port, for the block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Issuer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(SECONDS)


@dataclass(frozen=True)
class Peers:
    """Where they listen; `maildir` is what Dovecot keeps for `camille`."""

    folder: Path
    smtp: int
    imap: int
    imaps: int
    nobody: int

    @property
    def maildir(self) -> Path:
        """The mails of the user `camille`."""
        return self.folder / "mail" / "camille"

    def arrived(self, user: str, count: int) -> list[bytes]:
        """The mails of a user, once there are that many."""
        end = time.monotonic() + SECONDS
        while True:
            found = [p.read_bytes() for sub in ("new", "cur") for p in (self.folder / "mail" / user / sub).glob("*")]
            if len(found) >= count:
                return found
            assert time.monotonic() < end, f"{len(found)} of {count} mails for {user}\n{self.log()}"
            time.sleep(0.05)

    def log(self) -> str:
        """The end of what both said."""
        logs = [self.folder / name for name in ("postfix.log", "dovecot.log")]
        return "\n".join(log.read_text("utf-8", "replace")[-3000:] for log in logs if log.exists())


def missing() -> str:
    """Why they cannot run here, in a few words; empty where they can."""
    absent = [name for name in ("postfix", "dovecot") if _program(name) is None]
    if absent:
        return f"{' and '.join(absent)} not installed"
    if not Path("/usr/lib/dovecot/lmtp").exists():
        return "dovecot-lmtpd not installed"
    return "" if os.geteuid() == 0 else "Postfix and Dovecot start as root"


def _program(name: str) -> str | None:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def _free_ports(count: int) -> list[int]:
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [door.getsockname()[1] for door in doors]
    for door in doors:
        door.close()
    return ports


@contextmanager
def peers(folder: Path) -> Iterator[Peers]:
    """Both servers for the block, in a folder that everybody may enter; ended by their process ids."""
    with _issuer() as tokens:
        (folder / "oauth2.conf").write_text(OAUTH2.format(tokens=tokens), encoding="utf-8")
        yield from _peers(folder)


def _peers(folder: Path) -> Iterator[Peers]:
    smtp, imap, imaps, lmtp, auth, nobody = _free_ports(6)
    folder.chmod(0o755)
    names = {"w": folder, "smtp": smtp, "imap": imap, "imaps": imaps, "lmtp": lmtp, "auth": auth, "nobody": nobody}
    certificate = authority().issue_cert("127.0.0.1", "localhost")
    certificate.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    for name in ("run", "state", "mail", "home", "pf", "pf/q", "pf/d"):
        (folder / name).mkdir()
    for name, owner in (("mail", "mail"), ("home", "mail"), ("pf/d", "postfix")):
        shutil.chown(folder / name, owner)
    users = {entry.pw_name for entry in pwd.getpwall()}
    internal, login = ("dovecot", "dovenull") if "dovecot" in users else ("nobody", "nobody")
    (folder / "dovecot.conf").write_text(
        DOVECOT.format(**names, password=CANARY, internal=internal, login=login), encoding="utf-8"
    )
    (folder / "pf" / "main.cf").write_text(MAIN.format(**names), encoding="utf-8")
    (folder / "pf" / "master.cf").write_text(MASTER.format(**names), encoding="utf-8")
    dovecot = subprocess.Popen(
        [str(_program("dovecot")), "-F", "-c", str(folder / "dovecot.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    found = Peers(folder, smtp, imap, imaps, nobody)
    try:
        postfix = [str(_program("postfix")), "-c", str(folder / "pf")]
        subprocess.run([*postfix, "start"], check=True, capture_output=True, timeout=SECONDS)
        master = int((folder / "pf" / "q" / "pid" / "master.pid").read_text())
        try:
            _wait_for(found)
            yield found
        finally:
            _end(master)
    finally:
        dovecot.send_signal(signal.SIGTERM)
        try:
            dovecot.wait(SECONDS)
        except subprocess.TimeoutExpired:
            dovecot.kill()
            dovecot.wait()


def _wait_for(found: Peers) -> None:
    """Until both greet."""
    end = time.monotonic() + SECONDS
    for port in (found.smtp, found.imap):
        while True:
            assert time.monotonic() < end, found.log()
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 5) as link:
                if link.recv(100):
                    break
            time.sleep(0.05)


def _end(pid: int) -> None:
    """Postfix's master ends its own children; it is no child of ours, so that its end is only seen."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            os.kill(pid, 0)
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)


@contextmanager
def nobody_lives_here(found: Peers) -> Iterator[None]:
    """Where Postfix delivers the mails of `moved@client.example`: every recipient is refused, after the acceptance."""
    door = socket.create_server(("127.0.0.1", found.nobody))

    def serve() -> None:
        with suppress(OSError):
            link, _ = door.accept()
            link.settimeout(SECONDS)
            with link, link.makefile("rb") as lines:
                link.sendall(b"220 nobody LMTP\r\n")
                for line in lines:
                    refused = line[:4].upper() == b"RCPT"
                    link.sendall(b"550 5.1.1 no longer here\r\n" if refused else b"250 2.0.0 nobody\r\n")

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        door.shutdown(socket.SHUT_RDWR)
        door.close()
        thread.join(SECONDS)


def hand_in(found: Peers, raw: bytes, to: str) -> None:
    """A mail from outside, put into a user's box as Dovecot takes it."""
    text = (found.folder / "dovecot.conf").read_text(encoding="utf-8")
    port = int(text.partition("inet_listener lmtp {")[2].partition("port = ")[2].split()[0])
    with smtplib.LMTP("127.0.0.1", port) as session:
        session.sendmail("outside@client.example", [to], raw)
