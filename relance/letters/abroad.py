"""Whether a customer is outside France: then no article of French law is asserted, as nobody said which law governs."""

import re
from functools import lru_cache

from relance.core.invoice import Customer, Forum
from relance.letters.names import plainly

_UNION = frozenset("AT BE BG CY CZ DE EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())
"""Where regulations (EC) 861/2007 and 1896/2006 are in force; the VAT numbers of Greece begin with EL."""


def forum_of(customer: Customer) -> Forum:
    """Where a customer is: by its address, else its VAT number."""
    if not is_abroad(customer):
        return Forum.FRANCE
    from relance.letters.countries import country_of

    prefix = customer.vat_number[:2].upper()
    country = country_of(customer.address.strip()) or (prefix if prefix.isalpha() else "")
    return Forum.ABROAD if not country else Forum.UNION if country in _UNION else Forum.ELSEWHERE


@lru_cache(maxsize=4096)
def is_abroad(customer: Customer) -> bool:
    """True where a VAT number or the last line of an address shows another country, or only a foreign language does."""
    if customer.siret:
        return False
    if customer.vat_number[:2].isalpha():
        return customer.vat_number[:2].upper() != "FR"
    if customer.address.strip():
        from relance.letters.countries import FRENCH, country_of  # a long table, for the addresses that there are

        if country := country_of(customer.address.strip()):
            return country not in FRENCH
    last = re.split(r"[\n,]", plainly(customer.address))[-1].strip()
    if re.fullmatch(r"[a-z]{2}", last):  # a country of another list, or a state of one
        return True
    in_france = re.search(r"\b\d{5} +[^\W\d]", last) is not None
    return not in_france and customer.language.casefold() not in ("", "fr")
