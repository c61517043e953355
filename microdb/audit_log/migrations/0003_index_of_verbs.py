"""Rare kinds of entries are found without reading a million others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit_log", "0002_append_only")]
    operations = [migrations.AddIndex("entry", models.Index(fields=["verb"], name="audit_of_verb"))]
