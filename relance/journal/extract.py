"""The lines of the journal about some invoices, as a file that stands by itself (journal.txt of an evidence folder).

Each line is JSON: what was written, its place in the chain of the whole journal (`entry`, `hash`, and the `salt` that
its digest there was made with), the `sha256` of the line before it here (`before`), and its own. That is the SHA-256
(UTF-8) of the line as it stands without its last member, `,"sha256":"..."`.
"""

import json
import re
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from hashlib import sha256

from relance.core.facts import Credited
from relance.core.invoice import held_target
from relance.journal.rows import NAMES
from relance.journal.said import TAKEN_BACK
from relance.journal.sealing import DELIVERY, FACT, START, STATE, contents_of

_LAST, _BEFORE = r',"sha256":"([0-9a-f]{64})"\}$', r',"before":"([0-9a-f]{64})"\}$'


def extract(db: sqlite3.Connection, about: Collection[str], but: Collection[int] = ()) -> list[str]:
    """The lines about these invoices (keys) or customers (ids), oldest first, without line ends; the same each time.

    `but` are the numbers of messages that are not to be shown, whatever they are about. What was taken back is among
    the lines, with what took it back; what was erased is not, nor a credit of the bank that pays others too.
    """
    lines, before = list[str](), START
    for said in _written(db, about, frozenset(but)):
        text = json.dumps(said | {"before": before}, ensure_ascii=False, separators=(",", ":"))
        before = sha256(text.encode()).hexdigest()
        lines.append(f'{text[:-1]},"sha256":"{before}"}}')
    return lines


def first_broken(lines: Iterable[str]) -> int | None:
    """The number (from 1) of the first line that is not what was written there, None where all are."""
    expected = START
    for number, line in enumerate(lines, 1):
        last = re.search(_LAST, line)
        text = re.sub(_LAST, "}", line)
        before = re.search(_BEFORE, text)
        if last is None or before is None or before[1] != expected or sha256(text.encode()).hexdigest() != last[1]:
            return number
        expected = last[1]
    return None


def _written(db: sqlite3.Connection, about: Collection[str], but: frozenset[int]) -> Iterator[dict[str, object]]:
    """What each entry about these seals, as it is to be shown."""
    facts, deliveries = rows_about(db, about)
    contents = contents_of(db)
    wanted = {FACT: facts, DELIVERY: deliveries - but, STATE: deliveries - but}
    sealed_by = "SELECT max(n) FROM chain GROUP BY what, row"  # of a message that was mended, as it stands now
    newest = {n for (n,) in db.execute(sealed_by)}
    for n, at, what, row, salt, content, digest in db.execute(
        "SELECT n, at, what, row, salt, content, hash FROM chain ORDER BY n"
    ):
        text = content or (contents.get((what, row)) if n in newest else None)
        if row in wanted.get(what, ()) and salt is not None and text is not None:
            said = json.loads(text)
            if what == FACT and not _is_ours(said["kind"], said["payload"], about):
                continue
            yield {"entry": n, "at": at, "what": what, "row": row, "content": said, "salt": salt, "hash": digest}


def _is_ours(kind: str, payload: str, about: Collection[str]) -> bool:
    """False for a credit of the bank that pays others too or shows an account, and for what takes such a word back."""
    with suppress(LookupError, TypeError, ValueError):
        told = json.loads(payload)
        if kind == TAKEN_BACK:
            return _is_ours(told[1], told[2], about)
        if kind == NAMES[Credited]:
            return not told["iban"] and all(share["invoice"] in about for share in told["shares"])
    return True


def rows_about(db: sqlite3.Connection, about: Collection[str]) -> tuple[frozenset[int], frozenset[int]]:
    """The numbers of the facts and of the deliveries that name one of these invoices (keys) or customers (ids)."""
    is_one = named(about)
    rows = db.execute("SELECT id, payload FROM facts")
    facts = frozenset(row for row, payload in rows if any(map(is_one, texts_in(payload))))
    keys = db.execute("SELECT delivery, invoice FROM delivery_keys")
    return facts, frozenset(delivery for delivery, invoice in keys if is_one(invoice))


def named(about: Collection[str]) -> Callable[[str], bool]:
    """What tells whether a text is one of these names; an id by name without addresses is that of all who bear it."""
    exact = frozenset([*about, *map(held_target, about)])
    bare = frozenset(about).intersection(map(held_target, about))
    return lambda text: text in exact or held_target(text) in bare


def texts_in(payload: object) -> Iterator[str]:
    """Each text in the JSON of a fact, and in the fact that it takes back; of one that cannot be read, nothing."""
    stack: list[object] = [payload]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
        elif isinstance(item, str):
            yield item
            if item[:1] in ("{", "["):
                try:
                    stack.append(json.loads(item))
                except ValueError:
                    continue
