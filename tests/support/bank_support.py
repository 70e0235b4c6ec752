"""One month of an invented account, written as each bank exports it."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from sources_support import workbook


class Moved(NamedTuple):
    """One movement of the account, as everybody tells it."""

    on: date
    amount: Decimal
    payer: str
    text: str
    reference: str = ""


MONTH = (
    Moved(date(2026, 11, 2), Decimal("1200.00"), "BOULANGERIE MARTIN SARL", "FACTURE F-2026-041", "E2E-77"),
    Moved(date(2026, 11, 3), Decimal("-45.90"), "SNCF CONNECT", "CARTE 0211"),
    Moved(date(2026, 11, 9), Decimal("640.50"), "Léa Fontaine", "acompte décor d’été"),
    Moved(date(2026, 11, 17), Decimal("300.00"), "GARAGE DUVAL", "loyer atelier"),
    Moved(date(2026, 11, 17), Decimal("300.00"), "GARAGE DUVAL", "loyer atelier"),
    Moved(date(2026, 11, 18), Decimal("-1000.00"), "SCI DES LILAS", "LOYER NOVEMBRE"),
)
OPENING = Decimal("2500.00")
IBAN = "FR7630004008110000123456786"
ACCOUNT = "00001234567"


def balance_after(rows: Sequence[Moved]) -> Decimal:
    """The balance at the end of these rows."""
    return OPENING + sum((row.amount for row in rows), Decimal(0))


def comma(amount: Decimal) -> str:
    """1200,00."""
    return f"{amount:.2f}".replace(".", ",")


def fr(on: date) -> str:
    """02/11/2026."""
    return f"{on:%d/%m/%Y}"


def _lines(header: str, rows: Sequence[str], above: str = "") -> str:
    return above + "\n".join([header, *rows]) + "\n"


def _sides(amount: Decimal, debit_sign: str = "-") -> tuple[str, str]:
    return (debit_sign + comma(-amount), "") if amount < 0 else ("", comma(amount))


def bnp(rows: Sequence[Moved]) -> str:
    """The account and a blank line above; the amount is the last column."""
    body = [f"{fr(r.on)};VIR SEPA RECU;VIREMENT;/DE {r.payer} /MOTIF {r.text};{comma(r.amount)}" for r in rows]
    header = "Date operation;Libelle court;Type operation;Libelle operation;Montant operation en euro"
    return _lines(header, body, f"Compte de chèques;****4567;18/11/2026;;{comma(balance_after(rows))}\n\n")


def societe_generale(rows: Sequence[Moved]) -> str:
    """The account as a formula above, a delimiter after the last column."""
    body = [f"{fr(r.on)};VIR RECU;VIR RECU {r.payer} {r.text};{comma(r.amount)};EUR;" for r in rows]
    header = "Date de l'opération;Libellé;Détail de l'écriture;Montant de l'opération;Devise;"
    return _lines(header, body, '="00001234567";01/11/2026;18/11/2026;\n')


def credit_agricole(rows: Sequence[Moved]) -> str:
    """Ten lines above, labels of several lines, newest first."""
    above = (
        "Téléchargement du 18/11/2026;\n\n\nMme ROUX CAMILLE\nCompte courant n° 00001234567;\n"
        "Solde au 18/11/2026 2 394,60 €\n\nListe des opérations du compte entre le 01/11/2026 et le 18/11/2026;\n\n"
    )
    body = []
    for r in reversed(rows):
        debit, credit = _sides(r.amount, "")
        body.append(f'{fr(r.on)};"VIREMENT EN VOTRE FAVEUR\nVIR INST de {r.payer}\n  {r.text}  \n";{debit};{credit};')
    return _lines("Date;Libellé;Débit euros;Crédit euros;", body, above)


def banque_populaire(rows: Sequence[Moved]) -> str:
    """Debits negative, credits with their sign; the debit of a credit may be 0."""
    header = (
        "Date de comptabilisation;Libelle simplifie;Libelle operation;Reference;Informations complementaires;"
        "Type operation;Categorie;Sous categorie;Debit;Credit;Date operation;Date de valeur;Pointage operation"
    )
    body = []
    for n, r in enumerate(rows):
        debit, credit = _sides(r.amount)
        debit, credit = (debit, credit) if r.amount < 0 else ("0", f"+{credit}")
        day = f"{r.on:%d/%m/%y}"
        body.append(f"{day};{r.payer};VIR;OP{n};{r.text};Virement;;;{debit};{credit};{day};{day};0")
    return _lines(header, body)


def credit_mutuel(rows: Sequence[Moved]) -> str:
    """A running balance, debits negative."""
    body = []
    for n, r in enumerate(rows, 1):
        debit, credit = _sides(r.amount)
        body.append(f"{fr(r.on)};{fr(r.on)};{debit};{credit};VIR {r.payer} {r.text};{comma(balance_after(rows[:n]))}")
    return _lines("Date;Date de valeur;Débit;Crédit;Libellé;Solde", body)


def cic(rows: Sequence[Moved]) -> str:
    """Commas between columns, dots in amounts."""
    body = [
        f'{fr(r.on)},{fr(r.on)},{r.amount},"VIR {r.payer}, {r.text}",{balance_after(rows[:n])}'
        for n, r in enumerate(rows, 1)
    ]
    return _lines("Date d'opération,Date de valeur,Montant,Libellé,Solde", body)


def banque_postale(rows: Sequence[Moved]) -> str:
    """Six lines above, newest first."""
    above = (
        "Numéro Compte   :;00001234567\nType         :;CCP\nCompte tenu en  :;euros\nDate            :;18/11/2026\n"
        "Solde (EUROS)   :;2394,60\nSolde (FRANCS)  :;15707,55\n\n"
    )
    body = [f"{fr(r.on)};VIREMENT DE {r.payer} {r.text};{comma(r.amount)}" for r in reversed(rows)]
    return _lines("Date;Libellé;Montant(EUROS)", body, above)


def boursobank(rows: Sequence[Moved]) -> str:
    """ISO days, a comma in amounts, a dot in the balance, which is that of today in each row."""
    header = (
        "dateOp;dateVal;label;category;categoryParent;supplierFound;amount;comment;accountNum;accountLabel;"
        "accountbalance"
    )
    body = [
        f'{r.on};{r.on};"{r.payer} | VIR {r.payer} {r.text}";Virements;Mouvements;;{comma(r.amount)};;{ACCOUNT};'
        f"BoursoBank;{balance_after(rows)}"
        for r in rows
    ]
    return "\ufeff" + _lines(header, body)


def shine(rows: Sequence[Moved]) -> str:
    """The IBAN of the account itself in each row."""
    header = (
        "Transaction ID;Date de la valeur;Date d'opération;IBAN;Type de transaction;Transaction personnelle;Category;"
        "Débit;Crédit;Solde mouvement;Solde bancaire;Libellé;Nom de la contrepartie;Montant HT;Montant de TVA total;"
        "Pièces;Date d'ajout pièces;Commentaire"
    )
    body = []
    for n, r in enumerate(rows, 1):
        debit, credit = _sides(r.amount, "")
        after = comma(balance_after(rows[:n]))
        body.append(
            f"tx-{n:04d};{fr(r.on)};{fr(r.on)};{IBAN};Virement;Non;;{debit};{credit};{comma(r.amount)};{after};"
            f"{r.text};{r.payer};;;;;"
        )
    return _lines(header, body)


def qonto(rows: Sequence[Moved]) -> str:
    """Moments of UTC, states; one transfer that waits, one that was refused."""
    header = (
        "Statut;Date de la valeur (UTC);Date de l'opération (UTC);Montant total (TTC);Débit;Crédit;Solde;Devise;"
        "Nom de la contrepartie;IBAN de la contrepartie;Méthode de paiement;Identifiant de transaction;Référence;"
        "Catégorie de trésorerie"
    )
    body = []
    states = ["Exécuté"] * len(rows)
    waits = [
        Moved(date(2026, 11, 18), Decimal("77.00"), "TARDIF", "x"),
        Moved(date(2026, 11, 18), Decimal("88"), "R", "y"),
    ]
    for n, (r, state) in enumerate(zip([*rows, *waits], [*states, "En attente", "Refusé"], strict=True), 1):
        debit, credit = _sides(r.amount, "")
        at = f"{r.on:%d-%m-%Y} 09:12:04"
        after = comma(balance_after(rows[:n]))
        body.append(
            f"{state};{at};{at};{comma(r.amount)};{debit};{credit};{after};EUR;{r.payer};FR761234;Virement;q-{n};"
            f"{r.text};"
        )
    return _lines(header, body)


def qonto_english(rows: Sequence[Moved]) -> str:
    """Commas, one signed amount."""
    header = (
        "Status,Settlement date (UTC),Operation date (UTC),Total amount (incl. VAT),Currency,Counterparty name,"
        "Payment method,Transaction ID,IBAN,Reference,Category"
    )
    body = [
        f"settled,{r.on:%d-%m-%Y} 08:00:00,{r.on:%d-%m-%Y} 08:00:00,{r.amount},EUR,{r.payer},Transfer,q-{n},FR761234,"
        f"{r.text},"
        for n, r in enumerate(rows)
    ]
    return _lines(header, body)


def revolut(rows: Sequence[Moved]) -> str:
    """A fee apart from the amount, one transfer that was taken back before it counted."""
    header = "Type,Produit,Date de début,Date de fin,Description,Montant,Frais,Devise,État,Solde"
    body = [
        f"Virement,Actuel,{r.on} 09:00:00,{r.on} 09:00:01,{r.payer} {r.text},{r.amount},0.00,EUR,TERMINÉ,"
        f"{balance_after(rows[:n])}"
        for n, r in enumerate(rows, 1)
    ]
    body.append("Virement,Actuel,2026-11-18 09:00:00,,Paiement de X,500.00,0.00,EUR,ANNULÉ,")
    return _lines(header, body)


def revolut_business(rows: Sequence[Moved]) -> str:
    """The payer in a column of its own."""
    header = (
        "Date started (UTC),Date completed (UTC),ID,Type,State,Description,Reference,Payer,Payment currency,Amount,"
        "Total amount,Fee,Balance"
    )
    body = [
        f"{r.on},{r.on},b-{n},TOPUP,COMPLETED,Money added,{r.text},{r.payer},EUR,{r.amount},{r.amount},0.00,"
        f"{balance_after(rows[:n])}"
        for n, r in enumerate(rows, 1)
    ]
    return _lines(header, body)


def n26(rows: Sequence[Moved]) -> str:
    """Quoted cells; money that moves between two spaces."""
    header = (
        '"Booking Date","Value Date","Partner Name","Partner Iban",Type,"Payment Reference","Account Name",'
        '"Amount (EUR)","Original Amount","Original Currency","Exchange Rate"'
    )
    body = [f'{r.on},{r.on},"{r.payer}",DE89,Income,"{r.text}","Compte principal",{r.amount},,,' for r in rows]
    body.append('2026-11-18,2026-11-18,"Compte principal",,Transfer,,"Impôts",200.00,,,')
    return _lines(header, body)


def bnp_workbook(rows: Sequence[Moved]) -> bytes:
    """The same columns as cells of a workbook."""
    header = ["Date operation", "Libelle court", "Libelle operation", "Montant operation en euro"]
    body = [[r.on, "VIR SEPA RECU", f"/DE {r.payer} /MOTIF {r.text}", float(r.amount)] for r in rows]
    return workbook({"Relevé": [[f"Compte {ACCOUNT}"], [], header, *body]})


def ofx1(rows: Sequence[Moved]) -> str:
    """SGML without closing tags; a header that lies about its letters."""
    body = "".join(
        f"<STMTTRN>\n<TRNTYPE>CREDIT\n<DTPOSTED>{r.on:%Y%m%d}000000[+1:CET]\n<TRNAMT>{comma(r.amount)}\n"
        f"<FITID>fit{n}\n<NAME>{r.payer}\n<MEMO>{r.text} &amp; co\n</STMTTRN>\n"
        for n, r in enumerate(rows)
    )
    return (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n<OFX>\n<BANKMSGSRSV1><STMTTRNRS>"
        f"<STMTRS>\n<CURDEF>EUR\n<BANKACCTFROM>\n<BANKID>30004\n<ACCTID>{ACCOUNT}\n<ACCTTYPE>CHECKING\n</BANKACCTFROM>\n"
        f"<BANKTRANLIST>\n<DTSTART>20261101\n<DTEND>20261118\n{body}</BANKTRANLIST>\n<LEDGERBAL>\n"
        f"<BALAMT>{balance_after(rows)}\n<DTASOF>20261118\n</LEDGERBAL>\n</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>\n"
    )


def ofx2(rows: Sequence[Moved]) -> str:
    """XML, all of it on one line."""
    body = "".join(
        f"<STMTTRN><TRNTYPE>CREDIT</TRNTYPE><DTPOSTED>{r.on:%Y%m%d}</DTPOSTED><TRNAMT>{r.amount}</TRNAMT>"
        f"<FITID>fit{n}</FITID><NAME>{r.payer}</NAME><MEMO>{r.text}</MEMO></STMTTRN>"
        for n, r in enumerate(rows)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><?OFX OFXHEADER="200" VERSION="211"?><OFX><BANKMSGSRSV1><STMTTRNRS>'
        f"<STMTRS><CURDEF>EUR</CURDEF><BANKACCTFROM><ACCTID>{ACCOUNT}</ACCTID></BANKACCTFROM><BANKTRANLIST>"
        f"<DTSTART>20261101</DTSTART><DTEND>20261118</DTEND>{body}</BANKTRANLIST></STMTRS></STMTTRNRS>"
        "</BANKMSGSRSV1></OFX>"
    )


def qif(rows: Sequence[Moved]) -> str:
    """A letter a line."""
    body = "".join(f"D{r.on:%d/%m/%y}\nT{r.amount:,}\nP{r.payer}\nM{r.text}\n^\n" for r in rows)
    return f"!Type:Bank\n{body}"


def _overpunched(amount: Decimal) -> str:
    digits = f"{abs(int(amount * 100)):014d}"
    return digits[:13] + ("{ABCDEFGHI" if amount >= 0 else "}JKLMNOPQR")[int(digits[13])]


def _cfonb_line(kind: str, on: date, amount: Decimal | None, label: str = "", code: str = "  ") -> str:
    head = f"{kind}30004{'    '}00811EUR2 {ACCOUNT}{code}{on:%d%m%y}  {on:%d%m%y}{label:31.31}"
    return f"{head:90}{_overpunched(amount) if amount is not None else '':14}".ljust(120)


def cfonb(rows: Sequence[Moved]) -> str:
    """Lines of 120; the payer and the reference in complements."""
    lines = [_cfonb_line("01", date(2026, 10, 31), OPENING)]
    for r in rows:
        lines.append(_cfonb_line("04", r.on, r.amount, f"VIR {r.payer}", "18"))
        for kind, text in (("NPY", r.payer), ("LIB", r.text), ("RCN", r.reference)):
            lines.append(f"{_cfonb_line('05', r.on, None)[:45]}{kind}{text:70.70}".ljust(120))
    lines.append(_cfonb_line("07", date(2026, 11, 18), balance_after(rows)))
    return "\n".join(lines) + "\n"


def camt(rows: Sequence[Moved]) -> str:
    """Version 02; one entry that waits."""

    def entry(r: Moved, state: str, n: int) -> str:
        side = "DBIT" if r.amount < 0 else "CRDT"
        return (
            f'<Ntry><Amt Ccy="EUR">{abs(r.amount)}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts>{state}</Sts>'
            f"<BookgDt><Dt>{r.on}</Dt></BookgDt><AcctSvcrRef>s{n}</AcctSvcrRef><NtryDtls><TxDtls><Refs><EndToEndId>"
            f"{r.reference or 'NOTPROVIDED'}</EndToEndId></Refs><RltdPties><Dbtr><Nm>{r.payer}</Nm></Dbtr><DbtrAcct>"
            f"<Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties><RmtInf><Ustrd>{r.text}</Ustrd></RmtInf>"
            "</TxDtls></NtryDtls></Ntry>"
        )

    def balance(code: str, amount: Decimal) -> str:
        return (
            f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
            "<CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        )

    waits = entry(Moved(date(2026, 11, 18), Decimal("99.00"), "TARDIF", "x"), "PDNG", 99)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">'
        f"<BkToCstmrStmt><Stmt><FrToDt><FrDtTm>2026-11-01T00:00:00</FrDtTm><ToDtTm>2026-11-18T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><IBAN>{IBAN}</IBAN></Id></Acct>{balance('OPBD', OPENING)}{balance('CLBD', balance_after(rows))}"
        f"{''.join(entry(r, 'BOOK', n) for n, r in enumerate(rows))}{waits}</Stmt></BkToCstmrStmt></Document>\n"
    )


TABLES: dict[str, Callable[[Sequence[Moved]], str]] = {
    each.__name__: each
    for each in (
        *(bnp, societe_generale, credit_agricole, banque_populaire, credit_mutuel, cic, banque_postale, boursobank),
        *(shine, qonto, qonto_english, revolut, revolut_business, n26),
    )
}
OTHERS: dict[str, Callable[[Sequence[Moved]], str]] = {each.__name__: each for each in (ofx1, ofx2, qif, cfonb, camt)}
ALL = TABLES | OTHERS
