"""relance.delivery.network: the network of a laptop that has just woken up is waited for, not for ever."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from relance.delivery.network import PATIENCE, await_network

pytestmark = pytest.mark.usefixtures("no_wait")


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    """A clock of this test alone."""
    return Clock()


@pytest.fixture
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may really sleep."""

    def sleep(seconds: float) -> None:
        raise AssertionError(f"slept {seconds} s")

    monkeypatch.setattr(time, "sleep", sleep)


def name_service(monkeypatch: pytest.MonkeyPatch, answers: Callable[[], list[Any]]) -> None:
    """Let this answer for the name service."""

    def asked(host: str, port: int, *, type: int) -> list[Any]:
        assert ("smtp.example.org", 587, socket.SOCK_DGRAM) == (host, port, type)
        return answers()

    monkeypatch.setattr(socket, "getaddrinfo", asked)


def test_a_network_that_is_there_is_not_waited_for(clock: Clock) -> None:
    """Loopback answers at once, and nobody is connected to: nothing listens on this port."""
    assert await_network("127.0.0.1", 9, clock=clock, sleep=clock.sleep)
    assert 0.0 == clock.now


def test_a_name_known_only_after_a_while(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """The name service comes up 40 seconds after the laptop."""

    def answers() -> list[Any]:
        if clock.now < 40:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("127.0.0.1", 9))]

    name_service(monkeypatch, answers)
    assert await_network("smtp.example.org", 587, clock=clock, sleep=clock.sleep)
    assert 40 <= clock.now < 45


def test_no_way_leads_there(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    """The name is known and the network is not up: no longer than ninety seconds."""

    class Down(socket.socket):
        def connect(self, address: Any) -> None:
            raise OSError(101, "Network is unreachable")

    name_service(monkeypatch, lambda: [(socket.AF_INET, socket.SOCK_DGRAM, 0, "", ("192.0.2.1", 587))])
    monkeypatch.setattr(socket, "socket", Down)
    assert not await_network("smtp.example.org", 587, clock=clock, sleep=clock.sleep)
    assert PATIENCE <= clock.now < PATIENCE + 5


def test_a_name_that_cannot_be_one(clock: Clock) -> None:
    """A label of 64 letters is refused by the codec before anybody is asked."""
    assert not await_network("a" * 64 + ".example", 587, clock=clock, sleep=clock.sleep)
