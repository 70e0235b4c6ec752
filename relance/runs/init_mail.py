"""The questions of `relance init` about mail: the server, tried at once, and the password, which no settings hold."""

import os
import re
import shlex
from functools import partial
from typing import TYPE_CHECKING, Literal

from relance.delivery.account import DEFAULT_PORTS, Account, Secret, Security, is_loopback
from relance.delivery.pairings import cleaned
from relance.errors import DeliveryError, MessageError, RelanceError, SettingsError, UnreachedError, UsageError
from relance.french import DEFAULT_TIMEZONE
from relance.runs.asking import YES_NO, Talk, a_setting, answered, check, needed, one_of
from relance.runs.begun import Begun, MailGiven

if TYPE_CHECKING:
    from relance.config.providers import MailProvider
    from relance.delivery.secret import Kept

    Place = tuple[Account, MailProvider | None]

TRIAL_SECONDS = 15.0
"""How long a server may take while a person waits at the terminal."""
_TRIAL = "Ce message d’essai vient de relance. Votre messagerie l’a accepté, et aucun client ne l’a reçu.\n"
_PASSWORD = "    Mot de passe (ne s’affiche pas ; Entrée : plus tard) :"
_SERVER = "    Serveur d’envoi, ou votre messagerie (ovh, ionos, gandi…) ; « dossier » pour des brouillons :"
_AS_DRAFTS = "folder"
_FOLDER: Literal["dossier"] = "dossier"
_NO_USER = ("none", "aucun", "non")
"""What is typed for the user of a server that asks for no log-in."""
_WAYS = {"mot de passe": "password", "serveur": "server", "réessayer": "again", "plus tard": "later"}
_SETTINGS = re.compile(r" \(smtp\.[^)]*\)")
"""Where a sentence names the settings of what it says, which who answers questions has not got yet."""


def mail(begun: Begun, given: MailGiven) -> None:
    """How messages leave: through a server that is tried at once, or as drafts into the mailbox, or into a folder."""
    if given.transport == "drafts":
        begun.told["delivery"] = {"transport": given.transport}
        _mailbox(begun, given)
        return
    if given.transport and given.transport != "smtp":
        begun.told["delivery"] = {"transport": given.transport}
        return
    if given.user.casefold() in _NO_USER and given.password_command:
        raise UsageError("--user none est sans mot de passe.", "Retirez --password-command, ou donnez votre nom.")
    place = _server(begun, given)
    while place is not None:
        place = _tried(begun, place, given)


def _server(begun: Begun, given: MailGiven) -> "Place | None":
    """The account at the server that is given, that goes with the address, or that the person names; None: drafts."""
    from relance.config.providers import provider_of
    from relance.delivery.domain import mail_servers

    email = str(begun.told["sender"]["email"])
    if given.host:
        return _at(given.host, given.user, email)
    known = (
        _provider(given.provider) if given.provider else provider_of(email) or provider_of(email, mail_servers(email))
    )
    if known is not None:
        return _of_provider(known, given.user, email)
    return _asked_server(begun, given.user)


def _asked_server(begun: Begun, user: str) -> "Place | None":
    """The server that the person names; UsageError where there is nobody to ask."""
    email = str(begun.told["sender"]["email"])
    if begun.talk is None:
        raise UsageError(
            f"Le serveur d’envoi de « {email} » n’est pas connu : rien n’est écrit.",
            "Ajoutez --host ssl0.ovh.net, --provider ovh ou --transport folder (des brouillons).",
        )

    typed = needed(begun.talk, "", _SERVER, partial(_named, user=user, email=email), "--host")
    if typed == _FOLDER:
        _into_folder(begun)
        return None
    account, known = typed
    if known is None and not user:
        question = "    Votre nom d’utilisateur chez ce serveur (Entrée : l’adresse ; « aucun » : sans mot de passe) :"
        typed_user = answered(begun.talk, "", question, a_setting("smtp", "user"), email)
        account = account._replace(user=_log_in_as(typed_user))
    return account, known


def _named(text: str, user: str, email: str) -> "Place | Literal['dossier']":
    """The server that a person types: a provider, a host with or without its port, or the word for a folder."""
    from relance.config.providers import provider_named

    if text.casefold() == _FOLDER:
        return _FOLDER
    known = provider_named(text)
    return _at(text, user, email) if known is None else _of_provider(known, user, email)


def _provider(key: str) -> "MailProvider":
    from relance.config.providers import PROVIDERS, provider_named

    known = provider_named(key)
    if known is None:
        raise UsageError(
            f"« {key} » n’est pas une messagerie connue.", f"Connues : {', '.join(p.key for p in PROVIDERS)}."
        )
    return known


def _of_provider(known: "MailProvider", user: str, email: str) -> "Place":
    from relance.config.providers import user_at

    there = known.smtp
    return _account(there.host, there.port, there.security, user or user_at(there, email)), known


def _at(text: str, user: str, email: str) -> "Place":
    """A server by name, or by name and port; UsageError for what is no name. One of this machine is a relay."""
    from relance.config.providers import provider_at, user_at

    host, colon, number = text.strip().rpartition(":") if text.count(":") == 1 else (text.strip(), "", "")
    check(host, "smtp", "host")
    known = provider_at(host, email)
    if known is not None and not colon:
        return _of_provider(known, user, email)
    if colon and not (number.isdecimal() and 0 < int(number) < 65536):
        raise UsageError(f"« {number} » n’est pas un port.", "Exemple : ssl0.ovh.net:465.")
    port = int(number) if colon else 0
    security: Security = "tls" if port == 465 else "starttls"
    if is_loopback(host) and port not in (465, 587):
        security = "none"
    name = user or (user_at(known.smtp, email) if known else email)
    return _account(host, port or DEFAULT_PORTS["smtp"][security], security, name), known


def _account(host: str, port: int, security: Security, user: str) -> Account:
    return Account("smtp", host, port, security, _log_in_as(user), timeout=TRIAL_SECONDS)


def _log_in_as(user: str) -> str:
    """The user's name at the server, empty where it asks for none."""
    return "" if user.casefold() in _NO_USER else user


def _tried(begun: Begun, place: "Place", given: MailGiven) -> "Place | None":
    """Connect with the password; None once that is settled, else the server to try next."""
    account, known = place
    begun.account, begun.password = account, ""
    begun.told["smtp"] = {"host": account.host, "port": account.port, "security": account.security}
    if begun.talk is not None and known is not None:
        begun.talk.tell("    Serveur reconnu : {} ({}).", known.name, f"{account.host}, {account.port}")
        if known.hint:
            begun.talk.tell(f"    {known.hint}.")
    if known is not None and known.password == "none":
        _by_token(begun, account, known, given.password_command)
        return None
    if given.password_command:
        check(given.password_command, "smtp", "password_command")
        _by_command(begun, account, "password_command", given.password_command)
        return None
    if begun.talk is None:
        _without_password(begun, account, given.user)
        return None
    return _by_word(begun, begun.talk, account)


def _by_word(begun: Begun, talk: Talk, account: Account) -> "Place | None":
    """Ask for the password and try it, as often as the person wants to."""
    way = "password"
    while True:
        if way == "password" and account.user:
            typed = talk.secret("    Mot de passe (ne s’affiche pas ; Entrée : plus tard) :")
            begun.password = cleaned(account, typed) or ""
            if not begun.password and not is_loopback(account.host):
                break
        try:
            _connect(begun, talk, account)
            return None
        except DeliveryError as error:
            talk.tell("    {}", _SETTINGS.sub("", error.shown))
            likely = "server" if isinstance(error, UnreachedError) else "password"
        question = "    [m]ot de passe de nouveau, autre [s]erveur, [r]éessayer, [p]lus tard (Entrée : {}) :"
        way = answered(talk, "", question, one_of(_WAYS), likely, "s" if likely == "server" else "m")
        if way == "server":
            return _asked_server(begun, "")
        if way == "later":
            begun.lacking.append("Envoi : la connexion n’a pas réussi → relance check")
            break
    if begun.password:
        begun.told["smtp"]["user"] = account.user
    elif account.user:
        _without_password(begun, account, account.user)
    return None


def _connect(begun: Begun, talk: Talk, account: Account) -> None:
    """Log in, and send a message to oneself where that is wanted; DeliveryError where the server does not let in."""
    from relance.delivery.smtp import probe

    probe(account, begun.password or None)
    if begun.password:
        begun.told["smtp"]["user"] = account.user
    question = "    Connexion acceptée. Un message d’essai à vous-même ? [O/n]"
    if not answered(talk, "", question, YES_NO, True):
        return
    try:
        _send_trial(begun, account)
        talk.tell("    Envoyé : {}.", str(begun.told["sender"]["email"]))
    except (DeliveryError, MessageError) as error:
        talk.tell("    {}", error.shown)
        begun.lacking.append("Message d’essai refusé : voyez l’adresse d’envoi → relance check")


def _send_trial(begun: Begun, account: Account) -> None:
    from relance.core.message import Letter, Sender
    from relance.delivery.trial import send_to_oneself

    sender = Sender(str(begun.told["sender"]["name"]), str(begun.told["sender"]["email"]))
    send_to_oneself(account, begun.password or None, sender, Letter("Message d’essai de relance", _TRIAL), begun.at)


def _by_command(begun: Begun, account: Account, way: Literal["password_command", "token_command"], text: str) -> None:
    """What proves the user is what a command of his shows; that it does not work is said, and written all the same."""
    from relance.delivery.secret import read_password
    from relance.delivery.smtp import probe

    begun.told["smtp"] |= {"user": account.user, way: text}
    begun.account = None  # nothing is to be kept
    words = tuple(shlex.split(text))
    where = Secret(token_command=words) if way == "token_command" else Secret(password_command=words)
    account = account._replace(secret=where)
    try:
        probe(account, read_password(account))
        if begun.talk is not None:
            begun.talk.tell("    Connexion acceptée.")
    except RelanceError as error:
        begun.lacking.append(f"Envoi : {error.shown} → relance check")


def _by_token(begun: Begun, account: Account, known: "MailProvider", text: str) -> None:
    """A provider that takes no password: the command that shows an access token, else drafts until there is one."""
    takes = a_setting("smtp", "token_command")
    question = (
        "    Sans mot de passe : la commande qui affiche un jeton d’accès (« relance help courrier » ; Entrée : des "
        "brouillons en attendant) :"
    )
    command = answered(begun.talk, text, question, takes, "")
    if command:
        begun.told["smtp"]["auth"] = "xoauth2"
        _by_command(begun, account, "token_command", command)
        return
    if begun.talk is None:
        raise UsageError(
            f"{known.name} ne prend pas de mot de passe, mais un jeton OAuth2 : rien n’est écrit.",
            "Donnez la commande qui l’affiche par --password-command, ou --transport folder (des brouillons).",
        )
    _into_folder(begun)


def _into_folder(begun: Begun) -> None:
    """Drafts, and nothing of a server that was tried before."""
    begun.account, begun.password, begun.told["smtp"] = None, "", {}
    begun.told["delivery"] = {"transport": _AS_DRAFTS}


def _without_password(begun: Begun, account: Account, user: str) -> None:
    """Settings that say where the password will be; a relay of this machine wants none, unless a user is named."""
    if not account.user or (is_loopback(account.host) and not user):
        return
    variable = f"RELANCE_{account.protocol.upper()}_PASSWORD"
    begun.told[account.protocol] |= {"user": account.user, "password_env": variable}
    begun.lacking.append(
        f"Mot de passe : dans la variable {variable}, ou password_command sous [{account.protocol}] → relance help "
        "courrier"
    )


def _mailbox(begun: Begun, given: MailGiven) -> None:
    """The mailbox whose Drafts folder takes the messages: its server, tried at once, and its password."""
    if given.user.casefold() in _NO_USER:
        raise UsageError("Une boîte veut votre nom.", "Retirez --user none, ou donnez --transport folder.")
    account, known = _imap(begun, given)
    begun.told["imap"] = {"host": account.host, "port": account.port, "security": account.security}
    tokens, command = known is not None and known.password == "none", given.password_command
    if tokens and not command:
        raise UsageError(
            f"{account.host} ne prend pas de mot de passe, mais un jeton OAuth2 : rien n’est écrit.",
            "Donnez la commande qui l’affiche par --password-command, ou --transport folder.",
        )
    if command:
        way = "token_command" if tokens else "password_command"
        check(command, "imap", way)
        begun.told["imap"] |= {"user": account.user, way: command} | ({"auth": "xoauth2"} if tokens else {})
        words = tuple(shlex.split(command))
        account = account._replace(secret=Secret(token_command=words) if tokens else Secret(password_command=words))
    elif begun.talk is not None:
        begun.account, begun.password = account, cleaned(account, begun.talk.secret(_PASSWORD)) or ""
    if begun.password:
        begun.told["imap"]["user"] = account.user
    elif not command:
        _without_password(begun, account, account.user)
        return
    _try_mailbox(begun, account)


def _try_mailbox(begun: Begun, account: Account) -> None:
    """Log in and look for the folder; that it does not work is said, and written all the same."""
    from zoneinfo import ZoneInfo

    from relance.delivery.drafts import own_folders
    from relance.delivery.secret import read_password

    try:
        drafts, _ = own_folders(account, begun.password or read_password(account), ZoneInfo(DEFAULT_TIMEZONE))
    except RelanceError as error:
        begun.lacking.append(f"Boîte : {error.shown} → relance check")
        return
    if not drafts:
        begun.lacking.append("Boîte : dossier des brouillons introuvable → relance check")
    elif begun.talk is not None:
        begun.talk.tell("    Connexion acceptée, brouillons dans « {} ».", drafts)


def _imap(begun: Begun, given: MailGiven) -> "Place":
    """The IMAP server that is given, that goes with the address, or that the person names."""
    from relance.config.providers import provider_at, provider_of, user_at
    from relance.delivery.domain import mail_servers

    email = str(begun.told["sender"]["email"])
    known = provider_at(given.host, email) if given.host else _provider(given.provider) if given.provider else None
    if not given.host and known is None:
        known = provider_of(email) or provider_of(email, mail_servers(email))
    if known is not None:
        there = known.imap
        name = given.user or user_at(there, email)
        return Account("imap", there.host, there.port, there.security, name, timeout=TRIAL_SECONDS), known
    if given.host:
        return _imap_at(given.host, given.user or email), None
    if begun.talk is None:
        raise UsageError(
            f"Le serveur de la boîte de « {email} » n’est pas connu : rien n’est écrit.",
            "Ajoutez --host imap.example.com, ou --provider ovh.",
        )
    question = "    Serveur de votre boîte (IMAP), comme imap.example.com :"
    return needed(begun.talk, "", question, partial(_imap_at, user=given.user or email), "--host"), None


def _imap_at(text: str, user: str) -> Account:
    """A server by name, or by name and port; one of this machine is not encrypted, but where its port says so."""
    host, _, number = text.partition(":")
    check(host, "imap", "host")
    if number and not (number.isdecimal() and 0 < int(number) < 65536):
        raise UsageError(f"« {number} » n’est pas un port.", "Exemple : imap.example.com:993.")
    port = int(number or DEFAULT_PORTS["imap"]["tls"])
    plain = is_loopback(host) and port != DEFAULT_PORTS["imap"]["tls"]
    return Account("imap", host, port, "none" if plain else "tls", user, timeout=TRIAL_SECONDS)


def keep_password(begun: Begun) -> "Kept | None":
    """Put the password where runs find it, and say so in the settings; None where there is none, or nowhere to."""
    if begun.account is None or not begun.password:
        return None
    from relance.config import user_folder
    from relance.delivery.secret import keep

    folder = user_folder(os.environ)
    try:
        if folder is None:
            raise SettingsError("Aucun dossier personnel (HOME) où garder le mot de passe.")
        kept = keep(begun.account, begun.password, folder)
    except SettingsError as error:
        begun.lacking.append(error.shown)
        _without_password(begun, begun.account, begun.account.user)
        return None
    begun.told[begun.account.protocol][kept.setting] = kept.value
    where = "dans le trousseau" if kept.setting == "keyring" else f"dans « {kept.value[-1]} », pour vous seul"
    begun.lacking.append(f"Mot de passe gardé {where}.")
    return kept


def forget_password(begun: Begun, kept: "Kept | None") -> None:
    """Take back what `keep_password` did."""
    if kept is not None and begun.account is not None:
        from relance.delivery.secret import let_go

        let_go(begun.account, kept)
