"""Adding up the counts that the database keeps of a dataset's micrographs."""

from django.db import connection
from django.db.models import Count

from microdb.micrographs.models import MicrographCount

MOST_LOOSE = 200
"""Rows of one dataset, each from one change, that are left for readers to add up."""
COLUMNS = (
    "dataset_id, material_class_id, none_of_these, unsure, split, modality, state, uploaded_by_id, flaw, "
    "no_specimen, scale_bin"
)
MERGE = f"""
    WITH gone AS (DELETE FROM micrographs_micrographcount WHERE dataset_id = %s RETURNING *)
    INSERT INTO micrographs_micrographcount ({COLUMNS}, count, loose)
    SELECT {COLUMNS}, sum(count), false FROM gone GROUP BY {COLUMNS} HAVING sum(count) <> 0
"""  # nosec # names of columns, no input
"""One statement, so that no reader sees rows twice or not at all; of two at once the second finds nothing left."""


def merge_counts(*, most_loose: int = MOST_LOOSE) -> int:
    """Leave one row for each combination in datasets with more loose rows than ``most_loose``; how many datasets."""
    loose = MicrographCount.objects.filter(loose=True).order_by().values("dataset").annotate(rows=Count("pk"))
    many = loose.filter(rows__gt=most_loose).values_list("dataset", flat=True)
    for dataset in many:
        with connection.cursor() as cursor:
            cursor.execute(MERGE, [dataset])
    return len(many)
