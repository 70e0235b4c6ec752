"""What the author of a mail wrote himself, and whether that speaks of paying or of a doubt; the words, as data.

A reply carries our own words back, in its subject and under its text: those say nothing of what the customer thinks.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice, takewhile
from textwrap import wrap

_PAYING = (
    r"virements?|vir(?:er|é|ée|és|ées|erai|erons)|ch[eè]ques?|paiements?|payements?|payments?|r[eéè]glements?",
    r"(?:im)?pay[eé]e?s?|pay(?:er|ez|ons|era|erai|erons|eront)|pai(?:era|erai|erons|eront)|(?:je|on) (?:paie|r[eè]gle)",
    r"r[eé]gl[eé]e?s?|r[eé]gl(?:er|ez|ons|era|erai|erons|eront)|paid|pay|paying|settled|remittance|wired",
    r"(?:bank|wire) transfers?",
)
_DOUBT = (
    r"litiges?|litigieu(?:x|se|ses)|contestations?|contest(?:e|é|ée|és|ées|er|ons|ez|ent)|disput(?:e|es|ed|ing)",
    r"credit notes?|notes? de cr[eé]dit|(?:un|cet|votre|notre|aucun) avoir|(?:des|les|vos|nos|ces) avoirs",
    r"avoirs? (?:n[°o]|num|partiel|total|de \d|sur (?:la|cette|votre)|correspond)",
    r"l'avoir(?= (?:n[°o]|de |du |sur |pour |que |a |est |partiel|total|promis|prévu|demandé)| ?[.,;:!?)\n]|$)",
)
_SPEAKS = re.compile(rf"(?<!\w)(?:{'|'.join((*_PAYING, *_DOUBT))})(?!\w)")
_ECHO = re.compile(
    r"\s*(?:re|r[ée]p|aw|sv|r[ée]ponse(?: automatique)?|automatic reply|automatische antwort|absence(?: du bureau)?"
    r"|absent|out of office|accusé de (?:lecture|réception)|lu)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?:",
    re.IGNORECASE,
)
_ATTRIBUTION = re.compile(r"(?:a écrit|écrivait|wrote|schrieb)\s?:$", re.IGNORECASE)
_BEGINS = re.compile(
    r"[-_*\s]{2,100}(?:message (?:d['’]origine|original|initial|transféré|transferred)|original message"
    r"|forwarded message|message transféré)|(?:début du message|begin forwarded)",
    re.IGNORECASE,
)
_FROM = re.compile(r"\W{0,3}(?:de|from|von|expéditeur)\W{0,3}:", re.IGNORECASE)
_SENT = re.compile(r"\W{0,3}(?:envoyé|date|sent|gesendet|à|to|objet|subject)\W{0,3}:", re.IGNORECASE)
_AFTER = 4  # lines, within which the headers that some programs put over what they quote go on
_HIDDEN = re.compile(r"<(/?)(blockquote|style|script)\b[^<>]{0,1000}>", re.IGNORECASE)
_LINE_END = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d|hr)\b[^<>]{0,1000}>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,1000}>")
PART = "\f"
"""Stands between the subject and the bodies of a mail, in what its author wrote."""
_EXCERPT, _LINE = 3, 72  # lines, and characters of each
_READ = 1000  # characters of a line that an excerpt can need
_GREETING = re.compile(
    r"(?i:bonjour|bonsoir|salut|hello|hi|dear|chers?|chères?|madame|monsieur)"
    r"(?: (?i:madame|monsieur|mme|m\.|à tous|à vous|et|monsieur)|,? [A-ZÀ-Ý][\w’'.-]{0,40}){0,4}"
)
_CLOSING = re.compile(
    r"(?:(?:bien |très )?cordialement|bien à (?:vous|toi)|(?:best |kind |warm )?regards|cdlt|sincerely"
    r"|(?:avec )?(?:mes |nos )?(?:meilleures |sincères )?salutations|(?:belle|bonne) (?:journée|soirée|fin)"
    r"|(?:envoyé|sent) (?:de|depuis|from) (?:mon|my)|(?:je|nous) vous prie(?:ons)? d.agréer|veuillez agréer)\b",
    re.IGNORECASE,
)
"""Begins the end of a letter, and the signature with it."""


def speaks(text: str) -> bool:
    """Whether words speak of paying, of a credit note or of a dispute; that they speak of an invoice is not enough."""
    plain = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    return _SPEAKS.search("\n".join(" ".join(line.split()) for line in plain.splitlines())) is not None


def own_subject(subject: str) -> str:
    """The subject, nothing where it is that of the mail that is answered."""
    return "" if _ECHO.match(subject) else subject


def own_text(text: str) -> str:
    """A text without what it quotes and without the signature (RFC 3676 4.3, 4.5, and what programs put there)."""
    return "\n".join(_own(text.splitlines()))


def _own(lines: list[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        said = line.strip()
        if said.startswith(">"):
            continue
        after = lines[number + 1 : number + 1 + _AFTER]
        if _ATTRIBUTION.search(said):
            if _is_quoted(after):
                continue  # an answer may stand under what it quotes
            return
        if said == "--" or _BEGINS.match(said) or (_FROM.match(said) and _has_headers(after)):
            return
        yield line


def _is_quoted(after: Iterable[str]) -> bool:
    return next((line.strip() for line in after if line.strip()), "").startswith(">")


def _has_headers(after: Iterable[str]) -> bool:
    return any(_SENT.match(line.strip()) for line in after)


def first_lines(words: str) -> str:
    """The first lines of what the author of a mail wrote, three at most, without greeting, closing and signature.

    Of several bodies, the first that says something: the others say the same again. Nothing in them steers a terminal.
    """
    _, *bodies = words.split(PART)
    for body in bodies:
        lines = [" ".join("".join(c if c.isprintable() else " " for c in line).split()) for line in body.splitlines()]
        said = [line for line in takewhile(_goes_on, lines) if line and not _GREETING.fullmatch(line.rstrip(" ,!."))]
        shown = [*islice((cut for line in said for cut in wrap(line[:_READ], _LINE)), _EXCERPT + 1)]
        if shown:
            return "\n".join(shown if len(shown) <= _EXCERPT else [*shown[: _EXCERPT - 1], f"{shown[_EXCERPT - 1]} …"])
    return ""


def _goes_on(line: str) -> bool:
    return not _CLOSING.match(line)


def text_of_html(page: str) -> str:
    """The text of a page, line by line; of what it quotes, one line that says that something is quoted."""
    kept, depth, end = [], 0, 0
    for tag in _HIDDEN.finditer(page):
        if depth == 0:
            kept.append(page[end : tag.start()])
            kept.append("\n>\n" if tag[2].casefold() == "blockquote" and not tag[1] else " ")
        depth = max(0, depth - 1) if tag[1] else depth + 1
        end = tag.end()
    kept.append("" if depth else page[end:])
    return html.unescape(_TAG.sub(" ", _LINE_END.sub("\n", "".join(kept))))
