"""What e-invoices ask of a transfer: the account (BT-84), and the words by which it is known again (BT-83)."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from relance.core.invoice import Invoice, Problem
from relance.core.references import is_iban
from relance.sources.rows import Gathered
from relance.sources.values import mark_of, text_of

TRANSFER = "Référence du virement"


def with_transfers(gathered: Gathered) -> dict[str, Invoice]:
    """The invoices, each with what it asks its customer to write into the transfer."""
    table = gathered.decoded.table
    place = table.headers.index(TRANSFER)
    told = {line: text_of(row[place]) for line, row in zip(table.lines, table.rows, strict=True)}
    return {key: invoice._replace(transfer=told[invoice.line]) for key, invoice in gathered.invoices.items()}


def other_accounts(owed: Iterable[tuple[Path, Mapping[str, str]]], iban: str) -> Iterator[Problem]:
    """That invoices (their file and cells) name another account than the messages do (`iban`): once an account.

    It is told and holds nothing: the user has changed his bank, or has two; a factor is named as the payee. Where
    nobody said which account is the user's, there is nothing to compare.
    """
    own, found = _account(iban), dict[str, list[tuple[Path, str]]]()
    for file, cells in owed if own else ():
        accounts = [_account(each) for each in cells["iban"].split(",")]
        if own not in accounts and (foreign := [*filter(is_iban, accounts)]):
            found.setdefault(foreign[0], []).append((file, cells["number"]))
    for account, those in found.items():
        file, number = those[0]
        which = f"{len(those)} factures disent" if len(those) > 1 else f"{number} dit"
        sentence = (
            f"{which} de virer au compte {_grouped(account)}, vos messages au {_grouped(own)}\u00a0: vérifiez, puis "
            "corrigez iban sous [sender], ou prévenez le client."
        )
        known_as = number if len(those) == 1 else ""
        yield Problem(str(file), sentence, mark=mark_of([account, own]), number=known_as)


def _account(text: str) -> str:
    return "".join(text.split()).upper()


def _grouped(iban: str) -> str:
    """As one reads it: in groups of four that stay in one line."""
    return "\u00a0".join(iban[place : place + 4] for place in range(0, len(iban), 4))
