"""A statement of a bank that is given as the list of invoices: how its own formats begin, and what reads it."""

import re
import shlex

from relance.errors import SourceError

OF_BANK = "un relevé de compte bancaire\u00a0: il dit ce qui a été payé, non ce qui est dû"
CURE = (
    "Lisez-le par «\u00a0relance bank {path}\u00a0»\u00a0; rangé dans un dossier, "
    'files = ["releves/*"] sous [bank] le compte à chaque plan.'
)
_ALONE = (
    r"(?i:ofxheader|!(?:type|account|option|clear)\b|.*<ofx>)|.*(?:tech:xsd:camt\.05|<(?:\w+:)?BkToCstmr)"
    r"|0[14][0-9A-Z ]{5}[^;,\t]{113}"
)
"""How files begin that only banks write: OFX, QIF, CAMT.053, CFONB 120."""


def statement(path: str, data: bytes) -> SourceError | None:
    """The refusal of a file in a format of banks alone; None for any other."""
    start = data[:4096].decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip()
    if re.match(_ALONE, start, re.DOTALL) is None:
        return None
    return SourceError(f"{path} est {OF_BANK}.", typed(CURE, path))


def typed(cure: str, path: str) -> str:
    """The cure with the file as a shell takes it."""
    return cure.replace("{path}", shlex.quote(path))
