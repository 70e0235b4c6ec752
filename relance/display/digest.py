"""The mail in which a run of the schedule tells the user what needs him."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.plan import Plan
from relance.display import send_view, terminal
from relance.display.documents import totals
from relance.errors import RelanceError
from relance.french import eur, long_day, plural, typeset

if TYPE_CHECKING:
    from relance.runs.send import Sent


def quiet_text(sent: "Sent") -> str:
    """What a run prints where nobody watches; empty where all is well."""
    with terminal.captured() as said:
        send_view.show_run(sent, as_json=False, full=False)
    return said.getvalue().rstrip("\n")


def subject(today: date, text: str, drafts: int = 0) -> str:
    """What the mail is about: how much needs the user, and how many `drafts` he has to send."""
    points = sum(not line.startswith(" ") for line in text.split("\n"))
    told = [f"{plural(points, 'point')} à voir"] if points or not drafts else []
    told += [f"{plural(drafts, 'brouillon')} à envoyer"] if drafts else []
    return typeset(f"Relance : {', '.join(told)}, {long_day(today)}")


def body(sent: "Sent | None", text: str) -> str:
    """The mail: what needs the user with the commands, what left, the sums of the plan."""
    parts = ["\n\n".join(text.split("\n"))]
    if sent is not None and sent.rehearsed is not None:
        parts += ["\n".join(filter(None, (_left(sent), *_sums(sent.rehearsed.plan))))]
    parts += [typeset("Le plan du jour : ") + "relance plan"]
    return "\n\n".join(parts) + "\n"


def _left(sent: "Sent") -> str:
    count = len(sent.report.sent) if sent.report is not None else 0
    return f"{plural(count, 'message parti', 'messages partis')} à ce passage." if count else ""


def _sums(plan: Plan) -> Iterator[str]:
    """What is owed and late, a line per currency."""
    for row in totals(plan.lines):
        owed, late, claimed = (
            eur(Decimal(row[name]), row["currency"]) for name in ("outstanding", "overdue", "claimed")
        )
        yield typeset(f"Reste dû : {owed}, dont {late} en retard, {claimed} avec les frais.")


def not_mailed(error: RelanceError) -> str:
    """That the mail did not leave; what it would have said stands beside it."""
    return typeset("Le résumé n’a pas pu vous être envoyé : ") + error.shown
