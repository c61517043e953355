"""The addresses of accounts from before: migrated, and kept equal in the admin."""

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from microdb.accounts.models import User


def migrate(*target: tuple[str, str]) -> None:
    MigrationExecutor(connection).migrate(list(target))


@pytest.fixture
def latest(transactional_db):
    """Afterwards every room is migrated again."""
    yield
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_every_address_gets_a_row_that_nobody_has_verified_yet(latest):
    people = {"ada": "Ada@Example.ORG ", "bob": "lab@example.org", "cleo": "lab@example.org", "dan": ""}
    for name, email in people.items():
        User.objects.create_user(name)
        User.objects.filter(username=name).update(email=email)
    old = User.objects.create_user("has-one", "one@example.org")
    EmailAddress.objects.create(user=old, email="one@example.org", primary=True, verified=True)
    migrate(("accounts", "0003_must_verify_email"))
    for _ in range(2):  # undone and done again it makes no second row
        migrate(("accounts", "0004_email_addresses"))
        rows = EmailAddress.objects.order_by("user__username").values_list(
            "user__username", "email", "verified", "primary"
        )
        assert list(rows) == [
            ("ada", "ada@example.org", False, True),
            ("bob", "lab@example.org", False, True),
            ("cleo", "lab@example.org", False, True),
            ("has-one", "one@example.org", True, True),
        ]
        assert User.objects.values_list("email", flat=True).get(username="ada") == "ada@example.org"
        assert not User.objects.filter(must_verify_email=True).exists()
        migrate(("accounts", "0003_must_verify_email"))


def test_the_admin_keeps_the_accounts_address_the_primary_one(owner: User):
    administrator = Client()
    administrator.force_login(User.objects.create_superuser("administrator"))
    page = administrator.get(reverse("admin:accounts_user_change", args=[owner.pk]))
    form = page.context["adminform"].form
    given = {name: form.initial.get(name) or "" for name in ("username", "first_name", "last_name", "expertise")}
    rows = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "0-email": "new@example.org", "0-primary": "on", "0-user": owner.pk}
    given |= {f"emailaddress_set-{name}": value for name, value in rows.items()}
    given |= {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00", "is_active": "on"}
    answer = administrator.post(reverse("admin:accounts_user_change", args=[owner.pk]), given)
    assert answer.status_code == 302, answer.context["errors"]
    owner.refresh_from_db()
    assert owner.email == "new@example.org"
