"""Rows -> invoices, each once, or their problems: identity, due date, money and state, the file's own history."""

import re
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from relance.core.invoice import Contact, Invoice, Payment, Problem, Status, invoice_key, normalised_number
from relance.sources.columns import header_key
from relance.sources.customers import Customers, customers_of
from relance.sources.dates import Due, read_terms
from relance.sources.decoding import HISTORY, Decoded
from relance.sources.flags import FLAGS
from relance.sources.values import Unreadable, text_of
from relance.sources.verdicts import Evidence, Verdict, judge
from relance.sources.words import Meaning

if TYPE_CHECKING:
    from relance.sources.payments import Entries

DEFAULT_TERMS = timedelta(days=30)
FAR = timedelta(days=366)
EVIDENCE = tuple("outstanding paid credits paid_date paid_flag is_open status kind dispute".split())
_OTHERS = ("other_status", *FLAGS, "method", "terms", "section", "remark")
_NO_AMOUNTS = (None,) * 3
_ONE = Decimal("1.00")
_APART = r"[\s,;+&|/]+"
_LIST = r"\s*(?:[,;+&|]|\bet\b|\band\b)\s*"
_SHORTEST = 3  # of a bare number among other words: "2 échéances" names no invoice
_INSTALMENTS = (
    " ; si ce sont des échéances d’une même facture, donnez à chaque ligne le total (total) et le montant de son "
    "échéance (instalment)."
)


def gather(decoded: Decoded, known: Customers, ledger: "Mapping[str, Entries]", modified: datetime) -> "Gathered":
    """Every row as an invoice, a problem, or a duplicate of one."""
    gathered = Gathered(decoded, ledger, modified)
    rows = zip(
        decoded.values("number"),
        customers_of(decoded, known),
        decoded.values("issue_date"),
        decoded.values("due_date"),
        decoded.values("total"),
        zip(*(decoded.values(name) for name in (*EVIDENCE, *gathered.others)), strict=False),
        decoded.values("currency"),
        strict=False,
    )
    for row, cells in enumerate(rows):
        invoice = gathered.invoice(row, cells)
        if invoice is None:
            gathered.unused.append(row)
        else:
            key = invoice_key(invoice)
            earlier = gathered.invoices.setdefault(key, invoice)
            if earlier is not invoice:
                gathered.duplicate(row, key, earlier, invoice)
    gathered.check_ledger()
    return gathered


class Short(NamedTuple):
    """An invoice that is said to be paid while some of it is left: its payments, and the place of its problem."""

    payments: tuple[Payment, ...]
    problem: int


_WORK = frozenset("libelle objet intitule designation description prestation mission projet subject".split())
"""Headers, small and without accents, of a column that a customer may read: notes and remarks are the user's own."""


def _tells_work(decoded: Decoded) -> bool:
    """True where a column says what was done, and none of its cells what to do about the invoice."""
    column = decoded.fields.get("label")
    if column is None or decoded.fields.get("remark") == column:
        return False
    return header_key(decoded.table.headers[column]) in _WORK


class Gathered:
    """What the rows of a table became: invoices by key, problems, and the lines or the number of what was done."""

    def __init__(self, decoded: Decoded, ledger: "Mapping[str, Entries]", modified: datetime) -> None:
        self.decoded = decoded
        self.ledger = ledger
        self.horizon = modified.astimezone(UTC).date() + FAR
        self.invoices: dict[str, Invoice] = {}
        self.problems: list[Problem] = []
        self.identical: list[int] = []
        self.repeated: list[int] = []
        self.computed = self.backwards = 0
        self.templates: dict[tuple[Any, ...], Verdict] = {}
        self.lines = decoded.table.lines
        self.others = [name for name in _OTHERS if name in decoded.readers]
        self.no_sales: list[int] = []
        self.unused: list[int] = []
        self.short: dict[int, Short] = {}
        self.settled: set[int] = set()
        self.unplaced: list[tuple[Decoded, int]] = []
        self.extras = [name for name in (*HISTORY, "pdf", "payment_link") if name in decoded.fields]
        self.extras += ["label"] if _tells_work(decoded) else []
        self.blank_rest = (
            "outstanding" in decoded.fields
            and "paid" not in decoded.fields
            and any(value is not None for value in decoded.values("outstanding"))
        )

    def complain(self, row: int, name: str, message: str) -> None:
        """Adds a problem."""
        self.problems.append(self.decoded.problem(row, name, message))

    def remaining(self) -> list[Problem]:
        """The problems but for those that the credit notes settled."""
        return [problem for place, problem in enumerate(self.problems) if place not in self.settled]

    def unclear(self) -> list[tuple[str, Invoice]]:
        """The invoices of which nobody knows what is owed, with their keys."""
        return [(key, invoice) for key, invoice in self.invoices.items() if invoice.status is Status.UNCLEAR]

    def invoice(self, row: int, cells: tuple[Any, ...]) -> Invoice | None:
        """The invoice of a row, or None and a problem."""
        number, found, issued, due, total, evidence, currency = cells
        if Meaning.OTHER in evidence:
            self.no_sales.append(self.lines[row])
            return None
        for name, message in found.faults:
            self.complain(row, name, message)
        if found.customer is None:
            return None
        if not number or Unreadable in (number.__class__, issued.__class__, due.__class__, currency.__class__):
            self.complain(row, *_unusable(number=number, issue_date=issued, due_date=due, currency=currency))
            return None
        currency = self.currency(row, number, currency) if self.decoded.units or self.ledger else currency or "EUR"
        if isinstance(currency, Unreadable):
            self.complain(row, "total" if "total" in self.decoded.fields else "outstanding", currency.message)
            return None
        verdict = self.verdict(number, total, evidence, currency)
        if verdict.__class__ is Unreadable:
            self.complain(row, "total" if "total" in self.decoded.fields else "outstanding", verdict.message)
            return None
        if due is None or callable(due):
            due, verdict = self.due_date(row, issued, verdict, due)
            if due is None:
                return None
        elif issued is not None and due < issued:
            self.backwards += 1
        if verdict.short is not None:
            self.short[row] = Short(verdict.short, len(self.problems))
        for name, message in verdict.faults:
            self.complain(row, name, message)
        invoice = Invoice(  # by place: one is made for each row
            number,
            found.customer,
            due,
            verdict.total,
            issued,
            currency,
            verdict.payments,
            verdict.status,
            verdict.note,
            line=self.lines[row],
        )
        return self.with_extras(row, invoice) if self.extras else invoice

    def verdict(self, number: str, total: Any, evidence: tuple[Any, ...], currency: str) -> Any:
        """What the cells say of money and state; a wording without other amounts than the total is judged once."""
        entries = self.ledger.get(normalised_number(number)) if self.ledger else None
        if entries is not None or total.__class__ is not Decimal or total <= 0:
            return self.judged(total, evidence, entries, currency)
        amounts = evidence[:3]
        if amounts == (None, total, None):
            evidence = (None, _ONE, None, *evidence[3:])  # paid in full is so whatever the sum
        elif amounts != _NO_AMOUNTS:
            return self.judged(total, evidence, None, currency)
        template = self.templates.get(evidence)
        if template is None:
            template = self.templates[evidence] = self.judged(_ONE, evidence, None, currency)
        payments = (Payment(total, template.payments[0].on),) if template.payments else ()
        return Verdict(total, payments, template.status, template.note, template.faults)

    def judged(self, total: Any, evidence: tuple[Any, ...], entries: "Entries | None", currency: str) -> Any:
        """The verdict on one row."""
        if entries is not None and entries.doubt:
            known = judge(Evidence(total=total))  # the problem is told where the payment stands
            return known if isinstance(known, Unreadable) else Verdict(known.total, (), Status.UNCLEAR, entries.doubt)
        return judge(self.evidence(total, evidence, entries), currency)

    def evidence(self, total: Any, evidence: tuple[Any, ...], entries: "Entries | None") -> Evidence:
        """The cells of one row about money and state, with what the list of payments has of it."""
        outstanding, paid, credited, on, flag, is_open, status, kind, dispute, *others = evidence
        if entries and self.decoded.table.as_issued and not paid and outstanding in (None, total):
            outstanding = paid = None  # nothing was paid on the day of issue; the list says what came since
        for when in (on, flag):
            if isinstance(when, date) and when > self.horizon:
                on = Unreadable(
                    f"Paiement daté du {when:%d/%m/%Y}, bien après l’enregistrement du fichier : corrigez la date."
                )
        return Evidence(
            total=total,
            outstanding=outstanding,
            paid=paid,
            credits=credited,
            paid_date=on,
            paid_flag=is_open if flag is None else flag,
            status=status,
            kind=kind,
            dispute=dispute,
            others=tuple(zip(self.others, others, strict=True)),
            ledger=tuple(entries.payments) if entries else (),
            blank_rest=self.blank_rest and outstanding is None,
        )

    def due_date(
        self, row: int, issued: date | None, verdict: Verdict, instead: Due | None
    ) -> tuple[date | None, Verdict]:
        """The due date that is not given: by the terms that stand `instead`, those of the row, else thirty days."""
        if issued is None:
            missing = "L’échéance et la date de facture manquent : indiquez l’une des deux."
            if instead:
                missing = "Ce délai part de la date de facture, qui manque : indiquez-la, ou l’échéance."
            self.complain(row, "due_date", missing)
            return None, verdict
        self.computed += 1
        if instead:
            return instead(issued), verdict
        cell = self.decoded.cell(row, "terms")
        if not text_of(cell):
            return issued + DEFAULT_TERMS, verdict
        if terms := read_terms(cell):
            return terms(issued), verdict
        message = "Échéance absente et conditions de paiement non comprises : indiquez l’échéance."
        self.complain(row, "terms", message)
        if verdict.status is Status.OPEN:
            verdict = verdict._replace(status=Status.UNCLEAR, note=message)
        return issued + DEFAULT_TERMS, verdict

    def with_extras(self, row: int, invoice: Invoice) -> Invoice:
        """The reminders that the file records, the PDF, the link and what was done."""
        contacts: list[Contact] = []
        texts: dict[str, Any] = {}
        for name in self.extras:
            value = self.decoded.value(row, name)
            if name == "label":
                texts["work"] = text_of(self.decoded.cell(row, name))
            elif isinstance(value, Unreadable):
                self.complain(row, name, value.message)
                if name in HISTORY and invoice.status is Status.OPEN:
                    texts |= {"status": Status.UNCLEAR, "note": value.message}
            elif name not in HISTORY:
                texts[name] = value
            elif value:
                contacts.append(Contact(HISTORY[name], "email", value))
        return invoice._replace(contacts=tuple(sorted(contacts, key=lambda contact: contact.on)), **texts)

    def duplicate(self, row: int, key: str, earlier: Invoice, invoice: Invoice) -> None:
        """A number read before: the same invoice once more, or two invoices that contradict each other."""
        rows, told = self.decoded.table.rows, self.decoded.table.told
        if rows[row] == rows[bisect_left(self.lines, earlier.line)]:
            self.identical.append(self.lines[row])
        elif invoice._replace(line=earlier.line, number=earlier.number, work=earlier.work) == earlier:
            self.repeated.append(self.lines[row])
        else:
            message = f"La facture {earlier.number} figure aussi ligne {told(earlier.line)}, autrement : gardez-en une."
            if invoice.due_date != earlier.due_date and invoice.issue_date == earlier.issue_date:
                message = message[:-1] + _INSTALMENTS
            note = f"Numéro en double, lignes {told(earlier.line)} et {told(invoice.line)} : gardez une seule des deux."
            if earlier.status is not Status.UNCLEAR:
                self.invoices[key] = earlier._replace(status=Status.UNCLEAR, note=note)
            self.unused.append(row)
            self.complain(row, "number", message)

    def currency(self, row: int, number: str, told: str) -> str | Unreadable:
        """The currency of an invoice; payments in another one are not taken off it."""
        currency = self.decoded.currency(row, told)
        entries = self.ledger.get(normalised_number(number)) if self.ledger and isinstance(currency, str) else None
        if entries is not None and not entries.doubt and entries.currencies - {currency}:
            told = ", ".join(sorted(entries.currencies))
            entries.doubt = (
                f"Règlement en {told} d’une facture en {currency} : écrivez-le dans la devise de la facture."
            )
            self.problems += [decoded.problem(row, "paid", entries.doubt) for decoded, row in entries.origins]
        return currency

    def check_ledger(self) -> None:
        """Payments of no invoice, or of a number that two years share."""
        if not self.ledger:
            return
        owners: dict[str, list[str]] = {}
        for key, invoice in self.invoices.items():
            owners.setdefault(normalised_number(invoice.number), []).append(key)
        for number, entries in self.ledger.items():
            keys = owners.get(number, [])
            message = "Ce règlement ne correspond à aucune facture lue : vérifiez son numéro."
            if len(keys) > 1:
                message = "Deux factures d’années différentes portent ce numéro : ce règlement n’est attribué à aucune."
                for key in keys:
                    invoice = self.invoices[key]._replace(payments=(), status=Status.UNCLEAR, note=message)
                    self.invoices[key] = invoice
            if not keys and (named := self.hold_named(entries, owners)):
                message = named
            elif not keys and not entries.doubt:
                self.unplaced += entries.origins
            if len(keys) != 1:
                self.problems += [decoded.problem(row, "number", message) for decoded, row in entries.origins]

    def hold_named(self, entries: "Entries", owners: Mapping[str, list[str]]) -> str:
        """Holds the invoices that the number of a payment names beside other words; what to say of it, where it does.

        « F-1, F-2 » pays both, and nobody knows how much of each.
        """
        texts = [text_of(decoded.cell(row, "number")) for decoded, row in entries.origins]
        words = {
            normalised_number(word) for text in texts for word in (*re.split(_APART, text), *re.split(_LIST, text))
        }
        named = [key for word in words if not word.isdigit() or len(word) > _SHORTEST for key in owners.get(word, ())]
        if not named:
            return ""
        message = "Ce règlement nomme plusieurs factures : écrivez une ligne par facture, avec ce qui la paie."
        if len(named) == 1:
            message = "Ce règlement nomme une facture parmi d’autres mots : n’écrivez que son numéro."
        for key in named:
            invoice = self.invoices[key]
            if invoice.status is Status.OPEN:
                self.invoices[key] = invoice._replace(status=Status.UNCLEAR, note=message)
        return message


def _unusable(**cells: Any) -> tuple[str, str]:
    """The first cell of a row that nobody can read, and why; its number, where that is missing."""
    for name, cell in cells.items():
        if isinstance(cell, Unreadable):
            return name, cell.message
    return "number", "Le numéro de la facture manque : complétez cette cellule."
