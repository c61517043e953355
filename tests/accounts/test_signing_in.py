"""Signing in by name or address, also to the admin, and the sessions that come of it."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from tests.accounts.conftest import PASSWORD, signed_in_as


@pytest.mark.parametrize("name", ["owner", "OWNER", "owner@example.org", "Owner@Example.org"])
def test_people_sign_in_by_name_or_address_in_any_case(db, sign_in, name: str):
    User.objects.create_user("owner", "Owner@Example.org", PASSWORD)
    assert signed_in_as(sign_in(name)) == "owner"


def test_names_that_differ_in_case_alone_are_different_accounts(db, sign_in):
    for name in ("Ada", "ada"):
        User.objects.create_user(name, password=PASSWORD + name)
    for name in ("Ada", "ada"):
        assert signed_in_as(sign_in(name, PASSWORD + name)) == name
    assert signed_in_as(sign_in("Ada", PASSWORD + "ada")) == ""


def test_two_accounts_with_one_address_are_told_apart_by_the_password(db, sign_in):
    for name in ("one", "two"):
        User.objects.create_user(name, "lab@example.org", PASSWORD + name)
    assert signed_in_as(sign_in("lab@example.org", PASSWORD + "two")) == "two"


def test_an_account_that_an_administrator_made_needs_no_verified_address(db, sign_in):
    user = User.objects.create_user("made", "made@example.org", PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    assert signed_in_as(sign_in("made")) == "made"


def test_the_page_leads_on_to_where_one_wanted_to_go(owner: User):
    page = Client().get("/accounts/profile/", follow=True)
    target = page.redirect_chain[-1][0]
    answer = Client().post(target, {"login": "owner", "password": PASSWORD, "next": "/accounts/profile/"})
    assert answer.url == "/accounts/profile/"


def test_nobody_is_sent_to_another_site(owner: User):
    answer = Client().post("/accounts/login/", {"login": "owner", "password": PASSWORD, "next": "https://evil.org/"})
    assert answer.url == "/datasets/"


def test_a_blocked_account_is_told_so_only_with_its_password(owner: User, sign_in):
    User.objects.filter(pk=owner.pk).update(is_active=False)
    assert sign_in("owner").answer.url == reverse("account_inactive")
    assert "not right" in sign_in("owner", "wrong").answer.text


def test_the_admin_uses_the_same_sign_in(db, owner: User):
    assert Client().get("/admin/").url == "/admin/login/?next=/admin/"
    answer = Client().get("/admin/login/?next=/admin/")
    assert answer.url == "/accounts/login/?next=%2Fadmin%2F"
    refused = Client()
    refused.force_login(owner)
    assert refused.get("/admin/login/?next=/admin/").status_code == 403


def test_sessions_are_listed_and_all_others_can_be_ended(owner: User, sign_in):
    here, there = sign_in("owner"), sign_in("owner")
    page = here.get(reverse("usersessions_list"))
    assert page.text.count("127.0.0.1") == 2
    here.post(reverse("usersessions_list"))
    assert (signed_in_as(here), signed_in_as(there)) == ("owner", "")


def test_the_sign_in_page_asks_the_database_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert Client().get("/accounts/login/").status_code == 200


@pytest.mark.parametrize("name", ["login", "logout"])
def test_the_old_names_of_addresses_are_those_of_allauth(name: str):
    assert reverse(f"accounts:{name}") == reverse(f"account_{name}")
