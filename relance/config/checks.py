"""What several settings show together: stages in order, names that exist, passwords that go with a user.

These checks read the file as it was written, not the models, so that they speak even where another value is wrong;
a value of the wrong type is silently passed over here, since the models name it.
"""

import re
from collections.abc import Iterator, Mapping

from relance.config.faults import Fault, path_of, visible
from relance.config.rows import Loc
from relance.core.invoice import normalised_name
from relance.core.policy import DEFAULT_SCHEDULES, DEFAULT_STAGES, READY_LADDERS
from relance.delivery.account import is_loopback

Raw = Mapping[str, object]
DEFAULT_DAYS = {stage.key: stage.day for stage in DEFAULT_STAGES}
_HALF_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}-S[12]")
_WAYS = ("password_env", "password_command", "keyring", "token_command")
MAIN_SCHEDULE = DEFAULT_SCHEDULES[0].name
TAKEN = {MAIN_SCHEDULE: "des blocs [[stages]]"} | dict.fromkeys(READY_LADDERS, "tout fait de ce nom")
_OF_A_NEW_STAGE = {"day": "un nombre entier de jours après l’échéance", "label": "un texte d’une ligne"}


def all_faults(raw: Raw) -> Iterator[Fault]:
    """Every fault that no single value shows."""
    yield from _stage_faults(raw)
    yield from _schedule_faults(raw)
    yield from _reference_faults(raw)
    yield from _rates_faults(_table(_table(raw, "charges"), "rates"))
    yield from _server_faults(raw)


def _table(raw: Raw, key: str) -> Raw:
    value = raw.get(key)
    return value if isinstance(value, dict) else {}


def _tables(raw: Raw, key: str) -> list[tuple[int, Raw]]:
    value = raw.get(key)
    return [(i, item) for i, item in enumerate(value) if isinstance(item, dict)] if isinstance(value, list) else []


def _text(raw: Raw, key: str) -> str | None:
    value = raw.get(key)
    return value.strip() if isinstance(value, str) else None


def _day(raw: Raw, key: str) -> int | None:
    value = raw.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def stage_keys(raw: Raw) -> list[str]:
    """The keys of the stages, the default ones where the file gives none."""
    if "stages" not in raw:
        return list(DEFAULT_DAYS)
    return [key for _, item in _tables(raw, "stages") if (key := _text(item, "key"))]


def schedule_names(raw: Raw) -> list[str]:
    """The names that `schedule` may take, of a customer; that of all may be a ready ladder too."""
    if "schedules" in raw:
        return [MAIN_SCHEDULE, *(name for _, item in _tables(raw, "schedules") if (name := _text(item, "name")))]
    return [MAIN_SCHEDULE] if "stages" in raw else [schedule.name for schedule in DEFAULT_SCHEDULES]


def _known(words: list[str]) -> str:
    return ", ".join(visible(word) for word in words)


def _stage_faults(raw: Raw) -> Iterator[Fault]:
    items = _tables(raw, "stages")
    yield from _repeated(("stages",), items, "key")
    yield from _disordered(("stages",), items)
    for i, item in items:
        key = _text(item, "key") or ""
        for name, what in _OF_A_NEW_STAGE.items() if key and key not in DEFAULT_DAYS else ():
            if name not in item:
                foreign = f"« {visible(key)} » n’est pas une étape par défaut ({_known([*DEFAULT_DAYS])})"
                yield Fault(("stages", i, name), f"manque ; {foreign} et doit dire : {what}")


def _repeated(loc: Loc, items: list[tuple[int, Raw]], key: str) -> Iterator[Fault]:
    """What two blocks both say, where each must say something else."""
    seen: dict[str, int] = {}
    for i, item in items:
        value = _text(item, key) or _day(item, key)
        if value is None:
            continue
        same = normalised_name(str(value))
        if same in seen:
            already = f"« {visible(str(value))} » est déjà dit par {path_of((*loc, seen[same], key))}"
            yield Fault((*loc, i, key), f"{already} ; attendu : une autre valeur dans chaque bloc")
        seen.setdefault(same, i)


def _disordered(loc: Loc, items: list[tuple[int, Raw]]) -> Iterator[Fault]:
    """Stages that share a day, or stand after a later one; a default stage without `day` has its own."""
    days: dict[int, int] = {}
    inherited = dict(DEFAULT_DAYS)  # each once: a key said twice is a fault of its own
    for i, item in items:
        default = inherited.pop(_text(item, "key") or "", None)
        day = _day(item, "day") if "day" in item else default
        if day is None:
            continue
        if day in days:
            same = path_of((*loc, days[day]))
            sentence = f"le jour {day} est déjà celui de {same} ; attendu : un autre jour pour chaque étape"
            yield Fault((*loc, i, "day"), sentence)
        elif days and day < max(days):
            after = f"le jour {max(days)} de {path_of((*loc, days[max(days)]))}"
            sentence = f"le jour {day} vient après {after} ; attendu : des étapes dans l’ordre des jours"
            yield Fault((*loc, i, "day"), sentence)
        days.setdefault(day, i)


def _schedule_faults(raw: Raw) -> Iterator[Fault]:
    items = _tables(raw, "schedules")
    yield from _repeated(("schedules",), items, "name")
    yield from _repeated(("schedules",), items, "terms_from_days")
    keys = stage_keys(raw)
    for i, item in items:
        if (name := _text(item, "name")) in TAKEN:
            sentence = f"« {name} » est le calendrier {TAKEN[name]} ; attendu : un autre nom"
            yield Fault(("schedules", i, "name"), sentence)
        stages = _tables(item, "stages")
        yield from _repeated(("schedules", i, "stages"), stages, "key")
        yield from _disordered(("schedules", i, "stages"), [(j, stage) for j, stage in stages if "day" in stage])
        for j, stage in stages:
            yield from _foreign(("schedules", i, "stages", j, "key"), _text(stage, "key"), keys, "aucune étape")


def _foreign(loc: Loc, word: str | None, known: list[str], what: str) -> Iterator[Fault]:
    """A word that names nothing; no fault where nothing is known, since that is a fault of its own."""
    if word and known and word not in known:
        yield Fault(loc, f"« {visible(word)} » n’est le nom d’{what} ; attendu : {_known(known)}")


def _reference_faults(raw: Raw) -> Iterator[Fault]:
    first = _text(_table(raw, "charges"), "show_from")
    yield from _foreign(("charges", "show_from"), first, stage_keys(raw), "aucune étape")
    customers, names = _tables(raw, "customers"), schedule_names(raw)
    for_all, ready = _text(_table(raw, "policy"), "schedule"), [*READY_LADDERS]
    yield from _foreign(("policy", "schedule"), for_all, [*names, *ready], "aucun calendrier")
    if for_all in ready and "stages" in raw:
        sentence = f"« {for_all} » a ses propres étapes ; attendu : ce calendrier ou vos blocs [[stages]], pas les deux"
        yield Fault(("policy", "schedule"), sentence)
    names += [name for name in ready if name == for_all]
    yield from _repeated(("customers",), customers, "match")
    for i, item in customers:
        yield from _foreign(("customers", i, "schedule"), _text(item, "schedule"), names, "aucun calendrier")


def _rates_faults(rates: Raw) -> Iterator[Fault]:
    for half, table in rates.items():
        if not _HALF_YEAR.fullmatch(half):
            sentence = f"« {visible(half)} » n’est pas un semestre ; attendu : une année et S1 ou S2, comme 2027-S1"
            yield Fault(("charges", "rates", half), sentence)
        elif table == {}:
            sentence = "ne dit rien ; attendu : ecb (taux de la BCE), legal (taux légal), ou les deux"
            yield Fault(("charges", "rates", half), sentence)


def _server_faults(raw: Raw) -> Iterator[Fault]:
    smtp, imap = _table(raw, "smtp"), _table(raw, "imap")
    yield from _account_faults("smtp", smtp, {})
    if "imap" in raw:
        yield from _account_faults("imap", imap, smtp)
    if "email" in _table(raw, "digest") and "smtp" not in raw:
        yield Fault(("digest", "email"), "part par votre serveur ; attendu : une table [smtp] avec au moins host")
    if _text(_table(raw, "delivery"), "transport") == "drafts" and "imap" not in raw:
        yield Fault(("delivery", "transport"), "va dans votre boîte ; attendu : une table [imap] avec au moins host")
    if "imap" in raw and not _ways(imap) and "user" not in imap and "user" not in smtp:
        yield Fault(("imap", "user"), "manque ; attendu : votre nom d’utilisateur, ici ou dans smtp.user")


def _account_faults(name: str, table: Raw, lender: Raw) -> Iterator[Fault]:
    """What is wrong with an account, which has the user of the lender, and that user's password, where it has none."""
    host = _text(table, "host")
    if table.get("security") == "none" and host and not is_loopback(host):
        sentence = (
            "« none » enverrait messages et mot de passe en clair sur le réseau ; attendu : "
            '"starttls" ou "tls" ("none" ne vaut que pour localhost, 127.0.0.1 ou ::1)'
        )
        yield Fault((name, "security"), sentence)
    ways = _ways(table)
    for way in ways[1:]:
        yield Fault((name, way), f"{ways[0]} est déjà donné ; attendu : une seule façon de lire le mot de passe")
    borrowed = table.get("user") == lender.get("user") and _ways(lender)
    if "user" in table and not ways and not borrowed:
        sentence = f"manque ; attendu : {', '.join(_WAYS[:-1])} ou {_WAYS[-1]}, puisque {name}.user est donné"
        yield Fault((name, "password_env"), sentence)
    if ways and "user" not in table and "user" not in lender:
        yield Fault((name, "user"), "manque ; attendu : le nom d’utilisateur qui va avec le mot de passe")
    yield from _auth_faults(name, table, lender, ways or _ways(lender))


def _auth_faults(name: str, table: Raw, lender: Raw, ways: list[str]) -> Iterator[Fault]:
    """A kind of log-in whose secret is of another kind; one without a secret has the lender's, and its kind."""
    lent = not _ways(table)
    kind = _text(table, "auth") or (_text(lender, "auth") if lent else None) or "password"
    if kind == "xoauth2" and not {"token_command", "password_command"} & set(ways):
        sentence = 'manque ; attendu : la commande qui affiche un jeton d’accès, puisque auth = "xoauth2"'
        yield Fault((name, "token_command"), sentence)
    elif kind == "password" and "token_command" in ways:
        met = "ne va pas" if "auth" in table else "manque"
        yield Fault((name, "auth"), f'{met} ; attendu : "xoauth2", puisque token_command est donné')
    elif "auth" in table and lent and ways and kind != (_text(lender, "auth") or "password"):
        sentence = "n’est pas celui de [smtp], dont cette boîte a le mot de passe ; attendu : le même, ou un secret ici"
        yield Fault((name, "auth"), sentence)


def _ways(table: Raw) -> list[str]:
    return [key for key in _WAYS if key in table]
