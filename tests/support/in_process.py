"""One command of relance in this process: streams, folder and variables are those it would have in one of its own."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from relance.__main__ import run
from relance.display.terminal import prepare_streams


def run_here(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], stdin: str | None = None
) -> tuple[int, str, str]:
    """Its exit code, and what it and its children wrote on standard output and standard error."""
    with ExitStack() as stack:
        typed, out, err = (stack.enter_context(tempfile.TemporaryFile()) for _ in range(3))
        typed.write((stdin or "").encode())
        typed.seek(0)
        with _elsewhere(folder, environment), _streams(typed.fileno(), out.fileno(), err.fileno()):
            prepare_streams()
            code = run(list(arguments))
            sys.stdout.flush()
            sys.stderr.flush()
        out.seek(0)
        err.seek(0)
        return code, out.read().decode(), err.read().decode()


@contextmanager
def _elsewhere(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    here, before = Path.cwd(), dict(os.environ)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        os.chdir(here)


@contextmanager
def _streams(*files: int) -> Iterator[None]:
    """The three standard streams lead to these open files, for this process and for those that it starts."""
    streams = sys.stdin, sys.stdout, sys.stderr
    kept = [os.dup(number) for number in range(3)]
    for number, file in enumerate(files):
        os.dup2(file, number)
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = streams
        for number, file in enumerate(kept):
            os.dup2(file, number)
            os.close(file)
