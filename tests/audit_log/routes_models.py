"""Pages of model versions, scores and quizzes: a request to each, and the verb that it leaves in the log."""

from typing import Any

from microdb.audit_log.verbs import Verb
from microdb.jobs import Job
from microdb.micrographs.models import Micrograph
from tests.audit_log import made
from tests.audit_log.world import Request, World


def on_quiz(w: World, route: str, data: Any = None, name: str = "draft", *args: Any) -> Any:
    return w.post(f"quizzes:{route}", data, w.fixture(name).slug, *args)


MODELS: dict[str, tuple[Verb, Request]] = {
    "training:model_version_create": (
        Verb.TRAINING_REQUESTED,
        lambda w: [made.version(w), w.post("training:model_version_create", {"seed": 3})],
    ),
    "training:model_version_cancel": (
        Verb.TRAINING_CANCELLED,
        lambda w: w.post("training:model_version_cancel", {}, "steels", made.version(w, state=Job.State.QUEUED).number),
    ),
    "training:model_version_activate": (
        Verb.MODEL_ACTIVATED,
        lambda w: w.post("training:model_version_activate", {}, "steels", made.version(w, state=Job.State.DONE).number),
    ),
    "training:curve_request": (
        Verb.CURVE_REQUESTED,
        lambda w: w.post("training:curve_request", {}, "steels", made.version(w, state=Job.State.DONE).number),
    ),
    "training:curve_cancel": (
        Verb.CURVE_CANCELLED,
        lambda w: w.post("training:curve_cancel", {}, "steels", made.curve(w).model_version.number),
    ),
    "training:import_create": (
        Verb.IMPORT_REQUESTED,
        lambda w: w.post("training:import_create", {"file": made.named("no zip")}),
    ),
    "training:import_cancel": (
        Verb.IMPORT_CANCELLED,
        lambda w: w.post("training:import_cancel", {}, "steels", made.model_import(w).pk),
    ),
    "scoring:score_unlabelled": (
        Verb.BATCH_CREATED,
        lambda w: [
            made.version(w),
            Micrograph.objects.filter(pk=w.one.pk).update(material_class=None),
            w.post("scoring:score_unlabelled"),
        ],
    ),
    "scoring:score_upload": (
        Verb.MICROGRAPHS_SENT,
        lambda w: [made.version(w), w.post("scoring:score_upload", {"files": [w.upload()]})],
    ),
    "similar:search": (
        Verb.MICROGRAPHS_SENT,
        lambda w: [made.version(w), w.post("similar:search", {"file": w.upload()})],
    ),
    "scoring:score_request": (
        Verb.SCORE_REQUESTED,
        lambda w: [made.version(w), w.post("scoring:score_request", {}, "steels", w.one.pk)],
    ),
    "scoring:batch_create": (Verb.BATCH_CREATED, lambda w: [made.version(w), w.post("scoring:batch_create")]),
    "scoring:score_selected": (
        Verb.BATCH_CREATED,
        lambda w: [made.version(w), w.post("scoring:score_selected", {"micrograph": [str(w.one.pk)]})],
    ),
    "scoring:score_again": (
        Verb.BATCH_CREATED,
        lambda w: w.post("scoring:score_again", {}, "steels", made.another_version_has_scored(w)),
    ),
    "scoring:batch_again": (Verb.BATCH_CREATED, lambda w: w.post("scoring:batch_again", {}, made.batch(w).pk)),
    "scoring:label_scored": (
        Verb.MICROGRAPHS_CHANGED,
        lambda w: w.post("scoring:label_scored", {"score": [str(made.verdict(w).pk)], "answer": "predicted"}),
    ),
    "scoring:suspect_keep": (
        Verb.LABEL_KEPT,
        lambda w: w.post("scoring:suspect_keep", {"kept": "1"}, "steels", made.suspect(w)),
    ),
    "scoring:score_cancel": (Verb.SCORE_CANCELLED, lambda w: w.post("scoring:score_cancel", {}, made.queued(w).pk)),
    "scoring:batch_cancel": (Verb.BATCH_CANCELLED, lambda w: w.post("scoring:batch_cancel", {}, made.batch(w).pk)),
    "activity:job_cancel": (
        Verb.TRAINING_CANCELLED,
        lambda w: w.post("activity:job_cancel", {}, made.job(made.version(w, state=Job.State.QUEUED))),
    ),
    "activity:job_retry": (
        Verb.SCORES_RETRIED,
        lambda w: w.post("activity:job_retry", {}, made.failed_scores(w)),
    ),
    "quizzes:quiz_create": (Verb.QUIZ_CREATED, lambda w: w.post("quizzes:quiz_create", made.composed(w, "New"))),
    "quizzes:quiz_draft": (Verb.QUIZ_CREATED, lambda w: (made.version(w), w.post("quizzes:quiz_draft"))[1]),
    "quizzes:quiz_edit": (Verb.QUIZ_CHANGED, lambda w: on_quiz(w, "quiz_edit", made.composed(w, "Changed"))),
    "quizzes:quiz_copy": (Verb.QUIZ_CREATED, lambda w: on_quiz(w, "quiz_copy")),
    "quizzes:quiz_delete": (Verb.QUIZ_DELETED, lambda w: on_quiz(w, "quiz_delete")),
    "quizzes:quiz_sign": (Verb.QUIZ_SIGNED, lambda w: on_quiz(w, "quiz_sign")),
    "quizzes:quiz_endpoint": (
        Verb.QUIZ_ENDPOINT_SET,
        lambda w: on_quiz(w, "quiz_endpoint", {"model_version": made.version(w).pk, "panel": "expert"}),
    ),
    "quizzes:quiz_open": (Verb.QUIZ_MODELS_ASKED, lambda w: on_quiz(w, "quiz_open")),
    "quizzes:quiz_close": (Verb.QUIZ_CLOSED, lambda w: on_quiz(w, "quiz_close", None, "quiz")),
    "quizzes:quiz_reopen": (
        Verb.QUIZ_REOPENED,
        lambda w: w.post("quizzes:quiz_reopen", {"reason": "one class was ill"}, made.closed(w).slug),
    ),
    "quizzes:ballot_overrule": (
        Verb.REPEAT_COUNTED,
        lambda w: w.post(
            "quizzes:ballot_overrule",
            {"counts": "1", "reason": "a shared computer"},
            (one := made.repeat(w)).quiz.slug,
            one.pk,
        ),
    ),
    "quizzes:quiz_invitations": (
        Verb.INVITATIONS_MADE,
        lambda w: on_quiz(w, "quiz_invitations", {"count": "3"}),
    ),
    "quizzes:invitation_delete": (
        Verb.INVITATION_DELETED,
        lambda w: on_quiz(w, "invitation_delete", None, "draft", made.invitation(w).pk),
    ),
}
