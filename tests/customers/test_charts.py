"""Charts: valid, self-contained SVG that may stand beside others on a page."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor
from xml.etree import ElementTree

import pytest

from customers import charts
from customers.charts import svg

DAYS = [dt.date(2017, 1, 1) + dt.timedelta(days=number) for number in range(30)]


def drawn(**values):
    return {
        "line": charts.line(
            {"登录": (DAYS, list(range(30)))}, title="A", bands={"登录": (DAYS, [0] * 30, [40] * 30)}, **values
        ),
        "bars": charts.bars(["茶", "tea"], [1, None], title="B", intervals=[(0, 2), (1, 1)]),
        "forest": charts.forest(["茶", "tea"], [0.1, None], [(-0.1, 0.3), (None, None)], title="E"),
        "histogram": charts.histogram([1, 2], [0, 1, 2], title="C", marks={"median": 1}),
        "heatmap": charts.heatmap([[1, -1], [None, 0]], ["a", "b"], title="D", diverging=True),
    }


@pytest.mark.parametrize("kind", ["line", "bars", "forest", "histogram", "heatmap"])
def test_a_chart_is_well_formed_and_as_wide_as_its_place(kind):
    root = ElementTree.fromstring(drawn()[kind])
    assert root.get("width") == "100%"
    assert root.get("viewBox", "").startswith("0 0 420 ")


@pytest.mark.parametrize("kind", ["line", "bars", "forest", "histogram", "heatmap"])
def test_a_chart_asks_for_nothing_and_runs_nothing(kind):
    chart = drawn()[kind]
    assert not re.search(r'<script|<style|style="|@import|on\w+="', chart)
    assert set(re.findall(r'href="([^"])', chart)) <= {"#"}


def test_chinese_stays_text():
    assert ">登录" in charts.line({"登录": (DAYS, [1] * 30), "B": (DAYS, [2] * 30)}, title="A")
    assert "茶</text>" in drawn()["bars"]


def test_markup_in_labels_is_escaped():
    chart = charts.bars(["<script>alert(1)</script>"], [1], title="</svg><b>\x00")
    assert "<script" not in chart
    ElementTree.fromstring(chart)


def test_dollars_are_no_formula():
    assert "$a$" in charts.bars(["$a$"], [1], title="$b$")


def test_ids_of_two_charts_do_not_clash():
    ids = [re.findall(r' id="([^"]+)"', chart) for chart in drawn().values()]
    flat = [name for names in ids for name in names]
    assert len(flat) == len(set(flat))


def test_the_same_chart_is_the_same_text():
    assert drawn() == drawn()


def test_charts_may_be_drawn_in_threads():
    with ThreadPoolExecutor(4) as pool:
        assert len({tuple(found.values()) for found in pool.map(lambda _: drawn(), range(4))}) == 1


def test_no_data_is_an_empty_chart():
    for chart in (charts.line({}, title="A"), charts.bars([], [], title="B"), charts.histogram([], [], title="C")):
        ElementTree.fromstring(chart)


def test_a_span_is_explained_in_the_legend():
    spans = [charts.Span(start=DAYS[3], end=DAYS[5])]
    assert "no rows" in charts.line({"A": (DAYS, [1] * 30)}, title="A", spans=spans, span_label="no rows")


@pytest.mark.parametrize("label", ["W" * 60, "m" * 60, "茶" * 60, "茶 tea " * 12])
def test_a_long_label_is_cut_to_its_room_and_not_by_the_edge(label):
    chart = charts.bars([label, "b"], [1, 2], title="A")
    (shown,) = re.findall(r">([^<]*…)</text>", chart)
    kept = shown.strip("\N{NO-BREAK SPACE}…")
    assert label.startswith(kept)
    assert 10 <= svg.text_width(kept) <= 32
    assert len(shown) - len(kept) - 1 >= kept.count("茶")  # room for what the measuring font takes for narrow


def test_a_long_title_is_cut_and_whole_in_the_drawings_name():
    chart = charts.bars(["a"], [1], title="long " * 40)
    assert f"<title>{'long ' * 40}</title>" in chart
    assert re.search(r">long [long ]*…</text>", chart)


def test_thousands_are_apart_on_every_axis_of_counts():
    assert ">500,000<" in charts.bars(["a"], [1_200_000], title="A")
    assert ">600,000<" in charts.histogram([25_000], [0, 2_000_000], title="A")


@pytest.mark.filterwarnings("error")
def test_a_chinese_chart_is_drawn_without_a_warning():
    charts.bars(["茶", "咖啡"], [1, 2], title="按产品类别", y_label="行")
