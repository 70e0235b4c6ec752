"""What every test shares: no test fails because the machine was busy; in CI the examples are the same each time."""

import os
import signal
import socket
import subprocess
from typing import Any

import pytest
from hypothesis import settings

from relance.cli.french import speak_french
from relance.delivery import hiding

speak_french()  # before anything imports the command-line library
settings.register_profile("relance", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("relance")

# A shell's background jobs ignore Ctrl-C, and those of nohup the end of the session: what the tests start must not.
for _number in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, signal.default_int_handler if _number == signal.SIGINT else signal.SIG_DFL)


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test leaves anything in the tester's own folders, or knows of what another one left."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


@pytest.fixture(autouse=True)
def _slow_is_marked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What starts a process or a server says so by its marker, so that .ci/fast stays fast."""
    if request.node.get_closest_marker("slow") is None:
        monkeypatch.setattr(subprocess.Popen, "__init__", _unmarked)
        monkeypatch.setattr(socket.socket, "listen", _unmarked)


@pytest.fixture(autouse=True)
def _no_password_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test held is no secret of the next one: a run is a process of its own."""
    monkeypatch.setattr(hiding, "_HELD", {})


def _unmarked(*_: Any, **__: Any) -> None:
    pytest.fail("starts a process or a server: mark it with pytest.mark.slow")
