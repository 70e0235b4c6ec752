"""Every beginning of the example and golden CSV files: right, asked, or a reminder that the whole file would not send.

python -m bench prefixes [FILE...]
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from prefixes import corpus, prefixes, read_or_none, whole_of, wrong


def main() -> int:
    """One line a file; exit code 1 where a beginning sent something wrong."""
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        cut = Path(folder) / "factures.csv"
        for path in [Path(name) for name in sys.argv[1:]] or corpus():
            whole, counts = whole_of(path), Counter[str]()
            for data in prefixes(path.read_bytes()):
                cut.write_bytes(data)
                source = read_or_none(cut)
                counts["refused"] += source is None
                if source is None:
                    continue
                for known in (True, False):
                    found = wrong(source, whole, known=known)
                    before = "seen whole before" if known else "never seen"
                    counts[f"{'wrong' if found else 'right or asked'}, {before}"] += 1
                    if found:
                        print(f"  {path.parent.name}, {len(data)} octets, {before}: {sorted(found)[:2]}")
            failed = failed or any(name.startswith("wrong") for name in counts)
            print(f"{path.parent.name}/{path.name}: {dict(sorted(counts.items()))}")
    return int(failed)
