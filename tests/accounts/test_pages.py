"""Signing in, the profile, and tokens made in the browser."""

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token, find_api_token


def test_pages_send_strangers_to_the_sign_in_page(db):
    response = Client().get(reverse("accounts:profile"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:login"))


def test_signing_in_with_a_wrong_password_says_so(owner: User):
    response = Client().post(reverse("accounts:login"), {"login": "owner", "password": "wrong"})
    assert b"The user name or the password is not right" in response.content


def test_a_new_token_is_shown_once_and_kept_only_as_a_digest(signed_in: Client, owner: User):
    response = signed_in.post(reverse("accounts:token_create"), {"name": "pipeline", "scopes": ["read", "score"]})
    token = owner.api_tokens.get()
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert find_api_token(secret=secret) == token
    assert secret not in signed_in.get(reverse("accounts:profile")).content.decode()
    assert secret not in "".join(str(value) for value in ApiToken.objects.values_list().get())


def test_a_person_cannot_revoke_somebody_elses_token(signed_in: Client, stranger: User):
    token, _secret = create_api_token(user=stranger, scopes=["read"])
    assert signed_in.post(reverse("accounts:token_delete", args=[token.pk])).status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_a_token_of_an_inactive_user_no_longer_works(owner: User):
    _token, secret = create_api_token(user=owner, scopes=["read"])
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert find_api_token(secret=secret) is None


@pytest.mark.parametrize("header", ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"])
def test_every_page_carries_the_content_security_policy(db, header):
    policy = Client().get(reverse("accounts:login"))["Content-Security-Policy"]
    assert header in policy
    assert "unsafe" not in policy
