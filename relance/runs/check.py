"""How everything was understood, and what is missing; really connects to the mail server unless offline."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from relance.config.values import Settings
from relance.core.invoice import Customer
from relance.core.policy import DunningPolicy
from relance.core.reference_rates import ReferenceRate, awaited, half_year
from relance.errors import (
    EXIT_DONE,
    EXIT_LOOK,
    EXIT_NOTHING_DONE,
    JournalError,
    RelanceError,
    TemplateError,
    UsageError,
)
from relance.french import ACCOUNT
from relance.runs.dossier import Desk
from relance.runs.elsewhere import check_sender
from relance.runs.installed import Installed, installed
from relance.runs.plan import look_code
from relance.runs.repair import broken_line, chain_lines

if TYPE_CHECKING:
    from relance.core.bank import BankState
    from relance.core.history import Run
    from relance.core.plan import Plan
    from relance.delivery.account import Account
    from relance.delivery.domain import Standing
    from relance.delivery.smtp import ServerFacts
    from relance.sources import InvoiceFile


@dataclass(slots=True)
class CheckedSetup:
    """What was found, part by part; a part that failed has its error in `failed`, under the part's name.

    `unusable` is what names a settings file that is not there, or not as it should be.
    `half` is the current half-year and `reference` its rates, on which a rate may rest: the floor of every agreed one;
    `banked` is what the statements of the bank tell on the day (`at`), None where none are named; `statements` are the
    files of them.
    `awaited` is the half-year to come while its rates are not known.
    `lacks` is what the settings do not say of who writes; `abroad` are the customers outside France that owe something,
    `unaddressed` those whom no letter finds, where one is posted.
    `own_folders` are those of drafts and of sent messages, as the user writes them; empty where none was found.
    `doubts` are, under the part's name, what will hardly work or not for long between a mail account and its provider.
    `last_run` is the last run of the schedule, `digest_on` the last day on which [digest] wrote to the user.
    `chain` says since when the lines of the journal are chained, and what was blanked.
    `risky` is why the journal should not lie where it does, `copies` are its backups, the newest first.
    """

    program: Installed = field(default_factory=installed)
    settings: Settings | None = None
    unusable: str = ""
    source: "InvoiceFile | None" = None
    plan: "Plan | None" = None
    banked: "BankState | None" = None
    statements: int = 0
    at: date = date.min
    templates: tuple[tuple[str, str], ...] = ()
    papers: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    abroad: tuple[Customer, ...] = ()
    unaddressed: tuple[Customer, ...] = ()
    warnings: tuple[str, ...] = ()
    doubts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    server: "ServerFacts | None" = None
    half: str = ""
    reference: ReferenceRate | None = None
    awaited: str = ""
    standing: "Standing | None" = None
    mailbox: tuple[str, ...] = ()
    own_folders: tuple[str, str] = ("", "")
    offline: bool = False
    risky: str = ""
    digest_on: date | None = None
    last_run: "Run | None" = None
    chain: tuple[str, ...] = ()
    copies: tuple[Path, ...] = ()
    failed: dict[str, RelanceError] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """2 where a part is unusable, 1 where something needs a look, else 0."""
        if self.failed:
            return EXIT_NOTHING_DONE
        unread = self.banked.problems if self.banked is not None else ()
        look = look_code(self.plan, self.source.problems + unread) if self.plan and self.source else EXIT_DONE
        doubtful = self.standing is not None and not self.standing.good
        return EXIT_LOOK if self.warnings or self.doubts or self.risky or doubtful or self.reference is None else look


def check(desk: Desk, *, offline: bool) -> CheckedSetup:
    """Look at each part by itself: one that fails does not hide the others."""
    found = CheckedSetup(offline=offline)
    try:
        found.settings = desk.settings
    except RelanceError as error:
        found.failed["settings"] = error
        found.unusable = _named(desk)
        return found
    found.at, found.half = desk.today, half_year(desk.today)
    found.reference = desk.policy.interest.rates.get(found.half)
    found.awaited = awaited(desk.today, desk.policy.interest.rates)
    for name, part in _PARTS.items():
        if found.settings is None and name not in _WITHOUT_SETTINGS:
            continue
        try:
            part(found, desk)
        except RelanceError as error:
            found.failed["journal" if isinstance(error, JournalError) else name] = error
    return found


def _named(desk: Desk) -> str:
    """What names the settings file of this desk, which cannot be used."""
    try:
        return f"« {desk.settings_path} »"
    except RelanceError:
        return "le fichier indiqué"


def _sender(found: CheckedSetup, desk: Desk) -> None:
    check_sender(desk.own_settings)


def _source(found: CheckedSetup, desk: Desk) -> None:
    found.source = desk.source


def _plan(found: CheckedSetup, desk: Desk) -> None:
    """What only the journal can keep from being made."""
    if found.source is not None:
        found.plan = desk.plan


def _templates(found: CheckedSetup, desk: Desk) -> None:
    """Try every template on made-up messages, so that a mistake shows before a customer does."""
    from relance.runs.templates import try_all

    tried = try_all(desk)
    for each in tried:
        if each.errors:
            raise TemplateError(
                f"{each.label} ({each.file}) : {each.errors[0]}.",
                "« relance templates check » dit tout ce qui n’irait pas dans les modèles.",
            )
    found.templates = tuple((each.label, each.file) for each in tried)
    found.warnings = tuple(f"{each.label} ({each.file}) : {warning}" for each in tried for warning in each.warnings)


def _bank(found: CheckedSetup, desk: Desk) -> None:
    """The statements, as the plan counts them."""
    if desk.statements is not None and found.source is not None:
        found.banked, found.statements = desk.history.bank, len(desk.statements.marks)


def _papers(found: CheckedSetup, desk: Desk) -> None:
    """Print what is posted, and read what goes along: a wrong layout shows before a customer does."""
    from relance.letters.abroad import is_abroad
    from relance.letters.countries import is_whole
    from relance.runs.compose import try_papers
    from relance.runs.letter import lacking_sentence

    if found.source is not None:
        found.papers = tuple(try_papers(desk))
    policy, sender = desk.policy, desk.sender
    posted = any("letter" in stage.channels for schedule in policy.schedules for stage in schedule.stages)
    if found.settings is not None:
        found.lacks = tuple(filter(None, (lacking_sentence(sender) if posted else "", _unpayable(policy))))
    owing = _owing(found.plan) if found.plan is not None else ()
    found.abroad = tuple(filter(is_abroad, owing))
    found.unaddressed = tuple(customer for customer in owing if posted and not is_whole(customer.address))


def _unpayable(policy: DunningPolicy) -> str:
    return "" if policy.own.payable else f"Vos messages demandent un virement sans dire où → {ACCOUNT}"


def _owing(plan: "Plan") -> tuple[Customer, ...]:
    """Who owes something, each once."""
    lines = [line for line in plan.lines if not line.reason.settled and line.outstanding > 0]
    return tuple({line.case.customer.identity: line.invoice.customer for line in lines}.values())


def _journal(found: CheckedSetup, desk: Desk) -> None:
    """Where the journal lies, its copies, when the schedule ran and the user was written to last."""
    from relance.journal import backups, read_journal, risky_place, verified

    journal = desk.own_settings.journal
    found.risky, found.copies = risky_place(journal), tuple(backups(journal))
    if (kept := read_journal(journal)) is not None:
        with kept:
            found.digest_on = kept.runs.digest_on()
    found.last_run = desk.last_run
    chain = verified(journal)
    found.chain = tuple(chain_lines(chain))
    if chain.broken is not None:
        found.doubts["journal"] = (f"{broken_line(chain.broken)} → relance repair",)


def _server(found: CheckedSetup, desk: Desk) -> None:
    settings = desk.own_settings
    if settings.transport != "smtp" or (found.offline and settings.smtp is None):
        return
    if settings.smtp is None:
        raise UsageError("Aucun serveur e-mail : [smtp] manque.", "Ajoutez host et user sous [smtp].")
    password = _paired(found, desk, "server", settings.smtp)
    if not found.offline:
        from relance.delivery.smtp import probe

        found.server = probe(settings.smtp, password)


def _paired(found: CheckedSetup, desk: Desk, part: str, account: "Account") -> str | None:
    """What is doubtful of an account before it is connected to, and its password, which is not read offline."""
    from relance.delivery.pairings import doubts, refuse_hopeless
    from relance.delivery.secret import read_password

    refuse_hopeless(account)
    password = None if found.offline else read_password(account)
    doubtful = tuple(doubts(account, desk.today, password))
    if doubtful:
        found.doubts[part] = doubtful
    return password


def _domain(found: CheckedSetup, desk: Desk) -> None:
    """What the DNS says of who writes; of a relay on this machine nobody knows who it sends as."""
    from relance.delivery.account import is_loopback

    settings = desk.own_settings
    smtp = settings.smtp
    if settings.transport != "smtp" or smtp is None or found.offline or is_loopback(smtp.host):
        return
    from relance.delivery.domain import standing_of

    found.standing = standing_of(settings.sender.email, smtp.host, smtp.user)


def _mailbox(found: CheckedSetup, desk: Desk) -> None:
    imap = desk.own_settings.imap
    if imap is None:
        return
    password = _paired(found, desk, "mailbox", imap)
    if not found.offline:
        from relance.delivery.mailbox import folders

        found.mailbox = folders(imap, password)
        if desk.own_settings.transport != "folder":
            from relance.delivery.drafts import no_drafts, own_folders

            found.own_folders = own_folders(imap, password, desk.own_settings.zone)
            if desk.own_settings.transport == "drafts" and not found.own_folders[0]:
                raise no_drafts(imap)  # as `send` does, which has no other way out
            if lacking := _without_copies(found, desk.own_settings):
                found.doubts["mailbox"] = (*found.doubts.get("mailbox", ()), lacking)


def _without_copies(found: CheckedSetup, settings: Settings) -> str:
    """That there is no folder for the copies that are to be filed; they leave without."""
    from relance.delivery.copies import are_wanted

    if settings.transport != "smtp" or found.own_folders[1] or not are_wanted(settings.smtp, settings.imap):
        return ""
    return "Dossier des messages envoyés introuvable : sous [imap], save_sent = false n’y range plus de copies"


_PARTS = {
    "sender": _sender,
    "source": _source,
    "plan": _plan,
    "bank": _bank,
    "templates": _templates,
    "papers": _papers,
    "server": _server,
    "domain": _domain,
    "mailbox": _mailbox,
    "journal": _journal,
}
_WITHOUT_SETTINGS = ("source", "plan", "templates")
