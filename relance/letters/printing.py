"""A letter's values and its layout make a PDF, by typst: the same bytes for the same values and day.

typst comes with the extra `pdf`. It is given the values as JSON, so that no text of a customer can become layout, and
reads no file outside the folder of the layout. PDF/A-2a and PDF/UA-1 are what typst declares and checks itself.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from relance.errors import TemplateError, UsageError
from relance.letters.languages import FRENCH, language_of
from relance.letters.templates import Templates

LAYOUT = "letter.typ"
_PACKAGE = re.compile(r'^[^/\n]*#?import\s+"@', re.MULTILINE)
_NO_GLYPH = "could not be displayed"


def can_print() -> bool:
    """True where typst is installed and starts: a message whose letter cannot be printed leaves without it."""
    try:
        import typst  # noqa: F401
    except ImportError:
        return False
    return True


def print_letter(templates: Templates, values: Mapping[str, Any]) -> bytes:
    """The PDF of a letter, from the values that `paper` gives; its date is the day of the letter, at midnight UTC.

    UsageError without typst; TemplateError where the layout is wrong. A letter with signs that no font here has
    (emoji, other scripts) is printed with the fonts of this machine, and is then no PDF/A.
    """
    try:
        import typst
    except ImportError:
        raise UsageError(
            "Faire une lettre en PDF demande typst, qui n'est pas installé.",
            "Installez-le : pip install typst (l'extra pdf de relance).",
        ) from None
    folders = (*templates.folders(language_of(values["lang"])), *templates.folders(FRENCH))
    layout = next(path for folder in folders if (path := folder / LAYOUT).is_file())
    if _PACKAGE.search(layout.read_text("utf-8", errors="replace")):
        raise TemplateError(
            f"« {layout} » importe un paquet de l'internet.", "Une lettre ne télécharge rien : retirez-le."
        )
    year, month, day = values["date"]
    midnight = datetime(year, month, day, tzinfo=UTC)
    inputs = {"letter": json.dumps(values, ensure_ascii=False)}
    try:
        try:
            return _compiled(layout, inputs, midnight, strict=True)
        except typst.TypstError as error:
            if _NO_GLYPH not in error.message:
                raise
            return _compiled(layout, inputs, midnight, strict=False)
    except typst.TypstError as error:
        line = re.search(rf"{re.escape(LAYOUT)}:(\d+):", error.diagnostic)
        where = f", ligne {line[1]}" if line else ""
        raise TemplateError(
            f"Mise en page « {layout} »{where} : {' '.join(error.message.split())}.",
            "Corrigez ce fichier, ou retirez-le pour reprendre la mise en page fournie.",
        ) from error


def _compiled(layout: Path, inputs: dict[str, str], day: datetime, *, strict: bool) -> bytes:
    import typst

    return typst.compile(
        layout,
        root=layout.parent,
        ignore_system_fonts=strict,
        format="pdf",
        sys_inputs=inputs,
        pdf_standards=["a-2a", "ua-1"] if strict else [],
        timestamp=day,
    )
