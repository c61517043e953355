"""Links to a quiz for its readers."""

from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import Panel, User
from microdb.quizzes import services
from microdb.quizzes.api.lookups import organised_quiz
from microdb.quizzes.models import Invitation
from microdb.quizzes.services.inviting import INVITATIONS_AT_ONCE


class QuizInvitationSerializer(serializers.ModelSerializer[Invitation]):
    """A link that lets readers in; an empty panel lets them say theirs."""

    link = serializers.SerializerMethodField()
    readers = serializers.SerializerMethodField(help_text="How many have begun with it.")

    class Meta:
        model = Invitation
        fields = ["id", "link", "note", "panel", "single_use", "readers", "created_at"]
        read_only_fields = fields

    @extend_schema_field(serializers.URLField())
    def get_link(self, invitation: Invitation) -> str:
        address = reverse("quizzes:quiz_invited", args=[invitation.quiz.slug, invitation.key])
        return str(self.context["request"].build_absolute_uri(address))

    def get_readers(self, invitation: Invitation) -> int:
        return len(invitation.ballots.all())


class NewLinksSerializer(StrictSerializer):
    count = serializers.IntegerField(min_value=1, max_value=INVITATIONS_AT_ONCE, default=1)
    panel = serializers.ChoiceField(choices=Panel.choices, required=False, help_text="Without, readers say theirs.")
    note = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=Invitation._meta.get_field("note").max_length
    )
    single_use = serializers.BooleanField(default=True, help_text="Each link lets in one reader only.")


class QuizInvitationList(generics.ListAPIView[Invitation]):
    """The links of a quiz; for its organisers."""

    queryset = Invitation.objects.none()
    serializer_class: Any = QuizInvitationSerializer
    read_scope = "quiz"
    write_scope = "curate"

    def get_queryset(self) -> QuerySet[Invitation]:
        quiz = organised_quiz(self.request, self.kwargs["slug"])
        return quiz.invitations.select_related("quiz").prefetch_related("ballots")

    @extend_schema(
        request=NewLinksSerializer,
        responses={201: QuizInvitationSerializer(many=True), 200: QuizInvitationSerializer(many=True)},
    )
    @idempotent
    @transaction.atomic
    def post(self, request: Request, slug: str) -> Response:
        """Make links."""
        quiz = organised_quiz(request, slug)
        given = NewLinksSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = services.invite(quiz=quiz, by=cast(User, request.user), **given.validated_data)
        shown = self.get_serializer(made, many=True).data
        return remembered(request, Response(shown, status=status.HTTP_201_CREATED))


class QuizInvitationDetail(generics.GenericAPIView[Invitation]):
    queryset = Invitation.objects.none()
    serializer_class: Any = QuizInvitationSerializer

    @extend_schema(responses={204: None})
    def delete(self, request: Request, slug: str, pk: int) -> Response:
        """Delete a link that nobody has used yet."""
        services.delete_invitation(invitation=get_object_or_404(organised_quiz(request, slug).invitations, pk=pk))
        return Response(status=status.HTTP_204_NO_CONTENT)
