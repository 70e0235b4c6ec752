"""One part of the house as `check` tells it; those of what leaves by itself: domain, schedule, digest."""

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from relance.core.history import Run
from relance.display.schedule import CURE, is_late, moment_of
from relance.french import short_date, typeset

if TYPE_CHECKING:
    from relance.config.values import Settings
    from relance.delivery.domain import Standing

OK, LOOK, WRONG = "ok", "à voir", "à corriger"


class Room(NamedTuple):
    """One part of the house: what is `said` of it in a few words, `state`, and what stands below where it opens.

    `told` is always shown: what is wrong, or was done without being asked; `more` only where all is.
    """

    name: str
    said: str
    state: str = OK
    told: tuple[str, ...] = ()
    more: tuple[str, ...] = ()


def schedule_room(run: Run | None, today: date, settings: "Settings") -> Room:
    """When a run of the schedule came last."""
    if run is None:
        return Room("Horaire", "aucun passage automatique encore", more=("→ relance schedule install",))
    late = is_late(run, today, settings.policy.calendar)
    told = (f"→ {CURE}",) if late else ()
    return Room("Horaire", f"dernier passage {moment_of(run, today)}", LOOK if late else OK, told)


def digest_room(settings: "Settings", last: date | None) -> Room:
    """To whom a run of the schedule writes what it has to say, and when it last did."""
    to = settings.digest.email
    if to is None:
        return Room("Résumé", "pas d’e-mail, un passage automatique affiche ce qu’il fait", more=("→ [digest] email",))
    wrote = f"le dernier du {short_date(last)}" if last is not None else "aucun encore"
    return Room("Résumé", f"par e-mail à {to}, {wrote}")


_STATES = {"good": "oui", "lacking": "non", "unknown": "non vérifiable"}


def domain_room(standing: "Standing") -> Room:
    """What the DNS says of the domain that writes, one line; below it the cure of each thing that lacks."""
    domain = standing.domain
    states = (("SPF", standing.spf), ("DKIM", standing.dkim), ("DMARC", standing.dmarc))
    said = ", ".join(f"{name} {_STATES[state]}" for name, state in states)
    told = []
    if not standing.aligned:
        mixed = f"{domain} écrit par un compte de {standing.login} : bien des messages seront refusés. Mettez la même "
        told.append(typeset(mixed + "adresse dans [sender] email et [smtp] user, ou le serveur de votre domaine"))
    if standing.spf == "lacking":
        include = f"include:{standing.include} " if standing.include else "include:… (voyez votre hébergeur) "
        told.append(typeset(f"SPF : dans le DNS de {domain}, un TXT : ") + f"v=spf1 {include}~all")
    if standing.dmarc == "lacking":
        told.append(typeset(f"DMARC : un TXT à _dmarc.{domain} : ") + "v=DMARC1; p=none")
    return Room("Domaine", typeset(f"{domain} : {said}"), OK if standing.good else LOOK, tuple(told))
