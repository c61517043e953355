"""Pages of accounts, datasets and micrographs: a request to each, and the verb that it leaves in the log."""

from typing import Any

from django.test import Client

from microdb.audit_log.verbs import Verb
from microdb.micrographs import services
from microdb.micrographs.models import Change, Micrograph, Role
from tests.audit_log import made
from tests.audit_log.world import Request


def on_one(route: str, data: dict[str, Any]) -> Request:
    return lambda w: w.post(f"micrographs:{route}", data, "steels", w.one.pk)


DATASETS: dict[str, tuple[Verb, Request]] = {
    "accounts:login": (
        Verb.SIGNED_IN,
        lambda w: Client().post("/accounts/login/", {"login": "ben", "password": "correct horse"}),
    ),
    "accounts:logout": (Verb.SIGNED_OUT, lambda w: w.client.post("/accounts/logout/")),
    "accounts:profile": (
        Verb.USER_CHANGED,
        lambda w: w.client.post("/accounts/profile/", {"first_name": "Anna", "expertise": "expert"}),
    ),
    "accounts:session_end": (
        Verb.SESSIONS_ENDED,
        lambda w: w.post("accounts:session_end", {}, made.session(w.owner).pk),
    ),
    "usersessions_list": (
        Verb.SESSIONS_ENDED,
        lambda w: (made.session(w.owner), w.client.post("/accounts/sessions/"))[1],
    ),
    "accounts:token_create": (
        Verb.TOKEN_CREATED,
        lambda w: w.client.post(
            "/accounts/tokens/new/", {"name": "script", "scopes": ["read"], "reach": "all", "expires": "90"}
        ),
    ),
    "accounts:token_edit": (
        Verb.TOKEN_CHANGED,
        lambda w: w.post(
            "accounts:token_edit", {"name": "other", "scopes": ["read"], "reach": "all"}, made.token(w.owner).pk
        ),
    ),
    "accounts:token_rotate": (
        Verb.TOKEN_CHANGED,
        lambda w: w.post("accounts:token_rotate", {"grace": "0"}, made.token(w.owner).pk),
    ),
    "accounts:token_delete": (
        Verb.TOKEN_DELETED,
        lambda w: w.post("accounts:token_delete", {}, made.token(w.owner).pk),
    ),
    "micrographs:dataset_create": (
        Verb.DATASET_CREATED,
        lambda w: w.client.post("/datasets/new/", {"name": "Irons"}),
    ),
    "sample_create": (Verb.DATASET_CREATED, lambda w: w.client.post("/sample/")),
    "micrographs:publishing": (
        Verb.DATASET_PUBLISHED,
        lambda w: w.post("micrographs:publishing", {"action": "publish", "licence": "CC0-1.0"}),
    ),
    "micrographs:bulk_change": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: w.post("micrographs:bulk_change", {"action": "split", "split": "train", "micrograph": [w.one.pk]}),
    ),
    "micrographs:bulk_undo": (
        Verb.MICROGRAPHS_RESTORED,
        lambda w: [
            w.post("micrographs:bulk_change", {"action": "trash", "micrograph": [w.one.pk]}),
            w.post("micrographs:bulk_undo"),
        ],
    ),
    "micrographs:manifest_apply": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: made.applied(
            w, "micrographs:manifest_apply", "manifest", f"filename,modality\n{w.one.filename},SEM\n"
        ),
    ),
    "micrographs:specimen": (
        Verb.SPECIMENS_CHANGED,
        lambda w: w.post("micrographs:specimen", {"material": "C45"}, "steels", w.one.specimen),
    ),
    "micrographs:specimens_apply": (
        Verb.SPECIMENS_CHANGED,
        lambda w: made.applied(w, "micrographs:specimens_apply", "table", f"specimen,material\n{w.one.specimen},C45\n"),
    ),
    "micrographs:specimens_undo": (
        Verb.SPECIMENS_CHANGED,
        lambda w: [
            made.applied(w, "micrographs:specimens_apply", "table", f"specimen,material\n{w.one.specimen},C45\n"),
            w.post("micrographs:specimens_undo"),
        ],
    ),
    "micrographs:specimen_rename": (
        Verb.SPECIMEN_RENAMED,
        lambda w: w.post("micrographs:specimen_rename", {"name": w.one.specimen, "new_name": "Bar 7"}),
    ),
    "micrographs:specimen_change_revert": (
        Verb.SPECIMENS_CHANGED,
        lambda w: w.post("micrographs:specimen_change_revert", {}, "steels", made.specimen(w).pk),
    ),
    "micrographs:upload": (Verb.MICROGRAPHS_ADDED, lambda w: w.post("micrographs:upload", {"file": w.upload()})),
    "micrographs:upload_plan": (
        Verb.CLASS_ADDED,
        lambda w: w.post("micrographs:upload_plan", {"about": made.named('{"add_classes": ["bainite"]}')}),
    ),
    "micrographs:upload_update": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: w.post_json("micrographs:upload_update", {"updates": [{"id": str(w.one.pk), "modality": "SEM"}]}),
    ),
    "micrographs:upload_sidecars": (Verb.MICROGRAPHS_CHANGED, made.late_sidecar),
    "micrographs:label_one": (Verb.MICROGRAPHS_CHANGED, on_one("label_one", {"label": "pearlite"})),
    "micrographs:blind_rounds": (
        Verb.BLIND_STARTED,
        lambda w: [
            services.set_member(dataset=w.dataset, user=w.other, role=Role.LABELLER, by=w.owner),
            w.one,
            w.post(
                "micrographs:blind_rounds",
                {"first": w.owner.pk, "second": w.other.pk, "scope": "labelled", "count": 2},
            ),
        ],
    ),
    "micrographs:blind_answer": (
        Verb.BLIND_ANSWERED,
        lambda w: w.post(
            "micrographs:blind_answer", {"label": "pearlite"}, "steels", (one := made.blind(w)).pk, one.items.get().pk
        ),
    ),
    "micrographs:blind_settle": (Verb.BLIND_SETTLED, made.settle),
    "micrographs:micrograph": (
        Verb.MICROGRAPHS_CHANGED,
        on_one("micrograph", {"label": "pearlite", "pixels_per_micrometre": "2.5", "specimen": "Bar 7"}),
    ),
    "micrographs:micrograph_scale": (
        Verb.MICROGRAPHS_CHANGED,
        on_one("micrograph_scale", {"pixels_per_micrometre": "3"}),
    ),
    "micrographs:micrograph_micron_bar": (
        Verb.MICROGRAPHS_CHANGED,
        on_one("micrograph_micron_bar", {"bar_pixels": "40", "bar_length": "10", "unit": "µm"}),
    ),
    "micrographs:micrograph_take": (
        Verb.MICROGRAPHS_TAKEN,
        lambda w: w.post("micrographs:micrograph_take", {}, "steels", made.scored_only(w).pk),
    ),
    "micrographs:micrograph_trash": (Verb.MICROGRAPHS_TRASHED, on_one("micrograph_trash", {})),
    "micrographs:micrograph_data_bar": (
        Verb.MICROGRAPHS_CHANGED,
        on_one("micrograph_data_bar", {"data_bar_top": "40"}),
    ),
    "micrographs:micrograph_masked": (
        Verb.MICROGRAPHS_CHANGED,
        on_one("micrograph_masked", {"x": "0", "y": "0", "width": "5", "height": "5"}),
    ),
    "micrographs:change_revert": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: [
            services.set_label(micrographs=[w.one], label="pearlite", by=w.owner),
            w.post("micrographs:change_revert", {}, "steels", Change.objects.latest("pk").pk),
        ],
    ),
    "micrographs:near_duplicate_dismiss": (
        Verb.DUPLICATE_DISMISSED,
        lambda w: w.post("micrographs:near_duplicate_dismiss", {}, "steels", made.near(w).pk),
    ),
    "micrographs:split": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: [
            w.one,
            Micrograph.objects.update(split=""),
            w.post("micrographs:split", {"share": "30", "seed": "0"}),
        ],
    ),
    "micrographs:version_freeze": (
        Verb.VERSION_FROZEN,
        lambda w: [w.one, w.post("micrographs:version_freeze", {"note": "before the clean-up"})],
    ),
    "micrographs:settings": (Verb.DATASET_CHANGED, lambda w: w.post("micrographs:settings", {"name": "Irons"})),
    "micrographs:class_add": (Verb.CLASS_ADDED, lambda w: w.post("micrographs:class_add", {"name": "bainite"})),
    "micrographs:class_change": (
        Verb.CLASS_CHANGED,
        lambda w: w.post(
            "micrographs:class_change", {"name": "iron"}, "steels", w.dataset.material_classes.latest("pk").pk
        ),
    ),
    "micrographs:member_set": (
        Verb.MEMBER_ADDED,
        lambda w: w.post("micrographs:member_set", {"username": "ben", "role": "viewer"}),
    ),
    "micrographs:member_remove": (
        Verb.MEMBER_REMOVED,
        lambda w: w.post("micrographs:member_remove", {}, "steels", made.membership(w).pk),
    ),
    "micrographs:invitation_create": (
        Verb.MEMBER_INVITED,
        lambda w: w.post("micrographs:invitation_create", {"role": "viewer", "most_uses": "2"}),
    ),
    "micrographs:invitation_revoke": (
        Verb.INVITATION_REVOKED,
        lambda w: w.post(
            "micrographs:invitation_revoke",
            {},
            "steels",
            services.create_invitation(dataset=w.dataset, role=Role.VIEWER, by=w.owner)[0].pk,
        ),
    ),
    "micrographs:dataset_trash": (
        Verb.DATASET_TRASHED,
        lambda w: w.post("micrographs:dataset_trash", {"name": "Steels"}),
    ),
}
