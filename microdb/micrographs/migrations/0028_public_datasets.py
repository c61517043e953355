from django.db import migrations, models
from django.db.models import Q

LICENCES = [
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CDLA-Permissive-2.0",
    "ODbL-1.0",
]


class Migration(migrations.Migration):
    """Datasets that everybody may read, each under a licence that allows it."""

    dependencies = [
        ("micrographs", "0027_ended_jobs"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataset",
            name="doi",
            field=models.CharField(
                blank=True,
                help_text="Of the dataset or its paper, for example 10.5281/zenodo.1234.",
                max_length=200,
                verbose_name="DOI",
                default="",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="dataset",
            name="public",
            field=models.BooleanField(default=False, help_text="Everybody may read it, without an account, too."),
        ),
        migrations.AddConstraint(
            model_name="dataset",
            constraint=models.CheckConstraint(
                condition=Q(("public", False), ("licence__in", LICENCES), _connector="OR"),
                name="dataset_public_under_a_licence",
                violation_error_message="A public dataset needs one of the listed licences, such as CC-BY-4.0.",
            ),
        ),
    ]
