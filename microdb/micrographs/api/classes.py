"""The material classes of a dataset: list, add, rename, define, reorder."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.serializers import MaterialClassSerializer
from microdb.micrographs.models import MaterialClass, Role
from microdb.micrographs.services.classes import describe_material_class, move_material_class, rename_material_class

MOST_CLASSES = 32_767
"""As many as a position counts."""


class MaterialClassList(generics.ListCreateAPIView[MaterialClass]):
    """The material classes of a dataset, in their order."""

    queryset = MaterialClass.objects.all()
    serializer_class = MaterialClassSerializer

    def get_queryset(self) -> QuerySet[MaterialClass]:
        return MaterialClass.objects.filter(dataset=dataset_or_404(self.request, self.kwargs["slug"]))

    @idempotent
    @transaction.atomic
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a class after the dataset's last one."""
        dataset_or_404(request, self.kwargs["slug"], Role.CURATOR)  # before what was sent is looked at
        return remembered(request, super().create(request, *args, **kwargs))

    def perform_create(self, serializer: Any) -> None:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], Role.CURATOR)
        serializer.instance = services.add_material_class(dataset=dataset, **serializer.validated_data)


class MaterialClassChangeSerializer(StrictSerializer):
    """Only what is sent changes."""

    name = serializers.CharField(required=False, max_length=60)
    description = serializers.CharField(required=False, allow_blank=True)
    position = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_CLASSES, help_text="Its new place; the others close up. 0 is first."
    )


class MaterialClassDetail(generics.GenericAPIView[MaterialClass]):
    """One material class."""

    queryset = MaterialClass.objects.all()
    serializer_class = MaterialClassSerializer

    @extend_schema(operation_id="datasets_classes_retrieve")
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return Response(self.get_serializer(self._found(Role.VIEWER)).data)

    @extend_schema(request=MaterialClassChangeSerializer, responses=MaterialClassSerializer)
    @transaction.atomic
    def patch(self, request: Request, slug: str, pk: int) -> Response:
        """Rename a class, define it, or move it in the order. Labels stay; frozen versions keep the old name."""
        one = self._found(Role.CURATOR)
        given = MaterialClassChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        if "name" in values:
            rename_material_class(material_class=one, name=values["name"])
        if "description" in values:
            describe_material_class(material_class=one, description=values["description"])
        if "position" in values:
            order = list(one.dataset.material_classes.order_by("position").values_list("pk", flat=True))
            move_material_class(material_class=one, places=values["position"] - order.index(one.pk))
        return Response(self.get_serializer(self._found(Role.CURATOR)).data)

    def _found(self, role: str) -> MaterialClass:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], role)
        return get_object_or_404(dataset.material_classes, pk=self.kwargs["pk"])
