"""Charts as inline SVG text, for reports and pages: calm, without scripts or outside requests, readable on a phone.

Texts stay text in the reader's own fonts, ink is `currentColor` so that a chart follows a light or dark page, and the
colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart; lines differ in their dashes as
well. The drawing size is small on purpose: at the width of a phone the letters keep about nine pixels.
"""

import datetime as dt
import hashlib
import io
import math
import re
import unicodedata
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

__all__ = ["COLOURS", "Span", "bars", "heatmap", "histogram", "line"]

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 1)))
FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
)
INK = "#1b2a33"
GRID = "#808080"
WIDTH, HEIGHT = 420, 250
LABEL_WIDTH = 26

# Read when a figure is drawn, so it has to be set for the process; a fixed salt makes the same chart the same text.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "shanjiaxia", "axes.unicode_minus": True})

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
        axes.plot(list(x), _floats(y), linewidth=1.8, label=_room_after(name), marker=marker, **style)
        if name in (bands or {}):
            xs, low, high = (bands or {})[name]
            axes.fill_between(list(xs), _floats(low), _floats(high), color=style["color"], alpha=0.18, linewidth=0)
    _mark(axes, spans=spans, span_label=span_label, levels=levels or {}, diagonal=diagonal)
    if from_zero:
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    _ticks(axes.yaxis, percent=percent)
    _position_ticks(axes, [x for xs, _ in series.values() for x in xs])
    _legend(figure, axes, n_series=len(series) + len(levels or {}) + (1 if spans and span_label else 0))
    return _svg(figure, title=title)


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
        kind = {thickness: step * 0.92, "color": COLOURS[number % len(COLOURS)], "label": _room_after(name)}
        draw(places, _floats(group), **kind)
        if intervals and number == 0:
            _whiskers(axes, places=places, intervals=intervals, horizontal=horizontal)
    _label_ticks(axes, labels=labels, horizontal=horizontal)
    _ticks(axes.xaxis if horizontal else axes.yaxis, percent=percent)
    axes.grid(visible=False, axis="y" if horizontal else "x")
    _legend(figure, axes, n_series=len(groups))
    return _svg(figure, title=title)


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
        axes.axvline(place, linewidth=1.6, label=_room_after(name), **style)
    _ticks(axes.yaxis, percent=False)
    axes.xaxis.set_major_formatter(FuncFormatter(_number))
    _legend(figure, axes, n_series=1 + len(marks or {}))
    return _svg(figure, title=title)


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
        key.solids.set_rasterized(False)
        key.outline.set_visible(False)
        key.ax.tick_params(labelsize=9, colors=INK, length=0)
    axes.set_yticks([place + 0.5 for place in range(len(labels))], [_room_before(label) for label in labels])
    axes.set_xticks([place + 0.5 for place in range(len(columns))], [_room_before(c) for c in columns], rotation=90)
    axes.invert_yaxis()
    axes.grid(visible=False)
    return _svg(figure, title=title)


def _canvas(*, title: str, x_label: str, y_label: str, height: int) -> tuple[Figure, Any]:
    figure = Figure(figsize=(WIDTH / 72, height / 72), layout="constrained", facecolor="none")
    FigureCanvasSVG(figure)
    axes = figure.add_subplot(facecolor="none")
    axes.set_title(_plain(title), loc="left", fontsize=12, fontweight="bold", color=INK, parse_math=False, pad=8)
    axes.set_xlabel(_plain(x_label), fontsize=10, color=INK, parse_math=False)
    axes.set_ylabel(_plain(y_label), fontsize=10, color=INK, parse_math=False)
    axes.tick_params(labelsize=10, colors=INK, length=0)
    axes.grid(visible=True, color=GRID, alpha=0.25, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(GRID)
    return figure, axes


def _mark(axes: Any, *, spans: Sequence[Span], span_label: str, levels: Mapping[str, float], diagonal: bool) -> None:
    for number, span in enumerate(spans):
        label = _room_after(span_label) if number == 0 and span_label else None
        axes.axvspan(span.start, span.end, color=COLOURS[1], alpha=0.16, linewidth=0, label=label)
    for number, (name, level) in enumerate(levels.items()):
        axes.axhline(level, color=GRID, linewidth=1.2, linestyle=DASHES[1 + number], label=_room_after(name))
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
    longest = max(map(_text_width, labels), default=0)
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
        axes.set_yticks(places, [_room_before(label) for label in labels])
        axes.invert_yaxis()
        ticks = axes.get_yticklabels()
    else:
        crowded = sum(_text_width(label) + 2 for label in labels) > LABEL_WIDTH * 2
        axes.set_xticks(places, [_room_before(label) for label in labels], rotation=90 if crowded else 0)
        ticks = axes.get_xticklabels()
    for text in ticks:
        text.set_parse_math(False)


def _ticks(axis: Any, *, percent: bool) -> None:
    axis.set_major_locator(MaxNLocator(nbins=5))
    axis.set_major_formatter(PercentFormatter(1.0) if percent else FuncFormatter(_number))


def _number(value: float, _place: int | None = None) -> str:
    return f"{value:,.6g}" if abs(value) < 10**6 else f"{value:,.0f}"


def _floats(values: Sequence[Number]) -> list[float]:
    return [math.nan if value is None else float(value) for value in values]


def _plain(text: str) -> str:
    """Without control characters, which SVG cannot hold."""
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in str(text))


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _text_width(text: str) -> int:
    return sum(2 if _is_wide(letter) else 1 for letter in text)


def _clipped(text: str) -> str:
    kept, room = "", LABEL_WIDTH
    for letter in _plain(text):
        room -= 2 if _is_wide(letter) else 1
        if room < 0:
            return kept.rstrip() + "…"
        kept += letter
    return kept


def _padding(text: str) -> str:
    """The font that measures has no Chinese and takes 0.6 of its width for it; no-break spaces make up the rest."""
    return "\N{NO-BREAK SPACE}" * math.ceil(0.8 * sum(map(_is_wide, text)))


def _room_before(label: str) -> str:
    text = _clipped(label)
    return _padding(text) + text


def _room_after(label: str) -> str:
    text = _clipped(label)
    # Matplotlib leaves labels that begin with an underscore out of legends.
    return (f"\N{WORD JOINER}{text}" if text.startswith("_") else text) + _padding(text)


def _svg(figure: Figure, *, title: str) -> str:
    buffer = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawing = buffer.getvalue()
    drawing = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", drawing, flags=re.DOTALL)
    body = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    body = re.sub(r'style="([^"]*)"', _attributes, body)
    body = re.sub(r"\s*\n\s*", " ", body.replace(INK, "currentColor"))
    viewbox = re.search(r'viewBox="([^"]*)"', drawing)
    heading = escape(_plain(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="chart" role="img" '
        f'aria-label="{heading}" viewBox="{viewbox[1] if viewbox else ""}" width="100%" font-family="{FONTS}" '
        f'stroke-linejoin="round"><title>{heading}</title>{_own_ids(body, salt=title)}</svg>'
    )


def _attributes(match: re.Match[str]) -> str:
    """Styles as attributes, which a content security policy without inline styles lets through."""
    pairs = [part.split(":", 1) for part in match[1].split(";") if ":" in part]
    kept = [(name.strip(), value.strip()) for name, value in pairs if name.strip() != "font-family"]
    return " ".join(f'{name}="{value}"' for name, value in kept)


def _own_ids(body: str, *, salt: str) -> str:
    """Ids of what is referred to get a prefix of the chart's own, other ids go: charts on one page do not clash."""
    prefix = "c" + hashlib.sha256((salt + body).encode()).hexdigest()[:10]
    used = set(re.findall(r"#([\w.-]+)", body))
    body = re.sub(r' id="([^"]*)"', lambda m: f' id="{prefix}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'href="#([\w.-]+)"', rf'href="#{prefix}-\1"', body)
    return re.sub(r"url\(#([\w.-]+)\)", rf"url(#{prefix}-\1)", body)
