"""What leads to a spreadsheet and is none: files that only their own program reads, pages that show, pages that ask.

Each is refused by its name, with the way to get an export out of it.
"""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit, urlunsplit

from relance.errors import SourceError

_SHORTCUT = "Ouvrez-le, exportez le tableau en CSV et donnez ce fichier, ou l’adresse https de l’export."
_NUMBERS = "Dans Numbers : Fichier > Exporter vers > CSV."
_OWN = {
    ".numbers": ("un document Numbers", _NUMBERS),
    ".pages": ("un document Pages", "Copiez son tableau dans un tableur, puis enregistrez-le en CSV."),
    ".gsheet": (
        "un raccourci vers Google Sheets",
        "Dans Google Sheets : Fichier > Télécharger > Valeurs séparées par des virgules (.csv).",
    ),
    ".webloc": ("un raccourci vers une page web", _SHORTCUT),
    ".url": ("un raccourci vers une page web", _SHORTCUT),
}
_PUBLISH = (
    "Dans Google Sheets : Fichier > Partager > Publier sur le Web > Valeurs séparées par des virgules (.csv) ; "
    "donnez l’adresse affichée."
)
_ONEDRIVE = "Donnez le chemin du fichier dans le dossier OneDrive de cette machine."
_CURES = {
    "google.com": _PUBLISH,
    "sharepoint.com": _ONEDRIVE,
    "onedrive.live.com": _ONEDRIVE,
    "1drv.ms": _ONEDRIVE,
    "live.com": _ONEDRIVE,
    "microsoftonline.com": _ONEDRIVE,
    "dropbox.com": "Dans Dropbox, copiez un lien de partage, qui finit par dl=1, ou donnez le chemin du fichier.",
    "icloud.com": _NUMBERS,
}
_DOWNLOAD = "Téléchargez le tableau et donnez ce fichier, ou donnez l’adresse d’un export public."
LOGINS = ("accounts.google.com", "login.microsoftonline.com", "login.live.com", "login.windows.net")
"""Hosts that do nothing but ask who one is."""
_ASKS = rb"(?i)<input[^>]+type\s*=\s*[\"']?password"
_ASKING = r"(?i)/(?:log-?in|sign_?-?in|connexion|servicelogin|authorize)\b"
_SHEETS = r"/spreadsheets/(?:u/\d+/)?d/(e/)?([\w-]+)(?:/(\w*))?"
_DRIVE = r"/file/(?:u/\d+/)?d/([\w-]+)"
_NEXTCLOUD = r"(?:/index\.php)?/s/\w{6,}"
_TABLES = ("csv", "tsv", "xlsx", "ods")


def refuse_own_format(path: Path) -> None:
    """SourceError for a file by whose name one knows that it is no table, or only leads to one."""
    if told := _OWN.get(path.suffix.lower()):
        what, cure = told
        raise SourceError(f"{path} est {what}, que relance ne lit pas.", cure)


def refuse_numbers(name: str, data: bytes) -> None:
    """SourceError for the archive of a Numbers document, whatever its name."""
    if b"Index/Document.iwa" in data:
        what, cure = _OWN[".numbers"]
        raise SourceError(f"{name} est {what}, que relance ne lit pas.", cure)


def shown_address(address: str) -> str:
    """What names an address in a sentence: whose it is and its last word, nothing that opens it or a session."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    words = [word for word in parts.path.split("/") if word]
    last = words[-1][:40] if words else ""
    return "/".join(filter(None, (host, "…" if len(words) > 1 else "", last)))


def checked_address(address: str) -> SplitResult:
    """The parts of an address that may be fetched; SourceError where it is none, or shows a table without giving it."""
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        parts, host = SplitResult("https", "", "", "", ""), ""
    if parts.scheme.lower() != "https":
        instead = "Donnez le chemin du fichier." if parts.scheme.lower() == "file" else "Donnez une adresse https."
        raise SourceError(f"relance ne lit en ligne que par https, et non par {parts.scheme}.", instead)
    if not host or not address.strip().isprintable():
        raise SourceError("Cette adresse n’est pas lisible.", "Copiez-la de nouveau, de https à sa fin.")
    if "@" in parts.netloc:
        raise SourceError(
            f"L’adresse de {host} porte un nom d’utilisateur ou un mot de passe : elle n’est pas suivie.", _DOWNLOAD
        )
    if export := export_of(parts):
        raise SourceError(
            f"{shown_address(address)} montre le tableau, et ne le donne pas.",
            f'Donnez l’adresse de son export, entre guillemets : "{export}"',
        )
    return parts


def export_of(parts: SplitResult) -> str:
    """The address of the export of what this one shows; empty where it may be an export itself."""
    host = (parts.hostname or "").removeprefix("www.")
    rule = _EXPORTS.get(host) or (_sharepoint if host.endswith(".sharepoint.com") else None)
    return rule(parts) if rule else ""


def _google_sheets(parts: SplitResult) -> str:
    found = re.match(_SHEETS, parts.path)
    if found is None:
        return ""
    published, key, view = found.groups()
    told = dict(parse_qsl(parts.query))
    sheet = {name: value for name, value in {**told, **dict(parse_qsl(parts.fragment))}.items() if name == "gid"}
    if view == "pub" and told.get("output") in _TABLES:
        return ""
    if published:
        single = {"single": "true"} if sheet else {}
        return _with(parts, f"/spreadsheets/d/e/{key}/pub", {**sheet, **single, "output": "csv"})
    if view == "gviz" or (view == "export" and told.get("format", "xlsx") in _TABLES):
        return ""
    return _with(parts, f"/spreadsheets/d/{key}/export", {"format": "csv", **sheet})


def _google_drive(parts: SplitResult) -> str:
    found = re.match(_DRIVE, parts.path)
    key = found[1] if found else dict(parse_qsl(parts.query)).get("id", "") if parts.path == "/open" else ""
    return _with(parts, "/uc", {"export": "download", "id": key}) if key else ""


def _dropbox(parts: SplitResult) -> str:
    told = dict(parse_qsl(parts.query))
    return "" if "1" in (told.get("dl"), told.get("raw")) else _with(parts, parts.path, {**told, "dl": "1"})


def _sharepoint(parts: SplitResult) -> str:
    told = dict(parse_qsl(parts.query))
    shared = re.match(r"/:[a-z]:/", parts.path) is not None
    return _with(parts, parts.path, {**told, "download": "1"}) if shared and told.get("download") != "1" else ""


_EXPORTS: dict[str, Callable[[SplitResult], str]] = {
    "docs.google.com": _google_sheets,
    "drive.google.com": _google_drive,
    "dropbox.com": _dropbox,
}


def _with(parts: SplitResult, path: str, query: dict[str, str]) -> str:
    return urlunsplit(("https", parts.netloc, path, urlencode(query), ""))


def asks_who(address: str) -> bool:
    """True for a page that only asks who one is."""
    parts = urlsplit(address)
    return (parts.hostname or "") in LOGINS


def login_error(address: str) -> SourceError:
    """What is said of an address that leads to a login: by the name of the service, with its own cure."""
    host = urlsplit(address).hostname or ""
    cure = next((cure for owner, cure in _CURES.items() if f".{host}".endswith(f".{owner}")), _DOWNLOAD)
    return SourceError(f"{host} demande de se connecter, et relance ne lit que ce qui est publié.", cure)


def page_error(address: str, reached: str, page: bytes) -> SourceError:
    """What is said of an address that gives a page to look at (`reached` after redirections) and no table."""
    if re.search(_ASKS, page) or re.search(_ASKING, urlsplit(reached).path):
        return login_error(address)
    parts = urlsplit(address)
    name = shown_address(address)
    if re.fullmatch(_NEXTCLOUD, parts.path.rstrip("/")):
        export = urlunsplit(("https", parts.netloc, f"{parts.path.rstrip('/')}/download", "", ""))
        return SourceError(
            f"{name} montre le tableau, et ne le donne pas.",
            f'Donnez l’adresse de son export, entre guillemets : "{export}"',
        )
    host = parts.hostname or ""
    cure = next((cure for owner, cure in _CURES.items() if f".{host}".endswith(f".{owner}")), _DOWNLOAD)
    return SourceError(f"{name} est une page web, non un tableau.", cure)
