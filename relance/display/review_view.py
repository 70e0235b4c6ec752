"""One message at a time at a terminal: plain lines, letters and Enter; no cursor is ever moved.

So it reads the same over ssh, on a terminal that only prints, and by a screen reader.
"""

import select
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from relance.core.message import Message
from relance.core.plan import Line, outstanding_of
from relance.core.policy import THANKS
from relance.display import mails, terminal
from relance.display.breaking import safe
from relance.display.lines import because, sentence
from relance.display.plan_view import stage_word
from relance.display.question import announce
from relance.display.send_view import outcome_lines
from relance.french import eur, listing, typeset

if TYPE_CHECKING:
    from relance.runs.rehearsal import Rehearsed
    from relance.runs.review import Act, Card, Keep
    from relance.runs.send import Sent

_Choice = TypeVar("_Choice")


class _Keys(NamedTuple, Generic[_Choice]):
    """A question with its answers: a letter, or its whole word; `wary` of the one that what was typed before is not."""

    question: str
    letters: Mapping[str, tuple[str, _Choice, str]]
    wary: str = ""


class TerminalReader:
    """The person at this terminal; `acts` and `keeps` are what the story calls his answers.

    With `drafts` a yes leaves the message among his drafts, and the question says so.
    """

    def __init__(self, acts: "type[Act]", keeps: "type[Keep]", *, drafts: bool = False) -> None:
        self.begun = False
        asked, send = ("Brouillon", "mettre ce message") if drafts else ("Envoyer", "envoyer ce message")
        where = " dans vos brouillons" if drafts else ""
        self._acts = _Keys(
            typeset(f"{asked} ? [o]ui, [p]asser, [m]odifier, [s]uspendre, [q]uitter, [?] :"),
            {
                "o": ("oui", acts.SEND, f"{send}{where}, et lui seul"),
                "p": ("passer", acts.SKIP, "pas aujourd’hui : proposé de nouveau demain"),
                "m": ("modifier", acts.EDIT, "changer l’objet ou le texte dans votre éditeur"),
                "s": ("suspendre", acts.PAUSE, "aucune relance de ces factures pendant 7 jours"),
                "q": ("quitter", acts.QUIT, "arrêter là : les messages suivants ne partent pas"),
            },
            wary="o",
        )
        self._keeps = _Keys(
            typeset("Garder ces mots ? [o]ui, [m]odifier encore, [n]on :"),
            {
                "o": ("oui", keeps.KEEP, "garder le message tel que vous l’avez écrit"),
                "m": ("modifier", keeps.EDIT, "reprendre votre texte dans l’éditeur"),
                "n": ("non", keeps.DROP, "remettre le message comme il était"),
            },
            wary="o",
        )
        again = {letter: told for letter, told in self._keeps.letters.items() if letter != "o"}
        self._again = _Keys(typeset("Que faire ? [m]odifier encore, [n]on :"), again)

    def begin(self, rehearsed: "Rehearsed") -> None:
        """What is said of all the messages first."""
        announce(rehearsed)
        self.begun = True

    def show(self, card: "Card", *, changed: bool = False) -> None:
        """The message as its reader will see it, after why it leaves in one line."""
        if changed:
            terminal.tell("", "Ce message a changé depuis que vous l’avez lu. Rien n’est parti.")
        terminal.say()
        terminal.show(_card_lines(card))
        terminal.say()

    def act(self) -> "Act":
        """What he does with it; the end of input leaves."""
        return self._chosen(self._acts, self._acts.letters["q"][1])

    def keep(self, doubts: Sequence[str], *, possible: bool) -> "Keep":
        """What he does with words about which these are the questions."""
        terminal.tell(*(f"À vérifier : {doubt}" if possible else doubt for doubt in doubts))
        return self._chosen(self._keeps if possible else self._again, self._keeps.letters["n"][1])

    def tell(self, *sentences: str) -> None:
        """Sentences."""
        terminal.tell(*sentences)

    def tell_sent(self, sent: "Sent") -> None:
        """What became of the message."""
        terminal.show(outcome_lines(sent))

    def tell_held(self, lines: Sequence[Line]) -> None:
        """Why these do not leave any more."""
        for line in lines:
            terminal.show(terminal.fitted(typeset(f"{line.invoice.number}, pas parti : ") + because(line)))

    def _chosen(self, keys: "_Keys[_Choice]", at_end: _Choice) -> _Choice:
        """The answer of a letter and Enter; what is none is asked again, and nothing is sent by Enter alone."""
        while True:
            typed, early = _typed(keys.question)
            if typed is None:
                return at_end
            word = typed.strip().casefold()
            letter = next((one for one, (whole, _, _) in keys.letters.items() if word in (one, whole)), "")
            if letter and letter == keys.wary and early:
                terminal.tell(f"« {letter} » était tapé avant que vous puissiez lire : tapez-le maintenant.")
            elif letter:
                return keys.letters[letter][1]
            elif word in ("?", "aide", "h"):
                terminal.tell(*(f"  {one} : {said}" for one, (_, _, said) in keys.letters.items()))
            elif word:
                known = ", ".join(keys.letters)
                terminal.tell(f"« {safe(typed.strip())[:_ECHOED]} » : tapez {known}, puis Entrée. ? les explique.")


_ECHOED = 20


def _typed(question: str) -> tuple[str | None, bool]:
    """The next line, None at the end of input, and whether it was there before the question was."""
    early = bool(select.select([sys.stdin], [], [], 0)[0])
    sys.stdout.write(f"{safe(question)} ")
    terminal.finish()
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        terminal.say()
        raise
    except UnicodeDecodeError:  # a key that is no letter in UTF-8
        return "\ufffd", early
    if not line:
        terminal.say()
        return None, early
    return line, early


def _card_lines(card: "Card") -> Iterator[str]:
    message, reminder = card.message, card.reminder
    total = eur(outstanding_of(reminder.lines), reminder.currency) if reminder.stage != THANKS else ""
    head = [f"{card.number}/{card.of}", stage_word(reminder.stage.label), message.customer, *filter(None, [total])]
    yield from terminal.fitted(f"─── {' · '.join(head)} ───", under="")
    yield from terminal.fitted(_why(reminder.lines), whole=[line.invoice.number for line in reminder.lines])
    yield from terminal.fitted(typeset("À : ") + ", ".join(message.to))
    if message.cc:
        yield from terminal.fitted(typeset("Copie : ") + ", ".join(message.cc))
    yield from terminal.fitted(typeset("Objet : ") + message.subject)
    yield ""
    yield from mails.text_lines(mails.headers_and_text(message.raw)[1])
    files = _files(message)
    yield from ["", *mails.file_lines(files)] if files else []


def _why(lines: Sequence[Line]) -> str:
    """« F-2026-038 : 15 jours de retard, dernier contact le 10 novembre 2026 »; of several, the latest to be paid."""
    first = max(lines, key=lambda line: line.days_overdue)
    numbers = listing([line.invoice.number for line in lines])
    oldest = f"la plus ancienne ({first.invoice.number}), " if len(lines) > 1 else ""
    return typeset(f"{numbers} : {oldest}") + sentence(first)


def _files(message: Message) -> list[mails.Enclosed]:
    return [mails.Enclosed(each.name, each.size) for each in message.attachments]
