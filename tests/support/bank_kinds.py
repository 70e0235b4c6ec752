"""The month of bank_support as more banks and programs export it: other columns, other versions of a format."""

from collections.abc import Callable, Sequence

from bank_support import ACCOUNT, Moved, balance_after, banque_populaire, banque_postale, camt, comma, fr, ofx1


def caisse_epargne(rows: Sequence[Moved]) -> str:
    """The columns of Banque Populaire below a line about the account."""
    return f"Compte : {ACCOUNT} - COMPTE COURANT;;;;;;;;;;;;\n{banque_populaire(rows)}"


def credit_mutuel_amount(rows: Sequence[Moved]) -> str:
    """One signed amount in the place of debit and credit."""
    body = [
        f"{fr(r.on)};{fr(r.on)};{comma(r.amount)};VIR {r.payer} {r.text};{comma(balance_after(rows[:n]))}"
        for n, r in enumerate(rows, 1)
    ]
    return "\n".join(["Date;Date de valeur;Montant;Libellé;Solde", *body, ""])


def credit_agricole_valued(rows: Sequence[Moved]) -> str:
    """A second date since 2026; each label of several lines; two accounts, the other one without an entry."""
    header = "Date;Date valeur;Libellé;Débit euros;Crédit euros;"
    body = []
    for r in reversed(rows):
        debit, credit = (comma(-r.amount), "") if r.amount < 0 else ("", comma(r.amount))
        label = f'"VIREMENT EN VOTRE FAVEUR\n{r.payer}\n{r.text}"'
        body.append(f"{fr(r.on)};{fr(r.on)};{label};{debit};{credit};")
    above = f"Compte courant n° {ACCOUNT};\nSolde au 18/11/2026 2 394,60 €\n\n"
    other = "\nLivret A n° 00009876543;\nSolde au 18/11/2026 10,00 €\n\n"
    return "\n".join([f"{above}{header}", *body, f"{other}{header}", ""])


def banque_postale_tabs(rows: Sequence[Moved]) -> str:
    """Tabs between the columns."""
    return banque_postale(rows).replace(";", "\t")


def boursobank_before(rows: Sequence[Moved]) -> str:
    """Fewer columns, as some years ago."""
    body = [f'{r.on};{r.on};"VIR {r.payer} {r.text}";Virements;{comma(r.amount)}' for r in rows]
    return "\n".join(["dateOp;dateVal;label;category;amount", *body, ""])


def revolut_semicolons(rows: Sequence[Moved]) -> str:
    """In English; one transfer that was taken back."""
    header = "Type;Product;Started Date;Completed Date;Description;Amount;Fee;Currency;State;Balance"
    body = [
        f"TRANSFER;Current;{r.on} 09:00:00;{r.on} 09:00:01;{r.payer} {r.text};{r.amount};0.00;EUR;COMPLETED;"
        f"{balance_after(rows[:n])}"
        for n, r in enumerate(rows, 1)
    ]
    return "\n".join(
        [header, *body, "TRANSFER;Current;2026-11-18 09:00:00;;Payment from X;500.00;0.00;EUR;REVERTED;", ""]
    )


def wise(rows: Sequence[Moved]) -> str:
    """A number of its own for each entry, payer and payee apart."""
    header = (
        '"TransferWise ID",Date,Amount,Currency,Description,"Payment Reference","Running Balance","Exchange From",'
        '"Exchange To","Exchange Rate","Payer Name","Payee Name","Payee Account Number",Merchant,"Total fees"'
    )
    body = []
    for n, r in enumerate(rows, 1):
        payer, payee = (r.payer, "") if r.amount > 0 else ("", r.payer)
        about = f'"Received money from {r.payer} with reference {r.text}"' if r.amount > 0 else f'"Sent to {r.payer}"'
        body.append(
            f'TRANSFER-{n},{r.on:%d-%m-%Y},{r.amount},EUR,{about},"{r.text}",{balance_after(rows[:n])},,,,"{payer}",'
            f'"{payee}",,,0.00'
        )
    return "\n".join([header, *body, ""])


def camt_of_the_day(rows: Sequence[Moved]) -> str:
    """A report (camt.052) instead of a statement."""
    text = camt(rows).replace("camt.053", "camt.052").replace("BkToCstmrStmt", "BkToCstmrAcctRpt")
    return text.replace("<Stmt>", "<Rpt>").replace("</Stmt>", "</Rpt>")


def camt_later(rows: Sequence[Moved]) -> str:
    """Version 08: the state and the payer one element deeper, prefixes before each name."""
    text = camt(rows).replace("camt.053.001.02", "camt.053.001.08")
    text = text.replace("<Sts>", "<Sts><Cd>").replace("</Sts>", "</Cd></Sts>")
    return text.replace("<Dbtr><Nm>", "<Dbtr><Pty><Nm>").replace("</Nm></Dbtr>", "</Nm></Pty></Dbtr>")


def qfx(rows: Sequence[Moved]) -> str:
    """OFX with what Quicken adds."""
    return ofx1(rows).replace("<OFX>\n", "<OFX>\n<SIGNONMSGSRSV1><SONRS><INTU.BID>3000\n</SONRS></SIGNONMSGSRSV1>\n")


MORE_TABLES: dict[str, Callable[[Sequence[Moved]], str]] = {
    each.__name__: each
    for each in (
        *(caisse_epargne, credit_mutuel_amount, credit_agricole_valued, banque_postale_tabs, boursobank_before),
        *(revolut_semicolons, wise),
    )
}
MORE_OTHERS: dict[str, Callable[[Sequence[Moved]], str]] = {
    each.__name__: each for each in (camt_of_the_day, camt_later, qfx)
}
MORE = MORE_TABLES | MORE_OTHERS
