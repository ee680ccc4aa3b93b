"""How a feature's sentence is declared, and what several features say of a missing value."""

from dataclasses import dataclass

__all__ = ["NOT_OBSERVED", "NO_HISTORY", "NO_PURCHASE", "TOO_FEW", "Sentence"]


@dataclass(frozen=True)
class Sentence:
    """`fuller` tells more by a second feature, where that is known; `none` is said of a missing value."""

    topic: str
    en: str
    zh: str
    fuller: tuple[str, str] | None = None
    none: tuple[str, str] | None = None


NO_PURCHASE = ("No purchase in the last 20 days", "近 20 天没有购买")
NO_HISTORY = ("No purchase in the last 180 days", "近 180 天没有购买")
TOO_FEW = ("Too few purchase days to know a rhythm", "购买日太少，看不出规律")
NOT_OBSERVED = ("Too new a customer to compare with the past", "注册时间太短，无法与以往比较")
