"""Who owes what and since when, and what reminders bring: the figures of the day, and the file that shows them."""

import os
import shlex
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from relance.core.figures import Figures, figures_of
from relance.errors import EXIT_DONE, EXIT_LOOK, UsageError
from relance.french import OPEN_INVOICES, system_words
from relance.runs.dossier import Desk, for_me_alone
from relance.runs.plan import Planned
from relance.runs.trend import remembered

_OURS = {
    "html": b'<meta name="generator" content="relance">',
    "json": b'{"version": 1,',
    "csv": ";".join(OPEN_INVOICES).encode(),
    "xlsx": b"PK",
}
"""What a report of this form has in its first octets."""
_CALENDAR = b"PRODID:-//relance//"
_LOOKED_AT = 1000


class Reported(NamedTuple):
    """The plan of the day, and the figures of each currency, euros first; `margin` as the settings have it."""

    planned: Planned
    figures: tuple[Figures, ...]
    margin: Decimal | None = None

    @property
    def exit_code(self) -> int:
        """1 where something was not read, so that these figures lack it, or its sums are not sure."""
        desk = self.planned.desk
        return EXIT_LOOK if desk.source.problems or desk.source.left_out or desk.unagreed else EXIT_DONE


def report(desk: Desk) -> Reported:
    """The figures of the day; nothing is written."""
    known = remembered(desk)
    figures = figures_of(desk.plan, known.changes, known.months)
    return Reported(Planned(desk, desk.plan), figures, desk.settings.margin_percent if desk.settings else None)


def form_of(told: str, out: Path | None, *, shows: bool) -> str:
    """The form that was told, else the one that the name of the file ends with; UsageError where none can be opened.

    A name of another ending is refused: what lies under « r.pdf » would open in no program, and a journal that is not
    there yet would find its place taken.
    """
    ending = out.suffix.removeprefix(".").casefold() if out is not None else ""
    form = told or (ending if ending in _OURS else "html")
    if shows and form != "html":
        raise UsageError(f"--open montre la page, pas le {form.upper()}.", "Retirez --open, ou --format.")
    if out is not None and not out.is_dir() and ending != form:
        known = f".{form}" if told else ", ".join(f".{each}" for each in _OURS)
        meant = shlex.quote(str(out.with_suffix(f".{form}")))
        raise UsageError(
            f"Le nom « {out} » ne dit pas de quelle forme est le rapport ({known}).", f"Exemple : --out {meant}."
        )
    return form


def place_of(desk: Desk, out: Path | None, form: str) -> Path:
    """Where the file goes: what was told, else here, under a name of its day."""
    return out or Path(f"relance-rapport-{desk.today.isoformat()}.{form}")


def keep(path: Path, content: bytes, form: str) -> Path:
    """Write the file, whole or not at all, for its user alone (0600); returns where it lies. `form` may be `ics`.

    UsageError where it cannot be written, or where a file lies there that is no report of this form, or no calendar.
    """
    partial = path.parent / f".relance-{os.getpid()}.partial"
    try:
        _refuse(path, form)
        with open(partial, "wb", opener=for_me_alone) as file:
            file.write(content)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        said = f"« {path} » ne peut pas être écrit ({system_words(error)})."
        raise UsageError(said, "Vérifiez les droits de ce dossier, ou changez --out.") from None
    return path.absolute()


def _refuse(path: Path, form: str) -> None:
    """A file that is no report of ours is left alone: a slip must not cost an invoice file."""
    if path.is_dir():
        raise UsageError(f"« {path} » est un dossier.", "Donnez un nom de fichier avec --out.")
    if not path.parent.is_dir():
        raise UsageError(f"Le dossier « {path.parent} » n’existe pas.", "Créez-le, ou changez --out.")
    if not (path.exists() or path.is_symlink()):
        return
    what, ours = ("un calendrier de relance", _CALENDAR) if form == "ics" else ("un rapport", _OURS[form])
    if path.is_file():
        with path.open("rb") as file:
            if ours in file.read(_LOOKED_AT) and (form != "xlsx" or _is_our_workbook(path)):
                return
    raise UsageError(f"« {path} » existe et n’est pas {what} : relance ne l’écrase pas.", "Changez --out.")


def _is_our_workbook(path: Path) -> bool:
    """Whether its properties name us as its author."""
    import zlib
    from zipfile import BadZipFile, ZipFile

    try:
        with ZipFile(path) as parts:
            return b"<dc:creator>relance</dc:creator>" in parts.read("docProps/core.xml")
    except (BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError, ValueError):
        return False  # another program's, damaged, or locked by a password


def opened(path: Path) -> bool:
    """Show the page in the user's browser; whether one answered."""
    import webbrowser

    return webbrowser.open(path.as_uri())
