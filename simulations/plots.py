"""Figures of results, for notebooks and reports; needs matplotlib.

Each function takes plain results and gives a matplotlib `Figure`, which nothing else holds:
`figure.savefig("backlog.png")` needs no screen. Policies are told apart by hatches, dashes and
markers as well as by shades that differ in grey. All words of a file are shown as they are, never
as mathematics. Under each figure stands what it rests on (`Caption`).
"""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from model.shapes import nearest
from simulations.assumptions import assumptions, sources
from simulations.figures import WITHIN, kaplan_meier
from simulations.reading import SETTING
from simulations.results import Estimate, Totals
from simulations.sensitivity import Sensitivity, in_words, said
from simulations.studying import Difference, StudyResult
from simulations.workload import Workload, quantities

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Inches and points; at 100 dots an inch the smallest letters are 12 dots high.
WIDTH = 8.0
SIZE, SMALL, TITLE = 10.0, 9.0, 13.0
LINE = 0.16
SHADES = ("#1f3b57", "#d98e04", "#6f9fc8", "#7a7a7a", "#8a4f2d", "#000000")
FACES = ("#6f9fc8", "#f3cf8a", "#dcdcdc", "#b9d7b0", "#c9bfa8", "#ffffff")
HATCHES = ("", "///", "...", "\\\\\\", "xx", "++")
DASHES = ("-", (0, (6, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 3)), (0, (9, 3)))
MARKERS = "osD^vP"
LABEL = 34  # letters of a label before it is broken


@dataclass(frozen=True, slots=True)
class Caption:
    """What a figure rests on: where the numbers come from, how many are assumed, and the draws."""

    text: str

    @classmethod
    def of(
        cls, workload: Workload, replications: int, seed: int, warm_up: int | None = None
    ) -> Caption:
        """The caption of runs under one workload."""
        every = {q.path for q in quantities(workload) if q.path}
        assumed = len(assumptions(workload))
        cited = [_cut(s, 110) for s in sources(workload) if s != SETTING]
        more = f" and {len(cited) - 2} more" if len(cited) > 2 else ""
        rest = f" the others come from: {'; '.join(cited[:2])}{more}." if cited else ""
        warm = "" if warm_up is None else f", the first {warm_up} working days left out"
        return cls(
            f"Workload “{workload.name}”: {assumed} of its {len(every)} numbers are assumed;{rest} "
            f"{replications} replications of {workload.horizon.value:,.0f} working days{warm}, "
            f"seed {seed}. Intervals are of 95 %, over replications."
        )


def time_to_end(totals: Mapping[str, Totals], caption: Caption) -> Figure:
    """The share of disputes that ended within so many working days, with the line of 20 days.

    `totals` by the name of the policy. Disputes open at the horizon count as lasting longer than
    they have been seen (Kaplan and Meier); how many they are stands beside the name.
    """
    figure, axes = _new("How long disputes last", 4.4, caption)
    last = 2.0 * WITHIN
    for i, (name, total) in enumerate(totals.items()):
        curve = kaplan_meier(total.days, total.open_days)
        seen, still = sum(total.days.values()), sum(total.open_days.values())
        within = 1 - next((left for day, left in reversed(curve) if day <= WITHIN), 1.0)
        days = [0.0, *(float(day) for day, _ in curve)]
        shares = [0.0, *(1 - left for _, left in curve)]
        if total.open_days:  # level until the last of them is seen no more
            days.append(max(days[-1], float(max(total.open_days))))
            shares.append(shares[-1])
        last = max(last, min(6.0 * WITHIN, _nearly(days, shares)))
        label = _told(
            f"{name}: {within:.0%} within {WITHIN} working days; "
            f"{still:,} of {seen + still:,} still open"
        )
        axes.step(
            days, shares, where="post", color=SHADES[i % 6], linestyle=DASHES[i % 6],
            linewidth=1.8, label=label,
        )  # fmt: skip
        axes.plot([WITHIN], [within], MARKERS[i % 6], color=SHADES[i % 6], markersize=8)
    axes.axvline(WITHIN, color="black", linewidth=1.2)
    axes.text(
        WITHIN + last * 0.01, 0.02, f"{WITHIN} working days (IRO Handbook 6.2)",
        va="bottom", ha="left", fontsize=SMALL,
    )  # fmt: skip
    axes.set_xlim(0, last)
    axes.set_ylim(0, 1)
    axes.set_xlabel(
        "working days from the first step to the end (open ones count as lasting longer)"
    )
    axes.set_ylabel("share of disputes that ended (%)")
    _percent(axes.yaxis)
    _grid(axes, "both")
    _legend(figure, axes)
    return figure


def _nearly(days: Sequence[float], shares: Sequence[float]) -> float:
    """The day by which 97 in 100 have ended, or else the last day on which one did."""
    return next((d for d, s in zip(days, shares, strict=True) if s >= 0.97), days[-1])


def ends(
    estimates: Mapping[str, Sequence[Estimate]],
    caption: Caption,
    rungs: Mapping[str, Sequence[str]] | None = None,
) -> Figure:
    """How disputes end, and the highest rung that they reach; shares with their intervals.

    `estimates` by the name of the policy; `rungs` are those of each policy, lowest first, which is
    drawn at the bottom. Policies with the same rungs share a panel.
    """
    together: dict[tuple[str, ...], list[str]] = {}
    for policy in estimates:
        together.setdefault(tuple((rungs or {}).get(policy, ())), []).append(policy)
    panels = [("outcome", _names(estimates, "outcome"), dict(estimates))]
    for order, policies in together.items():
        mine = {policy: estimates[policy] for policy in policies}
        panels.append(("highest rung", _names(mine, "highest rung", order), mine))
    bars = [_high(map(_wrapped, names), 0.2 * len(of) + 0.14) for _, names, of in panels]
    figure, axes = _news("Where disputes end", bars, caption)
    places = {policy: i for i, policy in enumerate(estimates)}
    for ax, (measure, names, of) in zip(axes, panels, strict=True):
        _bars(ax, of, measure, names, places)
        whose = _wrapped(f", “{next(iter(of))}”", 60) if len(together) > 1 and len(of) == 1 else ""
        ax.set_xlabel(
            f"{_titled(measure)}{whose}: share of the disputes that ended (%)", parse_math=False
        )
    _legend(figure, axes[0], len(estimates) > 1)
    return figure


def utilisation(estimates: Mapping[str, Sequence[Estimate]], caption: Caption) -> Figure:
    """The share of their hours for disputes that officers and reviewing officers work on them."""
    names = _names(estimates, "utilisation")
    high = _high(map(_wrapped, names), 0.2 * len(estimates) + 0.16)
    figure, (axes,) = _news("How busy each post is with disputes", [high], caption)
    _bars(axes, estimates, "utilisation", names, {p: i for i, p in enumerate(estimates)})
    most = max(
        [e.mean for es in estimates.values() for e in es if e.measure == "utilisation"] or [0]
    )
    axes.set_xlim(0, max(1.0, most) * 1.12)
    axes.axvline(1, color="black", linewidth=1.2)
    axes.set_xlabel(
        "share of the hours that the post has for disputes (%); the line is all of them"
    )
    _legend(figure, axes, len(estimates) > 1)
    return figure


def backlog(totals: Mapping[str, Totals], caption: Caption, warm_up: int = 0) -> Figure:
    """Open disputes at the end of each week: mean over replications, and its 95 % interval.

    What lies before `warm_up`, in working days, is shaded: no other figure counts it.
    """
    figure, axes = _new("Open disputes over time", 4.0, caption)
    top = 1.0
    for i, (name, total) in enumerate(totals.items()):
        weeks = list(enumerate(total.backlog(), 1))[4::5]
        shade, dash = SHADES[i % 6], DASHES[i % 6]
        days = [day for day, _ in weeks]
        low = [max(0.0, low) for _, (_, low, _) in weeks]
        high = [high for _, (_, _, high) in weeks]
        axes.plot(
            days, [mean for _, (mean, _, _) in weeks], color=shade, linestyle=dash, linewidth=1.6,
            label=_told(f"{name}: mean, with its 95 % interval"),
        )  # fmt: skip
        if total.replications > 1:
            axes.fill_between(days, low, high, color=shade, alpha=0.16, linewidth=0)
            for edge in (low, high):
                axes.plot(days, edge, color=shade, linestyle=dash, linewidth=0.5)
        top = max([top, *(h for h in high if h < math.inf)])
    axes.set_ylim(0, top * 1.15)
    axes.set_xlim(0, max([len(t.open_sums) for t in totals.values()] or [1]))
    if warm_up:
        axes.axvspan(0, warm_up, facecolor="#e4e4e4", edgecolor="none", zorder=0)
        axes.text(
            6, top * 1.13, "grey: warm-up, not counted", ha="left", va="top", fontsize=SMALL
        )  # fmt: skip
    axes.set_xlabel("working day of the run")
    axes.set_ylabel("open disputes (number)")
    _grid(axes, "y")
    _legend(figure, axes)
    return figure


def difference(differences: Sequence[Difference], caption: Caption) -> Figure:
    """What each policy changes against another, measure by measure, with the interval.

    One panel for each measure, since their units differ; the line at 0 is no difference. An open
    marker is one whose interval holds 0. The intervals of a measure hold together.
    """
    given = [d for d in differences if d.interval is not None]
    measures = list(dict.fromkeys(d.wanted for d in given))
    rows = [[d for d in given if d.wanted == w] for w in measures]
    labels = [[_wrapped(f"“{d.arm}” less “{d.against}”", 38) for d in row] for row in rows]
    figure, axes = _news(
        "What the policies change", [0.25 + _high(of, 0.36) for of in labels] or [1.0], caption
    )
    for ax, row, of in zip(axes, rows, labels, strict=False):
        share = row[0].unit == "share"
        for y, d in enumerate(reversed(row)):
            i = d.interval
            assert i is not None
            low, high = (i.mean, i.mean) if i.low is None or i.high is None else (i.low, i.high)
            ax.plot([low, high], [y, y], color="black", linewidth=1.6, marker="|", markersize=9)
            ax.plot(
                [i.mean], [y], "o", color="black", markersize=8,
                markerfacecolor="black" if i.excludes_none else "white",
            )  # fmt: skip
        _categories(ax, of[::-1])
        ax.axvline(0, color="black", linewidth=1.0, linestyle=(0, (4, 3)))
        unit = "percentage points" if share else row[0].unit
        ax.set_xlabel(f"change: {row[0].wanted} ({unit})", parse_math=False)
        if share:
            _percent(ax.xaxis)
        else:
            _thousands(ax.xaxis)
        ax.margins(x=0.12)
        _grid(ax, "x")
    for face, says in (("black", "interval without 0"), ("white", "interval with 0: may be noise")):
        axes[0].plot(
            [], [], "o", color="black", markerfacecolor=face, markersize=8, label=says
        )  # fmt: skip
    _legend(figure, axes[0], columns=2)
    return figure


def tornado(found: Sensitivity, caption: Caption) -> Figure:
    """What a conclusion becomes as each assumption goes through its range, the others as stated.

    The widest bar is at the top. The part towards the low end of an assumption is hatched; the
    ends stand beside each bar.
    """
    swings = list(reversed(found.swings))
    unit = found.conclusion.unit
    labels = [
        f"{_wrapped(a.path, 40)}\n{said(a.low, 'number')} to {said(a.high, a.unit)}"
        for a in (swing.assumption for swing in swings)
    ]
    figure, (axes,) = _news("What the conclusion hangs on", [0.5 + _high(labels, 0.5)], caption)
    base = found.stated.mean
    every = [base, *(f.mean for s in swings for f in (s.at_low, s.at_high))]
    reach = (max(every) - min(every)) or 1.0
    for y, swing in enumerate(swings):
        a = swing.assumption
        ends = [
            (swing.at_low.mean, "////", "white", a.low, "lowest"),
            (swing.at_high.mean, "", "#6f9fc8", a.high, "highest"),
        ]
        ends.sort(key=lambda end: -abs(end[0] - base))  # the shorter is drawn over the longer
        for i, (mean, hatch, face, end, says) in enumerate(ends):
            axes.barh(
                y, mean - base, left=base, height=0.52, facecolor=face, hatch=hatch or None,
                edgecolor="black", linewidth=0.8,
                label=f"assumption at its {says}" if y == 0 else None,
            )  # fmt: skip
            left = mean < base
            if (i and (ends[0][0] - base) * (mean - base) > 0) or mean == base:
                continue
            axes.annotate(
                f"at {end:.3g}", (mean, y), xytext=(-4 if left else 4, 0), va="center",
                textcoords="offset points", ha="right" if left else "left", fontsize=SMALL,
            )  # fmt: skip
    axes.axvline(base, color="black", linewidth=1.2)
    crossed = bool(found.conclusion.against) and min(every) < 0 < max(every)
    if crossed:
        axes.axvline(0, color="black", linewidth=1.2, linestyle=(0, (4, 3)))
    axes.set_xlim(min(every) - reach * 0.16, max(every) + reach * 0.16)
    _categories(axes, labels)
    zero = "; dashed line: no difference" if crossed else ""
    if unit == "share":
        unit = "percentage points" if found.conclusion.against else "%"
        _percent(axes.xaxis)
    else:
        _thousands(axes.xaxis)
    what = _wrapped(f"{found.conclusion} ({unit})", 66)
    axes.set_xlabel(f"{what}\nline: as stated, {in_words(found, base)}{zero}", parse_math=False)
    _grid(axes, "x")
    _legend(figure, axes, columns=2)
    return figure


# --- of a study -----------------------------------------------------------------------------

PICTURES = ("time to end", "where disputes end", "utilisation", "backlog", "difference")


def picture(result: StudyResult, name: str) -> Figure:
    """One of `PICTURES` of what a study found; `difference` needs arms that are compared."""
    trials = result.trials
    longest = max(trial.warm_up.days for trial in trials)
    captions = [
        Caption.of(load, result.replications, result.study.seed, longest).text
        for load in {t.workload.name: t.workload for t in trials}.values()
    ]
    caption = Caption(" ".join(captions))
    totals = {t.arm.name: of for t, of in zip(trials, result.totals, strict=True)}
    if name == "time to end":
        return time_to_end(totals, caption)
    if name == "backlog":
        return backlog(totals, caption, longest)
    if name == "difference":
        return difference(result.differences, caption)
    estimates = {t.arm.name: of for t, of in zip(trials, result.estimates, strict=True)}
    if name == "utilisation":
        return utilisation(estimates, caption)
    if name == "where disputes end":
        rungs = {t.arm.name: [str(r) for g in t.graphs for r in g.ladder.rungs] for t in trials}
        return ends(estimates, caption, rungs)
    raise ValueError(f"there is no picture “{name}”; {nearest(name, PICTURES)}")


def content(figure: Figure, ending: str, title: str) -> bytes:
    """A figure as the bytes of a file (`.svg`, `.png` or `.pdf`), the same ones every time."""
    from matplotlib import rc_context

    date = {".svg": "Date", ".pdf": "CreationDate"}.get(ending)
    about = {"Title": title, **({date: None} if date else {})}
    sink = io.BytesIO()
    with rc_context({"svg.hashsalt": title}):
        figure.savefig(sink, format=ending.removeprefix("."), metadata=about)
    return sink.getvalue()


# --- parts ----------------------------------------------------------------------------------


def _new(title: str, high: float, caption: Caption) -> tuple[Figure, Axes]:
    figure, axes = _news(title, [high - 0.6], caption)
    return figure, axes[0]


def _news(title: str, highs: Sequence[float], caption: Caption) -> tuple[Figure, list[Axes]]:
    """A figure with axes below each other, `highs` inches high, a title and the caption."""
    from matplotlib.figure import Figure

    lines = textwrap.wrap(caption.text, 112)
    high = sum(highs) + 0.62 * len(highs) + 1.0 + LINE * len(lines)
    figure = Figure(figsize=(WIDTH, high), dpi=100, layout="constrained")
    figure.suptitle(title, x=0.01, ha="left", fontsize=TITLE, weight="bold")
    figure.supxlabel(
        "\n".join(lines), x=0.01, ha="left", fontsize=SMALL, color="#333333", parse_math=False
    )
    grid = figure.add_gridspec(len(highs), 1, height_ratios=list(highs))
    axes = [figure.add_subplot(grid[i, 0]) for i in range(len(highs))]
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=SMALL)
        ax.xaxis.label.set_fontsize(SIZE)
        ax.yaxis.label.set_fontsize(SIZE)
    return figure, axes


def _names(
    estimates: Mapping[str, Sequence[Estimate]], measure: str, order: Sequence[str] = ()
) -> list[str]:
    """What a measure is of, in the order given (lowest first), else with the largest at the top."""
    found: dict[str, float] = {}
    for es in estimates.values():
        for e in es:
            if e.measure == measure:
                found[e.of] = max(found.get(e.of, 0.0), e.mean)
    by_size = sorted(found, key=lambda of: (found[of], of))
    return sorted(by_size, key=lambda of: order.index(of) if of in order else -1)


def _bars(
    axes: Axes, estimates: Mapping[str, Sequence[Estimate]], measure: str, names: Sequence[str],
    shades: Mapping[str, int],
) -> None:  # fmt: skip
    """Horizontal bars with intervals, one group for each name, the first policy at its top."""
    thick = 0.8 / max(1, len(estimates))
    top = 0.0
    for i, (policy, es) in enumerate(estimates.items()):
        of = {e.of: e for e in es if e.measure == measure}
        look, said = shades[policy] % 6, {policy}  # named once in the legend
        for y, name in enumerate(names):
            e = of.get(name)
            if e is None:
                continue
            place = y + 0.4 - thick * (i + 0.5)
            axes.barh(
                place, e.mean, height=thick * 0.9, facecolor=FACES[look], edgecolor="black",
                linewidth=0.7, hatch=HATCHES[look] or None,
                label=_told(said.pop()) if said else None,
            )  # fmt: skip
            low, high = (e.mean, e.mean) if e.low is None or e.high is None else (e.low, e.high)
            axes.plot([max(0.0, low), high], [place, place], color="black", linewidth=1.3)
            axes.annotate(
                _share(e.mean), (max(high, e.mean), place), xytext=(4, 0),
                textcoords="offset points", va="center", fontsize=SMALL,
            )  # fmt: skip
            top = max(top, high)
    _categories(axes, [_wrapped(name or "all") for name in names])
    axes.set_xlim(0, top * 1.14 or 1)
    _percent(axes.xaxis)
    _grid(axes, "x")


def _share(value: float) -> str:
    return f"{value:.0%}" if value >= 0.0995 or value == 0 else f"{value:.1%}"


def _categories(axes: Axes, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels, fontsize=SMALL, parse_math=False)
    axes.set_ylim(-0.6, max(1, len(labels)) - 0.4)
    axes.tick_params(axis="y", length=0)


def _high(labels: Iterable[str], least: float) -> float:
    """Inches for a row for each label, so that labels of several lines stay apart."""
    given = list(labels)
    lines = max([label.count("\n") + 1 for label in given] or [1])
    return max(1, len(given)) * max(least, LINE * lines + 0.08)


def _percent(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:g}"))


def _thousands(axis: Any) -> None:
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}"))


def _grid(axes: Axes, axis: Any) -> None:
    axes.grid(axis=axis, color="#dddddd", linewidth=0.8)
    axes.set_axisbelow(True)


def _legend(figure: Figure, axes: Axes, shown: bool = True, columns: int = 1) -> None:
    """The names above the axes, where they cover nothing, below the title of the figure."""
    handles, labels = axes.get_legend_handles_labels() if shown else ([], [])
    if not handles:
        return
    title = figure.get_suptitle()
    figure.suptitle("")
    made = figure.legend(
        handles, [_wrapped(text, 100 // columns) for text in labels], loc="outside upper left",
        title=title, title_fontproperties={"size": TITLE, "weight": "bold"}, alignment="left",
        fontsize=SMALL, frameon=False, handlelength=3.2, ncols=columns, borderaxespad=0.2,
    )  # fmt: skip
    for text in made.get_texts():
        text.set_parse_math(False)


def _told(name: str) -> str:
    """A label that matplotlib shows: it leaves out those that begin with an underscore."""
    return f" {name}" if name.startswith("_") else name


def _titled(text: str) -> str:
    return text[:1].upper() + text[1:]


def _wrapped(text: str, width: int = LABEL) -> str:
    return "\n".join(textwrap.wrap(text, width, max_lines=3, placeholder=" …")) or " "


def _cut(text: str, most: int) -> str:
    return textwrap.shorten(text, most, placeholder=" …")


__all__ = [
    "PICTURES",
    "Caption",
    "backlog",
    "content",
    "difference",
    "ends",
    "picture",
    "time_to_end",
    "tornado",
    "utilisation",
]
