"""Which chain of middleware answers what."""

import pytest
from django.conf import settings
from django.test import RequestFactory

from churnsite import wsgi
from customers.rest import counting, keys

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_counted():
    counting.forget()
    keys.forget()


def answered(application, path, **headers):
    told = {}
    environ = RequestFactory().get(path, **headers).environ
    body = b"".join(application(environ, lambda status, fields: told.update(status=status, headers=dict(fields))))
    return told["status"], told["headers"], body


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/api/v1/customers/", "api"),
        ("/api/v1/docs/", "pages"),
        ("/admin/", "pages"),
        ("/apiary", "pages"),
        ("/admin/api/", "pages"),
    ],
)
def test_an_address_goes_its_way(path, who):
    def named(name):
        return lambda environ, start_response: [name.encode()]

    chosen = wsgi.by_path(pages=named("pages"), api=named("api"))
    assert chosen(RequestFactory().get(path).environ, None) == [who.encode()]


@pytest.mark.django_db(transaction=True)  # each call ends by closing its connection
def test_the_api_answers_by_its_short_chain(settings):
    settings.ALLOWED_HOSTS = ["testserver"]
    _key, text = keys.make(name="CRM", scopes=["customers:read"])
    authorization = {"HTTP_AUTHORIZATION": f"Api-Key {text}", "HTTP_ACCEPT_LANGUAGE": "zh-hans"}
    status, headers, body = answered(wsgi.ApiHandler(), "/api/v1/customers/", **authorization)
    assert (status, body) == ("200 OK", b'{"next":null,"previous":null,"results":[]}')
    assert headers["Content-Language"] == "zh-hans"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in headers
    assert answered(wsgi.ApiHandler(), "/api/v1/customers/")[0] == "401 Unauthorized"


def test_the_short_chain_is_part_of_the_long_one():
    assert [one for one in settings.MIDDLEWARE if one in settings.API_MIDDLEWARE] == settings.API_MIDDLEWARE
