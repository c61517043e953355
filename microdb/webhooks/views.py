"""The pages of a dataset's notifications: e-mails to oneself, and for curators webhooks with their log."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import abilities_in, dataset_or_404
from microdb.micrographs.models import Dataset, Role
from microdb.webhooks import services
from microdb.webhooks.forms import KindsForm, WebhookForm
from microdb.webhooks.models import Delivery, Mailing, Webhook
from microdb.webhooks.tasks import enqueue_delivery

DELIVERIES_PER_PAGE = 25


@login_required
@require_GET
def notifications(request: SignedInRequest, slug: str) -> HttpResponse:
    return _dataset_page(request, dataset_or_404(request, slug), WebhookForm())


@login_required
@require_POST
def mailing_set(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset, form = dataset_or_404(request, slug), KindsForm(request.POST)
    if form.is_valid():
        services.set_mailing(dataset=dataset, user=request.user, kinds=form.cleaned_data["kinds"])
        messages.success(request, _("Saved."))
    return redirect("webhooks:notifications", slug)


@login_required
@require_POST
@never_cache
def webhook_create(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make a webhook and show its secret once."""
    dataset = dataset_or_404(request, slug, Role.CURATOR)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            webhook, secret = services.create_webhook(dataset=dataset, by=request.user, **form.cleaned_data)
            return _webhook_page(request, webhook, secret=secret)
        except (MicroDBError, ValidationError) as error:
            form.add_error(None, _sentence(error))
    return _dataset_page(request, dataset, form)


@login_required
def webhook_detail(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """The log and the settings; a POST saves these and switches the webhook on again."""
    webhook = _webhook(request, slug, pk)
    if request.method != "POST":
        return _webhook_page(request, webhook)
    form = WebhookForm(request.POST)
    if form.is_valid():
        try:
            services.change_webhook(webhook=webhook, **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect("webhooks:webhook_detail", slug, pk)
        except (MicroDBError, ValidationError) as error:
            form.add_error(None, _sentence(error))
    return _webhook_page(request, _webhook(request, slug, pk), form=form)


@login_required
@require_POST
@never_cache
def webhook_rotate(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    webhook = _webhook(request, slug, pk)
    return _webhook_page(request, webhook, secret=services.rotate_secret(webhook=webhook))


@login_required
@require_POST
def webhook_delete(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    services.delete_webhook(webhook=_webhook(request, slug, pk))
    messages.success(request, _("The webhook was deleted."))
    return redirect("webhooks:notifications", slug)


@login_required
@require_POST
def webhook_ping(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    enqueue_delivery(services.ping(webhook=_webhook(request, slug, pk), by=request.user))
    messages.success(request, _("A test is on its way. Reload the page to see what the receiver answers."))
    return redirect("webhooks:webhook_detail", slug, pk)


@login_required
@require_POST
def delivery_replay(request: SignedInRequest, slug: str, pk: int, delivery: Any) -> HttpResponse:
    webhook = _webhook(request, slug, pk)
    found = get_object_or_404(Delivery, pk=delivery, webhook=webhook)
    enqueue_delivery(services.replay(webhook=webhook, delivery=found))
    messages.success(request, _("The event is sent again, with the same webhook-id."))
    return redirect("webhooks:webhook_detail", slug, pk)


def _webhook(request: SignedInRequest, slug: str, pk: int) -> Webhook:
    return get_object_or_404(Webhook, pk=pk, dataset=dataset_or_404(request, slug, Role.CURATOR))


def _sentence(error: MicroDBError | ValidationError) -> str:
    return error.message if isinstance(error, MicroDBError) else " ".join(error.messages)


def _dataset_page(request: SignedInRequest, dataset: Dataset, form: Form) -> HttpResponse:
    may = abilities_in(dataset, request.user)
    mailing = Mailing.objects.filter(dataset=dataset, user=request.user).first()
    context = {
        "dataset": dataset,
        "tab": "settings",
        "form": form,
        "mailing": KindsForm(initial={"kinds": mailing.kinds if mailing else []}),
        "webhooks": dataset.webhooks.all() if may.curate else (),
    }
    return render(request, "webhooks/notifications.html", context, status=400 if form.errors else 200)


def _webhook_page(
    request: SignedInRequest, webhook: Webhook, *, form: Form | None = None, secret: str = ""
) -> HttpResponse:
    log = webhook.deliveries.select_related("event").prefetch_related("log").order_by("-created_at", "pk")
    known = {"url": webhook.url, "kinds": webhook.kinds, "description": webhook.description}
    context = {
        "dataset": webhook.dataset,
        "tab": "settings",
        "webhook": webhook,
        "form": form or WebhookForm(initial=known),
        "secret": secret,
        "page": Paginator(log, DELIVERIES_PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "webhooks/webhook_detail.html", context, status=400 if form else 200)
