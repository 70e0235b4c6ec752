"""What is the same in all tests and takes long to make, kept by the process that runs them.

A command of a user makes it once and ends; those of the tests share a process, and thousands of them made it again.
"""

from functools import cache
from pathlib import Path

import pytest
import typer.main
from click import Command
from jinja2.sandbox import SandboxedEnvironment
from typer import Typer

from relance.letters import sandbox
from relance.letters.languages import Language
from relance.letters.templates import shipped_folder
from relance.runs import templates
from relance.runs.dossier import Desk


def keep(patch: pytest.MonkeyPatch) -> None:
    """Keep it for as long as the patch holds."""
    _keep_templates(patch)
    _keep_trials(patch)
    _keep_commands(patch)


def _keep_templates(patch: pytest.MonkeyPatch) -> None:
    """The shipped templates as Jinja compiles them; where the user's own stand before them, it starts anew."""
    make = sandbox.environment_of

    @cache
    def shipped(language: Language) -> SandboxedEnvironment:
        return make((shipped_folder(language),), language)

    def environment_of(folders: tuple[Path, ...], language: Language) -> SandboxedEnvironment:
        return shipped(language) if folders == (shipped_folder(language),) else make(folders, language)

    patch.setattr(sandbox, "environment_of", environment_of)


def _keep_trials(patch: pytest.MonkeyPatch) -> None:
    """What `relance check` finds in the shipped templates, by the sender and the policy of which they speak."""
    try_all = templates.try_all
    kept: dict[str, tuple[templates.Tried, ...]] = {}

    def tried(desk: Desk) -> tuple[templates.Tried, ...]:
        if desk.templates.folder is not None:
            return try_all(desk)
        key = repr((desk.sender, desk.policy))
        if key not in kept:
            kept[key] = try_all(desk)
        return kept[key]

    patch.setattr(templates, "try_all", tried)


def _keep_commands(patch: pytest.MonkeyPatch) -> None:
    """Commands with their signatures read; Click changes nothing in a command that it runs."""
    read = typer.main.get_command
    kept: dict[tuple[object, ...], Command] = {}

    def get_command(app: Typer) -> Command:
        commands = [each.callback for each in app.registered_commands]
        key = (*commands, *(each.typer_instance for each in app.registered_groups))
        if key not in kept:
            kept[key] = read(app)
        return kept[key]

    patch.setattr(typer.main, "get_command", get_command)
