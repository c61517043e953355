"""No dataset loses its only owner when an account is deleted."""

import pytest
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs.models import Dataset, Membership, Role
from microdb.micrographs.services import set_member

pytestmark = pytest.mark.django_db(transaction=True)  # a refused deletion rolls its own transaction back


@pytest.fixture
def administrator(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("administrator"))
    return client


def test_the_only_owner_of_a_dataset_is_not_deleted(dataset: Dataset, owner: User):
    for delete in (owner.delete, User.objects.filter(pk=owner.pk).delete):
        with pytest.raises(MicroDBError, match=r"owner is the only owner of: Steels. Make somebody else an owner"):
            delete()
    assert Membership.objects.filter(user=owner, role=Role.OWNER).exists()


def test_with_a_second_owner_the_first_can_go(dataset: Dataset, owner: User, stranger: User):
    set_member(dataset=dataset, user=stranger, role=Role.OWNER, by=owner)
    owner.delete()
    assert list(dataset.memberships.values_list("user__username", flat=True)) == ["stranger"]


def test_somebody_who_owns_nothing_can_go(dataset: Dataset, stranger: User):
    stranger.delete()
    assert not User.objects.filter(username="stranger").exists()


def test_the_admin_says_why_in_words(administrator: Client, dataset: Dataset, owner: User):
    one = administrator.post(reverse("admin:accounts_user_delete", args=[owner.pk]), {"post": "yes"})
    listed = {"action": "delete_selected", "_selected_action": [owner.pk], "post": "yes"}
    many = administrator.post(reverse("admin:accounts_user_changelist"), listed)
    for answer in (one, many):
        assert answer.status_code == 400
        assert "is the only owner of: Steels" in answer.text
    assert User.objects.filter(pk=owner.pk).exists()


@pytest.mark.parametrize("change", [{"role": "viewer"}, {"DELETE": "on"}])
def test_the_admin_takes_no_dataset_its_last_owner(administrator: Client, dataset: Dataset, owner: User, change):
    membership = dataset.memberships.get()
    page = administrator.get(reverse("admin:micrographs_dataset_change", args=[dataset.pk]))
    given = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    for formset in page.context["inline_admin_formsets"]:
        for form in [formset.formset.management_form, *formset.formset.initial_forms]:
            values = {name: form[name].value() for name in form.fields}
            given |= {form.add_prefix(name): value for name, value in values.items() if value not in (None, False)}
    given |= {f"memberships-0-{name}": value for name, value in change.items()}
    answer = administrator.post(reverse("admin:micrographs_dataset_change", args=[dataset.pk]), given)
    assert answer.status_code == 200
    assert "A dataset needs an owner. Make somebody else an owner first." in answer.text
    membership.refresh_from_db()
    assert membership.role == Role.OWNER
