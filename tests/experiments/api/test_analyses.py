"""What was found out is read: the latest, all, and each with its figures."""

import pytest

from customers.models import UserScope
from experiments import analysis
from tests.experiments.api.sent import get, runner
from tests.experiments.course import enter
from tests.experiments.factories import DAY, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def analysed():
    """An experiment with two analyses."""
    experiment = running()
    enter(experiment, "control", 2)
    analysis.analyse(experiment, as_of=DAY)
    enter(experiment, "coupon", 5)
    analysis.analyse(experiment, as_of=DAY)
    return experiment


def test_the_latest_tells_every_figure(analysed):
    told = get(runner(), f"{analysed.pk}/analysis/").json()
    latest = analysed.analyses.latest()
    assert (told["id"], told["as_of"], told["n_assigned"], told["verdict"]) == (
        latest.pk,
        "2026-03-02",
        7,
        latest.verdict,
    )
    assert told["document"] == latest.document
    assert (told["sentence_zh"], told["sentence_en"]) == (latest.sentence_zh, latest.sentence_en)


def test_all_are_listed_without_figures_and_each_is_read_with_them(analysed):
    ann = runner()
    rows = get(ann, f"{analysed.pk}/analyses/").json()["results"]
    assert [row["n_assigned"] for row in rows] == [7, 2]
    assert all("document" not in row for row in rows)
    told = get(ann, f"{analysed.pk}/analyses/{rows[1]['id']}/").json()
    assert told["document"]["counts"]["enrolled"] == 2


def test_an_analysis_of_another_experiment_is_not_found(analysed):
    own = analysed.analyses.latest().pk
    assert get(runner(), f"{running().pk}/analyses/{own}/").status_code == 404


def test_without_one_there_is_none():
    assert get(runner(), f"{running().pk}/analysis/").status_code == 404


def test_the_list_costs_the_same_however_long(analysed, django_assert_num_queries):
    ann = runner()
    get(ann, f"{analysed.pk}/analyses/")
    for size in (1, 50):
        with django_assert_num_queries(2):
            get(ann, f"{analysed.pk}/analyses/", page_size=size)


def test_figures_of_everybody_are_not_for_who_sees_some(analysed):
    ann = runner()
    UserScope.objects.create(user=ann.user, regions=["West"])
    for what in ("analysis", "analyses"):
        assert get(ann, f"{analysed.pk}/{what}/").status_code == 403
