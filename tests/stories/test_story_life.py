"""From `relance init` to the formal notice: real processes, a real mail server, weeks in seconds."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from mail_support import CANARY, USER, Mailbox, smtp_server
from story_support import MONDAY, PASSWORD_VARIABLE, Story, interest, parsed, row, story, text_of

pytestmark = pytest.mark.slow

# An invoice due on Friday 20 November is not late yet on MONDAY (J+3): it is no backlog.
DUE = "20/11/2026"
FRIENDLY = "2026-11-25"  # J+5
FIRM = "2026-12-07"  # J+15 is Saturday 5 December
NOTICE = "2026-12-21"  # J+30 is Sunday 20 December; the term of the firm message (14/12) and 3 days are over

LATE = row("F-1", "Alpha SARL", "03/11/2026")  # J+20 on MONDAY: backlog, firm by date
FRESH = row("F-2", "Beta SARL", DUE, "600,00")
DISPUTED = row("F-3", "Gamma SARL", "01/10/2026", status="Litige")
PAID = row("F-4", "Delta SARL", "01/10/2026", status="Payée", paid="1 200,00", paid_on="02/10/2026")


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server with STARTTLS and a log-in."""
    with smtp_server("starttls", login=True) as mailbox:
        yield mailbox


def filled_in(here: Story, box: Mailbox) -> None:
    """What a freelancer does with the file that `init` wrote: a few lines filled in, the rest left alone."""
    path = here.folder / "relance.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in (
        ('name = "Prénom Nom"', 'name = "Camille Martin"'),
        ('email = "prenom.nom@example.com"', 'email = "camille@martin.example"'),
        ('#iban = "FR76 3000 6000 0112 3456 7890 189"', 'iban = "FR76 3000 6000 0112 3456 7890 189"'),
        ('#bcc = "archives@example.com"', 'bcc = "archives@martin.example"'),
        ('host = "smtp.example.com"', 'host = "127.0.0.1"'),
        ("#port = 587", f"port = {box.port}"),
        ('#user = "prenom.nom@example.com"', f'user = "{USER}"'),
        ('#password_env = "RELANCE_SMTP_PASSWORD"', f'password_env = "{PASSWORD_VARIABLE}"'),
        ("#per_minute = 20", "per_minute = 6000"),
    ):
        assert 1 == text.count(before), before
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")


def opened(here: Story, box: Mailbox, *rows: object) -> None:
    """Settings filled in, the file written, the journal begun on MONDAY by a run that had nothing to send."""
    assert 0 == here.run("init", "--full").code
    filled_in(here, box)
    here.write(*rows)  # type: ignore[arg-type]
    assert 0 == here.run("send", today=MONDAY).code
    assert 0 == here.run("confirm", "rate", today=MONDAY).code
    assert [] == box.received


def test_init_writes_once(here: Story) -> None:
    """A second `init` changes nothing and says so."""
    first = here.run("init", "--full")
    assert (0, "") == (first.code, first.err)
    written = here.files()
    again = here.run("init", "--full")
    assert (2, "") == (again.code, again.out)
    assert "existe déjà" in again.err
    assert written == here.files()


def test_check_connects_and_logs_in(here: Story, box: Mailbox) -> None:
    """`check` really talks to the server, sends nothing; `--offline` does not even connect."""
    assert 0 == here.run("init", "--full").code
    filled_in(here, box)
    here.write(FRESH)
    offline = here.run("check", "--offline", today=MONDAY)
    assert (0, []) == (offline.code, box.logins)
    done = here.run("check", today=MONDAY)
    assert (0, ["PLAIN"]) == (done.code, box.logins)
    assert "mx.test" in done.out
    assert re.search(r"TLSv1\.[23]", done.out)
    assert [] == box.received
    assert not here.journal.exists()


def test_first_days(here: Story, box: Mailbox) -> None:
    """The backlog waits for an answer; then each stage leaves on its day, one at a time, each once."""
    assert 0 == here.run("init", "--full").code
    filled_in(here, box)
    here.write(LATE, FRESH, DISPUTED, PAID)

    plan = here.plan(MONDAY)
    assert [] == plan["reminders"]
    assert [("confirm", ["F-1"])] == [(task["kind"], task["invoices"]) for task in plan["tasks"]]
    assert plan["tasks"][0]["command"].startswith("relance confirm backlog --")
    # F-2 is three days late: its courtesy message is out of date, its friendly one not due yet.
    reasons = {invoice["number"]: invoice["reason"] for invoice in plan["invoices"]}
    assert {"F-1": "backlog", "F-2": "expired", "F-3": "disputed", "F-4": "paid"} == reasons

    asked = here.run("send", today=MONDAY)
    assert (0, []) == (asked.code, box.received)
    assert "1 facture était déjà en retard" in asked.out
    assert "relance confirm backlog" in asked.out

    assert 0 == here.run("confirm", "backlog", "--as-is", today=MONDAY).code
    assert 0 == here.run("send", today=MONDAY).code
    assert [("compta@alpha.example", "archives@martin.example")] == box.envelopes
    message = parsed(box.received[0])
    assert "Camille Martin <camille@martin.example>" == str(message["From"])
    assert "Alpha SARL <compta@alpha.example>" == str(message["To"])
    assert "F-1" in str(message["Subject"])
    assert message["Bcc"] is None
    assert "archives@martin.example" not in box.received[0].decode()
    assert str(message["Date"]).startswith("Mon, 23 Nov 2026 ")
    assert re.fullmatch(r"<[^<>@\s]+@martin\.example>", str(message["Message-ID"]))
    # 1,200.00 at 14 % over the 20 days from 4 to 23 November, and 40.00.
    assert "9.21" == str(interest(("1200.00", 20)))
    text = text_of(box.received[0])
    assert "1\u202f200,00\u00a0€" in text
    assert "9,21\u00a0€" in text
    assert "1\u202f249,21\u00a0€" in text
    assert "30 novembre 2026" in text  # the term: seven days

    again = here.run("send", today=MONDAY)
    assert (0, "", 1) == (again.code, again.out, len(box.received))
    for day in ("2026-11-24", FRIENDLY, "2026-11-26", "2026-12-01", "2026-12-02"):
        assert 0 == here.run("send", today=day).code
    # One friendly message on J+5, and nothing else for a week: F-1 keeps its term of 30 November.
    assert ["compta@alpha.example", "compta@beta.example"] == [to[0] for to in box.envelopes]
    assert "F-2" in str(parsed(box.received[1])["Subject"])
    assert "pénalités" not in text_of(box.received[1])
    assert ("hold", "disputed") == (here.line("F-3", FIRM)["decision"], here.line("F-3", FIRM)["reason"])


@pytest.mark.parametrize(
    ("answer", "stage", "left"), [("--as-is", "firm", True), ("--gently", "friendly", True), ("--ignore", "", False)]
)
def test_backlog_answers(here: Story, box: Mailbox, answer: str, stage: str, left: bool) -> None:
    """The stage of its lateness, the friendly one, or nothing: and the question is not asked again."""
    opened(here, box, LATE)
    assert 0 == here.run("confirm", "backlog", answer, today=MONDAY).code
    plan = here.plan(MONDAY)
    assert [] == plan["tasks"]
    assert [stage] * left == [reminder["stage"] for reminder in plan["reminders"]]
    done = here.run("send", today=MONDAY)
    assert (0, left) == (done.code, len(box.received))
    assert "relance confirm" not in done.out


def test_one_stage_at_a_time_after_a_long_sleep(here: Story, box: Mailbox) -> None:
    """A laptop asleep until J+40 starts with the friendly message, then keeps seven days between stages."""
    opened(here, box, FRESH)
    woken = "2026-12-30"  # J+40: formal_notice by date
    line = here.line("F-2", woken)
    assert ("formal_notice", "remind") == (line["stage"], line["decision"])
    assert 0 == here.run("send", today=woken).code
    assert "échue le 20 novembre" in str(parsed(box.received[0])["Subject"])
    assert "2027-01-06" == here.line("F-2", woken)["next_date"]  # a Wednesday, seven days later
    for day in ("2026-12-31", "2027-01-04", "2027-01-05"):
        assert 0 == here.run("send", today=day).code
        assert 1 == len(box.received)
    assert 0 == here.run("send", today="2027-01-06").code
    assert 2 == len(box.received)
    assert "d’ici au 13 janvier" in str(parsed(box.received[1])["Subject"])


def test_formal_notice_waits_for_approval(here: Story, box: Mailbox) -> None:
    """It leaves after `approve` alone, and opens the task of posting the letter, closed by `record`."""
    opened(here, box, FRESH)
    for day in (FRIENDLY, FIRM):
        assert 0 == here.run("send", today=day).code
    assert 2 == len(box.received)
    assert "2026-12-21" == here.line("F-2", FIRM)["next_date"]

    line = here.line("F-2", NOTICE)
    assert ("hold", "awaiting_approval") == (line["decision"], line["reason"])
    task, call = here.plan(NOTICE)["tasks"]
    assert ("call", "firm") == (call["kind"], call["stage"])  # no answer to the firm message of a month ago
    assert ("approve", "relance approve F-2") == (task["kind"], task["command"])
    asked = here.run("send", today=NOTICE)
    assert (0, 2) == (asked.code, len(box.received))
    assert "relance approve F-2" in asked.out

    assert 0 == here.run(*shlex.split(task["command"])[1:], today=NOTICE).code
    assert 0 == here.run("send", today=NOTICE).code
    assert 3 == len(box.received)
    text = text_of(box.received[2])
    # 600.00 over the 31 days from 21 November to 21 December.
    assert "7.13" == str(interest(("600.00", 31)))
    assert "7,13\u00a0€" in text
    assert "647,13\u00a0€" in text
    assert "mardi 5 janvier 2027" in text  # fifteen days
    [task] = here.plan(NOTICE)["tasks"]
    assert ("letter", "relance record F-2 --stage formal_notice --channel letter") == (task["kind"], task["command"])
    assert 0 == here.run(*shlex.split(task["command"])[1:], today=NOTICE).code
    assert [] == here.plan(NOTICE)["tasks"]
    assert 0 == here.run("send", today="2027-02-01").code
    assert 3 == len(box.received)
    assert "finished" == here.line("F-2", "2027-02-01")["reason"]


def test_an_approval_lapses(here: Story, box: Mailbox) -> None:
    """After seven days, or when the sum changes, the word has to be given again."""
    opened(here, box, FRESH)
    for day in (FRIENDLY, FIRM):
        assert 0 == here.run("send", today=day).code
    assert 0 == here.run("approve", "F-2", today=NOTICE).code
    assert "due" == here.line("F-2", "2026-12-28")["reason"]
    assert "awaiting_approval" == here.line("F-2", "2026-12-29")["reason"]
    here.write(row("F-2", "Beta SARL", DUE, "600,00", paid="100,00", paid_on="01/12/2026"))
    assert "awaiting_approval" == here.line("F-2", "2026-12-22")["reason"]


def test_paid_in_the_file_ends_it(here: Story, box: Mailbox) -> None:
    """What the file calls paid gets nothing, on whatever day."""
    opened(here, box, FRESH)
    here.write(row("F-2", "Beta SARL", DUE, "600,00", status="Payée", paid="600,00", paid_on="24/11/2026"))
    for day in (FRIENDLY, FIRM, NOTICE):
        assert (0, []) == (here.run("send", today=day).code, box.received)
        assert "paid" == here.line("F-2", day)["reason"]


def test_a_replayed_day_does_not_know_what_later_runs_saw(here: Story, box: Mailbox) -> None:
    """Paid on the 14th, seen by the run of the 16th: on the 11th nothing was paid yet, and nothing has changed."""
    opened(here, box, FRESH)
    here.run("send", today=FRIENDLY)
    here.write(row("F-2", "Beta SARL", DUE, "600,00", paid="200,00", paid_on="14/12/2026"))
    here.run("send", today="2026-12-16")
    assert ("due", "600.00") == tuple(here.line("F-2", "2026-12-11")[k] for k in ("reason", "outstanding"))
    assert "too_soon" == here.line("F-2", "2026-12-16")["reason"]


def test_changed_address_waits_for_confirmation(here: Story, box: Mailbox) -> None:
    """A new address after a reminder is held, looked at (1), confirmed, and only then written to."""
    opened(here, box, FRESH)
    assert 0 == here.run("send", today=FRIENDLY).code
    here.write(row("F-2", "Beta SARL", DUE, "600,00", email="autre@beta.example"))
    held = here.run("send", today=FIRM)
    assert (1, 1) == (held.code, len(box.received))
    assert "relance confirm F-2" in held.out
    assert 1 == here.run("plan", today=FIRM).code
    assert "changed" == here.line("F-2", FIRM)["reason"]
    assert 0 == here.run("confirm", "F-2", today=FIRM).code
    assert 0 == here.run("send", today=FIRM).code
    assert "autre@beta.example" == box.envelopes[1][0]


def test_disputed_never_leaves(here: Story, box: Mailbox) -> None:
    """Whatever the day and the answer about the backlog; what stands in the file ends in the file."""
    opened(here, box, DISPUTED)
    assert 0 == here.run("confirm", "backlog", "--as-is", today=MONDAY).code
    for day in (MONDAY, FIRM, "2027-03-01"):
        assert (0, []) == (here.run("send", today=day).code, box.received)
    refused = here.run("release", "F-3", today=MONDAY)
    assert (2, "") == (refused.code, refused.out)
    assert "fichier" in refused.err


def test_implicit_tls_and_a_password_command(here: Story) -> None:
    """TLS from the first octet, the password from a command; its file is the only place that holds it."""
    (here.folder / "secret.txt").write_text(f"{CANARY}\n", encoding="utf-8")
    del here.env[PASSWORD_VARIABLE]
    with smtp_server("tls", login=True) as box:
        login = f'user = "{USER}"\npassword_command = ["cat", "{here.folder / "secret.txt"}"]\n'
        here.settings(box.port, security="tls", smtp=login)
        here.write(FRESH)
        assert 0 == here.run("check", today=MONDAY).code
        assert 0 == here.run("send", today=MONDAY).code
        assert 0 == here.run("send", today=FRIENDLY).code
    assert ["PLAIN", "PLAIN"] == box.logins
    assert 1 == len(box.received)
    assert ["secret.txt"] == [name for name, data in here.files().items() if CANARY.encode() in data]
