"""The states that banks write beside an entry: booked, still waiting, or taken back before it counted.

A file of its own, for it is a table of words that grows with the banks.
"""

import re
from enum import Enum

from relance.sources.values import plain


class Counted(Enum):
    """Whether an entry counts; the value completes a French sentence after a count."""

    YES = "comptées"
    WAITING = "en attente, non comptées"
    REVERSED = "annulées ou refusées, non comptées"
    BALANCE = "lignes de solde ou de total, non comptées"


_WORDS = {
    Counted.YES: "execute|executee|regle|reglee|settled|executed|termine|terminee|completed|booked|comptabilise"
    "|comptabilisee|valide|validee|effectue|effectuee|done|posted",
    Counted.WAITING: "en attente|en cours|a venir|pending|processing|authorized|authorised|autorise|autorisee|prevu"
    "|planned|created|upcoming",
    Counted.REVERSED: "annule|annulee|reverted|retourne|retournee|refuse|refusee|declined|failed|echoue|echouee"
    "|rejete|rejetee|reversed|canceled|cancelled|rejected|expired|expire",
}
_STATES = {word: state for state, words in _WORDS.items() for word in words.split("|")}


# All of a label, for « SOLDE FACTURE 12 » and « Solde du chantier » are what customers write.
_BALANCE = re.compile(
    r"(?:(?:ancien |nouveau )?solde(?: (?:crediteur|debiteur|precedent|anterieur|initial|final|reporte))?"
    r"|report a nouveau|tota(?:l|ux) (?:des )?(?:operations|mouvements|debits?|credits?))"
    r"(?: (?:au|du|le|en date du))?[0-9 /.,:-]*"
)


def is_balance(label: str) -> bool:
    """True for the words of a row that is no movement: the balance of a day, a total."""
    return _BALANCE.fullmatch(plain(label)) is not None


def counted(text: str) -> Counted | None:
    """What a state says; None for a word that is not known. A blank one says nothing against the entry."""
    return _STATES.get(plain(text)) if text else Counted.YES
