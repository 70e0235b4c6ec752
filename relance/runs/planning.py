"""The plan of a day, and of the days after it: read, decide."""

from typing import NamedTuple

from relance.core.plan import Plan
from relance.core.planning import build_plan
from relance.errors import EXIT_DONE, EXIT_LOOK
from relance.runs.dossier import Dossier, open_dossier
from relance.runs.remembering import remembered
from relance.runs.request import Request
from relance.runs.texting import with_texts


class Planned(NamedTuple):
    """A dossier, the plan of its day, and those of the days `ahead`."""

    dossier: Dossier
    plan: Plan
    ahead: tuple[Plan, ...] = ()

    @property
    def exit_code(self) -> int:
        """1 where something was not read or needs a look that the user did not ask for himself."""
        look = self.dossier.source.problems or any(line.reason.to_look_at for line in self.plan.lines)
        return EXIT_LOOK if look else EXIT_DONE


def plan(request: Request, days: int = 0) -> Planned:
    """What would happen on the day, and why, and on the `days` days after it if nobody pays; nothing is written."""
    dossier = open_dossier(request)
    history = remembered(dossier)
    today = build_plan(dossier.invoices, history, dossier.policy, dossier.today)
    ahead: list[Plan] = []
    if days:
        from relance.core.ahead import look_ahead

        ahead = look_ahead(dossier.invoices, history, dossier.policy, today, days)
    return Planned(dossier, with_texts(today, dossier), tuple(with_texts(plan, dossier) for plan in ahead))
