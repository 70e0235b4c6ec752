"""E-mail addresses: the plain ones by a strict pattern, all others by email-validator; no doubt is ever sent to.

The import of email-validator takes 45 ms, as long as all of `relance plan` on a small file: it is made for the
addresses that the pattern does not settle, and most files hold none.
"""

import re
import unicodedata

from relance.sources.values import Cell, Unreadable, error_message, quoted, text_of

MAX_ADDRESS = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+=^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?=.{{1,64}}@){_LOCAL}@(?:(?!..--){_LABEL}\.)+[A-Za-z]{{2,63}}")
_SEPARATORS = "[;,/\\n]| et | ou "
_SPACES = "\u00a0\u202f\u2007\u2009"
_QUOTED_NAME = r'"[^"<>@]*"(?=\s*<)'
_NAMED = r"[^<>@]*<\s*([^<>\s]+)\s*>\s*\.?"
_TWICE = r"(?i)\[?([^\s\[\]]+)\]?\s*[<\[(]\s*(?:mailto:)?\1\s*[>\])]"
_WORDED = r"(?i)(?:e-?mail|mail|courriel|compta(?:bilite)?|contact|adresse)\s*:\s*(?=\S)"
_AFTER = r"\s*\([^()@]*\)$"


def valid_email(text: str) -> str:
    """The address as it may be sent to (ASCII, accents of the domain in punycode), empty where it is none."""
    if _PLAIN.fullmatch(text):
        return text if len(text) <= MAX_ADDRESS else ""
    local, at, domain = text.rpartition("@")
    if not at or not re.fullmatch(_LOCAL, local) or len(local) > 64 or not _is_latin(domain):
        return ""
    if domain.isascii() and "--" not in domain:
        return ""  # the pattern is the whole rule for a domain without accents
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            text, check_deliverability=False, allow_smtputf8=False, allow_quoted_local=False, allow_domain_literal=False
        )
    except (EmailNotValidError, UnicodeError):
        return ""
    if not _is_latin(found.domain) or len(found.ascii_email or "") > MAX_ADDRESS:
        return ""
    return f"{found.local_part}@{found.ascii_domain}"


def _is_latin(domain: str) -> bool:
    """False for letters of another alphabet, which look like ours, and for what cannot be seen."""
    return all(c.isascii() or (c.isalpha() and unicodedata.name(c, "").startswith("LATIN ")) for c in domain)


def read_emails(cell: Cell) -> tuple[str, ...] | Unreadable:
    """All the addresses of a cell, separated by `;`, `,`, `/`, `et` or a line break; one bad one spoils the cell."""
    text = text_of(cell)
    if not text:
        return ()
    if error := error_message(text):
        return Unreadable(error)
    if _PLAIN.fullmatch(text) and (address := valid_email(text)):
        return (address,)
    addresses = []
    unquoted = re.sub(_QUOTED_NAME, "", text.replace("\r\n", "\n"))
    parts = [part.strip().strip(_SPACES) for part in re.split(_SEPARATORS, unquoted)]
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        address = valid_email(_bare(part))
        if address:
            addresses.append(address)
        elif part and ("@" in part or not re.fullmatch(_NAMED, after)):  # else « Dupont, Marie <…> », a name
            return Unreadable(f"{quoted(part)} n’est pas une adresse e-mail valable{_why(part)} : corrigez-la.")
    return tuple(dict.fromkeys(addresses))


def _bare(part: str) -> str:
    """The address without what programs and people write around one: a name, mailto:, brackets, a full stop."""
    if len(part) > MAX_ADDRESS * 2:
        return part
    named = re.fullmatch(_NAMED, part)
    bare = named[1] if named else part
    same = re.fullmatch(_TWICE, bare)
    bare = re.sub(_AFTER, "", re.sub(_WORDED, "", same[1] if same else bare, count=1))
    if bare[:7].casefold() == "mailto:":
        bare = bare[7:].partition("?")[0]
    pairs = ("<>", "()", "[]", '""', "''", "«»")
    if bare[:1] + bare[-1:] in pairs:
        bare = bare[1:-1].strip(" " + _SPACES)
    return bare[:-1] if bare.endswith(".") else bare


def _why(text: str) -> str:
    """The characters that a person cannot tell from ordinary ones, by their code."""
    strange = [c for c in dict.fromkeys(text) if not c.isascii() and not _is_latin(c)]
    if strange:
        codes = ", ".join(f"U+{ord(c):04X}" for c in strange[:5])
        return f" (caractère{'s' if len(strange) > 1 else ''} {codes})"
    local = text.rpartition("@")[0]
    return " (lettres accentuées avant le @ : elles demandent SMTPUTF8)" if not local.isascii() else ""
