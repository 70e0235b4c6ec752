"""The page of the report: its colours as computed from its own style, its drawings, and what Chromium makes of it."""

import json
import re
import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from story_support import Story, row, story

from relance.core.pace import Measure
from relance.display.report_lines import in_days
from relance.display.report_page import TEMPLATE
from relance.display.svg import Bar, Curve, Stack, bars, curves, stacks

CSS = TEMPLATE.read_text("utf-8")
TODAY = date(2026, 11, 20)
LEAST_TEXT, LEAST_DRAWN = 4.5, 3.0
"""Contrast that WCAG 2.2 asks of text (1.4.3), and of what is drawn (1.4.11)."""
CHROMIUM = shutil.which("chromium")
browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def colours() -> dict[str, dict[str, str]]:
    """The named colours, by light and dark."""
    light, dark = re.findall(r":root\{([^}]*)\}", CSS)
    return {name: dict(re.findall(r"--(\w+):(#\w{6})", told)) for name, told in (("light", light), ("dark", dark))}


def luminance(colour: str) -> float:
    """As WCAG 2.2 defines it."""
    parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 and 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_it_is_defined() -> None:
    """Black on white has 21, and a known grey 4.54."""
    assert (21.0, 4.54) == (contrast("#000000", "#ffffff"), round(contrast("#767676", "#ffffff"), 2))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_colours_can_be_told_apart(mode: str) -> None:
    """Text of every colour has 4.5 on the page; bars and lines 3; light and dark name the same ones."""
    known = colours()[mode]
    assert colours()["light"].keys() == colours()["dark"].keys()
    for name in ("ink", "muted", "late"):
        assert contrast(known[name], known["paper"]) >= LEAST_TEXT, name
    for name in ("owed", "late", *(f"age{n}" for n in range(5))):
        assert contrast(known[name], known["paper"]) >= LEAST_DRAWN, name
        if name.startswith("age"):
            assert contrast(known[name], known["ground"]) >= LEAST_DRAWN, name


def test_text_has_no_other_colour() -> None:
    """Each colour of the style is one of these names, and text takes those that are for text alone."""
    rules = CSS[CSS.index("*{box") : CSS.index("</style>")]
    assert [] == re.findall(r"#[0-9a-fA-F]{3,8}\b", rules)
    assert {"ink", "muted", "late"} == set(re.findall(r"(?<![-\w])color:var\(--(\w+)\)", rules))


def test_drawings_say_what_they_show() -> None:
    """Well-formed, named and described, their text escaped; the longest bar takes all the width."""
    drawn = bars("Dû & reste", "<b> : 3", [Bar("<i>", 3.0, "3 €", "age0"), Bar("rien", 0.0, "0 €", "age1")])
    picture = ElementTree.fromstring(drawn)
    title, described = picture.attrib["aria-labelledby"].split()
    assert {title: "Dû & reste", described: "<b> : 3"} == {each.attrib["id"]: each.text for each in picture[:2]}
    widths = [each.attrib["width"] for each in picture.iter("rect") if each.attrib["class"] != "ground"]
    assert ["360.0", "0.0"] == widths
    lines = curves("t", "d", ("mai", "juin"), "9 €", [Curve("dû", [0.0, 9.0], "owed"), Curve("retard", [0, 0], "late")])
    points = [each.attrib["points"] for each in ElementTree.fromstring(lines).iter("polyline")]
    assert ["0.0,166.0 360.0,26.0", "0.0,166.0 360.0,166.0"] == points


def test_parts_stand_end_to_end() -> None:
    """To the scale of the longest, each with its colour, what is nothing not drawn; a long name leaves its sum room."""
    rows = [
        Stack("A" * 60, "4 €", [(1.0, "age0"), (0.0, "age1"), (3.0, "age4")]),
        Stack("<b>", "2 €", [(2.0, "age2")]),
    ]
    picture = ElementTree.fromstring(stacks("t", "d", rows))
    told = [tuple(each.attrib[name] for name in ("class", "x", "y", "width")) for each in picture.iter("rect")]
    assert [
        ("part age0", "0.0", "20", "90.0"),
        ("part age4", "90.0", "20", "270.0"),
        ("part age2", "0.0", "56", "180.0"),
    ] == told
    assert ["A" * 25 + "…", "4 €", "<b>", "2 €"] == [each.text for each in picture[2:] if each.tag == "text"]


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        (Measure(Decimal("27.26"), 61), "27,3 jours (61 factures)"),
        (Measure(None, 4), "trop peu pour conclure (4 factures)"),
        (Measure(None, 13), "votre fichier ne permet pas de le dire (13 factures)"),
    ],
)
def test_why_there_is_no_figure(measure: Measure, said: str) -> None:
    """Thirteen invoices are not too few; what their file does not show is said to be that."""
    assert said == in_days(measure).replace("\u00a0", " ")


def test_nothing_to_draw_is_drawn() -> None:
    """Without any sum there is no division by it."""
    assert "360" in bars("t", "d", [Bar("a", 0.0, "0 €", "age0")])
    assert "rect" not in stacks("t", "d", [Stack("a", "0 €", [(0.0, "age0")])])
    assert "polyline" in curves("t", "d", ("a", "b"), "0 €", [Curve("dû", [0.0, 0.0], "owed")])


NAMES = (
    "<script>alert('x')</script>",
    "Établissements Charpentier, Delahousse et Vandenbroucke SA 60",
    "M" * 60,
    "Ünïcode & Cie",
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand invoices of four hard names and others, some of them of nine figures, half paid."""
    here: Story = story(tmp_path_factory.mktemp("page"))
    rows = []
    for n in range(1000):
        due = TODAY + timedelta(days=30 - n % 200)
        name = NAMES[n % 60] if n % 60 < len(NAMES) else f"Client {n % 60} SARL"
        total = "123456789,12" if n % 150 == 7 else f"{100 + n},{n % 100:02}"
        told = {"email": f"c{n % 60}@c.example", "issued": f"{due - timedelta(days=30):%d/%m/%Y}"}
        if n % 2 and due < TODAY:
            told |= {"paid": total, "paid_on": f"{due:%d/%m/%Y}", "status": "Payée"}
        rows.append(row(f"F-{n:04}", name, f"{due:%d/%m/%Y}", total, **told))
    here.write(*rows)
    here.settings(rest='[delivery]\ntransport = "folder"\n')
    assert 0 == here.run("report", "--out", "r.html", today=TODAY.isoformat()).code
    return here.folder / "r.html"


FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars")
MEASURE = """
<!doctype html><meta charset="utf-8"><body style="margin:0">
<iframe style="border:0;width:%(width)dpx;height:900px"></iframe>
<script>
const frame = document.querySelector("iframe");
frame.onload = () => {
  const page = frame.contentDocument, root = page.documentElement;
  const cut = [...page.querySelectorAll("td,th,dd,dt,p,h1,h2,svg")].filter(e => e.getClientRects().length)
    .filter(e => !(e.closest("thead,caption") && getComputedStyle(e.closest("thead,caption")).position == "absolute"))
    .filter(e => e.scrollWidth > e.clientWidth + 1 || e.getBoundingClientRect().right > root.clientWidth + 1);
  document.title = JSON.stringify({wide: root.scrollWidth, rows: page.querySelectorAll("tbody tr").length,
    cut: cut.slice(0, 5).map(e => e.tagName + " " + e.textContent.slice(0, 60)), scripts: page.scripts.length,
    loaded: frame.contentWindow.performance.getEntriesByType("resource").length});
};
frame.srcdoc = %(page)s;
</script>
"""


def chromium(tmp_path: Path, *told: str) -> str:
    """What it prints, having done what it is told."""
    assert CHROMIUM is not None
    command = [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path}/profile", "--virtual-time-budget=5000", *told]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


@browser
@pytest.mark.slow
@pytest.mark.parametrize("width", [320, 800, 1400])
def test_nothing_is_cut(page: Path, tmp_path: Path, width: int) -> None:
    """At each width no cell is narrower than what it says, nothing lies beyond the edge, nothing is loaded or run."""
    harness = tmp_path / "measure.html"
    quoted = json.dumps(page.read_text("utf-8")).replace("</", "<\\/")
    harness.write_text(MEASURE % {"width": width, "page": quoted}, "utf-8")
    shown = chromium(tmp_path, "--window-size=1500,1000", "--dump-dom", harness.as_uri())
    title = re.search(r"<title>(.*?)</title>", shown, re.DOTALL)
    assert title is not None
    found = json.loads(title[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
    assert (width, [], 0, 0) == (found["wide"], found["cut"], found["scripts"], found["loaded"])
    assert found["rows"] > 500


@browser
@pytest.mark.slow
def test_it_prints_on_a4(page: Path, tmp_path: Path) -> None:
    """Every open invoice and every name stands in the PDF, on sheets of A4."""
    import pypdfium2

    chromium(tmp_path, "--no-pdf-header-footer", f"--print-to-pdf={tmp_path}/r.pdf", page.as_uri())
    with pypdfium2.PdfDocument(tmp_path / "r.pdf") as document:
        assert [(595, 842)] == list({tuple(map(round, sheet.get_size())) for sheet in document})
        text = "".join(re.sub(r"\s+", "", sheet.get_textpage().get_text_range()) for sheet in document)
    wanted = re.findall(r'<tr><th scope="row">(F-\d{4})</th>', page.read_text("utf-8"))
    assert 500 < len(wanted)
    assert [] == [number for number in wanted if number not in text]
    assert [] == [name for name in NAMES if re.sub(r"\s+", "", name) not in text]
    assert "123456789,12€" in text


def test_the_sums_of_the_page_are_those_of_the_figures(page: Path) -> None:
    """The tables add up: each age over all customers, to the cent."""
    text = page.read_text("utf-8")
    said = re.findall(r'data-l="Reste dû"><strong>([^<]*)</strong>', text)
    total, *customers = map(number, said)
    assert total == sum(customers)


def test_who_owes_most_has_a_bar_and_the_rest_one_together(page: Path) -> None:
    """Nine bars, largest first, the ninth of all others; their sums are those of the table, told in the description."""
    text = page.read_text("utf-8")
    drawn = text[text.index("Reste dû de chaque client") : text.index("<caption>Par client")]
    assert 9 == len(re.findall(r'text-anchor="start"', drawn))
    assert re.search(r">\d+ autres clients</text>", drawn)
    amounts = re.findall(r'text-anchor="end">([^<]*)</text>', drawn)
    total, *_ = re.findall(r'data-l="Reste dû"><strong>([^<]*)</strong>', text)
    assert number(total) == sum(map(number, amounts))
    assert all(said in drawn[: drawn.index("</desc>")] for said in ("plus de 90 jours", *amounts))


def number(said: str) -> Decimal:
    """A sum as the page says it."""
    return Decimal(re.sub(r"[^\d,]", "", said).replace(",", "."))


def test_a_question_of_the_page_has_its_commands(tmp_path: Path) -> None:
    """Whole, each once typed as printed: what was late before relance came, and whether the rate was agreed."""
    here = story(tmp_path)
    here.settings(1, rest='[policy]\ndefault_kind = "business"\n')
    here.write(row("F-71", "Quai Sud SAS", "12/10/2026"), row("F-72", "Phare SARL", "02/11/2026"))
    here.run("report", "--out", "page.html", today="2026-11-20")
    page = unescape((tmp_path / "page.html").read_text("utf-8"))
    asked = [line for line in page.splitlines() if "Par où commencer" in line]
    assert 1 == len(asked)
    typed = re.findall(r"→ relance (.+?)(?= \(|\s*→|\s*</)", asked[0].replace("\u00a0", " "))
    assert ["confirm backlog --gently", "confirm backlog --as-is", "confirm backlog --ignore"] == typed
    assert [] == re.findall(r"→ relance\s*<", page)
    assert 0 == here.run(*typed[0].split(), today="2026-11-20").code
