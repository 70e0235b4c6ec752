"""python -m relance, and the `relance` command: every error ends here, as a French sentence and an exit code.

All else of ours is imported once signals are heeded: the end of a session may come while that takes its time.
"""

import errno
import gc
import os
import signal
import sys
from contextlib import suppress
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relance.errors import RelanceError

TRACE_VARIABLE = "RELANCE_TRACE"
_COMPLETING = "_RELANCE_COMPLETE"
"""Set by the scripts of Tab."""
_SYSTEM = os.name
_NOTHING_DONE = 2  # errors.EXIT_NOTHING_DONE, known before anything is imported
_INTERRUPTED = 130
"""What Typer makes of Ctrl-C, wherever it is pressed; no command of ours ends with it."""


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    # A run lives for seconds and keeps nearly all it builds: collecting cycles only costs time.
    gc.disable()
    _heed_signals()
    try:
        from relance.cli.french import speak_french
        from relance.display.terminal import prepare_streams

        prepare_streams()
        speak_french()
        code = run(args)
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            code = code or _NOTHING_DONE
    except KeyboardInterrupt:  # before anything began, or once more while the first time was being said
        code = _NOTHING_DONE
        with suppress(KeyboardInterrupt):
            _say_interrupted(clean=False)
    # All files are closed and all is said: taking a hundred thousand values apart one by one helps nobody.
    os._exit(code)


def run(args: list[str] | None = None) -> int:
    """Run one command and return its exit code; what goes wrong is said on standard error."""
    try:
        code = _run(args)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if code != _INTERRUPTED:
        return code
    _say_interrupted(clean=True)
    return _NOTHING_DONE


def _say_interrupted(*, clean: bool) -> None:
    """`clean` tells that no message of this run has left: a story that sent some says itself what became of them."""
    from relance.display.terminal import complain
    from relance.errors import InterruptionError

    with suppress(OSError):  # the terminal itself may be what went away
        _forget_output()
        complain(InterruptionError(clean=clean).shown)
        sys.stderr.flush()


def _run(args: list[str] | None) -> int:
    import click
    from typer.main import get_command

    from relance.cli.app import meant, program, read_command
    from relance.cli.pasted import as_typed
    from relance.display.terminal import complain
    from relance.errors import (
        EXIT_DONE,
        EXIT_NOTHING_DONE,
        OutputError,
        RelanceError,
        UnexpectedError,
        WrongSystemError,
    )

    if _SYSTEM == "nt":
        complain(WrongSystemError().shown)
        return EXIT_NOTHING_DONE
    args = as_typed(sys.argv[1:] if args is None else args)
    if asked := os.environ.get(_COMPLETING):
        from relance.cli.completion import complete

        complete(program, asked)
        return EXIT_DONE
    try:
        args = meant(read_command(args))
        code = get_command(program(args)).main(args, prog_name="relance", standalone_mode=False)
        sys.stdout.flush()
    except RelanceError as error:
        if isinstance(error, OutputError):
            _forget_output()
        complain(_with_cures(error, args))
        return error.exit_code
    except click.ClickException as error:
        from relance.cli.meant import usage_error

        complain(_with_cures(usage_error(error, args), args))
        return EXIT_NOTHING_DONE
    except click.Abort:
        return _INTERRUPTED
    except BrokenPipeError:
        _forget_output()
        return EXIT_DONE
    except Exception as error:
        if os.environ.get(TRACE_VARIABLE):
            raise
        _forget_output()
        said = f"{type(error).__name__} : {error}"
        if isinstance(error, OSError) and error.errno:
            said = errno.errorcode.get(error.errno, said)
        complain(UnexpectedError(said, TRACE_VARIABLE).shown)
        return EXIT_NOTHING_DONE
    return code if isinstance(code, int) else 0


def _heed_signals() -> None:
    """SIGTERM and the end of a session are Ctrl-C to us; around the final dot the delivery has rules of its own."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_DFL:  # nohup: what is ignored stays ignored
            signal.signal(number, _interrupt)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _forget_output() -> None:
    """What could not be written must not fail once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_cures(error: "RelanceError", args: list[str]) -> str:
    """What is said of an error, and the commands that cure it, of which the one that was typed is the beginning."""
    if not error.again:
        return error.shown
    from relance.cli.meant import cures

    return f"{error.shown}{cures(error.again, args)}"


if __name__ == "__main__":
    main()
