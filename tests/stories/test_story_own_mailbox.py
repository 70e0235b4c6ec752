"""One's own mailbox: drafts that lie in it, are replaced, found sent or gone; copies of what a server took."""

import re
import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from imap_support import Mails, answering, hang_up, imap_server, when
from mail_support import USER, Mailbox, smtp_server
from story_support import MONDAY, PASSWORD_VARIABLE, Done, Story, parsed, row, story

pytestmark = pytest.mark.slow
DRAFTS, SENT = "Brouillons", "Messages envoy&AOk-s"
FRIENDLY, NEXT_DAY = "2026-11-25", "2026-11-26"
LATE = (row("F-1", "Alpha SARL", "20/11/2026"), row("F-4", "Alpha SARL", "20/11/2026", "90,00"))
RECORD = "relance record F-1 --stage friendly --channel email"
UNSENT = "relance resolve F-1 --not-sent"


def french() -> Mails:
    """A mailbox as Dovecot keeps it for a French user."""
    mails = Mails(today=date.fromisoformat(FRIENDLY))
    mails.folders |= {DRAFTS: [], SENT: []}
    mails.flags |= {DRAFTS: r"\HasNoChildren \Drafts", SENT: r"\Sent"}
    return mails


def imap(mails: Mails, more: str = "") -> str:
    """The table that names it."""
    account = f'user = "{USER}"\npassword_env = "{PASSWORD_VARIABLE}"\nsecurity = "none"\n'
    return f'[imap]\nhost = "127.0.0.1"\nport = {mails.port}\n{account}{more}'


@pytest.fixture
def mails() -> Iterator[Mails]:
    """The mailbox, listening."""
    with imap_server(french()) as box:
        yield box


@pytest.fixture
def here(tmp_path: Path, mails: Mails) -> Story:
    """Two invoices of one customer, and one draft about both in the mailbox."""
    here = story(tmp_path)
    here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap(mails)}')
    here.write(*LATE)
    assert 0 == here.run("send", today=MONDAY).code
    done = here.run("send", today=FRIENDLY)
    assert (0, "") == (done.code, done.err)
    return here


def plain(text: str) -> str:
    """With ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def typed(here: Story, command: str, today: str) -> Done:
    """A command as it was printed."""
    return here.run(*shlex.split(command)[1:], today=today)


def task(here: Story, today: str = NEXT_DAY) -> str:
    """What `plan` asks about the draft."""
    return plain(here.run("plan", "--format", "lines", today=today).out)


def reasons(here: Story, today: str = NEXT_DAY) -> list[str]:
    """Why each invoice waits."""
    return [line["reason"] for line in here.plan(today)["invoices"]]


def test_a_draft_lies_there_once(here: Story, mails: Mails) -> None:
    """Exact bytes and flags, named on the screen, journaled as a draft: no second one at the next run."""
    [(folder, flags, raw)] = mails.appended
    assert (DRAFTS, r"(\Draft \Seen)") == (folder, flags)
    assert "F-1" in str(parsed(raw)["Subject"])
    assert ["drafted", "drafted"] == reasons(here)
    done = here.run("send", "--format", "json", today=NEXT_DAY)
    assert ([], []) == (done.json["drafted"], done.json["sent"])
    assert 1 == len(mails.appended)
    assert [] == list(here.folder.glob("brouillons*"))


def test_where_a_draft_lies_is_said(tmp_path: Path, mails: Mails) -> None:
    """By the folder's own name and its server."""
    here = story(tmp_path)
    here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap(mails)}')
    here.write(*LATE)
    here.run("send", today=MONDAY)
    done = here.run("send", "--verbose", today=FRIENDLY)
    assert f"dans « Brouillons » (127.0.0.1:{mails.port})" in plain(done.out)
    assert "Brouillons" in here.run("check", today=FRIENDLY).out
    assert "Messages envoyés" in here.run("check", today=FRIENDLY).out


def test_found_among_the_sent_messages(here: Story, mails: Mails) -> None:
    """By its name: asked, never assumed; the printed command records it on the day on which it left."""
    mails.folders[SENT].append((mails.raws(DRAFTS)[0], date(2026, 11, 25)))
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    here.run("send", today=NEXT_DAY)
    said = task(here)
    assert "retrouvé dans vos messages envoyés le 25 novembre 2026" in said
    assert f"{RECORD} --on 2026-11-25" in said
    assert ["drafted", "drafted"] == reasons(here)
    assert 0 == typed(here, f"{RECORD} --on 2026-11-25", NEXT_DAY).code
    assert ["stage_done", "stage_done"] == reasons(here)
    assert 1 == len(mails.appended)


def test_sent_by_a_program_that_names_it_anew(here: Story, mails: Mails) -> None:
    """A webmail writes the message again: found by its recipient and the number of the invoice."""
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    mails.put(
        "From: camille@martin.example\nTo: compta@alpha.example\nSubject: Facture F-4\nMessage-ID: <9@web>\n\nx\n",
        date(2026, 11, 26),
        SENT,
    )
    here.run("send", today=NEXT_DAY)
    assert "retrouvé dans vos messages envoyés le 26 novembre 2026" in task(here)


@pytest.mark.parametrize("command", [RECORD, UNSENT])
def test_gone_and_not_sent(here: Story, mails: Mails, command: str) -> None:
    """Both commands are printed; not sent, it is written again."""
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    here.run("send", today=NEXT_DAY)
    said = task(here)
    assert "absent de vos brouillons" in said
    assert RECORD in said
    assert UNSENT in said
    assert 0 == typed(here, command, NEXT_DAY).code
    here.run("send", today=NEXT_DAY)
    assert (2 if command == UNSENT else 1) == len(mails.appended)


def test_an_edited_draft_is_left_alone_and_named(here: Story, mails: Mails) -> None:
    """Even where it says what is not so any more."""
    raw = mails.raws(DRAFTS)[0].replace(b"Bonjour", b"Cher client")
    mails.take(DRAFTS, mails.uids(DRAFTS)[0])
    mails.folders[DRAFTS].append((raw, date(2026, 11, 25)))
    assert 0 == here.run("pay", "F-1", "--amount", "100", today=NEXT_DAY).code
    here.run("send", today=NEXT_DAY)
    assert [raw] == mails.raws(DRAFTS)
    assert "modifié par vous" in task(here)
    done = typed(here, UNSENT, NEXT_DAY)
    assert "modifié par vous : supprimez-le vous-même" in plain(done.out)
    assert [raw] == mails.raws(DRAFTS)


def test_replaced_when_the_sum_changes(here: Story, mails: Mails) -> None:
    """One paid of two: the draft about both goes, one about the other comes; a mail of the user's own stays."""
    mails.put("From: camille@martin.example\nSubject: perso\n\nx\n", date(2026, 11, 25), DRAFTS)
    mine = mails.raws(DRAFTS)[1]
    assert 0 == here.run("pay", "F-1", today=NEXT_DAY).code
    done = here.run("send", today="2026-12-04")
    assert done.code in (0, 1), done.err
    [first, second] = mails.raws(DRAFTS)
    assert first == mine
    assert "F-1" not in str(parsed(second)["Subject"])
    assert "F-4" in str(parsed(second)["Subject"])
    assert "UID EXPUNGE" in "".join(mails.commands)


def test_a_draft_of_a_paid_invoice_is_taken_away_by_the_printed_command(here: Story, mails: Mails) -> None:
    """Nothing is taken away before."""
    for number in ("F-1", "F-4"):
        assert 0 == here.run("pay", number, today=NEXT_DAY).code
    done = here.run("send", today=NEXT_DAY)
    [command] = re.findall(r"Supprimer le brouillon .* → (relance resolve \S+ --not-sent)", plain(done.out))
    assert 1 == len(mails.raws(DRAFTS))
    said = typed(here, command, NEXT_DAY)
    assert "Son brouillon est retiré de votre boîte." in said.out
    assert [] == mails.raws(DRAFTS)


def test_what_cannot_be_taken_away_now_is_later(here: Story, mails: Mails) -> None:
    """The mailbox does not answer: said, and done by the next run."""
    for number in ("F-1", "F-4"):
        here.run("pay", number, today=NEXT_DAY)
    mails.fault = when("LIST", hang_up)
    said = typed(here, UNSENT, NEXT_DAY)
    assert "sera retiré au prochain envoi" in plain(said.out)
    mails.fault = None
    assert 1 == len(mails.raws(DRAFTS))
    here.run("send", today=NEXT_DAY)
    assert [] == mails.raws(DRAFTS)


def test_a_server_that_takes_no_single_mail_away(here: Story, mails: Mails) -> None:
    """Without UIDPLUS nothing is marked or expunged, and the user is asked to; no second draft is written beside it."""
    mails.capabilities = "IMAP4rev1 AUTH=PLAIN"
    said = typed(here, UNSENT, NEXT_DAY)
    assert "pas retiré par ce serveur : supprimez-le vous-même" in plain(said.out)
    assert "EXPUNGE" not in "".join(mails.commands)
    here.write(row("F-1", "Alpha SARL", "20/11/2026", "1 300,00"), LATE[1])
    here.run("confirm", "F-1", today=NEXT_DAY)
    done = here.run("send", "--verbose", today=NEXT_DAY)
    assert 1 == len(mails.raws(DRAFTS))
    assert "un autre état de ce message est dans « Brouillons » : supprimez-le, ou envoyez-le" in plain(done.out)
    assert "Rien à envoyer" not in plain(done.out)
    shown = here.run("plan", "--format", "table", today=NEXT_DAY)
    assert "nouvel essai le 26/11" in plain(shown.out)


def test_a_missing_folder_is_named_and_not_created(tmp_path: Path, mails: Mails) -> None:
    """The setting that names another one is printed."""
    here = story(tmp_path)
    here.settings(rest=f'[delivery]\ntransport = "drafts"\n{imap(mails)}drafts_folder = "À envoyer"\n')
    here.write(*LATE)
    here.run("send", today=MONDAY)
    done = here.run("send", today=FRIENDLY)
    assert 2 == done.code
    assert "drafts_folder" in done.err
    checked = here.run("check", today=FRIENDLY)
    assert (2, True) == (checked.code, " ".join(plain(done.err).split()) in " ".join(plain(checked.out).split()))
    assert "CREATE" not in "".join(mails.commands)
    mails.folders["&AMA- envoyer"] = []
    assert 0 == here.run("send", today=FRIENDLY).code
    assert ["&AMA- envoyer"] == [folder for folder, _, _ in mails.appended]


@pytest.mark.parametrize("what", ["AUTHENTICATE", "EXAMINE", ""])
def test_check_does_not_send_to_itself(here: Story, mails: Mails, what: str) -> None:
    """Where the mailbox does not answer, it says what to look at: it is no cure of its own."""
    mails.fault = when(what, hang_up)
    checked = here.run("check", today=FRIENDLY)
    assert (2, False) == (checked.code, "relance check" in checked.out + checked.err)
    assert "[imap]" in checked.out


def test_drafts_want_a_mailbox(tmp_path: Path) -> None:
    """Said by the settings."""
    here = story(tmp_path)
    here.settings(rest='[delivery]\ntransport = "drafts"\n')
    here.write(*LATE)
    done = here.run("send", today=MONDAY)
    assert 2 == done.code
    assert "[imap]" in done.err


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server that takes messages."""
    with smtp_server() as box:
        yield box


def sending(here: Story, box: Mailbox, mails: Mails, more: str = "") -> None:
    """Settings with both servers, and the run of the first day."""
    here.settings(box.port, rest=imap(mails, more))
    here.write(*LATE)
    assert 0 == here.run("send", today=MONDAY).code


def test_a_copy_of_what_left(tmp_path: Path, box: Mailbox, mails: Mails) -> None:
    """Once, with the bytes that left, seen; not again by the next run."""
    here = story(tmp_path)
    sending(here, box, mails)
    assert 0 == here.run("send", today=FRIENDLY).code
    [(folder, flags, raw)] = mails.appended
    assert (SENT, r"(\Seen)") == (folder, flags)
    assert [raw] == [body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for body in box.received]
    here.run("send", today=NEXT_DAY)
    assert 1 == len(mails.appended)


def test_a_copy_that_the_server_filed_itself(tmp_path: Path, box: Mailbox, mails: Mails) -> None:
    """Looked for first: none is filed beside it."""
    here = story(tmp_path)
    sending(here, box, mails)
    filed: list[bytes] = []

    def own(peer: object, line: str) -> bool:
        if "EXAMINE" in line and box.received and not filed:
            filed.extend(box.received)
            mails.folders[SENT].append((box.received[0], date(2026, 11, 25)))
        return False

    mails.fault = own
    assert 0 == here.run("send", today=FRIENDLY).code
    assert filed
    assert [] == mails.appended


@pytest.mark.parametrize("said", ["false", '"auto"'])
def test_no_copy_where_none_is_wanted(tmp_path: Path, box: Mailbox, mails: Mails, said: str) -> None:
    """The settings say so, or the provider files its own."""
    here = story(tmp_path)
    sending(here, box, mails, f"save_sent = {said}\n")
    here.run("send", today=FRIENDLY)
    assert (1 if said == '"auto"' else 0) == len(mails.appended)


def test_a_copy_that_fails_is_a_notice_and_is_given_up(tmp_path: Path, box: Mailbox, mails: Mails) -> None:
    """The delivery stands; said once, tried three times, given up and said once."""
    here = story(tmp_path)
    sending(here, box, mails)
    mails.fault = when(" APPEND ", answering("NO [OVERQUOTA] full"))
    done = here.run("send", today=FRIENDLY)
    assert "Copies pas rangées dans vos messages envoyés" in plain(done.out)
    assert "stage_done" == here.line("F-1", FRIENDLY)["reason"]
    second = here.run("send", today=NEXT_DAY)
    assert "Copies pas rangées" not in plain(second.out)
    third = here.run("send", today="2026-11-27")
    assert "F-1, F-4 : pas de copie dans vos messages envoyés" in plain(third.out)
    assert "pas de copie" not in plain(here.run("send", today="2026-11-30").out)
    assert 3 == sum(" APPEND " in command for command in mails.commands)
    assert 1 == len(box.received)


RENAMED = "<PR3P193MB0801E1@PR3P193MB0801.EURP193.PROD.OUTLOOK.COM>"


def test_a_server_that_names_a_message_anew(tmp_path: Path, box: Mailbox, mails: Mails) -> None:
    """Exchange Online's own Message-ID: the next message refers to it, and an answer to it is one to us."""
    here = story(tmp_path)
    sending(here, box, mails, "save_sent = false\n")
    box.to_dot.append(f"250 2.0.0 OK {RENAMED} [Hostname=PR3P193MB0801.EURP193.PROD.OUTLOOK.COM]")

    assert 0 == here.run("send", today=FRIENDLY).code
    assert 0 == here.run("send", today="2026-12-08").code
    assert [None, RENAMED] == [parsed(raw)["In-Reply-To"] for raw in box.received]
    mails.put(
        f"From: daf@ailleurs.example\nTo: camille@martin.example\nSubject: Re: bonjour\nMessage-ID: <1@a>\n"
        f"In-Reply-To: {RENAMED}\n\nNous contestons.\n",
        date(2026, 12, 9),
    )
    here.run("send", today="2026-12-09")
    assert ["answered", "answered"] == reasons(here, "2026-12-09")
