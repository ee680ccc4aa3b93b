"""Log lines say where something failed, and no values."""

import logging

import pytest

from churnsite.logs import Line

VALUE = "CANARY-4711"


def line(name: str, message: str, *args, error: BaseException | None = None) -> str:
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, message, args, info)
    return Line("%(levelname)s %(message)s").format(record)


def failing() -> BaseException:
    try:
        try:
            int(VALUE)
        except ValueError as error:
            raise RuntimeError(VALUE) from error
    except RuntimeError as error:
        return error
    raise AssertionError


def test_an_error_is_logged_with_its_kind_its_place_and_its_cause():
    said = line("any", "It failed.", error=failing())
    assert VALUE not in said
    assert "RuntimeError" in said
    assert "ValueError" in said
    assert "in failing" in said


def test_an_error_of_the_surroundings_says_what_it_is():
    assert "No space left" in line("any", "It failed.", error=OSError(28, "No space left on device"))


def test_an_error_given_as_a_value_is_as_quiet():
    said = line("any", "Not done: %s", ValueError(VALUE))
    assert VALUE not in said
    assert "ValueError" in said


def test_the_id_in_an_address_of_the_api_and_what_was_searched_are_left_out():
    said = line("django.request", "Not Found: %s", f"/api/v1/customers/{VALUE}/timeline/?q={VALUE}")
    assert said == "ERROR Not Found: /api/v1/customers/…/timeline/?…"


@pytest.mark.parametrize("field", ["exc", "return_value", "args", "kwargs"])
def test_celery_says_which_task_and_not_what_it_was_about(field):
    said = line("celery.app.trace", f"Task %(name)s: %({field})s", {"name": "customers.deliver", field: VALUE})
    assert "customers.deliver" in said
    assert VALUE not in said
