"""How the file was read: which columns are used, which are not, and the question about those nobody explained."""

import shlex
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from relance.core.reading import Issuer, Unagreed, Unread
from relance.display.breaking import wrapped
from relance.french import plural, typeset

if TYPE_CHECKING:
    from relance.sources.source import Reading, Unused

_LOOKS = {
    "amount": "de montants",
    "percent": "de pourcentages",
    "date": "de dates",
    "flag": "de oui et de non",
    "state": "d’états",
    "text": "de textes",
}
_FORMULAS = {
    "total - paid": "total − payé",
    "total - outstanding": "total − reste dû",
    "payments": "somme des règlements",
    "total - payments": "total − règlements",
    "total + vat": "montant + TVA",
}


def reading_document(reading: "Reading", unagreed: Unagreed | None) -> dict[str, Any]:
    """Whether the reading is agreed, the header of each field, and the columns that no field uses."""
    return {
        "agreed": unagreed is None,
        "fields": {field: header for field, header, _ in reading.columns},
        "unused": [
            {
                "header": column.header,
                "looks_like": column.looks_like.value,
                "sample": next(iter(column.samples), ""),
                "weighty": column.weighty,
            }
            for column in reading.unused
        ],
        "ignored": list(reading.ignored),
    }


def question_lines(reading: "Reading", unagreed: Unagreed, *, init: str, width: int) -> Iterator[str]:
    """What is to be said of the columns before anything leaves, and what to type.

    `init` is the command that asks the same and writes the answer, where there are no settings yet; else empty.
    """
    asked = [column for column in reading.unused if column.weighty]
    if asked:
        one = f"une colonne {_LOOKS[asked[0].looks_like]} n’est pas comprise"
        many = f"{plural(len(asked), 'colonne')} ne sont pas comprises"
        yield typeset(f"À préciser : {one if len(asked) == 1 else many}, rien ne partira.")
        for column in asked:
            yield from wrapped(column_line(column), width, "  ", "    ", [column.header])
    if unagreed.came or unagreed.gone:
        yield typeset("À préciser : les colonnes du fichier ont changé, rien ne partira.")
        for what, headers in (("nouvelle", unagreed.came), ("disparue", unagreed.gone)):
            for header in headers:
                yield from wrapped(typeset(f"{what} : « {{}} »").format(header), width, "  ", "    ", [header])
    if unagreed.issuer:
        yield from wrapped(typeset(f"À préciser : {_whose(unagreed.issuer)} Rien ne partira avant."), width, "", "  ")
    if not init:
        for command in answers(unagreed):
            yield from wrapped(f"→ {command}", width, "  ")
        if unagreed.issuer:
            yield typeset("  sinon : votre SIRET (siret) sous [sender] dans relance.toml")
    else:
        then = "" if unagreed.asked else ", puis relance confirm columns"
        yield from wrapped(f"→ {init}{then}", width, "  ")


def _whose(issuer: Issuer) -> str:
    """Whether the user is the one who issued most of the documents of a folder."""
    kind, _, number = issuer.identity.partition(":")
    who = f"{issuer.name} (SIREN {number})" if kind == "siren" else issuer.name or number
    return f"êtes-vous {who}, vendeur de {plural(issuer.documents, 'document')} sur {issuer.of} ?"


def column_line(column: "Unused") -> str:
    """A column that is not used: its header, some of its cells, what arithmetic shows of it."""
    told = typeset("« {} »").format(column.header) + (f" ({column.list})" if column.list else "")
    if column.samples:
        told += typeset(" : ") + " · ".join(column.samples)
    if column.field == "status_date":
        told += typeset(" ; date du statut, ou de la facture (status_issue_date) ?")
    if column.proof is not None:
        formula, rows, of = column.proof
        told += typeset(f" ({_FORMULAS[formula]} en {plural(rows, 'ligne')} sur {of})")
    return told


def question(unagreed: Unagreed) -> str:
    """The question in one sentence."""
    asked = [column.header for column in unagreed.asked]
    told = {
        "préciser comment lire ": asked,
        "colonnes nouvelles : ": unagreed.came,
        "colonnes disparues : ": unagreed.gone,
    }
    said = [typeset(what) + _listed(headers) for what, headers in told.items() if headers]
    return typeset(" ; ").join([*said, *([typeset(_whose(unagreed.issuer))] if unagreed.issuer else [])])


def _listed(headers: Sequence[str]) -> str:
    """The first headers in quotes, as the file has them, and how many others."""
    shown = ", ".join(typeset("« {} »").format(header) for header in headers[:4])
    return shown + (f" et {len(headers) - 4} autres" if len(headers) > 4 else "")


def answer(unagreed: Unagreed) -> str:
    """The command that answers, with what seems most likely of each column."""
    return answers(unagreed)[0]


def answers(unagreed: Unagreed) -> list[str]:
    """The commands that answer: what seems most likely, then the other way for a single column of the invoices."""
    likely = [_as(c.field, c.header) if c.field else f"--ignore {_word(c.header)}" for c in unagreed.asked]
    found = [" ".join(("relance confirm columns", *likely))]
    if len(unagreed.asked) == 1 and (other := _other(unagreed.asked[0])):
        found.append(f"relance confirm columns {other}")
    return found


def _other(column: Unread) -> str:
    """What else a column may be than what seems most likely; nothing where it is beside the invoices."""
    if column.field == "status_date":
        return _as("status_issue_date", column.header)  # the list may have this header too: --ignore would take both
    if column.beside:
        return ""
    return f"--ignore {_word(column.header)}" if column.field else _as("CHAMP", column.header)


def _as(field: str, header: str) -> str:
    return f"--as {field}={_word(header)}"


def _word(header: str) -> str:
    """A header as every shell reads it, a simple one in double quotes.

    Its line breaks are spaces and it begins with a letter or digit, so that it is typed in one line and no option: a
    header is known by its words.
    """
    header = _typed(header)
    return shlex.quote(header) if set(header) & set('"$`\\!') else f'"{header}"'


def _typed(header: str) -> str:
    return " ".join(header.split()).lstrip("-–— ") or header
