"""The tally of micrographs is called counts, since a quiz has a tally too; the triggers are made again for its table."""

from django.db import migrations, models
from django.db.models import deletion

COLUMNS = (
    "dataset_id, material_class_id, none_of_these, unsure, split, modality, state, uploaded_by_id, flaw, "
    "no_specimen, scale_bin"
)
OF_ROW = (
    "dataset_id, material_class_id, none_of_these, unsure, split, modality, state, uploaded_by_id, flaw, "
    "specimen = '' AS no_specimen, floor(2 * log(pixels_per_micrometre))::smallint AS scale_bin"
)
TABLES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}


def _kept(rows: str, change: int) -> str:
    return f"SELECT {OF_ROW}, {change} AS change FROM {rows} WHERE trashed_at IS NULL"


def _add(table: str, rows: str) -> str:
    return f"""
        INSERT INTO {table} ({COLUMNS}, count, loose)
        SELECT {COLUMNS}, sum(change), true FROM ({rows}) AS changed GROUP BY {COLUMNS} HAVING sum(change) <> 0;
    """


def _triggers(name: str, table: str) -> str:
    """The triggers on micrographs, called ``name``, that write into ``table``."""
    function = f"""
        CREATE FUNCTION {name}_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'INSERT' THEN {_add(table, _kept("new_rows", 1))}
            ELSIF TG_OP = 'DELETE' THEN {_add(table, _kept("old_rows", -1))}
            ELSE {_add(table, _kept("new_rows", 1) + " UNION ALL " + _kept("old_rows", -1))}
            END IF;
            RETURN NULL;
        END $$;
    """
    return function + "".join(
        f"CREATE TRIGGER {name}_{when} AFTER {when.upper()} ON micrographs_micrograph "
        f"REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {name}_change();\n"
        for when, tables in TABLES.items()
    )


def _no_triggers(name: str) -> str:
    drops = "".join(f"DROP TRIGGER {name}_{when} ON micrographs_micrograph;\n" for when in TABLES)
    return drops + f"DROP FUNCTION {name}_change();\n"


OLD = ("micrographs_tally", "micrographs_tally")
NEW = ("micrographs_count", "micrographs_micrographcount")


class Migration(migrations.Migration):
    dependencies = [("micrographs", "0010_scale_bounds")]

    operations = [
        migrations.RenameModel("Tally", "MicrographCount"),
        migrations.AlterField(
            model_name="micrographcount",
            name="dataset",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=deletion.CASCADE,
                related_name="micrograph_counts",
                to="micrographs.dataset",
            ),
        ),
        migrations.RenameIndex("micrographcount", new_name="count_loose", old_name="tally_loose"),
        migrations.RenameIndex("micrograph", new_name="micrograph_by_perceptual_hash", old_name="micrograph_by_look"),
        migrations.RunSQL(
            _no_triggers(OLD[0]) + _triggers(*NEW),
            _no_triggers(NEW[0]) + _triggers(*OLD),
        ),
    ]
