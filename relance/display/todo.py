"""What a person has to do today as the last lines of the screen: numbered, each with its command, many alike as one."""

from collections.abc import Iterable, Iterator, Sequence

from relance.core.plan import About, Task, grouped
from relance.core.reasons import Reason, Uncertain
from relance.display.breaking import places, wrapped
from relance.display.layout import NAME, Cell, Column, columns
from relance.display.lines import each_with_reply, ends_of_draft, instead_of, sentence
from relance.display.tasks import (
    Remedy,
    address_cure,
    brief_numbers,
    numbers_of,
    owed_sum,
    said_way,
    task_text,
    ways_of,
)
from relance.display.waiting import glance
from relance.french import brief_date, command, eur, plural, setting, typeset

_ALIKE = 3
"""From so many on, tasks of one kind are one list; two drafts are one."""
_SHOWN = 8
"""So many of them are shown: what is above the list stays on the screen."""
_BESIDE = 30
"""Places that such a list keeps for what stands beside the command."""


def todo_lines(
    tasks: Sequence[Task], width: int, files: str = "", *, noted: bool = True, others: str = ""
) -> Iterator[str]:
    """« À faire (2) », then each task, or each kind of which there are many, with its number.

    `files` and `noted` are as in ways_of; where nothing can be noted yet, the last line says what is to be done first.
    Of a long list of like tasks the first are shown, and `others` is the command that shows all; empty: they are.
    """
    if not tasks:
        return
    yield typeset(f"À faire ({len(tasks)})")
    blocks, answers = list(_blocks(tasks, width - _BESIDE)), {id(task): below for task, below in each_with_reply(tasks)}
    digits = len(str(len(blocks)))
    for i, same in enumerate(blocks, 1):
        head = f"  {i:>{digits}}  "
        ways = [ways_of(task, files, noted=noted) for task in same]
        yield from _one(same[0], head, width, ways[0]) if len(same) == 1 else _many(same, head, width, ways, others)
        for line in answers[id(same[0])] if len(same) == 1 else ():
            yield from wrapped(line, width, " " * len(head), " " * (len(head) + 2))
    if not noted:
        yield from wrapped(typeset(_FIRST), width, "  ")


_FIRST = "Pour répondre, noter et envoyer, écrivez d’abord vos réglages → relance init"


def _blocks(tasks: Iterable[Task], room: int) -> Iterator[list[Task]]:
    """The tasks one by one, those of a kind together where they are many; in the place of the first."""
    for key, same in grouped(tasks, _kind).items():
        drafts = _is_of_draft(same[0])
        if key[0] and len(same) >= (2 if drafts else _ALIKE) and (drafts or _are_short(same, room)):
            yield same
        else:
            yield from ([task] for task in same)


def _kind(task: Task) -> tuple[str, ...]:
    """What tasks share that are done alike; empty for one that stands for many already."""
    line, label = task.lines[0], task.stage.label if task.stage is not None else ""
    if isinstance(line.why, Uncertain):
        from relance.display.bank import deceives

        made, currency = line.why.made, line.invoice.currency
        plain = len(task.lines) == 1 and made.credit.amount > 0 and made.credit.currency == currency
        return ("credit",) if plain and not deceives(made) else ("",)
    alone = task.kind == "sms" or line.reason is Reason.ANSWERED or task.about in (About.KIND, About.RATE)
    if task.customer is None or alone:
        return ("",)
    if task.about is About.ADDRESS:
        return (task.about, task.kind)
    if task.about is not None and task.about is not About.SILENCE:
        return ("about", task.about)
    if task.kind == "review":
        return ("review", line.reason, sentence(line) if _is_of_draft(task) else "")
    return (task.kind, label if task.kind in ("approve", "letter") else "")


def _are_short(same: Iterable[Task], room: int) -> bool:
    """Whether the command of each has its place beside the rest of its line."""
    asked = [task for task in same if task.about is not About.ADDRESS]
    return all(places(way.command) <= room for task in asked for way in ways_of(task)[:1])


def _is_of_draft(task: Task) -> bool:
    """Whether it asks what became of a draft: those of one day, found alike, are one list whatever its commands."""
    return task.about is None and task.lines[0].reason is Reason.DRAFTED


def _one(task: Task, head: str, width: int, ways: Sequence[Remedy]) -> Iterator[str]:
    text, under = task_text(task), " " * len(head)
    whole = [line.invoice.number for line in task.lines]
    if task.customer is not None:
        whole.append(task.customer.phone)
    if task.about is About.ADDRESS:
        whole.append(address_cure(task))
    pasted = _pasted(task)
    if pasted:
        text = text.removesuffix(address_cure(task)).rstrip(" ")
    joined = head + text + "".join(map(said_way, ways))
    if len(ways) <= 1 and not pasted and places(joined) <= width:
        yield joined
        return
    yield from wrapped(text, width, head, under, whole)
    yield from (f"{under}  {line}" for line in pasted)
    for way in ways:
        yield from wrapped(said_way(way).strip(), width, under, under)


def _pasted(task: Task) -> tuple[str, ...]:
    """Where an address goes, as lines to paste at the end of relance.toml; none where it goes elsewhere."""
    asked = task.about is About.ADDRESS and task.word and not task.in_block
    return ("[[customers]]", setting("match", task.word), 'email = "…"') if asked else ()


def _many(same: Sequence[Task], head: str, width: int, ways: Sequence[Sequence[Remedy]], others: str) -> Iterator[str]:
    """What they are, then one line each: customer, sum, the command; of what is to be checked, what it is about.

    Commands that are too long to stand beside are each on a line below.
    """
    under, calls = " " * len(head), any(task.kind == "call" for task in same)
    note = _note(same[0]) if any(ways) else ""
    yield from wrapped(_title(same) + (f" ({note})" if note else ""), width, head, under)
    if _is_of_draft(same[0]) and any(ways):
        _, said, other = ends_of_draft(same[0].lines[0])
        yield from wrapped(typeset(f"{said}, par exemple → ") + other, width, under)
    most = _SHOWN // 2 if _is_of_credit(same[0]) else _SHOWN  # of which each has two answers
    shown = most if others and len(same) > most + 1 else len(same)
    beside = _are_short(same, width - _BESIDE)
    rows = [_row(task, each if beside else each[:0]) for task, each in zip(same[:shown], ways[:shown], strict=True)]
    spec = (
        Column(least=8, most=NAME),
        Column(right=True, most=18) if calls else Column(least=8),
        Column(right=True),
        Column(least=0),
        Column(most=width),
    )
    for row, each in zip(columns(rows, spec, width, under), ways, strict=False):
        yield row
        for way in () if beside else each[:1]:
            yield from wrapped(f"→ {way.command}", width, f"{under}  ")
        for way in each[1:] if _is_of_credit(same[0]) else ():
            yield _below(row, f"{way.note} ", f"→ {way.command}", width)
    if left := len(same) - shown:
        others = command("bank") if _is_of_credit(same[0]) else others
        yield from wrapped(f"{plural(left, 'autre')} → {others}", width, under)


def _below(row: str, when: str, typed: str, width: int) -> str:
    """Another command under that of a row, so that their arrows meet where there is room."""
    room = width - places(typed)
    return when.rjust(max(min(places(row.partition("→")[0]), room), places(when))) + typed


def _note(task: Task) -> str:
    """What may be typed instead, or when it is to be typed; of a draft or a credit it is a command of its own."""
    return "" if _is_of_draft(task) or _is_of_credit(task) else instead_of(task.lines[0])


def _is_of_credit(task: Task) -> bool:
    return isinstance(task.lines[0].why, Uncertain)


def _row(task: Task, ways: Sequence[Remedy]) -> list[Cell]:
    assert task.customer is not None
    line = task.lines[0]
    if isinstance(line.why, Uncertain):
        from relance.core.payers import payer_name

        credit, today = line.why.made.credit, line.case.today
        paid = eur(credit.amount, credit.currency)
        return [payer_name(credit) or credit.label, brief_date(credit.on, today), paid, "", f"→ {ways[0].command}"]
    told = task.kind in ("confirm", "review") and task.about is None
    number = numbers_of(task) if task.about is About.ADDRESS or not ways else ""
    number = brief_numbers(task.lines) if _is_of_draft(task) else number
    return [
        task.customer.name,
        task.customer.phone if task.kind == "call" else number,
        owed_sum(task.lines),
        glance(line) if told and line.reason is Reason.CHANGED else "",
        said_way(ways[0]._replace(note="")).strip() if ways and task.about is not About.ADDRESS else "",
    ]


def _title(same: Sequence[Task]) -> str:
    """What all of them are to be done."""
    count, first = len(same), same[0]
    label = first.stage.label if first.stage is not None else ""
    if _is_of_credit(first):
        return typeset(f"Dire si ces {plural(count, 'versement')} paient la facture")
    if first.about is About.ADDRESS:
        where = "leur adresse e-mail se met dans votre fichier, ou dans [[customers]] (match, email)"
        who = "Appeler" if first.kind == "call" else "Trouver où écrire à"
        return typeset(f"{who} {plural(count, 'client')} : {where}")
    if first.about is About.FINISHED:
        from relance.display.ways import means  # imported here: few plans come to the end of a ladder

        left = means(*(task.forum for task in same))
        return typeset(f"Choisir la suite ({left}) : {plural(count, 'client')}")
    if first.about is not None and first.about is not About.SILENCE:
        return typeset(f"{_ABOUT[first.about]} : {plural(count, 'client')}")
    match first.kind:
        case "approve":
            return typeset(f"Valider : {label}, {plural(count, 'facture')}")
        case "letter":
            return typeset(f"Poster : {label}, {plural(count, 'lettre')}")
        case "call":
            return f"Appeler {plural(count, 'client')}"
        case "confirm":
            return f"Vérifier {plural(count, 'facture')}"
    if _is_of_draft(first):
        return typeset(f"Revoir {plural(count, 'message')} : ") + sentence(first.lines[0])
    return typeset(f"Revoir {plural(count, 'facture')} : {_bare(glance(first.lines[0]))}")


def _bare(text: str) -> str:
    """Without its day: « réponse reçue »."""
    return text.partition(" le ")[0].partition(" du ")[0].partition(",")[0]


_ABOUT = {
    About.BROKEN_PROMISE: "Appeler, promesse non tenue",
    About.CASH: "Convenir d’un échéancier",
    About.INSTALMENT: "Appeler, échéance pas reçue",
    About.PLAN_PAID: "Mettre fin à l’échéancier réglé",
}
