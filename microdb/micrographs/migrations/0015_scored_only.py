"""Files that were sent only to be scored do not belong to the dataset, and the database does not count them."""

from django.db import migrations, models

COLUMNS = (
    "dataset_id, material_class_id, none_of_these, unsure, split, modality, state, uploaded_by_id, flaw, "
    "no_specimen, scale_bin"
)
OF_ROW = (
    "dataset_id, material_class_id, none_of_these, unsure, split, modality, state, uploaded_by_id, flaw, "
    "specimen = '' AS no_specimen, floor(2 * log(pixels_per_micrometre))::smallint AS scale_bin"
)
BEFORE, NOW = "trashed_at IS NULL", "trashed_at IS NULL AND NOT scored_only"


def _function(counted: str) -> str:
    """The trigger's function, which adds up the rows that are ``counted``."""

    def rows(table: str, change: int) -> str:
        return f"SELECT {OF_ROW}, {change} AS change FROM {table} WHERE {counted}"

    def add(changed: str) -> str:
        return f"""
            INSERT INTO micrographs_micrographcount ({COLUMNS}, count, loose)
            SELECT {COLUMNS}, sum(change), true FROM ({changed}) AS changed
            GROUP BY {COLUMNS} HAVING sum(change) <> 0;
        """

    return f"""
        CREATE OR REPLACE FUNCTION micrographs_count_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN {add(rows("new_rows", 1))}
            ELSIF TG_OP = 'DELETE' THEN {add(rows("old_rows", -1))}
            ELSE {add(rows("new_rows", 1) + " UNION ALL " + rows("old_rows", -1))}
            END IF;
            RETURN NULL;
        END $$;
    """


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0014_acquisitions")]

    operations = [
        migrations.AddField(
            "micrograph",
            "scored_only",
            models.BooleanField(
                default=False,
                editable=False,
                help_text="Sent to be scored; it does not belong to the dataset.",
            ),
        ),
        migrations.RunSQL(_function(NOW), _function(BEFORE)),
    ]
