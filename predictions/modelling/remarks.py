"""What is found out about a model, a day or a feature: a code with its figures, which is what is stored.

The sentence is made where it is read, in that reader's language; see predictions.remarks.
"""

from typing import Any

__all__ = ["Remark", "remark"]

Remark = dict[str, Any]


def remark(code: str, **figures: Any) -> Remark:
    """A remark as JSON keeps it: {"code": "calibration", "ece": 0.061, "limit": 0.05}."""
    return {"code": code, **figures}
