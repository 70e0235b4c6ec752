"""What a freelancer prints and shows: payment codes, letters, previews, call sheets; each command a real process."""

from pathlib import Path

import pytest
from paper_support import code_of_blocks
from story_support import Story, row, story

DAY = "2026-12-21"
LATE = row("F-1", "Alpha SARL", "20/11/2026", issued="21/10/2026")
PAID = row("F-2", "Beta SARL", "20/11/2026", status="Payée", paid="1 200,00", paid_on="02/10/2026")
SENDER = """[sender]
name = "Camille Martin"
email = "camille@martin.example"
iban = "FR76 3000 6000 0112 3456 7890 189"
"""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with two invoices and a sender who has an account."""
    told = story(tmp_path)
    told.write(LATE, PAID)
    settings(told)
    return told


def settings(told: Story, more: str = "", sender: str = SENDER) -> None:
    """Write relance.toml: the sender, what `more` adds, drafts in a folder."""
    text = f'{sender}{more}\n[invoices]\nfile = "factures.csv"\n[delivery]\ntransport = "folder"\n'
    (told.folder / "relance.toml").write_text(text, encoding="utf-8")


PAYLOAD = b"BCD\n002\n1\nSCT\n\nCamille Martin\nFR7630006000011234567890189\nEUR1200\n\n\nF-1"


def test_payment_code(here: Story) -> None:
    """`show --qr` draws the code for what is outstanding; plain text elsewhere, black on white on a terminal."""
    plain = here.run("show", "F-1", "--qr", today=DAY)
    caption, blank, *drawn = plain.out.splitlines()

    assert (0, "", "") == (plain.code, plain.err, blank)
    assert "Virement de 1\u202f200,00\u00a0€ à Camille Martin, référence F-1\u00a0:" == caption
    assert [PAYLOAD] == code_of_blocks(drawn)
    shown = here.on_terminal("show", "F-1", "--qr", "--today", DAY).out.splitlines()
    assert [f"\x1b[38;5;16;48;5;231m{line}\x1b[0m" for line in drawn] == shown[2:]


@pytest.mark.parametrize(
    ("number", "sender", "said"),
    [
        ("F-1", SENDER.partition("iban")[0], "Sans votre IBAN, il n’y a pas de QR code de virement."),
        ("F-2", SENDER, "Il ne reste rien à payer sur F-2."),
        ("F-3", SENDER, "Aucune facture ne porte le numéro"),
    ],
)
def test_no_payment_code(here: Story, number: str, sender: str, said: str) -> None:
    """A sentence says why there is no code."""
    settings(here, sender=sender)
    done = here.run("show", number, "--qr", today=DAY)

    assert (2, "") == (done.code, done.out)
    assert said in done.err
