"""One invoice of the plan in words: what happens about it today, why, and the command that ends that.

Where it waits for the answer to a mail, what that says.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import assert_never

from relance.core.calendar import next_open
from relance.core.case import told_by_bank
from relance.core.facts import Drafted, Lies
from relance.core.history import NOTHING
from relance.core.invoice import ZERO, Kind
from relance.core.limitation import soon_over
from relance.core.mails import Incoming, Received
from relance.core.plan import Decision, Line, Task, absorbed
from relance.core.reading import Unagreed
from relance.core.reasons import Change, End, OpenCredit, Reason, RefusedBy, Uncertain, Unplaced
from relance.core.status import Declared, StatusTold
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
    """Why, in one French sentence, then the command that ends it where there is one, and what may be typed instead."""
    ending, other = ending_of(line)
    if not ending:
        return sentence(line)
    return f"{sentence(line)} → {ending}" + (typeset(f" ({other})") if other else "")


def sentence(line: Line) -> str:
    """Why, without the command; what was told by hand is compared with what the file shows."""
    near = near_end(line)
    return typeset(_why(line.reason)(line) + _by_hand(line) + (f" ; {near}" if near else ""))


@cache
def _why(reason: Reason) -> Callable[[Line], str]:
    """How a reason is told: asked for once each, as an import in a function costs more than a sentence."""
    from relance.display.reasons import said_of  # imported here: many a plan has nothing to say why

    return said_of(reason).why


def near_end(line: Line) -> str:
    """That the time to sue is over soon; empty where it is not, or over."""
    last = soon_over(line.case)
    return "" if last is None else prescription(last, public=line.case.customer.grounds.kind is Kind.PUBLIC)


def command_for(line: Line) -> str:
    """The command that ends this line's hold, empty where time or the file ends it."""
    return ending_of(line)[0]


def instead_of(line: Line) -> str:
    """What may be typed instead of that command, or when it is to be typed; empty where it needs no word."""
    return typeset(ending_of(line)[1])


_WITHOUT_COMMAND = (End.TIME, End.ITS_DAY, End.FILE, End.USER)


def ending_of(line: Line) -> tuple[str, str]:
    """The command that ends this line's hold, and what else the user could mean."""
    why, end = line.why, line.stop.end
    if why is None and end in _WITHOUT_COMMAND:  # as of most lines of a plan
        return "", ""
    number = line.name or line.invoice.number
    about = (why.about if isinstance(why, RefusedBy) else "") or number
    match end:
        case End.FILE if isinstance(why, StatusTold) and _is_kept(why, line):
            return command("release", number), "aucun export ne le dit plus"
        case End.TIME | End.ITS_DAY | End.FILE | End.USER:
            return "", ""
        case End.APPROVE:
            return command("approve", number), ""
        case End.RESOLVE_AS_SENT:
            return command("resolve", number, options="--sent"), "pas parti : --not-sent"
        case End.RESOLVE_AS_NOT_SENT:
            return command("resolve", about, options="--not-sent"), "pour réessayer"
        case End.RECORD:
            first, said, other = ends_of_draft(line)
            return first, f"{said} : {other}"
        case End.RELEASE:
            return command("release", about), "pour réessayer" if isinstance(why, RefusedBy) else "une fois traité"
        case End.REPAIR:
            return "relance repair", "puis notez de nouveau ce qu’elle disait"
        case End.RELEASE_HOLD:
            return command("release", _owner(line) if line.stop.of_customer else number), ""
        case End.CONFIRM:
            return command("confirm", number), "si c’est juste"
        case End.CONFIRM_BACKLOG:
            return "relance confirm backlog --gently", "ou --as-is" if why else "ou --as-is, --ignore"
        case End.CONFIRM_FILE:
            return "relance confirm file", "si le fichier est juste" if why is Change.MIXED else "s’il est à jour"
        case End.CONFIRM_ROW:
            return command("confirm row", number), "si elle est entière"
        case End.PLACE if isinstance(why, Uncertain):
            from relance.display.bank_answers import answers_of  # imported here: few plans have a credit in doubt

            (first, note), *others = answers_of(why, [line])
            return first, " ; ".join((note, *(f"{said} : {typed}" for typed, said in others)))
        case End.PLACE if isinstance(why, Declared):
            other = f"si rien n’en est noté ; sinon : {command('confirm row', number)}"
            return _pay(why.status.amount, why.on, line), other
        case End.PLACE:
            assert isinstance(why, Unplaced)
            return _pay(why.amount, why.on, line), f"si oui ; sinon : {command('confirm row', number)}"
        case End.CONFIRM_CLOCK:
            return "relance confirm clock", "si la date est juste"
        case End.CONFIRM_COLUMNS:
            from relance.display.reading import answer  # imported here: most files are read as agreed

            assert isinstance(why, Unagreed)
            return answer(why), ""
        case End.ALLOCATE:
            assert isinstance(why, OpenCredit)
            return command("allocate", why.name, number), ""
        case other:
            assert_never(other)


def _is_kept(status: StatusTold, line: Line) -> bool:
    """Whether only the journal still has a status."""
    platform = line.case.morning.history.platform
    return platform is not None and status in platform.kept


def _pay(amount: Decimal | None, on: date | None, line: Line) -> str:
    """The command that counts this money, all that is left where it is as much or nobody reads how much it is."""
    part = amount is not None and ZERO < amount < line.outstanding
    options = [f"--amount {amount}"] if part else []
    options += [f"--on {on}"] if on is not None and on <= line.case.today else []
    return command("pay", line.name or line.invoice.number, options=" ".join(options))


def _owner(line: Line) -> str:
    """What names this line's customer and no other, as far as the file tells."""
    customer = line.invoice.customer
    return line.owner or customer.code or customer.siret or next(iter(customer.emails), customer.name)


def _by_hand(line: Line) -> str:
    """What goes on the reason of a line: payments and credit notes told by hand, beside what the file shows."""
    if line.case.past is NOTHING:
        return ""
    currency, banked = line.invoice.currency, told_by_bank(line.case)
    told = [f"dont {eur(line.told - banked, currency)} notés par « relance pay », absents du fichier"]
    told = (told if line.told > banked else []) + (
        [f"dont {eur(banked, currency)} reçus en banque, absents du fichier"] if banked else []
    )
    return "".join(f" ; {said}" for said in told + news_by_hand(line))


_NOTED = "notés par « relance pay »"


def news_by_hand(line: Line) -> list[str]:
    """What the file says by now of what was told by hand: it shows a payment, or has a credit note elsewhere."""
    currency, said = line.invoice.currency, list[str]()
    if line.case.past is NOTHING:
        return said
    if absorbed(line) is not None:
        said.append(absorbed_words(line))
    for allocated, other in line.case.past.overruled:
        credit = f"l’avoir {allocated.number} ({eur(allocated.amount, currency)}), imputé par vous ici"
        said.append(f"{credit}, n’y compte plus : le fichier le déduit de {other}")
    return said


PROMISED = 7
"""Days of the promise that is shown as an example, as on the sheet for a call."""


def absorbed_words(line: Line) -> str:
    """That the file shows by now what was told by hand, or by the bank."""
    how = "notés ou reçus en banque" if any(paid.credit for paid in line.case.past.payments) else _NOTED
    return f"{eur(line.absorbed, line.invoice.currency)} {how} sont désormais dans le fichier"


def ends_of_draft(line: Line) -> tuple[str, str, str]:
    """The likely end of the draft that this line waits for, then what else may be so and the command of that."""
    number, draft = line.name or line.invoice.number, line.why
    assert isinstance(draft, Drafted)
    unsent = command("resolve", number, options="--not-sent")
    on = f" --on {draft.left_on}" if draft.left_on is not None else ""
    sent = command("record", number, options=f"--stage {draft.stage} --channel email{on}")
    unlikely = draft.outdated and draft.lies is not Lies.SENT
    return (unsent, "déjà envoyé", sent) if unlikely else (sent, "pas envoyé", unsent)


def answer_of(line: Line) -> Received | None:
    """The mail for which this line waits; a line of the journal that cannot be read is none."""
    mail = line.why if line.reason is Reason.ANSWERED else None
    return mail if isinstance(mail, Received) and mail.what is not Incoming.LOST_LINE else None


def quoted(line: Line) -> list[str]:
    """The first lines of that mail between quotation marks; none where it could not be read."""
    mail = answer_of(line)
    return typeset("« {} »").format(mail.excerpt).split("\n") if mail is not None and mail.excerpt else []


def reply_lines(line: Line) -> Iterator[str]:
    """Below a line that waits for an answer: what it says, and the four ways to go on, each with its command."""
    if answer_of(line) is None:
        return
    yield from quoted(line)
    number, morning = line.name or line.invoice.number, line.case.morning
    until = next_open(morning.today + timedelta(days=PROMISED), morning.policy.calendar)
    yield "payée → " + command("pay", number)
    yield "promise → " + command("hold", number, options=f"--reason promise --until {until}")
    yield "contestée → " + command("hold", number, options="--reason dispute")
    yield "à relancer → " + command("release", number)


def each_with_reply(tasks: Iterable[Task]) -> Iterator[tuple[Task, list[str]]]:
    """The tasks, each with what stands below it; one mail about several invoices is shown once."""
    shown: set[str] = set()
    for task in tasks:
        mail = answer_of(task.lines[0])
        yield task, [] if mail is None or mail.mail in shown else [*reply_lines(task.lines[0])]
        shown |= {mail.mail} if mail is not None else set()
