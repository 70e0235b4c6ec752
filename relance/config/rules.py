"""The [[customers]] rules, applied to a customer as the files tell it."""

import re
from collections.abc import Iterable

from relance.config.values import CustomerRule
from relance.core.interest import OwnTerms
from relance.core.invoice import Customer, normalised_name

_SPACES = re.compile(r"\s")


def matches(customer: Customer, match: str) -> bool:
    """True where `match` is the customer's exact code, its SIRET, one of its e-mails, or its normalised name."""
    wanted = match.strip()
    if not wanted:
        return False
    digits = _SPACES.sub("", wanted)
    return (
        (customer.code != "" and wanted == customer.code)
        or (customer.siret != "" and digits == _SPACES.sub("", customer.siret))
        or any(wanted.casefold() == email.casefold() for email in customer.emails)
        or normalised_name(wanted) == normalised_name(customer.name)
    )


def apply_rules(customer: Customer, rules: Iterable[CustomerRule]) -> Customer:
    """The customer with what the rules say of it; where two match, the later one has the last word.

    Rules look at the customer as the file tells it, so one rule never makes another match. An exclusion that the file
    states stays: what stands in the file ends in the file.
    """
    found = customer
    for rule in rules:
        if matches(customer, rule.match):
            found = found._replace(
                kind=rule.kind or found.kind,
                profile=rule.profile or found.profile,
                schedule=rule.schedule or found.schedule,
                terms=_terms(found.terms, rule.terms),
                formality=rule.formality or found.formality,
                language=rule.language or found.language,
                excluded=found.excluded or rule.exclude,
                emails=rule.emails or found.emails,
                cc=rule.cc or found.cc,
            )
    return found


def _terms(before: OwnTerms | None, said: OwnTerms | None) -> OwnTerms | None:
    """What two rules say of one customer's charges: each value from the later rule that gives it."""
    if before is None or said is None:
        return said or before
    return before._replace(**{name: value for name, value in said._asdict().items() if value is not None})
