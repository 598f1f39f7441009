"""Text that others wrote, made harmless for the place where it is written.

One function for each place. What nobody can see (control characters, changes of direction, signs
without width) is refused where a file is read; what is left of it, such as the name of a file, is
shown as `�`. Everywhere two `#` or two colons are kept apart, which begin a command in the log of
a build (`##[error]`, `::error::`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from typing import Any

# Control and format characters, halves of characters, private ones, and separators of lines.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
# Letters and marks that are drawn as nothing: Default_Ignorable_Code_Point of Unicode's
# DerivedCoreProperties.txt, as far as their category does not say it.
_BLANK = frozenset(
    (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2065, 0x3164,
     *range(0xFE00, 0xFE10), 0xFFA0, *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000))
)  # fmt: skip
_COMMAND = re.compile(r"#(?=#)|:(?=:)")
_FORMULA = "=+\\-@＝＋－＠"


def is_hidden(char: str) -> bool:
    """Whether nobody can see a character, or it is none at all."""
    code = ord(char)
    return unicodedata.category(char) in _HIDDEN or code in _BLANK or code & 0xFFFE == 0xFFFE


def shown(text: str) -> str:
    """Text in which every hidden character is seen as `�`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if is_hidden(c) else c for c in text)


def _apart(text: str, form: Callable[[str], str]) -> str:
    """What begins a command in a build's log, in another form."""
    return _COMMAND.sub(lambda found: form(found[0]), text)


def line(text: str) -> str:
    """Text for a terminal or a log: one line, on which nothing acts."""
    return _apart(shown(text), lambda sign: f"{sign} ")


def markup(text: object) -> str:
    """Text for HTML and XML, in content and in attributes; lines stay lines."""
    said = "\n".join(map(shown, str(text).split("\n")))
    for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot"), ("'", "#39")):
        said = said.replace(char, f"&{name};")
    return markup_apart(said)


def markup_apart(text: str) -> str:
    """HTML or XML that says the same and begins no command in a build's log."""
    return _apart(text, lambda sign: f"&#{ord(sign)};")


_INLINE = re.compile(r"[\\`*_{}\[\]<>()#+!|~&]|^[-=]")
_NUMBERED = re.compile(r"^(\d+)(?=\.)")
# Where GitHub begins a link or a mention, which no backslash hinders.
_LINK = re.compile(r"(?<=:)(?=//)|(?<=@)|(?<=#)(?=\w)|(?<=[Ww])(?=[Ww]\.)|(?<=[Gg][Hh])(?=-\d)")


def markdown(text: str) -> str:
    """Text for Markdown, also in a table: one line that is nothing but words."""
    said = _LINK.sub("\0", line(" ".join(text.split())))
    said = _INLINE.sub(lambda sign: f"\\{sign[0]}", said)
    said = _NUMBERED.sub(r"\1\\", said)
    return said.replace("$", "&#36;").replace("\0", "&#8203;")


def quoted(text: str) -> str:
    """What stands between the quotes of a DOT string: no escape, no entity, no end."""
    plain = shown(text).replace("\\", "\\\\").replace("&", "&amp;").replace('"', '\\"')
    return markup_apart(plain)


def mermaid(text: str) -> str:
    """What stands between the quotes of a Mermaid string: letters, digits, spaces and codes."""
    return "".join(map(_code, shown(text)))


def _code(char: str) -> str:
    if char == " " or (char.isalnum() and (char.isascii() or char.isalpha())):
        return char
    return f"#{ord(char)};"


def cell(value: Any) -> Any:
    """A cell of a CSV file that no spreadsheet takes for a formula, nor any part of it."""
    if not isinstance(value, str):
        return value
    said = re.sub(rf"(?<=[;,|])(?=[{_FORMULA}])", " ", line(value))
    return f"'{said}" if re.match(rf"[{_FORMULA}]", said) else said


def as_json(value: Any, indent: int | None = 1) -> str:
    """A value as JSON, in which what is hidden stands as its code. ValueError for no number."""
    return _disarmed(json.dumps(value, indent=indent, ensure_ascii=False, allow_nan=False))


def as_lines(value: Any) -> str:
    """The same with a line for each part of the outer levels, for who reads a long one by eye."""
    return _disarmed(_lined(value, 3))


_plain_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def _lined(value: Any, levels: int) -> str:
    lines: list[str] = []
    if levels and isinstance(value, dict) and any(map(_deep, value.values())):
        lines = [f"{_plain_json(key)}: {_lined(x, levels - 1)}" for key, x in value.items()]
    elif levels and isinstance(value, list) and _deep(value):
        inside = levels if levels > 1 else 0  # tables in a table in a table stay on a line
        lines = [_lined(x, inside) if isinstance(x, dict) else _plain_json(x) for x in value]
    if not lines:
        return _plain_json(value)
    first, last = "{}" if isinstance(value, dict) else "[]"
    return f"{first}\n" + ",\n".join(lines) + f"\n{last}"


def _deep(value: Any) -> bool:
    """Whether it is a table, or a list in which are some."""
    inside = value if isinstance(value, list) else ()
    return isinstance(value, dict) or any(isinstance(x, (dict, list)) for x in inside)


def _disarmed(text: str) -> str:
    bad = {c for c in set(text) - {"\n"} if is_hidden(c)}
    if bad:
        text = "".join(_escape(c) if c in bad else c for c in text)
    return _apart(text, _escape)


def ascii_json(text: str) -> str:
    """Text as a JSON string in plain ASCII: it ends no line, no comment and no quotation."""
    return _apart(json.dumps(text), _escape)


def _escape(char: str) -> str:
    return json.dumps(char)[1:-1] if not char.isascii() else f"\\u{ord(char):04x}"


__all__ = [
    "as_json", "as_lines", "ascii_json", "cell", "is_hidden", "line", "markdown", "markup",
    "markup_apart", "mermaid", "quoted", "shown",
]  # fmt: skip
