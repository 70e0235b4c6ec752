"""relance.toml, one row a setting: what it accepts, what holds where it is left out, and in French what it is for.

pydantic checks the file against these tables. The sample, the guide's table, what is accepted and the nearest known key
are read off them (rows.py). A setting has the name of the field that it sets in the value that its table becomes.
"""

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from relance.config import accepted
from relance.config.accounts import ImapTable, SmtpTable
from relance.config.columns import CustomerColumnsTable
from relance.config.invoices import InvoicesTable, PaymentsTable
from relance.config.places import WebAddress
from relance.config.rows import SettingsTable, apart, empty, shown
from relance.config.values import JOURNAL_FILE
from relance.core.interest import InterestTerms
from relance.core.message import Sender, Sentences
from relance.core.policy import DEFAULT_SCHEDULES, DEFAULT_STAGES, DunningPolicy, Stage
from relance.french import DEFAULT_TIMEZONE
from relance.sources.source import BankOptions

_INTEREST = InterestTerms()
_POLICY = DunningPolicy()


class SenderTable(SettingsTable):
    """[sender]: who writes."""

    name: Annotated[accepted.Line, accepted.says("votre nom ou celui de votre entreprise, sur une ligne")] = shown(
        "Prénom Nom", ...
    )
    """Votre nom ou celui de votre entreprise, tel que vos clients le connaissent."""
    email: accepted.Email = shown("prenom.nom@example.com", ...)
    """L’adresse d’où partent les relances."""
    voice: accepted.Line | None = shown("service comptabilité")
    """La voix qui signe, sous votre nom, et qui dit « nous » dans les lettres ; par défaut, aucune."""
    reply_to: accepted.Email | None = shown("comptabilite@example.com")
    """L’adresse où vos clients répondent, si elle diffère de l’adresse d’envoi ; par défaut, celle-ci."""
    bcc: accepted.Email | None = shown("archives@example.com")
    """Une adresse qui reçoit une copie cachée de chaque message ; par défaut, aucune."""
    phone: accepted.Line | None = shown("01 23 45 67 89")
    """Votre téléphone, que les courriers citent ; par défaut, aucun."""
    address: accepted.Lines | None = shown("1 rue de l'Exemple, 75001 Paris")
    """Votre adresse postale, citée par la mise en demeure ; par défaut, aucune."""
    siret: accepted.Siret | None = shown("732 829 320 00074")
    """Votre SIRET ; par défaut, aucun."""
    legal_form: accepted.Line | None = shown("EI")
    """Votre forme juridique ; par défaut, aucune."""
    iban: accepted.Iban | None = shown("FR76 3000 6000 0112 3456 7890 189")
    """L’IBAN du compte où payer, le même que sur vos factures : les messages le disent ; sa longueur et sa clé sont
    vérifiées ; par défaut, aucun.
    """
    account_name: accepted.Line | None = shown("Prénom Nom EI")
    """Le titulaire de ce compte, tel que votre banque le connaît : celle de votre client le vérifie ; par défaut, votre
    nom, suivi de EI si c’est votre forme juridique.
    """
    bic: accepted.Bic | None = shown("AGRIFRPP")
    """Le BIC de ce compte ; par défaut, aucun."""
    rib: accepted.FilePath | None = shown("rib.pdf")
    """Votre RIB en PDF, joint aux relances à partir de la ferme ; par défaut, aucun."""
    qr: accepted.Switch = Sender("", "").qr
    """true : les e-mails portent aussi le QR code du virement, et le disent ; la lettre le montre toujours."""
    signature: accepted.Lines | None = shown("Prénom Nom, graphiste")
    """La signature en fin de courrier, si votre nom ne suffit pas (trois guillemets pour plusieurs lignes)."""


class MessagesTable(SettingsTable):
    """[messages]: sentences beside those that every message has."""

    service_interruption: accepted.Switch = Sentences().service_interruption
    """true : les relances préventive et amicale disent que la prestation en cours peut être interrompue."""
    cheque: accepted.Switch = Sentences().cheque
    """true : un chèque à votre ordre convient aussi."""
    card: accepted.Switch = Sentences().card
    """true : le client peut vous demander un lien pour payer par carte, quand la facture n’en porte pas."""
    work: accepted.Switch = Sentences().work
    """true : les relances amicale et ferme rappellent ce qui a été fait, d’après le libellé du fichier."""
    question: accepted.Switch = Sentences().question
    """true : la relance amicale demande si le travail a convenu."""


class HalfYearTable(SettingsTable):
    """A half-year of [charges.rates]: the ECB rate and the legal rate of professional creditors."""

    ecb: accepted.Percent | None = None
    """Le taux directeur de la BCE du semestre, en pour cent par an ; par défaut, la table fournie."""
    legal: accepted.Percent | None = None
    """Le taux légal des professionnels, « autres cas », de même ; par défaut, la table fournie."""


class ChargesTable(SettingsTable):
    """[charges]: late-payment interest and recovery fee."""

    rate: accepted.InterestRate = _INTEREST.rate
    """Le taux des pénalités, celui de vos factures ou de vos conditions de vente : en pour cent par an (14.0), ou bien
    "ecb+10" (taux de la BCE plus 10 points), "legal*3" (trois fois le taux légal), "0.05/day" (pour cent par jour).
    """
    recovery_fee: accepted.FlatFee = _INTEREST.recovery_fee
    """L’indemnité forfaitaire de recouvrement, en euros par facture (article D441-5 du code de commerce ; 40.00 au
    plus).
    """
    show_from: accepted.StageKey | None = shown(_INTEREST.show_from)
    """La clé de la première étape dont le message nomme ces frais (courtesy et friendly ne nomment jamais de frais sans
    cette ligne) ; par défaut, firm ; si vos étapes n’ont pas de firm, formal_notice, et à défaut la dernière.
    """
    waiver: accepted.Switch = _INTEREST.waiver
    """true : la relance qui annonce ces frais propose d’y renoncer si tout est réglé à la date qu’elle donne ; cette
    offre vous engage.
    """
    imputation: accepted.ImputationName = _INTEREST.imputation
    """Ce qu’un règlement partiel paie d’abord : "principal" (la facture) ou "interest" (les pénalités déjà courues,
    article 1343-1 du code civil).
    """
    rates: dict[str, Annotated[HalfYearTable, accepted.says("une table comme { ecb = 2.40, legal = 2.75 }")]] = shown(
        {"2099-S1": {"ecb": Decimal("2.00"), "legal": Decimal("2.50")}}, {}, given=True
    )
    """Les taux d’un semestre que relance ne connaît pas encore, ou corrigés, en pour cent par an : le taux directeur de
    la BCE au 1er janvier ou au 1er juillet (ecb) et le taux légal des professionnels, « autres cas » (legal).

    Dans cet exemple les valeurs sont inventées : mettez celles qui auront été publiées.
    """


class OwnChargesTable(SettingsTable):
    """`charges` of [[customers]]: what was agreed with this customer."""

    rate: accepted.InterestRate | None = shown(Decimal("12.0"))
    """Le taux convenu avec lui, écrit comme charges.rate ; par défaut, charges.rate."""
    recovery_fee: accepted.FlatFee | None = shown(_INTEREST.recovery_fee)
    """L’indemnité convenue avec lui, 40 au plus ; par défaut, charges.recovery_fee."""
    imputation: accepted.ImputationName | None = shown(_INTEREST.imputation)
    """Ce que ses règlements partiels paient d’abord ; par défaut, charges.imputation."""
    real_costs: accepted.Amount | None = shown(_INTEREST.real_costs)
    """Vos frais réels de recouvrement par facture, en euros, que vous pouvez prouver ; par défaut, aucuns."""


class PolicyTable(SettingsTable):
    """[policy]: the rhythm of the reminders."""

    min_gap_days: accepted.Gap = _POLICY.min_gap_days
    """Le nombre de jours entre deux messages au sujet d’une même facture."""
    customer_gap_days: accepted.Gap = _POLICY.customer_gap_days
    """Le nombre de jours entre deux messages à une même adresse."""
    minimum: accepted.Amount = _POLICY.minimum
    """Le reste dû, en euros, sous lequel une facture n’est pas relancée."""
    group: accepted.Switch = _POLICY.group
    """true : un seul message par client pour toutes ses factures du jour ; false : un message par facture."""
    max_per_run: Annotated[int, accepted.whole(1, 10_000)] = _POLICY.max_per_run
    """Le nombre de messages qu’un envoi, ou les passages automatiques d’un jour ensemble, ne dépassent jamais."""
    default_kind: accepted.KindName | None = shown("business")
    """Ce que sont les clients dont rien ne dit la nature : "business" (entreprise), "public" (administration) ou
    "consumer" (particulier) ; par défaut, rien : leurs messages ne nomment pas de frais.
    """
    thanks: accepted.Switch = _POLICY.thanks
    """true : un client relancé qui vient de payer, et qui ne doit plus rien d’échu, reçoit un mot de remerciement."""
    working_days: accepted.Switch = _POLICY.calendar.working_days
    """true : rien ne part le samedi, le dimanche ni les jours fériés."""
    region: accepted.RegionName | None = shown("alsace-moselle")
    """La région dont les jours fériés s’ajoutent aux onze jours nationaux : "alsace-moselle", "guadeloupe", "guyane",
    "martinique", "mayotte", "reunion", "saint-barthelemy", "saint-martin", "nouvelle-caledonie", "polynesie" ou
    "wallis-et-futuna" ; par défaut, aucune.
    """
    closed: Annotated[
        list[accepted.Span], accepted.says('une liste de jours "AAAA-MM-JJ" ou de périodes "AAAA-MM-JJ/AAAA-MM-JJ"')
    ] = shown(["2026-12-24/2027-01-02", "2027-05-07"], [])
    """Vos jours et périodes de fermeture, premier et dernier jour compris ; par défaut, aucun."""
    schedule: accepted.ScheduleName = DEFAULT_SCHEDULES[0].name
    """Le calendrier de tous vos clients : "default" (des messages seuls), "phone" (à J+15 un appel, le message ferme
    sept jours après), "phone-late" (relance amicale à J+7, appel à J+20), ou le nom de l’un des vôtres.
    """
    hours: accepted.SendingHours | None = shown("08:00-18:30")
    """Les heures où les messages partent ; par défaut, de 8 h à 18 h 30 et le vendredi jusqu’à 16 h pour un passage
    automatique (relance send --unattended), à toute heure pour les autres.
    """
    timezone: accepted.Timezone = DEFAULT_TIMEZONE
    """Le fuseau horaire qui dit quel jour nous sommes."""


def _block(stage: Stage) -> dict[str, object]:
    """A stage as its block says it in full."""
    told = {**stage._asdict(), "template": f"{stage.key}.txt.j2", "term_days": stage.term_days or 0}
    return {name: told[name] for name in StageTable.model_fields}


class StageTable(SettingsTable):
    """[[stages]]: a rung of the ladder; a known key inherits what it does not say."""

    key: accepted.StageKey
    """La clé de l’étape, en minuscules."""
    day: accepted.Day | None = None
    """Le jour où elle commence, compté depuis l’échéance (négatif avant elle)."""
    label: accepted.Line | None = None
    """Son nom en français."""
    channels: accepted.Channels | None = None
    """Par où : "email" est envoyé ; "call", "letter" et "sms" deviennent des tâches pour vous."""
    confirm: accepted.Switch | None = None
    """true si elle attend votre accord (relance approve)."""
    template: accepted.TemplateName | None = None
    """Le fichier du modèle de courrier."""
    term_days: accepted.NewTerm | None = None
    """Le nouveau délai que le message accorde, en jours ; 0 : aucun."""


_LONG = DEFAULT_SCHEDULES[1]


class ScheduleStageTable(SettingsTable):
    """One of the stages of [[schedules]]: a stage on another day."""

    key: accepted.StageKey
    """La clé d’une étape."""
    day: accepted.Day
    """Son jour dans ce calendrier."""


class ScheduleTable(SettingsTable):
    """[[schedules]]: another calendar, for long terms or for some customers."""

    name: accepted.ScheduleName
    """Le nom du calendrier."""
    terms_from_days: accepted.Terms | None = None
    """Le délai de paiement, en jours, à partir duquel il s’applique."""
    stages: Annotated[
        list[ScheduleStageTable], accepted.says('une liste comme [{key = "friendly", day = 10}]', min_length=1)
    ]
    """Les étapes, chacune à son jour."""


class CustomerTable(SettingsTable):
    """[[customers]]: what the user says of some customers."""

    match: Annotated[
        accepted.Line, accepted.says("un code, un SIRET ou SIREN, une adresse e-mail ou un nom, entre guillemets")
    ] = shown("Mairie d'Exemple", ...)
    """Son code, SIRET, SIREN, adresse e-mail ou nom entier (accents et majuscules du nom à part)."""
    kind: accepted.KindName | None = shown("public")
    """Sa nature : "business", "public" ou "consumer" ; par défaut, ce que dit le fichier."""
    profile: accepted.ProfileName | None = shown("key")
    """Ce dont ses messages tiennent compte : "key" pour un client privilégié (après la relance amicale, tout est une
    tâche pour vous), "new" pour une première facture ; par défaut, rien.
    """
    schedule: accepted.ScheduleName | None = shown(_LONG.name)
    """Le nom de son calendrier ; "default" est celui des étapes ; par défaut, selon le délai."""
    charges: Annotated[
        OwnChargesTable | None, accepted.says("une table comme { rate = 12.0, recovery_fee = 40.00 }")
    ] = None
    """Ce qui est convenu avec lui au sujet des frais."""
    formality: Literal["vous", "tu"] | None = shown("vous")
    """Si vous vous tutoyez, "tu" (la mise en demeure dit toujours « vous »), sinon "vous" ; par défaut, "vous"."""
    language: Literal["fr", "en"] | None = shown("fr")
    """La langue de ses messages, "fr" ou "en" (une autre, dite par le fichier, reçoit l’anglais) ; par défaut, celle du
    fichier, ou "fr".
    """
    exclude: accepted.Switch = False
    """true pour ne jamais le relancer."""
    email: accepted.Emails | None = shown("compta@example.com")
    """L’adresse, ou la liste d’adresses, à la place de celles du fichier ; par défaut, celles du fichier."""
    cc: accepted.Emails | None = shown(["service.achats@example.com"])
    """L’adresse, ou la liste d’adresses, en copie ; par défaut, celles du fichier."""


class BankTable(SettingsTable):
    """[bank]: the statements of the account where customers pay."""

    files: accepted.FilePaths = shown(["releves/*"], [])
    """Vos relevés (fichier, motif "releves/*", liste) : ce qui y est payé n’est plus relancé ; par défaut, aucun."""
    account: accepted.Line | None = shown("FR76 3000 4008 1100 0012 3456 786")
    """Le seul compte à lire dans ces relevés, et celui des relevés qui n’en nomment pas ; par défaut, tous."""
    max_age_days: accepted.Gap = BankOptions().max_age_days
    """L’âge en jours de vos relevés au-delà duquel la relance ferme et la suite attendent ; 0 : quel que soit l’âge."""


class DeliveryTable(SettingsTable):
    """[delivery]: how messages leave."""

    transport: Literal["smtp", "drafts", "folder"] = "smtp"
    """Comment ils partent : "smtp" envoie ; "drafts" les met dans les brouillons de votre boîte ([imap]), "folder" dans
    des fichiers .eml, que vous envoyez vous-même.
    """
    folder: accepted.FilePath = Path("brouillons")
    """Le dossier de ces brouillons, rangé en Maildir : les nouveaux sont dans son sous-dossier « new »."""


class DigestTable(SettingsTable):
    """[digest]: how a schedule reaches the user."""

    email: accepted.Email | None = shown("moi@example.com")
    """L’adresse où ce qui a besoin de vous arrive par e-mail, par votre propre serveur, au plus une fois par jour,
    au lieu d’être affiché par un passage automatique ; par défaut, aucune.
    """
    ping: WebAddress | None = shown("https://hc-ping.com/votre-code")
    """L’adresse https appelée à la fin de chaque passage automatique réussi, pour qui surveille qu’il a lieu ; rien n’y
    est joint ; par défaut, aucune.
    """


class ReportTable(SettingsTable):
    """[report]: what the report cannot know by itself."""

    margin_percent: accepted.Margin | None = shown(Decimal("20.0"))
    """Votre marge, en pour cent du prix, d’où le rapport tire ce qu’il faut vendre pour compenser une perte ; par
    défaut, aucune.
    """


class JournalTable(SettingsTable):
    """[journal]: the memory of what was done."""

    file: accepted.FilePath = Path(JOURNAL_FILE)
    """La mémoire de relance : ce qui a été envoyé, promis, payé ; gardez-la, sauvegardez-la."""


class TemplatesTable(SettingsTable):
    """[templates]: the user's own texts."""

    folder: accepted.FilePath | None = shown("modeles")
    """Le dossier de vos propres modèles de courriers, qui l’emportent sur ceux de relance ; par défaut, aucun."""


class SettingsFile(SettingsTable):
    """The whole of relance.toml."""

    sender: SenderTable
    """# Qui écrit"""
    invoices: InvoicesTable = empty()
    """# Où sont les factures"""
    payments: PaymentsTable = empty()
    bank: BankTable = empty()
    messages: MessagesTable = empty()
    """# Phrases en plus

    Par défaut, aucune : les messages restent courts.
    """
    charges: ChargesTable = empty()
    """# Pénalités de retard"""
    policy: PolicyTable = empty()
    """# Rythme des relances"""
    stages: Annotated[
        list[StageTable] | None, accepted.says("au moins un bloc [[stages]], à doubles crochets", min_length=1)
    ] = shown([_block(stage) for stage in DEFAULT_STAGES])
    """# Étapes

    Donner un seul bloc [[stages]] remplace toute la liste par défaut, qui est celle-ci : donnez donc toutes les étapes
    que vous voulez, dans l’ordre des jours. Une clé par défaut (courtesy, friendly, firm, formal_notice) garde ce que
    vous ne dites pas ; une autre clé doit dire day et label.

    Le calendrier long (plus bas) n’existe que tant que vous ne donnez ni [[stages]] ni [[schedules]] : dès que vous
    donnez [[stages]], il disparaît, à moins que vous ne le donniez vous-même avec [[schedules]].
    """
    schedules: Annotated[
        list[ScheduleTable] | None, accepted.says("au moins un bloc [[schedules]], à doubles crochets", min_length=1)
    ] = shown(
        [
            {
                "name": _LONG.name,
                "terms_from_days": _LONG.terms_from_days,
                "stages": [{"key": stage.key, "day": stage.day} for stage in _LONG.stages],
            }
        ]
    )
    """D’autres calendriers : les mêmes étapes à d’autres jours, pour les factures dont le délai de paiement atteint
    terms_from_days jours, ou pour les clients qui le nomment (schedule, plus bas). Celui-ci est celui par défaut ;
    donner un bloc [[schedules]] le remplace.
    """
    customers: list[CustomerTable] = shown([], [])
    """# Clients

    Un bloc par client à part ; par défaut, aucun. S’ils se contredisent, le dernier l’emporte.
    """
    customer_columns: CustomerColumnsTable = apart("customers.columns")
    """L’en-tête de chaque colonne de la liste des clients (customers sous [invoices], ou une feuille du classeur) ;
    cette table vient après les blocs [[customers]].
    """
    smtp: SmtpTable | None = shown(None, given=True)
    """# Envoi"""
    imap: ImapTable | None = None
    """La boîte où arrivent les réponses et les retours, si vous voulez que relance les lise avant d’envoyer ; aucune
    par défaut. Rien n’y change, mais vos envois y sont rangés (save_sent). Enlevez le « # » devant [imap] et host.
    """
    delivery: DeliveryTable = empty()
    digest: DigestTable = empty()
    report: ReportTable = empty()
    journal: JournalTable = empty()
    templates: TemplatesTable = empty()
