"""What `hold` and `release` answer: never more than what holds, and who else still holds it."""

import re
import shutil
from pathlib import Path

import pytest
from story_support import Done, Story, row, story

DAY = "2026-11-25"
FIRST = row("F-1", "Alpha SARL", "20/11/2026", issued="20/10/2026")
SECOND = row("F-2", "Alpha SARL", "21/11/2026", issued="21/10/2026")
CONTESTED = row("F-3", "Gamma SARL", "20/11/2026", issued="20/10/2026", status="Litige")
PAID = row("F-4", "Delta SARL", "20/11/2026", issued="20/10/2026", paid="1 200,00", paid_on="22/11/2026")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """A folder with settings and one invoice of each kind."""
    built = story(tmp_path)
    built.settings(25)
    built.write(FIRST, SECOND, CONTESTED, PAID)
    return built


def plain(text: str) -> str:
    """The text with plain spaces."""
    return re.sub(r"\s+", " ", text)


def tell(here: Story, *words: str) -> str:
    """What a command that must succeed answers."""
    done = here.run(*words, today=DAY)
    assert (0, "") == (done.code, done.err), words
    return plain(done.out)


def refused(here: Story, *words: str) -> str:
    """What a command that must fail says; it writes nothing."""
    before = here.journal.read_bytes() if here.journal.exists() else b""
    done: Done = here.run(*words, today=DAY)
    assert (2, "") == (done.code, done.out), words
    assert before == (here.journal.read_bytes() if here.journal.exists() else b"")
    return plain(done.err)


def test_the_refusal_names_whom_to_release(here: Story) -> None:
    """All of the customer is held: the invoice alone cannot be released, and the command that can is named."""
    tell(here, "hold", "Alpha SARL", "--reason", "pause")
    said = refused(here, "release", "F-1")
    assert "relance release compta@alpha.example" in said
    assert "les relances reprennent" in tell(here, "release", "compta@alpha.example")


def test_what_the_file_holds_is_not_released(here: Story) -> None:
    """Our own hold ends; the file's dispute does not, and that is said."""
    tell(here, "hold", "F-3", "--reason", "pause")
    said = tell(here, "release", "F-3")
    assert "le fichier dit encore : litige" in said
    assert "les relances reprennent" not in said


def test_what_the_customer_holds_is_not_released(here: Story) -> None:
    """The invoice was held twice: by itself, and with all of its customer."""
    tell(here, "hold", "F-1", "--reason", "dispute")
    tell(here, "hold", "Alpha SARL", "--reason", "pause", "--until", "2026-12-11")
    said = tell(here, "release", "F-1")
    assert "les relances reprennent" not in said
    assert "relance release compta@alpha.example" in said
    assert "pause" in said
    assert "les relances reprennent" in tell(here, "release", "Alpha SARL")


def test_a_customers_release_names_what_stays_held(here: Story) -> None:
    """One of its invoices is held by itself: the others alone go on."""
    tell(here, "hold", "F-2", "--reason", "dispute")
    tell(here, "hold", "Alpha SARL", "--reason", "pause")
    said = tell(here, "release", "Alpha SARL")
    assert "les relances reprennent" in said
    assert "sauf pour F-2 (litige : relance release F-2)" in said


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (("--reason", "dispute"), ("--reason", "promise", "--until", "2026-12-02"), "litige, sans date de fin"),
        (
            ("--reason", "pause", "--until", "2027-01-15"),
            ("--reason", "promise", "--until", "2026-12-02"),
            "pause jusqu’au 15 janvier 2027",
        ),
        (
            ("--reason", "plan", "--instalment", "2026-12-31=1200"),
            ("--reason", "pause", "--until", "2026-12-02"),
            "échéancier, sans date de fin",
        ),
    ],
)
def test_a_hold_beside_a_longer_one(here: Story, before: tuple[str, ...], after: tuple[str, ...], said: str) -> None:
    """The day of the shorter one is not that on which reminders go on."""
    tell(here, "hold", "F-1", *before)
    answer = tell(here, "hold", "F-1", *after)
    assert f"dure plus longtemps : {said}" in answer
    assert "les relances reprennent" not in answer


def test_a_hold_beside_one_of_the_customer_or_the_file(here: Story) -> None:
    """Each is named as what it is."""
    tell(here, "hold", "Alpha SARL", "--reason", "other")
    promise = ("--reason", "promise", "--until", "2026-12-02")
    assert "dure plus longtemps : suspension de tout le client, sans date de fin" in tell(here, "hold", "F-1", *promise)
    assert "dure plus longtemps : litige dans le fichier" in tell(here, "hold", "F-3", *promise)


def test_a_hold_beside_a_shorter_one(here: Story) -> None:
    """It lasts longest: there is nothing more to say."""
    tell(here, "hold", "F-1", "--reason", "pause", "--until", "2026-11-30")
    said = tell(here, "hold", "F-1", "--reason", "promise", "--until", "2026-12-02")
    assert "les relances reprennent le 7 décembre 2026" in said
    assert "plus longtemps" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("F-1", "--reason", "insolvency", "--until", "2027-01-15"), "Retirez --until"),
        (("F-4", "--reason", "dispute"), "F-4 est réglée"),
        (("F-4", "--reason", "promise", "--until", "2026-12-02"), "F-4 est réglée"),
        (("F-1", "--reason", "pause", "--until", "2062-12-02"), "2 décembre 2062 est à plus de dix ans"),
        (("F-1", "--reason", "plan", "--instalment", "2062-12-02=1200"), "2 décembre 2062 est à plus de dix ans"),
        (("F-1", "--reason", "pause", "--on", "1999-11-20"), "20 novembre 1999 est trop ancien"),
        # 366 days before 25 November 2026, and ten years with their leap days.
        (("F-1", "--reason", "dispute", "--on", "2025-11-23"), "au plus tôt, le 24 novembre 2025. Est-ce la bonne ann"),
        (("F-1", "--reason", "promise", "--until", "2026-12-02", "--on", "2025-11-01"), "Est-ce la bonne année ?"),
        (("F-1", "--reason", "insolvency", "--on", "2016-11-23"), "au plus tôt, le 24 novembre 2016"),
        (("F-1", "--reason", "plan", "--instalment", "2026-12-02=1200 USD"), "« 1200 USD » : F-1 est en EUR"),
    ],
)
def test_a_hold_that_makes_no_sense(here: Story, words: tuple[str, ...], said: str) -> None:
    """Refused with a sentence and its cure, and nothing is written."""
    assert said in refused(here, "hold", *words)


@pytest.mark.parametrize(("reason", "on"), [("pause", "2025-11-24"), ("insolvency", "2016-11-24")])
def test_a_hold_may_be_told_late(here: Story, reason: str, on: str) -> None:
    """What was agreed a year ago, or judged ten years ago, is no wrong year."""
    assert "relances suspendues" in tell(here, "hold", "F-1", "--reason", reason, "--on", on)


# The issue date of F-1 is 20 October 2026; F-5 has none and is due on 20 November 2026.
@pytest.mark.parametrize(
    ("number", "too_old", "first"), [("F-1", "2025-10-18", "2025-10-19"), ("F-5", "2025-11-18", "2025-11-19")]
)
def test_a_payment_of_a_wrong_year(here: Story, number: str, too_old: str, first: str) -> None:
    """A deposit precedes its invoice by a year at most; where it does, the way back is named."""
    here.write(FIRST, row("F-5", "Omega SARL", "20/11/2026"))
    assert "Est-ce la bonne année ?" in refused(here, "pay", number, "--amount", "100", "--on", too_old)
    said = tell(here, "pay", number, "--amount", "100", "--on", first)
    before = "C’est avant l’émission, le 20 octobre 2026. Si l’année est fausse → relance undo F-1"
    assert (number == "F-1") == (before in said)
    assert "avant l’émission" not in tell(here, "pay", number, "--amount", "200", "--on", "2026-11-20")


def test_an_amount_in_its_own_currency(here: Story) -> None:
    """What the invoice is in may be typed; another currency is refused and written nowhere as this one."""
    here.invoices.write_text(
        "N° facture;Client;E-mail;Échéance;Montant TTC;Devise\nF-1;Alpha SARL;a@alpha.example;20/11/2026;1200,00;USD\n"
    )
    said = refused(here, "pay", "F-1", "--amount", "50 EUR")
    assert "« 50 EUR » : F-1 est en USD. Si le montant est bien en USD : → relance pay F-1 --amount 50 " in said
    for typed in ("50 USD", "$60", "70"):
        assert "USD noté" in tell(here, "pay", "F-1", "--amount", typed)
    parts = ("--instalment", "2026-12-02=1000 $", "--instalment", "2026-12-09=20")
    assert "2 échéances" in tell(here, "hold", "F-1", "--reason", "plan", *parts)


def test_nobody_pays_a_credit_note(here: Story) -> None:
    """It is not called paid: it is a credit note, and the command that uses it is named."""
    here.write(FIRST, row("A-1", "Alpha SARL", "20/11/2026", "-100,00"))
    said = refused(here, "pay", "A-1")
    assert "A-1 est un avoir" in said
    assert "relance allocate" in said


def test_a_customer_is_held_in_advance(here: Story) -> None:
    """All of its invoices are paid, the next one may be contested."""
    assert "litige noté" in tell(here, "hold", "Delta SARL", "--reason", "dispute")


@pytest.mark.parametrize("dated", [("--on", "2016-11-20"), ("--posted", "2016-11-20")])
def test_nobody_is_dunned_before_the_invoice(here: Story, dated: tuple[str, ...]) -> None:
    """A reminder of a day before the issue date is a year typed wrong; a payment may be a deposit."""
    words = ("record", "F-1", "--stage", "friendly", "--channel", "letter")
    assert "F-1 est émise le 20 octobre 2026" in refused(here, *words, *dated)
    assert "règlement de 100,00 € noté" in tell(here, "pay", "F-1", "--amount", "100", "--on", "2026-10-01")


@pytest.mark.parametrize(
    ("stage", "name"),
    [("thanks", "remerciement"), ("formal_notice", "mise en demeure"), ("broken_promise", "promesse non tenue")],
)
def test_what_is_noted_needs_no_agreement(here: Story, stage: str, name: str) -> None:
    """Stages are of both genders, and the settings give them other names."""
    number = "F-4" if stage == "thanks" else "F-1"
    said = tell(here, "record", number, "--stage", stage, "--channel", "call")
    assert f"{number} : c’est noté, {name} du 25/11 (appel)." == said.strip()


def test_no_thanks_are_noted_for_what_is_owed(here: Story) -> None:
    """As none can be previewed."""
    said = refused(here, "record", "F-1", "--stage", "thanks", "--channel", "email")
    assert "F-1 n’est pas réglée : il n’y a pas de remerciement à noter" in said


def test_nothing_to_release_agrees_with_nobody(here: Story) -> None:
    """An invoice is feminine, a customer may be either."""
    for target in ("F-1", "Alpha SARL"):
        said = refused(here, "release", target)
        assert f"Rien n’est suspendu pour {target}." in said


def test_insolvency_names_the_declaration(here: Story) -> None:
    """L622-24 and R622-24: plan, invoice and letter say « dans les deux mois », not that anything is to be paid."""
    tell(here, "hold", "Alpha SARL", "--reason", "insolvency", "--on", "2026-11-24")
    assert "créance à déclarer dans les deux mois du BODACC" in plain(here.run("plan", today=DAY).out)
    shown = plain(here.run("show", "F-1", today=DAY).out)
    assert "À déclarer au mandataire" in shown
    assert "Total dû" not in shown
    done = here.run("letter", "F-1", today=DAY)
    assert 2 == done.code
    assert "toute demande de paiement est interdite" in plain(done.err)
    assert "dans les deux mois qui suivent la publication au BODACC" in plain(done.err)


def test_what_is_kept_can_be_deleted_as_a_whole(tmp_path: Path) -> None:
    """As the page on personal data says: journal and neighbours together, then the next run begins another."""
    built = story(tmp_path)
    built.settings(rest='[delivery]\ntransport = "folder"\n')
    built.write(FIRST)
    built.run("send", today=DAY)
    for path in built.folder.glob("relance-journal.sqlite3*"):
        (shutil.rmtree if path.is_dir() else Path.unlink)(path)
    done = built.run("send", today="2026-11-26")
    assert "" == done.err
    assert "backlog" in {line["reason"] for line in built.plan("2026-11-26")["invoices"]}
