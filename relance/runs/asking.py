"""How a question of `relance init` is put: the option that answers it, else the person, else what holds without."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from relance.errors import UsageError

if TYPE_CHECKING:
    from relance.core.plan import Plan
    from relance.sources import InvoiceFile
    from relance.sources.source import Unused

_T = TypeVar("_T")
_D = TypeVar("_D")


class Talk(Protocol):
    """A person who reads along. The words of a sentence are typeset, the data that goes into its `{}` is not."""

    def tell(self, sentence: str, *data: str) -> None:
        """Say this."""

    def ask(self, question: str, *data: str) -> str:
        """What was typed, without the spaces around it; KeyboardInterrupt where the person leaves."""

    def secret(self, question: str, *data: str) -> str:
        """The same, not shown while it is typed."""

    def show_reading(self, source: "InvoiceFile", plan: "Plan") -> None:
        """How the file was understood."""

    def show_column(self, column: "Unused") -> None:
        """A column that was not, with some of its cells, and what it seems to be."""

    def field_named(self, text: str) -> str:
        """The field that is shown under this name, as the settings call it; the text itself where none is."""


def answered(
    talk: Talk | None, given: str, question: str, takes: Callable[[str], _T], nothing: _D, *data: str
) -> _T | _D:
    """What `takes` makes of the option, which raises UsageError for what it does not take, else of what was typed.

    `nothing` is the answer of Enter, and where there is nobody to ask. What is not understood is asked again.
    """
    if given:
        return takes(given)
    while talk is not None:
        typed = talk.ask(question, *data)
        if not typed:
            break
        try:
            return takes(typed)
        except UsageError as error:
            talk.tell("{}", error.shown)
    return nothing


def needed(talk: Talk | None, given: str, question: str, takes: Callable[[str], _T], option: str) -> _T:
    """The same where nothing goes on without an answer; UsageError naming the option where nobody can be asked."""
    while (answer := answered(talk, given, question, takes, None)) is None:
        if talk is None:
            raise UsageError(f"Il manque {option}.", "Donnez-le, ou lancez « relance init » dans un terminal.")
        talk.tell("Il faut une réponse ; Ctrl-C arrête tout, et rien n’est écrit.")
    return answer


def one_of(words: Mapping[str, _T]) -> Callable[[str], _T]:
    """Takes one of these words, whole or as its first letter; UsageError with them all for another."""

    def takes(text: str) -> _T:
        typed = text.casefold()
        for word, meaning in words.items():
            if typed in (word, word[0]):
                return meaning
        raise UsageError(f"« {text} » n’est pas une des réponses.", f"Répondez : {', '.join(words)}.")

    return takes


YES_NO = one_of({"oui": True, "non": False, "yes": True, "no": False})


def a_setting(*loc: str) -> Callable[[str], str]:
    """Takes a text that the setting at this path accepts; UsageError says what is wrong with another."""

    def takes(text: str) -> str:
        check(text, *loc)
        return text

    return takes


def check(value: object, *loc: str) -> None:
    """UsageError where the setting at this path does not accept this."""
    from relance.config.written import wrong

    if said := wrong(loc, value):
        raise UsageError(f"{said[:1].upper()}{said[1:]}.")
