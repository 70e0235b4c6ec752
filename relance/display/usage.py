"""How the help reads: in French with its no-break spaces, no sentence or command cut at 80 columns."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from click import HelpFormatter

from relance.french import typeset

Rows = Sequence[tuple[str, str]]
"""Names, each with its sentence."""


class Formatter(HelpFormatter):
    """Lays out the help of one command."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The usage, as many lines as it takes; no word is cut at its hyphen."""
        usage = typeset(f"Usage : {prog} {args}")
        self.write("\n".join(wrap(usage, self.width, subsequent_indent=" " * 8, break_on_hyphens=False)) + "\n")

    def write_examples(self, examples: Iterable[str]) -> None:
        """Examples, each whole: they are copied."""
        self.write("\n")
        self.write_heading("Exemples")
        self.write("".join(f"  {example}\n" for example in examples))

    def write_heading(self, heading: str) -> None:
        """A heading before its colon."""
        self.write(f"{typeset(f'{heading} :')}\n")

    def write_text(self, text: str) -> None:
        """A paragraph, or several."""
        super().write_text(typeset(text))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Names, each with its sentence."""
        super().write_dl([(name, typeset(sentence)) for name, sentence in rows], col_max, col_spacing)


def overview(what: str, parts: Sequence[tuple[str, Rows]]) -> Iterator[str]:
    """The help of the whole program: what it is, then each part under its heading, each sentence on its line."""
    yield typeset("Usage : relance [COMMANDE] [OPTIONS]")
    yield from ("", f"  {typeset(what)}")
    width = 2 + max(len(name) for _, rows in parts for name, _ in rows)
    for title, rows in parts:
        yield from ("", typeset(f"{title} :"))
        yield from (f"  {name.ljust(width)}{typeset(sentence)}" for name, sentence in rows)
    yield from ("", typeset("« relance COMMANDE --help » détaille une commande ; « relance help », le guide."))
    yield typeset("Codes de sortie : 0 fait ; 1 fait, mais à voir ; 2 rien n’a été fait.")
