"""The pages of uplift, and the command."""

import json
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils.html import escape

from experiments import uplift_learning, uplift_lists
from experiments.models import UpliftListing, UpliftStudy
from tests.experiments.test_uplift_lists import MONEY, TODAY, hold, shop
from tests.experiments.uplift_rows import QUICK, finished

pytestmark = pytest.mark.django_db
LANGUAGES = ("en", "zh-hans")


@pytest.fixture(autouse=True)
def quick(settings, monkeypatch):
    settings.BUSINESS_DATE = TODAY
    monkeypatch.setattr(uplift_learning.Options, "__init__", lambda self: self.__dict__.update(vars(QUICK)))


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def page(found: UpliftStudy, name: str = "change") -> str:
    return reverse(f"admin:experiments_upliftstudy_{name}", args=[found.pk])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_of_both_outcomes_whether_there_is_a_signal(staff, language):
    found = shop(n=2)
    text = staff.get(page(found), headers={"accept-language": language}).content.decode()
    assert text.count('class="drawing"') >= 6
    assert text.count('<section class="panel') >= 2
    if language == "en":
        assert "coupon: staying: Signal" in text
        assert "coupon: amount: No signal" in text
        assert escape("the last 50 % of the order, whom treatment made worse") in text


def test_staff_give_a_budget_and_make_the_list(staff):
    found = shop()
    assert staff.post(page(found), {"daily_budget": "25.00"}).status_code == 302
    staff.post(page(found, "make_list"))
    assert UpliftListing.objects.filter(study=found, place__isnull=False).count() == 5


def test_without_a_budget_the_list_is_refused_in_a_sentence(staff):
    answer = staff.post(page(shop(n=2), "make_list"), follow=True)
    assert "Name a budget" in answer.content.decode()


def test_the_download_leaves_out_who_is_held(staff):
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=Decimal(25))
    hold(UpliftListing.objects.get(place=1).customer)
    text = b"".join(staff.get(page(found, "download_list")).streaming_content).decode("utf-8-sig")
    assert len(text.splitlines()) == 1 + 4


def test_the_list_in_the_admin_marks_who_is_held(staff):
    found = shop()
    uplift_lists.make(found, on=TODAY, budget=Decimal(25))
    hold(UpliftListing.objects.get(place=1).customer)
    text = staff.get(reverse("admin:experiments_upliftlisting_changelist")).content.decode()
    assert text.count("held back: control group") == 1
    assert "do not disturb" in text


def test_a_reader_sees_a_study_and_changes_nothing(client):
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    found = shop(n=2)
    assert client.get(page(found)).status_code == 200
    assert client.post(page(found), {"daily_budget": "25"}).status_code == 403
    assert client.post(page(found, "make_list")).status_code == 403


def test_a_study_without_signal_takes_no_budget(staff):
    found = uplift_learning.learn(finished(n=60), as_of=TODAY)
    assert "daily_budget" not in _inputs(staff.get(page(found)).content.decode())
    assert staff.post(page(found), {"daily_budget": "25"}).status_code == 403


def _inputs(text: str) -> str:
    return "".join(part.split(">", 1)[0] for part in text.split("<input")[1:])


def test_learning_is_started_from_the_experiments_page(staff, django_capture_on_commit_callbacks):
    experiment = finished(n=60)
    with django_capture_on_commit_callbacks(execute=True):
        answer = staff.post(reverse("admin:experiments_experiment_learn_uplift", args=[experiment.pk]), follow=True)
    assert "It was started" in answer.content.decode()
    study = UpliftStudy.objects.get()
    page = staff.get(reverse("admin:experiments_experiment_change", args=[experiment.pk])).content.decode()
    assert reverse("admin:experiments_upliftstudy_change", args=[study.pk]) in page
    assert UpliftStudy.objects.get().made_by.username == "boss"


def test_the_command_learns_and_makes_the_list(capsys):
    found = shop()
    name = found.experiment.name
    call_command("uplift", name, budget="25", as_of=TODAY, json=True)
    result = json.loads(capsys.readouterr().out)
    assert (result["code"], result["list"]["n_listed"]) == ("signal", 5)
    assert result["arms"][0]["questions"][0]["sentence"].startswith("Whom it helps can be told")


@pytest.mark.parametrize(
    ("name", "budget", "code", "sentence"),
    [("Nothing", None, 1, "no experiment “Nothing”"), ("Coupon 1", "-1", 2, "an amount of 0 or more")],
)
def test_the_command_refuses_in_one_sentence(name, budget, code, sentence):
    finished(n=60, **MONEY)
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("uplift", name, budget=budget, as_of=TODAY)
    assert refused.value.returncode == code
