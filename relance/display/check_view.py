"""What `relance check` found, one line a room; what is wrong opens, all where asked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from relance.core.interest import DEFAULT_RATE
from relance.core.invoice import Customer, Kind, customer_id
from relance.core.kinds import Sign, sign_of
from relance.core.policy import DunningPolicy, kind_of
from relance.core.reference_rates import READ_ON
from relance.display.breaking import wrapped
from relance.display.layout import REST, Column, columns
from relance.display.plan_view import NO_INVOICE, file_name, names_file, problem_line
from relance.display.reading import column_line, question_lines
from relance.display.room import LOOK, OK, WRONG, Room, digest_room, domain_room, schedule_room
from relance.display.statement import rates_to_add
from relance.display.tasks import kind_settings, listed
from relance.french import (
    CHANNELS,
    RATE_STANDS,
    at_rate,
    brief_lateness,
    command,
    eur,
    half_awaited,
    listing,
    percent,
    plural,
    rate_question,
    semester,
    setting,
    short_date,
    typeset,
)

if TYPE_CHECKING:
    from relance.core.bank import BankState
    from relance.core.plan import Line, Plan
    from relance.runs.check import CheckedSetup
    from relance.sources import InvoiceFile


def check_lines(found: "CheckedSetup", width: int, *, verbose: bool = False) -> Iterator[str]:
    """The rooms, then the question about the columns, which keeps all from leaving."""
    rooms = [_opened(room, found) for room in _rooms(found)]
    opened = {part for room in rooms for part in _FAULTS.get(room.name, ())}
    rooms += [Room("Autre", part, WRONG, (error.shown,)) for part, error in found.failed.items() if part not in opened]
    heads = columns(((room.name, room.said, room.state) for room in rooms), _HEAD, width, "")
    for room, head in zip(rooms, heads, strict=True):
        yield head
        for text in "\n".join((*room.told, *(room.more if verbose else ()))).splitlines():
            yield from wrapped(text, width, "  ", "    ")
    if found.source is not None and found.plan is not None and (open_ := found.plan.morning.history.unagreed):
        init = "" if found.settings is not None else command("init", found.source.file)
        yield from question_lines(found.source.reading, open_, init=init, width=width)


_HEAD = (Column(), Column(least=20, most=REST), Column(right=True))
_FAULTS = {
    "Réglages": ("settings", "sender"),
    "Fichier": ("source",),
    "Textes": ("templates",),
    "Lettres": ("papers",),
    "Envoi": ("server",),
    "Domaine": ("domain",),
    "Réponses": ("mailbox",),
    "Journal": ("plan", "journal"),
}


def _opened(room: Room, found: "CheckedSetup") -> Room:
    """The room, with what keeps its parts from working, or soon will."""
    parts = _FAULTS.get(room.name, ())
    errors = [found.failed[part].shown for part in parts if part in found.failed]
    doubts = [typeset(doubt) for part in parts for doubt in found.doubts.get(part, ())]
    if not (errors or doubts):
        return room
    return room._replace(state=WRONG if errors else LOOK, told=(*errors, *doubts, *room.told))


def _rooms(found: "CheckedSetup") -> Iterator[Room]:
    settings = found.settings
    yield Room("Réglages", _settings_file(found), more=(str(settings.path),) if settings is not None else ())
    if found.source is not None:
        yield _file(found.source, noted=names_file(found.settings, found.source))
        yield _columns(found.source)
        if found.source.platform is not None:
            from relance.display.lifecycle import summary  # imported here: few settings name statuses

            yield Room("Statuts", summary(found.source.platform), LOOK if found.source.platform.unread else OK)
    elif "source" in found.failed:
        yield Room("Fichier", "pas lu")
    if found.plan is not None:
        yield from _customers(found.plan)
        yield from _abroad(found)
        yield _day(found.plan)
    if found.banked is not None:
        yield _bank(found.banked, found)
    if not found.unusable:
        policy = settings.policy if settings else DunningPolicy()
        yield Room("Étapes", _stages_in_short(policy), more=tuple(_stages(policy)))
        yield _charges(found, policy)
        yield from _texts(found)
        yield from _ways_out(found)
    program = found.program
    yield Room("relance", f"{program.version} ({program.how}) → {program.update}")


def _settings_file(found: "CheckedSetup") -> str:
    if found.settings is not None:
        return found.settings.path.name
    return typeset(f"{found.unusable}, inutilisable") if found.unusable else "aucun fichier, valeurs par défaut"


def _file(source: "InvoiceFile", *, noted: bool) -> Room:
    reading = source.reading
    saved = f" du {short_date(source.modified.date())}" if source.modified else ""
    sign = {"\\t": "tabulation"}.get(reading.delimiter, f"« {reading.delimiter} »" if reading.delimiter else "")
    facts = [f"{file_name(source.file)}{saved}", plural(source.rows, "ligne"), reading.sheet, reading.encoding, sign]
    problems = [typeset("anomalie : ") + problem_line(problem, noted=noted) for problem in source.problems]
    return Room(
        "Fichier",
        typeset(", ".join(filter(None, facts))),
        LOOK if problems or not source.invoices else OK,
        (*([] if source.invoices else [NO_INVOICE]), *reading.notes, *problems),
        (f"{source.file}, {plural(len(source.invoices), 'facture')}",),
    )


def _bank(bank: "BankState", found: "CheckedSetup") -> Room:
    """Until when payments are known, what came in, what could not be read."""
    from relance.display.bank import summary

    problems = tuple(typeset("anomalie : ") + problem_line(problem, noted=True) for problem in bank.problems)
    return Room("Banque", summary(bank, found.statements, found.at), LOOK if problems or bank.doubts else OK, problems)


def _columns(source: "InvoiceFile") -> Room:
    reading = source.reading
    asked = [column for column in reading.unused if column.weighty]
    harmless = [column for column in reading.unused if not column.weighty]
    said = [f"{len(reading.columns)} comprises"]
    said += [f"{len(reading.ignored)} laissées de côté"] if reading.ignored else []
    said += [f"{len(harmless)} sans effet"] if harmless else []
    said += [f"{len(asked)} à préciser"] if asked else []
    more = [f"en-têtes à la ligne {reading.header_line}"]
    for field, header, sample in reading.columns:
        more.append(f"{field} ← {header}" + (typeset(" (par exemple « {} »)").format(sample) if sample else ""))
    more += [f"absentes : {', '.join(reading.missing)}"] if reading.missing else []
    more += [f"laissées de côté, comme vous l’avez dit : {', '.join(reading.ignored)}"] if reading.ignored else []
    more += [typeset("sans effet sur ce qui est dû : ") + column_line(column) for column in harmless]
    more += [f"dates lues : {_ORDERS.get(reading.date_order, reading.date_order)}"] if reading.date_order else []
    return Room("Colonnes", ", ".join(said), LOOK if asked else OK, more=tuple(map(typeset, more)))


def _customers(plan: "Plan") -> Iterator[Room]:
    """Who has no address, and how many are of each kind; then those whose kind nobody told."""
    customers = {customer_id(line.invoice.customer): line.invoice.customer for line in plan.lines}.values()
    policy = plan.morning.policy
    counts, signs = [], []
    for kind, (noun, nouns) in _KINDS.items():
        mine = [customer for customer in customers if kind_of(customer, policy) is kind]
        shown = {_SIGNS.get(sign_of(customer), "par défaut") for customer in mine}
        counts += [plural(len(mine), noun, nouns)] if mine else []
        signs += [f"{plural(len(mine), noun, nouns)} : {', '.join(sorted(shown))}"] if mine else []
    unknown = [customer for customer in customers if kind_of(customer, policy) is None]
    lacking = {line.invoice.customer.name: line.invoice.customer for line in plan.lines if _unreached(line)}
    told = []
    if lacking:
        cure = "une colonne E-mail, [invoices] customers, ou [[customers]] email"
        told.append(f"sans adresse e-mail : {_names(list(lacking))} → {cure}")
    if unknown:
        told.append(typeset(f"à préciser : {listed(unknown)} → ") + kind_settings(unknown))
    said = [*counts, *([f"{len(unknown)} à préciser"] if unknown else [])]
    said += [f"{len(lacking)} sans adresse e-mail"] if lacking else []
    if said:
        yield Room(
            "Clients", ", ".join(said), LOOK if told else OK, tuple(map(typeset, told)), tuple(map(typeset, signs))
        )


def _unreached(line: "Line") -> bool:
    return line.outstanding > 0 and not line.invoice.customer.emails


def _names(names: Sequence[str]) -> str:
    """The first of them, and how many others."""
    left = len(names) - _MOST_NAMES
    return listing([*names[:_MOST_NAMES], *([plural(left, "autre")] if left > 0 else [])])


_MOST_NAMES = 5
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


def _abroad(found: "CheckedSetup") -> Iterator[Room]:
    """Of customers abroad, what relance leaves to the user."""
    if found.abroad:
        told = "À vérifier avec eux : la loi de votre contrat, la devise, la TVA, la langue (language)"
        said = f"{_listed(found.abroad)}. Aucun article de loi français ne leur est cité."
        yield Room("Étranger", plural(len(found.abroad), "client"), LOOK, (said, typeset(told)))


def _unaddressed(found: "CheckedSetup") -> Iterator[str]:
    """Whom no letter finds."""
    if found.unaddressed:
        count = plural(len(found.unaddressed), "client")
        who = f"Sans adresse postale : {count} ({_listed(found.unaddressed)}), or une mise en demeure se poste"
        yield f"{who} → une colonne « Adresse » dans votre fichier, ou dans [invoices] customers"


def _listed(customers: Sequence[Customer]) -> str:
    return _names([customer.name for customer in customers])


def _day(plan: "Plan") -> Room:
    count = Counter(line.decision.value for line in plan.lines)
    said = (
        f"{plural(len(plan.reminders), 'message')}, {plural(len(plan.tasks), 'tâche')}, "
        f"{count['hold']} en attente ou sans suite"
    )
    return Room("Aujourd’hui", said)


def column_lines(source: "InvoiceFile") -> Iterator[str]:
    """The recognised columns as settings, to be pasted into relance.toml."""
    yield "[invoices.columns]"
    for field, header, _ in source.reading.columns:
        yield setting(field, header)


_ORDERS = {"dmy": "jour/mois/année", "mdy": "mois/jour/année", "ymd": "année-mois-jour"}


def _stages_in_short(policy: DunningPolicy) -> str:
    """« J−5, J+5, J+15, J+30 ; long : J−5, J+10, J+25, J+50 »."""
    days = [
        (schedule.name, ", ".join(brief_lateness(stage.day) for stage in schedule.stages))
        for schedule in policy.schedules
    ]
    return typeset(" ; ".join(f"{name} : {said}" if i else said for i, (name, said) in enumerate(days)))


def _stages(policy: DunningPolicy) -> Iterator[str]:
    for schedule in policy.schedules:
        least = schedule.terms_from_days
        delays = f" (délais de paiement d’au moins {plural(least, 'jour')})" if least else ""
        yield typeset(f"« {schedule.name} »{delays} :")
        for stage in schedule.stages:
            ways = ", ".join(CHANNELS[channel] for channel in stage.channels)
            yield f"{brief_lateness(stage.day)} {stage.label} ({ways}{', à valider' if stage.confirm else ''})"


def _charges(found: "CheckedSetup", policy: DunningPolicy) -> Room:
    """The rate and whether it was agreed, the fee, the rates of the current half-year and whether they are sure."""
    terms = policy.interest
    rate = at_rate(terms.rate.basis.value, terms.rate.value).removeprefix("au ")
    told = [*_rate(found, policy), *_reference_rates(found)]
    half, known, more = found.half, found.reference, []
    if found.plan is not None and found.plan.morning.history.rates.get(terms.rate):
        more.append("ce taux est dans vos CGV ou sur vos factures, comme vous l’avez dit")
    if known is not None:
        ecb, legal = ("inconnu" if each is None else percent(each) for each in (known.ecb, known.legal))
        more.append(typeset(f"taux du {semester(half)} : BCE {ecb}, légal {legal}"))
        if not known.verified:  # a rate that follows them is claimed as they are
            (told if terms.rate.varies else more).append(
                typeset(f"Taux à vérifier sur service-public.fr (lus le {short_date(READ_ON)})")
            )
    return Room(
        "Frais", f"{rate}, {eur(terms.recovery_fee)} par facture", LOOK if told else OK, tuple(told), tuple(more)
    )


def _rate(found: "CheckedSetup", policy: DunningPolicy) -> Iterator[str]:
    """Whether an agreed rate was agreed, as the user says; nothing of one that the law gives."""
    rate = policy.interest.rate if found.settings else DEFAULT_RATE
    if rate.varies or found.plan is None:
        return
    stands = found.plan.morning.history.rates.get(rate)
    if stands is None:
        yield typeset(rate_question(rate.basis.value, rate.value))
        yield f"→ {RATE_STANDS} (s’il y figure)"
        yield f"→ {RATE_STANDS} --no (sinon)"
    elif not stands:
        yield typeset('vous avez dit que non : c’est BCE + 10 points qui est réclamé (rate = "ecb+10")')


def _reference_rates(found: "CheckedSetup") -> Iterator[str]:
    """What is not known of the rates of the current half-year, or of the next."""
    if found.reference is None:
        yield typeset(f"Les taux du {semester(found.half)} ne sont pas connus, à écrire dans relance.toml : ") + (
            rates_to_add([found.half])
        )
    elif found.awaited:
        yield typeset(half_awaited(found.awaited))


def _texts(found: "CheckedSetup") -> Iterator[Room]:
    """The templates and what is printed."""
    tried = tuple(typeset(f"{label}, {name}, rendu sans faute") for label, name in found.templates)
    count = plural(len(tried), "modèle rendu", "modèles rendus")
    yield Room("Textes", count, LOOK if found.warnings else OK, tuple(map(typeset, found.warnings)), tried)
    if found.papers or found.lacks or found.unaddressed or "papers" in found.failed:
        said = plural(len(found.papers), "papier lu ou imprimé", "papiers lus ou imprimés")
        told = (*found.lacks, *_unaddressed(found))
        yield Room("Lettres", said, LOOK if told else OK, tuple(map(typeset, told)), tuple(map(typeset, found.papers)))


def _ways_out(found: "CheckedSetup") -> Iterator[Room]:
    """How messages leave, what the domain says, where answers come in, where all is remembered."""
    settings = found.settings
    if settings is None:
        yield Room("Envoi", "pas encore réglé", LOOK, ("→ relance init (pose les questions et écrit les réglages)",))
        return
    if settings.transport != "smtp":
        place = "votre boîte" if settings.transport == "drafts" else settings.drafts.name
        yield Room("Envoi", f"brouillons dans {place}", more=(str(settings.drafts),) * (place != "votre boîte"))
    elif found.server is not None:
        tls = found.server.tls or "sans chiffrement"
        known = ", identification acceptée" if settings.smtp and settings.smtp.user else ""
        yield Room("Envoi", f"{found.server.name} répond, {tls}{known}")
    else:
        yield Room("Envoi", "non vérifié (--offline)" if found.offline else "serveur pas joint")
    if found.standing is not None:
        yield domain_room(found.standing)
    if found.mailbox:
        yield Room("Réponses", "boîte lue avant chaque envoi, dossiers " + ", ".join(found.mailbox))
        own = zip(("brouillons", "messages envoyés"), found.own_folders, strict=True)
        if there := [f"{what} dans « {name} »" for what, name in own if name]:
            yield Room("Boîte", typeset(", ".join(there)))
    elif "mailbox" in (*found.failed, *found.doubts):
        yield Room("Réponses", "boîte pas lue")
    yield schedule_room(found.last_run, found.at, settings)
    yield digest_room(settings, found.digest_on)
    copies = found.copies
    latest = short_date(date.fromisoformat(copies[0].name[:10])) if copies else ""
    kept = f", {plural(len(copies), 'sauvegarde')} au {latest}" if copies else ""
    risk = f"il est dans un dossier synchronisé ou sur un disque réseau ({found.risky}), où il peut se perdre ou "
    risk += "s’abîmer : mettez [journal] file sur le disque de cette machine"
    told = (typeset(risk),) if found.risky else ()
    more = (str(settings.journal), *map(typeset, found.chain))
    yield Room("Journal", typeset(f"{settings.journal.name}{kept}"), LOOK if told else OK, told, more)
