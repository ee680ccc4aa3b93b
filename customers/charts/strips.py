"""A strip: one customer's value on an axis, beside the middle half of its peers and its own past; plain SVG text.

Drawn by hand, for a page has eighty of them: a box from the first quartile to the third, a line at the median, hollow
points of the past that get smaller with age, and a filled point for now. The axis has the numbers of both its ends.
"""

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape, quoteattr

__all__ = ["strip"]

WIDTH, HEIGHT = 208, 40
LEFT, RIGHT = 8.0, 200.0
MIDDLE, AXIS = 12.0, 24.0
NOW, PEERS = "#D55E00", "#0072B2"
SIZES = (3.6, 3.0, 2.4)

Number = float | None


def strip(
    *,
    now: Number,
    past: Sequence[Number],
    quartiles: Sequence[Number] | None,
    title: str,
    shown: Callable[[float], str],
) -> str:
    """The SVG, or "" where there is nothing to draw.

    `past` is the most recent first; `quartiles` are the first, the median and the third of the peers; `title` says in
    words what it shows, and `shown` writes a number of the axis.
    """
    box = [float(one) for one in quartiles or () if one is not None]
    values = [float(one) for one in (now, *past) if one is not None] + box
    if not values:
        return ""
    low, high = min(values), max(values)
    parts = [_axis(low, high, shown)]
    if len(box) == 3:
        parts.append(_box(box, low, high))
    for size, value in reversed(list(zip(SIZES, past, strict=False))):
        if value is not None:
            parts.append(_point(value, low, high, size, is_now=False))
    if now is not None:
        parts.append(_point(now, low, high, 4.4, is_now=True))
    label = f'role="img" aria-label={quoteattr(title)}'
    return f'<svg class="strip" viewBox="0 0 {WIDTH} {HEIGHT}" {label}>{"".join(parts)}</svg>'


def _at(value: float, low: float, high: float) -> float:
    """The place of a value; in the middle where there is only one."""
    share = 0.5 if high == low else (float(value) - low) / (high - low)
    return round(LEFT + share * (RIGHT - LEFT), 1)


def _axis(low: float, high: float, shown: Callable[[float], str]) -> str:
    line = f'<path d="M{LEFT} {AXIS}H{RIGHT}" stroke="currentColor" stroke-width="1" opacity=".6"/>'
    style = 'font-size="10" fill="currentColor"'
    if low == high:
        return f'{line}<text x="{_at(low, low, high)}" y="36" text-anchor="middle" {style}>{escape(shown(low))}</text>'
    ends = ((LEFT, low, "start"), (RIGHT, high, "end"))
    ticks = "".join(f'<path d="M{x} {AXIS}v3" stroke="currentColor"/>' for x, _value, _anchor in ends)
    texts = "".join(
        f'<text x="{x}" y="37" text-anchor="{anchor}" {style}>{escape(shown(value))}</text>'
        for x, value, anchor in ends
    )
    return f"{line}{ticks}{texts}"


def _box(box: Sequence[float], low: float, high: float) -> str:
    first, median, third = (_at(value, low, high) for value in box)
    width = max(round(third - first, 1), 1.5)
    return (
        f'<rect x="{first}" y="{MIDDLE - 7}" width="{width}" height="14" fill="{PEERS}" opacity=".22"/>'
        f'<path d="M{median} {MIDDLE - 7}v14" stroke="{PEERS}" stroke-width="2"/>'
    )


def _point(value: float, low: float, high: float, size: float, *, is_now: bool) -> str:
    fill = f'fill="{NOW}"' if is_now else f'fill="none" stroke="{NOW}" stroke-width="1.3"'
    return f'<circle cx="{_at(value, low, high)}" cy="{MIDDLE}" r="{size}" {fill}/>'
