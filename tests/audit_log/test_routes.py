"""Every address and every action of the admin that can change something leaves an entry, or is exempt for a reason."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from microdb.accounts.models import User
from microdb.audit_log.models import ActorKind, Entry
from microdb.audit_log.verbs import Verb
from tests.audit_log.routes_admin import ADMIN
from tests.audit_log.routes_api import THE_API
from tests.audit_log.routes_api_curation import CURATION
from tests.audit_log.routes_api_quizzes import QUIZZES
from tests.audit_log.routes_datasets import DATASETS
from tests.audit_log.routes_models import MODELS
from tests.audit_log.routes_webhooks import WEBHOOKS
from tests.audit_log.world import World

RECORDED = {**DATASETS, **MODELS, **THE_API, **CURATION, **QUIZZES, **WEBHOOKS, **ADMIN}

SITTING = "A reader who withdraws is deleted for good, so the log must not say who sat; the ballot keeps the times."
DELIVERIES = "A delivery is itself a line of a log, which is emptied after 30 days."
READS = "It changes nothing: the body only says what to look up, or is ignored."
TRACKED = "A page of or around allauth: what it saves are tracked rows, and signing in sends Django's signals."
PARTS = "A file on its way is no data of the dataset; the entry comes when it is stored, or added to its batch."
ALLAUTH = {
    "/accounts/social/connections/",
    "/accounts/social/login/cancelled/",
    "/accounts/social/login/error/",
    "/accounts/social/signup/",
    "account.emailaddress: delete_selected",
    "account.emailaddress: make_verified",
    "account_change_password",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_confirm_reauthentication_code",
    "account_email",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_request_reauthentication_code",
    "account_reset_password",
    "account_reset_password_from_key",
    "account_set_password",
    "account_signup",
    "mfa.authenticator: delete_selected",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "openid_connect_callback",
    "openid_connect_login",
    "socialaccount.socialaccount: delete_selected",
    "socialaccount.socialtoken: delete_selected",
    "socialaccount_connections",
    "socialaccount_signup",
    "accounts:confirm_at_provider",
    "usersessions.usersession: delete_selected",
    *(
        f"{act} {model}"
        for act in ("add", "change", "delete")
        for model in (
            "account.emailaddress",
            "mfa.authenticator",
            "socialaccount.socialaccount",
            "socialaccount.socialtoken",
            "usersessions.usersession",
        )
    ),
}
EXEMPT = {
    **dict.fromkeys(ALLAUTH, TRACKED),
    "admin:login": "It leads to the sign-in page of the site, which records.",
    "micrographs:invitation": "Whoever accepts becomes a member, which is a tracked row.",
    "micrographs:join": "Whoever accepts becomes a member, which is a tracked row.",
    "delete webhooks.delivery": DELIVERIES,
    "webhooks.delivery: delete_selected": DELIVERIES,
    **{
        f"{method} /api/v1/datasets/<slug:slug>/{of}uploads/{one}": PARTS
        for of in ("", "batches/<uuid:pk>/")
        for method, one in (("POST", ""), ("DELETE", "<uuid:upload>/"))
    },
    "home": READS,
    "javascript-catalog": READS,
    "/healthz": READS,
    "/readyz": READS,
    "micrographs:dataset_list": READS,
    "micrographs:gallery": READS,
    "micrographs:trash": READS,
    "micrographs:quality_report": READS,
    "micrographs:upload_known": READS,
    "quizzes:quiz_take": SITTING,
    "quizzes:quiz_invited": SITTING,
    "quizzes:ballot_answer": SITTING,
    "quizzes:ballot_submit": SITTING,
    "quizzes:ballot_withdraw": SITTING,
}
DUMMIES = {
    "slug": "none",
    "int": 999_999,
    "uuid": "00000000-0000-0000-0000-000000000000",
    "path": "none",
    "str": "none",
}
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")


def patterns(found: Any, namespace: str = "", prefix: str = "/") -> Iterator[tuple[URLPattern, str, str]]:
    """Each address with its full name and its path as it is written."""
    for one in found:
        path = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from patterns(one.url_patterns, inner, path)
        else:
            yield one, f"{namespace}{one.name}" if one.name else path, path


def changing_routes(client: Client, user: User) -> set[str]:
    """Pages by name and paths of the API with their method, if a superuser is not answered 405."""
    found = set()
    for one, name, path in patterns(get_resolver().url_patterns):
        view = getattr(one.callback, "cls", None)
        if view is not None:
            allowed = {method for method in UNSAFE if hasattr(view, method.lower())}
            found |= {f"{method} {path}" for method in allowed & {m.upper() for m in view.http_method_names}}
        elif not is_admins_own(name):
            parts = re.findall(r"<(?:(\w+):)?(\w+)>", path)
            kwargs = {key: DUMMIES[converter or "str"] for converter, key in parts}
            address = reverse(name, kwargs=kwargs) if one.name else path
            client.force_login(user)  # again and again: some of them sign out
            if name in EXEMPT or client.post(address).status_code != 405:
                found.add(name)
    return found


def is_admins_own(name: str) -> bool:
    """A page of a model in the admin, which ``admin_changes`` finds by permissions, or one that only reads."""
    if name.startswith("/admin/"):
        return True  # redirects to pages with a name
    _admin, _colon, page = name.rpartition("admin:")
    models = [f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry]
    pages = {f"{model}_{act}" for model in models for act in ("changelist", "add", "history", "delete", "change")}
    return name.startswith("admin:") and page in pages | {"index", "jsi18n", "app_list", "view_on_site", "autocomplete"}


def admin_changes(user: User) -> set[str]:
    """What a superuser can save, delete and do in the admin."""
    request = RequestFactory().get("/admin/")
    request.user = user
    found = set()
    for model, one in admin.site._registry.items():
        label = model._meta.label_lower
        for permission in ("add", "change", "delete"):
            # A draft may be deleted, an opened quiz not
            row = model() if label == "quizzes.quiz" else None
            if getattr(one, f"has_{permission}_permission")(request, *([row] if permission != "add" else [])):
                found.add(f"{permission} {label}")
        found |= {f"{label}: {action}" for action in one.get_actions(request)}
    return found


def test_every_route_that_can_change_something_is_in_the_tables(client: Client, admin_user: User) -> None:
    there = changing_routes(client, admin_user) | admin_changes(admin_user)

    assert there - RECORDED.keys() - EXEMPT.keys() == set()
    assert (RECORDED.keys() | EXEMPT.keys()) - there == set()
    assert all(len(reason) > 20 for reason in EXEMPT.values())


@pytest.mark.parametrize("route", RECORDED)
def test_a_request_leaves_an_entry(world: World, route: str) -> None:
    verb, request = RECORDED[route]

    request(world)

    entry = Entry.objects.filter(verb=verb).order_by("pk").last()
    assert entry, world.verbs()
    assert entry.actor_kind == ActorKind.PERSON
    assert entry.actor_name in ("owner", "boss", "ben")
    assert entry.remote_addr == "127.0.0.1"
    assert entry.cid


def test_a_download_of_an_original_leaves_an_entry(world: World) -> None:
    stored = world.stored

    world.client.get(reverse("micrographs:micrograph_master", args=[stored.pk]))
    world.call("get", f"/api/v1/micrographs/{stored.pk}/master/")
    world.client.get(reverse("micrographs:export", args=["steels"]))
    world.client.head(reverse("micrographs:micrograph_master", args=[stored.pk]))

    downloads = Entry.objects.of_kind("download").order_by("pk").values_list("verb", "object_repr")
    assert list(downloads) == [
        (Verb.MASTER_DOWNLOADED, "stored.png"),
        (Verb.MASTER_DOWNLOADED, "stored.png"),
        (Verb.DATASET_EXPORTED, "Steels"),
    ]
