"""The French words of the command-line library, which asks gettext for its messages."""

import gettext

_CATALOGUE = {
    "Usage:": "Usage :",
    "Options": "Options",
    "Arguments": "Arguments",
    "Show this message and exit.": "Affiche cette aide.",
    "required": "obligatoire",
    "default: {default}": "par défaut : {default}",
    "env var: {var}": "variable : {var}",
    "(dynamic)": "(selon le cas)",
    "Error: {message}": "{message}",
    "Try '{command} {option}' for help.": "« {command} {option} » montre l’aide.",
    "Missing command.": "Il manque une commande.",
    "Missing argument": "Il manque l’argument",
    "Missing option": "Il manque l’option",
    "Missing parameter": "Il manque le paramètre",
    "Missing parameter: {param_name}": "Il manque le paramètre : {param_name}",
    "Missing {param_type}": "Il manque {param_type}",
    "No such option {name!r}.": "Option inconnue : « {name} ».",
    "No such option: {name}": "Option inconnue : « {name} ».",
    "No such command {name!r}.": "Commande inconnue : « {name} ».",
    "Invalid value: {message}": "Valeur refusée : {message}",
    "Invalid value for {param_hint}: {message}": "Valeur refusée pour {param_hint} : {message}",
    "{value!r} is not a valid {number_type}.": "« {value} » n’est pas un nombre entier.",
    "{value} is not in the range {range}.": "{value} n’est pas dans l’intervalle {range}.",
    "Option {name!r} does not take a value.": "L’option « {name} » ne prend pas de valeur.",
    "Choose from:\n\t{choices}": "Choix : {choices}",
    "Aborted!": "Interrompu.",
    "Could not open file {filename!r}: {message}": "Fichier « {filename} » impossible à ouvrir : {message}",
}
_PLURALS = {
    "Did you mean {possibilities}?": "Vouliez-vous dire {possibilities} ?",
    "Did you mean {possibility}?": "Vouliez-vous dire {possibility} ?",
    "(Did you mean one of: {possibilities}?)": "(Vouliez-vous dire {possibilities} ?)",
    "(Possible options: {possibilities})": "(Options proches : {possibilities})",
    "Got unexpected extra argument ({args})": "Argument en trop : {args}.",
    "Got unexpected extra arguments ({args})": "Arguments en trop : {args}.",
    "Option {name!r} requires an argument.": "L’option « {name} » demande une valeur.",
    "Option {name!r} requires {nargs} arguments.": "L’option « {name} » demande {nargs} valeurs.",
    "{value!r} is not {choice}.": "« {value} » n’est pas {choice}.",
    "{value!r} is not one of {choices}.": "« {value} » n’est pas l’un de {choices}.",
}


def speak_french() -> None:
    """Make gettext answer in French; to be called before the command-line library is imported.

    The library takes gettext's functions at import, and cron has no language to look a catalogue up by.
    """
    gettext.gettext = _message
    gettext.ngettext = _plural


def _message(message: str) -> str:
    return _CATALOGUE.get(message, message)


def _plural(msgid1: str, msgid2: str, n: int) -> str:
    message = msgid1 if n == 1 else msgid2
    return _PLURALS.get(message, _CATALOGUE.get(message, message))
