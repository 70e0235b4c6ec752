"""`relance charges` as a user runs it, and the same statement in `show`, `plan` and `check`."""

import re
from pathlib import Path
from typing import Any

import pytest
from story_support import Done, Story, row, story

from relance.core.reference_rates import REFERENCE_RATES

BASE = ("charges", "--amount", "10000", "--due", "2026-05-01", "--as-of", "2026-09-01")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


def _plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def _lines(done: Done) -> list[str]:
    return [line.strip() for line in _plain(done.out).splitlines()]


def test_the_document(here: Story) -> None:
    """contract.md: exactly these keys and figures, for the example of law.md 2."""
    done = here.run(*BASE, "--rate", "ecb+10", "--format", "json")
    document: dict[str, Any] = done.json
    warnings = document.pop("warnings")
    assert 0 == done.code
    assert document == {
        "version": 1,
        "amount": "10000.00",
        "due_date": "2026-05-01",
        "as_of": "2026-09-01",
        "days": 123,
        "interest": "413.76",
        "recovery_fee": "40.00",
        "claimed": "10453.76",
        "daily": "3.40",
        "imputation": "principal",
        "segments": [
            {
                "from": "2026-05-02",
                "to": "2026-06-30",
                "days": 60,
                "principal": "10000.00",
                "rate": "12.15",
                "interest": "199.73",
            },
            {
                "from": "2026-07-01",
                "to": "2026-09-01",
                "days": 63,
                "principal": "10000.00",
                "rate": "12.40",
                "interest": "214.03",
            },
        ],
    }
    assert ["de sources secondaires" in said for said in warnings] == [True]


@pytest.mark.parametrize(
    ("options", "interest", "fee", "claimed"),
    [
        (["--rate", "10", "--due", "2025-01-01", "--as-of", "2026-01-01", "--payment", "2025-07-01=4000"],
         "798.36", "40.00", "6838.36"),
        (["--rate", "10", "--due", "2025-01-01", "--as-of", "2026-01-01", "--payment", "01/07/2025=4000,00",
          "--imputation", "interest"], "823.35", "40.00", "6863.35"),
        (["--amount", "1850", "--due", "2026-05-16", "--as-of", "2026-06-30", "--customer", "public"],
         "23.15", "40.00", "1913.15"),
        (["--amount", "1850", "--due", "2026-05-16", "--as-of", "2026-06-30", "--customer", "consumer"],
         "0.00", "0.00", "1850.00"),
        (["--amount", "1850", "--due", "2026-05-16", "--as-of", "2026-06-30", "--customer", "consumer", "--notice",
          "2026-05-31"], "3.98", "0.00", "1853.98"),
        (["--fee", "0", "--rate", "0"], "0.00", "0.00", "10000.00"),
        (["--real-costs", "120.50", "--rate", "0"], "0.00", "120.50", "10120.50"),
        (["--credit", "2026-05-11=5000", "--rate", "0.05/day"], "307.50", "40.00", "5347.50"),
        (["--insolvency", "2026-05-12", "--rate", "36.5"], "100.00", "40.00", "10140.00"),
        (["--as-of", "2026-05-01"], "0.00", "0.00", "0.00"),
    ],
)  # fmt: skip
def test_answers(here: Story, options: list[str], interest: str, fee: str, claimed: str) -> None:
    """Each option changes what it says; a later one of the same name counts (credit: 123 days at 2.50)."""
    done = here.run(*BASE, *options, "--format", "json")
    assert (0, interest, fee, claimed) == (done.code, *(done.json[k] for k in ("interest", "recovery_fee", "claimed")))


def test_lines_can_be_checked_by_hand(here: Story) -> None:
    """Every figure stands with what it is made of."""
    lines = _lines(here.run(*BASE, "--rate", "ecb+10"))
    assert "10 000,00 €, échéance le 1er mai 2026 : 123 jours de retard au 1er septembre 2026" == lines[0]
    segment = (
        "du 02/05/2026 au 30/06/2026 : 60 jours sur 10 000,00 € à 12,15 % l’an (BCE 2,15 % + 10, 1er semestre 2026)"
    )
    sums = dict(re.split(r" {2,}", line) for line in lines if "  " in line)
    assert ("10 000,00 €", "199,73 €", "40,00 €", "10 453,76 €") == tuple(
        sums[name] for name in ("Reste dû", segment, "Indemnité forfaitaire", "Total dû")
    )


def test_the_table(here: Story) -> None:
    """The same figures as wide as a terminal."""
    done = here.run(
        *BASE, "--rate", "10", "--payment", "2026-06-30=1000", "--imputation", "interest", "--format", "table"
    )
    text = _plain(done.out)
    assert "Total dû" in text
    assert "Pénalités au taux de 10 % l’an" in text
    for figure in ("164,38 €", "9 164,38 €", "158,18 €"):
        assert figure in text
    assert "dont 164,38 € sur les pénalités et 835,62 € sur le principal" in " ".join(text.split())


def test_no_lateness(here: Story) -> None:
    """On the due date nothing is owed yet, and that is said."""
    done = here.run("charges", "--amount", "100", "--due", "2026-05-01", "--today", "2026-05-01")
    assert ["100,00 €, échéance le 1er mai 2026 : pas de retard, rien n’est dû"] == _lines(done)


def test_an_unknown_half_year(here: Story) -> None:
    """Exit 2 and what to add; once it is in relance.toml, the same command answers."""
    asked = ("charges", "--amount", "1000", "--due", "2026-12-31", "--as-of", "2027-01-10", "--rate", "ecb+10")
    done = here.run(*asked)
    assert 2 == done.code
    assert "1er semestre 2027" in done.err
    assert "[charges.rates]" in done.err
    assert "2027-S1 = { ecb = …, legal = … }" in done.err
    here.settings(rest="[charges.rates]\n2027-S1 = { ecb = 2.65 }\n")
    done = here.run(*asked, "--format", "json")
    assert (0, "3.47", ["12.65"]) == (done.code, done.json["interest"], [s["rate"] for s in done.json["segments"]])
    assert "taux" not in str(done.json["warnings"])  # the user's own rates count as verified


def test_the_settings_have_the_first_word(here: Story) -> None:
    """Rate, fee and imputation of relance.toml, unless the command says otherwise."""
    here.settings(rest='[charges]\nrate = "legal*3"\nrecovery_fee = 0\nimputation = "interest"\n')
    document = here.run(*BASE, "--format", "json").json
    assert ["7.86", "8.25"] == [segment["rate"] for segment in document["segments"]]
    assert ("0.00", "interest") == (document["recovery_fee"], document["imputation"])
    assert "14.00" == here.run(*BASE, "--rate", "14", "--format", "json").json["segments"][0]["rate"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rate", "ecb-1"], "Exemple : 14.0 (ou ecb+10, legal*3, 0.05/day)"),
        (["--payment", "2026-06-01"], "n’est pas une date et un montant"),
        (["--payment", "2026-06-01=x"], "Montant illisible : « x ». Exemple : 1234,50."),
        (["--payment", "juin=1"], "Date illisible : « juin ». Exemple : 20/11/2026."),
        (["--payment", "2026-06-01=0"], "Un montant est supérieur à zéro"),
        (["--credit", "2026-06-01=-5"], "Un montant est supérieur à zéro"),
        (["--amount", "0"], "Un montant est supérieur à zéro"),
        (["--fee", "41"], "--real-costs"),
        (["--fee", "-1"], "L’indemnité forfaitaire est de 40,00 €"),
        (["--real-costs", "-1"], "Des frais réels ne sont pas négatifs"),
        (["--customer", "friend"], "friend"),
    ],
)
def test_refusals(here: Story, options: list[str], said: str) -> None:
    """One French sentence with its cure, and nothing on standard output."""
    done = here.run(*BASE, *options)
    assert (2, "") == (done.code, done.out)
    assert said in _plain(done.err)


def test_an_invoice_paid_late_shows_what_could_be_claimed(here: Story) -> None:
    """Shown only: the plan claims nothing for it."""
    here.write(row("P-1", "Alpha SAS", "01/10/2026", paid="1 200,00", paid_on="31/10/2026", status="Payée"))
    shown = _plain(here.run("show", "P-1", "--file", "factures.csv", today="2026-11-23").out)
    assert "Payée en retard : ce qui pourrait être réclamé (relance ne le réclame pas)" in shown
    assert re.search("30 jours sur 1 200,00 € à 14 % l’an +13,81 €", shown)
    assert re.search("Total dû +53,81 €", shown)
    (invoice,) = here.run("plan", "factures.csv", "--format", "json", today="2026-11-23").json["invoices"]
    assert ("paid", "0.00") == (invoice["reason"], invoice["claimed"])


def test_an_invoice_paid_in_time_shows_no_charges(here: Story) -> None:
    """Nothing could be claimed, so nothing is said."""
    here.write(row("P-1", "Alpha SAS", "01/10/2026", paid="1 200,00", paid_on="30/09/2026", status="Payée"))
    assert "réclamé" not in here.run("show", "P-1", "--file", "factures.csv", today="2026-11-23").out


def test_show_prints_the_statement_of_charges(here: Story) -> None:
    """One renderer: the lines of `show` are those of `charges`."""
    here.write(row("F-1", "Alpha SAS", "01/05/2026", total="10 000,00"))
    here.settings(rest='[charges]\nrate = "ecb+10"\n')
    shown = _lines(here.run("show", "F-1", today="2026-09-01"))
    answered = _lines(here.run("charges", "--amount", "10000", "--due", "2026-05-01", "--as-of", "2026-09-01"))
    statement = [line for line in answered[1:] if not line.startswith("à vérifier")]
    start = shown.index(statement[0])
    assert len(statement) == 7
    assert statement == shown[start : start + 7]


def test_a_plan_goes_on_without_a_rate(here: Story) -> None:
    """What has run up to the last known day stays claimed, the fee too; it is said, and all leave."""
    here.write(
        row("F-1", "Alpha SAS", "20/12/2026"),
        row("F-2", "Beta SAS", "30/12/2026"),
        row("F-3", "Mairie de Test", "20/12/2026"),
        row("F-4", "Gamma SAS", "20/12/2026"),
    )
    rules = (
        '[[customers]]\nmatch = "Mairie de Test"\nkind = "public"\n'
        '[[customers]]\nmatch = "Gamma SAS"\ncharges = { rate = 14 }\n'
    )
    here.settings(rest=f'[charges]\nrate = "ecb+10"\n{rules}')
    here.run("confirm", "backlog", "--as-is", today="2027-01-06")
    document = here.run("plan", "--format", "json", today="2027-01-06").json
    assert ["2027-S1"] == document["unknown_rates"]
    assert {"due"} == {invoice["reason"] for invoice in document["invoices"]}
    first = document["invoices"][0]
    assert ("4.48", "40.00", "1244.48") == (first["interest"], first["recovery_fee"], first["claimed"])
    text = _plain(here.run("plan", today="2027-01-06").out)
    assert "2 factures dont les pénalités s’arrêtent au dernier taux connu" in text
    assert "[charges.rates] 2027-S1 = { ecb = …, legal = … }" in text
    shown = _plain(here.run("show", "F-1", today="2027-01-06").out)
    assert "Pénalités arrêtées au 31 décembre 2026 : le taux du 1er semestre 2027 manque" in shown


def test_the_half_year_to_come_is_announced(here: Story) -> None:
    """From 15 December: where it will be published, in plan and check; `send` says it once a week."""
    here.write(row("F-1", "Alpha SAS", "09/12/2026"))
    here.settings(rest='[charges]\nrate = "ecb+10"\n[delivery]\ntransport = "folder"\n')
    told = "Taux du 1er semestre 2027 pas encore connu : à lire sur banque-france.fr (BCE) et service-public.fr, fiche"
    for command in (("plan",), ("check", "--offline"), ("send",)):
        assert told not in _plain(here.run(*command, today="2026-12-14").out)
        assert told in _plain(here.run(*command, today="2026-12-15").out)
    assert told not in _plain(here.run("send", today="2026-12-16").out)


def test_a_judgment_is_dated(here: Story) -> None:
    """`hold --reason insolvency --on` tells the day of the judgment: interest stops the day before it."""
    here.write(row("F-1", "Alpha SAS", "01/10/2026"), row("F-2", "Alpha SAS", "01/11/2026"))
    here.settings()
    here.run("hold", "Alpha SAS", "--reason", "insolvency", "--on", "2026-10-12", today="2026-11-23")
    first, second = here.run("plan", "--format", "json", today="2026-11-23").json["invoices"]
    assert ("insolvency", "4.60", "40.00") == (first["reason"], first["interest"], first["recovery_fee"])
    assert ("insolvency", "0.00", "0.00") == (second["reason"], second["interest"], second["recovery_fee"])
    told = _plain(here.run("show", "F-1", today="2026-11-23").out)
    assert re.search(
        r"À déclarer au mandataire .* dans les deux\s+mois .* BODACC\s+\(article R622-24.*\s[\d ]+,\d\d €",
        told,
        re.DOTALL,
    )
    assert "Total dû" not in told


def test_a_consumer_owes_interest_after_the_notice(here: Story) -> None:
    """The notice is in the history; the legal rate of a professional creditor runs from the next day."""
    here.write(row("F-1", "Jeanne Petit", "01/09/2026"))
    here.settings(rest='[[customers]]\nmatch = "Jeanne Petit"\nkind = "consumer"\n')
    plan = ("plan", "--format", "json")
    assert "0.00" == here.run(*plan, today="2026-11-23").json["invoices"][0]["interest"]
    here.run(
        *("record", "F-1", "--stage", "formal_notice", "--channel", "letter", "--on", "2026-10-24"), today="2026-11-23"
    )
    (invoice,) = here.run(*plan, today="2026-11-23").json["invoices"]
    assert ("2.71", "0.00", "1202.71") == (invoice["interest"], invoice["recovery_fee"], invoice["claimed"])


@pytest.mark.parametrize(
    ("today", "code", "said"),
    [
        ("2026-11-23", 0, "Taux à vérifier sur service-public.fr (lus le 22/11/2026)"),
        ("2027-01-06", 1, "Les taux du 1er semestre 2027 ne sont pas connus"),
    ],
)
def test_check_warns_of_the_rates(here: Story, today: str, code: int, said: str) -> None:
    """The current half-year is missing, or rests on sources that nobody confirmed."""
    here.write(row("F-1", "Alpha SAS", "28/12/2026"))
    done = here.run("check", "factures.csv", "--offline", "--verbose", today=today)
    assert code == done.code, done.out
    assert said in _plain(done.out)


def test_check_is_content_with_what_the_user_tells(here: Story) -> None:
    """A half-year of the user's own is known and confirmed."""
    here.write(row("F-1", "Alpha SAS", "28/12/2026"))
    here.settings(rest="[charges.rates]\n2027-S1 = { ecb = 2.65 }\n[delivery]\ntransport = 'folder'\n")
    done = here.run("check", "--offline", "--verbose", today="2027-01-06")
    assert "taux du 1er semestre 2027 : BCE 2,65 %, légal inconnu" in _plain(done.out)
    assert "à vérifier sur" not in done.out
    assert 0 == done.code
    assert "2027-S1" not in REFERENCE_RATES
