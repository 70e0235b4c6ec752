"""Exports of statuses as platforms write them: tables, and messages of the norm (CDAR)."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

HEADER = ("N° facture", "Statut", "Code", "Date du statut", "Motif", "Montant encaissé")


def table(*rows: Sequence[str], header: Sequence[str] = HEADER) -> str:
    """A CSV of these rows, each as long as it tells something."""
    full = [header, *((*row, *[""] * (len(header) - len(row))) for row in rows)]
    return "\n".join(";".join(row) for row in full) + "\n"


class Cdar(NamedTuple):
    """One status as a message tells it."""

    number: str
    code: str
    label: str
    stamp: str = "20261103140500"
    issued: str = "20260901"
    reasons: tuple[str, ...] = ()
    words: str = ""
    sums: tuple[str, ...] = ()
    seller: str = ""


def cdar(*statuses: Cdar) -> bytes:
    """A message of XP Z12-012 with these statuses, one acknowledgement each."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rsm:CrossDomainAcknowledgementAndResponse '
        'xmlns:rsm="urn:un:unece:uncefact:data:standard:CrossDomainAcknowledgementAndResponse:100" '
        'xmlns:ram="urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100" '
        'xmlns:qdt="urn:un:unece:uncefact:data:standard:QualifiedDataType:100" '
        'xmlns:udt="urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100">'
        f"{''.join(map(_document, statuses))}</rsm:CrossDomainAcknowledgementAndResponse>"
    ).encode()


def _document(told: Cdar) -> str:
    reasons = "".join(f"<ram:ReasonCode>{reason}</ram:ReasonCode>" for reason in told.reasons[:1])
    words = f"<ram:Reason>{told.words}</ram:Reason>" if told.words else ""
    sums = "".join(
        "<ram:SpecifiedDocumentCharacteristic><ram:TypeCode>MEN</ram:TypeCode>"
        f"<ram:ValuePercent>20.00</ram:ValuePercent><ram:ValueAmount>{each}</ram:ValueAmount>"
        "</ram:SpecifiedDocumentCharacteristic>"
        for each in told.sums
    )
    more = "".join(
        f"<ram:SpecifiedDocumentStatus><ram:ReasonCode>{reason}</ram:ReasonCode></ram:SpecifiedDocumentStatus>"
        for reason in told.reasons[1:]
    )
    seller = (
        f'<ram:IssuerTradeParty><ram:GlobalID schemeID="0002">{told.seller}</ram:GlobalID></ram:IssuerTradeParty>'
        if told.seller
        else ""
    )
    return (
        f'<rsm:AcknowledgementDocument><ram:IssueDateTime><udt:DateTimeString format="204">{told.stamp}'
        "</udt:DateTimeString></ram:IssueDateTime><ram:ReferenceReferencedDocument>"
        f"<ram:IssuerAssignedID>{told.number}</ram:IssuerAssignedID><ram:TypeCode>380</ram:TypeCode>"
        f'<ram:FormattedIssueDateTime><qdt:DateTimeString format="102">{told.issued}</qdt:DateTimeString>'
        f"</ram:FormattedIssueDateTime><ram:ProcessConditionCode>{told.code}</ram:ProcessConditionCode>"
        f"<ram:ProcessCondition>{told.label}</ram:ProcessCondition>{seller}"
        f"<ram:SpecifiedDocumentStatus>{reasons}{words}{sums}</ram:SpecifiedDocumentStatus>{more}"
        "</ram:ReferenceReferencedDocument></rsm:AcknowledgementDocument>"
    )


def export(folder: Path, content: str | bytes, name: str = "nov.csv") -> Path:
    """An export in the folder of statuses."""
    place = folder / "statuts" / name
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(content if isinstance(content, bytes) else content.encode())
    return place


def sheet(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """A workbook with these rows."""
    from openpyxl import Workbook

    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    path.parent.mkdir(exist_ok=True)
    book.save(path)
