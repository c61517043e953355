"""Delivery of e-mail by a worker."""

import logging
from smtplib import SMTPRecipientsRefused, SMTPSenderRefused
from typing import Any

from celery import Task, shared_task
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from microdb.accounts.token_warnings import warn_of_expiry

RETRIES = 8
FIRST_WAIT, LONGEST_WAIT = 30, 3600
"""Seconds between tries; they double. The last try is about two hours after the first."""

logger = logging.getLogger(__name__)


@shared_task(bind=True, max_retries=RETRIES)  # type: ignore[untyped-decorator] # Celery has no types
def deliver(self: "Task[Any, Any]", fields: dict[str, Any]) -> None:
    """Send one e-mail, again after a while if the mail server does not take it."""
    message = EmailMessage(**fields, connection=get_connection(settings.MAIL_DELIVERY_BACKEND))
    try:
        message.send()
    except (SMTPRecipientsRefused, SMTPSenderRefused) as error:
        logger.error("The mail server refuses “%s” to %s: %s", message.subject, ", ".join(message.to), error)
    except OSError as error:  # SMTPException is one, too
        if self.request.retries >= RETRIES:
            logger.error("“%s” to %s was not delivered: %s", message.subject, ", ".join(message.to), error)
            return
        wait = min(FIRST_WAIT * 2**self.request.retries, LONGEST_WAIT)
        logger.warning("“%s” is sent again in %d s: %s", message.subject, wait, error)
        raise self.retry(exc=error, countdown=wait) from error


@shared_task  # type: ignore[untyped-decorator] # Celery has no types
def warn_of_expiring_tokens() -> None:
    """Queue e-mails to people whose tokens expire soon."""
    warn_of_expiry()
