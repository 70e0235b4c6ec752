"""One invoice of the plan in words: what happens about it today, why, and the command that ends that."""

from typing import assert_never

from relance.core.facts import Drafted
from relance.core.history import NOTHING
from relance.core.invoice import Kind
from relance.core.limitation import soon_over
from relance.core.plan import Decision, Line
from relance.core.reasons import Change, End, OpenCredit, Reason, RefusedBy, Unagreed, Unplaced
from relance.display.reading import answer
from relance.display.reasons import said_of
from relance.french import command, eur, prescription, typeset


def action(line: Line) -> str:
    """What happens today about a line, in one word or two."""
    if line.decision is not Decision.HOLD:
        verb = "envoyer" if line.decision is Decision.REMIND else "faire"
        return f"{verb} {line.acting.label if line.acting is not None else ''}"
    if line.acting is not None and line.reason is Reason.PAID:
        return "remercier"
    return "attendre" if line.outstanding > 0 and line.stage is not None else "rien"


def because(line: Line) -> str:
    """Why, in one French sentence, with the command that ends it where there is one."""
    purpose, ending = _ending(line)
    return sentence(line) + typeset(f" ; {purpose} : ") + ending if ending else sentence(line)


def sentence(line: Line) -> str:
    """Why, without the command; what was told by hand is compared with what the file shows."""
    near = near_end(line)
    return typeset(said_of(line.reason).why(line) + _by_hand(line) + (f" ; {near}" if near else ""))


def near_end(line: Line) -> str:
    """That the time to sue is over soon; empty where it is not, or over."""
    last = soon_over(line.case)
    return "" if last is None else prescription(last, public=line.case.customer.grounds.kind is Kind.PUBLIC)


def command_for(line: Line) -> str:
    """The command that ends this line's hold, empty where time or the file ends it."""
    return _ending(line)[1]


def _ending(line: Line) -> tuple[str, str]:
    """What the command that ends this line's hold is for, and that command."""
    number, why = line.name or line.invoice.number, line.why
    about = (why.about if isinstance(why, RefusedBy) else "") or number
    match line.stop.end:
        case End.TIME | End.ITS_DAY | End.FILE | End.USER:
            return "", ""
        case End.RESOLVE_AS_SENT:
            return "dites s’il est parti (--sent) ou non (--not-sent)", command("resolve", number, options="--sent")
        case End.RESOLVE_AS_NOT_SENT:
            return "pour réessayer", command("resolve", about, options="--not-sent")
        case End.RECORD:
            assert isinstance(why, Drafted)
            recorded = command("record", number, options=f"--stage {why.stage} --channel email")
            unsent = command("resolve", number, options="--not-sent")
            return f"une fois envoyé (sinon : {unsent})", recorded
        case End.RELEASE:
            return "pour réessayer" if isinstance(why, RefusedBy) else "une fois traité", command("release", about)
        case End.RELEASE_HOLD:
            purpose = _RESUMED.get(line.reason, "pour y mettre fin")
            return purpose, command("release", _owner(line) if line.stop.of_customer else number)
        case End.CONFIRM:
            return "si c’est juste", command("confirm", number)
        case End.CONFIRM_ROW:
            return "si elle est entière", command("confirm row", number)
        case End.PAY:
            assert isinstance(why, Unplaced)
            return f"si oui (sinon : {command('confirm row', number)})", _pay(why, line)
        case End.CONFIRM_BACKLOG:
            purpose = "pour les relancer (ou --as-is)" if why else "décidez (ou --as-is, --ignore)"
            return purpose, "relance confirm backlog --gently"
        case End.CONFIRM_FILE:
            purpose = "si le fichier est juste" if why is Change.MIXED else "s’il est à jour"
            return purpose, "relance confirm file"
        case End.CONFIRM_CLOCK:
            return "si la date est juste", "relance confirm clock"
        case End.CONFIRM_COLUMNS:
            assert isinstance(why, Unagreed)
            return "pour y répondre", answer(why)
        case End.ALLOCATE:
            assert isinstance(why, OpenCredit)
            return "pour l’imputer", command("allocate", why.name, number)
        case End.APPROVE:
            return "pour l’envoyer", command("approve", number)
        case other:
            assert_never(other)


def _pay(money: Unplaced, line: Line) -> str:
    """The command that counts this money, all that is left where it is as much or nobody reads how much it is."""
    part = money.amount is not None and money.amount < line.outstanding
    options = [f"--amount {money.amount}"] if part else []
    options += [f"--on {money.on}"] if money.on is not None and money.on <= line.case.today else []
    return command("pay", line.name or line.invoice.number, options=" ".join(options))


_RESUMED = {Reason.INSOLVENCY: "pour reprendre", Reason.DISPUTED: "une fois réglé"}


def _owner(line: Line) -> str:
    """What names this line's customer and no other, as far as the file tells."""
    customer = line.invoice.customer
    return line.owner or customer.code or customer.siret or next(iter(customer.emails), customer.name)


def _by_hand(line: Line) -> str:
    """What goes on the reason of a line: payments and credit notes told by hand, beside what the file shows."""
    if line.case.past is NOTHING:
        return ""
    said, currency = "", line.invoice.currency
    if line.told:
        said += f" ; dont {eur(line.told, currency)} notés par « relance pay », absents du fichier"
    if line.absorbed and line.reason is not Reason.PAID:
        said += f" ; {eur(line.absorbed, currency)} notés par « relance pay » sont désormais dans le fichier"
    for allocated, other in line.case.past.overruled:
        credit = f"l’avoir {allocated.number} ({eur(allocated.amount, currency)}), imputé par vous ici"
        said += f" ; {credit}, n’y compte plus : le fichier le déduit de {other}"
    return said
