"""People get an e-mail seven days and one day before a token expires, each once, unless they do not want it."""

from datetime import datetime, timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import change_api_token, create_api_token, rotate_api_token
from microdb.accounts.tasks import warn_of_expiring_tokens

pytestmark = pytest.mark.django_db


@pytest.fixture
def token(owner: User) -> ApiToken:
    """It was made 80 days ago for 90 days."""
    User.objects.filter(pk=owner.pk).update(email="owner@example.org")
    owner.refresh_from_db()
    token, _secret = create_api_token(
        user=owner, name="pipeline", scopes=["read"], expires_at=timezone.now() + timedelta(days=10)
    )
    ApiToken.objects.update(secret_made_at=timezone.now() - timedelta(days=80))
    token.refresh_from_db()
    return token


def ends_in(**time: float) -> datetime:
    end = timezone.now() + timedelta(**time)
    ApiToken.objects.update(expires_at=end)
    return end


def warned() -> int:
    before = len(mail.outbox)
    warn_of_expiring_tokens()
    return len(mail.outbox) - before


def test_two_warnings_are_sent_each_once(token: ApiToken):
    assert warned() == 0
    end = ends_in(days=6.9)
    assert (warned(), warned()) == (1, 0)
    message = mail.outbox[-1]
    assert message.to == ["owner@example.org"]
    assert "pipeline" in message.subject
    assert f"{end:%Y-%m-%d %H:%M} UTC" in message.body
    assert reverse("accounts:token_edit", args=[token.pk]) in message.body
    assert reverse("accounts:profile") in message.body
    ends_in(hours=30)
    assert warned() == 0
    ends_in(hours=23)
    assert (warned(), warned()) == (1, 0)
    ends_in(hours=-1)
    assert warned() == 0


def test_a_site_that_was_off_for_a_week_sends_only_the_later_warning(token: ApiToken):
    ends_in(hours=20)
    assert (warned(), warned()) == (1, 0)


def test_a_renewed_token_is_warned_of_again(token: ApiToken):
    ends_in(days=5)
    assert warned() == 1
    token.refresh_from_db()
    rotate_api_token(token=token)
    assert (token.expires_at > timezone.now() + timedelta(days=80), warned()) == (True, 0)
    ApiToken.objects.update(secret_made_at=timezone.now() - timedelta(days=80))
    ends_in(days=5)
    assert warned() == 1
    token.refresh_from_db()
    change_api_token(token=token, expires_at=timezone.now() + timedelta(days=6))
    assert warned() == 1


def test_a_token_that_was_made_for_a_few_days_causes_no_warning_at_once(owner: User, token: ApiToken):
    token.delete()
    create_api_token(user=owner, scopes=["read"], expires_at=timezone.now() + timedelta(days=7))
    create_api_token(user=owner, scopes=["read"], expires_at=timezone.now() + timedelta(hours=20))
    create_api_token(user=owner, scopes=["read"])
    assert warned() == 0


@pytest.mark.parametrize("change", [{"email": ""}, {"is_active": False}, {"mails_about_tokens": False}])
def test_who_cannot_or_does_not_want_to_get_it_gets_nothing(token: ApiToken, change: dict[str, object]):
    ends_in(days=3)
    User.objects.update(**change)
    assert warned() == 0


def test_the_profile_switches_the_warnings_off_and_the_page_of_tokens_says_so(
    signed_in: Client, owner: User, token: ApiToken
):
    page, profile = reverse("accounts:token_list"), reverse("accounts:profile")
    assert "seven days and one day before" in signed_in.get(page).content.decode()
    answer = signed_in.post(profile, {"expertise": "expert"})  # an empty checkbox is not sent
    assert answer.status_code == 302
    ends_in(days=3)
    assert warned() == 0
    assert "You get no e-mail before a token expires" in signed_in.get(page).content.decode()
