"""A column that nobody explained: nothing leaves, the question stands last, its answers work as they are printed."""

import re
import shlex
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import Story, story

from relance.journal import read_journal

pytestmark = pytest.mark.slow  # a mail server listens

HEAD = "N° facture;Client;Email;Date facture;Échéance;Montant TTC"
ROW = "F-1;Delta SARL;d@delta.example;01/10/2026;05/11/2026;1200,00"
DAY, NEXT = "2026-11-23", "2026-12-07"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server on this machine."""
    with smtp_server() as found:
        yield found


@pytest.fixture
def here(tmp_path: Path, box: Mailbox) -> Story:
    """A folder whose file has a column « Versé », relance new in it."""
    place = story(tmp_path)
    place.settings(box.port)
    write(place, "Versé", "400,00")
    return place


def write(story: Story, header: str, cell: str) -> None:
    """The file with this column."""
    story.invoices.write_text(f"{HEAD};{header}\n{ROW};{cell}\n", encoding="utf-8")


def printed(text: str) -> list[list[str]]:
    """The commands that a question prints, as a shell reads them, without the program's name."""
    return [shlex.split(found)[1:] for found in re.findall(r"→ (relance .*)", text)]


def owed(story: Story, today: str = DAY) -> tuple[str, str, bool]:
    """What is left to pay of the invoice, why it waits, whether the reading is agreed."""
    plan = story.run("plan", "--format", "json", today=today).json
    [line] = plan["invoices"]
    return line["outstanding"], line["reason"], plan["reading"]["agreed"]


def test_nothing_leaves_and_the_question_stands_last(here: Story, box: Mailbox) -> None:
    """The plan ends with the column, its cells and the commands; JSON names it; send sends nothing and says why."""
    shown = here.run("plan", today=DAY)
    assert 1 == shown.code
    assert ['relance confirm columns --as paid="Versé"', 'relance confirm columns --ignore "Versé"'] == [
        line.removeprefix("  → ") for line in shown.out.rstrip().splitlines()[-2:]
    ]
    assert "« Versé »" in shown.out.rstrip().splitlines()[-3].replace("\u00a0", " ").replace("\u202f", " ")
    plan = here.run("plan", "--format", "json", today=DAY).json
    assert ([], ["confirm"]) == (plan["reminders"], [task["kind"] for task in plan["tasks"]])
    assert {"agreed": False, "unused": ["Versé"], "looks": ["amount"]} == {
        "agreed": plan["reading"]["agreed"],
        "unused": [each["header"] for each in plan["reading"]["unused"]],
        "looks": [each["looks_like"] for each in plan["reading"]["unused"]],
    }
    assert ("0.00", "reading") == (plan["invoices"][0]["claimed"], plan["invoices"][0]["reason"])
    sent = here.run("send", today=DAY)
    assert (1, []) == (sent.code, box.received)
    assert "relance confirm columns" in sent.out
    assert "" == here.run("send", today="2026-11-24").out, "said once a week"


@pytest.mark.parametrize(("place", "left"), [(0, "800.00"), (1, "1200.00")])
def test_each_printed_answer_works(here: Story, place: int, left: str) -> None:
    """Typed as printed, it is asked no more, for good."""
    answer = printed(here.run("plan", today=DAY).out)[place]
    assert 0 == here.run(*answer, today=DAY).code
    assert (left, "backlog", True) == owed(here)
    here.run("send", today=DAY)
    assert (left, True) == (owed(here, NEXT)[0], owed(here, NEXT)[2])


@pytest.mark.parametrize(("place", "left"), [(0, "800.00"), (1, "1200.00")])
@pytest.mark.parametrize(
    "header",
    [
        "-Versé net",
        "--Versé",
        '"Versé\nnet"',
        "Versé\tnet",
        '"Versé ""hors"" CB"',
        '"Versé; chèque"',
        "Versé = espèces",
        "Versé $HOME `id`",
        "Versé \\ net!",
        "Versé l'an passé",
    ],
)
def test_the_answers_about_odd_headers_are_typed_as_printed(here: Story, header: str, place: int, left: str) -> None:
    """In one line, and taken for no option."""
    write(here, header, "400,00")
    answer = printed(here.run("plan", today=DAY).out)[place]
    assert 0 == here.run(*answer, today=DAY).code, answer
    assert (left, True) == (owed(here)[0], owed(here)[2])


def test_the_other_answer_takes_the_first_ones_place(here: Story) -> None:
    """Ignored by mistake, it is named after all."""
    here.run("confirm", "columns", "--ignore", "Versé", today=DAY)
    assert 0 == here.run("confirm", "columns", "--as", "paid=Versé", today=DAY).code
    assert "800.00" == owed(here)[0]


def test_a_column_that_changes_its_name_asks_again(here: Story, box: Mailbox) -> None:
    """The difference is shown; confirmed, it is the new reading."""
    here.run("confirm", "columns", "--as", "paid=Versé", today=DAY)
    here.run("confirm", "backlog", "--as-is", today=DAY)
    here.run("send", "--yes", today=DAY)
    assert 1 == len(box.received)
    write(here, "Acompte", "400,00")
    shown = here.run("plan", today=NEXT)
    assert 1 == shown.code
    told = shown.out.replace("\u00a0", " ").replace("\u202f", " ")
    assert ("nouvelle : « Acompte »" in told, "disparue : « Versé »" in told) == (True, True)
    assert "reading" == owed(here, NEXT)[1]
    [answer] = printed(shown.out)
    assert 0 == here.run(*answer, today=NEXT).code
    assert True is owed(here, NEXT)[2]


def test_the_first_run_is_what_the_next_file_is_compared_with(here: Story) -> None:
    """No question was asked; a used column that goes all the same asks one."""
    write(here, "Payé", "400,00")
    here.run("send", today=DAY)
    write(here, "Notes", "néant")
    assert ("1200.00", "reading", False) == owed(here, NEXT)
    write(here, "Payé", "400,00")
    assert True is owed(here, NEXT)[2]


def test_the_settings_answer_too(here: Story, box: Mailbox) -> None:
    """[invoices] ignore and [invoices.columns]."""
    here.settings(box.port, rest='[invoices.columns]\npaid = "Versé"\n')
    assert ("800.00", True) == (owed(here)[0], owed(here)[2])
    settings = here.folder / "relance.toml"
    settings.write_text(settings.read_text("utf-8").replace("[invoices.columns]\npaid =", "").replace(' "Versé"\n', ""))
    settings.write_text(
        settings.read_text("utf-8").replace('file = "factures.csv"', 'file = "factures.csv"\nignore = ["Versé"]')
    )
    assert ("1200.00", True) == (owed(here)[0], owed(here)[2])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--as", "paid=Verse ment"], "Aucune colonne ne s’appelle « Verse ment »"),
        (["--ignore", "Payé"], "Aucune colonne ne s’appelle « Payé »"),
        (["--as", "versement=Versé"], "Le champ « versement » de [invoices.columns] n’existe pas"),
        (["--as", "Versé"], 'Écrivez --as paid="Versé"'),
        (["--ignore"], "Quelles colonnes ne pas lire"),
        (["Versé"], '--ignore "En-tête"'),
        ([], "Reste à préciser : « Versé »"),
        (["--gently"], "vont avec « confirm backlog »"),
    ],
)
def test_a_wrong_answer_changes_nothing_and_says_what_to_type(here: Story, words: list[str], said: str) -> None:
    """A header or field that does not exist, half an answer, none."""
    done = here.run("confirm", "columns", *words, today=DAY)
    assert (2, "") == (done.code, done.out)
    assert said in done.err.replace("\u00a0", " ").replace("\u202f", " ")
    assert False is owed(here)[2]


def test_nothing_to_answer_is_said(here: Story) -> None:
    """Where the reading is agreed."""
    write(here, "Payé", "400,00")
    assert 2 == here.run("confirm", "columns", today=DAY).code


def test_without_settings_the_question_says_where_to_answer(here: Story) -> None:
    """Nothing is claimed of the lines, and the command that it prints asks for the answer (see test_first_hour)."""
    (here.folder / "relance.toml").rename(here.folder / "aside.toml")
    shown = here.run("plan", "factures.csv", today=DAY)
    assert 1 == shown.code
    assert "Versé" in shown.out
    assert shown.out.endswith("→ relance init factures.csv\n")
    plan = here.run("plan", "factures.csv", "--format", "json", today=DAY).json
    assert ([], "0.00", False) == (plan["reminders"], plan["totals"][0]["claimed"], plan["reading"]["agreed"])
    assert Decimal("1200.00") == Decimal(plan["totals"][0]["outstanding"])


def test_check_lists_what_is_used_ignored_and_unused(here: Story) -> None:
    """With samples, the question last."""
    text = f"{HEAD};Versé;Couleur;Rang\n{ROW};400,00;bleu;7\n"
    here.invoices.write_text(text, encoding="utf-8")
    here.run("confirm", "columns", "--ignore", "Rang", "--ignore", "Versé", today=DAY)
    brief = here.run("check", "--offline", today=DAY).out
    assert re.search("Colonnes +6 comprises, 2 laissées de côté, 1 sans effet +ok", brief)
    shown = here.run("check", "--offline", "--verbose", today=DAY).out.replace("\u00a0", " ").replace("\u202f", " ")
    assert "laissées de côté, comme vous l’avez dit : Versé, Rang" in shown
    assert "« Couleur » : bleu" in shown
    assert "À préciser" not in shown


def test_the_journal_is_opened_once(here: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """For how the file is read and for what happened before alike: it and its receipts grow for years."""
    here.run("send", today=DAY)
    opened: list[Path] = []

    def counted(path: Path) -> object:
        opened.append(path)
        return read_journal(path)

    monkeypatch.setattr("relance.journal.read_journal", counted)
    assert 1 == here.run("plan", today=DAY).code
    assert [here.journal] == opened
