"""A command on a terminal of its own, driven step by step: read until a text stands there, type, resize, signal."""

import fcntl
import os
import pty
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from signal import Signals

from story_support import PROGRAM, SECONDS, Story, next_octets

ASKED = "[q]uitter, [?]\u00a0:"
"""The end of the question that `review` puts under each message."""


INTERRUPT, END = "\x03", "\x04"
"""Ctrl-C and Ctrl-D, as they are typed."""


def joined(seen: str) -> str:
    """What a terminal showed, without its line ends: where they stand depends on how long a path is."""
    return " ".join(seen.split())


class Terminal:
    """The other side of a pseudo-terminal; `seen` is all that the command wrote there."""

    def __init__(self, ours: int, process: "subprocess.Popen[bytes]") -> None:
        self.ours, self.process, self.seen = ours, process, ""
        self._octets, self._read = b"", 0

    def until(self, text: str = ASKED) -> str:
        """Read on until this text comes; what stood before it, since the last time."""
        end = time.monotonic() + SECONDS
        while text not in self.seen[self._read :]:
            chunk = next_octets(self.ours, end)
            assert chunk, f"no {text!r} in {self.seen[self._read :]!r}"
            self._take(chunk)
        at = self.seen.index(text, self._read) + len(text)
        before, self._read = self.seen[self._read : at], at
        return before

    def _take(self, chunk: bytes) -> None:
        self._octets += chunk
        self.seen = self._octets.decode("utf-8", "ignore").replace("\r\n", "\n")

    def type(self, text: str) -> None:
        """Keys; a line ends with a line feed."""
        os.write(self.ours, text.encode())

    def answers(self, *keys: str) -> list[str]:
        """Each key and Enter once the question stands there; what was read before each."""
        read = []
        for key in keys:
            read.append(self.until())
            self.type(f"{key}\n")
        return read

    def resize(self, columns: int, rows: int = 24) -> None:
        """The window changes its size, which the process is told (SIGWINCH)."""
        fcntl.ioctl(self.ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, which: Signals) -> None:
        """The process alone gets it; as a key, Ctrl-C is INTERRUPT."""
        self.process.send_signal(which)

    def end(self) -> tuple[int, str]:
        """Its exit code, and what it wrote since the last time."""
        end = time.monotonic() + SECONDS
        while chunk := next_octets(self.ours, end):
            self._take(chunk)
        return self.process.wait(timeout=SECONDS), self.seen[self._read :]


@contextmanager
def terminal(at: Story, *args: str, **env: str) -> Iterator[Terminal]:
    """The command on its terminal; ended with the block where it has not ended by itself."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [*PROGRAM, *args],
        cwd=at.folder,
        env=at.environment(**{"TERM": "xterm-256color", **env}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_own_terminal,
    )
    os.close(theirs)
    try:
        held = Terminal(ours, process)
        yield held
        at.checked(0, held.seen, "")
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()


def _own_terminal() -> None:
    """Ctrl-C as a key reaches who has the terminal as its own."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
