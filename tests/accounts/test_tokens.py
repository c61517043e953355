"""API tokens: who they sign in, what they allow, and the command that makes them."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from microdb.accounts.models import ApiToken
from microdb.accounts.services import create_api_token, find_api_token
from microdb.errors import MicroDBError


def status(secret: str, word: str = "Token") -> int:
    return Client(headers={"authorization": f"{word} {secret}"}).get("/api/v1/datasets/").status_code


def test_the_command_prints_a_token_that_works_alone_on_stdout(owner):
    out = io.StringIO()
    call_command("api_token", "owner", stdout=out)
    assert out.getvalue().count("\n") == 1
    assert status(out.getvalue().strip()) == 200
    assert set(ApiToken.objects.get().scopes) == set(ApiToken.Scope.values)


def test_the_command_makes_a_token_of_some_scopes(owner):
    call_command("api_token", "owner", "--scopes", "read,score", stdout=io.StringIO())
    assert ApiToken.objects.get().scopes == ["read", "score"]


@pytest.mark.parametrize(("arguments", "said"), [(["nobody"], "'nobody'"), (["owner", "--scopes", "fly"], "fly was")])
def test_the_command_says_what_was_wrong(owner, arguments, said):
    with pytest.raises(CommandError, match=said):
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


def test_the_last_use_of_a_token_is_kept(owner):
    token, secret = create_api_token(user=owner, scopes=["read"])
    assert token.last_used_at is None
    find_api_token(secret=secret)
    token.refresh_from_db()
    assert token.last_used_at
