"""One family of errors: each is a French sentence with its cure, and an exit code."""

from collections.abc import Iterable
from typing import NamedTuple

from relance.french import typeset

EXIT_DONE = 0
EXIT_LOOK = 1
EXIT_NOTHING_DONE = 2


class Again(NamedTuple):
    """The command that was typed, as it may have been meant: `typed` in it is `meant`, and `options` come at its end.

    With `option`, what was meant is its value; where nothing was meant, the word is left out. Where `line` is given, it
    is the whole command instead, without its `relance`. `about` says in a few words what this one would do, where there
    is a choice.
    """

    typed: str = ""
    meant: str = ""
    option: str = ""
    options: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    about: str = ""


class RelanceError(Exception):
    """What stops a command: `sentence` says what happened, `cure` what to do; both in French.

    They are given as one types them and get their no-break spaces here, once, whoever shows them; str() and `args` have
    the words as they were typed, for a program. A kind of error builds its sentence from its data in its own __init__.
    `again` are the commands that cure it, made of the one that was typed, which nobody knows but who read it.
    """

    exit_code = EXIT_NOTHING_DONE

    def __init__(self, sentence: str, cure: str = "", again: Iterable[Again] = ()) -> None:
        super().__init__(sentence, cure)
        self.sentence = typeset(sentence)
        self.cure = typeset(cure)
        self.again = tuple(again)

    def __str__(self) -> str:
        return " ".join(self.args).strip()

    @property
    def shown(self) -> str:
        """Both, as a person reads them."""
        return f"{self.sentence} {self.cure}".strip()


class UsageError(RelanceError):
    """The command line cannot be carried out as given."""


class InterruptionError(RelanceError):
    """The user, or the end of the session, stopped the command; `clean` tells that no message of this run left."""

    def __init__(self, *, clean: bool = False) -> None:
        became = "rien n’est parti" if clean else "rien ne part plus"
        super().__init__(f"Interrompu : {became}.", "« relance plan » montre où tout en est.")


class WrongSystemError(RelanceError):
    """Windows itself: the lock of the journal and the schedules are those of POSIX (fcntl)."""

    def __init__(self) -> None:
        super().__init__(
            "relance a besoin de Linux ou de macOS.", "Sous Windows, installez-le dans WSL (wsl --install)."
        )


class UnexpectedError(RelanceError):
    """A fault of the program itself: `said` is its kind, `trace` the variable that shows all of it."""

    def __init__(self, said: str, trace: str) -> None:
        super().__init__(f"Erreur imprévue ({said}).", f"{trace}=1 devant la commande en montre le détail.")


class SettingsError(RelanceError):
    """relance.toml, or what it names, is wrong."""


class SourceError(RelanceError):
    """An input file as a whole cannot be used."""


class TemplateError(RelanceError):
    """A letter cannot be rendered."""


class MessageError(RelanceError):
    """One message cannot leave as it is; the others can."""


class OutputError(RelanceError):
    """What was done could not be shown."""

    exit_code = EXIT_LOOK


class JournalError(RelanceError):
    """The journal cannot be used safely."""


class ScheduleError(RelanceError):
    """What is to have relance run every day cannot be read, or set up as told."""


class DeliveryError(RelanceError):
    """The mail server refuses the whole run; no message left."""


class UnreachedError(DeliveryError):
    """No mail server spoke as one: what proves the user was not judged."""
