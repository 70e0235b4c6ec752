"""The passwords of the mail servers: read when they are needed, shown never."""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec

from relance.delivery.account import Account
from relance.delivery.hiding import hold, no_core_file
from relance.errors import SettingsError

MAX_SECONDS = 30.0
MAX_PASSWORD = 65536  # octets; whatever a command prints beyond is read and forgotten


def read_password(account: Account, seconds: float = MAX_SECONDS) -> str | None:
    """The password, held from then on (see hiding.py); None where nothing says where it is.

    Commands are run without a shell and without a keyboard. Raises SettingsError, which never holds what was read.
    """
    no_core_file()
    password = _read(account, seconds)
    hold(account.user, password or "")
    return password


def _read(account: Account, seconds: float) -> str | None:
    if account.password_env:
        return _from_environment(account)
    if account.password_command:
        return _from_command(account, seconds)
    return _from_keyring(account, seconds) if account.keyring else None


def _from_environment(account: Account) -> str:
    name = account.password_env
    password = os.environ.get(name, "").strip("\r\n")
    if not password:
        raise SettingsError(
            f"La variable d’environnement {name} est absente ou vide ([{account.protocol}] password_env).",
            f"Donnez-lui le mot de passe de la messagerie ; sous cron, {name} doit être définie dans la crontab.",
        )
    return password


def _from_command(account: Account, seconds: float) -> str:
    said, why = _first_line(account.password_command, seconds)
    if not said:
        raise SettingsError(
            f"[{account.protocol}] password_command : la commande « {account.password_command[0]} » {why}.",
            "Essayez-la dans un terminal.",
        )
    return said


def _from_keyring(account: Account, seconds: float) -> str:
    """Asked by a process of its own: a keyring may wait for a person for ever, and its errors tell what it holds."""
    if find_spec("keyring") is None:
        raise SettingsError(
            f"[{account.protocol}] keyring : le trousseau du système n’est pas lisible, il manque un module.",
            "Installez-le (pip install 'relance[keyring]'), ou donnez password_command.",
        )
    # -P: nothing in the current folder passes for the keyring.
    words = (sys.executable, "-P", "-m", "keyring", "get", account.keyring, account.user)
    said, why = _first_line(words, seconds)
    if not said:
        raise SettingsError(
            f"[{account.protocol}] keyring : le trousseau {why} pour « {account.user} » dans « {account.keyring} ».",
            f"Mettez-y le mot de passe (keyring set {account.keyring} {account.user}) ; sous cron, le trousseau est "
            "souvent fermé : password_command y va mieux.",
        )
    return said


def _first_line(words: tuple[str, ...], seconds: float) -> tuple[str, str]:
    """What the command says, else why it says nothing; no exception leaves, for it could hold what was read."""
    try:
        code, said = _said(words, seconds)
        line = said.decode().split("\n", 1)[0].strip("\r")
    except TimeoutError:
        return "", f"n’a pas répondu en {seconds:g} secondes"
    except OSError as error:
        return "", f"ne peut pas être lancée ({error.strerror})"
    except UnicodeDecodeError:
        return "", "n’a pas répondu en UTF-8"
    except ValueError:  # a NUL in a word
        return "", "ne peut pas être lancée (commande invalide)"
    if code != 0:
        return "", f"s’est terminée par le code {code}"
    return line, "n’a rien écrit sur sa première ligne"


def _said(words: tuple[str, ...], seconds: float) -> tuple[int, bytes]:
    """The exit code of a command and the beginning of what it prints; TimeoutError, OSError or ValueError.

    It is ended with all that it started: a child left behind would hold the pipe, and the run, for as long as it likes.
    """
    end = time.monotonic() + seconds
    with subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        said = b""
        try:
            while chunk := _chunk(process.stdout.fileno(), end):
                said = said if len(said) > MAX_PASSWORD else said + chunk
            return process.wait(max(0.0, end - time.monotonic())), said
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _chunk(pipe: int, end: float) -> bytes:
    """The next octets, none at the end; TimeoutError once it is `end`."""
    ready, _, _ = select.select([pipe], [], [], max(0.0, end - time.monotonic()))
    if not ready:
        raise TimeoutError
    return os.read(pipe, 65536)
