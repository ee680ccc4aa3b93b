"""Fixtures for every test."""

import os

import pytest
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from churnsite import celery_app


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--with-services",
        action="store_true",
        help="only the tests that a database or a queue could make a difference to",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what this run's services cannot serve; `python -m tests` makes a run for each set of services."""
    is_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    for item in items:
        if item.get_closest_marker("postgres") and not is_postgres:
            item.add_marker(pytest.mark.skip(reason="the database of this run is not PostgreSQL"))
        if item.get_closest_marker("redis") and not settings.REDIS_URL:
            item.add_marker(pytest.mark.skip(reason="this run has no Redis"))
    if config.getoption("--with-services"):
        others = [item for item in items if not _meets_services(item)]
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if _meets_services(item)]


def _meets_services(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server"} & set(getattr(item, "fixturenames", ()))
    return bool(fixtures) or any(item.get_closest_marker(name) for name in ("django_db", "postgres", "redis"))


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    """Each test has a DATA_DIR of its own."""
    settings.DATA_DIR = tmp_path
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.BUSINESS_DATE = None
    return tmp_path


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A million rounds for each password of each test would guard nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def english(settings, monkeypatch):
    """Messages are compared in English unless a test says otherwise."""
    settings.LANGUAGE_CODE = "en"
    monkeypatch.setitem(os.environ, "LANGUAGE_CODE", "en")


EMPTY = """DO $$ DECLARE name text; is_filled boolean; BEGIN
    SET LOCAL session_replication_role = replica;
    FOREACH name IN ARRAY ARRAY[{names}] LOOP
        EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I)', name) INTO is_filled;
        IF is_filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
END $$"""


@pytest.fixture(autouse=True, scope="session")
def emptied_after_transactions():
    """Tests that commit empty all tables at their end; the audit log lets nobody else do that."""
    from customers import audit

    teardown = TransactionTestCase._fixture_teardown

    def allowed(test: TransactionTestCase) -> None:
        with audit.erasing(source="tests"):
            teardown(test)
            connection.cursor().execute("DELETE FROM customers_auditentry")  # that the others were emptied

    truncated = connection.ops.sql_flush

    def deleted(style, tables, **options) -> list[str]:
        """PostgreSQL truncates a hundred tables in half a second; most have no rows, which a superuser may use."""
        if not tables or connection.connection.info.parameter_status("is_superuser") != "on":
            return truncated(style, tables, **options)
        return [EMPTY.format(names=", ".join(f"'{table}'" for table in tables))]

    TransactionTestCase._fixture_teardown = allowed
    if connection.vendor == "postgresql":
        connection.ops.sql_flush = deleted


@pytest.fixture
def is_postgres(db) -> bool:
    return connection.vendor == "postgresql"


@pytest.fixture(autouse=True)
def tasks_run_at_once(request):
    """Tasks run where they are called, also with Redis; only tests marked `redis` hand them to a worker."""
    before = celery_app.conf.task_always_eager
    celery_app.conf.task_always_eager = not request.node.get_closest_marker("redis")
    yield
    celery_app.conf.task_always_eager = before
