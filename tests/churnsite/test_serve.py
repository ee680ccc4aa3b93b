"""`serve`: what it makes ready, and how it refuses."""

import socket

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from churnsite.management.commands import serve
from customers.commands import Refused


@pytest.fixture
def served(monkeypatch):
    calls = []
    monkeypatch.setattr(serve, "serve", lambda **options: calls.append(options))
    return calls


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_with_debug_a_first_user_is_made_and_the_password_shown_once(db, settings, served, capsys):
    settings.DEBUG, settings.REDIS_URL = True, ""
    port = free_port()
    call_command("serve", port=port)
    said = capsys.readouterr().err
    password = said.split("the password ")[1].split(" ")[0]
    assert get_user_model().objects.get(username="admin").check_password(password)
    assert f"http://127.0.0.1:{port}/admin/" in said
    assert served == [{"host": "127.0.0.1", "port": port, "workers": 1}]

    call_command("serve", port=port)
    assert "password" not in capsys.readouterr().err
    assert get_user_model().objects.count() == 1


def test_without_debug_no_user_is_made_and_the_command_for_it_is_named(db, settings):
    settings.DEBUG = False
    assert "createsuperuser" in serve.first_user()
    assert not get_user_model().objects.exists()


def test_a_port_in_use_is_refused_in_one_sentence(db, served):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"Port {port} of 127.0.0.1 cannot be used"):
            call_command("serve", port=port)
    assert served == []


def test_a_wrong_port_is_wrong_usage(db, served):
    with pytest.raises(CommandError, match="port"):
        call_command("serve", "--port", "seventy")


def test_several_processes_need_redis(settings):
    settings.REDIS_URL = ""
    assert serve.workers(None) == serve.workers(1) == 1
    with pytest.raises(Refused, match="REDIS_URL"):
        serve.workers(2)
    settings.REDIS_URL = "redis://127.0.0.1"
    assert serve.workers(3) == 3
    assert serve.workers(None) >= 1
