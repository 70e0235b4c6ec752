"""The password of the mail server: read when it is needed, shown never."""

import os
import shlex
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from relance.errors import SettingsError

MAX_SECONDS = 30.0


def read_password(env: str = "", command: str | Sequence[str] = (), seconds: float = MAX_SECONDS) -> str | None:
    """The password from the variable `env`, else the first line that `command` prints; None where neither is given.

    The command is run without a shell and without a keyboard. Raises SettingsError, which never holds what was read.
    """
    if env:
        return _from_environment(env)
    words = _words(command)
    return _from_command(words, seconds) if words else None


def _from_environment(name: str) -> str:
    password = os.environ.get(name, "").strip("\r\n")
    if not password:
        raise SettingsError(
            f"La variable d’environnement {name} est absente ou vide ([smtp] password_env).",
            f"Donnez-lui le mot de passe de la messagerie ; sous cron, {name} doit être définie dans la crontab.",
        )
    return password


def _words(command: str | Sequence[str]) -> list[str]:
    if not isinstance(command, str):
        return list(command)
    with suppress(ValueError):
        return shlex.split(command)
    raise SettingsError(
        "[smtp] password_command ne peut pas être découpée en mots.", "Fermez les guillemets, ou donnez une liste."
    )


def _from_command(words: list[str], seconds: float) -> str:
    said, why = _first_line(words, seconds)
    if not said:
        raise SettingsError(
            f"[smtp] password_command : la commande « {words[0]} » {why}.", "Essayez-la dans un terminal."
        )
    return said


def _first_line(words: list[str], seconds: float) -> tuple[str, str]:
    """What the command says, else why it says nothing; no exception leaves, for it could hold what was read."""
    try:
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=seconds
        )
        said = done.stdout.decode().split("\n", 1)[0].strip("\r")
    except subprocess.TimeoutExpired:
        return "", f"n’a pas répondu en {seconds:g} secondes"
    except OSError as error:
        return "", f"ne peut pas être lancée ({error.strerror})"
    except UnicodeDecodeError:
        return "", "n’a pas répondu en UTF-8"
    except ValueError:  # a NUL in a word
        return "", "ne peut pas être lancée (commande invalide)"
    if done.returncode != 0:
        return "", f"s’est terminée par le code {done.returncode}"
    return said, "n’a rien écrit sur sa première ligne"
