"""The sample that `relance init` writes: it loads as it is, it loads uncommented, it names every key."""

import re
import tomllib
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from relance.config import load_settings, sample_settings
from relance.config.columns import ColumnsTable, CustomerColumnsTable, PaymentColumnsTable
from relance.config.models import SettingsFile
from relance.config.rows import rows_of
from relance.config.sample import settings_table
from relance.config.values import Settings
from relance.core.calendar import Hours, WorkCalendar
from relance.core.interest import InterestTerms
from relance.core.invoice import Kind
from relance.core.policy import DEFAULT_STAGES, DunningPolicy
from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate
from relance.delivery.account import Account, Secret
from relance.sources.headers import FIELDS
from relance.sources.wanted import CUSTOMER_FIELDS, PAYMENT_FIELDS

SAMPLE = sample_settings()
UNCOMMENTED = re.sub(r"^#(?=[a-z\[0-9])", "", SAMPLE, flags=re.MULTILINE)
NAMES = [path for path, _, _ in rows_of(SettingsFile)]


def _load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "relance.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(path)


def test_as_it_is(tmp_path: Path) -> None:
    """The sample loads, says what has no default, and leaves everything else to the defaults."""
    settings = _load(tmp_path, SAMPLE)

    assert tmp_path / "factures.csv" == settings.source.file[0]
    assert Account("smtp", "smtp.example.com", 587, "starttls") == settings.smtp
    assert settings.transport == "smtp"
    assert DunningPolicy() == settings.policy
    assert settings.customer_rules == ()


def test_a_command_can_be_pasted() -> None:
    """A shell knows straight quotes alone."""
    assert "pip install 'relance[keyring]'" in SAMPLE


def test_uncommented(tmp_path: Path) -> None:
    """With every setting uncommented it still loads, and what has a default is shown with that default."""
    plain, settings = _load(tmp_path, SAMPLE), _load(tmp_path, UNCOMMENTED)
    closed = ((date(2026, 12, 24), date(2027, 1, 2)), (date(2027, 5, 7), date(2027, 5, 7)))
    told = {"2099-S1": ReferenceRate(Decimal("2.00"), Decimal("2.50"), "relance.toml")}
    interest = InterestTerms(rates={**REFERENCE_RATES, **told})
    hours = Hours(time(8), time(18, 30), time(18, 30))
    calendar = WorkCalendar(closed=closed, region="alsace-moselle", hours=hours)
    expected = DunningPolicy()._replace(default_kind=Kind.BUSINESS, calendar=calendar, interest=interest)
    schedules = tuple(
        schedule._replace(stages=tuple(stage._replace(template="") for stage in schedule.stages))
        for schedule in settings.policy.schedules
    )

    assert expected == settings.policy._replace(schedules=schedules)
    assert settings.smtp is not None
    assert plain.smtp == settings.smtp._replace(user="", secret=Secret(password_env=""))
    for same in ("transport", "drafts", "journal", "timezone"):
        assert getattr(plain, same) == getattr(settings, same)


def _paths(value: object, prefix: str) -> set[str]:
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return set().union(*(_paths(item, f"{prefix}[]") for item in value))
    if isinstance(value, dict):
        return set().union(*(_paths(item, f"{prefix}.{key}".lstrip(".")) for key, item in value.items()))
    return {prefix}


def test_every_key_is_there() -> None:
    """The uncommented sample holds every accepted key; the other ways to a password stand in a comment."""
    paths = _paths(tomllib.loads(UNCOMMENTED), "")
    found = {path.replace("rates.2099-S1.", "rates.*.").removesuffix(".vue") for path in paths}
    found = {path.replace("customers[].columns.", "customers.columns.") for path in found}

    assert set(NAMES) == found | {
        f"{table}.{way}" for table in ("smtp", "imap") for way in ("password_command", "keyring", "token_command")
    }
    assert "\n# ou bien le nom sous lequel le trousseau du système le garde\u00a0: keyring = " in SAMPLE
    assert "\n# ou bien, à la place, la commande qui l’affiche\u00a0: password_command = " in SAMPLE


@pytest.mark.parametrize("name", ["smtp.host", "stages[].day", "schedules[].stages[].key", "invoices.columns.number"])
def test_setting_names(name: str) -> None:
    """Keys are named by their path, blocks with brackets, each once."""
    assert NAMES.count(name) == 1


def test_columns_are_those_of_the_reader() -> None:
    """[invoices.columns] takes the fields that the reader of tables looks for, no more and no fewer."""
    assert ColumnsTable.model_fields.keys() == FIELDS
    assert (*PaymentColumnsTable.model_fields,) == PAYMENT_FIELDS
    assert CustomerColumnsTable.model_fields.keys() == {*CUSTOMER_FIELDS}


def test_every_setting_is_explained() -> None:
    """Each setting line, active or not, comes after a comment that explains it or a group of keys."""
    settings = [line for line in SAMPLE.splitlines() if re.match(r"#?[a-z0-9_]+ = ", line)]
    comments = [line for line in SAMPLE.splitlines() if line.startswith("# ")]

    assert len(settings) > 80
    assert len(comments) > 60
    assert not [line for line in SAMPLE.splitlines() if line and not re.match(r"# |#?\[|#?[a-zA-Z0-9_-]+ = ", line)]


def test_the_table_of_the_guide() -> None:
    """It has a row for each setting but the columns: what it is for, and the default that holds."""
    rows = settings_table().splitlines()[2:]
    names = [re.findall(r"`([^`]+)`", row)[0] for row in rows]
    days = ", ".join(f"`{stage.day}`" for stage in DEFAULT_STAGES)

    assert [name for name in NAMES if ".columns." not in name] == names
    assert not [row for row in rows if not re.fullmatch(r"\| `\S+`(?: \*)? \| \S.+ \|", row)]
    assert f" | `{DunningPolicy().min_gap_days}` |" in rows[names.index("policy.min_gap_days")]
    assert rows[names.index("stages[].day")].endswith(f" | {days} |")
    assert rows[names.index("smtp.keyring")].startswith("| `smtp.keyring` | ou bien le nom sous lequel")
    assert rows[names.index("sender.name")].startswith("| `sender.name` * | votre nom")


def test_the_table_of_some_tables() -> None:
    """A page may print the settings of one subject."""
    lines = settings_table("journal", "templates").splitlines()

    assert ["| réglage | ce que c’est | par défaut |", "|---|---|---|"] == lines[:2]
    assert ["| `journal.file` ", "| `templates.folder` "] == [line[: line.index("|", 1)] for line in lines[2:]]


def test_typography() -> None:
    """The comments use no-break spaces before : ; ? ! and inside quotes, and curly apostrophes between letters."""
    comments = "\n".join(line for line in SAMPLE.splitlines() if line.startswith("# "))

    assert not re.findall(r"\S+ [:;?!](?= |$)|« | »|[^\W\d]'[^\W\d]", comments, flags=re.MULTILINE)
