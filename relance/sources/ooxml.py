"""XLSX sheets, in the child: the cells that calamine shows empty, hidden rows, merged cells, far cells."""

import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from xml.etree import ElementTree
from xml.parsers import expat

from relance.sources.formats import Show, show_of
from relance.sources.looks import Look, Unusable
from relance.sources.source import Limits
from relance.sources.values import HEADER_ROWS, UNCACHED

_ROOT = re.compile(rb"<(\w+:)?worksheet[\s>]")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_SPAN = re.compile(rb'\bref="([A-Z]{1,3}[0-9]{1,7}):([A-Z]{1,3}[0-9]{1,7})"')
_AT = re.compile(rb'\br="(\$?[A-Z]{1,3}\$?[0-9]{1,7})"')
_TEXTS = ("str", "inlineStr")
_LINE = re.compile(rb'\br="(\d+)"')
# What XlsxWriter and others ask for who write 0 as the value of every formula.
_RECOMPUTED = re.compile(rb"""\bfullCalcOnLoad=["'](?:1|true)""")
_SMALL = 8 * 2**20
_ENCODING = re.compile(rb"""<\?xml[^>]*encoding=["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_MENDED = (
    (re.compile(rb"<(?:\w+:)?dimension\s[^>]*>(?:</(?:\w+:)?dimension>)?"), b""),
    (re.compile(rb"""(<(?:\w+:)?c\s[^>]*?\br=["'])\$?([A-Z]+)\$?([0-9]+)"""), rb"\1\2\3"),
    (re.compile(rb"""(<(?:\w+:)?c\s[^>]*?)\st=["']["']"""), rb"\1"),
    (re.compile(rb"""(\bTarget=["'])\./"""), rb"\1"),
    (re.compile(rb"""(<(?:\w+:)?sheet\s[^>]*?)\sstate=["'](?!visible|hidden|veryHidden)[^"']*["']"""), rb"\1"),
)
_FILLED = re.compile(rb'\br="([A-Z]{1,3})\d+"[^/>]*>')
_FAR_LINE = re.compile(rb'\br="[A-Z]{1,3}([0-9]{5,7})"[^/>]*>')


def mended(data: bytes) -> bytes:
    """The workbook without what calamine stumbles over and spreadsheets do not mind.

    The size that a sheet says it has, where that is none; `$` in references; empty types of cells; other encodings than
    UTF-8; paths that begin with `./`; states of sheets that nobody knows.
    """
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as mended:
        for info in archive.infolist():
            content = archive.read(info)
            if info.filename.lower().endswith((".xml", ".rels")):
                for pattern, instead in _MENDED:
                    content = pattern.sub(instead, content)
                declared = _ENCODING.match(content)
                if declared and declared[1].lower() != b"utf-8":
                    content = content[declared.end() :].decode(declared[1].decode("ascii")).encode()
            mended.writestr(info.filename, content)
    return out.getvalue()


def looks_of_xlsx(parts: Mapping[str, bytes], limits: Limits) -> Callable[[str], Look]:
    """The look at a sheet by its title."""
    paths = _paths(parts)
    recomputed = any(_RECOMPUTED.search(content) for name, content in parts.items() if name.endswith("workbook.xml"))
    styles = _styles(next((content for name, content in parts.items() if name.endswith("/styles.xml")), b""))
    looks = {title: _look(parts[path], limits, recomputed, styles) for title, path in paths.items() if path in parts}

    def look(title: str) -> Look:
        if title not in looks:
            raise Unusable("damaged")
        return looks[title]

    return look


def _paths(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The part of each sheet, as the workbook says; strict and transitional namespaces are alike."""
    try:
        book = "xl/workbook.xml"
        for relation in ElementTree.fromstring(parts.get("_rels/.rels", b"<none/>")):
            if relation.get("Type", "").endswith("/officeDocument"):
                book = _join("", relation.get("Target", ""))
                break
        folder, name = posixpath.split(book)
        targets = {
            relation.get("Id", ""): _join(folder, relation.get("Target", ""))
            for relation in ElementTree.fromstring(parts[f"{folder}/_rels/{name}.rels".lstrip("/")])
        }
        root = ElementTree.fromstring(parts[book])
    except (KeyError, ElementTree.ParseError):
        raise Unusable("damaged") from None
    paths = {}
    for sheet in (child for part in root if _local(part.tag) == "sheets" for child in part):
        key = next((value for name, value in sheet.items() if _local(name) == "id" and name != "id"), "")
        paths[sheet.get("name", "")] = targets.get(key, "")
    return paths


def _styles(xml: bytes) -> dict[bytes, Show]:
    """How the cells of a style show their numbers, by its index, where that says more than the number.

    The formats of a currency that have a number and no code show the currency of whoever looks: they say nothing.
    """
    try:
        root = ElementTree.fromstring(xml or b"<none/>")
    except ElementTree.ParseError:
        return {}  # calamine judges whether it can do without
    codes = {"9": "0%", "10": "0.00%"}
    shows: dict[bytes, Show] = {}
    for group in root:
        if _local(group.tag) == "numFmts":
            codes |= {child.get("numFmtId", ""): child.get("formatCode", "") for child in group}
        elif _local(group.tag) == "cellXfs":
            for index, child in enumerate(group):
                if show := show_of(codes.get(child.get("numFmtId", ""), "")):
                    shows[b"%d" % index] = show
    return shows


def _join(folder: str, target: str) -> str:
    target = target.replace("\\", "/")
    return posixpath.normpath(target.lstrip("/") if target[:1] == "/" else posixpath.join(folder, target)).lower()


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _look(xml: bytes, limits: Limits, recomputed: bool, styles: Mapping[bytes, Show]) -> Look:
    """One sheet: by patterns where its XML is of the usual shape, by a parser where it is not."""
    root = _ROOT.search(xml[:4096])
    p = root[1] or b"" if root else b""
    if len(xml) < _SMALL:  # a large sheet with a far cell asks for more memory than the child may have
        if any(_column(name.decode()) >= limits.columns for name in {cell[1] for cell in _FILLED.finditer(xml)}):
            raise Unusable("columns")
        if any(int(line) > limits.rows + HEADER_ROWS for line in _FAR_LINE.findall(xml)):
            raise Unusable("rows")
    after = xml[max(0, xml.rfind(b"</%ssheetData>" % p)) :]
    spans = re.findall(rb"<%smergeCell\s[^>]*>" % p, after)
    hidden = rb"""<%srow [^>]*\bhidden=["'](?:1|true)["'][^>]*>""" % p
    rows = re.findall(hidden, xml) if b" hidden=" in xml else []
    flaws, shows = _seen(xml, p, recomputed, styles)
    return Look(
        flaws,
        [int(found[1]) for found in map(_LINE.search, rows) if found],
        [(*_place(span[1]), *_place(span[2])) for span in map(_SPAN.search, spans[:20_000]) if span],
        shows,
    )


def _seen(
    xml: bytes, p: bytes, recomputed: bool, styles: Mapping[bytes, Show]
) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], Show]]:
    """The flaws and what shows more than its number: by patterns, else by a parser."""
    flaws, shows = _flaws(xml, p, recomputed), _shows(xml, p, styles)
    return _parsed(xml, recomputed, styles) if flaws is None or shows is None else (flaws, shows)


def _shows(xml: bytes, p: bytes, styles: Mapping[bytes, Show]) -> dict[tuple[int, int], Show] | None:
    """The cells of such a style; None where patterns do not see all of them."""
    if not styles:
        return {}
    shows = {}
    for found in re.finditer(rb"""<%sc ([^<>]*?\bs=["'](%s)["'][^<>]*)>""" % (p, b"|".join(styles)), xml):
        place = _AT.search(found[1])
        if not place:
            return None
        shows[_place(place[1])] = styles[found[2]]
    return shows


def _flaws(xml: bytes, p: bytes, recomputed: bool) -> dict[tuple[int, int], str] | None:
    """The errors and the formulas without a saved value; None where patterns do not see all of them."""
    if xml[:4096].count(b"/spreadsheetml/") > 1 or re.search(rb"<(?:\w+:)?sheetData[^>]*>\s*<!--", xml[:8192]):
        return None
    formulas = len(re.findall(rb"<%sf[ />]" % p, xml)) if b"<%sf" % p in xml else 0
    errors = len(re.findall(rb"""\bt\s*=\s*["']e["']""", xml)) if b'"e"' in xml or b"'e'" in xml else 0
    if not formulas and not errors:
        return {}
    return _matched(xml, p, recomputed, formulas, errors)


def _matched(xml: bytes, p: bytes, recomputed: bool, formulas: int, errors: int) -> dict[tuple[int, int], str] | None:
    """The flaws by a pattern of usual cells; None where it does not see as many formulas and errors as there are."""
    usual = re.compile(
        rb'<%sc ([^<>]*)>(?:<%sf(?:>| [^<>]*[^/<>]>)[^<]*</%sf>|<%sf[^<>]*/>)?'
        rb"(?:<%sv>([^<]*)</%sv>|<%sv ?/>)?</%sc>" % ((p,) * 8)
    )  # fmt: skip
    flaws: dict[tuple[int, int], str] = {}
    for found in usual.finditer(xml):
        attributes, value = found[1], found[2]
        formula = xml.startswith(b"<%sf" % p, found.end(1) + 1)
        error = b't="e"' in attributes
        formulas -= formula
        errors -= error
        unsaved = formula and (not value or (recomputed and value == b"0")) and b't="str"' not in attributes
        if not error and not unsaved:
            continue
        place = _AT.search(attributes)
        if not place:
            return None
        flaws[_place(place[1])] = (value or b"#N/A").decode("utf-8", "replace") if error else UNCACHED
    return None if formulas or errors else flaws


def _parsed(
    xml: bytes, recomputed: bool, styles: Mapping[bytes, Show]
) -> tuple[dict[tuple[int, int], str], dict[tuple[int, int], Show]]:
    """Both by an XML parser, where cells lack their reference or the XML is written in an unusual way."""
    flaws: dict[tuple[int, int], str] = {}
    shows: dict[tuple[int, int], Show] = {}
    at = [0, -1]  # line from 1, column from 0
    cell: dict[str, str | bool] = {}
    text: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "row":
            at[:] = [int(attributes.get("r", at[0] + 1)), -1]
        elif tag == "c":
            at[1] = _place(attributes["r"])[1] if "r" in attributes else at[1] + 1
            cell.clear()
            cell.update(type=attributes.get("t", "n"), formula=False)
            if show := styles.get(attributes.get("s", "").encode()):
                shows[at[0], at[1]] = show
            text.clear()
        elif tag == "f":
            cell["formula"] = True
        elif tag == "v":
            text.clear()

    def end(tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "f":
            text.clear()
        elif tag == "c":
            value = "".join(text)
            if cell["type"] == "e":
                flaws[at[0], at[1]] = value or "#N/A"
            elif cell["formula"] and (not value or (recomputed and value == "0")) and cell["type"] not in _TEXTS:
                flaws[at[0], at[1]] = UNCACHED

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text.append
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, KeyError):
        raise Unusable("damaged") from None
    return flaws, shows


def _place(reference: str | bytes) -> tuple[int, int]:
    """B3 -> (3, 1)."""
    found = _REFERENCE.fullmatch(reference if isinstance(reference, str) else reference.decode("ascii"))
    if not found:
        raise Unusable("damaged")
    return int(found[2]), _column(found[1])


def _column(letters: str) -> int:
    """B -> 1, AA -> 26."""
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return column - 1
