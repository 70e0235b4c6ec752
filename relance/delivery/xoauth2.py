"""XOAUTH2: a log-in by an access token, as Google and Microsoft take it over SMTP and IMAP (RFC 7628 is its heir).

Wire format: developers.google.com/workspace/gmail/imap/xoauth2-protocol. A refusal comes in two steps: the server says
why in JSON, is answered with nothing, and only then refuses.
"""

import base64
import json
import smtplib
from contextlib import suppress

METHOD = "XOAUTH2"
LONGEST_LINE = 512
"""Octets of an SMTP command with its line end (RFC 5321 4.5.3.1.4): a longer token follows on a line of its own."""

CURE = (
    "Renouvelez l’autorisation dans le programme qui donne le jeton ; l’utilisateur (user) est l’adresse de la boîte, "
    "non un alias."
)
"""Of a token that a server refuses."""


def response(user: str, token: str) -> bytes:
    """What the client says, before base64."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01".encode("utf-8", "surrogateescape")


def status(challenge: bytes) -> str:
    """The status in a server's JSON (« 401 »: the token is not, or no longer, good), empty where there is none."""
    with suppress(ValueError):
        said = json.loads(challenge)
        found = str(said.get("status", "")) if isinstance(said, dict) else ""
        return found if found.isalnum() and len(found) <= 20 else ""
    return ""


def log_in(session: smtplib.SMTP, user: str, token: str) -> tuple[int, bytes]:
    """One attempt over SMTP: the server's answer, with the status of the first step where it refuses in two."""
    if METHOD not in session.esmtp_features.get("auth", "").upper().split():
        return 504, b""
    coded = base64.b64encode(response(user, token)).decode("ascii")
    if len(f"AUTH {METHOD} {coded}\r\n") <= LONGEST_LINE:
        code, reply = session.docmd("AUTH", f"{METHOD} {coded}")
    else:
        code, reply = session.docmd("AUTH", METHOD)
        if code == 334:
            code, reply = session.docmd(coded)
    if code != 334:
        return code, reply
    challenge = reply
    with suppress(ValueError):
        challenge = base64.b64decode(reply, validate=True)
    why = status(challenge)
    code, reply = session.docmd("")
    return code, reply + (f" (OAuth2 : {why})".encode() if why else b"")
