"""Charts as inline SVG text, for reports and pages: calm, without scripts or outside requests, readable on a phone.

Texts stay text in the reader's own fonts, ink is `currentColor` so that a chart follows a light or dark page, and the
colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart; lines differ in their dashes as
well. The drawing size is small on purpose: at the width of a phone the letters keep about nine pixels.
"""

from customers.charts.kinds import COLOURS, Span, bars, forest, heatmap, histogram, line
from customers.charts.strips import strip

__all__ = ["COLOURS", "Span", "bars", "forest", "heatmap", "histogram", "line", "strip"]
