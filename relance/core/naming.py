"""Which words name one invoice or one customer of a file: those that a person types, and those that are printed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import NamedTuple

from relance.core.invoice import Customer, Invoice, customer_id, normalised_name, normalised_number, number_of
from relance.core.morning import Surroundings
from relance.core.plan import Line, grouped
from relance.core.reasons import OpenCredit

_Keyed = tuple[str, Invoice]
_Word = tuple[str, str]


class Register(NamedTuple):
    """Every invoice by its number; every customer, by identity, under each word that names it, with what that is."""

    numbers: Mapping[str, Sequence[_Keyed]]
    customers: Mapping[_Word, Mapping[str, Customer]]


def register(invoices: Sequence[_Keyed]) -> Register:
    """The words that name something in these invoices, which come with their keys."""
    customers: dict[_Word, dict[str, Customer]] = {}
    for customer in dict.fromkeys(invoice.customer for _, invoice in invoices):
        emails = map(str.casefold, customer.emails)
        for word in _words(customer.code, customer.siret, customer.siret[:9], emails, customer.name):
            customers.setdefault(word, {})[customer_id(customer)] = customer
    return Register(grouped(invoices, lambda pair: number_of(pair[0])), customers)


def _words(code: str, siret: str, siren: str, emails: Iterable[str], name: str) -> tuple[_Word, ...]:
    """In the order in which a word is looked up."""
    numbers = ("siret", siret), ("siren", siren)
    return ("code", code), *numbers, *(("email", email) for email in emails), ("name", normalised_name(name))


def invoices_named(text: str, known: Register) -> Sequence[_Keyed]:
    """The invoices, with their keys, whose number or else whose key is `text`."""
    wanted = normalised_number(text)
    of_that_year = [pair for pair in known.numbers.get(number_of(wanted), ()) if pair[0] == wanted]
    return known.numbers.get(wanted) or of_that_year


def customers_named(text: str, known: Register) -> Mapping[str, Customer]:
    """By identity, the customers that `text` names: by code, else SIRET, else SIREN, else e-mail, else whole name."""
    wanted = text.strip()
    digits = "".join(wanted.split())
    words = _words(wanted, digits, digits, (wanted.casefold(),), wanted)
    return next((known.customers[word] for word in words if word[1] and word in known.customers), {})


def named(lines: Sequence[Line], invoices: Sequence[_Keyed], around: Surroundings) -> Sequence[Line]:
    """The lines with the words for their commands, where the number or the customer's first word names others too."""
    known = register(invoices)
    once = len(known.numbers) == len(invoices)
    owner = cache(partial(word_for, known=known))
    return [line if once and not line.stop.of_customer else _named(line, known, owner, around) for line in lines]


def _named(line: Line, known: Register, owner: Callable[[Customer], str], around: Surroundings) -> Line:
    if len(known.numbers[number_of(line.key)]) > 1:
        line = line._replace(name=line.key)
    if line.stop.of_customer:
        line = line._replace(owner=owner(line.invoice.customer))
    if isinstance(line.why, OpenCredit) and len(invoices_named(line.why.name, known)) > 1:
        credit = around.credits[line.case.customer.identity, line.invoice.currency][0]
        line = line._replace(stop=line.stop._replace(why=OpenCredit(credit.key)))
    return line


def word_for(customer: Customer, known: Register) -> str:
    """The first of its words that names this customer and no other, nor an invoice; its name where none does."""
    identity = customer_id(customer)
    for word in (customer.code, customer.siret, *customer.emails, customer.name):
        if word and not invoices_named(word, known) and customers_named(word, known).keys() == {identity}:
            return word
    return customer.name
