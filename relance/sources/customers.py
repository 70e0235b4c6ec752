"""Rows -> customers, once per different customer; a list of customers completes what invoices do not say.

E-mail addresses: the plain ones by a strict pattern, all others by email-validator; no doubt is ever sent to.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any, NamedTuple

from relance.core.invoice import Customer, Invoice, Problem, normalised_name
from relance.sources.decoding import Decoded
from relance.sources.values import (
    Cell,
    Unreadable,
    error_message,
    quoted,
    read_address,
    read_identity,
    read_text,
    text_of,
)
from relance.sources.wanted import CUSTOMER_FIELDS
from relance.sources.words import Meaning, read_customer_kind, read_language

MAX_ADDRESS = 254
_LOCAL = r"[A-Za-z0-9!#$%&'*+=^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+=^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"(?=.{{1,64}}@){_LOCAL}@(?:(?!..--){_LABEL}\.)+[A-Za-z]{{2,63}}")
_SEPARATORS = "[;,/\\n]| et | ou "
_SPACES = "\u00a0\u202f\u2007\u2009"
_QUOTED_NAME = r'"[^"<>@]*"(?=\s*<)'
_NAMED = r"[^<>@]*<\s*([^<>\s]+)\s*>\s*\.?"
_ADDRESS_TWICE = r"(?i)\[?([^\s\[\]]+)\]?\s*[<\[(]\s*(?:mailto:)?\1\s*[>\])]"
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
    # Imported here: it takes as long as all of `relance plan` on a small file, and most files hold no such address.
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
    same = re.fullmatch(_ADDRESS_TWICE, bare)
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


_READERS: dict[str, Callable[[Cell], Any]] = {
    "customer_code": read_identity,
    "email": read_emails,
    "cc": read_emails,
    "address": read_address,
    "street2": read_address,
    "siret": read_identity,
    "phone": read_identity,
    "customer_kind": read_customer_kind,
    "language": read_language,
}  # the others are texts
_STOPS = ("no_reminder", "to_remind", "archived", "remark")
"""Columns that say of a customer that it is not to be reminded."""
READ_OF_CUSTOMERS = frozenset((*CUSTOMER_FIELDS, *_STOPS))
_VITAL = ("customer", "customer_code")  # a row is no invoice without them


class Found(NamedTuple):
    """A customer as a row gives it; `faults` are (field, message), `vital` the one that forbids to use it."""

    customer: Customer | None
    faults: tuple[tuple[str, str], ...] = ()


_SIREN, _SIRET = 9, 14
"""Digits of each."""
Customers = Mapping[tuple[str, str], Customer | None]
"""The customers of a separate list, by ("code", it) and by ("name", it); a name that two of them bear is worth None."""


def customers_of(decoded: Decoded, known: Customers) -> Iterator[Found]:
    """The customer of each row."""
    names = [name for name in CUSTOMER_FIELDS if name in decoded.fields]
    rows = decoded.table.rows
    if not names:
        return repeat(Found(None, (("customer", _MISSING),)), len(rows))
    columns = [decoded.fields[name] for name in names]
    key: Callable[[Any], Any] = itemgetter(*columns)

    @cache
    def found(cells: Any) -> Found:
        row = dict(zip(names, cells if len(names) > 1 else (cells,), strict=True))
        return _complete(_customer(row), known)

    return map(found, map(key, rows))


_MISSING = "Le client manque : indiquez son nom ou son code."


def _customer(cells: Mapping[str, Cell]) -> Found:
    """One customer from its cells."""
    values: dict[str, Any] = {}
    faults = []
    for name, cell in cells.items():
        value = _READERS.get(name, read_text)(cell)
        if isinstance(value, Unreadable):
            faults.append((name, value.message))
        else:
            values[name] = value
    if any(name in _VITAL for name, _ in faults):
        return Found(None, tuple(faults))
    name, code = values.get("customer", ""), values.get("customer_code", "")
    if not name and not code:
        return Found(None, (*faults, ("customer", _MISSING)))
    first, last = values.get("first_name", ""), values.get("contact", "")
    town = " ".join(filter(None, (values.get("postcode", ""), values.get("city", ""))))
    address = (values.get("address", ""), values.get("street2", ""), town, values.get("country", ""))
    customer = Customer(
        name=name or code,
        code=code,
        siret=_siret(cells.get("siret", ""), values.get("siret", "")),
        vat_number=values.get("vat_number", "").replace(" ", ""),
        emails=values.get("email", ()),
        cc=values.get("cc", ()),
        contact=last if first in last else f"{first} {last}".strip(),
        civility=values.get("civility", ""),
        phone=values.get("phone", ""),
        address=", ".join(filter(None, address)),
        language=values.get("language", "fr"),
        kind=values.get("customer_kind"),
    )
    return Found(customer, tuple(faults))


def _siret(cell: Cell, text: str) -> str:
    """A SIREN or SIRET without spaces; a spreadsheet number lost its leading zeros."""
    digits = "".join(text.split())
    if isinstance(cell, int | float) and digits.isdigit():
        return digits.zfill(9) if len(digits) <= 9 else digits.zfill(14)
    return digits


def with_sirets(invoices: Mapping[str, Invoice]) -> dict[str, Invoice]:
    """The same invoices, each of a company that its SIREN alone names with the only SIRET that others have of it.

    A SIRET is a SIREN and five digits of one place of the company: two places are two customers, for each has its
    own address and its own people, and whose a bare SIREN is, nobody knows then. Who has a code is known by it.
    """
    places: dict[str, set[str]] = {}
    for number in {invoice.customer.siret for invoice in invoices.values()}:
        if len(number) == _SIRET:
            places.setdefault(number[:_SIREN], set()).add(number)
    only = {siren: next(iter(sirets)) for siren, sirets in places.items() if len(sirets) == 1}
    if not only:
        return dict(invoices)
    return {
        key: invoice._replace(customer=invoice.customer._replace(siret=only[invoice.customer.siret]))
        if invoice.customer.siret in only and not invoice.customer.code
        else invoice
        for key, invoice in invoices.items()
    }


def _complete(found: Found, known: Customers) -> Found:
    """What the separate list knows of the customer fills what the row leaves empty."""
    customer = found.customer
    if customer is None:
        return found
    name = ("name", normalised_name(customer.name))
    other = known.get(("code", customer.code)) or known.get(name)
    if other is None:
        twice = (("customer", _TWICE),) if name in known else ()
        return Found(customer, (*found.faults, *twice))
    changes: dict[str, Any] = {
        field: value for field, value in other._asdict().items() if value and not getattr(customer, field)
    }
    if any(field == "email" for field, _ in found.faults):
        changes.pop("emails", None)
    if customer.name == customer.code:
        changes["name"] = other.name
    return Found(customer._replace(**changes), found.faults)


_TWICE = "Deux clients de la liste des clients portent ce nom : ajoutez le code client aux factures."


def customer_list(tables: Sequence[Decoded]) -> tuple[Customers, tuple[Problem, ...]]:
    """The list of customers, and what could not be read of it."""
    known: dict[tuple[str, str], Customer | None] = {}
    problems = []
    for decoded in tables:
        for row, found in enumerate(customers_of(decoded, {})):
            problems += [decoded.problem(row, name, message) for name, message in found.faults]
            customer = found.customer
            if customer is None:
                continue
            told = {name: decoded.value(row, name) for name in _STOPS}
            problems += [
                decoded.problem(row, n, word.message) for n, word in told.items() if isinstance(word, Unreadable)
            ]
            if any(word is Meaning.EXCLUDED or isinstance(word, Unreadable) for word in told.values()):
                customer = customer._replace(excluded=True)  # the list says so, or says what nobody understands
            if customer.code and known.setdefault(("code", customer.code), customer) != customer:
                message = f"Le code client « {text_of(customer.code)} » est en double : corrigez la liste des clients."
                problems.append(decoded.problem(row, "customer_code", message))
            name = ("name", normalised_name(customer.name))
            known[name] = customer if known.get(name, customer) == customer else None
    return known, tuple(problems)
