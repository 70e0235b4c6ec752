"""What a person has to do, in one French sentence, and the command that closes it."""

import shlex
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from relance.core.facts import Lies, Refused
from relance.core.invoice import Customer
from relance.core.kinds import Sign, sign_of
from relance.core.plan import About, Line, Overtaken, Task, grouped, outstanding_of
from relance.core.policy import BROKEN_PROMISE, FORMAL_NOTICE, Stage
from relance.core.reading import Unagreed
from relance.core.reasons import Change, Doubted, Reason, RefusedBy, Stale, Uncertain
from relance.display.lines import command_for, ending_of, near_end, sentence
from relance.french import (
    ACCOUNT,
    RATE_STANDS,
    brief_date,
    command,
    date_fr,
    dates_fr,
    eur,
    listing,
    of,
    plural,
    rate_question,
    setting,
    short_date,
    typeset,
)


class Remedy(NamedTuple):
    """A command that a task is done with or closed by, and when it is the one to type."""

    command: str
    note: str = ""


def task_line(task: Task) -> str:
    """One task on one line: what to do, then its commands."""
    return task_text(task) + "".join(map(said_way, ways_of(task)))


def ways_out(line: Line) -> list[Remedy]:
    """The command that ends what holds a line, none where time or the file does."""
    ending, other = ending_of(line)
    return [Remedy(ending, typeset(other))] if ending else []


def said_way(way: Remedy) -> str:
    """« → relance confirm F-1 (si c’est juste) »."""
    return f" → {way.command}" + (typeset(f" ({way.note})") if way.note else "")


def whole_text(task: Task, closing: str | None = None) -> str:
    """All that a program is told of a task beside the command that closes it: what to say, the other commands.

    `closing` is that command, where it is known already.
    """
    if task.kind == "sms" and task.text:
        return task.text  # ready to be sent by another program
    said = task_text(task) + _script(task)
    if task.about is About.FINISHED:
        from relance.display.ways import route_lines  # imported here: few plans come to the end of a ladder

        said += "".join(f" – {way}" for way in route_lines(task.lines, task.forum))
    closing = command_for_task(task) if closing is None else closing
    for way in _ways(task, "", closing):
        said += said_way(way) if way.command != closing else typeset(f" ({way.note})") if way.note else ""
    return said


def task_text(task: Task) -> str:
    """What a person has to do, in one French sentence."""
    whom = task.customer.name if task.customer is not None else ""
    what = numbers_of(task)
    if task.about is About.ADDRESS:
        return _address(task, whom, what)
    about = f"({what}, {owed_sum(task.lines)})"
    match task.kind:
        case "call":
            return typeset(f"Appeler {_reached(task)} : {what}, {owed_sum(task.lines)}{_since(task)}")
        case "sms" if task.text:
            return typeset(f"Envoyer ce SMS à {_reached(task)} : « {task.text} »")
        case "sms":
            return typeset(f"Écrire un SMS à {_reached(task)} {about}")
        case "letter":
            registered = ", en recommandé avec avis de réception" if _is_notice(task) else ""
            return typeset(f"Poster la lettre de {_label(task)} à {whom} {about}{registered}")
        case "approve":
            near = near_end(task.lines[0])
            return typeset(f"Valider la {_label(task)} {of(whom)} {about}{f'. {near}' if near else ''}")
        case "confirm":
            return _confirm(task, whom, what)
        case _:
            return _review(task, whom, what)


def brief_numbers(lines: Sequence[Line]) -> str:
    """The numbers of a message's invoices for a table, or how many they are."""
    numbers = ", ".join(line.invoice.number for line in lines)
    return numbers if len(lines) == 1 or len(numbers) <= _BRIEF else plural(len(lines), "facture")


_BRIEF = 24


def numbers_of(task: Task) -> str:
    """The numbers of a task's invoices, or how many they are."""
    numbers = [line.invoice.number for line in task.lines]
    return ", ".join(numbers) if len(numbers) <= _NAMED else plural(len(numbers), "facture")


_NAMED = 4


def _label(task: Task) -> str:
    return task.stage.label if task.stage is not None else "étape"


def _is_notice(task: Task) -> bool:
    return task.stage is not None and task.stage.key == FORMAL_NOTICE


def _reached(task: Task) -> str:
    """Whom to call, and under which number."""
    if task.customer is None:
        return ""
    return f"{task.customer.name}, {task.customer.phone or 'numéro inconnu'}"


def owed_sum(lines: Iterable[Line]) -> str:
    """What is outstanding on these lines, in each currency."""
    sums = grouped(lines, lambda line: line.invoice.currency)
    return listing([eur(outstanding_of(owed), currency) for currency, owed in sums.items()])


def _since(task: Task) -> str:
    """How long the customer has been silent, or when he was to pay."""
    first = task.lines[0]
    notice = " (cet appel ne vaut pas mise en demeure)" if _is_notice(task) else ""  # in writing: Code civil, art. 1344
    if task.about is About.SILENCE and first.last_contact is not None:
        return f", silence depuis le {_day(first.last_contact.on, first)}{notice}"
    return f", échéance le {_day(first.invoice.due_date, first)}{notice}" if len(task.lines) == 1 else notice


def _day(day: date, line: Line) -> str:
    return brief_date(day, line.case.morning.today)


def _confirm(task: Task, whom: str, what: str) -> str:
    first, held = task.lines[0], plural(len(task.lines), "facture")
    if task.about is About.RATE:
        return _rate(task)
    match first.why:
        case Change.MIXED:
            return typeset(f"Vérifier le fichier, {held} en attente : ") + sentence(first)
        case Unagreed():
            from relance.display.reading import question  # imported here: most files are read as agreed

            return typeset(f"{question(first.why)} ({held} en attente)")
        case Stale(doubt=Doubted.BANK):
            return typeset(f"Déposer le dernier relevé, {held} en attente : ") + sentence(first)
        case Stale(doubt=Doubted.BANK_UNREAD):
            return typeset(f"Déposer ou corriger le relevé, {held} en attente : ") + sentence(first)
        case Stale(doubt=Doubted.OLD):
            return typeset(f"Mettre le fichier à jour, {held} en attente : ") + sentence(first)
        case Stale():
            return typeset(f"Vérifier le fichier, {held} en attente : ") + sentence(first)
    if task.customer is None:
        were = "facture était" if len(task.lines) == 1 else "factures étaient"
        return typeset(f"{len(task.lines)} {were} déjà en retard à l’installation. Par où commencer ?")
    return typeset(f"Vérifier {what} ({whom}) : ") + sentence(first)


def _review(task: Task, whom: str, what: str) -> str:
    first, about = task.lines[0], f"({what}, {owed_sum(task.lines)})"
    match task.about:
        case About.BROKEN_PROMISE:
            days = dates_fr((broken.promised for broken in first.broken), first.case.morning.today)
            said = f"Appeler {_reached(task)} : paiement promis pour le {days}, pas reçu {about}"
        case About.CASH:
            said = f"Convenir d’un échéancier avec {_reached(task)} : trésorerie tendue {about}"
        case About.FINISHED:
            from relance.display.ways import means  # imported here: few plans come to the end of a ladder

            said = f"Choisir la suite pour {whom} {about} : {means(task.forum)}"
        case About.INSTALMENT if task.instalment is not None:
            part = f"{eur(task.instalment.amount, first.invoice.currency)} du {_day(task.instalment.due, first)}"
            said = f"Appeler {_reached(task)} : échéance de {part} pas reçue ({what})"
        case About.PLAN_PAID:
            ended = f"Mettre fin à l’échéancier {of(whom)} : il est réglé"
            said = f"{ended}, et retient encore {what} ({owed_sum(task.lines)})"
        case About.ACCOUNT:
            bills = f"{plural(len(task.lines), 'facture')} à relancer, aucun IBAN"
            return typeset(f"Dire où vous payer : {bills} → {ACCOUNT}")
        case About.TO_DECLARE:
            paid = f"{what}, payée{'s' * (len(task.lines) > 1)} et pas encore « encaissée » (212) chez elle"
            return typeset(f"Déclarer à votre plateforme : {paid} ; déjà fait, ou biens : {UNDECLARED}")
        case About.NEW_ACCOUNT:
            from relance.display.lifecycle import account_changed  # imported here: few plans read statuses

            said = f"Vérifier {what} ({whom}) : {account_changed(first)}"
        case About.KIND:
            return kind_question([line.invoice.customer for line in task.lines])
        case _ if first.stop.of_lost_line:
            held = plural(len(task.lines), "facture")
            return typeset(f"Réparer le journal, {held} en attente : une de ses lignes est illisible, et sans nom")
        case _ if isinstance(first.why, Uncertain):
            return _credit(task, first.why)
        case _:
            return typeset(f"Revoir {what} ({whom}) : ") + sentence(first)
    return typeset(said)


UNDECLARED = "declare_collected = false sous [invoices]"
"""What ends the question whether the platform knows of a payment."""


def _credit(task: Task, money: Uncertain) -> str:
    """What a credit of the bank may pay, and what was seen in it."""
    from relance.display.bank import called, credit_words, why  # imported here: few plans have a credit in doubt

    credit, today = money.made.credit, task.lines[0].case.today
    owed = [f"{line.invoice.number} ({eur(line.outstanding, line.invoice.currency)})" for line in task.lines]
    said, seen = credit_words(credit, today), why(money.made, called([(each.key, each.invoice) for each in task.lines]))
    asked = "paie-t-il" if credit.amount > 0 else "concerne-t-elle"
    several = f"{', '.join(owed[:_NAMED])}{', …' if len(owed) > _NAMED else ''}"
    return typeset(f"{said[0].upper()}{said[1:]} : {asked} {several} ? ") + seen


def _rate(task: Task) -> str:
    """Whether the rate was agreed."""
    rate = task.lines[0].case.customer.grounds.terms.rate
    return typeset(rate_question(rate.basis.value, rate.value))


def kind_question(customers: Collection[Customer]) -> str:
    """Whether customers are companies or persons, with the settings that answer; charges wait for that."""
    asked = f"{listed(customers)} : entreprise ou particulier ? Frais non réclamés d’ici là → "
    return typeset(asked) + kind_settings(customers)


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


def _address(task: Task, whom: str, what: str) -> str:
    """Whom no mail reaches, how he can be reached, and where his address is to be written, as it is typed there."""
    first, calls = task.lines[0], task.kind == "call"
    why = f"adresse illisible : « {_cut(task.found)} »" if task.found else "aucune adresse e-mail"
    if isinstance(first.why, RefusedBy):
        why = f"adresse refusée, {_cut(first.why.told)}"
    elif isinstance(first.why, Refused):
        why = f"message refusé, {_cut(first.why.reply)}"
    about = f"{what}, {owed_sum(task.lines)}, {why}"
    said = f"Appeler {_reached(task)} ({about})" if calls else f"Trouver où écrire à {whom} ({about})"
    new = "nouvelle adresse" if first.why else "adresse"
    where = new.capitalize() if calls else f"Une {new} se met dans [invoices] customers, ou ici"
    return typeset(f"{said}. {where} : ") + address_cure(task)


def _cut(reply: str) -> str:
    """A server's words, as many as a line takes."""
    return reply if len(reply) <= 80 else f"{reply[:79]}…"


def address_cure(task: Task) -> str:
    """What the settings or the file take, as it is typed."""
    if not task.word:
        return "dans votre fichier, avec un code par client"
    if task.in_block:
        return f'email = "…" dans son bloc [[customers]] ({setting("match", task.word)})'
    return f'{setting("match", task.word)} et email = "…" sous [[customers]]'


def _script(task: Task) -> str:
    """A first sentence for a call, that asks what arrived before it asks for money."""
    if task.kind != "call" or task.about is About.ADDRESS:
        return ""
    first, one = task.lines[0], len(task.lines) == 1
    bills = f"{'la facture' if one else 'les factures'} {listing([line.invoice.number for line in task.lines])}"
    if task.about is About.SILENCE:
        state = "Où en est-elle" if one else "Où en sont-elles"
        opening = f"je voulais m’assurer que mon message au sujet de {bills} vous est bien parvenu. {state} ?"
    else:
        due = f", à régler le {date_fr(first.invoice.due_date)}" if one else ""
        received = "L’avez-vous bien reçue" if one else "Les avez-vous reçues"
        opening = f"je vous appelle au sujet de {bills} ({owed_sum(task.lines)}{due}). {received} ?"
    return typeset(f". « Bonjour, {opening} »")


def posting_options(stage: Stage) -> str:
    """What `record` takes of a letter once it is posted; the registered one has a number to be followed by."""
    tracking = "--tracking NUMÉRO " if stage.key == FORMAL_NOTICE else ""
    return f"{tracking}--posted AAAA-MM-JJ"


def throw_away(draft: Overtaken) -> str:
    """That a draft is not to be sent any more, and what tells relance so."""
    about, end = ", ".join((draft.label, *draft.numbers)), "--not-sent"
    edited = ", modifié par vous" if draft.lies is Lies.EDITED else ""
    said = f"Supprimer le brouillon du {short_date(draft.on)} ({about}){edited}, plus à envoyer"
    if draft.lies is Lies.SENT:
        said, end = f"Brouillon du {short_date(draft.on)} ({about}) retrouvé dans vos messages envoyés", "--sent"
    if draft.lies is Lies.GONE:
        said = f"Brouillon du {short_date(draft.on)} ({about}) absent de vos brouillons. Pas envoyé"
    return typeset(said) + (f" → {command('resolve', draft.name, options=end)}" if draft.name else "")


def ways_of(task: Task, files: str = "", *, noted: bool = True) -> list[Remedy]:
    """The commands of a task, that to begin with first; `files` is the option that names what settings do not.

    Where nothing can be `noted`, for want of settings, those alone that only look.
    """
    ways = _ways(task, files, command_for_task(task))
    return [way for way in ways if noted or way.command.startswith("relance show ")]


def _ways(task: Task, files: str, closing: str) -> list[Remedy]:
    line = task.lines[0]
    number = line.name or line.invoice.number
    if task.about is About.RATE:
        return [Remedy(closing, "s’il y figure"), Remedy(f"{closing} --no", "sinon")]
    if task.kind == "letter" and task.stage is not None:
        printing = command("letter", number, options=f"--stage {shlex.quote(task.stage.key)}")
        posted = f"postée ; notez aussi {posting_options(task.stage)}"
        return [Remedy(printing, "l’imprime"), Remedy(closing, posted)]
    if task.kind == "call" and any(not each.reason.settled and each.days_overdue > 0 for each in task.lines):
        return [Remedy(command("show", number, options=f"--call {files}".rstrip(" ")))]  # which says how to note it
    if task.about is About.FINISHED:
        handed = command("hold", number, options="--reason collection")
        return [Remedy(closing), Remedy(handed, "confiée à un tiers")]
    if task.about is About.INSTALMENT:
        return [Remedy(closing, "pour mettre fin à l’échéancier")]
    if not closing:
        return []
    if isinstance(line.why, Uncertain):
        return _answers(line.why, task)
    ending, other = ending_of(line)
    first = Remedy(closing, typeset(other) if closing == ending else "")
    if line.reason is Reason.BACKLOG and task.customer is None:
        kinds = ("--gently", "doucement"), ("--as-is", "selon leur retard"), ("--ignore", "ne pas les relancer")
        return [Remedy(f"relance confirm backlog {kind}", said) for kind, said in kinds]
    return [first]


def _answers(money: Uncertain, task: Task) -> list[Remedy]:
    """What a credit of the bank pays, or that it pays none of these."""
    from relance.display.bank_answers import answers_of  # imported here: few plans have a credit in doubt

    return [Remedy(typed, note) for typed, note in answers_of(money, task.lines)]


def command_for_task(task: Task) -> str:
    """The command that closes a task."""
    line = task.lines[0]
    number = line.name or line.invoice.number
    match task.about:
        case None:
            pass
        case About.BROKEN_PROMISE:
            return command("record", number, options=f"--stage {BROKEN_PROMISE.key} --channel call")
        case About.CASH:
            return command("hold", number, options="--reason plan")
        case About.FINISHED:
            return command("evidence", number)
        case About.INSTALMENT | About.PLAN_PAID:
            return command_for(line)
        case About.KIND | About.ACCOUNT | About.TO_DECLARE:
            return ""
        case About.NEW_ACCOUNT:
            return command("show", number)
        case About.RATE:
            return RATE_STANDS
    if isinstance(line.why, Uncertain):
        return _answers(line.why, task)[0].command
    if line.reason is Reason.TIME_BARRED:
        return command("show", number)
    if task.kind in ("call", "letter", "sms") and task.stage is not None:
        return command("record", number, options=f"--stage {task.stage.key} --channel {task.kind}")
    return command_for(line)
