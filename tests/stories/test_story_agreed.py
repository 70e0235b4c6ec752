"""What customers agreed to and what a person learnt, told through the commands and found again on later days."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from mail_support import Mailbox, smtp_server
from story_support import MONDAY, Story, parsed, row, story, text_of

pytestmark = pytest.mark.slow

FRESH = row("F-2", "Beta SARL", "20/11/2026", "600,00", issued="20/10/2026")
PAID = row("F-2", "Beta SARL", "20/11/2026", "600,00", issued="20/10/2026", paid="600,00", paid_on="30/11/2026")
OTHER = row("F-5", "Beta SARL", "20/11/2026", "90,00", issued="20/10/2026")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def here(tmp_path: Path, box: Mailbox) -> Story:
    """A folder whose journal began on MONDAY, three days after the due date of its invoices."""
    built = story(tmp_path)
    built.settings(box.port)
    built.write(FRESH)
    assert 0 == built.run("send", today=MONDAY).code
    return built


def tell(here: Story, *words: str, today: str) -> str:
    """Run a command that must succeed; what it answers."""
    done = here.run(*words, today=today)
    assert (0, "") == (done.code, done.err), words
    return done.out


def test_a_broken_promise_leaves_one_message(here: Story, box: Mailbox) -> None:
    """Promised for Wednesday 2 December: the message of Monday 7, once, and the ladder a week later."""
    tell(here, "hold", "F-2", "--reason", "promise", "--until", "2026-12-02", today="2026-11-25")
    here.write(FRESH)
    for day in ("2026-12-02", "2026-12-04"):
        here.run("send", today=day)
    assert [] == box.received
    for day in ("2026-12-07", "2026-12-07", "2026-12-08", "2026-12-11"):
        here.run("send", today=day)
    (mail,) = box.received
    assert "Facture F-2\u00a0: 600,00\u00a0€ annoncés pour le 2 décembre" == str(parsed(mail)["Subject"])
    assert "pour le 2 décembre" in text_of(mail)
    assert "600,00\u00a0€" in text_of(mail)
    here.run("send", today="2026-12-14")
    assert 2 == len(box.received)
    shown = tell(here, "show", "F-2", today="2026-12-14")
    assert "promesse non tenue" in shown
    assert "Promesses de paiement\u00a0: 1 (0 tenue, 1 non tenue)" in tell(
        here, "show", "Beta SARL", today="2026-12-14"
    )


def test_a_payment_plan_is_followed(here: Story, box: Mailbox) -> None:
    """Nothing leaves, each instalment is waited for, a missed one is a task whose command ends the plan."""
    parts = ("--instalment", "2026-12-01=200", "--instalment", "2027-01-04=400,00")
    said = tell(here, "hold", "F-2", "--reason", "plan", *parts, today="2026-11-25")
    assert "2 échéances, la première le 1er décembre 2026" in said
    line = here.line("F-2", "2026-11-26")
    assert ("payment_plan", "hold") == (line["reason"], line["decision"])
    assert "prochaine échéance le 1er décembre 2026" in line["because"]
    assert [] == here.plan("2026-12-03")["tasks"]
    (task,) = here.plan("2026-12-04")["tasks"]
    assert ("review", "relance release F-2") == (task["kind"], task["command"])
    assert "200,00\u00a0€ du 01/12 pas reçue" in task["text"]
    assert "04/01/2027  400,00\u00a0€" in tell(here, "show", "F-2", today="2026-12-04")
    tell(here, "pay", "F-2", "--amount", "200", "--on", "2026-12-02", today="2026-12-04")
    assert [] == here.plan("2026-12-04")["tasks"]
    assert [] == box.received


def test_the_call_about_a_missed_instalment_rests_once_it_was_made(here: Story) -> None:
    """The sheet names the missed share, and still does in the quiet days after the call that it tells to record."""
    parts = ("--instalment", "2026-12-01=200", "--instalment", "2027-01-04=400")
    tell(here, "hold", "F-2", "--reason", "plan", *parts, today="2026-11-25")
    missed = "le versement du 1er décembre 2026, 200,00 €, n’est pas arrivé"
    sheet = tell(here, "show", "F-2", "--call", today="2026-12-04").replace("\u00a0", " ")
    assert missed in sheet
    assert "relance record F-2 --stage instalment --channel call --cause cash" in sheet
    tell(here, "record", "F-2", "--stage", "instalment", "--channel", "call", "--cause", "cash", today="2026-12-04")
    expected = {"2026-12-04": 0, "2026-12-10": 0, "2026-12-11": 1}
    assert expected == {day: len(here.plan(day)["tasks"]) for day in expected}
    assert missed in tell(here, "show", "F-2", "--call", today="2026-12-07").replace("\u00a0", " ")
    tell(here, "preview", "F-2", "--stage", "instalment", today="2026-12-07")


def test_show_follows_the_payment_plan(here: Story) -> None:
    """What came in fills the instalments in their order; then what is missed, what is next, what is to come."""
    days = ("2026-12-01", "2026-12-08", "2026-12-15", "2026-12-22")
    parts = [word for day in days for word in ("--instalment", f"{day}=150")]
    tell(here, "hold", "F-2", "--reason", "plan", *parts, today="2026-11-25")
    tell(here, "pay", "F-2", "--amount", "200", "--on", "2026-12-02", today="2026-12-04")
    shown = tell(here, "show", "F-2", today="2026-12-14").replace("\u00a0", " ")
    start = shown.splitlines().index("  Échéancier") + 1
    assert shown.splitlines()[start : start + 4] == [
        "    01/12/2026  150,00 €  payée",
        "    08/12/2026  150,00 €  manquée, 50,00 € reçus",
        "    15/12/2026  150,00 €  la prochaine",
        "    22/12/2026  150,00 €  à venir",
    ]
    shown = tell(here, "show", "F-2", today="2026-12-10").replace("\u00a0", " ")
    assert "08/12/2026  150,00 €  attendue, 50,00 € reçus" in shown  # the third working day has not come


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--reason", "plan", "--instalment", "2026-12-01=200"), "Il en faut 600,00"),
        (("--reason", "plan", "--instalment", "2026-12-01=700", "--instalment", "2026-12-02=-100"), "chacune positive"),
        (("--reason", "plan", "--instalment", "2026-11-01=600"), "est passé"),
        (("--reason", "plan", "--instalment", "2026-12-01=300", "--instalment", "2026-12-01=300"), "même date"),
        (("--reason", "plan", "--until", "2026-12-01", "--instalment", "2026-12-01=600"), "Retirez --until"),
        (("--reason", "pause", "--instalment", "2026-12-01=600"), "Ajoutez --reason plan"),
        (("--reason", "plan", "--instalment", "2026-12-01"), "--instalment 15/12/2026=400"),
        (("--reason", "plan", "--instalment", "hier=600"), "hier"),
    ],
)
def test_a_wrong_plan_is_refused(here: Story, words: tuple[str, ...], said: str) -> None:
    """One sentence with its cure, and nothing is written."""
    done = here.run("hold", "F-2", *words, today="2026-11-25")
    assert (2, "") == (done.code, done.out)
    assert said in done.err
    assert "payment_plan" != here.line("F-2", "2026-11-25")["reason"]


def test_a_customers_plan_covers_all_that_is_open(here: Story) -> None:
    """The instalments add up to what all its invoices owe; a later invoice is held too."""
    here.write(FRESH, OTHER)
    parts = ("--instalment", "2026-12-01=300", "--instalment", "2026-12-31=390")
    tell(here, "hold", "Beta SARL", "--reason", "plan", *parts, today="2026-11-25")
    here.write(FRESH, OTHER, row("F-6", "Beta SARL", "21/11/2026", "10,00", issued="21/10/2026"))
    assert {"payment_plan"} == {here.line(n, "2026-12-04")["reason"] for n in ("F-2", "F-5", "F-6")}
    (task,) = here.plan("2026-12-04")["tasks"]
    assert ["F-2", "F-5"] == task["invoices"]
    released = tell(here, *task["command"].split()[1:], today="2026-12-04")
    assert "les relances reprennent" in released
    assert "payment_plan" != here.line("F-2", "2026-12-04")["reason"]


def test_thanks_after_the_payment(here: Story, box: Mailbox) -> None:
    """One short message in the days after it, once, to the customer who was reminded."""
    here.run("send", today="2026-11-25")
    assert 1 == len(box.received)
    here.write(PAID)
    rehearsed = here.run("send", "--dry-run", today="2026-12-01")
    assert "votre règlement du" in rehearsed.out
    assert "un remerciement part aujourd’hui" in here.line("F-2", "2026-12-01")["because"]
    for day in ("2026-12-01", "2026-12-01", "2026-12-02", "2026-12-07"):
        assert 0 == here.run("send", today=day).code
    assert 2 == len(box.received)
    assert "Facture F-2\u00a0: votre règlement du 30 novembre" == str(parsed(box.received[1])["Subject"])
    assert "paid" == here.line("F-2", "2026-12-07")["reason"]


def test_an_older_file_dunns_nobody_who_paid(here: Story, box: Mailbox) -> None:
    """Restored from a backup, the file shows unpaid what a run saw paid: held until confirmed."""
    here.write(PAID)
    assert 0 == here.run("send", today="2026-12-01").code
    here.write(FRESH)
    line = here.line("F-2", "2026-12-02")
    assert "changed" == line["reason"]
    assert "moins de règlements qu’avant" in line["because"]
    assert 1 == here.run("send", today="2026-12-02").code
    assert [] == box.received
    tell(here, "confirm", "F-2", today="2026-12-02")
    for day, count in (("2026-12-07", 0), ("2026-12-08", 1)):  # seven days after the payment was seen
        here.run("send", today=day)
        assert count == len(box.received)


def test_a_letter_and_a_cause(here: Story) -> None:
    """The posting and the receipt of a letter are one contact; why a customer was late is kept."""
    letter = ("record", "F-2", "--stage", "formal_notice", "--channel", "letter")
    tell(here, *letter, "--tracking", "1A 234", "--posted", "2026-11-25", today="2026-11-26")
    early = here.run(*letter, "--received", "2026-11-24", today="2026-11-28")
    assert (2, "") == (early.code, early.out)
    assert "reçue (24 novembre 2026) avant d’être postée (25 novembre 2026)" in early.err
    noted = tell(here, *letter, "--received", "2026-11-27", today="2026-11-28")
    assert "mise en demeure, lettre du 25/11, reçue le 27/11." in noted
    late = here.run(*letter, "--posted", "2026-11-28", today="2026-11-28")
    assert (2, True) == (late.code, "avant d’être postée (28 novembre 2026)" in late.err)
    tell(here, "record", "F-2", "--stage", "firm", "--channel", "call", "--cause", "cash", today="2026-11-28")
    shown = tell(here, "show", "F-2", today="2026-11-28")
    assert "lettre du 25/11\u00a0: suivi 1A 234, postée le 25/11, reçue le 27/11" in shown
    assert 1 == shown.count("lettre le")
    assert "Causes de retard notées\u00a0: trésorerie (1)" in tell(here, "show", "Beta SARL", today="2026-11-28")
    for words, said in (
        (("--channel", "call", "--tracking", "1A"), "--channel letter"),
        (("--channel", "letter", "--posted", "2026-11-27", "--received", "2026-11-26"), "avant d’être postée (27"),
        (("--channel", "letter", "--received", "2026-12-25"), "à venir"),
        (("--channel", "call", "--cause", "paresse"), "paresse"),
    ):
        done = here.run("record", "F-2", "--stage", "firm", *words, today="2026-11-28")
        assert 2 == done.code
        assert said in done.err


def test_a_doubt_follows_a_new_number(here: Story, box: Mailbox) -> None:
    """A delivery in doubt is settled under the number that the invoice bears now."""
    box.to_dot.append("421 au revoir")
    here.run("send", today="2026-11-25")
    assert "in_doubt" == here.line("F-2", "2026-11-25")["reason"]
    here.write(row("F-2BIS", "Beta SARL", "20/11/2026", "600,00", issued="20/10/2026"))
    tell(here, "confirm", "F-2BIS", today="2026-11-26")
    assert "in_doubt" == here.line("F-2BIS", "2026-11-26")["reason"]
    tell(here, "resolve", "F-2BIS", "--not-sent", today="2026-11-26")
    assert "in_doubt" != here.line("F-2BIS", "2026-11-26")["reason"]


def test_the_ladder_of_the_settings(here: Story, box: Mailbox) -> None:
    """J-5 and J+7 by mail, J+20 by call, J+30 by registered letter: by settings alone."""
    rungs = (("courtesy", -5, "email"), ("friendly", 7, "email"), ("firm", 20, "call"), ("formal_notice", 30, "letter"))
    here.settings(
        box.port,
        rest="".join(
            f'[[stages]]\nkey = "{key}"\nday = {day}\nchannels = ["{way}"]\nconfirm = false\n'
            for key, day, way in rungs
        ),
    )
    ladder = here.run("check", "--offline", today=MONDAY).out  # in one line
    assert all(day in ladder for day in ("J−5", "J+7", "J+20", "J+30"))
    for day, count in (("2026-11-26", 0), ("2026-11-27", 1), ("2026-12-10", 1)):
        here.run("send", today=day)
        assert count == len(box.received)
    here.run("confirm", "rate", today="2026-12-09")
    expected = {"2026-12-09": [], "2026-12-10": ["call"], "2026-12-19": ["call"], "2026-12-20": ["letter"]}
    assert expected == {day: [task["kind"] for task in here.plan(day)["tasks"]] for day in expected}


def test_a_text_message_is_ready(here: Story) -> None:
    """Under 160 characters, with the sender's name, the invoice and what is owed; its command closes it."""
    here.settings(
        rest='[delivery]\ntransport = "folder"\n[[stages]]\nkey = "friendly"\nday = 5\nchannels = ["sms"]\n',
    )
    (task,) = here.plan("2026-11-25")["tasks"]
    assert ("sms", "relance record F-2 --stage friendly --channel sms") == (task["kind"], task["command"])
    assert all(word in task["text"] for word in ("Camille Martin", "F-2", "600,00"))
    assert 60 < len(task["text"]) < 160
    assert "Envoyer ce SMS à Beta SARL, numéro inconnu" in tell(here, "plan", today="2026-11-25")
    tell(here, *task["command"].split()[1:], today="2026-11-25")
    assert [] == here.plan("2026-11-25")["tasks"]


def test_a_second_answer_about_the_backlog_is_said(here: Story) -> None:
    """It counts, and what it replaces is named, for as long as it concerns an invoice that is owed."""
    late = row("F-1", "Alpha SARL", "20/10/2026", issued="20/09/2026")
    here.write(FRESH, late)
    assert "remplacée" not in tell(here, "confirm", "backlog", "--gently", today=MONDAY)
    assert "remplacée" not in tell(here, "confirm", "backlog", "--gently", today=MONDAY)
    assert "(--gently) est remplacée" in tell(here, "confirm", "backlog", "--as-is", today=MONDAY)
    here.write(FRESH, replace(late, paid="1 200,00", paid_on="20/11/2026"))
    done = here.run("confirm", "backlog", "--ignore", today=MONDAY)
    assert (2, "") == (done.code, done.out)
    assert "rien à décider" in done.err


def test_look_ahead(here: Story) -> None:
    """The next days as lines and as JSON; a wrong number is a sentence."""
    plan = here.run("plan", "--days", "20", "--format", "json", today=MONDAY).json
    assert [f"2026-{day}" for day in ("11-24", "12-13")] == [plan["ahead"][0]["date"], plan["ahead"][-1]["date"]]
    leaving = {each["date"]: [r["stage"] for r in each["reminders"]] for each in plan["ahead"] if each["reminders"]}
    assert {"2026-11-25": ["friendly"], "2026-12-07": ["firm"]} == leaving
    lines = tell(here, "plan", "--days", "20", today=MONDAY)
    assert "D’ici au dimanche 13 décembre 2026, si rien n’est payé" in lines
    assert "  mercredi 25 novembre 2026\n    amicale  Beta SARL  compta@beta.example  F-2  600,00" in lines
    assert "ahead" not in here.plan(MONDAY)
    for wrong in ("0", "93", "-1", "dix"):
        done = here.run("plan", "--days", wrong, today=MONDAY)
        assert (2, "") == (done.code, done.out)


def test_only_what_the_plan_asks_for_is_approved(here: Story) -> None:
    """A number that changed and an open credit note are looked at first; then the word is taken, from a day on."""
    for stage, day in (("friendly", "2026-11-25"), ("firm", "2026-12-15")):
        tell(here, "record", "F-2", "--stage", stage, "--channel", "email", "--on", day, today="2026-12-15")
    renumbered = replace(FRESH, number="F-2B")
    credit = row("A-1", "Beta SARL", "20/11/2026", "-50,00", issued="20/11/2026", status="Avoir")
    for rows, number, reason in (([renumbered], "F-2B", "changed"), ([FRESH, credit], "F-2", "open_credit")):
        here.write(*rows)
        assert reason == here.line(number, "2026-12-21")["reason"]
        refused = here.run("approve", number, today="2026-12-21")
        assert (2, "") == (refused.code, refused.out)
        assert "aucune étape n’est à valider aujourd’hui" in refused.err
    here.write(FRESH)
    said = tell(here, "approve", "F-2", today="2026-12-20")
    assert "mise en demeure validée, part dès le 22/12 (7 jours)" in said


def test_show_says_why_charges_stop_or_are_not_named(here: Story) -> None:
    """Nobody knows what this customer is; then a judgment; a dispute is told with the day on which it comes back."""
    here.write(replace(FRESH, customer="Jean Inconnu"))
    shown = tell(here, "show", "F-2", today="2026-12-15")
    assert "frais non réclamés → kind sous [[customers]], ou default_kind sous [policy]" in " ".join(shown.split())
    here.write(FRESH)
    assert "aucun message ne nomme" not in tell(here, "show", "F-2", today="2026-12-15")
    said = tell(here, "hold", "F-2", "--reason", "dispute", today="2026-12-15")
    assert "litige noté, à revoir le 14 janvier 2027" in said
    tell(here, "hold", "F-2", "--reason", "insolvency", "--on", "2026-12-01", today="2026-12-15")
    shown = tell(here, "show", "F-2", today="2026-12-15")
    assert "procédure collective ouverte le 1er décembre 2026\u00a0: les pénalités s’arrêtent la veille" in shown


def test_an_old_file_calls_no_promise_broken(here: Story) -> None:
    """Promised for Friday the 27th: a file of that day cannot show the money, one of the next day can."""
    here.kept = False
    tell(here, "hold", "F-2", "--reason", "promise", "--until", "2026-11-27", today="2026-11-25")
    for saved, state, counted in (
        ("2026-11-27", "promis pour le 27/11 : pas constatée, le fichier est trop ancien", "1 (0 tenue, 0 non tenue)"),
        ("2026-11-28", "promis pour le 27/11 : non tenue", "1 (0 tenue, 1 non tenue)"),
    ):
        here.saved_on(saved)
        shown = tell(here, "show", "Beta SARL", today="2026-12-02").replace("\u00a0", " ")
        assert state in shown
        assert counted in shown


@pytest.mark.parametrize(
    ("seen", "state"), [("2026-12-01", "27/11\u00a0: tenue"), ("2026-12-03", "27/11\u00a0: non tenue")]
)
def test_a_payment_without_a_date_keeps_a_promise_where_it_was_seen_in_time(here: Story, seen: str, state: str) -> None:
    """Promised for Friday the 27th, broken on Wednesday the 2nd: the run that first saw the money tells."""
    tell(here, "hold", "F-2", "--reason", "promise", "--until", "2026-11-27", today="2026-11-25")
    here.run("send", today="2026-11-26")
    here.write(replace(FRESH, paid="600,00"))
    assert state in tell(here, "show", "F-2", today=seen)
    here.run("send", today=seen)
    assert state in tell(here, "show", "F-2", today="2026-12-10")


def test_a_customer_who_gets_another_name_stays_held_and_is_released_by_it(here: Story, box: Mailbox) -> None:
    """Who disputes is left in peace when the file corrects its name; release and undo go by the new one."""
    tell(here, "hold", "Beta SARL", "--reason", "dispute", today="2026-11-25")
    here.run("send", today="2026-11-25")
    here.write(replace(FRESH, customer="Conseil Beta SAS"))
    for day in ("2026-11-30", "2026-12-01"):
        assert "disputed" == here.line("F-2", day)["reason"]
        here.run("send", today=day)
    assert [] == box.received
    tell(here, "release", "Conseil Beta SAS", today="2026-12-02")
    assert ("too_soon", "2026-12-09") == tuple(here.line("F-2", "2026-12-02")[k] for k in ("reason", "next_date"))
    assert "reprise des relances" in tell(here, "undo", "Conseil Beta SAS", today="2026-12-02")
    assert "disputed" == here.line("F-2", "2026-12-02")["reason"]
    assert "litige" in tell(here, "undo", "Conseil Beta SAS", today="2026-12-02")
    assert "due" == here.line("F-2", "2026-12-02")["reason"]
