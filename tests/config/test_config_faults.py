"""What is wrong in relance.toml: every error at once, each located, none telling a secret."""

import re
from pathlib import Path

import pytest

from relance.config import load_settings
from relance.errors import SettingsError
from relance.french import typeset

SENDER = '[sender]\nname = "Alix"\nemail = "alix@example.com"\n'
STAGE = '[[stages]]\nkey = "friendly"\n'


def _refused(folder: Path, text: str, head: str = SENDER) -> SettingsError:
    path = folder / "relance.toml"
    path.write_text(head + text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(path)
    return caught.value


def _lines(error: SettingsError) -> list[str]:
    assert error.cure.startswith("\n- ")
    return [line.removeprefix("- ") for line in error.cure.strip().splitlines()]


WRONG = [
    ("siret = '123'", "sender.siret : « \"123\" » ne convient pas ; attendu : les 14 chiffres du SIRET"),
    ("iban = 'FR76'", "sender.iban : « FR76 » ne convient pas ; attendu : un IBAN, comme FR76 3000"),
    ("iban = 'FR7630006000011234567890188'", "sender.iban : « FR7630006000011234567890188 » ne convient pas ; "
     "attendu : un IBAN dont la clé de contrôle est juste"),
    ("iban = 'FR133000600001123456789018'", "sender.iban : « FR133000600001123456789018 » ne convient pas ; "
     "attendu : un IBAN de la longueur de ceux de son pays (27 caractères en France)."),
    ("iban = 'XX9030006000011234567890189'", "sender.iban : « XX9030006000011234567890189 » ne convient pas ; "
     "attendu : un IBAN qui commence par les deux lettres d’un pays, comme FR."),
    ("bic = 'agri'", "sender.bic : « agri » ne convient pas ; attendu : un BIC de 8 ou 11 caractères en majuscules."),
    ("signature = \"a\\u0007\"", "sender.signature : « a\\x07 » ne convient pas ; attendu : un texte"),
    ("voice = \"a\\nBcc: x@y.fr\"", "sender.voice : « a\\nBcc: x@y.fr » ne convient pas ; attendu : un texte"),
    ("[invoices]\nfile = 3", "invoices.file : « 3 » ne convient pas ; attendu : un chemin, relatif au dossier"),
    ("[policy]\nhours = '8-18'", "policy.hours : « 8-18 » ne convient pas ; attendu : deux heures, comme"),
    ("[policy]\nhours = '18:00-08:00'", "policy.hours : « 18:00-08:00 » ne convient pas ; attendu : une première heure "
     "qui précède la seconde"),
    ("[policy]\nhours = '08:00-25:00'", "policy.hours : « 08:00-25:00 » ne convient pas ; attendu : deux heures qui "
     "existent, de 00:00 à 24:00"),
    ("[policy]\nschedule = 'fone'", "policy.schedule : « fone » n’est le nom d’aucun calendrier ; attendu : default, "
     "long, phone, phone-late"),
    ("[policy]\nschedule = 'phone'\n" + STAGE, "policy.schedule : « phone » a ses propres étapes ; attendu : ce "
     "calendrier ou vos blocs [[stages]]"),
    ("[[schedules]]\nname = 'phone'\nstages = [{key = 'firm', day = 9}]", "schedules[0].name (1er bloc [[schedules]]) "
     ": « phone » est le calendrier tout fait de ce nom ; attendu : un autre nom"),
    ("[smtp]\nhost = 'h'\nport = 70000", "smtp.port : « 70000 » ne convient pas ; attendu : un nombre entier de 1 à"),
    ("[smtp]\nhost = 'h'\nport = '587'", 'smtp.port : « "587" » ne convient pas'),
    ("[smtp]\nhost = 'h'\nsecurity = 'ssl'", 'smtp.security : « ssl » ne convient pas ; attendu : "starttls", "tls"'),
    ("[smtp]\nhost = 'h.fr'\nsecurity = 'none'", "smtp.security : « none » enverrait messages et mot de passe en"),
    ("[smtp]\nhost = 'h.fr:25'", "smtp.host : « h.fr:25 » ne convient pas ; attendu : le nom ou l’adresse du serveur"),
    ("[smtp]\nport = 25", "smtp.host : manque ; attendu : le nom ou l’adresse du serveur"),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'",
        "smtp.password_env : manque ; attendu : password_env, password_command, keyring ou token_command",
    ),
    ("[smtp]\nhost = 'h'\npassword_env = 'P'", "smtp.user : manque ; attendu : le nom d’utilisateur"),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\npassword_env = 'P'\npassword_command = 'p'",
        "smtp.password_command : password_env est déjà donné ; attendu : une seule façon",
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nkeyring = 'k'\npassword_env = 'P'",
        "smtp.keyring : password_env est déjà donné ; attendu : une seule façon",
    ),
    ("[imap]\nhost = 'h'", "imap.user : manque ; attendu : votre nom d’utilisateur, ici ou dans smtp.user"),
    ("[imap]\nhost = 'h'\nkeyring = 'k'", "imap.user : manque ; attendu : le nom d’utilisateur qui va avec"),
    ("[imap]\nhost = 'h'\nuser = 'u'", "imap.password_env : manque ; attendu : password_env, password_command"),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nkeyring = 'k'\n[imap]\nhost = 'h'\nuser = 'v'",
        "imap.password_env : manque ; attendu : password_env, password_command",
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nauth = 'xoauth2'\nkeyring = 'k'",
        "smtp.token_command : manque ; attendu : la commande qui affiche un jeton d’accès",
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\ntoken_command = 'ortie token show'",
        'smtp.auth : manque ; attendu : "xoauth2", puisque token_command est donné',
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nauth = 'password'\ntoken_command = 'ortie token show'",
        'smtp.auth : ne va pas ; attendu : "xoauth2", puisque token_command est donné',
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nauth = 'oauth'\nkeyring = 'k'",
        'smtp.auth : la valeur (masquée) ne convient pas ; attendu : "password" ou "xoauth2".',
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nauth = 'xoauth2'\ntoken_command = 't'\nkeyring = 'k'",
        "smtp.token_command : keyring est déjà donné ; attendu : une seule façon",
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nkeyring = 'k'\n[imap]\nhost = 'h'\nauth = 'xoauth2'",
        "imap.token_command : manque ; attendu : la commande qui affiche un jeton d’accès",
    ),
    (
        "[smtp]\nhost = 'h'\nuser = 'u'\nauth = 'xoauth2'\npassword_command = 'c'\n"
        "[imap]\nhost = 'h'\nauth = 'password'",
        "imap.auth : n’est pas celui de [smtp], dont cette boîte a le mot de passe",
    ),
    (
        "[imap]\nhost = 'h.fr'\nuser = 'u'\nkeyring = 'k'\nsecurity = 'none'",
        "imap.security : « none » enverrait messages et mot de passe en",
    ),
    (
        "[imap]\nhost = 'h'\nuser = 'u'\nkeyring = 'k'\npassword = 'hunter2'",
        "imap.password : un mot de passe ne s’écrit jamais",
    ),
    (
        "[imap]\nhost = 'h'\nuser = 'u'\nkeyring = 'k'\nfolders = ['A', 'A']",
        "imap.folders : une liste ne convient pas ; attendu : une liste où",
    ),
    ("[charges]\nrate = '14,0'", "charges.rate : « \"14,0\" » ne convient pas ; attendu : un nombre sans guillemets, "
     "avec un point et sans unité : 14.0."),
    ("[charges]\nrate = 101", "charges.rate : « 101 » ne convient pas ; attendu : un nombre de 0 à 100, en pour cent"),
    ("[charges]\nrate = -0.1", "charges.rate : « -0.1 » ne convient pas"),
    ("[charges]\nrate = nan", "charges.rate : « NaN » ne convient pas"),
    ("[charges]\nrate = true", "charges.rate : « true » ne convient pas"),
    ("[charges]\nrate = 'ecb-10'", "charges.rate : « ecb-10 » ne convient pas ; attendu : un nombre de 0 à 100"),
    ("[charges]\nrate = '2/day'", "charges.rate : « 2/day » ne convient pas ; attendu : un nombre de 0 à 100"),
    ("[charges]\nimputation = 'fees'", 'charges.imputation : « fees » ne convient pas ; attendu : "principal"'),
    ("[charges.rates]\n2027-S3 = {ecb = 2}", "charges.rates.2027-S3 : « 2027-S3 » n’est pas un semestre ; attendu"),
    ("[charges.rates]\n2027-S1 = {}", "charges.rates.2027-S1 : ne dit rien ; attendu : ecb (taux de la BCE), legal"),
    ("[charges.rates]\n2027-S1 = 2.65", "charges.rates.2027-S1 : « 2.65 » ne convient pas ; attendu : une table comme"),
    ("[charges.rates]\n2027-S1 = {ecb = '2,65'}", "charges.rates.2027-S1.ecb : « \"2,65\" » ne convient pas"),
    ("[charges.rates]\n2027-S1 = {bce = 2.65}", "charges.rates.2027-S1.bce : clé inconnue (valeur « 2.65 »)"),
    ("[[customers]]\nmatch = 'A'\ncharges = {rate = 'x'}", "customers[0].charges.rate (1er bloc [[customers]])"),
    ("[charges]\nrecovery_fee = 41", "charges.recovery_fee : « 41 » ne convient pas ; attendu : un montant de 0 à 40"),
    ("[charges]\nrecovery_fee = 40.001", "charges.recovery_fee : « 40.001 » ne convient pas ; attendu : un montant de"),
    ("[charges]\nshow_from = 'frim'", "charges.show_from : « frim » n’est le nom d’aucune étape ; attendu : courtesy,"),
    ("[policy]\ngroup = 'oui'", "policy.group : « oui » ne convient pas ; attendu : true ou false, sans guillemets → "),
    ("[policy]\nmin_gap_days = 7.5", "policy.min_gap_days : « 7.5 » ne convient pas ; attendu : un nombre entier de"),
    ("[policy]\nmax_per_run = 0", "policy.max_per_run : « 0 » ne convient pas ; attendu : un nombre entier de 1 à"),
    ("[policy]\nclosed = ['2026-02-30']", "policy.closed[0] : « 2026-02-30 » ne convient pas ; attendu : une date qui"),
    ("[policy]\nclosed = ['2026-02-03/2026-02-01']", "policy.closed[0] : « 2026-02-03/2026-02-01 » ne convient pas"),
    ("[policy]\nclosed = '2026-02-03'", "policy.closed : « 2026-02-03 » ne convient pas ; attendu : une liste de"),
    ("[policy]\nclosed = [2026-02-03T10:00:00]", "policy.closed[0] : « 2026-02-03T10:00:00 » ne convient pas"),
    ("[policy]\ntimezone = 'Europe/Pari'", 'policy.timezone : « Europe/Pari » ne convient pas ; attendu : un fuseau '
     'horaire, comme "Europe/Paris".'),
    ("[policy]\ntimezone = '../etc'", "policy.timezone : « ../etc » ne convient pas"),
    ("[invoices]\ndelimiter = ';;'", "invoices.delimiter : « ;; » ne convient pas ; attendu : un seul caractère"),
    ("[invoices]\nencoding = 'rot13'", "invoices.encoding : « rot13 » ne convient pas ; attendu : un encodage connu"),
    ("[invoices]\ndate_order = 'jma'", 'invoices.date_order : « jma » ne convient pas ; attendu : "dmy", "mdy" ou'),
    ("[invoices]\nmax_rows = 0", "invoices.max_rows : « 0 » ne convient pas ; attendu : un nombre entier de 1 à"),
    ("[invoices]\nmax_columns = '9'", 'invoices.max_columns : « "9" » ne convient pas ; attendu : un nombre entier'),
    ("[invoices.columns]\ntotal = 3", "invoices.columns.total : « 3 » ne convient pas ; attendu : l’en-tête"),
    ("[stages]\nkey = 'firm'", "stages : une table ne convient pas ; attendu : au moins un bloc [[stages]]"),
    ("stages = 3\n", "sender.stages : clé inconnue (valeur « 3 »)"),
    (STAGE + STAGE, "stages[1].key (2e bloc [[stages]]) : « friendly » est déjà dit par stages[0].key"),
    (STAGE + "day = 'x'", "stages[0].day (1er bloc [[stages]]) : « x » ne convient pas ; attendu : un nombre entier"),
    (STAGE + "[[stages]]\nkey = 'firm'\nday = 5", "stages[1].day (2e bloc [[stages]]) : le jour 5 est déjà celui de"),
    (STAGE + "[[stages]]\nkey = 'firm'\nday = 3", "stages[1].day (2e bloc [[stages]]) : le jour 3 vient après le"),
    ("[[stages]]\nkey = 'autre'\nday = 3", "stages[0].label (1er bloc [[stages]]) : manque ; « autre » n’est pas une"),
    ("[[stages]]\nkey = 'autre'\nlabel = 'x'", "stages[0].day (1er bloc [[stages]]) : manque ; « autre » n’est pas"),
    ("[[stages]]\nkey = 'Été'\nday = 3\nlabel = 'x'", "stages[0].key (1er bloc [[stages]]) : « Été » ne convient pas"),
    ("[[stages]]\nkey = 'thanks'\nday = 3\nlabel = 'x'", "stages[0].key (1er bloc [[stages]]) : « thanks » ne"),
    (STAGE + "channels = []", "stages[0].channels (1er bloc [[stages]]) : une liste ne convient pas"),
    (STAGE + "channels = ['email', 'fax']", "stages[0].channels[1] (1er bloc [[stages]]) : « fax » ne convient pas"),
    (STAGE + "channels = ['call', 'call']", "stages[0].channels (1er bloc [[stages]]) : une liste ne convient pas ; "
     "attendu : une liste où rien n’est répété."),
    (STAGE + "template = '../x'", "stages[0].template (1er bloc [[stages]]) : « ../x » ne convient pas"),
    ("[[schedules]]\nname = 'a'\nstages = [{key = 'x', day = 1}]", "schedules[0].stages[0].key (1er bloc [[schedules]])"
     " : « x » n’est le nom d’aucune étape ; attendu : courtesy, friendly, firm, formal_notice."),
    ("[[schedules]]\nname = 'a'\nstages = []", "schedules[0].stages (1er bloc [[schedules]]) : une liste ne convient"),
    ("[[schedules]]\nname = 'default'\nstages = [{key = 'firm', day = 1}]", "schedules[0].name (1er bloc [[schedules]])"
     " : « default » est le calendrier des blocs [[stages]] ; attendu : un autre nom."),
    ("[[customers]]\nkind = 'public'", "customers[0].match (1er bloc [[customers]]) : manque"),
    ("[[customers]]\nmatch = 'A'\nkind = 'pro'", "customers[0].kind (1er bloc [[customers]]) : « pro » ne"),
    ("[[customers]]\nmatch = 'A'\nlanguage = 'de'", "customers[0].language (1er bloc [[customers]]) : « de »"),
    ("[[customers]]\nmatch = 'A'\nemail = ['a@b.fr', 'b']", "customers[0].email[1] (1er bloc [[customers]]) : « b »"),
    ("[[customers]]\nmatch = 'A'\nschedule = 'x'", "customers[0].schedule (1er bloc [[customers]]) : « x » n’est le "
     "nom d’aucun calendrier ; attendu : default, long."),
    ("[[customers]]\nmatch = 'Été'\n[[customers]]\nmatch = 'ETE'", "customers[1].match (2e bloc [[customers]]) :"),
    ("[delivery]\ntransport = 'imap'", 'delivery.transport : « imap » ne convient pas ; attendu : "smtp", "drafts"'),
    ("[journal]\nfile = ''", 'journal.file : « "" » ne convient pas ; attendu : un chemin'),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("[smtp]\nhost = 'h'\nport = '587'", "port = 587"),
        ("[smtp]\nhost = 'h'\nsecurity = 'SSL'", 'security = "tls"'),
        ("[policy]\ndefault_kind = 'Société'", 'default_kind = "business"'),
        ("[policy]\ndefault_kind = 'bussiness'", 'default_kind = "business"'),
        ("[policy]\ngroup = 'Non'", "group = false"),
        ("[policy]\nclosed = ['1/8/2026']", '"2026-08-01"'),
        (STAGE + "channels = ['courrier']", '"letter"'),
        ("[smtp]\nhost = 'h'\nuser = 3\npassword_env = 'P'", ""),
        ("[policy]\ndefault_kind = 'voisin'", ""),
    ],
)
def test_what_was_meant_is_written_out(tmp_path: Path, text: str, meant: str) -> None:
    """A French word, a slip, a number in quotes: the line to type ends the sentence, where there is one."""
    (line,) = _lines(_refused(tmp_path, text))
    assert meant == line.partition(" → ")[2]


@pytest.mark.parametrize(
    ("word", "key"), [("nom", "name"), ("Mail", "email"), ("téléphone", "phone"), ("adress", "address")]
)
def test_a_key_in_french_names_the_english_one(tmp_path: Path, word: str, key: str) -> None:
    """As the nearest known one."""
    (line,) = _lines(_refused(tmp_path, f'"{word}" = "x"\n'))[:1]
    assert f"la clé connue la plus proche est «\u00a0{key}\u00a0»" in line


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_one_fault(tmp_path: Path, text: str, expected: str) -> None:
    """Each wrong setting gives one line with its path, the value met and what is accepted."""
    (line,) = _lines(_refused(tmp_path, text))

    assert typeset(expected) == line[: len(typeset(expected))]
    assert line.endswith(".") is (" → " not in line)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("emial = 'a@b.fr'", "sender.emial : clé inconnue (valeur « a@b.fr ») ; la clé connue la plus "
         "proche est « email »."),
        ("[smtp]\nhost = 'h'\nsecurty = 'tls'", "smtp.securty : clé inconnue (valeur masquée) ; la clé connue la plus "
         "proche est « security »."),
        ("[polcy]\ngroup = true", "polcy : table inconnue ; la clé connue la plus proche est « policy »."),
        ("min_gap_days = 3", "sender.min_gap_days : clé inconnue (valeur « 3 ») ; cette clé existe ailleurs : "
         "policy.min_gap_days."),
        ("[invoices.columns]\nnubmer = 'N°'", "invoices.columns.nubmer : clé inconnue (valeur « N° ») ; la clé connue "
         "la plus proche est « number »."),
        ("[journal]\nzzz = [1]", "journal.zzz : clé inconnue ; clés connues ici : file."),
    ],
)  # fmt: skip
def test_nearest_key(tmp_path: Path, text: str, expected: str) -> None:
    """An unknown key comes with the nearest known one, the place where it belongs, or all that is known there."""
    assert [typeset(expected)] == _lines(_refused(tmp_path, text))


def test_all_at_once(tmp_path: Path) -> None:
    """Errors of types, of unknown keys and between settings come together, in the order of the file."""
    text = (
        "[smtp]\nhost = 'h.fr'\nsecurity = 'none'\nport = 0\n[[stages]]\nkey = 'friendly'\nday = 'x'\n"
        "[[stages]]\nkey = 'friendly'\n[charges]\nrte = 1\nshow_from = 'firm'\n"
    )
    error = _refused(tmp_path, text, head="[sender]\nname = ''\n")
    paths = [re.split(r"[ \u00a0]", line)[0] for line in _lines(error)]
    file = tmp_path / "relance.toml"

    expected = ["sender.name", "sender.email", "smtp.security", "smtp.port", "stages[0].day", "stages[1].key"]
    assert [*expected, "charges.rte", "charges.show_from"] == paths
    assert f"Le fichier de réglages «\u00a0{file}\u00a0» contient 8 erreurs\u00a0:" == error.sentence


def test_no_sender(tmp_path: Path) -> None:
    """An empty file says what it must hold, and a single error is counted in words."""
    error = _refused(tmp_path, "", head="")

    assert [typeset("sender : manque ; attendu : une table [sender] avec au moins name et email.")] == _lines(error)
    assert error.sentence.endswith("contient une erreur\u00a0:")


@pytest.mark.parametrize(
    "text",
    [
        "password = 'hunter2'",
        "host = 'h'\nPassword = 'hunter2'",
        "host = 'h'\nmot_de_passe = 'hunter2'",
        "host = 'h'\npassword = 6012026",
        "host = 'h'\npasword = 'hunter2'",
        "host = 'h'\nuser = 'u'\npassword_env = 'hunter2!'",
        "host = 'h'\nuser = 'u'\npassword_command = \"echo 'hunter2\"",
        "host = 'h'\nuser = 'u'\npassword_command = [6012026]",
        "host = 'h'\nkey = 'hunter2'",
        "host = 'me:hunter2@h.fr'",
        "host = ['hunter2']",
        "host = 'h'\nauth = {token = 'hunter2'}",
        "host = 'h'\nuser = 'u'\npassword = 'hunter2\n",
        "[sender.smtp]\nhunter2 = 1\n[delivery]\npw = 'hunter2'",
    ],
)
def test_no_secret_is_shown(tmp_path: Path, text: str) -> None:
    """What stands in [smtp], or under a key that sounds like a password, never reaches the error."""
    error = _refused(tmp_path, f"[smtp]\n{text}")

    assert "hunter2" not in str(error)
    assert "6012026" not in str(error)


def test_password_sentence(tmp_path: Path) -> None:
    """A password in the file gets the sentence that says where passwords go."""
    (line,) = _lines(_refused(tmp_path, "[smtp]\nhost = 'h'\npassword = 'hunter2'"))

    assert line.startswith(typeset("smtp.password : un mot de passe ne s’écrit jamais dans ce fichier ; "))
    assert "smtp.password_env" in line
    assert "smtp.password_command" in line
