"""How everything was understood, and what is missing; really connects to the mail server unless offline."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from relance.config import Settings
from relance.core.interest import InterestTerms
from relance.core.planning import build_plan
from relance.core.reference_rates import ReferenceRate, half_year
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE, RelanceError, TemplateError, UsageError
from relance.runs.dossier import Dossier, machine_date, open_dossier, settings_of, unfinished
from relance.runs.remembering import remembered
from relance.runs.request import Request

if TYPE_CHECKING:
    from relance.core.plan import Plan
    from relance.delivery.smtp import ServerFacts


@dataclass(slots=True)
class Checked:
    """What was found, part by part; a part that failed has its error instead.

    `risky` is why the journal should not lie where it does, `copies` are its backups, the newest first.
    """

    settings: Settings | None = None
    dossier: Dossier | None = None
    plan: "Plan | None" = None
    templates: tuple[tuple[str, str], ...] = ()
    papers: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    server: "ServerFacts | None" = None
    half: str = ""
    reference: ReferenceRate | None = None
    mailbox: tuple[str, ...] = ()
    offline: bool = False
    risky: str = ""
    copies: tuple[Path, ...] = ()
    errors: list[RelanceError] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """2 where a part is unusable, 1 where something needs a look, else 0."""
        if self.errors:
            return EXIT_NOTHING_DONE
        unread = self.dossier is not None and bool(self.dossier.source.problems)
        look = self.plan is not None and any(line.reason.to_look_at for line in self.plan.lines)
        risky = self.warnings or self.risky or self.reference is None
        return EXIT_LOOK if unread or look or risky else EXIT_DONE


def check(request: Request, *, offline: bool) -> Checked:
    """Look at each part by itself: one that fails does not hide the others."""
    found = Checked(offline=offline)
    try:
        found.settings = settings_of(request)
    except RelanceError as error:
        found.errors.append(error)
        return found
    _rates(found, request.today or machine_date(found.settings))
    made_up = unfinished(found.settings) if found.settings else None
    if made_up is not None:
        found.errors.append(made_up)
    try:
        found.dossier = dossier = open_dossier(request)
        found.plan = build_plan(dossier.invoices, remembered(dossier), dossier.policy, dossier.today)
    except RelanceError as error:
        found.errors.append(error)
    for part in (_templates, _papers, _server, _mailbox, _journal):
        try:
            part(found)
        except RelanceError as error:
            found.errors.append(error)
    return found


def _rates(found: Checked, today: date) -> None:
    """The rates of the current half-year, on which a rate may rest, and the floor of every agreed one."""
    terms = found.settings.policy.interest if found.settings else InterestTerms()
    found.half = half_year(today)
    found.reference = terms.rates.get(found.half)


def _templates(found: Checked) -> None:
    """Try every template on made-up messages, so that a mistake shows before a customer does."""
    from relance.runs.trying import try_all

    tried = try_all(found.settings)
    wrong = [(each, error) for each in tried for error in each.errors]
    if wrong:
        each, error = wrong[0]
        raise TemplateError(
            f"{each.label} ({each.file}) : {error}.",
            "« relance templates check » dit tout ce qui n’irait pas dans les modèles.",
        )
    found.templates = tuple((each.label, each.file) for each in tried)
    found.warnings = tuple(f"{each.label} ({each.file}) : {warning}" for each in tried for warning in each.warnings)


def _papers(found: Checked) -> None:
    """Print what is posted, and read what goes along: a wrong layout shows before a customer does."""
    from relance.runs.papers import try_papers

    if found.settings is not None and found.dossier is not None:
        found.papers = tuple(try_papers(found.settings, found.dossier))


def _journal(found: Checked) -> None:
    """Where the journal lies, and its copies."""
    if found.settings is None:
        return
    from relance.journal import backups, risky_place

    found.risky = risky_place(found.settings.journal)
    found.copies = tuple(backups(found.settings.journal))


def _server(found: Checked) -> None:
    settings = found.settings
    if settings is None or settings.transport != "smtp" or found.offline:
        return
    if settings.smtp is None:
        raise UsageError("Aucun serveur de courrier : [smtp] manque.", "Ajoutez host et user sous [smtp].")
    from relance.delivery.smtp import probe
    from relance.runs.delivering import password, server

    found.server = probe(server(settings.smtp), password(settings.smtp))


def _mailbox(found: Checked) -> None:
    settings = found.settings
    if settings is None or settings.imap is None or found.offline:
        return
    from relance.delivery.mailbox import folders
    from relance.runs.answering import password, server

    found.mailbox = folders(server(settings.imap), password(settings.imap))
