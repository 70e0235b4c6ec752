"""A relance.toml that cannot be read at all, and how values are shown."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.config import load_settings
from relance.config.accepted import Email
from relance.config.faults import accepted_at, is_secret, path_of, shown, visible
from relance.errors import SettingsError
from relance.french import typeset


def _refused(path: Path) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "cure"),
    [
        ("[charges]\nrate = 14,0\n", 2, "Un nombre décimal s’écrit avec un point : 14.0 et non 14,0."),
        ('[invoices]\nfile = "C:\\Users\\moi"\n', 2, "Entre guillemets doubles, « \\ » annonce un caractère spécial"),
        ("[smtp]\n[smtp]\n", 2, "Cette clé ou cette table est écrite deux fois"),
        ("a = 1\na = 2\n", 2, "Cette clé ou cette table est écrite deux fois"),
        ("[policy]\nclosed = [2026-02-30]\n", 2, "Une date existe et s’écrit entre guillemets"),
        ("[sender]\nname = Alix\n", 2, 'Écrivez-la ainsi : name = "Alix"'),
        ("[sender]\nname: “Alix”\n", 2, 'Écrivez-la ainsi : name = "Alix"'),
        ("[smtp]\nport = « 587 »\n", 2, "Écrivez-la ainsi : port = 587"),
        ("[policy]\nthanks = Non\n", 2, "Écrivez-la ainsi : thanks = false"),
        ("[smtp]\nuser = alix\n", 2, "Corrigez cette ligne : une clé, « = », puis un texte entre guillemets"),
        ("[smtp]\npasword = hunter2\n", 2, "Corrigez cette ligne"),
        ("[sender]\nname = \n", 2, "Corrigez cette ligne"),
        ("[sender", 1, "Corrigez cette ligne"),
    ],
)
def test_syntax(tmp_path: Path, text: str, line: int, cure: str) -> None:
    """A file that is no TOML: the line, and the cure for the usual slips, without showing the line."""
    path = tmp_path / "relance.toml"
    path.write_text(text, encoding="utf-8")
    error = _refused(path)
    expected = f"Le fichier de réglages « {path} », ligne {line} n’est pas écrit comme le format TOML le demande."

    assert typeset(expected) == error.sentence
    assert error.cure.startswith(typeset(cure))


@pytest.mark.parametrize("text", [f"a = {'[' * 100_000}", f"a = {'1' * 5000}", "a = 1e99999999999999999999"])
def test_hostile_numbers_and_nesting(tmp_path: Path, text: str) -> None:
    """What makes the TOML reader itself stumble is still a sentence."""
    path = tmp_path / "relance.toml"
    path.write_text(text, encoding="utf-8")

    assert "TOML" in _refused(path).sentence


def test_not_utf8(tmp_path: Path) -> None:
    """A file in another encoding: the line, and how to save it."""
    path = tmp_path / "relance.toml"
    path.write_bytes('[sender]\nname = "Zoé"\n'.encode("cp1252"))
    error = _refused(path)

    assert "n’est pas enregistré en UTF-8 (ligne 2)." in error.sentence
    assert "UTF-8" in error.cure


def test_unreadable(tmp_path: Path) -> None:
    """A missing file or a folder in its place is a sentence with a cure."""
    assert "ne peut pas être lu" in _refused(tmp_path / "none.toml").sentence
    assert _refused(tmp_path).cure


@given(st.text())
def test_visible_is_one_printable_line(text: str) -> None:
    """Whatever a value holds, what is shown of it is short enough, printable, and on one line."""
    assert visible(text).isprintable()
    assert len(visible(text)) <= 60 * 10


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, "« true »"),
        (3, "« 3 »"),
        ("3", '« "3" »'),
        ("a\x1b[31m", "« a\\x1b[31m »"),
        ([1], "une liste"),
        ({}, "une table"),
    ],
)
def test_shown(value: object, expected: str) -> None:
    """A value reads as it was written; a text that looks like a number keeps its quotes."""
    assert expected == shown(value)


@pytest.mark.parametrize("loc", [("smtp", "zzz"), ("smtp", "port", 0), ("zzz",), ()])
def test_accepted_beyond_the_models(loc: tuple[str | int, ...]) -> None:
    """A path that leaves the models keeps the last description met, or a plain one."""
    expected = "un nombre entier de 1 à 65535" if "port" in loc else "une table [smtp] avec au moins host"

    assert (expected if "smtp" in loc else "une valeur permise") == accepted_at(loc)


def test_path_of() -> None:
    """A path counts from 0 as programs do, and names the block as people count."""
    assert path_of(("stages", 2, "day")) == "stages[2].day (3e bloc [[stages]])"
    assert path_of(("smtp", "a\x1bb")) == "smtp.a\\x1bb"


@pytest.mark.parametrize(
    ("loc", "secret"),
    [(("smtp", "port"), False), (("smtp", "user"), True), (("sender", "mdp"), True), (("stages", 0, "key"), False)],
)
def test_is_secret(loc: tuple[str | int, ...], secret: bool) -> None:
    """[smtp] hides all but harmless keys, other tables what sounds like a secret."""
    assert secret is is_secret(loc, "x")


@pytest.mark.parametrize(
    ("address", "good"),
    [
        ("a@b.fr", True),
        ("prenom.nom+relance@sous.exemple.co", True),
        ("a@xn--socit-esab.fr", True),
        ("a@b", False),
        ("a@b..fr", False),
        (".a@b.fr", False),
        ("a.@b.fr", False),
        ("a b@c.fr", False),
        ("Alix <a@b.fr>", False),
        ("a@b.fr, c@d.fr", False),
        ("a@b.fr\n", True),
        ("a@b.fr\nBcc: x@y.fr", False),
        ("é@b.fr", False),
        ("a@soci\u200bété.fr", False),
        ("a@-é.fr", False),
        ("a@127.0.0.1", False),
        ("a@-b.fr", False),
        ("a" * 65 + "@b.fr", False),
    ],
)
def test_email(address: str, good: bool) -> None:
    """One plain ASCII address, whole, with a domain that has a dot."""
    from pydantic import TypeAdapter, ValidationError

    adapter = TypeAdapter[str](Email)
    if good:
        assert adapter.validate_python(address) == address.strip()
    else:
        with pytest.raises(ValidationError):
            adapter.validate_python(address)


def test_an_international_domain() -> None:
    """It is kept as it is sent to: the invoice files are read the same way."""
    from pydantic import TypeAdapter

    assert "a@xn--socit-esab.fr" == TypeAdapter[str](Email).validate_python("a@Société.fr")
