"""The guide in pages, one a subject: which there are, and the text of one."""

import re
import unicodedata
from difflib import get_close_matches
from pathlib import Path

from relance.errors import Again, UsageError
from relance.french import listing

FOLDER = Path(__file__).resolve().parents[1] / "guide"
CONTENTS = "sommaire"
COMMANDS = "commandes"


def subjects() -> list[str]:
    """What the guide has a page on, by name."""
    return sorted(page.stem for page in FOLDER.glob("*.md"))


def page_on(subject: str) -> str:
    """The page on a subject as Markdown, the contents where none is asked for; UsageError where there is none.

    Of a command, what the page of commands says of it.
    """
    wanted = _plain(subject) or CONTENTS
    if wanted in subjects():
        return _text(wanted)
    sections = re.split(r"^#(?=##? )", _text(COMMANDS), flags=re.MULTILINE)
    told = [
        section for section in sections if re.match(rf"## relance {re.escape(subject.strip())}(?: |$)", section, re.M)
    ]
    if told:
        return "".join(section.replace("##", "#", 1) for section in told)
    near = get_close_matches(wanted, subjects(), n=3, cutoff=0.5)
    hint = f"Sujets proches : {listing(near)}. " if near else ""
    sentence = f"Le guide n’a pas de page « {subject} »."
    raise UsageError(sentence, f"{hint}« relance help » les liste toutes.", [Again(subject, page) for page in near[:1]])


def _text(page: str) -> str:
    return (FOLDER / f"{page}.md").read_text(encoding="utf-8")


def _plain(subject: str) -> str:
    """A subject as its page is named: « Pénalités » is penalites, « mise en demeure » mise-en-demeure."""
    letters = unicodedata.normalize("NFKD", subject.strip().casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).replace(" ", "-")
