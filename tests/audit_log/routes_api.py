"""The API: a request to each address, and the verb that it leaves in the log."""

from microdb.audit_log.verbs import Verb
from microdb.jobs import Job
from tests.audit_log import made
from tests.audit_log.world import API, Request

DATASET = "/api/v1/datasets/<slug:slug>/"
THE_API: dict[str, tuple[Verb, Request]] = {
    "POST /api/v1/datasets/": (
        Verb.DATASET_CREATED,
        lambda w: w.call("post", "/api/v1/datasets/", {"name": "Irons"}),
    ),
    f"PATCH {DATASET}": (Verb.DATASET_CHANGED, lambda w: w.call("patch", API, {"name": "Irons"})),
    f"DELETE {DATASET}": (Verb.DATASET_TRASHED, lambda w: w.call("delete", API)),
    f"POST {DATASET}classes/": (Verb.CLASS_ADDED, lambda w: w.call("post", f"{API}classes/", {"name": "bainite"})),
    f"POST {DATASET}micrographs/": (
        Verb.MICROGRAPHS_ADDED,
        lambda w: w.call("post", f"{API}micrographs/", {"file": w.upload()}, multipart=True),
    ),
    f"PATCH {DATASET}micrographs/<uuid:pk>/": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: w.call("patch", f"{API}micrographs/{w.one.pk}/", {"specimen": "Bar 7", "split": "train"}),
    ),
    f"DELETE {DATASET}micrographs/<uuid:pk>/": (
        Verb.MICROGRAPHS_TRASHED,
        lambda w: w.call("delete", f"{API}micrographs/{w.one.pk}/"),
    ),
    f"PATCH {DATASET}specimens/<path:name>/": (
        Verb.SPECIMENS_CHANGED,
        lambda w: w.call("patch", f"{API}specimens/{w.one.specimen}/", {"material": "C45"}),
    ),
    f"PATCH {DATASET}uploads/<uuid:upload>/": (Verb.MICROGRAPHS_ADDED, lambda w: made.upload(w, f"{API}uploads/")),
    f"PATCH {DATASET}batches/<uuid:pk>/uploads/<uuid:upload>/": (
        Verb.BATCH_FILLED,
        lambda w: made.upload(w, f"{API}batches/{made.open_batch(w).pk}/uploads/"),
    ),
    f"POST {DATASET}model-versions/": (
        Verb.TRAINING_REQUESTED,
        lambda w: [made.version(w), w.call("post", f"{API}model-versions/", {"seed": 3})],
    ),
    f"POST {DATASET}model-versions/<int:number>/cancel/": (
        Verb.TRAINING_CANCELLED,
        lambda w: [made.version(w, state=Job.State.QUEUED), w.call("post", f"{API}model-versions/2/cancel/")],
    ),
    f"POST {DATASET}model-versions/<int:number>/activate/": (
        Verb.MODEL_ACTIVATED,
        lambda w: [made.version(w, state=Job.State.DONE), w.call("post", f"{API}model-versions/2/activate/")],
    ),
    f"POST {DATASET}model-versions/<int:number>/learning-curve/": (
        Verb.CURVE_REQUESTED,
        lambda w: [made.version(w, state=Job.State.DONE), w.call("post", f"{API}model-versions/2/learning-curve/")],
    ),
    f"POST {DATASET}model-versions/<int:number>/learning-curve/cancel/": (
        Verb.CURVE_CANCELLED,
        lambda w: [made.curve(w), w.call("post", f"{API}model-versions/2/learning-curve/cancel/")],
    ),
    f"POST {DATASET}model-versions/imports/": (
        Verb.IMPORT_REQUESTED,
        lambda w: w.call("post", f"{API}model-versions/imports/", {"file": made.named("no zip")}, multipart=True),
    ),
    f"POST {DATASET}model-versions/imports/<int:pk>/cancel/": (
        Verb.IMPORT_CANCELLED,
        lambda w: w.call("post", f"{API}model-versions/imports/{made.model_import(w).pk}/cancel/"),
    ),
    "POST /api/v1/jobs/<str:job>/cancel/": (
        Verb.TRAINING_CANCELLED,
        lambda w: w.call("post", f"/api/v1/jobs/{made.job(made.version(w, state=Job.State.QUEUED))}/cancel/"),
    ),
    "POST /api/v1/jobs/<str:job>/retry/": (
        Verb.SCORES_RETRIED,
        lambda w: w.call("post", f"/api/v1/jobs/{made.failed_scores(w)}/retry/"),
    ),
    f"POST {DATASET}batches/": (
        Verb.BATCH_CREATED,
        lambda w: [made.version(w), w.call("post", f"{API}batches/", {"micrographs": [str(w.one.pk)]})],
    ),
    f"POST {DATASET}batches/<uuid:pk>/files/": (
        Verb.BATCH_FILLED,
        lambda w: w.call(
            "post", f"{API}batches/{made.open_batch(w).pk}/files/", {"files": made.named("no image")}, multipart=True
        ),
    ),
    f"POST {DATASET}batches/<uuid:pk>/start/": (
        Verb.BATCH_CREATED,
        lambda w: w.call("post", f"{API}batches/{made.open_batch(w, files=1).pk}/start/"),
    ),
    f"POST {DATASET}batches/<uuid:pk>/retry/": (
        Verb.BATCH_RETRIED,
        lambda w: w.call("post", f"{API}batches/{made.batch(w).pk}/retry/"),
    ),
    f"POST {DATASET}batches/<uuid:pk>/cancel/": (
        Verb.BATCH_CANCELLED,
        lambda w: w.call("post", f"{API}batches/{made.batch(w).pk}/cancel/"),
    ),
}
