"""The plan of a day: read, decide."""

from typing import NamedTuple

from relance.core.plan import TO_LOOK_AT, Plan
from relance.core.planning import build_plan
from relance.errors import EXIT_DONE, EXIT_LOOK
from relance.runs.dossier import Dossier, open_dossier, remembered
from relance.runs.request import Request


class Planned(NamedTuple):
    """A dossier and the plan of its day."""

    dossier: Dossier
    plan: Plan

    @property
    def exit_code(self) -> int:
        """1 where something was not read or needs a look that the user did not ask for himself."""
        look = self.dossier.source.problems or any(line.reason in TO_LOOK_AT for line in self.plan.lines)
        return EXIT_LOOK if look else EXIT_DONE


def plan(request: Request) -> Planned:
    """What would happen on the day, and why; nothing is written."""
    dossier = open_dossier(request)
    return Planned(dossier, build_plan(dossier.invoices, remembered(dossier), dossier.policy, dossier.today))
