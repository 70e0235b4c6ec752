"""The messages that are read aloud: each is here for a reason, and stands word for word in tests/golden/letters."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from relance.core.interest import InterestTerms
from relance.core.invoice import Contact, Customer
from relance.core.message import Letter, Sender
from relance.core.morning import CreditNote
from relance.core.plan import Reminder
from relance.core.policy import DunningPolicy
from relance.letters.render import render
from relance.letters.samples import CONSUMER, MARTIN, PUBLIC, SENDER, STAGES, TODAY, line, message
from relance.letters.templates import Templates, load_templates
from relance.letters.views import Background

TU = MARTIN._replace(formality="tu")
KEY = MARTIN._replace(profile="key")
NEW = MARTIN._replace(profile="new")
ENGLISH = MARTIN._replace(language="en")
UNKNOWN = Customer("Café du Port", emails=("cafe@port.example",))
SERVICE = SENDER._replace(voice="Service comptabilité")
POOR = Sender("Marie Durand", "marie@durand.example")
LINK = "https://payer.example/f/41?montant=1200&ref=a"
TOLD = Background(SENDER)
BY_SERVICE = TOLD._replace(sender=SERVICE)
WAIVER = DunningPolicy(interest=InterestTerms(waiver=True))
CREDIT = CreditNote("A-2026-003/2026", "A-2026-003", Decimal("120.00"))
TEMPLATES = load_templates()


class Case(NamedTuple):
    """One message and why it is read."""

    reason: str
    reminder: Reminder
    told: Background = TOLD


def before(*days: int, channel: str = "email") -> tuple[Contact, ...]:
    """Earlier contacts, so many days before TODAY."""
    return tuple(Contact("friendly", channel, TODAY - timedelta(days=n)) for n in days)


def one(key: str, customer: Customer = MARTIN, **more: object) -> Reminder:
    """A message about one invoice."""
    return message(line(STAGES[key], customer=customer, **more))  # type: ignore[arg-type]


def three(key: str, customer: Customer = MARTIN, **more: object) -> Reminder:
    """A message about three invoices, the last one paid in part."""
    stage = STAGES[key]
    part = "" if key == "thanks" else "1000.00"
    return message(
        line(stage, customer=customer, **more),  # type: ignore[arg-type]
        line(stage, "F-2026-042", "850.50", customer=customer, **more),  # type: ignore[arg-type]
        line(stage, "F-2026-043", "3000.00", customer=customer, paid=part, **more),  # type: ignore[arg-type]
    )


def _mixed() -> Reminder:
    """A firm message with an invoice that is only at friendly: its charges are not named."""
    return message(
        line(STAGES["firm"], contacts=before(8)),
        line(STAGES["friendly"], "F-2026-044", "450.00"),
    )


def cases() -> dict[str, Case]:
    """Every message that is read, by name."""
    others = (line(STAGES["friendly"], "F-2026-050", "450.00", late=-20),)
    all_attached = TOLD._replace(attached=("F-2026-041/2026",))
    plan = TOLD._replace(instalment_date=TODAY - timedelta(days=4), instalment_amount=Decimal("400.00"))
    return {
        "courtesy": Case("le message ordinaire avant l'échéance", one("courtesy")),
        "courtesy_several": Case("plusieurs factures, une payée en partie", three("courtesy")),
        "courtesy_tu": Case("un client que l'on tutoie", one("courtesy", TU)),
        "courtesy_new": Case("une première facture", one("courtesy", NEW)),
        "courtesy_key": Case(
            "un client fidèle, une autre facture ouverte", one("courtesy", KEY)._replace(others=others)
        ),
        "courtesy_public": Case("une commune, par Chorus Pro", one("courtesy", PUBLIC)),
        "friendly": Case("le message ordinaire après l'échéance", one("friendly")),
        "friendly_part": Case("un acompte reçu", one("friendly", paid="400.00")),
        "friendly_several": Case("plusieurs factures en tableau", three("friendly")),
        "friendly_tu": Case("un client que l'on tutoie", one("friendly", TU)),
        "friendly_voice": Case("un service écrit : nous", three("friendly"), BY_SERVICE),
        "friendly_tu_voice": Case("nous et tu ensemble", one("friendly", TU), BY_SERVICE),
        "friendly_consumer": Case("un particulier", one("friendly", CONSUMER)),
        "friendly_public": Case("un acheteur public", one("friendly", PUBLIC)),
        "friendly_key": Case("un client privilégié", one("friendly", KEY)),
        "friendly_new": Case("une première facture", one("friendly", NEW)),
        "friendly_poor": Case(
            "rien n'est connu : le texte est plus court", one("friendly", UNKNOWN), TOLD._replace(sender=POOR)
        ),
        "friendly_rich": Case(
            "lien de paiement, facture jointe, avoir à imputer",
            one("friendly", payment_link=LINK)._replace(
                credits=(CreditNote("A-2026-003/2026", "A-2026-003", Decimal("120.00")),)
            ),
            all_attached,
        ),
        "firm": Case("le premier contact est déjà ferme", one("firm")),
        "firm_silent": Case("deux messages sans réponse", one("firm", contacts=before(10, 3))),
        "firm_answered": Case("un message puis un appel", one("firm", contacts=before(10) + before(5, channel="call"))),
        "firm_several": Case("frais de plusieurs factures, un acompte", three("firm", contacts=before(9))),
        "firm_mixed": Case("une facture dont les frais ne sont pas nommés", _mixed()),
        "firm_waiver": Case("les frais abandonnés si tout est réglé à temps", one("firm", policy=WAIVER)),
        "firm_consumer": Case("un particulier : aucun frais", one("firm", CONSUMER, contacts=before(9))),
        "firm_public": Case("un acheteur public", one("firm", PUBLIC, contacts=before(9))),
        "firm_tu": Case("ferme, et l'on se tutoie", one("firm", TU, contacts=before(9))),
        "firm_voice": Case("un service écrit : nous", one("firm", contacts=before(9)), BY_SERVICE),
        "firm_key": Case("un client privilégié", one("firm", KEY, contacts=before(9))),
        "formal_notice": Case("l'acte, une facture", one("formal_notice", contacts=before(24, 14))),
        "formal_notice_several": Case(
            "décompte de plusieurs factures", three("formal_notice", contacts=before(14)), BY_SERVICE
        ),
        "formal_notice_consumer": Case("un particulier : intérêts légaux seuls", one("formal_notice", CONSUMER)),
        "formal_notice_tu": Case("l'acte vouvoie toujours", one("formal_notice", TU)),
        "thanks": Case("tout est réglé", one("thanks")),
        "thanks_several": Case("plusieurs factures réglées par un client fidèle", three("thanks", KEY)),
        "broken_promise": Case("une date annoncée est passée", one("broken_promise")),
        "broken_promise_several": Case("de même, plusieurs factures, un service", three("broken_promise"), BY_SERVICE),
        "instalment": Case("une échéance d'échéancier manque", one("instalment", paid="800.00"), plan),
        "english_firm": Case("le même en anglais", three("firm", ENGLISH, contacts=before(9))),
        "english_notice": Case("l'acte en anglais", one("formal_notice", ENGLISH, contacts=before(14))),
    }


CASES = cases()


def written(case: Case, templates: Templates = TEMPLATES) -> Letter:
    """The letter of this case."""
    return render(templates, case.reminder, case.told)
