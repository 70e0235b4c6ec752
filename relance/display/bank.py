"""Why a credit pays an invoice, may pay one or pays none: one row a clue, in few words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple, assert_never

from relance.core.bank import Apart, BankState, Clue, Hint, Match, Unasked
from relance.core.invoice import Invoice, customer_id, held_target
from relance.core.payers import payer_name
from relance.core.plan import Line
from relance.core.statement import Credit, Gap
from relance.french import brief_date, command, eur, listing, plural, short_date, typeset

_NAME = 40
"""Places that a sentence gives to who paid."""
_SHOWN = 3
"""Invoices or customers that one line names."""


class Called(NamedTuple):
    """How invoices and customers are called, by key and by identity."""

    numbers: Mapping[str, str]
    customers: Mapping[str, str]


def called(invoices: Sequence[tuple[str, Invoice]]) -> Called:
    """Those of these invoices, which come with their keys."""
    customers = {held_target(customer_id(each.customer)): each.customer.name for _, each in invoices}
    return Called({key: each.number for key, each in invoices}, customers)


def credit_words(credit: Credit, today: date) -> str:
    """« versement de 1 200,00 € du 17/11 (GARAGE DUVAL) », or what the bank took back."""
    what = "versement" if credit.amount > 0 else "reprise"
    who = " ".join((payer_name(credit) or credit.label).split())
    told = f"{what} de {eur(abs(credit.amount), credit.currency)} du {brief_date(credit.on, today)}"
    return f"{told} ({who if len(who) <= _NAME else who[: _NAME - 1] + '…'})" if who else told


def deceives(made: Match) -> bool:
    """Whether a credit that did come may be said to pay an invoice in haste: it went back, or counts already."""
    return not {Hint.TAKEN_BACK, Hint.UNCLEAR}.isdisjoint(clue.kind for clue in made.because)


def may_be_paid(made: Match, line: Line) -> str:
    """That a credit may be the payment of an invoice, and what was seen in it."""
    seen = why(made, called([(line.key, line.invoice)]))
    return f"un {credit_words(made.credit, line.case.today)} est peut-être le sien ({seen})"


def why(made: Match, names: Called) -> str:
    """All that was seen in a credit: « F-2026-041 dans le libellé, montant exact »."""
    return ", ".join(_said(clue, names, made) for clue in made.because)


class _Told(NamedTuple):
    """The facts of a clue as they are written; empty where it has none."""

    numbers: str
    customers: str
    amount: str
    on: str


def _said(clue: Clue, names: Called, made: Match) -> str:
    told = _Told(
        numbers=_listed([names.numbers.get(key, key.rpartition("/")[0]) for key in clue.invoices]),
        customers=_listed([names.customers.get(each, each.partition(":")[2]) for each in clue.customers]),
        amount=eur(clue.amount, made.credit.currency) if clue.amount is not None else "",
        on=brief_date(clue.on, made.credit.on) if clue.on is not None else "",
    )
    return typeset(_row(clue.kind, told))


def _row(hint: Hint, told: _Told) -> str:
    """A table, written as cases so that mypy names the hint that has no row."""
    numbers, customers, amount, on = told
    match hint:
        case Hint.SETTLED:
            return f"{amount} de plus noté que reçu" if amount else f"noté pour {numbers}" if numbers else "noté avant"
        case Hint.NOT_OURS:
            return "écarté par vous"
        case Hint.REFERENCE:
            return f"{numbers} dans le libellé"
        case Hint.FAINT:
            return f"chiffres de {numbers}, pas sûrs" if numbers else "chiffres pas sûrs"
        case Hint.SHARED:
            return "numéro de plusieurs factures"
        case Hint.PAYER:
            return f"payeur connu ({customers})"
        case Hint.ALIKE:
            return f"payeur à confirmer ({customers})"
        case Hint.EXACT:
            return "montant exact"
        case Hint.CHARGES:
            return f"montant exact avec {amount} de frais de retard"
        case Hint.PART:
            return f"paiement partiel, reste {amount}"
        case Hint.ONLY:
            return "aucune autre somme possible"
        case Hint.KNOWN:
            return "paiement déjà connu"
        case Hint.UNCLEAR:
            return "paiement déjà connu, ou un autre ?"
        case Hint.ABOVE:
            return f"{amount} de trop"
        case Hint.FEES:
            return f"manque {amount} : frais bancaires ?"
        case Hint.PAID:
            return f"{numbers} : déjà payé"
        case Hint.SEVERAL:
            return "plusieurs sommes possibles"
        case Hint.NO_SUM:
            return "aucune facture de ce montant"
        case Hint.MANY:
            return "trop de factures ouvertes pour trancher"
        case Hint.NOTHING_OPEN:
            return "ce client ne devait rien ce jour-là"
        case Hint.SAME_AMOUNT:
            return f"même montant que {numbers}, payeur inconnu"
        case Hint.OTHER_PAYER:
            return "payeur d’un autre client"
        case Hint.OTHER_INVOICE:
            return f"montant exact de {numbers}"
        case Hint.OWNERS:
            return "factures de plusieurs clients, somme incomplète"
        case Hint.CURRENCY:
            return "facture dans une autre devise"
        case Hint.EARLY:
            return f"reçu avant l’émission de {numbers}"
        case Hint.CLOSED:
            return f"{numbers} : rien à payer d’après le fichier"
        case Hint.AGGREGATOR:
            return "versement d’une plateforme, frais déduits"
        case Hint.REFUND:
            return "remboursement ou rejet d’après le libellé"
        case Hint.TAKEN_BACK:
            return f"repris par la banque le {on}"
        case Hint.REVERSAL:
            return f"reprend le virement du {on}"
        case Hint.OWN:
            return "virement de votre propre compte"
        case Hint.NOTHING:
            return "rien ne désigne une facture"
        case other:
            assert_never(other)


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _SHOWN
    return listing(words) if more <= 1 else f"{', '.join(words[:_SHOWN])} et {more} autres"


def known_words(until: date | None, gaps: Sequence[Gap], today: date) -> str:
    """« Relevés lus jusqu’au 18/11, manque du 03/11 au 09/11. »."""
    if until is None:
        return typeset("Aucun jour n’est couvert par ces relevés.")
    missing = [
        f"du {brief_date(gap.first, today)} au {brief_date(gap.last, today)}"
        if gap.first != gap.last
        else f"le {brief_date(gap.first, today)}"
        for gap in dict.fromkeys(gap._replace(account="") for gap in gaps)
    ]
    said = f"Relevés lus jusqu’au {brief_date(until, today)}"
    return typeset(f"{said}, manque {listing(missing)}." if missing else f"{said}.")


def remark(about: Apart | Unasked) -> str:
    """Where file and bank do not say the same of an invoice, or the credits in doubt of which no task asks."""
    if isinstance(about, Unasked):
        return typeset(f"{plural(len(about.credits), 'versement')} à vérifier → ") + command("bank")
    told = [f"{each.number} ({eur(each.amount, each.currency)} le {short_date(each.on)})" for each in about.payments]
    apart = "Payé d’après le fichier, absent des relevés" if about.in_file else "Payé à la banque, absent du fichier"
    return typeset(f"{apart} : {_listed(told)}")


def summary(bank: BankState, files: int, today: date) -> str:
    """« 2 relevés lus jusqu’au 18/11, 1 compte, 14 versements, 2 à vérifier → relance bank »."""
    accounts = len({made.credit.account for made in bank.matches})
    said = [plural(files, "fichier"), known_words(bank.until, bank.gaps, today).rstrip(".").replace("R", "r", 1)]
    said += [plural(accounts, "compte"), plural(len(bank.matches), "versement")] if bank.matches else []
    said += [f"{len(bank.doubts)} à vérifier → {command('bank')}"] if bank.doubts else []
    return typeset(", ".join(said))
