"""A letter that was printed, a payment code, a message to read before it leaves; the trial of the templates."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from relance.core.policy import FORMAL_NOTICE
from relance.display import terminal
from relance.display.lines import because, near_end
from relance.display.tasks import posting_options
from relance.display.why import lateness
from relance.french import command, date_fr, eur, listing, plural, short_date, typeset

if TYPE_CHECKING:
    from relance.runs.letter import Printed
    from relance.runs.preview import Preview
    from relance.runs.show import Payable
    from relance.runs.templates import TriedTemplates


def printed_lines(printed: "Printed") -> Iterator[str]:
    """The file, the enclosures, the command that records it, and what to look at before."""
    reminder, stage = printed.reminder, printed.reminder.stage
    numbers = [line.invoice.number for line in reminder.lines]
    yield typeset(f"Lettre écrite : {printed.path} ({stage.label}, {listing(numbers)})")
    if printed.mailed is not None:
        yield typeset(f"C’est celle du message du {date_fr(printed.mailed)}, à l’identique ; --new en écrit une autre")
    if stage.key == FORMAL_NOTICE:
        yield typeset("En recommandé avec avis de réception, ou en recommandé électronique qualifié (LRE)")
    copies = f"copie {'des factures' if len(numbers) > 1 else 'de la facture'} {listing(numbers)}"
    rib = f" et RIB ({printed.sender.rib})" if printed.sender.rib else ""
    yield typeset(f"À signer, et à joindre : {copies}{rib}")
    if not printed.addressed:
        yield typeset(f"À regarder : aucune adresse postale pour {reminder.customer.name}, ajoutez-la à votre fichier")
    yield from (typeset(f"À regarder : {lacks}") for lacks in printed.lacks)
    for near in dict.fromkeys(filter(None, map(near_end, reminder.lines))):
        yield typeset(f"À regarder : {near}")
    if printed.stopped is not None:
        yield typeset("À regarder avant de la poster : ") + because(printed.stopped)
    if printed.early is not None:
        first = short_date(printed.early)
        yield typeset(f"À regarder : étape « {stage.label} » prévue le {first}, à valider")
    yield from (typeset(f"À regarder : {warning}") for warning in printed.warnings)
    yield typeset("Une fois postée, notez-le :")
    noting = f"--stage {shlex.quote(stage.key)} --channel letter {posting_options(stage)}"
    yield from (f"  {command('record', x.name or x.invoice.number, options=noting)}" for x in reminder.lines)


def show_code(payable: "Payable") -> None:
    """What the code asks for, then the code."""
    terminal.tell(f"Virement de {eur(payable.amount)} à {payable.name}, référence {payable.invoice.number} :")
    terminal.say()
    terminal.say_picture(payable.rows)


def preview_lines(shown: "Preview") -> Iterator[str]:
    """The subject and the text, and what the message carries beside them."""
    reminder = shown.reminder
    yield typeset(f"─── {reminder.customer.name} · {reminder.stage.label} ───")
    yield typeset(f"Objet : {shown.letter.subject}")
    yield ""
    yield from shown.letter.text.rstrip("\n").split("\n")
    yield ""
    if shown.stopped is not None:
        yield typeset("Pas aujourd’hui : ") + because(shown.stopped)
    elif shown.expired:
        late = lateness(reminder.lines[0].days_overdue)
        yield typeset(f"Pas aujourd’hui : ce message annonce une échéance à venir ({late})")
    elif shown.kept_back:
        yield typeset(f"Pas aujourd’hui : {shown.kept_back}")
    yield from (typeset(f"À regarder : {remark}") for remark in shown.remarks)
    forms = ["le HTML"]
    forms += ["le QR code de virement"] if shown.letter.qr else []
    forms += ["la lettre"] if shown.pdf else []
    yield typeset(f"--open montre {listing(forms)}. Rien n’est parti.")


def opened_lines(paths: Sequence[Path], *, opened: bool) -> Iterator[str]:
    """Where the files are."""
    yield typeset("Ouvert dans votre navigateur :" if opened else "Aucun navigateur n’a répondu ; ouvrez vous-même :")
    yield from (f"  {path}" for path in paths)


def template_lines(checked: "TriedTemplates") -> Iterator[str]:
    """One line for each template, then what is wrong with it; errors are what keeps a message from leaving."""
    where = "fournis avec relance" if checked.folder is None else f"de « {checked.folder} », et à défaut ceux fournis"
    yield typeset(f"Modèles {where} :")
    for each in checked.tried:
        said = "rien à redire" if not each.errors + each.warnings else ""
        yield typeset(f"  {each.label} ({each.file}) : {said}").rstrip()
        yield from (typeset(f"    ne partirait pas : {error}") for error in each.errors)
        yield from (typeset(f"    à regarder : {warning}") for warning in each.warnings)
    errors = sum(len(each.errors) for each in checked.tried)
    warnings = sum(len(each.warnings) for each in checked.tried)
    yield f"{plural(errors, 'erreur')}, {plural(warnings, 'remarque')}."
