"""Near-duplicates: pairs with the same pixels or nearly the same picture. They are reported, never dropped."""

from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, F, Func, IntegerField, Q, Value
from django.utils import timezone

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.micrographs.files.perceptual_hash import NEAR
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Micrograph, NearDuplicate


class DifferingBits(Func):
    """The number of bits in which two 64-bit columns differ, counted by the database."""

    template = "bit_count((%(expressions)s)::bit(64))"
    arg_joiner = " # "
    output_field = IntegerField()


def find_near_duplicates(*, micrograph: Micrograph) -> list[NearDuplicate]:
    """Store a pair for every kept micrograph of the dataset with the same pixels or nearly the same picture.

    A file that was sent only to be scored is no part of the dataset, so it has none.
    """
    if micrograph.scored_only:
        return []
    own_hash = Value(micrograph.perceptual_hash, output_field=BigIntegerField())
    others = Micrograph.objects.kept().filter(dataset=micrograph.dataset_id).exclude(pk=micrograph.pk)
    alike = others.annotate(bits=DifferingBits(F("perceptual_hash"), own_hash)).filter(
        Q(pixel_sha256=micrograph.pixel_sha256) | Q(bits__lte=NEAR)
    )
    found = [
        _pair(micrograph, pk, pixels, bits) for pk, pixels, bits in alike.values_list("pk", "pixel_sha256", "bits")
    ]
    touch([micrograph.dataset_id])
    return NearDuplicate.objects.bulk_create(found, ignore_conflicts=True)


@transaction.atomic
def dismiss_near_duplicate(*, pair: NearDuplicate, by: User) -> None:
    """Record that the two differ; the pair then gives no more warnings."""
    NearDuplicate.objects.filter(pk=pair.pk).update(dismissed_by=by, dismissed_at=timezone.now())
    both = f"{pair.first.filename}, {pair.second.filename}"
    record(Verb.DUPLICATE_DISMISSED, dataset=pair.first.dataset, about=pair, name=both)
    touch([pair.first.dataset_id])


def _pair(micrograph: Micrograph, other: UUID, pixels: str, bits: int) -> NearDuplicate:
    """The smaller key first: two workers that read the two files at once then store one pair."""
    first, second = sorted([micrograph.pk, other], key=str)
    kind = NearDuplicate.Kind.PIXELS if pixels == micrograph.pixel_sha256 else NearDuplicate.Kind.NEAR
    return NearDuplicate(first_id=first, second_id=second, kind=kind, differing_bits=bits)
