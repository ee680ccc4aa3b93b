"""Tags of answers: a change that was not seen is told."""

import pytest
from django.test import RequestFactory

from customers.rest import etags
from customers.rest.problems import Stale

DOCUMENT = {"name": "Coupon", "arms": [{"share": 0.1}]}


def asked(tag):
    return RequestFactory().patch("/", headers={"If-Match": tag} if tag else {})


def test_the_same_told_in_another_order_has_the_same_tag():
    assert etags.etag(DOCUMENT) == etags.etag(dict(reversed(DOCUMENT.items())))
    assert etags.etag(DOCUMENT) != etags.etag({**DOCUMENT, "name": "Call"})


@pytest.mark.parametrize("tag", [None, "*", etags.etag(DOCUMENT), f'"other", {etags.etag(DOCUMENT)}'])
def test_a_call_that_names_the_present_tag_or_none_goes_on(tag):
    etags.check(asked(tag), DOCUMENT)


@pytest.mark.parametrize("tag", ['"other"', "", "W/" + etags.etag(DOCUMENT), etags.etag({})])
def test_a_call_that_names_another_tag_is_stale(tag):
    with pytest.raises(Stale):
        etags.check(RequestFactory().patch("/", headers={"If-Match": tag}), DOCUMENT)
