"""The report as one page of HTML: no script, nothing from elsewhere; drawings beside the tables that they show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from relance.core.figures import Ages, Figures, Owing, Withheld, cost_in_sales
from relance.core.invoice import ZERO, customer_id
from relance.core.pace import WINDOW, Measure, tenth
from relance.core.plan import Decision, Line, Task, grouped
from relance.core.reasons import Reason
from relance.core.stage_results import AFTER_DAYS, StageResult, Yield
from relance.core.trend import Point
from relance.display.breaking import safe
from relance.display.habits import TOO_FEW, enough, paid_in, stage_labels
from relance.display.report_lines import counted, in_cents, in_days, not_counted_line, unknown
from relance.display.svg import Bar, Curve, Stack, bars, curves, stacks
from relance.display.tasks import said_way, task_text, ways_of
from relance.display.waiting import glance
from relance.french import (
    CHANNELS,
    MONTHS,
    NO_BREAK,
    brief_date,
    brief_lateness,
    date_fr,
    days,
    eur,
    listing,
    plural,
    typeset,
)

if TYPE_CHECKING:
    from relance.runs.report import Reported

TEMPLATE = Path(__file__).with_name("report.html.j2")
AGE_LABELS = ("non échu", "1 à 30 jours", "31 à 60 jours", "61 à 90 jours", "plus de 90 jours")
SHOWN_MONTHS = 13
"""Months of the drawing and its table: a year ago is there to compare with."""
SHOWN_CUSTOMERS = 8
"""Customers with a bar of their own."""
_DOING = {
    "call": "appeler",
    "letter": "poster la lettre",
    "sms": "envoyer le SMS",
    "approve": "valider la mise en demeure",
    "confirm": "confirmer",
    "review": "regarder",
}
_MORE_THAN_ONE = 2
_FIRST = 3
"""Different things that the late invoices of one customer wait for, and that are said."""


class Figure(NamedTuple):
    """One figure of the page: its name, its value in words, and the sentence that says how it is made."""

    name: str
    said: str
    definition: str


def page_of(reported: "Reported") -> str:
    """The page; what files and customers say is escaped, and what would steer a reader's screen is made visible."""
    from jinja2 import Environment, StrictUndefined

    rooms = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    rooms.filters |= {"money": eur, "safe_text": safe}
    template = rooms.from_string(typeset(TEMPLATE.read_text(encoding="utf-8")))
    plan, source = reported.planned.plan, reported.planned.desk.source
    return template.render(
        today=date_fr(plan.today),
        title=f"Rapport du {date_fr(plan.today)}",
        sender=reported.planned.desk.settings.sender.name if reported.planned.desk.settings else "",
        source=Path(source.file).name,
        rows=plural(source.rows, "ligne"),
        not_counted=not_counted_line(reported.planned),
        asked=[_asked(task, reported) for task in plan.tasks if task.customer is None],
        unsure=plan.morning.history.unagreed is not None,
        several=len(reported.figures) >= _MORE_THAN_ONE,
        parts=[_part(figures, reported) for figures in reported.figures],
        after_days=AFTER_DAYS,
        window=WINDOW,
        too_few=TOO_FEW,
    )


def _asked(task: Task, reported: "Reported") -> str:
    """A question about no one customer, with the commands that answer it."""
    noted = reported.planned.desk.settings is not None
    return task_text(task) + "".join(map(said_way, ways_of(task, noted=noted)))


def _part(figures: Figures, reported: "Reported") -> dict[str, Any]:
    """All that the page says of one currency."""
    plan, code = reported.planned.plan, figures.currency
    labels, today = stage_labels(plan.morning.policy), plan.today
    return {
        "currency": code,
        "figures": figures,
        "ages": [*zip(AGE_LABELS, figures.ages, strict=True)],
        "ages_drawn": _ages_drawn(figures.ages, code),
        "late": list(_late_rows(figures, plan.tasks, today)),
        "owing": [owing for owing in figures.customers if owing.ages.outstanding or owing.credits],
        "pace": [Figure(*map(typeset, each)) for each in _pace(figures)],
        "stages": list(_stages(figures.stages, labels)),
        "on_platform": _on_platform(figures.on_platform, code),
        "owing_drawn": _owing_drawn(figures.customers, code),
        "months": [(_month(each), each) for each in figures.trend[-SHOWN_MONTHS:]],
        "trend_drawn": _trend_drawn(figures.trend[-SHOWN_MONTHS:], code),
        "habits": [_habit(owing, labels) for owing in figures.customers if owing.habits.paid or owing.habits.made],
        "open": [
            (
                each.bill.line.invoice,
                brief_lateness(each.bill.line.days_overdue),
                each.bill.owed,
                brief_date(each.foreseen, today) if each.foreseen else "",
            )
            for each in figures.open_bills
        ],
        "limits": [(date_fr(each.on), each.bill) for each in figures.limits],
        "agreed": [(date_fr(each.on), each) for each in figures.coming.agreed],
        "paid_late": plural(figures.claimable.paid_invoices, "facture payée") + " en retard",
        "make_up": in_cents(cost_in_sales(figures.ages.overdue, reported.margin)) if reported.margin else None,
        "margin": f"{reported.margin}".replace(".", ","),
    }


def _ages_drawn(ages: Ages, code: str) -> str:
    rows = [
        Bar(label, float(value), eur(value, code), f"age{place}")
        for place, (label, value) in enumerate(zip(AGE_LABELS, ages, strict=True))
    ]
    return bars(typeset("Reste dû par ancienneté"), _told(rows), rows)


def _owing_drawn(customers: Iterable[Owing], code: str) -> str:
    """A bar for each of those who owe most, its parts by age, the others together in one; nothing where nobody owes."""
    owing = sorted((each for each in customers if each.ages.outstanding), key=lambda each: -each.ages.outstanding)
    named = [(safe(each.customer.name), each.ages) for each in owing[:SHOWN_CUSTOMERS]]
    if rest := owing[SHOWN_CUSTOMERS:]:
        sums = zip(*(each.ages for each in rest), strict=True)
        named.append((plural(len(rest), "autre client", "autres clients"), Ages(*(sum(each, ZERO) for each in sums))))
    rows = [
        Stack(name, eur(ages.outstanding, code), [(float(each), f"age{n}") for n, each in enumerate(ages)])
        for name, ages in named
    ]
    said = (f"{name} : {eur(ages.outstanding, code)} ({_by_age(ages, code)})" for name, ages in named)
    return stacks(typeset("Reste dû de chaque client, par ancienneté"), typeset(" ; ".join(said)), rows) if rows else ""


def _by_age(ages: Ages, code: str) -> str:
    return ", ".join(f"{label} {eur(each, code)}" for label, each in zip(AGE_LABELS, ages, strict=True) if each)


def _told(rows: Sequence[Bar]) -> str:
    return typeset(" ; ".join(f"{row.label} : {row.said}" for row in rows))


def _month(point: Point) -> str:
    return f"{MONTHS[point.on.month - 1]} {point.on.year}"


def _trend_drawn(points: Sequence[Point], code: str) -> str:
    """Two lines; nothing where there is one point alone."""
    if len(points) < _MORE_THAN_ONE:
        return ""
    ends = _month(points[0]), _month(points[-1])
    said = " ; ".join(
        f"{_month(each)} : {eur(each.outstanding, code)} dont {eur(each.overdue, code)} en retard" for each in points
    )
    most = max(each.outstanding for each in points)
    lines = [
        Curve("reste dû", [float(each.outstanding) for each in points], "owed"),
        Curve("en retard", [float(each.overdue) for each in points], "late"),
    ]
    title = typeset("Reste dû et retard à la fin de chaque mois")
    return curves(title, typeset(said), ends, eur(most, code), lines)


def _late_rows(figures: Figures, tasks: Sequence[Task], today: date) -> Iterator[dict[str, Any]]:
    """Who is late, the oldest first: whom to reach, for how much, what was said last and what is to be done."""
    asked = grouped([(customer_id(task.customer), task) for task in tasks if task.customer is not None], itemgetter(0))
    agreed = grouped(figures.coming.agreed, lambda each: each.customer)
    late = grouped(_late_lines(figures), lambda line: customer_id(line.invoice.customer))
    for owing in figures.customers:
        if owing.ages.overdue:
            last, customer = owing.last_contact, owing.customer
            doing = [_DOING.get(task.kind, task.kind) for _, task in asked.get(customer_id(customer), ())]
            waiting = [f"promis pour le {brief_date(each.on, today)}" for each in agreed.get(customer.name, ())]
            yield {
                "customer": customer,
                "overdue": owing.ages.overdue,
                "late": brief_lateness(owing.oldest_days),
                "last": f"{CHANNELS[last.channel]} du {brief_date(last.on, today)}" if last is not None else "aucun",
                "todo": ", ".join(dict.fromkeys([*doing, *waiting])) or _awaited(late.get(customer_id(customer), ())),
            }


def _late_lines(figures: Figures) -> list[Line]:
    return [each.bill.line for each in figures.open_bills if each.bill.line.days_overdue > 0]


def _awaited(lines: Iterable[Line]) -> str:
    """What the late invoices of one customer wait for, of whom nothing is asked: the next run, a day, an answer."""
    said = [*dict.fromkeys(map(_awaits, lines))]
    return ", ".join([*said[:_FIRST], *(["…"] if len(said) > _FIRST else [])])


def _awaits(line: Line) -> str:
    if line.decision is Decision.REMIND and line.acting is not None:
        return typeset(f"{line.acting.label} à envoyer")
    return glance(line)


def _pace(figures: Figures) -> Iterator[tuple[str, str, str]]:
    """The figures of speed, each with the sentence by which it can be made again by hand."""
    pace = figures.pace
    yield (
        "Délai réel de paiement",
        in_days(pace.to_pay),
        f"De la date de facture au règlement, pondéré par les montants, factures réglées depuis {WINDOW} jours.",
    )
    yield (
        "Retard moyen",
        in_days(pace.late),
        "De l’échéance au règlement, de même ; un règlement en avance compte pour zéro.",
    )
    yield (
        "DSO (par épuisement)",
        in_days(pace.countback),
        "Le nombre de jours de facturation, en remontant depuis aujourd’hui, qu’il faut pour retrouver le reste dû.",
    )
    yield (
        "DSO simple",
        in_days(pace.simple),
        f"Reste dû, divisé par ce qui a été facturé TTC en {pace.window} jours, multiplié par {pace.window}.",
    )
    yield (
        "DSO au mieux",
        in_days(pace.best),
        "De même, avec ce qui n’est pas encore échu : la différence est ce que les relances peuvent gagner.",
    )
    yield (
        "Taux de recouvrement",
        _percent(pace.effectiveness),
        f"Encaissé sur {WINDOW} jours, en part de ce qui pouvait l’être : (dû au début + facturé − dû aujourd’hui) ÷ "
        "(dû au début + facturé − non échu).",
    )


def _percent(measure: Measure) -> str:
    return unknown(measure) if measure.value is None else f"{_tenths(measure.value)}{NO_BREAK}% {counted(measure)}"


def _tenths(value: Decimal) -> str:
    return f"{tenth(value)}".replace(".", ",")


def _stages(results: Iterable[StageResult], labels: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """What came in after each stage, and under it, what came in where nothing was sent."""
    for result in results:
        label = labels.get(result.stage, result.stage)
        yield _outcome(label, result.contacted) | {"sent": True}
        if result.nothing_sent is not None:
            yield _outcome(typeset(f"{label} : rien d’envoyé"), result.nothing_sent) | {"sent": False}


def _outcome(label: str, outcome: Yield) -> dict[str, Any]:
    return {
        "label": label,
        "outcome": outcome,
        "percent": TOO_FEW if outcome.percent is None else f"{_tenths(outcome.percent)}{NO_BREAK}%",
        "median": TOO_FEW if outcome.median_days is None else f"{_tenths(outcome.median_days)} jours",
    }


_HELD = {
    Reason.REFUSED_INVOICE: ("refusée", "refusées"),
    Reason.SUSPENDED: ("suspendue", "suspendues"),
    Reason.NOT_RECEIVED: ("jamais arrivée", "jamais arrivées"),
}
"""What is said of one invoice, and of several, that a platform's status holds."""


def _on_platform(held: Sequence[Withheld], code: str) -> str:
    """« Sur la plateforme : 2 refusées (900,00 €), 1 suspendue (…) », and which of it is owed; empty without any."""
    told = [f"{plural(each.invoices, *_HELD[each.reason])} ({eur(each.amount, code)})" for each in held]
    apart = " Refusée ou jamais arrivée, une facture n’est pas dans le reste dû." if _has_apart(held) else ""
    return typeset(f"Sur la plateforme : {listing(told)}.{apart}") if told else ""


def _has_apart(held: Iterable[Withheld]) -> bool:
    return not all(each.counted for each in held)


def _habit(owing: Owing, labels: Mapping[str, str]) -> dict[str, Any]:
    habits = owing.habits
    usual = habits.usual_stage
    middle = habits.median_days
    return {
        "name": owing.customer.name,
        "paid": habits.paid,
        "median": TOO_FEW if middle is None else paid_in(middle),
        "worst": days(habits.worst_days) if enough(habits.paid) and habits.worst_days is not None else "",
        "on_time": f"{habits.on_time} sur {habits.paid}" if habits.paid else "",
        "stage": "" if usual is None else labels.get(usual, usual) if usual else "sans relance",
        "promises": f"{habits.kept} sur {habits.made}" if habits.made else "",
    }
