"""The way that messages leave by, as the settings name it, opened for one run."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from relance.config.values import Settings

if TYPE_CHECKING:
    from relance.delivery.outbox import Transport


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
