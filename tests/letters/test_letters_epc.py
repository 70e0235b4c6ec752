"""The SEPA payment code: what a bank's app reads, decoded from every form it is drawn in."""

from decimal import Decimal
from xml.etree import ElementTree

import pytest
from paper_support import SENDER, bill, client, code_of_blocks, code_of_png, code_of_rows, notice

from relance.core.invoice import Kind
from relance.letters.payment_code import drawn, payload, png, svg, text_blocks
from relance.letters.render import render
from relance.letters.templates import load_templates
from relance.letters.views import Background

IBAN = "FR7630006000011234567890189"
TOLD = Background(SENDER)


def _code(
    name: str = "Camille Moreau",
    iban: str = IBAN,
    bic: str = "AGRIFRPP",
    amount: str = "1246.90",
    currency: str = "EUR",
    references: tuple[str, ...] = ("F-2026-031",),
) -> bytes | None:
    """What a camera reads from the code, None where there is none."""
    told = payload(name, iban, bic, Decimal(amount), currency, references)
    if told is None:
        return None
    code = drawn(told)
    assert ("M", True) == (code.error, int(code.version) <= 13)
    (read,) = code_of_rows([[bool(module) for module in row] for row in code.matrix])
    return read


def _payload(**fields: str) -> bytes:
    """EPC069-12, written by hand: one field a line, no line end after the last."""
    told = {"bic": "AGRIFRPP", "name": "Camille Moreau", "amount": "EUR1246.9", "text": "F-2026-031"} | fields
    lines = ["BCD", "002", "1", "SCT", told["bic"], told["name"], IBAN, told["amount"], "", "", told["text"]]
    return "\n".join(lines).encode()


def test_payload() -> None:
    """Exactly the lines of the standard, in every form of the picture."""
    told = payload("Camille Moreau", IBAN, "AGRIFRPP", Decimal("1246.90"), "EUR", ["F-2026-031"])

    assert told is not None
    assert _payload() == told == _code()
    assert [_payload()] == code_of_blocks(text_blocks(told))
    assert [_payload()] == code_of_png(png(told))


@pytest.mark.parametrize("full", [42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331])
def test_picture(full: int) -> None:
    """In every size that a payload may take, full and with one octet less, a camera reads the picture."""
    told = (b"F-2026-031 " * 31)[:full]

    assert [told] == code_of_png(png(told))
    assert [told[1:]] == code_of_png(png(told[1:]))


def test_too_long() -> None:
    """A payload over what the standard allows is drawn in no form."""
    for draw in (drawn, png):
        with pytest.raises(ValueError, match="332 octets are too many"):
            draw(b"a" * 332)


def test_svg() -> None:
    """The picture for the letter draws the same dark modules as the code, and nothing but them."""
    told = payload("Camille Moreau", IBAN, "", Decimal("10.00"), "EUR", ["F-1"])
    assert told is not None
    root = ElementTree.fromstring(svg(told))
    (path,) = root
    dark: set[tuple[int, int]] = set()
    x, y = 0.0, 0.0
    for word in path.attrib["d"].replace("M", " M").replace("m", " m").replace("h", " h").split(" "):
        if word.startswith("h"):
            dark |= {(int(x) + i, int(y)) for i in range(int(word[1:]))}
            x += int(word[1:])
        elif word.startswith(("m", "M")):
            x = float(word[1:]) if word[0] == "M" else x + float(word[1:])
        elif word:
            y += float(word)

    assert {(x, y) for y, row in enumerate(drawn(told).matrix) for x, module in enumerate(row) if module} == dark


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"iban": "fr76 3000 6000\u202f0112 3456 7890 189"}, {}),
        ({"bic": "agri frpp"}, {}),
        ({"bic": ""}, {"bic": ""}),
        ({"bic": "FAUX"}, {"bic": ""}),
        ({"name": "Camille\nFR00\tMoreau\u202e"}, {"name": "Camille FR00 Moreau"}),
        ({"name": "Éléonore\u202fL’Œuvre"}, {"name": "Éléonore L’Œuvre"}),
        ({"name": "N" * 71}, {"name": "N" * 70}),
        ({"amount": "1200.00"}, {"amount": "EUR1200"}),
        ({"amount": "0.01"}, {"amount": "EUR0.01"}),
        ({"amount": "999999999.99"}, {"amount": "EUR999999999.99"}),
        ({"references": ("A\n1", "B", "C")}, {"text": "A 1 B C"}),
        ({"references": ("A" * 70, "B" * 69, "C")}, {"text": f"{'A' * 70} {'B' * 69}"}),
        ({"references": ("A" * 70, "B" * 70, "C")}, {"text": "A" * 70}),
        ({"references": ("A" * 141,)}, {"text": "A" * 140}),
    ],
)
def test_made_plain(given: dict[str, str], expected: dict[str, str]) -> None:
    """Spaces, line feeds and lengths are mended before the library sees them; no number is cut but the first."""
    assert _payload(**expected) == _code(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "given",
    [
        {"iban": ""},
        {"iban": "FR7630006000011234567890188"},
        {"iban": "FR76300060000112345678901"},
        {"amount": "0.00"},
        {"amount": "-5.00"},
        {"amount": "1000000000.00"},
        {"amount": "12.345"},
        {"currency": "CHF"},
        {"references": ()},
        {"references": (" ",)},
        {"name": "\n"},
    ],
)
def test_no_code(given: dict[str, str]) -> None:
    """Where the code would lie, or a bank would refuse it, there is none."""
    assert _code(**given) is None  # type: ignore[arg-type]


def test_longest() -> None:
    """A name and numbers of four octets a letter still make a code that the standard allows."""
    read = _code(name="😀" * 100, amount="999999999.99", references=("é" * 300, "b"))

    assert read is not None
    assert len(read) <= 331
    assert read.decode().split("\n")[5] == "😀" * 37


def test_in_a_message() -> None:
    """A message that names the account carries the code for the sum it asks for, charges included."""
    letter = render(load_templates(), notice(bill()), TOLD._replace(sender=SENDER._replace(qr=True)))

    assert letter.qr is not None
    assert "Le QR code joint prépare ce virement" in letter.text
    (read,) = code_of_png(letter.qr)
    told = read.decode().split("\n")
    assert ["Camille Moreau EI", SENDER.iban, "EUR1253.81", "F-2026-031"] == [told[i] for i in (5, 6, 7, 10)]
    assert "payer 1\u202f253,81\u00a0€" in letter.text


def test_not_in_a_message() -> None:
    """One whose sender did not ask for it, without an account, in another currency, or to a public body."""
    wanted, foreign = TOLD._replace(sender=SENDER._replace(qr=True)), notice(bill())._replace(currency="CHF")
    body = notice(bill(owner=client(name="Mairie d’Exemple", kind=Kind.PUBLIC)))

    for made, told in ((notice(bill()), TOLD), (foreign, wanted), (body, wanted)):
        letter = render(load_templates(), made, told)
        assert letter.qr is None
        assert "QR" not in letter.text
    poor = wanted._replace(sender=wanted.sender._replace(iban=""))
    assert render(load_templates(), notice(bill()), poor).qr is None
