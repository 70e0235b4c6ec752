"""A journal as an older version of ours left it."""

import re
import sqlite3

from relance.journal.schema import STEPS


def make_older(db: sqlite3.Connection, step: str) -> None:
    """Take back what the steps after this one made of a journal of today."""
    names = [name for name, _ in STEPS]
    for _, statements in reversed(STEPS[names.index(step) + 1 :]):
        for statement in reversed(statements):
            if added := re.match(r"ALTER TABLE (\w+) ADD COLUMN (\w+)", statement):
                db.execute(f"ALTER TABLE {added[1]} DROP COLUMN {added[2]}")
            elif made := re.match(r"CREATE (TABLE|INDEX|TRIGGER) (\w+)", statement):
                db.execute(f"DROP {made[1]} IF EXISTS {made[2]}")
    db.execute("DELETE FROM migrations")
    db.execute("INSERT INTO migrations VALUES (?, '')", (step,))
    db.commit()
