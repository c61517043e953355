"""Datasets, classes and micrographs as JSON, and what may be sent to change them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from microdb.addresses import address_of_row
from microdb.micrographs.curation.dependants import dependants_sentence
from microdb.micrographs.gallery.bar_scale import agrees_with_bar, difference_sentence, lettering_of
from microdb.micrographs.gallery.warning_sentences import warning_sentences
from microdb.micrographs.models import Acquisition, Dataset, MaskSource, MaterialClass, Micrograph, Split, Upload

NEEDS_SCALE = "needs_scale"
"""The state of a ready micrograph that can be neither trained on nor scored until its scale is set."""

SHOWN_STATES = [*Micrograph.State.choices, (NEEDS_SCALE, _("needs scale"))]


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    class Meta:
        model = Dataset
        fields = [
            "slug",
            "name",
            "description",
            "source",
            "licence",
            "doi",
            "citation",
            "scale_free",
            "public",
            "created_at",
        ]
        read_only_fields = ["slug", "created_at"]


class DatasetCreateSerializer(DatasetSerializer):
    class_names = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, help_text="The material classes, in order."
    )

    class Meta(DatasetSerializer.Meta):
        fields = [*(name for name in DatasetSerializer.Meta.fields if name != "public"), "class_names"]


class MaterialClassSerializer(serializers.ModelSerializer[MaterialClass]):
    class Meta:
        model = MaterialClass
        fields = ["id", "name", "position", "description"]
        read_only_fields = ["position"]


class AcquisitionSerializer(serializers.ModelSerializer[Acquisition]):
    """How the microscope says that the micrograph was taken; null where the file says nothing."""

    class Meta:
        model = Acquisition
        fields = list(Acquisition.FIELDS)


class AcquisitionRecordSerializer(AcquisitionSerializer):
    """With all that the microscope recorded."""

    class Meta(AcquisitionSerializer.Meta):
        fields = [*AcquisitionSerializer.Meta.fields, "record"]


class RectangleSerializer(serializers.Serializer[Any]):
    """A rectangle in pixels of the master."""

    x = serializers.IntegerField(min_value=0)
    y = serializers.IntegerField(min_value=0)
    width = serializers.IntegerField(min_value=1)
    height = serializers.IntegerField(min_value=1)


class MaskedSerializer(RectangleSerializer):
    """A rectangle that shows no material, such as an annotation box, and whether it was found or drawn by hand."""

    source = serializers.ChoiceField(choices=MaskSource.choices, read_only=True)  # type: ignore[assignment] # a serializer's own source is not used


class MicronBarSerializer(serializers.Serializer[Any]):
    """The micron bar in the data bar, and the length that was read at it. Neither sets the scale by itself."""

    pixels = serializers.FloatField(help_text="Its length in the image.")
    text = serializers.CharField(help_text="The length written at it, as it was read; empty where none is certain.")
    length = serializers.FloatField(allow_null=True)
    unit = serializers.CharField(help_text="nm, µm, mm or empty.")
    confidence = serializers.FloatField(allow_null=True, help_text="Of the least certain character, 0 to 1.")
    pixels_per_micrometre = serializers.FloatField(allow_null=True, help_text="Pixels over length.")
    agrees = serializers.BooleanField(allow_null=True, help_text="With the scale on record; null where one is missing.")
    note = serializers.CharField(help_text="What differs, in words; empty where nothing does.")


class MicrographSerializer(serializers.ModelSerializer[Micrograph]):
    label = serializers.CharField(read_only=True)  # type: ignore[assignment] # a serializer's own label is not used
    state = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField(help_text="An 8-bit PNG for display; null until it is ready.")
    thumbnail = serializers.SerializerMethodField(help_text="A small WebP; null until it is ready.")
    masked = MaskedSerializer(many=True, read_only=True, help_text="Kept out of training, scores and maps.")
    micron_bar = serializers.SerializerMethodField(help_text="Null where no micron bar was found.")
    acquisition = AcquisitionSerializer(read_only=True, allow_null=True, default=None)

    class Meta:
        model = Micrograph
        fields = [
            "id",
            "filename",
            "label",
            "unsure",
            "pixels_per_micrometre",
            "scale_source",
            "scale_note",
            "specimen",
            "modality",
            "split",
            "state",
            "refusal",
            "width",
            "height",
            "bit_depth",
            "sha256",
            "image",
            "thumbnail",
            "data_bar_top",
            "masked",
            "micron_bar",
            "acquisition",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=SHOWN_STATES))
    def get_state(self, micrograph: Micrograph) -> str:
        ready = micrograph.state == Micrograph.State.READY
        return NEEDS_SCALE if ready and micrograph.needs_scale else micrograph.state

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_image(self, micrograph: Micrograph) -> str | None:
        return self._address("api_micrograph_image", micrograph) if micrograph.display else None

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_thumbnail(self, micrograph: Micrograph) -> str | None:
        return self._address("api_micrograph_thumbnail", micrograph) if micrograph.thumbnail else None

    @extend_schema_field(MicronBarSerializer(allow_null=True))
    def get_micron_bar(self, micrograph: Micrograph) -> dict[str, Any] | None:
        if micrograph.bar_pixels is None:
            return None
        found = lettering_of(micrograph)
        return {
            "pixels": micrograph.bar_pixels,
            "text": found.text if found else "",
            "length": found.amount if found else None,
            "unit": found.unit if found else "",
            "confidence": found.confidence if found else None,
            "pixels_per_micrometre": found.pixels_per_micrometre if found else None,
            "agrees": agrees_with_bar(micrograph),
            "note": difference_sentence(micrograph),
        }

    def _address(self, name: str, micrograph: Micrograph) -> str:
        address, request = address_of_row(name, micrograph.pk), self.context.get("request")
        return request.build_absolute_uri(address) if request else address


class MicrographDetailSerializer(MicrographSerializer):
    """With all that the microscope recorded, what is doubtful about it, and what else rests on it."""

    acquisition = AcquisitionRecordSerializer(read_only=True, allow_null=True, default=None)
    warnings = serializers.SerializerMethodField(help_text="Sentences.")
    used_in = serializers.SerializerMethodField(help_text="What rests on it, in words; empty where nothing does.")

    class Meta(MicrographSerializer.Meta):
        fields = [*MicrographSerializer.Meta.fields, "scored_only", "uploaded_by", "created_at", "warnings", "used_in"]
        read_only_fields = fields

    uploaded_by = serializers.CharField(source="uploaded_by.username", default="", read_only=True)

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_warnings(self, micrograph: Micrograph) -> list[str]:
        return warning_sentences(micrograph)

    def get_used_in(self, micrograph: Micrograph) -> str:
        return dependants_sentence(Micrograph.objects.filter(pk=micrograph.pk))


class MicrographUploadSerializer(serializers.Serializer[Any]):
    """A file and what is known of it; everything but the file may be set later."""

    file = serializers.FileField(allow_empty_file=True, help_text="PNG, JPEG, TIFF or BMP.")
    sidecar = serializers.FileField(
        required=False, allow_empty_file=True, help_text="The text file that the microscope wrote beside the image."
    )
    pixels_per_micrometre = serializers.FloatField(required=False, allow_null=True, default=None)
    label = serializers.CharField(required=False, allow_blank=True, default="")  # type: ignore[assignment] # a serializer's own label is not used
    specimen = serializers.CharField(required=False, allow_blank=True, default="")
    modality = serializers.CharField(required=False, allow_blank=True, default="")
    split = serializers.CharField(required=False, allow_blank=True, default="", help_text="train, quiz or empty")


class MicrographChangeSerializer(serializers.Serializer[Any]):
    """Only what is sent changes."""

    label = serializers.CharField(
        required=False, allow_blank=True, help_text="A class, none-of-these, unsure, or empty."
    )  # type: ignore[assignment] # a serializer's own label is not used
    pixels_per_micrometre = serializers.FloatField(required=False, allow_null=True)
    specimen = serializers.CharField(required=False, allow_blank=True)
    modality = serializers.CharField(required=False, allow_blank=True)
    split = serializers.ChoiceField(choices=Split.choices, required=False, allow_blank=True)
    data_bar_top = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, help_text="The first row of the burnt-in data bar; null for none."
    )
    masked = RectangleSerializer(many=True, required=False, help_text="All masked rectangles; an empty list for none.")
    seen = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="The label that you saw, or unsure: 409 `changed` if somebody has changed it since.",
    )


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """A file on its way, and what became of it."""

    url = serializers.SerializerMethodField(help_text="Where its bytes go.")
    offset = serializers.IntegerField(source="received", help_text="Bytes that have arrived; the next one to send.")
    state = serializers.ChoiceField(choices=Upload.State.choices)
    micrograph = serializers.UUIDField(source="micrograph_id", allow_null=True, help_text="What it became.")

    class Meta:
        model = Upload
        fields = [
            "id",
            "url",
            "filename",
            "fingerprint",
            "sha256",
            "length",
            "offset",
            "state",
            "expires_at",
            "micrograph",
            "code",
            "message",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_url(self, upload: Upload) -> str:
        keys = {"slug": upload.dataset.slug, "upload": upload.pk} | ({"pk": upload.batch} if upload.batch else {})
        name = "api_batch_upload" if upload.batch else "api_upload"
        return reverse(name, kwargs=keys, request=self.context.get("request"))
