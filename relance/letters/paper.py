"""A message as a letter on paper: its text cut into blocks, with what only paper needs, laid out as a PDF by typst.

The layout is given plain values as JSON, so that no text of a customer can become layout, and reads no file outside its
folder: the same values and day make the same bytes. typst comes with the extra `pdf`; PDF/A-2a and PDF/UA-1 are what it
declares and checks itself. The window of a DL envelope follows NF Z 10-011 (La Poste): at most six lines of 38
characters, the last ones in capitals, without punctuation.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from textwrap import wrap
from typing import Any

from relance.core.plan import Reminder
from relance.core.policy import FORMAL_NOTICE, Stage
from relance.errors import TemplateError, UsageError
from relance.letters.items import InvoiceView
from relance.letters.languages import FRENCH, LANGUAGES, Language, language_of
from relance.letters.payment_code import payload_of, svg
from relance.letters.people import CustomerView
from relance.letters.render import with_values
from relance.letters.templates import Templates
from relance.letters.typography import clean
from relance.letters.views import Background

Block = dict[str, Any]
MARKS = {"== factures ==": "invoices", "== signature ==": "signature"}
"""What a template writes alone on a line where the layout puts something that is no text."""
_DATELINES = {"fr": ("Le {1}", "À {0}, le {1}"), "en": ("{1}", "{0}, {1}")}
_WAYS = {
    "fr": ("Lettre recommandée avec avis de réception", ", copie par courriel"),
    "en": ("Registered letter with acknowledgement of receipt", ", copy by e-mail"),
}
_KEPT = {"table", "invoices", "signature"}
"""What never starts a page without the text that announces it."""
_AMOUNT = r"(?:−\u00a0)?(?:€|[A-Z]{3}\u00a0)?\d[\d,\u202f]*[.,]\d\d(?:\u00a0\S+)?"
_ENDING = re.compile(rf"(.+?)(?:[ \u00a0]?:|, soit) ({_AMOUNT})")
LINES, CHARACTERS = 6, 38
_TOWN = re.compile(r"(?P<street>.*?)[ ,]*\b(?P<town>\d{5} +[^\d,][^,]*)(?P<country>,.*)?")
_CUT = "…"
_LEADING = (re.compile(r".*\d"), re.compile(r"\d|(BP|CS|TSA)\b", re.IGNORECASE))
"""What brings a letter to its door: a line with a number, and more so one that begins with a street's or a box's."""
LAYOUT = "letter.typ"
_PACKAGE = re.compile(r'^[^/\n]*#?import\s+"@', re.MULTILINE)
_NO_GLYPH = "could not be displayed"


def paper(templates: Templates, reminder: Reminder, told: Background) -> dict[str, Any]:
    """The values that letter.typ lays out; amounts and dates are French texts already.

    The words are those of `KEY.letter.j2` for the stage, else of its message; `warnings` is what the checker remarks in
    them, and is not laid out. Raises what `render` raises.
    """
    letter, view = with_values(templates, on_paper(templates, reminder), told)
    language = LANGUAGES[letter.language]
    claimed = language.money(view.claimed, view.currency)
    asked, writer = payload_of(view), view.sender
    shown = (writer.name, writer.voice, writer.legal_form, *writer.address, writer.phone, writer.email)
    town = town_of(writer.address)
    return {
        "subject": letter.subject,
        "date": [view.today.year, view.today.month, view.today.day],
        "lang": language.code,
        "dateline": _DATELINES[language.code][bool(town)].format(town, language.long_date(view.today)),
        "ways": _ways(reminder.stage, language),
        "sender": list(filter(None, (*shown, writer.registration))),
        "window": list(window_lines(view.customer)),
        "blocks": list(_blocks(letter.text)),
        "invoices": [_row(invoice, view.currency, language) for invoice in view.invoices],
        "claimed": claimed,
        "strong": [claimed, language.long_date(view.term)] if view.term else [claimed],
        "total": language.money(view.outstanding, view.currency),
        "qr": "" if asked is None else svg(asked),
        "warnings": list(letter.warnings),
        "footer": " · ".join(filter(None, (writer.name, writer.registration))),
    }


def on_paper(templates: Templates, reminder: Reminder) -> Reminder:
    """The same message by post: in the words of `KEY.letter.j2`, where there is such a template."""
    own, stage = f"{reminder.stage.key}.letter.j2", reminder.stage
    if templates.find(language_of(reminder.customer.language), own):
        stage = stage._replace(template=own)
    return reminder._replace(channel="letter", stage=stage)


def _ways(stage: Stage, language: Language) -> str:
    """How a formal notice goes: what is posted goes registered (its proof), a copy by mail is said."""
    if "letter" not in stage.channels or stage.key != FORMAL_NOTICE:
        return ""
    posted, copy = _WAYS[language.code]
    return posted + copy if "email" in stage.channels else posted


def _row(invoice: InvoiceView, currency: str, language: Language) -> list[str]:
    """One invoice of the table: number, issue and due dates, total, received, outstanding."""
    amounts = (invoice.total, invoice.paid, invoice.outstanding)
    days = (invoice.issue_date, invoice.due_date)
    return [
        invoice.number,
        *("" if day is None else language.short_date(day) for day in days),
        *(language.money(amount, currency) for amount in amounts),
    ]


def _blocks(text: str) -> Iterator[Block]:
    """The text block by block: what stands between empty lines, its lists as tables, the marks as what they stand for.

    A line that ends with a colon, or stands before a table or the signature, stays with what follows.
    """
    last: Block | None = None
    for lines in (part.split("\n") for part in text.strip("\n").split("\n\n")):
        if last is not None and last["kind"] == "table" and len(lines) == 1 and _is_total(lines[0]):
            last["rows"].append(_table_row(lines[0]))
            continue
        for block in _cut(lines):
            if last is not None:
                yield last | {"sticky": True} if last["kind"] == "text" and block["kind"] in _KEPT else last
            last = block
    if last is not None:
        yield last


def _cut(lines: Sequence[str]) -> Iterator[Block]:
    """The blocks of lines without an empty one between them: text, then a table where lines start with a dash."""
    kept: list[str] = []
    table: Block | None = None
    for line in lines:
        if line in MARKS:
            yield from _text(kept)
            kept = []
            yield {"kind": MARKS[line]}
        elif line.startswith("- ") or (table is not None and _is_total(line)):
            if table is None:
                title = kept.pop() if kept and not kept[-1].endswith(":") else ""
                yield from _text(kept)
                kept, table = [], {"kind": "table", "title": title, "rows": []}
            table["rows"].append(_table_row(line))
        else:
            if table is not None:
                yield table
                table = None
            kept.append(line)
    yield from [table] if table is not None else _text(kept)


def _is_total(line: str) -> bool:
    return line.startswith("Total") and _ENDING.fullmatch(line) is not None


def _table_row(line: str) -> dict[str, Any]:
    """A row from a line with a dash, or a total, which is printed bold; its last words are the amount, if any."""
    said = line.removeprefix("- ")
    found = _ENDING.fullmatch(said)
    label, amount = (found[1], found[2]) if found else (said, "")
    return {"label": label, "amount": amount, "strong": said == line}


def _text(lines: list[str]) -> Iterator[Block]:
    if lines:
        payment = any(line.startswith("IBAN") for line in lines)
        yield {"kind": "payment" if payment else "text", "lines": lines, "sticky": lines[-1].endswith(":")}


def window_lines(customer: CustomerView) -> tuple[str, ...]:
    """Name, person and address, in at most six lines of 38 characters.

    Where all does not fit, short lines of the address are joined, then the person is left out, then the name cut (the
    letter's text has it whole), and last the lines of the address that do not name a street or a box.
    """
    address = [line for told in _split_town(customer.address) for line in _wrapped(told.replace(",", " "))]
    if address and _capitals(address[-1]) == "FRANCE":
        address.pop()
    names = _wrapped(clean(customer.name))
    person = customer.attention if len(_wrapped(customer.attention)) == 1 else ""  # never half a name
    if person and clean(person).endswith(clean(customer.name)):
        names, person = _wrapped(person), ""
    address = _joined(address, LINES - min(len(names), 2) - bool(person))
    while len(address) > LINES - 1:
        del address[_spare(address)]
    room = LINES - len(address)
    if person and room > 1:
        names = [*_at_most(names, room - 1), _at_most(_wrapped(person), 1)[0]]
    return (*_at_most(names, room), *address[:-3], *map(_capitals, address[-3:]))


def _joined(address: list[str], count: int) -> list[str]:
    """Neighbours joined, the shortest first, until there are `count` lines or none fits; the town stays alone."""
    while len(address) > max(count, 1):
        pairs = [(len(f"{a} {b}"), i) for i, (a, b) in enumerate(pairwise(address[:-1]))]
        length, i = min(pairs, default=(CHARACTERS + 1, 0))
        if length > CHARACTERS:
            break
        address = [*address[:i], f"{address[i]} {address[i + 1]}", *address[i + 2 :]]
    return address


def _spare(address: list[str]) -> int:
    """The line that is missed least: the last one without a number, else that begins with none, never the town."""
    for leading in _LEADING:
        for i in range(len(address) - 2, -1, -1):
            if not leading.match(address[i]):
                return i
    return LINES - 3


def town_of(address: tuple[str, ...]) -> str:
    """The town of an address, empty where no line holds a French postcode."""
    for line in reversed(address):
        found = _TOWN.fullmatch(line)
        if found is not None:
            return re.sub(r"\s+(cedex|CEDEX|Cedex)\b.*", "", found["town"][5:].strip())
    return ""


def _split_town(address: tuple[str, ...]) -> list[str]:
    """An address told on one line, cut at commas and before its postcode: 1 rue X, 75001 Paris."""
    if len(address) != 1:
        return list(address)
    found = _TOWN.fullmatch(address[0])
    if found is None:
        return [part.strip() for part in address[0].split(",") if part.strip()]
    street = re.sub(r"^(\d+ ?(?:bis|ter|quater)?), *", r"\1 ", found["street"])  # « 12, rue » is one line
    parts = [*street.split(","), found["town"], (found["country"] or "").strip(" ,")]
    return [part.strip() for part in parts if part.strip()]


def _wrapped(text: str) -> list[str]:
    return wrap(" ".join(text.split()), CHARACTERS, break_on_hyphens=False)


def _at_most(lines: list[str], count: int) -> list[str]:
    """The first lines, the last of them marked where something is left out."""
    if len(lines) <= count:
        return lines
    return [*lines[: count - 1], lines[count - 1][: CHARACTERS - 1].rstrip() + _CUT]


def _capitals(line: str) -> str:
    """In capitals without accents or punctuation, as the sorting machines read best."""
    plain = "".join(c for c in unicodedata.normalize("NFD", line.upper()) if not unicodedata.combining(c))
    return " ".join(re.sub(r"[^\w /&'’-]", " ", plain).split())[:CHARACTERS]


def can_print() -> bool:
    """True where typst is installed and starts: a message whose letter cannot be printed leaves without it."""
    try:
        import typst  # noqa: F401
    except ImportError:
        return False
    return True


def print_letter(templates: Templates, values: Mapping[str, Any]) -> bytes:
    """The PDF of a letter, from the values that `paper` gives; its date is the day of the letter, at midnight UTC.

    UsageError without typst; TemplateError where the layout is wrong. A letter with signs that no font here has
    (emoji, other scripts) is printed with the fonts of this machine, and is then no PDF/A.
    """
    try:
        import typst
    except ImportError:
        raise UsageError(
            "Faire une lettre en PDF demande typst, qui n’est pas installé.",
            "Installez-le : pip install typst (l’extra pdf de relance).",
        ) from None
    layout = templates.find(language_of(values["lang"]), LAYOUT) or templates.find(FRENCH, LAYOUT)
    assert layout is not None, "one is shipped"
    if _PACKAGE.search(layout.read_text("utf-8", errors="replace")):
        raise TemplateError(
            f"« {layout} » importe un paquet de l’internet.", "Une lettre ne télécharge rien : retirez-le."
        )
    year, month, day = values["date"]

    def compiled(*, strict: bool) -> bytes:
        return typst.compile(
            layout,
            root=layout.parent,
            ignore_system_fonts=strict,
            format="pdf",
            sys_inputs={"letter": json.dumps(values, ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"] if strict else [],
            timestamp=datetime(year, month, day, tzinfo=UTC),
        )

    try:
        try:
            return compiled(strict=True)
        except typst.TypstError as error:
            if _NO_GLYPH not in error.message:
                raise
            return compiled(strict=False)
    except typst.TypstError as error:
        line = re.search(rf"{re.escape(LAYOUT)}:(\d+):", error.diagnostic)
        where = f", ligne {line[1]}" if line else ""
        raise TemplateError(
            f"Mise en page « {layout} »{where} : {' '.join(error.message.split())}.",
            "Corrigez ce fichier, ou retirez-le pour reprendre la mise en page fournie.",
        ) from error
