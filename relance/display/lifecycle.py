"""What a platform tells of an invoice, in French: each status, each reason with its cure, what holds, what is asked."""

from collections.abc import Iterator

from relance.core.lifecycle import Effect, last, status_kind
from relance.core.plan import Line
from relance.core.reasons import Reason
from relance.core.status import Declared, Platform, StatusTold
from relance.french import brief_date, date_fr, eur, plural

REASONS = {
    "NON_TRANSMISE": "elle n’a pas été transmise : demandez pourquoi à votre plateforme",
    "MONTANTTOTAL_ERR": "son total est faux : recalculez-le",
    "CALCUL_ERR": "un calcul est faux : vérifiez lignes, TVA et total",
    "DOUBLON": "elle existe déjà : vérifiez son numéro",
    "DEST_INC": "son destinataire est inconnu : vérifiez son SIREN",
    "DEST_ERR": "le destinataire n’est pas le bon : demandez à qui la faire",
    "ADR_ERR": "l’adresse de facturation est fausse : demandez la bonne",
    "REJ_SEMAN": "une donnée manque ou est mal écrite : corrigez-la",
    "REJ_UNI": "son numéro a déjà servi : changez-le",
    "REJ_COH": "deux données se contredisent : corrigez-les",
    "REJ_ADR": "l’adresse n’est pas dans l’annuaire : demandez la bonne",
    "REJ_CONT_B2G": "une mention du secteur public manque : demandez code service et engagement",
    "REJ_REF_PJ": "une pièce jointe est mal nommée : renommez-la",
    "REJ_ASS_PJ": "une pièce jointe n’est rattachée à rien : joignez-la de nouveau",
    "TX_TVA_ERR": "un taux de TVA est faux : corrigez-le",
    "NON_CONFORME": "une mention obligatoire manque : ajoutez-la",
    "TRANSAC_INC": "le client ne reconnaît pas la vente : rappelez la commande",
    "EMMET_INC": "le client ne vous reconnaît pas : rappelez la commande",
    "CONTRAT_TERM": "le contrat est terminé : vérifiez sa fin",
    "DOUBLE_FACT": "c’est déjà facturé : vérifiez",
    "CMD_ERR": "le numéro de commande est faux : demandez le bon",
    "REF_CT_ABSENT": "il manque le numéro de commande ou de contrat : demandez-le",
    "AUTRE": "motif non précisé : demandez lequel",
    "COORD_BANC_ERR": "vos coordonnées bancaires sont fausses : envoyez votre RIB",
    "SIRET_ERR": "le SIRET est faux : demandez le bon",
    "CODE_ROUTAGE_ERR": "le code de routage est faux : demandez le bon",
    "REF_ERR": "une référence est fausse : demandez la bonne",
    "PU_ERR": "un prix unitaire est faux : comparez au devis",
    "REM_ERR": "une remise est fausse : comparez au devis",
    "QTE_ERR": "une quantité est fausse : comparez à la commande",
    "ART_ERR": "un article n’est pas le bon : comparez à la commande",
    "MODPAI_ERR": "le mode de paiement est faux : convenez-en",
    "QUALITE_ERR": "la qualité est contestée : demandez ce qui ne va pas",
    "LIVR_INCOMP": "la livraison est incomplète : livrez le reste, ou faites un avoir",
    "JUSTIF_ABS": "un justificatif manque : envoyez-le",
    "ROUTAGE_ERR": "elle n’a pas trouvé son destinataire : vérifiez son adresse de facturation",
}
"""What each reason of the closed list BR-FR-CDV-CL-09 means, and what to do."""
_HELD = {
    Reason.NOT_RECEIVED: ("rejetée avant d’arriver au client", "à corriger et à déposer de nouveau"),
    Reason.REFUSED_INVOICE: ("refusée par le client", "avoir ou facture corrigée à faire, plus de relance"),
    Reason.DISPUTED: ("litige ouvert par le client", "repart une fois approuvée ou encaissée sur la plateforme"),
    Reason.SUSPENDED: ("suspendue par le client", "envoyez ce qui manque, puis « Complétée » sur la plateforme"),
}


RULES = {
    Reason.NOT_RECEIVED: "ce que la plateforme a rejeté n’est jamais arrivé : rien n’en est réclamé",
    Reason.REFUSED_INVOICE: "une facture refusée ne se relance plus : elle se corrige",
    Reason.SUSPENDED: "une facture suspendue attend la pièce que le client demande",
    Reason.PAYMENT_SENT: "un paiement annoncé vaut silence pendant cinq jours ouvrés",
}
"""The rule behind each."""


def summary(platform: Platform) -> str:
    """What the exports of the platform tell, in a line."""
    said = [plural(platform.files, "fichier"), plural(platform.rows, "statut"), plural(len(platform.lives), "facture")]
    return ", ".join([*said, *([f"{platform.elsewhere} sur d’autres factures"] if platform.elsewhere else [])])


def held(line: Line) -> str:
    """Why a platform's status holds an invoice, the reasons with their cures, and what ends it."""
    status = line.why
    assert isinstance(status, StatusTold)
    if line.reason is Reason.PAYMENT_SENT:
        until = f", attendu jusqu’au {date_fr(line.until)}" if line.until else ""
        return f"paiement annoncé par le client{_on(status)}{until}"
    what, cure = _HELD[line.reason]
    partly, why = " en partie" if status.code == "206" else "", why_of(status)
    return f"{what}{partly}{_on(status)}{f' ({why})' if why else ''}, {cure}"


def why_of(status: StatusTold) -> str:
    """The reasons of a status in words, with their cures; a code that nobody knows as it stands."""
    said = [REASONS.get(code, code) for code in status.reasons]
    said += [f"« {status.words} »"] if status.words else []
    return " ; ".join(said)


def _on(status: StatusTold) -> str:
    return f" le {date_fr(status.dated)}" if status.dated is not None else ""


def declared(told: Declared, line: Line) -> str:
    """A 212 of which nobody knows whether its money is counted."""
    status, currency = told.status, line.invoice.currency
    if status.amount is None:
        return f"votre plateforme la dit encaissée{_on(status)}, sans montant, et aucun règlement n’est noté"
    money = eur(status.amount, currency)
    return f"votre plateforme dit {money} encaissés{_on(status)} : peut-être un règlement déjà noté"


def brief(line: Line) -> str:
    """The same as `held` in a few words, for a table."""
    status = line.why
    assert isinstance(status, StatusTold)
    day = f" le {brief_date(status.dated, line.case.today)}" if status.dated is not None else ""
    return {
        Reason.NOT_RECEIVED: f"rejetée{day}, pas reçue",
        Reason.REFUSED_INVOICE: f"refusée{day} : avoir à faire",
        Reason.DISPUTED: f"litige sur la plateforme{day}",
        Reason.SUSPENDED: f"suspendue{day} : pièce à envoyer",
        Reason.PAYMENT_SENT: f"paiement annoncé{day}",
    }[line.reason]


def history_of(line: Line) -> Iterator[tuple[str, str]]:
    """Each status that was told of an invoice, the oldest first: its day, its label with the reasons."""
    platform = line.case.morning.history.platform
    life = platform.lives.get(line.key) if platform is not None else None
    for status in life.told if life is not None else ():
        money = f", {eur(status.amount, line.invoice.currency)}" if status.amount is not None else ""
        why = f" ({why_of(status)})" if why_of(status) else ""
        day = brief_date(status.dated, line.case.today) if status.dated is not None else "date inconnue"
        yield day, f"{status_kind(status).label} ({status.code}){money}{why}"


def account_changed(line: Line) -> str:
    """That the account to pay to is another one by now, as a platform tells."""
    platform = line.case.morning.history.platform
    status = last(platform.lives[line.key], Effect.ACCOUNT) if platform is not None else None
    return f"compte à payer changé{_on(status) if status else ''} sur la plateforme : vérifiez votre IBAN"
