"""Lists beside the invoices, and of invoices, whose headers nobody knows: the cure is typed as it is printed."""

import json
import os
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from in_process import run_here
from sources_support import read, refused, workbook

from relance.config import load_settings
from relance.errors import SettingsError
from relance.sources.source import BesideList, InvoiceFile

INVOICES = """N° facture;Client;Email;Date facture;Échéance;Montant TTC
INV-1;Delta SARL;d@delta.example.org;01/09/2026;05/11/2026;1200,00
INV-2;Béta SAS;b@beta.example.org;01/09/2026;05/11/2026;300,00
INV-3;Gamma;g@gamma.example.org;01/09/2026;05/11/2026;50,00
"""
NO_ADDRESS = re.sub(r"[a-z]@[a-z.]+", "", INVOICES)
SETTINGS = """[sender]
name = "Camille Test"
email = "camille@example.org"
[invoices]
file = "f.csv"
max_age_days = 0
max_age_days_firm = 0
"""
_ASSIGNED = re.compile(r'(\w+) = "((?:[^"\\]|\\.)*)"')


class Dossier:
    """A folder with invoices, a list beside them and settings, where plan runs."""

    def __init__(self, folder: Path, invoices: str, told: str = "", **lists: str) -> None:
        self.folder = folder
        self.settings = SETTINGS
        (folder / "f.csv").write_text(invoices, "utf-8")
        for name, text in lists.items():
            (folder / f"{name}.csv").write_text(text, "utf-8")
            self.settings += f'{name} = "{name}.csv"\n'
        self.settings += told

    def plan(self) -> tuple[int, str, str]:
        """Exit code, the plan in JSON, the refusal."""
        (self.folder / "relance.toml").write_text(self.settings, "utf-8")
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "LANG": "C.UTF-8"}
        return run_here(["plan", "--today", "2026-11-20", "--format", "json"], self.folder, environment)

    def obeyed(self, section: str) -> dict[str, Any]:
        """The plan after the cure was typed as it was printed, of two choices the first one."""
        code, out, err = self.plan()
        assert (code, out) == (2, ""), out
        table, told = err.split(f"[{section}.columns]", 1)
        assert "En-têtes lus" in table
        self.settings += f"[{section}.columns]\n"
        for name, header in dict(_ASSIGNED.findall(re.sub(r" ou \w+ = .*?(?=[,.])|\([^)]*\)", "", told))).items():
            self.settings += f'{name} = "{header}"\n'
        code, out, err = self.plan()
        assert code != 2, (self.settings, err)
        found: dict[str, Any] = json.loads(out)
        return found


def owed(plan: dict[str, Any]) -> dict[str, str]:
    """What is outstanding by number."""
    return {line["number"]: line["outstanding"] for line in plan["invoices"]}


def left(source: InvoiceFile) -> list[str]:
    """What is left to pay of each invoice by the file alone."""
    return [str(invoice.total - sum(payment.amount for payment in invoice.payments)) for invoice in source.invoices]


PAID = {"INV-1": "800.00", "INV-2": "200.00", "INV-3": "50.00"}
PAYMENTS = (
    "CustomerID;InvoiceId;PaymentDate;Collection\nC1;INV-1;10/11/2026;400,00\nC2;INV-2;12/11/2026;100,00\n",
    "Export du 20/11/2026;;;\n;;;\nPièce;Le;Crédité;Mode\nINV-1;10/11/2026;400,00;VIR\nINV-2;12/11/2026;100,00;CHQ\n",
    "Ref mvt;Fact;Somme;Quand\nMV-01;INV-1;400,00;10/11/2026\nMV-02;INV-2;100,00;12/11/2026\n",
    "a,b,c\nINV-1,400.00,2026-11-10\nINV-2,100.00,2026-11-12\n",
    "N° facture;Échéance;Montant;Date\nINV-1;05/11/2026;400,00;10/11/2026\nINV-2;05/11/2026;100,00;12/11/2026\n",
    'Fac "x";Tot : net;jour ?\nINV-1;400,00;10/11/2026\nINV-2;100,00;12/11/2026\n',
    "N° facture;Payé;Arrivée\nINV-1;400,00;10/11/2026\nINV-2;100,00;12/11/2026\n",
    "N° facture;Reçu\nINV-1;400,00\nINV-2;100,00\n",
    "Solde;Doc;Versement client;Jour\n800,00;INV-1;400,00;10/11/2026\n200,00;INV-2;100,00;12/11/2026\n",
    "Compte;Encaissement TTC;Valeur au;Rapproché avec\n512;400,00 €;10/11/2026;inv-1\n512;100,00 €;12/11/2026;inv-2\n",
    "Who;What;How much (EUR);When\nDelta;INV-1;400.00;2026-11-10\nBeta;INV-2;100.00;2026-11-12\n",
    "\\Chemin;Rglt;Dt\nINV-1;400,00;10/11/2026\nINV-2;100,00;12/11/2026\n",
)
CUSTOMERS = (
    "Qui;Où écrire\nDelta SARL;x@delta.example.org\nBéta SAS;y@beta.example.org\n",
    "Code;Tiers;Solde;Où le joindre\n1;Delta SARL;100,00;x@delta.example.org\n2;Béta SAS;5,00;y@beta.example.org\n",
    "Carnet;;\nDénomination usuelle;Boîte;Ville\nDelta SARL;x@delta.example.org;Lyon\n"
    "Béta SAS;y@beta.example.org;Pau\n",
    "a,b\nDelta SARL,x@delta.example.org\nBéta SAS,y@beta.example.org\n",
    "Ville;Titre du compte;Adresse @\nLyon;Delta SARL;x@delta.example.org\nPau;Béta SAS;y@beta.example.org\n",
    'Le "tiers";@\nDelta SARL;x@delta.example.org\nBéta SAS;y@beta.example.org\n',
    "Client;Écrire à\nDelta SARL;x@delta.example.org\nBéta SAS;y@beta.example.org\n",
    "Qui paie ?;Facturer par mail : où\nDelta SARL;x@delta.example.org\nBéta SAS;y@beta.example.org\n",
    "Secteur;Donneur d'ordre;Point d'entrée\nBTP;Delta SARL;x@delta.example.org\nBTP;Béta SAS;y@beta.example.org\n",
    "Payer;Billing inbox;Since\nDelta SARL;x@delta.example.org;2020\nBéta SAS;y@beta.example.org;2021\n",
)
LISTS = (
    "Qui;Combien;Quand;Nº\nDelta SARL;1200,00;05/11/2026;INV-1\nBéta SAS;300,00;05/11/2026;INV-2\n",
    "Mes affaires 2026;;;;\nRéf pièce;Le tiers;Somme;Fait le;Pour le\nINV-1;Delta SARL;1200,00;01/09/2026;05/11/2026\n"
    "INV-2;Béta SAS;300,00;01/09/2026;05/11/2026\n",
    "Pièce;Pour qui;Base;À verser;Le\nINV-1;Delta SARL;1000,00;1200,00;05/11/2026\n"
    "INV-2;Béta SAS;250,00;300,00;05/11/2026\n",
    "n1,n2,n3,n4\nINV-1,Delta SARL,1200.00,2026-11-05\nINV-2,Béta SAS,300.00,2026-11-05\n",
)


@pytest.mark.parametrize("text", PAYMENTS)
def test_the_cure_of_a_list_of_payments_is_typed_as_printed(text: str, tmp_path: Path) -> None:
    """Then what was paid is taken off, and only then."""
    plan = Dossier(tmp_path, INVOICES, payments=text).obeyed("payments")

    assert PAID == owed(plan)
    assert plan["problems"] == []


@pytest.mark.parametrize("text", CUSTOMERS)
def test_the_cure_of_a_list_of_customers_is_typed_as_printed(text: str, tmp_path: Path) -> None:
    """Then its addresses are those of the customers; the row above the header is no header."""
    plan = Dossier(tmp_path, NO_ADDRESS, customers=text).obeyed("customers")
    reasons = {line["number"]: line["reason"] for line in plan["invoices"]}

    assert reasons["INV-3"] == "no_address"
    assert "no_address" not in (reasons["INV-1"], reasons["INV-2"])


@pytest.mark.parametrize("text", LISTS)
def test_the_cure_of_a_list_of_invoices_is_typed_as_printed(text: str, tmp_path: Path) -> None:
    """One of the headers that nobody claims for each field that is missing, the largest sum as the total."""
    plan = Dossier(tmp_path, text).obeyed("invoices")

    assert owed(plan) == {"INV-1": "1200.00", "INV-2": "300.00"}


def _odd(draw: random.Random) -> str:
    syllables = "bra kol mi zen tu var osk ny pel dra fu gim".split()
    return " ".join("".join(draw.choices(syllables, k=draw.randint(2, 3))) for _ in range(draw.randint(1, 2)))


def _shuffled(draw: random.Random, rows: Sequence[Sequence[str]]) -> str:
    """The columns in a random order under random headers, a title above them now and then."""
    width = len(rows[0])
    order = draw.sample(range(width), width)
    headers = [_odd(draw) + str(place) * draw.randint(0, 1) for place in range(width)]
    title = [[_odd(draw), *[""] * (width - 1)]] * draw.randint(0, 1)
    return "".join(f"{';'.join(line[place] for place in order)}\n" for line in (headers, *rows)).join(
        (";".join(title[0]) + "\n" if title else "", "")
    )


@pytest.mark.parametrize("seed", range(12))
def test_random_headers_of_payments(seed: int, tmp_path: Path) -> None:
    """Whatever the columns are called, obeying once gives the right sums."""
    draw = random.Random(seed)
    rows = [("INV-1", "400,00", "10/11/2026", "VIR", "C-77"), ("INV-2", "100,00", "12/11/2026", "CHQ", "C-78")]

    assert PAID == owed(Dossier(tmp_path, INVOICES, payments=_shuffled(draw, rows)).obeyed("payments"))


@pytest.mark.parametrize("seed", range(12))
def test_random_headers_of_customers(seed: int, tmp_path: Path) -> None:
    """Whatever the columns are called, the addresses reach their customers."""
    draw = random.Random(seed)
    rows = [("Delta SARL", "x@delta.example.org", "Lyon", "12"), ("Béta SAS", "y@beta.example.org", "Pau", "13")]
    plan = Dossier(tmp_path, NO_ADDRESS, customers=_shuffled(draw, rows)).obeyed("customers")

    assert [line["number"] for line in plan["invoices"] if line["reason"] == "no_address"] == ["INV-3"]


def test_what_is_not_there_cannot_be_named(tmp_path: Path) -> None:
    """A list without amounts lacks a column, and a column of that name is read."""
    text = "N° facture;Client;Statut\nINV-1;Delta;ok\n"
    (tmp_path / "p.csv").write_text(text, "utf-8")
    told = refused(tmp_path, INVOICES, payments=tmp_path / "p.csv")
    assert "Il manque\u00a0: montant payé (paid)." in told
    assert told.endswith("Ajoutez au fichier la colonne «\u00a0montant payé\u00a0».")

    (tmp_path / "p.csv").write_text(text.replace("Statut", "montant payé").replace("ok", "400,00"), "utf-8")
    assert left(read(tmp_path, INVOICES, payments=tmp_path / "p.csv"))[0] == "800.00"


def test_two_amounts_of_a_list_of_payments_are_told_apart_by_its_own_settings(tmp_path: Path) -> None:
    """The question names [payments.columns], and the other answer counts too."""
    text = "Numéro;Montant;Total;Date\nINV-1;400,00;500,00;10/11/2026\n"
    dossier = Dossier(tmp_path, INVOICES, payments=text)
    _, _, err = dossier.plan()
    assert 'sous [payments.columns]\u00a0: paid = "Montant"' in err

    dossier.settings += '[payments.columns]\npaid = "Total"\n'
    assert owed(json.loads(dossier.plan()[1]))["INV-1"] == "700.00"


def test_a_header_named_for_the_wrong_list_is_told_where_it_stands(tmp_path: Path) -> None:
    """Under [invoices.columns] it is refused; where both say it, that of the list beside is meant."""
    text = PAYMENTS[0]
    told = '[invoices.columns]\npaid = "Collection"\n'
    dossier = Dossier(tmp_path, INVOICES, told, payments=text)
    assert '[payments.columns]\u00a0: paid = "Collection"' in dossier.plan()[2]

    dossier.settings += '[payments.columns]\npaid = "Collection"\n'
    assert owed(json.loads(dossier.plan()[1])) == PAID

    dossier.settings = SETTINGS + 'payments = "payments.csv"\n[invoices.columns]\ntotal = "PaymentDate"\n'
    dossier.settings += '[payments.columns]\npaid = "Collection"\n'
    assert "PaymentDate" in dossier.plan()[2]
    assert "sous [payments.columns], et ôtez cette ligne de [invoices.columns]" in dossier.plan()[2]


def test_a_named_header_that_is_gone_is_said_of_its_list(tmp_path: Path) -> None:
    """It names the section to correct, and a list that nobody gave is asked for."""
    (tmp_path / "p.csv").write_text("N° facture;Montant payé;Date\nINV-1;400,00;10/11/2026\n", "utf-8")
    gone = BesideList(tmp_path / "p.csv", {"paid": "Collection"})
    assert "sous [payments.columns], ou ôtez cette ligne" in refused(tmp_path, INVOICES, payments=gone)

    assert 'payments = "…"' in refused(tmp_path, INVOICES, payments=BesideList(None, {"paid": "Collection"}))


@pytest.mark.slow
def test_sheets_beside_the_invoices_have_named_columns_too(tmp_path: Path) -> None:
    """A sheet that no header shows to be a list of payments is one by [payments.columns], as is a file of its own."""
    rows = [line.split(";") for line in INVOICES.replace(",00", "").splitlines()]
    invoices: list[list[object]] = [[*rows[0]], *([*row[:5], int(row[5])] for row in rows[1:])]
    paid: list[list[object]] = [["Suivi", "", ""], ["Pièce", "Le", "Crédité"], ["INV-1", "10/11/2026", 400.0]]
    named = {"number": "Pièce", "paid": "Crédité", "paid_date": "Le"}
    data = workbook({"Factures": invoices, "Banque": paid})
    assert left(read(tmp_path, data, "f.xlsx")) == ["1200.00", "300.00", "50.00"]

    told = BesideList(None, named)
    assert left(read(tmp_path, data, "f.xlsx", payments=told))[0] == "800.00"

    (tmp_path / "p.xlsx").write_bytes(workbook({"Notice": [["Lisez-moi"]], "Banque": paid}))
    assert 'paid = "Crédité"' in refused(tmp_path, INVOICES, payments=tmp_path / "p.xlsx")
    assert left(read(tmp_path, INVOICES, payments=BesideList(tmp_path / "p.xlsx", named)))[0] == "800.00"


def test_the_columns_of_the_customers_stand_beside_their_blocks(tmp_path: Path) -> None:
    """[customers.columns] is read without [[customers]], after and between them; before them the cure says where."""
    named, block = '[customers.columns]\nemail = "Boîte"\n', '[[customers]]\nmatch = "A"\n'
    path = tmp_path / "relance.toml"
    for told in (named, block + named, block + named + block.replace("A", "B")):
        path.write_text(SETTINGS + told, "utf-8")
        assert dict(load_settings(path).source.customers.columns) == {"email": "Boîte"}

    path.write_text(SETTINGS + named + block, "utf-8")
    with pytest.raises(SettingsError, match="après le dernier bloc"):
        load_settings(path)

    path.write_text(SETTINGS + named.replace("email", "emial"), "utf-8")
    with pytest.raises(SettingsError, match=r"customers\.columns\.emial"):
        load_settings(path)
