"""The description of the API: valid, and the one that is kept in docs/openapi.yaml."""

import re
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from drf_spectacular.drainage import GENERATOR_STATS

KEPT = Path(settings.BASE_DIR) / "docs" / "openapi.yaml"


def test_the_description_that_is_kept_is_the_one_that_is_made(tmp_path):
    made = tmp_path / "openapi.yaml"
    GENERATOR_STATS.reset()
    call_command("spectacular", "--validate", "--fail-on-warn", "--lang", "en", "--file", str(made))
    assert made.read_text() == KEPT.read_text(), "make it anew with: make openapi"


def test_it_is_in_the_language_that_is_asked_for(tmp_path):
    made = tmp_path / "openapi.yaml"
    call_command("spectacular", "--lang", "zh-hans", "--file", str(made))
    assert "下一页" in made.read_text()
    assert not re.search("[\u4e00-\u9fff]", KEPT.read_text())


def test_every_operation_says_who_may_call_it():
    text = KEPT.read_text()
    assert text.count("operationId:") == text.count("May be called by:") == text.count("x-callers:")


def test_it_is_read_without_asking_anybody_else(client, db):
    page = client.get("/api/v1/docs/").content.decode()
    assert "http://" not in page.replace("http://testserver", "")
    assert "https://" not in page
    assert client.get("/api/v1/schema/").status_code == 200
