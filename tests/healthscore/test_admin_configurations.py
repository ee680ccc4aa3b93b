"""Versions of the configuration in the admin: read, changed with checks, tried before they count, activated by whom."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import TestCase
from django.urls import reverse

from customers import jobs
from customers.models import Customer, Job
from healthscore import configurations, scoring, tasks, trial, truth
from healthscore.admin import document
from healthscore.dimensions.configuration import DEFAULT, Configuration
from healthscore.models import ConfigurationVersion, HealthScore
from tests.healthscore.accounts import AS_OF, store
from tests.healthscore.test_scoring import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, settings):
    settings.BUSINESS_DATE = AS_OF
    client.force_login(User.objects.create_superuser("boss"))
    return client


def address(view: str, *args) -> str:
    return reverse(f"admin:healthscore_configurationversion_{view}", args=args)


def filled(**changes) -> dict:
    """The form as it comes, with some fields changed; dots in names are written as two underscores."""
    values = {}
    for leaf in document.leaves(DEFAULT):
        values[leaf.name] = "\n".join(leaf.value) if isinstance(leaf.value, list) else leaf.value
    return {**values, **{name.replace("__", "."): value for name, value in changes.items()}}


def told(response) -> str:
    return response.content.decode()


def test_every_number_of_the_document_is_in_the_form_and_on_the_page(staff):
    version = configurations.active()
    form = staff.get(address("edit_from", version.pk)).context["form"]
    assert set(form.fields) == {"note", *(leaf.name for leaf in document.leaves(DEFAULT))}
    shown = staff.get(address("change", version.pk)).context["tables"]
    assert len(shown["weights"]) == 8
    assert sum(len(one["rows"]) for one in shown["sections"]) + 24 == len(list(document.leaves(DEFAULT)))


def test_the_active_version_is_edited_from_the_list(staff):
    response = staff.get(address("edit_active"), follow=True)
    assert response.status_code == 200
    assert response.context["version"] == configurations.active()


def test_weights_that_do_not_add_up_are_refused_with_a_sentence_and_nothing_is_kept(staff):
    version = configurations.active()
    given = filled(weights__startup__usage="0.30", usage__weights__depth="0.6") | {"save": ""}
    text = told(staff.post(address("edit_from", version.pk), given))
    assert "The weights of startup add up to 1.05; they have to add up to 1." in text
    assert "The weights of Usage add up to 1.1; they have to add up to 1." in text
    assert ConfigurationVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("grades__good", "0.9", "fall from excellent"),
        ("usage__days", "0", "above 0"),
        ("usage__days", "1.5", "whole number"),
        ("usage__days", "nan", "Enter a number"),
        ("support__limits_hours__urgent", "-1", "below 0"),
        ("payment__status_scores__late", "2", "above 1"),
        ("type_otherwise", "huge", "valid choice"),
    ],
)
def test_a_number_that_cannot_be_is_refused(staff, field, value, word):
    version = configurations.active()
    assert word in told(staff.post(address("edit_from", version.pk), filled(**{field: value}) | {"save": ""}))
    assert ConfigurationVersion.objects.count() == 1


def test_an_unchanged_form_is_the_version_that_is_there(staff):
    version = configurations.active()
    staff.post(address("edit_from", version.pk), filled() | {"save": ""})
    assert list(ConfigurationVersion.objects.all()) == [version]


def test_the_preview_says_whose_grade_would_move_and_keeps_nothing(staff):
    store(people())
    scoring.score(as_of=AS_OF)
    row = HealthScore.objects.get(customer__customer_id="C002")
    bound = float(row.score) + 0.001
    given = filled(grades__excellent=max(bound, 0.9), grades__good=bound, grades__at_risk=0.01)
    response = staff.post(address("edit_from", configurations.active().pk), given | {"preview": ""})
    moves = {one.customer: (one.grade_before, one.grade_after) for one in response.context["preview"].moves}
    assert row.grade in moves["C002 C002 Ltd"][0]
    assert "at risk" in moves["C002 C002 Ltd"][1]
    assert ConfigurationVersion.objects.count() == 1


def test_among_many_customers_the_preview_is_a_job_of_which_everybody_sees_their_own(staff, monkeypatch, client):
    store(people())
    scoring.score(as_of=AS_OF)
    document = Configuration.of({"grades": {"excellent": 0.95, "good": 0.9, "at_risk": 0.5}}).document
    version = configurations.save(document=document, user=None)
    at_once = staff.get(address("preview", version.pk)).context["preview"]
    monkeypatch.setattr(trial, "AT_ONCE", 1)
    asked = staff.get(address("preview", version.pk))
    assert "Compare everybody?" in told(asked)
    assert not Job.objects.exists()
    response = staff.post(address("preview", version.pk))
    waiting = staff.get(response.url)
    assert "It waits for its turn." in told(waiting)
    assert waiting["Refresh"] == "3"
    job = Job.objects.get()
    tasks.try_configuration.delay(str(job.pk)).get()
    done = staff.get(response.url)
    assert done.context["preview"] == at_once
    assert "Refresh" not in done
    client.force_login(User.objects.create_superuser("other"))
    assert client.get(response.url).status_code == 404


def test_among_many_customers_the_form_keeps_its_numbers_beside_the_job(staff, monkeypatch):
    store(people())
    scoring.score(as_of=AS_OF)
    monkeypatch.setattr(trial, "AT_ONCE", 1)
    given = filled(grades__excellent="0.87") | {"preview": ""}
    with TestCase.captureOnCommitCallbacks(execute=True):
        response = staff.post(address("edit_from", configurations.active().pk), given)
    job = Job.objects.get()
    assert (job.state, job.arguments["document"]["grades"]["excellent"]) == ("done", 0.87)
    assert 'value="0.87"' in told(response)
    assert address("previewed", job.pk) in told(response)
    assert "would have another grade" in told(staff.get(address("previewed", job.pk)))


def test_a_job_of_numbers_that_cannot_be_used_says_why(staff):
    job = jobs.start(tasks.try_configuration, user=None, document={"grades": {"good": 2}})
    tasks.try_configuration.delay(str(job.pk)).get()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "The configuration cannot be used" in job.error


def test_what_the_preview_says_is_what_a_run_with_the_version_then_says(staff):
    store(people())
    scoring.score(as_of=AS_OF)
    changes = {"usage": {"login_days_target": 60}, "grades": {"excellent": 0.95, "good": 0.9, "at_risk": 0.5}}
    version = configurations.save(document=Configuration.of(changes).document, user=None)
    found = staff.get(address("preview", version.pk)).context["preview"]
    scoring.score(as_of=AS_OF, changes=changes)
    now = HealthScore.objects.filter(as_of=AS_OF)
    counted = [then for _grade, _now, then in found.counts]
    assert counted == [now.filter(grade=name).count() for name in ("excellent", "good", "at_risk", "critical")]
    assert {one.pk: one.after for one in found.moves} == {
        one.customer_id: f"{one.score:.2f}" for one in now if one.customer_id in {move.pk for move in found.moves}
    }


def test_a_version_is_kept_with_who_and_why_and_counts_once_it_is_activated(staff):
    first = configurations.active()
    given = filled(grades__excellent="0.85") | {"save": "", "note": "fewer greens"}
    staff.post(address("edit_from", first.pk), given)
    made = ConfigurationVersion.objects.exclude(pk=first.pk).get()
    assert (made.note, made.created_by.username, made.is_active) == ("fewer greens", "boss", False)
    assert made.configuration.document["grades"]["excellent"] == 0.85
    staff.post(address("activate", made.pk))
    made.refresh_from_db()
    assert (made.is_active, made.activated_by.username) == (True, "boss")
    assert made.activated_at
    listed = told(staff.get(address("changelist")))
    assert listed.count("boss") >= 2


def test_who_may_only_read_neither_edits_nor_activates(client):
    version = configurations.active()
    user = User.objects.create_user("reader", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    for view in ("edit_from", "activate"):
        assert client.post(address(view, version.pk), filled()).status_code == 403
    assert client.get(address("change", version.pk)).status_code == 200
    assert client.post(address("change", version.pk), {}).status_code == 403


def test_the_page_of_truth_says_plainly_that_there_is_too_little(staff):
    page = reverse("admin:healthscore_healthscore_truth")
    assert "No day was scored yet" in told(staff.get(page))
    store(people())
    scoring.score(as_of=AS_OF)
    assert "no scored day is old enough" in told(staff.get(page))


def test_the_page_of_truth_has_auc_grades_dimensions_and_greens_that_left(staff, monkeypatch):
    version = configurations.active()
    store(people()[:1])
    customer = Customer.objects.get()
    bins = (truth.Bin("0.0–0.2", 20, 15, 0.1), truth.Bin("0.8–1.0", 30, 3, 0.9))
    gone = {
        "customer_pk": customer.pk,
        "as_of": AS_OF,
        "left_on": AS_OF,
        "score": 0.83,
        "grade": "excellent",
        "looked_best": ["usage"],
    }
    found = truth.Truth(
        version=version,
        dates=(AS_OF,),
        n=50,
        n_left=18,
        auc=0.875,
        by_dimension={"usage": 0.91, "payment": None},
        grades=(truth.Bin("excellent", 30, 3, 0.9), truth.Bin("critical", 20, 15, 0.1)),
        bins=bins,
        n_surprises=1,
        surprises=(gone,),
    )
    monkeypatch.setattr("healthscore.truth.measure_all", lambda today: [found])
    text = told(staff.get(reverse("admin:healthscore_healthscore_truth")))
    for word in ("AUC 0.875", "75%", "0.910", "too few", "C001", "In good health, and left: 1", "Share that left"):
        assert word in text, word
