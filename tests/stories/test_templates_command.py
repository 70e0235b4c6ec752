"""`relance templates copy` and `check`, and what the checker's findings do to a run."""

import time
from pathlib import Path

import pytest
from story_support import Story, row, story

pytestmark = pytest.mark.slow

MONDAY = "2026-11-23"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A freelancer with one invoice that is five days late, and one that is twenty."""
    made = story(tmp_path)
    made.settings(rest='[delivery]\ntransport = "folder"\n[templates]\nfolder = "modeles"\n')
    made.write(row("F-1", "Alpha SAS", "18/11/2026"), row("F-2", "Beta SARL", "03/11/2026"))
    return made


def edited(here: Story, name: str, before: str, after: str) -> None:
    """Change one sentence of a copied template."""
    path = here.folder / "modeles" / name
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_copies_are_found_and_change_nothing(here: Story) -> None:
    """All files, both languages; the copies are tried and are right."""
    done = here.run("templates", "copy")
    assert (0, "") == (done.code, done.err)
    assert "« modeles »" in done.out.replace("\u00a0", " ").replace(str(here.folder) + "/", "")
    assert (here.folder / "modeles" / "_closing.txt.j2").is_file()
    assert (here.folder / "modeles" / "en" / "firm.txt.j2").is_file()
    checked = here.run("templates", "check")
    assert 0 == checked.code
    assert "0 erreur, 0 remarque." in checked.out


def test_nothing_is_overwritten(here: Story) -> None:
    """What the user changed stays, also when he copies again."""
    here.run("templates", "copy")
    edited(here, "_closing.txt.j2", "Bonne journée", "Belle journée")
    again = here.run("templates", "copy")
    assert 0 == again.code
    assert "n’ont pas changé" in again.out
    assert "Belle journée" in (here.folder / "modeles" / "_closing.txt.j2").read_text(encoding="utf-8")


def test_one_sentence_in_one_place(here: Story) -> None:
    """The shared block changes every message that includes it."""
    here.run("templates", "copy")
    edited(here, "_crossed.txt.j2", "Merci d’ignorer", "Merci d’oublier")
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    sent = here.run("send", "--dry-run", today=MONDAY)
    assert 2 == sent.out.count("Merci d’oublier")


def test_an_error_is_said_and_stops_that_message_alone(here: Story) -> None:
    """A blaming firm template: the friendly message leaves, the firm one does not, and the run says why."""
    here.run("templates", "copy")
    edited(here, "firm.txt.j2", "Merci de", "C’est inadmissible. Merci de")
    checked = here.run("templates", "check")
    assert 2 == checked.code
    assert "relance ferme (firm.txt.j2)" in checked.out.replace("\u00a0", " ")
    assert "ne partirait pas" in checked.out
    assert 2 == here.run("check", "--offline", today=MONDAY).code
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    sent = here.run("send", today=MONDAY)
    assert 1 == sent.code
    assert "inadmissible" in sent.out
    assert 1 == len(list((here.folder / "brouillons").rglob("*.eml")))


def test_a_warning_is_shown_and_stops_nothing(here: Story) -> None:
    """An exclamation mark: both messages leave, and the user is told once."""
    here.run("templates", "copy")
    edited(here, "_closing.txt.j2", "Bonne journée,", "Bonne journée !")
    checked = here.run("templates", "check")
    assert 1 == checked.code
    assert "à regarder" in checked.out
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    sent = here.run("send", today=MONDAY)
    assert "un point d’exclamation" in sent.out
    assert 2 == len(list((here.folder / "brouillons").rglob("*.eml")))


def test_a_template_that_does_not_end_stops_its_own_stage(here: Story) -> None:
    """The other stages leave; alone, nothing leaves, exit code 2, and the sentence says which file."""
    here.run("templates", "copy")
    (here.folder / "modeles" / "firm.txt.j2").write_text("Objet : x\n\n{{ 10**(10**8) }}\n", encoding="utf-8")
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    alone = here.run("send", "--only", "F-2", today=MONDAY)
    assert 2 == alone.code
    assert "« firm.txt.j2 »" in alone.err.replace("\u00a0", " ")
    assert not list(here.folder.rglob("*.eml"))
    sent = here.run("send", today=MONDAY)
    assert 1 == sent.code
    assert "« firm.txt.j2 »" in sent.out.replace("\u00a0", " ")
    assert 1 == len(list(here.folder.rglob("*.eml")))


def test_a_folder_that_cannot_be_written_is_said(here: Story) -> None:
    """A file stands where the folder would be."""
    (here.folder / "plein").write_text("x", encoding="utf-8")
    done = here.run("templates", "copy", "plein")
    assert 2 == done.code
    assert "Impossible" in done.err


def test_an_english_customer_reads_english(here: Story) -> None:
    """By the settings; a stage of one's own without an English template is written in French."""
    here.settings(
        rest='[delivery]\ntransport = "folder"\n[[customers]]\nmatch = "Alpha SAS"\nlanguage = "en"\n'
        '[[customers]]\nmatch = "Beta SARL"\nformality = "tu"\n'
    )
    here.run("confirm", "backlog", "--as-is", today=MONDAY)
    sent = here.run("send", "--dry-run", today=MONDAY)
    assert "Invoice F-1: €1,200.00, due on" in sent.out
    assert "Bien à toi," in sent.out


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("formal_notice.letter.j2", "{{ custmer.name }}", "mise en demeure, sur papier (formal_notice.letter.j2)"),
        ("call.txt.j2", "{{ custmer.name }}", "fiche d’appel (call.txt.j2)"),
        ("sms.txt.j2", "{{ custmer.name }}", "SMS (sms.txt.j2)"),
    ],
)
def test_every_template_is_tried(here: Story, name: str, line: str, said: str) -> None:
    """The letter's words, the call sheet and the text message too: each would fail on the day that it is needed."""
    here.run("templates", "copy")
    path = here.folder / "modeles" / name
    path.write_text(f"{path.read_text(encoding='utf-8')}{line}\n", encoding="utf-8")
    for command in (("templates", "check"), ("check", "--offline")):
        done = here.run(*command)
        assert 2 == done.code
        assert said in done.out.replace("\u00a0", " ")
        assert "le nom « custmer » n’existe pas" in done.out.replace("\u00a0", " ")


def test_remarks_about_the_letter_are_shown(here: Story) -> None:
    """`check` and `letter` say what the checker remarks in the words on paper."""
    here.run("templates", "copy")
    edited(here, "formal_notice.letter.j2", "== signature ==", "Merci d’avance !\n\n== signature ==")
    checked = here.run("check", "--offline", today=MONDAY)
    printed = here.run("letter", "F-1", today=MONDAY)

    for done in (checked, printed):
        assert 1 == done.code
        assert "un point d’exclamation" in done.out
    assert "sur papier" in checked.out


def test_a_block_that_does_not_end_takes_few_seconds(here: Story) -> None:
    """A shared block stops every message: three are waited for, the others are named as not tried."""
    here.run("templates", "copy")
    loop = "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}"
    (here.folder / "modeles" / "_closing.txt.j2").write_text(loop, encoding="utf-8")
    (here.folder / "modeles" / "_formal_closing.txt.j2").write_text(loop, encoding="utf-8")
    begun = time.monotonic()
    done = here.run("templates", "check")

    assert 30 > time.monotonic() - begun
    assert 2 == done.code
    assert 3 == done.out.count("prend plus de deux secondes")
    assert done.out.count("pas essayé, car d’autres modèles ne finissent pas") > 3
