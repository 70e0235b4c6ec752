"""What a person meant by a command line that cannot be read, and the command lines that cure it."""

import re
import shlex
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

import click

from relance.cli.days import a_day
from relance.cli.options import CLOSED, an_amount, shown
from relance.cli.pasted import is_table
from relance.core.invoice import normalised_name
from relance.errors import Again, UsageError

_COMMANDS = {
    "plan": "planifier planning prevoir jour today status etat list liste lister ls",
    "send": "envoyer envoi relancer expedier mail",
    "review": "revoir relire lire revue",
    "sent": "envoyes envoye partis parti historique outbox",
    "check": "verifier verification controler test tester doctor",
    "show": "montrer voir afficher facture client detail",
    "charges": "frais penalites interets calculer calcul",
    "init": "installer initialiser commencer demarrer configurer config setup install",
    "letter": "lettre imprimer print pdf",
    "preview": "apercu previsualiser",
    "record": "noter note enregistrer appel appeler",
    "pay": "payer paye payee paiement payment regler regle reglement encaisser paid",
    "hold": "suspendre pause bloquer litige stop arreter",
    "release": "reprendre liberer debloquer lever resume",
    "approve": "valider accorder approuver accepter",
    "confirm": "confirmer",
    "allocate": "imputer avoir affecter",
    "resolve": "resoudre trancher",
    "undo": "annuler defaire retirer corriger cancel",
    "repair": "reparer",
    "bank": "banque releve releves virements encaissements",
    "help": "aide guide manuel man",
    "templates": "modeles modele template",
}
"""What else each command is called by who looks for it, without accents."""
_OPTIONS = {
    "--amount": "montant somme",
    "--on": "date le jour day",
    "--until": "jusqu jusqu-au jusqu'au fin to",
    "--reason": "raison motif",
    "--stage": "etape niveau level",
    "--channel": "canal moyen par",
    "--note": "commentaire memo message",
    "--file": "fichier input",
    "--config": "reglages settings conf",
    "--today": "aujourd'hui date jour",
    "--dry-run": "essai simulation simuler test dryrun",
    "--yes": "oui y force",
    "--limit": "limite max",
    "--only": "seulement uniquement",
    "--due": "echeance",
    "--rate": "taux",
    "--help": "aide",
    "--instalment": "echeance installment",
    "--cause": "raison motif",
    "--output": "sortie out",
    "--format": "forme json",
    "--ignore": "ignorer",
    "--sent": "parti envoye",
    "--not-sent": "pas-parti non-envoye",
}
_EXAMPLES = {
    "JJ/MM/AAAA": "20/11/2026",
    "MONTANT": "1234,50",
    "ÉTAPE": "ferme",
    "N": "5",
    "CHEMIN": "relance.toml",
    "FICHIER": "factures.csv",
    "FACTURE|CLIENT": "F-2026-041",
    "DATE=MONTANT": "15/12/2026=400",
}


_SAMPLES = {
    "--file": "factures.csv",
    "--config": "relance.toml",
    "--today": "20/11/2026",
    "--on": "hier",
    "--until": "vendredi",
    "--amount": "1234,50",
    "--only": "F-2026-041",
    "--note": "'un mot'",
    "--stage": "ferme",
    "--reason": "litige",
    "--channel": "appel",
    "--limit": "5",
    "--days": "14",
    "--format": "lignes",
    "--settle": "2d25",
}
"""A value of each option that is often typed without one."""


def cures(again: Sequence[Again], args: Sequence[str]) -> str:
    """The commands as one types them: after an arrow where there is one to be taken at once, else a line each.

    What would be the same command again is none: what was meant stood elsewhere, in the settings.
    """
    made = {
        (each.about, shlex.join(["relance", *line])): None
        for each in again
        if (line := _line(each, args)) != list(args)
    }
    lines = [f"{about} → {command}".strip() for about, command in made]
    if len(made) == 1 and lines[0].startswith("→"):
        return f" {lines[0]}"
    return "".join(f"\n  {line}" for line in lines)


def _line(again: Again, args: Sequence[str]) -> list[str]:
    if again.line:
        return list(again.line)
    if again.meant.startswith("-") and not again.typed.startswith("-"):  # a name like an option comes after `--`
        rest = [word for word in args if word not in (again.typed, "--")]
        return [*rest, "--", again.meant]
    words = [part for word in args for part in _replaced(word, again)] if again.typed or again.meant else list(args)
    end = words.index("--") if "--" in words else len(words)  # what follows it is no option
    return [*words[:end], *again.options, *words[end:]]


def _replaced(word: str, again: Again) -> list[str]:
    """The word with what was meant: it is the word itself, or stands before or after the `=` in it."""
    if word == again.typed:
        return [each for each in (again.option, again.meant) if each]
    head, sign, tail = word.partition("=")
    if sign and head == again.typed:
        return [f"{again.meant}={tail}"]
    if again.typed and word.endswith(f"={again.typed}"):
        return [f"{word.removesuffix(again.typed)}{again.meant}"]
    return [word]


_ASKED = {"aide": "--help", "?": "--help", "v": "--version"}


def option_first(args: Sequence[str], known: Sequence[str]) -> UsageError | None:
    """That the command comes before its options, or how help is asked for; None for options of the plan of the day."""
    if asked := _ASKED.get(args[0].strip("-").casefold()):
        return UsageError(f"Option inconnue : « {args[0]} ».", again=[Again(line=(asked,))])
    begin = next((n for n, word in enumerate(args) if word in known), 0)
    if not begin:
        return None
    moved = (args[begin], *args[:begin], *args[begin + 1 :])
    return UsageError("La commande vient avant ses options.", again=[Again(line=moved)])


def unknown_command(args: Sequence[str], known: Sequence[str]) -> UsageError:
    """What may be meant by a command line that begins with a word that is no command: another word, a file."""
    first, rest = args[0], tuple(args[1:])
    if first == "relance":
        return UsageError("« relance » est écrit deux fois.", again=[Again(line=rest or ("plan",))])
    if is_table(first):
        return UsageError(f"Que faire de « {first} » ?", again=[Again(line=("plan", first, *rest))])
    wanted = normalised_name(first)
    known_as = {word: command for command, words in _COMMANDS.items() for word in words.split() if command in known}
    known_as |= {command: command for command in known}
    alike = [wanted] if wanted in known_as else get_close_matches(wanted, known_as, 2)
    meant = list(dict.fromkeys(known_as[word] for word in alike))
    if not meant and any(map(str.isdigit, first)):
        return UsageError(f"Que faire de « {first} » ?", again=[Again(line=("show", first, *rest))])
    sentence = f"Commande inconnue : « {first} »."
    if not meant:
        return UsageError(sentence, "« relance --help » montre les commandes.")
    return UsageError(sentence, again=[Again(line=(command, *rest)) for command in meant])


def usage_error(error: click.ClickException, args: Sequence[str]) -> UsageError:
    """What the library says of a usage, in French, with the command line that cures it."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "relance"
    if context is None and isinstance(error, click.BadOptionUsage):
        return _without_context(error.option_name, args)
    if context is not None:
        for cured in (_unknown_option, _unknown_part, _missing, _valued, _too_many):
            if (found := cured(error, context, args)) is not None:
                return found
    sentence = re.sub(r"'([^']*)'", r"« \1 »", " ".join(error.format_message().split()))
    ended = sentence if re.search(r"[.?!](?: »)?$", sentence) else f"{sentence}."
    return UsageError(ended, f"« {command} --help » montre l’usage.")


def _without_context(name: str, args: Sequence[str]) -> UsageError:
    """An option with a value that it does not take, or without the one that it takes."""
    given = next((word for word in args if word.startswith(f"{name}=")), "")
    if given:
        return UsageError(f"{name} ne prend pas de valeur.", again=[Again(given, name)])
    return UsageError(f"{name} demande une valeur.", f"Exemple : {name} {_SAMPLES[name]}." if name in _SAMPLES else "")


def _options_of(context: click.Context) -> dict[str, click.Option]:
    return {name: each for each in context.command.params if isinstance(each, click.Option) for name in each.opts}


def _unknown_option(error: Exception, context: click.Context, args: Sequence[str]) -> UsageError | None:
    """An option that the command has under another name, or that is nearly so."""
    if not isinstance(error, click.NoSuchOption):
        return None
    typed = next((word.partition("=")[0] for word in args if word.startswith(error.option_name)), error.option_name)
    known = [*_options_of(context), "--help"]
    word = normalised_name(typed.lstrip("-"))
    if word in ("json", "table", "lines") and "--format" in known:
        return UsageError("La forme se donne avec --format.", again=[Again(typed, word, option="--format")])
    named = [option for option in known if word in _OPTIONS.get(option, "").split() or option == f"--{word}"]
    near = named[:1] or get_close_matches(f"--{word}", known, 1, 0.7)
    sentence = f"« {context.command_path} » n’a pas d’option « {typed} »."
    if near:
        return UsageError(sentence, again=[Again(typed, near[0])])
    shows = f"« {context.command_path} --help » montre les siennes."
    if context.info_name not in _HARMLESS:
        return UsageError(sentence, shows)
    at = next(n for n, word in enumerate(args) if word.startswith(typed))
    value = "=" not in args[at] and at + 2 == len(args) and not args[-1].startswith("-")
    return UsageError(sentence, f"{shows} Sans elle :", [Again(line=(*args[:at], *args[at + 1 + value :]))])


_HARMLESS = ("plan", "check", "show", "release", "preview")
"""Commands from which an option may be left out: none of theirs holds a message back."""


def _unknown_part(error: Exception, context: click.Context, args: Sequence[str]) -> UsageError | None:
    """A command within a command (templates copy) that is none."""
    if not isinstance(context.command, click.Group) or " " not in context.command_path:
        return None
    known = list(context.command.commands)
    typed = next((word for word in args[1:] if not word.startswith("-")), "")
    sentence = f"Commande inconnue : « {context.command_path} {typed} »." if typed else "Que faire ?"
    near = get_close_matches(normalised_name(typed), known, 1, 0.5) if typed else []
    meant = [Again(typed, word) for word in near] or [
        Again(line=(*context.command_path.split()[1:], word)) for word in known
    ]
    return UsageError(sentence, again=meant)


def _missing(error: Exception, context: click.Context, args: Sequence[str]) -> UsageError | None:
    """What is missing, with an example; a word that was typed for it without its name is given it."""
    if not isinstance(error, click.MissingParameter) or error.param is None:
        return None
    param, name = error.param, error.param.opts[0]
    if isinstance(param, click.Argument):
        what = (param.metavar or name).strip("[]")
        if what.startswith("backlog"):
            what = "ce que vous confirmez : backlog (le retard), columns, file, rate, clock, journal ou une facture"
        return UsageError(f"Il manque {what}.", "« relance plan » montre les factures, les clients et les questions.")
    named, placed = _placed(args, context)
    if named:
        return UsageError(f"Il manque {' et '.join(named)}.", again=[Again(line=tuple(placed))])
    example = _example(param)
    choices = f" : {', '.join(example)}" if len(example) > 1 else ""
    added = [word for each in _lacking(context, args) for word in (each.opts[0], _example(each)[0])]
    return UsageError(f"Il manque {name}{choices}.", again=[Again(options=tuple(added), about="par exemple")])


def _lacking(context: click.Context, args: Sequence[str]) -> list[click.Parameter]:
    """The options that the command needs and that were not typed."""
    typed = {word.partition("=")[0] for word in args}
    needed = (each for each in context.command.params if isinstance(each, click.Option) and each.required)
    return [each for each in needed if typed.isdisjoint(each.opts)]


def _placed(args: Sequence[str], context: click.Context) -> tuple[list[str], list[str]]:
    """The required options without which their values were typed, and the command line with them."""
    line, named = list(args), []
    for param in context.command.params:
        name = param.opts[0]
        if isinstance(param, click.Option) and param.required and name not in (word.partition("=")[0] for word in args):
            words = _words(line, context)
            skipped = 0 if "invoice" not in {each.name for each in context.command.params} else 1
            fitting = next((word for word in words[skipped:] if _fits(name, word)), None)
            if fitting is not None:
                at = line.index(fitting, 1)
                line[at:at] = [name]
                named.append(name)
    return named, line


_STAGES = ("preventive", "amicale", "ferme", "mise en demeure", "courtesy", "friendly", "firm", "formal_notice")


def _fits(option: str, word: str) -> bool:
    """Whether a word can be the value of this option."""
    if option == "--stage":
        return normalised_name(word) in _STAGES
    read = {"--amount": an_amount, "--due": a_day}.get(option) or CLOSED.get(option)
    try:
        return read is not None and bool(read(word))
    except UsageError:
        return False


def _example(param: click.Parameter) -> list[str]:
    """Values that an option takes: all of a closed list in French, else one example."""
    values = (param.metavar or "").split("|")
    name = param.opts[0]
    if name in CLOSED:
        return [shown(CLOSED[name](value)) for value in values]
    return [_EXAMPLES.get(values[0], values[0])]


def _valued(error: Exception, context: click.Context, args: Sequence[str]) -> UsageError | None:
    """An option without its value, or with one that it does not take."""
    if not isinstance(error, click.BadOptionUsage):
        return None
    name = error.option_name
    option = _options_of(context).get(name)
    if option is None or option.is_flag:
        given = next((word for word in args if word.startswith(f"{name}=")), name)
        return UsageError(f"{name} ne prend pas de valeur.", again=[Again(given, name)])
    sample = _SAMPLES.get(name) or shlex.quote(_example(option)[0])
    return UsageError(f"{name} demande une valeur.", f"Exemple : {name} {sample}.")


def _too_many(error: Exception, context: click.Context, args: Sequence[str]) -> UsageError | None:
    """More words than the command takes: an amount without its option, a name without quotes, a second file."""
    words = _words(args, context)
    takes = [each for each in context.command.params if isinstance(each, click.Argument)]
    if type(error) is not click.UsageError or len(words) <= len(takes) or (takes and takes[-1].nargs == -1):
        return None
    extra = words[len(takes) :]
    parts = " ".join(words)
    if takes and takes[-1].name == "file" and Path(parts).is_file():
        others = tuple(word for word in args[1:] if word not in words)
        return UsageError(
            "Un nom avec des espaces se met entre guillemets.", again=[Again(line=(args[0], parts, *others))]
        )
    options = _options_of(context)
    verb = args[0]
    if "--amount" in options and (amount := _amount(args, words)):
        return amount
    if (parted := _parted(args)) is not None:
        return parted
    rest = [word for word in args[1:] if word not in words]
    if not takes or takes[-1].name not in ("target", "invoice"):
        pass
    elif not any(any(map(str.isdigit, word)) for word in extra):
        name = " ".join(words)
        quoted = Again(line=(verb, name, *rest))
        return UsageError(f"« {name} » : un nom de plusieurs mots se met entre guillemets.", again=[quoted])
    elif len(takes) == 1 and "--amount" not in rest:
        return UsageError("Une facture ou un client à la fois.", again=[Again(line=(verb, w, *rest)) for w in words])
    kept = tuple(word for word in args if word not in extra)
    return UsageError(f"En trop : « {' '.join(extra)} ».", again=[Again(line=kept)])


def _words(args: Sequence[str], context: click.Context) -> list[str]:
    """The words of a command line that are neither the command, nor options, nor their values."""
    options = _options_of(context)
    found: list[str] = []
    begin = len(context.command_path.split()) - 1
    waiting = False
    for n, word in enumerate(args[begin:], begin):
        if word == "--":
            return [*found, *args[n + 1 :]]
        if waiting:
            waiting = False
        elif word.startswith("-") and len(word) > 1:
            option = options.get(word)
            waiting = option is not None and not option.is_flag
        else:
            found.append(word)
    return found


def _parted(args: Sequence[str]) -> UsageError | None:
    """`--instalment 15/12 400`: day and amount are one word."""
    for n, word in enumerate(args[:-2]):
        if word in ("--instalment", "--payment", "--credit") and _fits("--due", args[n + 1]) and _reads(args[n + 2]):
            whole = f"{args[n + 1]}={args[n + 2]}"
            line = (*args[: n + 1], whole, *args[n + 3 :])
            return UsageError("Une date et son montant s’écrivent en un mot, avec « = ».", again=[Again(line=line)])
    return None


def _amount(args: Sequence[str], words: Sequence[str]) -> UsageError | None:
    """`pay F-1 2 500` and `pay F-1 --amount 2 500`: the amount with its option, in one piece."""
    from relance.runs.amounts import read_amount

    rest = tuple(word for word in args[1:] if word not in words)
    told = ""
    if "--amount" in rest and (at := rest.index("--amount")) + 1 < len(rest):
        told, rest = rest[at + 1], rest[:at] + rest[at + 2 :]
    first = told or not _reads(words[0]) or _reads(words[-1])
    numbers = words if first else [words[-1], *words[:-1]]
    amount = " ".join(filter(None, (told, *numbers[1:])))
    if not _reads(amount):
        return None
    typed = read_amount(amount)
    sentence = f"Un montant se donne avec --amount, en un seul mot : {typed.shown}."
    return UsageError(sentence, again=[Again(line=(args[0], numbers[0], "--amount", typed.plain, *rest))])


def _reads(text: str) -> bool:
    return _fits("--amount", text)
