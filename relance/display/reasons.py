"""How each reason reads in French, one row each: why, and the rule behind it."""

from collections.abc import Callable
from datetime import date
from functools import cache, lru_cache
from typing import NamedTuple, assert_never

from relance.core.facts import Deferred, Drafted, InDoubt, Lies, Refused, is_outdated
from relance.core.invoice import Status
from relance.core.mails import Incoming, Received
from relance.core.plan import Line
from relance.core.policy import BROKEN_PROMISE
from relance.core.reading import Unagreed
from relance.core.reasons import Change, ClockFault, OpenCredit, Reason, RefusedBy, Uncertain, Unplaced
from relance.core.status import Declared, StatusTold
from relance.core.tasks import beside_mail
from relance.french import brief_date, command, date_fr, eur, plural


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
                lambda line: "à émettre" + _when(" le", line.invoice.issue_date),
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
            return Sentence(_paid, "ce qui est payé n’est plus relancé ; les frais de retard ne le sont pas seuls")
        case Reason.WRITTEN_OFF:
            return Sentence(lambda _: "passée en perte", "ce qui est passé en perte n’est plus relancé")
        case Reason.FACTORED:
            return Sentence(
                lambda _: "cédée à l’affactureur, due à lui seul",
                "une créance cédée se paie à l’affactureur",
            )
        case Reason.COLLECTION:
            return Sentence(
                lambda line: _noted("recouvrement confié à un tiers", line), "qui recouvre est seul à relancer"
            )
        case Reason.INSOLVENCY:
            return Sentence(
                lambda line: _noted("procédure collective : créance à déclarer dans les deux mois du BODACC", line),
                "le jugement d’ouverture interdit de réclamer (article L622-21 du code de commerce)",
            )
        case Reason.TIME_BARRED:
            return Sentence(
                _barred,
                "passé le délai pour agir en justice, rien n’est plus réclamé ; une reconnaissance de dette ou un "
                "échéancier se note par « relance hold --reason plan » et en ouvre un nouveau",
            )
        case Reason.NOT_RECEIVED | Reason.REFUSED_INVOICE | Reason.SUSPENDED | Reason.PAYMENT_SENT:
            from relance.display.lifecycle import RULES, held  # imported here: few plans read statuses

            return Sentence(held, RULES[reason])
        case Reason.DISPUTED:
            return Sentence(_disputed, "un litige arrête tout et ne reprend jamais seul")
        case Reason.PAYMENT_PLAN:
            return Sentence(
                lambda line: _noted("échéancier convenu", line) + _when(", prochaine échéance le", line.until),
                "un échéancier arrête les relances ; ses échéances sont suivies une à une",
            )
        case Reason.PROMISED:
            return Sentence(
                lambda line: _noted("paiement promis", line) + _when(" pour le", line.until),
                "une promesse vaut silence jusqu’au troisième jour ouvré qui la suit",
            )
        case Reason.PAUSED:
            return Sentence(
                lambda line: _noted("en pause", line) + _when(" jusqu’au", line.until),
                "une pause est silencieuse jusqu’à son dernier jour, puis reprend seule ; "
                "sans dernier jour, rien ne reprend seul, et elle est à revoir après trente jours",
            )
        case Reason.EXCLUDED:
            return Sentence(
                _excluded,
                "vos réglages excluent ce client ([[customers]] exclude), ou votre fichier cette facture",
            )
        case Reason.DIRECT_DEBIT:
            return Sentence(lambda _: "payée par prélèvement : pas de relance", "ce qui est prélevé ne se relance pas")
        case Reason.BELOW_MINIMUM:
            return Sentence(
                lambda line: f"reste dû de {_owed(line)}, sous le minimum",
                "un reste dû sous [policy] minimum n’est pas relancé",
            )
        case Reason.IN_DOUBT:
            return Sentence(_told, "un envoi en doute n’est jamais refait sans vous")
        case Reason.DRAFTED:
            return Sentence(
                _drafted,
                "un brouillon n’est un contact qu’une fois envoyé par vous",
            )
        case Reason.BANK_DOUBT:
            return Sentence(_told, "un règlement qui peut être le sien attend que vous disiez ce qu’il paie")
        case Reason.ANSWERED:
            return Sentence(_told, "une réponse du client se lit avant toute autre relance")
        case Reason.REFUSED:
            return Sentence(_told, "une adresse refusée attend d’être changée dans le fichier")
        case Reason.NOT_DUE:
            return Sentence(_not_due, "la première étape n’est pas arrivée à sa date")
        case Reason.EXPIRED:
            return Sentence(
                lambda line: f"{lateness(line.days_overdue)}, {_next(line)}",
                "la relance préventive ne part plus à partir de l’échéance",
            )
        case Reason.FINISHED:
            return Sentence(
                lambda line: _late(line, _finished(line)),
                "après la dernière étape, une personne décide",
            )
        case Reason.STAGE_DONE:
            return Sentence(
                lambda line: f"{_last(line, 'relancée le')}, {_next(line)}",
                "une étape n’est faite qu’une fois, et la suivante n’est pas arrivée à sa date",
            )
        case Reason.NO_ADDRESS:
            return Sentence(
                lambda line: _late(line, "aucune adresse e-mail : ajoutez-la à votre fichier"),
                "sans adresse, aucun message ne part",
            )
        case Reason.READING:
            return Sentence(_reading, "tant qu’une colonne n’est pas comprise, aucune somme n’est sûre : rien ne part")
        case Reason.BACKLOG:
            return Sentence(_backlog, "ce qui était en retard à l’installation attend votre réponse, une fois")
        case Reason.CHANGED:
            return Sentence(_changed, "ce qui a changé depuis la dernière relance attend votre confirmation")
        case Reason.OPEN_CREDIT:
            return Sentence(_told, "rien de ferme tant qu’un avoir de ce client ne règle aucune facture")
        case Reason.MISSING_PDF:
            return Sentence(
                lambda line: f"pièce jointe refusée : {line.note[:1].lower()}{line.note[1:]}",
                "une pièce jointe refusée retient le message",
            )
        case Reason.AWAITING_APPROVAL:
            return Sentence(_awaiting, "cette étape est à valider, pour sept jours")
        case Reason.NO_PAYMENT_SOURCE:
            return Sentence(
                lambda line: _late(line, "rien ne dit qui a payé : ajoutez paid_dir, payments ou [bank] files"),
                "un dossier de factures ne dit jamais « payée » : sans règlements lus, rien de ferme ne part "
                "([invoices] paid_dir ou payments, [bank] files)",
            )
        case Reason.TOO_SOON:
            return Sentence(
                _too_soon,
                "un délai sépare deux messages : [policy] min_gap_days pour une facture, customer_gap_days pour "
                "une adresse, et le délai que le dernier message donnait",
            )
        case Reason.CLOSED_DAY:
            return Sentence(
                lambda line: "jour non ouvré" + _when(", envoi le", line.until),
                "rien ne part un jour non ouvré ([policy] working_days, region, closed)",
            )
        case Reason.OUTSIDE_HOURS:
            return Sentence(_outside_hours, "rien ne part hors des heures d’envoi ([policy] hours)")
        case Reason.STALE_INPUT:
            return Sentence(
                _stale,
                "un fichier trop ancien ou douteux ne dit plus qui a payé ([invoices] max_age_days), ni des relevés "
                "trop anciens ([bank] max_age_days)",
            )
        case Reason.CLOCK:
            return Sentence(_clock, "une date d’avant la dernière du journal est fausse")
        case Reason.DEFERRED:
            return Sentence(
                _told, "ce que le serveur a remis à plus tard attend 1 h, 4 h, 1 jour, 1 jour, 2 jours, puis vous"
            )
        case Reason.OVER_LIMIT:
            return Sentence(
                lambda line: "limite d’envois du jour atteinte" + _when(", suite le", line.until),
                "un passage n’envoie pas plus de [policy] max_per_run messages",
            )
        case Reason.DUE:
            return Sentence(_due, "l’étape est arrivée à sa date")
        case other:
            assert_never(other)


@lru_cache(maxsize=4096)
def lateness(days: int) -> str:
    """« 15 jours de retard », « échéance dans 3 jours », « échéance aujourd’hui »."""
    if days > 0:
        return f"{plural(days, 'jour')} de retard"
    return "échéance aujourd’hui" if days == 0 else f"échéance dans {plural(-days, 'jour')}"


def _when(text: str, day: date | None) -> str:
    return f"{text} {date_fr(day)}" if day is not None else ""


def _noted(text: str, line: Line) -> str:
    return f"{text} (« {line.note} »)" if line.note else text


def _late(line: Line, said: str) -> str:
    return f"{lateness(line.days_overdue)}, {said}"


def _owed(line: Line) -> str:
    return eur(line.outstanding, line.invoice.currency)


def _barred(line: Line) -> str:
    plan = command("hold", line.name or line.invoice.number, options="--reason plan")
    said = f"prescrite{_when(' depuis le', line.until)} : à passer en perte dans le fichier"
    return f"{said} ; dette reconnue par écrit depuis : {plan}"


def _finished(line: Line) -> str:
    """The ladder is not over before its letter is posted."""
    unposted = any(task.kind == "letter" for task in beside_mail(line))
    return (
        "dernière étape partie par e-mail, sa lettre pas encore notée comme postée"
        if unposted
        else "plus d’étape prévue"
    )


def _paid(line: Line) -> str:
    if not line.invoice.total:
        return "montant à zéro : rien à réclamer"
    thanks = ", un remerciement part aujourd’hui" if line.acting is not None else ""
    days = [p.on for p in line.invoice.payments if not p.credit]
    if days and all(days):
        return f"payée{_when(' le', max(filter(None, days)))}{thanks}"
    seen = line.case.morning.history.seen.get(line.key)
    return f"payée{_when(', vue le', seen.paid_on) if seen else ''}{thanks}"


def _drafted(line: Line) -> str:
    said = "brouillon" if line.until is None else f"brouillon du {brief_date(line.until, line.case.today)}"
    lies, on = (line.why.lies, line.why.left_on) if isinstance(line.why, Drafted) else (None, None)
    outdated = " à jeter, il n’est plus à jour" if is_outdated(line.why) else ""
    return f"{said}{outdated}{_LIES.get(lies or Lies.UNTOUCHED, '').format(_when(' le', on))}"


_LIES = {
    Lies.EDITED: ", modifié par vous",
    Lies.SENT: ", retrouvé dans vos messages envoyés{}",
    Lies.GONE: ", absent de vos brouillons : envoyé ?",
}


def _changed(line: Line) -> str:
    from relance.display.changes import changed  # imported here, as below: few files show what it tells

    return changed(line)


def _outside_hours(line: Line) -> str:
    from relance.display.schedule import outside_hours

    return outside_hours(line)


def _excluded(line: Line) -> str:
    in_file = line.invoice.status is Status.EXCLUDED
    return "votre fichier dit de ne pas la relancer" if in_file else "client exclu des relances dans vos réglages"


def _disputed(line: Line) -> str:
    if isinstance(line.why, StatusTold):
        return said_of(Reason.SUSPENDED).why(line)
    if line.stop.in_file:
        return _noted("litige noté dans le fichier", line)
    return _noted("litige", line) + _when(", à revoir le", line.until)


def _told(line: Line) -> str:
    """What the facts tell that a reason rests on."""
    match line.why:
        case InDoubt(at=at, server=server, reply=reply):
            when = f" le {at:%d/%m/%Y %H:%M}" if at else ""
            if server.startswith("imap://"):
                return f"son brouillon a peut-être été déposé{when} : le prochain envoi y regarde"
            facts = when + (f", par {server}" if server else "")
            heard = f"dernière réponse : « {reply} »" if reply else "le serveur n’a pas répondu"
            return f"un envoi est en doute{facts} ({_owed(line)} dus), {heard}"
        case Received(what=Incoming.LOST_LINE, subject=subject, customer=customer):
            about = "ce client" if customer else "cette facture"
            lost = f"est illisible{_when(', écrite le', line.until)} ({subject})"
            if line.stop.of_lost_line:
                return f"une ligne du journal {lost}, et elle peut concerner cette facture"
            return f"une ligne du journal sur {about} {lost}"
        case Received(what=Incoming.UNREADABLE, sender=sender):
            return f"message illisible reçu{_when(' le', line.until)} ({sender}) : lisez-le dans votre messagerie"
        case Received(sender=sender, subject=subject):
            return f"réponse reçue{_when(' le', line.until)} ({sender} : {subject})"
        case Refused(reply=reply):
            return f"message refusé par le serveur ({reply})"
        case RefusedBy(told=told):
            return f"adresse refusée par le serveur, {told} : corrigez-la dans votre fichier"
        case Deferred(until=until, reply=reply):
            said = (f" ({reply})" if reply else "") + _when(", nouvel essai le", line.until)
            return f"le serveur a remis le message à plus tard{said} dès {until:%H:%M}"
        case Unplaced(number, amount, on, payer):
            told = ", ".join(filter(None, (f"« {number} »" if number else "sans numéro", payer)))
            money = f" de {eur(amount, line.invoice.currency)}" if amount is not None else ""
            return f"un règlement{money}{_when(' du', on)} ({told}), sans facture de ce numéro, est peut-être le sien"
        case Declared():
            from relance.display.lifecycle import declared

            return declared(line.why, line)
        case Uncertain(made):
            from relance.display.bank import may_be_paid  # imported here: few plans have a credit in doubt

            return may_be_paid(made, line)
        case OpenCredit(name):
            return _late(line, f"l’avoir {name} de ce client reste à imputer")
    raise AssertionError(line.why)


def _not_due(line: Line) -> str:
    coming = _next(line) or "aucune étape à venir"
    if line.why is Change.POSTPONED and line.next_stage is not None:
        day = _when(" au plus tôt le", line.next_date)
        coming = f"date reportée depuis le dernier message, à confirmer avant la suite ({line.next_stage.label}{day})"
    return f"{lateness(line.days_overdue)}, {coming}"


def _next(line: Line) -> str:
    if line.next_stage is None or line.next_date is None:
        return ""
    return f"{line.next_stage.label} le {date_fr(line.next_date)}"


def _last(line: Line, text: str) -> str:
    said = lateness(line.days_overdue)
    return f"{said}, {text} {date_fr(line.last_contact.on)}" if line.last_contact else said


def _backlog(line: Line) -> str:
    if line.why is not None:
        return "en retard à l’installation, laissée de côté à votre demande"
    return f"déjà en retard à l’installation ({plural(line.days_overdue, 'jour')})"


def _awaiting(line: Line) -> str:
    return f"{line.acting.label if line.acting else 'étape'} à valider" + _when(", pas avant le", line.until)


def _too_soon(line: Line) -> str:
    match line.why:
        case Received(what=Incoming.OTHER, sender=sender):
            return f"{sender} a écrit entre-temps" + _when(", suite le", line.until)
        case Received():
            return "le dernier message n’est pas encore remis" + _when(", suite le", line.until)
    return "prochain message" + _when(" le", line.until)


def _reading(line: Line) -> str:
    assert isinstance(line.why, Unagreed)
    asked = [f"« {column.header} »" for column in line.why.asked]
    if line.why.issuer and not line.why.of_columns:
        return f"vendeur à confirmer : {line.why.issuer.name or line.why.issuer.identity.partition(':')[2]}"
    if not asked:
        return "les colonnes du fichier ont changé"
    s, more = "s" * (len(asked) > 1), f" et {len(asked) - 3} autres" if len(asked) > 3 else ""
    return f"colonne{s} {', '.join(asked[:3])}{more} pas comprise{s}"


def _stale(line: Line) -> str:
    from relance.display.stale import stale

    return stale(line)


def _clock(line: Line) -> str:
    last = _when(" (dernier noté le", line.until) + ")"
    if line.why is ClockFault.AHEAD:
        return f"rien n’a été noté depuis plus de 45 jours{last} : l’horloge de cette machine est-elle à l’heure ?"
    what = "le jour donné (--today)" if line.why is ClockFault.GIVEN else "l’horloge de cette machine"
    return f"{what} est en retard sur le journal{last}"


def _due(line: Line) -> str:
    if line.acting is BROKEN_PROMISE:
        return f"paiement promis{_when(' pour le', line.until)}, pas reçu"
    return _last(line, "dernier contact le")
