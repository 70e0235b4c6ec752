"""Which rule each reason comes from, in one French sentence: what `relance show` says beside the reason itself."""

from relance.core.plan import Reason

RULES = {
    Reason.UNCLEAR: "ce qui ne se lit pas sûrement n’est jamais pris pour impayé",
    Reason.NOT_ISSUED: "une facture n’existe qu’à partir de sa date d’émission",
    Reason.DRAFT: "un brouillon ne se réclame pas",
    Reason.CANCELLED: "une facture annulée ne se réclame pas",
    Reason.CREDIT_NOTE: "un avoir ne se réclame pas ; il se déduit de ce qu’il corrige",
    Reason.PAID: "ce qui est payé n’est plus relancé ; les frais de retard ne le sont pas seuls",
    Reason.WRITTEN_OFF: "ce qui est passé en perte n’est plus relancé",
    Reason.FACTORED: "une créance cédée se paie à l’affactureur",
    Reason.INSOLVENCY: "le jugement d’ouverture interdit de réclamer (article L622-21 du code de commerce)",
    Reason.DISPUTED: "un litige arrête tout, et ne reprend jamais seul",
    Reason.PAYMENT_PLAN: "un échéancier arrête les relances ; ses échéances sont suivies une à une",
    Reason.PROMISED: "une promesse vaut silence jusqu’au troisième jour ouvré qui la suit",
    Reason.PAUSED: "une pause est silencieuse jusqu’à son dernier jour, puis reprend seule ; "
    "sans dernier jour, rien ne reprend seul, et elle est à revoir après trente jours",
    Reason.EXCLUDED: "vos réglages excluent ce client ([[customers]] exclude)",
    Reason.DIRECT_DEBIT: "ce qui est prélevé ne se relance pas",
    Reason.BELOW_MINIMUM: "un reste dû sous [policy] minimum n’est pas relancé",
    Reason.IN_DOUBT: "un envoi en doute n’est jamais refait par le programme",
    Reason.DRAFTED: "un brouillon n’est un contact qu’une fois envoyé par vous",
    Reason.ANSWERED: "une réponse du client se lit avant toute autre relance",
    Reason.REFUSED: "une adresse refusée attend d’être changée dans le fichier",
    Reason.NOT_DUE: "le jour de la première étape n’est pas venu",
    Reason.EXPIRED: "la relance préventive ne part plus à partir de l’échéance",
    Reason.FINISHED: "après la dernière étape, une personne décide",
    Reason.STAGE_DONE: "une étape n’est faite qu’une fois ; le jour de la suivante n’est pas venu",
    Reason.NO_ADDRESS: "sans adresse, aucun message ne part",
    Reason.BACKLOG: "ce qui était en retard avant relance attend votre réponse, une fois",
    Reason.CHANGED: "ce qui a changé depuis la dernière relance attend votre confirmation",
    Reason.OPEN_CREDIT: "rien de ferme tant qu’un avoir de ce client ne règle aucune facture",
    Reason.UNKNOWN_RATE: "des frais dont le taux n’est pas connu ne sont ni devinés ni annoncés ([charges.rates])",
    Reason.MISSING_PDF: "une pièce jointe qui ne convient pas retient le message",
    Reason.AWAITING_APPROVAL: "cette étape attend votre accord, valable sept jours",
    Reason.TOO_SOON: "un délai sépare deux messages : [policy] min_gap_days pour une facture, customer_gap_days pour "
    "une adresse, et le délai que le dernier message accordait",
    Reason.STALE_INPUT: "un fichier trop ancien ou douteux n’est pas cru ([invoices] max_age_days)",
    Reason.CLOSED_DAY: "rien ne part un jour non ouvré ([policy] working_days, region, closed)",
    Reason.CLOCK: "une horloge en retard sur le journal n’est pas crue",
    Reason.DEFERRED: "ce que le serveur a remis à plus tard attend 1 h, 4 h, 1 jour, 1 jour, 2 jours, puis vous",
    Reason.OVER_LIMIT: "un passage n’envoie pas plus de [policy] max_per_run messages",
    Reason.DUE: "le jour de l’étape est venu et rien ne la retient",
}
"""By reason; each names the setting that changes it, where there is one."""
