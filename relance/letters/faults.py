"""What goes wrong in a template, said in French: the file, the line, what happened and what to do."""

import re
from difflib import get_close_matches
from pathlib import Path
from traceback import extract_tb

from relance.errors import TemplateError
from relance.letters.views import FIELDS

_NAMES = {name for names in FIELDS.values() for name in names}
_NAME_LIST = "Les noms possibles sont expliqués dans « _variables.txt.j2 »."


class MisuseError(Exception):
    """A value was used for what it is not: what happened and the cure, in French, without the place."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(what)
        self.what = what
        self.cure = cure


def fault(error: Exception, name: str, folders: tuple[Path, ...]) -> TemplateError:
    """The error as a sentence and its cure; `name` is the letter's own file, where Jinja names no other."""
    from jinja2.exceptions import SecurityError, TemplateNotFound, TemplateSyntaxError, UndefinedError

    place = _place(error, name, folders)
    match error:
        case TemplateNotFound():
            return _missing(error, name, folders)
        case TemplateSyntaxError():
            where = f"Modèle « {error.name or name} », ligne {error.lineno}"
            return TemplateError(
                f"{where} : cette instruction est mal écrite ({error.message}).",
                "Vérifiez les accolades, et que chaque {% if %} a son {% endif %}.",
            )
        case SecurityError():
            return TemplateError(
                f"{place} : ce que demande cette ligne est interdit dans un modèle.", "Retirez-la du modèle."
            )
        case UndefinedError():
            return _unknown(place, str(error))
        case MisuseError():
            return TemplateError(f"{place} : {error.what}.", error.cure)
        case MemoryError():
            return TemplateError(f"{place} : cette ligne demande trop de mémoire.", "Retirez-la du modèle.")
        case OverflowError():
            return TemplateError(f"{place} : la boucle est trop longue.", "Cent mille tours au plus sont permis.")
        case UnicodeDecodeError():
            return TemplateError(
                f"Le modèle « {name} », ou un fichier qu'il inclut, n'est pas en UTF-8.",
                "Enregistrez-le de nouveau en choisissant l'encodage UTF-8.",
            )
        case OSError():
            return TemplateError(
                f"Le modèle « {name} » ne peut pas être lu ({error.strerror}).", "Vérifiez les droits du fichier."
            )
        case _:
            return TemplateError(
                f"{place} : le calcul demandé est impossible ({error}).", "Corrigez cette ligne du modèle."
            )


def _missing(error: Exception, name: str, folders: tuple[Path, ...]) -> TemplateError:
    wanted = getattr(error, "name", None) or str(error)
    if wanted == name:
        own = f"Créez le fichier « {folders[0] / name} »."
        none = f"Créez le fichier « {name} » dans un dossier à vous et indiquez ce dossier dans [templates]."
        return TemplateError(f"Il n'y a pas de modèle « {name} » pour cette étape.", own if len(folders) > 1 else none)
    return TemplateError(
        f"{_place(error, name, folders)} : le fichier « {wanted} » est introuvable parmi les modèles.",
        "Un modèle ne peut inclure que les fichiers de son dossier et les modèles fournis.",
    )


def _unknown(place: str, message: str) -> TemplateError:
    """`message` is Jinja's: 'custmer' is undefined, or '...' has no attribute 'numbr'."""
    found = re.search(r"has no attribute '(.+)'", message) or re.search(r"'(.+)' is undefined", message)
    if found is None:
        return TemplateError(f"{place} : un nom est inconnu ({message}).", _NAME_LIST)
    near = get_close_matches(found[1], _NAMES, n=1)
    guess = f"Vouliez-vous dire « {near[0]} » ? " if near else ""
    return TemplateError(f"{place} : le nom « {found[1]} » n'existe pas.", guess + _NAME_LIST)


def _place(error: Exception, name: str, folders: tuple[Path, ...]) -> str:
    """The last line of a template that was running: Jinja writes its lines into the traceback."""
    for frame in reversed(extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if any(path.is_relative_to(folder) for folder in folders):
            return f"Modèle « {path.name} », ligne {frame.lineno}"
    return f"Modèle « {name} »"
