"""The user's own templates: found first, run in a sandbox, and their mistakes said in French."""

import subprocess
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from letters_support import TOLD, TU, before, one

from relance.core.message import Sender
from relance.core.policy import Stage
from relance.errors import TemplateError
from relance.letters.confined import run
from relance.letters.items import PaymentView
from relance.letters.languages import ENGLISH, FRENCH
from relance.letters.render import render
from relance.letters.samples import MARTIN, PUBLIC
from relance.letters.sandbox import keep_line_ends
from relance.letters.templates import load_templates, shipped_folder, template_name

pytestmark = pytest.mark.slow

VALUES = {
    "currency": "EUR",
    "amount": Decimal("1200.5"),
    "day": date(2026, 3, 1),
    "unknown": None,
    "name": "Qui ? Moi !",
    "empty": "",
    "payment": PaymentView(None, Decimal(4)),
    "sender": Sender("Marie", "m@durand.example"),
}


def written(folder: Path, text: str, **files: str) -> str:
    """What this template writes with VALUES, beside these other files."""
    for name, content in {"mine": text, **files}.items():
        (folder / f"{name}.txt.j2").write_text(content, encoding="utf-8")
    return run(load_templates(folder), "mine.txt.j2", VALUES).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ amount | money }}", "1\u202f200,50\u00a0€"),
        ("{{ amount | percent }}", "1200,5\u00a0%"),
        ("{{ amount }}", "1\u202f200,50"),
        ("{{ day }}, {{ day | short_date }}", "1er mars 2026, 01/03/2026"),
        ("{{ 12 | days }} : {{ 3 }}", "12\u00a0jours\u00a0: 3"),
        ("{{ name }} ? {{ empty }}.", "Qui ? Moi !\u202f? ."),
        ("{{ payment.amount | money }}", "4,00\u00a0€"),
    ],
)
def test_values_are_written_in_french(tmp_path: Path, text: str, expected: str) -> None:
    """Money, days and dates read in French; data keeps its own spaces."""
    assert expected == written(tmp_path, text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\n{{ nme }}", "ligne 2 : le nom « nme » n’existe pas. Vouliez-vous dire"),
        ("{{ payment.amout }}", "le nom « amout » n’existe pas. Vouliez-vous dire « amount »"),
        ("a\n\n{{ ''.__class__ }}", "ligne 3 : ce que demande cette ligne est interdit"),
        ("{{ payment.__init__.__globals__ }}", "interdit"),
        ("{{ say.__globals__ }}", "interdit"),
        ("{{ '%s' % payment }}", "« % » ne met pas de valeur dans un texte"),
        ("{{ '%r' % (payment,) }}", "« % » ne met pas"),
        ("{{ payment|pprint }}", "pprint"),
        ("{{ [payment]|pprint }}", "pprint"),
        ("{{ '%r'|format(payment) }}", "format"),
        ("{{ '{0!r}'.format(payment) }}", "interdit"),
        ("{{ ''['format'](payment) }}", "interdit"),
        ("{{ '' ~ payment }}", "un groupe de valeurs"),
        ("{{ payment|string }}", "un groupe de valeurs"),
        ("{{ [payment]|join }}", "un groupe de valeurs"),
        ("{{ payment|upper }}", "un groupe de valeurs"),
        ("{{ payment|tojson }}", "tojson"),
        ("{% include '/etc/passwd' %}", "ligne 1 : le fichier « /etc/passwd » est introuvable"),
        ("{% include '../pyproject.toml' %}", "introuvable parmi les modèles"),
        ("{% import '/etc/passwd' as x %}", "introuvable parmi les modèles"),
        ("a\n{% if day %}\nb", "cette instruction est mal écrite (il manque une fin, comme {% endif %})"),
        ("{% endfi %}", "mal écrite (« endfi » n’est pas une instruction)"),
        ("{{ day", "mal écrite"),
        ("{{ day | shout }}", "mal écrite (« shout » n’est pas un filtre)"),
        ("{{ unknown }}", "une date inconnue ne peut pas être écrite"),
        ("{{ unknown | short_date }}", "le filtre « short_date » attend une date connue"),
        ("{{ name | money }}", "le filtre « money » attend un montant"),
        ("{{ payment }}", "un groupe de valeurs ne peut pas être écrit"),
        ("{{ 1 / 0 }}", "le calcul demandé est impossible (une division par zéro)"),
        ("{% for i in range(100001) %}{% endfor %}", "la boucle est trop longue"),
        ("{% include 'mine.txt.j2' %}", "le calcul demandé est impossible"),
    ],
)
def test_mistakes_are_said_in_french(tmp_path: Path, text: str, said: str) -> None:
    """The file, the line, what is wrong and what to do, whatever the mistake."""
    with pytest.raises(TemplateError) as caught:
        written(tmp_path, text)
    assert said in str(caught.value)
    assert "mine.txt.j2" in caught.value.sentence
    assert caught.value.cure.endswith(".")


def test_a_mistake_in_an_included_file_names_that_file(tmp_path: Path) -> None:
    """The file that is wrong is named, not the one that includes it."""
    with pytest.raises(TemplateError, match=r"« bad\.txt\.j2 », ligne 2"):
        written(tmp_path, "{% include 'bad.txt.j2' %}", bad="a\n{{ nme }}")


def test_values_cannot_be_changed(tmp_path: Path) -> None:
    """The sandbox forbids what would alter a value."""
    with pytest.raises(TemplateError, match="interdit"):
        written(tmp_path, "{% set x = [] %}{{ x.append(1) }}")


def test_the_users_folder_wins_file_by_file(tmp_path: Path) -> None:
    """A file of the user's replaces the shipped one, also where a shipped template includes it."""
    (tmp_path / "_crossed.txt.j2").write_text("À bientôt.\n", encoding="utf-8")
    mine, shipped = load_templates(tmp_path), load_templates()
    assert run(mine, "_crossed.txt.j2", VALUES).text == "À bientôt.\n"
    assert "Merci d’ignorer cette lettre" in run(shipped, "_crossed.txt.j2", {**VALUES, "channel": "letter"}).text
    assert run(mine, "_variables.txt.j2", {}).text == ""


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A mistyped folder would silently send the shipped letters."""
    with pytest.raises(TemplateError, match="n’existe pas"):
        load_templates(tmp_path / "modeles")


def test_a_stage_without_a_file_names_the_file_to_create(tmp_path: Path) -> None:
    """A stage of the user's own needs a template, and he is told which."""
    name = template_name(Stage("rappel", 3, "rappel"))
    with pytest.raises(TemplateError) as caught:
        run(load_templates(tmp_path), name, VALUES)
    assert str(tmp_path / "rappel.txt.j2") in caught.value.cure
    with pytest.raises(TemplateError, match=r"« rappel\.txt\.j2 » dans un dossier à vous"):
        run(load_templates(), name, VALUES)


def test_a_stage_may_name_its_template() -> None:
    """The setting wins over the stage's key."""
    assert template_name(Stage("firm", 15, "ferme", template="perso.txt.j2")) == "perso.txt.j2"


def test_files_saved_elsewhere_are_read_or_refused(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends do no harm; another encoding is told."""
    (tmp_path / "bom.txt.j2").write_bytes("\ufeffObjet : é\r\n\r\nb\r\n".encode())
    (tmp_path / "latin.txt.j2").write_bytes("Objet : é\n".encode("latin-1"))
    (tmp_path / "folder.txt.j2").mkdir()
    templates = load_templates(tmp_path)
    assert run(templates, "bom.txt.j2", VALUES).text == "Objet\u00a0: é\n\nb\n"
    with pytest.raises(TemplateError, match="UTF-8"):
        run(templates, "latin.txt.j2", VALUES)
    with pytest.raises(TemplateError, match="folder"):
        run(templates, "folder.txt.j2", VALUES)


def test_a_line_of_text_keeps_its_end_after_a_tag(tmp_path: Path) -> None:
    """A tag alone on its line vanishes; after text, the line ends where its author ended it."""
    text = "a{% if day %} b{% endif %}\nc\n  {% if day %}\nd {# note #}\n  {% endif %}\ne"
    assert written(tmp_path, text) == "a b\nc\nd \ne"
    assert keep_line_ends("a {% if b -%}\n{# c\nd #}\n{% e %}{% f %}") == "a {% if b -%}\n{# c\nd #}\n{% e %}{% f %}"


def test_macros_keep_the_typography_of_data_and_text(tmp_path: Path) -> None:
    """A macro's own words are set, what it is given is not; money inside needs its context."""
    macros = "{% macro ask() %}{{ name }} est là ? {{ amount | money }}{% endmacro %}"
    text = "{% import 'm.txt.j2' as m with context %}{{ m.ask() }}"
    assert written(tmp_path, text, m=macros) == "Qui ? Moi ! est là\u202f? 1\u202f200,50\u00a0€"
    with pytest.raises(TemplateError, match="le nom « name » n’existe pas"):
        written(tmp_path, "{% import 'm.txt.j2' as m %}{{ m.ask() }}", m=macros)
    bare = "{% macro cost(x) %}{{ x | money }}{% endmacro %}"
    with pytest.raises(TemplateError, match="la devise n’est pas connue ici"):
        written(tmp_path, "{% import 'm.txt.j2' as m %}{{ m.cost(amount) }}", m=bare)


def test_our_own_signs_in_a_template_do_no_harm(tmp_path: Path) -> None:
    """The signs that stand for data are taken out of what the author typed."""
    assert written(tmp_path, "a\ue000\ue001b\ue002 {{ 3 }}") == "ab 3"


def test_shipped_templates_are_found() -> None:
    """Inside the package or beside it, the four letters are there."""
    names = {path.name for path in shipped_folder().iterdir()}
    assert {f"{key}.txt.j2" for key in ("courtesy", "friendly", "firm", "formal_notice")} <= names


def test_importing_letters_does_not_import_jinja() -> None:
    """A command that writes no letter does not pay for the template engine."""
    code = "import sys, relance.letters.render, relance.french; sys.exit('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


FORMER = ("_amount", "_charges", "_silence", "_plan", "_reply")
COPIED = {
    "": "Objet : {{ numbers }}\n\n{{ customer.greeting }},\n\nLa facture était due le {{ invoice.due_date }}. ",
    "en": "Subject: {{ numbers }}\n\n{{ customer.greeting }},\n\nThe invoice was due on {{ invoice.due_date }}. ",
}
"""How a firm message began that was copied when the shipped ones had these blocks."""


@pytest.mark.parametrize("profile", ["", "tu", "public"])
@pytest.mark.parametrize("folder", COPIED)
def test_what_was_copied_before_goes_on_working(tmp_path: Path, folder: str, profile: str) -> None:
    """A template may include each block that an earlier version shipped, and says its sum and how to pay."""
    blocks = "".join(f'{{% include "{name}.txt.j2" %}}\n\n' for name in (*FORMER, "_payment", "_formal_closing"))
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "firm.txt.j2").write_text(COPIED[folder] + blocks, encoding="utf-8")
    owner = PUBLIC if profile == "public" else TU if profile else MARTIN
    reminder = one("firm", owner._replace(language=folder or "fr"), contacts=before(9))
    letter = render(load_templates(tmp_path), reminder, TOLD)
    assert "1\u202f200,00" in letter.text or "1,200.00" in letter.text
    assert ("40,00" in letter.text or "40.00" in letter.text) is (profile != "public")
    assert "IBAN" in letter.text


def test_what_is_no_more_is_not_copied() -> None:
    """Nobody edits what no message includes."""
    for language in (FRENCH, ENGLISH):
        shipped = shipped_folder(language)
        assert not [name for name in FORMER if (shipped / f"{name}.txt.j2").exists()]
        assert len(FORMER) == len([*(shipped / "formerly").glob("*.j2")])
