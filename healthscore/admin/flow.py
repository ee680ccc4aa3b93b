"""How customers moved between grades, drawn as bands from then to now; the table beside it says the same in numbers."""

from collections.abc import Iterator, Mapping
from html import escape

from customers.charts.svg import FONTS, plain
from healthscore.dimensions.configuration import GRADES

__all__ = ["COLOURS", "drawing"]

# Okabe and Ito (2008); the words beside the bars say the same.
COLOURS = {"excellent": "#009E73", "good": "#0072B2", "at_risk": "#E69F00", "critical": "#D55E00"}
NONE = "#808080"
WIDTH, HEIGHT, TOP, BAR, GAP = 420, 250, 26, 12, 10
LEFT, RIGHT = 96, WIDTH - 96

Moves = Mapping[tuple[str, str], int]


def drawing(*, moves: Moves, titles: Mapping[str, str], title: str, heads: tuple[str, str]) -> str:
    """SVG of `moves`, by (grade then, grade now): customers; "" is no score then. Empty without anybody."""
    total = sum(moves.values())
    if not total:
        return ""
    before, after = (_column(moves, side) for side in (0, 1))
    room = HEIGHT - TOP - GAP * (max(len(before), len(after)) - 1)
    scale = room / total
    tops = (_tops(before, scale), _tops(after, scale))
    body = [*_heads(heads), *_bands(moves, tops, scale)]
    for side, column in enumerate((before, after)):
        body += _bars(column, tops[side], scale, side, titles)
    heading = escape(plain(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="drawing" role="img" aria-label="{heading}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT + 4}" width="100%" font-family="{FONTS}" font-size="11">'
        f"<title>{heading}</title>{''.join(body)}</svg>"
    )


def _column(moves: Moves, side: int) -> dict[str, int]:
    """Customers a grade on one side, best first, without grades that nobody had."""
    sums = {name: sum(n for pair, n in moves.items() if pair[side] == name) for name in (*GRADES, "")}
    return {name: n for name, n in sums.items() if n}


def _tops(column: Mapping[str, int], scale: float) -> dict[str, float]:
    tops, at = {}, float(TOP)
    for name, n in column.items():
        tops[name] = at
        at += n * scale + GAP
    return tops


def _heads(heads: tuple[str, str]) -> Iterator[str]:
    for x, anchor, text in ((LEFT + BAR, "end", heads[0]), (RIGHT - BAR, "start", heads[1])):
        yield f'<text x="{x}" y="12" text-anchor="{anchor}" fill="currentColor" font-weight="600">{_text(text)}</text>'


def _bands(moves: Moves, tops: tuple[Mapping[str, float], Mapping[str, float]], scale: float) -> Iterator[str]:
    left, right = dict(tops[0]), dict(tops[1])
    ordered = [(then, now) for then in (*GRADES, "") for now in GRADES if moves.get((then, now))]
    for then, now in ordered:
        height = moves[then, now] * scale
        yield _band(left[then], right[now], height, COLOURS[now])
        left[then] += height
        right[now] += height


def _band(y0: float, y1: float, height: float, colour: str) -> str:
    start, end, middle = LEFT + BAR, RIGHT - BAR, WIDTH / 2
    upper = f"M{start} {y0:.2f}C{middle} {y0:.2f} {middle} {y1:.2f} {end} {y1:.2f}"
    lower = f"L{end} {y1 + height:.2f}C{middle} {y1 + height:.2f} {middle} {y0 + height:.2f} {start} {y0 + height:.2f}Z"
    return f'<path d="{upper}{lower}" fill="{colour}" fill-opacity="0.4"/>'


def _bars(
    column: Mapping[str, int], tops: Mapping[str, float], scale: float, side: int, titles: Mapping[str, str]
) -> Iterator[str]:
    x, text_x, anchor = (LEFT, LEFT - 6, "end") if side == 0 else (RIGHT - BAR, RIGHT + 6, "start")
    for name, n in column.items():
        height = max(n * scale, 1.0)
        colour = COLOURS.get(name, NONE)
        yield f'<rect x="{x}" y="{tops[name]:.2f}" width="{BAR}" height="{height:.2f}" fill="{colour}"/>'
        words = f"{titles.get(name, name)} {n}"
        y = tops[name] + height / 2 + 4
        yield f'<text x="{text_x}" y="{y:.2f}" text-anchor="{anchor}" fill="currentColor">{_text(words)}</text>'


def _text(text: str) -> str:
    return escape(plain(text))
