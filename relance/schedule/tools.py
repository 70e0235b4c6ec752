"""The programs of the system that a schedule is told to, run to their end."""

import os
import subprocess
from collections.abc import Mapping
from typing import NamedTuple

from relance.french import system_words
from relance.schedule.entry import Words

NOT_FOUND = 127
"""As a shell has it."""
_SECONDS = 60
HALF_AN_HOUR = 1800
"""The longest run, in seconds."""


class Ran(NamedTuple):
    """How a program ended: its exit code, what it printed, and what it complained of in one line."""

    code: int
    out: bytes = b""
    err: str = ""


def ran(words: Words, given: bytes = b"", environment: Mapping[str, str] | None = None, seconds: int = _SECONDS) -> Ran:
    """Run a program without a shell, in the language of its source, on these octets; it never raises."""
    variables = {**os.environ, "LC_ALL": "C"} if environment is None else dict(environment)
    try:
        done = subprocess.run(words, input=given, env=variables, capture_output=True, timeout=seconds, check=False)
    except FileNotFoundError:
        return Ran(NOT_FOUND, err=f"{words[0]} : commande introuvable")
    except subprocess.TimeoutExpired:
        return Ran(1, err=f"{words[0]} : pas de réponse en {seconds} secondes")
    except OSError as error:
        return Ran(1, err=f"{words[0]} : {system_words(error)}")
    return Ran(done.returncode, done.stdout, " ".join(done.stderr.decode(errors="replace").split()))
