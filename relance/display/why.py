"""Why an invoice waits, in words: what of its reason changes from one invoice to another."""

from datetime import date
from functools import lru_cache
from typing import assert_never

from relance.core.facts import Deferred, Drafted, InDoubt, Lies, Refused, is_outdated
from relance.core.invoice import Status
from relance.core.mails import Incoming, Received
from relance.core.plan import Line
from relance.core.policy import BROKEN_PROMISE
from relance.core.reading import Unagreed
from relance.core.reasons import Change, ClockFault, Doubted, OpenCredit, RefusedBy, Stale, Uncertain, Unplaced
from relance.core.status import Declared, StatusTold
from relance.core.tasks import beside_mail
from relance.french import brief_date, command, date_fr, eur, plural


@lru_cache(maxsize=4096)
def lateness(days: int) -> str:
    """« 15 jours de retard », « échéance dans 3 jours », « échéance aujourd’hui »."""
    if days > 0:
        return f"{plural(days, 'jour')} de retard"
    return "échéance aujourd’hui" if days == 0 else f"échéance dans {plural(-days, 'jour')}"


def when(text: str, day: date | None) -> str:
    """The text and a day; empty where nobody knows the day."""
    return f"{text} {date_fr(day)}" if day is not None else ""


def noted(text: str, line: Line) -> str:
    """The text, with what was noted beside it."""
    return f"{text} (« {line.note} »)" if line.note else text


def late(line: Line, said: str) -> str:
    """How late it is, then what is said."""
    return f"{lateness(line.days_overdue)}, {said}"


def owed(line: Line) -> str:
    """What is outstanding, in its currency."""
    return eur(line.outstanding, line.invoice.currency)


def barred(line: Line) -> str:
    """Since when, and what may still revive it."""
    plan = command("hold", line.name or line.invoice.number, options="--reason plan")
    said = f"prescrite{when(' depuis le', line.until)} : à passer en perte dans le fichier"
    return f"{said} ; dette reconnue par écrit depuis : {plan}"


def finished(line: Line) -> str:
    """The ladder is not over before its letter is posted."""
    unposted = any(task.kind == "letter" for task in beside_mail(line))
    return (
        "dernière étape partie par e-mail, sa lettre pas encore notée comme postée"
        if unposted
        else "plus d’étape prévue"
    )


def paid(line: Line) -> str:
    """Since when, as far as the file or an earlier run tells."""
    if not line.invoice.total:
        return "montant à zéro : rien à réclamer"
    thanks = ", un remerciement part aujourd’hui" if line.acting is not None else ""
    days = [p.on for p in line.invoice.payments if not p.credit]
    if days and all(days):
        return f"payée{when(' le', max(filter(None, days)))}{thanks}"
    seen = line.case.morning.history.seen.get(line.key)
    return f"payée{when(', vue le', seen.paid_on) if seen else ''}{thanks}"


def drafted(line: Line) -> str:
    """When it was written, and what became of it."""
    said = "brouillon" if line.until is None else f"brouillon du {brief_date(line.until, line.case.today)}"
    lies, on = (line.why.lies, line.why.left_on) if isinstance(line.why, Drafted) else (None, None)
    outdated = " à jeter, il n’est plus à jour" if is_outdated(line.why) else ""
    return f"{said}{outdated}{_LIES.get(lies or Lies.UNTOUCHED, '').format(when(' le', on))}"


_LIES = {
    Lies.EDITED: ", modifié par vous",
    Lies.SENT: ", retrouvé dans vos messages envoyés{}",
    Lies.GONE: ", absent de vos brouillons : envoyé ?",
}


def changed(line: Line) -> str:
    """What has changed."""
    from relance.display.changes import changed  # imported here, as below: few files show what it tells

    return changed(line)


def outside_hours(line: Line) -> str:
    """When messages may leave again."""
    from relance.display.schedule import outside_hours

    return outside_hours(line)


def excluded(line: Line) -> str:
    """Who excludes it: the file, or the settings."""
    in_file = line.invoice.status is Status.EXCLUDED
    return "votre fichier dit de ne pas la relancer" if in_file else "client exclu des relances dans vos réglages"


def disputed(line: Line) -> str:
    """Who disputes it: a platform, the file, or the user."""
    if isinstance(line.why, StatusTold):
        from relance.display.lifecycle import held  # imported here: few plans read statuses

        return held(line)
    if line.stop.in_file:
        return noted("litige noté dans le fichier", line)
    return noted("litige", line) + when(", à revoir le", line.until)


def told(line: Line) -> str:
    """What the facts tell that a reason rests on."""
    match line.why:
        case InDoubt(at=at, server=server, reply=reply):
            moment = f" le {at:%d/%m/%Y %H:%M}" if at else ""
            if server.startswith("imap://"):
                return f"son brouillon a peut-être été déposé{moment} : le prochain envoi y regarde"
            facts = moment + (f", par {server}" if server else "")
            heard = f"dernière réponse : « {reply} »" if reply else "le serveur n’a pas répondu"
            return f"un envoi est en doute{facts} ({owed(line)} dus), {heard}"
        case Received(what=Incoming.LOST_LINE, subject=subject, customer=customer):
            about = "ce client" if customer else "cette facture"
            lost = f"est illisible{when(', écrite le', line.until)} ({subject})"
            if line.stop.of_lost_line:
                return f"une ligne du journal {lost}, et elle peut concerner cette facture"
            return f"une ligne du journal sur {about} {lost}"
        case Received(what=Incoming.UNREADABLE, sender=sender):
            return f"message illisible reçu{when(' le', line.until)} ({sender}) : lisez-le dans votre messagerie"
        case Received(sender=sender, subject=subject):
            return f"réponse reçue{when(' le', line.until)} ({sender} : {subject})"
        case Refused(reply=reply):
            return f"message refusé par le serveur ({reply})"
        case RefusedBy(told=told):
            return f"adresse refusée par le serveur, {told} : corrigez-la dans votre fichier"
        case Deferred(until=until, reply=reply):
            said = (f" ({reply})" if reply else "") + when(", nouvel essai le", line.until)
            return f"le serveur a remis le message à plus tard{said} dès {until:%H:%M}"
        case Unplaced(number, amount, on, payer):
            told = ", ".join(filter(None, (f"« {number} »" if number else "sans numéro", payer)))
            money = f" de {eur(amount, line.invoice.currency)}" if amount is not None else ""
            return f"un règlement{money}{when(' du', on)} ({told}), sans facture de ce numéro, est peut-être le sien"
        case Declared():
            from relance.display.lifecycle import declared

            return declared(line.why, line)
        case Uncertain(made):
            from relance.display.bank import may_be_paid  # imported here: few plans have a credit in doubt

            return may_be_paid(made, line)
        case OpenCredit(name):
            return late(line, f"l’avoir {name} de ce client reste à imputer")
    raise AssertionError(line.why)


def not_due(line: Line) -> str:
    """How long it has, and what comes."""
    then = coming(line) or "aucune étape à venir"
    if line.why is Change.POSTPONED and line.next_stage is not None:
        day = when(" au plus tôt le", line.next_date)
        then = f"date reportée depuis le dernier message, à confirmer avant la suite ({line.next_stage.label}{day})"
    return f"{lateness(line.days_overdue)}, {then}"


def coming(line: Line) -> str:
    """The next stage and its day; empty where none is known."""
    if line.next_stage is None or line.next_date is None:
        return ""
    return f"{line.next_stage.label} le {date_fr(line.next_date)}"


def last(line: Line, text: str) -> str:
    """How late it is, and its last contact."""
    said = lateness(line.days_overdue)
    return f"{said}, {text} {date_fr(line.last_contact.on)}" if line.last_contact else said


def backlog(line: Line) -> str:
    """How late it was, or that it is left alone."""
    if line.why is not None:
        return "en retard à l’installation, laissée de côté à votre demande"
    return f"déjà en retard à l’installation ({plural(line.days_overdue, 'jour')})"


def awaiting(line: Line) -> str:
    """What waits for the word of the user, and from when it may leave."""
    return f"{line.acting.label if line.acting else 'étape'} à valider" + when(", pas avant le", line.until)


def too_soon(line: Line) -> str:
    """What was heard last, and when the next message leaves."""
    match line.why:
        case Received(what=Incoming.OTHER, sender=sender):
            return f"{sender} a écrit entre-temps" + when(", suite le", line.until)
        case Received():
            return "le dernier message n’est pas encore remis" + when(", suite le", line.until)
    return "prochain message" + when(" le", line.until)


def reading(line: Line) -> str:
    """What is not understood of the file."""
    assert isinstance(line.why, Unagreed)
    asked = [f"« {column.header} »" for column in line.why.asked]
    if line.why.issuer and not line.why.of_columns:
        return f"vendeur à confirmer : {line.why.issuer.name or line.why.issuer.identity.partition(':')[2]}"
    if not asked:
        return "les colonnes du fichier ont changé"
    s, more = "s" * (len(asked) > 1), f" et {len(asked) - 3} autres" if len(asked) > 3 else ""
    return f"colonne{s} {', '.join(asked[:3])}{more} pas comprise{s}"


def stale(line: Line) -> str:
    """Why the file, the statements or the statuses are not trusted, and what to do."""
    assert isinstance(line.why, Stale)
    doubt, file, confirmed = line.why
    match doubt:
        case Doubted.SHRUNK:
            return "le fichier a perdu d’un coup beaucoup de factures ouvertes"
        case Doubted.CONFLICT:
            return f"une autre version du fichier est à côté : {file}"
        case Doubted.BANK_UNREAD:
            return "un relevé bancaire manque ou n’a pas pu être lu en entier : exportez-le de nouveau"
        case Doubted.STATUSES_UNREAD:
            return f"les statuts de la plateforme ne sont pas lus ({file}) : exportez-les de nouveau"
        case Doubted.BANK:
            known = when(" lus jusqu’au", line.until) or " jamais lus"
            return f"relevés bancaires{known}, trop anciens : déposez le dernier"
        case Doubted.PROMISE:
            day = when(", or il date du", line.until)
            return f"paiement promis : le fichier doit être plus récent que la promesse{day}"
        case Doubted.OLD:
            which = f"« {file} »" if file else "fichier"
            said = " confirmé et inchangé depuis le" if confirmed else " du"
            return f"{which}{when(said, line.until)}, trop ancien : exportez-le de nouveau"
        case other:
            assert_never(other)


def clock(line: Line) -> str:
    """Whose date is wrong, and the last one noted."""
    last = when(" (dernier noté le", line.until) + ")"
    if line.why is ClockFault.AHEAD:
        return f"rien n’a été noté depuis plus de 45 jours{last} : l’horloge de cette machine est-elle à l’heure ?"
    what = "le jour donné (--today)" if line.why is ClockFault.GIVEN else "l’horloge de cette machine"
    return f"{what} est en retard sur le journal{last}"


def due(line: Line) -> str:
    """What leaves, after which contact."""
    if line.acting is BROKEN_PROMISE:
        return f"paiement promis{when(' pour le', line.until)}, pas reçu"
    return last(line, "dernier contact le")
