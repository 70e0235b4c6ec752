"""The shipped messages as pictures, through headless Chromium (Debian's package chromium, fonts-dejavu-core).

python -m bench pictures              the pictures of the guide, into examples/pictures
python -m bench pictures --all FOLDER every golden message, light and dark, 320 and 800 pixels wide, to be looked at
python -m bench pictures --phone FOLDER   what a telephone of 360 by 740 shows of each before anybody scrolls
"""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

import pypdfium2
from letters_support import CASES, TEMPLATES, written
from PIL import Image, ImageChops

from bench import ROOT
from relance.letters.html import html_part
from relance.letters.paper import paper, print_letter

SHOWN = ("courtesy", "friendly_several", "firm_silent", "formal_notice", "thanks", "broken_promise", "instalment")
"""Each message once, for the guide."""
PICTURES = ROOT / "examples" / "pictures"
WIDTHS = (320, 800)
PHONE = (360, 740)
"""Pixels of what one sees at once."""
SHEET = 900
"""Pixels of the width of the guide's letter."""
TALL = 4000
"""Pixels of the window; the empty end of the picture is cut off."""
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
)


def picture(html: str, path: Path, width: int, *, dark: bool = False, tall: int = 0) -> None:
    """Draw a document `width` pixels wide into a PNG, no more than its first `tall` pixels where that is given."""
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("chromium is missing: apt-get install -y --no-install-recommends chromium fonts-dejavu-core")
    with tempfile.TemporaryDirectory() as name:
        page = Path(name) / "message.html"
        # Chromium's window is never narrower than 500 pixels: a frame of the wanted width stands for the reader.
        message = html.replace("&", "&amp;").replace('"', "&quot;")
        page.write_text(
            f'<!DOCTYPE html><meta name="color-scheme" content="light dark"><body style="margin:0">'
            f'<iframe style="border:0;width:{width}px;height:{TALL}px" srcdoc="{message}"></iframe>',
            encoding="utf-8",
        )
        mode = ("--blink-settings=preferredColorScheme=0",) if dark else ()
        subprocess.run(
            [
                *(
                    chromium,
                    *FLAGS,
                    *mode,
                    f"--user-data-dir={name}/profile",
                    f"--window-size={max(width, 500)},{TALL}",
                ),
                *(f"--screenshot={path}", page.as_uri()),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=120,
        )
    crop(path, width)
    if tall:
        with Image.open(path) as shot:
            shot.crop((0, 0, width, tall)).save(path)


def sheet(path: Path) -> None:
    """The first page of the formal notice on paper."""
    case = CASES["formal_notice"]
    with pypdfium2.PdfDocument(print_letter(TEMPLATES, paper(TEMPLATES, case.reminder, case.told))) as document:
        page = document[0]
        drawn = page.render(scale=SHEET / page.get_width()).to_pil()
    drawn.convert("RGB").quantize(64).save(path, optimize=True)


def crop(path: Path, width: int) -> None:
    """Keep the picture's first `width` columns, its rows down to the last one that shows something, 64 colours."""
    with Image.open(path) as shot:
        page = shot.convert("RGB").crop((0, 0, width, shot.height))
    empty = Image.new("RGB", page.size, page.getpixel((0, page.height - 1)))
    shown = ImageChops.difference(page, empty).getbbox()
    bottom = min(page.height, (shown[3] if shown else 0) + 24)
    page.crop((0, 0, width, bottom)).quantize(64).save(path, optimize=True)


def main() -> None:
    """Draw the pictures that were asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", type=Path, metavar="FOLDER")
    parser.add_argument("--phone", type=Path, metavar="FOLDER")
    asked = parser.parse_args()
    folder = asked.all
    if asked.phone is not None:
        asked.phone.mkdir(parents=True, exist_ok=True)
        for name, case in CASES.items():
            picture(html_part(written(case)), asked.phone / f"{name}.png", PHONE[0], tall=PHONE[1])
        return
    if folder is None:
        PICTURES.mkdir(exist_ok=True)
        for name in SHOWN:
            picture(html_part(written(CASES[name])), PICTURES / f"{name}.png", 640)
        sheet(PICTURES / "letter.png")
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, case in CASES.items():
        for width in WIDTHS:
            for dark in (False, True):
                path = folder / f"{name}-{width}{'-dark' if dark else ''}.png"
                picture(html_part(written(case)), path, width, dark=dark)
