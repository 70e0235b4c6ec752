"""What proves a debt, as file, journal and mailbox have it: of one customer, and of nobody else."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.case import not_in_file
from relance.core.charges import Charges, insolvent_on
from relance.core.claims import claimed_in_writing
from relance.core.facts import Fact, Held, Released
from relance.core.invoice import (
    ZERO,
    Contact,
    Customer,
    Invoice,
    Payment,
    customer_id,
    customer_targets,
    normalised_name,
    payments_until,
)
from relance.core.message import Attachment, Sender
from relance.core.plan import Line, grouped
from relance.core.policy import FORMAL_NOTICE, OUTSIDE
from relance.core.reasons import Reason
from relance.errors import JournalError, MessageError, UsageError
from relance.french import date_fr
from relance.runs.answered import FoundMail, answers, is_about
from relance.runs.attachments import MAX_FILE, pdf_of, plain_words
from relance.runs.dossier import Desk
from relance.runs.lookup import StandingError, find_target
from relance.runs.sent import Left, moment_of

if TYPE_CHECKING:
    from relance.journal import Journal


class Claim(NamedTuple):
    """One invoice and what it costs `now`, and on the day of its last notice (`noticed_on`), if it had one.

    `known` are its payments that the file shows, `banked` those of the bank's statements alone; the others were told by
    hand. `pdf` is the invoice as it was sent,
    empty where nothing keeps it.
    """

    line: Line
    now: Charges
    known: tuple[Payment, ...]
    banked: tuple[Payment, ...]
    noticed_on: date | None = None
    noticed: Charges | None = None
    pdf: bytes = b""


class Mailing(NamedTuple):
    """A message with its exact bytes, or why there are none (`lost`); `server` is whom it was handed to.

    `pdfs` are those that it carried, by name, `letter` the one to be posted too; `differs` tells that the sums of a
    formal notice are not those that are computed for its day now.
    """

    left: Left
    raw: bytes
    lost: str
    server: str
    pdfs: Mapping[str, bytes]
    letter: bytes = b""
    differs: bool = False


class Spoken(NamedTuple):
    """A contact that no message of the journal is: noted by hand, or standing in the file; with its invoices."""

    numbers: tuple[str, ...]
    contact: Contact
    in_file: bool


class Proofs(NamedTuple):
    """All of them; `stages` is what each kind of message is called, by the key of its stage.

    `facts` are the holds and releases told of these invoices and their customer, `answers` the mails received. `given`
    are the user's own papers, by the folder that they go into; `elsewhere` are the messages about these invoices that
    went to somebody else, and stay out. `abroad`: no article of French law is asserted.
    """

    today: date
    sender: Sender
    customer: Customer
    claims: tuple[Claim, ...]
    mails: tuple[Mailing, ...]
    spoken: tuple[Spoken, ...]
    answers: tuple[FoundMail, ...]
    facts: tuple[Held | Released, ...]
    given: tuple[tuple[str, Attachment], ...]
    stages: dict[str, str]
    elsewhere: tuple[str, ...]
    abroad: bool


class JournalLines(NamedTuple):
    """The lines of the journal about these debts; `broken` tells that some line of it was changed behind our back."""

    lines: tuple[str, ...] = ()
    broken: bool = False


def proofs_of(
    desk: Desk, targets: Sequence[str], given: tuple[tuple[str, Attachment], ...]
) -> tuple[Proofs, JournalLines]:
    """What proves the debts of these targets, and what the journal told; UsageError where they may not be pursued."""
    from relance.letters.abroad import is_abroad

    sender, lines = desk.signer, _chosen(desk, targets)
    customer = lines[0].invoice.customer
    about = _names_of(lines, desk)
    mails, elsewhere, facts, said = list[Mailing](), dict[int, str](), list[Fact](), JournalLines()
    if (journal := _read(desk)) is not None:
        with journal:
            mails, elsewhere = _mails(journal, desk, lines)
            facts = [fact for fact in journal.facts() if fact.on <= desk.today]
            told = journal.chain.lines(about, elsewhere)
        said = JournalLines(tuple(told), _is_broken(desk))
    claims = tuple(_claim(line, desk, mails) for line in lines)
    stages = [*(stage for schedule in desk.policy.schedules for stage in schedule.stages), *OUTSIDE]
    proofs = Proofs(
        today=desk.today,
        sender=sender,
        customer=customer,
        claims=claims,
        mails=tuple(_with_sums(mail, desk) for mail in mails),
        spoken=tuple(_spoken(lines, {*elsewhere.values(), *(mail.left.mailed.message_id for mail in mails)})),
        answers=answers(facts, about, desk),
        facts=tuple(_agreed(facts, about)),
        given=given,
        stages={stage.key: stage.label for stage in stages},
        elsewhere=tuple(elsewhere.values()),
        abroad=is_abroad(customer),
    )
    return proofs, said


def _is_broken(desk: Desk) -> bool:
    """Whether the chain of the file does not fit: a reader's own copy has what the receipts add, and no entry of it."""
    from relance.journal import verified

    return verified(desk.own_settings.journal).broken is not None


def _read(desk: Desk) -> "Journal | None":
    """The journal, to read; None where there has never been one."""
    from relance.journal import read_journal

    settings = desk.own_settings
    journal = read_journal(settings.journal)
    if journal is not None:
        journal.check_dossier(settings.path)
    return journal


def _chosen(desk: Desk, targets: Sequence[str]) -> list[Line]:
    """The late lines of these invoices, or of this customer; UsageError where they are of several, or none is owed."""
    if not targets:
        raise UsageError("De quel client s’agit-il ?", "Exemple : relance evidence F-2026-036.")
    if desk.history.unagreed is not None:
        raise UsageError(
            "Une colonne du fichier n’est pas comprise : aucune somme n’est sûre.", "Voyez « relance plan »."
        )
    found = [find_target(text, desk.invoices) for text in targets]
    named = [(target, desk.lines_of(target.invoices)) for target in found]
    lines = {line.key: line for _, several in named for line in several}
    for target, several in named:
        if target.invoice is not None:
            _check_owed(several[0])
    if len({line.case.customer.identity for line in lines.values()}) > 1:
        raise UsageError(
            "Ces factures sont de plusieurs clients.", "Un dossier par client : relancez la commande pour chacun."
        )
    if any(insolvent_on(line.case.holds) is not None for line in lines.values()):  # L622-21 C. com.
        raise UsageError(
            f"{found[0].customer.name} est en procédure collective : aucun dossier, toute poursuite est interdite.",
            "Déclarez votre créance au mandataire judiciaire dans les deux mois qui suivent la publication au BODACC.",
        )
    late = [line for line in lines.values() if _is_owed(line)]
    if not late:
        raise StandingError(found[0].name, f"Rien n’est en retard pour {found[0].name}.", "dit où il en est")
    return sorted(late, key=lambda line: (line.invoice.due_date, line.key))


def _is_owed(line: Line) -> bool:
    return not line.reason.settled and line.days_overdue > 0 and line.reason is not Reason.TIME_BARRED


def _check_owed(line: Line) -> None:
    number = line.invoice.number
    if line.reason.settled:
        raise StandingError(number, f"Il n’y a rien à réclamer sur {number}, donc pas de dossier.", "dit pourquoi")
    if line.reason is Reason.TIME_BARRED:
        raise StandingError(number, f"{number} est prescrite, donc pas de dossier.", "dit pourquoi")
    if line.days_overdue <= 0:
        raise UsageError(f"{number} n’est pas en retard : son échéance est le {date_fr(line.invoice.due_date)}.")


def _names_of(lines: Sequence[Line], desk: Desk) -> frozenset[str]:
    """By what facts are about these invoices: their keys, former ones too, and their customer's ids.

    Where another customer bears the same name, the name alone is nobody's.
    """
    customer, keys = lines[0].invoice.customer, {name for line in lines for name in line.case.names}
    name, own = normalised_name(customer.name), customer_id(customer)
    namesakes = {customer_id(each.customer) for each in desk.invoices if normalised_name(each.customer.name) == name}
    return frozenset(keys.union([own] if namesakes > {own} else (own, *customer_targets(customer))))


def _mails(journal: "Journal", desk: Desk, lines: Sequence[Line]) -> tuple[list[Mailing], dict[int, str]]:
    """The messages about these invoices to this customer; those that went to somebody else, by number and name."""
    keys = {name for line in lines for name in line.case.names}
    about = [each for each in journal.outgoing.mailed(desk.today) if not keys.isdisjoint(each.invoices)]
    if unread := next((each for each in about if each.at is None), None):
        said = f"Le message {unread.number} est en partie illisible dans le journal."
        raise JournalError(said, "Remettez une sauvegarde du journal à sa place.")
    customer, servers = lines[0].invoice.customer, journal.outgoing.servers()
    addresses = {address.casefold() for address in (*customer.emails, *customer.cc)}
    mails, elsewhere = list[Mailing](), dict[int, str]()
    for each in about:
        ours = normalised_name(each.customer) == normalised_name(customer.name)
        if ours or not addresses.isdisjoint(map(str.casefold, each.to)):
            raw, lost = _kept(journal, each.number)
            left, server, pdfs = Left(each, moment_of(each, desk)), servers.get(each.number, ""), pdfs_in(raw)
            letter = _letter(pdfs, desk.sender) if each.stage == FORMAL_NOTICE else b""
            mails.append(Mailing(left, raw, lost, server, pdfs, letter))
        else:
            elsewhere[each.number] = each.message_id
    return mails, elsewhere


def _kept(journal: "Journal", number: int) -> tuple[bytes, str]:
    from relance.journal import PartError

    try:
        return journal.outgoing.raw(number), ""
    except PartError as error:
        return b"", error.shown


def _letter(pdfs: Mapping[str, bytes], sender: Sender) -> bytes:
    """The letter that a message carried: the one PDF that is neither an invoice nor bank details."""
    rib = Path(sender.rib).name
    others = [data for name, data in pdfs.items() if name != rib and not re.match(r"(Facture|Invoice)-", name)]
    return others[0] if len(others) == 1 else b""


def pdfs_in(raw: bytes) -> dict[str, bytes]:
    """The PDFs of a message by their names."""
    from email import message_from_bytes

    found = {}
    for part in message_from_bytes(raw).walk() if raw else ():
        if part.get_content_type() == "application/pdf":
            found[part.get_filename() or ""] = part.get_payload(decode=True)
    return {name: data for name, data in found.items() if isinstance(data, bytes)}


def _claim(line: Line, desk: Desk, mails: Sequence[Mailing]) -> Claim:
    invoice, today = line.invoice, desk.today
    (shown,) = (each for each, one in zip(desk.invoices, desk.plan.lines, strict=True) if one is line)
    told = not_in_file(shown, line.case.past, today)
    mail = next((each for each in reversed(mails) if _gives_notice(each, line)), None)
    by_hand = [c.on for c in line.case.contacts if c.stage == FORMAL_NOTICE and c.channel in ("email", "letter")]
    on = mail.left.mailed.on if mail is not None else max(by_hand, default=None)
    noticed = None
    if on is not None:
        noticed = claimed_in_writing(line.case, on, _as_noticed(mail, desk).get(line.key) if mail is not None else None)
    return Claim(
        line=line,
        now=claimed_in_writing(line.case, today),
        known=payments_until(shown, today),
        banked=tuple(Payment(each.amount, each.on) for each in told if each.credit),
        noticed_on=on,
        noticed=noticed,
        pdf=_as_sent(invoice, desk.sender, mails),
    )


def _gives_notice(mail: Mailing, line: Line) -> bool:
    mailed = mail.left.mailed
    return (
        mailed.stage == FORMAL_NOTICE
        and mailed.state == "sent"
        and not set(line.case.names).isdisjoint(mailed.invoices)
    )


def _as_sent(invoice: Invoice, sender: Sender, mails: Iterable[Mailing]) -> bytes:
    """The PDF of an invoice as the last message carried it, else as it lies in the user's folder."""
    names = [f"{plain_words(noun, invoice.number, sender.name)}.pdf" for noun in ("Facture", "Invoice")]
    for mail in reversed([*mails]):
        if found := next((mail.pdfs[name] for name in names if name in mail.pdfs), b""):
            return found
    try:
        return pdf_of(invoice.pdf_path, MAX_FILE, "").data if invoice.pdf_path else b""
    except MessageError:
        return b""


_AMOUNT = re.compile(r"\d[\d.,\u00a0\u202f ]*\d")


def _as_noticed(mail: Mailing, desk: Desk) -> dict[str, Invoice]:
    """The invoices of a formal notice, by key, as they were known when it was written, as far as its text tells.

    A payment without a date counts as made by the due date: had it not come yet, the sums of the text tell.
    """
    lines = [line for line in desk.plan.lines if not set(line.case.names).isdisjoint(mail.left.mailed.invoices)]
    whole = {line.key: line.invoice for line in lines}
    dated = {key: each._replace(payments=tuple(p for p in each.payments if p.on)) for key, each in whole.items()}
    return next((told for told in (whole, dated) if _agrees(mail, lines, told)), whole)


def _agrees(mail: Mailing, lines: Iterable[Line], told: dict[str, Invoice]) -> bool:
    """Whether the text of a message names the sums of these invoices on its day: what is claimed, or what is billed."""
    costs = [claimed_in_writing(line.case, mail.left.mailed.on, told[line.key]) for line in lines]
    claimed = sum((each.claimed for each in costs), ZERO)
    billed = claimed - sum((each.interest + each.recovery_fee - each.paid for each in costs), ZERO)
    return not {_figures(claimed), _figures(billed)}.isdisjoint(_sums_in(mail.raw))


def _figures(amount: Decimal) -> str:
    return re.sub(r"\D", "", f"{amount:.2f}")


def _sums_in(raw: bytes) -> frozenset[str]:
    """The figures of each amount in the text of a message, whatever its language puts between them."""
    from email import message_from_bytes, policy
    from email.message import EmailMessage

    message = message_from_bytes(raw, policy=policy.default)
    body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
    text = str(body.get_content()) if body is not None else ""
    return frozenset(re.sub(r"\D", "", said) for said in _AMOUNT.findall(text))


def _with_sums(mail: Mailing, desk: Desk) -> Mailing:
    """The same message, looked at again where it is a formal notice that left."""
    mailed = mail.left.mailed
    if mailed.stage != FORMAL_NOTICE or mailed.state != "sent" or not mail.raw:
        return mail
    lines = [line for line in desk.plan.lines if not set(line.case.names).isdisjoint(mailed.invoices)]
    return mail._replace(differs=not _agrees(mail, lines, _as_noticed(mail, desk)))


def _spoken(lines: Sequence[Line], known: Collection[str]) -> Iterator[Spoken]:
    """The contacts of these lines that are none of these messages, each once for all its invoices."""
    told = [
        (line.invoice.number, contact._replace(snapshot=None), contact not in line.case.past.contacts)
        for line in lines
        for contact in line.case.contacts
        if not (contact.message_id and contact.message_id in known)
    ]
    for (contact, in_file), same in grouped(told, lambda each: each[1:]).items():
        yield Spoken(tuple(number for number, _, _ in same), contact, in_file)


def _agreed(facts: Iterable[Fact], about: Collection[str]) -> Iterator[Held | Released]:
    for fact in facts:
        if isinstance(fact, Held | Released) and is_about(fact.target, about):
            yield fact
