"""Which release of the metadata readers read a file, so that older files are read again for their record."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0016_masked_rectangles")]

    operations = [
        migrations.AddField(
            model_name="reading",
            name="readers",
            field=models.PositiveSmallIntegerField(
                default=0, editable=False, help_text="The release of the metadata readers that read the file last."
            ),
        )
    ]
