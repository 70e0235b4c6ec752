"""From relance.toml to values: defaults, inheritance, paths, amounts."""

from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relance.config import accounts, invoices, load_settings, models
from relance.config.loading import to_settings
from relance.config.models import SettingsFile
from relance.config.rows import SettingsTable
from relance.config.values import CustomerRule, Digest, Settings, apply_rules
from relance.core.calendar import Hours, WorkCalendar
from relance.core.interest import Basis, Imputation, InterestTerms, OwnTerms, Rate, agreed
from relance.core.invoice import Customer, Kind
from relance.core.message import Sender
from relance.core.policy import DEFAULT_SCHEDULES, DEFAULT_STAGES, DunningPolicy, Schedule, Stage
from relance.core.reference_rates import REFERENCE_RATES, ReferenceRate
from relance.delivery.account import Account, Secret
from relance.errors import SettingsError
from relance.sources.source import SourceOptions

SENDER = '[sender]\nname = "Alix"\nemail = "alix@example.com"\n'


def _load(folder: Path, text: str) -> Settings:
    path = folder / "relance.toml"
    path.write_text(SENDER + text, encoding="utf-8")
    return load_settings(path)


def test_defaults(tmp_path: Path) -> None:
    """A file that only says who writes leaves everything to the defaults of the core."""
    expected = Settings(
        path=tmp_path / "relance.toml",
        sender=Sender("Alix", "alix@example.com"),
        source=SourceOptions(),
        policy=DunningPolicy(),
        smtp=None,
        transport="smtp",
        drafts=tmp_path / "brouillons",
        journal=tmp_path / "relance-journal.sqlite3",
        templates=None,
        customer_rules=(),
        timezone="Europe/Paris",
    )

    assert expected == _load(tmp_path, "")


def test_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Relative paths start from the settings file, absolute ones and the home folder stay what they are."""
    monkeypatch.chdir("/")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    settings = _load(
        tmp_path,
        '[invoices]\nfile = "in/f.csv"\npayments = "/p.csv"\ncustomers = "~/c.csv"\n[delivery]\nfolder = "out"\n'
        '[journal]\nfile = "j.db"\n[templates]\nfolder = "../t"',
    )

    assert tmp_path / "in" / "f.csv" == settings.source.file[0]
    assert Path("/p.csv") == settings.source.payments.file
    assert tmp_path / "home" / "c.csv" == settings.source.customers.file
    assert (tmp_path / "out", tmp_path / "j.db") == (settings.drafts, settings.journal)
    assert tmp_path / ".." / "t" == settings.templates


def test_tilde_without_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the home folder is not known, `~` is an error and not a folder of that name."""
    monkeypatch.setattr(Path, "expanduser", _no_home)

    with pytest.raises(SettingsError, match="une erreur") as caught:
        _load(tmp_path, '[invoices]\nfile = "~/f.csv"')

    assert "invoices.file" in caught.value.cure


def _no_home(path: Path) -> Path:
    raise RuntimeError(path)


def test_relative_settings_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A settings file given by a relative path still gives absolute paths."""
    _load(tmp_path, "")
    monkeypatch.chdir(tmp_path)

    assert tmp_path / "relance-journal.sqlite3" == load_settings(Path("relance.toml")).journal


def test_values(tmp_path: Path) -> None:
    """Every table reaches its value: identifiers compacted, amounts exact to the cent, days as dates."""
    settings = _load(
        tmp_path,
        'siret = "732 829 320 00074"\niban = "fr76 3000 6000 0112 3456 7890 189"\n'
        'address = """1 rue A\n75001 Paris"""\n'
        '[invoices]\ndelimiter = "\\t"\ndate_order = "mdy"\nencoding = "cp1252"\ncolumns = {number = "N°"}\n'
        "max_rows = 300000\nmax_megabytes = 100\nmax_columns = 512\n"
        '[charges]\nrate = 12.15\nrecovery_fee = 40\nshow_from = "formal_notice"\nwaiver = true\n'
        '[policy]\nminimum = 0\ndefault_kind = "consumer"\nworking_days = false\ntimezone = "Indian/Reunion"\n'
        'closed = ["2026-12-24/2027-01-02", 2027-05-07]\n'
        '[delivery]\ntransport = "folder"',
    )

    assert (settings.sender.siret, settings.sender.iban) == ("73282932000074", "FR7630006000011234567890189")
    assert settings.sender.address == "1 rue A\n75001 Paris"
    expected = SourceOptions(delimiter="\t", date_order="mdy", encoding="cp1252", columns={"number": "N°"})
    limits = expected.limits._replace(rows=300_000, megabytes=100, columns=512)
    assert expected._replace(limits=limits) == settings.source
    interest = settings.policy.interest
    assert (Rate(Basis.FIXED, Decimal("12.15")), "40.00", "formal_notice") == (
        interest.rate,
        str(interest.recovery_fee),
        interest.show_from,
    )
    assert (Decimal("0.00"), Kind.CONSUMER) == (settings.policy.minimum, settings.policy.default_kind)
    assert interest.waiver
    closed = ((date(2026, 12, 24), date(2027, 1, 2)), (date(2027, 5, 7), date(2027, 5, 7)))
    assert WorkCalendar(working_days=False, closed=closed) == settings.policy.calendar
    assert (settings.transport, settings.timezone) == ("folder", "Indian/Reunion")


@pytest.mark.parametrize(
    ("smtp", "expected"),
    [
        ('host = "h.fr"', Account("smtp", "h.fr", 587, "starttls")),
        ('host = "h.fr"\nsecurity = "tls"', Account("smtp", "h.fr", 465, "tls")),
        ('host = "127.0.0.1"\nsecurity = "none"', Account("smtp", "127.0.0.1", 25, "none")),
        ('host = "::1"\nsecurity = "none"\nport = 2525', Account("smtp", "::1", 2525, "none")),
        ('host = "LOCALHOST"\nsecurity = "none"', Account("smtp", "LOCALHOST", 25, "none")),
        (
            'host = "h.fr"\nuser = "u"\npassword_env = "P"',
            Account("smtp", "h.fr", 587, "starttls", user="u", secret=Secret(password_env="P")),
        ),
        (
            "host = 'h.fr'\nuser = 'u'\npassword_command = 'pass show \"my mail\"'",
            Account(
                "smtp", "h.fr", 587, "starttls", user="u", secret=Secret(password_command=("pass", "show", "my mail"))
            ),
        ),
        (
            'host = "h.fr"\nuser = "u"\nkeyring = "relance"',
            Account("smtp", "h.fr", 587, "starttls", user="u", secret=Secret(keyring="relance")),
        ),
        (
            "host = 'h.fr'\nuser = 'u'\npassword_command = ['C:\\p.exe', 'a b']\ntimeout = 5\nper_minute = 600",
            Account(
                "smtp",
                "h.fr",
                587,
                "starttls",
                user="u",
                secret=Secret(password_command=("C:\\p.exe", "a b")),
                timeout=5,
                per_minute=600,
            ),
        ),
    ],
)
def test_smtp(tmp_path: Path, smtp: str, expected: Account) -> None:
    """The port follows the security, loopback hosts may go without, a command is words and never a shell's text."""
    assert expected == _load(tmp_path, f"[smtp]\n{smtp}").smtp


ACCOUNT = '[smtp]\nhost = "h.fr"\nuser = "u"\npassword_env = "P"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[smtp]\nhost = "h"\nuser = "u"\nauth = "xoauth2"\ntoken_command = "t s"\n[imap]\nhost = "i.fr"',
            Account("imap", "i.fr", 993, "tls", user="u", secret=Secret(token_command=("t", "s"))),
        ),
        (
            f'{ACCOUNT}[imap]\nhost = "i.fr"\nauth = "xoauth2"\npassword_command = "t s"',
            Account("imap", "i.fr", 993, "tls", user="u", secret=Secret(token_command=("t", "s"))),
        ),
        (
            f'{ACCOUNT}[imap]\nhost = "i.fr"',
            Account("imap", "i.fr", 993, "tls", user="u", secret=Secret(password_env="P")),
        ),
        (
            f'{ACCOUNT}[imap]\nhost = "i.fr"\nuser = "v"\nkeyring = "k"\nsecurity = "starttls"',
            Account("imap", "i.fr", 143, "starttls", user="v", secret=Secret(keyring="k")),
        ),
        (
            '[imap]\nhost = "::1"\nsecurity = "none"\nport = 2143\nuser = "v"\npassword_command = "p x"\n'
            'folders = ["A", "B"]\ntimeout = 5',
            Account(
                "imap",
                "::1",
                2143,
                "none",
                "v",
                secret=Secret(password_command=("p", "x")),
                folders=("A", "B"),
                timeout=5,
            ),
        ),
    ],
)
def test_imap(tmp_path: Path, text: str, expected: Account) -> None:
    """The mailbox has the account of the mail server unless it has its own."""
    assert expected == _load(tmp_path, text).imap


def test_stages_inherit(tmp_path: Path) -> None:
    """A known key keeps what its block does not say, a new one starts from nothing, and the long schedule is gone."""
    settings = _load(
        tmp_path,
        '[[stages]]\nkey = "friendly"\nday = 7\n[[stages]]\nkey = "rappel_2"\nday = 20\nlabel = "appel"\n'
        'channels = ["call"]\n[[stages]]\nkey = "formal_notice"\nconfirm = false\nterm_days = 0\ntemplate = "m.txt.j2"',
    )
    expected = (
        Stage("friendly", 7, "relance amicale"),
        Stage("rappel_2", 20, "appel", channels=("call",)),
        Stage("formal_notice", 30, "mise en demeure", channels=("email", "letter"), template="m.txt.j2"),
    )

    assert (Schedule("default", expected),) == settings.policy.schedules


@pytest.mark.parametrize(
    ("block", "days"),
    [
        ("", 15),
        ('channels = ["email"]\n', 8),
        ('channels = ["email", "letter"]\n', 15),
        ('channels = ["email"]\nterm_days = 20\n', 20),
        ('channels = ["email"]\nterm_days = 0\n', None),
    ],
)
def test_a_notice_that_is_not_posted_gives_fewer_days(tmp_path: Path, block: str, days: int | None) -> None:
    """Fifteen days leave eight after a registered letter was fetched; a mail needs none of them."""
    [stage] = _load(tmp_path, f'[[stages]]\nkey = "formal_notice"\n{block}').policy.schedules[0].stages

    assert days == stage.term_days


def test_schedules(tmp_path: Path) -> None:
    """The user's schedules replace the long one, and move the stages that he described or the default ones."""
    text = '[[schedules]]\nname = "mairies"\nterms_from_days = 30\nstages = [{key = "firm", day = 40}]\n'
    firm = Stage("firm", 40, "relance ferme", term_days=7)
    own = '[[stages]]\nkey = "firm"\nlabel = "ferme"\n'

    assert (DEFAULT_SCHEDULES[0], Schedule("mairies", (firm,), 30)) == _load(tmp_path, text).policy.schedules
    labels = [[stage.label for stage in schedule.stages] for schedule in _load(tmp_path, own + text).policy.schedules]
    assert labels == [["ferme"], ["ferme"]]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["friendly", "firm", "formal_notice"], "firm"),
        (["courtesy", "friendly", "formal_notice"], "formal_notice"),
        (["friendly", "appel"], "appel"),
        (["courtesy", "friendly"], "firm"),
    ],
)
def test_show_from_without_firm(tmp_path: Path, keys: list[str], expected: str) -> None:
    """Where the user's stages have no `firm`, charges show from the formal notice, else from the last stage."""
    blocks = [f'[[stages]]\nkey = "{key}"\n' + ('day = 60\nlabel = "x"\n' if key == "appel" else "") for key in keys]

    assert expected == _load(tmp_path, "".join(blocks)).policy.interest.show_from


def test_customers(tmp_path: Path) -> None:
    """A rule keeps the order of the file and takes one address or several."""
    settings = _load(
        tmp_path,
        '[[customers]]\nmatch = "C1"\nkind = "public"\nprofile = "new"\nschedule = "long"\nemail = "a@b.fr"\n'
        '[[customers]]\nmatch = "C2"\nexclude = true\nformality = "tu"\nlanguage = "en"\ncc = ["a@b.fr", "c@d.fr"]',
    )
    expected = (
        CustomerRule("C1", Kind.PUBLIC, "new", "long", email=("a@b.fr",)),
        CustomerRule("C2", formality="tu", language="en", exclude=True, cc=("a@b.fr", "c@d.fr")),
    )

    assert expected == settings.customer_rules


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_windows_files(tmp_path: Path, encoding: str, newline: str) -> None:
    """A byte order mark and CRLF line ends, as Notepad writes them, are no obstacle."""
    path = tmp_path / "relance.toml"
    path.write_bytes(SENDER.replace("Alix", "Zoé").replace("\n", newline).encode(encoding))

    assert load_settings(path).sender.name == "Zoé"


@pytest.mark.parametrize(
    ("table", "fields", "others"),
    [
        (models.SenderTable, Sender._fields, set()),
        (
            invoices.InvoicesTable,
            SourceOptions._fields + DunningPolicy._fields,
            {f"max_{x}" for x in SourceOptions().limits._fields},
        ),
        (models.ChargesTable, InterestTerms._fields, set()),
        (models.OwnChargesTable, OwnTerms._fields, set()),
        (models.PolicyTable, DunningPolicy._fields + WorkCalendar._fields + Settings._fields, {"schedule"}),
        (models.StageTable, Stage._fields, set()),
        (models.CustomerTable, CustomerRule._fields, set()),
        (models.DigestTable, Digest._fields, set()),
        (accounts.SmtpTable, Account._fields + Secret._fields, {"auth"}),
        (accounts.ImapTable, Account._fields + Secret._fields, {"auth"}),
    ],
)
def test_each_row_sets_a_field(table: type[SettingsTable], fields: tuple[str, ...], others: set[str]) -> None:
    """A row has the name of a field of the value that its table becomes, so that none is lost in silence."""
    assert others == table.model_fields.keys() - set(fields)


@given(st.decimals(0, 100, allow_nan=False, allow_infinity=False, places=4))
def test_rate_is_exact(rate: Decimal) -> None:
    """Any rate in range comes through digit for digit."""
    raw = {"sender": {"name": "A", "email": "a@b.fr"}, "charges": {"rate": rate}}
    settings = to_settings(Path("/x/relance.toml"), SettingsFile.model_validate(raw))

    assert Rate(Basis.FIXED, rate) == settings.policy.interest.rate


@pytest.mark.parametrize(
    ("written", "basis", "value"),
    [
        ('"ecb+10"', Basis.ECB, "10"),
        ('"BCE + 8,5"', Basis.ECB, "8.5"),
        ('"legal*3"', Basis.LEGAL, "3"),
        ('"légal x 2"', Basis.LEGAL, "2"),
        ('"0.05/day"', Basis.DAILY, "0.05"),
        ('"0,05 % / jour"', Basis.DAILY, "0.05"),
        ("12", Basis.FIXED, "12"),
        ("-0.0", Basis.FIXED, "0.0"),
    ],
)
def test_rates_by_law_or_by_day(tmp_path: Path, written: str, basis: Basis, value: str) -> None:
    """A rate is a number in percent a year, or tells what it rests on."""
    found = _load(tmp_path, f"[charges]\nrate = {written}\n").policy.interest.rate

    assert (basis, value) == (found.basis, str(found.value))


def test_half_years_of_the_user(tmp_path: Path) -> None:
    """[charges.rates] adds half-years and corrects known ones; the others stay."""
    text = "[charges.rates]\n2027-S1 = { ecb = 2.65 }\n2026-S2 = { ecb = 2.41, legal = 2.76 }\n"
    rates = _load(tmp_path, text).policy.interest.rates

    assert ReferenceRate(Decimal("2.65"), None, "relance.toml") == rates["2027-S1"]
    assert ReferenceRate(Decimal("2.41"), Decimal("2.76"), "relance.toml") == rates["2026-S2"]
    assert REFERENCE_RATES["2026-S1"] == rates["2026-S1"]


def test_charges_agreed_with_one_customer(tmp_path: Path) -> None:
    """What two blocks say of one customer adds up; what none says is that of everybody."""
    text = (
        '[charges]\nrate = 13.0\nimputation = "interest"\n'
        '[[customers]]\nmatch = "Alpha"\ncharges = { rate = "ecb+10", real_costs = 95 }\n'
        '[[customers]]\nmatch = "a@alpha.example"\ncharges = { recovery_fee = 0 }\n'
    )
    settings = _load(tmp_path, text)
    alpha = apply_rules(Customer("Alpha", emails=("a@alpha.example",)), settings.customer_rules)
    beta = apply_rules(Customer("Beta"), settings.customer_rules)
    terms = agreed(alpha.terms, settings.policy.interest)

    assert Rate(Basis.ECB, Decimal(10)) == terms.rate
    assert (Decimal("0.00"), Decimal("95.00")) == (terms.recovery_fee, terms.real_costs)
    assert Imputation.INTEREST is terms.imputation
    assert settings.policy.interest is agreed(beta.terms, settings.policy.interest)


@given(st.lists(st.tuples(st.sampled_from(DEFAULT_STAGES), st.integers(-365, 1825)), unique_by=(lambda p: p[0].key)))
def test_stages_keep_keys_and_days(chosen: list[tuple[Stage, int]]) -> None:
    """Whatever known stages are given on whatever days, keys and days come through as they stand."""
    raw: dict[str, object] = {"sender": {"name": "A", "email": "a@b.fr"}}
    if chosen:
        raw["stages"] = [{"key": stage.key, "day": day} for stage, day in chosen]
    stages = to_settings(Path("/x/relance.toml"), SettingsFile.model_validate(raw)).policy.schedules[0].stages
    expected = [(stage.key, day, stage.label) for stage, day in chosen]

    assert (expected or [(s.key, s.day, s.label) for s in DEFAULT_STAGES]) == [(s.key, s.day, s.label) for s in stages]


def _ladders(folder: Path, text: str) -> list[tuple[str, int | None, list[int]]]:
    """The schedules in their order: name, terms, days."""
    schedules = _load(folder, text).policy.schedules
    return [(each.name, each.terms_from_days, [stage.day for stage in each.stages]) for each in schedules]


def test_a_ready_ladder_comes_before_the_others(tmp_path: Path) -> None:
    """With its own for long terms, or beside the user's; "default" stays a name that a customer may have."""
    mails = ("default", None, [-5, 5, 15, 30])
    phone, late = ("phone", None, [-5, 5, 15, 22, 30]), ("phone-late", None, [-5, 7, 20, 27, 30])
    assert [phone, ("phone-long", 45, [-5, 10, 25, 32, 50]), mails] == _ladders(
        tmp_path, '[policy]\nschedule = "phone"'
    )
    own = '[[schedules]]\nname = "slow"\nterms_from_days = 60\nstages = [{key = "friendly", day = 20}]'
    found = _ladders(tmp_path, f'[policy]\nschedule = "phone-late"\n{own}')
    assert [late, mails, ("slow", 60, [20])] == found
    customer = '[[customers]]\nmatch = "Alpha"\nschedule = "default"'
    assert phone == _ladders(tmp_path, f'[policy]\nschedule = "phone"\n{customer}')[0]


def test_a_schedule_of_ones_own_is_everybodys(tmp_path: Path) -> None:
    """Named for all, it is for all terms that no other one is for."""
    own = '[[schedules]]\nname = "slow"\nterms_from_days = 60\nstages = [{key = "friendly", day = 20}]'
    found = _ladders(tmp_path, f'[policy]\nschedule = "slow"\n{own}')
    assert [("slow", None, [20]), ("default", None, [-5, 5, 15, 30]), ("slow", 60, [20])] == found
    assert ["long", "default", "long"] == [name for name, _, _ in _ladders(tmp_path, '[policy]\nschedule = "long"')]


def test_hours_are_those_of_the_settings(tmp_path: Path) -> None:
    """Any hour where nothing is said; midnight may end a day."""
    assert _load(tmp_path, "").policy.calendar.hours is None
    for text, (first, last) in {"9:05-17:00": (time(9, 5), time(17)), "00:00 - 24:00": (time(0), time.max)}.items():
        found = _load(tmp_path, f'[policy]\nhours = "{text}"').policy.calendar.hours
        assert Hours(first=first, last=last, friday=last) == found
