"""`relance init` spoken with: by answers in this process, and on a terminal of its own."""

import os
import pty
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from signal import Signals

from story_support import PROGRAM, SECONDS, Done, Story, next_octets

from relance.core.plan import Plan
from relance.sources import InvoiceFile
from relance.sources.source import Unused


@dataclass
class Answers:
    """A person who answers each question by the first entry that its words hold; Enter where none does.

    An answer is used once, the last one as often as it is asked for; `Ctrl-C` leaves.
    """

    to: dict[str, list[str]]
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def tell(self, sentence: str, *data: str) -> None:
        """Hear this."""
        self.said.append(sentence.format(*data))

    def ask(self, question: str, *data: str) -> str:
        """The answer."""
        self.asked.append(question.format(*data))
        answers = next((each for words, each in self.to.items() if words in self.asked[-1] and each), [""])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if answer == "Ctrl-C":
            raise KeyboardInterrupt
        return answer

    secret = ask

    def show_reading(self, source: InvoiceFile, plan: Plan) -> None:
        """See how the file was read."""
        self.said.append(f"reading of {source.rows}")

    def field_named(self, text: str) -> str:
        """As it is."""
        return text

    def show_column(self, column: Unused) -> None:
        """See a column."""
        self.said.append(f"column {column.header}")


def spoken(here: Story, args: Sequence[str], script: Sequence[tuple[str, str | Signals]], **env: str) -> Done:
    """Run a command on a terminal that types each answer, or sends it, once it reads its question; all in order."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*PROGRAM, *args],
        cwd=here.folder,
        env=here.environment(TERM="xterm-256color", **env),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    seen, read, left = b"", 0, list(script)
    end = time.monotonic() + SECONDS
    try:
        while chunk := next_octets(ours, end):
            seen += chunk
            while left and (found := seen.find(left[0][0].encode(), read)) >= 0:
                question, answer = left.pop(0)
                read = found + len(question.encode())
                if isinstance(answer, Signals):
                    process.send_signal(answer)
                else:
                    os.write(ours, f"{answer}\n".encode())
        process.wait(timeout=SECONDS)
    finally:
        os.close(ours)
        if process.poll() is None:
            process.kill()
            process.wait()
    assert not left, (left, seen.decode())
    return here.checked(process.returncode, seen.decode().replace("\r\n", "\n"), "")
