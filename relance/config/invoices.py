"""[invoices]: one row a setting of where the invoices stand and how they are read."""

from typing import Annotated, Literal

from relance.config import accepted, places
from relance.config.columns import ColumnsTable, PaymentColumnsTable
from relance.config.rows import SettingsTable, empty, shown
from relance.core.policy import DunningPolicy
from relance.sources.source import SourceOptions

_POLICY = DunningPolicy()
_LIMITS = SourceOptions().limits


class InvoicesTable(SettingsTable):
    """[invoices]: where the invoices stand and how to read them."""

    file: places.Places | None = shown("factures.csv", given=True)
    """Le fichier des factures, CSV, XLSX, XLS ou ODS, l’adresse https qui en donne un, ou un dossier de factures
    électroniques ("factures/", "factures/*.pdf") ; une liste entre crochets en réunit plusieurs, aux mêmes titres de
    colonnes ; rien n’y est modifié ; par défaut, celui de la commande.
    """
    paid_dir: accepted.FilePath | None = shown("payées")
    """Le dossier où vous rangez les factures électroniques payées : ce qui y est n’est plus dû ; par défaut, aucun."""
    statuses: accepted.FilePaths = shown(["statuts/*"], [])
    """Les statuts de vos factures, exportés de votre plateforme (fichier, dossier, motif, liste) : ce qui est refusé,
    rejeté, en litige, suspendu ou payé n’est plus relancé ; par défaut, aucun.
    """
    declare_collected: accepted.Switch = _POLICY.declare_collected
    """true : ce qui est payé et que la plateforme ne sait pas « encaissé » (212) est rappelé ; false : vous vendez des
    biens, ou elle le sait sans vous.
    """
    payments: accepted.FilePath | None = shown("reglements.csv")
    """Un fichier de règlements, si votre logiciel l’exporte à part ; par défaut, aucun."""
    customers: accepted.FilePath | None = shown("clients.csv")
    """Un fichier de clients, si votre logiciel l’exporte à part ; par défaut, aucun."""
    pdf: accepted.PdfPath | None = shown("factures/{number}.pdf")
    """Où est la facture en PDF à joindre à chaque message, quand le fichier ne le dit pas : {number} tient la place de
    son numéro ; par défaut, rien.
    """
    require_pdf: accepted.Switch = False
    """true : une relance ne part pas sans la facture en PDF ; false : elle part sans, et relance le dit."""
    sheet: places.Sheets | None = shown("Factures")
    """La feuille du classeur à lire, ou une liste de feuilles aux mêmes titres de colonnes ; par défaut, reconnue."""
    encoding: accepted.Encoding | None = shown("utf-8")
    """L’encodage du fichier texte, comme "utf-8" ou "cp1252" ; par défaut, reconnu."""
    delimiter: accepted.Delimiter | None = shown(";")
    r"""Le caractère qui sépare les colonnes : ";", ",", "|" ou "\t" (tabulation) ; par défaut, reconnu."""
    date_order: Literal["dmy", "mdy", "ymd"] | None = shown("dmy")
    """L’ordre des dates : "dmy" (jour, mois, année), "mdy" (mois d’abord) ou
    "ymd" (année d’abord) ; par défaut, reconnu.
    """
    cents: accepted.Switch | None = shown(False)
    """true : les montants sont en centimes, comme dans une API (120000 pour 1200,00) ; par défaut, reconnu."""
    max_rows: Annotated[int, accepted.whole(1, 2_000_000)] = _LIMITS.rows
    """Le nombre de lignes au-delà duquel le fichier est refusé : augmentez-le au besoin."""
    max_megabytes: Annotated[int, accepted.whole(1, 1_000)] = _LIMITS.megabytes
    """La taille, en Mo, au-delà de laquelle il est refusé."""
    max_columns: Annotated[int, accepted.whole(2, 16_384)] = _LIMITS.columns
    """Le nombre de colonnes au-delà duquel il est refusé."""
    max_age_days: accepted.Gap = _POLICY.max_age_days
    """L’âge en jours du fichier, ou de sa liste de règlements à part si elle est plus ancienne, au-delà duquel plus
    aucune relance ne part ; 0 : quel que soit cet âge.
    """
    max_age_days_firm: accepted.Gap = _POLICY.max_age_days_firm
    """Le même âge pour la relance ferme et la suite."""
    columns: ColumnsTable = empty()
    """L’en-tête que porte chaque colonne dans votre fichier, quand relance ne la reconnaît pas tout seul."""
    ignore: Annotated[list[accepted.Line], accepted.says('une liste d’en-têtes comme ["VIP"]')] = shown(
        ["Note interne"], []
    )
    """Les en-têtes des colonnes qui ne disent rien de ce qui est dû et qu’il ne faut pas lire ; par défaut, aucun."""
    status_words: dict[str, accepted.StateName] = shown({"vue": "open"}, {}, given=True)
    """Ce que veulent dire les mots d’état, de type et de titre que relance ne connaît pas ; par défaut, aucun."""


class PaymentsTable(SettingsTable):
    """[payments]: how the list of payments is read."""

    columns: PaymentColumnsTable = empty()
    """L’en-tête de chaque colonne de la liste des règlements (payments sous [invoices], ou une feuille du classeur)."""
