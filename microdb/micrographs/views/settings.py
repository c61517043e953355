"""The settings of a dataset: what describes it, classes, members, frozen versions, the trash."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.forms import ClassForm, DatasetForm, DefinitionForm, LinkForm, MemberForm
from microdb.micrographs.forms.publishing import PublishingForm, publishing_initial
from microdb.micrographs.models import Dataset, Role, counted
from microdb.micrographs.services.classes import describe_material_class, move_material_class, rename_material_class
from microdb.micrographs.views.pages import dataset_page, form_sentence, mistakes_shown


@login_required
def settings(request: SignedInRequest, slug: str) -> HttpResponse:
    """Every member sees the settings; a curator changes the description."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR if request.method == "POST" else Role.VIEWER)
    form = DatasetForm(request.POST or None, instance=Dataset.objects.get(pk=dataset.pk))
    if request.method == "POST" and form.is_valid():
        with mistakes_shown(request):
            services.update_dataset(dataset=dataset, **form.cleaned_data)
            messages.success(request, _("Saved."))
        return redirect("micrographs:settings", slug)
    return settings_page(request, dataset, form=form)


def settings_page(
    request: SignedInRequest, dataset: Dataset, *, form: DatasetForm | None = None, new_link: str = ""
) -> HttpResponse:
    """The page, with a form that has mistakes, or with the link of an invitation that was just made."""
    form = form or DatasetForm(instance=Dataset.objects.get(pk=dataset.pk))
    context = {**_context(dataset, form), "new_link": new_link}
    status = 400 if form.errors else 200
    return dataset_page(request, "micrographs/dataset_settings.html", dataset, "settings", context, status)


def _context(dataset: Dataset, form: DatasetForm) -> dict[str, object]:
    counts = {cell["material_class"]: cell["total"] for cell in counted(dataset, "material_class")}
    classes: list[Any] = list(dataset.material_classes.order_by("position"))
    for material_class in classes:
        material_class.count = counts.get(material_class.pk, 0)
    return {
        "form": form,
        "classes": classes,
        "class_form": ClassForm(),
        "memberships": dataset.memberships.select_related("user").order_by("user__username"),
        "member_form": MemberForm(),
        "link_form": LinkForm(),
        "invitations": dataset.invitations.usable().select_related("created_by").order_by("expires_at"),
        "publishing_form": PublishingForm(initial=publishing_initial(dataset)),
        "roles": Role.choices,
        "versions": dataset.versions.order_by("-number")[:50],
        "micrograph_count": sum(counts.values()),
    }


@login_required
@require_POST
def publishing(request: SignedInRequest, slug: str) -> HttpResponse:
    """Make the dataset public under a licence, change how it is cited, or make it private again."""
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    form, action = PublishingForm(request.POST), request.POST.get("action")
    with mistakes_shown(request):
        if action not in ("publish", "unpublish"):
            raise MicroDBError(_("Choose whether the dataset becomes public or private."))
        if action == "unpublish":
            services.update_dataset(dataset=dataset, public=False)
            messages.success(request, _("“%s” is private. Only its members see it.") % dataset.name)
        elif form.is_valid():
            services.update_dataset(dataset=dataset, public=True, **form.cleaned_data)
            messages.success(request, _("“%s” is public. Everybody may read it.") % dataset.name)
        else:
            messages.error(request, form_sentence(form))
    return redirect("micrographs:settings", slug)


@login_required
@require_POST
def class_add(request: SignedInRequest, slug: str) -> HttpResponse:
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    form = ClassForm(request.POST)
    if not form.is_valid():
        messages.error(request, form_sentence(form))
    else:
        with mistakes_shown(request):
            services.add_material_class(dataset=dataset, name=form.cleaned_data["name"])
    return redirect("micrographs:settings", slug)


@login_required
@require_POST
def class_change(request: SignedInRequest, slug: str, pk: int) -> HttpResponse:
    """Rename a class, define it, or move it one place up or down."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    material_class = get_object_or_404(dataset.material_classes, pk=pk)
    action = request.POST.get("action")
    with mistakes_shown(request):
        if action in ("up", "down"):
            move_material_class(material_class=material_class, places=-1 if action == "up" else 1)
        elif action == "describe":
            definition = DefinitionForm(request.POST)
            if not definition.is_valid():
                raise MicroDBError(form_sentence(definition))
            describe_material_class(material_class=material_class, **definition.cleaned_data)
        else:
            form = ClassForm(request.POST)
            if not form.is_valid():
                raise MicroDBError(form_sentence(form))
            rename_material_class(material_class=material_class, name=form.cleaned_data["name"])
    return redirect("micrographs:settings", slug)


@login_required
@require_POST
def dataset_trash(request: SignedInRequest, slug: str) -> HttpResponse:
    """Put the dataset in the trash, where an administrator can restore it for 30 days."""
    dataset = dataset_or_404(request, slug, role=Role.OWNER)
    if request.POST.get("name", "").strip() != dataset.name:
        messages.error(request, _("Type the name of the dataset, “%s”, to put it in the trash.") % dataset.name)
        return redirect("micrographs:settings", slug)
    with mistakes_shown(request):
        services.trash_dataset(dataset=dataset, by=request.user)
        messages.success(
            request, _("“%s” is in the trash; an administrator can restore it for 30 days.") % dataset.name
        )
    return redirect("micrographs:dataset_list")
