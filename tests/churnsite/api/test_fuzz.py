"""Every operation of the API is tried with what it allows and with what it does not, by each role; nothing breaks.

The cases come from the description (schemathesis, all its checks). FUZZ_EXAMPLES sets how many each operation gets.
"""

import os

import pytest
import schemathesis
from django.contrib.auth.models import Group, User
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from rest_framework_simplejwt.tokens import RefreshToken

from churnsite.roles import ROLES
from customers.rest import counting, keys
from customers.rest.rules import Scope
from tests import face
from tests.churnsite.api.test_schema import KEPT

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
N_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "2"))
CALLERS = [*(role.name for role in ROLES), "machine", "nobody"]
FEW = settings(
    max_examples=N_EXAMPLES,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


# 422 is for what has the form that is described and makes no sense, such as shares that do not add up.
ACCEPTED = ["2xx", "401", "403", "404", "409", "422", "429"]
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}}}
schema = schemathesis.openapi.from_path(KEPT, config=schemathesis.Config.from_dict(CONFIG))
schema.app = get_wsgi_application()


@pytest.fixture(params=CALLERS)
def sent(request, something_there) -> dict[str, str]:
    return headers(request.param)


@pytest.fixture
def kept_connection():
    """The site is called as a server calls it, and would close the connection that the test's rows are seen by."""
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    yield
    signals.request_started.connect(close_old_connections)
    signals.request_finished.connect(close_old_connections)


@pytest.fixture
def something_there(settings, kept_connection):
    settings.BUSINESS_DATE = face.DAY
    settings.API_REQUESTS_PER_MINUTE = settings.API_LOGINS_PER_MINUTE = 10**9
    counting.forget()
    keys.forget()
    face.rows(3)


def headers(caller: str) -> dict[str, str]:
    if caller == "nobody":
        return {}
    if caller == "machine":
        return {"Authorization": f"Api-Key {keys.make(name='CRM', scopes=[one.value for one in Scope])[1]}"}
    user = User.objects.create(username=caller, is_staff=True)
    user.groups.add(Group.objects.get(name=caller))
    return {"Authorization": f"Bearer {RefreshToken.for_user(user).access_token}"}


@schema.parametrize()
@FEW
def test_nothing_that_is_sent_breaks_it(case, sent):
    case.call_and_validate(headers=sent)
