"""What a name tells of who owes: company forms, public bodies, persons perhaps; nobody else is anything."""

import random

import pytest
from core_support import EVERY_DAY, day, invoice, plan_for, reminded

from relance.core.invoice import Customer, Invoice, Kind
from relance.core.kinds import Sign, known_kind, sign_of
from relance.core.plan import About
from relance.core.policy import DunningPolicy

FORMS = """Dupont SA|DUPONT SAS|Sas Dupont|menuiserie martin sarl|Menuiserie Martin S.A.R.L.|Martin S.A.S.
|Jean Petit EI|EI Jean Petit|Mme Petit (EI)|Mme Petit SARL|Zed GmbH|Zed GmbH & Co. KG|Zed Ltd.
|Acme Limited|Acme, Inc.|Foo BV|Foo B.V.|SCI Les Tilleuls|sci les tilleuls|Sàrl Zurich|S.à r.l. Lux
|Foo SpA|Foo S.r.l.|Micro-entreprise Paul|Ville de Lyon Habitat SA|Lycée Pigier SAS|Foo AG|SNC du Port
|Durand SELARL|Entreprise individuelle Roux"""
BODIES = """Mairie de Valmont|MAIRIE DE SAINT-DENIS|La Mairie de Brest|Mairie de Paris - Hôtel de Ville
|Commune de Valmont|Ville de Lyon|Ville d’Avray|Département du Rhône|Conseil départemental de la Loire
|Conseil régional|Région Bretagne|Région Île-de-France|Communauté de communes du Val
|Communauté d’agglomération de Pau|Métropole de Lyon|Nantes Métropole|Préfecture du Nord
|Sous-préfecture d’Arles|Ministère de la Culture|CHU de Nantes|CH de Blois|Hôpital Bichat
|Centre hospitalier de Saint-Malo|Université Lyon 2|Lycée Jules-Ferry|Lycée de Saint-Just
|Collège Paul Éluard|École publique Jean Macé|CCAS de Blois|SDIS 44|Syndicat intercommunal des eaux
|Office public de l’habitat de l’Ain"""
PERSONS = """Mme Petit|Mme. PETIT Anne|M. Jean Dupont|M Durand|M.Durand|Monsieur Le Goff|M. et Mme Martin
|Mme et M. Roux|Mr Smith|Mrs Jane Smith|Mademoiselle Claire B.|M. Sas|Mme Maria de Sa|MME MARIA DE SA
|Madame de la Mairie"""
NOBODY = """Cabinet Orme|Fleurs de Mai|Claire Dupont|MARIA DE SA|M6 Publicité|M&M’s|Mr Bricolage|Madame Pressing
|Madame|Café de la Mairie|Taxi Mairie|Villeneuve Paysages|Ville délicieuse|Conseil & Stratégie
|Dupont Conseil|Région Immobilier|Métropole Télévision|CH Dupont|Hôpital privé Jean Mermoz
|Hôpital vétérinaire du Lac|Centre hospitalier vétérinaire Frégis|Université catholique de Lille
|Université d’été du numérique|Lycée Saint-Joseph|Lycée privé Rousseau|Collège Stanislas
|Collège national des opticiens|École de danse|Communeaux|Association des amis du lycée|Sasha Incisive
|Me Durand|Dr Martin"""
ALL = {Sign.FORM: FORMS, Sign.BODY: BODIES, Sign.PERSON: PERSONS, Sign.NOTHING: NOBODY}
KINDS = {Sign.FORM: Kind.BUSINESS, Sign.BODY: Kind.PUBLIC}


def names_of(text: str) -> list[str]:
    """The names of a table."""
    return [name.strip() for name in text.replace("\n", "").split("|")]


@pytest.mark.parametrize(("sign", "name"), [(sign, name) for sign, text in ALL.items() for name in names_of(text)])
def test_names(sign: Sign, name: str) -> None:
    """A form or a body's name tells the kind; a civility is a guess, and tells none."""
    assert (sign, KINDS.get(sign)) == (sign_of(Customer(name)), known_kind(Customer(name)))


def test_what_is_given_comes_first() -> None:
    """Then a public body's name or a form, then numbers: a SIREN is a public body's too, and no consumer's."""
    assert Kind.CONSUMER is known_kind(Customer("Dupont SARL", kind=Kind.CONSUMER))
    assert Sign.GIVEN is sign_of(Customer("Dupont SARL", kind=Kind.CONSUMER))
    assert Kind.PUBLIC is known_kind(Customer("Mairie de Valmont", siret="21440109300015"))
    assert Kind.BUSINESS is known_kind(Customer("Mme Petit", siret="83245967100012"))
    assert Kind.BUSINESS is known_kind(Customer("Cabinet Orme", vat_number="FR83245967100"))
    assert Sign.NUMBER is sign_of(Customer("Cabinet Orme", vat_number="FR83245967100"))


@pytest.mark.parametrize("seed", range(60))
def test_no_person_is_made_a_company(seed: int) -> None:
    """Whatever the civility and the names, in whatever letters: no charges are named to a person on a guess."""
    draw = random.Random(seed)
    civility = draw.choice(["M.", "M", "Mme", "Mlle", "Monsieur", "Madame", "M. et Mme", "Mme & M.", "Mr", "Mrs."])
    given = draw.choice(["Anne", "Jean-Luc", "Inès", "Lise", "Régine", "Émile", "Sacha"])
    family = draw.choice(
        ["Sas", "de Sa", "Lemaire", "Villeneuve", "du Collège", "Communeaux", "Le Bars", "Incera", "Agnan"]
    )
    name = draw.choice([f"{civility} {family}", f"{civility} {given} {family}", f"{civility} {family} {given}"])
    name = draw.choice([name, name.upper(), name.lower(), name.title()])
    assert (Sign.PERSON, None) == (sign_of(Customer(name)), known_kind(Customer(name)))


def owed(name: str, number: str = "F-1", kind: Kind | None = None) -> Invoice:
    """An invoice of a customer of this name and no more."""
    return invoice(number, owner=Customer(name, emails=(f"{number.lower()}@owes.example",), kind=kind))


def asked(rows: list[Invoice], offset: int, policy: DunningPolicy | None = None) -> list[list[str]]:
    """The invoices of each question about kinds; the friendly message left on its day."""
    facts = [reminded(row, "friendly", day(5), term=day(13)) for row in rows] if offset > 5 else []
    plan = plan_for(rows, facts, day(offset), policy=policy or EVERY_DAY)
    return [[line.invoice.number for line in task.lines] for task in plan.tasks if task.about is About.KIND]


def test_it_is_asked_once_where_charges_depend_on_it() -> None:
    """Not before the next message would name them, then for all of them in one question."""
    rows = [owed("Mme Petit"), owed("Studio Bleu", "F-2"), owed("Beta SARL", "F-3"), owed("Mairie de Valmont", "F-4")]
    assert [] == asked(rows, 5)
    assert [["F-1", "F-2"]] == asked(rows, 10)
    assert [["F-1", "F-2"]] == asked(rows, 16)


@pytest.mark.parametrize("kind", Kind)
def test_the_answer_ends_it(kind: Kind) -> None:
    """For one customer, or for all whom nothing tells."""
    assert [["F-2"]] == asked([owed("Mme Petit", kind=kind), owed("Studio Bleu", "F-2")], 16)
    assert [] == asked([owed("Mme Petit"), owed("Studio Bleu", "F-2")], 16, EVERY_DAY._replace(default_kind=kind))
