"""How everything was understood, and what is missing; really connects to the mail server unless offline."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.config import Settings
from relance.core.history import History
from relance.core.invoice import Customer, Invoice
from relance.core.plan import TO_LOOK_AT, Reminder
from relance.core.planning import build_plan, judge
from relance.core.policy import DunningPolicy, Stage
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE, RelanceError, UsageError
from relance.runs.composing import SAMPLE_SENDER
from relance.runs.dossier import Dossier, open_dossier, remembered, settings_of, unfinished
from relance.runs.request import Request

if TYPE_CHECKING:
    from relance.core.plan import Plan
    from relance.delivery.smtp import ServerFacts


@dataclass(slots=True)
class Checked:
    """What was found, part by part; a part that failed has its error instead."""

    settings: Settings | None = None
    dossier: Dossier | None = None
    plan: "Plan | None" = None
    templates: tuple[tuple[str, str], ...] = ()
    papers: tuple[str, ...] = ()
    server: "ServerFacts | None" = None
    offline: bool = False
    errors: list[RelanceError] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """2 where a part is unusable, 1 where something needs a look, else 0."""
        if self.errors:
            return EXIT_NOTHING_DONE
        unread = self.dossier is not None and bool(self.dossier.source.problems)
        look = self.plan is not None and any(line.reason in TO_LOOK_AT for line in self.plan.lines)
        return EXIT_LOOK if unread or look else EXIT_DONE


def check(request: Request, *, offline: bool) -> Checked:
    """Look at each part by itself: one that fails does not hide the others."""
    found = Checked(offline=offline)
    try:
        found.settings = settings_of(request)
    except RelanceError as error:
        found.errors.append(error)
        return found
    made_up = unfinished(found.settings) if found.settings else None
    if made_up is not None:
        found.errors.append(made_up)
    try:
        found.dossier = dossier = open_dossier(request)
        found.plan = build_plan(dossier.invoices, remembered(dossier), dossier.policy, dossier.today)
    except RelanceError as error:
        found.errors.append(error)
    for part in (_templates, _papers, _server):
        try:
            part(found)
        except RelanceError as error:
            found.errors.append(error)
    return found


def _templates(found: Checked) -> None:
    """Render every stage's template with a made-up overdue invoice, so that a mistake shows before a customer does."""
    from relance.letters.render import render
    from relance.letters.templates import load_templates, template_name

    settings = found.settings
    policy = settings.policy if settings else DunningPolicy()
    templates = load_templates(settings.templates if settings else None)
    stages = {s.key: s for schedule in policy.schedules for s in schedule.stages if "email" in s.channels}
    done = []
    for stage in stages.values():
        reminder = sample_reminder(stage, policy)
        today = reminder.lines[0].invoice.due_date + timedelta(days=stage.day)
        render(templates, reminder, settings.sender if settings else SAMPLE_SENDER, today, policy.interest)
        done.append((stage.label, template_name(stage)))
    found.templates = tuple(done)


def _papers(found: Checked) -> None:
    """Print every stage that is posted, and read the bank details that go along; what is missing is said."""
    from relance.letters.printing import LAYOUT, can_print
    from relance.letters.templates import load_templates
    from relance.letters.viewing import Told
    from relance.runs.papers import letter_pdf, rib_of

    settings, dossier = found.settings, found.dossier
    if settings is None or dossier is None:
        return
    if settings.sender.rib:
        found.papers += (f"{rib_of(settings.sender).name}, joint à partir de la relance ferme",)
    stages = {s.key: s for schedule in settings.policy.schedules for s in schedule.stages if "letter" in s.channels}
    if stages and not can_print():
        found.papers += ("pas de lettre en PDF sans typst (pip install 'relance[pdf]')",)
        return
    templates = load_templates(settings.templates)
    for stage in stages.values():
        reminder = sample_reminder(stage, settings.policy)
        its_day = dossier._replace(today=reminder.lines[0].invoice.due_date + timedelta(days=stage.day))
        letter_pdf(its_day, reminder, settings.sender, templates, Told())
        found.papers += (f"{stage.label} en PDF, {LAYOUT}, imprimée sans faute",)


def sample_reminder(stage: Stage, policy: DunningPolicy) -> Reminder:
    """A message of this stage about one made-up invoice of a made-up business."""
    customer = Customer("Société Exemple SARL", emails=("compta@example.org",), contact="Camille Exemple")
    invoice = Invoice("F-2026-000", customer, date(2026, 1, 31), Decimal("1200.00"), issue_date=date(2026, 1, 1))
    today = invoice.due_date + timedelta(days=stage.day)
    line = judge(invoice, History(), policy, today)._replace(acting=stage)
    term = today + timedelta(days=stage.term_days) if stage.term_days else None
    charged = (line,) if line.charges.claimed and stage.day >= 0 else ()
    return Reminder(customer, stage, "email", "EUR", (line,), term=term, charged=charged)


def _server(found: Checked) -> None:
    settings = found.settings
    if settings is None or settings.transport != "smtp" or found.offline:
        return
    if settings.smtp is None:
        raise UsageError("Aucun serveur de courrier : [smtp] manque.", "Ajoutez host et user sous [smtp].")
    from relance.delivery.smtp import probe
    from relance.runs.sending import password, server

    found.server = probe(server(settings.smtp), password(settings.smtp))
