"""What is said before any outcome is known: how many are in, and when the first outcomes will be."""

import datetime as dt

from experiments.document import Verdict
from experiments.figures.setting import Setting

__all__ = ["verdict"]


def verdict(setting: Setting) -> Verdict:
    """In the style of the statistics' verdicts: both languages at once, for the row is kept."""
    if not setting.n_enrolled:
        return {
            "code": "inconclusive",
            "zh": "尚无结论：还没有客户入组。",
            "en": "No conclusion yet: nobody is enrolled.",
        }
    first = min(setting.facts.sizes(setting.facts.ripe_on))
    n = setting.n_enrolled
    return {"code": "inconclusive", "zh": _zh(n, first), "en": _en(n, first)}


def _zh(n: int, first: dt.date) -> str:
    return f"尚无结论：已入组 {n:,} 位客户，首批结果将于 {first.isoformat()} 得知。"


def _en(n: int, first: dt.date) -> str:
    who = "1 customer is" if n == 1 else f"{n:,} customers are"
    return f"No conclusion yet: {who} enrolled, and the first outcomes will be known on {first.isoformat()}."
