"""Where the invoices stand: several files read as one, and an address, with each wrong turn that it may take."""

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import pytest
import trustme
from hypothesis import given
from hypothesis import strategies as st
from mail_support import listening, trust
from sources_support import workbook
from web_support import Answer, Site, gives, leads_to, raw, website

from relance.core.invoice import Status
from relance.errors import SourceError
from relance.sources import InvoiceFile, SourceOptions, read_source
from relance.sources.fetch import fetch
from relance.sources.links import checked_address, export_of, shown_address
from relance.sources.source import Limits, place_of

CSV = "N° facture;Client;E-mail;Échéance;Montant TTC;Payé\nF-1;Alpha;a@alpha.example;31/01/2026;1 200,00;\n"
SHEET = "https://docs.google.com/spreadsheets/d/1aB-c_D"
PUBLISHED = "https://docs.google.com/spreadsheets/d/e/2PACX-1v"


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """A server that this process trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(trust(tmp_path)))
    with website() as found:
        yield found


def refusal(*places: str | Path, **options: object) -> str:
    """The sentence and the cure with which these are refused."""
    with pytest.raises(SourceError) as caught:
        read_source(places, SourceOptions(**options))  # type: ignore[arg-type]
    assert caught.value.sentence.endswith(".")
    assert caught.value.cure.endswith((".", '"')), "every refusal names a cure"
    return str(caught.value)


def numbers(source: InvoiceFile) -> list[str]:
    """The invoices, by their numbers."""
    return [invoice.number for invoice in source.invoices]


def write(folder: Path, name: str, *rows: str, header: str = "N° facture;Client;Échéance;Montant TTC;Payé") -> Path:
    """A CSV file."""
    path = folder / name
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


# Several files.


def test_files_are_read_as_one_list(tmp_path: Path) -> None:
    """A file a year, the columns in another order in one; each problem and line is told by its own file."""
    one = write(tmp_path, "2025.csv", "F-1;Alpha;31/12/2025;100,00;", "F-2;Bêta;31/12/2025;abc;")
    two = write(
        tmp_path, "2026.csv", "50,00;F-3;31/01/2026;Gamma;", "x;F-4;31/01/2026;Delta;",
        header="Montant TTC;N° facture;Échéance;Client;Payé",
    )  # fmt: skip
    source = read_source([one, two])
    assert ["F-1", "F-3"] == numbers(source)
    assert [2, 2] == [invoice.line for invoice in source.invoices]
    assert [(str(one), 3), (str(two), 3)] == [(problem.file, problem.line) for problem in source.problems]
    assert f"{one}, {two}" == source.file
    assert 4 == source.rows
    assert "2025.csv, 2026.csv" in source.reading.notes[0]


def test_files_of_other_columns_are_not_mixed(tmp_path: Path) -> None:
    """A column that one lacks, has more, or has twice: the header is named, and nothing is read."""
    usual = write(tmp_path, "a.csv", "F-1;Alpha;31/01/2026;100,00;")
    fewer = write(tmp_path, "b.csv", "F-2;Bêta;31/01/2026;100,00", header="N° facture;Client;Échéance;Montant TTC")
    head = "N° facture;Client;Échéance;Montant TTC;Payé;Litige"
    more = write(tmp_path, "c.csv", "F-3;Gamma;31/01/2026;100,00;;oui", header=head)
    twice = write(
        tmp_path, "d.csv", "F-4;Delta;31/01/2026;100,00;;", header="N° facture;Client;Échéance;Montant TTC;Payé;Client"
    )
    for other, said in ((fewer, "sans « Payé »"), (more, "avec « Litige »"), (twice, "avec deux fois « Client »")):
        assert said in refusal(usual, other).replace("\u00a0", " ")
    assert "b.csv" in refusal(fewer, more)


def test_what_a_file_is_called_is_heeded(tmp_path: Path) -> None:
    """Paid ones in a file of theirs are paid; a name that says nothing says nothing."""
    open_ones = write(tmp_path, "Dupont export 2026.csv", "F-1;Alpha;31/01/2026;100,00;")
    settled = write(tmp_path, "factures payées.csv", "F-2;Bêta;31/01/2026;100,00;")
    dispute, paid = read_source([open_ones, settled]).invoices
    assert (0, 1) == (len(dispute.payments), len(paid.payments))
    assert Status.OPEN is dispute.status


def test_an_invoice_that_two_files_tell_otherwise_waits(tmp_path: Path) -> None:
    """The same row twice is one invoice; another amount is told with both places, and nothing is claimed."""
    row, other = "F-1;Alpha;31/01/2026;100,00;", "F-1;Alpha;31/01/2026;120,00;"
    one, same, two = (write(tmp_path, f"{n}.csv", r) for n, r in (("1", row), ("2", row), ("3", other)))
    assert ["F-1"] == numbers(read_source([one, same]))
    held = read_source([one, two])
    assert Status.UNCLEAR is held.invoices[0].status
    assert "2 (1.csv)" in held.invoices[0].note


def test_an_old_file_that_is_all_paid_need_not_be_fresh(tmp_path: Path) -> None:
    """Only what still shows something to pay tells how old the list is."""
    old = write(tmp_path, "2025.csv", "F-1;Alpha;31/01/2025;100,00;100,00")
    new = write(tmp_path, "2026.csv", "F-2;Bêta;31/01/2026;100,00;")
    assert (str(new),) == read_source([old, new]).telling
    write(tmp_path, "2025.csv", "F-1;Alpha;31/01/2025;100,00;99,00")
    assert (str(old), str(new)) == read_source([old, new]).telling


@pytest.mark.slow
def test_sheets_are_chosen_by_name(tmp_path: Path) -> None:
    """Sheets whose titles say nothing are read together once they are named, and only those."""
    head = ["N° facture", "Client", "Échéance", "Montant TTC"]
    book = tmp_path / "f.xlsx"
    sheets: dict[str, Any] = {name: [head, [f"F-{name}", "Alpha", "31/01/2026", 100]] for name in ("Zoé", "Max", "Léa")}
    book.write_bytes(workbook(sheets))
    assert 'sheet = ["Zoé", "Max"]' in refusal(book)
    assert ["F-Zoé", "F-Léa"] == numbers(read_source(book, SourceOptions(sheet=("Zoé", "léa"))))
    assert "n’a pas de feuille" in refusal(book, sheet=("Zoé", "Tom"))


@pytest.mark.slow
def test_a_workbook_and_a_file_are_one_list(tmp_path: Path) -> None:
    """As long as their headers agree."""
    book = tmp_path / "f.xlsx"
    head = ["N° facture", "Client", "Échéance", "Montant TTC", "Payé"]
    book.write_bytes(workbook({"Feuil1": [head, ["F-1", "Alpha", "31/01/2026", 100, None]]}))
    assert ["F-1", "F-2"] == numbers(read_source([book, write(tmp_path, "b.csv", "F-2;Bêta;31/01/2026;100,00;")]))


# What is no table, and how to get one.


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("factures.numbers", b"PK\x03\x04 Index/Document.iwa", "Exporter vers > CSV"),
        ("Factures.NUMBERS", None, "Exporter vers > CSV"),
        ("factures.xlsx", b"PK\x03\x04....Index/Document.iwa....", "Exporter vers > CSV"),
        ("factures.pages", b"PK\x03\x04", "tableur"),
        ("factures.gsheet", b'{"doc_id": "1aB"}', "Télécharger"),
        ("factures.webloc", b"bplist00", "exportez le tableau"),
        ("factures.url", b"[InternetShortcut]\r\nURL=https://docs.google.com/x\r\n", "exportez le tableau"),
    ],
)
def test_what_only_leads_to_a_table(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    """A document of Numbers, as a file or as the folder that it is on a Mac, a shortcut: how to export is told."""
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    assert said in refusal(path)


@pytest.mark.parametrize(
    ("address", "export"),
    [
        (f"{SHEET}/edit#gid=0", f"{SHEET}/export?format=csv&gid=0"),
        (f"{SHEET}/edit?usp=sharing", f"{SHEET}/export?format=csv"),
        (f"{SHEET}/edit?gid=12#gid=34", f"{SHEET}/export?format=csv&gid=34"),
        (f"{SHEET}", f"{SHEET}/export?format=csv"),
        (f"{SHEET}/export?format=pdf&gid=7", f"{SHEET}/export?format=csv&gid=7"),
        (SHEET.replace("/d/", "/u/1/d/") + "/htmlview#gid=5", f"{SHEET}/export?format=csv&gid=5"),
        (f"{PUBLISHED}/pubhtml?gid=3&single=true", f"{PUBLISHED}/pub?gid=3&single=true&output=csv"),
        (f"{PUBLISHED}/pub", f"{PUBLISHED}/pub?output=csv"),
        ("https://drive.google.com/file/d/1xY/view?usp=sharing", "https://drive.google.com/uc?export=download&id=1xY"),
        ("https://drive.google.com/open?id=1xY", "https://drive.google.com/uc?export=download&id=1xY"),
        ("https://www.dropbox.com/scl/fi/k/f.csv?rlkey=z&dl=0", "https://www.dropbox.com/scl/fi/k/f.csv?rlkey=z&dl=1"),
        ("https://dropbox.com/s/k/f.csv", "https://dropbox.com/s/k/f.csv?dl=1"),
        (
            "https://acme.sharepoint.com/:x:/s/compta/Ea1?e=4b",
            "https://acme.sharepoint.com/:x:/s/compta/Ea1?e=4b&download=1",
        ),
    ],
)
def test_an_address_that_shows_is_told_its_export(address: str, export: str) -> None:
    """Nothing is asked of the network; the address that is told is one that would be fetched."""
    said = refusal(address)
    assert f'"{export}"' in said
    assert urlsplit(export) == checked_address(export)


@pytest.mark.parametrize(
    "address",
    [
        f"{SHEET}/export?format=csv&gid=0",
        f"{SHEET}/export?format=xlsx",
        f"{SHEET}/gviz/tq?tqx=out:csv",
        f"{SHEET}/pub?output=csv",
        f"{PUBLISHED}/pub?output=csv",
        f"{PUBLISHED}/pub?gid=3&single=true&output=xlsx",
        "https://www.dropbox.com/s/k/f.csv?dl=1",
        "https://cloud.exemple.fr/s/AbCdEf123/download",
        "https://exemple.fr/export.csv?jeton=abc",
    ],
)
def test_an_export_is_taken_for_one(address: str) -> None:
    """Nothing is held against it before it is fetched."""
    assert "" == export_of(checked_address(address))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://exemple.fr/f.csv", "https"),
        ("HTTP://exemple.fr/f.csv", "https"),
        ("ftp://exemple.fr/f.csv", "non par ftp"),
        ("file:///home/camille/f.csv", "Donnez le chemin du fichier"),
        ("https://camille:secret@exemple.fr/f.csv", "mot de passe"),
        ("https://camille@exemple.fr/f.csv", "nom d’utilisateur"),
        ("https:///f.csv", "pas lisible"),
        ("https://[::1/f.csv", "pas lisible"),
        ("https://exemple.fr:abc/f.csv", "pas lisible"),
        ("https://exemple.fr/\x1b[2Jf.csv", "pas lisible"),
    ],
)
def test_what_is_no_address_to_fetch(address: str, said: str) -> None:
    """Another protocol, a login, a typing mistake: told before anybody is connected to, the secret not repeated."""
    sentence = refusal(place_of(address))
    assert said in sentence
    assert "secret" not in sentence
    assert "\x1b" not in sentence


def test_a_place_is_a_file_or_an_address() -> None:
    """A drive is no protocol, and a file may have a colon in its name."""
    for text in ("factures.csv", "C:/Users/f.csv", "c:\\f.csv", "12:30 export.csv", "https.csv", "dossier/f.csv"):
        assert Path(text) == place_of(text)
    for text in ("https://a.fr/f.csv", " https://a.fr/f.csv ", "HTTPS://a.fr/f", "http:/a.fr/f", "file:///f.csv"):
        assert text.strip() == place_of(text)


def test_an_address_is_named_without_what_opens_it() -> None:
    """Whose it is and its last word."""
    assert "docs.google.com/…/pub" == shown_address(f"{PUBLISHED}/pub?output=csv")
    assert "a.fr:8443/f.csv" == shown_address("https://u:p@a.fr:8443/f.csv?jeton=1#x")


@given(
    st.text(max_size=60), st.sampled_from(["", "https://", "https:/", "https://u:s3cr3t@", "ftp://", "HTTPS://a.fr"])
)
def test_whatever_is_typed_is_fetched_or_refused(text: str, start: str) -> None:
    """No other error, and no sentence that repeats a login."""
    place = place_of(start + text)
    if isinstance(place, Path):
        return
    found = _checked(place)
    if isinstance(found, str):
        assert "s3cr3t" not in found
    else:
        assert ("https", True) == (found.scheme, bool(found.hostname))
        assert "?" not in shown_address(place)


def _checked(address: str) -> SplitResult | str:
    """The parts of an address, or the sentence with which it is refused."""
    try:
        return checked_address(address)
    except SourceError as error:
        return f"{error}"


# What an address gives.

pytest_slow = pytest.mark.slow


@pytest_slow
@pytest.mark.parametrize("kind", ["csv", "cp1252", "gzip", "stored as gzip", "chunked", "moved", "xlsx"])
def test_a_published_table_is_read(site: Site, kind: str) -> None:
    """Whatever the server says that it is: what came tells its encoding and its format."""
    head = ["N° facture", "Client", "E-mail", "Échéance", "Montant TTC", "Payé"]
    book = workbook({"Feuil1": [head, ["F-1", "Alpha", "a@alpha.example", "31/01/2026", 1200, None]]})
    chunk = CSV.encode()
    site.answers = {
        "/csv": gives(CSV, content_type="text/html; charset=ascii"),
        "/cp1252": gives(CSV.encode("cp1252"), content_type="text/csv; charset=utf-8"),
        "/gzip": gives(gzip.compress(chunk), content_encoding="gzip"),
        "/stored%20as%20gzip": gives(gzip.compress(chunk), content_type="application/octet-stream"),
        "/chunked": _chunked(b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunk), chunk)),
        "/moved": raw(302, {"location": site.at("/csv?again=1"), "content_length": str(1 << 40)}, b"x" * 99),
        "/csv?again=1": gives(CSV),
        "/xlsx": gives(book, content_type="text/csv"),
    }
    source = read_source(site.at(f"/{kind}"))
    assert (["F-1"], "Alpha", "1200.00") == (
        numbers(source),
        source.invoices[0].customer.name,
        str(source.invoices[0].total),
    )
    assert (None, f"127.0.0.1:{site.port}/{kind}", ()) == (source.modified, source.file, source.traces.last)


def _chunked(body: bytes) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.protocol_version = "HTTP/1.1"
        raw(200, {"transfer_encoding": "chunked", "connection": "close"}, body)(handler)

    return answer


LOGIN = "<!DOCTYPE html><html><form><input name=p type='password'></form></html>"
PAGE = "<html><body>Un beau tableau</body></html>"
WRONG: dict[str, tuple[Callable[[Site], Answer], str]] = {
    "login page": (lambda _: gives(LOGIN), "127.0.0.1 demande de se connecter"),
    "login elsewhere": (lambda site: leads_to(site.at("/connexion?next=%2Ff")), "127.0.0.1 demande de se connecter"),
    "Google's login": (lambda _: leads_to("https://accounts.google.com/ServiceLogin?x=1"), "demande de se connecter"),
    "Microsoft's login": (lambda _: leads_to("https://login.microsoftonline.com/common/"), "demande de se connecter"),
    "unauthorised": (lambda _: gives("non", 401), "demande de se connecter"),
    "forbidden": (lambda _: gives("non", 403), "demande de se connecter"),
    "page": (lambda _: gives(PAGE, content_type="text/csv"), "est une page web"),
    "absent": (lambda _: gives("", 404), "n’existe pas"),
    "gone": (lambda _: gives("", 410), "n’existe pas"),
    "busy": (lambda _: gives("", 429), "pour l’instant (erreur 429)"),
    "down": (lambda _: gives("", 503), "pour l’instant (erreur 503)"),
    "teapot": (lambda _: gives("", 418), "erreur 418"),
    "partial": (lambda _: gives(CSV, 206), "réponse 206"),
    "nothing": (lambda _: gives("", 204), "réponse 204"),
    "empty": (lambda _: gives(""), "est vide"),
    "blank": (lambda _: gives("\n \n"), "est vide"),
    "PDF": (lambda _: gives(b"%PDF-1.7 ..."), "est un PDF"),
    "not https": (lambda site: leads_to(f"http://127.0.0.1:{site.port}/f"), "n’est pas https"),
    "a local file": (lambda _: leads_to("file:///etc/passwd"), "à aucun tableau"),
    "round and round": (lambda site: leads_to(site.at("/f?k=1")), "à aucun tableau"),
    "cut": (lambda _: raw(200, {"content_length": "4000"}, CSV.encode()), "avant la fin"),
    "cut in chunks": (lambda _: _chunked(b"%x\r\n%s" % (4000, CSV.encode())), "avant la fin"),
    "cut gzip": (lambda _: gives(gzip.compress(CSV.encode())[:-9]), "avant la fin"),
    "broken gzip": (lambda _: gives(b"\x1f\x8b" + b"x" * 40), "avant la fin"),
    "without a length": (lambda _: raw(200, {}, CSV.encode()), "ne dit pas combien"),
    "no HTTP": (lambda _: _hangs_up, "avant la fin"),
    "too large, as it says": (lambda _: raw(200, {"content_length": str(3 << 20)}, b""), "dépasse 1 Mo"),
    "too large": (lambda _: gives(CSV + "x" * (1 << 20)), "dépasse 1 Mo"),
    "too large once inflated": (lambda _: gives(gzip.compress(b"x" * (9 << 20))), "dépasse 1 Mo"),
}


def _hangs_up(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True


@pytest_slow
@pytest.mark.parametrize("turn", WRONG)
def test_a_wrong_turn_is_told(site: Site, turn: str) -> None:
    """One sentence and a cure; nothing is read in part, and the address is not repeated whole."""
    answer, said = WRONG[turn]
    site.answers = {"/f?jeton=abc": answer(site), "/connexion?next=%2Ff": gives(PAGE)}
    if turn == "round and round":
        site.answers["/f?k=1"] = leads_to(site.at("/f?k=2"))
        site.answers["/f?k=2"] = leads_to(site.at("/f?k=1"))
    sentence = refusal(site.at("/f?jeton=abc"), limits=Limits(megabytes=1))
    assert said in sentence
    assert "jeton" not in sentence


@pytest_slow
def test_a_bomb_is_not_inflated(site: Site) -> None:
    """A few octets that would become far more than the limit."""
    site.answers = {"/f": gives(gzip.compress(b"x" * (64 << 20)))}
    tracemalloc.start()
    try:
        assert "dépasse 1 Mo" in refusal(site.at("/f"), limits=Limits(megabytes=1))
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


@pytest_slow
def test_a_shared_folder_is_told_its_download(site: Site) -> None:
    """Nextcloud shows a page under the address that it lets one copy; the one that is told gives the table."""
    site.answers = {"/s/AbCdEf123": gives(PAGE), "/s/AbCdEf123/download": gives(CSV)}
    said = refusal(site.at("/s/AbCdEf123"))
    (export,) = (word.strip('"') for word in said.split() if word.startswith('"https'))
    assert ["F-1"] == numbers(read_source(export))


def _wait(over: threading.Event) -> None:
    over.wait(30)


@pytest_slow
def test_who_drips_is_not_waited_for(site: Site) -> None:
    """An octet now and then, and a server that says nothing at all."""
    over = threading.Event()

    def drips(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "5000")
        handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b"x")
            handler.wfile.flush()

    site.answers = {"/drips": drips, "/waits": lambda _: _wait(over)}
    try:
        for path in ("/drips", "/waits"):
            start = time.monotonic()
            with pytest.raises(SourceError, match="ne s’est pas laissé lire"):
                fetch(site.at(path), Limits(), seconds=0.4)
            assert time.monotonic() - start < 5
    finally:
        over.set()


@pytest_slow
def test_a_stranger_is_not_believed(site: Site) -> None:
    """A certificate that nobody here vouches for, nobody at the port, no network."""
    with website(trustme.CA()) as other:
        other.answers = {"/f.csv": gives(CSV)}
        assert "certificat" in refusal(other.at("/f.csv"))
        assert [] == other.asked
    with listening() as closed:
        port = closed.getsockname()[1]
    assert "ne peut pas être lu en ligne" in refusal(f"https://127.0.0.1:{port}/f.csv")


def test_without_a_network_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name of the server leads nowhere."""

    def nowhere(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    said = refusal("https://exemple.invalid/f.csv")
    assert "Vérifiez votre connexion" in said
    assert "service" not in said
