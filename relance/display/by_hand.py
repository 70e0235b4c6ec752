"""What a person does away from the keyboard: says first on the phone, ready to be said; prints, signs and posts."""

import shlex

from relance.core.plan import About, Overtaken, Task, outstanding_of
from relance.core.policy import FORMAL_NOTICE, Stage
from relance.french import command, date_fr, eur, listing, typeset


def call_text(task: Task) -> str:
    """Whom to call, under which number, and a first sentence that asks what arrived before it asks for money."""
    name, phone = (task.customer.name, task.customer.phone) if task.customer is not None else ("", "")
    first = task.lines[0]
    bills = ("la facture " if len(task.lines) == 1 else "les factures ") + listing(
        [line.invoice.number for line in task.lines]
    )
    owed = eur(outstanding_of(task.lines), first.invoice.currency)
    said = f"appeler {name}{f' au {phone}' if phone else ' (aucun numéro dans le fichier)'}"
    if task.about is About.SILENCE and first.last_contact is not None:
        said += f", {owed} restent dus après le message du {date_fr(first.last_contact.on)}"
        opening = f"je voulais m’assurer que mon message au sujet de {bills} vous est bien parvenu. Où en est-elle ?"
        opening = opening if len(task.lines) == 1 else opening.replace("Où en est-elle", "Où en sont-elles")
    else:
        due = f", à régler le {date_fr(first.invoice.due_date)}" if len(task.lines) == 1 else ""
        opening = f"je vous appelle au sujet de {bills} ({owed}{due}). L’avez-vous bien reçue ?"
        opening = opening if len(task.lines) == 1 else opening.replace("L’avez-vous bien reçue", "Les avez-vous reçues")
    notice = task.stage is not None and task.stage.key == FORMAL_NOTICE  # in writing alone (Code civil, art. 1344)
    return typeset(f"{said} : « Bonjour, {opening} »{' ; cet appel ne vaut pas mise en demeure' if notice else ''}")


def letter_text(task: Task) -> str:
    """What to print and post, with the command that prints this very stage; a formal notice goes by registered post."""
    assert task.stage is not None
    first = task.lines[0]
    name = task.customer.name if task.customer is not None else ""
    numbers = ", ".join(line.invoice.number for line in task.lines)
    registered = task.stage.key == FORMAL_NOTICE
    by = "la lettre recommandée avec avis de réception" if registered else "la lettre"
    named = first.name or first.invoice.number
    printing = command("letter", named, options=f"--stage {shlex.quote(task.stage.key)}")
    return (
        f"imprimer ({printing}), signer et poster à {name} {by} "
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
