"""How each reason reads in French, one row each: why, and the rule behind it."""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple, assert_never

from relance.core.plan import Line
from relance.core.reasons import Reason
from relance.display import why


class Sentence(NamedTuple):
    """How a reason is told: why, and the rule (with the setting that changes it)."""

    why: Callable[[Line], str]
    rule: str


@cache
def said_of(reason: Reason) -> Sentence:
    """The row of a reason: a table, written as cases so that mypy names the reason that has none."""
    match reason:
        case Reason.UNCLEAR:
            return Sentence(
                lambda line: f"à vérifier : {line.note}" if line.note else "à vérifier dans le fichier",
                "ce qui se lit mal n’est jamais pris pour impayé",
            )
        case Reason.NOT_ISSUED:
            return Sentence(
                lambda line: "à émettre" + why.when(" le", line.invoice.issue_date),
                "une facture n’existe qu’à partir de sa date d’émission",
            )
        case Reason.DRAFT:
            return Sentence(lambda _: "brouillon, pas encore une facture", "un brouillon ne se réclame pas")
        case Reason.CANCELLED:
            return Sentence(lambda _: "annulée", "une facture annulée ne se réclame pas")
        case Reason.CREDIT_NOTE:
            return Sentence(
                lambda _: "avoir : pas de relance", "un avoir ne se réclame pas ; il se déduit de ce qu’il corrige"
            )
        case Reason.PAID:
            return Sentence(why.paid, "ce qui est payé n’est plus relancé ; les frais de retard ne le sont pas seuls")
        case Reason.WRITTEN_OFF:
            return Sentence(lambda _: "passée en perte", "ce qui est passé en perte n’est plus relancé")
        case Reason.FACTORED:
            return Sentence(
                lambda _: "cédée à l’affactureur, due à lui seul",
                "une créance cédée se paie à l’affactureur",
            )
        case Reason.COLLECTION:
            return Sentence(
                lambda line: why.noted("recouvrement confié à un tiers", line), "qui recouvre est seul à relancer"
            )
        case Reason.INSOLVENCY:
            return Sentence(
                lambda line: why.noted("procédure collective : créance à déclarer dans les deux mois du BODACC", line),
                "le jugement d’ouverture interdit de réclamer (article L622-21 du code de commerce)",
            )
        case Reason.TIME_BARRED:
            return Sentence(
                why.barred,
                "passé le délai pour agir en justice, rien n’est plus réclamé ; une reconnaissance de dette ou un "
                "échéancier se note par « relance hold --reason plan » et en ouvre un nouveau",
            )
        case Reason.NOT_RECEIVED | Reason.REFUSED_INVOICE | Reason.SUSPENDED | Reason.PAYMENT_SENT:
            from relance.display.lifecycle import RULES, held  # imported here: few plans read statuses

            return Sentence(held, RULES[reason])
        case Reason.DISPUTED:
            return Sentence(why.disputed, "un litige arrête tout et ne reprend jamais seul")
        case Reason.PAYMENT_PLAN:
            return Sentence(
                lambda line: why.noted("échéancier convenu", line) + why.when(", prochaine échéance le", line.until),
                "un échéancier arrête les relances ; ses échéances sont suivies une à une",
            )
        case Reason.PROMISED:
            return Sentence(
                lambda line: why.noted("paiement promis", line) + why.when(" pour le", line.until),
                "une promesse vaut silence jusqu’au troisième jour ouvré qui la suit",
            )
        case Reason.PAUSED:
            return Sentence(
                lambda line: why.noted("en pause", line) + why.when(" jusqu’au", line.until),
                "une pause est silencieuse jusqu’à son dernier jour, puis reprend seule ; "
                "sans dernier jour, rien ne reprend seul, et elle est à revoir après trente jours",
            )
        case Reason.EXCLUDED:
            return Sentence(
                why.excluded,
                "vos réglages excluent ce client ([[customers]] exclude), ou votre fichier cette facture",
            )
        case Reason.DIRECT_DEBIT:
            return Sentence(lambda _: "payée par prélèvement : pas de relance", "ce qui est prélevé ne se relance pas")
        case Reason.BELOW_MINIMUM:
            return Sentence(
                lambda line: f"reste dû de {why.owed(line)}, sous le minimum",
                "un reste dû sous [policy] minimum n’est pas relancé",
            )
        case Reason.IN_DOUBT:
            return Sentence(why.told, "un envoi en doute n’est jamais refait sans vous")
        case Reason.DRAFTED:
            return Sentence(
                why.drafted,
                "un brouillon n’est un contact qu’une fois envoyé par vous",
            )
        case Reason.BANK_DOUBT:
            return Sentence(why.told, "un règlement qui peut être le sien attend que vous disiez ce qu’il paie")
        case Reason.ANSWERED:
            return Sentence(why.told, "une réponse du client se lit avant toute autre relance")
        case Reason.REFUSED:
            return Sentence(why.told, "une adresse refusée attend d’être changée dans le fichier")
        case Reason.NOT_DUE:
            return Sentence(why.not_due, "la première étape n’est pas arrivée à sa date")
        case Reason.EXPIRED:
            return Sentence(
                lambda line: f"{why.lateness(line.days_overdue)}, {why.coming(line)}",
                "la relance préventive ne part plus à partir de l’échéance",
            )
        case Reason.FINISHED:
            return Sentence(
                lambda line: why.late(line, why.finished(line)),
                "après la dernière étape, une personne décide",
            )
        case Reason.STAGE_DONE:
            return Sentence(
                lambda line: f"{why.last(line, 'relancée le')}, {why.coming(line)}",
                "une étape n’est faite qu’une fois, et la suivante n’est pas arrivée à sa date",
            )
        case Reason.NO_ADDRESS:
            return Sentence(
                lambda line: why.late(line, "aucune adresse e-mail : ajoutez-la à votre fichier"),
                "sans adresse, aucun message ne part",
            )
        case Reason.READING:
            return Sentence(
                why.reading, "tant qu’une colonne n’est pas comprise, aucune somme n’est sûre : rien ne part"
            )
        case Reason.BACKLOG:
            return Sentence(why.backlog, "ce qui était en retard à l’installation attend votre réponse, une fois")
        case Reason.CHANGED:
            return Sentence(why.changed, "ce qui a changé depuis la dernière relance attend votre confirmation")
        case Reason.OPEN_CREDIT:
            return Sentence(why.told, "rien de ferme tant qu’un avoir de ce client ne règle aucune facture")
        case Reason.MISSING_PDF:
            return Sentence(
                lambda line: f"pièce jointe refusée : {line.note[:1].lower()}{line.note[1:]}",
                "une pièce jointe refusée retient le message",
            )
        case Reason.AWAITING_APPROVAL:
            return Sentence(why.awaiting, "cette étape est à valider, pour sept jours")
        case Reason.NO_PAYMENT_SOURCE:
            return Sentence(
                lambda line: why.late(line, "rien ne dit qui a payé : ajoutez paid_dir, payments ou [bank] files"),
                "un dossier de factures ne dit jamais « payée » : sans règlements lus, rien de ferme ne part "
                "([invoices] paid_dir ou payments, [bank] files)",
            )
        case Reason.TOO_SOON:
            return Sentence(
                why.too_soon,
                "un délai sépare deux messages : [policy] min_gap_days pour une facture, customer_gap_days pour "
                "une adresse, et le délai que le dernier message donnait",
            )
        case Reason.CLOSED_DAY:
            return Sentence(
                lambda line: "jour non ouvré" + why.when(", envoi le", line.until),
                "rien ne part un jour non ouvré ([policy] working_days, region, closed)",
            )
        case Reason.OUTSIDE_HOURS:
            return Sentence(why.outside_hours, "rien ne part hors des heures d’envoi ([policy] hours)")
        case Reason.STALE_INPUT:
            return Sentence(
                why.stale,
                "un fichier trop ancien ou douteux ne dit plus qui a payé ([invoices] max_age_days), ni des relevés "
                "trop anciens ([bank] max_age_days)",
            )
        case Reason.CLOCK:
            return Sentence(why.clock, "une date d’avant la dernière du journal est fausse")
        case Reason.DEFERRED:
            return Sentence(
                why.told, "ce que le serveur a remis à plus tard attend 1 h, 4 h, 1 jour, 1 jour, 2 jours, puis vous"
            )
        case Reason.OVER_LIMIT:
            return Sentence(
                lambda line: "limite d’envois du jour atteinte" + why.when(", suite le", line.until),
                "un passage n’envoie pas plus de [policy] max_per_run messages",
            )
        case Reason.DUE:
            return Sentence(why.due, "l’étape est arrivée à sa date")
        case other:
            assert_never(other)
