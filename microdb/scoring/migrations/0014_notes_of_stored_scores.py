"""Write for the stored scores and labels what the triggers keep from now on, in parts that lock few rows at a time."""

from django.db import migrations

PARTS = 256
"""Keys are random, so that each first byte has as many."""
ITEMS = 10_000
LABELS = "SELECT scoring_check_labels(array(SELECT id FROM micrographs_micrograph WHERE id BETWEEN %s AND %s))"


def fill(apps, schema_editor) -> None:
    with schema_editor.connection.cursor() as cursor:
        for statement in ("UPDATE scoring_score SET margin = NULL WHERE id BETWEEN %s AND %s", LABELS):
            for part in range(PARTS):
                cursor.execute(statement, [_key(part, "0"), _key(part, "f")])
        cursor.execute("SELECT coalesce(max(id), 0) FROM scoring_batchitem")
        (last,) = cursor.fetchone()
        for start in range(0, last + 1, ITEMS):
            cursor.execute(
                "UPDATE scoring_batchitem SET outcome = '' WHERE id >= %s AND id < %s", [start, start + ITEMS]
            )


def _key(first_byte: int, digit: str) -> str:
    return f"{first_byte:02x}{digit * 6}-{digit * 4}-{digit * 4}-{digit * 4}-{digit * 12}"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("scoring", "0013_kept_for_lists")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
