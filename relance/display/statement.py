"""The statement of what lateness costs: every figure with what it is made of, for `show` and `charges` alike."""

from collections.abc import Iterable, Iterator, Sequence

from relance.core.cautions import Caution, Code
from relance.core.charges import Charges, Segment, applied_rate
from relance.core.interest import FLAT_FEE, Basis, Imputation, InterestTerms
from relance.core.invoice import Kind
from relance.french import at_rate, date_fr, eur, listing, percent, plural, semester, short_date, typeset

DECLARED = (
    "au mandataire judiciaire ou au liquidateur, dans les deux mois qui suivent la publication du jugement au BODACC "
    "(article R622-24 du code de commerce)"
)
FORMULA = "principal × taux × jours ÷ 365, arrondi au centime"


Entry = tuple[str, str]
"""What a line of the account is for, and its sum (empty: it only explains)."""


def statement(
    costs: Charges, terms: InterestTerms, currency: str = "EUR", cautions: Iterable[Caution] = ()
) -> Iterator[Entry]:
    """The account: what is outstanding, the segments, the total; `cautions` tell whether it may be asked for.

    In insolvency proceedings the total is declared, for nobody may ask for it (L622-21, L622-24, R622-24 C. com.).
    """
    if owed := costs.claimed - costs.interest - costs.recovery_fee + costs.paid:
        yield "Reste dû", eur(owed, currency)
    if costs.segments:
        yield typeset(f"Pénalités {rate_sentence(costs, terms)} : {FORMULA}"), ""
    for segment in costs.segments:
        when = f"du {short_date(segment.first)} au {short_date(segment.last)}"
        yield (
            typeset(
                f"{when} : {plural(segment.days, 'jour')} sur {eur(segment.principal, currency)} "
                f"à {_rate(segment, costs, terms)}"
            ),
            eur(segment.interest, currency),
        )
    if len(costs.segments) > 1:
        yield typeset(f"Soit {eur(costs.interest, currency)} de pénalités"), ""
    if costs.stopped is not None:
        missing = halves_named(costs.missing)
        yield typeset(f"Pénalités arrêtées au {date_fr(costs.stopped)} : le taux {missing} manque"), ""
    yield from _part_payments(costs, terms, currency)
    for fee, apart in ((costs.recovery_fee, ""), (costs.fee_apart, ", à part (en euros, non ajoutée)")):
        if fee:
            name = "Frais de recouvrement réels, sur justificatifs" if fee > FLAT_FEE else "Indemnité forfaitaire"
            yield f"{name}{apart}", eur(fee)
    if costs.paid:
        yield "Reçu sur ces frais", eur(-costs.paid, currency)
    if any(caution.code in (Code.INTEREST_STOPPED, Code.NOTHING_RUNS) for caution in cautions):
        yield typeset(f"À déclarer {DECLARED}"), eur(costs.claimed, currency)
    else:
        yield "Total dû", eur(costs.claimed, currency)


def _part_payments(costs: Charges, terms: InterestTerms, currency: str) -> Iterator[Entry]:
    """What was paid meanwhile, and what it paid first."""
    for paid in costs.imputed:
        yield (
            typeset(
                f"Règlement du {short_date(paid.on)} : {eur(paid.amount, currency)}, dont "
                f"{eur(paid.to_interest, currency)} sur les pénalités et "
                f"{eur(paid.amount - paid.to_interest, currency)} sur le principal"
            ),
            "",
        )
    if len({segment.principal for segment in costs.segments}) > 1 or costs.imputed:
        first = "les pénalités courues, puis le principal (article 1343-1 du code civil)"
        first = first if terms.imputation is Imputation.INTEREST else "le principal"
        yield f"Un règlement partiel paie d’abord {first}", ""


def rate_sentence(costs: Charges, terms: InterestTerms) -> str:
    """The rate that applies, with its preposition and the law behind it where it was not agreed."""
    rate = applied_rate(terms.rate, costs.kind)
    said = at_rate(rate.basis.value, rate.value)
    if costs.kind is Kind.PUBLIC:
        return f"{said}, celui du semestre où elles commencent (article R2192-31 du code de la commande publique)"
    if costs.kind is Kind.CONSUMER:
        return f"{said}, depuis la mise en demeure (article 1231-6 du code civil)"
    return said


def _rate(segment: Segment, costs: Charges, terms: InterestTerms) -> str:
    """The rate of a segment with what it is made of: 12,15 % l’an (BCE 2,15 % + 10, 1er semestre 2026)."""
    said = f"{percent(segment.rate)} l’an"
    rate = applied_rate(terms.rate, costs.kind)
    if rate.basis is Basis.DAILY:
        return f"{said} ({percent(rate.value)} par jour)"
    if segment.reference is None:
        return said
    number, reference = percent(rate.value)[:-2], percent(segment.reference)
    times = f" × {number}" if rate.value != 1 else ""
    made_of = f"BCE {reference} + {number}" if rate.basis is Basis.ECB else f"légal {reference}{times}"
    return f"{said} ({made_of}, {semester(segment.half)})"


def missing_sentence(halves: Sequence[str]) -> str:
    """Why interest stops, and what to add."""
    return typeset(
        f"relance ne connaît pas le taux {halves_named(halves)} ; ajoutez-le à vos réglages, une fois publié : "
    ) + rates_to_add(halves)


def halves_named(halves: Sequence[str]) -> str:
    """At most three half-years by name, each with its preposition."""
    if len(halves) > 3:
        return f"du {semester(halves[0])} et des {len(halves) - 1} semestres suivants"
    return _halves(halves)


def _halves(halves: Iterable[str]) -> str:
    return listing([f"du {semester(half)}" for half in halves])


def rates_to_add(halves: Sequence[str]) -> str:
    """The lines of relance.toml that are missing, to be completed."""
    return ", ".join(f"[charges.rates] {half} = {{ ecb = …, legal = … }}" for half in halves[:3])


def caution_sentences(found: Iterable[Caution]) -> Iterator[str]:
    """Each caution as one French sentence."""
    for caution in found:
        term = f"{caution.years} ans après la facture, ou après la fin du travail si elle est plus ancienne"
        if caution.years == 4:
            term = "quatre années pleines après celle de la facture (loi du 31 décembre 1968)"
        said = _SENTENCES[caution.code].format(
            halves=_halves(caution.halves),
            floors=" ; ".join(f"{semester(f.half)}, {percent(f.rate)} pour {percent(f.floor)}" for f in caution.floors),
            day=date_fr(caution.day) if caution.day is not None else "",
            term=term,
        )
        yield typeset(said)


_OPENED = "procédure collective ouverte le {day} : "
_SENTENCES = {
    Code.BELOW_FLOOR: "le taux convenu est sous le plancher légal, trois fois le taux d’intérêt légal ({floors}) : "
    "contestable (article L441-10 II du code de commerce)",
    Code.FLOOR_UNKNOWN: "plancher légal non vérifié : le taux légal {halves} n’est pas connu",
    Code.MUST_BE_AGREED: "ce taux doit figurer dans vos CGV ou sur la facture ; sinon, BCE + 10 points (ecb+10)",
    Code.AGREED_IGNORED: "acheteur public : le taux convenu ne compte pas, la loi fixe le taux de la BCE plus 8 points",
    Code.BEFORE_NOTICE: "particulier : ni indemnité, ni pénalités avant la mise en demeure, puis le taux légal",
    Code.UNVERIFIED: "taux {halves} de sources secondaires, à comparer à banque-france.fr et service-public.fr",
    Code.UNDATED: "un règlement dont la date n’est pas connue est compté comme reçu à l’échéance",
    Code.LATER: "ce qui a été reçu après le {day} n’est pas compté",
    Code.FEE_APART: "l’indemnité est due en euros : elle ne s’ajoute pas à une somme d’une autre devise",
    Code.REAL_COSTS: f"au-delà de {eur(FLAT_FEE)}, les frais de recouvrement ne sont dus que sur justificatifs",
    Code.INTEREST_STOPPED: _OPENED + "les pénalités s’arrêtent la veille (article L622-28 du code de commerce)",
    Code.NOTHING_RUNS: _OPENED + "ce qui échoit ce jour-là ou après ne porte ni pénalités (article L622-28 du code de "
    "commerce), ni indemnité (article L441-10 II)",
    Code.KIND_UNKNOWN: "entreprise ou particulier ? Non précisé : frais non réclamés → kind sous [[customers]], ou "
    "default_kind sous [policy]",
    Code.LIMITATION_NEAR: "prescription : le délai pour agir en justice court jusqu’au {day} ({term})",
    Code.LIMITATION_PASSED: "prescription : le délai pour agir en justice est passé depuis le {day} ({term})",
}
