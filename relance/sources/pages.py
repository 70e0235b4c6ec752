"""A workbook with a sheet a year, or one of paid invoices: sheets whose headers agree become one table."""

from collections.abc import Mapping, Sequence

from relance.sources.columns import header_key
from relance.sources.documents import Said, read_title
from relance.sources.tables import HeaderRow, Listing
from relance.sources.values import Cell, Unreadable
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


def join_sheets(tables: Sequence[Listing], said: Said) -> Listing:
    """One table of several whose headers are the same; a title that says more than a year stands in each row."""
    first, *others = tables
    if not others:
        return first
    width = first.columns.fields.get("section", len(first.headers))
    titles = [table.sheet or "" for table in tables]
    telling = any(read_title(title, said) for title in titles) or any("section" in t.columns.fields for t in tables)
    keys = [header_key(header) for header in first.headers[:width]]
    rows: list[Sequence[Cell]] = []
    lines: list[int] = []
    pages = []
    before = 0
    for table, title in zip(tables, titles, strict=True):
        pages.append((before, title))
        places = [[header_key(header) for header in table.headers].index(key) for key in keys]
        section = table.columns.fields.get("section")
        default = title if read_title(title, said) else ""
        for row, line in zip(table.rows, table.lines, strict=True):
            own = default if section is None else row[section] or default
            rows.append([*(row[place] for place in places), *((own,) if telling else ())])
            lines.append(before + line)
        before = max(lines, default=before) + 1
    fields = {name: place for name, place in first.columns.fields.items() if name != "section"}
    if telling:
        fields["section"] = width
    joined = f"Feuilles lues ensemble\u00a0: {', '.join(titles)}."
    return first._replace(
        headers=(*first.headers[:width], "titre du tableau") if telling else first.headers[:width],
        columns=first.columns._replace(fields=fields),
        rows=rows,
        lines=lines,
        sheet=", ".join(titles),
        problems=tuple(problem for table in tables for problem in table.problems),
        notes=(joined, *(note for table in tables for note in table.notes)),
        skipped=sum(table.skipped for table in tables),
        pages=tuple(pages),
    )
