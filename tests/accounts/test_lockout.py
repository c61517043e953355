"""Guessing passwords is stopped; the people around the guesser are not."""

import pytest
from django.urls import reverse

from microdb.accounts import lockout
from microdb.accounts.models import User
from tests.accounts.conftest import PASSWORD, signed_in_as


@pytest.fixture
def ada(db) -> User:
    return User.objects.create_user("ada", "ada@example.org", PASSWORD)


def guess(sign_in, times: int, name: str = "ada", address: str = "10.1.1.1") -> str:
    """The page after the last of so many wrong passwords."""
    return [sign_in(name, "wrong", address=address).answer for _ in range(times)][-1].text


def test_the_right_password_is_refused_after_ten_wrong_ones_and_the_page_says_how_long(ada: User, sign_in):
    assert "not right" in guess(sign_in, 10)
    locked = sign_in("ada", address="10.1.1.1")
    assert "Too many wrong attempts to sign in. Try again in 5 minutes, or reset your password." in locked.answer.text
    assert signed_in_as(locked) == ""


def test_the_time_to_wait_is_that_of_the_oldest_attempt(ada: User, sign_in, monkeypatch):
    guess(sign_in, 10)
    now = lockout.time.time()
    monkeypatch.setattr("time.time", lambda: now + 250)
    assert "Try again in 1 minute," in guess(sign_in, 1)
    monkeypatch.setattr("time.time", lambda: now + 301)
    assert sign_in("ada", address="10.1.1.1").answer.status_code == 302


def test_the_same_name_still_signs_in_from_elsewhere(ada: User, sign_in):
    guess(sign_in, 12)
    assert signed_in_as(sign_in("ada", address="10.2.2.2")) == "ada"


def test_others_behind_the_same_address_still_sign_in(ada: User, owner: User, sign_in):
    guess(sign_in, 12)
    assert signed_in_as(sign_in("owner", address="10.1.1.1")) == "owner"


def test_a_browser_that_signed_in_before_is_locked_out_by_nobody_else(ada: User, sign_in):
    own = sign_in("ada", address="10.1.1.1")
    own.post(reverse("accounts:logout"))
    guess(sign_in, 12)  # from the same address
    assert signed_in_as(sign_in("ada", client=own, address="10.1.1.1")) == "ada"


def test_a_known_browser_can_not_guess_for_ever_either(ada: User, sign_in):
    own = sign_in("ada")
    own.post(reverse("accounts:logout"))
    for _ in range(10):
        sign_in("ada", "wrong", client=own)
    assert "Too many wrong attempts" in sign_in("ada", client=own).answer.text


def test_a_known_browser_is_known_for_its_own_names_alone(ada: User, owner: User, sign_in):
    guess(sign_in, 10)
    other = sign_in("owner", address="10.1.1.1")
    other.post(reverse("accounts:logout"))
    assert "Too many wrong attempts" in sign_in("ada", client=other, address="10.1.1.1").answer.text


def test_a_forged_cookie_makes_no_browser_known(ada: User, sign_in, client):
    client.cookies[lockout.COOKIE] = f"me:{lockout._digest('ada')}:forged"
    guess(sign_in, 10)
    assert "Too many wrong attempts" in sign_in("ada", client=client, address="10.1.1.1").answer.text


def test_a_name_is_not_guessed_from_a_thousand_addresses(ada: User, sign_in, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_anywhere": "7/h/key"}
    for number in range(8):
        answer = sign_in("ada", "wrong", address=f"10.3.3.{number}").answer
    assert "Try again in 60 minutes" in answer.text


def test_one_address_can_not_try_one_password_on_every_name(ada: User, sign_in, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed_address": "7/5m/key"}
    for number in range(8):
        answer = sign_in(f"name{number}", "wrong", address="10.4.4.4").answer
    assert "Too many wrong attempts" in answer.text


def test_right_passwords_do_not_count(ada: User, sign_in):
    for _ in range(15):
        assert sign_in("ada", address="10.1.1.1").answer.status_code == 302


@pytest.mark.parametrize(("proxies", "counted"), [(0, "10.9.9.9"), (1, "198.51.100.7"), (2, "203.0.113.5")])
def test_x_forwarded_for_is_believed_as_far_as_the_proxies_are_ones_own(rf, settings, proxies: int, counted: str):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = rf.post("/", headers={"X-Forwarded-For": "1.1.1.1, 203.0.113.5, 198.51.100.7"}, REMOTE_ADDR="10.9.9.9")
    assert lockout.ratelimit.get_ip(request) == counted


def test_a_flood_of_requests_is_answered_with_429_in_words(db, sign_in, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "3/m/ip"}
    answers = [sign_in("nobody", "wrong", address="10.5.5.5").answer for _ in range(4)]
    assert answers[-1].status_code == 429
    assert answers[-1]["Retry-After"] == "60"
    assert "Too many requests in a short time" in answers[-1].text
