"""What a letter and a preview say, to whom, and what they refuse; each command a real process."""

import base64
import re
from pathlib import Path

import pytest
from paper_support import code_of_png, pages
from story_support import Story, row, story

DAY = "2026-12-21"
SENDER = '[sender]\nname = "Camille Martin"\nemail = "camille@martin.example"\niban = "FR7630006000011234567890189"\n'
NAMES = ("Alpha SARL", "Beta SARL", "Gamma SARL")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with the sender's settings; each test writes its invoices."""
    told = story(tmp_path)
    settings(told)
    return told


def settings(told: Story, more: str = "", rest: str = "") -> None:
    """Write relance.toml: the sender with what `more` adds, and what stands in other sections."""
    text = f'{SENDER}{more}\n[invoices]\nfile = "factures.csv"\n[delivery]\ntransport = "folder"\n{rest}'
    (told.folder / "relance.toml").write_text(text, encoding="utf-8")


def plain(text: str) -> str:
    """The text with plain spaces, one at a time."""
    return re.sub(r"\s+", " ", text)


def paper(told: Story, name: str = "lettre.pdf") -> str:
    """The words of a letter that was written."""
    return plain(" ".join(pages((told.folder / name).read_bytes())))


def history_column(told: Story, days: dict[str, str]) -> None:
    """Three customers whose last stage stands in a column of the file, on the day that `days` gives each column."""
    lines = [";".join(("N° facture", "Client", "E-mail", "Échéance", "Montant TTC", *days))]
    for number, name in enumerate(NAMES, 1):
        email = f"compta@{name.split()[0].lower()}.example"
        lines.append(";".join((f"F-{number}", name, email, "20/10/2026", "1 200,00", *days.values())))
    told.invoices.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize("stage", ["firm", "formal_notice"])
def test_one_customer_to_a_message(here: Story, stage: str) -> None:
    """Customers that the file says were written to on the same day are never told of each other's debts."""
    days = {"Relance 1": "26/10/2026", "2e relance": "04/11/2026"}
    history_column(here, days if stage == "firm" else {**days, "Mise en demeure": "20/11/2026"})
    here.run("letter", "F-1", "--stage", stage, "-o", "lettre.pdf", today=DAY)
    seen = here.run("preview", "F-1", "--stage", stage, today=DAY)

    for text in (paper(here), plain(seen.out)):
        assert "F-1" in text
        assert [] == [other for other in ("F-2", "F-3", "Beta", "Gamma", "3 600,00") if other in text]


def test_one_customer_to_a_letter(here: Story) -> None:
    """Customers without an e-mail, posted on one day, keep their letters apart."""
    here.write(*(row(f"F-{n}", name, "20/10/2026", email="") for n, name in enumerate(NAMES[:2], 1)))
    for number in ("F-1", "F-2"):
        command = ("record", number, "--stage", "formal_notice", "--channel", "letter")
        assert 0 == here.run(*command, today="2026-12-01").code
    here.run("letter", "F-1", "-o", "lettre.pdf", today=DAY)

    assert "F-1" in paper(here)
    assert "F-2" not in paper(here)


PLAN = ("--instalment", "2026-12-01=450", "--instalment", "2027-01-12=750")


@pytest.mark.parametrize(("paid", "missing"), [("", "450,00"), ("100,00", "350,00")])
def test_the_missed_instalment_is_asked_for(here: Story, paid: str, missing: str) -> None:
    """Never the next one: its date, what is missing of it, and a payment code for that alone."""
    debt = row("F-1", "Alpha SARL", "20/10/2026")
    here.write(debt)
    assert 0 == here.run("hold", "F-1", "--reason", "plan", *PLAN, today="2026-11-23").code
    here.write(debt if not paid else row("F-1", "Alpha SARL", "20/10/2026", paid=paid, paid_on="02/12/2026"))
    (here.folder / "tmp").mkdir()
    done = here.run(
        *("preview", "F-1", "--stage", "instalment", "--open"),
        today=DAY,
        BROWSER="/nowhere %s",
        TMPDIR=str(here.folder / "tmp"),
    )
    said = plain(done.out)

    assert "versement du 1er décembre 2026 prévu" in said
    assert f"le versement du 1er décembre 2026, soit {missing} €, ne m'est pas encore parvenu" in said
    assert "janvier" not in said
    html = Path(done.out.splitlines()[-1].strip()).read_text("utf-8")
    picture = re.search(r"data:image/png;base64,([^\"]+)", html)
    assert picture
    [payload] = code_of_png(base64.b64decode(picture[1]))
    assert f"EUR{missing.removesuffix(',00')}".encode() == payload.split(b"\n")[7]


def test_no_instalment_message_without_a_missed_one(here: Story) -> None:
    """Nothing was agreed, or nothing is late: there is nothing to say, and the sentence says where to look."""
    here.write(row("F-1", "Alpha SARL", "20/10/2026"))
    plans: tuple[tuple[str, ...], ...] = ((), ("hold", "F-1", "--reason", "plan", *PLAN))
    for command in plans:
        if command:
            assert 0 == here.run(*command, today="2026-11-23").code
        done = here.run("preview", "F-1", "--stage", "instalment", today="2026-11-24")
        assert (2, "") == (done.code, done.out)
        assert "Aucune échéance manquée sur F-1" in done.err
        assert "relance show F-1" in done.err
