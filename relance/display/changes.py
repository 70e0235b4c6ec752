"""What the user has to confirm of an invoice, in French: what changed since a message, or since the last run."""

from datetime import date
from decimal import Decimal
from pathlib import PurePath
from typing import assert_never

from relance.core.plan import Line
from relance.core.reasons import Change, Changed, Differs, Lost, Renumbered, Unended, UnsureCredit
from relance.french import command, eur, listing, short_date


def changed(line: Line) -> str:
    """What the user has to confirm."""
    assert isinstance(line.why, Changed)
    match line.why:
        case Renumbered(former) if former == line.invoice.number:
            return "autre année d’émission, tout le reste pareil : la même facture ?"
        case Renumbered(former, fields) if fields:
            changed = listing([_CHANGED[field] for field in fields])
            more = "a changé" if len(fields) == 1 else "ont changé"
            return f"nouveau numéro : elle ressemble à {former}, qui a disparu, mais {changed} {more} : renumérotée ?"
        case Renumbered(former):
            return f"nouveau numéro, mais tout comme {former} qui a disparu : renumérotée ?"
        case UnsureCredit(credit):
            number = line.name or line.invoice.number
            return (
                f"le reste dû du fichier a changé depuis l’imputation de l’avoir {credit}, qui s’en déduit encore : "
                f"s’il y est déjà compris, retirez l’imputation ({command('undo', number)})"
            )
        case Change.LESS_PAID if line.case.past.overruled:
            return "moins en est réglé qu’au dernier passage"
        case Change.LESS_PAID:
            return "le fichier montre moins de règlements qu’avant : ancienne version du fichier, ou règlement annulé ?"
        case Change.REOPENED:
            return "vue payée au dernier passage, elle ne l’est plus : son montant a changé"
        case Change.TO_ONESELF:
            return f"l’adresse du client est la vôtre ({', '.join(line.invoice.customer.emails)}) : est-ce bien voulu ?"
        case Change.ELSEWHERE:
            emails = ", ".join(line.invoice.customer.emails)
            return f"l’adresse ({emails}) était celle d’un autre client au dernier passage"
        case Change.MIXED:
            return "adresses ou montants passés d’une facture à l’autre depuis le dernier passage : colonne décalée ?"
        case Lost() as lost:
            return _lost(lost, line)
        case Unended(file, place):
            return f"dernière ligne ({place}) de « {PurePath(file).name} », sans fin de ligne : coupée peut-être"
        case Change.RETURNED:
            return "de retour dans le fichier après en avoir disparu"
        case Change.POSTPONED:
            return "date reportée depuis le dernier message"
        case Differs(_, fields) as differs:
            said = listing([_was(field, differs, line) for field in fields])
            return f"{said} {'a' if len(fields) == 1 else 'ont'} changé depuis la dernière relance"
        case other:
            assert_never(other)


def brief_change(line: Line) -> str:
    """The same in a few words, for a table."""
    match line.why:
        case Renumbered():
            return "renumérotée ?"
        case UnsureCredit():
            return "avoir déjà déduit ?"
        case Lost(field=field):
            return f"{_LOST[field]} coupé ?"
        case Unended():
            return "dernière ligne, coupée ?"
        case Differs(_, fields):
            return f"{', '.join(map(_BRIEF.__getitem__, fields))} à confirmer"
        case Change() as change:
            return _BRIEF_CHANGES[change]
    return "changée, à confirmer"


_BRIEF = {"total": "montant", "due_date": "échéance", "emails": "adresse", "customer": "nom du client"}
_BRIEF_CHANGES = {
    Change.RETURNED: "de retour dans le fichier",
    Change.LESS_PAID: "moins payée qu’avant",
    Change.REOPENED: "payée, puis rouverte",
    Change.TO_ONESELF: "l’adresse est la vôtre",
    Change.ELSEWHERE: "adresse d’un autre client ?",
    Change.MIXED: "colonne décalée ?",
    Change.POSTPONED: "échéance reportée",
}
_CHANGED = {"customer": "le client", "total": "le montant", "due_date": "l’échéance"}


def _was(field: str, differs: Differs, line: Line) -> str:
    """« le montant (1 200,00 € → 1 300,00 €) »."""
    was, now = differs.was, line.invoice
    before, after = (", ".join(emails) or "aucune" for emails in (was.emails, now.customer.emails))
    return {
        "total": f"le montant ({eur(was.total, now.currency)} → {eur(now.total, now.currency)})",
        "due_date": f"l’échéance ({short_date(was.due_date)} → {short_date(now.due_date)})",
        "emails": f"l’adresse e-mail ({before} → {after})",
        "customer": f"le nom du client ({was.customer} → {now.customer.name})",
    }[field]


def _lost(lost: Lost, line: Line) -> str:
    """« le montant (1 200,00 € → 120,00 €) a raccourci »."""
    currency = line.invoice.currency
    was, now = (
        eur(one, currency) if isinstance(one, Decimal) else short_date(one) if isinstance(one, date) else one
        for one in (lost.was, lost.now)
    )
    return f"{_LOST[lost.field]} ({was} → {now}) a changé depuis le dernier passage : fichier coupé ?"


_LOST = {
    "total": "le montant",
    "outstanding": "le reste dû",
    "due_date": "l’échéance",
    "emails": "l’adresse",
}
