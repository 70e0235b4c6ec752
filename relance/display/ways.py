"""What is left once the ladder is over, as facts: each way with what it asks for and costs. No advice, no score."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from relance.core.invoice import ZERO, Forum
from relance.core.ways import Route, routes_for
from relance.french import command, typeset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from relance.core.plan import Line

_SAID = {
    Route.COMMERCIAL_ORDER: "injonction de payer, tribunal de commerce, entre commerçants : requête, décompte, "
    "bordereau et pièces ; environ 33 €, à consigner sous quinze jours",
    Route.CIVIL_ORDER: "injonction de payer, tribunal judiciaire : mêmes papiers, sans frais de greffe ; avocat "
    "au-delà de 10 000 € si le client s’oppose",
    Route.SMALL_CLAIM: "petites créances, jusqu’à 5 000 € : commissaire de justice (credicys.fr), formulaire et "
    "pièces ; 45 à 75 €, un mois, avec l’accord du client",
    Route.UNCONTESTED: "facture que le client ne conteste pas, entre commerçants, hors professions libérales : "
    "commissaire de justice, un mois pour payer ou contester ; tarif pas encore publié en septembre 2026",
    Route.CONCILIATION: "conciliateur de justice, gratuit, jusqu’à 5 000 € : préalable au tribunal judiciaire, pas à "
    "l’injonction de payer",
    Route.ADMINISTRATIVE: "organisme public : demande écrite, puis juge administratif (référé-provision)",
    Route.EUROPEAN_ORDER: "injonction de payer européenne, client dans l’Union européenne sauf Danemark : formulaire A "
    "au tribunal compétent, souvent celui du client ; frais selon le pays, trente jours pour s’opposer",
    Route.EUROPEAN_SMALL_CLAIM: "petits litiges européens, jusqu’à 5 000 € hors intérêts, client dans l’Union "
    "européenne sauf Danemark : formulaire A et pièces, par écrit ; frais selon le pays",
    Route.FOREIGN_COURT: "client hors de l’Union européenne, ou au Danemark : aucune procédure européenne ; le juge et "
    "la loi dépendent de votre contrat et de son pays",
    Route.COLLECTOR: "société de recouvrement ou commissaire de justice, à l’amiable : une facture suffit pour "
    "commencer",
}
"""A test holds that each way is told."""
_ABROAD = {
    Route.COLLECTOR: "société de recouvrement qui intervient dans le pays du client, à l’amiable : une facture suffit "
    "pour commencer",
}
"""The same where no French office acts."""


def means(*forums: Forum) -> str:
    """What is left once the ladder is over, in a few words, for customers who are there."""
    third = "société de recouvrement" if Forum.FRANCE not in forums else "commissaire de justice"
    return f"tribunal, {third}, abandon"


def route_lines(lines: "Iterable[Line]", forum: Forum) -> Iterator[str]:
    """The ways that fit what is owed on these lines of one customer, who is there."""
    several = list(lines)
    owed = sum((line.outstanding for line in several), ZERO)
    interest = sum((line.charges.interest for line in several), ZERO)
    for route in routes_for(several[0].case.customer.grounds.kind, owed, interest, forum):
        yield typeset(_SAID[route] if forum is Forum.FRANCE else _ABROAD.get(route, _SAID[route]))


def next_steps(line: "Line", forum: Forum) -> Iterator[str]:
    """The ways for one invoice, then the commands that go with them."""
    number = line.name or line.invoice.number
    yield from route_lines([line], forum)
    yield "dossier de preuves → " + command("evidence", number)
    yield "confiée à un tiers → " + command("hold", number, options="--reason collection")
    yield typeset("abandon : passée en perte, dans votre fichier")
