"""[invoices.columns], [payments.columns], [customers.columns]: one row a field of the reader (tests compare)."""

from typing import Annotated

from typing_extensions import TypeAliasType

from relance.config.accepted import Line, says
from relance.config.rows import SettingsTable, shown

Header = TypeAliasType("Header", Annotated[Line, says("l’en-tête de la colonne")] | None)
"""A type of its own: pydantic builds it once, not for each of the fields."""


class HeadersTable(SettingsTable):
    """The headers of a list, by field; a page of the guide has them all."""


class ColumnsTable(HeadersTable):
    """The header that the file gives to each field; what is said under a row holds for those that follow it."""

    number: Header = shown("N° facture")
    """Le numéro, le client, son code."""
    customer: Header = shown("Client")
    customer_code: Header = shown("Code client")
    issue_date: Header = shown("Date")
    """La date d’émission, l’échéance, le délai de paiement."""
    due_date: Header = shown("Échéance")
    terms: Header = shown("Délai de paiement")
    total: Header = shown("Montant TTC")
    """Les montants TTC : total, déjà payé, reste dû, avoirs à déduire ; la devise."""
    paid: Header = shown("Montant payé")
    outstanding: Header = shown("Reste dû")
    credits: Header = shown("Avoirs")
    currency: Header = shown("Devise")
    status: Header = shown("Statut")
    """L’état, la nature de la pièce (facture, avoir), la date du règlement."""
    kind: Header = shown("Type")
    paid_date: Header = shown("Date de règlement")
    paid_flag: Header = shown("Payée")
    """Des colonnes oui ou non : payée, encore ouverte, en litige ; un second état."""
    is_open: Header = shown("Ouverte")
    dispute: Header = shown("Litige")
    other_status: Header = shown("État")
    method: Header = shown("Mode de règlement")
    """Le moyen de paiement, où se voit un prélèvement ; puis des colonnes oui ou non, chacune du nom de ce que dit un
    oui (validée, à relancer : de ce que nie un non).
    """
    cancelled: Header = shown("Annulée")
    credit_flag: Header = shown("Avoir")
    draft: Header = shown("Brouillon")
    issued: Header = shown("Validée")
    archived: Header = shown("Archivée")
    no_reminder: Header = shown("Ne pas relancer")
    to_remind: Header = shown("À relancer")
    written_off: Header = shown("Irrécouvrable")
    factored: Header = shown("Affacturée")
    direct_debit: Header = shown("Prélèvement")
    sale: Header = shown("Vente")
    remark: Header = shown("Suivi")
    """Un texte libre, où « litige » ou « ne pas relancer » arrêtent tout quand ils y sont seuls."""
    line_total: Header = shown("Total ligne TTC")
    """Une ligne par article, par échéance ou par paiement : son montant TTC, le montant de l’échéance, le n° du
    paiement.
    """
    instalment: Header = shown("Montant échéance")
    payment_id: Header = shown("N° paiement")
    source_invoice: Header = shown("Facture d'origine")
    """Ce qui dit quelle facture un avoir corrige : son numéro, ou un texte qui le cite."""
    reference: Header = shown("Référence")
    label: Header = shown("Libellé")
    total_excl_tax: Header = shown("Montant HT")
    """Le montant hors taxes et la TVA, pour les reconnaître et ne pas les réclamer à la place du total."""
    vat_amount: Header = shown("TVA")
    email: Header = shown("E-mail")
    """Les coordonnées du client."""
    cc: Header = shown("Copie à")
    contact: Header = shown("Contact")
    first_name: Header = shown("Prénom")
    civility: Header = shown("Civilité")
    phone: Header = shown("Téléphone")
    address: Header = shown("Adresse")
    street2: Header = shown("Complément d'adresse")
    postcode: Header = shown("Code postal")
    city: Header = shown("Ville")
    country: Header = shown("Pays")
    siret: Header = shown("SIRET")
    """Ce qu’est le client, ses numéros, sa langue."""
    vat_number: Header = shown("N° TVA")
    customer_kind: Header = shown("Type de client")
    language: Header = shown("Langue")
    pdf: Header = shown("PDF")
    """La facture en PDF, le lien de paiement."""
    payment_link: Header = shown("Lien de paiement")
    courtesy_date: Header = shown("Relance préventive")
    """Les dates des relances déjà faites : par étape, ou la dernière."""
    friendly_date: Header = shown("Relance 1")
    firm_date: Header = shown("Relance 2")
    formal_notice_date: Header = shown("Mise en demeure")
    last_reminder: Header = shown("Dernière relance")


class PaymentColumnsTable(HeadersTable):
    """[payments.columns]: the same of the list of payments."""

    number: Header = shown("Facture réglée")
    """Le numéro de la facture, ce qui a été payé, quand."""
    paid: Header = shown("Encaissement")
    paid_date: Header = shown("Encaissé le")
    customer: Header = shown("Payeur")
    """Qui a payé, et sous quelle référence."""
    reference: Header = shown("Référence du virement")


class CustomerColumnsTable(HeadersTable):
    """[customers.columns]: the same of the list of customers."""

    customer: Header = shown("Société")
    """Le nom du client, son code, la personne."""
    customer_code: Header = shown("Code client")
    contact: Header = shown("Contact")
    first_name: Header = shown("Prénom")
    civility: Header = shown("Civilité")
    email: Header = shown("E-mail")
    """Ses coordonnées."""
    cc: Header = shown("Copie à")
    phone: Header = shown("Téléphone")
    address: Header = shown("Adresse")
    street2: Header = shown("Complément d'adresse")
    postcode: Header = shown("Code postal")
    city: Header = shown("Ville")
    country: Header = shown("Pays")
    siret: Header = shown("SIRET")
    """Ce qu’il est, ses numéros, sa langue."""
    vat_number: Header = shown("N° TVA")
    customer_kind: Header = shown("Type de client")
    language: Header = shown("Langue")
