"""The way that messages leave by, as the settings name it, and on a day on which they may; opened for one run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from relance.config.values import Settings
from relance.errors import SettingsError, UsageError
from relance.runs.dossier import Desk, check_sender
from relance.runs.elsewhere import no_settings

if TYPE_CHECKING:
    from relance.delivery.outbox import Transport


def sendable(desk: Desk) -> Settings:
    """The settings, where they say how messages leave, and on a day on which they may."""
    settings = desk.settings
    if settings is None:
        raise no_settings("c’est lui qui dit qui envoie, et par quel serveur")
    check_sender(settings)
    if settings.transport == "smtp" and settings.smtp is None:
        raise SettingsError(
            f"Aucun moyen d’envoi dans « {settings.path} ».",
            'Ajoutez [smtp] avec host et user, ou [delivery] transport = "folder" pour des brouillons.',
        )
    from relance.delivery.account import is_loopback

    real = settings.transport == "smtp" and settings.smtp is not None and not is_loopback(settings.smtp.host)
    if real and desk.another_day:
        raise UsageError(
            "Un envoi par un serveur e-mail se fait à la date du jour.",
            "Retirez --today, ou ajoutez --dry-run pour voir ce qui partirait ce jour-là.",
        )
    return settings


@contextmanager
def way_out(settings: Settings, *, alone: bool) -> "Iterator[tuple[Transport, float]]":
    """What the settings say that messages leave by, and how many a minute; it is closed at the end.

    With `alone`, nobody watches: the network of a laptop that has just woken up is waited for.
    """
    if settings.transport == "folder":
        from relance.delivery.folder import FolderTransport

        yield FolderTransport(settings.drafts), 0
        return
    from relance.delivery.network import await_network
    from relance.delivery.secret import read_password
    from relance.delivery.transaction import SmtpTransport

    assert settings.smtp is not None
    if alone:
        await_network(settings.smtp.host, settings.smtp.port)
    transport = SmtpTransport(settings.smtp, read_password(settings.smtp))
    try:
        yield transport, settings.smtp.per_minute
    finally:
        with suppress(KeyboardInterrupt):  # the good-bye is cut short, and what left is reported all the same
            transport.close()
