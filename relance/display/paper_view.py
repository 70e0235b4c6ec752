"""What was printed, what belongs into the envelope, and what to note once it is posted."""

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.display.lines import because
from relance.display.tasks import posting_options
from relance.french import command, date_fr, listing, typeset

if TYPE_CHECKING:
    from relance.runs.printing import Printed


def printed_lines(printed: "Printed") -> Iterator[str]:
    """The file, the enclosures, the command that records it, and what to look at before."""
    reminder = printed.reminder
    numbers = [line.invoice.number for line in reminder.lines]
    yield typeset(f"Lettre écrite : {printed.path} ({reminder.stage.label}, {listing(numbers)})")
    copies = f"copie {'des factures' if len(numbers) > 1 else 'de la facture'} {listing(numbers)}"
    rib = f" et RIB ({printed.sender.rib})" if printed.sender.rib else ""
    yield typeset(f"À signer, et à joindre : {copies}{rib}")
    if not printed.addressed:
        yield typeset(f"À regarder : aucune adresse postale pour {reminder.customer.name}, ajoutez-la à votre fichier")
    if printed.stopped is not None:
        yield typeset("À regarder avant de la poster : ") + because(printed.stopped)
    if printed.early is not None:
        label, first = reminder.stage.label, date_fr(printed.early)
        yield typeset(f"À regarder : l’étape « {label} » ne vient que le {first}, et vous ne l’avez pas accordée")
    yield from (typeset(f"À regarder : {warning}") for warning in printed.warnings)
    yield typeset("Une fois postée, notez-le :")
    stage = reminder.stage
    noting = f"--stage {shlex.quote(stage.key)} --channel letter {posting_options(stage)}"
    for line in reminder.lines:
        yield f"  {command('record', line.name or line.invoice.number, options=noting)}"
