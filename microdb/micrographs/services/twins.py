"""Micrographs that show the same: found once when a file is read, shown wherever it matters, never dropped."""

from uuid import UUID

from django.db.models import BigIntegerField, F, Func, IntegerField, Q, Value
from django.utils import timezone

from microdb.accounts.models import User
from microdb.micrographs.files.perceptual_hash import NEAR
from microdb.micrographs.gallery.cached_counts import touch
from microdb.micrographs.models import Micrograph, Twin


class DifferingBits(Func):
    """The number of bits in which two 64-bit columns differ, counted by the database."""

    template = "bit_count((%(expressions)s)::bit(64))"
    arg_joiner = " # "
    output_field = IntegerField()


def find_twins(*, micrograph: Micrograph) -> list[Twin]:
    """Note every kept micrograph of the dataset with the same pixels or nearly the same picture."""
    own_hash = Value(micrograph.perceptual_hash, output_field=BigIntegerField())
    others = Micrograph.objects.kept().filter(dataset=micrograph.dataset_id).exclude(pk=micrograph.pk)
    alike = others.annotate(bits=DifferingBits(F("perceptual_hash"), own_hash)).filter(
        Q(pixel_sha256=micrograph.pixel_sha256) | Q(bits__lte=NEAR)
    )
    found = [
        _twin(micrograph, pk, pixels, bits) for pk, pixels, bits in alike.values_list("pk", "pixel_sha256", "bits")
    ]
    touch([micrograph.dataset_id])
    return Twin.objects.bulk_create(found, ignore_conflicts=True)


def dismiss_twin(*, twin: Twin, by: User) -> None:
    """Record that the two differ, so that they warn no more."""
    Twin.objects.filter(pk=twin.pk).update(dismissed_by=by, dismissed_at=timezone.now())
    touch([twin.first.dataset_id])


def _twin(micrograph: Micrograph, other: UUID, pixels: str, bits: int) -> Twin:
    """The smaller key first, so that two workers that read the two at once note one pair."""
    first, second = sorted([micrograph.pk, other], key=str)
    kind = Twin.Kind.PIXELS if pixels == micrograph.pixel_sha256 else Twin.Kind.NEAR
    return Twin(first_id=first, second_id=second, kind=kind, differing_bits=bits)
