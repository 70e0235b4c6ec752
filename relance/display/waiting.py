"""What waits, one line an invoice: its number, customer, lateness, sum, and why in a few words; the others counted."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from typing import assert_never

from relance.core.facts import is_outdated
from relance.core.invoice import Status
from relance.core.limitation import soon_over
from relance.core.mails import Incoming, Received
from relance.core.plan import Decision, Line
from relance.core.policy import BROKEN_PROMISE
from relance.core.reading import Unagreed
from relance.core.reasons import Change, ClockFault, Doubted, OpenCredit, Reason, RefusedBy, Stale
from relance.core.status import StatusTold
from relance.core.tasks import beside_mail
from relance.display.layout import NAME, REST, Column, columns
from relance.display.lines import command_for
from relance.french import brief_date, brief_lateness, eur, plural, typeset

_COLUMNS = (Column(), Column(least=12, most=NAME), Column(right=True), Column(right=True), Column(least=16, most=REST))


def in_order(lines: Iterable[Line]) -> list[Line]:
    """What is owed first, the latest first."""
    return sorted(lines, key=lambda line: (line.reason.settled, -line.days_overdue))


def waiting_rows(lines: Iterable[Line], width: int, told: Collection[str] = ()) -> Iterator[str]:
    """One line an invoice; `told` are the commands that stand elsewhere and are not said again."""
    return columns([_row(line, told) for line in lines], _COLUMNS, width)


def _row(line: Line, told: Collection[str]) -> list[str | list[str]]:
    owed = not line.reason.settled
    why, ending = glance(line), command_for(line)
    ways = [why] if not ending or ending in told else [f"{why} → {ending}", why]
    return [
        line.invoice.number,
        line.invoice.customer.name,
        brief_lateness(line.days_overdue) if owed else "",
        eur(line.outstanding, line.invoice.currency) if owed else "",
        ways,
    ]


def counted(lines: Sequence[Line]) -> str:
    """« 4 autres sans suite (2 payées, 1 avoir, 1 brouillon) »."""
    found = Counter(_NOUNS[line.reason] for line in lines)
    said = ", ".join(plural(count, *nouns) if count > 1 else nouns[0] for nouns, count in found.most_common())
    return f"{plural(len(lines), 'autre')} sans suite ({said})"


def is_quiet(line: Line) -> bool:
    """True for what is counted, not listed: settled, or not yet due with nothing to confirm."""
    postponed = line.why is Change.POSTPONED
    return line.decision is Decision.HOLD and line.reason in _NOUNS and not postponed and soon_over(line.case) is None


_NOUNS = {
    Reason.PAID: ("payée", "payées"),
    Reason.CREDIT_NOTE: ("avoir", "avoirs"),
    Reason.DRAFT: ("brouillon", "brouillons"),
    Reason.NOT_ISSUED: ("à émettre", "à émettre"),
    Reason.NOT_DUE: ("à échoir", "à échoir"),
    Reason.CANCELLED: ("annulée", "annulées"),
    Reason.WRITTEN_OFF: ("passée en perte", "passées en perte"),
    Reason.FACTORED: ("affacturée", "affacturées"),
}
"""What is said of one, and of several."""


def glance(line: Line) -> str:
    """Why, in a few words, for a table; the end of the time to sue is never left out."""
    last = soon_over(line.case)
    near = "" if last is None else f"prescription le {_day(last, line)}, "
    return typeset(near + _few_words(line.reason)(line))


def _day(day: date, line: Line) -> str:
    return brief_date(day, line.case.morning.today)


def _when(text: str, day: date | None, line: Line) -> str:
    return f"{text} {_day(day, line)}" if day is not None else ""


def _next(line: Line) -> str:
    if line.next_stage is None or line.next_date is None:
        return "aucune étape à venir"
    return f"{line.next_stage.label} le {_day(line.next_date, line)}"


def _paid(line: Line) -> str:
    if not line.invoice.total:
        return "montant à zéro"
    days = [payment.on for payment in line.invoice.payments if not payment.credit]
    known = [day for day in days if day is not None]
    dated = _when(" le", max(known), line) if known and len(known) == len(days) else ""
    return f"payée{dated}{', remerciement aujourd’hui' if line.acting is not None else ''}"


def _of_platform(line: Line) -> str:
    from relance.display.lifecycle import brief  # imported here: few plans read statuses

    return brief(line)


def _disputed(line: Line) -> str:
    if isinstance(line.why, StatusTold):
        return _of_platform(line)
    return "litige (fichier)" if line.stop.in_file else "litige" + _when(", à revoir le", line.until, line)


def _finished(line: Line) -> str:
    posted = all(task.kind != "letter" for task in beside_mail(line))
    return "plus d’étape prévue" if posted else "lettre pas encore notée comme postée"


def _reading(line: Line) -> str:
    of_seller = isinstance(line.why, Unagreed) and not line.why.of_columns
    return "vendeur à confirmer" if of_seller else "colonnes à préciser"


def _refused(line: Line) -> str:
    return "adresse refusée" if isinstance(line.why, RefusedBy) else "message refusé"


def _answered(line: Line) -> str:
    lost = isinstance(line.why, Received) and line.why.what is Incoming.LOST_LINE
    return ("ligne du journal illisible" if lost else "réponse reçue") + _when(" le", line.until, line)


def _not_due(line: Line) -> str:
    return "échéance reportée, à confirmer" if line.why is Change.POSTPONED else _next(line)


def _changed(line: Line) -> str:
    from relance.display.changes import brief_change  # imported here: few files show what it tells

    return brief_change(line)


def _stale(line: Line) -> str:
    assert isinstance(line.why, Stale)
    return {
        Doubted.OLD: "fichier trop ancien",
        Doubted.CONFLICT: "deux versions du fichier",
        Doubted.SHRUNK: "fichier raccourci d’un coup",
        Doubted.PROMISE: "promesse, fichier à mettre à jour",
        Doubted.BANK: "relevé bancaire trop ancien",
        Doubted.STATUSES_UNREAD: "statuts de la plateforme à corriger",
        Doubted.BANK_UNREAD: "relevé absent ou illisible",
    }[line.why.doubt]


def _too_soon(line: Line) -> str:
    match line.why:
        case Received(what=Incoming.OTHER):
            return "message reçu entre-temps" + _when(", suite le", line.until, line)
        case Received():
            return "message pas encore remis" + _when(", suite le", line.until, line)
    return "prochain message" + _when(" le", line.until, line)


def _open_credit(line: Line) -> str:
    assert isinstance(line.why, OpenCredit)
    return f"avoir {line.why.name} à imputer"


def _due(line: Line) -> str:
    if line.acting is BROKEN_PROMISE:
        return "promesse non tenue"
    return f"{line.acting.label} aujourd’hui" if line.acting is not None else "étape arrivée à sa date"


_CLOCKS = {
    ClockFault.BEHIND: "horloge de cette machine en retard",
    ClockFault.AHEAD: "date de cette machine à vérifier",
    ClockFault.GIVEN: "jour de --today avant le journal",
}


@cache
def _few_words(reason: Reason) -> Callable[[Line], str]:
    """The few words of a reason: a table, written as cases so that mypy names the reason that has none."""
    match reason:
        case Reason.UNCLEAR:
            return lambda _: "à vérifier dans le fichier"
        case Reason.NOT_ISSUED:
            return lambda line: "à émettre" + _when(" le", line.invoice.issue_date, line)
        case Reason.DRAFT:
            return lambda _: "brouillon"
        case Reason.CANCELLED:
            return lambda _: "annulée"
        case Reason.CREDIT_NOTE:
            return lambda _: "avoir"
        case Reason.PAID:
            return _paid
        case Reason.WRITTEN_OFF:
            return lambda _: "passée en perte"
        case Reason.FACTORED:
            return lambda _: "cédée à l’affactureur"
        case Reason.COLLECTION:
            return lambda _: "confiée au recouvrement"
        case Reason.INSOLVENCY:
            return lambda _: "créance à déclarer dans les deux mois du BODACC"
        case Reason.TIME_BARRED:
            return lambda line: "prescrite" + _when(" depuis le", line.until, line)
        case Reason.NOT_RECEIVED | Reason.REFUSED_INVOICE | Reason.SUSPENDED | Reason.PAYMENT_SENT:
            return _of_platform
        case Reason.DISPUTED:
            return _disputed
        case Reason.PAYMENT_PLAN:
            return lambda line: "échéancier" + _when(", prochaine échéance le", line.until, line)
        case Reason.PROMISED:
            return lambda line: "paiement promis" + _when(" pour le", line.until, line)
        case Reason.PAUSED:
            return lambda line: "en pause" + _when(" jusqu’au", line.until, line)
        case Reason.EXCLUDED:
            return lambda line: (
                "à ne pas relancer (fichier)" if line.invoice.status is Status.EXCLUDED else "client exclu (réglages)"
            )
        case Reason.DIRECT_DEBIT:
            return lambda _: "payée par prélèvement"
        case Reason.BELOW_MINIMUM:
            return lambda _: "sous le minimum"
        case Reason.IN_DOUBT:
            return lambda _: "envoi en doute"
        case Reason.BANK_DOUBT:
            return lambda _: "règlement à placer"
        case Reason.DRAFTED:
            return lambda line: "brouillon" + " à jeter" * is_outdated(line.why) + _when(" du", line.until, line)
        case Reason.ANSWERED:
            return _answered
        case Reason.REFUSED:
            return _refused
        case Reason.NOT_DUE:
            return _not_due
        case Reason.EXPIRED | Reason.STAGE_DONE:
            return _next
        case Reason.FINISHED:
            return _finished
        case Reason.NO_ADDRESS:
            return lambda _: "aucune adresse e-mail"
        case Reason.READING:
            return _reading
        case Reason.BACKLOG:
            return lambda line: "laissée de côté" if line.why is not None else "en retard à l’installation"
        case Reason.CHANGED:
            return _changed
        case Reason.OPEN_CREDIT:
            return _open_credit
        case Reason.MISSING_PDF:
            return lambda _: "pièce jointe refusée"
        case Reason.AWAITING_APPROVAL:
            return lambda line: (
                f"{line.acting.label if line.acting else 'étape'} à valider" + _when(", pas avant le", line.until, line)
            )
        case Reason.NO_PAYMENT_SOURCE:
            return lambda _: "qui a payé ? (paid_dir, [bank])"
        case Reason.TOO_SOON:
            return _too_soon
        case Reason.CLOSED_DAY:
            return lambda line: "jour non ouvré" + _when(", envoi le", line.until, line)
        case Reason.OUTSIDE_HOURS:
            return lambda line: "hors des heures d’envoi" + _when(", envoi le", line.until, line)
        case Reason.STALE_INPUT:
            return _stale
        case Reason.CLOCK:
            return lambda line: _CLOCKS[line.why if isinstance(line.why, ClockFault) else ClockFault.BEHIND]
        case Reason.DEFERRED:
            return lambda line: (
                "remis à plus tard" if line.until is None else _when("nouvel essai le", line.until, line)
            )
        case Reason.OVER_LIMIT:
            return lambda line: "limite d’envois du jour" + _when(", suite le", line.until, line)
        case Reason.DUE:
            return _due
        case other:
            assert_never(other)
