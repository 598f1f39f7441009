"""What the reader says of files that are wrong: all of it, in order, in the right place.

`policies/good.yaml` is right. Every file in `policies/bad` is that one with a fault or two; beside
it, a file `.expect` has the messages. Files that are too large or are no text are made here.
"""

from __future__ import annotations

import os
import random
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from model.expand import graphs
from model.load import authorities, load, loads
from model.shapes import MAX_ITEMS
from model.yamltree import MAX_BYTES, MAX_FAULTS, MAX_NODES, MAX_TEXT, PolicyError

POLICIES = Path(__file__).parent / "policies"
GOOD = (POLICIES / "good.yaml").read_text(encoding="utf-8")
BAD = sorted((POLICIES / "bad").glob("*.yaml"))
MESSAGE = re.compile(r"[^:]+:[1-9]\d*:[1-9]\d*: (?P<where>[^;“]+: )?(?P<wrong>.+?); (?P<right>.+)")


@pytest.fixture(autouse=True)
def _no_hanging() -> Iterator[None]:
    """End a test that hangs; nothing here takes a second."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def stop(*_: object) -> None:
        raise TimeoutError("this takes too long")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def refused(read: Callable[[], object]) -> list[str]:
    """The messages of a policy that must be refused."""
    with pytest.raises(PolicyError) as caught:
        read()
    return [str(fault) for fault in caught.value.faults]


def said(text: str) -> list[str]:
    return refused(lambda: loads(text, "p.yaml"))


def changed(*edits: tuple[str, str]) -> str:
    """The good policy with some of its texts replaced; each must be there once."""
    text = GOOD
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


# --- the files ------------------------------------------------------------------------------


def test_the_good_policy_is_good() -> None:
    assert [graph.name for graph in graphs(load(POLICIES / "good.yaml"))] == ["good/dispute"]


@pytest.mark.parametrize("path", authorities(), ids=lambda path: path.stem)
def test_the_authorities_are_good(path: Path) -> None:
    assert graphs(load(path))


def test_every_bad_file_has_its_messages() -> None:
    expected = sorted((POLICIES / "bad").glob("*.expect"))
    assert [path.with_suffix(".yaml") for path in expected] == BAD
    assert len(BAD) >= 70


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_policy(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)
    expected = path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()
    assert refused(lambda: load(path.name)) == expected


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_policy_without_libyaml(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PyYAML's own parser has other words for what is no YAML; readers get the same message."""
    monkeypatch.delattr(yaml, "CLoader")
    test_bad_policy(path, monkeypatch)


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_messages_say_where_what_and_what_would_be_right(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").split("\n")
    places = []
    for message in path.with_suffix(".expect").read_text(encoding="utf-8").splitlines():
        parts = MESSAGE.fullmatch(message)
        assert parts is not None, message
        assert parts["right"].count(";") == 0, "one thing that is wrong, one that is right"
        assert not re.search(r"None|“”|Traceback|<|\bdict\b|\bstr\b|\bint\b|  ", message)
        file, line, column = message.split(":")[:3]
        assert file == path.name
        assert int(line) <= len(lines)
        assert int(column) <= len(lines[int(line) - 1]) + 1
        places.append((int(line), int(column)))
    assert places == sorted(places)


def test_all_faults_at_once() -> None:
    """Eight faults of eight kinds, found at different times, come in the order of the file."""
    messages = (POLICIES / "bad" / "eight-faults.expect").read_text(encoding="utf-8").splitlines()
    wrong = [MESSAGE.fullmatch(m)["wrong"].split("“")[0].strip() for m in messages]  # type: ignore[index]
    assert len(messages) == len(set(wrong)) + wrong.count("") - 1 == 8


# --- files that are no texts, or too large --------------------------------------------------


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "1:1: the file is empty; start from `drp new NAME`"),
        (b"\xef\xbb\xbf", "1:1: the file is empty; start from `drp new NAME`"),
        (b"---\n", "1:1: the file is empty; start from `drp new NAME`"),
        (
            b"a: " + b"x" * 10_000_000,
            "1:1: the file is too large; a policy file has at most 256 KiB",
        ),
        (
            "title: ¶ §\nauthority: ¶1\n".encode("latin-1"),
            "1:8: the file is not UTF-8 text; save it with the encoding UTF-8",
        ),
        (
            "title: ¶\nnöte: ".encode() + b"\xff",
            "2:7: the file is not UTF-8 text; save it with the encoding UTF-8",
        ),
        (
            "title: x\n".encode("utf-16"),
            "1:1: the file is not UTF-8 text; save it with the encoding UTF-8",
        ),
        (
            b"title: a\0b\n",
            "1:9: a control or invisible character (U+0000) stands here; take it out",
        ),
        (
            b"\x7fELF\x02\x01\x01",
            "1:1: a control or invisible character (U+007F) stands here; take it out",
        ),
        (
            b"[" * 10_000,
            "1:21: [1] › [1] › [1]: nested more than 20 deep; a policy file is shallow",
        ),
        (b"{a: " * 10_000, "1:81: a › a › a: nested more than 20 deep; a policy file is shallow"),
        (
            b"".join(b" " * i + b"a:\n" for i in range(700)),
            "21:21: a › a › a: nested more than 20 deep; a policy file is shallow",
        ),
        (
            b"- " * 10_000,
            "1:41: [1] › [1] › [1]: nested more than 20 deep; a policy file is shallow",
        ),
        (
            b"[" + b"a," * MAX_NODES + b"a]",
            f"1:{2 * MAX_NODES}: [{MAX_NODES}]: more than {MAX_NODES} values; "
            "split the protocol into files",
        ),
    ],
    ids=[
        *("empty", "mark only", "empty document", "10 MB", "latin-1", "broken", "utf-16", "nul"),
        *("binary", "10,000 brackets", "10,000 braces", "stairs", "10,000 dashes", "many values"),
    ],
)
@pytest.mark.parametrize("libyaml", [True, False], ids=["libyaml", "python"])
def test_files_that_are_no_policies(
    data: bytes, expected: str, libyaml: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if not libyaml:
        monkeypatch.delattr(yaml, "CLoader")
    Path("p.yaml").write_bytes(data)
    assert refused(lambda: load("p.yaml")) == [f"p.yaml:{expected}"]


def test_an_alias_bomb() -> None:
    remedy = "take it out, since every value is written out"
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    assert said("\n".join(lines)) == [
        f"p.yaml:1:4: a: an anchor (“&a”) stands here; {remedy}",
        f"p.yaml:2:4: b: an anchor (“&b”) stands here; {remedy}",
        "p.yaml:2:8: b › [1]: an alias (“*a”) stands here; write the value out again",
    ]


def test_a_file_that_holds_itself() -> None:
    assert said("a: &a [*a]")[-1] == (
        "p.yaml:1:8: a › [1]: an alias (“*a”) stands here; write the value out again"
    )


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(GOOD + "#" * (MAX_BYTES - len(GOOD.encode())), encoding="utf-8")
    assert path.stat().st_size == MAX_BYTES
    assert load(path).authority == "Exampleton"


def test_a_long_text_is_refused_once() -> None:
    long = changed(("title: IRO dispute resolution", f"title: {'x ' * MAX_TEXT}"))
    assert said(long) == [
        f"p.yaml:3:8: title: this text is too long; use at most {MAX_TEXT} characters"
    ]


def test_a_byte_order_mark_and_windows_lines_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(path).title == "IRO dispute resolution"
    path.write_bytes(GOOD.replace("\n", "\r").encode())
    assert load(path).title == "IRO dispute resolution"


def test_folders_and_files_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folder.yaml").mkdir()
    Path("loop.yaml").symlink_to("loop.yaml")
    assert refused(lambda: load("folder.yaml")) == [
        "folder.yaml:1:1: this is a folder; name a policy file in it"
    ]
    assert refused(lambda: load(tmp_path)) == [".:1:1: this is a folder; name a policy file in it"]
    assert refused(lambda: load("none.yaml")) == [
        "none.yaml:1:1: there is no such file; check the name"
    ]
    assert refused(lambda: load("islingtn")) == [
        "islingtn:1:1: there is no such file, and no authority of this name here; "
        "did you mean “islington”?"
    ]
    assert refused(lambda: load("x" * 300)) == [
        f"{'x' * 300}:1:1: there is no such file, and no authority of this name here; "
        "check the name"
    ]
    assert "cannot be read" in refused(lambda: load("x" * 300 + ".yaml"))[0]
    assert "cannot be read" in refused(lambda: load("loop.yaml"))[0]
    assert refused(lambda: load("a\0b.yaml")) == [
        r"a\x00b.yaml:1:1: the name of this file has a control or invisible character; rename it"
    ]
    assert "no such file" in refused(lambda: load("a\0b"))[0]


def test_names_of_files_stay_on_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a\nb\x1b[1m.yaml").write_text("", encoding="utf-8")
    assert refused(lambda: load("a\nb\x1b[1m.yaml")) == [
        r"a\nb\x1b[1m.yaml:1:1: the name of this file has a control or invisible character; "
        "rename it"
    ]


def test_a_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("p.yaml")
    assert refused(lambda: load("p.yaml")) == [
        "p.yaml:1:1: this is no file but a device or a pipe; name a policy file"
    ]


def test_authorities_are_found_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load("islington").stem == "islington"
    Path("islington").write_text(GOOD, encoding="utf-8")
    assert load("islington").authority == "Exampleton", "a file here comes first"


# --- caps -----------------------------------------------------------------------------------


def test_a_thousand_digits() -> None:
    digits = "1" * 1000
    for old in ("within: 10 working days", "at most: 20 working days"):
        key = old.split(":")[0]
        messages = said(changed((old, f"{key}: {digits} working days")))
        assert len(messages) == 1
        assert "111…” does not fit here; write" in messages[0]
    extension = "extension: {asked by: answerer, granted by: raiser, each: unstated, times: %s, "
    extension += 'at rung: any rung, source: "3"}'
    assert len(said(changed(("extension: unstated", extension % digits)))) == 1


def test_the_first_of_many_faults_are_shown() -> None:
    people = "".join(f"  Person {n}: {{side: nobodys}}\n" for n in range(30))
    with pytest.raises(PolicyError) as caught:
        loads(changed(("people:\n", f"people:\n{people}")))
    assert len(caught.value.faults) == MAX_FAULTS
    assert caught.value.more
    assert str(caught.value).endswith("\n… and more")
    assert str(caught.value).count("\n") == MAX_FAULTS


def test_thousands_of_faults_end_the_reading() -> None:
    names = ", ".join(f"Person {n}" for n in range(90))
    people = "".join(
        f"  Somebody {n}: {{side: other, supervises: [{names}]}}\n" for n in range(100)
    )
    with pytest.raises(PolicyError) as caught:
        loads(changed(("people:\n", f"people:\n{people}")))
    assert len(caught.value.faults) == MAX_FAULTS
    assert "also on lines 8, 9, 10, 11, 12 …" in str(caught.value.faults[1])


def test_many_names_are_not_compared() -> None:
    chain = [
        f"  Person {n}: {{side: other, supervises: Person {(n + 1) % 600}}}\n" for n in range(600)
    ]
    text = changed(("people:\n", f"people:\n{''.join(chain)}"), ("by: IRO, from", "by: IR, from"))
    assert [message.split("“Person 1”")[0] for message in said(text)] == [
        "p.yaml:660:30: ladders › dispute › refer › by: there is no person “IR”; "
        "use one of “Person 0”, "
    ]


def test_long_lists_are_refused() -> None:
    notes = "".join(f"  - note {n}\n" for n in range(MAX_ITEMS + 1))
    assert said(changed(("children:\n", f"notes:\n{notes}children:\n"))) == [
        f"p.yaml:14:3: notes: the list has {MAX_ITEMS + 1} items; use at most {MAX_ITEMS}"
    ]


def test_ladders_of_too_many_rungs_are_refused() -> None:
    rungs = "".join(
        f"      Rung {n}: {{answers: Director, counts: formal, within: 1 week, "
        'if not satisfied: {to: next rung}, if silent: unstated, source: "9"}\n'
        for n in range(498)
    )
    assert said(changed(("      Director:\n", f"{rungs}      Director:\n"))) == [
        "p.yaml:35:7: ladders › dispute › rungs: there are 501 rungs; a ladder has at most 500"
    ]


def test_conditions_on_too_many_facts_are_refused() -> None:
    facts = "".join(f"  f{n}: {{says: So it is., about: other, source: x}}\n" for n in range(18))
    pairs = [f"f{n} and f{n + 9}" for n in range(9)]
    cases = ", ".join(f"{pair}: 5 working days" for pair in pairs)
    messages = said(
        changed(
            ("questions:\n", f"{facts}questions:\n"),
            ("when: urgent", f"when: urgent and ({' or '.join(pairs)})"),
            ("within: 10 working days", f"within: {{{cases}, otherwise: unstated}}"),
        )
    )
    assert messages == [
        "p.yaml:71:17: ladders › dispute › rungs › Director › within: "
        "these cases depend on more than 16 facts and questions; ask one question instead",
        "p.yaml:75:54: ladders › dispute › skip › when: "
        "this condition speaks of more than 12 facts and questions; "
        "name one fact or ask one question instead",
    ]


# --- not too strict ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "edits",
    [
        [("within: 10 working days", "within: immediately")],
        [("within: 10 working days", "within: 0 hours")],
        [("within: 10 working days", "within: 1 week")],
        [("within: 10 working days", "within: 3660 calendar days")],
        [("within: 10 working days", "within: {otherwise: no limit}")],
        [("within: 10 working days", "within: {not urgent: 1 week, urgent: unknown}")],
        [
            (
                "within: 10 working days",
                "within: {at most: 3 weeks, at least: 15 working days, source: x}",
            )
        ],
        [("within: 10 working days", "within: {at most: unstated, at least: 1 week, source: x}")],
        [
            (
                "when: urgent",
                "when: not not (urgent) or not (child = child in care and raiser = IRO)",
            )
        ],
        [("  urgent: {", "  Risk And Harm!: {"), ("when: urgent", "when: Risk And Harm!")],
        [("  Director: {side", "  Café: {side"), ("answers: Director\n", "answers: Cafe\u0301\n")],
        [("dated: March 2023", "dated: unknown, but in use by 2023")],
        [('        source: "4"\n', '        assumed: "yes"\n')],
        [("to: any later rung, from: any rung,", "to: Director, from: [informal, Director],")],
        [
            ("people:\n", "people:\n  Ofsted: {side: outside}\n"),
            ("{to: next rung, s", "{to: Ofsted, s"),
        ],
        [
            ("    rungs:\n", '    every rung: {closes: raiser, source: "9"}\n    rungs:\n'),
            ('        source: "4"\n', ""),
        ],
    ],
)
def test_unusual_but_right(edits: list[tuple[str, str]]) -> None:
    graphs(loads(changed(*edits)))


# --- anything else --------------------------------------------------------------------------


def survives(text: str) -> None:
    """A text is read, or refused with places that it has; nothing else happens."""
    try:
        graphs(loads(text, "p.yaml"))
    except PolicyError as error:
        lines = re.split(r"\r\n|\r|\n", text)
        assert error.faults
        assert list(error.faults) == sorted(set(error.faults))
        for fault in error.faults:
            assert 1 <= fault.at.line <= len(lines) + 1
            assert fault.wrong and fault.right
            assert fault.at.column >= 1
            assert "\n" not in str(fault)


ODD = st.text(
    st.one_of(
        st.sampled_from(" \t\n:-[]{}'\"#&*!|>%@`,?=()~\\¶é\u200b\u202e\x00\ufeff\ud800\u2028"),
        st.characters(),
    ),
    max_size=4,
)
LINE = st.integers(0, GOOD.count("\n"))
DAMAGE = st.lists(
    st.one_of(
        st.tuples(st.just("delete"), LINE, LINE, st.just("")),
        st.tuples(st.just("repeat"), LINE, LINE, st.just("")),
        st.tuples(st.just("swap"), LINE, LINE, st.just("")),
        st.tuples(st.just("indent"), LINE, st.integers(0, 8), st.just("")),
        st.tuples(st.just("insert"), LINE, st.integers(0, 80), ODD),
        st.tuples(st.just("cut"), LINE, st.integers(0, 80), st.just("")),
    ),
    min_size=1,
    max_size=4,
)


def mangled(damage: list[tuple[str, int, int, str]]) -> str:
    lines = GOOD.split("\n")
    for kind, here, there, extra in damage:
        i, j = here % len(lines), there % len(lines)
        line = lines[i]
        if kind == "delete":
            del lines[i]
        elif kind == "repeat":
            lines.insert(j, line)
        elif kind == "swap":
            lines[i], lines[j] = lines[j], line
        elif kind == "indent":
            lines[i] = " " * there + line.lstrip()
        elif kind == "insert":
            lines[i] = line[:there] + extra + line[there:]
        else:
            lines[i] = line[:there]
        lines = lines or [""]
    return "\n".join(lines)


@settings(max_examples=300, deadline=None)
@given(DAMAGE)
@example([("insert", 3, 7, "\ud800")])
@example([("insert", 3, 7, "\ufffe")])
def test_mangled_policies(damage: list[tuple[str, int, int, str]]) -> None:
    survives(mangled(damage))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_text(text: str) -> None:
    survives(text)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(data)
    with pytest.raises(PolicyError):
        load(path)


@pytest.mark.parametrize("seed", range(8))
def test_shuffled_values(seed: int) -> None:
    """Values of the authorities' files, exchanged at random: what has a place may not fit there."""
    chance = random.Random(seed)
    for path in authorities():
        text = path.read_text(encoding="utf-8")
        scalars = [t for t in yaml.scan(text) if isinstance(t, yaml.ScalarToken) and t.plain]
        for token in sorted(chance.sample(scalars, 3), key=lambda t: -t.start_mark.index):
            other = chance.choice(scalars).value.replace('"', "")
            text = f'{text[: token.start_mark.index]}"{other}"{text[token.end_mark.index :]}'
        survives(text)
