"""What the author of a mail says himself, and whether he speaks of paying or of a doubt."""

import time
from datetime import date

import pytest

from relance.delivery.mails import mail_of
from relance.delivery.wording import own_subject, own_text, speaks, text_of_html

ON = date(2026, 11, 23)


@pytest.mark.parametrize(
    "said",
    [
        *(
            "Le virement est parti.",
            "J'ai viré la somme",
            "C'est payé.",
            "c’est PAYÉE depuis lundi",
            "nous payons le 30",
        ),
        *(
            "elle reste impayée",
            "Réglé ce jour",
            "regle hier",
            "nous réglerons vendredi",
            "je règle demain",
            "on règle",
        ),
        *("votre règlement suit", "REGLEMENT", "paiement en cours", "chèque posté", "en litige", "partie litigieuse"),
        *("nous contestons", "contestation jointe", "je conteste", "il faut un avoir", "nous attendons l’avoir de mai"),
        *("l'avoir promis", "Où est l'avoir ?", "avoir partiel", "un avoir n° 12", "vos avoirs", "une note de crédit"),
        *("We paid yesterday", "bank transfer done", "please send a credit note", "we dispute this", "Payment is late"),
        *(
            "re\u0301gle\u0301e hier",
            "le vire\u00adment".replace("\u00ad", ""),
            "un\u00a0avoir",
            "je\nrègle\ndemain. On paie le 3",
        ),
    ],
)
def test_words_of_paying_and_of_doubt(said: str) -> None:
    """In any form of the word, with or without accents, composed or not."""
    assert speaks(said)


@pytest.mark.parametrize(
    "said",
    [
        *("Votre facture est bien arrivée.", "La facture, le devis et la commande.", "bonjour", "", "Merci pour tout"),
        *("en règle générale, les règles de la maison", "un pays, des paysans, la paie de mai", "réglementation"),
        *("merci d'avoir répondu", "nous devons avoir une réponse", "l'avoir vu hier", "je crois l'avoir reçue"),
        *("virage, virtuel, pays", "réglette", "contexte", "litigation", "to avoid a repaid loan's prepayments"),
    ],
)
def test_other_words(said: str) -> None:
    """The invoice alone is no word of paying; nor is a verb « avoir », or what merely looks like one of the words."""
    assert not speaks(said)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Merci.\n> payé\n>> payé\nA bientôt", "Merci.\nA bientôt"),
        ("Oui.\n\nLe lun. 23 nov. 2026 à 10:00, Camille <c@x> a écrit :\n\n> payé\n\nDessous", "Oui.\n\n\n\nDessous"),
        ("Oui.\nLe 23 nov. 2026, Camille Martin\n<c@x> a écrit :\npayé", "Oui.\nLe 23 nov. 2026, Camille Martin"),
        ("On 23 Nov 2026, Camille wrote:\npaid", ""),
        ("Oui.\n-----Message d'origine-----\nDe : C\npayé", "Oui."),
        ("Oui.\n________________________________\nDe : Camille\nEnvoyé : lundi\nÀ : moi\npayé", "Oui.\n" + "_" * 32),
        ("Oui.\n*From:* C <c@x>\n*Sent:* Monday\npaid", "Oui."),
        ("De : quoi parlez-vous\nrien", "De : quoi parlez-vous\nrien"),
        ("Oui.\n-- \nRèglement à 30 jours", "Oui."),
        ("---------- Forwarded message ---------\npayé", ""),
        ("Oui, et voici ce que dit Paul :\n\n", "Oui, et voici ce que dit Paul :\n"),
        ("Le 23 nov. 2026, Camille a écrit :", ""),
        ("", ""),
    ],
)
def test_what_is_quoted_is_not_his(text: str, own: str) -> None:
    """Marked line by line, announced by a line, or put under a copy of headers; the signature is not said either."""
    assert own == own_text(text)


@pytest.mark.parametrize(
    ("page", "own"),
    [
        ("<p>Oui<br>non</p><blockquote>payé</blockquote>", "Oui non >"),
        ("<div>a<blockquote type=cite>b<blockquote>c</blockquote>d</blockquote>e</div>", "a > e"),
        ("<style>.paid {x: y}</style><p>r&eacute;gl&#233;&nbsp;</p>", "réglé"),
        ("a<BLOCKQUOTE>b", "a >"),
        ("</blockquote>a", "a"),
    ],
)
def test_pages(page: str, own: str) -> None:
    """A page quotes by its tags; its letters may be written as entities."""
    assert own == " ".join(text_of_html(page).split())


@pytest.mark.parametrize(
    "subject", ["Re: Facture F-1", "RE : F-1", "Rép: F-1", "Re[2]: x", "Automatische Antwort: F-1"]
)
def test_an_echoed_subject(subject: str) -> None:
    """It is ours, sent back."""
    assert "" == own_subject(subject)


@pytest.mark.parametrize("subject", ["Facture F-1", "Retard : F-1", "Réf : F-1", "Litige : F-1", "TR: F-1", "12: x"])
def test_a_subject_of_ones_own(subject: str) -> None:
    """Somebody wrote it, or chose to pass it on."""
    assert subject == own_subject(subject)


def test_only_the_mail_itself_speaks() -> None:
    """Neither what it attaches nor a mail that it forwards; both of its alternatives do."""
    parts = [
        b"Content-Type: text/plain\r\n\r\nVoir ci-joint\r\n",
        b"Content-Type: text/plain\r\nContent-Disposition: attachment; filename=x.txt\r\n\r\nvirement\r\n",
        b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n"
        b"--c\r\n\r\nvirement\r\n--c--\r\n",
    ]
    head = b'Subject: Re: virement\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n'
    raw = head + b"".join(b"--b\r\n" + part for part in parts)
    mail = mail_of(raw + b"--b--\r\n", ON)
    assert (False, "Voir ci-joint", 3) == (mail.speaks, mail.words.strip(), mail.text.count("virement"))
    page = b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>r&eacute;gl&eacute;e</p>\r\n--b--\r\n"
    assert mail_of(raw + page, ON).speaks


def test_no_text_takes_long() -> None:
    """A hundred thousand characters made to be slow."""
    start = time.perf_counter()
    for filling in (
        "<style>" * 14_000,
        "<blockquote " * 9000,
        "Le a écrit : " * 8000,
        "-_* " * 25_000,
        "De :\n" * 20_000,
    ):
        mail_of(f"Content-Type: text/html\n\n{filling}".encode(), ON)
        mail_of(f"Subject: x\n\n{filling}".encode(), ON)
    assert time.perf_counter() - start < 5
