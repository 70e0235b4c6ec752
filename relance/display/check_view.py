"""What `relance check` and `relance templates check` found, part by part."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from relance.core.interest import DEFAULT_RATE
from relance.core.invoice import Customer, Kind, customer_id
from relance.core.kinds import Sign, sign_of
from relance.core.policy import DunningPolicy, kind_of
from relance.core.reference_rates import READ_ON
from relance.display.plan_view import NO_INVOICE, problem_line
from relance.display.reading import column_line, question_lines
from relance.display.statement import rates_to_add
from relance.display.tasks import kind_settings, listed
from relance.french import (
    CHANNELS,
    at_rate,
    date_fr,
    eur,
    half_awaited,
    listing,
    percent,
    plural,
    rate_question,
    semester,
    setting,
    typeset,
)

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.core.plan import Plan
    from relance.delivery.domain import Standing
    from relance.runs.check import CheckedSetup
    from relance.runs.templates import TriedTemplates
    from relance.sources import InvoiceFile


def check_lines(found: "CheckedSetup") -> Iterator[str]:
    """Settings, file, ladder, templates, mail server, then what has to be mended."""
    settings = found.settings
    yield typeset(f"Réglages : {_settings_file(found)}")
    if found.source is not None:
        yield from _source(found.source)
        if found.plan is not None:
            count = Counter(line.decision.value for line in found.plan.lines)
            lacking = [line for line in found.plan.lines if line.outstanding > 0 and not line.invoice.customer.emails]
            if lacking:
                yield typeset(f"Sans adresse e-mail : {plural(len(lacking), 'facture')}")
            yield from _customers(found.plan)
            yield typeset(
                f"Plan du jour : {plural(len(found.plan.reminders), 'message')}, "
                f"{plural(len(found.plan.tasks), 'tâche')}, {count['hold']} en attente ou sans suite"
            )
    if not found.unusable:
        yield from _policy(settings.policy if settings else DunningPolicy())
        yield from _rate(found, settings)
        yield from _reference_rates(found)
    yield from (typeset(f"Modèle : {label}, {name}, rendu sans faute") for label, name in found.templates)
    yield from (typeset(f"À regarder : {warning}") for warning in found.warnings)
    yield from (typeset(f"Papier : {paper}") for paper in found.papers)
    yield from (typeset(f"  {lacks}") for lacks in found.lacks)
    yield from _of_customers(found)
    yield from _server(found, settings)
    yield from (typeset("À corriger : ") + error.shown for error in found.errors)
    if found.source is not None and found.plan is not None and (open_ := found.plan.morning.history.unagreed):
        yield from question_lines(found.source.reading, open_, settings=settings is not None)


def _of_customers(found: "CheckedSetup") -> Iterator[str]:
    """Of customers abroad, what relance leaves to the user; whom no letter finds."""
    if found.abroad:
        yield typeset(f"Hors de France : {_named(found.abroad)}. Aucun article de loi français ne leur est cité.")
        yield typeset("  À vérifier avec eux : la loi de votre contrat, la devise, la TVA, la langue (language)")
    if found.unaddressed:
        count = plural(len(found.unaddressed), "client")
        yield typeset(f"Sans adresse postale : {count} ({_named(found.unaddressed)}), or une mise en demeure se poste")
        yield typeset("  → une colonne « Adresse » dans votre fichier, ou dans [invoices] customers")


def _named(customers: Sequence[Customer], most: int = 3) -> str:
    """The first of these customers, and how many others."""
    left = len(customers) - most
    shown = [customer.name for customer in customers[:most]]
    return listing([*shown, plural(left, "autre")] if left > 0 else shown)


def _settings_file(found: "CheckedSetup") -> str:
    if found.settings is not None:
        return str(found.settings.path)
    return f"{found.unusable}, inutilisable" if found.unusable else "aucun fichier, valeurs par défaut"


def _source(source: "InvoiceFile") -> Iterator[str]:
    reading = source.reading
    facts = [reading.encoding, {"\\t": "tabulation"}.get(reading.delimiter, reading.delimiter), reading.sheet]
    how = ", ".join(fact for fact in facts if fact)
    yield typeset(
        f"Fichier : {source.file} ({how}), {plural(source.rows, 'ligne')}, {plural(len(source.invoices), 'facture')}"
    )
    if not source.invoices:
        yield NO_INVOICE
    yield typeset(f"Colonnes (titres à la ligne {reading.header_line}) :")
    for field, header, sample in reading.columns:
        yield f"  {field} ← {header}" + (typeset(" (par exemple « {} »)").format(sample) if sample else "")
    if reading.missing:
        yield typeset(f"  absentes : {', '.join(reading.missing)}")
    if reading.ignored:
        yield typeset(f"  laissées de côté, comme vous l’avez dit : {', '.join(reading.ignored)}")
    if harmless := [column for column in reading.unused if not column.weighty]:
        yield typeset("  non utilisées, sans effet sur ce qui est dû :")
        yield from (f"    {column_line(column)}" for column in harmless)
    if reading.date_order:
        yield typeset(f"  dates lues : {_ORDERS.get(reading.date_order, reading.date_order)}")
    yield from (f"  {note}" for note in reading.notes)
    yield from (typeset("  anomalie : ") + problem_line(problem) for problem in source.problems)


def _customers(plan: "Plan") -> Iterator[str]:
    """How many customers are of each kind, and what shows it; then those whose kind nobody told."""
    customers = {customer_id(line.invoice.customer): line.invoice.customer for line in plan.lines}.values()
    policy = plan.morning.policy
    parts = []
    for kind, (noun, nouns) in _KINDS.items():
        mine = [customer for customer in customers if kind_of(customer, policy) is kind]
        signs = {_SIGNS.get(sign_of(customer), "par défaut") for customer in mine}
        if mine:
            parts.append(f"{plural(len(mine), noun, nouns)} ({', '.join(sorted(signs))})")
    unknown = [customer for customer in customers if kind_of(customer, policy) is None]
    if parts or unknown:
        yield typeset(f"Clients : {', '.join([*parts, *([f'{len(unknown)} à préciser'] if unknown else [])])}")
    if unknown:
        yield typeset(f"  à préciser : {listed(unknown)} → ") + kind_settings(unknown)


_KINDS = {
    Kind.BUSINESS: ("entreprise", "entreprises"),
    Kind.PUBLIC: ("organisme public", "organismes publics"),
    Kind.CONSUMER: ("particulier", "particuliers"),
}
_SIGNS = {
    Sign.GIVEN: "indiqué",
    Sign.BODY: "nom",
    Sign.FORM: "forme sociale",
    Sign.NUMBER: "SIREN ou n° de TVA",
}


def column_lines(source: "InvoiceFile") -> Iterator[str]:
    """The recognised columns as settings, to be pasted into relance.toml."""
    yield "[invoices.columns]"
    for field, header, _ in source.reading.columns:
        yield setting(field, header)


_ORDERS = {"dmy": "jour/mois/année", "mdy": "mois/jour/année", "ymd": "année-mois-jour"}


def _policy(policy: DunningPolicy) -> Iterator[str]:
    for schedule in policy.schedules:
        least = schedule.terms_from_days
        delays = f" (délais de paiement d’au moins {plural(least, 'jour')})" if least else ""
        yield typeset(f"Calendrier « {schedule.name} »{delays} :")
        for stage in schedule.stages:
            ways = ", ".join(CHANNELS[channel] for channel in stage.channels)
            yield f"  J{stage.day:+d} {stage.label} ({ways}{', avec votre accord' if stage.confirm else ''})"
    terms = policy.interest
    rate = at_rate(terms.rate.basis.value, terms.rate.value)
    yield typeset(f"Frais de retard : pénalités {rate}, indemnité de {eur(terms.recovery_fee)} par facture")


def _rate(found: "CheckedSetup", settings: "Settings | None") -> Iterator[str]:
    """Whether an agreed rate was agreed, as the user says; nothing of one that the law gives."""
    rate = settings.policy.interest.rate if settings else DEFAULT_RATE
    if rate.varies or found.plan is None:
        return
    stands = found.plan.morning.history.rates.get(rate)
    if stands is None:
        yield typeset(f"  {rate_question(rate.basis.value, rate.value)}")
    elif stands:
        yield "  ce taux est dans vos conditions ou sur vos factures, comme vous l’avez dit"
    else:
        yield typeset('  vous avez dit que non : c’est BCE + 10 points qui est réclamé (rate = "ecb+10")')


def _reference_rates(found: "CheckedSetup") -> Iterator[str]:
    """The rates of the current half-year, and whether they can be relied on."""
    half, known = found.half, found.reference
    if known is None:
        yield typeset(f"Attention : les taux du {semester(half)} ne sont pas connus ; ") + (
            f"ajoutez-les à relance.toml : {rates_to_add([half])}"
        )
        return
    ecb, legal = ("inconnu" if rate is None else percent(rate) for rate in (known.ecb, known.legal))
    yield typeset(f"Taux du {semester(half)} : BCE {ecb}, légal {legal}")
    if found.awaited:
        yield typeset(half_awaited(found.awaited))
    if not known.verified:
        yield typeset("Attention : ces taux reposent sur des sources secondaires, lues le ") + (
            f"{date_fr(READ_ON)} ; vérifiez-les avant de vous y fier, et écrivez-les sous [charges.rates]"
        )


def _server(found: "CheckedSetup", settings: "Settings | None") -> Iterator[str]:
    if found.unusable:
        pass  # what it says of sending is not known
    elif settings is None:
        yield typeset("Envoi : pas encore réglé (« relance init » écrit les réglages à compléter)")
    elif settings.transport == "folder":
        yield typeset(f"Envoi : brouillons dans {settings.drafts}")
    elif found.server is not None:
        tls = found.server.tls or "sans chiffrement"
        yield typeset(f"Serveur de courrier : {found.server.name} répond, {tls}") + (
            ", identification acceptée" if settings.smtp and settings.smtp.user else ""
        )
    elif found.offline:
        yield typeset("Serveur de courrier : non vérifié (--offline)")
    if found.standing is not None:
        yield from domain_lines(found.standing)
    if found.mailbox:
        yield typeset("Boîte de réception : lue avant chaque envoi, dossiers ") + ", ".join(found.mailbox)
    if settings is not None:
        copies = found.copies
        kept = f", {plural(len(copies), 'sauvegarde')} (la dernière : {copies[0].name[:10]})" if copies else ""
        yield typeset(f"Journal : {settings.journal}{kept}")
    if found.risky:
        yield typeset(
            f"  attention : il est dans un dossier synchronisé ou sur un disque réseau ({found.risky}), où il peut se "
            "perdre ou s’abîmer : mettez [journal] file sur le disque de cette machine"
        )


_STATES = {"good": "oui", "lacking": "non", "unknown": "non vérifiable"}


def domain_lines(standing: "Standing") -> Iterator[str]:
    """What the DNS says of the domain that writes, one line; below it the cure of each thing that lacks."""
    domain = standing.domain
    states = (("SPF", standing.spf), ("DKIM", standing.dkim), ("DMARC", standing.dmarc))
    yield typeset(f"Domaine {domain} : " + ", ".join(f"{name} {_STATES[state]}" for name, state in states))
    if not standing.aligned:
        yield typeset(
            f"  {domain} écrit par un compte de {standing.login} : bien des messages seront refusés ; mettez la même "
            "adresse dans [sender] email et [smtp] user, ou le serveur de votre domaine"
        )
    if standing.spf == "lacking":
        include = f"include:{standing.include} " if standing.include else "include:… (voyez votre hébergeur) "
        yield typeset(f"  SPF : dans le DNS de {domain}, un TXT : ") + f"v=spf1 {include}~all"
    if standing.dmarc == "lacking":
        yield typeset(f"  DMARC : un TXT à _dmarc.{domain} : ") + "v=DMARC1; p=none"


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
