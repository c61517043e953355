"""The list of datasets, and a new one."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.forms import NewDatasetForm
from microdb.micrographs.models import (
    Dataset,
    MaterialClass,
    Membership,
    Micrograph,
    MicrographCount,
    Role,
)
from microdb.micrographs.services import create_dataset

PER_PAGE = 24
THUMBNAILS = 4


@login_required
def dataset_list(request: SignedInRequest) -> HttpResponse:
    """Cards of the datasets of which the person is a member; where there is none, what to begin with."""
    page = Paginator(_with_counts(request), PER_PAGE).get_page(request.GET.get("page"))
    datasets: list[Any] = list(page)
    for dataset in datasets:
        dataset.thumbnails = _thumbnails(dataset)
        dataset.role_name = Role(dataset.role).label.split(":")[0]
    public = [] if datasets else Dataset.objects.public()[:PER_PAGE]
    return render(request, "micrographs/dataset_list.html", {"page": page, "datasets": datasets, "public": public})


@login_required
def dataset_create(request: SignedInRequest) -> HttpResponse:
    form = NewDatasetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            dataset = create_dataset(by=request.user, **form.cleaned_data)
        except MicroDBError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, _("“%s” was made. Now add its micrographs.") % dataset.name)
            return redirect("micrographs:upload", dataset.slug)
    return render(request, "micrographs/dataset_create.html", {"form": form}, status=400 if form.errors else 200)


def _with_counts(request: SignedInRequest) -> QuerySet[Dataset]:
    """Counts as subqueries: joined aggregates would multiply each other's rows."""
    kept = MicrographCount.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
    labelled = Sum("count", filter=Q(material_class__isnull=False) | Q(none_of_these=True), default=0)
    classes = MaterialClass.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
    shown, hidden = Micrograph.objects.shown_to(request.user), _withheld(request)
    ready = shown.ready().filter(dataset=OuterRef("pk")).order_by("created_at", "id")
    of_class = shown.ready().filter(dataset=OuterRef("dataset"), material_class=OuterRef("pk"))
    first_of_class = Subquery(of_class.order_by("created_at", "id").values("pk")[:1])
    first_of_classes = MaterialClass.objects.filter(dataset=OuterRef("pk")).order_by("position")
    role = Membership.objects.filter(dataset=OuterRef("pk"), user=request.user).values("role")
    return Dataset.objects.visible_to(request.user).annotate(
        micrograph_count=Coalesce(Subquery(kept.annotate(n=Sum("count")).values("n")), 0)
        - Coalesce(Subquery(hidden.annotate(n=Count("pk")).values("n")), 0),
        labelled_count=Coalesce(Subquery(kept.annotate(n=labelled).values("n")), 0)
        - Coalesce(Subquery(hidden.labelled().annotate(n=Count("pk")).values("n")), 0),
        class_count=Coalesce(Subquery(classes.annotate(n=Count("pk")).values("n")), 0),
        first=ArraySubquery(ready.values("pk")[:THUMBNAILS]),
        first_of_classes=ArraySubquery(first_of_classes.annotate(m=first_of_class).values("m")[:THUMBNAILS]),
        role=Coalesce(Subquery(role), Value(Role.OWNER.value)),
    )


def _withheld(request: SignedInRequest) -> Any:
    """What the database counts of each dataset and the person may not see."""
    withheld = Micrograph.objects.kept().withheld_from(request.user)
    return withheld.filter(dataset=OuterRef("pk")).order_by().values("dataset")


def _thumbnails(dataset: Any) -> list[uuid.UUID]:
    """Up to four micrographs, of different classes where there are some."""
    candidates = [pk for pk in [*dataset.first_of_classes, *dataset.first] if pk]
    return list(dict.fromkeys(candidates))[:THUMBNAILS]
