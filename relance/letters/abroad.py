"""Whether a customer is outside France: then no article of French law is asserted, as nobody said which law governs."""

import re
from functools import lru_cache

from relance.core.invoice import Customer
from relance.letters.names import plainly


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
