"""`relance review`: one message at a time on a terminal; nothing unread leaves, what leaves does as `send` does it."""

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from signal import Signals

import pytest
from mail_support import Mailbox, Peer, raw_server, smtp_server
from story_support import MONDAY, Row, Story, about, parsed, row, story, text_of
from terminal_support import ASKED, END, INTERRUPT, Terminal, joined, terminal

from relance.journal import lock

pytestmark = pytest.mark.slow

DAY, NEXT_DAY = "2026-11-25", "2026-11-26"
ALPHA = row("F-1", "Alpha SARL", "20/11/2026")
BETA = row("F-2", "Béta & Fils SARL", "20/11/2026", "600,00", email="compta@beta.example")
GAMMA = row("F-3", "Gamma SARL", "20/11/2026", "300,00")
NUMBERS = ("F-1", "F-2", "F-3")
ONE, TWO, THREE = ([number] for number in NUMBERS)
KEEP = "[n]on\u00a0:"
"""The end of the question about words that were changed."""


@pytest.fixture
def here(tmp_path: Path) -> Story:
    """An empty folder."""
    return story(tmp_path)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A server of this machine."""
    with smtp_server() as mailbox:
        yield mailbox


def opened(here: Story, port: int, *rows: Row, rest: str = "") -> None:
    """Settings, the file, a journal begun before anything was due."""
    here.settings(port, rest=rest)
    here.write(*(rows or (ALPHA, BETA, GAMMA)))
    assert 0 == here.run("send", today=MONDAY).code
    here.saved_on(DAY)


def review(here: Story, **env: str) -> AbstractContextManager[Terminal]:
    """The command on its day."""
    return terminal(here, "review", "--today", DAY, **env)


def sent(box: Mailbox) -> list[list[str]]:
    """Which invoices each message that the server took is about."""
    return about(box.received, NUMBERS)


def reason(here: Story, number: str, today: str = DAY) -> str:
    """Why an invoice does what it does that day."""
    return str(here.line(number, today)["reason"])


def editor(here: Story, body: str) -> str:
    """An editor that does this to `path`, `text` being what stands there."""
    script = here.folder / "editor.py"
    before = "import os, signal, sys\npath = sys.argv[1]\ntext = open(path, encoding='utf-8').read()\n"
    script.write_text(f"{before}{body}\n", encoding="utf-8")
    return f"{sys.executable} {script}"


def puts(old: str, new: str) -> str:
    """What such an editor does to put one text in the place of another."""
    return f"open(path, 'w', encoding='utf-8').write(text.replace({old!r}, {new!r}))"


def test_each_key(here: Story, box: Mailbox) -> None:
    """« o » sends the one that was read, « p » leaves the next one for tomorrow, « s » for a week."""
    opened(here, box.port)
    with review(here) as screen:
        first, second, third = screen.answers("o", "p", "s")
        code, rest = screen.end()

    assert (0, [ONE]) == (code, sent(box))
    assert "1/3 · amicale · Alpha SARL · 1\u202f200,00\u00a0€" in first
    assert "F-1\u00a0: 5 jours de retard" in first
    assert "Objet\u00a0: Facture F-1" in first
    assert "IBAN" in first
    assert "250 2.0.0 Ok: queued as 4F1" in second
    assert "F-2\u00a0: pas aujourd’hui." in third
    assert "F-3\u00a0: en pause jusqu’au 2 décembre 2026." in rest
    assert 1 == rest.count("envoyé")
    assert ["stage_done", "paused", "paused"] == [reason(here, number) for number in NUMBERS]
    assert ["due", "paused"] == [reason(here, number, NEXT_DAY) for number in NUMBERS[1:]]


def test_what_was_put_off_is_put_off_for_every_run_of_the_day(here: Story, box: Mailbox) -> None:
    """The schedule does not send behind one's back what one passed over; tomorrow it says what it would have said."""
    opened(here, box.port)
    with review(here) as screen:
        screen.answers("p", "q")
        assert 0 == screen.end()[0]

    assert 0 == here.run("send", today=DAY).code
    assert [TWO, THREE] == sent(box)
    here.run("send", today=NEXT_DAY)
    assert [TWO, THREE, ONE] == sent(box)
    assert text_of(box.received[2]).replace("F-1", "F-2").replace("1\u202f200", "600") == text_of(box.received[0])


def test_other_keys_do_nothing(here: Story, box: Mailbox) -> None:
    """Enter, other letters, two letters, arrows, a long line: said, and asked again; « ? » names the keys."""
    opened(here, box.port, ALPHA)
    with review(here) as screen:
        screen.answers("", "oo", "n", "x" * 900, "\x1b[A", "O ui", "?", "é")
        help_ = screen.until()
        screen.type("Q\n")
        code, _ = screen.end()

    assert (0, []) == (code, box.received)
    assert re.search(r"  s : aucune relance", screen.seen.replace("\u00a0", " "))
    assert "« é »" in help_.replace("\u00a0", " ")
    assert 20 < len(max(re.findall("x+", screen.seen.partition("?")[2]), key=len)) < 1000
    assert "due" == reason(here, "F-1")


@pytest.mark.parametrize("octets", [b"\xff\xfe\n", b"\xc3(\n", b"\x00\n"])
def test_octets_that_are_no_key(here: Story, box: Mailbox, octets: bytes) -> None:
    """What is no text is no answer."""
    opened(here, box.port, ALPHA)
    with review(here) as screen:
        screen.until()
        os.write(screen.ours, octets)
        screen.answers("q")
        assert (0, []) == (screen.end()[0], box.received)


def test_nothing_unread_leaves(here: Story, box: Mailbox) -> None:
    """« o » pressed three times, or pasted: the first message leaves, the others wait to be read."""
    opened(here, box.port)
    with review(here) as screen:
        screen.until()
        screen.type("o\no\no\n")
        assert "tapé avant" in screen.until("tapez-le maintenant")
        screen.until("tapez-le maintenant")
        screen.answers("q")
        assert (0, [ONE]) == (screen.end()[0], sent(box))


def test_from_the_question_of_send(here: Story, box: Mailbox) -> None:
    """« v » reads what would have left one by one, with the choice of `send` itself."""
    opened(here, box.port)
    with terminal(here, "send", "--only", "F-1", "--only", "F-3", "--today", DAY) as screen:
        screen.until("[n]on, [v]oir un par un\u00a0:")
        screen.type("v\n")
        first, second = screen.answers("p", "o")
        code, _ = screen.end()

    assert (0, [THREE]) == (code, sent(box))
    assert "1/2" in first
    assert "2/2" in second


def test_without_a_terminal(here: Story, box: Mailbox) -> None:
    """Nobody reads along: exit 2, with the command that shows all; nothing is read or written."""
    opened(here, box.port)
    before = here.files()
    done = here.run("review", today=DAY)

    assert (2, "", before) == (done.code, done.out, here.files())
    assert "relance send --dry-run" in done.err


def test_nothing_to_read(here: Story, box: Mailbox) -> None:
    """On a day without messages, what `send` says."""
    opened(here, box.port, row("F-9", "Oméga SARL", "20/12/2026"))
    with review(here) as screen:
        code, said = screen.end()

    assert (0, "Rien à envoyer aujourd’hui.\n") == (code, said)


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_no_cursor_is_moved(here: Story, box: Mailbox, term: str) -> None:
    """Plain lines, in order: no return, no escape but for colours, and of these none on a terminal that has none."""
    opened(here, box.port, ALPHA, BETA)
    with review(here, TERM=term, EDITOR=editor(here, puts("600,00", "650,00"))) as screen:
        screen.answers("o", "m")
        screen.until(KEEP)
        screen.type("n\n")
        screen.answers("?", "o")
        assert 0 == screen.end()[0]

    assert [ONE, TWO] == sent(box)
    assert "\r" not in screen.seen
    assert re.findall("\x1b.{3}", screen.seen) == ([] if term == "dumb" else re.findall("\x1b\\[[0-9]+m", screen.seen))


def test_the_window_changes_its_size(here: Story, box: Mailbox) -> None:
    """SIGWINCH at the question is no answer; what comes next fits the new width."""
    opened(here, box.port)
    with review(here) as screen:
        screen.until()
        screen.resize(40)
        screen.signal(Signals.SIGWINCH)
        screen.type("p\n")
        narrow = screen.until("Camille Martin\n")
        screen.answers("q")
        assert (0, []) == (screen.end()[0], box.received)

    assert max(map(len, re.findall("Bonjour,\n\n(.*?)\n\n", narrow, re.DOTALL)[0].splitlines())) <= 40


def test_what_is_typed_in_the_editor_is_what_leaves(here: Story, box: Mailbox) -> None:
    """Subject and text, in HTML too; it is kept as it was sent, and the other messages are not touched."""
    opened(here, box.port, ALPHA, BETA)
    mine = "Bonjour Zoé,\n\nComme convenu hier & aujourd’hui (délai < 3 jours) :"
    seen = "assert (os.stat(path).st_mode & 0o777, text[:7]) == (0o600, 'Objet :'), text"
    body = f"{puts('Bonjour,', mine)}\n{seen}"
    with review(here, VISUAL=editor(here, body), EDITOR="false") as screen:
        screen.answers("m")
        again = screen.until()
        screen.type("o\n")
        screen.answers("o")
        assert 0 == screen.end()[0]

    assert [ONE, TWO] == sent(box)
    assert mine in again
    assert text_of(box.received[0]).startswith(f"{mine}\n")
    assert "Zoé" not in text_of(box.received[1])
    html = parsed(box.received[0]).get_body(("html",))
    assert html is not None
    assert "hier &amp; aujourd’hui (délai &lt; 3 jours)" in html.get_content()
    assert 0 == here.run("sent", "F-1", "--save", "copies", today=DAY).code
    assert box.received[:1] == [path.read_bytes() for path in (here.folder / "copies").iterdir()]


EDITORS = {
    "exits 1": ("open(path, 'w').write('x'); sys.exit(1)", "erreur (1)"),
    "is killed": ("os.kill(os.getpid(), signal.SIGKILL)", "erreur (-9)"),
    "removes the file": ("os.remove(path)", "ne peut pas être lancé"),
    "writes no text": ("open(path, 'wb').write(b'\\xff\\xfe')", "UTF-8"),
    "fills the disk": ("open(path, 'w').write('x' * 2_000_000)", "mégaoctet"),
    "changes nothing": ("", "Rien n’a changé."),
    "changes line ends": ("open(path, 'wb').write(text.replace('\\n', '\\r\\n').encode())", "Rien n’a changé."),
}


@pytest.mark.parametrize("name", EDITORS)
def test_an_editor_that_fails(here: Story, box: Mailbox, name: str) -> None:
    """The message is as it was, and leaves as it was; the terminal goes on, no file stays."""
    opened(here, box.port, ALPHA)
    body, said = EDITORS[name]
    (here.folder / "tmp").mkdir()
    with review(here, EDITOR=editor(here, body), TMPDIR=str(here.folder / "tmp")) as screen:
        screen.answers("m")
        assert said in joined(screen.until())
        screen.type("o\n")
        assert 0 == screen.end()[0]

    assert "Sauf erreur de ma part, la facture F-1" in text_of(box.received[0])
    assert [] == list((here.folder / "tmp").iterdir())


@pytest.mark.parametrize("command", ["/no/such/editor", "'", "\x01"])
def test_no_editor(here: Story, box: Mailbox, command: str) -> None:
    """A name that is none is said with what to do."""
    opened(here, box.port, ALPHA)
    with review(here, EDITOR=command) as screen:
        screen.answers("m")
        assert "EDITOR" in screen.until()
        screen.type("q\n")
        assert (0, []) == (screen.end()[0], box.received)


IMPOSSIBLE = {
    "empties": ("open(path, 'w').write('')", "vide"),
    "leaves the subject alone": ("open(path, 'w').write(text.splitlines()[0])", "pas de texte"),
    "removes the subject": (puts("Objet :", "A"), "première ligne"),
    "writes escapes": (puts("Bonjour", "\x1b[2JBonjour"), "caractère de commande"),
    "writes a subject that is a header": (puts("Objet : ", "Objet : =?utf-8?q?x=0D=0ABcc:_a=40b?= "), "interdits"),
}


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_words_that_cannot_leave(here: Story, box: Mailbox, name: str) -> None:
    """They are said, may be mended, and cannot be kept: « o » is no answer; « n » has the message as it was."""
    opened(here, box.port, ALPHA)
    body, said = IMPOSSIBLE[name]
    with review(here, EDITOR=editor(here, body)) as screen:
        screen.answers("m")
        assert said in screen.until(KEEP)
        screen.type("o\n")
        screen.until(KEEP)
        screen.type("n\n")
        assert "reste comme il était" in screen.until()
        screen.type("o\n")
        assert 0 == screen.end()[0]

    assert "\x1b[2J" not in screen.seen
    assert text_of(box.received[0]).startswith("Bonjour,\n\nSauf erreur de ma part, la facture F-1")


def test_other_figures_are_asked_about(here: Story, box: Mailbox) -> None:
    """Another sum, another account: each is named; one's own words are kept only after a yes."""
    opened(here, box.port, ALPHA)
    body = "t = text.replace('1\u202f200,00', '1\u202f300,00').replace('FR76', 'FR77')\nopen(path, 'w').write(t)"
    with review(here, EDITOR=editor(here, body)) as screen:
        screen.answers("m")
        doubts = screen.until(KEEP).replace("\u00a0", " ").replace("\u202f", " ")
        screen.type("\n")
        screen.until(KEEP)
        screen.type("o\n")
        screen.answers("o")
        assert 0 == screen.end()[0]

    assert "« 1 300,00 € » est nouveau" in doubts
    assert "FR77 3000" in doubts
    assert "il manque le montant dû de la facture F-1" in doubts
    assert "1\u202f300,00" in text_of(box.received[0])


def test_words_may_be_mended_again(here: Story, box: Mailbox) -> None:
    """« m » opens what one wrote oneself, and not the message as it was."""
    opened(here, box.port, ALPHA)
    body = "t = text.replace('9,99', '') if '9,99' in text else text.replace('Bonjour', 'Cher client, 9,99 €')\n"
    with review(here, EDITOR=editor(here, body + "open(path, 'w', encoding='utf-8').write(t)")) as screen:
        screen.answers("m")
        assert "9,99" in screen.until(KEEP)
        screen.type("m\n")
        screen.answers("o")
        assert 0 == screen.end()[0]

    assert text_of(box.received[0]).startswith("Cher client, ")


def test_paid_while_it_was_read(here: Story, box: Mailbox) -> None:
    """The file is read again before each message: what was paid meanwhile does not leave, and why is said."""
    opened(here, box.port)
    with review(here) as screen:
        screen.until()
        here.write(row("F-1", "Alpha SARL", "20/11/2026", paid="1 200,00", paid_on="25/11/2026"), BETA, GAMMA)
        here.saved_on(DAY)
        screen.type("o\n")
        assert "F-1, pas parti\u00a0: payée" in screen.until()
        screen.type("o\n")
        screen.answers("q")
        assert (0, [TWO]) == (screen.end()[0], sent(box))


def test_changed_while_it_was_read(here: Story, box: Mailbox) -> None:
    """Another account since: it is shown and asked again, and one's own words for the former message are not in it."""
    opened(here, box.port)
    with review(here, EDITOR=editor(here, puts("Bonjour", "Cher client"))) as screen:
        screen.answers("m")
        screen.until()
        toml = here.folder / "relance.toml"
        toml.write_text(toml.read_text().replace("FR7630006000011234567890189", "DE89370400440532013000"))
        screen.type("o\n")
        said = screen.until()
        screen.type("o\n")
        screen.answers("q")
        assert (0, [ONE]) == (screen.end()[0], sent(box))

    assert "Ce message a changé" in said
    assert "Cher client" not in said
    assert "DE89" in text_of(box.received[0])


def test_told_while_it_was_read(here: Story, box: Mailbox) -> None:
    """A promise noted in another window holds it."""
    opened(here, box.port, ALPHA)
    with review(here) as screen:
        screen.until()
        assert 0 == here.run("hold", "F-1", "--reason", "promise", "--until", "2026-12-01", today=DAY).code
        screen.type("o\n")
        code, said = screen.end()

    assert (0, []) == (code, box.received)
    assert "paiement promis pour le 1er décembre 2026" in said


def test_another_run_at_work(here: Story, box: Mailbox) -> None:
    """Nothing is held while one reads; where another run is at work, that is said, and the message is asked again."""
    opened(here, box.port, ALPHA)
    with review(here) as screen:
        screen.until()
        with lock(here.journal):
            screen.type("o\n")
            assert "à l’œuvre" in screen.until()
        screen.type("o\n")
        assert (0, [ONE]) == (screen.end()[0], sent(box))


WAITS = "import time; signal.signal(signal.SIGINT, signal.SIG_DFL); print('ici', flush=True); time.sleep(60)"


@pytest.mark.parametrize("where", ["the question", "the end of input", "a doubt", "the editor"])
def test_left_at_any_point(here: Story, box: Mailbox, where: str) -> None:
    """Ctrl-C, Ctrl-D: what left has left, nothing else; the next run sends the rest, once each."""
    opened(here, box.port)
    body = puts("600,00", "700,00") if where == "a doubt" else WAITS
    (here.folder / "tmp").mkdir()
    with review(here, EDITOR=editor(here, body), TMPDIR=str(here.folder / "tmp")) as screen:
        screen.answers("o")
        screen.until()
        match where:
            case "the question":
                screen.type(INTERRUPT)
            case "the end of input":
                screen.type(END)
            case "a doubt":
                screen.type("m\n")
                screen.until(KEEP)
                screen.type(INTERRUPT)
            case _:
                screen.type("m\n")
                screen.until("ici")
                screen.type(INTERRUPT)
                assert "reste comme il était" in joined(screen.until())
                screen.type("q\n")
        code, said = screen.end()

    interrupted = where in ("the question", "a doubt")
    assert (1 if interrupted else 0, [ONE]) == (code, sent(box))
    assert interrupted == ("Interrompu\u00a0: rien ne part plus." in said)
    assert "envoyé" in said
    assert [] == list((here.folder / "tmp").iterdir())
    assert 0 == here.run("send", today=DAY).code
    assert [ONE, TWO, THREE] == sent(box)


def test_left_before_anything(here: Story, box: Mailbox) -> None:
    """Ctrl-C at the first question: nothing was done, exit 2."""
    opened(here, box.port)
    with review(here) as screen:
        screen.until()
        screen.type(INTERRUPT)
        code, said = screen.end()

    assert (2, []) == (code, box.received)
    assert "rien n’est parti" in said
    assert ["due"] * 3 == [reason(here, number) for number in NUMBERS]


@pytest.mark.parametrize("which", [Signals.SIGINT, Signals.SIGTERM, Signals.SIGHUP])
def test_left_while_the_server_answers(here: Story, which: Signals) -> None:
    """Between the dot and the reply nothing is cut short: the reply is noted, then it ends."""
    answered = [0.0]

    def server(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        screen.signal(which)
        time.sleep(0.5)
        answered[0] = time.monotonic()
        peer.say("250 2.0.0 fait")
        peer.hear()

    with raw_server(server) as port:
        here.settings(port)
        here.write(ALPHA, BETA)
        assert 0 == here.run("send", today=MONDAY).code
        here.saved_on(DAY)
        with review(here) as screen:
            screen.answers("o")
            code, _ = screen.end()

    assert answered[0]
    assert 1 == code
    assert ["stage_done", "due"] == [reason(here, number) for number in NUMBERS[:2]]


def test_a_server_that_refuses(here: Story, box: Mailbox) -> None:
    """A refused address is said at once; the others go on, and the exit code asks for a look."""
    opened(here, box.port)
    box.rcpt["compta@alpha.example"] = "550 5.1.1 no such user"
    with review(here) as screen:
        _, second, _ = screen.answers("o", "o", "q")
        code, said = screen.end()

    assert (1, [TWO]) == (code, sent(box))
    assert "refusé" in second
    assert "5.1.1" in second
    assert "5.1.1" in said


def test_no_server(here: Story, box: Mailbox) -> None:
    """Nothing can leave: the review ends, exit 2, and all is still due."""
    opened(here, box.port)
    here.settings(1)
    with review(here) as screen:
        screen.answers("o")
        code, said = screen.end()

    assert (2, []) == (code, box.received)
    assert "127.0.0.1:1" in said
    assert ["due"] * 3 == [reason(here, number) for number in NUMBERS]


def test_limits_and_approvals_are_those_of_send(here: Story, box: Mailbox) -> None:
    """One message a run is one to be read; a formal notice is not among them before it is approved."""
    here.settings(box.port, rest="[policy]\nmax_per_run = 1\n[charges]\nrate = 14.0\n")
    late = row("F-7", "Delta SARL", "20/10/2026", "700,00")
    here.write(late, ALPHA, BETA)
    here.run("confirm", "backlog", "--as-is", today=DAY)
    with review(here) as screen:
        first = screen.answers("q")[0]
        assert 0 == screen.end()[0]
    assert "1/1" in first
    assert "à valider" in first
    assert "Delta" not in first

    assert 0 == here.run("approve", "F-7", today=DAY).code
    with review(here) as screen:
        assert "mise en demeure · Delta SARL" in screen.answers("o")[0]
        screen.end()
    assert [["F-7"]] == about(box.received, ["F-7"])


def test_drafts(here: Story) -> None:
    """With the folder, what one agreed to is a draft."""
    here.settings(rest='[delivery]\ntransport = "folder"\nfolder = "brouillons"\n')
    here.write(ALPHA, BETA)
    assert 0 == here.run("send", today=MONDAY).code
    here.saved_on(DAY)
    with review(here) as screen:
        screen.answers("p", "o")
        code, said = screen.end()

    assert 0 == code
    assert "brouillon" in said
    assert 1 == len(list((here.folder / "brouillons" / "new").iterdir()))
    assert ["drafted"] == [each["status"] for each in here.run("sent", "--format", "json", today=DAY).json["messages"]]


def test_the_question_ends_as_it_is_expected() -> None:
    """What the tests wait for is what the question ends with."""
    assert ASKED.endswith("\u00a0:")
