"""The near-duplicates of a dataset that its viewer may see."""

from django.db.models import Q, QuerySet

from microdb.micrographs.models import Dataset, Micrograph, NearDuplicate


def near_duplicates(dataset: Dataset, *, of: Micrograph | None = None) -> QuerySet[NearDuplicate]:
    """Pairs of kept micrographs that nobody has dismissed; ``of``: only those with this one."""
    pairs = NearDuplicate.objects.filter(first__dataset=dataset, dismissed_at=None)
    if of is not None:
        pairs = pairs.filter(Q(first=of) | Q(second=of))
    live = pairs.filter(first__trashed_at=None, second__trashed_at=None).select_related("first", "second")
    return live.exclude(Q(first__in=dataset.withheld) | Q(second__in=dataset.withheld))
