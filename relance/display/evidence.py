"""The exhibits of an evidence folder: account, chronology, invoices, contract, messages, answers, notice, payments."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, assert_never

from relance.core.exhibits import Block, Copy, Exhibit, Grid, Heading, Leaf, Paragraph, Verbatim
from relance.core.invoice import payments_until
from relance.core.mails import Received
from relance.core.policy import FORMAL_NOTICE
from relance.display.breaking import one_line, safe
from relance.display.evidence_account import account_leaf, invoice_words, payment_row
from relance.display.evidence_past import MAILS, answer_said, letter_said, moment, past_leaf, source_of, stage_said
from relance.display.mails import enclosed as carried
from relance.display.mails import file_lines, headers_and_text
from relance.french import date_fr, listing, typeset

if TYPE_CHECKING:
    from relance.runs.proofs import Mailing, Proofs

INVOICES, CONTRACT, MESSAGES = "10-factures", "20-contrat", "30-relances"
ANSWERS, NOTICE, PAYMENTS = "40-reponses", "50-mise-en-demeure", "60-paiements"
_SHOWN = ("From", "To", "Cc", "Date", "Message-ID", "Subject")


def exhibits_of(proofs: "Proofs") -> list[Exhibit]:
    """All of them, in the order of their numbers."""
    several = (
        _leaf("", "decompte", "Décompte de la créance", account_leaf(proofs), proofs),
        _leaf("", "chronologie", "Chronologie des faits", past_leaf(proofs), proofs),
        *_invoices(proofs),
        *_given(CONTRACT, proofs),
        *_messages(proofs),
        *_answers(proofs),
        *_notices(proofs),
        *_given(NOTICE, proofs),
        *_payments(proofs),
    )
    return [each._replace(copies=tuple(map(_harmless, each.copies))) for each in several]


def _harmless(copy: Copy) -> Copy:
    return copy._replace(content=harmless(copy.content)) if isinstance(copy.content, Leaf) else copy


def harmless(leaf: Leaf) -> Leaf:
    """The same page, its control and direction characters made visible: nothing reads otherwise than it is."""
    return Leaf(one_line(leaf.title), tuple(map(_shown, leaf.blocks)))


def _shown(block: Block) -> Block:
    match block:
        case Heading(text):
            return Heading(one_line(text))
        case Paragraph(lines):
            return Paragraph(tuple(map(one_line, lines)))
        case Verbatim(text):
            return Verbatim(safe(text.expandtabs(4)))
        case Grid(head, rows):
            return block._replace(
                head=tuple(map(one_line, head)), rows=tuple(tuple(map(one_line, row)) for row in rows)
            )
        case other:
            assert_never(other)


def _leaf(folder: str, name: str, what: str, leaf: Leaf, proofs: "Proofs") -> Exhibit:
    return Exhibit(folder, name, what, proofs.today, (Copy(leaf),))


def _invoices(proofs: "Proofs") -> Iterator[Exhibit]:
    for claim in proofs.claims:
        if claim.pdf:
            invoice = claim.line.invoice
            name, on = f"facture-{invoice.number}", invoice.issue_date or invoice.due_date
            yield Exhibit(INVOICES, name, invoice_words(invoice), on, (Copy(claim.pdf, "pdf"),))


def _given(folder: str, proofs: "Proofs") -> Iterator[Exhibit]:
    """The user's own papers, under the names that they have."""
    for place, paper in proofs.given:
        if place == folder:
            stem, dot, ending = paper.name.rpartition(".")
            plain = "".join(sign for sign in ending.lower() if sign.isascii() and sign.isalnum())[:5]
            copy = Copy(paper.data, plain if dot and plain else "bin")
            yield Exhibit(folder, stem or paper.name, paper.name, None, (copy,))


def _messages(proofs: "Proofs") -> Iterator[Exhibit]:
    """Each message that left, or may have: its exact octets, and a page to read."""
    for mail in proofs.mails:
        mailed = mail.left.mailed
        if mailed.state in ("sent", "in_doubt") and mail.raw:
            what = f"{stage_said(mailed.stage, proofs)} par e-mail, {listing(mailed.numbers)}"
            doubt = ", envoi en doute" if mailed.state == "in_doubt" else ""
            copies = (Copy(mail.raw, "eml"), Copy(_readable(mail, f"{what}{doubt}")))
            name = f"{mailed.on.isoformat()} {stage_said(mailed.stage, proofs).lower()}"
            yield Exhibit(MESSAGES, name, f"{what}{doubt}", mailed.on, copies)


def _readable(mail: "Mailing", title: str) -> Leaf:
    """A message as its reader saw it: its headers, its text, the files that it carried, the server's answer."""
    headers, text = headers_and_text(mail.raw)
    known = dict(headers)
    rows = [(name, known[name]) for name in _SHOWN if known.get(name)]
    rows += [(typeset("Remis le"), moment(mail.left.mailed.on, mail.left.at))]
    rows += [("Serveur", mail.server)] * bool(mail.server)
    rows += [(typeset("Réponse du serveur"), mail.left.mailed.reply)] * bool(mail.left.mailed.reply)
    files = tuple(file_lines(carried(mail.raw)))
    blocks = (Grid(("En-tête", "Valeur"), tuple(rows)), Verbatim(text.strip("\n")))
    return Leaf(title, (*blocks, Paragraph(files)) if files else blocks)


def _answers(proofs: "Proofs") -> Iterator[Exhibit]:
    """Each mail received: its exact octets where the mailbox has it, and a page to read.

    The journal keeps its first lines alone.
    """
    for answer in proofs.answers:
        told = answer.told
        if told.what in MAILS:
            on = told.dated or told.on
            copies = [Copy(answer.raw, "eml")] if answer.raw else []
            copies.append(Copy(Leaf(MAILS[told.what], tuple(_told(told, answer.text)))))
            name = f"{on.isoformat()} {MAILS[told.what].lower()}"
            yield Exhibit(ANSWERS, name, answer_said(told), on, tuple(copies))


def _told(answer: Received, text: str) -> Iterator[Grid | Verbatim | Paragraph]:
    rows = (
        ("De", answer.sender),
        ("Reçu le", date_fr(answer.dated or answer.on)),
        ("Objet", answer.subject),
        ("Message-ID", answer.mail),
        ("Adresse refusée", answer.address),
    )
    yield Grid(("En-tête", "Valeur"), tuple((name, value) for name, value in rows if value))
    if text.strip():
        yield Verbatim(text.strip("\n"))
    elif answer.excerpt:
        yield Paragraph((typeset("Premières lignes :"),))
        yield Verbatim(answer.excerpt)


def _notices(proofs: "Proofs") -> Iterator[Exhibit]:
    """The letters that formal notices carried, and what is noted of those that were posted."""
    for mail in proofs.mails:
        if mail.letter and mail.left.mailed.state == "sent":
            what = f"Lettre de mise en demeure, {listing(mail.left.mailed.numbers)}"
            on, name = mail.left.mailed.on, f"{mail.left.mailed.on.isoformat()} lettre"
            yield Exhibit(NOTICE, name, what, on, (Copy(mail.letter, "pdf"),))
    for spoken in proofs.spoken:
        contact = spoken.contact
        if contact.channel == "letter" and contact.stage == FORMAL_NOTICE:
            said = f"Lettre de mise en demeure ({listing(spoken.numbers)}){letter_said(contact)}"
            on = contact.posted or contact.on
            leaf = Leaf("Suivi de la lettre", (Paragraph((typeset(f"{said}."),)),))
            yield Exhibit(NOTICE, f"{on.isoformat()} suivi", typeset(said), on, (Copy(leaf),))


def _payments(proofs: "Proofs") -> Iterator[Exhibit]:
    """The payments of these invoices, each with how it is known."""
    rows = [
        (claim.line.invoice.number, *payment_row(payment, claim.line.invoice.currency), source_of(payment, claim))
        for claim in proofs.claims
        for payment in payments_until(claim.line.invoice, proofs.today)
    ]
    if rows:
        grid = Grid(("Facture", "Reçu", "Montant", "Connu par"), tuple(rows), frozenset({2}))
        yield _leaf(PAYMENTS, "paiements", "Règlements et avoirs connus", Leaf("Règlements et avoirs", (grid,)), proofs)
