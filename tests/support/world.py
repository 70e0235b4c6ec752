"""The user, the file, the journal and the customers of the tests, with books of their own about all that was said."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from core_support import RATE_AGREED
from own_rules import (
    OUTSIDE,
    all_paid,
    first_working,
    ladder_stages,
    late_stages,
    rungs_said,
    shown_paid,
    third_working,
)
from slips import is_mixed, unsure_rows

from relance.core.bank import BankState
from relance.core.banked import books_of, noted, with_credits
from relance.core.facts import (
    Approved,
    Backlog,
    BacklogAnswered,
    Confirmed,
    Fact,
    Held,
    HoldReason,
    InDoubt,
    Paid,
    Refused,
    Released,
    Reminded,
)
from relance.core.history import FileState, History, Seen, fold
from relance.core.invoice import Contact, Invoice, Status, customer_id, invoice_key, keyed, snapshot_of
from relance.core.lifecycle import lifecycle_of
from relance.core.matching import match
from relance.core.plan import Line, Plan, Reminder
from relance.core.planning import build_plan
from relance.core.policy import DunningPolicy
from relance.core.reasons import Renumbered
from relance.core.seen import remember, under_present_names, without
from relance.core.statement import Credit
from relance.core.status import Lifecycle, Platform, StatusTold


class Looks(NamedTuple):
    """What the customer was told, or the user confirmed."""

    customer: str
    emails: frozenset[str]
    total: Decimal
    due_date: date


def looks_of(about: Invoice) -> Looks:
    """What must not change in silence once the customer was spoken to."""
    return Looks(
        about.customer.name, frozenset(e.casefold() for e in about.customer.emails), about.total, about.due_date
    )


class Said(NamedTuple):
    """One contact about one invoice; `ladder` counts the ladders that its invoice had started before."""

    day: date
    stage: str
    channel: str
    ladder: int


@dataclass
class Account:
    """Our own page about one invoice.

    `quiet_from` is the last day that counts as a contact about it, `released_on` that of a release, `paid_quiet` that
    of the payments which the file shows, and so are the days on which one was told by hand (`told_on`), or on which a
    run sees more paid in the file than was known (`growing_on` today, `grown_on` once it is remembered); `told_from`
    is the day since which it counts that the customer was `told`, or the user said so, how it looks; `looks` are all
    that the customer was told or the user confirmed on the last day (`looked_on`) of either; `owners` are the
    identities under which a run saw its customer, the last one `owner`, and `formerly` those of which something was
    said when it changed; `known` is what the last run knew to be paid, told by hand included, and `known_on` the day
    on which a run first saw more; `falls` are the words that less is right: the day and what was known, then what is.
    """

    said: list[Said] = field(default_factory=list)
    told: Looks | None = None
    told_from: date = date.min
    looks: set[Looks] = field(default_factory=set)
    looked_on: date = date.min
    term: date | None = None
    quiet_from: date | None = None
    paid_quiet: date | None = None
    told_on: list[date] = field(default_factory=list)
    owner: str = ""
    owners: set[str] = field(default_factory=set)
    formerly: set[str] = field(default_factory=set)
    ladder: int = 0
    settled: bool = False
    settled_on: date | None = None
    row: Invoice | None = None
    known: Decimal | None = None
    known_on: date | None = None
    falls: dict[tuple[date | None, Decimal], Decimal] = field(default_factory=dict)
    released_on: date | None = None
    growing_on: date | None = None
    grown_on: date | None = None
    in_doubt: bool = False

    def quiet(self, day: date) -> None:
        """A contact, or what counts as one."""
        self.quiet_from = day if self.quiet_from is None else max(day, self.quiet_from)

    def look(self, looks: Looks, day: date) -> None:
        """How it looked when the customer was told of it, or the user confirmed it; what came before is over."""
        if day > self.looked_on:
            self.looks, self.looked_on = set(), day
        if day == self.looked_on:
            self.looks.add(looks)

    @property
    def last_word(self) -> date | None:
        """The last day that anybody said or paid anything."""
        days = (self.quiet_from, self.released_on, self.paid_quiet, self.growing_on, self.grown_on, *self.told_on)
        return max((day for day in days if day is not None), default=None)


class Word(NamedTuple):
    """The user's approval, given on the day `on`, and what it was about; a legal act to another address is another act.

    `day` is the first one on which its message could leave, by what was known at the end of the day `on`.
    """

    on: date
    day: date
    outstanding: Decimal
    total: Decimal
    due_date: date
    customer: str
    emails: tuple[str, ...]


@dataclass
class World:
    """A dossier that lives: its file (`rows`), journal (`facts`, `seen`), day and `hour`, and our own books."""

    policy: DunningPolicy
    started: date
    today: date
    hour: time | None = None
    rows: list[Invoice] = field(default_factory=list)
    keyed: list[tuple[str, Invoice]] = field(default_factory=list)
    by_key: dict[str, Invoice] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    seen: dict[str, Seen] = field(default_factory=dict)
    fresh_on: date = date.min
    file_confirmed: bool = False
    accounts: defaultdict[str, Account] = field(default_factory=lambda: defaultdict(Account))
    addresses: dict[str, date] = field(default_factory=dict)
    holds: dict[str, list[Held]] = field(default_factory=dict)
    broken: dict[str, list[date]] = field(default_factory=dict)
    words: dict[tuple[str, str], Word] = field(default_factory=dict)
    backlog: Backlog | None = None
    renumbered: dict[str, str] = field(default_factory=dict)
    payments: dict[str, list[Paid]] = field(default_factory=dict)
    releases: dict[str, date] = field(default_factory=dict)
    spoken_of: set[str] = field(default_factory=set)
    credits: list[Credit] = field(default_factory=list)
    armed: dict[InDoubt, Invoice] = field(default_factory=dict)
    letters: set[tuple[str, str, date]] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    owned: dict[str, list[date]] = field(default_factory=dict)
    statuses: list[StatusTold] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def account(self, key: str) -> Account:
        """Our page about an invoice."""
        return self.accounts[key]

    def find(self, key: str) -> Invoice | None:
        """The row of the file with this key."""
        return self.by_key.get(key)

    def row(self, line: Line) -> Invoice:
        """The row of the file that a line is about, without the payments told by hand that a plan adds to it."""
        return self.by_key[line.key]

    def outstanding(self, about: Invoice) -> Decimal:
        """What is owed on an invoice today by our own books."""
        if not self.payments:  # none was told by hand
            return about.total - shown_paid(about, self.today)
        told = self.payments.get(invoice_key(about), ())
        return about.total - all_paid(about, [word for word in told if word.on <= self.today], self.today)

    # What the user tells

    def save_file(self, rows: Iterable[Invoice], fresh_on: date | None = None) -> None:
        """The user's file as it now is."""
        self.rows, self.fresh_on, self.file_confirmed = list(rows), fresh_on or self.today, False
        self.keyed = keyed(self.rows)
        self.by_key = dict(self.keyed)

    def replace(self, about: Invoice, **changes: object) -> None:
        """One row of the file, changed."""
        self.save_file(row._replace(**changes) if row is about else row for row in self.rows)  # type: ignore[arg-type]

    def pay(self, about: Invoice, amount: Decimal) -> None:
        """`relance pay`."""
        fact = Paid(invoice_key(about), amount, self.today, shown=shown_paid(about, self.today))
        self.facts.append(fact)
        self.payments.setdefault(fact.invoice, []).append(fact)
        self.account(fact.invoice).told_on.append(self.today)

    def receive(self, about: Invoice, *, part: bool) -> bool:
        """A transfer comes that names this invoice, of all that is left or of a part; False where that is not plain.

        It is not where money of it is known otherwise, or its number has too few digits or is in another one.
        """
        key, left = invoice_key(about), self.outstanding(about)
        amount = Decimal("433.21") if part else left
        alike = sum(about.number in row.number or row.number in about.number for row in self.rows)
        known = about.payments or not all(word.credit for word in self.payments.get(key, ()))
        many = sum(map(str.isdigit, about.number)) >= 4
        made = about.issue_date is None or about.issue_date <= self.today
        if not (0 < amount <= left and alike == 1 and many and made and not known and about.status is Status.OPEN):
            return False
        label = f"VIR SEPA /DE X /MOTIF Facture {about.number}"
        self.credits.append(Credit(f"c{len(self.credits)}", self.today, amount, "EUR", "X", label=label))
        fact = Paid(key, amount, self.today, credit=self.credits[-1].identity)
        self.payments.setdefault(key, []).append(fact)
        self.account(key).told_on.append(self.today)
        return True

    def undo_pay(self, about: Invoice) -> None:
        """`relance undo`, of the last payment that was told: as if it had never been."""
        key, before = invoice_key(about), about.total - self.outstanding(about)
        self.facts.remove(self.payments[key].pop())
        after, account = about.total - self.outstanding(about), self.account(key)
        account.told_on.pop()
        account.settled_on = None
        if account.known == before:
            account.known, account.settled = after, after >= about.total
        if key in self.seen:
            self.seen[key] = without(self.seen[key], before, after)

    def hold(self, target: str, reason: HoldReason, until: date | None = None) -> None:
        """`relance hold`: told again for the same reason, it replaces what was told before; no promise long broken."""
        held = Held(target, reason, self.today, until)
        self.facts.append(held)
        self.spoken_of.add(target)
        for name in self.names(target):
            self.owned.setdefault(name, []).extend([self.today] if reason is HoldReason.PROMISE else [])
            stay = [old for old in self.holds.get(name, ()) if old.reason is not reason or self._is_broken(old)]
            self.holds[name] = [*stay, held]

    def names(self, target: str) -> set[str]:
        """A target, and each later number of the invoice that it is: what is said of the one is said of the others."""
        found, more = set[str](), {target}
        while more - found:
            found |= more
            more = {key for key, was in self.renumbered.items() if was in found}
        return found

    def _is_broken(self, held: Held) -> bool:
        promised = held.until if held.reason is HoldReason.PROMISE else None
        return promised is not None and self.today >= third_working(promised, self.policy)

    def release(self, target: str) -> None:
        """`relance release`, which is only for what is held."""
        if target in self.holds:
            self.facts.append(Released(target, self.today))
            for name in self.names(target):
                ended = [held.until for held in self.holds.pop(name, ()) if self._is_broken(held)]
                self.broken.setdefault(name, []).extend(until for until in ended if until is not None)
                self.releases[name] = self.today

    def answer_backlog(self, answer: Backlog) -> None:
        """`relance confirm backlog`."""
        self.backlog = answer
        self.facts.append(BacklogAnswered(answer, self.today))

    def approve(self, line: Line) -> None:
        """`relance approve`."""
        assert line.acting is not None
        about = self.row(line)
        left = self.outstanding(about)
        self.facts.append(Approved(line.key, line.acting.key, self.today, left, snapshot_of(about)))
        self.words[line.key, line.acting.key] = Word(
            *(self.today, self.first_day(about), left, about.total, about.due_date),
            *(about.customer.name, about.customer.emails),
        )

    def sleep(self, days: int = 1) -> None:
        """The next mornings; a day has no hours: what was said on it after an approval was known when it was given."""
        for (key, stage), word in self.words.items():
            if word.on == self.today and (about := self.find(key)) is not None:
                self.words[key, stage] = word._replace(day=self.first_day(about))
        self.today += timedelta(days=days)

    def first_day(self, about: Invoice) -> date:
        """The first working day, from today on, that no gap and no term given keeps silent about this invoice."""
        account = self.account(invoice_key(about))
        broken = [third_working(h.until, self.policy) for h in self.holds_on(about) if self._is_broken(h) and h.until]
        released = [self.releases.get(target) for target in self.targets(about, kin=True)]
        spoken = [day for day in (account.last_word, *broken, *released) if day is not None]
        days = [self.today, *(day + timedelta(days=self.policy.min_gap_days) for day in spoken)]
        if account.term is not None:
            days.append(third_working(account.term, self.policy))
        return first_working(max(days), self.policy)

    def confirm(self, line: Line, plan: Plan) -> None:
        """`relance confirm INVOICE`; the past under a former number goes on under the new one."""
        about, was = self.row(line), ""
        if isinstance(line.why, Renumbered):
            was = plan.around.renumbered[line.key].invoice
            self._merge(was, line.key)
        paid = about.total - self.outstanding(about)
        seen = self.seen[line.key].paid if line.key in self.seen else None
        self.facts.append(Confirmed(line.key, self.today, snapshot_of(about), was, paid, seen))
        account = self.account(line.key)
        account.look(looks_of(about), self.today)
        if account.told is not None:
            account.ladder += about.due_date > account.told.due_date
            account.told, account.told_from = looks_of(about), self.today
        if self.less_paid(about):
            assert account.known is not None
            account.falls[self.today, account.known] = paid
            account.known, account.settled = paid, paid >= about.total
            for key, stage in [given for given, word in self.words.items() if word.on < self.today]:
                if key == line.key:
                    del self.words[key, stage]  # it was given before a payment that came and went

    def _merge(self, was: str, key: str) -> None:
        """The old page is continued under the new number, or under one that the invoice had before."""
        back = was in self.names(key)
        self.renumbered[key] = was
        mine = [] if back else self.holds.get(key, [])
        stay = [held for held in self.holds.get(was, ()) if all(held.reason is not new.reason for new in mine)]
        self.holds[key] = [*stay, *mine]
        self.broken[key] = self.broken.get(was, []) + ([] if back else self.broken.get(key, []))
        self.owned[key] = self.owned.get(was, []) + ([] if back else self.owned.get(key, []))
        released = [self.releases[name] for name in (was, key) if name in self.releases]
        self.releases |= {key: max(released)} if released else {}
        self.words |= {(key, stage): word for (about, stage), word in self.words.items() if about == was}
        self.payments[key] = self.payments.get(was, []) + ([] if back else self.payments.get(key, []))
        old, new = self.account(was), self.account(key)
        new.said, new.term, new.ladder = old.said + ([] if back else new.said), old.term, old.ladder
        new.told, new.told_from = old.told, old.told_from
        new.looks, new.looked_on = set(old.looks), old.looked_on
        new.in_doubt, new.owners = old.in_doubt, old.owners | new.owners
        new.owner, new.formerly = old.owner, old.formerly | new.formerly
        new.told_on = old.told_on + new.told_on
        if old.quiet_from is not None:
            new.quiet(old.quiet_from)

    def record(self, about: Invoice, stage: str, channel: str, on: date | None = None) -> None:
        """`relance record`: done by hand; a letter told of again is the letter that was told of before."""
        contact = Contact(stage, channel, on or self.today, about.customer.emails, snapshot=snapshot_of(about))
        letter = (invoice_key(about), stage, about.due_date)
        if channel == "letter" and letter in self.letters:
            self.facts.append(Reminded(invoice_key(about), contact))
            return
        if channel == "letter":
            self.letters.add(letter)
        self._say(about, contact)

    def doubt(self, about: Invoice, stage: str) -> None:
        """The program died while it was sending the invoice as it looked then."""
        fact = InDoubt(invoice_key(about), stage, "email", self.today)
        self.facts.append(fact)
        self.armed[fact] = about
        self.account(invoice_key(about)).in_doubt = True

    def resolve(self, about: Invoice, *, sent: bool) -> None:
        """`relance resolve`: the doubtful delivery becomes a message of its day, or nothing."""
        key = invoice_key(about)
        doubts = [f for f in self.facts if isinstance(f, InDoubt) and key in self.names(f.invoice)]
        self.facts = [f for f in self.facts if f not in doubts]
        left = {name for f in self.facts if isinstance(f, InDoubt) for name in self.names(f.invoice)}
        for name, account in self.accounts.items():
            account.in_doubt = name in left
        for fact in doubts if sent else ():
            then = self.armed[fact]
            self._say(
                then, Contact(fact.stage, "email", fact.on, then.customer.emails, snapshot=snapshot_of(then)), key
            )
        self.facts.sort(key=lambda fact: fact.on)

    def refuse(self, about: Invoice) -> None:
        """The mail server says that this address does not exist."""
        for address in about.customer.emails[:1]:
            self.facts.append(Refused(invoice_key(about), address, self.today))
            self.refused.add(address.casefold())

    def tell(self, about: Invoice, code: str, on: date) -> None:
        """A platform tells a status of that day, of the number that the invoice has."""
        self.statuses.append(StatusTold(invoice_key(about), code, self.today, on))

    def told_of(self, key: str) -> list[StatusTold]:
        """What platforms told of an invoice by now, under the numbers too that it had and no other has."""
        names = {each.invoice for each in self.statuses if key in self.names(each.invoice)}
        mine = {name for name in names if name == key or name not in self.by_key}
        return [each for each in self.statuses if each.invoice in mine and each.day <= self.today]

    # What the program does

    def history(self) -> History:
        """What the program knows this morning."""
        known = fold([RATE_AGREED, *self.facts], self.started, self.today)
        known = known._replace(seen=dict(self.seen), file=FileState(self.fresh_on, self.file_confirmed))
        if self.hour is not None:
            known = known._replace(now=datetime.combine(self.today, self.hour, tzinfo=UTC))
        if self.statuses:
            known = known._replace(platform=Platform({key: self._life(key) for key in self._lived()}))
        return under_present_names(known, self.keyed)

    def _lived(self) -> set[str]:
        """The keys of which statuses are known: those of the file, and those that nothing of the file goes on with."""
        gone = {each.invoice for each in self.statuses if self.names(each.invoice).isdisjoint(self.by_key)}
        return {key for key in self.by_key if self.told_of(key)} | gone

    def _life(self, key: str) -> Lifecycle:
        return lifecycle_of(self.told_of(key), self.today)

    def plan(self) -> Plan:
        """The plan under test."""
        return build_plan(self.rows, self._with_bank(self.history()), self.policy, self.today)

    def _with_bank(self, history: History) -> History:
        """What the statement of the day tells."""
        known = [credit for credit in self.credits if credit.on <= self.today]
        if not known:
            return history
        matches = match(known, books_of(self.keyed, history, self.policy, self.today, self.fresh_on, known))
        return with_credits(history, self.keyed, BankState(self.today, trusted=0, matches=matches), self.today)

    def open_books(self) -> None:
        """Read the file as the user would: what was paid since the last run is an answer."""
        for key, row in self.keyed:
            account = self.account(key)
            if account.row is row and account.settled:
                continue  # read before, and paid in full then
            dated = [p.on for p in row.payments if p.on is not None and p.on <= self.today]
            released = [self.releases.get(target) for target in self.targets(row)]
            account.released_on = max((day for day in released if day is not None), default=None)
            account.paid_quiet, account.growing_on = max(dated, default=None), None
            left = self.outstanding(row)
            if (before := account.known) is not None and row.total - left > before:
                account.known_on = self.today
                if shown_paid(row, self.today) > before:
                    account.growing_on = self.today  # not told before: what the file absorbs is no news
            old = account.row
            if left > 0 or (old is not None and (old.total, old.payments) != (row.total, row.payments)):
                account.settled_on = None
            if left <= 0 and account.settled_on is None:
                known = len(dated) == len(row.payments)
                told = [word.on for word in self.payments.get(key, ()) if word.on <= self.today]
                first_seen = account.known_on or self.today
                account.settled_on = max([*dated, *told], default=first_seen) if known else first_seen

    def close_books(self, plan: Plan) -> None:
        """Note what came in, send the plan, and remember the file as this run saw it."""
        if bank := plan.morning.history.bank:
            self.facts.extend(noted(bank.matches, self.keyed, self.history(), self.today))
        for reminder in plan.reminders:
            self.send(reminder)
        if is_mixed(self):
            return
        unsure = unsure_rows(self)
        self.seen |= {seen.invoice: seen for seen in remember(plan)}
        for key, row in self.keyed:
            account, owner = self.account(key), customer_id(row.customer)
            account.owners.add(owner)
            seen = self.seen.get(key)
            if seen is None or seen.gone_on is not None:
                continue  # it looks like another invoice, or comes back: what was known waits for the user's word too
            if self.less_paid(row) or key in unsure:
                continue
            if account.owner in self.spoken_of:
                account.formerly.add(account.owner)
            account.owner = owner
            if not (account.row is row and account.settled):
                account.row, account.grown_on = row, account.growing_on or account.grown_on
                account.known = row.total - self.outstanding(row)
                account.settled = account.known >= row.total

    def less_paid(self, about: Invoice) -> bool:
        """True where less is known to be paid than the last run knew, or an invoice is open again."""
        account = self.account(invoice_key(about))
        if account.known is None:
            return False
        paid = about.total - self.outstanding(about)
        # A day has no hours: what came and went and came back on one day may go again without a new word.
        known = account.falls.get((account.known_on, account.known), account.known)
        return paid < known or (account.settled and known == account.known and paid < about.total)

    def send(self, reminder: Reminder) -> None:
        """Every line of a message is a contact about its invoice, with the term that the message gives."""
        to = reminder.customer.emails
        self.counts[reminder.stage.key] += 1
        for line in reminder.lines:
            contact = Contact(stage_key(reminder, line), "email", self.today, to, reminder.term)
            self._say(self.row(line), contact._replace(snapshot=snapshot_of(line.invoice)))
        for address in to:
            self.addresses[address.casefold()] = self.today

    def _say(self, about: Invoice, contact: Contact, key: str = "") -> None:
        account = self.account(key or invoice_key(about))
        self.facts.append(Reminded(key or invoice_key(about), contact))
        account.said.append(Said(contact.on, contact.stage, contact.channel, account.ladder))
        account.look(looks_of(about), contact.on)
        if contact.on > account.told_from:
            account.told, account.told_from = looks_of(about), contact.on
        account.quiet(contact.on)
        if contact.term is not None:
            account.term = contact.term
        if contact.channel == "email":
            for address in contact.to:
                known = self.addresses.get(address.casefold(), contact.on)
                self.addresses[address.casefold()] = max(known, contact.on)

    # What our books tell

    def done(self, about: Invoice) -> set[int]:
        """The rungs from the due date on that were done on the invoice's present ladder, by their place on it."""
        account = self.account(invoice_key(about))
        said = [said for said in account.said if said.ladder == account.ladder]
        return {rung for each in said for rung in rungs_said(each.stage, each.channel, about, self.policy)}

    def finished(self, about: Invoice) -> bool:
        """True at the end of the ladder."""
        late = late_stages(about, self.policy)
        return not late or len(late) - 1 in self.done(about)

    def targets(self, about: Invoice, *, kin: bool = False) -> set[str]:
        """What a hold may be about to touch this invoice: itself and its customer.

        With `kin`, also the customer under each identity that it had, and its namesakes under each of theirs: to be
        silent about them is no fault.
        """
        key, owner = invoice_key(about), customer_id(about.customer)
        if not kin:
            account = self.account(key)
            former = {name for name in (*account.formerly, account.owner) if name and name in self.spoken_of}
            present = {customer_id(row.customer) for row in self.rows} if former - {owner} else set()
            return {key, owner, *(former - present)}
        name = f"name:{about.customer.name.casefold()}"
        namesakes = {t for t in (*self.holds, *self.releases) if t.split("|")[0] == name}
        alike = [row for row in self.rows if row.customer.name.casefold() == about.customer.name.casefold()]
        owners = {owner for row in (about, *alike) for owner in self.account(invoice_key(row)).owners}
        return {key, owner, *owners, *namesakes}

    def holds_on(self, about: Invoice, *, kin: bool = False) -> list[Held]:
        """The holds of an invoice and of its customer."""
        return [held for target in sorted(self.targets(about, kin=kin)) for held in self.holds.get(target, ())]

    def old(self, about: Invoice) -> bool:
        """True for what had reached its first late stage when the journal was created."""
        late = late_stages(about, self.policy)
        return bool(late) and (self.started - about.due_date).days >= late[0].day and not self._began_again(about)

    def _began_again(self, about: Invoice) -> bool:
        return self.account(invoice_key(about)).ladder > 0


def stage_key(reminder: Reminder, line: Line) -> str:
    """What this message is for this line: a rung, or the key of a message outside the ladder."""
    if reminder.stage.key in OUTSIDE:
        return reminder.stage.key
    assert line.acting is not None
    return line.acting.key


def early_keys(about: Invoice, policy: DunningPolicy) -> list[str]:
    """The rungs before the due date."""
    return [stage.key for stage in ladder_stages(about, policy) if stage.day < 0]
