"""The passwords and tokens of the mail servers: read when they are needed, shown never."""

import os
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, NamedTuple

from relance.delivery.account import Account
from relance.delivery.hiding import hold, no_core_file
from relance.delivery.pairings import refuse_hopeless
from relance.errors import DeliveryError, SettingsError
from relance.french import system_words

MAX_SECONDS = 30.0
MAX_PASSWORD = 65536  # octets; whatever a command prints beyond is read and forgotten
_TOKEN = re.compile(r"[\x21-\x7e]+")  # RFC 6750: no space, no control, nothing beyond ASCII
SERVICE = "relance"
"""The name under which a password is put into the system's keyring."""


def read_password(account: Account, seconds: float = MAX_SECONDS) -> str | None:
    """The password, held from then on (see hiding.py); None where nothing says where it is, or a token takes its place.

    Commands are run without a shell and without a keyboard. Raises SettingsError, which never holds what was read, and
    at once where the provider would take no password.
    """
    refuse_hopeless(account)
    no_core_file()
    password = _read(account, seconds)
    hold(account.user, password or "")
    return password


def read_token(account: Account, seconds: float = MAX_SECONDS) -> str:
    """A fresh OAuth2 access token, held from then on: asked for at each log-in, written down nowhere.

    DeliveryError, which never holds it, where there is none: the program that gives tokens needs the network too.
    """
    no_core_file()
    words = account.secret.token_command
    token, why = _first_line(words, seconds)
    if token and not _TOKEN.fullmatch(token):
        token, why = "", "n’affiche pas un jeton d’accès"
    if not token:
        raise DeliveryError(
            f"[{account.protocol}] token_command : la commande « {words[0]} » {why}.",
            "Essayez-la dans un terminal : peut-être faut-il y renouveler l’autorisation donnée à votre messagerie.",
        )
    hold(account.user, token)
    return token


class Kept(NamedTuple):
    """Where a password was put, as the setting that reads it; `new` where nothing was there before."""

    setting: Literal["keyring", "password_command"]
    value: str | tuple[str, ...]
    new: bool


def keep(account: Account, password: str, folder: Path, seconds: float = MAX_SECONDS) -> Kept:
    """Put the password of this account where a run finds it, and read it from there before that is believed.

    In the system's keyring where there is one that works, else in a file of mode 0600 in `folder`, the user's own,
    which `cat` shows. SettingsError, which never holds it, where neither gives it back; then nothing is left behind.
    """
    hold(account.user, password)
    return _put_in_keyring(account, password, seconds) or _put_in_file(account, password, folder, seconds)


def let_go(account: Account, kept: Kept, seconds: float = MAX_SECONDS) -> None:
    """Take back what `keep` put there, where nothing was before: an account that is not set up leaves no password."""
    if not kept.new:
        return
    if kept.setting == "keyring":
        _keyring("del", SERVICE, account.user, seconds)
    else:
        with suppress(OSError):
            Path(kept.value[-1]).unlink()


def _put_in_keyring(account: Account, password: str, seconds: float) -> Kept | None:
    """None where there is no keyring, or it does not give back what it took."""
    if find_spec("keyring") is None:
        return None
    before, _ = _keyring("get", SERVICE, account.user, seconds)
    kept = Kept("keyring", SERVICE, new=not before)
    try:
        _keyring("set", SERVICE, account.user, seconds, password)
        given, _ = _keyring("get", SERVICE, account.user, seconds)
    except BaseException:  # Ctrl-C while a keyring waits for a person
        let_go(account, kept, seconds)
        raise
    if given == password:
        return kept
    let_go(account, kept, seconds)
    return None


def _put_in_file(account: Account, password: str, folder: Path, seconds: float) -> Kept:
    from relance.journal.whole_files import write_whole

    name = re.sub(r"[^\w.@+-]", "_", f"password-{account.host}-{account.user}")
    path = folder.absolute() / name
    show = (shutil.which("cat") or "cat", str(path))
    kept = Kept("password_command", show, new=not path.exists())
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, f"{password}\n".encode(), replace=True)
        given, why = _first_line(show, seconds)
    except OSError as error:
        given, why = "", system_words(error)
    except BaseException:
        let_go(account, kept)
        raise
    if given != password:
        let_go(account, kept)
        raise SettingsError(
            f"Le mot de passe n’a pas pu être gardé dans « {path} » ({why if not given else 'relu autrement'}).",
            "Donnez password_env ou password_command sous [smtp] (relance help courrier).",
        )
    return kept


def _read(account: Account, seconds: float) -> str | None:
    if account.secret.password_env:
        return _from_environment(account)
    if account.secret.password_command:
        return _from_command(account, seconds)
    return _from_keyring(account, seconds) if account.secret.keyring else None


def _from_environment(account: Account) -> str:
    name = account.secret.password_env
    password = os.environ.get(name, "").strip("\r\n")
    if not password:
        raise SettingsError(
            f"La variable d’environnement {name} est absente ou vide ([{account.protocol}] password_env).",
            f"Donnez-lui le mot de passe de la messagerie ; sous cron, {name} doit être définie dans la crontab.",
        )
    return password


def _from_command(account: Account, seconds: float) -> str:
    words = account.secret.password_command
    said, why = _first_line(words, seconds)
    if not said:
        raise SettingsError(
            f"[{account.protocol}] password_command : la commande « {words[0]} » {why}.",
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
    service = account.secret.keyring
    said, why = _keyring("get", service, account.user, seconds)
    if not said:
        raise SettingsError(
            f"[{account.protocol}] keyring : le trousseau {why} pour « {account.user} » dans « {service} ».",
            f"Mettez-y le mot de passe (keyring set {service} {account.user}) ; sous cron, le trousseau est "
            "souvent fermé : password_command y va mieux.",
        )
    return said


def _keyring(what: str, service: str, user: str, seconds: float, password: str = "") -> tuple[str, str]:
    """What the keyring says to `get`, `set` or `del`, else why nothing; a password goes to it by a pipe."""
    # -P: nothing in the current folder passes for the keyring.
    words = (sys.executable, "-P", "-m", "keyring", what, service, user)
    return _first_line(words, seconds, password)


def _first_line(words: tuple[str, ...], seconds: float, given: str = "") -> tuple[str, str]:
    """What the command says, else why it says nothing; no exception leaves, for it could hold what was read."""
    try:
        code, said = _said(words, seconds, given.encode())
        line = said.decode().split("\n", 1)[0].strip("\r")
    except TimeoutError:
        return "", f"n’a pas répondu en {seconds:g} secondes"
    except OSError as error:
        return "", f"ne peut pas être lancée ({system_words(error)})"
    except UnicodeDecodeError:
        return "", "n’a pas répondu en UTF-8"
    except ValueError:  # a NUL in a word
        return "", "ne peut pas être lancée (commande invalide)"
    if code != 0:
        return "", f"s’est terminée par le code {code}"
    return line, "n’a rien écrit sur sa première ligne"


def _said(words: tuple[str, ...], seconds: float, given: bytes = b"") -> tuple[int, bytes]:
    """The exit code of a command and the beginning of what it prints; TimeoutError, OSError or ValueError.

    It is ended with all that it started: a child left behind would hold the pipe, and the run, for as long as it likes.
    What it is `given` is less than a pipe holds, and all that it gets to read.
    """
    end = time.monotonic() + seconds
    keyboard = subprocess.PIPE if given else subprocess.DEVNULL
    with subprocess.Popen(
        words, stdin=keyboard, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        assert process.stdout is not None
        said = b""
        try:
            if given:
                assert process.stdin is not None
                process.stdin.write(given[: MAX_PASSWORD // 2])
                process.stdin.close()
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
