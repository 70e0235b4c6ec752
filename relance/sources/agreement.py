"""What the user agreed of how a file is read: his answers, the headers they were given for, and what is open now."""

from collections.abc import Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

from relance.core.facts import ColumnsAgreed
from relance.core.reading import Unagreed, Unread
from relance.sources.columns import header_key
from relance.sources.source import Reading


class Agreement(NamedTuple):
    """Every answer that stands (`columns`: field -> header, `ignored` headers), and each reading that was agreed.

    `issuer` is who the user is on e-invoices, as he said last; empty where he never did.
    """

    columns: Mapping[str, str] = MappingProxyType({})
    ignored: tuple[str, ...] = ()
    readings: tuple[ColumnsAgreed, ...] = ()
    issuer: str = ""


NOTHING_AGREED = Agreement()
OF_STATUSES: Mapping[str, str] = MappingProxyType({"status_date": "dated", "status_issue_date": "issued"})
"""What a column called a date and no more may be in an export of statuses, by the name that an answer gives it.

Its header may be one of the list of invoices too, which such an answer leaves as it is.
"""


def agreement_of(told: Iterable[ColumnsAgreed]) -> Agreement:
    """What these facts, oldest first, come to."""
    agreement = NOTHING_AGREED
    for fact in told:
        answered = with_answers(agreement, dict(fact.columns), fact.ignored)
        agreement = answered._replace(readings=(*agreement.readings, fact), issuer=fact.issuer or agreement.issuer)
    return agreement


def with_answers(agreement: Agreement, columns: Mapping[str, str], ignored: Iterable[str]) -> Agreement:
    """The agreement with more answers: the last one about a header or a field stands."""
    ignored = tuple(dict.fromkeys(ignored))
    out = set(map(header_key, ignored))
    anew = {(field in OF_STATUSES, header_key(header)) for field, header in columns.items()}
    kept = {
        field: header
        for field, header in agreement.columns.items()
        if header_key(header) not in out and (field in OF_STATUSES, header_key(header)) not in anew
    }
    again = out | {header for _, header in anew}
    left = tuple(header for header in agreement.ignored if header_key(header) not in again)
    return agreement._replace(columns={**kept, **columns}, ignored=(*left, *ignored))


def agreed_on(reading: Reading, agreement: Agreement) -> ColumnsAgreed | None:
    """The agreed reading that this one follows: no used header is new, none that was used or ignored is gone."""
    for agreed in reversed(agreement.readings):
        if not any(_difference(reading, agreed)):
            return agreed
    return None


def reading_as_found(reading: Reading, on: date) -> ColumnsAgreed:
    """This reading as a fact of the day, without any new answer."""
    used = tuple(dict.fromkeys(header for _, header, _ in reading.columns))
    issuer = reading.issuer.identity if reading.issuer else ""
    return ColumnsAgreed(on, reading.headers, used, reading.ignored, issuer=issuer)


def question_of(reading: Reading, agreement: Agreement) -> Unagreed | None:
    """What the user has to say before anything leaves; None where the reading is agreed, or was never asked about."""
    weighty = (column for column in reading.unused if column.weighty)
    asked = tuple(Unread(column.header, column.field, bool(column.list)) for column in weighty)
    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    if agreement.readings and agreed_on(reading, agreement) is None:
        came, gone = _difference(reading, agreement.readings[-1])
    return Unagreed(asked, came, gone, reading.issuer) if asked or came or gone or reading.issuer else None


def _difference(reading: Reading, agreed: ColumnsAgreed) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The headers in use that the agreed reading did not have, and those of it that mattered and are gone."""
    then, now = _keys(agreed.headers), _keys(reading.headers)
    came = tuple(header for _, header, _ in reading.columns if header_key(header) not in then)
    gone = tuple(header for header in (*agreed.used, *agreed.left) if header_key(header) not in now)
    return came, gone


def _keys(headers: Iterable[str]) -> set[str]:
    return set(map(header_key, headers))
