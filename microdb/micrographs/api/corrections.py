"""Corrections of one micrograph that are more than a new value: a measured bar, a late sidecar, taking it in."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.parsers import WholeMultiPartParser
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.api.serializers import MicrographDetailSerializer
from microdb.micrographs.api.views import MicrographView, user_of
from microdb.micrographs.models import Role, ScaleSource
from microdb.micrographs.scale.measured_bar import UNITS, MeasuredBar
from microdb.micrographs.scale.sidecar import sent_sidecar

LONGEST = 1e9
"""Pixels, or units of length."""


class MeasuredBarSerializer(StrictSerializer):
    """The two ends of the micron bar, as their distance, and the length written at it."""

    pixels = serializers.FloatField(min_value=1, max_value=LONGEST, help_text="Of the master.")
    length = serializers.FloatField(min_value=1e-9, max_value=LONGEST)
    unit = serializers.ChoiceField(choices=UNITS)


class LateSidecarSerializer(serializers.Serializer[Any]):
    sidecar = serializers.FileField(help_text="The text file that the microscope wrote beside the image.")


class MicrographMicronBar(MicrographView):
    @extend_schema(request=MeasuredBarSerializer, responses=MicrographDetailSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Set the scale from a micron bar that you measured in the image."""
        measured = self.found(slug, pk, Role.LABELLER)
        given = MeasuredBarSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        bar = MeasuredBar(**given.validated_data)
        services.set_scale(
            micrographs=[measured],
            pixels_per_micrometre=bar.pixels_per_micrometre,
            source=ScaleSource.MICRON_BAR,
            by=user_of(request),
            note=bar.note,
        )
        return remembered(request, self.answer(slug, pk))


class MicrographSidecar(MicrographView):
    parser_classes = [WholeMultiPartParser]

    @extend_schema(request={"multipart/form-data": LateSidecarSerializer}, responses=MicrographDetailSerializer)
    @idempotent
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Send the sidecar of a stored micrograph that has no scale; its scale and its record are taken."""
        lacking = self.found(slug, pk, Role.CURATOR)
        given = LateSidecarSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        sidecar = sent_sidecar(given.validated_data["sidecar"])
        if sidecar is None or lacking.state != lacking.State.READY:
            raise MicroDBError(
                _("A sidecar is taken for a micrograph that has been read; this one has not."), code="not_ready"
            )
        with transaction.atomic():
            services.take_sidecar(micrograph=lacking, sidecar=sidecar, by=user_of(request))
            return remembered(request, self.answer(slug, pk))


class MicrographTake(MicrographView):
    @extend_schema(request=None, responses=MicrographDetailSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: UUID) -> Response:
        """Make a file that was only scored part of the dataset."""
        services.take_into_dataset(micrograph=self.found(slug, pk, Role.CURATOR), by=user_of(request))
        return remembered(request, self.answer(slug, pk))
