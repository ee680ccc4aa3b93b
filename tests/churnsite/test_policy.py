"""The headers that keep pages safe, settings fit for the outside world, and keys that can be changed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core import signing
from unfold.sites import UnfoldAdminSite

from predictions import artifacts
from predictions.training_report import path_of
from tests import face

ROOT = Path(__file__).resolve().parent.parent.parent
OPEN = ("/admin/login/", "/healthz", "/api/v1/docs/", "/nowhere/")


def policy(response) -> dict[str, str]:
    pairs = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: sources for name, _space, sources in pairs}


@pytest.mark.django_db
@pytest.mark.parametrize("address", OPEN)
def test_every_answer_says_what_a_page_may_load(client, address):
    found = policy(client.get(address))
    assert found["default-src"] == "'none'"
    assert found["frame-ancestors"] == "'none'"
    assert found["base-uri"] == "'none'"
    assert "'unsafe-inline'" not in found["script-src"] + found["style-src"]
    assert not re.search(r"\*|https?:", " ".join(found.values()))
    assert ("'unsafe-eval'" in found["script-src"]) == address.startswith("/admin/")


@pytest.mark.django_db
def test_a_report_may_draw_and_nothing_else(client):
    client.force_login(User.objects.create_superuser("boss"))
    model = face.model_version()
    path = path_of(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("<style>b{}</style>")
    found = policy(client.get(f"/admin/predictions/modelversion/{model.pk}/report/"))
    assert found["default-src"] == "'none'"
    assert found["style-src"] == "'unsafe-inline'"
    assert "script-src" not in found


@pytest.mark.django_db
def test_other_headers_are_there(client):
    found = client.get("/admin/login/")
    assert found["Referrer-Policy"] == "same-origin"
    assert found["Cross-Origin-Opener-Policy"] == "same-origin"
    assert found["X-Content-Type-Options"] == "nosniff"
    assert found["X-Frame-Options"] == "DENY"
    assert "camera=()" in found["Permissions-Policy"]


@pytest.mark.django_db
def test_the_colours_that_stand_in_a_file_are_those_of_the_settings(rf):
    request = rf.get("/")
    request.user = AnonymousUser()
    colours = UnfoldAdminSite.each_context(admin.site, request)["colors"]
    file = (ROOT / "churnsite/static/churnsite/colours.css").read_text()
    wanted = [f"--color-{name}-{weight}: {value};" for name, one in colours.items() for weight, value in one.items()]
    assert re.findall(r"--color-[^;]*;", file) == wanted


def test_settings_for_the_outside_world_pass_the_deploy_check(tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "DEBUG": "0",
        "SECRET_KEY": os.urandom(48).hex(),
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path),
        "ALLOWED_HOSTS": "churn.example",
        "BEHIND_PROXY": "1",
        "REDIS_URL": "redis://127.0.0.1:6379/0",
        "DATABASE_URL": "postgres://nobody@127.0.0.1:5432/nothing",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr


def test_without_debug_managers_need_a_second_factor_and_cookies_go_over_https_only(tmp_path):
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "DEBUG": "0",
        "SECRET_KEY": "k" * 50,
        "ENV_FILE": os.devnull,
        "DATA_DIR": str(tmp_path),
        "SECRET_KEY_FALLBACKS": "older,oldest",
        "TWO_FACTOR_REQUIRED": "",
    }
    names = "TWO_FACTOR_REQUIRED SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE SECURE_SSL_REDIRECT SECRET_KEY_FALLBACKS"
    code = f"from churnsite import settings as s; print(*(getattr(s, name) for name in {names.split()!r}))"
    said = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert said.strip() == "True True True True ['older', 'oldest']"


@pytest.mark.django_db
class TestRotation:
    """The key before stays valid while it stands among the fallbacks, and no longer."""

    OLD, NEW = "o" * 50, "n" * 50

    def test_who_is_logged_in_stays_so(self, client, settings):
        settings.SECRET_KEY = self.OLD
        client.force_login(User.objects.create_superuser("boss"))
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = self.NEW, [self.OLD]
        assert client.get("/admin/").status_code == 200
        settings.SECRET_KEY_FALLBACKS = []
        assert client.get("/admin/").status_code == 200, "the session was signed anew while both held"

    def test_who_was_not_there_meanwhile_logs_in_again(self, client, settings):
        settings.SECRET_KEY = self.OLD
        client.force_login(User.objects.create_superuser("boss"))
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = self.NEW, []
        assert client.get("/admin/").status_code == 302

    def test_what_was_signed_is_read(self, settings):
        settings.SECRET_KEY = self.OLD
        signed = signing.dumps("text")
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = self.NEW, [self.OLD]
        assert signing.loads(signed) == "text"
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(signing.BadSignature):
            signing.loads(signed)

    def test_model_files_are_read(self, settings):
        settings.SECRET_KEY = self.OLD
        signature = artifacts.write(folder="models/one", files={"model.txt": "tree"})
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = self.NEW, [self.OLD]
        assert artifacts.read(folder="models/one", signature=signature) == {"model.txt": "tree"}
        settings.SECRET_KEY_FALLBACKS = []
        with pytest.raises(artifacts.Damaged):
            artifacts.read(folder="models/one", signature=signature)
