"""Indexes for the lists of the admin, which show the rows of all datasets; see decision 085.

An order of the whole list needs an index of its own. A filter needs one for its rare values: to find the first rows
with a common value, Postgres goes through the list in its order.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import F, Index, Q
from django.db.models.functions import Upper


def order_index(*columns: str, name: str, key: str = "id", condition: Q | None = None) -> Index:
    """For ``IndexedChangeList``, which puts empty values first. No other query asks for that order, so Postgres never
    goes through all datasets' rows to find those of one.
    """
    return Index(*(F(one).asc(nulls_first=True) for one in columns), F(key).asc(), condition=condition, name=name)


def text_index(column: str, *, name: str) -> GinIndex:
    """For ``icontains``: three letters or more are found anywhere in the text, by the extension ``pg_trgm``."""
    return GinIndex(OpClass(Upper(column), name="gin_trgm_ops"), name=name)


MICROGRAPH = (
    order_index("created_at", name="micrograph_in_order"),
    order_index("filename", name="micrograph_by_filename"),
    order_index("specimen", name="micrograph_in_specimen_order"),
    order_index("pixels_per_micrometre", name="micrograph_of_any_scale"),
    Index(OpClass(F("sha256"), name="varchar_pattern_ops"), name="micrograph_by_sha256"),
    text_index("filename", name="micrograph_filename_text"),
    text_index("specimen", name="micrograph_specimen_text"),
    Index(fields=["split"], name="micrograph_of_split"),
    Index(fields=["scale_source"], name="micrograph_of_source"),
    order_index("state", "created_at", condition=~Q(state="ready"), name="micrograph_not_ready"),
    order_index("flaw", "created_at", condition=~Q(flaw=""), name="micrograph_flawed"),
    order_index("created_at", condition=Q(trashed_at__isnull=False), name="micrograph_trashed"),
    order_index("created_at", condition=Q(none_of_these=True), name="micrograph_none_of_these"),
    order_index("created_at", condition=Q(unsure=True), name="micrograph_unsure"),
)
CHANGE = (
    order_index("at", name="change_latest"),
    Index(fields=["field"], name="change_of_field"),
    Index(fields=["scale_source"], name="change_of_source"),
)
READING = (
    order_index("enqueued_at", key="micrograph", name="reading_latest"),
    Index(fields=["state"], name="reading_of_state"),
    Index(fields=["error_id"], condition=~Q(error_id=""), name="reading_by_error_id"),
    text_index("error", name="reading_error_text"),
)
NEAR_DUPLICATE = (order_index("kind", "differing_bits", name="near_duplicate_in_order"),)
