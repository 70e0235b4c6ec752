"""The command of the first hour: init."""

import sys
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from typer import Argument, Exit, Option

from relance.cli.options import closed_option
from relance.core.facts import Backlog
from relance.display.terminal import complain, on_terminal, tell
from relance.errors import EXIT_DONE, EXIT_LOOK, RelanceError, UsageError

if TYPE_CHECKING:
    from relance.runs.begun import Given, ReadAs
    from relance.runs.init import Written


class Way(StrEnum):
    """How messages leave."""

    SMTP = "smtp"
    DRAFTS = "drafts"
    FOLDER = "folder"


class Customers(StrEnum):
    """What the customers are where nothing shows it."""

    BUSINESS = "business"
    CONSUMER = "consumer"
    MIXED = "mixed"


class Ladder(StrEnum):
    """The ready ladders."""

    DEFAULT = "default"
    PHONE = "phone"
    PHONE_LATE = "phone-late"


class YesNo(StrEnum):
    """Yes or no."""

    YES = "yes"
    NO = "no"


def init(
    place: Annotated[
        str | None, Argument(metavar="[FICHIER|DOSSIER]", help="Le fichier des factures, ou le dossier où il est.")
    ] = None,
    name: Annotated[str, Option("--name", metavar="NOM", help="Votre nom, tel que vos clients le connaissent.")] = "",
    email: Annotated[str, Option("--email", metavar="ADRESSE", help="L’adresse qui écrit à vos clients.")] = "",
    provider: Annotated[
        str, Option("--provider", metavar="CLÉ", help="Votre messagerie : gmail, ovh, ionos, orange, free…")
    ] = "",
    host: Annotated[str, Option("--host", metavar="SERVEUR[:PORT]", help="Le serveur d’envoi.")] = "",
    user: Annotated[
        str, Option("--user", metavar="NOM|none", help="Votre nom chez ce serveur, sinon l’adresse ; none : aucun.")
    ] = "",
    password_command: Annotated[
        str, Option("--password-command", metavar="COMMANDE", help="La commande qui affiche le mot de passe.")
    ] = "",
    transport: Annotated[
        Way | None,
        closed_option("--transport", Way, help="Par un serveur, ou en brouillons, dans votre boîte ou un dossier."),
    ] = None,
    rate: Annotated[
        str, Option("--rate", metavar="TAUX|none", help="Le taux de retard écrit sur vos factures, comme 12.")
    ] = "",
    iban: Annotated[str, Option("--iban", metavar="IBAN", help="Le compte où vos clients paient.")] = "",
    account_name: Annotated[
        str, Option("--account-name", metavar="TITULAIRE", help="Le titulaire de ce compte, si ce n’est pas votre nom.")
    ] = "",
    customers: Annotated[
        Customers | None,
        closed_option("--customers", Customers, help="Ce que sont vos clients, quand rien ne le montre."),
    ] = None,
    ladder: Annotated[
        Ladder | None, closed_option("--ladder", Ladder, help="« phone » : un appel à J+15 ; « phone-late » : à J+20.")
    ] = None,
    backlog: Annotated[
        Backlog | None, closed_option("--backlog", Backlog, help="Que faire des factures déjà en retard.")
    ] = None,
    read_as: Annotated[
        list[str] | None, Option("--as", metavar="CHAMP=EN-TÊTE", help="Cette colonne est ce champ ; peut se répéter.")
    ] = None,
    ignore: Annotated[
        list[str] | None, Option("--ignore", metavar="EN-TÊTE", help="Colonne à ne pas lire ; peut se répéter.")
    ] = None,
    schedule: Annotated[
        YesNo | None, closed_option("--schedule", YesNo, help="Un passage automatique chaque matin de semaine.")
    ] = None,
    demo: Annotated[
        Path | None, Option("--demo", metavar="DOSSIER", help="Copie l’exemple dans ce dossier, et rien d’autre.")
    ] = None,
    full: Annotated[bool, Option("--full", help="Écrit tous les réglages commentés, sans rien demander.")] = False,
    yes: Annotated[bool, Option("--yes", help="Ne demande rien : ce qui manque est dit.")] = False,
) -> None:
    """Écrit vos réglages, en quelques questions.

    Lit d’abord votre fichier, essaie la connexion, puis écrit relance.toml : vos réponses et rien de plus. N’écrase
    jamais celui qui s’y trouve ; Ctrl-C ne laisse rien.
    """
    from relance.runs.begun import Given, MailGiven
    from relance.runs.init import write_reference

    if demo is not None:
        from relance.runs.demo import demo as copy

        tell(*copy(demo).split("\n"))
        return
    mail = MailGiven(provider, host, user, transport or "", password_command)
    given = Given("", name, email, mail, rate, iban, account_name, customers or "", ladder or "", backlog)
    given = given._replace(reading=_reading(read_as, ignore), schedule=schedule or "")
    if full:
        if given != Given():
            raise UsageError("--full écrit tous les réglages.", "Retirez les autres options, ou --full.")
        tell(*write_reference(Path(place or "")).sentences)
        return
    written = _told(given._replace(place=place or ""), asks=on_terminal() and sys.stdin.isatty() and not yes)
    tell(*written.sentences)
    code = max(written.exit_code, _planned(written.path) if written.scheduled else EXIT_DONE)
    tell(f"→ {written.goes_on}")
    raise Exit(code)


def _planned(settings: Path) -> int:
    """Have relance run each working morning, as `schedule install` does; that it cannot is said, and is to look at."""
    from relance.cli.schedule import install_schedule

    try:
        install_schedule(yes=True, config=settings)
    except Exit as done:
        return done.exit_code
    except RelanceError as error:
        complain(error.shown)
    return EXIT_LOOK


def _told(given: "Given", *, asks: bool) -> "Written":
    from relance.display.init_view import TerminalTalk
    from relance.runs import init as story

    return story.init(given, TerminalTalk() if asks else None, datetime.now().astimezone())


def _reading(read_as: list[str] | None, ignored: list[str] | None) -> "ReadAs":
    """How the options say that columns are read."""
    from relance.cli.options import a_column
    from relance.runs.begun import ReadAs

    return ReadAs(dict(map(a_column, read_as or ())), tuple(ignored or ()))
