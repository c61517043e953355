"""The database notes when there may be more to describe: a micrograph was read, measured, masked or restored, or a
version became active. The sweep then queues the description again.
"""

from django.db import migrations

COLUMNS = ("state", "pixels_per_micrometre", "data_bar_top", "masked", "trashed_at", "scored_only")


def _row(name: str) -> str:
    return f"({', '.join(f'{name}.{column}' for column in COLUMNS)})"


TRIGGERS = f"""
    CREATE FUNCTION similar_want() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE similar_describing d SET wanted = true FROM training_modelversion v
        WHERE v.id = d.model_version_id AND v.is_active AND v.dataset_id = NEW.dataset_id AND NOT d.wanted;
        RETURN NULL;
    END $$;
    CREATE TRIGGER similar_micrograph AFTER UPDATE ON micrographs_micrograph FOR EACH ROW
        WHEN (NEW.state = 'ready' AND {_row("OLD")} IS DISTINCT FROM {_row("NEW")})
        EXECUTE FUNCTION similar_want();
    CREATE TRIGGER similar_version AFTER UPDATE OF is_active ON training_modelversion FOR EACH ROW
        WHEN (NEW.is_active AND NOT OLD.is_active) EXECUTE FUNCTION similar_want();
"""
NO_TRIGGERS = """
    DROP TRIGGER similar_version ON training_modelversion;
    DROP TRIGGER similar_micrograph ON micrographs_micrograph;
    DROP FUNCTION similar_want();
"""


class Migration(migrations.Migration):
    dependencies = [("similar", "0001_initial")]

    operations = [migrations.RunSQL(TRIGGERS, NO_TRIGGERS)]
