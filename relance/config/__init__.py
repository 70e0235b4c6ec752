"""relance.toml: found, read as a whole, checked as a whole, turned into values of the core.

Importing this package is cheap: pydantic and tomllib are only imported where a file is read.
"""

from pathlib import Path

from relance.config.finding import SETTINGS_FILE, SETTINGS_VARIABLE, find_settings
from relance.config.rules import apply_rules
from relance.config.values import CustomerRule, Settings

__all__ = [
    "SETTINGS_FILE",
    "SETTINGS_VARIABLE",
    "CustomerRule",
    "Settings",
    "apply_rules",
    "find_settings",
    "load_settings",
    "sample_settings",
    "setting_names",
]


def load_settings(path: Path) -> Settings:
    """The settings of this file; a SettingsError tells all that is wrong in it at once."""
    from relance.config.loading import load

    return load(path)


def sample_settings() -> str:
    """The commented relance.toml that `relance init` writes: `#key = ...` is a setting left out, `# ` a comment."""
    return Path(__file__).with_name("sample.toml").read_text(encoding="utf-8")


def setting_names() -> list[str]:
    """Every key that relance.toml accepts, as `smtp.host` or `stages[].day`, in the order of the models."""
    from relance.config.keys import names

    return names()
