"""Webhooks and mailings, whose every change is in the audit log."""

from microdb.audit_log.tracking import track
from microdb.audit_log.verbs import Verb
from microdb.webhooks.models import Mailing, Webhook


def track_webhooks() -> None:
    track(
        Webhook,
        fields=["url", "kinds", "description", "disabled_at"],
        secret=["seed"],
        added=Verb.WEBHOOK_ADDED,
        changed=Verb.WEBHOOK_CHANGED,
        deleted=Verb.WEBHOOK_DELETED,
        dataset=lambda webhook: webhook.dataset,
    )
    track(
        Mailing,
        fields=["kinds"],
        added=Verb.MAILING_ADDED,
        changed=Verb.MAILING_CHANGED,
        deleted=Verb.MAILING_DELETED,
        name=lambda mailing: mailing.user.get_username(),
        dataset=lambda mailing: mailing.dataset,
    )
