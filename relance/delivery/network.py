"""A laptop that has just woken up has no network yet: waiting for it before anybody is connected to."""

import socket
import time
from collections.abc import Callable
from contextlib import suppress

PATIENCE = 90.0
"""Seconds; a network that takes longer is not coming up, and the next run tries again."""
_PAUSE = 3.0  # seconds between two looks


def await_network(
    host: str,
    port: int,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Return as soon as the name of the server is known and a way leads there, or after `PATIENCE`; whether it does.

    Nobody hears of it, and it decides nothing: who connects next says what is wrong.
    """
    end = clock() + PATIENCE
    while not _leads_to(host, port):
        if clock() >= end:
            return False
        sleep(_PAUSE)
    return True


def _leads_to(host: str, port: int) -> bool:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return False
    for family, kind, protocol, _, address in found:
        with suppress(OSError), socket.socket(family, kind, protocol) as way:
            way.connect(address)  # of a datagram socket: asks this machine for a way, sends nothing
            return True
    return False
