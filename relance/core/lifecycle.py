"""What a platform tells of an e-invoice: the statuses of XP Z12-012 as a table, and which of them is in force on a day.

Source: AFNOR XP Z12-012 v1.4 (schematron of the CDAR message, annexes A and B) and its closed list of reasons
BR-FR-CDV-CL-09, read in fnfempe/France_RFE on 14 July 2026.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from relance.core.calendar import ONE_DAY, WorkCalendar, after_open_days
from relance.core.reasons import Reason, Stop
from relance.core.status import Lifecycle, StatusTold


class Effect(StrEnum):
    """What a status means to who reminds."""

    SHOWN = "shown"  # nothing: it is shown
    AVAILABLE = "available"  # the customer has the invoice
    APPROVED = "approved"  # the customer said that it is right
    REJECTED = "rejected"  # the customer never got it
    REFUSED = "refused"
    DISPUTED = "disputed"
    SUSPENDED = "suspended"  # a paper is missing
    SENT = "sent"  # the customer has paid, the money is under way
    COLLECTED = "collected"  # the seller told his platform that money came in
    CANCELLED = "cancelled"
    FACTORED = "factored"
    ACCOUNT = "account"  # the account to pay to has changed


class StatusKind(NamedTuple):
    """One status of the norm; `label` is that of the norm.

    It `ends` what has these effects and came before; `answers` tells that it only ever follows that, on the same day
    too. `reasons` are the codes that may stand with it.
    """

    code: str
    label: str
    effect: Effect = Effect.SHOWN
    ends: tuple[Effect, ...] = ()
    answers: bool = False
    reasons: frozenset[str] = frozenset()


_ORDER = "CMD_ERR SIRET_ERR CODE_ROUTAGE_ERR REF_CT_ABSENT REF_ERR"
_LINES = "PU_ERR REM_ERR QTE_ERR ART_ERR MODPAI_ERR QUALITE_ERR LIVR_INCOMP"
_REFUSED = (
    "TX_TVA_ERR MONTANTTOTAL_ERR CALCUL_ERR NON_CONFORME DOUBLON DEST_ERR TRANSAC_INC EMMET_INC CONTRAT_TERM "
    "DOUBLE_FACT CMD_ERR ADR_ERR REF_CT_ABSENT"
)
_REJECTED = (
    "MONTANTTOTAL_ERR CALCUL_ERR DOUBLON DEST_INC ADR_ERR REJ_SEMAN REJ_UNI REJ_COH REJ_ADR REJ_CONT_B2G REJ_REF_PJ "
    "REJ_ASS_PJ"
)


def _codes(words: str) -> frozenset[str]:
    return frozenset(words.split())


_ROWS = (
    StatusKind("200", "Déposée", reasons=_codes("NON_TRANSMISE")),
    StatusKind("201", "Émise par la plateforme"),
    StatusKind("202", "Reçue par la plateforme", ends=(Effect.REJECTED,)),
    StatusKind("203", "Mise à disposition", Effect.AVAILABLE, ends=(Effect.REJECTED,)),
    StatusKind("204", "Prise en charge", ends=(Effect.DISPUTED,)),
    StatusKind("205", "Approuvée", Effect.APPROVED, ends=(Effect.DISPUTED,)),
    StatusKind("206", "Approuvée partiellement", Effect.DISPUTED, reasons=_codes(f"AUTRE {_ORDER} {_LINES}")),
    StatusKind(
        "207",
        "En litige",
        Effect.DISPUTED,
        reasons=_codes(f"{_REFUSED} AUTRE COORD_BANC_ERR {_ORDER} {_LINES}"),
    ),
    StatusKind("208", "Suspendue", Effect.SUSPENDED, reasons=_codes(f"JUSTIF_ABS COORD_BANC_ERR {_ORDER}")),
    StatusKind("209", "Complétée", ends=(Effect.SUSPENDED,), answers=True),
    StatusKind("210", "Refusée", Effect.REFUSED, reasons=_codes(_REFUSED)),
    StatusKind("211", "Paiement transmis", Effect.SENT),
    StatusKind("212", "Encaissée", Effect.COLLECTED, ends=(Effect.DISPUTED, Effect.SENT)),
    StatusKind("213", "Rejetée", Effect.REJECTED, reasons=_codes(_REJECTED)),
    StatusKind("214", "Visée"),
    StatusKind("220", "Annulée", Effect.CANCELLED),
    StatusKind("221", "Erreur de routage", Effect.REJECTED, reasons=_codes("ROUTAGE_ERR")),
    StatusKind("224", "Demande de paiement direct"),
    StatusKind("225", "Affacturée", Effect.FACTORED),
    StatusKind("226", "Affacturée confidentiel"),
    StatusKind("227", "Changement de compte à payer", Effect.ACCOUNT),
    StatusKind("228", "Non affacturée"),
    StatusKind("250", "Déposée"),
    StatusKind("251", "Rejetée"),
    StatusKind("300", "Déposée"),
    StatusKind("301", "Rejetée"),
    StatusKind("400", "Acceptée"),
    StatusKind("401", "Rejetée"),
    StatusKind("500", "Recevable"),
    StatusKind("501", "Irrecevable", Effect.REJECTED),
    StatusKind("601", "Rejetée"),
)
KINDS: Mapping[str, StatusKind] = MappingProxyType({row.code: row for row in _ROWS})
"""By code. Of a label that several codes have, the first is the one of an invoice: the others are of other flows."""
REASONS = frozenset[str]().union(*(row.reasons for row in _ROWS))
SENT_DAYS = 5
"""A transfer that was told as sent may take so many days on which banks work."""


def status_kind(status: StatusTold) -> StatusKind:
    """The row of the table that a status is of."""
    return KINDS[status.code]


def last(life: Lifecycle, effect: Effect) -> StatusTold | None:
    """The last status of an invoice that has this effect, and that nothing ended since."""
    found = [each for each in life.told if status_kind(each).effect is effect]
    return max((each for each in found if not _is_over(each, life)), key=_order, default=None)


def _is_over(status: StatusTold, life: Lifecycle) -> bool:
    return any(_ends(each, status) for each in life.told)


def _ends(status: StatusTold, other: StatusTold) -> bool:
    """Whether a status ends another one; what was refused and reaches the customer under another number is made anew.

    The norm has 213 before 202 alone: what arrives after it was corrected and deposited again.
    """
    ends, effect = status_kind(status).ends, status_kind(other).effect
    anew = Effect.REJECTED in ends and effect in _MADE_ANEW and status.invoice != other.invoice
    return (effect in ends or anew) and _follows(status, other)


_MADE_ANEW = (Effect.REFUSED, Effect.CANCELLED)
_CLOSING = (Effect.REJECTED, *_MADE_ANEW, Effect.FACTORED)


def is_closed(life: Lifecycle) -> bool:
    """Whether what was told last of an invoice ends all claim to it."""
    return any(last(life, effect) is not None for effect in _CLOSING)


def lifecycle_of(told: Iterable[StatusTold], today: date) -> Lifecycle:
    """What is known of one invoice on the day, each status once; what is dated later is not known yet."""
    by_now = sorted((each for each in told if each.day <= today), key=_order)
    first = {_same(each): each for each in reversed(by_now)}
    return Lifecycle(tuple(each for each in reversed(first.values()) if not _is_echo(each, by_now)))


def _same(status: StatusTold) -> tuple[object, ...]:
    """What two exports tell alike of one status."""
    return status.code, status.day, status.hour, status.amount


def _is_echo(status: StatusTold, told: Iterable[StatusTold]) -> bool:
    return any(_says_more(each, status) for each in told)


def _says_more(status: StatusTold, other: StatusTold) -> bool:
    """Whether a status is the other as another export has it, with its hour, its amount or, of money, its day."""
    if status.code != other.code or other.amount not in (None, status.amount):
        return False
    if other.dated is None:
        return status.dated is not None and status_kind(status).effect is Effect.COLLECTED
    if status.dated != other.dated or other.hour not in ("", status.hour):
        return False
    return (status.hour, status.amount) != (other.hour, other.amount)


def _order(status: StatusTold) -> tuple[date, str, str]:
    return status.day, status.hour, status.code


def _follows(status: StatusTold, other: StatusTold) -> bool:
    """Whether a status came after the other for sure: of one day that only hours tell, or what it answers to."""
    if status.day != other.day:
        return status.day > other.day
    if status.hour and other.hour:
        return status.hour > other.hour
    return status_kind(status).answers


def arrives_by(sent: StatusTold, calendar: WorkCalendar) -> date:
    """The last day on which a payment told as sent is waited for; banks work whatever days the user closes."""
    return after_open_days(sent.day, SENT_DAYS, WorkCalendar(region=calendar.region))


def sent_ends(sent: StatusTold, calendar: WorkCalendar) -> date:
    """The first day on which a payment told as sent holds no more."""
    return arrives_by(sent, calendar) + ONE_DAY


_HOLDS = {
    Effect.REJECTED: Reason.NOT_RECEIVED,
    Effect.REFUSED: Reason.REFUSED_INVOICE,
    Effect.DISPUTED: Reason.DISPUTED,
    Effect.SUSPENDED: Reason.SUSPENDED,
}


def held_by_platform(life: Lifecycle, calendar: WorkCalendar, today: date) -> Iterator[Stop]:
    """What a platform told of this invoice that holds it today; only what it tells later ends it, or the days."""
    for effect, reason in _HOLDS.items():
        if status := last(life, effect):
            yield Stop(reason, status.dated, status)
    sent = last(life, Effect.SENT)
    if sent is not None and today < (back := sent_ends(sent, calendar)):
        yield Stop(Reason.PAYMENT_SENT, arrives_by(sent, calendar), sent, back=back)


def first_read(
    found: Iterable[StatusTold], noted: Iterable[StatusTold]
) -> tuple[tuple[StatusTold, ...], tuple[StatusTold, ...]]:
    """All statuses of one invoice, those noted by earlier runs among them, and those that are new.

    What has a day is one and the same in every export. What has none is new unless it was noted: then it is the same,
    unless what was noted after it is gone from the export: it has come back.
    """
    found, noted = tuple(found), tuple(noted)
    known = {_bare(each): each for each in noted}
    undated = {_bare(each) for each in found if each.dated is None}
    new = tuple(each for each in dict.fromkeys(found) if not _is_noted(each, known, undated))
    return (*noted, *new), new


def no_more_told(found: Iterable[StatusTold], noted: Iterable[StatusTold]) -> set[StatusTold]:
    """Those noted by earlier runs that no export has by now."""
    told = {_bare(each) for each in found}
    return {each for each in noted if _bare(each) not in told}


def _bare(status: StatusTold) -> StatusTold:
    """The status, whichever run read it."""
    return status._replace(on=date.min)


def _is_noted(status: StatusTold, known: Mapping[StatusTold, StatusTold], undated: set[StatusTold]) -> bool:
    before = known.get(_bare(status))
    if before is None or status.dated is not None:
        return before is not None
    later = (bare for bare, each in known.items() if each.dated is None and each.on > before.on)
    return all(bare in undated for bare in later)
