"""What `relance templates check` found, template by template."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.french import plural, typeset

if TYPE_CHECKING:
    from relance.runs.templates import Checked


def template_lines(checked: "Checked") -> Iterator[str]:
    """One line for each template, then what is wrong with it; errors are what keeps a message from leaving."""
    where = "fournis avec relance" if checked.folder is None else f"de « {checked.folder} », et à défaut ceux fournis"
    yield typeset(f"Modèles {where} :")
    for each in checked.tried:
        said = "rien à redire" if not each.errors + each.warnings else ""
        yield typeset(f"  {each.label} ({each.file}) : {said}").rstrip()
        for error in each.errors:
            yield typeset(f"    ne partirait pas : {error}")
        for warning in each.warnings:
            yield typeset(f"    à regarder : {warning}")
    errors = sum(len(each.errors) for each in checked.tried)
    warnings = sum(len(each.warnings) for each in checked.tried)
    yield f"{plural(errors, 'erreur')}, {plural(warnings, 'remarque')}."
