"""One family of errors: each is a French sentence with its cure, and an exit code."""

EXIT_DONE = 0
EXIT_LOOK = 1
EXIT_NOTHING_DONE = 2


class RelanceError(Exception):
    """What stops a command: `sentence` says what happened, `cure` what to do; both in French."""

    exit_code = EXIT_NOTHING_DONE

    def __init__(self, sentence: str, cure: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.cure = cure

    def __str__(self) -> str:
        return f"{self.sentence} {self.cure}".strip()


class UsageError(RelanceError):
    """The command line cannot be carried out as given."""


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


class DeliveryError(RelanceError):
    """The mail server refuses the whole run; no message left."""
