"""The pages of a dataset's model versions: start a training, watch it, read its results."""

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.live import live
from microdb.micrographs.access import abilities_in, dataset_or_404, open_to_visitors, readable_or_404
from microdb.micrographs.labelling.page_data import label_keys
from microdb.micrographs.models import Dataset, Role
from microdb.micrographs.views.pages import dataset_page
from microdb.training import services
from microdb.training.access import readable_version_or_404, version_or_404
from microdb.training.bridge.settings import explained_settings
from microdb.training.changed_labels import since_training
from microdb.training.comparison import FLIPS, compare_model_versions, flipped
from microdb.training.curve_report import curve_report
from microdb.training.curves import can_be_measured
from microdb.training.forms import ComparisonForm, TrainingForm
from microdb.training.held_out import ORDERS, HeldOutFilter, held_out_answers
from microdb.training.imports import latest_imports
from microdb.training.models import LearningCurve, ModelVersion
from microdb.training.preflight import preflight
from microdb.training.reports import report
from microdb.training.so_far import so_far
from microdb.training.tasks import enqueue_training

VERSIONS_PER_PAGE = 25
HELD_OUT_PER_PAGE = 60


@open_to_visitors
@require_GET
def model_version_list(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = readable_or_404(request, slug)
    return _public_page(request, dataset) if dataset.visited else _list_page(request, dataset, TrainingForm())


@login_required
@require_POST
def model_version_create(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    form = TrainingForm(request.POST)
    if not form.is_valid():
        return _list_page(request, dataset, form, status=400)
    try:
        with transaction.atomic():
            chosen = {name: form.cleaned_data[name] for name in ("hold_out", "with_unsplit")}
            services.put_into_splits(dataset=dataset, by=request.user, **chosen)
            version = services.request_training(
                dataset=dataset, by=request.user, seed=form.cleaned_data["seed"], config=form.config()
            )
            enqueue_training(version)
    except MicroDBError as error:
        form.add_error(None, error.message)
        other_seed = error.other_seed if isinstance(error, services.NothingChangedError) else None
        return _list_page(request, dataset, form, status=400, other_seed=other_seed)
    return redirect("training:model_version", slug, version.number)


@open_to_visitors
@require_GET
def model_version(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = readable_version_or_404(request, slug, number)
    context = _context(request, version) | {
        "report": report(version),
        "has_map": bool(version.descriptor_map),
        "may": abilities_in(version.dataset, request.user),
        **_about_trained(version),
    }
    return render(request, "training/model_version_detail.html", context)


def _about_trained(version: ModelVersion) -> dict[str, object]:
    """What else the page of a trained version shows: its learning curve, its settings, what has changed since."""
    if version.state != Job.State.DONE:
        return {}
    curve = LearningCurve.objects.filter(model_version=version).first()
    return {
        "curve": curve,
        "curve_report": curve_report(curve) if curve else None,
        "can_be_measured": can_be_measured(version),
        "explained_settings": explained_settings(version.config),
        "since": since_training(version),
    }


@open_to_visitors
@require_GET
def held_out(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """The micrographs behind the numbers of a version's report."""
    version = readable_version_or_404(request, slug, number)
    chosen = HeldOutFilter.from_query(request.GET)
    page = Paginator(chosen.apply(held_out_answers(version)), HELD_OUT_PER_PAGE)
    context = {
        "version": version,
        "chosen": chosen,
        "orders": [(value, text) for value, (text, _columns) in ORDERS.items()],
        "page": page.get_page(request.GET.get("page")),
        "label_keys": label_keys(version.dataset),
    }
    return dataset_page(request, "training/held_out.html", version.dataset, "training", context)


@login_required
@require_GET
def compare(request: SignedInRequest, slug: str) -> HttpResponse:
    """Version ``?before=`` against version ``?after=``."""
    dataset = dataset_or_404(request, slug)
    form = ComparisonForm(request.GET, dataset=dataset)
    if not form.is_valid():
        messages.error(request, _("Choose two trained versions to compare."))
        return redirect("training:model_version_list", slug)
    before, after = form.cleaned_data["before"], form.cleaned_data["after"]
    kind = request.GET.get("flip", "")
    comparison = compare_model_versions(before, after)
    page = Paginator(flipped(before, after, kind), HELD_OUT_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "before": before,
        "after": after,
        "form": form,
        "comparison": comparison,
        "accuracies": [(before, comparison.before), (after, comparison.after)],
        "kind": kind,
        "kinds": [(name, text, comparison.flips[name]) for name, text in FLIPS.items()],
        "page": page,
        "label_keys": label_keys(dataset),
    }
    return dataset_page(request, "training/model_version_compare.html", dataset, "training", context)


@login_required
@require_GET
def progress(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    """The live part of a version's page; when the training has ended, the whole page is loaded anew."""
    version = version_or_404(request, slug, number)
    if version.has_ended:
        return HttpResponseClientRefresh()
    context = _context(request, version)
    shown = (*_shown(version), version.heartbeat_at, context["ahead"], version.live)
    return live(request, "training/_model_version_progress.html", context, shown=shown)


@login_required
@require_POST
def cancel(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = version_or_404(request, slug, number, role=Role.CURATOR)
    if services.cancel_training(model_version=version):
        messages.success(request, _("Cancelled. The worker stops within seconds."))
    return redirect("training:model_version", slug, number)


@login_required
@require_POST
def activate(request: SignedInRequest, slug: str, number: int) -> HttpResponse:
    version = version_or_404(request, slug, number, role=Role.CURATOR)
    services.activate(model_version=version)
    messages.success(request, _("Version %d scores from now on. Earlier scores stay as they are.") % number)
    return redirect("training:model_version", slug, number)


def _public_page(request: SignedInRequest, dataset: Dataset) -> HttpResponse:
    """The trained versions of a public dataset, for people who are no members."""
    trained = ModelVersion.objects.filter(dataset=dataset, state=Job.State.DONE).select_related("dataset_version")
    page = Paginator(trained.defer("descriptor_map", "live").order_by("-number"), VERSIONS_PER_PAGE)
    context = {"versions": page.get_page(request.GET.get("page"))}
    return dataset_page(request, "training/model_version_public.html", dataset, "training", context)


def _list_page(
    request: SignedInRequest, dataset: Dataset, form: TrainingForm, status: int = 200, other_seed: int | None = None
) -> HttpResponse:
    versions = ModelVersion.objects.filter(dataset=dataset).select_related("dataset_version")
    page = Paginator(versions.defer("descriptor_map", "live").order_by("-number"), VERSIONS_PER_PAGE)
    context = {
        "dataset": dataset,
        "tab": "training",
        "may_train": _may_train(request, dataset),
        "preflight": preflight(dataset, with_unsplit=True),
        "form": form,
        "versions": (shown := page.get_page(request.GET.get("page"))),
        "any_active": any(not version.has_ended for version in shown),
        "comparison_form": ComparisonForm(dataset=dataset),
        "imports": (imports := latest_imports(dataset)),
        "imports_active": any(job.is_active for job in imports),
        "other_seed": other_seed,
    }
    if request.htmx:  # type: ignore[attr-defined] # set by its middleware
        rows = [_shown(version) for version in shown]
        return live(request, "training/_model_version_table.html", context, shown=rows)
    return render(request, "training/model_version_list.html", context, status=status)


def _shown(version: ModelVersion) -> tuple[object, ...]:
    """What a row of the list and the live part of the page show of a version, as far as it changes."""
    return version.number, version.state, version.progress, version.progress_message, version.is_active


def _context(request: SignedInRequest, version: ModelVersion) -> dict[str, object]:
    ended = version.finished_at or timezone.now()
    return {
        "dataset": version.dataset,
        "tab": "training",
        "version": version,
        "may_train": _may_train(request, version.dataset),
        "elapsed": ended - version.started_at if version.started_at else None,
        "so_far": so_far(version),
        "left": None if version.seconds_left is None else timedelta(seconds=version.seconds_left),
        "ahead": ModelVersion.objects.ahead_of(version).count() if version.state == Job.State.QUEUED else 0,
    }


def _may_train(request: SignedInRequest, dataset: Dataset) -> bool:
    return Dataset.objects.visible_to(request.user, Role.CURATOR).filter(pk=dataset.pk).exists()
