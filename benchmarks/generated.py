"""One generated ladder, as a policy file for us and as models for other engines."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

EXTENDED = 2  # working days of one extension
GATE = 2  # working days for the agreement at a gate
SKIP = '{to: any later rung, from: any rung, source: "1"}'
DECIDES = "{within: 2 working days, if missed: unstated, source: 1}"
DECIDES_AT_ONCE = "{within: immediately, if missed: nothing, source: 1}"
PLAIN = 10  # what a window is under the other answer, where it is stated


def window(rung: int) -> int:
    """The working days for an answer at a rung."""
    return 1 + rung * 7 % 5


def ladder_text(
    rungs: int, questions: int = 20, unstated: int = 20, skips: bool = True, ends: bool = False
) -> str:
    """A policy file: skips from each rung to every later one, one extension and one gate a rung.

    The first `questions` windows (of answers and gates, in turn) depend on a question each; the
    first `unstated` windows have no figure under an answer, or none at all without a question.
    Without `skips` it is a plain chain. If it `ends`, the raiser decides at once and the top has
    the last word, so that the time of a diligent raiser is `diligent_days`.
    """
    places = [(kind, i) for i in range(rungs) for kind in ("answer", "gate")]
    asked = {place: n for n, place in enumerate(places[:questions])}
    silent = set(places[:unstated])

    last_word = ("nothing", "{to: closed}") if ends else ("unstated", "unstated")

    def length(kind: str, i: int) -> str:
        stated = f"{window(i) if kind == 'answer' else GATE} working days"
        if (kind, i) not in asked:
            return "unstated" if (kind, i) in silent else stated
        other = "unstated" if (kind, i) in silent else f"{PLAIN} working days"
        name = f"question {asked[kind, i]}"
        return f"{{{name} = limit: {stated}, {name} = norm: {other}}}"

    undone = "{to: raiser decides}" if ends else "unstated"

    def gate(i: int) -> list[str]:
        return [
            "        to leave:",
            "          who: IRO Manager",
            "          how: approves",
            f"          within: {length('gate', i)}",
            f"          if refused: {undone}",
            f"          if silent: {undone}",
            '          source: "1"',
        ]

    lines = [
        "authority: Ladder",
        "title: a generated ladder",
        "dated: March 2023",
        "missing: nothing",
        "people:",
        "  IRO: {side: raiser, role: IRO}",
        "  IRO Manager: {side: reviewing service, supervises: IRO}",
        "  CAFCASS: {side: outside, role: CAFCASS}",
        *(f"  Officer {i}: {{side: management}}" for i in range(rungs)),
        "children:",
        '  child in care: {looked after: yes, source: "1"}',
    ]
    if asked:
        lines.append("questions:")
    for (kind, i), n in asked.items():
        lines += [
            f"  question {n}:",
            f"    asks: Is the time for the {kind} at rung {i} a limit?",
            "    answers: {limit: it binds, norm: it is usual only}",
            "    plain: limit",
            "    because: it is written as a number of days",
            '    source: "1"',
        ]
    lines += [
        "ladders:",
        "  dispute:",
        "    kind: dispute",
        "    about: a problem with the care of a child",
        '    source: "1"',
        '    raised by: {who: IRO, for: child in care, up to: top, source: "1"}',
        '    start: {strength: may, source: "1"}',
        f"    decide: {DECIDES_AT_ONCE if ends else DECIDES}",
        "    totals:",
        "      whole: {at most: 20 working days, covers: formal rungs, effect: stated, source: 1}",
        "    rungs:",
    ]
    for i in range(rungs):
        last = i == rungs - 1
        lines += [
            f"      rung {i}:",
            f"        answers: Officer {i}",
            "        counts: formal",
            f"        within: {length('answer', i)}",
            f"        if not satisfied: {last_word[0] if last else '{to: next rung}'}",
            f"        if silent: {last_word[1] if last else '{to: next rung, strength: may}'}",
            *([] if last and ends else gate(i)),
            '        source: "1"',
        ]
    lines += [
        '    skip: {to: any later rung, from: any rung, source: "1"}'
        if skips
        else "    skip: none",
        "    extension:",
        "      asked by: answerer",
        "      granted by: raiser",
        f"      each: {EXTENDED} working days",
        "      times: 1",
        "      at rung: any formal rung",
        '      source: "1"',
        "    withdraw: unstated",
        '    refer: {to: CAFCASS, by: IRO, from: any state, effect: beside, source: "1"}',
        '    advice: {from: outside solicitor, by: IRO, independent: yes, source: "1"}',
        "    resolution: unstated",
    ]
    return "\n".join(lines) + "\n"


def prism_text(rungs: int) -> str:
    """The same ladder with the numbers of its plain readings, day by day, for Storm and PRISM.

    `s` is the rung, `k` whether its extension was taken, `x` the day on its clock, `g` whether
    the agreement to leave it is awaited.
    """
    longest = max(window(i) for i in range(rungs)) + EXTENDED
    lines = [
        "mdp",
        "module ladder",
        f"  s : [0..{rungs}] init 0;",
        "  k : [0..1] init 0;",
        "  g : [0..1] init 0;",
        f"  x : [0..{max(longest, GATE)}] init 0;",
    ]
    for i in range(rungs):
        for k in (0, 1):
            limit = window(i) + EXTENDED * k
            lines.append(f"  [day] s={i}&k={k}&g=0&x<{limit} -> (x'=x+1);")
            lines.append(f"  [] s={i}&k={k}&g=0&x={limit} -> (g'=1)&(x'=0);")
    lines.append(f"  [] s<{rungs}&k=0&g=0 -> (k'=1);")
    lines.append(f"  [] s<{rungs}&g=0 -> (g'=1)&(x'=0);")
    lines.append(f"  [day] g=1&x<{GATE} -> (x'=x+1);")
    for target in range(1, rungs + 1):
        lines.append(f"  [] s<{target}&g=1 -> (s'={target})&(k'=0)&(g'=0)&(x'=0);")
    lines += ["endmodule", f'label "done" = s={rungs};']
    lines += ["rewards", "  [day] true : 1;", "endrewards"]
    return "\n".join(lines) + "\n"


# --- one that ends, with a diligent raiser: nothing extended, all decided at once -----------------


def diligent_days(rungs: int) -> int:
    """The most days that a diligent raiser's dispute takes on a ladder that ends."""
    return sum(window(i) for i in range(rungs)) + GATE * (rungs - 1)


def later(rung: int, rungs: int, skips: bool) -> range:
    """The rungs to which a dispute can go from one."""
    return range(rung + 1, rungs if skips else min(rung + 2, rungs))


def small_graph(rungs: int, skips: bool) -> Any:
    """It as a state graph, made by hand and small as the models for other engines are.

    A policy file of it has for each pair of rungs eleven moves: from every state in which a rung
    can be left, on to the later rung or to its gate.
    """
    from model.expand import graphs
    from model.graph import LADDER, Move, State
    from model.load import loads
    from model.terms import FALSE, NO_LIMIT, TRUE, ZERO, days

    graph = graphs(loads(ladder_text(2, 0, 0, ends=True)))[0]
    at, said = graph.ladder.at, graph.ladder.citation

    def state(kind: str, i: int, limit: Any) -> State:
        name, rung = f"{kind} {i}", f"rung {i}"
        return State(name, kind, LADDER, rung, ("Officer",), "others", limit, limit, TRUE, said, at)

    def move(source: str, target: str, kind: str, side: str = "others") -> Move:
        return Move(kind, kind, LADDER, side, side, source, target, "may", TRUE, said, at)

    first, over = "waiting 0", "over"
    states = [State(over, "end", LADDER, None, (), "others", NO_LIMIT, ZERO, FALSE, said, at)]
    states += [state("waiting", i, days(window(i))) for i in range(rungs)]
    states += [state("gate", i, days(GATE)) for i in range(rungs - 1)]
    moves = [move(f"waiting {i}", over, "satisfied", "raiser") for i in range(rungs)]
    moves += [move(f"waiting {i}", f"gate {i}", "ask", "raiser") for i in range(rungs - 1)]
    moves += [
        move(f"gate {i}", f"waiting {j}", "skip")
        for i in range(rungs)
        for j in later(i, rungs, skips)
    ]
    return replace(
        graph,
        states={s.name: s for s in states},
        moves=tuple(moves),
        start=first,
        tracks={},
        budgets=(),
        lapsing=frozenset(),
    )


def tchecker_text(rungs: int, bound: int, skips: bool) -> str:
    """It as a timed automaton, written by hand and small: `a` awaits an answer, `g` a gate."""
    lines = ["system:ladder", "clock:1:x", "clock:1:T", "event:e", "process:P"]
    for i in range(rungs):
        first = "initial: : " if i == 0 else ""
        lines.append(f"location:P:a{i}{{{first}invariant: x<={window(i)}}}")
        lines.append(f"location:P:g{i}{{invariant: x<={GATE}}}")
    lines += ["location:P:over", "location:P:late{labels: late}"]
    for i in range(rungs):
        if i < rungs - 1:
            lines.append(f"edge:P:a{i}:g{i}:e{{do: x=0}}")
        for place in ("a", "g"):
            lines.append(f"edge:P:{place}{i}:late:e{{provided: T>{bound}}}")
        lines.append(f"edge:P:a{i}:over:e")
        lines += [f"edge:P:g{i}:a{j}:e{{do: x=0}}" for j in later(i, rungs, skips)]
    return "\n".join(lines) + "\n"


def diligent_prism(rungs: int, skips: bool) -> str:
    """It as a Markov decision process, written by hand and small, with days as a reward.

    `s` is the rung, `g` whether the agreement to leave it is awaited.
    """
    most = max(GATE, *(window(i) for i in range(rungs)))
    lines = [
        "mdp",
        "module ladder",
        f"  s : [0..{rungs}] init 0;",
        "  g : [0..1] init 0;",
        f"  x : [0..{most}] init 0;",
        *(f"  [day] s={i}&g=0&x<{window(i)} -> (x'=x+1);" for i in range(rungs)),
        f"  [] s<{rungs - 1}&g=0 -> (g'=1)&(x'=0);",
        f"  [] s<{rungs}&g=0 -> (s'={rungs})&(x'=0);",
        f"  [day] g=1&x<{GATE} -> (x'=x+1);",
    ]
    for j in range(1, rungs):
        lower = f"s<{j}" if skips else f"s={j - 1}"
        lines.append(f"  [] {lower}&g=1 -> (s'={j})&(g'=0)&(x'=0);")
    lines += ["endmodule", f'label "done" = s={rungs};']
    lines += ["rewards", "  [day] true : 1;", "endrewards"]
    return "\n".join(lines) + "\n"
