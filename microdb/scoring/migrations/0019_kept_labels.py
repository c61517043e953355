"""Labels that a person has kept against a prediction, and an index for filters by prediction; see decision 095.

A kept label is stored in its label check. When the label or the evidence changes, the function that compares them again
drops it. It now joins the keys: under the plan that Postgres keeps for a function, ``= ANY(keys)`` sorted all of them
anew for each row, and 20,000 labels took longer than anybody waits.
"""

from django.db import migrations, models
from django.db.models import Q

# Rows are locked before labels and evidence are read, so that of two changes at the same time the later sees the other.
CHECK_LABELS = """
    CREATE OR REPLACE FUNCTION scoring_check_labels(keys uuid[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO scoring_labelcheck (micrograph_id, dataset_id, kept_label)
            SELECT m.id, m.dataset_id, '' FROM unnest(keys) AS key JOIN micrographs_micrograph m ON m.id = key
            ORDER BY m.id ON CONFLICT DO NOTHING;
        PERFORM 1 FROM unnest(keys) AS key JOIN scoring_labelcheck c ON c.micrograph_id = key
            ORDER BY c.micrograph_id FOR UPDATE OF c;
        UPDATE scoring_labelcheck c SET score_id = found.score_id, out_of_fold_id = found.out_of_fold_id,
            weight = found.severity - CASE WHEN found.predicted = 'none-of-these' THEN 2 ELSE 0 END,
            kept_label = CASE WHEN (c.score_id, c.out_of_fold_id) IS NOT DISTINCT FROM
                    (found.score_id, found.out_of_fold_id)
                AND c.kept_label = CASE WHEN m.none_of_these THEN 'none-of-these' ELSE k.name END
                THEN c.kept_label ELSE '' END
        FROM unnest(keys) AS key
        JOIN micrographs_micrograph m ON m.id = key
        LEFT JOIN micrographs_materialclass k ON k.id = m.material_class_id
        LEFT JOIN scoring_label_issue AS found ON found.micrograph_id = key
        WHERE c.micrograph_id = key;
    END $$;
"""
BEFORE = """
    CREATE OR REPLACE FUNCTION scoring_check_labels(keys uuid[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO scoring_labelcheck (micrograph_id, dataset_id)
            SELECT m.id, m.dataset_id FROM micrographs_micrograph m WHERE m.id = ANY(keys) ORDER BY m.id
            ON CONFLICT DO NOTHING;
        PERFORM 1 FROM scoring_labelcheck WHERE micrograph_id = ANY(keys) ORDER BY micrograph_id FOR UPDATE;
        UPDATE scoring_labelcheck c SET score_id = found.score_id, out_of_fold_id = found.out_of_fold_id,
            weight = found.severity - CASE WHEN found.predicted = 'none-of-these' THEN 2 ELSE 0 END
        FROM micrographs_micrograph m
        LEFT JOIN (SELECT * FROM scoring_label_issue WHERE micrograph_id = ANY(keys)) AS found
            ON found.micrograph_id = m.id
        WHERE c.micrograph_id = m.id AND m.id = ANY(keys);
    END $$;
"""
OPEN = Q(weight__isnull=False, kept_label="")


class Migration(migrations.Migration):
    dependencies = [("scoring", "0018_maps_and_support")]

    operations = [
        migrations.AddField(
            "labelcheck",
            "kept_label",
            models.CharField(
                blank=True,
                default="",
                help_text="The label that a person has kept against this evidence.",
                max_length=60,
            ),
        ),
        migrations.RemoveIndex("labelcheck", "label_issue"),
        migrations.AddIndex(
            "labelcheck",
            models.Index(fields=["dataset", "-weight", "micrograph"], condition=OPEN, name="label_issue_open"),
        ),
        migrations.AddIndex(
            "labelcheck",
            models.Index(
                fields=["dataset", "-weight", "micrograph"],
                condition=Q(weight__isnull=False) & ~Q(kept_label=""),
                name="label_issue_kept",
            ),
        ),
        migrations.AddIndex(
            "score",
            models.Index(
                fields=["model_version", "predicted", "probability", "micrograph"],
                condition=Q(state="done"),
                name="score_prediction",
            ),
        ),
        migrations.RunSQL(CHECK_LABELS, BEFORE),
    ]
