"""Copies of a draft's questions in other datasets, where people may read their labels."""

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from microdb.micrographs.models import Membership, Micrograph
from microdb.quizzes.models import Quiz


def copies_elsewhere(quiz: Quiz) -> list[str]:
    """A sentence for the organiser, if other datasets have files or pictures of the questions; three queries.

    It names no other dataset: the organiser may have no access to it. Members of this dataset do not count as readers,
    since an open quiz withholds the copies from them.
    """
    asked = Micrograph.objects.filter(questions__quiz=quiz)
    same_bytes, same_pixels = _copies_of(asked)
    kept = Q(trashed_at=None, dataset__trashed_at=None) & ~Q(dataset=quiz.dataset_id)
    columns = ("sha256", "pixel_sha256", "dataset")
    found = list(same_bytes.filter(kept).order_by().values_list(*columns))
    found += same_pixels.filter(kept).order_by().values_list(*columns)
    if not found:
        return []
    hashes = {text for sha256, pixel_sha256, _dataset in found for text in (sha256, pixel_sha256) if text}
    repeated = sum(not hashes.isdisjoint(pair) for pair in asked.values_list("sha256", "pixel_sha256"))
    datasets = {dataset for _sha256, _pixel_sha256, dataset in found}
    members = Membership.objects.filter(dataset=quiz.dataset_id).values("user")
    others = Membership.objects.filter(dataset__in=datasets).exclude(user__in=members)
    sentence = ngettext(
        "%(repeated)d question is also in other datasets (%(datasets)d). While the quiz is open, the copies are "
        "hidden from the members of this dataset. People who are no members but can read the labels there: %(people)d.",
        "%(repeated)d questions are also in other datasets (%(datasets)d). While the quiz is open, the copies are "
        "hidden from the members of this dataset. People who are no members but can read the labels there: %(people)d.",
        repeated,
    )
    people = others.values("user").distinct().count()
    return [sentence % {"repeated": repeated, "datasets": len(datasets), "people": people}]


def _copies_of(micrographs: "QuerySet[Micrograph]") -> "tuple[QuerySet[Micrograph], QuerySet[Micrograph]]":
    """Micrographs of any dataset with the same bytes, and with the same pixels, themselves included."""
    originals = micrographs.order_by()
    same_bytes = Micrograph.objects.filter(sha256__in=originals.values("sha256"))
    same_pixels = Micrograph.objects.filter(pixel_sha256__in=originals.exclude(pixel_sha256="").values("pixel_sha256"))
    return same_bytes, same_pixels
