"""Tables applied to what a dataset has: a manifest to its micrographs, a table of specimens to their records.

A table is sent twice: first to see what it would change, then with the digest of that, to have it done.
"""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.parsers import WholeMultiPartParser
from microdb.csv_lines import CSV_TYPE
from microdb.errors import MicroDBError
from microdb.manifest import MANIFEST, SPECIMENS, parse_manifest
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.files import AnyAccept
from microdb.micrographs.api.undo import undo_text
from microdb.micrographs.api.views import user_of
from microdb.micrographs.gallery.specimen_list import specimen_entries
from microdb.micrographs.import_export.specimen_updates import SpecimenUpdates, specimen_updates
from microdb.micrographs.import_export.specimens_csv import parse_specimens, specimens_csv
from microdb.micrographs.import_export.updates import ManifestUpdates, manifest_updates
from microdb.micrographs.models import Role
from microdb.micrographs.services.bulk import steps_of_updates

LISTED = 200
"""Changes, and problems, of one answer; all are counted."""


class ManifestSerializer(StrictSerializer):
    manifest = serializers.FileField(allow_empty_file=True, help_text="A CSV file with filename and other columns.")
    digest = serializers.CharField(
        required=False, max_length=64, help_text="Of the changes that you agree to; without, nothing is changed."
    )


class SpecimenTableSerializer(StrictSerializer):
    table = serializers.FileField(allow_empty_file=True, help_text="A CSV file with specimen and other columns.")
    digest = serializers.CharField(
        required=False, max_length=64, help_text="Of the changes that you agree to; without, nothing is changed."
    )
    unused = serializers.BooleanField(default=False, help_text="Also specimens that no micrograph names.")


class RowSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    sentence = serializers.CharField()


class TableSerializer(serializers.Serializer[Any]):
    """What a table changes; at most 200 changes and problems are listed."""

    digest = serializers.CharField(help_text="Of the changes: send it back with the table to have them done.")
    applied = serializers.BooleanField()
    count = serializers.IntegerField(help_text="How many would change, or have changed.")
    same = serializers.IntegerField(help_text="Rows that change nothing.")
    problem_count = serializers.IntegerField(help_text="Rows or files that are left out.")
    note = serializers.CharField(help_text="How the file was understood.")
    updates = RowSerializer(many=True)
    problems = RowSerializer(many=True)


class AppliedManifestSerializer(TableSerializer):
    undo = serializers.CharField(allow_null=True, help_text="For `bulk/undo/`, within seven days.")


class AppliedSpecimensSerializer(TableSerializer):
    unused_count = serializers.IntegerField(help_text="New specimens that no micrograph names.")
    changes = serializers.ListField(
        child=serializers.IntegerField(), help_text="For `specimen-changes/revert/`; empty before they are done."
    )


class ManifestApply(APIView):
    parser_classes = [WholeMultiPartParser]

    @extend_schema(request={"multipart/form-data": ManifestSerializer}, responses=AppliedManifestSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Show what a manifest would change of stored micrographs; with `digest`, change all of it."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = ManifestSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["manifest"]
        found = manifest_updates(dataset, parse_manifest(file.file, file.name or MANIFEST))
        applied = _agreed(found, given.validated_data)
        steps = steps_of_updates(found.updates) if applied else []
        if applied:
            services.update_micrographs(updates=found.updates, by=user_of(request))
        answer = _shown(found, applied=applied, note=found.note) | {"undo": undo_text(dataset, steps)}
        return remembered(request, Response(answer))


class SpecimenTable(APIView):
    """The records of a dataset's specimens as a CSV file."""

    content_negotiation_class = AnyAccept
    parser_classes = [WholeMultiPartParser]

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """All specimens, also those of which only the name is known."""
        dataset = dataset_or_404(request, slug)
        lines = specimens_csv(one.specimen for one in specimen_entries(dataset))
        response = StreamingHttpResponse(lines, content_type=CSV_TYPE)
        response["Content-Disposition"] = f'attachment; filename="{dataset.slug}-{SPECIMENS}"'
        return response

    @extend_schema(request={"multipart/form-data": SpecimenTableSerializer}, responses=AppliedSpecimensSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Show what a table would change of the specimens' records; with `digest`, change all of it."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = SpecimenTableSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        file = given.validated_data["table"]
        found = specimen_updates(dataset, parse_specimens(file.file, file.name or SPECIMENS))
        chosen = [*found.updates, *(found.unused if given.validated_data["unused"] else [])]
        applied = _agreed(found, given.validated_data)
        records = {one.name: one.after for one in chosen} if applied else {}
        changes = services.update_specimens(dataset=dataset, records=records, by=user_of(request))
        answer = _shown(found, applied=applied, note=" ".join(found.notes))
        keys = [one.pk for one in changes]
        answer |= {"count": len(chosen), "unused_count": len(found.unused), "changes": keys}
        return remembered(request, Response(answer))


def _agreed(found: ManifestUpdates | SpecimenUpdates, given: dict[str, Any]) -> bool:
    """Whether the changes are to be done. Raises MicroDBError where they are not those that were agreed to."""
    digest = given.get("digest")
    if digest and digest != found.digest:
        raise MicroDBError(
            _("The dataset or the table has changed since: look at the changes again, and send their new digest."),
            code="changed",
        )
    return bool(digest)


def _shown(found: ManifestUpdates | SpecimenUpdates, *, applied: bool, note: str) -> dict[str, Any]:
    updates: Iterable[Any] = found.updates[:LISTED]
    return {
        "digest": found.digest,
        "applied": applied,
        "count": len(found.updates),
        "same": found.same,
        "problem_count": len(found.problems),
        "note": note,
        "updates": [{"name": one.name, "sentence": one.sentence} for one in updates],
        "problems": [{"name": name, "sentence": sentence} for name, sentence in found.problems[:LISTED]],
    }
