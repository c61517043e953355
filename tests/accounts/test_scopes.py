"""Every address of the API by every method: which scope a token needs, read from the routes and tried."""

import re
import uuid

import pytest
from django.test import Client
from django.urls import URLPattern

from microdb.accounts.models import ApiToken, User
from microdb.accounts.services import create_api_token
from microdb.api_urls import urlpatterns

SCOPES = {
    # route: method: scope; "any": every token may, "public": nobody need sign in
    "datasets/": {"GET": "read", "POST": "upload"},
    "datasets/<slug:slug>/": {"GET": "read", "PATCH": "upload", "DELETE": "curate"},
    "datasets/<slug:slug>/classes/": {"GET": "read", "POST": "upload"},
    "datasets/<slug:slug>/micrographs/": {"GET": "read", "POST": "upload"},
    "datasets/<slug:slug>/micrographs/<uuid:pk>/": {"GET": "read", "PATCH": "upload", "DELETE": "curate"},
    "datasets/<slug:slug>/specimens/": {"GET": "read"},
    "datasets/<slug:slug>/specimens/<path:name>/": {"GET": "read", "PATCH": "upload"},
    "micrographs/<uuid:pk>/image/": {"GET": "read"},
    "micrographs/<uuid:pk>/thumbnail/": {"GET": "read"},
    "micrographs/<uuid:pk>/master/": {"GET": "read"},
    "quizzes/": {"GET": "quiz"},
    "quizzes/<slug:slug>/results/": {"GET": "quiz"},
    "datasets/<slug:slug>/model-versions/": {"GET": "read", "POST": "train"},
    "datasets/<slug:slug>/model-versions/<int:number>/": {"GET": "read"},
    "datasets/<slug:slug>/model-versions/<int:number>/cancel/": {"POST": "train"},
    "datasets/<slug:slug>/model-versions/<int:number>/activate/": {"POST": "train"},
    "datasets/<slug:slug>/batches/": {"GET": "read", "POST": "score"},
    "datasets/<slug:slug>/batches/<uuid:pk>/": {"GET": "read"},
    "datasets/<slug:slug>/batches/<uuid:pk>/results/": {"GET": "read"},
    "datasets/<slug:slug>/batches/<uuid:pk>/files/": {"POST": "score"},
    "datasets/<slug:slug>/batches/<uuid:pk>/start/": {"POST": "score"},
    "datasets/<slug:slug>/batches/<uuid:pk>/cancel/": {"POST": "score"},
    "datasets/<slug:slug>/batches/<uuid:pk>/retry/": {"POST": "score"},
    "scores/<uuid:pk>/": {"GET": "read"},
    "scores/<uuid:pk>/saliency/": {"GET": "read"},
    "log/": {"GET": "read"},
    "datasets/<slug:slug>/log/": {"GET": "read"},
    "webhooks/": {"GET": "read", "POST": "curate"},
    "webhooks/<int:pk>/": {"GET": "read", "PATCH": "curate", "DELETE": "curate"},
    "webhooks/<int:pk>/rotate/": {"POST": "curate"},
    "webhooks/<int:pk>/ping/": {"POST": "curate"},
    "webhooks/<int:pk>/deliveries/": {"GET": "read"},
    "webhooks/<int:pk>/deliveries/<uuid:delivery>/replay/": {"POST": "curate"},
    "tokens/": {"GET": "any", "POST": "person"},
    "tokens/current/": {"GET": "any"},
    "tokens/<int:pk>/": {"GET": "any", "PATCH": "person", "DELETE": "any"},
    "tokens/<int:pk>/rotate/": {"POST": "any"},
    "schema/": {"GET": "public"},
    "docs/": {"GET": "public"},
}
VALUES = {"slug:slug": "nowhere", "uuid:pk": str(uuid.UUID(int=0)), "int:pk": "0", "int:number": "0", "path:name": "x"}
VALUES["uuid:delivery"] = VALUES["uuid:pk"]
CASES = [(route, method, need) for route, needs in SCOPES.items() for method, need in needs.items()]


def methods_of(pattern: URLPattern) -> set[str]:
    view = pattern.callback.cls  # type: ignore[union-attr] # every address has a view class
    offered = {name.upper() for name in view.http_method_names if hasattr(view, name)}
    return offered - {"HEAD", "OPTIONS"}


def test_the_table_names_every_route_and_method():
    found = {str(pattern.pattern): methods_of(pattern) for pattern in urlpatterns}
    assert found == {route: set(needs) for route, needs in SCOPES.items()}


@pytest.mark.parametrize(("route", "method", "need"), CASES, ids=lambda value: value)
def test_a_token_of_one_scope_does_what_its_scope_allows(owner: User, route: str, method: str, need: str):
    User.objects.filter(pk=owner.pk).update(is_staff=True)  # the site's log is for staff
    path = "/api/v1/" + re.sub(r"<([^>]+)>", lambda found: VALUES[found[1]], route)
    allowed = set()
    for scope in ApiToken.Scope.values:
        _token, secret = create_api_token(user=owner, scopes=[scope])
        answer = Client(headers={"authorization": f"Token {secret}"}).generic(method, path)
        assert answer.status_code != 401
        if answer.status_code != 403:
            allowed.add(scope)
        else:
            assert answer.json()["code"] in ("missing_scope", "sign_in_needed")
    everybody = set(ApiToken.Scope.values)
    assert allowed == {"any": everybody, "public": everybody, "person": set()}.get(need, {need})
    assert (Client().generic(method, path).status_code == 401) == (need != "public")
