"""The ways out that the settings name, and handing the messages of a plan over to them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from relance.config import Settings, Smtp
from relance.core.message import Message
from relance.runs.dossier import Desk, machine_date
from relance.runs.looking import LastLook

if TYPE_CHECKING:
    from relance.delivery.outbox import Transport
    from relance.delivery.outcome import Handed, SendReport
    from relance.delivery.smtp import SmtpSettings
    from relance.journal import Journal, State

Progress = Callable[[int, int, "Handed", "State"], None]
"""Hears of each message once it is recorded: which one of how many, and what became of it."""


def hand_over_all(
    desk: Desk,
    messages: tuple[Message, ...],
    journal: "Journal",
    look: LastLook,
    progress: Progress | None,
    *,
    alone: bool,
) -> "SendReport":
    """Hand over what is ready; without a message, nobody is connected to. Raises DeliveryError before the first.

    With `alone`, nobody watches: the network of a laptop that has just woken up is waited for.
    """
    from relance.delivery.outbox import deliver
    from relance.delivery.outcome import SendReport

    if not messages:
        return SendReport()
    look.watch((Path(file.path), file.digest) for message in messages for file in message.attachments if file.path)
    numbers = count(1)

    def tell(handed: "Handed", state: "State") -> None:
        if progress is not None:
            progress(next(numbers), len(messages), handed, state)

    shift = desk.now - datetime.now(UTC) if desk.replayed else timedelta(0)

    def now() -> datetime:
        return datetime.now(UTC) + shift

    with _way_out(desk.own_settings, alone=alone) as (transport, pace):
        return deliver(messages, journal, transport, desk.today, look=look, now=now, per_minute=pace, tell=tell)


@contextmanager
def _way_out(settings: Settings, *, alone: bool) -> "Iterator[tuple[Transport, float]]":
    """What the settings say that messages leave by, and how many a minute; it is closed at the end."""
    if settings.transport == "folder":
        from relance.delivery.folder import FolderTransport

        yield FolderTransport(settings.drafts), 0
        return
    from relance.delivery.network import await_network
    from relance.delivery.transaction import SmtpTransport

    assert settings.smtp is not None
    if alone:
        await_network(settings.smtp.host, settings.smtp.port)
    transport = SmtpTransport(server(settings.smtp), password(settings.smtp))
    try:
        yield transport, settings.smtp.per_minute
    finally:
        with suppress(KeyboardInterrupt):  # the good-bye is cut short, and what left is reported all the same
            transport.close()


def last_look(desk: Desk) -> LastLook:
    """What is looked at once more before each message; begin it when the plan begins."""
    today = machine_date(desk.settings) if desk.replayed else desk.today
    return LastLook(desk.marks, today, lambda: machine_date(desk.settings))


def server(smtp: Smtp) -> "SmtpSettings":
    """The mail server as the delivery room wants it."""
    from relance.delivery.smtp import SmtpSettings

    return SmtpSettings(smtp.host, smtp.port, smtp.security, smtp.user, smtp.timeout)


def password(smtp: Smtp) -> str | None:
    """The password from where the settings say, None where they name no place."""
    from relance.delivery.secret import Secret, read_password

    return read_password(Secret(smtp.password_env, smtp.password_command, smtp.keyring, smtp.user))
