"""The calendar as iCalendar (RFC 5545): all-day events that any calendar can subscribe to, and what is said of it.

Written here, in a few lines, for no dependency: the tests read it back with the library icalendar.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from relance.core.events import DUE, PART, PROMISE, Occasion
from relance.core.plan import Line
from relance.core.policy import BROKEN_PROMISE
from relance.display.breaking import HARMFUL
from relance.display.plan_view import why_not_counted
from relance.display.report_lines import not_counted_line
from relance.display.tasks import owed_sum
from relance.french import command, eur, of, plural, typeset

if TYPE_CHECKING:
    from relance.runs.agenda import Agenda

_HEAD = (
    *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//relance//relance//FR", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
    *("X-WR-CALNAME:Relances", "REFRESH-INTERVAL;VALUE=DURATION:P1D", "X-PUBLISHED-TTL:P1D"),
)
_FOLDED = 75  # octets of a line, its end not counted (RFC 5545, 3.1)
_LONG = 120  # characters of a name that another one stands for
_ESCAPED = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})
_DOING = {"call": "Appeler", "letter": "Poster la lettre à", "sms": "Écrire un SMS à"}
_NAMED = 4


def ics_of(agenda: "Agenda", *, discreet: bool) -> str:
    """The whole calendar, each line with its end; `discreet`: no sum and no telephone number."""
    events = (line for each in agenda.occasions for line in _event(each, agenda, discreet=discreet))
    return "".join(f"{folded(line)}\r\n" for line in (*_HEAD, *events, "END:VCALENDAR"))


def _event(occasion: Occasion, agenda: "Agenda", *, discreet: bool) -> Iterator[str]:
    over = occasion.over is not None
    summary = _summary(occasion, discreet=discreet)
    yield "BEGIN:VEVENT"
    yield f"UID:{uid_of(occasion, agenda.owner)}"
    yield f"DTSTAMP:{agenda.stamp:%Y%m%dT%H%M%SZ}"
    yield f"SEQUENCE:{occasion.revision}"
    yield f"STATUS:{'CANCELLED' if over else 'CONFIRMED'}"
    yield f"DTSTART;VALUE=DATE:{occasion.on:%Y%m%d}"
    yield f"SUMMARY:{escaped(f'Terminé : {summary}' if over else summary)}"
    if told := "\n".join(_description(occasion, discreet=discreet)):
        yield f"DESCRIPTION:{escaped(told)}"
    yield "TRANSP:TRANSPARENT"
    if not over:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", "TRIGGER:PT9H", f"DESCRIPTION:{escaped(summary)}", "END:VALARM")
    yield "END:VEVENT"


def uid_of(occasion: Occasion, owner: str) -> str:
    """What names an event in every calendar: the same from day to day, and no other's."""
    about = quote(occasion.about, safe="", errors="surrogatepass")
    if len(about) > _LONG:
        about = sha256(occasion.about.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{about}.{quote(occasion.name, safe='', errors='surrogatepass')}@{owner}.relance"


def escaped(text: str) -> str:
    """A text as a value, typeset; what could steer a reader, or begin a line of its own, is a space."""
    lines = (re.sub(HARMFUL, " ", line).encode("utf-8", "replace").decode() for line in text.split("\n"))
    return typeset("\n".join(lines)).translate(_ESCAPED)


def folded(line: str) -> str:
    """A line in pieces of at most 75 octets that cut no character; each after the first begins with a space."""
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > _FOLDED:
            pieces.append(piece)
            piece, size = " ", 1
        piece, size = piece + character, size + width
    return "\r\n".join((*pieces, piece))


def _summary(occasion: Occasion, *, discreet: bool) -> str:
    """« Appeler Cabinet Orme (F-2026-031, 640,00 €) »."""
    about = [_numbers(occasion), *([] if discreet else _sum(occasion))]
    whom = one_line(occasion.lines[0].invoice.customer.name) if occasion.lines else ""
    told = f" ({', '.join(filter(None, about))})" if any(about) else ""
    if occasion.kind == DUE:
        return f"Échéance{f' {of(whom)}' if whom else ''}{told}"
    if occasion.kind == PROMISE:
        return f"Paiement promis{f' par {whom}' if whom else ''}{told}"
    if occasion.kind == PART:
        part = f"{occasion.part} sur {occasion.parts}" if occasion.parts else str(occasion.part)
        return f"Versement {part}{f' {of(whom)}' if whom else ''}{told}"
    stage = occasion.stage.label if occasion.stage is not None else ""
    doing = f"Poster la lettre de {stage} à" if occasion.kind == "letter" else _DOING[occasion.kind]
    why = f", {stage}" if occasion.stage == BROKEN_PROMISE else ""
    return f"{doing} {whom}{why}{told}"


def _numbers(occasion: Occasion) -> str:
    """The numbers of its invoices, or how many they are; of one that is gone from the file, the one that it had."""
    if not occasion.lines:
        return one_line(occasion.about.rpartition("/")[0]) if occasion.kind == DUE else ""
    numbers = [one_line(line.invoice.number) for line in occasion.lines]
    return ", ".join(numbers) if len(numbers) <= _NAMED else plural(len(numbers), "facture")


def _sum(occasion: Occasion) -> list[str]:
    """What is owed, or to come that day."""
    if occasion.kind == PART and occasion.amount:
        return [eur(occasion.amount, occasion.lines[0].invoice.currency if occasion.lines else "EUR")]
    owed = [line for line in occasion.lines if line.outstanding > Decimal(0)]
    return [owed_sum(owed)] if owed and occasion.over is None else []


def _description(occasion: Occasion, *, discreet: bool) -> Iterator[str]:
    """Whom to call, and the command that says the rest."""
    if not occasion.lines or occasion.over is not None:
        return
    line: Line = occasion.lines[0]
    calls = occasion.kind == "call"
    if calls and not discreet:
        phone = one_line(line.invoice.customer.phone)
        yield f"Téléphone : {phone or 'inconnu'}"
    yield command("show", one_line(line.name or line.invoice.number), options="--call" if calls else "")


def one_line(text: str) -> str:
    """A text of the file without line ends or what could steer a reader."""
    return " ".join(re.sub(HARMFUL, " ", text.replace("\n", " ")).split())


def agenda_lines(agenda: "Agenda", path: Path) -> Iterator[str]:
    """Where the calendar is and what stands in it, then what it lacks."""
    over = sum(each.over is not None for each in agenda.occasions)
    stands = plural(len(agenda.occasions) - over, "date")
    yield typeset(f"Agenda : {path}")
    yield typeset(f"{stands}{f', {over} terminées' if over > 1 else ', 1 terminée' if over else ''}")
    if not_counted := not_counted_line(agenda.planned):
        yield f"{not_counted} → {why_not_counted(agenda.planned)}"
