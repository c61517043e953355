"""Signing in, and what every page has."""

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from microdb.accounts.services import create_api_token, find_api_token


def test_pages_send_strangers_to_the_sign_in_page(db):
    response = Client().get(reverse("accounts:profile"))
    assert response.status_code == 302
    assert response.url.startswith(reverse("accounts:login"))


def test_signing_in_with_a_wrong_password_says_so(owner: User):
    response = Client().post(reverse("accounts:login"), {"login": "owner", "password": "wrong"})
    assert b"The user name or the password is not right" in response.content


def test_a_token_of_an_inactive_user_no_longer_works(owner: User):
    _token, secret = create_api_token(user=owner, scopes=["read"])
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert find_api_token(secret=secret) is None


@pytest.mark.parametrize("header", ["default-src 'self'", "frame-ancestors 'none'", "object-src 'none'"])
def test_every_page_carries_the_content_security_policy(db, header):
    policy = Client().get(reverse("accounts:login"))["Content-Security-Policy"]
    assert header in policy
    assert "unsafe" not in policy
