"""A scale below 0.000001 pixels per micrometre, which no training takes, is taken away; the history keeps its value."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

LOWEST_SCALE = 1e-6
NOTE = "Not taken, for it can't be: {:g} pixels per micrometre"


def take_away(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    change = apps.get_model("micrographs", "Change")
    impossible = apps.get_model("micrographs", "Micrograph").objects.filter(pixels_per_micrometre__lt=LOWEST_SCALE)
    for micrograph in impossible:
        scale = micrograph.pixels_per_micrometre
        change.objects.create(micrograph=micrograph, field="pixels_per_micrometre", old=f"{scale:.10g}", new="")
        micrograph.pixels_per_micrometre, micrograph.scale_source = None, ""
        micrograph.scale_note = NOTE.format(scale)
        micrograph.save(update_fields=["pixels_per_micrometre", "scale_source", "scale_note"])


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0008_readings_of_waiting")]

    # Backwards the micrographs stay without a scale; the history shows what it was.
    operations = [migrations.RunPython(take_away, migrations.RunPython.noop)]
