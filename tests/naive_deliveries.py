"""The rule of deliveries over time once more, in plain Python: one arrival after the other, no window, no join.

`include/settle.py` says the same in SQL, over all rows at once. The two share no code; `test_deliveries_over_time.py`
and the battery's `sequences` compare them.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

BAD, DELETED = "bad", "hapus"
LIMIT_OF_BAD = 0.5


@dataclass(frozen=True)
class Row:
    """What one row says: of which key, and a value, `DELETED`, or `BAD` (a cell breaks a rule)."""

    key: str
    says: str


@dataclass(frozen=True)
class Sent:
    """One delivery: it is of one period and one puskesmas, and came at one moment."""

    arrived: datetime
    period: str
    puskesmas: str
    rows: tuple[Row, ...]

    @property
    def may_be_whole(self) -> bool:
        """A decision stands in a workbook that comes back, which is a part."""
        return all(row.says != DELETED for row in self.rows)


@dataclass
class Fate:
    """What became of one row."""

    status: str
    known_from: datetime | None = None
    known_to: datetime | None = None


@dataclass
class Account:
    """What became of all: per delivery the moment from which it counts (None: held), per row its fate."""

    counts_from: list[datetime | None]
    fates: list[list[Fate]]

    def counts(self, number: int) -> dict[str, int]:
        return dict(Counter(fate.status for fate in self.fates[number]))


@dataclass
class Register:
    """What is believed while deliveries come in; a key's last word is the row that said it, or None for gone."""

    sent: list[Sent]
    is_whole: bool
    account: Account
    last_words: dict[tuple[str, ...], tuple[int, str | None, Fate | None]] = field(default_factory=dict)
    standing: dict[int, set[str]] = field(default_factory=dict)
    arrived: int = -1

    def key(self, number: int, row: Row) -> tuple[str, ...]:
        """Where a delivery is the whole of its period, a key is of that period."""
        return (row.key, self.sent[number].period) if self.is_whole else (row.key,)

    def arrive(self, number: int) -> None:
        """A delivery arrives; it and those that were held until now are looked at in order of arrival."""
        self.arrived = number
        self.standing[number] = self.reasons(number, number)
        for held in sorted(self.standing):
            self.standing[held] &= self.reasons(held, number)
            if not self.standing[held]:
                del self.standing[held]
                self.count(held, self.sent[number].arrived)

    def reasons(self, number: int, last: int) -> set[str]:
        """Why a delivery is held when all up to `last` have arrived."""
        this, found = self.sent[number], set()
        if sum(row.says == BAD for row in this.rows) > LIMIT_OF_BAD * len(this.rows):
            found.add("bad")
        months = sorted({other.period for other in self.sent[: last + 1] if other.puskesmas == this.puskesmas})
        if this.period != months[0]:
            before = self.volume(this.puskesmas, months[months.index(this.period) - 1], last)
            if before >= 2 and self.volume(this.puskesmas, this.period, last) < 0.7 * before:
                found.add("cut")
        earlier = [o for o in self.sent[:number] if o.period == this.period and o.may_be_whole]
        if (
            self.is_whole
            and this.may_be_whole
            and earlier
            and len(this.rows) < 0.7 * max(len(other.rows) for other in earlier)
        ):
            others = [
                len(other.rows)
                for place, other in enumerate(self.sent[: last + 1])
                if place != number and other.period == this.period and other.may_be_whole
            ]
            if not any(abs(rows - len(this.rows)) <= 0.1 * len(this.rows) for rows in others):
                found.add("shrunk")
        return found

    def volume(self, puskesmas: str, period: str, last: int) -> int:
        """How many keys a puskesmas has sent for a period, believed or not."""
        return len(
            {
                row.key
                for other in self.sent[: last + 1]
                if (other.puskesmas, other.period) == (puskesmas, period)
                for row in other.rows
            }
        )

    def count(self, number: int, now: datetime) -> None:
        """A delivery begins to count: its rows are words now, in their order."""
        this = self.sent[number]
        self.account.counts_from[number] = now
        if self.is_whole and this.may_be_whole:
            named = {self.key(number, row) for row in this.rows}
            known = {self.key(other, row) for other in range(self.arrived + 1) for row in self.sent[other].rows}
            for key in sorted(known - named):
                if key[1] == this.period:
                    self.speak(number, key, DELETED, None, now)
        for row, fate in zip(this.rows, self.account.fates[number], strict=True):
            if row.says != BAD:
                says = DELETED if row.says == DELETED else f"{row.says} in {this.puskesmas}"
                fate.status = self.speak(number, self.key(number, row), says, fate, now)

    def speak(self, number: int, key: tuple[str, ...], says: str, fate: Fate | None, now: datetime) -> str:
        """One word on one key; return the status of the row that said it."""
        said_by, content, believed = self.last_words.get(key, (-1, None, None))
        if said_by > number:  # stale: a later delivery has spoken
            return "superseded"
        if says == DELETED:
            self.end(believed, now)
            self.last_words[key] = (number, None, None)
            return "superseded"
        if says == content:
            self.last_words[key] = (number, content, believed)
            return "duplicate"
        self.end(believed, now)
        if fate is not None:
            fate.known_from = now
        self.last_words[key] = (number, says, fate)
        return "accepted"

    def end(self, believed: Fate | None, now: datetime) -> None:
        if believed is not None:
            believed.status, believed.known_to = "superseded", now


def settle_naively(sent: list[Sent], is_whole: bool) -> Account:
    """Let the deliveries, in order of arrival, come in one by one; return what became of them."""
    fates = [[Fate("quarantined") for _ in one.rows] for one in sent]
    register = Register(sent, is_whole, Account([None] * len(sent), fates))
    for number in range(len(sent)):
        register.arrive(number)
    return register.account


def believed_at(sent: list[Sent], account: Account, moment: datetime) -> set[tuple[str, str, str]]:
    """Return period, key and value of what was believed at a moment."""
    return {
        (one.period, row.key, row.says)
        for one, fates in zip(sent, account.fates, strict=True)
        for row, fate in zip(one.rows, fates, strict=True)
        if fate.known_from and fate.known_from <= moment and (fate.known_to is None or fate.known_to > moment)
    }
