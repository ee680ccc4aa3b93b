"""The form of a draft, what can be done to an experiment by hand, and the lists of its course."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.models import Job
from experiments import states
from experiments.admin.moves import MOVES
from experiments.models import Arm, Condition, Experiment, StateChange, UpliftStudy
from tests.experiments.factories import DAY, draft, running, scored
from tests.experiments.shown import analysed, enrolled

pytestmark = pytest.mark.django_db
PAGES = [model for model in admin.site._registry if model._meta.app_label == "experiments"]
LANGUAGES = ("en", "zh-hans")


def url(model, view: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def act(experiment, name: str) -> str:
    return reverse(f"admin:experiments_experiment_{name}", args=[experiment.pk])


def done(client, experiment, name: str) -> str:
    """The experiment's page after an action whose work goes on in the background."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        client.post(act(experiment, name))
    return client.get(url(Experiment, "change", experiment.pk)).content.decode()


@pytest.fixture(autouse=True)
def today(settings):
    settings.BUSINESS_DATE = DAY


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


@pytest.fixture
def reader(client):
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    return client


def answers(**changes) -> dict[str, str]:
    """What a browser sends for a good new experiment, with changes."""
    return {
        "name": "Spring coupons",
        "hypothesis": "",
        "starts_on": "2026-03-02",
        "ends_on": "2026-03-29",
        "min_probability": "70",
        "layer": "retention",
        "observation_days": "7",
        "secondary_metrics": ["purchases", "amount"],
        "guardrail_metrics": ["complaints"],
        "significance": "5",
        "power": "80",
        "smallest_effect": "5",
        "treatment_cost": "2",
        "value_source": "own",
        "value": "",
        "strata": ["risk_level"],
        "daily_capacity": "",
        "arms-TOTAL_FORMS": "2",
        "arms-INITIAL_FORMS": "0",
        "arms-0-name": "control",
        "arms-0-share": "10",
        "arms-1-name": "coupon",
        "arms-1-share": "90",
        "arms-1-measure": "Send a coupon",
        "conditions-TOTAL_FORMS": "0",
        "conditions-INITIAL_FORMS": "0",
        **changes,
    }


def messages_of(response) -> list[str]:
    """Every sentence that the form answers with."""
    context = response.context
    told = [str(one) for errors in context["adminform"].form.errors.values() for one in errors]
    for inline in context["inline_admin_formsets"]:
        told += [str(one) for one in inline.formset.non_form_errors()]
        told += [str(one) for form in inline.formset.forms for errors in form.errors.values() for one in errors]
    return told


def test_a_new_experiment_proposes_a_tenth_as_control_and_four_weeks(staff):
    form = staff.get(url(Experiment, "add")).context
    arms = form["inline_admin_formsets"][0].formset
    assert [one.initial["share"] for one in arms.forms] == ["10", "90"]
    proposed = form["adminform"].form
    assert proposed.initial["ends_on"] == DAY + dt.timedelta(days=27)
    assert [proposed[name].value() for name in ("min_probability", "power", "significance")] == ["70", "80", "5"]
    assert proposed["secondary_metrics"].value() == ["purchases", "amount", "active_days"]


def test_the_proposed_arms_are_kept_although_nobody_changed_them(staff):
    page = staff.get(url(Experiment, "add")).context["inline_admin_formsets"][0].formset
    proposed = {f"arms-{i}-{name}": value for i, form in enumerate(page.forms) for name, value in form.initial.items()}
    staff.post(url(Experiment, "add"), answers(**proposed))
    assert list(Arm.objects.values_list("position", "is_control", "share")) == [
        (0, True, Decimal("0.1")),
        (1, False, Decimal("0.9")),
    ]


def test_what_is_written_in_percent_is_kept_as_a_share_and_names_its_author(staff):
    staff.post(url(Experiment, "add"), answers())
    made = Experiment.objects.get()
    assert (made.min_probability, made.smallest_effect, made.power) == (
        *(Decimal("0.7"), Decimal("0.05"), Decimal("0.8")),
    )
    assert (made.secondary_metrics, made.strata, made.created_by.username) == (
        *(["purchases", "amount"], ["risk_level"], "boss"),
    )
    assert [(arm.name, arm.measure) for arm in made.arms.all()] == [("control", ""), ("coupon", "Send a coupon")]


def test_conditions_are_written_with_commas(staff):
    rows = {
        "conditions-TOTAL_FORMS": "1",
        "conditions-0-attribute": "region",
        "conditions-0-operator": "in",
        "conditions-0-values": "East，West, ",
    }
    staff.post(url(Experiment, "add"), answers(**rows))
    assert Condition.objects.get().values == ["East", "West"]


def condition(attribute: str, operator: str, values: str) -> dict[str, str]:
    row = {"attribute": attribute, "operator": operator, "values": values}
    return {"conditions-TOTAL_FORMS": "1", **{f"conditions-0-{name}": value for name, value in row.items()}}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"arms-1-share": "80"}, "The shares add up to 90 %, not to 100 %."),
        (
            {"arms-0-share": "0.5", "arms-1-share": "99.5"},
            "The control group needs a share of 1 % to 99 %.",
        ),
        ({"arms-0-share": "99.5", "arms-1-share": "0.5"}, "The control group needs a share of 1 % to 99 %."),
        ({"arms-1-share": "120"}, "Give a number from 0.0001 to 100 percent."),
        ({"arms-1-name": "control"}, "Two arms have the same name."),
        ({"ends_on": "2026-03-01"}, "The end date lies before the start date."),
        ({"value_source": "fixed"}, "Give the value of a kept customer, or take each customer's own."),
        ({"min_probability": "170"}, "Give a number from 0 to 100 percent."),
        ({"is_stratified": "on", "strata": []}, "Tick what makes a stratum, or leave the experiment unstratified."),
        (condition("region", "in", " , "), "region needs a value to be compared with."),
        (condition("region", "at_least", "East"), "region has no order, so it has no bound."),
        (condition("registered_on", "at_least", "soon"), "“soon” is no value of registered on."),
        (
            condition("shoe_size", "in", "44"),
            "Select a valid choice. shoe_size is not one of the available choices.",
        ),
    ],
)
def test_bad_input_is_told_in_one_sentence_and_nothing_is_kept(staff, changes, sentence):
    response = staff.post(url(Experiment, "add"), answers(**changes))
    assert messages_of(response) == [sentence]
    assert not Experiment.objects.exists()


def test_one_arm_alone_is_no_experiment(staff):
    response = staff.post(url(Experiment, "add"), answers(**{"arms-1-name": "", "arms-1-share": ""}))
    assert response.status_code == 200
    assert not Experiment.objects.exists()


def test_a_third_arm_is_put_behind_the_others_and_a_deleted_one_goes(staff):
    experiment = draft()
    first, second = experiment.arms.all()
    rows = {
        "arms-TOTAL_FORMS": "3",
        "arms-INITIAL_FORMS": "2",
        "arms-0-id": str(first.pk),
        "arms-1-id": str(second.pk),
        "arms-1-DELETE": "on",
        "arms-2-name": "call",
        "arms-2-share": "90",
    }
    staff.post(url(Experiment, "change", experiment.pk), answers(**rows))
    assert [(arm.name, arm.is_control) for arm in experiment.arms.all()] == [("control", True), ("call", False)]


def test_a_draft_without_its_control_group_is_refused(staff):
    experiment = draft(shares={"control": "0.1", "a": "0.4", "b": "0.5"})
    ids = {f"arms-{i}-id": str(arm.pk) for i, arm in enumerate(experiment.arms.all())}
    rows = {"arms-TOTAL_FORMS": "3", "arms-INITIAL_FORMS": "3", "arms-0-DELETE": "on", **ids}
    rows |= {"arms-1-name": "a", "arms-1-share": "50", "arms-2-name": "b", "arms-2-share": "50"}
    response = staff.post(url(Experiment, "change", experiment.pk), answers(**rows))
    assert messages_of(response) == ["An experiment needs one control group."]
    assert experiment.arms.count() == 3


def test_a_started_experiment_cannot_be_changed_or_deleted_by_its_form(staff):
    experiment = running()
    assert staff.post(url(Experiment, "change", experiment.pk), answers()).status_code == 403
    assert staff.post(url(Experiment, "delete", experiment.pk), {"post": "yes"}).status_code == 403


def test_a_started_experiment_shows_its_configuration_as_people_read_it(staff):
    page = staff.get(url(Experiment, "change", running().pk)).content.decode()
    assert "5 of 100 customers" in page
    assert "70 %" in page


@pytest.mark.parametrize("move", [move.name for move in MOVES])
def test_a_reader_can_do_nothing_to_an_experiment(reader, move):
    experiment = running()
    assert reader.get(act(experiment, move)).status_code == 403
    assert reader.post(act(experiment, move), {"reason": "because"}).status_code == 403


def test_someone_who_may_write_experiments_may_not_start_them(client):
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__endswith="_experiment").exclude(codename="run_experiment")
    )
    client.force_login(user)
    assert client.post(act(draft(), "start")).status_code == 403


def test_a_start_asks_first_and_is_written_down(staff):
    experiment = draft()
    staff.get(act(experiment, "start"))
    assert not StateChange.objects.exists()
    staff.post(act(experiment, "start"))
    change = StateChange.objects.get()
    assert (change.to_state, change.changed_by.username) == ("running", "boss")


def test_stopping_asks_for_a_reason(staff):
    experiment = running()
    assert staff.post(act(experiment, "stop"), {"reason": ""}).status_code == 200
    experiment.refresh_from_db()
    assert experiment.state == "running"
    staff.post(act(experiment, "stop"), {"reason": "Coupons ran out."})
    assert experiment.changes.last().reason == "Coupons ran out."


def test_completing_then_archiving(staff):
    experiment = running()
    staff.post(act(experiment, "complete"))
    staff.post(act(experiment, "archive"))
    experiment.refresh_from_db()
    assert experiment.state == "archived"


def test_a_started_experiment_shows_who_moved_it(staff):
    experiment = draft()
    staff.post(act(experiment, "start"))
    rows = staff.get(url(Experiment, "change", experiment.pk)).context["inline_admin_formsets"][2].formset.forms
    assert [row.instance.to_state for row in rows] == ["running"]


def test_a_refused_move_says_why(staff):
    response = staff.post(act(draft(), "complete"), follow=True)
    assert "is draft and cannot be completed" in response.content.decode()


def test_what_stands_against_a_start_is_on_the_page(staff):
    experiment = draft(shares={"control": "0.1", "coupon": "0.8"})
    assert "The shares add up to 0.9" in staff.get(url(Experiment, "change", experiment.pk)).content.decode()


def test_only_what_the_state_allows_is_offered(staff):
    page = admin.site._registry[Experiment]
    request = staff.get(url(Experiment, "changelist")).wsgi_request

    def offered(experiment) -> list[str]:
        found = page.get_actions_detail(request, experiment.pk)
        return [one.action_name.removeprefix("experiments_experiment_") for one in found]

    experiment = draft()
    assert "start" in offered(experiment)
    assert "stop" not in offered(experiment)
    states.start(experiment, user=None, on=DAY)
    assert {"stop", "complete", "enrol_now", "analyse_now", "duplicate"} <= set(offered(experiment))
    assert "start" not in offered(experiment)


def test_enrolling_now_draws_who_is_eligible_by_the_latest_scores(staff):
    experiment = running()
    scored([0.9, 0.8, 0.1])
    assert "2 customers were enrolled" in done(staff, experiment, "enrol_now")
    assert experiment.assignments.count() == 2


def test_enrolling_without_scores_says_so(staff):
    assert "Nobody was scored as of" in done(staff, running(), "enrol_now")


def test_analysing_now_keeps_a_row_with_its_author(staff):
    experiment = running()
    page = done(staff, experiment, "analyse_now")
    assert experiment.analyses.get().made_by.username == "boss"
    assert "Analysed as of March 2, 2026: No conclusion yet" in page


def test_work_in_the_background_is_done_after_the_answer(staff):
    experiment = running()
    scored([0.9])
    assert "It was started" in staff.post(act(experiment, "enrol_now"), follow=True).content.decode()
    assert experiment.assignments.count() == 0


def test_the_page_shows_how_far_work_is_and_asks_again_until_it_is_done(staff):
    experiment = running()
    job = Job.objects.create(kind="experiments.enrol", arguments={"experiment": experiment.pk}, n_done=3, n_total=4)
    response = staff.get(url(Experiment, "change", experiment.pk))
    assert 'value="0.7500"' in response.content.decode()
    assert "It waits for its turn." in response.content.decode()
    assert response["Refresh"] == "3"
    Job.objects.filter(pk=job.pk).update(state="done", result={"n_new": 5, "as_of": "2026-03-02"})
    response = staff.get(url(Experiment, "change", experiment.pk))
    assert "5 customers were enrolled, by their risk of March 2, 2026." in response.content.decode()
    assert "Refresh" not in response


def test_what_is_under_way_is_not_started_again_unless_its_worker_died(staff):
    experiment = running()
    job = Job.objects.create(kind="experiments.analyse", arguments={"experiment": experiment.pk}, state="running")
    assert "It is under way already." in staff.post(act(experiment, "analyse_now"), follow=True).content.decode()
    Job.objects.update(created_at=job.created_at - dt.timedelta(hours=1))
    page = done(staff, experiment, "analyse_now")
    assert "It has shown no sign of life for ten minutes" in page
    assert experiment.analyses.count() == 1


def test_work_on_another_experiment_is_not_told_here(staff):
    one, other = running(), running(layer="other")
    Job.objects.create(kind="experiments.enrol", arguments={"experiment": other.pk})
    assert "In the background" not in staff.get(url(Experiment, "change", one.pk)).content.decode()


@pytest.mark.parametrize("kind", ["analyse", "finalise", "learn_uplift"])
def test_a_result_that_is_gone_is_said_to_be_gone(staff, kind):
    experiment = running()
    facts = {"arguments": {"experiment": experiment.pk}, "result": {"analysis": 0, "study": 0}, "state": "done"}
    Job.objects.create(kind=f"experiments.{kind}", **facts)
    assert "Its result is gone." in staff.get(url(Experiment, "change", experiment.pk)).content.decode()


def test_finalising_is_refused_while_customers_are_watched_and_done_afterwards(staff, settings):
    experiment = running()
    scored([0.9, 0.8])
    done(staff, experiment, "enrol_now")
    staff.post(act(experiment, "complete"))
    assert "are watched until" in done(staff, experiment, "finalise")
    settings.BUSINESS_DATE = DAY + dt.timedelta(days=8)
    assert "is final; late events change nothing any more" in done(staff, experiment, "finalise")
    experiment.refresh_from_db()
    assert experiment.finalised_at is not None


def test_the_page_hands_out_the_treatment_list_of_each_day(staff):
    experiment = running()
    enrolled(experiment, 4)
    address = act(experiment, "treatments")
    assert f'href="{address}?on={DAY}"' in staff.get(url(Experiment, "change", experiment.pk)).content.decode()
    for query, names in (
        ({"on": str(DAY)}, {"C00001", "C00003"}),
        ({}, {"C00001", "C00003"}),
        ({"on": "2026-03-01"}, set()),
    ):
        text = b"".join(staff.get(address, query).streaming_content).decode("utf-8-sig")
        assert {line.split(",")[0] for line in text.splitlines()[1:]} == names
    assert staff.get(address, {"on": "soon"}).status_code == 404


def test_who_may_not_see_the_lists_is_not_given_one(client):
    user = User.objects.create_user("curious", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_experiment"))
    client.force_login(user)
    experiment = running()
    enrolled(experiment, 4)
    assert client.get(act(experiment, "treatments")).status_code == 403
    assert act(experiment, "treatments") not in client.get(url(Experiment, "change", experiment.pk)).content.decode()


def test_the_page_leads_to_what_was_learned_of_it(staff):
    experiment = running()
    page = url(Experiment, "change", experiment.pk)
    assert "Whom it helps" not in staff.get(page).content.decode()
    enrolled(experiment, 2)
    study = url(UpliftStudy, "change", experiment.uplift_studies.get().pk)
    assert f'href="{study}">Whom it helps' in staff.get(page).content.decode()


def test_a_duplicate_is_a_draft_with_the_same_configuration_from_today(staff):
    experiment = running(starts_on=DAY - dt.timedelta(days=9), ends_on=DAY, significance=Decimal("0.01"))
    staff.post(act(experiment, "duplicate"))
    copy = Experiment.objects.exclude(pk=experiment.pk).get()
    assert (copy.state, copy.salt, copy.name, copy.significance) == (
        *("draft", "", f"{experiment.name} (2)", Decimal("0.01")),
    )
    assert (copy.starts_on, copy.ends_on) == (DAY, DAY + dt.timedelta(days=9))
    assert list(copy.arms.values_list("name", "share")) == list(experiment.arms.values_list("name", "share"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_list_and_page_answers_with_rows(staff, language):
    experiment = running()
    enrolled(experiment, 3)
    analysed(experiment, document={})
    draft()
    for model in PAGES:
        assert staff.get(url(model, "changelist"), headers={"accept-language": language}).status_code == 200, model
        for row in model.objects.all():
            address = url(model, "change", row.pk)
            assert staff.get(address, headers={"accept-language": language}).status_code == 200, model


def n_queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_a_list_takes_as_many_queries_at_fifty_rows_as_at_five(staff):
    experiment = running()
    enrolled(experiment, 5)
    analysed(experiment, document={})
    few = {model: n_queries(staff, url(model, "changelist")) for model in PAGES}
    enrolled(experiment, 45, prefix="D")
    for i in range(9):
        analysed(running(layer=f"layer {i}"), document={})
    assert {model: n_queries(staff, url(model, "changelist")) for model in PAGES} == few


@pytest.mark.parametrize("model", [one for one in PAGES if one is not Experiment])
def test_rows_that_machines_write_cannot_be_changed_or_deleted_even_by_a_superuser(staff, model):
    experiment = running()
    enrolled(experiment, 2)
    analysed(experiment, document={})
    pk = model.objects.first().pk
    assert staff.post(url(model, "change", pk), {}).status_code == 403
    assert staff.post(url(model, "delete", pk), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", PAGES)
def test_an_empty_list_says_what_to_do_next(staff, model):
    page = admin.site._registry[model]
    assert page.empty_message
    assert str(page.empty_message) in staff.get(url(model, "changelist")).content.decode().replace("&#x27;", "'")
