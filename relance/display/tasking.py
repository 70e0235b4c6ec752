"""What a person has to do, in one French sentence."""

from relance.core.plan import About, Reason, Task, outstanding_of
from relance.display.by_hand import call_text, letter_text
from relance.display.wording import because, sentence
from relance.french import date_fr, dates_fr, eur, plural, typeset


def task_text(task: Task) -> str:
    """What a person has to do, in one French sentence."""
    numbers = ", ".join(line.invoice.number for line in task.lines)
    name = task.customer.name if task.customer is not None else ""
    label = task.stage.label if task.stage is not None else ""
    match task.kind:
        case "call":
            return call_text(task)
        case "sms":
            return task.text or f"écrire un SMS à {name} au sujet de {numbers}"
        case "letter":
            return letter_text(task)
        case "approve":
            return f"accorder la {label} pour {name} ({numbers}), ou la suspendre (relance hold)"
        case "confirm" if task.lines[0].reason is Reason.STALE_INPUT:
            held = plural(len(task.lines), "facture")
            return f"mettre le fichier à jour, ou le confirmer : {sentence(task.lines[0])} ({held} en attente)"
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
    match task.about:
        case About.BROKEN_PROMISE:
            several = len(first.broken) > 1
            days = f"pour {'les' if several else 'le'} {dates_fr(broken.promised for broken in first.broken)}"
            what = f"paiements promis {days}, pas reçus" if several else f"paiement promis {days}, pas reçu"
            said = f"appeler {name} : {what} ({numbers}, reste dû {owed})"
        case About.FINISHED:
            said = f"décider de la suite pour {numbers} ({name}) : {owed} restent dus, toutes les étapes sont faites"
        case About.INSTALMENT if task.instalment is not None:
            part = f"{eur(task.instalment.amount, first.invoice.currency)} du {date_fr(task.instalment.due)}"
            said = f"appeler {name} : l’échéance de {part} n’est pas reçue ({numbers}), ou mettre fin à l’échéancier"
        case About.PLAN_PAID:
            said = f"l’échéancier de {name} est réglé, mais retient encore {numbers} ({owed}) : y mettre fin"
        case _:
            return f"revoir {numbers} ({name}) : {because(first)}"
    return typeset(said)
