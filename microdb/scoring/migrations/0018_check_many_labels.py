"""Checking many labels takes time in proportion to their number.

Under the plan that Postgres keeps for a function, ``= ANY(keys)`` sorted all keys anew for each row: after five smaller
changes through one connection, 20,000 labels took longer than anybody waits.
"""

from django.db import migrations

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

# Rows are locked before labels and evidence are read, so that of two changes at the same time the later sees the other.
AFTER = """
    CREATE OR REPLACE FUNCTION scoring_check_labels(keys uuid[]) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO scoring_labelcheck (micrograph_id, dataset_id)
            SELECT m.id, m.dataset_id FROM unnest(keys) AS key JOIN micrographs_micrograph m ON m.id = key
            ORDER BY m.id ON CONFLICT DO NOTHING;
        PERFORM 1 FROM unnest(keys) AS key JOIN scoring_labelcheck c ON c.micrograph_id = key
            ORDER BY c.micrograph_id FOR UPDATE OF c;
        UPDATE scoring_labelcheck c SET score_id = found.score_id, out_of_fold_id = found.out_of_fold_id,
            weight = found.severity - CASE WHEN found.predicted = 'none-of-these' THEN 2 ELSE 0 END
        FROM unnest(keys) AS key LEFT JOIN scoring_label_issue AS found ON found.micrograph_id = key
        WHERE c.micrograph_id = key;
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("scoring", "0017_ended_jobs")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
