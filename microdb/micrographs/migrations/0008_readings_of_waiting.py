"""Every micrograph that waits to be read gets its reading, which the sweep then sends."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add_readings(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    micrographs = apps.get_model("micrographs", "Micrograph")
    readings = apps.get_model("micrographs", "Reading")
    waiting = micrographs.objects.filter(state="reading", reading=None).values_list("pk", flat=True)
    readings.objects.bulk_create((readings(micrograph_id=pk) for pk in waiting), batch_size=2000)


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0007_reading_job")]

    # Backwards nothing is needed: the older code finds waiting micrographs by their state.
    operations = [migrations.RunPython(add_readings, migrations.RunPython.noop)]
