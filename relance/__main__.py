"""python -m relance, and the `relance` command: every error ends here, as a French sentence and an exit code."""

import gc
import os
import sys
from typing import TYPE_CHECKING

from relance.cli.french import speak_french
from relance.display.terminal import complain, prepare_streams
from relance.errors import EXIT_NOTHING_DONE, RelanceError
from relance.french import typeset

if TYPE_CHECKING:
    import click

TRACE_VARIABLE = "RELANCE_TRACE"


def main(args: list[str] | None = None) -> None:
    """Run one command and exit with its code."""
    # A run lives for seconds and keeps nearly all it builds: collecting cycles only costs time.
    gc.disable()
    prepare_streams()
    speak_french()
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run one command and return its exit code; what goes wrong is said on standard error."""
    import click
    from typer.main import get_command

    from relance.cli.app import app

    try:
        code = get_command(app).main(args, prog_name="relance", standalone_mode=False)
        sys.stdout.flush()
    except RelanceError as error:
        complain(typeset(str(error)))
        return error.exit_code
    except click.ClickException as error:
        complain(_usage(error))
        return EXIT_NOTHING_DONE
    except (click.Abort, KeyboardInterrupt):
        complain("Interrompu.")
        return EXIT_NOTHING_DONE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get(TRACE_VARIABLE):
            raise
        complain(
            f"Erreur imprévue ({type(error).__name__} : {error}). "
            f"Relancez la commande avec {TRACE_VARIABLE}=1 pour en voir le détail et le signaler."
        )
        return EXIT_NOTHING_DONE
    return code if isinstance(code, int) else 0


def _usage(error: "click.ClickException") -> str:
    """The sentence of a usage error, and the command that shows the right usage."""
    from click import UsageError

    sentence = " ".join(error.format_message().split())
    if isinstance(error, UsageError) and error.ctx is not None:
        return typeset(f"{sentence} « {error.ctx.command_path} --help » montre l’usage.")
    return sentence


if __name__ == "__main__":
    main()
