"""The way that messages leave by, as the settings name it, and on a day on which they may; opened for one run."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from relance.config.values import Settings
from relance.errors import SettingsError, UsageError
from relance.runs.dossier import Desk
from relance.runs.elsewhere import check_sender, no_settings

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
            'Ajoutez [smtp] avec host et user, ou transport = "folder" sous [delivery] pour des brouillons.',
        )
    from relance.delivery.account import is_loopback

    account = {"smtp": settings.smtp, "drafts": settings.imap, "folder": None}[settings.transport]
    if account is not None and not is_loopback(account.host) and desk.another_day:
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

    account = settings.imap if settings.transport == "drafts" else settings.smtp
    assert account is not None
    if alone:
        await_network(account.host, account.port)
    password, way = read_password(account), ExitStack()
    try:
        if settings.transport == "drafts":
            from relance.delivery.drafts import DraftsTransport, drafts_session

            session = way.enter_context(drafts_session(account, password))
            yield DraftsTransport(account, session, settings.zone), 0
        else:
            from relance.delivery.transaction import SmtpTransport

            transport = SmtpTransport(account, password)
            way.callback(transport.close)
            yield transport, account.per_minute
    finally:
        with suppress(KeyboardInterrupt):  # the good-bye is cut short, and what left is reported all the same
            way.close()
