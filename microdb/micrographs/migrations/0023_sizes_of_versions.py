from django.db import migrations

SIZES = """
    UPDATE micrographs_datasetversion v
    SET size = (SELECT count(*) FROM micrographs_datasetversionentry e WHERE e.version_id = v.id)
"""


class Migration(migrations.Migration):
    """Count the micrographs of the versions that were frozen before they kept their size."""

    dependencies = [("micrographs", "0022_lists_of_a_million")]

    operations = [migrations.RunSQL(SIZES, migrations.RunSQL.noop)]
