"""Made-up messages of every stage, for every kind of reader: what `templates check` tries, what the tests read."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from relance.core.history import History
from relance.core.invoice import Contact, Customer, Invoice, Kind, Payment
from relance.core.message import Sender
from relance.core.messages import reminders
from relance.core.plan import Line, Reminder
from relance.core.planning import judge
from relance.core.policy import DEFAULT_STAGES, OUTSIDE, DunningPolicy, Stage
from relance.letters.views import Background

TODAY = date(2026, 12, 14)
SENDER = Sender(
    "Marie Durand",
    "marie@durand.example",
    phone="01 99 00 10 41",
    legal_form="EI",
    siret="98765432100011",
    address="12 rue du Port\n44000 Nantes",
    iban="FR7630004000031234567890143",
    bic="BNPAFRPP",
)
MARTIN = Customer(
    "Atelier Martin SARL",
    siret="12345678900012",
    emails=("compta@martin.example",),
    contact="Claire Dupont",
    civility="Mme",
    address="3 rue des Lilas\n69001 Lyon",
)
"""A business whose accountant is known."""
PUBLIC = Customer("Commune de Valmont", emails=("compta@valmont.example",), kind=Kind.PUBLIC)
CONSUMER = Customer(
    "Paul Lefèvre", emails=("paul@lefevre.example",), contact="Paul Lefèvre", civility="M.", kind=Kind.CONSUMER
)
STAGES = {stage.key: stage for stage in (*DEFAULT_STAGES, *OUTSIDE)}
DAYS_LATE = {"thanks": 12, "broken_promise": 20, "instalment": 45}
"""Days overdue of a sample beside the ladder; on it, the stage's own day."""


class Sample(NamedTuple):
    """One made-up message; `name` says in French whom it addresses."""

    name: str
    reminder: Reminder
    told: Background


def line(
    stage: Stage,
    number: str = "F-2026-041",
    total: str = "1200.00",
    *,
    customer: Customer = MARTIN,
    late: int | None = None,
    paid: str = "",
    contacts: tuple[Contact, ...] = (),
    payment_link: str = "",
    policy: DunningPolicy = DunningPolicy(),  # noqa: B008  (a constant)
) -> Line:
    """One invoice of thirty days that acts at this stage on TODAY, `paid` (EUR) of it received the day before."""
    due = TODAY - timedelta(days=DAYS_LATE.get(stage.key, stage.day) if late is None else late)
    received = paid or (total if stage.key == "thanks" else "")
    payments = (Payment(Decimal(received), TODAY - timedelta(days=1)),) if received else ()
    invoice = Invoice(
        number,
        customer,
        due,
        Decimal(total),
        due - timedelta(days=30),
        payments=payments,
        contacts=contacts,
        payment_link=payment_link,
    )
    promised = TODAY - timedelta(days=4) if stage.key in ("broken_promise", "instalment") else None
    return judge(invoice, History(), policy, TODAY)._replace(acting=stage).until_day(promised)


def message(*lines: Line, **changes: object) -> Reminder:
    """The message that planning makes of these lines, its charges named where planning names them."""
    [made] = reminders([list(lines)], lines, lines[0].case.morning)
    return made._replace(**changes)  # type: ignore[arg-type]


def samples(stage: Stage, sender: Sender = SENDER, policy: DunningPolicy = DunningPolicy()) -> Iterator[Sample]:  # noqa: B008
    """Each way in which this stage's message may differ, once; from a sender who may have set little."""
    earlier = (Contact("friendly", "email", TODAY - timedelta(days=7)),) if stage.day > 5 else ()
    readers: Iterable[tuple[str, Customer]] = (
        ("une facture, un professionnel", MARTIN),
        ("sans interlocuteur connu", MARTIN._replace(contact="", civility="", siret="", address="")),
        ("tutoiement", MARTIN._replace(formality="tu")),
        ("client privilégié", MARTIN._replace(profile="key")),
        ("première facture", MARTIN._replace(profile="new")),
        ("un acheteur public", PUBLIC),
        ("un particulier", CONSUMER),
    )
    owed, told = partial(line, stage, policy=policy), Background(sender)
    for name, customer in readers:
        yield Sample(name, message(owed(customer=customer, contacts=earlier)), told)
    one = owed()
    part_paid = owed("F-2026-043", "3000.00", paid="" if stage.key == "thanks" else "1000.00")
    several = message(one, owed("F-2026-042", "850.50"), part_paid)
    yield Sample("plusieurs factures, dont une payée en partie", several, told)
    service, poor = sender._replace(voice="Service comptabilité"), sender._replace(iban="", bic="")
    yield Sample("au nom d’un service", message(one), told._replace(sender=service))
    yield Sample("sans coordonnées bancaires", message(one), told._replace(sender=poor))
    yield Sample("en anglais", message(owed(customer=MARTIN._replace(language="en"))), told)
