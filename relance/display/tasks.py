"""What a person has to do, in one French sentence, and the command that closes it."""

import shlex
from collections.abc import Collection, Iterable

from relance.core.facts import Refused
from relance.core.invoice import Customer
from relance.core.kinds import Sign, sign_of
from relance.core.plan import About, Overtaken, Task, grouped, outstanding_of
from relance.core.policy import BROKEN_PROMISE, FORMAL_NOTICE, Stage
from relance.core.reasons import Change, Reason, RefusedBy, Unagreed
from relance.display.lines import because, command_for, near_end, sentence
from relance.display.reading import question
from relance.french import (
    ACCOUNT,
    RATE_STANDS,
    command,
    date_fr,
    dates_fr,
    eur,
    listing,
    plural,
    rate_question,
    setting,
    typeset,
)


def task_text(task: Task) -> str:
    """What a person has to do, in one French sentence."""
    numbers = ", ".join(line.invoice.number for line in task.lines)
    name = task.customer.name if task.customer is not None else ""
    label = task.stage.label if task.stage is not None else ""
    if task.about is About.ADDRESS:
        return _address(task, name, numbers)
    match task.kind:
        case "call":
            return _call(task)
        case "sms":
            return task.text or f"écrire un SMS à {name} au sujet de {numbers}"
        case "letter":
            return _letter(task, name, numbers)
        case "approve":
            near = near_end(task.lines[0])
            asked = f"accorder la {label} pour {name} ({numbers}), ou la suspendre (relance hold)"
            return typeset(f"{asked} ; {near}") if near else asked
        case "confirm" if task.about is About.RATE:
            return _rate(task)
        case "confirm" if task.lines[0].why is Change.MIXED:
            held = plural(len(task.lines), "facture")
            return f"vérifier le fichier, ou le confirmer : {sentence(task.lines[0])} ({held} en attente)"
        case "confirm" if task.lines[0].reason is Reason.STALE_INPUT:
            held = plural(len(task.lines), "facture")
            return f"mettre le fichier à jour, ou le confirmer : {sentence(task.lines[0])} ({held} en attente)"
        case "confirm" if isinstance(task.lines[0].why, Unagreed):
            return typeset(f"{question(task.lines[0].why)} ({plural(len(task.lines), 'facture')} en attente)")
        case "confirm" if task.customer is None:
            late = plural(len(task.lines), "facture")
            return f"décider (--as-is, --gently ou --ignore) que faire de {late} d’avant relance ({numbers})"
        case "confirm":
            return f"vérifier {numbers} ({name}) : {because(task.lines[0])}"
        case _:
            return _review(task, name, numbers)


def _review(task: Task, name: str, numbers: str) -> str:
    first = task.lines[0]
    owed = eur(outstanding_of(task.lines), first.invoice.currency)
    whom = f"{name} au {task.customer.phone}" if task.customer is not None and task.customer.phone else name
    match task.about:
        case About.BROKEN_PROMISE:
            s, days = "s" if len(first.broken) > 1 else "", dates_fr(broken.promised for broken in first.broken)
            what = f"paiement{s} promis pour le{s} {days}, pas reçu{s}"
            said = f"appeler {whom} : {what} ({numbers}, reste dû {owed})"
        case About.CASH:
            said = f"convenir d’un échéancier avec {whom} : trésorerie notée, {owed} ({numbers})"
        case About.FINISHED:
            said = f"décider de la suite pour {numbers} ({name}) : {owed} restent dus, toutes les étapes sont faites"
        case About.INSTALMENT if task.instalment is not None:
            part = f"{eur(task.instalment.amount, first.invoice.currency)} du {date_fr(task.instalment.due)}"
            said = f"appeler {whom} : l’échéance de {part} n’est pas reçue ({numbers}), ou mettre fin à l’échéancier"
        case About.PLAN_PAID:
            said = f"l’échéancier de {name} est réglé, mais retient encore {numbers} ({owed}) : y mettre fin"
        case About.KIND:
            return kind_question([line.invoice.customer for line in task.lines])
        case About.ACCOUNT:
            return typeset(
                f"dire où vous payer : {plural(len(task.lines), 'facture')} à relancer, aucun IBAN → {ACCOUNT}"
            )
        case _:
            return f"revoir {numbers} ({name}) : {because(first)}"
    return typeset(said)


def _rate(task: Task) -> str:
    """Whether the rate was agreed, with both answers."""
    rate = task.lines[0].case.customer.grounds.terms.rate
    return typeset(rate_question(rate.basis.value, rate.value))


def kind_question(customers: Collection[Customer]) -> str:
    """Whether customers are companies or persons, with the settings that answer; charges wait for that."""
    return typeset(f"{listed(customers)} : entreprise ou particulier ? Frais non réclamés d’ici là → ") + kind_settings(
        customers
    )


def listed(customers: Collection[Customer], most: int = 3) -> str:
    """The first of these customers by name, whom a civility makes a person perhaps, and how many others."""
    names = {customer.name: typeset(f"{customer.name}{_GUESS[_is_person(customer)]}") for customer in customers}
    shown, left = list(names.values())[:most], len(names) - most
    return listing([*shown, plural(left, "autre")] if left > 0 else shown)


def kind_settings(customers: Iterable[Customer]) -> str:
    """The settings that tell the kind of all whom nothing tells, and of the likeliest person among these customers."""
    match = setting("match", max(customers, key=_is_person).name)
    return f'default_kind = "business" sous [policy], ou kind = "consumer" et {match} sous [[customers]]'


_GUESS = {True: " (particulier ?)", False: ""}


def _is_person(customer: Customer) -> bool:
    return sign_of(customer) is Sign.PERSON


def _address(task: Task, name: str, numbers: str) -> str:
    """Whom no mail reaches, how he can be reached, and where his address is to be written, as it is typed there."""
    first, phone = task.lines[0], task.customer.phone if task.customer is not None else ""
    sums = grouped(task.lines, lambda line: line.invoice.currency)
    owed = listing([eur(outstanding_of(lines), currency) for currency, lines in sums.items()])
    why = f"adresse illisible : « {_cut(task.found)} »" if task.found else "aucune adresse e-mail"
    if isinstance(first.why, RefusedBy):
        why = f"adresse refusée, {_cut(first.why.told)}"
    elif isinstance(first.why, Refused):
        why = f"message refusé, {_cut(first.why.reply)}"
    about = f"{numbers}, {owed}, {why}"
    reached = f" au {phone}" if phone else ""
    said = f"appeler {name}{reached} ({about})" if task.kind == "call" else f"trouver où écrire à {name} ({about})"
    new = "nouvelle adresse" if first.why else "adresse"
    where = new.capitalize() if task.kind == "call" else f"Une {new} se met dans [invoices] customers, ou ici"
    return typeset(f"{said}. {where} : ") + _address_cure(task)


def _cut(reply: str) -> str:
    """A server's words, as many as a line takes."""
    return reply if len(reply) <= 80 else f"{reply[:79]}…"


def _address_cure(task: Task) -> str:
    """What the settings or the file take, as it is typed."""
    if not task.word:
        return "dans votre fichier, avec un code par client"
    if task.in_block:
        return f'email = "…" dans son bloc [[customers]] ({setting("match", task.word)})'
    return f'[[customers]] {setting("match", task.word)} email = "…"'


def _call(task: Task) -> str:
    """Whom to call, under which number, and a first sentence that asks what arrived before it asks for money."""
    name, phone = (task.customer.name, task.customer.phone) if task.customer is not None else ("", "")
    first = task.lines[0]
    one = len(task.lines) == 1
    bills = f"{'la facture' if one else 'les factures'} {listing([line.invoice.number for line in task.lines])}"
    owed = eur(outstanding_of(task.lines), first.invoice.currency)
    said = f"appeler {name}{f' au {phone}' if phone else ' (aucun numéro dans le fichier)'}"
    if task.about is About.SILENCE and first.last_contact is not None:
        said += f", {owed} restent dus après le message du {date_fr(first.last_contact.on)}"
        state = "Où en est-elle" if one else "Où en sont-elles"
        opening = f"je voulais m’assurer que mon message au sujet de {bills} vous est bien parvenu. {state} ?"
    else:
        due = f", à régler le {date_fr(first.invoice.due_date)}" if one else ""
        received = "L’avez-vous bien reçue" if one else "Les avez-vous reçues"
        opening = f"je vous appelle au sujet de {bills} ({owed}{due}). {received} ?"
    notice = task.stage is not None and task.stage.key == FORMAL_NOTICE  # in writing alone (Code civil, art. 1344)
    return typeset(f"{said} : « Bonjour, {opening} »{' ; cet appel ne vaut pas mise en demeure' if notice else ''}")


def _letter(task: Task, name: str, numbers: str) -> str:
    """What to print and post, with the command that prints this very stage; a formal notice goes by registered post."""
    assert task.stage is not None
    first = task.lines[0]
    registered = " recommandée avec avis de réception" if task.stage.key == FORMAL_NOTICE else ""
    printing = command("letter", first.name or first.invoice.number, options=f"--stage {shlex.quote(task.stage.key)}")
    return (
        f"imprimer ({printing}), signer et poster à {name} la lettre{registered} "
        f"({task.stage.label}, {numbers}) ; notez aussi {posting_options(task.stage)}"
    )


def posting_options(stage: Stage) -> str:
    """What `record` takes of a letter once it is posted; the registered one has a number to be followed by."""
    tracking = "--tracking NUMÉRO " if stage.key == FORMAL_NOTICE else ""
    return f"{tracking}--posted AAAA-MM-JJ"


def throw_away(draft: Overtaken) -> str:
    """That a draft is not to be sent any more, and what tells relance so."""
    about = ", ".join((draft.label, *draft.numbers))
    said = typeset(f"le brouillon du {date_fr(draft.on)} ({about}) n’est plus à envoyer : supprimez-le")
    return f"{said} ({command('resolve', draft.name, options='--not-sent')})" if draft.name else said


def command_for_task(task: Task) -> str:
    """The command that closes a task."""
    line = task.lines[0]
    number = line.name or line.invoice.number
    match task.about:
        case About.BROKEN_PROMISE:
            return command("record", number, options=f"--stage {BROKEN_PROMISE.key} --channel call")
        case About.CASH:
            return command("hold", number, options="--reason plan")
        case About.FINISHED:
            return command("hold", number, options="--reason other")
        case About.INSTALMENT | About.PLAN_PAID:
            return command_for(line)
        case About.KIND | About.ACCOUNT:
            return ""
        case About.RATE:
            return RATE_STANDS
    if line.reason is Reason.TIME_BARRED:
        return command("show", number)
    if task.kind in ("call", "letter", "sms") and task.stage is not None:
        return command("record", number, options=f"--stage {task.stage.key} --channel {task.kind}")
    return command_for(line)
