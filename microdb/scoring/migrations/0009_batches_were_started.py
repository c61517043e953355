"""Batches of earlier releases were started when they were made, and their errors had no code."""

from typing import Any

from django.db import migrations
from django.db.models import F


def fill(apps: Any, schema_editor: Any) -> None:
    apps.get_model("scoring", "Batch").objects.filter(started_at=None).update(started_at=F("created_at"))
    items = apps.get_model("scoring", "BatchItem").objects.filter(score=None, error_code="").exclude(error="")
    items.filter(error="cancelled").update(error_code="cancelled")
    items.filter(error_code="").update(error_code="refused")


class Migration(migrations.Migration):
    dependencies = [("scoring", "0008_open_batches")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
