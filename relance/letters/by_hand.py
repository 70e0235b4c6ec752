"""What a person says or types: the call sheet (what to say, to ask, and to note afterwards), and the text of an SMS.

An SMS is one message of the alphabet that every telephone knows (GSM 03.38).
"""

import shlex
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from types import MappingProxyType

from relance.core.calendar import next_open
from relance.core.charges import CENT
from relance.core.habits import NO_HABITS, Habits
from relance.core.invoice import Customer
from relance.core.message import Sender
from relance.core.morning import Morning
from relance.core.plan import Line, Reminder
from relance.core.policy import INSTALMENT, Stage
from relance.core.reasons import Reason
from relance.errors import MessageError
from relance.letters.checker import wording
from relance.letters.confined import run
from relance.letters.languages import FRENCH, language_of
from relance.letters.templates import Templates
from relance.letters.typography import clean, tidy
from relance.letters.views import Background, letter_view, values_of

CALL_TEMPLATE, SMS_TEMPLATE = "call.txt.j2", "sms.txt.j2"
INSTALMENTS = (15, 45)
"""Days from the call to the two instalments that the sheet proposes."""
MOST = 159
"""What one SMS may hold, counted in characters; under 160 as some gateways count one more."""
_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
"""Characters of the alphabet's second page: each counts as two."""
_INSTEAD = dict(zip("\u00a0\u202f’«»–—", '  \'""--', strict=True)) | {"œ": "oe", "Œ": "OE", "…": "..."}


@dataclass(frozen=True, slots=True)
class CallItem:
    """One invoice as the commands name it: `quoted` is its number for a shell, `stage` the stage to record.

    `instalments` are two halves of what is outstanding, with their days, as options of a command.
    """

    number: str
    quoted: str
    stage: str
    instalments: str


@dataclass(frozen=True, slots=True)
class CallContact:
    """One earlier contact; `way` is email, call, letter or sms, `label` what the stage is called, perhaps empty."""

    date: date
    way: str
    label: str


@dataclass(frozen=True, slots=True)
class CallHabit:
    """How the customer pays: the middle of the days late (negative: early) of `invoices` paid, those `on_time`."""

    days: int
    invoices: int
    on_time: int


def call_sheet(
    templates: Templates,
    reminder: Reminder,
    told: Background,
    asked: Mapping[str, str] = MappingProxyType({}),
    habits: Habits = NO_HABITS,
) -> str:
    """The sheet as plain text, always in French: its user reads it. TemplateError where the template is wrong.

    `asked` are the keys of the stages whose call the plan asks for, by invoice key; `habits` are the customer's.
    """
    customer, morning = reminder.customer, reminder.lines[0].case.morning
    planned = [line.until for line in reminder.lines if line.reason is Reason.PAYMENT_PLAN]
    values = values_of(letter_view(reminder, told))
    values |= {
        "phone": clean(customer.phone),
        "emails": ", ".join(map(clean, customer.emails)),
        "spoken": _contacts(reminder.lines),
        "items": tuple(_item(line, morning, told, asked) for line in reminder.lines),
        "agreed": bool(planned),
        "habit": _habit(habits),
        "promises": (habits.kept, habits.broken),
        "heard": _heard(reminder.lines, told),
        "next_instalment": min((day for day in planned if day is not None and day >= morning.today), default=None),
        "in_a_week": next_open(morning.today + timedelta(days=7), morning.policy.calendar).isoformat(),
    }
    return tidy(run(templates, CALL_TEMPLATE, values, FRENCH).text)


def _habit(habits: Habits) -> CallHabit | None:
    """None of too few invoices."""
    middle = habits.median_days
    if middle is None:
        return None
    return CallHabit(int(middle.quantize(Decimal(1), rounding=ROUND_HALF_UP)), habits.paid, habits.on_time)


def _heard(lines: Sequence[Line], told: Background) -> bool:
    """True where the customer came back to us: then he is not asked whether he got the invoice."""
    promised = any(line.case.promises or line.case.past.payments for line in lines)
    return told.answered or promised or any(contact.cause for line in lines for contact in line.case.contacts)


def _item(line: Line, morning: Morning, told: Background, asked: Mapping[str, str]) -> CallItem:
    """One invoice of the sheet; its call closes the stage that the plan asks for (`asked`), else the last one."""
    number = line.invoice.number
    last = line.last_stage or (line.stage.key if line.stage is not None else "friendly")
    last = asked.get(line.key, last)
    if told.instalment_date is not None and line.reason is Reason.PAYMENT_PLAN:
        last = INSTALMENT.key  # what the call is about
    half = (line.outstanding / 2).quantize(CENT, rounding=ROUND_UP)
    parts: tuple[Decimal, ...] = (half, line.outstanding - half)
    days = [next_open(morning.today + timedelta(days=days), morning.policy.calendar) for days in INSTALMENTS]
    options = " ".join(f"--instalment {day}={part}" for day, part in zip(days, parts, strict=True) if part > 0)
    return CallItem(clean(number), shlex.quote(clean(line.name or number)), last, options)


def _contacts(lines: Sequence[Line]) -> tuple[CallContact, ...]:
    """Every contact about these invoices, each once, oldest first."""
    morning = lines[0].case.morning
    labels = {stage.key: stage.label for schedule in morning.policy.schedules for stage in schedule.stages}
    known = [contact for line in lines for contact in line.case.contacts if contact.on <= morning.today]
    seen = {(contact.on, contact.channel, labels.get(contact.stage, "")) for contact in known}
    return tuple(CallContact(*each) for each in sorted(seen))


def sms_text(templates: Templates, customer: Customer, stage: Stage, lines: tuple[Line, ...], sender: Sender) -> str:
    """A ready text about these invoices, at most 159 characters of one SMS.

    Where it is too long, the template is asked for its brief form. Raises TemplateError where the template is wrong,
    MessageError where even the brief form is too long.
    """
    language = language_of(customer.language)
    about = Reminder(customer, stage, "sms", lines[0].invoice.currency, lines)
    view = letter_view(about, Background(sender), language)
    values = values_of(view)
    for brief in (False, True):
        written = run(templates, SMS_TEMPLATE, {**values, "brief": brief}, language)
        wrong = [found.what for found in wording(written.words, view, language) if found.error]
        if wrong:
            raise MessageError(f"Modèle « {SMS_TEMPLATE} » : {wrong[0]}.", "Corrigez ce modèle.")
        text = plain(written.text)
        if size(text) <= MOST:
            return text
    raise MessageError(
        f"Modèle « {SMS_TEMPLATE} » : le SMS compte {size(text)} caractères, {MOST} au plus.",
        "Raccourcissez sa forme brève dans vos modèles.",
    )


def plain(text: str) -> str:
    """One line of the alphabet alone: what it lacks is written without its accent, or left out."""
    return " ".join("".join(map(_known, text)).split())


def size(text: str) -> int:
    """How much of an SMS the text takes, in characters."""
    return sum(2 if character in _TWICE else 1 for character in text)


def _known(character: str) -> str:
    if character in _BASIC or character in _TWICE:
        return character
    if character in _INSTEAD:
        return _INSTEAD[character]
    bare = unicodedata.normalize("NFKD", character)
    return "".join(c for c in bare if c in _BASIC) or (" " if character.isspace() else "")
