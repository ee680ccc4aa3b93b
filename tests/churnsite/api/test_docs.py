"""Every example in the guides to the API is run as it stands, and no endpoint is without one."""

import datetime as dt
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from rest_framework_simplejwt.tokens import RefreshToken

from customers import webhooks
from customers.models import Customer, Job, Webhook
from customers.rest import keys
from customers.rest.rules import Scope
from experiments.models import Analysis, Experiment
from predictions.models import Prediction
from tests import face
from tests.churnsite.api.test_matrix import ENDPOINTS

DOCS = Path(settings.BASE_DIR) / "docs"
GUIDES = ("api.md", "webhooks.md", "api-health.md", "api-experiments.md")
DAY = dt.date(2026, 3, 2)
RUN = 'set -e\ncurl() { command curl -sS --fail-with-body "$@"; }\n'


def blocks(guide: str) -> list[str]:
    return re.findall(r"```sh\n(.*?)```", (DOCS / guide).read_text(), re.DOTALL)


@pytest.fixture
def shop(settings, transactional_db, live_server):
    """Customers at risk, people and machines who may do everything, and where the site is."""
    settings.BUSINESS_DATE = DAY
    settings.API_LOGINS_PER_MINUTE = 10**6  # other tests sign in within the same minute
    model = face.model_version()
    names = ["C00001", "CUST001", *(f"c{n}" for n in range(40))]
    people = Customer.objects.bulk_create(
        Customer(customer_id=name, registered_on=dt.date(2025, 1, 1), vip_level=2) for name in names
    )
    facts = {"as_of": DAY, "model": model, "risk_level": "critical", "lifecycle_stage": "active", "reasons": []}
    Prediction.objects.bulk_create(Prediction(customer=one, probability=Decimal("0.8"), **facts) for one in people)
    boss = User.objects.create_superuser("boss", password="a long pass phrase")
    return {
        "API": f"{live_server.url}/api/v1",
        "KEY": keys.make(name="CRM", scopes=[one.value for one in Scope])[1],
        "TOKEN": str(RefreshToken.for_user(boss).access_token),
        "NAME": "boss",
        "PASSWORD": "a long pass phrase",
        "JOB": str(Job.objects.create(kind="a", state="done").pk),
        "WEBHOOK": str(webhooks.make(url="https://8.8.8.8/", kinds=["health.alert"]).pk),
    }


def run(block: str, shop: dict[str, str], folder: Path) -> None:
    """Run a block; experiment 1 of the guide is the one that it made, and what is said to be refused has to be."""
    if made := Experiment.objects.first():
        block = block.replace("experiments/1/", f"experiments/{made.pk}/")
    if done := Analysis.objects.first():
        block = block.replace("analyses/1/", f"analyses/{done.pk}/")
    lines = re.sub(r"^(curl .*) # 409$", r"! \1", block, flags=re.MULTILINE)
    found = subprocess.run(
        ["bash", "-c", RUN + lines], cwd=folder, env=os.environ | shop, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, f"{lines}\n{found.stdout}\n{found.stderr}"


@pytest.mark.parametrize("guide", GUIDES)
def test_the_examples_of_a_guide_work(guide, shop, tmp_path):
    for block in blocks(guide):
        run(block, shop, tmp_path)
    assert blocks(guide)


def test_the_client_in_python_works(shop, tmp_path):
    script = DOCS / "examples" / "client.py"
    found = subprocess.run(
        [sys.executable, str(script)], env=os.environ | shop, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert "EXAMPLE-2" in found.stdout


@pytest.mark.parametrize("route", sorted(ENDPOINTS))
def test_every_endpoint_has_an_example(route):
    shown = "\n".join(block for guide in GUIDES for block in blocks(guide))
    pattern = re.sub(r"<[^>]+>", r'[^/\\s"]+', re.sub(r"([.?+])", r"\\\1", route))
    assert re.search(rf'\$API/{pattern}["?]', shown), route


def test_the_webhook_of_the_guide_is_gone_in_the_end(shop, tmp_path):
    for block in blocks("webhooks.md"):
        run(block, shop, tmp_path)
    assert list(Webhook.objects.values_list("url", flat=True)) == ["https://8.8.8.8/shanjiaxia"]
