"""The kinds of charts: lines, bars, forests, histograms, heat maps."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from customers.charts.svg import (
    INK,
    LABEL_WIDTH,
    UPRIGHT_POINTS,
    as_svg,
    heading,
    plain,
    room_after,
    room_before,
    text_width,
)

__all__ = ["COLOURS", "Span", "bars", "forest", "heatmap", "histogram", "line"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)))
GRID = "#808080"
WIDTH, HEIGHT = 420, 250

Number = float | int | None
Position = float | int | dt.date


@dataclass(frozen=True, kw_only=True)
class Span:
    """A stretch of the horizontal axis to shade, such as days without data; `end` is the first position after it."""

    start: Position
    end: Position


def line(
    series: Mapping[str, tuple[Sequence[Position], Sequence[Number]]],
    *,
    title: str,
    x_label: str = "",
    y_label: str = "",
    bands: Mapping[str, tuple[Sequence[Position], Sequence[Number], Sequence[Number]]] | None = None,
    spans: Sequence[Span] = (),
    span_label: str = "",
    levels: Mapping[str, float] | None = None,
    diagonal: bool = False,
    percent: bool = False,
    from_zero: bool = True,
    height: int = HEIGHT,
) -> str:
    """Lines by name over numbers or dates; None and NaN break a line.

    `bands` (by a series' name) are intervals drawn behind its line, `spans` shaded stretches explained by
    `span_label`, `levels` named horizontal lines, `diagonal` the line y = x of ROC and calibration curves. With
    `percent` the values are shares.
    """
    figure, axes = _canvas(title=title, x_label=x_label, y_label=y_label, height=height)
    for number, (name, (x, y)) in enumerate(series.items()):
        style = {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}
        marker = "o" if len(x) == 1 else None
        axes.plot(list(x), _floats(y), linewidth=1.8, label=room_after(name), marker=marker, **style)
        if name in (bands or {}):
            xs, low, high = (bands or {})[name]
            axes.fill_between(list(xs), _floats(low), _floats(high), color=style["color"], alpha=0.18, linewidth=0)
    _mark(axes, spans=spans, span_label=span_label, levels=levels or {}, diagonal=diagonal)
    if from_zero:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    _ticks(axes.yaxis, percent=percent)
    _position_ticks(axes, [x for xs, _ in series.values() for x in xs])
    _legend(figure, axes, n_series=len(series) + len(levels or {}) + (1 if spans and span_label else 0))
    return as_svg(figure, title=title)


def bars(
    labels: Sequence[str],
    values: Sequence[Number] | Mapping[str, Sequence[Number]],
    *,
    title: str,
    x_label: str = "",
    y_label: str = "",
    horizontal: bool = True,
    intervals: Sequence[tuple[float, float]] | None = None,
    percent: bool = False,
    height: int | None = None,
) -> str:
    """A bar for each label, or groups of bars by series name; `intervals` are (low, high) ends of the single series.

    `x_label` names the labels' axis and `y_label` the values', whichever way the bars lie.
    """
    groups = values if isinstance(values, Mapping) else {"": values}
    tall = height or (HEIGHT if not horizontal else 70 + max(len(labels), 2) * (8 + 12 * len(groups)))
    names = (y_label, x_label) if horizontal else (x_label, y_label)
    figure, axes = _canvas(title=title, x_label=names[0], y_label=names[1], height=tall)
    draw, thickness = (axes.barh, "height") if horizontal else (axes.bar, "width")
    step = 0.8 / max(len(groups), 1)
    for number, (name, group) in enumerate(groups.items()):
        places = [place - 0.4 + step * (number + 0.5) for place in range(len(labels))]
        kind = {thickness: step * 0.92, "color": COLOURS[number % len(COLOURS)], "label": room_after(name)}
        draw(places, _floats(group), **kind)
        if intervals and number == 0:
            _whiskers(axes, places=places, intervals=intervals, horizontal=horizontal)
    _label_ticks(axes, labels=labels, horizontal=horizontal)
    whole = all(isinstance(value, int) for group in groups.values() for value in group)
    # Beside the labels there is less room, and numbers lie side by side.
    _ticks(axes.xaxis if horizontal else axes.yaxis, percent=percent, whole=whole, at_most=3 if horizontal else 5)
    axes.grid(visible=False, axis="y" if horizontal else "x")
    _legend(figure, axes, n_series=len(groups))
    return as_svg(figure, title=title)


def forest(
    labels: Sequence[str],
    values: Sequence[Number],
    intervals: Sequence[tuple[Number, Number]],
    *,
    title: str,
    x_label: str = "",
    reference: float | None = 0.0,
    percent: bool = False,
    height: int | None = None,
) -> str:
    """A point with its interval for each label, first on top, and a line at `reference`; None leaves a row empty."""
    tall = height or 80 + max(len(labels), 2) * 22
    figure, axes = _canvas(title=title, x_label=x_label, y_label="", height=tall)
    places = list(range(len(labels)))
    if reference is not None:
        axes.axvline(reference, color=GRID, linewidth=1.2, linestyle=DASHES[1])
    ends = [_floats(interval) for interval in intervals]
    _whiskers(axes, places=places, intervals=[(low, high) for low, high in ends], horizontal=True)
    axes.plot(_floats(values), places, marker="s", markersize=6, linestyle="none", color=COLOURS[0])
    axes.set_ylim(-0.6, max(len(labels), 1) - 0.4)
    _label_ticks(axes, labels=labels, horizontal=True)
    _ticks(axes.xaxis, percent=percent)
    axes.grid(visible=False, axis="y")
    return as_svg(figure, title=title)


def histogram(
    counts: Sequence[Number],
    edges: Sequence[float],
    *,
    title: str,
    x_label: str = "",
    y_label: str = "",
    marks: Mapping[str, float] | None = None,
    log_x: bool = False,
    height: int = HEIGHT,
) -> str:
    """Bars of `counts` between each two of the `edges` (one more than counts); `marks` are named vertical lines."""
    figure, axes = _canvas(title=title, x_label=x_label, y_label=y_label, height=height)
    if counts:
        axes.stairs(_floats(counts), list(edges), fill=True, color=COLOURS[0], alpha=0.85)
    if log_x:
        axes.set_xscale("log")
    for number, (name, place) in enumerate((marks or {}).items(), start=1):
        style = {"color": COLOURS[number % len(COLOURS)], "linestyle": DASHES[number % len(DASHES)]}
        axes.axvline(place, linewidth=1.6, label=room_after(name), **style)
    _ticks(axes.yaxis, percent=False)
    if not log_x:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4))
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    _legend(figure, axes, n_series=1 + len(marks or {}))
    return as_svg(figure, title=title)


def heatmap(
    matrix: Sequence[Sequence[Number]],
    labels: Sequence[str],
    *,
    title: str,
    column_labels: Sequence[str] | None = None,
    x_label: str = "",
    y_label: str = "",
    low: float | None = None,
    high: float | None = None,
    diverging: bool = False,
    height: int | None = None,
) -> str:
    """A cell for each number, first row on top, with a colour key; `diverging` scales have their middle in grey."""
    columns = labels if column_labels is None else column_labels
    cells = [_floats(row) for row in matrix]
    tall = height or 120 + max(len(labels), 3) * 13
    figure, axes = _canvas(title=title, x_label=x_label, y_label=y_label, height=tall)
    if cells and columns:
        colours = "PuOr_r" if diverging else "cividis_r"
        mesh = axes.pcolormesh(cells, cmap=colours, vmin=low, vmax=high, edgecolors="none", rasterized=False)
        key = figure.colorbar(mesh, ax=axes, fraction=0.04, pad=0.02)
        if key.solids is not None:
            key.solids.set_rasterized(False)
        key.outline.set_visible(False)
        key.ax.tick_params(labelsize=9, colors=INK, length=0)
    axes.set_yticks([place + 0.5 for place in range(len(labels))], [room_before(label) for label in labels])
    axes.set_xticks([place + 0.5 for place in range(len(columns))], [room_before(c) for c in columns], rotation=90)
    axes.invert_yaxis()
    axes.grid(visible=False)
    return as_svg(figure, title=title)


def _canvas(*, title: str, x_label: str, y_label: str, height: int) -> tuple[Figure, Any]:
    figure = Figure(figsize=(WIDTH / 72, height / 72), layout="constrained", facecolor="none")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot(facecolor="none")
    # Above the whole drawing and not only the axes, which begin far to the right where labels are long.
    above = figure.suptitle(heading(title), x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    above.set_parse_math(False)
    axes.set_xlabel(plain(x_label), fontsize=10, color=INK, parse_math=False)
    axes.set_ylabel(plain(y_label), fontsize=10, color=INK, parse_math=False)
    axes.tick_params(labelsize=10, colors=INK, length=0)
    axes.grid(visible=True, color=GRID, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    return figure, axes


def _mark(axes: Any, *, spans: Sequence[Span], span_label: str, levels: Mapping[str, float], diagonal: bool) -> None:
    for number, span in enumerate(spans):
        label = room_after(span_label) if number == 0 and span_label else None
        axes.axvspan(span.start, span.end, color=COLOURS[1], alpha=0.16, linewidth=0, label=label)
    for number, (name, level) in enumerate(levels.items()):
        axes.axhline(level, color=GRID, linewidth=1.2, linestyle=DASHES[1 + number], label=room_after(name))
    if diagonal:
        axes.axline((0, 0), slope=1, color=GRID, linewidth=1, linestyle=":")


def _whiskers(
    axes: Any, *, places: Sequence[float], intervals: Sequence[tuple[float, float]], horizontal: bool
) -> None:
    draw = axes.hlines if horizontal else axes.vlines
    draw(places, [low for low, _ in intervals], [high for _, high in intervals], color=INK, linewidth=1.4)


def _legend(figure: Figure, axes: Any, *, n_series: int) -> None:
    """Below the plot, where it hides nothing; one series is named by the title."""
    if n_series < 2:
        return
    handles, labels = axes.get_legend_handles_labels()
    longest = max(map(text_width, labels), default=0)
    columns = max(1, min(len(labels), 64 // (longest + 8)))
    legend = figure.legend(handles, labels, loc="outside lower left", ncols=columns, frameon=False, fontsize=10)
    for text in legend.get_texts():
        text.set(color=INK, parse_math=False)


def _position_ticks(axes: Any, positions: Iterable[Position]) -> None:
    if not isinstance(next(iter(positions), None), dt.date):
        axes.xaxis.set_major_formatter(FuncFormatter(_number))
        return
    locator = AutoDateLocator(minticks=3, maxticks=6)
    formats = ["%Y", "%Y-%m", "%m-%d", "%H:%M", "%H:%M", "%S"]
    axes.xaxis.set_major_locator(locator)
    zero_formats = ["%Y", "%Y-%m", "%m-%d", "%m-%d", "%H:%M", "%H:%M"]
    formatter = ConciseDateFormatter(locator, formats=formats, zero_formats=zero_formats, show_offset=False)
    axes.xaxis.set_major_formatter(formatter)


def _label_ticks(axes: Any, *, labels: Sequence[str], horizontal: bool) -> None:
    places = list(range(len(labels)))
    if horizontal:
        axes.set_yticks(places, [room_before(label) for label in labels])
        axes.invert_yaxis()
        ticks = axes.get_yticklabels()
    else:
        crowded = sum(text_width(label) + 2 for label in labels) > LABEL_WIDTH * 2
        shown = [room_before(label, points=UPRIGHT_POINTS) for label in labels]
        axes.set_xticks(places, shown, rotation=90 if crowded else 0)
        ticks = axes.get_xticklabels()
    for text in ticks:
        text.set_parse_math(False)


def _ticks(axis: Any, *, percent: bool, whole: bool = False, at_most: int = 5) -> None:
    axis.set_major_locator(MaxNLocator(nbins=at_most, integer=whole))
    axis.set_major_formatter(PercentFormatter(1.0) if percent else FuncFormatter(_number))


def _number(value: float, _place: int | None = None) -> str:
    return f"{value:,.6g}" if abs(value) < 10**6 else f"{value:,.0f}"


def _floats(values: Sequence[Number]) -> list[float]:
    return [math.nan if value is None else float(value) for value in values]
