"""A spreadsheet published online: fetched by https alone, whole or not at all, within a size and a time."""

import socket
import ssl
import zlib
from http.client import HTTPException, HTTPMessage, HTTPResponse
from threading import Thread
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, quote
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from relance.errors import SourceError
from relance.sources.links import asks_who, checked_address, login_error, page_error, shown_address
from relance.sources.source import Limits

SECONDS = 60.0
"""How long a fetch may take in all."""
_SILENCE = 20.0  # seconds without an octet
_CHUNK = 1 << 16
_AGAIN = "Rien n’a été lu ; réessayez plus tard."
_GZIP = b"\x1f\x8b"
_SAFE = "!#$%&'()*+,/:;=?@[]~"


def fetch(address: str, limits: Limits, seconds: float = SECONDS) -> bytes:
    """What stands at this address, decompressed; SourceError, which never quotes all of the address, where not.

    A thread does it, for no time-out of a socket bounds a name that is looked up or a server that drips.
    """
    parts = checked_address(address)
    done: list[bytes | Exception] = []

    def work() -> None:
        try:
            done.append(_fetched(address, parts, limits))
        except Exception as error:
            done.append(error)

    worker = Thread(target=work, daemon=True)
    worker.start()
    worker.join(seconds)
    name = shown_address(address)
    if not done:
        raise SourceError(f"{name} ne s’est pas laissé lire en {seconds:.0f} secondes.", _AGAIN)
    (found,) = done
    if isinstance(found, bytes):
        return found
    if isinstance(found, HTTPError):
        found.close()
    raise found if isinstance(found, SourceError) else _told(name, address, found) from found


def _fetched(address: str, parts: SplitResult, limits: Limits) -> bytes:
    request = Request(_as_ascii(parts), headers={"User-Agent": "relance", "Accept-Encoding": "gzip"})
    with _opener(address).open(request, timeout=_SILENCE) as answer:
        reached = str(answer.geturl())
        data = _whole(answer, shown_address(address), limits)
    if data[:2] == _GZIP:
        data = _inflated(data, shown_address(address), limits)
    if data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith((b"<!doctype html", b"<html", b"<head", b"<!--")):
        raise page_error(address, reached, data)
    return data


def _as_ascii(parts: SplitResult) -> str:
    """The address as it is asked for: accents and spaces in percent, those of a domain in punycode, no fragment."""
    host = (parts.hostname or "").encode("idna").decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    netloc = host if parts.port is None else f"{host}:{parts.port}"
    asked = parts._replace(scheme="https", netloc=netloc, fragment="")
    return asked._replace(path=quote(asked.path, safe=_SAFE), query=quote(asked.query, safe=_SAFE)).geturl()


class _SafeRedirects(HTTPRedirectHandler):
    """Follows to https alone, and not to a page that asks who one is."""

    def __init__(self, address: str) -> None:
        self.address = address

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        fp.close()  # a redirection has no body that anybody reads, however long
        if asks_who(newurl):
            raise login_error(self.address)
        if not newurl.lower().startswith("https://"):
            raise SourceError(
                f"{shown_address(self.address)} renvoie à une adresse qui n’est pas https : elle n’est pas suivie.",
                "Donnez l’adresse https à laquelle elle mène.",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener(address: str) -> OpenerDirector:
    """No other protocol, no cookies, no passwords of a keyring or of .netrc."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        HTTPSHandler(context=ssl.create_default_context()),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
        _SafeRedirects(address),
    ):
        opener.add_handler(handler)
    return opener


def _whole(answer: HTTPResponse, name: str, limits: Limits) -> bytes:
    """All the octets; SourceError where they are too many, or where nothing tells that they are all."""
    if answer.status != 200:
        raise SourceError(f"{name} ne donne pas de tableau (réponse {answer.status}).", "Vérifiez l’adresse.")
    told = answer.headers.get("Content-Length", "")
    length = int(told) if told.isascii() and told.isdigit() else None
    if length is None and not answer.chunked:
        raise SourceError(
            f"{name} ne dit pas combien il envoie : rien ne montrerait qu’il manque des factures.",
            "Téléchargez le tableau et donnez ce fichier.",
        )
    data = bytearray()
    while len(data) <= limits.megabytes << 20 and (chunk := answer.read(_CHUNK)):
        data += chunk
    if max(len(data), length or 0) > limits.megabytes << 20:
        raise _too_large(name, limits)
    if length is not None and len(data) != length:
        raise _cut(name)
    return bytes(data)


def _inflated(data: bytes, name: str, limits: Limits) -> bytes:
    inflating = zlib.decompressobj(wbits=31)
    try:
        whole = inflating.decompress(data, (limits.megabytes << 20) + 1)
    except zlib.error:
        raise _cut(name) from None
    if len(whole) > limits.megabytes << 20:
        raise _too_large(name, limits)
    if not inflating.eof:
        raise _cut(name)
    return whole


def _too_large(name: str, limits: Limits) -> SourceError:
    return SourceError(
        f"{name} dépasse {limits.megabytes} Mo.",
        "Publiez moins de factures, ou augmentez max_megabytes sous [invoices].",
    )


def _cut(name: str) -> SourceError:
    return SourceError(f"{name} s’est interrompu avant la fin.", _AGAIN)


def _told(name: str, address: str, error: Exception) -> SourceError:
    """What went wrong on the way, as a person reads it."""
    if isinstance(error, HTTPError):
        return _answered(name, address, error.code)
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SourceError(f"Le certificat de {name} n’est pas valable : rien n’a été lu.", "Vérifiez l’adresse.")
    if isinstance(cause, socket.gaierror):
        return SourceError(
            f"Aucun serveur de ce nom n’est joignable pour {name}.",
            "Vérifiez votre connexion, puis l’adresse.",
        )
    if isinstance(cause, TimeoutError):
        return SourceError(f"{name} ne répond plus.", _AGAIN)
    if isinstance(cause, HTTPException | zlib.error):
        return _cut(name)
    return SourceError(f"{name} ne peut pas être lu en ligne.", "Vérifiez votre connexion, puis l’adresse.")


def _answered(name: str, address: str, code: int) -> SourceError:
    """What is said of an answer that is an error."""
    if code in (401, 403):
        return login_error(address)
    if code in (404, 410):
        return SourceError(f"{name} n’existe pas, ou n’est plus partagé.", "Copiez de nouveau l’adresse de l’export.")
    if code in (301, 302, 303, 307, 308):
        return SourceError(
            f"{name} renvoie à d’autres adresses, et à aucun tableau.", "Donnez l’adresse de l’export lui-même."
        )
    if code == 429 or code >= 500:
        return SourceError(f"{name} ne répond pas pour l’instant (erreur {code}).", _AGAIN)
    return SourceError(f"{name} refuse de donner le tableau (erreur {code}).", "Vérifiez l’adresse.")
