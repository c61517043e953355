"""Ranking by pgvector. The column stays an array of the database's own, which is cast as it is read: a backup can be
restored where there is no pgvector, and pgvector can be added to a site at any time.
"""

import logging

from django.db import connection, connections, transaction
from django.db.utils import DatabaseError

from microdb.similar.models import Descriptor
from microdb.similar.ranking.wanted import Hit, Wanted

logger = logging.getLogger(__name__)


def enable(using: str) -> None:
    """Add pgvector to the database where its server has it and this role may."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT FROM pg_available_extensions WHERE name = 'vector' AND installed_version IS NULL")
        if not cursor.fetchall():
            return
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except DatabaseError as error:
        logger.info("Similar micrographs are found without pgvector: %s", error)


def schema() -> str | None:
    """The schema of pgvector, quoted; None where the database has none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'vector'")
        row = cursor.fetchone()
    return row[0] if row else None


def ranked_by_database(wanted: Wanted, most: int, schema: str) -> list[Hit]:
    """The nearest of all wanted descriptors, which the database measures one by one."""
    low, high = wanted.scales or (None, None)
    statement = f"""
        SELECT id, vector::{schema}.vector OPERATOR({schema}.<->) %(vector)s::real[]::{schema}.vector AS distance
        FROM {Descriptor._meta.db_table}
        WHERE model_version_id = %(version)s AND cardinality(vector) = %(width)s AND (trained_on OR NOT %(trained_on)s)
            AND (%(low)s::float8 IS NULL OR pixels_per_micrometre BETWEEN %(low)s AND %(high)s)
        ORDER BY distance, id LIMIT %(most)s
    """  # nosec # names of a table and a schema
    given = {
        "vector": wanted.vector.tolist(),
        "width": len(wanted.vector),
        "version": wanted.model_version,
        "trained_on": wanted.trained_on,
        "low": low,
        "high": high,
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, given)
        return [Hit(*row) for row in cursor.fetchall()]
