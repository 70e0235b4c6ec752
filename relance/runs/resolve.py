"""What a person says of a message whose end only he knows: in doubt, refused, or a draft in his own hands."""

import shlex
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from relance.core.drafts import found_sent, not_found_sent, to_settle
from relance.core.facts import Drafted, Lies
from relance.core.history import NOTHING, former_keys
from relance.core.invoice import Invoice, keyed, normalised_number
from relance.core.plan import Line, Overtaken
from relance.errors import Again, UsageError
from relance.french import command, date_fr
from relance.journal import BusyError, State, lock, read_journal
from relance.runs.dossier import Desk
from relance.runs.drafts import taken_away
from relance.runs.lookup import StandingError, find_invoice, is_target

if TYPE_CHECKING:
    from relance.runs.rehearsal import Notice


class _Meant(NamedTuple):
    """What a person names: an invoice of the file, or the `key` of one that left it."""

    invoice: Invoice | None
    key: str = ""


class _Settled(NamedTuple):
    """The numbers of all invoices settled, what became of their drafts (French), the lines that were named."""

    numbers: tuple[str, ...]
    away: str
    lines: tuple[Line, ...]


def resolve(desk: Desk, name: str, sent: bool) -> str:
    """Settle a delivery in doubt, or the draft that is asked about: the whole message, whichever invoice names it.

    Where no draft is asked about, those that are not to be sent any more are settled as not sent.
    """
    settled = _settle(desk, [_meant(desk.to_write(), name, sent=sent)], sent=sent)
    if not settled.numbers:
        raise nothing_open(settled.lines[0]) if settled.lines else UsageError(f"{name} : aucun message n’attend.")
    closed = not settled.lines or settled.lines[0].reason.settled
    said = "parti" if sent else "pas parti" if closed else "pas parti, il sera replanifié"
    return f"{', '.join(settled.numbers)} : message noté comme {said}.{settled.away}"


def superfluous(notices: "Iterable[Notice]") -> tuple[Overtaken, ...]:
    """The drafts that a run told its user to delete and that it could take out of his mailbox: ours, untouched."""
    told = (notice for notice in notices if isinstance(notice, Overtaken))
    return tuple(draft for draft in told if draft.name and draft.lies is Lies.UNTOUCHED)


def take_away(desk: Desk, drafts: Sequence[Overtaken]) -> str:
    """What the command that is printed for each of them does, as long as there is a draft to settle and no doubt."""
    meant = [_meant(desk.to_write(), draft.name, sent=False) for draft in drafts]
    settled = _settle(desk, meant, sent=False, drafts_alone=True)
    if not settled.numbers:  # meanwhile, in another window
        return "Aucun brouillon n’attend plus."
    return f"{', '.join(settled.numbers)} : noté comme pas parti.{settled.away}"


def _settle(desk: Desk, meant: Sequence[_Meant], *, sent: bool, drafts_alone: bool = False) -> _Settled:
    """A message that another run is sending right now looks just like one in doubt: its end is waited for.

    With `drafts_alone`, what has a message in doubt by now is left as it is: nobody spoke of that one.
    """
    numbers: list[str] = []
    lines: list[Line] = []
    try:
        with lock(desk.own_settings.journal), desk.writing() as journal:
            journal.recover()
            desk.forget()
            for one in meant:
                line = desk.lines_of([one.invoice])[0] if one.invoice is not None else None
                keys = (line.key, *former_keys(line.case.past)) if line is not None else (one.key,)
                drafts = to_settle(line, sent=sent) if line is not None else _of_gone(desk, one.key, sent=sent)
                for key in keys if drafts or not drafts_alone else ():
                    numbers += journal.resolve(key, sent, desk.today, drafts)
                lines += [line] if line is not None else []
            away = taken_away(desk, journal) if numbers and not sent else ""
    except BusyError as error:
        raise UsageError(*error.args) from None
    return _Settled(tuple(dict.fromkeys(numbers)), away, tuple(lines))


def _of_gone(desk: Desk, key: str, *, sent: bool) -> tuple[Drafted, ...]:
    """The drafts that are spoken of, of an invoice that left the file.

    As sent, those found among the sent messages, else the last one; as not sent, all others. A message in doubt is what
    he speaks of first.
    """
    past = desk.history.invoices.get(key, NOTHING)
    if past.doubts:
        return ()
    return found_sent(past.drafts) or past.drafts[-1:] if sent else not_found_sent(past.drafts)


def _meant(desk: Desk, text: str, *, sent: bool) -> _Meant:
    """The invoice of the file that is named, else the one that left it with a message that waits for this word.

    UsageError where there is none, or where several had that number.
    """
    gone = {} if is_target(text, desk.invoices) else _left_the_file(desk, normalised_number(text), sent=sent)
    if len(gone) > 1:
        raise UsageError(f"« {text} » désigne plusieurs factures.", again=[Again(text, key) for key in gone])
    for key in gone:
        return _Meant(None, key)
    return _Meant(find_invoice(text, desk.invoices))


def _left_the_file(desk: Desk, word: str, *, sent: bool) -> dict[str, None]:
    """The keys of invoices that are not in the file, of this number or key, which have a message that waits."""
    journal = read_journal(desk.own_settings.journal)
    if journal is None:
        return {}
    with journal:
        mailed = journal.outgoing.mailed(desk.today)
    here, waiting = dict(keyed(desk.invoices)), (State.DRAFT, State.IN_DOUBT, *(() if sent else (State.REFUSED,)))
    named = (pair for each in mailed if each.state in waiting for pair in zip(each.invoices, each.numbers, strict=True))
    return {key: None for key, number in named if key not in here and word in (key, normalised_number(number))}


def nothing_open(line: Line) -> UsageError:
    """That no message about this invoice waits for the user's word."""
    invoice, drafts = line.invoice, line.case.past.drafts
    if not drafts:
        nothing = f"{invoice.number} : aucun envoi n’est en doute ni refusé, aucun brouillon n’attend."
        return StandingError(invoice.number, nothing)
    undelivered = drafts[-1]
    recording = command(
        "record", line.name or invoice.number, options=f"--stage {shlex.quote(undelivered.stage)} --channel email"
    )
    return UsageError(
        f"{invoice.number} : son brouillon du {date_fr(undelivered.on)} n’est plus à envoyer.",
        f"S’il est parti tout de même : « {recording} ». Sinon, ajoutez --not-sent.",
    )
