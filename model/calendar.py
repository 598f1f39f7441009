"""Working days in England and Wales.

A working day is any day but a Saturday, a Sunday, Christmas Day, Good Friday or a bank holiday in
England and Wales under the Banking and Financial Dealings Act 1971. The words are those of the
Children Act 2004 (Joint Area Reviews) Regulations 2005 (SI 2005/1973, since revoked), reg 1(3);
the Children Act 1989 Representations Procedure (England) Regulations 2006 (SI 2006/1738), reg 2,
add Boxing Day, which changes nothing on a weekday. Proclaimed days count as bank holidays; a day
on which only the council's offices are closed is a working day. The Freedom of Information Act
2000, s 10(6), takes bank holidays of any part of the United Kingdom: that is another calendar.

From `FROZEN_FROM` to `FROZEN_TO` the answer comes from a table beside this file and from nothing
else, so it does not change with a package. Outside, the package `holidays` is asked: it cannot
know days that are yet to be proclaimed, and before 1971 it leaves out the August bank holiday.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

FROZEN_FROM = date(2010, 1, 1)
FROZEN_TO = date(2028, 12, 31)

_TABLE = Path(__file__).parent / "data" / "bank-holidays-england.txt"

_FIRST, _LAST = FROZEN_FROM.toordinal(), FROZEN_TO.toordinal()
_FIRST_YEAR, _LAST_YEAR = 1872, 2100

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def is_working_day(day: date) -> bool:
    """Whether `day` is a working day. ValueError before 1872 and after 2100."""
    return bool(_works(_ordinal(day)))


def next_working_day(day: date) -> date:
    """`day` itself if it is a working day, or else the first working day after it."""
    ordinal = _ordinal(day)
    while not _works(ordinal):
        ordinal += 1
    return date.fromordinal(ordinal)


def add_working_days(start: date, count: int) -> date:
    """The day at whose end `count` working days from `start` have passed.

    `start` is day 0, working day or not; day 1 is the next working day after it. A count of 0
    gives `start`.
    """
    if count < 0:
        raise ValueError(f"a count of working days must be 0 or more, not {count}")
    ordinal = _ordinal(start)
    if count and _FIRST <= ordinal <= _LAST:
        working, before = _frozen()
        nth = before[ordinal + 1 - _FIRST] + count
        if nth <= len(working):
            return date.fromordinal(working[nth - 1])
    while count:
        ordinal += 1
        count -= _works(ordinal)
    return date.fromordinal(ordinal)


def working_days_between(start: date, end: date) -> int:
    """How many working days come after `start` and not after `end`; 0 if `end` comes first."""
    low, high = _ordinal(start), _ordinal(end)
    if high <= low:
        return 0
    if _FIRST <= low < high <= _LAST:
        _, before = _frozen()
        return before[high + 1 - _FIRST] - before[low + 1 - _FIRST]
    return sum(_works(ordinal) for ordinal in range(low + 1, high + 1))


@cache
def span(amount: int, unit: str) -> tuple[int, int]:
    """The fewest and the most working days that can pass in `amount` of `unit`.

    `unit` is `working days`, `calendar days` or `hours`; hours count as whole days of 24 hours,
    rounded up. Every working day of the frozen table is tried as the start if the end lies in the
    table too; the start is not counted and the end is, as in `working_days_between`.
    """
    if amount < 0:
        raise ValueError(f"a length of time must be 0 or more, not {amount}")
    if unit == "working days":
        return amount, amount
    if unit not in ("calendar days", "hours"):
        raise ValueError(f"a unit is “working days”, “calendar days” or “hours”, not “{unit}”")
    length = amount if unit == "calendar days" else -(-amount // 24)
    working, before = _frozen()
    shift, last = 1 - _FIRST, _LAST - length
    passed = {before[s + length + shift] - before[s + shift] for s in working if s <= last}
    if not passed:
        raise ValueError(f"{amount} {unit} is longer than the table of bank holidays")
    return min(passed), max(passed)


def words(day: date) -> str:
    """The day in words: `Tuesday 6 January 2026`, whatever the locale."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def _ordinal(day: date) -> int:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        years = f"{_FIRST_YEAR} to {_LAST_YEAR}"
        raise ValueError(f"{words(day)} is outside the calendar, which covers {years}")
    return day.toordinal()


def _works(ordinal: int) -> int:
    """1 for a working day, 0 for another."""
    if _FIRST <= ordinal <= _LAST:
        _, before = _frozen()
        return before[ordinal + 1 - _FIRST] - before[ordinal - _FIRST]
    day = date.fromordinal(ordinal)
    _ordinal(day)
    return int(day.weekday() < 5 and day not in _computed(day.year))


@cache
def _frozen() -> tuple[list[int], list[int]]:
    """The working days of the table, as ordinals, and how many come before each day of it.

    The second list has an entry for every day from `FROZEN_FROM` and one more at the end.
    """
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    dates = (line.partition("#")[0].strip() for line in lines)
    closed = {date.fromisoformat(text).toordinal() for text in dates if text}
    working: list[int] = []
    before = [0]
    for ordinal in range(_FIRST, _LAST + 1):
        # Ordinal 1 is a Monday, so Saturday is 6 and Sunday is 0.
        if 0 < ordinal % 7 < 6 and ordinal not in closed:
            working.append(ordinal)
        before.append(len(working))
    return working, before


@cache
def _computed(year: int) -> frozenset[date]:
    """The holidays of a year outside the table; `holidays` is slow to import, so only here."""
    from holidays import country_holidays

    return frozenset(country_holidays("GB", subdiv="ENG", years=year))
