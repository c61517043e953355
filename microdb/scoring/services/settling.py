"""From the items of a batch to their scores, once their micrographs have been read."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection, transaction

from microdb.errors import MicroDBError
from microdb.micrographs.models import Micrograph
from microdb.scoring.models import BatchItem, BatchItemQuerySet
from microdb.scoring.services.scores import NOT_READY, PATIENT, check_micrograph, scores_of
from microdb.training.models import ModelVersion

ROWS_AT_ONCE = 500


@transaction.atomic
def settle_items(items: BatchItemQuerySet) -> list[BatchItem]:
    """Give items of started batches whose micrograph has been read their score, or the reason why there is none.

    At most ``ROWS_AT_ONCE`` of them, which are returned. The caller enqueues their scores.
    """
    # Somebody else who settles the same items does it for both.
    locked = items.next_to_score().select_for_update(of=("self",), skip_locked=True)
    related = locked.select_related("batch__model_version__dataset", "micrograph__dataset")
    rows = related.defer("batch__model_version__descriptor_map", "batch__model_version__metrics")
    found = list(rows.order_by("batch_id", "position")[:ROWS_AT_ONCE])
    by_version = defaultdict(list)
    for item in found:
        by_version[item.batch.model_version].append(item)
    for version, own in by_version.items():
        _give_scores(version, own)
    BatchItem.objects.bulk_update([item for item in found if item.error], ["error", "error_code"])
    _store_scores([(item.pk, item.score_id) for item in found if item.score_id])
    return found


def _store_scores(scores: Sequence[tuple[int, UUID]]) -> None:
    """Store the scores of items by their keys; ``bulk_update`` takes a millisecond for each."""
    statement = f"""
        UPDATE {BatchItem._meta.db_table} AS item SET score_id = given.score
        FROM unnest(%s::bigint[], %s::uuid[]) AS given(item, score) WHERE item.id = given.item
    """  # nosec # a name of a table
    with connection.cursor() as cursor:
        cursor.execute(statement, [[item for item, _score in scores], [str(score) for _item, score in scores]])


def _give_scores(model_version: ModelVersion, items: Iterable[BatchItem]) -> None:
    ready: list[tuple[BatchItem, Micrograph]] = []
    for item in items:
        assert item.micrograph is not None  # unread items have one
        try:
            check_micrograph(model_version, item.micrograph)
        except MicroDBError as error:
            if error.code != NOT_READY:
                item.error, item.error_code = error.message, error.code
        else:
            ready.append((item, item.micrograph))
    scores = scores_of(model_version, [micrograph for _item, micrograph in ready], PATIENT)
    for item, micrograph in ready:
        item.score = scores[micrograph.pk]
