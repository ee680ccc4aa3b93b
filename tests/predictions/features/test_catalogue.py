"""The catalogue and its page in the docs."""

from pathlib import Path

from predictions.features import catalogue

DOCS = Path(__file__).parents[3] / "docs" / "features.md"


def test_the_page_in_the_docs_is_as_declared():
    assert DOCS.read_text(encoding="utf-8").endswith("\n" + catalogue.as_markdown())


def test_the_version_is_a_short_hash():
    assert len(catalogue.CATALOGUE_VERSION) == 12
