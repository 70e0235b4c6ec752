"""The digest: what a run of the schedule would have printed is mailed to the user, once a day, by his own server."""

import shlex
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import Story, parsed, row, story, text_of
from web_support import gives, website

from relance.display.digest import subject

pytestmark = pytest.mark.slow

ME = "moi@martin.example"
POLICY = f'[policy]\nhours = "00:00-24:00"\n[digest]\nemail = "{ME}"\n'
THURSDAY, FRIDAY, MONDAY, TUESDAY, WEDNESDAY = "2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """The user's server."""
    with smtp_server() as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, box: Mailbox) -> Story:
    """A folder that relance has served for a day: Pollen waits for an address, Résine for its message of Tuesday."""
    at = story(tmp_path)
    at.settings(box.port, rest=POLICY)
    at.write(row("F-1", "Résine SARL", "19/11/2026"))
    at.run("send", "--unattended", today=THURSDAY)
    at.write(row("F-1", "Résine SARL", "19/11/2026"), row("F-2", "Pollen SAS", "19/11/2026", email=""))
    return at


def to_me(box: Mailbox) -> list[bytes]:
    """The mails that reached the user; what reached others is the rest."""
    return [raw for raw, to in zip(box.received, box.envelopes, strict=True) if to == (ME,)]


def scheduled(at: Story, today: str) -> tuple[int, str, str]:
    """A run of the schedule: its exit code and what it prints."""
    done = at.run("send", "--unattended", today=today)
    return done.code, done.out, done.err


def test_what_needs_the_user_is_mailed_and_not_printed(here: Story, box: Mailbox) -> None:
    """From him to him, with the sums and the commands; an automatic mail that no absence answers."""
    assert (1, "", "") == scheduled(here, TUESDAY)
    (raw,) = to_me(box)
    mail, text = parsed(raw), text_of(raw).replace("\u00a0", " ").replace("\u202f", " ")
    assert ("Camille Martin <camille@martin.example>", ME) == (str(mail["From"]), str(mail["To"]))
    assert "auto-generated" == str(mail["Auto-Submitted"])
    assert "Relance : 1 point à voir, mardi 24 novembre 2026" == str(mail["Subject"]).replace("\u00a0", " ")
    assert "Pollen SAS" in text
    assert "1 message parti à ce passage." in text
    assert "Reste dû : 2 400,00 €, dont 2 400,00 € en retard" in text
    assert 1 == len([to for to in box.envelopes if to != (ME,)])


def test_its_commands_are_typed_as_printed(here: Story, box: Mailbox) -> None:
    """The last line of the mail, and what its task names."""
    scheduled(here, TUESDAY)
    typed = [line[line.index("relance ") :] for line in text_of(to_me(box)[0]).splitlines() if "relance " in line]
    assert "relance plan" == typed[-1]
    for command in typed:
        assert here.run(*shlex.split(command)[1:], today=TUESDAY).code in (0, 1), command


def test_once_a_day_and_what_came_later_tomorrow(here: Story, box: Mailbox) -> None:
    """No news is no mail; what is new in the afternoon is in the mail of the next day, and not lost."""
    scheduled(here, TUESDAY)
    assert (0, "", "") == scheduled(here, TUESDAY)
    here.write(
        *(row("F-1", "Résine SARL", "19/11/2026"), row("F-2", "Pollen SAS", "19/11/2026", email="")),
        row("F-3", "Sarment SAS", "18/11/2026", email=""),
    )
    assert scheduled(here, TUESDAY)[1:] == ("", "")
    assert 1 == len(to_me(box))
    scheduled(here, WEDNESDAY)
    assert 2 == len(to_me(box))
    text = text_of(to_me(box)[1])
    assert "Sarment SAS" in text
    assert "Pollen SAS" not in text


def test_on_monday_all_that_waits(here: Story, box: Mailbox) -> None:
    """What was said in the week before and still waits is said again, once; where nothing waits, nothing."""
    scheduled(here, WEDNESDAY)
    scheduled(here, "2026-11-27")
    assert 1 == len(to_me(box))
    for _ in range(2):
        scheduled(here, "2026-11-30")
    assert 2 == len(to_me(box))
    assert "Pollen SAS" in text_of(to_me(box)[1])
    here.write(row("F-1", "Résine SARL", "19/11/2026", paid="1 200,00", paid_on="29/11/2026", status="Payée"))
    scheduled(here, "2026-12-08")
    count = len(to_me(box))
    scheduled(here, "2026-12-14")
    assert count == len(to_me(box))


def test_a_mail_that_does_not_leave_is_said(here: Story, box: Mailbox) -> None:
    """Printed with why, exit 1, once; the customer's message left once, and the next run mails what was not told."""
    box.rcpt[ME] = "550 5.1.1 inconnu"
    code, out, err = scheduled(here, TUESDAY)
    assert 1 == code
    assert "Pollen SAS" in out
    assert "Le résumé n’a pas pu vous être envoyé" in err
    assert "550" in err or "inconnu" in err
    assert (1, "", "") == scheduled(here, TUESDAY)
    assert 1 == len(box.received)
    del box.rcpt[ME]
    assert (1, "", "") == scheduled(here, TUESDAY)
    assert 1 == len(to_me(box))
    assert 2 == len(box.received)


def test_a_mail_of_which_nobody_knows_the_end_is_said_tomorrow(here: Story, box: Mailbox) -> None:
    """The server falls silent after the dot: no second mail on that day, and what it said comes back in the next."""
    box.to_dot += ["250 taken", "999"]
    assert (1, "", "") == scheduled(here, TUESDAY)
    for _ in range(2):
        scheduled(here, TUESDAY)
    assert 1 == len(box.received)
    scheduled(here, WEDNESDAY)
    assert 2 == len(box.received)
    assert "Pollen SAS" in text_of(to_me(box)[-1])


def test_a_run_that_cannot_begin_is_mailed_too(here: Story, box: Mailbox) -> None:
    """The file is gone: the mail says so, once a day; the next run of the day prints it."""
    here.invoices.unlink()
    assert (2, "", "") == scheduled(here, TUESDAY)
    assert "factures.csv" in text_of(to_me(box)[0])
    code, _, err = scheduled(here, TUESDAY)
    assert 2 == code
    assert "factures.csv" in err
    assert 1 == len(to_me(box))


def test_by_hand_nothing_is_mailed(here: Story, box: Mailbox) -> None:
    """Who is there reads it."""
    assert "Pollen SAS" in here.run("send", today=TUESDAY).out
    assert [] == to_me(box)


def test_the_ping_says_nothing_but_that_it_ran(here: Story, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """One GET at the end of a run that did its work; none by hand, none where nothing was done, and nobody waits."""
    with website() as site:
        site.answers["/run"] = gives("ok")
        here.settings(box.port, rest=f'{POLICY}ping = "{site.at("/run")}"\n')
        scheduled(here, TUESDAY)
        assert ["/run"] == site.asked
        here.run("send", today=TUESDAY)
        site.answers["/run"] = lambda _handler: None  # it hangs up without a word
        scheduled(here, WEDNESDAY)
        assert ["/run"] * 2 == site.asked
        here.invoices.rename(here.folder / "ailleurs.csv")
        scheduled(here, WEDNESDAY)
        assert ["/run"] * 2 == site.asked
        here.folder.joinpath("ailleurs.csv").rename(here.invoices)
    assert 0 == scheduled(here, WEDNESDAY)[0]  # nobody listens any more


def test_it_needs_a_server(here: Story) -> None:
    """An address without [smtp] is a fault of the settings, with what it needs."""
    here.settings(rest='[delivery]\ntransport = "folder"\n[digest]\nemail = "moi@martin.example"\n')
    done = here.run("plan", today=TUESDAY)
    assert 2 == done.code
    assert "digest.email" in done.err
    assert "attendu\u00a0: une table [smtp] avec au moins host" in done.err


def test_drafts_to_send_are_its_subject(here: Story, box: Mailbox) -> None:
    """They alone are news, and no « 0 point »; beside a point, both are counted."""
    here.settings(box.port, rest=f'{POLICY}[delivery]\ntransport = "folder"\nfolder = "brouillons"\n')
    scheduled(here, TUESDAY)
    (raw,) = to_me(box)
    assert "à voir, 1 brouillon à envoyer, mardi 24" in str(parsed(raw)["Subject"]).replace("\u00a0", " ")
    alone = subject(date(2026, 11, 25), "  brouillon  amicale  F-1\n  dans « Brouillons »", 2)
    assert "Relance : 2 brouillons à envoyer, mercredi 25 novembre 2026" == alone.replace("\u00a0", " ")
