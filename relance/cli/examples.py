"""Two examples of each command, which its help shows first: of the example dossier, and none that ages."""

from collections.abc import Mapping

EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "relance plan": ("relance plan", "relance plan factures.csv --days 14"),
    "relance send": ("relance send --dry-run", "relance send --only F-2026-047"),
    "relance review": ("relance review", "relance review factures.csv"),
    "relance show": ("relance show F-2026-041", 'relance show "Cabinet Orme" --call'),
    "relance bank": ("relance bank releve.ofx", "relance bank releve.ofx --format json"),
    "relance record": (
        "relance record F-2026-041 --stage firm --channel call --cause oversight",
        "relance record F-2026-036 --stage formal_notice --channel letter",
    ),
    "relance pay": ("relance pay F-2026-041", "relance pay F-2026-041 --amount 400,00"),
    "relance hold": (
        'relance hold F-2026-041 --reason dispute --note "quantité contestée"',
        'relance hold "Cabinet Orme" --reason pause',
    ),
    "relance release": ("relance release F-2026-041", 'relance release "Cabinet Orme"'),
    "relance undo": ("relance undo F-2026-041", 'relance undo "Cabinet Orme"'),
    "relance approve": ("relance approve F-2026-036", "relance approve F-2026-036 --stage formal_notice"),
    "relance confirm": ("relance confirm backlog --gently", "relance confirm F-2026-041"),
    "relance resolve": ("relance resolve F-2026-041 --sent", "relance resolve F-2026-041 --not-sent"),
    "relance allocate": (
        "relance allocate A-2026-003 F-2026-041",
        "relance allocate A-2026-003 F-2026-041 --file factures.csv",
    ),
    "relance report": ("relance report --open", "relance report --format xlsx --out rapport.xlsx"),
    "relance calendar": ("relance calendar", "relance calendar --discreet --out equipe.ics"),
    "relance sent": ("relance sent F-2026-041", "relance sent --save copies"),
    "relance letter": ("relance letter F-2026-036", "relance letter F-2026-036 -o lettre.pdf --new"),
    "relance preview": ("relance preview F-2026-041", "relance preview F-2026-041 --stage formal_notice --open"),
    "relance evidence": ("relance evidence F-2026-036", 'relance evidence "Cabinet Orme" --zip'),
    "relance charges": (
        "relance charges --amount 1200 --due 2026-05-31",
        "relance charges --amount 1200 --due 2026-05-31 --payment 2026-07-01=400",
    ),
    "relance init": (
        "relance init factures.csv",
        "relance init mes-factures --full",
    ),
    "relance check": ("relance check", "relance check factures.csv --offline"),
    "relance schedule": ("relance schedule install", "relance schedule status"),
    "relance schedule install": ("relance schedule install", "relance schedule install --with cron --at 09:15"),
    "relance schedule status": ("relance schedule status", "relance schedule status --config relance.toml"),
    "relance schedule test": ("relance schedule test", "relance schedule test --with systemd"),
    "relance schedule remove": ("relance schedule remove", "relance schedule remove --yes"),
    "relance templates": ("relance templates copy", "relance templates check"),
    "relance templates copy": ("relance templates copy", "relance templates copy mes-modeles"),
    "relance templates check": ("relance templates check", "relance templates check --config relance.toml"),
    "relance repair": ("relance repair", "relance repair --without-receipts"),
    "relance erase": ('relance erase "Cabinet Orme"', "relance erase compta@orme.example --yes"),
    "relance completion": (
        "relance completion bash >> ~/.bash_completion",
        "relance completion fish > ~/.config/fish/completions/relance.fish",
    ),
    "relance help": ("relance help", "relance help premiers-pas"),
}
"""By the whole name of the command; each is typed as it stands."""

BEGINNING = (
    ("relance init", "écrit vos réglages, en quelques questions : commencez par là"),
    ("relance", "ce qui se passerait aujourd’hui, et ce que vous avez à faire"),
    ("relance send", "envoie les relances du jour"),
)
"""The three commands of a first day, with what each is for."""
