"""A lost or damaged journal made again, and what is known of it said."""

from relance.errors import UsageError
from relance.french import date_fr, plural
from relance.runs.dossier import Desk


def repair(desk: Desk, *, without_receipts: bool) -> tuple[str, ...]:
    """Make the journal usable again; French sentences that say what was done. JournalError where that is not safe."""
    from datetime import date

    from relance.journal import BusyError, lock
    from relance.journal import repair as mend

    journal = desk.own_settings.journal
    try:
        with lock(journal):
            done = mend(journal, desk.today, without_receipts=without_receipts)
    except BusyError as error:
        raise UsageError(*error.args) from None
    said = []
    if not done.rebuilt:
        said.append(f"Le journal « {journal} » est lisible.")
    elif done.backup is not None:
        copied = date_fr(date.fromisoformat(done.backup.stem))
        said.append(f"Journal refait à partir de la sauvegarde du {copied} et des reçus.")
    else:
        said.append("Journal refait à partir des reçus seuls ; ce que relance avait vu du fichier est oublié.")
    if done.aside is not None:
        said.append(f"L’ancien fichier est gardé : « {done.aside} ».")
    found = done.recovered
    if found.added:
        said.append(f"{plural(found.added, 'fait repris', 'faits repris')} des reçus.")
    if found.lost:
        said.append("Les reçus manquaient, ou étaient illisibles : ils ont été refaits d’après le journal.")
    if found.doubts:
        said.append(f"{plural(found.doubts, 'envoi')} en doute : « relance plan » les montre.")
    if done.rebuilt and without_receipts:
        said.append("Avant d’envoyer, comparez « relance plan » avec vos messages envoyés.")
    return tuple(said)
