"""Upload: the page, the endpoint that takes files one by one or together, and the state of what is being read."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from microdb.accounts.requests import SignedInRequest
from microdb.errors import MicroDBError
from microdb.micrographs.access import dataset_or_404
from microdb.micrographs.forms import UploadForm
from microdb.micrographs.gallery.bar_scale import lettering_of
from microdb.micrographs.models import Dataset, Micrograph, Role, Upload
from microdb.micrographs.scale.sidecar import sent_sidecar
from microdb.micrographs.services import add_micrograph
from microdb.micrographs.tasks import enqueue_reading
from microdb.micrographs.views.bulk import keys
from microdb.micrographs.views.pages import dataset_page, form_sentence

STATUS_LIMIT = 500
"""At most this many micrographs are in one answer."""


@login_required
def upload(request: SignedInRequest, slug: str) -> HttpResponse:
    """The page; a POST takes files, and answers JSON to the page's script and a page to a plain form."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    if request.method != "POST":
        return _page(request, dataset, UploadForm(dataset=dataset), [])
    form = UploadForm(request.POST, request.FILES, dataset=dataset)
    wants_json = request.accepts("application/json") and not request.accepts("text/html")
    if not form.is_valid():
        if wants_json:
            return JsonResponse({"state": "refused", "code": "invalid", "message": form_sentence(form)}, status=400)
        return _page(request, dataset, form, [], status=400)
    about = dict(form.cleaned_data)
    files, path = about.pop("file"), about.pop("path")
    if len(files) > 1:
        about["sidecar"] = None
    names = [path] if path and len(files) == 1 else [file.name or "" for file in files]
    results = [_take(request, dataset, file, name, about) for file, name in zip(files, names, strict=True)]
    if wants_json:
        return JsonResponse(results[0], status=201 if "id" in results[0] else 400)
    return _page(request, dataset, UploadForm(dataset=dataset), results)


@login_required
@require_safe
def upload_status(request: SignedInRequest, slug: str) -> JsonResponse:
    """The state of the micrographs ``?id=…&id=…``."""
    dataset = dataset_or_404(request, slug, role=Role.CURATOR)
    wanted = keys(request.GET.getlist("id")[:STATUS_LIMIT])
    micrographs = dataset.shown().kept().filter(pk__in=wanted)
    return JsonResponse({"micrographs": [upload_state(m) for m in micrographs.select_related("dataset", "lettering")]})


def upload_state(micrograph: Micrograph) -> dict[str, Any]:
    """What a row of the upload page shows of a micrograph."""
    ready = micrograph.state == Micrograph.State.READY
    state = "needs_scale" if ready and micrograph.needs_scale else micrograph.state
    return {
        "id": str(micrograph.pk),
        "filename": micrograph.filename,
        "state": state,
        "state_name": _states()[state],
        "thumbnail": reverse("micrographs:micrograph_thumbnail", args=[micrograph.pk]) if ready else "",
        "page": reverse("micrographs:micrograph", args=[micrograph.dataset.slug, micrograph.pk]),
        "message": _message(state, micrograph),
    }


def _message(state: str, micrograph: Micrograph) -> str:
    if state == "needs_scale" and (lettering := lettering_of(micrograph)):
        return _("Its file holds no scale. “%s” was read at its micron bar: confirm it on its page.") % lettering.text
    if state == "needs_scale":
        return _("Its file holds no scale. Type it here, or measure the micron bar on its page.")
    if state == Micrograph.State.REFUSED:
        return micrograph.refusal
    if state == Micrograph.State.READING:
        return _("Being read…")
    if micrograph.pixels_per_micrometre is None:
        return _("Ready.")
    source = micrograph.get_scale_source_display()
    return _("Ready: %(scale)s px/µm (%(source)s).") % {
        "scale": f"{micrograph.pixels_per_micrometre:.4g}",
        "source": source,
    }


def _take(
    request: SignedInRequest, dataset: Dataset, file: "UploadedFile[Any]", filename: str, about: dict[str, Any]
) -> dict[str, Any]:
    """Store one file; its mistake concerns it alone."""
    if about["pixels_per_micrometre"] is None:
        about = about | {"scale_source": "", "scale_note": ""}
    try:
        about = about | {"sidecar": sent_sidecar(about["sidecar"])}
        micrograph = add_micrograph(dataset=dataset, file=file, filename=filename, by=request.user, **about)
    except MicroDBError as error:
        state = "there" if error.code == "duplicate" else "refused"
        refused = {"filename": filename, "state": state, "state_name": _states()[state], "thumbnail": ""}
        return refused | {"code": error.code, "message": error.message}
    enqueue_reading(micrograph)
    return upload_state(micrograph)


def _states() -> dict[str, str]:
    """The names of a row's states; those before a file arrives are the page's script's own."""
    return {
        "reading": _("being read"),
        "ready": _("ready"),
        "needs_scale": _("needs a scale"),
        "refused": _("refused"),
        "there": _("there already"),
    }


def _page(
    request: SignedInRequest, dataset: Dataset, form: UploadForm, results: list[dict[str, Any]], status: int = 200
) -> HttpResponse:
    unfinished = Upload.objects.unfinished().of_person(request.user, dataset)
    context = {"form": form, "results": results, "unfinished": unfinished}
    return dataset_page(request, "micrographs/micrograph_upload.html", dataset, "upload", context, status=status)
