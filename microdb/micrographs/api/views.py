"""The addresses under ``/api/v1/`` for datasets, their classes and their micrographs."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.accounts.parsers import WholeMultiPartParser
from microdb.audit_log.recording import together
from microdb.micrographs import services
from microdb.micrographs.access import OF_LABELLERS, dataset_or_404, shown_or_404
from microdb.micrographs.api.filters import MicrographFilter, MicrographFilterBackend
from microdb.micrographs.api.pages import MicrographPages
from microdb.micrographs.api.serializers import (
    DatasetCreateSerializer,
    DatasetSerializer,
    MicrographChangeSerializer,
    MicrographDetailSerializer,
    MicrographSerializer,
    MicrographUploadSerializer,
)
from microdb.micrographs.models import Dataset, Micrograph, Role, ScaleSource
from microdb.micrographs.scale.sidecar import sent_sidecar
from microdb.micrographs.tasks import enqueue_reading

RELATED = ("dataset", "material_class", "acquisition", "lettering")


def user_of(request: Request) -> User:
    """The signed-in user, whom the default permission has made sure of."""
    return cast(User, request.user)


class DatasetList(generics.ListCreateAPIView[Dataset]):
    """Datasets that you are a member of."""

    serializer_class = DatasetSerializer

    def get_queryset(self) -> QuerySet[Dataset]:
        return Dataset.objects.visible_to(self.request.user)

    @extend_schema(request={"application/json": DatasetCreateSerializer}, responses={201: DatasetSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a dataset that you own. A token that is restricted to datasets can't."""
        if user_of(request).only_datasets is not None:
            raise PermissionDenied(_("This token is restricted to some datasets, so it can't make another one."))
        given = DatasetCreateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        dataset = services.create_dataset(by=user_of(request), **given.validated_data)
        return remembered(request, Response(DatasetSerializer(dataset).data, status=status.HTTP_201_CREATED))


class DatasetDetail(generics.RetrieveUpdateDestroyAPIView[Dataset]):
    """One dataset."""

    queryset = Dataset.objects.all()
    serializer_class = DatasetSerializer
    lookup_field = "slug"
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_object(self) -> Dataset:
        return dataset_or_404(self.request, self.kwargs["slug"], self._needed())

    def _needed(self) -> Role:
        if self.request.method == "PATCH":
            given = self.request.data
            return Role.OWNER if isinstance(given, Mapping) and "public" in given else Role.CURATOR
        return Role.OWNER if self.request.method == "DELETE" else Role.VIEWER

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change what describes it. Only an owner changes ``public``: a public dataset has a licence of these:
        CC0-1.0, CC-BY-4.0, CC-BY-SA-4.0, CC-BY-NC-4.0, CC-BY-NC-SA-4.0, CC-BY-ND-4.0, CDLA-Permissive-2.0, ODbL-1.0.
        Everybody may then read its gallery, its micrographs and its trained versions, without an account, too.
        """
        return super().patch(request, *args, **kwargs)

    def perform_update(self, serializer: Any) -> None:
        services.update_dataset(dataset=serializer.instance, **serializer.validated_data)

    def perform_destroy(self, instance: Dataset) -> None:
        """Into the trash, from where an administrator can bring it back."""
        services.trash_dataset(dataset=instance, by=user_of(self.request))


class MicrographList(generics.ListCreateAPIView[Micrograph]):
    """The micrographs of a dataset, the oldest first."""

    queryset = Micrograph.objects.all()
    serializer_class = MicrographSerializer
    filter_backends = [MicrographFilterBackend]
    filterset_class = MicrographFilter
    parser_classes = [WholeMultiPartParser]
    pagination_class = MicrographPages
    get_parameters = {"cursor"}

    @cached_property
    def dataset(self) -> Dataset:
        return dataset_or_404(self.request, self.kwargs["slug"])

    def count(self) -> int:
        """How many micrographs the filters match."""
        filters = MicrographFilterBackend().get_filterset(self.request, self.get_queryset(), self)
        return int(filters.count()) if filters.is_valid() else 0

    def get_queryset(self) -> QuerySet[Micrograph]:
        kept = self.dataset.shown().kept()
        return kept.select_related(*RELATED).defer("acquisition__record", "lettering__pictures")

    @extend_schema(request={"multipart/form-data": MicrographUploadSerializer}, responses={201: MicrographSerializer})
    @idempotent
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Add a micrograph. It is ``reading`` until a worker has decoded it; 409 ``duplicate`` names the other."""
        dataset = dataset_or_404(request, self.kwargs["slug"], Role.CURATOR)
        given = MicrographUploadSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        about = dict(given.validated_data)
        about["sidecar"] = sent_sidecar(about.pop("sidecar", None))
        by, name = user_of(request), about["file"].name
        with transaction.atomic():
            micrograph = services.add_micrograph(dataset=dataset, filename=name, by=by, **about)
            enqueue_reading(micrograph)
            answer = Response(self.get_serializer(micrograph).data, status=status.HTTP_201_CREATED)
            return remembered(request, answer)


class MicrographView(generics.GenericAPIView[Any]):
    """What the addresses of one micrograph have in common."""

    queryset = Micrograph.objects.all()
    serializer_class: Any = MicrographDetailSerializer

    def answer(self, slug: str, pk: UUID) -> Response:
        return Response(self.get_serializer(self.found(slug, pk)).data)

    def found(self, slug: str, pk: UUID, role: str = Role.VIEWER) -> Micrograph:
        dataset = dataset_or_404(self.request, slug, role)
        return shown_or_404(self.request, dataset.micrographs.stored().select_related(*RELATED, "uploaded_by"), pk)


class MicrographDetail(MicrographView):
    """One micrograph."""

    def get(self, request: Request, slug: str, pk: UUID) -> Response:
        return self.answer(slug, pk)

    @extend_schema(request=MicrographChangeSerializer, responses=MicrographDetailSerializer)
    def patch(self, request: Request, slug: str, pk: UUID) -> Response:
        """Change label, scale, specimen, modality, split, data bar or masks; the history keeps what was."""
        given = MicrographChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        changes = dict(given.validated_data)
        seen = changes.pop("seen", None)
        role = Role.LABELLER if OF_LABELLERS.issuperset(changes) else Role.CURATOR
        _change([self.found(slug, pk, role)], changes, user_of(request), seen)
        return self.answer(slug, pk)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: UUID) -> Response:
        """Into the trash, from where it can be brought back."""
        services.trash_micrographs(micrographs=[self.found(slug, pk, Role.CURATOR)], by=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


@together()
def _change(micrographs: list[Micrograph], given: dict[str, Any], by: User, seen: str | None) -> None:
    if "label" in given:
        services.set_label(micrographs=micrographs, label=given["label"], by=by, seen=seen)
    if "pixels_per_micrometre" in given:
        scale = given["pixels_per_micrometre"]
        services.set_scale(micrographs=micrographs, pixels_per_micrometre=scale, source=ScaleSource.BY_HAND, by=by)
    if "specimen" in given:
        services.set_specimen(micrographs=micrographs, specimen=given["specimen"], by=by)
    if "modality" in given:
        services.set_modality(micrographs=micrographs, modality=given["modality"], by=by)
    if "split" in given:
        services.set_split(micrographs=micrographs, split=given["split"], by=by)
    if "masked" in given:
        services.set_masked(micrographs=micrographs, masked=given["masked"], by=by)
    if "data_bar_top" in given:
        services.set_data_bar(micrographs=micrographs, top=given["data_bar_top"], by=by)
