"""Changes of many micrographs at once, and their undo."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.accounts.parsers import LongJSONParser
from microdb.audit_log.recording import together
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.filters import MicrographFilter, filter_parameters
from microdb.micrographs.api.keys import MicrographKeys, chosen_micrographs
from microdb.micrographs.api.undo import undo_steps_of, undo_text
from microdb.micrographs.api.views import user_of
from microdb.micrographs.models import Micrograph, Role, ScaleSource, Split
from microdb.micrographs.services.bulk import SIDECAR, Step, change_many, role_for, step_of, undo_steps
from microdb.micrographs.tasks import start_rereading
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE


class BulkChangeSerializer(StrictSerializer):
    """The micrographs, or a filter in the address, and what becomes of all of them; what is not sent stays."""

    micrographs = MicrographKeys(required=False)
    label = serializers.CharField(  # type: ignore[assignment] # a serializer's own label is not used
        required=False, allow_blank=True, help_text="A class, none-of-these, unsure, or empty for none."
    )
    pixels_per_micrometre = serializers.FloatField(
        required=False, allow_null=True, min_value=LOWEST_SCALE, max_value=HIGHEST_SCALE
    )
    confirm_bar_scale = serializers.BooleanField(
        default=False, help_text="Give those without a scale the one of their micron bar and the length read at it."
    )
    specimen = serializers.CharField(required=False, allow_blank=True)
    modality = serializers.CharField(required=False, allow_blank=True)
    split = serializers.ChoiceField(choices=Split.choices, required=False, allow_blank=True)


class BulkDoneSerializer(serializers.Serializer[Any]):
    """What a bulk change did."""

    micrographs = serializers.IntegerField(help_text="How many were chosen.")
    changed = serializers.DictField(child=serializers.IntegerField(), help_text="How many changed, by field.")
    undo = serializers.CharField(
        allow_null=True, help_text="For `bulk/undo/`, within seven days; null where nothing or too much was changed."
    )


class UndoSerializer(StrictSerializer):
    undo = serializers.CharField(help_text="As a bulk change, a split or a manifest answered it.")


class UndoneSerializer(serializers.Serializer[Any]):
    micrographs = serializers.IntegerField(help_text="How many are as before.")


class BulkChange(APIView):
    """Many micrographs of a dataset."""

    parser_classes = [LongJSONParser]
    post_parameters = set(MicrographFilter.base_filters)

    @extend_schema(
        request=BulkChangeSerializer, responses=BulkDoneSerializer, parameters=filter_parameters(MicrographFilter)
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Change label, scale, specimen, modality or split of many micrographs: of all of them, or of none."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = BulkChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        keys = values.pop("micrographs", None)
        found = chosen_micrographs(dataset.shown().stored(), keys, dataset=dataset, request=request)
        chosen = list(found.select_related("material_class", "dataset"))
        changed, steps = _change(chosen, values, user_of(request))
        undo = undo_text(dataset, steps) if any(changed.values()) else None
        return remembered(request, Response({"micrographs": len(chosen), "changed": changed, "undo": undo}))


class BulkUndo(APIView):
    @extend_schema(request=UndoSerializer, responses=UndoneSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Give micrographs back the values that a bulk change replaced."""
        dataset = dataset_or_404(request, slug, Role.LABELLER)
        given = UndoSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        steps = undo_steps_of(dataset, given.validated_data["undo"])
        dataset_or_404(request, slug, role_for(steps))
        count = undo_steps(dataset=dataset, steps=steps, by=user_of(request))
        if any(step["action"] == SIDECAR for step in steps):
            start_rereading.delay_on_commit()
        return remembered(request, Response({"micrographs": count}))


def _change(chosen: list[Micrograph], values: dict[str, Any], by: User) -> tuple[dict[str, int], list[Step]]:
    """How many micrographs each field changed, and the steps that undo it, the latest first."""
    confirm = values.pop("confirm_bar_scale")
    actions = {"scale" if name == "pixels_per_micrometre" else name: value for name, value in values.items()}
    if "scale" in actions:
        actions["scale"] = (actions["scale"], ScaleSource.BY_HAND.value, "")
    if confirm:
        actions["bar_scale"] = None
    if not actions or (confirm and "scale" in actions):
        raise MicroDBError(
            _("Give at least one field to change, and a scale or the confirmation of the bars' scales, not both."),
            code="nothing_given",
        )
    steps = [step_of(action, chosen) for action in actions]
    with together():
        changed = {
            "pixels_per_micrometre" if "scale" in action else action: change_many(
                micrographs=chosen, action=action, value=value, by=by
            )
            for action, value in actions.items()
        }
    return changed, steps[::-1]
