"""A workbook is parsed in a child process that may use little memory and little time; here it is started."""

import io
import marshal
import os
import subprocess
import sys
import zipfile
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from relance.errors import SourceError
from relance.sources.source import Limits
from relance.sources.values import Cell

# What a small file gets, and what each MB (2^20 bytes) of cells adds: 100,000 rows take about 45 MB of XML,
# 1 s and 250 MB.
_BASE_SECONDS, _SECONDS_PER_MB = 2.0, 0.25
_BASE_MEMORY, _MEMORY_PER_MB = 192, 16
_PIPE = 2**20  # what Linux allows anybody
_CURE_DAMAGED = "Attendez la fin de l’enregistrement, ou ouvrez-le dans votre tableur et enregistrez-le de nouveau."
_CURE_LARGE = "Exportez moins de factures, ou enregistrez la feuille en CSV."


class Sheet(NamedTuple):
    """One sheet as it was parsed; `columns[i]` are the cells of a column from line 1 on.

    `hidden` are the lines that are not shown, `merges` (first line, first column, last line, last column) with lines
    from 1 and columns from 0.
    """

    title: str
    visible: bool
    columns: list[list[Cell]]
    hidden: list[int]
    merges: list[tuple[int, int, int, int]]

    @property
    def height(self) -> int:
        """How many lines it has."""
        return len(self.columns[0]) if self.columns else 0


def sheets_of(name: str, data: bytes, limits: Limits, *, hours: bool = False) -> list[Sheet]:
    """The sheets of a workbook; raises SourceError where it is damaged, too large, too slow, or hostile.

    Its dates are days; with `hours`, those that tell an hour are datetimes.
    """
    megabytes = _inflated(data) >> 20
    seconds = _BASE_SECONDS + _SECONDS_PER_MB * megabytes
    memory = (_BASE_MEMORY + _MEMORY_PER_MB * megabytes + (len(data) >> 20) * 3) << 20
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "RELANCE_CHILD": f"{memory} {int(seconds) + 1}",
        "RUST_BACKTRACE": "0",
    }
    order = " ".join(map(str, limits)).encode() + b"\n"
    command = (sys.executable, "-c", _START)
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        pipesize=_PIPE,
    ) as child:
        try:
            # The processor time is limited in the child; the clock is the last resort, for machines that are busy.
            answer, _ = child.communicate(order + data, timeout=seconds * 5)
        except subprocess.TimeoutExpired:
            child.kill()
            raise _refusal(name, "slow", limits) from None
        except BaseException:
            child.kill()
            raise
    try:
        found = marshal.loads(answer) if answer else None
    except (EOFError, ValueError, TypeError):
        found = None
    if found is None:
        slow = child.returncode in (-24, -9)  # SIGXCPU, SIGKILL
        raise _refusal(name, "slow" if slow else "memory", limits)
    if found[0] == "refused":
        raise _refusal(name, found[1], limits)
    return [
        Sheet(title, visible, [_dated(column, hours) for column in columns], *rest)
        for title, visible, columns, *rest in found[1]
    ]


# The limits come before any import of ours; Windows has none.
_START = """
import os
memory, seconds = map(int, os.environ.pop("RELANCE_CHILD").split())
try:
    import resource
except ImportError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    try:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except (ValueError, OSError):
        pass
from relance.sources.parsing import main
main()
os._exit(0)  # a million cells need no taking apart
"""


def _inflated(data: bytes) -> int:
    """What the archive says it holds, in bytes; the size of a file that is none. It is checked in the child."""
    if not data.startswith(b"PK"):
        return len(data) * 4
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return min(sum(part.file_size for part in archive.infolist()), 2**31)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return len(data)


def _dated(column: list[Any], hours: bool) -> list[Cell]:
    """A column with its dates, which come as tuples of ordinal and second of the day: marshal knows no dates."""
    if tuple not in set(map(type, column)):
        return column
    day = cache(date.fromordinal)
    moment = _moment if hours else lambda ordinal, _: day(ordinal)
    return [moment(*cell) if cell.__class__ is tuple else cell for cell in column]


def _moment(ordinal: int, second: int) -> date:
    if not second:
        return date.fromordinal(ordinal)
    return datetime.fromordinal(ordinal) + timedelta(seconds=second)


def _refusal(name: str, code: str, limits: Limits) -> SourceError:
    """What is said of a workbook that cannot be used."""
    sentences = {
        "encrypted": (f"{name} est protégé par mot de passe.", "Retirez le mot de passe, ou exportez en CSV."),
        "entities": (f"{name} contient une déclaration XML interdite.", "Ouvrez-le et enregistrez-le de nouveau."),
        "xlsb": (f"{name} est un classeur binaire .xlsb.", "Enregistrez-le au format .xlsx ou CSV."),
        "inflated": (f"{name} dépasse {limits.inflated >> 20} Mo une fois décompressé : trop de lignes.", _CURE_LARGE),
        "memory": (f"{name} demande trop de mémoire : il a des cellules isolées, ou trop de lignes.", _CURE_LARGE),
        "slow": (f"{name} est trop long à lire : il a trop de cellules.", _CURE_LARGE),
        "rows": (
            f"{name} a trop de lignes ({limits.rows} au plus).",
            "Exportez moins de factures, supprimez les lignes isolées, ou augmentez max_rows sous [invoices].",
        ),
        "columns": (
            f"{name} a plus de {limits.columns} colonnes.",
            "Supprimez les cellules isolées loin à droite du tableau, ou augmentez max_columns sous [invoices].",
        ),
    }
    damaged = (f"{name} est un classeur abîmé, ou en cours d’enregistrement.", _CURE_DAMAGED)
    return SourceError(*sentences.get(code, damaged))
