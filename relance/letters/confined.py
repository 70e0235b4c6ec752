"""The user's own templates run in a process that may use little memory and little time, and is asked to write only.

Jinja's sandbox keeps Python and the files away, but neither two nested loops nor 10**(10**8): only the system stops
those. The process is started once, waits for the next letter, and ends with the run.
"""

import contextlib
import json
import os
import pickle
import sys
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

from relance.errors import TemplateError
from relance.letters.languages import FRENCH, LANGUAGES, Language
from relance.letters.templates import Rendered, Templates, run_here

if TYPE_CHECKING:
    import subprocess

SECONDS = 2.0
"""How long one letter may take; an ordinary one takes less than a thousandth of that."""
START_SECONDS = 60.0
"""How long the process may take to start, on a machine that is busy with something else."""
MEMORY = 256 * 2**20
"""Address space of the process in bytes."""
_WORKERS: "weakref.WeakKeyDictionary[Templates, Worker]" = weakref.WeakKeyDictionary()
"""One process for each set of templates, ended with it."""


class StuckError(TemplateError):
    """A template that did not end by itself: another sample of it would not either."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Le modèle « {name} » prend plus de deux secondes ou trop de mémoire : il a été arrêté.",
            "Retirez du modèle la boucle ou le calcul qui ne finit pas.",
        )


def run(templates: Templates, name: str, values: Mapping[str, object], language: Language = FRENCH) -> Rendered:
    """What the template writes: in a process of its own where the user has a folder, else in this one.

    Raises TemplateError for a missing file, a mistake in it, an unknown variable or a forbidden act.
    """
    worker = worker_of(templates)
    if worker is None:
        return run_here(templates, name, values, language)
    return worker.run(name, values, language)


def worker_of(templates: Templates) -> "Worker | None":
    """The process that runs the user's own templates; None where there are only the shipped ones."""
    if templates.folder is None:
        return None
    if templates not in _WORKERS:
        _WORKERS[templates] = Worker(templates.folder)
    return _WORKERS[templates]


class Worker:
    """The process; one letter is asked for and answered at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, name: str, values: Mapping[str, object], language: Language) -> Rendered:
        """What the template writes; TemplateError where it is wrong, StuckError where it ran out of time or memory."""
        process = self._started()
        answer = _asked(process, pickle.dumps((name, language.code, dict(values))), SECONDS)
        if answer is None:
            self.process = None
            _stop(process)
            raise StuckError(name)
        kind, *said = json.loads(answer)
        if kind == "fault":
            raise TemplateError(*said)
        return Rendered(*said)

    def _started(self) -> "subprocess.Popen[bytes]":
        if self.process is None:
            import subprocess  # for who has templates of his own

            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
            process = subprocess.Popen(
                [sys.executable, "-c", "from relance.letters.confined import main; main()", str(self._folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
            weakref.finalize(self, _stop, process)
            if _asked(process, pickle.dumps(None), START_SECONDS) is None:
                raise TemplateError(
                    "Le programme qui lit vos modèles ne démarre pas.",
                    "Relancez la commande, ou redémarrez la machine.",
                )
            self.process = process
        return self.process


def _asked(process: "subprocess.Popen[bytes]", question: bytes, seconds: float) -> bytes | None:
    """The answer, None where the process ended or was ended because it took longer than `seconds`."""
    timer = threading.Timer(seconds, process.kill)
    timer.start()
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        _write(process.stdin, question)
        return _read(process.stdout)
    except OSError:
        return None
    finally:
        timer.cancel()


def _stop(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(OSError), process:  # closes its pipes and waits for its end
        process.kill()


def _write(pipe: IO[bytes], message: bytes) -> None:
    pipe.write(len(message).to_bytes(4, "big") + message)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    size = int.from_bytes(pipe.read(4), "big")
    message = pipe.read(size)
    return message if size and len(message) == size else None


def main() -> NoReturn:
    """The process itself: limits first, then one letter after the other until nobody asks any more."""
    ask, answer = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    _limit()
    templates = Templates(Path(sys.argv[1]))
    for language in LANGUAGES.values():
        templates.environment(language)
    while (question := _read(ask)) is not None:
        wanted = pickle.loads(question)
        _write(answer, json.dumps(["ready"] if wanted is None else _answered(templates, *wanted)).encode())
    os._exit(0)


def _answered(templates: Templates, name: str, code: str, values: Mapping[str, object]) -> list[str]:
    _limit_time()
    try:
        return ["text", *run_here(templates, name, values, LANGUAGES[code])]
    except TemplateError as error:
        return ["fault", *error.args]


def _limit() -> None:
    """Memory, and no files left behind; Windows has no such limits, its processes only end by the clock."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def _limit_time() -> None:
    """This letter's share of the processor, should nobody be there any more to end the process."""
    if sys.platform == "win32":
        return
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime + SECONDS) + 1, resource.RLIM_INFINITY))
