"""The headers that each field is known by, as a table; stronger ones first, weaker ones after `|`."""

from collections.abc import Iterator

FRENCH = """
number: n° facture, numéro de facture, réf. facture, référence facture, code facture, n° facture externe,
  n° facture client
  | numéro, n° pièce, n° document, PieceRef | référence, réf, pièce, facture | id facture, id
customer: client, nom client, client nom, nom d'affichage du partenaire de la facture, débiteur, acheteur
  | raison sociale, société, entreprise, tiers, nom tiers, destinataire, locataire, partenaire, CompAuxLib
  | contact, nom
customer_code: code client, code tiers, n° client, référence client, réf client, compte tiers, n° compte tiers,
  compte auxiliaire, CompAuxNum, client id, id client, identifiant client | code, compte
contact: contact facturation, interlocuteur, à l'attention de, nom du contact, contact client | | | contact, nom
first_name: prénom
civility: civilité, titre
email: email facturation, mail facturation, email comptabilité | email, e-mail, mail, courriel, adresse mail,
  adresse e-mail, email client, mail client, adresse électronique, email contact, email du client,
  adresse email du client
cc: cc, copie, copie à, email copie, email 2, mail 2
phone: téléphone facturation | téléphone, tél, téléphone client, tél client | tél fixe, portable, mobile, gsm
address: adresse de facturation | adresse, adresse client, adresse postale | rue
street2: complément, complément rue, complément d'adresse
postcode: code postal, cp
city: ville
country: pays
issue_date: date facture, date de facturation, date d'émission, émission, émise le, facturée le, date pièce,
  PieceDate | date
  | date création facture, date de création
due_date: échéance, date d'échéance, échéance le, date limite règlement, date limite de paiement, date limite,
  à payer avant, à payer avant le, à régler avant le, date de paiement due, date de règlement due, règlement avant le,
  date échéance facture, échéance facture
terms: conditions de règlement, condition de règlement, conditions de paiement, condition de paiement, délai,
  délai de paiement, délai de règlement, modalités, modalités de paiement, modalités de règlement
total: montant ttc, total ttc, ttc, montant total ttc, total facture ttc, montant facture ttc, total signé en devises
  | montant, montant total, total, total signé, montant facture, total facture, montant réclamé | net à payer
line_total: total ligne, total ligne ttc, montant ligne ttc, montant ttc ligne, lignes de facture/total
instalment: montant échéance, montant à échéance, montant de cette échéance
total_excl_tax: montant ht, total ht, ht, hors taxes, montant hors taxes, montant ht signé, base ht, montant total ht
vat_amount: montant tva, total tva, tva
paid: montant payé, montant réglé, déjà réglé, déjà payé, montant encaissé, total réglé, total payé,
  montant règlement, acompte, accompte, acomptes, acompte versé, versement, versements, montant déjà réglé,
  montant déjà payé, avances
credits: avoirs, avoirs imputés, avoir imputé
outstanding: reste à payer, reste dû, reste à encaisser, reste à régler, restant dû, montant restant dû,
  montant restant, solde, solde dû, solde ttc, montant dû, montant dû signé, créance, solde restant dû,
  reste à percevoir
  | impayé, encours
paid_date: date de paiement, date de règlement, date du règlement, date du paiement, réglé le, réglée le, payé le,
  payée le, encaissé le, encaissée le, date d'encaissement, date de dernier paiement, soldée le | DateLet
paid_flag: payé complètement, facture payée, soldée, soldé, acquittée, est payée
status: statut de paiement, statut du paiement, état du paiement, état de paiement, statut du règlement
  | statut, état, statut facture, état de la facture, situation
other_status: | | | statut, état, statut facture, état de la facture
kind: type de pièce, type pièce, type de document, type document, type de facture, type facture, nature de la pièce,
  nature pièce, type de mouvement, type d'écriture | type, nature
source_invoice: facture d'origine, facture source, facture liée, facture associée, facture initiale, facture créditée,
  facture corrigée, n° facture d'origine, n° facture source, n° facture liée, avoir sur facture
payment_id: id paiement, n° paiement, réf paiement, identifiant paiement, id règlement, n° règlement, réf règlement
reference: | | | référence, réf, votre référence, référence commande, n° commande, bon de commande
label: | | | libellé, objet, intitulé, commentaire, commentaires, notes, note, observations, remarques
method: mode de règlement, mode de paiement, moyen de paiement, moyen de règlement, type de règlement, type de paiement
cancelled:
credit_flag:
draft:
issued:
archived:
no_reminder:
to_remind:
written_off:
factored:
direct_debit:
sale:
remark:
dispute: litige, en litige, contestée, contesté, contestation, bloquée, litiges
currency: devise, monnaie, code devise, Idevise
pdf: pdf, fichier pdf, chemin pdf, fichier facture | fichier, chemin, pièce jointe
payment_link: lien de paiement, url de paiement, paiement en ligne, payer en ligne, lien paiement
siret: siret, n° siret, siret client | siren, n° siren
vat_number: n° tva, tva intracommunautaire, n° tva intracommunautaire, tva intra, identifiant fiscal, n° tva intra
customer_kind: type de client, type client, catégorie client, nature du client
language: langue, langue client
courtesy_date: relance préventive, date relance préventive, relance 0
friendly_date: relance 1, 1re relance, 1ère relance, première relance, date relance 1, relance amicale,
  date 1re relance
firm_date: relance 2, 2e relance, 2ème relance, deuxième relance, date relance 2, relance ferme, date 2e relance
formal_notice_date: relance 3, 3e relance, 3ème relance, troisième relance, date relance 3, mise en demeure,
  date mise en demeure
last_reminder: dernière relance, date dernière relance, relancé le, relancée le, date de relance
"""
ENGLISH = """
number: invoice number, invoice #, invoice no | number, document number, doc id, document no | invoice, reference
  | invoice id, details, id
customer: customer, customer name, client name, buyer name, name customer, bill to, invoice partner display name
  | company, company name, organization, organisation, account name, partner, buyer company | name, display name
customer_code: customer id, customer code, customer number, cust number, client code, account number
contact: contact name, billing attention, attention | last name, buyer last name
first_name: first name, buyer first name
civility: salutation, title, buyer title
email: billing email | email address, customer email, client email, email id, email recipient, buyer email,
  contact email
cc: copy
phone: phone, phone number, buyer phone, customer phone, telephone | mobile phone, billing phone
address: billing address | address, address line 1, customer address, buyer street | street, billing street
street2: address line 2, billing street2
postcode: zip, postal code, postcode, zip code, billing code, buyer post code
city: city, billing city, buyer city
country: country, billing country, buyer country
issue_date: invoice date, issue date, issued, date issued, document date, bill date, posting date, invoice bill date
  | date
  | created, created date
due_date: due date, deadline, payment to, payment due, payment due date, due in date, due date date time,
  invoice date due, due on
terms: payment terms label | terms, net terms, cust payment terms, payment to kind | payment terms
total: total incl tax, amount incl tax, total amount incl vat, price gross, gross amount, tax inclusive amount,
  total including tax, total inc vat, total in currency signed
  | total signed, amount, total amount, invoice amount, grand total, grand total amount, amount total, invoice total
line_total: line total, line total amount, invoice lines/total
instalment: instalment amount, installment amount
total_excl_tax: subtotal, sub total, subtotal amount, net amount, untaxed amount, price net, amount untaxed,
  total before tax, amount before sales tax, net, untaxed amount signed, untaxed amount signed currency
vat_amount: tax amount, total tax, total tax amount, vat amount, tax, vat
paid: amount paid, paid amount, paid to date, amount paid amount, prepaid, total prepaid amount, deposit
credits: credits applied
outstanding: amount remaining | balance, balance due, balance due amount, amount due, outstanding, outstanding balance,
  open amount, total open amount, amount residual, amount due signed, due payable amount,
  remaining amount with tax, outstanding amount
paid_date: paid date, date paid, paid on, paid at, settled date, clear date, last payment date, payment date
is_open: is open
status: payment status, payment state | status, invoice status, document status | state
other_status: | | | status, invoice status, document status, state
kind: document type, invoice type, invoice type code, move type, transaction type, doc type | kind, type
source_invoice: original invoice, source invoice, related invoice, credited invoice, corrected invoice,
  applied to invoice
payment_id: payment id, payment number
reference: | | | reference, po number, purchase order
label: | | | description, memo, subject
method: payment method, payment mode, payment type, payment means, method of payment
dispute: disputed, dispute, in dispute, on hold
currency: currency, currency code, invoice currency, document currency code
pdf: file, attachment, invoice pdf
payment_link: payment link, payment url, hosted invoice url, pay online
siret: company number
vat_number: vat number, vat no, tax id, buyer tax no
customer_kind: customer type, customer kind, customer sub type
language: language
"""
BY_CELLS = {
    "due": "due_date outstanding",
    **dict.fromkeys("paye payee regle reglee encaisse encaissee encaissement paid".split(), "paid paid_flag"),
    **dict.fromkeys("reglement paiement payment".split(), "paid paid_flag terms method"),
}
"""Header keys that several fields share: what most cells are decides."""
KINDRED = {
    **dict.fromkeys("debtor buyer payer payor client debiteur acheteur payeur destinataire tiers".split(), "customer"),
    **dict.fromkeys("issued emitted emise emis emission facturation".split(), "issue"),
    **dict.fromkeys("bill billing fact facture".split(), "invoice"),
    **dict.fromkeys("mail courriel".split(), "email"),
    **dict.fromkeys("nom raison".split(), "name"),
    **dict.fromkeys("societe entreprise organisation organization".split(), "company"),
    **dict.fromkeys("tel telephone mobile portable".split(), "phone"),
    **dict.fromkeys("paiement reglement".split(), "payment"),
    **dict.fromkeys("paye regle".split(), "paid"),
    **dict.fromkeys("montant somme".split(), "amount"),
    **dict.fromkeys("echeance echue".split(), "due"),
}
"""Words that mean the same in a header; a header of such words, in whatever order, is the one that is known."""
LINE_WORDS = ("ligne", "line", "invoice lines", "item", "qté", "quantité", "quantity", "désignation", "produit")
"""How a header begins that speaks of the lines of an invoice."""
NAMES = {
    "number": "numéro",
    "customer": "client",
    "customer_code": "code client",
    "email": "e-mail",
    "total": "montant TTC",
    "due_date": "échéance",
    "issue_date": "date de facture",
    "paid": "montant payé",
    "paid_date": "date de paiement",
    "outstanding": "reste dû",
    "status": "statut",
}
"""Fields as a question to the user calls them."""


FIELDS = frozenset(line.partition(":")[0] for line in (FRENCH + ENGLISH).splitlines() if line[:1].isalpha())


def synonyms(table: str) -> Iterator[tuple[str, int, str]]:
    """Every (field, rank, header) of a table, rank 1 being the strongest."""
    for entry in table.strip().replace("\n  ", " ").splitlines():
        field, _, ranks = entry.partition(":")
        for rank, headers in enumerate(ranks.split("|"), 1):
            yield from ((field, rank, header) for header in headers.split(",") if header.strip())
