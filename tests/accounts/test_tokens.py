"""API tokens: who they sign in, what they allow, and the command that makes them."""

import io
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from microdb.accounts.models import ApiToken
from microdb.accounts.services import MOST_TOKENS, create_api_token, find_api_token, rotate_api_token
from microdb.errors import MicroDBError


def status(secret: str, word: str = "Token") -> int:
    return Client(headers={"authorization": f"{word} {secret}"}).get("/api/v1/datasets/").status_code


def test_the_command_prints_a_token_that_works_alone_on_stdout(owner):
    out = io.StringIO()
    call_command("api_token", "owner", stdout=out)
    assert out.getvalue().count("\n") == 1
    assert status(out.getvalue().strip()) == 200
    token = ApiToken.objects.get()
    assert token.scopes == ["read", "upload", "train", "score", "quiz"]
    assert token.only_datasets is None
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)


def test_the_command_makes_a_token_of_some_scopes(owner):
    call_command("api_token", "owner", "--scopes", "read,score", stdout=io.StringIO())
    assert ApiToken.objects.get().scopes == ["read", "score"]


def test_the_command_makes_a_token_of_some_datasets_that_never_expires(owner, dataset):
    call_command("api_token", "owner", "--datasets", "steels", "--days", "never", stdout=io.StringIO())
    token = ApiToken.objects.get()
    assert (token.only_datasets, token.expires_at) == ([dataset.pk], None)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nobody"], "'nobody'"),
        (["owner", "--scopes", "fly"], "fly was"),
        (["owner", "--datasets", "steels,brass"], "no member of: brass"),
        (["owner", "--days", "0"], "number of days"),
        (["owner", "--days", "soon"], "'soon' was given"),
    ],
)
def test_the_command_says_what_was_wrong(owner, dataset, arguments, sentence):
    with pytest.raises(CommandError, match=sentence):
        call_command("api_token", *arguments)


@pytest.mark.parametrize("secret", ["", "wrong", "two words", "\u00fc"])
def test_a_wrong_token_signs_nobody_in(owner, secret):
    assert status(secret) == 401


def test_the_word_before_the_token_may_be_written_in_any_case(owner):
    _token, secret = create_api_token(user=owner, scopes=["read"])
    assert [status(secret, word) for word in ("Token", "token", "Bearer")] == [200, 200, 401]


def test_a_revoked_token_stops_at_once(owner):
    token, secret = create_api_token(user=owner, scopes=["read"])
    token.delete()
    assert status(secret) == 401


def test_a_token_needs_known_scopes(owner):
    for scopes in ([], ["fly"], ["read", "fly"]):
        with pytest.raises(MicroDBError, match="scopes come from"):
            create_api_token(user=owner, scopes=scopes)


def test_the_last_use_of_a_token_is_written_once_a_minute(owner, django_assert_num_queries):
    token, secret = create_api_token(user=owner, scopes=["read"])
    assert token.last_used_at is None
    with django_assert_num_queries(2):
        find_api_token(secret=secret)
    token.refresh_from_db()
    assert timezone.now() - token.last_used_at < timedelta(seconds=10)
    with django_assert_num_queries(1):
        find_api_token(secret=secret)
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    with django_assert_num_queries(2):
        find_api_token(secret=secret)


def test_an_expired_token_is_refused_with_its_day_and_is_not_used(owner):
    token, secret = create_api_token(user=owner, scopes=["read"], expires_at=timezone.now() + timedelta(days=1))
    assert status(secret) == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1), last_used_at=None)
    answer = Client(headers={"authorization": f"Token {secret}"}).get("/api/v1/datasets/")
    assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")
    assert f"{timezone.now():%Y-%m-%d}" in answer.json()["message"]
    token.refresh_from_db()
    assert token.last_used_at is None


def test_a_token_does_not_expire_in_the_past(owner):
    with pytest.raises(MicroDBError, match="in the future"):
        create_api_token(user=owner, scopes=["read"], expires_at=timezone.now())


def test_after_a_rotation_only_the_new_secret_works(owner):
    token, old = create_api_token(user=owner, scopes=["read"])
    new = rotate_api_token(token=token)
    assert [status(old), status(new)] == [401, 200]


def test_the_old_secret_works_for_its_grace_and_an_earlier_one_stops_at_once(owner):
    token, first = create_api_token(user=owner, scopes=["read"])
    second = rotate_api_token(token=token, grace=timedelta(hours=1))
    assert [status(first), status(second)] == [200, 200]
    third = rotate_api_token(token=token, grace=timedelta(hours=1))
    assert [status(secret) for secret in (first, second, third)] == [401, 200, 200]
    ApiToken.objects.update(previous_expires_at=timezone.now())
    assert [status(secret) for secret in (second, third)] == [401, 200]
    with pytest.raises(MicroDBError, match="0 to 604800 seconds"):
        rotate_api_token(token=token, grace=timedelta(days=8))


def test_a_rotation_renews_the_lifetime_and_keeps_the_rights(owner, dataset):
    now = timezone.now()
    token, _secret = create_api_token(
        user=owner, scopes=["read", "score"], only_datasets=[dataset.pk], expires_at=now + timedelta(days=30)
    )
    ApiToken.objects.update(secret_made_at=now - timedelta(days=20), expires_at=now + timedelta(days=10))
    token.refresh_from_db()
    rotate_api_token(token=token)
    token.refresh_from_db()
    assert abs(token.expires_at - (now + timedelta(days=30))) < timedelta(minutes=1)
    assert (token.scopes, token.only_datasets) == (["read", "score"], [dataset.pk])


def test_a_person_has_a_limited_number_of_tokens(owner):
    for _ in range(MOST_TOKENS):
        create_api_token(user=owner, scopes=["read"])
    with pytest.raises(MicroDBError, match="Revoke those"):
        create_api_token(user=owner, scopes=["read"])
