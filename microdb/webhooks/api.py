"""Webhooks over the REST API: make, change, test, rotate, and their log with replay."""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from microdb.accounts.api import StrictSerializer
from microdb.accounts.idempotency import idempotent, remembered
from microdb.accounts.models import User
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.models import Role
from microdb.webhooks import services
from microdb.webhooks.models import Attempt, Delivery, EventKind, Webhook
from microdb.webhooks.tasks import enqueue_delivery


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook without its secret."""

    dataset = serializers.CharField(source="dataset.slug", read_only=True)
    kinds = serializers.ListField(child=serializers.ChoiceField(EventKind.choices), read_only=True)

    class Meta:
        model = Webhook
        fields = [
            "id",
            "dataset",
            "url",
            "kinds",
            "description",
            "failing_since",
            "disabled_at",
            "disabled_reason",
            "created_at",
        ]
        read_only_fields = fields


class WebhookSecretSerializer(WebhookSerializer):
    """With its secret, in the first answer alone; a repeated request gets null."""

    secret = serializers.CharField(allow_null=True, read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookChangeSerializer(StrictSerializer):
    """Only what is sent changes."""

    url = serializers.URLField(max_length=500, required=False)
    kinds = serializers.ListField(child=serializers.ChoiceField(EventKind.offered()), allow_empty=False, required=False)
    description = serializers.CharField(max_length=200, allow_blank=True, required=False)


class NewWebhookSerializer(WebhookChangeSerializer):
    dataset = serializers.CharField(help_text="Its slug.")
    url = serializers.URLField(max_length=500)
    kinds = serializers.ListField(child=serializers.ChoiceField(EventKind.offered()), allow_empty=False)


class AttemptSerializer(serializers.ModelSerializer[Attempt]):
    class Meta:
        model = Attempt
        fields = ["made_at", "seconds", "status", "answer", "error"]
        read_only_fields = fields


class DeliverySerializer(serializers.ModelSerializer[Delivery]):
    """An event on its way to a webhook, with every attempt; ``event`` is the webhook-id."""

    kind = serializers.CharField(source="event.kind", read_only=True)
    attempts = AttemptSerializer(source="log", many=True, read_only=True)

    class Meta:
        model = Delivery
        fields = ["id", "event", "kind", "state", "next_try_at", "created_at", "finished_at", "attempts"]
        read_only_fields = fields


class WebhookView(generics.GenericAPIView[Webhook]):
    """Webhooks of the datasets that the caller curates; writing needs the scope ``curate``."""

    queryset = Webhook.objects.none()
    serializer_class: Any = WebhookSerializer
    write_scope = "curate"

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(self.request.user).select_related("dataset")

    def _webhook(self) -> Webhook:
        return get_object_or_404(self.get_queryset(), pk=self.kwargs["pk"])

    def _with_secret(self, webhook: Webhook, secret: str, code: int) -> Response:
        """Answer the secret, and remember the answer without it."""
        shown = {**WebhookSerializer(webhook).data, "secret": None}
        remembered(self.request, Response(shown))
        return Response({**shown, "secret": secret}, status=code)


class WebhookList(WebhookView, generics.ListAPIView[Webhook]):
    """Webhooks of the datasets that you curate."""

    @extend_schema(request=NewWebhookSerializer, responses={201: WebhookSecretSerializer, 200: WebhookSecretSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request) -> Response:
        """Make a webhook; ``secret`` is in this answer alone."""
        given = NewWebhookSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        about = dict(given.validated_data)
        dataset = dataset_or_404(request, about.pop("dataset"), Role.CURATOR)
        webhook, secret = services.create_webhook(dataset=dataset, by=cast(User, request.user), **about)
        return self._with_secret(webhook, secret, status.HTTP_201_CREATED)


class WebhookDetail(WebhookView, generics.RetrieveDestroyAPIView[Webhook]):
    """One webhook."""

    def perform_destroy(self, instance: Webhook) -> None:
        services.delete_webhook(webhook=instance)

    @extend_schema(request=WebhookChangeSerializer, responses=WebhookSerializer)
    def patch(self, request: Request, pk: int) -> Response:
        """Change address, kinds or description; one that was switched off is switched on again."""
        given = WebhookChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        webhook = self._webhook()
        services.change_webhook(webhook=webhook, **given.validated_data)
        return Response(self.get_serializer(webhook).data)


class WebhookRotate(WebhookView):
    @extend_schema(request=None, responses={200: WebhookSecretSerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        """Make a new secret. For a day, deliveries are signed with the old one too."""
        webhook = self._webhook()
        return self._with_secret(webhook, services.rotate_secret(webhook=webhook), status.HTTP_200_OK)


class WebhookPing(WebhookView):
    serializer_class = DeliverySerializer

    @extend_schema(request=None, responses={202: DeliverySerializer, 200: DeliverySerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, pk: int) -> Response:
        """Send a test; its delivery shows what the receiver answers."""
        delivery = services.ping(webhook=self._webhook(), by=cast(User, request.user))
        enqueue_delivery(delivery)
        return remembered(request, Response(self.get_serializer(delivery).data, status=status.HTTP_202_ACCEPTED))


class DeliveryView(generics.GenericAPIView[Delivery]):
    queryset = Delivery.objects.none()
    serializer_class = DeliverySerializer
    write_scope = "curate"

    def get_queryset(self) -> QuerySet[Delivery]:
        webhooks = Webhook.objects.visible_to(self.request.user)
        webhook = get_object_or_404(webhooks, pk=self.kwargs["pk"])
        found = Delivery.objects.filter(webhook=webhook).select_related("event").prefetch_related("log")
        return found.order_by("-created_at", "pk")


class DeliveryList(DeliveryView, generics.ListAPIView[Delivery]):
    """The log of a webhook, the latest first; it is kept for 30 days."""


class DeliveryReplay(DeliveryView):
    @extend_schema(request=None, responses={202: DeliverySerializer, 200: DeliverySerializer})
    @idempotent
    @transaction.atomic
    def post(self, request: Request, pk: int, delivery: UUID) -> Response:
        """Send the event once more, with the same webhook-id."""
        found = get_object_or_404(self.get_queryset().select_related("webhook__dataset"), pk=delivery)
        again = services.replay(webhook=cast(Webhook, found.webhook), delivery=found)
        enqueue_delivery(again)
        return remembered(request, Response(self.get_serializer(again).data, status=status.HTTP_202_ACCEPTED))
