"""Writes of events, webhooks and deliveries."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from random import uniform
from typing import Any

from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from microdb.accounts.models import User
from microdb.audit_log.recording import record
from microdb.audit_log.verbs import Verb
from microdb.errors import MicroDBError
from microdb.jobs import Job
from microdb.micrographs.models import Dataset, Role
from microdb.webhooks.addresses import resolve_target
from microdb.webhooks.models import Attempt, Delivery, Event, EventKind, Mailing, Webhook
from microdb.webhooks.sending import Outcome
from microdb.webhooks.signing import new_seed, secret_of

MINUTE, HOUR = 60, 3600
PAUSES = (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR)
"""Seconds between the attempts, as Standard Webhooks recommends: ten attempts in about three days."""
JITTER = 0.1
LONGEST_WAIT = 24 * HOUR
"""That a receiver may ask for."""
FAILING_FOR = timedelta(days=5)
"""After this time without one success a webhook is switched off."""
OLD_SECRET_FOR = timedelta(days=1)
KEPT_FOR = timedelta(days=30)
MOST_OF_DATASET, MOST_OF_PERSON = 10, 50
LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.get_default_timezone())


def record_event(*, kind: EventKind, dataset: Dataset, subject: str, data: dict[str, Any]) -> None:
    """Store what happened, and a delivery for everybody who wants to hear of it; once for each subject.

    Call it in the transaction that changes the state.
    """
    webhooks = list(Webhook.objects.filter(dataset=dataset, kinds__contains=[kind], disabled_at=None))
    mailings = list(Mailing.objects.filter(dataset=dataset, kinds__contains=[kind]))
    if not webhooks and not mailings:
        return
    body = {"dataset": dataset.slug, **data}
    event, is_new = Event.objects.get_or_create(kind=kind, subject=subject, defaults={"dataset": dataset, "data": body})
    if is_new:
        to_webhooks = [Delivery(event=event, webhook=one, enqueued_at=LONG_AGO) for one in webhooks]
        to_people = [Delivery(event=event, recipient_id=one.user_id, enqueued_at=LONG_AGO) for one in mailings]
        Delivery.objects.bulk_create([*to_webhooks, *to_people])


@transaction.atomic
def create_webhook(
    *, dataset: Dataset, by: User, url: str, kinds: Iterable[str], description: str = ""
) -> tuple[Webhook, str]:
    """A webhook and its secret. Raises MicroDBError, or ValidationError for an address that is there already."""
    Dataset.objects.select_for_update().get(pk=dataset.pk)
    if dataset.webhooks.count() >= MOST_OF_DATASET or Webhook.objects.filter(created_by=by).count() >= MOST_OF_PERSON:
        raise MicroDBError(
            _("A dataset has at most %(dataset)d webhooks and a person %(person)d. Delete one first.")
            % {"dataset": MOST_OF_DATASET, "person": MOST_OF_PERSON},
            code="too_many_webhooks",
        )
    resolve_target(url)
    webhook = Webhook(
        dataset=dataset, created_by=by, url=url, kinds=_known(kinds), description=description, seed=new_seed()
    )
    webhook.full_clean(exclude=["seed"])
    webhook.save()
    return webhook, secret_of(webhook.seed)


@transaction.atomic
def change_webhook(*, webhook: Webhook, **fields: Any) -> None:
    """Change ``url``, ``kinds`` or ``description``; one that was switched off is switched on again."""
    if "url" in fields:
        resolve_target(fields["url"])
    if "kinds" in fields:
        fields["kinds"] = _known(fields["kinds"])
    for name, value in fields.items():
        setattr(webhook, name, value)
    webhook.full_clean(exclude=["seed"])
    webhook.failing_since = webhook.disabled_at = None
    webhook.disabled_reason = ""
    webhook.save()


@transaction.atomic
def rotate_secret(*, webhook: Webhook) -> str:
    """A new secret. For a day, deliveries are signed with the old one too."""
    webhook.old_seed, webhook.old_seed_until = webhook.seed, timezone.now() + OLD_SECRET_FOR
    webhook.seed = new_seed()
    webhook.save(update_fields=["seed", "old_seed", "old_seed_until"])
    return secret_of(webhook.seed)


@transaction.atomic
def ping(*, webhook: Webhook, by: User) -> Delivery:
    """A delivery that tests the webhook."""
    now = timezone.now()
    data = {"dataset": webhook.dataset.slug, "by": by.get_username()}
    subject = f"webhook {webhook.pk} {now.isoformat()}"
    record(Verb.WEBHOOK_TESTED, dataset=webhook.dataset, about=webhook, name=webhook.url)
    event = Event.objects.create(kind=EventKind.PING, dataset=webhook.dataset, subject=subject, data=data)
    return Delivery.objects.create(event=event, webhook=webhook)


@transaction.atomic
def delete_webhook(*, webhook: Webhook) -> None:
    """Delete a webhook and its log."""
    webhook.delete()


@transaction.atomic
def replay(*, webhook: Webhook, delivery: Delivery) -> Delivery:
    """Send the same event once more, with the same webhook-id."""
    record(Verb.WEBHOOK_REPLAYED, dataset=webhook.dataset, about=webhook, name=webhook.url)
    return Delivery.objects.create(event=delivery.event, webhook=webhook)


@transaction.atomic
def set_mailing(*, dataset: Dataset, user: User, kinds: Iterable[str]) -> None:
    """The events of the dataset of which the person gets e-mails; none to end them."""
    if chosen := list(kinds):
        Mailing.objects.update_or_create(dataset=dataset, user=user, defaults={"kinds": _known(chosen)})
    else:
        Mailing.objects.filter(dataset=dataset, user=user).delete()


@transaction.atomic
def settle_attempt(*, delivery: Delivery, outcome: Outcome) -> None:
    """Store what came of an attempt: an end, or another attempt later."""
    if not _moved_on(delivery, outcome):
        return  # cancelled, or another worker's by now
    Attempt.objects.create(
        delivery=delivery,
        seconds=outcome.seconds,
        status=outcome.status,
        answer=outcome.answer,
        error=outcome.error,
    )
    if delivery.webhook_id:
        _judge(Webhook.objects.select_for_update().get(pk=delivery.webhook_id), outcome)


def drop_old_events() -> int:
    """Delete the log of what ended more than ``KEPT_FOR`` ago; returns how many events."""
    old = Event.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    ended = old.exclude(deliveries__state__in=[Job.State.QUEUED, Job.State.RUNNING])
    _rows, by_model = ended.delete()
    return by_model.get("webhooks.Event", 0)


def _moved_on(delivery: Delivery, outcome: Outcome) -> bool:
    if outcome.is_success:
        return delivery.finish(attempts=delivery.attempts + 1)
    if outcome.is_hopeless or delivery.attempts >= len(PAUSES):
        return delivery.fail(outcome.error)
    pause = PAUSES[delivery.attempts] * uniform(1, 1 + JITTER)  # receivers that broke together recover apart
    pause = max(pause, min(outcome.retry_after, LONGEST_WAIT))
    return delivery.try_again(timezone.now() + timedelta(seconds=pause))


def _judge(webhook: Webhook, outcome: Outcome) -> None:
    """Note since when the webhook fails, and switch it off if that is too long or the receiver is gone."""
    now = timezone.now()
    webhook.failing_since = None if outcome.is_success else webhook.failing_since or now
    webhook.save(update_fields=["failing_since"])
    if webhook.disabled_at or webhook.failing_since is None:
        return
    if outcome.is_hopeless:
        _switch_off(webhook, _("The receiver answered that it is gone for good (410)."))
    elif now - webhook.failing_since >= FAILING_FOR:
        _switch_off(webhook, _("Every attempt failed for %d days.") % FAILING_FOR.days)


def _switch_off(webhook: Webhook, reason: str) -> None:
    webhook.disabled_at, webhook.disabled_reason = timezone.now(), reason
    webhook.save(update_fields=["disabled_at", "disabled_reason"])
    webhook.deliveries.filter(state=Job.State.QUEUED).update(state=Job.State.CANCELLED, finished_at=timezone.now())
    owners = User.objects.filter(memberships__dataset=webhook.dataset, memberships__role=Role.OWNER, is_active=True)
    told = {person.email for person in [*owners, webhook.created_by] if person and person.email}
    subject = _("MicroDB: a webhook of %s was switched off") % webhook.dataset.name
    text = _(
        "%(url)s gets no more events. %(reason)s Save it under Notifications of the dataset to switch it on again."
    )
    sentence = text % {"url": webhook.url, "reason": reason}
    for address in sorted(told):
        transaction.on_commit(partial(send_mail, subject, sentence, None, [address], fail_silently=True))


def _known(kinds: Iterable[str]) -> list[str]:
    offered = [value for value, _label in EventKind.offered()]
    chosen = list(dict.fromkeys(kinds))
    if not chosen or set(chosen) - set(offered):
        raise ValidationError({"kinds": _("Choose at least one of: %s.") % ", ".join(offered)})
    return chosen
