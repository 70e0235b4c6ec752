"""What every test shares: no test fails because the machine was busy; in CI the examples are the same each time."""

import functools
import itertools
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
from hypothesis import settings

from relance.cli.french import speak_french
from relance.delivery import hiding

_Result = TypeVar("_Result")
_numbers = itertools.count()

speak_french()  # before anything imports the command-line library
settings.register_profile("relance", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.register_profile("fast", settings.get_profile("relance"), max_examples=20)  # .ci/fast
settings.load_profile("relance")

# A shell's background jobs ignore Ctrl-C, and those of nohup the end of the session: what the tests start must not.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(scope="session", autouse=True)
def _made_once() -> Iterator[None]:
    """What is the same in all tests and takes long to make is kept from one to the next."""
    from made_once import keep  # imports the command-line library

    with pytest.MonkeyPatch.context() as patch:
        keep(patch)
        yield


_running = {"marked": True}
"""Whether the test that runs now, its fixtures included, is marked `slow`."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """No test leaves anything in the tester's own folders, or knows of what another one left or held as a secret."""
    factory: pytest.TempPathFactory = item.config._tmp_path_factory  # type: ignore[attr-defined]
    os.environ["XDG_STATE_HOME"] = str(factory.getbasetemp() / "states" / str(next(_numbers)))
    hiding._HELD = {}
    _running["marked"] = item.get_closest_marker("slow") is not None
    try:
        return (yield)
    finally:
        _running["marked"] = True


def _marked(start: Callable[..., _Result]) -> Callable[..., _Result]:
    """What starts a process or a server says so by its marker, so that .ci/fast stays fast."""

    @functools.wraps(start)
    def checked(*args: Any, **kwargs: Any) -> _Result:
        if not _running["marked"]:
            pytest.fail("starts a process or a server: mark it with pytest.mark.slow")
        return start(*args, **kwargs)

    return checked


subprocess.Popen.__init__ = _marked(subprocess.Popen.__init__)  # type: ignore[method-assign]
socket.socket.listen = _marked(socket.socket.listen)  # type: ignore[method-assign]
