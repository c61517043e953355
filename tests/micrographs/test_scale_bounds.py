"""The bounds of a scale are one, from the form to the classifier."""

import math
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from classifier import samples
from microdb import scale_bounds
from microdb.micrographs import services
from microdb.micrographs.models import Micrograph, ScaleSource
from microdb.micrographs.scale.found import Extent, PixelSize, checked_size
from microdb.micrographs.scale.sidecar import Sidecar, read_sidecar
from tests.micrographs.conftest import rejected

LOW, HIGH = scale_bounds.LOWEST_SCALE, scale_bounds.HIGHEST_SCALE
POSSIBLE = [LOW, 0.5, HIGH]
IMPOSSIBLE = [0.0, -1.0, math.nextafter(LOW, 0), math.nextafter(HIGH, math.inf), math.inf, math.nan]


def test_the_site_and_the_classifier_have_the_same_bounds():
    assert (samples.LOWEST_SCALE, samples.HIGHEST_SCALE) == (LOW, HIGH)
    for scale in POSSIBLE:
        assert scale_bounds.is_possible_scale(scale)
        assert samples.checked_scale(scale) == scale
    for scale in IMPOSSIBLE:
        assert not scale_bounds.is_possible_scale(scale)
        with pytest.raises(samples.ClassifierError):
            samples.checked_scale(scale)


@pytest.mark.parametrize("scale", POSSIBLE)
def test_a_possible_scale_is_taken_at_the_services_and_by_the_database(add: Callable[..., Micrograph], owner, scale):
    micrograph = add(pixels_per_micrometre=scale)
    services.set_scale(micrographs=[micrograph], pixels_per_micrometre=1.0, source=ScaleSource.BY_HAND, by=owner)
    services.set_scale(micrographs=[micrograph], pixels_per_micrometre=scale, source=ScaleSource.BY_HAND, by=owner)
    micrograph.refresh_from_db()
    assert micrograph.pixels_per_micrometre == scale


@pytest.mark.parametrize("scale", IMPOSSIBLE)
def test_an_impossible_scale_is_refused_by_the_services_the_form_the_api_and_the_database(
    add, owner, signed_in, token, png, scale
):
    micrograph = add()
    given = {"pixels_per_micrometre": scale, "source": ScaleSource.BY_HAND}
    assert rejected(lambda: services.set_scale(micrographs=[micrograph], by=owner, **given)) == "bad_scale"
    assert rejected(lambda: add(1, pixels_per_micrometre=scale)) == "bad_scale"
    row = Micrograph.objects.filter(pk=micrograph.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(pixels_per_micrometre=scale, scale_source="by_hand")
    page = f"/datasets/steels/micrographs/{micrograph.pk}/scale/"
    assert signed_in.post(page, {"pixels_per_micrometre": str(scale)}).json()["code"] == "bad_scale"
    patched = signed_in.patch(
        f"/api/v1/datasets/steels/micrographs/{micrograph.pk}/",
        {"pixels_per_micrometre": str(scale)},
        content_type="application/json",
        headers=token(owner),
    )
    assert patched.status_code in (400, 405)
    micrograph.refresh_from_db()
    assert micrograph.pixels_per_micrometre is None


def test_an_impossible_pixel_size_in_metadata_or_a_sidecar_is_shown_and_not_taken():
    for micrometres in (0.0, -1.0, 2e6, 0.5e-6, math.nan, math.inf):
        found = checked_size(PixelSize(micrometres, micrometres, "some field"))
        assert (found.pixels_per_micrometre, found.note) == (None, "Not taken, for it can't be: some field")
    sidecar = Sidecar("a.txt", b"[SemImageFile]\nPixelSize=1e12\n")
    assert read_sidecar(sidecar, Extent(64, 48)).scale.pixels_per_micrometre is None
