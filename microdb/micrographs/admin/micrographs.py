"""Micrographs: the fields of one, or of many at once, changed through the services."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from microdb.audit_log.recording import together
from microdb.errors import MicroDBError
from microdb.micrographs import services
from microdb.micrographs.admin.permissions import DATASET_FILTER, TRASH_FILTER, ByRole, curates, reached_datasets
from microdb.micrographs.gallery.filter import UNLABELLED, label_condition
from microdb.micrographs.models import NONE_OF_THESE, UNSURE, Change, MaterialClass, Micrograph, ScaleSource, Split
from microdb.micrographs.templatetags.micrographs import significant
from microdb.micrographs.validation.masked import checked_masked


class MicrographForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """A label as its word, and the rest as stored."""

    label = forms.ChoiceField(required=False)

    class Meta:
        model = Micrograph
        fields = ["pixels_per_micrometre", "scale_source", "specimen", "modality", "split", "data_bar_top", "masked"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "label" not in self.fields:  # somebody with the viewer role
            return
        names = [*self.instance.dataset.material_classes.values_list("name", flat=True), NONE_OF_THESE, UNSURE]
        self.fields["label"].choices = [("", "—"), *((name, name) for name in names)]  # type: ignore[attr-defined] # it is a ChoiceField
        self.initial["label"] = self.instance.answer

    def clean_masked(self) -> Any:
        """The rectangles with their sources."""
        given = self.cleaned_data["masked"] or []
        try:
            if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
                raise MicroDBError(str(_("Give a list of objects with x, y, width and height.")))
            return checked_masked(given, micrograph=self.instance)
        except MicroDBError as error:
            raise forms.ValidationError(error.message) from error


class ChangeInline(admin.TabularInline):  # type: ignore[type-arg] # generic in the stubs alone
    """The history beside the micrograph: who, when, what."""

    model = Change
    readonly_fields = ["at", "by", "field", "old", "new", "scale_source"]
    fields = ["at", "by", "field", "old", "new", "scale_source"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or curates(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Change]:
        return super().get_queryset(request).select_related("by")


class LabelFilter(admin.SimpleListFilter):
    """By the word of the label: classes of the same name in several datasets are one choice."""

    title = _("label")
    parameter_name = "label"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, Any]]:  # type: ignore[type-arg] # generic in the stubs alone
        classes = MaterialClass.objects.filter(dataset__in=reached_datasets(request).order_by())
        names = classes.order_by("name").values_list("name", flat=True)
        special = [(NONE_OF_THESE, _("None of these")), (UNSURE, _("unsure")), (UNLABELLED, _("unlabelled"))]
        return [*((name, name) for name in dict.fromkeys(names)), *special]

    def queryset(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> QuerySet[Micrograph]:
        label = self.value()
        if not label:
            return micrographs
        # Keys in place of the name, so that Postgres knows how many micrographs have them
        classes = list(MaterialClass.objects.filter(name=label).values_list("pk", flat=True))
        return micrographs.filter(Q(material_class__in=classes) if classes else label_condition(label))


class LabelActionForm(ActionForm):
    """The field beside the bulk actions."""

    label = forms.CharField(required=False, label=_("Label:"))


@admin.register(Micrograph)
class MicrographAdmin(ByRole):
    form = MicrographForm
    micrograph_fields = ("pk",)
    action_form = LabelActionForm
    list_display = [
        "thumbnail_image",
        "filename",
        "dataset",
        "label",
        "scale",
        "specimen",
        "split",
        "standing",
    ]
    list_display_links = ["thumbnail_image", "filename"]
    list_filter = [
        DATASET_FILTER,
        LabelFilter,
        "split",
        "state",
        "scale_source",
        "flaw",
        TRASH_FILTER,
    ]
    list_select_related = ["dataset", "material_class"]
    list_per_page = 50
    sortable_by = ["filename", "scale", "specimen"]
    search_fields = ["filename__icontains", "specimen__icontains", "sha256__startswith"]
    search_help_text = _("Part of a file name or specimen, or the beginning of a SHA-256.")
    readonly_fields = [
        "dataset",
        "filename",
        "thumbnail_image",
        "state",
        "refusal",
        "flaw",
        "scale_note",
        "sha256",
        "width",
        "height",
    ]
    inlines = [ChangeInline]
    actions = ["label_selected", "split_train", "split_quiz", "split_neither", "trash", "restore"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or curates(request)

    @admin.display(description=_("thumbnail"))
    def thumbnail_image(self, micrograph: Micrograph) -> str:
        if not micrograph.thumbnail or micrograph.trashed_at:
            return "—"
        address = reverse("api_micrograph_thumbnail", kwargs={"pk": micrograph.pk})
        return format_html('<img src="{}" alt="{}" height="64" loading="lazy">', address, micrograph.filename)

    # In words: the admin writes its headings in capitals, where µm turns into MM
    @admin.display(description=_("pixels per micrometre"), ordering="pixels_per_micrometre")
    def scale(self, micrograph: Micrograph) -> str:
        return significant(micrograph.pixels_per_micrometre) or "—"

    @admin.display(description=_("state"), ordering="state")
    def standing(self, micrograph: Micrograph) -> str:
        return str(_("trashed")) if micrograph.trashed_at else micrograph.get_state_display()

    @together()
    def save_model(self, request: Any, obj: Micrograph, form: Any, change: bool) -> None:
        """Each changed field by its service."""
        changed, given = set(form.changed_data), form.cleaned_data
        about: dict[str, Any] = {"micrographs": [obj], "by": request.user}
        if "label" in changed:
            services.set_label(label=given["label"], **about)
        if changed & {"pixels_per_micrometre", "scale_source"}:
            scale = given["pixels_per_micrometre"]
            services.set_scale(
                pixels_per_micrometre=scale, source=given["scale_source"] or ScaleSource.BY_HAND, **about
            )
        if "specimen" in changed:
            services.set_specimen(specimen=given["specimen"], **about)
        if "modality" in changed:
            services.set_modality(modality=given["modality"], **about)
        if "split" in changed:
            services.set_split(split=given["split"], **about)
        if "data_bar_top" in changed:
            services.set_data_bar(top=given["data_bar_top"], **about)
        if "masked" in changed:
            services.set_masked(masked=given["masked"], **about)

    @admin.action(description=_("Give the label that stands beside this"))
    def label_selected(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> None:
        self._apply(request, micrographs, services.set_label, label=request.POST.get("label", ""))

    @admin.action(description=_("Split: train"))
    def split_train(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> None:
        self._apply(request, micrographs, services.set_split, split=Split.TRAIN)

    @admin.action(description=_("Split: quiz"))
    def split_quiz(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> None:
        self._apply(request, micrographs, services.set_split, split=Split.QUIZ)

    @admin.action(description=_("Split: neither"))
    def split_neither(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> None:
        self._apply(request, micrographs, services.set_split, split=Split.NEITHER)

    @admin.action(description=_("Trash the selected micrographs"))
    def trash(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> None:
        self._apply(request, micrographs, services.trash_micrographs)

    @admin.action(description=_("Restore the selected micrographs"))
    def restore(self, request: HttpRequest, micrographs: QuerySet[Micrograph]) -> None:
        self._apply(request, micrographs, services.restore_micrographs)

    def _apply(
        self, request: HttpRequest, micrographs: Iterable[Micrograph], service: Callable[..., int], **given: str
    ) -> None:
        try:
            number = service(micrographs=micrographs, by=request.user, **given)
        except MicroDBError as error:
            self.message_user(request, error.message, messages.ERROR)
            return
        self.message_user(request, ngettext("%d micrograph changed.", "%d micrographs changed.", number) % number)
