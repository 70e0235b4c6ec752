"""[smtp] and [imap]: one row a setting of the accounts that mail leaves through and comes back to."""

from typing import Annotated

from pydantic import AfterValidator

from relance.config import accepted
from relance.config.rows import SettingsTable, shown
from relance.delivery.account import DEFAULT_PER_MINUTE, DEFAULT_TIMEOUT, Auth, SaveSent


class AccountTable(SettingsTable):
    """What [smtp] and [imap] both say: where, as whom, and where the password is."""

    host: accepted.Host = shown("smtp.example.com", ...)
    """Le serveur d’envoi de votre messagerie."""
    port: accepted.Port | None = shown(587)
    """Le port ; par défaut, 587 avec "starttls", 465 avec "tls", 25 avec "none"."""
    security: accepted.Security = "starttls"
    """Le chiffrement : "starttls", "tls", ou "none" pour un serveur de cette machine seulement."""
    user: accepted.Line | None = shown("prenom.nom@example.com")
    """Votre nom d’utilisateur chez ce serveur ; par défaut, aucune identification."""
    auth: Auth | None = "password"
    """Ce qui prouve que c’est vous : "password", ou "xoauth2" (OAuth2), que veulent Outlook.com et Microsoft 365."""
    password_env: accepted.Variable | None = shown("RELANCE_SMTP_PASSWORD")
    """La variable d’environnement qui contient le mot de passe, qui ne s’écrit jamais ici ; par défaut, aucune."""
    password_command: accepted.Command | None = shown("pass show smtp")
    """ou bien, à la place, la commande qui l’affiche (un texte ou une liste de mots)."""
    keyring: accepted.Service | None = shown("relance")
    """ou bien le nom sous lequel le trousseau du système le garde (pip install 'relance[keyring]')."""
    token_command: accepted.Command | None = shown("ortie token show --auto-refresh")
    """ou bien, avec auth = "xoauth2", la commande qui affiche un jeton d’accès (relance help courrier)."""
    timeout: accepted.Seconds = DEFAULT_TIMEOUT
    """Le temps d’attente d’une réponse du serveur, en secondes."""


class SmtpTable(AccountTable):
    """[smtp]: the mail server."""

    per_minute: Annotated[int, accepted.whole(1, 6000, "messages")] = DEFAULT_PER_MINUTE
    """Le nombre de messages par minute, au plus."""


class ImapTable(AccountTable):
    """[imap]: the mailbox where answers and bounces arrive; its account is that of [smtp] where it has none."""

    host: accepted.Host = shown("imap.example.com", ...)
    """Le serveur IMAP de votre messagerie."""
    port: accepted.Port | None = shown(993)
    """Le port ; par défaut, 993 avec "tls", 143 avec "starttls" et "none"."""
    security: accepted.Security = "tls"
    """Le chiffrement : "tls", "starttls", ou "none" pour un serveur de cette machine seulement."""
    user: accepted.Line | None = shown("prenom.nom")
    """Votre nom d’utilisateur chez ce serveur ; par défaut, celui de [smtp]."""
    auth: Auth | None = shown("password")
    """Ce qui prouve que c’est vous : "password" ou "xoauth2" ; par défaut, comme sous [smtp] si le secret en vient."""
    password_env: accepted.Variable | None = shown("RELANCE_IMAP_PASSWORD")
    """La variable d’environnement qui contient le mot de passe ; par défaut, comme sous [smtp]."""
    folders: Annotated[
        list[accepted.Line],
        AfterValidator(accepted.distinct),
        accepted.says('une liste comme ["INBOX", "Sent"]', min_length=1),
    ] = shown(["INBOX", "Sent"], [])
    """Les dossiers à lire ; par défaut, la boîte de réception, les archives et les messages envoyés."""
    drafts_folder: accepted.Line | None = shown("Brouillons")
    """Le dossier de vos brouillons (transport = "drafts") ; par défaut, celui que votre messagerie annonce."""
    save_sent: Annotated[SaveSent, accepted.says('"auto", true ou false')] = "auto"
    """Une copie de chaque envoi dans vos messages envoyés : true, false, ou "auto" (sauf si le serveur l’y met)."""
