"""Working days against the package `holidays`, known dates and plain day-by-day counting."""

from __future__ import annotations

import locale
import subprocess
import sys
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import holidays
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model import calendar
from model.calendar import (
    FROZEN_FROM,
    FROZEN_TO,
    add_working_days,
    is_working_day,
    next_working_day,
    span,
    words,
    working_days_between,
)

ROOT = Path(calendar.__file__).parent.parent
TABLE = ROOT / "model" / "data" / "bank-holidays-england.txt"
ONE_DAY = timedelta(days=1)
YEARS = range(FROZEN_FROM.year, FROZEN_TO.year + 1)

# The days proclaimed or moved for one year, and the usual days that were given up for them.
ONE_OFFS = (
    *("2011-04-29", "2012-06-04", "2012-06-05", "2020-05-08", "2022-06-02", "2022-06-03"),
    *("2022-09-19", "2023-05-08"),
)
GIVEN_UP = ("2012-05-28", "2020-05-04", "2022-05-30")

frozen_days = st.dates(FROZEN_FROM, FROZEN_TO)
# Reaches over both ends of the frozen table.
any_days = st.one_of(frozen_days, st.dates(date(2006, 1, 1), date(2033, 12, 31)))
# No verdict from the speed of the machine.
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def listed() -> list[date]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    texts = [line.partition("#")[0].strip() for line in lines]
    return [date.fromisoformat(text) for text in texts if text]


def last_monday(year: int, month: int) -> date:
    """The last Monday of a month of 31 days."""
    end = date(year, month, 31)
    return end - timedelta(days=end.weekday())


# The frozen table


def test_the_table_is_a_sorted_list_of_weekdays_in_its_span() -> None:
    table = listed()
    assert words(FROZEN_FROM) == "Friday 1 January 2010"
    assert words(FROZEN_TO) == "Sunday 31 December 2028"
    assert all(a < b for a, b in pairwise(table))
    assert FROZEN_FROM <= min(table) <= max(table) <= FROZEN_TO
    assert all(day.weekday() < 5 for day in table)


def test_the_table_says_what_it_is() -> None:
    head = TABLE.read_text(encoding="utf-8").split("\n\n")[0]
    assert all(line.startswith("#") for line in head.splitlines())
    for said in ("England and Wales", "holidays 0.109", "govuk-bank-holidays"):
        assert said in head


@pytest.mark.parametrize("part", ["ENG", "WLS"])
def test_the_table_equals_holidays(part: str) -> None:
    known = holidays.country_holidays("GB", subdiv=part, years=YEARS)
    ours = set(listed())
    theirs = {day for day in known if day.weekday() < 5}
    assert ours - theirs == set()
    assert theirs - ours == set()


def test_every_frozen_day_is_judged_by_the_table() -> None:
    table = set(listed())
    for day in days(FROZEN_FROM, FROZEN_TO):
        assert is_working_day(day) is (day.weekday() < 5 and day not in table), day


@pytest.mark.parametrize("text", ONE_OFFS)
def test_days_for_one_year_are_holidays(text: str) -> None:
    assert not is_working_day(date.fromisoformat(text))


@pytest.mark.parametrize("text", GIVEN_UP)
def test_days_given_up_for_them_are_working_days(text: str) -> None:
    assert is_working_day(date.fromisoformat(text))


@pytest.mark.parametrize("year", YEARS)
def test_days_that_are_not_holidays_all_over_the_kingdom_are_kept(year: int) -> None:
    """Asked for no part of the kingdom, packages drop Easter Monday and the August holiday."""
    common = holidays.country_holidays("GB", years=year)
    (good_friday,) = (day for day, name in common.items() if name == "Good Friday")
    for day in (good_friday + timedelta(days=3), last_monday(year, 8)):
        assert day not in common
        assert day in set(listed())
        assert not is_working_day(day)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("2025-01-02", "2 January, Scotland"),
        ("2025-03-17", "Saint Patrick, Northern Ireland"),
        ("2024-07-12", "Battle of the Boyne, Northern Ireland"),
        ("2025-08-04", "August holiday, Scotland"),
        ("2026-11-30", "Saint Andrew, Scotland"),
        ("2025-12-29", "between Christmas and New Year"),
        ("2025-12-24", "Christmas Eve"),
    ],
)
def test_holidays_of_others_are_working_days(text: str, what: str) -> None:
    assert is_working_day(date.fromisoformat(text)), what


def test_working_days_per_year() -> None:
    odd = {2011: 251, 2012: 252, 2017: 252, 2020: 254, 2022: 250, 2023: 251, 2024: 254, 2028: 252}
    for year in YEARS:
        count = working_days_between(date(year - 1, 12, 31), date(year, 12, 31))
        assert count == odd.get(year, 253), year


def test_the_frozen_span_needs_no_package() -> None:
    """Run without site-packages: nothing but the standard library can be imported."""
    code = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from datetime import date
from model import calendar as c
assert not c.is_working_day(c.FROZEN_FROM) and c.is_working_day(date(2010, 1, 4))
assert not c.is_working_day(c.FROZEN_TO) and c.is_working_day(date(2028, 12, 29))
assert c.next_working_day(date(2025, 12, 25)) == date(2025, 12, 29)
assert c.add_working_days(date(2025, 12, 12), 20) == date(2026, 1, 14)
assert c.working_days_between(c.FROZEN_FROM, c.FROZEN_TO) > 4000
assert c.span(28, "calendar days")
assert "holidays" not in sys.modules
try:
    c.is_working_day(date(2029, 1, 1))
except ModuleNotFoundError:
    print("needs holidays")
"""
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-B", "-c", code], capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("needs holidays", "")


# Counting


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2020-04-27", "2020-05-27"),
        ("2022-05-23", "2022-06-22"),
        ("2022-09-05", "2022-10-04"),
        ("2023-04-06", "2023-05-10"),
        ("2025-04-10", "2025-05-13"),
        ("2025-12-12", "2026-01-14"),
    ],
)
def test_twenty_working_days(start: str, due: str) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(due)
    assert add_working_days(first, 20) == last
    assert working_days_between(first, last) == 20


def test_twenty_working_days_in_calendar_days() -> None:
    starts = [day for day in days(date(2012, 1, 1), date(2026, 12, 31)) if is_working_day(day)]
    assert len(starts) == 3790
    lengths = {day: (add_working_days(day, 20) - day).days for day in starts}
    found = Counter(lengths.values())
    assert found == {28: 2362, 29: 568, 30: 242, 31: 257, 32: 158, 33: 201, 34: 2}
    assert lengths[date(2023, 4, 6)] == 34


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        ("2026-01-05", 0, "2026-01-05"),
        ("2026-01-03", 0, "2026-01-03"),  # day 0 need not be a working day
        ("2026-01-05", 1, "2026-01-06"),
        ("2026-01-03", 1, "2026-01-05"),  # raised on a Saturday
        ("2026-01-09", 1, "2026-01-12"),
        ("2025-12-24", 1, "2025-12-29"),
        ("2025-12-25", 5, "2026-01-05"),
        ("2024-02-28", 1, "2024-02-29"),
        ("2009-12-24", 3, "2009-12-31"),  # before the table
        ("2009-12-31", 1, "2010-01-04"),  # into the table
        ("2028-12-29", 1, "2029-01-02"),  # out of the table
        ("2028-12-20", 6, "2029-01-02"),
        ("2028-12-31", 1, "2029-01-02"),
        ("2029-03-29", 1, "2029-04-03"),  # after the table
    ],
)
def test_adding(start: str, count: int, due: str) -> None:
    assert add_working_days(date.fromisoformat(start), count) == date.fromisoformat(due)


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2026-01-05", "2026-01-05"),
        ("2026-01-03", "2026-01-05"),
        ("2025-04-18", "2025-04-22"),
        ("2021-12-25", "2021-12-29"),
        ("2028-12-30", "2029-01-02"),
        ("2009-12-25", "2009-12-29"),
    ],
)
def test_next_working_day(day: str, found: str) -> None:
    assert next_working_day(date.fromisoformat(day)) == date.fromisoformat(found)


def test_between() -> None:
    friday, saturday, monday = date(2026, 1, 9), date(2026, 1, 10), date(2026, 1, 12)
    assert working_days_between(friday, friday) == 0
    assert working_days_between(friday, saturday) == 0
    assert working_days_between(friday, monday) == 1
    assert working_days_between(saturday, monday) == 1
    assert working_days_between(monday, friday) == 0
    assert working_days_between(date(2009, 12, 31), date(2010, 1, 4)) == 1
    assert working_days_between(date(2028, 12, 29), date(2029, 1, 2)) == 1


def test_a_time_of_day_changes_nothing() -> None:
    start, end = datetime(2025, 12, 12, 23, 59), datetime(2026, 1, 14, 0, 1)
    assert is_working_day(start)
    assert next_working_day(start) == date(2025, 12, 12)
    assert add_working_days(start, 20) == date(2026, 1, 14)
    assert working_days_between(start, end) == 20
    assert words(start) == "Friday 12 December 2025"


@patient
@given(any_days, st.integers(0, 400))
def test_adding_and_counting_agree(start: date, count: int) -> None:
    due = add_working_days(start, count)
    assert working_days_between(start, due) == count
    if count:
        assert is_working_day(due)
        assert working_days_between(start, due - ONE_DAY) == count - 1


@patient
@given(any_days, any_days)
def test_counting_and_adding_agree(start: date, end: date) -> None:
    start, end = sorted((start, end))
    due = add_working_days(start, working_days_between(start, end))
    assert start <= due <= end
    assert working_days_between(due, end) == 0


@patient
@given(any_days, st.integers(0, 120))
def test_counting_is_day_by_day(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    counted = sum(is_working_day(day) for day in days(start + ONE_DAY, end))
    assert working_days_between(start, end) == counted


@patient
@given(st.tuples(any_days, any_days, any_days).map(sorted))
def test_counts_of_parts_add_up(marks: list[date]) -> None:
    first, middle, last = marks
    parts = working_days_between(first, middle) + working_days_between(middle, last)
    assert working_days_between(first, last) == parts


@patient
@given(any_days)
def test_next_working_day_is_the_nearest(day: date) -> None:
    found = next_working_day(day)
    assert is_working_day(found)
    assert found >= day
    assert not any(is_working_day(other) for other in days(day, found - ONE_DAY))
    assert next_working_day(found) == found


# Outside the frozen table


@pytest.mark.parametrize("year", [1972, 1995, 2009, 2029, 2035, 2100])
def test_other_years_follow_holidays(year: int) -> None:
    known = holidays.country_holidays("GB", subdiv="ENG", years=year)
    for day in days(date(year, 1, 1), date(year, 12, 31)):
        assert is_working_day(day) is (day.weekday() < 5 and day not in known), day


@pytest.mark.parametrize(
    ("text", "working"),
    [
        ("1872-12-25", False),
        ("1995-05-01", True),  # moved to 8 May
        ("1995-05-08", False),
        ("1999-12-31", False),
        ("2002-06-03", False),
        ("2009-12-28", False),
        ("2009-12-31", True),
        ("2029-01-01", False),
        ("2029-01-02", True),
        ("2029-04-02", False),
        ("2100-12-31", True),
    ],
)
def test_known_days_outside_the_table(text: str, working: bool) -> None:
    assert is_working_day(date.fromisoformat(text)) is working


# Spans


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (0, "working days", (0, 0)),
        (20, "working days", (20, 20)),
        (100_000, "working days", (100_000, 100_000)),
        (0, "calendar days", (0, 0)),
        (1, "calendar days", (0, 1)),
        (2, "calendar days", (0, 2)),
        (4, "calendar days", (0, 4)),
        (5, "calendar days", (1, 4)),
        (7, "calendar days", (3, 5)),
        (28, "calendar days", (16, 20)),
        (0, "hours", (0, 0)),
        (1, "hours", (0, 1)),
        (24, "hours", (0, 1)),
        (25, "hours", (0, 2)),
        (48, "hours", (0, 2)),
    ],
)
def test_span(amount: int, unit: str, expected: tuple[int, int]) -> None:
    assert span(amount, unit) == expected


def test_28_days_are_17_working_days_but_for_the_spring_of_2011() -> None:
    """Easter, the royal wedding and the early May holiday fell within eleven days of 2011."""
    length = timedelta(days=28)
    starts = [day for day in days(FROZEN_FROM, FROZEN_TO - length) if is_working_day(day)]
    found = {day: working_days_between(day, day + length) for day in starts}
    fewest = [day for day, count in found.items() if count == 16]
    assert (min(fewest), max(fewest), len(fewest)) == (date(2011, 4, 4), date(2011, 4, 21), 14)
    others = {count for day, count in found.items() if day not in fewest}
    assert others == {17, 18, 19, 20}


@settings(patient, max_examples=15)
@given(st.integers(0, 400))
def test_span_is_the_least_and_most_of_all_starts(amount: int) -> None:
    table = set(listed())
    every = days(FROZEN_FROM, FROZEN_TO)
    works = [day.weekday() < 5 and day not in table for day in every]
    counts = {
        sum(works[n + 1 : n + 1 + amount])
        for n, working in enumerate(works)
        if working and n + amount < len(works)
    }
    assert span(amount, "calendar days") == (min(counts), max(counts))
    assert span(amount * 24, "hours") == span(amount, "calendar days")
    assert span(amount * 24 + 1, "hours") == span(amount + 1, "calendar days")


def test_the_longest_span() -> None:
    first = date(2010, 1, 4)
    longest = (FROZEN_TO - first).days
    count = working_days_between(first, FROZEN_TO)
    assert span(longest, "calendar days") == (count, count)
    with pytest.raises(ValueError, match="longer than the table"):
        span(longest + 1, "calendar days")


# Words and errors


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 1, 6), "Tuesday 6 January 2026"),
        (date(2024, 2, 29), "Thursday 29 February 2024"),
        (date(2022, 9, 19), "Monday 19 September 2022"),
        (date(2011, 4, 29), "Friday 29 April 2011"),
        (date(1, 1, 1), "Monday 1 January 1"),
    ],
)
def test_words(day: date, said: str) -> None:
    assert words(day) == said


def test_words_of_a_whole_year() -> None:
    """The standard library agrees where its locale is the plain one, and need not elsewhere."""
    before = locale.setlocale(locale.LC_TIME)
    locale.setlocale(locale.LC_TIME, "C")
    try:
        for day in days(date(2024, 1, 1), date(2024, 12, 31)):
            assert words(day) == f"{day:%A} {day.day} {day:%B} {day.year}"
    finally:
        locale.setlocale(locale.LC_TIME, before)


OUTSIDE = [date(1, 1, 1), date(1871, 12, 31), date(2101, 1, 1), date(9999, 12, 31)]


@pytest.mark.parametrize("day", OUTSIDE)
def test_days_outside_the_calendar(day: date) -> None:
    inside = date(2026, 1, 6)
    said = rf"^{words(day)} is outside the calendar, which covers 1872 to 2100$"
    with pytest.raises(ValueError, match=said):
        is_working_day(day)
    with pytest.raises(ValueError, match=said):
        next_working_day(day)
    with pytest.raises(ValueError, match=said):
        add_working_days(day, 0)
    with pytest.raises(ValueError, match=said):
        working_days_between(day, inside)
    with pytest.raises(ValueError, match=said):
        working_days_between(inside, day)


def test_counting_past_the_end_of_the_calendar() -> None:
    with pytest.raises(ValueError, match="1 January 2101 is outside the calendar"):
        add_working_days(date(2100, 12, 31), 1)


def test_negative_and_unknown_lengths() -> None:
    with pytest.raises(ValueError, match="must be 0 or more, not -1"):
        add_working_days(date(2026, 1, 6), -1)
    for unit in ("working days", "calendar days", "hours"):
        for amount in (-1, -2):
            with pytest.raises(ValueError, match=f"must be 0 or more, not {amount}"):
                span(amount, unit)
    for unit in ("days", "weeks", "working day", "years", ""):
        with pytest.raises(ValueError, match=f"not “{unit}”$"):
            span(5, unit)
