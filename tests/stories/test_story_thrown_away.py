"""Drafts that are not to be sent any more: taken out of the mailbox at a yes, settled when their invoice is gone."""

import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from imap_support import Mails, hang_up, imap_server, when
from mail_support import smtp_server
from story_support import MONDAY, Story, parsed, row, story
from terminal_support import INTERRUPT, Terminal, terminal
from test_story_own_mailbox import DRAFTS, FRIENDLY, LATE, NEXT_DAY, french, imap, plain, reasons, typed

from relance.journal import lock

pytestmark = pytest.mark.slow
OTHER = row("F-9", "Bêta SAS", "20/12/2026", "75,00")
OFFER = "de votre boîte\u202f? [o]ui, [n]on\u00a0:"


@pytest.fixture
def mails() -> Iterator[Mails]:
    """The mailbox, listening."""
    with imap_server(french()) as box:
        yield box


@pytest.fixture
def here(tmp_path: Path, mails: Mails) -> Story:
    """One draft about two invoices in the mailbox; a third one that is not due."""
    here = story(tmp_path)
    here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap(mails)}')
    here.write(*LATE, OTHER)
    assert 0 == here.run("send", today=MONDAY).code
    assert 0 == here.run("send", today=FRIENDLY).code
    return here


def paid(here: Story) -> None:
    """Both are paid."""
    for number in ("F-1", "F-4"):
        assert 0 == here.run("pay", number, today=NEXT_DAY).code
    here.saved_on(NEXT_DAY)


def sending(here: Story, *args: str) -> AbstractContextManager[Terminal]:
    """`send` of the next day on a terminal."""
    return terminal(here, "send", *args, "--today", NEXT_DAY)


def test_taken_away_at_a_yes(here: Story, mails: Mails) -> None:
    """By its own number alone; a mail of the user's own stays, and nobody asks any more."""
    mails.put("From: camille@martin.example\nSubject: perso\n\nx\n", folder=DRAFTS)
    paid(here)
    with sending(here) as screen:
        assert "plus à envoyer" in plain(screen.until(OFFER))
        screen.type("o\n")
        code, said = screen.end()

    assert (0, 1) == (code, len(mails.raws(DRAFTS)))
    assert "F-1, F-4 : noté comme pas parti. Son brouillon est retiré de votre boîte." in plain(said)
    with sending(here) as screen:
        assert (0, "Rien à envoyer aujourd’hui.\n") == screen.end()


@pytest.mark.parametrize("answer", ["n\n", "\n", "oo\n", INTERRUPT])
def test_left_alone_without_a_yes(here: Story, mails: Mails, answer: str) -> None:
    """It stays, the run ends as it would have; asked again with the sentence, a week later."""
    paid(here)
    with sending(here) as screen:
        screen.until(OFFER)
        screen.type(answer)
        assert 0 == screen.end()[0]
    with sending(here) as screen:
        assert "Retirer" not in screen.end()[1]
    assert 1 == len(mails.raws(DRAFTS))


@pytest.mark.parametrize("held", [("--reason", "dispute"), ("--reason", "pause", "--until", "2026-12-20")])
def test_of_an_invoice_that_is_held(here: Story, mails: Mails, held: tuple[str, ...]) -> None:
    """The same; `review` asks as well."""
    for number in ("F-1", "F-4"):
        assert 0 == here.run("hold", number, *held, today=NEXT_DAY).code
    here.saved_on(NEXT_DAY)
    with terminal(here, "review", "--today", NEXT_DAY) as screen:
        screen.until(OFFER)
        screen.type("o\n")
        assert 0 == screen.end()[0]
    assert [] == mails.raws(DRAFTS)


@pytest.mark.parametrize("args", [("--yes",), ("--unattended",), ("--quiet",), ("--format", "json")])
def test_not_asked(here: Story, mails: Mails, args: tuple[str, ...]) -> None:
    """Where nobody is to be asked, nothing is taken away: the command is printed."""
    paid(here)
    with sending(here, *args) as screen:
        assert "Retirer" not in screen.end()[1]
    assert 1 == len(mails.raws(DRAFTS))


def test_what_its_user_edited_is_not_offered(here: Story, mails: Mails) -> None:
    """It is his."""
    mails.folders[DRAFTS][0] = (mails.raws(DRAFTS)[0].replace(b"Bonjour", b"Cher client"), mails.today)
    paid(here)
    with sending(here) as screen:
        said = screen.end()[1]
    assert "Supprimer le brouillon" in plain(said)
    assert "Retirer" not in said


def test_two_at_once(here: Story, mails: Mails) -> None:
    """One question, one look into the mailbox, and each is said."""
    here.write(*LATE, OTHER, row("F-5", "Gamma SA", "20/11/2026"))
    assert 0 == here.run("send", today=FRIENDLY).code
    paid(here)
    assert 0 == here.run("pay", "F-5", today=NEXT_DAY).code
    here.saved_on(NEXT_DAY)
    with sending(here) as screen:
        assert "Retirer ces 2 brouillons" in plain(screen.until(OFFER))
        logins = len(mails.logins)
        screen.type("o\n")
        said = screen.end()[1]
    assert "F-1, F-4, F-5 : noté comme pas parti. 2 brouillons sont retirés de votre boîte." in plain(said)
    assert (1, []) == (len(mails.logins) - logins, mails.raws(DRAFTS))


def test_the_mailbox_is_gone_when_it_is_answered(here: Story, mails: Mails) -> None:
    """What was said is kept, and done by the next run."""
    paid(here)
    with sending(here) as screen:
        screen.until(OFFER)
        mails.fault = when("LIST", hang_up)
        screen.type("o\n")
        assert "Son brouillon sera retiré au prochain envoi." in plain(screen.end()[1])
    mails.fault = None
    assert 1 == len(mails.raws(DRAFTS))
    assert 0 == here.run("send", today=NEXT_DAY).code
    assert [] == mails.raws(DRAFTS)


def test_sent_by_its_user_while_it_was_asked(here: Story, mails: Mails) -> None:
    """It is not said to be taken away: it left, and the printed command notes it."""
    paid(here)
    with sending(here) as screen:
        screen.until(OFFER)
        mails.folders["Messages envoy&AOk-s"].append(mails.folders[DRAFTS][0])
        mails.take(DRAFTS, mails.uids(DRAFTS)[0])
        screen.type("o\n")
        said = " ".join(plain(screen.end()[1]).split())
    assert "retiré" not in said
    [command] = re.findall(r"retrouvé dans vos messages envoyés. S’il est parti → (relance .*)", said)
    assert "F-1, F-4 : message noté comme parti." in plain(typed(here, command, NEXT_DAY).out)


def test_settled_in_another_window(here: Story, mails: Mails) -> None:
    """While the question stood there."""
    paid(here)
    with sending(here) as screen:
        screen.until(OFFER)
        assert 0 == here.run("resolve", "F-4", "--not-sent", today=NEXT_DAY).code
        screen.type("o\n")
        assert "Aucun brouillon n’attend plus." in plain(screen.end()[1])


def test_another_run_is_at_work_when_it_is_answered(here: Story, mails: Mails) -> None:
    """It is said; the run was over, and ends as it would have. The printed command does it later."""
    paid(here)
    with sending(here) as screen:
        screen.until(OFFER)
        with lock(here.journal):
            screen.type("o\n")
            code, said = screen.end()
    assert (0, True) == (code, "Attendez qu’il ait fini." in plain(said))
    assert 1 == len(mails.raws(DRAFTS))
    assert 0 == here.run("resolve", "F-1", "--not-sent", today=NEXT_DAY).code
    assert [] == mails.raws(DRAFTS)


_IN_DOUBT = (
    "INSERT INTO deliveries SELECT id + 100, created_at, on_date, channel, customer, 'thanks', message_id || '2',"
    " envelope_from, addresses, recipients, subject, 'in_doubt', code, '', refused_address, settled_at, resolved_on,"
    " raw FROM deliveries",
    "INSERT INTO attempts (delivery, attempt) SELECT delivery + 100, attempt || '2' FROM attempts",
    "INSERT INTO delivery_keys SELECT delivery + 100, invoice, number, 'thanks', channel, ladder, snapshot, term, live"
    " FROM delivery_keys",
)
"""A thank-you about the invoices of the draft that another program of the user's broke off."""


def test_a_doubt_that_came_while_it_was_asked(here: Story, mails: Mails) -> None:
    """Nobody spoke of that message: it stays in doubt, and so does the draft beside it."""
    paid(here)
    with sending(here) as screen:
        screen.until(OFFER)
        with closing(sqlite3.connect(here.journal)) as journal, journal:
            for statement in _IN_DOUBT:
                journal.execute(statement)
        screen.type("o\n")
        code, said = screen.end()
    assert (0, True) == (code, "Aucun brouillon n’attend plus." in plain(said))
    assert 1 == len(mails.raws(DRAFTS))
    with closing(sqlite3.connect(here.journal)) as journal:
        states = [state for (state,) in journal.execute("SELECT state FROM deliveries ORDER BY id")]
    assert ["draft", "in_doubt"] == states


def test_what_a_message_replaces_is_nobodys_to_throw_away(here: Story, mails: Mails) -> None:
    """One of two is paid: the draft about both is replaced, and neither named nor offered for the other's sake."""
    assert 0 == here.run("pay", "F-1", today=NEXT_DAY).code
    said = here.run("send", today="2026-12-04").out
    assert "Supprimer" not in said
    [raw] = mails.raws(DRAFTS)
    assert "F-1" not in str(parsed(raw)["Subject"])


def test_of_invoices_that_left_the_file(here: Story, mails: Mails) -> None:
    """The command names one by its number; typed as printed, it takes the draft away. Until then it is said."""
    here.write(OTHER)
    for day in (NEXT_DAY, "2026-12-04"):
        said = plain(here.run("send", today=day).out)
        [command] = re.findall(r"\(relance amicale, F-1, F-4\), plus à envoyer → (relance .*)", said)
    listed = plain(here.run("resolve", today="2026-12-04").err)
    assert "brouillon du 25/11 (relance amicale), pas parti → relance resolve" in listed
    done = typed(here, command, "2026-12-04")
    assert "F-1, F-4 : message noté comme pas parti. Son brouillon est retiré de votre boîte." in plain(done.out)
    assert [] == mails.raws(DRAFTS)
    assert "brouillon" not in plain(here.run("plan", today="2026-12-04").out)
    again = typed(here, command, "2026-12-04")
    assert (2, True) == (again.code, "Aucune facture ne porte le numéro" in plain(again.err))


def test_sent_although_they_left_the_file(here: Story, mails: Mails) -> None:
    """Found among the sent messages: the printed command says so, and `sent` has it."""
    mails.folders["Messages envoy&AOk-s"].append(mails.folders[DRAFTS][0])
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    here.write(OTHER)
    said = plain(here.run("send", today=NEXT_DAY).out)
    [command] = re.findall(r"retrouvé dans vos messages envoyés → (relance .*)", said)
    assert command.endswith("--sent")
    assert "F-1, F-4 : message noté comme parti." in plain(typed(here, command, NEXT_DAY).out)
    assert ["sent"] == [
        each["status"] for each in here.run("sent", "--format", "json", today=NEXT_DAY).json["messages"]
    ]


def test_each_draft_of_an_invoice_that_left_the_file_is_meant_by_its_own_command(tmp_path: Path, mails: Mails) -> None:
    """One was found among the sent messages, the other one still lies there: neither word is said of the other."""
    here = story(tmp_path)
    here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap(mails)}')
    here.write(row("G-2", "Alpha SARL", "25/11/2026", issued="01/11/2026"), OTHER)
    assert 0 == here.run("send", today=MONDAY).code
    mails.folders["Messages envoy&AOk-s"].append(mails.folders[DRAFTS][0])
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    assert 0 == here.run("send", today="2026-11-30").code
    here.write(OTHER)
    assert 0 == here.run("send", today="2026-12-01").code
    said = plain(here.run("plan", "--format", "lines", today="2026-12-01").out)
    [left] = re.findall(r"préventive, G-2\) retrouvé dans vos messages envoyés → (relance .*)", said)
    [lies] = re.findall(r"amicale, G-2\), plus à envoyer → (relance .*)", said)
    assert 0 == typed(here, left, "2026-12-01").code
    said = plain(here.run("plan", "--format", "lines", today="2026-12-01").out)
    assert (False, True) == ("préventive, G-2" in said, f"plus à envoyer → {lies}" in said)
    assert 0 == typed(here, lies, "2026-12-01").code
    states = [each["status"] for each in here.run("sent", "--format", "json", today="2026-12-01").json["messages"]]
    assert (["sent"], []) == (states, mails.raws(DRAFTS))


def test_what_is_gone_is_nobodys_to_delete(here: Story, mails: Mails) -> None:
    """The user deleted it himself, or sent it from elsewhere: he says which, and nobody asks again."""
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    paid(here)
    said = plain(here.run("send", today=NEXT_DAY).out)
    assert "Supprimer" not in said
    [command] = re.findall(r"absent de vos brouillons. Pas envoyé → (relance .*)", said)
    assert 0 == typed(here, command, NEXT_DAY).code
    assert "brouillon" not in plain(here.run("plan", today=NEXT_DAY).out)


def test_one_of_them_left_the_file(here: Story, mails: Mails) -> None:
    """The draft still asks for it: another one, without it, takes its place."""
    here.write(LATE[1], OTHER)
    assert ["drafted", "not_due"] == reasons(here)
    assert "à jeter" in plain(here.run("plan", "--format", "lines", today=NEXT_DAY).out)
    done = here.run("send", today=NEXT_DAY)
    [raw] = mails.raws(DRAFTS)
    assert ["F-4"] == [number for number in ("F-1", "F-4") if number in str(parsed(raw)["Subject"])]
    assert "Supprimer" not in plain(done.out)


def test_a_number_of_two_years(here: Story) -> None:
    """Of an invoice that left, its number is another one's by now: the printed command names the year, and means it."""
    here.write(row("F-1", "Bêta SAS", "20/03/2027", "75,00", issued="10/02/2027"))
    said = plain(here.run("send", today=NEXT_DAY).out)
    [command] = re.findall(r"plus à envoyer → (relance .*)", said)
    assert "F-1/2026" in command
    refused = here.run("resolve", "F-1", "--not-sent", today=NEXT_DAY)
    assert (2, True) == (refused.code, "aucun brouillon n’attend" in plain(refused.err))
    assert "F-1, F-4 : message noté" in plain(typed(here, command, NEXT_DAY).out)


def test_a_number_that_two_of_them_had(tmp_path: Path) -> None:
    """Each is named by its year."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\nfolder = "brouillons"\n')
    first, second = row("7", "Alpha SARL", "20/11/2025"), row("7", "Gamma SA", "20/11/2026")
    here.write(first, second, OTHER)
    assert 0 == here.run("send", today=MONDAY).code
    assert 0 == here.run("confirm", "backlog", "--gently", today=MONDAY).code
    here.run("send", today=FRIENDLY)
    here.write(second, OTHER)
    here.run("send", today="2026-12-01")
    here.write(OTHER)
    here.run("send", today="2026-12-02")
    refused = here.run("resolve", "7", "--not-sent", today="2026-12-02")
    commands = re.findall(r"→ relance (.*)", plain(refused.err))
    assert (2, 2) == (refused.code, len(commands)), refused
    for command in commands:
        assert 0 == here.run(*shlex.split(command)).code


@pytest.mark.parametrize("word", ["--sent", "--not-sent"])
def test_a_doubt_about_an_invoice_that_left_the_file(tmp_path: Path, word: str) -> None:
    """Doubts stop all that is sent: it can be settled by the number that is printed, whatever the file has by now."""
    here = story(tmp_path)
    with smtp_server() as box:
        here.settings(box.port)
        here.write(*LATE, OTHER)
        assert 0 == here.run("send", today=MONDAY).code
        box.to_dot.append("421 au revoir")
        assert 1 == here.run("send", today=FRIENDLY).code
    here.write(OTHER)
    done = here.run("resolve", "f-1", word, today=NEXT_DAY)
    said = "parti" if word == "--sent" else "pas parti"
    assert (0, f"F-1, F-4 : message noté comme {said}.\n") == (done.code, plain(done.out))


def test_a_refusal_about_an_invoice_that_left_the_file(tmp_path: Path) -> None:
    """It may be called off, and did not leave; a number that nothing was ever sent about is none."""
    here = story(tmp_path)
    with smtp_server() as box:
        here.settings(box.port)
        here.write(*LATE, replace(OTHER, number="F-8"))
        assert 0 == here.run("send", today=MONDAY).code
        box.rcpt["compta@alpha.example"] = "550 5.1.1 no such user"
        assert 1 == here.run("send", today=FRIENDLY).code
    here.write(OTHER)
    for number, word, code in (("F-1", "--sent", 2), ("F-1", "--not-sent", 0), ("F-77", "--not-sent", 2)):
        assert code == here.run("resolve", number, word, today=NEXT_DAY).code


def test_a_number_that_nobody_knows_writes_no_journal(tmp_path: Path) -> None:
    """It is refused before anything."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "folder"\nfolder = "brouillons"\n')
    here.write(OTHER)
    assert 2 == here.run("resolve", "F-1", "--not-sent", today=NEXT_DAY).code
    assert not here.journal.exists()
