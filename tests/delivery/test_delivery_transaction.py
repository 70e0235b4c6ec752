"""One message over SMTP: what each answer at each moment means (reliability.md 1.7)."""

import signal
import smtplib
import socket
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from mail_support import Mailbox, Peer, message, raw_server, settings, smtp_server

from relance.core.message import Message
from relance.delivery.outcome import Outcome, readable
from relance.delivery.smtp import connect
from relance.delivery.smtp_replies import before_dot, final_outcome, likeness, recipient_refused, sender_refused
from relance.delivery.transaction import SmtpTransport, hand_over
from relance.journal import State

pytestmark = pytest.mark.slow


def no_record(server: str) -> None:
    """Nothing is written down in these tests."""


def outcome_of(box: Mailbox, letter: Message | None = None) -> Outcome:
    """What becomes of one message at this server."""
    with smtp_server(mailbox=box):
        transport = SmtpTransport(settings(box.port), None)
        try:
            return transport.hand_over(letter or message(), no_record)
        finally:
            transport.close()


def after_dot(answer: Callable[[Peer], None], final_timeout: float = 10.0) -> Outcome:
    """What becomes of a message when the raw server does this after the final dot."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        answer(peer)

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port, final_timeout=final_timeout), None)
        try:
            return transport.hand_over(message(), no_record)
        finally:
            transport.close()


def test_sent_byte_for_byte() -> None:
    """The server keeps the composed bytes, lone dots included, and its words are kept."""
    box = Mailbox()
    letter = message(text=".\n..\n.x\nfin\n.\n")
    assert outcome_of(box, letter) == Outcome(State.SENT, 250, "2.0.0 Ok: queued as 4F1")
    assert box.received == [letter.raw]


def test_hidden_copy_is_in_the_envelope_alone() -> None:
    """The copy to oneself is a recipient and no header."""
    box = Mailbox()
    outcome_of(box, message(cc=("chef@client.example",), bcc="archive@martin.example"))
    assert box.envelopes == [("compta@client.example", "chef@client.example", "archive@martin.example")]
    assert b"archive@" not in box.received[0]


def test_refused_hidden_copy_does_not_matter() -> None:
    """The customer gets the message although the copy to oneself is refused."""
    box = Mailbox(rcpt={"archive@martin.example": "550 5.1.1 unknown"})
    assert outcome_of(box, message(bcc="archive@martin.example")).state is State.SENT
    assert box.envelopes == [("compta@client.example",)]


def test_customer_refused_and_copy_accepted_sends_nothing() -> None:
    """A copy to oneself alone is no reminder: no DATA."""
    box = Mailbox(rcpt={"compta@client.example": "550 5.1.1 unknown"})
    assert outcome_of(box, message(bcc="archive@martin.example")).state is State.REFUSED
    assert (box.received, "DATA" in box.commands) == ([], False)


@pytest.mark.parametrize("refused", ["un@client.example", "deux@client.example", "chef@client.example"])
def test_every_address_of_the_customer_has_to_be_accepted(refused: str) -> None:
    """One refused address among To and Cc stops the message and is named."""
    box = Mailbox(rcpt={refused: "550 5.1.1 unknown"})
    found = outcome_of(box, message(to=("un@client.example", "deux@client.example"), cc=("chef@client.example",)))
    assert (found.state, found.address, box.received) == (State.REFUSED, refused, [])


@pytest.mark.parametrize(
    ("reply", "state", "permanent"),
    [
        ("550 5.1.1 unknown user", State.REFUSED, True),
        ("553 5.1.3 bad syntax", State.REFUSED, True),
        ("550 5.2.1 disabled", State.REFUSED, True),
        ("550 no such user", State.REFUSED, True),
        ("550 5.7.1 policy", State.REFUSED, False),
        ("552 5.2.2 mailbox full", State.REFUSED, False),
        ("554 no", State.REFUSED, False),
        ("450 4.2.0 greylisted", State.DEFERRED, False),
        ("452 4.5.3 too many", State.DEFERRED, False),
        ("450 5.1.1 contradictory", State.DEFERRED, False),
    ],
)
def test_recipient_refusals(reply: str, state: State, permanent: bool) -> None:
    """Only what is about the address itself is held against it for good."""
    found = outcome_of(Mailbox(rcpt={"compta@client.example": reply}))
    code, _, text = reply.partition(" ")
    address = "compta@client.example" if permanent else ""
    assert found == Outcome(state, int(code), text, address=address)


def test_refused_address_is_named_as_the_file_has_it() -> None:
    """An address that travels in punycode is compared later with the one in the file."""
    box = Mailbox(rcpt={"a@xn--t-9fab.example": "550 5.1.1 unknown"})
    assert outcome_of(box, message(to=("a@été.example",))).address == "a@été.example"
    assert outcome_of(box, message(cc=("a@été.example",))).address == "a@été.example"
    elsewhere = message()._replace(recipients=("autre@client.example",))
    assert recipient_refused(elsewhere, 550, b"5.1.1 no", "autre@client.example").address == "autre@client.example"
    assert recipient_refused(elsewhere, 551, b"moved", "autre@client.example").address == "autre@client.example"


@pytest.mark.parametrize(
    "reply",
    [
        "553 5.7.1 <camille@martin.example>: Sender address rejected: not owned by user",
        "530 5.7.0 Authentication required",
        "550 relay not permitted",
        "554 5.7.1 <compta@client.example>: Relay access denied",
        "550 5.7.1 Unable to relay",
        "550 Requested action not taken: mailbox unavailable. Sender address is not allowed.",
        "550 5.7.60 SMTP; Client does not have permissions to send as this sender",
    ],
)
def test_an_account_refused_at_the_recipient_stops_the_run(reply: str) -> None:
    """Postfix and others say only at RCPT what they have against the sender: no customer's address is at fault."""
    found = outcome_of(Mailbox(rcpt={"compta@client.example": reply}))
    assert (found.state, found.address) == (State.NOT_SENT, "")
    assert "sender.email" in str(found.stop)


def test_ionos_refuses_a_sender_in_the_user_s_words() -> None:
    """At MAIL or at RCPT: which address it wants."""
    reply = b"Sender address is not allowed."
    for found in (sender_refused(550, reply), recipient_refused(message(), 550, reply, "compta@client.example")):
        assert "chez IONOS : une adresse de votre contrat" in str(found.stop).replace("\u00a0", " ")


def test_a_quota_said_at_the_recipient_stops_the_run() -> None:
    """As after the dot: the rest waits a day."""
    found = outcome_of(Mailbox(rcpt={"compta@client.example": "550 5.4.5 Daily user sending limit exceeded"}))
    assert (found.state, found.code, found.pause) == (State.DEFERRED, 550, timedelta(days=1))
    assert "quota" in str(found.stop)


@pytest.mark.parametrize("reply", ["550 5.7.1 not your address", "553 sender"])
def test_refused_sender_stops_the_run(reply: str) -> None:
    """A 5xx to MAIL is about the account."""
    found = outcome_of(Mailbox(answers={"MAIL": reply}))
    assert found.state is State.NOT_SENT
    assert str(found.stop) == (
        f"Le serveur refuse l’expéditeur ({reply}). Vérifiez que sender.email est bien une adresse du compte "
        "smtp.user, et votre quota d’envoi."
    )


@pytest.mark.parametrize(
    ("code", "state", "kept", "lost"),
    [
        (500, State.REFUSED, 500, False),
        (599, State.REFUSED, 599, False),
        (499, State.DEFERRED, 499, False),
        (600, State.DEFERRED, 600, True),
        (421, State.DEFERRED, 421, True),
        (1, State.DEFERRED, 1, True),
        (0, State.DEFERRED, None, True),
        (-1, State.DEFERRED, None, True),
    ],
)
def test_codes_before_the_dot(code: int, state: State, kept: int | None, lost: bool) -> None:
    """5yz is for good, all else for now; what is no code at all is a connection that is gone."""
    assert before_dot(code, b"x") == Outcome(state, kept, "x", lost=lost)


@pytest.mark.parametrize(
    ("code", "state", "kept"),
    [
        (200, State.SENT, 200),
        (299, State.SENT, 299),
        (300, State.IN_DOUBT, 300),
        (399, State.IN_DOUBT, 399),
        (400, State.DEFERRED, 400),
        (421, State.IN_DOUBT, 421),
        (499, State.DEFERRED, 499),
        (500, State.REFUSED, 500),
        (599, State.REFUSED, 599),
        (600, State.IN_DOUBT, 600),
        (1, State.IN_DOUBT, 1),
        (0, State.IN_DOUBT, None),
        (-1, State.IN_DOUBT, None),
    ],
)
def test_codes_after_the_dot(code: int, state: State, kept: int | None) -> None:
    """Taken, put off, refused; whatever else it is leaves the message in doubt, with the server's words."""
    assert final_outcome(code, b"x y") == Outcome(state, kept, "x y", lost=state is State.IN_DOUBT)


@pytest.mark.parametrize(
    ("code", "said"),
    [(500, "refuse l’expéditeur (500 x)"), (599, "refuse l’expéditeur (599 x)"), (499, "pour l’instant (499 x)")],
)
def test_codes_to_the_sender(code: int, said: str) -> None:
    """For good or for now; a connection that is gone says nothing about the account."""
    assert said in str(sender_refused(code, b"x").stop)
    assert sender_refused(600, b"x").stop is None


def test_deferred_sender_stops_the_run_too() -> None:
    """A 4xx to MAIL would meet every other message as well."""
    found = outcome_of(Mailbox(answers={"MAIL": "451 4.7.1 slow down"}))
    assert (found.state, found.code) == (State.NOT_SENT, 451)
    assert str(found.stop) == "Le serveur ne prend rien pour l’instant (451 4.7.1 slow down). Réessayez plus tard."


def test_too_big_is_about_one_message() -> None:
    """The size refused at MAIL stops nothing else."""
    found = outcome_of(Mailbox(answers={"MAIL": "552 5.3.4 too big"}))
    assert found == Outcome(State.REFUSED, 552, "5.3.4 too big")


@pytest.mark.parametrize(
    ("reply", "state"),
    [("451 4.3.0 later", State.DEFERRED), ("554 5.6.0 no", State.REFUSED), ("250 hm", State.DEFERRED)],
)
def test_refusal_before_the_body(reply: str, state: State) -> None:
    """Without 354 no body is sent."""
    box = Mailbox(answers={"DATA": reply})
    assert outcome_of(box) == Outcome(state, int(reply[:3]), reply[4:])
    assert box.received == []


@pytest.mark.parametrize("answers", [{"MAIL": "421 bye"}, {"DATA": "421 bye"}])
def test_closing_before_the_dot_is_not_sent(answers: dict[str, str]) -> None:
    """421 before the dot: nothing was accepted, and the connection is over."""
    found = outcome_of(Mailbox(answers=answers))
    assert (found.state, found.code, found.lost) == (State.DEFERRED, 421, True)


def test_closing_at_the_recipient_is_not_sent() -> None:
    """421 to RCPT is about the connection, even for the copy to oneself."""
    box = Mailbox(rcpt={"archive@martin.example": "421 bye"})
    found = outcome_of(box, message(bcc="archive@martin.example"))
    assert (found.state, found.lost, box.received) == (State.DEFERRED, True, [])


@pytest.mark.parametrize(
    ("reply", "state"),
    [
        ("250 Ok", State.SENT),
        ("251 will forward", State.SENT),
        ("250-line one\r\n250 line two", State.SENT),
        ("451 4.3.0 try later", State.DEFERRED),
        ("452 4.2.2 full", State.DEFERRED),
        ("554 5.7.1 spam", State.REFUSED),
        ("552 5.2.2 full", State.REFUSED),
        ("421 closing", State.IN_DOUBT),
        ("354 what", State.IN_DOUBT),
        ("Hello you", State.IN_DOUBT),
        ("250 " + "x" * 9000, State.SENT),
        ("250 " + "x" * 70_000, State.IN_DOUBT),
        ("250-more\r\n" * 7000 + "250 ok", State.IN_DOUBT),
        ("250", State.SENT),
        ("25x hm", State.IN_DOUBT),
        ("", State.IN_DOUBT),
    ],
)
def test_answers_to_the_dot(reply: str, state: State) -> None:
    """2xx sent, 4xx deferred, 5xx refused; 421, no answer and what is no SMTP are in doubt."""
    found = after_dot(lambda peer: peer.say(reply))
    assert found.state is state
    assert found.lost is (state is State.IN_DOUBT)


def test_dropped_after_the_dot_is_in_doubt() -> None:
    """The connection closed without an answer: nobody knows."""
    assert after_dot(lambda peer: None).state is State.IN_DOUBT


def test_silence_after_the_dot_is_in_doubt() -> None:
    """No answer in the time allowed for it: nobody knows, and the time is not the usual one."""
    began = time.monotonic()
    found = after_dot(lambda peer: peer.wait(), final_timeout=0.2)
    assert time.monotonic() - began < 8  # the usual time-out is 10 seconds
    assert (found.state, found.lost) == (State.IN_DOUBT, True)
    assert "pas de réponse à temps" in found.reply


def test_daily_quota_stops_the_run() -> None:
    """Gmail's 5.4.5 looks permanent and is not: the rest waits."""
    found = after_dot(lambda peer: peer.say("550 5.4.5 Daily user sending limit exceeded"))
    said = "5.4.5 Daily user sending limit exceeded"
    assert (found.state, found.code, found.reply, found.pause) == (State.DEFERRED, 550, said, timedelta(days=1))
    assert str(found.stop) == f"Le quota d’envoi de votre compte est atteint (550 {said}). Le reste partira demain."


LIMITS = {
    "552 Message would take you over your relay quota of 500 Current quota used: 500": 24,
    "550 5.7.1 Domain client.test has exceeded the max emails per hour (151/150 (100%)) allowed. Discarded.": 1,
    "550 Domain martin.example has exceeded the max defers and failures per hour (5/5 (100%)) allowed": 1,
    "554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process message": 24,
    "550 5.7.1 Exceed Sending Limit (daily)": 24,
    "554 5.7.1 <compta@client.example>: Recipient address rejected: You have exceeded your Outmail quota": 24,
    "554 5.7.1 <DATA>: Data command rejected: only 10 messages per day": 24,
    "454 Throttling failure: Daily message quota exceeded.": 1,
    "450 4.2.1 Peak SMTP relay limit exceeded for customer. This is a temporary error.": 1,
    "450 4.7.1 Error: too much mail from 192.0.2.7": 1,
    "550 5.7.1 [CSR] Our system has detected an unusual amount of unsolicited email from your address": 24,
    "550 5.4.6 Unusual sending activity detected. Please try after sometime": 24,
    "554 5.7.0 Mail send limit exceeded": 24,
    "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its daily limit for sending": 24,
    "550 Number recipients per hour exceeded": 1,
    "552 5.7.1 Quota d'envoi dépassé pour ce compte": 24,
    "554 5.7.1 Nombre maximum de messages par heure atteint": 1,
    "451 4.7.1 Trop de messages envoyés, réessayez plus tard": 1,
    "452 4.3.1 Sender rate limit reached": 1,
    "554 5.1.8 Your account reached its hourly sending limit": 1,
}
"""What providers say of the account (OVH, cPanel, Exchange, Outmail, SES, Zoho, Postfix...): hours until it is over."""
HIS_OWN = (
    "552 5.2.2 The email account that you tried to reach is over quota",
    "552 5.2.2 mailbox full",
    "552 Requested mail action aborted: exceeded storage allocation",
    "550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
    "550 5.7.1 <compta@client.example>: Recipient address rejected: user over quota",
    "550 5.1.1 The email account that you tried to reach does not exist",
    "552 5.3.4 Message size exceeds fixed limit",
    "552 5.2.3 Message length exceeds administrative limit",
    "554 5.7.1 Spam message rejected; score 7.2 exceeds threshold 5.0",
    "550 5.7.1 mx.client.example: message refused as spam",
    "554 5.4.6 Too many hops",
    "550 5.7.1 The recipient has exceeded the rate at which it can receive messages",
    "550 5.7.1 virus found, maximum severity",
    "550 5.2.2 boîte pleine",
)
"""What is about this customer, or this message, though words of limits stand in it."""


@pytest.mark.parametrize("reply", LIMITS)
def test_a_limit_of_the_account_stops_the_run_and_refuses_nobody(reply: str) -> None:
    """At any moment: to RCPT, instead of 354, after the dot; the rest leaves when the limit is over."""
    code, text = int(reply[:3]), reply[4:].encode()
    ends = (
        sender_refused(code, text),
        recipient_refused(message(), code, text, "compta@client.example"),
        before_dot(code, text),
        final_outcome(code, text),
    )
    for found in ends:
        assert (found.state, found.code, found.address) == (State.DEFERRED, code, "")
        assert found.pause == timedelta(hours=LIMITS[reply])
        assert f"({code} " in str(found.stop)


@pytest.mark.parametrize("reply", HIS_OWN)
def test_a_refusal_of_this_customer_is_his_own(reply: str) -> None:
    """The run goes on, and he is called refused."""
    code, text = int(reply[:3]), reply[4:].encode()
    for found in (recipient_refused(message(), code, text, "compta@client.example"), final_outcome(code, text)):
        assert (found.state, found.stop, found.pause) == (State.REFUSED, None, None)


def test_limits_with_which_the_server_leaves() -> None:
    """421 before the dot: nothing left, and the rest waits; after it nobody knows of this one."""
    found = before_dot(421, b"4.7.0 Too many connections from your IP")
    assert (found.state, found.lost, found.pause) == (State.DEFERRED, True, timedelta(hours=1))
    found = final_outcome(421, b"4.7.28 unusual rate of mail from your account")
    assert (found.state, found.lost, found.pause) == (State.IN_DOUBT, True, timedelta(hours=1))


def test_likeness_of_refusals() -> None:
    """Numbers, addresses and servers apart, the words and codes are compared; what is about a customer has none."""

    def like(code: int, reply: str, **about: Any) -> str:
        return likeness(message(), Outcome(State.REFUSED, code, reply, **about))

    first = like(554, "5.7.1 Message 4F1A2 rejected by filter3.host.example (see https://host.example/77)")
    assert first == like(554, "5.7.1 Message 9B00 rejected by filter1.host.example (see https://host.example/12)")
    assert first not in ("", like(554, "5.7.2 Message 1 rejected by a.b"), like(550, "5.7.1 Message 1 rejected by a.b"))
    assert like(554, "") == "554 "
    assert like(554, "5.7.1 (Rejected): policy.") == "554 5.7.1 (rejected): policy."
    assert like(552, "Requested mail action aborted: exceeded storage allocation") != ""
    for reply in ("5.1.1 no", "5.2.2 no", "no such user here", "message too big", "client.example says no"):
        assert like(550, reply) == ""
    assert like(550, "no", address="compta@client.example") == ""
    assert likeness(message(), Outcome(State.REFUSED, None, "adresse impossible à transmettre")) == ""
    assert likeness(message(), Outcome(State.DEFERRED, 450, "later")) == ""


def test_dropped_inside_the_body_is_not_sent() -> None:
    """The server leaves while a long body travels, before the dot could."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.link.recv(1)

    letter = message(text="x" * 70 + "\n" + ("y" * 70 + "\n") * 60_000)
    with raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        found = transport.hand_over(letter, no_record)
        transport.close()
    assert (found.state, found.lost) == (State.DEFERRED, True)


def test_connection_closed_between_messages_is_opened_again() -> None:
    """A server that leaves after each message still gets the next one, once."""
    dots: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.up_to_data()
        dots.append(peer.body())
        peer.say("250 Ok")

    with raw_server(script, script) as port:
        transport = SmtpTransport(settings(port), None)
        states = [transport.hand_over(message(number), no_record).state for number in ("F-1", "F-2")]
        transport.close()
    assert states == [State.SENT, State.SENT]
    assert len(dots) == 2


def test_connection_that_cannot_be_opened_again_stops_the_run() -> None:
    """The server is gone: nothing was handed over, and the reason stops the run."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 Ok")

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        assert transport.hand_over(message("F-1"), no_record).state is State.SENT
    found = transport.hand_over(message("F-2"), no_record)
    assert (found.state, found.lost) == (State.DEFERRED, True)
    assert "smtp.port" in str(found.stop)
    transport.close()


def test_a_refusal_leaves_no_trace_for_the_next_message() -> None:
    """After a refused recipient the next message starts a new envelope."""
    box = Mailbox(rcpt={"faux@client.example": "550 5.1.1 unknown"})
    with smtp_server(mailbox=box):
        transport = SmtpTransport(settings(box.port), None)
        first = transport.hand_over(message("F-1", to=("bon@client.example", "faux@client.example")), no_record)
        second = transport.hand_over(message("F-2"), no_record)
        transport.close()
    assert (first.state, second.state) == (State.REFUSED, State.SENT)
    assert box.envelopes == [("compta@client.example",)]


@pytest.mark.parametrize("answer", ["421 bye", "500 what"])
def test_quit_refused_after_acceptance_is_still_sent(answer: str) -> None:
    """What happens at QUIT never changes what was accepted."""
    assert outcome_of(Mailbox(answers={"QUIT": answer})).state is State.SENT


def test_a_good_bye_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """S22: mute at QUIT, after a message for whose reply ten minutes were allowed."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 2.0.0 Ok")
        assert peer.hear() == b"quit\r\n"
        peer.wait()

    monkeypatch.setattr("relance.delivery.smtp._GOOD_BYE_SECONDS", 0.1)
    began = time.monotonic()
    with raw_server(script) as port:
        transport = SmtpTransport(settings(port, final_timeout=600.0), None)
        assert transport.hand_over(message(), no_record).state is State.SENT
        transport.close()
    assert time.monotonic() - began < 8


def test_a_long_message_travels_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time that the server has is for each of them (RFC 5321 4.5.3.2.5): a slow line is no silence."""
    sizes: list[int] = []
    usual = smtplib.SMTP.send

    def send(session: smtplib.SMTP, data: bytes | str) -> None:
        sizes.append(len(data))
        usual(session, data)

    monkeypatch.setattr(smtplib.SMTP, "send", send)
    letter, box = message(text=("x" * 900 + "\n") * 300), Mailbox()
    assert outcome_of(box, letter).state is State.SENT
    assert [letter.raw] == box.received
    assert max(sizes) <= 65536 < sum(sizes)


def test_a_line_that_stalls_is_named_for_what_it_is() -> None:
    """The library would say that the server is not connected."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        assert done.wait(60)

    done = threading.Event()
    letter = message(text=("x" * 900 + "\n") * 20_000)
    with raw_server(script) as port:
        transport = SmtpTransport(settings(port, timeout=0.2), None)
        found = transport.hand_over(letter, no_record)
        done.set()
        transport.close()
    assert (found.state, found.reply) == (State.DEFERRED, "pas de réponse à temps")


def test_address_that_cannot_travel_is_refused_alone() -> None:
    """An address outside ASCII never reaches the wire."""
    letter = message()._replace(recipients=("é@client.example",))
    box = Mailbox()
    found = outcome_of(box, letter)
    assert (found.state, found.lost, box.received) == (State.REFUSED, False, [])


def test_interruption_says_nothing_more_to_the_server() -> None:
    """Ctrl-C inside a message cuts the connection: a QUIT would be read as text of the message."""
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250 raw.test")
        heard.append(peer.hear())
        main = threading.main_thread().ident
        assert main is not None
        signal.pthread_kill(main, signal.SIGINT)
        heard.append(peer.hear())

    usual = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with raw_server(script) as port:
            transport = SmtpTransport(settings(port), None)
            with pytest.raises(KeyboardInterrupt):
                transport.hand_over(message(), no_record)
            transport.close()
    finally:
        signal.signal(signal.SIGINT, usual)
    assert heard == [b"mail FROM:<camille@martin.example>\r\n", b""]


def test_readable_replies() -> None:
    """Escapes, directions and line ends of a server are shown, never obeyed, and cut."""
    assert readable(b"ok \x1b[2J\r\nnext\xff") == "ok \\x1b[2J next\\xff"
    assert readable("\u202egnp") == "\\u202egnp"
    assert readable("a\ue000b\ud800c\u2028d\u2029e") == "a\\ue000b\\ud800c d e"
    assert len(readable("é\x00" * 5000)) == 1000


def test_hand_over_uses_the_size_extension() -> None:
    """A server that announces SIZE hears the size first."""
    heard: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        peer.hear()
        peer.say("250-raw.test\r\n250 SIZE 1000")
        heard.append(peer.hear())
        peer.say("552 too big")

    with raw_server(script) as port:
        session = connect(settings(port), None)
        assert hand_over(session, message(), settings(port), no_record).state is State.REFUSED
        session.close()
    assert f"size={len(message().raw)}".encode() in heard[0]


def test_a_late_reply_is_awaited() -> None:
    """S20: a reply long after the usual time-out, and in pieces, still counts: giving up early only makes doubt."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        for piece in (b"250-2.0.0 wait", b" for it\r\n", b"250 2.0.0 Ok\r\n"):
            threading.Event().wait(0.15)
            peer.say(piece)
        peer.hear()

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port, timeout=0.2, final_timeout=10.0), None)
        found = transport.hand_over(message(), no_record)
        transport.close()
    assert found == Outcome(State.SENT, 250, "2.0.0 wait for it 2.0.0 Ok")


def test_a_reply_that_never_ends_is_in_doubt() -> None:
    """S21: line after line without a last one: the time allowed is for the whole reply."""

    def script(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        while True:
            threading.Event().wait(0.05)
            peer.say("250-more")

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port, final_timeout=0.4), None)
        found = transport.hand_over(message(), no_record)
        transport.close()
    assert (found.state, found.lost) == (State.IN_DOUBT, True)


def test_a_server_that_ends_the_line_between_messages_with_421() -> None:
    """Enough for one connection, says the server at MAIL: the next message leaves over a new one, counted as no try."""

    def first(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 Ok")
        assert peer.hear().startswith(b"mail")
        peer.say("421 enough")

    def second(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 Ok")

    with raw_server(first, second) as port:
        transport = SmtpTransport(settings(port), None)
        states = [transport.hand_over(message(number), no_record).state for number in ("F-1", "F-2")]
        transport.close()
    assert states == [State.SENT, State.SENT]


def test_nothing_is_said_after_a_refused_record() -> None:
    """The last word could not be written: the connection closes, and the server has no dot."""
    bodies: list[bytes] = []

    def script(peer: Peer) -> None:
        peer.up_to_data()
        bodies.append(peer.reader.read())

    def refused(server: str) -> None:
        raise RuntimeError(server)

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        with pytest.raises(RuntimeError, match=r"127\.0\.0\.1"):
            transport.hand_over(message(), refused)
        transport.close()
    assert bodies[0].endswith(b"\r\n")
    assert not bodies[0].endswith(b"\r\n.\r\n")


def test_a_server_that_leaves_after_a_refusal() -> None:
    """The transaction stays open after a refusal and the server is gone at RSET: a new connection, without a word."""

    def refusing(peer: Peer) -> None:
        peer.say("220 raw.test")
        for reply in ("250 raw.test", "250 ok", "550 5.1.1 unknown"):
            peer.hear()
            peer.say(reply)

    def second(peer: Peer) -> None:
        peer.up_to_data()
        peer.body()
        peer.say("250 Ok")

    with raw_server(refusing, second) as port:
        transport = SmtpTransport(settings(port), None)
        states = [transport.hand_over(message(number), no_record).state for number in ("F-1", "F-2")]
        transport.close()
    assert states == [State.REFUSED, State.SENT]


@pytest.mark.parametrize("endless", ["250 " + "x" * 70_000, "250-" + "x\r\n250-" * 600 + "x", "250-x\r\n" * 20_000])
def test_an_endless_reply_before_the_dot_is_not_sent(endless: str) -> None:
    """Too many octets or lines at RCPT: put off, and not kept."""

    def script(peer: Peer) -> None:
        peer.say("220 raw.test")
        for reply in ("250 raw.test", "250 ok", endless):
            peer.hear()
            peer.say(reply)

    with raw_server(script) as port:
        transport = SmtpTransport(settings(port), None)
        found = transport.hand_over(message(), no_record)
        transport.close()
    assert (found.state, found.lost, found.reply) == (State.DEFERRED, True, "Reply too long.")


def test_the_dot_leaves_alone_and_at_once() -> None:
    """Without delay on the socket: a dot that waits for the receipt of the body costs 40 ms a message."""
    with smtp_server() as box:
        session = connect(settings(box.port), None)
        assert session.sock is not None
        assert session.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
        session.close()
