"""The user's own texts: the shipped ones copied for him to edit, and all of them tried before a customer reads one."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from relance.core.policy import OUTSIDE, DunningPolicy, Stage
from relance.errors import EXIT_DONE, EXIT_LOOK, EXIT_NOTHING_DONE, MessageError, TemplateError, UsageError
from relance.french import plural
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.core.message import Sender
    from relance.letters.checker import Finding
    from relance.letters.samples import Sample
    from relance.letters.templates import Templates

    _Looks = Iterable[tuple[str, Callable[[], Iterable[Finding]]]]


OWN_FOLDER = "modeles"
"""Where the copies go where nothing else is said."""


class Tried(NamedTuple):
    """One stage's template after every made-up message: French sentences, errors first stop a message."""

    label: str
    file: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


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
            f"Impossible d’écrire dans « {target} » ({error.strerror}).",
            "Choisissez un dossier où vous pouvez écrire.",
        ) from None
    yield f"« {target} » : {plural(copied, 'modèle copié', 'modèles copiés')}."
    if kept:
        yield plural(
            kept, "fichier était déjà là, il n’a pas changé.", "fichiers étaient déjà là, ils n’ont pas changé."
        )
    if used is None or target.absolute() != used:
        yield f'Pour qu’ils servent, écrivez dans vos réglages : [templates] folder = "{target.name}"'
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
                with (folder / source.name).open("xb") as file:
                    file.write(source.read_bytes())
                copied += 1
            except FileExistsError:
                kept += 1
    return copied, kept


_STUCK = 3
"""After so many templates that did not end, the others are not tried: each of them costs two seconds."""
_LEFT_OUT = "pas essayé, car d’autres modèles ne finissent pas"


class _Trial(NamedTuple):
    """One template and its made-up messages: whom each addresses, and what finds its faults."""

    label: str
    file: str
    looks: "_Looks"


def try_all(desk: Desk) -> tuple[Tried, ...]:
    """Messages, letters, SMS and call sheet; TemplateError where the folder does not exist."""
    tried: list[Tried] = []
    stuck = 0
    for trial in _trials(desk.templates, desk.sender, desk.policy):
        if stuck == _STUCK:
            tried.append(Tried(trial.label, trial.file, (_LEFT_OUT,)))
            continue
        each, ended = _tried(trial)
        tried.append(each)
        stuck += not ended
    return tuple(tried)


def _trials(templates: "Templates", sender: "Sender", policy: DunningPolicy) -> Iterator[_Trial]:
    from relance.letters.by_hand import CALL_TEMPLATE, SMS_TEMPLATE, call_sheet, sms_text
    from relance.letters.paper import on_paper
    from relance.letters.render import examined
    from relance.letters.samples import MARTIN, STAGES, line, samples
    from relance.letters.templates import template_name

    def look(each: "Sample") -> "Iterable[Finding]":
        return examined(templates, each.reminder, each.told)[-1]

    def call(each: "Sample") -> "Iterable[Finding]":
        call_sheet(templates, each.reminder, each.told)
        return ()

    def text(stage: Stage) -> "Iterable[Finding]":
        sms_text(templates, MARTIN, stage, (line(stage, policy=policy),), sender)
        return ()

    ladder = {s.key: s for schedule in policy.schedules for s in schedule.stages}
    outside = [stage for stage in OUTSIDE if stage.key not in ladder]
    for stage in (*(s for s in ladder.values() if "email" in s.channels), *outside):
        yield _Trial(stage.label, template_name(stage), _looks(look, samples(stage, sender, policy)))
    for stage in ladder.values():
        if "letter" in stage.channels:
            made = samples(stage, sender, policy)
            posted = [each._replace(reminder=on_paper(templates, each.reminder)) for each in made]
            yield _Trial(f"{stage.label}, sur papier", template_name(posted[0].reminder.stage), _looks(look, posted))
    yield _Trial("SMS", SMS_TEMPLATE, [("", partial(text, STAGES["friendly"]))])
    yield _Trial("fiche d’appel", CALL_TEMPLATE, _looks(call, samples(STAGES["firm"], sender, policy)))


def _looks(look: "Callable[[Sample], Iterable[Finding]]", samples: "Iterable[Sample]") -> "_Looks":
    return ((sample.name, partial(look, sample)) for sample in samples)


def _tried(trial: _Trial) -> tuple[Tried, bool]:
    """What is found, said once with the reader for whom it was found first; and whether every message ended."""
    from relance.letters.confined import StuckError

    found: dict[tuple[bool, str], str] = {}
    ended = True
    for name, look in trial.looks:
        try:
            for each in look():
                found.setdefault((each.error, each.what), name)
        except (TemplateError, MessageError) as error:
            found.setdefault((True, error.shown), name)
            if isinstance(error, StuckError):
                ended = False
                break
    said = [(error, f"{what} ({name})" if name else what) for (error, what), name in found.items()]
    errors = tuple(text for error, text in said if error)
    return Tried(trial.label, trial.file, errors, tuple(text for error, text in said if not error)), ended
