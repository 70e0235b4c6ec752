"""10,000 different messages rendered, checked and composed (text and HTML, no PDF): milliseconds of processor time.

python -m bench letters [MESSAGES] [FOLDER OF ONE'S OWN TEMPLATES]
"""

import gc
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from relance.core.history import History
from relance.core.invoice import Contact, Customer, Invoice, Kind, snapshot_of
from relance.core.message import Key
from relance.core.messages import reminders
from relance.core.morning import Morning
from relance.core.plan import Reminder
from relance.core.planning import judge
from relance.core.policy import DEFAULT_STAGES, DunningPolicy
from relance.letters.compose import compose
from relance.letters.render import render
from relance.letters.samples import SENDER, TODAY
from relance.letters.templates import load_templates
from relance.letters.views import Background

GOAL = 1.5
"""Milliseconds for each message."""
POLICY = DunningPolicy()
NOW = datetime(2026, 12, 14, 9, 0, tzinfo=UTC)


def messages(count: int) -> Iterator[Reminder]:
    """Messages of every stage in turn, one to three invoices each, no two alike."""
    for i in range(count):
        stage = DEFAULT_STAGES[i % len(DEFAULT_STAGES)]
        kind = Kind.PUBLIC if i % 23 == 0 else Kind.CONSUMER if i % 11 == 0 else Kind.BUSINESS
        customer = Customer(
            f"Atelier {i} & Fils SARL",
            code=f"C{i}",
            emails=(f"compta@client{i}.example",),
            contact=f"Claire Dupont-{i}" if i % 3 else "",
            civility="Mme" if i % 3 else "",
            kind=kind,
            formality="tu" if i % 7 == 0 else "",
            language="en" if i % 13 == 0 else "fr",
        )
        due = TODAY - timedelta(days=stage.day)
        earlier = (Contact("friendly", "email", due + timedelta(days=5)),) if stage.day > 5 else ()
        lines = []
        for j in range(1 + i % 3):
            invoice = Invoice(
                f"F-{i:05d}-{j}",
                customer,
                due,
                Decimal(10_000 + 37 * i + j) / 100,
                due - timedelta(days=30),
                contacts=earlier,
            )
            lines.append(judge(invoice, History(), POLICY, TODAY)._replace(acting=stage))
        yield from reminders([lines], lines, Morning(TODAY, History(), POLICY))


def main() -> None:
    """Print the figures; the messages are made before the clock starts."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    made = list(messages(count))
    gc.disable()  # as the program does: a run lives for seconds
    templates, told = load_templates(folder), Background(SENDER)
    written = octets = 0
    rendering = 0.0
    start = time.process_time()
    for reminder in made:
        before = time.process_time()
        letter = render(templates, reminder, told)
        rendering += time.process_time() - before
        keys = tuple(
            Key(line.key, line.invoice.number, reminder.stage.key, "email", 0, snapshot_of(line.invoice))
            for line in reminder.lines
        )
        message = compose(letter, SENDER, reminder.customer, keys, reminder.stage.key, NOW)
        written += 1
        octets += len(message.raw)
    seconds = time.process_time() - start
    sys.stdout.write(
        f"messages              {written:9,d}\n"
        f"rendered and checked  {rendering * 1000 / written:9.2f} ms each\n"
        f"composed              {(seconds - rendering) * 1000 / written:9.2f} ms each\n"
        f"together              {seconds * 1000 / written:9.2f} ms each (goal: under {GOAL})\n"
        f"size                  {octets / written:9,.0f} octets each\n"
    )
