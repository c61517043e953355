"""Quizzes that were opened before completeness could be declared go on to count every submitted ballot."""

from django.db import migrations


def count_all_submitted(apps, schema_editor):
    apps.get_model("quizzes", "Quiz").objects.filter(opened_at__isnull=False).update(completeness_percent=0)
    apps.get_model("quizzes", "Ballot").objects.filter(submitted_at__isnull=False).update(complete=True)


def forget(apps, schema_editor):
    apps.get_model("quizzes", "Ballot").objects.update(complete=False)


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0006_integrity")]

    operations = [migrations.RunPython(count_all_submitted, forget)]
