"""Tab in a shell: the script that asks relance, and what relance answers; a fault here says nothing."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument

from relance.cli.help import summary
from relance.display.breaking import HARMFUL
from relance.display.terminal import say, say_all

if TYPE_CHECKING:
    from click import Command, Parameter
    from typer import Typer


class Shell(StrEnum):
    """The shells that have a script."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


_BASH = """\
# relance completion bash >> ~/.bash_completion
_relance() {
    local IFS=$'\\n' found
    COMPREPLY=()
    while read -r found; do
        COMPREPLY+=("$found")
    done < <(env COMP_WORDS="${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD _RELANCE_COMPLETE=complete_bash "$1" 2>/dev/null)
}
complete -o default -F _relance relance
"""
_ZSH = """\
#compdef relance
# relance completion zsh > ~/.zfunc/_relance ; puis, dans ~/.zshrc : fpath+=~/.zfunc; autoload -U compinit; compinit
_relance() {
    local -a found
    found=("${(@f)$(env COMP_WORDS="${words[*]}" COMP_CWORD=$((CURRENT-1)) _RELANCE_COMPLETE=complete_zsh relance \
2>/dev/null)}")
    if [[ -n "${found[*]}" ]]; then
        _describe -V relance found -U
    else
        _files
    fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _relance "$@"
else
    compdef _relance relance
fi
"""
_FISH = """\
# relance completion fish > ~/.config/fish/completions/relance.fish
function _relance
    set -l found (env COMP_WORDS=(commandline -cp | string collect) COMP_CWORD=(count (commandline -opc)) \
_RELANCE_COMPLETE=complete_fish relance 2>/dev/null)
    if test (count $found) -gt 0
        string replace '  ' \\t -- $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --no-files --command relance --arguments "(_relance)"
"""
_SCRIPTS = {Shell.BASH: _BASH, Shell.ZSH: _ZSH, Shell.FISH: _FISH}


def completion(
    shell: Annotated[Shell, Argument(metavar="bash|zsh|fish", help="Votre interpréteur de commandes.")],
) -> None:
    """Écrit le script qui complète les commandes avec la touche Tab.

    Commandes, options, choix, et les factures et clients ouverts du dernier passage.
    """
    say(_SCRIPTS[shell].rstrip("\n"))


def complete(program: "Callable[[Sequence[str]], Typer]", asked: str) -> None:
    """Print what the word that is being typed may become, a line each; nothing where that fails.

    The scripts above ask for complete_SHELL, with the words typed so far in COMP_WORDS, the place in COMP_CWORD.
    """
    with suppress(Exception):
        before, now = _typed()
        shell = asked.removeprefix("complete_")
        found = (
            (word, told) for word, told in _words(program, before, now) if word.casefold().startswith(now.casefold())
        )
        say_all(
            _line(shell, word, told) for word, told in dict(found).items() if not re.search(HARMFUL, f"{word}\n{told}")
        )


def _typed() -> tuple[list[str], str]:
    """The words before the one that is being typed, and that one as far as it is."""
    from click.shell_completion import split_arg_string

    words, at = split_arg_string(os.environ["COMP_WORDS"]), int(os.environ["COMP_CWORD"])
    return words[1:at], words[at] if at < len(words) else ""


def _line(shell: str, word: str, told: str) -> str:
    """A word as its shell takes it: bash as it would be typed, the others with what it is for."""
    if shell == Shell.BASH:
        return "".join(c if c.isalnum() or c in _PLAIN else f"\\{c}" for c in word)
    if shell == Shell.ZSH:
        return ":".join(filter(None, (word.replace(":", "\\:"), told)))
    return "  ".join(filter(None, (word, told)))


_PLAIN = "-_=/.,|+@:"
"""What stands in a word of bash as it is."""


Words = Iterable[tuple[str, str]]
"""Each with what it is for."""


def _words(program: "Callable[[Sequence[str]], Typer]", before: Sequence[str], now: str) -> Words:
    """What may stand after these words; options are offered once their dash is there."""
    from click import Argument, Group
    from typer.main import get_command

    command: Command = get_command(program(before))
    rest = list(before)
    while isinstance(command, Group):
        if not rest:
            return [(name, summary(inner.help)) for name, inner in command.commands.items()]
        command = command.commands[rest.pop(0)]
    arguments = [each for each in command.params if isinstance(each, Argument)]
    options = {name: each for each in command.params if each not in arguments for name in each.opts}
    valued = [name for name, each in options.items() if not getattr(each, "is_flag", False)]
    if rest and rest[-1] in valued:
        return _values(options[rest[-1]], rest)
    if now.startswith("-"):
        return [(name, getattr(each, "help", "")) for name, each in options.items() if not getattr(each, "hidden", 0)]
    given = sum(last not in valued and word[:1] != "-" for last, word in pairwise(["", *rest]))
    return _values(arguments[min(given, len(arguments) - 1)], rest) if arguments else []


def _values(parameter: "Parameter", typed: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What a value may be: a closed list, or what the capitals of its name stand for; nothing where it is a file."""
    from relance.runs.completion import known_names, known_stages
    from relance.runs.guide import subjects

    choices = getattr(parameter.type, "choices", ())
    yield from ((str(getattr(choice, "value", choice)), "") for choice in choices)
    named = (parameter.metavar or "").strip("[].").split("|")
    yield from ((word, "") for word in named if word.islower())
    config = next((Path(path) for option, path in pairwise(typed) if option == "--config"), None)
    if "SUJET" in named:
        yield from ((subject, "") for subject in subjects())
    if "ÉTAPE" in named:
        yield from known_stages()
    if {"FACTURE", "CLIENT"} & {*named}:
        yield from known_names(config, customers="CLIENT" in named)
