"""Lengths of time as a file writes them, and what to say of those that it cannot write."""

from __future__ import annotations

import re
from dataclasses import dataclass

from model.values import Context, Defs, Shape, closest, found
from model.yamltree import Node, Position, Text, excerpt


@dataclass(frozen=True, slots=True)
class Length:
    """An amount of time: `amount` of `unit` (`working days`, `calendar days` or `hours`)."""

    amount: int
    unit: str
    at: Position
    text: str


_LENGTH = re.compile(r"(0|[1-9][0-9]{0,3}) (working day|calendar day|week|hour)s?")
_NO_DAYS = re.compile(r"[0-9]+ ?(days?)?")
_RANGE = re.compile(r"[0-9]+ ?(-|–|to|or) ?[0-9]+( .*)?")
_OTHER_UNIT = re.compile(r"[0-9]+ (months?|years?|minutes?)")
_SUM = re.compile(r"(.*\d.*?),? (?:\+|plus|and) (.*\d.*)")
_NUMBERS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"),
    *("twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"),
    *("nineteen", "twenty"),
)
_IN_DIGITS = {word: str(number) for number, word in enumerate(_NUMBERS, 1)}
_NEARLY = re.compile(r"(?:within |up to |at most |no more than )?0*([0-9]{1,4})[ -]?([a-z].*)")
_UNITS = ("working day", "calendar day", "week", "hour")


def _mended(text: str) -> str | None:
    """A length of time as it has to be written, if the text is nearly one."""
    words = text.casefold().replace("-", " ").split()
    nearly = _NEARLY.fullmatch(" ".join(_IN_DIGITS.get(word, word) for word in words))
    if nearly is None:
        return None
    ending = "" if nearly[1] == "1" else "s"
    meant = re.sub("^(business|work|school) ", "working ", nearly[2])
    unit = closest(meant, [unit + ending for unit in _UNITS])
    return unit and f"{nearly[1]} {unit}"


def _in_one_unit(text: str) -> str | None:
    """What to write for a sum of two lengths, if the text is one; it has one unit."""
    words = " ".join(_IN_DIGITS.get(word, word) for word in text.casefold().split())
    parts = _SUM.fullmatch(words)
    lengths = [_LENGTH.fullmatch(_mended(part) or "") for part in parts.groups()] if parts else []
    if not lengths or None in lengths:
        return None
    units = {match[2] for match in lengths if match}
    if len(units) == 1:
        amount = sum(int(match[1]) for match in lengths if match)
        return f"write “{amount} {units.pop()}{'s' * (amount != 1)}”"
    return "write it in one unit, and say under “assumed” what was taken for what"


@dataclass(frozen=True, slots=True)
class Duration(Shape):
    """`5 working days`, `28 calendar days`, `3 weeks`, `48 hours` or `immediately`."""

    wants = (
        "a length of time such as “5 working days”, “28 calendar days”, “3 weeks”, “48 hours” "
        "or “immediately”"
    )

    def read(self, node: Node, path: tuple[str, ...], into: Context) -> Length | None:
        if not isinstance(node, Text) or not node.value:
            self.refuse(node, path, into)
            return None
        text = node.value
        if text == "immediately":
            return Length(0, "working days", node.at, text)
        parts = _LENGTH.fullmatch(text)
        if parts is None:
            self.complain(node, path, into)
            return None
        amount, unit = int(parts[1]), parts[2] + "s"
        if unit == "weeks":
            amount, unit = amount * 7, "calendar days"
        most = 2000 if unit == "hours" else 3660
        if amount > most:
            right = "use at most 2000 hours" if unit == "hours" else "use at most ten years"
            into.fault(node.at, path, f"“{text}” is too long", right)
            return None
        return Length(amount, unit, node.at, text)

    def complain(self, node: Text, path: tuple[str, ...], into: Context) -> None:
        text = excerpt(node.value)
        digits = " ".join(_IN_DIGITS.get(word, word) for word in node.value.casefold().split())
        wrong, right = found(node), ""
        if _NO_DAYS.fullmatch(digits):
            wrong = f"“{text}” does not say which days it counts"
            right = "write “working days” or “calendar days”, or ask a question where the text"
            right += " leaves it open"
        elif _RANGE.fullmatch(digits):
            wrong = f"“{text}” is a range"
            right = "write a table with “at least:” and “at most:”"
        elif _OTHER_UNIT.fullmatch(digits):
            wrong = f"“{text}” has a unit that is not used here"
            right = "write it in working days, calendar days, weeks or hours"
        elif text.startswith("-"):
            wrong = f"“{text}” is less than nothing"
            right = f"write {into.wants or self.wants}"
        elif (one := _in_one_unit(node.value)) is not None:
            wrong, right = f"“{text}” is a sum of two lengths", one
        elif (mended := _mended(node.value)) is not None:
            right = f"write “{mended}”"
        if right:
            into.fault(node.at, path, wrong, right)
        else:
            self.refuse(node, path, into)

    def schema(self, defs: Defs) -> Defs:
        pattern = f"^(immediately|{_LENGTH.pattern})$"
        return {"type": "string", "pattern": pattern}
