"""What is made once, or made again: the first settings file, a lost or damaged journal."""

import shlex
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from relance.config import SETTINGS_FILE, load_settings, sample_settings
from relance.errors import RelanceError, SettingsError, UsageError
from relance.french import command, date_fr, plural, setting
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


def init(folder: Path, name: str = "", email: str = "") -> str:
    """Write a relance.toml into `folder`: who sends where that is told, else all settings with their words.

    Never over one that is there; UsageError where what is told is no setting, and then nothing stays.
    """
    path = folder / SETTINGS_FILE
    _check_folder(folder)
    lines = ("[sender]", setting("name", name), setting("email", email)) if name else ()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n" if lines else sample_settings())
    except FileExistsError:
        raise UsageError(
            f"« {path} » existe déjà : rien n’a été changé.",
            "Modifiez-le, ou donnez un autre dossier : relance init DOSSIER.",
        ) from None
    except OSError as error:
        raise UsageError(
            f"Impossible d’écrire « {path} » ({error.strerror}).",
            "Choisissez un dossier où vous pouvez écrire.",
        ) from None
    checked = f"« {command('check', options=f'--config {shlex.quote(str(path))}')} »"
    if not lines:
        return f"« {path} » est écrit : complétez [sender], [invoices] et [smtp], puis {checked}."
    try:
        load_settings(path)
    except SettingsError as error:
        path.unlink()
        raise UsageError(f"Rien n’est écrit. {error.sentence}", error.cure) from None
    return f"« {path} » est écrit. Ajoutez-y [invoices] file et [smtp] host, puis {checked}."


def _check_folder(folder: Path) -> None:
    """UsageError where a file is named: one that is there, or the settings file that `init` would write itself."""
    if folder.is_dir() or not (folder.exists() or folder.suffix.lower() == ".toml"):
        return
    instead = "relance init" if folder.parent == Path() else command("init", str(folder.parent))
    raise UsageError(
        f"« {folder} » nomme un fichier, et init attend un dossier : rien n’a été écrit.",
        f"« {instead} » écrit « {folder.parent / SETTINGS_FILE} ».",
    )
