"""Which invoice or customer a person means: exact number, code, SIRET, e-mail, whole name; else what is wrong.

What differs from one number or name alone by case, accents, signs, spaces or leading zeros is understood as that one;
anything nearer a guess is proposed, each with the command that says so.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from relance.config.values import meant
from relance.core.invoice import Customer, Invoice, customer_id, keyed, normalised_name, normalised_number, paid_until
from relance.core.naming import Register, customers_named, invoices_named, register, word_for
from relance.core.plan import Line
from relance.core.policy import Stage
from relance.core.reasons import Reason
from relance.errors import Again, UsageError
from relance.french import command, eur, short_date
from relance.runs.dossier import Desk


class Target(NamedTuple):
    """One invoice, or one customer with all their invoices; `key` is what facts are recorded under."""

    key: str
    invoices: tuple[Invoice, ...]
    customer: Customer
    invoice: Invoice | None = None

    @property
    def name(self) -> str:
        """What a person calls it."""
        return self.invoice.number if self.invoice else self.customer.name


class StandingError(UsageError):
    """What is asked does not fit where this invoice or customer stands; `show` tells (how: `tells`)."""

    def __init__(self, name: str, sentence: str, tells: str = "dit où elle en est") -> None:
        super().__init__(sentence, f"« {command('show', name)} » {tells}.")


class UnknownStageError(UsageError):
    """No stage of the invoice's ladder has this key; `outside` are those that are on no ladder."""

    def __init__(self, key: str, stages: Iterable[Stage], outside: Iterable[Stage] = ()) -> None:
        known = [*stages, *outside]
        words = {form: stage.key for stage in known for form in (stage.key, _folded(stage.label))}
        near = list(dict.fromkeys(words[form] for form in get_close_matches(_folded(key), words, 1, 0.72)))
        told = ", ".join(f"{stage.label.removeprefix('relance ')} ({stage.key})" for stage in known)
        super().__init__(f"Étape inconnue : « {key} ».", f"Étapes : {told}.", [Again(key, word) for word in near])


def check_paid(line: Line, verb: str) -> None:
    """UsageError where nobody can be thanked; `verb` is what was asked of the thank-you, in French."""
    if line.reason is not Reason.PAID:
        number = line.invoice.number
        raise StandingError(number, f"{number} n’est pas réglée : il n’y a pas de remerciement à {verb}.")


_STAGE_WORDS = {
    "mise en demeure": "formal_notice",
    "demeure": "formal_notice",
    "med": "formal_notice",
    "merci": "thanks",
}
"""What else the stages of the default ladder are called, without accents."""


def stage_called(text: str, stages: Iterable[Stage]) -> Stage | None:
    """The stage of this key, or whose label these words are, with or without « relance »; None where there is none."""
    by_key = {stage.key: stage for stage in stages}
    by_label = {_folded(stage.label): stage for stage in by_key.values()}
    wanted = _folded(text)
    return by_key.get(text) or by_label.get(wanted) or by_key.get(_STAGE_WORDS.get(wanted, wanted.replace(" ", "_")))


def _folded(label: str) -> str:
    return normalised_name(label).replace("-", " ").removeprefix("relance ")


def find_target(text: str, invoices: Sequence[Invoice]) -> Target:
    """The invoice or customer that `text` names; UsageError where there is none, or more than one."""
    known, text = register(keyed(invoices)), meant(text)
    named = _named(text, known)
    if named is None and not customers_named(text, known):
        text = _meant(text, [*_numbers(known), *_names(known)]) or text
        named = _named(text, known)
    if named is not None:
        key, invoice = named
        return Target(key, (invoice,), invoice.customer, invoice)
    found = customers_named(text, known)
    if len(found) > 1:
        raise _several(text, [_Word(text, word_for(c, known), _who(c)) for c in found.values()])
    for key, customer in found.items():
        return Target(key, tuple(i for i in invoices if customer_id(i.customer) == key), customer)
    near = _near(text, [*_numbers(known), *_names(known)])
    raise _unknown(text, "« {} » n’est ni une facture ni un client de ce fichier.", near)


def is_target(text: str, invoices: Sequence[Invoice]) -> bool:
    """Whether `text` names an invoice or a customer as it stands, one or more."""
    known, text = register(keyed(invoices)), meant(text)
    return bool(invoices_named(text, known) or customers_named(text, known))


def find_line(text: str, desk: Desk) -> Line:
    """The line in the plan of the day of the invoice that `text` names (see find_invoice)."""
    (line,) = desk.lines_of([find_invoice(text, desk.invoices)])
    return line


def find_invoice(text: str, invoices: Sequence[Invoice]) -> Invoice:
    """The invoice that `text` names by its number, or by number/year where a number comes back each year."""
    known, text = register(keyed(invoices)), meant(text)
    found = _named(text, known) or _named(_meant(text, list(_numbers(known))), known)
    if found is not None:
        return found[1]
    customers = customers_named(text, known) or customers_named(_meant(text, _names(known)), known)
    if customers:
        raise _unknown(text, "« {} » est un client : de quelle facture s’agit-il ?", _owed_by(customers, known))
    near = _near(text, _numbers(known))
    if not near:
        names = {word.word for word in _near(text, _names(known))}
        customers = {key: c for word in names for key, c in customers_named(word, known).items()}
        near = _owed_by(customers, known)
    raise _unknown(text, "Aucune facture ne porte le numéro « {} » dans ce fichier.", near)


_MOST = 8
"""Invoices of one customer that are named."""


def _named(text: str, known: Register) -> tuple[str, Invoice] | None:
    """The one invoice of this number with its key, None where there is none; UsageError where there are more."""
    found = invoices_named(text, known)
    if len(found) > 1:
        raise _several(text, [_Word(text, key, _of(invoice)) for key, invoice in found])
    return found[0] if found else None


class _Word(NamedTuple):
    """What may be typed for an invoice or a customer, the word that names it and nothing else, and what that is."""

    form: str
    word: str
    about: str


def _numbers(known: Register) -> list[_Word]:
    pairs = [pair for found in known.numbers.values() for pair in found]
    return [_Word(invoice.number, _word(invoice, known), _of(invoice)) for _, invoice in pairs]


def _names(known: Register) -> list[_Word]:
    """Of each customer its name, its code and its addresses."""
    customers = {key: customer for found in known.customers.values() for key, customer in found.items()}
    named = [(each, (each.name, each.code, *each.emails)) for each in customers.values()]
    return [_Word(form, _name(each, known), _who(each)) for each, forms in named for form in forms if form]


def _name(customer: Customer, known: Register) -> str:
    """The name where it is one customer's alone, for it is what a person knows; else the first word that is."""
    alone = len(customers_named(customer.name, known)) == 1 and not invoices_named(customer.name, known)
    return customer.name if alone else word_for(customer, known)


def _owed_by(customers: Iterable[str], known: Register) -> list[_Word]:
    """The first invoices of these customers (by identity) that their file does not show as paid."""
    wanted = set(customers)
    pairs = [pair for found in known.numbers.values() for pair in found]
    owed = [i for _, i in pairs if customer_id(i.customer) in wanted and paid_until(i, date.max) < i.total]
    told = [f"{i.customer.name}, {eur(i.total, i.currency)}, échéance {short_date(i.due_date)}" for i in owed]
    return [_Word(i.number, _word(i, known), about) for i, about in zip(owed, told, strict=True)][:_MOST]


def _word(invoice: Invoice, known: Register) -> str:
    """The number of an invoice, with its year where another one has it too."""
    found = invoices_named(invoice.number, known)
    return next((key for key, each in found if each is invoice and len(found) > 1), invoice.number)


def _who(customer: Customer) -> str:
    return f"{customer.name}, {', '.join(customer.emails) or customer.code or 'sans adresse'}"


def _of(invoice: Invoice) -> str:
    return f"{invoice.customer.name}, {eur(invoice.total, invoice.currency)}"


_AHEAD = re.compile(r"^(?:FACTURE|FACT\.?|N[°Oº]\.?|#)\s*(?=\S*[0-9])")


def _parts(word: str) -> tuple[str, ...]:
    """The letters and figures of a word, zeros before a figure left out: F-2026-041 is F, 2026, 41."""
    plain = normalised_name(_AHEAD.sub("", normalised_number(word)))
    return tuple(part.lstrip("0") or "0" for part in re.findall(r"[0-9]+|[^\W\d_]+", plain))


def _squeezed(word: str) -> tuple[str, ...]:
    """The same without its signs and spaces, zeros kept: F2026041."""
    return ("".join(re.findall(r"[^\W_]", normalised_name(_AHEAD.sub("", normalised_number(word))))),)


def _meant(text: str, words: Sequence[_Word]) -> str:
    """The one word that `text` is but for its signs, spaces, capitals and zeros; empty where none or several are."""
    for form in (_squeezed, _parts):
        wanted = form(text)
        found = {each.word for each in words if form(each.form) == wanted}
        if any(wanted) and len(found) == 1:
            return found.pop()
    return ""


def _near(text: str, words: Sequence[_Word]) -> list[_Word]:
    """At most three: those that end in what was typed or hold it, else those that are spelled nearly so.

    Of numbers, all of which look alike, those are near that are one slip away.
    """
    parts, (squeezed,) = _parts(text), _squeezed(text)
    if not squeezed:
        return []
    alike = [each for each in words if _parts(each.form) == parts or _squeezed(each.form) == (squeezed,)]
    ends = [each for each in words if _parts(each.form)[-len(parts) :] == parts]
    holds = [each for each in words if len(squeezed) > 2 and squeezed in _squeezed(each.form)[0]]
    forms = {_squeezed(each.form)[0]: each for each in words}
    numbered = any(map(str.isdecimal, squeezed))
    close = [
        forms[form]
        for form in get_close_matches(squeezed, forms, 8, 0.7)
        if _one_slip(squeezed, form) or not (numbered and any(map(str.isdecimal, form)))
    ][:3]
    return list({each.word: each for each in (*alike, *ends, *holds, *close)}.values())[:3]


def _one_slip(typed: str, meant: str) -> bool:
    """Whether one sign is wrong, too much or lacking, or two have changed places."""
    same = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    a, b = typed[same:], meant[same:]
    return b[1:] == a[1:] or b == a[1:] or b[1:] == a or (b[:2], b[2:]) == (a[1::-1], a[2:])


def _unknown(text: str, sentence: str, near: Sequence[_Word]) -> UsageError:
    """That nothing has this name, with the command for each that is near."""
    again = [Again(text, each.word, about=each.about) for each in near]
    return UsageError(sentence.format(text), "" if again else "« relance plan » montre les numéros et les noms.", again)


def _several(text: str, words: Sequence[_Word]) -> UsageError:
    again = [Again(text, each.word, about=each.about) for each in words]
    return UsageError(f"« {text} » désigne plusieurs choses.", again=again)
