"""The first settings: a conversation, or its options, that ends in a relance.toml of what was answered and no more."""

import os
import shlex
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.config import SETTINGS_FILE, sample_settings
from relance.core.facts import BacklogAnswered, Fact, RateConfirmed
from relance.errors import EXIT_DONE, EXIT_LOOK, Again, RelanceError, UsageError
from relance.french import command, system_words
from relance.runs import init_mail, init_questions
from relance.runs.asking import YES_NO, Talk, answered
from relance.runs.begun import Begun, Given
from relance.runs.dossier import Desk, typed_place

if TYPE_CHECKING:
    from relance.sources.source import Place


class Written(NamedTuple):
    """A settings file that was written: what is to be said of it (French sentences), and how it went.

    `scheduled`: a run each working morning is wanted.
    """

    path: Path
    sentences: tuple[str, ...]
    exit_code: int = EXIT_DONE
    scheduled: bool = False

    @property
    def goes_on(self) -> str:
        """The command that goes on from here."""
        return "relance" if self.path.parent == Path() else command("plan", options=_config(self.path))


class NothingWrittenError(RelanceError):
    """The user left before the end."""

    def __init__(self) -> None:
        super().__init__("Interrompu : rien n’est écrit.", "« relance init » recommence.")


def init(given: Given, talk: Talk | None, at: datetime) -> Written:
    """Ask what the options leave open, where there is a `talk`, then write all at once; UsageError over settings.

    KeyboardInterrupt leaves nothing behind. `at` is now: late invoices are counted on its day.
    """
    place = typed_place(given.place) if given.place else None
    begun = _begin(place, talk, at)
    try:
        _ask(begun, place, given)
        written = _write(begun)
    except KeyboardInterrupt:
        if begun.done:
            raise
        raise NothingWrittenError from None
    return _scheduled(written, talk, given.schedule)


def _ask(begun: Begun, place: "Place | None", given: Given) -> None:
    init_questions.invoices(begun, None if place == begun.folder else place, given.reading)
    init_questions.who(begun, given)
    init_mail.mail(begun, given.mail)
    init_questions.rate(begun, given.rate)
    init_questions.account(begun, given)
    init_questions.customers(begun, given)
    init_questions.backlog(begun, given.backlog)


def _begin(place: "Place | None", talk: Talk | None, at: datetime) -> Begun:
    """Where the settings will stand: in the folder that is named, else in this one. UsageError where some are.

    A folder of e-invoices alone is the list itself, beside which they stand.
    """
    folder = place if isinstance(place, Path) and _is_folder(place) and not is_a_list(place) else Path()
    tables = ("sender", "invoices", "charges", "policy", "smtp", "imap", "delivery")
    begun = Begun(folder, talk, {name: {} for name in tables}, at)
    _refuse_settings(begun.path)
    return begun


def _is_folder(place: Path) -> bool:
    """True of a folder, there or to be made: a name without an ending, which no file of invoices has."""
    _refuse_a_settings_file(place)
    return place.is_dir() or not (place.exists() or place.suffix)


def is_a_list(folder: Path) -> bool:
    """Whether this folder, another than the one we are in, holds e-invoices and no list of invoices."""
    from relance.sources.folders import holds_e_invoices
    from relance.sources.tables import lists_in

    away = folder.resolve() != Path.cwd().resolve()
    return away and folder.is_dir() and holds_e_invoices(folder) and not lists_in(folder)


def _refuse_settings(path: Path) -> None:
    """Settings are never written over."""
    if os.path.lexists(path):
        checked = command("check") if path.parent == Path() else command("check", options=_config(path))
        raise UsageError(f"« {path} » existe déjà : rien n’est changé.", f"« {checked} » dit ce qu’il contient.")


def _refuse_a_settings_file(place: Path) -> None:
    """The file that `init` writes itself is no file of invoices."""
    if place.suffix.lower() == ".toml":
        meant = "" if place.parent == Path() else str(place.parent)
        raise UsageError(
            f"« {place} » nomme un fichier de réglages, et init attend vos factures : rien n’est écrit.",
            f"Ceci écrit « {place.parent / SETTINGS_FILE} ».",
            [Again(str(place), meant)],
        )


def _config(path: Path) -> str:
    return f"--config {shlex.quote(str(path))}"


def write_reference(folder: Path) -> Written:
    """Write every setting with its words into this folder; UsageError where that cannot be."""
    if not _is_folder(folder):
        raise UsageError(f"« {folder} » est un fichier.", "Avec --full, donnez un dossier, ou rien.")
    path = folder / SETTINGS_FILE
    _refuse_settings(path)
    with undisturbed():
        _new_file(path, sample_settings())
    checked = command("check", options=_config(path))
    return Written(path, (f"« {path} » est écrit : complétez [sender], [invoices] et [smtp], puis « {checked} ».",))


def _new_file(path: Path, text: str) -> None:
    """Write a file that is not there yet, or nothing."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"« {path} » existe déjà : rien n’est changé.", "« relance check » le relit.") from None
    except OSError as error:
        raise UsageError(
            f"Impossible d’écrire « {path} » ({system_words(error)}).", "Choisissez un dossier où vous pouvez écrire."
        ) from None


def _write(begun: Begun) -> Written:
    """The password, then the settings, then what the journal keeps: all of it, or nothing of the first two."""
    from relance.config.written import settings_of, written

    kept = init_mail.keep_password(begun)
    try:
        settings_of(begun.told, begun.path)
        text = written(begun.told)
        with undisturbed():
            _new_file(begun.path, text)
            begun.done = True
    except BaseException:
        if not begun.done:
            init_mail.forget_password(begun, kept)
        raise
    said = [f"{begun.path} est écrit ({text.count(chr(10))} lignes).", *begun.lacking]
    said += _at_risk(begun)
    trouble = _told_to_journal(begun)
    return Written(begun.path, (*said, *trouble), EXIT_LOOK if trouble else EXIT_DONE)


def _at_risk(begun: Begun) -> list[str]:
    """That the journal would lie where another machine may put an older one in its place; nothing where it does not."""
    from relance.journal import risky_place

    risky = risky_place(begun.path)
    cure = 'mettez-le sur le disque de cette machine, file = "/chemin/relance.sqlite3" sous [journal]'
    return (
        [f"Journal : ce dossier est synchronisé ou en réseau ({risky}), il peut s’y perdre ; {cure}."] if risky else []
    )


def _told_to_journal(begun: Begun) -> list[str]:
    """Note the answers that no setting holds; what could not be noted, with the commands that say it again."""
    day, facts, again = begun.at.date(), list[Fact](), list[str]()
    if begun.rate is not None:
        facts.append(RateConfirmed(begun.rate, True, day))
        again.append("relance confirm rate")
    if begun.backlog is not None:
        facts.append(BacklogAnswered(begun.backlog, day))
        again.append(f"relance confirm backlog --{begun.backlog}")
    try:
        if facts:
            with undisturbed():
                Desk(config=begun.path).tell(*facts)
    except RelanceError as error:
        return [error.shown, f"Pas encore noté : {', '.join(again)}"]
    return []


def _scheduled(written: Written, talk: Talk | None, given: str) -> Written:
    """Whether each working morning is to have its run."""
    if talk is not None:
        for sentence in written.sentences:
            talk.tell(sentence.replace("{", "{{").replace("}", "}}"))
        written = written._replace(sentences=())
    question = "Un passage chaque matin de semaine ? [O/n]"
    return written._replace(scheduled=answered(talk, given, question, YES_NO, talk is not None))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C and the end of the session wait until this is done: what takes milliseconds is done whole."""
    wait = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, wait)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
