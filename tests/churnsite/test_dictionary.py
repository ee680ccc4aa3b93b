"""The data dictionary is the models' own words, in both languages, and the docs have today's."""

from pathlib import Path

import pytest
from django.conf import settings

from churnsite import dictionary


@pytest.mark.parametrize(("language", "name"), dictionary.FILES.items())
def test_the_page_of_the_docs_is_current(language, name):
    """`python manage.py data_dictionary` writes it anew."""
    assert (Path(settings.BASE_DIR) / name).read_text(encoding="utf-8") == dictionary.markdown(language=language)


def test_every_column_has_a_title_and_every_table_a_column():
    for table in dictionary.tables():
        assert table.columns
        assert all(column.title for column in table.columns)
