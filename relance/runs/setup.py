"""What is made again: a lost or damaged journal."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from relance.errors import RelanceError, UsageError
from relance.french import date_fr, plural
from relance.runs.dossier import Desk


def repair(desk: Desk, *, without_receipts: bool) -> Iterator[str]:
    """Make the journal usable again; French sentences that say what was done. JournalError where that is not safe."""
    from relance.journal import BusyError, lock
    from relance.journal import repair as mend

    journal = desk.own_settings.journal
    try:
        with lock(journal):
            done = mend(journal, desk.today, without_receipts=without_receipts, files=lambda: _files(desk))
    except BusyError as error:
        raise UsageError(*error.args) from None
    if not done.rebuilt:
        yield f"Le journal « {journal} » est lisible."
    elif done.backup is not None:
        copied = date_fr(date.fromisoformat(done.backup.name[:10]))
        yield f"Journal refait à partir de la sauvegarde du {copied} et des reçus."
    else:
        yield "Journal refait à partir des reçus seuls ; ce que relance avait vu du fichier est oublié."
    if done.aside is not None:
        yield f"L’ancien fichier est gardé : « {done.aside} »."
    found = done.recovered
    if found.added:
        yield f"{plural(found.added, 'fait repris', 'faits repris')} des reçus."
    if found.lost:
        yield "Les reçus manquaient, ou étaient illisibles : ils ont été refaits d’après le journal."
    if found.doubts:
        yield f"{plural(found.doubts, 'envoi')} en doute : « relance plan » les montre."
    for on, kind, text, aside in done.unread:
        became = "elle ne compte plus : redites ce qu’elle disait" if aside else "elle retient sa facture"
        yield f"Ligne du journal illisible, écrite le {on} ({kind}) ; {became} : {text}"
    if done.behind:
        yield (
            "Les reçus sont plus anciens que le dernier envoi : rien ne part avant « relance confirm journal », "
            "qui montre ce qui pourrait partir deux fois."
        )
    if done.parts:
        yield f"{plural(done.parts, 'pièce jointe refaite', 'pièces jointes refaites')} d’après vos fichiers."
    for message in done.lacking:
        on = date_fr(date.fromisoformat(message.on))
        yield (
            f"Une pièce jointe du message du {on} sur {', '.join(message.numbers)} manque, ou est abîmée : remettez le "
            f"dossier « {journal.name}.parts » d’une sauvegarde. Un message encore à envoyer la refait lui-même."
        )
    if done.rebuilt and without_receipts:
        yield "Avant d’envoyer, comparez « relance plan » avec vos messages envoyés."


def _files(desk: Desk) -> Iterator[bytes]:
    """The PDF files of the dossier that messages carry, as far as they can be read."""
    paths = [desk.own_settings.sender.rib]
    with suppress(RelanceError):
        paths += [invoice.pdf_path for invoice in desk.invoices]
    for path in dict.fromkeys(filter(None, paths)):
        if Path(path).is_file():
            with suppress(OSError):
                yield Path(path).read_bytes()
