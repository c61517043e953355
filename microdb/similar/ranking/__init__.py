"""The nearest descriptors of a model version: by pgvector where the database has it, else in this process.

Both compare every descriptor, so that they agree: decision 094.
"""

from microdb.similar.ranking.exact import ranked_here
from microdb.similar.ranking.pgvector import ranked_by_database, schema
from microdb.similar.ranking.wanted import Hit, Wanted

__all__ = ["Hit", "Wanted", "nearest"]


def nearest(wanted: Wanted, most: int) -> list[Hit]:
    """At most ``most`` of the wanted descriptors, the nearest first; of equally near ones the oldest."""
    found = schema()
    return ranked_here(wanted, most) if found is None else ranked_by_database(wanted, most, found)
