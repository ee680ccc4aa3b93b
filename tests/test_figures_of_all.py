"""Figures of all customers, and work on all of them, are not for a user who sees only some: admin and API alike."""

import html

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from customers.models import Customer, ImportFile, Job, Run
from customers.visibility import FIGURES_LEFT_OUT, FIGURES_OF_ALL, ROWS_OF_ALL, WORK_ON_ALL
from experiments.admin.moves import MOVES
from experiments.models import Analysis, Experiment, UpliftStudy
from healthscore import configurations
from predictions.admin import feature_panel
from predictions.comparison import Compared, Comparison
from predictions.features.catalogue import FEATURES
from predictions.models import DailyQuality, FeatureSnapshot, ModelVersion, PeerGroup
from tests import face
from tests.experiments.factories import draft
from tests.test_outlets import held  # noqa: F401 - a fixture
from tests.test_visibility import limited  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db


def page(name: str, *args) -> str:
    return reverse(f"admin:{name}", args=args)


def refusal(browser: Client, address: str, method: str = "get") -> str:
    """What the page of a refusal says."""
    answer = getattr(browser, method)(address)
    assert answer.status_code == 403, address
    return html.unescape(answer.content.decode())


def said(browser: Client, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return html.unescape(answer.content.decode())


@pytest.fixture
def boss() -> Client:
    browser = Client()
    browser.force_login(User.objects.create_superuser("overseer"))
    return browser


@pytest.fixture
def caller(limited) -> APIClient:  # noqa: F811
    client = APIClient()
    client.force_authenticate(User.objects.get(username="limited"))
    return client


@pytest.mark.parametrize("what", ["plan", "report"])
def test_the_plan_and_the_report_say_why_they_are_closed(what, limited, held):  # noqa: F811
    assert str(FIGURES_OF_ALL) in refusal(limited, page(f"experiments_experiment_{what}", held.pk))


def test_an_experiments_page_tells_its_settings_and_no_result(limited, boss, held):  # noqa: F811
    address = page("experiments_experiment_change", held.pk)
    verdict = Analysis.objects.latest().sentence_en
    closed = [page(f"experiments_experiment_{what}", held.pk) for what in ("plan", "report")]
    assert all(one in said(boss, address) for one in (verdict, *closed))
    text = said(limited, address)
    assert str(FIGURES_OF_ALL) in text
    assert not any(one in text for one in (verdict, *closed))


def test_the_list_of_experiments_counts_who_is_in_sight(limited, boss, held):  # noqa: F811
    address = page("experiments_experiment_changelist")
    rows = {
        browser: browser.get(address).context["cl"].queryset.values_list("n_enrolled", flat=True)
        for browser in (limited, boss)
    }
    assert (list(rows[limited]), list(rows[boss])) == ([1], [3])
    assert "column-verdict" in said(boss, address)
    assert "column-verdict" not in said(limited, address)


def test_analyses_are_hidden_with_a_sentence(limited, boss):  # noqa: F811
    address = page("experiments_analysis_changelist")
    assert boss.get(address).context["cl"].result_count == 1
    assert limited.get(address).context["cl"].result_count == 0
    assert str(FIGURES_LEFT_OUT) in said(limited, address)


def test_a_study_keeps_its_list_and_hides_what_was_found(limited, boss, held):  # noqa: F811
    study = UpliftStudy.objects.get()
    study.document = {"arms": [{"arm": "coupon", "questions": []}]}
    address = page("experiments_upliftstudy_change", study.pk)
    assert study.get_code_display() in said(boss, address)
    text = said(limited, address)
    assert study.get_code_display() not in text
    assert str(FIGURES_LEFT_OUT) in text
    assert page("experiments_upliftstudy_download_list", study.pk) in text
    assert page("experiments_upliftstudy_make_list", study.pk) not in text
    assert str(WORK_ON_ALL) in refusal(limited, page("experiments_upliftstudy_make_list", study.pk), "post")


def in_a_state_of(states, experiment) -> Experiment:
    if "draft" in states:
        return draft(name="Another")
    if "running" not in states:
        Experiment.objects.filter(pk=experiment.pk).update(state="stopped")
    return experiment


@pytest.mark.parametrize("move", [one.name for one in MOVES if one.is_for_all])
def test_a_move_of_all_customers_has_no_button_and_is_refused(move, limited, boss, held):  # noqa: F811
    experiment = in_a_state_of(next(one.states for one in MOVES if one.name == move), held)
    address = page(f"experiments_experiment_{move}", experiment.pk)
    own_page = page("experiments_experiment_change", experiment.pk)
    assert address in said(boss, own_page)
    assert address not in said(limited, own_page)
    for method in ("get", "post"):
        assert str(WORK_ON_ALL) in refusal(limited, address, method)
    assert not Job.objects.filter(created_by__username="limited").exists()


def test_a_draft_may_be_made_of_an_experiment(limited, held):  # noqa: F811
    limited.post(page("experiments_experiment_duplicate", held.pk))
    assert Experiment.objects.filter(state="draft").count() == 1


@pytest.mark.parametrize("move", ["start", "stop", "complete", "enrol", "analyse"])
def test_the_api_refuses_a_move_of_all_customers(move, caller, held):  # noqa: F811
    body = {"reason": "none"} if move == "stop" else {}
    answer = caller.post(f"/api/v1/experiments/{held.pk}/{move}/", body, format="json")
    assert (answer.status_code, answer.json()["detail"]) == (403, str(WORK_ON_ALL))
    assert not Job.objects.filter(created_by__username="limited").exists()
    assert Experiment.objects.get(pk=held.pk).state == "running"


def test_the_api_tells_of_own_jobs_only(caller):
    own, others = (Job.objects.create(kind="k", created_by=one) for one in (User.objects.get(username="limited"), None))
    assert caller.get(f"/api/v1/jobs/{own.pk}/").status_code == 200
    assert caller.get(f"/api/v1/jobs/{others.pk}/").status_code == 404


def test_the_home_page_tells_no_result_of_an_experiment(limited, boss, held):  # noqa: F811
    verdict = Analysis.objects.latest().sentence_en
    assert verdict in said(boss, page("index"))
    text = said(limited, page("index"))
    assert verdict not in text
    assert str(FIGURES_OF_ALL) in text
    assert page("experiments_experiment_report", held.pk) not in text


def columns_of(context) -> set[str]:
    """Of a list or of a row's page."""
    if "cl" in context:
        return {*context["cl"].list_display}
    return {*flatten_fieldsets([(one.name, {"fields": one.fields}) for one in context["adminform"]])}


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (DailyQuality, ("n_predictions", "n_churned", "n_treated", "base_rate")),
        (FeatureSnapshot, ("n_customers", "n_eligible")),
        (ImportFile, ("n_read", "n_added", "n_updated", "n_unchanged")),
    ],
)
def test_measures_stay_and_numbers_of_customers_go(model, columns, limited, boss):  # noqa: F811
    name, row = f"{model._meta.app_label}_{model._meta.model_name}", model.objects.first()
    for address in (page(f"{name}_changelist"), page(f"{name}_change", row.pk)):
        everything, some = (columns_of(browser.get(address).context) for browser in (boss, limited))
        assert everything - some >= {*columns}
        assert "as_of" in some or "name" in some
        assert str(FIGURES_LEFT_OUT) in said(limited, address)


def test_a_models_page_has_its_measures_and_no_numbers_of_rows(limited, boss):  # noqa: F811
    model = ModelVersion.objects.first()
    model.data = {"splits": {"train": ["2017-01-01", "2017-01-08"]}, "rows_by_slice": {"train": 987_654}}
    model.save()
    address, report = (page(f"predictions_modelversion_{one}", model.pk) for one in ("change", "report"))
    text = said(limited, address)
    assert "0.790" in text
    assert "987654" in said(boss, address)
    assert "987654" not in text
    assert report not in text
    assert str(FIGURES_OF_ALL) in refusal(limited, report)


def test_a_customer_stands_among_peers_whose_number_is_left_out(limited, rf, monkeypatch):  # noqa: F811
    past = (None, None, None)
    one = Compared(feature=FEATURES[0], now=None, past=past, quartiles=None)
    peers = PeerGroup(n_customers=4_321, customer_type="loyal")
    found = Comparison(as_of=face.DAY, row={}, days=past, group=peers, features=(one,))
    monkeypatch.setattr("predictions.comparison.of", lambda customer: found)
    told = {}
    for user in (User.objects.get(username="limited"), User(is_superuser=True, is_active=True)):
        request = rf.get("/")
        request.user = user
        told[user.is_superuser] = str(feature_panel.features(request, Customer())["peers"])
    assert "4,321" in told[True]
    assert told[False] == str(FIGURES_LEFT_OUT)


@pytest.mark.parametrize("what", ["promote", "roll_back"])
def test_who_sees_some_changes_no_champion(what, limited):  # noqa: F811
    address = page(f"predictions_modelversion_{what}", ModelVersion.objects.first().pk)
    assert str(WORK_ON_ALL) in refusal(limited, address)


def test_who_sees_some_runs_nothing_again(limited, boss):  # noqa: F811
    row = Run.objects.filter(kind=Run.Kind.DAILY).first()
    address, button = page("customers_run_change", row.pk), page("customers_run_run_again", row.pk)
    assert str(WORK_ON_ALL) in refusal(limited, button)
    assert button in said(boss, address)
    assert button not in said(limited, address)


def test_who_sees_some_activates_no_configuration_of_the_score(limited, boss):  # noqa: F811
    one = configurations.active()
    address = page("healthscore_configurationversion_change", one.pk)
    button = page("healthscore_configurationversion_activate", one.pk)
    assert str(WORK_ON_ALL) in refusal(limited, button)
    assert button in said(boss, address)
    assert button not in said(limited, address)


def test_who_sees_some_uploads_no_file(limited):  # noqa: F811
    address = page("customers_importfile_add")
    assert str(ROWS_OF_ALL) in refusal(limited, address)
    assert address not in said(limited, page("customers_importfile_changelist"))


def test_the_truth_of_the_score_names_who_is_in_sight_and_counts_nobody_else(limited, boss):  # noqa: F811
    address = page("healthscore_healthscore_truth")
    for one in limited.get(address).context["versions"]:
        assert one["reason"] == FIGURES_OF_ALL
        assert not {"lead", "grades", "dimensions", "chart"} & one.keys()


def test_every_page_that_hides_columns_has_them():
    for model, found in admin.site._registry.items():
        for name in getattr(found, "of_all", ()):
            assert hasattr(found, name) or name in {field.name for field in model._meta.fields}
