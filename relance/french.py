"""How money, rates, dates, counts and commands read in French; the typographic spaces are those of French printing."""

import errno
import re
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import groupby

NO_BREAK = "\u00a0"
NARROW = "\u202f"
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = tuple("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split())
HOLDS = {
    "dispute": "litige",
    "promise": "promesse de paiement",
    "plan": "échéancier",
    "insolvency": "procédure collective",
    "collection": "recouvrement confié",
    "pause": "pause",
    "other": "suspension",
}
"""What `hold` notes, as a person calls it, by the words of its option --reason."""
CAUSES = {"oversight": "oubli", "dispute": "litige", "cash": "trésorerie"}
CHANNELS = {"email": "e-mail", "call": "appel", "letter": "lettre", "sms": "SMS"}
OPEN_INVOICES = (
    *("N° facture", "Client", "Code client", "Date de facture", "Échéance", "Jours de retard", "Devise"),
    *("Montant TTC", "Payé", "Reste dû", "Pénalités", "Indemnité", "Étape", "Dernier contact", "Situation"),
)
"""The columns of the report's table of open invoices."""
DEFAULT_TIMEZONE = "Europe/Paris"
SPOKEN = {
    "table": "tableau",
    "lines": "lignes",
    "json": "json",
    "html": "page",
    "csv": "csv",
    "xlsx": "classeur excel",
    "email": "e-mail mail courriel mél",
    "call": "appel téléphone tél",
    "letter": "lettre courrier recommandé lrar",
    "sms": "sms texto",
    "oversight": "oubli",
    "dispute": "litige contestation",
    "cash": "trésorerie",
    "promise": "promesse",
    "plan": "échéancier échelonnement",
    "pause": "pause",
    "insolvency": "jugement redressement liquidation sauvegarde faillite",
    "collection": "recouvrement huissier",
    "other": "autre",
    "business": "entreprise entreprises professionnel société",
    "public": "public administration mairie",
    "consumer": "particulier particuliers consommateur",
    "mixed": "mixte deux",
    "yes": "oui",
    "no": "non",
    "as-is": "selon-le-retard retard",
    "gently": "doucement",
    "ignore": "ignorer",
    "smtp": "serveur",
    "default": "défaut",
    "phone": "appel",
    "phone-late": "appel-tardif",
    "principal": "facture",
    "interest": "pénalités intérêts",
    "tls": "ssl",
    "drafts": "brouillons boîte",
    "folder": "dossier fichier",
    "courtesy": "préventive",
    "friendly": "amicale",
    "firm": "ferme",
    "formal_notice": "mise-en-demeure",
}
"""The words of closed lists as a person says them: the one that is shown first, then what else is understood."""
_CENT = Decimal("0.01")


@lru_cache(maxsize=1024)
def amount_fr(amount: Decimal) -> str:
    """An amount to the cent, half up: 1 200,50, − 50,00 (U+202F between thousands), without its currency."""
    cents = amount.quantize(_CENT, rounding=ROUND_HALF_UP)
    number = f"{abs(cents):,.2f}".replace(",", NARROW).replace(".", ",")
    return f"−{NO_BREAK}{number}" if cents < 0 else number


def eur(amount: Decimal, currency: str = "EUR") -> str:
    """An amount with its currency after U+00A0: 1 200,50 €; other currencies show their code."""
    return f"{amount_fr(amount)}{NO_BREAK}{'€' if currency == 'EUR' else currency}"


def percent(rate: Decimal) -> str:
    """A rate given in percent, without useless zeros: 14 %, 12,4 %."""
    number = f"{rate.normalize():f}".replace(".", ",")
    return f"{number}{NO_BREAK}%"


def at_rate(basis: str, value: Decimal) -> str:
    """An agreed rate with its preposition, by what its value means: fixed (a year), day, ecb (points), legal (times).

    au taux de 14 % l’an, au taux directeur de la BCE majoré de 10 points, à trois fois le taux d’intérêt légal.
    """
    number = percent(value).removesuffix(f"{NO_BREAK}%")
    if basis == "ecb":
        return f"au taux directeur de la BCE majoré de {number} points"
    if basis == "legal":
        times = {"1": "au", "2": "à deux fois le", "3": "à trois fois le"}.get(number, f"à {number} fois le")
        return f"{times} taux d’intérêt légal"
    return f"au taux de {percent(value)} {'par jour' if basis == 'day' else 'l’an'}"


def rate_question(basis: str, value: Decimal) -> str:
    """What is asked once of the agreed rate of the settings: a customer may ask where it was agreed."""
    rate = at_rate(basis, value).removeprefix("au ")
    return f"Le {rate} figure-t-il dans vos CGV ou sur vos factures ? Sinon la loi donne BCE + 10 points."


def prescription(last: date, *, public: bool) -> str:
    """That the time to sue is over soon, and what puts that off."""
    if public:
        return f"Prescription le {date_fr(last)} : une demande écrite de paiement l’interrompt."
    return (
        f"Prescription le {date_fr(last)} : une mise en demeure ne l’interrompt pas. Saisir le tribunal avant, ou "
        "obtenir une reconnaissance de dette écrite."
    )


def half_awaited(half: str) -> str:
    """That the rates of the half-year to come are not known yet, and where they will be published."""
    return (
        f"Taux du {semester(half)} pas encore connu : à lire sur banque-france.fr (BCE) et service-public.fr, fiche "
        f"F23211, puis sous [charges.rates] : {half} = {{ ecb = …, legal = … }}"
    )


ACCOUNT = 'iban = "…" sous [sender]'
"""Where the settings say where to pay."""
RATE_STANDS = "relance confirm rate"
"""The answer yes."""


def semester(half: str) -> str:
    """A half-year written 2026-S1: 1er semestre 2026."""
    return f"{'1er' if half.endswith('1') else '2e'} semestre {half[:4]}"


def date_fr(day: date) -> str:
    """A date in letters: 5 novembre 2026, 1er mars 2026."""
    return f"{_day_month(day)} {day.year}"


def near(day: date, today: date) -> bool:
    """True where the year of a day goes without saying: less than half a year from today."""
    return abs((day - today).days) < 180


def near_date_fr(day: date, today: date) -> str:
    """A date in letters, its year where it does not go without saying: 5 novembre."""
    return _day_month(day) if near(day, today) else date_fr(day)


def dates_fr(days: Iterable[date], today: date | None = None) -> str:
    """Dates in order, what they share said once: 26 octobre, 4 et 18 novembre 2026; 28 décembre 2026 et 4 janvier 2027.

    With `today`, years that go without saying are left out. Where that would say « et » twice (11 et 30 novembre et
    1er décembre), each day names its month.
    """
    ordered = sorted(set(days))
    months = [list(group) for _, group in groupby(ordered, key=lambda day: (day.year, day.month))]
    if len(months) > 1 and len(months[-1]) == 1:
        months = [[day] for day in ordered]
    said = []
    for group, later in zip(months, [*months[1:], None], strict=True):
        numbers = listing([*(_ordinal(day.day) for day in group[:-1]), _day_month(group[-1])])
        shared = later is not None and later[0].year == group[-1].year
        shared = shared or (today is not None and near(group[-1], today))
        said.append(numbers if shared else f"{numbers} {group[-1].year}")
    return ", ".join(said) if months and len(months[-1]) > 1 else listing(said)


def long_day(day: date) -> str:
    """« vendredi 20 novembre 2026 »."""
    return f"{WEEKDAYS[day.weekday()]} {date_fr(day)}"


def short_date(day: date) -> str:
    """A date in figures: 05/11/2026."""
    return f"{day.day:02d}/{day.month:02d}/{day.year:04d}"


def brief_date(day: date, today: date) -> str:
    """A date in a table: 05/11, its year where that does not go without saying."""
    return f"{day.day:02d}/{day.month:02d}" if near(day, today) else short_date(day)


def brief_lateness(days: int) -> str:
    """How late, in a table: J+12, J−4; « 146 jours » past 99."""
    return f"{days}{NO_BREAK}jours" if days > 99 else f"J{'−' if days < 0 else '+'}{abs(days)}"


def plural(count: int, noun: str, nouns: str = "") -> str:
    """A count with its noun, which takes the plural from two on: 0 facture, 1 facture, 2 factures.

    `nouns` is the plural where an s is not enough; of several words, each takes its s (factures échues).
    """
    if abs(count) >= 2:
        noun = nouns or " ".join(word if word.endswith(("s", "x", "z")) else f"{word}s" for word in noun.split(" "))
    return f"{count:,}".replace(",", NARROW) + f" {noun}"


def days(count: int) -> str:
    """A number of days: 1 jour, 15 jours."""
    return plural(count, "jour")


def listing(items: Sequence[str]) -> str:
    """Items as one reads them aloud: a, b et c."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} et {items[-1]}"


_SYSTEM = {
    errno.EPERM: "accès refusé",
    errno.EACCES: "accès refusé",
    errno.ENOENT: "introuvable",
    errno.EEXIST: "un fichier porte déjà ce nom",
    errno.EISDIR: "c’est un dossier",
    errno.ENOTDIR: "un fichier se trouve là où il faut un dossier",
    errno.ENOTEMPTY: "dossier non vide",
    errno.ENOSPC: "disque plein",
    errno.EDQUOT: "espace alloué épuisé",
    errno.EROFS: "disque en lecture seule",
    errno.EIO: "erreur du disque",
    errno.EBUSY: "occupé par un autre programme",
    errno.ENAMETOOLONG: "nom trop long",
    errno.ELOOP: "liens en boucle",
    errno.EMFILE: "trop de fichiers ouverts",
    errno.ENOEXEC: "ce n’est pas un programme",
    errno.ENOMEM: "mémoire épuisée",
    errno.ECONNREFUSED: "connexion refusée",
    errno.ENETUNREACH: "pas de réseau",
    errno.ENETDOWN: "pas de réseau",
    errno.EHOSTUNREACH: "serveur injoignable",
    errno.ETIMEDOUT: "pas de réponse à temps",
}


def system_words(error: OSError) -> str:
    """Why the system refused a file, a program or a connection; in its own words where these are not known."""
    match type(error).__module__:
        case "socket":  # gaierror: its numbers, and those of ssl, are of another table
            return "nom de serveur inconnu"
        case "ssl":
            return error.strerror or str(error)
    if known := _SYSTEM.get(error.errno or 0):
        return known
    if isinstance(error, TimeoutError):  # of a socket that waited as long as it was told to
        return "pas de réponse à temps"
    if isinstance(error, ConnectionError):
        return "connexion coupée"
    return error.strerror or str(error) or type(error).__name__


def of(name: str) -> str:
    """« de Garage Petit », « d’Éditions du Roc »: before an h or an y only the ear knows, and both are read."""
    plain = unicodedata.normalize("NFD", name[:1]).casefold()[:1]
    return f"d’{name}" if plain and plain in "aeiouœæ" else f"de {name}"


def _ordinal(day: int) -> str:
    return "1er" if day == 1 else str(day)


def _day_month(day: date) -> str:
    return f"{_ordinal(day.day)} {MONTHS[day.month - 1]}"


_SPACED = re.compile(r" ([;?!:%€])(?!\S)")


@lru_cache(maxsize=4096)
def typeset(sentence: str) -> str:
    """A sentence of the program with its no-break spaces: U+202F before ; ? !, U+00A0 before a colon and in « »."""
    sentence = _SPACED.sub(lambda found: (NARROW if found[1] in ";?!" else NO_BREAK) + found[1], sentence)
    return sentence.replace("« ", f"«{NO_BREAK}").replace(" »", f"{NO_BREAK}»")


def set_lines(paragraph: str, start: str = "", width: int = 0) -> list[str]:
    """A paragraph with its no-break spaces, after `start`; cut into lines of this width, the next ones set under it."""
    if not width:
        return [start + typeset(paragraph)]
    from textwrap import wrap  # imported here: only what writes files for people needs it

    under = start if start.isspace() or not start.strip(" #") else "#" + " " * (len(start) - 1)
    return wrap(
        typeset(start + paragraph), width, subsequent_indent=under, break_long_words=False, break_on_hyphens=False
    )


def setting(key: str, text: str) -> str:
    """A setting as one types it in relance.toml: total = "Montant"."""
    return f"{key} = {in_toml(text)}"


def in_toml(text: str) -> str:
    """A text in the quotes of relance.toml; what cannot be typed there is a space."""
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split(" ")).strip()
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@lru_cache(maxsize=4096)
def command(verb: str, *names: str, options: str = "") -> str:
    """A command as a shell reads it; a name that begins with a dash is no option, and comes after `--`."""
    quoted = " ".join(map(shlex.quote, names))
    words = (options, "--", quoted) if "-" in [name[:1] for name in names] else (quoted, options)
    return " ".join(("relance", verb, *filter(None, words)))
