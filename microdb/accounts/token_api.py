"""API tokens over the REST API. A token sees, rotates and revokes itself alone; people make tokens signed in."""

from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.authentication import ANY_SCOPE, IsPersonHere
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import (
    LONGEST_GRACE,
    USUAL_LIFETIME,
    change_api_token,
    create_api_token,
    revoke_api_token,
    rotate_api_token,
)

AN_HOUR = 3600


class ApiTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A token without its secret."""

    scopes = serializers.ListField(child=serializers.ChoiceField(ApiToken.Scope.choices), allow_empty=False)
    datasets = serializers.SerializerMethodField(help_text="Slugs of the datasets that it reaches; null: all.")

    class Meta:
        model = ApiToken
        fields = [
            "id",
            "name",
            "beginning",
            "scopes",
            "datasets",
            "created_at",
            "secret_made_at",
            "expires_at",
            "previous_expires_at",
            "last_used_at",
        ]
        read_only_fields = fields

    def get_datasets(self, token: ApiToken) -> list[str] | None:
        if token.only_datasets is None:
            return None
        return sorted(token.user.datasets.filter(pk__in=token.only_datasets).values_list("slug", flat=True))


class NewSecretSerializer(ApiTokenSerializer):
    """With its secret, in the first answer alone; a repeated request gets null."""

    secret = serializers.CharField(allow_null=True, read_only=True)

    class Meta(ApiTokenSerializer.Meta):
        fields = [*ApiTokenSerializer.Meta.fields, "secret"]


class ApiTokenChangeSerializer(StrictSerializer):
    """What a token may be given."""

    name = serializers.CharField(max_length=100, required=False, allow_blank=True)
    scopes = serializers.ListField(
        child=serializers.ChoiceField(ApiToken.Scope.choices), allow_empty=False, required=False
    )
    datasets = serializers.ListField(
        child=serializers.CharField(), required=False, allow_null=True, help_text="Slugs; null: all, also later ones."
    )
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="null: never. A new token without it expires after 90 days."
    )

    def validate_expires_at(self, moment: datetime | None) -> datetime | None:
        if moment is not None and moment <= timezone.now():
            raise serializers.ValidationError("A token expires in the future; choose a later moment.")
        return moment

    def validate_datasets(self, slugs: list[str] | None) -> list[int] | None:
        if slugs is None:
            return None
        user = cast(User, self.context["request"].user)
        keys = dict(user.datasets.filter(trashed_at=None, slug__in=slugs).values_list("slug", "pk"))
        if unknown := sorted(set(slugs) - set(keys)):
            raise serializers.ValidationError(f"These are not among your datasets: {', '.join(unknown)}.")
        return list(keys.values())

    @property
    def rights(self) -> dict[str, Any]:
        """What a service takes."""
        given = dict(self.validated_data)
        if "datasets" in given:
            given["only_datasets"] = given.pop("datasets")
        return given


class RotationSerializer(StrictSerializer):
    grace_seconds = serializers.IntegerField(
        default=AN_HOUR,
        min_value=0,
        max_value=int(LONGEST_GRACE.total_seconds()),
        help_text="How long the old secret is still taken.",
    )


class ApiTokenView(generics.GenericAPIView[ApiToken]):
    """A signed-in person's tokens; for a token, itself alone, whatever its scopes."""

    serializer_class = ApiTokenSerializer
    queryset = ApiToken.objects.none()
    read_scope = write_scope = delete_scope = ANY_SCOPE
    person_needed: tuple[str, ...] = ()
    """Methods for which a token is not enough."""

    def get_permissions(self) -> list[Any]:
        person = [IsPersonHere()] if self.request.method in self.person_needed else []
        return [*super().get_permissions(), *person]

    def get_queryset(self) -> QuerySet[ApiToken]:
        own = ApiToken.objects.filter(user=cast(User, self.request.user)).select_related("user")
        if isinstance(self.request.auth, ApiToken):
            own = own.filter(pk=self.request.auth.pk)
        return own.order_by("-created_at", "-pk")

    def get_object(self) -> ApiToken:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def _with_secret(self, token: ApiToken, secret: str, code: int) -> Response:
        """Answer the secret, and remember the answer without it."""
        shown = {**self.get_serializer(token).data, "secret": None}
        remembered(self.request, Response(shown))
        return Response({**shown, "secret": secret}, status=code)


class ApiTokenList(ApiTokenView, generics.ListAPIView[ApiToken]):
    """Your tokens, the latest first; a token sees itself alone."""

    person_needed = ("POST",)

    @extend_schema(request=ApiTokenChangeSerializer, responses={201: NewSecretSerializer, 200: NewSecretSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Make a token. Needs a person who is signed in; tokens can't make tokens."""
        given = ApiTokenChangeSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        usual = {"scopes": ApiToken.USUAL_SCOPES, "expires_at": timezone.now() + USUAL_LIFETIME}
        token, secret = create_api_token(user=cast(User, request.user), **{**usual, **given.rights})
        return self._with_secret(token, secret, status.HTTP_201_CREATED)


class ApiTokenDetail(ApiTokenView, generics.RetrieveDestroyAPIView[ApiToken]):
    """One token. ``DELETE`` revokes it at once."""

    person_needed = ("PATCH",)

    def perform_destroy(self, instance: ApiToken) -> None:
        revoke_api_token(token=instance)

    @extend_schema(request=ApiTokenChangeSerializer, responses=ApiTokenSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change name, scopes, datasets or expiry. Needs a person who is signed in."""
        token = self.get_object()
        given = ApiTokenChangeSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        change_api_token(token=token, **given.rights)
        return Response(self.get_serializer(token).data)


class CurrentApiToken(ApiTokenView):
    """The token that this request is made with."""

    def get(self, request: Request) -> Response:
        """Its scopes, its datasets and when it expires; 404 for a person who is signed in without a token."""
        key = request.auth.pk if isinstance(request.auth, ApiToken) else None
        return Response(self.get_serializer(get_object_or_404(self.get_queryset(), pk=key)).data)


class ApiTokenRotate(ApiTokenView):
    @extend_schema(request=RotationSerializer, responses={200: NewSecretSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret with the same rights and lifetime; the old one works for an hour, or ``grace_seconds``."""
        token = self.get_object()
        given = RotationSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        secret = rotate_api_token(token=token, grace=timedelta(seconds=given.validated_data["grace_seconds"]))
        return self._with_secret(token, secret, status.HTTP_200_OK)
