"""What axe-core finds on a page that is open in a browser."""

from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH

__all__ = ["serious"]

RULES = {"resultTypes": ["violations"], "elementRef": False}
ASK = """async (rules) => (await axe.run(document, rules)).violations.map((one) => ({
    id: one.id, impact: one.impact, nodes: one.nodes.map((node) => [node.target.join(" "), node.html.slice(0, 160)]),
}))"""


def serious(page: Any) -> dict[str, list[str]]:
    """Of each rule that is broken seriously or critically: where, the selector and the beginning of the HTML.

    The page's context must be one that bypasses the Content-Security-Policy.
    """
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    found = [one for one in page.evaluate(ASK, RULES) if one["impact"] in ("serious", "critical")]
    return {one["id"]: [f"{where}: {html}" for where, html in one["nodes"]] for one in found}
