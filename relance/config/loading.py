"""Reading relance.toml: bytes, then TOML, then checked tables, then values; each step names all it finds wrong.

Each row sets the field of its name in the value that its table becomes; what a table leaves out is left to the value's
own default.
"""

import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from pydantic import ValidationError

from relance.config import accounts, models
from relance.config.checks import all_faults
from relance.config.columns import HeadersTable
from relance.config.faults import fault_of, refusal
from relance.config.models import SettingsFile
from relance.config.rows import SettingsTable
from relance.config.values import CustomerRule, Digest, Settings
from relance.core.calendar import WorkCalendar
from relance.core.interest import InterestTerms, OwnTerms
from relance.core.message import Sender, Sentences
from relance.core.policy import (
    DEFAULT_SCHEDULES,
    DEFAULT_STAGES,
    FORMAL_NOTICE,
    MAILED_NOTICE_DAYS,
    READY_LADDERS,
    DunningPolicy,
    Schedule,
    Stage,
)
from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate
from relance.delivery.account import DEFAULT_PORTS, Account, Secret
from relance.errors import SettingsError
from relance.french import system_words
from relance.sources.source import BankOptions, BesideList, SourceOptions

LARGEST = 2**20
"""Octets of the settings: a thousand customers with rules of their own are a tenth of it."""
_MOST_TABLES, _DEEPEST = 20_000, 100  # words of one key
_MOST_FAULTS = 100  # nobody reads more at once
_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_COMMA = re.compile(r"=\s*\d+,\d")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate inline table key", "Cannot redefine")
NEVER_CHARGED = ("courtesy", "friendly")
"""Stages that name no charges unless `charges.show_from` says so."""


def load(path: Path) -> Settings:
    """The settings of this file; a SettingsError tells every fault at once, but a file that is no TOML has one."""
    return load_text(path, _text(path))


def load_text(path: Path, text: str) -> Settings:
    """The settings that a file with this text, at this path, holds."""
    raw = _customers_apart(_parsed(path, text))
    try:
        file, faults = SettingsFile.model_validate(raw), []
    except ValidationError as error:
        found = map(fault_of, error.errors(include_url=False)[:_MOST_FAULTS])
        file, faults = None, [*dict.fromkeys(found)]  # a value that may be of two types has a fault for each
    faults += all_faults(raw)
    if faults or file is None:
        raise refusal(path, faults, raw)
    return to_settings(path, file)


def _text(path: Path) -> str:
    try:
        found = path.stat()  # before it is opened: a FIFO would wait
        if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST:
            raise _no_settings(path, found.st_size if stat.S_ISREG(found.st_mode) else None)
        content = path.read_bytes()
    except OSError as error:
        reason = system_words(error)
        raise SettingsError(
            f"Le fichier de réglages « {path} » ne peut pas être lu : {reason}.",
            "Vérifiez que ce fichier existe et que vous avez le droit de le lire.",
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            f"Le fichier de réglages « {path} » n’est pas enregistré en UTF-8 (ligne {line}).",
            "Enregistrez-le de nouveau en choisissant l’encodage « UTF-8 ».",
        ) from error


def _no_settings(path: Path, size: int | None) -> SettingsError:
    """What is no file (`size` None), or far too large to be one of settings."""
    if size is None:
        return SettingsError(
            f"Le fichier de réglages « {path} » n’est pas un fichier ordinaire.",
            "Mettez un fichier de texte à sa place.",
        )
    return SettingsError(
        f"Le fichier de réglages « {path} » dépasse {LARGEST >> 20} Mo.",
        "Ce n’est pas un relance.toml : « relance init » en écrit un ; les factures vont dans leur propre fichier.",
    )


def _refuse_depths(path: Path, text: str) -> None:
    """What tomllib and the checks after it would take minutes or gigabytes for; no settings need it."""
    tables = 0
    for number, line in enumerate(text.splitlines(), 1):
        tables += line.lstrip().startswith("[")
        words = max(map(_words, line.split("=")[:-1] or [line]))
        if tables > _MOST_TABLES or words > _DEEPEST:
            raise SettingsError(
                f"Le fichier de réglages « {path} », ligne {number}, a trop de tables ou une clé de trop de mots.",
                "Ce n’est pas un relance.toml : « relance init » en écrit un.",
            )


def _words(key: str) -> int:
    """Of how many words a key is made, if it is one."""
    return 0 if key.count(".") <= _DEEPEST else len(list(filter(str.strip, key.split("."))))


def _parsed(path: Path, text: str) -> dict[str, object]:
    """The tables; a decimal is taken through its text, so that 14.1 stays 14.1 (one too big is an ArithmeticError)."""
    _refuse_depths(path, text)
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        found = _LINE.search(str(error))
        lines = text.splitlines()
        number = int(found[1]) if found else len(lines) if "end of document" in str(error) else None
        where = "" if number is None else f", ligne {number}"
        met = lines[number - 1] if number is not None and 0 < number <= len(lines) else ""
        sentence = f"Le fichier de réglages « {path} »{where} n’est pas écrit comme le format TOML le demande."
        raise SettingsError(sentence, _syntax_cure(str(error), met)) from error


def _customers_apart(raw: dict[str, Any]) -> dict[str, Any]:
    """The file with `[customers.columns]` under a name of its own: TOML hangs it on the last [[customers]] block."""
    told = raw.get("customers")
    columns: dict[str, object] = {}
    for block in [told] if isinstance(told, dict) else told if isinstance(told, list) else []:
        if isinstance(block, dict) and isinstance(block.get("columns"), dict):
            columns |= block.pop("columns")
    if told == {}:
        del raw["customers"]
    return raw | ({"customers.columns": columns} if columns else {})


def _syntax_cure(problem: str, line: str) -> str:
    """What to change on this line; the line itself is not shown, for it may hold a password."""
    if line.strip().startswith("[[customers]]"):
        return "Placez [customers.columns] après le dernier bloc [[customers]]."
    from relance.config.proposals import straight_line

    if problem.startswith(_TWICE):
        return "Cette clé ou cette table est écrite deux fois : gardez-en une seule."
    if "\\" in line:
        return "Entre guillemets doubles, « \\ » annonce un caractère spécial : écrivez « / » ou « \\\\ »."
    if _COMMA.search(line):
        return "Un nombre décimal s’écrit avec un point : 14.0 et non 14,0."
    if meant := straight_line(line):
        return f"Écrivez-la ainsi : {meant}"
    if "date" in problem.casefold():
        return 'Une date existe et s’écrit entre guillemets : "2026-12-24".'
    return (
        'Corrigez cette ligne : une clé, « = », puis un texte entre guillemets ("…"), un nombre (14.0), true ou false, '
        "ou une liste entre crochets ; une table s’annonce par son nom entre crochets."
    )


def to_settings(path: Path, file: SettingsFile) -> Settings:
    """The settings, with every path made absolute from the folder of the file."""
    base = path.absolute().parent
    return Settings(
        path=path.absolute(),
        sender=_sender(file, base),
        source=_source(file, base),
        policy=_policy(file),
        smtp=None if file.smtp is None else _account("smtp", file.smtp),
        imap=None if file.imap is None else _mailbox(file.imap, file.smtp),
        transport=file.delivery.transport,
        drafts=base / file.delivery.folder,
        journal=base / file.journal.file,
        templates=None if file.templates.folder is None else base / file.templates.folder,
        customer_rules=tuple(_rule(rule) for rule in file.customers),
        timezone=file.policy.timezone,
        digest=Digest(**_told(file.digest, Digest._fields)),
        bank=BankOptions(**_told(file.bank, BankOptions._fields, base)),
        margin_percent=file.report.margin_percent,
    )


def _told(table: SettingsTable, fields: Sequence[str], base: Path = Path()) -> dict[str, Any]:
    """What a table says of these fields of a value: paths from this folder, lists as tuples."""
    return {name: _from(base, value) for name, value in table if name in fields and value is not None}


def _from(base: Path, value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_from(base, each) for each in value)
    return base / value if isinstance(value, Path) else value


def _sender(file: SettingsFile, base: Path) -> Sender:
    told = _told(file.sender, Sender._fields, base)
    sentences = Sentences(**_told(file.messages, Sentences._fields))
    return Sender(**told | ({"rib": str(told["rib"])} if "rib" in told else {}), sentences=sentences)


def _source(file: SettingsFile, base: Path) -> SourceOptions:
    table = file.invoices
    told = _told(table, SourceOptions._fields, base)
    limits = SourceOptions().limits._replace(
        rows=table.max_rows, megabytes=table.max_megabytes, columns=table.max_columns
    )
    told["payments"] = BesideList(told.get("payments"), _headers(file.payments.columns))
    told["customers"] = BesideList(told.get("customers"), _headers(file.customer_columns))
    return SourceOptions(**told | {"columns": _headers(table.columns), "ignore": tuple(table.ignore), "limits": limits})


def _headers(table: HeadersTable) -> Mapping[str, str]:
    return MappingProxyType({name: header for name, header in table if header is not None})


def _policy(file: SettingsFile) -> DunningPolicy:
    stages = DEFAULT_STAGES if file.stages is None else tuple(map(_stage, file.stages))
    fields = DunningPolicy._fields
    return DunningPolicy(
        schedules=_schedules(file, stages),
        interest=_interest(file, stages),
        calendar=WorkCalendar(**_told(file.policy, WorkCalendar._fields)),
        **_told(file.policy, fields),
        **_told(file.invoices, fields),
    )


def _interest(file: SettingsFile, stages: Sequence[Stage]) -> InterestTerms:
    table = file.charges
    halves = {half: ReferenceRate(told.ecb, told.legal, "relance.toml") for half, told in table.rates.items()}
    rates = MappingProxyType({**REFERENCE_RATES, **halves}) if halves else REFERENCE_RATES
    return InterestTerms(**{"show_from": _show_from(stages)} | _told(table, InterestTerms._fields) | {"rates": rates})


def _stage(table: SettingsTable) -> Stage:
    """The stage of this block: a known key starts from the default stage, another one from nothing."""
    told = _told(table, Stage._fields)
    known = {stage.key: stage for stage in DEFAULT_STAGES}
    stage = known.get(told["key"], Stage(told["key"], 0, ""))._replace(**told)
    if stage.key == FORMAL_NOTICE and "letter" not in stage.channels and "term_days" not in told:
        stage = stage._replace(term_days=MAILED_NOTICE_DAYS)  # what is not posted leaves no days with the post
    return stage._replace(term_days=stage.term_days or None)


def _schedules(file: SettingsFile, stages: tuple[Stage, ...]) -> tuple[Schedule, ...]:
    """The main schedule, then the user's; a long one of ours only while he gave neither stages nor schedules."""
    ready = READY_LADDERS.get(file.policy.schedule, ())
    if file.stages is None and file.schedules is None:
        return (*ready, DEFAULT_SCHEDULES[0]) if ready else _first(file.policy.schedule, DEFAULT_SCHEDULES)
    by_key = {stage.key: stage for stage in stages}
    others = tuple(
        Schedule(
            table.name,
            tuple(by_key[stage.key]._replace(day=stage.day) for stage in table.stages),
            terms_from_days=table.terms_from_days,
        )
        for table in file.schedules or ()
    )
    own = (Schedule(DEFAULT_SCHEDULES[0].name, stages), *others)
    return (*ready[:1], *own) if ready else _first(file.policy.schedule, own)


def _first(name: str, schedules: tuple[Schedule, ...]) -> tuple[Schedule, ...]:
    """The schedule of this name before the others, for all terms that none of them is for."""
    chosen = next(schedule for schedule in schedules if schedule.name == name)
    return schedules if chosen is schedules[0] else (chosen._replace(terms_from_days=None), *schedules)


def _show_from(stages: Sequence[Stage]) -> str:
    """The first stage that names charges where the user does not say: firm, else formal notice, else the last one."""
    keys = [stage.key for stage in stages]
    default = InterestTerms().show_from
    preferred = (key for key in (default, "formal_notice", keys[-1]) if key in keys and key not in NEVER_CHARGED)
    return next(preferred, default)


def _account(protocol: Literal["smtp", "imap"], table: accounts.AccountTable) -> Account:
    usual = {"port": DEFAULT_PORTS[protocol][table.security]}
    secret = Secret(**_told(table, Secret._fields))
    if table.auth == "xoauth2" and secret.password_command:  # a command shows what it shows: here a token
        secret = Secret(token_command=secret.password_command)
    return Account(protocol=protocol, secret=secret, **usual | _told(table, Account._fields))


def _mailbox(table: accounts.ImapTable, smtp: accounts.SmtpTable | None) -> Account:
    """The mailbox; what it does not say of the account is that of [smtp]."""
    own = _account("imap", table)
    if smtp is None:
        return own
    lent = _account("smtp", smtp)
    return own._replace(user=own.user or lent.user, secret=own.secret if any(own.secret) else lent.secret)


def _rule(table: models.CustomerTable) -> CustomerRule:
    told = _told(table, CustomerRule._fields)
    charges = None if table.charges is None else OwnTerms(**_told(table.charges, OwnTerms._fields))
    return CustomerRule(**told | {"charges": charges})
