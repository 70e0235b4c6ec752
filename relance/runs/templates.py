"""The user's own texts: the shipped ones copied for him to edit, and all of them tried before a customer reads one."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.policy import OUTSIDE, DunningPolicy
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE, MessageError, TemplateError, UsageError
from relance.french import plural, system_words
from relance.runs.dossier import Desk, for_me_alone

if TYPE_CHECKING:
    from relance.core.message import Sender
    from relance.letters.checker import Finding
    from relance.letters.samples import Sample
    from relance.letters.templates import Templates

OWN_FOLDER = "modeles"
"""Where the copies go where nothing else is said."""


class Tried(NamedTuple):
    """One stage's template after every made-up message: French sentences, errors first stop a message.

    `stuck` tells that a message did not end.
    """

    label: str
    file: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    stuck: bool = False


class TriedTemplates(NamedTuple):
    """What was tried, and where the templates come from (None: the shipped ones alone)."""

    folder: Path | None
    tried: tuple[Tried, ...]

    @property
    def exit_code(self) -> int:
        """2 where a message could not leave, 1 where its author should look, else 0."""
        if any(each.errors for each in self.tried):
            return EXIT_NOTHING_DONE
        return EXIT_LOOK if any(each.warnings for each in self.tried) else EXIT_DONE


def check(desk: Desk) -> TriedTemplates:
    """Render every template for every kind of reader; SettingsError or TemplateError where that cannot begin."""
    return TriedTemplates(desk.settings.templates if desk.settings else None, try_all(desk))


def copy(desk: Desk, folder: Path | None) -> Iterator[str]:
    """Copy every shipped template that is not there yet; a sentence for what was done, and the next step.

    Raises UsageError where the folder cannot be written.
    """
    settings = desk.settings
    base = settings.path.parent if settings else Path()
    used = settings.templates if settings else None
    target = folder or used or base / OWN_FOLDER
    try:
        copied, kept = _copied(target)
    except OSError as error:
        raise UsageError(
            f"Impossible d’écrire dans « {target} » ({system_words(error)}).",
            "Choisissez un dossier où vous pouvez écrire.",
        ) from None
    yield f"« {target} » : {plural(copied, 'modèle copié', 'modèles copiés')}."
    if kept:
        yield plural(
            kept, "fichier était déjà là, il n’a pas changé.", "fichiers étaient déjà là, ils n’ont pas changé."
        )
    if used is None or target.absolute() != used:
        yield f'Pour qu’ils servent, écrivez dans vos réglages folder = "{target.name}" sous [templates]'
    yield "Modifiez-les, puis « relance templates check » les essaie tous."


def _copied(target: Path) -> tuple[int, int]:
    """How many files were copied, and how many were there before."""
    from relance.letters.languages import FRENCH, LANGUAGES
    from relance.letters.templates import shipped_folder

    copied = kept = 0
    for language in LANGUAGES.values():
        folder = target if language is FRENCH else target / language.code
        folder.mkdir(parents=True, exist_ok=True)
        shipped = shipped_folder(language)
        for source in sorted((*shipped.glob("*.j2"), *shipped.glob("*.typ"))):
            try:
                with open(folder / source.name, "xb", opener=for_me_alone) as file:
                    file.write(source.read_bytes())
                copied += 1
            except FileExistsError:
                kept += 1
    return copied, kept


_STUCK = 3
"""After so many templates that did not end, the others are not tried: each of them costs two seconds."""
_LEFT_OUT = "pas essayé, car d’autres modèles ne finissent pas"


class _Trial(NamedTuple):
    """One template, what finds the faults of a message, and its made-up messages."""

    label: str
    file: str
    look: "Callable[[Sample], Iterable[Finding]]"
    samples: "Iterable[Sample]"


def try_all(desk: Desk) -> tuple[Tried, ...]:
    """Messages, letters, SMS and call sheet; TemplateError where the folder does not exist."""
    tried: list[Tried] = []
    for trial in _trials(desk.templates, desk.sender, desk.policy):
        left_out = sum(each.stuck for each in tried) == _STUCK
        tried.append(Tried(trial.label, trial.file, (_LEFT_OUT,)) if left_out else _tried(trial))
    return tuple(tried)


def _trials(templates: "Templates", sender: "Sender", policy: DunningPolicy) -> Iterator[_Trial]:
    from relance.letters.by_hand import CALL_TEMPLATE, SMS_TEMPLATE, call_sheet, sms_text
    from relance.letters.paper import on_paper
    from relance.letters.render import examined
    from relance.letters.samples import STAGES, Sample, line, message, samples
    from relance.letters.templates import template_name
    from relance.letters.views import Background

    def look(each: "Sample") -> "Iterable[Finding]":
        return examined(templates, each.reminder, each.told)[-1]

    def call(each: "Sample") -> "Iterable[Finding]":
        call_sheet(templates, each.reminder, each.told)
        return ()

    def text(each: "Sample") -> "Iterable[Finding]":
        about = each.reminder
        sms_text(templates, about.customer, about.stage, about.lines, each.told.sender)
        return ()

    ladder = {s.key: s for schedule in policy.schedules for s in schedule.stages}
    outside = [stage for stage in OUTSIDE if stage.key not in ladder]
    for stage in (*(s for s in ladder.values() if "email" in s.channels), *outside):
        yield _Trial(stage.label, template_name(stage), look, samples(stage, sender, policy))
    for stage in ladder.values():
        if "letter" in stage.channels:
            made = samples(stage, sender, policy)
            posted = [each._replace(reminder=on_paper(templates, each.reminder)) for each in made]
            yield _Trial(f"{stage.label}, sur papier", template_name(posted[0].reminder.stage), look, posted)
    reminder = message(line(STAGES["friendly"], policy=policy))
    yield _Trial("SMS", SMS_TEMPLATE, text, [Sample("", reminder, Background(sender))])
    yield _Trial("fiche d’appel", CALL_TEMPLATE, call, samples(STAGES["firm"], sender, policy))


def _tried(trial: _Trial) -> Tried:
    """What is found, said once with the reader for whom it was found first."""
    from relance.letters.confined import StuckError

    found: dict[tuple[bool, str], str] = {}
    stuck = False
    for sample in trial.samples:
        try:
            for each in trial.look(sample):
                found.setdefault((each.error, each.what), sample.name)
        except (TemplateError, MessageError) as error:
            found.setdefault((True, error.shown), sample.name)
            stuck = isinstance(error, StuckError)
            if stuck:
                break
    said = [(error, f"{what} ({name})" if name else what) for (error, what), name in found.items()]
    errors, warnings = (tuple(text for error, text in said if error is wanted) for wanted in (True, False))
    return Tried(trial.label, trial.file, errors, warnings, stuck)
