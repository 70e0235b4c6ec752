"""Once messages have left: their copies in the user's Sent folder, which nothing of the sending waits for."""

from datetime import datetime
from typing import TYPE_CHECKING

from relance.errors import RelanceError
from relance.runs.dossier import Desk, machine_time

if TYPE_CHECKING:
    from relance.journal import Journal
    from relance.journal.values import CopyDue


def save_copies(desk: Desk, journal: "Journal") -> dict[str, str]:
    """File the copies that are due, or give them up; what the user is told of it, by the name that the journal knows.

    JournalError alone is raised.
    """
    due = journal.mails.copies_due()
    if not due:
        return {}
    from relance.delivery import copies
    from relance.delivery.secret import read_password

    settings = desk.own_settings
    imap, now = settings.imap, machine_time(settings)
    if imap is None or not copies.are_wanted(settings.smtp, imap):
        journal.mails.copied(copy.delivery for copy in due)
        return {}
    left = {copy.delivery: copy for copy in due}

    def done(copy: "CopyDue") -> None:
        journal.mails.copied([copy.delivery])
        del left[copy.delivery]

    told: dict[str, str] = {}
    try:
        copies.file_copies(imap, read_password(imap), due, journal.outgoing.kept, done, settings.zone, now)
    except RelanceError as error:
        journal.mails.not_copied(left.values())
        told[f"copies {error}"] = f"Copies pas rangées dans vos messages envoyés : {error}"
    given_up = [copy for copy in journal.mails.copies_due() if copies.is_over(copy, now)]
    journal.mails.copied(copy.delivery for copy in given_up)
    return told | _given_up(given_up, now)


def _given_up(copies: "list[CopyDue]", now: datetime) -> dict[str, str]:
    if not copies:
        return {}
    numbers = ", ".join(number for copy in copies for number in copy.numbers)
    said = f"{numbers} : pas de copie dans vos messages envoyés, après plusieurs essais. Le message est bien parti."
    return {f"copies given up {numbers} {now.date()}": said}
