"""The API of quizzes: a request to each address, and the verb that it leaves in the log."""

from typing import Any

from microdb.audit_log.verbs import Verb
from tests.audit_log import made
from tests.audit_log.world import API, Request, World

QUIZ = "/api/v1/quizzes/<slug:slug>/"


def on_quiz(path: str = "", data: Any = None, *, name: str = "draft", method: str = "post") -> Request:
    return lambda w: w.call(method, f"/api/v1/quizzes/{w.fixture(name).slug}/{path}", data)


def drafted(w: World) -> Any:
    made.version(w)
    return w.call("post", f"{API}quizzes/", {"title": "New", "micrographs": [str(one.pk) for one in w.micrographs]})


def overruled(w: World) -> Any:
    ballot = made.repeat(w)
    data = {"counts": True, "reason": "a shared computer"}
    return w.call("post", f"/api/v1/quizzes/{ballot.quiz.slug}/readers/{ballot.pk}/overrule/", data)


def uninvited(w: World) -> Any:
    link = made.invitation(w)
    return w.call("delete", f"/api/v1/quizzes/{link.quiz.slug}/invitations/{link.pk}/")


QUIZZES: dict[str, tuple[Verb, Request]] = {
    "POST /api/v1/datasets/<slug:slug>/quizzes/": (Verb.QUIZ_CREATED, drafted),
    f"PATCH {QUIZ}": (Verb.QUIZ_CHANGED, on_quiz("", {"title": "Changed"}, method="patch")),
    f"DELETE {QUIZ}": (Verb.QUIZ_DELETED, on_quiz(method="delete")),
    f"POST {QUIZ}sign/": (Verb.QUIZ_SIGNED, on_quiz("sign/")),
    f"POST {QUIZ}open/": (Verb.QUIZ_MODELS_ASKED, on_quiz("open/")),
    f"POST {QUIZ}close/": (Verb.QUIZ_CLOSED, on_quiz("close/", name="quiz")),
    f"POST {QUIZ}reopen/": (
        Verb.QUIZ_REOPENED,
        lambda w: w.call("post", f"/api/v1/quizzes/{made.closed(w).slug}/reopen/", {"reason": "one class was ill"}),
    ),
    f"POST {QUIZ}copy/": (Verb.QUIZ_CREATED, on_quiz("copy/")),
    f"POST {QUIZ}invitations/": (Verb.INVITATIONS_MADE, on_quiz("invitations/", {"count": 3})),
    f"DELETE {QUIZ}invitations/<int:pk>/": (Verb.INVITATION_DELETED, uninvited),
    f"POST {QUIZ}readers/<int:pk>/overrule/": (Verb.REPEAT_COUNTED, overruled),
}
