"""One invoice's formal notice, or another stage's message, as a letter to sign and post."""

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import date, timedelta
from email import message_from_bytes
from errno import ENAMETOOLONG
from pathlib import Path
from typing import NamedTuple

from relance.core.as_one import mailed
from relance.core.charges import insolvent_on
from relance.core.invoice import Contact
from relance.core.message import Sender
from relance.core.messages import account_of
from relance.core.plan import Line, Plan, Reminder
from relance.core.policy import Stage
from relance.core.reasons import End, Reason
from relance.errors import EXIT_DONE, EXIT_LOOK, UsageError
from relance.french import date_fr, eur, listing, system_words
from relance.runs.attachments import attachments_of
from relance.runs.compose import Paper, file_name, letter_pdf, message_about, told_of
from relance.runs.dossier import Desk, for_me_alone
from relance.runs.lookup import StandingError, UnknownStageError, find_line, stage_called


class Printed(NamedTuple):
    """A letter written to `path`; `stopped` is the line where a stop of its own asks for a second look.

    `early` is the first day of a stage that waits for the user's word and has neither that word nor its day,
    `warnings` what the checker remarks in its words. `mailed` is the day of the mail that carried it, None for a new
    letter; `lacks` what is missing of the sender, or of the sum.
    """

    path: Path
    reminder: Reminder
    sender: Sender
    stopped: Line | None
    early: date | None = None
    warnings: tuple[str, ...] = ()
    mailed: date | None = None
    lacks: tuple[str, ...] = ()

    @property
    def addressed(self) -> bool:
        """True where the envelope's window shows an address."""
        from relance.letters.countries import is_whole

        return is_whole(self.reminder.customer.address)

    @property
    def exit_code(self) -> int:
        """1 where the user should look before posting it."""
        settled = self.addressed and self.stopped is None and self.early is None and not self.warnings + self.lacks
        return EXIT_DONE if settled else EXIT_LOOK


def print_paper(
    desk: Desk, number: str, stage: str, out: Path | None, *, force: bool = False, new: bool = False
) -> Printed:
    """Write the letter; `stage` empty: the stage that is posted. Nothing is journaled: what was posted is recorded.

    What was mailed is what is posted: once the mail of this stage left, its PDF, unless a `new` one is asked for.
    UsageError where no letter may be written about this invoice (paid, insolvent, not late), where typst is
    missing, or where the file exists and `force` is not given, or is no PDF.
    """
    line, sender = find_line(number, desk), desk.signer
    _allowed(line)
    chosen = stage_named(stage, line)
    reminder = reminder_for(line, chosen, desk.plan)
    mail = None if new or chosen.key not in line.case.position.done else mailed(line, chosen)
    sent = _pdf_of(mail, reminder, desk) if mail is not None else b""
    paper = Paper(sent, ()) if sent else letter_pdf(desk.templates, reminder, told_of(reminder, sender))
    path = out or Path(file_name(reminder))
    write_pdf(path, paper.pdf, force=force)
    # Where the user or the file stops reminders, a letter may be wanted all the same, but not by inadvertence.
    stops = line.reason.end is End.RELEASE_HOLD or line.reason in (Reason.EXCLUDED, Reason.CHANGED)
    return Printed(path, reminder, sender, line if stops else None, _early(line, chosen), paper.warnings)._replace(
        mailed=mail.on if mail is not None and sent else None,
        lacks=tuple(filter(None, (lacking_sentence(sender), _too_little(line)))),
    )


def _too_little(line: Line) -> str:
    """That the sum is under the minimum of the settings; empty where it is not."""
    minimum = line.case.morning.policy.minimum
    if line.outstanding >= minimum:
        return ""
    owed = eur(line.outstanding, line.invoice.currency)
    return f"Le reste dû ({owed}) est sous votre minimum ({eur(minimum)}, [policy] minimum)."


def _pdf_of(mail: Contact, reminder: Reminder, desk: Desk) -> bytes:
    """The letter that this mail carried; empty where it carried none, or was not sent by relance.

    UsageError where the journal does not keep it any more: another letter would not agree with the mail.
    """
    from relance.journal import PartError, read_journal

    journal, raw = read_journal(desk.settings.journal) if desk.settings is not None and mail.message_id else None, b""
    if journal is None:
        return b""
    with journal, suppress(PartError):
        raw = journal.outgoing.kept(mail.message_id)
    if not raw:
        raise UsageError(
            f"Le journal ne garde plus le message du {date_fr(mail.on)} ni sa lettre.",
            "Ajoutez --new pour en écrire une autre.",
        )
    beside = {attached.name for attached in attachments_of(reminder, desk.sender.name)} | {Path(desk.sender.rib).name}
    return letter_in(raw, file_name(reminder), beside)


def letter_in(raw: bytes, name: str, beside: Collection[str]) -> bytes:
    """The PDF of this name in a mail, else the only one that is none of those `beside` it; empty where it has none."""
    files = {
        part.get_filename() or "": part.get_payload(decode=True)
        for part in message_from_bytes(raw).walk()
        if part.get_content_type() == "application/pdf"
    }
    others = [file for file in files if file not in beside]
    chosen = name if name in files else others[0] if len(others) == 1 else ""
    found = files.get(chosen)
    return found if isinstance(found, bytes) else b""


def lacking_of(sender: Sender) -> tuple[str, ...]:
    """What a letter cannot do without and the settings do not say, each with its key; EI stands in R526-27 C. com."""
    told = (
        ("votre adresse (address)", sender.address),
        ("votre SIRET (siret)", sender.siret),
        ("votre forme juridique, EI par exemple (legal_form)", sender.legal_form),
    )
    return tuple(what for what, value in told if not value)


def lacking_sentence(sender: Sender) -> str:
    """What lacks of the sender for a letter, empty where nothing does."""
    lacks = lacking_of(sender)
    return f"Il manque à la lettre, sous [sender] : {listing(lacks)}." if lacks else ""


def _allowed(line: Line) -> None:
    number = line.invoice.number
    if line.reason.settled:
        raise StandingError(number, f"Il n’y a rien à réclamer sur {number}, donc pas de lettre.", "dit pourquoi")
    if insolvent_on(line.case.holds) is not None:  # L622-21 C. com.: no demand for payment any more
        raise UsageError(
            f"{number} : ce client est en procédure collective, toute demande de paiement est interdite.",
            "Déclarez votre créance au mandataire judiciaire dans les deux mois qui suivent la publication au BODACC.",
        )
    if line.reason is Reason.TIME_BARRED:
        raise StandingError(number, f"{number} est prescrite, donc pas de lettre.", "dit pourquoi")
    if line.days_overdue <= 0:
        raise UsageError(f"{number} n’est pas en retard : son échéance est le {date_fr(line.invoice.due_date)}.")


def stage_named(key: str, line: Line, outside: Iterable[Stage] = ()) -> Stage:
    """The stage so called on the ladder of the invoice; without a key, the last one that is posted, else the last one.

    `outside` are others that are understood where it is asked for.
    """
    stages = line.case.schedule.stages
    if not key:
        return next((stage for stage in reversed(stages) if "letter" in stage.channels), stages[-1])
    if (stage := stage_called(key, stages)) is not None:
        return stage
    raise UnknownStageError(key, stages, outside)


def reminder_for(line: Line, stage: Stage, plan: Plan) -> Reminder:
    """The message of this stage about an invoice: the one of today's plan, else one made for it.

    What left by mail the same day about the same stage stays together, so that the letter is that message on paper.
    """
    for planned in (*plan.waiting, *plan.reminders):
        if planned.stage.key == stage.key and any(each.key == line.key for each in planned.lines):
            return planned
    chosen = [
        each._replace(acting=stage) for each in plan.lines if each.key == line.key or _together(each, line, stage)
    ]
    return message_about(chosen, plan)


def _together(each: Line, line: Line, stage: Stage) -> bool:
    """True where both left in one message of this stage: to one customer, whatever else two contacts share."""
    ours, theirs = line.last_contact, each.last_contact
    if ours is None or theirs is None or each.reason.settled or account_of(each) != account_of(line):
        return False
    same = (theirs.stage, theirs.on, theirs.to, theirs.message_id) == (stage.key, ours.on, ours.to, ours.message_id)
    return same and ours.stage == stage.key


def _early(line: Line, stage: Stage) -> date | None:
    """The first day of a stage that waits for the user's word, while it has neither that word nor its day."""
    first = line.invoice.due_date + timedelta(days=stage.day)
    past = line.case.past
    told = {approved.stage for approved in past.approvals}
    told |= {contact.stage for contact in (*past.contacts, *line.invoice.contacts)}
    return first if stage.confirm and stage.key not in told and line.days_overdue < stage.day else None


_MAGIC = b"%PDF"
_OTHER_NAME = "Donnez un nom de fichier avec -o."


def write_pdf(path: Path, pdf: bytes, *, force: bool) -> None:
    """Write the file; UsageError where `path` cannot be one, or where a file is there that may not be overwritten."""
    partial = path.parent / f".relance-{os.getpid()}.partial"
    try:
        _refuse(path, force=force)
        with open(partial, "wb", opener=for_me_alone) as file:
            file.write(pdf)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        if error.errno == ENAMETOOLONG:
            said = f"« {path.name[:40]}… » : ce nom de fichier est trop long."
            raise UsageError(said, "Raccourcissez-le.") from None
        said = f"« {path} » ne peut pas être écrit ({system_words(error)})."
        raise UsageError(said, "Vérifiez les droits de ce dossier, ou changez -o.") from None


def _refuse(path: Path, *, force: bool) -> None:
    """An existing file is left alone unless it is a PDF and `force` is given: a slip must not cost an invoice file."""
    if str(path) == "-":
        raise UsageError("La lettre ne s’écrit pas sur la sortie standard.", _OTHER_NAME)
    if path.is_dir():
        raise UsageError(f"« {path} » est un dossier.", _OTHER_NAME)
    if not path.parent.is_dir():
        raise UsageError(f"Le dossier « {path.parent} » n’existe pas.", "Créez-le, ou changez -o.")
    if not (path.exists() or path.is_symlink()):
        return
    if not path.is_file():
        raise UsageError(f"« {path} » n’est pas un fichier ordinaire.", _OTHER_NAME)
    with path.open("rb") as file:
        ours = file.read(len(_MAGIC)) == _MAGIC
    if not ours:
        raise UsageError(
            f"« {path} » existe et n’est pas un PDF : relance ne l’écrase pas.", "Donnez un autre nom avec -o."
        )
    if not force:
        cure = "Donnez un autre nom avec -o, ou ajoutez --force pour l’écraser."
        raise UsageError(f"« {path} » existe déjà.", cure)
