"""Why what is read is not trusted: a file that is old or in doubt, statements, statuses."""

from datetime import date
from typing import assert_never

from relance.core.plan import Line
from relance.core.reasons import Doubted, Stale
from relance.french import date_fr


def stale(line: Line) -> str:
    """Why the file, the statements or the statuses are not trusted, and what to do."""
    assert isinstance(line.why, Stale)
    doubt, file, confirmed = line.why
    match doubt:
        case Doubted.SHRUNK:
            return "le fichier a perdu d’un coup beaucoup de factures ouvertes"
        case Doubted.CONFLICT:
            return f"une autre version du fichier est à côté : {file}"
        case Doubted.BANK_UNREAD:
            return "un relevé bancaire manque ou n’a pas pu être lu en entier : exportez-le de nouveau"
        case Doubted.STATUSES_UNREAD:
            return f"les statuts de la plateforme ne sont pas lus ({file}) : exportez-les de nouveau"
        case Doubted.BANK:
            known = _when(" lus jusqu’au", line.until) or " jamais lus"
            return f"relevés bancaires{known}, trop anciens : déposez le dernier"
        case Doubted.PROMISE:
            day = _when(", or il date du", line.until)
            return f"paiement promis : le fichier doit être plus récent que la promesse{day}"
        case Doubted.OLD:
            which = f"« {file} »" if file else "fichier"
            said = " confirmé et inchangé depuis le" if confirmed else " du"
            return f"{which}{_when(said, line.until)}, trop ancien : exportez-le de nouveau"
        case other:
            assert_never(other)


def _when(text: str, day: date | None) -> str:
    return f"{text} {date_fr(day)}" if day is not None else ""
