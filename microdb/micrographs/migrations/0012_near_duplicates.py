"""Rename twins to near-duplicates: to a materials scientist a twin is a crystal defect."""

import django.db.models.deletion
from django.db import migrations, models

CONSTRAINTS = {
    "twin_once": "near_duplicate_once",
    "twin_of_another": "near_duplicate_of_another",
}


def _rename(old: str, new: str) -> str:
    return f"ALTER TABLE micrographs_nearduplicate RENAME CONSTRAINT {old} TO {new}"


def _pair(place: str) -> models.ForeignKey:
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE,
        related_name=f"near_duplicates_{place}",
        to="micrographs.micrograph",
    )


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0011_micrograph_counts")]

    operations = [
        migrations.RenameModel("Twin", "NearDuplicate"),
        migrations.AlterField("nearduplicate", "first", _pair("after")),
        migrations.AlterField("nearduplicate", "second", _pair("before")),
        # Postgres renames a constraint without checking every row again.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(_rename(old, new), _rename(new, old)) for old, new in CONSTRAINTS.items()
            ],
            state_operations=[
                migrations.RemoveConstraint("nearduplicate", "twin_once"),
                migrations.AddConstraint(
                    "nearduplicate",
                    models.UniqueConstraint(fields=["first", "second"], name="near_duplicate_once"),
                ),
                migrations.RemoveConstraint("nearduplicate", "twin_of_another"),
                migrations.AddConstraint(
                    "nearduplicate",
                    models.CheckConstraint(
                        condition=~models.Q(first=models.F("second")), name="near_duplicate_of_another"
                    ),
                ),
            ],
        ),
    ]
