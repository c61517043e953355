"""Give each account's e-mail address the row that allauth keeps of it.

Nobody has verified these addresses: two accounts may have the same one, and everybody could write what they liked into
their profile. So none of them counts as verified. allauth compares addresses in lower case.
"""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower, Trim


def add_rows(apps, schema_editor):
    User = apps.get_model("accounts", "User")
    EmailAddress = apps.get_model("account", "EmailAddress")
    User.objects.exclude(email="").exclude(email=Lower(Trim(F("email")))).update(email=Lower(Trim(F("email"))))
    have_one = EmailAddress.objects.filter(primary=True).values("user")
    users = User.objects.exclude(email="").exclude(pk__in=have_one).order_by("pk")
    rows = (
        EmailAddress(user_id=pk, email=email, verified=False, primary=True)
        for pk, email in users.values_list("pk", "email").iterator()
    )
    EmailAddress.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_must_verify_email"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [
        migrations.RunPython(add_rows, migrations.RunPython.noop),  # User.email is still there when it is undone
    ]
