"""What is made again: a lost or damaged journal."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from relance.errors import RelanceError, UsageError
from relance.french import date_fr, plural, short_date
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.journal import BrokenLine, Verified


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
    if done.broken is not None:
        yield f"{broken_line(done.broken)} : c’est noté, la chaîne repart de ce qui est là."
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


_FAULTS = {
    "changed": "a été changée",
    "missing": "a été retirée",
    "added": "a été ajoutée",
    "broken": "ne suit pas celle d’avant",
}
_KINDS = {"fact": "ce que vous avez noté", "delivery": "un message", "state": "la suite d’un message"}


def broken_line(broken: "BrokenLine") -> str:
    """That a line of the journal was changed by another program, and which one."""
    place = f"la ligne {broken.n} du journal" if broken.n else "une ligne du journal"
    what = f" ({_KINDS[broken.what]} n° {broken.row})" if broken.what in _KINDS else ""
    return f"Hors de Relance, {place}{what} {_FAULTS[broken.fault]}"


def chain_lines(chain: "Verified") -> Iterator[str]:
    """Since when the lines of the journal follow each other, the last of them, and what was blanked."""
    if chain.since:
        there = f", les {chain.earlier} d’avant prises telles quelles" if chain.earlier else ""
        yield f"chaîne de {plural(chain.entries, 'ligne')} depuis le {_day(chain.since)}{there}"
        yield f"empreinte de la dernière : {chain.last}"
    for each in chain.blanked:
        what = "effacée" if each.what == "erased" else "perdue"
        yield f"{plural(each.entries, f'ligne {what}')} le {_day(each.at)}"


def _day(stamp: str) -> str:
    return short_date(date.fromisoformat(stamp[:10]))


def _files(desk: Desk) -> Iterator[bytes]:
    """The PDF files of the dossier that messages carry, as far as they can be read."""
    paths = [desk.own_settings.sender.rib]
    with suppress(RelanceError):
        paths += [invoice.pdf_path for invoice in desk.invoices]
    for path in dict.fromkeys(filter(None, paths)):
        if Path(path).is_file():
            with suppress(OSError):
                yield Path(path).read_bytes()
