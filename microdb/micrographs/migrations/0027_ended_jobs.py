from django.db import migrations, models
from django.db.models import Q


def indexes(name: str) -> list[migrations.AddIndex]:
    quarantined = Q(("deliveries__gt", 3), ("state", "failed"))
    return [
        migrations.AddIndex(
            model_name=name,
            index=models.Index(
                condition=Q(("finished_at__isnull", False)), fields=["state", "finished_at"], name=f"{name}_ended"
            ),
        ),
        migrations.AddIndex(
            model_name=name,
            index=models.Index(condition=quarantined, fields=["finished_at"], name=f"{name}_quarantined"),
        ),
    ]


class Migration(migrations.Migration):
    """The page of what runs counts what ended lately, and lists what stopped its workers."""

    dependencies = [
        ("micrographs", "0026_copies_in_all_datasets"),
    ]

    operations = [*indexes("reading"), *indexes("lettering")]
