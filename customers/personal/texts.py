"""An ID within a text."""

import re


def pattern(customer_id: str) -> re.Pattern[str]:
    """The ID between other signs: not as a part of a longer one."""
    return re.compile(rf"(?<![\w-]){re.escape(customer_id)}(?![\w-])")
