"""The HTML part of a message: the words of its text, laid out; nothing is written here that the text does not say.

One column without colours, images or style sheets: the reader's own colours hold, in the dark too (`color-scheme`), and
without images nothing is missing. The few styles stand in the elements, written once here: a library that inlines a
style sheet would cost 5 MB for a dozen of them.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from relance.core.message import Letter
from relance.letters.languages import MONTHS

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.4"
_BODY = f"margin:0;padding:12px;{_FONT};overflow-wrap:anywhere"
_COLUMN = "max-width:600px"
_PARAGRAPH = "margin:0 0 12px"
_TABLE = "width:100%;border-collapse:collapse;margin:0 0 12px"
_CELL = "padding:4px 0;border-bottom:1px solid #8888;vertical-align:top;text-align:left"
_AMOUNT = (
    "padding:4px 0 4px 12px;border-bottom:1px solid #8888;vertical-align:bottom;text-align:right;white-space:nowrap"
)
_QR = "display:block;width:148px;height:148px;padding:8px;background:#fff;color:#000"
_HEAD = (
    '<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width">\n<meta name="color-scheme" content="light dark">\n'
    "<style>:root{{color-scheme:light dark}}</style>\n<title>{title}</title>\n</head>\n"
    '<body style="{body}">\n<div style="{column}">\n'
)
_FOOT = "</div>\n</body>\n</html>\n"
_QR_WORDS = {
    "fr": "QR code à scanner avec votre application bancaire : il prépare ce virement.",
    "en": "QR code to scan with your banking application: it prepares this transfer.",
}
_WITH_AMOUNT = re.compile(
    r"(.+?)(?:[ \u00a0]?:)? ((?:−\u00a0)?(?:€|[A-Z]{3}\u00a0)?\d[\d,.\u202f]*[.,]\d\d(?:\u00a0(?:€|[A-Z]{3}))?)"
)
_BEFORE_MONTH = re.compile(rf" (?=(?:{'|'.join(MONTHS)})\b)(?:(?<=\d )|(?<=1er ))")
"""A day is not cut from its month where a line ends."""
_NUMBER = re.compile(
    r"(?<![\w-])(?:(?=[\w-]{3,14}(?![\w-]))\w+(?:-\w+)*-\d[\w-]*|0\d(?: \d\d){4}\b"
    r"|\w+(?:-(?:le|la|les))?-(?:moi|nous)\b)"
)
"""The number of an invoice, of an article (D441-5) or of a telephone, or « répondez-moi »: a line's end would cut them.

A very long one may be cut: it would not fit on a narrow screen.
"""
_LINK = re.compile(r"https?://[^\s<>\"]+$")


def html_part(letter: Letter, qr: bytes | None = None) -> str:
    """The letter's text as an HTML document with LF line ends.

    `qr` is a PNG of the payment's QR code, shown under the bank details as `cid:` + `qr_cid(qr)` on a page that brings
    it along; a message carries it beside its words (mime). Every character of the text is escaped.
    """
    title, text = (_BEFORE_MONTH.sub("\u00a0", told) for told in (letter.subject, letter.text.strip("\n")))
    parts = [_HEAD.format(language=letter.language, title=escape(title), body=_BODY, column=_COLUMN)]
    for block in text.split("\n\n"):
        lines = block.split("\n")
        parts += _block(lines)
        if qr is not None and any(line.startswith("IBAN") for line in lines):
            words = escape(_QR_WORDS[letter.language])
            parts.append(f'<p style="{_PARAGRAPH}"><img src="cid:{qr_cid(qr)}" alt="{words}" style="{_QR}"></p>\n')
            qr = None
    return "".join([*parts, _FOOT])


def qr_cid(qr: bytes) -> str:
    """The Content-ID of this image (RFC 2392), without its angle brackets: unique because it comes from its content."""
    return f"{hashlib.sha256(qr).hexdigest()[:32]}@qr.relance.invalid"


def _block(lines: Sequence[str]) -> Iterator[str]:
    """The lines between two empty ones: paragraphs, and a table where lines start with a dash."""
    for tabular, told in groupby(lines, _is_row):
        if tabular:
            yield f'<table style="{_TABLE}">\n{"".join(map(_row, told))}</table>\n'
        else:
            said = "<br>\n".join(map(_line, told))
            yield f'<p style="{_PARAGRAPH}">{said}</p>\n'


def _is_row(line: str) -> bool:
    return line.startswith("- ") or (line.startswith("Total") and _WITH_AMOUNT.fullmatch(line) is not None)


def _row(line: str) -> str:
    """A row of the table, a total in bold; what ends with an amount has it in a column of its own."""
    bold = "" if line.startswith("- ") else ";font-weight:bold"
    line = line.removeprefix("- ")
    found = _WITH_AMOUNT.fullmatch(line)
    if found is None:
        return f'<tr><td colspan="2" style="{_CELL}">{_line(line)}</td></tr>\n'
    return (
        f'<tr><td style="{_CELL}{bold}">{_words(found[1])}</td>'
        f'<td style="{_AMOUNT}{bold}">{escape(found[2])}</td></tr>\n'
    )


def _line(line: str) -> str:
    """A line with its characters escaped, and its link where it ends with one."""
    found = _LINK.search(line) if "://" in line else None
    if found is None:
        return _words(line)
    link = escape(found[0])
    return f'{_words(line[: found.start()])}<a href="{link}">{link}</a>'


def _words(text: str) -> str:
    """Text with its characters escaped and its numbers whole: by style, since a joiner would be copied along."""
    return _NUMBER.sub(r'<span style="white-space:nowrap">\g<0></span>', escape(text))
