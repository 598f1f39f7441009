"""Markov chains put together state by state and solved as such: exact laws without a formula.

A chain is told by its moves: from a state, (rate a working day, next state). A chain of days has
besides a map of its states for the end of each working day, when windows end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

S = TypeVar("S", bound=Hashable)
Moves = Callable[[S], Iterable[tuple[float, S]]]


class Chain:
    """The states that can be reached, and the generator among them."""

    def __init__(self, start: S, moves: Moves[S], at_night: Callable[[S], S] = lambda s: s) -> None:
        self.states: dict[Any, int] = {start: 0}
        rows, columns, rates = [], [], []
        todo: list[S] = [start]
        while todo:
            state = todo.pop()
            here = self.states[state]
            for rate, target in (*moves(state), (0.0, at_night(state))):
                if target not in self.states:
                    self.states[target] = len(self.states)
                    todo.append(target)
                if rate:
                    there = self.states[target]
                    rows += [here, here]
                    columns += [there, here]
                    rates += [rate, -rate]
        size = len(self.states)
        self.generator = sparse.csr_matrix((rates, (rows, columns)), shape=(size, size))
        self.night = np.array([self.states[at_night(s)] for s in self.states])

    def mean(self, law: Any, of: Callable[[Any], float]) -> float:
        return float(sum(law[i] * of(state) for state, i in self.states.items()))

    def steady(self) -> Any:
        """The share of time in each state, by a sparse solution of the balance equations."""
        equations = self.generator.T.tolil()
        equations[0, :] = 1.0
        right = np.zeros(len(self.states))
        right[0] = 1.0
        return spsolve(equations.tocsc(), right)

    def passed(self, law: Any, time: float) -> tuple[Any, Any]:
        """The law after a time, and its integral over that time, by uniformisation."""
        rate = float(-self.generator.diagonal().min()) * 1.01 or 1.0
        jumps = (sparse.eye(len(self.states), format="csr") + self.generator / rate).T.tocsr()
        mean, now = rate * time, law
        after, area = np.zeros_like(law), np.zeros_like(law)
        left = 1.0
        for number in range(int(mean + 12 * math.sqrt(mean) + 40)):
            weight = math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
            left -= weight
            after += weight * now
            area += max(0.0, left) / rate * now
            now = jumps @ now
        return after, area

    def over(self, law: Any) -> Any:
        """The law in the morning, from that in the evening."""
        found = np.zeros_like(law)
        np.add.at(found, self.night, law)
        return found

    def daily(self) -> tuple[Any, Any, Any]:
        """In the long run: the law in the morning, over the day, and in the evening."""
        law = np.zeros(len(self.states))
        law[0] = 1.0
        while True:
            evening, area = self.passed(law, 1.0)
            morning = self.over(evening)
            if np.abs(morning - law).sum() < 1e-11:
                return morning, area, evening
            law = morning / morning.sum()


def queue(
    rate: float, work: float, officers: int, most: int, leaving: float = 0.0, anyone: bool = False
) -> Chain:
    """M/M/c, of which each who waits (or anyone) leaves at a rate; at most so many are let in."""

    def moves(n: int) -> Iterator[tuple[float, int]]:
        if n < most:
            yield rate, n + 1
        if n:
            yield min(n, officers) / work + leaving * (n if anyone else max(0, n - officers)), n - 1

    return Chain(0, moves)


def two_phases(rate: float, work: float, officers: int, phase: float, most: int) -> Chain:
    """M/M/c where each leaves after two exponential phases, counted from coming, even in hand.

    A state has the phases of those there, in the order in which they came.
    """

    def moves(state: tuple[int, ...]) -> Iterator[tuple[float, tuple[int, ...]]]:
        if len(state) < most:
            yield rate, (*state, 1)
        for i, now in enumerate(state):
            without = state[:i] + state[i + 1 :]
            if i < officers:
                yield 1 / work, without
            yield 1 / phase, without if now == 2 else (*state[:i], 2, *state[i + 1 :])

    return Chain((), moves)


def phases_of_work(rate: float, means: Mapping[float, float], most: int) -> Chain:
    """M/H/1: the work is exponential, of a mean drawn with its chance. A state: number, mean."""

    def moves(state: tuple[int, float]) -> Iterator[tuple[float, tuple[int, float]]]:
        n, mean = state
        if n == 0:
            for m, chance in means.items():
                yield rate * chance, (1, m)
            return
        if n < most:
            yield rate, (n + 1, mean)
        if n == 1:
            yield 1 / mean, (0, 0.0)
        else:
            for m, chance in means.items():
                yield chance / mean, (n - 1, m)

    return Chain((0, 0.0), moves)


def two_classes(rates: tuple[float, float], works: tuple[float, float], most: int) -> Chain:
    """One officer, two classes, the first before the second: (in hand or -1, waiting, waiting)."""

    def moves(state: tuple[int, int, int]) -> Iterator[tuple[float, tuple[int, int, int]]]:
        now, first, second = state
        if now < 0:
            yield rates[0], (0, 0, 0)
            yield rates[1], (1, 0, 0)
            return
        if first < most:
            yield rates[0], (now, first + 1, second)
        if second < most:
            yield rates[1], (now, first, second + 1)
        if first:
            following = (0, first - 1, second)
        else:
            following = (1, 0, second - 1) if second else (-1, 0, 0)
        yield 1 / works[now], following

    return Chain((-1, 0, 0), moves)
