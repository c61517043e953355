"""The pages of API tokens: made, changed, rotated and revoked in the browser."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token, find_api_token
from microdb.micrographs.models import Dataset

NEW = {"name": "pipeline", "scopes": ["read", "score"], "reach": "all", "expires": "90"}


def create(client: Client, **changes: object):
    return client.post(reverse("accounts:token_create"), {**NEW, **changes})


def test_a_new_token_is_shown_once_and_kept_only_as_a_digest(signed_in: Client, owner: User):
    response = create(signed_in)
    token = owner.api_tokens.get()
    secret = response.context["secret"]
    assert secret in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert find_api_token(secret=secret) == token
    assert secret not in signed_in.get(reverse("accounts:token_list")).content.decode()
    assert secret not in "".join(str(value) for value in ApiToken.objects.values_list().get())


def test_a_new_token_does_not_delete_and_expires_after_90_days_unless_chosen(signed_in: Client):
    form = signed_in.get(reverse("accounts:token_list")).context["form"]
    assert form["scopes"].initial == ("read", "upload", "train", "score", "quiz")
    assert form["expires"].initial == "90"


@pytest.mark.parametrize(("expires", "days"), [("7", 7), ("365", 365), ("never", None)])
def test_the_lifetime_is_chosen(signed_in: Client, owner: User, expires: str, days: int | None):
    create(signed_in, expires=expires)
    ends = owner.api_tokens.get().expires_at
    if days is None:
        assert ends is None
    else:
        assert abs(ends - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


def test_a_token_expires_at_the_end_of_a_day_that_was_chosen(signed_in: Client, owner: User):
    day = timezone.now().date() + timedelta(days=3)
    create(signed_in, expires="day", expires_on=day.isoformat())
    assert owner.api_tokens.get().expires_at.date() == day


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"expires": "day"}, "Choose the day"),
        ({"expires": "day", "expires_on": "2020-01-01"}, "in the future"),
        ({"reach": "chosen"}, "Choose at least one dataset"),
        ({"scopes": []}, "required"),
    ],
)
def test_a_form_that_is_not_right_makes_no_token(signed_in: Client, owner: User, changes, sentence):
    assert sentence in create(signed_in, **changes).content.decode()
    assert not owner.api_tokens.exists()


def test_a_token_is_restricted_to_own_datasets(signed_in: Client, owner: User, dataset: Dataset):
    foreign = Dataset.objects.create(name="Brass", slug="brass")
    create(signed_in, reach="chosen", datasets=[foreign.pk])
    assert not owner.api_tokens.exists()
    create(signed_in, reach="chosen", datasets=[dataset.pk])
    assert owner.api_tokens.get().only_datasets == [dataset.pk]
    assert "Steels" in signed_in.get(reverse("accounts:token_list")).content.decode()


def test_rights_of_a_token_are_changed(signed_in: Client, owner: User, dataset: Dataset):
    token, _secret = create_api_token(user=owner, scopes=["read"], only_datasets=[dataset.pk])
    address = reverse("accounts:token_edit", args=[token.pk])
    assert signed_in.get(address).context["form"]["reach"].value() == "chosen"
    signed_in.post(address, {"name": "nightly", "scopes": ["read", "train"], "reach": "all"})
    token.refresh_from_db()
    assert (token.name, token.scopes, token.only_datasets) == ("nightly", ["read", "train"], None)


def test_a_rotation_shows_the_new_secret_once(signed_in: Client, owner: User):
    token, old = create_api_token(user=owner, scopes=["read"])
    response = signed_in.post(reverse("accounts:token_rotate", args=[token.pk]), {"grace": "3600"})
    assert find_api_token(secret=response.context["secret"]) == token
    assert find_api_token(secret=old) == token
    token.refresh_from_db()
    assert timedelta(minutes=59) < token.previous_expires_at - timezone.now() <= timedelta(hours=1)
    assert "old secret works until" in signed_in.get(reverse("accounts:token_edit", args=[token.pk])).content.decode()


def test_an_unknown_grace_rotates_nothing(signed_in: Client, owner: User):
    token, old = create_api_token(user=owner, scopes=["read"])
    response = signed_in.post(reverse("accounts:token_rotate", args=[token.pk]), {"grace": "99999999"})
    assert "Select a valid choice" in response.content.decode()
    assert find_api_token(secret=old) == token


@pytest.mark.parametrize("name", ["token_delete", "token_rotate", "token_edit"])
def test_a_person_cannot_reach_somebody_elses_token(signed_in: Client, stranger: User, name: str):
    token, secret = create_api_token(user=stranger, scopes=["read"])
    assert signed_in.post(reverse(f"accounts:{name}", args=[token.pk]), {"grace": "0"}).status_code == 404
    assert find_api_token(secret=secret) == token
