"""The shipped messages before real tools: French spelling and grammar, and what a spam filter thinks of them."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from letters_support import CASES, ENGLISH, NEW, UNKNOWN, Case, before, one, three, written
from lines import with_invoice

from relance.core.invoice import snapshot_of
from relance.core.message import Key
from relance.letters.by_hand import sms_text
from relance.letters.compose import compose
from relance.letters.samples import SENDER, STAGES, line
from relance.letters.templates import load_templates
from relance.letters.typography import spaced

pytestmark = pytest.mark.slow

FRENCH = [name for name, case in CASES.items() if case.reminder.customer.language == "fr"]
NAMES = set("EI FR76 BNPAFRPP Lefèvre Valmont L441 D441 L441-10 D441-5 L2192-13 R2192-36 D2192-35 SIRET Chorus".split())
"""What no dictionary holds: names, codes and articles of law."""
RULES_OFF = {
    "typo_tiret_début_ligne": "a list in plain text begins with a hyphen",
    "num_grand_nombre_soudé": "a SIRET is no number",
    "g2__typo_ordinaux_chiffres_exposants__b9_a1_1": "a plain text has no raised letters: 2e semestre",
    "g2__maj_code__b1_a1_1": "Légifrance writes code de commerce in lower case",
}
SPAM_LIMIT = 1.0


def _in_dollars(case: Case) -> Case:
    lines = tuple(with_invoice(line, line.invoice._replace(currency="USD")) for line in case.reminder.lines)
    return case._replace(reminder=case.reminder._replace(lines=lines, currency="USD"))


_IN_ENGLISH = {
    f"english_{key}_{name}": Case("", made)
    for key in STAGES
    for name, made in (
        ("one", one(key, ENGLISH, contacts=before(9))),
        ("unknown", one(key, UNKNOWN._replace(language="en"))),
        ("several", three(key, ENGLISH)),
        ("new", one(key, NEW._replace(language="en"))),
    )
}
MORE = _IN_ENGLISH | {
    f"{name}_usd": _in_dollars(case) for name, case in (CASES | _IN_ENGLISH).items() if "several" not in name
}
"""What a filter sees beside the golden messages: every stage in English, and in dollars."""


def texts() -> dict[str, str]:
    """Every French message, its subject first, and the text message."""
    found = {}
    for name in FRENCH:
        letter = written(CASES[name])
        found[name] = f"{letter.subject}\n\n{letter.text}"
    stage = STAGES["friendly"]
    sms = sms_text(load_templates(), line(stage).invoice.customer, stage, (line(stage),), SENDER)
    found["sms"] = spaced(sms).replace("1 200", "1\u202f200")  # a text message has no such spaces
    return found


def _needed(program: str, package: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} n'est pas installé (paquet Debian {package})")
    return path


def grammar(said: Iterable[str], folder: Path) -> list[str]:
    """What grammalecte finds: unknown words and broken rules, but the names and the rules that do not apply."""
    program = _needed("grammalecte-cli", "grammalecte-cli")
    path = folder / "textes.txt"
    path.write_text("\n\n".join(said), encoding="utf-8")
    done = subprocess.run(
        [program, "-j", "-f", str(path)], capture_output=True, encoding="utf-8", check=True, timeout=120
    )
    found = []
    for paragraph in json.loads(done.stdout)["data"]:
        found += [e["sValue"] for e in paragraph["lSpellingErrors"] if e["sValue"] not in NAMES]
        found += [e["sMessage"] for e in paragraph["lGrammarErrors"] if e["sRuleId"] not in RULES_OFF]
    return found


def test_grammar(tmp_path: Path) -> None:
    """No message has a fault, and the tool sees one where there is one."""
    assert [] == grammar(texts().values(), tmp_path)
    wrong = texts()["friendly"].replace("la facture", "les facture").replace("règlement", "réglement")
    assert len(grammar([wrong], tmp_path)) >= 2


def test_spelling() -> None:
    """A second dictionary knows every word."""
    program = _needed("hunspell", "hunspell et hunspell-fr")

    def unknown(text: str) -> set[str]:
        words = re.sub(r"\S*\d\S*|https?://\S+", " ", text)
        done = subprocess.run(
            [program, "-d", "fr_FR", "-i", "utf-8", "-l"],
            input=words,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        if "Can't open" in done.stderr:
            pytest.skip("le dictionnaire français n'est pas installé (paquet Debian hunspell-fr)")
        return set(done.stdout.split()) - NAMES

    assert set() == unknown("\n".join(texts().values()))
    assert {"penalités"} == unknown("des penalités et des pénalités")


def test_spam_filter(tmp_path: Path) -> None:
    """SpamAssassin's rules, without a network, give no message more than 1.0."""
    program = _needed("spamassassin", "spamassassin")
    for name, case in (CASES | MORE).items():
        keys = tuple(
            Key(one.key, one.invoice.number, case.reminder.stage.key, "email", 0, snapshot_of(one.invoice))
            for one in case.reminder.lines
        )
        moment = datetime(2026, 12, 14, 9, 0, tzinfo=UTC)
        stage = case.reminder.stage.key
        made = compose(written(case), case.told.sender, case.reminder.customer, keys, stage, moment)
        (tmp_path / f"{name}.eml").write_bytes(made.raw)
    bad = b"Subject: GAGNEZ VITE 1000000$\n\n<html><img src=http://192.0.2.1/x.png>VIAGRA</html>\n"
    (tmp_path / "zzz.eml").write_bytes(bad)
    done = subprocess.run(
        [program, "-L", "-t", "-x", *sorted(map(str, tmp_path.glob("*.eml")))],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=True,
        timeout=300,
        env={**os.environ, "HOME": str(tmp_path), "LC_ALL": "C"},
    )
    scores = [float(score) for score in re.findall(r"^X-Spam-Status: \w+, score=([-\d.]+)", done.stdout, re.M)]
    assert len(CASES) + len(MORE) + 1 == len(scores)
    assert max(scores[:-1]) <= SPAM_LIMIT
    assert scores[-1] > SPAM_LIMIT
