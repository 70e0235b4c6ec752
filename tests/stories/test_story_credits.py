"""Credit notes from one morning to the next: allocated by hand, then shown by the file; and who hears of it."""

from pathlib import Path

import pytest
from story_support import Story, story

HEADER = "N° facture;Client;E-mail;Date de facture;Échéance;Montant TTC;Statut;Facture d’origine;Reste dû;Avoirs"
ALLOCATED, NEXT = "2026-11-26", "2026-11-27"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """Two invoices of one customer, whose credit note was allocated to the second one, and a run that saw it."""
    place = story(tmp_path)
    place.settings(rest='[delivery]\ntransport = "folder"\nfolder = "messages"\n')
    write(place)
    assert 0 == place.run("send", today="2026-11-23").code
    assert 0 == place.run("allocate", "A-001", "F-2", today=ALLOCATED).code
    assert 0 == place.run("send", today=ALLOCATED).code
    return place


def write(
    place: Story, names: str = "", rest: str = "", credits: str = "", second: str = "F-2", first: str = "-300,00"
) -> None:
    """The file, where the credit note `names` an invoice, and the second one has this `rest` and these `credits`."""
    alpha = "Alpha SARL;compta@alpha.example"
    lines = [
        HEADER,
        f"F-1;{alpha};20/10/2026;19/11/2026;1 200,00;En attente;;;",
        f"{second};{alpha};21/10/2026;20/11/2026;1 000,00;En attente;;{rest};{credits}",
        f"A-001;{alpha};01/11/2026;01/11/2026;{first};Avoir;{names};;",
    ]
    place.invoices.write_text("\n".join(lines) + "\n", encoding="utf-8")


def plain(text: str) -> str:
    """A text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def show(place: Story, what: str, today: str = NEXT) -> str:
    """What `relance show` says."""
    done = place.run("show", what, today=today)
    assert 0 == done.code, done.err
    return plain(done.out)


def test_both_tell_of_the_allocation(here: Story) -> None:
    """The invoice lists its credit note, the credit note its invoice, each with the amount."""
    about = show(here, "F-2")
    assert "700,00 € sur 1 000,00 €, avoirs 300,00 €\n               avoir A-001 du 01/11/2026 : 300,00 €\n" in about
    assert "  imputé par vous le 26/11/2026 sur F-2 : 300,00 €\n" in show(here, "A-001")
    assert "avoir" not in show(here, "F-1")


@pytest.mark.parametrize(("rest", "credits"), [("700,00", ""), ("", "300,00"), ("700,00", "300,00")])
def test_the_file_shows_it_without_its_name(here: Story, rest: str, credits: str) -> None:
    """By a lower rest, or in its column: it counts until it is undone, and nothing leaves before that is answered."""
    assert 0 == here.run("record", "F-2", "--stage", "friendly", "--channel", "email", today=ALLOCATED).code
    write(here, rest=rest, credits=credits)
    line = here.line("F-2", "2026-12-07")
    assert ("changed", "400.00", "1000.00") == tuple(line[name] for name in ("reason", "outstanding", "total"))
    assert "  avoir A-001 du 01/11/2026 : 300,00 €\n" in show(here, "F-2")
    assert "imputé par vous le 26/11/2026 sur F-2 : 300,00 €" in show(here, "A-001")
    undo_twice(here)
    assert "700.00" == here.line("F-2", "2026-12-07")["outstanding"]


def undo_twice(place: Story) -> None:
    """The last word about F-2, and the allocation before it."""
    assert 0 == place.run("undo", "F-2", today=NEXT).code
    assert "imputation de l’avoir A-001" in plain(place.run("undo", "F-2", today=NEXT).out)


def test_a_column_of_credit_notes_alone(here: Story) -> None:
    """Nobody knows its number: it reads as a credit note all the same."""
    write(here, credits="450,00")
    about = show(here, "F-2")
    assert "Reste dû     250,00 € sur 1 000,00 €, avoirs 750,00 €" in about
    assert "  avoir : 450,00 €\n               avoir A-001 du 01/11/2026 : 300,00 €\n" in about


def test_the_file_takes_it_off_the_other_invoice(here: Story) -> None:
    """The file wins; the user reads it in the plan and in `show`, and confirms what the customer was told otherwise."""
    write(here, names="F-1")
    amounts = [here.line(number, NEXT)["outstanding"] for number in ("F-1", "F-2")]
    assert ["900.00", "1000.00"] == amounts
    expected = "l’avoir A-001 (300,00 €), imputé par vous ici, n’y compte plus : le fichier le déduit de F-1"
    assert expected in " ".join(show(here, "F-2").split())
    assert expected in plain(here.run("plan", today=NEXT).out)
    assert "Avoir A-001 de 300,00 € déduit de la facture F-1." in show(here, "A-001")
    assert "imputé par vous" not in show(here, "A-001")
    assert 2 == here.run("allocate", "A-001", "F-2", today=NEXT).code
    assert 2 == here.run("pay", "F-2", "--amount", "2000", today=NEXT).code
    assert 0 == here.run("pay", "F-2", "--amount", "1000", today=NEXT).code


def test_a_lower_rest_is_asked_about_until_it_is_confirmed(here: Story) -> None:
    """600 less: is the credit note in it, or is all of it money? Confirmed, both count; each other rest asks again."""
    assert 0 == here.run("record", "F-2", "--stage", "friendly", "--channel", "email", today=ALLOCATED).code
    write(here, rest="400,00")
    line = here.line("F-2", "2026-12-07")
    assert "changed" == line["reason"]
    said = "s’il y est déjà compris, retirez l’imputation (relance undo F-2) → relance confirm F-2 (si c’est juste)"
    assert said in plain(line["because"])
    assert 0 == here.run("confirm", "F-2", today="2026-12-07").code
    assert ("too_soon", "100.00") == tuple(here.line("F-2", "2026-12-07")[name] for name in ("reason", "outstanding"))
    write(here, rest="350,00")
    assert ("changed", "50.00") == tuple(here.line("F-2", "2026-12-08")[name] for name in ("reason", "outstanding"))


def test_what_may_be_paid_is_neither_closed_nor_thanked_for(here: Story) -> None:
    """A lower rest, then 400 of money: where the credit note is in it, 300 are left; the user is asked."""
    assert 0 == here.run("record", "F-2", "--stage", "friendly", "--channel", "email", today=ALLOCATED).code
    write(here, rest="700,00")
    assert 0 == here.run("send", today=NEXT).code
    write(here, rest="300,00")
    line = here.line("F-2", "2026-12-07")
    assert ("changed", "0.00") == (line["reason"], line["outstanding"])
    assert "F-2" not in here.run("send", today="2026-12-07").out.partition("Vérifier")[0]


@pytest.mark.parametrize("file", [{"credits": "100,00"}, {"first": "-100,00", "names": "F-2"}])
def test_a_credit_note_is_not_taken_for_money_told_by_hand(here: Story, file: dict[str, str]) -> None:
    """All but the credit note was paid and noted; the file shows the credit note alone: nothing is owed any more."""
    assert 0 == here.run("undo", "F-2", today=NEXT).code
    assert 0 == here.run("pay", "F-2", "--amount", "900", today=NEXT).code
    write(here, **file)
    assert ("paid", "0.00") == tuple(here.line("F-2", "2026-12-14")[name] for name in ("reason", "outstanding"))


def test_an_allocation_is_no_payment_newly_seen(here: Story) -> None:
    """Nothing was received: what only the credit note held back leaves the same day."""
    write(here, names="")
    assert 0 == here.run("undo", "F-2", today=ALLOCATED).code
    here.run("record", "F-2", "--stage", "friendly", "--channel", "email", today=ALLOCATED)
    here.run("send", today="2026-12-04")
    assert "open_credit" == here.line("F-2", "2026-12-07")["reason"]
    assert 0 == here.run("allocate", "A-001", "F-2", today="2026-12-07").code
    assert ("due", "700.00") == tuple(here.line("F-2", "2026-12-07")[name] for name in ("reason", "outstanding"))
    here.run("send", "--only", "F-1", today="2026-12-07")
    assert "due" == here.line("F-2", "2026-12-08")["reason"]


def test_a_credit_note_allocated_anew_counts_beside_the_rest(here: Story) -> None:
    """It is taken off what the file shows by then, and asks nothing."""
    write(here, rest="400,00")
    assert 0 == here.run("undo", "F-2", today=NEXT).code
    assert 0 == here.run("allocate", "A-001", "F-2", today=NEXT).code
    assert "100.00" == here.line("F-2", NEXT)["outstanding"]


@pytest.mark.parametrize("file", [{}, {"rest": "700,00"}, {"names": "F-1"}])
def test_an_allocation_is_taken_back(here: Story, file: dict[str, str]) -> None:
    """Whatever the file says of it by now: then it is the file's own, and nothing more is said of it."""
    write(here, **file)
    undone = here.run("undo", "F-2", today=NEXT)
    assert (0, True) == (undone.code, "imputation de l’avoir A-001" in plain(undone.out))
    assert ("700.00" if "rest" in file else "1000.00") == here.line("F-2", NEXT)["outstanding"]
    assert "imputé par vous" not in show(here, "F-2")
    assert "imputé par vous" not in show(here, "A-001")


def test_an_invoice_under_a_new_number(here: Story) -> None:
    """Once confirmed, the allocation goes on under it; the credit note names the new number."""
    write(here, second="F-3")
    assert 0 == here.run("confirm", "F-3", today=NEXT).code
    assert "700.00" == here.line("F-3", NEXT)["outstanding"]
    allocated = show(here, "A-001")
    assert "imputé par vous le 26/11/2026 sur F-3 : 300,00 €" in allocated
    assert "F-2" not in allocated
    write(here, second="F-3", rest="700,00")
    assert "400.00" == here.line("F-3", NEXT)["outstanding"]
    write(here, second="F-3", names="F-1")
    assert "1000.00" == here.line("F-3", NEXT)["outstanding"]
    assert "le fichier le déduit de F-1" in " ".join(show(here, "F-3").split())
