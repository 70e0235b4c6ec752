"""The report in each of its forms; the JSON that other programs rely on."""

import json
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from relance.core.bills import Bill
from relance.core.coming import Coming
from relance.core.figures import Ages, Claimable, Figures, Owing, cost_in_sales
from relance.core.pace import Measure, tenth
from relance.core.stage_results import StageResult, Yield
from relance.display import terminal
from relance.display.documents import Document, amount, left_out, left_out_sums
from relance.display.report_lines import in_cents

if TYPE_CHECKING:
    from relance.runs.report import Reported

AGES = ("not_due", "1_30", "31_60", "61_90", "over_90")
"""The names of the ages in JSON, youngest first."""


def rendered(reported: "Reported", form: str) -> bytes:
    """The report as `html`, `json`, `csv` or `xlsx`."""
    from relance.display.report_tables import csv_of, xlsx_of

    if form == "html":
        from relance.display.report_page import page_of

        return page_of(reported).encode()
    if form == "json":
        return (json.dumps(report_document(reported), ensure_ascii=False) + "\n").encode()
    return csv_of(reported) if form == "csv" else xlsx_of(reported)


def print_report(reported: "Reported", form: str) -> None:
    """The report as `json` or `csv` on standard output."""
    if form == "json":
        terminal.say_json(report_document(reported))
        return
    from relance.display.report_tables import csv_text

    terminal.say(csv_text(reported).rstrip("\n"))


def report_document(reported: "Reported") -> Document:
    """The figures of the main currency (version 1), those of others under `other_currencies`."""
    first, *others = (_currency(figures, reported.margin) for figures in reported.figures)
    return {
        "version": 1,
        "today": reported.planned.plan.today.isoformat(),
        **first,
        "other_currencies": others,
        "left_out": _left_out(reported),
    }


def _currency(figures: Figures, margin: Decimal | None) -> Document:
    pace, overdue = figures.pace, figures.ages.overdue
    return {
        "currency": figures.currency,
        "outstanding": amount(figures.ages.outstanding),
        "overdue": amount(overdue),
        "aged": _aged(figures.ages),
        "credit_notes": amount(figures.credits),
        "customers": [_customer(owing) for owing in figures.customers],
        "dso": {
            "countback": _tenth(pace.countback),
            "invoices": pace.countback.invoices,
            "simple": _tenth(pace.simple),
            "best": _tenth(pace.best),
            "days": pace.window,
        },
        "days_to_pay": {"weighted": _tenth(pace.to_pay), "late": _tenth(pace.late), "invoices": pace.to_pay.invoices},
        "collection_effectiveness": _tenth(pace.effectiveness),
        "paid_without_date": pace.without_day,
        "stages": [_stage(each) for each in figures.stages],
        "trend": [
            {"month": f"{each.on:%Y-%m}", "outstanding": amount(each.outstanding), "overdue": amount(each.overdue)}
            for each in figures.trend
        ],
        "coming": _coming(figures.coming),
        "claimable": _claimable(figures.claimable),
        "limitation": [_of_bill(each.bill, each.on) for each in figures.limits],
        "forecast": [_of_bill(each.bill, each.foreseen) for each in figures.open_bills if each.foreseen is not None],
        "platform": [
            {"reason": each.reason.value, "invoices": each.invoices, "amount": amount(each.amount)}
            for each in figures.on_platform
        ],
        "sales_to_make_up": amount(in_cents(cost_in_sales(overdue, margin))) if margin else None,
    }


def _stage(result: StageResult) -> Document:
    told, silent = _outcome(result.contacted), result.nothing_sent
    return {
        "stage": result.stage,
        "contacted": told.pop("invoices"),
        "contacted_amount": told.pop("owed"),
        **told,
        "nothing_sent": None if silent is None else _outcome(silent),
    }


def _outcome(outcome: Yield) -> Document:
    return {
        "invoices": outcome.cases,
        "owed": amount(outcome.asked),
        "pending": outcome.pending,
        "paid_within_14_days": outcome.paid,
        "amount": amount(outcome.amount),
        "percent": None if outcome.percent is None else str(tenth(outcome.percent)),
        "median_days": _number(outcome.median_days),
    }


def _coming(coming: Coming) -> Document:
    agreed = [
        {
            "date": each.on.isoformat(),
            "customer": each.customer,
            "amount": amount(each.amount),
            "kind": "instalment" if each.instalment else "promise",
        }
        for each in coming.agreed
    ]
    return {"week": amount(coming.week), "month": amount(coming.month), "agreed": agreed}


def _claimable(costs: Claimable) -> Document:
    return {
        "interest": amount(costs.interest),
        "recovery_fees": amount(costs.fees),
        "paid_late_interest": amount(costs.paid_interest),
        "paid_late_fees": amount(costs.paid_fees),
    }


def _of_bill(bill: Bill, on: date) -> Document:
    return {"invoice": bill.line.invoice.number, "date": on.isoformat(), "outstanding": amount(bill.owed)}


def _aged(ages: Ages) -> Document:
    return dict(zip(AGES, map(amount, ages), strict=True))


def _customer(owing: Owing) -> Document:
    habits, last = owing.habits, owing.last_contact
    return {
        "customer": owing.customer.name,
        "outstanding": amount(owing.ages.outstanding),
        "overdue": amount(owing.ages.overdue),
        "oldest_days": owing.oldest_days,
        "aged": _aged(owing.ages),
        "credit_notes": amount(owing.credits),
        "paid_invoices": habits.paid,
        "median_days_late": _number(habits.median_days),
        "worst_days_late": habits.worst_days,
        "paid_on_time": habits.on_time,
        "usual_stage": habits.usual_stage,
        "promises_kept": habits.kept,
        "promises_made": habits.made,
        "last_contact": last.on.isoformat() if last is not None else None,
    }


def _tenth(measure: Measure) -> str | None:
    return None if measure.value is None else str(tenth(measure.value))


def _number(value: Decimal | None) -> int | float | None:
    """A whole number as one."""
    return None if value is None else int(value) if value == int(value) else float(value)


def _left_out(reported: "Reported") -> Document:
    rows = left_out(reported.planned)
    sums = left_out_sums(rows)
    return {"rows": len(rows), "amounts": [{"currency": code, "amount": amount(found)} for code, found in sums.items()]}
