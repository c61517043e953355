"""The list of datasets, and a new one."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from microdb.accounts.requests import SignedInRequest
from microdb.audit_log.models import Entry
from microdb.errors import MicroDBError
from microdb.keyset import Keyset, moment
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
ORDERS = {
    "activity": (gettext_lazy("last activity"), Keyset("active_at", moment, downwards=True, read_key=int)),
    "name": (gettext_lazy("name"), Keyset("name", str, read_key=int)),
    "created": (gettext_lazy("newest"), Keyset("created_at", moment, downwards=True, read_key=int)),
}
LABELLED = Q(material_class__isnull=False) | Q(none_of_these=True)
READY = Q(state=Micrograph.State.READY)


@login_required
def dataset_list(request: SignedInRequest) -> HttpResponse:
    """Cards of the datasets that the person sees, ``?search=`` in their names, by ``?sort=``.

    Where there are none, what to begin with.
    """
    search = request.GET.get("search", "").replace("\x00", "").strip()
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else next(iter(ORDERS))
    page = ORDERS[sort][1].page(_with_counts(request).filter(name__icontains=search), request.GET, PER_PAGE)
    datasets: list[Any] = page.object_list
    for dataset in datasets:
        dataset.thumbnails = _thumbnails(dataset)
        dataset.role_name = Role(dataset.role).label.split(":")[0]
    orders = [(name, label) for name, (label, _keyset) in ORDERS.items()]
    public = [] if datasets or search else Dataset.objects.public()[:PER_PAGE]
    context = {"public": public, "page": page, "datasets": datasets, "search": search, "sort": sort, "orders": orders}
    return render(request, "micrographs/dataset_list.html", context)


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
    classes = MaterialClass.objects.filter(dataset=OuterRef("pk")).order_by().values("dataset")
    hidden = _withheld(request)
    members = Membership.objects.filter(dataset=OuterRef("pk"))
    owners = members.filter(role=Role.OWNER).order_by("pk")
    latest = Entry.objects.filter(dataset_id=OuterRef("pk")).order_by("-timestamp", "-pk")

    def counted(condition: Q | None = None) -> Any:
        total = Sum("count", filter=condition, default=0)
        return Coalesce(Subquery(kept.annotate(n=total).values("n")), 0)

    def count_of(rows: QuerySet[Any, Any]) -> Any:
        return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)

    return Dataset.objects.visible_to(request.user).annotate(
        micrograph_count=counted() - count_of(hidden),
        labelled_count=counted(LABELLED) - count_of(hidden.labelled()),
        unlabelled_count=counted(READY & ~LABELLED),
        without_scale_count=counted(READY & Q(scale_bin=None)),
        class_count=count_of(classes),
        role=Coalesce(Subquery(members.filter(user=request.user).values("role")), Value(Role.OWNER.value)),
        owner=Subquery(owners.values("user__username")[:1]),
        active_at=Coalesce(Subquery(latest.values("timestamp")[:1]), "created_at"),
        **_candidates(request),
    )


def _candidates(request: SignedInRequest) -> dict[str, Any]:
    """The keys of the micrographs that come into question for a card."""
    shown = Micrograph.objects.shown_to(request.user)
    ready = shown.ready().filter(dataset=OuterRef("pk")).order_by("created_at", "id")
    of_class = shown.ready().filter(dataset=OuterRef("dataset"), material_class=OuterRef("pk"))
    first_of_class = Subquery(of_class.order_by("created_at", "id").values("pk")[:1])
    first_of_classes = MaterialClass.objects.filter(dataset=OuterRef("pk")).order_by("position")
    return {
        "first": ArraySubquery(ready.values("pk")[:THUMBNAILS]),
        "first_of_classes": ArraySubquery(first_of_classes.annotate(m=first_of_class).values("m")[:THUMBNAILS]),
    }


def _withheld(request: SignedInRequest) -> Any:
    """What the database counts of each dataset and the person may not see."""
    withheld = Micrograph.objects.kept().withheld_from(request.user)
    return withheld.filter(dataset=OuterRef("pk")).order_by().values("dataset")


def _thumbnails(dataset: Any) -> list[uuid.UUID]:
    """Up to four micrographs, of different classes where there are some."""
    candidates = [pk for pk in [*dataset.first_of_classes, *dataset.first] if pk]
    return list(dict.fromkeys(candidates))[:THUMBNAILS]
