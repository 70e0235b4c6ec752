"""`relance bank --settle`: what a person says of a credit, what is learnt by it, and how it is taken back."""

import re
import shlex
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from story_support import Done, Story, row, story

DAY = "2026-11-20"
HEADER = "Date;Libellé;Montant;Nom de la contrepartie;IBAN;Devise"


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with settings, three invoices of two customers, and the folder of statements."""
    at = story(tmp_path)
    at.kept = True
    bill(at)
    at.settings(rest='[bank]\nfiles = ["releves/*"]\n')
    (tmp_path / "releves").mkdir()
    return at


def bill(at: Story, *more: Any) -> None:
    """The invoices of these tests."""
    at.write(
        row("F-2026-041", "Scierie des Aulnes", "15/10/2026", total="1200,00"),
        row("F-2026-042", "Scierie des Aulnes", "20/10/2026", total="800,00"),
        row("F-2026-050", "Cabinet Brumaire", "18/10/2026", total="500,00"),
        *more,
    )


def came(at: Story, *credits: tuple[str, str, str, str], name: str = "nov.csv", **iban: str) -> None:
    """Credits as (day, amount, payer, label)."""
    rows = [f"{on};{label};{amount};{payer};{iban.get('iban', '')};EUR" for on, amount, payer, label in credits]
    (at.folder / "releves" / name).write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")


def plain(text: str) -> str:
    """The same with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def credits(at: Story) -> list[dict[str, Any]]:
    """What is made of each."""
    found: list[dict[str, Any]] = at.run("bank", "--format", "json", today=DAY).json["credits"]
    return found


def asked(at: Story, *files: str) -> list[str]:
    """The commands that are printed."""
    return re.findall(
        r"→ relance (bank .*?|pay .*?)(?: \(.*)?$", plain(at.run("bank", *files, today=DAY).out), re.MULTILINE
    )


def typed(at: Story, command: str) -> Done:
    """A command as it was printed."""
    return at.run(*shlex.split(command), today=DAY)


# What each kind of doubt prints

PAID = row("F-2026-030", "Scierie des Aulnes", "01/10/2026", total="1200,00", paid="1200,00", paid_on="20/10/2026")
PART = row("F-2026-031", "Menuiserie Tilleul", "01/10/2026", total="900,00", paid="500,00")
TWIN = row("F-2026-043", "Cabinet Brumaire", "28/10/2026", total="500,00")
LATE = row("F-2026-032", "Menuiserie Tilleul", "01/10/2026", total="321,00", issued="01/09/2026")
DOUBTS: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "same amount": (("12/11/2026", "500,00", "PERSONNE", "merci"),),
    "same amount of several": (("12/11/2026", "500,00", "PERSONNE", "merci"),),
    "too much": (("12/11/2026", "1300,00", "X", "F-2026-041"),),
    "paid twice": (("12/11/2026", "1200,00", "SCIERIE DES AULNES", "F-2026-030"),),
    "known or not": (("12/11/2026", "300,00", "MENUISERIE TILLEUL", "F-2026-031"),),
    "alike": (("12/11/2026", "800,00", "SCIERIE DES AULNES", "virement"),),
    "alike without sum": (("12/11/2026", "77,00", "SCIERIE DES AULNES", "virement"),),
    "nothing open": (("12/10/2025", "77,00", "SCIERIE DES AULNES", "virement"),),
    "several owners": (("12/11/2026", "600,00", "X", "F-2026-041 F-2026-050"),),
    "other payer": (("12/11/2026", "600,00", "CABINET BRUMAIRE", "F-2026-041"),),
    "other invoice": (("12/11/2026", "800,00", "X", "F-2026-041"),),
    "service": (("12/11/2026", "480,00", "STRIPE", "STRIPE PAYOUT"),),
    "service beside": (("12/11/2026", "44,00", "STRIPE", "STRIPE PAYOUT"),),
    "fees": (("12/11/2026", "1195,00", "X", "VIREMENT ETRANGER CARTE F-2026-041"),),
    "refund": (("12/11/2026", "800,00", "X", "REMBOURSEMENT AVOIR F-2026-042"),),
    "own": (("12/11/2026", "800,00", "Camille Martin", "F-2026-042"),),
    "taken back": (("12/11/2026", "800,00", "X", "F-2026-042"), ("14/11/2026", "-800,00", "X", "REJET F-2026-042")),
    "taken back alone": (("12/11/2026", "-800,00", "X", "REJET F-2026-042"),),
    "early": (("12/08/2026", "321,00", "X", "F-2026-032"),),
}


@pytest.mark.parametrize("kind", DOUBTS)
def test_each_doubt_prints_what_settles_it(here: Story, kind: str) -> None:
    """One or two commands, each on a line of 80; typed, each ends the doubt, and undone it is there again."""
    bill(here, PAID, PART, LATE, *([TWIN] if "several" in kind else []))
    came(here, *DOUBTS[kind])
    before = [each for each in credits(here) if each["verdict"] == "doubt"]
    assert before
    out = plain(here.run("bank", today=DAY).out)
    for doubt in before:
        lines = [line for line in out.splitlines() if line.startswith("  →") and f" {name_in(out, doubt)} " in line]
        assert 1 <= len(lines) <= 2
        assert max(map(len, lines)) <= 80
        for line in lines:
            command = re.sub(r" \(.*", "", line.removeprefix("  → relance "))
            done = typed(here, command)
            assert (0, "") == (done.code, done.err), command
            assert doubt["id"] not in {each["id"] for each in credits(here) if each["verdict"] == "doubt"}, command
            assert "déjà noté" in typed(here, command).out
            assert 0 == here.run("undo", doubt["id"], today=DAY).code
            assert [each for each in credits(here) if each["verdict"] == "doubt"] == before


def name_in(out: str, credit: dict[str, Any]) -> str:
    """The short name of a credit in the table."""
    found = re.search(rf"^  (v?{credit['id'][-8:-4]}\w*|{credit['id']}) ", out, re.MULTILINE)
    assert found
    return found[1]


def test_a_currency_is_settled_by_hand(here: Story) -> None:
    """What was paid in the currency of the invoice a person says; the credit itself pays nothing more."""
    text = here.invoices.read_text("utf-8").replace("800,00", "800,00 USD")
    here.invoices.write_text(text, encoding="utf-8")
    came(here, ("12/11/2026", "740,00", "NORTHERN BIRCH", "F-2026-042"))
    paying, nothing = asked(here)
    assert paying.startswith("pay F-2026-042 ")
    done = here.run("bank", "--settle", nothing.split()[2], "F-2026-042", today=DAY)
    assert (2, True) == (done.code, f"relance {paying}" in plain(done.err))
    assert [0, 0] == [typed(here, paying).code, typed(here, nothing).code]
    assert not asked(here)
    assert "paid" == here.line("F-2026-042", DAY)["reason"]


# What is said


def test_the_payer_is_learnt_and_forgotten(here: Story) -> None:
    """By name and account; the next credit of this payer pays by itself, until the word is undone with the tie."""
    came(here, ("12/11/2026", "500,00", "HOLDING DU VAL", "merci"), iban="FR1420041010050500013M02606")
    (first,) = credits(here)
    out = plain(here.run("bank", "--settle", first["id"][:11], "F-2026-050", today=DAY).out)
    assert "Virement du 12/11 de 500,00 € : il paie F-2026-050 (500,00 €)." in out
    assert "Les virements de HOLDING DU VAL seront reconnus comme ceux de Cabinet Brumaire." in out
    assert "paid" == here.line("F-2026-050", DAY)["reason"]
    bill(here, row("F-2026-051", "Cabinet Brumaire", "19/10/2026", total="321,00"))
    came(here, ("18/11/2026", "321,00", "AUTRE NOM", "x"), name="a.csv", iban="FR14 2004 1010 0505 0001 3M02 606")
    came(here, ("19/11/2026", "321,00", "Holding du Val", "x"), name="b.csv")
    assert ["matched"] == [each["verdict"] for each in credits(here) if each["payer"] == "AUTRE NOM"]
    assert "et payeur retenu (HOLDING DU VAL)" in plain(here.run("undo", first["id"], today=DAY).out)
    assert "matched" not in {each["verdict"] for each in credits(here)}


def test_a_service_and_oneself_are_tied_to_nobody(here: Story) -> None:
    """Stripe pays for many, and the user is no customer; a label with figures is no name."""
    ways = [("12/11/2026", "500,00", "STRIPE PAYMENTS", "x"), ("13/11/2026", "800,00", "Camille Martin", "F-2026-042")]
    came(here, *ways, ("14/11/2026", "44,00", "", "VIR RECU CODE 8841"))
    for credit, number in zip(credits(here), ("F-2026-050", "F-2026-042", "F-2026-041"), strict=True):
        assert "seront" not in here.run("bank", "--settle", credit["id"], number, today=DAY).out
        assert "matched" == {each["id"]: each for each in credits(here)}[credit["id"]]["verdict"]


def test_a_stranger_is_put_aside_for_good(here: Story) -> None:
    """Whoever only had the amount never pays from now on, but for what names an invoice; a customer is not so tied."""
    came(
        here,
        ("12/11/2026", "500,00", "MUTUELLE VERTE", "prestation"),
        ("13/11/2026", "800,00", "SCIERIE DES AULNES", "x"),
    )
    one, other = (each["id"] for each in credits(here))
    said = plain(here.run("bank", "--settle", one, "--not-ours", today=DAY).out)
    assert "Les virements de MUTUELLE VERTE qui ne nomment pas de facture seront écartés." in said
    assert "écartés" not in here.run("bank", "--settle", other, "--not-ours", today=DAY).out
    later = (
        ("17/11/2026", "500,00", "Mutuelle Verte", "prestation"),
        ("18/11/2026", "500,00", "Mutuelle Verte", "F-2026-050"),
    )
    came(here, *later, ("19/11/2026", "800,00", "Scierie des Aulnes", "y"), name="b.csv")
    assert ["other", "other", "other", "doubt", "doubt"] == [each["verdict"] for each in credits(here)]


def test_amounts_as_a_person_writes_them(here: Story) -> None:
    """Several invoices, one with its amount; without amounts the oldest first, and what remains is said."""
    came(here, ("12/11/2026", "1500,00", "X", "acompte"), ("13/11/2026", "2600,00", "Y", "tout"))
    one, two = (each["id"] for each in credits(here))
    said = plain(here.run("bank", "--settle", one, "F-2026-042=300,50 €", "F-2026-041", today=DAY).out)
    assert "il paie F-2026-042 (300,50 €, reste 499,50 €) et F-2026-041 (1 199,50 €, reste 0,50 €)." in said
    assert "Reste" not in said
    said = plain(here.run("bank", "--settle", two, "F-2026-050", "f2026042", "F-2026-041", today=DAY).out)
    assert "il paie F-2026-050 (500,00 €), F-2026-042 (499,50 €) et F-2026-041 (0,50 €)." in said
    assert "Reste 1 600,00 €, sans facture." in said
    assert {"paid"} == {here.line(number, DAY)["reason"] for number in ("F-2026-041", "F-2026-042", "F-2026-050")}


def test_a_second_word_takes_the_place_of_the_first(here: Story) -> None:
    """What it replaces is said; nothing counts twice; undone, the first stands again, then none."""
    came(here, ("12/11/2026", "500,00", "X", "merci"))
    name = credits(here)[0]["id"]
    here.run("bank", "--settle", name, "F-2026-050", today=DAY)
    said = plain(here.run("bank", "--settle", name, "F-2026-041=500", today=DAY).out)
    assert "Ce qui était noté ne vaut plus : il payait F-2026-050 (500,00 €)." in said
    assert ("500.00", "700.00") == tuple(here.line(n, DAY)["outstanding"] for n in ("F-2026-050", "F-2026-041"))
    assert "de nouveau, comme avant, il paie F-2026-050" in plain(here.run("undo", "F-2026-041", today=DAY).out)
    assert ("paid", "1200.00") == (here.line("F-2026-050", DAY)["reason"], here.line("F-2026-041", DAY)["outstanding"])
    assert 0 == here.run("undo", name[:10], today=DAY).code
    assert 2 == here.run("undo", name, today=DAY).code
    assert "500.00" == here.line("F-2026-050", DAY)["outstanding"]


def test_what_is_taken_back_is_asked_again(here: Story) -> None:
    """A person's word before the bank took the money back; said again after it, it stands."""
    came(here, ("12/11/2026", "500,00", "X", "merci"))
    name = credits(here)[0]["id"]
    here.run("bank", "--settle", name, "F-2026-050", today="2026-11-13")
    came(here, ("16/11/2026", "-500,00", "X", "REJET VIREMENT"), name="b.csv")
    assert ["doubt"] == [each["verdict"] for each in credits(here) if each["id"] == name]
    commands = asked(here)
    assert [f"bank --settle {commands[0].split()[2]} {way}" for way in ("--not-ours", "F-2026-050")] == commands
    assert "déjà noté" not in typed(here, commands[1]).out
    assert not asked(here)
    assert "déjà noté" in typed(here, commands[1]).out


def test_a_later_file_takes_in_what_was_said(here: Story) -> None:
    """What the file shows then is the same money; another credit beside it is not lost, nor that one again."""
    bill(here, row("F-2026-052", "Cabinet Brumaire", "19/10/2026", total="1500,00", paid="500,00"))
    came(here, ("02/11/2026", "500,00", "X", "F-2026-052"), ("12/11/2026", "500,00", "X", "merci"))
    name = credits(here)[1]["id"]
    assert 0 == here.run("bank", "--settle", name, "F-2026-052", today=DAY).code
    assert [True, "500.00"] == [
        here.line("F-2026-052", DAY)["paid"] == "1000.00",
        here.line("F-2026-052", DAY)["outstanding"],
    ]
    assert ["matched", "matched"] == [each["verdict"] for each in credits(here)]
    assert "relance pay" not in here.run("bank", today=DAY).out  # the first is what the file shows, and adds nothing
    bill(here, row("F-2026-052", "Cabinet Brumaire", "19/10/2026", total="1500,00", paid="1000,00"))
    assert "500.00" == here.line("F-2026-052", DAY)["outstanding"]
    came(here, ("18/11/2026", "500,00", "X", "F-2026-052"), name="b.csv")
    assert "0.00" == here.line("F-2026-052", DAY)["outstanding"]


# What cannot be said


def test_which_credit(here: Story) -> None:
    """None, several, a name nearly right: the list of those that may be meant, each typed as it stands."""
    ways = [(f"{day}/11/2026", "500,00", f"X{day}", "merci") for day in (11, 12, 13)]
    came(here, *ways)
    bill(here, row("F-2026-051", "Cabinet Brumaire", "18/10/2026", total="5000,00"))
    names = [each["id"] for each in credits(here)]
    several = here.run("bank", "--settle", "2611", "F-2026-050", today=DAY)
    assert (2, 3) == (several.code, len(cures(several)))
    assert "désigne 3 virements" in plain(several.err)
    wrong = here.run("bank", "--settle", names[0][:-1] + "z", "F-2026-050", today=DAY)
    assert (2, True) == (wrong.code, "Aucun virement ne s’appelle" in plain(wrong.err))
    assert 0 == here.run(*cures(wrong)[0]).code
    for words in (("--not-ours",), ("--settle", names[0]), ("--settle", names[0], "--not-ours", "F-2026-051")):
        assert 2 == here.run("bank", *words, today=DAY).code
    for cure in cures(here.run("bank", "--settle", names[2], "--not-ours", "F-2026-051", today=DAY)):
        assert 0 == here.run(*cure, today=None if "--today" in cure else DAY).code
    asking = here.run("bank", "--settle", names[1], today=DAY)
    assert 0 == here.run(*cures(asking)[-1]).code
    assert 2 == here.run("bank", "--settle", "2", "F-2026-050", today=DAY).code


def named_by(amounts: Sequence[str]) -> tuple[str, str]:
    """The number of a label whose credit has a name of four figures, and that name."""
    for n in range(1000):
        base = "\x1f".join(("", f"xmercin{n}", "2026-11-12", amounts[0], "EUR", "1"))
        name = sha256(base.encode()).hexdigest()[:4]
        if name.isdecimal() and name[0] != "0":
            return f"N{n}", name
    raise AssertionError


def test_a_sum_is_no_name(here: Story) -> None:
    """The credits of that sum are proposed; undo takes no sum either; each command works as it is printed."""
    came(here, ("11/11/2026", "500,00", "X", "merci"), ("12/11/2026", "500,00", "Y", "merci"))
    for text in ("500", "500,00", "500 €"):
        done = here.run("bank", "--settle", text, "F-2026-050", today=DAY)
        assert (2, 2) == (done.code, len(cures(done))), done.err
        assert "est une somme" in done.err
    assert 0 == here.run(*cures(done)[1]).code
    taken = here.run("undo", "500", today=DAY)
    assert (2, 1, True) == (taken.code, len(cures(taken)), "est une somme" in taken.err)
    assert 0 == here.run(*cures(taken)[0]).code
    assert "est une somme" not in here.run("undo", "500", today=DAY).err
    assert "Aucun virement ne s’appelle" in here.run("bank", "--settle", "501", "F-2026-050", today=DAY).err


def test_a_name_that_may_be_a_sum(here: Story) -> None:
    """No name that is printed is one; what is typed and is both is asked about, and settles neither."""
    label, figures = named_by(["500.00"])
    came(here, ("12/11/2026", "500,00", "X", f"merci {label}"), ("13/11/2026", f"{figures},00", "Y", "merci"))
    first = credits(here)[0]["id"]
    assert figures == first[7:11]
    assert f"bank --settle v{figures} F-2026-050" in asked(here)
    assert 0 == typed(here, f"bank --settle v{figures} F-2026-050").code
    assert 0 == here.run("undo", f"V{figures}", today=DAY).code
    done = here.run("bank", "--settle", figures, "F-2026-050", today=DAY)
    assert (2, 2) == (done.code, len(cures(done))), done.err
    assert 0 == here.run(*cures(done)[0]).code
    assert 0 == here.run("undo", first, today=DAY).code


@pytest.mark.parametrize(
    "words",
    [("--settle", "--today", "2026-11-20"), ("--settle", "--not-ours"), ("--today", "--settle", "x"), ("--settle",)],
)
def test_an_option_is_no_value(here: Story, words: Sequence[str]) -> None:
    """Of no option: the one that lacks its value is said."""
    done = here.run("bank", *words)
    assert (2, True) == (done.code, f"{words[0]} demande une valeur. Exemple : " in plain(done.err)), done.err
    noted = here.run("hold", "F-2026-041", "--reason", "pause", "--note=--until", today=DAY)
    assert 0 == noted.code, noted.err


def test_nothing_is_left_to_take_back(here: Story) -> None:
    """Of a credit that was settled and undone, or of which nobody said anything: it is no unknown invoice."""
    came(here, ("11/11/2026", "500,00", "X", "merci"), ("12/11/2026", "499,00", "Y", "merci"))
    first, second = (each["id"] for each in credits(here))
    assert 0 == here.run("bank", "--settle", first, "F-2026-050", today=DAY).code
    assert 0 == here.run("undo", first, today=DAY).code
    for name in (first, first[7:11], second):
        done = here.run("undo", name, today=DAY)
        assert (2, True) == (done.code, "De ce virement, il ne reste rien à annuler." in plain(done.err)), done.err
    (here.folder / "releves" / "nov.csv").unlink()  # the journal knows it alone
    assert "il ne reste rien" in here.run("undo", first, today=DAY).err
    assert "ni une facture ni un client" in plain(here.run("undo", "beef", today=DAY).err)


def test_a_run_noted_it_of_another_invoice(here: Story) -> None:
    """A second word takes away what the run saw as paid: nothing went missing, and nobody asks."""
    here.settings(rest='[bank]\nfiles = ["releves/*"]\n[delivery]\ntransport = "folder"\n')
    came(here, ("12/11/2026", "500,00", "X", "F-2026-050"))
    assert 2 > here.run("send", "--quiet", today=DAY).code
    assert 0 == here.run("confirm", "backlog", "--gently", today=DAY).code
    name = credits(here)[0]["id"]
    assert 0 == here.run("bank", "--settle", name, "F-2026-041", today=DAY).code
    reasons = {each["number"]: each["reason"] for each in here.plan(DAY)["invoices"]}
    assert "changed" not in reasons.values(), reasons
    assert ("700.00", "500.00") == tuple(here.line(n, DAY)["outstanding"] for n in ("F-2026-041", "F-2026-050"))


def cures(done: Done) -> list[list[str]]:
    """The command lines that a refusal prints."""
    return [shlex.split(line) for line in re.findall(r"→ relance (.*)", plain(done.err))]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("F-2026-050=501",), "F-2026-050 : 501,00 € est trop élevé."),
        (("F-2026-041=700", "F-2026-050=500"), "Le virement est moins élevé que 1 200,00 €."),
        (("F-2026-041=0",), "Un règlement est supérieur à zéro."),
        (("F-2026-041=beaucoup",), "Montant illisible"),
        (("F-2026-030",), "F-2026-030 est déjà réglée."),
        (("F-2026-041", "F-2026-041"), "F-2026-041 est nommée deux fois."),
        (("F-2026-099",), "Aucune facture ne porte le numéro « F-2026-099 »"),
        (("Cabinet Brumaire",), "est un client"),
    ],
)
def test_what_it_cannot_pay(here: Story, words: Sequence[str], said: str) -> None:
    """Nothing is written; where a command cures it, it works as printed."""
    bill(here, PAID)
    came(here, ("12/11/2026", "900,00", "X", "merci"))
    name = credits(here)[0]["id"]
    done = here.run("bank", "--settle", name, *words, today=DAY)
    assert (2, True) == (done.code, said in plain(done.err)), done.err
    assert 2 == here.run("undo", name, today=DAY).code
    for cure in cures(done)[:1]:
        assert 0 == here.run(*cure, today=None if "--today" in cure else DAY).code


def test_an_invoice_that_gets_nothing_is_not_noted(here: Story) -> None:
    """It is refused, with a share that works; what is left beside an open rest is called no charges."""
    came(here, ("12/11/2026", "900,00", "X", "merci"))
    name = credits(here)[0]["id"]
    done = here.run("bank", "--settle", name, "F-2026-041", "F-2026-050", today=DAY)
    assert (2, True) == (done.code, "Il ne reste rien pour F-2026-050." in plain(done.err)), done.err
    (cure,) = cures(done)
    assert ["F-2026-041=400", "F-2026-050=500"] == cure[3:5]
    assert 0 == here.run(*cure, today=DAY).code
    said = plain(here.run("bank", "--settle", name, "F-2026-041=300", "F-2026-050=500", today=DAY).out)
    assert "Reste 100,00 €, sans facture." in said
    assert "frais de retard" not in said
    assert "Ce qui était noté ne vaut plus : il payait F-2026-041 (400,00 €) et F-2026-050 (500,00 €)." in said
    assert f"relance undo {name}" in said
    few = here.run("bank", "--settle", name, "F-2026-042=800", "F-2026-041=850", today=DAY)
    assert ["F-2026-042=800", "F-2026-041=100"] == cures(few)[0][3:5]


@pytest.mark.parametrize("word", ["F-2026-041", "Cabinet Brumaire"])
def test_an_invoice_is_no_statement(here: Story, word: str) -> None:
    """Nobody looks for a file of that name: the commands that show the invoice and the credits are printed and work."""
    came(here, ("12/11/2026", "900,00", "X", "merci"))
    done = here.run("bank", word, today=DAY)
    assert (2, f"« {word} » ne désigne pas un relevé.") == (done.code, plain(done.err).splitlines()[0])
    typed_on = [re.sub(r" \(.*", "", line).strip() for line in re.findall(r"→ relance (.*)", plain(done.err))]
    assert [["show", word], ["bank"]] == [shlex.split(each)[:2] for each in typed_on]


def test_charges_that_were_claimed(here: Story) -> None:
    """They may be paid with the principal, and nothing beyond them; what remains without them has the command."""
    bill(here, row("F-2026-047", "Tuilerie Morel SARL", "15/10/2026", total="1200,00"))
    here.run("record", "F-2026-047", "--stage", "firm", "--channel", "email", "--on", "2026-11-10", today="2026-11-10")
    came(here, ("17/11/2026", "1230,00", "X", "merci"))
    name = credits(here)[0]["id"]
    said = plain(here.run("bank", "--settle", name, "F-2026-047", today=DAY).out)
    assert "Reste 30,00 €, sans facture." in said, said
    (paying,) = re.findall(r"frais de retard\s+→ relance (.*)", said)
    assert "dont 30,00 € de frais de retard" in plain(typed(here, paying).out)
    assert 2 == here.run("bank", "--settle", name, "F-2026-047=1300", today=DAY).code


def test_a_statement_named_by_hand(here: Story) -> None:
    """Without [bank] in the settings the file is named, and stands in each command that is printed."""
    here.settings()
    came(here, ("12/11/2026", "500,00", "PERSONNE", "merci"))
    paying, nothing = asked(here, "releves/nov.csv")
    assert ["bank releves/nov.csv --settle"] * 2 == [" ".join(each.split()[:3]) for each in (paying, nothing)]
    assert 0 == typed(here, paying).code
    assert "déjà noté" in typed(here, paying).out
    assert not asked(here, "releves/nov.csv")
    (here.folder / "relance.toml").unlink()
    assert 2 == typed(here, paying).code


def test_undo_lists_it(here: Story) -> None:
    """Among what could be undone, as it is typed; what a run noted is said to be its own."""
    came(here, ("12/11/2026", "500,00", "X", "merci"))
    here.run("bank", "--settle", credits(here)[0]["id"], "--not-ours", today=DAY)
    listed = here.run("undo", today=DAY)
    assert "virement de 500,00 € du 12 novembre 2026, noté sans facture" in plain(listed.err)
    assert "et payeur écarté (X)" in plain(listed.err)
    (cure,) = cures(listed)
    assert 0 == here.run(*cure).code
    assert 2 == here.run(*cure).code
    here.run("bank", "--settle", credits(here)[0]["id"], "F-2026-050", today=DAY)
    (cure,) = cures(here.run("undo", today=DAY))  # once, by the invoice
    assert 0 == here.run(*cure).code
