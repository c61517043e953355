"""The API of curation: a request to each address, and the verb that it leaves in the log."""

from typing import Any

from microdb.audit_log.verbs import Verb
from microdb.micrographs import services
from microdb.micrographs.models import Change, Micrograph, Role
from tests.audit_log import made
from tests.audit_log.routes_api import DATASET
from tests.audit_log.world import API, Request, World


def post(path: str, data: Any = None) -> Request:
    return lambda w: w.call("post", f"{API}{path}", data)


def on_one(path: str, data: Any = None) -> Request:
    return lambda w: w.call("post", f"{API}micrographs/{w.one.pk}/{path}", data)


def bulk_undone(w: World) -> Any:
    answer = w.call("post", f"{API}bulk/", {"micrographs": [str(w.one.pk)], "modality": "SEM"}).json()
    return w.call("post", f"{API}bulk/undo/", {"undo": answer["undo"]})


def applied(w: World, path: str, field: str, text: str) -> Any:
    """A table, first shown and then agreed to."""
    digest = w.call("post", f"{API}{path}", {field: made.named(text)}, multipart=True).json()["digest"]
    return w.call("post", f"{API}{path}", {field: made.named(text), "digest": digest}, multipart=True)


def late_sidecar(w: World) -> Any:
    stored = services.read_at_once(micrograph=w.stored)
    sidecar = made.named("[SemImageFile]\r\nPixelSize=250\r\n")
    sidecar.name = "stored.txt"
    return w.call("post", f"{API}micrographs/{stored.pk}/sidecar/", {"sidecar": sidecar}, multipart=True)


def reverted(w: World) -> Any:
    services.set_label(micrographs=[w.one], label="pearlite", by=w.owner)
    return w.call("post", f"{API}changes/{Change.objects.latest('pk').pk}/revert/")


def blind_round(w: World) -> Any:
    services.set_member(dataset=w.dataset, user=w.other, role=Role.LABELLER, by=w.owner)
    assert w.one
    return w.call("post", f"{API}blind/", {"first": "owner", "second": "ben", "scope": "labelled", "count": 2})


def blind_answer(w: World) -> Any:
    one = made.blind(w)
    return w.call("post", f"{API}blind/{one.pk}/items/{one.items.get().pk}/", {"label": "pearlite"})


def blind_settle(w: World) -> Any:
    one = made.blind(w)
    one.items.update(first_answer="pearlite", second_answer="pearlite")
    return w.call("post", f"{API}blind/{one.pk}/settle/")


def split(w: World) -> Any:
    assert w.one
    Micrograph.objects.update(split="")
    return w.call("post", f"{API}split/", {"quiz_percent": 30})


def restored(w: World) -> Any:
    services.trash_micrographs(micrographs=[w.one], by=w.owner)
    return w.call("post", f"{API}trash/restore/", {"micrographs": [str(w.one.pk)]})


def revoked(w: World) -> Any:
    invitation, _secret = services.create_invitation(dataset=w.dataset, role=Role.VIEWER, by=w.owner)
    return w.call("delete", f"{API}members/invitations/{invitation.pk}/")


CURATION: dict[str, tuple[Verb, Request]] = {
    f"PATCH {DATASET}classes/<int:pk>/": (
        Verb.CLASS_CHANGED,
        lambda w: w.call("patch", f"{API}classes/{w.dataset.material_classes.latest('pk').pk}/", {"name": "iron"}),
    ),
    f"POST {DATASET}micrographs/<uuid:pk>/micron-bar/": (
        Verb.MICROGRAPHS_CHANGED,
        on_one("micron-bar/", {"pixels": 40, "length": 10, "unit": "µm"}),
    ),
    f"POST {DATASET}micrographs/<uuid:pk>/sidecar/": (Verb.MICROGRAPHS_CHANGED, late_sidecar),
    f"POST {DATASET}micrographs/<uuid:pk>/take/": (
        Verb.MICROGRAPHS_TAKEN,
        lambda w: w.call("post", f"{API}micrographs/{made.scored_only(w).pk}/take/"),
    ),
    f"POST {DATASET}changes/<int:pk>/revert/": (Verb.MICROGRAPHS_CHANGED, reverted),
    f"POST {DATASET}bulk/": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: w.call("post", f"{API}bulk/", {"micrographs": [str(w.one.pk)], "modality": "SEM"}),
    ),
    f"POST {DATASET}bulk/undo/": (Verb.MICROGRAPHS_CHANGED, bulk_undone),
    f"POST {DATASET}manifest/": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: applied(w, "manifest/", "manifest", f"filename,modality\n{w.one.filename},SEM\n"),
    ),
    f"POST {DATASET}trash/": (
        Verb.MICROGRAPHS_TRASHED,
        lambda w: w.call("post", f"{API}trash/", {"micrographs": [str(w.one.pk)]}),
    ),
    f"POST {DATASET}trash/restore/": (Verb.MICROGRAPHS_RESTORED, restored),
    f"POST {DATASET}near-duplicates/<int:pk>/dismiss/": (
        Verb.DUPLICATE_DISMISSED,
        lambda w: w.call("post", f"{API}near-duplicates/{made.near(w).pk}/dismiss/"),
    ),
    f"POST {DATASET}split/": (Verb.MICROGRAPHS_CHANGED, split),
    f"POST {DATASET}versions/": (
        Verb.VERSION_FROZEN,
        lambda w: [w.one, w.call("post", f"{API}versions/", {"note": "before the clean-up"})],
    ),
    f"POST {DATASET}members/": (Verb.MEMBER_ADDED, post("members/", {"username": "ben", "role": "viewer"})),
    f"PATCH {DATASET}members/<int:pk>/": (
        Verb.MEMBER_CHANGED,
        lambda w: w.call("patch", f"{API}members/{made.membership(w).pk}/", {"role": "curator"}),
    ),
    f"DELETE {DATASET}members/<int:pk>/": (
        Verb.MEMBER_REMOVED,
        lambda w: w.call("delete", f"{API}members/{made.membership(w).pk}/"),
    ),
    f"POST {DATASET}members/invitations/": (
        Verb.MEMBER_INVITED,
        post("members/invitations/", {"role": "viewer", "most_uses": 2}),
    ),
    f"DELETE {DATASET}members/invitations/<int:pk>/": (Verb.INVITATION_REVOKED, revoked),
    f"POST {DATASET}blind/": (Verb.BLIND_STARTED, blind_round),
    f"POST {DATASET}blind/<int:pk>/items/<int:item>/": (Verb.BLIND_ANSWERED, blind_answer),
    f"POST {DATASET}blind/<int:pk>/settle/": (Verb.BLIND_SETTLED, blind_settle),
    f"POST {DATASET}specimen-changes/revert/": (
        Verb.SPECIMENS_CHANGED,
        lambda w: w.call("post", f"{API}specimen-changes/revert/", {"changes": [made.specimen(w).pk]}),
    ),
    f"POST {DATASET}specimens-csv/": (
        Verb.SPECIMENS_CHANGED,
        lambda w: applied(w, "specimens-csv/", "table", f"specimen,material\n{w.one.specimen},C45\n"),
    ),
    f"POST {DATASET}scores/": (
        Verb.SCORE_REQUESTED,
        lambda w: [made.version(w), w.call("post", f"{API}scores/", {"micrograph": str(w.one.pk)})],
    ),
    f"POST {DATASET}scores/label/": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: w.call("post", f"{API}scores/label/", {"scores": [str(made.verdict(w).pk)], "answer": "predicted"}),
    ),
    f"POST {DATASET}suspects/<uuid:pk>/keep/": (
        Verb.LABEL_KEPT,
        lambda w: w.call("post", f"{API}suspects/{made.suspect(w)}/keep/", {}),
    ),
    "POST /api/v1/scores/<uuid:pk>/cancel/": (
        Verb.SCORE_CANCELLED,
        lambda w: w.call("post", f"/api/v1/scores/{made.queued(w).pk}/cancel/"),
    ),
}
