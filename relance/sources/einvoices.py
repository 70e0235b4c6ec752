"""A folder of e-invoices -> the table of a list of invoices: one row a document, in the columns of any other file.

What a folder shows that a list does not: purchases among sales, one invoice as PDF and as XML, corrected invoices,
files that are no invoices. Each is a row, or is named.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

from relance.core.invoice import LeftOut, Problem, Status, normalised_name, normalised_number
from relance.core.reading import Issuer
from relance.errors import SourceError
from relance.sources.columns import recognise
from relance.sources.due_days import due_of
from relance.sources.einvoice_accounts import TRANSFER, other_accounts
from relance.sources.einvoice_cache import Cache
from relance.sources.einvoice_roots import DECLARED, FaultyError, root_of_xml
from relance.sources.einvoice_xml import EInvoice, Party, read_e_invoice
from relance.sources.folders import FolderFile, files_of, folders_in, is_pattern, root_of
from relance.sources.pdf_attachments import NO_XML, xml_of_pdf
from relance.sources.rows import Gathered
from relance.sources.source import Limits, SourceOptions
from relance.sources.tables import Listing, Page, folder_error
from relance.sources.values import Cell, mark_of

HEADERS = {
    "number": "Numéro de facture",
    "kind": "Type de document",
    "issue_date": "Date de facture",
    "due_date": "Date d’échéance",
    "terms": "Conditions de paiement",
    "total": "Total TTC",
    "paid": "Montant payé",
    "outstanding": "Reste à payer",
    "currency": "Devise",
    "status": "Statut",
    "method": "Mode de paiement",
    "source_invoice": "Facture d’origine",
    "customer": "Client",
    "customer_code": "Code client",
    "siret": "SIRET",
    "vat_number": "N° TVA",
    "contact": "Contact facturation",
    "email": "E-mail",
    "phone": "Téléphone",
    "address": "Adresse",
    "postcode": "Code postal",
    "city": "Ville",
    "country": "Pays",
    "reference": "Référence commande",
    "buyer_reference": "Référence acheteur",
    "iban": "IBAN",
    "transfer": TRANSFER,
    "pdf": "PDF",
}
"""What a column of the table is called; each but three (of the buyer, of the bank) is that of its field."""
_DAYS = ("issue_date", "due_date")
_CORRECTED = ("384", "471")
"""UNTDID 1001: a corrected invoice takes the place of the one that it names (BT-25)."""
_REPLACES = "facture de remplacement"
_CREDITS = ("381", "261", "262", "502", "503")


class Row(NamedTuple):
    """One document that the user issued: where it stands, what it says, and whether it lies where paid ones do."""

    file: Path
    invoice: EInvoice
    cells: dict[str, str]
    paid: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """Its number and the year of its issue: two files of one key are one invoice, or contradict each other."""
        return normalised_number(self.cells["number"]), self.cells["issue_date"][:4]


class Folder(NamedTuple):
    """The table of a folder, when the newest of its files was written, and whose invoices it is to be asked about."""

    table: Listing
    saved: datetime
    issuer: Issuer | None


def read_folder(places: Sequence[Path], options: SourceOptions, agreed: str) -> Folder:
    """The e-invoices that stand there; SourceError where there is none. `agreed` is whom the user said he is."""
    name, limits = ", ".join(map(str, places)), options.limits
    held = {file.path: file for place in places for file in files_of(place)}
    paid = _paid_files(options.paid_dir, places)
    files = sorted({**held, **paid}.values())
    if len(files) > limits.rows:
        raise SourceError(f"{name} contient plus de {limits.rows} fichiers.", "Donnez un dossier par année.")
    cache = Cache(options.e_invoices.cache)
    found = [(file, cache.read(file, lambda path: _opened(path, limits))) for file in files]
    cache.keep()
    issued = [(file, each) for file, each in found if isinstance(each, EInvoice)]
    pictures = {file.path.with_suffix("") for file, _ in issued if file.path.suffix.lower() == ".xml"}
    faults = [
        (file, each)
        for file, each in found
        if isinstance(each, str) and file.path not in paid and not _is_picture(file.path, each, pictures)
    ]
    if not issued:
        raise _none_read(name, places, len(faults), faults[0][1] if faults else "")
    seller, question = _seller(issued, options.e_invoices.seller or agreed)
    mine = _names_of([each.seller for _, each in issued], seller)
    gathered = _Rows(root_of([*places]), set(paid), options.e_invoices.iban)
    for file, each in issued:
        gathered.add(file.path, each, _whose(each, seller, mine))
    for file, sentence in faults:
        gathered.refuse(file.path, sentence)
    table = gathered.table(name, list(_notes(places, options.paid_dir)))
    newest = max(file.stat[2] for file in files)
    return Folder(table, datetime.fromtimestamp(newest / 1e9, UTC), question)


def _paid_files(folder: Path | None, places: Sequence[Path]) -> dict[Path, FolderFile]:
    """What lies where paid invoices do; SourceError where that is no folder, or the one of those that are owed."""
    if folder is None:
        return {}
    if folder.resolve() in [root_of([place]).resolve() for place in places]:
        raise SourceError(
            f"Le dossier {folder} est à la fois file et paid_dir sous [invoices]\u00a0: tout y serait tenu pour payé.",
            "Donnez à paid_dir un dossier à part.",
        )
    if not folder.is_dir():
        raise SourceError(
            f"Le dossier {folder} (paid_dir sous [invoices]) est introuvable.",
            "Créez-le, ou corrigez paid_dir : ce qui y est rangé est tenu pour payé.",
        )
    return {file.path: file for file in files_of(folder)}


def _opened(path: Path, limits: Limits) -> tuple[bytes, Callable[[bytes], EInvoice]]:
    """The octets of a file, and what reads them."""
    try:
        if path.stat().st_size > limits.megabytes << 20:
            raise FaultyError(f"Fichier de plus de {limits.megabytes}\u00a0Mo\u00a0: ce n’est pas une facture.")
        data = path.read_bytes()
    except OSError:
        raise FaultyError("Ce fichier ne peut pas être lu\u00a0: donnez-vous le droit de le lire.") from None
    return data, _of_xml if path.suffix.lower() == ".xml" else lambda pdf: read_e_invoice(xml_of_pdf(pdf))


def _of_xml(data: bytes) -> EInvoice:
    root = root_of_xml(data)
    if root is not None and not root.is_invoice and root.name != DECLARED:
        raise FaultyError(f"Ce XML n’est pas une facture (élément {root.name})\u00a0: rangez-le ailleurs.")
    return read_e_invoice(data)


def _none_read(name: str, places: Sequence[Path], faults: int, first: str) -> SourceError:
    if not faults:
        return SourceError(f"{name} ne contient aucune facture électronique.", "Déposez-y des PDF Factur-X ou des XML.")
    several = f"{faults} fichiers, aucune facture" if faults > 1 else "un fichier qui n’en est pas une"
    refusal = SourceError(f"{name} ne contient aucune facture électronique ({several}).", first)
    beside = folder_error(places[0]) if len(places) == 1 and not is_pattern(places[0]) else refusal
    return beside if beside.again else refusal


def _is_picture(file: Path, fault: str, of: set[Path]) -> bool:
    """True for a PDF without XML beside the XML of its name: what a person reads of it."""
    return fault == NO_XML and file.with_suffix("") in of


def _notes(places: Iterable[Path], paid_dir: Path | None) -> Iterator[str]:
    """The folders inside that nobody reads."""
    for place in places:
        others = [each for each in folders_in(place) if paid_dir is None or not paid_dir.samefile(each)]
        if others:
            yield f"Dossiers non lus : {', '.join(others)} (à ajouter à file sous [invoices])."


def _seller(issued: Sequence[tuple[FolderFile, EInvoice]], told: str) -> tuple[str, Issuer | None]:
    """Who the user is: as told, else the seller of most invoices, about whom he is asked."""
    if told:
        return told, None
    sellers = [each.seller for _, each in issued]
    counted = Counter(party.identity for party in sellers)
    identity, times = max(counted.items(), key=lambda item: (item[1], item[0]))
    name = next(party.name for party in sellers if party.identity == identity)
    return identity, Issuer(identity, name, times, len(issued))


def _names_of(parties: Iterable[Party], identity: str) -> set[str]:
    """What the user is called on the invoices that name him by his number, for those that do not."""
    named = {normalised_name(party.name) for party in parties if _is(party, identity)}
    return named - {""}


def _is(party: Party, identity: str) -> bool:
    return identity in (*party.ids, party.identity)


def _whose(invoice: EInvoice, identity: str, names: set[str]) -> str:
    """Why an invoice is none that the user issued; empty where it is."""
    seller, buyer = invoice.seller, invoice.buyer
    if _is(seller, identity) or (not seller.ids and normalised_name(seller.name) in names):
        return ""
    if _is(buyer, identity):
        return f"Facture d’achat, vendeur {seller.name or 'sans nom'}\u00a0: rangez-la dans un autre dossier."
    return (
        f"Vendeur {seller.name or 'sans nom'} ({_told(seller)})\u00a0: ce n’est pas vous "
        f"({identity.partition(':')[2]}). Rangez ce fichier ailleurs, ou corrigez siret sous [sender]."
    )


def _told(party: Party) -> str:
    return ", ".join(each.partition(":")[2] for each in party.ids) or "sans numéro"


class _Rows:
    """The documents of a folder as they become rows, and what is to be said of those that do not."""

    def __init__(self, root: Path, paid: set[Path], iban: str) -> None:
        self.root = root
        self.in_paid = paid
        self.iban = iban
        self.rows: list[Row] = []
        self.problems: list[Problem] = []
        self.left_out: list[LeftOut] = []
        self.notes: list[str] = []
        self.skipped = 0

    def refuse(self, file: Path, sentence: str, number: str = "", *, owed: bool = True) -> None:
        """A file that is no row: it is named, and counts among what could be owed."""
        self.problems.append(Problem(str(file), sentence, mark=mark_of([str(file), sentence]), number=number))
        self.left_out += [LeftOut()] if owed else []
        self.skipped += 1

    def add(self, file: Path, invoice: EInvoice, stranger: str) -> None:
        """A document that could be read; `stranger` is why it is none of the user's."""
        if stranger:
            self.refuse(file, stranger, invoice.cells["number"], owed=False)
            return
        cells = {**invoice.cells, "source_invoice": ", ".join(invoice.sources), "pdf": self._pdf(file)}
        self.rows.append(Row(file, invoice, cells, file in self.in_paid))

    def _pdf(self, file: Path) -> str:
        """What is attached: the PDF itself, of an XML the PDF of its name beside it; none outside `root`."""
        pdf = file
        if file.suffix.lower() == ".xml":
            pdf = next((each for end in (".pdf", ".PDF") if (each := file.with_suffix(end)).is_file()), file)
        if pdf.suffix.lower() == ".xml" or not pdf.absolute().is_relative_to(self.root):
            return ""
        return str(pdf.absolute().relative_to(self.root))

    def table(self, name: str, notes: list[str]) -> Listing:
        """The rows in the order of their numbers, each a page of its own."""
        rows = sorted(self._each_once(), key=lambda row: (normalised_number(row.cells["number"]), str(row.file)))
        rows = [self._settled(row) for row in self._without_corrected(rows)]
        for row in rows:
            self._due(row)
        owed = [row for row in rows if row.cells["outstanding"] != "0,00"]
        self.problems += other_accounts([(row.file, row.cells) for row in owed], self.iban)
        headers = tuple(HEADERS.values())
        return Listing(
            file=name,
            headers=headers,
            header_line=1,
            columns=recognise(headers, {}),
            rows=[[_cell(field, row.cells.get(field, "")) for field in HEADERS] for row in rows],
            lines=range(1, len(rows) + 1),
            problems=tuple(self.problems),
            notes=(*notes, *self.notes),
            skipped=self.skipped,
            pages=tuple(Page(place, str(row.file), None, row.file.name, True) for place, row in enumerate(rows)),
            left_out=tuple(self.left_out),
        )

    def _each_once(self) -> Iterator[Row]:
        """Of files that hold the same, one: paid where one of them lies there, with the PDF where one has it."""
        alike: dict[tuple[object, ...], Row] = {}
        twice = []
        for row in self.rows:
            same = tuple(value for field, value in row.cells.items() if field != "pdf")
            earlier = alike.setdefault(same, row)
            if earlier is not row:
                twice.append(row.file.name)
                best = row if row.cells["pdf"] and not earlier.cells["pdf"] else earlier
                alike[same] = best._replace(paid=row.paid or earlier.paid)
        if twice:
            self.notes.append(f"Même facture dans plusieurs fichiers, comptée une seule fois : {_listed(twice)}.")
            self.skipped += len(twice)
        yield from alike.values()

    def _without_corrected(self, rows: Sequence[Row]) -> Iterator[Row]:
        """The rows, each that another one corrects said to be replaced; a correction that fits none is asked about."""
        numbers: dict[str, list[Row]] = {}
        for row in rows:
            numbers.setdefault(row.key[0], []).append(row)
        replaced: dict[Path, str] = {}
        for row in rows:
            lessens = row.cells["total"].startswith(
                "-"
            )  # then it is a credit note by its sum, and the first one stands
            if row.cells["kind"] in _CORRECTED and len(row.invoice.sources) == 1 and not lessens:
                row.cells["kind"] = self._corrects(row, numbers, replaced)
        for row in rows:
            if row.file not in replaced:
                yield row
            elif row.key[0] != normalised_number(replaced[row.file]):
                row.cells["status"] = "remplacée"
                yield row
            else:
                self.skipped += 1

    def _corrects(self, row: Row, numbers: Mapping[str, list[Row]], replaced: dict[Path, str]) -> str:
        """What a corrected invoice is, once what it corrects is known not to be paid; as it is where that is open."""
        others = [each for each in numbers.get(normalised_number(row.invoice.sources[0]), ()) if each is not row]
        if any(each.paid or each.cells["kind"] in _CORRECTED for each in others):
            return row.cells["kind"]
        for each in others:
            replaced[each.file] = row.cells["number"]
            self.notes.append(f"{each.cells['number']} ({each.file.name}) remplacée par {row.cells['number']}.")
        return _REPLACES

    def _settled(self, row: Row) -> Row:
        """What lies where paid invoices do is paid; a credit note there is used up, unless what it corrects is owed."""
        if not row.paid:
            if row.cells["kind"] in _CREDITS and row.cells["outstanding"] == "0,00":
                row.cells["status"] = "soldé"  # paid back, or counted elsewhere: what it pays is asked about
            return row
        unpaid = {each.key[0] for each in self.rows if not each.paid}
        if row.cells["kind"] in _CREDITS and not unpaid.isdisjoint(map(normalised_number, row.invoice.sources)):
            return row
        row.cells.update(outstanding="0,00", paid=row.cells["total"], status="payée")
        return row

    def _due(self, row: Row) -> None:
        """The day on which the whole of it is due; a problem where nothing that could be read says it."""
        issued = _date(row.cells["issue_date"])
        days = row.invoice.due_days
        row.cells["due_date"] = days[-1] if days else ""
        if len(days) > 1:
            self.notes.append(f"{row.cells['number']} a plusieurs échéances : la dernière ({days[-1]}) est suivie.")
        if days or issued is None or row.paid or row.cells["kind"] in _CREDITS:
            return
        due = due_of(row.cells["terms"], issued)
        row.cells["due_date"] = due.day.isoformat()
        if not due.read:
            told = "Échéance absente" + (", conditions de paiement non comprises" if row.cells["terms"] else "")
            sentence = f"{told}\u00a0: comptée au {due.day:%d/%m/%Y}. Donnez-la dans votre logiciel de facturation."
            number = row.cells["number"]
            mark = mark_of([str(row.file), sentence])
            self.problems.append(
                Problem(str(row.file), sentence, value=row.cells["terms"] or None, mark=mark, number=number)
            )


def corrections(gathered: Gathered) -> dict[str, str]:
    """By the key of a corrected invoice, that of the one that it replaces.

    One is held where a list of payments has money for the first: what of it counts, nobody knows.
    """
    decoded, invoices = gathered.decoded, gathered.invoices
    rows = {line: row for row, line in enumerate(decoded.table.lines)}
    keys = {normalised_number(invoice.number): key for key, invoice in invoices.items()}
    replaced = {}
    for key, invoice in invoices.items():
        row = rows[invoice.line]
        number = normalised_number(str(decoded.cell(row, "source_invoice")))
        if decoded.cell(row, "kind") != _REPLACES or keys.get(number, key) == key:
            continue
        replaced[key] = keys[number]
        if number in gathered.ledger:
            message = (
                f"Elle remplace {invoices[keys[number]].number}, sur laquelle un règlement est noté\u00a0: "
                f"notez-le sur {invoice.number} dans la liste des règlements."
            )
            invoices[key] = invoice._replace(status=Status.UNCLEAR, note=message)
            gathered.complain(row, "source_invoice", message)
    return replaced


def _cell(field: str, text: str) -> Cell:
    return (_date(text) or text) if field in _DAYS else text


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-01-01") else None
    except ValueError:
        return None


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" et {len(names) - 10} autres" if len(names) > 10 else "")
