"""An https server on loopback that publishes tables, and everything else that an address may turn out to give."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import trustme
from mail_support import server_tls

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Site:
    """What stands under each path, and the paths that were asked for with their query."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def at(self, path: str) -> str:
        """The address of a path."""
        return f"https://127.0.0.1:{self.port}{path}"


def gives(body: bytes | str, status: int = 200, **headers: str) -> Answer:
    """An answer with this body, its length, and headers (`content_type` is Content-Type)."""
    data = body.encode() if isinstance(body, str) else body

    def answer(handler: BaseHTTPRequestHandler) -> None:
        told = {"content_length": str(len(data)), **headers}
        raw(status, told, data)(handler)

    return answer


def raw(status: int, headers: Mapping[str, str], data: bytes) -> Answer:
    """An answer with these headers alone, whatever the body is."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def leads_to(address: str) -> Answer:
    """A redirection."""
    return gives("", 302, location=address)


@contextmanager
def website(issuer: trustme.CA | None = None) -> Iterator[Site]:
    """The server, on a free port of this machine; the tests' authority vouches for it, or this one."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            with suppress(OSError):  # who asked may have hung up
                site.answers.get(self.path, gives("absent", 404))(self)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    server.socket = server_tls(issuer=issuer).wrap_socket(server.socket, server_side=True)
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
