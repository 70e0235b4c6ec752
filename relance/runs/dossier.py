"""The desk that every story starts from: settings, file, journal and day, each read when it is first asked for."""

import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from relance.config import find_settings, load_settings
from relance.core.facts import ColumnsAgreed, Drafted, Fact
from relance.core.history import History, Run, fold, without_drafts
from relance.core.invoice import Invoice, Problem
from relance.core.plan import Line, Plan
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy, Oneself, by_schedule
from relance.core.reading import Unagreed
from relance.core.reasons import ClockFault
from relance.errors import JournalError
from relance.french import DEFAULT_TIMEZONE
from relance.runs.elsewhere import SAMPLE_NAME, check_sender, missing_in, no_file, no_settings
from relance.runs.rows import beside_invoices, known_seller, told_by_platforms, with_traces, without_known

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.core.message import Sender
    from relance.journal import Departure, Journal, PutBackError
    from relance.letters.templates import Templates
    from relance.runs.freshness import Files
    from relance.runs.last_look import Mark
    from relance.runs.noted import Noted
    from relance.runs.statements import Beside, OwnStatements
    from relance.sources import Agreement, InvoiceFile
    from relance.sources.source import Place, SourceOptions


class Desk:
    """A freelancer's files and journal on one day; `unattended` in a run of the schedule, `rehearses` to write nothing.

    A part that cannot be read raises where it is asked for: SettingsError, SourceError, UsageError, JournalError.
    """

    def __init__(self, file: "Place | None" = None, config: Path | None = None, day: date | None = None) -> None:
        """The invoice file or its address, the settings file, the day; None: as the settings and the clock say."""
        self._file, self._config, self._day, self._began = file, config, day, datetime.now(UTC)
        self.unattended = self.rehearses = False
        self.leaving: tuple[Departure, ...] = ()
        self.put_back: PutBackError | None = None

    def anew(self) -> "Desk":
        """The same files, read again when they are asked for, on the day that it is then."""
        return Desk(self._file, self._config, self._day)

    @cached_property
    def settings(self) -> "Settings | None":
        """The settings that apply, None where there are none."""
        path = self.settings_path
        return load_settings(path) if path is not None else None

    @property
    def settings_path(self) -> Path | None:
        """The settings file that applies, readable or not; SettingsError where one is named and is not there."""
        return find_settings(self._config, os.environ, Path.cwd())

    @property
    def own_settings(self) -> "Settings":
        """The settings, for what cannot do without: the journal lies beside them; SettingsError where none apply."""
        settings = self.to_write().settings
        assert settings is not None
        return settings

    @property
    def into_drafts(self) -> bool:
        """Whether a message becomes a draft, in the user's mailbox or in a folder, that he sends himself."""
        return self.settings is not None and self.settings.transport != "smtp"

    def to_write(self) -> "Desk":
        """This desk, for a story that ends in the journal: without settings it does not begin."""
        if self.settings is None:
            raise no_settings("cette commande écrit dans son journal")
        return self

    @property
    def policy(self) -> DunningPolicy:
        """The user's with his own addresses, or the default one."""
        if self.settings is None:
            return DunningPolicy()
        sender = self.settings.sender
        own = (address.casefold() for address in (sender.email, sender.reply_to, sender.bcc) if address)
        payable = bool(sender.iban) or sender.sentences.cheque
        policy = self.settings.policy._replace(own=Oneself(frozenset(own), payable))
        return by_schedule(policy) if self.unattended else policy

    @property
    def sender(self) -> "Sender":
        """Who writes; a made-up name where nobody said it yet."""
        from relance.core.message import Sender  # imported here: most plans write no message

        return self.settings.sender if self.settings else Sender(name=SAMPLE_NAME, email="vous@example.com")

    @property
    def signer(self) -> "Sender":
        """Who writes, for what is handed out; SettingsError where nobody said it yet."""
        if self.settings is None:
            raise no_settings("c’est lui qui dit qui écrit")
        check_sender(self.settings)
        return self.settings.sender

    @cached_property
    def templates(self) -> "Templates":
        """The user's and the shipped ones; TemplateError where the folder does not exist."""
        from relance.letters.templates import load_templates

        return load_templates(self.settings.templates if self.settings else None)

    @cached_property
    def today(self) -> date:
        """The day that was given, else today where the user does business."""
        return self._day or machine_date(self.settings)

    @property
    def replayed(self) -> bool:
        """Whether the day was given."""
        return self._day is not None

    @property
    def another_day(self) -> bool:
        """Whether the day was given, and is not the date of this machine."""
        return self.replayed and self.today != machine_date(self.settings)

    @property
    def now(self) -> datetime:
        """The hour of this machine on the day of the desk, where the user does business."""
        return datetime.combine(self.today, machine_time(self.settings).timetz())

    @property
    def _options(self) -> "SourceOptions":
        from relance.sources import SourceOptions

        return self.settings.source if self.settings else SourceOptions()

    @property
    def places(self) -> "tuple[Place, ...]":
        """Where the invoices stand: what was given, else what the settings say; several are read as one list."""
        return (self._file,) if self._file is not None else self._options.file

    @property
    def online(self) -> tuple[str, ...]:
        """The addresses among them."""
        return tuple(place for place in self.places if not isinstance(place, Path))

    @property
    def source(self) -> "InvoiceFile":
        """The invoice file as it was read, with what could not be; its invoices with what settings and disk say."""
        return self._read[0]

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """Those of the file."""
        return self.source.invoices

    @property
    def marks(self) -> "tuple[Mark, ...]":
        """The files as they were before they were read, the invoice file first; without settings nothing asks."""
        return self._read[1] + (self.statements.marks if self.statements is not None else ())

    @cached_property
    def _read(self) -> "tuple[InvoiceFile, tuple[Mark, ...]]":
        return self.read(self.agreement)

    @property
    def agreement(self) -> "Agreement":
        """What the user agreed, until the day, of how files are read."""
        from relance.sources.agreement import agreement_of

        facts = self._noted.facts if self._noted is not None else ()
        return agreement_of(fact for fact in facts if isinstance(fact, ColumnsAgreed) and fact.on <= self.today)

    @property
    def unagreed(self) -> Unagreed | None:
        """What is open of how the file is read; None where nothing is."""
        from relance.sources.agreement import question_of

        return question_of(self.source.reading, self.agreement)

    @property
    def new_reading(self) -> ColumnsAgreed | None:
        """How the file is read, to be remembered where nothing is open of it and no reading like it is yet."""
        from relance.sources.agreement import agreed_on, reading_as_found

        reading = self.source.reading
        known = self.unagreed or agreed_on(reading, self.agreement)
        return None if known else reading_as_found(reading, self.today)

    def read(self, agreement: "Agreement") -> "tuple[InvoiceFile, tuple[Mark, ...]]":
        """The invoice file, its columns as this agreement has it, and the files as they were before."""
        from relance.sources import read_source
        from relance.sources.tables import MissingFileError

        settings, options, places = self.settings, self._options, self.places
        options = known_seller(settings, rehearses=self.rehearses) if settings else options
        if not places:
            raise no_file(settings.path if settings else None)
        marks: tuple[Mark, ...] = ()
        if settings is not None:
            from relance.runs.last_look import marked

            marks = marked((*places, settings.path, *beside_invoices(options)))
        try:
            source = read_source(places, options, agreement)
        except MissingFileError as error:
            raise (
                error if self._file is not None or settings is None else missing_in(settings.path, error, options)
            ) from None
        if settings is not None and settings.customer_rules:
            from relance.config.values import with_rules

            source = source._replace(invoices=with_rules(source.invoices, settings.customer_rules))
        if options.pdf or options.require_pdf or any(invoice.pdf for invoice in source.invoices):
            from relance.runs.attachments import with_attachments

            source = with_attachments(source, options, places, settings)
        facts, today = self._noted.facts if self._noted is not None else [], self.today
        return without_known(told_by_platforms(source, settings, facts, today, agreement), facts, today), marks

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.source.problems + (self.history.bank.problems if self.history.bank is not None else ())

    @cached_property
    def statements(self) -> "OwnStatements | None":
        """The statements of the settings as they were read; None where the settings name none."""
        if self.settings is None or not self.settings.bank.files:
            return None
        from relance.runs.statements import read_own

        return read_own(self.settings.bank)

    @cached_property
    def before_bank(self) -> History:
        """What journal and file tell of the days before, without what the statements tell."""
        if self.settings is None:
            return with_traces(fold((), None, self.today)._replace(unagreed=self.unagreed), self.source, frozenset())
        from relance.runs.noted import past

        return past(self._noted, self.source, self._files, self.settings, self.unagreed, self.now)

    @property
    def beside(self) -> "Beside":
        """What is known beside the statements; no invoices where nothing says where they are."""
        from relance.runs.statements import Beside

        found, history = (self.source, self.before_bank) if self.places else (None, History())
        return Beside(self.today, self.now.tzinfo, found, history, self.policy, self.settings)

    @cached_property
    def history(self) -> History:
        """What journal and files tell of the days before; a replayed day is not held against the clock.

        What was seen in the file is known of the last run alone: to a day before that run, nothing was seen.
        """
        return self._remembered._replace(last_day=None, clock=None) if self.replayed else self._remembered

    @property
    def clock(self) -> ClockFault | None:
        """What is wrong with this machine's clock by the last thing noted, whatever day is replayed."""
        return self._remembered.clock

    @cached_property
    def _remembered(self) -> History:
        history = self.before_bank
        if self.settings is None:
            return history
        from relance.runs.last_look import clock_fault

        if self.statements is not None:
            from relance.runs.statements import counted

            history = counted(self.statements.told, self.beside)
        if history.platform is not None:
            from relance.runs.lifecycle import collected_in

            history = collected_in(self.beside._replace(history=history))
        return history._replace(clock=clock_fault(self._noted and self._noted.stamp, machine_time(self.settings)))

    @cached_property
    def _noted(self) -> "Noted | None":
        """What the journal holds, None where there is none: opened once, for how the file is read and for history."""
        if self.settings is None:
            return None
        from relance.journal import read_journal
        from relance.runs.noted import noted_in

        journal = read_journal(self.settings.journal)
        if journal is None:
            return None
        with journal:
            journal.check_dossier(self.settings.path)
            with suppress(JournalError):  # a reader who may not read the receipts
                self.put_back = journal.put_back()
            return noted_in(journal, self.today)

    @property
    def last_run(self) -> Run | None:
        """The last run of the schedule by the day, its beginning as the user's clock had it; None: none ever ran."""
        run = self._noted.run if self._noted is not None else None
        return run and run._replace(began=run.began.astimezone(self.now.tzinfo))

    @cached_property
    def _files(self) -> "Files":
        """What tells who has paid: where the invoices stand, then their list of payments where that is another file."""
        from relance.runs.freshness import Files, content_of

        listed = self._options.payments.file
        marks = [mark for mark in self.marks if mark.path in self.places]
        paid = [mark for mark in self.marks if mark.path == listed and mark not in marks]
        return Files(marks + paid, content_of(self.invoices) if self.online else "", len(self.places) > 1)

    @property
    def file_digest(self) -> str:
        """What names this content of the invoice file, and of its list of payments, and no other (SHA-256)."""
        return self._files.digest

    def note_content(self, journal: "Journal") -> None:
        """Remember what stood at the address, and since when: its age runs from the day on which it changed."""
        from relance.runs.noted import note_content

        note_content(journal, self._files.content, self.today)

    @cached_property
    def plan(self) -> Plan:
        """What would happen on the day."""
        return build_plan(self.invoices, self.history, self.policy, self.today)

    def lines_of(self, invoices: Iterable[Invoice]) -> list[Line]:
        """The lines of these invoices of the file in the plan of the day, in the order of the file."""
        wanted = {id(invoice) for invoice in invoices}
        return [line for invoice, line in zip(self.invoices, self.plan.lines, strict=True) if id(invoice) in wanted]

    @contextmanager
    def writing(self) -> Iterator["Journal"]:
        """The journal open for writing, created at need; `leaving` is then what left meanwhile, or is at the dot."""
        from relance.journal import begun_at, open_journal
        from relance.runs.last_look import left_meanwhile

        settings = self.own_settings
        since = min(begun_at(settings.journal) or self._began, self._began)  # that run may be over meanwhile
        with open_journal(settings.journal, self.today, create=True) as journal:
            journal.claim(settings.path)
            yield journal
            self.leaving = left_meanwhile(journal, since, lambda: self.invoices)
        self.forget()

    def tell(self, *facts: Fact, note: str = "") -> None:
        """Write these down, on the disk when this returns; history and plan know of them from then on."""
        with self.writing() as journal:
            journal.record(*facts, note=note)

    def follow(self, journal: "Journal") -> None:
        """Take the history from this open journal, as it is now and with the clock, whatever the day."""
        from relance.runs.noted import noted_in

        self.forget()
        self.__dict__["_noted"] = noted_in(journal, self.today)
        self.__dict__["history"] = self._remembered._replace(given=self.replayed)

    def without(self, drafts: Collection[Drafted]) -> None:
        """Plan as if these drafts were not written."""
        self.__dict__["history"] = without_drafts(self.history, drafts)
        self.__dict__.pop("plan", None)

    def forget(self) -> None:
        """Read history and plan again when they are asked for: the journal has changed."""
        for part in ("_noted", "before_bank", "_remembered", "history", "plan"):
            self.__dict__.pop(part, None)


def typed_place(text: str) -> "Place":
    """The file or the address that a person typed."""
    from relance.sources.source import place_of

    return place_of(text)


def for_me_alone(path: str, flags: int) -> int:
    """Open a file that nobody else may read (0600 where it is new): an `opener` of what names customers and sums."""
    return os.open(path, flags, 0o600)


def machine_time(settings: "Settings | None") -> datetime:
    """Now, where the user does business (Europe/Paris by default): the one place with a clock."""
    from zoneinfo import ZoneInfo

    return datetime.now(ZoneInfo(settings.timezone if settings else DEFAULT_TIMEZONE))


def machine_date(settings: "Settings | None") -> date:
    """Today's calendar date where the user does business."""
    return machine_time(settings).date()
