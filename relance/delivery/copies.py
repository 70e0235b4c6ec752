"""Copies in the Sent folder of what a mail server took: looked for first, then filed once, with the bytes that left.

Nothing here touches a delivery: what cannot be filed is tried again by the next run, and given up in the end.
"""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, tzinfo

from relance.config.providers import provider_at
from relance.delivery.account import Account
from relance.delivery.folders import SENT, FilingError, OwnFolder, open_folder
from relance.delivery.mailbox import session_with
from relance.errors import DeliveryError
from relance.journal import PartError
from relance.journal.values import CopyDue

FLAGS = r"(\Seen)"
SETTLING = 2.0
"""Seconds that a provider has to file a copy of its own, before it is looked for."""
TRIES, KEPT = 3, timedelta(days=7)
"""After so many failures, or so long, a copy is given up."""
_CURE = "Les messages sont bien partis ; leurs copies attendent le prochain envoi."


def are_wanted(smtp: Account | None, imap: Account | None) -> bool:
    """Whether copies are to be filed: as the settings say, else where the provider is not known to file its own."""
    if smtp is None or imap is None:
        return False
    if imap.save_sent != "auto":
        return imap.save_sent is True
    provider = provider_at(smtp.host, smtp.user)
    return provider is None or not provider.files_sent


def is_over(copy: CopyDue, now: datetime) -> bool:
    """Whether a copy is given up."""
    return copy.tries >= TRIES or now - copy.at > KEPT


def file_copies(
    account: Account,
    password: str | None,
    copies: Iterable[CopyDue],
    raw: Callable[[str], bytes],
    done: Callable[[CopyDue], None],
    zone: tzinfo,
    now: datetime,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """File each copy that Sent lacks, and tell of each once it is there; `raw` gives the bytes of a Message-ID.

    A message whose bytes are not kept has no copy. DeliveryError or SettingsError where it ends before the last one.
    """
    due = tuple(copies)
    last = max(copy.at for copy in due)
    if now - last < timedelta(seconds=SETTLING):
        sleep(SETTLING)
    with session_with(account, password, "La messagerie", _CURE) as session:
        folder = open_folder(session, SENT, zone)
        if folder is None:
            cure = "Sous [imap], save_sent = false n’en range plus."
            raise DeliveryError(f"{account.server} : dossier des messages envoyés introuvable.", cure)
        heads = folder.heads(min(copy.at for copy in due).astimezone(zone).date())
        for copy in due:
            session.renew()
            if not any(head.is_message(copy.message_id) for head in heads):
                _file(folder, copy, raw)
            done(copy)


def _file(folder: OwnFolder, copy: CopyDue, raw: Callable[[str], bytes]) -> None:
    try:
        octets = raw(copy.message_id)
        if octets:
            folder.file(octets, FLAGS, copy.at)
    except (FilingError, PartError) as error:
        raise DeliveryError(f"Copie de {', '.join(copy.numbers)} pas rangée : {error}.", _CURE) from None
