"""Blind double labelling: rounds, agreement, and the settling of conflicts."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.api.views import user_of
from microdb.micrographs.labelling.blind_rounds import SCOPES, round_outcome, shown_items
from microdb.micrographs.models import BlindItem, BlindRound, Dataset, Role

MOST_MICROGRAPHS = 2000
LARGEST_KEY = 2**63 - 1


class BlindRoundSerializer(serializers.ModelSerializer[BlindRound]):
    first = serializers.CharField(source="first.username", read_only=True)
    second = serializers.CharField(source="second.username", read_only=True)

    class Meta:
        model = BlindRound
        fields = ["id", "first", "second", "created_at"]
        read_only_fields = fields


class NewBlindRoundSerializer(StrictSerializer):
    """Two people of the dataset, and which micrographs they label."""

    first = serializers.CharField(max_length=150, help_text="A user name.")
    second = serializers.CharField(max_length=150)
    scope = serializers.ChoiceField(choices=list(SCOPES), help_text="Which micrographs are drawn from.")
    count = serializers.IntegerField(min_value=1, max_value=MOST_MICROGRAPHS, default=50)


class ConflictSerializer(serializers.ModelSerializer[BlindItem]):
    filename = serializers.CharField(source="micrograph.filename", read_only=True)

    class Meta:
        model = BlindItem
        fields = ["id", "micrograph", "filename", "first_answer", "second_answer"]
        read_only_fields = fields


class AgreementSerializer(serializers.Serializer[Any]):
    """Of the micrographs that both answered."""

    both = serializers.IntegerField()
    alike = serializers.IntegerField()
    kappa = serializers.FloatField(allow_null=True, help_text="Cohen's; null where it is undefined.")
    answers = serializers.ListField(child=serializers.CharField())
    table = serializers.SerializerMethodField(help_text="Rows: the first person's answers, in the order of `answers`.")

    @extend_schema_field(serializers.ListField(child=serializers.ListField(child=serializers.IntegerField())))
    def get_table(self, agreement: Any) -> list[list[int]]:
        return [counts for _answer, counts in agreement.table]


class OutcomeSerializer(BlindRoundSerializer):
    """How far both are; agreement and conflicts once both are through."""

    total = serializers.IntegerField(source="outcome.total")
    first_answered = serializers.IntegerField(source="outcome.first_answered")
    second_answered = serializers.IntegerField(source="outcome.second_answered")
    complete = serializers.BooleanField(source="outcome.complete")
    settled = serializers.IntegerField(source="outcome.settled")
    agreed = serializers.IntegerField(source="outcome.agreed", help_text="Same answers that are not settled yet.")
    conflicts = ConflictSerializer(source="outcome.conflicts", many=True)
    agreement = AgreementSerializer(source="outcome.agreement", allow_null=True)

    class Meta(BlindRoundSerializer.Meta):
        fields = [
            *BlindRoundSerializer.Meta.fields,
            *("total", "first_answered", "second_answered", "complete"),
            *("settled", "agreed", "conflicts", "agreement"),
        ]
        read_only_fields = fields


class SettleSerializer(StrictSerializer):
    """Nothing, to set the labels on which both agree; or one item and its label."""

    item = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_KEY)
    label = serializers.CharField(required=False)  # type: ignore[assignment] # a serializer's own label is not used


class BlindRoundList(generics.ListAPIView[BlindRound]):
    """The blind rounds of a dataset, the latest first."""

    queryset = BlindRound.objects.none()
    serializer_class: Any = BlindRoundSerializer

    def get_queryset(self) -> QuerySet[BlindRound]:
        return _rounds(dataset_or_404(self.request, self.kwargs["slug"], Role.LABELLER))

    @extend_schema(request=NewBlindRoundSerializer, responses={201: BlindRoundSerializer, 200: BlindRoundSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Draw micrographs and let two people label them, neither seeing the other's answers."""
        dataset = dataset_or_404(request, slug, Role.CURATOR)
        given = NewBlindRoundSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        first, second = (_rater(dataset, values[name]) for name in ("first", "second"))
        blind = services.start_blind_round(
            dataset=dataset,
            micrographs=dataset.shown().filter(SCOPES[values["scope"]]),
            count=values["count"],
            first=first,
            second=second,
            by=user_of(request),
        )
        return remembered(request, Response(self.get_serializer(blind).data, status=status.HTTP_201_CREATED))


class BlindView(generics.GenericAPIView[Any]):
    queryset = BlindRound.objects.none()
    serializer_class: Any = OutcomeSerializer

    def round(self, role: str = Role.LABELLER) -> BlindRound:
        dataset = dataset_or_404(self.request, self.kwargs["slug"], role)
        blind = get_object_or_404(_rounds(dataset), pk=self.kwargs["pk"])
        blind.dataset = dataset  # which knows who looks
        return blind

    def answer(self, blind: Any) -> Response:
        blind.outcome = round_outcome(blind)
        return Response(OutcomeSerializer(blind).data)


class BlindRoundDetail(BlindView):
    """One blind round."""

    @extend_schema(operation_id="datasets_blind_retrieve")
    def get(self, request: Request, slug: str, pk: int) -> Response:
        return self.answer(self.round())


class BlindSettle(BlindView):
    @extend_schema(request=SettleSerializer, responses=OutcomeSerializer)
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str, pk: int) -> Response:
        """Set the labels on which both agree, or decide one conflict."""
        blind, by = self.round(Role.CURATOR), user_of(request)
        given = SettleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        if ("item" in values) != ("label" in values):
            raise MicroDBError(_("Give an item and its label, or neither of them."), code="nothing_given")
        if "item" in values:
            conflict = shown_items(blind).select_related("micrograph__dataset").filter(pk=values["item"]).first()
            if conflict is None:
                raise Http404("The round has no such item.")
            services.settle_item(item=conflict, answer=values["label"], by=by)
        else:
            services.settle_agreed(blind=blind, by=by)
        return remembered(request, self.answer(blind))


def _rounds(dataset: Dataset) -> QuerySet[BlindRound]:
    return dataset.blind_rounds.select_related("first", "second")


def _rater(dataset: Dataset, name: str) -> User:
    able = dataset.memberships.filter(role__in=Role.at_least(Role.LABELLER), user__is_active=True)
    found = User.objects.filter(username=name, pk__in=able.values("user")).first()
    if found is None:
        raise MicroDBError(
            _("“%s” is no member who may label here. Give the user name of one.") % name, code="unknown_user"
        )
    return found
