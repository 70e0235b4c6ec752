"""CAMT.053, the statement of ISO 20022 in any of its versions: elements are known by their names alone.

Booked entries count (Sts BOOK), a batch is split where its parts add up to it. Nothing is expanded or fetched.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from relance.core.invoice import Problem
from relance.errors import SourceError
from relance.sources.bank_entries import (
    Extract,
    Movement,
    exact,
    is_taken_back,
    refuse_entities,
    tidy,
    total_of,
    waiting_note,
)
from relance.sources.dates import read_date
from relance.sources.values import shown

_STATEMENTS = ("Stmt", "Rpt")
_WAITING = ("PDNG", "INFO", "FUTR")
_NO_REFERENCE = ("NOTPROVIDED", "NOT PROVIDED", "NONREF")


def is_camt(start: str) -> bool:
    """True for the beginning of such a file."""
    return "urn:iso:std:iso:20022:tech:xsd:camt.05" in start or re.search(r"<(?:\w+:)?BkToCstmr", start) is not None


def read_camt(name: str, text: str) -> list[Extract]:
    """The accounts of a CAMT.053 file; SourceError for one that is cut, damaged, or declares entities."""
    refuse_entities(name, text)
    try:
        root = ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (ElementTree.ParseError, ValueError):
        raise SourceError(
            f"{name} est un fichier XML coupé ou abîmé.", "Exportez-le de nouveau depuis le site de votre banque."
        ) from None
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return [_statement(name, each) for each in root.iter() if each.tag in _STATEMENTS]


def _text(element: Element, *paths: str) -> str:
    """The text at the first of these paths that has one."""
    return next((found for path in paths if (found := (element.findtext(path) or "").strip())), "")


def _statement(name: str, statement: Element) -> Extract:
    entries: list[Movement] = []
    problems: list[Problem] = []
    waiting = 0
    for place, entry in enumerate(statement.iterfind("Ntry"), 1):
        state = _text(entry, "Sts/Cd", "Sts/Prtry", "Sts")
        if state in _WAITING:
            waiting += 1
        elif fault := _fault(entry, state):
            value = shown(_text(entry, "Amt") or tidy(*entry.itertext()))
            problems.append(Problem(name, f"Opération {place}\u00a0: {fault}", value=value))
        else:
            entries += _parts(entry)
    notes = (waiting_note(name, waiting),) if waiting else ()
    return Extract(
        _text(statement, "Acct/Id/IBAN", "Acct/Id/Othr/Id"),
        tuple(entries),
        _day(_text(statement, "FrToDt/FrDtTm", "FrToDt/FrDt")),
        _day(_text(statement, "FrToDt/ToDtTm", "FrToDt/ToDt")),
        _balance(statement, "OPBD", "PRCD"),
        _balance(statement, "CLBD"),
        next((amt.get("Ccy", "") for amt in statement.iterfind("Bal/Amt")), "") or _text(statement, "Acct/Ccy"),
        problems=tuple(problems),
        notes=notes,
    )


def _balance(statement: Element, *codes: str) -> Decimal | None:
    for balance in statement.iterfind("Bal"):
        amount = exact(_text(balance, "Amt"))
        if _text(balance, "Tp/CdOrPrtry/Cd") in codes and amount is not None:
            return -amount if _text(balance, "CdtDbtInd") == "DBIT" else amount
    return None


def _fault(entry: Element, state: str) -> str:
    """Why an entry cannot be read; empty where it can."""
    amount = exact(_text(entry, "Amt"))
    if state not in ("BOOK", ""):
        return f"état «\u00a0{shown(state)}\u00a0» inconnu, non comptée."
    if amount is None or amount < 0 or _text(entry, "CdtDbtInd") not in ("CRDT", "DBIT"):
        return "montant ou sens absent ou illisible\u00a0: exportez de nouveau ce relevé."
    return "" if _booked(entry) else "date absente ou illisible\u00a0: exportez de nouveau ce relevé."


def _booked(entry: Element) -> date | None:
    return _day(_text(entry, "BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"))


def _day(text: str) -> date | None:
    """2026-11-17, or a moment of that day: the day that the bank wrote."""
    read = read_date(text[:10])
    return read if isinstance(read, date) else None


def _parts(entry: Element) -> Iterator[Movement]:
    """The transfers of a batch where they add up to it; else the entry as one, with all that is said of it."""
    whole = _entry(entry, list(entry.iterfind("NtryDtls/TxDtls")), exact(_text(entry, "Amt")) or Decimal())
    details = list(entry.iterfind("NtryDtls/TxDtls"))
    amounts = [exact(_text(each, "Amt", "AmtDtls/TxAmt/Amt")) for each in details]
    split = [_entry(entry, [each], amount) for each, amount in zip(details, amounts, strict=True) if amount is not None]
    adds_up = len(split) == len(details) > 1 and total_of(split) == whole.amount
    yield from split if adds_up else [whole]


def _entry(entry: Element, details: list[Element], amount: Decimal) -> Movement:
    """The entry of this amount, by its own words and those of these details; of several, no payer is the one."""
    debit = _text(entry, "CdtDbtInd") == "DBIT"
    one = details[0] if len(details) == 1 else Element("TxDtls")
    texts = [text for each in details for text in _words(each)]
    label = tidy(_text(entry, "AddtlNtryInf"), *texts)
    returned = any(each.find("RtrInf") is not None for each in details) or _text(entry, "RvslInd") in ("true", "1")
    reference = _text(one, "Refs/EndToEndId")
    amt = entry.find("Amt")
    return Movement(
        _booked(entry) or date.min,
        -amount if debit else amount,
        currency=(amt.get("Ccy") if amt is not None else "") or "EUR",
        payer=tidy(_text(one, "RltdPties/Dbtr/Pty/Nm", "RltdPties/Dbtr/Nm")),
        iban=_text(one, "RltdPties/DbtrAcct/Id/IBAN"),
        label=label,
        reference="" if reference.upper() in _NO_REFERENCE else tidy(reference),
        number=_text(one, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef"),
        reverses=debit and (returned or is_taken_back(label)),
    )


def _words(details: Element) -> Iterator[str]:
    """What was written for the payee: free text, references of the creditor, numbers of documents, who it is for."""
    for path in ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb", "AddtlTxInf"):
        yield from (each.text or "" for each in details.iterfind(path))
    yield _text(details, "RltdPties/UltmtDbtr/Pty/Nm", "RltdPties/UltmtDbtr/Nm")
