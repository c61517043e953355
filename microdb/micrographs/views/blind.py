"""Blind double labelling: rounds, each person's own queue, agreement, and the conflicts to settle."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from microdb.accounts.models import User
from microdb.accounts.requests import SignedInRequest
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.forms import BlindRoundForm, label_choices
from microdb.micrographs.labelling.blind_rounds import (
    SCOPES,
    answer_column,
    rater_progress,
    round_outcome,
    shown_items,
    unanswered,
)
from microdb.micrographs.labelling.page_data import classes_with_exemplars
from microdb.micrographs.models import BlindRound, Dataset, Role
from microdb.micrographs.views.pages import dataset_page, json_mistakes, mistakes_shown
from microdb.statistics import landis_koch

BATCH = 20
SHOWN = 200
"""Conflicts on one page; more appear as these are settled."""


@login_required
def blind_rounds(request: SignedInRequest, slug: str) -> HttpResponse:
    """The rounds of the dataset; a POST of a curator starts one."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR if request.method == "POST" else Role.LABELLER)
    form = BlindRoundForm(request.POST or None, dataset=dataset)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with mistakes_shown(request):
            blind = services.start_blind_round(
                dataset=dataset,
                micrographs=dataset.shown().filter(SCOPES[given["scope"]]),
                count=given["count"],
                first=given["first"],
                second=given["second"],
                by=request.user,
            )
            return redirect("micrographs:blind_round", slug, blind.pk)
    rounds = dataset.blind_rounds.select_related("first", "second")[:50]
    context = {"form": form, "rounds": rounds}
    status = 400 if form.errors else 200
    return dataset_page(request, "micrographs/blind_rounds.html", dataset, "labelling", context, status=status)


@login_required
@require_safe
def blind_round(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Who is how far; once both are through, agreement and conflicts. A rater sees nothing of the other before."""
    dataset, blind = _round(request, slug, pk)
    outcome = round_outcome(blind)
    through = {"first": outcome.first_answered, "second": outcome.second_answered}
    context: dict[str, Any] = {"blind": blind, "total": outcome.total, "through": through}
    context |= {"complete": outcome.complete, "is_rater": request.user.pk in (blind.first_id, blind.second_id)}
    if agreement := outcome.agreement:
        context |= {
            "agreement": agreement,
            "words": "" if agreement.kappa is None else landis_koch(agreement.kappa),
            "agreed": outcome.agreed,
            "conflicts": outcome.conflicts[:SHOWN],
            "settled": outcome.settled,
            "labels": label_choices(dataset, _("choose…")),
        }
    return dataset_page(request, "micrographs/blind_round.html", dataset, "labelling", context)


@login_required
@require_safe
def blind_label(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """The labelling page on this person's own queue, without anybody's labels."""
    dataset, blind = _round(request, slug, pk)
    column = _column(blind, request.user)
    context = {
        "blind": blind,
        "other": blind.second if column == "first_answer" else blind.first,
        **classes_with_exemplars(dataset),
        "first": _items(blind, column, -1),
        "progress": rater_progress(blind, column),
        "queue": reverse("micrographs:blind_queue", args=[slug, pk]),
        "query": "",
    }
    return dataset_page(request, "micrographs/micrograph_label.html", dataset, "labelling", context)


@login_required
@require_safe
def blind_queue(request: SignedInRequest, slug: str, pk: int) -> JsonResponse:
    """The next ones after ``?after=<item>``."""
    _dataset, blind = _round(request, slug, pk)
    after = request.GET.get("after", "")
    last = shown_items(blind).filter(pk=int(after)).first() if after.isascii() and after.isdigit() else None
    return JsonResponse({"items": _items(blind, _column(blind, request.user), last.position if last else -1)})


@login_required
@require_POST
@json_mistakes
def blind_answer(request: SignedInRequest, slug: str, pk: int, item: int) -> JsonResponse:
    """Save one answer of the signed-in rater."""
    _dataset, blind = _round(request, slug, pk)
    column = _column(blind, request.user)
    answered = get_object_or_404(shown_items(blind).select_related("round__dataset"), pk=item)
    answer = request.POST.get("label", "")
    services.answer_blind(item=answered, answer=answer, by=request.user)
    return JsonResponse({"id": answered.pk, "label": answer, **rater_progress(blind, column)})


@login_required
@require_POST
def blind_settle(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Set the agreed labels, or the decided one of a single conflict."""
    _dataset, blind = _round(request, slug, pk, role=Role.CURATOR)
    with mistakes_shown(request):
        if item := request.POST.get("item", ""):
            number = int(item) if item.isascii() and item.isdigit() else 0
            conflict = get_object_or_404(shown_items(blind).select_related("micrograph__dataset"), pk=number)
            answer = request.POST.get("label", "")
            services.settle_item(item=conflict, answer=answer, by=request.user)
            messages.success(request, _("%(name)s: %(label)s.") % {"name": conflict.micrograph, "label": answer})
        else:
            count = services.settle_agreed(blind=blind, by=request.user)
            messages.success(request, _("%d agreed labels are set; each stands in its micrograph's history.") % count)
    return redirect("micrographs:blind_round", slug, pk)


def _round(request: SignedInRequest, slug: str, pk: int, role: str = Role.LABELLER) -> tuple[Dataset, BlindRound]:
    dataset = dataset_or_404(request, slug, role=role)
    return dataset, get_object_or_404(dataset.blind_rounds.select_related("first", "second"), pk=pk)


def _column(blind: BlindRound, user: User) -> str:
    column = answer_column(blind, user)
    if column is None:
        raise PermissionDenied(_("Only %s label this round.") % blind)
    return column


def _items(blind: BlindRound, column: str, after: int) -> list[dict[str, Any]]:
    """What the page's script needs; the file name could give the class away, so a number replaces it."""
    slug = blind.dataset.slug
    return [
        {
            "id": item.pk,
            "filename": f"{item.position + 1}",
            "image": reverse("micrographs:micrograph_image", args=[item.micrograph_id]),
            "page": reverse("micrographs:blind_round", args=[slug, blind.pk]),
            "save": reverse("micrographs:blind_answer", args=[slug, blind.pk, item.pk]),
            "width": item.micrograph.width,
            "height": item.micrograph.height,
            "pixels_per_micrometre": item.micrograph.pixels_per_micrometre,
            "specimen": "",
            "label": "",
        }
        for item in unanswered(blind, column, after=after)[:BATCH]
    ]
