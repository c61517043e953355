"""The columns of migration 0004 for the answers that were stored before."""

from django.db import migrations

FILL = """
    UPDATE training_outoffold o SET
        (predicted, probability) = (
            SELECT one.key, one.value::float8 FROM jsonb_each_text(o.probabilities) one
            ORDER BY one.value::float8 DESC, one.key LIMIT 1
        ),
        label = entry.label
    FROM training_modelversion version
    JOIN micrographs_datasetversionentry entry ON entry.version_id = version.dataset_version_id
    WHERE version.id = o.model_version_id AND entry.micrograph_id = o.micrograph_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0021_invitations"),
        ("training", "0004_out_of_fold_columns"),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
