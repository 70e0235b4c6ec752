"""Several tables read as one: a sheet a year, a file a year, one of paid invoices; their headers agree, or none is."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath

from relance.errors import SourceError
from relance.sources.columns import header_key
from relance.sources.documents import Said, read_title
from relance.sources.tables import HeaderRow, Listing, Page
from relance.sources.values import Cell, Unreadable, quoted
from relance.sources.words import Meaning


def sheets_alike(headers: Mapping[str, HeaderRow], said: Said) -> list[str]:
    """The sheets to be read as one: their titles are known to hold invoices, their headers are the same.

    Empty where one title or one header is another: then the user is asked. What a title tells to be no invoices is
    left where it is.
    """
    meanings = {title: read_title(title, said) for title in headers}
    if any(isinstance(meaning, Unreadable) for meaning in meanings.values()):
        return []
    titles = [title for title, meaning in meanings.items() if meaning not in (Meaning.OTHER, Meaning.DRAFT)]
    keys = [sorted(map(header_key, headers[title][1])) for title in titles]
    agree = all(key == keys[0] and len(set(key)) == len(key) for key in keys)
    return titles if agree else []


def join_tables(tables: Sequence[Listing], said: Said) -> Listing:
    """One table of several, of a workbook or of files that the user names together; SourceError where none can be.

    A title that says more than a year stands in each row: that of the sheet, where a file has none its name.
    """
    first = tables[0]
    pages = _pages(tables)
    headers = list(map(_headers, tables))
    _check_headers(headers, [page.title for page in pages])
    keys = list(map(header_key, headers[0]))
    defaults = [_told(table, said) for table in tables]
    telling = any(defaults) or any("section" in table.columns.fields for table in tables)
    rows: list[Sequence[Cell]] = []
    lines: list[int] = []
    for table, page, default in zip(tables, pages, defaults, strict=True):
        places = [[header_key(header) for header in table.headers].index(key) for key in keys]
        section = table.columns.fields.get("section")
        for row, line in zip(table.rows, table.lines, strict=True):
            own = default if section is None else row[section] or default
            rows.append([*(row[place] for place in places), *((own,) if telling else ())])
            lines.append(page.before + line)
    fields = {name: place for name, place in first.columns.fields.items() if name != "section"}
    if telling:
        fields["section"] = len(keys)
    what = "Feuilles lues" if len({table.file for table in tables}) == 1 else "Fichiers lus"
    joined = f"{what} ensemble\u00a0: {', '.join(page.title for page in pages)}."
    return first._replace(
        headers=(*headers[0], "titre du tableau") if telling else headers[0],
        columns=first.columns._replace(fields=fields),
        rows=rows,
        lines=lines,
        sheet=", ".join(table.sheet for table in tables if table.sheet),
        problems=tuple(problem for table in tables for problem in table.problems),
        notes=(joined, *(note for table in tables for note in table.notes)),
        skipped=sum(table.skipped for table in tables),
        pages=pages,
        no_vat=first.no_vat if all(table.no_vat for table in tables) else "",
        left_out=tuple(row for table in tables for row in table.left_out),
        cuts=tuple(page.before + line for table, page in zip(tables, pages, strict=True) for line in table.cuts),
    )


def _pages(tables: Sequence[Listing]) -> tuple[Page, ...]:
    """Where each table begins in the lines of all, and what names it beside the others."""
    of_files = len({table.file for table in tables}) > 1
    pages: list[Page] = []
    before = 0
    for table in tables:
        title = ", ".join(filter(None, (PurePath(table.file).name if of_files else "", table.sheet)))
        pages.append(Page(before, table.file, table.sheet, title))
        before += max(table.lines, default=0) + 1
    return tuple(pages)


def _told(table: Listing, said: Said) -> str:
    """The title of a table, where it says what its rows are; the user who names it knows what an unknown one means."""
    title = table.sheet or PurePath(table.file).stem
    return title if isinstance(read_title(title, said), Meaning) else ""


def _headers(table: Listing) -> tuple[str, ...]:
    """Those of the file: the titles of its parts stand in a column behind them."""
    return table.headers[: table.columns.fields.get("section", len(table.headers))]


def _check_headers(headers: Sequence[Sequence[str]], names: Sequence[str]) -> None:
    """SourceError where the headers of one are not those of the first, or stand in it twice."""
    first = {header_key(header): header for header in headers[0]}
    for name, texts in zip(names, headers, strict=True):
        own = {header_key(header): header for header in texts}
        lacks = [header for key, header in first.items() if key not in own]
        more = [header for key, header in own.items() if key not in first]
        twice = [header for key, header in own.items() if [*map(header_key, texts)].count(key) > 1]
        found = {"sans": lacks, "avec": more, "avec deux fois": [] if lacks or more else twice}
        if told := [f"{what} {quoted(*which[:5])}" for what, which in found.items() if which]:
            raise SourceError(
                f"{name} ne se lit pas avec {names[0] if name != names[0] else names[-1]} : il est {', '.join(told)}.",
                "Exportez toutes ces listes avec les mêmes colonnes, ou réunissez-les en une.",
            )
