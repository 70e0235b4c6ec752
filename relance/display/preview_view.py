"""A message to read before it leaves."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from relance.display.lines import because
from relance.display.reasons import lateness
from relance.french import typeset

if TYPE_CHECKING:
    from relance.runs.previewing import Preview


def preview_lines(shown: "Preview") -> Iterator[str]:
    """The subject and the text, and what the message carries beside them."""
    reminder = shown.reminder
    yield typeset(f"─── {reminder.customer.name} · {reminder.stage.label} ───")
    yield typeset(f"Objet : {shown.letter.subject}")
    yield ""
    yield from shown.letter.text.rstrip("\n").split("\n")
    yield ""
    if shown.stopped is not None:
        yield typeset("Ce message ne partirait pas aujourd’hui : ") + because(shown.stopped)
    elif shown.expired:
        late = lateness(reminder.lines[0].days_overdue)
        yield typeset(f"Ce message ne partirait pas aujourd’hui : il annonce une échéance à venir ({late})")
    elif shown.kept_back:
        yield typeset(f"Ce message ne partirait pas aujourd’hui : {shown.kept_back}")
    yield from (typeset(f"À regarder : {remark}") for remark in shown.remarks)
    forms = ["le même en HTML"]
    forms += ["le QR code de virement"] if shown.letter.qr else []
    forms += ["la lettre en PDF"] if shown.pdf else []
    yield typeset(f"Aussi : {', '.join(forms)} (--open les montre). Rien n’est parti.")


def opened_lines(paths: Sequence[Path], *, opened: bool) -> Iterator[str]:
    """Where the files are."""
    yield typeset("Ouvert dans votre navigateur :" if opened else "Aucun navigateur n’a répondu ; ouvrez vous-même :")
    yield from (f"  {path}" for path in paths)
