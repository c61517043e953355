"""Notifications and tokens, in pages, API and admin: a request to each, and the verb that it leaves in the log."""

from typing import Any

from microdb.audit_log.verbs import Verb
from microdb.webhooks.models import Delivery, Webhook
from microdb.webhooks.services import create_webhook, ping
from tests.audit_log import made
from tests.audit_log.world import Request, World

KINDS = ["quiz.closed"]
URL = "https://93.184.216.34/hook"
NEW = {"url": URL, "kinds": KINDS}
API = "/api/v1/webhooks/<int:pk>/"
TOKEN = "/api/v1/tokens/<int:pk>/"


def webhook(w: World) -> Webhook:
    return create_webhook(dataset=w.dataset, by=w.owner, url=URL, kinds=KINDS)[0]


def delivery(w: World) -> Delivery:
    return ping(webhook=webhook(w), by=w.owner)


def on_page(name: str, data: dict[str, Any] | None = None) -> Request:
    return lambda w: w.post(f"webhooks:{name}", data, "steels", webhook(w).pk)


def on_api(method: str, ending: str = "", data: dict[str, Any] | None = None) -> Request:
    return lambda w: w.call(method, f"/api/v1/webhooks/{webhook(w).pk}/{ending}", data)


def replay(w: World) -> Any:
    sent = delivery(w)
    return w.post("webhooks:delivery_replay", {}, "steels", sent.webhook_id, sent.pk)


def replay_by_api(w: World) -> Any:
    sent = delivery(w)
    return w.call("post", f"/api/v1/webhooks/{sent.webhook_id}/deliveries/{sent.pk}/replay/")


def on_token(method: str, ending: str = "", data: dict[str, Any] | None = None) -> Request:
    """As a person who is signed in."""

    def request(w: World) -> Any:
        path = f"/api/v1/tokens/{made.token(w.owner).pk}/{ending}"
        return getattr(w.client, method)(path, data or {}, content_type="application/json")

    return request


WEBHOOKS: dict[str, tuple[Verb, Request]] = {
    "webhooks:mailing_set": (Verb.MAILING_ADDED, lambda w: w.post("webhooks:mailing_set", {"kinds": KINDS})),
    "webhooks:webhook_create": (Verb.WEBHOOK_ADDED, lambda w: w.post("webhooks:webhook_create", NEW)),
    "webhooks:webhook_detail": (Verb.WEBHOOK_CHANGED, on_page("webhook_detail", {**NEW, "description": "nightly"})),
    "webhooks:webhook_rotate": (Verb.WEBHOOK_CHANGED, on_page("webhook_rotate")),
    "webhooks:webhook_delete": (Verb.WEBHOOK_DELETED, on_page("webhook_delete")),
    "webhooks:webhook_ping": (Verb.WEBHOOK_TESTED, on_page("webhook_ping")),
    "webhooks:delivery_replay": (Verb.WEBHOOK_REPLAYED, replay),
    "POST /api/v1/webhooks/": (
        Verb.WEBHOOK_ADDED,
        lambda w: w.call("post", "/api/v1/webhooks/", {**NEW, "dataset": "steels"}),
    ),
    f"PATCH {API}": (Verb.WEBHOOK_CHANGED, on_api("patch", data={"description": "nightly"})),
    f"DELETE {API}": (Verb.WEBHOOK_DELETED, on_api("delete")),
    f"POST {API}rotate/": (Verb.WEBHOOK_CHANGED, on_api("post", "rotate/")),
    f"POST {API}ping/": (Verb.WEBHOOK_TESTED, on_api("post", "ping/")),
    f"POST {API}deliveries/<uuid:delivery>/replay/": (Verb.WEBHOOK_REPLAYED, replay_by_api),
    "POST /api/v1/tokens/": (
        Verb.TOKEN_CREATED,
        lambda w: w.client.post("/api/v1/tokens/", {"name": "nightly"}, content_type="application/json"),
    ),
    f"PATCH {TOKEN}": (Verb.TOKEN_CHANGED, on_token("patch", data={"name": "other"})),
    f"DELETE {TOKEN}": (Verb.TOKEN_DELETED, on_token("delete")),
    f"POST {TOKEN}rotate/": (Verb.TOKEN_CHANGED, on_token("post", "rotate/")),
    "delete webhooks.webhook": (Verb.WEBHOOK_DELETED, lambda w: w.delete_in_admin(webhook(w))),
    "webhooks.webhook: delete_selected": (
        Verb.WEBHOOK_DELETED,
        lambda w: w.admin_action("webhooks_webhook", "delete_selected", webhook(w), post="yes"),
    ),
}
