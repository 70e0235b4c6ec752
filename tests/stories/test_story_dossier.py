"""One journal, one lock, one dossier, by whatever name they are reached."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import Story, story
from test_story_trouble import FRIENDLY, THREE, SlowMailbox, opened

pytestmark = pytest.mark.slow


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A freelancer's folder, inside another one."""
    (tmp_path / "dossier").mkdir()
    return story(tmp_path / "dossier")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as box:
        yield box


def twin(here: Story, journal: Path, port: int) -> Story:
    """A second folder with the same invoices, whose settings name this journal."""
    folder = here.folder.parent / "second"
    folder.mkdir()
    other = story(folder)
    other.settings(port, rest=f'[journal]\nfile = "{journal}"\n')
    other.write(*THREE)
    return other


@pytest.mark.parametrize("how", ["symlink", "hardlink", "folder"])
def test_a_second_dossier_on_one_journal_is_refused(here: Story, box: Mailbox, how: str, tmp_path: Path) -> None:
    """Through a link to the file, a second name of it, or a link to its folder; nothing leaves, nothing is noted."""
    opened(here, box.port, *THREE)
    name = tmp_path / "link"
    if how == "symlink":
        name.symlink_to(here.journal)
    elif how == "hardlink":
        name.hardlink_to(here.journal)
    else:
        name.symlink_to(here.folder)
        name /= here.journal.name
    other = twin(here, name, box.port)
    for command in (("send",), ("plan",), ("pay", "F-1")):
        done = other.run(*command, today=FRIENDLY)
        assert (2, "", True) == (done.code, done.out, "est celui d’un autre dossier" in done.err)
        assert str(here.folder / "relance.toml") in done.err
    assert [] == box.received
    assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))


def test_a_link_to_the_journal_has_its_lock(here: Story) -> None:
    """Eight runs, half of them by settings reached through a link: each message leaves once."""
    with smtp_server(mailbox=SlowMailbox()) as box:
        assert isinstance(box, SlowMailbox)
        opened(here, box.port, *THREE)
        link = here.folder.parent / "raccourci"
        link.symlink_to(here.folder)
        started = [here.start("send", today=FRIENDLY) for _ in range(2)]
        beside = here.folder.parent / "journal-lien"
        beside.symlink_to(here.journal)
        (here.folder / "relance.toml").write_text(
            (here.folder / "relance.toml").read_text() + f'\n[journal]\nfile = "{beside}"\n'
        )
        assert box.arrived.wait(60)
        started += [here.start("send", "--config", str(link / "relance.toml"), today=FRIENDLY) for _ in range(2)]
        with ThreadPoolExecutor(4) as pool:
            ends = [pool.submit(here.finish, each) for each in started]
            try:
                found = as_completed(ends, 60)
                assert [0, 0, 0] == [next(found).result().code for _ in range(3)]  # the lock was taken
            finally:
                box.go.set()
            assert [0] * 4 == [end.result().code for end in ends]
        assert 3 == len(box.received)
        assert not beside.with_name(f"{beside.name}.lock").exists()


def test_a_folder_that_was_moved_goes_on(here: Story, box: Mailbox) -> None:
    """Its old place is empty: nobody else has this journal."""
    opened(here, box.port, *THREE)
    moved = here.folder.parent / "ailleurs"
    here.folder.rename(moved)
    elsewhere = Story(moved, here.env | {"SSL_CERT_FILE": str(moved / "authority.pem")})
    assert (0, 3) == (elsewhere.run("send", today=FRIENDLY).code, len(box.received))


def test_a_copied_folder_asks(here: Story, box: Mailbox) -> None:
    """Both are there: the copy takes the journal over by the user's word alone, as the sentence says."""
    opened(here, box.port, *THREE)
    copy = here.folder.parent / "copie"
    shutil.copytree(here.folder, copy)
    other = Story(copy, here.env)
    refused = other.run("send", today=FRIENDLY)
    assert (2, True) == (refused.code, "relance confirm journal" in refused.err)
    assert 0 == other.run("confirm", "journal", today=FRIENDLY).code
    assert 2 == other.run("confirm", "journal", today=FRIENDLY).code  # nothing waits any more
    assert (0, 3) == (other.run("send", today=FRIENDLY).code, len(box.received))


def test_a_lock_that_is_a_link_is_not_followed(here: Story, box: Mailbox) -> None:
    """It could lock, and overwrite, any file of the user."""
    opened(here, box.port, *THREE)
    lock = here.journal.with_name(f"{here.journal.name}.lock")
    precious = here.folder / "precious.txt"
    precious.write_text("mine")
    lock.unlink()
    lock.symlink_to(precious)
    done = here.run("send", today=FRIENDLY)
    assert (2, "", True) == (done.code, done.out, "est un lien" in done.err)
    assert ("mine", []) == (precious.read_text(), box.received)
    lock.unlink()
    assert (0, 3) == (here.run("send", today=FRIENDLY).code, len(box.received))
