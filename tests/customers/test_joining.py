"""Words are joined by the marks of the reader's language, wherever the admin joins them."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from customers import joining

# Marks between words that a person reads, written into the code as English has them.
ENGLISH = (re.compile(r'(?<!\()"[,;:] "\.join'), re.compile(r"\}\}: \{\{(?![^%]*\{% endblocktranslate)"))
READ = ("customers/admin", "predictions/admin", "healthscore/admin", "experiments/admin", "templates/admin")
NOT_READ = ("healthscore/admin/numbers.py", "experiments/admin/inlines.py", "experiments/admin/fields.py")


@pytest.fixture
def chinese(monkeypatch):
    """A catalogue that has the marks, whatever the translator calls the rest."""
    marks = {", ": "、", "; ": "；", "%(label)s: %(what)s": "%(label)s：%(what)s"}
    monkeypatch.setattr(joining, "_", lambda text: marks[text])


def test_english_keeps_its_marks():
    with translation.override("en"):
        assert joining.listed(["a", "b"]) == "a, b"
        assert joining.phrases(["a, b", "c"]) == "a, b; c"
        assert joining.labelled("Measure", "coupon") == "Measure: coupon"


def test_each_mark_is_the_languages_own(chinese):
    assert joining.listed(["甲", "乙"]) == "甲、乙"
    assert joining.phrases(["甲", "乙"]) == "甲；乙"
    assert joining.labelled("措施", "优惠券") == "措施：优惠券"


@pytest.mark.parametrize("folder", READ)
def test_no_page_joins_words_by_itself(folder):
    found = [
        f"{path}: {mark.group(0)}"
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*.*"))
        if path.suffix in (".py", ".html") and not str(path).endswith(NOT_READ)
        for pattern in ENGLISH
        for mark in pattern.finditer(path.read_text())
    ]
    assert found == []
