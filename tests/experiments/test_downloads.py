"""The lists of whom to treat as files: above the limit a job makes them, as every other export."""

import csv
import io

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from customers.models import Hold, Job, Suppression, UserScope
from experiments import lists, uplift_lists
from tests.face import DAY
from tests.test_outlets import CONTROL, FREE, OPTED_OUT, held  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
WAYS = {
    "treatments": ("experiments_experiment_treatments", f"?on={DAY}", lists.EXPORT),
    "all treatments": ("experiments_experiment_treatments", "", lists.EXPORT),
    "uplift": ("experiments_upliftstudy_download_list", "", uplift_lists.EXPORT),
}


@pytest.fixture(params=WAYS)
def way(request, held) -> tuple[str, str]:  # noqa: F811
    """The address of a list and its outlet; nobody is recorded as kept off yet, two customers may be treated."""
    Hold.objects.filter(customer__customer_id=OPTED_OUT).delete()
    Job.objects.all().delete()
    name, query, outlet = WAYS[request.param]
    key = held.pk if "treatments" in request.param else held.uplift_studies.get().pk
    return reverse(f"admin:{name}", args=[key]) + query, outlet


@pytest.fixture
def staff(client):
    client.force_login(User.objects.create_superuser("boss"))
    return client


def rows(response) -> list[str]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return [row[0] for row in csv.reader(io.StringIO(text))][1:]


def asked(browser, address, callbacks) -> Job:
    """The job that was started from the question that a large list asks."""
    assert "more than 1 rows" in browser.get(address).content.decode()
    assert not Job.objects.exists(), "looking starts nothing"
    with callbacks(execute=True):
        browser.post(address)
    return Job.objects.get()


def test_a_small_list_comes_at_once(staff, way):
    assert sorted(rows(staff.get(way[0]))) == [FREE, OPTED_OUT]


def test_a_large_list_is_made_by_a_job_and_held_to_the_boundary(
    staff, way, settings, django_capture_on_commit_callbacks
):
    settings.EXPORT_LIMIT = 1
    address, outlet = way
    job = asked(staff, address, django_capture_on_commit_callbacks)
    assert (job.state, job.error) == ("done", "")
    assert (job.result["rows"], job.result["treats"]) == (2, True)
    fetched = staff.get(reverse("admin:customers_job_download", args=[job.pk]))
    assert sorted(rows(fetched)) == [FREE, OPTED_OUT]
    kept_off = Suppression.objects.filter(outlet=outlet).values_list("customer__customer_id", flat=True)
    assert list(kept_off) == [CONTROL]


def test_the_limit_is_that_of_the_rows_in_sight(client, way, settings):
    settings.EXPORT_LIMIT = 1
    user = User.objects.create_user("limited", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    UserScope.objects.create(user=user, regions=["West"])
    client.force_login(user)
    assert rows(client.get(way[0])) == []


def test_who_may_not_see_the_list_any_more_gets_no_file(client, way, settings, django_capture_on_commit_callbacks):
    settings.EXPORT_LIMIT = 1
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(way[0])
        user.user_permissions.clear()
    job = Job.objects.get()
    assert (job.state, job.path) == ("failed", "")
    assert "may not have it" in job.error
