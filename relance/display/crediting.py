"""Credit notes and what was told by hand, on the terminal: what pays what, and what the file says of it by now."""

from relance.core.plan import Line, Reason
from relance.french import eur


def by_hand_words(line: Line) -> str:
    """What goes on the reason of a line: payments and credit notes told by hand, beside what the file shows."""
    said, currency = "", line.invoice.currency
    if line.told:
        said += f" ; dont {eur(line.told, currency)} notés par « relance pay », absents du fichier"
    if line.absorbed and line.reason is not Reason.PAID:
        said += f" ; {eur(line.absorbed, currency)} notés par « relance pay » sont désormais dans le fichier"
    for allocated, other in line.ended:
        credit = f"l’avoir {allocated.number} ({eur(allocated.amount, currency)}), imputé par vous"
        if other:
            said += f" ; {credit} ici, n’y compte plus : le fichier le déduit de {other}"
        elif line.reason is not Reason.PAID:
            said += f" ; {credit}, est désormais dans le fichier"
    return said
