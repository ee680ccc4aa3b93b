"""Figures as SVG text, and labels cut to the room that there is."""

import hashlib
import io
import math
import re
import unicodedata
import warnings
from functools import cache
from html import escape
from threading import Lock

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.font_manager import findfont
from matplotlib.ft2font import FT2Font, LoadFlags

FONTS = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'PingFang SC', 'Hiragino Sans GB', 'Microsoft YaHei', "
    "'Noto Sans CJK SC', 'Source Han Sans SC', sans-serif"
)
INK = "#1b2a33"
LABEL_WIDTH = 26
LABEL_POINTS, UPRIGHT_POINTS, HEADING_POINTS = 150.0, 80.0, 300.0

# Read when a figure is drawn, so it has to be set for the process; a fixed salt makes the same chart the same text.
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "shanjiaxia", "axes.unicode_minus": True})
_drawing = Lock()  # filters of warnings belong to the process, not to a thread


def plain(text: str) -> str:
    """Without control characters, which SVG cannot hold."""
    return "".join(" " if unicodedata.category(letter) == "Cc" else letter for letter in str(text))


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def text_width(text: str) -> int:
    return sum(2 if _is_wide(letter) else 1 for letter in text)


def _clipped(text: str, room: float) -> str:
    kept = ""
    for letter in plain(text):
        room -= _points(letter)
        if room < 0:
            return kept.rstrip() + "…"
        kept += letter
    return kept


@cache
def _points(letter: str) -> float:
    """The width of a letter at ten points; that of a square where the measuring font has none."""
    if ord(letter) not in _measuring_font().get_charmap():
        return 10.0 if _is_wide(letter) else 6.0
    width: float = _measuring_font().load_char(ord(letter), LoadFlags.NO_HINTING).linearHoriAdvance / 65536
    return width


@cache
def _measuring_font() -> FT2Font:
    font = FT2Font(findfont("DejaVu Sans"))  # one of our own: that of the drawings has another size each time
    font.set_size(10, 72)
    return font


def _padding(text: str) -> str:
    """The font that measures has no Chinese and takes 0.6 of its width for it; no-break spaces make up the rest."""
    return "\N{NO-BREAK SPACE}" * math.ceil(1.26 * sum(map(_is_wide, text)))


def heading(text: str) -> str:
    """As much of a title as fits in bold across a chart; the whole of it is the drawing's name."""
    return _clipped(text, HEADING_POINTS)


def room_before(label: str, *, points: float = LABEL_POINTS) -> str:
    text = _clipped(label, points)
    return _padding(text) + text


def room_after(label: str) -> str:
    text = _clipped(label, LABEL_POINTS)
    # Matplotlib leaves labels that begin with an underscore out of legends.
    return (f"\N{WORD JOINER}{text}" if text.startswith("_") else text) + _padding(text)


def as_svg(figure: Figure, *, title: str) -> str:
    buffer = io.StringIO()
    with _drawing, warnings.catch_warnings():
        # Readers' fonts draw the texts, so it does not matter what the measuring font lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing", category=UserWarning)
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawing = buffer.getvalue()
    drawing = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", drawing, flags=re.DOTALL)
    body = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    body = re.sub(r'style="([^"]*)"', _attributes, body)
    body = re.sub(r"\s*\n\s*", " ", body.replace(INK, "currentColor"))
    viewbox = re.search(r'viewBox="([^"]*)"', drawing)
    name = escape(plain(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" class="chart" role="img" '
        f'aria-label="{name}" viewBox="{viewbox[1] if viewbox else ""}" width="100%" font-family="{FONTS}" '
        f'stroke-linejoin="round"><title>{name}</title>{_own_ids(body, salt=title)}</svg>'
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
