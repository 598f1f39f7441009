"""Which words of the language the random policies of `ladders.py` say."""

from __future__ import annotations

import json

from ladders import PARTS, drawn
from leaves import RECORDED, SEVERAL, said, vocabulary

from model.language import PROTOCOL

DRAWN = 28  # with each few parts
# What is never drawn, with the reason: tables and keys that bear on no graph and no verdict.
NEVER = {
    ("a finding", ""): "it changes no move",
    ("a list", ""): "it changes no move",
    ("a policy file", "findings"): "they change no move",
    ("a policy file", "lists"): "they change no move",
    ("", "source"): "where it can be left out it is the rung's",
    ("", "assumed"): "it stands beside a source, and is for readers",
}


def never_drawn(found: set[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    return sorted(
        (noun, key, word)
        for noun, key, word in vocabulary(PROTOCOL) - found
        if not {(noun, ""), ("", key), (noun, key)} & {*NEVER, *RECORDED}
    )


def test_every_word_of_the_language_is_drawn() -> None:
    turns = [PARTS[i:] + PARTS[:i] for i in range(len(PARTS))]
    missing = never_drawn(set())
    found: set[tuple[str, str, str]] = set()
    for apart in (6, 5, 4, 3):  # most often the first round is enough
        if missing:
            texts = {text for parts in turns for text in drawn(parts[::apart], DRAWN)}
            assert len(texts) > DRAWN * len(PARTS) / 2
            found |= {word for text in texts for word in said(PROTOCOL, json.loads(text))}
            missing = never_drawn(found)
    assert missing == []


def test_a_word_that_is_not_drawn_is_told() -> None:
    """Without withdrawals, what a withdrawal can say is missed."""
    found = {w for w in vocabulary(PROTOCOL) if w[0] != "a withdrawal"}
    assert ("a withdrawal", "by", SEVERAL) in never_drawn(found)
    assert all(noun == "a withdrawal" for noun, _, _ in never_drawn(found))
