"""Logging in: lockout after five failures, the second factor, how long a session lasts."""

import secrets
import time

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from churnsite import sessions
from churnsite.login import client_ip

pytestmark = pytest.mark.django_db
LOGIN, HOME = "/admin/login/", "/admin/"
ASK, ENROL = "/admin/second-factor/", "/admin/second-factor/set-up/"
WORDS = "a long pass phrase"


@pytest.fixture
def user():
    return User.objects.create_user("ann", password=WORDS, is_staff=True)


def log_in(client: Client, password: str = WORDS, **headers):
    return client.post(LOGIN, {"username": "ann", "password": password, "next": HOME}, **headers)


def code(device: TOTPDevice, steps: int = 0) -> str:
    """What the app shows now, or that many times thirty seconds later."""
    return f"{totp(device.bin_key, t0=-steps * device.step):06d}"


def enrolled(user: User) -> TOTPDevice:
    return TOTPDevice.objects.create(user=user, confirmed=True, name="app")


class TestLockout:
    def test_the_fifth_failure_locks_the_name_from_that_address_even_with_the_right_password(self, client, user):
        for _turn in range(4):
            assert log_in(client, "wrong").status_code == 200
        assert log_in(client, "wrong").status_code == 429
        answer = log_in(client)
        assert answer.status_code == 429
        assert answer["Retry-After"] == "1800"
        assert "failed to log in five times" in answer.content.decode()
        assert client.get(HOME).status_code == 302

    def test_others_and_the_same_name_from_elsewhere_may_still_log_in(self, client, user):
        for _turn in range(5):
            log_in(client, "wrong")
        assert log_in(Client(), REMOTE_ADDR="10.0.0.9").status_code == 302
        User.objects.create_user("bo", password=WORDS, is_staff=True)
        assert Client().post(LOGIN, {"username": "bo", "password": WORDS}).status_code == 302

    def test_four_failures_and_a_success_begin_anew(self, client, user):
        for _turn in range(2):
            for _again in range(4):
                log_in(Client(), "wrong")
            assert log_in(Client()).status_code == 302

    def test_no_password_is_kept(self, client, user):
        log_in(client, "my other secret")
        kept = AccessAttempt.objects.get()
        assert "my other secret" not in f"{kept.post_data}{kept.get_data}"

    def test_a_manager_lets_somebody_in_by_deleting_the_row(self, client, user):
        for _turn in range(5):
            log_in(client, "wrong")
        boss = Client()
        boss.force_login(User.objects.create_superuser("boss"))
        attempt = AccessAttempt.objects.get()
        boss.post(reverse("admin:axes_accessattempt_delete", args=[attempt.pk]), {"post": "yes"})
        assert log_in(client).status_code == 302


@pytest.mark.parametrize(
    ("is_behind", "forwarded", "expected"),
    [
        (False, "9.9.9.9", "127.0.0.1"),
        (True, "9.9.9.9", "9.9.9.9"),
        (True, "6.6.6.6, 9.9.9.9", "9.9.9.9"),
        (True, "", "127.0.0.1"),
    ],
)
def test_an_address_is_what_our_own_proxy_says_and_never_what_a_client_says(
    rf, settings, is_behind, forwarded, expected
):
    settings.BEHIND_PROXY = is_behind
    assert client_ip(rf.get("/", HTTP_X_FORWARDED_FOR=forwarded)) == expected


class TestSecondFactor:
    def test_a_manager_without_one_is_led_to_setting_it_up_before_anything_else(self, client, user, settings):
        settings.TWO_FACTOR_REQUIRED = True
        user.groups.add(Group.objects.get(name="manager"))
        log_in(client)
        for address in (HOME, "/admin/customers/customer/", "/admin/password_change/", "/admin/data-dictionary/"):
            answer = client.get(address)
            assert answer.status_code == 302
            assert answer.url.startswith(ENROL)

    def test_a_superuser_counts_as_a_manager(self, client, settings):
        settings.TWO_FACTOR_REQUIRED = True
        client.force_login(User.objects.create_superuser("boss"))
        assert client.get(HOME).url.startswith(ENROL)

    def test_others_need_none(self, client, user, settings):
        settings.TWO_FACTOR_REQUIRED = True
        user.groups.add(Group.objects.get(name="business staff"))
        log_in(client)
        assert client.get(HOME).status_code == 200

    def test_a_manager_needs_none_where_the_setting_is_off(self, client, settings):
        settings.TWO_FACTOR_REQUIRED = False
        client.force_login(User.objects.create_superuser("boss"))
        assert client.get(HOME).status_code == 200

    def test_setting_it_up_shows_the_secret_and_takes_the_right_code_only(self, client, user, settings):
        client.force_login(user)
        page = client.get(ENROL).content.decode()
        device = TOTPDevice.objects.get(user=user)
        assert "<svg" in page
        assert not device.confirmed
        wrong = f"{(int(code(device)) + 1) % 10**6:06d}"
        assert "wrong" in client.post(ENROL, {"code": wrong}).content.decode()
        TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
        answer = client.post(ENROL, {"code": code(device)})
        assert len(answer.context["codes"]) == 10
        device.refresh_from_db()
        assert device.confirmed
        assert client.get(HOME).status_code == 200

    def test_a_session_gets_a_new_key_when_it_passes(self, client, user):
        device = enrolled(user)
        log_in(client)
        before = client.session.session_key
        client.post(ASK, {"code": code(device)})
        assert client.session.session_key != before

    def test_after_the_password_nothing_opens_before_the_code(self, client, user):
        device = enrolled(user)
        log_in(client)
        assert client.get(HOME).url.startswith(ASK)
        assert client.get(ENROL).url.startswith(ASK)
        assert client.post("/admin/second-factor/put-away/").url.startswith(ASK)
        answer = client.post(ASK, {"code": code(device), "next": "/admin/data-dictionary/"})
        assert answer.url == "/admin/data-dictionary/"
        assert client.get(HOME).status_code == 200

    def test_a_code_works_once(self, user):
        device = enrolled(user)
        shown = code(device)
        for turn, expected in enumerate((302, 200)):
            browser = Client()
            log_in(browser)
            assert browser.post(ASK, {"code": shown}).status_code == expected, turn

    def test_after_a_wrong_code_the_right_one_has_to_wait(self, client, user):
        device = enrolled(user)
        log_in(client)
        client.post(ASK, {"code": f"{(int(code(device)) + 1) % 10**6:06d}"})
        assert client.post(ASK, {"code": code(device)}).status_code == 200
        assert client.get(HOME).status_code == 302

    def test_a_code_of_somebody_else_does_not_open(self, client, user):
        enrolled(user)
        other = enrolled(User.objects.create_user("bo"))
        log_in(client)
        client.post(ASK, {"code": code(other)})
        assert client.get(HOME).status_code == 302

    def test_a_code_for_paper_opens_once(self, user):
        enrolled(user)
        StaticDevice.objects.create(user=user, confirmed=True).token_set.create(token="abcdefgh")
        for expected in (302, 200):
            browser = Client()
            log_in(browser)
            assert browser.post(ASK, {"code": "ABCD-EFGH"}).status_code == expected

    def test_it_leads_on_to_this_site_only(self, client, user):
        device = enrolled(user)
        log_in(client)
        assert client.post(ASK, {"code": code(device), "next": "https://evil.example/"}).url == HOME

    def test_who_has_to_have_one_cannot_put_it_away_and_others_can(self, client, user, settings):
        device = enrolled(user)
        log_in(client)
        client.post(ASK, {"code": code(device)})
        settings.TWO_FACTOR_REQUIRED = True
        user.groups.add(Group.objects.get(name="manager"))
        client.post("/admin/second-factor/put-away/")
        assert TOTPDevice.objects.filter(user=user).exists()
        settings.TWO_FACTOR_REQUIRED = False
        client.post("/admin/second-factor/put-away/")
        assert not TOTPDevice.objects.filter(user=user).exists()

    def test_a_manager_who_resets_it_sees_no_secret_and_takes_the_codes_away_too(self, user):
        device = enrolled(user)
        StaticDevice.objects.create(user=user)
        boss = Client()
        boss.force_login(User.objects.create_superuser("boss"))
        page = boss.get(reverse("admin:otp_totp_totpdevice_change", args=[device.pk])).content.decode()
        assert device.key not in page
        boss.post(reverse("admin:otp_totp_totpdevice_delete", args=[device.pk]), {"post": "yes"})
        assert not TOTPDevice.objects.filter(user=user).exists()
        assert not StaticDevice.objects.filter(user=user).exists()

    def test_anybody_can_log_out_before_the_code(self, client, user):
        enrolled(user)
        log_in(client)
        assert client.post("/admin/logout/").status_code == 200
        assert "_auth_user_id" not in client.session


class TestSessions:
    def test_a_login_gets_a_new_session(self, client, user):
        client.get(LOGIN)
        client.session["a"] = 1
        before = client.session.session_key
        log_in(client)
        assert client.session.session_key
        assert client.session.session_key != before

    def test_its_end_moves_on_with_use_but_is_not_written_with_each_request(self, client, user, monkeypatch):
        log_in(client)
        client.get(HOME)
        first = client.session.get_expiry_date(), client.session[sessions.MOVED_AT]
        client.get(HOME)
        assert client.session[sessions.MOVED_AT] == first[1]
        later = time.time() + 700
        monkeypatch.setattr("churnsite.sessions.time.time", lambda: later)
        client.get(HOME)
        assert client.session[sessions.MOVED_AT] == int(later)

    def test_a_changed_password_ends_the_users_other_sessions(self, client, user):
        other = Client()
        log_in(client)
        log_in(other)
        new = "another long pass phrase"
        client.post("/admin/password_change/", {"old_password": WORDS, "new_password1": new, "new_password2": new})
        assert client.get(HOME).status_code == 200
        assert other.get(HOME).status_code == 302

    def test_it_lasts_eight_hours_and_scripts_cannot_read_it(self, client, user, settings):
        log_in(client)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (8 * 3600, True, "Lax")


class TestTokens:
    """The API's tokens are no way around the second factor."""

    @pytest.fixture(autouse=True)
    def uncounted(self, settings):
        """Calls of other tests, from the same address within the same minute, are counted with these."""
        settings.API_LOGINS_PER_MINUTE = 10**6

    def sign_in(self, client: Client, **more: str) -> int:
        sent = {"username": "ann", "password": WORDS, **more}
        return client.post("/api/v1/auth/token/", sent, content_type="application/json").status_code

    def test_who_has_one_sends_its_code(self, client, user):
        device = enrolled(user)
        assert self.sign_in(client) == 401
        assert self.sign_in(client, otp=code(device)) == 200

    def test_who_has_to_have_one_gets_none_without(self, client, user, settings):
        user.groups.add(Group.objects.get(name="manager"))
        assert self.sign_in(client) == 200
        settings.TWO_FACTOR_REQUIRED = True
        assert self.sign_in(client) == 401


@pytest.mark.django_db
def test_an_address_that_asks_for_tokens_too_often_has_to_wait(client, settings, monkeypatch):
    settings.API_LOGINS_PER_MINUTE = 2
    monkeypatch.setattr("time.time", lambda: 180.0)
    sent, options = {"username": "nobody", "password": WORDS}, {"content_type": "application/json"}
    address = f"2001:db8::{secrets.token_hex(2)}:{secrets.token_hex(2)}"  # Redis remembers those of an earlier run
    answers = [client.post("/api/v1/auth/token/", sent, REMOTE_ADDR=address, **options) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 61
