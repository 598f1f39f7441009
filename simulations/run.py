"""One replication after another: what a study asks of the engine.

    graphs = model.graphs(model.load("islington"))
    authority = workload.authorities[0]
    check(graphs, workload, authority)                       # Misfit, Overloaded
    start = warm_up(graphs, workload, authority, seed=1)
    result = run_replication(graphs, workload, authority, seed=1, number=0, warm_up=start.days)

A replication depends on its arguments alone, so replications may be run in any order, on any
machine, and again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from model.graph import StateGraph
from model.yamltree import Fault, Position
from simulations.draws import TICKS_AN_HOUR
from simulations.engine import Run, SimulatedDispute
from simulations.faults import Misfit, Overloaded
from simulations.figures import ReplicationResult, mser5
from simulations.staff import hours_of
from simulations.streams import streams
from simulations.workload import ANY, DAYS_A_YEAR, Authority, Post, Workload

PILOTS = 5  # replications from which the warm-up is read
REPLAYED = 0.02  # the share of disputes whose trace is replayed in every run


def run_replication(
    graphs: Sequence[StateGraph],
    workload: Workload,
    authority: Authority,
    *,
    seed: int,
    number: int,
    warm_up: int = 0,
    replayed: float = REPLAYED,
    endless: bool = False,
    rows: bool = False,
) -> ReplicationResult:
    """One replication of one authority under the ladders of one protocol.

    `graphs` are those of `model.graphs`; the first is the ladder of disputes that name none.
    `warm_up` is in working days. `replayed` is the share of traces that are replayed, `endless`
    gives every post staff without end, and `rows` keeps a row for each process.

    Broken if the run contradicts itself or `replay` refuses a trace.
    """
    if not 0 <= warm_up < workload.horizon.value:
        raise ValueError(f"a warm-up of {warm_up} working days leaves nothing of the horizon")
    run = Run(graphs, workload, authority, seed, number, warm_up, replayed, endless, rows)
    return run.run()


def traces(
    graphs: Sequence[StateGraph],
    workload: Workload,
    authority: Authority,
    *,
    seed: int,
    number: int,
) -> tuple[SimulatedDispute, ...]:
    """The disputes of one replication, as traces, in the order in which they came up."""
    run = Run(graphs, workload, authority, seed, number, 0, 0.0, False, False, keep_traces=True)
    run.run()
    return tuple(sorted(run.traces, key=lambda dispute: dispute.number))


@dataclass(frozen=True)
class WarmUp:
    """How many working days are left out at the start, and why.

    `series` is the number of open processes at the end of each day, on average over the pilots.
    """

    days: int
    why: str
    series: tuple[float, ...]


def warm_up(
    graphs: Sequence[StateGraph], workload: Workload, authority: Authority, *, seed: int
) -> WarmUp:
    """The warm-up: as the workload gives it, none with a backlog given, else by the rule MSER-5."""
    if workload.warm_up is not None:
        return WarmUp(round(workload.warm_up.value), "given by the workload", ())
    if authority.backlog is not None:
        return WarmUp(0, "the workload gives the backlog at the start", ())
    series: list[int] = []
    for number in range(PILOTS):
        found = run_replication(
            graphs, workload, authority, seed=seed, number=number, replayed=0
        ).open_by_day
        series = [a + b for a, b in zip(series or [0] * len(found), found, strict=True)]
    mean = tuple(value / PILOTS for value in series)
    days = mser5(mean)
    return WarmUp(days, f"MSER-5 on the open processes of {PILOTS} pilot replications", mean)


def capacity(post: Post, children: float) -> float:
    """The hours a week that a post has for disputes, leave and vacancies taken off."""
    there = (1 - min(1.0, post.leave.value / DAYS_A_YEAR)) * (1 - min(1.0, post.vacancy.value))
    return round(post.number.value) * max(0.0, hours_of(post, children)) * there


def loads(
    graphs: Sequence[StateGraph], workload: Workload, authority: Authority, *, seed: int
) -> dict[str, float]:
    """The work that would come to each post if nobody waited, as a share of its hours.

    From one replication with staff without end. Above 1, a queue without limits would grow for
    ever; with limits, more and more answers come late.
    """
    result = run_replication(
        graphs, workload, authority, seed=seed, number=0, replayed=0, endless=True
    )
    children = sum(group.stock.value for group in authority.children)
    weeks = result.horizon / 5
    found = {}
    for post in authority.posts:
        asked = result.posts[post.name].asked / TICKS_AN_HOUR
        hours = capacity(post, children) * weeks
        found[post.name] = asked / hours if hours > 0 else float("inf") if asked else 0.0
    return found


def check(
    graphs: Sequence[StateGraph],
    workload: Workload,
    authority: Authority,
    *,
    seed: int = 1,
    amended: bool = False,
    overload: bool = False,
) -> Mapping[str, float]:
    """Refuse a workload that does not fit a protocol; give the load of each post.

    Misfit says where names do not agree; with `amended`, names that the protocol no longer has are
    let pass. Overloaded says which posts have too few hours; with `overload` it is let pass.
    """
    faults = tuple(misfits(graphs, workload, authority, amended))
    if faults:
        raise Misfit(faults)
    load = loads(graphs, workload, authority, seed=seed)
    if not overload and any(share > 1 for share in load.values()):
        raise Overloaded(authority.name, load)
    return load


def misfits(
    graphs: Sequence[StateGraph], workload: Workload, authority: Authority, amended: bool = False
) -> Iterator[Fault]:
    """What a workload names that a protocol does not have, and what it leaves without officers."""
    nowhere = authority.at or Position(workload.name, 1, 1)
    protocol = graphs[0].protocol
    people = {str(p) for p in protocol.people} | {"unknown officer", "unstated officer", ANY}
    used = {d.ladder or graphs[0].ladder.name for d in authority.disputes}
    severities = {s.name for s in authority.severities}
    held = {person for post in authority.posts for person in post.holds}
    where = authority.name
    children = sum(group.stock.value for group in authority.children)
    for post in authority.posts:
        at, here = post.at or nowhere, f"{where} › posts › {post.name}"
        if hours_of(post, children) <= 0:
            wrong = "other duties leave no hours for disputes"
            yield Fault(at, here, wrong, "more hours, fewer duties, or more people")
        if round(post.number.value) < 1:
            yield Fault(at, here, "nobody holds this post", "at least one person")
    if not amended:
        yield from _unknown(graphs, workload, authority, people, nowhere)
    for disputes in authority.disputes:
        if disputes.severity not in severities:
            right = f"one of {', '.join(sorted(severities))}"
            wrong = f"there is no severity “{disputes.severity}”"
            yield Fault(disputes.at or nowhere, f"{where} › disputes", wrong, right)
    if ANY not in held:
        for graph in graphs:
            if graph.ladder.name not in used:
                continue
            answerers = {m.actor for m in graph.moves if m.kind == "answer"}
            for person in sorted(answerers - held):
                wrong = f"“{person}” answers in “{graph.ladder.name}”, and no post holds that part"
                yield Fault(
                    nowhere, f"{where} › posts", wrong, "a post that holds it, or any other"
                )
            found = streams([graph], authority, 0)
            for raiser in sorted({s.raiser for s in found} - held):
                wrong = f"“{raiser}” raises disputes, and no post holds that part"
                yield Fault(
                    nowhere, f"{where} › posts", wrong, "a post that holds it, or any other"
                )
    if severities and not streams(graphs, authority, 0):
        wrong = "no dispute can come up: no kind of child here is one that the ladder takes"
        yield Fault(nowhere, f"{where} › disputes", wrong, f"“{ANY}”, or a kind of the protocol")


def _unknown(
    graphs: Sequence[StateGraph],
    workload: Workload,
    authority: Authority,
    people: set[str],
    nowhere: Position,
) -> Iterator[Fault]:
    """Names that the protocol does not have."""
    protocol, where = graphs[0].protocol, authority.name
    rungs = {str(r) for g in graphs for r in g.ladder.rungs} | people
    ladders = {g.ladder.name for g in graphs} | {""}
    kinds = {str(k) for k in protocol.children} | {ANY}
    facts = {str(f) for f in protocol.facts} | {ANY}
    said: list[tuple[Position | None, str, str, set[str], str]] = []
    for post in authority.posts:
        said += [(post.at, f"posts › {post.name}", name, people, "person") for name in post.holds]
    for response in authority.responses:
        said.append((response.at, "responses", response.rung, rungs, "rung"))
    for conduct in authority.conducts:
        said.append((conduct.at, "conducts", conduct.raiser, people, "person"))
        said += [(conduct.at, "conducts › first", name, rungs, "rung") for name, _ in conduct.first]
    for approval in authority.approvals:
        said.append((approval.at, "approvals", approval.who, people, "person"))
    for group in authority.children:
        said.append((group.at, "children", group.kind, kinds, "kind of child"))
    for disputes in authority.disputes:
        said.append((disputes.at, "disputes", disputes.child, kinds, "kind of child"))
        said.append((disputes.at, "disputes", disputes.ladder, ladders, "ladder"))
        said.append((disputes.at, "disputes", disputes.raiser, people, "person"))
    for severity in authority.severities:
        path = f"severities › {severity.name}"
        said += [(severity.at, path, name, facts, "fact") for name, _ in severity.facts]
    for at, path, name, known, kind in said:
        if name not in known:
            right = f"one of {', '.join(sorted(known - {''}))}"
            wrong = f"the protocol has no {kind} “{name}”"
            yield Fault(at or nowhere, f"{where} › {path}", wrong, right)
    answers = {s.name: s.values for g in graphs for s in g.symbols if s.kind in _READ}
    for name, answer in workload.readings:
        if answer not in answers.get(name, ()):
            wrong = f"the protocol has no question “{name}” with the answer “{answer}”"
            right = ", ".join(sorted(answers))
            yield Fault(workload.at or nowhere, "readings", wrong, f"one of {right}")


_READ = ("question", "silence")
