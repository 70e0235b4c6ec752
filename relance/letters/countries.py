"""The countries of an address, and what each is called in the language of the letter.

Names are those of CLDR (ISO 3166-1 codes, and XK), which Babel holds the table to in the tests; `_ALSO` are other words
that files hold. An address names its country alone, after its last comma or on its last line.
"""

import re
from functools import lru_cache

from relance.letters.names import plainly

_NAMES = """
AD Andorre | Andorra
AE Émirats arabes unis | United Arab Emirates
AF Afghanistan | Afghanistan
AG Antigua-et-Barbuda | Antigua & Barbuda
AI Anguilla | Anguilla
AL Albanie | Albania
AM Arménie | Armenia
AO Angola | Angola
AQ Antarctique | Antarctica
AR Argentine | Argentina
AS Samoa américaines | American Samoa
AT Autriche | Austria
AU Australie | Australia
AW Aruba | Aruba
AX Îles Åland | Åland Islands
AZ Azerbaïdjan | Azerbaijan
BA Bosnie-Herzégovine | Bosnia & Herzegovina
BB Barbade | Barbados
BD Bangladesh | Bangladesh
BE Belgique | Belgium
BF Burkina Faso | Burkina Faso
BG Bulgarie | Bulgaria
BH Bahreïn | Bahrain
BI Burundi | Burundi
BJ Bénin | Benin
BL Saint-Barthélemy | St. Barthélemy
BM Bermudes | Bermuda
BN Brunei | Brunei
BO Bolivie | Bolivia
BQ Pays-Bas caribéens | Caribbean Netherlands
BR Brésil | Brazil
BS Bahamas | Bahamas
BT Bhoutan | Bhutan
BV Île Bouvet | Bouvet Island
BW Botswana | Botswana
BY Biélorussie | Belarus
BZ Belize | Belize
CA Canada | Canada
CC Îles Cocos | Cocos (Keeling) Islands
CD Congo-Kinshasa | Congo - Kinshasa
CF République centrafricaine | Central African Republic
CG Congo-Brazzaville | Congo - Brazzaville
CH Suisse | Switzerland
CI Côte d’Ivoire | Côte d’Ivoire
CK Îles Cook | Cook Islands
CL Chili | Chile
CM Cameroun | Cameroon
CN Chine | China
CO Colombie | Colombia
CQ Sercq | Sark
CR Costa Rica | Costa Rica
CU Cuba | Cuba
CV Cap-Vert | Cape Verde
CW Curaçao | Curaçao
CX Île Christmas | Christmas Island
CY Chypre | Cyprus
CZ Tchéquie | Czechia
DE Allemagne | Germany
DJ Djibouti | Djibouti
DK Danemark | Denmark
DM Dominique | Dominica
DO République dominicaine | Dominican Republic
DZ Algérie | Algeria
EC Équateur | Ecuador
EE Estonie | Estonia
EG Égypte | Egypt
EH Sahara occidental | Western Sahara
ER Érythrée | Eritrea
ES Espagne | Spain
ET Éthiopie | Ethiopia
FI Finlande | Finland
FJ Fidji | Fiji
FK Îles Malouines | Falkland Islands
FM Micronésie | Micronesia
FO Îles Féroé | Faroe Islands
FR France | France
GA Gabon | Gabon
GB Royaume-Uni | United Kingdom
GD Grenade | Grenada
GE Géorgie | Georgia
GF Guyane française | French Guiana
GG Guernesey | Guernsey
GH Ghana | Ghana
GI Gibraltar | Gibraltar
GL Groenland | Greenland
GM Gambie | Gambia
GN Guinée | Guinea
GP Guadeloupe | Guadeloupe
GQ Guinée équatoriale | Equatorial Guinea
GR Grèce | Greece
GS Géorgie du Sud-et-les Îles Sandwich du Sud | South Georgia & South Sandwich Islands
GT Guatemala | Guatemala
GU Guam | Guam
GW Guinée-Bissau | Guinea-Bissau
GY Guyana | Guyana
HK Hong Kong | Hong Kong
HM Îles Heard-et-MacDonald | Heard Island & McDonald Islands
HN Honduras | Honduras
HR Croatie | Croatia
HT Haïti | Haiti
HU Hongrie | Hungary
ID Indonésie | Indonesia
IE Irlande | Ireland
IL Israël | Israel
IM Île de Man | Isle of Man
IN Inde | India
IO Territoire britannique de l’océan Indien | British Indian Ocean Territory
IQ Irak | Iraq
IR Iran | Iran
IS Islande | Iceland
IT Italie | Italy
JE Jersey | Jersey
JM Jamaïque | Jamaica
JO Jordanie | Jordan
JP Japon | Japan
KE Kenya | Kenya
KG Kirghizstan | Kyrgyzstan
KH Cambodge | Cambodia
KI Kiribati | Kiribati
KM Comores | Comoros
KN Saint-Christophe-et-Niévès | St. Kitts & Nevis
KP Corée du Nord | North Korea
KR Corée du Sud | South Korea
KW Koweït | Kuwait
KY Îles Caïmans | Cayman Islands
KZ Kazakhstan | Kazakhstan
LA Laos | Laos
LB Liban | Lebanon
LC Sainte-Lucie | St. Lucia
LI Liechtenstein | Liechtenstein
LK Sri Lanka | Sri Lanka
LR Liberia | Liberia
LS Lesotho | Lesotho
LT Lituanie | Lithuania
LU Luxembourg | Luxembourg
LV Lettonie | Latvia
LY Libye | Libya
MA Maroc | Morocco
MC Monaco | Monaco
MD Moldavie | Moldova
ME Monténégro | Montenegro
MF Saint-Martin | St. Martin
MG Madagascar | Madagascar
MH Îles Marshall | Marshall Islands
MK Macédoine du Nord | North Macedonia
ML Mali | Mali
MM Myanmar (Birmanie) | Myanmar (Burma)
MN Mongolie | Mongolia
MO Macao | Macao
MP Îles Mariannes du Nord | Northern Mariana Islands
MQ Martinique | Martinique
MR Mauritanie | Mauritania
MS Montserrat | Montserrat
MT Malte | Malta
MU Maurice | Mauritius
MV Maldives | Maldives
MW Malawi | Malawi
MX Mexique | Mexico
MY Malaisie | Malaysia
MZ Mozambique | Mozambique
NA Namibie | Namibia
NC Nouvelle-Calédonie | New Caledonia
NE Niger | Niger
NF Île Norfolk | Norfolk Island
NG Nigeria | Nigeria
NI Nicaragua | Nicaragua
NL Pays-Bas | Netherlands
NO Norvège | Norway
NP Népal | Nepal
NR Nauru | Nauru
NU Niue | Niue
NZ Nouvelle-Zélande | New Zealand
OM Oman | Oman
PA Panama | Panama
PE Pérou | Peru
PF Polynésie française | French Polynesia
PG Papouasie-Nouvelle-Guinée | Papua New Guinea
PH Philippines | Philippines
PK Pakistan | Pakistan
PL Pologne | Poland
PM Saint-Pierre-et-Miquelon | St. Pierre & Miquelon
PN Îles Pitcairn | Pitcairn Islands
PR Porto Rico | Puerto Rico
PS Territoires palestiniens | Palestinian Territories
PT Portugal | Portugal
PW Palaos | Palau
PY Paraguay | Paraguay
QA Qatar | Qatar
RE La Réunion | Réunion
RO Roumanie | Romania
RS Serbie | Serbia
RU Russie | Russia
RW Rwanda | Rwanda
SA Arabie saoudite | Saudi Arabia
SB Îles Salomon | Solomon Islands
SC Seychelles | Seychelles
SD Soudan | Sudan
SE Suède | Sweden
SG Singapour | Singapore
SH Sainte-Hélène | St. Helena
SI Slovénie | Slovenia
SJ Svalbard et Jan Mayen | Svalbard & Jan Mayen
SK Slovaquie | Slovakia
SL Sierra Leone | Sierra Leone
SM Saint-Marin | San Marino
SN Sénégal | Senegal
SO Somalie | Somalia
SR Suriname | Suriname
SS Soudan du Sud | South Sudan
ST Sao Tomé-et-Principe | São Tomé & Príncipe
SV Salvador | El Salvador
SX Saint-Martin (partie néerlandaise) | Sint Maarten
SY Syrie | Syria
SZ Eswatini | Eswatini
TC Îles Turques-et-Caïques | Turks & Caicos Islands
TD Tchad | Chad
TF Terres australes françaises | French Southern and Antarctic Lands
TG Togo | Togo
TH Thaïlande | Thailand
TJ Tadjikistan | Tajikistan
TK Tokelau | Tokelau
TL Timor oriental | Timor-Leste
TM Turkménistan | Turkmenistan
TN Tunisie | Tunisia
TO Tonga | Tonga
TR Turquie | Türkiye
TT Trinité-et-Tobago | Trinidad & Tobago
TV Tuvalu | Tuvalu
TW Taïwan | Taiwan
TZ Tanzanie | Tanzania
UA Ukraine | Ukraine
UG Ouganda | Uganda
UM Îles mineures éloignées des États-Unis | U.S. Outlying Islands
US États-Unis | United States
UY Uruguay | Uruguay
UZ Ouzbékistan | Uzbekistan
VA État de la Cité du Vatican | Vatican City
VC Saint-Vincent-et-les Grenadines | St. Vincent & Grenadines
VE Venezuela | Venezuela
VG Îles Vierges britanniques | British Virgin Islands
VI Îles Vierges des États-Unis | U.S. Virgin Islands
VN Viêt Nam | Vietnam
VU Vanuatu | Vanuatu
WF Wallis-et-Futuna | Wallis & Futuna
WS Samoa | Samoa
XK Kosovo | Kosovo
YE Yémen | Yemen
YT Mayotte | Mayotte
ZA Afrique du Sud | South Africa
ZM Zambie | Zambia
ZW Zimbabwe | Zimbabwe
"""
"""Code, French | English, a country a line."""
_ALSO = """
AE Emirats | UAE
AT Österreich
BE België | Belgie
BR Brasil
CD République démocratique du Congo | DRC
CG Congo
CH Schweiz | Svizzera | Confédération suisse
CI Cote d'Ivoire | Ivory Coast
CZ République tchèque | Czech Republic
DE Deutschland | République fédérale d'Allemagne
DK Danmark
ES España
FR République française | France métropolitaine
GB Grande-Bretagne | Great Britain | Angleterre | England | Écosse | Scotland | Pays de Galles | Wales | UK | U.K.
IE Éire
IT Italia
KR South Korea | Corée
LU Grand-Duché de Luxembourg
MC Principauté de Monaco
MM Birmanie | Myanmar
NL Nederland | The Netherlands | Hollande | Holland
NO Norge
PL Polska
RU Fédération de Russie
SE Sverige
SX Sint Maarten
TR Turkey
US États-Unis d'Amérique | Etats Unis | United States of America | USA | U.S.A. | U.S.
VN Viêt Nam
"""
FRENCH = frozenset("FR GF GP MQ YT RE PM BL MF NC PF WF TF".split())
"""Where the law is French: France and what lies overseas."""
_STATES = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA"
    " RI SC SD TN TX UT VT VA WA WV WI WY DC AB BC MB NB NL NS ON PE QC SK".split()
)
"""Two letters that are a state of the United States or a province of Canada too: « Los Angeles, CA »."""
_PARTS = re.compile(r"(.*[\n,])?([^\n,]*)", re.DOTALL)


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """Names by code (French, English), and codes by name as one types it plainly."""
    names: dict[str, tuple[str, str]] = {}
    codes: dict[str, str] = {}
    for line in filter(None, f"{_NAMES}{_ALSO}".split("\n")):
        said = line[3:].split(" | ")
        names.setdefault(line[:2], (said[0], said[-1]))
        codes |= {_key(name): line[:2] for name in said}
    return names, codes


def _key(name: str) -> str:
    return re.sub(r"[ -]+", " ", plainly(name).replace("&", "and")).strip(" .")


@lru_cache(maxsize=4096)
def country_of(address: str) -> str:
    """The code of the country that an address ends with, empty where it names none.

    Two letters are one where no state or province is called so, or where the postcode stands before the town.
    """
    before, last = _split(address)
    names, codes = _tables()
    if (found := codes.get(_key(last))) is not None:
        return found
    code = last.strip().upper()
    if code not in names or (
        code in _STATES and not re.search(r"(?:^|[\n,]) *(?:[A-Z]{1,2}-)?\d{4,5} +\D[^\n,]*[\n,]$", before)
    ):
        return ""
    return code


def in_language(address: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The lines of an address, its country as this language (fr, en) calls it."""
    code = country_of("\n".join(address))
    if not code:
        return address
    before, last = _split(address[-1])
    space = " " * (len(last) - len(last.lstrip()))
    return (*address[:-1], f"{before}{space}{_tables()[0][code][language == 'en']}")


def is_whole(address: str) -> bool:
    """True where a letter finds its door: more is told than a country."""
    before, last = _split(address.strip())
    return bool(before.strip(" ,\n")) or (len(last.strip()) > 2 and not country_of(address.strip()))


def _split(address: str) -> tuple[str, str]:
    """What stands up to the last comma or line end, and the last part."""
    found = _PARTS.fullmatch(address)
    assert found is not None, "any text has a last part"
    return found[1] or "", found[2]
