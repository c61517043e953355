"""Inviting by link and by e-mail, joining with and without an account, leaving, and what is refused."""

import re
import threading
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.models import Dataset, Invitation, Membership, Role
from microdb.micrographs.services import invitations

PASSWORD = "a long one 7"
FORM = {"username": "eva", "email": "eva@example.org", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture(autouse=True)
def sends_email(settings) -> None:
    settings.SENDS_EMAIL = True


def link(dataset: Dataset, owner: User, role: str = Role.LABELLER, uses: int = 1) -> str:
    _invitation, secret = services.create_invitation(dataset=dataset, role=role, by=owner, most_uses=uses)
    return reverse("micrographs:invitation", args=[secret])


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def role_of(name: str) -> str:
    return Membership.objects.filter(user__username=name).values_list("role", flat=True).first() or ""


def join(client: Client, path: str):
    client.get(path)
    return client.post("/join/")


def test_an_owner_makes_a_link_that_is_shown_once_and_stored_as_a_hash(signed_in: Client, dataset: Dataset):
    answer = signed_in.post("/datasets/steels/settings/invitations/", {"role": "curator", "most_uses": 3})
    (shown,) = re.findall(r'value="http://testserver(/join/[^"]+)"', answer.text)
    assert shown not in signed_in.get("/datasets/steels/settings/").text
    invitation = Invitation.objects.get()
    assert invitation.digest not in shown
    assert Client().get(shown).url == "/join/"
    assert (invitation.role, invitation.most_uses) == ("curator", 3)


def test_somebody_with_an_account_joins_with_one_click(dataset: Dataset, owner: User, stranger: User):
    client = client_of(stranger)
    page = client.get(link(dataset, owner), follow=True)
    assert "owner invites you to the dataset “Steels”" in page.text
    assert role_of("stranger") == ""
    assert client.post("/join/").url == "/datasets/steels/overview/"
    assert role_of("stranger") == "labeller"


def test_somebody_signed_out_comes_back_to_the_invitation_after_the_sign_in(
    dataset: Dataset, owner: User, stranger: User
):
    client = Client()
    page = client.get(link(dataset, owner), follow=True)
    assert "/accounts/login/?next=/join/" in page.text
    client.post("/accounts/login/?next=/join/", {"login": "stranger", "password": "correct horse", "next": "/join/"})
    assert "Join as stranger" in client.get("/join/").text
    client.post("/join/")
    assert role_of("stranger") == "labeller"


def test_a_link_lets_somebody_sign_up_who_still_verifies_the_address(dataset: Dataset, owner: User):
    client = Client()
    client.get(link(dataset, owner))
    assert client.post("/accounts/signup/", FORM).url == "/accounts/confirm-email/"
    assert role_of("eva") == "labeller"
    assert client.get("/datasets/steels/").status_code == 302
    (confirm,) = re.findall(r"http://testserver(\S+)", mail.outbox[-1].body)
    client.post(confirm)
    client.post("/accounts/login/", {"login": "eva", "password": PASSWORD})
    assert client.get("/datasets/steels/").status_code == 200


def test_without_an_invitation_the_same_browser_signs_nobody_else_up(dataset: Dataset, owner: User):
    client = Client()
    client.get(link(dataset, owner))
    client.post("/accounts/signup/", FORM)
    other = {**FORM, "username": "max", "email": "max@example.org"}
    assert "Accounts are made by invitation" in client.post("/accounts/signup/", other).text
    assert not User.objects.filter(username="max").exists()


def test_an_invitation_by_e_mail_verifies_the_address(signed_in: Client, dataset: Dataset):
    page = signed_in.post("/datasets/steels/settings/members/", {"username": "Eva@example.org", "role": "viewer"})
    assert page.url == "/datasets/steels/settings/"
    (message,) = mail.outbox
    assert message.subject == "[MicroDB] Invitation to the dataset “Steels”"
    assert message.to == ["eva@example.org"]
    client = Client()
    client.get(re.findall(r"http://testserver(\S+)", message.body)[0])
    assert 'value="eva@example.org"' in client.get("/accounts/signup/").text
    assert client.post("/accounts/signup/", FORM).url == "/datasets/"
    assert client.get("/datasets/steels/").status_code == 200
    assert EmailAddress.objects.get(user__username="eva").verified


def test_an_owner_does_not_learn_from_an_e_mail_address_who_has_an_account(
    signed_in: Client, dataset: Dataset, stranger: User
):
    EmailAddress.objects.create(user=stranger, email="stranger@example.org", verified=True, primary=True)
    for name in ("stranger", "nobody"):
        given = {"username": f"{name}@example.org", "role": "viewer"}
        page = signed_in.post("/datasets/steels/settings/members/", given, follow=True)
        assert [str(message) for message in page.context["messages"]] == [
            f"An invitation was sent to {name}@example.org."
        ]
    assert role_of("stranger") == ""
    assert len(mail.outbox) == 2


def test_an_exact_user_name_is_added_at_once(signed_in: Client, dataset: Dataset, stranger: User):
    signed_in.post("/datasets/steels/settings/members/", {"username": "stranger", "role": "viewer"})
    assert role_of("stranger") == "viewer"
    assert mail.outbox == []


def test_an_address_that_was_invited_twice_has_one_invitation(dataset: Dataset, owner: User):
    given = {"dataset": dataset, "email": "eva@example.org", "by": owner, "join_url": "http://testserver/join/SECRET/"}
    for role in (Role.VIEWER, Role.CURATOR):
        services.invite_by_email(role=role, **given)
    assert [one.role for one in Invitation.objects.usable()] == ["curator"]


@pytest.mark.parametrize(
    "end",
    [
        lambda invitation: services.revoke_invitation(invitation=invitation, by=invitation.created_by),
        lambda invitation: Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1)),
        lambda invitation: Dataset.objects.update(trashed_at=timezone.now()),
        lambda invitation: Membership.objects.update(role=Role.CURATOR),
        lambda invitation: Membership.objects.all().delete(),
        lambda invitation: User.objects.update(is_active=False),
        lambda invitation: services.accept_invitation(
            invitation=invitation, user=User.objects.create_user("somebody else")
        ),
    ],
    ids=["revoked", "expired", "trashed", "no owner any more", "no member any more", "blocked", "used"],
)
def test_an_invitation_ends(dataset: Dataset, owner: User, end):
    path = link(dataset, owner)
    early = Client()
    early.get(path)
    end(Invitation.objects.get())
    for answer in (Client().get(path), early.get("/join/")):
        assert answer.status_code == 404
        assert "This invitation can't be used" in answer.text
    assert "Accounts are made by invitation" in early.post("/accounts/signup/", FORM).text
    assert not User.objects.filter(username="eva").exists()


def test_a_link_for_three_lets_in_three_and_counts_nobody_twice(dataset: Dataset, owner: User):
    path = link(dataset, owner, uses=3)
    people = [User.objects.create_user(f"person{number}") for number in range(4)]
    for person in [*people[:2], people[0], people[1], *people[2:]]:
        join(client_of(person), path)
    assert [role_of(person.username) for person in people] == ["labeller"] * 3 + [""]


@pytest.mark.django_db(transaction=True)
def test_two_people_do_not_take_the_last_place_at_once(dataset: Dataset, owner: User):
    services.create_invitation(dataset=dataset, role=Role.VIEWER, by=owner)
    invitation = Invitation.objects.get()
    people = [User.objects.create_user(f"person{number}") for number in range(6)]
    barrier = threading.Barrier(len(people))

    def accept(person: User) -> None:
        barrier.wait()
        try:
            services.accept_invitation(invitation=invitation, user=person)
        except MicroDBError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Membership.objects.filter(role=Role.VIEWER).count() == 1


@pytest.mark.parametrize(
    ("own", "offered", "then"), [("curator", "viewer", "curator"), ("viewer", "curator", "curator")]
)
def test_accepting_never_takes_a_role_away(dataset: Dataset, owner: User, stranger: User, own, offered, then):
    services.set_member(dataset=dataset, user=stranger, role=own, by=owner)
    join(client_of(stranger), link(dataset, owner, role=offered))
    assert role_of("stranger") == then


def test_an_invitation_opens_its_own_dataset_alone(dataset: Dataset, owner: User, stranger: User):
    services.create_dataset(name="Secret", by=owner)
    client = client_of(stranger)
    join(client, link(dataset, owner))
    assert client.get("/datasets/steels/").status_code == 200
    assert client.get("/datasets/secret/").status_code == 404


def test_an_owner_takes_an_invitation_back_and_only_of_the_own_dataset(
    signed_in: Client, dataset: Dataset, owner: User, stranger: User
):
    other = services.create_dataset(name="Other", by=stranger)
    link(other, stranger)
    foreign = Invitation.objects.get()
    assert signed_in.post(f"/datasets/steels/settings/invitations/{foreign.pk}/revoke/").status_code == 404
    link(dataset, owner)
    own = Invitation.objects.get(dataset=dataset)
    signed_in.post(f"/datasets/steels/settings/invitations/{own.pk}/revoke/")
    assert list(Invitation.objects.usable()) == [foreign]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"role": "viewer", "most_uses": 0}, "A link lets in 1 to 200 people; 0 was given"),
        ({"role": "viewer", "most_uses": 201}, "A link lets in 1 to 200 people; 201 was given"),
        ({"role": "king", "most_uses": 1}, "king is not one of the available choices"),
    ],
)
def test_a_link_that_can_not_be_made_says_why(signed_in: Client, dataset: Dataset, given, sentence: str):
    page = signed_in.post("/datasets/steels/settings/invitations/", given, follow=True)
    assert sentence in page.text
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("eva@@example.org", "is not an e-mail address"),
        ("nobody", "Nobody here is called “nobody”"),
    ],
)
def test_a_person_who_is_not_found_is_answered_in_words(signed_in: Client, dataset: Dataset, given, sentence):
    page = signed_in.post("/datasets/steels/settings/members/", {"username": given, "role": "viewer"}, follow=True)
    assert sentence in page.text


def test_a_site_without_e_mail_offers_a_link_instead(signed_in: Client, dataset: Dataset, settings):
    settings.SENDS_EMAIL = False
    given = {"username": "eva@example.org", "role": "viewer"}
    page = signed_in.post("/datasets/steels/settings/members/", given, follow=True)
    assert "This site sends no e-mail. Make an invitation link" in page.text


def test_nobody_sends_advertisements_by_invitations(dataset: Dataset, owner: User, monkeypatch):
    monkeypatch.setattr(invitations, "MOST_EMAILS_PER_HOUR", 2)
    given = {"dataset": dataset, "role": "viewer", "by": owner, "join_url": "http://testserver/join/SECRET/"}
    for number in range(2):
        services.invite_by_email(email=f"eva{number}@example.org", **given)
    with pytest.raises(MicroDBError, match="Wait an hour"):
        services.invite_by_email(email="eva2@example.org", **given)
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("role", [Role.VIEWER, Role.LABELLER, Role.CURATOR])
def test_every_member_can_leave_and_remove_nobody_else(dataset: Dataset, owner: User, stranger: User, role: str):
    own = services.set_member(dataset=dataset, user=stranger, role=role, by=owner)
    client = client_of(stranger)
    others = dataset.memberships.get(user=owner)
    assert client.post(f"/datasets/steels/settings/members/{others.pk}/remove/").status_code == 403
    assert "Leave" in client.get("/datasets/steels/settings/").text
    assert client.post(f"/datasets/steels/settings/members/{own.pk}/remove/").url == "/datasets/"
    assert role_of("stranger") == ""


def test_the_only_owner_can_not_leave(signed_in: Client, dataset: Dataset, owner: User):
    own = dataset.memberships.get(user=owner)
    page = signed_in.post(f"/datasets/steels/settings/members/{own.pk}/remove/", follow=True)
    assert "owner is the only owner. Make somebody else an owner first." in page.text
    assert role_of("owner") == "owner"


def test_names_in_an_e_mail_are_written_as_they_are(dataset: Dataset, owner: User):
    dataset.name = "Steels & <irons>\r\nBcc: all@example.org"
    services.invite_by_email(
        dataset=dataset, email="eva@example.org", role="viewer", by=owner, join_url="http://testserver/join/SECRET/"
    )
    (message,) = mail.outbox
    assert "Steels & <irons>" in message.subject
    assert "\n" not in message.subject
    assert message.recipients() == ["eva@example.org"]
