"""How stages and reasons read in French."""

from datetime import date

from relance.core.history import Seen
from relance.core.plan import Decision, Line, Reason
from relance.core.policy import BROKEN_PROMISE, Stage
from relance.display.changing import changed
from relance.display.commands import command_for
from relance.display.crediting import by_hand_words
from relance.display.statement import missing_sentence
from relance.french import date_fr, eur, plural, typeset

WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def long_day(day: date) -> str:
    """« vendredi 20 novembre 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {date_fr(day)}"


def lateness(days: int) -> str:
    """« 15 jours de retard », « échéance dans 3 jours », « échéance aujourd’hui »."""
    if days > 0:
        return f"{plural(days, 'jour')} de retard"
    return "échéance aujourd’hui" if days == 0 else f"échéance dans {plural(-days, 'jour')}"


def action(line: Line) -> str:
    """What happens today about a line, in one word or two."""
    if line.decision is Decision.REMIND:
        return f"envoyer {_label(line.acting)}"
    if line.decision is Decision.TASK:
        return f"faire {_label(line.acting)}"
    if line.acting is not None and line.reason is Reason.PAID:
        return "remercier"
    return "attendre" if line.outstanding > 0 and line.stage is not None else "rien"


def because(line: Line) -> str:
    """Why, in one French sentence, with the command that ends it where there is one."""
    command = command_for(line)
    hint = "pour les relancer (ou --as-is)" if line.reason is Reason.BACKLOG and line.note else _HINTS.get(line.reason)
    return sentence(line) + typeset(f" ; {hint} : ") + command if command else sentence(line)


def sentence(line: Line) -> str:
    """Why, without the command; what was told by hand is compared with what the file shows."""
    return typeset(_SENTENCES[line.reason](line) + by_hand_words(line))


_HINTS = {
    Reason.IN_DOUBT: "dites s’il est parti (--sent) ou non (--not-sent)",
    Reason.REFUSED: "pour réessayer",
    Reason.CLOCK: "si la date est juste",
    Reason.DRAFTED: "une fois envoyé (sinon : relance resolve --not-sent)",
    Reason.ANSWERED: "une fois traité",
    Reason.BACKLOG: "décidez (ou --as-is, --ignore)",
    Reason.CHANGED: "si c’est juste",
    Reason.NOT_DUE: "si c’est juste",
    Reason.OPEN_CREDIT: "pour l’imputer",
    Reason.STALE_INPUT: "s’il est à jour",
    Reason.AWAITING_APPROVAL: "pour l’envoyer",
    Reason.INSOLVENCY: "pour reprendre",
    Reason.DISPUTED: "une fois réglé",
    Reason.PAYMENT_PLAN: "pour y mettre fin",
    Reason.PROMISED: "pour y mettre fin",
    Reason.PAUSED: "pour y mettre fin",
}


def _label(stage: Stage | None) -> str:
    return stage.label if stage is not None else ""


def _when(text: str, day: date | None) -> str:
    return f"{text} {date_fr(day)}" if day is not None else ""


def _noted(text: str, line: Line) -> str:
    return f"{text} (« {line.note} »)" if line.note else text


def _paid(line: Line) -> str:
    money = [p.on for p in line.invoice.payments if not p.credit]
    days = [on for on in money if on is not None]
    if not line.invoice.total:
        return "montant nul : rien à réclamer"
    thanks = " ; un mot de remerciement part aujourd’hui" if line.acting is not None else ""
    return f"payée{_when(' le', max(days)) if money and len(days) == len(money) else ''}{thanks}"


def _drafted(line: Line) -> str:
    return "brouillon écrit" + _when(" le", line.until)


def _disputed(line: Line) -> str:
    if line.in_file:
        return f"{_noted('litige signalé dans le fichier', line)} ; relance s’arrête tant que le fichier le dit"
    return _noted("litige", line) + _when(", à revoir le", line.until)


def _not_due(line: Line) -> str:
    if line.note == "moved" and line.next_stage is not None:
        coming = line.next_stage.label + _when(" au plus tôt le", line.next_date)
        asked = f"date reportée depuis le dernier message, à confirmer avant la suite ({coming})"
        return f"{lateness(line.days_overdue)} ; {asked}"
    return f"{lateness(line.days_overdue)} ; {_next(line) or 'aucune étape à venir'}"


def _next(line: Line) -> str:
    if line.next_stage is None or line.next_date is None:
        return ""
    return f"{line.next_stage.label} le {date_fr(line.next_date)}"


def _stage_done(line: Line) -> str:
    last = line.last_contact
    done = f"{lateness(line.days_overdue)}, relancée{_when(' le', last.on)}" if last else lateness(line.days_overdue)
    return f"{done} ; {_next(line)}"


def _backlog(line: Line) -> str:
    if line.note:
        return "retard d’avant relance, laissé de côté à votre demande"
    return f"{lateness(line.days_overdue)}, d’avant la mise en service de relance"


def _due(line: Line) -> str:
    if line.acting is BROKEN_PROMISE:
        return f"paiement promis{_when(' pour le', line.until)}, pas reçu"
    return f"{lateness(line.days_overdue)}" + (
        f", dernier contact le {date_fr(line.last_contact.on)}" if line.last_contact else ""
    )


def _open_credit(line: Line) -> str:
    return f"{lateness(line.days_overdue)}, mais l’avoir {line.note} de ce client reste à imputer"


def _too_soon(line: Line) -> str:
    kind, _, sender = line.note.partition(":")
    said = {"other": f"{sender} a écrit entre-temps", "delayed": "le dernier message n’est pas encore remis"}
    return said.get(kind, "trop tôt après le dernier contact ou règlement") + _when(" ; pas avant le", line.until)


def _stale(line: Line) -> str:
    if line.note == "shrunk":
        return "le fichier a perdu d’un coup beaucoup de factures ouvertes"
    if line.note.startswith("conflict:"):
        return f"une autre version du fichier est à côté : {line.note.removeprefix('conflict:')}"
    if line.note == "promise":
        return "paiement promis : le fichier doit être plus récent que la promesse" + _when(
            ", or il date du", line.until
        )
    which = f"« {line.note.removeprefix('old:')} »" if line.note else "fichier"
    return f"{which} trop ancien pour s’y fier" + _when(", il date du", line.until)


def _in_doubt(line: Line) -> str:
    when, server, reply = [*line.note.split("|", 2), "", ""][:3]
    facts = f" le {when}" if when else ""
    facts += f", par {server}" if server else ""
    heard = f"dernière réponse : « {reply} »" if reply else "le serveur n’a pas répondu"
    return f"un envoi est en doute{facts} ({eur(line.outstanding, line.invoice.currency)} dus) ; {heard}"


def _refused(line: Line) -> str:
    if line.note.startswith("message:"):
        said = line.note.removeprefix("message:")
        return f"le serveur a refusé le message ({said}) : rien ne repart sans vous"
    return f"le serveur a refusé l’adresse {line.note.partition('|')[2]} : corrigez-la dans votre fichier"


def _deferred(line: Line) -> str:
    hour, _, reply = line.note.partition("|")
    said = f" ({reply})" if reply else ""
    return f"le serveur a remis le message à plus tard{said}" + _when(" ; nouvel essai le", line.until) + f" dès {hour}"


def _clock(line: Line) -> str:
    last = _when(" (dernier fait le", line.until) + ")"
    if line.note == "ahead":
        return f"rien n’a été noté depuis plus de 45 jours{last} : l’horloge de cette machine est-elle à l’heure ?"
    return f"l’horloge de cette machine est en retard sur le journal{last}"


_SENTENCES = {
    Reason.UNCLEAR: lambda line: f"à vérifier : {line.note}" if line.note else "à vérifier dans le fichier",
    Reason.NOT_ISSUED: lambda line: "pas encore émise" + _when(" (émission le", line.invoice.issue_date) + ")",
    Reason.DRAFT: lambda line: "brouillon, pas encore une facture",
    Reason.CANCELLED: lambda line: "annulée",
    Reason.CREDIT_NOTE: lambda line: "avoir : pas de relance",
    Reason.PAID: _paid,
    Reason.WRITTEN_OFF: lambda line: "passée en perte",
    Reason.FACTORED: lambda line: "cédée à l’affactureur : c’est à lui qu’elle est due",
    Reason.INSOLVENCY: lambda line: _noted("procédure collective : plus aucune relance, déclarez la créance", line),
    Reason.DISPUTED: _disputed,
    Reason.PAYMENT_PLAN: lambda line: _noted("échéancier accordé", line) + _when(", prochaine échéance le", line.until),
    Reason.PROMISED: lambda line: _noted("paiement promis", line) + _when(" pour le", line.until),
    Reason.PAUSED: lambda line: _noted("en pause", line) + _when(" jusqu’au", line.until),
    Reason.EXCLUDED: lambda line: "client exclu des relances dans vos réglages",
    Reason.DIRECT_DEBIT: lambda line: "payée par prélèvement : pas de relance",
    Reason.BELOW_MINIMUM: lambda line: f"reste dû de {eur(line.outstanding, line.invoice.currency)}, sous le minimum",
    Reason.IN_DOUBT: _in_doubt,
    Reason.DRAFTED: _drafted,
    Reason.ANSWERED: lambda line: f"réponse reçue{_when(' le', line.until)} ({line.note})",
    Reason.REFUSED: _refused,
    Reason.NOT_DUE: _not_due,
    Reason.EXPIRED: lambda line: f"{lateness(line.days_overdue)} ; {_next(line)}",
    Reason.FINISHED: lambda line: (
        f"{lateness(line.days_overdue)}, toutes les étapes sont faites : à vous de décider la suite"
    ),
    Reason.STAGE_DONE: _stage_done,
    Reason.NO_ADDRESS: lambda line: (
        f"{lateness(line.days_overdue)}, mais aucune adresse e-mail : ajoutez-la à votre fichier"
    ),
    Reason.BACKLOG: _backlog,
    Reason.CHANGED: changed,
    Reason.MISSING_PDF: lambda line: f"pièce jointe refusée : {line.note[:1].lower()}{line.note[1:]}",
    Reason.AWAITING_APPROVAL: lambda line: (
        f"{lateness(line.days_overdue)}, {_label(line.acting)} prête, elle attend votre accord"
        + _when(" ; elle ne partira pas avant le", line.until)
    ),
    Reason.TOO_SOON: _too_soon,
    Reason.OPEN_CREDIT: _open_credit,
    Reason.UNKNOWN_RATE: lambda line: f"{lateness(line.days_overdue)}, mais {missing_sentence(line.note.split(','))}",
    Reason.STALE_INPUT: _stale,
    Reason.CLOSED_DAY: lambda line: "jour non ouvré" + _when(" ; envoi le", line.until),
    Reason.CLOCK: _clock,
    Reason.DEFERRED: _deferred,
    Reason.OVER_LIMIT: lambda line: "limite d’envois par passage atteinte" + _when(" ; au plus tôt le", line.until),
    Reason.DUE: _due,
}


def gone(seen: Seen) -> str:
    """What is said once of an invoice that the file does not hold any more."""
    return typeset(f"{seen.number} n’est plus dans le fichier : considérée comme close, elle n’est plus relancée")
