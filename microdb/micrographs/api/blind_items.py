"""One's own items of a blind round, and the answers to them."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.micrographs import services
from microdb.micrographs.api.blind import BlindView
from microdb.micrographs.api.views import user_of
from microdb.micrographs.labelling.blind_rounds import answer_column, shown_items, unanswered
from microdb.micrographs.models import BlindItem, BlindRound


class BlindItemSerializer(serializers.ModelSerializer[BlindItem]):
    """A micrograph to label. Its file name could give the class away, so ``number`` stands for it."""

    number = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()
    width = serializers.IntegerField(source="micrograph.width", read_only=True)
    height = serializers.IntegerField(source="micrograph.height", read_only=True)
    pixels_per_micrometre = serializers.FloatField(source="micrograph.pixels_per_micrometre", read_only=True)

    class Meta:
        model = BlindItem
        fields = ["id", "number", "image", "width", "height", "pixels_per_micrometre"]
        read_only_fields = fields

    def get_number(self, item: BlindItem) -> int:
        return item.position + 1

    @extend_schema_field(serializers.URLField())
    def get_image(self, item: BlindItem) -> str:
        kwargs = {"pk": item.micrograph_id}
        return reverse("api_micrograph_image", kwargs=kwargs, request=self.context.get("request"))


class BlindAnswerSerializer(StrictSerializer):
    label = serializers.CharField(  # type: ignore[assignment] # a serializer's own label is not used
        allow_blank=True, help_text="A class, none-of-these, unsure, or empty to take the answer back."
    )


class AnsweredSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment] # the same


class BlindItemList(BlindView, generics.ListAPIView[BlindItem]):
    """What you have still to label in a round in which you are one of the two."""

    serializer_class = BlindItemSerializer

    @extend_schema(operation_id="datasets_blind_items_list")
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[BlindItem]:
        blind = self.round()
        return unanswered(blind, _column(blind, user_of(self.request)), after=-1).order_by("position")


class BlindItemAnswer(BlindView):
    @extend_schema(request=BlindAnswerSerializer, responses=AnsweredSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: int, item: int) -> Response:
        """Answer one item of a round in which you are one of the two."""
        blind, by = self.round(), user_of(request)
        _column(blind, by)
        answered = get_object_or_404(shown_items(blind).select_related("round__dataset", "micrograph"), pk=item)
        given = BlindAnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        label = given.validated_data["label"]
        services.answer_blind(item=answered, answer=label, by=by)
        return remembered(request, Response({"id": answered.pk, "label": label}))


def _column(blind: BlindRound, user: User) -> str:
    column = answer_column(blind, user)
    if column is None:
        raise PermissionDenied(_("Only %s label this round.") % blind)
    return column
