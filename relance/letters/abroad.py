"""Whether a customer is outside France: then no article of French law is asserted, as nobody said which law governs."""

import re
from functools import lru_cache

from relance.core.invoice import Customer
from relance.letters.names import plainly

_HERE = frozenset(
    "france guadeloupe martinique guyane reunion mayotte saint-martin saint-barthelemy saint-pierre-et-miquelon"
    " nouvelle-caledonie polynesie-francaise wallis-et-futuna".split()
)
_COUNTRIES = re.compile(
    r"(?:allemagne|germany|deutschland|autriche|austria|osterreich|belgique|belgium|belgie|bulgarie|bulgaria"
    r"|canada|chine|china|chypre|cyprus|croatie|croatia|danemark|denmark|espagne|spain|espana|estonie|estonia"
    r"|etats-unis|united states|usa|u\.s\.a\.|finlande|finland|grande-bretagne|great britain|royaume-uni"
    r"|united kingdom|uk|england|scotland|wales|grece|greece|hongrie|hungary|inde|india|irlande|ireland|israel"
    r"|italie|italy|italia|japon|japan|lettonie|latvia|lituanie|lithuania|luxembourg|malte|malta|maroc|morocco"
    r"|monaco|norvege|norway|pays-bas|netherlands|the netherlands|nederland|pologne|poland|portugal"
    r"|republique tcheque|tchequie|czechia|czech republic|roumanie|romania|senegal|slovaquie|slovakia|slovenie"
    r"|slovenia|suede|sweden|suisse|switzerland|schweiz|tunisie|tunisia|turquie|turkey|algerie|algeria"
    r"|australie|australia|bresil|brazil|mexique|mexico|singapour|singapore|emirats arabes unis"
    r"|united arab emirates|afrique du sud|south africa|cote d'ivoire|[a-z]{2})"
)


@lru_cache(maxsize=4096)
def is_abroad(customer: Customer) -> bool:
    """True where a VAT number or the last line of an address shows another country, or only a foreign language does."""
    if customer.siret:
        return False
    if customer.vat_number[:2].isalpha():
        return customer.vat_number[:2].upper() != "FR"
    parts = [part.strip() for part in re.split(r"[\n,]", plainly(customer.address)) if part.strip()]
    last = parts[-1] if parts else ""
    if last.replace(" ", "-") in _HERE or last == "fr":
        return False
    if _COUNTRIES.fullmatch(last):
        return True
    in_france = re.search(r"\b\d{5} +[^\W\d]", last) is not None
    return not in_france and customer.language.casefold() not in ("", "fr")
