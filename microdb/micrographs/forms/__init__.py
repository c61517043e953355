"""Forms of the dataset, upload and micrograph pages."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from microdb.accounts.models import User
from microdb.micrographs.models import (
    NONE_OF_THESE,
    UNSURE,
    Dataset,
    Lettering,
    Membership,
    Micrograph,
    Role,
    ScaleSource,
    Split,
)
from microdb.micrographs.scale.measured_bar import UNITS, MeasuredBar
from microdb.scale_bounds import HIGHEST_SCALE, LOWEST_SCALE

_ROWS = {"description": 3, "source": 2, "citation": 2}


class DatasetForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """What describes a dataset; also its settings."""

    class Meta:
        model = Dataset
        fields = ["name", "description", "source", "licence", "citation", "scale_free"]
        widgets = {name: forms.Textarea({"rows": rows}) for name, rows in _ROWS.items()}


class NewDatasetForm(DatasetForm):
    """A dataset with its first classes."""

    class_names = forms.CharField(
        label=_("Material classes"),
        required=False,
        widget=forms.Textarea({"rows": 5}),
        help_text=_("One per line, in the order of their labelling keys 1 to 9. You can add more later."),
    )

    field_order = ["name", "class_names", "description", "source", "licence", "citation", "scale_free"]

    def clean_class_names(self) -> list[str]:
        return [name for line in self.cleaned_data["class_names"].splitlines() if (name := line.strip())]


class ScaleField(forms.FloatField):
    """Pixels per micrometre, or nothing; the services refuse an impossible one."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.NumberInput({"step": "any", "inputmode": "decimal", "min": LOWEST_SCALE, "max": HIGHEST_SCALE})
        super().__init__(label=_("Pixels per µm"), required=False, widget=widget, **kwargs)


def label_choices(dataset: Dataset, empty: str) -> list[tuple[str, str]]:
    """Choices of a label: ``empty``'s words for none, each class, none of these."""
    names = [(name, name) for name in dataset.material_classes.order_by("position").values_list("name", flat=True)]
    return [("", empty), *names, (NONE_OF_THESE, str(_("None of these"))), (UNSURE, str(_("unsure")))]


class MicrographForm(forms.Form):
    """What people enter about a micrograph, for one of them or for all of an upload."""

    label = forms.ChoiceField(label=_("Class"), required=False)
    pixels_per_micrometre = ScaleField()
    specimen = forms.CharField(
        max_length=100, required=False, help_text=_("The sample that was photographed. Keeps training honest.")
    )
    modality = forms.CharField(max_length=30, required=False, help_text=_("For example SEM or optical."))
    split = forms.ChoiceField(choices=Split.choices, required=False)

    CURATED = ("specimen", "modality", "split")

    def __init__(self, *args: Any, dataset: Dataset, curator: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["label"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = label_choices(dataset, str(_("unlabelled")))
        if not curator:
            for name in self.CURATED:
                del self.fields[name]


def micrograph_initial(micrograph: Micrograph) -> dict[str, Any]:
    """The values of a stored micrograph for its ``MicrographForm``."""
    values = {name: getattr(micrograph, name) for name in MicrographForm.base_fields if name != "label"}
    return values | {"label": micrograph.answer}


class ManyFilesInput(forms.ClearableFileInput):
    """A file picker that takes several files."""

    allow_multiple_selected = True


class ScriptFileInput(forms.FileInput):
    """A file that the page's script sends and nobody picks."""

    input_type = "hidden"


class ManyFilesField(forms.FileField):
    """Several files; an empty one passes here, is refused on its own later, and does not stop the others."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = data if isinstance(data, list | tuple) else [data]
        files = [file for file in files if file]
        if not files:
            raise forms.ValidationError(_("Choose at least one image file; none was sent."), code="required")
        return files


class UploadForm(MicrographForm):
    """Files, and values for all of them."""

    file = ManyFilesField(label=_("Files"))
    path = forms.CharField(required=False, widget=forms.HiddenInput)  # a single file's name with its folders
    sidecar = forms.FileField(required=False, widget=ScriptFileInput)  # the microscope's text file of a single file
    scale_source = forms.ChoiceField(choices=[("", ""), *ScaleSource.choices], required=False, widget=forms.HiddenInput)
    scale_note = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)


class MicronBarForm(forms.Form):
    """The two ends of a micron bar, as their distance in pixels of the master, and the length written at it."""

    bar_pixels = forms.FloatField(label=_("Bar in pixels"), min_value=1)
    bar_length = forms.FloatField(label=_("Its length"), min_value=1e-9)
    unit = forms.ChoiceField(choices=[(unit, unit) for unit in UNITS], initial="µm")

    def measured(self) -> MeasuredBar:
        """Only after ``is_valid``."""
        data = self.cleaned_data
        return MeasuredBar(data["bar_pixels"], data["bar_length"], data["unit"])


def micron_bar_initial(micrograph: Micrograph, lettering: Lettering | None) -> dict[str, Any]:
    """The bar that was found, and the length that was read at it."""
    read = {"bar_length": f"{lettering.amount:g}", "unit": lettering.unit} if lettering else {}
    return {"bar_pixels": micrograph.bar_pixels, **read}


class SplitForm(forms.Form):
    """How much of each class goes into the quiz, and which of the equally good proposals to show."""

    share = forms.IntegerField(label=_("Share for the quiz, in %"), min_value=5, max_value=60, initial=25)
    seed = forms.IntegerField(label=_("Seed"), min_value=0, max_value=10**6, initial=0)


class BlindRoundForm(forms.Form):
    """Two people of the dataset, and which micrographs they label."""

    first = forms.ModelChoiceField(queryset=User.objects.none(), label=_("First person"))
    second = forms.ModelChoiceField(queryset=User.objects.none(), label=_("Second person"))
    scope = forms.ChoiceField(
        label=_("Of the micrographs"),
        choices=[
            ("unlabelled", _("without a label")),
            ("labelled", _("with a label, to check it")),
            ("quiz", _("in split quiz")),
        ],
    )
    count = forms.IntegerField(label=_("At most"), min_value=1, max_value=2000, initial=50)

    def __init__(self, *args: Any, dataset: Dataset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = User.objects.filter(
            memberships__dataset=dataset, memberships__role__in=Role.at_least(Role.LABELLER), is_active=True
        ).order_by("username")
        for name in ("first", "second"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = able


class DataBarForm(forms.Form):
    """The first row of the data bar, or nothing where there is none."""

    data_bar_top = forms.IntegerField(label=_("First row of the data bar"), required=False, min_value=1)


class MaskedForm(forms.Form):
    """One rectangle that shows no material, in pixels of the master."""

    x = forms.IntegerField(label=_("Left"), min_value=0)
    y = forms.IntegerField(label=_("Top"), min_value=0)
    width = forms.IntegerField(label=_("Width"), min_value=1)
    height = forms.IntegerField(label=_("Height"), min_value=1)


class ScaleForm(forms.Form):
    """A scale typed by hand."""

    pixels_per_micrometre = ScaleField()


class ClassForm(forms.Form):
    """The name of a material class."""

    name = forms.CharField(max_length=60)


class DefinitionForm(forms.Form):
    """The definition of a material class, which readers of a quiz see."""

    description = forms.CharField(required=False, max_length=2000, label=_("Definition"))


class MemberForm(forms.ModelForm):  # type: ignore[type-arg] # generic in the stubs alone
    """A person, by user name or e-mail address, and a role."""

    username = forms.CharField(max_length=254, label=_("User name or e-mail address"))

    class Meta:
        model = Membership
        fields = ["role"]

    field_order = ["username", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.LABELLER


class LinkForm(forms.Form):
    """A link that lets people into a dataset."""

    role = forms.ChoiceField(choices=Role)
    most_uses = forms.IntegerField(label=_("For how many people"))
