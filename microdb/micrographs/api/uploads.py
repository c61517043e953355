"""Files sent in several requests, by the tus protocol: ``datasets/{slug}/uploads/``.

The addresses for the files of a batch, in the room of scores, differ only in where a whole file goes.
"""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import ApiToken
from microdb.accounts.parsers import WholeMultiPartParser
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api import tus
from microdb.micrographs.api.serializers import UploadSerializer
from microdb.micrographs.api.views import user_of
from microdb.micrographs.models import Dataset, Micrograph, Role, ScaleSource, Split, Upload, UploadQuerySet
from microdb.micrographs.scale.sidecar import sent_sidecar
from microdb.micrographs.tasks import store_to_be_read
from microdb.micrographs.uploads.parts import WholePart

OF_CLIENTS = {"name", "type", "filetype", "relativePath"}
"""Metadata that clients of the protocol send by themselves."""
OTHER_VERSION = {412: OpenApiResponse(OpenApiTypes.OBJECT, "Tus-Resumable names another version.")}
GONE = {410: OpenApiResponse(OpenApiTypes.OBJECT, "The upload has expired, or its bytes are gone: begin again.")}
LOCKED = {423: OpenApiResponse(OpenApiTypes.OBJECT, "Another request is sending this upload.")}
ERRORS_OF_PARTS = {
    **GONE,
    411: OpenApiResponse(OpenApiTypes.OBJECT, "The body has no Content-Length."),
    **OTHER_VERSION,
    **LOCKED,
    460: OpenApiResponse(OpenApiTypes.OBJECT, "The body does not have its checksum. Nothing of it was kept."),
}


class UploadMetadataSerializer(StrictSerializer):
    """What may be said of every file in ``Upload-Metadata``."""

    filename = serializers.CharField(max_length=1000)
    fingerprint = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", required=False, allow_blank=True, default="")


class MicrographMetadataSerializer(UploadMetadataSerializer):
    """And of one that becomes a micrograph of the dataset."""

    pixels_per_micrometre = serializers.FloatField(required=False, allow_null=True, default=None)
    scale_source = serializers.ChoiceField(choices=ScaleSource.choices, required=False, allow_blank=True, default="")
    scale_note = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    label = serializers.CharField(required=False, allow_blank=True, default="")  # type: ignore[assignment] # a serializer's own label is not used
    specimen = serializers.CharField(required=False, allow_blank=True, default="")
    modality = serializers.CharField(required=False, allow_blank=True, default="")
    split = serializers.ChoiceField(choices=Split.choices, required=False, allow_blank=True, default="")


class SidecarSerializer(serializers.Serializer[Any]):
    """The text file that the microscope wrote beside the image."""

    sidecar = serializers.FileField(required=False, allow_empty_file=True)


class OwnUploads(generics.GenericAPIView[Upload]):
    """What the addresses of uploads have in common: a person sees only their own."""

    queryset = Upload.objects.all()
    serializer_class = UploadSerializer
    delete_scope = ApiToken.Scope.UPLOAD
    metadata_serializer: type[UploadMetadataSerializer] = MicrographMetadataSerializer

    def dataset(self) -> Dataset:
        return dataset_or_404(self.request, self.kwargs["slug"], Role.CURATOR)

    def batch_key(self) -> UUID | None:
        """The batch that the uploads are for. Raises Http404 where there is none."""
        return None

    def refuse_start(self) -> None:
        """Raise MicroDBError where no more uploads can be begun."""

    def own(self) -> UploadQuerySet:
        mine = Upload.objects.of_person(user_of(self.request), self.dataset(), self.batch_key())
        return mine.select_related("dataset", "by", "micrograph").order_by("created_at", "pk")

    def store(self, upload: Upload, part: WholePart) -> Micrograph | None:
        """Turn a whole file into what it was sent for."""
        return store_to_be_read(upload, part)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response["Tus-Resumable"] = tus.VERSION
        if response.status_code == 412:
            response["Tus-Version"] = tus.VERSION
        return response

    @extend_schema(exclude=True)
    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """What this server does of the protocol."""
        return Response(status=status.HTTP_204_NO_CONTENT, headers=tus.server_headers())


class UploadList(ListModelMixin, OwnUploads):
    """Your unfinished uploads."""

    parser_classes = [WholeMultiPartParser, tus.OffsetParser]
    get_parameters = ("fingerprint",)
    meaningful_headers = ("Upload-Length", "Upload-Metadata")

    def get_queryset(self) -> UploadQuerySet:
        unfinished = self.own().unfinished()
        fingerprint = self.request.query_params.get("fingerprint", "")
        return unfinished.filter(fingerprint=fingerprint) if fingerprint else unfinished

    @extend_schema(parameters=[OpenApiParameter("fingerprint", str, description="Only those that were begun with it.")])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.list(request, *args, **kwargs)

    @extend_schema(
        request={"multipart/form-data": SidecarSerializer},
        parameters=[tus.VERSION_HEADER, tus.LENGTH_HEADER, tus.METADATA_HEADER],
        responses={201: UploadSerializer, 200: UploadSerializer, **OTHER_VERSION},
    )
    @idempotent
    def post(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Begin an upload; `Location` is where its bytes go. A sidecar comes with this request, as a multipart form."""
        dataset, batch = self.dataset(), self.batch_key()
        self.refuse_start()
        tus.refuse_other_version(request)
        length = tus.whole_number(request, "Upload-Length")
        about = self._about(request)
        with_sidecar = SidecarSerializer(data=request.data if hasattr(request.data, "keys") else {})
        with_sidecar.is_valid(raise_exception=True)
        with transaction.atomic():
            upload = services.start_upload(
                dataset=dataset,
                by=user_of(request),
                batch=batch,
                length=length,
                sidecar=sent_sidecar(with_sidecar.validated_data.get("sidecar")),
                **about,
            )
            answer = Response(self.get_serializer(upload).data, status=status.HTTP_201_CREATED)
            return remembered(request, answer)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if request.method == "POST" and response.status_code in (200, 201):
            response["Location"] = response.data["url"]
            response["Upload-Offset"] = str(response.data["offset"])
        return super().finalize_response(request, response, *args, **kwargs)

    def _about(self, request: Request) -> dict[str, Any]:
        sent = tus.metadata(request)
        if "filename" not in sent and "name" in sent:
            sent["filename"] = sent["name"]
        given = self.metadata_serializer(data={name: value for name, value in sent.items() if name not in OF_CLIENTS})
        given.is_valid(raise_exception=True)
        found = dict(given.validated_data)
        told = {name: found.pop(name) for name in ("filename", "fingerprint", "sha256")}
        return {**told, "about": found}


class UploadDetail(OwnUploads):
    """One upload of yours."""

    parser_classes = [tus.OffsetParser]

    @extend_schema(responses={200: UploadSerializer, **GONE})
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """How much has arrived, and what became of the file. HEAD answers the headers alone."""
        upload = self._found()
        services.settle(upload=upload, store=self.store)
        return Response(self.get_serializer(upload).data, headers=tus.headers_of(upload))

    @extend_schema(
        request={tus.OFFSET_TYPE: OpenApiTypes.BINARY},
        parameters=[tus.VERSION_HEADER, tus.OFFSET_HEADER, tus.CHECKSUM_HEADER],
        responses={204: None, **dict.fromkeys(ERRORS_OF_PARTS, OpenApiTypes.OBJECT)},
    )
    def patch(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send bytes from the offset on. After the last ones the file is checked and stored, as in any upload."""
        upload = self._found()
        tus.refuse_other_version(request)
        offset = tus.whole_number(request, "Upload-Offset")
        given = tus.checksum(request)
        _ = request.data  # 415 for a body of another type
        length = tus.body_length(request, most=max(0, upload.length - offset))
        with tus.receiving():
            pieces = tus.pieces(request, length)
            services.receive(upload=upload, offset=offset, pieces=pieces, store=self.store, checksum=given)
        return Response(status=status.HTTP_204_NO_CONTENT, headers=tus.headers_of(upload))

    @extend_schema(parameters=[tus.VERSION_HEADER], responses={204: None, **OTHER_VERSION, **LOCKED})
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Forget the upload and what has arrived of it. A file that is stored stays."""
        upload = self._found(also_expired=True)
        tus.refuse_other_version(request)
        services.discard_upload(upload=upload)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def handle_exception(self, exc: Exception) -> Response:
        if self.request.method == "PATCH":
            tus.drain(self.request)
        return super().handle_exception(exc)

    def _found(self, *, also_expired: bool = False) -> Upload:
        upload = self.own().filter(pk=self.kwargs["upload"]).first()
        if upload is None:
            raise Http404
        if upload.is_expired and not also_expired:
            raise MicroDBError(_("This upload has expired. Start it again."), code="upload_expired")
        return upload
