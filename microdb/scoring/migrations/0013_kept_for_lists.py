"""What lists of a million scores are ordered and chosen by, kept by triggers; see decision 084.

Before a score is written, the database notes its dataset, its margin and whether its micrograph awaits a label. After a
label, a score, an out-of-fold prediction or a version has changed, it compares the labels concerned with the latest
evidence again.
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

AWAITS_LABEL = """
    m.trashed_at IS NULL AND NOT m.scored_only AND m.state = 'ready' AND m.material_class_id IS NULL
    AND NOT m.none_of_these AND NOT m.unsure
    AND (m.pixels_per_micrometre IS NOT NULL OR (SELECT scale_free FROM micrographs_dataset d WHERE d.id = m.dataset_id))
"""

NOTE_OF_SCORE = f"""
    CREATE FUNCTION scoring_note_of_score() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE largest float8[];
    BEGIN
        SELECT v.dataset_id INTO NEW.dataset_id FROM training_modelversion v WHERE v.id = NEW.model_version_id;
        SELECT {AWAITS_LABEL} INTO NEW.awaits_label FROM micrographs_micrograph m WHERE m.id = NEW.micrograph_id;
        NEW.awaits_label := coalesce(NEW.awaits_label, false);
        largest := array(
            SELECT value::float8 FROM jsonb_each_text(NEW.probabilities)
            UNION ALL VALUES (coalesce(NEW.none_of_these, 0)), (0) ORDER BY 1 DESC LIMIT 2);
        NEW.margin := largest[1] - largest[2];
        RETURN NEW;
    END $$;
    CREATE TRIGGER scoring_note BEFORE INSERT OR UPDATE OF
        dataset_id, model_version_id, micrograph_id, awaits_label, margin, probabilities, none_of_these
        ON scoring_score FOR EACH ROW EXECUTE FUNCTION scoring_note_of_score();
"""

# Rows are locked before labels and evidence are read, so that of two changes at the same time the later sees the other.
CHECK_LABELS = """
    CREATE FUNCTION scoring_check_labels(keys uuid[]) RETURNS void LANGUAGE plpgsql AS $$
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

# The latest version's out-of-fold prediction, else the latest score by a version that was not trained on the micrograph.
LABEL_ISSUE = """
    CREATE VIEW scoring_label_issue AS
    SELECT labelled.id AS micrograph_id, evidence.score_id, evidence.out_of_fold_id, best.predicted,
        best.probability - coalesce((evidence.probabilities ->> labelled.label)::float8, 0) AS severity
    FROM (
        SELECT m.id, m.dataset_id, CASE WHEN m.none_of_these THEN 'none-of-these' ELSE k.name END AS label
        FROM micrographs_micrograph m LEFT JOIN micrographs_materialclass k ON k.id = m.material_class_id
        WHERE m.trashed_at IS NULL AND NOT m.scored_only AND m.state = 'ready'
            AND (m.none_of_these OR m.material_class_id IS NOT NULL)
    ) AS labelled
    CROSS JOIN LATERAL (
        (SELECT NULL::uuid AS score_id, o.id AS out_of_fold_id, NULL AS predicted, o.probabilities, 1 AS place
        FROM training_outoffold o WHERE o.micrograph_id = labelled.id AND o.model_version_id = (
            SELECT v.id FROM training_modelversion v
            WHERE v.dataset_id = labelled.dataset_id AND v.state = 'done' ORDER BY v.number DESC LIMIT 1))
        UNION ALL
        (SELECT s.id, NULL, s.predicted,
            s.probabilities || jsonb_build_object('none-of-these', coalesce(s.none_of_these, 0)), 2
        FROM scoring_score s JOIN training_modelversion v ON v.id = s.model_version_id
        WHERE s.micrograph_id = labelled.id AND s.state = 'done' AND NOT EXISTS (
            SELECT FROM micrographs_datasetversionentry e
            WHERE e.version_id = v.dataset_version_id AND e.micrograph_id = labelled.id AND e.split = 'train')
        ORDER BY v.number DESC, s.created_at DESC, s.id LIMIT 1)
        ORDER BY place LIMIT 1
    ) AS evidence
    CROSS JOIN LATERAL (
        SELECT p.key AS predicted, p.value::float8 AS probability
        FROM jsonb_each_text(evidence.probabilities) WITH ORDINALITY AS p(key, value, place)
        ORDER BY p.value::float8 DESC, p.key = 'none-of-these', p.place LIMIT 1
    ) AS best
    WHERE best.predicted <> labelled.label AND evidence.predicted IS DISTINCT FROM labelled.label;
"""

OF_LABELS = """
    CREATE FUNCTION scoring_labels_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE keys uuid[];
    BEGIN
        SELECT array_agg(n.id) INTO keys FROM new_rows n JOIN old_rows o ON o.id = n.id
        WHERE (n.material_class_id, n.none_of_these, n.unsure, n.state, n.scored_only, n.trashed_at IS NULL,
               n.pixels_per_micrometre IS NULL) IS DISTINCT FROM
              (o.material_class_id, o.none_of_these, o.unsure, o.state, o.scored_only, o.trashed_at IS NULL,
               o.pixels_per_micrometre IS NULL);
        IF keys IS NOT NULL THEN
            PERFORM scoring_note_labels(keys);
            PERFORM scoring_check_labels(keys);
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_labels AFTER UPDATE ON micrographs_micrograph
        REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION scoring_labels_changed();

    CREATE FUNCTION scoring_micrographs_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM scoring_labelcheck c USING old_rows o WHERE c.micrograph_id = o.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_deleted AFTER DELETE ON micrographs_micrograph
        REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION scoring_micrographs_deleted();

    CREATE FUNCTION scoring_class_renamed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM scoring_check_labels(
            array(SELECT id FROM micrographs_micrograph m WHERE m.dataset_id = NEW.dataset_id
                AND m.material_class_id = NEW.id));
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_renamed AFTER UPDATE OF name ON micrographs_materialclass
        FOR EACH ROW WHEN (OLD.name <> NEW.name) EXECUTE FUNCTION scoring_class_renamed();
"""

NOTE_LABELS = f"""
    CREATE FUNCTION scoring_note_labels(keys uuid[]) RETURNS void LANGUAGE sql AS $$
        UPDATE scoring_score s SET awaits_label = NOT s.awaits_label FROM micrographs_micrograph m
        WHERE m.id = ANY(keys) AND s.micrograph_id = m.id AND s.awaits_label <> ({AWAITS_LABEL});
    $$;

    CREATE FUNCTION scoring_scale_declared() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM scoring_note_labels(
            array(SELECT id FROM micrographs_micrograph m WHERE m.dataset_id = NEW.id
                AND m.pixels_per_micrometre IS NULL));
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_scale_free AFTER UPDATE OF scale_free ON micrographs_dataset
        FOR EACH ROW WHEN (OLD.scale_free <> NEW.scale_free) EXECUTE FUNCTION scoring_scale_declared();
"""

OF_EVIDENCE = """
    CREATE FUNCTION scoring_scores_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM scoring_check_labels(keys) FROM (
            SELECT array_agg(DISTINCT micrograph_id) AS keys FROM changed_rows WHERE state = 'done') AS changed
        WHERE keys IS NOT NULL;
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_inserted AFTER INSERT ON scoring_score
        REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION scoring_scores_changed();
    CREATE TRIGGER scoring_deleted AFTER DELETE ON scoring_score
        REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION scoring_scores_changed();

    CREATE FUNCTION scoring_score_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM scoring_check_labels(array[NEW.micrograph_id]);
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_ended AFTER UPDATE OF state, predicted, probabilities, none_of_these ON scoring_score
        FOR EACH ROW WHEN ('done' IN (OLD.state, NEW.state)) EXECUTE FUNCTION scoring_score_changed();

    CREATE FUNCTION scoring_out_of_fold_changed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM scoring_check_labels(keys) FROM (
            SELECT array_agg(DISTINCT micrograph_id) AS keys FROM changed_rows) AS changed WHERE keys IS NOT NULL;
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_inserted AFTER INSERT ON training_outoffold
        REFERENCING NEW TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION scoring_out_of_fold_changed();
    CREATE TRIGGER scoring_deleted AFTER DELETE ON training_outoffold
        REFERENCING OLD TABLE AS changed_rows FOR EACH STATEMENT EXECUTE FUNCTION scoring_out_of_fold_changed();

    CREATE FUNCTION scoring_version_ended() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM scoring_check_labels(
            array(SELECT DISTINCT o.micrograph_id FROM training_outoffold o
                JOIN training_modelversion v ON v.id = o.model_version_id WHERE v.dataset_id = coalesce(OLD.dataset_id, NEW.dataset_id)));
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_inserted AFTER INSERT ON training_modelversion
        FOR EACH ROW WHEN (NEW.state = 'done') EXECUTE FUNCTION scoring_version_ended();
    CREATE TRIGGER scoring_ended AFTER UPDATE OF state ON training_modelversion
        FOR EACH ROW WHEN (OLD.state <> NEW.state AND 'done' IN (OLD.state, NEW.state))
        EXECUTE FUNCTION scoring_version_ended();
    CREATE TRIGGER scoring_deleted AFTER DELETE ON training_modelversion
        FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION scoring_version_ended();
"""

# The score is locked before its state is read, so that a worker that ends it meanwhile sees the item, or is seen.
OUTCOMES = """
    CREATE FUNCTION scoring_outcome_of_item() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE score_state text;
    BEGIN
        IF NEW.score_id IS NOT NULL THEN
            SELECT s.state INTO score_state FROM scoring_score s WHERE s.id = NEW.score_id FOR SHARE;
        END IF;
        NEW.outcome := CASE
            WHEN score_state IN ('queued', 'running') THEN 'waiting'
            WHEN score_state = 'done' THEN 'done'
            WHEN NEW.score_id IS NULL AND NEW.error = '' AND NEW.micrograph_id IS NOT NULL THEN 'waiting'
            ELSE 'none' END;
        RETURN NEW;
    END $$;
    CREATE TRIGGER scoring_outcome BEFORE INSERT OR UPDATE OF score_id, error, micrograph_id, outcome
        ON scoring_batchitem FOR EACH ROW EXECUTE FUNCTION scoring_outcome_of_item();

    CREATE FUNCTION scoring_outcomes_of_score() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE scoring_batchitem SET outcome = '' WHERE score_id = NEW.id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER scoring_outcomes AFTER UPDATE OF state ON scoring_score
        FOR EACH ROW WHEN (OLD.state <> NEW.state
            AND NOT (OLD.state IN ('queued', 'running') AND NEW.state IN ('queued', 'running')))
        EXECUTE FUNCTION scoring_outcomes_of_score();
"""

TRIGGERS = {
    "scoring_batchitem": {"scoring_outcome": "scoring_outcome_of_item"},
    "scoring_score": {
        "scoring_outcomes": "scoring_outcomes_of_score",
        "scoring_note": "scoring_note_of_score",
        "scoring_inserted": "scoring_scores_changed",
        "scoring_deleted": "scoring_scores_changed",
        "scoring_ended": "scoring_score_changed",
    },
    "micrographs_micrograph": {
        "scoring_labels": "scoring_labels_changed",
        "scoring_deleted": "scoring_micrographs_deleted",
    },
    "micrographs_materialclass": {"scoring_renamed": "scoring_class_renamed"},
    "micrographs_dataset": {"scoring_scale_free": "scoring_scale_declared"},
    "training_outoffold": {
        "scoring_inserted": "scoring_out_of_fold_changed",
        "scoring_deleted": "scoring_out_of_fold_changed",
    },
    "training_modelversion": {
        "scoring_inserted": "scoring_version_ended",
        "scoring_ended": "scoring_version_ended",
        "scoring_deleted": "scoring_version_ended",
    },
}
"""The triggers of each table, with their functions."""


def _dropped() -> str:
    triggers = "".join(f"DROP TRIGGER {name} ON {table};\n" for table, some in TRIGGERS.items() for name in some)
    functions = sorted({function for some in TRIGGERS.values() for function in some.values()})
    return f"""{triggers}
        DROP FUNCTION {", ".join(f"{name}()" for name in functions)};
        DROP FUNCTION scoring_note_labels(uuid[]), scoring_check_labels(uuid[]);
        DROP VIEW scoring_label_issue;
    """


AWAITING = Q(state="done", awaits_label=True)


def _unlinked(kind: type[models.ForeignKey], to: str, **more: object) -> models.ForeignKey:
    return kind(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to=to, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("micrographs", "0021_invitations"),
        ("training", "0003_keys_in_accounts"),
        ("scoring", "0012_score_newest"),
    ]

    operations = [
        migrations.AddField(
            "score",
            "dataset",
            models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scores",
                to="micrographs.dataset",
            ),
        ),
        migrations.AddField("score", "margin", models.FloatField(editable=False, null=True)),
        migrations.AddField("score", "awaits_label", models.BooleanField(default=False, editable=False)),
        migrations.AlterField(
            "score",
            "model_version",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scores",
                to="training.modelversion",
            ),
        ),
        migrations.CreateModel(
            "LabelCheck",
            [
                (
                    "micrograph",
                    _unlinked(models.OneToOneField, "micrographs.micrograph", primary_key=True, serialize=False),
                ),
                ("dataset", _unlinked(models.ForeignKey, "micrographs.dataset", db_index=False)),
                ("score", _unlinked(models.ForeignKey, "scoring.score", db_index=False, null=True)),
                ("out_of_fold", _unlinked(models.ForeignKey, "training.outoffold", db_index=False, null=True)),
                (
                    "weight",
                    models.FloatField(
                        help_text="How much more probable the prediction is than the label, from 0 to 1; 2 less where "
                        "it is none of these, which is weak evidence about a label.",
                        null=True,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            "labelcheck",
            models.Index(
                fields=["dataset", "-weight", "micrograph"], condition=Q(weight__isnull=False), name="label_issue"
            ),
        ),
        migrations.AddIndex("score", models.Index(fields=["dataset", "-created_at", "id"], name="score_of_dataset")),
        migrations.AddIndex(
            "score",
            models.Index(
                fields=["dataset", "predicted", "-created_at", "id"], condition=~Q(predicted=""), name="score_of_class"
            ),
        ),
        migrations.AddIndex(
            "score",
            models.Index(fields=["dataset", "state", "-created_at", "id"], name="score_by_state"),
        ),
        migrations.AddIndex(
            "score",
            models.Index(fields=["model_version", "probability", "id"], condition=AWAITING, name="score_uncertain"),
        ),
        migrations.AddIndex(
            "score",
            models.Index(fields=["model_version", "margin", "id"], condition=AWAITING, name="score_close_call"),
        ),
        migrations.AddIndex(
            "score",
            models.Index(
                F("model_version"),
                Coalesce("none_of_these", 0.0).desc(),
                F("id"),
                condition=AWAITING,
                name="score_unlike_any",
            ),
        ),
        migrations.AddIndex(
            "score",
            models.Index(
                fields=["model_version", "micrograph", "state"], condition=Q(awaits_label=True), name="score_awaiting"
            ),
        ),
        migrations.AddIndex("score", models.Index(fields=["finished_at"], name="score_finished")),
        migrations.AddField(
            "batchitem",
            "outcome",
            models.CharField(
                choices=[
                    ("waiting", "unread, queued or running"),
                    ("done", "it has a verdict"),
                    ("none", "it has no verdict"),
                ],
                default="waiting",
                editable=False,
                max_length=7,
            ),
        ),
        migrations.AddIndex("batchitem", models.Index(fields=["batch", "outcome"], name="batch_item_outcome")),
        migrations.RunSQL(
            NOTE_OF_SCORE + LABEL_ISSUE + CHECK_LABELS + NOTE_LABELS + OF_LABELS + OF_EVIDENCE + OUTCOMES, _dropped()
        ),
    ]
