"""The game of the raiser against everybody else, and time, over the moves of one track."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING, NamedTuple

from model.graph import LADDER, Move
from model.terms import (
    FALSE,
    NO_LIMIT,
    TRUE,
    ZERO,
    Term,
    all_,
    any_,
    at_most,
    choose,
    days,
    entails,
    longest,
    not_,
    plus,
    shortest,
)
from proofs.held import held
from proofs.paths import Edge, by_source, components, is_plain
from proofs.unrolled import Days, Unrolled

if TYPE_CHECKING:
    from proofs.analysis import Analysis


FREE = "what the raiser wants"  # a goal that is no state of the ladder


class Game:
    """The game on one ladder, and on what can be asked for beside it.

    The raiser acts at once wherever the raiser has a move; the others may do anything open to
    them, or stay silent until a limit runs out, if there is one.
    """

    def __init__(self, a: Analysis) -> None:
        self.a = a
        self._played: list[Played] = []
        self._forced: dict[str, Mapping[str, Term]] = {}
        self._took: dict[tuple[str, bool], Term] = {}
        self._lasting: dict[tuple[str, int], Term] = {}

    def force(
        self, goal: Mapping[str, Term], asks: Sequence[Edge] = (), hold: bool = False
    ) -> Mapping[str, Term]:
        """For each state, a formula under which the raiser can force a goal from there.

        `goal` gives the formula under which a state is one, `asks` what else leads to it (`FREE`).
        With `hold`, a request may be held while the dispute goes on, if that can be told. It is the
        weakest formula, but for what `unsure` says.
        """
        strict, loose = [*self._edges, *asks], [*self._loose_edges, *asks]
        names, goal = [*self.a.main, FREE], {**goal, FREE: TRUE}
        simply = won = self.won(names, strict, goal)
        exact = False
        if self.a.hurried is not None:
            won = Unrolled(self, by_source(strict), goal, simply, surely=True).all()
        elif hold and any(e.move.needs for e in strict):
            whole = held(self, names, strict, goal, simply)
            exact, won = whole is not None, whole or simply
        if won is not simply or loose != strict or any(e.move.needs for e in strict):

            def most() -> Mapping[str, Term]:
                return self.won(names, [self._waited(e) for e in loose], goal, loosely=True)

            self._played.append(
                Played(won, simply, goal, cache(most), cache(lambda: by_source(loose)), exact)
            )
        return won

    def played(self, won: object) -> Played | None:
        """How a game has been decided that is not exact on states alone."""
        return next((game for game in self._played if game.won is won), None)

    def unsure(self, won: object, name: str) -> Term:
        """The formula under which it is open whether the raiser can force a goal from a state.

        What is asked for can come when the dispute has gone on, perhaps round to where it was. The
        raiser can force no more than if it came at once wherever the dispute goes from here, and
        if nothing came of what others have asked for. Where a total can end a wait, it is asked how
        much of it has been used up before; see `Unrolled`.
        """
        game = self.played(won)
        if game is None or game.exact:
            return FALSE
        here = game.edges().get(name, [])
        time = Time(self.a.runs_out, self.may_last, self.may_fit, self.asked)
        most = one_step(here, game.most(), self._forceable(here), time)
        if self.a.hurried is not None:
            unrolled = Unrolled(self, game.edges(), game.goal, game.most(), surely=False)
            most = all_([most, unrolled.at(name)])
        return all_([most, not_(game.won[name])])

    @cached_property
    def _loose_edges(self) -> list[Edge]:
        """The same, where what others have to ask for before leads to what the raiser wants.

        And where they do nothing for which the raiser has to ask before: the raiser need not; nor
        anything after a wait that a total can end.
        """
        first = self.a.graph.tracks
        return [
            replace(e, target=FREE)
            if (e.move.also and e.move.source != first[e.move.track])
            or (e.move.side != "raiser" and self.a.waits_in_total(e.move))
            else e
            for e in self._edges
            if e.move.side == "raiser" or not self.by_raiser(e.move.needs)
        ]

    def _waited(self, e: Edge) -> Edge:
        """The same without a wait that may be over before the state is entered."""
        if not self.a.waits_in_total(e.move) or e.source not in self._kept:
            return e
        return replace(e, move=replace(e.move, earliest=ZERO))

    @cached_property
    def _kept(self) -> set[str]:
        """The states that a clock goes on into."""
        return {e.target for e in self.a.edges if e.move.keeps}

    @cached_property
    def _edges(self) -> list[Edge]:
        return [e for e in self.a.edges if not self._asked_for(e.move)]

    def _asked_for(self, move: Move) -> bool:
        """Whether a move of the ladder can come only of what the raiser has asked for.

        Others cannot begin with it, and the raiser cannot count on it: whether a request leads
        there is for the others to say (`side_force`).
        """
        if move.also is None or move.source == self.a.graph.tracks.get(move.track):
            return False
        return move.side == "raiser" or self.by_raiser(move.track)

    def by_raiser(self, track: str | None) -> bool:
        """Whether only the raiser first asks for something."""
        if track is None:
            return False
        asks = [m for m in self.a.moves_of[track] if m.source == self.a.graph.tracks[track]]
        return all(m.side == "raiser" for m in asks)

    def side_force(self, track: str, start: str = "") -> Term:
        """The formula under which the raiser can force a request to be granted.

        `start` is the state of the track to begin from; default, its first.
        """
        if track == LADDER:
            return TRUE
        if track not in self._forced:
            goal = dict.fromkeys(self.a.granting(track), TRUE)
            names, edges = self.a.names_of.get(track, ()), self.a.edges_of(track)
            self._forced[track] = self.won(names, edges, goal)
        return self._forced[track][start or self.a.graph.tracks[track]]

    def asked(self, track: str, surely: bool = True) -> Term:
        """In how many days a request is granted, at most, where the raiser can force that.

        With `surely`, in so many that nothing else can come before on that day.
        """
        if (track, surely) not in self._took:
            limits = {name: self.a.states[name].limit for name in self.a.names_of.get(track, ())}
            took = takes(limits, self.a.edges_of(track), self.a.granting(track), days(int(surely)))
            self._took[track, surely] = took[self.a.graph.tracks[track]]
        return self._took[track, surely]

    def won(
        self,
        names: Sequence[str],
        edges: Sequence[Edge],
        goal: Mapping[str, Term],
        loosely: bool = False,
    ) -> Mapping[str, Term]:
        time = Time(self.a.runs_out, self.lasts, self.fits, self.asked)
        if loosely:
            time = Time(self.a.runs_out, self.lasts, self.may_fit, _at_once)
        return attract(names, edges, goal, self._forceable(edges), time)

    @cached_property
    def days(self) -> Days:
        """How many days of a total can be used up, where one can end a wait."""
        return Days(self.a)

    def step(
        self, edges: Sequence[Edge], win: Mapping[str, Term], fits: Fits, surely: bool
    ) -> Term:
        """One step of the game, of what can be forced at least, or at most."""
        time = Time(self.a.runs_out, self.may_last, fits, _at_once)
        if surely:
            time = Time(self.a.runs_out, self.lasts, fits, self.asked)
        return one_step(edges, win, self._forceable(edges), time)

    def _forceable(self, edges: Sequence[Edge]) -> dict[str, Term]:
        needed = dict.fromkeys(e.move.needs for e in edges if e.move.needs is not None)
        return {track: self.side_force(track) for track in needed}

    def lasts(self, name: str, count: Term) -> Term:
        """The formula under which the time in a state surely does not end before some days."""
        if (name, count.serial) not in self._lasting:
            fits = at_most(count, self.a.states[name].limit)
            self._lasting[name, count.serial] = all_([fits, self.fits(name, count)])
        return self._lasting[name, count.serial]

    def may_last(self, name: str, count: Term) -> Term:
        """The same, if no total has been used up before."""
        return all_([at_most(count, self.a.states[name].limit), self.may_fit(name, count)])

    def fits(self, name: str, wait: Term) -> Term:
        """The formula under which no total can end a wait in a state."""
        uncut = not_(any_(g for _, g in self.a.cutting(name)))
        return uncut if uncut is TRUE else any_([at_most(wait, ZERO), uncut])

    def may_fit(self, name: str, wait: Term) -> Term:
        """The formula under which a wait is no longer than the totals that can end it."""
        cut = (any_([not_(g), at_most(wait, b.at_most)]) for b, g in self.a.cutting(name))
        return all_(cut)


def _at_once(track: str) -> Term:
    return ZERO


Fits = Callable[[str, Term], Term]


class Played(NamedTuple):
    """A game: what is `won`, `simply` on states alone, to what goal; at `most`, by which edges."""

    won: Mapping[str, Term]
    simply: Mapping[str, Term]
    goal: Mapping[str, Term]
    most: Callable[[], Mapping[str, Term]]
    edges: Callable[[], Mapping[str, list[Edge]]]
    exact: bool  # whether what is won is all that can be


class Time(NamedTuple):
    """What a game must know of time; see `Analysis.runs_out`, and `Game`."""

    runs_out: Callable[[str], Term]
    lasts: Fits
    fits: Fits
    asked: Callable[[str], Term]


def attract(
    names: Sequence[str],
    edges: Sequence[Edge],
    goal: Mapping[str, Term],
    forceable: Mapping[str, Term],
    time: Time,
) -> Mapping[str, Term]:
    """For each state, the formula under which the raiser can force a goal from there.

    `forceable` gives the formula under which each request that a move needs can be forced.
    """
    win = {name: goal.get(name, FALSE) for name in names}
    outgoing = by_source(edges)
    for component in reversed(components(names, edges)):
        rounds = 1 if is_plain(component, outgoing) else len(component)
        for _ in range(rounds):
            changed = False
            for name in component:
                if win[name] is TRUE:
                    continue
                step = one_step(outgoing.get(name, ()), win, forceable, time)
                now = any_((goal.get(name, FALSE), step))
                changed |= now is not win[name]
                win[name] = now
            if not changed:
                break
    return win


def one_step(
    edges: Sequence[Edge],
    win: Mapping[str, Term],
    forceable: Mapping[str, Term],
    time: Time,
) -> Term:
    """One step of the game in one state.

    Until the raiser has waited long enough, or has been granted what was asked for, the others may
    do what needs no longer a wait; and meanwhile the time may end.
    """
    ways: list[Term] = []
    own: list[tuple[Term, Edge, Term]] = []
    others: list[tuple[Term, Term]] = []
    late: list[Term] = []
    last: list[Term] = []  # whether one of the moves that come last is there
    clock: list[Term] = []
    for e in edges:
        move = e.move
        fits = TRUE if move.earliest is ZERO else time.fits(e.source, move.earliest)
        if move.side == "raiser":
            if win[e.target] is FALSE:
                continue
            needs = TRUE if move.needs is None else forceable[move.needs]
            wins = all_((e.guard, needs, win[e.target]))
            if wins is TRUE and move.needs is None and move.earliest is ZERO:
                return TRUE
            if wins is not FALSE:
                own.append((wins, e, fits))
        elif move.at_limit:  # it comes last: the raiser's own waits are over before
            last.append(all_((e.guard, fits)))
            late.append(any_((not_(e.guard), win[e.target])))
            clock.append(all_((e.guard, fits, time.runs_out(e.source))))
        else:
            others.append((any_((not_(e.guard), win[e.target])), move.earliest))
            if move.side == "time":
                clock.append(all_((e.guard, fits, time.runs_out(e.source))))
    stays = all_([any_(last), *late])
    for wins, e, fits in sorted(own, key=lambda way: way[1].move.needs is not None):
        if e.move.needs is not None and entails(wins, any_(ways)):
            continue
        before, wait = [wins, any_([stays, fits])], e.move.earliest
        open_ = [(ok, least) for ok, least in others if not entails(wins, ok)]
        if e.move.needs is not None and (open_ or not entails(wins, stays)):
            asked = time.asked(e.move.needs)
            wait = longest([wait, asked])
            before.append(any_([stays, time.lasts(e.source, asked)]))
        if wait is not ZERO:
            before += [any_((ok, at_most(wait, least))) for ok, least in open_]
        ways.append(all_(before))
    ends = any_(clock)
    if ends is not FALSE:
        ways.append(all_((ends, *late, *(ok for ok, _ in others))))
    return any_(ways)


def takes(
    limits: Mapping[str, Term],
    edges: Sequence[Edge],
    granting: Collection[str],
    last: Term,
) -> Mapping[str, Term]:
    """For each state, in how many days a request is granted that the raiser can force, at most.

    The raiser takes the shortest way, the others as long as the `limits` of the states let them,
    and on the last day they can do something else before: so it is surely there a day later. That
    day is `last`.
    """
    took = {name: ZERO if name in granting else NO_LIMIT for name in limits}
    outgoing = by_source(edges)
    for name in (name for _ in limits for name in limits if name not in granting):
        own, rest = [NO_LIMIT], [last]
        for e in outgoing.get(name, ()):
            if e.move.side != "raiser":
                rest.append(choose(e.guard, took[e.target], last))
            else:
                wait = plus(e.move.earliest, took[e.target])
                own.append(choose(e.guard, wait, NO_LIMIT))
        took[name] = shortest([*own, plus(limits[name], longest(rest))])
    return took
