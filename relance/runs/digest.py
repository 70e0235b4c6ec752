"""What a run of the schedule has to say, mailed to the user: at most once a day, and once a week what still waits."""

from typing import NamedTuple

from relance.errors import JournalError, RelanceError
from relance.runs.dossier import Desk
from relance.runs.rehearsal import needs
from relance.runs.send import Sent

_FAILED = "digest"
"""The name under which the journal knows that the user was told of a mail that did not leave."""
_MONDAY = 0


def is_wanted(desk: Desk) -> bool:
    """Whether this run writes to the user in the place of printing."""
    return desk.unattended and desk.settings is not None and desk.settings.digest.email is not None


def is_due(desk: Desk) -> bool:
    """Whether the user was not written to on this day; where there is no journal yet, nobody would know that he was."""
    from relance.journal import read_journal

    try:
        journal = read_journal(desk.own_settings.journal)
        if journal is None:
            return False
        with journal:
            return journal.runs.digest_on() != desk.today
    except JournalError:  # who writes says so
        return True


def with_all_that_waits(sent: Sent) -> Sent:
    """On a Monday, the run with all that needs the user as news, told lately or not."""
    if sent.rehearsed is None or sent.rehearsed.desk.today.weekday() != _MONDAY:
        return sent
    waiting = needs(sent.rehearsed)
    more = {name: notice for name, notice in waiting.items() if name not in sent.names}
    return sent._replace(news=(*sent.news, *more.values()), names=tuple(dict.fromkeys((*sent.names, *more))))


class Posted(NamedTuple):
    """What became of a mail: why it did not leave (`known`: he was told so in the last seven days).

    `sure` tells that the server took it; of one that may be lost, what it said is said again.
    """

    sure: bool
    error: RelanceError | None = None
    known: bool = False


def write(desk: Desk, subject: str, text: str) -> Posted:
    """Mail this to the user.

    The journal knows of the mail before it leaves: a run that is killed repeats none. None of it touches what was sent
    to customers, which is settled by now.
    """
    from relance.delivery.oneself import mail_oneself

    settings = desk.own_settings
    account, to = settings.smtp, settings.digest.email
    assert account is not None  # the settings ask for it
    assert to is not None
    try:
        with desk.writing() as journal:
            before = journal.runs.digest_on()
            journal.runs.note_digest(desk.today)
            try:
                return Posted(mail_oneself(account, settings.sender, to, subject, text, desk.now))
            except RelanceError as error:
                journal.runs.note_digest(before)
                untold = journal.untold([_FAILED], desk.today)
                journal.told(untold, desk.today)
                return Posted(False, error, not untold)
    except JournalError as error:
        return Posted(False, error)


def tell_that_it_ran(desk: Desk) -> None:
    """Call the address that waits to hear that the schedule runs, where there is one."""
    address = desk.settings.digest.ping if desk.settings is not None else None
    if desk.unattended and address is not None:
        from relance.delivery.oneself import ping

        ping(address)
