"""A customer erased: what is kept of him in the journal and beside it, his drafts, and what unattended runs printed."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from relance.core.history import History, fold
from relance.core.invoice import customer_id, keyed, normalised_name
from relance.core.planning import build_plan
from relance.core.reasons import Reason
from relance.core.status import Lifecycle
from relance.errors import Again, DeliveryError, SettingsError, UsageError
from relance.french import date_fr, listing, of, plural, system_words
from relance.runs.dossier import Desk
from relance.runs.lookup import Target, find_target

if TYPE_CHECKING:
    from relance.journal import Known, ToErase
    from relance.journal.values import InMailbox

Asks = Callable[[list[str]], bool]
_OVER = frozenset({Reason.PAID, Reason.CANCELLED, Reason.CREDIT_NOTE, Reason.WRITTEN_OFF, Reason.FACTORED})
"""What is no longer claimed, by the user's files alone: the journal's own word for it would go with the rest."""
_NAMED = 5
_NEAREST = 3


class _Beside(NamedTuple):
    """What relance wrote outside the journal: drafts as `files` and in the mailbox, the `log` that launchd fills."""

    files: tuple[Path, ...]
    mailed: "tuple[InMailbox, ...]"
    log: Path | None


class _Who(NamedTuple):
    """A customer to erase: what he is called, his ids and the keys of his invoices."""

    name: str
    about: frozenset[str]


def erase(desk: Desk, target: str, asks: Asks | None) -> str:
    """Blank what is kept of this customer, once it is shown (`asks`; None: nobody is asked).

    Raises UsageError where the file still claims something from him: what he was told would be told again.
    """
    from relance.journal import BusyError, lock, open_journal

    settings = desk.own_settings
    try:
        with lock(settings.journal), open_journal(settings.journal, desk.today, create=False) as journal:
            journal.check_dossier(settings.path)
            if (doubt := journal.put_back()) is not None:
                raise doubt
            journal.recover()
            desk.follow(journal)
            who = _who(desk, target, journal.erasing.customers())
            _refuse_claimed(desk, who)
            found = journal.erasing.found(who.about)
            beside = _beside(desk, found, journal.mails.drafts())
            if asks is not None and not asks([*_shown(who, found, beside)]):
                raise UsageError("Rien n’a été effacé.")
            left = _cleared(desk, beside)
            journal.erasing.erase(who.about, desk.today)
    except BusyError as error:
        raise UsageError(*error.args) from None
    return "\n".join([*_done(who, found), *left])


def wants_a_word(_: list[str]) -> NoReturn:
    """What asks where nobody is there to answer, once it is known who is to be erased."""
    raise UsageError("Effacer demande votre accord.", "Hors d’un terminal, ajoutez --yes.")


def _who(desk: Desk, target: str, known: "tuple[Known, ...]") -> _Who:
    """The customer of that name, code, SIRET or address, as the file and the journal have him; UsageError for none."""
    named = _in_file(desk, target)
    ids = frozenset([named.key] if named is not None else [])
    keys = frozenset(key for key, _ in keyed(named.invoices)) if named is not None else frozenset[str]()
    hits = [one for one in known if one.id in ids or not keys.isdisjoint(one.invoices) or one.is_called(target)]
    _refuse_several(target, hits)
    if not hits:
        names = sorted(set().union(*(one.names for one in known)))
        raise _nothing_kept(target, names)
    about = ids | keys | {one.id for one in hits}
    about = about.union(*(one.invoices for one in hits))
    return _Who(named.name if named is not None else target.strip(), about)


def _in_file(desk: Desk, target: str) -> Target | None:
    """The customer of the file; None where the file has none of that name."""
    try:
        found = find_target(target, desk.invoices)
    except UsageError:
        return None
    if found.invoice is not None:
        name = found.customer.name
        raise UsageError(f"{found.name} est une facture : c’est un client qui s’efface.", again=[Again(target, name)])
    return found


def _refuse_several(target: str, hits: "list[Known]") -> None:
    """UsageError where these are not one and the same."""
    for one in hits:
        for other in hits:
            if not one.is_same(other):
                words = [min(each.emails, default=each.id.partition(":")[2]) for each in hits]
                again = [Again(target, word) for word in dict.fromkeys(words)]
                raise UsageError(f"Plusieurs clients répondent à « {target} ».", "Lequel ?", again)


def _nothing_kept(target: str, names: list[str]) -> UsageError:
    from difflib import get_close_matches

    near = get_close_matches(normalised_name(target), names, _NEAREST)
    again = [Again(target, name) for name in near]
    return UsageError(
        f"Relance ne garde rien d’un client « {target} ».", "Donnez son nom entier ou son adresse.", again
    )


def _refuse_claimed(desk: Desk, who: _Who) -> None:
    """UsageError where the files alone, whatever the journal says, still have something of his that is not over."""
    bare = build_plan(desk.invoices, _by_files(desk), desk.policy, desk.today)
    claimed = [
        line.invoice.number
        for line in bare.lines
        if line.reason not in _OVER and not who.about.isdisjoint((line.key, customer_id(line.invoice.customer)))
    ]
    if claimed:
        more = f" et {len(claimed) - _NAMED} autres" if len(claimed) > _NAMED else ""
        verb = "n’est pas réglée" if len(claimed) == 1 else "ne sont pas réglées"
        raise UsageError(
            f"{who.name} n’est pas effacé : {', '.join(claimed[:_NAMED])}{more} {verb} dans votre fichier.",
            "Effacer oublierait ce qui est parti, et relancerait de nouveau : mettez d’abord le fichier à jour.",
        )


def _by_files(desk: Desk) -> History:
    """What statements and exports tell of payments today, and nothing that the journal alone knows."""
    history, platform = fold((), None, desk.today), desk.source.platform
    if platform is not None:
        lives = {
            key: Lifecycle(tuple(each for each in life.told if each not in platform.kept))
            for key, life in platform.lives.items()
        }
        history = history._replace(platform=platform._replace(lives=lives))
    beside = desk.beside._replace(history=history)
    if desk.statements is not None:
        from relance.runs.statements import counted

        history = counted(desk.statements.told, beside)
    if platform is not None:
        from relance.runs.lifecycle import collected_in

        history = collected_in(beside._replace(history=history))
    return history


def _drafts(folder: Path, message_ids: frozenset[str]) -> Iterator[Path]:
    """The drafts of these messages that lie in the folder of drafts."""
    for path in (*folder.glob("new/*"), *folder.glob("cur/*"), *folder.glob("tmp/*")):
        if path.is_file() and str(message_from_bytes(path.read_bytes())["Message-ID"]).strip() in message_ids:
            yield path


def _beside(desk: Desk, found: "ToErase", drafts: "Iterable[InMailbox]") -> _Beside:
    from relance.runs.schedule import seat_of
    from relance.schedule.launchd import log_of

    seat = seat_of(desk)
    log = log_of(seat.config, seat.machine)
    return _Beside(
        files=tuple(_drafts(desk.own_settings.drafts, found.message_ids)),
        mailed=tuple(draft for draft in drafts if draft.delivery in found.deliveries),
        log=log if log.is_file() else None,
    )


def _cleared(desk: Desk, beside: _Beside) -> list[str]:
    """Take all of it away; what could not be, and is the user's to take away (French)."""
    for draft in beside.files:
        draft.unlink(missing_ok=True)
    left = [_left(draft, why) for draft, why in _in_mailbox(desk, beside.mailed)]
    try:
        if beside.log is not None:
            beside.log.unlink(missing_ok=True)
    except OSError as error:
        left.append(f"« {beside.log} » reste ({system_words(error)}) : supprimez-le vous-même.")
    return left


def _left(draft: "InMailbox", why: str) -> str:
    return f"Brouillon de {listing(draft.numbers)} dans votre boîte e-mail, {why} : supprimez-le vous-même."


def _in_mailbox(desk: Desk, drafts: "tuple[InMailbox, ...]") -> "Iterator[tuple[InMailbox, str]]":
    """The drafts that could not be taken out of the mailbox, each with why; none is asked for where none is known."""
    imap = desk.own_settings.imap
    if not drafts or imap is None:
        yield from ((draft, "que les réglages ne nomment plus") for draft in drafts)
        return
    from relance.core.facts import Lies
    from relance.delivery.drafts import look_at
    from relance.delivery.secret import read_password
    from relance.journal import State

    unsent = [draft._replace(state=State.NOT_SENT) for draft in drafts]  # so that it is taken away where it lies
    try:
        found = look_at(imap, read_password(imap), unsent, desk.own_settings.zone)
    except (DeliveryError, SettingsError) as error:
        yield from ((draft, f"injoignable ({error.sentence.rstrip('.')})") for draft in drafts)
        return
    for draft in drafts:
        one = found[draft.delivery]
        if one.lies not in (Lies.GONE, Lies.SENT):
            yield draft, "pas retiré par ce serveur" if one.kept else "modifié par vous"


def _shown(who: _Who, found: "ToErase", beside: _Beside) -> Iterator[str]:
    counts = (len(found.deliveries), "message"), (len(found.facts), "note")
    kept = [each for each in (*counts, (len(beside.files) + len(beside.mailed), "brouillon")) if each[0]]
    what = [plural(*each) for each in kept or counts]
    his = of(who.name)
    yield f"{his[:1].upper()}{his[1:]} s’effacent : {listing(what)}, dans le journal, les reçus et les pièces jointes."
    yield "Les sauvegardes du journal font place à une seule, d’aujourd’hui. Cela ne s’annule pas."
    if beside.log is not None:
        yield f"Le compte rendu des passages automatiques s’efface en entier : « {beside.log} »."
    yield from _kept(found)


def _kept(found: "ToErase") -> Iterator[str]:
    if found.shared:
        days = listing([date_fr(date.fromisoformat(each)) for each in dict.fromkeys(found.shared)])
        yield f"Reste ce qui parle aussi d’autres clients, du {days}."


def _done(who: _Who, found: "ToErase") -> Iterator[str]:
    yield (
        f"{who.name} : effacé ({plural(len(found.deliveries), 'message')}, {plural(len(found.facts), 'note')}). "
        "La chaîne du journal le dit, sans son nom."
    )
    yield from _kept(found)
    yield "Restent à vous : votre fichier, ses PDF, vos réglages, votre boîte e-mail, et ce que vous avez fait écrire :"
    yield "lettres (letter), messages (sent --save), dossiers, rapports, agenda, e-mails de cron ou journalctl."
