"""A letter whose words its author changes: as a text file and back, and what is to be asked of the words he wrote."""

import re
from collections.abc import Iterator

from relance.core.message import Letter
from relance.core.plan import Reminder
from relance.errors import MessageError
from relance.french import NARROW, NO_BREAK, listing
from relance.letters.checker import findings
from relance.letters.languages import LANGUAGES
from relance.letters.render import examined
from relance.letters.templates import Templates
from relance.letters.views import Background

MOST = 100_000
"""Characters: a message of more than a novel's chapter is a slip."""
_FIRST = re.compile(
    rf"\s*(?:{'|'.join(language.subject.rstrip(' :') for language in LANGUAGES.values())})\s*:[^\S\n]*(.*)"
)
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_SPACE = rf"[ {NO_BREAK}{NARROW}]"
_FIGURE = re.compile(
    rf"\d(?:\d|{_SPACE}\d{{3}}(?!\d))*(?:[.,]\d+)?{_SPACE}?(?:€|EUR\b|euros?\b|%)"
    rf"|\d(?:\d|{_SPACE}\d{{3}}(?!\d))*[.,]\d\d(?!\d)"
)
"""A sum or a rate."""
_ACCOUNT = re.compile(rf"\b[A-Z]{{2}}\d{{2}}(?:{_SPACE}?[A-Z0-9]){{11,30}}(?![A-Z0-9])")
"""An IBAN (ISO 13616), or what is meant to be one."""


def as_file(subject: str, text: str, language: str) -> str:
    """The words as their author finds them: the subject on the first line, as in a template."""
    first = LANGUAGES[language].subject
    return f"{first} {subject}\n\n{text.rstrip()}\n"


def from_file(written: str) -> tuple[str, str]:
    """Subject and text of such a file; MessageError, as a French sentence, where they cannot be those of a message."""
    told = written.removeprefix("\ufeff").replace("\r\n", "\n")
    found = _FIRST.match(told)
    subject = found[1].strip() if found is not None else ""
    if not told.strip():
        raise MessageError("Le fichier est vide.")
    if len(told) > MOST:
        raise MessageError(f"Le texte a plus de {MOST} caractères.")
    if not subject or found is None:
        raise MessageError("La première ligne doit donner l’objet du message.", "Exemple : « Objet : Facture F-12 ».")
    text = told[found.end() :].strip("\n").rstrip()
    if not text:
        raise MessageError("Il n’y a pas de texte sous l’objet.")
    if _CONTROL.search(told):
        raise MessageError("Le texte contient un caractère de commande.")
    return subject, f"{text}\n"


def doubts(templates: Templates, reminder: Reminder, told: Background, subject: str, text: str) -> tuple[str, ...]:
    """What would stop a template that said this and does not stop the one that was used, in French; no taste of ours.

    Sums, rates and accounts are those of the letter as it was rendered, each as often as one likes.
    """
    letter, view, found = examined(templates, reminder, told)
    language = LANGUAGES[letter.language]
    stage = reminder.stage.key
    mine = Letter(subject, text, letter.language)
    whole = {each.what for each in findings(letter, _all(letter), view, language, stage)}
    known = whole | {each.what for each in found}
    wrong = [each.what for each in findings(mine, _all(mine), view, language, stage) if each.error]
    new = [what for what in wrong if what not in known]
    return (*_figures(letter, mine), *new)


def _all(letter: Letter) -> str:
    return f"{letter.subject}\n{letter.text}"


def _figures(letter: Letter, mine: Letter) -> Iterator[str]:
    """Sums, rates and accounts that are new, and the account that is gone; a sum due that is gone the checker names."""
    for pattern, one, several in ((_FIGURE, "est nouveau", "sont nouveaux"), (_ACCOUNT, "est un autre compte", "")):
        before, after = _found(pattern, letter), _found(pattern, mine)
        if new := [shown for bare, shown in after.items() if bare not in before]:
            yield f"{listing([f'« {each} »' for each in new])} {one if len(new) == 1 else several or one}"
        if pattern is _ACCOUNT and (gone := [shown for bare, shown in before.items() if bare not in after]):
            yield f"l’IBAN {gone[0]} n’y est plus"


def _found(pattern: "re.Pattern[str]", letter: Letter) -> dict[str, str]:
    """What stands in a letter, by what it is without its spaces."""
    hits = (hit[0] for hit in pattern.finditer(_all(letter)))
    return {_BARE.sub("", re.sub(_SPACE, "", hit)): hit for hit in hits}


_BARE = re.compile(r"(?:[.,]00)?(?:€|EUR|euros?)?$")
"""What 1 440,00 €, 1440 € and 1 440,00 do not have in common."""
