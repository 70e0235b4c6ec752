"""What starts a process or a server and is not marked `slow` fails, in a test as in what it is given."""

import socket
import subprocess
import sys

import pytest


@pytest.fixture(scope="module")
def asked() -> str:
    """What a fixture that many tests share is told when it starts a process."""
    with pytest.raises(pytest.fail.Exception) as refused:
        subprocess.run([sys.executable, "--version"], check=True)
    return str(refused.value)


def test_a_process_is_refused(asked: str) -> None:
    """In a fixture of the module, which is made before those of the test."""
    assert "mark it with pytest.mark.slow" in asked


def test_a_server_is_refused() -> None:
    """A socket may connect, but not listen."""
    with socket.socket() as server, pytest.raises(pytest.fail.Exception, match="a server"):
        server.listen()


@pytest.mark.slow
def test_marked_it_may_start_both() -> None:
    """The marker lets them through."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
    assert 0 == subprocess.run([sys.executable, "-c", ""], check=False).returncode
