"""Wrong turns as a person in a hurry takes them: each is understood, or answered with a cure that works as printed."""

import re
import shlex
from pathlib import Path

import pytest
from in_process import run_here
from story_support import MONDAY, Done, Story, row, story
from turns_support import ELSEWHERE, INVOICES, SETTINGS, copy_of, dossier, offered, works

NAMES = """
show f-2026-41 = F-2026-041
show F2026041 = F-2026-041
show 'F 2026 041' = F-2026-041
show 'n° F-2026-041' = F-2026-041
show F–2026–041 = F-2026-041
show “F-2026-041” = F-2026-041
show « Atelier Roux » = F-2026-042
show "societe l'etoile" = F-2026-107
show compta@ETOILE.example = F-2026-107
show 41 > show F-2026-041
show 'facture 41' > show F-2026-041
show 2026-041 > show F-2026-041
show F-2026-14 > show F-2026-140
show Roux > show 'Atelier Roux'
show Atelier Roux > show 'Atelier Roux'
show gamma > show paris@gamma.example
show 'Gamma SARL' > show paris@gamma.example
show compta@etoile.exemple > show 'Société L’Étoile'
show Dupont > plan
pay 'Atelier Roux' > pay F-2026-041
pay F-2026-04 > pay F-2026-041
pay F-2026-041 F-2026-042 > pay F-2026-041
approve garage > approve F-2026-012
approve F-2026-12 = F-2026-012
undo F-2026-14O > undo F-2026-140
hold F-2026-042 --until 31/12/2026 > hold F-2026-042 --until 31/12/2026 --reason litige
record F-2026-042 > record F-2026-042 --stage ferme --channel e-mail
hold etoile --reason pause > hold 'Société L’Étoile' --reason pause
preview 41 > preview F-2026-041
send --only 41 --dry-run > send --only F-2026-041 --dry-run
record 'Garage Petit' --stage ferme --channel appel > record F-2026-012 --stage ferme --channel appel
"""
AMOUNTS_AND_DATES = """
pay F-2026-107 2 500 > pay F-2026-107 --amount 2500
pay F-2026-107 2500€ > pay F-2026-107 --amount 2500
pay F-2026-107 2.500,00 > pay F-2026-107 --amount 2500
pay 2 500 F-2026-107 > pay F-2026-107 --amount 2500
pay F-2026-107 --amount 1 250,50 > pay F-2026-107 --amount 1250,50
pay F-2026-107 --amount '2 500,00 €' = 2 500,00
pay F-2026-107 --amount 2500e > pay F-2026-107 --amount 2500
pay F-2026-107 --amount 2.500 > pay F-2026-107 --amount 2500
pay F-2026-107 --amount cent > pay F-2026-107 --amount 1234,50
pay F-2026-107 --amount '1000 HT' > pay F-2026-107 --amount 1234,50
pay F-2026-107 --amount 25000 > pay F-2026-107 --amount 2500
pay F-2026-107 --amount 0 > pay F-2026-107 --amount 2500
pay F-2026-107 --amount '100 $' > pay F-2026-107 --amount 100
pay F-2026-107 --montant 100 > pay F-2026-107 --amount 100
pay F-2026-042 --on 31/09/2026 > pay F-2026-042 --on 30/09/2026
pay F-2026-042 --on 11/20/2026 > pay F-2026-042 --on 20/11/2026
pay F-2026-042 --on '32 octobre' > pay F-2026-042 --on 31/10
pay F-2026-042 --on 20/11 = 20 novembre 2026
pay F-2026-042 --on 'le 20 nov.' = 20 novembre 2026
pay F-2026-042 --on hier = 22 novembre 2026
pay F-2026-042 --on vendredi = 20 novembre 2026
pay F-2026-042 --on lundi > pay F-2026-042 --on 23/11/2026
pay F-2026-042 --on demain > pay F-2026-042 --on 23/11/2026
pay F-2026-042 --on 20 > pay F-2026-042 --on 20/11/2026
pay F-2026-042 --on '20 nivôse' > pay F-2026-042 --on 20/11/2026
hold F-2026-042 --reason promesse --until 20/11 > hold F-2026-042 --reason promesse --until 20/11/2027
hold F-2026-042 --reason promesse --until hier > hold F-2026-042 --reason promesse --until vendredi
hold F-2026-042 --reason promesse > hold F-2026-042 --reason promesse --until vendredi
hold F-2026-042 --reason plan --instalment 15/12 300 > hold F-2026-042 --reason plan --instalment 15/12=300
hold F-2026-042 --reason plan --instalment 31/11/2026=300 > hold F-2026-042 --reason plan --instalment 30/11/2026=300
charges 1000 --due 01/09/2026 > charges --amount 1000 --due 01/09/2026
charges --amount 1000 > charges --amount 1000 --due 20/11/2026
charges --amount 1000 --due 01/09/2026 --rate beaucoup > charges --amount 1000 --due 01/09/2026 --rate 14.0
plan --days deux > plan --days 14
"""
ORDER = """
plna > plan
relancer --dry-run > send --dry-run
payer F-2026-041 > pay F-2026-041
valider F-2026-012 > approve F-2026-012
aide > help
relance plan > plan
PLAN > plan
F-2026-041 > show F-2026-041
--file factures.csv plan > plan --file factures.csv
--aide > --help
-v > --version
plan --tout-montrer > plan
send --frob > send --help
send --simulation > send --dry-run
send --dryrun > send --dry-run
send F-2026-041 --dry-run > send --only F-2026-041 --dry-run
plan F-2026-041 > show F-2026-041
plan --json > plan --format json
plan --format texte > plan --format tableau
hold F-2026-041 litige > hold F-2026-041 --reason litige
hold F-2026-041 > hold F-2026-041 --reason litige
hold F-2026-041 --reason litge > hold F-2026-041 --reason litige
hold F-2026-041 —reason litige = litige
record F-2026-041 ferme appel > record F-2026-041 --stage ferme --channel appel
record F-2026-041 --stage ferme > record F-2026-041 --stage ferme --channel e-mail
record F-2026-041 --stage farme --channel appel > record F-2026-041 --stage firm --channel appel
record F-2026-041 --stage ferme --channel telephone = appel
pay > pay F-2026-012
approve > approve F-2026-012
undo > undo F-2026-012
release > release F-2026-107
resolve > plan
approve F-2026-041 > show F-2026-041
undo 'Garage Petit' > undo F-2026-012
resolve F-2026-041 > show F-2026-041
confirm > plan
confirm retard > plan
confirm columns --ignore="Statuts" > confirm columns --ignore Statut
show > plan
templates copi > templates copy
repair F-2026-041 > repair
check --offline=oui > check --offline
help penalitess > help penalites
"""
FILES = """
plan facture.csv > plan factures.csv
plan factures > plan factures.csv
plan Factures.CSV > plan factures.csv
plan sous > plan sous/autres.csv
plan sous/factures.csv > plan sous/autres.csv
plan Mes factures.csv > plan 'Mes factures.csv'
plan factures.csv --file factures.csv > plan factures.csv
plan --file > plan --file factures.csv
factures.csv > plan factures.csv
show F-2026-041 factures.csv = F-2026-041
show F-2026-041 Factures.csv > show F-2026-041 --file factures.csv
pay F-2026-041 --file facture.csv > pay F-2026-041 --file factures.csv
check facture.csv --offline > check factures.csv --offline
plan --config . > plan --config DOSSIER/relance.toml
plan --config relanec.toml > plan --config DOSSIER/relance.toml
init compta/relance.toml --full > init compta --full
"""


def _rows(table: str) -> list[tuple[str, str, str]]:
    rows = []
    for line in filter(None, table.splitlines()):
        typed, sign, wanted = line.partition(" > ") if " > " in line else line.partition(" = ")
        rows.append((typed, sign.strip(), wanted))
    return rows


TYPED = [row for table in (NAMES, AMOUNTS_AND_DATES, ORDER, FILES) for row in _rows(table)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dossier that nobody writes in any more."""
    return dossier(tmp_path_factory.mktemp("made"))


@pytest.fixture
def here(made: Path, tmp_path: Path) -> Story:
    """A dossier of one's own."""
    built = copy_of(made, tmp_path / "dossier")
    (built.folder / "sous").mkdir()
    for name in ("Mes factures.csv", "sous/autres.csv"):
        (built.folder / name).write_bytes(built.invoices.read_bytes())
    return built


def _run(here: Story, args: list[str]) -> Done:
    """The command on MONDAY, where it takes a day and does not end in an option that would take it for its value."""
    dated = (
        not {"--help", "--version", "help", "templates", "init", "repair", "--today", "aide", "--aide", "-v"}
        & set(args)
        and args[-1] != "--file"
    )
    return here.run(*args, today=MONDAY if dated else None)


@pytest.mark.parametrize(("typed", "sign", "wanted"), TYPED, ids=[typed for typed, _, _ in TYPED])
def test_what_was_typed_is_understood_or_cured(typed: str, sign: str, wanted: str, here: Story) -> None:
    """Understood (=) as what the answer names; else a cure (>), which works when it is typed as it is printed."""
    done = _run(here, shlex.split(typed))
    said = (done.out + done.err).replace("\u00a0", " ").replace("\u202f", " ")
    if sign == "=":
        assert works(done), said
        assert wanted in said
        return
    assert 2 == done.code, said
    assert not re.search(r"[.?!:;,] ?[.?!:;,](?:\s|$)", said), said  # nothing ends twice
    printed = {_without_day(line): line for line in offered(said, shlex.split(typed))}
    cure = printed.get(tuple(shlex.split(wanted.replace("DOSSIER", str(here.folder)))))
    assert cure is not None, said
    again = _run(here, cure)
    assert works(again), again.err


def _without_day(line: list[str]) -> tuple[str, ...]:
    at = line.index("--today") if "--today" in line else len(line)
    return (*line[:at], *line[at + 2 :])


SETTINGS_TURNS = (
    ('name = "Camille Martin"', 'nom = "Camille Martin"', "« name »"),
    ('email = "camille@martin.example"', 'emial = "camille@martin.example"', "« email »"),
    ('email = "camille@martin.example"', "email = camille@martin.example", 'email = "camille@martin.example"'),
    ('name = "Camille Martin"', "name = “Camille Martin”", 'name = "Camille Martin"'),
    ('name = "Camille Martin"', "name = « Camille Martin »", 'name = "Camille Martin"'),
    ('name = "Camille Martin"', 'name: "Camille Martin"', 'name = "Camille Martin"'),
    ("[sender]", "[sendr]", "« sender »"),
    ("[sender]", "[expediteur]", "« sender »"),
    ("[invoices]", "[Factures]", "« invoices »"),
    ('file = "factures.csv"', 'file = "facture.csv"', 'file = "factures.csv"'),
    ('file = "factures.csv"', 'fichier = "factures.csv"', "« file »"),
    ('file = "factures.csv"', 'file = ".\\factures.csv"', 'file = "factures.csv"'),
    ("rate = 14.0", "rate = 14,0", "14.0"),
    ("rate = 14.0", 'rate = "14,0 %"', "14.0"),
    ("rate = 14.0", "taux = 14.0", "« rate »"),
    ('default_kind = "business"', 'default_kind = "entreprise"', 'default_kind = "business"'),
    ('default_kind = "consumer"', 'default_kind = "particuliers"', 'default_kind = "consumer"'),
    ("group = true", "group = True", "group = true"),
    ("group = true", "group = oui", "group = true"),
    ("group = false", 'group = "non"', "group = false"),
    ('closed = ["2026-12-24"]', 'closed = ["24/12/2026"]', '"2026-12-24"'),
    ('timezone = "Europe/Paris"', 'timezone = "Paris"', '"Europe/Paris"'),
    ('transport = "folder"', 'transport = "dossier"', 'transport = "folder"'),
    ('transport = "folder"', 'transport = "foldr"', 'transport = "folder"'),
    ('channels = ["call"]', 'channels = ["appel"]', '"call"'),
    ('match = "Atelier Roux"', 'nom = "Atelier Roux"', "« match »"),
)
"""A line as it should stand, as it was written, and what the answer names of the right one."""
_BLOCKS = {
    "closed": "[policy]\n",
    "timezone": "[policy]\n",
    "group": "[policy]\n",
    "default_kind": "[policy]\n",
    "channels": '[[stages]]\nkey = "friendly"\n',
    "match": '[[customers]]\nkind = "business"\n',
}


def _settings_with(line: str, wrong: str) -> str:
    """The settings in which this line is written so, in its own table where it stands in none yet."""
    if line in SETTINGS:
        return SETTINGS.replace(line, wrong, 1)
    key = line.partition(" ")[0]
    kept = "".join(each for each in SETTINGS.splitlines(keepends=True) if not each.startswith(f"{key} ="))
    block = _BLOCKS[key]
    return kept.replace(block, f"{block}{wrong}\n") if block in kept else f"{kept}\n{block}{wrong}\n"


@pytest.mark.parametrize(("right", "wrong", "named"), SETTINGS_TURNS, ids=[wrong for _, wrong, _ in SETTINGS_TURNS])
def test_what_was_written_in_the_settings_is_cured(right: str, wrong: str, named: str, here: Story) -> None:
    """The answer names what to write, and with that written the same command works."""
    path = here.folder / "relance.toml"
    path.write_text(_settings_with(right, wrong), encoding="utf-8")
    done = here.run("plan", today=MONDAY)
    assert (2, "") == (done.code, done.out)
    assert named in done.err.replace("\u00a0", " "), done.err
    assert named.strip("« »") in right  # what is named is what is right
    path.write_text(_settings_with(right, right), encoding="utf-8")
    assert works(here.run("plan", today=MONDAY))


@pytest.mark.parametrize("command", ["plan", "send", "pay F-2026-041", "approve F-2026-012", "check --offline"])
def test_from_another_folder_the_dossier_used_last_is_named(command: str, here: Story) -> None:
    """Never acted on by itself: its path and the same command for it are printed, and no second dossier is advised."""
    assert 0 == here.run("pay", "F-2026-042", "--amount", "1", today=MONDAY).code
    before = here.files()
    code, out, err = run_here([*command.split(), "--today", MONDAY], here.folder / ELSEWHERE, here.environment())
    assert 2 == code, out
    assert str(here.folder) in err
    assert "init" not in err
    assert before == here.files()
    *_, cure = offered(err.splitlines()[-1], command.split())
    code, out, err = run_here(cure, here.folder / ELSEWHERE, here.environment())
    assert code in (0, 1), err


def test_a_first_dossier_is_begun_with_init(tmp_path: Path, here: Story) -> None:
    """Where none was used yet, or the last one is gone, `init` is what is named."""
    code, _, err = run_here(["pay", "F-1"], tmp_path, {**here.environment(), "HOME": str(tmp_path)})
    assert (2, True) == (code, "relance init" in err)
    assert 0 == here.run("pay", "F-2026-042", "--amount", "1", today=MONDAY).code
    (here.folder / "relance.toml").rename(here.folder / "autre.toml")
    code, _, err = run_here(["pay", "F-1"], here.folder / ELSEWHERE, here.environment())
    assert (2, True) == (code, "relance init" in err)


CONTENTS = (
    ("N° facture;Client;Montant TTC\nF-1;Alpha;12,00\n", "« échéance »"),
    ("N° facture;Client;Échéance\nF-1;Alpha;20/11/2026\n", "« montant TTC »"),
    ("Client;Échéance;Montant TTC\nAlpha;20/11/2026;12,00\n", "« numéro »"),
    ("N° facture;Échéance;Montant TTC\nF-1;20/11/2026;12,00\n", "« client »"),
    ("", "Exportez-le de nouveau"),
    ("<!DOCTYPE html><html><body>Connexion</body></html>", "exportez de nouveau"),
    ("%PDF-1.7\n1 0 obj\n", "Exportez vos factures en CSV"),
)
"""A file that is no list of invoices, and what the answer asks for."""


@pytest.mark.parametrize(("content", "named"), CONTENTS, ids=[named for _, named in CONTENTS])
def test_a_file_that_is_no_list_is_cured_by_what_the_answer_asks_for(content: str, named: str, here: Story) -> None:
    """A column that is added under the name that was printed, or the export that was asked for, is read."""
    here.invoices.write_text(content, encoding="utf-8")
    done = here.run("plan", today=MONDAY)
    assert (2, True) == (done.code, named in done.err.replace("\u00a0", " ")), done.err
    if named.startswith("«"):
        header, row = content.splitlines()
        value = {"« échéance »": "20/11/2026", "« montant TTC »": "12,00"}.get(named, "F-7")
        here.invoices.write_text(f"{header};{named.strip('« »')}\n{row};{value}\n", encoding="utf-8")
    else:
        here.write(*INVOICES)
    assert works(here.run("plan", today=MONDAY))


def test_a_second_approval_says_that_it_was_given(here: Story) -> None:
    """With what sends it; and as soon as the notice left, nothing waits any more."""
    assert 0 == here.run("approve", "F-2026-012", today=MONDAY).code
    done = here.run("approve", "F-2026-012", today=MONDAY)
    assert (2, True) == (done.code, "mise en demeure déjà validée le 23 novembre 2026." in done.err)
    assert works(here.run("send", today=MONDAY))
    assert "déjà validée" not in here.run("approve", "F-2026-012", today=MONDAY).err


def test_what_is_drafted_is_resolved_one_way_or_the_other(here: Story) -> None:
    """Without an answer both are offered, for one message or for all; each works."""
    assert works(here.run("send", today=MONDAY))
    asked = here.run("resolve", "F-2026-041", today=MONDAY)
    assert (2, True) == (asked.code, "Le message est-il parti" in asked.err)
    sent, not_sent = offered(asked.err, [])
    assert {"--sent", "--not-sent"} <= {*sent, *not_sent}
    listed = [*offered(here.run("resolve", "--today", MONDAY).err, [])]
    assert {"--sent", "--not-sent"} == {word for line in listed for word in line if word.endswith("sent")}
    assert works(here.run(*not_sent))


def test_the_backlog_is_answered_with_one_of_three(tmp_path: Path) -> None:
    """Each printed with what it does; the journal begins on the day of the question."""
    here = story(tmp_path)
    here.write(*INVOICES)
    (here.folder / "relance.toml").write_text(SETTINGS, encoding="utf-8")
    done = here.run("confirm", "backlog", today=MONDAY)
    assert 2 == done.code
    cures = [*offered(done.err, [])]
    assert ["--as-is", "--gently", "--ignore"] == [cure[-1] for cure in cures]
    assert works(here.run(*cures[1]))


def test_a_state_folder_that_cannot_be_written_remembers_nothing(here: Story, tmp_path: Path) -> None:
    """The command works all the same, and elsewhere `init` is what is named."""
    (tmp_path / "fichier").write_text("")
    env = {"XDG_STATE_HOME": str(tmp_path / "fichier")}
    assert 0 == here.run("pay", "F-2026-042", "--amount", "1", today=MONDAY, **env).code
    code, _, err = run_here(["pay", "F-1"], here.folder / ELSEWHERE, here.environment(**env))
    assert (2, True) == (code, "relance init" in err)


def test_a_number_that_begins_like_an_option_is_offered_so_that_it_is_none(here: Story) -> None:
    """After `--`, by its customer, by a number near it and in a list."""
    here.write(*INVOICES, row("-2026/7", "Dash SARL", "10/11/2026", issued="01/10/2026"))
    for typed in (("pay", "Dash SARL"), ("pay", "2026/70"), ("pay",)):
        done = here.run(*typed, today=MONDAY)
        assert 2 == done.code
        cure = next(line for line in offered(done.err, []) if line[-1] == "-2026/7")
        assert "--" == cure[-2]
    assert works(here.run(*cure))


def test_a_number_far_from_all_is_proposed_nothing(tmp_path: Path) -> None:
    """All numbers of a year look alike: one slip is near, two are not."""
    here = Story(dossier(tmp_path))
    for number in ("F-2026-999", "F-2026-055", "F-2025-040"):
        done = here.run("show", number, today=MONDAY)
        assert (2, "") == (done.code, done.out)
        assert "→" not in done.err, done.err
    for typed in ("F-2026-1400", "F-2026-14", "F-2026-410", "F-2026-401", "F-2026-048"):
        assert "→ relance show" in here.run("show", typed, today=MONDAY).err, typed
