"""Every template tried on made-up messages, so that a mistake shows before a customer does."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from relance.core.policy import OUTSIDE, DunningPolicy, Stage
from relance.errors import MessageError, TemplateError
from relance.runs.dossier import Desk

if TYPE_CHECKING:
    from relance.core.message import Sender
    from relance.letters.checker import Finding
    from relance.letters.samples import Sample
    from relance.letters.templates import Templates

_STUCK = 3
"""After so many templates that did not end, the others are not tried: each of them costs two seconds."""
_LEFT_OUT = "pas essayé, car d’autres modèles ne finissent pas"


class Tried(NamedTuple):
    """One stage's template after every made-up message: French sentences, errors first stop a message."""

    label: str
    file: str
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class _Trial(NamedTuple):
    """One template and its made-up messages: whom each addresses, and what finds its faults."""

    label: str
    file: str
    looks: "Iterable[tuple[str, Callable[[], Iterable[Finding]]]]"


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
    from relance.letters.by_hand import CALL_TEMPLATE, SMS_TEMPLATE
    from relance.letters.paper import on_paper
    from relance.letters.samples import STAGES, samples
    from relance.letters.templates import template_name

    ladder = {s.key: s for schedule in policy.schedules for s in schedule.stages}
    outside = [stage for stage in OUTSIDE if stage.key not in ladder]
    for stage in (*(s for s in ladder.values() if "email" in s.channels), *outside):
        looks = _looks(templates, samples(stage, sender, policy), policy)
        yield _Trial(stage.label, template_name(stage), looks)
    for stage in ladder.values():
        if "letter" in stage.channels:
            posted = [
                each._replace(reminder=on_paper(templates, each.reminder)) for each in samples(stage, sender, policy)
            ]
            file = template_name(posted[0].reminder.stage)
            yield _Trial(f"{stage.label}, sur papier", file, _looks(templates, posted, policy))
    friendly = STAGES["friendly"]
    yield _Trial("SMS", SMS_TEMPLATE, [("", partial(_texted, templates, friendly, sender, policy))])
    firm = list(samples(STAGES["firm"], sender, policy))
    calls = [(sample.name, partial(_called, templates, sample, policy)) for sample in firm]
    yield _Trial("fiche d’appel", CALL_TEMPLATE, calls)


def _looks(
    templates: "Templates", samples: "Iterable[Sample]", policy: DunningPolicy
) -> "Iterator[tuple[str, Callable[[], Iterable[Finding]]]]":
    from relance.letters.render import examined
    from relance.letters.samples import TODAY

    def look(sample: "Sample") -> "Iterable[Finding]":
        return examined(templates, sample.reminder, sample.sender, TODAY, policy.interest, sample.told)[1]

    return ((sample.name, partial(look, sample)) for sample in samples)


def _texted(templates: "Templates", stage: Stage, sender: "Sender", policy: DunningPolicy) -> "Iterable[Finding]":
    from relance.letters.by_hand import sms_text
    from relance.letters.samples import MARTIN, TODAY, line

    sms_text(templates, MARTIN, stage, (line(stage, policy=policy),), sender, TODAY)
    return ()


def _called(templates: "Templates", sample: "Sample", policy: DunningPolicy) -> "Iterable[Finding]":
    from relance.letters.by_hand import call_sheet
    from relance.letters.samples import TODAY

    call_sheet(templates, sample.reminder, sample.sender, TODAY, policy.interest, sample.told, {}, policy.calendar)
    return ()


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
