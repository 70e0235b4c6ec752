"""An account and its provider: what cannot go together, what hardly can, and what the provider means when it refuses.

Said before a server refuses, so that no account is locked by attempts, and after it in the user's words.
"""

import re
from datetime import date

from relance.config.providers import MailProvider, provider_at, provider_of
from relance.delivery.account import DEFAULT_PORTS, Account, Security, is_loopback
from relance.errors import SettingsError

MICROSOFT_ENDS = date(2026, 12, 31)
"""The last day on which Microsoft 365 takes passwords for sending where nobody asks it to (config/providers.py)."""
_LETTERS = re.compile(r"[a-z]{16}")
_APP_PASSWORD = re.compile(r"[a-z]{4}(?:\s[a-z]{4}){3}")  # as Google and Yahoo show it, no-break spaces included
_NO_PASSWORDS = re.compile(r"basic authentication is|smtpclientauthentication|5\.7\.(?:30|139)\b", re.IGNORECASE)
_TENANT = re.compile(r"smtpclientauthentication", re.IGNORECASE)
_WANTS_APP = re.compile(r"5\.7\.9\b|app(?:lication)?[- ](?:specific )?password", re.IGNORECASE)
_WANTS_BROWSER = re.compile(r"5\.7\.14\b|web browser|WEBALERT", re.IGNORECASE)
_TO_TOKENS = 'mettez auth = "xoauth2" et token_command (relance help courrier)'


def cleaned(account: Account, password: str | None) -> str | None:
    """The password as it is sent: the spaces with which a provider shows one for programs are no part of it."""
    provider = provider_at(account.host, account.user)
    if password and provider is not None and provider.password == "app" and _APP_PASSWORD.fullmatch(password.strip()):
        return "".join(password.split())
    return password


def refuse_hopeless(account: Account) -> None:
    """SettingsError where this provider takes no password at all, whatever it is."""
    provider = provider_at(account.host, account.user)
    if provider is None or provider.password != "none" or not account.user or account.secret.token_command:
        return
    if provider.key == "outlook":
        said = "Outlook.com ne prend plus de mot de passe, ni d’application, depuis septembre 2024"
    elif account.protocol == "imap":
        said = "Microsoft 365 n’ouvre plus de boîte par mot de passe depuis 2022"
    else:
        return
    raise SettingsError(f"{account.server} : {said}.", f"Sous [{account.protocol}], {_TO_TOKENS}.")


def doubts(account: Account, today: date, password: str | None = None) -> list[str]:
    """What will hardly work, or not for long, before anybody is connected to; French, each with its cure.

    The password is looked at where one is read; with a token there is none.
    """
    provider = provider_at(account.host, account.user)
    found = [_ending(account, provider, today), _name(account, provider), _port(account)]
    told = cleaned(account, password)
    if told and provider is not None and provider.key == "gmail" and not _LETTERS.fullmatch(told):
        found.append(f"Gmail ne prend qu’un mot de passe d’application, de 16 lettres. {provider.hint}.")
    return [doubt for doubt in found if doubt]


def meant(account: Account, said: str) -> str:
    """What a server's refusal of a log-in means at this provider, and its cure; empty where nobody knows."""
    provider = provider_at(account.host, account.user)
    if _NO_PASSWORDS.search(said):
        return _closed(account, provider, said)
    if account.secret.token_command:
        return ""
    if _WANTS_BROWSER.search(said):
        return "Ouvrez votre messagerie une fois dans un navigateur, validez la connexion, puis réessayez."
    hint = f" {provider.hint}." if provider is not None and provider.hint else ""
    if _WANTS_APP.search(said) or (provider is not None and provider.password == "app"):
        who = provider.name if provider is not None else "Votre messagerie"
        return f"{who} veut un mot de passe d’application, non celui de votre compte.{hint}"
    return _name(account, provider) or (f"Vérifiez le mot de passe.{hint}" if hint else "")


def unreachable(account: Account) -> str:
    """Why nobody listens where a provider's own program should, empty elsewhere."""
    provider = provider_of(account.user)
    if is_loopback(account.host) and provider is not None and is_loopback(provider.smtp.host):
        return f"{provider.hint}."
    return ""


def _closed(account: Account, provider: MailProvider | None, said: str) -> str:
    """A Microsoft server that takes no passwords, or none of this tenant, whose switch closes to tokens too."""
    switch = "demandez à votre administrateur d’ouvrir « SMTP authentifié » pour cette boîte"
    if account.secret.token_command:
        return f"{switch[0].upper()}{switch[1:]}."
    tokens = f"Microsoft ne prend pas ce mot de passe : sous [{account.protocol}], {_TO_TOKENS}"
    own = provider is not None and provider.key == "outlook"
    return f"{tokens}, ou {switch}." if _TENANT.search(said) and not own else f"{tokens}."


def _ending(account: Account, provider: MailProvider | None, today: date) -> str:
    """Of a password that still works at Microsoft 365, until when."""
    if provider is None or provider.key != "microsoft365" or account.protocol != "smtp":
        return ""
    if account.secret.token_command or not account.user:
        return ""
    ends = (
        "cesse fin décembre 2026 de prendre les mots de passe à l’envoi"
        if today <= MICROSOFT_ENDS
        else "ne prend plus de mot de passe à l’envoi depuis janvier 2027"
    )
    return f"Microsoft 365 {ends}, sauf si votre administrateur l’a rouvert : sous [smtp], {_TO_TOKENS}."


def _name(account: Account, provider: MailProvider | None) -> str:
    """Of a user's name of another shape than this provider's."""
    if provider is None or not account.user:
        return ""
    local, at, domain = account.user.rpartition("@")
    if provider.at(account.protocol).login == "address":
        return "" if at else f"{provider.name} veut pour nom l’adresse entière : complétez {account.protocol}.user."
    if domain.casefold() not in provider.domains:
        return ""
    return f'{provider.name} veut pour nom ce qui précède le @ : {account.protocol}.user = "{local}".'


def _port(account: Account) -> str:
    """Of a port whose encryption is another one (RFC 8314)."""
    of_port: dict[int, Security] = {DEFAULT_PORTS[account.protocol][each]: each for each in ("tls", "starttls")}
    fits = of_port.get(account.port, account.security)
    if fits == account.security or account.security == "none":
        return ""
    return f'Le port {account.port} va avec {account.protocol}.security = "{fits}".'
