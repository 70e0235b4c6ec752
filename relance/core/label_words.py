"""Words that stand in the labels of a bank: read there, shown to nobody; upper case without accents."""

INTRODUCES = frozenset("FACTURE FACTURES FACT FAC FCT FC FA F N NO NUM NUMERO NR INVOICE INV REF VOTRE SOLDE".split())
"""Words that stand before a number whose own letters are left out."""
INVOICE = frozenset("FACTURE FACTURES FACT FAC FCT INVOICE INV".split())
"""Words that say of any number behind them, however short, that it is an invoice's."""
NUMBER = frozenset("N NO NUM NUMERO NR".split())
AND = frozenset("ET AND PLUS".split())
"""Words between the numbers of a list."""
OTHER_PAPER = frozenset("DEVIS COMMANDE CDE CMD BC BL BON CONTRAT DOSSIER MARCHE CLIENT TEL SIRET SIREN AVOIR".split())
"""Words that stand before the number of something else."""
FORMS = frozenset("SA SAS SASU SARL EURL EI EIRL SCI SNC SELARL SCP STE SOCIETE ETS M MME MR MONSIEUR MADAME".split())
SERVICES = frozenset(
    "STRIPE PAYPAL SUMUP GOCARDLESS MALT MANGOPAY ZETTLE IZETTLE SQUAREUP MOLLIE ADYEN PAYPLUG SHOPIFY UPWORK FIVERR "
    "VIVAWALLET WORLDLINE FACTOR FACTORING FACTOFRANCE EUROFACTOR".split()
)
"""They pay what several customers paid, less their fees: an amount of theirs says nothing."""
REFUND = frozenset(
    "AVOIR REJET REJETE RETOUR RETOURNE IMPAYE IMPAYES REMBOURSEMENT REMBT RBT ANNULATION REFUND RETURN RETURNED "
    "REVERSAL CHARGEBACK".split()
)
ABROAD = frozenset("ETRANGER INTERNATIONAL INTL SWIFT FOREIGN FRAIS FEE FEES COMMISSION COMMISSIONS SHA BEN".split())
CARD = frozenset("CARTE CB CARD TPE".split())
TRANSFER = frozenset("VIR VIREMENT VIREMENTS".split())
"""Words that a bank begins a label with, and nobody his name."""
BANK_WORDS = frozenset("VIR VIREMENT VIREMENTS SEPA INST INSTANTANE INSTANT RECU EN VOTRE FAVEUR DE M".split())
