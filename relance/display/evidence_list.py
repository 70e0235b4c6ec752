"""What goes with the exhibits: their numbered list, what is missing and who has it, how to verify, a table."""

import csv
import io
import shlex
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from relance.core.exhibits import Block, Filed, Grid, Heading, Leaf, Paragraph
from relance.core.invoice import Kind
from relance.core.mails import Incoming
from relance.core.policy import FORMAL_NOTICE
from relance.core.tasks import rests_on_terms
from relance.display.breaking import one_line
from relance.display.evidence import CONTRACT, NOTICE, harmless
from relance.display.evidence_account import owed_of
from relance.display.evidence_people import court_line, parties, street_of, town_of
from relance.french import command, date_fr, listing, of, plural, short_date, typeset

if TYPE_CHECKING:
    from relance.core.message import Sender
    from relance.runs.evidence import Made
    from relance.runs.proofs import Claim, Proofs


class Lack(NamedTuple):
    """A paper that the folder has not, who can give it, and what the user does to add it (empty: he gets it)."""

    what: str
    who: str
    how: str = ""


OWN = "le créancier"
_SHORT = 12
"""Figures of a SHA-256 that the list shows; SHA256SUMS has them all."""


def list_leaf(proofs: "Proofs", several: Sequence[Filed]) -> Leaf:
    """The numbered list (CPC 1407): each exhibit, its day, its files with the beginning of their hashes."""
    rows = [
        (*(_named(each) if path == each.files[0][0] else ("", "", "")), path, digest[:_SHORT])
        for each in several
        for path, digest in each.files
    ]
    blocks: list[Block] = [
        Paragraph(tuple(parties(proofs))),
        Grid(("N°", "Pièce", "Date", "Fichier", "SHA-256"), tuple(rows)),
    ]
    if missing := [(typeset(lack.what), lack.who) for lack in lacks(proofs)]:
        blocks += [Heading("Pièces qui manquent"), Grid(("Pièce", "Qui peut la donner"), tuple(missing))]
    return harmless(Leaf(f"Bordereau de pièces du {date_fr(proofs.today)}", tuple(blocks)))


def _named(filed: Filed) -> tuple[str, str, str]:
    on = filed.exhibit.on
    return typeset(f"Pièce n° {filed.number}"), filed.exhibit.what, "" if on is None else short_date(on)


def lacks(proofs: "Proofs") -> Iterator[Lack]:
    """What the folder has not, and who can give it."""
    without = [claim.line.invoice.number for claim in proofs.claims if not claim.pdf]
    if without:
        yield Lack(f"Facture {listing(without)} en PDF", OWN, "votre logiciel de facturation, puis [invoices] pdf")
    places = {place for place, _ in proofs.given}
    if CONTRACT not in places:
        yield Lack("Devis ou commande signés, conditions acceptées", OWN, "--contract FICHIER")
        yield Lack("Preuve de la livraison ou du travail fait", OWN, "--contract FICHIER")
    yield from _of_messages(proofs)
    whole = (Incoming.ANSWER, Incoming.UNREADABLE, Incoming.OTHER)
    cut = [each.told.dated or each.told.on for each in proofs.answers if each.told.what in whole and not each.raw]
    if cut:
        yield Lack(f"Messages reçus, en entier ({listing([*map(short_date, cut)])})", OWN, "votre messagerie")
    yield from _of_notice(proofs)
    yield from _of_people(proofs)


def _of_messages(proofs: "Proofs") -> Iterator[Lack]:
    lost = [date_fr(mail.left.mailed.on) for mail in proofs.mails if not mail.raw and mail.left.mailed.state == "sent"]
    if lost:
        yield Lack(f"E-mail exact du {listing(lost)}", OWN, "dossier « Envoyés » de votre messagerie")
    told = [spoken for spoken in proofs.spoken if spoken.contact.channel in ("email", "sms")]
    if told:
        days = listing([short_date(spoken.contact.on) for spoken in told])
        yield Lack(f"Texte des messages notés à la main ({days})", OWN, "votre messagerie, votre téléphone")


def _of_notice(proofs: "Proofs") -> Iterator[Lack]:
    letters = [spoken.contact for spoken in proofs.spoken if spoken.contact.channel == "letter"]
    letters = [contact for contact in letters if contact.stage == FORMAL_NOTICE]
    noticed = any(claim.noticed_on is not None for claim in proofs.claims)
    if not noticed:
        yield Lack("Mise en demeure", OWN)
    elif not letters:
        yield Lack("Lettre recommandée, preuve de dépôt et avis de réception", f"{OWN}, La Poste")
    elif NOTICE not in {place for place, _ in proofs.given}:
        # What was posted without a mail of ours that carried it stands nowhere in the folder.
        copy = "Preuve" if any(mail.letter for mail in proofs.mails) else "Copie de la lettre, preuve"
        yield Lack(f"{copy} de dépôt et avis de réception", f"{OWN}, La Poste", "--receipt FICHIER")


def _of_people(proofs: "Proofs") -> Iterator[Lack]:
    """What identifies the parties, and what the charges rest on."""
    customer, kind = proofs.customer, proofs.claims[0].line.case.customer.grounds.kind
    if kind is None:
        yield Lack("Nature du client, entreprise ou particulier", OWN, "kind sous [[customers]]")
    if not town_of(customer)[0]:
        yield Lack("Adresse postale du client", OWN, "votre fichier")
    if kind is Kind.BUSINESS and not proofs.abroad:
        extract = "Extrait" if customer.siret else "SIREN et extrait"
        yield Lack(f"{extract} du registre du client", "annuaire-entreprises.data.gouv.fr")
    yield from _of_sender(proofs.sender)
    if any(claim.now.interest and rests_on_terms(claim.line) for claim in proofs.claims):
        yield Lack("Conditions ou facture qui portent le taux convenu", OWN, "relance confirm rate")


def _of_sender(sender: "Sender") -> Iterator[Lack]:
    """What the settings do not say of the creditor, and only that: the setting of each is named."""
    parts = (
        ("adresse", "address", sender.address),
        ("SIRET", "siret", sender.siret),
        ("forme juridique", "legal_form", sender.legal_form),
    )
    missing = [(what, key) for what, key, told in parts if not told]
    if missing:
        said, keys = (listing(each) for each in zip(*missing, strict=True))
        yield Lack(f"{said[0].upper()}{said[1:]} du créancier", OWN, f"{keys}, sous [sender]")


_README = """Dossier de pièces : {customer}, au {today}.

Ce que contient ce dossier
  00-bordereau         la liste numérotée des pièces, et ce qui manque
  01-decompte          ce qui est dû, partie par partie
  02-chronologie       les faits, et comment chacun est connu
  10 à 60              les pièces ; leur numéro est celui du bordereau
  journal.txt          ce que le journal de Relance en sait, un fait par ligne
  recouvrement.csv     les mêmes sommes, pour qui recouvre
  SHA256SUMS           l’empreinte de chaque fichier
  SHA256SUMS.tsq       la demande d’horodatage de ces empreintes, à envoyer ou non

Vérifier que rien n’a changé, depuis ce dossier
  sha256sum -c SHA256SUMS
  relance evidence --check .
Sous Windows, fichier par fichier : certutil -hashfile journal.txt SHA256

Ce que cela prouve
Chaque ligne de journal.txt porte l’empreinte de la précédente. Un fichier ou une ligne changés depuis se voient, pour
qui connaissait déjà l’empreinte ci-dessous : envoyez-la à quelqu’un. Cela ne prouve ni la date ni l’auteur ; les
numéros de message et les réponses des serveurs se vérifient auprès des hébergeurs.
Empreinte de journal.txt : {journal}

Dater ce dossier, si vous le voulez (RFC 3161)
Envoyez SHA256SUMS.tsq à l’autorité d’horodatage de votre choix ; elle n’en apprend qu’une empreinte. Gardez sa réponse
ici, sous le nom SHA256SUMS.tsr. L’envoyer, puis vérifier la réponse avec le certificat de cette autorité :
  curl -H "Content-Type: application/timestamp-query" --data-binary @SHA256SUMS.tsq -o SHA256SUMS.tsr ADRESSE
  openssl ts -verify -data SHA256SUMS -in SHA256SUMS.tsr -CAfile CERTIFICAT
{court}
Ce dossier ne vaut pas conseil : il réunit des faits.
"""


def texts_of(proofs: "Proofs", journal: str) -> dict[str, bytes]:
    """LISEZMOI.txt and the collector's table."""
    court = f"\n{court_line(proofs.customer)}\n" if town_of(proofs.customer)[0] and not proofs.abroad else ""
    told = typeset(_README).format(
        customer=one_line(proofs.customer.name), today=date_fr(proofs.today), journal=journal, court=court
    )
    return {"LISEZMOI.txt": told.encode(), "recouvrement.csv": _table(proofs)}


_FIELDS = (
    *(
        "debiteur_raison_sociale",
        "siren",
        "adresse",
        "cp",
        "ville",
        "email",
        "telephone",
        "facture",
        "date",
        "echeance",
    ),
    *("montant_ttc", "paye", "reste", "penalites", "indemnite", "mise_en_demeure_le", "commentaire"),
)
"""What collectors ask for (dormane.fr, direct-recouvrement.fr)."""


def _table(proofs: "Proofs") -> bytes:
    """One row an invoice, for a spreadsheet; no text of a customer becomes a formula."""
    held = io.StringIO()
    writer = csv.writer(held, delimiter=";", lineterminator="\r\n")
    writer.writerow(_FIELDS)
    writer.writerows([_plain(cell) for cell in _row(claim, proofs)] for claim in proofs.claims)
    return held.getvalue().encode("utf-8-sig")


def _row(claim: "Claim", proofs: "Proofs") -> Iterator[str]:
    customer, invoice, now = proofs.customer, claim.line.invoice, claim.now
    yield customer.name
    yield "".join(customer.siret.split())[:9]
    yield street_of(customer)
    yield from town_of(customer)
    yield from (", ".join(customer.emails), customer.phone, invoice.number)
    yield from ("" if day is None else short_date(day) for day in (invoice.issue_date, invoice.due_date))
    yield from map(
        _sum, (invoice.total, claim.line.paid, owed_of(now), now.interest, now.recovery_fee or now.fee_apart)
    )
    yield "" if claim.noticed_on is None else short_date(claim.noticed_on)
    yield "" if invoice.currency == "EUR" else invoice.currency


def _sum(amount: Decimal) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _plain(cell: str) -> str:
    """A cell that a spreadsheet takes as text: what begins as a formula, but for a telephone number, after a quote."""
    harmless = cell[:1] not in ("=", "+", "-", "@", "\t", "\r") or cell.lstrip("+").replace(" ", "").isdecimal()
    return cell if harmless else f"'{cell}"


def made_lines(made: "Made") -> Iterator[str]:
    """Where the folder is, what is missing, what to look at, and how to verify it."""
    proofs = made.proofs
    yield typeset(f"Dossier {of(proofs.customer.name)} : {plural(made.exhibits, 'pièce')}, « {made.path} »")
    for lack in lacks(proofs):
        yield typeset(f"  manque : {lack.what} → {lack.how or lack.who.replace(OWN, 'vous')}")
    for mail in proofs.mails:
        if mail.differs:
            on = date_fr(mail.left.mailed.on)
            yield typeset(
                f"  à regarder : la mise en demeure du {on} donnait d’autres sommes que le décompte à ce jour"
            )
    for lost in dict.fromkeys(answer.lost for answer in proofs.answers if answer.lost):
        yield typeset(f"  à regarder : {lost}")
    if proofs.elsewhere:
        count = plural(len(proofs.elsewhere), "message")
        yield typeset(f"  à regarder : {count} à un autre nom et une autre adresse, hors du dossier")
    if made.broken:
        yield typeset("  à regarder : une ligne du journal a été changée hors de Relance → relance check")
    if made.plain and not made.prints:
        yield typeset("  à savoir : pages en HTML, à imprimer ; en PDF avec typst (pip install typst)")
    elif made.plain:
        yield typeset(f"  à savoir : {plural(made.plain, 'page')} en HTML, typst n’a pas pu en faire un PDF")
    if made.path.is_dir():
        yield "Vérifier → " + command("evidence", options=f"--check {shlex.quote(str(made.path))}")


def checked_lines(wrong: Sequence[str]) -> Iterator[str]:
    """The path of each file that is not as it was written; that all are."""
    yield from wrong
    if not wrong:
        yield "Rien n’a changé."
