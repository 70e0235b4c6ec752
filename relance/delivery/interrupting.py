"""Ctrl-C, SIGTERM and the end of a session: at once while nothing can be lost, after the reply where it could."""

import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interruptions:
    """For the block, these signals raise KeyboardInterrupt; between `shield` and `unshield` they are only noted."""

    def __init__(self) -> None:
        self.asked = False
        self._shielded = False
        self._before: dict[int, Any] = {}

    def shield(self) -> None:
        """From here on nothing is cut short; KeyboardInterrupt where that was asked before."""
        self._shielded = True
        if self.asked:
            raise KeyboardInterrupt

    def unshield(self) -> None:
        """Nothing can be lost any more; what was asked meanwhile stays noted in `asked`."""
        self._shielded = False

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                if signal.getsignal(number) is not signal.SIG_IGN:  # nohup: what is ignored stays ignored
                    self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.asked = True
        if not self._shielded:
            raise KeyboardInterrupt
