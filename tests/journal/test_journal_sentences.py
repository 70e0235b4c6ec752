"""What a person reads when the journal or a file beside it cannot be used: each sentence, whole, with its cure."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from mail_support import TODAY, message

from relance.core.facts import Drafted
from relance.errors import JournalError
from relance.journal import BusyError, Journal, lock, open_journal, read_journal, repair
from relance.journal.parts import PartError
from relance.journal.receipts import receipts_path
from relance.journal.schema import REBUILD, DamagedError, guarded, readable
from relance.journal.whole_files import backup_folder
from relance.journal.witness import Reach, put_back

WRITABLE = "Vérifiez les droits du fichier et de son dossier."
RIGHTS = "Vérifiez le chemin, les droits et la place sur le disque."


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal."""
    with open_journal(tmp_path / "j", TODAY, create=True) as journal:
        journal.prepare([message("F-1")], TODAY)
    return tmp_path / "j"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    """That journal, open."""
    with open_journal(path, TODAY, create=False) as journal:
        yield journal


def refused(action: Callable[[], object], kind: type[JournalError] = JournalError) -> tuple[str, str]:
    """The sentence and the cure of what the journal refuses, by an error of this very kind."""
    with pytest.raises(JournalError) as caught:
        action()
    assert type(caught.value) is kind
    sentence, cure = caught.value.args
    return sentence, cure


def by_hand(path: Path, *statements: str) -> None:
    """Somebody changes the file."""
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


@pytest.mark.parametrize(
    ("code", "what", "cure"),
    [
        (sqlite3.SQLITE_READONLY, "ne peut pas être écrit", WRITABLE),
        (sqlite3.SQLITE_PERM, "ne peut pas être lu", WRITABLE),
        (sqlite3.SQLITE_CANTOPEN, "ne peut pas être ouvert", WRITABLE),
        (sqlite3.SQLITE_FULL, "ne peut pas être écrit : le disque est plein", "Libérez de la place, puis recommencez."),
        (
            sqlite3.SQLITE_IOERR,
            "ne peut pas être lu ou écrit : le disque répond par une erreur",
            "Vérifiez le disque.",
        ),
        (
            sqlite3.SQLITE_BUSY,
            "est utilisé par un autre programme",
            "Attendez qu’il ait fini, puis recommencez.",
        ),
        (sqlite3.SQLITE_CORRUPT, "est abîmé, ou n’est pas un journal de relance", REBUILD),
        (sqlite3.SQLITE_NOTADB, "est abîmé, ou n’est pas un journal de relance", REBUILD),
        (None, "est abîmé, ou n’est pas un journal de relance", REBUILD),
    ],
)
def test_what_sqlite_says(code: int | None, what: str, cure: str) -> None:
    """By its primary code; only what it calls damage is for `repair`."""
    for extended in (0, 1 << 8, 7 << 8):
        error = sqlite3.OperationalError("its words")
        if code is not None:
            error.sqlite_errorcode = code | extended

        def failing(error: Exception = error) -> None:
            with guarded(Path("/a/j")):
                raise error

        kind = DamagedError if cure == REBUILD else JournalError
        assert (f"Le journal « /a/j » {what} (its words).", cure) == refused(failing, kind)


def test_what_the_system_says() -> None:
    """Its reason, in its words; a mistake of ours is none of the file."""

    def failing(error: Exception) -> Callable[[], None]:
        def fail() -> None:
            with readable(Path("/a/j")):
                raise error

        return fail

    said = refused(failing(OSError(13, "Permission denied")))
    assert ("Le journal « /a/j » ne peut pas être utilisé (accès refusé).", RIGHTS) == said
    assert refused(failing(ValueError("a word")), DamagedError) == (
        "Le journal « /a/j » contient une ligne illisible (a word).",
        "Remettez une sauvegarde à sa place, ou lancez « relance repair ».",
    )
    with pytest.raises(sqlite3.ProgrammingError):
        failing(sqlite3.ProgrammingError("closed"))()


def test_what_is_no_journal_of_ours(path: Path, tmp_path: Path) -> None:
    """Empty, another program's, newer, older: each has a cure of its own, and the file is left alone."""
    empty = tmp_path / "empty"
    empty.touch()
    opened = [lambda at=at: open_journal(at, TODAY, create=False) for at in (empty, path)]
    assert (f"Le journal « {empty} » est vide.", REBUILD) == refused(opened[0], DamagedError)
    by_hand(path, "INSERT INTO migrations VALUES ('2031-01 telepathy', '')")
    assert refused(opened[1]) == (
        f"Le journal « {path} » a été écrit par une version plus récente de relance.",
        "Mettez relance à jour sur cette machine ; le journal n’a pas été touché.",
    )
    by_hand(path, "DELETE FROM migrations", "INSERT INTO migrations VALUES ('2026-11 first', '')")
    assert refused(opened[1]) == (
        f"Le journal « {path} » date d’une version de relance trop ancienne : celle-ci ne sait plus le lire.",
        "Reprenez la version qui l’a écrit, ou nommez un autre fichier dans [journal] file et redites-lui ce qui est "
        "parti (« relance record ») ; celui-ci n’a pas été touché.",
    )
    by_hand(path, "DROP TABLE migrations")
    assert refused(opened[1]) == (
        f"Le journal « {path} » n’est pas un journal de relance.",
        "Corrigez [journal] file dans les réglages : ce fichier sert à autre chose.",
    )


def test_a_journal_that_is_not_there(path: Path, tmp_path: Path) -> None:
    """Never there, or lost: what lies beside its place tells."""
    never = tmp_path / "other" / "j"
    assert refused(lambda: open_journal(never, TODAY, create=False), DamagedError) == (
        f"Le journal « {never} » est introuvable.",
        "Remettez-le à sa place, ou corrigez [journal] file dans les réglages.",
    )
    path.unlink()
    lost = (f"Le journal « {path} » a disparu, mais relance a déjà servi ici.", REBUILD)
    assert lost == refused(lambda: open_journal(path, TODAY, create=True), DamagedError)
    assert lost == refused(lambda: read_journal(path), DamagedError)


def test_receipts_that_do_not_belong_or_do_not_help(path: Path, tmp_path: Path) -> None:
    """Another journal's; absent or illegible where they would be the only ones to tell, since the last copy."""
    with open_journal(tmp_path / "k", TODAY, create=True):
        pass
    ours, own = receipts_path(path).read_bytes(), receipts_path(path)
    own.write_bytes(receipts_path(tmp_path / "k").read_bytes())
    with open_journal(path, TODAY, create=False) as journal:
        assert refused(journal.recover) == (
            "Les reçus à côté du journal sont ceux d’un autre journal : l’un des deux n’est pas à sa place.",
            "Remettez ensemble le journal et son fichier .receipts ; l’un n’est rien sans l’autre.",
        )
    own.write_bytes(ours)
    with open_journal(path, TODAY, create=False) as journal:
        journal.back_up(TODAY)
    cure = (
        "Remettez le fichier .receipts à sa place ; sinon, regardez vos messages envoyés, puis « relance repair "
        "--without-receipts »."
    )
    for copies in (True, False):
        for content, what in ((b"no receipts\n", "illisibles"), (None, "absents")):
            path.write_bytes(b"damaged")
            own.unlink(missing_ok=True)
            if content is not None:
                own.write_bytes(content)
            since = "depuis la sauvegarde du 2026-11-23" if copies else "jusqu’ici"
            said = f"Les reçus du journal « {path} » sont {what} : relance ne sait pas ce qui est parti {since}."
            assert (said, cure) == refused(lambda: repair(path, TODAY, without_receipts=False))
        for copy in backup_folder(path).iterdir():
            copy.unlink()


def test_an_attachment_that_changed(journal: Journal) -> None:
    """The message does not leave; the folder is named."""
    raw = message().raw + b"base64\r\n" + b"\r\n".join([b"A" * 76] * 50) + b"\r\n"
    [found] = journal.prepare([message("F-2")._replace(raw=raw)], TODAY)
    [part] = journal._parts.folder.iterdir()
    part.write_bytes(b"another file")
    assert refused(lambda: journal.raw(found), PartError) == (
        f"Une pièce jointe gardée dans « {journal._parts.folder} » manque ou a changé.",
        "« relance repair » nomme les messages qu’elle accompagnait, et ce qui la refait.",
    )


def test_a_lock_that_cannot_be_had(path: Path, tmp_path: Path) -> None:
    """Held, or a link."""
    with lock(path):
        assert ("Un autre « relance » est en train d’envoyer.", "Attendez qu’il ait fini.") == refused(
            lambda: lock(path).__enter__(), BusyError
        )
    (tmp_path / "k.lock").symlink_to("anywhere")
    assert (
        f"Le verrou « {tmp_path / 'k.lock'} » est un lien, et non un fichier.",
        "Supprimez ce lien, puis recommencez.",
    ) == refused(lambda: lock(tmp_path / "k").__enter__())


def test_a_journal_of_another_dossier(journal: Journal, tmp_path: Path) -> None:
    """Both ways out are named."""
    one = tmp_path / "relance.toml"
    one.write_text("")
    journal.claim(one)
    assert refused(lambda: journal.check_dossier(tmp_path / "two.toml")) == (
        f"Le journal « {journal.path} » est celui d’un autre dossier, « {one} ».",
        "Donnez à chaque dossier son journal ([journal] file) ; si celui-ci remplace l’autre, « relance confirm "
        "journal ».",
    )


@pytest.mark.parametrize(
    ("found", "what"),
    [
        (
            put_back(3, Reach(3, 1), Reach(3, 2)),
            "Les reçus du journal manquent, ou sont plus anciens qu’à la fin du dernier envoi",
        ),
        (put_back(2, Reach(3, 1), Reach(3, 1)), "Le journal est plus ancien que ses reçus"),
        (
            put_back(3, Reach(3, 1), Reach()),
            "La mémoire que relance garde hors du dossier manque, ou est plus ancienne que le journal",
        ),
    ],
)
def test_a_file_that_was_put_back(found: JournalError, what: str) -> None:
    """Which one, and the command that shows what may leave twice."""
    assert found.args == (
        f"{what} : relance ne sait pas ce qui est parti depuis, et n’envoie rien.",
        "Si c’est voulu (sauvegarde remise, nouvel ordinateur, dossier copié), « relance confirm journal » montre ce "
        "qui pourrait partir deux fois, puis l’accepte ; sinon, remettez le fichier à sa place.",
    )


def test_mistakes_of_ours(journal: Journal) -> None:
    """A program that asks what makes no sense is told so in its own language, and nothing is written."""
    with pytest.raises(ValueError, match=r"^a message needs its keys, each once$"):
        journal.prepare([message()._replace(keys=())], TODAY)
    with pytest.raises(ValueError, match=r"^Drafted is not for the user to say$"):
        journal.record(Drafted("F-1/2026", "friendly", "email", TODAY, 0))
    assert [] == journal.facts()


def test_how_durable_it_is(journal: Journal) -> None:
    """Each commit is on the disk, the plate included, and its rollback journal gone from its folder."""
    told = {name: journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")}
    told |= {name: journal._db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("fullfsync", "foreign_keys")}
    assert {"journal_mode": "delete", "synchronous": 3, "fullfsync": 1, "foreign_keys": 1} == told
    assert os.fspath(journal.path) == journal._db.execute("PRAGMA database_list").fetchone()[2]
