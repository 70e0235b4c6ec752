"""What Tab offers: invoices and customers that the last run saw open, and the stages; quick, and no file is read."""

import os
from collections.abc import Iterator
from pathlib import Path

from relance.config import find_settings, journal_of
from relance.core.policy import DEFAULT_STAGES


def known_names(config: Path | None, *, customers: bool) -> Iterator[tuple[str, str]]:
    """Each invoice that was open with its customer, then each customer, as the journal has them.

    Raises what reading settings or journal does; nothing where there is none.
    """
    from relance.journal.seen_open import seen_open

    path = find_settings(config, os.environ, Path.cwd())
    journal = journal_of(path) if path is not None else None
    found = list(seen_open(journal)) if journal is not None and journal.exists() else []
    yield from ((number, _called(customer)) for number, customer in found)
    if customers:
        yield from ((_called(customer), "") for _, customer in found)


def _called(customer: str) -> str:
    """What a command takes for the customer of this identity: a code, a SIRET, a name (see core.invoice)."""
    kind, _, name = customer.partition(":")
    return name.rpartition("|")[0] if kind == "name" else name


def known_stages() -> Iterator[tuple[str, str]]:
    """The stages of the default ladder, with what each is called."""
    return ((stage.key, stage.label) for stage in DEFAULT_STAGES)
