"""The monthly value and its bands."""

from decimal import Decimal

import pytest
from django.db.models import Q
from django.utils import translation

from predictions.value import Band, bands


def test_bands_lie_between_the_thresholds_without_a_gap(settings):
    settings.MONETARY_THRESHOLDS = (100.0, 1000.0, 2500.5)
    made = bands()
    assert [one.name for one in made] == ["-100", "100-1000", "1000-2500.5", "2500.5-"]
    assert [one.high for one in made[:-1]] == [one.low for one in made[1:]]


@pytest.mark.parametrize(
    ("language", "titles"),
    [("en", ["below 1,000", "1,000 to below 5,000", "5,000 and more"])],
)
def test_a_bands_title_has_its_ends(settings, language, titles):
    settings.MONETARY_THRESHOLDS = (1000, 5000)
    with translation.override(language):
        assert [one.title for one in bands()] == titles


def test_a_band_holds_its_lower_end_and_not_its_upper():
    condition = Band(low=Decimal(1), high=Decimal(2)).condition("worth")
    assert condition == Q(worth__isnull=False) & Q(worth__gte=Decimal(1)) & Q(worth__lt=Decimal(2))
