"""Drafts that the user sends himself: what he says of them is kept, and undone as it was said."""

import re
import shlex
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from imap_support import Mails, imap_server
from mail_support import USER, smtp_server
from story_support import MONDAY, PASSWORD_VARIABLE, Story, parsed, row, story

FRIENDLY = "2026-11-25"
NEXT_DAY = "2026-11-26"
ALPHA = (row("F-1", "Alpha SARL", "20/11/2026"), row("F-4", "Alpha SARL", "20/11/2026", "90,00"))
DRAFTS = '[delivery]\ntransport = "folder"\nfolder = "brouillons"\n'
PAUSE = ("hold", "F-1", "--reason", "pause", "--until", "2026-11-24")
SENT = ("record", "F-1", "--stage", "friendly", "--channel", "email")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """Two invoices of one customer, a pause that ended, then one draft about both."""
    here = story(tmp_path)
    here.settings(rest=DRAFTS)
    here.write(*ALPHA)
    assert 0 == here.run("send", today=MONDAY).code
    tell(here, *PAUSE, today=MONDAY)
    assert 0 == here.run("send", today=FRIENDLY).code
    assert 1 == len(list(here.folder.glob("brouillons/new/*")))
    return here


def tell(here: Story, *args: str, today: str) -> str:
    """What a command that does what it is asked prints, with plain spaces."""
    done = here.run(*args, today=today)
    assert (0, "") == (done.code, done.err)
    return done.out.replace("\u00a0", " ").replace("\u202f", " ")


def states(here: Story, today: str = NEXT_DAY) -> list[tuple[str, str | None, str]]:
    """Why each invoice waits, when its customer was last reached, and what is outstanding."""
    return [(line["reason"], line["last_contact"], line["outstanding"]) for line in here.plan(today)["invoices"]]


DRAFTED = [("drafted", None, "1200.00"), ("drafted", None, "90.00")]


def test_what_was_learnt_is_kept(here: Story) -> None:
    """Cause and note, of the invoice that was named; the day, for every invoice of the message."""
    said = tell(here, *SENT, "--cause", "dispute", "--note", "Mme Roy : quai 3", "--on", FRIENDLY, today=NEXT_DAY)
    assert said.startswith("F-1, F-4 : c’est noté, relance amicale du 25/11 (e-mail). Litige noté")
    assert [("disputed", FRIENDLY, "1200.00"), ("stage_done", FRIENDLY, "90.00")] == states(here, "2026-11-27")
    shown = tell(here, "show", "F-1", today=NEXT_DAY)
    assert "cause notée le 25/11 : litige" in shown
    assert "note du 25/11 : Mme Roy : quai 3" in shown
    assert "Mme Roy" not in tell(here, "show", "F-4", today=NEXT_DAY)


def test_a_draft_told_as_sent_twice_is_noted_once(here: Story) -> None:
    """The second word says so; another means, day or cause of the same stage is a new one."""
    tell(here, *SENT, "--on", FRIENDLY, today=NEXT_DAY)
    shown = tell(here, "show", "F-1", today=NEXT_DAY)
    said = tell(here, *SENT, "--on", FRIENDLY, today=NEXT_DAY)
    assert "F-1 : déjà noté, relance amicale du 25/11 (e-mail).\n" == said
    assert shown == tell(here, "show", "F-1", today=NEXT_DAY)
    assert "c’est noté" in tell(here, *SENT, "--on", FRIENDLY, "--cause", "cash", today=NEXT_DAY)
    call = ("record", "F-1", "--stage", "friendly", "--channel", "call")
    assert "c’est noté" in tell(here, *call, today=NEXT_DAY)
    assert "déjà noté" in tell(here, *call, today=NEXT_DAY)
    assert "c’est noté" in tell(here, *call, "--note", "rappeler lundi", today=NEXT_DAY)


def test_drafts_of_one_day_are_one_list_whose_commands_work(here: Story) -> None:
    """Each, typed as printed, ends the question about its own draft; the last one stands alone again."""
    here.write(*ALPHA, row("F-2", "Bêta SAS", "20/11/2026"), row("F-3", "Gamma SA", "20/11/2026"))
    assert 0 == here.run("send", today=FRIENDLY).code
    seen, left = [], 3
    while left:
        said = tell(here, "plan", "--format", "table", today=NEXT_DAY).split("À faire")[1]
        assert ("Revoir 3 messages : brouillon du 25/11" in said) is (left == 3)
        commands = re.findall(r"→ relance ([^(→\n]+)", said)
        assert {3: 4, 2: 3, 1: 1}[left] == len(commands), said
        (record, *_) = [command for command in commands if command.startswith("record")]
        wanted = record if left > 1 else re.findall(r"relance (resolve [^()\n]+)", " ".join(said.split()))[0]
        seen.append(shlex.split(wanted)[1])
        tell(here, *shlex.split(wanted), today=NEXT_DAY)
        left -= 1
    assert ["F-1", "F-2", "F-3"] == sorted(seen)
    assert "brouillon" not in tell(here, "plan", "--format", "table", today=NEXT_DAY)


@pytest.mark.parametrize("said", [(*SENT, "--cause", "cash"), ("resolve", "F-1", "--sent")])
@pytest.mark.parametrize("named", ["F-1", "F-4"])
def test_undone_it_is_a_draft_again(here: Story, said: tuple[str, ...], named: str) -> None:
    """The pause told before it stays, and is undone next; the draft may be said sent once more."""
    tell(here, *said, today=NEXT_DAY)
    done = [("stage_done", NEXT_DAY, "1200.00"), ("stage_done", NEXT_DAY, "90.00")]
    assert done == states(here)
    undone = tell(here, "undo", named, today=NEXT_DAY)
    back = "le message est de nouveau un brouillon pour toutes ses factures"
    assert f"{named} : c’est annulé (relance amicale (e-mail) du 26 novembre 2026, {back}).\n" == undone
    assert DRAFTED == states(here)
    assert 0 == here.run("send", today=NEXT_DAY).code
    assert 1 == len(list(here.folder.glob("brouillons/new/*")))
    tell(here, *said, today=NEXT_DAY)
    assert done == states(here)
    tell(here, "undo", "F-4", today=NEXT_DAY)
    assert "pause du 23 novembre 2026" in tell(here, "undo", "F-1", today=NEXT_DAY)
    assert 2 == here.run("undo", "F-1", today=NEXT_DAY).code


def test_sent_before_it_was_written(here: Story) -> None:
    """A slip of the date: nothing is noted, and the sentence names the day from which on it may be."""
    refused = here.run(*SENT, "--on", "2026-11-24", today=NEXT_DAY)
    assert (2, "") == (refused.code, refused.out)
    assert "25 novembre 2026" in refused.err
    assert "--on" in refused.err
    assert DRAFTED == states(here)
    tell(here, *SENT, "--on", FRIENDLY, today=NEXT_DAY)


def test_a_day_on_which_there_was_no_draft_yet(here: Story) -> None:
    """Replayed, it is a reminder by hand about the one invoice; the draft is no message of that day."""
    said = tell(here, *SENT, today="2026-11-24")
    assert "F-1 : c’est noté, relance amicale du 24/11 (e-mail).\n" == said
    assert [("stage_done", "2026-11-24", "1200.00"), DRAFTED[1]] == states(here)


@pytest.mark.parametrize("said", [SENT, ("resolve", "F-1", "--sent"), ("resolve", "F-4", "--not-sent")])
def test_undo_of_a_customer_names_the_invoices_of_a_draft(here: Story, said: tuple[str, ...]) -> None:
    """What was said of a message was said of each of its invoices; undone, nothing is left to take back of F-4."""
    nothing = here.run("undo", "Alpha SARL", today=NEXT_DAY).err.replace("\u00a0", " ")
    assert "Rien n’a été noté à la main sur Alpha SARL en entier, mais sur F-1." in nothing
    tell(here, *said, today=NEXT_DAY)
    refused = here.run("undo", "Alpha SARL", today=NEXT_DAY)
    assert 2 == refused.code
    named = refused.err.replace("\u00a0", " ")
    assert "sur Alpha SARL en entier, mais sur F-1, F-4. « relance undo F-1 » annule" in named
    assert "de nouveau un brouillon" in tell(here, "undo", "F-4", today=NEXT_DAY)
    assert nothing == here.run("undo", "Alpha SARL", today=NEXT_DAY).err.replace("\u00a0", " ")


def test_undo_of_a_letter_names_the_day_of_the_letter(here: Story) -> None:
    """Not the day on which it was received, which is what is taken back first."""
    letter = ("record", "F-1", "--stage", "firm", "--channel", "letter")
    tell(here, *letter, "--posted", "2026-11-26", today="2026-11-26")
    tell(here, *letter, "--received", "2026-11-28", today="2026-11-30")
    for _ in range(2):
        undone = tell(here, "undo", "F-1", today="2026-11-30")
        assert undone.startswith("F-1 : c’est annulé (relance ferme (lettre) du 26 novembre 2026")


def test_a_draft_that_was_not_sent_after_all(here: Story) -> None:
    """Thrown away by mistake: undone, it is a draft again, and is not written twice."""
    tell(here, "resolve", "F-4", "--not-sent", today=NEXT_DAY)
    assert ["due", "due"] == [reason for reason, _, _ in states(here)]
    undone = tell(here, "undo", "F-1", today=NEXT_DAY)
    back = "message de F-1, F-4 noté comme pas parti le 26 novembre 2026, de nouveau un brouillon"
    assert f"F-1 : c’est annulé ({back}).\n" == undone
    assert DRAFTED == states(here)


def test_a_draft_of_a_former_number(here: Story) -> None:
    """Its number was corrected since: the draft is still the one of this invoice, and so is what was said of it."""
    here.write(replace(ALPHA[0], number="F-1B"), ALPHA[1])
    tell(here, "confirm", "F-1B", today=NEXT_DAY)
    tell(here, "record", "F-1B", *SENT[2:], today=NEXT_DAY)
    assert ["stage_done", "stage_done"] == [reason for reason, _, _ in states(here)]
    assert "de nouveau un brouillon" in tell(here, "undo", "F-1B", today=NEXT_DAY)
    assert ["drafted", "drafted"] == [reason for reason, _, _ in states(here)]


@pytest.mark.slow
def test_an_answer_to_a_draft_that_was_sent_is_found(here: Story) -> None:
    """The customer answers the message itself, from an address that nobody knows."""
    [draft] = here.folder.glob("brouillons/new/*")
    identity = parsed(draft.read_bytes())["Message-ID"]
    tell(here, *SENT, today=NEXT_DAY)
    mails = Mails()
    mails.put(
        f"From: daf@ailleurs.example\nTo: camille@martin.example\nSubject: Re: facture\nMessage-ID: <1@ailleurs>\n"
        f"In-Reply-To: {identity}\n\nBonjour, nous contestons.\n",
        date(2026, 11, 27),
    )
    with imap_server(mails):
        account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\nsecurity = "none"\n'
        here.settings(rest=f'{DRAFTS}[imap]\nhost = "127.0.0.1"\nport = {mails.port}\n{account}')
        assert here.run("send", today="2026-11-27").code in (0, 1)
    assert ["answered", "answered"] == [reason for reason, _, _ in states(here, "2026-11-27")]


@pytest.mark.slow
def test_a_doubt_is_in_doubt_again(tmp_path: Path) -> None:
    """Settled by mistake: `undo` takes back that word, then what was said before it."""
    here = story(tmp_path)
    with smtp_server() as box:
        here.settings(box.port)
        here.write(*ALPHA)
        assert 0 == here.run("send", today=MONDAY).code
        tell(here, *PAUSE, today=MONDAY)
        box.to_dot.append("421 au revoir")
        assert 1 == here.run("send", today=FRIENDLY).code
    doubt = [("in_doubt", None, "1200.00"), ("in_doubt", None, "90.00")]
    for word, said, reason in (("--sent", "parti", "stage_done"), ("--not-sent", "pas parti", "due")):
        assert doubt == states(here)
        tell(here, "resolve", "F-1", word, today=NEXT_DAY)
        assert [reason, reason] == [each for each, _, _ in states(here)]
        undone = tell(here, "undo", "F-1", today=NEXT_DAY)
        back = f"message de F-1, F-4 noté comme {said} le 26 novembre 2026, de nouveau en doute"
        assert f"F-1 : c’est annulé ({back}).\n" == undone
    assert doubt == states(here)
    assert "pause du 23 novembre 2026" in tell(here, "undo", "F-1", today=NEXT_DAY)


@pytest.fixture
def twice(tmp_path: Path) -> Story:
    """A courtesy draft of an invoice due on the 25th, never sent; then a friendly one."""
    here = story(tmp_path)
    here.settings(rest=DRAFTS)
    here.write(row("G-2", "Alpha SARL", "25/11/2026", issued="01/11/2026"), row("G-9", "Beta SAS", "20/12/2026"))
    assert 0 == here.run("send", today=MONDAY).code
    assert 0 == here.run("send", today="2026-11-30").code
    assert 2 == len(list(here.folder.glob("brouillons/new/*")))
    return here


THROW_AWAY = "plus à envoyer"
COURTESY_OF_G2 = f"Supprimer le brouillon du 23/11/2026 (relance préventive, G-2), {THROW_AWAY}"
FRIENDLY_OF_G2 = f"Supprimer le brouillon du 30/11/2026 (relance amicale, G-2), {THROW_AWAY}"


def notes(here: Story, today: str) -> list[str]:
    """What `plan` says of drafts that are not to be sent any more."""
    shown = here.run("plan", "--format", "lines", today=today).out.replace("\u00a0", " ")
    return [line.strip() for line in shown.splitlines() if THROW_AWAY in line]


@pytest.mark.parametrize(("word", "reason"), [("--sent", "stage_done"), ("--not-sent", "due")])
def test_resolve_settles_the_draft_that_is_asked_about(twice: Story, word: str, reason: str) -> None:
    """The courtesy of before has expired: it is thrown away once nothing else waits, and is no contact."""
    assert [COURTESY_OF_G2] == notes(twice, "2026-12-01")
    said = tell(twice, "resolve", "G-2", word, today="2026-12-01")
    assert said.startswith("G-2 : message noté comme")
    assert reason == twice.line("G-2", "2026-12-01")["reason"]
    shown = tell(twice, "show", "G-2", today="2026-12-01")
    assert ("préventive" in shown.partition("Historique")[2]) is False
    assert [f"{COURTESY_OF_G2} → relance resolve G-2 --not-sent"] == notes(twice, "2026-12-01")
    if word == "--sent":
        late = twice.run("resolve", "G-2", "--sent", today="2026-12-01")
        assert (2, True) == (late.code, "relance record G-2 --stage courtesy --channel email" in late.err)
    tell(twice, "resolve", "G-2", "--not-sent", today="2026-12-01")
    assert [] == notes(twice, "2026-12-01")
    assert reason == twice.line("G-2", "2026-12-01")["reason"]


@pytest.mark.parametrize(
    "held",
    [
        ("pay", "G-2"),
        ("hold", "G-2", "--reason", "dispute"),
        ("hold", "G-2", "--reason", "insolvency"),
    ],
)
def test_a_draft_of_an_invoice_that_is_held_or_paid(twice: Story, held: tuple[str, ...]) -> None:
    """Named by `plan`, once a week by `send`, until it is settled; both drafts of the invoice are."""
    tell(twice, *held, today="2026-12-01")
    wanted = [f"{each} → relance resolve G-2 --not-sent" for each in (COURTESY_OF_G2, FRIENDLY_OF_G2)]
    assert wanted == notes(twice, "2026-12-01")
    for day, times in (("2026-12-01", 1), ("2026-12-02", 0), ("2026-12-08", 1)):
        assert times == twice.run("send", today=day).out.replace("\u00a0", " ").count(wanted[1])
    elsewhere = twice.run("send", "--dry-run", "--only", "G-9", today="2026-12-01").out.replace("\u00a0", " ")
    assert THROW_AWAY not in elsewhere
    said = tell(twice, "resolve", "G-2", "--not-sent", today="2026-12-08")
    assert ("replanifié" in said) is (held[0] != "pay")
    assert [] == notes(twice, "2026-12-08")


def test_a_draft_sent_although_the_invoice_is_held_since(twice: Story) -> None:
    """The customer answered the very message: `resolve --sent` says so, and only of the last draft."""
    tell(twice, "hold", "G-2", "--reason", "dispute", today="2026-12-01")
    tell(twice, "resolve", "G-2", "--sent", today="2026-12-01")
    assert ("friendly", "2026-12-01") == tuple(
        twice.line("G-2", "2026-12-01")[name] for name in ("last_stage", "last_contact")
    )
    assert [COURTESY_OF_G2] == [note.partition(" → relance resolve")[0] for note in notes(twice, "2026-12-01")]


def test_a_draft_about_two_invoices_of_which_one_is_paid(here: Story) -> None:
    """One sentence for the file; thrown away, the message is planned anew without what was paid."""
    here.write(replace(ALPHA[0], paid="1 200,00", paid_on="25/11/2026"), ALPHA[1])
    one = f"Supprimer le brouillon du 25/11/2026 (relance amicale, F-1), {THROW_AWAY} → relance resolve F-1 --not-sent"
    assert [one] == notes(here, NEXT_DAY)
    tell(here, "resolve", "F-1", "--not-sent", today=NEXT_DAY)
    assert ([], "due") == (notes(here, NEXT_DAY), here.line("F-4", NEXT_DAY)["reason"])


def test_a_draft_of_invoices_that_left_the_file(here: Story) -> None:
    """Gone from a file of open invoices, they are paid: named until it is settled, by the number that one had."""
    here.write(row("F-5", "Beta SAS", "20/12/2026"))
    both = f"Supprimer le brouillon du 25/11/2026 (relance amicale, F-1, F-4), {THROW_AWAY}"
    gone = [f"{both} → relance resolve F-1 --not-sent"]
    assert gone == notes(here, NEXT_DAY)
    assert gone[0] in here.run("send", today=NEXT_DAY).out.replace("\u00a0", " ")
    assert gone == notes(here, NEXT_DAY)
    assert "noté comme pas parti" in tell(here, "resolve", "F-1", "--not-sent", today=NEXT_DAY)
    assert [] == notes(here, NEXT_DAY)


def test_a_draft_names_both_its_ends(here: Story) -> None:
    """Sent or not: each command is printed as it is typed, with the invoice."""
    said = here.line("F-1", NEXT_DAY)["because"]
    assert "relance record F-1 --stage friendly --channel email" in said
    (unsent,) = re.findall(r"relance resolve [^)]*", said)
    tell(here, *shlex.split(unsent)[1:], today=NEXT_DAY)
    assert "drafted" != here.line("F-1", NEXT_DAY)["reason"]


def test_resolve_lists_the_messages(here: Story) -> None:
    """What each of them is, and not what is owed; typed as printed, the command settles it."""
    asked = here.run("resolve", today=NEXT_DAY).err.replace("\u00a0", " ").replace("\u202f", " ")
    assert "Alpha, brouillon du 25/11 (relance amicale), pas parti" in asked.replace("Alpha SARL", "Alpha")
    assert "€" not in asked
    command = next(line.partition("→ relance ")[2] for line in asked.splitlines() if "--not-sent" in line)
    assert 0 == here.run(*shlex.split(command)).code
