"""The admin: a request to everything that it can save or do, and the verb that it leaves in the log."""

from django.contrib.auth.models import Group
from django.urls import reverse

from microdb.audit_log.verbs import Verb
from microdb.jobs import Job
from microdb.micrographs import services
from microdb.micrographs.models import Micrograph
from microdb.quizzes.models import Quiz
from tests.audit_log import made
from tests.audit_log.world import Request, World


def group() -> Group:
    return Group.objects.get_or_create(name="organisers")[0]


def draft(w: World) -> Quiz:
    found: Quiz = w.fixture("draft")
    return found


def on_micrograph(action: str, **sent: str) -> Request:
    return lambda w: w.admin_action("micrographs_micrograph", action, w.one, **sent)


def restored(w: World) -> object:
    services.trash_micrographs(micrographs=[w.one], by=w.owner)
    return w.admin_action("micrographs_micrograph", "restore", Micrograph.objects.get(pk=w.one.pk))


def dataset_restored(w: World) -> object:
    services.trash_dataset(dataset=w.dataset, by=w.owner)
    return w.admin_action("micrographs_dataset", "restore", w.dataset)


NEW_PASSWORD = {"password1": "a new correct horse", "password2": "a new correct horse", "usable_password": "true"}

ADMIN: dict[str, tuple[Verb, Request]] = {
    "admin:logout": (Verb.SIGNED_OUT, lambda w: w.admin.post("/admin/logout/")),
    "admin:password_change": (
        Verb.USER_CHANGED,
        lambda w: w.admin.post(
            "/admin/password_change/",
            {"old_password": "correct horse", "new_password1": "a new horse", "new_password2": "a new horse"},
        ),
    ),
    "admin:auth_user_password_change": (
        Verb.USER_CHANGED,
        lambda w: w.admin.post(reverse("admin:auth_user_password_change", args=[w.other.pk]), NEW_PASSWORD),
    ),
    "add accounts.user": (
        Verb.USER_ADDED,
        lambda w: w.admin.post("/admin/accounts/user/add/", {"username": "cleo", **NEW_PASSWORD}),
    ),
    "change accounts.user": (Verb.USER_CHANGED, lambda w: w.save_admin(w.other, is_staff="on")),
    "delete accounts.user": (Verb.USER_DELETED, lambda w: w.delete_in_admin(w.other)),
    "accounts.user: delete_selected": (
        Verb.USER_DELETED,
        lambda w: w.admin_action("accounts_user", "delete_selected", w.other, post="yes"),
    ),
    "add auth.group": (Verb.GROUP_ADDED, lambda w: w.admin.post("/admin/auth/group/add/", {"name": "readers"})),
    "change auth.group": (Verb.GROUP_CHANGED, lambda w: w.save_admin(group(), name="readers")),
    "delete auth.group": (Verb.GROUP_DELETED, lambda w: w.delete_in_admin(group())),
    "auth.group: delete_selected": (
        Verb.GROUP_DELETED,
        lambda w: w.admin_action("auth_group", "delete_selected", group(), post="yes"),
    ),
    "delete accounts.apitoken": (Verb.TOKEN_DELETED, lambda w: w.delete_in_admin(made.token(w.other))),
    "accounts.apitoken: delete_selected": (
        Verb.TOKEN_DELETED,
        lambda w: w.admin_action("accounts_apitoken", "delete_selected", made.token(w.other), post="yes"),
    ),
    "change micrographs.dataset": (Verb.DATASET_CHANGED, lambda w: w.save_admin(w.dataset, name="Irons")),
    "micrographs.dataset: trash": (
        Verb.DATASET_TRASHED,
        lambda w: w.admin_action("micrographs_dataset", "trash", w.dataset),
    ),
    "micrographs.dataset: restore": (Verb.DATASET_RESTORED, dataset_restored),
    "change micrographs.micrograph": (Verb.MICROGRAPHS_CHANGED, lambda w: w.save_admin(w.one, specimen="Bar 7")),
    "micrographs.micrograph: label_selected": (
        Verb.MICROGRAPHS_CHANGED,
        on_micrograph("label_selected", label="pearlite"),
    ),
    "micrographs.micrograph: split_train": (Verb.MICROGRAPHS_CHANGED, on_micrograph("split_train")),
    "micrographs.micrograph: split_quiz": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: [
            services.set_split(micrographs=[w.one], split="", by=None),
            w.admin_action("micrographs_micrograph", "split_quiz", w.one),
        ],
    ),
    "micrographs.micrograph: split_neither": (Verb.MICROGRAPHS_CHANGED, on_micrograph("split_neither")),
    "micrographs.micrograph: trash": (Verb.MICROGRAPHS_TRASHED, on_micrograph("trash")),
    "micrographs.micrograph: restore": (Verb.MICROGRAPHS_RESTORED, restored),
    "training.modelversion: cancel": (
        Verb.TRAINING_CANCELLED,
        lambda w: w.admin_action("training_modelversion", "cancel", made.version(w, state=Job.State.QUEUED)),
    ),
    "scoring.score: cancel": (
        Verb.SCORE_CANCELLED,
        lambda w: w.admin_action("scoring_score", "cancel", made.queued(w)),
    ),
    "scoring.batch: cancel": (
        Verb.BATCH_CANCELLED,
        lambda w: w.admin_action("scoring_batch", "cancel", made.batch(w)),
    ),
    "change quizzes.quiz": (Verb.QUIZ_CHANGED, lambda w: w.save_admin(draft(w), title="Changed")),
    "delete quizzes.quiz": (Verb.QUIZ_DELETED, lambda w: w.delete_in_admin(draft(w))),
}
